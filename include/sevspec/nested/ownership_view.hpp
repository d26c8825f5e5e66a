// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_OWNERSHIP_VIEW_HPP
#define SEVSPEC_NESTED_OWNERSHIP_VIEW_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/virtual_rmp.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/store.hpp>

/// The virtual and the real Reverse Map Table side by side.
namespace sevspec::inline v0::nested {

/// The virtual table with what guests do to their pages natively, so that L0 never sees it: Validated, VMSA and
/// permissions are read from the real table when they are asked for (RMP-NST-25). An `entry_store`.
template <class Machine>
class virtual_view {
 public:
  static constexpr std::uint64_t sub_pages = sparse_table<>::sub_pages;
  static constexpr bool counts_sub_pages = true;

  virtual_view(Machine& m, const l1_vm& vm) noexcept : m_(&m), vm_(&vm) {}

  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return vm_->owners.covers(page); }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry {
    rmp::entry found = vm_->owners.entry_of(page);
    if (!found.assigned || found.id == host_asid) return found;
    const auto at = find_backing(*m_, *vm_, gpa{page.value << 12});
    if (!at || !m_->rmp.covers(page_of(at->where))) return found;
    const rmp::entry real = rmp::authoritative_entry(m_->rmp, page_of(at->where));
    found.validated = real.validated;
    found.vmsa = real.vmsa;
    found.allowed = real.allowed;
    return found;
  }

 private:
  Machine* m_;
  const l1_vm* vm_;
};

/// After the AMD-SP has worked on a page on L1's behalf, as LAUNCH_UPDATE does: L0 brings the virtual entry up to what
/// the real one says of it being immutable.
/// @param page  first byte of the page, as L1 knows it
template <class Machine>
void follow_secure_processor(Machine& m, l1_vm& vm, gpa page) {
  const auto at = find_backing(m, vm, page);
  if (!at || !m.rmp.covers(page_of(at->where))) return;
  rmp::entry found = vm.owners.entry_of(page_of(spa{page.value}));
  found.immutable = rmp::authoritative_entry(m.rmp, page_of(at->where)).immutable;
  vm.owners.put(page_of(spa{page.value}), found);
}

/// Whose business a refused reference of L2 is.
enum class ownership_blame : std::uint8_t {
  nobody,  ///< both tables allow it
  l1,      ///< the virtual table refuses
  l0,      ///< the real one alone does
};

/// Judges a reference of L2 by both tables (RMP-NST-23).
/// @param asked  as the real table is asked: sPA, L2 gPA, physical ASID
/// @param in_l1  the page's L1 gPA
/// @param named  L1's name of the L2's ASID
template <class Context, class Machine>
[[nodiscard]] auto blame_for(Context& ctx, Machine& m, const l1_vm& vm, const memory::ownership_query& asked, gpa in_l1,
                             asid named) -> ownership_blame {
  using enum memory::ownership_verdict::kind;
  memory::ownership_query virtually = asked;
  virtually.where = spa{in_l1.value};
  virtually.id = named;
  // The virtual size does not matter here: L2 sees the real one (RMP-NST-22).
  const rmp::entry known = rmp::authoritative_entry(virtual_view(m, vm), page_of(virtually.where));
  virtually.leaf = known.large ? page_size::k2m : page_size::k4k;
  const bool by_l1 = rmp::check_access(ctx, virtual_view(m, vm), virtually).what == violation;
  const bool by_l0 = rmp::check_access(ctx, m.rmp, asked).what == violation;
  if (!by_l1 && !by_l0) return ownership_blame::nobody;
  return ctx.applies(rule::RMP_NST_23, by_l1) ? ownership_blame::l1 : ownership_blame::l0;
}

/// Where the two tables of an L1 disagree.
struct table_disagreement {
  gpa page{};  ///< L1 gPA
  const char* what = "";
};

/// Looks for a page where the virtual and the real table do not say the same of an L1's memory (RMP-NST-20 to 22).
/// @return the first one; nothing if there is none
template <class Machine>
[[nodiscard]] auto find_disagreement(Machine& m, const l1_vm& vm) -> std::optional<table_disagreement> {
  const auto disagree = [](gpa page, const char* what) { return table_disagreement{page, what}; };
  for (const ram_range& range : vm.ram)
    for (std::uint64_t i = 0; i < range.pages; ++i) {
      const gpa page = range.first + i * 0x1000;
      const rmp::spfn frame{page.value >> 12};
      const auto at = find_backing(m, vm, page);
      const bool withheld = is_withheld(m, vm, page);
      if (!at && !withheld) continue;
      const rmp::spfn real_frame = page_of(at ? at->where : *memory_behind(vm, page));
      if (!vm.owners.covers(frame) || !m.rmp.covers(real_frame)) continue;
      const auto [virtual_at, wanted] = rmp::find_authoritative(vm.owners, frame);
      const auto [real_at, real] = rmp::find_authoritative(m.rmp, real_frame);
      // Its own table is L1's, and what the virtual AMD-SP has given back is the hypervisor's, as is what it has: then nPT01
      // keeps L1 away (NEST-VSP-20, 21, 24).
      const bool returned = rmp::state_of(wanted) == rmp::page_state::reclaim;
      const bool as_before = vm.in_soft_table(page) || (!real.assigned && (withheld || returned));
      if (!wanted.assigned || as_before) {
        if (real.assigned && real.id != vm.id) return disagree(page, "another's, though L1 has given it to nobody");
        const gpa own = page_base(page, real.large ? page_size::k2m : page_size::k4k);
        if (real.assigned && real.guest != own) return disagree(page, "L1's, but at another gPA");
        if (real.assigned && real.immutable) return disagree(page, "immutable for one table alone");
        continue;
      }
      if (!real.assigned) return disagree(page, "nobody's, though L1 has given it away");
      const auto id = wanted.id == host_asid ? std::optional{host_asid} : m.asids.real_of(vm.number, wanted.id);
      if (!id || real.id != *id) return disagree(page, "another's than L1 has given it to");
      if (real.large && !wanted.large) return disagree(page, "larger than L1 believes");
      if (real.immutable != wanted.immutable) return disagree(page, "immutable for one table alone");
      if (wanted.id == host_asid) continue;
      const gpa seen = wanted.guest + (frame.value - virtual_at.value) * 0x1000;
      if (real.guest + (real_frame.value - real_at.value) * 0x1000 != seen)
        return disagree(page, "at another gPA of L2");
    }
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
