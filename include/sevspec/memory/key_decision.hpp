// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_KEY_DECISION_HPP
#define SEVSPEC_MEMORY_KEY_DECISION_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/key_selection.hpp>

/// Tables 15-30 and 15-31 of the manual as one function: which key a single reference uses, asked without page tables.
/// Walks come to the same answers step by step.
namespace sevspec::inline v0::memory {

/// What a reference is for, as far as its key depends on it.
enum class keyed_access : std::uint8_t {
  data,
  fetch,
  guest_table,   ///< a read or A/D update of an entry of the guest's tables; in the host, of its own tables
  nested_table,  ///< the same of nested tables
};

/// Where the gPA of a reference lies while virtual TOM is in force.
enum class vtom_side : std::uint8_t { no_vtom, below, at_or_above };

/// Everything that the key of one reference depends on.
struct key_question {
  bool encryption{};  ///< SYSCFG.MemEncryptionModEn
  bool guest{};       ///< in guest mode
  bool sev{};         ///< VMCB 090h bit 1
  bool sev_es{};      ///< VMCB 090h bit 2
  bool vte{};         ///< VMCB 090h bit 5
  keyed_access what{};
  bool has_c_bit = true;  ///< the guest's (host's) tables have a C-bit: long mode or PAE
  bool first_c{};         ///< C-bit of the guest's or host's entry (or CR3) that supplied the address
  bool nested_c{};        ///< C-bit of the nested entry (or nCR3) that supplied the address
  vtom_side side = vtom_side::no_vtom;
};

/// The key of a reference.   APM vol. 2, 15.34.3 to 15.34.5, 15.34.11, 15.36.8
/// @param id  the guest's ASID
template <class Context>
[[nodiscard]] constexpr auto key_of(Context& ctx, const key_question& asked, asid id) -> memory_key {
  if (!asked.encryption) return memory_key::none();                                      // PAG-KEY-01, PAG-SYSCFG-02
  if (!asked.guest) return key_for_pointer(asked.has_c_bit && asked.first_c);            // PAG-KEY-02, PAG-ENC-06
  if (asked.what == keyed_access::nested_table) return key_for_pointer(asked.nested_c);  // PAG-KEY-04, PAG-KEY-07

  const bool always_private = asked.what != keyed_access::data;  // PAG-KEY-05, PAG-KEY-06
  bool effective = effective_c(asked.sev, always_private, asked.has_c_bit, asked.first_c);
  if (ctx.applies(rule::PAG_KEY_11, asked.sev && asked.side != vtom_side::no_vtom && !always_private))
    effective = asked.side == vtom_side::below;
  if (ctx.applies(rule::PAG_KEY_10, asked.sev && asked.vte && !asked.sev_es)) effective = true;  // PAG-KEY-14
  return key_for_guest(effective, id, asked.nested_c);
}

}  // namespace sevspec::inline v0::memory

#endif
