// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_REFLECTED_EXIT_HPP
#define SEVSPEC_CPU_REFLECTED_EXIT_HPP

#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/rmp/guest_page.hpp>

namespace sevspec::inline v0::cpu {

/// What an exit that the hypervisor does not see leaves in the VMSA: GUEST_EXITCODE, GUEST_EXITINFO1, GUEST_EXITINFO2.
/// APM vol. 2, 15.36.9
struct reflected_exit {
  std::uint64_t code{};
  std::uint64_t info_1{};
  std::uint64_t info_2{};

  friend constexpr auto operator==(const reflected_exit&, const reflected_exit&) -> bool = default;
};

/// #VC 404h of a reference to a page that is not validated, where ReflectVC makes it VMEXIT_VC (RMP-FLT-08).
/// `implementation_choices::vc404_exitinfo` says what the two EXITINFOs hold.
/// @param refused  what page ownership was asked, and answered with `not_validated`: always a private reference
template <class Context>
[[nodiscard]] constexpr auto not_validated_exit(Context& ctx, const paging::two_stage_regime& machine,
                                                const memory::ownership_query& refused) -> reflected_exit {
  using error = paging::page_fault_code;
  reflected_exit left{.code = paging::vmexit_page_not_validated};
  if (ctx.choices.vc404_exitinfo == not_validated_info::zero) return left;
  const implementation_choices& choices = ctx.choices;
  const bool user = !machine.gmet || (refused.table ? choices.gmet_walk_us_bit
                                                    : refused.user || choices.gmet_us_bit == gmet_user_bit::always);
  const bool id_reported = machine.nested.nxe || machine.nested.smep || !choices.npf_id_requires_nx_or_smep;
  left.info_1 = error::p::mask | (refused.table ? error::guest_table::mask : error::final_gpa::mask);
  if (user) left.info_1 |= error::u::mask;
  if (writes(refused.kind) || (refused.table && choices.rmp_gpt_error_w)) left.info_1 |= error::w::mask;
  if (refused.kind == access_kind::execute && id_reported) left.info_1 |= error::id::mask;
  if (is_shadow_stack(refused.kind)) left.info_1 |= error::ss::mask;
  if (choices.report_enc_bit != enc_bit::never) left.info_1 |= error::enc::mask;
  left.info_2 = refused.guest.value;
  return left;
}

/// The same of RMPADJUST and RMPQUERY, which look at a page as a read of one byte does.
template <class Context>
[[nodiscard]] constexpr auto not_validated_exit(Context& ctx, const paging::two_stage_regime& machine,
                                                const rmp::guest_page& page) -> reflected_exit {
  return not_validated_exit(ctx, machine,
                            memory::ownership_query{.where = page.where,
                                                    .guest = page.guest,
                                                    .leaf = page.leaf,
                                                    .c = true,
                                                    .who = memory::owner_context::snp_guest,
                                                    .id = machine.id,
                                                    .level = machine.level});
}

}  // namespace sevspec::inline v0::cpu

#endif
