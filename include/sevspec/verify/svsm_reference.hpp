// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_SVSM_REFERENCE_HPP
#define SEVSPEC_VERIFY_SVSM_REFERENCE_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/svsm/entry.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/verify/svsm_step.hpp>
#include <sevspec/verify/svsm_test_environment.hpp>

namespace sevspec::inline v0::verify {

/// The library as the SVSM of a conversation.
template <class Context = context<>>
class svsm_reference {
 public:
  explicit svsm_reference(Context ctx = {}) : ctx_(std::move(ctx)) { (void)reset({}); }

  auto reset(const svsm_setup& setup) -> bool {
    setup_ = setup;
    ctx_.choices = setup.choices;
    table_ = {};
    memory_.clear();
    self_ = {};
    offered_ = make_svsm_test_services();
    stopped_ = false;
    self_.config.guest_level = {setup.vmpl};
    self_.config.guest_memory = {{gpa{0}, svsm_places::guest_bytes}};
    self_.config.own = {gpa{svsm_places::own}, svsm_places::own_bytes};
    for (std::uint32_t i = 0; i < setup.processors; ++i) self_.processors.push_back({.apic_id = i});
    for (std::uint64_t frame = 0; frame < pages; ++frame) {
      rmp::entry& one = table_.entries[frame];
      one = {.assigned = true, .id = id, .guest = gpa{frame << 12}, .allowed = {rmp::all_permissions}};
      one.validated = frame < svsm_places::given_pages || frame >= svsm_places::own >> 12;
      if (frame < svsm_places::given_pages) one.allowed[setup.vmpl] = svsm::guest_rights;
    }
    self_.validated.insert(gpa{0}, svsm_places::given_pages);
    layout::vmsa state;
    state.set_vmpl(setup.vmpl);
    state.set_efer(svsm::efer_svme);
    state.set_sev_features({svsm_places::features});
    (void)memory_.write(spa{svsm_places::vmsa}, memory_key::none(), state.bytes());
    rmp::entry& first = table_.entries[svsm_places::vmsa >> 12];
    first.vmsa = true;
    first.allowed[setup.vmpl] = {rmp::permissions::r};
    self_.vcpus.push_back({gpa{svsm_places::vmsa}, gpa{svsm_places::caa}, 0});
    self_.processors.front().vmsa = gpa{svsm_places::vmsa};
    self_.processors.front().caa = gpa{svsm_places::caa};
    self_.processors.front().apic.active = setup.apic;
    self_.first_vmsa = gpa{svsm_places::vmsa};
    return true;
  }

  /// Why a step makes no sense now; nullptr if it does.
  [[nodiscard]] auto why_not(const svsm_step& step) const -> const char* {
    if (stopped_) return "the hypervisor keeps the SVSM from going on";
    if (step.what == svsm_operation::page)
      return step.gpa < svsm_places::guest_bytes ? nullptr : "the page is not guest memory";
    if (step.cpu >= self_.processors.size()) return "there is no such processor";
    const svsm::processor& cpu = self_.processors[step.cpu];
    if (!cpu.vmsa || !cpu.caa) return "the processor has no VMSA";
    const rmp::entry& state = entry_at(*cpu.vmsa);
    if (!state.assigned || !state.validated || !state.vmsa) return "the processor's VMSA cannot run";
    for (const svsm_bytes& one : step.memory)
      if (!can_write(one.where, one.bytes.size())) return "the guest cannot write there";
    if (!can_write(cpu.caa->value, 1)) return "the guest cannot write its calling area";
    return nullptr;
  }

  [[nodiscard]] auto run(const svsm_step& step) -> svsm_answer {
    svsm_answer answer;
    if (const char* const reason = why_not(step); reason != nullptr) {
      answer.how = svsm_answer::ending::refused;
      answer.reason = reason;
      return answer;
    }
    if (step.what == svsm_operation::page) {
      change(step);
      return answer;
    }
    svsm::processor& cpu = self_.processors[step.cpu];
    const gpa vmsa = cpu.vmsa.value();
    const gpa caa = cpu.caa.value();
    for (const svsm_bytes& one : step.memory) put(one.where, one.bytes);
    put(caa.value, std::array<std::uint8_t, 1>{step.pending});
    leave(vmsa, step);
    const table table_before = table_;
    const svsm_test_memory before = memory_;
    const std::vector<svsm::processor> known = self_.processors;

    auto machine = svsm::rmp_machine(table_, memory_, place{&table_}, id);
    const svsm::entry_result done = svsm::enter(ctx_, machine, self_, offered_, step.cpu);
    answer.decided_by = done.decided_by;
    answer.end = end_of(done.what);
    stopped_ = answer.end == svsm_answer::entry::blocked;
    answer.registers = {word(vmsa, 0x1f8), word(vmsa, 0x308), word(vmsa, 0x310), word(vmsa, 0x340), word(vmsa, 0x348)};
    answer.pending = static_cast<std::uint8_t>(word(caa, 0) & 0xff);
    answer.memory = memory_.changed_since(before, [&](std::uint64_t where) {
      if (where == caa.value || where >= svsm_places::guest_bytes) return false;
      const std::uint64_t frame = where >> 12;
      return !table_before.entries[frame].vmsa && !table_.entries[frame].vmsa;
    });
    for (std::uint64_t frame = 0; frame < svsm_places::guest_bytes >> 12; ++frame)
      if (const rmp::entry& now = table_.entries[frame]; now != table_before.entries[frame])
        answer.pages.push_back({.gpa = frame << 12,
                                .large = now.large,
                                .validated = now.validated,
                                .vmsa = now.vmsa,
                                .rights = {now.allowed[1].raw, now.allowed[2].raw, now.allowed[3].raw}});
    for (std::uint32_t i = 0; i < known.size(); ++i)
      if (known[i].vmsa != self_.processors[i].vmsa || known[i].caa != self_.processors[i].caa)
        answer.processors.push_back(processor_at(i));
    return answer;
  }

  [[nodiscard]] auto self() const -> const svsm::monitor& { return self_; }
  [[nodiscard]] auto stopped() const -> bool { return stopped_; }

 private:
  static constexpr asid id{5};
  static constexpr std::size_t pages = (svsm_places::own + svsm_places::own_bytes) >> 12;
  using table = rmp::small_table<pages>;

  /// Each guest page lies at the same address of the system's; nested pages are as large as the table has them.
  struct place {
    const table* in;
    auto operator()(gpa where) const -> std::optional<svsm::placement> {
      if (where.value >> 12 >= pages) return {};
      const bool large = rmp::authoritative_entry(*in, page_of(spa{where.value})).large;
      return svsm::placement{spa{where.value}, large ? page_size::k2m : page_size::k4k};
    }
  };

  [[nodiscard]] auto entry_at(gpa where) const -> rmp::entry {
    return rmp::authoritative_entry(table_, page_of(spa{where.value}));
  }
  [[nodiscard]] auto can_write(std::uint64_t where, std::size_t bytes) const -> bool {
    if (bytes == 0) return true;
    if (where >= svsm_places::guest_bytes || bytes > svsm_places::guest_bytes - where) return false;
    for (std::uint64_t frame = where >> 12; frame <= (where + bytes - 1) >> 12; ++frame) {
      const rmp::entry found = entry_at(gpa{frame << 12});
      if (!found.assigned || !found.validated || found.vmsa || !found.allowed[setup_.vmpl].write()) return false;
    }
    return true;
  }
  void put(std::uint64_t where, std::span<const std::uint8_t> bytes) {
    (void)memory_.write(spa{where}, memory_key::none(), bytes);
  }
  [[nodiscard]] auto word(gpa page, std::uint64_t offset) const -> std::uint64_t {
    std::array<std::uint8_t, 8> bytes{};
    (void)memory_.read(spa{page.value + offset}, memory_key::none(), bytes);
    return layout::read_le<std::uint64_t>(bytes.data());
  }
  /// #VMEXIT: the processor's registers go into its VMSA.
  void leave(gpa vmsa, const svsm_step& step) {
    const svsm::call_registers& in = step.registers;
    const std::pair<std::uint64_t, std::uint64_t> saved[] = {{0x1f8, in.rax}, {0x308, in.rcx}, {0x310, in.rdx},
                                                             {0x340, in.r8},  {0x348, in.r9},  {0x3c0, step.exit_code}};
    for (const auto& [offset, value] : saved) {
      std::array<std::uint8_t, 8> bytes{};
      layout::write_le(bytes.data(), value);
      put(vmsa.value + offset, bytes);
    }
  }
  void change(const svsm_step& step) {
    const bool large = step.state == svsm_page_state::large;
    const std::uint64_t page = step.gpa & ~std::uint64_t{large ? 0x1f'ffffU : 0xfffU};
    const auto update = [&](std::uint64_t where, const rmp::new_state& wanted) {
      (void)rmp::rmpupdate(ctx_, table_, {}, {}, spa{where}, wanted);
    };
    // The hypervisor takes it first, or RMPUPDATE would leave a page of the guest's as it is.
    const std::uint64_t region = page & ~std::uint64_t{0x1f'ffff};
    if (table_.entry_of(page_of(spa{region})).large) {
      update(region, rmp::shared_state(true));
      for (std::uint64_t at = region; at < region + 0x20'0000; at += 0x1000)
        update(at, rmp::private_state(gpa{at}, id, false));
    }
    for (std::uint64_t at = page; at < page + (large ? 0x20'0000U : 0x1000U); at += 0x1000)
      update(at, rmp::shared_state(false));
    if (step.state != svsm_page_state::shared) update(page, rmp::private_state(gpa{page}, id, large));
  }
  [[nodiscard]] static auto end_of(svsm::entry_end what) -> svsm_answer::entry {
    switch (what) {
      case svsm::entry_end::idle:       return svsm_answer::entry::idle;
      case svsm::entry_end::no_request: return svsm_answer::entry::no_request;
      case svsm::entry_end::answered:   return svsm_answer::entry::served;
      case svsm::entry_end::waits:
      case svsm::entry_end::blocked:    return svsm_answer::entry::blocked;
    }
    return svsm_answer::entry::blocked;
  }
  [[nodiscard]] auto processor_at(std::uint32_t which) const -> svsm_processor {
    const svsm::processor& one = self_.processors[which];
    svsm_processor made{.cpu = which};
    if (one.vmsa) made.vmsa = one.vmsa->value;
    if (one.caa) made.caa = one.caa->value;
    return made;
  }

  Context ctx_;
  svsm_setup setup_;
  table table_{};
  svsm_test_memory memory_;
  svsm::monitor self_;
  svsm_test_services offered_ = make_svsm_test_services();
  bool stopped_ = false;
};

}  // namespace sevspec::inline v0::verify

#endif
