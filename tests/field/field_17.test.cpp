// SPDX-License-Identifier: MIT
// FIELD-17: the status of RMPADJUST was tested as an EFI_STATUS, which is an error only when its highest bit is set.
// tianocore/edk2 c212fec9cf
#include <cstdint>

#include <support/catch.hpp>

#include <sevspec/layout/rmp_result.hpp>

namespace {

using namespace sevspec;
using layout::rmp_instruction_status;
using layout::rmp_result;

/// EFI_ERROR() of MdePkg: negative as an INTN.
auto efi_error(std::uint64_t status) -> bool { return static_cast<std::int64_t>(status) < 0; }

}  // namespace

TEST_CASE("FIELD-17: every status but 0 is a failure", "[field][FIELD-17][LAY-RMP-04]") {
  for (const auto status :
       {rmp_instruction_status::fail_input, rmp_instruction_status::fail_permission, rmp_instruction_status::fail_inuse,
        rmp_instruction_status::fail_overlap, rmp_instruction_status::fail_sizemismatch}) {
    INFO("EAX " << std::to_underlying(status));
    CHECK_FALSE(efi_error(std::to_underlying(status)));  // the bug: no failure was ever seen
    CHECK_FALSE(rmp_result{status}.succeeded());
  }
  CHECK_FALSE(efi_error(std::to_underlying(rmp_instruction_status::success)));
  CHECK(rmp_result{rmp_instruction_status::success}.succeeded());
}

TEST_CASE("FIELD-17: the status is unsigned and 32 bits wide", "[field][FIELD-17][LAY-RMP-04]") {
  // Not even a status with EAX[31] set is negative in RAX.
  const auto highest = static_cast<rmp_instruction_status>(0x8000'0000);
  CHECK_FALSE(efi_error(std::to_underlying(highest)));
  CHECK_FALSE(rmp_result{highest}.succeeded());
}
