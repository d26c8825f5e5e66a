// SPDX-License-Identifier: MIT
// Every rule of nested virtualization that is a condition: it fires, it passes, and without it something else comes out.
#include <array>
#include <map>
#include <string>

#include <sevspec/nested/para_virtual.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>
#include <support/recorder.hpp>
#include <support/rule_coverage.hpp>
#include <support/rule_families.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using bytes = std::array<std::uint8_t, 16>;
using scenario = rule_scenario;

constexpr auto of(mode how, guest_kind variant) -> nested::configuration { return {l1_hypervisor::kvm, how, variant}; }
constexpr auto virt_snp = of(mode::virt, guest_kind::snp);
constexpr auto virt_es = of(mode::virt, guest_kind::sev_es);
constexpr auto pass_snp = of(mode::pass, guest_kind::snp);

template <class Refusal>
auto text(const std::expected<void, Refusal>& done) -> std::string {
  if (done) return "fine";
  if constexpr (std::is_same_v<Refusal, rule>) return name_of(done.error());
  else return name_of(done.error().decided_by);
}
auto text(const outcome<nested::virtual_result>& done) -> std::string {
  return done ? name_of(done->rax) : name_of(done.error().kind);
}
auto text(const nested::deed_end& end) -> std::string {
  return std::to_string(static_cast<int>(end.what)) + ' ' + name_of(end.raised.kind) + ' ' +
         std::to_string(static_cast<int>(end.exit.what));
}
auto update(recording_context& ctx, world& w, gpa page, const rmp::new_state& wanted) -> std::string {
  return text(nested::virt_rmpupdate(ctx, w.m, w.vm(), 0, nested::operands_for(page, wanted)));
}
/// A world whose guest 1 is launched, and runs.
template <class Context>
auto running(Context& ctx, const nested::configuration& config) -> world {
  world w(config);
  REQUIRE(w.launch(ctx, 1) == "");
  (void)w.run(ctx, 1);
  return w;
}

auto ownership_of(world& w) -> memory::ownership_query {
  return {.where = world::where(w.in_l1(1, 1)),
          .guest = {w.in_l2(1, 1).value},
          .kind = access_kind::read,
          .c = true,
          .who = memory::owner_context::snp_guest,
          .id = w.real_asid(1)};
}

auto scenarios() -> std::multimap<rule, scenario> {
  return {
      {rule::NES_ASID_01,
       [](recording_context& ctx) {
         world w(virt_snp);
         return std::to_string(nested::physical_asid_of(ctx, w.m.asids, w.vm().number, {1})->value);
       }},
      {rule::NES_ASID_02,
       [](recording_context& ctx) {
         nested::asid_map map;
         const memory::asid_ranges all{.highest = 500, .min_sev = 100};
         (void)nested::bind_asid(ctx, map, {0}, {1}, all, {9}, all);
         return text(nested::bind_asid(ctx, map, {0}, {2}, all, {9}, all));
       }},
      {rule::NES_CFG_01,
       [](recording_context& ctx) {
         return text(nested::check_configuration(ctx, nested::l0_support::nested_sev,
                                                 {l1_hypervisor::xen_pv, mode::virt, guest_kind::snp}));
       }},
      {rule::NES_CFG_01,
       [](recording_context& ctx) {
         return text(nested::check_guest_count(ctx, {l1_hypervisor::bitvisor, mode::virt, guest_kind::sev}, 1));
       }},
      {rule::NES_CFG_02,
       [](recording_context& ctx) {
         return text(nested::load_kvm(ctx, {.kind = guest_kind::sev, .svm_in_cpuid = true}));
       }},
      {rule::NES_CFG_03,
       [](recording_context& ctx) {
         return text(nested::load_kvm(ctx, {.kind = guest_kind::sev_es,
                                            .svm_in_cpuid = true,
                                            .knows_guest_is_sev = false,
                                            .svm_off_in_sev_guests = true}));
       }},
      {rule::NES_CFG_03,
       [](recording_context& ctx) {
         const auto done =
             nested::emergency_disable(ctx, {.kind = guest_kind::sev_es, .keeps_efer_check = true}, 0xd01);
         return std::string(done ? "shut down" : name_of(done.error().kind));
       }},
      {rule::NES_CFG_04,
       [](recording_context& ctx) {
         return text(nested::check_configuration(ctx, nested::l0_support::hyper_v, virt_snp));
       }},
      {rule::NES_TR_02,
       [](recording_context& ctx) {
         world w = running(ctx, virt_es);
         bytes seen{};
         (void)w.l2_reads(ctx, w.in_l2(1, 1), true, seen);
         (void)w.l2_halts(ctx);
         (void)w.map(ctx, 1, w.in_l2(1, 1), w.in_l1(1, 2));
         (void)w.run(ctx, 1, paging::tlb_control::flush_guest);
         return std::string(nested::find_shadow(w.guest(1).shadow, w.in_l2(1, 1)) != nullptr ? "stale" : "gone");
       }},
      {rule::NES_TR_03,
       [](recording_context& ctx) {
         world w(virt_es);
         REQUIRE(w.launch(ctx, 1) == "");
         REQUIRE(w.map(ctx, 1, {0x20'0000}, {}, {.marks = std::uint64_t{1} << 45}));
         (void)w.run(ctx, 1);
         bytes seen{};
         return text(w.l2_reads(ctx, {0x20'0000}, false, seen));
       }},
      {rule::NES_TR_04,
       [](recording_context& ctx) {
         world w(virt_es);
         REQUIRE(w.launch(ctx, 1) == "");
         REQUIRE(w.map(ctx, 1, {0x30'0000}, gpa{0x7000'0000}));
         (void)w.run(ctx, 1);
         w.guest(1).devices.push_back(gpa{0x7000'0000});
         bytes seen{};
         return text(w.l2_reads(ctx, {0x30'0000}, false, seen));
       }},
      {rule::NES_KEY_02,
       [](recording_context& ctx) { return text(nested::check_l1_mapping(ctx, mode::virt, true, false, true)); }},
      {rule::NES_KEY_03,
       [](recording_context& ctx) {
         world w({l1_hypervisor::xen_pv, mode::pass, guest_kind::snp});
         nested::page_owners owners;
         (void)nested::assign_page(ctx, owners, w.in_l1(1, 0), {w.in_l1(1, 0).value}, 1);
         const auto end = nested::para_virtual_pvalidate(ctx, w.m, w.vm(), owners, {1}, w.in_l1(1, 0), false);
         return std::string(end.done ? "executed" : "not");
       }},
      {rule::NES_ASID_03,
       [](recording_context& ctx) {
         world w(pass_snp);
         const auto id = nested::physical_id_of(ctx, w.m, w.vm(), {1});
         return id ? std::to_string(id->value) : std::string(name_of(id.error()));
       }},
      {rule::NES_GPA_01,
       [](recording_context& ctx) {
         nested::page_owners owners;
         (void)nested::assign_page(ctx, owners, gpa{0x1000}, {0x1000}, 1);
         return text(nested::assign_page(ctx, owners, gpa{0x1000}, {0x1000}, 2));
       }},
      {rule::NES_RMP_02,
       [](recording_context& ctx) {
         world w(virt_snp);
         w.vm().processors[0].snp_en = false;
         return update(ctx, w, w.in_l1(1, 0), {.assigned = true, .id = {1}});
       }},
      {rule::NES_RMP_03,
       [](recording_context& ctx) {
         world w(virt_snp);
         return update(ctx, w, w.in_l1(1, 0) + 0x10, {.assigned = true, .id = {1}});
       }},
      {rule::NES_RMP_04,
       [](recording_context& ctx) {
         world w(virt_snp);
         return update(ctx, w, w.in_l1(1, 0), {.assigned = true, .id = nested::l1_itself});
       }},
      {rule::NES_RMP_06,
       [](recording_context& ctx) {
         nested::soft_table own(16);
         own.after_rmpupdate(ctx, gpa{0x3000}, {.assigned = true, .id = {1}}, {});
         own.after_rmpupdate(ctx, gpa{0x4000}, {.assigned = true, .id = {1}}, {.rax = rmp::status::fail_inuse});
         return std::to_string(own.raw_of({3}).lo);
       }},
      {rule::NES_RMP_07,
       [](recording_context& ctx) {
         return text(
             nested::check_snp_host(ctx, {.soft_table = true, .table_allocated = true, .requires_iommu = true}));
       }},
      {rule::NES_RMP_08,
       [](recording_context& ctx) {
         world w(virt_snp);
         REQUIRE(w.launch(ctx, 1) == "");
         return text(nested::l1_writes(ctx, w.m, w.vm(), 0, w.in_l1(1, 0), false, bytes{1}));
       }},
      {rule::NES_RMP_09, [](recording_context& ctx) { return text(nested::check_vmpl_use(ctx, mode::vmpl)); }},
      {rule::NES_RMP_10,
       [](recording_context& ctx) {
         world w(pass_snp);
         return update(ctx, w, w.in_l1(1, 0), {.assigned = true, .id = {1}, .guest = {0x9000}});
       }},
      {rule::RMP_NST_21,
       [](recording_context& ctx) {
         world w(virt_snp);
         const gpa large{0x20'0000};
         (void)update(ctx, w, large + 0x9000, {.assigned = true, .id = nested::l1_itself});
         return update(ctx, w, large, {.assigned = true, .large = true, .id = {1}, .guest = {0x4000'0000}});
       }},
      {rule::RMP_NST_22,
       [](recording_context& ctx) {
         world w(virt_snp);
         return update(ctx, w, gpa{0x20'5000}, {.assigned = true, .id = {1}, .guest = {0x9000}});
       }},
      {rule::RMP_NST_23,
       [](recording_context& ctx) {
         world w(virt_snp);
         REQUIRE(w.launch(ctx, 1) == "");
         (void)update(ctx, w, w.in_l1(1, 1), {});
         return std::to_string(
             static_cast<int>(nested::blame_for(ctx, w.m, w.vm(), ownership_of(w), w.in_l1(1, 1), w.named(1))));
       }},
      {rule::NES_VMCB_01,
       [](recording_context& ctx) {
         cpu::vmcb_page page = nested::make_vmcb12(guest_kind::snp, {.id = {1}, .npt12 = {0x3'0000}});
         page.controls().set_np_control({3});
         return text(nested::check_vmcb12_page(ctx, page, {.kind = guest_kind::snp}));
       }},
      {rule::NES_VMSA_01,
       [](recording_context& ctx) {
         world w(virt_snp);
         REQUIRE(w.launch(ctx, 1) == "");
         return std::string(name_of(w.run(ctx, 1).vmrun.what));
       }},
      {rule::NES_SW_03,
       [](recording_context& ctx) {
         world w = running(ctx, of(mode::virt, guest_kind::sev));
         (void)w.l2_halts(ctx);
         return hex(w.m.core.registers.rip());
       }},
      {rule::NES_EX_01,
       [](recording_context& ctx) {
         world w = running(ctx, virt_es);
         (void)nested::l2_vmgexit(ctx, w.m, w.vm(), 0, w.shared_in_l2().value);
         return hex(w.seen_vmcb12(ctx, 1).controls().ghcb_gpa());
       }},
      {rule::NES_EX_02,
       [](recording_context& ctx) {
         world w = running(ctx, virt_es);
         return text(w.l2_halts(ctx));
       }},
      {rule::NES_ESP_01,
       [](recording_context& ctx) {
         nested::vmsa_pool pool{{{gpa{0x1000}}}};
         (void)nested::claim_vmsa(ctx, pool, 1, 1);
         const auto place = nested::claim_vmsa(ctx, pool, 1, 2);
         return place ? std::to_string(*place) : std::string(name_of(place.error()));
       }},
  };
}

/// Where nothing is to be refused.
void play_quietly(recording_context& ctx) {
  (void)nested::check_configuration(ctx, nested::l0_support::nested_sev, virt_snp);
  (void)nested::check_guest_count(ctx, virt_snp, 5);
  (void)nested::load_kvm(ctx, {.kind = guest_kind::plain, .svm_in_cpuid = true});
  (void)nested::check_l1_mapping(ctx, mode::virt, true, false, false);
  (void)nested::check_snp_host(ctx,
                               {.soft_table = true, .table_allocated = true, .processors = 2, .snp_enabled_on = 2});
  (void)nested::check_vmpl_use(ctx, mode::virt);
  world same(virt_snp);
  (void)nested::bind_asid(ctx, same.m.asids, {7}, {30}, {.highest = 500, .min_sev = 100}, {30},
                          {.highest = 500, .min_sev = 100});
  (void)nested::physical_asid_of(ctx, same.m.asids, {7}, {30});
  for (const auto variant : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
    world w = running(ctx, of(mode::virt, variant));
    bytes seen{};
    (void)w.l2_reads(ctx, w.in_l2(1, 0), true, seen);
    (void)nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x60});
    (void)w.l2_halts(ctx);
  }
  world own(virt_snp);
  REQUIRE(own.launch(ctx, 1) == "");
  (void)update(ctx, own, own.in_l1(1, 5), {.assigned = true, .id = {1}, .guest = {0x5000}});
  memory::ownership_query foreign = ownership_of(own);
  foreign.id = {77};
  (void)nested::blame_for(ctx, own.m, own.vm(), foreign, own.in_l1(1, 1), own.named(1));
  const fault too_large{fault_kind::npf, rule::RMP_CHK_10, 0x5'8000'0005, 0x6'8000};
  (void)nested::on_l1_fault(ctx, own.m, own.vm(), too_large);
  cpu::vmcb_page v12, v02;
  nested::report_exit(ctx, v12, v02, guest_kind::sev, 0x78, 0, 0);
  world pv({l1_hypervisor::xen_pv, mode::pass, guest_kind::sev});  // no PVALIDATE there: #UD
  nested::page_owners owners;
  (void)nested::para_virtual_pvalidate(ctx, pv.m, pv.vm(), owners, {1}, gpa{0x1000}, false);
}

}  // namespace

TEST_CASE("nested: every guard and effect fires, passes and makes a difference", "[nested][coverage]") {
  shown_rules shown = shown_by(scenarios());
  shown.passed.merge(passing_in(play_quietly));
  check_all_shown(shown, nested_conditions());
}
