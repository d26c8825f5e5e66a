// SPDX-License-Identifier: MIT
// FIELD-09: "xor eax, eax" behind PVALIDATE cleared CF, so that "no change" was lost.
// coconut-svsm/svsm ac6f804e (pull request 209), AMDESE/linux-svsm 4b2cab1
#include <cstdint>

#include <support/catch.hpp>

#include <sevspec/layout/rmp_result.hpp>

namespace {

using namespace sevspec;
using layout::rmp_instruction_status;
using layout::rmp_result;

/// What PVALIDATE leaves in the processor.
struct processor {
  std::uint32_t eax;
  bool cf;
};

/// The wrapper as it was: XOR stands between PVALIDATE and the SETC that reads CF, and clears CF.
auto buggy_wrapper(processor after_pvalidate) -> rmp_result {
  const std::uint32_t kept = after_pvalidate.eax;
  processor now = after_pvalidate;
  now.eax ^= now.eax;
  now.cf = false;
  return {static_cast<rmp_instruction_status>(kept), now.cf};
}

/// As it has to be: both parts of the result are taken before anything else runs.
auto fixed_wrapper(processor after_pvalidate) -> rmp_result {
  return {static_cast<rmp_instruction_status>(after_pvalidate.eax), after_pvalidate.cf};
}

}  // namespace

TEST_CASE("FIELD-09: a page that is validated twice is noticed by CF alone", "[field][FIELD-09][LAY-RMP-04]") {
  constexpr processor validated_before{.eax = 0, .cf = true};

  // The buggy wrapper reports what a first validation reports: a page that the hypervisor mapped twice goes unnoticed.
  const rmp_result seen = buggy_wrapper(validated_before);
  CHECK(seen.changed());
  CHECK(layout::svsm_result_of(seen) == 0);

  // The result has two parts, and both count.
  const rmp_result right = fixed_wrapper(validated_before);
  CHECK(right != seen);
  CHECK(right.succeeded());
  CHECK_FALSE(right.changed());
  CHECK(layout::svsm_result_of(right) == 0x8000'1010);
  CHECK(layout::svsm_result_of(right, true) == 0);  // the guest asked to ignore it
}

TEST_CASE("FIELD-09: where CF says nothing the bug did not show", "[field][FIELD-09][LAY-RMP-04]") {
  for (const std::uint32_t eax : {0U, 1U, 6U}) {
    const processor after{.eax = eax, .cf = false};
    CHECK(buggy_wrapper(after) == fixed_wrapper(after));
  }
}
