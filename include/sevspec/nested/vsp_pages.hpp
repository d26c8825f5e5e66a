// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_PAGES_HPP
#define SEVSPEC_NESTED_VSP_PAGES_HPP

#include <cstdint>
#include <expected>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/snp_page_move.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/nested/firmware_pages.hpp>
#include <sevspec/nested/sparse_table.hpp>
#include <sevspec/nested/vsp_state.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// Pages in two tables: what a page is in L1's Reverse Map Table, and what it is on the machine then.
namespace sevspec::inline v0::nested {

/// Whether the machine's table has the owner of such a page.   NEST-VSP-22, 23
[[nodiscard]] constexpr auto is_guests(rmp::page_state state) noexcept -> bool {
  using enum rmp::page_state;
  return state == pre_guest || state == pre_swap || state == guest_invalid || state == guest_valid;
}

/// Whether L0's nested page tables let L1 reach a page.   NEST-VSP-21
template <class Context, class Virtual>
[[nodiscard]] auto l1_reaches(Context& ctx, const Virtual& v, gpa where) -> bool {
  return !ctx.denies(rule::NEST_VSP_21, is_firmwares(v.rmp, rmp::spfn{where.value >> 12}));
}

namespace detail {

/// RMPUPDATE by L0.
/// @return success, or what L1 is told of a failure on the machine
template <class Context, class Physical>
[[nodiscard]] auto update_real(Context& ctx, Physical& p, spa where, const rmp::new_state& wanted) -> rmp::status {
  if (!p.rmp.covers(page_of(where))) return rmp::status::success;
  const auto done = rmp::rmpupdate(ctx, p.rmp, {}, {}, where, wanted);
  if (done && done->succeeded()) return rmp::status::success;
  return failure_code(ctx.choices, done ? done->eax : rmp::status::fail_permission);
}
template <class Context, class Physical>
[[nodiscard]] auto set_page(Context& ctx, Physical& p, spa where, const rmp::new_state& wanted) -> bool {
  return update_real(ctx, p, where, wanted) == rmp::status::success;
}

/// SNP_PAGE_RECLAIM by L0.
template <class Context, class Physical>
[[nodiscard]] auto reclaim_real(Context& ctx, Physical& p, spa where, bool large) -> rmp::status {
  const bool done = firmware::snp_page_reclaim(ctx, p, where.value | (large ? 1U : 0U)) == firmware::status::success;
  return done ? rmp::status::success : failure_code(ctx.choices, rmp::status::fail_permission);
}

/// Makes a page of the machine the hypervisor's again, whoever has it.   NEST-VSP-24
template <class Context, class Physical>
[[nodiscard]] auto free_real(Context& ctx, Physical& p, spa where) -> rmp::status {
  const rmp::entry found = firmware::entry_at(p, where);
  if (!found.assigned) return rmp::status::success;
  if (found.immutable)
    if (const auto bad = reclaim_real(ctx, p, where, found.large); bad != rmp::status::success) return bad;
  return update_real(ctx, p, where, {.assigned = false, .large = found.large});
}
template <class Context, class Physical>
[[nodiscard]] auto take_back(Context& ctx, Physical& p, spa where) -> bool {
  return free_real(ctx, p, where) == rmp::status::success;
}

/// Gives a page of the machine to an L2 guest.   NES-SP-04; NEST-VSP-22, 23
template <class Context, class Physical>
[[nodiscard]] auto give_to_guest(Context& ctx, Physical& p, spa where, const rmp::entry& seen, asid real)
    -> rmp::status {
  const rmp::entry found = firmware::entry_at(p, where);
  const bool same = found.assigned && found.id == real && found.guest == seen.guest && found.large == seen.large;
  if (same && found.immutable == seen.immutable) return rmp::status::success;
  if (same && found.immutable) return reclaim_real(ctx, p, where, found.large);
  if (!same)
    if (const auto bad = free_real(ctx, p, where); bad != rmp::status::success) return bad;
  return update_real(
      ctx, p, where,
      {.assigned = true, .large = seen.large, .immutable = seen.immutable, .id = real, .guest = seen.guest});
}

/// The machine, with a table where steps can be taken back.
/// @param step  `step(machine&)`, whose answer is the answer
template <class Physical, class Step>
auto with_trial(Physical& p, trial_table<typename Physical::table_type>& table, Step&& step) {
  firmware::machine<typename Physical::memory_type&, trial_table<typename Physical::table_type>&,
                    typename Physical::asids_type&, std::remove_reference_t<decltype(p.random)>&>
      m{p.memory, table, p.asids, p.random, std::move(p.hw), std::move(p.sp)};
  const auto done = step(m);
  p.hw = std::move(m.hw);
  p.sp = std::move(m.sp);
  return done;
}

}  // namespace detail

/// Whether a page of 2M of L1's lies in one of the machine's.   NEST-VSP-26
template <class Context, class Virtual>
[[nodiscard]] auto lies_in_one(Context& ctx, const Virtual& v, std::uint64_t page) -> bool {
  constexpr std::uint64_t pages = std::remove_reference_t<decltype(v.rmp)>::sub_pages;
  const auto first = v.map.find(page);
  bool whole = first != v.map.end() && first->second.page.value % pages == 0;
  for (std::uint64_t i = 1; i < pages && whole; ++i) {
    const auto one = v.map.find(page + i);
    whole = one != v.map.end() && one->second.page.value == first->second.page.value + i;
  }
  return !ctx.applies(rule::NEST_VSP_26, !whole);
}

namespace detail {

/// The steps of `mirror_page`, as far as they go.
/// @return FAIL_INPUT if it is L1's doing, FAIL_INUSE or FAIL_OVERLAP if the machine refuses
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto mirror_steps(Context& ctx, const vsp_host& l0, Physical& p, const Virtual& v, std::uint64_t page,
                                bool of_2m) -> rmp::status {
  const rmp::entry seen = v.rmp.entry_of(rmp::spfn{page});
  const bool large = seen.large || of_2m;
  const bool of_guest = is_guests(rmp::state_of(seen));
  const bool own = ctx.applies(rule::NES_SP_04, of_guest && v.trust == vsp_trust::physical);
  asid real{};
  if (own) {
    // Pages of a guest that is gone keep the ASID that it had.
    const auto behind = real_address(v.map, page << 12);
    const rmp::entry left = behind ? firmware::entry_at(p, *behind) : rmp::entry{};
    const bool stays = left.assigned && left.id != host_asid && left.guest == seen.guest;
    const bool gone = stays && !l0.asids.real_of(v.who, seen.id);
    const auto found = gone ? std::expected<asid, rule>{left.id} : physical_asid_of(ctx, l0.asids, v.who, seen.id);
    if (!found) return rmp::status::fail_input;
    real = *found;
  }
  // After SNP_PAGE_UNSMASH the machine may go on with pages of 4K; so it does where L1's 2M lie in 4K.
  const auto first = real_address(v.map, page << 12);
  const rmp::entry now = first ? firmware::entry_at(p, *first) : rmp::entry{};
  const bool in_pieces = !now.large && (!own || (now.assigned && now.id == real && now.guest == seen.guest));
  const bool whole = !large || (lies_in_one(ctx, v, page) && !in_pieces);
  constexpr std::uint64_t sub_pages = std::remove_reference_t<decltype(v.rmp)>::sub_pages;
  // Pages of 4K that the machine still has of a former owner's would be in the way of one of 2M.
  for (std::uint64_t i = 0; own && large && whole && !now.large && i < sub_pages; ++i) {
    const auto behind = v.map.find(page + i);
    if (behind == v.map.end()) continue;
    if (ctx.denies(rule::NEST_VSP_22, behind->second.is_private)) return rmp::status::fail_input;
    if (behind->second.is_private) continue;
    if (const auto bad = free_real(ctx, p, address_of(behind->second.page)); bad != rmp::status::success) return bad;
  }
  const std::uint64_t pieces = whole ? 1 : sub_pages;
  for (std::uint64_t i = 0; i < pieces; ++i) {
    const auto behind = v.map.find(page + i);
    if (behind == v.map.end()) return rmp::status::fail_input;
    if (ctx.denies(rule::NEST_VSP_22, of_guest && behind->second.is_private)) return rmp::status::fail_input;
    if (behind->second.is_private) continue;  // L1's own, encrypted under its own key
    rmp::entry wanted = seen;
    wanted.large = seen.large && whole;
    wanted.guest = seen.guest + i * 4096;
    const spa where = address_of(behind->second.page);
    const bool back = ctx.applies(rule::NEST_VSP_24, !own);
    if (!own && !back) continue;
    const rmp::status met = own ? give_to_guest(ctx, p, where, wanted, real) : free_real(ctx, p, where);
    if (met != rmp::status::success) return met;
  }
  return rmp::status::success;
}

}  // namespace detail

/// Brings the machine's table to what L1's says of a page: a guest's page is the guest's, with the machine's ASID;
/// everything else is the hypervisor's. All of it, or nothing.   NES-SP-04; NEST-VSP-20 to 25; RMP-NST-21
/// @param page   of L1; the first one of a page of 2M
/// @param of_2m  it was a page of 2M, though L1's table does not have it as one any longer
/// @return FAIL_INPUT if L1 asks for what there is not: the ASID stands for none, or the page is private to L1;
///         FAIL_INUSE or FAIL_OVERLAP if the machine refuses
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto mirror_page(Context& ctx, const vsp_host& l0, Physical& p, const Virtual& v, std::uint64_t page,
                               bool of_2m = false) -> rmp::status {
  if (!firmware::is_snp_init(p) || !v.rmp.covers(rmp::spfn{page})) return rmp::status::success;
  trial_table<typename Physical::table_type> table(p.rmp);
  const rmp::status met =
      detail::with_trial(p, table, [&](auto& m) { return detail::mirror_steps(ctx, l0, m, v, page, of_2m); });
  if (met == rmp::status::fail_input) return met;
  if (ctx.denies(rule::RMP_NST_21, met != rmp::status::success)) return met;
  table.commit(p.rmp);
  return rmp::status::success;
}

/// What the L2 guest did by PVALIDATE and RMPADJUST, it did on the machine: L1's table learns of it.   NEST-VSP-23
template <class Context, class Physical, class Virtual>
void read_back(Context& ctx, const vsp_host& l0, const Physical& p, Virtual& v, std::uint64_t page) {
  if (v.trust != vsp_trust::physical || !firmware::is_snp_init(p) || !v.rmp.covers(rmp::spfn{page})) return;
  rmp::entry seen = v.rmp.entry_of(rmp::spfn{page});
  if (!is_guests(rmp::state_of(seen))) return;
  const auto behind = real_address(v.map, page << 12);
  const auto id = l0.asids.real_of(v.who, seen.id);
  if (!behind || !id) return;
  const rmp::entry real = firmware::entry_at(p, *behind);
  if (!real.assigned || real.id != *id) return;
  rmp::entry made = seen;
  made.validated = real.validated;
  for (std::uint64_t i = 1; seen.large && !real.large && i < std::remove_reference_t<decltype(v.rmp)>::sub_pages; ++i) {
    const auto piece = real_address(v.map, (page + i) << 12);  // all of it, or none
    made.validated = made.validated && piece && firmware::entry_at(p, *piece).validated;
  }
  made.vmsa = real.vmsa;
  made.allowed = real.allowed;
  made.immutable = real.immutable;
  made.locked = real.locked;
  made.guest = real.guest;
  if (ctx.applies(rule::NEST_VSP_23, made != seen)) v.rmp.put(rmp::spfn{page}, made);
}

/// RMPUPDATE as L1 means it, by whatever way it asks L0 for it: both tables, or neither. L1's table refuses what is fixed
/// as the hypervisor's, so that the machine's is not asked.   NES-SP-04; NEST-VSP-20 to 25
/// @param where  a gPA of L1
/// @return EAX for L1; FAIL_INPUT if the ASID stands for none or the page is private to L1; FAIL_INUSE or FAIL_OVERLAP if
///         the machine's table refuses (RMP-NST-21)
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto update_page(Context& ctx, const vsp_host& l0, Physical& p, Virtual& v, gpa where,
                               const rmp::new_state& wanted) -> rmp::status {
  const std::uint64_t page = where.value >> 12;
  read_back(ctx, l0, p, v, page);
  const auto before = v.rmp;
  const auto done = rmp::rmpupdate(ctx, v.rmp, {}, {}, spa{where.value}, wanted);
  if (!done) return rmp::status::fail_input;
  if (!done->succeeded()) return done->eax;
  const rmp::status met = mirror_page(ctx, l0, p, v, page, wanted.large);
  if (met != rmp::status::success) v.rmp = before;
  return met;
}

/// PSMASH as L1 means it: both tables, if the machine has the page as one, or neither.   NEST-VSP-26; RMP-NST-21
/// @param where  a gPA of L1
/// @return EAX for L1; FAIL_INUSE or FAIL_OVERLAP if the machine's table refuses
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto split_page(Context& ctx, const vsp_host& l0, Physical& p, Virtual& v, gpa where) -> rmp::status {
  const std::uint64_t page = where.value >> 12;
  read_back(ctx, l0, p, v, page);
  trial_table seen(v.rmp);
  const auto done = rmp::psmash(ctx, seen, {}, {}, spa{where.value});
  if (!done) return rmp::status::fail_input;
  if (!done->succeeded()) return done->eax;
  const auto behind = real_address(v.map, page << 12);
  if (behind && firmware::is_snp_init(p) && firmware::entry_at(p, *behind).large) {
    const auto real = rmp::psmash(ctx, p.rmp, {}, {}, *behind);
    if (ctx.denies(rule::RMP_NST_21, !real || !real->succeeded()))
      return detail::failure_code(ctx.choices, real ? real->eax : rmp::status::fail_permission);
  }
  seen.commit(v.rmp);
  return rmp::status::success;
}

/// What comes of an L2 guest's reference to a page of L1's.   NEST-VSP-27
enum class l2_reference : std::uint8_t {
  allowed,
  raised_in_l2,  ///< the guest's own page, which it has not validated: #VC 404h in L2, and nobody else hears of it
  l0_repairs,    ///< L1's table lets it: L0 puts the machine's table right, and L1 sees nothing
  l1_is_told,    ///< #VMEXIT(NPF) with the RMP bit
};

/// @param virtual_asid  the guest's ASID as L1 calls it
/// @param where         the page, as L1 has mapped it: of 4K, or a part of one of 2M
/// @param guest         the L2 gPA of the page; `is_private`: the reference is to memory of the guest's own
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto judge_reference(Context& ctx, const vsp_host& l0, const Physical& p, Virtual& v, asid virtual_asid,
                                   gpa where, gpa guest, bool is_private) -> l2_reference {
  const rmp::spfn page{where.value >> 12};
  const bool covered = v.rmp.covers(page);
  if (covered) read_back(ctx, l0, p, v, rmp::find_authoritative(v.rmp, page).page.value);
  const auto lets = [&](const auto& table, rmp::spfn frame, asid id) {
    const auto [first, one] = rmp::find_authoritative(table, frame);
    const gpa expected = one.guest + (frame.value - first.value) * 4096;
    return is_private ? one.assigned && one.id == id && expected == page_base(guest, page_size::k4k) : !one.assigned;
  };
  if (covered ? !lets(v.rmp, page, virtual_asid) : is_private) return l2_reference::l1_is_told;
  const auto behind = real_address(v.map, page.value << 12);
  const auto id = l0.asids.real_of(v.who, virtual_asid);
  const bool native = v.trust == vsp_trust::physical && firmware::is_snp_init(p);
  const bool real =
      !native || (behind && id && (p.rmp.covers(page_of(*behind)) ? lets(p.rmp, page_of(*behind), *id) : !is_private));
  if (ctx.applies(rule::NEST_VSP_27, !real)) return l2_reference::l0_repairs;
  if (!real) return l2_reference::l1_is_told;
  // Validated is the machine's where L2 has pages of it: the sizes of both tables may differ (RMP-NST-22).
  const bool validated = !is_private || (native ? rmp::authoritative_entry(p.rmp, page_of(*behind)).validated
                                                : rmp::authoritative_entry(v.rmp, page).validated);
  return validated ? l2_reference::allowed : l2_reference::raised_in_l2;
}

/// L0 gives a page of L1's other memory. An SNP guest's page is moved by the AMD-SP, since its ciphertext is good at one
/// sPA alone; L1 and L2 see nothing of it.   NEST-VSP-28
/// @param to  a page of the hypervisor's
/// @return what the AMD-SP answered
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto move_backing(Context& ctx, const vsp_host& l0, Physical& p, Virtual& v, gpa where, spa to)
    -> firmware::status {
  const std::uint64_t page = where.value >> 12;
  const auto from = real_address(v.map, page << 12);
  if (!from) return firmware::status::invalid_address;
  const rmp::entry old = firmware::entry_at(p, *from);
  const bool of_guest = is_guests(rmp::state_of(old)) && v.trust == vsp_trust::physical;
  if (ctx.denies(rule::NEST_VSP_28, of_guest)) {
    if (old.large) return firmware::status::invalid_page_size;
    const asid seen = v.rmp.entry_of(rmp::spfn{page}).id;
    std::optional<spa> context;
    for (const auto& [name, guest] : v.sp.contexts)
      if (guest.slot.id == seen) context = l0.contexts.real_of(v.who, gpa{name});
    if (!context) return firmware::status::invalid_guest;
    rmp::new_state wanted{.assigned = true, .immutable = true, .id = old.id, .guest = old.guest};
    const bool ready = detail::set_page(ctx, p, *from, wanted) && detail::set_page(ctx, p, to, wanted);
    if (!ready) return firmware::status::invalid_page_state;
    layout::cmd_snp_page_move cmd;
    cmd.set_gctx_paddr(context->value);
    cmd.set_src_paddr(from->value);
    cmd.set_dst_paddr(to.value);
    const firmware::status done = firmware::snp_page_move(ctx, p, cmd);
    const bool undone = done == firmware::status::success || detail::take_back(ctx, p, to);
    if (done != firmware::status::success && !old.immutable)
      static_cast<void>(firmware::snp_page_reclaim(ctx, p, from->value));
    if (done != firmware::status::success) return undone ? done : firmware::status::hwerror_unsafe;
    static_cast<void>(detail::take_back(ctx, p, *from));
  } else {
    std::vector<std::uint8_t> bytes(4096);
    static_cast<void>(p.memory.read(*from, memory_key::none(), bytes));
    static_cast<void>(p.memory.write(to, memory_key::none(), bytes));
    if (of_guest) {  // what an L0 without the rule does
      static_cast<void>(detail::take_back(ctx, p, *from));
      static_cast<void>(detail::set_page(ctx, p, to, {.assigned = true, .id = old.id, .guest = old.guest}));
    }
  }
  v.map[page].page = page_of(to);
  return firmware::status::success;
}

}  // namespace sevspec::inline v0::nested

#endif
