// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_EXCLUSIVE_PAGES_HPP
#define SEVSPEC_NESTED_EXCLUSIVE_PAGES_HPP

#include <cstdint>
#include <expected>
#include <map>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/l2_address.hpp>

/// SEV-SNP passthrough: L1 and its guests share ASID, key and Reverse Map Table, so a private page has one gPA for all of
/// them, and one owner.   NES-GPA-01
namespace sevspec::inline v0::nested {

/// Which guest of L1's has which page. L1's own book; a regular value.
struct page_owners {
  std::map<std::uint64_t, unsigned> guest_of{};  ///< by L1 gPA of the page

  friend auto operator==(const page_owners&, const page_owners&) -> bool = default;
};

/// L1 gives a private page to one of its guests.
/// @param in_l1  4K-aligned, as is
/// @param in_l2  where the guest is to see it
/// @return NES-GPA-01 if that is another gPA, so that L1's own references would fail, or if another guest has the page: L0
///         could then put the one's page in the other's place
template <class Context>
[[nodiscard]] auto assign_page(Context& ctx, page_owners& owners, gpa in_l1, paging::l2_gpa in_l2, unsigned guest)
    -> std::expected<void, rule> {
  const auto found = owners.guest_of.find(in_l1.value);
  const bool others = found != owners.guest_of.end() && found->second != guest;
  if (ctx.denies(rule::NES_GPA_01, in_l1.value != in_l2.value || others)) return std::unexpected{rule::NES_GPA_01};
  owners.guest_of[in_l1.value] = guest;
  return {};
}

/// The guest is gone, or gives the page back.
inline void release_page(page_owners& owners, gpa in_l1) { owners.guest_of.erase(in_l1.value); }

/// Where guests' memory begins: below, L1 has what every machine has there, so a guest whose firmware must find its own
/// memory at L1's addresses gets memory above 4 GiB alone.
inline constexpr gpa first_guest_memory{0x1'0000'0000};

}  // namespace sevspec::inline v0::nested

#endif
