// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SVSM_LOCATION_HPP
#define SEVSPEC_LAYOUT_SVSM_LOCATION_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/layout/secrets_page.hpp>

namespace sevspec::inline v0::layout {

/// What the secrets page tells a guest about the SVSM that it runs under.
struct svsm_location {
  gpa base{};                     ///< 140h: the SVSM's memory
  std::uint64_t size = 0;         ///< 148h: its bytes
  gpa caa{};                      ///< 150h: the boot processor's calling area
  std::uint32_t max_version = 0;  ///< 158h: highest version of the core protocol
  std::uint8_t guest_vmpl = 0;    ///< 15Ch: the VMPL the guest runs at

  friend constexpr auto operator==(const svsm_location&, const svsm_location&) -> bool = default;
};

/// The SVSM of a guest, or nothing if there is none: there is one if and only if its size is not 0.
/// LAY-SEC-02; SVSM 5
template <class Storage>
[[nodiscard]] constexpr auto find_svsm(const basic_secrets_page<Storage>& page) noexcept
    -> std::optional<svsm_location> {
  if (page.svsm_size() == 0) return std::nullopt;
  return svsm_location{.base = gpa{page.svsm_base()},
                       .size = page.svsm_size(),
                       .caa = gpa{page.svsm_caa()},
                       .max_version = page.svsm_max_version(),
                       .guest_vmpl = page.svsm_guest_vmpl()};
}

}  // namespace sevspec::inline v0::layout

#endif
