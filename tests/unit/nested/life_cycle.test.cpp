// SPDX-License-Identifier: MIT
// Every cell of the table of implementations: a guest of L1's is launched, runs, talks to L1, halts; or the reason why not.
#include <array>
#include <cstdint>
#include <string>

#include <sevspec/nested/para_virtual.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using bytes = std::array<std::uint8_t, 16>;
using deed = nested::deed_end::kind;
using call = nested::l1_call_end::kind;

/// From launch to halt.
void full_life(nested_world<>& w, unsigned n) {
  context<> ctx;
  REQUIRE(w.launch(ctx, n) == "");
  const auto entered = w.run(ctx, n);
  INFO("VMRUN: " << name_of(entered.vmrun.what) << " by " << name_of(entered.decided_by));
  REQUIRE(entered.what == call::l2_runs);
  CHECK(w.m.core.guest->kind == w.config.variant);
  CHECK(w.m.core.guest->id == (w.passes() ? w.l1_asid() : w.real_asid(n)));

  const bool c = w.config.variant != guest_kind::plain;
  for (unsigned i = 0; i < 4; ++i) {  // each page the first time: an exit that L1 does not see
    bytes seen{};
    const auto read = w.l2_reads(ctx, w.in_l2(n, i), c, seen);
    INFO("page " << i << " raised " << name_of(read.raised.kind) << std::hex << read.raised.code << " by "
                 << name_of(read.raised.decided_by));
    REQUIRE(read.what == deed::done);
    CHECK(read.exits == 1);
    CHECK(seen == w.contents(n, i));
    CHECK(w.l2_reads(ctx, w.in_l2(n, i), c, seen).exits == 0);
  }
  const bytes written{1, 2, 3, 4};
  bytes seen{};
  REQUIRE(w.l2_writes(ctx, w.in_l2(n, 0), c, written).what == deed::done);
  REQUIRE(w.l2_reads(ctx, w.in_l2(n, 0), c, seen).what == deed::done);
  CHECK(seen == written);

  // What both share is what L1 reads.
  REQUIRE(w.l2_writes(ctx, w.shared_in_l2(), false, bytes{9, 8, 7}).what == deed::done);
  const bool hidden = cpu::has_hidden_state(w.config.variant);
  if (hidden) {
    const auto left = nested::l2_vmgexit(ctx, w.m, w.vm(), 0, w.shared_in_l2().value);
    REQUIRE(left.what == deed::reflected);
    CHECK(w.seen_vmcb12(ctx, n).controls().exit_code() == layout::svm_exit_codes::vmgexit);
    CHECK(w.seen_vmcb12(ctx, n).controls().ghcb_gpa() == w.shared_in_l2().value);
  } else {
    w.m.core.registers.set_rax(0x1234);
    const auto left = nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x72, .instruction_bytes = 2});  // CPUID
    REQUIRE(left.what == deed::reflected);
    CHECK(w.seen_vmcb12(ctx, n).controls().exit_code() == layout::svm_exit_codes::cpuid);
    CHECK(w.seen_vmcb12(ctx, n).save().rax() == 0x1234);
  }
  REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, w.shared_in_l1(n), false, seen).what == deed::done);
  CHECK(seen == bytes{9, 8, 7});
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, w.shared_in_l1(n), false, bytes{5}).what == deed::done);
  REQUIRE(w.run(ctx, n).what == call::l2_runs);
  REQUIRE(w.l2_reads(ctx, w.shared_in_l2(), false, seen).what == deed::done);
  CHECK(seen == bytes{5});

  const auto halted = w.l2_halts(ctx);
  REQUIRE(halted.what == deed::reflected);
  CHECK(w.seen_vmcb12(ctx, n).controls().exit_code() == layout::svm_exit_codes::hlt);
  CHECK(w.m.core.guest->kind == w.config.of_l1());
}

/// A para-virtual guest is L1's own context: its pages are L1's, under L1's key, and a page that it shares is shared.
void para_virtual_life(nested_world<>& w) {
  context<> ctx;
  const gpa page = w.in_l1(1, 0);
  const nested::para_virtual_guest guest{1};
  REQUIRE(nested::assign_page(ctx, w.owners, page, {page.value}, 1));
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, page, true, bytes{7}).is_done());
  bytes seen{};
  REQUIRE(nested::host_read(ctx, w.m, w.where(page), memory_key::none(), seen).has_value());
  CHECK(seen != bytes{7});
  if (w.is_snp()) {
    REQUIRE(nested::para_virtual_pvalidate(ctx, w.m, w.vm(), w.owners, guest, page, false).done.has_value());
    REQUIRE(nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, w.owners, guest, page,
                                            nested::page_state_wish::share) == std::uint64_t{0});
  }
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, page, false, bytes{8}).is_done());
  REQUIRE(nested::host_read(ctx, w.m, w.where(page), memory_key::none(), seen).has_value());
  CHECK(seen == bytes{8});
}

}  // namespace

TEST_CASE("every cell of the table of implementations runs, or says why not", "[nested][NES-CFG-01]") {
  // The poster's table 1: KVM, Xen (para-virtual), BitVisor; SEV virtualization, SEV passthrough; SEV, ES, SNP.
  constexpr bool poster[3][2][3] = {{{true, true, true}, {true, true, true}},
                                    {{false, false, false}, {true, true, true}},
                                    {{true, false, false}, {true, false, false}}};
  for (const auto hypervisor : {l1_hypervisor::kvm, l1_hypervisor::xen_pv, l1_hypervisor::bitvisor})
    for (const auto how : {mode::virt, mode::pass})
      for (const auto variant : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
        const nested::configuration config{hypervisor, how, variant};
        INFO(name_of(hypervisor) << ' ' << name_of(how) << ' ' << name_of(variant));
        const bool runs =
            poster[static_cast<int>(hypervisor)][how == mode::pass ? 1 : 0][static_cast<int>(variant) - 1];
        nested_world<> w(config);
        REQUIRE(w.built == runs);
        if (!runs) {
          CHECK(w.refusal->decided_by == rule::NES_CFG_01);
          CHECK(std::string(w.refusal->reason).size() > 20);
          continue;
        }
        if (hypervisor == l1_hypervisor::xen_pv) para_virtual_life(w);
        else full_life(w, 1);
      }
}

TEST_CASE("a plain L1 has a plain guest, and with VIRT_RMPUPDATE an SNP guest", "[nested][RMP-NST-04]") {
  SECTION("plain") {
    nested_world<> w({l1_hypervisor::kvm, mode::plain, guest_kind::plain});
    REQUIRE(w.built);
    full_life(w, 1);
  }
  SECTION("SNP for L2 alone") {
    nested_world<> w({l1_hypervisor::kvm, mode::ms, guest_kind::snp});
    REQUIRE(w.built);
    CHECK(w.config.of_l1() == guest_kind::plain);
    full_life(w, 1);
  }
}
