// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_MOVER_HPP
#define SEVSPEC_MIGRATION_MOVER_HPP

#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/legacy_memory.hpp>
#include <sevspec/firmware/memory_range.hpp>
#include <sevspec/firmware/snp_page_move.hpp>
#include <sevspec/firmware/snp_page_swap.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// Which legal way there is to bring a page of a guest to another place, or why there is none, so that the page is pinned:
/// for whoever migrates, compacts or swaps the host's memory.   MIG-PIN-01; MIG-MOVE-01; MIG-SWAP-01
namespace sevspec::inline v0::migration {

/// A way.
enum class motion : std::uint8_t {
  none,          ///< pinned
  copy_bytes,    ///< the host copies: the page is shared
  copy_command,  ///< COPY, of SEV and SEV-ES guests
  page_move,     ///< SNP_PAGE_MOVE
  swap,          ///< SWAP_OUT and SWAP_IN, or SNP_PAGE_SWAP_OUT and SNP_PAGE_SWAP_IN: also out of memory, and back
};

/// "none", "copy bytes", ...
[[nodiscard]] constexpr auto name_of(motion way) noexcept -> const char* {
  switch (way) {
    case motion::none:         return "none";
    case motion::copy_bytes:   return "copy bytes";
    case motion::copy_command: return "COPY";
    case motion::page_move:    return "PAGE_MOVE";
    case motion::swap:         return "swap";
  }
  return "?";
}

/// Why a page is pinned.
enum class pinned_because : std::uint8_t {
  not_pinned,
  no_guest,         ///< the firmware does not know the guest
  inactive,         ///< it has no ASID, so no command reaches its memory
  guest_state,      ///< it is not launched yet
  no_command,       ///< the firmware has neither COPY nor SWAP_*
  vmsa,             ///< COPY does not know VMSAs, and there is no SWAP_*
  others_page,      ///< it belongs to another guest
  firmware_page,    ///< a context page, or another page of the firmware's
  in_use,           ///< VMRUN holds it
  policy,           ///< PAGE_SWAP_DISABLE
  other_size,       ///< 4K of a page of 2M are asked for, or the other way round: PSMASH or unsmash first
  target_not_free,  ///< the target, or the page for the swapped page, is not the hypervisor's, or fixed, or in use
  no_metadata,  ///< no page of the guest's metadata for the entry; the entry is another page's; there is none to go by
  exhausted,    ///< no numbers are left for its offline key
};

/// "not pinned", ...
[[nodiscard]] constexpr auto name_of(pinned_because why) noexcept -> const char* {
  switch (why) {
    case pinned_because::not_pinned:      return "not pinned";
    case pinned_because::no_guest:        return "no guest";
    case pinned_because::inactive:        return "inactive";
    case pinned_because::guest_state:     return "guest state";
    case pinned_because::no_command:      return "no command";
    case pinned_because::vmsa:            return "VMSA";
    case pinned_because::others_page:     return "another guest's page";
    case pinned_because::firmware_page:   return "firmware page";
    case pinned_because::in_use:          return "in use";
    case pinned_because::policy:          return "policy";
    case pinned_because::other_size:      return "other size";
    case pinned_because::target_not_free: return "target not free";
    case pinned_because::no_metadata:     return "no metadata";
    case pinned_because::exhausted:       return "exhausted";
  }
  return "?";
}

struct move_plan {
  motion way = motion::none;
  pinned_because why = pinned_because::not_pinned;

  friend constexpr auto operator==(const move_plan&, const move_plan&) -> bool = default;
};

[[nodiscard]] constexpr auto pinned(pinned_because why) noexcept -> move_plan { return {motion::none, why}; }

/// A page of a SEV or SEV-ES guest.
struct sev_page_move {
  std::uint32_t handle = 0;
  spa from{};
  spa to{};
  bool is_private = true;   ///< as the page status map says
  bool has_copy = true;     ///< the firmware knows COPY
  bool has_swap = true;     ///< and SWAP_OUT, SWAP_IN
  bool to_storage = false;  ///< the page shall leave memory, from `storage`: nothing but swapping will do
  spa storage{};            ///< a page for the swapped page; a shared page that leaves memory is copied to it
  spa metadata{};           ///< 64 bytes, aligned, for its metadata
};

/// The way for a page of a SEV or SEV-ES guest.   MIG-PIN-01
template <class Context, class Machine>
[[nodiscard]] auto plan_move(Context& ctx, const Machine& m, const sev_page_move& asked) -> move_plan {
  if (!ctx.denies(rule::MIG_PIN_01, asked.is_private)) return {motion::copy_bytes};
  const auto found = m.sp.guests.find(asked.handle);
  const bool working = m.sp.state == firmware::platform_state::working;
  if (!working || found == m.sp.guests.end()) return pinned(pinned_because::no_guest);
  if (found->second.slot.id == host_asid) return pinned(pinned_because::inactive);
  std::array<std::uint8_t, 4096> page{};
  firmware::read_guest(m, found->second.slot.id, asked.from, page);
  const bool is_vmsa = firmware::is_vmsa_of(m, asked.handle, page);
  if (asked.has_copy && !asked.to_storage && !is_vmsa) return {motion::copy_command};
  if (asked.has_swap) return {motion::swap};
  return pinned(is_vmsa ? pinned_because::vmsa : pinned_because::no_command);
}

namespace detail {

/// The host copies.
template <class Context, class Machine>
void copy_plain(Context& ctx, Machine& m, spa from, spa to, bool large) {
  std::vector<std::uint8_t> bytes(large ? 0x20'0000 : 0x1000, 0);
  firmware::read_plain(ctx, m, from.value, bytes);
  firmware::write_plain(ctx, m, to.value, bytes);
}

}  // namespace detail

/// The way back of a page that left memory: what was brought to `storage`, and to `metadata` if it was swapped, goes to
/// `to`. Entries of SEV and SEV-ES can be used again: nothing keeps a host from bringing an older page back.
/// @param plan  by which the page left
/// @return the status of SWAP_IN
template <class Context, class Machine>
[[nodiscard]] auto bring_back(Context& ctx, Machine& m, const move_plan& plan, const sev_page_move& asked)
    -> firmware::status {
  if (plan.way == motion::copy_bytes) {
    detail::copy_plain(ctx, m, asked.storage, asked.to, false);
    return firmware::status::success;
  }
  if (plan.way != motion::swap) return firmware::status::unsupported;
  const auto told = firmware::read_image<layout::sev_swap_mdata>(ctx, m, asked.metadata.value);
  layout::cmd_swap_in in;
  in.set_handle(asked.handle);
  in.set_flags(layout::cmd_swap_in_flags{}.set_page_type(told.flags().page_type()));
  in.set_src_paddr(asked.storage.value);
  in.set_dst_paddr(asked.to.value);
  in.set_mdata_paddr(asked.metadata.value);
  return firmware::swap_in(ctx, m, in);
}

/// Goes the way of a plan. A page that shall leave memory lies in `storage` then, and in memory no more; `bring_back` is its
/// way back.
/// @return the status of the first command that fails
template <class Context, class Machine>
[[nodiscard]] auto carry_out(Context& ctx, Machine& m, const move_plan& plan, const sev_page_move& asked)
    -> firmware::status {
  if (plan.way == motion::copy_bytes) {
    detail::copy_plain(ctx, m, asked.from, asked.to_storage ? asked.storage : asked.to, false);
    return firmware::status::success;
  }
  if (plan.way == motion::copy_command) {
    layout::cmd_copy cmd;
    cmd.set_handle(asked.handle);
    cmd.set_length(4096);
    cmd.set_src_paddr(asked.from.value);
    cmd.set_dst_paddr(asked.to.value);
    return firmware::copy(ctx, m, cmd);
  }
  if (plan.way != motion::swap) return firmware::status::unsupported;
  const auto found = m.sp.guests.find(asked.handle);
  if (found == m.sp.guests.end()) return firmware::status::invalid_guest;
  std::array<std::uint8_t, 4096> page{};
  firmware::read_guest(m, found->second.slot.id, asked.from, page);
  const std::uint32_t type = firmware::is_vmsa_of(m, asked.handle, page) ? 2 : 0;
  layout::cmd_swap_out out;
  out.set_handle(asked.handle);
  out.set_flags(layout::cmd_swap_out_flags{}.set_page_type(type));
  out.set_src_paddr(asked.from.value);
  out.set_dst_paddr(asked.storage.value);
  out.set_mdata_paddr(asked.metadata.value);
  const firmware::status done = firmware::swap_out(ctx, m, out);
  if (done != firmware::status::success || asked.to_storage) return done;
  return bring_back(ctx, m, plan, asked);
}

/// A page of a SNP guest.
struct snp_page_move_request {
  spa context{};  ///< the guest's context page
  spa from{};
  spa to{};
  bool large = false;       ///< 2M
  bool to_storage = false;  ///< the page shall leave memory, from `storage`: nothing but swapping will do
  spa storage{};            ///< a page of the hypervisor's, of the same size; a shared page is copied to it
  bool root = false;        ///< the entry about the swapped page goes into the guest's context
  spa metadata{};           ///< else: 64 bytes, aligned, of a page of the guest's metadata
};

namespace detail {

/// Whether a place is the hypervisor's to give away, as a whole: pages of its own that are immutable (HV-Fixed) or in use
/// are refused by RMPUPDATE.
template <class Machine>
[[nodiscard]] auto is_free_place(const Machine& m, spa where, bool large) -> bool {
  const rmp::spfn page = page_of(where);
  if (!m.rmp.covers(page) || (large && page != rmp::large_page_base<typename Machine::table_type>(page))) return false;
  const rmp::entry entry = rmp::authoritative_entry(m.rmp, page);
  if (entry.assigned || entry.immutable || entry.in_use) return false;
  if (!large) return true;
  const rmp::region_facts region = rmp::facts_of_region(m.rmp, page);
  return !rmp::any_assigned_in_region(m.rmp, page) && !region.any_other_immutable && !region.any_in_use;
}
/// Whether the entry about a swapped page has a place: in the guest's context, or in a page of its metadata.
template <class Machine>
[[nodiscard]] auto has_entry_place(const Machine& m, const snp_page_move_request& asked) -> bool {
  if (asked.root) return true;
  const rmp::spfn page = page_of(asked.metadata);
  if (asked.metadata.value % 64 != 0 || !m.rmp.covers(page)) return false;
  const rmp::entry entry = rmp::authoritative_entry(m.rmp, page);
  return rmp::state_of(entry) == rmp::page_state::metadata && entry.guest == gpa{asked.context.value};
}
/// RMPUPDATE by the host.
template <class Context, class Machine>
[[nodiscard]] auto update_page(Context& ctx, Machine& m, spa where, const rmp::new_state& wanted) -> bool {
  const auto done = rmp::rmpupdate(ctx, m.rmp, {}, {}, where, wanted);
  return done && done->succeeded();
}
/// A page that the firmware may give back is the hypervisor's again, or if it is the guest's, the guest's to use.
template <class Context, class Machine>
[[nodiscard]] auto reclaim_page(Context& ctx, Machine& m, spa where, bool large) -> bool {
  return firmware::snp_page_reclaim(ctx, m, where.value | (large ? 1U : 0U)) == firmware::status::success;
}
/// The type of a page, as SNP_PAGE_SWAP_* are told.
[[nodiscard]] constexpr auto swap_type_of(bool metadata, bool vmsa) noexcept -> std::uint32_t {
  if (metadata) return firmware::detail::swapped_metadata;
  return vmsa ? firmware::detail::swapped_snp_vmsa : firmware::detail::swapped_data;
}

}  // namespace detail

/// The way for a page of a SNP guest, or of its metadata.   MIG-PIN-01; MIG-MOVE-01; MIG-SWAP-01
template <class Context, class Machine>
[[nodiscard]] auto plan_move(Context& ctx, const Machine& m, const snp_page_move_request& asked) -> move_plan {
  using enum pinned_because;
  using table = typename Machine::table_type;
  const rmp::spfn page = page_of(asked.from);
  const rmp::entry entry = m.rmp.covers(page) ? rmp::authoritative_entry(m.rmp, page) : rmp::entry{};
  if (!ctx.denies(rule::MIG_PIN_01, entry.assigned)) return {motion::copy_bytes};
  const auto found = m.sp.contexts.find(asked.context.value);
  if (found == m.sp.contexts.end()) return pinned(no_guest);
  const firmware::snp_guest& guest = found->second;
  const bool metadata = rmp::state_of(entry) == rmp::page_state::metadata;
  if (entry.id == host_asid && !metadata) return pinned(firmware_page);
  const bool own = metadata ? entry.guest == gpa{asked.context.value} : entry.id == guest.slot.id;
  if (guest.state == firmware::context_state::init) return pinned(guest_state);
  if (guest.slot.id == host_asid) return pinned(inactive);
  if (!own) return pinned(others_page);
  const bool base = page == rmp::large_page_base<table>(page);
  if (entry.large != asked.large || (asked.large && !base)) return pinned(other_size);
  if (entry.in_use) return pinned(in_use);
  if (guest.policy.page_swap_disable()) return pinned(policy);
  if (!detail::is_free_place(m, asked.to_storage ? asked.storage : asked.to, asked.large))
    return pinned(target_not_free);
  if (!asked.to_storage) return {motion::page_move};
  const std::uint64_t size = asked.large ? std::uint64_t{table::sub_pages} * 4096 : 4096;
  const bool about_itself = !asked.root && firmware::memory_range{asked.metadata, 64}.overlaps(asked.from, size);
  if (!detail::has_entry_place(m, asked) || about_itself) return pinned(no_metadata);
  const auto told = firmware::detail::load_entry(ctx, m, guest, asked.root, asked.metadata.value).attributes();
  if (told.valid()) return pinned(no_metadata);  // the firmware would write over it, and that page is lost
  if (guest.oek_iv_count == firmware::exhausted_counter) return pinned(exhausted);
  return {motion::swap};
}

/// The way back for a page that was swapped out, or why there is none.   MIG-SWAP-02
/// @param asked  `from` does not matter; `large` and the place of the entry are as they were
template <class Context, class Machine>
[[nodiscard]] auto plan_return(Context& ctx, const Machine& m, const snp_page_move_request& asked) -> move_plan {
  using enum pinned_because;
  const auto found = m.sp.contexts.find(asked.context.value);
  if (found == m.sp.contexts.end()) return pinned(no_guest);
  const firmware::snp_guest& guest = found->second;
  if (guest.state == firmware::context_state::init) return pinned(guest_state);
  if (guest.slot.id == host_asid) return pinned(inactive);
  if (!detail::has_entry_place(m, asked)) return pinned(no_metadata);
  const auto told = firmware::detail::load_entry(ctx, m, guest, asked.root, asked.metadata.value).attributes();
  if (!told.valid()) return pinned(no_metadata);
  if (told.page_size() != asked.large) return pinned(other_size);
  if (guest.policy.page_swap_disable()) return pinned(policy);
  if (!detail::is_free_place(m, asked.to, asked.large) || !detail::is_free_place(m, asked.storage, asked.large))
    return pinned(target_not_free);
  return {motion::swap};
}

/// The way back of a page that left memory: what was brought to `storage` goes to `to`, and is to the guest what it was.
/// An entry serves once: an older page does not come back.   MIG-SWAP-02
/// @param plan  `plan_return`'s, or that by which a shared page left
/// @return the status of the first command that fails; INVALID_PAGE_STATE if RMPUPDATE does; both places are the
///         hypervisor's then
template <class Context, class Machine>
[[nodiscard]] auto bring_back(Context& ctx, Machine& m, const move_plan& plan, const snp_page_move_request& asked)
    -> firmware::status {
  using firmware::status;
  if (plan.way == motion::copy_bytes) {
    detail::copy_plain(ctx, m, asked.storage, asked.to, asked.large);
    return status::success;
  }
  if (plan.way != motion::swap) return status::unsupported;
  const auto found = m.sp.contexts.find(asked.context.value);
  if (found == m.sp.contexts.end()) return status::invalid_guest;
  if (!detail::has_entry_place(m, asked)) return status::invalid_mdata_entry;
  const auto told = firmware::detail::load_entry(ctx, m, found->second, asked.root, asked.metadata.value).attributes();
  const bool metadata = told.metadata();
  const asid id = metadata ? host_asid : found->second.slot.id;
  // The firmware wants both pages to have the entry's size, and entries of the hypervisor's pages have none.
  const rmp::new_state lent{.assigned = true, .large = asked.large, .immutable = true, .id = host_asid, .guest = {}};
  if (asked.large && !detail::update_page(ctx, m, asked.storage, lent)) return status::invalid_page_state;
  const bool target_ready = detail::update_page(
      ctx, m, asked.to, {.assigned = true, .large = asked.large, .immutable = true, .id = id, .guest = {}});
  status done = status::invalid_page_state;
  if (target_ready) {
    layout::cmd_snp_swap_in cmd;
    cmd.set_gctx_paddr(asked.context.value);
    cmd.set_src_paddr(asked.storage.value);
    cmd.set_dst_paddr(asked.to.value);
    cmd.set_mdata_paddr(asked.root ? 0 : asked.metadata.value);
    cmd.set_flags(layout::cmd_snp_swap_in_flags{}
                      .set_page_size(asked.large)
                      .set_page_type(detail::swap_type_of(metadata, told.vmsa()))
                      .set_root_mdata_en(asked.root));
    done = firmware::snp_page_swap_in(ctx, m, cmd);
  }
  bool settled = true;
  if (asked.large)
    settled = detail::reclaim_page(ctx, m, asked.storage, true) &&
              detail::update_page(ctx, m, asked.storage, {.large = true});
  const bool arrived = done == status::success;
  if (target_ready && !(arrived && metadata)) {  // metadata stays the firmware's
    settled = detail::reclaim_page(ctx, m, asked.to, asked.large) && settled;
    if (!arrived) settled = detail::update_page(ctx, m, asked.to, {.large = asked.large}) && settled;
  }
  return arrived && !settled ? status::invalid_page_state : done;
}

namespace detail {

/// SNP_PAGE_SWAP_OUT: `storage` is lent to the firmware, and the page's place is the hypervisor's in the end. If the command
/// fails the page is the guest's as before.
template <class Context, class Machine>
[[nodiscard]] auto swap_page_out(Context& ctx, Machine& m, const snp_page_move_request& asked, const rmp::entry& entry,
                                 bool metadata) -> firmware::status {
  using firmware::status;
  const bool made_immutable = !metadata && !entry.immutable;
  if (!update_page(ctx, m, asked.storage, {.assigned = true, .large = asked.large, .immutable = true})) {
    if (made_immutable) static_cast<void>(reclaim_page(ctx, m, asked.from, asked.large));
    return status::invalid_page_state;
  }
  layout::cmd_snp_swap_out cmd;
  cmd.set_gctx_paddr(asked.context.value);
  cmd.set_src_paddr(asked.from.value);
  cmd.set_dst_paddr(asked.storage.value);
  cmd.set_mdata_paddr(asked.root ? 0 : asked.metadata.value);
  cmd.set_flags(layout::cmd_snp_swap_out_flags{}
                    .set_page_size(asked.large)
                    .set_page_type(swap_type_of(metadata, entry.vmsa))
                    .set_root_mdata_en(asked.root));
  const status done = firmware::snp_page_swap_out(ctx, m, cmd);
  bool settled =
      reclaim_page(ctx, m, asked.storage, asked.large) && update_page(ctx, m, asked.storage, {.large = asked.large});
  const bool left = done == status::success;
  if (left || made_immutable) settled = reclaim_page(ctx, m, asked.from, asked.large) && settled;
  if (left) settled = update_page(ctx, m, asked.from, {.large = asked.large}) && settled;
  return left && !settled ? status::invalid_page_state : done;
}

/// SNP_PAGE_MOVE: the target is lent to the firmware, and the source is the hypervisor's in the end. If the command fails
/// both pages are as before.
/// @pre the source is the firmware's to move
template <class Context, class Machine>
[[nodiscard]] auto move_page(Context& ctx, Machine& m, const snp_page_move_request& asked, const rmp::entry& entry,
                             bool metadata) -> firmware::status {
  using firmware::status;
  const bool made_immutable = !metadata && !entry.immutable;
  const bool target_ready = update_page(
      ctx, m, asked.to,
      {.assigned = true, .large = asked.large, .immutable = true, .id = metadata ? host_asid : entry.id, .guest = {}});
  status done = status::invalid_page_state;
  if (target_ready) {
    layout::cmd_snp_page_move cmd;
    cmd.set_gctx_paddr(asked.context.value);
    cmd.set_flags(layout::cmd_snp_page_move_flags{}.set_page_size(asked.large));
    cmd.set_src_paddr(asked.from.value);
    cmd.set_dst_paddr(asked.to.value);
    done = firmware::snp_page_move(ctx, m, cmd);
  }
  if (done != status::success) {
    if (target_ready && reclaim_page(ctx, m, asked.to, asked.large))
      static_cast<void>(update_page(ctx, m, asked.to, {.large = asked.large}));
    if (made_immutable) static_cast<void>(reclaim_page(ctx, m, asked.from, asked.large));
    return done;
  }
  if (metadata) {  // it is a page of the firmware's now: the firmware gives it back
    done = firmware::snp_page_reclaim(ctx, m, asked.from.value | (asked.large ? 1U : 0U));
    if (done != status::success) return done;
  }
  return update_page(ctx, m, asked.from, {.large = asked.large}) ? status::success : status::invalid_page_state;
}

}  // namespace detail

/// Goes the way of a plan: both pages are made the firmware's to move, then moved; the source is the hypervisor's in the
/// end. A page that shall leave memory lies in `storage` then; `bring_back` is its way back. The host's nested tables are the
/// caller's to change.
/// @return the status of the first command that fails; INVALID_PAGE_STATE if RMPUPDATE does. Until it has moved the page
///         stays the guest's as before, and the place that it was to go to the hypervisor's
template <class Context, class Machine>
[[nodiscard]] auto carry_out(Context& ctx, Machine& m, const move_plan& plan, const snp_page_move_request& asked)
    -> firmware::status {
  if (plan.way == motion::copy_bytes) {
    detail::copy_plain(ctx, m, asked.from, asked.to_storage ? asked.storage : asked.to, asked.large);
    return firmware::status::success;
  }
  if (plan.way != motion::page_move && plan.way != motion::swap) return firmware::status::unsupported;
  const rmp::entry entry = m.rmp.entry_of(page_of(asked.from));
  const bool metadata = rmp::state_of(entry) == rmp::page_state::metadata;
  const bool source_ready =
      metadata || entry.immutable ||
      detail::update_page(
          ctx, m, asked.from,
          {.assigned = true, .large = asked.large, .immutable = true, .id = entry.id, .guest = entry.guest});
  if (!source_ready) return firmware::status::invalid_page_state;
  return plan.way == motion::swap ? detail::swap_page_out(ctx, m, asked, entry, metadata)
                                  : detail::move_page(ctx, m, asked, entry, metadata);
}

}  // namespace sevspec::inline v0::migration

#endif
