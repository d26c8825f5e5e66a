// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_PAGE_INFO_HPP
#define SEVSPEC_LAYOUT_PAGE_INFO_HPP

// What the launch digest hashes for every page, and metadata of pages swapped out.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/rmp.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info page_info_imi_page_bits[] = {
    {.lsb = 0, .width = 1, .name = "imi_page",     .meaning = "page belongs to the IMI"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info page_info_fields[] = {
    {.offset = 0x000, .size = 48, .name = "digest_cur",    .meaning = "digest before this page", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x030, .size = 48, .name = "contents",      .meaning = "SHA-384 of page contents, zero for ZERO/UNMEASURED/SECRETS/CPUID pages", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x060, .size =  2, .name = "length",        .meaning = "0x70", .since = level::snp},
    {.offset = 0x062, .size =  1, .name = "page_type",     .meaning = "see snp_page_types", .since = level::snp, .values = &tables::snp_page_types},
    {.offset = 0x063, .size =  1, .name = "imi_page",      .meaning = "flags", .since = level::snp, .bits = page_info_imi_page_bits},
    {.offset = 0x064, .size =  1, .name = "reserved_perm", .meaning = "must be zero", .since = level::snp},
    {.offset = 0x065, .size =  1, .name = "vmpl1_perms",   .meaning = "VMPL1 permission mask", .since = level::snp, .word = &vmpl_permissions},
    {.offset = 0x066, .size =  1, .name = "vmpl2_perms",   .meaning = "VMPL2 permission mask", .since = level::snp, .word = &vmpl_permissions},
    {.offset = 0x067, .size =  1, .name = "vmpl3_perms",   .meaning = "VMPL3 permission mask", .since = level::snp, .word = &vmpl_permissions},
    {.offset = 0x068, .size =  8, .name = "gpa",           .meaning = "guest physical address (VMSA pages: 0xFFFFFFFFF000)", .since = level::snp},
};
inline constexpr structure_info page_info{
    .name = "page_info",
    .id = "LAY-PAGE-INFO",
    .size = 0x70,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 8.17.2, Table 67",
    .description = "Structure hashed (SHA-384) for every LAUNCH_UPDATE page; the result becomes the next digest_cur.",
    .fields = page_info_fields,
};

inline constexpr bit_info snp_mdata_entry_attributes_bits[] = {
    {.lsb =  0, .width =  1, .name = "valid",          .meaning = "entry valid", .trust = confidence::medium},
    {.lsb =  1, .width =  1, .name = "page_validated", .meaning = "Validated bit", .trust = confidence::medium},
    {.lsb =  2, .width =  1, .name = "vmsa",           .meaning = "VMSA page", .trust = confidence::medium},
    {.lsb =  3, .width =  1, .name = "metadata",       .meaning = "metadata page", .trust = confidence::medium},
    {.lsb =  4, .width =  1, .name = "page_size",      .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb =  5, .width =  7, .name = "reserved_11_5",  .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 12, .width = 52, .name = "gpa_pfn",        .meaning = "guest frame number", .trust = confidence::medium},
};
inline constexpr field_info snp_mdata_entry_fields[] = {
    {.offset = 0x000, .size =  8, .name = "software_data", .meaning = "hypervisor supplied", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size =  8, .name = "iv",            .meaning = "OEK IV count", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size = 16, .name = "auth_tag",      .meaning = "AEAD tag", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x020, .size =  8, .name = "attributes",    .meaning = "page attributes", .since = level::snp, .trust = confidence::medium, .bits = snp_mdata_entry_attributes_bits},
    {.offset = 0x028, .size =  1, .name = "vmpl0_perms",   .meaning = "VMPL0 permissions", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &vmpl_permissions},
    {.offset = 0x029, .size =  1, .name = "vmpl1_perms",   .meaning = "VMPL1", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &vmpl_permissions},
    {.offset = 0x02a, .size =  1, .name = "vmpl2_perms",   .meaning = "VMPL2", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &vmpl_permissions},
    {.offset = 0x02b, .size =  1, .name = "vmpl3_perms",   .meaning = "VMPL3", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &vmpl_permissions},
    {.offset = 0x02c, .size =  4, .name = "rmp_perm_high", .meaning = "upper half of the RMP permission quadword; reserved in the published ABI", .since = level::snp, .trust = confidence::low},
    {.offset = 0x030, .size = 16, .name = "reserved_030",  .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info snp_mdata_entry{
    .name = "snp_mdata_entry",
    .id = "LAY-SNP-MDATA-ENTRY",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 3.1",
    .description = "Metadata entry for swapped-out pages.",
    .fields = snp_mdata_entry_fields,
};
inline constexpr field_info snp_mdata_entry_attributes_fields[] = {
    {.offset = 0, .size = 8, .name = "attributes", .meaning = "page attributes", .since = level::snp, .bits = snp_mdata_entry_attributes_bits},
};
inline constexpr structure_info snp_mdata_entry_attributes{
    .name = "snp_mdata_entry.attributes",
    .id = "LAY-SNP-MDATA-ENTRY",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 3.1",
    .description = "Page attributes.",
    .fields = snp_mdata_entry_attributes_fields,
};

}  // namespace descriptions

/// Structure hashed (SHA-384) for every LAUNCH_UPDATE page; the result becomes the next digest_cur.   SNP ABI 8.17.2,
/// Table 67
template <class Storage>
struct basic_page_info : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_page_info(const basic_page_info<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_page_info(basic_page_info<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Digest before this page.
  [[nodiscard]] constexpr auto digest_cur() noexcept { return bytes_at<0x000, 48>(*this); }
  [[nodiscard]] constexpr auto digest_cur() const noexcept { return bytes_at<0x000, 48>(*this); }
  constexpr void set_digest_cur(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 030h: SHA-384 of page contents, zero for ZERO/UNMEASURED/SECRETS/CPUID pages.
  [[nodiscard]] constexpr auto contents() noexcept { return bytes_at<0x030, 48>(*this); }
  [[nodiscard]] constexpr auto contents() const noexcept { return bytes_at<0x030, 48>(*this); }
  constexpr void set_contents(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x030>(*this, value); }
  /// 060h: 0x70.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x060>(*this); }
  constexpr void set_length(std::uint16_t value) noexcept { store<0x060>(*this, value); }
  /// 062h: See snp_page_types.
  [[nodiscard]] constexpr auto page_type() const noexcept -> snp_page_types {
    return static_cast<snp_page_types>(load<std::uint8_t, 0x062>(*this));
  }
  constexpr void set_page_type(snp_page_types value) { store_code<std::uint8_t, 0x062>(*this, value); }
  /// 063h: Flags.
  [[nodiscard]] constexpr auto imi_page() const noexcept -> bool { return bit_at(load<std::uint8_t, 0x063>(*this), 0); }
  constexpr void set_imi_page(bool value) { store_low_bits<std::uint8_t, 0x063>(*this, 1, value); }
  /// 064h: Must be zero.
  [[nodiscard]] constexpr auto reserved_perm() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x064>(*this);
  }
  constexpr void set_reserved_perm(std::uint8_t value) noexcept { store<0x064>(*this, value); }
  /// 065h: VMPL1 permission mask.
  [[nodiscard]] constexpr auto vmpl1_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x065>(*this);
  }
  constexpr void set_vmpl1_perms(vmpl_permissions value) noexcept { store<0x065>(*this, value); }
  /// 066h: VMPL2 permission mask.
  [[nodiscard]] constexpr auto vmpl2_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x066>(*this);
  }
  constexpr void set_vmpl2_perms(vmpl_permissions value) noexcept { store<0x066>(*this, value); }
  /// 067h: VMPL3 permission mask.
  [[nodiscard]] constexpr auto vmpl3_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x067>(*this);
  }
  constexpr void set_vmpl3_perms(vmpl_permissions value) noexcept { store<0x067>(*this, value); }
  /// 068h: Guest physical address (VMSA pages: 0xFFFFFFFFF000).
  [[nodiscard]] constexpr auto gpa() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x068>(*this); }
  constexpr void set_gpa(std::uint64_t value) noexcept { store<0x068>(*this, value); }

  friend constexpr auto describe(const basic_page_info*) noexcept -> const structure_info& {
    return descriptions::page_info;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_page_info<A>& a, const basic_page_info<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using page_info = basic_page_info<owned<112>>;
/// Over bytes that lie elsewhere.
using page_info_view = basic_page_info<borrowed<std::uint8_t, 112>>;
/// Over bytes that are only read.
using page_info_const_view = basic_page_info<borrowed<const std::uint8_t, 112>>;

/// `attributes` of `snp_mdata_entry`: Page attributes.
struct snp_mdata_entry_attributes {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Entry valid.
  [[nodiscard]] constexpr auto valid() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_valid(bool value) & -> snp_mdata_entry_attributes& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_valid(bool value) && -> snp_mdata_entry_attributes { return put(*this, 0, 0, value); }
  /// Bit 1: Validated bit.
  [[nodiscard]] constexpr auto page_validated() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_page_validated(bool value) & -> snp_mdata_entry_attributes& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_page_validated(bool value) && -> snp_mdata_entry_attributes { return put(*this, 1, 1, value); }
  /// Bit 2: VMSA page.
  [[nodiscard]] constexpr auto vmsa() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_vmsa(bool value) & -> snp_mdata_entry_attributes& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_vmsa(bool value) && -> snp_mdata_entry_attributes { return put(*this, 2, 2, value); }
  /// Bit 3: Metadata page.
  [[nodiscard]] constexpr auto metadata() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_metadata(bool value) & -> snp_mdata_entry_attributes& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_metadata(bool value) && -> snp_mdata_entry_attributes { return put(*this, 3, 3, value); }
  /// Bit 4: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_page_size(bool value) & -> snp_mdata_entry_attributes& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> snp_mdata_entry_attributes { return put(*this, 4, 4, value); }
  /// Bits 63:12: Guest frame number.
  [[nodiscard]] constexpr auto gpa_pfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_gpa_pfn(std::uint64_t value) & -> snp_mdata_entry_attributes& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_gpa_pfn(std::uint64_t value) && -> snp_mdata_entry_attributes { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const snp_mdata_entry_attributes&, const snp_mdata_entry_attributes&) -> bool = default;
  friend constexpr auto describe(const snp_mdata_entry_attributes*) noexcept -> const structure_info& {
    return descriptions::snp_mdata_entry_attributes;
  }
};

/// Metadata entry for swapped-out pages.   SNP ABI 3.1
template <class Storage>
struct basic_snp_mdata_entry : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_mdata_entry(const basic_snp_mdata_entry<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_mdata_entry(basic_snp_mdata_entry<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Hypervisor supplied. (medium confidence)
  [[nodiscard]] constexpr auto software_data() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_software_data(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: OEK IV count. (medium confidence)
  [[nodiscard]] constexpr auto iv() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_iv(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: AEAD tag. (medium confidence)
  [[nodiscard]] constexpr auto auth_tag() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto auth_tag() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_auth_tag(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 020h: Page attributes. (medium confidence)
  [[nodiscard]] constexpr auto attributes() const noexcept -> snp_mdata_entry_attributes {
    return load<snp_mdata_entry_attributes, 0x020>(*this);
  }
  constexpr void set_attributes(snp_mdata_entry_attributes value) noexcept { store<0x020>(*this, value); }
  /// 028h: VMPL0 permissions. (medium confidence)
  [[nodiscard]] constexpr auto vmpl0_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x028>(*this);
  }
  constexpr void set_vmpl0_perms(vmpl_permissions value) noexcept { store<0x028>(*this, value); }
  /// 029h: VMPL1. (medium confidence)
  [[nodiscard]] constexpr auto vmpl1_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x029>(*this);
  }
  constexpr void set_vmpl1_perms(vmpl_permissions value) noexcept { store<0x029>(*this, value); }
  /// 02Ah: VMPL2. (medium confidence)
  [[nodiscard]] constexpr auto vmpl2_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x02a>(*this);
  }
  constexpr void set_vmpl2_perms(vmpl_permissions value) noexcept { store<0x02a>(*this, value); }
  /// 02Bh: VMPL3. (medium confidence)
  [[nodiscard]] constexpr auto vmpl3_perms() const noexcept -> vmpl_permissions {
    return load<vmpl_permissions, 0x02b>(*this);
  }
  constexpr void set_vmpl3_perms(vmpl_permissions value) noexcept { store<0x02b>(*this, value); }
  /// 02Ch: Upper half of the RMP permission quadword; reserved in the published ABI. (low confidence)
  [[nodiscard]] constexpr auto rmp_perm_high() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x02c>(*this);
  }
  constexpr void set_rmp_perm_high(std::uint32_t value) noexcept { store<0x02c>(*this, value); }

  friend constexpr auto describe(const basic_snp_mdata_entry*) noexcept -> const structure_info& {
    return descriptions::snp_mdata_entry;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_mdata_entry<A>& a, const basic_snp_mdata_entry<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_mdata_entry = basic_snp_mdata_entry<owned<64>>;
/// Over bytes that lie elsewhere.
using snp_mdata_entry_view = basic_snp_mdata_entry<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using snp_mdata_entry_const_view = basic_snp_mdata_entry<borrowed<const std::uint8_t, 64>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
