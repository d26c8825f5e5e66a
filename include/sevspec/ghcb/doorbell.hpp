// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_DOORBELL_HPP
#define SEVSPEC_GHCB_DOORBELL_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/page_exit.hpp>
#include <sevspec/layout/doorbell_page.hpp>

/// The #HV doorbell page: how a guest with restricted injection learns of interrupts.   GHCB 4.1.10, 5
namespace sevspec::inline v0::ghcb {

/// The doorbell event (GHCB-NAE-23).   GHCB 4.1.10
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_doorbell(Context& ctx, vcpu& cpu, Environment& env, const snapshot& request)
    -> page_answer {
  using enum layout::ghcb_doorbell_ops;
  constexpr std::uint64_t none = ~std::uint64_t{};
  std::optional<gpa>& doorbell = cpu.here().doorbell;
  const std::uint64_t operation = request.info_1();
  const gpa where{request.info_2()};
  const bool sets = operation == std::to_underlying(set);
  const bool unusable = sets && (!is_aligned(where, page_size::k4k) || !env.has_page(where));
  if (ctx.denies(rule::GHCB_HVDB_01, operation > std::to_underlying(clear) || unusable)) {
    if (ctx.choices.doorbell_failure_drops) doorbell.reset();
    return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_HVDB_01);
  }
  if (operation == std::to_underlying(get_preferred)) return {.info_2 = none};
  if (sets) {
    doorbell = where;
    return {.info_2 = where.value};
  }
  if (operation == std::to_underlying(query)) return {.info_2 = doorbell ? doorbell->value : none};
  doorbell.reset();
  return {};
}

/// The first two bytes of the page as one word: vector, NMI, #MC, NoFurtherSignal. Both sides change it atomically.
struct doorbell_word {
  static constexpr std::uint16_t vector_mask = 0x00ff;
  static constexpr std::uint16_t nmi = 0x0100;
  static constexpr std::uint16_t machine_check = 0x0200;
  static constexpr std::uint16_t no_further_signal = 0x8000;

  std::uint16_t raw{};

  [[nodiscard]] constexpr auto vector() const noexcept -> std::uint8_t {
    return static_cast<std::uint8_t>(raw & vector_mask);
  }
  [[nodiscard]] constexpr auto has(std::uint16_t bit) const noexcept -> bool { return (raw & bit) != 0; }
  /// Anything for the guest to do.
  [[nodiscard]] constexpr auto pending() const noexcept -> bool { return (raw & ~no_further_signal) != 0; }

  friend constexpr auto operator==(doorbell_word, doorbell_word) -> bool = default;
};

template <class Storage>
[[nodiscard]] constexpr auto word_of(const layout::basic_hv_doorbell_page<Storage>& page) -> doorbell_word {
  return {static_cast<std::uint16_t>(layout::read_le<std::uint16_t>(page.data()))};
}
template <class Storage>
constexpr void set_word(layout::basic_hv_doorbell_page<Storage>& page, doorbell_word word) {
  layout::write_le(page.data(), word.raw);
}

/// What a hypervisor has for a guest.
struct doorbell_event {
  std::uint8_t vector = 0;  ///< 0: none
  bool nmi = false;
  bool machine_check = false;
};

/// The hypervisor puts an event into the page (GHCB-HVDB-02). A vector that is still there is lost to the guest, and
/// stays the hypervisor's business: it presents one at a time.
/// @return whether #HV is injected at the next entry
template <class Context, class Storage>
[[nodiscard]] constexpr auto ring(Context& ctx, layout::basic_hv_doorbell_page<Storage>& page,
                                  const doorbell_event& event) -> bool {
  doorbell_word word = word_of(page);
  if (event.vector != 0) word.raw = static_cast<std::uint16_t>((word.raw & ~doorbell_word::vector_mask) | event.vector);
  if (event.nmi) word.raw |= doorbell_word::nmi;
  if (event.machine_check) word.raw |= doorbell_word::machine_check;
  const bool quiet = ctx.applies(rule::GHCB_HVDB_02, word.has(doorbell_word::no_further_signal));
  word.raw |= doorbell_word::no_further_signal;
  set_word(page, word);
  return !quiet;
}

/// The hypervisor takes an #HV back before the guest has seen it: what was in the page goes back to its own queue
/// (GHCB-HVDB-07).
/// @return what was pending
template <class Storage>
[[nodiscard]] constexpr auto cancel_ring(layout::basic_hv_doorbell_page<Storage>& page) -> doorbell_event {
  const doorbell_word word = word_of(page);
  set_word(page, {});
  return {word.vector(), word.has(doorbell_word::nmi), word.has(doorbell_word::machine_check)};
}

/// One round of a guest that looks after its doorbell: NoFurtherSignal goes first, then the events (GHCB-HVDB-03). The
/// other way round, an event that comes in between is lost until the next one.
/// @param interrupts_enabled  RFLAGS.IF; without, vectors stay where they are (GHCB-HVDB-04)
/// @param tpr                 task priority: only vectors of a higher class are taken
/// @return what to handle now
template <class Context, class Storage>
[[nodiscard]] constexpr auto take_events(Context& ctx, layout::basic_hv_doorbell_page<Storage>& page,
                                         bool interrupts_enabled, std::uint8_t tpr = 0) -> doorbell_event {
  doorbell_word word = word_of(page);
  if (ctx.applies(rule::GHCB_HVDB_03, word.has(doorbell_word::no_further_signal)))
    word.raw = static_cast<std::uint16_t>(word.raw & ~doorbell_word::no_further_signal);
  doorbell_event taken{.vector = word.vector(),
                       .nmi = word.has(doorbell_word::nmi),
                       .machine_check = word.has(doorbell_word::machine_check)};
  const bool masked = !interrupts_enabled || taken.vector >> 4 <= tpr >> 4;
  if (ctx.denies(rule::GHCB_HVDB_04, taken.vector != 0 && masked)) taken.vector = 0;
  else word.raw = static_cast<std::uint16_t>(word.raw & ~doorbell_word::vector_mask);
  word.raw = static_cast<std::uint16_t>(word.raw & ~(doorbell_word::nmi | doorbell_word::machine_check));
  set_word(page, word);
  return taken;
}

/// The end of an interrupt (GHCB-HVDB-05): NoEoiRequired is exchanged with 0.
/// @return whether the guest must write EOI to the hypervisor
template <class Context, class Storage>
[[nodiscard]] constexpr auto end_of_interrupt(Context& ctx, layout::basic_hv_doorbell_page<Storage>& page) -> bool {
  const bool skip = (page.no_eoi_required() & 1) != 0;
  page.set_no_eoi_required(0);
  return !ctx.applies(rule::GHCB_HVDB_05, skip);
}

/// Whether a guest may execute the instruction that gives the processor away (HLT, VMGEXIT of run VMPL): not if a signal
/// has come since it last looked. If one comes between this test and the instruction, #HV's handler moves RIP behind it
/// (GHCB-HVDB-06).
template <class Context, class Storage>
[[nodiscard]] constexpr auto may_leave(Context& ctx, const layout::basic_hv_doorbell_page<Storage>& page) -> bool {
  return !ctx.denies(rule::GHCB_HVDB_06, word_of(page).has(doorbell_word::no_further_signal));
}

/// The instructions between that test and the one that leaves, by address.
struct leave_window {
  std::uint64_t test{};    ///< of the test
  std::uint64_t leave{};   ///< of HLT or VMGEXIT
  std::uint64_t behind{};  ///< where the guest goes on if it does not leave
};

/// Where #HV's handler returns to (GHCB-HVDB-06): behind the window if it came inside, because what it brought is not
/// looked at otherwise until the processor is back.
/// @param rip  of the interrupted code
template <class Context>
[[nodiscard]] constexpr auto return_of_hv(Context& ctx, const leave_window& window, std::uint64_t rip)
    -> std::uint64_t {
  return ctx.applies(rule::GHCB_HVDB_06, rip > window.test && rip <= window.leave) ? window.behind : rip;
}

}  // namespace sevspec::inline v0::ghcb

#endif
