// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_HOST_SAVE_AREA_HPP
#define SEVSPEC_LAYOUT_HOST_SAVE_AREA_HPP

// The page at VM_HSAVE_PA, where the host's own state lies while a SEV-ES guest runs.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info host_save_area_es_fields[] = {
    {.offset = 0x0000, .size = 1024, .name = "host_control", .meaning = "processor private; software must not read or write", .since = level::es, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0400, .size = 3072, .name = "host_save",    .meaning = "first 0xC00 bytes of the VMSA layout holding host state loaded at #VMEXIT", .since = level::es, .type = field_type::bytes, .trust = confidence::medium},
};
inline constexpr structure_info host_save_area_es{
    .name = "host_save_area_es",
    .id = "LAY-HOST-SAVE-AREA-ES",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::es,
    .trust = confidence::medium,
    .spec_ref = "APM2 15.35.8, 15.30.4",
    .description = "Page addressed by VM_HSAVE_PA as used for SEV-ES guests. Only the second part is software visible: hypervisor stores its swap type B state at 0x400 in VMSA format before VMRUN.",
    .fields = host_save_area_es_fields,
};

}  // namespace descriptions

/// Page addressed by VM_HSAVE_PA as used for SEV-ES guests. Only the second part is software visible: hypervisor stores
/// its swap type B state at 0x400 in VMSA format before VMRUN.   APM2 15.35.8, 15.30.4
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_host_save_area_es : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_host_save_area_es(const basic_host_save_area_es<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_host_save_area_es(basic_host_save_area_es<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Processor private; software must not read or write. (medium confidence)
  [[nodiscard]] constexpr auto host_control() noexcept { return bytes_at<0x000, 1024>(*this); }
  [[nodiscard]] constexpr auto host_control() const noexcept { return bytes_at<0x000, 1024>(*this); }
  constexpr void set_host_control(std::span<const std::uint8_t, 1024> value) noexcept {
    store_bytes<0x000>(*this, value);
  }
  /// 400h: First 0xC00 bytes of the VMSA layout holding host state loaded at #VMEXIT. (medium confidence)
  [[nodiscard]] constexpr auto host_save() noexcept { return bytes_at<0x400, 3072>(*this); }
  [[nodiscard]] constexpr auto host_save() const noexcept { return bytes_at<0x400, 3072>(*this); }
  constexpr void set_host_save(std::span<const std::uint8_t, 3072> value) noexcept { store_bytes<0x400>(*this, value); }

  friend constexpr auto describe(const basic_host_save_area_es*) noexcept -> const structure_info& {
    return descriptions::host_save_area_es;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_host_save_area_es<A>& a, const basic_host_save_area_es<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using host_save_area_es = basic_host_save_area_es<owned<4096>>;
/// Over bytes that lie elsewhere.
using host_save_area_es_view = basic_host_save_area_es<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using host_save_area_es_const_view = basic_host_save_area_es<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
