// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_COST_VIEW_HPP
#define SEVSPEC_MIGRATION_COST_VIEW_HPP

#include <array>
#include <cstddef>
#include <cstdint>

/// What protection may cost: events counted by the model, times a table of costs. The counts are facts of the
/// architecture; the costs are somebody's measurement or an assumption, and say so; so the product is a prediction, of an
/// order at best.   docs/costs.md
namespace sevspec::inline v0::migration {

enum class protection : std::uint8_t { none, sev, sev_es, sev_snp };

/// "none", "SEV", "SEV-ES", "SEV-SNP".
[[nodiscard]] constexpr auto name_of(protection kind) noexcept -> const char* {
  switch (kind) {
    case protection::none:    return "none";
    case protection::sev:     return "SEV";
    case protection::sev_es:  return "SEV-ES";
    case protection::sev_snp: return "SEV-SNP";
  }
  return "?";
}

/// What a guest does.
struct workload {
  std::uint64_t exits = 0;          ///< that its hypervisor answers and its kernel asks for: I/O, CPUID, hypercalls
  std::uint64_t touched_pages = 0;  ///< 4K pages that it uses for the first time, populated as they are touched
  std::uint64_t shared_pages = 0;   ///< 4K pages that it makes shared, each in a 2M page of its own
};

/// What happens in the model.
struct event_counts {
  std::uint64_t switches = 0;  ///< out of a guest and into one again
  std::uint64_t vc = 0;        ///< automatic exits (HLT, interrupts) raise none
  std::uint64_t nested_faults = 0;
  std::uint64_t rmpupdate = 0;
  std::uint64_t psmash = 0;
  std::uint64_t pvalidate = 0;
  std::uint64_t tlb_flushes = 0;  ///< of all processors: one for each write to the Reverse Map Table

  friend constexpr auto operator==(const event_counts&, const event_counts&) -> bool = default;
};

/// Counts. In a nested guest each exit that its own hypervisor answers takes two out and two in: to L0, to L1, back to
/// L0, back.
/// @param nested  the guest's hypervisor is a guest
[[nodiscard]] constexpr auto count_events(const workload& work, protection kind, bool nested) noexcept -> event_counts {
  const std::uint64_t levels = nested ? 2 : 1;
  event_counts made;
  made.nested_faults = work.touched_pages;
  made.switches = levels * (work.exits + work.touched_pages);
  if (kind == protection::sev_es || kind == protection::sev_snp) made.vc = work.exits;
  if (kind != protection::sev_snp) return made;
  made.vc += work.touched_pages;  // 404h
  made.rmpupdate = work.touched_pages + work.shared_pages;
  made.pvalidate = work.touched_pages + work.shared_pages;
  made.psmash = work.shared_pages;
  made.switches += levels * 2 * work.shared_pages;            // SIZEM, and the page state change
  if (nested) made.switches += made.rmpupdate + made.psmash;  // L1 asks L0 for each
  made.tlb_flushes = made.rmpupdate + made.psmash + made.pvalidate;
  return made;
}

/// Where a cost comes from.
enum class cost_origin : std::uint8_t {
  unit,      ///< by definition
  measured,  ///< a published measurement, on one machine
  assumed,   ///< nobody has published it; change it and look what follows
};

/// One row of the table, in plain world switches.
struct cost {
  double value = 0;
  cost_origin origin = cost_origin::assumed;
};

/// What events cost. A switch includes its #VC, because the measurement does.
struct cost_table {
  std::array<cost, 4> one_switch{cost{1, cost_origin::unit}, cost{1.41, cost_origin::measured},
                                 cost{1.41 * 2.9, cost_origin::measured},
                                 cost{1.41 * 2.9 * 0.88, cost_origin::measured}};  ///< by `protection`
  cost nested_fault{0.5};
  cost rmpupdate{1};
  cost psmash{1};
  cost pvalidate{0.5};
  cost tlb_flush{0.5};
};

/// Counts times costs: a prediction, in plain world switches.
[[nodiscard]] constexpr auto predicted_cost(const event_counts& counted, protection kind, const cost_table& table = {})
    -> double {
  const auto times = [](std::uint64_t count, const cost& each) { return static_cast<double>(count) * each.value; };
  return times(counted.switches, table.one_switch[static_cast<std::size_t>(kind)]) +
         times(counted.nested_faults, table.nested_fault) + times(counted.rmpupdate, table.rmpupdate) +
         times(counted.psmash, table.psmash) + times(counted.pvalidate, table.pvalidate) +
         times(counted.tlb_flushes, table.tlb_flush);
}
[[nodiscard]] constexpr auto predicted_cost(const workload& work, protection kind, bool nested,
                                            const cost_table& table = {}) -> double {
  return predicted_cost(count_events(work, kind, nested), kind, table);
}

/// Whether none < SEV < SEV-ES < SEV-SNP is predicted.
[[nodiscard]] constexpr auto is_usual_order(const workload& work, bool nested, const cost_table& table = {}) -> bool {
  double last = -1;
  for (const protection kind : {protection::none, protection::sev, protection::sev_es, protection::sev_snp}) {
    const double now = predicted_cost(work, kind, nested, table);
    if (now <= last) return false;
    last = now;
  }
  return true;
}

}  // namespace sevspec::inline v0::migration

#endif
