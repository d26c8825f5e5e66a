// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_DOORBELL_PAGE_HPP
#define SEVSPEC_LAYOUT_DOORBELL_PAGE_HPP

// The #HV doorbell page.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info hv_ext_int_info_status_bits[] = {
    {.lsb =  0, .width =  8, .name = "pending_vector",   .meaning = "pending vector", .trust = confidence::medium},
    {.lsb =  8, .width =  1, .name = "nmi_pending",      .meaning = "NMI", .trust = confidence::medium},
    {.lsb =  9, .width =  1, .name = "mc_pending",       .meaning = "#MC", .trust = confidence::medium},
    {.lsb = 10, .width =  1, .name = "level_sensitive",  .meaning = "level triggered", .trust = confidence::medium},
    {.lsb = 11, .width =  3, .name = "reserved_13_11",   .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 14, .width =  1, .name = "multiple_vectors", .meaning = "IRR array in use", .trust = confidence::medium},
    {.lsb = 15, .width = 12, .name = "reserved_26_15",   .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 27, .width =  1, .name = "ipi_requested",    .meaning = "IPI requested", .trust = confidence::medium},
    {.lsb = 28, .width =  3, .name = "reserved_30_28",   .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 31, .width =  1, .name = "vector_31",        .meaning = "vector 31 pending", .trust = confidence::medium},
};
inline constexpr field_info hv_ext_int_info_fields[] = {
    {.offset = 0x000, .size =  4, .name = "status", .meaning = "status", .since = level::snp, .trust = confidence::medium, .bits = hv_ext_int_info_status_bits},
    {.offset = 0x004, .size = 28, .name = "irr",    .meaning = "IRR dwords for vectors 32..255", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x020, .size = 32, .name = "isr",    .meaning = "ISR dwords", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
};
inline constexpr structure_info hv_ext_int_info{
    .name = "hv_ext_int_info",
    .id = "LAY-HV-EXT-INT-INFO",
    .size = 0x40,
    .alignment = 0x4,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "GHCB extended interrupts",
    .description = "Extended interrupt information block of the #HV doorbell page.",
    .fields = hv_ext_int_info_fields,
};
inline constexpr field_info hv_ext_int_info_status_fields[] = {
    {.offset = 0, .size = 4, .name = "status", .meaning = "status", .since = level::snp, .bits = hv_ext_int_info_status_bits},
};
inline constexpr structure_info hv_ext_int_info_status{
    .name = "hv_ext_int_info.status",
    .id = "LAY-HV-EXT-INT-INFO",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "GHCB extended interrupts",
    .description = "Status.",
    .fields = hv_ext_int_info_status_fields,
};

inline constexpr bit_info hv_doorbell_page_flags_bits[] = {
    {.lsb = 0, .width = 1, .name = "nmi_pending",       .meaning = "NMI pending", .trust = confidence::medium},
    {.lsb = 1, .width = 1, .name = "mc_pending",        .meaning = "#MC pending", .trust = confidence::medium},
    {.lsb = 2, .width = 5, .name = "reserved_6_2",      .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 7, .width = 1, .name = "no_further_signal", .meaning = "hypervisor will not raise another #HV until cleared", .trust = confidence::medium},
};
inline constexpr field_info hv_doorbell_page_fields[] = {
    {.offset = 0x0000, .size =    1, .name = "pending_vector",  .meaning = "pending interrupt vector, 0 = none", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0001, .size =    1, .name = "flags",           .meaning = "pending events", .since = level::snp, .trust = confidence::medium, .bits = hv_doorbell_page_flags_bits},
    {.offset = 0x0002, .size =    1, .name = "no_eoi_required", .meaning = "bit 0: EOI may be skipped", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0003, .size =    1, .name = "per_vmpl_events", .meaning = "events pending for lower-privilege VMPLs", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0004, .size =   60, .name = "reserved_004",    .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x0040, .size =   64, .name = "vmpl1",           .meaning = "extended interrupt block for VMPL1", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &hv_ext_int_info},
    {.offset = 0x0080, .size =   64, .name = "vmpl2",           .meaning = "VMPL2", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &hv_ext_int_info},
    {.offset = 0x00c0, .size =   64, .name = "vmpl3",           .meaning = "VMPL3", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &hv_ext_int_info},
    {.offset = 0x0100, .size = 3840, .name = "reserved_100",    .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info hv_doorbell_page{
    .name = "hv_doorbell_page",
    .id = "LAY-HV-DOORBELL-PAGE",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "GHCB 5",
    .description = "#HV doorbell page (shared). Bytes 0..63 are architectural; per-VMPL extended interrupt blocks follow (extended interrupt feature, hypervisor feature bit 9).",
    .fields = hv_doorbell_page_fields,
};
inline constexpr field_info hv_doorbell_page_flags_fields[] = {
    {.offset = 0, .size = 1, .name = "flags", .meaning = "pending events", .since = level::snp, .bits = hv_doorbell_page_flags_bits},
};
inline constexpr structure_info hv_doorbell_page_flags{
    .name = "hv_doorbell_page.flags",
    .id = "LAY-HV-DOORBELL-PAGE",
    .size = 1,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "GHCB 5",
    .description = "Pending events.",
    .fields = hv_doorbell_page_flags_fields,
};

}  // namespace descriptions

/// `status` of `hv_ext_int_info`: Status.
struct hv_ext_int_info_status {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 7:0: Pending vector.
  [[nodiscard]] constexpr auto pending_vector() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_pending_vector(std::uint32_t value) & -> hv_ext_int_info_status& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_pending_vector(std::uint32_t value) && -> hv_ext_int_info_status { return put(*this, 7, 0, value); }
  /// Bit 8: NMI.
  [[nodiscard]] constexpr auto nmi_pending() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_nmi_pending(bool value) & -> hv_ext_int_info_status& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_nmi_pending(bool value) && -> hv_ext_int_info_status { return put(*this, 8, 8, value); }
  /// Bit 9: #MC.
  [[nodiscard]] constexpr auto mc_pending() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_mc_pending(bool value) & -> hv_ext_int_info_status& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_mc_pending(bool value) && -> hv_ext_int_info_status { return put(*this, 9, 9, value); }
  /// Bit 10: Level triggered.
  [[nodiscard]] constexpr auto level_sensitive() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_level_sensitive(bool value) & -> hv_ext_int_info_status& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_level_sensitive(bool value) && -> hv_ext_int_info_status { return put(*this, 10, 10, value); }
  /// Bit 14: IRR array in use.
  [[nodiscard]] constexpr auto multiple_vectors() const noexcept -> bool { return bit_at(raw, 14); }
  constexpr auto set_multiple_vectors(bool value) & -> hv_ext_int_info_status& { return put(*this, 14, 14, value); }
  [[nodiscard]] constexpr auto set_multiple_vectors(bool value) && -> hv_ext_int_info_status { return put(*this, 14, 14, value); }
  /// Bit 27: IPI requested.
  [[nodiscard]] constexpr auto ipi_requested() const noexcept -> bool { return bit_at(raw, 27); }
  constexpr auto set_ipi_requested(bool value) & -> hv_ext_int_info_status& { return put(*this, 27, 27, value); }
  [[nodiscard]] constexpr auto set_ipi_requested(bool value) && -> hv_ext_int_info_status { return put(*this, 27, 27, value); }
  /// Bit 31: Vector 31 pending.
  [[nodiscard]] constexpr auto vector_31() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_vector_31(bool value) & -> hv_ext_int_info_status& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_vector_31(bool value) && -> hv_ext_int_info_status { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const hv_ext_int_info_status&, const hv_ext_int_info_status&) -> bool = default;
  friend constexpr auto describe(const hv_ext_int_info_status*) noexcept -> const structure_info& {
    return descriptions::hv_ext_int_info_status;
  }
};

/// Extended interrupt information block of the #HV doorbell page.   GHCB extended interrupts
/// 64 bytes, aligned to 4 in memory.
template <class Storage>
struct basic_hv_ext_int_info : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_hv_ext_int_info(const basic_hv_ext_int_info<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_hv_ext_int_info(basic_hv_ext_int_info<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Status. (medium confidence)
  [[nodiscard]] constexpr auto status() const noexcept -> hv_ext_int_info_status {
    return load<hv_ext_int_info_status, 0x000>(*this);
  }
  constexpr void set_status(hv_ext_int_info_status value) noexcept { store<0x000>(*this, value); }
  /// 004h: IRR dwords for vectors 32..255. (medium confidence)
  [[nodiscard]] constexpr auto irr() noexcept { return bytes_at<0x004, 28>(*this); }
  [[nodiscard]] constexpr auto irr() const noexcept { return bytes_at<0x004, 28>(*this); }
  constexpr void set_irr(std::span<const std::uint8_t, 28> value) noexcept { store_bytes<0x004>(*this, value); }
  /// 020h: ISR dwords. (medium confidence)
  [[nodiscard]] constexpr auto isr() noexcept { return bytes_at<0x020, 32>(*this); }
  [[nodiscard]] constexpr auto isr() const noexcept { return bytes_at<0x020, 32>(*this); }
  constexpr void set_isr(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x020>(*this, value); }

  friend constexpr auto describe(const basic_hv_ext_int_info*) noexcept -> const structure_info& {
    return descriptions::hv_ext_int_info;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_hv_ext_int_info<A>& a, const basic_hv_ext_int_info<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using hv_ext_int_info = basic_hv_ext_int_info<owned<64>>;
/// Over bytes that lie elsewhere.
using hv_ext_int_info_view = basic_hv_ext_int_info<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using hv_ext_int_info_const_view = basic_hv_ext_int_info<borrowed<const std::uint8_t, 64>>;

/// `flags` of `hv_doorbell_page`: Pending events.
struct hv_doorbell_page_flags {
  std::uint8_t raw{};  ///< the whole word

  /// Bit 0: NMI pending.
  [[nodiscard]] constexpr auto nmi_pending() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_nmi_pending(bool value) & -> hv_doorbell_page_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_nmi_pending(bool value) && -> hv_doorbell_page_flags { return put(*this, 0, 0, value); }
  /// Bit 1: #MC pending.
  [[nodiscard]] constexpr auto mc_pending() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_mc_pending(bool value) & -> hv_doorbell_page_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_mc_pending(bool value) && -> hv_doorbell_page_flags { return put(*this, 1, 1, value); }
  /// Bit 7: Hypervisor will not raise another #HV until cleared.
  [[nodiscard]] constexpr auto no_further_signal() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_no_further_signal(bool value) & -> hv_doorbell_page_flags& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_no_further_signal(bool value) && -> hv_doorbell_page_flags { return put(*this, 7, 7, value); }

  friend constexpr auto operator==(const hv_doorbell_page_flags&, const hv_doorbell_page_flags&) -> bool = default;
  friend constexpr auto describe(const hv_doorbell_page_flags*) noexcept -> const structure_info& {
    return descriptions::hv_doorbell_page_flags;
  }
};

/// #HV doorbell page (shared). Bytes 0..63 are architectural; per-VMPL extended interrupt blocks follow (extended
/// interrupt feature, hypervisor feature bit 9).   GHCB 5
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_hv_doorbell_page : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_hv_doorbell_page(const basic_hv_doorbell_page<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_hv_doorbell_page(basic_hv_doorbell_page<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Pending interrupt vector, 0 = none. (medium confidence)
  [[nodiscard]] constexpr auto pending_vector() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x000>(*this);
  }
  constexpr void set_pending_vector(std::uint8_t value) noexcept { store<0x000>(*this, value); }
  /// 001h: Pending events. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> hv_doorbell_page_flags {
    return load<hv_doorbell_page_flags, 0x001>(*this);
  }
  constexpr void set_flags(hv_doorbell_page_flags value) noexcept { store<0x001>(*this, value); }
  /// 002h: Bit 0: EOI may be skipped. (medium confidence)
  [[nodiscard]] constexpr auto no_eoi_required() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x002>(*this);
  }
  constexpr void set_no_eoi_required(std::uint8_t value) noexcept { store<0x002>(*this, value); }
  /// 003h: Events pending for lower-privilege VMPLs. (medium confidence)
  [[nodiscard]] constexpr auto per_vmpl_events() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x003>(*this);
  }
  constexpr void set_per_vmpl_events(std::uint8_t value) noexcept { store<0x003>(*this, value); }
  /// 040h: Extended interrupt block for VMPL1. (medium confidence)
  [[nodiscard]] constexpr auto vmpl1() noexcept { return part<basic_hv_ext_int_info, 0x040, 64>(*this); }
  [[nodiscard]] constexpr auto vmpl1() const noexcept { return part<basic_hv_ext_int_info, 0x040, 64>(*this); }
  template <class Other>
  constexpr void set_vmpl1(const basic_hv_ext_int_info<Other>& value) noexcept { store_part<0x040>(*this, value); }
  /// 080h: VMPL2. (medium confidence)
  [[nodiscard]] constexpr auto vmpl2() noexcept { return part<basic_hv_ext_int_info, 0x080, 64>(*this); }
  [[nodiscard]] constexpr auto vmpl2() const noexcept { return part<basic_hv_ext_int_info, 0x080, 64>(*this); }
  template <class Other>
  constexpr void set_vmpl2(const basic_hv_ext_int_info<Other>& value) noexcept { store_part<0x080>(*this, value); }
  /// 0C0h: VMPL3. (medium confidence)
  [[nodiscard]] constexpr auto vmpl3() noexcept { return part<basic_hv_ext_int_info, 0x0c0, 64>(*this); }
  [[nodiscard]] constexpr auto vmpl3() const noexcept { return part<basic_hv_ext_int_info, 0x0c0, 64>(*this); }
  template <class Other>
  constexpr void set_vmpl3(const basic_hv_ext_int_info<Other>& value) noexcept { store_part<0x0c0>(*this, value); }

  friend constexpr auto describe(const basic_hv_doorbell_page*) noexcept -> const structure_info& {
    return descriptions::hv_doorbell_page;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_hv_doorbell_page<A>& a, const basic_hv_doorbell_page<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using hv_doorbell_page = basic_hv_doorbell_page<owned<4096>>;
/// Over bytes that lie elsewhere.
using hv_doorbell_page_view = basic_hv_doorbell_page<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using hv_doorbell_page_const_view = basic_hv_doorbell_page<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
