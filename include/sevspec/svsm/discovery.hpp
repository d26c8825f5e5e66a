// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_DISCOVERY_HPP
#define SEVSPEC_SVSM_DISCOVERY_HPP

#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/svsm_location.hpp>

/// How a guest finds out whether it runs under an SVSM.   torvalds/linux arch/x86/coco/sev; tianocore/edk2
namespace sevspec::inline v0::svsm {

/// Why a guest that needs an SVSM ends (SVSM-DISC-02).
inline constexpr ghcb::termination_reason no_secrets_page{1, 6};
inline constexpr ghcb::termination_reason no_svsm{1, 7};
inline constexpr ghcb::termination_reason svsm_at_vmpl_0{1, 8};
inline constexpr ghcb::termination_reason caa_misaligned{1, 9};

/// Where the SVSM is, or nothing: the guest runs at VMPL 0 itself.
/// @param probe_succeeds  RMPADJUST of an own page for VMPL 1 returned 0, which it does at VMPL 0 alone: neither the
///                        hypervisor nor a page it chose can say otherwise (SVSM-DISC-04)
/// @param page            the secrets page; nullptr if there is none of 4096 bytes
/// @return the reason to end with
template <class Context>
[[nodiscard]] constexpr auto discover(Context& ctx, bool probe_succeeds, const layout::secrets_page* page)
    -> std::expected<std::optional<layout::svsm_location>, ghcb::termination_reason> {
  if (ctx.applies(rule::SVSM_DISC_04, probe_succeeds)) return std::optional<layout::svsm_location>{};
  if (ctx.denies(rule::SVSM_DISC_02, page == nullptr)) return std::unexpected{no_secrets_page};
  if (page == nullptr) return std::optional<layout::svsm_location>{};
  const auto found = layout::find_svsm(*page);
  if (ctx.denies(rule::SVSM_DISC_02, !found)) return std::unexpected{no_svsm};
  if (!found) return found;
  if (ctx.denies(rule::SVSM_DISC_02, found->guest_vmpl == 0)) return std::unexpected{svsm_at_vmpl_0};
  if (ctx.denies(rule::SVSM_DISC_02, !is_aligned(found->caa, page_size::k4k))) return std::unexpected{caa_misaligned};
  return found;
}

/// CPUID 8000_001Fh EAX as software sees it under an SVSM: bit 28 is the SVSM's or the guest's own (SVSM-DISC-03).
template <class Context>
[[nodiscard]] constexpr auto visible_sev_features(Context& ctx, std::uint32_t eax, bool under_svsm) -> std::uint32_t {
  constexpr std::uint32_t svsm_present = std::uint32_t{1} << 28;
  return ctx.applies(rule::SVSM_DISC_03, under_svsm) ? eax | svsm_present : eax;
}

}  // namespace sevspec::inline v0::svsm

#endif
