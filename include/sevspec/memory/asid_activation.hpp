// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_ASID_ACTIVATION_HPP
#define SEVSPEC_MEMORY_ASID_ACTIVATION_HPP

#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/memory/asid_ranges.hpp>
#include <sevspec/memory/asid_states.hpp>
#include <sevspec/memory/cache.hpp>

/// How guests get ASIDs and give them back: the parts of the firmware's commands that concern the ASID. The commands
/// check the platform's state, the handle and the buffers before, and install the key after.
namespace sevspec::inline v0::memory {

/// The ASID part of a command: its status, and the rule that refused it.
struct asid_result {
  layout::sev_status_codes status = layout::sev_status_codes::success;
  rule decided_by = rule::none;

  [[nodiscard]] constexpr explicit operator bool() const noexcept {
    return status == layout::sev_status_codes::success;
  }
  friend constexpr auto operator==(const asid_result&, const asid_result&) -> bool = default;
};

/// Which ASID a guest has.
struct guest_asid {
  asid id{};       ///< 0: none
  bool pending{};  ///< allocated, and not valid before the launch is finished

  friend constexpr auto operator==(const guest_asid&, const guest_asid&) -> bool = default;
};

/// What ACTIVATE needs to know of a guest.
struct activating_guest {
  guest_kind kind = guest_kind::sev;
  bool runs = false;  ///< its launch is finished: RUNNING, or SUPDATE
  bool sent = false;  ///< SENT: it went to another machine
};

/// ACTIVATE: gives a guest an ASID on all core complexes.   SEV API, ACTIVATE; ENC-ASID-08
/// @param guest  the guest's record; changed only on success
/// @param id     the ASID asked for
/// @return SUCCESS, and then the caller puts the guest's key into the slot; INVALID_ASID, ASID_OWNED, ACTIVE,
///         INVALID_GUEST_STATE, DF_FLUSH_REQUIRED
template <class Context, class States>
[[nodiscard]] constexpr auto activate(Context& ctx, States& states, const asid_ranges& ranges, guest_asid& guest,
                                      const activating_guest& what, asid id) -> asid_result {
  using enum layout::sev_status_codes;
  if (ctx.denies(rule::FW_ACT_03, id == host_asid || id.value > ranges.highest)) return {invalid_asid, rule::FW_ACT_03};
  const bool owned = states.any(id, asid_state::allocated) || states.any(id, asid_state::in_use);
  if (ctx.denies(rule::FW_ACT_04, owned)) return {asid_owned, rule::FW_ACT_04};
  if (ctx.denies(rule::FW_ACT_05, guest.id != host_asid)) return {active, rule::FW_ACT_05};
  if (ctx.denies(rule::FW_ACT_06, what.sent)) return {invalid_guest_state, rule::FW_ACT_06};
  if (ctx.denies(rule::FW_ACT_07, states.any(id, asid_state::dirty))) return {dfflush_required, rule::FW_ACT_07};
  // What is neither owned nor dirty is clean on all core complexes: the check for that cannot fail here.
  if (ctx.denies(rule::FW_ACT_09, !ranges.of(what.kind).contains(id))) return {invalid_asid, rule::FW_ACT_09};

  guest = {.id = id, .pending = !what.runs};
  for (std::uint32_t i = 0; i < States::complexes; ++i) {
    states.set_state(id, {i}, what.runs ? asid_state::in_use : asid_state::allocated);
    states.set_valid(id, {i}, what.runs);
  }
  return {};
}

/// What SNP_ACTIVATE needs to know beyond ACTIVATE.
struct snp_activation {
  /// Pages of the ASID in the Reverse Map Table; nothing for an ASID that no page can have.
  std::optional<std::uint64_t> pages = 0;
  bool single_socket = false;  ///< the guest's policy, bit 20
  std::uint32_t sockets = 1;   ///< of the platform
};

/// SNP_ACTIVATE, after its checks of platform, guest context and guest state (LAUNCH or RUNNING).   SNP ABI 8.13
/// @param runs  the guest is RUNNING
/// @return as `activate`; INVALID_CONFIG, POLICY_FAILURE
template <class Context, class States>
[[nodiscard]] constexpr auto snp_activate(Context& ctx, States& states, const asid_ranges& ranges, guest_asid& guest,
                                          bool runs, const snp_activation& snp, asid id) -> asid_result {
  using enum layout::sev_status_codes;
  if (ctx.denies(rule::FW_ACT_03, !snp.pages)) return {invalid_asid, rule::FW_ACT_03};
  if (ctx.denies(rule::ENC_ASID_09, snp.pages.value_or(0) != 0)) return {invalid_config, rule::ENC_ASID_09};
  if (ctx.denies(rule::ENC_ASID_09, snp.single_socket && snp.sockets > 1)) return {policy_failure, rule::ENC_ASID_09};
  return activate(ctx, states, ranges, guest, {.kind = guest_kind::snp, .runs = runs}, id);
}

/// The end of a launch (LAUNCH_FINISH, RECEIVE_FINISH, SNP_LAUNCH_FINISH): a guest with an ASID may run from now on.
template <class States>
constexpr void finish_launch(States& states, guest_asid& guest) {
  if (!guest.pending) return;
  guest.pending = false;
  for (std::uint32_t i = 0; i < States::complexes; ++i) {
    if (states.state_of(guest.id, {i}) != asid_state::allocated) continue;  // ACTIVATE_EX left this one out
    states.set_state(guest.id, {i}, asid_state::in_use);
    states.set_valid(guest.id, {i}, true);
  }
}

/// DEACTIVATE: takes a guest's ASID. The key stays in the slot.   SEV API, DEACTIVATE; ENC-ASID-10
/// @return SUCCESS, INACTIVE
template <class Context, class States>
[[nodiscard]] constexpr auto deactivate(Context& ctx, States& states, guest_asid& guest) -> asid_result {
  if (ctx.denies(rule::FW_ACT_22, guest.id == host_asid)) return {layout::sev_status_codes::inactive, rule::FW_ACT_22};
  for (std::uint32_t i = 0; i < States::complexes; ++i) {
    const ccx where{i};
    if (states.state_of(guest.id, where) == asid_state::in_use) {
      states.set_state(guest.id, where, asid_state::dirty);
      states.set_valid(guest.id, where, false);
      states.set_written_back(where, false);
    } else if (states.state_of(guest.id, where) == asid_state::allocated) {
      states.set_state(guest.id, where, asid_state::clean);
    }
  }
  guest = {};
  return {};
}

/// All cores of a complex have executed WBINVD.
template <class States>
constexpr void note_wbinvd(States& states, ccx by) {
  states.set_written_back(by, true);
}
/// All cores of a complex have executed WBNOINVD. By default that counts for nothing (ENC-ASID-16).
template <class Context, class States>
constexpr void note_wbnoinvd(const Context& ctx, States& states, ccx by) {
  if (ctx.choices.wbnoinvd_counts) states.set_written_back(by, true);
}

/// DF_FLUSH and SNP_DF_FLUSH: makes ASIDs of former guests free again, all at once.   SEV API 5.10
/// @return SUCCESS; WBINVD_REQUIRED if a core complex has not executed it, while what the others have cleaned stays
///         clean
template <class Context, class States>
[[nodiscard]] constexpr auto df_flush(Context& ctx, States& states) -> asid_result {
  bool missing = false;
  for (std::uint32_t i = 0; i < States::complexes; ++i) missing = missing || !states.is_written_back({i});
  const bool refused = ctx.denies(rule::ENC_ASID_11, missing);
  for (std::uint32_t i = 0; i < States::complexes; ++i) {
    if (refused && !states.is_written_back({i})) continue;
    for (std::uint32_t id = 0; id <= States::highest; ++id)
      if (states.state_of({id}, {i}) == asid_state::dirty) states.set_state({id}, {i}, asid_state::clean);
  }
  if (refused) return {layout::sev_status_codes::wbinvd_required, rule::ENC_ASID_11};
  return {};
}

/// VMRUN's check of an encrypted guest's ASID.   APM vol. 2, 15.34.3
/// @param by  the core complex that executes VMRUN
/// @return VMEXIT_INVALID
template <class Context, class States>
[[nodiscard]] constexpr auto check_asid_runs(Context& ctx, const States& states, asid id, ccx by) -> outcome<void> {
  if (ctx.denies(rule::ENC_ASID_12, !states.is_valid(id, by)))
    return std::unexpected{fault{.kind = fault_kind::vmexit,
                                 .decided_by = rule::ENC_ASID_12,
                                 .code = static_cast<std::uint64_t>(layout::svm_exit_codes::invalid)}};
  return {};
}

}  // namespace sevspec::inline v0::memory

#endif
