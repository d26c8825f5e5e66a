// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_ASID_COMMANDS_HPP
#define SEVSPEC_FIRMWARE_ASID_COMMANDS_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/memory/asid_activation.hpp>

/// ASIDs of guests: ACTIVATE, ACTIVATE_EX, DEACTIVATE, DF_FLUSH, and what threads have to do with them.
namespace sevspec::inline v0::firmware {

// --- WBINVD

/// A thread has executed WBINVD. A core complex is done when all of its threads are.   FW-ASID-05
/// @param which  index into `hw.threads`
template <class Machine>
constexpr void note_wbinvd(Machine& m, std::size_t which) {
  cpu_thread& by = m.hw.threads[which];
  by.written_back = true;
  const bool all = std::all_of(m.hw.threads.begin(), m.hw.threads.end(),
                               [&](const cpu_thread& one) { return one.complex != by.complex || one.written_back; });
  if (all) memory::note_wbinvd(m.asids, memory::ccx{by.complex});
}
/// A thread has executed WBNOINVD (OPEN-05).
template <class Context, class Machine>
constexpr void note_wbnoinvd(const Context& ctx, Machine& m, std::size_t which) {
  if (ctx.choices.wbnoinvd_counts) note_wbinvd(m, which);
}
/// All threads have.
template <class Machine>
constexpr void note_wbinvd_everywhere(Machine& m) {
  for (std::size_t i = 0; i < m.hw.threads.size(); ++i) note_wbinvd(m, i);
}
/// What the threads of a complex did does not count any more.
template <class Machine>
constexpr void forget_wbinvd(Machine& m, memory::ccx where) {
  for (cpu_thread& one : m.hw.threads)
    if (one.complex == where.value) one.written_back = false;
  m.asids.set_written_back(where, false);
}
/// Nobody waits for a core complex that has no threads.
template <class Machine>
constexpr void pass_over_absent(Machine& m) {
  for (std::uint32_t i = 0; i < Machine::asids_type::complexes; ++i) {
    const bool present =
        std::any_of(m.hw.threads.begin(), m.hw.threads.end(), [&](const cpu_thread& one) { return one.complex == i; });
    if (!present) m.asids.set_written_back({i}, true);
  }
}

/// As INIT and SNP_INIT leave the ASIDs: nothing is valid, everything is dirty, nobody has executed WBINVD. FW-ASID-04
template <class Machine>
constexpr void initialize_asids(Machine& m) {
  m.asids = typename Machine::asids_type{};
  for (cpu_thread& one : m.hw.threads) one.written_back = false;
  pass_over_absent(m);
}

/// Takes a guest's ASID.   FW-ASID-07; FW-ASID-11
/// @param slot  has an ASID
template <class Context, class Machine>
constexpr void release_asid(Context& ctx, Machine& m, memory::guest_asid& slot) {
  for (std::uint32_t i = 0; i < Machine::asids_type::complexes; ++i)
    if (m.asids.state_of(slot.id, {i}) == memory::asid_state::in_use) forget_wbinvd(m, {i});
  static_cast<void>(memory::deactivate(ctx, m.asids, slot));
  pass_over_absent(m);
}

// --- DF_FLUSH

/// What DF_FLUSH and SNP_DF_FLUSH share: all of it but the platform's state.   FW-ASID-06, 13
template <class Context, class Machine>
[[nodiscard]] constexpr auto flush_fabric(Context& ctx, Machine& m) -> status {
  const memory::asid_result done = memory::df_flush(ctx, m.asids);
  if (done && m.hw.fails.asid_control) return status::hwerror_unsafe;
  if (done && ctx.applies(rule::FW_ASID_14, m.sp.es)) m.sp.checksums_enabled = true;
  return done.status;
}
/// DF_FLUSH: makes ASIDs of former guests free again.   SEV API, DF_FLUSH
template <class Context, class Machine>
[[nodiscard]] constexpr auto df_flush(Context& ctx, Machine& m) -> status {
  const bool refused = ctx.choices.strict_df_flush_state && is_legacy_uninit(m);
  if (ctx.denies(rule::FW_ASID_12, refused)) return status::invalid_platform_state;
  return flush_fabric(ctx, m);
}
/// SNP_DF_FLUSH: the same.   SNP ABI, SNP_DF_FLUSH
template <class Context, class Machine>
[[nodiscard]] constexpr auto snp_df_flush(Context& ctx, Machine& m) -> status {
  const bool refused = ctx.choices.strict_df_flush_state && !is_snp_init(m);
  if (ctx.denies(rule::FW_ASID_12, refused)) return status::invalid_platform_state;
  return flush_fabric(ctx, m);
}

// --- ACTIVATE

/// RUNNING or SUPDATE: the guest runs as soon as it has an ASID.   FW-ASID-09
[[nodiscard]] constexpr auto has_been_launched(const sev_guest& guest) noexcept -> bool {
  return guest.state == guest_state::running || guest.state == guest_state::supdate;
}
[[nodiscard]] constexpr auto kind_of(const sev_guest& guest) noexcept -> memory::guest_kind {
  return guest.policy.es() ? memory::guest_kind::sev_es : memory::guest_kind::sev;
}

/// Puts the guest's key where its new ASID wants it.   FW-ASID-09; FW-ACT-10
template <class Machine, class Record>
constexpr void load_key(Machine& m, const Record& guest) {
  static_cast<void>(install_guest_key(m, guest.slot.id, guest.vek));
}

/// First-generation firmware asks for WBINVD here (OPEN-08).
template <class Context, class Machine>
[[nodiscard]] constexpr auto wants_wbinvd(const Context& ctx, const Machine& m, asid id) -> bool {
  if (!ctx.choices.activate_reports_wbinvd || !m.asids.any(id, memory::asid_state::dirty)) return false;
  for (std::uint32_t i = 0; i < Machine::asids_type::complexes; ++i)
    if (!m.asids.is_written_back({i})) return true;
  return false;
}

/// What ACTIVATE and SNP_ACTIVATE do with the verdict on an ASID.
/// @param asids, slot  as they are after the activation
template <class Context, class Machine, class Record>
[[nodiscard]] constexpr auto finish_activation(Context& ctx, Machine& m, Record& guest, asid id,
                                               const memory::asid_result& done,
                                               const typename Machine::asids_type& asids, memory::guest_asid slot)
    -> status {
  if (done.status == status::dfflush_required && wants_wbinvd(ctx, m, id)) return status::wbinvd_required;
  if (!done) return done.status;
  if (m.hw.fails.asid_control) return status::hwerror_unsafe;
  m.asids = asids;
  guest.slot = slot;
  load_key(m, guest);
  return status::success;
}

/// ACTIVATE: gives a guest an ASID on all core complexes.   SEV API, ACTIVATE
template <class Context, class Machine>
[[nodiscard]] constexpr auto activate(Context& ctx, Machine& m, const layout::cmd_activate& cmd) -> status {
  if (ctx.denies(rule::FW_ACT_01, m.sp.state != platform_state::working)) return status::invalid_platform_state;
  const auto found = m.sp.guests.find(cmd.handle());
  if (ctx.denies(rule::FW_ACT_02, found == m.sp.guests.end())) return status::invalid_guest;
  if (found == m.sp.guests.end()) return status::success;  // without the rule: nobody to activate
  sev_guest& guest = found->second;
  const asid id{cmd.asid()};
  const memory::activating_guest what{
      .kind = kind_of(guest), .runs = has_been_launched(guest), .sent = guest.state == guest_state::sent};
  typename Machine::asids_type asids = m.asids;
  memory::guest_asid slot = guest.slot;
  const memory::asid_result done = memory::activate(ctx, asids, asid_ranges_of(m), slot, what, id);
  return finish_activation(ctx, m, guest, id, done, asids, slot);
}

/// The core complexes that APIC IDs name: one flag for each.
template <class Machine>
using complex_set = std::array<bool, Machine::asids_type::complexes>;

/// ACTIVATE_EX and SNP_ACTIVATE_EX from the ASID on, until nothing can fail any more.   FW-ACT-32, 12 to 14, 33 to 35
/// @param chosen  receives the core complexes asked for
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_activation(Context& ctx, Machine& m, const memory::guest_asid& slot,
                                              const memory::activating_guest& what, asid id, std::uint32_t count,
                                              std::uint64_t list, complex_set<Machine>& chosen) -> status {
  using enum memory::asid_state;
  constexpr std::uint32_t complexes = Machine::asids_type::complexes;
  if (ctx.denies(rule::FW_ACT_32, id == host_asid || id.value > m.hw.max_asid)) return status::invalid_asid;
  if (ctx.denies(rule::FW_ACT_12, !m.hw.has_apic_table)) return status::unsupported;
  if (ctx.denies(rule::FW_ACT_13, count < 1 || count > 1024)) return status::invalid_param;
  const std::uint32_t entries = std::min<std::uint32_t>(count, 1024);
  if (const status bad = check_range(ctx, m, list, std::uint64_t{entries} * 4); bad != status::success) return bad;
  std::vector<std::uint8_t> ids(std::size_t{entries} * 4);
  read_plain(ctx, m, list, ids);
  bool all_present = true;
  for (std::size_t i = 0; i < entries; ++i) {
    const auto apic_id = layout::read_le<std::uint32_t>(ids.data() + 4 * i);
    const auto thread = std::find_if(m.hw.threads.begin(), m.hw.threads.end(),
                                     [&](const cpu_thread& one) { return one.apic_id == apic_id; });
    if (thread == m.hw.threads.end()) all_present = false;
    else chosen[thread->complex] = true;
  }
  if (ctx.denies(rule::FW_ACT_14, !all_present)) return status::invalid_config;
  if (ctx.denies(rule::FW_ACT_33, what.sent)) return status::invalid_guest_state;
  if (slot.id == host_asid) {
    if (ctx.denies(rule::FW_ACT_34, m.asids.any(id, dirty))) return status::dfflush_required;
    if (ctx.denies(rule::FW_ACT_34, m.asids.any(id, allocated) || m.asids.any(id, in_use))) return status::asid_owned;
  } else {
    if (ctx.denies(rule::FW_ACT_15, slot.id != id)) return status::active;
  }
  bool stale = false;
  for (std::uint32_t i = 0; i < complexes; ++i) stale = stale || (chosen[i] && m.asids.state_of(id, {i}) == dirty);
  if (ctx.denies(rule::FW_ACT_16, stale)) return status::dfflush_required;
  if (ctx.denies(rule::FW_ACT_35, !asid_ranges_of(m).of(what.kind).contains(id))) return status::invalid_asid;
  return status::success;
}

/// Binds an ASID on some core complexes, besides those it is bound on already.   FW-ACT-36
template <class Machine, class Record>
constexpr void bind_on(Machine& m, Record& guest, asid id, bool runs, const complex_set<Machine>& chosen) {
  const bool first = guest.slot.id == host_asid;
  guest.slot = {.id = id, .pending = !runs};
  for (std::uint32_t i = 0; i < Machine::asids_type::complexes; ++i) {
    if (!chosen[i]) continue;
    m.asids.set_state(id, {i}, runs ? memory::asid_state::in_use : memory::asid_state::allocated);
    m.asids.set_valid(id, {i}, runs);
  }
  if (first) load_key(m, guest);
}

/// ACTIVATE_EX: gives a guest an ASID on some core complexes, or on more of them.   SEV API, ACTIVATE_EX
template <class Context, class Machine>
[[nodiscard]] constexpr auto activate_ex(Context& ctx, Machine& m, const layout::cmd_activate_ex& cmd) -> status {
  if (ctx.denies(rule::FW_ACT_30, m.sp.state != platform_state::working)) return status::invalid_platform_state;
  if (ctx.denies(rule::FW_ACT_11, cmd.ex_len() != layout::size_of<layout::cmd_activate_ex>))
    return status::invalid_param;
  const auto found = m.sp.guests.find(cmd.handle());
  if (ctx.denies(rule::FW_ACT_31, found == m.sp.guests.end())) return status::invalid_guest;
  if (found == m.sp.guests.end()) return status::success;  // without the rule: nobody to activate
  sev_guest& guest = found->second;
  const bool runs = has_been_launched(guest);
  complex_set<Machine> chosen{};
  const status checked = check_activation(
      ctx, m, guest.slot, {.kind = kind_of(guest), .runs = runs, .sent = guest.state == guest_state::sent},
      {cmd.asid()}, cmd.numids(), cmd.ids_paddr(), chosen);
  if (checked != status::success) return checked;
  if (m.hw.fails.asid_control) return status::hwerror_unsafe;
  bind_on(m, guest, {cmd.asid()}, runs, chosen);
  return status::success;
}

/// DEACTIVATE: takes a guest's ASID, in any of its states.   SEV API, DEACTIVATE
template <class Context, class Machine>
[[nodiscard]] constexpr auto deactivate(Context& ctx, Machine& m, const layout::cmd_handle& cmd) -> status {
  if (ctx.denies(rule::FW_ACT_20, m.sp.state != platform_state::working)) return status::invalid_platform_state;
  const auto found = m.sp.guests.find(cmd.handle());
  if (ctx.denies(rule::FW_ACT_21, found == m.sp.guests.end())) return status::invalid_guest;
  if (found == m.sp.guests.end()) return status::success;  // without the rule: nobody to deactivate
  sev_guest& guest = found->second;
  if (ctx.denies(rule::FW_ACT_22, guest.slot.id == host_asid)) return status::inactive;
  if (m.hw.fails.asid_control) return status::hwerror_unsafe;
  if (guest.slot.id != host_asid) release_asid(ctx, m, guest.slot);
  return status::success;
}

/// The end of a launch: a pending guest may run.   FW-ASID-10
/// @return HARDWARE_UNSAFE if the ASID cannot be made valid
template <class Machine, class Record>
[[nodiscard]] constexpr auto make_runnable(Machine& m, Record& guest) -> status {
  if (guest.slot.pending && m.hw.fails.asid_control) return status::hwerror_unsafe;
  memory::finish_launch(m.asids, guest.slot);
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
