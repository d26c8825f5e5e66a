// SPDX-License-Identifier: MIT
// Whole two-stage walks, proved by the compiler.
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Counts table reads.
struct counter {
  unsigned guest = 0;
  unsigned nested = 0;
  constexpr void on(const table_read& read) { ++(read.tables == stage::guest ? guest : nested); }
};

struct answer {
  std::uint64_t where;
  page_size size;
  unsigned guest_reads;
  unsigned nested_reads;
  friend constexpr auto operator==(const answer&, const answer&) -> bool = default;
};

constexpr auto translate(guest_shape shape, const memory_access& why = user_read) -> answer {
  guest_machine guest(shape);
  context<all_rules, counter> ctx;
  const auto found = guest.run(ctx, why);
  return {found->page.where.value, found->size, ctx.listener.guest, ctx.listener.nested};
}

// PAG-CNT-02: 4 over 4 make 24 reads, 5 over 5 make 35, one nested walk is left with guest paging off.
static_assert(translate({}) == answer{0x4234'5cc8, page_size::k4k, 4, 20});
static_assert(translate({.guest_levels = 5, .nested_levels = 5}) == answer{0x4234'5cc8, page_size::k4k, 5, 30});
static_assert(translate({.guest_levels = 5}) == answer{0x4234'5cc8, page_size::k4k, 5, 24});
static_assert(translate({.nested_levels = 5}) == answer{0x4234'5cc8, page_size::k4k, 4, 25});
static_assert(translate({.guest_levels = 0}) == answer{0x4234'5cc8, page_size::k4k, 0, 4});
static_assert(translate({}, user_write) == answer{0x4234'5cc8, page_size::k4k, 4, 20});

// PAG-NPT-18: the smaller page
static_assert(translate({.guest_leaf = 2}) == answer{0x4254'3cc8, page_size::k4k, 3, 16});
static_assert(translate({.guest_leaf = 2, .nested_leaf_of_data = 2}) == answer{0x4254'3cc8, page_size::k2m, 3, 15});
static_assert(translate({.guest_leaf = 3, .nested_leaf_of_data = 3}) == answer{0x1'3654'3cc8, page_size::k1g, 2, 10});
static_assert(translate({.nested_leaf_of_tables = 3, .nested_leaf_of_data = 3}) ==
              answer{0x4234'5cc8, page_size::k4k, 4, 10});

template <class Change>
constexpr auto fault_after(Change change, const memory_access& why, guest_shape shape = {}) -> std::optional<fault> {
  guest_machine guest(shape);
  change(guest);
  return guest.fault_of(why);
}
constexpr auto npf(rule id, std::uint64_t info1, std::uint64_t info2) {
  return std::optional{nested_fault(id, info1, info2)};
}
constexpr std::uint64_t byte = 0x0234'5cc8;
constexpr std::uint64_t root_entry = 0x10000 + 8 * 0x0b5;
constexpr std::uint64_t last_entry = 0x13000 + 8 * 0x143;

// PAG-NPF-13: final gPA
static_assert(fault_after([](auto& m) { m.for_data(1) = 0; }, user_read) == npf(rule::PAG_ENT_02, 0x1'0000'0004, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) = 0; }, user_write) ==
              npf(rule::PAG_ENT_02, 0x1'0000'0006, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) = 0; }, user_fetch) ==
              npf(rule::PAG_ENT_02, 0x1'0000'0014, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) &= ~user; }, kernel_read) ==
              npf(rule::PAG_NPT_13, 0x1'0000'0005, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) &= ~writable; }, kernel_write) ==
              npf(rule::PAG_NPF_02, 0x1'0000'0007, byte));
static_assert(fault_after([](auto& m) { m.for_data(2) |= no_execute; }, kernel_fetch) ==
              npf(rule::PAG_NPF_02, 0x1'0000'0015, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) |= bit_at(51); }, user_read) ==
              npf(rule::PAG_RSV_02, 0x1'0000'000d, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) |= bit_at(51); }, user_write) ==
              npf(rule::PAG_RSV_02, 0x1'0000'000f, byte));
static_assert(fault_after([](auto& m) { m.for_data(1) |= bit_at(51); }, user_fetch) ==
              npf(rule::PAG_RSV_02, 0x1'0000'001d, byte));

// PAG-NPT-11, PAG-NPF-13: guest tables
static_assert(fault_after([](auto& m) { m.for_table(4, 1) = 0; }, user_fetch) ==
              npf(rule::PAG_ENT_02, 0x2'0000'0006, root_entry));
static_assert(fault_after([](auto& m) { m.for_table(4, 1) &= ~writable; }, user_read) ==
              npf(rule::PAG_NPT_11, 0x2'0000'0007, root_entry));
static_assert(fault_after([](auto& m) { m.for_table(1, 1) &= ~user; }, kernel_fetch) ==
              npf(rule::PAG_NPT_11, 0x2'0000'0007, last_entry));
static_assert(fault_after([](auto& m) { m.for_table(1, 1) |= bit_at(50); }, kernel_read) ==
              npf(rule::PAG_RSV_02, 0x2'0000'000f, last_entry));
static_assert(fault_after([](auto& m) { m.for_table(4, 4) |= bit_8; }, user_read) ==
              npf(rule::PAG_ENT_03, 0x2'0000'000f, root_entry));
static_assert(fault_after([](auto& m) { m.for_table(1, 1) |= no_execute; }, user_fetch) == std::nullopt);

// PAG-NPF-03: the guest's own faults
static_assert(fault_after([](auto& m) { m.in_guest(2) = 0; }, user_write) ==
              page_fault(rule::PAG_ENT_02, 0x6, linear_4));
static_assert(fault_after([](auto& m) { m.in_guest(2) |= bit_at(48); }, user_fetch) ==
              page_fault(rule::PAG_RSV_02, 0x1d, linear_4));
static_assert(fault_after([](auto& m) { m.in_guest(4) &= ~user; }, user_read) ==
              page_fault(rule::PAG_PERM_01, 0x5, linear_4));

// PAG-NPF-01: guest permissions come before the final nested walk
static_assert(fault_after([](auto& m) { m.in_guest(4) &= ~user, m.for_data(1) = 0; }, user_read) ==
              page_fault(rule::PAG_PERM_01, 0x5, linear_4));
// and after the walks of all tables
static_assert(fault_after([](auto& m) { m.in_guest(4) &= ~user, m.for_table(1, 1) = 0; }, user_read) ==
              npf(rule::PAG_ENT_02, 0x2'0000'0006, last_entry));

// PAG-NPF-11: ID
static_assert(fault_after([](auto& m) { m.state.host.efer &= ~efer_nxe, m.for_data(1) = 0; }, user_fetch) ==
              npf(rule::PAG_ENT_02, 0x1'0000'0004, byte));
static_assert(fault_after(
                  [](auto& m) {
                    m.state.host.efer &= ~efer_nxe, m.for_data(1) = 0;
                    m.choices.npf_id_requires_nx_or_smep = false;
                  },
                  user_fetch) == npf(rule::PAG_ENT_02, 0x1'0000'0014, byte));

// PAG-NPF-10, PAG-NPF-12: SEV and SEV-ES guests
static_assert(fault_after([](auto& m) { m.make_sev(), m.for_data(1) = 0; }, user_fetch) ==
              npf(rule::PAG_ENT_02, 0x5'0000'0014, byte));
static_assert(fault_after([](auto& m) { m.make_sev(), m.for_table(1, 1) = 0; }, user_read) ==
              npf(rule::PAG_ENT_02, 0x6'0000'0006, last_entry));
static_assert(fault_after([](auto& m) { m.make_sev(), m.for_data(1) |= bit_at(44); }, user_read) ==
              npf(rule::PAG_RSV_02, 0x1'0000'000d, byte));
static_assert(fault_after([](auto& m) { m.make_sev(true), m.for_data(1) |= bit_at(44); }, user_read) ==
              fault{fault_kind::vc, rule::PAG_NPF_12, 0x400, 0});
static_assert(fault_after([](auto& m) { m.make_sev(true), m.for_data(1) &= ~writable; }, user_write) ==
              npf(rule::PAG_NPF_02, 0x1'0000'0007, byte));

// PAG-NPT-21: both choices
constexpr auto at_bit_50(high_gpa choice) {
  guest_machine guest;
  guest.part.pa_bits = 52, guest.part.reduction = 6;
  guest.choices.npt_high_gpa = choice;
  guest.in_guest(1) |= bit_at(50);
  return guest.fault_of(user_read);
}
static_assert(at_bit_50(high_gpa::npf_not_present) == npf(rule::PAG_NPT_21, 0x1'0000'0004, bit_at(50) | byte));
static_assert(at_bit_50(high_gpa::alias) == std::nullopt);

// PAG-NPT-19, PAG-KEY-05, PAG-KEY-08: a SEV guest's C-bit is stripped, and chooses the key
constexpr auto key_of(bool guest_c, bool nested_c, const memory_access& why) -> memory_key {
  guest_machine guest;
  guest.make_sev();
  guest.state.guest.cr3 |= bit_at(51);
  if (guest_c) guest.in_guest(1) |= bit_at(51);
  if (nested_c) guest.for_data(1) |= bit_at(51);
  const auto found = guest.run(why);
  Expects(found->in_guest.where == gpa{byte} && found->page.where == spa{0x4234'5cc8});
  return found->key;
}
static_assert(key_of(false, false, user_read) == memory_key::none());
static_assert(key_of(true, false, user_write) == memory_key::guest({5}));
static_assert(key_of(false, true, kernel_read) == memory_key::host());
static_assert(key_of(true, true, kernel_write) == memory_key::guest({5}));
static_assert(key_of(false, true, user_fetch) == memory_key::guest({5}));

// PAG-AD-05: guest and nested bits when the final walk faults, under all four pairs of choices
constexpr auto marks_after_final_fault(ad_update policy, bool before_final) -> unsigned {
  guest_machine guest;
  guest.choices.ad_policy = policy;
  guest.choices.guest_ad_before_final_npf = before_final;
  for (unsigned level = 1; level <= 4; ++level) guest.in_guest(level) &= ~(accessed | dirty);
  guest.for_data(2) &= ~accessed;
  guest.for_data(1) = 0;
  static_cast<void>(guest.run(user_write));
  unsigned marks = static_cast<unsigned>(guest.for_data(2) >> 4 & 2);
  for (unsigned level = 4; level >= 1; --level)
    marks = marks << 4 | static_cast<unsigned>(guest.in_guest(level) >> 4 & 6);
  return marks;
}
static_assert(marks_after_final_fault(ad_update::eager, true) == 0x2'2226);
static_assert(marks_after_final_fault(ad_update::eager, false) == 0x2'2220);
static_assert(marks_after_final_fault(ad_update::deferred, true) == 0x0'2226);
static_assert(marks_after_final_fault(ad_update::deferred, false) == 0x0'0000);

// PAG-NPT-12: guest tables are dirty to the nested tables, by reads too
static_assert([] {
  guest_machine guest;
  guest.for_table(2, 1) &= ~(accessed | dirty);
  guest.for_data(1) &= ~(accessed | dirty);
  return guest.run(user_read).has_value() && (guest.for_table(2, 1) & 0x60) == 0x60 &&
         (guest.for_data(1) & 0x60) == 0x20;
}());

}  // namespace
