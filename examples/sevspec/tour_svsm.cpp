// SPDX-License-Identifier: MIT
#include "tour_svsm.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/guest_registers.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/snp_init.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/svsm/boot.hpp>
#include <sevspec/svsm/level_request.hpp>

#include "tour_dialogue.hpp"

namespace sevspec::tool {

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr spa vmcb_page_at{0x250'0000};
constexpr spa save_area{0x251'0000};
constexpr spa nested_tables{0x240'0000};
constexpr spa request_page{0x20'3000};
constexpr spa response_page{0x20'4000};
constexpr layout::sev_features own_features = layout::sev_features{1}.set_restricted_injection(true);

void require(bool done) {
  if (!done) throw std::logic_error("something that cannot fail has failed");
}

/// A processor in 64-bit mode, where VMPL 0 or the guest begins.
[[nodiscard]] auto first_state(std::uint64_t rip, layout::sev_features features) -> layout::vmsa {
  layout::vmsa made = layout::reset_vmsa({.sev_features = features.raw});
  layout::set_segment(made.cs(), {.selector = 8, .attributes = 0xa9b, .limit = 0xffff'ffff});
  made.set_cr0(0x8000'0033);
  made.set_cr4(0x20);
  made.set_efer(0x1d01);
  made.set_rip(rip);
  return made;
}

[[nodiscard]] auto name_of_level(unsigned which) -> speaker { return which == 0 ? speaker::svsm : speaker::guest; }

/// What faults for the hypervisor is done again when the hypervisor has seen to it: the processor goes on where it was.
/// @tparam See  `see(fault) -> bool`: whether the hypervisor lets it go on
template <class Below, class See>
class resumed_machine {
 public:
  resumed_machine(Below& below, See see) : below_(&below), see_(std::move(see)) {}

  template <class Context>
  auto read(Context& ctx, gpa where, std::span<std::uint8_t> to) -> outcome<void> {
    return again([&] { return below_->read(ctx, where, to); });
  }
  template <class Context>
  auto write(Context& ctx, gpa where, std::span<const std::uint8_t> from) -> outcome<void> {
    return again([&] { return below_->write(ctx, where, from); });
  }
  template <class Context>
  auto pvalidate(Context& ctx, gpa where, page_size size, bool validated) -> outcome<rmp::result> {
    return again([&] { return below_->pvalidate(ctx, where, size, validated); });
  }
  template <class Context>
  auto rmpadjust(Context& ctx, gpa where, page_size size, std::uint64_t attributes) -> outcome<rmp::result> {
    return again([&] { return below_->rmpadjust(ctx, where, size, attributes); });
  }
  template <class Context>
  auto rmpquery(Context& ctx, gpa where, vmpl target) -> outcome<std::optional<rmp::permissions>> {
    return again([&] { return below_->rmpquery(ctx, where, target); });
  }
  void flush() { below_->flush(); }

 private:
  template <class Step>
  auto again(const Step& step) {
    auto done = step();
    while (!done && see_(done.error())) done = step();
    return done;
  }

  Below* below_;
  See see_;
};

}  // namespace

// --- guest messages

auto message_post::send(const svsm::message_page& request, svsm::message_page& response) -> ghcb::guest_request_status {
  host_.write(request_page, request);
  host_.give_to_firmware(response_page);
  const firmware::status carried = host_.carry(guest_, request_page, response_page);
  tell(speaker::hypervisor, speaker::firmware, fmt::format("SNP_GUEST_REQUEST: {}", firmware::name_of(carried)));
  host_.take_back(response_page);
  std::ranges::copy(host_.read(response_page, response.size()), response.begin());
  return {static_cast<std::uint32_t>(carried), 0};
}

auto message_post::send_extended(const svsm::message_page& request, svsm::message_page& response, bytes&,
                                 std::uint64_t&) -> ghcb::guest_request_status {
  return send(request, response);
}

// --- the machine

svsm_host::svsm_host() {
  core_.part = part_of(generation::milan);
  core_.part.min_sev_no_es_asid = machine_.hw.min_sev_asid;
  core_.syscfg = machine_.hw.threads.front().registers.syscfg;
  core_.vm_hsave_pa = save_area;
  core_.id = core_.tlb_id = 1;
  core_.registers.set_cr0(0x8001'0033);
  core_.registers.set_cr4(0xa0);
  core_.registers.set_efer(0x1d01);
  layout::host_save_area_es saved;
  std::ranges::copy(core_.registers.bytes().first(saved.host_save().size()), saved.host_save().begin());
  host_.write(save_area, saved.bytes());

  using enum firmware::snp_page_type;
  host_.initialize();
  host_.create(guest);
  host_.start(guest, layout::snp_guest_policy{0x3'0000});
  host_.flush();
  host_.activate(guest);
  add(normal, svsm_map::own, bytes(guest_page_bytes, 0xc3));
  add(secrets, svsm_map::own_secrets, bytes(guest_page_bytes));
  const layout::vmsa first = first_state(svsm_map::own.value, own_features);
  add(vmsa_, firmware::kvm_vmsa_gpa, {first.bytes().begin(), first.bytes().end()});
  bytes kernel(2 * guest_page_bytes, 0x90);
  constexpr std::string_view text = "the guest's kernel";
  std::ranges::copy(text, kernel.begin());
  add(normal, svsm_map::kernel, kernel);
  require(host_.finish(guest) == firmware::status::success);
  for (gpa page = svsm_map::list; page <= svsm_map::spare; page = page + guest_page_bytes) give(page);

  levels_[0] = {.vmsa = spa_of(firmware::kvm_vmsa_gpa)};
  cpu::vmcb_page page;
  auto controls = page.controls();
  controls.set_guest_asid(guest.id.value);
  controls.set_nested_cr3(nested_tables.value);
  controls.set_np_control(
      layout::vmcb_control_area_np_control{}.set_np_enable(true).set_sev_enable(true).set_sev_es_enable(true));
  controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
  layout::write_le(page.bytes.data() + 0x108, levels_[0].vmsa.value);
  host_.write(vmcb_page_at, page.bytes);
  self_.config.guest_level = level;
  self_.config.own = {svsm_map::own, svsm_map::own_bytes};
  self_.config.guest_memory = {{gpa{0}, svsm_map::guest_bytes}};
  self_.processors = {{.apic_id = 0}};
}

auto svsm_host::place_of(gpa where) const -> std::optional<svsm::placement> {
  const std::uint64_t offset = where.value % guest_page_bytes;
  const auto moved = moved_.find(where.value - offset);
  if (moved != moved_.end()) return svsm::placement{moved->second + offset};
  if (where.value < svsm_map::guest_bytes) return svsm::placement{guest.first_page + where.value};
  if (svsm::region{svsm_map::own, svsm_map::own_bytes}.contains(where, 1))
    return svsm::placement{guest.first_page + svsm_map::guest_bytes + (where.value - svsm_map::own.value)};
  if (where >= firmware::kvm_vmsa_gpa)
    return svsm::placement{guest.first_page + svsm_map::guest_bytes + svsm_map::own_bytes + offset};
  return {};
}

auto svsm_host::spa_of(gpa where) const -> spa { return place_of(where).value().where; }

auto svsm_host::memory() {
  return svsm::rmp_machine(machine_.rmp, machine_.memory, [this](gpa where) { return place_of(where); }, guest.id);
}

auto svsm_host::switch_machine() { return cpu::make_switch_machine(machine_.memory, machine_.rmp, tlb_, checksums_); }

void svsm_host::add(firmware::snp_page_type type, gpa where, bytes contents) {
  host_.add(guest, spa_of(where), {type, where, std::move(contents)});
}

auto svsm_host::entry_of(gpa page) const -> rmp::entry {
  return rmp::authoritative_entry(machine_.rmp, page_of(spa_of(page)));
}

auto svsm_host::launch_digest() const -> const firmware::snp_digest& {
  return machine_.sp.contexts.at(guest.context.value).launch_digest;
}

auto svsm_host::chip_key() const -> crypto::p384_public_key {
  const auto seed = firmware::endorsement_seed_of(machine_.hw.chip_secret, firmware::reported_tcb(machine_));
  return firmware::vcek_of(seed).public_key();
}

auto svsm_host::chip_claims() const -> firmware::vcek_claims {
  return {.tcb = layout::tcb_components(firmware::reported_tcb(machine_), machine_.hw.tcb_order),
          .format = machine_.hw.tcb_order,
          .hardware_id = machine_.hw.chip_id};
}

// --- the hypervisor

void svsm_host::give(gpa page) { host_.assign(guest, spa_of(page), page); }

auto svsm_host::prepare(gpa page) -> spa {
  const spa made = next_spare_;
  next_spare_ = next_spare_ + guest_page_bytes;
  host_.assign(guest, made, page);
  return made;
}

/// VMRUN of the VMSA that the VMCB names.
void svsm_host::enter(unsigned which) {
  const cpu::vmrun_result done = cpu::vmrun(ctx_, switch_machine(), core_, vmcb_page_at.value);
  require(done.end == cpu::vmrun_end::entered && core_.guest);
  tell(speaker::hypervisor, name_of_level(which),
       fmt::format("VMRUN {}: VMPL {}", name_of(done.end), core_.guest->level.value));
}

void svsm_host::leave() {
  const auto done = cpu::on_guest_event(ctx_, switch_machine(), core_, {.code = 0x403, .instruction_bytes = 4});
  require(done.end == cpu::event_end::exits);
}

/// The hypervisor's part of a request for another VMPL.
void svsm_host::change_level(unsigned from, unsigned to) {
  cpu::vmcb_page page;
  std::ranges::copy(host_.read(vmcb_page_at, guest_page_bytes), page.bytes.begin());
  page.controls().set_ghcb_gpa(ghcb::encode_msr(ghcb::message::run_vmpl_response{}));  // read when it runs again
  cpu::switch_level(ctx_, page.controls(), levels_.at(from), levels_.at(to));
  host_.write(vmcb_page_at, page.bytes);
}

// --- the SVSM and the guest

void svsm_host::boot() {
  enter(0);
  auto below = memory();
  layout::secrets_page own;
  require(below.read(ctx_, svsm_map::own_secrets, own.bytes()).has_value());
  firmware::message_key key{};
  std::ranges::copy(own.vmpck0(), key.begin());
  channel_ = {.key = key, .vmpck = 0};
  const svsm::boot_image image{
      .validate = {{svsm_map::list, guest_page_bytes}, {svsm_map::request, 4 * guest_page_bytes}},
      .launched = {{svsm_map::kernel, 2 * guest_page_bytes}},
      .secrets = svsm_map::secrets,
      .cpuid = svsm_map::cpuid,
      .caa = svsm_map::caa,
      .vmsa = svsm_map::vmsa};
  const auto state = first_state(svsm_map::kernel.value, {});
  require(svsm::boot(ctx_, below, self_, image, own, {}, state, own_features).succeeded());
  levels_[1] = {.vmsa = spa_of(svsm_map::vmsa)};
  const auto wanted = ghcb::encode_msr(ghcb::message::run_vmpl_request{level.value});
  tell(speaker::svsm, speaker::hypervisor, text_of_msr(wanted));
  leave();
  change_level(0, 1);
  enter(1);
}

void svsm_host::set_pending() { require(write(svsm_map::caa, std::array<std::uint8_t, 1>{1}).has_value()); }

auto svsm_host::exchange_pending() -> std::uint8_t {
  std::array<std::uint8_t, 1> pending{};
  require(read(svsm_map::caa, pending).has_value());
  require(write(svsm_map::caa, std::array<std::uint8_t, 1>{}).has_value());
  return pending[0];
}

auto svsm_host::vmgexit(svsm::call_registers& registers) -> svsm::switch_answer {
  entered_.reset();
  const std::uint64_t answer = ghcb::encode_msr(ghcb::message::run_vmpl_response{});
  core_.registers.set_rax(registers.rax);
  core_.registers.set_rcx(registers.rcx);
  core_.registers.set_rdx(registers.rdx);
  core_.registers.set_r8(registers.r8);
  tell(speaker::guest, speaker::hypervisor,
       fmt::format("{}; RAX {:#x}, RCX {:#x}", text_of_msr(ghcb::encode_msr(ghcb::message::run_vmpl_request{})),
                   registers.rax, registers.rcx));
  leave();
  if (!alone_) {
    change_level(1, 0);
    enter(0);
    require(svsm::takes_level_answer(ctx_, levels_[0].ghcb_msr));
    auto below = memory();
    resumed_machine machine{below, [&](const fault& raised) {
                              const gpa page{raised.address & ~(guest_page_bytes - 1)};
                              if (raised.kind != fault_kind::npf || !moved_.contains(page.value)) return false;
                              tell(speaker::svsm, speaker::hypervisor, text_of(raised));
                              unmap_again(page);
                              tell(speaker::hypervisor, speaker::svsm, "puts the page back; VMRUN");
                              return true;
                            }};
    entered_ = svsm::enter(ctx_, machine, self_, offered_, 0);
    tell(speaker::svsm, speaker::hypervisor,
         text_of_msr(ghcb::encode_msr(ghcb::message::run_vmpl_request{level.value})));
    leave();
    change_level(0, 1);
  }
  enter(1);
  registers.rax = core_.registers.rax();
  registers.rcx = core_.registers.rcx();
  registers.rdx = core_.registers.rdx();
  registers.r8 = core_.registers.r8();
  return answer;
}

auto svsm_host::read(gpa where, std::span<std::uint8_t> to) -> outcome<void> {
  return memory().read_as(ctx_, level, where, to);
}

auto svsm_host::write(gpa where, std::span<const std::uint8_t> from) -> outcome<void> {
  return memory().write_as(ctx_, level, where, from);
}

auto svsm_host::pvalidate(gpa page) -> outcome<rmp::result> {
  return rmp::pvalidate(ctx_, machine_.rmp, {}, {.id = guest.id, .snp_active = true, .privilege = level},
                        {gva{page.value}, 0, 1}, [&](gva linear) -> outcome<rmp::guest_page> {
                          const auto found = place_of(gpa{linear.value}).value();
                          return rmp::guest_page{.linear = linear,
                                                 .guest = gpa{linear.value},
                                                 .where = found.where,
                                                 .leaf = found.leaf,
                                                 .guest_leaf = found.leaf,
                                                 .c = true};
                        });
}

}  // namespace sevspec::tool
