// SPDX-License-Identifier: MIT
// The Reverse Map Table against its slow twin, and kept in several ways: the same steps give the same answers and the same
// entries.
#include <memory>
#include <random>
#include <sstream>
#include <vector>

#include <property/property.hpp>

#include <support/slow_rmp.hpp>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/rmp/raw_table.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>
#include <sevspec/verify/choice_table.hpp>
#include <sevspec/verify/rmp_compare.hpp>
#include <sevspec/verify/rmp_generator.hpp>
#include <sevspec/verify/rmp_reference.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using verify::rmp_answer;
using verify::rmp_ending;
using verify::rmp_generator;
using verify::rmp_operation;
using verify::rmp_reference;
using verify::rmp_setup;
using verify::rmp_step;
using u64 = std::uint64_t;

/// The table outside memory, and inside it.
const rmp_setup outside{.memory = 8 << 20};
const rmp_setup inside{.memory = 8 << 20, .rmp_base = 0x20'0000, .rmp_end = 0x20'bfff};
/// The last region is covered in part.
const rmp_setup ragged{.memory = 1300 * 4096};

auto text_of(const rmp_step& s) -> std::string {
  std::ostringstream out;
  out << "operation " << static_cast<int>(s.what) << std::hex << " spa " << s.spa << " gpa " << s.gpa << " size "
      << name_of(s.size) << " leaf " << name_of(s.leaf) << " assigned " << s.assigned << " immutable " << s.immutable
      << " asid " << s.asid << " caller " << s.caller_asid << " cpl " << int{s.cpl} << " vmpl " << int{s.vmpl}
      << " validate " << s.validate << " attributes " << s.attributes << " target " << int{s.target_vmpl} << " by "
      << static_cast<int>(s.by) << " snp " << s.snp << " kind " << static_cast<int>(s.kind) << " c " << s.c << " pages "
      << s.pages;
  return out.str();
}
auto text_of(const rmp_answer& a) -> std::string {
  std::ostringstream out;
  out << "ending " << static_cast<int>(a.ending) << std::hex << " eax " << a.eax << " zf " << a.zf << " cf " << a.cf
      << " error " << a.error << " at " << a.address << " lo " << a.lo << " hi " << a.hi << " state " << a.state
      << " attributes " << a.attributes << " size byte " << int{a.size_byte} << " by " << name_of(a.decided_by);
  return out.str();
}

/// What became of steps, for the tally.
void count(tally& classes, const rmp_step& step, const rmp_answer& answer) {
  static const char* const operations[]{"rmpupdate", "psmash", "rmpread", "pvalidate", "rmpadjust",     "rmpquery",
                                        "access",    "entry",  "reclaim", "unsmash",   "page_set_state"};
  static const char* const endings[]{"done", "", "#GP", "#UD", "#PF", "#NPF", "#VC", "abort", "shown", ""};
  std::string name = operations[static_cast<unsigned>(step.what)];
  if (answer.ending == rmp_ending::result) name += " " + std::to_string(answer.eax);
  else if (answer.ending == rmp_ending::status) name += std::string(" ") + answer.state;
  else name += std::string(" ") + endings[static_cast<unsigned>(answer.ending)];
  classes.add(name);
}

/// Takes steps on the library and its twin, and says what is wrong, if anything.
/// @param marks  now and then VMRUN takes a page, and #VMEXIT gives all back
/// @param first  what is done before
auto disagreement(u64 seed, const rmp_setup& setup, unsigned steps, tally& classes, bool marks = false,
                  const std::vector<rmp_step>& first = {}) -> std::string {
  auto made = rmp_reference<>::make(setup);
  if (!made) return "no table";
  rmp_reference<>& machine = *made;
  slow_rmp twin(setup);
  rmp_generator draw(seed, machine.pages(), {});
  std::mt19937_64 random(seed);
  std::vector<u64> held;
  for (unsigned i = 0; i < first.size() + steps; ++i) {
    if (marks && random() % 8 == 0) {
      const u64 page = random() % 4 * 512 + std::array<u64, 3>{0, 1, 511}[random() % 3];
      const rmp::authoritative it = rmp::find_authoritative(machine.table(), {page});
      context<> ctx;
      if (held.size() < 3 && !it.found.immutable) {
        rmp::set_in_use(ctx, machine.table(), {page << 12}, true);
        twin.set_in_use(it.page.value << 12, true);
        held.push_back(it.page.value);
      } else {
        for (const u64 one : held) {
          rmp::set_in_use(ctx, machine.table(), {one << 12}, false);
          twin.set_in_use(one << 12, false);
        }
        held.clear();
      }
    }
    const rmp_step step = i < first.size() ? first[i] : draw.next(machine.table());
    // The twin's entries have room for longer ASIDs than those of Zen 3.
    if (!setup.choices.rmpupdate_asid_range && step.asid > 0x3ff) continue;
    const rmp_answer expected = twin.run(step);
    const rmp_answer actual = machine.run(step);
    count(classes, step, actual);
    if (!verify::same_answer(step, expected, actual))
      return text_of(step) + "\n  twin:    " + text_of(expected) + "\n  library: " + text_of(actual);
    // The page's entry, and that of its region.
    for (const u64 where : {step.spa, step.spa & ~u64{0x1f'ffff}}) {
      const rmp_step show{.what = rmp_operation::entry, .spa = where};
      const rmp_answer slow = twin.run(show);
      const rmp_answer fast = machine.run(show);
      if (!verify::same_answer(show, slow, fast))
        return "after " + text_of(step) + ", entry of " + std::to_string(where >> 12) +
               "\n  twin:    " + text_of(slow) + "\n  library: " + text_of(fast);
    }
  }
  // All entries in the end.
  for (u64 page = 0; page < machine.pages() + 2; ++page) {
    const rmp_step show{.what = rmp_operation::entry, .spa = page << 12};
    if (!verify::same_answer(show, twin.run(show), machine.run(show)))
      return "entry of " + std::to_string(page) + "\n  twin:    " + text_of(twin.run(show)) +
             "\n  library: " + text_of(machine.run(show));
  }
  return {};
}

auto seeds() -> rc::Gen<u64> { return rc::gen::noShrink(rc::gen::arbitrary<u64>()); }

}  // namespace

TEST_CASE("RMP-UPD-01: the library and its twin agree", "[rmp][RMP-UPD-01][RMP-CHK-01][RMP-TRN-01][RMP-TRN-10]") {
  tally classes;
  for (const rmp_setup& setup : {outside, inside, ragged}) {
    property(setup.rmp_end == 0 ? "table outside memory" : "table inside memory", 100, [&] {
      const std::string wrong = disagreement(*seeds(), setup, 150, classes);
      if (!wrong.empty()) RC_FAIL(wrong);
    });
  }
  check_none_empty("steps", classes,
                   {"rmpupdate 0",
                    "rmpupdate 1",
                    "rmpupdate 2",
                    "rmpupdate 4",
                    "rmpupdate #GP",
                    "psmash 0",
                    "psmash 1",
                    "psmash 2",
                    "psmash 7",
                    "rmpread 0",
                    "rmpread 1",
                    "pvalidate 0",
                    "pvalidate 1",
                    "pvalidate 6",
                    "pvalidate #NPF",
                    "pvalidate #GP",
                    "rmpadjust 0",
                    "rmpadjust 1",
                    "rmpadjust 2",

                    "rmpadjust #NPF",
                    "rmpadjust #VC",
                    "rmpquery 0",
                    "rmpquery 2",
                    "rmpquery #NPF",
                    "rmpquery #VC",
                    "access done",
                    "access #PF",
                    "access #NPF",
                    "access #VC",
                    "access abort",
                    "reclaim SUCCESS",
                    "reclaim INVALID_PAGE_SIZE",
                    "unsmash INVALID_PAGE_STATE",
                    "page_set_state SUCCESS",
                    "page_set_state INVALID_PAGE_STATE"});
}

namespace {

/// A row of the published access checks: what lies in page 20_1000h or in its region, who comes, and what follows.
struct published_row {
  const char* name;
  std::vector<rmp_step> before;
  rmp_step access;
  rmp_ending ending;
  u64 error = 0;
};

constexpr u64 small_at = 0x20'1000, large_at = 0x40'0000;

auto assign(u64 where, u64 gpa, bool immutable = false, std::uint32_t id = 5, page_size size = page_size::k4k)
    -> rmp_step {
  return {.what = rmp_operation::rmpupdate,
          .spa = where,
          .gpa = gpa,
          .size = size,
          .assigned = true,
          .immutable = immutable,
          .asid = id};
}
auto validate(u64 where, u64 gpa, page_size size = page_size::k4k) -> rmp_step {
  return {.what = rmp_operation::pvalidate,
          .spa = where,
          .gpa = gpa,
          .size = size,
          .leaf = size,
          .asid = 5,
          .validate = true};
}
auto grant(u64 attributes) -> rmp_step {
  return {.what = rmp_operation::rmpadjust, .spa = small_at, .gpa = 0x7000, .asid = 5, .attributes = attributes};
}
/// The guest with ASID 5 at VMPL 1, C=1.
auto by_guest(verify::rmp_access kind, page_size leaf = page_size::k4k, bool c = true) -> rmp_step {
  return {.what = rmp_operation::access,
          .spa = small_at,
          .gpa = 0x7000,
          .leaf = leaf,
          .asid = 5,
          .vmpl = 1,
          .by = verify::rmp_agent::guest,
          .kind = kind,
          .c = c};
}
auto by_host(verify::rmp_access kind, std::uint8_t level = 0, page_size leaf = page_size::k4k) -> rmp_step {
  return {.what = rmp_operation::access, .spa = small_at, .gpa = 0x9000, .leaf = leaf, .cpl = level, .kind = kind};
}
auto at_large(rmp_step step, u64 offset = 0) -> rmp_step {
  step.spa = large_at + offset;
  step.gpa = 0x4000'0000 + offset;
  step.vmpl = 0;
  return step;
}
auto of_device(rmp_step step) -> rmp_step {
  step.by = verify::rmp_agent::device;
  return step;
}

auto published_rows() -> std::vector<published_row> {
  using enum verify::rmp_access;
  using enum rmp_ending;
  const rmp_step own = assign(small_at, 0x7000), valid = validate(small_at, 0x7000);
  const rmp_step beside = assign(0x20'5000, 0xb000);
  const std::vector<rmp_step> mine{own, valid, grant(0x0301)};
  const std::vector<rmp_step> big{assign(large_at, 0x4000'0000, false, 5, page_size::k2m),
                                  validate(large_at, 0x4000'0000, page_size::k2m)};
  const rmp_step frozen = assign(small_at, 0x7000, true);
  const rmp_step firmwares = assign(small_at, 0, true, 0);
  return {
      {"guest-valid, write", mine, by_guest(write), done},
      {"perms R, write", {own, valid, grant(0x0101)}, by_guest(write), npf, 0x15'8000'0007},
      {"perms RW, fetch", mine, by_guest(execute), npf, 0x15'8000'0015},
      {"guest-invalid, read", {own}, by_guest(read), vc, 0x404},
      {"guest-invalid, wrong gPA", {assign(small_at, 0x8000)}, by_guest(read), npf, 0x5'8000'0005},
      {"another's, write", {assign(small_at, 0x7000, false, 6)}, by_guest(write), npf, 0x5'8000'0007},
      {"4K entry, 2M leaf", mine, by_guest(write, page_size::k2m), npf, 0x5'8000'0007},
      {"2M entry, 1G leaf", big, at_large(by_guest(write, page_size::k1g)), done},
      {"2M entry, 4K leaf", big, at_large(by_guest(read)), npf, 0x5'8000'0005},
      {"2M entry, 4K leaf, inside", big, at_large(by_guest(read), 0x5000), npf, 0x5'8000'0005},
      {"2M entry, 2M leaf, inside", big, at_large(by_guest(read, page_size::k2m), 0x5000), done},
      {"pre-swap, read", {own, valid, frozen}, by_guest(read), npf, 0x5'8000'0005},
      {"pre-guest, read", {frozen}, by_guest(read), npf, 0x5'8000'0005},
      {"hypervisor, read", {}, by_guest(read), npf, 0x5'8000'0005},
      {"hypervisor, shared read", {}, by_guest(read, page_size::k4k, false), done},
      {"hypervisor, shared write", {}, by_guest(write, page_size::k4k, false), done},
      {"guest-valid, shared read", mine, by_guest(read, page_size::k4k, false), done},
      {"guest-valid, shared write", mine, by_guest(write, page_size::k4k, false), npf, 0x1'8000'0007},
      {"beside a private page, 2M leaf", {beside}, by_guest(write, page_size::k2m, false), npf, 0x1'8000'0007},
      {"beside a private page, 4K leaf", {beside}, by_guest(write, page_size::k4k, false), done},
      {"a table of the guest's", {assign(small_at, 0x7000, false, 6)}, by_guest(walk_read), npf, 0x6'8000'0007},
      {"guest-valid, host write", mine, by_host(write), pf, 0x8000'0003},
      {"guest-valid, host user write", mine, by_host(write, 3), pf, 0x8000'0007},
      {"guest-valid, host read", mine, by_host(read), done},
      {"guest-valid, host fetch", mine, by_host(execute), done},
      {"beside a private page, host 2M", {beside}, by_host(write, 0, page_size::k2m), pf, 0x8000'0003},
      {"firmware, host write", {firmwares}, by_host(write), pf, 0x8000'0003},
      {"firmware, host read", {firmwares}, by_host(read), done},
      {"firmware, guest read", {firmwares}, by_guest(read), npf, 0x5'8000'0005},
      {"pre-guest, host write", {frozen}, by_host(write), pf, 0x8000'0003},
      {"reclaim, host write", {assign(small_at, 0, false, 0)}, by_host(write), pf, 0x8000'0003},
      {"guest-valid, device write", mine, of_device(by_host(write)), abort},
      {"guest-valid, device read", mine, of_device(by_host(read)), done},
      {"hypervisor, device write", {}, of_device(by_host(write)), done},
  };
}

}  // namespace

TEST_CASE(
    "RMP-CHK-01: the published access checks",
    "[rmp][RMP-CHK-01][RMP-CHK-11][RMP-CHK-12][RMP-CHK-13][RMP-CHK-20][RMP-GEO-04][RMP-FLT-01][RMP-FLT-04][RMP-FLT-08]"
    "[RMP-FLT-10]") {
  for (const published_row& row : published_rows()) {
    INFO(row.name);
    auto machine = *rmp_reference<>::make(outside);
    slow_rmp twin(outside);
    for (const rmp_step& step : row.before) {
      CHECK(machine.run(step).eax == 0);
      (void)twin.run(step);
    }
    for (const rmp_answer& answer : {machine.run(row.access), twin.run(row.access)}) {
      CHECK(static_cast<int>(answer.ending) == static_cast<int>(row.ending));
      CHECK(answer.error == row.error);
      if (row.ending == rmp_ending::pf || row.ending == rmp_ending::npf || row.ending == rmp_ending::vc)
        CHECK(answer.address == row.access.gpa);
    }
  }
}

TEST_CASE("every choice: the library and its twin agree", "[rmp][RMP-RUD-02][RMP-SMH-03][RMP-VPL-05][RMP-UPD-14]") {
  tally classes;
  unsigned alternatives = 0;
  for (const verify::named_choice& choice : verify::named_choices) {
    for (unsigned value = 0; value < choice.values().size(); ++value) {
      if (value == choice.get({})) continue;
      ++alternatives;
      for (const rmp_setup& start : {outside, inside}) {
        rmp_setup setup = start;
        choice.set(setup.choices, value);
        for (u64 seed = 1; seed <= 6; ++seed) {
          const std::string wrong = disagreement(seed, setup, 100, classes);
          INFO(choice.name() << " = " << choice.values()[value] << ", seed " << seed << "\n" << wrong);
          CHECK(wrong.empty());
        }
      }
    }
  }
  CHECK(alternatives >= 55);
}

namespace {

/// 512 updates of 4K, of pages as an SNP_PAGE command wants them.
auto updates_of(u64 region, bool firmwares, bool validated) -> std::vector<rmp_step> {
  std::vector<rmp_step> steps;
  for (u64 i = 0; i < 512; ++i) {
    const u64 where = region + i * 0x1000;
    rmp_step update{.what = rmp_operation::rmpupdate, .spa = where, .assigned = true, .immutable = true};
    if (!firmwares) {
      update.gpa = 0x4000'0000 + where;
      update.asid = 5;
    }
    if (validated) {
      update.immutable = false;
      steps.push_back(update);
      steps.push_back(
          {.what = rmp_operation::pvalidate, .spa = where, .gpa = 0x4000'0000 + where, .asid = 5, .validate = true});
      update.immutable = true;
    }
    steps.push_back(update);
  }
  return steps;
}

}  // namespace

TEST_CASE("FW-SNP-USM-01, FW-SNP-PSS-01: the library and its twin agree on whole regions",
          "[rmp][FW-SNP-USM-01][FW-SNP-PSS-01][FW-SNP-PRC-04]") {
  tally classes;
  property("regions that fit, and that nearly fit", 60, [&] {
    rmp_setup setup = *rc::gen::element(outside, inside);
    setup.choices.firmware_page_hi = *rc::gen::arbitrary<bool>();
    setup.choices.unsmash_clears_sub_pages = *rc::gen::arbitrary<bool>();
    const u64 region = 0x40'0000;
    const bool firmwares = *rc::gen::arbitrary<bool>();
    std::vector<rmp_step> steps = updates_of(region, firmwares, !firmwares && *rc::gen::arbitrary<bool>());
    const u64 odd = region + *rc::gen::inRange<u64>(0, 512) * 0x1000;
    switch (*rc::gen::inRange(0, 5)) {  // one page that does not fit
      case 0: steps.push_back({.what = rmp_operation::page_reclaim, .spa = odd}); break;
      case 1:
        steps.push_back({.what = rmp_operation::page_reclaim, .spa = odd});
        steps.push_back({.what = rmp_operation::rmpupdate,
                         .spa = odd,
                         .gpa = 0x1000,
                         .assigned = true,
                         .immutable = true,
                         .asid = 5});
        break;
      case 2:
        steps.push_back({.what = rmp_operation::page_reclaim, .spa = odd});
        steps.push_back({.what = rmp_operation::pvalidate, .spa = odd, .gpa = 0x4000'0000 + odd, .asid = 5});
        steps.push_back({.what = rmp_operation::rmpupdate,
                         .spa = odd,
                         .gpa = 0x4000'0000 + odd,
                         .assigned = true,
                         .immutable = true,
                         .asid = 5});
        break;
      default: break;
    }
    const u64 pages = *rc::gen::element<u64>(1, 2, 511, 512, 513);
    steps.push_back({.what = rmp_operation::page_set_state, .spa = region, .pages = pages});
    steps.push_back({.what = rmp_operation::page_unsmash, .spa = region});
    steps.push_back({.what = rmp_operation::page_reclaim, .spa = region});
    steps.push_back({.what = rmp_operation::page_reclaim, .spa = region, .size = page_size::k2m});
    steps.push_back({.what = rmp_operation::psmash, .spa = region});
    const std::string wrong = disagreement(*seeds(), setup, 40, classes, false, steps);
    if (!wrong.empty()) RC_FAIL(wrong);
  });
  check_none_empty("steps", classes,
                   {"unsmash SUCCESS", "unsmash INVALID_PAGE_STATE", "page_set_state SUCCESS",
                    "page_set_state INVALID_PAGE_STATE", "reclaim INVALID_PAGE_STATE", "psmash 0"});
}

TEST_CASE("RMP-VMR-05: the library and its twin agree on pages in use", "[rmp][RMP-VMR-05][RMP-CHK-15][RMP-ERR-01]") {
  tally classes;
  for (unsigned which = 0; which < 8; ++which) {
    rmp_setup setup = outside;
    setup.choices.inuse_host_read_via_writable = (which & 1) == 0;
    setup.choices.in_use_denies_guest_reads = (which & 2) != 0;
    setup.choices.rmpupdate_order_inuse_vs_perm = (which & 4) == 0;
    property("choices " + std::to_string(which), 15, [&] {
      const std::string wrong = disagreement(*seeds(), setup, 150, classes, true);
      if (!wrong.empty()) RC_FAIL(wrong);
    });
  }
  check_none_empty("steps", classes, {"rmpupdate 3", "psmash 3", "rmpadjust #NPF", "pvalidate #NPF"});
}

TEST_CASE("RMP-UPD-09: the library and its twin agree on locked regions", "[rmp][RMP-UPD-09]") {
  tally classes;
  for (const locked_region code : {locked_region::fail_overlap, locked_region::fail_inuse}) {
    property("a locked region", 60, [&] {
      rmp_setup setup = outside;
      setup.choices.rmpupdate_region_locked_code = code;
      auto machine = *rmp_reference<>::make(setup);
      slow_rmp twin(setup);
      rmp_generator draw(*seeds(), machine.pages(), {});
      for (unsigned i = 0; i < 120; ++i) {
        const rmp_step step = draw.next(machine.table());
        const rmp::spfn base{step.spa >> 21 << 9};
        const bool host = step.what == rmp_operation::rmpupdate || step.what == rmp_operation::psmash;
        const bool locks = host && i % 3 == 0 && machine.table().covers(base);
        rmp::entry first{};
        if (locks) {
          first = machine.table().entry_of(base);
          rmp::entry held = first;
          held.id = rmp::region_lock;
          machine.table().put(base, held);
          twin.set_locked(step.spa >> 21, true);
        }
        const rmp_answer expected = twin.run(step);
        const rmp_answer actual = machine.run(step);
        if (!verify::same_answer(step, expected, actual))
          RC_FAIL(text_of(step) + "\n  twin: " + text_of(expected) + "\n  library: " + text_of(actual));
        if (!locks) continue;
        count(classes, step, actual);
        RC_ASSERT(actual.eax != 0 || actual.ending != rmp_ending::result);
        machine.table().put(base, first);
        twin.set_locked(step.spa >> 21, false);
      }
    });
  }
  check_none_empty("steps", classes, {"rmpupdate 3", "rmpupdate 4", "psmash 3"});
}

// ---- tables that keep entries in other ways

namespace {

/// Entries as they are, in a vector; nobody counts.
struct abstract_table {
  static constexpr u64 sub_pages = 512;
  std::vector<rmp::entry> entries;

  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return page.value < entries.size(); }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> const rmp::entry& { return entries[page.value]; }
  void put(rmp::spfn page, const rmp::entry& what) { entries[page.value] = what; }
};

/// Takes a step on any table; the answer as text.
template <class Store>
auto take(Store& table, const rmp_step& s, const implementation_choices& choices) -> std::string {
  context<> ctx{.choices = choices};
  const rmp::processor cpu;
  const rmp::execution host{.level = {s.cpl}, .id = {s.caller_asid}};
  const rmp::execution guest{.level = {s.cpl}, .id = {s.asid}, .snp_active = s.asid != 0, .privilege = {s.vmpl}};
  const auto to = [&](gva where) -> outcome<rmp::guest_page> {
    return rmp::guest_page{.linear = where, .guest = {s.gpa}, .where = {s.spa}, .leaf = s.leaf, .guest_leaf = s.leaf};
  };
  const auto said = [](const outcome<rmp::result>& done) -> std::string {
    if (!done) return name_of(done.error().kind) + std::to_string(done.error().code) + name_of(done.error().decided_by);
    return rmp::name_of(done->eax) + std::string(done->unchanged ? " CF=1 " : " ") + name_of(done->decided_by) + " " +
           std::to_string(done->stale.first.value) + "+" + std::to_string(done->stale.count);
  };
  const auto nowhere = [](spa) { return false; };
  const std::uint32_t size = s.size == page_size::k4k ? 0 : 1;
  switch (s.what) {
    case rmp_operation::rmpupdate:
      return said(rmp::rmpupdate(
          ctx, table, cpu, host, {s.spa},
          {.assigned = s.assigned, .large = size != 0, .immutable = s.immutable, .id = {s.asid}, .guest = {s.gpa}}));
    case rmp_operation::psmash:    return said(rmp::psmash(ctx, table, cpu, host, {s.spa}));
    case rmp_operation::pvalidate: return said(rmp::pvalidate(ctx, table, cpu, guest, {{s.gpa}, size, s.validate}, to));
    case rmp_operation::rmpadjust:
      return said(rmp::rmpadjust(ctx, table, cpu, guest, {{s.gpa}, size, s.attributes}, to));
    case rmp_operation::rmpread: {
      rmp::read_state out;
      std::string text = said(rmp::rmpread(ctx, table, cpu, host, {s.spa}, out));
      for (const std::uint8_t byte : rmp::bytes_of(out)) text += " " + std::to_string(byte);
      return text;
    }
    case rmp_operation::rmpquery: {
      rmp::queried_state out;
      const std::string text = said(rmp::rmpquery(ctx, table, cpu, guest, {s.gpa}, s.target_vmpl, to, out));
      return text + " " + std::to_string(out.large) + " " + std::to_string(out.attributes);
    }
    case rmp_operation::access: {
      const bool walks = s.kind == verify::rmp_access::walk_read || s.kind == verify::rmp_access::walk_write;
      constexpr std::array kinds{access_kind::read,    access_kind::write,
                                 access_kind::execute, access_kind::shadow_stack_write,
                                 access_kind::read,    access_kind::write};
      const auto who = s.by != verify::rmp_agent::guest ? memory::owner_context::host
                       : s.snp                          ? memory::owner_context::snp_guest
                                                        : memory::owner_context::guest;
      const auto verdict = rmp::check_access(ctx, table,
                                             {.where = {s.spa},
                                              .guest = {s.gpa},
                                              .leaf = s.leaf,
                                              .kind = kinds[static_cast<unsigned>(s.kind)],
                                              .table = walks,
                                              .user = s.cpl == 3,
                                              .c = s.c,
                                              .who = who,
                                              .id = {s.asid},
                                              .level = {s.vmpl},
                                              .vmpl_sss = true});
      return std::to_string(static_cast<int>(verdict.what)) + name_of(verdict.decided_by) + std::to_string(verdict.sss);
    }
    case rmp_operation::entry: return rmp::name_of(rmp::state_of(table, page_of(spa{s.spa})));
    case rmp_operation::page_reclaim:
      return firmware::name_of(firmware::page_reclaim(ctx, table, {s.spa}, s.size, nowhere));
    case rmp_operation::page_unsmash: return firmware::name_of(firmware::page_unsmash(ctx, table, {s.spa}, nowhere));
    case rmp_operation::page_set_state:
      return firmware::name_of(firmware::page_set_state(ctx, table, {s.spa}, s.pages, nowhere));
    default: return {};  // needs guests of the firmware's
  }
}

}  // namespace

TEST_CASE("tables of every kind give the same", "[rmp][RMP-CHK-08][RMP-ENT-06]") {
  constexpr u64 pages = 2048;
  const auto compare = [&](u64 seed, u64 covered, const implementation_choices& choices) -> std::string {
    rmp::lazy_table lazy(covered);
    std::vector<rmp::raw_entry> entries(covered);
    rmp::raw_table<> raw(entries);
    const auto small = std::make_unique<rmp::small_table<pages>>();
    abstract_table plain{.entries = std::vector<rmp::entry>(covered)};
    rmp_generator draw(seed, covered, {});
    for (unsigned i = 0; i < 120; ++i) {
      const rmp_step step = draw.next(lazy);
      const std::string expected = take(plain, step, choices);
      const std::string of_lazy = take(lazy, step, choices);
      const std::string of_raw = take(raw, step, choices);
      const std::string of_small = covered == pages ? take(*small, step, choices) : expected;
      if (of_lazy != expected) return text_of(step) + "\n  plain: " + expected + "\n  lazy: " + of_lazy;
      if (of_raw != expected) return text_of(step) + "\n  plain: " + expected + "\n  raw: " + of_raw;
      if (of_small != expected) return text_of(step) + "\n  plain: " + expected + "\n  small: " + of_small;
    }
    for (u64 page = 0; page < covered; ++page) {
      const rmp::raw_entry expected = rmp::encode(plain.entries[page]);
      if (lazy.raw_of({page}) != expected || entries[page] != expected ||
          (covered == pages && rmp::encode(small->entries[page]) != expected))
        return "entry of " + std::to_string(page);
    }
    return {};
  };
  property("default choices", 100, [&] {
    const std::string wrong = compare(*seeds(), pages, {});
    if (!wrong.empty()) RC_FAIL(wrong);
  });
  for (const verify::named_choice& choice : verify::named_choices) {
    for (unsigned value = 0; value < choice.values().size(); ++value) {
      if (value == choice.get({})) continue;
      implementation_choices choices;
      choice.set(choices, value);
      for (u64 seed = 1; seed <= 3; ++seed) {
        const std::string wrong = compare(seed, pages, choices);
        INFO(choice.name() << " = " << choice.values()[value] << ", seed " << seed << "\n" << wrong);
        CHECK(wrong.empty());
      }
    }
  }
  // A region that is covered in part.
  property("a part of a region", 60, [&] {
    const std::string wrong = compare(*seeds(), 1300, {});
    if (!wrong.empty()) RC_FAIL(wrong);
  });
  property("a large page on a part of a region", 200, [&] {
    const std::string wrong = compare(*seeds(), 1300, {.rmpupdate_2m_partial = false});
    if (!wrong.empty()) RC_FAIL(wrong);
  });
}
