// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_SECURE_PROCESSOR_HPP
#define SEVSPEC_NESTED_SECURE_PROCESSOR_HPP

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/nested/firmware_pages.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/shadow.hpp>
#include <sevspec/nested/vsp_execute.hpp>
#include <sevspec/rmp/page_state.hpp>

/// A nested machine and an AMD-SP that have one memory and one Reverse Map Table: launches through commands, by L0, and by
/// L1 through its virtual AMD-SP. Without these, `launch_stand_in.hpp` has what launches do to memory, and no more.
namespace sevspec::inline v0::nested {

/// The AMD-SP works: memory and table are its own during a step.
/// @param p     a `firmware::machine` with the same types of memory and table; its own are not looked at
/// @param step  `step()`, whose answer is the answer
template <class Machine, class Physical, class Step>
auto with_secure_processor(Machine& m, Physical& p, Step&& step) {
  static_assert(std::is_same_v<decltype(m.memory), typename Physical::memory_type> &&
                std::is_same_v<decltype(m.rmp), typename Physical::table_type>);
  std::swap(m.memory, p.memory);
  std::swap(m.rmp, p.rmp);
  const auto done = step();
  std::swap(m.memory, p.memory);
  std::swap(m.rmp, p.rmp);
  return done;
}

/// L0's map of L1's memory, for the virtual AMD-SP: where each page lies, and which L1 has for itself. All of it is there,
/// whether nPT01 maps it now or not.   NEST-VSP-09, 12, 21
template <class Machine>
[[nodiscard]] auto backings_of(Machine& m, const l1_vm& vm) -> page_backings {
  page_backings made;
  for (const ram_range& range : vm.ram)
    for (std::uint64_t i = 0; i < range.pages; ++i) {
      const gpa page = range.first + i * 0x1000;
      const auto at = find_backing(m, vm, page);
      const rmp::spfn real = page_of(at ? at->where : *memory_behind(vm, page));
      const bool asks = m.core.snp_enabled() && m.rmp.covers(real);
      const rmp::entry owner = asks ? rmp::authoritative_entry(m.rmp, real) : rmp::entry{};
      made[page.value >> 12] = {real, owner.assigned && owner.id == vm.id};
    }
  return made;
}

namespace detail {

/// L1's table, from one form into another, with what it counts.
template <class From, class To>
void copy_table(const From& from, To& to) {
  std::vector<std::uint64_t> gone;
  for (const auto& [page, what] : to.entries())
    if (from.entry_of({page}) == rmp::entry{}) gone.push_back(page);
  const auto put = [&](std::uint64_t page, const rmp::entry& what) {
    const rmp::entry was = to.entry_of({page});
    to.put({page}, what);
    if constexpr (requires(asid id) { to.count_pages(id, std::int64_t{}); }) {
      if (was.assigned) to.count_pages(was.id, was.large ? -512 : -1);
      if (what.assigned) to.count_pages(what.id, what.large ? 512 : 1);
    }
  };
  for (const std::uint64_t page : gone) put(page, {});
  for (const auto& [page, what] : from.entries())
    if (to.entry_of({page}) != what) put(page, what);
}

/// L1, and its guests, do not reach pages that the virtual AMD-SP has.   NEST-VSP-21
///
/// The pages of L1's Reverse Map Table stay: L0's own table is elsewhere, and L1 may keep a soft table there (RMP-NST-03).
template <class Context, class Machine, class Virtual>
void withhold_pages(Context& ctx, Machine& m, l1_vm& vm, const Virtual& v) {
  for (const auto& [number, one] : vm.owners.entries()) {
    const gpa page{number << 12};
    if (vm.in_soft_table(page) || l1_reaches(ctx, v, page) || !find_backing(m, vm, page)) continue;
    zap_l1_page(ctx, m, vm, page);
    unmap_page(m, vm, page);
    m.tlb.flush(vm.id);
  }
}

}  // namespace detail

/// A command of L1's: it has written to the mailbox of its virtual AMD-SP, and L0 carries it out (NES-SP-01).
///
/// Pages that L1 has given to its AMD-SP are the AMD-SP's on the machine, too, from L1's request on (NES-SP-04). With the
/// next command they are the hypervisor's there, since the AMD-SP has pages of L0's instead; L0 takes them out of nPT01, so
/// that L1 reaches them as little as before (NEST-VSP-21). The exit by which L0 learns of the mailbox is not part of it.
/// @param p  the AMD-SP, with the types of `m`'s memory and table
/// @param v  the virtual one of this L1
template <class Context, class Machine, class Physical, class Virtual>
auto l1_command(Context& ctx, Machine& m, l1_vm& vm, vsp_host& l0, Physical& p, Virtual& v, std::uint32_t id,
                std::uint64_t buffer) -> firmware::status {
  v.map = backings_of(m, vm);
  detail::copy_table(vm.owners, v.rmp);
  l0.asids = m.asids;
  const auto done = with_secure_processor(m, p, [&] {
    for (const auto& [page, one] : vm.owners.entries()) {
      if (is_part(vm.owners, rmp::spfn{page})) continue;
      const rmp::page_state state = rmp::state_of(one);
      if (is_firmwares(state) || state == rmp::page_state::reclaim)
        if (mirror_page(ctx, l0, p, v, page) != rmp::status::success) return firmware::status::hwerror_unsafe;
    }
    return nested::execute(ctx, l0, p, v, id, buffer);
  });
  detail::copy_table(v.rmp, vm.owners);
  m.asids = l0.asids;
  const firmware::memory_range table = firmware::table_range(v);
  vm.soft_table = gpa{table.base.value};
  vm.soft_table_bytes = table.bytes;
  detail::withhold_pages(ctx, m, vm, v);
  return done;
}

/// Hardware knows the checksum of a VMSA that LAUNCH_UPDATE_VMSA has encrypted (WSW-RUN-05). Nobody has published how it is
/// computed, so the machine keeps its own.
/// @param where  of the VMSA: encrypted, as the AMD-SP has left it
template <class Machine>
auto record_launched_vmsa(Machine& m, asid id, spa where) -> bool {
  layout::vmsa state;
  if (m.memory.read(where, memory_key::guest(id), state.bytes()) != memory::memory_status::ok) return false;
  m.checksums.record(where, state);
  return true;
}

}  // namespace sevspec::inline v0::nested

#endif
