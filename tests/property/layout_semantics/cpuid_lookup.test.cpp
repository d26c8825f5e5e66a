// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <property/property.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/cpuid_lookup.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::cpuid_page;
using layout::xsave_form;

struct component {
  std::uint64_t size, offset, flags;
};

struct described {
  cpuid_page page;
  std::map<unsigned, component> components;  ///< the first record of each
};

/// Records of Fn0000_000D in any order, some twice, others' in between.
auto any_page() -> described {
  described made;
  std::vector<std::uint32_t> subs = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(0U, 14U));
  if (*rc::gen::inRange(0, 8) == 0) subs.push_back(62);
  if (subs.size() > 64) subs.resize(64);
  std::size_t at = 16;
  for (const std::uint32_t sub : subs) {
    const auto function = *rc::gen::weightedElement<std::uint32_t>({{10, 0xD}, {1, 0xE}});
    const component one{
        *rc::gen::weightedOneOf<std::uint32_t>(
            {{12, rc::gen::inRange(0U, 0x400U)}, {1, rc::gen::element(0xFFFF'FFFFU, 0x8000'0000U, 0xFFFF'FDC0U)}}),
        *rc::gen::weightedOneOf<std::uint32_t>(
            {{12, rc::gen::inRange(0U, 0xA00U)}, {1, rc::gen::element(0xFFFF'FFFFU, 0x8000'0000U)}}),
        *rc::gen::inRange(0U, 8U)};
    put_le(made.page.bytes(), at, 4, function);
    put_le(made.page.bytes(), at + 4, 4, sub);
    put_le(made.page.bytes(), at + 0x18, 4, one.size);
    put_le(made.page.bytes(), at + 0x1C, 4, one.offset);
    put_le(made.page.bytes(), at + 0x20, 4, one.flags);
    if (function == 0xD) made.components.try_emplace(sub, one);
    at += 48;
  }
  put_le(made.page.bytes(), 0, 4, subs.size());
  return made;
}

/// APM vol. 2, 11.5: where every component starts, then the furthest end.
auto expected_size(const described& made, std::uint64_t enabled, bool compacted) -> std::optional<std::uint32_t> {
  std::uint64_t end = 512 + 64;
  for (unsigned i = 2; i < 63; ++i) {
    if ((enabled >> i & 1) == 0) continue;
    const auto found = made.components.find(i);
    if (found == made.components.end()) return std::nullopt;
    const auto& [size, offset, flags] = found->second;
    const bool supervisor = flags % 2 == 1;
    if (!compacted && supervisor) continue;
    const std::uint64_t start = !compacted ? offset : flags / 2 % 2 == 1 ? (end + 63) & ~std::uint64_t{63} : end;
    end = std::max(end, start + size);
  }
  if (end > 0xFFFF'FFFF) return std::nullopt;
  return static_cast<std::uint32_t>(end);
}

}  // namespace

TEST_CASE("the size of the XSAVE area", "[property][layout]") {
  tally classes;
  property("in both forms", 4000, [&] {
    const described made = any_page();
    // Mostly components that are there.
    std::uint64_t enabled = *rc::gen::inRange<std::uint64_t>(0, 4);
    for (const auto& [number, one] : made.components)
      if (*rc::gen::arbitrary<bool>()) enabled |= std::uint64_t{1} << number;
    if (*rc::gen::inRange(0, 4) == 0) enabled |= std::uint64_t{1} << *rc::gen::inRange(2, 63);
    const auto standard = expected_size(made, enabled, false);
    const auto compacted = expected_size(made, enabled, true);
    classes.add("none", !standard && !compacted);
    classes.add("too large", standard.has_value() != compacted.has_value());
    classes.add("legacy only", standard == 0x240U && compacted == 0x240U);
    classes.add("differ", standard && compacted && *standard != *compacted);
    RC_ASSERT(layout::xsave_area_size(made.page, enabled, xsave_form::standard) == standard);
    RC_ASSERT(layout::xsave_area_size(made.page, enabled, xsave_form::compacted) == compacted);
  });
  check_none_empty("XSAVE areas", classes, {"none", "too large", "legacy only", "differ"});
}
