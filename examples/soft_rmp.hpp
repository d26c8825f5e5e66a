// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_EXAMPLES_SOFT_RMP_HPP
#define SEVSPEC_EXAMPLES_SOFT_RMP_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <sevspec/verify/rmp_adapter.hpp>

/// A Reverse Map Table in software, as the kernel of an L1 hypervisor keeps one in the format of Zen 3 while L0 keeps
/// the real one. It is somebody's own code to be tested: it uses nothing of the library's rules. The defects that were
/// published of such code can be switched on.
namespace example {

using u64 = std::uint64_t;
using u32 = std::uint32_t;

struct defects {
  bool stale_upper_half = false;    ///< giving a page back clears as many bytes as a pointer has
  bool gpa_in_wrong_units = false;  ///< the gPA is stored as if it were a page number
  bool keeps_validated = false;     ///< a page that moves stays validated
  bool everybody_may = false;       ///< an assignment gives every VMPL all permissions
  bool no_count = false;            ///< the region's count of assigned pages is not kept
  bool no_overlap_check = false;    ///< 2M over pages of 4K that are assigned
  bool hole_in_large = false;       ///< 4K inside a page of 2M
  bool changes_immutable = false;   ///< immutable pages are updated
  bool smash_of_small = false;      ///< PSMASH of a page of 4K succeeds
};

class soft_rmp {
 public:
  explicit soft_rmp(defects wrong = {}) : wrong_(wrong), rows_(pages) {}

  void reset() {
    for (const u64 page : touched_) rows_[page] = {};
    touched_.clear();
  }

  auto rmpupdate(u64 rax, const std::array<std::uint8_t, 16>& operand) -> u32 {
    u64 gpa = 0;
    u32 asid = 0;
    for (unsigned i = 0; i < 8; ++i) gpa |= u64{operand[i]} << (8 * i);
    for (unsigned i = 0; i < 4; ++i) asid |= u32{operand[12 + i]} << (8 * i);
    const bool assign = operand[8] == 1;
    const bool large = operand[9] == 1;
    const bool immutable = operand[10] == 1;
    gpa &= ~u64{0xfff};

    const u64 page = rax >> 12;
    const u64 base = page & ~u64{511};
    if (large && page != base) return input;
    if (!assign && (immutable || asid != 0)) return input;
    if ((large && gpa % 0x20'0000 != 0) || gpa >> 48 != 0 || asid > 1006) return input;
    if (page >= pages) return input;
    if (is(page, immutable_bit) && !wrong_.changes_immutable) return permission;
    if (!large && is(base, large_bit) && !wrong_.hole_in_large) return overlap;
    if (large && !is(base, large_bit)) {
      for (u64 i = 0; i < 512; ++i)
        if (is(base + i, assigned_bit) && !wrong_.no_overlap_check) return overlap;
    }
    if (large) {
      for (u64 i = 1; i < 512; ++i)
        if (is(base + i, immutable_bit) && !wrong_.changes_immutable) return permission;
      for (u64 i = 1; i < 512; ++i) row(base + i) = {assign ? assigned_bit : 0, 0};
    }

    std::array<u64, 2>& entry = row(page);
    const u64 old = entry[0];
    const u64 count = large ? 0 : old & count_bits;
    if (!assign) {
      entry[0] = count;
      if (!wrong_.stale_upper_half) entry[1] = 0;
    } else {
      if (asid == 0) gpa = 0;
      const u64 stored_gpa = wrong_.gpa_in_wrong_units ? gpa << 12 & gpa_bits : gpa;
      const u64 fresh = assigned_bit | (large ? large_bit : 0) | u64{asid} << 51 | stored_gpa;
      const bool same = ((old ^ fresh) & (assigned_bit | large_bit | asid_bits | gpa_bits)) == 0 && asid != 0;
      u64 kept = same ? old & (validated_bit | vmsa_bit) : 0;
      if (!same && wrong_.keeps_validated) kept |= old & validated_bit;
      entry[0] = fresh | (immutable ? immutable_bit : 0) | kept | count;
      if (!same) entry[1] = wrong_.everybody_may ? 0x1f1f'1f1f : 0x1f;
    }
    if (!large && page != base && (old & assigned_bit) != (assign ? assigned_bit : 0) && !wrong_.no_count)
      row(base)[0] += assign ? count_one : ~count_one + 1;
    return success;
  }

  auto psmash(u64 rax) -> u32 {
    const u64 page = rax >> 12;
    if (page % 512 != 0 || page >= pages) return input;
    const std::array<u64, 2> whole = rows_[page];
    const bool small = (whole[0] & large_bit) == 0;
    if ((whole[0] & assigned_bit) == 0 || (whole[0] & immutable_bit) != 0 || (whole[0] & asid_bits) == 0) return unfit;
    if (small) return wrong_.smash_of_small ? success : unfit;
    const u64 step = wrong_.gpa_in_wrong_units ? u64{0x100'0000} : 0x1000;
    for (u64 i = 0; i < 512; ++i) {
      const u64 gpa = ((whole[0] & gpa_bits) + i * step) & gpa_bits;
      row(page + i) = {(whole[0] & ~(large_bit | gpa_bits | count_bits)) | gpa, whole[1]};
    }
    if (!wrong_.no_count) row(page)[0] |= 511 * count_one;
    return success;
  }

  auto pvalidate(const sevspec::verify::guest_call& from, u32 ecx, u32 edx) -> sevspec::verify::guest_return {
    using enum sevspec::verify::rmp_ending;
    if (from.cpl != 0 || from.vmpl != 0) return {.ending = gp};
    if (ecx == 1 && (from.gpa & 0x1f'f000) != 0) return {.eax = input};
    const u64 page = from.spa >> 12;
    const u64 base = page & ~u64{511};
    const bool covered = page < pages;
    const bool large = covered && is(base, large_bit);
    const u64 at = large ? base : page;
    const u64 inside = large ? 0x1f'ffff : 0xfff;
    const u64 found = covered ? rows_[at][0] : 0;
    const bool own = covered && (found & (assigned_bit | immutable_bit)) == assigned_bit &&
                     (found & asid_bits) == u64{from.asid} << 51 && (found & gpa_bits) == (from.gpa & ~inside) &&
                     ((from.gpa ^ from.spa) & inside & ~u64{0xfff}) == 0;
    if (!own) return {.ending = npf, .error = 0x5'8000'0005, .address = from.gpa};
    if (ecx == 0 && large) return {.ending = npf, .error = 0xd'8000'0005, .address = from.gpa};
    if (ecx == 1 && (!large || from.leaf == sevspec::page_size::k4k)) return {.eax = 6};
    const u64 wanted = edx == 1 ? validated_bit : 0;
    const bool unchanged = (found & validated_bit) == wanted;
    row(at)[0] = (found & ~validated_bit) | wanted;
    return {.eax = success, .cf = unchanged};
  }

  auto raw_entry(u64 spa) const -> std::array<u64, 2> {
    return spa >> 12 < pages ? rows_[spa >> 12] : std::array<u64, 2>{};
  }

 private:
  static constexpr u64 pages = 262144;  ///< 1 GiB
  static constexpr u64 assigned_bit = 1, large_bit = 2, immutable_bit = 4, count_one = 8, count_bits = 0xff8;
  static constexpr u64 gpa_bits = 0x7'ffff'ffff'f000, asid_bits = u64{0x3ff} << 51;
  static constexpr u64 vmsa_bit = u64{1} << 61, validated_bit = u64{1} << 62;
  static constexpr u32 success = 0, input = 1, permission = 2, overlap = 4, unfit = 7;

  [[nodiscard]] auto is(u64 page, u64 bit) const -> bool { return (rows_[page][0] & bit) != 0; }
  auto row(u64 page) -> std::array<u64, 2>& {
    touched_.push_back(page);
    return rows_[page];
  }

  defects wrong_;
  std::vector<std::array<u64, 2>> rows_;
  std::vector<u64> touched_;
};

}  // namespace example

#endif
