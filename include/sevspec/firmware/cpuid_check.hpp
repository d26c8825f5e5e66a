// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_CPUID_CHECK_HPP
#define SEVSPEC_FIRMWARE_CPUID_CHECK_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <sevspec/firmware/hardware.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/reflect.hpp>

/// What the firmware says of CPUID values that a hypervisor wants a guest to see.   FW-SNP-LUP-13; FW-MSG-25
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t most_cpuid_entries = 64;

/// Functions that are looked at; hypervisors have others of their own.
[[nodiscard]] constexpr auto is_architectural(std::uint32_t function) -> bool { return (function & 0x7fff'0000) == 0; }

/// What one policy makes of a register's value.
[[nodiscard]] constexpr auto corrected(cpuid_bound bound, std::uint32_t value, std::uint32_t limit) -> std::uint32_t {
  switch (bound) {
    case cpuid_bound::subset:  return value & limit;
    case cpuid_bound::at_most: return std::min(value, limit);
    case cpuid_bound::equal:   return limit;
  }
  return value;
}

/// What came of a table.
struct cpuid_verdict {
  bool malformed = false;      ///< too many entries, or reserved fields are set
  bool corrected = false;      ///< some values were too good
  std::uint32_t examined = 0;  ///< architectural functions

  [[nodiscard]] constexpr auto is_accepted() const noexcept -> bool { return !malformed && !corrected; }
};

/// Holds a table against what the processor has, and corrects it.
/// @param table  a CPUID page, or the payload of a message in the same form, of `size` bytes
template <class Policy>
constexpr auto check_cpuid(const Policy& policy, std::uint8_t* table, std::size_t size) -> cpuid_verdict {
  constexpr std::size_t header = 16;
  constexpr std::size_t entry_bytes = layout::size_of<layout::cpuid_page_entry>;
  cpuid_verdict verdict;
  if (size < header) return {.malformed = true};
  const auto count = layout::read_le<std::uint32_t>(table);
  const bool fits = count <= most_cpuid_entries && header + count * entry_bytes <= size &&
                    layout::read_le<std::uint32_t>(table + 4) == 0 && layout::read_le<std::uint64_t>(table + 8) == 0;
  if (!fits) return {.malformed = true};
  for (std::uint32_t i = 0; i < count; ++i) {
    layout::cpuid_page_entry_view one{table + header + i * entry_bytes};
    if (layout::first_reserved_bit(one)) verdict.malformed = true;
    if (!is_architectural(one.eax_in())) continue;
    ++verdict.examined;
    for (const cpuid_rule& rule : policy) {
      if (rule.function != one.eax_in() || (rule.index && *rule.index != one.ecx_in())) continue;
      const std::array<std::uint32_t, 4> given{one.eax(), one.ebx(), one.ecx(), one.edx()};
      std::array<std::uint32_t, 4> made{};
      for (std::size_t k = 0; k < 4; ++k) made[k] = firmware::corrected(rule.bound, given[k], rule.registers[k]);
      if (made == given) continue;
      verdict.corrected = true;
      one.set_eax(made[0]);
      one.set_ebx(made[1]);
      one.set_ecx(made[2]);
      one.set_edx(made[3]);
    }
  }
  return verdict;
}

}  // namespace sevspec::inline v0::firmware

#endif
