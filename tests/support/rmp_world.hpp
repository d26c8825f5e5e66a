// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RMP_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_RMP_WORLD_HPP

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>
#include <sevspec/verify/rmp_invariants.hpp>

namespace sevspec::test {

/// A small machine where everybody does what they like, drawn from a seed: a hostile host with nested tables, RMP
/// instructions, writes and replayed ciphertext, devices, the firmware's commands on pages, VMRUN, two guests with
/// several VMPLs, and the TLBs of them all. After every step the invariants are asked.
/// @tparam Store    eight regions, not yet used
/// @tparam Careful  guests never validate a gPA twice
/// @tparam Context  with the rules in force
template <class Store, bool Careful, class Context = context<>>
class rmp_world {
 public:
  static constexpr std::uint64_t n = Store::sub_pages;
  static constexpr rmp::page_range all{.first = {}, .count = 8 * n};
  /// The table's own pages, which the firmware has made its own.
  static constexpr rmp::spfn own{7 * n};

  rmp_world(std::uint64_t seed, Store& table, const Context& ctx)
      : ctx_(ctx), table_(table), random_(seed), memory_(all.count) {
    table_.put(own, {.assigned = true, .immutable = true, .locked = true});
    before_ = verify::rmp_snapshot<Store>(table_, all);
  }

  /// One step of anybody.
  /// @return what is wrong after it, if anything
  auto step() -> std::optional<std::string> {
    action_ = {};
    made_.reset();
    wrong_.reset();
    const std::uint64_t drawn = below(100);
    if (drawn < 30) update();
    else if (drawn < 36) smash();
    else if (drawn < 54) validate();
    else if (drawn < 60) adjust();
    else if (drawn < 66) command();
    else if (drawn < 70) vmrun();
    else if (drawn < 86) guest_refers();
    else host_refers();
    return judge();
  }

  /// What happened in the last step: "rmpupdate 0".
  [[nodiscard]] auto name() const -> const std::string& { return name_; }

 private:
  struct cell {  ///< a page's one qword as DRAM holds it
    std::uint32_t key{};
    std::uint64_t at{};  ///< the page it was enciphered for
    std::uint64_t value{};
  };

  [[nodiscard]] auto below(std::uint64_t limit) -> std::uint64_t { return random_() % limit; }
  [[nodiscard]] auto chance(unsigned percent) -> bool { return below(100) < percent; }
  [[nodiscard]] auto pick(std::initializer_list<std::uint64_t> of) -> std::uint64_t {
    return of.begin()[below(of.size())];
  }
  [[nodiscard]] auto any_page() -> rmp::spfn {
    return {chance(80) ? below(3) * n + pick({0, 0, 1, n - 1, below(n)}) : below(8 * n + 2)};
  }
  [[nodiscard]] static auto base_of(rmp::spfn page) -> rmp::spfn { return {page.value - page.value % n}; }
  [[nodiscard]] auto entry_at(rmp::spfn page) const -> rmp::entry {
    return table_.covers(page) ? rmp::authoritative_entry(table_, page) : rmp::entry{};
  }
  /// Where its owner sees a page, or would.
  [[nodiscard]] auto guest_of(rmp::spfn page) -> gpa {
    const rmp::entry e = entry_at(page);
    if (e.assigned && e.id != host_asid) return e.guest + (e.large ? page.value % n * 0x1000 : 0);
    return {0x100'0000 + (chance(70) ? page.value : page.value % n + below(16) * n) * 0x1000};
  }
  [[nodiscard]] auto is_table() const {
    return [](spa where) { return page_of(where) == own; };
  }

  void update() {
    const bool large = chance(35);
    rmp::spfn page = any_page();
    if (large && chance(90)) page = base_of(page);
    const rmp::entry now = entry_at(page);
    rmp::new_state wanted{.large = large};
    const std::uint64_t kind = below(100);
    wanted.assigned = kind >= 25 || chance(2);
    wanted.immutable = (kind >= 25 && kind < 32) || kind >= 85;
    if (kind >= 38) wanted.id = {static_cast<std::uint32_t>(pick({5, 5, 6}))};
    if (wanted.assigned && wanted.id != host_asid) wanted.guest = guest_of(page);
    if (large && chance(95)) wanted.guest.value &= ~(n * 0x1000 - 1);
    if (now.assigned && now.id != host_asid && wanted.assigned && chance(40)) wanted.id = now.id;
    done("rmpupdate", rmp::rmpupdate(ctx_, table_, cpu_, {}, address_of(page), wanted),
         {.what = verify::rmp_deed::rmpupdate, .page = page, .large = large});
  }
  void smash() {
    const rmp::spfn page = chance(90) ? base_of(any_page()) : any_page();
    done("psmash", rmp::psmash(ctx_, table_, cpu_, {}, address_of(page)),
         {.what = verify::rmp_deed::psmash, .page = page});
  }

  struct named_page {
    rmp::execution by;
    rmp::spfn page;
    gpa guest;
    bool large;
  };
  /// A page that a guest's instruction names: where the host's nested tables put it.
  /// @param tries  to find a page that is assigned and validated
  auto named(unsigned tries = 1) -> named_page {
    rmp::spfn page = any_page();
    for (; tries > 1; --tries) {
      const rmp::entry e = entry_at(page);
      if (e.assigned && e.validated && !e.immutable) break;
      page = any_page();
    }
    const rmp::entry e = entry_at(page);
    named_page made{.by = {.id = {static_cast<std::uint32_t>(pick({5, 6}))}, .snp_active = true},
                    .page = page,
                    .guest = guest_of(page),
                    .large = e.large != chance(10)};
    if (e.assigned && e.id != host_asid && chance(90)) made.by.id = e.id;
    if (made.large && chance(90)) {
      made.page = base_of(page);
      made.guest.value &= ~(n * 0x1000 - 1);
    }
    if (chance(10)) made.guest.value ^= pick({1, n, 2 * n}) * 0x1000;  // the host has remapped it
    return made;
  }
  static auto translation(const named_page& it) {
    return [it](gva where) -> outcome<rmp::guest_page> {
      const page_size leaf = it.large ? page_size::k2m : page_size::k4k;
      return rmp::guest_page{
          .linear = where, .guest = it.guest, .where = address_of(it.page), .leaf = leaf, .guest_leaf = leaf};
    };
  }

  void validate() {
    named_page it = named();
    const bool wanted = chance(80);
    const std::uint64_t count = it.large ? n : 1;
    const gpa first{it.large ? it.guest.value & ~(n * 0x1000 - 1) : it.guest.value};
    if (chance(5)) it.by.privilege = {1};
    if (Careful && wanted)
      for (std::uint64_t i = 0; i < count; ++i)
        if (validated_.contains({it.by.id.value, first.value + i * 0x1000})) return;
    const auto result =
        rmp::pvalidate(ctx_, table_, cpu_, it.by,
                       {.where = {it.guest.value}, .size = it.large ? 1U : 0U, .validated = wanted}, translation(it));
    if (result && result->succeeded()) {
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::pair key{it.by.id.value, first.value + i * 0x1000};
        if (wanted) validated_.insert(key);
        else if (!result->unchanged) validated_.erase(key);
        if (!wanted) monitor_.gave_up(it.by.id, {key.second});
      }
      touched_by_guest(it);
    }
    done("pvalidate", result,
         {.what = verify::rmp_deed::pvalidate,
          .page = it.page,
          .large = it.large,
          .id = it.by.id,
          .level = it.by.privilege,
          .validate = wanted});
  }
  void adjust() {
    named_page it = named(4);
    it.by.privilege = {static_cast<std::uint8_t>(pick({0, 0, 1, 2}))};
    const std::uint64_t target = pick({1, 1, 2, 3, 0});
    const std::uint64_t attributes = target | pick({0, 1, 3, 7, 0xf, 0x1f, 0x13}) << 8 | (chance(20) ? 0x1'0000U : 0U);
    const auto result = rmp::rmpadjust(
        ctx_, table_, cpu_, it.by, {.where = {it.guest.value}, .size = it.large ? 1U : 0U, .attributes = attributes},
        translation(it));
    if (result && result->succeeded()) touched_by_guest(it);
    done("rmpadjust", result,
         {.what = verify::rmp_deed::rmpadjust,
          .page = it.page,
          .large = it.large,
          .id = it.by.id,
          .level = it.by.privilege,
          .target = static_cast<std::uint8_t>(target)});
  }

  void command() {
    const rmp::spfn page = chance(70) ? base_of(any_page()) : any_page();
    firmware::status result{};
    const std::uint64_t which = below(4);
    if (which < 2) {
      const page_size size = entry_at(page).large ? page_size::k2m : page_size::k4k;
      result = firmware::page_reclaim(ctx_, table_, address_of(page), size, is_table());
      name_ = "reclaim";
    } else if (which == 2) {
      result = firmware::page_unsmash(ctx_, table_, address_of(page), is_table());
      name_ = "unsmash";
    } else {
      result = firmware::page_set_state(ctx_, table_, address_of(page), pick({1, 2}), is_table());
      name_ = "set_state";
    }
    const bool succeeded = result == firmware::status::success;
    action_ = {.what = verify::rmp_deed::command, .succeeded = succeeded, .page = page};
    name_ += succeeded ? " success" : " failure";
  }

  /// VMRUN takes a VMCB or a VMSA; #VMEXIT gives all back.
  void vmrun() {
    const rmp::spfn page = any_page();
    const rmp::entry e = entry_at(page);
    action_ = {.what = verify::rmp_deed::vmrun, .succeeded = true, .page = page};
    const bool good =
        rmp::check_vmrun_page(ctx_, table_, rmp::vmrun_page::vmcb, address_of(page)) == rmp::page_answer::good ||
        rmp::check_snp_vmsa(ctx_, table_, address_of(page), e.id) == rmp::page_answer::good;
    if (held_.size() < 2 && good && table_.covers(page) && !e.immutable) {
      rmp::set_in_use(ctx_, table_, address_of(page), true);
      held_.insert(page.value);
      name_ = "vmrun";
      return;
    }
    for (const std::uint64_t one : held_) rmp::set_in_use(ctx_, table_, {one << 12}, false);
    held_.clear();
    name_ = "vmexit";
  }

  void guest_refers() {
    const named_page it = named(8);
    const auto kind = static_cast<access_kind>(pick({0, 0, 1, 1, 1, 2, 4}));
    const memory::ownership_query query{.where = address_of(it.page),
                                        .guest = it.guest,
                                        .leaf = it.large ? page_size::k2m : page_size::k4k,
                                        .kind = kind,
                                        .user = chance(30),
                                        .c = chance(80) || kind == access_kind::execute,
                                        .who = memory::owner_context::snp_guest,
                                        .id = it.by.id,
                                        .level = {static_cast<std::uint8_t>(pick({0, 0, 1, 2}))},
                                        .vmpl_sss = true};
    if (rmp::check_access(ctx_, table_, query).what != memory::ownership_verdict::kind::allowed) {
      name_ = "guest fault";
      return;
    }
    hold(query, {.id = query.id});
    made_ = {.page = it.page,
             .by = verify::rmp_party::guest,
             .guest = query.guest,
             .id = query.id,
             .level = query.level,
             .c = query.c,
             .write = writes(kind),
             .sss = kind == access_kind::shadow_stack_write && !query.user};
    name_ = std::string("guest ") + (query.c ? "private " : "shared ") + (writes(kind) ? "write" : "read");
    if (it.page.value >= memory_.size()) return;
    cell& content = memory_[it.page.value];
    const std::uint32_t key = query.c ? it.by.id.value : 0;
    if (writes(kind)) {
      content = {.key = key, .at = it.page.value, .value = ++written_};
      if (query.c) monitor_.wrote(it.by.id, it.guest, written_);
    } else if (query.c) {
      const bool clear = content.key == key && content.at == it.page.value;
      const std::uint64_t value = clear ? content.value : ~content.value;
      if (Careful) wrong_ = monitor_.read(it.by.id, it.guest, value, it.page);
      if (clear) name_ += " back";
    }
  }

  void host_refers() {
    const rmp::spfn page = any_page();
    const bool device = chance(30);
    memory::ownership_query query{.where = address_of(page),
                                  .kind = chance(70) ? access_kind::write : access_kind::read};
    if (chance(30) && !device) {
      query.leaf = page_size::k2m;
      query.where = address_of(base_of(page));
    }
    const std::string who = device ? "device" : "host";
    if (rmp::check_access(ctx_, table_, query).what != memory::ownership_verdict::kind::allowed) {
      name_ = who + " fault";
      return;
    }
    if (!device) hold(query, {});
    made_ = {.page = page,
             .by = device ? verify::rmp_party::device : verify::rmp_party::hypervisor,
             .write = query.kind == access_kind::write};
    name_ = who + (made_->write ? " write" : " read");
    if (page.value >= memory_.size()) return;
    if (!made_->write) {
      if (copies_.size() < 64) copies_.push_back(memory_[page.value]);
    } else if (!copies_.empty() && chance(60)) {
      memory_[page.value] = copies_[below(copies_.size())];  // what was there or elsewhere before
      name_ += " of a copy";
    } else {
      memory_[page.value] = {.key = 0, .at = page.value, .value = ++written_};
    }
  }

  /// A TLB keeps the translation of a reference that was let through.
  void hold(const memory::ownership_query& query, paging::address_space space) {
    const bool large = query.leaf != page_size::k4k;
    const std::uint64_t inside = large ? n * 0x1000 - 1 : 0xfff;
    if (held_translations_.size() >= 24) held_translations_.erase(held_translations_.begin());
    const cpl level = query.user ? user_mode : kernel_mode;
    held_translations_.push_back({.space = space,
                                  .found = {.size = query.leaf,
                                            .guest = {query.guest.value & ~inside},
                                            .page = {query.where.value & ~inside},
                                            .c = query.c,
                                            .level = query.level,
                                            .served = paging::access_class({.kind = query.kind, .level = level})},
                                  .snp_active = space.id != host_asid});
  }
  [[nodiscard]] static auto overlaps(const verify::held_translation& held, rmp::page_range pages) -> bool {
    const std::uint64_t first = page_of(held.found.page).value;
    const std::uint64_t count = held.found.size == page_size::k4k ? 1 : n;
    return first < pages.first.value + pages.count && pages.first.value < first + count;
  }
  void touched_by_guest(const named_page& it) {
    for (verify::held_translation& held : held_translations_)
      if (held.space.id == it.by.id && overlaps(held, {base_of(it.page), n})) held.guest_changed = true;
  }

  void done(const char* what, const outcome<rmp::result>& result, verify::rmp_action action) {
    action.succeeded = result && result->succeeded();
    action_ = action;
    name_ = std::string(what) + (result ? " " + std::to_string(static_cast<unsigned>(result->eax)) : " fault");
    if (!action.succeeded) return;
    // Without the rule software flushes.
    const rmp::page_range software{base_of(action.page), action.by_host() && !ctx_.choices.rmpupdate_tlb ? n : 0};
    std::erase_if(held_translations_, [&](const verify::held_translation& held) {
      return overlaps(held, result->stale) || overlaps(held, software);
    });
  }

  auto judge() -> std::optional<std::string> {
    const verify::rmp_surroundings around{
        .choices = ctx_.choices,
        .careful_guests = Careful,
        .holds_table = is_table(),
        .held = [this](rmp::spfn page) { return held_.contains(page.value); },
        .translations = held_translations_,
    };
    if (!wrong_ && made_) wrong_ = verify::check_access_made(before_, *made_);
    if (!wrong_) wrong_ = verify::check_all(before_, table_, all, action_, around);
    if (action_.what != verify::rmp_deed::look) before_.take(table_, all);
    if (!wrong_) return {};
    return std::string(verify::name_of(wrong_->broken)) + ", page " + std::to_string(wrong_->page.value) + ": " +
           wrong_->what + ", by " + name_ + " of page " + std::to_string(action_.page.value);
  }

  Context ctx_;
  Store& table_;
  rmp::processor cpu_;
  std::mt19937_64 random_;
  std::vector<cell> memory_;
  std::vector<cell> copies_;  ///< what the host has seen
  std::uint64_t written_ = 0;
  std::set<std::uint64_t> held_;
  std::set<std::pair<std::uint32_t, std::uint64_t>> validated_;  ///< what guests have validated and not given up
  std::vector<verify::held_translation> held_translations_;
  verify::rmp_snapshot<Store> before_;
  verify::rmp_integrity_monitor monitor_;
  verify::rmp_action action_;
  std::optional<verify::rmp_access_made> made_;
  verify::rmp_finding wrong_;
  std::string name_;
};

}  // namespace sevspec::test

#endif
