// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_EXECUTE_HPP
#define SEVSPEC_NESTED_VSP_EXECUTE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/dispatch.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/nested/firmware_pages.hpp>
#include <sevspec/nested/vsp_asids.hpp>
#include <sevspec/nested/vsp_commands.hpp>
#include <sevspec/nested/vsp_forward.hpp>
#include <sevspec/nested/vsp_pages.hpp>
#include <sevspec/nested/vsp_state.hpp>
#include <sevspec/rmp/page_counters.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// The mailbox of a virtual AMD-SP.
namespace sevspec::inline v0::nested {

/// Whether a status may be L1's doing once the command has passed all checks on what L1 sees: what keys, certificates
/// and the machine's limits decide. Everything else is L0's doing.   NEST-VSP-02
[[nodiscard]] constexpr auto may_be_l1s(const forwarding& row, firmware::status told) noexcept -> bool {
  using enum firmware::status;
  switch (told) {
    case success:
    case policy_failure:
    case bad_signature:
    case bad_measurement:
    case invalid_certificate:
    case aead_oflow:
    case resource_limit:
    case hwerror_platform:
    case hwerror_unsafe:      return true;
    case invalid_param:
    case unsupported:
    case invalid_length:
    case invalid_mdata_entry: return row.keyed;
    case invalid_address:     return row.keyed || row.who == command_class::forwarded;  // by the translation
    default:                  return false;
  }
}

namespace detail {

/// Where a command names its guest, and whether that guest has an ASID already.
template <class Virtual>
[[nodiscard]] auto has_asid(const Virtual& v, command_id id, std::span<const std::uint8_t> asked) -> bool {
  if (id == command_id::activate_ex) {
    const auto found = v.sp.guests.find(layout::read_le<std::uint32_t>(asked.data() + 4));
    return found != v.sp.guests.end() && found->second.slot.id != host_asid;
  }
  if (id == command_id::snp_activate_ex) {
    const auto named = layout::read_le<std::uint64_t>(asked.data() + 8) & ~(std::uint64_t{1} << v.hw.c_bit);
    const auto found = v.sp.contexts.find(named);
    return found != v.sp.contexts.end() && found->second.slot.id != host_asid;
  }
  return false;
}

/// One without keys cannot judge sessions and VMSAs: for its own checks the command has none. What L1 wrote stays.
/// @return the command that the virtual AMD-SP executes
template <class View>
[[nodiscard]] auto without_secrets(View& seen, command_id id, std::uint64_t buffer, std::span<const std::uint8_t> asked)
    -> command_id {
  constexpr firmware::byte_array<8> nothing{};
  switch (id) {
    case command_id::receive_start:
    case command_id::launch_start:        seen.pretend(buffer + 8, nothing); return command_id::launch_start;
    case command_id::send_update_vmsa:    return command_id::send_update_data;
    case command_id::receive_update_vmsa: return command_id::receive_update_data;
    case command_id::swap_out:            {
      const auto flags = layout::read_le<std::uint32_t>(asked.data() + 4);
      firmware::byte_array<4> data{};
      layout::write_le(data.data(), flags & 1);
      seen.pretend(buffer + 4, data);
      return id;
    }
    default: return id;
  }
}

/// What L1 no longer has, the machine forgets: guests, contexts, metadata.   NEST-VSP-29
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto forget_gone(Context& ctx, vsp_host& l0, Physical& p, const Virtual& v) -> bool {
  bool done = true;
  std::vector<guest_handle> handles;
  for (const auto& one : l0.handles.entries())
    if (one.owner == v.who && !v.sp.guests.contains(one.name.value)) handles.push_back(one.name);
  for (const guest_handle name : handles) {
    sp_port port{ctx, l0.pages, p};
    firmware::byte_array<4> bytes{};
    layout::write_le(bytes.data(), l0.handles.real_of(v.who, name)->value);
    static_cast<void>(port.post(command_id::deactivate, bytes));  // SHUTDOWN takes active guests, too
    done = port.post(command_id::decommission, bytes) == firmware::status::success && done;
    l0.handles.unbind(v.who, name);
  }
  std::vector<gpa> contexts;
  for (const auto& one : l0.contexts.entries())
    if (one.owner == v.who && !v.sp.contexts.contains(one.name.value)) contexts.push_back(one.name);
  for (const gpa name : contexts) {
    const spa real = *l0.contexts.real_of(v.who, name);
    sp_port port{ctx, l0.pages, p};
    done = port.post_word(command_id::snp_decommission, real.value) == firmware::status::success && done;
    return_page(ctx, l0, p, real);
    l0.contexts.unbind(v.who, name);
  }
  std::vector<gpa> metadata;
  for (const auto& one : l0.metadata.entries())
    if (one.owner == v.who && virtual_state(v, one.name.value >> 12) != rmp::page_state::metadata)
      metadata.push_back(one.name);
  for (const gpa name : metadata) {
    return_page(ctx, l0, p, *l0.metadata.real_of(v.who, name));
    l0.metadata.unbind(v.who, name);
  }
  return done;
}

/// Which pages of L1's a command names as memory of the guest's.
template <class Virtual>
[[nodiscard]] auto named_pages(const Virtual& v, const forwarding& row, std::span<const std::uint8_t> asked)
    -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> pages;
  const auto add = [&](std::size_t at, std::uint64_t clear) {
    const auto where = layout::read_le<std::uint64_t>(asked.data() + at) & ~(std::uint64_t{1} << v.hw.c_bit) & ~clear;
    pages.push_back(where >> 12);
  };
  for (const operand& one : row.operands)
    if (one.kind == operand_kind::guest && one.size != operand_size::field) add(one.at, 0);
  if (row.id == command_id::snp_page_reclaim || row.id == command_id::snp_page_unsmash) add(0, 1);
  return pages;
}

/// A private page of L1's is no operand: L0 reads nothing there.   NEST-VSP-12
template <class Context, class Virtual>
[[nodiscard]] auto private_ranges(Context& ctx, const Virtual& v) -> std::vector<firmware::memory_range> {
  std::vector<firmware::memory_range> made;
  for (const auto& [page, behind] : v.map) {
    if (!behind.is_private) continue;
    const spa where{page << 12};
    if (!made.empty() && made.back().base + made.back().bytes == where) made.back().bytes += 4096;
    else made.push_back({where, 4096});
  }
  if (!ctx.applies(rule::NEST_VSP_12, !made.empty())) made.clear();
  return made;
}

/// What L0 could not undo: the pages that the command named, with all parts of them, are the firmware's to L1, so that it
/// neither uses nor gives them away before it has reclaimed them.   NEST-VSP-03
template <class Context, class Virtual>
void keep_unsafe_pages(Context& ctx, Virtual& v, const std::vector<std::uint64_t>& named) {
  for (const std::uint64_t page : named) {
    if (!v.rmp.covers(rmp::spfn{page})) continue;
    const rmp::entry was = v.rmp.entry_of(rmp::spfn{page});
    if (!was.assigned) continue;
    rmp::entry made = rmp::assign(ctx, was, {.assigned = true, .large = was.large, .immutable = true, .id = host_asid});
    if (!was.large) made.sub_page_count = was.sub_page_count;  // the pages around it stay what they are
    rmp::count_change(ctx, v.rmp, was, made);
    if (was.large) rmp::put_large(v.rmp, rmp::spfn{page}, made);
    else v.rmp.put(rmp::spfn{page}, made);
  }
}

/// SNP_FEATURE_INFO without the messages that name guest contexts.   NEST-VSP-30
template <class Context, class Virtual, class View>
void mask_features(Context& ctx, const Virtual& v, View& seen, std::span<const std::uint8_t> asked) {
  if (layout::read_le<std::uint32_t>(asked.data() + 4) != 1) return;
  constexpr std::uint32_t messages = 0x78;  // bits 6:3: EXPORT, IMPORT, ABSORB, VMRK
  const auto where = layout::read_le<std::uint64_t>(asked.data() + 8) & ~(std::uint64_t{1} << v.hw.c_bit);
  for (auto& one : seen.log()) {
    if (one.where != where || one.bytes.size() < 4) continue;
    const auto eax = layout::read_le<std::uint32_t>(one.bytes.data());
    if (ctx.denies(rule::NEST_VSP_30, !v.expose_pgctx)) layout::write_le(one.bytes.data(), eax & ~messages);
  }
}

}  // namespace detail

/// Executes a command of L1's.   NEST-VSP-01 to 33
///
/// First on what L1 sees: its page states, ASIDs, guests, all in the firmware's own order of checks. One that has the
/// keys is done then. One that forwards has found out what L1 may do, and passes the command on with the machine's names;
/// what the AMD-SP answers and writes is the answer. If it refuses, L1's state is as before; if it refuses after a part of
/// the work, which cannot be undone, the answer is HWERROR_UNSAFE and the pages that L1 named are the firmware's.
/// @param p       the machine and its AMD-SP
/// @param id      what L1 wrote to the mailbox
/// @param buffer  gPA of L1's command buffer, with or without its C-bit
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto execute(Context& ctx, vsp_host& l0, Physical& p, Virtual& v, std::uint32_t id,
                           std::uint64_t buffer = 0) -> firmware::status {
  using firmware::status;
  page_backings map = std::move(v.map);  // no command changes it, and it is long
  const Virtual before = v;
  v.map = std::move(map);
  const bool passes = forwards(ctx, v);
  l1_view<typename Physical::memory_type> seen{p.memory, v.map, before.hidden, l0.asids, v.who, !passes};
  const forwarding* const row = find_forwarding(id);
  const firmware::command_info* const info = firmware::find_command(id);
  const std::uint64_t where = buffer & ~(std::uint64_t{1} << v.hw.c_bit);
  std::vector<std::uint8_t> asked;
  if (info != nullptr && info->buffer_bytes != 0) asked = seen.original(where, info->buffer_bytes);
  const auto named =
      row == nullptr || asked.empty() ? std::vector<std::uint64_t>{} : detail::named_pages(v, *row, asked);
  for (const std::uint64_t page : named) read_back(ctx, l0, p, v, page);

  // What L1 sees.
  const bool of_interest = passes && row != nullptr && !asked.empty();
  const command_id checked = of_interest ? detail::without_secrets(seen, row->id, where, asked) : command_id{id};
  const auto reserved = v.hw.reserved;
  for (const firmware::memory_range& one : detail::private_ranges(ctx, v)) v.hw.reserved.push_back(one);
  status done = with_machine(
      seen, v, [&](auto& m) { return firmware::execute(ctx, m, static_cast<std::uint32_t>(checked), buffer); });
  v.hw.reserved = reserved;
  const auto is_hidden = [&](std::uint64_t page) { return virtual_state(v, page) == rmp::page_state::metadata; };
  const auto finish = [&](status told) {
    for (const auto& one : seen.log())
      if (is_hidden(one.where >> 12)) v.hidden[one.where >> 12] = seen.now(one.where >> 12);
    std::erase_if(v.hidden, [&](const auto& one) { return !is_hidden(one.first); });
    seen.commit(is_hidden);
    return told;
  };
  const auto undo = [&](status told, bool restores = true) {
    if (restores) {
      map = std::move(v.map);
      v = before;
      v.map = std::move(map);
    }
    if (ctx.applies(rule::NEST_VSP_03, restores && told == status::hwerror_unsafe))
      detail::keep_unsafe_pages(ctx, v, named);
    unbind_idle(ctx, l0, v);
    seen.log().clear();
    if (info == nullptr || !info->writes_back) return told;
    static_cast<void>(with_machine(seen, v, [&](auto& m) {  // the buffer's page comes back, whatever happened
      if (firmware::is_snp_init(m)) firmware::release_page(ctx, m, spa{where});
      return 0;
    }));
    return told;
  };
  const bool undecided = passes && row != nullptr && row->keyed && done == status::bad_measurement;
  if (row == nullptr) return finish(done);
  const bool in_order = done != status::invalid_platform_state && done != status::invalid_command &&
                        done != status::invalid_page_state && done != status::rb_mode_exited;
  if (ctx.denies(rule::NEST_VSP_15, row->who == command_class::refused && in_order)) return undo(status::unsupported);
  if (ctx.denies(rule::NEST_VSP_14, row->who == command_class::kept && passes && in_order))
    return undo(status::unsupported);
  if (done != status::success && !undecided) return finish(done);
  if (row->id == command_id::receive_start && passes)
    v.sp.guests.at(layout::read_le<std::uint32_t>(seen.now(where >> 12).data() + where % 4096)).state =
        firmware::guest_state::rupdate;

  // The machine.
  if (!bind_active(ctx, l0, p, v)) return undo(status::resource_limit);
  if (!passes) {
    if (const auto& key = seen.waiting_key()) {
      firmware::byte_array<32> bytes{};
      std::ranges::copy(key->second, bytes.begin());
      if (const auto real = l0.asids.real_of(v.who, key->first))
        static_cast<void>(firmware::install_guest_key(p, *real, bytes));
    }
  } else {
    if (row->who == command_class::forwarded || row->who == command_class::shown) {
      std::uint32_t fresh = 0;
      if (row->id == command_id::launch_start || row->id == command_id::receive_start)
        fresh = layout::read_le<std::uint32_t>(seen.now(where >> 12).data() + where % 4096);
      detail::translation<Context, Physical, Virtual> way{ctx, l0, p, v, seen, *row, asked, before};
      way.had_asid_ = detail::has_asid(before, row->id, asked);
      const status told = way.run(fresh);
      const bool restores = ctx.applies(rule::NEST_VSP_03, told != status::success);
      const bool odd = ctx.denies(rule::NEST_VSP_02, !may_be_l1s(*row, told));
      if (told != status::success) {
        way.forget_new();
        return undo(odd ? status::hwerror_platform : told, restores);
      }
      done = status::success;
    }
    if (row->id == command_id::snp_feature_info_) detail::mask_features(ctx, v, seen, asked);
    if (row->who == command_class::forwarded)
      for (const std::uint64_t page : named) read_back(ctx, l0, p, v, page);
    if (ctx.applies(rule::NEST_VSP_18, row->who == command_class::pages))
      for (const std::uint64_t page : named)
        if (mirror_page(ctx, l0, p, v, page) != rmp::status::success) return undo(status::hwerror_platform);
    if (!detail::forget_gone(ctx, l0, p, v)) done = status::hwerror_unsafe;
    if (row->id == command_id::snp_init || row->id == command_id::snp_init_ex)  // L1's table may be a new one
      for (const auto& [page, behind] : v.map)
        if (!is_part(v.rmp, rmp::spfn{page}) && mirror_page(ctx, l0, p, v, page) != rmp::status::success)
          done = status::hwerror_unsafe;
  }
  unbind_idle(ctx, l0, v);
  return finish(done);
}
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto execute(Context& ctx, vsp_host& l0, Physical& p, Virtual& v, command_id id, std::uint64_t buffer = 0)
    -> firmware::status {
  return nested::execute(ctx, l0, p, v, static_cast<std::uint32_t>(id), buffer);
}

/// A virtual processor of L1 has executed WBINVD: that concerns L1's record of its ASIDs alone.   NEST-VSP-06
/// @param which  index into `v.hw.threads`
template <class Context, class Physical, class Virtual>
void note_wbinvd(Context& ctx, vsp_host& l0, Physical& p, Virtual& v, std::size_t which) {
  static_cast<void>(ctx);
  l1_view<typename Physical::memory_type> seen{p.memory, v.map, v.hidden, l0.asids, v.who, false};
  static_cast<void>(with_machine(seen, v, [&](auto& m) {
    firmware::note_wbinvd(m, which);
    return 0;
  }));
}

/// L1 is gone: everything that it had on the machine is given back.   NEST-VSP-29
/// @return false if the AMD-SP did not let go of something
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto tear_down(Context& ctx, vsp_host& l0, Physical& p, Virtual& v) -> bool {
  v.sp.guests.clear();
  v.sp.contexts.clear();
  v.rmp.reset();
  v.hidden.clear();
  bool done = detail::forget_gone(ctx, l0, p, v);
  for (const auto& [page, behind] : v.map)
    if (!behind.is_private && firmware::is_snp_init(p))
      done = detail::take_back(ctx, p, address_of(behind.page)) && done;
  unbind_idle(ctx, l0, v);
  return done;
}

}  // namespace sevspec::inline v0::nested

#endif
