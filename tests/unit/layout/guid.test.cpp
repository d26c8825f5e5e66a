// SPDX-License-Identifier: MIT
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/codes/guids.hpp>
#include <sevspec/layout/guid.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::guid;

constexpr guid counting(guid::bytes{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD,
                                    0xEE, 0xFF});
static_assert(counting.text_order()[15] == 0xFF);
static_assert(counting.mixed_endian()[0] == 0x33);

}  // namespace

TEST_CASE("LAY-CERT-01: the two orders of a GUID's bytes", "[layout][guid][LAY-CERT-01]") {
  // 00112233-4455-6677-8899-aabbccddeeff
  CHECK(to_hex(counting.text_order()) == "00112233445566778899aabbccddeeff");
  CHECK(to_hex(counting.mixed_endian()) == "33221100554477668899aabbccddeeff");
  // Mixed twice is as it was.
  CHECK(guid(counting.mixed_endian()).mixed_endian() == counting.text_order());
  CHECK(counting == guid(counting.text_order()));
  CHECK_FALSE(counting == guid(counting.mixed_endian()));
  for (std::size_t i = 0; i < 16; ++i) {
    auto bytes = counting.text_order();
    bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ 1U);
    CHECK_FALSE(counting == guid(bytes));
  }
}

TEST_CASE("LAY-CERT-01: GUIDs that others publish", "[layout][guid][LAY-CERT-01]") {
  // Linux and go-sev-guest write certificate tables in text order; edk2's EFI_GUID of the SVSM's vTPM is mixed.
  CHECK(to_hex(layout::guids::vcek.text_order()) == "63da758de6644564adc5f4b93be8accd");
  CHECK(to_hex(layout::guids::vlek.text_order()) == "a8074bc2a25a483eaae639c045a0b8a1");
  CHECK(to_hex(layout::guids::svsm_vtpm_service.mixed_endian()) == "ebf176c42301a5459641b4e7dde5bfe3");
  CHECK(layout::guids::table_end.text_order() == guid::bytes{});
}
