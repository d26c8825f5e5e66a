// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SECRETS_PAGE_HPP
#define SEVSPEC_LAYOUT_SECRETS_PAGE_HPP

// The secrets page, and the blob that tells a guest OS where it lies.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info secrets_os_area_fields[] = {
    {.offset = 0x000, .size =  4, .name = "vmpck0_msg_seqno_lo", .meaning = "low half of VMPCK0 message count", .since = level::snp},
    {.offset = 0x004, .size =  4, .name = "vmpck1_msg_seqno_lo", .meaning = "VMPCK1", .since = level::snp},
    {.offset = 0x008, .size =  4, .name = "vmpck2_msg_seqno_lo", .meaning = "VMPCK2", .since = level::snp},
    {.offset = 0x00c, .size =  4, .name = "vmpck3_msg_seqno_lo", .meaning = "VMPCK3", .since = level::snp},
    {.offset = 0x010, .size =  8, .name = "ap_jump_table_pa",    .meaning = "AP jump table", .since = level::snp},
    {.offset = 0x018, .size =  4, .name = "vmpck0_msg_seqno_hi", .meaning = "high half (GHCB 2.01 and later; Linux treats as reserved)", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x01c, .size =  4, .name = "vmpck1_msg_seqno_hi", .meaning = "high half", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x020, .size =  4, .name = "vmpck2_msg_seqno_hi", .meaning = "high half", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x024, .size =  4, .name = "vmpck3_msg_seqno_hi", .meaning = "high half", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x028, .size = 22, .name = "reserved_028",        .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x03e, .size =  2, .name = "version",             .meaning = "version of this area", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x040, .size = 32, .name = "guest_usage",         .meaning = "guest defined", .since = level::snp, .type = field_type::bytes},
};
inline constexpr structure_info secrets_os_area{
    .name = "secrets_os_area",
    .id = "LAY-SECRETS-OS-AREA",
    .size = 0x60,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.01+ 2.7",
    .description = "Guest-OS area of the secrets page (offset 0xA0).",
    .fields = secrets_os_area_fields,
};

inline constexpr bit_info secrets_page_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "imi_en",        .meaning = "launched through a migration image"},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info secrets_page_fields[] = {
    {.offset = 0x0000, .size =    4, .name = "version",           .meaning = "layout version: 2, 3, 4", .since = level::snp},
    {.offset = 0x0004, .size =    4, .name = "flags",             .meaning = "flags", .since = level::snp, .bits = secrets_page_flags_bits},
    {.offset = 0x0008, .size =    4, .name = "fms",               .meaning = "family/model/stepping, CPUID Fn1 EAX format", .since = level::snp},
    {.offset = 0x000c, .size =    4, .name = "reserved_00c",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0010, .size =   16, .name = "gosvw",             .meaning = "guest OS visible workarounds from LAUNCH_START", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0020, .size =   32, .name = "vmpck0",            .meaning = "VM platform communication key 0", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0040, .size =   32, .name = "vmpck1",            .meaning = "key 1", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0060, .size =   32, .name = "vmpck2",            .meaning = "key 2", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0080, .size =   32, .name = "vmpck3",            .meaning = "key 3", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x00a0, .size =   96, .name = "os_area",           .meaning = "guest OS area (GHCB spec)", .since = level::snp, .type = field_type::structure, .nested = &secrets_os_area},
    {.offset = 0x0100, .size =   64, .name = "vmsa_tweak_bitmap", .meaning = "bit i: VMSA qword i is XORed with the nonce under VMSA register protection", .since = level::snp_v3, .type = field_type::bytes},
    {.offset = 0x0140, .size =    8, .name = "svsm_base",         .meaning = "SVSM memory base (guest OS usage range, filled by SVSM)", .since = level::svsm},
    {.offset = 0x0148, .size =    8, .name = "svsm_size",         .meaning = "SVSM memory size; 0 = no SVSM", .since = level::svsm},
    {.offset = 0x0150, .size =    8, .name = "svsm_caa",          .meaning = "initial calling area address", .since = level::svsm},
    {.offset = 0x0158, .size =    4, .name = "svsm_max_version",  .meaning = "highest SVSM protocol version", .since = level::svsm},
    {.offset = 0x015c, .size =    1, .name = "svsm_guest_vmpl",   .meaning = "VMPL the guest runs at", .since = level::svsm},
    {.offset = 0x015d, .size =    3, .name = "reserved_15d",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0160, .size =    4, .name = "tsc_factor",        .meaning = "mean TSC correction, in units of 1/100000", .since = level::snp_v3},
    {.offset = 0x0164, .size =    4, .name = "reserved_164",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0168, .size =    8, .name = "launch_mit_vector", .meaning = "launch mitigation vector (inferred; not seen in a source tree)", .since = level::snp_v4, .trust = confidence::low},
    {.offset = 0x0170, .size = 3728, .name = "reserved_170",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info secrets_page{
    .name = "secrets_page",
    .id = "LAY-SECRETS-PAGE",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 8.17.2.5 (versions 2..4)",
    .description = "Secrets page written by firmware at launch. Version 2: through 0x9F (+OS area); version 3 adds the tweak bitmap and tsc_factor; later versions append.",
    .fields = secrets_page_fields,
};
inline constexpr field_info secrets_page_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = secrets_page_flags_bits},
};
inline constexpr structure_info secrets_page_flags{
    .name = "secrets_page.flags",
    .id = "LAY-SECRETS-PAGE",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 8.17.2.5 (versions 2..4)",
    .description = "Flags.",
    .fields = secrets_page_flags_fields,
};

inline constexpr field_info cc_blob_sev_info_fields[] = {
    {.offset = 0x000, .size = 4, .name = "magic",        .meaning = "0x45444D41 ('AMDE')", .since = level::snp},
    {.offset = 0x004, .size = 2, .name = "version",      .meaning = "version", .since = level::snp},
    {.offset = 0x006, .size = 2, .name = "reserved_006", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "secrets_phys", .meaning = "secrets page address", .since = level::snp},
    {.offset = 0x010, .size = 4, .name = "secrets_len",  .meaning = "length", .since = level::snp},
    {.offset = 0x014, .size = 4, .name = "reserved_014", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x018, .size = 8, .name = "cpuid_phys",   .meaning = "CPUID page address", .since = level::snp},
    {.offset = 0x020, .size = 4, .name = "cpuid_len",    .meaning = "length", .since = level::snp},
    {.offset = 0x024, .size = 4, .name = "reserved_024", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info cc_blob_sev_info{
    .name = "cc_blob_sev_info",
    .id = "LAY-CC-BLOB-SEV-INFO",
    .size = 0x28,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "edk2 ConfidentialComputingSevSnpBlob",
    .description = "EFI/setup_data blob handing secrets and CPUID page to the OS.",
    .fields = cc_blob_sev_info_fields,
};

}  // namespace descriptions

/// Guest-OS area of the secrets page (offset 0xA0).   GHCB 2.01+ 2.7
template <class Storage>
struct basic_secrets_os_area : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_secrets_os_area(const basic_secrets_os_area<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_secrets_os_area(basic_secrets_os_area<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Low half of VMPCK0 message count.
  [[nodiscard]] constexpr auto vmpck0_msg_seqno_lo() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_vmpck0_msg_seqno_lo(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: VMPCK1.
  [[nodiscard]] constexpr auto vmpck1_msg_seqno_lo() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x004>(*this);
  }
  constexpr void set_vmpck1_msg_seqno_lo(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: VMPCK2.
  [[nodiscard]] constexpr auto vmpck2_msg_seqno_lo() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_vmpck2_msg_seqno_lo(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: VMPCK3.
  [[nodiscard]] constexpr auto vmpck3_msg_seqno_lo() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x00c>(*this);
  }
  constexpr void set_vmpck3_msg_seqno_lo(std::uint32_t value) noexcept { store<0x00c>(*this, value); }
  /// 010h: AP jump table.
  [[nodiscard]] constexpr auto ap_jump_table_pa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_ap_jump_table_pa(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: High half (GHCB 2.01 and later; Linux treats as reserved). (medium confidence)
  [[nodiscard]] constexpr auto vmpck0_msg_seqno_hi() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x018>(*this);
  }
  constexpr void set_vmpck0_msg_seqno_hi(std::uint32_t value) noexcept { store<0x018>(*this, value); }
  /// 01Ch: High half. (medium confidence)
  [[nodiscard]] constexpr auto vmpck1_msg_seqno_hi() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x01c>(*this);
  }
  constexpr void set_vmpck1_msg_seqno_hi(std::uint32_t value) noexcept { store<0x01c>(*this, value); }
  /// 020h: High half. (medium confidence)
  [[nodiscard]] constexpr auto vmpck2_msg_seqno_hi() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x020>(*this);
  }
  constexpr void set_vmpck2_msg_seqno_hi(std::uint32_t value) noexcept { store<0x020>(*this, value); }
  /// 024h: High half. (medium confidence)
  [[nodiscard]] constexpr auto vmpck3_msg_seqno_hi() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x024>(*this);
  }
  constexpr void set_vmpck3_msg_seqno_hi(std::uint32_t value) noexcept { store<0x024>(*this, value); }
  /// 03Eh: Version of this area. (medium confidence)
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x03e>(*this); }
  constexpr void set_version(std::uint16_t value) noexcept { store<0x03e>(*this, value); }
  /// 040h: Guest defined.
  [[nodiscard]] constexpr auto guest_usage() noexcept { return bytes_at<0x040, 32>(*this); }
  [[nodiscard]] constexpr auto guest_usage() const noexcept { return bytes_at<0x040, 32>(*this); }
  constexpr void set_guest_usage(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x040>(*this, value); }

  friend constexpr auto describe(const basic_secrets_os_area*) noexcept -> const structure_info& {
    return descriptions::secrets_os_area;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_secrets_os_area<A>& a, const basic_secrets_os_area<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using secrets_os_area = basic_secrets_os_area<owned<96>>;
/// Over bytes that lie elsewhere.
using secrets_os_area_view = basic_secrets_os_area<borrowed<std::uint8_t, 96>>;
/// Over bytes that are only read.
using secrets_os_area_const_view = basic_secrets_os_area<borrowed<const std::uint8_t, 96>>;

/// `flags` of `secrets_page`: Flags.
struct secrets_page_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Launched through a migration image.
  [[nodiscard]] constexpr auto imi_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_imi_en(bool value) & -> secrets_page_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_imi_en(bool value) && -> secrets_page_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const secrets_page_flags&, const secrets_page_flags&) -> bool = default;
  friend constexpr auto describe(const secrets_page_flags*) noexcept -> const structure_info& {
    return descriptions::secrets_page_flags;
  }
};

/// Secrets page written by firmware at launch. Version 2: through 0x9F (+OS area); version 3 adds the tweak bitmap and
/// tsc_factor; later versions append.   SNP ABI 8.17.2.5 (versions 2..4)
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_secrets_page : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_secrets_page(const basic_secrets_page<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_secrets_page(basic_secrets_page<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Layout version: 2, 3, 4.
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> secrets_page_flags {
    return load<secrets_page_flags, 0x004>(*this);
  }
  constexpr void set_flags(secrets_page_flags value) noexcept { store<0x004>(*this, value); }
  /// 008h: family/model/stepping, CPUID Fn1 EAX format.
  [[nodiscard]] constexpr auto fms() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_fms(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Guest OS visible workarounds from LAUNCH_START.
  [[nodiscard]] constexpr auto gosvw() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto gosvw() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_gosvw(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 020h: VM platform communication key 0.
  [[nodiscard]] constexpr auto vmpck0() noexcept { return bytes_at<0x020, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck0() const noexcept { return bytes_at<0x020, 32>(*this); }
  constexpr void set_vmpck0(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x020>(*this, value); }
  /// 040h: Key 1.
  [[nodiscard]] constexpr auto vmpck1() noexcept { return bytes_at<0x040, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck1() const noexcept { return bytes_at<0x040, 32>(*this); }
  constexpr void set_vmpck1(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x040>(*this, value); }
  /// 060h: Key 2.
  [[nodiscard]] constexpr auto vmpck2() noexcept { return bytes_at<0x060, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck2() const noexcept { return bytes_at<0x060, 32>(*this); }
  constexpr void set_vmpck2(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x060>(*this, value); }
  /// 080h: Key 3.
  [[nodiscard]] constexpr auto vmpck3() noexcept { return bytes_at<0x080, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck3() const noexcept { return bytes_at<0x080, 32>(*this); }
  constexpr void set_vmpck3(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x080>(*this, value); }
  /// 0A0h: Guest OS area (GHCB spec).
  [[nodiscard]] constexpr auto os_area() noexcept { return part<basic_secrets_os_area, 0x0a0, 96>(*this); }
  [[nodiscard]] constexpr auto os_area() const noexcept { return part<basic_secrets_os_area, 0x0a0, 96>(*this); }
  template <class Other>
  constexpr void set_os_area(const basic_secrets_os_area<Other>& value) noexcept { store_part<0x0a0>(*this, value); }
  /// 100h: Bit i: VMSA qword i is XORed with the nonce under VMSA register protection. (SNP-v3)
  [[nodiscard]] constexpr auto vmsa_tweak_bitmap() noexcept { return bytes_at<0x100, 64>(*this); }
  [[nodiscard]] constexpr auto vmsa_tweak_bitmap() const noexcept { return bytes_at<0x100, 64>(*this); }
  constexpr void set_vmsa_tweak_bitmap(std::span<const std::uint8_t, 64> value) noexcept {
    store_bytes<0x100>(*this, value);
  }
  /// 140h: SVSM memory base (guest OS usage range, filled by SVSM). (SVSM)
  [[nodiscard]] constexpr auto svsm_base() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x140>(*this); }
  constexpr void set_svsm_base(std::uint64_t value) noexcept { store<0x140>(*this, value); }
  /// 148h: SVSM memory size; 0 = no SVSM. (SVSM)
  [[nodiscard]] constexpr auto svsm_size() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x148>(*this); }
  constexpr void set_svsm_size(std::uint64_t value) noexcept { store<0x148>(*this, value); }
  /// 150h: Initial calling area address. (SVSM)
  [[nodiscard]] constexpr auto svsm_caa() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x150>(*this); }
  constexpr void set_svsm_caa(std::uint64_t value) noexcept { store<0x150>(*this, value); }
  /// 158h: Highest SVSM protocol version. (SVSM)
  [[nodiscard]] constexpr auto svsm_max_version() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x158>(*this);
  }
  constexpr void set_svsm_max_version(std::uint32_t value) noexcept { store<0x158>(*this, value); }
  /// 15Ch: VMPL the guest runs at. (SVSM)
  [[nodiscard]] constexpr auto svsm_guest_vmpl() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x15c>(*this);
  }
  constexpr void set_svsm_guest_vmpl(std::uint8_t value) noexcept { store<0x15c>(*this, value); }
  /// 160h: Mean TSC correction, in units of 1/100000. (SNP-v3)
  [[nodiscard]] constexpr auto tsc_factor() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x160>(*this);
  }
  constexpr void set_tsc_factor(std::uint32_t value) noexcept { store<0x160>(*this, value); }
  /// 168h: Launch mitigation vector (inferred; not seen in a source tree). (SNP-v4, low confidence)
  [[nodiscard]] constexpr auto launch_mit_vector() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x168>(*this);
  }
  constexpr void set_launch_mit_vector(std::uint64_t value) noexcept { store<0x168>(*this, value); }

  friend constexpr auto describe(const basic_secrets_page*) noexcept -> const structure_info& {
    return descriptions::secrets_page;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_secrets_page<A>& a, const basic_secrets_page<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using secrets_page = basic_secrets_page<owned<4096>>;
/// Over bytes that lie elsewhere.
using secrets_page_view = basic_secrets_page<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using secrets_page_const_view = basic_secrets_page<borrowed<const std::uint8_t, 4096>>;

/// EFI/setup_data blob handing secrets and CPUID page to the OS.   edk2 ConfidentialComputingSevSnpBlob
template <class Storage>
struct basic_cc_blob_sev_info : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cc_blob_sev_info(const basic_cc_blob_sev_info<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cc_blob_sev_info(basic_cc_blob_sev_info<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0x45444D41 ('AMDE').
  [[nodiscard]] constexpr auto magic() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_magic(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Version.
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x004>(*this); }
  constexpr void set_version(std::uint16_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Secrets page address.
  [[nodiscard]] constexpr auto secrets_phys() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_secrets_phys(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Length.
  [[nodiscard]] constexpr auto secrets_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x010>(*this);
  }
  constexpr void set_secrets_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: CPUID page address.
  [[nodiscard]] constexpr auto cpuid_phys() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_cpuid_phys(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Length.
  [[nodiscard]] constexpr auto cpuid_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x020>(*this); }
  constexpr void set_cpuid_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cc_blob_sev_info*) noexcept -> const structure_info& {
    return descriptions::cc_blob_sev_info;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cc_blob_sev_info<A>& a, const basic_cc_blob_sev_info<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cc_blob_sev_info = basic_cc_blob_sev_info<owned<40>>;
/// Over bytes that lie elsewhere.
using cc_blob_sev_info_view = basic_cc_blob_sev_info<borrowed<std::uint8_t, 40>>;
/// Over bytes that are only read.
using cc_blob_sev_info_const_view = basic_cc_blob_sev_info<borrowed<const std::uint8_t, 40>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
