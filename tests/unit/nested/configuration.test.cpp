// SPDX-License-Identifier: MIT
// Modes, configurations, and hypervisors that know nothing of nested SEV in a guest with SEV.
#include <cstdint>
#include <string>

#include <sevspec/nested/configuration.hpp>
#include <sevspec/nested/l1_actions.hpp>
#include <sevspec/nested/para_virtual.hpp>
#include <sevspec/nested/stock_hypervisor.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nested::evidence;
using nested::l0_support;

}  // namespace

TEST_CASE("what the modes give", "[nested][NES-RMP-09]") {
  using nested::facts_of;
  context<> ctx;
  // Hecate and OpenHCL, Hyper-V with plain L1s, SEV virtualization, SEV passthrough.
  const auto vmpl = facts_of(mode::vmpl), ms = facts_of(mode::ms), virt = facts_of(mode::virt),
             pass = facts_of(mode::pass);
  CHECK((vmpl.l1_from_l0 && !ms.l1_from_l0 && virt.l1_from_l0 && pass.l1_from_l0));
  CHECK((!vmpl.l2_from_l1 && ms.l2_from_l1 && virt.l2_from_l1 && !pass.l2_from_l1));
  CHECK((!vmpl.many_guests && ms.many_guests && virt.many_guests && pass.many_guests));
  CHECK((!vmpl.variants && !ms.variants && virt.variants && pass.variants));
  CHECK((!vmpl.vmpls_free && ms.vmpls_free && virt.vmpls_free && pass.vmpls_free));
  CHECK((!vmpl.secure_processor && virt.secure_processor && !pass.secure_processor));
  CHECK(nested::check_vmpl_use(ctx, mode::virt).has_value());
  CHECK(nested::check_vmpl_use(ctx, mode::vmpl).error() == rule::NES_RMP_09);
  CHECK(std::string(name_of(mode::virt)) == "VIRT");
}

TEST_CASE("the table of implementations, early and late", "[nested][NES-CFG-01]") {
  context<> ctx;
  const auto runs = [&](l1_hypervisor who, mode how, guest_kind variant, evidence at_least) {
    return nested::check_configuration(ctx, l0_support::nested_sev, {who, how, variant}, at_least).has_value();
  };
  using enum evidence;
  CHECK_FALSE(runs(l1_hypervisor::bitvisor, mode::virt, guest_kind::snp, poster));
  CHECK(runs(l1_hypervisor::bitvisor, mode::virt, guest_kind::snp, measured));
  CHECK_FALSE(runs(l1_hypervisor::bitvisor, mode::virt, guest_kind::sev_es, measured));
  CHECK(runs(l1_hypervisor::bitvisor, mode::virt, guest_kind::sev_es, implied));
  CHECK_FALSE(runs(l1_hypervisor::xen_pv, mode::virt, guest_kind::snp, implied));
  CHECK_FALSE(runs(l1_hypervisor::kvm, mode::virt, guest_kind::plain, implied));
  CHECK_FALSE(runs(l1_hypervisor::kvm, mode::ms, guest_kind::sev, implied));
  CHECK(runs(l1_hypervisor::kvm, mode::vmpl, guest_kind::snp, poster));
  CHECK(nested::check_guest_count(ctx, {l1_hypervisor::bitvisor, mode::virt, guest_kind::sev}, 0).has_value());
  CHECK_FALSE(nested::check_guest_count(ctx, {l1_hypervisor::bitvisor, mode::virt, guest_kind::sev}, 1).has_value());
  CHECK_FALSE(nested::check_guest_count(ctx, {l1_hypervisor::kvm, mode::vmpl, guest_kind::snp}, 1).has_value());
}

TEST_CASE("what L0 must support", "[nested][NES-CFG-04]") {
  context<> ctx;
  const auto refusal = [&](l0_support host, mode how, guest_kind variant) {
    const auto done = nested::check_configuration(ctx, host, {l1_hypervisor::kvm, how, variant});
    return done ? rule::none : done.error().decided_by;
  };
  for (const auto host : {l0_support::stock, l0_support::hyper_v}) {
    CHECK(refusal(host, mode::virt, guest_kind::snp) == rule::NES_CFG_04);
    CHECK(refusal(host, mode::pass, guest_kind::sev) == rule::NES_CFG_04);
    CHECK(refusal(host, mode::plain, guest_kind::plain) == rule::none);
  }
  // An SNP L2 of a plain L1 needs VIRT_RMPUPDATE, no more.
  CHECK(refusal(l0_support::stock, mode::ms, guest_kind::snp) == rule::NES_CFG_04);
  CHECK(refusal(l0_support::hyper_v, mode::ms, guest_kind::snp) == rule::none);
  CHECK(refusal(l0_support::hyper_v, mode::vmpl, guest_kind::snp) == rule::none);
}

TEST_CASE("unmodified KVM does not load in a SEV guest", "[nested][NES-CFG-02][NES-CFG-03]") {
  context<> ctx;
  const auto message = [&](const nested::linux_guest& where) {
    const auto done = nested::load_kvm(ctx, where);
    return std::string(done ? "loaded" : done.error().message);
  };
  CHECK(message({.svm_in_cpuid = true}) == "loaded");
  for (const auto kind : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
    CHECK(message({.kind = kind, .svm_in_cpuid = true}) == "KVM is unsupported when running as an SEV guest");
    CHECK(message({.kind = kind, .svm_in_cpuid = true, .knows_guest_is_sev = false}) == "loaded");  // before v5.12
    CHECK(message({.kind = kind, .svm_in_cpuid = true, .svm_off_in_sev_guests = true}) ==
          "SVM is unsupported in a SEV guest");
    CHECK(message({.kind = kind}) == "CPU does not support SVM");  // user space has hidden it
  }
  // What it would meet: addresses with the C-bit are #GP.
  constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
  CHECK(nested::check_vmcb_operand(ctx, 0x5000, c_bit).has_value());
  CHECK(nested::check_vmcb_operand(ctx, 0x5000 | c_bit, c_bit).error().kind == fault_kind::gp);
}

TEST_CASE("EFER.SVME of a SEV-ES guest says nothing", "[nested][NES-CFG-03]") {
  context<> ctx;
  constexpr std::uint64_t own = 0xd01;
  CHECK(nested::efer_seen_by(guest_kind::sev, own) == own);
  CHECK(nested::efer_seen_by(guest_kind::sev_es, own) == (own | 0x1000));
  CHECK(nested::efer_seen_by(guest_kind::snp, own) == (own | 0x1000));
  const auto ends = [&](const nested::linux_guest& where) {
    return nested::emergency_disable(ctx, where, own).has_value();
  };
  CHECK_FALSE(ends({.kind = guest_kind::sev_es, .keeps_efer_check = true}));
  CHECK_FALSE(ends({.kind = guest_kind::snp, .keeps_efer_check = true}));
  CHECK(ends({.kind = guest_kind::sev, .keeps_efer_check = true}));
  CHECK(ends({.kind = guest_kind::sev_es}));
  CHECK(ends({.kind = guest_kind::sev_es, .keeps_efer_check = true, .svm_off_in_sev_guests = true}));
}

TEST_CASE("a kernel becomes the host of SNP guests with a table of its own", "[nested][NES-RMP-07]") {
  context<> ctx;
  const nested::snp_host_setup good{.soft_table = true, .table_allocated = true, .processors = 4, .snp_enabled_on = 4};
  CHECK(nested::check_snp_host(ctx, good).has_value());
  auto bad = good;
  bad.requires_iommu = true;
  CHECK(nested::check_snp_host(ctx, bad).error().decided_by == rule::NES_RMP_07);
  bad.iommu_snp = true;
  CHECK(nested::check_snp_host(ctx, bad).has_value());
  bad = good;
  bad.table_allocated = false;
  CHECK_FALSE(nested::check_snp_host(ctx, bad).has_value());
  bad = good;
  bad.snp_enabled_on = 3;
  CHECK_FALSE(nested::check_snp_host(ctx, bad).has_value());
}

TEST_CASE("L1 maps its guests' pages without the C-bit if their keys are not its own", "[nested][NES-KEY-02]") {
  context<> ctx;
  for (const bool c : {false, true}) {
    CHECK(nested::check_l1_mapping(ctx, mode::virt, true, false, c).has_value() == !c);
    CHECK(nested::check_l1_mapping(ctx, mode::virt, false, true, c).has_value() == !c);
    CHECK(nested::check_l1_mapping(ctx, mode::virt, false, false, c).has_value());
    CHECK(nested::check_l1_mapping(ctx, mode::pass, true, true, c).has_value());
  }
  // Why: what L1 writes with the C-bit into a page that both use, L2 reads as garbage.
  nested_world<> w({l1_hypervisor::kvm, mode::virt, guest_kind::sev_es});
  std::array<std::uint8_t, 16> seen{};
  const std::array<std::uint8_t, 16> written{1, 2, 3};
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, w.shared_in_l1(1), true, written).is_done());
  REQUIRE(w.run(ctx, 1).what == nested::l1_call_end::kind::l2_runs);
  REQUIRE(w.l2_reads(ctx, w.shared_in_l2(), false, seen).is_done());
  CHECK(seen != written);
}
