// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_GUEST_PAGE_HPP
#define SEVSPEC_RMP_GUEST_PAGE_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The page that a guest names to RMPADJUST, PVALIDATE or RMPQUERY, once its address is translated with the checks of a
/// read of one byte.
struct guest_page {
  gva linear{};
  gpa guest{};  ///< without the C-bit
  spa where{};
  page_size leaf = page_size::k4k;        ///< of the nested page
  page_size guest_leaf = page_size::k4k;  ///< of the guest's own
  bool c = true;                          ///< effective C-bit
  bool reported_user = true;              ///< what EXITINFO1.U says of the guest's references (PAG-GMET-03)
  bool nested_sss = false;                ///< without VmplSSS: the nested leaf is one of a supervisor shadow stack

  friend constexpr auto operator==(const guest_page&, const guest_page&) -> bool = default;
};

/// #NPF of an instruction on a page that is not the guest's to use so (RMP-FLT-02, RMP-FLT-03,
/// RMP-FLT-05).
/// @param size_mismatch  the instruction asks for 4K of a page of 2M: SIZEM
template <class Context>
[[nodiscard]] constexpr auto page_violation(Context& ctx, const guest_page& page, rule why, bool size_mismatch = false)
    -> fault {
  using error = paging::page_fault_code;
  std::uint64_t code = error::p::mask | error::rmp::mask | error::final_gpa::mask;
  if (page.reported_user) code |= error::u::mask;
  if (page.c && ctx.choices.report_enc_bit != enc_bit::never) code |= error::enc::mask;  // PAG-NPF-10
  if (size_mismatch) code |= error::sizem::mask;
  if (page.nested_sss) code |= error::sss::mask;  // RMP-FLT-05
  return {fault_kind::npf, why, code, page.guest.value};
}

/// The checks of ownership that RMPADJUST, PVALIDATE and RMPQUERY share: covered, the guest's own, seen where it was
/// assigned, mutable. Whether VMRUN holds the page is theirs to ask.   APM vol. 2, 15.36.10
/// @return the entry that counts; or #NPF
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto own_page(Context& ctx, const Store& rmp, const execution& by, const guest_page& page)
    -> outcome<authoritative> {
  const spfn at = page_of(page.where);
  if (ctx.denies(rule::RMP_SEG_06, is_way_reserved(rmp, at))) {
    fault raised = page_violation(ctx, page, rule::RMP_SEG_06);
    using error = paging::page_fault_code;
    raised.code = (raised.code & ~(error::rmp::mask | error::sss::mask)) | error::rsvd::mask;
    return std::unexpected{raised};
  }
  const bool covered = rmp.covers(at);
  const authoritative it = covered ? find_authoritative(rmp, at) : authoritative{};
  const bool owned = covered && it.found.assigned && it.found.id == by.id &&
                     reverse_map_agrees<Store>(it.found, page.guest, page.where) && !it.found.immutable;
  if (ctx.denies(rule::RMP_CHK_01, !owned) || !covered)
    return std::unexpected{page_violation(ctx, page, rule::RMP_CHK_01)};
  return it;
}

/// The C-bit of an instruction's page is 0: there is no page of the guest's to act on.
/// @return the fault, or FAIL_INPUT, as `implementation_choices::rmpinsn_cbit0` says
template <class Context>
[[nodiscard]] constexpr auto shared_page(Context& ctx, const guest_page& page, rule why) -> outcome<result> {
  switch (ctx.choices.rmpinsn_cbit0) {
    case shared_operand::npf:        return std::unexpected{page_violation(ctx, page, why)};
    case shared_operand::gp:         return std::unexpected{fault{fault_kind::gp, why, 0, 0}};
    case shared_operand::fail_input: return fails(status::fail_input, why);
  }
  return fails(status::fail_input, why);
}

}  // namespace sevspec::inline v0::rmp

#endif
