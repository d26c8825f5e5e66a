// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>
#include <set>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/cpuid_lookup.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::cpuid_page;
using layout::find_cpuid;
using layout::xsave_area_size;
using layout::xsave_form;

struct registers {
  std::uint32_t eax, ebx, ecx, edx;
};

/// Adds a record, laid down byte by byte: struct snp_cpuid_fn of Linux.
constexpr void add(cpuid_page& page, std::uint32_t eax_in, std::uint32_t ecx_in, const registers& out) {
  const std::size_t count = get_le(page.bytes(), 0, 4);
  const std::size_t at = 16 + 48 * count;
  put_le(page.bytes(), at + 0x00, 4, eax_in);
  put_le(page.bytes(), at + 0x04, 4, ecx_in);
  put_le(page.bytes(), at + 0x18, 4, out.eax);
  put_le(page.bytes(), at + 0x1C, 4, out.ebx);
  put_le(page.bytes(), at + 0x20, 4, out.ecx);
  put_le(page.bytes(), at + 0x24, 4, out.edx);
  put_le(page.bytes(), 0, 4, count + 1);
}

constexpr std::uint32_t supervisor = 1;
constexpr std::uint32_t aligned = 2;

/// The components of a Genoa: AVX, AVX-512 (5 to 7), PKRU (9), CET user and supervisor (11, 12).
constexpr auto genoa() -> cpuid_page {
  cpuid_page page;
  add(page, 0xD, 0, {0x2E7, 0x240, 0x988, 0});
  add(page, 0xD, 1, {0xF, 0x240, 0x1800, 0});
  add(page, 0xD, 2, {0x100, 0x240, 0, 0});
  add(page, 0xD, 5, {0x40, 0x340, 0, 0});
  add(page, 0xD, 6, {0x200, 0x380, 0, 0});
  add(page, 0xD, 7, {0x400, 0x580, 0, 0});
  add(page, 0xD, 9, {0x8, 0x980, 0, 0});
  add(page, 0xD, 11, {0x10, 0, supervisor, 0});
  add(page, 0xD, 12, {0x18, 0, supervisor, 0});
  return page;
}

static_assert(xsave_area_size(genoa(), 0x2E7, xsave_form::standard) == 0x988U);

auto standard(const cpuid_page& page, std::uint64_t components) {
  return xsave_area_size(page, components, xsave_form::standard);
}
auto compacted(const cpuid_page& page, std::uint64_t components) {
  return xsave_area_size(page, components, xsave_form::compacted);
}

constexpr std::optional<std::uint32_t> none;

}  // namespace

TEST_CASE("VC-CPUID-01: a page has at least one record, and room for 64", "[layout][cpuid]") {
  cpuid_page page;
  for (const std::uint32_t count : {1U, 2U, 63U, 64U}) {
    page.set_count(count);
    CHECK(layout::cpuid_count(page) == std::size_t{count});
  }
  for (const std::uint32_t count : {0U, 65U, 66U, 128U, 0x100U, 0x4000'0000U, 0xFFFF'FFFFU}) {
    page.set_count(count);
    CHECK(layout::cpuid_count(page) == std::nullopt);
  }
}

TEST_CASE("VC-CPUID-02: functions with sub-functions", "[layout][cpuid]") {
  // Linux' cpuid_function_is_indexed(), and Fn8000_0020 and Fn8000_0026 of APM vol. 3, appendix E.
  const std::set<std::uint32_t> expected{0x4,  0x7,  0xB,  0xD,  0xF,  0x10,        0x12,        0x14,       0x17,
                                         0x18, 0x1D, 0x1E, 0x1F, 0x24, 0x8000'001D, 0x8000'0020, 0x8000'0026};
  for (const std::uint32_t first : {0U, 0x4000'0000U, 0x8000'0000U})
    for (std::uint32_t function = first; function < first + 0x100; ++function) {
      INFO("function " << hex(function));
      CHECK(layout::has_subfunctions(function) == expected.contains(function));
    }
}

TEST_CASE("VC-CPUID-02: records are found by function and sub-function", "[layout][cpuid]") {
  cpuid_page page;
  add(page, 0x1, 0, {1, 2, 3, 4});
  add(page, 0x7, 0, {5, 6, 7, 8});
  add(page, 0x7, 1, {9, 10, 11, 12});
  add(page, 0x8000'001F, 0, {13, 14, 15, 16});
  add(page, 0x7, 1, {17, 18, 19, 20});  // a second time: the first counts
  const auto check = [&](std::uint32_t eax, std::uint32_t ecx, std::uint32_t first) {
    const auto found = find_cpuid(page, eax, ecx);
    REQUIRE(found.has_value());
    CHECK(found->eax_in() == eax);
    CHECK(found->eax() == first);
    CHECK(found->ebx() == first + 1);
    CHECK(found->ecx() == first + 2);
    CHECK(found->edx() == first + 3);
  };
  check(0x1, 0, 1);
  check(0x7, 0, 5);
  check(0x7, 1, 9);
  check(0x8000'001F, 0, 13);
  CHECK_FALSE(find_cpuid(page, 0x0, 0));  // zeros behind the last record are no records
  check(0x8000'001F, 7, 13);              // ECX says nothing here
  check(0x1, ~std::uint32_t{}, 1);
  CHECK_FALSE(find_cpuid(page, 0x7, 2));
  CHECK_FALSE(find_cpuid(page, 0x1F, 0));
  CHECK_FALSE(find_cpuid(page, 0, 0x7));
  CHECK_FALSE(find_cpuid(cpuid_page(), 0, 0));
  // What is found is a copy.
  auto found = find_cpuid(page, 0x1, 0).value();
  found.set_eax(0);
  CHECK(find_cpuid(page, 0x1, 0)->eax() == 1);
}

TEST_CASE("VC-CPUID-02: records of the XSAVE area's own sizes", "[layout][cpuid]") {
  const auto record = [](cpuid_page& page, std::uint32_t function, std::uint32_t sub, std::uint64_t xcr0,
                         std::uint64_t xss, std::uint32_t mark) {
    const std::size_t at = 16 + 48 * get_le(page.bytes(), 0, 4);
    add(page, function, sub, {mark, 0, 0, 0});
    put_le(page.bytes(), at + 8, 8, xcr0);
    put_le(page.bytes(), at + 16, 8, xss);
  };
  for (const std::uint32_t sub : {0U, 1U}) {
    for (const std::uint64_t xcr0 : {0ULL, 1ULL, 2ULL, 3ULL, 7ULL, 0x1'0000'0001ULL, ~0ULL})
      for (const std::uint64_t xss : {0ULL, 1ULL, 0x1800ULL, 0x1'0000'0000ULL}) {
        cpuid_page page;
        record(page, 0xD, sub, xcr0, xss, 1);
        INFO("XCR0 " << hex(xcr0) << " XSS " << hex(xss));
        CHECK(find_cpuid(page, 0xD, sub).has_value() == ((xcr0 == 1 || xcr0 == 3) && xss == 0));
      }
    // Others before it are passed over.
    cpuid_page several;
    record(several, 0xD, sub, 7, 0, 1);
    record(several, 0xD, sub, 1, 0x1800, 2);
    record(several, 0xD, sub, 3, 0, 3);
    record(several, 0xD, sub, 1, 0, 4);
    CHECK(find_cpuid(several, 0xD, sub)->eax() == 3);
  }
  // Inputs say nothing for other functions and other sub-functions.
  cpuid_page page;
  record(page, 0xD, 2, 7, 0x1800, 1);
  record(page, 0x7, 0, 7, 0x1800, 2);
  record(page, 0x7, 1, 7, 0x1800, 3);
  record(page, 0x1, 0, 7, 0x1800, 4);
  CHECK(find_cpuid(page, 0xD, 2)->eax() == 1);
  CHECK(find_cpuid(page, 0x7, 0)->eax() == 2);
  CHECK(find_cpuid(page, 0x7, 1)->eax() == 3);
  CHECK(find_cpuid(page, 0x1, 0)->eax() == 4);
}

TEST_CASE("only records in use are looked at", "[layout][cpuid]") {
  cpuid_page page;
  for (std::uint32_t i = 0; i < 64; ++i) add(page, 0x100 + i, i, {i, 0, 0, 0});
  for (std::uint32_t count = 0; count <= 64; ++count) {
    page.set_count(count);
    for (std::uint32_t i = 0; i < 64; ++i) CHECK(find_cpuid(page, 0x100 + i, i).has_value() == (i < count));
    CHECK_FALSE(find_cpuid(page, 0, 0).has_value());
  }
  for (const std::uint32_t count : {65U, 0xFFFF'FFFFU}) {
    page.set_count(count);
    CHECK_FALSE(find_cpuid(page, 0x100, 0).has_value());
    CHECK_FALSE(find_cpuid(page, 0x100 + 63, 63).has_value());
  }
}

TEST_CASE("lookups in a page that lies elsewhere", "[layout][cpuid]") {
  const auto page = genoa();
  byte_vector bytes(1 + 4096);
  std::ranges::copy(page.bytes(), bytes.begin() + 1);
  const layout::cpuid_page_const_view view(std::span<const std::uint8_t, 4096>(bytes.data() + 1, 4096));
  CHECK(layout::cpuid_count(view) == std::size_t{9});
  CHECK(find_cpuid(view, 0xD, 12)->eax() == 0x18);
  CHECK(xsave_area_size(view, 0x7, xsave_form::standard) == 0x340U);
}

TEST_CASE("XSAVE area, standard form: the furthest end", "[layout][cpuid]") {
  const auto page = genoa();
  CHECK(standard(page, 0x0) == 0x240U);
  CHECK(standard(page, 0x1) == 0x240U);
  CHECK(standard(page, 0x3) == 0x240U);
  CHECK(standard(page, 0x7) == 0x340U);
  CHECK(standard(page, 0xE7) == 0x980U);
  CHECK(standard(page, 0x203) == 0x988U);  // PKRU keeps its place without the others
  CHECK(standard(page, 0x2E7) == 0x988U);
  // Not the last one in the order of numbers, and not their sum.
  cpuid_page other;
  add(other, 0xD, 2, {0x100, 0x800, 0, 0});
  add(other, 0xD, 3, {0x40, 0x300, 0, 0});
  CHECK(standard(other, 0xC) == 0x900U);
  CHECK(standard(other, 0x8) == 0x340U);
  // One that ends inside the first 240h bytes takes nothing away from them.
  cpuid_page inside;
  add(inside, 0xD, 2, {0x10, 0x20, 0, 0});
  CHECK(standard(inside, 0x4) == 0x240U);
}

TEST_CASE("XSAVE area, standard form: without supervisor states", "[layout][cpuid]") {
  const auto page = genoa();
  CHECK(standard(page, 0x1807) == 0x340U);
  CHECK(standard(page, 0x1AE7) == 0x988U);
  cpuid_page odd;  // even if their EBX says something
  add(odd, 0xD, 11, {0x1000, 0x1000, supervisor, 0});
  CHECK(standard(odd, 0x803) == 0x240U);
  // But they must be there.
  CHECK(standard(odd, 0x1803) == none);
}

TEST_CASE("XSAVE area, compacted form: one after another", "[layout][cpuid]") {
  const auto page = genoa();
  CHECK(compacted(page, 0x0) == 0x240U);
  CHECK(compacted(page, 0x3) == 0x240U);
  CHECK(compacted(page, 0x7) == 0x340U);
  CHECK(compacted(page, 0x203) == 0x248U);
  CHECK(compacted(page, 0x2E7) == 0x988U);
  CHECK(compacted(page, 0x207) == 0x348U);
  // With CET: 348h + 10h + 18h.
  CHECK(compacted(page, 0x1A07) == 0x370U);
  CHECK(compacted(page, 0x1803) == 0x268U);
}

TEST_CASE("XSAVE area, compacted form: alignment", "[layout][cpuid]") {
  cpuid_page page;
  add(page, 0xD, 2, {0x1, 0, 0, 0});
  add(page, 0xD, 3, {0x10, 0, aligned, 0});
  add(page, 0xD, 4, {0x30, 0, aligned | supervisor, 0});
  add(page, 0xD, 5, {0x8, 0, supervisor, 0});
  add(page, 0xD, 6, {0x40, 0, aligned, 0});
  CHECK(compacted(page, 0x8) == 0x250U);   // 240h is aligned already
  CHECK(compacted(page, 0xC) == 0x290U);   // 241h becomes 280h
  CHECK(compacted(page, 0x1C) == 0x2F0U);  // 290h becomes 2C0h
  CHECK(compacted(page, 0x38) == 0x2B8U);  // 250h becomes 280h; then 8h without alignment
  CHECK(compacted(page, 0x40) == 0x280U);
  CHECK(compacted(page, 0x48) == 0x2C0U);  // 250h becomes 280h
  CHECK(compacted(page, 0x44) == 0x2C0U);  // 241h becomes 280h
  // The standard form knows no alignment.
  cpuid_page fixed;
  add(fixed, 0xD, 2, {0x10, 0x241, aligned, 0});
  CHECK(standard(fixed, 0x4) == 0x251U);
  // Bits 31:2 of ECX say nothing here.
  cpuid_page other;
  add(other, 0xD, 2, {0x1, 0x1000, 0xFFFF'FFFC, 0});
  add(other, 0xD, 3, {0x1, 0x2000, 0xFFFF'FFFC, 0});
  CHECK(compacted(other, 0xC) == 0x242U);
  CHECK(standard(other, 0xC) == 0x2001U);
  // In the order of the components, whatever the order of the records.
  cpuid_page turned;
  add(turned, 0xD, 3, {0x10, 0, aligned, 0});
  add(turned, 0xD, 2, {0x1, 0, 0, 0});
  CHECK(compacted(turned, 0xC) == 0x290U);
}

TEST_CASE("XSAVE area: components without a record", "[layout][cpuid]") {
  const auto page = genoa();
  for (const auto form : {xsave_form::standard, xsave_form::compacted})
    for (unsigned i = 0; i < 64; ++i) {
      INFO("component " << i);
      const bool known = i < 2 || i == 2 || (i >= 5 && i <= 7) || i == 9 || i == 11 || i == 12;
      CHECK(xsave_area_size(page, std::uint64_t{1} << i, form).has_value() == known);
    }
  // x87 and SSE need none.
  CHECK(standard(cpuid_page(), 0x3) == 0x240U);
  CHECK(compacted(cpuid_page(), 0x3) == 0x240U);
  // Other functions' records are not taken for theirs.
  cpuid_page other;
  add(other, 0xE, 2, {0x100, 0x240, 0, 0});
  CHECK(standard(other, 0x4) == none);
  // A page that claims too many has none.
  auto crowded = genoa();
  crowded.set_count(65);
  CHECK(standard(crowded, 0x7) == none);
  CHECK(standard(crowded, 0x3) == 0x240U);
}

TEST_CASE("XSAVE area: up to component 63", "[layout][cpuid]") {
  cpuid_page page;
  for (std::uint32_t i = 2; i <= 63; ++i) add(page, 0xD, i, {8, 0x240 + 8 * (i - 2), 0, 0});
  CHECK(standard(page, ~std::uint64_t{}) == 0x240U + 8 * 62);
  CHECK(compacted(page, ~std::uint64_t{}) == 0x240U + 8 * 62);
  CHECK(standard(page, std::uint64_t{1} << 62) == 0x240U + 8 * 61);
  CHECK(compacted(page, std::uint64_t{1} << 62) == 0x248U);
  CHECK(standard(page, std::uint64_t{1} << 63) == 0x240U + 8 * 62);
  CHECK(compacted(page, std::uint64_t{1} << 63) == 0x248U);
}

TEST_CASE("XSAVE area: more than 32 bits", "[layout][cpuid]") {
  cpuid_page page;
  add(page, 0xD, 2, {0xFFFF'FFFF - 0x240, 0x240, 0, 0});
  add(page, 0xD, 3, {1, 0xFFFF'FFFF, 0, 0});
  add(page, 0xD, 4, {0xFFFF'FFFF, 0xFFFF'FFFF, 0, 0});
  add(page, 0xD, 5, {0, 0xFFFF'FFFF, 0, 0});
  add(page, 0xD, 6, {1, 0, 0, 0});
  add(page, 0xD, 7, {0xFFFF'FFFF, 0x240, 0, 0});
  add(page, 0xD, 8, {0, 0, aligned, 0});
  CHECK(standard(page, 0x4) == 0xFFFF'FFFFU);
  CHECK(standard(page, 0x8) == none);
  CHECK(standard(page, 0x10) == none);
  CHECK(standard(page, 0x20) == 0xFFFF'FFFFU);
  CHECK(standard(page, 0x80) == none);
  CHECK(compacted(page, 0x4) == 0xFFFF'FFFFU);
  CHECK(compacted(page, 0x44) == none);
  CHECK(compacted(page, 0x10) == none);
  CHECK(compacted(page, 0x94) == none);   // 1_FFFF_FFFEh and more
  CHECK(compacted(page, 0x104) == none);  // by its alignment alone
}
