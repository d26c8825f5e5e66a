// SPDX-License-Identifier: MIT
#include <support/catch.hpp>

#include <sevspec/base/bits.hpp>

using namespace sevspec;

TEST_CASE("a field is named by its highest and lowest bit", "[base]") {
  using base = bits<51, 12>;
  CHECK(base::lsb == 12);
  CHECK(base::width == 40);
  CHECK(base::mask == 0x000f'ffff'ffff'f000);
  CHECK(base::get(0xfff1'2345'6789'afff) == 0x1'2345'6789a);
  CHECK(base::set(0, 0x1'2345'6789a) == 0x0001'2345'6789'a000);
  CHECK(base::set(~std::uint64_t{}, 0) == 0xfff0'0000'0000'0fff);
  // What does not fit is dropped.
  CHECK(base::set(0, ~std::uint64_t{}) == base::mask);

  using whole = bits<63, 0>;
  CHECK(whole::mask == ~std::uint64_t{});
  CHECK(whole::get(0x1234) == 0x1234);
  CHECK(whole::set(0xffff, 0x1234) == 0x1234);

  using top = bits<63, 52>;
  CHECK(top::get(0xabcf'ffff'ffff'ffff) == 0xabc);
}

TEST_CASE("every field holds what was put into it and leaves the rest alone", "[base]") {
  constexpr std::uint64_t pattern = 0xa5c3'9617'88ee'5b21;
  CHECK(bits<7, 0>::get(bits<7, 0>::set(pattern, 0x5a)) == 0x5a);
  CHECK((bits<7, 0>::set(pattern, 0x5a) & ~bits<7, 0>::mask) == (pattern & ~bits<7, 0>::mask));
  CHECK((bits<62, 59>::set(pattern, 0x9) & ~bits<62, 59>::mask) == (pattern & ~bits<62, 59>::mask));
  CHECK(bits<62, 59>::get(bits<62, 59>::set(pattern, 0x9)) == 0x9);
}

TEST_CASE("one bit", "[base]") {
  CHECK(bit<0>::test(1));
  CHECK_FALSE(bit<0>::test(~std::uint64_t{1}));
  CHECK(bit<63>::test(std::uint64_t{1} << 63));
  CHECK(bit<63>::mask == std::uint64_t{1} << 63);
  CHECK(bit<63>::get(~std::uint64_t{}) == 1);
  CHECK(bit<9>::set(0, 1) == 0x200);
  CHECK(bit<9>::set(0xfff, 0) == 0xdff);
}

TEST_CASE("bit_range is empty when the upper end lies below the lower", "[base]") {
  CHECK(bit_range(51, 52) == 0);
  CHECK(bit_range(51, 51) == std::uint64_t{1} << 51);
  CHECK(bit_range(51, 48) == 0x000f'0000'0000'0000);
  CHECK(bit_range(63, 0) == ~std::uint64_t{});
  CHECK(bit_range(0, 0) == 1);
  for (unsigned msb = 0; msb < 64; ++msb)
    for (unsigned lsb = 0; lsb < 64; ++lsb) {
      std::uint64_t expected = 0;
      for (unsigned n = lsb; n <= msb; ++n) expected |= std::uint64_t{1} << n;
      REQUIRE(bit_range(msb, lsb) == expected);
    }
}
