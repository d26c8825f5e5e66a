// SPDX-License-Identifier: MIT
// One reserved bit anywhere on the path of a walk that succeeds makes it fail, with RSVD and P, right there.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

/// The bits that must be zero in one entry, from section 1.4 of the layout and the widths.
auto reserved_positions(const world& w, const slow::domain& d, const slow::entry_read& read) -> std::vector<unsigned> {
  std::vector<unsigned> found;
  if (!d.nxe) found.push_back(63);
  for (unsigned bit = d.width; bit <= 51; ++bit)
    if (static_cast<int>(bit) != d.c_bit) found.push_back(bit);
  if (read.level >= 4) found.insert(found.end(), {7, 8});
  const bool large = slow::bit_of(read.raw, 7);
  if (read.level == 3 && !w.part.gb_pages) found.push_back(7);
  if (read.level == 3 && large)
    for (unsigned bit = 13; bit <= 29; ++bit) found.push_back(bit);
  if (read.level == 2 && large)
    for (unsigned bit = 13; bit <= 20; ++bit) found.push_back(bit);
  return found;
}

}  // namespace

TEST_CASE("PAG-RSV-01: a reserved bit on a guest access's path",
          "[paging][PAG-RSV-01][PAG-RSV-02][PAG-RSV-08][PAG-PF-02]") {
  tally classes;
  property("faults with RSVD, there", 3000, [&] {
    const scenario plan = *scenarios(successful).as("scenario");
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const auto before = walk_guest(w, *machine);
    if (!before.result) return;
    const auto& reads = before.log.reads;
    const std::size_t chosen = *rc::gen::inRange<std::size_t>(0, reads.size());
    const slow::entry_read read = reads[chosen];
    const bool in_guest = read.tables == stage::guest;
    const slow::domain d = in_guest ? slow::guest_domain(w.part, w.state) : slow::nested_domain(w.part, w.state);
    const auto positions = reserved_positions(w, d, read);
    if (positions.empty()) return;
    const unsigned bit = *rc::gen::elementOf(positions);
    RC_ASSERT(!slow::bit_of(read.raw, static_cast<int>(bit)));
    w.memory.words[read.where] |= u64{1} << bit;

    const auto after = walk_guest(w, *machine);
    RC_ASSERT(!after.result);
    const fault& error = after.result.error();
    // The walk stops at the first time it reads that entry, having read what it read before.
    std::size_t first = 0;
    while (reads[first].where != read.where) ++first;
    RC_ASSERT(after.log.reads.size() == first + 1);
    RC_ASSERT(after.log.reads.back().where == read.where);
    if (in_guest) {
      RC_ASSERT(error.kind == fault_kind::pf);
      RC_ASSERT((error.code & 0x29) == 9);
      RC_ASSERT(error.address == w.address);
      classes.add("#PF");
    } else if (machine->sev_es_active) {
      RC_ASSERT(error == (fault{fault_kind::vc, rule::PAG_NPF_12, 0x400, 0}));
      classes.add("#VC");
    } else {
      RC_ASSERT(error.kind == fault_kind::npf);
      RC_ASSERT((error.code & 0xd) == 0xd);
      const bool final_walk = std::none_of(reads.begin() + static_cast<std::ptrdiff_t>(first), reads.end(),
                                           [](const auto& r) { return r.tables == stage::guest; });
      RC_ASSERT((error.code >> 32 & 3) == (final_walk ? 1U : 2U));
      classes.add(final_walk ? "#NPF of the page" : "#NPF of a table");
    }
    RC_ASSERT(after.after.words.size() == w.memory.words.size());
    RC_ASSERT(after.after.words.at(read.where) == w.memory.words.at(read.where));  // no A, no D
    classes.add("bit 63", bit == 63);
    classes.add("bit 8", bit == 8);
    classes.add("bit 7", bit == 7);
    classes.add("low base", bit >= 13 && bit <= 29);
    classes.add("high base", bit >= 36 && bit <= 51);
    classes.add("level 5", read.level == 5);
  });
  check_none_empty("reserved bits", classes,
                   {"#PF", "#VC", "#NPF of the page", "#NPF of a table", "bit 63", "bit 8", "bit 7", "low base",
                    "high base", "level 5"});
}

TEST_CASE("PAG-RSV-04: a reserved bit on a host access's path", "[paging][PAG-RSV-03][PAG-RSV-04][PAG-ENT-03]") {
  tally classes;
  property("faults with RSVD, there", 2000, [&] {
    const scenario plan = *scenarios(successful).as("scenario");
    world w = make_host_world(plan);
    const auto regime = host_regime_of(w);
    RC_ASSERT(regime.has_value());
    const auto before = walk_host(w, *regime);
    if (!before.result || before.log.reads.empty()) return;
    const std::size_t chosen = *rc::gen::inRange<std::size_t>(0, before.log.reads.size());
    const slow::entry_read read = before.log.reads[chosen];
    const auto positions = reserved_positions(w, slow::host_domain(w.part, w.state.guest, w.state.syscfg), read);
    if (positions.empty()) return;
    const unsigned bit = *rc::gen::elementOf(positions);
    w.memory.words[read.where] |= u64{1} << bit;

    const auto after = walk_host(w, *regime);
    RC_ASSERT(!after.result);
    RC_ASSERT(after.result.error().kind == fault_kind::pf);
    RC_ASSERT((after.result.error().code & 0x29) == 9);
    RC_ASSERT(after.result.error().address == w.address);
    RC_ASSERT(after.log.reads.size() == chosen + 1);
    classes.add("with encryption", slow::encryption_on(w.state.syscfg));
    classes.add("width reduced", bit < w.part.pa_bits && bit >= 36 && bit <= 51);
    classes.add("bit 63", bit == 63);
  });
  check_none_empty("reserved bits, host", classes, {"with encryption", "width reduced", "bit 63"});
}
