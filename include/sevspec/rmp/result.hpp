// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RESULT_HPP
#define SEVSPEC_RMP_RESULT_HPP

#include <bit>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/page_range.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// EAX of an RMP instruction that completes; the instruction clears the upper half of RAX (RMP-INS-03, RMP-INS-05).
/// APM vol. 3, RMPUPDATE, PSMASH, RMPREAD, RMPQUERY, RMPADJUST, PVALIDATE
enum class status : std::uint32_t {
  success = 0,
  fail_input = 1,
  fail_permission = 2,
  fail_inuse = 3,         ///< retry
  fail_overlap = 4,       ///< RMPUPDATE
  fail_sizemismatch = 6,  ///< PVALIDATE, RMPADJUST
  fail_badaddr = 7,       ///< PSMASH
};

/// "FAIL_OVERLAP"
[[nodiscard]] constexpr auto name_of(status code) noexcept -> const char* {
  switch (code) {
    case status::success:           return "SUCCESS";
    case status::fail_input:        return "FAIL_INPUT";
    case status::fail_permission:   return "FAIL_PERMISSION";
    case status::fail_inuse:        return "FAIL_INUSE";
    case status::fail_overlap:      return "FAIL_OVERLAP";
    case status::fail_sizemismatch: return "FAIL_SIZEMISMATCH";
    case status::fail_badaddr:      return "FAIL_BADADDR";
  }
  return "?";
}

/// How an RMP instruction completes. Faults are `outcome`'s error.
struct result {
  status eax{};
  bool unchanged = false;        ///< PVALIDATE: the page had the wanted state already; it is CF
  bool assigned = false;         ///< RMPUPDATE: the page is assigned now, so RMPOPT's state of its gigabyte ends
  rule decided_by = rule::none;  ///< of a failure
  /// Pages whose translations were checked against entries that have changed: no TLB may use them any longer
  /// (RMP-UPD-12). Empty for instructions that flush nothing.
  page_range stale{};

  [[nodiscard]] constexpr auto succeeded() const noexcept -> bool { return eax == status::success; }
  friend constexpr auto operator==(const result&, const result&) -> bool = default;
};

/// A failure.
[[nodiscard]] constexpr auto fails(status code, rule why) noexcept -> result {
  return {.eax = code, .unchanged = false, .assigned = false, .decided_by = why, .stale = {}};
}

/// RFLAGS after an RMP instruction: as if EAX had been compared with 0; CF is PVALIDATE's, when it succeeds
/// (RMP-INS-06).
/// @param rflags  before
template <class Context>
[[nodiscard]] constexpr auto rflags_after(Context& ctx, std::uint64_t rflags, const result& done, bool pvalidate)
    -> std::uint64_t {
  constexpr std::uint64_t cf = 0x1, pf = 0x4, af = 0x10, zf = 0x40, sf = 0x80, of = 0x800;
  const auto eax = static_cast<std::uint32_t>(done.eax);
  rflags &= ~(pf | af | zf | sf | of);
  if (eax == 0) rflags |= zf;
  if (eax >> 31 != 0) rflags |= sf;
  if (std::popcount(eax & 0xff) % 2 == 0) rflags |= pf;
  const bool defined = pvalidate && done.succeeded();
  if (!defined && !ctx.choices.rmp_cf_other) return rflags;
  return (rflags & ~cf) | (defined && done.unchanged ? cf : 0);
}

}  // namespace sevspec::inline v0::rmp

#endif
