// SPDX-License-Identifier: MIT
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/svsm_location.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::find_svsm;
using layout::secrets_page;
using layout::svsm_location;

static_assert(!find_svsm(secrets_page()));

/// Laid down byte by byte, as MdePkg's SVSM_INFORMATION and Linux' struct svsm_ca_data have it.
auto page_of(std::uint64_t base, std::uint64_t size, std::uint64_t caa, std::uint64_t version, std::uint64_t vmpl)
    -> secrets_page {
  secrets_page page;
  put_le(page.bytes(), 0x140, 8, base);
  put_le(page.bytes(), 0x148, 8, size);
  put_le(page.bytes(), 0x150, 8, caa);
  put_le(page.bytes(), 0x158, 4, version);
  put_le(page.bytes(), 0x15C, 1, vmpl);
  return page;
}

}  // namespace

TEST_CASE("LAY-SEC-02: where the SVSM is", "[layout][LAY-SEC-02]") {
  const auto page = page_of(0x80'0000'0000, 0x100'0000, 0x80'0000'3000, 1, 2);
  CHECK(find_svsm(page) == svsm_location{gpa{0x80'0000'0000}, 0x100'0000, gpa{0x80'0000'3000}, 1, 2});
  const auto wide = page_of(0x8877'6655'4433'2211, ~std::uint64_t{}, 0x1122'3344'5566'7788, 0xFFFF'FFFE, 0xFF);
  CHECK(find_svsm(wide) ==
        svsm_location{gpa{0x8877'6655'4433'2211}, ~std::uint64_t{}, gpa{0x1122'3344'5566'7788}, 0xFFFF'FFFE, 0xFF});
  // The bytes around have no say.
  secrets_page noisy;
  for (auto& byte : noisy.bytes()) byte = 0xFF;
  for (std::size_t i = 0x140; i < 0x15D; ++i) noisy.bytes()[i] = page.bytes()[i];
  CHECK(find_svsm(noisy) == find_svsm(page));
}

TEST_CASE("LAY-SEC-02: there is one if and only if its size is not 0", "[layout][LAY-SEC-02]") {
  CHECK_FALSE(find_svsm(page_of(0x80'0000'0000, 0, 0x80'0000'3000, 1, 2)));
  secrets_page noisy;
  for (auto& byte : noisy.bytes()) byte = 0xFF;
  CHECK(find_svsm(noisy));
  noisy.set_svsm_size(0);
  CHECK_FALSE(find_svsm(noisy));
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t size = std::uint64_t{1} << bit;
    INFO("size " << hex(size));
    CHECK(find_svsm(page_of(0, size, 0, 0, 0)) == svsm_location{{}, size, {}, 0, 0});
  }
}

TEST_CASE("LAY-SEC-02: locations compare by all they say", "[layout][LAY-SEC-02]") {
  CHECK(svsm_location{} == svsm_location{gpa{0}, 0, gpa{0}, 0, 0});
  CHECK_FALSE(svsm_location{} == svsm_location{gpa{1}, 0, gpa{0}, 0, 0});
  CHECK_FALSE(svsm_location{} == svsm_location{gpa{0}, 1, gpa{0}, 0, 0});
  CHECK_FALSE(svsm_location{} == svsm_location{gpa{0}, 0, gpa{1}, 0, 0});
  CHECK_FALSE(svsm_location{} == svsm_location{gpa{0}, 0, gpa{0}, 1, 0});
  CHECK_FALSE(svsm_location{} == svsm_location{gpa{0}, 0, gpa{0}, 0, 1});
}

TEST_CASE("LAY-SEC-02: in a page that lies elsewhere", "[layout][LAY-SEC-02]") {
  const auto page = page_of(0x1000, 0x2000, 0x3000, 1, 3);
  CHECK(find_svsm(layout::secrets_page_const_view(page.bytes())) == find_svsm(page));
}
