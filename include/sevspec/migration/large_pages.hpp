// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_LARGE_PAGES_HPP
#define SEVSPEC_MIGRATION_LARGE_PAGES_HPP

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/firmware/page_reclaim.hpp>
#include <sevspec/firmware/page_unsmash.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// What it costs a host to give an SNP guest its memory in large or small pages: the same trace of references and
/// conversions under several policies, on a Reverse Map Table, with everything counted.   MIG-LP-03 to 05
namespace sevspec::inline v0::migration {

/// How a host gives memory to a guest.
enum class population : std::uint8_t {
  eager_2m,         ///< all of it in 2M pages, before the guest runs
  lazy_2m,          ///< 2M at a time, when they are touched
  lazy_4k,          ///< 4K at a time
  hole_aware,       ///< as lazy_2m; where pages are known to become shared, as lazy_4k
  firmware_guided,  ///< the regions that are named, in their order, in 2M pages with SNP_LAUNCH_UPDATE; then as lazy_2m
};

/// "eager-2M", "lazy-2M", "lazy-4K", "hole-aware", "firmware-guided".
[[nodiscard]] constexpr auto name_of(population policy) noexcept -> const char* {
  switch (policy) {
    case population::eager_2m:        return "eager-2M";
    case population::lazy_2m:         return "lazy-2M";
    case population::lazy_4k:         return "lazy-4K";
    case population::hole_aware:      return "hole-aware";
    case population::firmware_guided: return "firmware-guided";
  }
  return "?";
}

/// What happened.   MIG-LP-03
struct large_page_counters {
  std::uint64_t rmpupdate_4k = 0;
  std::uint64_t rmpupdate_2m = 0;
  std::uint64_t psmash = 0;
  std::uint64_t unsmash = 0;
  std::uint64_t reclaim = 0;        ///< SNP_PAGE_RECLAIM after an unsmash
  std::uint64_t launch_update = 0;  ///< SNP_LAUNCH_UPDATE of a 2M page, which validates it
  std::uint64_t pvalidate_4k = 0;   ///< successful
  std::uint64_t pvalidate_2m = 0;
  std::uint64_t pvalidate_size_mismatch = 0;  ///< FAIL_SIZEMISMATCH: 2M were asked for, 4K are there
  std::uint64_t sizem_fault = 0;              ///< #NPF with SIZEM: 4K were asked for, 2M are there
  std::uint64_t global_tlb_flush = 0;         ///< one for each write to the table, as observed (ENC-COH-08)
  std::uint64_t npt_split = 0;                ///< a 2M nested mapping became 512 of 4K
  std::uint64_t npt_split_1g = 0;             ///< a 1G nested mapping became 512 of 2M
  std::uint64_t vc404 = 0;
  std::uint64_t tlb_fill_4k = 0;
  std::uint64_t tlb_fill_2m = 0;
  std::uint64_t tlb_fill_from_1g = 0;  ///< of `tlb_fill_2m`: no TLB entry is larger than 2M

  friend constexpr auto operator==(const large_page_counters&, const large_page_counters&) -> bool = default;
};

/// One step of a guest.
struct page_event {
  enum class kind : std::uint8_t {
    touch,      ///< the guest refers to a page: privately, unless it has made it shared
    share,      ///< the guest makes a 4K page shared
    take_back,  ///< the guest makes it private again
    merge,      ///< the host makes a region whose pages are all private one page of 2M again
  };
  kind what = kind::touch;
  gpa where{};

  friend constexpr auto operator==(const page_event&, const page_event&) -> bool = default;
};

/// What a host knows in advance.
struct population_plan {
  population policy = population::lazy_2m;
  std::vector<gpa> holes{};      ///< hole_aware: pages that will be shared
  std::vector<gpa> guided{};     ///< firmware_guided: regions in order; need not be all
  bool gigabyte_leaves = false;  ///< nested mappings of 1G where all is populated at once
};

/// A guest whose gPAs are backed by the same sPAs, and its host. All entries of the table are the real ones; nested
/// mappings and the TLB are as large as policies make them.
class large_page_guest {
 public:
  static constexpr std::uint64_t region_bytes = 0x20'0000;
  static constexpr std::uint64_t gigabyte = 0x4000'0000;
  static constexpr asid id{1};

  /// @param bytes  of memory, a multiple of 2M; of 1G for `gigabyte_leaves`
  large_page_guest(std::uint64_t bytes, population_plan plan)
      : bytes_(bytes), plan_(std::move(plan)), rmp_(bytes / 4096) {
    Expects(bytes % (plan_.gigabyte_leaves ? gigabyte : region_bytes) == 0);
    for (const gpa hole : plan_.holes) holed_.insert(region_of(hole));
    if (plan_.policy == population::eager_2m)
      for (std::uint64_t at = 0; at < bytes_; at += region_bytes) {
        assign_large({at});
        accept({at});
      }
    if (plan_.policy == population::firmware_guided)
      for (const gpa region : plan_.guided) launch({region_of(region)});
    if (plan_.policy == population::eager_2m && plan_.gigabyte_leaves)
      for (auto& [region, leaf] : npt_) leaf = page_size::k1g;
  }

  void play(std::span<const page_event> trace) {
    for (const page_event& one : trace) play(one);
  }
  void play(const page_event& one) {
    Expects(one.where.value < bytes_);
    const gpa page{one.where.value & ~std::uint64_t{0xfff}};
    switch (one.what) {
      case page_event::kind::touch:     return touch(page);
      case page_event::kind::share:     return share(page);
      case page_event::kind::take_back: return take_back(page);
      case page_event::kind::merge:     return merge({region_of(page)});
    }
  }

  [[nodiscard]] auto counters() const noexcept -> const large_page_counters& { return counted_; }
  /// How many TLB entries it takes to hold a region, mapped and owned as it is now.   MIG-LP-04
  [[nodiscard]] auto tlb_entries_of(gpa where) const -> unsigned { return leaf_of(where) == page_size::k4k ? 512 : 1; }
  [[nodiscard]] auto rmp() const noexcept -> const rmp::lazy_table& { return rmp_; }
  [[nodiscard]] auto is_shared(gpa page) const -> bool { return shared_.contains(page.value); }

 private:
  [[nodiscard]] static constexpr auto region_of(gpa where) noexcept -> std::uint64_t {
    return where.value & ~(region_bytes - 1);
  }
  /// The size of the nested mapping of a page; regions that are not here have 4K mappings.
  [[nodiscard]] auto leaf_of(gpa where) const -> page_size {
    const auto found = npt_.find(region_of(where));
    return found == npt_.end() ? page_size::k4k : found->second;
  }
  [[nodiscard]] auto entry_at(gpa page) const -> rmp::entry {
    return rmp::authoritative_entry(rmp_, rmp::spfn{page.value >> 12});
  }
  void table_written() {
    ++counted_.global_tlb_flush;
    tlb_.clear();
  }

  // --- the host

  auto update(gpa page, const rmp::new_state& wanted) -> bool {
    const auto done = rmp::rmpupdate(ctx_, rmp_, {}, {}, spa{page.value}, wanted);
    if (!done || !done->succeeded()) return false;
    ++(wanted.large ? counted_.rmpupdate_2m : counted_.rmpupdate_4k);
    table_written();
    return true;
  }
  void assign_large(gpa region) {
    const bool done = update(region, {.assigned = true, .large = true, .id = id, .guest = region});
    Ensures(done);
    npt_[region.value] = page_size::k2m;
  }
  void assign_small(gpa page) {
    const bool done = update(page, {.assigned = true, .id = id, .guest = page});
    Ensures(done);
  }
  /// A page that was not there before.
  void populate(gpa page) {
    const gpa region{region_of(page)};
    const bool small = plan_.policy == population::lazy_4k || plan_.policy == population::hole_aware;
    const bool holed = plan_.policy == population::lazy_4k || holed_.contains(region.value);
    const bool started = rmp::any_assigned_in_region(rmp_, rmp::spfn{region.value >> 12}) || has_shared(region);
    if ((small && holed) || started) assign_small(page);
    else assign_large(region);
  }
  [[nodiscard]] auto has_shared(gpa region) const -> bool {
    const auto found = shared_.lower_bound(region.value);
    return found != shared_.end() && *found < region.value + region_bytes;
  }
  /// SNP_LAUNCH_UPDATE: assigned by the host, validated by the firmware.
  void launch(gpa region) {
    if (entry_at(region).assigned) return;
    assign_large(region);
    rmp::entry whole = rmp_.entry_of({region.value >> 12});
    whole.validated = true;
    rmp::put_large(rmp_, {region.value >> 12}, whole);
    ++counted_.launch_update;
    table_written();
  }
  void split_mapping(gpa page) {
    const std::uint64_t region = region_of(page);
    if (leaf_of(page) == page_size::k1g) {
      const std::uint64_t first = region & ~(gigabyte - 1);
      for (std::uint64_t at = first; at < first + gigabyte; at += region_bytes) npt_[at] = page_size::k2m;
      ++counted_.npt_split_1g;
    }
    npt_.erase(region);
    ++counted_.npt_split;
  }
  void smash(gpa page) {
    const auto done = rmp::psmash(ctx_, rmp_, {}, {}, spa{region_of(page)});
    Ensures(done && done->succeeded());
    ++counted_.psmash;
    table_written();
    if (leaf_of(page) != page_size::k4k) split_mapping(page);
  }

  // --- the guest

  [[nodiscard]] auto validate(gpa page, bool large, bool wanted) -> outcome<rmp::result> {
    rmp::execution by{.id = id, .snp_active = true};
    return rmp::pvalidate(ctx_, rmp_, {}, by, {{page.value}, large ? 1U : 0U, wanted ? 1U : 0U}, [&](gva) {
      return outcome<rmp::guest_page>{rmp::guest_page{.linear = {page.value},
                                                      .guest = page,
                                                      .where = {page.value},
                                                      .leaf = leaf_of(page),
                                                      .guest_leaf = large ? page_size::k2m : page_size::k4k}};
    });
  }
  /// The guest takes an assigned page: 2M if it can be, else 4K.
  void accept(gpa page) {
    const gpa region{region_of(page)};
    const bool whole = plan_.policy != population::lazy_4k && !has_shared(region);
    if (whole) {
      auto done = validate(region, true, true);
      if (!done && !entry_at(region).assigned) {  // #NPF: the region's first page is not there yet
        populate(region);
        done = validate(region, true, true);
      }
      if (done && done->succeeded()) {
        ++counted_.pvalidate_2m;
        return table_written();
      }
      if (done && done->eax == rmp::status::fail_sizemismatch) ++counted_.pvalidate_size_mismatch;
    }
    const auto done = validate(page, false, true);
    Ensures(done && done->succeeded());
    ++counted_.pvalidate_4k;
    table_written();
  }

  void touch(gpa page) {
    if (is_shared(page)) return fill(page, page_size::k4k);
    if (!entry_at(page).assigned) populate(page);
    for (int attempts = 0; attempts < 3; ++attempts) {
      const page_size leaf = leaf_of(page);
      const memory::ownership_query query{.where = {page.value},
                                          .guest = page,
                                          .leaf = leaf,
                                          .c = true,
                                          .who = memory::owner_context::snp_guest,
                                          .id = id};
      const auto verdict = rmp::check_access(ctx_, rmp_, query);
      using enum memory::ownership_verdict::kind;
      if (verdict.what == allowed) return fill(page, leaf);
      if (verdict.what == not_validated) {
        ++counted_.vc404;
        accept(page);
      } else if (leaf != page_size::k4k) {
        split_mapping(page);
      } else {
        smash(page);
      }
    }
    Ensures(false);
  }
  /// A TLB entry, if there is none: never larger than 2M.
  void fill(gpa page, page_size leaf) {
    const bool large = leaf != page_size::k4k;
    const std::uint64_t base = large ? region_of(page) : page.value;
    if (!tlb_.insert({base, large}).second) return;
    ++(large ? counted_.tlb_fill_2m : counted_.tlb_fill_4k);
    if (leaf == page_size::k1g) ++counted_.tlb_fill_from_1g;
  }

  void share(gpa page) {
    if (is_shared(page)) return;
    if (entry_at(page).assigned) {
      auto given_up = validate(page, false, false);
      if (!given_up) {  // SIZEM: the host splits, the guest tries again
        ++counted_.sizem_fault;
        smash(page);
        given_up = validate(page, false, false);
      }
      Ensures(given_up && given_up->succeeded());
      if (!given_up->unchanged) {
        ++counted_.pvalidate_4k;
        table_written();
      }
      const bool done = update(page, {});
      Ensures(done);
    }
    shared_.insert(page.value);
  }
  void take_back(gpa page) {
    if (!is_shared(page)) return;
    assign_small(page);
    const auto done = validate(page, false, true);
    Ensures(done && done->succeeded());
    ++counted_.pvalidate_4k;
    table_written();
    shared_.erase(page.value);
  }
  /// 512 immutable pages, unsmash, and reclaim: the guest does not notice.
  void merge(gpa region) {
    const auto all_fit = [&] {
      for (std::uint64_t i = 0; i < 512; ++i) {
        const rmp::entry one = rmp_.entry_of({(region.value >> 12) + i});
        if (!one.assigned || !one.validated || one.large) return false;
      }
      return true;
    };
    if (!all_fit()) return;
    for (std::uint64_t i = 0; i < 512; ++i) {
      const gpa page{region.value + i * 4096};
      const bool done = update(page, {.assigned = true, .immutable = true, .id = id, .guest = page});
      Ensures(done);
    }
    constexpr auto elsewhere = [](spa) { return false; };
    const firmware::status merged = firmware::page_unsmash(ctx_, rmp_, spa{region.value}, elsewhere);
    Ensures(merged == firmware::status::success);
    ++counted_.unsmash;
    table_written();
    const firmware::status mutable_again =
        firmware::page_reclaim(ctx_, rmp_, spa{region.value}, page_size::k2m, elsewhere);
    Ensures(mutable_again == firmware::status::success);
    ++counted_.reclaim;
    table_written();
    npt_[region.value] = page_size::k2m;
  }

  context<> ctx_{};
  std::uint64_t bytes_;
  population_plan plan_;
  rmp::lazy_table rmp_;
  std::set<std::uint64_t> holed_{};
  std::set<std::uint64_t> shared_{};
  std::map<std::uint64_t, page_size> npt_{};  ///< by region: mappings of 2M and 1G
  std::set<std::pair<std::uint64_t, bool>> tlb_{};
  large_page_counters counted_{};
};

}  // namespace sevspec::inline v0::migration

#endif
