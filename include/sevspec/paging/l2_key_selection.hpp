// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_L2_KEY_SELECTION_HPP
#define SEVSPEC_PAGING_L2_KEY_SELECTION_HPP

#include <sevspec/base/choices.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/key_selection.hpp>

namespace sevspec::inline v0::paging {

/// What the key of an L2 reference depends on, once its address has been translated.
struct l2_key_query {
  bool effective_c{};    ///< the reference is encrypted from L2's side: false unless L2 runs with SEV
  asid l2{};             ///< the ASID the processor runs L2 under; L1's own if both share it (NES-KEY-03)
  bool l1_sev_active{};  ///< L1 runs with SEV
  asid l1{};             ///< the ASID the processor runs L1 under
  bool npt12_c{};        ///< C-bit of nPT12's leaf
  bool npt01_c{};        ///< C-bit of nPT01's leaf, which nPT02's leaf takes over
};

/// The key of an L2 reference (PAG-L2C-04, NES-KEY-01).
/// @param model  hardware, which sees nPT02 alone; or the thought model of three stages, in which L1's C-bit selects
///               L1's key as L0's selects the host's
[[nodiscard]] constexpr auto key_for_l2(l2_key_model model, const l2_key_query& about) noexcept -> memory_key {
  if (about.effective_c) return memory_key::guest(about.l2);
  if (model == l2_key_model::three_stage && about.l1_sev_active && about.npt12_c) return memory_key::guest(about.l1);
  return memory::key_for_pointer(about.npt01_c);
}

}  // namespace sevspec::inline v0::paging

#endif
