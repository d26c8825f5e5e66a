// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_L1_CALLS_HPP
#define SEVSPEC_NESTED_L1_CALLS_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/guest_registers.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/guest_deeds.hpp>
#include <sevspec/nested/run.hpp>
#include <sevspec/nested/virtual_rmp.hpp>

/// What an L1 hypervisor asks of L0: VMRUN, INVLPGA, and the MSRs that stand for RMPUPDATE and PSMASH.
///
///     L1                        | by instruction                    | directly (NES-SW-02)
///     --------------------------+-----------------------------------+------------------------
///     plain, SEV                | intercepted                       |
///     SEV-ES, SNP               | #VC, then the handler: VMGEXIT    | GHCB filled, VMGEXIT
namespace sevspec::inline v0::nested {

/// One request, as L1's registers have it.
struct l1_call {
  layout::svm_exit_codes code{};  ///< VMRUN, INVLPGA or MSR
  std::uint64_t rax{};
  std::uint64_t rcx{};  ///< WRMSR: which; INVLPGA: the ASID
  std::uint64_t rdx{};
  std::uint64_t r8{};
  bool by_instruction{};  ///< L1 with hidden state executes the instruction instead of VMGEXIT

  [[nodiscard]] static constexpr auto vmrun(gpa vmcb12) noexcept -> l1_call {
    return {.code = layout::svm_exit_codes::vmrun, .rax = vmcb12.value};
  }
  [[nodiscard]] static constexpr auto invlpga(std::uint64_t linear, asid named) noexcept -> l1_call {
    return {.code = layout::svm_exit_codes::invlpga, .rax = linear, .rcx = named.value};
  }
  [[nodiscard]] static constexpr auto wrmsr(std::uint32_t msr, const virtual_operands& with) noexcept -> l1_call {
    return {.code = layout::svm_exit_codes::msr, .rax = with.rax, .rcx = msr, .rdx = with.rdx, .r8 = with.r8};
  }
};

/// How a request ends.
struct l1_call_end {
  enum class kind : std::uint8_t {
    done,     ///< L1 runs on with `rax`
    l2_runs,  ///< VMRUN has entered L2
    refused,  ///< VMRUN has not: `vmrun`
    gp,       ///< L1 gets #GP
    unknown,  ///< L0 does not know the request: `ghcb/` answers others
    lost,     ///< L1 does not run any longer, or its GHCB is not readable
  };
  kind what{};
  std::uint64_t rax{};
  vmrun_end vmrun{};
  rule decided_by = rule::none;
};

namespace detail {

/// What L0 finds in a request.
[[nodiscard]] inline auto call_in(const layout::ghcb& page) -> std::optional<l1_call> {
  using layout::ghcb_field;
  const auto code = layout::passed(page, ghcb_field::sw_exit_code);
  const auto rax = layout::passed(page, ghcb_field::rax);
  if (!code || !rax) return {};
  return l1_call{.code = static_cast<layout::svm_exit_codes>(*code),
                 .rax = *rax,
                 .rcx = layout::passed(page, ghcb_field::rcx).value_or(0),
                 .rdx = layout::passed(page, ghcb_field::rdx).value_or(0),
                 .r8 = layout::passed(page, ghcb_field::r8).value_or(0)};
}

/// L0 carries a request out; L1 runs afterwards, if L2 does not.
/// @param answer  `answer(outcome<uint64_t>)`: tells L1 what is in RAX, or that it gets #GP, before it runs on
template <class Context, class Machine, class Answer>
auto carry_out(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, const l1_call& asked, Answer&& answer)
    -> l1_call_end {
  using enum l1_call_end::kind;
  if (asked.code == layout::svm_exit_codes::vmrun) {
    const auto raise_gp = [&](rule why) { answer(l1_call_end{.what = gp, .decided_by = why}); };
    const vmrun_end end = request_vmrun(ctx, m, vm, processor, asked.rax, raise_gp);
    using vmrun_kind = vmrun_end::kind;
    const auto what = end.what == vmrun_kind::entered   ? l2_runs
                      : end.what == vmrun_kind::gp      ? gp
                      : end.what == vmrun_kind::stopped ? lost
                                                        : refused;
    return {.what = what, .vmrun = end, .decided_by = end.decided_by};
  }
  if (asked.code == layout::svm_exit_codes::invlpga) {
    request_invalidation(ctx, m, vm, asked.rax, asid{static_cast<std::uint32_t>(asked.rcx)});
    l1_call_end end{.what = done, .rax = asked.rax};
    answer(end);
    if (!resume_l1(ctx, m, vm, processor)) end.what = lost;
    return end;
  }
  if (asked.code != layout::svm_exit_codes::msr) return {.what = unknown};
  const auto written = write_virtual_msr(ctx, m, vm, processor, static_cast<std::uint32_t>(asked.rcx),
                                         {.rax = asked.rax, .rdx = asked.rdx, .r8 = asked.r8});
  if (written && !*written) return {.what = unknown};
  l1_call_end end{.what = written ? done : gp};
  if (written) {
    end.rax = static_cast<std::uint64_t>((*written)->rax);
    end.decided_by = (*written)->decided_by;
  } else {
    end.decided_by = written.error().decided_by;
  }
  answer(end);
  if (!resume_l1(ctx, m, vm, processor)) end.what = lost;
  return end;
}

/// The request of an L1 with hidden state.
template <class Context, class Machine>
auto call_by_ghcb(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, const l1_call& asked) -> l1_call_end {
  using enum l1_call_end::kind;
  using layout::ghcb_field;
  const auto msr = cpu::read_ghcb_msr(ctx, m.core);
  if (!msr) return {.what = lost};
  const gpa where{*msr};
  if (asked.by_instruction) {
    const cpu::guest_event executed{.code = static_cast<std::uint64_t>(asked.code),
                                    .msr = static_cast<std::uint32_t>(asked.rcx),
                                    .write = true,
                                    .mapped = true};
    if (cpu::on_guest_event(ctx, m.switches(), m.core, executed).end != cpu::event_end::raises) return {.what = lost};
    ctx.tell(event{event_kind::vc_l1});
  }
  layout::ghcb page;
  page.set_ghcb_usage(0);
  page.set_protocol_version(2);
  layout::pass(page, ghcb_field::sw_exit_code, static_cast<std::uint64_t>(asked.code));
  layout::pass(page, ghcb_field::sw_exit_info_1, asked.code == layout::svm_exit_codes::msr ? 1 : 0);
  layout::pass(page, ghcb_field::sw_exit_info_2, 0);
  layout::pass(page, ghcb_field::rax, asked.rax);
  if (asked.code == layout::svm_exit_codes::invlpga) layout::pass(page, ghcb_field::rcx, asked.rcx);
  if (asked.code == layout::svm_exit_codes::msr) {
    layout::pass(page, ghcb_field::rcx, asked.rcx);
    layout::pass(page, ghcb_field::rdx, asked.rdx);
    layout::pass(page, ghcb_field::r8, asked.r8);
  }
  if (!l1_writes(ctx, m, vm, processor, where, false, page.bytes()).is_done()) return {.what = lost};
  if (cpu::on_vmm_call(ctx, m.switches(), m.core, vmgexit_bytes).end != cpu::event_end::exits) return {.what = lost};

  ctx.tell(event{event_kind::exit_l1});
  const cpu::vmcb_page v01 = read_vmcb(m, vm.processors[processor].vmcb01);
  layout::ghcb taken;
  const gpa at{v01.controls().ghcb_gpa()};
  if (!is_shared_page(m, vm, at) || !read_l1(m, vm, at, taken.bytes())) return {.what = lost};
  const auto request = call_in(taken);
  if (!request) return {.what = lost};
  const auto answer = [&](const l1_call_end& end) {
    layout::invalidate(taken);
    layout::pass(taken, ghcb_field::sw_exit_info_1, end.what == gp ? 1 : 0);
    layout::pass(taken, ghcb_field::sw_exit_info_2, end.what == gp ? 0x8000'030d : 0);
    if (end.what == done) layout::pass(taken, ghcb_field::rax, end.rax);
    write_l1(ctx, m, vm, at, taken.bytes());
  };
  l1_call_end end = carry_out(ctx, m, vm, processor, *request, answer);
  if (end.what != done) return end;
  // L1 takes its answer from the page.
  layout::ghcb seen;
  if (!l1_reads(ctx, m, vm, processor, where, false, seen.bytes()).is_done()) return {.what = lost};
  const auto rax = layout::passed(seen, ghcb_field::rax);
  if (!rax) return {.what = lost};
  end.rax = *rax;
  return end;
}

/// The request of an L1 without hidden state: its registers, which L0 reads and writes.
template <class Context, class Machine>
auto call_by_instruction(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, const l1_call& asked)
    -> l1_call_end {
  using enum l1_call_end::kind;
  m.core.registers.set_rax(asked.rax);
  m.core.registers.set_rcx(asked.rcx);
  m.core.registers.set_rdx(asked.rdx);
  m.core.registers.set_r8(asked.r8);
  const cpu::guest_event executed{.code = static_cast<std::uint64_t>(asked.code),
                                  .info_1 = asked.code == layout::svm_exit_codes::msr ? 1U : 0U,
                                  .msr = static_cast<std::uint32_t>(asked.rcx),
                                  .write = true,
                                  .mapped = true};
  if (cpu::on_guest_event(ctx, m.switches(), m.core, executed).end != cpu::event_end::exits) return {.what = lost};

  ctx.tell(event{event_kind::exit_l1});
  const spa vmcb01 = vm.processors[processor].vmcb01;
  cpu::vmcb_page v01 = read_vmcb(m, vmcb01);
  const l1_call request{.code = asked.code,
                        .rax = v01.save().rax(),
                        .rcx = m.core.registers.rcx(),
                        .rdx = m.core.registers.rdx(),
                        .r8 = m.core.registers.r8()};
  const auto answer = [&](const l1_call_end& end) {
    if (end.what == gp) {
      v01.controls().set_event_inj({0x8000'0b0d});
    } else {
      v01.save().set_rax(end.rax);
      const std::uint64_t bytes = request.code == layout::svm_exit_codes::msr ? 2 : 3;
      v01.save().set_rip(v01.save().rip() + bytes);
    }
    v01.controls().set_vmcb_clean({});
    write_vmcb(m, vmcb01, v01);
  };
  l1_call_end end = carry_out(ctx, m, vm, processor, request, answer);
  if (end.what == done) end.rax = m.core.registers.rax();
  return end;
}

}  // namespace detail

/// L1, which runs, asks L0 for something.
template <class Context, class Machine>
auto l1_calls(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, const l1_call& asked) -> l1_call_end {
  Expects(m.core.guest.has_value());
  return cpu::has_hidden_state(vm.config.of_l1()) ? detail::call_by_ghcb(ctx, m, vm, processor, asked)
                                                  : detail::call_by_instruction(ctx, m, vm, processor, asked);
}

}  // namespace sevspec::inline v0::nested

#endif
