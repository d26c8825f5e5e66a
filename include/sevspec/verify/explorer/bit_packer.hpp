// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_BIT_PACKER_HPP
#define SEVSPEC_VERIFY_EXPLORER_BIT_PACKER_HPP

#include <cstddef>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/verify/explorer/model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Puts numbers of some bits one after the other. A number that does not fit, or no room, is a contract violation: two
/// states must not become one.
template <std::size_t Words>
class bit_writer {
 public:
  explicit constexpr bit_writer(packed_state<Words>& to) noexcept : to_(&to) {}

  /// @param bits  1 to 32
  constexpr auto put(std::uint64_t value, unsigned bits) -> bit_writer& {
    Expects(value >> bits == 0 && at_ + bits <= Words * 64);
    const unsigned inside = at_ % 64;
    (*to_)[at_ / 64] |= value << inside;
    if (inside + bits > 64) (*to_)[at_ / 64 + 1] |= value >> (64 - inside);
    at_ += bits;
    return *this;
  }

 private:
  packed_state<Words>* to_;
  unsigned at_ = 0;
};

template <std::size_t Words>
class bit_reader {
 public:
  explicit constexpr bit_reader(const packed_state<Words>& from) noexcept : from_(&from) {}

  constexpr auto take(unsigned bits) -> std::uint64_t {
    Expects(at_ + bits <= Words * 64);
    const unsigned inside = at_ % 64;
    std::uint64_t value = (*from_)[at_ / 64] >> inside;
    if (inside + bits > 64) value |= (*from_)[at_ / 64 + 1] << (64 - inside);
    at_ += bits;
    return value & ((std::uint64_t{1} << bits) - 1);
  }
  constexpr auto flag() -> bool { return take(1) != 0; }

 private:
  const packed_state<Words>* from_;
  unsigned at_ = 0;
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
