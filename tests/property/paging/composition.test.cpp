// SPDX-License-Identifier: MIT
// A two-stage walk is a guest walk composed with nested walks, and what it promises holds for both stages.
#include <optional>

#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>
#include <sevspec/paging/reference_count.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

/// Guest-physical memory as memory: every address is first translated by a nested walk of its own. A host walk over it
/// is a guest walk.
struct flattened {
  context<>& ctx;
  word_memory& below;
  const paging::two_stage_regime& machine;
  std::optional<fault> failed{};

  auto translate(spa as_gpa) -> std::optional<spa> {
    // For a guest table: a user write, reported as such.
    const auto page = paging::walk_gpa(ctx, below, machine, gpa{as_gpa.value}, access_kind::write, machine.sev_active);
    if (page) return page->where;
    failed = page.error();
    if (failed->kind == fault_kind::npf) failed->code ^= u64{3} << 32;  // a table's walk, not the final one
    return std::nullopt;
  }
  auto read_qword(spa where, memory_key key) -> std::optional<u64> {
    const auto place = translate(where);
    if (!place) return std::nullopt;
    const auto value = below.read_qword(*place, key);
    if (!value) failed = fault{fault_kind::no_memory, rule::none, 0, place->value};
    return value;
  }
  auto compare_exchange_qword(spa where, memory_key key, u64 expected, u64 desired) -> bool {
    const auto place = translate(where);
    return place && below.compare_exchange_qword(*place, key, expected, desired);
  }
};

struct composed {
  std::optional<fault> failed{};
  paging::mapping<system_physical> guest{};
  paging::mapping<system_physical> page{};
};

auto compose(const world& w, const paging::two_stage_regime& machine, word_memory& memory) -> composed {
  context<> ctx{.choices = w.choices};
  flattened gpa_space{ctx, memory, machine};
  const bool sev = machine.sev_active;
  const auto width = paging::guest_entry_width(w.part, sev);
  const auto regime = paging::make_regime<paging::host_regime>(ctx, w.part, w.state.guest, width);
  if (!regime) return {.failed = fault{fault_kind::ud, rule::none, 0, 0}};  // no walk returns that
  const auto in_guest = paging::walk(ctx, gpa_space, *regime, hva{w.address}, w.why);
  if (!in_guest) return {.failed = gpa_space.failed.value_or(in_guest.error())};

  const bool paging_on = regime->levels != 0;
  const bool c = sev && (w.why.is_fetch() || !paging_on || in_guest->page.c);
  const auto page = paging::walk_gpa(ctx, memory, machine, gpa{in_guest->page.where.value}, w.why.kind, c);
  if (!page) return {.failed = page.error()};
  return {.guest = in_guest->page, .page = *page};
}

}  // namespace

TEST_CASE("PAG-NPT-10: a nested walk is a guest walk composed with nested walks",
          "[paging][PAG-NPT-10][PAG-NPT-13][PAG-NPF-01][PAG-NPF-03]") {
  tally classes;
  property("walk = compose", 3000, [&] {
    const scenario plan = *scenarios().as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const auto direct = walk_guest(w, *machine);
    word_memory memory = w.memory;
    const composed parts = compose(w, *machine, memory);

    RC_ASSERT(direct.result.has_value() == !parts.failed.has_value());
    if (parts.failed) {
      RC_ASSERT(direct.result.error().kind == parts.failed->kind);
      RC_ASSERT(direct.result.error().code == parts.failed->code);
      RC_ASSERT(direct.result.error().address == parts.failed->address);
      classes.add(name_of(parts.failed->kind));
    } else {
      const auto& r = *direct.result;
      RC_ASSERT(r.in_guest.where.value == parts.guest.where.value);
      RC_ASSERT(r.in_guest.size == parts.guest.size);
      RC_ASSERT(r.in_guest.rights == parts.guest.rights);
      RC_ASSERT(r.in_guest.c == parts.guest.c);
      RC_ASSERT(r.page.where == parts.page.where);
      RC_ASSERT(r.page.size == parts.page.size);
      RC_ASSERT(r.page.rights == parts.page.rights);
      RC_ASSERT(r.page.c == parts.page.c);
      classes.add("ok");
    }
    // A host walk has set its bits before anybody translates the result.
    if (w.choices.guest_ad_before_final_npf || direct.result) RC_ASSERT(direct.after == memory);
  });
  check_none_empty("composition", classes, {"ok", "#PF", "#NPF", "#VC", "#GP", "no memory"});
}

TEST_CASE("PAG-NPT-18: what a successful walk promises", "[paging][PAG-NPT-18][PAG-NPF-02][PAG-PERM-08][PAG-CNT-01]") {
  tally classes;
  property("sizes, offsets, rights and counts follow from the entries read", 3000, [&] {
    const scenario plan = *scenarios({.permitted = true}).as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const auto walk = walk_guest(w, *machine);
    if (!walk.result) return;
    const auto& r = *walk.result;
    classes.add("ok");

    RC_ASSERT(r.size == std::min(r.in_guest.size, r.page.size));
    const gva linear{machine->guest.levels == 0 ? w.address & 0xffff'ffff : w.address};  // PAG-CAN-02
    RC_ASSERT(page_offset(r.in_guest.where, r.in_guest.size) == page_offset(linear, r.in_guest.size));
    RC_ASSERT(page_offset(r.page.where, r.page.size) == page_offset(r.in_guest.where, r.page.size));
    RC_ASSERT(page_offset(r.page.where, r.size) == page_offset(gva{w.address}, r.size));
    classes.add("nested page smaller", r.page.size < r.in_guest.size);
    classes.add("guest page smaller", r.page.size > r.in_guest.size);

    // PAG-CNT-01: the entries read for each guest entry stand before it, those of the final gPA at the end.
    unsigned guest_reads = 0;
    unsigned nested_reads = 0;
    std::vector<unsigned> depths(1);
    auto last_walk = walk.log.reads.end();
    for (auto read = walk.log.reads.begin(); read != walk.log.reads.end(); ++read) {
      if (read->tables == stage::guest) {
        ++guest_reads;
        depths.push_back(0);
        last_walk = read + 1;
        // No level grants more than the page has.
        RC_ASSERT(!r.in_guest.rights.writable || slow::bit_of(read->raw, 1));
        RC_ASSERT(!r.in_guest.rights.user || slow::bit_of(read->raw, 2));
        RC_ASSERT(r.in_guest.rights.no_execute || !slow::bit_of(read->raw, 63));
      } else {
        ++nested_reads;
        ++depths.back();
      }
    }
    if (guest_reads == 0) last_walk = walk.log.reads.begin();
    for (auto read = last_walk; read != walk.log.reads.end(); ++read) {
      RC_ASSERT(!r.page.rights.writable || slow::bit_of(read->raw, 1));
      RC_ASSERT(slow::bit_of(read->raw, 2));
      RC_ASSERT(r.page.rights.no_execute || !slow::bit_of(read->raw, 63));
    }
    RC_ASSERT(!r.writable() || (r.in_guest.rights.writable && r.page.rights.writable));
    RC_ASSERT(r.no_execute() == (r.in_guest.rights.no_execute || r.page.rights.no_execute));

    const auto twin = twin_guest(w);
    if (twin.raced) return;
    const bool guest_off = machine->guest.levels == 0;
    const unsigned levels_saved = r.in_guest.size == page_size::k1g ? 2 : r.in_guest.size == page_size::k2m ? 1 : 0;
    const unsigned g = guest_off ? 0 : machine->guest.levels - levels_saved;
    RC_ASSERT(guest_reads == g);
    RC_ASSERT(depths == twin.nested_reads);
    unsigned sum = g;
    for (const unsigned n : depths) sum += n;
    RC_ASSERT(walk.log.reads.size() == sum);
    RC_ASSERT(nested_reads + guest_reads == sum);
    if (std::ranges::all_of(depths, [&](unsigned n) { return n == depths.front(); })) {
      RC_ASSERT(paging::table_reads(g, depths.front()) == sum);  // PAG-CNT-02
      classes.add("uniform");
    } else {
      classes.add("not uniform");
    }
  });
  check_none_empty("promises", classes, {"ok", "nested page smaller", "guest page smaller", "uniform", "not uniform"});
}
