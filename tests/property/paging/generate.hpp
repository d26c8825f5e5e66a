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
  bool features = false;  ///< tables other than long mode's, rarer controls and accesses, page owners
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

inline auto any_owner_edit() -> owner_edit {
  using enum owner_edit::kind;
  const unsigned page = *rc::gen::weightedElement<unsigned>({{2, 0}, {5, 128}, {5, 192}}) + number(30);
  const auto what = *rc::gen::weightedElement<owner_edit::kind>({{5, take},
                                                                 {2, give_to_other},
                                                                 {4, not_validated},
                                                                 {1, immutable},
                                                                 {1, in_use},
                                                                 {2, resize},
                                                                 {2, move},
                                                                 {4, permissions},
                                                                 {1, uncover},
                                                                 {2, neighbour}});
  return {static_cast<std::uint8_t>(page), what, byte(64)};
}

/// The rarer modes, with what makes them show.
template <class TurnOn>
void draw_features(scenario& plan, const TurnOn& turn_on) {
  using enum table_form;
  plan.guest_form =
      *rc::gen::weightedElement<table_form>({{58, long_mode}, {18, pae}, {9, two_levels}, {15, two_levels_4m}});
  plan.host_form =
      *rc::gen::weightedElement<table_form>({{80, long_mode}, {9, pae}, {4, two_levels}, {7, two_levels_4m}});
  plan.pse36 = static_cast<pse36_width>(number(3));
  turn_on(mode::junk_above_32, 50);
  turn_on(mode::compatibility, 10);
  turn_on(mode::paged_real, 20);
  turn_on(mode::uaie, 40);
  turn_on(mode::through_ds_or_es, 60);
  if (plan.hole != 0 || chance(4)) plan.hole = static_cast<std::uint8_t>(1 + number(16));
  if (chance(25)) plan.kind = chance(50) ? access_kind::shadow_stack_read : access_kind::shadow_stack_write;
  const bool shadow = is_shadow_stack(plan.kind);
  turn_on(mode::shadow_stack_page, shadow ? 88 : 4);
  turn_on(mode::wruss, 30);

  turn_on(mode::gmet, 20);
  turn_on(mode::gmet_user_always, 30);
  turn_on(mode::gmet_walk_not_user, 30);
  turn_on(mode::gmet_data_restricted, 40);
  turn_on(mode::sss_check, shadow ? 45 : 20);
  turn_on(mode::sss_plain_forbidden, 40);
  const bool sss = plan.has(mode::sss_check);
  turn_on(mode::supervisor_final, sss ? 60 : plan.has(mode::gmet) ? 40 : 2);
  turn_on(mode::no_fetch_final, sss ? 60 : 3);
  turn_on(mode::read_only_final, sss ? 35 : 2);
  turn_on(mode::rogpt, 25);
  turn_on(mode::read_only_tables, plan.has(mode::rogpt) ? 40 : 1);
  turn_on(mode::vte, 25);

  turn_on(mode::snp, 45);
  if (plan.has(mode::snp)) {
    if (chance(75)) plan.part = static_cast<std::uint8_t>(*rc::gen::element(2, 3, 4, 6));
    for (const mode m : {mode::encryption, mode::sev, mode::sev_es, mode::snp_active}) turn_on(m, 90);
    if (chance(50)) turn_on(mode::guest_leaf_c, 100);
    turn_on(mode::vtom, 25);
    turn_on(mode::vmpl_sss, shadow ? 60 : 20);
    plan.level = byte(4);
    plan.allowed = chance(75) ? 0x1f : byte(32);
    plan.tom = *rc::gen::weightedElement<std::uint8_t>({{5, 0}, {3, 1}, {1, 2}, {1, 3}});
    const unsigned count = *rc::gen::weightedElement<unsigned>({{5, 0}, {4, 1}, {1, 2}});
    for (unsigned i = 0; i < count; ++i) plan.owner_edits.push_back(any_owner_edit());
  }
  for (const mode m : {mode::walker_updates_only, mode::walker_host_fault, mode::walker_shutdown,
                       mode::table_read_write, mode::gpt_actual_w, mode::strict_shared_read, mode::vtom_root_reserved,
                       mode::in_use_denies, mode::in_use_write})
    turn_on(m, 35);
}

}  // namespace generating

inline auto draw_scenario(const wishes& want) -> scenario {
  using namespace generating;
  scenario plan;
  const auto turn_on = [&](mode m, unsigned percent) {
    if (chance(percent)) plan.modes |= u64{1} << static_cast<unsigned>(m);
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

  if (want.features) draw_features(plan, turn_on);

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
    if (want.features && chance(5)) plan.register_edits.push_back({3, 20});  // EFER.UAIE, which few parts have
    for (unsigned i = number(4); i > 0; --i) {
      const std::uint8_t important = *rc::gen::element<std::uint8_t>(0, 1, 5, 10, 11, 12, 20, 23, 24, 26, 31, 50);
      plan.register_edits.push_back({byte(want.features ? 20 : 16), chance(50) ? important : byte(64)});
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
