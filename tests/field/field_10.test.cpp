// SPDX-License-Identifier: MIT
// FIELD-10: RMPADJUST raised an exception; RAX still held the address, which was taken for the status.
// coconut-svsm/svsm a8f65b04
#include <cstdint>
#include <type_traits>

#include <support/catch.hpp>

#include <sevspec/base/outcome.hpp>
#include <sevspec/layout/rmp_result.hpp>

namespace {

using namespace sevspec;
using layout::rmp_instruction_status;
using layout::rmp_result;

/// RMPADJUST takes the address in RAX and returns the status in EAX. When it raises #PF the exception handler goes on
/// behind it, and RAX is as it was.
auto rax_after_page_fault(std::uint64_t virtual_address) -> std::uint64_t { return virtual_address; }

/// The wrapper as it was: whatever is in EAX is the status.
auto buggy_wrapper(std::uint64_t rax) -> rmp_instruction_status {
  return static_cast<rmp_instruction_status>(rax & 0xFFFF'FFFF);
}

// A fault is not an integer that could be taken for a status, nor the other way round.
static_assert(!std::is_convertible_v<fault, rmp_result>);
static_assert(!std::is_convertible_v<rmp_result, fault>);
static_assert(!std::is_convertible_v<std::uint64_t, rmp_result>);
static_assert(!std::is_convertible_v<std::uint64_t, rmp_instruction_status>);
static_assert(!std::is_convertible_v<outcome<rmp_result>, rmp_result>);
static_assert(!std::is_convertible_v<outcome<rmp_result>, bool>);  // only where a condition is meant
static_assert(std::is_same_v<outcome<rmp_result>::error_type, fault>);

}  // namespace

TEST_CASE("FIELD-10: a fault is no status", "[field][FIELD-10][LAY-RMP-04]") {
  const auto address = GENERATE(as<std::uint64_t>{}, 0xFFFF'8000'0000'0000, 0xFFFF'FF80'0000'0006, 0x7F00'0000'1000);
  const auto misread = buggy_wrapper(rax_after_page_fault(address));
  // An address whose lower half is 0 is a success to the buggy wrapper, others are failures that never happened.
  CHECK(rmp_result{misread}.succeeded() == ((address & 0xFFFF'FFFF) == 0));
  CHECK((misread == rmp_instruction_status::fail_sizemismatch) == ((address & 0xFFFF'FFFF) == 6));

  const outcome<rmp_result> right = std::unexpected{fault{.kind = fault_kind::pf, .address = address}};
  CHECK_FALSE(right.has_value());
  CHECK(right.error().address == address);
  CHECK(right != outcome<rmp_result>(rmp_result{misread}));
  CHECK(right != outcome<rmp_result>(rmp_result{}));
}
