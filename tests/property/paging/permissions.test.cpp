// SPDX-License-Identifier: MIT
// Less permission never lets more through, more never less.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

struct change {
  bool nested{};
  int bit{};
};

/// Takes one permission from one entry on the path. U/S of the guest's entries is left alone for supervisor accesses,
/// because there it is no permission: SMEP, SMAP and protection keys judge user pages only.
auto take_permission(world& w) -> change {
  const auto& entry = w.path[*rc::gen::inRange<std::size_t>(0, w.path.size())];
  u64& raw = w.memory.words[entry.where];
  const bool nested = entry.tables == stage::nested;
  const bool us_counts = nested || w.why.is_user();
  const int bit = us_counts ? *rc::gen::element(1, 2, 63, 0) : *rc::gen::element(1, 63, 0);
  raw = bit == 63 ? slow::with_bit(raw, 63) : slow::without_bit(raw, bit);
  return {nested, bit};
}

}  // namespace

TEST_CASE("PAG-PERM-08: taking a permission never turns a fault into success",
          "[paging][PAG-PERM-08][PAG-PERM-01][PAG-PERM-02][PAG-PERM-03][PAG-NPF-02]") {
  tally classes;
  property("guest walks", 4000, [&] {
    const scenario plan = *scenarios().as("scenario");
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const bool ok_before = walk_guest(w, *machine).result.has_value();
    const change taken = take_permission(w);
    const auto after = walk_guest(w, *machine);
    if (!ok_before) RC_ASSERT(!after.result);
    classes.add("fault stays fault", !ok_before);
    classes.add("success stays", ok_before && after.result);
    if (!ok_before || after.result) return;
    classes.add(std::string(taken.nested ? "nested" : "guest") + " bit " + std::to_string(taken.bit));
    // PAG-NPF-03: nested tables make nested faults, guest tables guest faults.
    const fault_kind kind = after.result.error().kind;
    if (taken.nested) RC_ASSERT((kind == fault_kind::npf || kind == fault_kind::vc));
    if (!taken.nested && plan.edits.empty()) RC_ASSERT(kind == fault_kind::pf);
  });
  check_none_empty("taken", classes,
                   {"fault stays fault", "success stays", "guest bit 0", "guest bit 1", "guest bit 2", "guest bit 63",
                    "nested bit 0", "nested bit 1", "nested bit 2", "nested bit 63"});
}

TEST_CASE("PAG-PERM-02: what works for a user write works for a read", "[paging][PAG-PERM-02][PAG-PERM-06]") {
  tally classes;
  property("host and guest", 2000, [&] {
    scenario plan = *scenarios().as("scenario");
    plan.kind = access_kind::write;
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const bool write = walk_guest(w, *machine).result.has_value();
    w.why.kind = access_kind::read;
    const bool read = walk_guest(w, *machine).result.has_value();
    RC_ASSERT(!write || read);
    classes.add("both", write);
    classes.add("only the read", read && !write);
    classes.add("neither", !read);
  });
  check_none_empty("write and read", classes, {"both", "only the read", "neither"});
}

TEST_CASE("PAG-NPT-04: host CR0.WP, SMAP and PKE do not change a guest's walk", "[paging][PAG-NPT-04]") {
  property("the same answer", 1000, [&] {
    const scenario plan = *scenarios().as("scenario");
    world w = make_two_stage_world(plan);
    const auto with = walk_guest(w, *machine_of(w));
    w.state.host.cr0 ^= u64{1} << 16;
    w.state.host.cr4 ^= u64{3} << 21;
    w.why.pkru = w.state.guest.cr4 >> 22 & 1 ? w.why.pkru : ~w.why.pkru;  // which the guest does not use either
    const auto without = walk_guest(w, *machine_of(w));
    RC_ASSERT((with.result == without.result));
    RC_ASSERT(with.after == without.after);
  });
}
