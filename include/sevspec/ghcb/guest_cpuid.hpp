// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_GUEST_CPUID_HPP
#define SEVSPEC_GHCB_GUEST_CPUID_HPP

#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/negotiation.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <sevspec/layout/cpuid_lookup.hpp>
#include <sevspec/layout/cpuid_page.hpp>

/// CPUID of an SNP guest: from the page that firmware checked, finished by the guest itself; the hypervisor is asked for
/// names of processors and nothing else.   SNP ABI 7.1, 8.17.2.6; torvalds/linux arch/x86/coco/sev/vc-shared.c
namespace sevspec::inline v0::ghcb {

/// What of the processor's state shows in CPUID.
struct cpuid_state {
  bool cr4_osxsave = false;
  bool cr4_pke = false;
  std::uint64_t xcr0 = 1;
  std::uint64_t xss = 0;
  bool under_svsm = false;  ///< the guest runs under an SVSM

  friend constexpr auto operator==(const cpuid_state&, const cpuid_state&) -> bool = default;
};

/// Whether a CPUID page may be used at all (VC-CPUID-01).
/// @return the guest's refusal: set 1, code 4
template <class Context, class Storage>
[[nodiscard]] constexpr auto check_cpuid_page(Context& ctx, const layout::basic_cpuid_page<Storage>& page)
    -> std::optional<guest_refusal> {
  if (ctx.denies(rule::VC_CPUID_01, !layout::cpuid_count(page)))
    return guest_refusal{rule::VC_CPUID_01, cpuid_table_wrong};
  return std::nullopt;
}

/// Before there is a GHCB: what two functions must say, or the guest is not where it thinks (VC-CPUID-06).
template <class Context>
[[nodiscard]] constexpr auto check_early_cpuid(Context& ctx, std::uint32_t function, const cpuid_result& found)
    -> std::optional<guest_refusal> {
  const bool too_few = function == 0x8000'0000 && found.eax < 0x8000'001f;
  const bool no_sev = function == 0x8000'001f && (found.eax & 2) == 0;
  if (ctx.denies(rule::VC_CPUID_06, too_few || no_sev)) return guest_refusal{rule::VC_CPUID_06, general_request};
  return std::nullopt;
}

namespace detail {

/// Whether the hypervisor is asked: for topology identifiers alone (VC-CPUID-05).
[[nodiscard]] constexpr auto asks_hypervisor(std::uint32_t function) noexcept -> bool {
  return function == 1 || function == 0xb || function == 0x8000'001e;
}

/// Whether a function is in one of the page's three ranges (VC-CPUID-03).
template <class Storage>
[[nodiscard]] constexpr auto in_range(const layout::basic_cpuid_page<Storage>& page, std::uint32_t function) -> bool {
  const auto up_to = [&](std::uint32_t first) {
    const auto row = layout::find_cpuid(page, first, 0);
    return function >= first && function <= (row ? row->eax() : 0);
  };
  return function <= (layout::find_cpuid(page, 0, 0) ? layout::find_cpuid(page, 0, 0)->eax() : 0) ||
         (function >= 0x4000'0000 && function < 0x8000'0000 && up_to(0x4000'0000)) ||
         (function >= 0x8000'0000 && up_to(0x8000'0000));
}

}  // namespace detail

/// Answers CPUID from the page (VC-CPUID-02 to VC-CPUID-05, VC-CPUID-07).
/// @param page  judged by `check_cpuid_page`
/// @param ask   `ask(function, subfunction) -> std::optional<cpuid_result>`: the hypervisor, by either protocol
/// @return the registers; or the guest's refusal
template <class Context, class Storage, class Ask>
[[nodiscard]] constexpr auto guest_cpuid(Context& ctx, const layout::basic_cpuid_page<Storage>& page,
                                         std::uint32_t function, std::uint32_t subfunction, const cpuid_state& state,
                                         Ask&& ask) -> std::expected<cpuid_result, guest_refusal> {
  const auto wrong = [](rule why, termination_reason reason) { return std::unexpected{guest_refusal{why, reason}}; };
  const auto row = layout::find_cpuid(page, function, subfunction);  // VC-CPUID-02
  cpuid_result found = row ? cpuid_result{row->eax(), row->ebx(), row->ecx(), row->edx()} : cpuid_result{};
  if (ctx.applies(rule::VC_CPUID_03, !row && !detail::in_range(page, function))) return cpuid_result{};

  cpuid_result theirs;
  if (detail::asks_hypervisor(function)) {
    const std::optional<cpuid_result> said = ask(function, subfunction);
    if (ctx.denies(rule::VC_CPUID_05, !said)) return wrong(rule::VC_CPUID_05, cpuid_query_failed);
    theirs = said.value_or(cpuid_result{});
  }
  const auto set = [](std::uint32_t& word, unsigned bit, bool value) {
    word = (word & ~(1U << bit)) | (value ? 1U << bit : 0U);
  };
  switch (function) {
    case 1:
      found.ebx = (found.ebx & 0x00ff'ffff) | (theirs.ebx & 0xff00'0000);  // initial APIC ID
      found.edx = (found.edx & ~(1U << 9)) | (theirs.edx & (1U << 9));     // APIC enabled
      set(found.ecx, 27, state.cr4_osxsave);
      break;
    case 7:
      if (subfunction == 0) set(found.ecx, 4, state.cr4_pke);
      break;
    case 0xb: found.edx = theirs.edx; break;  // x2APIC ID
    case 0xd: {
      if (subfunction > 1) break;
      bool compacted = false;
      if (subfunction == 1) {
        constexpr std::uint32_t xsavec = 2, xsaves = 8;
        const bool neither = (found.eax & (xsavec | xsaves)) == 0;
        if (ctx.denies(rule::VC_CPUID_04, neither)) return wrong(rule::VC_CPUID_04, cpuid_table_wrong);
        compacted = !neither;
      }
      const auto size =
          layout::xsave_area_size(page, state.xcr0 | (subfunction == 1 ? state.xss : 0),
                                  compacted ? layout::xsave_form::compacted : layout::xsave_form::standard);
      if (ctx.denies(rule::VC_CPUID_04, !size)) return wrong(rule::VC_CPUID_04, cpuid_table_wrong);
      found.ebx = size.value_or(0);
      break;
    }
    case 0x8000'001e:
      found.eax = theirs.eax;                                  // extended APIC ID
      found.ebx = (found.ebx & ~0xffU) | (theirs.ebx & 0xff);  // compute unit
      found.ecx = (found.ecx & ~0xffU) | (theirs.ecx & 0xff);  // node
      break;
    case 0x8000'001f:
      if (ctx.applies(rule::VC_CPUID_07, state.under_svsm)) set(found.eax, 28, true);
      break;
    default: break;
  }
  return found;
}

}  // namespace sevspec::inline v0::ghcb

#endif
