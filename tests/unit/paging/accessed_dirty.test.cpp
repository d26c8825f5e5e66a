// SPDX-License-Identifier: MIT
#include <vector>

#include <support/catch.hpp>
#include <support/intruded.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t both = accessed | dirty;
constexpr implementation_choices eager{.ad_policy = ad_update::eager};
constexpr implementation_choices deferred{.ad_policy = ad_update::deferred};

auto clean_host(unsigned levels = 4, unsigned leaf = 1) -> host_machine {
  host_machine host(levels, leaf);
  for (unsigned level = leaf; level <= levels; ++level) host.at(level) &= ~both;
  return host;
}

/// No A or D bit set in any table of either stage.
auto clean_guest(guest_shape shape = {}) -> guest_machine {
  guest_machine guest(shape);
  for (unsigned level = shape.guest_leaf; level <= shape.guest_levels; ++level) {
    for (unsigned nested = shape.nested_leaf_of_tables; nested <= shape.nested_levels; ++nested)
      guest.for_table(level, nested) &= ~both;
    guest.in_guest(level) &= ~both;
  }
  for (unsigned nested = shape.nested_leaf_of_data; nested <= shape.nested_levels; ++nested)
    guest.for_data(nested) &= ~both;
  return guest;
}

/// The A and D bits from the root to the leaf: "A A A AD".
auto marks(host_machine& host) -> std::string {
  std::string text;
  for (unsigned level = host.levels; level >= host.leaf_level; --level) {
    text += (host.at(level) & accessed) != 0 ? "A" : "-";
    if ((host.at(level) & dirty) != 0) text += "D";
  }
  return text;
}
auto marks(guest_machine& guest) -> std::string {
  std::string text;
  for (unsigned level = guest.shape.guest_levels; level >= guest.shape.guest_leaf; --level) {
    text += (guest.in_guest(level) & accessed) != 0 ? "A" : "-";
    if ((guest.in_guest(level) & dirty) != 0) text += "D";
  }
  return text;
}
auto marks_for_data(guest_machine& guest) -> std::string {
  std::string text;
  for (unsigned level = guest.shape.nested_levels; level >= guest.shape.nested_leaf_of_data; --level) {
    text += (guest.for_data(level) & accessed) != 0 ? "A" : "-";
    if ((guest.for_data(level) & dirty) != 0) text += "D";
  }
  return text;
}

}  // namespace

TEST_CASE("PAG-AD-01: A in every entry used, D in the leaf by writes", "[paging][PAG-AD-01]") {
  const auto choices = GENERATE(eager, deferred);
  const unsigned levels = GENERATE(4U, 5U);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  const std::string upper(levels - leaf, 'A');
  for (const auto& why : {user_read, user_fetch, kernel_read, kernel_fetch, user_write, kernel_write}) {
    host_machine host = clean_host(levels, leaf);
    host.choices = choices;
    const cells before = host.memory;
    const auto found = host.run(why);
    REQUIRE(found.has_value());
    CHECK(marks(host) == upper + (why.is_write() ? "AD" : "A"));
    CHECK_FALSE(host.memory == before);
    // The translation shows the leaf as it was read.
    CHECK((found->page.leaf.raw & both) == 0);
    // Nothing but A and D changed.
    for (unsigned level = leaf; level <= levels; ++level) host.at(level) &= ~both;
    CHECK(host.memory == before);
  }
}

TEST_CASE("PAG-AD-01: bits that are set stay set, and cost no update", "[paging][PAG-AD-01]") {
  host_machine host;
  host.at(3) |= dirty;  // ignored in a pointer, and left alone
  const cells before = host.memory;
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  CHECK(host.run(ctx, user_read).has_value());
  CHECK(host.run(ctx, user_write).has_value());
  CHECK(host.memory == before);
  CHECK(heard.updates.empty());
  CHECK_FALSE(heard.fired.contains(rule::PAG_AD_01));

  // A set and D clear: a read needs nothing, a write needs D.
  host.leaf() &= ~dirty;
  CHECK(host.run(ctx, user_read).has_value());
  CHECK(heard.updates.empty());
  CHECK(host.run(ctx, user_write).has_value());
  REQUIRE(heard.updates.size() == 1);
  CHECK(heard.updates[0].after == (heard.updates[0].before | dirty));
  CHECK(host.memory == before);
}

TEST_CASE("PAG-AD-02: an absent entry gets no bits", "[paging][PAG-AD-02]") {
  const auto choices = GENERATE(eager, deferred);
  for (unsigned level = 1; level <= 4; ++level) {
    host_machine host = clean_host();
    host.choices = choices;
    host.at(level) &= ~present;
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_ENT_02, 0x6, host.where.value));
    CHECK((host.at(level) & both) == 0);
  }
}

TEST_CASE("PAG-AD-05: upper levels of a walk that faults", "[paging][PAG-AD-05]") {
  const auto [choices, upper] =
      GENERATE(table<implementation_choices, std::string>({{eager, "AAA"}, {deferred, "---"}}));
  SECTION("at the leaf") {
    for (const std::uint64_t broken : {std::uint64_t{0}, all_rights | bit_at(51), present | writable, present | user}) {
      host_machine host = clean_host();
      host.choices = choices;
      host.at(1) = broken;
      REQUIRE(host.fault_of(user_write));
      CHECK(marks(host) == upper + "-");
    }
  }
  SECTION("further up") {
    host_machine host = clean_host();
    host.choices = choices;
    host.at(3) |= bit_at(51);
    REQUIRE(host.fault_of(user_write));
    CHECK(marks(host) == upper.substr(0, 1) + "---");
  }
  SECTION("by permissions recorded above") {
    host_machine host = clean_host();
    host.choices = choices;
    host.at(4) &= ~user;
    REQUIRE(host.fault_of(user_write));
    CHECK(marks(host) == upper + "-");
  }
}

TEST_CASE("PAG-AD-05: guest bits when the final nested walk faults", "[paging][PAG-AD-05]") {
  const auto [policy, before_final, expected] = GENERATE(table<ad_update, bool, std::string>({
      {ad_update::eager, true, "AAAAD"},
      {ad_update::deferred, true, "AAAAD"},
      {ad_update::eager, false, "AAA-"},
      {ad_update::deferred, false, "----"},
  }));
  guest_machine guest = clean_guest();
  guest.choices.ad_policy = policy;
  guest.choices.guest_ad_before_final_npf = before_final;
  guest.for_data(1) &= ~writable;
  CHECK(guest.fault_of(user_write) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0007, guest.final_gpa.value));
  CHECK(marks(guest) == expected);
  // The nested tables are a stage of their own. Its two upper levels were used for the guest's tables, too.
  CHECK(marks_for_data(guest) == (policy == ad_update::eager ? "AAA-" : "AA--"));

  // Where it succeeds, all of them agree.
  guest.for_data(1) |= writable;
  CHECK_FALSE(guest.fault_of(user_write));
  CHECK(marks(guest) == "AAAAD");
  CHECK(marks_for_data(guest) == "AAAAD");
}

TEST_CASE("PAG-AD-05: guest bits when the guest's own checks fail", "[paging][PAG-AD-05]") {
  const auto [policy, expected] =
      GENERATE(table<ad_update, std::string>({{ad_update::eager, "AAA-"}, {ad_update::deferred, "----"}}));
  const bool before_final = GENERATE(false, true);
  guest_machine guest = clean_guest();
  guest.choices.ad_policy = policy;
  guest.choices.guest_ad_before_final_npf = before_final;
  guest.in_guest(1) &= ~writable;
  REQUIRE(guest.fault_of(user_write) == page_fault(rule::PAG_PERM_02, 0x7, guest.where.value));
  CHECK(marks(guest) == expected);
  CHECK(marks_for_data(guest) == "AA--");  // never walked for the final gPA
}

TEST_CASE("PAG-AD-06: the root first, the leaf last, its A and D together", "[paging][PAG-AD-06]") {
  const auto choices = GENERATE(eager, deferred);
  recorder heard;
  recording_context ctx{.rules = {}, .choices = choices, .listener = heard};
  SECTION("host") {
    host_machine host = clean_host(5);
    REQUIRE(host.run(ctx, user_write).has_value());
    CHECK(heard.updated_levels(stage::host) == std::vector<unsigned>{5, 4, 3, 2, 1});
    CHECK(heard.updates.back().after == (heard.updates.back().before | both));
    CHECK(heard.updates.front().after == (heard.updates.front().before | accessed));
  }
  SECTION("guest and nested") {
    guest_machine guest = clean_guest();
    REQUIRE(guest.run(ctx, user_write).has_value());
    CHECK(heard.updated_levels(stage::guest) == std::vector<unsigned>{4, 3, 2, 1});
    // One nested walk sets its upper levels, later ones their own leaves, the final one its last two levels.
    CHECK(heard.updated_levels(stage::nested) == std::vector<unsigned>{4, 3, 2, 1, 1, 1, 1, 2, 1});
    // Each nested walk is complete before the guest entry is even read, so the first guest update follows it.
    CHECK(heard.updates[3].tables == stage::nested);
    if (choices.ad_policy == ad_update::eager) CHECK(heard.updates[4].tables == stage::guest);
  }
}

TEST_CASE("PAG-AD-06: D is not set without A, nor A again", "[paging][PAG-AD-06]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  host_machine host;
  host.leaf() &= ~accessed;  // D=1, A=0: odd, and legal
  REQUIRE(host.run(ctx, user_write).has_value());
  REQUIRE(heard.updates.size() == 1);
  CHECK((heard.updates[0].before ^ heard.updates[0].after) == accessed);
}

TEST_CASE("PAG-AD-07: what CR0.WP=0 lets through sets D", "[paging][PAG-AD-07]") {
  host_machine host = clean_host();
  host.at(1) &= ~writable;
  CHECK(host.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, host.where.value));
  CHECK(marks(host) == "AAA-");
  host.regs.cr0 &= ~cr0_wp;
  CHECK_FALSE(host.fault_of(kernel_write));
  CHECK(marks(host) == "AAAAD");
}

TEST_CASE("PAG-AD-04: an entry that changes under the walk is read and judged again", "[paging][PAG-AD-04]") {
  const auto choices = GENERATE(eager, deferred);
  recorder heard;
  recording_context ctx{.rules = {}, .choices = choices, .listener = heard};

  SECTION("host leaf: moved to another page") {
    host_machine host = clean_host();
    intruded memory{host.memory, host.slot(1), 0x0777'7000 | all_rights};
    const auto found = host.run(ctx, memory, user_write);
    REQUIRE(found.has_value());
    CHECK(found->page.where == spa{0x0777'7cc8});
    CHECK(host.at(1) == (0x0777'7000 | all_rights | both));
    CHECK(memory.exchanges == 2);
    CHECK(memory.reads == 2);
    CHECK(heard.fired.contains(rule::PAG_AD_04));
    // Told are the updates that were made; the one that failed is not among them.
    CHECK(heard.updates.back().before == (0x0777'7000 | all_rights));
  }
  SECTION("host leaf: write access withdrawn") {
    host_machine host = clean_host();
    intruded memory{host.memory, host.slot(1), 0x0234'5000 | present | user};
    CHECK(fault_of(host.run(ctx, memory, user_write)) == page_fault(rule::PAG_PERM_02, 0x7, host.where.value));
    CHECK(host.at(1) == (0x0234'5000 | present | user));
  }
  SECTION("host upper entry: made absent") {
    for (unsigned level = 2; level <= 4; ++level) {
      host_machine host = clean_host();
      intruded memory{host.memory, host.slot(level), 0x0dea'd000};
      CHECK(fault_of(host.run(ctx, memory, user_write)) == page_fault(rule::PAG_ENT_02, 0x6, host.where.value));
      CHECK(host.memory[memory.where] == 0x0dea'd000);
    }
  }
  SECTION("host upper entry: the next table is another one") {
    host_machine host = clean_host();
    const std::uint64_t other_table = 0x30000;
    host.memory.put(other_table + host.slot(1) % 4096, 0x0777'7000 | all_rights);
    intruded memory{host.memory, host.slot(2), other_table | all_rights};
    const auto found = host.run(ctx, memory, user_read);
    REQUIRE(found.has_value());
    CHECK(found->page.where == spa{0x0777'7cc8});
    CHECK(host.memory[memory.where] == (other_table | all_rights | accessed));
  }
  SECTION("host upper entry: somebody else set A") {
    host_machine host = clean_host();
    intruded memory{host.memory, host.slot(3), host.at(3) | accessed};
    CHECK(host.run(ctx, memory, user_read).has_value());
    CHECK(memory.exchanges == 1);
    CHECK(memory.reads == 2);
  }
  SECTION("guest leaf") {
    guest_machine guest = clean_guest();
    ctx.choices.guest_ad_before_final_npf = GENERATE(false, true);
    intruded memory{guest.memory, guest.gpa_of(1) + guest_machine::guest_at, 0x10000 | all_rights};
    const auto found = guest.run(ctx, memory, user_write);
    REQUIRE(found.has_value());
    CHECK(found->in_guest.where == gpa{0x1'0cc8});
    CHECK(found->page.where == spa{0x4001'0cc8});
    CHECK(guest.memory[memory.where] == (0x10000 | all_rights | both));
  }
  SECTION("guest upper entry") {
    guest_machine guest = clean_guest();
    ctx.choices.guest_ad_before_final_npf = GENERATE(false, true);
    intruded memory{guest.memory, guest.gpa_of(3) + guest_machine::guest_at, guest.in_guest(3) & ~user};
    CHECK(fault_of(guest.run(ctx, memory, user_write)) == page_fault(rule::PAG_PERM_01, 0x7, guest.where.value));
  }
  SECTION("nested leaf of a guest table") {
    guest_machine guest = clean_guest();
    intruded memory{guest.memory, guest.nested.slot(guest.memory, guest.gpa_of(2), 1), 0};
    CHECK(fault_of(guest.run(ctx, memory, user_read)) ==
          nested_fault(rule::PAG_ENT_02, 0x2'0000'0006, guest.gpa_of(2)));
  }
  SECTION("nested leaf of the page") {
    guest_machine guest = clean_guest();
    intruded memory{guest.memory, guest.nested.slot(guest.memory, guest.final_gpa.value, 1), 0x0777'7000 | all_rights};
    const auto found = guest.run(ctx, memory, user_write);
    REQUIRE(found.has_value());
    CHECK(found->page.where == spa{0x0777'7cc8});
    CHECK(guest.memory[memory.where] == (0x0777'7000 | all_rights | both));
  }
  SECTION("nested upper entry") {
    guest_machine guest = clean_guest();
    intruded memory{guest.memory, guest.nested.slot(guest.memory, guest.final_gpa.value, 2), 0x0dea'd000};
    CHECK(fault_of(guest.run(ctx, memory, user_fetch)) ==
          nested_fault(rule::PAG_ENT_02, 0x1'0000'0014, guest.final_gpa.value));
  }
}

TEST_CASE("PAG-AD-01: one entry at several levels of a walk", "[paging][PAG-AD-01][PAG-AD-04]") {
  // A root that points to itself: the entry is PML4E, PDPE, PDE and PTE of its own table, as recursive tables have it.
  const auto choices = GENERATE(eager, deferred);
  constexpr std::uint64_t index = 0x1ed;
  host_machine host;
  host.memory = {};
  host.memory.put(0x10000 + 8 * index, 0x10000 | all_rights);
  host.where = {0xffff'0000'0000'0000 | index << 39 | index << 30 | index << 21 | index << 12 | 0x123};
  recorder heard;
  recording_context ctx{.rules = {}, .choices = choices, .listener = heard};
  const auto found = host.run(ctx, user_write);
  REQUIRE(found.has_value());
  CHECK(found->page.where == spa{0x1'0123});
  CHECK(host.memory[0x10000 + 8 * index] == (0x10000 | all_rights | both));
  // The walk's own update is not mistaken for another agent's.
  CHECK_FALSE(heard.fired.contains(rule::PAG_AD_04));
  CHECK(heard.reads.size() == 4);
}

TEST_CASE("PAG-AD-04 switched off: the walk believes its stale entry, and tells no update", "[paging][PAG-AD-04]") {
  recorder heard;
  recording_context ctx{.rules = rule_set().without(rule::PAG_AD_04), .choices = {}, .listener = heard};
  host_machine host = clean_host();
  intruded memory{host.memory, host.slot(1), 0x0777'7000 | all_rights};
  const auto found = host.run(ctx, memory, user_write);
  REQUIRE(found.has_value());
  CHECK(found->page.where == spa{0x0234'5cc8});
  CHECK(host.memory[memory.where] == (0x0777'7000 | all_rights));
  CHECK(heard.updated_levels(stage::host) == std::vector<unsigned>{4, 3, 2});
}

TEST_CASE("a memory that cannot be written is only asked", "[paging][PAG-AD-01]") {
  const auto choices = GENERATE(eager, deferred);
  context<> ctx{.choices = choices};
  host_machine host = clean_host();
  read_only host_tables(host.memory);
  const auto host_answer = host.run(ctx, host_tables, user_write);
  CHECK(marks(host) == "----");
  CHECK(host_answer == host.run(ctx, user_write));
  CHECK(marks(host) == "AAAAD");

  guest_machine guest = clean_guest();
  const cells before = guest.memory;
  read_only guest_tables(guest.memory);
  const auto guest_answer = guest.run(ctx, guest_tables, user_write);
  CHECK(guest.memory == before);
  CHECK(guest_answer == guest.run(ctx, user_write));
  CHECK_FALSE(guest.memory == before);
}
