// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_GUEST_KERNEL_HPP
#define SEVSPEC_TOOL_TOUR_GUEST_KERNEL_HPP

#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/ghcb/conversion_check.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/ghcb/vc_handler.hpp>

#include "tour_dialogue.hpp"
#include "tour_ghcb_host.hpp"
#include "tour_running_guest.hpp"

/// The guest's side of the fourth part: a kernel and its #VC handler, on the first processor.
namespace sevspec::tool {

/// What a request by page came to.
struct ghcb_reply {
  ghcb::vmgexit_result exit{};
  layout::ghcb page{};             ///< as the guest reads it afterwards
  ghcb::answer_verdict verdict{};  ///< what the guest thinks of it
};

/// Everything that it does, it does by instructions and references of the guest; it tells what it does.
class guest_kernel {
 public:
  guest_kernel(running_guest_host& host, ghcb_host& hypervisor) : host_(host), hypervisor_(hypervisor) {}

  /// Agrees on a version, learns the hypervisor's features, shares its GHCB by the MSR protocol and registers it.
  void start();
  /// The same page state change by the page protocol.
  void share(gpa page);
  /// Writes what is to be a VMSA.
  void fill(gpa page, const layout::vmsa& contents);
  /// RMPADJUST: makes a page a VMSA, or an ordinary page again.
  auto adjust(gpa page, bool vmsa) -> outcome<rmp::result>;
  auto create_processor(std::uint32_t apic_id, gpa vmsa) -> ghcb_reply;
  /// IN or OUT; MOV from or to a device: the instruction at `rip`, and what the #VC handler does about it.
  void port_instruction(gva rip);
  void device_instruction(gva rip);
  /// MMIO write of 4 bytes that lie at `scratch`.
  auto write_device(gpa scratch) -> ghcb_reply;
  /// Asks to be ended.
  auto terminate(ghcb::termination_reason why) -> ghcb::vmgexit_result;

  [[nodiscard]] auto session() const -> const ghcb::msr_session& { return session_; }
  [[nodiscard]] auto deeds() -> std::vector<ghcb::guest_event>& { return deeds_; }

 private:
  void rescind(gpa page);
  void map_shared(gpa page);
  auto ask(const ghcb::msr_message& what) -> ghcb::vmgexit_result;
  auto request(speaker who, layout::nae_exit_codes code, std::uint64_t info_1, std::uint64_t info_2,
               const ghcb::event_inputs& inputs) -> ghcb_reply;
  auto vmgexit() -> ghcb::vmgexit_result;
  void handle(const cpu::guest_exception& raised);
  [[nodiscard]] auto port_access(std::uint8_t opcode) -> unsigned;
  [[nodiscard]] auto device_access(const ghcb::vc_instruction& found) -> unsigned;

  static constexpr gpa buffer = guest_map::ghcb + 0x800;  ///< the shared buffer in the GHCB
  running_guest_host& host_;
  ghcb_host& hypervisor_;
  ghcb::msr_session session_{};
  std::vector<ghcb::guest_event> deeds_;
};

}  // namespace sevspec::tool

#endif
