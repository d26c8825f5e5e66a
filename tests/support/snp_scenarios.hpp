// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SNP_SCENARIOS_HPP
#define SEVSPEC_TESTS_SUPPORT_SNP_SCENARIOS_HPP

#include <functional>
#include <map>
#include <string>
#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>
#include <utility>
#include <vector>

/// One scenario for every condition of the commands of SEV-SNP, and what happens when nothing goes wrong.
namespace sevspec::test::snp_scenarios {

using namespace sevspec::layout;

struct scenario {
  rule id;
  fw status;
  std::function<fw(world&)> play;
};

constexpr std::uint64_t page = page_at_2m;

inline auto start_with(world& w, std::uint32_t flags, std::uint64_t list = 0) -> fw {
  cmd_snp_init_ex cmd;
  cmd.set_flags({flags});
  cmd.set_list_paddr(list);
  return w.post(command_id::snp_init_ex, cmd);
}
inline auto stop_with(world& w, std::uint32_t length, std::uint32_t flags) -> fw {
  cmd_snp_shutdown_ex cmd;
  cmd.set_length(length);
  cmd.set_flags({flags});
  return w.post(command_id::snp_shutdown_ex, cmd);
}
/// A list of ranges in memory.
inline void put_list(world& w, std::uint64_t where, std::uint32_t told, std::uint64_t base, std::uint32_t pages) {
  snp_range_list_header header;
  header.set_num_elements(told);
  snp_range one;
  one.set_base(base);
  one.set_page_count(pages);
  poke(w.m, where, header.bytes());
  poke(w.m, where + 8, one.bytes());
}
inline auto set_state(world& w, std::uint64_t list = test_scratch) -> fw {
  cmd_snp_page_set_state cmd;
  cmd.set_length(16);
  cmd.set_list_paddr(list);
  return w.post(command_id::snp_page_set_state, cmd);
}
inline auto feature_info(world& w, std::uint32_t leaf, std::uint64_t where = test_scratch, std::uint32_t length = 16)
    -> fw {
  cmd_snp_feature_info cmd;
  cmd.set_length(length);
  cmd.set_ecx_in(leaf);
  cmd.set_feature_info_paddr(where);
  return w.post(command_id::snp_feature_info_, cmd);
}
inline auto config(world& w, std::uint64_t tcb) -> fw {
  cmd_snp_config cmd;
  cmd.set_reported_tcb(tcb);
  return w.post(command_id::snp_config, cmd);
}
inline auto commit(world& w, std::uint32_t length) -> fw {
  cmd_snp_commit cmd;
  cmd.set_length(length);
  return w.post(command_id::snp_commit, cmd);
}
inline auto download(world& w, firmware::firmware_release release, std::uint64_t where = test_scratch,
                     std::uint32_t length = 24, bool authentic = true, bool commits = false) -> fw {
  firmware::firmware_image made;
  made.set_release(release);
  if (authentic) made.sign(w.m.hw);
  poke(w.m, test_scratch, made.bytes());
  cmd_snp_download_firmware_ex cmd;
  cmd.set_length(length);
  cmd.set_fw_paddr(where);
  cmd.set_fw_len(0x40);
  cmd.set_flags(cmd_snp_download_firmware_ex_flags{}.set_commit(commits));
  return w.post(command_id::snp_download_firmware_ex, cmd);
}
inline auto vlek(world& w, std::uint64_t tcb, bool authentic = true, std::uint8_t version = 0) -> fw {
  vlek_wrapped wrapped;
  wrapped.set_tcb_version(tcb);
  std::array<std::uint8_t, 0x180> sticks{};
  for (std::size_t i = 0; i < sticks.size(); ++i) sticks[i] = static_cast<std::uint8_t>(i);
  const auto tag = crypto::aes256_gcm_seal(firmware::vlek_wrapping_key(w.m), wrapped.iv(),
                                           std::span{wrapped.bytes()}.subspan(0x190, 16), sticks, sticks);
  wrapped.set_vlek_wrapped(sticks);
  wrapped.set_vlek_auth_tag(tag);
  if (!authentic) wrapped.bytes()[0x20] ^= 1;
  poke(w.m, test_scratch, wrapped.bytes());
  cmd_snp_vlek_load cmd;
  cmd.set_length(16);
  cmd.set_vlek_wrapped_version(version);
  cmd.set_vlek_wrapped_paddr(test_scratch);
  return w.post(command_id::snp_vlek_load, cmd);
}
inline auto mitigation(world& w, std::uint16_t subcommand, std::uint64_t destination) -> fw {
  cmd_snp_verify_mitigation cmd;
  cmd.set_length(64);
  cmd.set_subcommand(subcommand);
  cmd.set_flags(cmd_snp_verify_mitigation_flags{}.set_dst_paddr_en(true));
  cmd.set_dst_paddr(destination);
  return w.post(command_id::snp_verify_mitigation, cmd);
}

inline auto platform_scenarios() -> std::vector<scenario> {
  using enum rule;
  const auto with_core = [](auto change) {
    return [=](world& w) {
      change(w.m.hw.threads[1].registers, w.m.hw);
      return w.post(command_id::snp_init);
    };
  };
  return {
      {FW_ST_02, fw::invalid_param,
       [](world& w) { return w.snp_started().word(command_id::snp_gctx_create, 0x100'0008); }},
      {FW_PLAT_13, fw::invalid_platform_state, [](world& w) { return w.word(command_id::snp_gctx_create, gctx_at); }},
      {FW_PGS_06, fw::invalid_guest, [](world& w) { return w.snp_started().snp_status(gctx_at); }},
      {FW_SNP_INIT_01, fw::invalid_param, [](world& w) { return start_with(w, 1 | 1U << 4); }},
      {FW_SNP_INIT_01, fw::invalid_param, [](world& w) { return start_with(w, 1 | 1U << 9); }},
      {FW_SNP_INIT_02, fw::invalid_platform_state, [](world& w) { return w.snp_started().post(command_id::snp_init); }},
      {FW_SNP_INIT_03, fw::hwerror_unsafe,
       [](world& w) {
         w.m.hw.debug_unlocked = true;
         return w.post(command_id::snp_init);
       }},
      {FW_SNP_INIT_04, fw::rmp_init_required, [](world& w) { return start_with(w, 0); }},
      {FW_SNP_INIT_05, fw::invalid_param,
       [](world& w) {
         w.snp_started().expect({w.post(command_id::snp_shutdown)});
         return start_with(w, 2);
       }},
      {FW_SNP_INIT_06, fw::invalid_config, with_core([](auto&, auto& hw) { hw.multi_key = true; })},
      {FW_SNP_INIT_07, fw::invalid_config, with_core([](auto& core, auto&) { core.top_mem = 1; })},
      {FW_SNP_INIT_07, fw::invalid_config, with_core([](auto&, auto& hw) { hw.threads[0].in_smm = true; })},
      {FW_SNP_INIT_08, fw::invalid_config, with_core([](auto&, auto& hw) {
         for (auto& one : hw.threads) one.registers.hwcr = 0;
       })},
      {FW_SNP_INIT_09, fw::invalid_config, with_core([](auto& core, auto&) { core.rmp_end += 0x10'0000; })},
      {FW_SNP_INIT_09, fw::invalid_config, with_core([](auto&, auto& hw) {
         for (auto& one : hw.threads) one.registers.rmp_base += 0x1000;
       })},
      {FW_SNP_INIT_09, fw::unsupported, with_core([](auto&, auto& hw) {
         hw.c_bit = 27;  // an address bit of RMP_BASE
       })},
      {FW_SNP_INIT_10, fw::invalid_config,
       with_core([](auto&, auto& hw) { hw.dram = {{{0}, 0x800'1000}, {{0x800'1000}, 0x700'0000}}; })},
      {FW_SNP_INIT_11, fw::invalid_config, with_core([](auto& core, auto&) { core.vm_hsave_pa = 0x1000; })},
      {FW_SNP_INIT_12, fw::rmp_initialization_failed, with_core([](auto&, auto& hw) { hw.fails.rmp_write = true; })},
      {FW_SNP_INIT_22, fw::invalid_param,
       [](world& w) {
         put_list(w, test_scratch, 300, 0x10'0000, 1);
         return start_with(w, 3, test_scratch);
       }},
      {FW_SNP_SHUT_01, fw::invalid_platform_state,
       [](world& w) {
         w.snp_started().expect({w.init()});
         return w.post(command_id::snp_shutdown);
       }},
      {FW_SNP_SHUT_03, fw::dfflush_required,
       [](world& w) {
         w.expect({w.post(command_id::snp_init)});
         return w.post(command_id::snp_shutdown);
       }},
      {FW_SNP_SHUT_04, fw::invalid_param, [](world& w) { return stop_with(w.snp_started(), 4, 0); }},
      {FW_SNP_SHUT_04, fw::invalid_param, [](world& w) { return stop_with(w.snp_started(), 8, 2); }},
      {FW_SNP_SHUT_07, fw::shutdown_incomplete,
       [](world& w) {
         w.snp_started().m.hw.fails.snp_disable = true;
         return stop_with(w, 8, 3);
       }},
      {FW_SNP_PST_01, fw::invalid_param,
       [](world& w) { return w.word(command_id::snp_platform_status_, test_scratch + 0xff0); }},
      {FW_SNP_PST_01, fw::invalid_page_state,
       [](world& w) { return w.snp_started().word(command_id::snp_platform_status_, 0x50'0000); }},
      {FW_SNP_CFG_01, fw::invalid_param, [](world& w) { return config(w, w.m.sp.committed.tcb + 1); }},
      {FW_SNP_COM_01, fw::invalid_param, [](world& w) { return commit(w, 8); }},
      {FW_SNP_DLX_01, fw::invalid_platform_state,
       [](world& w) {
         w.snp_started().expect({w.init()});
         return download(w, w.m.sp.current);
       }},
      {FW_SNP_DLX_01, fw::invalid_param, [](world& w) { return download(w, w.m.sp.current, test_scratch, 20); }},
      {FW_SNP_DLX_01, fw::invalid_address, [](world& w) { return download(w, w.m.sp.current, test_scratch + 8); }},
      {FW_SNP_DLX_01, fw::bad_signature, [](world& w) { return download(w, w.m.sp.current, test_scratch, 24, false); }},
      {FW_SNP_DLX_01, fw::bad_svn, [](world& w) { return download(w, {.api_major = 2}); }},
      {FW_SNP_VLK_01, fw::invalid_param, [](world& w) { return vlek(w, w.m.sp.committed.tcb, true, 1); }},
      {FW_SNP_VLK_01, fw::bad_svn, [](world& w) { return vlek(w, 1); }},
      {FW_SNP_VLK_01, fw::bad_measurement, [](world& w) { return vlek(w, w.m.sp.committed.tcb, false); }},
      {FW_SNP_FI_01, fw::invalid_param, [](world& w) { return feature_info(w, 0, test_scratch, 8); }},
      {FW_SNP_FI_01, fw::invalid_param, [](world& w) { return feature_info(w, 2); }},
      {FW_SNP_FI_01, fw::invalid_address, [](world& w) { return feature_info(w, 0, test_scratch + 2); }},
      {FW_SNP_FI_01, fw::invalid_page_state, [](world& w) { return feature_info(w.snp_started(), 0, 0x50'0000); }},
      {FW_SNP_VM_01, fw::invalid_param,
       [](world& w) {
         w.m.hw.features.verify_mitigation = true;
         w.snp_started();
         give_page(w.m, 0x50'0000);
         return mitigation(w, 2, 0x50'0000);
       }},
      {FW_SNP_VM_01, fw::invalid_page_state,
       [](world& w) {
         w.m.hw.features.verify_mitigation = true;
         return mitigation(w.snp_started(), 1, 0x50'0000);
       }},
  };
}

inline auto guest_scenarios() -> std::vector<scenario> {
  using enum rule;
  const auto launch = [](world& w, std::uint64_t policy, std::uint64_t agent = 0) {
    w.snp_started().context_page();
    return w.snp_launch_start(gctx_at, policy, agent);
  };
  /// LAUNCH_UPDATE of a page that is well prepared but for one thing.
  const auto update = [](auto change, std::uint32_t type = 1, bool large = false) {
    return [=](world& w) {
      w.snp_launched();
      change(w);
      return w.snp_update(page, type, gctx_at, large);
    };
  };
  const auto prepared = [](world& w) { w.guest_page_at(page); };
  const auto with_block = [](world& w, const std::function<void(layout::id_block&, layout::id_auth&)>& change,
                             bool author = false) {
    w.snp_launched();
    put_identity(w, change, author);
    return w.snp_finish(gctx_at, cmd_snp_launch_finish_flags{}.set_id_block_en(true).set_auth_key_en(author));
  };
  using block = layout::id_block;
  using auth = layout::id_auth;
  return {
      {FW_GCTX_02, fw::invalid_guest_state,
       [](world& w) {
         w.snp_started().context_page();
         return w.snp_activate(gctx_at, 1);
       }},
      {FW_SNP_GCC_01, fw::invalid_page_state,
       [](world& w) { return w.snp_started().word(command_id::snp_gctx_create, gctx_at); }},
      {FW_SNP_GCC_01, fw::invalid_page_size,
       [](world& w) {
         w.snp_started();
         rmp_update(w.m, page, {.assigned = true, .large = true, .immutable = true});
         return w.word(command_id::snp_gctx_create, page);
       }},
      {FW_SNP_GCC_01, fw::invalid_config,
       [](world& w) {
         w.snp_started();
         give_page(w.m, gctx_at);
         w.m.hw.dram = {{{0}, gctx_at}, {{test_rmp_base}, test_memory - test_rmp_base}};
         return w.word(command_id::snp_gctx_create, gctx_at);
       }},
      {FW_SNP_LST_01, fw::invalid_guest_state, [=](world& w) { return w.snp_launched().snp_launch_start(); }},
      {FW_SNP_LST_01, fw::policy_failure, [=](world& w) { return launch(w, 0x1'0000); }},
      {FW_SNP_LST_01, fw::policy_failure, [=](world& w) { return launch(w, snp_policy | 0x138); }},
      {FW_SNP_LST_01, fw::policy_failure, [=](world& w) { return launch(w, snp_policy | 1U << 21); }},
      {FW_SNP_LST_01, fw::policy_failure,
       [=](world& w) {
         w.m.hw.smt = true;
         return launch(w, 0x2'0000);
       }},
      {FW_SNP_LST_01, fw::policy_failure,
       [=](world& w) {  // an agent, and the policy does not allow one
         w.snp_running().context_page(gctx_at + 0x1000);
         return w.snp_launch_start(gctx_at + 0x1000, snp_policy, gctx_at);
       }},
      {FW_SNP_LST_01, fw::policy_failure,
       [=](world& w) {  // on one socket, and the agent is not
         w.snp_running().context_page(gctx_at + 0x1000);
         return w.snp_launch_start(gctx_at + 0x1000, snp_policy | 1U << 18 | 1U << 20, gctx_at);
       }},
      {FW_SNP_LST_02, fw::policy_failure,
       [=](world& w) {
         w.m.hw.features.rapl_disable = true;
         return launch(w, snp_policy | 1U << 23);
       }},
      {FW_SNP_ACX_01, fw::invalid_param,
       [](world& w) {
         w.snp_launched(snp_policy, 1);
         return w.snp_activate_ex(gctx_at, 1, {0}, 0x18);
       }},
      {FW_SNP_ACX_01, fw::policy_failure,
       [](world& w) {
         w.m.hw.threads[1].socket = 1;
         w.snp_started().context_page();
         w.expect({w.snp_launch_start(gctx_at, snp_policy | 1U << 20)});
         return w.snp_activate_ex(gctx_at, 1, {0, 1});
       }},
      {FW_SNP_GST_01, fw::invalid_param,
       [](world& w) { return w.snp_launched().snp_status(gctx_at, test_scratch + 0xff0); }},
      {FW_SNP_GST_01, fw::invalid_page_state, [](world& w) { return w.snp_launched().snp_status(gctx_at, 0x50'0000); }},
      {FW_SNP_LUP_02, fw::invalid_page_state,
       update([](world& w) { rmp_update(w.m, page, {.assigned = true, .id = {1}, .guest = {0x8000}}); })},
      {FW_SNP_LUP_03, fw::invalid_page_size, update(prepared, 1, true)},
      {FW_SNP_LUP_04, fw::invalid_address,
       update(
           [](world& w) {  // no operation makes such an entry
             w.guest_page_at(page);
             w.m.rmp.put({(page >> 12) + 1},
                         {.assigned = true, .large = true, .immutable = true, .locked = true, .id = {1}});
             w.redirect = page + 0x1000;
           },
           1, true)},
      {FW_SNP_LUP_05, fw::invalid_param, update(prepared, 7)},
      {FW_SNP_LUP_05, fw::invalid_param, update(prepared, 0)},
      {FW_SNP_LUP_05, fw::invalid_page_size,
       update([](world& w) { w.guest_page_at(page, 0x20'0000, 1, true); }, 5, true)},
      {FW_SNP_LUP_06, fw::invalid_guest_state,
       [](world& w) {
         w.snp_running().guest_page_at(page);
         return w.snp_update(page);
       }},
      {FW_SNP_LUP_07, fw::inactive,
       [](world& w) {
         w.snp_started().context_page();
         w.expect({w.snp_launch_start()});
         w.guest_page_at(page);
         return w.snp_update(page);
       }},
      {FW_SNP_LUP_08, fw::invalid_page_owner, update([](world& w) { w.guest_page_at(page, 0x8000, 2); })},
      {FW_SNP_LUP_09, fw::invalid_param,
       [](world& w) {
         w.snp_started().context_page();
         w.expect({w.snp_launch_start(gctx_at, snp_policy, 0, true), w.snp_activate(gctx_at, 1)});
         w.guest_page_at(page);
         return w.snp_update(page);
       }},
      {FW_SNP_LUP_13, fw::invalid_param,
       update(
           [](world& w) {
             w.guest_page_at(page);
             poke(w.m, page, std::vector<std::uint8_t>{65});
           },
           6)},
      {FW_SNP_LUP_13, fw::invalid_param,
       update(
           [](world& w) {
             w.m.hw.cpuid_policy = {{.function = 1, .registers = {0xffff'ffff, 0xffff'ffff, 0xffff'fffe, 0xffff'ffff}}};
             w.guest_page_at(page);
             cpuid_page table;
             table.set_count(1);
             table.entry(0).set_eax_in(1);
             table.entry(0).set_ecx(3);
             poke(w.m, page, table.bytes());
           },
           6)},
      {FW_SNP_LFIN_02, fw::invalid_guest_state, [](world& w) { return w.snp_running().snp_finish(); }},
      {FW_SNP_LFIN_03, fw::inactive,
       [](world& w) {
         w.snp_started().context_page();
         w.expect({w.snp_launch_start()});
         return w.snp_finish();
       }},
      {FW_SNP_LFIN_04, fw::bad_measurement,
       [=](world& w) { return with_block(w, [](block& b, auth&) { b.ld()[0] = 1; }); }},
      {FW_SNP_LFIN_05, fw::policy_failure,
       [=](world& w) { return with_block(w, [](block& b, auth&) { b.set_policy({debug_policy}); }); }},
      {FW_SNP_LFIN_06, fw::invalid_param,
       [=](world& w) {
         return with_block(w, [](block&, auth& a) { a.set_id_key_algo(snp_signature_algorithms::invalid); });
       }},
      {FW_SNP_LFIN_06, fw::invalid_param,
       [](world& w) {
         return w.snp_launched().snp_finish(gctx_at, cmd_snp_launch_finish_flags{}.set_auth_key_en(true));
       }},
      {FW_SNP_LFIN_07, fw::bad_signature,
       [=](world& w) { return with_block(w, [](block&, auth& a) { a.id_block_sig().data()[0] ^= 1; }); }},
      {FW_SNP_LFIN_09, fw::bad_signature,
       [=](world& w) { return with_block(w, [](block&, auth& a) { a.id_key_sig().data()[0] ^= 1; }, true); }},
      {FW_SNP_LFIN_12, fw::invalid_param,
       [=](world& w) {
         w.ctx.choices.id_block_version_checked = true;
         return with_block(w, [](block& b, auth&) { b.set_version(2); });
       }},
  };
}

inline auto page_scenarios() -> std::vector<scenario> {
  using enum rule;
  constexpr std::uint64_t metadata = 0x50'0000;
  constexpr std::uint64_t out = test_scratch + 0x4000;
  const auto debugged = [](command_id id, std::uint64_t policy, std::uint32_t owner, bool given = true) {
    return [=](world& w) {
      w.snp_launched(policy);
      w.guest_page_at(page, 0x8000, owner);
      if (given) give_page(w.m, 0x50'0000);
      return id == command_id::snp_dbg_decrypt ? w.snp_debug(id, page, 0x50'0000) : w.snp_debug(id, test_scratch, page);
    };
  };
  /// A page of the guest's, and a page of metadata.
  const auto swapped = [](auto change) {
    return [=](world& w) {
      w.snp_launched();
      w.guest_page_at(page);
      give_page(w.m, metadata);
      w.expect({w.md_init(metadata)});
      return change(w);
    };
  };
  const auto back = [=](auto change) {
    return swapped([=](world& w) {
      w.expect({w.snp_swap_out(page, out, metadata)});
      return change(w);
    });
  };
  return {
      {FW_SNP_DBGD_01, fw::invalid_page_state, debugged(command_id::snp_dbg_decrypt, debug_policy, 1, false)},
      {FW_SNP_DBGD_01, fw::invalid_page_owner, debugged(command_id::snp_dbg_decrypt, debug_policy, 2)},
      {FW_SNP_DBGD_01, fw::policy_failure, debugged(command_id::snp_dbg_decrypt, snp_policy, 1)},
      {FW_SNP_DBGE_01, fw::invalid_page_owner, debugged(command_id::snp_dbg_encrypt, debug_policy, 2)},
      {FW_SNP_DBGE_01, fw::policy_failure, debugged(command_id::snp_dbg_encrypt, snp_policy, 1)},
      {FW_SNP_DBGE_01, fw::invalid_page_state,
       [](world& w) {
         w.snp_launched(debug_policy).guest_page_at(page);
         w.expect({w.snp_update(page)});
         return w.snp_debug(command_id::snp_dbg_encrypt, test_scratch, page);
       }},
      {FW_SNP_MDI_01, fw::invalid_page_state, [](world& w) { return w.snp_launched().md_init(0x50'0000); }},
      {FW_SNP_SWO_01, fw::invalid_param, swapped([](world& w) { return w.snp_swap_out(page, out, metadata + 8); })},
      {FW_SNP_SWO_01, fw::invalid_page_state, swapped([](world& w) { return w.snp_swap_out(page, out, 0x60'0000); })},
      {FW_SNP_SWO_01, fw::invalid_page_owner, swapped([](world& w) {
         auto other = firmware::entry_at(w.m, {metadata});
         other.guest = {0x7000};
         w.m.rmp.put({metadata >> 12}, other);
         return w.snp_swap_out(page, out, metadata);
       })},
      {FW_SNP_SWO_01, fw::invalid_page_size,
       swapped([](world& w) { return w.snp_swap_out(page, out, metadata, 0, false, gctx_at, true); })},
      {FW_SNP_SWO_01, fw::aead_oflow, swapped([](world& w) {
         w.guest().oek_iv_count = ~std::uint64_t{1};
         return w.snp_swap_out(page, out, metadata);
       })},
      {FW_SNP_SWO_01, fw::policy_failure, swapped([](world& w) {
         w.guest().policy.set_page_swap_disable(true);
         return w.snp_swap_out(page, out, metadata);
       })},
      {FW_SNP_SWO_02, fw::invalid_page_state,
       swapped([](world& w) { return w.snp_swap_out(page, 0x60'0000, metadata); })},
      {FW_SNP_SWO_02, fw::invalid_page_state, swapped([](world& w) { return w.snp_swap_out(page, out, metadata, 1); })},
      {FW_SNP_SWI_01, fw::invalid_mdata_entry, swapped([](world& w) { return w.snp_swap_in(out, page, metadata); })},
      {FW_SNP_SWI_01, fw::invalid_mdata_entry, back([](world& w) { return w.snp_swap_in(out, page, metadata, 2); })},
      {FW_SNP_SWI_01, fw::invalid_page_state, back([](world& w) { return w.snp_swap_in(out, 0x60'0000, metadata); })},
      {FW_SNP_SWI_01, fw::invalid_address,
       back([](world& w) { return w.snp_swap_in(out, page, metadata, 0, false, true); })},
      {FW_SNP_SWI_01, fw::bad_measurement, back([](world& w) {
         poke(w.m, out + 7, std::vector<std::uint8_t>{1, 2, 3});
         return w.snp_swap_in(out, page, metadata);
       })},
      {FW_SNP_PMV_01, fw::invalid_page_size,
       swapped([](world& w) { return w.snp_move(page, page + 0x1000, gctx_at, true); })},
      {FW_SNP_PMV_01, fw::invalid_page_state, swapped([](world& w) { return w.snp_move(page, page + 0x1000); })},
      {FW_SNP_PMV_01, fw::invalid_page_owner, swapped([](world& w) {
         w.guest_page_at(page + 0x1000, 0x9000, 2);
         return w.snp_move(page, page + 0x1000);
       })},
  };
}

inline auto message_scenarios() -> std::vector<scenario> {
  using enum rule;
  constexpr auto tsc = snp_message_types::tsc_info_req;
  const std::vector<std::uint8_t> zeros(0x80);
  const auto send = [=](std::function<void(talk&)> change, std::function<void(world&)> before = {}) {
    return [=](world& w) {
      w.snp_running();
      give_page(w.m, response_at);
      talk spoken{.type = tsc, .payload = zeros};
      if (before) before(w);
      change(spoken);
      return say(w, spoken);
    };
  };
  return {
      {FW_MSG_10, fw::invalid_page_state, send([](talk& t) { t.response = 0x70'0000; })},
      {FW_MSG_11, fw::invalid_page_size,
       send([](talk& t) { t.response = page; },
            [](world& w) { rmp_update(w.m, page, {.assigned = true, .large = true, .immutable = true}); })},
      {FW_MSG_12, fw::invalid_guest_state,
       [=](world& w) {
         w.snp_launched();
         give_page(w.m, response_at);
         return say(w, {.type = tsc, .payload = zeros});
       }},
      {FW_MSG_15, fw::bad_measurement, send([](talk& t) { t.spoil_tag = true; })},
      {FW_MSG_16, fw::aead_oflow, send([](talk& t) { t.sequence = 3; })},
      {FW_MSG_16, fw::aead_oflow,
       send([](talk& t) { t.sequence = ~std::uint64_t{0}; },
            [](world& w) { w.guest().message_count[0] = ~std::uint64_t{1}; })},
      {FW_MSG_17, fw::invalid_param, send([](talk& t) { t.type = snp_message_types::report_rsp; })},
      {FW_MSG_17, fw::invalid_param, send([](talk& t) { t.version = 2; })},
      {FW_MSG_19, fw::invalid_param, send([](talk& t) { t.response = response_at + 0xff0; })},
  };
}

/// Conditions that always refuse: nothing sensible comes without them.
inline auto firm_scenarios() -> std::vector<scenario> {
  using enum rule;
  const std::vector<std::uint8_t> zeros(0x80);
  const auto spoilt = [=](std::size_t offset, std::uint8_t value) {
    return [=](world& w) {
      w.snp_running();
      give_page(w.m, response_at);
      talk spoken{.type = snp_message_types::tsc_info_req, .payload = zeros};
      spoken.patch_at = offset;
      spoken.patch = value;
      return say(w, spoken);
    };
  };
  return {{FW_MSG_13, fw::invalid_param, spoilt(0x31, 2)}, {FW_MSG_14, fw::invalid_param, spoilt(0x3c, 4)}};
}

/// Refusals that only the guest sees: the status in the response.
inline auto answer_scenarios() -> std::vector<scenario> {
  using enum rule;
  using types = snp_message_types;
  const auto asked = [](types type, std::vector<std::uint8_t> payload, std::function<void(world&)> before = {},
                        std::uint8_t vmpck = 0) {
    return [=](world& w) {
      w.snp_running();
      give_page(w.m, response_at);
      if (before) before(w);
      return answer_to(w, {.type = type, .vmpck = vmpck, .payload = payload});
    };
  };
  const auto report = [](std::uint32_t vmpl, std::uint32_t key) {
    msg_report_req made;
    made.set_vmpl(vmpl);
    made.set_flags({key});
    return payload_of(made);
  };
  const auto key_request = [](auto change) {
    msg_key_req made;
    change(made);
    return payload_of(made);
  };
  const auto export_request = [](std::uint64_t context) {
    msg_export_req made;
    made.set_gctx_paddr(context);
    return payload_of(made);
  };
  const auto import_request = [](world& w, std::uint64_t context, auto change) {
    return import_payload(w.guest(), context, change);
  };
  const auto with_target = [](std::uint64_t where, bool launched, bool imi, std::uint64_t agent = 0) {
    return [=](world& w) {
      w.context_page(where);
      if (launched) w.expect({w.snp_launch_start(where, snp_policy | (agent != 0 ? 1U << 18 : 0U), agent, imi)});
    };
  };
  constexpr std::uint64_t second = gctx_at + 0x1000;
  const auto vmrk = [](std::uint64_t context) {
    msg_vmrk_req made;
    made.set_gctx_paddr(context);
    return payload_of(made);
  };
  const auto absorb = [=](types type, bool valid, bool same, fw) {
    return [=](world& w) {
      w.snp_running().context_page(second);
      give_page(w.m, response_at);
      if (type == types::absorb_req) w.expect({w.snp_launch_start(second, snp_policy, 0, true)});
      if (type == types::import_req) {}
      auto payload = import_request(w, type == types::absorb_noma_req ? gctx_at : second, [=](msg_gctx_export& made) {
        if (valid) made.bytes()[0x1e0 + 0x20] = 1;
        if (!same) made.imd()[0] ^= 1;
      });
      return answer_to(w, {.type = type, .payload = payload});
    };
  };
  return {
      {FW_MSG_20, fw::invalid_param, asked(types::report_req, std::vector<std::uint8_t>(0x10))},
      {FW_MSG_20, fw::invalid_key, asked(types::report_req, report(0, 3))},
      {FW_MSG_20, fw::invalid_key, asked(types::report_req, report(0, 2))},
      {FW_MSG_20, fw::invalid_key, asked(types::report_req, report(0, 1), [](world& w) { w.guest().vcek_dis = true; })},
      {FW_MSG_20, fw::invalid_param, asked(types::report_req, report(1, 0), {}, 2)},
      {FW_MSG_24, fw::invalid_param,
       asked(types::key_req, key_request([](auto& k) { k.set_guest_field_select({0x40}); }))},
      {FW_MSG_24, fw::invalid_param, asked(types::key_req, key_request([](auto& k) { k.set_guest_svn(1); }))},
      {FW_MSG_24, fw::invalid_param, asked(types::key_req, key_request([](auto& k) { k.set_tcb_version(0xff); }))},
      {FW_MSG_24, fw::invalid_key,
       asked(types::key_req, key_request([](auto&) {}), [](world& w) { w.m.sp.mask_chip_key = true; })},
      {FW_MSG_25, fw::invalid_param,
       asked(
           types::cpuid_req,
           [] {
             std::vector<std::uint8_t> table(0x40);
             table[0] = 1;
             table[0x10] = 1;            // function 1
             table[0x10 + 0x18] = 0xff;  // EAX
             return table;
           }(),
           [](world& w) { w.m.hw.cpuid_policy = {{.function = 1, .registers = {0xf, 0, 0, 0}}}; })},
      {FW_MSG_26, fw::invalid_guest_state,
       asked(types::export_req, export_request(second), with_target(second, true, false))},
      {FW_MSG_26, fw::invalid_guest, asked(types::export_req, export_request(gctx_at), {}, 1)},
      {FW_MSG_28, fw::invalid_mdata_entry, absorb(types::import_req, false, true, {})},
      {FW_MSG_29, fw::invalid_mdata_entry, absorb(types::absorb_req, true, true, {})},
      {FW_MSG_29, fw::bad_measurement, absorb(types::absorb_req, false, false, {})},
      {FW_MSG_29, fw::bad_measurement, absorb(types::absorb_noma_req, false, false, {})},
      {FW_MSG_30, fw::invalid_guest_state, asked(types::vmrk_req, vmrk(gctx_at))},
      {FW_MSG_30, fw::invalid_guest, asked(types::vmrk_req, vmrk(second), with_target(second, true, false))},
      {FW_MSG_30, fw::invalid_param,
       asked(types::vmrk_req, vmrk(second), with_target(second, true, false, gctx_at), 1)},
      {FW_MSG_31, fw::invalid_param, asked(types::tsc_info_req, std::vector<std::uint8_t>(0x80, 1))},
  };
}

inline auto effect_scenarios() -> std::multimap<rule, std::function<std::string(world&)>> {
  using enum rule;
  return {
      {FW_SNP_SHUT_02, [](world& w) { return std::string(firmware::name_of(w.post(command_id::snp_shutdown))); }},
      {FW_SNP_SHUT_06,
       [](world& w) {
         w.snp_started().expect({stop_with(w, 8, 1)});
         return std::to_string(w.m.sp.rmp_initialized);
       }},
      {FW_SNP_DBG_00,
       [](world& w) {
         w.snp_launched(debug_policy).guest_page_at(page, 0x20'0000, 1, true);
         give_page(w.m, 0x50'0000);
         return std::string(firmware::name_of(w.snp_debug(command_id::snp_dbg_decrypt, page + 0x3000, 0x50'0000)));
       }},
  };
}

inline void play_quietly(world& w) {
  using enum command_id;
  using test::response_at;
  put_list(w, test_scratch, 1, 0x30'0000, 2);
  w.expect({start_with(w, 3, test_scratch), w.flush()});
  w.expect({w.word(snp_platform_status_, test_scratch), feature_info(w, 1), config(w, 0), commit(w, 4),
            vlek(w, w.m.sp.committed.tcb), download(w, w.m.sp.current, test_scratch, 24, true, true)});
  w.context_page();
  w.expect({w.snp_launch_start(gctx_at, debug_policy | 1U << 18)});
  w.expect({w.snp_activate_ex(gctx_at, 1, {0}), w.snp_activate_ex(gctx_at, 1, {1})});
  for (std::uint64_t i = 0; i < 6; ++i) {
    w.guest_page_at(page + i * 4096, 0x8000 + i * 4096);
    w.expect({w.snp_update(page + i * 4096, static_cast<std::uint32_t>(i + 1))});
  }
  put_identity(w, {}, true);
  w.ctx.choices.id_block_version_checked = true;
  w.expect({w.snp_finish(gctx_at, cmd_snp_launch_finish_flags{}.set_id_block_en(true).set_auth_key_en(true)),
            w.snp_status(gctx_at)});
  give_page(w.m, 0x50'0000);
  w.guest_page_at(page + 0x10000, 0x2'0000);
  w.guest_page_at(page + 0x11000, 0x2'1000);
  w.expect({w.md_init(0x50'0000), w.snp_swap_out(page + 0x10000, test_scratch + 0x4000, 0x50'0000),
            w.snp_swap_in(test_scratch + 0x4000, page + 0x10000, 0x50'0000),
            w.snp_move(page + 0x10000, page + 0x11000)});
  give_page(w.m, 0x60'0000);
  w.expect({w.snp_debug(snp_dbg_decrypt, page, 0x60'0000)});
  w.guest_page_at(page + 0x12000, 0x2'2000);
  w.expect({w.snp_debug(snp_dbg_encrypt, 0x60'0000, page + 0x12000)});
  give_page(w.m, response_at);
  msg_report_req report;
  msg_key_req key;
  CHECK(answer_to(w, {.type = snp_message_types::report_req, .payload = payload_of(report)}) == fw::success);
  CHECK(answer_to(w, {.type = snp_message_types::key_req, .payload = payload_of(key)}) == fw::success);
  CHECK(answer_to(w, {.type = snp_message_types::tsc_info_req, .payload = std::vector<std::uint8_t>(0x80)}) ==
        fw::success);
  CHECK(answer_to(w, {.type = snp_message_types::cpuid_req, .payload = std::vector<std::uint8_t>(0x10)}) ==
        fw::success);
  constexpr std::uint64_t second = gctx_at + 0x1000;
  w.context_page(second);
  CHECK(answer_to(w, {.type = snp_message_types::import_req,
                      .payload = import_payload(w.guest(), second, [](msg_gctx_export& made) {
                        made.bytes()[0x1e0 + 0x20] = 1;
                      })}) == fw::success);
  constexpr std::uint64_t third = gctx_at + 0x2000;
  w.context_page(third);
  w.expect({w.snp_launch_start(third, snp_policy | 1U << 18, gctx_at)});
  msg_vmrk_req vmrk;
  vmrk.set_gctx_paddr(third);
  CHECK(answer_to(w, {.type = snp_message_types::vmrk_req, .payload = payload_of(vmrk)}) == fw::success);
  constexpr std::uint64_t fourth = gctx_at + 0x3000;
  w.context_page(fourth);
  w.expect({w.snp_launch_start(fourth, snp_policy, 0, true)});
  CHECK(answer_to(w, {.type = snp_message_types::absorb_req,
                      .payload = import_payload(w.guest(), fourth, [](msg_gctx_export& made) {
                        std::ranges::fill(made.imd(), std::uint8_t{0});
                      })}) == fw::success);
  msg_export_req leaving;
  leaving.set_gctx_paddr(gctx_at);
  w.guest().agent = firmware::no_agent;
  CHECK(answer_to(w, {.type = snp_message_types::export_req, .payload = payload_of(leaving)}) == fw::success);
  for (const std::uint64_t one : {second, third, fourth}) w.expect({w.word(snp_decommission, one)});
  w.expect({w.flush(), stop_with(w, 8, 3)});
  w.m.hw.features.verify_mitigation = true;
  for (auto& one : w.m.hw.threads) one.registers.syscfg = firmware::syscfg_bits::for_snp;
  w.snp_started();
  give_page(w.m, 0x50'0000);
  w.expect({mitigation(w, 1, 0x50'0000)});
}

}  // namespace sevspec::test::snp_scenarios

#endif
