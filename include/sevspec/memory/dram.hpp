// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_DRAM_HPP
#define SEVSPEC_MEMORY_DRAM_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>

/// What the chips hold: raw bytes by sPA, which the memory controller enciphers and a probe on the bus sees.
namespace sevspec::inline v0::memory {

/// The bytes of one 4K page.
using raw_page = std::array<std::uint8_t, 4096>;

/// Copies bytes; at run time in one go.
constexpr void copy_bytes(std::span<const std::uint8_t> from, std::uint8_t* to) noexcept {
  if !consteval {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
    return;
  }
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
}

/// Raw pages. A page that was never written holds zeros.
///
/// - `find(page)`: the page's bytes, or null if it is beyond the memory or was never written
/// - `touch(page)`: the page's bytes, to be written; null if it is beyond the memory
/// - `has(page)`: whether the page is inside the memory
template <class D>
concept dram = requires(D& chips, const D& fixed, page_number<system_physical> page) {
  { fixed.find(page) } -> std::same_as<const raw_page*>;
  { chips.touch(page) } -> std::same_as<raw_page*>;
  { fixed.has(page) } -> std::same_as<bool>;
};

/// A small memory in one piece, from sPA 0 on: for proofs in constant expressions and for exploring all states.
template <std::size_t Pages>
class dense_dram {
 public:
  [[nodiscard]] constexpr auto has(page_number<system_physical> page) const noexcept -> bool {
    return page.value < Pages;
  }
  [[nodiscard]] constexpr auto find(page_number<system_physical> page) const noexcept -> const raw_page* {
    return has(page) ? &pages_[page.value] : nullptr;
  }
  [[nodiscard]] constexpr auto touch(page_number<system_physical> page) noexcept -> raw_page* {
    return has(page) ? &pages_[page.value] : nullptr;
  }

  friend constexpr auto operator==(const dense_dram&, const dense_dram&) -> bool = default;

 private:
  std::array<raw_page, Pages> pages_{};
};

/// A large memory of which few pages are used, from sPA 0 up to a limit. Finding a page costs two loads; `reset` costs
/// as much as was touched since the last one, and keeps the storage.
class sparse_dram {
 public:
  /// @param bytes  the size of the memory: a multiple of 4096, at most 2^46, 64 TiB
  explicit sparse_dram(std::uint64_t bytes) : page_limit_(pages_in(bytes)), regions_((page_limit_ + 511) / 512) {}

  [[nodiscard]] auto has(page_number<system_physical> page) const noexcept -> bool { return page.value < page_limit_; }

  [[nodiscard]] auto find(page_number<system_physical> page) const noexcept -> const raw_page* {
    if (!has(page)) return nullptr;
    const std::uint32_t region = regions_[page.value / 512];
    if (region == 0) return nullptr;
    const std::uint32_t slot = slots_[region - 1][page.value % 512];
    return slot == 0 ? nullptr : &pages_[slot - 1];
  }

  [[nodiscard]] auto touch(page_number<system_physical> page) -> raw_page* {
    if (!has(page)) return nullptr;
    std::uint32_t& region = regions_[page.value / 512];
    if (region == 0) {
      slots_.emplace_back();
      region = static_cast<std::uint32_t>(slots_.size());
    }
    std::uint32_t& slot = slots_[region - 1][page.value % 512];
    if (slot == 0) {
      if (touched_.size() == pages_.size()) pages_.emplace_back();
      else pages_[touched_.size()].fill(0);
      touched_.push_back(page.value);
      slot = static_cast<std::uint32_t>(touched_.size());
    }
    return &pages_[slot - 1];
  }

  /// Back to zeros.
  void reset() noexcept {
    for (const std::uint64_t page : touched_) slots_[regions_[page / 512] - 1][page % 512] = 0;
    touched_.clear();
  }

  /// The numbers of the pages written since the last reset, in the order of their first use.
  [[nodiscard]] auto touched() const noexcept -> std::span<const std::uint64_t> { return touched_; }

  /// Same size, same contents.
  friend auto operator==(const sparse_dram& a, const sparse_dram& b) -> bool {
    static constexpr raw_page zeros{};
    const auto contents = [](const sparse_dram& chips, std::uint64_t page) -> const raw_page& {
      const raw_page* const found = chips.find({page});
      return found == nullptr ? zeros : *found;
    };
    if (a.page_limit_ != b.page_limit_) return false;
    for (const auto* one : {&a, &b})
      for (const std::uint64_t page : one->touched_)
        if (contents(a, page) != contents(b, page)) return false;
    return true;
  }

 private:
  [[nodiscard]] static auto pages_in(std::uint64_t bytes) -> std::uint64_t {
    Expects(bytes % 4096 == 0 && bytes <= std::uint64_t{1} << 46);
    return bytes / 4096;
  }

  std::uint64_t page_limit_;
  std::vector<std::uint32_t> regions_;                 ///< by 2M region: 1 + index into `slots_`, or 0
  std::vector<std::array<std::uint32_t, 512>> slots_;  ///< by page of the region: 1 + index into `pages_`, or 0
  std::vector<raw_page> pages_;
  std::vector<std::uint64_t> touched_;
};

/// Chips that answer at addresses which are not theirs: some address bits are ignored, as after tampering with the
/// module's description of its size. Two sPAs reach the same bytes, and each is enciphered with its own tweak.
/// (BadRAM; ENC-INT-02)
template <dram Chips>
class aliased_dram {
 public:
  /// @param ignored  bits of the sPA that the chips do not see; none below bit 12
  constexpr aliased_dram(Chips& chips, std::uint64_t ignored) : chips_(&chips), ignored_pages_(ignored >> 12) {
    Expects((ignored & 0xfff) == 0);
  }

  [[nodiscard]] constexpr auto has(page_number<system_physical> page) const -> bool { return chips_->has(real(page)); }
  [[nodiscard]] constexpr auto find(page_number<system_physical> page) const -> const raw_page* {
    return static_cast<const Chips*>(chips_)->find(real(page));
  }
  [[nodiscard]] constexpr auto touch(page_number<system_physical> page) -> raw_page* {
    return chips_->touch(real(page));
  }

 private:
  [[nodiscard]] constexpr auto real(page_number<system_physical> page) const noexcept -> page_number<system_physical> {
    return {page.value & ~ignored_pages_};
  }

  Chips* chips_;
  std::uint64_t ignored_pages_;
};

}  // namespace sevspec::inline v0::memory

#endif
