// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_RANGE_LIST_HPP
#define SEVSPEC_FIRMWARE_RANGE_LIST_HPP

#include <algorithm>
#include <cstdint>
#include <expected>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/snp_command.hpp>

namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t most_ranges = 255;  ///< FW-SNP-INIT-22

/// Pages [first, first + count).
struct page_run {
  rmp::spfn first{};
  std::uint64_t count = 0;
  friend constexpr auto operator==(const page_run&, const page_run&) -> bool = default;
};

/// Reads a list of ranges, as SNP_INIT_EX and SNP_PAGE_SET_STATE take it: header and ranges inside one page.
/// FW-SNP-INIT-22
/// @param which      the rule that refuses a malformed list
/// @param alignment  of the ranges, in bytes
/// @return INVALID_ADDRESS, INVALID_CONFIG, INVALID_PARAM
template <class Context, class Machine>
[[nodiscard]] auto read_range_list(Context& ctx, const Machine& m, std::uint64_t list, rule which,
                                   std::uint64_t alignment) -> std::expected<std::vector<page_run>, status> {
  constexpr std::uint64_t header_bytes = layout::size_of<layout::snp_range_list_header>;
  constexpr std::uint64_t range_bytes = layout::size_of<layout::snp_range>;
  const std::uint64_t inside = target_of(m, list).value % 4096;
  if (ctx.denies(which, inside + header_bytes > 4096)) return std::unexpected{status::invalid_param};
  if (const status bad = check_range(ctx, m, list, header_bytes); bad != status::success) return std::unexpected{bad};
  const auto header = read_image<layout::snp_range_list_header>(ctx, m, list);
  const std::uint32_t told = header.num_elements();
  const bool fits =
      !layout::first_reserved_bit(header) && told <= most_ranges && inside + header_bytes + told * range_bytes <= 4096;
  if (ctx.denies(which, !fits)) return std::unexpected{status::invalid_param};
  std::vector<page_run> runs;
  for (std::uint32_t i = 0; i < std::min(told, most_ranges); ++i) {
    const auto one = read_image<layout::snp_range>(ctx, m, list + header_bytes + i * range_bytes);
    const bool well_formed = !layout::first_reserved_bit(one) && one.base() % alignment == 0;
    if (ctx.denies(which, !well_formed)) return std::unexpected{status::invalid_param};
    if (one.page_count() != 0) runs.push_back({page_of(spa{one.base()}), one.page_count()});
  }
  return runs;
}

/// The same pages as runs that neither overlap nor touch, ascending.
[[nodiscard]] inline auto merged(std::vector<page_run> runs) -> std::vector<page_run> {
  std::ranges::sort(runs, {}, [](const page_run& one) { return one.first; });
  std::vector<page_run> made;
  for (const page_run& one : runs) {
    if (made.empty() || one.first.value > made.back().first.value + made.back().count) {
      made.push_back(one);
    } else {
      page_run& last = made.back();
      last.count = std::max(last.count, one.first.value + one.count - last.first.value);
    }
  }
  return made;
}

}  // namespace sevspec::inline v0::firmware

#endif
