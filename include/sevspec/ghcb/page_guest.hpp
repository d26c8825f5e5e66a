// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_PAGE_GUEST_HPP
#define SEVSPEC_GHCB_PAGE_GUEST_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>

/// The guest's side of the page protocol: what it writes, and what it believes of an answer.
namespace sevspec::inline v0::ghcb {

/// The registers that an event takes, as far as it takes them.
struct event_inputs {
  std::optional<std::uint64_t> rax{}, rbx{}, rcx{}, rdx{}, rsi{}, r8{}, xcr0{}, xss{}, scratch{};
  std::optional<std::uint8_t> cpl{};
};

/// Fills in a request: the bitmap has what is passed, and nothing else of an earlier one (GHCB-PAGE-05).   GHCB 2.6
/// @param version  negotiated (GHCB-NEG-06)
template <class Storage>
constexpr void write_request(layout::basic_ghcb<Storage>& page, std::uint16_t version, layout::nae_exit_codes code,
                             std::uint64_t info_1, std::uint64_t info_2, const event_inputs& inputs = {}) {
  layout::invalidate(page);
  page.set_protocol_version(version);
  page.set_ghcb_usage(0);
  layout::pass(page, ghcb_field::sw_exit_code, std::to_underlying(code));
  layout::pass(page, ghcb_field::sw_exit_info_1, info_1);
  layout::pass(page, ghcb_field::sw_exit_info_2, info_2);
  const auto give = [&](ghcb_field field, const auto& value) {
    if (value) layout::pass(page, field, *value);
  };
  give(ghcb_field::rax, inputs.rax);
  give(ghcb_field::rbx, inputs.rbx);
  give(ghcb_field::rcx, inputs.rcx);
  give(ghcb_field::rdx, inputs.rdx);
  give(ghcb_field::rsi, inputs.rsi);
  give(ghcb_field::r8, inputs.r8);
  give(ghcb_field::xcr0, inputs.xcr0);
  give(ghcb_field::xss, inputs.xss);
  give(ghcb_field::sw_scratch, inputs.scratch);
  give(ghcb_field::cpl, inputs.cpl);
}

/// What a guest does with an answer.
enum class answer_kind : std::uint8_t {
  taken,      ///< the outputs may be used
  exception,  ///< raise the exception that the hypervisor asks for
  vmm_error,  ///< the hypervisor broke the protocol: the guest, or the process that asked, ends
};
struct answer_verdict {
  answer_kind what = answer_kind::taken;
  rule decided_by = rule::none;
  std::uint8_t vector = 0;  ///< of an exception
  std::optional<std::uint32_t> error_code{};

  friend constexpr auto operator==(const answer_verdict&, const answer_verdict&) -> bool = default;
};

/// The guest's check of an answer.   GHCB 4.1; torvalds/linux arch/x86/coco/sev/shared.c; tianocore/edk2 CcExitLib
/// @param info_1   SW_EXITINFO1: only the lower half says anything (GHCB-RET-01)
/// @param info_2   SW_EXITINFO2
/// @param given    the fields that the hypervisor marked valid
/// @param wanted   the registers that the guest is going to use: `expected_outputs`
template <class Context>
[[nodiscard]] constexpr auto check_answer(Context& ctx, std::uint64_t info_1, std::uint64_t info_2,
                                          const field_set& given, const field_set& wanted) -> answer_verdict {
  using enum layout::ghcb_result_codes;
  const auto broken = [](rule why) { return answer_verdict{.what = answer_kind::vmm_error, .decided_by = why}; };
  const auto code = static_cast<layout::ghcb_result_codes>(info_1 & 0xffff'ffff);
  if (code == issue_exception) {
    const layout::event_injection event{info_2};
    const bool acceptable = event.valid() && event.type() == layout::event_types::exception &&
                            (event.vector() == 6 || event.vector() == 13);
    if (ctx.denies(rule::GHCB_RET_02, !acceptable)) return broken(rule::GHCB_RET_02);
    answer_verdict raised{.what = answer_kind::exception, .vector = static_cast<std::uint8_t>(event.vector())};
    if (event.error_code_valid()) raised.error_code = event.error_code();
    return raised;
  }
  if (ctx.denies(rule::GHCB_RET_03, code != no_action)) return broken(rule::GHCB_RET_03);
  if (ctx.denies(rule::GHCB_RET_04, !given.includes(wanted))) return broken(rule::GHCB_RET_04);
  return {};
}

/// The same of a page, which is read once before it is judged.
/// @param request_info_1  SW_EXITINFO1 as the guest wrote it
template <class Context, class Storage>
[[nodiscard]] constexpr auto check_answer(Context& ctx, const event_info& event, std::uint64_t request_info_1,
                                          const layout::basic_ghcb<Storage>& answer) -> answer_verdict {
  return check_answer(ctx, answer.sw_exit_info_1().raw, answer.sw_exit_info_2(), valid_fields(answer),
                      expected_outputs(event, request_info_1));
}

/// What IN leaves in RAX: the operand's width of the hypervisor's value, and no more (GHCB-RET-05). A 32-bit result
/// clears the upper half, as any write to EAX does.
/// @param before  RAX before the instruction
/// @param bytes   1, 2 or 4
template <class Context>
[[nodiscard]] constexpr auto rax_after_in(Context& ctx, std::uint64_t before, std::uint64_t answer, unsigned bytes)
    -> std::uint64_t {
  const std::uint64_t mask = bit_range(8 * bytes - 1, 0);
  const std::uint64_t kept = ctx.applies(rule::GHCB_RET_05, (answer & ~mask) != 0) ? answer & mask : answer;
  return bytes == 4 ? kept : (before & ~mask) | kept;
}

/// A step in the life of a GHCB page.
enum class ghcb_step : std::uint8_t {
  rescind,         ///< PVALIDATE(0)
  share,           ///< page state change to shared
  map_shared,      ///< C=0 in the guest's tables
  flush,           ///< TLB
  register_gpa,    ///< by MSR
  use,             ///< a request
  map_private,     ///< C=1
  unregister_gpa,  ///< register gPA 0
  make_private,    ///< page state change to private
  validate,        ///< PVALIDATE(1)
};
/// How far a GHCB page has come: setup and, from `mapped_private` on, teardown (GHCB-REG-03).
enum class ghcb_life : std::uint8_t {
  own,
  rescinded,
  shared,
  mapped,
  flushed,
  registered,
  mapped_private,
  unregistered,
  assigned,
};

/// One step in the life of a GHCB page. Before use: PVALIDATE(0), share, map C=0, flush, register. Afterwards the mirror
/// image: map C=1, register 0, make private, PVALIDATE(1) (GHCB-REG-03).
/// @return the next state; or nothing if the step is out of order
template <class Context>
[[nodiscard]] constexpr auto after_step(Context& ctx, ghcb_life now, ghcb_step step) -> std::optional<ghcb_life> {
  using enum ghcb_step;
  using enum ghcb_life;
  struct row {
    ghcb_step step;
    ghcb_life from, to;
  };
  constexpr row table[] = {
      {rescind, own, rescinded},
      {share, rescinded, shared},
      {map_shared, shared, mapped},
      {flush, mapped, flushed},
      {register_gpa, flushed, registered},
      {use, registered, registered},
      {map_private, registered, mapped_private},
      {unregister_gpa, mapped_private, unregistered},
      {make_private, unregistered, assigned},
      {validate, assigned, own},
  };
  for (const row& one : table) {
    if (one.step != step) continue;
    if (ctx.denies(rule::GHCB_REG_03, one.from != now)) return std::nullopt;
    return one.to;
  }
  return std::nullopt;
}

}  // namespace sevspec::inline v0::ghcb

#endif
