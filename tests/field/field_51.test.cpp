// SPDX-License-Identifier: MIT
// kvm-unit-tests 916635a8, 520e2789, d30973c3: reserved bits in nested tables, and in CR4, of a nested guest.
#include <cstdint>

#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using call = nested::l1_call_end::kind;
using bytes = std::array<std::uint8_t, 16>;

constexpr nested::configuration plain{l1_hypervisor::kvm, mode::plain, guest_kind::plain};

}  // namespace

TEST_CASE("FIELD-51: a reserved bit of nPT12 is #NPF with RSVD, in L1", "[field][FIELD-51][PAG-L2-02]") {
  nested_world<> w(plain);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.map(ctx, 1, {0x20'0000}, gpa{0x6'0000}, {.marks = std::uint64_t{1} << 50}));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, {0x20'0000}, false, seen).what == nested::deed_end::kind::reflected);
  const auto v12 = w.seen_vmcb12(ctx, 1);
  using code = paging::page_fault_code;
  CHECK(v12.controls().exit_code() == layout::svm_exit_codes::npf);
  CHECK(code::rsvd::test(v12.controls().exit_info_1()));
  CHECK(code::p::test(v12.controls().exit_info_1()));
  CHECK(code::final_gpa::test(v12.controls().exit_info_1()));
  CHECK(v12.controls().exit_info_2() == 0x20'0000);
}

TEST_CASE("FIELD-51: CR4 with a bit that does not exist is VMEXIT_INVALID, in VMCB12", "[field][FIELD-51]") {
  nested_world<> w(plain);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  auto page = nested::make_vmcb12(guest_kind::plain, {.id = w.named(1), .npt12 = w.root(1)});
  page.save().set_cr4(page.save().cr4() | std::uint64_t{1} << 30);
  const auto end = nested::l1_runs(ctx, w.m, w.vm(), 0, w.vmcb12(1), page);
  CHECK(end.what == call::refused);
  CHECK(layout::read_le<std::uint64_t>(w.seen_vmcb12(ctx, 1).bytes.data() + 0x70) == ~std::uint64_t{});
}
