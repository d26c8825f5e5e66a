// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_OPERANDS_HPP
#define SEVSPEC_FIRMWARE_OPERANDS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/rmp/page_counters.hpp>
#include <sevspec/rmp/page_state.hpp>

/// What commands do with the addresses they are given.
namespace sevspec::inline v0::firmware {

/// The address that an operand means: without the C-bit (FW-DISP-11).
template <class Machine>
[[nodiscard]] constexpr auto target_of(const Machine& m, std::uint64_t operand) noexcept -> spa {
  return {operand & ~(std::uint64_t{1} << m.hw.c_bit)};
}
/// The key that goes with a plaintext operand: the host's if the operand has the C-bit (FW-DISP-11).
template <class Context, class Machine>
[[nodiscard]] constexpr auto key_of(Context& ctx, const Machine& m, std::uint64_t operand) -> memory_key {
  return ctx.applies(rule::FW_DISP_11, (operand >> m.hw.c_bit & 1) != 0) ? memory_key::host() : memory_key::none();
}

/// Whether [where, where + size) is no operand for anybody: beyond the highest sPA, wrapping, or in memory that is kept
/// from software, the Reverse Map Table not counted (FW-DISP-10).
/// @param size  not 0
template <class Machine>
[[nodiscard]] constexpr auto is_kept_from_software(const Machine& m, spa where, std::uint64_t size) -> bool {
  const std::uint64_t limit = std::uint64_t{1} << m.hw.pa_bits;
  if (where.value >= limit || size > limit - where.value) return true;
  const auto touches = [&](const memory_range& area) { return area.overlaps(where, size); };
  if (m.hw.aseg_in_use && touches(aseg)) return true;
  if (m.hw.tseg && touches(*m.hw.tseg)) return true;
  if (m.sp.tmr && touches(*m.sp.tmr)) return true;
  for (const memory_range& area : m.hw.reserved)
    if (touches(area)) return true;
  if (m.sp.ring) {
    const auto in_ring = [&](const command_ring& ring) {
      return touches({target_of(m, ring.commands), 4096}) || touches({target_of(m, ring.statuses), 4096});
    };
    if (in_ring(m.sp.ring->low) || (m.sp.ring->high && in_ring(*m.sp.ring->high))) return true;
  }
  return false;
}

/// What is wrong with the bytes [where, where + bytes) as an operand, whoever they belong to (FW-DISP-10).
/// @return INVALID_ADDRESS, INVALID_CONFIG or SUCCESS
template <class Machine>
[[nodiscard]] constexpr auto problem_of_range(const Machine& m, spa where, std::uint64_t bytes) -> status {
  const std::uint64_t size = std::max<std::uint64_t>(bytes, 1);
  if (is_kept_from_software(m, where, size) || table_range(m).overlaps(where, size)) return status::invalid_address;
  const bool in_one_region = std::any_of(m.hw.dram.begin(), m.hw.dram.end(),
                                         [&](const memory_range& region) { return region.contains(where, size); });
  return in_one_region ? status::success : status::invalid_config;
}

/// The address check of an operand.   FW-DISP-10
/// @param operand  an sPA, with or without the C-bit
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_range(Context& ctx, const Machine& m, std::uint64_t operand, std::uint64_t bytes)
    -> status {
  const status problem = problem_of_range(m, target_of(m, operand), bytes);
  return ctx.denies(rule::FW_DISP_10, problem != status::success) ? problem : status::success;
}

/// Whether every page that overlaps a range is the firmware's or has no entry. Stepping is by the size of each entry.
template <class Machine>
[[nodiscard]] constexpr auto is_given_to_firmware(const Machine& m, spa where, std::uint64_t bytes) -> bool {
  using table = typename Machine::table_type;
  const rmp::spfn last = page_of(where + (std::max<std::uint64_t>(bytes, 1) - 1));
  for (rmp::spfn page = page_of(where); page <= last; ++page.value) {
    if (!m.rmp.covers(page)) continue;  // DEFAULT (FW-DISP-13)
    const rmp::authoritative found = rmp::find_authoritative(m.rmp, page);
    if (rmp::state_of(found.found) != rmp::page_state::firmware) return false;
    if (found.found.large) page.value = found.page.value + (table::sub_pages - 1);
  }
  return true;
}

/// FWW: a buffer that the firmware writes belongs to the firmware while SNP is initialised.   FW-DISP-08
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_written(Context& ctx, const Machine& m, std::uint64_t operand, std::uint64_t bytes)
    -> status {
  if (!is_snp_init(m)) return status::success;
  const bool theirs = !is_given_to_firmware(m, target_of(m, operand), bytes);
  return ctx.denies(rule::FW_DISP_08, theirs) ? status::invalid_page_state : status::success;
}

/// Both checks of a plaintext buffer that a command writes.
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_output(Context& ctx, const Machine& m, std::uint64_t operand, std::uint64_t bytes)
    -> status {
  if (const status bad = check_range(ctx, m, operand, bytes); bad != status::success) return bad;
  return check_written(ctx, m, operand, bytes);
}

/// A small structure that a command writes: inside one page, and that page the firmware's while SNP is INIT.
/// FW-SNP-PST-01; FW-SNP-GST-01; FW-SNP-FI-01
template <class Context, class Machine>
[[nodiscard]] auto check_structure(Context& ctx, const Machine& m, std::uint64_t operand, std::uint64_t bytes,
                                   rule which) -> status {
  const bool crosses = target_of(m, operand).value % 4096 + bytes > 4096;
  if (ctx.denies(which, crosses)) return status::invalid_param;
  const bool in_table = is_snp_init(m) && table_range(m).overlaps(target_of(m, operand), bytes);
  if (ctx.denies(rule::FW_DISP_10, in_table)) return status::invalid_param;
  if (const status bad = check_range(ctx, m, operand, bytes); bad != status::success) return bad;
  const bool theirs = is_snp_init(m) && !is_given_to_firmware(m, target_of(m, operand), bytes);
  return ctx.denies(which, theirs) ? status::invalid_page_state : status::success;
}

/// Reads a plaintext buffer; zeros where no memory answers, which `check_range` has excluded.
template <class Context, class Machine>
constexpr void read_plain(Context& ctx, const Machine& m, std::uint64_t operand, std::span<std::uint8_t> out) {
  if (m.memory.read(target_of(m, operand), key_of(ctx, m, operand), out) != memory::memory_status::ok)
    std::ranges::fill(out, std::uint8_t{0});
}
template <class Context, class Machine>
constexpr void write_plain(Context& ctx, Machine& m, std::uint64_t operand, std::span<const std::uint8_t> in) {
  static_cast<void>(m.memory.write(target_of(m, operand), key_of(ctx, m, operand), in));
}
/// A structure from a plaintext buffer.
template <class Image, class Context, class Machine>
[[nodiscard]] constexpr auto read_image(Context& ctx, const Machine& m, std::uint64_t operand) -> Image {
  Image made{};
  read_plain(ctx, m, operand, made.bytes());
  return made;
}

/// Reads through a guest's key, whatever the operand's C-bit says (FW-DISP-11).
template <class Machine>
constexpr void read_guest(const Machine& m, asid id, spa where, std::span<std::uint8_t> out) {
  if (m.memory.read(where, memory_key::guest(id), out) != memory::memory_status::ok)
    std::ranges::fill(out, std::uint8_t{0});
}
/// Writes through a guest's key, as if no cache had held a line of any alias before.   FW-TWK-04
template <class Machine>
constexpr void write_guest(Machine& m, asid id, spa where, std::span<const std::uint8_t> in) {
  const auto evict = [&] {
    if constexpr (requires { m.memory.evict(where, in.size()); }) m.memory.evict(where, in.size());
  };
  evict();  // or a stale line would be written back over it
  static_cast<void>(m.memory.write(where, memory_key::guest(id), in));
  evict();  // other aliases see what DRAM holds
}

// --- entries

/// The state of the very entry of a page.
template <class Machine>
[[nodiscard]] constexpr auto state_at(const Machine& m, spa where) -> rmp::page_state {
  return rmp::state_of(m.rmp, page_of(where));
}
/// The very entry of a page; an empty one where there is none.
template <class Machine>
[[nodiscard]] constexpr auto entry_at(const Machine& m, spa where) -> rmp::entry {
  return m.rmp.covers(page_of(where)) ? m.rmp.entry_of(page_of(where)) : rmp::entry{};
}

/// The address check of a page operand of an SNP command: in the Reverse Map Table is INVALID_PARAM.   FW-DISP-10
/// That the page lies in DRAM is asked where a command's row says so.
/// @param bytes  of the page
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_page(Context& ctx, const Machine& m, spa where, std::uint64_t bytes = 4096)
    -> status {
  const spa first = page_base(where, page_size::k4k);
  if (ctx.denies(rule::FW_DISP_10, table_range(m).overlaps(first, bytes))) return status::invalid_param;
  const bool kept = is_kept_from_software(m, first, bytes);
  return ctx.denies(rule::FW_DISP_10, kept) ? status::invalid_address : status::success;
}

/// Replaces an entry. The lock follows the immutable bit (FW-DISP-14), the count of a region's pages stays (FW-DISP-12).
/// Nothing happens where there is no entry.
template <class Context, class Machine>
constexpr void put_entry(Context& ctx, Machine& m, spa where, rmp::entry made) {
  const rmp::spfn page = page_of(where);
  if (!m.rmp.covers(page)) return;
  const rmp::entry old = m.rmp.entry_of(page);
  made.locked = made.immutable;
  made.sub_page_count = old.sub_page_count;
  rmp::count_change(ctx, m.rmp, old, made);
  m.rmp.put(page, made);
}

/// The entry of a page that belongs to the firmware, made from what was there.
/// @param tag    metadata or none
/// @param owner  of metadata: the guest context page (FW-PGS-20)
template <class Context>
[[nodiscard]] constexpr auto firmware_entry(const Context& ctx, const rmp::entry& old,
                                            rmp::firmware_tag tag = rmp::firmware_tag::none, spa owner = {})
    -> rmp::entry {
  rmp::entry made{.assigned = true, .large = old.large, .immutable = true, .tag = tag, .guest = {owner.value}};
  if (ctx.choices.firmware_page_hi) made.allowed = old.allowed;
  return made;
}

/// Gives back the page of the firmware that a command's results were written to, whatever its size: FIRMWARE ->
/// RECLAIM.   FW-DISP-07
template <class Context, class Machine>
constexpr void release_page(Context& ctx, Machine& m, spa where) {
  if (!m.rmp.covers(page_of(where))) return;
  rmp::authoritative page = rmp::find_authoritative(m.rmp, page_of(where));
  if (rmp::state_of(page.found) != rmp::page_state::firmware) return;
  page.found.immutable = false;
  page.found.tag = rmp::firmware_tag::none;
  put_entry(ctx, m, address_of(page.page), page.found);
}

/// How many pages of the Reverse Map Table an ASID has.
template <class Machine>
[[nodiscard]] constexpr auto pages_with(const Machine& m, asid id) -> std::uint64_t {
  if (id == host_asid) return 0;  // no guest's
  if constexpr (requires { m.rmp.pages_of(id); }) {
    return static_cast<std::uint64_t>(m.rmp.pages_of(id));
  } else {
    std::uint64_t count = 0;
    for (rmp::spfn page{}; m.rmp.covers(page); ++page.value) {
      const rmp::entry one = m.rmp.entry_of(page);
      if (one.assigned && one.id == id) ++count;
    }
    return count;
  }
}

}  // namespace sevspec::inline v0::firmware

#endif
