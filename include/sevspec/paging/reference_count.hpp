// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_REFERENCE_COUNT_HPP
#define SEVSPEC_PAGING_REFERENCE_COUNT_HPP

namespace sevspec::inline v0::paging {

/// Page-table reads of one two-stage walk whose nested walks are all of one depth (PAG-CNT-02): every guest entry costs
/// a nested walk and its own read, the final gPA one nested walk more. The data access, RMP reads and A/D writes are
/// not counted (PAG-CNT-04).
/// @param guest_reads   guest entries read: 4 or 5 for a 4K page, one less for 2M, two less for 1G; 0 with paging off
/// @param nested_reads  nested entries read per nested walk, likewise
[[nodiscard]] constexpr auto table_reads(unsigned guest_reads, unsigned nested_reads) noexcept -> unsigned {
  return (guest_reads + 1) * (nested_reads + 1) - 1;
}

/// Page-table reads of one walk through three tables (PAG-CNT-03): every entry of the first two costs a walk of all
/// that lie below it. No hardware does that; shadow tables make it `table_reads(l2_guest_reads, shadow_reads)` for
/// each miss, and once `table_reads(l1_nested_reads, l0_nested_reads)` in software for each leaf of the shadow.
/// @param l2_guest_reads   entries of L2's own tables
/// @param l1_nested_reads  entries of L1's nested tables per walk
/// @param l0_nested_reads  entries of L0's nested tables per walk
[[nodiscard]] constexpr auto table_reads(unsigned l2_guest_reads, unsigned l1_nested_reads,
                                         unsigned l0_nested_reads) noexcept -> unsigned {
  return table_reads(l2_guest_reads, table_reads(l1_nested_reads, l0_nested_reads));
}

}  // namespace sevspec::inline v0::paging

#endif
