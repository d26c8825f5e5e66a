// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_APIC_STATE_HPP
#define SEVSPEC_SVSM_APIC_STATE_HPP

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

namespace sevspec::inline v0::svsm {

/// One bit for each vector.
class vector_set {
 public:
  [[nodiscard]] constexpr auto contains(std::uint8_t vector) const noexcept -> bool {
    return (words_[vector / 32] >> (vector % 32) & 1) != 0;
  }
  constexpr void insert(std::uint8_t vector) noexcept { words_[vector / 32] |= std::uint32_t{1} << (vector % 32); }
  constexpr void erase(std::uint8_t vector) noexcept { words_[vector / 32] &= ~(std::uint32_t{1} << (vector % 32)); }
  [[nodiscard]] constexpr auto highest() const noexcept -> std::optional<std::uint8_t> {
    for (unsigned i = 8; i-- > 0;)
      if (words_[i] != 0)
        return static_cast<std::uint8_t>(32 * i + 31 - static_cast<unsigned>(std::countl_zero(words_[i])));
    return {};
  }
  [[nodiscard]] constexpr auto count() const noexcept -> int {
    int all = 0;
    for (const std::uint32_t word : words_) all += std::popcount(word);
    return all;
  }
  /// As the registers have it: 32 vectors each.
  [[nodiscard]] constexpr auto word(unsigned index) const noexcept -> std::uint32_t { return words_[index & 7]; }

  friend constexpr auto operator==(const vector_set&, const vector_set&) -> bool = default;

 private:
  std::array<std::uint32_t, 8> words_{};
};

/// The interrupt controller that an SVSM emulates for a processor of its guest: what of an x2APIC the protocol has.
struct apic_state {
  bool active = false;                   ///< emulation is on for this processor
  std::uint8_t tpr = 0;                  ///< task priority
  vector_set irr{};                      ///< requested
  vector_set isr{};                      ///< in service
  vector_set tmr{};                      ///< level-triggered
  vector_set from_host{};                ///< vectors that the hypervisor may raise (SVSM-APIC-07)
  std::uint64_t icr = 0;                 ///< as it was last written
  std::optional<std::uint8_t> posted{};  ///< in V_IRQ: requested until the guest has taken it
  bool nmi_pending = false;
  bool lazy_eoi = false;  ///< NO_EOI_REQUIRED was set, and the guest may clear it instead of EOI (SVSM-APIC-09)

  friend constexpr auto operator==(const apic_state&, const apic_state&) -> bool = default;
};

}  // namespace sevspec::inline v0::svsm

#endif
