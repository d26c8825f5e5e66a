// SPDX-License-Identifier: MIT
#include <string>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/processor_signature.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::identity_of_signature;
using layout::processor_identity;
using layout::signature_of_identity;

static_assert(identity_of_signature(0x00A0'0F11) == processor_identity{0x19, 0x01, 1});
static_assert(signature_of_identity({0x19, 0x01, 1}) == 0x00A0'0F11);

}  // namespace

TEST_CASE("LAY-REP-03: processors by their signature", "[layout][LAY-REP-03]") {
  const auto [name, signature, identity] = GENERATE(table<std::string, std::uint32_t, processor_identity>({
      {"K7", 0x0000'0662, {0x06, 0x06, 2}},
      {"K8", 0x0002'0F12, {0x0F, 0x21, 2}},
      {"family 10h", 0x0010'0F42, {0x10, 0x04, 2}},
      {"Naples", 0x0080'0F12, {0x17, 0x01, 2}},
      {"Rome", 0x0083'0F10, {0x17, 0x31, 0}},
      {"Milan", 0x00A0'0F11, {0x19, 0x01, 1}},
      {"Milan-X", 0x00A0'0F12, {0x19, 0x01, 2}},
      {"Genoa", 0x00A1'0F11, {0x19, 0x11, 1}},
      {"Bergamo", 0x00AA'0F02, {0x19, 0xA0, 2}},
      {"Turin", 0x00B0'0F21, {0x1A, 0x02, 1}},
      {"Turin dense", 0x00B1'0F10, {0x1A, 0x11, 0}},
      {"the largest", 0x0FFF'0FFF, {0x10E, 0xFF, 0xF}},
      {"the smallest", 0, {0, 0, 0}},
  }));
  INFO(name);
  CHECK(identity_of_signature(signature) == identity);
  CHECK(signature_of_identity(identity) == signature);
}

TEST_CASE("LAY-REP-03: the extensions count only with base family Fh", "[layout][LAY-REP-03]") {
  for (std::uint32_t family = 0; family <= 0xE; ++family)
    CHECK(identity_of_signature(0x0FFF'0000 | family << 8 | 0xA5) == processor_identity{family, 0xA, 5});
  CHECK(identity_of_signature(0x0FFF'0FA5) == processor_identity{0x10E, 0xFA, 5});
  // Reserved bits do not count at all.
  CHECK(identity_of_signature(0xF000'F000 | 0x00A0'0F11) == processor_identity{0x19, 0x01, 1});
  // Each bit lands where it belongs.
  for (unsigned bit = 0; bit < 32; ++bit) {
    INFO("bit " << bit);
    const auto found = identity_of_signature(std::uint32_t{0xF00} | std::uint32_t{1} << bit);
    processor_identity expected{0xF, 0, 0};
    if (bit < 4) expected.stepping = 1U << bit;
    else if (bit < 8) expected.model = 1U << (bit - 4);
    else if (bit >= 16 && bit < 20) expected.model = 0x10U << (bit - 16);
    else if (bit >= 20 && bit < 28) expected.family += 1U << (bit - 20);
    CHECK(found == expected);
  }
}

TEST_CASE("LAY-REP-03: every identity has one signature", "[layout][LAY-REP-03]") {
  unsigned differing = 0;
  for (unsigned family = 0; family <= 0x10E; ++family)
    for (unsigned model = 0; model <= (family < 0xF ? 0xFU : 0xFFU); ++model)
      for (unsigned stepping = 0; stepping <= 0xF; ++stepping) {
        const processor_identity identity{family, model, stepping};
        differing += identity_of_signature(signature_of_identity(identity)) != identity;
      }
  CHECK(differing == 0);
}

namespace {

template <unsigned Family, unsigned Model, unsigned Stepping>
inline constexpr bool exists = is_allowed<[] { return signature_of_identity({Family, Model, Stepping}); }>;

}  // namespace

TEST_CASE("LAY-REP-03: what has no signature", "[layout][LAY-REP-03]") {
  STATIC_REQUIRE(exists<0x10E, 0xFF, 0xF>);
  STATIC_REQUIRE_FALSE(exists<0x10F, 0, 0>);
  STATIC_REQUIRE_FALSE(exists<0x19, 0x100, 0>);
  STATIC_REQUIRE_FALSE(exists<0x19, 0, 0x10>);
  STATIC_REQUIRE(exists<0xE, 0xF, 0>);
  STATIC_REQUIRE_FALSE(exists<0xE, 0x10, 0>);
  STATIC_REQUIRE(exists<0xF, 0x10, 0>);
}
