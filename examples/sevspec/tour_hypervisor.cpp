// SPDX-License-Identifier: MIT
#include "tour_hypervisor.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <sevspec/firmware/dispatch.hpp>

namespace sevspec::tool {

namespace {

namespace fw = firmware;
using fw::command_id;

constexpr std::uint64_t memory_bytes = 0x400'0000;
constexpr spa command_buffer{0x20'0000};
constexpr std::uint64_t tcb_of_firmware = 0x4803'0000'0000'0207;  ///< microcode, SNP, ..., TEE, boot loader

void require(bool done) {
  if (!done) throw std::logic_error("something that cannot fail has failed");
}

}  // namespace

auto make_snp_machine() -> snp_machine {
  snp_machine made{
      .memory{crypto::aes128_xex{crypto::drawn_tweak_constants(2026)}, memory::sparse_dram{memory_bytes}, 16},
      .rmp = rmp::lazy_table{memory_bytes / guest_page_bytes}};
  fw::core_registers& core = made.hw.threads.front().registers;
  core.syscfg = fw::syscfg_bits::for_snp;
  core.hwcr = fw::hwcr_smm_lock;
  core.rmp_base = 0x300'0000;
  core.rmp_end = 0x30f'ffff;
  made.hw.min_sev_asid = 6;
  made.hw.dram = {{{0}, memory_bytes}};
  made.hw.report_version = 3;
  made.random(made.hw.chip_secret);
  made.random(made.hw.chip_id);
  made.sp.current = {.api_major = 1, .api_minor = 55, .build = 15, .tcb = tcb_of_firmware};
  made.sp.committed = made.sp.current;
  return made;
}

// --- the hypervisor

void hypervisor::write(spa where, std::span<const std::uint8_t> what) {
  require(m_.memory.write(where, memory_key::none(), what) == memory::memory_status::ok);
}

auto hypervisor::read(spa where, std::size_t size) const -> bytes {
  bytes seen(size);
  require(m_.memory.read(where, memory_key::none(), seen) == memory::memory_status::ok);
  return seen;
}

auto hypervisor::command(command_id id, std::span<const std::uint8_t> buffer) -> status {
  write(command_buffer, buffer);
  ctx_.listener = {};
  return fw::execute(ctx_, m_, id, command_buffer.value);
}

void hypervisor::run(command_id id, std::span<const std::uint8_t> buffer) {
  const status done = command(id, buffer);
  if (done != status::success) throw std::logic_error(fmt::format("unexpected {}", fw::name_of(done)));
}

void hypervisor::run(command_id id, spa page) {
  std::array<std::uint8_t, 8> word{};
  layout::write_le(word.data(), page.value);
  run(id, word);
}

void hypervisor::give(spa page, const rmp::new_state& wanted) {
  const auto done = rmp::rmpupdate(ctx_, m_.rmp, {}, {}, page, wanted);
  require(done && done->eax == rmp::status::success);
  note(page);
}

void hypervisor::initialize() { run(command_id::snp_init); }

void hypervisor::create(const guest_slot& guest) {
  give_to_firmware(guest.context);
  run(command_id::snp_gctx_create, guest.context);
  note(guest.context);
}

void hypervisor::start(const guest_slot& guest, layout::snp_guest_policy policy) {
  layout::cmd_snp_launch_start cmd;
  cmd.set_gctx_paddr(guest.context.value);
  cmd.set_policy(policy);
  run(command_id::snp_launch_start, cmd.bytes());
}

void hypervisor::flush() {
  fw::note_wbinvd_everywhere(m_);
  run(command_id::snp_df_flush);
}

void hypervisor::activate(const guest_slot& guest) {
  layout::cmd_snp_activate cmd;
  cmd.set_gctx_paddr(guest.context.value);
  cmd.set_asid(guest.id.value);
  run(command_id::snp_activate, cmd.bytes());
}

void hypervisor::add(const guest_slot& guest, spa first, const launch_load& what) {
  write(first, what.contents);
  for (std::uint64_t offset = 0; offset < what.contents.size(); offset += guest_page_bytes) {
    const spa page = first + offset;
    states_.clear();
    note(page);
    give(page, {.assigned = true, .immutable = true, .id = guest.id, .guest = what.where + offset});
    layout::cmd_snp_launch_update cmd;
    cmd.set_gctx_paddr(guest.context.value);
    cmd.set_flags(layout::cmd_snp_launch_update_flags{}.set_page_type(what.type));
    cmd.set_page_paddr(page.value);
    run(command_id::snp_launch_update, cmd.bytes());
    note(page);
  }
}

void hypervisor::assign(const guest_slot& guest, spa page, gpa where) {
  states_.clear();
  note(page);
  give(page, {.assigned = true, .id = guest.id, .guest = where});
}

auto hypervisor::finish(const guest_slot& guest, spa id_block, spa id_auth) -> status {
  layout::cmd_snp_launch_finish cmd;
  cmd.set_gctx_paddr(guest.context.value);
  cmd.set_id_block_paddr(id_block.value);
  cmd.set_id_auth_paddr(id_auth.value);
  cmd.set_flags(layout::cmd_snp_launch_finish_flags{}.set_id_block_en(true));
  return command(command_id::snp_launch_finish, cmd.bytes());
}

auto hypervisor::finish(const guest_slot& guest) -> status {
  layout::cmd_snp_launch_finish cmd;
  cmd.set_gctx_paddr(guest.context.value);
  return command(command_id::snp_launch_finish, cmd.bytes());
}

void hypervisor::give_to_firmware(spa page) {
  states_.clear();
  note(page);
  give(page, {.assigned = true, .immutable = true});
}

auto hypervisor::carry(const guest_slot& guest, spa request, spa response) -> status {
  layout::cmd_snp_guest_request cmd;
  cmd.set_gctx_paddr(guest.context.value);
  cmd.set_request_paddr(request.value);
  cmd.set_response_paddr(response.value);
  return command(command_id::snp_guest_request, cmd.bytes());
}

void hypervisor::take_back(spa page) {
  states_.clear();
  note(page);
  run(command_id::snp_page_reclaim, page);
  note(page);
  give(page, {});
}

auto hypervisor::noted() -> std::string {
  std::string text;
  for (const rmp::page_state one : std::exchange(states_, {}))
    text += fmt::format("{}{}", text.empty() ? "" : " -> ", rmp::name_of(one));
  return text;
}

// --- the guest

guest_program::guest_program(const snp_machine& machine, const guest_slot& own) {
  layout::secrets_page page;
  require(machine.memory.read(own.secrets, memory_key::guest(own.id), page.bytes()) == memory::memory_status::ok);
  std::ranges::copy(page.vmpck0(), key_.begin());
}

auto guest_program::ask_for_report(std::span<const std::uint8_t, 64> report_data) const -> std::vector<std::uint8_t> {
  layout::msg_report_req asked;
  asked.set_report_data(report_data);
  std::vector<std::uint8_t> message(fw::message_header_bytes + asked.bytes().size());
  fw::seal_message(key_, {.type = layout::snp_message_types::report_req, .sequence = sequence_}, asked.bytes(),
                   message);
  return message;
}

auto guest_program::open(std::span<const std::uint8_t> page) -> std::vector<std::uint8_t> {
  const auto message = fw::parse_message(page);
  if (!message || message->info().sequence != fw::response_sequence(sequence_)) return {};
  std::vector<std::uint8_t> payload(message->payload.size());
  if (!fw::open_message(key_, *message, payload)) return {};
  sequence_ += 2;
  return payload;
}

}  // namespace sevspec::tool
