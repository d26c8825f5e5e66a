// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RMPADJUST_HPP
#define SEVSPEC_RMP_RMPADJUST_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The operands of RMPADJUST: RAX, RCX, RDX (RMP-ADJ-01).
struct adjust_operands {
  gva where{};                 ///< RAX
  std::uint64_t size{};        ///< RCX: 0 for 4K, 1 for 2M
  std::uint64_t attributes{};  ///< RDX: 7:0 target VMPL, 15:8 permissions, 16 VMSA

  friend constexpr auto operator==(const adjust_operands&, const adjust_operands&) -> bool = default;
};

/// Whether a permission mask makes no sense: anything without read; shadow stacks that can be executed; supervisor
/// execution without user execution (RMP-VPL-05).   APM vol. 2, table 15-37
[[nodiscard]] constexpr auto is_misconfigured(permissions mask) noexcept -> bool {
  return (!mask.read() && (mask.raw & 0xfe) != 0) ||
         (mask.supervisor_shadow_stack() && (mask.execute_user() || mask.execute_supervisor())) ||
         (mask.execute_supervisor() && !mask.execute_user());
}

/// RMPADJUST: sets the permissions of a less privileged VMPL for a page, and makes pages VMSAs.
/// APM vol. 3, RMPADJUST; vol. 2, 15.36.7, 15.36.12
/// @param translate  `translate(gva) -> outcome<guest_page>`: with the checks of a read of one byte; called once the
///                   operands are found good
/// @return EAX; or #UD, #GP(0), the fault of the translation, #NPF, #VC 404h
template <class Context, writable_store Store, class Translate>
[[nodiscard]] constexpr auto rmpadjust(Context& ctx, Store& rmp, const processor& cpu, const execution& by,
                                       const adjust_operands& operands, Translate&& translate) -> outcome<result> {
  using enum status;
  if (const auto fault = refused(ctx, cpu, by, instruction::rmpadjust)) return std::unexpected{*fault};

  const auto target = static_cast<std::uint8_t>(operands.attributes & 0xff);
  const bool lenient = ctx.choices.rmpadjust_reserved == undefined_operand::ignored;
  permissions mask{static_cast<std::uint8_t>(operands.attributes >> 8 & 0xff)};
  const bool vmsa = (operands.attributes >> 16 & 1) != 0;
  const bool reserved = operands.size > 1 || operands.attributes >> 17 != 0 || mask.raw >> 5 != 0;
  if (ctx.denies(rule::RMP_ADJ_01, (reserved && !lenient) || target >= cpu.vmpls))
    return fails(fail_input, rule::RMP_ADJ_01);
  mask.raw &= 0x1f;
  const bool large = (operands.size & 1) != 0;
  const std::uint64_t inside = Store::sub_pages * std::uint64_t{4096} - 1;
  if (ctx.denies(rule::RMP_ADJ_01, large && (operands.where.value & inside & ~std::uint64_t{0xfff}) != 0))
    return fails(fail_input, rule::RMP_ADJ_01);
  const bool refuses = ctx.choices.vmpl_misconfig_code != misconfigured_mask::accepted;
  if (ctx.denies(rule::RMP_VPL_05, is_misconfigured(mask) && refuses)) {
    const bool input = ctx.choices.vmpl_misconfig_code == misconfigured_mask::fail_input;
    return fails(input ? fail_input : fail_permission, rule::RMP_VPL_05);
  }
  if (ctx.denies(rule::RMP_ADJ_02, target <= by.privilege.value)) return fails(fail_permission, rule::RMP_ADJ_02);

  const outcome<guest_page> page = translate(operands.where);
  if (!page) return std::unexpected{page.error()};
  if (ctx.denies(rule::RMP_CHK_07, !page->c)) return shared_page(ctx, *page, rule::RMP_CHK_07);

  const auto own = own_page(ctx, rmp, by, *page);
  if (!own) return std::unexpected{own.error()};
  entry found = own->found;
  if (ctx.denies(rule::RMP_CHK_15, found.in_use)) {
    if (ctx.choices.rmpadjust_inuse == in_use_adjust::fail_inuse) return fails(fail_inuse, rule::RMP_CHK_15);
    return std::unexpected{page_violation(ctx, *page, rule::RMP_CHK_15)};
  }
  if (ctx.denies(rule::RMP_ADJ_04, !large && found.large))
    return std::unexpected{page_violation(ctx, *page, rule::RMP_ADJ_04, true)};
  if (ctx.denies(rule::RMP_CHK_10,
                 !large && page->leaf != page_size::k4k && !found.large && !ctx.choices.rmpinsn_leaf_size))
    return std::unexpected{page_violation(ctx, *page, rule::RMP_CHK_10)};
  if (ctx.denies(rule::RMP_ADJ_09, !found.validated))
    return std::unexpected{
        fault{fault_kind::vc, rule::RMP_ADJ_09, paging::vmexit_page_not_validated, page->linear.value}};
  const bool guest_small = page->guest_leaf == page_size::k4k && !ctx.choices.pvalidate_guest_pt_size;
  if (ctx.denies(rule::RMP_ADJ_04, large && (!found.large || page->leaf == page_size::k4k || guest_small)))
    return fails(fail_sizemismatch, rule::RMP_ADJ_04);
  const std::uint8_t own_mask = found.allowed[by.privilege.value & 3].raw;
  if (ctx.denies(rule::RMP_ADJ_03, (mask.raw & ~own_mask) != 0)) return fails(fail_permission, rule::RMP_ADJ_03);

  found.allowed[target & 3] = mask;
  // VMPL 0 writes the VMSA bit each time, so adjusting a VMSA without bit 16 makes it an ordinary page again.
  if (ctx.applies(rule::RMP_ADJ_05, by.privilege == vmpl{0})) found.vmsa = vmsa;
  rmp.put(own->page, found);
  return result{};
}

}  // namespace sevspec::inline v0::rmp

#endif
