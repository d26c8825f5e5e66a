// SPDX-License-Identifier: MIT
// `two_stage_regime::ordinary` is a way to walk faster and nothing else: walks of ordinary regimes and of the same
// regimes without the mark give the same outcome, tell the same events, and leave the same memory.
#include <set>
#include <vector>

#include <support/catch.hpp>
#include <support/owned_machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Every event as words, in order.
struct diary {
  std::vector<std::uint64_t> words;
  void on(const table_read& e) {
    add({1, static_cast<unsigned>(e.tables), e.level, e.where.value, e.key.slot, e.entry});
  }
  void on(const table_update& e) {
    add({2, static_cast<unsigned>(e.tables), e.level, e.where.value, e.key.slot, e.before, e.after});
  }
  void on(const final_access& e) { add({3, static_cast<unsigned>(e.kind), e.where.value, e.key.slot}); }
  void add(std::initializer_list<std::uint64_t> event) { words.insert(words.end(), event); }
};
/// The same, and every rule that is asked. (Walks whose rules are heard take no short cuts.)
struct full_diary : diary {
  using diary::on;
  void on(const rule_evaluated& e) { add({4, static_cast<unsigned>(e.id), e.fired ? 1U : 0U}); }
};

template <class Diary>
struct told {
  outcome<paging::guest_translation> result;
  std::vector<std::uint64_t> events;
  cells after;
  friend auto operator==(const told&, const told&) -> bool = default;
};

template <class Diary>
auto walk_of(const owned_guest& guest, const paging::two_stage_regime& regime, const memory_access& why)
    -> told<Diary> {
  context<all_rules, Diary> ctx{.choices = guest.choices};
  cells memory = guest.memory;
  rmp::guarded_memory guarded(memory, guest.owners);
  auto result = paging::walk(ctx, guarded, regime, guest.where, why);
  return {result, std::move(ctx.listener.words), memory};
}

struct tally_of_walks {
  unsigned long compared = 0;
  unsigned long differ = 0;
  unsigned long completed = 0;
  std::set<rule> reasons;
};

void compare(const owned_guest& guest, const paging::two_stage_regime& regime, const memory_access& why,
             tally_of_walks& tally) {
  paging::two_stage_regime unmarked = regime;
  unmarked.ordinary = false;
  const auto quick = walk_of<diary>(guest, regime, why);
  const bool same = quick == walk_of<diary>(guest, unmarked, why) &&
                    walk_of<full_diary>(guest, regime, why) == walk_of<full_diary>(guest, unmarked, why);
  ++tally.compared;
  if (!same) ++tally.differ;
  if (quick.result) ++tally.completed;
  else tally.reasons.insert(quick.result.error().decided_by);
}

const std::vector<memory_access> accesses = [] {
  std::vector<memory_access> all;
  for (const access_kind kind : {access_kind::read, access_kind::write, access_kind::execute,
                                 access_kind::shadow_stack_read, access_kind::shadow_stack_write})
    for (const cpl level : {user_mode, kernel_mode}) all.push_back({.kind = kind, .level = level});
  all.push_back({.kind = access_kind::write, .level = user_mode, .implicit_supervisor = true, .pkru = 0x5});
  all.push_back({.kind = access_kind::read, .level = kernel_mode, .compatibility = true});
  return all;
}();

/// Registers and features that stay ordinary, by number.
void set_controls(owned_guest& guest, unsigned number) {
  const auto on = [&](unsigned bit) { return (number >> bit & 1) != 0; };
  if (on(0)) guest.state.guest.cr0 &= ~cr0_wp;
  if (on(1)) guest.state.guest.cr4 |= cr4_smep | cr4_smap;
  if (on(2)) guest.state.guest.efer &= ~efer_nxe;
  if (on(3)) guest.state.host.efer &= ~efer_nxe;
  if (on(4)) guest.state.guest.cr4 |= cr4_pke;
  if (on(5)) guest.choices = {.ad_policy = ad_update::deferred, .guest_ad_before_final_npf = false};
  if (on(6)) guest.state.guest.efer |= paging::efer::uaie::mask;
}

}  // namespace

TEST_CASE("an ordinary regime is ordinary for speed alone", "[paging][exhaustive]") {
  const std::uint64_t spoilt_bits[] = {present, writable,   user,       accessed,   dirty,     large,
                                       bit_8,   bit_at(12), bit_at(45), bit_at(51), no_execute};
  tally_of_walks tally;
  unsigned controls = 0;
  for (const unsigned guest_levels : {0U, 4U, 5U}) {
    for (const unsigned nested_levels : {4U, 5U}) {
      for (const unsigned leaf : {1U, 2U}) {
        // No encryption, SEV, SEV-ES, SEV-ES on a machine with SNP, SNP-active.
        for (unsigned kind = 0; kind < 5; ++kind) {
          owned_guest guest({guest_levels, guest_levels == 0 ? 1 : leaf, nested_levels, leaf});
          if (kind < 3) guest.state.syscfg = kind == 0 ? 0 : encryption_on;
          if (kind == 0 && guest_levels != 0) guest.share(leaf);
          if (kind < 2) guest.state.np_control = kind == 0 ? 1 : 3;
          if (kind == 3) guest.state.sev_features = 0, guest.owners = {};
          set_controls(guest, controls++ * 37 % 128);
          context<> ctx{.choices = guest.choices};
          const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
          REQUIRE(regime.has_value());
          REQUIRE(regime->ordinary);

          // Every entry on the way, each of these bits flipped.
          context<all_rules, diary> listening{.choices = guest.choices};
          rmp::guarded_memory guarded(guest.memory, guest.owners);
          (void)paging::walk(listening, guarded, *regime, guest.where, user_read);
          std::set<std::uint64_t> entries;
          const auto& words = listening.listener.words;
          for (std::size_t i = 0; i < words.size(); i += words[i] == 1 ? 6U : words[i] == 2 ? 7U : 4U)
            if (words[i] == 1) entries.insert(words[i + 3]);
          for (const memory_access& why : accesses) {
            compare(guest, *regime, why, tally);
            for (const std::uint64_t where : entries) {
              for (const std::uint64_t bit : spoilt_bits) {
                owned_guest spoilt = guest;
                spoilt.memory[where] ^= bit;
                compare(spoilt, *regime, why, tally);
              }
            }
          }
          // Pages that are not the guest's.
          if (kind != 4) continue;
          for (const memory_access& why : accesses) {
            owned_guest spoilt = guest;
            spoilt.page().validated = false;
            compare(spoilt, *regime, why, tally);
            spoilt.page().allowed[0].raw = 0;
            spoilt.page().validated = true;
            compare(spoilt, *regime, why, tally);
            spoilt.page().id = {6};
            compare(spoilt, *regime, why, tally);
          }
        }
      }
    }
  }
  INFO(tally.compared << " walks, " << tally.completed << " of them complete");
  CHECK(tally.differ == 0);
  CHECK(tally.compared > 50'000);
  CHECK(tally.completed > 10'000);
  CHECK(tally.compared - tally.completed > 10'000);
  for (const rule id :
       {rule::PAG_ENT_02, rule::PAG_ENT_03, rule::PAG_RSV_01, rule::PAG_RSV_02, rule::PAG_RSV_08, rule::PAG_PERM_01,
        rule::PAG_PERM_02, rule::PAG_PERM_03, rule::PAG_PERM_07, rule::PAG_NPT_11, rule::PAG_NPT_13, rule::PAG_NPF_02,
        rule::PAG_NPF_12, rule::RMP_CHK_01, rule::PAG_RMPS_08, rule::RMP_VPL_01}) {
    INFO(name_of(id));
    CHECK(tally.reasons.contains(id));
  }
}

TEST_CASE("which regimes are ordinary", "[paging]") {
  // All combinations of the controls in VMCB 090h and SEV_FEATURES, over guests and VMMs of every format.
  context<> ctx;
  unsigned ordinary = 0;
  for (const unsigned guest_levels : {0U, 2U, 3U, 4U, 5U}) {
    for (const unsigned nested_levels : {2U, 3U, 4U, 5U}) {
      for (std::uint64_t control = 1; control < 0x1000; control += 2) {
        if ((control & 0x780) != 0) continue;
        for (const std::uint64_t features : {0x0U, 0x1U, 0x3U, 0x101U, 0x103U}) {
          guest_of_format guest({.guest = guest_levels, .nested = nested_levels});
          guest.state.syscfg = snp_on;
          guest.state.np_control = control;
          guest.state.sev_features = features;
          const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
          if (!regime) {
            CHECK(regime.error().decided_by == rule::RMP_VPL_03);
            continue;
          }
          const bool sev = (control & 2) != 0;
          const bool es = (control & 6) == 6;
          const bool special = (control & 0x848) != 0 || ((control & 0x10) != 0 && nested_levels != 2) ||
                               (control >> 5 & 1 && sev && !es) || (es && (features & 1) != 0 && features != 1);
          const bool short_tables = guest_levels == 2 || guest_levels == 3 || nested_levels < 4;
          CHECK(regime->ordinary == (!special && !short_tables));
          if (regime->ordinary) ++ordinary;
        }
      }
    }
  }
  CHECK(ordinary > 0);
}
