// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_GUEST_DEEDS_HPP
#define SEVSPEC_NESTED_GUEST_DEEDS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/cpu/reflected_exit.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/guest_registers.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/reference.hpp>
#include <sevspec/nested/run.hpp>

/// What a guest does while it runs, and what hardware and L0 make of it until the guest, or L1, goes on.
namespace sevspec::inline v0::nested {

/// How a deed of a guest ends.
struct deed_end {
  enum class kind : std::uint8_t {
    done,
    raised,     ///< an exception in the guest that did it: `raised`
    reflected,  ///< an L2's: L1 runs now, and VMCB12 tells
    for_l0,     ///< L0 has something to emulate; no guest runs
    lost,       ///< nobody can go on
  };
  kind what{};
  fault raised{};
  l2_exit_end exit{};  ///< the last exit of L2, if there was one
  unsigned exits{};    ///< how often L0 ran before the deed was done

  [[nodiscard]] constexpr auto is_done() const noexcept -> bool { return what == kind::done; }
};

namespace detail {

/// VMGEXIT: F3 0F 01 D9.
inline constexpr std::array<std::uint8_t, 4> vmgexit_bytes{0xf3, 0x0f, 0x01, 0xd9};

/// One reference of the guest that runs, by gPA and C-bit. L0's part is `exit()`, which says whether to try again.
template <class Context, class Machine, class Move, class Exit>
auto refer(Context& ctx, Machine& m, gpa where, bool c, access_kind kind, event_kind vc, Move&& move, Exit&& exit)
    -> deed_end {
  using enum deed_end::kind;
  deed_end end;
  for (; end.exits < 32; ++end.exits) {
    Expects(m.core.guest.has_value() && m.core.guest->regime.has_value());
    const paging::two_stage_regime regime = *m.core.guest->regime;
    const auto target = translate(ctx, m, regime, where, c, kind);
    if (target) {
      const auto moved = answered(move(*target), target->where);
      end.what = moved ? done : lost;
      if (!moved) end.raised = moved.error();
      return end;
    }
    const auto became = cpu::on_guest_fault(ctx, m.switches(), m.core, target.error(), gva{where.value}, {});
    if (became.end == cpu::event_end::raises) {
      ctx.tell(event{vc});
      end.what = raised;
      end.raised = target.error();
      return end;
    }
    if (became.end != cpu::event_end::exits) {
      end.what = lost;
      end.raised = target.error();
      return end;
    }
    if (!exit(target.error(), end)) return end;
  }
  end.what = lost;
  return end;
}

/// L0's part for L2.
template <class Context, class Machine>
auto l2_exit_handler(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor) {
  return [&ctx, &m, &vm, processor](const fault&, deed_end& end) {
    end.exit = on_l2_exit(ctx, m, vm, processor);
    if (end.exit.what == l2_exit_end::kind::l2_runs) return true;
    end.what = end.exit.what == l2_exit_end::kind::reflected ? deed_end::kind::reflected
               : end.exit.what == l2_exit_end::kind::for_l0  ? deed_end::kind::for_l0
                                                             : deed_end::kind::lost;
    return false;
  };
}

/// L0's part for L1.
template <class Context, class Machine>
auto l1_exit_handler(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor) {
  return [&ctx, &m, &vm, processor](const fault& raised, deed_end& end) {
    ctx.tell(event{event_kind::exit_l1});
    const l1_fault_end answer = on_l1_fault(ctx, m, vm, raised);
    const bool runs = resume_l1(ctx, m, vm, processor);
    if (answer.what == l1_fault_end::kind::resume && runs) return true;
    end.what = runs && answer.what == l1_fault_end::kind::inject ? deed_end::kind::raised : deed_end::kind::lost;
    end.raised = answer.raised;
    return false;
  };
}

}  // namespace detail

/// L2, which runs, reads or writes.
/// @param out, in  not across a 4K boundary
template <class Context, class Machine>
auto l2_reads(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, l2_gpa where, bool c,
              std::span<std::uint8_t> out) -> deed_end {
  return detail::refer(
      ctx, m, gpa{where.value}, c, access_kind::read, event_kind::vc_l2,
      [&](const paging::target& at) { return m.memory.read(at.where, at.key, out); },
      detail::l2_exit_handler(ctx, m, vm, processor));
}
template <class Context, class Machine>
auto l2_writes(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, l2_gpa where, bool c,
               std::span<const std::uint8_t> in) -> deed_end {
  return detail::refer(
      ctx, m, gpa{where.value}, c, access_kind::write, event_kind::vc_l2,
      [&](const paging::target& at) { return m.memory.write(at.where, at.key, in); },
      detail::l2_exit_handler(ctx, m, vm, processor));
}

/// L1, which runs, reads or writes.
template <class Context, class Machine>
auto l1_reads(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa where, bool c,
              std::span<std::uint8_t> out) -> deed_end {
  return detail::refer(
      ctx, m, where, c, access_kind::read, event_kind::vc_l1,
      [&](const paging::target& at) { return m.memory.read(at.where, at.key, out); },
      detail::l1_exit_handler(ctx, m, vm, processor));
}
template <class Context, class Machine>
auto l1_writes(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa where, bool c,
               std::span<const std::uint8_t> in) -> deed_end {
  return detail::refer(
      ctx, m, where, c, access_kind::write, event_kind::vc_l1,
      [&](const paging::target& at) { return m.memory.write(at.where, at.key, in); },
      detail::l1_exit_handler(ctx, m, vm, processor));
}

/// PVALIDATE by L2, which runs: native, but for a missing or too large leaf of nPT02.
/// @return RAX's code and CF; nothing if it was not executed
template <class Context, class Machine>
auto l2_validates(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, l2_gpa where, bool large, bool validated)
    -> std::optional<rmp::result> {
  for (unsigned i = 0; i < 8; ++i) {
    Expects(m.core.guest.has_value() && m.core.guest->regime.has_value());
    const paging::two_stage_regime regime = *m.core.guest->regime;
    const auto done = pvalidate(ctx, m, regime, gpa{where.value}, large, validated);
    if (done) return *done;
    const auto became = cpu::on_guest_fault(ctx, m.switches(), m.core, done.error(), gva{where.value}, {});
    if (became.end != cpu::event_end::exits) return {};
    if (on_l2_exit(ctx, m, vm, processor).what != l2_exit_end::kind::l2_runs) return {};
  }
  return {};
}

/// An event of L2, which runs: what is no automatic exit is #VC in it, and never leaves it.
template <class Context, class Machine>
auto l2_event(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, const cpu::guest_event& what,
              bool mapped = true, bool pending_l1 = false) -> deed_end {
  using enum deed_end::kind;
  deed_end end;
  const auto became = cpu::on_guest_event(ctx, m.switches(), m.core, what);
  if (became.end == cpu::event_end::goes_on) return end;
  if (became.end == cpu::event_end::raises) {
    ctx.tell(event{event_kind::vc_l2});
    end.what = raised;
    end.raised = {fault_kind::vc, rule::VC_HW_01, what.code, 0};
    return end;
  }
  end.exits = 1;
  end.exit = on_l2_exit(ctx, m, vm, processor, mapped, pending_l1);
  using exit_kind = l2_exit_end::kind;
  end.what = end.exit.what == exit_kind::l2_runs     ? done
             : end.exit.what == exit_kind::reflected ? reflected
             : end.exit.what == exit_kind::for_l0    ? for_l0
                                                     : lost;
  return end;
}

/// VMGEXIT by L2, which runs and has put what it wants into its GHCB.
/// @param ghcb_msr  L2's MSR C001_0130: the L2 gPA of the GHCB, or a request of the MSR protocol
template <class Context, class Machine>
auto l2_vmgexit(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, std::uint64_t ghcb_msr) -> deed_end {
  using enum deed_end::kind;
  deed_end end;
  if (!cpu::write_ghcb_msr(ctx, m.core, ghcb_msr)) return {.what = raised};
  const auto became = cpu::on_vmm_call(ctx, m.switches(), m.core, detail::vmgexit_bytes);
  if (became.end != cpu::event_end::exits) return {.what = raised};
  end.exits = 1;
  end.exit = on_l2_exit(ctx, m, vm, processor);
  end.what = end.exit.what == l2_exit_end::kind::reflected ? reflected : lost;
  return end;
}

}  // namespace sevspec::inline v0::nested

#endif
