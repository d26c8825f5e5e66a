// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_RUN_HPP
#define SEVSPEC_NESTED_RUN_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/reflected_exit.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/vmrun.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/nested_faults.hpp>
#include <sevspec/nested/shadow.hpp>
#include <sevspec/nested/stock_hypervisor.hpp>
#include <sevspec/nested/vmcb_merge.hpp>
#include <sevspec/paging/l2_tlb.hpp>

/// L0 between L1 and L2: every switch is one of L0's own VMRUNs.
///
///     L1 asks for VMRUN ──► request_vmrun ──► VMCB02 ──► L2
///                 │ refused: VMCB12 says why               │ #VMEXIT
///                 ▼                                        ▼
///     L1 goes on ◄── reflect: VMCB12 ◄─────────── on_l2_exit ──► L2 goes on
namespace sevspec::inline v0::nested {

/// How L0's answer to VMRUN of L1's ends.
struct vmrun_end {
  enum class kind : std::uint8_t {
    entered,  ///< L2 runs
    invalid,  ///< L1 runs on; VMCB12 says VMEXIT_INVALID
    exited,   ///< L1 runs on; hardware has refused L2 with the EXITCODE that VMCB12 has now
    gp,       ///< L1 gets #GP: the address is none of a VMCB that L0 can read
    stopped,  ///< L1 itself does not run any longer
  };
  kind what{};
  rule decided_by = rule::none;
};

/// "entered", "invalid", ...
[[nodiscard]] constexpr auto name_of(vmrun_end::kind what) noexcept -> const char* {
  using enum vmrun_end::kind;
  switch (what) {
    case entered: return "entered";
    case invalid: return "invalid";
    case exited:  return "exited";
    case gp:      return "#GP";
    case stopped: return "stopped";
  }
  return "?";
}

/// L0 runs L1.
/// @return false if hardware refuses
template <class Context, class Machine>
auto resume_l1(Context& ctx, Machine& m, const l1_vm& vm, std::size_t processor) -> bool {
  ctx.tell(event{event_kind::vmrun_l1});
  return cpu::vmrun(ctx, m.switches(), m.core, vm.processors[processor].vmcb01.value).end == cpu::vmrun_end::entered;
}

namespace detail {

template <class Machine>
[[nodiscard]] auto read_vmcb(Machine& m, spa where) -> cpu::vmcb_page {
  cpu::vmcb_page page;
  const auto status = m.memory.read(where, memory_key::none(), page.bytes);
  Expects(status == memory::memory_status::ok);
  return page;
}
template <class Machine>
void write_vmcb(Machine& m, spa where, const cpu::vmcb_page& page) {
  const auto status = m.memory.write(where, memory_key::none(), page.bytes);
  Expects(status == memory::memory_status::ok);
}

/// The guest that VMCB12 describes: one ASID, one nPT12. L0 learns of it here.
/// @return an index; nothing if L0 has no page left
template <class Machine>
[[nodiscard]] auto guest_of(Machine& m, l1_vm& vm, const cpu::vmcb_page& v12, gpa vmcb12)
    -> std::optional<std::size_t> {
  const asid named{v12.controls().guest_asid()};
  const gpa root{v12.controls().nested_cr3() & ~std::uint64_t{0xfff} & ~c_mask_of(vm)};
  for (std::size_t i = 0; i < vm.guests.size(); ++i)
    if (vm.guests[i].virtual_id == named && vm.guests[i].npt12 == root) return i;
  const auto vmcb02 = m.pool.take();
  const auto npt02 = m.pool.take();
  host_words words{m.memory};
  if (!vmcb02 || !npt02 || !words.clear(*npt02)) return {};
  l2_vm made{.virtual_id = named, .kind = vm.config.variant, .npt12 = root, .vmcb12 = vmcb12, .vmcb02 = {*vmcb02}};
  made.shadow.root = {*npt02};
  vm.guests.push_back(std::move(made));
  return vm.guests.size() - 1;
}

/// L1 without hidden state goes on behind its VMRUN: L0 moves its RIP, in VMCB01 (NES-SW-03). The processor has done that
/// for one with hidden state, at VMGEXIT.
template <class Context, class Machine>
void step_over_vmrun(Context& ctx, Machine& m, const l1_vm& vm, std::size_t processor) {
  if (!ctx.applies(rule::NES_SW_03, !cpu::has_hidden_state(vm.config.of_l1()))) return;
  cpu::vmcb_page v01 = read_vmcb(m, vm.processors[processor].vmcb01);
  v01.save().set_rip(v01.save().rip() + 3);
  v01.controls().set_vmcb_clean({});
  write_vmcb(m, vm.processors[processor].vmcb01, v01);
}

}  // namespace detail

/// VMRUN that L1 asks for: its exit to L0 has happened, and no guest runs.   NES-VMCB-01, NES-VMSA-01, NES-SW-01
///
/// VMCB12 is read once, before anything is judged (FIELD-49).
/// @param vmcb12    RAX: as L1 gives it
/// @param raise_gp  `raise_gp(rule)`: puts #GP where L1 finds it, before L1 runs on
template <class Context, class Machine, class Raise>
auto request_vmrun(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, std::uint64_t vmcb12, Raise&& raise_gp)
    -> vmrun_end {
  using enum vmrun_end::kind;
  Expects(!m.core.guest.has_value());
  const std::uint64_t c_mask = c_mask_of(vm);
  const auto resume_with = [&](vmrun_end end) { return resume_l1(ctx, m, vm, processor) ? end : vmrun_end{stopped}; };
  const auto refuse_operand = [&](rule why) {
    raise_gp(why);
    return resume_with({gp, why});
  };
  if (const auto legal = check_vmcb_operand(ctx, vmcb12, c_mask); !legal)
    return refuse_operand(legal.error().decided_by);
  const gpa where{vmcb12 & ~c_mask};
  const bool no_page = !is_aligned(where, page_size::k4k) || vm.range_of(where) == nullptr;
  if (no_page) return refuse_operand(rule::none);
  if (ctx.denies(rule::NES_VMCB_01, !is_shared_page(m, vm, where))) return refuse_operand(rule::NES_VMCB_01);
  cpu::vmcb_page v12;
  if (!read_l1(m, vm, where, v12.bytes)) return refuse_operand(rule::none);

  detail::step_over_vmrun(ctx, m, vm, processor);
  const auto refuse = [&](rule why) {
    report_invalid(v12);
    write_l1(ctx, m, vm, where, v12.bytes);
    return resume_with({invalid, why});
  };
  merge_facts facts{.kind = vm.config.variant,
                    .offers = {.nested_paging = true, .flush_by_asid = vm.part.flush_by_asid},
                    .address_bits = vm.part.pa_bits,
                    .c_mask = c_mask};
  if (const auto fine = check_vmcb12_page(ctx, v12, facts); !fine) return refuse(fine.error());
  const auto controls = v12.controls();
  const auto id = physical_id_of(ctx, m, vm, {controls.guest_asid()});
  if (!id) return refuse(id.error());
  facts.id = *id;
  const auto regime = l2_regime_of_l1(ctx, vm, facts.kind, controls.nested_cr3(), {controls.guest_asid()},
                                      virtual_syscfg(vm, m.core.syscfg));
  if (!regime) return refuse(regime.error().decided_by);
  const bool hidden = cpu::has_hidden_state(facts.kind);
  const gpa vmsa{layout::read_le<std::uint64_t>(v12.bytes.data() + 0x108) & ~c_mask};
  if (ctx.applies(rule::NES_VMSA_01, hidden)) {
    const auto at = backing_of(m, vm, vmsa);
    if (!at) return refuse(rule::NES_VMSA_01);
    facts.vmsa = at->where;
  } else if (hidden) {
    facts.vmsa = spa{vmsa.value};
  }
  const auto number = detail::guest_of(m, vm, v12, where);
  if (!number) return refuse(rule::none);
  l2_vm& guest = vm.guests[*number];
  facts.npt02 = guest.shadow.root;
  guest.vmcb12 = where;
  guest.taken = v12;

  const auto flush = static_cast<paging::tlb_control>(controls.tlb_control());
  request_flush_by_asid(ctx, m, vm, guest.virtual_id, flush);
  synchronise(ctx, m, vm, guest);
  paging::flush_for_nested_transition(ctx, m.tlb, vm.id, *id);
  for (const l2_vm& other : vm.guests)
    if (&other != &guest && other.virtual_id == guest.virtual_id) m.tlb.flush(*id);  // another nPT12 under this ASID
  detail::write_vmcb(m, guest.vmcb02, merge_vmcb(ctx, v12, facts));
  ctx.tell(event{event_kind::vmrun_l2});
  const auto ran = cpu::vmrun(ctx, m.switches(), m.core, guest.vmcb02.value);
  if (ran.end == cpu::vmrun_end::entered) {
    vm.processors[processor].runs = *number;
    return {entered};
  }
  report_exit(ctx, v12, detail::read_vmcb(m, guest.vmcb02), guest.kind, static_cast<std::uint64_t>(ran.exit_code), 0,
              0);
  write_l1(ctx, m, vm, where, v12.bytes);
  return resume_with({exited, ran.decided_by});
}

/// L1 gets an exit of its guest, and runs on.
/// @return false if hardware refuses to run L1
template <class Context, class Machine>
auto reflect(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, std::uint64_t code, std::uint64_t info_1,
             std::uint64_t info_2) -> bool {
  Expects(vm.processors[processor].runs.has_value());
  l2_vm& guest = vm.guests[*vm.processors[processor].runs];
  cpu::vmcb_page v12 = guest.taken;
  [[maybe_unused]] const bool there = read_l1(m, vm, guest.vmcb12, v12.bytes);
  report_exit(ctx, v12, detail::read_vmcb(m, guest.vmcb02), guest.kind, code, info_1, info_2);
  write_l1(ctx, m, vm, guest.vmcb12, v12.bytes);
  vm.processors[processor].runs.reset();
  const auto id = physical_id_of(ctx, m, vm, guest.virtual_id);
  paging::flush_for_nested_transition(ctx, m.tlb, vm.id, id ? *id : vm.id);
  return resume_l1(ctx, m, vm, processor);
}

/// How L0 goes on after an exit of L2.
struct l2_exit_end {
  enum class kind : std::uint8_t {
    l2_runs,    ///< L0 has handled it
    reflected,  ///< L1 runs, and VMCB12 tells
    for_l0,     ///< no guest runs: L0 has something to emulate first; then `resume_l2`
    stopped,    ///< nobody can go on
  };
  kind what{};
  std::uint64_t code{};  ///< EXITCODE
  l2_fault_end fault{};  ///< of #NPF
};

/// L0 runs L2 again.
template <class Context, class Machine>
auto resume_l2(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor) -> bool {
  Expects(vm.processors[processor].runs.has_value());
  l2_vm& guest = vm.guests[*vm.processors[processor].runs];
  ctx.tell(event{event_kind::vmrun_l2});
  return cpu::vmrun(ctx, m.switches(), m.core, guest.vmcb02.value).end == cpu::vmrun_end::entered;
}

/// Whether L1 wants an exit: by its intercepts, and where it has permission maps, by their bits (NES-EX-02).
/// @param mapped  L1's map has the bit of the port or MSR
[[nodiscard]] constexpr auto l1_wants(const cpu::vmcb_page& v12, std::uint64_t code, bool mapped) noexcept -> bool {
  const bool by_map = code == static_cast<std::uint64_t>(layout::svm_exit_codes::msr) ||
                      code == static_cast<std::uint64_t>(layout::svm_exit_codes::ioio);
  return has_intercept(v12, code) && (!by_map || mapped);
}

/// An exit of L2 that hardware has put into VMCB02: who handles it?   NES-EX-01, NES-EX-02
/// @param mapped       of RDMSR, WRMSR, IN, OUT: what L1's permission map says
/// @param pending_l1   there is an interrupt for L1, not for L0
template <class Context, class Machine>
auto on_l2_exit(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, bool mapped = true, bool pending_l1 = false)
    -> l2_exit_end {
  using enum l2_exit_end::kind;
  using code_of = layout::svm_exit_codes;
  Expects(!m.core.guest.has_value() && vm.processors[processor].runs.has_value());
  l2_vm& guest = vm.guests[*vm.processors[processor].runs];
  ctx.tell(event{event_kind::exit_l2});
  const cpu::vmcb_page v02 = detail::read_vmcb(m, guest.vmcb02);
  const auto controls = v02.controls();
  const std::uint64_t code = layout::read_le<std::uint64_t>(v02.bytes.data() + 0x70);
  const auto is = [&](code_of which) { return code == static_cast<std::uint64_t>(which); };
  const auto to_l1 = [&](std::uint64_t info_1, std::uint64_t info_2) {
    return l2_exit_end{reflect(ctx, m, vm, processor, code, info_1, info_2) ? reflected : stopped, code};
  };
  const auto go_on = [&](l2_fault_end fault = {}) {
    return l2_exit_end{resume_l2(ctx, m, vm, processor) ? l2_runs : stopped, code, fault};
  };

  if (is(code_of::npf)) {
    const auto end = on_l2_fault(ctx, m, vm, guest, controls.exit_info_1(), l2_gpa{controls.exit_info_2()});
    switch (end.what) {
      case l2_fault_end::kind::resume:    return go_on(end);
      case l2_fault_end::kind::reflect:   break;
      case l2_fault_end::kind::emulate:
      case l2_fault_end::kind::repair:
      case l2_fault_end::kind::no_memory: return {for_l0, code, end};
    }
    l2_exit_end done = to_l1(end.decision.exit_info_1, end.decision.exit_info_2);
    done.fault = end;
    return done;
  }
  if (is(code_of::vmgexit)) return to_l1(controls.exit_info_1(), controls.exit_info_2());  // NES-EX-01
  const bool physical = is(code_of::intr) || is(code_of::nmi) || is(code_of::smi) || is(code_of::init);
  const bool wanted = l1_wants(guest.taken, code, mapped) && (!physical || pending_l1);
  const bool no_run = code >= static_cast<std::uint64_t>(code_of::invalid_pmc);
  if (ctx.applies(rule::NES_EX_02, wanted || no_run)) return to_l1(controls.exit_info_1(), controls.exit_info_2());
  if (physical) return go_on();
  return {for_l0, code};
}

/// Where VMLOAD or VMSAVE of an L2 goes that L1 does not intercept: to L1's physical memory, which is not the machine's
/// (FIELD-49).
/// @param rax  as L2 gives it
/// @return nothing if that is no memory of L1's: #GP in L2
template <class Machine>
[[nodiscard]] auto vmload_target(Machine& m, const l1_vm& vm, std::uint64_t rax) -> std::optional<spa> {
  const gpa where{rax};
  if (!is_aligned(where, page_size::k4k) || vm.range_of(where) == nullptr) return {};
  const auto at = backing_of(m, vm, where);
  if (!at) return {};
  return at->where;
}

}  // namespace sevspec::inline v0::nested

#endif
