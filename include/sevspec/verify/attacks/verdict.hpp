// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_VERDICT_HPP
#define SEVSPEC_VERIFY_ATTACKS_VERDICT_HPP

#include <cstdint>
#include <string>

#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/vmrun.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/firmware/status_name.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

/// Attacks as programs over the machine of the library.
namespace sevspec::inline v0::verify::attacks {

/// How an attack ends.
enum class ending : std::uint8_t {
  success,         ///< what the attacker wanted is so
  garbage,         ///< the reference went through, and nobody controls what came of it
  hidden,          ///< the attacker reads constants instead of ciphertext
  stopped,         ///< a check of the machine refused a step, or the step came to nothing
  detected,        ///< a check of the guest or of whoever relies on it refuses
  not_applicable,  ///< there is nothing there that could be attacked
};

/// How an attack has ended, and what the machine said. Scripts take both from answers of the machine.
struct verdict {
  ending how = ending::not_applicable;
  rule decided_by = rule::none;  ///< of the answer that ended it; none for a success
  std::string told{};            ///< what the attacker saw of it: "#PF-RMP", "VERR", "E:POLICY_FAILURE"
  rmp_finding broken{};          ///< the first invariant of the Reverse Map Table that broke on the way

  friend auto operator==(const verdict&, const verdict&) -> bool = default;
};

/// One word, as in tables: "S", "G", "H", "D", "-", or what the attacker saw.
[[nodiscard]] inline auto symbol_of(const verdict& one) -> std::string {
  switch (one.how) {
    case ending::success:        return "S";
    case ending::garbage:        return "G";
    case ending::hidden:         return "H";
    case ending::detected:       return "D";
    case ending::not_applicable: return "-";
    case ending::stopped:        return one.told.empty() ? "fail" : one.told;
  }
  return "?";
}

/// "success", "garbage", "hidden", "stopped", "detected" or "not applicable".
[[nodiscard]] constexpr auto name_of(ending how) noexcept -> const char* {
  switch (how) {
    case ending::success:        return "success";
    case ending::garbage:        return "garbage";
    case ending::hidden:         return "hidden";
    case ending::stopped:        return "stopped";
    case ending::detected:       return "detected";
    case ending::not_applicable: return "not applicable";
  }
  return "?";
}

/// What the attacker wanted is so, or it is not although nothing refused.
[[nodiscard]] inline auto success_if(bool so, ending otherwise = ending::garbage) -> verdict {
  return {.how = so ? ending::success : otherwise};
}

/// A reference has faulted.
[[nodiscard]] inline auto stopped_by(const fault& raised) -> verdict {
  constexpr std::uint64_t rmp = std::uint64_t{1} << 31;
  std::string told = name_of(raised.kind);
  const bool page_fault = raised.kind == fault_kind::pf || raised.kind == fault_kind::npf;
  if (page_fault && (raised.code & rmp) != 0) told += "-RMP";
  if (raised.kind == fault_kind::vc && raised.code == 0x404) told += "404";
  return {.how = ending::stopped, .decided_by = raised.decided_by, .told = told};
}

/// VMRUN did not enter the guest.
[[nodiscard]] inline auto stopped_by(const cpu::vmrun_result& refused) -> verdict {
  std::string told = refused.end == cpu::vmrun_end::exited ? "VERR" : cpu::name_of(refused.end);
  if (refused.exit_code == layout::svm_exit_codes::busy) told += "(BUSY)";
  return {.how = ending::stopped, .decided_by = refused.decided_by, .told = told};
}

/// The AMD-SP has refused a command.
/// @param why  the rule that fired last, as an observer heard it: statuses do not name theirs
[[nodiscard]] inline auto stopped_by(firmware::status status, rule why) -> verdict {
  return {.how = ending::stopped, .decided_by = why, .told = std::string{"E:"} + firmware::name_of(status)};
}

/// A device's reference was aborted.
[[nodiscard]] inline auto stopped_by(const memory::dma_abort& aborted) -> verdict {
  return {.how = ending::stopped, .decided_by = aborted.decided_by, .told = "IOMMU"};
}

/// Page ownership does not let a guest's reference through.
[[nodiscard]] inline auto stopped_by(const memory::ownership_verdict& refused) -> verdict {
  const bool not_validated = refused.what == memory::ownership_verdict::kind::not_validated;
  return {.how = ending::stopped, .decided_by = refused.decided_by, .told = not_validated ? "#VC404" : "#NPF-RMP"};
}

/// An RMP instruction has failed.
[[nodiscard]] inline auto stopped_by(const rmp::result& failed) -> verdict {
  return {.how = ending::stopped,
          .decided_by = failed.decided_by,
          .told = "EAX=" + std::to_string(static_cast<unsigned>(failed.eax))};
}

/// The guest, or whoever relies on it, has noticed.
[[nodiscard]] inline auto detected_by(rule why) -> verdict { return {.how = ending::detected, .decided_by = why}; }

}  // namespace sevspec::inline v0::verify::attacks

#endif
