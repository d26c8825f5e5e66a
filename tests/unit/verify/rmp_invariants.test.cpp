// SPDX-License-Identifier: MIT
// Every invariant notices that it is broken, and says so with its name and the page.
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <support/catch.hpp>

#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/raw_table.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/rmp_invariants.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify;
using rmp::entry;
using rmp::spfn;
using u64 = std::uint64_t;

/// A table of eight regions that counts the pages of each ASID, of any number of sub-pages.
template <u64 SubPages>
struct counting_table : rmp::small_table<8 * SubPages, SubPages> {
  std::map<std::uint32_t, std::int64_t> counters;
  [[nodiscard]] auto pages_of(asid id) const -> std::int64_t {
    const auto found = counters.find(id.value);
    return found == counters.end() ? 0 : found->second;
  }
  void count_pages(asid id, std::int64_t delta) { counters[id.value] += delta; }
};
/// The same in the format of Zen 3. The caller keeps the entries.
template <u64 SubPages>
struct stored_table {
  static constexpr u64 sub_pages = SubPages;
  static constexpr bool counts_sub_pages = true;
  std::vector<rmp::raw_entry> entries = std::vector<rmp::raw_entry>(8 * SubPages);
  std::uint32_t misread = 0;  ///< added to ASIDs as they are read: a broken codec

  [[nodiscard]] auto covers(spfn page) const -> bool { return page.value < entries.size(); }
  [[nodiscard]] auto raw_of(spfn page) const -> rmp::raw_entry { return entries[page.value]; }
  [[nodiscard]] auto raw_region(spfn base) const -> const rmp::raw_entry* { return &entries[base.value]; }
  [[nodiscard]] auto entry_of(spfn page) const -> entry {
    entry found = rmp::decode(entries[page.value]);
    if (found.assigned) found.id.value ^= misread;
    return found;
  }
  void put(spfn page, const entry& what) { entries[page.value] = rmp::encode(what); }
};
/// Entries as they are, of which nobody counts anything.
template <u64 SubPages>
struct plain_table {
  static constexpr u64 sub_pages = SubPages;
  std::vector<entry> entries = std::vector<entry>(8 * SubPages);
  [[nodiscard]] auto covers(spfn page) const -> bool { return page.value < entries.size(); }
  [[nodiscard]] auto entry_of(spfn page) const -> const entry& { return entries[page.value]; }
  void put(spfn page, const entry& what) { entries[page.value] = what; }
};

constexpr gpa seen{0x1'0000'0000};
constexpr entry guest_valid{
    .assigned = true, .validated = true, .id = {5}, .guest = seen, .allowed = {{{0x1f}, {0x07}, {0}, {0}}}};
constexpr entry firmwares{.assigned = true, .immutable = true, .locked = true};

auto but(entry made, const std::function<void(entry&)>& change) -> entry {
  change(made);
  return made;
}

template <class Store>
struct scene {
  static constexpr u64 n = Store::sub_pages;
  static constexpr u64 large_bytes = n * 0x1000;
  static constexpr rmp::page_range all{.first = {}, .count = 8 * n};
  static constexpr spfn small{n + 1};  ///< guest-valid, of 4K
  static constexpr spfn large{2 * n};  ///< guest-valid, a large page
  static constexpr spfn vmsa{3 * n};   ///< a VMSA of the guest
  static constexpr spfn table{4 * n};  ///< a Firmware page
  static constexpr spfn context{4 * n + 1};
  static constexpr spfn fixed{5 * n};  ///< HV-Fixed
  static constexpr spfn invalid{6 * n + 1};
  static constexpr spfn hypervisors{7 * n + 1};

  Store store = [] {
    if constexpr (std::is_constructible_v<Store, u64>) return Store(8 * n);
    else return Store();
  }();

  scene() {
    put(small, guest_valid);
    put(vmsa, but(guest_valid, [](entry& e) { e.vmsa = true, e.guest = seen + 0x1000; }));
    put(table, firmwares);
    put(context, but(firmwares, [](entry& e) { e.vmsa = true; }));
    put(fixed, {.immutable = true});
    put(invalid, but(guest_valid, [](entry& e) { e.validated = false, e.guest = seen + 0x2000; }));
    const entry whole =
        but(guest_valid, [](entry& e) { e.large = true, e.id = {6}, e.guest = seen + 4 * large_bytes; });
    count(whole.id, static_cast<std::int64_t>(n));
    rmp::put_large(store, large, whole);
  }

  [[nodiscard]] auto at(spfn page) const -> entry { return store.entry_of(page); }
  void count(asid id, std::int64_t delta) {
    if constexpr (requires { store.count_pages(id, delta); }) store.count_pages(id, delta);
  }
  /// A page of 4K, with all counts.
  void put(spfn page, entry what) {
    const spfn base{page.value - page.value % n};
    const entry old = at(page);
    if (page == base) {
      what.sub_page_count = old.sub_page_count;
    } else if (old.assigned != what.assigned) {
      entry first = at(base);
      first.sub_page_count = static_cast<std::uint16_t>(first.sub_page_count + (what.assigned ? 1 : -1));
      store.put(base, first);
    }
    if (old.assigned && old.id != host_asid) count(old.id, -1);
    if (what.assigned && what.id != host_asid) count(what.id, 1);
    store.put(page, what);
  }
  /// Without any care. Not inlined: g++ 12 folds the instances of two sizes into one and then warns of its own doing.
  [[gnu::noinline]] void change(spfn page, const std::function<void(entry&)>& how) {
    store.put(page, but(at(page), how));
  }
};

auto text_of(const rmp_finding& found) -> std::string {
  return found ? std::string(name_of(found->broken)) + " page " + std::to_string(found->page.value) : "nothing";
}
auto text_of(rmp_invariant which, spfn page) -> std::string {
  return std::string(name_of(which)) + " page " + std::to_string(page.value);
}

/// A change to the scene breaks an invariant of the table.
template <class Store>
void breaks(const char* what, rmp_invariant which, spfn page, const std::function<void(scene<Store>&)>& change,
            const rmp_surroundings<>& around = {}) {
  INFO(what);
  scene<Store> now;
  change(now);
  const rmp_finding found = check_table(now.store, now.all, around);
  CHECK(text_of(found) == text_of(which, page));
  if (found) CHECK(std::string(found->what) != "");
}

/// A step that turns the scene into another breaks an invariant.
template <class Store>
void step_breaks(const char* what, rmp_invariant which, spfn page, const rmp_action& action,
                 const std::function<void(scene<Store>&)>& change) {
  INFO(what);
  scene<Store> now;
  const rmp_snapshot<Store> before(now.store, now.all);
  change(now);
  CHECK(text_of(check_step(before, now.store, now.all, action)) == text_of(which, page));
}
template <class Store>
void step_holds(const char* what, const rmp_action& action, const std::function<void(scene<Store>&)>& change,
                const implementation_choices& choices = {}) {
  INFO(what);
  scene<Store> now;
  const rmp_snapshot<Store> before(now.store, now.all);
  change(now);
  CHECK(text_of(check_step(before, now.store, now.all, action, choices)) == "nothing");
}

using enum rmp_invariant;

}  // namespace

TEMPLATE_TEST_CASE("INV-01 to INV-08, INV-20, INV-24: tables",
                   "[rmp][verify][INV-01][INV-02][INV-03][INV-05][INV-06][INV-07][INV-08]", counting_table<2>,
                   stored_table<4>, plain_table<4>, rmp::lazy_table) {
  using s = scene<TestType>;
  constexpr u64 n = s::n;
  const s good;
  CHECK(text_of(check_table(good.store, good.all)) == "nothing");

  const auto at = [](spfn page, const std::function<void(entry&)>& how) {
    return [page, how](s& now) { now.change(page, how); };
  };
  breaks<TestType>("an owner", inv_01, s::hypervisors, at(s::hypervisors, [](entry& e) { e.id = {5}; }));
  breaks<TestType>("a gPA", inv_01, s::hypervisors, at(s::hypervisors, [](entry& e) { e.guest = {0x1000}; }));
  breaks<TestType>("validated", inv_01, s::fixed, at(s::fixed, [](entry& e) { e.validated = true; }));
  breaks<TestType>("a VMSA", inv_01, s::hypervisors, at(s::hypervisors, [](entry& e) { e.vmsa = true; }));
  breaks<TestType>("large", inv_01, {7 * n}, at({7 * n}, [](entry& e) { e.large = true; }));

  breaks<TestType>("a validated page of the firmware", inv_02, s::table,
                   at(s::table, [](entry& e) { e.validated = true; }));

  breaks<TestType>("a page twice", inv_03, s::invalid,
                   [](s& now) { now.change(s::invalid, [](entry& e) { e.validated = true, e.guest = seen; }); });
  breaks<TestType>("a page, and inside a large one", inv_03, s::invalid, [](s& now) {
    now.put(s::invalid,
            but(guest_valid, [](entry& e) { e.id = {6}, e.guest = seen + 4 * s::large_bytes + (n - 1) * 0x1000; }));
  });
  breaks<TestType>("a page twice, of a guest whose gPAs lie below another's", inv_03, s::hypervisors, [](s& now) {
    for (const spfn page : {s::invalid, s::hypervisors})
      now.put(page, but(guest_valid, [](entry& e) { e.id = {6}, e.guest = {0x1000}; }));
  });
  breaks<TestType>("a page that is swapped out, too", inv_23, s::small, [](s&) {},
                   {.swapped = std::array{swapped_page{{5}, seen, false, true, true}}});
  breaks<TestType>(
      "swapped out twice", inv_23, {}, [](s&) {},
      {.swapped = std::array{swapped_page{{9}, seen, false, true, true}, swapped_page{{9}, seen, false, true, true}}});

  // Two copies in the table, the smaller one first in the larger, and a third behind it: the larger one is in its way.
  constexpr gpa first_large = seen + 4 * s::large_bytes;
  const auto twice = [first_large](s& now) {
    now.put(s::invalid, but(guest_valid, [&](entry& e) { e.id = {6}, e.guest = first_large; }));
  };
  breaks<TestType>("a page inside a large one, swapped out and not by itself", inv_23, s::large, twice,
                   {.careful_guests = false,
                    .swapped = std::array{swapped_page{{6}, first_large + (n - 1) * 0x1000, false, true, true}}});
  breaks<TestType>("three times", inv_03, s::invalid, [&](s& now) {
    twice(now);
    now.put(s::hypervisors, but(guest_valid, [&](entry& e) { e.id = {6}, e.guest = first_large + (n - 1) * 0x1000; }));
  });
  {
    s now;
    twice(now);
    const std::array behind{swapped_page{{6}, first_large + s::large_bytes, false, true, true}};
    CHECK(text_of(check_table(now.store, now.all, rmp_surroundings<>{.careful_guests = false, .swapped = behind})) ==
          "nothing");
  }

  breaks<TestType>("not aligned", inv_05, s::vmsa, [](s& now) {
    now.change(s::vmsa, [](entry& e) { e.vmsa = false, e.large = true, e.sub_page_count = 0; });
    now.count({5}, static_cast<std::int64_t>(n) - 1);
    for (u64 i = 1; i < n; ++i) now.store.put({s::vmsa.value + i}, {.assigned = true});
  });
  breaks<TestType>("large inside a region", inv_05, s::small, at(s::small, [](entry& e) { e.large = true; }));
  for (const auto& [what, how] :
       std::map<const char*, std::function<void(entry&)>>{{"not assigned", [](entry& e) { e.assigned = false; }},
                                                          {"an owner", [](entry& e) { e.id = {5}; }},
                                                          {"immutable", [](entry& e) { e.immutable = true; }},
                                                          {"large", [](entry& e) { e.large = true; }}})
    breaks<TestType>(what, inv_05, {s::large.value + n - 1}, at({s::large.value + n - 1}, how));

  if constexpr (requires { requires TestType::counts_sub_pages; }) {
    breaks<TestType>("a count", inv_06, {n}, at({n}, [](entry& e) { e.sub_page_count ^= 1; }));
    breaks<TestType>("a count of a large page", inv_06, s::large, at(s::large, [](entry& e) { e.sub_page_count = 1; }));
    breaks<TestType>("a count inside a region", inv_06, s::small, at(s::small, [](entry& e) { e.sub_page_count = 1; }));
  }

  breaks<TestType>("a VMSA of the firmware", inv_07, s::context,
                   at(s::context, [](entry& e) { e.immutable = e.locked = false; }));
  breaks<TestType>("a VMSA inside a large page", inv_07, {s::large.value + 1},
                   at({s::large.value + 1}, [](entry& e) { e.vmsa = true; }));
  breaks<TestType>("permissions", inv_08, s::small, at(s::small, [](entry& e) { e.allowed[0] = {0x0f}; }));

  if constexpr (requires(s& now) { now.store.count_pages(asid{}, 1); }) {
    breaks<TestType>("a counter", inv_20, s::large, [](s& now) { now.count({6}, 1); });
    breaks<TestType>("a counter of nobody", inv_20, {}, [](s& now) { now.count({9}, 1); });
    const s counted;
    CHECK(text_of(check_table(counted.store, s::all, rmp_surroundings<>{.choices = {.asid_counter_unit = false}})) ==
          text_of(inv_20, s::large));
  }

  // What a machine may choose, and what is not asked for.
  s free;
  free.change(s::invalid, [](entry& e) { e.validated = true, e.guest = seen; });
  CHECK(text_of(check_table(free.store, s::all, rmp_surroundings<>{.careful_guests = false})) == "nothing");
  CHECK(text_of(check_table(free.store, s::all, rmp_surroundings<>{.whole_table = false})) == "nothing");
  s odd;
  odd.change(s::large, [](entry& e) { e.guest = e.guest + 0x1000; });
  CHECK(text_of(check_table(odd.store, s::all)) == text_of(inv_05, s::large));
  CHECK(text_of(check_table(odd.store, s::all, rmp_surroundings<>{.choices = {.rmpupdate_gpa_align = false}})) ==
        "nothing");
}

TEST_CASE("INV-03: the guest is to blame", "[rmp][verify][INV-03]") {
  scene<counting_table<4>> now;
  now.change(now.invalid, [](entry& e) { e.validated = true, e.guest = seen; });
  CHECK(inv_03_one_page_per_gpa(now.store, now.all).value().by_guest);
  now.change(now.invalid, [](entry& e) { e.guest = seen + 0x8000; });
  CHECK_FALSE(inv_03_one_page_per_gpa(now.store, now.all).has_value());
}

TEST_CASE("INV-04: a codec that gives a page two owners", "[rmp][verify][INV-04]") {
  scene<stored_table<4>> now;
  CHECK_FALSE(inv_04_one_owner(now.store, now.all).has_value());
  now.store.misread = 1;
  CHECK(text_of(check_table(now.store, now.all)) == text_of(inv_04, now.small));
  // An ASID that the format has no room for.
  scene<plain_table<4>> wide;
  wide.change(wide.small, [](entry& e) { e.id = {0x405}; });
  CHECK(text_of(check_table(wide.store, wide.all)) == text_of(inv_04, wide.small));
}

TEST_CASE("INV-24: a large page at the end of the table", "[rmp][verify][INV-24]") {
  rmp::small_table<6, 4> table;
  table.entries[4] = but(guest_valid, [](entry& e) { e.large = true; });
  table.entries[5].assigned = true;
  const rmp::page_range all{{}, 8};
  CHECK(text_of(check_table(table, all)) == text_of(inv_24, {6}));
  CHECK(text_of(check_table(table, all, rmp_surroundings<>{.choices = {.rmpupdate_2m_partial = false}})) == "nothing");
}

TEST_CASE("INV-21, INV-22: the table itself, and pages in use", "[rmp][verify][INV-21][INV-22]") {
  using s = scene<counting_table<4>>;
  s now;
  const auto around = [](u64 holds, u64 held) {
    return rmp_surroundings{.holds_table = [=](spa where) { return where.value >> 12 == holds; },
                            .held = [=](spfn page) { return page.value == held; }};
  };
  CHECK(text_of(check_table(now.store, now.all, around(s::table.value, 0))) == "nothing");
  for (const spfn other : {s::small, s::context, s::fixed, s::hypervisors, s::large, spfn{s::large.value + 1}})
    CHECK(text_of(check_table(now.store, now.all, around(other.value, 0))) == text_of(inv_21, other));
  CHECK(text_of(check_table(now.store, {{}, 9 * 4}, around(8 * 4, 0))) == text_of(inv_21, {8 * 4}));

  now.change(s::small, [](entry& e) { e.in_use = true; });
  CHECK(text_of(check_table(now.store, now.all, around(s::table.value, s::small.value))) == "nothing");
  CHECK(text_of(check_table(now.store, now.all, around(s::table.value, 0))) == text_of(inv_22, s::small));
  CHECK(text_of(check_table(now.store, now.all)) == "nothing");  // nobody knows who runs
  // A large page is held as a whole.
  s big;
  big.change(s::large, [](entry& e) { e.in_use = true; });
  CHECK(text_of(check_table(big.store, big.all, around(s::table.value, s::large.value + 3))) == "nothing");
  CHECK(text_of(check_table(big.store, big.all, around(s::table.value, s::large.value + 4))) ==
        text_of(inv_22, s::large));
}

TEMPLATE_TEST_CASE("INV-09 to INV-16, INV-24: steps",
                   "[rmp][verify][INV-09][INV-11][INV-12][INV-13][INV-14][INV-15][INV-16][INV-24]", counting_table<2>,
                   stored_table<4>, plain_table<4>, rmp::lazy_table) {
  using s = scene<TestType>;
  using enum rmp_deed;
  constexpr u64 n = s::n;
  const auto at = [](spfn page, const std::function<void(entry&)>& how) {
    return [page, how](s& now) { now.change(page, how); };
  };
  const auto nothing = [](s&) {};

  const rmp_action adjust{.what = rmpadjust, .succeeded = true, .page = s::small, .id = {5}, .level = {1}, .target = 2};
  step_holds<TestType>("granted", adjust, at(s::small, [](entry& e) { e.allowed[2] = {0x03}; }));
  step_breaks<TestType>("too much", inv_09, s::small, adjust, at(s::small, [](entry& e) { e.allowed[2] = {0x08}; }));
  step_breaks<TestType>("another's", inv_09, s::small, adjust, at(s::small, [](entry& e) { e.allowed[3] = {0x01}; }));
  step_breaks<TestType>("a VMSA", inv_09, s::small, adjust, at(s::small, [](entry& e) { e.vmsa = true; }));
  step_breaks<TestType>("the owner", inv_09, s::small, adjust, at(s::small, [](entry& e) { e.id = {6}; }));
  step_breaks<TestType>("its own", inv_09, s::small,
                        {.what = rmpadjust, .succeeded = true, .page = s::small, .id = {5}, .level = {1}, .target = 1},
                        at(s::small, [](entry& e) { e.allowed[1] = {0x01}; }));
  step_holds<TestType>("a VMSA by VMPL 0", {.what = rmpadjust, .succeeded = true, .page = s::small, .id = {5}},
                       at(s::small, [](entry& e) { e.vmsa = true; }));

  const rmp_action update{.what = rmpupdate, .succeeded = true, .page = s::small};
  const auto of = [](rmp_action action, spfn page) {
    action.page = page;
    return action;
  };
  step_breaks<TestType>("an immutable page", inv_11, s::context, of(update, s::context),
                        at(s::context, [](entry& e) { e = {}; }));
  step_holds<TestType>("by the firmware", {.what = command, .succeeded = true, .page = s::context},
                       at(s::context, [](entry& e) { e.vmsa = false; }));
  {
    scene<TestType> now;
    now.change(s::vmsa, [](entry& e) { e.in_use = true; });
    const rmp_snapshot<TestType> before(now.store, s::all);
    now.change(s::vmsa, [](entry& e) { e = {.in_use = true, .sub_page_count = e.sub_page_count}; });
    CHECK(text_of(check_step(before, now.store, s::all, of(update, s::vmsa))) == text_of(inv_11, s::vmsa));
  }
  const rmp_action literal{.what = rmpupdate, .succeeded = true, .page = {4 * n}, .large = true};
  const auto overwritten = [](s& now) {
    for (u64 i = 0; i < n; ++i) now.store.put({4 * n + i}, {.assigned = i != 0});
  };
  step_breaks<TestType>("a large page over immutable ones", inv_11, {4 * n}, literal, overwritten);
  step_holds<TestType>("the literal loop", literal, overwritten, {.rmpupdate_2m_over_immutable = false});

  step_breaks<TestType>("to another guest", inv_12, s::small, update, at(s::small, [](entry& e) { e.id = {6}; }));
  step_breaks<TestType>("to another gPA", inv_12, s::small, update,
                        at(s::small, [](entry& e) { e.guest = seen + 0x8000; }));
  step_breaks<TestType>("to 4K", inv_12, s::large, of(update, s::large),
                        at(s::large, [](entry& e) { e.large = false; }));
  step_breaks<TestType>("to 2M", inv_12, s::vmsa,
                        {.what = rmpupdate, .succeeded = true, .page = s::vmsa, .large = true},
                        at(s::vmsa, [](entry& e) { e.large = true; }));
  step_holds<TestType>("not validated any longer", update,
                       at(s::small, [](entry& e) { e.id = {6}, e.validated = false; }));
  step_holds<TestType>("it stays", update, at(s::small, [](entry& e) { e.immutable = true; }));
  const rmp_action smash{.what = psmash, .succeeded = true, .page = s::large};
  step_breaks<TestType>("PSMASH moves", inv_12, s::large, smash,
                        at(s::large, [](entry& e) { e.guest = e.guest + s::large_bytes; }));

  const auto validated = at(s::invalid, [](entry& e) { e.validated = true; });
  const rmp_action validate{.what = pvalidate, .succeeded = true, .page = s::invalid, .id = {5}, .validate = true};
  step_holds<TestType>("by its owner", validate, validated);
  for (const rmp_deed firmware : {launch_update, swap_in, page_move}) {
    step_holds<TestType>("by the firmware", {.what = firmware, .succeeded = true, .page = s::invalid}, validated);
    step_breaks<TestType>("the wrong page", inv_13, s::invalid,
                          {.what = firmware, .succeeded = true, .page = s::hypervisors}, validated);
  }
  step_breaks<TestType>("by a host", inv_13, s::invalid, of(update, s::invalid), validated);
  step_breaks<TestType>("by a command", inv_13, s::invalid, {.what = command, .succeeded = true}, validated);
  rmp_action wrong = validate;
  wrong.validate = false;
  step_breaks<TestType>("the contrary", inv_13, s::invalid, wrong, validated);
  wrong = validate;
  wrong.level = {1};
  step_breaks<TestType>("by VMPL 1", inv_13, s::invalid, wrong, validated);
  wrong = validate;
  wrong.id = {6};
  step_breaks<TestType>("by another", inv_13, s::invalid, wrong, validated);
  step_breaks<TestType>("elsewhere", inv_13, s::invalid, of(validate, s::small), validated);

  const auto split = [](s& now) { rmp::put_split(now.store, s::large, now.at(s::large)); };
  step_holds<TestType>("PSMASH", smash, split);
  step_breaks<TestType>("PSMASH forgets", inv_14, {s::large.value + n - 1}, smash, [&](s& now) {
    split(now);
    now.change({s::large.value + n - 1}, [](entry& e) { e.validated = false; });
  });
  step_breaks<TestType>("PSMASH grants", inv_14, {s::large.value + 1}, smash, [&](s& now) {
    split(now);
    now.change({s::large.value + 1}, [](entry& e) { e.allowed[3] = {1}; });
  });

  rmp_action failed = update;
  failed.succeeded = false;
  step_breaks<TestType>("a failure", inv_15, s::small, failed, at(s::small, [](entry& e) { e = {}; }));
  step_breaks<TestType>("a look", inv_15, s::fixed, {.what = look, .succeeded = true},
                        at(s::fixed, [](entry& e) { e.immutable = false; }));
  if constexpr (requires(s& now) { now.store.count_pages(asid{}, 1); })
    step_breaks<TestType>("a counter", inv_15, s::small, failed, [](s& now) { now.count({9}, 1); });
  step_holds<TestType>("nothing", failed, nothing);

  step_breaks<TestType>("another page", inv_16, s::hypervisors, update,
                        at(s::hypervisors, [](entry& e) { e.allowed[0] = {0x1f}; }));
  step_holds<TestType>("the count", update, at({n}, [](entry& e) { e.sub_page_count ^= 1; }));
  step_breaks<TestType>("more than the count", inv_16, {n}, update, at({n}, [](entry& e) { e.allowed[0] = {1}; }));
  // A guest's instruction on a page of 4K leaves the first entry of its region alone, the count in it, too.
  const rmp_action inside{.what = pvalidate, .succeeded = true, .page = s::small, .id = {5}};
  step_breaks<TestType>("the region's first page", inv_16, {n}, inside, at({n}, [](entry& e) { e.allowed[0] = {1}; }));
  step_breaks<TestType>("the region's count", inv_16, {n}, inside, at({n}, [](entry& e) { e.sub_page_count ^= 1; }));
  step_breaks<TestType>("the region's first page is a VMSA", inv_16, {n},
                        {.what = rmpadjust, .succeeded = true, .page = s::small, .id = {5}, .target = 1},
                        at({n}, [](entry& e) { e.vmsa = true; }));
  step_holds<TestType>("the large page around", of(validate, {s::large.value + 1}),
                       at(s::large, [](entry& e) { e.validated = false; }));
  step_breaks<TestType>("another region", inv_16, s::invalid, smash,
                        at(s::invalid, [](entry& e) { e.immutable = true; }));

  step_breaks<TestType>("an uncovered page", inv_24, {8 * n}, of(update, {8 * n}), nothing);
  rmp_action refused = of(update, {8 * n});
  refused.succeeded = false;
  step_holds<TestType>("an uncovered page, refused", refused, nothing);
}

TEST_CASE("INV-10, INV-19: references that have happened", "[rmp][verify][INV-10][INV-19]") {
  using s = scene<counting_table<4>>;
  using enum rmp_party;
  s now;
  const auto judged = [&](const rmp_access_made& made) { return text_of(check_access_made(now.store, made)); };
  const rmp_access_made own{.page = s::small, .by = guest, .guest = seen + 8, .id = {5}, .c = true, .write = true};
  const auto with = [&](auto&& change) {
    rmp_access_made made = own;
    change(made);
    return made;
  };
  CHECK(judged(own) == "nothing");
  CHECK(judged(with([](auto& a) { a.level = {1}; })) == "nothing");
  CHECK(judged({.page = {s::large.value + 3},
                .by = guest,
                .guest = seen + 4 * s::large_bytes + 0x3000,
                .id = {6},
                .c = true,
                .write = true}) == "nothing");
  CHECK(judged(with([](auto& a) { a.sss = true; })) == "nothing");
  // INV-10
  for (const auto& wrong :
       {with([](auto& a) { a.by = hypervisor; }), with([](auto& a) { a.by = device; }),
        with([](auto& a) { a.by = amd_sp; }), with([](auto& a) { a.c = false; }), with([](auto& a) { a.id = {6}; }),
        with([](auto& a) { a.guest = seen + 0x1000; }), with([](auto& a) { a.level = {2}; }),
        with([](auto& a) { a.level = {9}; }), with([](auto& a) { a.level = {1}, a.sss = true; })})
    CHECK(judged(wrong) == text_of(inv_10, s::small));
  for (const rmp_party by : {hypervisor, device}) {
    CHECK(judged({.page = s::hypervisors, .by = by, .write = true}) == "nothing");
    CHECK(judged({.page = s::fixed, .by = by, .write = true}) == "nothing");
    CHECK(judged({.page = s::small, .by = by}) == "nothing");  // a read
    CHECK(judged({.page = {s::large.value + 1}, .by = by, .write = true}) == text_of(inv_10, {s::large.value + 1}));
    CHECK(judged({.page = {1'000}, .by = by, .write = true}) == "nothing");
  }
  CHECK(judged({.page = s::table, .by = amd_sp, .write = true}) == "nothing");
  for (const auto& [what, how] :
       std::map<const char*, std::function<void(entry&)>>{{"not validated", [](entry& e) { e.validated = false; }},
                                                          {"immutable", [](entry& e) { e.immutable = true; }},
                                                          {"in use", [](entry& e) { e.in_use = true; }}}) {
    INFO(what);
    now = {};
    now.change(s::small, how);
    CHECK(judged(own) == text_of(inv_10, s::small));
  }
  // INV-19
  now = {};
  const auto read = [&](auto&& change) {
    rmp_access_made made = own;
    made.write = false;
    change(made);
    return judged(made);
  };
  CHECK(read([](auto&) {}) == "nothing");
  CHECK(read([](auto& a) { a.c = false, a.page = s::hypervisors; }) == "nothing");
  CHECK(read([](auto& a) { a.page = s::hypervisors; }) == text_of(inv_19, s::hypervisors));
  CHECK(read([](auto& a) { a.page = s::invalid, a.guest = seen + 0x2000; }) == text_of(inv_19, s::invalid));
  CHECK(read([](auto& a) { a.guest = seen + 0x8000; }) == text_of(inv_19, s::small));
  CHECK(read([](auto& a) { a.id = {6}; }) == text_of(inv_19, s::small));
  CHECK(read([](auto& a) { a.page = {999}; }) == text_of(inv_19, {999}));
}

TEST_CASE("INV-17: translations that nobody flushed", "[rmp][verify][INV-17]") {
  using s = scene<counting_table<4>>;
  s now;
  const auto found = [&](const held_translation& held) {
    return text_of(check_table(now.store, now.all, rmp_surroundings<>{.translations = std::span(&held, 1)}));
  };
  const std::uint16_t data =
      paging::access_class({.kind = access_kind::read}) | paging::access_class({.kind = access_kind::write});
  held_translation of_guest{
      .space = {.id = {5}},
      .found = {.size = page_size::k4k, .guest = seen, .page = address_of(s::small), .c = true, .served = data},
      .snp_active = true};
  held_translation of_host{.found = {.size = page_size::k4k, .page = address_of(s::hypervisors), .served = data}};
  CHECK(found(of_guest) == "nothing");
  CHECK(found(of_host) == "nothing");
  // Another VMPL, without permission to write.
  of_guest.found.level = {1};
  CHECK(found(of_guest) == "nothing");
  of_guest.found.level = {2};
  CHECK(found(of_guest) == text_of(inv_17, s::small));
  of_guest.guest_changed = true;  // by RMPADJUST
  CHECK(found(of_guest) == "nothing");
  of_guest.guest_changed = false;
  of_guest.found.level = {};
  // The host has taken or given a page.
  now.put(s::small, {});
  CHECK(found(of_guest) == text_of(inv_17, s::small));
  of_guest.guest_changed = true;  // that was not the guest
  CHECK(found(of_guest) == text_of(inv_17, s::small));
  now = {};
  now.put(s::hypervisors, but(guest_valid, [](entry& e) { e.validated = false, e.guest = seen + 0x9000; }));
  CHECK(found(of_host) == text_of(inv_17, s::hypervisors));
  of_host.found.served = paging::access_class({.kind = access_kind::read});
  CHECK(found(of_host) == "nothing");  // reads are not checked
  // Through a large translation the whole region counts.
  now = {};
  held_translation wide{.found = {.size = page_size::k2m, .page = address_of(spfn{7 * 4}), .served = data}};
  CHECK(found(wide) == "nothing");
  now.put(s::hypervisors, {.assigned = true});
  CHECK(found(wide) == text_of(inv_17, {7 * 4}));
  // Held by VMRUN meanwhile: that passes.
  now = {};
  now.change(s::hypervisors, [](entry& e) { e.in_use = true; });
  of_host.found.served = data;
  CHECK(found(of_host) == "nothing");
  // Privacy by virtual TOM.
  now = {};
  held_translation tom = of_guest;
  tom.guest_changed = false;
  tom.found.c = false;
  CHECK(found(tom) == text_of(inv_17, s::small));  // a shared write of an assigned page
  tom.found.virtual_tom = seen.value + 0x20'0000;
  CHECK(found(tom) == "nothing");
  tom.found.virtual_tom = seen.value;
  CHECK(found(tom) == text_of(inv_17, s::small));
  // Shadow stacks: SSS or W.
  held_translation stack = of_guest;
  stack.guest_changed = false;
  stack.found.served = paging::access_class({.kind = access_kind::shadow_stack_write});
  stack.found.level = {1};
  CHECK(found(stack) == "nothing");
  stack.found.level = {3};
  CHECK(found(stack) == text_of(inv_17, s::small));
}

TEST_CASE("INV-18: what a guest reads", "[rmp][verify][INV-18]") {
  rmp_integrity_monitor monitor;
  const asid id{5};
  CHECK_FALSE(monitor.read(id, seen, 1, {7}));
  monitor.wrote(id, seen, 1);
  monitor.wrote(id, seen + 0xff8, 2);
  monitor.wrote(id, seen + 0x1000, 3);
  CHECK_FALSE(monitor.read(id, seen, 1, {7}));
  CHECK(text_of(monitor.read(id, seen, 2, {7})) == text_of(inv_18, {7}));
  CHECK_FALSE(monitor.read({6}, seen, 2, {7}));
  monitor.gave_up(id, seen + 0x10);
  CHECK_FALSE(monitor.read(id, seen, 9, {7}));
  CHECK_FALSE(monitor.read(id, seen + 0xff8, 9, {7}));
  CHECK(monitor.read(id, seen + 0x1000, 9, {7}));
  monitor.ended(id);
  CHECK_FALSE(monitor.read(id, seen + 0x1000, 9, {7}));
}

TEST_CASE("INV-18: stores that overlap, and stores across pages", "[rmp][verify][INV-18]") {
  rmp_integrity_monitor monitor;
  const asid id{5};
  const auto holds = [&](u64 offset, u64 value) { return !monitor.read(id, seen + offset, value, {7}); };
  monitor.wrote(id, seen, 0x1716'1514'1312'1110);
  monitor.wrote(id, seen + 4, 0x2726'2524'2322'2120);
  CHECK(holds(0, 0x2322'2120'1312'1110));
  CHECK_FALSE(holds(0, 0x1716'1514'1312'1110));  // the old upper half
  CHECK(holds(4, 0x2726'2524'2322'2120));
  CHECK_FALSE(holds(4, 0x2726'2524'1716'1514));
  CHECK(holds(3, 0x2625'2423'2221'2013));
  CHECK_FALSE(holds(3, 0x2625'2423'2221'2093));
  // What nobody stored may be anything.
  CHECK(holds(8, 0x9999'9999'2726'2524));
  CHECK_FALSE(holds(8, 0x9999'9999'2726'2525));
  CHECK(holds(12, 0x99));
  CHECK(holds(16, 0x99));
  // Across the end of a page, of which the guest gives up one or the other.
  for (const bool second : {false, true}) {
    monitor.ended(id);
    monitor.wrote(id, seen + 0xffc, 0x3736'3534'3332'3130);
    CHECK(holds(0xffc, 0x3736'3534'3332'3130));
    CHECK(holds(0xff8, 0x3332'3130'9999'9999));
    CHECK(holds(0x1000, 0x9999'9999'3736'3534));
    CHECK_FALSE(holds(0xffc, 0x3736'3534'3332'3131));
    CHECK_FALSE(holds(0xffc, 0x3836'3534'3332'3130));
    monitor.gave_up(id, seen + (second ? 0x1000 : 0));
    CHECK(holds(0xff8, 0x9999'9999'9999'9999) != second);
    CHECK(holds(0x1000, 0x9999'9999'9999'9999) == second);
    CHECK(holds(0xffc, second ? 0x9999'9999'3332'3130 : 0x3736'3534'9999'9999));
    CHECK_FALSE(holds(0xffc, 0x9999'9999'9999'9999));
  }
  // Whatever the stores are, bytes tell.
  std::mt19937_64 random(18);
  std::map<u64, std::uint8_t> bytes;
  monitor.ended(id);
  for (unsigned i = 0; i < 20'000; ++i) {
    const u64 offset = 0xfe0 + random() % 0x40, value = random();
    if (i % 2 == 0) {
      monitor.wrote(id, seen + offset, value);
      for (unsigned b = 0; b < 8; ++b) bytes[offset + b] = static_cast<std::uint8_t>(value >> (8 * b));
    } else {
      u64 honest = value, wrong = value;
      bool any = false;
      for (unsigned b = 0; b < 8; ++b)
        if (const auto known = bytes.find(offset + b); known != bytes.end()) {
          honest = (honest & ~(u64{0xff} << (8 * b))) | u64{known->second} << (8 * b);
          any = true;
          wrong = honest ^ u64 { 0x10 } << (8 * b);
        }
      if (!holds(offset, honest) || (any && holds(offset, wrong))) FAIL("store " << i << " at " << offset);
    }
  }
}

TEST_CASE("invariants have names", "[rmp][verify]") {
  for (unsigned i = 1; i <= rmp_invariants.size(); ++i) {
    const std::string number = std::to_string(i);
    const auto which = static_cast<rmp_invariant>(i);
    CHECK(name_of(which) == (i < 10 ? "INV-0" : "INV-") + number);
    CHECK(std::string(info_of(which).text) != "");
  }
}

TEST_CASE("a snapshot is the table as it was", "[rmp][verify]") {
  scene<counting_table<4>> now;
  rmp_snapshot<counting_table<4>> before(now.store, now.all);
  const auto same = before;
  now.put(now.small, {});
  CHECK(before.entry_of(now.small) == guest_valid);
  CHECK(before.pages_of({5}) == now.store.pages_of({5}) + 1);
  CHECK(before == same);
  before.take(now.store, {{4}, 4});
  CHECK(before == rmp_snapshot<counting_table<4>>(now.store, now.all));
  CHECK_FALSE(before.covers({8 * 4}));
  const rmp_snapshot<counting_table<4>> part(now.store, {{4}, 4});
  CHECK_FALSE(part.covers({3}));
  CHECK_FALSE(part.covers({8}));
  CHECK(part.entry_of({5}) == now.at({5}));
}

// In constant expressions, too.
static_assert([] {
  rmp::small_table<8, 4> table;
  const rmp::page_range all{{}, 8};
  const rmp_snapshot<rmp::small_table<8, 4>> before(table, all);
  table.entries[1] = guest_valid;
  table.entries[0].sub_page_count = 1;
  const auto found = check_all(before, table, all, {.what = rmp_deed::rmpupdate, .succeeded = true, .page = {1}});
  return found && found->broken == inv_12;
}());
