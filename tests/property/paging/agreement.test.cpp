// SPDX-License-Identifier: MIT
// The library's walks and the twin's are the same function: result, fault, references in order, A/D updates, memory.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

auto class_of(const fault& error) -> std::string {
  const auto code_bit = [&](int n) { return slow::bit_of(error.code, n); };
  std::string name = name_of(error.kind);
  if (error.kind != fault_kind::pf && error.kind != fault_kind::npf) return name;
  if (error.kind == fault_kind::npf) name += code_bit(33) ? " of a table" : " of the page";
  return name + (!code_bit(0) ? ", not present" : code_bit(3) ? ", reserved" : code_bit(5) ? ", key" : ", forbidden");
}

template <class Result>
void count(tally& classes, const walked<Result>& walk, const slow::answer& twin) {
  classes.add(walk.result ? "ok" : class_of(walk.result.error()));
  if (!walk.result && walk.result.error().kind == fault_kind::pf)
    for (const rule r : {rule::PAG_PERM_01, rule::PAG_PERM_02, rule::PAG_PERM_03, rule::PAG_PERM_04, rule::PAG_PERM_05})
      classes.add(name_of(r), walk.result.error().decided_by == r);
  classes.add("raced", twin.raced);
  classes.add("reaches into the hole", !walk.result && walk.result.error().decided_by == rule::PAG_CAN_04);
  classes.add("updates", !walk.log.updates.empty());
  classes.add("updates and fault", !walk.log.updates.empty() && !walk.result);
}

}  // namespace

TEST_CASE("PAG-NPF-01: guest walks are the twin's", "[paging][PAG-NPF-01][PAG-PRI-02][PAG-PRI-04][PAG-AD-05]") {
  tally classes;
  int all = 0;
  property("library = twin", 8000, [&] {
    const scenario plan = *scenarios().as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const auto library = walk_guest(w, *machine);
    const auto twin = slow::translate_guest(w.memory, w.part, w.state, w.choices, w.address, w.why);
    RC_ASSERT(difference(library, twin) == "");

    ++all;
    count(classes, library, twin);
    const bool leaf_read = std::ranges::any_of(library.log.reads, [](const slow::entry_read& read) {
      return read.tables == stage::guest && (read.level == 1 || (read.level <= 3 && slow::bit_of(read.raw, 7)));
    });
    classes.add("deep", leaf_read || library.result);
    if (library.result) {
      const auto& r = *library.result;
      classes.add(std::string(name_of(r.in_guest.size)) + " over " + name_of(r.page.size));
      classes.add(std::string("key ") + name_of(r.key));
      classes.add("truncated to 32 bits", r.in_guest.size == page_size::unlimited && w.address >> 32 != 0);
      classes.add("24 reads", library.log.reads.size() == 24);
      classes.add("35 reads", library.log.reads.size() == 35);
    }
    if (!library.result) {
      const fault& error = library.result.error();
      classes.add("#NPF with ENC", error.kind == fault_kind::npf && slow::bit_of(error.code, 34));
      classes.add("#NPF with ID", error.kind == fault_kind::npf && slow::bit_of(error.code, 4));
      classes.add("gPA beyond the index", error.decided_by == rule::PAG_NPT_21);
    }
  });
  check_none_empty("guest walks", classes,
                   {"ok",
                    "deep",
                    "raced",
                    "updates",
                    "updates and fault",
                    "24 reads",
                    "truncated to 32 bits",
                    "35 reads",
                    "#GP",
                    "#SS",
                    "reaches into the hole",
                    "#VC",
                    "no memory",
                    "#PF, not present",
                    "#PF, reserved",
                    "#PF, key",
                    "#PF, forbidden",
                    "#NPF of a table, not present",
                    "#NPF of a table, reserved",
                    "#NPF of a table, forbidden",
                    "#NPF of the page, not present",
                    "#NPF of the page, reserved",
                    "#NPF of the page, forbidden",
                    "#NPF with ENC",
                    "#NPF with ID",
                    "gPA beyond the index",
                    "PAG-PERM-01",
                    "PAG-PERM-02",
                    "PAG-PERM-03",
                    "PAG-PERM-04",
                    "PAG-PERM-05",
                    "4k over 4k",
                    "4k over 2m",
                    "4k over 1g",
                    "2m over 4k",
                    "2m over 2m",
                    "2m over 1g",
                    "1g over 4k",
                    "1g over 2m",
                    "1g over 1g",
                    "unlimited over 4k",
                    "key none",
                    "key host",
                    "key guest"});
  CHECK(classes["deep"] * 100 >= all * 65);
}

TEST_CASE("PAG-PRI-02: host walks are the twin's", "[paging][PAG-PRI-02][PAG-PERM-08][PAG-KEY-02][PAG-MODE-01]") {
  tally classes;
  property("library = twin", 4000, [&] {
    const scenario plan = *scenarios().as("scenario");
    const world w = make_host_world(plan);
    const auto regime = host_regime_of(w);
    RC_ASSERT(regime.has_value());
    const auto library = walk_host(w, *regime);
    const auto twin =
        slow::translate_host(w.memory, w.part, w.state.guest, w.state.syscfg, w.choices, w.address, w.why);
    RC_ASSERT(difference(library, twin) == "");
    count(classes, library, twin);
    if (library.result) {
      classes.add(name_of(library.result->page.size));
      classes.add(std::string("key ") + name_of(library.result->key));
    }
  });
  check_none_empty("host walks", classes,
                   {"ok",
                    "raced",
                    "updates",
                    "updates and fault",
                    "#GP",
                    "#SS",
                    "reaches into the hole",
                    "no memory",
                    "#PF, not present",
                    "#PF, reserved",
                    "#PF, key",
                    "#PF, forbidden",
                    "PAG-PERM-01",
                    "PAG-PERM-02",
                    "PAG-PERM-03",
                    "PAG-PERM-04",
                    "PAG-PERM-05",
                    "4k",
                    "2m",
                    "1g",
                    "unlimited",
                    "key none",
                    "key host"});
}

TEST_CASE("PAG-NPT-13: walks of a gPA alone are the twin's", "[paging][PAG-NPT-13][PAG-NPT-21][PAG-NPF-12]") {
  tally classes;
  property("library = twin", 4000, [&] {
    const scenario plan = *scenarios().as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const unsigned flipped = *rc::gen::weightedOneOf<unsigned>(
        {{4, rc::gen::just(64U)}, {1, rc::gen::just(w.part.c_bit)}, {1, rc::gen::inRange(0U, 64U)}});
    const u64 where = w.final_gpa ^ (flipped < 64 ? u64{1} << flipped : 0);
    const bool effective_c = *rc::gen::arbitrary<bool>();
    const auto library = walk_gpa(w, *machine, where, effective_c);
    const auto twin = slow::translate_gpa(w.memory, w.part, w.state, w.choices, where, w.why.kind, effective_c);
    RC_ASSERT(difference(library, twin) == "");
    count(classes, library, twin);
    classes.add("beyond the index", !library.result && library.result.error().decided_by == rule::PAG_NPT_21);
    classes.add("C removed", machine->sev_active && flipped == w.part.c_bit);
    classes.add("alias", library.result && where >> (12 + 9 * machine->nested.levels) != 0);
  });
  check_none_empty("gPA walks", classes,
                   {"ok", "updates", "#VC", "no memory", "#NPF of the page, not present", "#NPF of the page, reserved",
                    "#NPF of the page, forbidden", "beyond the index", "alias", "C removed"});
}
