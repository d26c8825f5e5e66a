// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_RMP_PAINTING_HPP
#define SEVSPEC_FIRMWARE_RMP_PAINTING_HPP

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/range_list.hpp>

/// What SNP_INIT makes of the Reverse Map Table.   FW-SNP-INIT-20
namespace sevspec::inline v0::firmware {

namespace detail {

/// How many pages, from page 0 on, a table covers. (Coverage has no holes.)
template <class Machine>
[[nodiscard]] constexpr auto covered_pages(const Machine& m) -> std::uint64_t {
  std::uint64_t low = 0;
  std::uint64_t high = 1;
  while (m.rmp.covers({high - 1}) && high < std::uint64_t{1} << 40) low = high, high *= 2;
  while (low < high) {  // page low - 1 is covered, page high is not
    const std::uint64_t middle = low + (high - low) / 2;
    if (m.rmp.covers({middle})) low = middle + 1;
    else high = middle;
  }
  return low;
}

template <class Machine>
constexpr void paint(Machine& m, std::uint64_t covered, page_run run, const rmp::entry& with) {
  const std::uint64_t end = std::min(covered, run.first.value + run.count);
  for (std::uint64_t page = run.first.value; page < end; ++page) m.rmp.put({page}, with);
}

[[nodiscard]] constexpr auto run_of(const memory_range& range) -> page_run {
  const std::uint64_t first = range.base.value / 4096;
  return {{first}, (range.base.value + range.bytes + 4095) / 4096 - first};
}

}  // namespace detail

/// Whether all of the table itself will be the hypervisor's before the last stroke.   FW-SNP-INIT-20
template <class Machine>
[[nodiscard]] auto can_paint_rmp(const Machine& m) -> bool {
  const memory_range own = table_range(m);
  const auto touches_own = [&](const memory_range& area) { return area.overlaps(own.base, own.bytes); };
  const bool in_dram = std::any_of(m.hw.dram.begin(), m.hw.dram.end(),
                                   [&](const memory_range& region) { return region.contains(own.base, own.bytes); });
  const bool disturbed =
      (m.hw.tseg && touches_own(*m.hw.tseg)) || (m.hw.aseg_in_use && touches_own(aseg)) || touches_own(hypertransport);
  return own.bytes == 0 || (in_dram && !disturbed);
}

/// Paints the table: later strokes lie over earlier ones.   FW-SNP-INIT-20, 21
/// @param fixed  the ranges of RANGE_LIST
/// @pre   `can_paint_rmp`
template <class Machine>
void paint_rmp(Machine& m, std::span<const page_run> fixed) {
  using table = typename Machine::table_type;
  const std::uint64_t covered = detail::covered_pages(m);
  const memory_range own = table_range(m);
  if constexpr (requires { m.rmp.reset(); }) {
    m.rmp.reset();
  } else {
    for (std::uint64_t page = 0; page < covered; ++page) m.rmp.put({page}, {});
    if constexpr (requires { m.rmp.count_pages(asid{}, m.rmp.pages_of(asid{})); })  // whatever memory held before
      for (asid id{}; id.value <= m.hw.max_asid; ++id.value) m.rmp.count_pages(id, -m.rmp.pages_of(id));
  }
  constexpr rmp::entry hv_fixed{.immutable = true};
  std::vector<page_run> memory;  // whole pages of DRAM
  for (const memory_range& region : m.hw.dram) {
    const std::uint64_t first = (region.base.value + 4095) / 4096;
    const std::uint64_t end = (region.base.value + region.bytes) / 4096;
    if (end > first) memory.push_back({{first}, end - first});
  }
  std::uint64_t next = 0;
  for (const page_run& run : merged(memory)) {  // what lies between is no memory
    if (run.first.value > next) detail::paint(m, covered, {{next}, run.first.value - next}, hv_fixed);
    next = run.first.value + run.count;
  }
  if (next < covered) detail::paint(m, covered, {{next}, covered - next}, hv_fixed);
  for (const page_run& run : fixed) {
    for (std::uint64_t i = 0; i < run.count && run.first.value + i < covered; ++i) {
      const rmp::spfn page{run.first.value + i};
      if (!own.overlaps(address_of(page), 4096)) m.rmp.put(page, hv_fixed);
    }
  }
  if (m.hw.tseg) detail::paint(m, covered, detail::run_of(*m.hw.tseg), hv_fixed);
  if (m.hw.aseg_in_use) detail::paint(m, covered, detail::run_of(aseg), hv_fixed);
  detail::paint(m, covered, detail::run_of(hypertransport), hv_fixed);
  if (own.bytes == 0) return;
  const page_run table_run = detail::run_of(own);
  constexpr rmp::entry firmware_page{.assigned = true, .immutable = true, .locked = true};
  detail::paint(m, covered, table_run, firmware_page);
  for (std::uint64_t i = 0; i < table_run.count; ++i) {  // how many of a region are assigned, but for its first page
    const rmp::spfn page{table_run.first.value + i};
    const rmp::spfn head = rmp::large_page_base<table>(page);
    if (page == head || !m.rmp.covers(page)) continue;
    rmp::entry counting = m.rmp.entry_of(head);
    counting.sub_page_count = static_cast<std::uint16_t>(counting.sub_page_count + 1);
    m.rmp.put(head, counting);
  }
}

}  // namespace sevspec::inline v0::firmware

#endif
