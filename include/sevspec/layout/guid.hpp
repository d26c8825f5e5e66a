// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_GUID_HPP
#define SEVSPEC_LAYOUT_GUID_HPP

#include <array>
#include <cstddef>
#include <cstdint>

namespace sevspec::inline v0::layout {

/// A GUID. There are two orders of its bytes, and SEV uses both, so that whoever stores one has to say which.
class guid {
 public:
  using bytes = std::array<std::uint8_t, 16>;

  /// @param text_order  the bytes as the text shows them
  constexpr explicit guid(const bytes& text_order) noexcept : text_(text_order) {}

  /// The bytes as the text shows them, RFC 4122: certificate tables.   LAY-CERT-01
  [[nodiscard]] constexpr auto text_order() const noexcept -> bytes { return text_; }

  /// The first three groups of the text little endian, the rest as the text shows it: SVSM services.   SVSM 7.1
  [[nodiscard]] constexpr auto mixed_endian() const noexcept -> bytes {
    constexpr std::array<std::size_t, 16> from{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    bytes mixed{};
    for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = text_[from[i]];
    return mixed;
  }

  friend constexpr auto operator==(const guid&, const guid&) -> bool = default;

 private:
  bytes text_;
};

}  // namespace sevspec::inline v0::layout

#endif
