// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_GUEST_CALL_HPP
#define SEVSPEC_VERIFY_RMP_GUEST_CALL_HPP

#include <cstdint>

#include <sevspec/base/page_size.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// What executes a guest's instruction: who, and where its address leads.
struct guest_call {
  std::uint32_t asid{};
  std::uint8_t vmpl{};
  std::uint8_t cpl{};
  std::uint64_t gpa{};  ///< of the page; also stands for the linear address
  std::uint64_t spa{};  ///< where the nested tables put it
  page_size leaf{};     ///< by a page of this size
};

/// What a guest's instruction leaves: EAX and CF, or the fault instead.
struct guest_return {
  std::uint32_t eax{};
  bool cf{};
  rmp_ending ending = rmp_ending::result;  ///< or `gp`, `npf`, `vc`
  std::uint64_t error{};                   ///< of a fault: error code, EXITINFO1
  std::uint64_t address{};                 ///< of a fault: CR2, EXITINFO2
};

}  // namespace sevspec::inline v0::verify

#endif
