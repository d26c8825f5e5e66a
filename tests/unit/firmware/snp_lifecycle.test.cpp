// SPDX-License-Identifier: MIT
// What the commands of SEV-SNP do when they succeed.
#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>

#include <sevspec/layout/report.hpp>
#include <sevspec/layout/secrets_page.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum rmp::page_state;
using memory::asid_state;

constexpr std::uint64_t page = page_at_2m;
constexpr std::uint64_t metadata_page = 0x50'0000;
constexpr std::uint64_t out = test_scratch + 0x4000;

auto pattern(std::size_t size, std::uint8_t first = 1) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(first + i * 7);
  return made;
}
auto entry(const world& w, std::uint64_t where) -> rmp::entry { return firmware::entry_at(w.m, {where}); }

}  // namespace

TEST_CASE("SNP_INIT paints the table",
          "[firmware][FW-SNP-INIT-13][FW-SNP-INIT-15][FW-SNP-INIT-16][FW-SNP-INIT-20][FW-SNP-INIT-21][FW-PLAT-10]") {
  listening with;
  world w(with.ctx, true);
  w.m.hw.dram = {{{0}, 0x700'0000}, {{0x740'0000}, test_memory - 0x740'0000}};  // a hole
  w.m.hw.tseg = firmware::memory_range{{0x600'0000}, 0x80'0000 / 16};
  w.m.hw.iommu_pages = {{0x55'0000}};
  {
    layout::snp_range_list_header header;
    header.set_num_elements(2);
    layout::snp_range one;
    one.set_base(0x30'0000);
    one.set_page_count(2);
    poke(w.m, test_scratch, header.bytes());
    poke(w.m, test_scratch + 8, one.bytes());
    one.set_base(test_rmp_base - 0x1000);  // reaches into the table
    poke(w.m, test_scratch + 24, one.bytes());
  }
  layout::cmd_snp_init_ex cmd;
  cmd.set_flags({3});
  cmd.set_list_paddr(test_scratch);
  w.m.hw.fails.rmp_write = true;
  const auto before = w.m;
  CHECK(w.post(command_id::snp_init_ex, cmd) == fw::rmp_initialization_failed);
  CHECK(w.m.sp == before.sp);
  w.m.hw.fails.rmp_write = false;
  w.expect({w.post(command_id::snp_init_ex, cmd)});
  CHECK(firmware::is_snp_init(w.m));
  CHECK(w.state(0x10'0000) == hypervisor);
  CHECK(w.state(0x700'0000) == hv_fixed);
  CHECK(w.state(0x73f'f000) == hv_fixed);
  CHECK(w.state(0x740'0000) == hypervisor);
  CHECK(w.state(0x30'1000) == hv_fixed);
  CHECK(w.state(0x30'2000) == hypervisor);
  CHECK(w.state(0x600'0000) == hv_fixed);
  CHECK(w.state(0xa'0000) == hv_fixed);
  CHECK(w.state(0xb'f000) == hv_fixed);
  CHECK(w.state(0xc'0000) == hypervisor);
  CHECK(w.state(test_rmp_base) == rmp::page_state::firmware);
  CHECK(w.state(test_rmp_end) == rmp::page_state::firmware);
  CHECK(w.state(test_rmp_base - 0x1000) == hv_fixed);
  CHECK(w.state(test_covered) == default_);
  CHECK(w.state(0x55'0000) == firmware_iommu);
  CHECK(entry(w, test_rmp_base).sub_page_count == 255);  // of 256 pages in the region, but for the first
  rmp::entry firmware_page = entry(w, test_rmp_base + 0x1000);
  CHECK(rmp::encode(firmware_page).lo == 0x8000'0000'0000'0005);
  CHECK(rmp::encode(entry(w, 0x700'0000)).lo == 0x4);
  CHECK(rmp::encode(entry(w, 0x10'0000)).lo == 0);
  CHECK(w.m.asids.state_of({1}, {0}) == asid_state::dirty);
  CHECK(w.m.sp.rmp_tcb == w.m.sp.committed.tcb);
}

TEST_CASE("SNP and legacy: which first, which last", "[firmware][FW-PLAT-11][FW-SNP-SHUT-05][FW-SNP-DFF-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started();
  w.m.sp.vlek_seed.emplace();
  w.expect({w.init()});
  CHECK(w.post(command_id::snp_shutdown) == fw::invalid_platform_state);
  w.expect({w.post(command_id::shutdown)});
  CHECK(firmware::is_snp_init(w.m));
  w.expect({w.flush(), w.post(command_id::snp_shutdown)});
  CHECK_FALSE(w.m.sp.vlek_seed.has_value());
  CHECK(w.m.sp.rmp_initialized);
  w.expect({w.init()});  // stays allowed: the table still protects
  CHECK(w.post(command_id::snp_init) == fw::invalid_platform_state);
  w.expect({w.post(command_id::shutdown)});
  layout::cmd_snp_init_ex again;
  w.expect({w.post(command_id::snp_init_ex, again)});  // without building the table anew
}

TEST_CASE("guest contexts", "[firmware][FW-GCTX-01][FW-PGS-20][FW-SNP-DEC-01][FW-SNP-ACT-01][FW-SNP-GRQ-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started().context_page();
  CHECK(w.state(gctx_at) == rmp::page_state::context);
  CHECK(peek(w.m, gctx_at, 64) == std::vector<std::uint8_t>(64));  // shows nothing
  CHECK(w.guest().vek != std::array<std::uint8_t, 32>{});
  CHECK(w.guest().launch_tcb == w.m.sp.committed.tcb);
  w.expect({w.snp_launch_start()});
  CHECK(w.guest().agent == firmware::no_agent);
  CHECK(w.guest().report_id_ma[0] == 0xff);
  CHECK(w.m.sp.snp_guest_count == 1);
  w.guest_page_at(page);
  CHECK(w.snp_activate(gctx_at, 1) == fw::invalid_config);  // the ASID has a page
  w.expect({w.snp_activate(gctx_at, 2)});
  give_page(w.m, metadata_page);
  w.expect({w.md_init(metadata_page)});
  CHECK(entry(w, metadata_page).guest.value == gctx_at);
  CHECK(w.state(metadata_page) == metadata);
  w.guest_page_at(page + 0x1000, 0x9000, 2);
  w.expect({w.word(command_id::snp_decommission, gctx_at)});
  CHECK(w.state(gctx_at) == rmp::page_state::firmware);
  CHECK(w.state(page + 0x1000) == pre_guest);                // stays
  CHECK(w.m.asids.state_of({2}, {0}) == asid_state::clean);  // never ran
  CHECK(w.m.sp.contexts.empty());
  w.context_page(gctx_at + 0x1000);
  w.expect({w.snp_launch_start(gctx_at + 0x1000)});
  CHECK(w.snp_activate(gctx_at + 0x1000, 2) == fw::invalid_config);
}

TEST_CASE("SNP_LAUNCH_UPDATE: what becomes of every type of page",
          "[firmware][FW-SNP-LUP-10][FW-SNP-LUP-11][FW-SNP-LUP-12][FW-SNP-LUP-14][FW-SNP-LUP-15]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  w.guest().gosvw[3] = 7;
  firmware::launch_digests digests;
  const auto contents = pattern(4096);
  for (std::uint32_t type = 1; type <= 5; ++type) {
    const std::uint64_t where = page + type * 4096;
    const std::uint64_t gpa = 0x10'0000 + type * 4096;
    auto bytes = contents;
    if (type == 2) {  // a VMSA with Secure TSC and protected registers
      std::ranges::fill(bytes, std::uint8_t{0});
      layout::write_le(bytes.data() + 0x3b0, std::uint64_t{1 | 1U << 9 | 1U << 14});
      layout::write_le(bytes.data() + 0x2f0, ~std::uint64_t{0});
    }
    w.guest_page_at(where, gpa);
    poke(w.m, where, bytes);
    w.expect({w.snp_update(where, type, gctx_at, false, false, 0x04'02'01'00)});
    firmware::launch_page step{.type = static_cast<layout::snp_page_types>(type), .where = {gpa}};
    for (std::size_t i = 0; i < 3; ++i) step.allowed[i].raw = static_cast<std::uint8_t>(1U << i);
    std::array<std::uint8_t, 4096> measured{};
    std::ranges::copy(bytes, measured.begin());
    digests.add(step, firmware::contents_digest(step.type, measured));
    CHECK(w.guest().launch_digest == digests.ld);
    CHECK(w.state(where) == guest_valid);
    CHECK(entry(w, where).vmsa == (type == 2));
    CHECK(entry(w, where).allowed[3].raw == 4);
    CHECK(entry(w, where).allowed[0].raw == 0x1f);
    const auto plain = peek_guest(w.m, {1}, where, 4096);
    if (type == 1 || type == 4) CHECK(plain == contents);
    if (type == 3) CHECK(plain == std::vector<std::uint8_t>(4096));
    if (type == 2) {
      CHECK(layout::read_le<std::uint64_t>(plain.data() + 0x2f0) == firmware::tsc_scale(2'000'000, 99'800));
      CHECK(layout::read_le<std::uint64_t>(plain.data() + 0x2f8) == 0);
      CHECK(layout::read_le<std::uint64_t>(plain.data() + 0x300) != 0);
      CHECK(layout::read_le<std::uint64_t>(plain.data() + 0x388) == ~std::uint64_t{0});
    }
    if (type == 5) {
      const layout::secrets_page_const_view secrets{plain.data()};
      CHECK(secrets.version() == 3);
      CHECK(std::ranges::equal(secrets.vmpck2(), w.guest().vmpck[2]));
      CHECK(secrets.gosvw()[3] == 7);
      CHECK(secrets.tsc_factor() == 200);
      CHECK(secrets.fms() == 0x00a1'0f10);
    }
  }
}

TEST_CASE("SNP_LAUNCH_UPDATE: 2M, and CPUID pages", "[firmware][FW-SNP-LUP-01][FW-SNP-LUP-16]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  w.guest_page_at(page, 0x4000'0000, 1, true);
  const auto contents = pattern(512 * 4096, 5);
  poke(w.m, page, contents);
  w.expect({w.snp_update(page, 1, gctx_at, true)});
  firmware::launch_digests digests;
  digests.add_pages({.where = {0x4000'0000}}, contents);
  CHECK(w.guest().launch_digest == digests.ld);
  CHECK(peek_guest(w.m, {1}, page, contents.size()) == contents);
  CHECK(w.state(page) == guest_valid);
  CHECK(w.snp_update(page, 1, gctx_at + 8) == fw::invalid_param);
  CHECK(w.snp_update(page, 1, gctx_at + 0x1000) == fw::invalid_guest);

  w.m.hw.cpuid_policy = {
      {.function = 1, .registers = {0xffff'ffff, 0xffff'ffff, 0xffff'fff0, 0xffff'ffff}},
      {.function = 7, .index = 0, .bound = firmware::cpuid_bound::at_most, .registers = {2, ~0U, ~0U, ~0U}}};
  const std::uint64_t table_at = page + 0x20'0000;
  w.guest_page_at(table_at);
  layout::cpuid_page table;
  table.set_count(3);
  table.entry(0).set_eax_in(1);
  table.entry(0).set_ecx(0xff);
  table.entry(1).set_eax_in(7);
  table.entry(1).set_eax(9);
  table.entry(2).set_eax_in(0x4000'0000);  // the hypervisor's own: nobody looks
  table.entry(2).set_eax(0xffff'ffff);
  poke(w.m, table_at, table.bytes());
  const auto before = w.guest();
  CHECK(w.snp_update(table_at, 6) == fw::invalid_param);
  CHECK(w.guest() == before);
  CHECK(w.state(table_at) == pre_guest);
  std::ranges::copy(peek(w.m, table_at, 4096), table.bytes().begin());
  CHECK(table.entry(0).ecx() == 0xf0);
  CHECK(table.entry(1).eax() == 2);
  CHECK(table.entry(2).eax() == 0xffff'ffff);
  w.expect({w.snp_update(table_at, 6)});  // what was corrected is accepted
}

TEST_CASE("SNP_LAUNCH_FINISH: identity",
          "[firmware][FW-SNP-LFIN-01][FW-SNP-LFIN-08][FW-SNP-LFIN-10][FW-SNP-LFIN-11][FW-LD-09]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  const auto flags = layout::cmd_snp_launch_finish_flags{}.set_id_block_en(true).set_auth_key_en(true);
  put_identity(w, [](layout::id_block&, layout::id_auth& auth) { auth.bytes()[0x680] ^= 1; }, true);
  const auto before = w.m;
  CHECK(w.snp_finish(gctx_at, flags) == fw::bad_signature);
  CHECK(w.m.sp == before.sp);
  CHECK(w.m.asids == before.asids);
  put_identity(w, {}, true);
  const auto auth = peek(w.m, test_scratch + 0x1000, 4096);
  w.expect({w.snp_finish(gctx_at, flags)});
  CHECK(w.guest().id_key_digest == crypto::sha384_of(std::span{auth}.subspan(0x240, 0x404)));
  CHECK(w.guest().author_key_digest == crypto::sha384_of(std::span{auth}.subspan(0x880, 0x404)));
  CHECK(w.guest().id_block.guest_svn() == 4);
  CHECK(w.m.asids.is_valid({1}, {1}));
  const auto final_digest = w.guest().launch_digest;
  w.guest_page_at(page);
  CHECK(w.snp_update(page) == fw::invalid_guest_state);
  CHECK(w.guest().launch_digest == final_digest);
  CHECK(w.snp_finish(gctx_at + 0x1000) == fw::invalid_guest);
  CHECK(w.snp_finish(gctx_at + 8) == fw::invalid_param);
  with.ctx.choices.strict_id_block = false;
  world other(with.ctx, true);
  other.snp_launched().expect({other.snp_finish(gctx_at, layout::cmd_snp_launch_finish_flags{}.set_auth_key_en(true))});
  CHECK(other.guest().author_key_en);  // recorded without verification
}

TEST_CASE("swapping: metadata, root entries, replay",
          "[firmware][FW-SNP-SWO-03][FW-SNP-SWO-04][FW-SNP-SWO-05][FW-SNP-SWO-06][FW-SNP-SWO-08][FW-SNP-SWI-02]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  const auto contents = pattern(4096, 77);
  poke(w.m, page, contents);
  w.guest_page_at(page, 0x8000);
  w.expect({w.snp_update(page)});
  rmp_update(w.m, page, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x8000}});
  CHECK(w.state(page) == pre_swap);
  give_page(w.m, metadata_page);
  w.expect({w.md_init(metadata_page), w.snp_swap_out(page, out, metadata_page + 64)});
  CHECK(w.state(page) == pre_guest);
  CHECK(peek(w.m, out, 4096) != contents);
  layout::snp_mdata_entry told;
  std::ranges::copy(peek(w.m, metadata_page + 64, 64), told.bytes().begin());
  CHECK(told.attributes().valid());
  CHECK(told.attributes().page_validated());
  CHECK(told.attributes().gpa_pfn() == 8);
  CHECK(w.guest().oek_iv_count == 1);
  std::vector<std::uint8_t> sealed(4096);
  const auto tag = crypto::aes256_gcm_seal(w.guest().oek, firmware::iv_of(0), {}, contents, sealed);
  CHECK(peek(w.m, out, 4096) == sealed);
  CHECK(std::ranges::equal(told.auth_tag(), tag));
  w.guest_page_at(page + 0x1000, 0xf000);  // another page of the guest's takes the contents
  w.expect({w.snp_swap_in(out, page + 0x1000, metadata_page + 64)});
  CHECK(w.state(page + 0x1000) == pre_swap);
  CHECK(entry(w, page + 0x1000).guest.value == 0x8000);
  CHECK(peek_guest(w.m, {1}, page + 0x1000, 4096) == contents);
  w.guest_page_at(page + 0x2000, 0xf000);
  CHECK(w.snp_swap_in(out, page + 0x2000, metadata_page + 64) == fw::invalid_mdata_entry);  // once

  // The page of entries goes out, too, its own entry into the guest context.
  w.expect({w.snp_swap_out(metadata_page, out + 0x1000, 0, 1, true)});
  CHECK(w.state(metadata_page) == rmp::page_state::firmware);
  CHECK(w.guest().root_entry.attributes().metadata());
  CHECK(w.guest().root_entry.attributes().gpa_pfn() == 0xf'ffff'ffff'ffff);
  w.expect({w.snp_swap_in(out + 0x1000, metadata_page, 0, 1, true)});
  CHECK(w.state(metadata_page) == metadata);
  CHECK(entry(w, metadata_page).guest.value == gctx_at);

  // In place.
  w.expect({w.snp_swap_out(page + 0x1000, out, metadata_page)});
  poke(w.m, page + 0x1000, peek(w.m, out, 4096));
  w.expect({w.snp_swap_in(page + 0x1000, page + 0x1000, metadata_page, 0, false, true)});
  CHECK(peek_guest(w.m, {1}, page + 0x1000, 4096) == contents);
}

TEST_CASE("moving pages", "[firmware][FW-SNP-PMV-02][FW-PGS-21][FW-DISP-12][FW-DISP-13][FW-DISP-14]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  w.guest_page_at(page, 0x8000);
  poke(w.m, page, pattern(4096));
  w.expect({w.snp_update(page, 2)});
  rmp_update(w.m, page, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x8000}});
  const auto contents = peek_guest(w.m, {1}, page, 4096);
  const auto source = entry(w, page);
  w.guest_page_at(page + 0x1000, 0xf000);
  w.expect({w.snp_move(page, page + 0x1000)});
  CHECK(peek_guest(w.m, {1}, page + 0x1000, 4096) == contents);
  CHECK(w.state(page) == guest_invalid);
  CHECK(w.state(page + 0x1000) == guest_valid);
  CHECK(entry(w, page + 0x1000).guest == source.guest);
  CHECK(entry(w, page + 0x1000).vmsa == source.vmsa);
  CHECK(entry(w, page + 0x1000).allowed == source.allowed);
  give_page(w.m, metadata_page);
  give_page(w.m, metadata_page + 0x1000);
  w.expect({w.md_init(metadata_page), w.snp_move(metadata_page, metadata_page + 0x1000)});
  CHECK(w.state(metadata_page) == rmp::page_state::firmware);
  CHECK(w.state(metadata_page + 0x1000) == metadata);
  for (const auto& [number, one] : w.m.rmp.entries())
    if (one.id == host_asid && one.assigned && number != page >> 12 && one.locked) CHECK(one.immutable);
  CHECK(entry(w, metadata_page + 0x1000).locked);
  // The first entry of the region counts the others, whatever the firmware does to it.
  give_page(w.m, 0x60'0000);
  give_page(w.m, 0x60'1000);
  const auto counted = entry(w, 0x60'0000).sub_page_count;
  w.expect({w.md_init(0x60'0000)});
  CHECK(entry(w, 0x60'0000).sub_page_count == counted);
  CHECK(w.state(test_scratch) == default_);
}

TEST_CASE("guest messages: reports", "[firmware][FW-MSG-01][FW-MSG-05][FW-MSG-06][FW-MSG-18][FW-MSG-22][FW-ST-03]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched(snp_policy);
  put_identity(w, {}, false);
  w.expect({w.snp_finish(gctx_at, layout::cmd_snp_launch_finish_flags{}.set_id_block_en(true))});
  give_page(w.m, response_at);
  layout::msg_report_req asked;
  for (std::size_t i = 0; i < 64; ++i) asked.report_data()[i] = static_cast<std::uint8_t>(i);
  asked.set_vmpl(2);
  talk spoken{.type = layout::snp_message_types::report_req, .vmpck = 1, .payload = payload_of(asked)};
  const auto speaker = w.guest();
  spoken.spoil_tag = true;
  CHECK(say(w, spoken) == fw::bad_measurement);
  CHECK(w.guest() == speaker);  // and so the number can be used again
  spoken.spoil_tag = false;
  w.expect({say(w, spoken)});
  const auto payload = hear(w, spoken, speaker);
  CHECK(w.guest().message_count == std::array<std::uint64_t, 4>{0, 2, 0, 0});
  const auto report = layout::parse_report(std::span{payload}.subspan(0x20, 0x4a0));
  REQUIRE(report.has_value());
  CHECK(report->version() == 2);
  CHECK(report->vmpl() == 2);
  CHECK(report->guest_svn() == 4);
  CHECK(report->report_data()[63] == 63);
  CHECK(std::ranges::equal(report->measurement(), w.guest().launch_digest));
  CHECK(std::ranges::equal(report->chip_id(), w.m.hw.chip_id));
  CHECK(report->reported_tcb() == w.m.sp.committed.tcb);
  CHECK_FALSE(layout::first_reserved_bit_of_version(*report).has_value());
  const auto vcek = firmware::vcek_of(firmware::endorsement_seed_of(w.m.hw.chip_secret, w.m.sp.committed.tcb));
  const auto verifier = crypto::p384_verifier::make(vcek.public_key());
  CHECK(firmware::is_signed_by(*report, *verifier));

  // The response does not fit: a side effect would stay, the counter does not move.
  const auto counts = w.guest().message_count;
  spoken.response = response_at + 0xc00;
  CHECK(say(w, spoken) == fw::invalid_param);
  CHECK(w.guest().message_count == counts);

  w.m.sp.mask_chip_key = true;
  w.m.sp.mask_chip_id = true;
  w.m.hw.report_version = 5;
  w.m.hw.mitigation_vector = 3;
  spoken.response = response_at;
  const auto again = w.guest();
  w.expect({say(w, spoken)});
  const auto second = hear(w, spoken, again);
  const auto masked = layout::parse_report(std::span{second}.subspan(0x20, 0x4a0));
  CHECK(masked->key_info().signing_key() == layout::snp_signing_key::none);
  CHECK(firmware::is_zero(masked->signature_r()));
  CHECK(firmware::is_zero(masked->chip_id()));
  CHECK(masked->current_mit_vector() == 3);
  CHECK(masked->cpuid_fam_id() == 0x19);
  CHECK(masked->cpuid_mod_id() == 0x11);
}

TEST_CASE("guest messages: keys", "[firmware][FW-MSG-24]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  give_page(w.m, response_at);
  const auto key_for = [&](auto change) {
    layout::msg_key_req asked;
    change(asked);
    const talk spoken{.type = layout::snp_message_types::key_req, .payload = payload_of(asked)};
    const auto speaker = w.guest();
    w.expect({say(w, spoken)});
    const auto payload = hear(w, spoken, speaker);
    REQUIRE(layout::read_le<std::uint32_t>(payload.data()) == 0);
    return std::vector<std::uint8_t>(payload.begin() + 0x20, payload.begin() + 0x40);
  };
  const auto plain = key_for([](auto&) {});
  CHECK(plain == key_for([](auto&) {}));
  std::set<std::vector<std::uint8_t>> keys{plain};
  CHECK(keys.insert(key_for([](auto& k) { k.set_vmpl(1); })).second);
  CHECK(keys.insert(key_for([](auto& k) { k.set_guest_field_select({1}); })).second);
  CHECK(keys.insert(key_for([](auto& k) { k.set_key_select({1}); })).second);
  CHECK(key_for([](auto& k) { k.set_tcb_version(1); }) == plain);  // not selected
  const auto with_tcb = [](std::uint64_t tcb) {
    return [tcb](auto& k) {
      k.set_guest_field_select({1U << 5});
      k.set_tcb_version(tcb);
    };
  };
  const auto one = key_for(with_tcb(1));
  CHECK(one != key_for(with_tcb(2)));
  w.guest().host_data[0] = 1;
  CHECK(key_for([](auto&) {}) != plain);
}

TEST_CASE("guest messages: a guest moves", "[firmware][FW-MSG-27]") {
  listening with;
  world w(with.ctx, true);
  constexpr std::uint64_t ward = gctx_at + 0x1000;
  constexpr std::uint64_t heir = gctx_at + 0x2000;
  w.snp_running();  // the agent
  give_page(w.m, response_at);
  w.context_page(ward);
  w.expect({w.snp_launch_start(ward, snp_policy | 1U << 18, gctx_at), w.snp_activate(ward, 2), w.snp_finish(ward)});
  CHECK(w.m.sp.contexts.at(ward).report_id_ma == w.guest().report_id);
  auto& moving = w.m.sp.contexts.at(ward);
  moving.root_entry.set_attributes(layout::snp_mdata_entry_attributes{}.set_valid(true));
  const auto before = moving;
  layout::msg_export_req asked;
  asked.set_gctx_paddr(ward);
  const talk leaving{.type = layout::snp_message_types::export_req, .payload = payload_of(asked)};
  const auto agent = w.guest();
  w.expect({say(w, leaving)});
  const auto payload = hear(w, leaving, agent);
  CHECK(w.state(ward) == rmp::page_state::firmware);
  CHECK_FALSE(w.m.sp.contexts.contains(ward));
  CHECK(w.m.asids.state_of({2}, {0}) == asid_state::dirty);
  const auto holds = [&](std::span<const std::uint8_t> secret) {
    return std::ranges::search(payload, secret).begin() != payload.end();
  };
  CHECK(holds(before.oek));
  CHECK(holds(before.vmrk));
  CHECK_FALSE(holds(before.vek));

  w.context_page(heir);
  const auto vek = w.m.sp.contexts.at(heir).vek;
  layout::msg_import_req arriving;
  arriving.set_gctx_paddr(heir);
  arriving.set_in_gctx_size(0x300);
  arriving.set_in_gctx_version(3);
  std::ranges::copy(std::span{payload}.subspan(0x20, 0x300), arriving.bytes().begin() + 0x20);
  CHECK(answer_to(w, {.type = layout::snp_message_types::import_req, .payload = payload_of(arriving)}) == fw::success);
  const auto& arrived = w.m.sp.contexts.at(heir);
  CHECK(arrived.state == firmware::context_state::running);
  CHECK(arrived.vek == vek);
  CHECK(arrived.oek == before.oek);
  CHECK(arrived.policy == before.policy);
  CHECK(arrived.report_id != before.report_id);
  CHECK(arrived.agent.value == gctx_at);
  CHECK(arrived.message_count == before.message_count);
}

TEST_CASE("VLEK: the provider's key signs", "[firmware]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  w.m.sp.vlek_seed.emplace();
  w.m.sp.vlek_seed->fill(0x42);
  w.m.sp.mask_chip_key = true;
  give_page(w.m, response_at);
  const talk spoken{.type = layout::snp_message_types::report_req, .payload = std::vector<std::uint8_t>(0x60)};
  const auto speaker = w.guest();
  w.expect({say(w, spoken)});
  const auto payload = hear(w, spoken, speaker);
  const auto report = layout::parse_report(std::span{payload}.subspan(0x20, 0x4a0));
  CHECK(report->key_info().signing_key() == layout::snp_signing_key::vlek);
  const auto verifier = crypto::p384_verifier::make(firmware::vlek_of(*w.m.sp.vlek_seed).public_key());
  CHECK(firmware::is_signed_by(*report, *verifier));
}
