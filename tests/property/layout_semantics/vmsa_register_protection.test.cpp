// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>

#include <property/property.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/vmsa_register_protection.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

}  // namespace

TEST_CASE("LAY-VMSA-08: protection covers what the bitmap says, and undoes itself", "[property][layout][LAY-VMSA-08]") {
  property("an involution on the covered quadwords", 1000, [] {
    layout::vmsa plain;
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    for (std::size_t i = 0; i < 4096; ++i)
      plain.bytes()[i] = static_cast<std::uint8_t>((seed + i * 2654435761U) >> 13 & 0xFF);
    const auto bitmap = *rc::gen::container<std::array<std::uint8_t, 64>>(rc::gen::weightedOneOf<std::uint8_t>(
        {{2, rc::gen::just<std::uint8_t>(0)}, {3, rc::gen::arbitrary<std::uint8_t>()}}));
    const auto nonce = *rc::gen::arbitrary<std::uint64_t>();
    auto page = plain;
    layout::apply_register_protection(page, bitmap, nonce);
    for (std::size_t i = 0; i < 512; ++i) {
      const bool covered = (bitmap[i / 8] >> i % 8 & 1) != 0;
      RC_ASSERT(get_le(page.bytes(), 8 * i, 8) == (get_le(plain.bytes(), 8 * i, 8) ^ (covered ? nonce : 0)));
    }
    layout::apply_register_protection(page, bitmap, nonce);
    RC_ASSERT(page == plain);
  });
}
