// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_TABLE_INVARIANTS_HPP
#define SEVSPEC_VERIFY_RMP_TABLE_INVARIANTS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/detail/judged_page.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

/// Invariants of a Reverse Map Table at rest: each function looks at a range of pages and gives the first that breaks the
/// invariant. Ranges consist of whole regions; pages that are not covered do not count.
namespace sevspec::inline v0::verify {

/// INV-01. HV-Fixed pages are immutable and nobody's.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_01_unassigned_is_blank(const Store& table, rmp::page_range pages) -> rmp_finding {
  return detail::first_in(table, pages, [](const detail::judged_page& it) -> rmp_finding {
    const rmp::entry& e = it.own;
    if (it.sub() || e.assigned) return {};
    if (e.id == host_asid && e.guest.value == 0 && !e.validated && !e.vmsa && !e.large) return {};
    return detail::broken(rmp_invariant::inv_01, it.page, "the page is not assigned, and its entry is not blank");
  });
}

/// INV-02
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_02_validated_is_a_guests(const Store& table, rmp::page_range pages) -> rmp_finding {
  return detail::first_in(table, pages, [](const detail::judged_page& it) -> rmp_finding {
    if (it.sub() || !it.own.validated || (it.own.assigned && it.own.id != host_asid)) return {};
    return detail::broken(rmp_invariant::inv_02, it.page, "the page is validated and no guest's");
  });
}

/// A page of a guest that the firmware has swapped out, as its metadata entry describes it.
struct swapped_page {
  asid id{};
  gpa guest{};
  bool large{};
  bool validated{};  ///< it was when it was swapped out
  bool valid{};      ///< the metadata entry's VALID: SNP_PAGE_SWAP_IN has not consumed it
};

namespace detail {

/// One living copy of guest memory.
struct living_copy {
  asid id{};
  std::uint64_t first{};  ///< gPA
  std::uint64_t bytes{};
  rmp::spfn page{};
  bool swapped{};
};

/// The first two copies that overlap; at most one of them if `swapped_only` lies in the table.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto overlapping_copies(const Store& table, rmp::page_range pages,
                                                std::span<const swapped_page> swapped, bool swapped_only)
    -> rmp_finding {
  constexpr std::uint64_t large_bytes = std::uint64_t{Store::sub_pages} * 0x1000;
  std::vector<living_copy> copies;
  (void)first_in(table, pages, [&](const judged_page& it) -> rmp_finding {
    if (!it.sub() && it.is_valid())
      copies.push_back({it.own.id, it.own.guest.value, it.own.large ? large_bytes : 0x1000, it.page, false});
    return {};
  });
  for (const swapped_page& one : swapped)
    if (one.valid && one.validated)
      copies.push_back({one.id, one.guest.value, one.large ? large_bytes : 0x1000, {}, true});
  std::ranges::sort(copies, [](const living_copy& a, const living_copy& b) {
    if (a.id != b.id) return a.id < b.id;
    return a.first != b.first ? a.first < b.first : a.page < b.page;
  });
  std::size_t reaching = 0;  // of the copies seen, the one that reaches furthest
  for (std::size_t i = 1; i < copies.size(); ++i) {
    const living_copy& last = copies[reaching];
    const living_copy& one = copies[i];
    if (one.id == last.id && one.first < last.first + last.bytes) {
      const bool any_swapped = one.swapped || last.swapped;
      const rmp::spfn page = one.swapped ? last.page : one.page;
      if (any_swapped && swapped_only)
        return broken(rmp_invariant::inv_23, page, "another copy of the page lives, swapped out");
      if (!any_swapped && !swapped_only)
        return rmp_violation{.broken = rmp_invariant::inv_03,
                             .page = page,
                             .what = "the guest has validated another page at the same gPA",
                             .by_guest = true};
    }
    if (one.id != last.id || one.first + one.bytes > last.first + last.bytes) reaching = i;
  }
  return {};
}

}  // namespace detail

/// INV-03. Hardware does not see to it: a guest that validates a gPA twice breaks it (RMP-PVL-07), and whoever checks
/// after every step knows by which PVALIDATE. Takes memory for the validated pages.
/// @param pages  all pages that may be validated
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_03_one_page_per_gpa(const Store& table, rmp::page_range pages) -> rmp_finding {
  return detail::overlapping_copies(table, pages, {}, false);
}

/// INV-04. Of a table in the format of Zen 3: decoding and encoding an entry gives its quadwords again, but for fields
/// of the upper one that the library does not model. Of others: the format has room for the owner and its gPA.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_04_one_owner(const Store& table, rmp::page_range pages) -> rmp_finding {
  return detail::first_in(table, pages, [&](const detail::judged_page& it) -> rmp_finding {
    const rmp::raw_entry made = rmp::encode(it.own);
    bool same{};
    if constexpr (rmp::raw_store<Store>) {
      const rmp::raw_entry stored = table.raw_of(it.page);
      same = stored.lo == made.lo && (stored.hi & 0xffff'ffff) == made.hi;
    } else {
      const rmp::entry found = rmp::decode(made);
      same = found.assigned == it.own.assigned && found.large == it.own.large && found.id == it.own.id &&
             found.guest == it.own.guest && found.tag == it.own.tag && found.validated == it.own.validated;
    }
    if (same) return {};
    return detail::broken(rmp_invariant::inv_04, it.page, "the entry and its quadwords tell of two owners");
  });
}

/// INV-05. With `implementation_choices::rmpupdate_gpa_align` the gPA is aligned, too.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_05_shape_of_large_pages(const Store& table, rmp::page_range pages,
                                                         const implementation_choices& choices = {}) -> rmp_finding {
  constexpr std::uint64_t large_bytes = std::uint64_t{Store::sub_pages} * 0x1000;
  return detail::first_in(table, pages, [&](const detail::judged_page& it) -> rmp_finding {
    const auto broken = [&](const char* what) { return detail::broken(rmp_invariant::inv_05, it.page, what); };
    const rmp::entry& e = it.own;
    if (it.sub()) {
      if (e.large) return broken("the page lies inside a large page, and is one");
      if (!e.assigned) return broken("the page lies inside a large page, and is not assigned");
      if (e.id != host_asid) return broken("the page lies inside a large page, and has an owner of its own");
      if (e.immutable) return broken("the page lies inside a large page, and is immutable");
      return {};
    }
    if (!e.large) return {};
    if (it.inside != 0) return broken("a large page is not aligned");
    if (!e.assigned) return broken("a large page is not assigned");
    if (choices.rmpupdate_gpa_align && e.guest.value % large_bytes != 0)
      return broken("a large page is seen at a gPA that is not aligned");
    return {};
  });
}

/// INV-06. Only of tables that promise it with `counts_sub_pages`.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_06_counts_of_regions(const Store& table, rmp::page_range pages) -> rmp_finding {
  if constexpr (requires { requires Store::counts_sub_pages; }) {
    std::uint64_t expected = 0;
    return detail::first_in(table, pages, [&](const detail::judged_page& it) -> rmp_finding {
      if (it.inside == 0) {
        expected = 0;
        for (std::uint64_t i = 1; i < std::uint64_t{Store::sub_pages} && !it.own.large; ++i)
          if (const rmp::spfn other{it.page.value + i}; table.covers(other) && table.entry_of(other).assigned)
            ++expected;
        if (it.own.sub_page_count != expected)
          return detail::broken(rmp_invariant::inv_06, it.page, "the count of assigned pages of the region is wrong");
      } else if (it.own.sub_page_count != 0) {
        return detail::broken(rmp_invariant::inv_06, it.page,
                              "a page counts others, and is not the first of its region");
      }
      return {};
    });
  }
  return {};
}

/// INV-07
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_07_owners_of_vmsas(const Store& table, rmp::page_range pages) -> rmp_finding {
  return detail::first_in(table, pages, [](const detail::judged_page& it) -> rmp_finding {
    const rmp::entry& e = it.own;
    if (!e.vmsa || (e.assigned && e.id != host_asid)) return {};
    const bool context = e.assigned && e.immutable && e.guest.value == 0 && e.tag == rmp::firmware_tag::none;
    if (context && !e.large) return {};
    return detail::broken(rmp_invariant::inv_07, it.page, "a VMSA page is neither a guest's nor a guest context of 4K");
  });
}

/// INV-08
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_08_vmpl0_may_everything(const Store& table, rmp::page_range pages) -> rmp_finding {
  return detail::first_in(table, pages, [](const detail::judged_page& it) -> rmp_finding {
    if (it.sub() || !it.is_private() || it.own.allowed[0].raw == 0x1f) return {};
    return detail::broken(rmp_invariant::inv_08, it.page, "VMPL 0 lacks a permission on a guest's page");
  });
}

/// INV-20. Only of tables that count pages of ASIDs, `pages_of(asid)`. ACTIVATE refuses ASIDs whose counter is not 0
/// (ENC-ASID-09); that is `memory::snp_activate`.
/// @param pages  all that are covered
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_20_counters_of_asids(const Store& table, rmp::page_range pages,
                                                      const implementation_choices& choices = {}) -> rmp_finding {
  if constexpr (requires { table.pages_of(asid{}); }) {
    constexpr std::uint32_t asids = 0x400;  // entries have ten bits for them
    std::array<std::int64_t, asids> expected{};
    std::array<rmp::spfn, asids> last{};
    (void)detail::first_in(table, pages, [&](const detail::judged_page& it) -> rmp_finding {
      if (it.sub() || !it.is_private() || it.own.id.value >= asids) return {};
      const bool many = it.own.large && choices.asid_counter_unit;
      expected[it.own.id.value] += many ? static_cast<std::int64_t>(Store::sub_pages) : 1;
      last[it.own.id.value] = it.page;
      return {};
    });
    for (std::uint32_t id = 0; id < asids; ++id)
      if (table.pages_of({id}) != expected[id])
        return detail::broken(rmp_invariant::inv_20, last[id], "an ASID's counter is not the number of its pages");
  }
  return {};
}

/// INV-21. Once the firmware has initialised SNP.
/// @param holds_table  `holds_table(spa) -> bool`: the byte belongs to the table; `contiguous_geometry::holds`, for one
template <rmp::entry_store Store, class HoldsTable>
[[nodiscard]] constexpr auto inv_21_table_is_the_firmwares(const Store& table, rmp::page_range pages,
                                                           HoldsTable&& holds_table) -> rmp_finding {
  for (std::uint64_t i = 0; i < pages.count; ++i) {
    const rmp::spfn page{pages.first.value + i};
    if (!holds_table(address_of(page))) continue;
    if (!table.covers(page)) return detail::broken(rmp_invariant::inv_21, page, "the table does not cover itself");
    const rmp::entry e = detail::judged(table, page).counts();
    const bool firmware = e.assigned && e.immutable && e.id == host_asid && e.guest.value == 0 && !e.vmsa &&
                          !e.validated && e.tag == rmp::firmware_tag::none;
    if (!firmware)
      return detail::broken(rmp_invariant::inv_21, page, "a page of the table itself is not in the Firmware state");
  }
  return {};
}

/// INV-22
/// @param held  `held(spfn) -> bool`: a virtual processor that runs uses the page as VMCB, VMSA, AVIC backing page, PML or
///              IBS buffer
template <rmp::entry_store Store, class Held>
[[nodiscard]] constexpr auto inv_22_in_use_is_used(const Store& table, rmp::page_range pages, Held&& held)
    -> rmp_finding {
  return detail::first_in(table, pages, [&](const detail::judged_page& it) -> rmp_finding {
    if (!it.own.in_use) return {};
    const std::uint64_t size = it.own.large ? std::uint64_t{Store::sub_pages} : 1;
    for (std::uint64_t i = 0; i < size; ++i)
      if (held(rmp::spfn{it.page.value + i})) return {};
    return detail::broken(rmp_invariant::inv_22, it.page, "the page is in use, and no virtual processor uses it");
  });
}

/// INV-23. SNP_PAGE_SWAP_OUT makes the page in memory not validated, SNP_PAGE_SWAP_IN consumes VALID: of a validated page,
/// its swapped copies and their copies one lives. Takes memory for all of them.
/// @param pages  all pages that may be validated
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_23_one_living_copy(const Store& table, rmp::page_range pages,
                                                    std::span<const swapped_page> swapped) -> rmp_finding {
  return detail::overlapping_copies(table, pages, swapped, true);
}

/// INV-24. With `implementation_choices::rmpupdate_2m_partial` no large page reaches beyond what is covered. That no
/// instruction reaches there either is judged by steps.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_24_uncovered_is_nobodys(const Store& table, rmp::page_range pages,
                                                         const implementation_choices& choices = {}) -> rmp_finding {
  if (!choices.rmpupdate_2m_partial) return {};
  for (std::uint64_t i = 0; i < pages.count; ++i) {
    const rmp::spfn page{pages.first.value + i};
    const rmp::spfn base{page.value - page.value % std::uint64_t{Store::sub_pages}};
    if (!table.covers(page) && table.covers(base) && table.entry_of(base).large)
      return detail::broken(rmp_invariant::inv_24, page, "a large page holds a page that is not covered");
  }
  return {};
}

}  // namespace sevspec::inline v0::verify

#endif
