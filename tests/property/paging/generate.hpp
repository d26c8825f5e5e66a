// SPDX-License-Identifier: MIT
// Scenarios for RapidCheck, weighted so that most walks succeed or fail deep.
#ifndef SEVSPEC_TESTS_PROPERTY_PAGING_GENERATE_HPP
#define SEVSPEC_TESTS_PROPERTY_PAGING_GENERATE_HPP

#include <array>
#include <cstdint>
#include <initializer_list>

#include <property/paging/scenario.hpp>
#include <property/property.hpp>

namespace sevspec::test {

/// What kind of scenarios a property wants.
struct wishes {
  bool edits = true;          ///< spoil entries
  bool gentle = false;        ///< the access succeeds unless a permission forbids it: only harmless edits
  bool permitted = false;     ///< registers and access that permissions let through
  bool sev = false;           ///< always a SEV guest
  bool guest_paging = false;  ///< always with guest paging
  bool register_edits = false;
};

namespace generating {

/// Below `end`, at any size; shrinks to 0.
inline auto number(unsigned end) -> unsigned { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, end)); }
inline auto chance(unsigned percent) -> bool { return number(100) >= 100 - percent; }
inline auto byte(unsigned end) -> std::uint8_t { return static_cast<std::uint8_t>(number(end)); }

inline auto leaf_level() -> std::uint8_t { return static_cast<std::uint8_t>(chance(50) ? 1 : 1 + number(3)); }

inline auto any_edit(bool gentle) -> edit {
  using enum edit::kind;
  // Mostly the guest's own entries, and the last nested walk.
  const unsigned entry = *rc::gen::weightedElement<unsigned>({{2, 0}, {2, 128}, {5, 192}}) + number(30);
  edit::kind what = set_ignored;
  if (!gentle)
    what = *rc::gen::weightedElement<edit::kind>({{2, set_ignored},
                                                  {10, clear_bit},
                                                  {4, set_nx},
                                                  {2, set_large},
                                                  {2, set_bit_8},
                                                  {3, set_c},
                                                  {4, set_key},
                                                  {3, set_low_base},
                                                  {4, set_high_base},
                                                  {4, flip_any},
                                                  {3, point_to_table},
                                                  {2, point_nowhere},
                                                  {1, point_high},
                                                  {1, overwrite}});
  else if (chance(50)) what = set_key;
  return {static_cast<std::uint8_t>(entry), what, byte(64)};
}

}  // namespace generating

inline auto draw_scenario(const wishes& want) -> scenario {
  using namespace generating;
  scenario plan;
  const auto turn_on = [&](mode m, unsigned percent) {
    if (chance(percent)) plan.modes |= 1U << static_cast<unsigned>(m);
  };
  const bool permitted = want.permitted;
  turn_on(mode::guest_nxe, 80);
  turn_on(mode::guest_wp, 70);
  turn_on(mode::guest_smep, 35);
  turn_on(mode::guest_smap, permitted ? 0 : 35);
  turn_on(mode::guest_pke, permitted ? 0 : 35);
  turn_on(mode::guest_la57, 50);
  turn_on(mode::guest_off, want.guest_paging ? 0 : 6);
  turn_on(mode::host_nxe, 80);
  turn_on(mode::host_wp, 50);
  turn_on(mode::host_smep, 35);
  turn_on(mode::host_smap, 35);
  turn_on(mode::host_pke, 35);
  turn_on(mode::host_la57, 50);
  turn_on(mode::encryption, want.sev ? 100 : 60);
  turn_on(mode::sev, want.sev ? 100 : 60);
  turn_on(mode::sev_es, 50);
  for (const mode c : {mode::guest_root_c, mode::guest_table_c, mode::guest_leaf_c, mode::nested_root_c,
                       mode::nested_table_c, mode::nested_leaf_c})
    turn_on(c, 50);
  turn_on(mode::user_page, permitted ? 100 : 60);
  turn_on(mode::implicit_supervisor, permitted ? 0 : 15);
  turn_on(mode::through_ss, 30);
  turn_on(mode::alignment_check, 30);
  turn_on(mode::deferred_ad, 40);
  turn_on(mode::late_guest_ad, 40);
  turn_on(mode::alias_high_gpa, 50);
  turn_on(mode::id_always, 30);
  turn_on(mode::insist_1g, want.gentle ? 0 : 30);

  plan.part = static_cast<std::uint8_t>((2 + number(making::part_count)) % making::part_count);
  plan.guest_leaf = leaf_level();
  plan.final_leaf = leaf_level();
  for (auto& leaf : plan.table_leaf) leaf = leaf_level();
  plan.table_place = chance(20) ? byte(6) : byte(4);
  plan.data_place = byte(5);
  plan.ad = static_cast<initial_ad>(number(4));
  plan.enc = static_cast<enc_bit>(number(3));
  for (auto& index : plan.index) index = byte(8);
  if (chance(6)) {  // the last page below the hole
    const bool five = plan.has(mode::guest_la57) && making::part_number(plan.part).la57;
    plan.index = {7, 7, 7, static_cast<std::uint8_t>(five ? 7 : 3), 3};
  }
  plan.offset = *rc::gen::element<std::uint16_t>(0, 8, 0x678, 0xff8, 0xffc, 0xfff);
  plan.hole = chance(4) ? static_cast<std::uint8_t>(1 + number(16)) : 0;
  if (want.gentle) plan.hole = 0;
  plan.kind = static_cast<access_kind>(number(3));
  const bool user_level = permitted || (plan.has(mode::user_page) ? chance(75) : chance(15));
  plan.cpl = user_level ? 3 : byte(3);
  if (plan.has(mode::guest_pke) && chance(60))
    plan.pkru = 0x5555'5555U * number(4) & *rc::gen::arbitrary<std::uint32_t>();
  plan.bytes = *rc::gen::element(1U, 2U, 8U, 64U, 4096U);
  if (want.gentle) plan.bytes = 1;

  if (want.edits) {
    const unsigned count = *rc::gen::weightedElement<unsigned>({{6, 0}, {5, 1}, {1, 2}});
    for (unsigned i = 0; i < count; ++i) plan.edits.push_back(any_edit(want.gentle));
  }
  if (want.edits && !want.gentle && chance(6)) {  // a table that contains itself
    plan.index.fill(plan.index[0]);
    plan.edits = {{static_cast<std::uint8_t>(192 + number(3)), edit::kind::point_to_table, byte(12)}};
    if (chance(70)) plan.ad = initial_ad::all_clear;
  }
  if (want.register_edits) {
    for (unsigned i = number(4); i > 0; --i) {
      const std::uint8_t important = *rc::gen::element<std::uint8_t>(0, 1, 5, 10, 11, 12, 20, 23, 24, 26, 31, 50);
      plan.register_edits.push_back({byte(16), chance(50) ? important : byte(64)});
    }
  }
  return plan;
}

inline auto scenarios(wishes want = {}) -> rc::Gen<scenario> {
  return rc::gen::exec([want] { return draw_scenario(want); });
}

/// In properties that need a walk that succeeds.
inline constexpr wishes successful{.gentle = true, .permitted = true};

}  // namespace sevspec::test

#endif
