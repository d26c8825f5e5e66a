// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_PAGE_STATUS_HPP
#define SEVSPEC_MIGRATION_PAGE_STATUS_HPP

#include <cstdint>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/rule.hpp>

/// Which pages of a guest are private, as the guest has told its host.   MIG-STAT-01 to 03
namespace sevspec::inline v0::migration {

/// RAX of the hypercall.   Linux KVM_HC_MAP_GPA_RANGE
inline constexpr std::uint64_t map_gpa_range = 12;
/// What a hypercall returns whose operands are refused: -KVM_EINVAL.
inline constexpr std::int64_t hypercall_einval = -22;
/// What a hypercall returns that the host does not know: -KVM_ENOSYS.
inline constexpr std::int64_t hypercall_enosys = -1000;
/// MSR_KVM_MIGRATION_CONTROL bit 0: the guest tells of all conversions, so it may be migrated.
inline constexpr std::uint64_t migration_ready = 1;

/// The host's record: a bit for each 4K page, 1 for encrypted.
class page_status_map {
 public:
  /// All pages are encrypted (MIG-STAT-02).
  explicit page_status_map(std::uint64_t pages) : encrypted_(pages, true) {}

  [[nodiscard]] auto pages() const noexcept -> std::uint64_t { return encrypted_.size(); }
  /// @param page  a guest frame number below `pages()`
  [[nodiscard]] auto is_encrypted(std::uint64_t page) const -> bool {
    Expects(page < pages());
    return encrypted_[page];
  }
  /// @param first, count  inside the guest's memory
  void set(std::uint64_t first, std::uint64_t count, bool encrypted) {
    Expects(first <= pages() && count <= pages() - first);
    for (std::uint64_t i = first; i < first + count; ++i) encrypted_[i] = encrypted;
  }

  /// A range as a bitmap, least significant bit first: what KVM_GET_PAGE_ENC_BITMAP was proposed to give.
  /// @param first, count  inside the guest's memory
  [[nodiscard]] auto bitmap(std::uint64_t first, std::uint64_t count) const -> std::vector<std::uint8_t> {
    Expects(first <= pages() && count <= pages() - first);
    std::vector<std::uint8_t> made((count + 7) / 8);
    for (std::uint64_t i = 0; i < count; ++i)
      if (encrypted_[first + i]) made[i / 8] = static_cast<std::uint8_t>(made[i / 8] | 1U << i % 8);
    return made;
  }
  /// The other direction: KVM_SET_PAGE_ENC_BITMAP.
  /// @return false, and nothing changes, if the range or the number of bytes is wrong, or a bit behind the end is set
  auto set_bitmap(std::uint64_t first, std::uint64_t count, std::span<const std::uint8_t> bits) -> bool {
    if (first > pages() || count > pages() - first || bits.size() != (count + 7) / 8) return false;
    if (count % 8 != 0 && (bits.back() >> count % 8) != 0) return false;
    for (std::uint64_t i = 0; i < count; ++i) encrypted_[first + i] = (bits[i / 8] >> i % 8 & 1) != 0;
    return true;
  }

  friend auto operator==(const page_status_map&, const page_status_map&) -> bool = default;

 private:
  std::vector<bool> encrypted_;
};

/// What a guest asks with the hypercall, once its operands are checked.
struct gpa_range {
  std::uint64_t first{};  ///< guest frame number
  std::uint64_t count{};
  bool encrypted{};
};

/// The operands of KVM_HC_MAP_GPA_RANGE. The guest is not trusted: a range that it does not have is refused.
/// MIG-STAT-01
/// @param rbx    gPA, 4K-aligned
/// @param rcx    number of 4K pages
/// @param rdx    bits 3:0 the preferred size (0 4K, 1 2M, 2 1G), bit 4 encrypted, the others 0
/// @param pages  of the guest
/// @param range  set on success
/// @return 0 or -KVM_EINVAL
template <class Context>
[[nodiscard]] constexpr auto check_map_gpa_range(Context& ctx, std::uint64_t rbx, std::uint64_t rcx, std::uint64_t rdx,
                                                 std::uint64_t pages, gpa_range& range) -> std::int64_t {
  const std::uint64_t first = rbx >> 12;
  const bool unaligned = (rbx & 0xfff) != 0;
  const bool empty = rcx == 0 || first + rcx <= first;
  const bool outside = first >= pages || rcx > pages - first;
  const bool malformed = (rdx >> 5) != 0 || (rdx & 0xf) > 2;
  if (ctx.denies(rule::MIG_STAT_01, unaligned || empty || malformed || outside)) return hypercall_einval;
  if (empty || outside) return 0;  // without the rule: nothing to record
  range = {.first = first, .count = rcx, .encrypted = (rdx & 0x10) != 0};
  return 0;
}

}  // namespace sevspec::inline v0::migration

#endif
