// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_DESCRIBE_HPP
#define SEVSPEC_VERIFY_RMP_DESCRIBE_HPP

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/rmp_conformance.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

namespace detail {

[[nodiscard]] inline auto hex(std::uint64_t value) -> std::string {
  std::array<char, 18> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

}  // namespace detail

/// "rmpupdate"
[[nodiscard]] constexpr auto name_of(rmp_operation what) noexcept -> const char* {
  switch (what) {
    case rmp_operation::rmpupdate:      return "rmpupdate";
    case rmp_operation::psmash:         return "psmash";
    case rmp_operation::rmpread:        return "rmpread";
    case rmp_operation::pvalidate:      return "pvalidate";
    case rmp_operation::rmpadjust:      return "rmpadjust";
    case rmp_operation::rmpquery:       return "rmpquery";
    case rmp_operation::access:         return "access";
    case rmp_operation::entry:          return "entry";
    case rmp_operation::page_reclaim:   return "page_reclaim";
    case rmp_operation::page_unsmash:   return "page_unsmash";
    case rmp_operation::page_set_state: return "page_set_state";
    case rmp_operation::gctx_create:    return "gctx_create";
    case rmp_operation::decommission:   return "decommission";
    case rmp_operation::launch_start:   return "launch_start";
    case rmp_operation::launch_update:  return "launch_update";
    case rmp_operation::launch_finish:  return "launch_finish";
    case rmp_operation::wbinvd:         return "wbinvd";
    case rmp_operation::df_flush:       return "df_flush";
    case rmp_operation::activate:       return "activate";
    case rmp_operation::page_md_init:   return "page_md_init";
    case rmp_operation::page_move:      return "page_move";
    case rmp_operation::page_swap_out:  return "page_swap_out";
    case rmp_operation::page_swap_in:   return "page_swap_in";
  }
  return "?";
}

/// One line.
[[nodiscard]] inline auto describe(const rmp_step& step) -> std::string {
  using detail::hex;
  std::string text = std::string(name_of(step.what)) + " spa=" + hex(step.spa);
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const bool guest = step.what == rmp_operation::pvalidate || step.what == rmp_operation::rmpadjust ||
                     step.what == rmp_operation::rmpquery;
  if (step.what == rmp_operation::rmpupdate)
    text += std::string(" assigned=") + (step.assigned ? "1" : "0") + " page_size=" + sevspec::name_of(step.size) +
            " immutable=" + (step.immutable ? "1" : "0") + " gpa=" + hex(step.gpa) + " asid=" + number(step.asid);
  if (guest || step.what == rmp_operation::access)
    text += " asid=" + number(step.asid) + " vmpl=" + number(step.vmpl) + " gpa=" + hex(step.gpa) +
            " leaf=" + sevspec::name_of(step.leaf);
  if (guest && step.what != rmp_operation::rmpquery) text += std::string(" page_size=") + sevspec::name_of(step.size);
  if (step.what == rmp_operation::pvalidate) text += std::string(" validate=") + (step.validate ? "1" : "0");
  if (step.what == rmp_operation::rmpadjust) text += " attributes=" + hex(step.attributes);
  if (step.what == rmp_operation::rmpquery) text += " target_vmpl=" + number(step.target_vmpl);
  if (step.what == rmp_operation::access) {
    constexpr std::array agents{"host", "guest", "device"};
    constexpr std::array kinds{"read", "write", "execute", "shadow_stack", "walk_read", "walk_write"};
    text += std::string(" by=") + agents[static_cast<std::size_t>(step.by)] +
            " kind=" + kinds[static_cast<std::size_t>(step.kind)] + " c=" + (step.c ? "1" : "0") +
            (step.snp ? "" : " snp=0");
  }
  if (step.what == rmp_operation::page_reclaim) text += std::string(" page_size=") + sevspec::name_of(step.size);
  if (step.what == rmp_operation::page_set_state) text += " pages=" + number(step.pages);
  if (needs_guests(step.what)) {
    const firmware_operands& more = step.guest_command;
    text += " gctx=" + hex(more.context) + " dst=" + hex(more.destination) + " mdata=" + hex(more.metadata) +
            " policy=" + hex(more.policy) + " page_type=" + number(more.page_type) + " asid=" + number(step.asid) +
            " page_size=" + sevspec::name_of(step.size);
  }
  if (step.cpl != 0) text += " cpl=" + number(step.cpl);
  if (step.caller_asid != 0) text += " caller_asid=" + number(step.caller_asid);
  return text;
}

/// One phrase, raw values.
[[nodiscard]] inline auto describe(const rmp_answer& answer) -> std::string {
  using detail::hex;
  const std::string where = " error=" + hex(answer.error) + " address=" + hex(answer.address);
  switch (answer.ending) {
    case rmp_ending::done:   return "done";
    case rmp_ending::result: {
      std::string text =
          "EAX=" + std::to_string(answer.eax) + " ZF=" + (answer.zf ? "1" : "0") + " CF=" + (answer.cf ? "1" : "0");
      if (answer.attributes != 0) text += " RDX=" + hex(answer.attributes);
      if (answer.assigned || answer.gpa != 0 || answer.size_byte != 0)
        text += std::string(" operand: assigned=") + (answer.assigned ? "1" : "0") + " size=" + hex(answer.size_byte) +
                " immutable=" + (answer.immutable ? "1" : "0") + " gpa=" + hex(answer.gpa) +
                " asid=" + std::to_string(answer.asid);
      return text;
    }
    case rmp_ending::gp:          return "#GP";
    case rmp_ending::ud:          return "#UD";
    case rmp_ending::pf:          return "#PF" + where;
    case rmp_ending::npf:         return "#NPF" + where;
    case rmp_ending::vc:          return "#VC" + where;
    case rmp_ending::abort:       return "the IOMMU stops it";
    case rmp_ending::entry:       return "lo=" + hex(answer.lo) + " hi=" + hex(answer.hi) + " " + answer.state;
    case rmp_ending::status:      return answer.state;
    case rmp_ending::unsupported: return "not supported";
    case rmp_ending::broken:      return std::string("no answer: ") + answer.state;
  }
  return "?";
}

/// What a comparison found, for people.
[[nodiscard]] inline auto describe(const conformance_report& report) -> std::string {
  std::string text = std::to_string(report.runs) + " runs, " + std::to_string(report.operations) + " operations, " +
                     std::to_string(report.unspecified.size()) + " unspecified\n";
  if (!report.tested.empty()) text += "tested:";
  for (const char* const name : report.tested) text += std::string(" ") + name;
  if (!report.tested.empty()) text += "\n";
  for (const skipped_ability& one : report.skipped)
    text += std::string("skipped: ") + one.name + ": " + one.reason + "\n";
  for (const unspecified_point& point : report.unspecified)
    text += std::string("unspecified: ") + point.choice + " = " + point.value + "\n";
  if (!report.found) return text;
  text += "disagreement in run " + std::to_string(report.found->seed) + ":\n";
  for (const rmp_step& step : report.found->steps) text += "  " + describe(step) + "\n";
  text += "expected " + describe(report.found->expected);
  if (report.found->expected.decided_by != rule::none)
    text += std::string(" by ") + sevspec::name_of(report.found->expected.decided_by);
  text += "\nactual   " + describe(report.found->actual) + "\n";
  for (const rule id : suspects(*report.found))
    text += std::string("as if without ") + sevspec::name_of(id) + ": " + info(id).text + "\n";
  return text;
}

}  // namespace sevspec::inline v0::verify

#endif
