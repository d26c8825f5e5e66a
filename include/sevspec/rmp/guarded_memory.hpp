// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_GUARDED_MEMORY_HPP
#define SEVSPEC_RMP_GUARDED_MEMORY_HPP

#include <concepts>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/forwarding.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The place of a table that does not lie in the machine's memory.
struct no_place {
  [[nodiscard]] static constexpr auto holds(spa) noexcept -> bool { return false; }
};

/// A memory and the Reverse Map Table of its pages: what walks need while SNP is enabled.
/// @tparam Place  where the table lies: `holds(spa) -> bool`, as the geometries have it. Nobody but the AMD-SP and the
///                instructions writes there, whatever the entries say (RMP-GEO-18).
template <readable_memory M, entry_store Store, class Place = no_place>
class guarded_memory : public memory::forwarding<M> {
 public:
  constexpr guarded_memory(M& memory, const Store& rmp, Place place = {}) noexcept
      : memory::forwarding<M>(memory), rmp_(&rmp), place_(place) {}

  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto check_ownership(Context& ctx,
                                                                   const memory::ownership_query& query) const
      -> memory::ownership_verdict {
    if constexpr (!std::same_as<Place, no_place>) {
      if (ctx.denies(rule::RMP_GEO_18, writes(query.kind) && place_.holds(query.where)))
        return {memory::ownership_verdict::kind::violation, rule::RMP_GEO_18, false};
    }
    return check_access(ctx, *rmp_, query);
  }
  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto surely_owned(Context& ctx,
                                                                const memory::ownership_query& query) const -> bool {
    if constexpr (!std::same_as<Place, no_place>)
      if (writes(query.kind)) return false;
    return surely_allowed(ctx, *rmp_, query);
  }

 private:
  const Store* rmp_;
  [[no_unique_address]] Place place_;
};

}  // namespace sevspec::inline v0::rmp

#endif
