// SPDX-License-Identifier: MIT
// Nested composition, proved by the compiler.
#include <sevspec/paging/reference_count.hpp>
#include <support/l2_machine.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum paging::shadow_decision::kind;
using paging::shadow_decision;

/// Counts table reads.
struct counter {
  unsigned reads = 0;
  constexpr void on(const table_read&) { ++reads; }
};

// PAG-CNT-03: 4 through 4 through 4 make 124 reads.
constexpr auto reads_of(l2_shape shape) -> unsigned {
  l2_machine machine(shape);
  context<all_rules, counter> ctx;
  const auto found = machine.walk(ctx, machine.memory, user_read);
  Expects(found.has_value() && found->page.where == machine.data_in_memory());
  return ctx.listener.reads;
}
static_assert(reads_of({}) == 124 && paging::table_reads(4, 4, 4) == 124);
static_assert(reads_of({.guest_levels = 0}) == 24 && paging::table_reads(0, 4, 4) == 24);
static_assert(reads_of({.guest_leaf = 3, .npt12_leaf = 2, .npt01_leaf = 3}) == paging::table_reads(2, 3, 2));

template <class Change>
constexpr auto after(std::uint64_t exit_info_1, Change change) -> shadow_decision {
  l2_machine machine;
  change(machine);
  return machine.resolve(exit_info_1);
}

// PAG-L2-05
static_assert(after(on_final | by_read, [](auto&) {}).leaf ==
              paging::shadow_leaf{.where = {0xc234'5000}, .size = page_size::k4k, .writable = true});
// PAG-L2-02
static_assert(after(on_table | by_write, [](auto& m) { m.in_npt12(1) &= ~present; }) ==
              shadow_decision{.what = reflect_to_l1,
                              .decided_by = rule::PAG_L2_02,
                              .because = rule::PAG_ENT_02,
                              .exit_code = 0x400,
                              .exit_info_1 = 0x2'0000'0006,
                              .exit_info_2 = 0x0234'5cc8});
// PAG-L2-03, PAG-L2-04
static_assert(after(on_final | by_fetch, [](auto& m) { m.in_npt01(1) |= no_execute; }).l1_address == gpa{0x4234'5cc8});
static_assert(after(on_final | by_read, [](auto& m) { m.in_npt01(1) = 0, m.in_npt12(1) = 0; }).what == reflect_to_l1);
static_assert(after(on_final | by_read, [](auto& m) { m.in_npt01(m.npt12_gpa(2), 1) = 0, m.in_npt12(1) = 0; }).what ==
              l0_fix);
// PAG-L2-06
static_assert(!after(on_final | by_read, [](auto& m) { m.in_npt12(1) &= ~dirty; }).leaf.writable);
static_assert(after(on_final | by_write, [](auto& m) { m.in_npt12(1) &= ~dirty; }).leaf.writable);
// PAG-L2-13
static_assert(after(on_final | by_read, [](auto& m) { m.make_l2_sev(true), m.in_npt12(1) |= bit_at(50); }).raised ==
              fault{fault_kind::vc, rule::PAG_L2_13, 0x400, 0});
// PAG-L2C-03
static_assert(after(on_final | by_read, [](auto& m) { m.make_l1_sev(), m.in_npt12(1) |= bit_at(51); }).what == install);
static_assert(after(on_final | by_read, [](auto& m) { m.in_npt12(1) |= bit_at(51); }).what == reflect_to_l1);
// PAG-L2-08
static_assert([] {
  l2_machine machine;
  machine.npt12_for_table(1, 1) &= ~writable;
  return machine.emulate(user_read).error().exit_info_1 == 0x2'0000'0007;
}());

// Addresses of different guests are different types.
static_assert(!std::is_convertible_v<paging::l2_gpa, gpa> && !std::is_convertible_v<gpa, paging::l2_gpa>);
// L1's memory is a memory like any other; over one that is only readable it is only readable.
using plain = context<>;
static_assert(physical_memory<paging::l1_physical_memory<plain, cells>>);
static_assert(readable_memory<paging::l1_physical_memory<plain, read_only<cells>>>);
static_assert(!physical_memory<paging::l1_physical_memory<plain, read_only<cells>>>);

}  // namespace
