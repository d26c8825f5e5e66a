// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SVSM_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_SVSM_WORLD_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/layout/vmsa.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/svsm/entry.hpp>
#include <sevspec/svsm/guest_call.hpp>
#include <sevspec/svsm/invariants.hpp>
#include <sevspec/svsm/measurement_request.hpp>

namespace sevspec::test {

/// Memory of pages that take room when they are written: zero until then. Keys do not count. Copies share pages.
struct page_memory {
  using page = std::array<std::uint8_t, 4096>;
  std::map<std::uint64_t, std::shared_ptr<const page>> pages;

  auto read(spa where, memory_key, std::span<std::uint8_t> to) const -> memory::memory_status {
    each(where, to.size(), [&](std::uint64_t frame, std::size_t offset, std::size_t first, std::size_t count) {
      const auto found = pages.find(frame);
      for (std::size_t i = 0; i < count; ++i)
        to[first + i] = found == pages.end() ? std::uint8_t{0} : (*found->second)[offset + i];
    });
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key, std::span<const std::uint8_t> from) -> memory::memory_status {
    each(where, from.size(), [&](std::uint64_t frame, std::size_t offset, std::size_t first, std::size_t count) {
      auto& held = pages[frame];
      auto made = held ? std::make_shared<page>(*held) : std::make_shared<page>();
      for (std::size_t i = 0; i < count; ++i) (*made)[offset + i] = from[first + i];
      held = std::move(made);
    });
    return memory::memory_status::ok;
  }
  /// Frames whose bytes differ.
  [[nodiscard]] auto changed_since(const page_memory& before) const -> std::vector<std::uint64_t> {
    std::vector<std::uint64_t> found;
    for (const auto& [frame, held] : pages) {
      const auto old = before.pages.find(frame);
      const bool same = old == before.pages.end() ? *held == page{} : old->second == held || *old->second == *held;
      if (!same) found.push_back(frame);
    }
    return found;
  }
  friend auto operator==(const page_memory& a, const page_memory& b) -> bool {
    return a.changed_since(b).empty() && b.changed_since(a).empty();
  }

 private:
  template <class Part>
  static void each(spa where, std::size_t bytes, Part part) {
    for (std::size_t done = 0; done < bytes;) {
      const std::uint64_t at = where.value + done;
      const std::size_t count = std::min<std::size_t>(bytes - done, 4096 - (at & 0xfff));
      part(at >> 12, static_cast<std::size_t>(at & 0xfff), done, count);
      done += count;
    }
  }
};

/// The hypervisor's nested tables: every guest page lies 2M further up, until the hypervisor says otherwise.
struct nested_map {
  std::map<std::uint64_t, std::optional<spa>> moved{};  ///< by frame
  std::uint64_t end = 0x200'0000;

  [[nodiscard]] auto find(gpa page) const -> std::optional<svsm::placement> {
    const auto at = moved.find(page.value >> 12);
    if (at != moved.end()) {
      if (!at->second) return {};
      return svsm::placement{*at->second + (page.value & 0xfff), page_size::k4k};
    }
    if (page.value >= end) return {};
    return svsm::placement{spa{page.value + 0x20'0000}, page_size::k4k};
  }
  friend auto operator==(const nested_map&, const nested_map&) -> bool = default;
};

/// A guest with two processors at its VMPL under an SVSM. All of its memory is assigned; the first 16 pages, and what a
/// test
/// adds, are validated and the guest's.
///
///   6000h  VMSA of processor 0        400'0000h.. SVSM memory (or where a test wants it)
///   8000h  its calling area
template <std::size_t Frames = 0x1400>
struct basic_svsm_world {
  using table = rmp::small_table<Frames>;
  static constexpr asid id{5};
  static constexpr gpa vmsa{0x6000};
  static constexpr gpa caa{0x8000};
  static constexpr std::uint64_t features = 1;

  table rmp;
  page_memory memory;
  nested_map nested;
  svsm::monitor self;
  unsigned flushes = 0;

  explicit basic_svsm_world(vmpl level = {2}, svsm::region guest = {{0}, 0x100'0000},
                            svsm::region own = {{0x100'0000}, 0x10'0000}) {
    self.config.guest_level = level;
    self.config.guest_memory = {guest};
    self.config.own = own;
    self.processors = {{.apic_id = 0}, {.apic_id = 1}};
    for (std::uint64_t page = guest.first.value; page < guest.first.value + guest.bytes; page += 0x1000) assign({page});
    for (std::uint64_t page = own.first.value; page < own.first.value + own.bytes; page += 0x1000) {
      assign({page});
      at({page}).validated = true;
    }
    for (std::uint64_t page = 0; page < 0x1'0000; page += 0x1000) give({page});
    put_vmsa(vmsa, level.value, 0x1000, features);
    make_vcpu(0, vmsa, caa);
    self.first_vmsa = vmsa;
  }

  [[nodiscard]] auto at(gpa page) -> rmp::entry& { return rmp.entries[(page.value + 0x20'0000) >> 12]; }
  /// Gives a page to the guest, as RMPUPDATE does.
  void assign(gpa page) { at(page) = {.assigned = true, .id = id, .guest = page, .allowed = {rmp::all_permissions}}; }
  /// A page that the guest has.
  void give(gpa page) {
    rmp::entry& found = at(page);
    found.validated = true;
    found.allowed[self.config.guest_level.value] = svsm::guest_rights;
    self.validated.insert(page, 1);
  }
  void make_vcpu(std::uint32_t apic_id, gpa state, gpa area) {
    rmp::entry& found = at(state);
    found.vmsa = true;
    found.allowed[self.config.guest_level.value] = {rmp::permissions::r};
    self.vcpus.push_back({state, area, apic_id});
    svsm::processor& cpu = *svsm::find_processor(self, apic_id);
    cpu.vmsa = state;
    cpu.caa = area;
  }
  void put(gpa where, std::span<const std::uint8_t> bytes) {
    (void)memory.write(spa{where.value + 0x20'0000}, memory_key::none(), bytes);
  }
  [[nodiscard]] auto get(gpa where, std::size_t count) -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> bytes(count);
    (void)memory.read(spa{where.value + 0x20'0000}, memory_key::none(), bytes);
    return bytes;
  }
  template <class Integer>
  void put_word(gpa where, Integer value) {
    std::array<std::uint8_t, sizeof(Integer)> bytes{};
    layout::write_le(bytes.data(), value);
    put(where, bytes);
  }
  template <class Integer>
  [[nodiscard]] auto word(gpa where) -> Integer {
    return layout::read_le<Integer>(get(where, sizeof(Integer)).data());
  }
  /// What a guest writes into a page that is to be a VMSA.
  void put_vmsa(gpa page, std::uint8_t level, std::uint64_t efer, std::uint64_t sev_features) {
    layout::vmsa state;
    state.set_vmpl(level);
    state.set_efer(efer);
    state.set_sev_features({sev_features});
    state.set_rflags(0x202);
    put(page, state.bytes());
  }
  [[nodiscard]] auto state(gpa page) -> layout::vmsa {
    layout::vmsa found;
    const auto bytes = get(page, 4096);
    std::ranges::copy(bytes, found.bytes().begin());
    return found;
  }
  /// A list of PVALIDATE.
  void put_list(gpa where, const std::vector<std::uint64_t>& entries, std::uint16_t next = 0,
                std::optional<std::uint16_t> count = {}) {
    put_word<std::uint16_t>(where, count.value_or(static_cast<std::uint16_t>(entries.size())));
    put_word<std::uint16_t>(where + 2, next);
    put_word<std::uint32_t>(where + 4, 0);
    for (std::size_t i = 0; i < entries.size(); ++i) put_word(where + 8 + 8 * i, entries[i]);
  }

  [[nodiscard]] auto map() {
    return [this](gpa page) -> std::optional<svsm::placement> {
      auto found = nested.find(page);
      if (found && rmp.covers(page_of(found->where)) && rmp::authoritative_entry(rmp, page_of(found->where)).large)
        found->leaf = page_size::k2m;
      return found;
    };
  }
  [[nodiscard]] auto machine() { return svsm::rmp_machine(rmp, memory, map(), id); }

  /// VMPL 0 runs.
  template <class Context, class Services>
  auto enter(Context& ctx, Services& offered, std::uint32_t cpu = 0) -> svsm::entry_result {
    auto below = machine();
    const auto done = svsm::enter(ctx, below, self, offered, cpu);
    flushes += below.flushes();
    return done;
  }
  /// The guest writes its registers and exits by VMGEXIT.
  void leave(const svsm::call_registers& registers, std::uint32_t cpu = 0, std::uint64_t exit_code = 0x403) {
    const svsm::processor& one = *svsm::find_processor(self, cpu);
    if (!one.vmsa || !one.caa) return;
    put_word(*one.vmsa + 0x1f8, registers.rax);
    put_word(*one.vmsa + 0x308, registers.rcx);
    put_word(*one.vmsa + 0x310, registers.rdx);
    put_word(*one.vmsa + 0x340, registers.r8);
    put_word(*one.vmsa + 0x348, registers.r9);
    put_word(*one.vmsa + 0x3c0, exit_code);
  }
  [[nodiscard]] auto registers(gpa page = vmsa) -> svsm::call_registers {
    return {word<std::uint64_t>(page + 0x1f8), word<std::uint64_t>(page + 0x308), word<std::uint64_t>(page + 0x310),
            word<std::uint64_t>(page + 0x340), word<std::uint64_t>(page + 0x348)};
  }
  struct called {
    svsm::entry_result entry;
    svsm::call_registers out;

    [[nodiscard]] auto code() const -> std::uint64_t { return out.rax; }
    [[nodiscard]] auto why() const -> rule { return entry.decided_by; }
  };
  /// A whole call: arguments, CALL_PENDING, VMGEXIT, VMPL 0.
  template <class Context, class Services>
  auto call(Context& ctx, Services& offered, const svsm::call_registers& in, std::uint32_t cpu = 0) -> called {
    const auto area = svsm::find_processor(self, cpu)->caa;
    const gpa caller = svsm::find_processor(self, cpu)->vmsa.value_or(vmsa);
    leave(in, cpu);
    if (area) put_word<std::uint8_t>(*area, 1);
    const auto done = enter(ctx, offered, cpu);
    return {done, registers(caller)};
  }
  template <class Context>
  auto call(Context& ctx, const svsm::call_registers& in, std::uint32_t cpu = 0) -> called {
    svsm::core_services none;
    return call(ctx, none, in, cpu);
  }
  /// What does not hold of the machine, if anything.
  [[nodiscard]] auto broken() -> std::optional<svsm::broken_invariant> {
    return svsm::find_broken(self, rmp, id, map(), [this](gpa page) { return get(page + 0xca, 1)[0]; });
  }
};
using svsm_world = basic_svsm_world<>;

/// RAX of the core calls.
inline constexpr std::uint64_t remap_ca = 0, pvalidate = 1, create_vcpu = 2, delete_vcpu = 3, deposit_mem = 4,
                               withdraw_mem = 5, query_protocol = 6, configure_vtom = 7;
inline constexpr std::uint64_t meas = std::uint64_t{svsm::default_measurement_protocol} << 32;

/// Reports that a test makes: REPORT_DATA and nothing else.
struct fake_reports {
  svsm::report_answer::kind what = svsm::report_answer::kind::ok;
  std::uint64_t pages = 0;
  std::vector<std::uint8_t> certificates{};
  std::vector<svsm::report_data> asked{};
  bool extended = false;

  auto report(const svsm::report_data& data, bool with_certificates) -> svsm::report_answer {
    asked.push_back(data);
    extended = with_certificates;
    svsm::report_answer answer{.what = what, .pages = pages};
    if (what != svsm::report_answer::kind::ok) return answer;
    answer.report.resize(svsm::report_bytes);
    std::ranges::copy(data, answer.report.begin() + 0x50);
    if (with_certificates) answer.certificates = certificates;
    return answer;
  }
};

/// A TPM that answers with what it was asked, and a count.
struct echo_tpm {
  std::size_t answer_bytes = 0;  ///< 0: as long as the command
  unsigned commands = 0;

  auto execute(std::span<const std::uint8_t> command) -> std::vector<std::uint8_t> {
    ++commands;
    std::vector<std::uint8_t> answer(command.begin(), command.end());
    if (answer_bytes != 0) answer.resize(answer_bytes, 0x5a);
    return answer;
  }
};

/// Management mode that inverts what it is given.
struct inverting_mode {
  static void handle(std::span<const std::uint8_t, 16>, std::span<std::uint8_t> data) {
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(~byte);
  }
};

using svsm_services = svsm::services<echo_tpm, inverting_mode, fake_reports>;

}  // namespace sevspec::test

#endif
