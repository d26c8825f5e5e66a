// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_GENERATOR_HPP
#define SEVSPEC_VERIFY_GHCB_GENERATOR_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <utility>
#include <vector>

#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/verify/ghcb_requests.hpp>
#include <sevspec/verify/ghcb_step.hpp>

namespace sevspec::inline v0::verify {

/// Hypervisors that differ in what they offer, and to which guests.
[[nodiscard]] inline auto ghcb_usual_setups() -> std::vector<ghcb_setup> {
  using feature = layout::ghcb_hv_features;
  const ghcb_page_range hole{ghcb_places::hole, 1};
  std::vector<ghcb_setup> all;
  all.push_back({.config = {.features = 0x27f}, .holes = {hole}, .certificate_bytes = 0x1800});
  all.push_back({.config = {.lowest_version = 2,
                            .features = ghcb::feature_bit(feature::snp) | ghcb::feature_bit(feature::snp_ap_creation),
                            .sev_features = 0x21},
                 .holes = {hole},
                 .firmware_status = 0x16});
  all.push_back({.config = {.c_bit = 47, .features = ghcb::feature_bit(feature::snp), .shadow_stacks = true},
                 .processors = 1,
                 .holes = {hole},
                 .throttled = true});
  all.push_back({.config = {.snp = false, .c_bit = 47, .sev_features = 0}, .holes = {hole}});
  all.push_back({.config = {.snp = false, .highest_version = 1, .sev_features = 0}, .processors = 2, .holes = {hole}});
  return all;
}

/// Every event, and every request of it that `ghcb_requests` knows, each in a conversation of its own; then a few
/// longer ones about what one request leaves for the next.
[[nodiscard]] inline auto ghcb_directed(const ghcb_setup& setup) -> std::vector<std::vector<ghcb_step>> {
  using event = layout::nae_exit_codes;
  const ghcb_requests ask(setup, 0, 0);
  std::vector<std::vector<ghcb_step>> all;
  std::vector<ghcb_step> opening;
  if (setup.config.snp) opening.push_back(ask.registration());
  const auto talk = [&](std::vector<ghcb_step> steps) {
    steps.insert(steps.begin(), opening.begin(), opening.end());
    all.push_back(std::move(steps));
  };
  for (const ghcb_step& step : ask.msr_variants()) all.push_back({step});
  for (const ghcb_step& step : ask.unknown()) talk({step});
  talk(ask.areas_outside());
  for (const ghcb::event_info& row : ghcb::nae_events) {
    const auto good = ask.good(row.code);
    for (const ghcb_step& step : good) talk({step});
    for (const ghcb_step& step : ask.bad(row.code)) talk({step});
    for (const ghcb_step& step : good)
      for (const ghcb_step& one : ask.broken(step, &step - good.data() < 2)) talk({one});
    for (const std::uint64_t where : {std::uint64_t{0}, ask.ghcb_page() + 0x1000, ghcb_places::hole, setup.memory})
      talk({ask.elsewhere(good.front(), where)});
  }

  const auto first = [&](event code, std::size_t which) { return ask.good(code).at(which); };
  talk({first(event::ap_jump_table, 0), first(event::ap_jump_table, 1)});
  talk({first(event::msr, 4), first(event::msr, 0)});
  // A GHCB that is replaced, and one that becomes private.
  talk({ask.by_msr(ghcb::message::register_request{0x7fe5}), first(event::rdtsc, 0)});
  talk({ask.by_msr(ghcb::message::page_state_request{layout::ghcb_psc_ops::private_, ask.ghcb_page() >> 12}),
        first(event::rdtsc, 0)});
  talk({ask.change(0, 0, {ghcb_requests::entry(1, ghcb_places::scratch)}), first(event::ioio, 4)});
  talk({ask.change(0, 1,
                   {ghcb_requests::entry(1, ghcb_places::converted), ghcb_requests::entry(2, ghcb_places::converted)}),
        ask.change(0, 0, {ghcb_requests::entry(2, ghcb_places::converted)})});
  // Hold, and what ends it.
  for (const ghcb_signal what : {ghcb_signal::sipi, ghcb_signal::interrupt})
    for (const bool earlier : {false, true}) {
      std::vector<ghcb_step> by_page;
      if (earlier) by_page.push_back(ghcb_requests::signal(0, ghcb_signal::sipi));
      std::vector<ghcb_step> by_msr = by_page;
      by_page.push_back(first(event::ap_reset_hold, 0));
      by_msr.push_back(ask.by_msr(ghcb::message::reset_hold_request{}));
      for (auto* const steps : {&by_page, &by_msr}) {
        steps->push_back(ghcb_requests::signal(0, what));
        steps->push_back(first(event::rdtsc, 0));
        talk(*steps);
      }
    }
  if (setup.config.snp && setup.processors > 1) {
    const std::uint64_t vmsa = ghcb_places::vmsa;
    const std::uint64_t rax = setup.config.sev_features;
    const auto create = [&](std::uint64_t info_1, std::uint64_t where) {
      return ask.by_page(event::snp_ap_creation, info_1, where, {.rax = rax});
    };
    const std::uint64_t one = std::uint64_t{1} << 32;
    const ghcb_requests its(setup, 1, 0);
    talk({create(one | 1, vmsa), its.registration(), its.by_page(event::rdtsc)});
    talk({create(one | 1, vmsa), its.by_page(event::rdtsc)});  // it has registered nothing yet
    talk({create(one, vmsa), ghcb_requests::signal(1, ghcb_signal::init), its.registration()});
    talk({create(one | 1, vmsa), create(one, vmsa + 0x1000), ghcb_requests::signal(1, ghcb_signal::init)});
    talk({create(one | 1, vmsa), ask.by_page(event::snp_ap_creation, one | 2),
          ghcb_requests::signal(1, ghcb_signal::init)});
    talk(
        {create(one, vmsa), ask.by_page(event::snp_ap_creation, one | 2), ghcb_requests::signal(1, ghcb_signal::init)});
    // Another VMPL of the first processor.
    const ghcb_requests below(setup, 0, 2);
    const ghcb_step second = create(std::uint64_t{2} << 16 | 1, vmsa + 0x2000);
    const ghcb_step back = below.by_msr(ghcb::message::run_vmpl_request{0});
    talk({second, ask.by_msr(ghcb::message::run_vmpl_request{2}), back, first(event::rdtsc, 0)});
    talk({second, ask.by_page(event::snp_run_vmpl, 2), below.by_page(event::rdtsc), below.registration(),
          below.by_page(event::rdtsc), below.by_page(event::snp_run_vmpl, 0), first(event::rdtsc, 0)});
    talk({second, ask.by_page(event::snp_run_vmpl, 2), below.registration(),
          below.by_page(event::snp_ap_creation, 1, vmsa, {.rax = rax}),
          below.by_page(event::configure_interrupt_injection, 0x40),
          below.by_page(event::specific_eoi, 2U << 16 | 0x40),
          below.by_page(event::disable_alternate_injection, 2U << 16)});
    talk({create(one | 1, vmsa), second, ask.by_page(event::snp_run_vmpl, 2), below.registration(),
          below.by_page(event::snp_ap_creation, one | 1, vmsa + 0x1000, {.rax = rax})});
  }
  if (setup.config.has(layout::ghcb_hv_features::snp_restricted_injection))
    for (std::size_t last = 0; last < 4; ++last) {
      const auto wrong = ask.bad(event::hv_doorbell_page_);
      talk({first(event::hv_doorbell_page_, 1), wrong.at(last), first(event::hv_doorbell_page_, 2)});
      talk({first(event::hv_doorbell_page_, 1), first(event::hv_doorbell_page_, last),
            first(event::hv_doorbell_page_, 2)});
    }
  if (setup.config.snp)
    for (const std::size_t which : {std::size_t{0}, std::size_t{2}})
      talk({first(event::secure_avic, which), first(event::secure_avic, which), first(event::secure_avic, which + 1),
            first(event::secure_avic, which + 1)});
  return all;
}

/// Draws steps of longer conversations: mostly requests that are right, from processors that run, with what the machine
/// needs for them done before. The same seed gives the same steps.
class ghcb_generator {
 public:
  explicit ghcb_generator(std::uint64_t seed) : random_(seed) {}

  /// @param now  the reference's machine, before the step; it has not stopped
  [[nodiscard]] auto next(const ghcb_setup& setup, const ghcb::machine& now) -> ghcb_step {
    std::vector<const ghcb::vcpu*> running;
    for (const ghcb::vcpu& cpu : now.vcpus)
      if (cpu.runnable && !cpu.held) running.push_back(&cpu);
    if (running.empty() || chance(4)) {
      // One draw per statement: in one expression, compilers differ in which is first.
      const auto what = pick({ghcb_signal::init, ghcb_signal::sipi, ghcb_signal::interrupt});
      const auto whom = static_cast<std::uint32_t>(below(now.vcpus.size()));
      return ghcb_requests::signal(whom, what);
    }
    const ghcb::vcpu& cpu = *running[below(running.size())];
    const ghcb_requests ask(setup, cpu.apic_id, cpu.current.value);
    if (setup.config.snp && cpu.here().registered != std::optional{gpa{ask.ghcb_page()}} && chance(90))
      return ask.registration();
    if (chance(12)) {
      const auto all = ask.msr_variants();
      const ghcb_step& step = all[below(all.size())];
      return ghcb::msr_code(step.value) == layout::ghcb_msr_codes::term_req ? ask.by_msr(0x80) : step;
    }
    using event = layout::nae_exit_codes;
    const bool builds = chance(25);  // what later requests need
    const event code = builds ? pick({event::snp_ap_creation, event::snp_run_vmpl, event::snp_page_state_change})
                              : ghcb::nae_events[below(std::size(ghcb::nae_events))].code;
    if (code == event::termination_request || code == event::unsupported_event) return ask.by_page(event::rdtsc);
    const auto good = ask.good(code);
    if (chance(75)) return good[below(good.size())];
    const auto bad = chance(50) ? ask.bad(code) : ask.broken(good[below(good.size())]);
    return bad.empty() ? good[below(good.size())] : bad[below(bad.size())];
  }

 private:
  [[nodiscard]] auto below(std::size_t limit) -> std::size_t { return static_cast<std::size_t>(random_() % limit); }
  [[nodiscard]] auto chance(unsigned percent) -> bool { return below(100) < percent; }
  template <class Value>
  [[nodiscard]] auto pick(std::initializer_list<Value> values) -> Value {
    return values.begin()[below(values.size())];
  }

  std::mt19937_64 random_;
};

}  // namespace sevspec::inline v0::verify

#endif
