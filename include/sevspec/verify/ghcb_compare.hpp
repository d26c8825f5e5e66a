// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_COMPARE_HPP
#define SEVSPEC_VERIFY_GHCB_COMPARE_HPP

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/serve_devices.hpp>
#include <sevspec/verify/ghcb_step.hpp>

/// Which answers are as good as the reference's: what guests rely on counts, what is up to the hypervisor does not.
namespace sevspec::inline v0::verify {

/// Where an answer is wrong.
struct ghcb_difference {
  const char* member = "";  ///< of the answer, or a field of the page
  rule about = rule::none;  ///< that it breaks
};

/// The rule that a request by MSR is about.
[[nodiscard]] constexpr auto rule_of_msr(std::uint64_t value) noexcept -> rule {
  using enum layout::ghcb_msr_codes;
  switch (ghcb::msr_code(value)) {
    case sev_info_req:      return rule::GHCB_MSR_03;
    case cpuid_req:         return rule::GHCB_MSR_05;
    case ap_reset_hold_req: return rule::GHCB_MSR_07;
    case pref_gpa_req:      return rule::GHCB_MSR_09;
    case reg_gpa_req:       return rule::GHCB_MSR_11;
    case psc_req:           return rule::GHCB_MSR_13;
    case vmpl_req:          return rule::GHCB_MSR_15;
    case hv_features_req:   return rule::GHCB_MSR_17;
    case term_req:          return rule::GHCB_MSR_19;
    default:                return rule::GHCB_MSR_21;
  }
}

/// The rule that a step is about if all is well.
[[nodiscard]] inline auto rule_of(const ghcb_step& step) -> rule {
  if (step.what == ghcb_operation::signal)
    return step.signal == ghcb_signal::init ? rule::GHCB_AP_04 : rule::GHCB_MSR_08;
  if (step.what == ghcb_operation::msr) return rule_of_msr(step.value);
  const ghcb::event_info* const event = ghcb::find_event(step.page.sw_exit_code());
  return event == nullptr ? rule::GHCB_PAGE_07 : event->about;
}

namespace detail {

/// Whether SW_EXITINFO2 of a successful answer says something.
[[nodiscard]] inline auto tells_by_info_2(const ghcb_step& step) -> bool {
  using enum layout::nae_exit_codes;
  switch (step.page.sw_exit_code()) {
    case ap_jump_table:         return step.page.sw_exit_info_1().raw == 1;
    case hv_doorbell_page_:     return step.page.sw_exit_info_1().raw != 3;
    case snp_page_state_change:
    case snp_guest_request:
    case snp_ext_guest_request:
    case hypervisor_features:   return true;
    default:                    return false;
  }
}

/// The bits of an output register that a guest uses.
[[nodiscard]] inline auto used_bits(const ghcb_step& step) -> std::uint64_t {
  using enum layout::nae_exit_codes;
  switch (step.page.sw_exit_code()) {
    case rdtsc:
    case rdtscp:
    case rdpmc:
    case cpuid:
    case msr:    return 0xffff'ffff;
    case ioio:   {
      const unsigned width = ghcb::port_width(layout::exitinfo1_ioio{step.page.sw_exit_info_1().raw});
      return width == 0 ? 0 : ~std::uint64_t{} >> (64 - 8 * width);
    }
    default: return ~std::uint64_t{};
  }
}

[[nodiscard]] inline auto same_processors(const ghcb_answer& expected, const ghcb_answer& actual) -> bool {
  for (const ghcb_processor& one : expected.processors)
    if (std::ranges::find(actual.processors, one) == actual.processors.end()) return false;
  return std::ranges::all_of(actual.processors, [&](const ghcb_processor& one) {
    return std::ranges::find(expected.all, one) != expected.all.end();
  });
}

[[nodiscard]] inline auto msr_difference(const ghcb_answer& expected, const ghcb_answer& actual)
    -> std::optional<ghcb_difference> {
  const auto code = expected.msr & 0xfff;
  const bool has_error = code == 0x015 || code == 0x017;  // any but 0 is an error; which is the hypervisor's own
  if (!has_error) {
    if (expected.msr == actual.msr) return {};
    return ghcb_difference{"msr"};
  }
  const bool same = (expected.msr & 0xffff'ffff) == (actual.msr & 0xffff'ffff) &&
                    (expected.msr >> 32 == 0) == (actual.msr >> 32 == 0);
  if (same) return {};
  return ghcb_difference{"msr"};
}

[[nodiscard]] inline auto page_difference(const ghcb_step& step, const ghcb_answer& expected, const ghcb_answer& actual)
    -> std::optional<ghcb_difference> {
  using ghcb::ghcb_field;
  if (expected.decided_by == rule::GHCB_PAGE_02) {  // the hypervisor cannot write
    if (expected.page == actual.page) return {};
    return ghcb_difference{"page"};
  }
  const auto info_1 = [](const ghcb_answer& of) { return of.page.sw_exit_info_1().raw & 0xffff'ffff; };
  const ghcb::field_set given = ghcb::valid_fields(actual.page);
  for (const ghcb_field field : {ghcb_field::sw_exit_info_1, ghcb_field::sw_exit_info_2})
    if (!given.has(field)) return ghcb_difference{"valid_bitmap", rule::GHCB_PAGE_09};
  if (info_1(expected) != info_1(actual)) return ghcb_difference{"sw_exit_info_1"};
  const bool fine = info_1(expected) == 0;
  // Which error it is counts, but not for run VMPL, which has none of its own.
  std::uint64_t counts = !fine ? 0xffff'ffff : tells_by_info_2(step) ? ~std::uint64_t{} : 0;
  if (expected.decided_by == rule::GHCB_NAE_27) counts = 0;
  if (expected.decided_by == rule::GHCB_PSC_12) counts = bits<63, 32>::mask;  // the rest is the host's own
  if (((expected.page.sw_exit_info_2() ^ actual.page.sw_exit_info_2()) & counts) != 0)
    return ghcb_difference{"sw_exit_info_2"};

  struct output {
    ghcb_field field;
    const char* name;
  };
  constexpr output outputs[] = {
      {ghcb_field::rax, "rax"}, {ghcb_field::rbx, "rbx"}, {ghcb_field::rcx, "rcx"}, {ghcb_field::rdx, "rdx"}};
  for (const auto& [field, name] : outputs) {
    const auto wanted = layout::passed(expected.page, field);
    const auto got = layout::passed(actual.page, field);
    if (!wanted || !fine) continue;  // more is allowed, and says nothing (GHCB-PAGE-09)
    if (!got || ((*wanted ^ *got) & used_bits(step)) != 0) return ghcb_difference{name};
  }
  ghcb::field_set allowed{ghcb_field::sw_exit_info_1, ghcb_field::sw_exit_info_2};
  for (const auto& [field, name] : outputs) allowed.add(field);
  if (!allowed.includes(given)) return ghcb_difference{"valid_bitmap", rule::GHCB_PAGE_08};
  // What the guest keeps there, and the list or the data of the request.
  if (expected.decided_by == rule::GHCB_SCR_06) return {};  // some of it may have been moved
  const auto same = [&](std::size_t from, std::size_t to) {
    return std::equal(expected.page.data() + from, expected.page.data() + to, actual.page.data() + from);
  };
  if (!same(0x800, 0xff0)) return ghcb_difference{"shared buffer"};
  if (!same(0xffa, 0x1000)) return ghcb_difference{"page", rule::GHCB_PAGE_08};
  if (expected.memory != actual.memory) return ghcb_difference{"memory"};
  return {};
}

[[nodiscard]] inline auto any_difference(const ghcb_step& step, const ghcb_answer& expected, const ghcb_answer& actual)
    -> std::optional<ghcb_difference> {
  using ghcb::next_step;
  if (expected.how != actual.how) return ghcb_difference{"answer"};
  if (expected.how == ghcb_answer::ending::refused) return {};
  if (step.what == ghcb_operation::signal) {
    if (expected.woken != actual.woken) return ghcb_difference{"woken"};
    const bool same = (expected.result == 0) == (actual.result == 0);
    if (expected.woken && !expected.result_is_open && !same) return ghcb_difference{"result"};
    if (!same_processors(expected, actual)) return ghcb_difference{"processors"};
    return {};
  }
  if (expected.next != actual.next) return ghcb_difference{"next"};
  if (expected.next == next_step::terminate && expected.why != actual.why) return ghcb_difference{"reason"};
  if (expected.decided_by != rule::GHCB_SCR_06 && expected.effects != actual.effects) return ghcb_difference{"effects"};
  if (expected.made_private != actual.made_private) return ghcb_difference{"private"};
  if (expected.made_shared != actual.made_shared) return ghcb_difference{"shared"};
  if (expected.next == next_step::terminate || expected.next == next_step::stop) return {};  // nobody sees the rest
  if (!same_processors(expected, actual)) return ghcb_difference{"processors"};
  if (expected.next == next_step::hold) return {};  // the answer comes with the end of the hold
  return step.what == ghcb_operation::msr ? msr_difference(expected, actual) : page_difference(step, expected, actual);
}

}  // namespace detail

/// Where an answer differs from the reference's in something that counts, and the rule that it breaks.
/// @param expected  of `ghcb_reference`
[[nodiscard]] inline auto difference_of(const ghcb_step& step, const ghcb_answer& expected, const ghcb_answer& actual)
    -> std::optional<ghcb_difference> {
  auto found = detail::any_difference(step, expected, actual);
  if (found && step.race)  // its absence would not matter, or it would have been left out
    found->about = step.race->where >> 12 == step.value >> 12 ? rule::GHCB_PAGE_08 : rule::GHCB_PSC_02;
  if (found && found->about == rule::none)
    found->about = expected.decided_by != rule::none ? expected.decided_by : rule_of(step);
  return found;
}

}  // namespace sevspec::inline v0::verify

#endif
