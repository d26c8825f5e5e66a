// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_REFERENCE_HPP
#define SEVSPEC_VERIFY_GHCB_REFERENCE_HPP

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/msr_hypervisor.hpp>
#include <sevspec/verify/ghcb_step.hpp>
#include <sevspec/verify/ghcb_test_environment.hpp>

namespace sevspec::inline v0::verify {

/// The library as the hypervisor of a conversation.
template <class Context = context<>>
class ghcb_reference {
 public:
  explicit ghcb_reference(Context ctx = {}) : ctx_(std::move(ctx)) { (void)reset({}); }

  auto reset(const ghcb_setup& setup) -> bool {
    setup_ = std::make_unique<ghcb_setup>(setup);
    ctx_.choices = setup.choices;
    vm_ = ghcb::make_machine(setup.config, setup.processors);
    for (ghcb::vcpu& cpu : vm_.vcpus)
      if (!setup.config.snp) cpu.runnable = true;  // SEV-ES: all processors have a VMSA from the launch on
    env_ = std::make_unique<ghcb_test_environment>(*setup_);
    return true;
  }

  /// Why a step makes no sense now; nullptr if it does.
  [[nodiscard]] auto why_not(const ghcb_step& step) const -> const char* {
    if (vm_.stopped) return "the guest has ended";
    if (step.vcpu >= vm_.vcpus.size()) return "there is no such processor";
    if (step.what == ghcb_operation::signal) return nullptr;
    if ((step.value & 0xfff) == 0 && step.what == ghcb_operation::msr) return "the value is the address of a page";
    if ((step.value & 0xfff) != 0 && step.what == ghcb_operation::page) return "a GHCB is aligned to 4096";
    const ghcb::vcpu& cpu = vm_.vcpus[step.vcpu];
    if (cpu.held) return "the processor is in AP reset hold";
    if (!cpu.runnable) return "the processor has no VMSA to run";
    if (step.vmpl != cpu.current.value) return "another VMPL of the processor runs";
    return nullptr;
  }

  [[nodiscard]] auto run(const ghcb_step& step) -> ghcb_answer {
    ghcb_answer answer;
    if (const char* const reason = why_not(step); reason != nullptr) {
      answer.how = ghcb_answer::ending::refused;
      answer.reason = reason;
      return answer;
    }
    const std::vector<ghcb_processor> before = processors();
    ghcb::vcpu& cpu = vm_.vcpus[step.vcpu];
    ghcb::vmpl_context& caller = cpu.here();
    env_->begin(step);
    if (step.what == ghcb_operation::signal) {
      deliver(step, cpu, answer);
    } else {
      caller.msr = step.value;
      const ghcb::vmgexit_result done = vmgexit(ctx_, vm_, cpu, *env_);
      answer.next = done.next;
      answer.decided_by = done.decided_by;
      if (done.next == ghcb::next_step::terminate) answer.why = vm_.why;
      if (step.what == ghcb_operation::msr) {
        answer.msr = caller.msr;
      } else {
        answer.page = env_->page_now(step.value);
        answer.memory = env_->changed(step.value);
      }
      answer.effects = env_->effects();
      answer.made_private = env_->made_private();
      answer.made_shared = env_->made_shared();
    }
    answer.all = processors();
    for (std::size_t i = 0; i < before.size(); ++i)
      if (answer.all[i] != before[i]) answer.processors.push_back(answer.all[i]);
    return answer;
  }

  [[nodiscard]] auto machine() const -> const ghcb::machine& { return vm_; }
  [[nodiscard]] auto setup() const -> const ghcb_setup& { return *setup_; }

 private:
  void deliver(const ghcb_step& step, ghcb::vcpu& cpu, ghcb_answer& answer) {
    if (step.signal == ghcb_signal::init) return ghcb::deliver_init(ctx_, cpu);
    const bool sipi = step.signal == ghcb_signal::sipi;
    answer.result_is_open = sipi && !cpu.first_sipi_seen;  // GHCB-MSR-08: hypervisors differ in the first one
    const auto result = ghcb::wake(ctx_, cpu, sipi);
    answer.woken = result.has_value();
    answer.result = result.value_or(0);
  }
  [[nodiscard]] auto processors() const -> std::vector<ghcb_processor> {
    std::vector<ghcb_processor> all;
    for (const ghcb::vcpu& cpu : vm_.vcpus) {
      ghcb_processor one{.vcpu = cpu.apic_id, .runnable = cpu.runnable, .vmpl = cpu.current.value};
      for (std::size_t i = 0; i < cpu.at.size(); ++i)
        if (cpu.at[i].vmsa) one.vmsa[i] = cpu.at[i].vmsa->value;
      all.push_back(one);
    }
    return all;
  }

  Context ctx_;
  std::unique_ptr<ghcb_setup> setup_;
  ghcb::machine vm_;
  std::unique_ptr<ghcb_test_environment> env_;
};

}  // namespace sevspec::inline v0::verify

#endif
