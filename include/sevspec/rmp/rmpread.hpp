// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RMPREAD_HPP
#define SEVSPEC_RMP_RMPREAD_HPP

#include <array>
#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// What RMPREAD tells of an entry. VMSA, Validated and the VMPLs' permissions are not told (RMP-RDD-02).
struct read_state {
  bool assigned{};
  bool large{};
  bool region_assigned{};  ///< bit 1 of byte 9: status of the 2M region (RMP-RUD-02)
  bool immutable{};
  asid id{};
  gpa guest{};

  friend constexpr auto operator==(const read_state&, const read_state&) -> bool = default;
};

/// The 16 bytes that RMPREAD stores.
[[nodiscard]] constexpr auto bytes_of(const read_state& what) noexcept -> std::array<std::uint8_t, 16> {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(what.guest.value >> (8 * i) & 0xff);
  bytes[8] = what.assigned ? 1 : 0;
  bytes[9] = static_cast<std::uint8_t>((what.large ? 1U : 0U) | (what.region_assigned ? 2U : 0U));
  bytes[10] = what.immutable ? 1 : 0;
  for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(what.id.value >> (8 * i) & 0xff);
  return bytes;
}

/// Bit 1 of byte 9 for the region around a page.
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto region_status_of(Context& ctx, const Store& rmp, spfn page) -> bool {
  if (ctx.choices.rmpread_region_status == region_status::zero) return false;
  const region_facts facts = facts_of_region(rmp, large_page_base<Store>(page));
  switch (ctx.choices.rmpread_region_status) {
    case region_status::any_assigned:  return facts.any_assigned;
    case region_status::none_assigned: return !facts.any_assigned;
    case region_status::all_equal:     return facts.all_assigned || !facts.any_assigned;
    case region_status::zero:          return false;
  }
  return false;
}

/// RMPREAD: the entry of a page, as it is: of a 4K page inside a large one its own (RMP-RDD-01).   APM vol. 3, RMPREAD
/// @param where  RAX: a system physical address; the lower 12 bits and the C-bit do not count
/// @param out    what goes to [RCX]; written if EAX is 0
/// @return EAX; or #UD, #GP(0)
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto rmpread(Context& ctx, const Store& rmp, const processor& cpu, const execution& by,
                                     spa where, read_state& out) -> outcome<result> {
  using enum status;
  if (const auto fault = refused(ctx, cpu, by, instruction::rmpread)) return std::unexpected{*fault};
  if (ctx.denies(rule::RMP_INS_09, by.id != host_asid)) return fails(fail_permission, rule::RMP_INS_09);
  const spfn page = page_of(without_c_bit(ctx, cpu, where));
  if (ctx.denies(rule::RMP_GEO_16, !rmp.covers(page))) return fails(fail_input, rule::RMP_GEO_16);
  const entry found = rmp.covers(page) ? rmp.entry_of(page) : entry{};
  out = {.assigned = found.assigned,
         .large = found.large,
         .region_assigned = region_status_of(ctx, rmp, page),
         .immutable = found.immutable,
         .id = found.id,
         .guest = {encode(found).lo & raw::guest::mask}};  // as stored, with the firmware's tag
  return result{};
}

}  // namespace sevspec::inline v0::rmp

#endif
