// SPDX-License-Identifier: MIT
// The GHCB protocols under anything that a guest, or a hypervisor, may say.
//
// First byte: what the input is.
//   0  exits of one guest. Byte 1: choices; 2: configuration; then exits: a byte, and
//      even: 8 bytes, a value of the GHCB MSR
//      odd:  a page: code (4), EXITINFO1, EXITINFO2, SCRATCH, RAX, RBX, RCX (8 each), bitmap (16), usage (1), then bytes of
//            the shared buffer: a length (1), and that many
//   1  a request by MSR (8) and a value as its answer (8)
//   2  a page state change: budget (1), then entries (8 each)
//   3  a #VC: error code (2), flags (1), then the bytes at RIP
//   4  page conversion: pairs of a step and nothing else: the machine goes on from where it is
#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/ghcb/page_conversion.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <support/ghcb_facts.hpp>

#include "fuzzing.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using namespace sevspec::test;

void all_well(const char* wrong) { demand(wrong == nullptr, wrong == nullptr ? "" : wrong); }

void play_exits(cursor& in) {
  const std::uint8_t chosen = in.byte();
  const std::uint8_t config = in.byte();
  context<> ctx;
  ctx.choices.ghcb_reason_strict = (chosen & 1) == 0;
  ctx.choices.ghcb_extra_outputs = (chosen & 2) != 0;
  ctx.choices.ghcb_check_version = (chosen & 4) != 0;
  ctx.choices.doorbell_failure_drops = (chosen & 8) == 0;
  ctx.choices.ghcb_gp_error_code = (chosen & 16) != 0;
  ctx.choices.psc_merge = (chosen & 32) != 0;
  ctx.choices.ghcb_unregistered = (chosen & 64) != 0 ? unregistered_ghcb::fatal : unregistered_ghcb::reason_1;
  ctx.choices.psc_smash = (chosen & 128) != 0 ? smash_hint::perform : smash_hint::noop;
  ghcb_world world;
  world.vm.config.snp = (config & 1) == 0;
  world.vm.config.highest_version = (config & 2) != 0 ? 1 : 2;
  world.vm.config.features = (config & 4) != 0 ? 3 : 0x27f;
  world.env.too_fast = (config & 8) != 0;
  world.env.certificate_pages = config >> 4 & 3;
  world.env.end_of_memory = 0x800'0000;
  world.env.hidden = {1, 3, 5};
  world.cpu().at[2].vmsa = gpa{0x5000};
  const gpa registered{ghcb_world::page_at};
  for (unsigned exits = 0; exits < 16 && !in.rest().empty() && !world.vm.stopped; ++exits) {
    if ((in.byte() & 1) == 0) {
      all_well(fact_against_msr_exit(ctx, world, in.little_endian(8)));
      world.cpu().held = false;
      continue;
    }
    layout::ghcb page;
    page.set_protocol_version(2);
    layout::write_le(page.data() + 0x390, in.little_endian(4));
    page.set_sw_exit_info_1({in.little_endian(8)});
    page.set_sw_exit_info_2(in.little_endian(8));
    page.set_sw_scratch(in.little_endian(8));
    page.set_rax(in.little_endian(8));
    page.set_rbx(in.little_endian(8));
    page.set_rcx(in.little_endian(8));
    in.fill(page.valid_bitmap());
    page.set_ghcb_usage(in.byte());
    const std::size_t length = in.byte();
    for (std::size_t i = 0; i < length; ++i) page.shared_buffer()[i] = in.byte();
    world.cpu().current = {0};
    if ((config & 0x80) == 0) world.cpu().here().registered = registered;
    all_well(fact_against_page_exit(ctx, world, page));
    world.cpu().held = false;
  }
}

void play_answer(cursor& in) {
  context<> ctx;
  const auto request = ghcb::decode_msr(in.little_endian(8));
  const std::uint64_t answer = in.little_endian(8);
  (void)ghcb::negotiate_version(ctx, answer, {}, true);
  if (!request || !ghcb::response_code(ghcb::msr_code(ghcb::encode_msr(request->what)))) return;
  all_well(fact_against_msr_answer(ctx, request->what, answer));
}

void play_list(cursor& in) {
  const std::uint64_t budget = in.byte() + std::uint64_t{1};
  std::vector<layout::psc_entry> entries;
  while (!in.rest().empty() && entries.size() < 8) entries.push_back({in.little_endian(8)});
  if (entries.empty()) return;
  context<> ctx;
  all_well(fact_against_psc(ctx, entries, budget));
}

void play_vc(cursor& in) {
  const std::uint64_t error_code = in.little_endian(2);
  const std::uint8_t flags = in.byte();
  ghcb::vc_event event{.error_code = error_code, .bytes = in.rest()};
  event.user_mode = (flags & 1) != 0;
  event.stage = (flags & 2) != 0 ? ghcb::vc_stage::no_ghcb : ghcb::vc_stage::per_cpu;
  event.sev_status.raw = (flags & 4) != 0 ? 0x880 : 0;
  event.svsm_software = (flags & 8) != 0;
  event.mmio_private = (flags & 16) != 0;
  event.io_permitted = (flags & 32) == 0;
  event.ghcb_msr = (flags & 64) != 0 ? 0x1014 : 0x1000;
  context<> ctx;
  const auto verdict = ghcb::judge_vc(ctx, event);
  using enum ghcb::vc_action;
  demand(verdict.action != validate_page, "no handler repairs a page that is not validated");
  demand((verdict.action == terminate) == verdict.why.has_value(), "a termination has a reason");
  demand(verdict.action == exit || verdict.decided_by != rule::none || verdict.action == answer_locally,
         "what is not done has a rule");
  if (verdict.action == exit || verdict.action == skip) {
    const auto found = ghcb::find_opcode(event.bytes);
    demand(found && ghcb::raises(*found, error_code), "nothing leaves the guest but for an instruction that raised it");
    demand(verdict.rip_advance <= event.bytes.size(), "RIP goes no further than what was looked at");
  }
}

void play_conversion(cursor& in) {
  context<> ctx;
  ghcb::conversion_state state;
  while (!in.rest().empty()) {
    const auto step = static_cast<ghcb::conversion_step>(in.byte() % ghcb::conversion_steps);
    const auto done = ghcb::convert(ctx, state, step);
    demand(done.ending != ghcb::conversion_ending::attackers_page || state.foreign, "an attacker's page was remapped");
    const bool changed = done.after != state;
    demand(!changed || done.ending == ghcb::conversion_ending::ok || done.ending == ghcb::conversion_ending::ok_changed,
           "what fails changes nothing");
    if (done.guest_objects && !ghcb::is_hypervisors(step)) continue;  // a guest with notes
    demand(done.ending != ghcb::conversion_ending::attackers_page, "a guest with notes never uses an attacker's page");
    state = done.after;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  switch (in.byte() % 5) {
    case 0: play_exits(in); break;
    case 1: play_answer(in); break;
    case 2: play_list(in); break;
    case 3: play_vc(in); break;
    case 4: play_conversion(in); break;
  }
  return 0;
}
