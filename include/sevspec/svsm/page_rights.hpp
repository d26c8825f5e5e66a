// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_PAGE_RIGHTS_HPP
#define SEVSPEC_SVSM_PAGE_RIGHTS_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// What an SVSM gives its guest of a page, and takes back: RMPADJUST, and its status as a result.
namespace sevspec::inline v0::svsm {

/// The number of VMPLs.
inline constexpr std::uint8_t levels = 4;
/// What the guest gets of its memory: all but shadow stacks.
inline constexpr rmp::permissions guest_rights{0x0f};
inline constexpr rmp::permissions no_rights{};

/// RDX of RMPADJUST.
[[nodiscard]] constexpr auto adjust_attributes(vmpl target, rmp::permissions allowed, bool vmsa = false) noexcept
    -> std::uint64_t {
  return target.value | std::uint64_t{allowed.raw} << 8 | std::uint64_t{vmsa} << 16;
}

/// What RMPADJUST came to, as the result of a call: 8000_1000h + EAX; INVALID_ADDRESS for a fault that can be caught.
[[nodiscard]] constexpr auto adjust_result(const outcome<rmp::result>& done) noexcept -> checked<> {
  if (!done) return std::unexpected{after_fault(done.error(), result_code::invalid_address)};
  if (!done->succeeded()) return refuse(protocol_result(std::to_underlying(done->eax)), done->decided_by);
  return {};
}

/// RMPADJUST of one VMPL's rights.
/// @return as `adjust_result`
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto adjust(Context& ctx, Machine& machine, gpa where, page_size size, vmpl target,
                                    rmp::permissions allowed, bool vmsa = false) -> checked<> {
  return adjust_result(machine.rmpadjust(ctx, where, size, adjust_attributes(target, allowed, vmsa)));
}

/// Takes all rights from the guest's VMPL and those below it. Translations stay: the caller flushes.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto revoke(Context& ctx, Machine& machine, const monitor& self, gpa where, page_size size)
    -> checked<> {
  for (std::uint8_t level = self.config.guest_level.value; level < levels; ++level)
    if (const auto done = adjust(ctx, machine, where, size, vmpl{level}, no_rights); !done) return done;
  return {};
}

/// Gives the page to the guest's VMPL.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto grant(Context& ctx, Machine& machine, const monitor& self, gpa where, page_size size)
    -> checked<> {
  return adjust(ctx, machine, where, size, self.config.guest_level, guest_rights);
}

/// The rights of all VMPLs on a page, as RMPQUERY tells them.
using rights = std::array<rmp::permissions, levels>;

/// The rights on a page, and whether RMPQUERY has told them.
struct found_rights {
  rights allowed{};
  bool told = true;

  friend constexpr auto operator==(const found_rights&, const found_rights&) -> bool = default;
};

/// What VMPLs from `from` on may do. Without RMPQUERY: what `grant` gives.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto current_rights(Context& ctx, Machine& machine, const monitor& self, gpa where, vmpl from)
    -> checked<found_rights> {
  found_rights found;
  for (std::uint8_t level = from.value; level < levels; ++level) {
    const auto asked = machine.rmpquery(ctx, where, vmpl{level});
    if (!asked) return std::unexpected{after_fault(asked.error(), result_code::invalid_address)};
    const rmp::permissions assumed = level == self.config.guest_level.value ? guest_rights : no_rights;
    found.allowed[level] = asked->value_or(assumed);
    found.told = found.told && asked->has_value();
  }
  return found;
}

/// Gives back the rights that there were.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto restore(Context& ctx, Machine& machine, gpa where, vmpl from, const rights& before)
    -> checked<> {
  for (std::uint8_t level = from.value; level < levels; ++level)
    if (const auto done = adjust(ctx, machine, where, page_size::k4k, vmpl{level}, before[level]); !done) return done;
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
