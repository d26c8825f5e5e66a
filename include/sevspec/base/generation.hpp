// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_GENERATION_HPP
#define SEVSPEC_BASE_GENERATION_HPP

#include <array>
#include <cstdint>

namespace sevspec::inline v0 {

/// EPYC server generations, first to fifth.
enum class generation : std::uint8_t { naples, rome, milan, genoa, turin };

/// How DRAM is enciphered.
enum class cipher_kind : std::uint8_t {
  aes128_xe_static,   ///< AES-128 with the address tweak on one side, constants fixed (first Zen)
  aes128_xex_static,  ///< tweak on both sides, constants fixed (other first-generation parts)
  aes128_xex_random,  ///< tweak on both sides, constants drawn at each boot (Zen 2 on)
  aes256_xts,         ///< the option of Zen 4 on
};

/// How RMP entries lie in memory.
enum class rmp_format : std::uint8_t {
  none,        ///< no SEV-SNP
  zen3,        ///< 16-byte entries, layout known (Zen 3 and 4)
  unpublished  ///< read by RMPREAD only (Zen 5 on)
};

/// What software learns from CPUID about address widths and features: all that address translation depends on.
/// Names of CPUID functions as in the APM, vol. 3, appendix E.
struct cpu_part {
  unsigned pa_bits = 48;                 ///< Fn8000_0008 EAX[7:0], 36 to 52: physical-address width without encryption
  unsigned c_bit = 51;                   ///< Fn8000_001F EBX[5:0], 32 to 51: position of the C-bit
  unsigned reduction = 5;                ///< Fn8000_001F EBX[11:6]: sPA bits lost while memory encryption is on
  bool gb_pages = true;                  ///< Fn8000_0001 EDX[26]: 1 GiB pages
  bool la57 = false;                     ///< Fn0000_0007 ECX[16]: five-level paging
  bool sev_es = true;                    ///< Fn8000_001F EAX[3]
  bool snp_capable = true;               ///< Fn8000_001F EAX[4]: the silicon has SEV-SNP, enabled or not
  bool gmet = true;                      ///< Fn8000_000A EDX[17]: guest mode execute trap
  bool sss_check = true;                 ///< Fn8000_000A EDX[19]: supervisor shadow-stack checks
  bool rogpt = true;                     ///< Fn8000_000A EDX[21]: read-only guest page tables
  bool vte = true;                       ///< Fn8000_001F EAX[16]: virtual transparent encryption
  bool pml = true;                       ///< page-modification logging; its CPUID bit is not in our sources
  bool flush_by_asid = true;             ///< Fn8000_000A EDX[6]: TLB_CONTROL 3 and 7
  bool upper_address_ignore = true;      ///< Fn8000_0021 EAX[7]
  bool hv_in_use_write = false;          ///< Fn8000_001F EAX[30]: the host may write its pages that VMRUN holds
  bool segmented_rmp = false;            ///< Fn8000_001F EAX[23]
  bool hw_coherent = true;               ///< Fn8000_001F EAX[10]: caches are coherent across encryption contexts
  std::uint32_t encrypted_guests = 509;  ///< Fn8000_001F ECX: highest ASID of an encrypted guest
  std::uint32_t min_sev_no_es_asid = 1;  ///< Fn8000_001F EDX: lowest ASID of a SEV guest without SEV-ES
  cipher_kind cipher = cipher_kind::aes128_xex_random;
  rmp_format rmp = rmp_format::zen3;

  friend constexpr auto operator==(const cpu_part&, const cpu_part&) -> bool = default;
};

/// The generations as their reference profiles. Parts of one generation differ (the cipher of the first, the ASID count
/// by firmware settings), so these are starting points to copy and adjust.
///
/// Widths, C-bit positions and features as published CPUID values show them (Rome: Fn8000_001F EAX 0001000Fh, EBX 16Fh;
/// Milan: EAX 0101FD3Fh; Zen 4: Fn8000_000A EDX 1EBFBCFFh); ASID counts: ENC-ASID-02 (Turin's count is not published:
/// Genoa's is taken), where SEV-ES ends and SEV begins is a firmware setting (1, 128 and 510 were seen on Milan);
/// ciphers: ENC-MODE-03 to 07; RMP formats: RMP-ENT-04, RMP-SEG.
// clang-format off
inline constexpr std::array<cpu_part, 5> generation_parts{{
    // Zen 1
    {.pa_bits = 48, .c_bit = 47, .reduction = 5, .gb_pages = true, .la57 = false, .sev_es = true, .snp_capable = false,
     .gmet = false, .sss_check = false, .rogpt = false, .vte = false, .pml = false, .upper_address_ignore = false,
     .segmented_rmp = false, .hw_coherent = false, .encrypted_guests = 15,
     .cipher = cipher_kind::aes128_xe_static, .rmp = rmp_format::none},
    // Zen 2
    {.pa_bits = 48, .c_bit = 47, .reduction = 5, .gb_pages = true, .la57 = false, .sev_es = true, .snp_capable = false,
     .gmet = true, .sss_check = false, .rogpt = false, .vte = true, .pml = false, .upper_address_ignore = false,
     .segmented_rmp = false, .hw_coherent = false, .encrypted_guests = 509, .cipher = cipher_kind::aes128_xex_random,
     .rmp = rmp_format::none},
    // Zen 3
    {.pa_bits = 48, .c_bit = 51, .reduction = 5, .gb_pages = true, .la57 = false, .sev_es = true, .snp_capable = true,
     .gmet = true, .sss_check = true, .rogpt = false, .vte = true, .pml = false, .upper_address_ignore = false,
     .segmented_rmp = false, .hw_coherent = true, .encrypted_guests = 509, .cipher = cipher_kind::aes128_xex_random,
     .rmp = rmp_format::zen3},
    // Zen 4
    {.pa_bits = 52, .c_bit = 51, .reduction = 6, .gb_pages = true, .la57 = true, .sev_es = true, .snp_capable = true,
     .gmet = true, .sss_check = true, .rogpt = true, .vte = true, .pml = false, .upper_address_ignore = true,
     .segmented_rmp = false, .hw_coherent = true, .encrypted_guests = 1006, .cipher = cipher_kind::aes128_xex_random,
     .rmp = rmp_format::zen3},
    // Zen 5
    {.pa_bits = 52, .c_bit = 51, .reduction = 6, .gb_pages = true, .la57 = true, .sev_es = true, .snp_capable = true,
     .gmet = true, .sss_check = true, .rogpt = true, .vte = true, .pml = false, .upper_address_ignore = true,
     .segmented_rmp = true, .hw_coherent = true, .encrypted_guests = 1006, .cipher = cipher_kind::aes128_xex_random,
     .rmp = rmp_format::unpublished},
}};
// clang-format on

/// The reference profile of a generation.
[[nodiscard]] constexpr auto part_of(generation which) noexcept -> const cpu_part& {
  return generation_parts[static_cast<unsigned>(which)];
}

/// "naples", "rome", "milan", "genoa", "turin".
[[nodiscard]] constexpr auto name_of(generation which) noexcept -> const char* {
  switch (which) {
    case generation::naples: return "naples";
    case generation::rome:   return "rome";
    case generation::milan:  return "milan";
    case generation::genoa:  return "genoa";
    case generation::turin:  return "turin";
  }
  return "?";
}

}  // namespace sevspec::inline v0

#endif
