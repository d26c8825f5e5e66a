// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_CLEAN_BITS_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_CLEAN_BITS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmcb.hpp>

namespace sevspec::inline v0::cpu {

/// The bytes of a VMCB: control area, then, from 400h on, the save area.
struct vmcb_page {
  std::array<std::uint8_t, 4096> bytes{};

  [[nodiscard]] constexpr auto controls() noexcept -> layout::vmcb_control_area_view {
    return layout::vmcb_control_area_view{bytes.data()};
  }
  [[nodiscard]] constexpr auto controls() const noexcept -> layout::vmcb_control_area_const_view {
    return layout::vmcb_control_area_const_view{bytes.data()};
  }
  [[nodiscard]] constexpr auto save() noexcept -> layout::vmcb_save_area_view {
    return layout::vmcb_save_area_view{bytes.data() + 0x400};
  }
  [[nodiscard]] constexpr auto save() const noexcept -> layout::vmcb_save_area_const_view {
    return layout::vmcb_save_area_const_view{bytes.data() + 0x400};
  }

  friend constexpr auto operator==(const vmcb_page&, const vmcb_page&) -> bool = default;
};

/// A VMCB that a processor has in mind since it ran it last.
struct remembered_vmcb {
  spa where{};
  vmcb_page page{};
};

/// The fields of one clean bit.   APM vol. 2, 15.15.3
struct clean_fields {
  unsigned bit;
  std::uint16_t offset;  ///< in the VMCB
  std::uint16_t bytes;
};
// clang-format off
inline constexpr clean_fields fields_of_clean_bits[] = {
    {0, 0x000, 24}, {0, 0x03c, 4}, {0, 0x050, 8},                        // intercepts, PAUSE filter, TSC offset
    {1, 0x040, 16},                                                      // IOPM, MSRPM
    {2, 0x058, 4},                                                       // ASID
    {3, 0x060, 8},                                                       // virtual interrupts
    {4, 0x0b0, 8}, {4, 0x668, 8},                                        // nCR3, G_PAT
    {5, 0x4d0, 8}, {5, 0x548, 24},                                       // EFER, CR4, CR3, CR0
    {6, 0x560, 16},                                                      // DR7, DR6
    {7, 0x460, 16}, {7, 0x480, 16},                                      // GDTR, IDTR
    {8, 0x400, 64}, {8, 0x4cb, 1},                                       // ES, CS, SS, DS, CPL
    {9, 0x640, 8},                                                       // CR2
    {10, 0x670, 40},                                                     // DebugCtl, last branches
    {11, 0x098, 8}, {11, 0x0e0, 8}, {11, 0x0f0, 16},                     // AVIC
    {12, 0x5e0, 24},                                                     // S_CET, SSP, ISST_ADDR
};
// clang-format on

/// The VMCB as hardware takes it, which may use what it remembers of fields that software calls clean (LAY-VMCB-09).
/// This model always does: so it shows who forgets to clear a bit. Bits 10 to 5 are of fields that an encrypted-state
/// guest's VMCB does not have, and do not count there.
/// @param memory  the VMCB as it is
/// @param last    what the processor remembers, if anything
template <class Context>
[[nodiscard]] constexpr auto vmcb_as_taken(Context& ctx, const vmcb_page& memory, spa where,
                                           const std::optional<remembered_vmcb>& last) -> vmcb_page {
  vmcb_page taken = memory;
  const std::uint32_t clean = memory.controls().vmcb_clean().raw;
  const bool known = last && last->where == where;
  const bool encrypted_state = memory.controls().np_control().sev_es_enable();
  for (const clean_fields& one : fields_of_clean_bits) {
    const bool counts = !encrypted_state || one.bit < 5 || one.bit > 10;
    if (!ctx.applies(rule::LAY_VMCB_09, known && counts && layout::bit_at(clean, one.bit))) continue;
    for (std::size_t i = one.offset; i < std::size_t{one.offset} + one.bytes; ++i) taken.bytes[i] = last->page.bytes[i];
  }
  return taken;
}

}  // namespace sevspec::inline v0::cpu

#endif
