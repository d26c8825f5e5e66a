// SPDX-License-Identifier: MIT
// What a guest hypervisor and its guest share of a TLB: nothing that L0 does not intend.
#include <cstdint>

#include <support/catch.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/paging/l2_tlb.hpp>
#include <sevspec/paging/tlb.hpp>

namespace {

using namespace sevspec;
using paging::tlb_control;
using small_tlb = paging::tlb<4, 4, 8>;

constexpr asid l1{1}, l2{2}, other{3};

/// A translation of one page in each of three ASIDs, global in one of two pages.
auto filled() -> small_tlb {
  small_tlb tlb;
  for (const asid id : {l1, l2, other})
    for (const bool global : {false, true})
      tlb.fill({.id = id},
               {.size = page_size::k4k, .global = global, .linear = global ? 0x1000U : 0x2000U, .served = 1});
  return tlb;
}

auto held(const small_tlb& tlb, asid id) -> unsigned {
  unsigned count = 0;
  for (const std::uint64_t page : {0x1000U, 0x2000U}) count += tlb.find({.id = id}, page) != nullptr;
  return count;
}

}  // namespace

TEST_CASE("L1 and L2 under one ASID are flushed apart; under two they keep their translations", "[paging][PAG-L2-11]") {
  context<> ctx;
  small_tlb tlb = filled();
  CHECK_FALSE(paging::flush_for_nested_transition(ctx, tlb, l1, l2));
  CHECK(held(tlb, l1) + held(tlb, l2) + held(tlb, other) == 6);
  CHECK(paging::flush_for_nested_transition(ctx, tlb, l2, l2));
  CHECK(held(tlb, l2) == 0);
  CHECK(held(tlb, l1) + held(tlb, other) == 4);
}

TEST_CASE("L1's TLB_CONTROL drops L2's translations alone and asks for a new shadow", "[paging][PAG-L2-11]") {
  for (const tlb_control what :
       {tlb_control::flush_all, tlb_control::flush_guest, tlb_control::flush_guest_not_global}) {
    context<> ctx;
    small_tlb tlb = filled();
    CHECK(paging::apply_l1_tlb_control(ctx, tlb, what, l2));
    CHECK(held(tlb, l2) == 0);
    CHECK(held(tlb, l1) + held(tlb, other) == 4);
  }
  context<> ctx;
  small_tlb tlb = filled();
  CHECK_FALSE(paging::apply_l1_tlb_control(ctx, tlb, tlb_control::nothing, l2));
  CHECK(held(tlb, l2) == 2);
}

TEST_CASE("L1's INVLPGA drops one page of L2's and asks for a new shadow", "[paging][PAG-L2-11]") {
  context<> ctx;
  small_tlb tlb = filled();
  CHECK(paging::l1_invlpga(ctx, tlb, 0x1abc, l2));
  CHECK(tlb.find({.id = l2}, 0x1000) == nullptr);
  CHECK(tlb.find({.id = l2}, 0x2000) != nullptr);
  CHECK(held(tlb, l1) + held(tlb, other) == 4);
}

TEST_CASE("without the rule L2 keeps what it had", "[paging][PAG-L2-11]") {
  context<all_rules_but<rule::PAG_L2_11>> ctx;
  small_tlb tlb = filled();
  CHECK_FALSE(paging::flush_for_nested_transition(ctx, tlb, l2, l2));
  CHECK_FALSE(paging::apply_l1_tlb_control(ctx, tlb, tlb_control::flush_all, l2));
  CHECK_FALSE(paging::l1_invlpga(ctx, tlb, 0x1000, l2));
  CHECK(held(tlb, l2) == 2);
}
