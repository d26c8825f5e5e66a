// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_GENERATOR_HPP
#define SEVSPEC_VERIFY_RMP_GENERATOR_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <random>

#include <sevspec/base/page_size.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/rmp_abilities.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// Draws steps that are worth taking: few pages, close together and at the ends of what is covered; operands that fit the
/// state of the table more often than not, with one thing wrong where they do not. The same seed gives the same steps.
class rmp_generator {
 public:
  /// @param pages  how many pages the table covers
  rmp_generator(std::uint64_t seed, std::uint64_t pages, const rmp_abilities& able) : random_(seed), able_(able) {
    const std::uint64_t regions = std::max<std::uint64_t>(pages / 512, 1);
    regions_ = {1 % regions, 2 % regions, regions - 1, regions, below(regions)};
  }

  /// @param now  the reference's table, before the step
  [[nodiscard]] auto next(const rmp::lazy_table& now) -> rmp_step {
    rmp_step step;
    rmp::spfn page;
    if (const auto looks = draw_second_look()) {
      step.what = *looks;
      page = changed_;
    } else {
      step.what = draw_operation();
      const bool of_firmware = step.what == rmp_operation::page_set_state || step.what == rmp_operation::page_reclaim;
      page = is_guests(step.what) ? draw_guest_page(now) : of_firmware ? draw_immutable_page(now) : draw_page();
    }
    step.spa = page.value << 12;
    const bool covered = now.covers(page);
    const rmp::authoritative it = covered ? rmp::find_authoritative(now, page) : rmp::authoritative{};
    switch (step.what) {
      case rmp_operation::rmpupdate: draw_update(step, it.found); break;
      case rmp_operation::psmash:
        if (chance(85)) step.spa &= ~std::uint64_t{0x1f'ffff};
        draw_host(step);
        break;
      case rmp_operation::rmpread:
        if (chance(5)) step.spa += 8;
        draw_host(step);
        break;
      case rmp_operation::pvalidate: draw_guest(step, page, it.found, 0); break;
      case rmp_operation::rmpadjust:
        draw_guest(step, page, it.found, 2);
        step.attributes = pick({1, 1, 1, 2, 2, 3, 0, 4}) | mask() << 8;
        if (chance(step.vmpl == 0 ? 20 : 50)) step.attributes |= 0x1'0000U;  // VMPL 0 alone may
        if (chance(80)) step.size = it.found.large ? page_size::k2m : page_size::k4k;
        if (chance(3)) step.attributes |= std::uint64_t{1} << (17 + below(47));
        break;
      case rmp_operation::rmpquery:
        draw_guest(step, page, it.found, 2);
        step.target_vmpl = static_cast<std::uint8_t>(pick({0, 1, 2, 3, 4}));
        step.size = page_size::k4k;
        break;
      case rmp_operation::access: draw_access(step, page, it.found); break;
      case rmp_operation::entry:  break;
      case rmp_operation::page_reclaim:
        step.size = it.found.large != chance(10) ? page_size::k2m : page_size::k4k;
        if (step.size == page_size::k2m && chance(80)) step.spa &= ~std::uint64_t{0x1f'ffff};
        if (chance(3)) step.spa |= 0x10;
        break;
      case rmp_operation::page_unsmash:
        if (chance(90)) step.spa &= ~std::uint64_t{0x1f'ffff};
        break;
      case rmp_operation::page_set_state:
        if (chance(90)) step.spa &= ~std::uint64_t{0x1f'ffff};
        step.pages = pick({1, 2, 6, 512, 0});
        break;
      default: break;  // not drawn
    }
    if (changes(step.what)) changed_ = page_of(spa{step.spa}), has_changed_ = true;
    return step;
  }

 private:
  [[nodiscard]] auto below(std::uint64_t limit) -> std::uint64_t { return random_() % limit; }
  [[nodiscard]] auto chance(unsigned percent) -> bool { return below(100) < percent; }
  [[nodiscard]] auto pick(std::initializer_list<std::uint64_t> of) -> std::uint64_t {
    return of.begin()[below(of.size())];
  }

  [[nodiscard]] auto draw_operation() -> rmp_operation {
    using enum rmp_operation;
    for (;;) {
      const std::uint64_t drawn = below(100);
      if (drawn < 30) return rmpupdate;
      if (drawn < 38 && able_.psmash) return psmash;
      if (drawn >= 38 && drawn < 41 && able_.rmpread) return rmpread;
      if (drawn >= 41 && drawn < 56 && able_.pvalidate) return pvalidate;
      if (drawn >= 56 && drawn < 66 && able_.rmpadjust) return rmpadjust;
      if (drawn >= 66 && drawn < 69 && able_.rmpquery) return rmpquery;
      if (drawn >= 69 && drawn < 89 && able_.access) return access;
      if (drawn >= 89 && drawn < 94 && able_.entry) return entry;
      if (drawn >= 94 && drawn < 97 && able_.firmware) return page_reclaim;
      if (drawn >= 97 && drawn < 99 && able_.firmware) return page_unsmash;
      if (drawn >= 99 && able_.firmware) return page_set_state;
    }
  }

  /// A look at what the last operation that changes something was to change, now and then.
  [[nodiscard]] auto draw_second_look() -> std::optional<rmp_operation> {
    if (!has_changed_ || !chance(12)) return {};
    const bool query = chance(40);
    if (able_.rmpquery && (query || !able_.entry)) return rmp_operation::rmpquery;
    if (able_.entry) return rmp_operation::entry;
    if (able_.rmpread) return rmp_operation::rmpread;
    return {};
  }

  [[nodiscard]] static auto changes(rmp_operation what) -> bool {
    return what != rmp_operation::rmpread && what != rmp_operation::rmpquery && what != rmp_operation::access &&
           what != rmp_operation::entry;
  }

  [[nodiscard]] static auto is_guests(rmp_operation what) -> bool {
    return what == rmp_operation::pvalidate || what == rmp_operation::rmpadjust || what == rmp_operation::rmpquery ||
           what == rmp_operation::access;
  }

  /// A page of a guest if one is quickly found.
  [[nodiscard]] auto draw_guest_page(const rmp::lazy_table& now) -> rmp::spfn {
    for (int tries = 0;; ++tries) {
      const rmp::spfn page = draw_page();
      if (tries == 8 || chance(10)) return page;
      if (now.covers(page) && rmp::authoritative_entry(now, page).id != host_asid) return page;
    }
  }

  /// The same with a page that is immutable.
  [[nodiscard]] auto draw_immutable_page(const rmp::lazy_table& now) -> rmp::spfn {
    for (int tries = 0;; ++tries) {
      const rmp::spfn page = draw_page();
      if (tries == 8 || chance(20)) return page;
      if (now.covers(page) && now.entry_of(page).immutable) return page;
    }
  }

  [[nodiscard]] auto draw_page() -> rmp::spfn {
    const std::uint64_t base = regions_[chance(60) ? 0 : below(regions_.size())] * 512;
    return {base + pick({0, 0, 0, 1, 1, 2, 5, 511})};
  }

  /// The gPA at which a page is seen if nothing is wrong: regions of pages go to regions of gPAs.
  [[nodiscard]] static auto usual_gpa(rmp::spfn page) -> std::uint64_t { return 0x4000'0000 + (page.value << 12); }
  [[nodiscard]] auto draw_asid() -> std::uint32_t { return static_cast<std::uint32_t>(pick({5, 5, 5, 5, 6, 1006})); }
  [[nodiscard]] auto mask() -> std::uint64_t {
    return pick({0, 1, 3, 5, 7, 0xd, 0xf, 0x11, 0x13, 0x1f, 2, 9, 0x17, 0x21});
  }

  void draw_host(rmp_step& step) {
    if (chance(2)) step.caller_asid = 7;
    if (chance(2)) step.cpl = 3;
  }

  void draw_update(rmp_step& step, const rmp::entry& found) {
    draw_host(step);
    step.size = chance(35) ? page_size::k2m : page_size::k4k;
    if (step.size == page_size::k2m && chance(90)) step.spa &= ~std::uint64_t{0x1f'ffff};
    step.assigned = chance(65);
    if (step.assigned) {
      step.immutable = chance(30);
      step.asid = chance(15) ? 0 : draw_asid();
      step.gpa = usual_gpa(page_of(spa{step.spa}));
      if (found.assigned && found.id.value != 0 && chance(60)) {  // the same again, perhaps with one difference
        step.asid = found.id.value;
        step.gpa = found.guest.value;
      }
      if (step.asid == 0 && chance(80)) step.gpa = 0;
    } else {
      step.immutable = chance(2);
      if (chance(2)) step.asid = 5;
    }
    if (chance(3)) step.asid = static_cast<std::uint32_t>(pick({0x3ff, 1007, 1022, 0x400, 0xffff'ffff}));
    if (chance(8)) step.gpa ^= pick({0x1000, 0x20'0000, 0x8000, std::uint64_t{1} << 47, std::uint64_t{1} << 48, 0x123});
  }

  void draw_guest(rmp_step& step, rmp::spfn page, const rmp::entry& found, unsigned highest_vmpl) {
    const bool owned = found.assigned && found.id.value != 0;
    step.asid = owned && chance(90) ? found.id.value : draw_asid();
    step.gpa = usual_gpa(page);
    if (owned) {
      const std::uint64_t inside = found.large ? (page.value & 511) << 12 : 0;
      step.gpa = found.guest.value + inside;
    }
    step.leaf = found.large ? page_size::k2m : page_size::k4k;
    if (chance(12)) step.leaf = static_cast<page_size>(pick({0, 1, static_cast<unsigned>(page_size::k1g)}));
    step.size = found.large ? page_size::k2m : page_size::k4k;
    if (chance(15)) step.size = step.size == page_size::k4k ? page_size::k2m : page_size::k4k;
    if (step.size == page_size::k2m && chance(70)) {
      step.spa &= ~std::uint64_t{0x1f'ffff};
      step.gpa &= ~std::uint64_t{0x1f'ffff};
    }
    if (chance(5)) step.gpa ^= pick({0x1000, 0x20'0000, 0x4000'0000});
    step.validate = chance(75);
    step.vmpl = static_cast<std::uint8_t>(chance(70)          ? 0
                                          : highest_vmpl == 0 ? pick({0, 1, 3})
                                                              : below(highest_vmpl + 2));
    if (chance(2)) step.cpl = 3;
  }

  void draw_access(rmp_step& step, rmp::spfn page, const rmp::entry& found) {
    draw_guest(step, page, found, 3);
    step.by = static_cast<rmp_agent>(pick({0, 1, 1, 1, 1, 2}));
    step.kind = static_cast<rmp_access>(below(6));
    step.cpl = static_cast<std::uint8_t>(pick({0, 3}));
    step.vmpl = static_cast<std::uint8_t>(pick({0, 1, 1, 2, 3}));
    step.snp = step.by != rmp_agent::guest || chance(85);
    step.c = step.by == rmp_agent::guest && chance(75);
    step.size = page_size::k4k;
    if (step.by == rmp_agent::host) step.gpa = step.spa;
    if (step.by == rmp_agent::guest) return;
    step.asid = 0;
    step.vmpl = 0;
  }

  std::mt19937_64 random_;
  rmp_abilities able_;
  std::array<std::uint64_t, 5> regions_{};
  rmp::spfn changed_{};  ///< the page of the last operation that changes something
  bool has_changed_{};
};

}  // namespace sevspec::inline v0::verify

#endif
