// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CPUID_LOOKUP_HPP
#define SEVSPEC_LAYOUT_CPUID_LOOKUP_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sevspec/layout/codes/sizes_and_limits.hpp>
#include <sevspec/layout/cpuid_page.hpp>

/// Answering CPUID from the page that firmware checked, instead of asking the hypervisor.
namespace sevspec::inline v0::layout {

/// Records in use, or nothing if the page has none or claims more than the 64 it has room for: a guest that finds such
/// a page terminates.   VC-CPUID-01; SNP ABI 8.17.2.6
template <class Storage>
[[nodiscard]] constexpr auto cpuid_count(const basic_cpuid_page<Storage>& page) noexcept -> std::optional<std::size_t> {
  if (page.count() == 0 || page.count() > sizes_and_limits::snp_cpuid_max) return std::nullopt;
  return page.count();
}

/// Whether CPUID looks at ECX for this function: the rule's list, with 1Fh and 24h from Linux and 8000_0026h from the
/// manual.   VC-CPUID-02; APM vol. 3, appendix E; torvalds/linux arch/x86/kvm/cpuid.c
[[nodiscard]] constexpr auto has_subfunctions(std::uint32_t eax) noexcept -> bool {
  switch (eax) {
    case 0x4:
    case 0x7:
    case 0xB:
    case 0xD:
    case 0xF:
    case 0x10:
    case 0x12:
    case 0x14:
    case 0x17:
    case 0x18:
    case 0x1D:
    case 0x1E:
    case 0x1F:
    case 0x24:
    case 0x8000'001D:
    case 0x8000'0020:
    case 0x8000'0026: return true;
    default:          return false;
  }
}

/// The record that answers CPUID for a guest: the first with this function and, where the function has sub-functions,
/// this sub-function. Of function Dh, sub-functions 0 and 1, only records made for XSS = 0 and the least XCR0 (1 or 3)
/// count.
/// @return nothing if no record answers, or if the page's count is out of range   VC-CPUID-02
template <class Storage>
[[nodiscard]] constexpr auto find_cpuid(const basic_cpuid_page<Storage>& page, std::uint32_t eax, std::uint32_t ecx)
    -> std::optional<cpuid_page_entry> {
  const std::size_t count = cpuid_count(page).value_or(0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = page.entry(i);
    if (entry.eax_in() != eax) continue;
    if (has_subfunctions(eax) && entry.ecx_in() != ecx) continue;
    if (eax == 0xD && ecx <= 1 && (entry.xss_in() != 0 || (entry.xcr0_in() != 1 && entry.xcr0_in() != 3))) continue;
    return cpuid_page_entry{entry};
  }
  return std::nullopt;
}

/// Which form of the XSAVE area is meant.   APM vol. 2, 11.5
enum class xsave_form : std::uint8_t {
  standard,   ///< XSAVE: every component at its fixed offset
  compacted,  ///< XSAVEC, XSAVES: components follow one another
};

/// Bytes of the XSAVE area for a set of enabled components: what CPUID Fn0000_000D reports in EBX for sub-function 0
/// (standard, XCR0) and 1 (compacted, XCR0 | XSS). The page's own EBX values hold for the features that were enabled
/// when it was made, so a guest has to compute them.   VC-CPUID-04; APM vol. 3, appendix E, Fn0000_000D; APM vol. 2,
/// 11.5.2
///
/// Components 0 and 1 (x87, SSE) and the header take 240h bytes. Component i > 1 is described by sub-function i: EAX
/// its size, EBX its offset in the standard form, ECX[0] supervisor state (not part of the standard form), ECX[1]
/// aligned to 64 bytes in the compacted form. (Linux adds the sizes up without that alignment.)
///
/// @param components  bit i: component i is enabled
/// @return nothing if the page has no record of an enabled component, or a record that adds up to more than 32 bits
template <class Storage>
[[nodiscard]] constexpr auto xsave_area_size(const basic_cpuid_page<Storage>& page, std::uint64_t components,
                                             xsave_form form) -> std::optional<std::uint32_t> {
  std::uint64_t size = 0x240;
  for (unsigned i = 2; i < 64; ++i) {
    if (!bit_at(components, i)) continue;
    const auto entry = find_cpuid(page, 0xD, i);
    if (!entry) return std::nullopt;
    if (form == xsave_form::standard) {
      if (bit_at(entry->ecx(), 0)) continue;
      const std::uint64_t end = std::uint64_t{entry->ebx()} + entry->eax();
      if (end > size) size = end;
    } else {
      if (bit_at(entry->ecx(), 1)) size = (size + 63) / 64 * 64;
      size += entry->eax();
    }
  }
  if (size >> 32 != 0) return std::nullopt;
  return static_cast<std::uint32_t>(size);
}

}  // namespace sevspec::inline v0::layout

#endif
