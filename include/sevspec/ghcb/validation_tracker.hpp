// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_VALIDATION_TRACKER_HPP
#define SEVSPEC_GHCB_VALIDATION_TRACKER_HPP

#include <cstdint>
#include <set>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <sevspec/rmp/result.hpp>

namespace sevspec::inline v0::ghcb {

/// What a guest makes of PVALIDATE's answer.
enum class validation_verdict : std::uint8_t {
  done,
  use_4k,     ///< the entry is of 4K pages: one PVALIDATE each (PST-03)
  terminate,  ///< an attack, or a failure: nothing may be done with the page
};

/// The set of pages that a guest has validated, which only the guest knows. Hardware notices a page that is validated
/// twice (CF), but not a second page that is given the first one's gPA: this set does (PST-01).
class validation_tracker {
 public:
  /// Before PVALIDATE(1): whether the page may be validated. A page that is in the set already is not validated again
  /// unless it was given up before, whatever #VC says (PST-01, VC-SEC-05).
  template <class Context>
  [[nodiscard]] auto may_validate(Context& ctx, gpa page, std::uint64_t pages = 1) const -> bool {
    bool twice = false;
    for (std::uint64_t i = 0; i < pages; ++i) twice = twice || held_.contains(frame(page) + i);
    return !ctx.denies(rule::PST_01, twice);
  }

  /// After PVALIDATE.
  /// @param pages  1, or those of a large page
  /// @param wanted  EDX: true validates, false gives up
  template <class Context>
  [[nodiscard]] auto after_pvalidate(Context& ctx, gpa page, std::uint64_t pages, bool wanted, const rmp::result& done)
      -> validation_verdict {
    if (ctx.applies(rule::PST_03, pages > 1 && done.eax == rmp::status::fail_sizemismatch))
      return validation_verdict::use_4k;
    if (!done.succeeded()) return validation_verdict::terminate;
    // "No change" of a first validation: somebody else has validated the page.
    if (ctx.denies(wanted ? rule::PST_01 : rule::PST_02, done.unchanged)) return validation_verdict::terminate;
    for (std::uint64_t i = 0; i < pages; ++i) {
      if (wanted) held_.insert(frame(page) + i);
      else held_.erase(frame(page) + i);
    }
    return validation_verdict::done;
  }

  [[nodiscard]] auto holds(gpa page) const -> bool { return held_.contains(frame(page)); }

  friend auto operator==(const validation_tracker&, const validation_tracker&) -> bool = default;

 private:
  [[nodiscard]] static auto frame(gpa page) -> std::uint64_t { return page.value >> 12; }

  std::set<std::uint64_t> held_;
};

}  // namespace sevspec::inline v0::ghcb

#endif
