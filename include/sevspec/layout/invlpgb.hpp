// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_INVLPGB_HPP
#define SEVSPEC_LAYOUT_INVLPGB_HPP

// Operands of INVLPGB.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info invlpgb_rax_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "va_valid",       .meaning = "VA valid"},
    {.lsb =  1, .width =  1, .name = "pcid_valid",     .meaning = "PCID valid"},
    {.lsb =  2, .width =  1, .name = "asid_valid",     .meaning = "ASID valid"},
    {.lsb =  3, .width =  1, .name = "include_global", .meaning = "include global"},
    {.lsb =  4, .width =  1, .name = "final_only",     .meaning = "final translation only"},
    {.lsb =  5, .width =  1, .name = "include_nested", .meaning = "include nested translations"},
    {.lsb =  6, .width =  6, .name = "reserved_11_6",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 52, .name = "vfn",            .meaning = "virtual page number"},
};
inline constexpr field_info invlpgb_rax_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "RAX", .since = level::svm, .bits = invlpgb_rax_value_bits},
};
inline constexpr structure_info invlpgb_rax{
    .name = "invlpgb_rax",
    .id = "LAY-INVLPGB-RAX",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM3 INVLPGB",
    .description = "RAX operand of INVLPGB.",
    .fields = invlpgb_rax_fields,
};

inline constexpr bit_info invlpgb_edx_value_bits[] = {
    {.lsb =  0, .width = 16, .name = "asid",           .meaning = "ASID"},
    {.lsb = 16, .width = 12, .name = "pcid",           .meaning = "PCID"},
    {.lsb = 28, .width =  4, .name = "reserved_31_28", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info invlpgb_edx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EDX", .since = level::svm, .bits = invlpgb_edx_value_bits},
};
inline constexpr structure_info invlpgb_edx{
    .name = "invlpgb_edx",
    .id = "LAY-INVLPGB-EDX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM3 INVLPGB",
    .description = "EDX operand of INVLPGB.",
    .fields = invlpgb_edx_fields,
};

inline constexpr bit_info invlpgb_ecx_value_bits[] = {
    {.lsb =  0, .width = 16, .name = "count",          .meaning = "additional pages"},
    {.lsb = 16, .width = 15, .name = "reserved_30_16", .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "large_page",     .meaning = "increments are 2 MiB"},
};
inline constexpr field_info invlpgb_ecx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "ECX", .since = level::svm, .bits = invlpgb_ecx_value_bits},
};
inline constexpr structure_info invlpgb_ecx{
    .name = "invlpgb_ecx",
    .id = "LAY-INVLPGB-ECX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM3 INVLPGB",
    .description = "ECX operand of INVLPGB.",
    .fields = invlpgb_ecx_fields,
};

}  // namespace descriptions

/// RAX operand of INVLPGB.   APM3 INVLPGB
/// 8 bytes, aligned to 8 in memory.
struct invlpgb_rax {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: VA valid.
  [[nodiscard]] constexpr auto va_valid() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_va_valid(bool value) & -> invlpgb_rax& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_va_valid(bool value) && -> invlpgb_rax { return put(*this, 0, 0, value); }
  /// Bit 1: PCID valid.
  [[nodiscard]] constexpr auto pcid_valid() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_pcid_valid(bool value) & -> invlpgb_rax& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_pcid_valid(bool value) && -> invlpgb_rax { return put(*this, 1, 1, value); }
  /// Bit 2: ASID valid.
  [[nodiscard]] constexpr auto asid_valid() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_asid_valid(bool value) & -> invlpgb_rax& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_asid_valid(bool value) && -> invlpgb_rax { return put(*this, 2, 2, value); }
  /// Bit 3: Include global.
  [[nodiscard]] constexpr auto include_global() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_include_global(bool value) & -> invlpgb_rax& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_include_global(bool value) && -> invlpgb_rax { return put(*this, 3, 3, value); }
  /// Bit 4: Final translation only.
  [[nodiscard]] constexpr auto final_only() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_final_only(bool value) & -> invlpgb_rax& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_final_only(bool value) && -> invlpgb_rax { return put(*this, 4, 4, value); }
  /// Bit 5: Include nested translations.
  [[nodiscard]] constexpr auto include_nested() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_include_nested(bool value) & -> invlpgb_rax& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_include_nested(bool value) && -> invlpgb_rax { return put(*this, 5, 5, value); }
  /// Bits 63:12: Virtual page number.
  [[nodiscard]] constexpr auto vfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_vfn(std::uint64_t value) & -> invlpgb_rax& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_vfn(std::uint64_t value) && -> invlpgb_rax { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const invlpgb_rax&, const invlpgb_rax&) -> bool = default;
  friend constexpr auto describe(const invlpgb_rax*) noexcept -> const structure_info& {
    return descriptions::invlpgb_rax;
  }
};

/// EDX operand of INVLPGB.   APM3 INVLPGB
/// 4 bytes, aligned to 4 in memory.
struct invlpgb_edx {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 15:0: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 0); }
  constexpr auto set_asid(std::uint32_t value) & -> invlpgb_edx& { return put(*this, 15, 0, value); }
  [[nodiscard]] constexpr auto set_asid(std::uint32_t value) && -> invlpgb_edx { return put(*this, 15, 0, value); }
  /// Bits 27:16: PCID.
  [[nodiscard]] constexpr auto pcid() const noexcept -> std::uint32_t { return bits32_at(raw, 27, 16); }
  constexpr auto set_pcid(std::uint32_t value) & -> invlpgb_edx& { return put(*this, 27, 16, value); }
  [[nodiscard]] constexpr auto set_pcid(std::uint32_t value) && -> invlpgb_edx { return put(*this, 27, 16, value); }

  friend constexpr auto operator==(const invlpgb_edx&, const invlpgb_edx&) -> bool = default;
  friend constexpr auto describe(const invlpgb_edx*) noexcept -> const structure_info& {
    return descriptions::invlpgb_edx;
  }
};

/// ECX operand of INVLPGB.   APM3 INVLPGB
/// 4 bytes, aligned to 4 in memory.
struct invlpgb_ecx {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 15:0: Additional pages.
  [[nodiscard]] constexpr auto count() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 0); }
  constexpr auto set_count(std::uint32_t value) & -> invlpgb_ecx& { return put(*this, 15, 0, value); }
  [[nodiscard]] constexpr auto set_count(std::uint32_t value) && -> invlpgb_ecx { return put(*this, 15, 0, value); }
  /// Bit 31: Increments are 2 MiB.
  [[nodiscard]] constexpr auto large_page() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_large_page(bool value) & -> invlpgb_ecx& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_large_page(bool value) && -> invlpgb_ecx { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const invlpgb_ecx&, const invlpgb_ecx&) -> bool = default;
  friend constexpr auto describe(const invlpgb_ecx*) noexcept -> const structure_info& {
    return descriptions::invlpgb_ecx;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
