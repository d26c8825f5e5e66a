// SPDX-License-Identifier: MIT
// FIELD-18: the CPUID page was read with ECX and EDX swapped (tianocore/edk2 cd6f215223, pull request 5341), and the
// sub-functions that the size of the XSAVE area adds up were chosen the wrong way round (ce781cf8bb).
#include <algorithm>
#include <cstdint>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/cpuid_lookup.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::cpuid_page;
using layout::xsave_form;

/// A page made by hand: Fn8000_001F and the extended states AVX and PKRU of a Milan.
auto milan_page() -> cpuid_page {
  cpuid_page page;
  const std::uint64_t records[][6] = {
      {0x8000'001F, 0, 0x0101'FD3F, 0x0000'4173, 0x0000'01FD, 0x0000'0001},
      {0xD, 0, 0x207, 0x240, 0x988, 0},
      {0xD, 1, 0xF, 0x240, 0x1800, 0},
      {0xD, 2, 0x100, 0x240, 0, 0},
      {0xD, 9, 0x8, 0x980, 0, 0},
  };
  put_le(page.bytes(), 0, 4, std::size(records));
  std::size_t at = 16;
  for (const auto& record : records) {
    put_le(page.bytes(), at, 4, record[0]);
    put_le(page.bytes(), at + 4, 4, record[1]);
    for (std::size_t i = 0; i < 4; ++i) put_le(page.bytes(), at + 24 + 4 * i, 4, record[2 + i]);
    at += 48;
  }
  return page;
}

/// The offsets that the assembler code used for ECX and EDX.
struct swapped {
  std::uint64_t ecx, edx;
};
auto buggy_read(const cpuid_page& page, std::size_t record) -> swapped {
  const std::size_t at = 16 + 48 * record;
  return {.ecx = get_le(page.bytes(), at + 0x24, 4), .edx = get_le(page.bytes(), at + 0x20, 4)};
}

/// GetCpuidXSaveSize() as it was: it took sub-functions 0 and 1, which describe no component, and left out all others.
auto buggy_xsave_size(const cpuid_page& page, std::uint64_t components, bool compacted) -> std::uint64_t {
  std::uint64_t size = 0x240;
  for (std::size_t i = 0; i < page.count(); ++i) {
    const std::size_t at = 16 + 48 * i;
    const std::uint64_t function = get_le(page.bytes(), at, 4);
    const std::uint64_t sub = get_le(page.bytes(), at + 4, 4);
    const std::uint64_t eax = get_le(page.bytes(), at + 0x18, 4);
    const std::uint64_t ebx = get_le(page.bytes(), at + 0x1C, 4);
    if (function != 0xD || sub > 1 || (components >> sub & 1) == 0) continue;
    if (compacted) size += eax;
    else size = std::max(size, eax + ebx);
  }
  return size;
}

}  // namespace

TEST_CASE("FIELD-18: ECX is at 20h of a record, EDX at 24h", "[field][FIELD-18]") {
  const cpuid_page page = milan_page();
  const auto entry = layout::find_cpuid(page, 0x8000'001F, 0);
  REQUIRE(entry.has_value());
  CHECK(entry->eax() == 0x0101'FD3F);
  CHECK(entry->ebx() == 0x0000'4173);
  CHECK(entry->ecx() == 509);  // encrypted guests
  CHECK(entry->edx() == 1);    // lowest ASID without SEV-ES
  const auto [ecx, edx] = buggy_read(page, 0);
  CHECK(ecx == entry->edx());
  CHECK(edx == entry->ecx());
  CHECK(ecx != entry->ecx());
}

TEST_CASE("FIELD-18: the size of the XSAVE area counts sub-functions from 2 on", "[field][FIELD-18]") {
  const cpuid_page page = milan_page();
  constexpr std::uint64_t x87_sse_avx = 0x7;
  constexpr std::uint64_t with_pkru = 0x207;
  CHECK(layout::xsave_area_size(page, 0x3, xsave_form::standard) == 0x240U);
  CHECK(layout::xsave_area_size(page, x87_sse_avx, xsave_form::standard) == 0x340U);
  CHECK(layout::xsave_area_size(page, with_pkru, xsave_form::standard) == 0x988U);
  CHECK(layout::xsave_area_size(page, x87_sse_avx, xsave_form::compacted) == 0x340U);
  CHECK(layout::xsave_area_size(page, with_pkru, xsave_form::compacted) == 0x348U);
  for (const std::uint64_t components : {x87_sse_avx, with_pkru}) {
    CHECK(buggy_xsave_size(page, components, false) !=
          layout::xsave_area_size(page, components, xsave_form::standard).value());
    CHECK(buggy_xsave_size(page, components, true) !=
          layout::xsave_area_size(page, components, xsave_form::compacted).value());
  }
  // A component that the page does not describe is refused, not left out.
  CHECK(layout::xsave_area_size(page, 0x7 | 0xE0, xsave_form::standard) == std::nullopt);
}
