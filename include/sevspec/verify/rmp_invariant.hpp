// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_INVARIANT_HPP
#define SEVSPEC_VERIFY_RMP_INVARIANT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::verify {

/// What stays true of a machine with a Reverse Map Table, whatever hosts, guests and devices do.
enum class rmp_invariant : std::uint8_t {
  inv_01 = 1,
  inv_02,
  inv_03,
  inv_04,
  inv_05,
  inv_06,
  inv_07,
  inv_08,
  inv_09,
  inv_10,
  inv_11,
  inv_12,
  inv_13,
  inv_14,
  inv_15,
  inv_16,
  inv_17,
  inv_18,
  inv_19,
  inv_20,
  inv_21,
  inv_22,
  inv_23,
  inv_24,
};

/// What an invariant is judged by. All have a predicate or, INV-18, a monitor. What lies outside the table its caller has to
/// say; and three say less than the sheet, because a table cannot tell: that failures leave memory alone (INV-15) and
/// that ACTIVATE wants a counter of 0 (INV-20) is tested where those operations are, and of INV-23 the state is judged,
/// not the commands.
enum class rmp_invariant_kind : std::uint8_t {
  table,       ///< the table
  surrounded,  ///< the table, and what lies around it: who runs, what TLBs hold, what is swapped out
  step,        ///< the table before and after a step, and who acted
  access,      ///< the table, and a reference that has happened
  trace,       ///< all references of a guest
};

struct rmp_invariant_info {
  const char* name;  ///< "INV-01"
  rmp_invariant_kind kind;
  const char* text;
};

inline constexpr std::array<rmp_invariant_info, 24> rmp_invariants{{
    {"INV-01", rmp_invariant_kind::table, "a page that is not assigned has no owner, no gPA and no history"},
    {"INV-02", rmp_invariant_kind::table, "a validated page is assigned to a guest"},
    {"INV-03", rmp_invariant_kind::table,
     "no two validated pages of a guest are seen at one gPA; guests must see to it"},
    {"INV-04", rmp_invariant_kind::table, "a page has one owner: an entry's format in memory loses nothing"},
    {"INV-05", rmp_invariant_kind::table,
     "a large page is aligned, and the entries inside it are assigned and nobody's"},
    {"INV-06", rmp_invariant_kind::table, "the first entry of a region counts the others that are assigned"},
    {"INV-07", rmp_invariant_kind::table, "VMSA pages are a guest's, or guest contexts, which are of 4K"},
    {"INV-08", rmp_invariant_kind::table, "VMPL 0 may do everything with a guest's page"},
    {"INV-09", rmp_invariant_kind::step, "RMPADJUST gives less privileged VMPLs no more than its own permissions"},
    {"INV-10", rmp_invariant_kind::access, "an assigned page is written by its owner through C=1, or by the AMD-SP"},
    {"INV-11", rmp_invariant_kind::step, "instructions change no immutable entry and none in use"},
    {"INV-12", rmp_invariant_kind::step, "a page that the host moves is not validated; PSMASH moves none"},
    {"INV-13", rmp_invariant_kind::step, "a page becomes validated by its owner's VMPL 0, or by the AMD-SP"},
    {"INV-14", rmp_invariant_kind::step, "the guest does not notice PSMASH"},
    {"INV-15", rmp_invariant_kind::step, "a step that fails or only looks changes nothing"},
    {"INV-16", rmp_invariant_kind::step, "an instruction changes its page and a count, or its region"},
    {"INV-17", rmp_invariant_kind::surrounded, "no TLB grants what the table denies, unless the guest forgot a flush"},
    {"INV-18", rmp_invariant_kind::trace, "a guest reads what it has written last, or faults"},
    {"INV-19", rmp_invariant_kind::access, "a private reference ends in the validated page that is seen at its gPA"},
    {"INV-20", rmp_invariant_kind::table, "the counter of an ASID is the number of its pages"},
    {"INV-21", rmp_invariant_kind::surrounded, "the pages of the table itself are Firmware pages"},
    {"INV-22", rmp_invariant_kind::surrounded, "a page is in use only while a virtual processor that runs uses it"},
    {"INV-23", rmp_invariant_kind::surrounded, "no more than one copy of a guest's page lives, swapped ones included"},
    {"INV-24", rmp_invariant_kind::table, "pages that are not covered are nobody's"},
}};

[[nodiscard]] constexpr auto info_of(rmp_invariant which) noexcept -> const rmp_invariant_info& {
  return rmp_invariants[static_cast<std::size_t>(which) - 1];
}
/// "INV-01"
[[nodiscard]] constexpr auto name_of(rmp_invariant which) noexcept -> const char* { return info_of(which).name; }

/// An invariant that does not hold.
struct rmp_violation {
  rmp_invariant broken{};
  rmp::spfn page{};       ///< the first page where it shows
  const char* what = "";  ///< one sentence: how it shows
  bool by_guest{};        ///< a guest broke its own discipline; the platform did as it should

  friend constexpr auto operator==(const rmp_violation& a, const rmp_violation& b) -> bool {
    return a.broken == b.broken && a.page == b.page;
  }
};

/// The first violation found, if any.
using rmp_finding = std::optional<rmp_violation>;

}  // namespace sevspec::inline v0::verify

#endif
