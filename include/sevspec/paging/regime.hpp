// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_REGIME_HPP
#define SEVSPEC_PAGING_REGIME_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/canonical.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/entry.hpp>

namespace sevspec::inline v0::paging {

/// Deepest page tables: PML5 to PT.
inline constexpr unsigned max_levels = 5;

/// Everything that one stage of translation takes from control registers and the part, worked out once when they
/// change so that a walk does not look at a register.
/// @tparam Stage  whose tables
/// @tparam From   the space whose addresses the tables translate
/// @tparam To     the space that entries point into, and in which the tables themselves lie
template <stage Stage, class From, class To>
struct paging_regime {
  /// What entries of one level are judged by.
  struct level_masks {
    std::uint64_t zero_in_pointer{};  ///< bits that must be zero in an entry that points to a table
    std::uint64_t zero_in_leaf{};     ///< bits that must be zero in an entry that maps a page
    /// An entry whose `plain_bits` equal `plain_value` is present and accessed, points to a table, and has no reserved
    /// bit set: there is nothing more to check. Never equal at level 1.
    std::uint64_t plain_bits{};
    std::uint64_t plain_value{1};
    friend constexpr auto operator==(const level_masks&, const level_masks&) -> bool = default;
  };

  unsigned levels{};                                ///< 4 or 5; 3: PAE; 2: 32-bit entries; 0: paging is off
  std::uint64_t root{};                             ///< CR3, gCR3 or nCR3: table base, and the C-bit where legal
  std::uint64_t c_mask{};                           ///< the C-bit where it is legal, else 0
  std::uint64_t base_mask{};                        ///< the table base in an entry: bits 51:12 without the C-bit
  std::uint64_t above_width{};                      ///< address bits [51:W] that must be zero
  std::uint64_t vtom_c{};                           ///< the C-bit where virtual TOM makes it reserved, else 0
  std::uint64_t beyond_index{};                     ///< bits of an address to translate that no table is indexed by
  std::array<level_masks, max_levels + 1> masks{};  ///< by level; [0] unused

  bool nxe{};                   ///< EFER.NXE
  bool write_protect{};         ///< CR0.WP
  bool smep{};                  ///< CR4.SMEP
  bool smap{};                  ///< CR4.SMAP
  bool protection_keys{};       ///< CR4.PKE
  bool gb_pages{};              ///< the part has 1 GiB pages
  bool global_pages{};          ///< CR4.PGE
  bool upper_address_ignore{};  ///< EFER.UAIE
  bool large_32_bit{};          ///< CR4.PSE: 4M pages in tables of 32-bit entries
  bool snp_enabled{};           ///< host tables: SYSCFG.SecureNestedPagingEn, so that pages have owners
  bool in_use_write_allowed{};  ///< host tables: the part lets the host write its pages that VMRUN holds

  friend constexpr auto operator==(const paging_regime&, const paging_regime&) -> bool = default;
};

using host_regime = paging_regime<stage::host, host_virtual, system_physical>;
using guest_regime = paging_regime<stage::guest, guest_virtual, guest_physical>;
using nested_regime = paging_regime<stage::nested, guest_physical, system_physical>;

/// Why registers give no regime.
struct register_error {
  enum class kind : std::uint8_t {
    reserved,      ///< the processor refuses the value: #GP(0) when written, VMEXIT_INVALID at VMRUN
    inconsistent,  ///< no processor holds these values together
    not_modelled,  ///< a mode this version of the library does not translate
  };
  kind what{};
  rule decided_by = rule::none;
  const char* field = "";   ///< the register or field: "CR3"
  const char* reason = "";  ///< one phrase
  std::uint64_t value{};    ///< the offending value

  /// Texts compare by their letters, not by where they lie.
  friend constexpr auto operator==(const register_error& a, const register_error& b) noexcept -> bool {
    return a.what == b.what && a.decided_by == b.decided_by && a.value == b.value && same_text(a.field, b.field) &&
           same_text(a.reason, b.reason);
  }

 private:
  static constexpr auto same_text(const char* a, const char* b) noexcept -> bool {
    for (; *a == *b; ++a, ++b)
      if (*a == '\0') return true;
    return false;
  }
};

/// How wide addresses in a domain's entries are, and whether the C-bit means anything there.
struct entry_width {
  unsigned bits{};           ///< W: address bits [51:W] are reserved
  std::uint64_t c_mask{};    ///< the C-bit if legal, else 0
  std::uint64_t reserved{};  ///< the C-bit if virtual TOM makes it reserved wherever it lies (PAG-RSV-07), else 0
};

/// Width of host and nested tables (PAG-RSV-03, PAG-RSV-04).   APM vol. 2, 15.34.1
[[nodiscard]] constexpr auto host_entry_width(const cpu_part& part, bool memory_encryption) noexcept -> entry_width {
  if (!memory_encryption) return {.bits = part.pa_bits, .c_mask = 0};
  return {.bits = part.pa_bits - part.reduction, .c_mask = std::uint64_t{1} << part.c_bit};
}

/// Width of guest tables (PAG-RSV-05, PAG-RSV-06): never reduced.   APM vol. 2, 15.34.6, 15.36.8
/// @param vtom  virtual TOM is in force: the C-bit is reserved (PAG-RSV-07)
[[nodiscard]] constexpr auto guest_entry_width(const cpu_part& part, bool sev_active, bool vtom = false) noexcept
    -> entry_width {
  const std::uint64_t c_bit = sev_active ? std::uint64_t{1} << part.c_bit : 0;  // else its position is unchecked
  return {.bits = part.pa_bits, .c_mask = sev_active && !vtom ? c_bit : 0, .reserved = vtom ? c_bit : 0};
}

/// Checks a processor's parameters: widths that exist and, where memory encryption uses them, a reduction that leaves
/// addresses and a C-bit above them.
/// @param memory_encryption  SYSCFG.MemEncryptionModEn; without it C-bit and reduction have no meaning
[[nodiscard]] constexpr auto check_part(const cpu_part& part, bool memory_encryption = true) noexcept
    -> std::expected<void, register_error> {
  const auto refuse = [](const char* field, const char* reason, unsigned value) {
    return std::unexpected{register_error{register_error::kind::inconsistent, rule::none, field, reason, value}};
  };
  if (part.pa_bits < 36 || part.pa_bits > 52) return refuse("pa_bits", "must be 36 to 52", part.pa_bits);
  if (!memory_encryption) return {};
  if (part.c_bit < 32 || part.c_bit > 51) return refuse("c_bit", "must be 32 to 51", part.c_bit);
  if (part.reduction > part.pa_bits - 30) return refuse("reduction", "leaves less than 1 GiB", part.reduction);
  if (part.c_bit < part.pa_bits - part.reduction)
    return refuse("c_bit", "lies inside the physical address that encryption leaves", part.c_bit);
  return {};
}

/// Checks SYSCFG: what the part does not have, and modes that would change a walk and are not modelled.
[[nodiscard]] constexpr auto check_syscfg(const cpu_part& part, std::uint64_t value) noexcept
    -> std::expected<void, register_error> {
  const auto refuse = [&](register_error::kind what, const char* reason) {
    return std::unexpected{register_error{what, rule::none, "SYSCFG", reason, value}};
  };
  if (syscfg::secure_nested_paging_en::test(value) && !part.snp_capable)
    return refuse(register_error::kind::reserved, "the part has no SEV-SNP (bit 24)");
  if (syscfg::host_multi_key_en::test(value))
    return refuse(register_error::kind::not_modelled, "host multi-key encryption (bit 26)");
  return {};
}

namespace detail {

/// Fills the masks by level.   The layout table of `entry.hpp`, PAG-RSV-01, 02, 08, PAG-ENT-03.
template <class Regime>
constexpr void set_entry_masks(Regime& regime, entry_width width) noexcept {
  regime.c_mask = width.c_mask;
  regime.vtom_c = width.reserved;
  regime.base_mask = entry::base::mask & ~width.c_mask & ~width.reserved;
  regime.above_width = bit_range(51, width.bits) & ~width.c_mask & ~width.reserved;
  const std::uint64_t everywhere = regime.above_width | width.reserved | (regime.nxe ? 0 : entry::nx::mask);

  for (unsigned level = 1; level <= max_levels; ++level) {
    auto& masks = regime.masks[level];
    masks.zero_in_pointer = masks.zero_in_leaf = everywhere;
    if (level == 2) masks.zero_in_leaf |= bits<20, 13>::mask;
    if (level == 3) masks.zero_in_leaf |= bits<29, 13>::mask | (regime.gb_pages ? 0 : entry::ps::mask);
    if (level >= 4) {
      masks.zero_in_pointer |= entry::ps::mask | entry::g::mask;
      masks.zero_in_leaf |= entry::ps::mask | entry::g::mask;
    }
    if (level >= 2) {
      masks.plain_value = entry::p::mask | entry::a::mask;
      masks.plain_bits = masks.plain_value | entry::ps::mask | masks.zero_in_pointer;
    }
  }
}

/// The same for PAE and 32-bit tables: the differences of the layout.   PAG-RSV-01, PAG-RSV-10, PAG-ENT-04
template <class Regime>
constexpr void set_short_entry_masks(Regime& regime, entry_width width, pse36_width large_pages) noexcept {
  if (regime.levels == 2) {  // addresses have 40 bits, the C-bit has no place
    regime.c_mask = 0;
    regime.base_mask = bits<39, 12>::mask;
    regime.masks[2].zero_in_leaf = bit<21>::mask;
    // Address bits above the width are reserved here, too: bits 39:32 are bits 20:13 of the entry.
    if (width.bits < 40) regime.masks[2].zero_in_leaf |= bit_range(20, width.bits > 32 ? width.bits - 19 : 13);
    if (large_pages == pse36_width::bits_36) regime.masks[2].zero_in_leaf |= bits<20, 17>::mask;
    if (large_pages == pse36_width::bits_32) regime.masks[2].zero_in_leaf |= bits<20, 13>::mask;
    return;
  }
  set_entry_masks(regime, width);
  constexpr std::uint64_t above_addresses = bits<62, 52>::mask;
  for (unsigned level = 1; level <= 2; ++level) {
    regime.masks[level].zero_in_pointer |= above_addresses;
    regime.masks[level].zero_in_leaf |= above_addresses;
  }
  // A PDPE has no rights, no A bit, and is no leaf.
  regime.masks[3] = {.zero_in_pointer = regime.above_width | regime.vtom_c | entry::nx::mask | above_addresses |
                                        bits<2, 1>::mask | bits<8, 5>::mask};
}

}  // namespace detail

/// How a refusal calls the registers.
struct register_names {
  const char* cr0;
  const char* cr3;
  const char* cr4;
  const char* efer;
};
template <class Regime>
inline constexpr register_names register_names_of{"CR0", "CR3", "CR4", "EFER"};
template <>
inline constexpr register_names register_names_of<guest_regime>{"guest CR0", "guest CR3", "guest CR4", "guest EFER"};
template <>
inline constexpr register_names register_names_of<nested_regime>{"host CR0", "nCR3", "host CR4", "host EFER"};

/// The regime that registers select; `make_host_regime` and `make_two_stage_regime` are the usual ways to it.   APM
/// vol. 2, 5.1, 5.3
/// @param part   the processor; `check_part` must accept it
/// @param regs   CR0, CR3 (gCR3, nCR3), CR4, EFER of the domain that owns the tables; for nested tables the VMM's, with
///               nCR3 in `cr3` (PAG-NPT-01)
/// @param width  `host_entry_width` or `guest_entry_width`
/// @return the regime; or which register is wrong, and why
template <class Regime, class Context>
[[nodiscard]] constexpr auto make_regime(Context& ctx, const cpu_part& part, const control_registers& regs,
                                         entry_width width) -> std::expected<Regime, register_error> {
  using enum register_error::kind;
  const auto refuse = [](register_error::kind what, rule why, const char* field, const char* reason,
                         std::uint64_t value) {
    return std::unexpected{register_error{what, why, field, reason, value}};
  };
  constexpr register_names names = register_names_of<Regime>;
  Regime regime{};
  if (ctx.denies(rule::PAG_PERM_09, cr4::pks::test(regs.cr4)))
    return refuse(reserved, rule::PAG_PERM_09, names.cr4, "PKS does not exist on AMD", regs.cr4);
  if (ctx.applies(rule::PAG_MODE_01, !cr0::pg::test(regs.cr0))) return regime;

  // PAG-MODE-08: a guest can have PE=0 with PG=1, and translates as with PE=1 at CPL 0; but not in long mode.
  if ((!std::same_as<Regime, guest_regime> || efer::lma::test(regs.efer)) && !cr0::pe::test(regs.cr0))
    return refuse(inconsistent, rule::none, names.cr0, "PG=1 needs PE=1", regs.cr0);
  regime.write_protect = cr0::wp::test(regs.cr0);
  regime.smep = cr4::smep::test(regs.cr4);
  regime.smap = cr4::smap::test(regs.cr4);
  regime.global_pages = cr4::pge::test(regs.cr4);

  if (!efer::lma::test(regs.efer)) {  // PAG-MODE-02, PAG-MODE-03, PAG-CR3-04
    const bool pae = cr4::pae::test(regs.cr4);
    regime.levels = pae ? 3 : 2;
    regime.nxe = pae && efer::nxe::test(regs.efer);
    regime.large_32_bit = cr4::pse::test(regs.cr4);
    regime.beyond_index = bits<63, 32>::mask;
    detail::set_short_entry_masks(regime, width, ctx.choices.pse36_bits);
    if (ctx.denies(rule::PAG_CR3_03, (regs.cr3 & bit_range(63, width.bits)) != 0))
      return refuse(reserved, rule::PAG_CR3_03, names.cr3, "address bits above the physical width must be zero",
                    regs.cr3);
    regime.root = regs.cr3 & (pae ? bits<31, 5>::mask : bits<31, 12>::mask);
    return regime;
  }
  if (!cr4::pae::test(regs.cr4)) return refuse(inconsistent, rule::none, names.cr4, "long mode needs PAE=1", regs.cr4);
  if (cr4::la57::test(regs.cr4) && !part.la57)
    return refuse(reserved, rule::none, names.cr4, "the part has no five-level paging (LA57)", regs.cr4);
  constexpr bool linear = !std::same_as<Regime, nested_regime>;  // gPAs have no upper bits to ignore
  if (linear && efer::uaie::test(regs.efer) && !part.upper_address_ignore)
    return refuse(reserved, rule::none, names.efer, "the part has no upper address ignore (UAIE)", regs.efer);
  regime.upper_address_ignore = linear && efer::uaie::test(regs.efer);  // PAG-CAN-03

  // PAG-MODE-04, PAG-CR3-01: bits 11:0 of CR3 take no part in the walk. PAG-ENC-CR3, PAG-ENC-02: a legal C-bit does.
  regime.levels = cr4::la57::test(regs.cr4) ? 5 : 4;
  regime.nxe = efer::nxe::test(regs.efer);
  regime.gb_pages = part.gb_pages;
  regime.beyond_index = bit_range(63, translated_bits(regime.levels));
  detail::set_entry_masks(regime, width);
  if (ctx.denies(rule::PAG_CR3_01, bits<63, 52>::get(regs.cr3) != 0))
    return refuse(reserved, rule::PAG_CR3_01, names.cr3, "bits 63:52 must be zero", regs.cr3);
  if (ctx.denies(rule::PAG_CR3_03, (regs.cr3 & regime.above_width) != 0))
    return refuse(reserved, rule::PAG_CR3_03, names.cr3, "address bits above the physical width must be zero",
                  regs.cr3);
  regime.root = regs.cr3 & (regime.base_mask | regime.c_mask);

  regime.protection_keys = cr4::pke::test(regs.cr4);
  return regime;
}

/// Host tables: CR3 outside guest mode.
/// @param system_config  MSR SYSCFG; bit 23 turns memory encryption on (PAG-SYSCFG-02)
template <class Context>
[[nodiscard]] constexpr auto make_host_regime(Context& ctx, const cpu_part& part, const control_registers& regs,
                                              std::uint64_t system_config = 0)
    -> std::expected<host_regime, register_error> {
  if (const auto sound = check_syscfg(part, system_config); !sound) return std::unexpected{sound.error()};
  const bool encryption = syscfg::mem_encryption_mod_en::test(system_config);
  if (const auto sound = check_part(part, encryption); !sound) return std::unexpected{sound.error()};
  auto regime = make_regime<host_regime>(ctx, part, regs, host_entry_width(part, encryption));
  if (regime) {
    regime->snp_enabled = syscfg::secure_nested_paging_en::test(system_config);
    regime->in_use_write_allowed = part.hv_in_use_write;
  }
  return regime;
}

}  // namespace sevspec::inline v0::paging

#endif
