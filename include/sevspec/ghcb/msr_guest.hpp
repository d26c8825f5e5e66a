// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_MSR_GUEST_HPP
#define SEVSPEC_GHCB_MSR_GUEST_HPP

#include <cstdint>
#include <expected>
#include <optional>
#include <variant>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/negotiation.hpp>
#include <sevspec/ghcb/termination.hpp>

/// The guest's side of the MSR protocol, as a state machine: what it may ask next, and what it does with an answer.
namespace sevspec::inline v0::ghcb {

/// How far a guest has come.
enum class guest_stage : std::uint8_t {
  reset,       ///< nothing is agreed: versions may be asked for, CPUID, and termination
  negotiated,  ///< a version is agreed
  registered,  ///< the hypervisor knows the GHCB (SNP)
  terminated,  ///< the guest has asked to be ended: it only asks again
};

/// One vCPU's view of the protocol. A regular value.
struct msr_session {
  guest_stage stage = guest_stage::reset;
  version_range own{};
  bool snp = true;
  std::uint64_t needed_features = 0;   ///< without these the guest does not run
  std::uint16_t version = 0;           ///< negotiated; 0: not yet
  std::uint64_t features = 0;          ///< of the hypervisor
  std::optional<gpa> page{};           ///< the GHCB in use
  std::uint64_t msr = 0;               ///< what the MSR holds
  std::optional<msr_message> asked{};  ///< the request that is under way
  std::uint64_t saved = 0;             ///< the MSR before the request

  friend constexpr auto operator==(const msr_session&, const msr_session&) -> bool = default;
};

/// The code that answers a request: the request's plus 1, except that 001h answers 002h (GHCB-MSR-31). Nothing answers
/// a termination, a GHCB's address, or a response.
[[nodiscard]] constexpr auto response_code(layout::ghcb_msr_codes request) noexcept
    -> std::optional<layout::ghcb_msr_codes> {
  using enum layout::ghcb_msr_codes;
  switch (request) {
    case sev_info_req:      return sev_info_resp;
    case cpuid_req:         return cpuid_resp;
    case ap_reset_hold_req: return ap_reset_hold_resp;
    case pref_gpa_req:      return pref_gpa_resp;
    case reg_gpa_req:       return reg_gpa_resp;
    case psc_req:           return psc_resp;
    case vmpl_req:          return vmpl_resp;
    case hv_features_req:   return hv_features_resp;
    default:                return std::nullopt;
  }
}

/// Writes a request to the MSR, before VMGEXIT.
///
/// The value that the MSR had is kept until the answer is read: in between no #VC may come, since it would find a
/// request where it expects its GHCB (GHCB-MSR-30).
/// @return the value to write; or the rule that forbids the request now
template <class Context>
[[nodiscard]] constexpr auto ask(Context& ctx, msr_session& guest, const msr_message& what)
    -> std::expected<std::uint64_t, rule> {
  const std::uint64_t value = encode_msr(what);
  const auto code = msr_code(value);
  const bool ends = std::holds_alternative<message::termination_request>(what);
  Expects(ends || response_code(code).has_value());  // a request
  // What is version 2's, or SNP's, is not asked of a hypervisor that does not know it (GHCB-NEG-05, GHCB-NEG-04).
  const bool of_version_2 = !ends && code != layout::ghcb_msr_codes::sev_info_req &&
                            code != layout::ghcb_msr_codes::cpuid_req && guest.version < 2;
  if (ctx.denies(rule::GHCB_MSR_17, of_version_2)) return std::unexpected{rule::GHCB_MSR_17};
  const bool of_snp = std::holds_alternative<message::register_request>(what) ||
                      std::holds_alternative<message::preferred_request>(what) ||
                      std::holds_alternative<message::page_state_request>(what) ||
                      std::holds_alternative<message::run_vmpl_request>(what);
  if (ctx.denies(rule::GHCB_MSR_09, of_snp && !guest.snp)) return std::unexpected{rule::GHCB_MSR_09};
  if (ctx.denies(rule::GHCB_MSR_19, guest.stage == guest_stage::terminated && !ends))
    return std::unexpected{rule::GHCB_MSR_19};
  guest.saved = guest.msr;
  guest.msr = value;
  guest.asked = what;
  if (ends) guest.stage = guest_stage::terminated;
  return value;
}

/// Whether a #VC handler finds its GHCB in the MSR, and not a request of the code that it interrupted (GHCB-MSR-30).
template <class Context>
[[nodiscard]] constexpr auto finds_its_ghcb(Context& ctx, std::uint64_t msr) -> bool {
  return !ctx.denies(rule::GHCB_MSR_30, bits<11, 0>::get(msr) != 0 || msr == 0);
}

/// Refuses CPUID by MSR where a sub-function counts: the protocol has none (GHCB-MSR-05).
/// @param indexed  the function has sub-functions
template <class Context>
[[nodiscard]] constexpr auto cpuid_request_for(Context& ctx, std::uint32_t function, std::uint32_t subfunction,
                                               std::uint8_t which, bool indexed)
    -> std::expected<message::cpuid_request, rule> {
  if (ctx.denies(rule::GHCB_MSR_05, indexed && subfunction != 0)) return std::unexpected{rule::GHCB_MSR_05};
  return message::cpuid_request{function, which};
}

/// Reads the MSR after VMGEXIT.   GHCB 2.3; torvalds/linux arch/x86/coco/sev; coconut-svsm/svsm
///
/// A guest believes nothing that it can check: the code, echoed fields, reserved bits (GHCB-MSR-31).
/// @param value  what the hypervisor left in the MSR
/// @return the response; or a refusal. The guest ends then; what it may still do without the answer is its own affair.
template <class Context>
[[nodiscard]] constexpr auto accept(Context& ctx, msr_session& guest, std::uint64_t value)
    -> std::expected<msr_message, guest_refusal> {
  Expects(guest.asked.has_value());
  const auto refuse = [](rule why, termination_reason reason) { return std::unexpected{guest_refusal{why, reason}}; };
  const msr_message request = *guest.asked;
  guest.asked.reset();
  guest.msr = guest.saved;  // restored, whatever the answer is (GHCB-MSR-30)
  if (std::holds_alternative<message::termination_request>(request))
    return refuse(rule::GHCB_MSR_19, general_request);  // a guest that was to be ended asks again

  // Versions have a rule of their own, and a reserved field that no guest looks at.
  if (std::holds_alternative<message::version_request>(request)) {
    const auto version = negotiate_version(ctx, value, guest.own, guest.snp);
    if (!version) return std::unexpected{version.error()};
    guest.version = *version;
    if (guest.stage == guest_stage::reset) guest.stage = guest_stage::negotiated;
    const layout::ghcb_msr_sev_info_resp word{value};
    return message::version_response{static_cast<std::uint16_t>(word.max_version()),
                                     static_cast<std::uint16_t>(word.min_version()),
                                     static_cast<std::uint8_t>(word.cbit())};
  }

  const auto decoded = decode_msr(value);
  const bool right_code = decoded && msr_code(value) == response_code(msr_code(encode_msr(request)));
  const auto* const registered = std::get_if<message::register_request>(&request);
  if (ctx.denies(rule::GHCB_MSR_31, !right_code))
    return refuse(rule::GHCB_MSR_31, registered != nullptr ? registration_failed : general_request);
  if (!decoded) return refuse(rule::none, general_request);  // without the rule: still no message
  if (const auto* const change = std::get_if<message::page_state_response>(&decoded->what)) {
    if (ctx.denies(rule::GHCB_PSC_20, change->error != 0 || decoded->reserved != 0))
      return refuse(rule::GHCB_PSC_20, page_state_change_failed);
    return decoded->what;
  }
  if (ctx.denies(rule::GHCB_MSR_31, decoded->reserved != 0)) return refuse(rule::GHCB_MSR_31, general_request);
  if (const auto* const cpuid_asked = std::get_if<message::cpuid_request>(&request)) {
    const auto* const answer = std::get_if<message::cpuid_response>(&decoded->what);
    if (ctx.denies(rule::GHCB_MSR_06, answer != nullptr && answer->which != cpuid_asked->which))
      return refuse(rule::GHCB_MSR_06, general_request);
  }
  if (registered != nullptr) {
    const auto* const answer = std::get_if<message::register_response>(&decoded->what);
    if (ctx.denies(rule::GHCB_REG_02, answer == nullptr || answer->frame != registered->frame))
      return refuse(rule::GHCB_REG_02, registration_failed);
    guest.msr = registered->frame << 12;          // page-protocol requests go there from now on
    const bool is_page = registered->frame != 0;  // 0 takes the last one away (GHCB-REG-03)
    guest.page = is_page ? std::optional{gpa{guest.msr}} : std::nullopt;
    guest.stage = is_page ? guest_stage::registered : guest_stage::negotiated;
  }
  if (const auto* const answer = std::get_if<message::features_response>(&decoded->what)) {
    const auto features = check_features(ctx, guest.version, answer->features, guest.needed_features);
    if (!features) return std::unexpected{features.error()};
    guest.features = *features;
  }
  return decoded->what;
}

}  // namespace sevspec::inline v0::ghcb

#endif
