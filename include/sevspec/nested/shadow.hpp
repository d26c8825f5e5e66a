// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_SHADOW_HPP
#define SEVSPEC_NESTED_SHADOW_HPP

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/paging/l1_physical_memory.hpp>
#include <sevspec/paging/l2_fault_walk.hpp>
#include <sevspec/paging/l2_tlb.hpp>
#include <sevspec/paging/shadow_fault.hpp>
#include <sevspec/rmp/region.hpp>

/// nPT02, the shadow of nPT12 and nPT01 together, and how it follows L1 without understanding what L1 executes
/// (NES-TR-02):
///
///     page of nPT12 | L1 can write | nPT02's leaves below it
///     --------------+--------------+-------------------------------
///     unknown       | yes          | none
///     protected     | no           | what it says
///     not synchron. | yes          | what it said when it was protected last, or later
///
///     a walk for L2 uses it: unknown -> protected        L1 writes it: protected -> not synchronised
///     L1 flushes:            not synchronised -> protected
namespace sevspec::inline v0::nested {

/// L1's memory for walks of nPT12, noting which pages the tables lie in.
template <class Context, class Memory>
class noting_memory : public paging::l1_physical_memory<Context, Memory> {
  using base = paging::l1_physical_memory<Context, Memory>;

 public:
  noting_memory(Context& ctx, Memory& memory, const paging::two_stage_regime& l1) noexcept
      : base(ctx, memory, l1, paging::l1_reader::shadowing_hypervisor) {}

  [[nodiscard]] auto read_qword(spa as_l1_gpa, memory_key key) -> std::optional<std::uint64_t> {
    const std::uint64_t page = as_l1_gpa.value & ~std::uint64_t{0xfff};
    bool known = false;
    for (const std::uint64_t one : pages_) known = known || one == page;
    if (!known) pages_.push_back(page);
    return base::read_qword(as_l1_gpa, key);
  }
  [[nodiscard]] auto pages() const noexcept -> const std::vector<std::uint64_t>& { return pages_; }

 private:
  std::vector<std::uint64_t> pages_;
};

/// nPT12's words as L0's software finds them.
template <class Machine>
struct l1_table_words {
  Machine& m;
  const l1_vm& vm;

  [[nodiscard]] auto load(std::uint64_t at) -> std::optional<std::uint64_t> {
    const auto where = backing_of(m, vm, gpa{at & ~c_mask_of(vm)});
    if (!where) return {};
    return memory::qword_at(m.memory, where->where, memory_key::none());
  }
  auto store(std::uint64_t, std::uint64_t) -> bool { return false; }
  auto clear(std::uint64_t) -> bool { return false; }
};

/// The leaf of nPT02 around an L2 gPA; null if there is none.
[[nodiscard]] inline auto find_shadow(const shadow_tables& shadow, l2_gpa where)
    -> const std::pair<const std::uint64_t, shadow_record>* {
  for (const page_size size : {page_size::k4k, page_size::k2m, page_size::k1g}) {
    const auto found = shadow.leaves.find(page_base(where, size).value);
    if (found != shadow.leaves.end() && found->second.leaf.size == size) return &*found;
  }
  return nullptr;
}

/// Drops a leaf of nPT02, and the translations that hardware has made of it.
/// @param id  L2's physical ASID
template <class Context, class Machine>
void zap_leaf(Context& ctx, Machine& m, l2_vm& guest, asid id, std::uint64_t page) {
  host_words words{m.memory};
  remove_leaf(words, guest.shadow.root.value, page);
  guest.shadow.leaves.erase(page);
  m.tlb.flush(id);
  ctx.tell(event{event_kind::npt02_zap});
}

/// Drops the leaves of all L2s of an L1 that map a page of L1's memory: after every change of nPT01 there.
template <class Context, class Machine>
void zap_l1_page(Context& ctx, Machine& m, l1_vm& vm, gpa page) {
  for (l2_vm& guest : vm.guests) {
    const auto id = physical_id_of(ctx, m, vm, guest.virtual_id);
    std::vector<std::uint64_t> gone;
    for (const auto& [at, record] : guest.shadow.leaves) {
      const bool inside =
          page.value >= record.in_l1.value && page.value - record.in_l1.value < bytes_in(record.leaf.size);
      if (!record.leaf.reserved_bit_set && inside) gone.push_back(at);
    }
    for (const std::uint64_t at : gone) zap_leaf(ctx, m, guest, id ? *id : vm.id, at);
  }
}

/// From now on L0 sees L1 write to a page of nPT12.
template <class Context, class Machine>
void protect_table(Context& ctx, Machine& m, l1_vm& vm, l2_vm& guest, gpa page) {
  if (!ctx.applies(rule::NES_TR_02, !guest.shadow.protected_pages.contains(page.value))) return;
  zap_l1_page(ctx, m, vm, page);  // through the old leaf L2 could write it
  remap_small(m, vm, page, false);
  guest.shadow.protected_pages.insert(page.value);
}

/// L1 has written, or wants to write, to a protected page: it may from now on, and nPT02 is behind.
/// @return false if the page is not protected for nPT12
template <class Context, class Machine>
auto unprotect_table(Context& ctx, Machine& m, l1_vm& vm, gpa page) -> bool {
  const std::uint64_t base = page_base(page, page_size::k4k).value;
  bool was = false;
  for (l2_vm& guest : vm.guests) {
    if (guest.shadow.protected_pages.erase(base) == 0) continue;
    was = true;
    guest.shadow.unsynchronised.insert(base);
  }
  if (!was) return false;
  ctx.tell(event{event_kind::npt12_protected_write});
  zap_l1_page(ctx, m, vm, gpa{base});
  remap_small(m, vm, gpa{base}, true);
  return true;
}

/// The largest page of nPT02 for a place in memory: as large as the entry of the Reverse Map Table, and in a region of
/// several owners 4K (PAG-L2C-07).
template <class Machine>
[[nodiscard]] auto largest_leaf(const Machine& m, spa where) -> page_size {
  if (!m.core.snp_enabled()) return page_size::k1g;
  const rmp::spfn page = page_of(where);
  if (!m.rmp.covers(page)) return page_size::k2m;
  const rmp::entry found = rmp::authoritative_entry(m.rmp, page);
  if (found.assigned) return found.large ? page_size::k2m : page_size::k4k;
  const bool mixed = rmp::any_assigned_in_region(m.rmp, rmp::large_page_base<decltype(m.rmp)>(page));
  return mixed ? page_size::k4k : page_size::k2m;
}

/// The same for an L2 gPA, as far as the tables lead anywhere.
template <class Machine>
[[nodiscard]] auto largest_leaf_for(Machine& m, const l1_vm& vm, const l2_vm& guest, l2_gpa where) -> page_size {
  l1_table_words<Machine> words{m, vm};
  const auto found = find_entry(words, guest.npt12.value, where.value);
  if (!found || !found->present()) return page_size::k1g;
  const gpa in_l1 = page_base(gpa{found->raw & detail::table_address_bits & ~c_mask_of(vm)}, found->size()) +
                    page_offset(where, found->size());
  const auto at = backing_of(m, vm, in_l1);
  return at ? largest_leaf(m, at->where) : page_size::k1g;
}

/// Puts a leaf into nPT02, in the place of whatever is there.
/// @param from  the pages of nPT12 that it was made of
/// @return false if L0 has no page left for a table
template <class Context, class Machine>
auto install_leaf(Context& ctx, Machine& m, l1_vm& vm, l2_vm& guest, l2_gpa where, const paging::shadow_leaf& leaf,
                  gpa in_l1, std::vector<std::uint64_t> from) -> bool {
  const auto regime = l2_hardware_regime(ctx, m, vm, guest);
  const std::uint64_t page = page_base(where, leaf.size).value;
  std::vector<std::uint64_t> inside;
  for (auto at = guest.shadow.leaves.lower_bound(page); at != guest.shadow.leaves.end(); ++at) {
    if (at->first - page >= bytes_in(leaf.size)) break;
    inside.push_back(at->first);
  }
  for (const std::uint64_t at : inside) zap_leaf(ctx, m, guest, regime.id, at);
  if (const auto* const around = find_shadow(guest.shadow, where)) zap_leaf(ctx, m, guest, regime.id, around->first);
  const gpa in_l1_page = page_base(in_l1, leaf.size);
  for (const std::uint64_t table : from) {
    if (guest.shadow.unsynchronised.contains(table) || guest.shadow.protected_pages.contains(table)) continue;
    protect_table(ctx, m, vm, guest, gpa{table});
    const bool in_leaf = table >= in_l1_page.value && table - in_l1_page.value < bytes_in(leaf.size);
    if (in_leaf && !leaf.reserved_bit_set) return true;  // L2 itself must not write it: it will ask again
  }
  host_words words{m.memory};
  if (!put_leaf(words, guest.shadow.root.value, page, leaf.size, paging::entry_for(leaf, regime.nested).raw,
                [&] { return m.pool.take(); }))
    return false;
  guest.shadow.leaves[page] = {leaf, in_l1_page, std::move(from)};
  m.tlb.flush(regime.id);
  ctx.tell(event{event_kind::npt02_install});
  return true;
}

/// L1 flushes translations of its guest: nPT02 must agree with nPT12 before L2 runs again (PAG-L2-11).
template <class Context, class Machine>
void request_flush(Context& ctx, Machine& m, const l1_vm& vm, l2_vm& guest, paging::tlb_control what) {
  const auto id = physical_id_of(ctx, m, vm, guest.virtual_id);
  if (paging::apply_l1_tlb_control(ctx, m.tlb, what, id ? *id : vm.id)) guest.shadow.sync_pending = true;
}

/// TLB_CONTROL of VMCB12: what L1 flushes is an ASID, with every nPT12 that it has under it, or all ASIDs (PAG-ASID-02).
/// Its own, 0, is among them.
/// @param named  the virtual ASID in VMCB12
template <class Context, class Machine>
void request_flush_by_asid(Context& ctx, Machine& m, l1_vm& vm, asid named, paging::tlb_control what) {
  const bool all = what == paging::tlb_control::flush_all;
  for (l2_vm& guest : vm.guests)
    if (all || guest.virtual_id == named) request_flush(ctx, m, vm, guest, what);
  if (ctx.applies(rule::PAG_L2_11, all)) m.tlb.flush(vm.id);
}

/// INVLPGA by L1 (PAG-L2-11).
/// @param rax    the linear address
/// @param named  ECX: the virtual ASID; 0 is L1's own
template <class Context, class Machine>
void request_invalidation(Context& ctx, Machine& m, l1_vm& vm, std::uint64_t rax, asid named) {
  if (named == host_asid) paging::invlpga(ctx, m.tlb, rax, vm.id.value);
  for (l2_vm& guest : vm.guests) {
    if (guest.virtual_id != named) continue;
    const auto id = physical_id_of(ctx, m, vm, named);
    if (paging::l1_invlpga(ctx, m.tlb, rax, id ? *id : vm.id)) guest.shadow.sync_pending = true;
  }
}

/// nPT01 after nPT12 for one L2 gPA.
struct composed_page {
  paging::shadow_leaf leaf{};
  gpa in_l1{};
  std::vector<std::uint64_t> from{};  ///< pages of nPT12
};

/// The composed translation for an access of one kind, by L0's software (NES-TR-01): nothing in nPT02 changes, nor in
/// nPT12.
/// @return the leaf that nPT02 may have; nothing if L1's tables or L0's forbid the access
template <class Context, class Machine>
[[nodiscard]] auto compose(Context& ctx, Machine& m, const l1_vm& vm, const l2_vm& guest, l2_gpa where,
                           access_kind kind) -> std::optional<composed_page> {
  context quiet{.rules = ctx.rules, .choices = ctx.choices};
  const auto l1 = l1_regime(quiet, m, vm);
  const auto l2 =
      l2_regime_of_l1(quiet, vm, guest.kind, guest.npt12.value, guest.virtual_id, virtual_syscfg(vm, m.core.syscfg));
  if (!l2) return {};
  read_only looked_at(m.memory);
  noting_memory memory(quiet, looked_at, l1);
  const auto npt12 = paging::walk_npt12<paging::nested_purpose::final_gpa>(quiet, memory, *l2, where, kind);
  if (memory.obstacle() || !npt12) return {};
  const auto npt01 = memory.translate(npt12->where, kind);
  if (!npt01) return {};
  const page_size largest = largest_leaf_for(m, vm, guest, where);
  return composed_page{paging::compose_leaf(quiet, *npt12, *npt01, kind, largest), npt12->where, memory.pages()};
}

/// Makes nPT02 agree with nPT12 again: each leaf that was made of a page which L1 may have written is made anew, or
/// dropped, and the pages are protected (NES-TR-02). At L1's TLB flush, before L2 runs.
template <class Context, class Machine>
void synchronise(Context& ctx, Machine& m, l1_vm& vm, l2_vm& guest) {
  if (!ctx.applies(rule::NES_TR_02, guest.shadow.sync_pending)) return;
  const auto id = physical_id_of(ctx, m, vm, guest.virtual_id);
  std::vector<std::pair<std::uint64_t, shadow_record>> suspects;
  for (const auto& one : guest.shadow.leaves) {
    bool behind = false;
    for (const std::uint64_t table : one.second.from) behind = behind || guest.shadow.unsynchronised.contains(table);
    if (behind) suspects.emplace_back(one);
  }
  const std::set<std::uint64_t> written = std::exchange(guest.shadow.unsynchronised, {});
  for (const auto& [page, old] : suspects) {
    ctx.tell(event{event_kind::sync_npt02_entry});
    const auto now = compose(ctx, m, vm, guest, l2_gpa{page}, access_kind::read);
    const bool same_page = now && !old.leaf.reserved_bit_set && now->leaf.where == old.leaf.where &&
                           now->leaf.size == old.leaf.size && now->leaf.no_execute == old.leaf.no_execute &&
                           now->leaf.c == old.leaf.c && now->leaf.writable == old.leaf.writable &&
                           now->from == old.from;
    if (!same_page) zap_leaf(ctx, m, guest, id ? *id : vm.id, page);
  }
  std::set<std::uint64_t> used;  // what is no table any longer, nobody needs to watch
  for (const auto& one : guest.shadow.leaves)
    for (const std::uint64_t table : one.second.from)
      if (written.contains(table)) used.insert(table);
  for (const std::uint64_t table : used) protect_table(ctx, m, vm, guest, gpa{table});
  guest.shadow.sync_pending = false;
}

}  // namespace sevspec::inline v0::nested

#endif
