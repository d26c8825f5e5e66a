// SPDX-License-Identifier: MIT
#include <compare>
#include <cstdint>

#include <property/property.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/tcb.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::tcb;
using layout::tcb_components;
using layout::tcb_format;
using layout::tcb_version;

/// Few values, so that components are often equal, and pairs often ordered.
auto any_tcb() -> rc::Gen<tcb> {
  const auto component = rc::gen::weightedOneOf<std::uint8_t>(
      {{6, rc::gen::inRange<std::uint8_t>(0, 3)}, {1, rc::gen::element<std::uint8_t>(0x7F, 0x80, 0xFE, 0xFF)}});
  return rc::gen::build<tcb>(rc::gen::set(&tcb::fmc, component), rc::gen::set(&tcb::boot_loader, component),
                             rc::gen::set(&tcb::tee, component), rc::gen::set(&tcb::snp, component),
                             rc::gen::set(&tcb::microcode, component));
}

/// Another one: any, or the same with some components raised, or with some lowered.
auto related_to(const tcb& one) -> tcb {
  const int how = *rc::gen::inRange(0, 4);
  if (how == 0) return *any_tcb();
  tcb other = one;
  for (const auto member : {&tcb::fmc, &tcb::boot_loader, &tcb::tee, &tcb::snp, &tcb::microcode}) {
    if (!*rc::gen::arbitrary<bool>()) continue;
    const bool up = how == 1 || (how == 3 && *rc::gen::arbitrary<bool>());
    if (up && other.*member < 0xFF) ++(other.*member);
    if (!up && other.*member > 0) --(other.*member);
  }
  return other;
}

/// The definition: all of them, one by one.
auto is_at_most(const tcb& a, const tcb& b) -> bool {
  const std::uint8_t left[] = {a.fmc, a.boot_loader, a.tee, a.snp, a.microcode};
  const std::uint8_t right[] = {b.fmc, b.boot_loader, b.tee, b.snp, b.microcode};
  for (unsigned i = 0; i < 5; ++i)
    if (left[i] > right[i]) return false;
  return true;
}

}  // namespace

TEST_CASE("FW-SNP-CFG-01: TCBs are partially ordered", "[property][layout]") {
  tally classes;
  property("the order is the definition's, reflexive, antisymmetric and transitive", 20000, [&] {
    const tcb a = *any_tcb();
    const tcb b = related_to(a);
    const tcb c = related_to(b);
    const bool at_most = is_at_most(a, b);
    const bool at_least = is_at_most(b, a);
    classes.add("equal", at_most && at_least);
    classes.add("less", at_most && !at_least);
    classes.add("greater", !at_most && at_least);
    classes.add("unordered", !at_most && !at_least);
    classes.add("chain", a < b && b < c);

    RC_ASSERT((a <= b) == at_most);
    RC_ASSERT((a >= b) == at_least);
    RC_ASSERT((a == b) == (at_most && at_least));
    RC_ASSERT((a < b) == (at_most && !at_least));
    RC_ASSERT((a > b) == (at_least && !at_most));
    RC_ASSERT(((a <=> b) == std::partial_ordering::unordered) == (!at_most && !at_least));
    RC_ASSERT(a <= a);
    // Antisymmetry, and the mirrored comparison.
    RC_ASSERT(!(a <= b && b <= a) || a == b);
    RC_ASSERT((a < b) == (b > a));
    RC_ASSERT((a <= b) == (b >= a));
    // Transitivity.
    if (a <= b && b <= c) RC_ASSERT(a <= c);
    if (a < b && b <= c) RC_ASSERT(a < c);
  });
  check_none_empty("TCB pairs", classes, {"equal", "less", "greater", "unordered", "chain"});
}

TEST_CASE("LAY-REP-04: components and integers", "[property][layout][LAY-REP-04]") {
  property("to an integer and back", 5000, [] {
    tcb made = *any_tcb();
    RC_ASSERT(tcb_components(tcb_version(made, tcb_format::turin), tcb_format::turin) == made);
    made.fmc = 0;
    RC_ASSERT(tcb_components(tcb_version(made, tcb_format::milan_genoa), tcb_format::milan_genoa) == made);
  });
  property("from an integer and back loses reserved bytes only", 5000, [] {
    const auto raw = *rc::gen::arbitrary<std::uint64_t>();
    RC_ASSERT(tcb_version(tcb_components(raw, tcb_format::milan_genoa), tcb_format::milan_genoa) ==
              (raw & 0xFFFF'0000'0000'FFFF));
    RC_ASSERT(tcb_version(tcb_components(raw, tcb_format::turin), tcb_format::turin) == (raw & 0xFF00'0000'FFFF'FFFF));
  });
}
