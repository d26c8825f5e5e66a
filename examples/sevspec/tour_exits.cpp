// SPDX-License-Identifier: MIT
// sevspec tour, part 4: what an SNP guest and its hypervisor say to each other, from the first VMRUN to the end.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>

#include "rule_text.hpp"
#include "tour.hpp"
#include "tour_dialogue.hpp"
#include "tour_ghcb_host.hpp"
#include "tour_guest_kernel.hpp"
#include "tour_running_guest.hpp"

namespace sevspec::tool {

namespace {

/// Whether eight bytes occur anywhere.
[[nodiscard]] auto occurs(std::span<const std::uint8_t> where, std::uint64_t what) -> bool {
  std::array<std::uint8_t, 8> pattern{};
  layout::write_le(pattern.data(), what);
  return !std::ranges::search(where, pattern).empty();
}

class exit_story {
 public:
  explicit exit_story(checker& verdict) : verdict_(verdict) {}

  void begin() {
    enter(0, speaker::guest);
    kernel_.start();
    verdict_.check(kernel_.session().stage == ghcb::guest_stage::registered,
                   fmt::format("They speak version {} from now on; the GHCB at {:#x} is registered.",
                               kernel_.session().version, kernel_.session().page.value_or(gpa{}).value));
  }

  void boot_processor() {
    fmt::print("\nThe guest boots its second processor\n");
    const gpa page = guest_map::ap_vmsa;
    layout::vmsa wanted = long_mode_vmsa(guest_code::halt);
    wanted.set_rbx(0xb007);
    kernel_.fill(page, wanted);
    host_.use_vmsa(1, running_guest_host::spa_of(page));
    const cpu::vmrun_result early = enter(1, speaker::second_processor);
    const auto made = kernel_.adjust(page, true);
    const ghcb_reply created = kernel_.create_processor(1, page);
    hypervisor_.take_vmsa(1);
    const cpu::vmrun_result entered = enter(1, speaker::second_processor);
    const cpu::register_file& live = host_.core(1).registers;
    verdict_.check(early.decided_by == rule::RMP_VMR_02 && made && made->succeeded() &&
                       created.page.sw_exit_info_1().raw == 0 && entered.end == cpu::vmrun_end::entered &&
                       live.rip() == wanted.rip() && live.rbx() == wanted.rbx() && live.cr3() == wanted.cr3(),
                   "VMRUN takes no page but one that the guest has made a VMSA, and runs what it wrote there.");
    const auto in_use = kernel_.adjust(page, false);
    verdict_.check(!in_use && in_use.error().decided_by == rule::RMP_CHK_15,
                   "While it runs, not even the guest can change it.");
    host_.core(1).registers.set_rip(guest_code::halt.value);
    const auto halted =
        host_.event(1, {.code = static_cast<std::uint64_t>(layout::svm_exit_codes::hlt), .instruction_bytes = 1});
    const cpu::vmcb_page left = host_.vmcb(1);
    tell(speaker::second_processor, speaker::hypervisor,
         fmt::format("HLT {}: EXITCODE {:#x}; RIP {:#x} and RAX {:#x} in the VMCB", name_of(halted.end),
                     static_cast<std::uint64_t>(left.controls().exit_code()), left.save().rip(), left.save().rax()));
  }

  void convert_page() {
    fmt::print("\nThe guest shares a page\n");
    const gpa page = guest_map::page;
    const gva linear{page.value};
    constexpr std::string_view secret = "my own", greeting = "hello!";
    const bool wrote = write(linear, secret);
    const std::string before = hypervisor_reads(page, secret.size());
    kernel_.share(page);
    const bool wrote_again = write(linear, greeting);
    const std::string after = hypervisor_reads(page, greeting.size());
    verdict_.check(wrote && wrote_again && before != secret && after == greeting,
                   fmt::format("Before, the hypervisor read ciphertext there; now it reads \"{}\".", after));
    ghcb::conversion_setup setup;
    for (const gpa own : {guest_map::ghcb, page}) setup.validated_at_launch.push_back(own);
    auto& host_deeds = hypervisor_.behind().deeds;
    auto& guest_deeds = kernel_.deeds();
    const bool ordered = ghcb::number_by_exchanges(guest_deeds, host_deeds);
    const auto findings = ghcb::check_conversions(host_.ctx(), setup, guest_deeds, host_deeds);
    verdict_.check(ordered && findings.empty(),
                   fmt::format("The traces of both sides, {} and {} steps, are as PST-01 and PST-02 want them.",
                               guest_deeds.size(), host_deeds.size()));
  }

  void use_devices() {
    fmt::print("\nThe guest uses a port, and a device in memory\n");
    cpu::register_file& live = host_.core(0).registers;
    const std::uint64_t passed = live.rax();
    const auto sent = static_cast<char>(passed & 0xff);
    const std::uint64_t secret = live.r15();
    kernel_.port_instruction(guest_code::out);
    kernel_.port_instruction(guest_code::in);
    const std::uint64_t received = live.rax();
    kernel_.device_instruction(guest_code::store);
    live.set_rax(0);
    kernel_.device_instruction(guest_code::load);
    verdict_.check(hypervisor_.behind().serial == std::string(1, sent) && live.rax() == received,
                   fmt::format("The port got '{}' and gave '{}'; the device gave back what was stored in it.", sent,
                               static_cast<char>(received & 0xff)));
    verdict_.check(live.r15() == secret && !occurs(hypervisor_.seen(), secret) && occurs(hypervisor_.seen(), passed),
                   "Of RAX the hypervisor saw what the GHCB passed; of R15 nothing, in no register and no page.");
  }

  void end() {
    fmt::print("\nOne malformed request, and the end: the bytes to write lie in a private page\n");
    tour_environment& behind = hypervisor_.behind();
    const unsigned references = behind.references;
    const ghcb_reply refused = kernel_.write_device(guest_map::notes);
    print_rule(refused.exit.decided_by);
    print_rule(refused.verdict.decided_by);
    verdict_.check(refused.exit.decided_by == rule::GHCB_SCR_06 && behind.references == references &&
                       refused.verdict.decided_by == rule::GHCB_RET_03,
                   "The hypervisor refuses it, nothing reached the device; the handler takes no such answer.");
    const ghcb::vmgexit_result ended = kernel_.terminate(ghcb::general_request);
    const ghcb::machine& vm = hypervisor_.vm();
    const auto why = vm.why.value_or(ghcb::termination_reason{15, 255});
    tell(speaker::hypervisor, speaker::guest,
         fmt::format("{}: reason set {}, code {}: {}", name_of(ended.next), why.set, why.code, ghcb::meaning_of(why)));
    print_rule(ended.decided_by);
    verdict_.check(
        vm.stopped && ended.next == ghcb::next_step::terminate && !host_.core(0).guest,
        fmt::format("The guest is not run again. It was {} times, on both processors.", hypervisor_.entries()));
  }

  [[nodiscard]] auto pages() const -> std::size_t { return host_.pages(); }

 private:
  auto enter(std::size_t which, speaker whom) -> cpu::vmrun_result {
    const cpu::vmrun_result done = hypervisor_.run(which);
    const auto& guest = host_.core(which).guest;
    if (guest)
      tell(speaker::hypervisor, whom,
           fmt::format("VMRUN {}: {}, VMPL {}, RIP {:#x}", name_of(done.end), name_of(guest->kind), guest->level.value,
                       host_.core(which).registers.rip()));
    else
      tell(speaker::hypervisor, whom,
           fmt::format("VMRUN {}: EXITCODE {} ({})", name_of(done.end), static_cast<std::int64_t>(done.exit_code),
                       info(done.decided_by).name));
    return done;
  }
  [[nodiscard]] auto write(gva where, std::string_view text) -> bool {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    return host_.write(0, where, bytes).has_value();
  }
  [[nodiscard]] auto hypervisor_reads(gpa where, std::size_t size) const -> std::string {
    const auto bytes = host_.plain(where, size);
    return {bytes.begin(), bytes.end()};
  }

  checker& verdict_;
  running_guest_host host_;
  ghcb_host hypervisor_{host_};
  guest_kernel kernel_{host_, hypervisor_};
};

}  // namespace

void show_exits(checker& verdict) {
  const auto story = std::make_unique<exit_story>(verdict);
  fmt::print(
      "sevspec tour, part 4: what a guest and its hypervisor say to each other\n\n{}\n\n",
      wrapped(fmt::format("Another SNP guest, of {} pages, was launched in the same way, and is run on two processors. "
                          "The hypervisor sees none of its registers: what it is to know, the guest tells it, in an "
                          "MSR or in a page that both can read, the GHCB. Every request is a VMGEXIT, every answer "
                          "is read after a VMRUN:",
                          story->pages()),
              line_width, 0));
  story->begin();
  story->boot_processor();
  story->convert_page();
  story->use_devices();
  story->end();
}

}  // namespace sevspec::tool
