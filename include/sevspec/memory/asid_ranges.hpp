// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_ASID_RANGES_HPP
#define SEVSPEC_MEMORY_ASID_RANGES_HPP

#include <algorithm>
#include <cstdint>

#include <sevspec/base/identity.hpp>

namespace sevspec::inline v0::memory {

/// Which protection an encrypted guest has; that decides its ASIDs.
enum class guest_kind : std::uint8_t { sev, sev_es, snp };

/// First and last ASID of a kind of guests; none if `first > last`.
struct asid_range {
  std::uint32_t first = 1;
  std::uint32_t last = 0;

  [[nodiscard]] constexpr auto contains(asid id) const noexcept -> bool {
    return id.value >= first && id.value <= last;
  }
  friend constexpr auto operator==(const asid_range&, const asid_range&) -> bool = default;
};

/// How a platform divides its ASIDs (ENC-ASID-01, ENC-ASID-03).   APM vol. 3, E.4.17
struct asid_ranges {
  std::uint32_t highest{};  ///< CPUID Fn8000_001F ECX: ASIDs of encrypted guests are 1 to this
  std::uint32_t min_sev{};  ///< Fn8000_001F EDX: the lowest ASID of a guest without SEV-ES; may lie above `highest`
  std::uint32_t max_snp{};  ///< MAX_SNP_ASID of SNP_INIT_EX with ciphertext hiding; 0 without

  [[nodiscard]] constexpr auto of(guest_kind kind) const noexcept -> asid_range {
    const std::uint32_t below_sev = std::min(highest, min_sev == 0 ? 0 : min_sev - 1);
    switch (kind) {
      case guest_kind::sev:    return {std::max(min_sev, 1U), highest};
      case guest_kind::sev_es: return {max_snp + 1, below_sev};
      case guest_kind::snp:    return {1, max_snp == 0 ? below_sev : std::min(max_snp, below_sev)};
    }
    return {};
  }

  friend constexpr auto operator==(const asid_ranges&, const asid_ranges&) -> bool = default;
};

}  // namespace sevspec::inline v0::memory

#endif
