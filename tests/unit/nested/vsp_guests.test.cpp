// SPDX-License-Identifier: MIT
// SNP guests of an L1: their pages in two tables, their messages, and what an L0 that meddles comes to.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <support/vsp_world.hpp>

#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/layout/guest_message.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::page_state;

constexpr std::uint32_t id = 3;
constexpr std::uint64_t request_page = l1_scratch;
constexpr std::uint64_t response_page = 0x18'0000;

struct l1_with_guest {
  listening heard;
  nested_host host{heard.ctx};
  nested_driver d;
  explicit l1_with_guest(nested::vsp_trust trust = nested::vsp_trust::physical) : d(host, 0, trust) {
    world::expect({d.post(command_id::snp_init), d.flush(true), d.snp_start(l1_context, snp_policy | 1U << 19),
                   d.snp_activate(l1_context, id)});
  }
  [[nodiscard]] auto machine() -> test_machine<>& { return host.physical.m; }
  /// The guest as whoever has its keys knows it.
  [[nodiscard]] auto guest() -> firmware::snp_guest& {
    if (d.v.trust != nested::vsp_trust::physical) return d.v.sp.contexts.at(l1_context);
    return machine().sp.contexts.at(host.l0.contexts.real_of(d.v.who, gpa{l1_context}).value().value);
  }
  [[nodiscard]] auto seen(std::uint64_t where) -> page_state { return rmp::state_of(d.entry(where)); }
  [[nodiscard]] auto real(std::uint64_t where) -> page_state { return rmp::state_of(d.real_entry(where)); }
  auto launch(std::uint64_t where = l1_pages, std::uint64_t gpa = 0x8000) -> fw {
    d.store(where, std::vector<std::uint8_t>(4096, 0x5a));
    return d.snp_update(where, gpa, id);
  }

  /// L2 asks for a report; L1 carries the messages.
  auto ask_for_report(std::uint64_t number, fw& told) -> layout::attestation_report_v5 {
    layout::msg_report_req asked;
    asked.set_report_data(std::array<std::uint8_t, 64>{0xab});
    std::vector<std::uint8_t> message(firmware::message_header_bytes + asked.bytes().size());
    const auto key = guest().vmpck[0];
    firmware::seal_message(
        key, {.type = layout::snp_message_types::report_req, .version = 1, .vmpck = 0, .sequence = number},
        asked.bytes(), message);
    d.store(request_page, message);
    if (seen(response_page) != page_state::firmware) d.give(response_page);
    told = d.guest_request(l1_context, request_page, response_page);
    if (told != fw::success) return {};
    const auto answer = d.load(response_page, 4096);
    const auto parsed = firmware::parse_message(answer);
    REQUIRE(parsed.has_value());
    CHECK(parsed->info().sequence == number + 1);
    std::vector<std::uint8_t> payload(parsed->payload.size());
    REQUIRE(firmware::open_message(key, *parsed, payload).has_value());
    layout::attestation_report_v5 report;
    std::copy_n(payload.begin() + 0x20, report.bytes().size(), report.bytes().begin());
    return report;
  }
};

auto made_by(const layout::attestation_report_v5& report, const firmware::hardware& hw, std::uint64_t tcb) -> bool {
  const auto vcek = firmware::vcek_of(firmware::endorsement_seed_of(hw.chip_secret, tcb));
  const auto verifier = crypto::p384_verifier::make(vcek.public_key());
  return firmware::is_signed_by(report, *verifier);
}

}  // namespace

TEST_CASE("a page has its state in L1's table, and the matching one on the machine",
          "[nested][NEST-VSP-20][NEST-VSP-21][NEST-VSP-22][NEST-VSP-23][NEST-VSP-24][NES-SP-04]") {
  l1_with_guest l1;
  const auto both = [&](std::uint64_t where, page_state seen, page_state real) {
    CHECK(l1.seen(where) == seen);
    CHECK(l1.real(where) == real);
  };
  both(l1_pages, page_state::hypervisor, page_state::hypervisor);
  both(l1_context, page_state::context, page_state::hypervisor);
  CHECK_FALSE(nested::l1_reaches(l1.heard.ctx, l1.d.v, gpa{l1_context}));
  l1.d.give(l1_pages);
  both(l1_pages, page_state::firmware, page_state::hypervisor);
  CHECK(l1.d.word(command_id::snp_page_reclaim, l1_pages) == fw::success);
  both(l1_pages, page_state::reclaim, page_state::hypervisor);
  CHECK(l1.d.set_page(l1_pages, {}) == rmp::status::success);
  CHECK(l1.launch() == fw::success);
  both(l1_pages, page_state::guest_valid, page_state::guest_valid);
  CHECK(l1.d.set_page(l1_pages, {}) == rmp::status::success);
  both(l1_pages, page_state::hypervisor, page_state::hypervisor);
  CHECK(l1.d.set_page(l1_pages, {.assigned = true, .immutable = true, .id = {id}, .guest = {0x9000}}) ==
        rmp::status::success);
  both(l1_pages, page_state::pre_guest, page_state::pre_guest);
  CHECK(l1.d.word(command_id::snp_page_reclaim, l1_pages) == fw::success);
  both(l1_pages, page_state::guest_invalid, page_state::guest_invalid);
  // An ASID that no guest is active on is nobody's.
  CHECK(l1.d.set_page(l1_pages + 0x1000, {.assigned = true, .id = {4}, .guest = {0x9000}}) == rmp::status::fail_input);
  both(l1_pages + 0x1000, page_state::hypervisor, page_state::hypervisor);
}

TEST_CASE("a page that is fixed as the hypervisor's stays so", "[nested][NEST-VSP-25]") {
  l1_with_guest l1;
  l1.d.v.rmp.put(rmp::spfn{l1_pages >> 12}, {.immutable = true});
  CHECK(l1.seen(l1_pages) == page_state::hv_fixed);
  CHECK(l1.d.set_page(l1_pages, {.assigned = true, .id = {id}, .guest = {0x9000}}) != rmp::status::success);
  CHECK(l1.seen(l1_pages) == page_state::hv_fixed);
  CHECK(l1.real(l1_pages) == page_state::hypervisor);
}

TEST_CASE("an L2 guest reaches what both tables let it, and L1 hears of its own table alone", "[nested][NEST-VSP-27]") {
  using nested::l2_reference;
  l1_with_guest l1;
  world::expect({l1.launch()});
  const auto judge = [&](std::uint64_t guest) {
    return nested::judge_reference(l1.heard.ctx, l1.host.l0, l1.machine(), l1.d.v, asid{id}, gpa{l1_pages}, gpa{guest},
                                   true);
  };
  CHECK(judge(0x8000) == l2_reference::allowed);
  CHECK(judge(0x9000) == l2_reference::l1_is_told);             // the other outcomes: vsp_pages.test.cpp
  l1.machine().rmp.put(page_of(spa{l1.d.real(l1_pages)}), {});  // L0 has taken the page away
  CHECK(judge(0x8000) == l2_reference::l0_repairs);
  CHECK(judge(0x9000) == l2_reference::l1_is_told);
}

TEST_CASE("a page of 2M of the machine's is split when L1 splits it", "[nested][NEST-VSP-26]") {
  l1_with_guest l1;
  l1.d.store(l1_large, std::vector<std::uint8_t>(0x20'0000, 1));
  CHECK(l1.d.snp_update(l1_large, 0x20'0000, id, 1, l1_context, true) == fw::success);
  CHECK(l1.d.real_entry(l1_large).large);
  CHECK(nested::split_page(l1.heard.ctx, l1.host.l0, l1.machine(), l1.d.v, gpa{l1_large}) == rmp::status::success);
  CHECK_FALSE(l1.d.real_entry(l1_large).large);
  CHECK(l1.d.real_entry(l1_large + 0x5000).guest == gpa{0x20'5000});
  CHECK(l1.real(l1_large + 0x5000) == page_state::guest_valid);
}

TEST_CASE("L1 initialises SEV-SNP anew and keeps its table: a page of 2M stays what it is there",
          "[nested][NEST-VSP-22][NEST-VSP-26][NEST-VSP-29]") {
  for (const std::uint64_t at : {l1_large, std::uint64_t{0x80'0000}}) {  // 2M on the machine, and 4K
    l1_with_guest l1;
    REQUIRE(l1.d.set_page(at, {.assigned = true, .large = true, .id = {id}, .guest = {0x20'0000}}) ==
            rmp::status::success);
    world::expect(
        {l1.d.word(command_id::snp_decommission, l1_context), l1.d.flush(true), l1.d.post(command_id::snp_shutdown)});
    const auto kept = l1.d.entry(at);
    std::vector<rmp::entry> before;
    for (std::uint64_t i = 0; i < 512; ++i) before.push_back(l1.d.real_entry(at + i * 4096));
    layout::cmd_snp_init_ex again;  // without INIT_RMP
    CHECK(l1.d.post(command_id::snp_init_ex, again) == fw::success);
    CHECK(l1.d.entry(at) == kept);
    std::vector<rmp::entry> after;
    for (std::uint64_t i = 0; i < 512; ++i) after.push_back(l1.d.real_entry(at + i * 4096));
    CHECK(before[511].assigned);
    CHECK(before == after);
  }
}

TEST_CASE("what cannot be undone stays the firmware's, until L1 reclaims it", "[nested][NEST-VSP-03][NEST-VSP-26]") {
  l1_with_guest l1;
  constexpr std::uint64_t scattered = 0x80'0000;  // 2M for L1, 4K on the machine
  const rmp::new_state given{.assigned = true, .large = true, .immutable = true, .id = {id}, .guest = {0x20'0000}};
  REQUIRE(l1.d.set_page(scattered, given) == rmp::status::success);
  const rmp::spfn lost = page_of(spa{l1.d.real(scattered + 300 * 4096)});
  const rmp::entry was = l1.machine().rmp.entry_of(lost);
  l1.machine().rmp.put(lost, {});  // the AMD-SP will refuse this one
  CHECK(l1.d.snp_update(scattered, 0x20'0000, id, 1, l1_context, true) == fw::hwerror_unsafe);
  CHECK(l1.real(scattered + 299 * 4096) == page_state::guest_valid);
  CHECK(l1.real(scattered + 301 * 4096) == page_state::pre_guest);
  CHECK(l1.seen(scattered) == page_state::firmware);
  CHECK(l1.d.entry(scattered).large);
  CHECK(l1.d.v.rmp.pages_of(asid{id}) == 0);
  // L1 neither gives it to a guest nor takes it back as it is.
  CHECK(l1.d.set_page(scattered, given) == rmp::status::fail_permission);
  CHECK(l1.d.set_page(scattered, {.large = true}) == rmp::status::fail_permission);
  l1.machine().rmp.put(lost, was);
  REQUIRE(l1.d.word(command_id::snp_page_reclaim, scattered | 1) == fw::success);
  CHECK(l1.seen(scattered) == page_state::reclaim);
  for (std::uint64_t i = 0; i < 512; ++i) CHECK(l1.real(scattered + i * 4096) == page_state::hypervisor);
  CHECK(l1.d.set_page(scattered, {.large = true}) == rmp::status::success);
}

TEST_CASE("a page that stays the firmware's leaves the pages around it what they are", "[nested][NEST-VSP-03]") {
  l1_with_guest l1;
  const std::uint64_t base = l1_large;  // the first of its 2M, whose entry counts the others
  for (std::uint64_t i = 0; i < 3; ++i)
    REQUIRE(l1.d.set_page(base + i * 4096, {.assigned = true, .id = {id}, .guest = {0x9000 + i * 4096}}) ==
            rmp::status::success);
  REQUIRE(l1.d.entry(base).sub_page_count == 2);
  nested::detail::keep_unsafe_pages(l1.heard.ctx, l1.d.v, {base >> 12});
  CHECK(l1.seen(base) == page_state::firmware);
  CHECK(l1.d.entry(base).sub_page_count == 2);
}

TEST_CASE("L2's report is the chip's, and says what L2 was launched with",
          "[nested][NES-ATT-01][NEST-VSP-31][NEST-VSP-13]") {
  for (const auto trust : {nested::vsp_trust::physical, nested::vsp_trust::l0}) {
    l1_with_guest l1{trust};
    const firmware::byte_array<32> host_data{1, 2, 3};
    world::expect({l1.launch(), l1.d.snp_finish(l1_context, host_data)});
    fw told = fw::success;
    const auto report = l1.ask_for_report(1, told);
    REQUIRE(told == fw::success);
    CHECK(std::ranges::equal(report.measurement(), l1.guest().launch_digest));
    CHECK(std::ranges::equal(report.host_data(), host_data));
    CHECK(report.report_data()[0] == 0xab);
    const auto tcb = l1.machine().sp.current.tcb;
    CHECK(made_by(report, l1.machine().hw, tcb) == (trust == nested::vsp_trust::physical));
    CHECK(made_by(report, l1.d.v.hw, tcb) == (trust != nested::vsp_trust::physical));
    // Replay, and a response that was not given to the firmware.
    static_cast<void>(l1.ask_for_report(1, told));
    CHECK(told == fw::aead_oflow);
    static_cast<void>(l1.ask_for_report(3, told));
    CHECK(told == fw::success);
    REQUIRE(l1.d.word(command_id::snp_page_reclaim, response_page) == fw::success);
    CHECK(l1.d.guest_request(l1_context, request_page, response_page) == fw::invalid_page_state);
    // Changed on the way.
    auto message = l1.d.load(request_page, 0x100);
    message[0x70] ^= 1;
    l1.d.store(request_page, message);
    REQUIRE(l1.d.set_page(response_page, {}) == rmp::status::success);
    l1.d.give(response_page);
    CHECK(l1.d.guest_request(l1_context, request_page, response_page) == fw::bad_measurement);
  }
}

TEST_CASE("an L0 that changes commands or pages on their way is seen, or refused", "[nested][NES-SP-02][NES-ATT-01]") {
  const auto digest_with = [](const std::function<void(l1_with_guest&, fw&)>& step) {
    l1_with_guest l1;
    fw done = fw::success;
    step(l1, done);
    return std::pair{done, l1.guest().launch_digest};
  };
  const auto honest = digest_with([](l1_with_guest& l1, fw& done) { done = l1.launch(); });
  REQUIRE(honest.first == fw::success);
  // Another gPA, another type, other contents, other permissions.
  const std::vector<std::function<void(l1_with_guest&, fw&)>> meddling{
      [](l1_with_guest& l1, fw& done) { done = l1.launch(l1_pages, 0x9000); },
      [](l1_with_guest& l1, fw& done) { done = l1.d.snp_update(l1_pages, 0x8000, id, 3); },
      [](l1_with_guest& l1, fw& done) { done = l1.d.snp_update(l1_pages, 0x8000, id); },
      [](l1_with_guest& l1, fw& done) {
        l1.d.store(l1_pages, std::vector<std::uint8_t>(4096, 0x5a));
        done = l1.d.snp_update(l1_pages, 0x8000, id, 1, l1_context, false, 0x01'01'01'00);
      },
  };
  for (const auto& one : meddling) {
    const auto [done, digest] = digest_with(one);
    CHECK(done == fw::success);
    CHECK(digest != honest.second);
  }
  // Another's context, an ASID of another class, a page that is not ready.
  l1_with_guest l1;
  nested_driver other{l1.host, 1};
  world::expect({other.post(command_id::snp_init), other.flush(true)});
  CHECK(other.snp_update(l1_pages, 0x8000, id) != fw::success);
  layout::cmd_snp_launch_update cmd;
  cmd.set_gctx_paddr(l1_context);
  cmd.set_page_paddr(l1_pages);
  cmd.set_flags({2});
  const auto table = l1.machine().rmp;
  CHECK(other.post(command_id::snp_launch_update, cmd) == fw::invalid_guest);
  CHECK(l1.d.post(command_id::snp_launch_update, cmd) == fw::invalid_page_state);
  CHECK(l1.machine().rmp == table);
}

TEST_CASE("a CPUID page has to please L1's processor and the machine's", "[nested][NEST-VSP-32]") {
  for (const auto trust : {nested::vsp_trust::physical, nested::vsp_trust::l1_service}) {
    l1_with_guest l1{trust};
    const std::vector<firmware::cpuid_rule> of_l1{{.function = 1, .registers = {~0U, ~0U, 0xff, ~0U}}};
    l1.machine().hw.cpuid_policy = {{.function = 1, .registers = {~0U, ~0U, 0x3f, 0xf}}};
    nested::limit_cpuid(l1.d.v, of_l1, l1.machine().hw);
    std::vector<std::uint8_t> page(4096);
    layout::write_le(page.data(), std::uint32_t{1});
    layout::write_le(page.data() + 16, std::uint32_t{1});
    layout::write_le(page.data() + 48, std::uint32_t{0xfff});  // ECX
    layout::write_le(page.data() + 52, std::uint32_t{0xff});   // EDX
    l1.d.store(l1_pages, page);
    fw done = l1.d.snp_update(l1_pages, 0x8000, id, 6);
    CHECK(done == fw::invalid_param);
    for (int i = 0; i < 2 && done == fw::invalid_param; ++i) done = l1.d.snp_update(l1_pages, 0x8000, id, 6);
    CHECK(done == fw::success);
    const auto kept = l1.d.load_guest(id, l1_pages, 64);
    CHECK(layout::read_le<std::uint32_t>(kept.data() + 48) == 0x3fU);
    CHECK(layout::read_le<std::uint32_t>(kept.data() + 52) == 0xfU);
  }
}

TEST_CASE("swapped pages: L0 keeps the metadata, L1 the ciphertext", "[nested][NEST-VSP-17][NEST-VSP-21]") {
  l1_with_guest l1;
  world::expect({l1.launch(), l1.d.snp_finish()});
  const std::uint64_t metadata = l1_context + 0x2000;
  const std::uint64_t out = l1_context + 0x3000;
  l1.d.give(metadata);
  l1.d.give(out);
  layout::cmd_snp_md_init init;
  init.set_gctx_paddr(l1_context);
  init.set_page_paddr(metadata);
  REQUIRE(l1.d.post(command_id::snp_page_md_init, init) == fw::success);
  CHECK(l1.seen(metadata) == page_state::metadata);
  CHECK(l1.real(metadata) == page_state::hypervisor);
  CHECK(l1.host.l0.metadata.size() == 1);
  REQUIRE(l1.d.set_page(l1_pages, {.assigned = true, .immutable = true, .id = {id}, .guest = {0x8000}}) ==
          rmp::status::success);
  CHECK(l1.seen(l1_pages) == page_state::pre_swap);
  layout::cmd_snp_swap_out swap;
  swap.set_gctx_paddr(l1_context);
  swap.set_src_paddr(l1_pages);
  swap.set_dst_paddr(out);
  swap.set_mdata_paddr(metadata + 0x40);
  const auto before = l1.d.load(metadata, 4096);
  REQUIRE(l1.d.post(command_id::snp_page_swap_out, swap) == fw::success);
  CHECK(l1.d.load(metadata, 4096) == before);
  CHECK(l1.real(l1_pages) == page_state::pre_guest);
  auto stored = l1.d.load(out, 4096);
  CHECK(stored != std::vector<std::uint8_t>(4096, 0x5a));
  layout::cmd_snp_swap_in back;
  back.set_gctx_paddr(l1_context);
  back.set_src_paddr(out);
  back.set_dst_paddr(l1_pages);
  back.set_mdata_paddr(metadata + 0x40);
  stored[7] ^= 1;
  l1.d.store(out, stored);
  CHECK(l1.d.post(command_id::snp_page_swap_in, back) == fw::bad_measurement);
  stored[7] ^= 1;
  l1.d.store(out, stored);
  REQUIRE(l1.d.post(command_id::snp_page_swap_in, back) == fw::success);
  CHECK(l1.d.load_guest(id, l1_pages, 4096) == std::vector<std::uint8_t>(4096, 0x5a));
  CHECK(l1.seen(l1_pages) == l1.real(l1_pages));
  CHECK(l1.d.entry(l1_pages).validated);
  REQUIRE(l1.d.word(command_id::snp_page_reclaim, metadata) == fw::success);
  CHECK(l1.host.l0.metadata.size() == 0);
  CHECK(l1.d.v.hidden.empty());
}

TEST_CASE("debugging and moving of a guest's pages", "[nested][NEST-VSP-17][NEST-VSP-28]") {
  l1_with_guest l1;
  world::expect({l1.launch(), l1.d.snp_finish()});
  const std::uint64_t shown = l1_context + 0x3000;
  l1.d.give(shown);
  layout::cmd_snp_dbg cmd;
  cmd.set_gctx_paddr(l1_context);
  cmd.set_src_paddr(l1_pages);
  cmd.set_dst_paddr(shown);
  REQUIRE(l1.d.post(command_id::snp_dbg_decrypt, cmd) == fw::success);
  CHECK(l1.d.load(shown, 4096) == std::vector<std::uint8_t>(4096, 0x5a));
  const auto table = l1.d.v.rmp;
  REQUIRE(nested::move_backing(l1.heard.ctx, l1.host.l0, l1.machine(), l1.d.v, gpa{l1_pages}, spa{0x680'0000}) ==
          fw::success);
  CHECK(l1.d.real(l1_pages) == 0x680'0000);
  CHECK(l1.d.load_guest(id, l1_pages, 4096) == std::vector<std::uint8_t>(4096, 0x5a));
  CHECK(l1.d.v.rmp == table);
  CHECK(l1.real(l1_pages) == page_state::guest_valid);
}

TEST_CASE("messages that name guest contexts are not offered", "[nested][NEST-VSP-30]") {
  l1_with_guest l1;
  const auto messages = [&] {
    if (l1.seen(response_page) != page_state::firmware) l1.d.give(response_page);
    layout::cmd_snp_feature_info cmd;
    cmd.set_length(16);
    cmd.set_ecx_in(1);
    cmd.set_feature_info_paddr(response_page);
    REQUIRE(l1.d.post(command_id::snp_feature_info_, cmd) == fw::success);
    return layout::read_le<std::uint32_t>(l1.d.load(response_page, 4).data());
  };
  CHECK(messages() == 0x187U);
  l1.d.v.expose_pgctx = true;
  CHECK(messages() == 0x1ffU);
}
