// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_OWNERSHIP_HPP
#define SEVSPEC_MEMORY_OWNERSHIP_HPP

#include <concepts>
#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>

/// The place where the Reverse Map Table plugs into translations: a memory that also says whose pages are whose. The
/// table itself is in `rmp/`; translations know this concept alone.
namespace sevspec::inline v0::memory {

/// Who makes a reference, as page ownership sees it.   APM vol. 2, table 15-38
enum class owner_context : std::uint8_t {
  host,       ///< ASID 0, SMM included; also the walker in the host's and in nested tables
  guest,      ///< a guest that is not SNP-active: legacy, SEV, SEV-ES
  snp_guest,  ///< an SNP-active guest
};

/// One reference whose sPA is known, before any byte moves.
struct ownership_query {
  spa where{};                              ///< the first byte
  gpa guest{};                              ///< the gPA it was translated from, without the C-bit; unused for the host
  page_size leaf = page_size::k4k;          ///< size of the page in the table that gave the sPA: host or nested leaf
  access_kind kind = access_kind::read;     ///< what is done to the page; an A/D update is a write
  bool table = false;                       ///< a page-table entry is read or updated, by the walker
  bool user = false;                        ///< a user access
  bool c = false;                           ///< effective C-bit; counts for SNP-active guests alone
  owner_context who = owner_context::host;  ///< on whose behalf
  asid id{};                                ///< the guest's
  vmpl level{};                             ///< the guest's
  bool in_use_write_allowed =
      false;                  ///< CPUID HvInUseWrAllowed: the hypervisor's pages may be written while VMRUN holds them
  bool writable_leaf = true;  ///< host: the tables would let it write the page
  bool vmpl_sss = false;      ///< SEV_FEATURES.VmplSSS: shadow stacks have a permission of their own
};

/// What page ownership says of a reference.
struct ownership_verdict {
  enum class kind : std::uint8_t {
    allowed,
    violation,      ///< the page is not the requester's to use so: #PF or #NPF with bit 31
    not_validated,  ///< #VC 404h in the guest
    vmpl_denied,    ///< #NPF with bits 31 and 36
    reserved,       ///< what tells where the page's entry lies is ill-formed: #PF or #NPF with RSVD (RMP-SEG-06)
  };
  kind what = kind::allowed;
  rule decided_by = rule::none;
  bool sss = false;  ///< the permission mask's SSS bit, for bit 37 of EXITINFO1 (RMP-FLT-05)

  friend constexpr auto operator==(const ownership_verdict&, const ownership_verdict&) -> bool = default;
};

/// A memory that checks page ownership. Walks ask it after all checks of page tables (PAG-RMPS-01), and only while
/// SYSCFG.SecureNestedPagingEn=1.
///
/// A memory may also have `surely_owned(ctx, query) -> bool`, meant to be inlined into walks: true if the verdict is
/// known to be `allowed`.
template <class M, class Context>
concept guarded_memory = requires(M& memory, Context& ctx, const ownership_query& query) {
  { memory.check_ownership(ctx, query) } -> std::same_as<ownership_verdict>;
};

/// Whether the verdict of a guarded memory is known to be `allowed`. No says nothing.
template <class M, class Context>
[[nodiscard, gnu::always_inline]] constexpr auto surely_owned(M& memory, Context& ctx, const ownership_query& query)
    -> bool {
  if constexpr (requires { memory.surely_owned(ctx, query); }) return memory.surely_owned(ctx, query);
  return false;
}

}  // namespace sevspec::inline v0::memory

#endif
