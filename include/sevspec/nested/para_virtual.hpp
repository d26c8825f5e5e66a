// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_PARA_VIRTUAL_HPP
#define SEVSPEC_NESTED_PARA_VIRTUAL_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/nested/exclusive_pages.hpp>
#include <sevspec/nested/l1_actions.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/reference.hpp>

/// A para-virtual guest, as of Xen: it runs at CPL 3 of L1 itself, in pages that L1 maps, without nested tables and
/// without a VMCB. SEV passthrough alone can protect it.   NES-KEY-03
namespace sevspec::inline v0::nested {

/// A guest's kernel, which runs at CPL 3.
struct para_virtual_guest {
  unsigned number{};
};

/// How an instruction of the guest's kernel ends.
struct para_virtual_end {
  bool trapped{};                     ///< #GP into L1, which has executed it
  std::optional<rmp::result> done{};  ///< EAX and CF that the guest finds
  std::optional<fault> raised{};      ///< what the guest finds instead
};

/// PVALIDATE by the guest's kernel: at CPL 3 it is #GP, into L1, which executes it for a page that is this guest's.
/// @param where  the page's gPA: one and the same for both
template <class Context, class Machine>
[[nodiscard]] auto para_virtual_pvalidate(Context& ctx, Machine& m, const l1_vm& vm, const page_owners& owners,
                                          para_virtual_guest guest, gpa where, bool validated) -> para_virtual_end {
  const auto regime = l1_regime(ctx, m, vm);
  rmp::execution by = detail::executing(regime);
  by.level = user_mode;
  const auto tried = rmp::pvalidate(ctx, m.rmp, m.processor(), by,
                                    {.where = {where.value}, .size = 0, .validated = validated ? 1U : 0U},
                                    [&](gva) { return detail::named_page(ctx, m, regime, where); });
  if (tried) return {.done = *tried};
  const bool trap = tried.error().kind == fault_kind::gp;
  if (!ctx.applies(rule::NES_KEY_03, trap)) return {.raised = tried.error()};
  const auto found = owners.guest_of.find(page_base(where, page_size::k4k).value);
  if (found == owners.guest_of.end() || found->second != guest.number)
    return {.trapped = true, .raised = tried.error()};  // not its page: the guest has its #GP back
  const auto executed = pvalidate(ctx, m, regime, where, false, validated);
  if (!executed) return {.trapped = true, .raised = executed.error()};
  return {.trapped = true, .done = *executed};
}

/// What the new hypercall asks of L1.
enum class page_state_wish : std::uint8_t { share, make_private };

/// The hypercall by which a para-virtual guest changes the state of a page: L1 has L0 do it.   OSDI'26, 5.4
///
/// The guest gives up a page before it is shared, and validates it after it has become private.
/// @return the code; NES-GPA-01 for a page that is not this guest's
template <class Context, class Machine>
[[nodiscard]] auto para_virtual_page_state(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor,
                                           const page_owners& owners, para_virtual_guest guest, gpa page,
                                           page_state_wish wish) -> std::expected<std::uint64_t, rule> {
  const auto found = owners.guest_of.find(page.value);
  const bool others = found == owners.guest_of.end() || found->second != guest.number;
  if (ctx.denies(rule::NES_GPA_01, others)) return std::unexpected{rule::NES_GPA_01};
  const bool to_private = wish == page_state_wish::make_private;
  const auto done =
      l1_rmpupdate(ctx, m, vm, processor, page, {.assigned = to_private, .id = to_private ? l1_itself : host_asid});
  if (done.what != l1_call_end::kind::done) return std::unexpected{done.decided_by};
  return done.rax;
}

/// Whether software may use VMPLs and RMPADJUST for its own purposes: not where the mode uses them up (NES-RMP-09).
template <class Context>
[[nodiscard]] constexpr auto check_vmpl_use(Context& ctx, mode how) -> std::expected<void, rule> {
  if (ctx.denies(rule::NES_RMP_09, !facts_of(how).vmpls_free)) return std::unexpected{rule::NES_RMP_09};
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
