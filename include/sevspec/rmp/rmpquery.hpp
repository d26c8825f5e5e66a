// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RMPQUERY_HPP
#define SEVSPEC_RMP_RMPQUERY_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// What RMPQUERY leaves in RCX and RDX (RMP-QRY-01).
struct queried_state {
  bool large{};                ///< RCX: 1 for a page of 2M
  std::uint64_t attributes{};  ///< RDX: 7:0 target VMPL, 15:8 its permissions, 16 VMSA

  friend constexpr auto operator==(const queried_state&, const queried_state&) -> bool = default;
};

/// RMPQUERY: a VMPL's permissions for a page. Changes nothing (RMP-QRY-03).   APM vol. 3, RMPQUERY
/// @param target     RDX[7:0]
/// @param translate  as of `rmpadjust`
/// @param out        written if EAX is 0
/// @return EAX; or #UD, #GP(0), the fault of the translation, #NPF, #VC 404h
template <class Context, entry_store Store, class Translate>
[[nodiscard]] constexpr auto rmpquery(Context& ctx, const Store& rmp, const processor& cpu, const execution& by,
                                      gva where, std::uint8_t target, Translate&& translate, queried_state& out)
    -> outcome<result> {
  using enum status;
  if (const auto fault = refused(ctx, cpu, by, instruction::rmpquery)) return std::unexpected{*fault};
  const bool below = target < by.privilege.value || (target == by.privilege.value && !ctx.choices.rmpquery_permission);
  if (ctx.denies(rule::RMP_QRY_02, below || target >= cpu.vmpls)) return fails(fail_permission, rule::RMP_QRY_02);

  const outcome<guest_page> page = translate(where);
  if (!page) return std::unexpected{page.error()};
  // RMPQUERY has no FAIL_INPUT (RMP-INS-03), so `rmpinsn_cbit0` does not speak of it.
  if (ctx.denies(rule::RMP_CHK_07, !page->c)) return std::unexpected{page_violation(ctx, *page, rule::RMP_CHK_07)};
  const auto own = own_page(ctx, rmp, by, *page);
  if (!own) return std::unexpected{own.error()};
  const entry& found = own->found;
  if (ctx.denies(rule::RMP_CHK_15, found.in_use)) return std::unexpected{page_violation(ctx, *page, rule::RMP_CHK_15)};
  if (ctx.denies(rule::PAG_RMPS_08, !found.validated))
    return std::unexpected{
        fault{fault_kind::vc, rule::PAG_RMPS_08, paging::vmexit_page_not_validated, page->linear.value}};
  out = {.large = found.large,
         .attributes = target | std::uint64_t{found.allowed[target & 3].raw} << 8 | std::uint64_t{found.vmsa} << 16};
  return result{};
}

}  // namespace sevspec::inline v0::rmp

#endif
