// SPDX-License-Identifier: MIT
#include "oracle_firmware.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <sevspec/base/context.hpp>
#include <sevspec/crypto/linear_tweak.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/snp_guest.hpp>
#include <sevspec/firmware/snp_launch.hpp>
#include <sevspec/firmware/snp_page_move.hpp>
#include <sevspec/firmware/snp_page_swap.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/firmware/status_name.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>

namespace sevspec::tool {

namespace {

using verify::rmp_answer;
using verify::rmp_operation;
using verify::rmp_step;

constexpr std::uint32_t highest_asid = 1006;  ///< all of them for SNP guests

using controller = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
using machine =
    firmware::machine<controller, rmp::lazy_table&, memory::asid_states<highest_asid, 1>, crypto::repeatable_random>;

/// After a reset: SNP is initialised, nobody has flushed.
auto make_machine(const verify::rmp_setup& setup, rmp::lazy_table& table) -> machine {
  const std::uint64_t bytes = std::max((setup.memory + 4095) / 4096, table.pages()) * 4096;
  machine made{
      .memory{crypto::aes128_xex{crypto::drawn_tweak_constants(1)}, memory::sparse_dram{bytes}, highest_asid + 1},
      .rmp = table};
  firmware::cpu_thread& core = made.hw.threads.front();
  core.registers.syscfg = firmware::syscfg_bits::for_snp;
  core.registers.rmp_base = setup.rmp_base;
  core.registers.rmp_end = setup.rmp_end;
  made.hw.max_asid = highest_asid;
  made.hw.min_sev_asid = highest_asid + 1;
  made.hw.pa_bits = 52;
  made.hw.dram = {{{0}, bytes}};
  made.hw.aseg_in_use = false;  // no page is special
  made.sp.snp_state = layout::snp_platform_state::init;
  made.sp.rmp_initialized = true;
  return made;
}

}  // namespace

struct oracle_firmware::parts {
  context<> ctx;
  machine sp;
};

oracle_firmware::oracle_firmware(const verify::rmp_setup& setup, rmp::lazy_table& table)
    : it_(std::make_unique<parts>(parts{.ctx = {.choices = setup.choices}, .sp = make_machine(setup, table)})) {}
oracle_firmware::~oracle_firmware() = default;
oracle_firmware::oracle_firmware(oracle_firmware&&) noexcept = default;
auto oracle_firmware::operator=(oracle_firmware&&) noexcept -> oracle_firmware& = default;

auto oracle_firmware::run(const rmp_step& step) -> rmp_answer {
  auto& [ctx, sp] = *it_;
  const verify::firmware_operands& more = step.guest_command;
  const bool large = step.size != page_size::k4k;
  const auto done = [&]() -> firmware::status {
    switch (step.what) {
      case rmp_operation::gctx_create:  return firmware::snp_gctx_create(ctx, sp, more.context);
      case rmp_operation::decommission: return firmware::snp_decommission(ctx, sp, more.context);
      case rmp_operation::wbinvd:       firmware::note_wbinvd_everywhere(sp); return firmware::status::success;
      case rmp_operation::df_flush:     return firmware::snp_df_flush(ctx, sp);
      case rmp_operation::launch_start: {
        layout::cmd_snp_launch_start cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_policy({more.policy});
        return firmware::snp_launch_start(ctx, sp, cmd);
      }
      case rmp_operation::launch_finish: {
        layout::cmd_snp_launch_finish cmd;
        cmd.set_gctx_paddr(more.context);
        return firmware::snp_launch_finish(ctx, sp, cmd);
      }
      case rmp_operation::activate: {
        layout::cmd_snp_activate cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_asid(step.asid);
        return firmware::snp_activate(ctx, sp, cmd);
      }
      case rmp_operation::launch_update: {
        layout::cmd_snp_launch_update cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_flags({(large ? 1U : 0U) | (more.page_type & 7) << 1});
        cmd.set_page_paddr(step.spa);
        cmd.set_perms({std::uint32_t{more.permissions[0]} << 8 | std::uint32_t{more.permissions[1]} << 16 |
                       std::uint32_t{more.permissions[2]} << 24});
        return more.page_type > 7 ? firmware::status::invalid_param : firmware::snp_launch_update(ctx, sp, cmd);
      }
      case rmp_operation::page_md_init: {
        layout::cmd_snp_md_init cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_page_paddr(step.spa);
        return firmware::snp_page_md_init(ctx, sp, cmd);
      }
      case rmp_operation::page_move: {
        layout::cmd_snp_page_move cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_flags(layout::cmd_snp_page_move_flags{}.set_page_size(large));
        cmd.set_src_paddr(step.spa);
        cmd.set_dst_paddr(more.destination);
        return firmware::snp_page_move(ctx, sp, cmd);
      }
      case rmp_operation::page_swap_out: {
        layout::cmd_snp_swap_out cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_src_paddr(step.spa);
        cmd.set_dst_paddr(more.destination);
        cmd.set_mdata_paddr(more.metadata);
        cmd.set_flags(layout::cmd_snp_swap_out_flags{}.set_page_size(large).set_page_type(more.page_type & 3));
        return more.page_type > 3 ? firmware::status::invalid_param : firmware::snp_page_swap_out(ctx, sp, cmd);
      }
      case rmp_operation::page_swap_in: {
        layout::cmd_snp_swap_in cmd;
        cmd.set_gctx_paddr(more.context);
        cmd.set_src_paddr(step.spa);
        cmd.set_dst_paddr(more.destination);
        cmd.set_mdata_paddr(more.metadata);
        cmd.set_flags(layout::cmd_snp_swap_in_flags{}.set_page_size(large).set_page_type(more.page_type & 3));
        return more.page_type > 3 ? firmware::status::invalid_param : firmware::snp_page_swap_in(ctx, sp, cmd);
      }
      default: return firmware::status::invalid_command;
    }
  }();
  return {.ending = verify::rmp_ending::status,
          .eax = static_cast<std::uint32_t>(done),
          .state = firmware::protocol_name_of(done)};
}

}  // namespace sevspec::tool
