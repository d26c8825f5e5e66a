// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_PVALIDATE_HPP
#define SEVSPEC_RMP_PVALIDATE_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The operands of PVALIDATE: rAX, ECX, EDX.
struct validate_operands {
  gva where{};                ///< rAX; outside 64-bit mode EAX
  std::uint32_t size{};       ///< ECX: 0 for 4K, 1 for 2M
  std::uint32_t validated{};  ///< EDX: the wanted value of the Validated bit

  friend constexpr auto operator==(const validate_operands&, const validate_operands&) -> bool = default;
};

/// PVALIDATE: the guest accepts a page that was assigned to it, or gives it up.
/// APM vol. 3, PVALIDATE; vol. 2, 15.36.6
///
/// That a page has the wanted state already, CF=1, is a sign of a page that is validated twice. The instruction knows
/// one sPA: it does not notice that the guest has validated another page for the same gPA (RMP-PVL-07).
/// @param translate  as of `rmpadjust`
/// @return EAX and CF; or #UD, #GP(0), the fault of the translation, #NPF
template <class Context, writable_store Store, class Translate>
[[nodiscard]] constexpr auto pvalidate(Context& ctx, Store& rmp, const processor& cpu, const execution& by,
                                       const validate_operands& operands, Translate&& translate) -> outcome<result> {
  using enum status;
  if (const auto fault = refused(ctx, cpu, by, instruction::pvalidate)) return std::unexpected{*fault};
  if (ctx.denies(rule::RMP_PVL_01, by.privilege != vmpl{0})) {
    if (ctx.choices.pvalidate_vmpl_fault == pvalidate_denial::fail_permission)
      return fails(fail_permission, rule::RMP_PVL_01);
    return std::unexpected{fault{fault_kind::gp, rule::RMP_PVL_01, 0, 0}};
  }

  const gva where = by.sixty_four_bit ? operands.where : gva{operands.where.value & 0xffff'ffff};
  const bool lenient = ctx.choices.pvalidate_reserved == undefined_operand::ignored;
  if (ctx.denies(rule::RMP_INS_02, (operands.size > 1 || operands.validated > 1) && !lenient))
    return fails(fail_input, rule::RMP_INS_02);
  const bool large = (operands.size & 1) != 0;
  const bool wanted = (operands.validated & 1) != 0;
  const std::uint64_t inside = Store::sub_pages * std::uint64_t{4096} - 1;
  if (ctx.denies(rule::RMP_INS_02, large && (where.value & inside & ~std::uint64_t{0xfff}) != 0))
    return fails(fail_input, rule::RMP_INS_02);

  const outcome<guest_page> page = translate(where);
  if (!page) return std::unexpected{page.error()};
  if (ctx.denies(rule::RMP_CHK_07, !page->c)) return shared_page(ctx, *page, rule::RMP_CHK_07);

  const auto own = own_page(ctx, rmp, by, *page);
  if (!own) return std::unexpected{own.error()};
  entry found = own->found;
  if (ctx.denies(rule::RMP_CHK_15, found.in_use)) return std::unexpected{page_violation(ctx, *page, rule::RMP_CHK_15)};
  if (ctx.denies(rule::RMP_PVL_02, !large && found.large))
    return std::unexpected{page_violation(ctx, *page, rule::RMP_PVL_02, true)};
  if (ctx.denies(rule::RMP_CHK_10,
                 !large && page->leaf != page_size::k4k && !found.large && !ctx.choices.rmpinsn_leaf_size))
    return std::unexpected{page_violation(ctx, *page, rule::RMP_CHK_10)};
  const bool guest_small = page->guest_leaf == page_size::k4k && !ctx.choices.pvalidate_guest_pt_size;
  if (ctx.denies(rule::RMP_PVL_02, large && (!found.large || page->leaf == page_size::k4k || guest_small)))
    return fails(fail_sizemismatch, rule::RMP_PVL_02);

  result done;
  done.unchanged = ctx.applies(rule::RMP_PVL_03, found.validated == wanted);
  found.validated = wanted;  // and nothing else: permissions and VMSA stay (RMP-PVL-04)
  rmp.put(own->page, found);
  return done;
}

}  // namespace sevspec::inline v0::rmp

#endif
