// SPDX-License-Identifier: MIT
#include "tour_dialogue.hpp"

#include <utility>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>

namespace sevspec::tool {

namespace {

[[nodiscard]] auto name_of(speaker who) -> const char* {
  switch (who) {
    case speaker::guest:            return "guest";
    case speaker::second_processor: return "guest's AP";
    case speaker::handler:          return "#VC handler";
    case speaker::hypervisor:       return "hypervisor";
    case speaker::processor:        return "processor";
    case speaker::reverse_map:      return "RMP";
    case speaker::device:           return "device";
    case speaker::svsm:             return "SVSM";
    case speaker::firmware:         return "AMD-SP";
    case speaker::verifier:         return "verifier";
  }
  return "?";
}

[[nodiscard]] auto because_of(rule why) -> std::string {
  return why == rule::none ? std::string{} : fmt::format(" ({})", info(why).name);
}

/// The registers that a GHCB passes, after `text`.
void add_registers(std::string& text, const layout::ghcb& page) {
  using layout::ghcb_field;
  constexpr std::pair<ghcb_field, const char*> shown[] = {
      {ghcb_field::sw_exit_info_1, "INFO1"},
      {ghcb_field::sw_exit_info_2, "INFO2"},
      {ghcb_field::rax, "RAX"},
      {ghcb_field::rbx, "RBX"},
      {ghcb_field::sw_scratch, "SCRATCH"},
  };
  for (const auto& [field, name] : shown)
    if (const auto value = layout::passed(page, field))
      text += fmt::format("{}{} {:#x}", text.empty() ? "" : ", ", name, *value);
}

}  // namespace

void tell(speaker from, speaker to, std::string_view what) {
  fmt::print("  {:<11} -> {:<11} {}\n", name_of(from), name_of(to), what);
}

auto text_of_msr(std::uint64_t value) -> std::string {
  for (const layout::constant_info& one : layout::tables::ghcb_msr_codes.entries)
    if (one.value == (value & 0xfff)) return fmt::format("MSR {:#x}: {}", value, one.name);
  return fmt::format("MSR {:#x}", value);
}

auto text_of_request(const layout::ghcb& page) -> std::string {
  const ghcb::event_info* const event = ghcb::find_event(page.sw_exit_code());
  std::string text =
      fmt::format("GHCB {:#x} {}", std::to_underlying(page.sw_exit_code()), event != nullptr ? event->name : "?");
  add_registers(text, page);
  return text;
}

auto text_of_answer(const layout::ghcb& page) -> std::string {
  std::string text;
  add_registers(text, page);
  return "GHCB " + text;
}

auto text_of(const fault& raised) -> std::string {
  return fmt::format("{} {:#x}{}", sevspec::name_of(raised.kind), raised.code, because_of(raised.decided_by));
}

auto text_of(const outcome<rmp::result>& done) -> std::string {
  if (!done) return text_of(done.error());
  return fmt::format("{}{}", rmp::name_of(done->eax), because_of(done->decided_by));
}

}  // namespace sevspec::tool
