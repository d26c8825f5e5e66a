// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_PAGE_OWNERS_HPP
#define SEVSPEC_RMP_PAGE_OWNERS_HPP

#include <optional>

#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// Which guest the Reverse Map Table assigns a page to, for ciphertext hiding. Pages of the AMD-SP are nobody's here.
template <entry_store Store>
class page_owners {
 public:
  constexpr explicit page_owners(const Store& rmp) noexcept : rmp_(&rmp) {}

  [[nodiscard]] constexpr auto owner_of(spfn page) const -> std::optional<asid> {
    if (!rmp_->covers(page)) return {};
    const entry found = authoritative_entry(*rmp_, page);
    if (!found.assigned || found.id == host_asid) return {};
    return found.id;
  }

 private:
  const Store* rmp_;
};

}  // namespace sevspec::inline v0::rmp

#endif
