// SPDX-License-Identifier: MIT
// FIELD-45: the SVSM tells its guest in the secrets page where it is; firmware used constants of its own build instead.
// tianocore/edk2 issue 10701
#include <cstdint>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/svsm_location.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::secrets_page;

/// PcdOvmfSecSvsmCaaBase, fixed when the firmware is built.
constexpr gpa built_in_caa{0x80'F000};

/// A page as the SVSM fills it: SVSM specification, table 1.
auto filled_by_svsm(std::uint64_t base, std::uint64_t size, std::uint64_t caa) -> secrets_page {
  secrets_page page;
  put_le(page.bytes(), 0x000, 4, 3);
  put_le(page.bytes(), 0x140, 8, base);
  put_le(page.bytes(), 0x148, 8, size);
  put_le(page.bytes(), 0x150, 8, caa);
  put_le(page.bytes(), 0x158, 4, 1);
  put_le(page.bytes(), 0x15C, 1, 2);
  return page;
}

}  // namespace

TEST_CASE("FIELD-45: the calling area is where the secrets page says", "[field][FIELD-45][LAY-SEC-02]") {
  const auto page = filled_by_svsm(0x80'0000'0000, 0x100'0000, 0x7F00'0000);
  const auto svsm = layout::find_svsm(page);
  REQUIRE(svsm.has_value());
  CHECK(svsm->caa == gpa{0x7F00'0000});
  CHECK(svsm->caa != built_in_caa);  // where the firmware went instead
  // The SVSM's own memory, which the guest has to leave alone.
  CHECK(svsm->base == gpa{0x80'0000'0000});
  CHECK(svsm->size == 0x100'0000);
  CHECK(svsm->max_version == 1);
  CHECK(svsm->guest_vmpl == 2);
}

TEST_CASE("FIELD-45: each field has its own place", "[field][FIELD-45][LAY-SEC-02]") {
  const auto before = layout::find_svsm(filled_by_svsm(1, 2, 3)).value();
  CHECK(before.base == gpa{1});
  CHECK(before.size == 2);
  CHECK(before.caa == gpa{3});
  // Without a size there is no SVSM, whatever the other fields say.
  CHECK_FALSE(layout::find_svsm(filled_by_svsm(0x80'0000'0000, 0, 0x7F00'0000)));
}
