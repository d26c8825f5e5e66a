// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_SIZES_AND_LIMITS_HPP
#define SEVSPEC_LAYOUT_CODES_SIZES_AND_LIMITS_HPP

// Sizes and limits.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// Sizes, offsets and limits.   several
namespace sizes_and_limits {
/// Ghcb shared buffer.
inline constexpr std::uint64_t ghcb_shared_buffer = 0x7f0;
/// Psc max entries.
inline constexpr std::uint64_t psc_max_entries = 0xfd;
/// Snp cpuid max.
inline constexpr std::uint64_t snp_cpuid_max = 0x40;
/// When the list starts at CAA offset 8.
inline constexpr std::uint64_t svsm_pvalidate_max_entries = 0x1fe;
/// Report size.
inline constexpr std::uint64_t report_size = 0x4a0;
/// Report signed bytes.
inline constexpr std::uint64_t report_signed_bytes = 0x2a0;
/// Tmr size es.
inline constexpr std::uint64_t tmr_size_es = 0x100000;
/// Tmr size snp.
inline constexpr std::uint64_t tmr_size_snp = 0x200000;
/// Nv size.
inline constexpr std::uint64_t nv_size = 0x8000;
/// Rmp bookkeeping.
inline constexpr std::uint64_t rmp_bookkeeping = 0x4000;
/// Rmp entry size.
inline constexpr std::uint64_t rmp_entry_size = 0x10;
/// Rst entries.
inline constexpr std::uint64_t rst_entries = 0x200;
/// Gpa field of PAGE_INFO for VMSA pages.
inline constexpr std::uint64_t vmsa_launch_gpa = 0xfffffffff000;
/// Leading bytes of the VMSA covered by the SEV-ES integrity value on current firmware (one source).
inline constexpr std::uint64_t vmsa_es_checksum_bytes = 0xfc0;
}  // namespace sizes_and_limits

namespace tables {

inline constexpr constant_info sizes_and_limits_entries[] = {
    {"GHCB_SHARED_BUFFER",         0x7f0, nullptr, ""},
    {"PSC_MAX_ENTRIES",            0xfd, nullptr, ""},
    {"SNP_CPUID_MAX",              0x40, nullptr, ""},
    {"SVSM_PVALIDATE_MAX_ENTRIES", 0x1fe, nullptr, "when the list starts at CAA offset 8"},
    {"REPORT_SIZE",                0x4a0, nullptr, ""},
    {"REPORT_SIGNED_BYTES",        0x2a0, nullptr, ""},
    {"TMR_SIZE_ES",                0x100000, nullptr, ""},
    {"TMR_SIZE_SNP",               0x200000, nullptr, ""},
    {"NV_SIZE",                    0x8000, nullptr, ""},
    {"RMP_BOOKKEEPING",            0x4000, nullptr, ""},
    {"RMP_ENTRY_SIZE",             0x10, nullptr, ""},
    {"RST_ENTRIES",                0x200, nullptr, ""},
    {"VMSA_LAUNCH_GPA",            0xfffffffff000, nullptr, "gpa field of PAGE_INFO for VMSA pages"},
    {"VMSA_ES_CHECKSUM_BYTES",     0xfc0, nullptr, "leading bytes of the VMSA covered by the SEV-ES integrity value on current firmware (one source)"},
};
inline constexpr constant_table sizes_and_limits{"sizes_and_limits", "CON-SIZES-AND-LIMITS", confidence::high,
    "several", sizes_and_limits_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
