// SPDX-License-Identifier: MIT
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/segment_attributes.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::descriptor_bits;
using layout::packed_attributes;
using layout::segment_attrib;

constexpr std::uint64_t attribute_bits = 0x00F0'FF00'0000'0000;

static_assert(packed_attributes(0x00AF'9A00'0000'FFFF) == segment_attrib{0xA9A});
static_assert(descriptor_bits(segment_attrib{0xA9A}) == 0x00A0'9A00'0000'0000);

}  // namespace

TEST_CASE("LAY-SEG-01: descriptors that operating systems and firmware use", "[layout][LAY-SEG-01]") {
  const auto [descriptor, expected] = GENERATE(table<std::uint64_t, unsigned>({
      {0x0000'0000'0000'0000, 0x000},
      {0x00AF'9A00'0000'FFFF, 0xA9A},  // Linux: 64-bit kernel code, not yet accessed
      {0x00AF'9B00'0000'FFFF, 0xA9B},
      {0x00CF'9300'0000'FFFF, 0xC93},  // flat data
      {0x00CF'FB00'0000'FFFF, 0xCFB},  // 32-bit user code
      {0x00AF'FB00'0000'FFFF, 0xAFB},  // 64-bit user code
      {0x0000'9B00'0000'FFFF, 0x09B},  // real mode
      {0xFF00'93FF'FFFF'FFFF, 0x093},  // base and limit say nothing
      {0x0000'8200'0000'FFFF, 0x082},  // LDT
      {0x0000'8300'0000'FFFF, 0x083},  // busy 16-bit TSS
      {0x0000'8B00'0000'2067, 0x08B},  // busy TSS
  }));
  CHECK(packed_attributes(descriptor).raw == expected);
  CHECK(descriptor_bits(packed_attributes(descriptor)) == (descriptor & attribute_bits));
}

TEST_CASE("LAY-SEG-01: bits 47:40 and 55:52 and no others", "[layout][LAY-SEG-01]") {
  for (unsigned bit = 0; bit < 64; ++bit) {
    INFO("descriptor bit " << bit);
    const unsigned expected = bit >= 40 && bit <= 47   ? 1U << (bit - 40)
                              : bit >= 52 && bit <= 55 ? 1U << (bit - 52 + 8)
                                                       : 0U;
    CHECK(packed_attributes(std::uint64_t{1} << bit).raw == expected);
    CHECK(packed_attributes(~(std::uint64_t{1} << bit)).raw == (0xFFFU & ~expected));
  }
}

TEST_CASE("LAY-SEG-01: back to a descriptor", "[layout][LAY-SEG-01]") {
  for (unsigned bit = 0; bit < 16; ++bit) {
    INFO("attribute bit " << bit);
    const std::uint64_t expected = bit < 8    ? std::uint64_t{1} << (40 + bit)
                                   : bit < 12 ? std::uint64_t{1} << (52 + bit - 8)
                                              : 0;
    CHECK(descriptor_bits(segment_attrib{static_cast<std::uint16_t>(1U << bit)}) == expected);
  }
  unsigned differing = 0;
  for (unsigned raw = 0; raw <= 0xFFFF; ++raw) {
    const segment_attrib attributes{static_cast<std::uint16_t>(raw)};
    differing += packed_attributes(descriptor_bits(attributes)).raw != (raw & 0xFFF);
    differing += packed_attributes(~attribute_bits | descriptor_bits(attributes)).raw != (raw & 0xFFF);
  }
  CHECK(differing == 0);
}

TEST_CASE("LAY-SEG-01: the attributes by name", "[layout][LAY-SEG-01]") {
  // Type Bh, S, DPL 3, P, AVL, L in the places that APM vol. 2, 4.7 gives them in a descriptor.
  const auto code = packed_attributes(std::uint64_t{0xB} << 40 | std::uint64_t{1} << 44 | std::uint64_t{3} << 45 |
                                      std::uint64_t{1} << 47 | std::uint64_t{1} << 52 | std::uint64_t{1} << 53);
  CHECK(code.type() == 0xB);
  CHECK(code.s());
  CHECK(code.dpl() == 3);
  CHECK(code.p());
  CHECK(code.avl());
  CHECK(code.l());
  CHECK_FALSE(code.db());
  CHECK_FALSE(code.g());
  const auto data = packed_attributes(std::uint64_t{1} << 54 | std::uint64_t{1} << 55);
  CHECK(data == segment_attrib{}.set_db(true).set_g(true));
}
