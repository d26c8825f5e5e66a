// SPDX-License-Identifier: MIT
#include <utility>

#include <support/catch.hpp>

#include <sevspec/layout/rmp_result.hpp>
#include <sevspec/rmp/result.hpp>

namespace {

using namespace sevspec;
using layout::rmp_instruction_status;
using layout::rmp_result;
using layout::svsm_result_codes;
using layout::svsm_result_of;

constexpr auto code(std::uint32_t eax) { return static_cast<rmp_instruction_status>(eax); }

static_assert(rmp_result{}.succeeded() && rmp_result{}.changed() && svsm_result_of({}) == 0);

}  // namespace

TEST_CASE("LAY-RMP-04: the codes in EAX", "[layout][LAY-RMP-04]") {
  // APM vol. 3: PVALIDATE, RMPADJUST, RMPUPDATE, PSMASH. 5 is not used.
  CHECK(std::to_underlying(rmp_instruction_status::success) == 0);
  CHECK(std::to_underlying(rmp_instruction_status::fail_input) == 1);
  CHECK(std::to_underlying(rmp_instruction_status::fail_permission) == 2);
  CHECK(std::to_underlying(rmp_instruction_status::fail_inuse) == 3);
  CHECK(std::to_underlying(rmp_instruction_status::fail_overlap) == 4);
  CHECK(std::to_underlying(rmp_instruction_status::fail_sizemismatch) == 6);
  // PSMASH's own: no name here, and a failure as every other.
  CHECK_FALSE(rmp_result{code(std::to_underlying(rmp::status::fail_badaddr))}.succeeded());
  CHECK(std::to_underlying(rmp::status::fail_badaddr) == 7);
  // The table of the instructions themselves has the same numbers.
  CHECK(std::to_underlying(rmp::status::success) == 0);
  CHECK(std::to_underlying(rmp::status::fail_input) == 1);
  CHECK(std::to_underlying(rmp::status::fail_permission) == 2);
  CHECK(std::to_underlying(rmp::status::fail_inuse) == 3);
  CHECK(std::to_underlying(rmp::status::fail_overlap) == 4);
  CHECK(std::to_underlying(rmp::status::fail_sizemismatch) == 6);
}

TEST_CASE("LAY-RMP-04: success is 0 and nothing else", "[layout][LAY-RMP-04]") {
  CHECK(rmp_result{code(0), false}.succeeded());
  CHECK(rmp_result{code(0), true}.succeeded());
  for (std::uint32_t eax = 1; eax != 0; eax <<= 1) {
    INFO("EAX " << eax);
    for (const bool cf : {false, true}) {
      CHECK_FALSE(rmp_result{code(eax), cf}.succeeded());
      CHECK_FALSE(rmp_result{code(~eax), cf}.succeeded());
      CHECK_FALSE(rmp_result{code(eax), cf}.changed());
    }
  }
}

TEST_CASE("LAY-RMP-04: PVALIDATE changed the bit only with EAX=0 and CF=0", "[layout][LAY-RMP-04]") {
  CHECK(rmp_result{rmp_instruction_status::success, false}.changed());
  CHECK_FALSE(rmp_result{rmp_instruction_status::success, true}.changed());
  for (const auto status :
       {rmp_instruction_status::fail_input, rmp_instruction_status::fail_permission, rmp_instruction_status::fail_inuse,
        rmp_instruction_status::fail_overlap, rmp_instruction_status::fail_sizemismatch}) {
    CHECK_FALSE(rmp_result{status, false}.changed());
    CHECK_FALSE(rmp_result{status, true}.changed());
  }
}

TEST_CASE("LAY-RMP-04: CF counts only where it is defined", "[layout][LAY-RMP-04]") {
  CHECK(rmp_result{code(0), false} == rmp_result{});
  CHECK_FALSE(rmp_result{code(0), true} == rmp_result{code(0), false});
  CHECK(rmp_result{code(0), true} == rmp_result{code(0), true});
  for (const std::uint32_t eax : {1U, 2U, 3U, 4U, 6U}) {
    CHECK(rmp_result{code(eax), true} == rmp_result{code(eax), false});
    CHECK(rmp_result{code(eax), true} == rmp_result{code(eax), true});
    CHECK_FALSE(rmp_result{code(eax), true} == rmp_result{code(0), true});
    CHECK_FALSE(rmp_result{code(eax), false} == rmp_result{code(0), false});
    CHECK_FALSE(rmp_result{code(eax), true} == rmp_result{code(eax ^ 8), true});
  }
}

TEST_CASE("LAY-SVSM-03: what an SVSM returns", "[layout][svsm][LAY-SVSM-03]") {
  CHECK(svsm_result_of({code(0), false}) == 0);
  CHECK(svsm_result_of({code(0), false}, true) == 0);
  CHECK(svsm_result_of({code(0), true}) == 0x8000'1010);
  CHECK(svsm_result_of({code(0), true}, false) == 0x8000'1010);
  CHECK(svsm_result_of({code(0), true}, true) == 0);
  for (const std::uint32_t eax : {1U, 2U, 3U, 4U, 6U, 0xFU})
    for (const bool cf : {false, true})
      for (const bool ignore_cf : {false, true}) {
        INFO("EAX " << eax);
        CHECK(svsm_result_of({code(eax), cf}, ignore_cf) == 0x8000'1000ULL + eax);
      }
}

TEST_CASE("LAY-SVSM-03: the codes have names", "[layout][svsm][LAY-SVSM-03]") {
  CHECK(svsm_result_of({rmp_instruction_status::fail_input}) ==
        std::to_underlying(svsm_result_codes::pvalidate_fail_input));
  CHECK(svsm_result_of({rmp_instruction_status::fail_inuse}) ==
        std::to_underlying(svsm_result_codes::pvalidate_fail_inuse));
  CHECK(svsm_result_of({rmp_instruction_status::fail_sizemismatch}) ==
        std::to_underlying(svsm_result_codes::pvalidate_fail_sizemismatch));
  CHECK(svsm_result_of({rmp_instruction_status::success, true}) ==
        std::to_underlying(svsm_result_codes::pvalidate_fail_nochange));
  CHECK(svsm_result_of({rmp_instruction_status::success}) == std::to_underlying(svsm_result_codes::success));
}
