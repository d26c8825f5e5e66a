// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_GEOMETRY_HPP
#define SEVSPEC_RMP_GEOMETRY_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>

/// Where the entries of pages lie in memory.   APM vol. 2, 15.36.4, 15.36.22
namespace sevspec::inline v0::rmp {

/// Bytes at the start of the table that are the processor's own: on Zen 3 and Zen 4 the number of pages of each ASID
/// (RMP-GEO-10, RMP-GEO-17).
inline constexpr std::uint64_t bookkeeping_bytes = 0x4000;
inline constexpr std::uint64_t entry_bytes = 16;

/// Why registers give no table. What software sees is #GP(0) of the WRMSR that sets SYSCFG.SecureNestedPagingEn.
struct geometry_error {
  rule decided_by = rule::none;
  const char* reason = "";
};

/// A table in one piece: RMP_BASE (C001_0132) and RMP_END (C001_0133).
class contiguous_geometry {
 public:
  /// @param base  RMP_BASE: 8K-aligned (RMP-GEO-13)
  /// @param end   RMP_END: the last byte (RMP-GEO-11); the byte after it is 8K-aligned
  template <class Context>
  [[nodiscard]] static constexpr auto make(Context& ctx, spa base, spa end)
      -> std::expected<contiguous_geometry, geometry_error> {
    const bool aligned = base.value % 0x2000 == 0 && (end.value + 1) % 0x2000 == 0;
    if (ctx.denies(rule::RMP_GEO_13, !aligned))
      return std::unexpected{geometry_error{rule::RMP_GEO_13, "RMP_BASE and RMP_END + 1 are not multiples of 8K"}};
    if (ctx.denies(rule::RMP_GEO_11, end < base || end.value - base.value + 1 < bookkeeping_bytes))
      return std::unexpected{geometry_error{rule::RMP_GEO_11, "RMP_END does not lie behind the bookkeeping area"}};
    return contiguous_geometry{base, end};
  }

  /// Where the entry of a page lies, or would lie (RMP-GEO-10).
  [[nodiscard]] constexpr auto entry_of(page_number<system_physical> page) const noexcept -> spa {
    return base_ + bookkeeping_bytes + page.value * entry_bytes;
  }
  /// RMP-GEO-12
  [[nodiscard]] constexpr auto covers(page_number<system_physical> page) const noexcept -> bool {
    return page.value < pages();
  }
  /// How many pages, from sPA 0 on, have entries.
  [[nodiscard]] constexpr auto pages() const noexcept -> std::uint64_t {
    return (end_.value - base_.value + 1 - bookkeeping_bytes) / entry_bytes;
  }
  /// Whether a byte belongs to the table itself, bookkeeping included.
  [[nodiscard]] constexpr auto holds(spa where) const noexcept -> bool { return where >= base_ && where <= end_; }
  [[nodiscard]] constexpr auto base() const noexcept -> spa { return base_; }
  [[nodiscard]] constexpr auto end() const noexcept -> spa { return end_; }

  friend constexpr auto operator==(const contiguous_geometry&, const contiguous_geometry&) -> bool = default;

 private:
  constexpr contiguous_geometry(spa base, spa end) noexcept : base_(base), end_(end) {}

  spa base_{};
  spa end_{};
};

/// SEG_RMP_CFG, MSR C001_0136 (RMP-SEG-01).
struct segment_config {
  using enable = bit<0>;
  using size = bits<13, 8>;  ///< log2 of a segment's bytes
};

/// What CPUID says of segments: Fn8000_0025 (RMP-GEO-02). Sizes are log2 of bytes (RMP-SEG-02).
struct segment_limits {
  unsigned min_size = 30;  ///< EAX[5:0]
  unsigned max_size = 40;  ///< EAX[11:6]
  unsigned cached = 512;   ///< EBX[9:0]: NumCachedSegments
  bool reduced = false;    ///< EBX[10]: NumSegReduction: no more segments than are cached
};

/// WRMSR of SEG_RMP_CFG: #GP(0) while SNP is enabled, for a size that the part does not have, and for bits that must be
/// zero (RMP-SEG-01, RMP-GEO-06).
template <class Context>
[[nodiscard]] constexpr auto check_segment_config(Context& ctx, const segment_limits& part, std::uint64_t value,
                                                  bool snp_enabled) -> std::optional<fault> {
  const auto size = static_cast<unsigned>(segment_config::size::get(value));
  const bool bad_size = segment_config::enable::test(value) && (size < part.min_size || size > part.max_size);
  const bool reserved = (value & ~(segment_config::enable::mask | segment_config::size::mask)) != 0;
  if (ctx.denies(rule::RMP_GEO_06, snp_enabled)) return fault{fault_kind::gp, rule::RMP_GEO_06, 0, 0};
  if (ctx.denies(rule::RMP_SEG_01, bad_size || reserved)) return fault{fault_kind::gp, rule::RMP_SEG_01, 0, 0};
  return {};
}

/// One entry of the RMP segment table (RMP-SEG-04).
struct segment_entry {
  using covered_gigabytes = bits<19, 0>;
  using base = bits<51, 20>;
  using reserved = bits<63, 52>;
  std::uint64_t raw{};
};

/// Where a reference to the segment table ends.
enum class segment_lookup : std::uint8_t {
  covered,
  not_covered,
  reserved,  ///< reserved bits of the table's entry are set: #PF, or #NPF, with RSVD (RMP-SEG-06)
};

/// A table in segments, each with its own place: RMP_BASE, SEG_RMP_CFG and the RMP segment table behind the bookkeeping
/// area. RMP_END is not used (RMP-SEG-03).
class segmented_geometry {
 public:
  static constexpr std::size_t max_segments = 512;

  /// As SYSCFG.SecureNestedPagingEn is set, which freezes the segment table.
  /// @param base      RMP_BASE: 1M-aligned (RMP-SEG-03)
  /// @param config    SEG_RMP_CFG
  /// @param table     the segment table in memory
  /// @param pa_bits   width of physical addresses
  template <class Context>
  [[nodiscard]] static constexpr auto make(Context& ctx, spa base, std::uint64_t config, const segment_limits& part,
                                           std::span<const std::uint64_t, max_segments> table, unsigned pa_bits)
      -> std::expected<segmented_geometry, geometry_error> {
    if (ctx.denies(rule::RMP_SEG_03, base.value % 0x10'0000 != 0))
      return std::unexpected{geometry_error{rule::RMP_SEG_03, "RMP_BASE is not a multiple of 1M"}};
    segmented_geometry made;
    made.base_ = base;
    made.size_ = static_cast<unsigned>(segment_config::size::get(config));
    made.count_ = part.reduced ? std::min<unsigned>(part.cached, max_segments) : max_segments;
    std::ranges::copy(table, made.table_.begin());
    for (unsigned i = 0; part.reduced && i < made.count_; ++i) {
      const std::uint64_t covered = made.covered_bytes(i);
      const std::uint64_t first = made.table_[i] & segment_entry::base::mask;
      const std::uint64_t last = first + covered / 4096 * entry_bytes;
      if (ctx.denies(rule::RMP_SEG_06, covered != 0 && last > std::uint64_t{1} << pa_bits))
        return std::unexpected{geometry_error{rule::RMP_SEG_06, "a segment's table lies outside physical memory"}};
    }
    made.reserved_checked_ = !part.reduced;
    return made;
  }

  [[nodiscard]] constexpr auto look_up(page_number<system_physical> page) const noexcept -> segment_lookup {
    const std::uint64_t where = page.value << 12;
    const std::uint64_t segment = where >> size_;
    if (segment >= count_) return segment_lookup::not_covered;
    if (reserved_checked_ && (table_[segment] & segment_entry::reserved::mask) != 0) return segment_lookup::reserved;
    const std::uint64_t offset = where & ((std::uint64_t{1} << size_) - 1);
    return offset < covered_bytes(segment) ? segment_lookup::covered : segment_lookup::not_covered;
  }
  /// RMP-SEG-05
  [[nodiscard]] constexpr auto covers(page_number<system_physical> page) const noexcept -> bool {
    return look_up(page) == segment_lookup::covered;
  }
  /// @param page  covered
  [[nodiscard]] constexpr auto entry_of(page_number<system_physical> page) const noexcept -> spa {
    const std::uint64_t where = page.value << 12;
    const std::uint64_t offset = where & ((std::uint64_t{1} << size_) - 1);
    return {(table_[where >> size_] & segment_entry::base::mask) + (offset >> 12) * entry_bytes};
  }
  /// Whether a byte belongs to the table itself: bookkeeping, segment table, a segment's entries.
  [[nodiscard]] constexpr auto holds(spa where) const noexcept -> bool {
    if (where.value - base_.value < bookkeeping_bytes + max_segments * 8) return true;
    for (unsigned i = 0; i < count_; ++i)
      if (where.value - (table_[i] & segment_entry::base::mask) < covered_bytes(i) / 4096 * entry_bytes) return true;
    return false;
  }

  friend constexpr auto operator==(const segmented_geometry&, const segmented_geometry&) -> bool = default;

 private:
  /// CoveredSize, no more than the segment (RMP-SEG-04).
  [[nodiscard]] constexpr auto covered_bytes(std::uint64_t segment) const noexcept -> std::uint64_t {
    const std::uint64_t covered = segment_entry::covered_gigabytes::get(table_[segment]) << 30;
    return std::min(covered, std::uint64_t{1} << size_);
  }

  spa base_{};
  unsigned size_{};
  unsigned count_{};
  bool reserved_checked_{};
  std::array<std::uint64_t, max_segments> table_{};
};

/// What SNP_INIT of the firmware wants of a contiguous table besides (RMP-GEO-13, RMP-GEO-14): 1M-aligned bounds, no
/// C-bit.
template <class Context>
[[nodiscard]] constexpr auto firmware_accepts_table(Context& ctx, spa base, spa end, std::uint64_t c_mask) -> bool {
  if (ctx.denies(rule::RMP_GEO_13, base.value % 0x10'0000 != 0 || (end.value - base.value + 1) % 0x10'0000 != 0))
    return false;
  return !ctx.denies(rule::RMP_GEO_14, ((base.value | end.value) & c_mask) != 0);
}

}  // namespace sevspec::inline v0::rmp

#endif
