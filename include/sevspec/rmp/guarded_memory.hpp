// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_GUARDED_MEMORY_HPP
#define SEVSPEC_RMP_GUARDED_MEMORY_HPP

#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/forwarding.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// A memory and the Reverse Map Table of its pages: what walks need while SNP is enabled.
template <readable_memory M, entry_store Store>
class guarded_memory : public memory::forwarding<M> {
 public:
  constexpr guarded_memory(M& memory, const Store& rmp) noexcept : memory::forwarding<M>(memory), rmp_(&rmp) {}

  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto check_ownership(Context& ctx,
                                                                   const memory::ownership_query& query) const
      -> memory::ownership_verdict {
    return check_access(ctx, *rmp_, query);
  }
  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto surely_owned(Context& ctx,
                                                                const memory::ownership_query& query) const -> bool {
    return surely_allowed(ctx, *rmp_, query);
  }

 private:
  const Store* rmp_;
};

}  // namespace sevspec::inline v0::rmp

#endif
