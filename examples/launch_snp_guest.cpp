// SPDX-License-Identifier: MIT
// A hypervisor launches an SNP guest with one page, by commands in the mailbox of the AMD-SP.
#include <array>
#include <cstdint>
#include <cstdio>

#include <sevspec/sevspec.hpp>
using namespace sevspec;
using firmware::command_id;

using chips = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
using machine = firmware::machine<chips, rmp::lazy_table, memory::asid_states<15, 1>, crypto::repeatable_random>;

constexpr std::uint64_t megabyte = 0x10'0000, c_bit = std::uint64_t{1} << 51;
constexpr spa buffer{2 * megabyte}, context_page{4 * megabyte}, guest_page{6 * megabyte};

context ctx;

/// Posts a command, as a driver does: its buffer in memory, the address in the mailbox.
template <class Command>
auto post(machine& m, command_id id, const Command& command) -> const char* {
  (void)m.memory.write(buffer, memory_key::none(), command.bytes());
  return firmware::name_of(firmware::execute(ctx, m, id, buffer.value));
}
auto give_page(machine& m, spa page, asid id, gpa where) -> void {
  const rmp::new_state wanted{.assigned = true, .immutable = true, .id = id, .guest = where};
  (void)rmp::rmpupdate(ctx, m.rmp, {}, {}, page, wanted);
}

auto main() -> int {
  machine m{.memory{crypto::aes128_xex{crypto::drawn_tweak_constants(1)}, memory::sparse_dram{64 * megabyte}, 16},
            .rmp = rmp::lazy_table{64 * megabyte / 4096}};
  auto& core = m.hw.threads.front().registers;
  core.syscfg = firmware::syscfg_bits::for_snp, core.hwcr = firmware::hwcr_smm_lock;
  core.rmp_base = 48 * megabyte, core.rmp_end = 49 * megabyte - 1;
  m.hw.min_sev_asid = 6, m.hw.dram = {{{0}, 64 * megabyte}};

  std::printf("SNP_INIT           %s\n", firmware::name_of(firmware::execute(ctx, m, command_id::snp_init)));
  layout::cmd_snp_launch_start start;  // its first qword is the context's address, which SNP_GCTX_CREATE takes, too
  start.set_gctx_paddr(context_page.value | c_bit);
  start.set_policy(layout::snp_guest_policy{}.set_smt(true).set_reserved_must_be_one(true));
  std::printf("SNP_GCTX_CREATE    %s: the page is still the hypervisor's\n",
              post(m, command_id::snp_gctx_create, start));
  give_page(m, context_page, host_asid, {});
  std::printf("SNP_GCTX_CREATE    %s\n", post(m, command_id::snp_gctx_create, start));
  std::printf("SNP_LAUNCH_START   %s\n", post(m, command_id::snp_launch_start, start));

  layout::cmd_snp_activate activate;
  activate.set_gctx_paddr(context_page.value), activate.set_asid(1);
  std::printf("SNP_ACTIVATE       %s\n", post(m, command_id::snp_activate, activate));
  firmware::note_wbinvd_everywhere(m);
  std::printf("SNP_DF_FLUSH       %s\n", firmware::name_of(firmware::execute(ctx, m, command_id::snp_df_flush)));
  std::printf("SNP_ACTIVATE       %s\n", post(m, command_id::snp_activate, activate));

  (void)m.memory.write(guest_page, memory_key::none(), std::array<std::uint8_t, 3>{0x0f, 0x01, 0xd9});
  give_page(m, guest_page, {1}, {0x8000});
  layout::cmd_snp_launch_update update;
  update.set_gctx_paddr(context_page.value), update.set_page_paddr(guest_page.value);
  update.set_flags(layout::cmd_snp_launch_update_flags{}.set_page_type(firmware::snp_page_type::normal));
  std::printf("SNP_LAUNCH_UPDATE  %s\n", post(m, command_id::snp_launch_update, update));
  layout::cmd_snp_launch_finish finish;
  finish.set_gctx_paddr(context_page.value);
  std::printf("SNP_LAUNCH_FINISH  %s\nlaunch digest ", post(m, command_id::snp_launch_finish, finish));
  for (const auto one : m.sp.contexts.at(context_page.value).launch_digest) std::printf("%02x", one);
  std::printf("\n");
}
