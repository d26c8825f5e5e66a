// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>

#include <sevspec/paging/canonical.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// The walk found no fault of its own and went to read the root table, where these machines have nothing for `where`.
auto began(const std::optional<fault>& failed) -> bool { return failed && failed->kind == fault_kind::no_memory; }

}  // namespace

TEST_CASE("PAG-CAN-01: bits above the translated ones repeat the highest of them", "[paging][PAG-CAN-01]") {
  using paging::is_canonical;
  for (const auto& [levels, lowest_wrong, highest_wrong] :
       {std::tuple{4U, std::uint64_t{0x0000'8000'0000'0000}, 0xffff'7fff'ffff'ffff},
        {5U, 0x0100'0000'0000'0000, 0xfeff'ffff'ffff'ffff}}) {
    CHECK(is_canonical(gva{0}, levels));
    CHECK(is_canonical(gva{lowest_wrong - 1}, levels));
    CHECK_FALSE(is_canonical(gva{lowest_wrong}, levels));
    CHECK_FALSE(is_canonical(gva{highest_wrong}, levels));
    CHECK(is_canonical(gva{highest_wrong + 1}, levels));
    CHECK(is_canonical(gva{~std::uint64_t{}}, levels));
    // One wrong bit anywhere above is enough, whichever half the address is in.
    for (unsigned n = levels == 4 ? 48 : 57; n < 64; ++n) {
      CHECK_FALSE(is_canonical(gva{bit_at(n)}, levels));
      CHECK_FALSE(is_canonical(gva{~bit_at(n)}, levels));
    }
  }
  CHECK(paging::translated_bits(4) == 48);
  CHECK(paging::translated_bits(5) == 57);
}

TEST_CASE("PAG-CAN-01: #GP(0), or #SS(0) through SS, before any table is read", "[paging][PAG-CAN-01][PAG-PRI-01]") {
  const unsigned levels = GENERATE(4U, 5U);
  const std::uint64_t lowest_wrong = levels == 4 ? 0x0000'8000'0000'0000 : 0x0100'0000'0000'0000;
  const std::uint64_t wrong = GENERATE_COPY(values({lowest_wrong, std::uint64_t{0x8000'0000'0000'0000}}));
  const bool through_ss = GENERATE(false, true);
  memory_access why = GENERATE(user_read, kernel_write, kernel_fetch);
  why.through_ss = through_ss;
  const fault expected{through_ss ? fault_kind::ss : fault_kind::gp, rule::PAG_CAN_01, 0, 0};

  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  host_machine host(levels);
  host.where = {wrong};
  CHECK(fault_of(host.run(ctx, why)) == expected);
  guest_machine guest({.guest_levels = levels});
  guest.where = {wrong};
  CHECK(fault_of(guest.run(ctx, why)) == expected);
  CHECK(heard.reads.empty());

  // The last canonical byte below goes on to the tables.
  host.where = {lowest_wrong - 1};
  CHECK(began(host.fault_of(why)));
}

TEST_CASE("PAG-CAN-01: how wide an address is depends on the depth of its own tables", "[paging][PAG-CAN-01]") {
  guest_machine four_over_five({.guest_levels = 4, .nested_levels = 5});
  four_over_five.where = {0x0000'8000'0000'0000};
  CHECK(four_over_five.fault_of(user_read) == fault{fault_kind::gp, rule::PAG_CAN_01, 0, 0});
  guest_machine five_over_four({.guest_levels = 5, .nested_levels = 4});
  five_over_four.where = {0x0000'8000'0000'0000};
  CHECK(began(five_over_four.fault_of(user_read)));
}

TEST_CASE("PAG-CAN-02: with paging off a linear address has 32 bits", "[paging][PAG-CAN-02][PAG-MODE-01]") {
  for (const std::uint64_t where : {std::uint64_t{0x0000'8000'0234'5cc8}, std::uint64_t{0x0000'0001'0234'5cc8},
                                    std::uint64_t{0x0000'0000'0234'5cc8}}) {
    host_machine host;
    host.regs.cr0 &= ~cr0_pg;
    host.where = {where};
    const auto found = host.run(user_read);
    REQUIRE(found.has_value());
    CHECK(found->page.where == spa{0x0234'5cc8});

    guest_machine guest({.guest_levels = 0});
    guest.where = {where};
    const auto found_by_guest = guest.run(user_read);
    REQUIRE(found_by_guest.has_value());
    CHECK(found_by_guest->in_guest.where == gpa{0x0234'5cc8});
    CHECK(found_by_guest->page.where == spa{0x4234'5cc8});
  }
  host_machine host;
  host.regs.cr0 &= ~cr0_pg;
  host.where = {0xffff'ffff};
  CHECK(host.run(user_read)->page.where == spa{0xffff'ffff});
  // With paging on all 64 bits are the address.
  host_machine paged;
  CHECK(paged.run(user_read)->page.where == spa{0x0234'5cc8});
}

TEST_CASE("PAG-CAN-04: every byte of the reference is canonical", "[paging][PAG-CAN-04]") {
  const bool through_ss = GENERATE(false, true);
  const fault expected{through_ss ? fault_kind::ss : fault_kind::gp, rule::PAG_CAN_04, 0, 0};
  const auto of_length = [&](std::uint32_t bytes) {
    memory_access why = user_read;
    why.bytes = bytes;
    why.through_ss = through_ss;
    return why;
  };
  for (const unsigned levels : {4U, 5U}) {
    const std::uint64_t hole = levels == 4 ? 0x0000'8000'0000'0000 : 0x0100'0000'0000'0000;
    host_machine host(levels);
    guest_machine guest({.guest_levels = levels});
    for (const auto& [where, bytes, reaches] : {std::tuple{hole - 1, 1U, false},
                                                {hole - 1, 2U, true},
                                                {hole - 8, 8U, false},
                                                {hole - 8, 9U, true},
                                                {hole - 64, 64U, false},
                                                {hole - 63, 64U, true},
                                                {~std::uint64_t{} - 7, 8U, false},
                                                {~std::uint64_t{} - 7, 9U, false}}) {  // wraps around to 0
      INFO(hex(where) << ", " << bytes << " bytes, " << levels << " levels");
      host.where = {where};
      guest.where = {where};
      for (const auto& failed : {host.fault_of(of_length(bytes)), guest.fault_of(of_length(bytes))}) {
        if (reaches) CHECK(failed == expected);
        else CHECK(failed.value_or(expected).kind != expected.kind);
      }
    }
  }
}
