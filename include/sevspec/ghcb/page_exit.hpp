// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_PAGE_EXIT_HPP
#define SEVSPEC_GHCB_PAGE_EXIT_HPP

#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb.hpp>

/// One request of the page protocol, and its answer.
namespace sevspec::inline v0::ghcb {

/// The GHCB at the moment of the exit: the only copy that anything looks at (GHCB-PAGE-08).
struct snapshot {
  gpa where{};
  layout::ghcb page{};

  [[nodiscard]] constexpr auto has(ghcb_field field) const -> bool { return layout::is_valid(page, field); }
  /// The value of a field, 0 if it was not passed.
  [[nodiscard]] constexpr auto value(ghcb_field field) const -> std::uint64_t {
    return layout::passed(page, field).value_or(0);
  }
  [[nodiscard]] constexpr auto info_1() const noexcept -> std::uint64_t { return page.sw_exit_info_1().raw; }
  [[nodiscard]] constexpr auto info_2() const noexcept -> std::uint64_t { return page.sw_exit_info_2(); }

  friend constexpr auto operator==(const snapshot& a, const snapshot& b) -> bool {
    return a.where == b.where && a.page == b.page;
  }
};

/// Reads a GHCB, once.
/// @return nothing if the hypervisor cannot read it
template <hypervisor_environment Environment>
[[nodiscard]] constexpr auto take_snapshot(Environment& env, gpa where) -> std::optional<snapshot> {
  snapshot taken{.where = where};
  if (!env.read(where, taken.page.bytes())) return std::nullopt;
  return taken;
}

/// What the hypervisor answers.
struct page_answer {
  next_step next = next_step::resume;
  std::uint64_t info_1{};
  std::uint64_t info_2{};
  std::optional<std::uint64_t> rax{}, rbx{}, rcx{}, rdx{};
  rule decided_by = rule::none;             ///< of an error
  std::optional<termination_reason> why{};  ///< of a termination

  friend constexpr auto operator==(const page_answer&, const page_answer&) -> bool = default;
};

/// Malformed input.   GHCB 4.1, SW_EXITINFO2
[[nodiscard]] constexpr auto malformed(layout::ghcb_error_codes reason, rule why) -> page_answer {
  return {.info_1 = std::to_underlying(layout::ghcb_result_codes::malformed_input),
          .info_2 = std::to_underlying(reason),
          .decided_by = why};
}

/// The guest shall raise #GP (GHCB-RET-02).
template <class Context>
[[nodiscard]] constexpr auto general_protection(const Context& ctx, rule why) -> page_answer {
  const auto event = layout::event_injection{}
                         .set_vector(13)
                         .set_type(layout::event_types::exception)
                         .set_error_code_valid(ctx.choices.ghcb_gp_error_code)
                         .set_valid(true);
  return {
      .info_1 = std::to_underlying(layout::ghcb_result_codes::issue_exception), .info_2 = event.raw, .decided_by = why};
}

/// The malformed-input reason for an event that this guest cannot use, or for a misplaced page of a guest request: 4 as
/// KVM has it, or the one that fits (GHCB-PAGE-06).
template <class Context>
[[nodiscard]] constexpr auto reason_or_4(const Context& ctx, layout::ghcb_error_codes fitting)
    -> layout::ghcb_error_codes {
  return ctx.choices.ghcb_reason_strict ? fitting : layout::ghcb_error_codes::missing_input;
}

/// Writes an answer to the guest's page: the fields that it has, and a bitmap with them alone (GHCB-PAGE-08). Nothing
/// else of the page is touched.
/// @return false if the page cannot be written any longer
template <class Context, hypervisor_environment Environment>
constexpr auto write_answer(Context& ctx, Environment& env, gpa where, page_answer answer) -> bool {
  if (ctx.applies(rule::GHCB_PAGE_09, ctx.choices.ghcb_extra_outputs)) {
    answer.rax = answer.rax.value_or(0);
    answer.rbx = answer.rbx.value_or(0);
    answer.rcx = answer.rcx.value_or(0);
    answer.rdx = answer.rdx.value_or(0);
  }
  layout::ghcb out;
  bool ok = true;
  const auto give = [&](ghcb_field field, const std::optional<std::uint64_t>& value) {
    if (!value) return;
    layout::pass(out, field, *value);
    ok = env.write(where + layout::offset_of(field),
                   std::span<const std::uint8_t>{out.data() + layout::offset_of(field), 8}) &&
         ok;
  };
  give(ghcb_field::rax, answer.rax);
  give(ghcb_field::rbx, answer.rbx);
  give(ghcb_field::rcx, answer.rcx);
  give(ghcb_field::rdx, answer.rdx);
  give(ghcb_field::sw_exit_info_1, answer.info_1);
  give(ghcb_field::sw_exit_info_2, answer.info_2);
  return env.write(where + 0x3f0, std::span<const std::uint8_t>{out.valid_bitmap()}) && ok;
}

}  // namespace sevspec::inline v0::ghcb

#endif
