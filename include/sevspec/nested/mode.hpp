// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_MODE_HPP
#define SEVSPEC_NESTED_MODE_HPP

#include <cstdint>

#include <sevspec/cpu/world_switch/logical_processor.hpp>

/// A hypervisor L1 that is a guest of L0, and its own guests, L2: who has which key, and who trusts whom.
namespace sevspec::inline v0::nested {

/// The protection of a guest, L1 or L2: none, SEV, SEV-ES or SEV-SNP.
using cpu::guest_kind;

/// How L1 and its guests share what SEV gives.
///
///     mode  | L1            | L2                 | keys                 | L2 trusts
///     ------+---------------+--------------------+----------------------+----------
///     plain | without SEV   | without SEV        | none                 | L0, L1
///     ms    | without SEV   | SNP                | L2's own             | nobody
///     vmpl  | SNP, VMPL 0   | the same guest at  | one                  | L1
///           |               | a lower VMPL       |                      |
///     virt  | SEV, ES, SNP  | as L1              | everybody their own  | nobody
///     pass  | SEV, ES, SNP  | as L1              | L1's                 | L1
enum class mode : std::uint8_t {
  plain,
  ms,    ///< Hyper-V with SNP guests of a plain L1
  vmpl,  ///< Hecate, OpenHCL
  virt,  ///< SEV virtualization
  pass,  ///< SEV passthrough
};

/// "plain", "MS", "VMPL", "VIRT" or "PASS".
[[nodiscard]] constexpr auto name_of(mode how) noexcept -> const char* {
  switch (how) {
    case mode::plain: return "plain";
    case mode::ms:    return "MS";
    case mode::vmpl:  return "VMPL";
    case mode::virt:  return "VIRT";
    case mode::pass:  return "PASS";
  }
  return "?";
}

/// What a mode gives.
struct mode_facts {
  bool l1_encrypted{};       ///< L1 itself is a guest with SEV
  bool l2_encrypted{};       ///< its guests are
  bool own_keys{};           ///< L2s have keys and ASIDs of their own
  bool l1_from_l0{};         ///< L1 is protected from L0
  bool l2_from_l1{};         ///< L2 is protected from L1
  bool many_guests{};        ///< L1 can have several L2s
  bool variants{};           ///< SEV and SEV-ES, too; else SNP alone
  bool vmpls_free{};         ///< VMPLs are left for the guests' own use (NES-RMP-09)
  bool nested_tables{};      ///< L1 has nested tables of its own for L2
  bool secure_processor{};   ///< L1 uses a virtual AMD-SP
  bool virtual_ownership{};  ///< L1 uses VIRT_RMPUPDATE, if the guests are SNP guests

  friend constexpr auto operator==(const mode_facts&, const mode_facts&) -> bool = default;
};

/// The table above, as data.
[[nodiscard]] constexpr auto facts_of(mode how) noexcept -> mode_facts {
  switch (how) {
    case mode::plain: return {.many_guests = true, .vmpls_free = true, .nested_tables = true};
    case mode::ms:
      return {.l2_encrypted = true,
              .own_keys = true,
              .l2_from_l1 = true,
              .many_guests = true,
              .vmpls_free = true,
              .nested_tables = true,
              .secure_processor = true,
              .virtual_ownership = true};
    case mode::vmpl: return {.l1_encrypted = true, .l2_encrypted = true, .l1_from_l0 = true};
    case mode::virt:
      return {.l1_encrypted = true,
              .l2_encrypted = true,
              .own_keys = true,
              .l1_from_l0 = true,
              .l2_from_l1 = true,
              .many_guests = true,
              .variants = true,
              .vmpls_free = true,
              .nested_tables = true,
              .secure_processor = true,
              .virtual_ownership = true};
    case mode::pass:
      return {.l1_encrypted = true,
              .l2_encrypted = true,
              .l1_from_l0 = true,
              .many_guests = true,
              .variants = true,
              .vmpls_free = true,
              .nested_tables = true,
              .virtual_ownership = true};
  }
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
