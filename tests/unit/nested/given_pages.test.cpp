// SPDX-License-Identifier: MIT
// What L1 gives away, on a machine where everything is real: to its AMD-SP, and to a guest as a page of 2M.
#include <string>

#include <support/catch.hpp>
#include <support/launched_world.hpp>

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
