// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_GUEST_MEMORY_HPP
#define SEVSPEC_SVSM_GUEST_MEMORY_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// Which addresses of a guest's an SVSM believes.   coconut-svsm/svsm
namespace sevspec::inline v0::svsm {

/// Where launch puts the first VMSA.
inline constexpr region launch_vmsa{{0xffff'ffff'f000}, 0x1000};
/// The bytes of a calling area that guest and SVSM talk with: the rest is the guest's.
inline constexpr std::uint64_t caa_header_bytes = 8;

/// Whether [where, where + bytes) lies inside one region of the guest's memory map, and outside the SVSM's memory. The
/// C-bit is no part of an address: one that has it set is in no region.
[[nodiscard]] constexpr auto in_guest_memory(const monitor& self, gpa where, std::uint64_t bytes) -> bool {
  const bool inside = std::any_of(self.config.guest_memory.begin(), self.config.guest_memory.end(),
                                  [&](const region& one) { return one.contains(where, bytes); });
  return inside && !self.config.own.overlaps(where, bytes) && !launch_vmsa.overlaps(where, bytes);
}

/// Which registered pages count.
enum class registered_pages : std::uint8_t { vmsas, vmsas_and_caas };

/// Whether [where, where + bytes) overlaps the page of a registered VMSA or the first bytes of a registered calling
/// area.
[[nodiscard]] constexpr auto overlaps_records(const monitor& self, gpa where, std::uint64_t bytes,
                                              registered_pages which = registered_pages::vmsas_and_caas) -> bool {
  return std::any_of(self.vcpus.begin(), self.vcpus.end(), [&](const vcpu_record& one) {
    return region{one.vmsa, 0x1000}.overlaps(where, bytes) ||
           (which == registered_pages::vmsas_and_caas && region{one.caa, caa_header_bytes}.overlaps(where, bytes));
  });
}

/// Whether [where, where + bytes) overlaps what a measurement has frozen.
[[nodiscard]] constexpr auto overlaps_frozen(const monitor& self, gpa where, std::uint64_t bytes) -> bool {
  return std::any_of(self.frozen.begin(), self.frozen.end(),
                     [&](const frozen_bytes& one) { return one.where.overlaps(where, bytes); });
}

/// Whether [where, where + bytes) is taken: by a VMSA, by the first bytes of a calling area (SVSM-CA-09), or by a
/// measurement that has frozen it. What a measurement has frozen no call may change, or the SVSM would write for the
/// guest what the guest itself cannot.
template <class Context>
[[nodiscard]] constexpr auto overlaps_registered(Context& ctx, const monitor& self, gpa where, std::uint64_t bytes,
                                                 registered_pages which = registered_pages::vmsas_and_caas) -> bool {
  const bool frozen = overlaps_frozen(self, where, bytes);
  return ctx.denies(rule::SVSM_CA_09, overlaps_records(self, where, bytes, which)) || frozen;
}

/// Whether an SVSM touches [where, where + bytes) for its guest: "valid" of the rules.
template <class Context>
[[nodiscard]] constexpr auto is_valid(Context& ctx, const monitor& self, gpa where, std::uint64_t bytes) -> bool {
  return in_guest_memory(self, where, bytes) && !overlaps_registered(ctx, self, where, bytes);
}

/// Reads guest memory with recovery from faults.
/// @param soft  the result of a fault that can be caught
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto read_guest(Context& ctx, Machine& machine, gpa where, std::span<std::uint8_t> to,
                                        result_code soft = result_code::invalid_address) -> checked<> {
  if (const auto done = machine.read(ctx, where, to); !done) return std::unexpected{after_fault(done.error(), soft)};
  return {};
}

/// Writes guest memory with recovery from faults.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto write_guest(Context& ctx, Machine& machine, gpa where, std::span<const std::uint8_t> from,
                                         result_code soft = result_code::invalid_address) -> checked<> {
  if (const auto done = machine.write(ctx, where, from); !done) return std::unexpected{after_fault(done.error(), soft)};
  return {};
}

/// Whether guest memory that is to be written can be, all of it: what VMPL 0 can read, it can write.
/// @param soft  the result of a fault that can be caught
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto can_write_guest(Context& ctx, Machine& machine, gpa where, std::uint64_t bytes,
                                             result_code soft = result_code::invalid_address) -> checked<> {
  std::array<std::uint8_t, 1> unused{};
  for (std::uint64_t done = 0; done < bytes; done += 0x1000 - page_offset(where + done, page_size::k4k))
    if (const auto read = read_guest(ctx, machine, where + done, unused, soft); !read) return read;
  return {};
}

/// The code of an address that an SVSM does not take (`implementation_choices::svsm_address_codes`).
template <class Context>
[[nodiscard]] constexpr auto bad_address(const Context& ctx) -> result_code {
  return ctx.choices.svsm_address_codes == address_codes::coconut ? result_code::invalid_address
                                                                  : result_code::invalid_parameter;
}

}  // namespace sevspec::inline v0::svsm

#endif
