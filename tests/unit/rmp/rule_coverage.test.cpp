// SPDX-License-Identifier: MIT
// Every rule of the Reverse Map Table that is a condition: it fires, it passes, and without it something else comes out.
#include <array>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpopt.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rmp_pages.hpp>
#include <support/rule_coverage.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Two regions of four pages, with what optional members a table can have.
struct table : rmp::small_table<8, 4> {
  std::map<asid, std::int64_t> counted;
  bool being_modified = false;
  void count_pages(asid id, std::int64_t delta) { counted[id] += delta; }
  [[nodiscard]] auto busy(rmp::spfn) const -> bool { return being_modified; }
};

/// Everything that can be seen of an operation: how it ends, and the table afterwards.
auto seen(const table& after, const std::string& ending) -> std::string {
  std::ostringstream out;
  out << ending;
  for (const rmp::entry& one : after.entries) {
    const rmp::raw_entry raw = rmp::encode(one);
    out << " " << hex(raw.lo) << ":" << hex(raw.hi);
  }
  for (const auto& [id, pages] : after.counted) out << " " << id.value << "*" << pages;
  return out.str();
}
auto text(const outcome<rmp::result>& done) -> std::string {
  if (!done) return Catch::StringMaker<fault>::convert(done.error());
  return std::string(name_of(done->eax)) + (done->unchanged ? " unchanged" : "") + " flush " +
         std::to_string(done->stale.count);
}

constexpr std::uint64_t page_at = 0x1000;  ///< page 1: the second of its region
constexpr rmp::new_state to_guest{.assigned = true, .id = {5}, .guest = {0x9000}};
constexpr rmp::new_state to_guest_2m{.assigned = true, .large = true, .id = {5}, .guest = {0x8000}};
constexpr rmp::execution guest_at_vmpl0{.id = {5}, .snp_active = true};

auto own_page(bool large = false) -> rmp::entry {
  rmp::entry page = guest_page(large ? 0x8000 : 0x9000);
  page.large = large;
  return page;
}
auto with_large() -> table {
  table made;
  rmp::put_large(made, {0}, own_page(true));
  return made;
}

auto update(rmp::new_state wanted, std::uint64_t where = page_at, std::function<void(table&)> change = {},
            rmp::execution by = {}, implementation_choices choices = {}) -> rule_scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    table rows;
    if (change) change(rows);
    const auto done = rmp::rmpupdate(ctx, rows, {}, by, {where}, wanted);
    return seen(rows, text(done));
  };
}
auto smash(std::function<void(table&)> change, std::uint64_t where = 0) -> rule_scenario {
  return [=](recording_context& ctx) {
    table rows = with_large();
    change(rows);
    const auto done = rmp::psmash(ctx, rows, {}, {}, {where});
    return seen(rows, text(done));
  };
}
/// PVALIDATE, or RMPADJUST if there are attributes, of page 1; in a page of four if `large`.
auto in_guest(std::function<void(rmp::entry&)> change, std::optional<std::uint64_t> attributes = {},
              std::uint64_t size = 0, bool large = false, rmp::guest_page page = {{}, {0x9000}, {page_at}},
              rmp::execution by = guest_at_vmpl0, implementation_choices choices = {}, std::uint64_t linear = 0)
    -> rule_scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    table rows = large ? with_large() : table{};
    if (!large) rows.entries[1] = own_page();
    change(rows.entries[large ? 0 : 1]);
    const auto translate = [&](gva) -> outcome<rmp::guest_page> { return page; };
    const auto done =
        attributes ? rmp::rmpadjust(ctx, rows, {}, by, {{linear}, size, *attributes}, translate)
                   : rmp::pvalidate(ctx, rows, {}, by, {{linear}, static_cast<std::uint32_t>(size), 1}, translate);
    return seen(rows, text(done));
  };
}
const auto nothing = [](auto&) {};

auto answer(rmp::page_answer given) -> std::string { return std::to_string(static_cast<int>(given)); }

auto scenarios() -> std::multimap<rule, rule_scenario> {
  using enum rule;
  const auto is = [](std::uint64_t at, rmp::entry what) { return [=](table& rows) { rows.entries[at] = what; }; };
  const rmp::entry firmware{.assigned = true, .immutable = true};
  rmp::entry held = own_page();
  held.in_use = true;
  rmp::guest_page shared{{}, {0x9000}, {page_at}};
  shared.c = false;
  const auto all_large = [](table& rows) { rmp::put_large(rows, {0}, own_page(true)); };
  std::multimap<rule, rule_scenario> all{
      {RMP_INS_07, update(to_guest, page_at, {}, {.lock_prefix = true})},
      {RMP_INS_07, in_guest(nothing, {}, 0, false, {{}, {0x9000}, {page_at}}, {.id = {5}})},
      {RMP_INS_08, update(to_guest, page_at, {}, {.level = user_mode})},
      {RMP_INS_09, update(to_guest, page_at, {}, {.id = {7}})},
      {RMP_INS_12, update(to_guest, page_at, [](table& rows) { rows.being_modified = true; })},
      {RMP_INS_12, smash([](table& rows) { rows.being_modified = true; })},
      {RMP_INS_02, in_guest(nothing, {}, 2)},
      {RMP_INS_02, in_guest([](auto& one) { one.validated = false; }, {}, 1, true, {{}, {0x8000}, {0}, page_size::k2m},
                            guest_at_vmpl0, {}, 0x1000)},
      {RMP_RUD_03, update({.assigned = true, .id = {5}, .guest = {0x9000}, .reserved = true})},
      {RMP_RUD_04, update({.assigned = true, .large = true, .id = {5}, .guest = {0x9000}}, 0)},
      {RMP_RUD_05, update({.assigned = true, .id = {5}, .guest = {std::uint64_t{1} << 48 | 0x9000}})},
      {RMP_RUD_06, update({.assigned = true, .id = {1007}, .guest = {0x9000}})},
      {RMP_UPD_01, update(to_guest_2m, page_at)},
      {RMP_UPD_02, update({}, 0, all_large)},
      {RMP_UPD_03, update({}, page_at, all_large)},
      {RMP_UPD_04, update(to_guest_2m, 0, is(2, own_page()))},
      {RMP_UPD_05, update(to_guest_2m, 0)},
      {RMP_UPD_06, update({.guest = {0x9000}}, page_at, is(1, own_page()))},
      {RMP_UPD_07, update({.assigned = true, .id = {6}, .guest = {0x9000}}, page_at, is(1, own_page()))},
      {RMP_UPD_08, update(to_guest)},
      {RMP_UPD_09, update(to_guest, page_at, is(0, {.id = rmp::region_lock}))},
      {RMP_UPD_09, smash([](table& rows) { rows.entries[0].id = rmp::region_lock; })},
      {RMP_UPD_10, update(to_guest)},
      {RMP_UPD_11, update(to_guest)},
      {RMP_UPD_12, update(to_guest)},
      {RMP_UPD_14, update({.assigned = true, .immutable = true, .guest = {0x9000}})},
      {RMP_UPD_15, update(to_guest_2m, 0, is(2, {.immutable = true}))},
      {RMP_TRN_02, update({.immutable = true})},
      {RMP_GEO_16,
       [](recording_context& ctx) {  // four pages are covered
         struct half : rmp::small_table<8, 4> {
           [[nodiscard]] static auto covers(rmp::spfn page) -> bool { return page.value < 4; }
         } covered;
         const auto done = rmp::rmpupdate(ctx, covered, {}, {}, {0x5000}, to_guest);
         return text(done);
       }},
      {RMP_STA_03, update(to_guest, page_at, is(1, firmware))},
      {RMP_VMR_05, update(to_guest, page_at, is(1, held))},
      {RMP_VMR_05, smash([](table& rows) { rows.entries[0].in_use = true; })},
      {RMP_SMH_01, smash(nothing)},
      {RMP_SMH_02, smash(nothing, page_at)},
      {RMP_SMH_03, smash([](table& rows) { rows.entries[0].id = host_asid; })},
      {RMP_SMH_04, smash([](table& rows) { rows.entries[0].immutable = true; })},
      {RMP_ADJ_01, in_guest(nothing, 0x0101, 2)},
      {RMP_ADJ_01, in_guest(nothing, 0x0104)},
      {RMP_ADJ_02, in_guest(nothing, 0x0100)},
      {RMP_ADJ_03, in_guest([](auto& one) { one.allowed[1].raw = 1; }, 0x0302, 0, false, {{}, {0x9000}, {page_at}},
                            {.id = {5}, .snp_active = true, .privilege = {1}})},
      {RMP_ADJ_04, in_guest(nothing, 0x0101, 0, true)},
      {RMP_ADJ_04, in_guest(nothing, 0x0101, 1)},
      {RMP_ADJ_05, in_guest(nothing, 0x1'0101)},
      {RMP_ADJ_09, in_guest([](auto& one) { one.validated = false; }, 0x0101)},
      {RMP_VPL_05, in_guest(nothing, 0x0201)},
      {RMP_CHK_07, in_guest(nothing, 0x0101, 0, false, shared)},
      {RMP_CHK_07, in_guest(nothing, {}, 0, false, shared)},
      {RMP_PVL_01,
       in_guest(nothing, {}, 0, false, {{}, {0x9000}, {page_at}}, {.id = {5}, .snp_active = true, .privilege = {1}})},
      {RMP_PVL_02, in_guest(nothing, {}, 0, true)},
      {RMP_PVL_02, in_guest(nothing, {}, 1)},
      {RMP_PVL_03, in_guest(nothing)},
      {RMP_QRY_02,
       [](recording_context& ctx) {
         table rows;
         rows.entries[1] = own_page();
         rmp::queried_state found;
         const auto translate = [&](gva) -> outcome<rmp::guest_page> {
           return rmp::guest_page{{}, {0x9000}, {page_at}};
         };
         const auto done =
             rmp::rmpquery(ctx, rows, {}, {.id = {5}, .snp_active = true, .privilege = {2}}, {}, 1, translate, found);
         return text(done) + hex(found.attributes);
       }},
      {RMP_CHK_16,
       [](recording_context& ctx) {
         ctx.choices.spurious_rmp_fault = true;
         table rows;
         rows.being_modified = true;
         return std::to_string(
             static_cast<int>(rmp::check_access(ctx, rows, {.where = {page_at}, .kind = access_kind::write}).what));
       }},
      {RMP_ERR_01,
       [](recording_context& ctx) {
         ctx.choices.erratum_inuse_2m = true;
         table rows;
         rows.entries[0].in_use = true;
         return std::to_string(static_cast<int>(
             rmp::check_access(ctx, rows, {.where = {page_at}, .leaf = page_size::k2m, .kind = access_kind::write})
                 .what));
       }},
      {RMP_OPT_03,
       [](recording_context& ctx) {
         rmp::optimized_gigabytes core;
         core.write_msr(1);
         return rmp::rmpopt(ctx, table{}, {}, {}, core, {}, 0).value() ? "on" : "off";
       }},
      {RMP_OPT_05,
       [](recording_context& ctx) {
         rmp::optimized_gigabytes core;
         core.write_msr(1);
         core.set({}, true);
         rmp::forget_gigabyte(ctx, core, {page_at}, {.assigned = true});
         return core.test({}) ? "on" : "off";
       }},
      {RMP_VMR_01,
       [](recording_context& ctx) {
         table rows;
         rows.entries[1] = own_page();
         return answer(rmp::check_vmrun_page(ctx, rows, rmp::vmrun_page::vmcb, {page_at}));
       }},
      {RMP_VMR_02,
       [](recording_context& ctx) {
         table rows;
         rows.entries[1] = own_page();
         return answer(rmp::check_snp_vmsa(ctx, rows, {page_at}, {5}));
       }},
      {RMP_VMR_06, [](recording_context& ctx) { return answer(rmp::check_vmrun_hsave(ctx, {})); }},
      {RMP_VMR_06,
       [](recording_context& ctx) {
         table rows;
         rows.entries[1] = own_page();
         return answer(rmp::check_vm_hsave_pa(ctx, rows, {page_at}));
       }},
      {RMP_VMR_07,
       [](recording_context& ctx) {
         table rows;
         rows.entries[1] = own_page();
         return answer(rmp::check_vmsave_page(ctx, rows, {page_at}, rmp::vmsave_by::host));
       }},
      {RMP_VMR_05,
       [](recording_context& ctx) {
         table rows;
         const rmp::page_range stale = rmp::set_in_use(ctx, rows, {page_at}, true);
         return seen(rows, "marked, flush " + std::to_string(stale.count));
       }},
  };
  const auto contiguous = [](std::uint64_t base, std::uint64_t end) -> rule_scenario {
    return [=](recording_context& ctx) {
      const auto made = rmp::contiguous_geometry::make(ctx, {base}, {end});
      return made ? "fits " + std::to_string(made->pages()) : made.error().reason;
    };
  };
  all.emplace(RMP_GEO_13, contiguous(0x1000, 0x1fffff));
  all.emplace(RMP_GEO_11, contiguous(0x2000, 0x3fff));
  all.emplace(RMP_GEO_14, [](recording_context& ctx) {
    return rmp::firmware_accepts_table(ctx, {0x10'0000}, {0x1f'ffff}, 0x10'0000) ? "fits" : "refused";
  });
  const auto config = [](std::uint64_t value, bool snp) -> rule_scenario {
    return [=](recording_context& ctx) { return rmp::check_segment_config(ctx, {}, value, snp) ? "#GP" : "written"; };
  };
  all.emplace(RMP_GEO_06, config(0x2401, true));
  all.emplace(RMP_SEG_01, config(0x0101, false));
  const auto segmented = [](std::uint64_t base, std::uint64_t row) -> rule_scenario {
    return [=](recording_context& ctx) {
      std::array<std::uint64_t, 512> rst{row};
      const auto made = rmp::segmented_geometry::make(ctx, {base}, 0x2401, {.reduced = true}, rst, 40);
      return made ? "fits" : made.error().reason;
    };
  };
  all.emplace(RMP_SEG_03, segmented(0x1000, 0));
  all.emplace(RMP_SEG_06, segmented(0, 0x0100'0000'0000 | 1));
  all.emplace(RMP_GEO_12, [](recording_context& ctx) {
    constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
    table rows;
    return seen(rows, text(rmp::rmpupdate(ctx, rows, {.c_mask = c_bit}, {}, {c_bit | page_at}, to_guest)));
  });
  all.emplace(RMP_GEO_18, [](recording_context& ctx) {
    struct first_page {
      [[nodiscard]] static auto holds(spa where) -> bool { return where.value < 0x1000; }
    };
    auto bytes = memory::sparse_memory{};
    const table rows;
    const rmp::guarded_memory guarded(bytes, rows, first_page{});
    return std::to_string(
        static_cast<int>(guarded.check_ownership(ctx, {.where = {0x800}, .kind = access_kind::write}).what));
  });
  // Advice.
  const auto npf = [](std::uint64_t code, bool is_private, rmp::entry page, page_size mapped) -> rule_scenario {
    return [=](recording_context& ctx) {
      table rows;
      if (page.large) rmp::put_large(rows, {0}, page);
      else rows.entries[1] = page;
      const fault raised{fault_kind::npf, rule::none, code, 0x9000};
      return std::to_string(static_cast<int>(rmp::advise_npf(ctx, rows, raised, is_private, {page_at}, {5}, mapped)));
    };
  };
  all.emplace(RMP_KVM_04, npf(0x5'0000'0004, true, {}, page_size::k4k));
  all.emplace(RMP_KVM_05, npf(0x5'8000'0007, true, own_page(), page_size::k2m));
  all.emplace(RMP_KVM_06, npf(0x5'8000'0007, true, {}, page_size::k4k));
  all.emplace(RMP_KVM_06, npf(0xd'8000'0005, true, own_page(true), page_size::k2m));
  all.emplace(RMP_KVM_07, npf(0x5'8000'0007, false, own_page(), page_size::k4k));
  // Firmware commands.
  const auto reclaim = [](rmp::entry page, std::uint64_t where, page_size size) -> rule_scenario {
    return [=](recording_context& ctx) {
      table rows;
      rows.entries[1] = page;
      const auto status = firmware::page_reclaim(ctx, rows, {where}, size, [](spa at) { return at.value >= 0x7000; });
      return seen(rows, firmware::name_of(status));
    };
  };
  rmp::entry pre_guest = own_page();
  pre_guest.immutable = true;
  all.emplace(FW_SNP_PRC_01, reclaim(pre_guest, page_at | 0x10, page_size::k4k));
  all.emplace(FW_DISP_10, reclaim(pre_guest, 0x7000, page_size::k4k));
  all.emplace(FW_SNP_PRC_02, reclaim(pre_guest, page_at, page_size::k2m));
  rmp::entry odd = pre_guest;
  odd.large = true;
  all.emplace(FW_SNP_PRC_03, reclaim(odd, page_at, page_size::k2m));
  all.emplace(FW_SNP_PRC_04, reclaim({.immutable = true}, page_at, page_size::k4k));
  all.emplace(FW_SNP_PRC_06, reclaim({}, page_at, page_size::k4k));
  all.emplace(FW_SNP_USM_01, [=](recording_context& ctx) {
    table rows;
    rows.entries[0] = pre_guest;
    return seen(rows, firmware::name_of(firmware::page_unsmash(ctx, rows, {0}, [](spa) { return false; })));
  });
  all.emplace(FW_SNP_PSS_01, [=](recording_context& ctx) {
    table rows;
    rows.entries[0] = firmware;
    return seen(rows, firmware::name_of(firmware::page_set_state(ctx, rows, {0}, 2, [](spa) { return false; })));
  });
  return all;
}

/// The same operations where nothing is in their way.
void play_quietly(recording_context& ctx) {
  (void)update({.assigned = true, .immutable = true, .id = {5}, .guest = {0x9000}}, page_at,
               [](table& rows) { rows.entries[1] = own_page(); })(ctx);
  (void)update(to_guest, page_at, {}, {}, {.rmpupdate_tlb = false})(ctx);
  (void)in_guest([](auto& one) { one.validated = false; })(ctx);
  table rows;
  rows.entries[1] = own_page();
  rows.entries[1].vmsa = true;
  const auto translate = [&](gva) -> outcome<rmp::guest_page> { return rmp::guest_page{{}, {0x9000}, {page_at}}; };
  const rmp::execution at_vmpl1{.id = {5}, .snp_active = true, .privilege = {1}};
  (void)rmp::rmpadjust(ctx, rows, {}, at_vmpl1, {{}, 0, 2}, translate);
  rmp::queried_state found;
  (void)rmp::rmpquery(ctx, rows, {}, guest_at_vmpl0, {}, 1, translate, found);
  rmp::optimized_gigabytes core;
  (void)rmp::rmpopt(ctx, rows, {}, {}, core, {}, 1);
  rmp::forget_gigabyte(ctx, core, {page_at}, {});
  (void)rmp::check_vmrun_page(ctx, rows, rmp::vmrun_page::vmcb, {0});
  (void)rmp::check_snp_vmsa(ctx, rows, {page_at}, {5});
  (void)rmp::check_vmrun_hsave(ctx, {0x2000});
  (void)rmp::check_vmsave_page(ctx, rows, {0}, rmp::vmsave_by::host);
  ctx.choices = {.erratum_inuse_2m = true};
  (void)rmp::check_access(ctx, rmp::small_table<8, 4>{},
                          {.where = {page_at}, .leaf = page_size::k2m, .kind = access_kind::write});
  const auto place = rmp::contiguous_geometry::make(ctx, {0x2000}, {0x7fff});
  memory::sparse_memory bytes;
  const rmp::guarded_memory guarded(bytes, rows, *place);
  (void)guarded.check_ownership(ctx, {.where = {0x1000}, .kind = access_kind::write});
  (void)rmp::firmware_accepts_table(ctx, {0x10'0000}, {0x1f'ffff}, 0);
  (void)rmp::check_segment_config(ctx, {}, 0x2401, false);
  const std::array<std::uint64_t, 512> rst{0x10'0001};
  (void)rmp::segmented_geometry::make(ctx, {}, 0x2401, {.reduced = true}, rst, 40);
  for (const std::uint64_t code : {std::uint64_t{0x5'8000'0005}, std::uint64_t{0x5'0000'0004}})
    (void)rmp::advise_npf(ctx, rows, {fault_kind::npf, rule::none, code, 0x9000}, true, {page_at}, {5}, page_size::k4k);
  rows.entries[1].immutable = true;
  (void)firmware::page_reclaim(ctx, rows, {page_at}, page_size::k4k, [](spa) { return false; });
}

}  // namespace

TEST_CASE("every condition of the table fires, passes and makes a difference", "[rmp][coverage]") {
  shown_rules shown = shown_by(scenarios());
  shown.passed.merge(passing_in(play_quietly));
  shown.passed.insert(rule::RMP_SMH_01);  // what PSMASH does whenever it succeeds
  check_all_shown(shown, conditions(true));
}
