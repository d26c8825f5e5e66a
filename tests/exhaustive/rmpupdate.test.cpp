// SPDX-License-Identifier: MIT
// RMPUPDATE, PSMASH, PVALIDATE and RMPADJUST over every combination of kinds of entries and operands in a region of
// four pages, against plain functions written from the algorithms; and the short way of the ownership check against the
// long.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/raw_table.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::entry;
using rmp::guest_page;
using rmp::new_state;
using rmp::raw_entry;
using u64 = std::uint64_t;

constexpr unsigned pages_in_region = 4;
using small = rmp::small_table<8, pages_in_region>;
using raw_entries = std::array<raw_entry, 8>;

constexpr u64 seen_at = 0x8000;

/// What entries can be, for a guest that sees page n of the region at 8000h + n * 1000h.
constexpr entry nobodys{};
constexpr entry held{.in_use = true};
constexpr entry fixed{.immutable = true};
constexpr entry firmwares{.assigned = true, .immutable = true, .locked = true};
constexpr entry reclaimed{.assigned = true};
constexpr entry invalid{.assigned = true, .id = {5}, .guest = {seen_at}, .allowed = {{{0x1f}, {0}, {0}, {0}}}};
constexpr entry valid{.assigned = true,
                      .validated = true,
                      .vmsa = true,
                      .id = {5},
                      .guest = {seen_at},
                      .allowed = {{{0x1f}, {0x07}, {0x03}, {0x01}}}};

constexpr auto with(entry page, auto&& change) -> entry {
  change(page);
  return page;
}
const entry running = with(valid, [](entry& e) { e.in_use = true; });
const entry frozen = with(valid, [](entry& e) { e.immutable = true; });
const entry elsewhere = with(valid, [](entry& e) { e.guest.value += 0x1'0000; });
const entry others = with(valid, [](entry& e) { e.id = {6}; });
constexpr entry lock{.id = {0x3ff}};
const auto large = [](entry page) {
  page.large = true;
  return page;
};

const std::vector<entry> base_kinds{nobodys,       held,           fixed,         firmwares,        reclaimed,
                                    invalid,       valid,          running,       frozen,           elsewhere,
                                    others,        lock,           large(valid),  large(invalid),   large(reclaimed),
                                    large(frozen), large(running), large(others), large(firmwares), large(elsewhere)};
const std::vector<entry> other_kinds{nobodys, fixed, held, firmwares, valid, reclaimed};

/// A region, pages 4 to 7, with right counts.
auto region_of(const entry& first, const std::array<entry, 3>& rest) -> small {
  small made;
  made.entries[4] = first;
  for (unsigned i = 0; i < 3; ++i) {
    made.entries[5 + i] = rest[i];
    if (rest[i].id.value != 0) made.entries[5 + i].guest.value += u64{i + 1} * 0x1000;
    if (rest[i].assigned && !first.large) ++made.entries[4].sub_page_count;
  }
  return made;
}

/// Calls `body(table)` with every region.
template <class Body>
void for_each_region(Body&& body) {
  for (const entry& first : base_kinds) {
    for (const entry& a : other_kinds)
      for (const entry& b : other_kinds)
        for (const entry& c : other_kinds) {
          if (first.large && !(a == b && b == c && (a == reclaimed || a == held)))
            continue;  // the shape of such a page
          body(region_of(first, {a, b, c}));
        }
  }
}

struct expectation {
  unsigned eax{};
  small table{};
};

/// RMPUPDATE as the sheet has it, U5 to U16, for good operands.
auto expected_update(small table, unsigned page, const new_state& n, const implementation_choices& choices)
    -> expectation {
  const auto before = table;
  const auto answer = [&](unsigned eax) { return expectation{eax, before}; };
  const unsigned base = page / 4 * 4;
  if (n.large && page != base) return answer(1);                          // U5
  if (!n.assigned && (n.immutable || n.id.value != 0)) return answer(1);  // U6
  const u64 gpa = n.guest.value / 0x1000 * 0x1000;                        // RMP-RUD-04
  if (n.large && gpa % 0x4000 != 0) return answer(1);                     // U7
  if (gpa >= u64{1} << 48) return answer(1);                              // U7
  if (n.id.value > 1006) return answer(1);                                // U7
  if (n.reserved) return answer(1);                                       // U7
  if (page >= 8) return answer(1);                                        // U8
  entry* const e = table.entries.data();
  if (e[base].id.value == 0x3ff)  // U9
    return answer(choices.rmpupdate_region_locked_code == locked_region::fail_overlap ? 4 : 3);
  const entry o = e[page];  // U10
  bool in_use = o.in_use;
  for (unsigned i = 0; n.large && i < 4; ++i) in_use = in_use || e[base + i].in_use;
  if (in_use && !choices.rmpupdate_order_inuse_vs_perm) return answer(3);
  if (o.immutable) return answer(2);                // U11
  if (in_use) return answer(3);                     // U12
  if (!n.large && e[base].large) return answer(4);  // U13
  if (n.large) {
    bool any = false, immutable = false;
    for (unsigned i = 0; i < 4; ++i) any = any || e[base + i].assigned;
    for (unsigned i = 1; i < 4; ++i) immutable = immutable || e[base + i].immutable;
    if (!o.large && any) return answer(4);
    if (immutable && choices.rmpupdate_2m_over_immutable) return answer(2);  // RMP-UPD-15
    for (unsigned i = 1; i < 4; ++i) {                                       // U14
      e[base + i] = {};
      e[base + i].assigned = n.assigned;
    }
  }
  if (!n.assigned) {  // U15
    e[page] = {};
  } else {
    const u64 kept = n.id.value == 0 && choices.rmpupdate_asid0_gpa ? 0 : gpa;  // RMP-UPD-14
    entry made{.assigned = true, .large = n.large, .immutable = n.immutable, .id = n.id, .guest = {kept}};
    const bool same = o.assigned && o.id == n.id && o.guest.value == kept && o.large == n.large && n.id.value != 0;
    if (same) {
      made.validated = o.validated;
      made.vmsa = o.vmsa;
      made.allowed = o.allowed;
    } else {
      made.allowed[0].raw = 0x1f;
    }
    made.locked = n.immutable && choices.hw_lock_bit_on_rmpupdate_immutable;
    e[page] = made;
  }
  // U16, by counting.
  for (const unsigned first : {0U, 4U}) {
    unsigned assigned = 0;
    for (unsigned i = 1; i < 4; ++i)
      if (e[first + i].assigned) ++assigned;
    e[first].sub_page_count = static_cast<std::uint16_t>(e[first].large ? 0 : assigned);
  }
  return {0, table};
}

const std::vector<new_state> operands{
    {},
    {.assigned = true, .immutable = true},
    {.assigned = true},
    {.assigned = true, .id = {5}, .guest = {seen_at}},
    {.assigned = true, .immutable = true, .id = {5}, .guest = {seen_at | 0x123}},
    {.assigned = true, .id = {5}, .guest = {seen_at + 0x1000}},
    {.assigned = true, .id = {6}, .guest = {seen_at}},
    {.assigned = true, .guest = {0x5000}},
    {.large = true},
    {.assigned = true, .large = true, .id = {5}, .guest = {seen_at}},
    {.assigned = true, .large = true, .immutable = true, .id = {5}, .guest = {seen_at}},
    {.assigned = true, .large = true, .id = {5}, .guest = {seen_at + 0x4000}},
    {.assigned = true, .large = true, .id = {5}, .guest = {seen_at + 0x1000}},
    {.assigned = true, .large = true, .immutable = true},
    {.assigned = true, .large = true},
    {.immutable = true},
    {.id = {5}},
    {.assigned = true, .id = {5}, .guest = {u64{1} << 48}},
    {.assigned = true, .id = {1007}, .guest = {seen_at}},
    {.assigned = true, .id = {5}, .guest = {seen_at}, .reserved = true},
};

auto encoded(const small& table) -> raw_entries {
  raw_entries made;
  for (unsigned i = 0; i < 8; ++i) made[i] = rmp::encode(table.entries[i]);
  return made;
}

/// Counts what goes wrong, and tells of the first.
class mistakes {
 public:
  template <class Describe>
  void check(bool good, Describe&& describe) {
    ++cases_;
    if (good) return;
    if (wrong_++ == 0) first_ = describe();
  }
  [[nodiscard]] auto wrong() const -> unsigned long { return wrong_; }
  [[nodiscard]] auto cases() const -> unsigned long { return cases_; }
  [[nodiscard]] auto first() const -> const std::string& { return first_; }

 private:
  unsigned long wrong_ = 0;
  unsigned long cases_ = 0;
  std::string first_;
};

auto text_of(const small& table) -> std::string {
  std::string text;
  for (const raw_entry& one : encoded(table)) text += " " + hex(one.lo);
  return text;
}

}  // namespace

TEST_CASE("RMP-UPD-01: RMPUPDATE over every kind of region",
          "[rmp][RMP-UPD-01][RMP-UPD-02][RMP-UPD-03][RMP-UPD-04][RMP-UPD-05][RMP-UPD-06][RMP-UPD-07][RMP-UPD-10]"
          "[RMP-TRN-02][INV-11][INV-15][INV-16]") {
  const std::vector<implementation_choices> choices{{},
                                                    {.rmpupdate_2m_over_immutable = false},
                                                    {.rmpupdate_asid0_gpa = false},
                                                    {.rmpupdate_region_locked_code = locked_region::fail_inuse,
                                                     .rmpupdate_order_inuse_vs_perm = false,
                                                     .hw_lock_bit_on_rmpupdate_immutable = true}};
  mistakes found;
  std::array<unsigned long, 8> codes{};
  for (const implementation_choices& chosen : choices) {
    for_each_region([&](const small& before) {
      for (unsigned page = 3; page < 9; ++page) {
        for (const new_state& wanted : operands) {
          const expectation expected = expected_update(before, page, wanted, chosen);
          context<> ctx{.choices = chosen};
          small table = before;
          const auto done = rmp::rmpupdate(ctx, table, {}, {}, {u64{page} << 12}, wanted);
          const auto eax = static_cast<unsigned>(done->eax);
          raw_entries entries = encoded(before);
          rmp::raw_table<pages_in_region> raw(entries);
          const auto again = rmp::rmpupdate(ctx, raw, {}, {}, {u64{page} << 12}, wanted);
          ++codes[eax % 8];
          found.check(
              eax == expected.eax && table == expected.table && again == done && entries == encoded(table), [&] {
                return "page " + std::to_string(page) + ", operand " + std::to_string(&wanted - operands.data()) +
                       ", EAX " + std::to_string(eax) + " not " + std::to_string(expected.eax) + "\n" +
                       text_of(before) + "\n" + text_of(table) + "\n" + text_of(expected.table);
              });
        }
      }
    });
  }
  INFO(found.first());
  CHECK(found.wrong() == 0);
  CHECK(found.cases() > 500'000);
  for (const unsigned code : {0U, 1U, 2U, 3U, 4U}) CHECK(codes[code] > 1000);
  CHECK(codes[5] + codes[6] + codes[7] == 0);
}

TEST_CASE("RMP-CHK-08: what the entries of a region have in common", "[rmp][RMP-CHK-08][RMP-UPD-15][RMP-VMR-05]") {
  mistakes found;
  for_each_region([&](const small& table) {
    rmp::region_facts expected{
        .any_assigned = false, .all_assigned = true, .any_other_immutable = false, .any_in_use = false};
    for (unsigned i = 4; i < 8; ++i) {
      const entry& one = table.entries[i];
      expected.any_assigned |= one.assigned;
      expected.all_assigned &= one.assigned;
      expected.any_other_immutable |= one.immutable && i != 4;
      expected.any_in_use |= one.in_use;
    }
    raw_entries entries = encoded(table);
    const rmp::raw_table<pages_in_region> raw(entries);
    const auto same = [&](const rmp::region_facts& facts) {
      return facts.any_assigned == expected.any_assigned && facts.all_assigned == expected.all_assigned &&
             facts.any_other_immutable == expected.any_other_immutable && facts.any_in_use == expected.any_in_use;
    };
    const bool counted = rmp::any_assigned_in_region(raw, {4}) == expected.any_assigned &&
                         rmp::any_assigned_in_region(table, {4}) == expected.any_assigned;
    found.check(same(rmp::facts_of_region(table, {4})) && same(rmp::facts_of_region(raw, {4})) && counted,
                [&] { return text_of(table); });
  });
  INFO(found.first());
  CHECK(found.wrong() == 0);
}

TEST_CASE("RMP-SMH-01: PSMASH over every kind of region",
          "[rmp][RMP-SMH-01][RMP-SMH-02][RMP-SMH-03][RMP-SMH-04][INV-14]") {
  mistakes found;
  std::array<unsigned long, 8> codes{};
  for (unsigned bits = 0; bits < 8; ++bits) {
    const implementation_choices chosen{.psmash_unaligned = (bits & 1) != 0 ? undefined_operand::ignored
                                                                            : undefined_operand::fail_input,
                                        .psmash_requirements = (bits & 2) == 0,
                                        .psmash_badaddr_code = (bits & 4) == 0};
    for_each_region([&](const small& before) {
      for (unsigned page = 0; page < 9; ++page) {
        small expected = before;
        unsigned code = 0;
        const unsigned base = page / 4 * 4;
        const unsigned bad = chosen.psmash_badaddr_code ? 7 : 4;
        if (page != base && chosen.psmash_unaligned == undefined_operand::fail_input) code = 1;
        else if (base >= 8) code = 1;
        else if (before.entries[base].id.value == 0x3ff || before.entries[base].in_use) code = 3;
        else if (!before.entries[base].assigned || !before.entries[base].large) code = bad;
        else if (before.entries[base].immutable) code = bad;
        else if (before.entries[base].id.value == 0 && chosen.psmash_requirements) code = bad;
        else {
          for (unsigned i = 0; i < 4; ++i) {
            entry part = before.entries[base];
            part.large = false;
            part.guest.value += u64{i} * 0x1000;
            part.sub_page_count = i == 0 ? 3 : 0;
            expected.entries[base + i] = part;
          }
        }
        context<> ctx{.choices = chosen};
        small table = before;
        const auto done = rmp::psmash(ctx, table, {}, {}, {u64{page} << 12});
        raw_entries entries = encoded(before);
        rmp::raw_table<pages_in_region> raw(entries);
        const auto again = rmp::psmash(ctx, raw, {}, {}, {u64{page} << 12});
        ++codes[static_cast<unsigned>(done->eax) % 8];
        found.check(
            static_cast<unsigned>(done->eax) == code && table == expected && again == done && entries == encoded(table),
            [&] { return "page " + std::to_string(page) + ", code " + std::to_string(code) + text_of(before); });
      }
    });
  }
  INFO(found.first());
  CHECK(found.wrong() == 0);
  for (const unsigned code : {0U, 1U, 3U, 4U, 7U}) CHECK(codes[code] > 10);
}

namespace {

/// How a guest's instruction ends: a code, or a fault as its kind and code.
struct guest_answer {
  std::optional<unsigned> eax{};
  bool cf = false;
  fault_kind kind{};
  u64 code{};

  friend auto operator==(const guest_answer&, const guest_answer&) -> bool = default;
};
auto answer_of(const outcome<rmp::result>& done) -> guest_answer {
  if (!done) return {.kind = done.error().kind, .code = done.error().code};
  return {.eax = static_cast<unsigned>(done->eax), .cf = done->unchanged};
}
constexpr auto npf(bool sizem = false) -> guest_answer {
  return {.kind = fault_kind::npf, .code = 0x5'8000'0005 | u64{sizem} << 35};
}

/// Covered, assigned, guest 5's, seen there, mutable, not held.
auto usable(const small& table, unsigned page, u64 guest) -> bool {
  if (page >= 8) return false;
  const entry& base = table.entries[page / 4 * 4];
  const entry& own = base.large ? base : table.entries[page];
  if (!own.assigned || own.id.value != 5 || own.immutable || own.in_use) return false;
  if (!base.large) return own.guest.value == guest;
  return own.guest.value == guest / 0x4000 * 0x4000 && guest / 0x1000 % 4 == page % 4;
}

}  // namespace

TEST_CASE("RMP-PVL-02: PVALIDATE over every kind of region", "[rmp][RMP-PVL-01][RMP-PVL-02][RMP-PVL-03][RMP-PVL-04]") {
  mistakes found;
  std::array<unsigned long, 6> seen{};
  for_each_region([&](const small& before) {
    for (unsigned page = 4; page < 9; ++page) {
      const u64 usual = seen_at + u64{page - 4} * 0x1000;
      for (const u64 guest : {usual, usual ^ 0x1000, usual + 0x4000}) {
        for (unsigned bits = 0; bits < 16; ++bits) {
          const bool two_m = (bits & 1) != 0, wanted = (bits & 2) != 0;
          const page_size leaf = (bits & 4) != 0 ? page_size::k2m : page_size::k4k;
          const vmpl level{static_cast<std::uint8_t>(bits >> 3)};
          context<> ctx;
          small table = before;
          const auto done =
              answer_of(rmp::pvalidate(ctx, table, {}, {.id = {5}, .snp_active = true, .privilege = level},
                                       {.where = {guest}, .size = two_m, .validated = wanted}, [&](gva linear) {
                                         return outcome<guest_page>{guest_page{.linear = linear,
                                                                               .guest = {guest},
                                                                               .where = {u64{page} << 12},
                                                                               .leaf = leaf,
                                                                               .guest_leaf = page_size::k2m}};
                                       }));
          small after = before;
          guest_answer expected{.eax = 0};
          const unsigned at = page < 8 && before.entries[4].large ? 4 : page;
          if (level.value != 0) expected = {.kind = fault_kind::gp};
          else if (two_m && guest % 0x4000 != 0) expected = {.eax = 1};
          else if (!usable(before, page, guest)) expected = npf();
          else if (!two_m && before.entries[at].large) expected = npf(true);
          else if (two_m && (!before.entries[at].large || leaf == page_size::k4k)) expected = {.eax = 6};
          else {
            expected.cf = before.entries[at].validated == wanted;
            after.entries[at].validated = wanted;
          }
          ++seen[!expected.eax                        ? (expected.kind == fault_kind::gp ? 0 : 1)
                 : *expected.eax == 0 && !expected.cf ? 2
                 : *expected.eax == 0                 ? 3
                 : *expected.eax == 1                 ? 4
                                                      : 5];
          found.check(done == expected && table == after, [&] {
            return "page " + std::to_string(page) + " at " + hex(guest) + ", bits " + std::to_string(bits) +
                   text_of(before);
          });
        }
      }
    }
  });
  INFO(found.first());
  CHECK(found.wrong() == 0);
  for (const unsigned long count : seen) CHECK(count > 10);
}

TEST_CASE("RMP-ADJ-01: RMPADJUST with every mask",
          "[rmp][RMP-ADJ-01][RMP-ADJ-02][RMP-ADJ-03][RMP-ADJ-05][RMP-VPL-05][INV-09]") {
  mistakes found;
  std::array<unsigned long, 8> seen{};
  std::vector<entry> kinds{nobodys, invalid, valid, running, frozen, others, large(valid), large(invalid)};
  for (const std::uint8_t mask : {std::uint8_t{0x00}, std::uint8_t{0x01}, std::uint8_t{0x13}, std::uint8_t{0x0f}}) {
    entry one = valid;
    one.allowed = {{{0x1f}, {mask}, {mask}, {mask}}};
    kinds.push_back(one);
  }
  for (const entry& kind : kinds) {
    const entry rest = kind.large ? reclaimed : nobodys;
    const small before = region_of(kind, {rest, rest, rest});
    for (unsigned mask = 0; mask < 256; ++mask) {
      for (unsigned reached = 0; reached < 5; ++reached) {
        for (std::uint8_t current = 0; current < 4; ++current) {
          for (unsigned bits = 0; bits < 8; ++bits) {
            const bool two_m = (bits & 1) != 0, vmsa = (bits & 2) != 0;
            const page_size leaf = (bits & 4) != 0 ? page_size::k2m : page_size::k4k;
            context<> ctx;
            small table = before;
            const auto done = answer_of(rmp::rmpadjust(
                ctx, table, {}, {.id = {5}, .snp_active = true, .privilege = {current}},
                {.where = {seen_at}, .size = two_m, .attributes = reached | mask << 8 | u64{vmsa} << 16},
                [&](gva linear) {
                  return outcome<guest_page>{guest_page{
                      .linear = linear, .guest = {seen_at}, .where = {0x4000}, .leaf = leaf, .guest_leaf = leaf}};
                }));
            const bool r = (mask & 1) != 0, xu = (mask & 4) != 0, xs = (mask & 8) != 0, sss = (mask & 16) != 0;
            small after = before;
            guest_answer expected{.eax = 0};
            const entry& old = before.entries[4];
            if (mask > 0x1f || reached > 3) expected = {.eax = 1};                                    // A3
            else if ((mask != 0 && !r) || (sss && (xu || xs)) || (xs && !xu)) expected = {.eax = 1};  // A5
            else if (reached <= current) expected = {.eax = 2};                                       // A6
            else if (!usable(before, 4, seen_at)) expected = npf();                                   // A8
            else if (!two_m && old.large) expected = npf(true);                                       // A8
            else if (!old.validated) expected = {.kind = fault_kind::vc, .code = 0x404};              // A9
            else if (two_m && (!old.large || leaf == page_size::k4k)) expected = {.eax = 6};          // A10
            else if ((mask & ~unsigned{old.allowed[current].raw}) != 0) expected = {.eax = 2};        // A11
            else {                                                                                    // A12
              after.entries[4].allowed[reached].raw = static_cast<std::uint8_t>(mask);
              if (current == 0) after.entries[4].vmsa = vmsa;
            }
            ++seen[expected.eax ? *expected.eax : 7];
            found.check(done == expected && table == after, [&] {
              return "mask " + hex(mask) + " of VMPL " + std::to_string(reached) + " by " + std::to_string(current) +
                     ", bits " + std::to_string(bits) + text_of(before);
            });
          }
        }
      }
    }
  }
  INFO(found.first());
  CHECK(found.wrong() == 0);
  for (const unsigned code : {0U, 1U, 2U, 6U, 7U}) CHECK(seen[code] > 10);
}

// ---- the ownership check's short way

TEST_CASE("RMP-CHK-01: the short way never contradicts the long one", "[rmp][RMP-CHK-01][RMP-CHK-10][RMP-VPL-01]") {
  using memory::ownership_query;
  using abstract = rmp::small_table<1024>;
  const auto table = std::make_unique<abstract>();
  std::vector<raw_entry> entries(1024);
  const rmp::raw_table<> raw(entries);
  static_assert(rmp::raw_store<rmp::raw_table<>> && !rmp::raw_store<abstract>);
  std::vector<implementation_choices> choices{{},
                                              {.rmp_gpt_vmpl_perm = table_vmpl::read_write},
                                              {.vmpl_misconfig_code = misconfigured_mask::accepted},
                                              {.spurious_rmp_fault = true}};
  constexpr u64 guest_base = 0x4020'0000;
  unsigned long cases = 0, wrong = 0, allowed = 0, short_cuts = 0;
  std::string first;
  const auto put = [&](u64 page, const entry& what) {
    table->entries[page] = what;
    entries[page] = rmp::encode(what);
  };
  for (unsigned bits = 0; bits < 128; ++bits) {
    for (const std::uint32_t owner : {0U, 5U, 0x3fbU}) {
      for (const u64 moved : {u64{0x0}, u64{0x5000}, u64{0x20'0000}, u64{1} << 48}) {
        for (const unsigned mask : {0U, 1U, 2U, 3U, 5U, 0xbU, 0x1fU}) {
          entry page{.assigned = (bits & 1) != 0,
                     .large = (bits & 2) != 0,
                     .immutable = (bits & 4) != 0,
                     .validated = (bits & 8) != 0,
                     .vmsa = (bits & 16) != 0,
                     .in_use = (bits & 32) != 0 && (bits & 5) != 5,
                     .id = {owner},
                     .guest = {guest_base + moved}};
          page.sub_page_count = (bits & 64) != 0 ? 5 : 0;
          page.allowed = {{{0x1f}, {static_cast<std::uint8_t>(mask)}, {0}, {static_cast<std::uint8_t>(~mask & 0x1f)}}};
          // The page itself, or one inside the region that has an entry of its own.
          put(512, page);
          entry inside = page;
          inside.large = false;
          inside.guest.value += 0x5000;
          put(517, page.large ? entry{.assigned = page.assigned} : inside);
          for (const u64 offset : {u64{0}, u64{0x5000}}) {
            for (const auto kind : {access_kind::read, access_kind::write, access_kind::execute,
                                    access_kind::shadow_stack_read, access_kind::shadow_stack_write}) {
              for (unsigned rest = 0; rest < 32; ++rest) {
                const bool walks = (rest & 1) != 0;
                if (walks && kind != access_kind::read && kind != access_kind::write) continue;
                const ownership_query query{.where = {0x20'0000 + offset + 0x7f8},
                                            .guest = {guest_base + offset + 0x7f8},
                                            .leaf = (rest & 2) != 0 ? page_size::k2m : page_size::k4k,
                                            .kind = kind,
                                            .table = walks,
                                            .user = (rest & 4) != 0,
                                            .c = true,
                                            .who = memory::owner_context::snp_guest,
                                            .id = {5},
                                            .level = {static_cast<std::uint8_t>((rest & 8) != 0 ? 1 : 3)},
                                            .vmpl_sss = (rest & 16) != 0};
                for (const implementation_choices& chosen : choices) {
                  context<> ctx{.choices = chosen};
                  const auto slow = rmp::check_access(ctx, *table, query);
                  const auto fast = rmp::check_access(ctx, raw, query);
                  const bool sure = rmp::surely_allowed(ctx, raw, query);
                  const bool good = slow == fast && (!sure || slow == memory::ownership_verdict{});
                  ++cases;
                  if (slow == memory::ownership_verdict{}) ++allowed;
                  if (sure) ++short_cuts;
                  if (good) continue;
                  if (wrong++ == 0)
                    first = "entry " + hex(entries[512].lo) + ", offset " + hex(offset) + ", kind " +
                            std::to_string(static_cast<int>(kind)) + ", rest " + std::to_string(rest) + ", slow " +
                            name_of(slow.decided_by) + ", fast " + name_of(fast.decided_by);
                }
              }
            }
          }
        }
      }
    }
  }
  INFO(first);
  CHECK(wrong == 0);
  CHECK(cases > 1'000'000);
  CHECK(allowed > 1000);
  CHECK(short_cuts > 1000);
  CHECK(short_cuts <= allowed);
}

TEST_CASE("RMP-CHK-01: the short way and unusual references", "[rmp][RMP-CHK-01][RMP-CHK-07]") {
  using memory::ownership_query;
  std::vector<raw_entry> entries(512 + 256);  // the second region is covered in part
  const rmp::raw_table<> raw(entries);
  const auto plain = std::make_unique<rmp::small_table<512 + 256>>();
  const auto put = [&](u64 page, const entry& what) {
    plain->entries[page] = what;
    entries[page] = rmp::encode(what);
  };
  const auto same = [&](const ownership_query& query) {
    context<> ctx;
    return rmp::check_access(ctx, raw, query) == rmp::check_access(ctx, *plain, query);
  };
  ownership_query query{.where = {0x1000},
                        .guest = {0x7000},
                        .kind = access_kind::read,
                        .c = true,
                        .who = memory::owner_context::snp_guest,
                        .id = {5}};
  put(1, {.assigned = true, .validated = true, .id = {5}, .guest = {0x7000}, .allowed = {{{0x1f}, {0}, {0}, {0}}}});
  CHECK(same(query));
  for (const std::uint32_t id : {0U, 6U, 0x3ffU, 0x405U, 0x8000'0005U}) {
    query.id = {id};
    CHECK(same(query));
  }
  query.id = {5};
  for (unsigned n = 0; n < 51; ++n) {
    query.guest = {0x7000 ^ u64{1} << n};
    INFO("bit " << n);
    CHECK(same(query));
  }
  // Bits of a gPA above those of an entry do not fall on its ASID and flags.
  for (unsigned n = 51; n < 64; ++n) {
    for (const std::uint32_t id : {4U, 5U, 7U, 1U}) {
      query.guest = {0x7000 | u64{1} << n};
      query.id = {id};
      CHECK(same(query));
    }
  }
  query.guest = {0x7000};
  query.id = {5};
  for (std::uint8_t level = 0; level < 8; ++level) {  // four of them exist
    query.level = {level};
    CHECK(same(query));
  }
  // A large page of a region that is covered in part (`rmpupdate_2m_partial` = false).
  query.level = {0};
  query.leaf = page_size::k2m;
  put(512, {.assigned = true,
            .large = true,
            .validated = true,
            .id = {5},
            .guest = {0x4000'0000},
            .allowed = {{{0x1f}, {0}, {0}, {0}}}});
  for (u64 i = 1; i < 256; ++i) put(512 + i, {.assigned = true});
  for (const u64 inside : {0U, 1U, 255U}) {
    query.where = {(512 + inside) << 12};
    query.guest = {0x4000'0000 + (inside << 12)};
    CHECK(same(query));
  }
  query.where = {u64{768} << 12};  // not covered
  query.guest = {0x4010'0000};
  CHECK(same(query));
}
