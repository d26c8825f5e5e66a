// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_SETTING_HPP
#define SEVSPEC_VERIFY_ATTACKS_SETTING_HPP

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

namespace sevspec::inline v0::verify::attacks {

/// Where attacks run: the columns of the matrix.
enum class column : std::uint8_t {
  sev,    ///< a SEV guest on a host without SEV-SNP
  es,     ///< a SEV-ES guest on such a host
  milan,  ///< an SNP guest
  genoa,
  turin,
};
inline constexpr std::array columns{column::sev, column::es, column::milan, column::genoa, column::turin};

/// "SEV", "ES", "MIL", "GEN" or "TUR".
[[nodiscard]] constexpr auto name_of(column where) noexcept -> const char* {
  switch (where) {
    case column::sev:   return "SEV";
    case column::es:    return "ES";
    case column::milan: return "MIL";
    case column::genoa: return "GEN";
    case column::turin: return "TUR";
  }
  return "?";
}

/// One machine that an attack is tried on.
struct setting {
  column where{};
  /// With what came after the attack: firmware, microcode, policy, a guest that knows it; before SEV-SNP, parts of the
  /// second generation instead of the first. Without: the part as it was first sold, with a guest that expects nothing.
  bool fixed = true;
  rule_set rules{};  ///< those in force
  implementation_choices choices{};
  /// The attacker has the seed that a chip's endorsement keys come from (ATK-27-SEED).
  bool attacker_has_vcek_seed = true;
  /// Where stages with SEV-SNP note the first invariant of the Reverse Map Table that breaks; null: nobody looks.
  rmp_finding* first_broken = nullptr;

  [[nodiscard]] constexpr auto snp() const noexcept -> bool { return where >= column::milan; }
  /// Ciphertext hiding is on wherever the part has it.
  [[nodiscard]] constexpr auto hides_ciphertext() const noexcept -> bool { return where == column::turin; }
  [[nodiscard]] constexpr auto part() const noexcept -> generation {
    switch (where) {
      case column::sev:
      case column::es:    return fixed ? generation::rome : generation::naples;
      case column::milan: return generation::milan;
      case column::genoa: return generation::genoa;
      case column::turin: return generation::turin;
    }
    return generation::milan;
  }
  [[nodiscard]] constexpr auto guest() const noexcept -> cpu::guest_kind {
    return where == column::sev  ? cpu::guest_kind::sev
           : where == column::es ? cpu::guest_kind::sev_es
                                 : cpu::guest_kind::snp;
  }
};

/// What fired: the last guard that refused, the last effect, and all effects.
struct refusal_log {
  rule last = rule::none;
  rule last_effect = rule::none;
  std::bitset<rule_count> effects{};
  void on(const rule_evaluated& event) {
    if (!event.fired) return;
    if (info(event.id).kind == rule_kind::guard) {
      last = event.id;
    } else {
      last_effect = event.id;
      effects.set(static_cast<std::size_t>(event.id));
    }
  }
};

/// What scripts give to the functions of the machine: rules chosen at run time, and somebody who hears which one refused.
using script_context = context<rule_set, refusal_log>;

}  // namespace sevspec::inline v0::verify::attacks

#endif
