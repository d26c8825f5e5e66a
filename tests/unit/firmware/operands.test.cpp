// SPDX-License-Identifier: MIT
// What all commands make of the addresses they are given: memory kept from software, the C-bit, pages of 2M.
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>

#include <sevspec/layout/report.hpp>
#include <sevspec/rmp/memory_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum rmp::page_state;
using memory::asid_state;

constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
constexpr std::uint64_t kept_at = 0x60'0000;  ///< 2M that nobody may name

auto set_state(world& w, std::uint64_t first, std::uint32_t pages) -> fw {
  layout::snp_range_list_header header;
  header.set_num_elements(1);
  layout::snp_range one;
  one.set_base(first);
  one.set_page_count(pages);
  poke(w.m, test_scratch, header.bytes());
  poke(w.m, test_scratch + 8, one.bytes());
  layout::cmd_snp_page_set_state cmd;
  cmd.set_length(layout::size_of<layout::cmd_snp_page_set_state>);
  cmd.set_list_paddr(test_scratch);
  return w.post(command_id::snp_page_set_state, cmd);
}

/// Every page operand of an SNP command, given the page at `kept_at`.
const std::map<std::string, std::function<fw(world&)>> page_operands{
    {"SNP_GCTX_CREATE", [](world& w) { return w.word(command_id::snp_gctx_create, kept_at); }},
    {"SNP_PAGE_RECLAIM", [](world& w) { return w.word(command_id::snp_page_reclaim, kept_at); }},
    {"SNP_PAGE_RECLAIM of 2M", [](world& w) { return w.word(command_id::snp_page_reclaim, kept_at | 1); }},
    {"SNP_PAGE_UNSMASH", [](world& w) { return w.word(command_id::snp_page_unsmash, kept_at); }},
    {"SNP_PAGE_SET_STATE", [](world& w) { return set_state(w, kept_at, 512); }},
    {"SNP_PAGE_MD_INIT", [](world& w) { return w.md_init(kept_at); }},
    {"SNP_PAGE_MOVE from", [](world& w) { return w.snp_move(kept_at, page_at_2m); }},
    {"SNP_PAGE_MOVE to", [](world& w) { return w.snp_move(page_at_2m, kept_at); }},
    {"SNP_PAGE_SWAP_OUT from", [](world& w) { return w.snp_swap_out(kept_at, test_scratch, 0, 0, true); }},
    {"SNP_PAGE_SWAP_OUT to", [](world& w) { return w.snp_swap_out(page_at_2m, kept_at, 0, 0, true); }},
    {"SNP_PAGE_SWAP_OUT metadata", [](world& w) { return w.snp_swap_out(page_at_2m, page_at_2m + 0x1000, kept_at); }},
    {"SNP_PAGE_SWAP_IN from", [](world& w) { return w.snp_swap_in(kept_at, page_at_2m, 0, 0, true); }},
    {"SNP_PAGE_SWAP_IN to", [](world& w) { return w.snp_swap_in(page_at_2m, kept_at, 0, 0, true); }},
    {"SNP_LAUNCH_UPDATE", [](world& w) { return w.snp_update(kept_at); }},
    {"SNP_DBG_DECRYPT from", [](world& w) { return w.snp_debug(command_id::snp_dbg_decrypt, kept_at, page_at_2m); }},
    {"SNP_DBG_DECRYPT to", [](world& w) { return w.snp_debug(command_id::snp_dbg_decrypt, page_at_2m, kept_at); }},
    {"SNP_DBG_ENCRYPT to", [](world& w) { return w.snp_debug(command_id::snp_dbg_encrypt, test_scratch, kept_at); }},
    {"SNP_GUEST_STATUS", [](world& w) { return w.snp_status(gctx_at, kept_at); }},
    {"SNP_PLATFORM_STATUS", [](world& w) { return w.word(command_id::snp_platform_status_, kept_at); }},
    {"SNP_GUEST_REQUEST response",
     [](world& w) {
       return say(w, {.type = layout::snp_message_types::tsc_info_req,
                      .payload = std::vector<std::uint8_t>(128),
                      .response = kept_at});
     }},
};

/// A layout with nothing in the page but what a command asks for.
struct small_board {
  listening with;
  world w;
  small_board() : w(with.ctx, true) {}
};

}  // namespace

TEST_CASE("page operands in memory that is kept from software", "[firmware][FW-DISP-10]") {
  for (const auto& [name, give] : page_operands) {
    CAPTURE(name);
    const std::map<std::string, std::function<void(world&)>> keepers{
        {"trusted memory region", [](world& w) { w.m.sp.tmr = firmware::memory_range{{kept_at}, 0x20'0000}; }},
        {"a reserved one", [](world& w) { w.m.hw.reserved.push_back({{kept_at}, 0x1000}); }},
        {"TSEG", [](world& w) { w.m.hw.tseg = firmware::memory_range{{kept_at}, 0x1000}; }},
        {"beyond the highest sPA", [](world& w) { w.m.hw.pa_bits = 22; }},
    };
    for (const auto& [keeper, keep] : keepers) {
      CAPTURE(keeper);
      small_board board;
      world& w = board.w;
      w.snp_launched();
      w.buffer_at = 0x10'0000;  // below 4M, as the highest sPA is in one case
      if (keeper != "beyond the highest sPA") w.buffer_at = test_buffer;
      keep(w);
      if (keeper == "beyond the highest sPA") {
        // Everything else lies beyond it, too: one command is enough.
        if (name == "SNP_PAGE_RECLAIM") CHECK(give(w) == fw::invalid_address);
        continue;
      }
      const auto before = w.m;
      CHECK(give(w) == fw::invalid_address);
      CHECK(w.m.sp == before.sp);
      CHECK(w.m.rmp == before.rmp);
    }
  }
  CHECK(page_operands.size() == 20);
}

TEST_CASE("operands of 2M: all of the page counts", "[firmware][FW-DISP-10]") {
  const auto with_large_page = [](world& w, rmp::new_state wanted) {
    w.snp_launched();
    wanted.large = true;
    rmp_update(w.m, kept_at, wanted);
    w.m.hw.reserved.push_back({{kept_at + 0x1f'f000}, 0x1000});  // its last 4K
  };
  small_board launch;
  with_large_page(launch.w, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x20'0000}});
  CHECK(launch.w.snp_update(kept_at, 1, gctx_at, true) == fw::invalid_address);
  small_board metadata_page;
  with_large_page(metadata_page.w, {.assigned = true, .immutable = true});
  CHECK(metadata_page.w.md_init(kept_at) == fw::invalid_address);
  for (small_board* const one : {&launch, &metadata_page}) one->w.m.hw.reserved.clear();
  // The same, if the Reverse Map Table begins there.
  const auto with_table_inside = [](world& w, auto&& command) {
    auto& registers = w.m.hw.threads.front().registers;
    const auto before = registers;
    registers.rmp_base = kept_at + 0x1f'f000;
    registers.rmp_end = kept_at + 0x5f'ffff;
    const auto status = command();
    registers = before;
    return status;
  };
  CHECK(with_table_inside(launch.w, [&] { return launch.w.snp_update(kept_at, 1, gctx_at, true); }) ==
        fw::invalid_param);
  CHECK(with_table_inside(metadata_page.w, [&] { return metadata_page.w.md_init(kept_at); }) == fw::invalid_param);
  CHECK(launch.w.snp_update(kept_at, 1, gctx_at, true) == fw::success);
  CHECK(metadata_page.w.md_init(kept_at) == fw::success);
}

TEST_CASE("a list of ranges lies in memory from its first byte to its last",
          "[firmware][FW-SNP-PSS-01][FW-SNP-INIT-22]") {
  small_board board;
  world& w = board.w;
  w.snp_started();
  w.m.hw.dram = {{{0}, test_scratch + 0x20}};  // header and one range
  layout::snp_range_list_header header;
  header.set_num_elements(1);
  poke(w.m, test_scratch, header.bytes());
  layout::cmd_snp_page_set_state cmd;
  cmd.set_length(layout::size_of<layout::cmd_snp_page_set_state>);
  cmd.set_list_paddr(test_scratch);
  CHECK(w.post(command_id::snp_page_set_state, cmd) == fw::success);
  header.set_num_elements(2);
  poke(w.m, test_scratch, header.bytes());
  CHECK(w.post(command_id::snp_page_set_state, cmd) == fw::invalid_config);
  w.m.hw.dram = {{{0}, test_memory}};
  w.m.hw.reserved.push_back({{test_scratch + 0x20}, 8});
  CHECK(w.post(command_id::snp_page_set_state, cmd) == fw::invalid_address);
}

TEST_CASE("page operands in the rings", "[firmware][FW-DISP-10]") {
  small_board board;
  world& w = board.w;
  w.snp_launched();
  give_page(w.m, 0x50'0000);
  give_page(w.m, 0x50'1000);
  w.m.sp.ring = firmware::ring_mode{.low = {.commands = 0x50'0000, .statuses = c_bit | 0x50'1000}};
  const auto named = [&](std::uint64_t page) {
    layout::cmd_snp_config cmd;  // any structure that starts with a qword
    cmd.set_reported_tcb(page);
    poke(w.m, test_buffer, cmd.bytes());
    const auto id = static_cast<std::uint32_t>(command_id::snp_page_reclaim);
    return firmware::execute_entry(w.ctx, w.m, id, test_buffer);  // as an entry of the ring does
  };
  CHECK(named(0x50'0000) == fw::invalid_address);
  CHECK(named(0x50'1000) == fw::invalid_address);
  w.m.sp.ring.reset();
  CHECK(named(0x50'0000) == fw::success);
}

TEST_CASE("every address of a guest context may have the C-bit", "[firmware][FW-DISP-11]") {
  small_board board;
  world& w = board.w;
  w.snp_started();
  give_page(w.m, gctx_at);
  w.expect({w.word(command_id::snp_gctx_create, gctx_at | c_bit)});
  CHECK(w.state(gctx_at) == rmp::page_state::context);
  CHECK(w.m.sp.contexts.contains(gctx_at));
  w.expect({w.snp_launch_start(gctx_at | c_bit), w.snp_activate(gctx_at | c_bit, 1)});
  w.guest_page_at(page_at_2m);
  w.expect({w.snp_update(page_at_2m | c_bit, 1, gctx_at | c_bit), w.snp_finish(gctx_at | c_bit),
            w.snp_status(gctx_at | c_bit)});
  give_page(w.m, 0x50'0000);
  w.expect({w.md_init(0x50'0000 | c_bit, gctx_at | c_bit)});
  CHECK(firmware::entry_at(w.m, {0x50'0000}).guest.value == gctx_at);  // the owner, by its address alone
  give_page(w.m, 0x50'1000);
  w.expect({w.snp_move(0x50'0000 | c_bit, 0x50'1000 | c_bit, gctx_at | c_bit)});
  CHECK(w.state(0x50'1000) == metadata);
  w.expect(
      {w.word(command_id::snp_decommission, gctx_at | c_bit), w.word(command_id::snp_page_reclaim, gctx_at | c_bit)});
  CHECK(w.state(gctx_at) == reclaim);
  CHECK(w.m.sp.contexts.empty());

  // A migration agent, too.
  w.context_page();
  w.expect({w.snp_launch_start(gctx_at)});
  w.context_page(gctx_at + 0x1000);
  w.expect({w.snp_launch_start(gctx_at + 0x1000, snp_policy | 1U << 18, gctx_at | c_bit)});
  CHECK(w.m.sp.contexts.at(gctx_at + 0x1000).agent.value == gctx_at);
}

TEST_CASE("what is swapped out is written and read with the operand's key", "[firmware][FW-DISP-11][FW-SNP-SWO-01]") {
  std::array<std::vector<std::uint8_t>, 2> raw;
  for (const bool encrypted : {false, true}) {
    small_board board;
    world& w = board.w;
    w.snp_launched();
    w.guest_page_at(page_at_2m);
    w.expect({w.snp_update(page_at_2m)});
    rmp_update(w.m, page_at_2m, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x8000}});
    const std::uint64_t to = test_scratch + 0x8000;
    const std::uint64_t named = to | (encrypted ? c_bit : 0);
    w.expect({w.snp_swap_out(page_at_2m, named, 0, 0, true)});
    raw[encrypted ? 1 : 0] = peek(w.m, to, 4096);
    // The other key gives other bytes, which do not verify.
    CHECK(w.snp_swap_in(named ^ c_bit, page_at_2m, 0, 0, true) == fw::bad_measurement);
    w.expect({w.snp_swap_in(named, page_at_2m, 0, 0, true)});
  }
  CHECK(raw[0] != raw[1]);
}

TEST_CASE("the persistent store in memory may have the C-bit, and must stay the firmware's",
          "[firmware][FW-DISP-11][FW-DISP-08][FW-SEV-INIT-03]") {
  constexpr std::uint64_t area = 0x40'0000;
  constexpr std::uint64_t pages = firmware::nv_bytes / 4096;
  const auto init_ex = [](world& w, std::uint64_t where) {
    layout::cmd_init_ex cmd;
    cmd.set_length(layout::size_of<layout::cmd_init_ex>);
    cmd.set_nv_paddr(where);
    cmd.set_nv_len(firmware::nv_bytes);
    return w.post(command_id::init_ex, cmd);
  };
  small_board board;
  world& w = board.w;
  w.snp_started();
  for (std::uint64_t i = 0; i < pages; ++i) give_page(w.m, area + i * 4096);
  CHECK(init_ex(w, area | c_bit) == fw::secure_data_invalid);  // raw zeros are not zeros to the key
  w.expect({init_ex(w, area | c_bit)});
  const firmware::sev_identity made = w.m.sp.identity;
  w.expect({w.post(command_id::shutdown), init_ex(w, area | c_bit)});
  CHECK(w.m.sp.identity == made);
  w.expect({w.post(command_id::shutdown)});
  CHECK(init_ex(w, area) == fw::secure_data_invalid);  // without the C-bit it reads as something else: erased
  CHECK(peek(w.m, area, 4) == std::vector<std::uint8_t>(4, 0xff));
  w.expect({init_ex(w, area)});
  const auto kept = w.m.sp.identity;
  w.expect({w.word(command_id::snp_page_reclaim, area + 0x7000)});
  rmp_update(w.m, area + 0x7000, {});
  CHECK(w.post(command_id::pek_gen) == fw::invalid_page_state);
  CHECK(w.post(command_id::pdh_gen) == fw::invalid_page_state);
  CHECK(w.m.sp.identity == kept);
  give_page(w.m, area + 0x7000);
  w.expect({w.post(command_id::pdh_gen)});
  CHECK_FALSE(w.m.sp.identity == kept);
}

TEST_CASE("buffers inside pages of 2M of the firmware's", "[firmware][FW-DISP-07][FW-SNP-DBG-00][FW-SNP-DBGD-01]") {
  small_board board;
  world& w = board.w;
  w.snp_launched(debug_policy);
  constexpr std::uint64_t large = 0x40'0000;
  rmp_update(w.m, large, {.assigned = true, .large = true, .immutable = true});
  // SNP_DBG_DECRYPT asks the entry of 2M about a page in the middle.
  w.guest_page_at(page_at_2m);
  w.expect({w.snp_update(page_at_2m)});
  w.expect({w.snp_debug(command_id::snp_dbg_decrypt, page_at_2m, large + 0x3000)});
  CHECK(w.state(large) == rmp::page_state::firmware);
  // A command that writes to its buffer gives the page back: all of it.
  w.buffer_at = large + 0x5000;
  layout::cmd_platform_status cmd;
  w.expect({w.post(command_id::platform_status, cmd)});
  CHECK(w.state(large) == reclaim);
  CHECK(firmware::entry_at(w.m, {large}).large);
}

TEST_CASE("contexts last as long as the table", "[firmware][FW-SNP-SHUT-05][FW-SNP-INIT-15][FW-SNP-DEC-01]") {
  small_board board;
  world& w = board.w;
  w.snp_started().context_page();
  w.expect({w.snp_launch_start(), w.flush()});
  CHECK(w.m.sp.snp_guest_count == 1);
  const auto launched = w.guest();
  w.expect({w.post(command_id::snp_shutdown)});
  layout::cmd_snp_init_ex again;  // INIT_RMP=0
  w.expect({w.post(command_id::snp_init_ex, again)});
  CHECK(w.m.sp.snp_guest_count == 0);
  CHECK(w.state(gctx_at) == rmp::page_state::context);
  CHECK(w.guest() == launched);
  w.expect({w.word(command_id::snp_decommission, gctx_at), w.word(command_id::snp_page_reclaim, gctx_at)});
  CHECK(w.m.sp.snp_guest_count == 0);  // it was not counted

  w.context_page();
  w.expect({w.snp_launch_start(), w.flush(), w.post(command_id::snp_shutdown), w.post(command_id::snp_init)});
  CHECK(w.m.sp.contexts.empty());  // a new table knows nothing of them
  CHECK(w.state(gctx_at) == hypervisor);
}

TEST_CASE("core complexes without threads hold nobody up", "[firmware][FW-ASID-05][FW-ASID-06][FW-SNP-SHUT-03]") {
  small_board board;
  world& w = board.w;
  w.m.hw.threads.pop_back();
  w.expect({w.post(command_id::snp_init)});
  CHECK(w.post(command_id::snp_df_flush) == fw::wbinvd_required);
  firmware::note_wbinvd(w.m, 0);
  w.expect({w.post(command_id::snp_df_flush)});
  w.context_page();
  w.expect({w.snp_launch_start(), w.snp_activate(gctx_at, 1), w.snp_finish(),
            w.word(command_id::snp_decommission, gctx_at)});
  CHECK(w.m.asids.state_of({1}, {0}) == asid_state::dirty);
  CHECK(w.post(command_id::snp_df_flush) == fw::wbinvd_required);
  CHECK(w.post(command_id::snp_shutdown) == fw::dfflush_required);
  firmware::note_wbinvd(w.m, 0);
  w.expect({w.post(command_id::snp_df_flush), w.post(command_id::snp_shutdown)});
}

TEST_CASE("an IOMMU that does not answer, and a table out of reach", "[firmware][FW-SNP-INIT-13][FW-SNP-INIT-09]") {
  small_board board;
  world& w = board.w;
  w.m.hw.fails.iommu = true;
  CHECK(w.post(command_id::snp_init) == fw::hwerror_platform);
  w.m.hw.fails.iommu = false;
  w.m.hw.pa_bits = 27;  // the table begins at 128M
  w.buffer_at = 0x10'0000;
  CHECK(w.post(command_id::snp_init) == fw::invalid_config);
  CHECK_FALSE(firmware::is_snp_init(w.m));
}

TEST_CASE("counters of a table in memory are zero after SNP_INIT, whatever memory held", "[firmware][FW-SNP-INIT-20]") {
  using table = rmp::memory_table<test_controller>;
  test_controller memory{keyed_pad{}, memory::sparse_dram{test_memory}, 16};
  const std::vector<std::uint8_t> garbage(0x20'0000, 0x5a);
  REQUIRE(memory.inject({test_rmp_base}, garbage) == memory::memory_status::ok);
  listening with;
  const auto geometry = rmp::contiguous_geometry::make(with.ctx, {test_rmp_base}, {test_rmp_end}).value();
  firmware::machine<test_controller&, table, memory::asid_states<15, 2>, scripted_random> m{
      .memory = memory, .rmp = table{memory, geometry, {test_rmp_base}}};
  m.hw = make_test_machine().hw;
  m.sp = make_test_machine().sp;
  REQUIRE(firmware::execute(with.ctx, m, command_id::snp_init) == fw::success);
  for (asid id{}; id.value <= 15; ++id.value) CHECK(m.rmp.pages_of(id) == 0);
  CHECK(rmp::state_of(m.rmp, rmp::spfn{0x100}) == hypervisor);
}

TEST_CASE("reserved bits of an SNP policy", "[firmware][FW-SNP-LST-01][FW-SNP-LST-02]") {
  for (const unsigned bit : {21U, 22U, 26U, 40U, 63U}) {
    CAPTURE(bit);
    const std::uint64_t policy = snp_policy | std::uint64_t{1} << bit;
    small_board board;
    CHECK(board.w.snp_launch_start(gctx_at, policy) == fw::invalid_platform_state);
    board.w.snp_started();
    CHECK(board.w.snp_launch_start(gctx_at, policy) == fw::invalid_guest);
    board.w.context_page();
    CHECK(board.w.snp_launch_start(gctx_at, policy) == fw::policy_failure);
    board.w.expect({board.w.snp_launch_start()});
    CHECK(board.w.snp_launch_start(gctx_at, policy) == fw::invalid_guest_state);
  }
}

TEST_CASE("all of a buffer that is given is the firmware's, not what is written of it", "[firmware][FW-DISP-08]") {
  constexpr std::uint64_t given = 0x180'0000;  // one page of it is the firmware's
  constexpr std::uint32_t length = 0x2000;
  small_board board;
  world& w = board.w;
  w.snp_started();
  w.expect({w.init()});
  give_page(w.m, given);
  const auto post = [&](auto command, command_id id, std::uint64_t at, std::uint32_t bytes) {
    command.set_address(at);
    command.set_len(bytes);
    return w.post(id, command);
  };
  const auto both = [&](const auto& ask) {
    CHECK(ask(given, length) == fw::invalid_page_state);
    w.expect({ask(given, 0x1000)});
  };
  both([&](std::uint64_t at, std::uint32_t bytes) {
    return post(layout::cmd_pek_csr{}, command_id::pek_csr, at, bytes);
  });
  both(
      [&](std::uint64_t at, std::uint32_t bytes) { return post(layout::cmd_get_id{}, command_id::get_id, at, bytes); });
  const auto export_to = [&](std::uint64_t pdh, std::uint32_t pdh_bytes, std::uint64_t chain,
                             std::uint32_t chain_bytes) {
    layout::cmd_pdh_cert_export cmd;
    cmd.set_pdh_cert_paddr(pdh);
    cmd.set_pdh_cert_len(pdh_bytes);
    cmd.set_cert_chain_paddr(chain);
    cmd.set_cert_chain_len(chain_bytes);
    const fw done = w.post(command_id::pdh_cert_export, cmd);
    CHECK(cmd.pdh_cert_len() == pdh_bytes);  // lengths are told only if they are too small
    CHECK(cmd.cert_chain_len() == chain_bytes);
    return done;
  };
  CHECK(export_to(given, length, test_scratch, 0x2000) == fw::invalid_page_state);
  CHECK(export_to(test_scratch, 0x1000, given, 0x2000) == fw::invalid_page_state);
  w.expect({export_to(given, 0x1000, test_scratch, 0x2000)});

  w.expect({w.flush(), w.launch_start()});
  const std::uint32_t handle = w.m.sp.guests.rbegin()->first;
  const auto measure = [&](std::uint64_t at, std::uint32_t bytes) {
    layout::cmd_launch_measure cmd;
    cmd.set_handle(handle);
    const fw done = post(cmd, command_id::launch_measure, at, bytes);
    return done;
  };
  both(measure);
  const auto attest = [&](std::uint64_t at, std::uint32_t bytes) {
    layout::cmd_attestation cmd;
    cmd.set_handle(handle);
    return post(cmd, command_id::attestation, at, bytes);
  };
  both(attest);
  w.expect({w.by_handle(command_id::launch_finish, handle), w.activate(handle, 6), w.send_start(handle)});
  const auto send = [&](std::uint64_t header, std::uint32_t header_bytes, std::uint64_t carried, std::uint32_t bytes) {
    layout::cmd_transport cmd;
    cmd.set_handle(handle);
    cmd.set_hdr_paddr(header);
    cmd.set_hdr_len(header_bytes);
    cmd.set_guest_paddr(0x10'0000);
    cmd.set_guest_len(0x100);
    cmd.set_trans_paddr(carried);
    cmd.set_trans_len(bytes);
    return w.post(command_id::send_update_data, cmd);
  };
  CHECK(send(given, length, test_scratch, 0x100) == fw::invalid_page_state);
  CHECK(send(test_scratch, 52, given, length) == fw::invalid_page_state);
  w.expect({send(given, 0x1000, test_scratch, length), send(test_scratch, length, given, 0x1000)});
}

TEST_CASE("operands of SNP commands in the Reverse Map Table itself", "[firmware][FW-DISP-10]") {
  small_board board;
  world& w = board.w;
  w.snp_running();
  CHECK(w.snp_status(gctx_at, test_rmp_base) == fw::invalid_param);
  CHECK(w.word(command_id::snp_platform_status_, test_rmp_base) == fw::invalid_param);
  layout::cmd_snp_feature_info info;
  info.set_length(layout::size_of<layout::cmd_snp_feature_info>);
  info.set_feature_info_paddr(test_rmp_base);
  CHECK(w.post(command_id::snp_feature_info_, info) == fw::invalid_param);
  give_page(w.m, response_at);
  layout::cmd_snp_guest_request cmd;
  cmd.set_gctx_paddr(gctx_at);
  cmd.set_request_paddr(test_rmp_base);
  cmd.set_response_paddr(response_at);
  CHECK(w.post(command_id::snp_guest_request, cmd) == fw::invalid_param);
  // Pages that come back are asked for their address alone, DRAM or not.
  CHECK(w.word(command_id::snp_page_reclaim, test_rmp_base) == fw::invalid_address);
  w.m.hw.dram = {{{0}, 0x300'0000}, {{test_buffer}, 0x1000}};
  CHECK(w.word(command_id::snp_page_reclaim, 0x400'0000) == fw::success);
  CHECK(w.word(command_id::snp_page_reclaim, 0x400'1001) == fw::invalid_page_size);
}

TEST_CASE("hardware that fails is asked last", "[firmware][FW-ACT-10][FW-ASID-06][FW-SEV-SHUT-01][FW-SNP-INIT-12]") {
  small_board board;
  world& w = board.w;
  w.m.hw.fails.iommu = true;
  w.m.hw.fails.rmp_write = true;
  CHECK(w.post(command_id::snp_init) == fw::rmp_initialization_failed);
  w.m.hw.fails = {};
  w.expect({w.post(command_id::snp_init), w.init()});
  w.m.hw.fails.asid_control = true;
  CHECK(w.post(command_id::snp_df_flush) == fw::wbinvd_required);
  firmware::note_wbinvd_everywhere(w.m);
  CHECK(w.post(command_id::snp_df_flush) == fw::hwerror_unsafe);
  CHECK(w.m.asids.state_of({1}, {0}) == asid_state::clean);  // what was done stays done
  w.context_page();
  w.expect({w.snp_launch_start(), w.launch_start()});
  CHECK(w.snp_activate(gctx_at, 99) == fw::invalid_asid);
  const auto before = w.m;
  CHECK(w.snp_activate(gctx_at, 1) == fw::hwerror_unsafe);
  CHECK(w.activate(1, 99) == fw::invalid_asid);
  CHECK(w.activate(1, 6) == fw::hwerror_unsafe);
  CHECK(w.m.asids == before.asids);
  CHECK(w.m.sp == before.sp);
  w.expect({w.post(command_id::shutdown)});  // no guest has an ASID
}

TEST_CASE("reserved bytes of a TCB_VERSION are no version", "[firmware][FW-SNP-CFG-01][FW-MSG-24]") {
  small_board board;
  world& w = board.w;
  w.m.sp.committed.tcb = 0x0303'0000'0000'0102;
  CHECK(w.word(command_id::snp_config, 0x0303'0000'00ff'0102) == fw::invalid_param);
  w.expect({w.word(command_id::snp_config, 0x0303'0000'0000'0102)});
}

TEST_CASE("metadata entries anywhere in a page of 2M", "[firmware][FW-SNP-MDI-01][FW-SNP-SWO-01]") {
  small_board board;
  world& w = board.w;
  w.snp_launched();
  constexpr std::uint64_t large = 0x40'0000;
  rmp_update(w.m, large, {.assigned = true, .large = true, .immutable = true});
  w.expect({w.md_init(large)});
  w.guest_page_at(page_at_2m);
  w.expect({w.snp_update(page_at_2m)});
  rmp_update(w.m, page_at_2m, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x8000}});
  w.expect({w.snp_swap_out(page_at_2m, test_scratch + 0x8000, large + 0x1'2340)});
  CHECK(peek(w.m, large + 0x1'2340, 64) != std::vector<std::uint8_t>(64));
}

TEST_CASE("choices about what manuals leave open",
          "[firmware][FW-DISP-06][FW-SEV-DBG-01][FW-SEV-CPY-01][FW-SNP-SWO-02]") {
  for (const bool chosen : {false, true}) {
    CAPTURE(chosen);
    small_board board;
    world& w = board.w;
    w.ctx.choices.buffer_state_is_marked = chosen;
    w.ctx.choices.dbg_needs_bytes = chosen;
    w.ctx.choices.copy_keeps_overlap = chosen;
    w.ctx.choices.unknown_swap_type_is_param = chosen;
    w.snp_launched();
    w.guest_page_at(page_at_2m);
    CHECK(w.snp_swap_out(page_at_2m, test_scratch, 0, 3, true) ==
          (chosen ? fw::invalid_param : fw::invalid_page_state));
    w.buffer_at = 0x10'0000;
    layout::cmd_platform_status told;
    CHECK(static_cast<unsigned>(w.post(command_id::platform_status, told)) == (chosen ? 0x5aU : 0x1aU));

    world legacy(w.ctx);
    const std::uint32_t handle = legacy.ready().launched();
    CHECK(legacy.debug(command_id::dbg_decrypt, handle, 0x10'0000, 0x20'0000, 0) ==
          (chosen ? fw::invalid_length : fw::success));
    const std::vector<std::uint8_t> first(4096, 1);
    const std::vector<std::uint8_t> second(4096, 2);
    REQUIRE(legacy.m.memory.write({0x10'0000}, memory_key::guest({6}), first) == memory::memory_status::ok);
    REQUIRE(legacy.m.memory.write({0x10'1000}, memory_key::guest({6}), second) == memory::memory_status::ok);
    legacy.expect({legacy.copy(handle, 0x10'0000, 0x10'1000, 0x2000)});
    CHECK(peek_guest(legacy.m, {6}, 0x10'1000, 1)[0] == 1);
    CHECK(peek_guest(legacy.m, {6}, 0x10'2000, 1)[0] == (chosen ? 2 : 1));
    legacy.expect({legacy.copy(handle, 0x10'1000, 0x10'0000, 0x2000)});  // downwards it is the same
    CHECK(peek_guest(legacy.m, {6}, 0x10'0000, 1)[0] == 1);
    CHECK(peek_guest(legacy.m, {6}, 0x10'1000, 1)[0] == (chosen ? 2 : 1));
  }
}

TEST_CASE("a ring stops at an entry that fails, until software adds more", "[firmware][FW-RB-03]") {
  listening with;
  world w(with.ctx);
  w.ready();
  layout::cmd_ring_buffer cmd;
  cmd.set_lo_cmd_ptr(test_scratch);
  cmd.set_lo_stat_val(test_scratch + 0x1000);
  cmd.set_lo_size(1);
  w.expect({w.post(command_id::ring_buffer, cmd)});
  const auto put = [&](unsigned index, firmware::ring_entry entry) {
    poke(w.m, test_scratch + index * 16, firmware::ring_entry_image(entry));
  };
  put(0, {.command = 0x26, .continue_on_error = true});
  put(1, {.command = 0x26});
  put(2, {.command = 0x0e});
  firmware::advance_ring(w.m, false, 2);
  CHECK_FALSE(firmware::run_ring(with.ctx, w.m)->stopped);
  CHECK(firmware::run_ring(with.ctx, w.m)->stopped);
  CHECK_FALSE(firmware::run_ring(with.ctx, w.m).has_value());
  w.m.sp.ring->low.tail = 3;
  CHECK_FALSE(firmware::run_ring(with.ctx, w.m).has_value());
  firmware::advance_ring(w.m, false, 3);
  const auto step = firmware::run_ring(with.ctx, w.m);
  REQUIRE(step.has_value());
  CHECK(step->index == 2);
  CHECK(step->code == fw::success);
}
