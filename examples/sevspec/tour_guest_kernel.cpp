// SPDX-License-Identifier: MIT
#include "tour_guest_kernel.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/layout/page_state_change.hpp>

namespace sevspec::tool {

namespace {

using ghcb::guest_deed;

void require(bool done) {
  if (!done) throw std::logic_error("something that cannot fail has failed");
}

}  // namespace

void guest_kernel::start() {
  session_.msr = cpu::read_ghcb_msr(host_.ctx(), host_.core(0)).value();
  ask(ghcb::message::version_request{});
  ask(ghcb::message::features_request{});
  const gpa page = guest_map::ghcb;
  rescind(page);
  ask(ghcb::message::page_state_request{layout::ghcb_psc_ops::shared, page.value >> 12});
  deeds_.push_back({0, page, guest_deed::asks_shared, {}});
  map_shared(page);
  ask(ghcb::message::register_request{page.value >> 12});
  deeds_.push_back({0, page, guest_deed::uses_shared, {}});
}

void guest_kernel::rescind(gpa page) {
  const char* const before = host_.state_of(page);
  const auto done = host_.pvalidate(0, page, false);
  require(done.has_value());
  tell(speaker::guest, speaker::reverse_map,
       fmt::format("PVALIDATE(0) of gPA {:#x}: {}, CF={}; {} -> {}", page.value, text_of(done), int{done->unchanged},
                   before, host_.state_of(page)));
  deeds_.push_back({0, page, guest_deed::rescinds, *done});
}

void guest_kernel::map_shared(gpa page) {
  host_.map(0, page, false);
  deeds_.push_back({0, page, guest_deed::maps_shared, {}});
  deeds_.push_back({0, page, guest_deed::flushes, {}});
}

void guest_kernel::share(gpa page) {
  rescind(page);
  std::array<std::uint8_t, 16> list{};  // a header, whose fields are all 0, and one entry
  layout::write_le(list.data() + 8, layout::make_psc_entry(layout::ghcb_psc_ops::shared, page, page_size::k4k).raw);
  require(host_.write(0, gva{buffer.value}, list).has_value());
  layout::psc_header before;
  require(host_.read(0, gva{buffer.value}, before.bytes()).has_value());
  const ghcb_reply done =
      request(speaker::guest, layout::nae_exit_codes::snp_page_state_change, 0, 0, {.scratch = buffer.value});
  layout::psc_header after;
  require(host_.read(0, gva{buffer.value}, after.bytes()).has_value());
  const auto verdict = ghcb::check_psc_answer(host_.ctx(), done.page.sw_exit_info_1().raw, done.page.sw_exit_info_2(),
                                              before, before, after);
  require(verdict.next == ghcb::psc_next::done);
  deeds_.push_back({0, page, guest_deed::asks_shared, {}});
  map_shared(page);
  deeds_.push_back({0, page, guest_deed::uses_shared, {}});
}

auto guest_kernel::adjust(gpa page, bool vmsa) -> outcome<rmp::result> {
  const auto done = host_.rmpadjust(0, page, vmsa);
  tell(speaker::guest, speaker::reverse_map,
       fmt::format("RMPADJUST of gPA {:#x}, VMSA={}: {}", page.value, int{vmsa}, text_of(done)));
  return done;
}

void guest_kernel::fill(gpa page, const layout::vmsa& contents) {
  require(host_.write(0, gva{page.value}, contents.bytes()).has_value());
}

auto guest_kernel::create_processor(std::uint32_t apic_id, gpa vmsa) -> ghcb_reply {
  const auto word = layout::ghcb_ap_creation_info1{}
                        .set_request(layout::ghcb_ap_creation_ops::create)
                        .set_vmpl(0)
                        .set_apic_id(apic_id);
  return request(speaker::guest, layout::nae_exit_codes::snp_ap_creation, word.raw, vmsa.value,
                 {.rax = host_.running(0).features.raw});
}

// --- the #VC handler

void guest_kernel::port_instruction(gva rip) {
  auto& live = host_.core(0).registers;
  live.set_rip(rip.value);
  const auto result = host_.event(0, {.code = static_cast<std::uint64_t>(layout::svm_exit_codes::ioio)});
  require(result.end == cpu::event_end::raises);
  handle(result.raised);
}

void guest_kernel::device_instruction(gva rip) {
  auto& live = host_.core(0).registers;
  live.set_rip(rip.value);
  const gva where{live.rbx()};
  std::array<std::uint8_t, 4> value{};
  layout::write_le(value.data(), static_cast<std::uint32_t>(live.rax() & 0xffff'ffff));
  const auto done = rip == guest_code::store ? host_.write(0, where, value) : host_.read(0, where, value);
  require(!done);
  const auto result = host_.faulted(0, done.error(), where);
  require(result.end == cpu::event_end::raises);
  handle(result.raised);
}

void guest_kernel::handle(const cpu::guest_exception& raised) {
  std::array<std::uint8_t, 15> bytes{};
  require(host_.read(0, gva{raised.rip}, bytes).has_value());
  const auto verdict =
      ghcb::judge_vc(host_.ctx(), {.error_code = raised.error_code,
                                   .bytes = bytes,
                                   .sev_status = layout::msr_sev_status{host_.running(0).features.raw << 2 | 3},
                                   .ghcb_msr = cpu::read_ghcb_msr(host_.ctx(), host_.core(0)).value()});
  const auto found = ghcb::find_opcode(bytes);
  if (!found) throw std::logic_error("no instruction at RIP");
  tell(speaker::processor, speaker::handler,
       fmt::format("#VC {:#x}, RIP {:#x}, opcode {:#x}; its verdict: {}", raised.error_code, raised.rip, found->opcode,
                   name_of(verdict.action)));
  require(verdict.action == ghcb::vc_action::exit);
  const bool port = raised.error_code == static_cast<std::uint64_t>(layout::nae_exit_codes::ioio);
  const unsigned length = port ? port_access(found->opcode) : device_access(*found);
  host_.core(0).registers.set_rip(raised.rip + length);
}

auto guest_kernel::port_access(std::uint8_t opcode) -> unsigned {
  auto& live = host_.core(0).registers;
  const bool in = opcode == 0xec;  // IN AL, DX; else OUT DX, AL
  const auto word = layout::exitinfo1_ioio{}.set_in(in).set_sz8(true).set_a64(true).set_port(
      static_cast<std::uint32_t>(live.rdx() & 0xffff));
  ghcb::event_inputs inputs;
  if (!in) inputs.rax = live.rax() & 0xff;
  const ghcb_reply done = request(speaker::handler, layout::nae_exit_codes::ioio, word.raw, 0, inputs);
  require(done.verdict.what == ghcb::answer_kind::taken);
  if (in) live.set_rax(ghcb::rax_after_in(host_.ctx(), live.rax(), done.page.rax(), 1));
  return 1;
}

auto guest_kernel::write_device(gpa scratch) -> ghcb_reply {
  return request(speaker::handler, layout::nae_exit_codes::mmio_write, host_.core(0).registers.rbx(), 4,
                 {.scratch = scratch.value});
}

auto guest_kernel::device_access(const ghcb::vc_instruction& found) -> unsigned {
  auto& live = host_.core(0).registers;
  std::array<std::uint8_t, 4> value{};
  if (found.opcode == 0x89) {  // MOV [RBX], EAX; else MOV EAX, [RBX]
    layout::write_le(value.data(), static_cast<std::uint32_t>(live.rax() & 0xffff'ffff));
    require(host_.write(0, gva{buffer.value}, value).has_value());
    require(write_device(buffer).verdict.what == ghcb::answer_kind::taken);
    return found.length(true);
  }
  const ghcb_reply done =
      request(speaker::handler, layout::nae_exit_codes::mmio_read, live.rbx(), value.size(), {.scratch = buffer.value});
  require(done.verdict.what == ghcb::answer_kind::taken);
  require(host_.read(0, gva{buffer.value}, value).has_value());
  live.set_rax(ghcb::register_after_mmio_read(live.rax(), layout::read_le<std::uint32_t>(value.data()), 4));
  return found.length(true);
}

// --- the protocols

auto guest_kernel::vmgexit() -> ghcb::vmgexit_result {
  host_.core(0).registers.set_rip(guest_code::vmgexit.value);
  require(host_.vmgexit(0).end == cpu::event_end::exits);
  const ghcb::vmgexit_result done = hypervisor_.serve(0);
  if (done.next == ghcb::next_step::resume) require(hypervisor_.run(0).end == cpu::vmrun_end::entered);
  return done;
}

auto guest_kernel::ask(const ghcb::msr_message& what) -> ghcb::vmgexit_result {
  const std::uint64_t value = ghcb::ask(host_.ctx(), session_, what).value();
  require(cpu::write_ghcb_msr(host_.ctx(), host_.core(0), value).has_value());
  tell(speaker::guest, speaker::hypervisor, text_of_msr(value));
  const ghcb::vmgexit_result done = vmgexit();
  if (done.next != ghcb::next_step::resume) return done;
  const std::uint64_t answer = cpu::read_ghcb_msr(host_.ctx(), host_.core(0)).value();
  tell(speaker::hypervisor, speaker::guest, text_of_msr(answer));
  require(ghcb::accept(host_.ctx(), session_, answer).has_value());
  require(cpu::write_ghcb_msr(host_.ctx(), host_.core(0), session_.msr).has_value());
  return done;
}

auto guest_kernel::terminate(ghcb::termination_reason why) -> ghcb::vmgexit_result {
  return ask(ghcb::message::termination_request{why});
}

auto guest_kernel::request(speaker who, layout::nae_exit_codes code, std::uint64_t info_1, std::uint64_t info_2,
                           const ghcb::event_inputs& inputs) -> ghcb_reply {
  const gva at{guest_map::ghcb.value};
  ghcb_reply done;
  require(host_.read(0, at, done.page.bytes()).has_value());
  ghcb::write_request(done.page, session_.version, code, info_1, info_2, inputs);
  require(host_.write(0, at, done.page.bytes()).has_value());
  tell(who, speaker::hypervisor, text_of_request(done.page));
  done.exit = vmgexit();
  if (done.exit.next != ghcb::next_step::resume) return done;
  require(host_.read(0, at, done.page.bytes()).has_value());
  tell(speaker::hypervisor, who, text_of_answer(done.page));
  done.verdict = ghcb::check_answer(host_.ctx(), *ghcb::find_event(code), info_1, done.page);
  return done;
}

}  // namespace sevspec::tool
