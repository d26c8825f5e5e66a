// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_COMPARE_HPP
#define SEVSPEC_VERIFY_RMP_COMPARE_HPP

#include <string_view>

#include <sevspec/verify/rmp_abilities.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// Whether two machines gave the same answer to a step: what counts of an answer depends on how it ends.
/// @param able  which bits of entries count
[[nodiscard]] constexpr auto same_answer(const rmp_step& step, const rmp_answer& a, const rmp_answer& b,
                                         const rmp_abilities& able = {}) noexcept -> bool {
  if (a.ending != b.ending) return false;
  switch (a.ending) {
    case rmp_ending::done:
    case rmp_ending::ud:
    case rmp_ending::abort:
    case rmp_ending::unsupported: return true;
    case rmp_ending::broken:      return false;
    case rmp_ending::gp:          return a.error == b.error;
    case rmp_ending::pf:
    case rmp_ending::npf:
    case rmp_ending::vc:          return a.error == b.error && a.address == b.address;
    case rmp_ending::entry:
      return ((a.lo ^ b.lo) & able.entry_lo) == 0 && ((a.hi ^ b.hi) & able.entry_hi) == 0 &&
             (!able.entry_state || std::string_view{a.state} == b.state);
    case rmp_ending::status: return std::string_view{a.state} == b.state;
    case rmp_ending::result:
      if (a.eax != b.eax || a.zf != b.zf || a.cf != b.cf) return false;
      if (a.eax != 0) return true;
      if (step.what == rmp_operation::rmpread)
        return a.assigned == b.assigned && a.immutable == b.immutable && a.size_byte == b.size_byte &&
               a.asid == b.asid && a.gpa == b.gpa;
      if (step.what == rmp_operation::rmpquery) return a.size_byte == b.size_byte && a.attributes == b.attributes;
      return true;
  }
  return false;
}

}  // namespace sevspec::inline v0::verify

#endif
