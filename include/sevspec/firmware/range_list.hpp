// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_RANGE_LIST_HPP
#define SEVSPEC_FIRMWARE_RANGE_LIST_HPP

#include <algorithm>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/page_list.hpp>
#include <sevspec/layout/snp_command.hpp>

namespace sevspec::inline v0::firmware {

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
                                   std::uint64_t alignment) -> std::expected<page_list, status> {
  constexpr std::uint64_t header_bytes = layout::size_of<layout::snp_range_list_header>;
  const std::uint64_t room = 4096 - target_of(m, list).value % 4096;
  if (ctx.denies(which, room < header_bytes)) return std::unexpected{status::invalid_param};
  if (const status bad = check_range(ctx, m, list, header_bytes); bad != status::success) return std::unexpected{bad};
  const auto header = read_image<layout::snp_range_list_header>(ctx, m, list);
  const std::uint64_t whole = header_bytes + std::uint64_t{header.num_elements()} * layout::size_of<layout::snp_range>;
  const std::uint64_t given = std::min(room, whole);  // what does not end in the page is refused below
  if (const status bad = check_range(ctx, m, list, given); bad != status::success) return std::unexpected{bad};
  byte_array<4096> page{};
  const std::span bytes = std::span{page}.first(given);
  read_plain(ctx, m, list, bytes);
  const auto read = read_page_list(bytes);
  if (ctx.denies(which, !read)) return std::unexpected{read.error()};
  page_list made = read.value_or(page_list{});
  bool well_formed = true;
  for (const page_list_element& one : made.ranges())
    well_formed = well_formed && one.reserved == 0 && one.base.value % alignment == 0;
  if (ctx.denies(which, !well_formed)) return std::unexpected{status::invalid_param};
  return made;
}
/// The pages of an element.
[[nodiscard]] constexpr auto run_of(const page_list_element& one) -> page_run { return {page_of(one.base), one.pages}; }

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
