// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_CHOICES_HPP
#define SEVSPEC_BASE_CHOICES_HPP

#include <cstdint>

namespace sevspec::inline v0 {

/// When the accessed bits of upper levels become visible if the walk faults further down (PAG-AD-05).
enum class ad_update : std::uint8_t {
  eager,     ///< as each level is read (the manual's text for guests; QEMU)
  deferred,  ///< only when the whole stage has succeeded (Bochs, KVM, Xen)
};

/// What happens to gPA bits above those the nested tables can index (PAG-NPT-21).
enum class high_gpa : std::uint8_t {
  npf_not_present,  ///< #NPF with P=0
  alias,            ///< the bits are ignored (Bochs, QEMU, KVM)
};

/// When #NPF reports bit 34, "the guest access was encrypted" (PAG-NPF-10).
enum class enc_bit : std::uint8_t {
  on_snp_capable_silicon,  ///< for every SEV guest on a part that has SNP
  only_with_snp_enabled,   ///< only while SYSCFG.SecureNestedPagingEn=1
  never,
};

/// What the manuals leave open: one member per open point, with the default the library recommends. Nothing else in
/// the library decides such a question. A comparison with another implementation that goes away under another value
/// of a member is "unspecified", not a disagreement.
struct implementation_choices {
  ad_update ad_policy = ad_update::eager;
  /// The guest leaf's A/D bits are already set when the final nested walk faults (manual's order, Bochs, QEMU). False:
  /// they are set only after it succeeded, and with `ad_update::deferred` so are those of upper levels (KVM's software
  /// walk).
  bool guest_ad_before_final_npf = true;
  high_gpa npt_high_gpa = high_gpa::npf_not_present;
  /// #NPF reports ID for a fetch only if host EFER.NXE=1 or CR4.SMEP=1 (PAG-NPF-11). False: for every fetch (Bochs).
  bool npf_id_requires_nx_or_smep = true;
  enc_bit report_enc_bit = enc_bit::on_snp_capable_silicon;

  friend constexpr auto operator==(const implementation_choices&, const implementation_choices&) -> bool = default;
};

}  // namespace sevspec::inline v0

#endif
