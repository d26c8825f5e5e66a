// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_POLICY_HPP
#define SEVSPEC_LAYOUT_POLICY_HPP

// Guest policies.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info snp_guest_policy_value_bits[] = {
    {.lsb =  0, .width =  8, .name = "abi_minor",              .meaning = "minimum ABI minor version"},
    {.lsb =  8, .width =  8, .name = "abi_major",              .meaning = "minimum ABI major version"},
    {.lsb = 16, .width =  1, .name = "smt",                    .meaning = "SMT allowed"},
    {.lsb = 17, .width =  1, .name = "reserved_must_be_one",   .meaning = "reserved, must be 1"},
    {.lsb = 18, .width =  1, .name = "migrate_ma",             .meaning = "migration agent allowed"},
    {.lsb = 19, .width =  1, .name = "debug",                  .meaning = "debugging allowed"},
    {.lsb = 20, .width =  1, .name = "single_socket",          .meaning = "activate on one socket only"},
    {.lsb = 21, .width =  1, .name = "cxl_allow",              .meaning = "CXL memory or devices allowed"},
    {.lsb = 22, .width =  1, .name = "mem_aes_256_xts",        .meaning = "require AES-256-XTS"},
    {.lsb = 23, .width =  1, .name = "rapl_dis",               .meaning = "require RAPL disabled"},
    {.lsb = 24, .width =  1, .name = "ciphertext_hiding_dram", .meaning = "require DRAM ciphertext hiding"},
    {.lsb = 25, .width =  1, .name = "page_swap_disable",      .meaning = "forbid PAGE_MOVE/SWAP_OUT/SWAP_IN by the host"},
    {.lsb = 26, .width = 38, .name = "reserved_63_26",         .meaning = "reserved", .reserved = true},
};
inline constexpr field_info snp_guest_policy_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "policy", .since = level::snp, .bits = snp_guest_policy_value_bits},
};
inline constexpr structure_info snp_guest_policy{
    .name = "snp_guest_policy",
    .id = "LAY-SNP-GUEST-POLICY",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 4.3",
    .description = "SNP guest policy.",
    .fields = snp_guest_policy_fields,
};

inline constexpr bit_info sev_guest_policy_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "nodbg",         .meaning = "debugging disallowed"},
    {.lsb =  1, .width =  1, .name = "noks",          .meaning = "key sharing disallowed"},
    {.lsb =  2, .width =  1, .name = "es",            .meaning = "SEV-ES required"},
    {.lsb =  3, .width =  1, .name = "nosend",        .meaning = "SEND disallowed"},
    {.lsb =  4, .width =  1, .name = "domain",        .meaning = "send only within the domain"},
    {.lsb =  5, .width =  1, .name = "sev",           .meaning = "send only to SEV capable platforms"},
    {.lsb =  6, .width = 10, .name = "reserved_15_6", .meaning = "reserved", .reserved = true},
    {.lsb = 16, .width =  8, .name = "api_major",     .meaning = "minimum API major"},
    {.lsb = 24, .width =  8, .name = "api_minor",     .meaning = "minimum API minor"},
};
inline constexpr field_info sev_guest_policy_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "policy", .since = level::sev, .bits = sev_guest_policy_value_bits},
};
inline constexpr structure_info sev_guest_policy{
    .name = "sev_guest_policy",
    .id = "LAY-SEV-GUEST-POLICY",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API (55766) 3",
    .description = "Legacy SEV guest policy.",
    .fields = sev_guest_policy_fields,
};

}  // namespace descriptions

/// SNP guest policy.   SNP ABI 4.3
/// 8 bytes, aligned to 8 in memory.
struct snp_guest_policy {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Minimum ABI minor version.
  [[nodiscard]] constexpr auto abi_minor() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_abi_minor(std::uint32_t value) & -> snp_guest_policy& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_abi_minor(std::uint32_t value) && -> snp_guest_policy { return put(*this, 7, 0, value); }
  /// Bits 15:8: Minimum ABI major version.
  [[nodiscard]] constexpr auto abi_major() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 8); }
  constexpr auto set_abi_major(std::uint32_t value) & -> snp_guest_policy& { return put(*this, 15, 8, value); }
  [[nodiscard]] constexpr auto set_abi_major(std::uint32_t value) && -> snp_guest_policy { return put(*this, 15, 8, value); }
  /// Bit 16: SMT allowed.
  [[nodiscard]] constexpr auto smt() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_smt(bool value) & -> snp_guest_policy& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_smt(bool value) && -> snp_guest_policy { return put(*this, 16, 16, value); }
  /// Bit 17: Reserved, must be 1.
  [[nodiscard]] constexpr auto reserved_must_be_one() const noexcept -> bool { return bit_at(raw, 17); }
  constexpr auto set_reserved_must_be_one(bool value) & -> snp_guest_policy& { return put(*this, 17, 17, value); }
  [[nodiscard]] constexpr auto set_reserved_must_be_one(bool value) && -> snp_guest_policy { return put(*this, 17, 17, value); }
  /// Bit 18: Migration agent allowed.
  [[nodiscard]] constexpr auto migrate_ma() const noexcept -> bool { return bit_at(raw, 18); }
  constexpr auto set_migrate_ma(bool value) & -> snp_guest_policy& { return put(*this, 18, 18, value); }
  [[nodiscard]] constexpr auto set_migrate_ma(bool value) && -> snp_guest_policy { return put(*this, 18, 18, value); }
  /// Bit 19: Debugging allowed.
  [[nodiscard]] constexpr auto debug() const noexcept -> bool { return bit_at(raw, 19); }
  constexpr auto set_debug(bool value) & -> snp_guest_policy& { return put(*this, 19, 19, value); }
  [[nodiscard]] constexpr auto set_debug(bool value) && -> snp_guest_policy { return put(*this, 19, 19, value); }
  /// Bit 20: Activate on one socket only.
  [[nodiscard]] constexpr auto single_socket() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_single_socket(bool value) & -> snp_guest_policy& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_single_socket(bool value) && -> snp_guest_policy { return put(*this, 20, 20, value); }
  /// Bit 21: CXL memory or devices allowed.
  [[nodiscard]] constexpr auto cxl_allow() const noexcept -> bool { return bit_at(raw, 21); }
  constexpr auto set_cxl_allow(bool value) & -> snp_guest_policy& { return put(*this, 21, 21, value); }
  [[nodiscard]] constexpr auto set_cxl_allow(bool value) && -> snp_guest_policy { return put(*this, 21, 21, value); }
  /// Bit 22: Require AES-256-XTS.
  [[nodiscard]] constexpr auto mem_aes_256_xts() const noexcept -> bool { return bit_at(raw, 22); }
  constexpr auto set_mem_aes_256_xts(bool value) & -> snp_guest_policy& { return put(*this, 22, 22, value); }
  [[nodiscard]] constexpr auto set_mem_aes_256_xts(bool value) && -> snp_guest_policy { return put(*this, 22, 22, value); }
  /// Bit 23: Require RAPL disabled.
  [[nodiscard]] constexpr auto rapl_dis() const noexcept -> bool { return bit_at(raw, 23); }
  constexpr auto set_rapl_dis(bool value) & -> snp_guest_policy& { return put(*this, 23, 23, value); }
  [[nodiscard]] constexpr auto set_rapl_dis(bool value) && -> snp_guest_policy { return put(*this, 23, 23, value); }
  /// Bit 24: Require DRAM ciphertext hiding.
  [[nodiscard]] constexpr auto ciphertext_hiding_dram() const noexcept -> bool { return bit_at(raw, 24); }
  constexpr auto set_ciphertext_hiding_dram(bool value) & -> snp_guest_policy& { return put(*this, 24, 24, value); }
  [[nodiscard]] constexpr auto set_ciphertext_hiding_dram(bool value) && -> snp_guest_policy { return put(*this, 24, 24, value); }
  /// Bit 25: Forbid PAGE_MOVE/SWAP_OUT/SWAP_IN by the host.
  [[nodiscard]] constexpr auto page_swap_disable() const noexcept -> bool { return bit_at(raw, 25); }
  constexpr auto set_page_swap_disable(bool value) & -> snp_guest_policy& { return put(*this, 25, 25, value); }
  [[nodiscard]] constexpr auto set_page_swap_disable(bool value) && -> snp_guest_policy { return put(*this, 25, 25, value); }

  friend constexpr auto operator==(const snp_guest_policy&, const snp_guest_policy&) -> bool = default;
  friend constexpr auto describe(const snp_guest_policy*) noexcept -> const structure_info& {
    return descriptions::snp_guest_policy;
  }
};

/// Legacy SEV guest policy.   SEV API (55766) 3
/// 4 bytes, aligned to 4 in memory.
struct sev_guest_policy {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Debugging disallowed.
  [[nodiscard]] constexpr auto nodbg() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_nodbg(bool value) & -> sev_guest_policy& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_nodbg(bool value) && -> sev_guest_policy { return put(*this, 0, 0, value); }
  /// Bit 1: Key sharing disallowed.
  [[nodiscard]] constexpr auto noks() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_noks(bool value) & -> sev_guest_policy& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_noks(bool value) && -> sev_guest_policy { return put(*this, 1, 1, value); }
  /// Bit 2: SEV-ES required.
  [[nodiscard]] constexpr auto es() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_es(bool value) & -> sev_guest_policy& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_es(bool value) && -> sev_guest_policy { return put(*this, 2, 2, value); }
  /// Bit 3: SEND disallowed.
  [[nodiscard]] constexpr auto nosend() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_nosend(bool value) & -> sev_guest_policy& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_nosend(bool value) && -> sev_guest_policy { return put(*this, 3, 3, value); }
  /// Bit 4: Send only within the domain.
  [[nodiscard]] constexpr auto domain() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_domain(bool value) & -> sev_guest_policy& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_domain(bool value) && -> sev_guest_policy { return put(*this, 4, 4, value); }
  /// Bit 5: Send only to SEV capable platforms.
  [[nodiscard]] constexpr auto sev() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_sev(bool value) & -> sev_guest_policy& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_sev(bool value) && -> sev_guest_policy { return put(*this, 5, 5, value); }
  /// Bits 23:16: Minimum API major.
  [[nodiscard]] constexpr auto api_major() const noexcept -> std::uint32_t { return bits32_at(raw, 23, 16); }
  constexpr auto set_api_major(std::uint32_t value) & -> sev_guest_policy& { return put(*this, 23, 16, value); }
  [[nodiscard]] constexpr auto set_api_major(std::uint32_t value) && -> sev_guest_policy { return put(*this, 23, 16, value); }
  /// Bits 31:24: Minimum API minor.
  [[nodiscard]] constexpr auto api_minor() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 24); }
  constexpr auto set_api_minor(std::uint32_t value) & -> sev_guest_policy& { return put(*this, 31, 24, value); }
  [[nodiscard]] constexpr auto set_api_minor(std::uint32_t value) && -> sev_guest_policy { return put(*this, 31, 24, value); }

  friend constexpr auto operator==(const sev_guest_policy&, const sev_guest_policy&) -> bool = default;
  friend constexpr auto describe(const sev_guest_policy*) noexcept -> const structure_info& {
    return descriptions::sev_guest_policy;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
