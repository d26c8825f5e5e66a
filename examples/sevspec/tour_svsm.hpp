// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_SVSM_HPP
#define SEVSPEC_TOOL_TOUR_SVSM_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/cpu/world_switch/level_switch.hpp>
#include <sevspec/cpu/world_switch/vmrun.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/svsm/entry.hpp>
#include <sevspec/svsm/guest_call.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/message_channel.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/services.hpp>

#include "tour_hypervisor.hpp"

/// The machine of the tour's fifth part: a guest at VMPL 2, its SVSM at VMPL 0, and the hypervisor that runs both.
namespace sevspec::tool {

/// Where things lie.
struct svsm_map {
  static constexpr gpa list{0x1000};     ///< pages that the guest wants validated
  static constexpr gpa secrets{0x2000};  ///< as the SVSM hands them to its guest
  static constexpr gpa cpuid{0x3000};
  static constexpr gpa caa{0x4000};   ///< calling area
  static constexpr gpa vmsa{0x5000};  ///< of the guest
  static constexpr gpa request{0x6000};
  static constexpr gpa answer{0x7000};
  static constexpr gpa report{0x8000};
  static constexpr gpa spare{0x9000};
  static constexpr gpa kernel{0x1'0000};  ///< two pages of the guest kernel's
  static constexpr gpa own{0x100'0000};   ///< the SVSM's memory
  static constexpr gpa own_secrets{0x100'1000};
  static constexpr std::uint64_t guest_bytes = 0x10'0000;
  static constexpr std::uint64_t own_bytes = 0x1'0000;
};

/// The hypervisor's part of guest messages.
class message_post {
 public:
  explicit message_post(hypervisor& host, const guest_slot& guest) : host_(host), guest_(guest) {}

  auto send(const svsm::message_page& request, svsm::message_page& response) -> ghcb::guest_request_status;
  auto send_extended(const svsm::message_page& request, svsm::message_page& response, std::vector<std::uint8_t>&,
                     std::uint64_t&) -> ghcb::guest_request_status;

 private:
  hypervisor& host_;
  const guest_slot& guest_;
};

/// The machine, and what the guest's processor does on it: `svsm::calling_processor`.
class svsm_host {
 public:
  using context_type = context<all_rules, refusal_listener>;
  static constexpr guest_slot guest{.id = {1}, .context = {0x100'0000}, .first_page = {0x210'0000}};
  static constexpr vmpl level{2};

  svsm_host();

  /// The SVSM runs for the first time, makes its guest, and has it run.
  void boot();

  // The guest's processor, at VMPL 2.
  [[nodiscard]] static auto interrupts_enabled() -> bool { return false; }
  void set_pending();
  auto vmgexit(svsm::call_registers& registers) -> svsm::switch_answer;
  auto exchange_pending() -> std::uint8_t;
  [[nodiscard]] auto read(gpa where, std::span<std::uint8_t> to) -> outcome<void>;
  [[nodiscard]] auto write(gpa where, std::span<const std::uint8_t> from) -> outcome<void>;
  [[nodiscard]] auto pvalidate(gpa page) -> outcome<rmp::result>;

  // The hypervisor.
  /// Answers calls without running the SVSM.
  void answer_alone(bool alone) { alone_ = alone; }
  /// A page that it gives to the guest, and that the guest has not asked for.
  [[nodiscard]] auto prepare(gpa page) -> spa;
  /// What its nested tables say of a page from now on.
  void map(gpa page, spa where) { moved_[page.value] = where; }
  void unmap_again(gpa page) { moved_.erase(page.value); }
  void give(gpa page);

  [[nodiscard]] auto ctx() -> context_type& { return ctx_; }
  [[nodiscard]] auto entry_of(gpa page) const -> rmp::entry;
  [[nodiscard]] auto launch_digest() const -> const firmware::snp_digest&;
  [[nodiscard]] auto chip_key() const -> crypto::p384_public_key;
  [[nodiscard]] auto chip_claims() const -> firmware::vcek_claims;
  /// How the last entry of the SVSM ended; nothing if it has not run.
  [[nodiscard]] auto last_entry() const -> const std::optional<svsm::entry_result>& { return entered_; }

 private:
  [[nodiscard]] auto place_of(gpa where) const -> std::optional<svsm::placement>;
  [[nodiscard]] auto spa_of(gpa where) const -> spa;
  [[nodiscard]] auto memory();
  [[nodiscard]] auto switch_machine();
  void add(firmware::snp_page_type type, gpa where, std::vector<std::uint8_t> contents);
  void enter(unsigned which);
  void leave();
  void change_level(unsigned from, unsigned to);

  snp_machine machine_ = make_snp_machine();
  hypervisor host_{machine_};
  context_type ctx_;
  cpu::logical_processor core_;
  paging::tlb<16, 4, 16> tlb_;
  cpu::stand_in_checksums<1> checksums_;        ///< VMSAs of SNP guests have none
  std::array<cpu::level_context, 2> levels_{};  ///< the SVSM's, the guest's
  std::map<std::uint64_t, spa> moved_;
  spa next_spare_{0x260'0000};
  bool alone_ = false;
  std::optional<svsm::entry_result> entered_;

  svsm::monitor self_;
  svsm::message_channel channel_;
  message_post post_{host_, guest};
  svsm::services<svsm::unstarted_tpm, svsm::no_management_mode, svsm::firmware_reports<context_type, message_post>>
      offered_{.tpm = {}, .management = {}, .reports = {ctx_, channel_, post_}, .manifest = {}, .measurement = {}};
};

}  // namespace sevspec::tool

#endif
