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

/// Records in use, or nothing if the page claims more than the 64 it has room for.   SNP ABI 8.17.2.6
template <class Storage>
[[nodiscard]] constexpr auto cpuid_count(const basic_cpuid_page<Storage>& page) noexcept -> std::optional<std::size_t> {
  if (page.count() > sizes_and_limits::snp_cpuid_max) return std::nullopt;
  return page.count();
}

/// The record of a function and sub-function: the first with these inputs. Nothing if there is none, or if the page's
/// count is out of range.
template <class Storage>
[[nodiscard]] constexpr auto find_cpuid(const basic_cpuid_page<Storage>& page, std::uint32_t eax, std::uint32_t ecx)
    -> std::optional<cpuid_page_entry> {
  const std::size_t count = cpuid_count(page).value_or(0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = page.entry(i);
    if (entry.eax_in() == eax && entry.ecx_in() == ecx)
      return cpuid_page_entry{std::span<const std::uint8_t, size_of<cpuid_page_entry>>{entry.bytes()}};
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
/// when it was made, so a guest has to compute them.   APM vol. 3, E.3.13; APM vol. 2, 11.5.2
///
/// Components 0 and 1 (x87, SSE) and the header take 240h bytes. Component i > 1 is described by sub-function i: EAX its
/// size, EBX its offset in the standard form, ECX[0] supervisor state (not part of the standard form), ECX[1] aligned to
/// 64 bytes in the compacted form.
///
/// @param components  bit i: component i is enabled
/// @return nothing if the page has no record of an enabled component, or a record that adds up to more than 32 bits
template <class Storage>
[[nodiscard]] constexpr auto xsave_area_size(const basic_cpuid_page<Storage>& page, std::uint64_t components,
                                             xsave_form form) -> std::optional<std::uint32_t> {
  std::uint64_t size = 0x240;
  for (unsigned i = 2; i < 63; ++i) {
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
