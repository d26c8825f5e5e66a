// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/owned_machines.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// An SNP-active guest with virtual TOM at `tom`, whose pages are all its own and validated.
struct tom_guest : owned_guest {
  explicit tom_guest(std::uint64_t tom, two_formats form = {.guest = 4}) : owned_guest(form) {
    state.sev_features = 3;
    state.virtual_tom = tom;
    if (form.guest >= 3) share(form.guest_leaf);  // the C-bit is reserved
  }
};

constexpr std::uint64_t below = 0x0260'0000;    // the page is at 0x0280'0000: above
constexpr std::uint64_t at_page = 0x0280'0000;  // the page is the first at it
constexpr std::uint64_t above = 0x02a0'0000;    // the page is below

}  // namespace

TEST_CASE("PAG-VTOM-01: data below virtual TOM is private, at and above it shared",
          "[paging][PAG-VTOM-01][PAG-KEY-11][PAG-VTOM-05]") {
  for (const unsigned levels : {0U, 2U, 3U, 4U, 5U}) {
    for (const std::uint64_t tom : {std::uint64_t{0}, below, at_page, above, bit_at(47)}) {
      for (const memory_access& why : {user_read, user_write}) {
        INFO(levels << " levels, TOM " << hex(tom));
        tom_guest guest(tom, {.guest = levels});
        const bool is_private = tom > at_page;
        // Shared writes need a page of the hypervisor.
        if (!is_private) guest.page() = {};
        const auto found = guest.run(why);
        REQUIRE(found.has_value());
        CHECK(found->effective_c == is_private);
        CHECK(found->key == (is_private ? memory_key::guest({5}) : memory_key::none()));
        guest.for_data(1) |= bit_at(51);
        CHECK(guest.run(why)->key == (is_private ? memory_key::guest({5}) : memory_key::host()));
      }
    }
  }
}

TEST_CASE("PAG-VTOM-01: VIRTUAL_TOM has bits 51:21", "[paging][PAG-VTOM-01]") {
  context<> ctx;
  for (unsigned n = 0; n < 64; ++n) {
    tom_guest guest(bit_at(n));
    const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
    REQUIRE(regime.has_value());
    CHECK(regime->vtom);
    CHECK(regime->virtual_tom == (n >= 21 && n <= 51 ? bit_at(n) : 0));
  }
  // The last byte below, the first at it.
  for (const std::uint64_t offset : {0x000U, 0xfffU}) {
    tom_guest guest(at_page);
    guest.where.value = (guest.where.value & ~std::uint64_t{0xfff}) | offset;
    guest.page() = {};
    const auto shared = guest.run(user_read);
    REQUIRE(shared.has_value());
    CHECK(shared->in_guest.where.value == at_page + offset);
    CHECK_FALSE(shared->effective_c);
    tom_guest under(at_page + 0x20'0000);
    under.where.value = (under.where.value & ~std::uint64_t{0xfff}) | offset;
    const auto own = under.run(user_read);
    REQUIRE(own.has_value());
    CHECK(own->effective_c);
  }
}

TEST_CASE("PAG-VTOM-02: fetches and guest tables are private wherever virtual TOM lies", "[paging][PAG-VTOM-02]") {
  for (const unsigned levels : {2U, 3U, 4U}) {
    tom_guest guest(0, {.guest = levels});
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    const auto found = guest.run_in(ctx, user_fetch);
    REQUIRE(found.has_value());
    CHECK(found->effective_c);
    CHECK(found->key == memory_key::guest({5}));
    for (unsigned level = 1; level <= levels; ++level)
      CHECK(heard.keys(stage::guest, level) == std::set{memory_key::guest({5})});
    // Ownership agrees: a fetch from a hypervisor's page is a violation with ENC=1, a read is not checked.
    guest.page() = {};
    CHECK(guest.fault_of(user_fetch) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0015, guest.final_gpa.value));
    CHECK_FALSE(guest.fault_of(user_read));
  }
}

TEST_CASE("PAG-VTOM-03: the C-bit is reserved in guest tables", "[paging][PAG-VTOM-03][PAG-RSV-07]") {
  // Inside the physical width and above it.
  for (const unsigned c_bit : {47U, 51U}) {
    for (const unsigned levels : {3U, 4U, 5U}) {
      for (unsigned level = 1; level <= levels; ++level) {
        for (const std::uint64_t tom : {below, above}) {
          INFO("C-bit " << c_bit << ", level " << level << " of " << levels);
          tom_guest guest(tom, {.guest = levels});
          guest.part.c_bit = c_bit;
          CHECK_FALSE(guest.fault_of(user_read));
          guest.in_guest(level) |= bit_at(c_bit);
          CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_RSV_07, 0xd, guest.where.value));
          CHECK(guest.fault_of(kernel_write) == page_fault(rule::PAG_RSV_07, 0xb, guest.where.value));
          guest.in_guest(level) &= ~present;
          CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_ENT_02, 0x4, guest.where.value));
          // Without the feature it is the C-bit again.
          guest.in_guest(level) |= present;
          guest.state.sev_features = 1;
          CHECK_FALSE(guest.fault_of(user_read));
        }
      }
    }
  }
  // Nested tables keep theirs.
  tom_guest guest(above);
  guest.for_data(1) |= bit_at(51);
  guest.for_data(3) |= bit_at(51);
  CHECK_FALSE(guest.fault_of(user_write));
}

TEST_CASE("virtual TOM and the C-bit of gCR3", "[paging][PAG-RSV-07][PAG-ENC-CR3]") {
  for (const unsigned c_bit : {47U, 51U}) {
    tom_guest guest(above);
    guest.part.c_bit = c_bit;
    const auto expected = guest.run(user_read);
    REQUIRE(expected.has_value());
    guest.state.guest.cr3 |= bit_at(c_bit);
    CHECK(guest.run(user_read) == expected);  // removed
    context<> ctx{.choices = {.vtom_root_c = vtom_root_c_bit::reserved}};
    const auto refused = paging::make_two_stage_regime(ctx, guest.part, guest.state);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().decided_by == rule::PAG_RSV_07);
    CHECK((refused.error().what == paging::register_error::kind::reserved));
    guest.state.guest.cr3 &= ~bit_at(c_bit);
    CHECK(paging::make_two_stage_regime(ctx, guest.part, guest.state).has_value());
  }
}

TEST_CASE("PAG-VTOM-05: ownership is checked with the C-bit of virtual TOM", "[paging][PAG-VTOM-05][RMP-CHK-07]") {
  // The guest's own page, above TOM: a shared write is a violation with ENC=0, a shared read sees ciphertext.
  tom_guest shared(below);
  CHECK(shared.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, shared.final_gpa.value));
  CHECK_FALSE(shared.fault_of(user_read));
  // A hypervisor's page, below TOM: a private access is a violation with ENC=1.
  tom_guest priv(above);
  priv.page() = {};
  CHECK(priv.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0007, priv.final_gpa.value));
  CHECK(priv.fault_of(user_read) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0005, priv.final_gpa.value));
  // Below TOM and not validated.
  tom_guest fresh(above);
  fresh.page().validated = false;
  CHECK(fresh.fault_of(user_read) == fault{fault_kind::vc, rule::PAG_RMPS_08, 0x404, fresh.where.value});
}
