// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_MEMORY_TYPE_HPP
#define SEVSPEC_PAGING_MEMORY_TYPE_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <sevspec/paging/entry.hpp>

/// Memory types, which decide how a reference is cached. They change neither translation nor faults nor keys.
/// APM vol. 2, 7.7, 7.8, 15.25.8
namespace sevspec::inline v0::paging {

/// A memory type as a PAT entry encodes it.
enum class pat_type : std::uint8_t {
  uc = 0,        ///< uncacheable
  wc = 1,        ///< write combining
  wt = 4,        ///< write through
  wp = 5,        ///< write protect
  wb = 6,        ///< write back
  uc_minus = 7,  ///< uncacheable, which MTRRs can make WC
};

/// A memory type as an MTRR encodes it.
enum class mtrr_type : std::uint8_t { uc = 0, wc = 1, wt = 4, wp = 5, wb = 6 };

/// The type of a reference with all sources combined.
enum class memory_type : std::uint8_t {
  uc,        ///< uncacheable
  cd,        ///< cacheable, caches disabled: as UC, but caches are snooped
  wc,        ///< write combining
  wc_plus,   ///< write combining, caches are snooped
  wp,        ///< write protect
  wt,        ///< write through
  wb,        ///< write back
  uc_minus,  ///< between the nested combination and MTRRs alone
};

/// Whether a PAT holds types that exist: each of its eight bytes 0, 1, 4, 5, 6 or 7. VMRUN refuses any other G_PAT
/// (PAG-NPT-02).
[[nodiscard]] constexpr auto is_pat(std::uint64_t pat) noexcept -> bool {
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint64_t type = pat >> (8 * i) & 0xff;
    if (type > 7 || type == 2 || type == 3) return false;
  }
  return true;
}

/// The PAT entry that a leaf chooses: PAT, PCD and PWT of the entry are bits 2, 1 and 0 of the index (PAG-MT-01).
/// @param pat    a value that `is_pat` accepts
/// @param leaf   the leaf entry; its PAT bit is bit 7 of a PTE and bit 12 of a large page's entry
/// @param large  the leaf maps 2M, 4M or 1G
[[nodiscard]] constexpr auto pat_type_of(std::uint64_t pat, entry leaf, bool large) noexcept -> pat_type {
  const unsigned index = static_cast<unsigned>((leaf.raw >> (large ? 12 : 7) & 1) << 2 | (leaf.raw >> 3 & 3));
  return static_cast<pat_type>(pat >> (8 * index) & 0xff);
}

/// The type with which a table is read: PCD and PWT of the entry, or CR3, that points to it (PAG-MT-01).
[[nodiscard]] constexpr auto pat_type_of_table(std::uint64_t pat, std::uint64_t pointer) noexcept -> pat_type {
  return static_cast<pat_type>(pat >> (8 * (pointer >> 3 & 3)) & 0xff);
}

namespace detail {

/// Row or column of a PAT type in the tables below: UC, UC-, WC, WP, WT, WB.
[[nodiscard]] constexpr auto pat_column(pat_type type) noexcept -> unsigned {
  switch (type) {
    case pat_type::uc:       return 0;
    case pat_type::uc_minus: return 1;
    case pat_type::wc:       return 2;
    case pat_type::wp:       return 3;
    case pat_type::wt:       return 4;
    case pat_type::wb:       return 5;
  }
  return 0;
}

/// Column of an MTRR type: UC, WC, WP, WT, WB.
[[nodiscard]] constexpr auto mtrr_column(mtrr_type type) noexcept -> unsigned {
  switch (type) {
    case mtrr_type::uc: return 0;
    case mtrr_type::wc: return 1;
    case mtrr_type::wp: return 2;
    case mtrr_type::wt: return 3;
    case mtrr_type::wb: return 4;
  }
  return 0;
}

}  // namespace detail

/// The type of one PAT alone, as input of `with_mtrr`.
[[nodiscard]] constexpr auto as_memory_type(pat_type type) noexcept -> memory_type {
  switch (type) {
    case pat_type::uc:       return memory_type::uc;
    case pat_type::uc_minus: return memory_type::uc_minus;
    case pat_type::wc:       return memory_type::wc;
    case pat_type::wp:       return memory_type::wp;
    case pat_type::wt:       return memory_type::wt;
    case pat_type::wb:       return memory_type::wb;
  }
  return memory_type::uc;
}

/// Guest and nested type combined (PAG-MT-02).   APM vol. 2, table 15-19
[[nodiscard]] constexpr auto combined_type(pat_type guest, pat_type nested) noexcept -> memory_type {
  using enum memory_type;
  // clang-format off
  constexpr std::array<std::array<memory_type, 6>, 6> table{{
      //        nested UC  UC-       WC  WP       WT       WB
      /* UC  */ {{uc,      uc,       uc, uc,      uc,      uc}},
      /* UC- */ {{uc,      uc_minus, wc, uc,      uc,      uc}},
      /* WC  */ {{wc,      wc,       wc, wc_plus, wc_plus, wc_plus}},
      /* WP  */ {{uc,      uc,       uc, wp,      uc,      wp}},
      /* WT  */ {{uc,      uc,       uc, uc,      wt,      wt}},
      /* WB  */ {{uc,      uc,       wc, wp,      wt,      wb}},
  }};
  // clang-format on
  return table[detail::pat_column(guest)][detail::pat_column(nested)];
}

/// The combined type and the MTRR of the sPA (PAG-MT-03).   APM vol. 2, table 15-20
/// @param combined  from `combined_type`, or `as_memory_type` without nested paging; never CD
[[nodiscard]] constexpr auto with_mtrr(memory_type combined, mtrr_type mtrr) noexcept -> memory_type {
  using enum memory_type;
  // clang-format off
  constexpr std::array<std::array<memory_type, 5>, 8> table{{
      //          MTRR UC  WC  WP       WT       WB
      /* UC  */ {{     uc, cd, cd,      cd,      cd}},
      /* CD  */ {{     cd, cd, cd,      cd,      cd}},
      /* WC  */ {{     wc, wc, wc,      wc,      wc}},
      /* WC+ */ {{     wc, wc, wc_plus, wc_plus, wc_plus}},
      /* WP  */ {{     uc, cd, wp,      cd,      wp}},
      /* WT  */ {{     uc, cd, cd,      wt,      wt}},
      /* WB  */ {{     uc, wc, wp,      wt,      wb}},
      /* UC- */ {{     uc, wc, cd,      cd,      cd}},
  }};
  // clang-format on
  return table[static_cast<unsigned>(combined)][detail::mtrr_column(mtrr)];
}

/// The type an SNP-active guest gets: one that is coherent (PAG-COH-05, RMP-CHK-22).   APM vol. 2, 15.36.14
[[nodiscard]] constexpr auto coherent_type(memory_type type) noexcept -> memory_type {
  if (type == memory_type::uc) return memory_type::cd;
  if (type == memory_type::wc) return memory_type::wc_plus;
  return type;
}

/// What caching a reference of a guest gets in the end.   APM vol. 2, 15.25.8
/// @param guest            gPAT's type for the guest leaf; nothing with guest paging off: as WB
/// @param nested           the host PAT's type for the nested leaf
/// @param mtrr             the MTRR's type for the sPA
/// @param caches_disabled  CR0.CD of the guest or of the host (PAG-MT-04)
/// @param snp_active       the guest is SNP-active
[[nodiscard]] constexpr auto guest_memory_type(std::optional<pat_type> guest, pat_type nested, mtrr_type mtrr,
                                               bool caches_disabled, bool snp_active) noexcept -> memory_type {
  memory_type type = with_mtrr(combined_type(guest.value_or(pat_type::wb), nested), mtrr);
  if (caches_disabled && type != memory_type::uc && type != memory_type::wc && type != memory_type::wc_plus)
    type = memory_type::cd;
  return snp_active ? coherent_type(type) : type;
}

/// "UC", "CD", "WC+", ...
[[nodiscard]] constexpr auto name_of(memory_type type) noexcept -> const char* {
  switch (type) {
    case memory_type::uc:       return "UC";
    case memory_type::cd:       return "CD";
    case memory_type::wc:       return "WC";
    case memory_type::wc_plus:  return "WC+";
    case memory_type::wp:       return "WP";
    case memory_type::wt:       return "WT";
    case memory_type::wb:       return "WB";
    case memory_type::uc_minus: return "UC-";
  }
  return "?";
}

}  // namespace sevspec::inline v0::paging

#endif
