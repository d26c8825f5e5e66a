// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUESTS_HPP
#define SEVSPEC_FIRMWARE_GUESTS_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/address_map.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/rmp/page_state.hpp>

/// The checks that most commands begin with: the platform's state, and the guest that is meant.
namespace sevspec::inline v0::firmware {

/// A guest, or why there is none.
template <class Record>
struct found_guest {
  status code = status::success;  ///< what the command returns if there is no record
  Record* record = nullptr;

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return record != nullptr; }
  [[nodiscard]] constexpr auto operator->() const noexcept -> Record* { return record; }
  [[nodiscard]] constexpr auto operator*() const noexcept -> Record& { return *record; }
};

// --- legacy

using platform_state = layout::sev_platform_state;
using guest_state = layout::sev_guest_state;

/// The state that all guest commands but the ones that make guests need.   FW-PLAT-06
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_working(Context& ctx, const Machine& m) -> status {
  return ctx.denies(rule::FW_PLAT_06, m.sp.state != platform_state::working) ? status::invalid_platform_state
                                                                             : status::success;
}
/// INIT or WORKING.   FW-PLAT-06
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_initialized(Context& ctx, const Machine& m) -> status {
  return ctx.denies(rule::FW_PLAT_06, is_legacy_uninit(m)) ? status::invalid_platform_state : status::success;
}

/// The guest with a handle.   FW-GST-02
template <class Context, class Machine>
[[nodiscard]] constexpr auto find_handle(Context& ctx, Machine& m, std::uint32_t handle) -> found_guest<sev_guest> {
  const auto found = m.sp.guests.find(handle);
  if (ctx.denies(rule::FW_GST_02, found == m.sp.guests.end())) return {.code = status::invalid_guest};
  return {.record = found == m.sp.guests.end() ? nullptr : &found->second};
}
/// The platform's state, then the guest: what the sheet calls H.
template <class Context, class Machine>
[[nodiscard]] constexpr auto find_working(Context& ctx, Machine& m, std::uint32_t handle) -> found_guest<sev_guest> {
  if (const status bad = check_working(ctx, m); bad != status::success) return {.code = bad};
  return find_handle(ctx, m, handle);
}

/// The guest's state.   FW-GST-01
template <class Context>
[[nodiscard]] constexpr auto check_state(Context& ctx, const sev_guest& guest, guest_state wanted) -> status {
  return ctx.denies(rule::FW_GST_01, guest.state != wanted) ? status::invalid_guest_state : status::success;
}
/// The guest has an ASID, valid or pending.   FW-GST-04
template <class Context, class Record>
[[nodiscard]] constexpr auto check_active(Context& ctx, const Record& guest) -> status {
  return ctx.denies(rule::FW_GST_04, guest.slot.id == host_asid) ? status::inactive : status::success;
}
/// The guest's registers are encrypted.   FW-POL-03
template <class Context>
[[nodiscard]] constexpr auto check_es(Context& ctx, const sev_guest& guest) -> status {
  return ctx.denies(rule::FW_POL_03, !guest.policy.es()) ? status::unsupported : status::success;
}

// --- SEV-SNP

using context_state = layout::snp_guest_state;

/// Reserved bits of the command buffer.   FW-ST-02
template <class Context, class Command>
[[nodiscard]] constexpr auto check_reserved(Context& ctx, const Command& cmd) -> status {
  return ctx.denies(rule::FW_ST_02, layout::first_reserved_bit(cmd).has_value()) ? status::invalid_param
                                                                                 : status::success;
}
/// Bits 11:0 and 63:52 of the address of a page.   FW-ST-02
template <class Context>
[[nodiscard]] constexpr auto check_page_address(Context& ctx, std::uint64_t operand) -> status {
  return ctx.denies(rule::FW_ST_02, has_reserved_bits({operand})) ? status::invalid_param : status::success;
}
/// The SNP state is INIT.   FW-PLAT-13
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_snp_init(Context& ctx, const Machine& m) -> status {
  return ctx.denies(rule::FW_PLAT_13, !is_snp_init(m)) ? status::invalid_platform_state : status::success;
}
/// The guest whose context page is meant.   FW-PGS-06
template <class Context, class Machine>
[[nodiscard]] constexpr auto find_context(Context& ctx, Machine& m, std::uint64_t operand) -> found_guest<snp_guest> {
  const spa page = target_of(m, operand);
  const auto found = m.sp.contexts.find(page.value);
  const bool fits = state_at(m, page) == rmp::page_state::context && found != m.sp.contexts.end();
  if (ctx.denies(rule::FW_PGS_06, !fits)) return {.code = status::invalid_guest};
  return {.record = found == m.sp.contexts.end() ? nullptr : &found->second};
}
/// What the sheet calls P: the context's address, the platform's state, the guest. Reserved bits were checked before.
template <class Context, class Machine>
[[nodiscard]] constexpr auto find_snp(Context& ctx, Machine& m, std::uint64_t operand) -> found_guest<snp_guest> {
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return {.code = bad};
  return find_context(ctx, m, operand);
}
/// LAUNCH or RUNNING.   FW-GCTX-02
template <class Context>
[[nodiscard]] constexpr auto check_launched(Context& ctx, const snp_guest& guest) -> status {
  return ctx.denies(rule::FW_GCTX_02, guest.state == context_state::init) ? status::invalid_guest_state
                                                                          : status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
