// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_L1_MEMORY_HPP
#define SEVSPEC_NESTED_L1_MEMORY_HPP

#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/nested/firmware_pages.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/reference.hpp>
#include <sevspec/paging/entry.hpp>

/// What L0 does with the memory that it gives to an L1: nPT01.
namespace sevspec::inline v0::nested {

/// Where L0 has put a page of L1's, as nPT01 says now.
struct l1_backing {
  spa where{};                      ///< of the byte
  page_size size = page_size::k4k;  ///< of the leaf
  bool writable{};

  friend constexpr auto operator==(const l1_backing&, const l1_backing&) -> bool = default;
};

/// Looks an address of L1's up in nPT01. Nothing is changed.
/// @return nothing if it is not mapped
template <class Machine>
[[nodiscard]] auto find_backing(Machine& m, const l1_vm& vm, gpa where) -> std::optional<l1_backing> {
  host_words words{m.memory};
  const auto found = find_entry(words, vm.npt01.value, where.value);
  if (!found || !found->present()) return {};
  const spa base = page_base(spa{found->raw & detail::table_address_bits}, found->size());
  return l1_backing{.where = base + page_offset(where, found->size()),
                    .size = found->size(),
                    .writable = paging::entry{found->raw}.writable()};
}

namespace detail {

[[nodiscard]] constexpr auto open_leaf(spa where, page_size size) noexcept -> std::uint64_t {
  const std::uint64_t large = size == page_size::k4k ? 0 : paging::entry::ps::mask;
  return where.value | table_pointer_bits | paging::entry::d::mask | large;
}

/// Whether a page holds part of an nPT12 that L0 watches.
[[nodiscard]] inline auto watches_inside(const l1_vm& vm, gpa page, page_size size) -> bool {
  for (const l2_vm& guest : vm.guests) {
    const auto found = guest.shadow.protected_pages.lower_bound(page.value);
    if (found != guest.shadow.protected_pages.end() && *found - page.value < bytes_in(size)) return true;
  }
  return false;
}

/// Whether a page holds one that the virtual AMD-SP has, which a leaf for all of it would give to L1.   NEST-VSP-21
[[nodiscard]] inline auto withholds_inside(const l1_vm& vm, gpa page, page_size size) -> bool {
  const auto& entries = vm.owners.entries();  // few pages have one
  const auto end = entries.lower_bound((page + bytes_in(size)).value >> 12);
  for (auto one = entries.lower_bound(page.value >> 12); one != end; ++one)
    if (is_firmwares(vm.owners, rmp::spfn{one->first}) && !vm.in_soft_table(gpa{one->first << 12})) return true;
  return false;
}

}  // namespace detail

/// Maps the page of L1's memory around an address, in the size of its range; in 4K where other parts of a large page have
/// leaves of their own, which stay what they are, or are the virtual AMD-SP's (NEST-VSP-21). A page of nPT12 that L0
/// watches is mapped without the right to write it (NES-TR-02).
/// @return false if it is no memory of L1's, or L0 has no page left for a table
template <class Machine>
auto populate(Machine& m, const l1_vm& vm, gpa where) -> bool {
  const ram_range* const range = vm.range_of(where);
  if (range == nullptr) return false;
  host_words words{m.memory};
  const auto now = find_entry(words, vm.npt01.value, where.value);
  const bool in_parts = now && now->level < detail::level_of(range->size);
  const gpa whole = page_base(where, range->size);
  const bool small =
      in_parts || detail::watches_inside(vm, whole, range->size) || detail::withholds_inside(vm, whole, range->size);
  const page_size size = small ? page_size::k4k : range->size;
  const gpa first = page_base(where, size);
  const spa at = range->backing + (first.value - range->first.value);
  std::uint64_t raw = detail::open_leaf(at, size);
  if (detail::watches_inside(vm, first, size)) raw &= ~paging::entry::rw::mask;
  return put_leaf(words, vm.npt01.value, first.value, size, raw, [&] { return m.pool.take(); });
}

/// Maps all of L1's memory.
template <class Machine>
auto populate_all(Machine& m, const l1_vm& vm) -> bool {
  for (const ram_range& range : vm.ram)
    for (std::uint64_t at = 0; at < range.pages * 0x1000; at += bytes_in(range.size))
      if (!populate(m, vm, range.first + at)) return false;
  return true;
}

/// Where L0 has the memory for an address of L1's, whether nPT01 maps it or not.
[[nodiscard]] inline auto memory_behind(const l1_vm& vm, gpa where) -> std::optional<spa> {
  const ram_range* const range = vm.range_of(where);
  if (range == nullptr) return {};
  return range->backing + (where.value - range->first.value);
}

/// Whether L0 keeps a page of L1's memory out of nPT01, because the virtual AMD-SP has it, and not for a table of L1's own.
/// NEST-VSP-21
template <class Machine>
[[nodiscard]] auto is_withheld(Machine& m, const l1_vm& vm, gpa where) -> bool {
  const bool given = is_firmwares(vm.owners, rmp::spfn{where.value >> 12}) && !vm.in_soft_table(where);
  return given && !find_backing(m, vm, where);
}

/// The backing of a page of L1's memory, which L0 maps first if it must.
/// @return nothing if it is no memory of L1's, or L1 is not to reach it now
template <class Machine>
[[nodiscard]] auto backing_of(Machine& m, const l1_vm& vm, gpa where) -> std::optional<l1_backing> {
  if (const auto found = find_backing(m, vm, where)) return found;
  if (is_withheld(m, vm, where) || !populate(m, vm, where)) return {};
  return find_backing(m, vm, where);
}

/// Maps a page of L1's in 4K, and lets L1 write it, or not.
/// @return false if it is not mapped
template <class Machine>
auto remap_small(Machine& m, const l1_vm& vm, gpa where, bool writable) -> bool {
  const auto now = find_backing(m, vm, where);
  if (!now) return false;
  const spa page = page_base(now->where, page_size::k4k);
  std::uint64_t raw = detail::open_leaf(page, page_size::k4k);
  if (!writable) raw &= ~paging::entry::rw::mask;
  host_words words{m.memory};
  return put_leaf(words, vm.npt01.value, page_base(where, page_size::k4k).value, page_size::k4k, raw,
                  [&] { return m.pool.take(); });
}

/// Takes a page of 4K out of nPT01; what a larger leaf maps beside it stays mapped.
/// @return false if it is not mapped
template <class Machine>
auto unmap_page(Machine& m, const l1_vm& vm, gpa page) -> bool {
  const auto now = find_backing(m, vm, page);
  if (!now) return false;
  if (now->size != page_size::k4k && !remap_small(m, vm, page, true)) return false;
  host_words words{m.memory};
  return remove_leaf(words, vm.npt01.value, page.value);
}

/// L0's software reads what L1 has left without encryption: the bytes as they lie. Of L1's private memory it gets
/// ciphertext.
/// @param out  not across a 4K boundary
/// @return false if it is no memory of L1's
template <class Machine>
auto read_l1(Machine& m, const l1_vm& vm, gpa where, std::span<std::uint8_t> out) -> bool {
  const auto at = backing_of(m, vm, where);
  return at && m.memory.read(at->where, memory_key::none(), out) == memory::memory_status::ok;
}

/// L0's software writes there.
/// @return false also if the page is not L0's to write: L1 has not shared it
template <class Context, class Machine>
auto write_l1(Context& ctx, Machine& m, const l1_vm& vm, gpa where, std::span<const std::uint8_t> in) -> bool {
  const auto at = backing_of(m, vm, where);
  return at && host_write(ctx, m, at->where, memory_key::none(), in).has_value();
}

/// Whether L0 knows that a page is not for it to read: it belongs to a guest. Without SEV-SNP nobody tells.
template <class Machine>
[[nodiscard]] auto is_shared_page(Machine& m, const l1_vm& vm, gpa where) -> bool {
  const auto at = backing_of(m, vm, where);
  if (!at) return false;
  const rmp::spfn page = page_of(at->where);
  return !m.core.snp_enabled() || !m.rmp.covers(page) || !rmp::authoritative_entry(m.rmp, page).assigned;
}

}  // namespace sevspec::inline v0::nested

#endif
