// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_GUEST_HPP
#define SEVSPEC_FIRMWARE_SNP_GUEST_HPP

#include <algorithm>
#include <cstdint>
#include <optional>

#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/policy_check.hpp>
#include <sevspec/layout/snp_command.hpp>

/// The life of an SNP guest but for what it is launched with.   SNP ABI, chapter 8
namespace sevspec::inline v0::firmware {

/// SNP_GCTX_CREATE: a page of the firmware's becomes a guest context.   FW-SNP-GCC-01
/// @param page  the page's address
template <class Context, class Machine>
[[nodiscard]] auto snp_gctx_create(Context& ctx, Machine& m, std::uint64_t page) -> status {
  if (const status bad = check_page_address(ctx, page); bad != status::success) return bad;
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return bad;
  const spa where = target_of(m, page);
  if (const status bad = check_page(ctx, m, where); bad != status::success) return bad;
  const rmp::entry old = entry_at(m, where);
  if (ctx.denies(rule::FW_SNP_GCC_01, state_at(m, where) != rmp::page_state::firmware))
    return status::invalid_page_state;
  if (ctx.denies(rule::FW_SNP_GCC_01, old.large)) return status::invalid_page_size;
  const bool in_dram = std::any_of(m.hw.dram.begin(), m.hw.dram.end(),
                                   [&](const memory_range& region) { return region.contains(where, 4096); });
  if (ctx.denies(rule::FW_SNP_GCC_01, !in_dram)) return status::invalid_config;

  snp_guest made;
  made.vek = crypto::draw<32>(m.random);
  made.launch_tcb = m.sp.committed.tcb;
  made.launch_mitigation = m.hw.mitigation_vector;
  m.sp.contexts.insert_or_assign(where.value, made);
  rmp::entry context = firmware_entry(ctx, old);
  context.vmsa = true;
  put_entry(ctx, m, where, context);
  return status::success;
}

namespace detail {

/// The policy bits that this firmware knows.   FW-SNP-LST-02
template <class Machine>
[[nodiscard]] constexpr auto known_policy_bits(const Machine& m) -> std::uint64_t {
  std::uint64_t known = bit_range(20, 0);
  const newer_features& has = m.hw.features;
  if (has.cxl_policy) known |= std::uint64_t{1} << 21;
  if (has.aes_256_xts) known |= std::uint64_t{1} << 22;
  if (has.rapl_disable) known |= std::uint64_t{1} << 23;
  if (has.ciphertext_hiding) known |= std::uint64_t{1} << 24;
  if (has.verify_mitigation) known |= std::uint64_t{1} << 25;  // both came with 1.58
  return known;
}

/// Whether a policy asks for what the platform was not started with.
template <class Machine>
[[nodiscard]] constexpr auto lacks_demand(const Machine& m, layout::snp_guest_policy policy) -> bool {
  return (policy.rapl_dis() && !m.sp.rapl_disabled) || (policy.ciphertext_hiding_dram() && !m.sp.ciphertext_hiding) ||
         (policy.mem_aes_256_xts() && !m.hw.features.aes_256_xts);
}

}  // namespace detail

/// SNP_LAUNCH_START: a guest context becomes a guest.   FW-SNP-LST-01
template <class Context, class Machine>
[[nodiscard]] auto snp_launch_start(Context& ctx, Machine& m, const layout::cmd_snp_launch_start& cmd) -> status {
  layout::cmd_snp_launch_start but_policy = cmd;  // its reserved bits are POLICY_FAILURE
  but_policy.set_policy({});
  if (const status bad = check_reserved(ctx, but_policy); bad != status::success) return bad;
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const bool with_agent = cmd.flags().ma_en();
  if (with_agent)
    if (const status bad = check_page_address(ctx, cmd.ma_gctx_paddr()); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  if (ctx.denies(rule::FW_SNP_LST_01, guest->state != context_state::init)) return status::invalid_guest_state;
  const layout::snp_guest_policy policy = cmd.policy();
  snp_guest agent;
  if (with_agent) {
    const auto found = find_context(ctx, m, cmd.ma_gctx_paddr());
    if (!found) return found.code;
    agent = *found;
    if (ctx.denies(rule::FW_SNP_LST_01, !policy.migrate_ma() || agent.agent != no_agent)) return status::policy_failure;
  }
  const auto refusal = layout::check_policy(policy, {.api = {m.sp.current.api_major, m.sp.current.api_minor},
                                                     .smt_on = m.hw.smt,
                                                     .known_bits = detail::known_policy_bits(m)});
  if (ctx.denies(rule::FW_SNP_LST_01, refusal.has_value())) return status::policy_failure;
  if (ctx.denies(rule::FW_SNP_LST_02, detail::lacks_demand(m, policy))) return status::policy_failure;
  const bool apart = with_agent && policy.single_socket() && !agent.policy.single_socket();
  if (ctx.denies(rule::FW_SNP_LST_01, apart)) return status::policy_failure;

  guest->policy = policy;
  guest->launch_digest = {};
  guest->imd = {};
  guest->oek = crypto::draw<32>(m.random);
  guest->oek_iv_count = 0;
  for (auto& key : guest->vmpck) key = crypto::draw<32>(m.random);
  guest->message_count = {};
  guest->vmrk = crypto::draw<32>(m.random);
  guest->agent = with_agent ? target_of(m, cmd.ma_gctx_paddr()) : no_agent;
  guest->imi_en = cmd.flags().imi_en();
  guest->report_id = crypto::draw<32>(m.random);
  if (with_agent) guest->report_id_ma = agent.report_id;
  else guest->report_id_ma.fill(0xff);
  guest->gosvw = array_of<16>(cmd.gosvw());
  guest->desired_tsc_khz = cmd.desired_tsc_khz();
  guest->psp_tsc_offset = 0;
  guest->state = context_state::launch;
  ++m.sp.snp_guest_count;
  return status::success;
}

/// SNP_ACTIVATE: gives a guest an ASID on all core complexes.   FW-SNP-ACT-01
template <class Context, class Machine>
[[nodiscard]] auto snp_activate(Context& ctx, Machine& m, const layout::cmd_snp_activate& cmd) -> status {
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  if (const status bad = check_launched(ctx, *guest); bad != status::success) return bad;
  const asid id{cmd.asid()};
  const std::optional<std::uint64_t> pages = id.value > m.hw.max_asid ? std::nullopt : std::optional{pages_with(m, id)};
  const memory::snp_activation what{
      .pages = pages, .single_socket = guest->policy.single_socket(), .sockets = m.hw.sockets};
  const bool runs = guest->state == context_state::running;
  typename Machine::asids_type asids = m.asids;
  memory::guest_asid slot = guest->slot;
  const auto done = memory::snp_activate(ctx, asids, asid_ranges_of(m), slot, runs, what, id);
  return finish_activation(ctx, m, *guest, id, done, asids, slot);
}

namespace detail {

/// The core complexes on which an ASID is bound.
template <class Machine>
[[nodiscard]] auto complexes_of(const Machine& m, const memory::guest_asid& slot) -> complex_set<Machine> {
  complex_set<Machine> bound{};
  for (std::uint32_t i = 0; i < Machine::asids_type::complexes && slot.id != host_asid; ++i) {
    const memory::asid_state state = m.asids.state_of(slot.id, {i});
    bound[i] = state == memory::asid_state::allocated || state == memory::asid_state::in_use;
  }
  return bound;
}

/// SINGLE_SOCKET of SNP_ACTIVATE_EX: all core complexes on one socket, that of the migration agent if there is one.
template <class Machine>
[[nodiscard]] auto leaves_socket(const Machine& m, const snp_guest& guest, const complex_set<Machine>& chosen) -> bool {
  complex_set<Machine> all = complexes_of(m, guest.slot);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] || chosen[i];
  if (guest.agent != no_agent) {
    const auto agent = m.sp.contexts.find(guest.agent.value);
    const bool bound = agent != m.sp.contexts.end() && agent->second.report_id == guest.report_id_ma;
    if (!bound || agent->second.slot.id == host_asid) return true;
    const complex_set<Machine> theirs = complexes_of(m, agent->second.slot);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] || theirs[i];
  }
  std::optional<std::uint32_t> socket;
  for (const cpu_thread& one : m.hw.threads) {
    if (!all[one.complex]) continue;
    if (socket && *socket != one.socket) return true;
    socket = one.socket;
  }
  return false;
}

}  // namespace detail

/// SNP_ACTIVATE_EX: gives a guest an ASID on some core complexes, or on more of them.   FW-SNP-ACX-01
template <class Context, class Machine>
[[nodiscard]] auto snp_activate_ex(Context& ctx, Machine& m, const layout::cmd_snp_activate_ex& cmd) -> status {
  const bool malformed = cmd.ex_len() != layout::size_of<layout::cmd_snp_activate_ex>;
  if (ctx.denies(rule::FW_SNP_ACX_01, malformed)) return status::invalid_param;
  if (const status bad = check_reserved(ctx, cmd); bad != status::success) return bad;
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  if (const status bad = check_launched(ctx, *guest); bad != status::success) return bad;
  const asid id{cmd.asid()};
  const bool counted = guest->slot.id == host_asid && id.value <= m.hw.max_asid && pages_with(m, id) != 0;
  if (ctx.denies(rule::FW_SNP_ACX_01, counted)) return status::invalid_config;
  complex_set<Machine> chosen{};
  const bool runs = guest->state == context_state::running;
  const status checked = check_activation(ctx, m, guest->slot, {.kind = memory::guest_kind::snp, .runs = runs}, id,
                                          cmd.numids(), cmd.ids_paddr(), chosen);
  if (checked != status::success) return checked;
  const bool spread = guest->policy.single_socket() && detail::leaves_socket(m, *guest, chosen);
  if (ctx.denies(rule::FW_SNP_ACX_01, spread)) return status::policy_failure;
  if (m.hw.fails.asid_control) return status::hwerror_unsafe;
  bind_on(m, *guest, id, runs, chosen);
  return status::success;
}

/// SNP_GUEST_STATUS.   FW-SNP-GST-01
template <class Context, class Machine>
[[nodiscard]] auto snp_guest_status(Context& ctx, Machine& m, const layout::cmd_snp_guest_status& cmd) -> status {
  constexpr std::uint64_t size = layout::size_of<layout::snp_guest_status>;
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const bool crosses = target_of(m, cmd.status_paddr()).value % 4096 + size > 4096;
  if (ctx.denies(rule::FW_SNP_GST_01, crosses)) return status::invalid_param;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  const status bad = check_structure(ctx, m, cmd.status_paddr(), size, rule::FW_SNP_GST_01);
  if (bad != status::success) return bad;
  layout::snp_guest_status told;
  told.set_policy(guest->policy);
  told.set_asid(guest->slot.id.value);
  told.set_state(guest->state);
  told.set_flags(layout::snp_guest_status_flags{}.set_vcek_dis(guest->vcek_dis));
  write_plain(ctx, m, cmd.status_paddr(), told.bytes());
  return status::success;
}

/// Forgets a guest: its ASID becomes free, its context page the firmware's again.   FW-SNP-DEC-01
template <class Context, class Machine>
void forget_guest(Context& ctx, Machine& m, spa page) {
  const auto found = m.sp.contexts.find(page.value);
  if (found == m.sp.contexts.end()) return;
  if (found->second.slot.id != host_asid) release_asid(ctx, m, found->second.slot);
  // A context of before SNP_SHUTDOWN is not counted any more.
  const bool counted = found->second.state != context_state::init && m.sp.snp_guest_count != 0;
  if (counted) --m.sp.snp_guest_count;
  m.sp.contexts.erase(found);
  put_entry(ctx, m, page, firmware_entry(ctx, entry_at(m, page)));
}

/// SNP_DECOMMISSION: the guest is forgotten, in any of its states. Its pages stay as they are.   FW-SNP-DEC-01
/// @param page  the guest context's address
template <class Context, class Machine>
[[nodiscard]] auto snp_decommission(Context& ctx, Machine& m, std::uint64_t page) -> status {
  if (const status bad = check_page_address(ctx, page); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, page);
  if (!guest) return guest.code;
  if (guest->slot.id != host_asid && m.hw.fails.asid_control) return status::hwerror_unsafe;
  forget_guest(ctx, m, target_of(m, page));
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
