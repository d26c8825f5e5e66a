// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_TRANSLATION_CACHE_HPP
#define SEVSPEC_PAGING_TRANSLATION_CACHE_HPP

#include <concepts>
#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/permissions.hpp>

namespace sevspec::inline v0::paging {

/// Whose linear addresses: the tag of TLB entries besides the address.   PAG-TLB-01; APM vol. 2, 5.5.1, 15.16
struct address_space {
  asid id{};             ///< 0: the host
  std::uint16_t pcid{};  ///< CR3[11:0] while CR4.PCIDE=1, else 0

  friend constexpr auto operator==(address_space, address_space) -> bool = default;
};

/// The address space that registers select.
[[nodiscard]] constexpr auto address_space_of(const control_registers& regs, asid id) noexcept -> address_space {
  const bool tagged = cr4::pcide::test(regs.cr4) && efer::lma::test(regs.efer);
  return {.id = id, .pcid = static_cast<std::uint16_t>(tagged ? regs.cr3 & 0xfff : 0)};
}

/// One class of references that a TLB tells apart: what is done, and whether by the user. Ten bits.
[[nodiscard]] constexpr auto access_class(const memory_access& why) noexcept -> std::uint16_t {
  return static_cast<std::uint16_t>(1U << (2 * static_cast<unsigned>(why.kind) + (why.is_user() ? 1U : 0U)));
}

/// What a reference's permissions depend on besides its class and its page, and may change without a flush: PKRU,
/// RFLAGS.AC, implicit references, CR0.WP, CR4.SMEP, CR4.SMAP, CR4.PKE and EFER.NXE. Never 0.
template <class Regime>
[[nodiscard]] constexpr auto judged_by(const Regime& regime, const memory_access& why) noexcept -> std::uint64_t {
  const std::uint64_t flags = 1U | std::uint64_t{regime.write_protect} << 1 | std::uint64_t{regime.smep} << 2 |
                              std::uint64_t{regime.smap} << 3 | std::uint64_t{regime.protection_keys} << 4 |
                              std::uint64_t{why.alignment_check} << 5 | std::uint64_t{why.implicit_supervisor} << 6 |
                              std::uint64_t{regime.nxe} << 7;
  return std::uint64_t{why.pkru} << 32 | flags;
}

/// One completed translation as a TLB holds it: enough to judge later references without a walk.
///
/// What may differ between two references of one class without a TLB flush - PKRU, RFLAGS.AC, CR0.WP, CR4.SMEP,
/// CR4.SMAP, CR4.PKE, EFER.NXE - is judged again at a hit for which it did. What cannot - nested rights, page ownership,
/// D bits - is known from the walk that succeeded: a translation serves those classes of references for which one did
/// (`served`). So none that was made while D=0 serves a write (PAG-AD-03), and ownership counts as of the time of the walk
/// (PAG-ASID-08).
struct cached_translation {
  static constexpr std::uint64_t no_virtual_tom = ~std::uint64_t{};

  page_size size{};        ///< the effective page (PAG-NPT-18)
  bool global{};           ///< G of the host's or the guest's leaf, with CR4.PGE
  std::uint64_t linear{};  ///< first byte of the page, as translated
  gpa guest{};             ///< in guest mode the page's gPA
  spa page{};              ///< the page's sPA
  page_rights rights{};    ///< of the host's or the guest's tables
  bool c{};                ///< C-bit of the host's or the guest's leaf
  bool nested_c{};         ///< C-bit of the nested leaf
  entry leaf{};            ///< of the host's or the guest's tables, as the reference left it; A does not count
  vmpl level{};            ///< the VMPL that walked: permissions of another may differ
  std::uint64_t virtual_tom = no_virtual_tom;  ///< what privacy was decided by, where virtual TOM is in force
  std::uint64_t judged{};                      ///< what `served` was judged by, see `judged_by`; 0: by several things
  std::uint16_t served{};                      ///< classes of references, see `access_class`

  friend constexpr auto operator==(const cached_translation&, const cached_translation&) -> bool = default;
};

/// Where translations are kept between references; `tlb` is one, yours may be another.
///
/// - `find(space, linear)`: the translation of the page that holds the address, or null
/// - `fill(space, translation)`: keeps a translation; one of the same page and space is replaced
template <class T>
concept translation_cache =
    requires(T& cache, const T& fixed, address_space space, std::uint64_t linear, const cached_translation& found) {
      { cache.find(space, linear) } -> std::convertible_to<const cached_translation*>;
      cache.fill(space, found);
    };

/// Keeps nothing: every reference is walked.
struct no_translation_cache {
  [[nodiscard]] constexpr auto find(address_space, std::uint64_t) const noexcept -> const cached_translation* {
    return nullptr;
  }
  constexpr void fill(address_space, const cached_translation&) noexcept {}
};

}  // namespace sevspec::inline v0::paging

#endif
