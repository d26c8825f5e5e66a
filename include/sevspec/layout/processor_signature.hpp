// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_PROCESSOR_SIGNATURE_HPP
#define SEVSPEC_LAYOUT_PROCESSOR_SIGNATURE_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

/// Family, model and stepping with their extensions added, as attestation reports give them.   LAY-REP-03
struct processor_identity {
  unsigned family = 0;    ///< 0 to 10Eh: base family plus, if that is Fh, extended family
  unsigned model = 0;     ///< 0 to FFh: base model and, if the base family is Fh, extended model << 4
  unsigned stepping = 0;  ///< 0 to Fh

  friend constexpr auto operator==(const processor_identity&, const processor_identity&) -> bool = default;
};

/// Reads CPUID Fn0000_0001 EAX.   APM vol. 3, E.3.2
[[nodiscard]] constexpr auto identity_of_signature(std::uint32_t eax) noexcept -> processor_identity {
  const unsigned family = bits32_at(eax, 11, 8);
  const bool extended = family == 0xF;
  return {.family = family + (extended ? bits32_at(eax, 27, 20) : 0),
          .model = bits32_at(eax, 7, 4) | (extended ? bits32_at(eax, 19, 16) << 4 : 0),
          .stepping = bits32_at(eax, 3, 0)};
}

/// CPUID Fn0000_0001 EAX of an identity. Models above Fh exist only with an extended family.   APM vol. 3, E.3.2
[[nodiscard]] constexpr auto signature_of_identity(processor_identity identity) -> std::uint32_t {
  Expects(identity.family <= 0x10E && identity.model <= 0xFF && identity.stepping <= 0xF);
  Expects(identity.family >= 0xF || identity.model <= 0xF);
  const unsigned base = identity.family < 0xF ? identity.family : 0xF;
  return identity.stepping | (identity.model & 0xF) << 4 | base << 8 | (identity.model >> 4) << 16 |
         (identity.family - base) << 20;
}

}  // namespace sevspec::inline v0::layout

#endif
