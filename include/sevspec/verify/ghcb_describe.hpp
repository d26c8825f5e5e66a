// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_DESCRIBE_HPP
#define SEVSPEC_VERIFY_GHCB_DESCRIBE_HPP

#include <cstdint>
#include <string>
#include <utility>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>
#include <sevspec/verify/ghcb_conformance.hpp>
#include <sevspec/verify/rmp_describe.hpp>

namespace sevspec::inline v0::verify {

namespace detail {

/// The fields that are marked valid, with their values.
[[nodiscard]] inline auto passed_fields(const layout::ghcb& page) -> std::string {
  std::string text;
  for (unsigned bit = 0; bit < 128; ++bit) {
    const layout::field_info* const field = layout::field_of_valid_bit(bit);
    if (field == nullptr) continue;
    const auto value = layout::passed(page, static_cast<layout::ghcb_field>(bit));
    if (value) text += std::string(" ") + field->name + "=" + hex(*value);
  }
  return text;
}

}  // namespace detail

/// One line.
[[nodiscard]] inline auto describe(const ghcb_step& step) -> std::string {
  using detail::hex;
  const std::string who = "vcpu " + std::to_string(step.vcpu);
  if (step.what == ghcb_operation::signal) {
    const char* const what = step.signal == ghcb_signal::init   ? "INIT"
                             : step.signal == ghcb_signal::sipi ? "SIPI"
                                                                : "an interrupt";
    return std::string(what) + " to " + who;
  }
  const std::string from = who + " vmpl " + std::to_string(step.vmpl);
  if (step.what == ghcb_operation::msr) return from + " msr=" + hex(step.value);
  const ghcb::event_info* const event = ghcb::find_event(step.page.sw_exit_code());
  std::string text = from + " page=" + hex(step.value) + " " + (event == nullptr ? "unknown event" : event->name) +
                     ":" + detail::passed_fields(step.page);
  if (step.page.ghcb_usage() != 0) text += " usage=" + hex(step.page.ghcb_usage());
  for (const ghcb_bytes& one : step.memory)
    text += " memory " + hex(one.where) + "+" + std::to_string(one.bytes.size());
  if (step.race) text += " then written: " + hex(step.race->where) + "+" + std::to_string(step.race->bytes.size());
  return text;
}

/// One phrase.
[[nodiscard]] inline auto describe(const ghcb_step& step, const ghcb_answer& answer) -> std::string {
  using detail::hex;
  switch (answer.how) {
    case ghcb_answer::ending::answered:    break;
    case ghcb_answer::ending::refused:     return std::string("refused: ") + answer.reason;
    case ghcb_answer::ending::unsupported: return "not supported";
    case ghcb_answer::ending::broken:      return std::string("no answer: ") + answer.reason;
  }
  if (step.what == ghcb_operation::signal)
    return answer.woken ? "woken, result " + hex(answer.result) : std::string("not woken");
  std::string text = name_of(answer.next);
  if (answer.why) text += " set " + std::to_string(answer.why->set) + " code " + std::to_string(answer.why->code);
  if (step.what == ghcb_operation::msr) text += " msr=" + hex(answer.msr);
  else text += detail::passed_fields(answer.page);
  for (const ghcb_page_range& one : answer.made_private.ranges())
    text += " private " + hex(one.gpa) + "+" + std::to_string(one.pages);
  for (const ghcb_page_range& one : answer.made_shared.ranges())
    text += " shared " + hex(one.gpa) + "+" + std::to_string(one.pages);
  if (!answer.effects.empty()) text += ", " + std::to_string(answer.effects.size()) + " effects";
  return text;
}

/// What a comparison found, for people.
[[nodiscard]] inline auto describe(const ghcb_conformance_report& report) -> std::string {
  std::string text = std::to_string(report.runs) + " runs, " + std::to_string(report.operations) + " operations, " +
                     std::to_string(report.unspecified.size()) + " unspecified\n";
  std::size_t shown = 0;
  std::string not_shown;
  for (const rule id : ghcb_hypervisor_rules) {
    if (report.rules.contains(id)) ++shown;
    else not_shown += std::string(not_shown.empty() ? "" : " ") + sevspec::name_of(id);
  }
  text += "rules: " + std::to_string(shown) + " of " + std::to_string(std::size(ghcb_hypervisor_rules)) +
          (not_shown.empty() ? "" : "; not: " + not_shown) + "\n";
  for (const std::size_t which : report.refused_setups)
    text += "skipped: guests of setup " + std::to_string(which) + "\n";
  for (const ghcb_step& step : report.skipped) text += "skipped: " + describe(step) + "\n";
  for (const ghcb_unspecified_point& point : report.unspecified)
    text += std::string("unspecified: ") + point.choice + " = " + point.value + "\n";
  if (!report.found) return text;
  const ghcb_disagreement& found = *report.found;
  text += found.seed == 0 ? "disagreement:\n" : "disagreement in run " + std::to_string(found.seed) + ":\n";
  for (const ghcb_step& step : found.steps) text += "  " + describe(step) + "\n";
  text += "expected " + describe(found.steps.back(), found.expected) + "\n";
  text += "actual   " + describe(found.steps.back(), found.actual) + "\n";
  text += std::string("differs in ") + found.what.member + ", by " + sevspec::name_of(found.what.about) + ": " +
          info(found.what.about).text + "\n";
  for (const rule id : suspects(found))
    text += std::string("as if without ") + sevspec::name_of(id) + ": " + info(id).text + "\n";
  return text;
}

}  // namespace sevspec::inline v0::verify

#endif
