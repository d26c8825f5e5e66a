// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_HASH_OF_WORDS_HPP
#define SEVSPEC_VERIFY_EXPLORER_HASH_OF_WORDS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace sevspec::inline v0::verify::explorer {

/// The standard library's hash of the bytes of some words.
struct hash_of_words {
  template <std::size_t Words>
  [[nodiscard]] auto operator()(const std::array<std::uint64_t, Words>& what) const noexcept -> std::size_t {
    const void* const bytes = what.data();
    return std::hash<std::string_view>{}({static_cast<const char*>(bytes), sizeof what});
  }
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
