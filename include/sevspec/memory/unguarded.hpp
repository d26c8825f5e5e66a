// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_UNGUARDED_HPP
#define SEVSPEC_MEMORY_UNGUARDED_HPP

#include <sevspec/memory/forwarding.hpp>
#include <sevspec/memory/ownership.hpp>

namespace sevspec::inline v0::memory {

/// Translations under SEV-SNP without its ownership checks: for walks over page tables that were captured without the
/// Reverse Map Table. Everything is allowed.
template <class M>
class unguarded : public forwarding<M> {
 public:
  constexpr explicit unguarded(M& memory) noexcept : forwarding<M>(memory) {}

  template <class Context>
  [[nodiscard]] constexpr auto check_ownership(Context&, const ownership_query&) const noexcept -> ownership_verdict {
    return {};
  }
};

}  // namespace sevspec::inline v0::memory

#endif
