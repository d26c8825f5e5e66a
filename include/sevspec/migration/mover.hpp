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
  swap,          ///< SWAP_OUT and SWAP_IN, or SNP_PAGE_SWAP_OUT and SNP_PAGE_SWAP_IN
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
  target_not_free,  ///< the target is not the hypervisor's
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
  bool to_storage = false;  ///< the page shall leave memory: nothing but swapping will do
  spa storage{};            ///< a page for the swapped page
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

/// Goes the way of a plan.
/// @return the status of the first command that fails
template <class Context, class Machine>
[[nodiscard]] auto carry_out(Context& ctx, Machine& m, const move_plan& plan, const sev_page_move& asked)
    -> firmware::status {
  if (plan.way == motion::copy_bytes) {
    std::array<std::uint8_t, 4096> page{};
    firmware::read_plain(ctx, m, asked.from.value, page);
    firmware::write_plain(ctx, m, asked.to.value, page);
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
  std::array<std::uint8_t, 4096> page{};
  firmware::read_guest(m, m.sp.guests.at(asked.handle).slot.id, asked.from, page);
  const std::uint32_t type = firmware::is_vmsa_of(m, asked.handle, page) ? 2 : 0;
  layout::cmd_swap_out out;
  out.set_handle(asked.handle);
  out.set_flags(layout::cmd_swap_out_flags{}.set_page_type(type));
  out.set_src_paddr(asked.from.value);
  out.set_dst_paddr(asked.storage.value);
  out.set_mdata_paddr(asked.metadata.value);
  if (const auto done = firmware::swap_out(ctx, m, out); done != firmware::status::success) return done;
  layout::cmd_swap_in in;
  in.set_handle(asked.handle);
  in.set_flags(layout::cmd_swap_in_flags{}.set_page_type(type));
  in.set_src_paddr(asked.storage.value);
  in.set_dst_paddr(asked.to.value);
  in.set_mdata_paddr(asked.metadata.value);
  return firmware::swap_in(ctx, m, in);
}

/// A page of a SNP guest.
struct snp_page_move_request {
  spa context{};  ///< the guest's context page
  spa from{};
  spa to{};
  bool large = false;  ///< 2M
};

/// The way for a page of a SNP guest, or of its metadata.   MIG-PIN-01; MIG-MOVE-01
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
  const rmp::spfn target = page_of(asked.to);
  const bool target_base = !asked.large || target == rmp::large_page_base<table>(target);
  const bool covered = m.rmp.covers(target) && target_base;
  const bool taken = !covered || rmp::authoritative_entry(m.rmp, target).assigned ||
                     (asked.large && rmp::any_assigned_in_region(m.rmp, target));
  if (taken) return pinned(target_not_free);
  return {motion::page_move};
}

/// Goes the way of a plan: both pages are made the firmware's to move, then moved; the source is the hypervisor's in the
/// end. The host's nested tables are the caller's to change.
/// @return the status of the first command that fails; INVALID_PAGE_STATE if RMPUPDATE does
template <class Context, class Machine>
[[nodiscard]] auto carry_out(Context& ctx, Machine& m, const move_plan& plan, const snp_page_move_request& asked)
    -> firmware::status {
  if (plan.way == motion::copy_bytes) {
    std::vector<std::uint8_t> bytes(asked.large ? 0x20'0000 : 0x1000);
    firmware::read_plain(ctx, m, asked.from.value, bytes);
    firmware::write_plain(ctx, m, asked.to.value, bytes);
    return firmware::status::success;
  }
  if (plan.way != motion::page_move) return firmware::status::unsupported;
  const auto update = [&](spa where, const rmp::new_state& wanted) {
    const auto done = rmp::rmpupdate(ctx, m.rmp, {}, {}, where, wanted);
    return done && done->succeeded();
  };
  const rmp::entry entry = m.rmp.entry_of(page_of(asked.from));
  const bool metadata = rmp::state_of(entry) == rmp::page_state::metadata;
  const asid id = metadata ? host_asid : entry.id;
  const bool source_ready =
      metadata || entry.immutable ||
      update(asked.from, {.assigned = true, .large = asked.large, .immutable = true, .id = id, .guest = entry.guest});
  const bool target_ready =
      update(asked.to, {.assigned = true, .large = asked.large, .immutable = true, .id = id, .guest = {}});
  if (!source_ready || !target_ready) return firmware::status::invalid_page_state;
  layout::cmd_snp_page_move cmd;
  cmd.set_gctx_paddr(asked.context.value);
  cmd.set_flags(layout::cmd_snp_page_move_flags{}.set_page_size(asked.large));
  cmd.set_src_paddr(asked.from.value);
  cmd.set_dst_paddr(asked.to.value);
  if (const auto done = firmware::snp_page_move(ctx, m, cmd); done != firmware::status::success) return done;
  if (metadata) {  // it is a page of the firmware's now: the firmware gives it back
    const auto done = firmware::snp_page_reclaim(ctx, m, asked.from.value | (asked.large ? 1U : 0U));
    if (done != firmware::status::success) return done;
  }
  return update(asked.from, {.large = asked.large}) ? firmware::status::success : firmware::status::invalid_page_state;
}

}  // namespace sevspec::inline v0::migration

#endif
