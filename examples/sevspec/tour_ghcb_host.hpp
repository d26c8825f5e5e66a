// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_GHCB_HOST_HPP
#define SEVSPEC_TOOL_TOUR_GHCB_HOST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sevspec/ghcb/conversion_check.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/msr_hypervisor.hpp>

#include "tour_running_guest.hpp"

/// The hypervisor's side of the fourth part: what it does when the guest exits.
namespace sevspec::tool {

/// What lies behind the protocols: the guest's pages as far as the hypervisor may use them, a serial port and a device
/// with one register.
class tour_environment : public ghcb::empty_environment {
 public:
  explicit tour_environment(running_guest_host& host) : host_(&host) {}

  [[nodiscard]] auto read(gpa where, std::span<std::uint8_t> to) const -> bool;
  [[nodiscard]] auto write(gpa where, std::span<const std::uint8_t> from) -> bool;
  [[nodiscard]] auto has_page(gpa where) const -> bool;
  [[nodiscard]] auto port_in(std::uint32_t port, unsigned bytes) -> std::uint32_t;
  void port_out(std::uint32_t port, unsigned bytes, std::uint32_t value);
  void mmio_read(gpa where, std::span<std::uint8_t> to);
  void mmio_write(gpa where, std::span<const std::uint8_t> from);
  [[nodiscard]] auto change_pages(const ghcb::page_change& change) -> ghcb::page_progress;

  std::string serial{};                   ///< what came out of the port
  std::array<std::uint8_t, 4> device{};   ///< the register
  unsigned references = 0;                ///< to devices
  std::vector<ghcb::host_event> deeds{};  ///< what was done to pages

 private:
  running_guest_host* host_;
};

/// Serves the exits of a guest.
class ghcb_host {
 public:
  explicit ghcb_host(running_guest_host& host);

  /// VMRUN of a processor.
  auto run(std::size_t which) -> cpu::vmrun_result;
  /// VMEXIT_VMGEXIT: the value of the GHCB MSR is in the VMCB, and the answer goes there, too.
  auto serve(std::size_t which) -> ghcb::vmgexit_result;
  /// Takes over the VMSA that the guest has made for a processor.
  void take_vmsa(std::size_t which);

  [[nodiscard]] auto vm() const -> const ghcb::machine& { return vm_; }
  [[nodiscard]] auto behind() -> tour_environment& { return env_; }
  [[nodiscard]] auto entries() const -> unsigned { return entries_; }
  /// All that it could read at its exits: the processor's registers, VMCB, GHCB, and the VMSA as it lies in memory.
  [[nodiscard]] auto seen() const -> const std::vector<std::uint8_t>& { return seen_; }

 private:
  void look_around(std::size_t which);

  running_guest_host& host_;
  ghcb::machine vm_;
  tour_environment env_;
  unsigned entries_ = 0;
  std::vector<std::uint8_t> seen_;
};

}  // namespace sevspec::tool

#endif
