// SPDX-License-Identifier: MIT
#include <compare>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/tcb.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::tcb;
using layout::tcb_components;
using layout::tcb_format;
using layout::tcb_format_of;
using layout::tcb_format_of_family;
using layout::tcb_version;

static_assert(tcb_components(0x7308'0000'0000'0003, tcb_format::milan_genoa) == tcb{0, 3, 0, 8, 115});
static_assert((tcb{1, 2, 3, 4, 5} <=> tcb{1, 2, 3, 4, 6}) == std::partial_ordering::less);

/// One of the five components, by number.
constexpr auto only(unsigned component, std::uint8_t value) -> tcb {
  tcb made;
  (component == 0   ? made.fmc
   : component == 1 ? made.boot_loader
   : component == 2 ? made.tee
   : component == 3 ? made.snp
                    : made.microcode) = value;
  return made;
}

}  // namespace

TEST_CASE("LAY-REP-04: the format by generation and family", "[layout][LAY-REP-04]") {
  CHECK(tcb_format_of(generation::naples) == tcb_format::milan_genoa);
  CHECK(tcb_format_of(generation::rome) == tcb_format::milan_genoa);
  CHECK(tcb_format_of(generation::milan) == tcb_format::milan_genoa);
  CHECK(tcb_format_of(generation::genoa) == tcb_format::milan_genoa);
  CHECK(tcb_format_of(generation::turin) == tcb_format::turin);

  for (unsigned family = 0; family <= 0x10E; ++family)
    CHECK(tcb_format_of_family(family) == (family < 26 ? tcb_format::milan_genoa : tcb_format::turin));
  CHECK(tcb_format_of_family(0x19) == tcb_format::milan_genoa);  // Zen 3 and Zen 4
  CHECK(tcb_format_of_family(0x1A) == tcb_format::turin);        // Zen 5
}

TEST_CASE("LAY-REP-04: where the components lie", "[layout][LAY-REP-04][LAY-FMT-04]") {
  // Bytes of Milan: boot loader 0, TEE 1, SNP 6, microcode 7; of Turin: FMC 0, boot loader 1, TEE 2, SNP 3, microcode
  // 7.
  constexpr std::uint64_t numbered = 0x8877'6655'4433'2211;
  CHECK(tcb_components(numbered, tcb_format::milan_genoa) == tcb{0, 0x11, 0x22, 0x77, 0x88});
  CHECK(tcb_components(numbered, tcb_format::turin) == tcb{0x11, 0x22, 0x33, 0x44, 0x88});
  CHECK(tcb_version({0, 0x11, 0x22, 0x77, 0x88}, tcb_format::milan_genoa) == 0x8877'0000'0000'2211);
  CHECK(tcb_version({0x11, 0x22, 0x33, 0x44, 0x88}, tcb_format::turin) == 0x8800'0000'4433'2211);
  // Reserved bytes have no say.
  CHECK(tcb_components(0x0000'FFFF'FFFF'0000, tcb_format::milan_genoa) == tcb{});
  CHECK(tcb_components(0x00FF'FFFF'0000'0000, tcb_format::turin) == tcb{});
  CHECK(tcb_version({}, tcb_format::milan_genoa) == 0);
  CHECK(tcb_version({}, tcb_format::turin) == 0);
}

TEST_CASE("LAY-REP-04: round trips", "[layout][LAY-REP-04]") {
  for (unsigned component = 0; component < 5; ++component)
    for (unsigned value = 0; value <= 0xFF; ++value) {
      const tcb made = only(component, static_cast<std::uint8_t>(value));
      CHECK(tcb_components(tcb_version(made, tcb_format::turin), tcb_format::turin) == made);
      if (component != 0)
        CHECK(tcb_components(tcb_version(made, tcb_format::milan_genoa), tcb_format::milan_genoa) == made);
    }
  STATIC_REQUIRE(is_allowed<[] { return tcb_version({0, 1, 2, 3, 4}, tcb_format::milan_genoa); }>);
  STATIC_REQUIRE_FALSE(is_allowed<[] { return tcb_version({1, 1, 2, 3, 4}, tcb_format::milan_genoa); }>);
  STATIC_REQUIRE(is_allowed<[] { return tcb_version({1, 1, 2, 3, 4}, tcb_format::turin); }>);
}

TEST_CASE("FW-SNP-CFG-01: TCBs compare component by component", "[layout][tcb]") {
  constexpr tcb some{10, 10, 10, 10, 10};
  CHECK((some <=> some) == std::partial_ordering::equivalent);
  CHECK(some <= some);
  CHECK(some >= some);
  CHECK_FALSE(some < some);
  for (unsigned component = 0; component < 5; ++component) {
    INFO("component " << component);
    tcb newer = some;
    (component == 0   ? newer.fmc
     : component == 1 ? newer.boot_loader
     : component == 2 ? newer.tee
     : component == 3 ? newer.snp
                      : newer.microcode) = 11;
    CHECK((some <=> newer) == std::partial_ordering::less);
    CHECK((newer <=> some) == std::partial_ordering::greater);
    CHECK(some < newer);
    CHECK(newer > some);
    CHECK_FALSE(newer <= some);
    CHECK(some != newer);

    // A higher number elsewhere does not make up for it, however far left it stands in the integer.
    for (unsigned other = 0; other < 5; ++other) {
      if (other == component) continue;
      const tcb one = only(component, 1);
      const tcb another = only(other, 0xFF);
      CHECK((one <=> another) == std::partial_ordering::unordered);
      CHECK((another <=> one) == std::partial_ordering::unordered);
      CHECK_FALSE(one <= another);
      CHECK_FALSE(one >= another);
      CHECK_FALSE(one < another);
      CHECK_FALSE(one == another);
    }
  }
}

TEST_CASE("FW-SNP-CFG-01: the integers of TCBs do not order them", "[layout][tcb]") {
  // Newer microcode, older boot loader: a higher integer, and yet not at most nor at least.
  const std::uint64_t older = 0x7308'0000'0000'0003;
  const std::uint64_t other = 0x7408'0000'0000'0002;
  REQUIRE(older < other);
  const tcb a = tcb_components(older, tcb_format::milan_genoa);
  const tcb b = tcb_components(other, tcb_format::milan_genoa);
  CHECK((a <=> b) == std::partial_ordering::unordered);
}
