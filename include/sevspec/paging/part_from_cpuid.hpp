// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_PART_FROM_CPUID_HPP
#define SEVSPEC_PAGING_PART_FROM_CPUID_HPP

#include <algorithm>
#include <cstdint>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/layout/cpuid.hpp>

namespace sevspec::inline v0::paging {

/// The CPUID words that a `cpu_part` is made of.   APM vol. 3, appendix E
struct part_words {
  std::uint32_t fn7_ecx{};  ///< Fn0000_0007, subfunction 0
  std::uint32_t fn8000_0001_edx{};
  std::uint32_t fn8000_0008_eax{};
  std::uint32_t fn8000_000a_edx{};
  std::uint32_t fn8000_001f_eax{};
  std::uint32_t fn8000_001f_ebx{};
  std::uint32_t fn8000_001f_ecx{};
  std::uint32_t fn8000_001f_edx{};
  std::uint32_t fn8000_0021_eax{};
};

/// A processor as its CPUID describes it.   PAG-CPUID-01
/// @param like  what CPUID does not tell (cipher, RMP format, page-modification logging): as this part
[[nodiscard]] constexpr auto part_from_cpuid(const part_words& words, const cpu_part& like) noexcept -> cpu_part {
  const layout::cpuid_8000001f_eax features{words.fn8000_001f_eax};
  const layout::cpuid_8000001f_ebx widths{words.fn8000_001f_ebx};
  const layout::cpuid_8000000a_edx svm{words.fn8000_000a_edx};
  cpu_part part = like;
  part.pa_bits = words.fn8000_0008_eax & 0xff;
  part.c_bit = widths.c_bit_position();
  part.reduction = widths.phys_addr_reduction();
  part.gb_pages = bit<26>::test(words.fn8000_0001_edx);
  part.la57 = bit<16>::test(words.fn7_ecx);
  part.sev_es = features.sev_es();
  part.snp_capable = features.sev_snp();
  part.gmet = svm.gmet();
  part.sss_check = svm.sss_check();
  part.rogpt = svm.ro_gpt();
  part.vte = features.vte();
  part.flush_by_asid = svm.flush_by_asid();
  part.upper_address_ignore = bit<7>::test(words.fn8000_0021_eax);
  part.hv_in_use_write = features.hv_inuse_wr_allowed();
  part.segmented_rmp = features.segmented_rmp();
  part.hw_coherent = features.hw_enf_cache_coh();
  part.encrypted_guests = words.fn8000_001f_ecx;
  part.min_sev_no_es_asid = words.fn8000_001f_edx;
  return part;
}

/// How many bits the gPAs have that a SEV guest can use: those below its C-bit and inside the guest-physical width.
/// PAG-CPUID-03
/// @param fn8000_0008_eax  as the guest sees it: EAX[23:16] is the guest-physical width, or 0; EAX[7:0] the physical
///        one
/// @param c_bit            as the guest sees it
[[nodiscard]] constexpr auto usable_gpa_bits(std::uint32_t fn8000_0008_eax, unsigned c_bit) noexcept -> unsigned {
  const unsigned guest_width = fn8000_0008_eax >> 16 & 0xff;
  return std::min(c_bit, guest_width != 0 ? guest_width : fn8000_0008_eax & 0xff);
}

}  // namespace sevspec::inline v0::paging

#endif
