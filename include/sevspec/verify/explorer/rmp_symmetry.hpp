// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_RMP_SYMMETRY_HPP
#define SEVSPEC_VERIFY_EXPLORER_RMP_SYMMETRY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// An `rmp_model` whose regions may change their names: no operation tells one region from another. Pages inside a region
/// are not alike, because the first one's entry counts the others; nor are guests, because contents of the first are
/// followed.
template <std::size_t Pages = 4, std::uint64_t SubPages = 2, class Context = context<>>
class symmetric_rmp_model : public rmp_model<Pages, SubPages, Context> {
 public:
  using base = rmp_model<Pages, SubPages, Context>;
  using typename base::state;
  using base::base;

  /// Of all states that differ in the names of regions, the one whose words are least.
  [[nodiscard]] auto canonical(const state& one) const -> state {
    state best = one;
    auto least = this->pack(one);
    each_twin(one, [&](const state& twin) {
      const auto bits = this->pack(twin);
      if (bits < least) least = bits, best = twin;
    });
    return best;
  }

  /// All states that differ from one in the names of regions, itself included.
  template <class Take>
  static void each_twin(const state& one, Take&& take) {
    std::array<std::uint8_t, regions> to{};  // where each region goes
    for (std::size_t i = 0; i < regions; ++i) to[i] = static_cast<std::uint8_t>(i);
    do take(renamed(one, to));
    while (std::ranges::next_permutation(to).found);
  }

 private:
  static constexpr std::size_t regions = Pages / SubPages;

  [[nodiscard]] static auto renamed(const state& one, const std::array<std::uint8_t, regions>& to) -> state {
    const auto page = [&to](std::size_t old) {
      return static_cast<std::uint8_t>(to[old / SubPages] * SubPages + old % SubPages);
    };
    state twin = one;
    for (std::size_t old = 0; old < Pages; ++old) twin.rmp.entries[page(old)] = one.rmp.entries[old];
    for (std::uint8_t& where : twin.written)
      if (where >= 1 && where <= Pages) where = static_cast<std::uint8_t>(page(where - 1U) + 1);
    if (twin.tlb.valid) twin.tlb.page = page(one.tlb.page);
    twin.running = 0;
    for (std::size_t old = 0; old < Pages; ++old)
      if ((one.running >> old & 1U) != 0) twin.running = static_cast<std::uint8_t>(twin.running | 1U << page(old));
    return twin;
  }
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
