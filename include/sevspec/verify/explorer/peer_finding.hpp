// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_PEER_FINDING_HPP
#define SEVSPEC_VERIFY_EXPLORER_PEER_FINDING_HPP

namespace sevspec::inline v0::verify::explorer {

/// What contradicts a claim; nothing if nothing does.
struct contradiction {
  const char* text = nullptr;

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return text != nullptr; }
};

/// A contradiction if there is one.
[[nodiscard]] constexpr auto contradicts(bool found, const char* text) noexcept -> contradiction {
  return {found ? text : nullptr};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
