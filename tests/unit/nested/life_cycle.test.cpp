// SPDX-License-Identifier: MIT
// Every cell of the table of implementations: L0 launches an L1, L1 launches a guest, which runs, leaves, changes pages and
// ends; or the reason why there is none. All launches go through the AMD-SP, those of L1's guests through the virtual one.
#include <cstdint>
#include <string>

#include <support/catch.hpp>
#include <support/launched_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nested::event_kind;
using nested::guest_kind;
using nested::l1_hypervisor;
using nested::mode;
using block = launched_world::block;

/// From launch to its end.
void full_life(launched_world& w, const nested::configuration& config, unsigned n) {
  const bool snp = config.variant == guest_kind::snp;
  const bool virt = nested::facts_of(config.how).own_keys;
  const auto forwarded = w.events()[event_kind::psp_forwarded];
  const std::size_t before = w.guests_of_secure_processor();
  REQUIRE(w.launch(n) == "");
  CHECK(w.digests_agree(n));
  CHECK(w.guests_of_secure_processor() == before + (virt ? 1 : 0));
  // START, ACTIVATE, four pages, MEASURE, FINISH; a VMSA more; with SEV-SNP GCTX_CREATE, and no MEASURE. Passthrough has
  // none of them (NES-SP-01).
  const std::uint64_t commands = config.variant == guest_kind::sev ? 8 : 9;
  CHECK(w.events()[event_kind::psp_forwarded] == forwarded + (virt ? commands : 0));
  REQUIRE(w.enter(n) == "");

  for (unsigned i = 0; i < 4; ++i) {  // each page the first time: an exit that L1 does not see
    const auto first = w.reads(n, i);
    REQUIRE(first.wrong == "");
    CHECK(first.exits == 1);
    CHECK(first.seen == launched_world::contents(n, i));
    CHECK(w.reads(n, i).exits == 0);
  }
  const block secret{'o', 'f', ' ', 'L', '2'};
  REQUIRE(w.writes(n, 0, secret) == "");
  CHECK(w.reads(n, 0).seen == secret);
  CHECK(w.seen_by_l0(n, 0) != secret);
  CHECK((w.seen_by_l1(n, 0, true) == secret) == !virt);
  REQUIRE(w.talks(n, {9, 8, 7}, {5}) == "");

  // Private to shared, and back: everybody reads it, then nobody else.
  REQUIRE(w.shares(n, 1) == "");
  const block open{'o', 'p', 'e', 'n'};
  REQUIRE(w.writes(n, 1, open, false) == "");
  CHECK(w.seen_by_l0(n, 1) == open);
  CHECK(w.seen_by_l1(n, 1, false) == open);
  REQUIRE(w.takes_back(n, 1) == "");
  REQUIRE(w.writes(n, 1, secret) == "");
  CHECK(w.reads(n, 1).seen == secret);
  CHECK(w.seen_by_l0(n, 1) != secret);
  CHECK(w.reads(n, 2).seen == launched_world::contents(n, 2));

  REQUIRE(w.halts(n) == "");
  REQUIRE(w.destroy(n) == "");
  CHECK(w.guests_of_secure_processor() == before);
  if (!virt) return;
  CHECK(w.refused_by(n) == rule::NES_ASID_02);
  if (snp) CHECK(w.seen_by_l1(n, 0, true) != secret);  // what L1 has back is garbage to it (NES-RMP-05)
}

}  // namespace

TEST_CASE("every cell of the table of implementations runs, or says why not",
          "[nested][NES-CFG-01][NES-SP-01][NES-SP-05][NES-CNT-01]") {
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
        launched_world w(config);
        REQUIRE(w.refusal().has_value() == !runs);
        if (!runs) {
          CHECK(w.refusal()->decided_by == rule::NES_CFG_01);
          CHECK(std::string(w.refusal()->reason).size() > 20);
        } else if (hypervisor == l1_hypervisor::xen_pv) {
          CHECK(w.para_virtual_story() == "");
        } else {
          full_life(w, config, 1);
        }
      }
}

TEST_CASE("several guests at once, launched by commands", "[nested][NES-ASID-01][NEST-VSP-07]") {
  for (const auto variant : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
    INFO(name_of(variant));
    const nested::configuration config{l1_hypervisor::kvm, mode::virt, variant};
    launched_world w(config);
    REQUIRE(w.launch(1) == "");
    REQUIRE(w.enter(1) == "");
    REQUIRE(w.writes(1, 0, block{'o', 'n', 'e'}) == "");
    REQUIRE(w.halts(1) == "");
    full_life(w, config, 2);  // while the other one lives
    REQUIRE(w.enter(1) == "");
    CHECK(w.reads(1, 0).seen == block{'o', 'n', 'e'});
    CHECK(w.reads(1, 3).seen == launched_world::contents(1, 3));
    REQUIRE(w.halts(1) == "");
    CHECK(w.destroy(1) == "");
  }
}

TEST_CASE("what L1 gives to its AMD-SP is not the machine's, and what is private is not L0's to read",
          "[nested][NEST-VSP-12][NEST-VSP-21]") {
  launched_world w({l1_hypervisor::kvm, mode::virt, guest_kind::snp});
  CHECK(w.answer_for_buffer(true) == "INVALID_ADDRESS");
  CHECK(w.answer_for_buffer(false) != "INVALID_ADDRESS");
  REQUIRE(w.launch(1) == "");
  CHECK(w.context_page(1) == "context, hypervisor");
  launched_world sev({l1_hypervisor::kvm, mode::virt, guest_kind::sev});
  CHECK(sev.answer_for_buffer(true) != "INVALID_ADDRESS");  // nobody tells L0 what is private: it reads ciphertext
}

TEST_CASE("a plain L1 with VIRT_RMPUPDATE has an SNP guest", "[nested][RMP-NST-04]") {
  const nested::configuration config{l1_hypervisor::kvm, mode::ms, guest_kind::snp};
  CHECK(config.of_l1() == guest_kind::plain);
  launched_world w(config);
  full_life(w, config, 1);
}
