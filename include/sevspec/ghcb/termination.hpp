// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_TERMINATION_HPP
#define SEVSPEC_GHCB_TERMINATION_HPP

#include <cstdint>
#include <optional>

#include <gsl/assert>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/ghcb_request.hpp>

namespace sevspec::inline v0::ghcb {

/// Why a guest asks to be ended: a set of codes, and a code in it. Set 0 is the GHCB specification's; the others belong
/// to guests.   GHCB 2.3.1, 4.1.13
struct termination_reason {
  std::uint8_t set{};   ///< 0 to 15
  std::uint8_t code{};  ///< what it means is up to the set

  friend constexpr auto operator==(termination_reason, termination_reason) -> bool = default;
};

/// Set 0: the specification's.
inline constexpr termination_reason general_request{0, 0};
inline constexpr termination_reason version_not_supported{0, 1};
inline constexpr termination_reason features_not_supported{0, 2};
/// Set 1: Linux's.
inline constexpr termination_reason registration_failed{1, 0};
inline constexpr termination_reason page_state_change_failed{1, 1};
inline constexpr termination_reason pvalidate_failed{1, 2};
inline constexpr termination_reason cpuid_table_wrong{1, 4};
inline constexpr termination_reason cpuid_query_failed{1, 5};

/// The value of the GHCB MSR that asks for termination (GHCB-MSR-19).   GHCB 2.3.1
[[nodiscard]] constexpr auto msr_of(termination_reason why) -> std::uint64_t {
  return layout::ghcb_msr_term_req{}
      .set_info(layout::ghcb_msr_codes::term_req)
      .set_reason_set(why.set)
      .set_reason_code(why.code)
      .raw;
}

/// SW_EXITINFO1 of the termination event (GHCB-NAE-33).   GHCB 4.1.13
[[nodiscard]] constexpr auto exit_info_of(termination_reason why) -> std::uint64_t {
  return layout::ghcb_termination_info1{}.set_reason_set(why.set).set_reason_code(why.code).raw;
}

/// The reason in SW_EXITINFO1 of the termination event; its upper bits do not count.
[[nodiscard]] constexpr auto reason_in_exit_info(std::uint64_t info_1) noexcept -> termination_reason {
  const layout::ghcb_termination_info1 word{info_1};
  return {static_cast<std::uint8_t>(word.reason_set()), static_cast<std::uint8_t>(word.reason_code())};
}

/// What a reason means, in a few words; nullptr for codes that no public guest uses.
[[nodiscard]] constexpr auto meaning_of(termination_reason why) noexcept -> const char* {
  constexpr const char* set_0[] = {"general request", "GHCB protocol version range not supported",
                                   "SEV-SNP, or a feature that the guest needs, not supported"};
  constexpr const char* set_1[] = {
      "GHCB registration", "page state change failed",      "PVALIDATE failed", "not at VMPL0",
      "CPUID table",       "CPUID query of the hypervisor", "secrets page",     "no SVSM",
      "SVSM claims VMPL0", "SVSM CAA misaligned",           "secure TSC",       "SVSM calling area remap failed"};
  constexpr const char* set_15[] = {"general",
                                    "out of memory",
                                    "#VC not handled",
                                    "page state",
                                    "page could not be set",
                                    "no GHCB",
                                    "GHCB response",
                                    "firmware configuration",
                                    "BIOS format",
                                    "not at VMPL0",
                                    "SEV features of VMPL0",
                                    "wrong VMPL",
                                    "SEV features of VMPL1"};
  if (why.set == 0 && why.code < 3) return set_0[why.code];
  if (why.set == 1 && why.code < 12) return set_1[why.code];
  if (why.set == 15 && why.code < 13) return set_15[why.code];
  return nullptr;
}

}  // namespace sevspec::inline v0::ghcb

#endif
