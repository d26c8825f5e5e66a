// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_ENTRY_HPP
#define SEVSPEC_RMP_ENTRY_HPP

#include <array>
#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>

namespace sevspec::inline v0::rmp {

/// The permission byte of one VMPL.   APM vol. 2, table 15-36
struct permissions {
  static constexpr std::uint8_t r = 1;    ///< read
  static constexpr std::uint8_t w = 2;    ///< write
  static constexpr std::uint8_t xu = 4;   ///< execute at CPL 3
  static constexpr std::uint8_t xs = 8;   ///< execute at CPL 0 to 2
  static constexpr std::uint8_t ss = 16;  ///< supervisor shadow stack

  std::uint8_t raw{};

  [[nodiscard]] constexpr auto read() const noexcept -> bool { return (raw & r) != 0; }
  [[nodiscard]] constexpr auto write() const noexcept -> bool { return (raw & w) != 0; }
  [[nodiscard]] constexpr auto execute_user() const noexcept -> bool { return (raw & xu) != 0; }
  [[nodiscard]] constexpr auto execute_supervisor() const noexcept -> bool { return (raw & xs) != 0; }
  [[nodiscard]] constexpr auto supervisor_shadow_stack() const noexcept -> bool { return (raw & ss) != 0; }

  friend constexpr auto operator==(permissions, permissions) -> bool = default;
};

/// What VMPL 0 gets when a page is assigned (RMP-UPD-08).
inline constexpr permissions all_permissions{0x1f};

/// The ASID that the firmware puts into the first entry of a region while it changes the region (RMP-UPD-09).
inline constexpr asid region_lock{0x3ff};

/// How the firmware tells its pages apart, besides by gPA (RMP-STA-02).
enum class firmware_tag : std::uint8_t { none, metadata, iommu };

/// One entry of the Reverse Map Table, whatever its format in memory.   APM vol. 2, table 15-34
struct entry {
  bool assigned{};                       ///< to a guest, or to the AMD-SP; otherwise the hypervisor's
  bool large{};                          ///< a 2M page: stands for all entries of its region
  bool immutable{};                      ///< nothing but the AMD-SP changes it
  bool validated{};                      ///< the guest has accepted the page with PVALIDATE
  bool vmsa{};                           ///< the page holds a VMSA
  bool in_use{};                         ///< VMRUN holds the page
  bool locked{};                         ///< the firmware's mark; it is set with `immutable`
  firmware_tag tag{};                    ///< of pages of the AMD-SP
  std::uint16_t sub_page_count{};        ///< first page of a region of 4K entries: how many of the others are assigned
  asid id{};                             ///< the owner; 0: the AMD-SP
  gpa guest{};                           ///< where the owner sees the page; metadata: the guest context's sPA
  std::array<permissions, 4> allowed{};  ///< by VMPL

  friend constexpr auto operator==(const entry&, const entry&) -> bool = default;
};

}  // namespace sevspec::inline v0::rmp

#endif
