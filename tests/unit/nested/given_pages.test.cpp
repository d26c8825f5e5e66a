// SPDX-License-Identifier: MIT
// What L1 gives away, on a machine where everything is real: to its AMD-SP, and to a guest as a page of 2M.
#include <array>
#include <cstdint>
#include <string>

#include <sevspec/nested/l1_memory.hpp>
#include <support/catch.hpp>
#include <support/launched_world.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nested::guest_kind;
using nested::l1_hypervisor;
using nested::mode;

constexpr nested::configuration virt_snp{l1_hypervisor::kvm, mode::virt, guest_kind::snp};

}  // namespace

TEST_CASE("a guest's context is neither L1's nor L2's to look at", "[nested][NEST-VSP-21][NES-SP-04]") {
  launched_world w(virt_snp);
  CHECK(w.l1_touches_context(1, true) == "");
  REQUIRE(w.launch(1) == "");
  CHECK(w.context_page(1) == "context, hypervisor");
  CHECK(w.l1_touches_context(1, true) == "#PF RMP NEST-VSP-21");
  CHECK(w.l1_touches_context(1, false) == "#PF RMP NEST-VSP-21");
  CHECK(w.l2_touches_context(1) == "#NPF RMP");
  CHECK(w.l1_writes_table());
  CHECK(w.disagreement() == "");
  // The pages beside it are L1's as before, and another guest's context has its own.
  CHECK(w.l1_touches_context(2, true) == "");
  REQUIRE(w.launch(2) == "");
  CHECK(w.l1_touches_context(2, true) == "#PF RMP NEST-VSP-21");
  REQUIRE(w.destroy(1) == "");
  CHECK(w.l1_touches_context(1, true) == "");
  CHECK(w.l1_touches_context(2, false) == "#PF RMP NEST-VSP-21");
  CHECK(w.disagreement() == "");
}

TEST_CASE("commands leave guests' pages of 2M alone", "[nested][NEST-VSP-22][NEST-VSP-26]") {
  for (const bool in_parts : {false, true}) {
    launched_world w(virt_snp);
    REQUIRE(w.launch(1) == "");
    CHECK(w.large_page(1, in_parts) == "SUCCESS 512");
    CHECK(w.disagreement() == "");
  }
}

TEST_CASE("what L0 takes from L1 and gives back does not bring a page of the AMD-SP's with it",
          "[nested][NEST-VSP-21]") {
  nested_world<> w(virt_snp);
  context<> ctx;
  constexpr gpa region{0x20'0000};  // of which nPT01 has 2M
  constexpr gpa given = region + 0x1000;
  nested::host_words host{w.m.memory};
  std::array<std::uint8_t, 16> seen{};
  const auto drop_region = [&] {
    std::uint64_t table = w.vm().npt01.value;
    for (const unsigned level : {4U, 3U})
      table = *host.load(nested::detail::table_slot(table, region.value, level)) & nested::detail::table_address_bits;
    REQUIRE(host.store(nested::detail::table_slot(table, region.value, 2), 0));
  };
  REQUIRE(nested::find_backing(w.m, w.vm(), given)->size == page_size::k2m);
  w.vm().owners.put(page_of(spa{given.value}), {.assigned = true, .immutable = true});
  REQUIRE(nested::unmap_page(w.m, w.vm(), given));
  drop_region();
  REQUIRE(nested::is_withheld(w.m, w.vm(), given));
  REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, region + 0x3000, true, seen).is_done());
  CHECK(nested::is_withheld(w.m, w.vm(), given));
  CHECK_FALSE(nested::l1_reads(ctx, w.m, w.vm(), 0, given, true, seen).is_done());
  // The pages of L1's own table are the firmware's, too, and not withheld: they are mapped in 2M as before.
  drop_region();
  w.vm().soft_table = region;
  w.vm().soft_table_bytes = 0x10'0000;
  REQUIRE(nested::populate(w.m, w.vm(), region + 0x3000));
  CHECK(nested::find_backing(w.m, w.vm(), given)->size == page_size::k2m);
}

TEST_CASE("a command's buffer is L1's memory even while nPT01 does not map it", "[nested][NEST-VSP-09]") {
  launched_world w(virt_snp);
  REQUIRE(w.launch(1) == "");
  CHECK(w.decommission_from_unmapped(1) == "SUCCESS");
}
