// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_PAGE_FAULT_CODE_HPP
#define SEVSPEC_PAGING_PAGE_FAULT_CODE_HPP

#include <cstdint>

#include <sevspec/base/bits.hpp>

namespace sevspec::inline v0::paging {

/// The error code of #PF (bits 31:0) and EXITINFO1 of #NPF (PAG-PF-01, PAG-NPF-10).
/// APM vol. 2, 8.4.2, 15.25.6, 15.36.10
///
///     bit | name  | #PF: set when                      | #NPF: set when
///     ----+-------+------------------------------------+------------------------------------------
///      0  | P     | no entry was not-present           | no nested entry was not-present
///      1  | W     | the access writes                  | the nested access writes (guest-table entries: always)
///      2  | U     | user access                        | always (nested accesses are user accesses)
///      3  | RSVD  | a reserved bit was set; P=1 too    | the same, in a nested entry
///      4  | ID    | fetch, if NX or SMEP is enabled    | fetch, if host NX or SMEP is enabled
///      5  | PK    | the protection key denied          | -
///      6  | SS    | shadow-stack access                | shadow-stack access
///     31  | RMP   | RMP violation                      | RMP or VMPL violation
///     32  |       |                                    | the fault is on the final gPA
///     33  |       |                                    | the fault is on a guest-table entry's gPA
///     34  | ENC   |                                    | the guest access was encrypted
///     35  | SIZEM |                                    | PVALIDATE/RMPADJUST page-size mismatch
///     36  | VMPL  |                                    | VMPL permission denied
///     37  | SSS   |                                    | supervisor shadow-stack page
struct page_fault_code {
  using p = bit<0>;
  using w = bit<1>;
  using u = bit<2>;
  using rsvd = bit<3>;
  using id = bit<4>;
  using pk = bit<5>;
  using ss = bit<6>;
  using rmp = bit<31>;
  using final_gpa = bit<32>;
  using guest_table = bit<33>;
  using enc = bit<34>;
  using sizem = bit<35>;
  using vmpl = bit<36>;
  using sss = bit<37>;
};

/// #VMEXIT code of a nested page fault, and the error code of the #VC it becomes (PAG-NPF-12).
inline constexpr std::uint64_t vmexit_npf = 0x400;

/// #VMEXIT code of an intercepted #PF (PAG-L2-07): EXITINFO1 is its error code, EXITINFO2 its CR2.
inline constexpr std::uint64_t vmexit_page_fault = 0x4e;

/// Error code of the #VC that a private page without PVALIDATE raises (PAG-RMPS-08).
inline constexpr std::uint64_t vmexit_page_not_validated = 0x404;

/// #VMEXIT code of a shutdown.
inline constexpr std::uint64_t vmexit_shutdown = 0x7f;

/// #VMEXIT code of a full page-modification log (PAG-NPT-17).
inline constexpr std::uint64_t vmexit_page_log_full = 0x407;

}  // namespace sevspec::inline v0::paging

#endif
