// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_GHCB_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_GHCB_WORLD_HPP

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/msr_hypervisor.hpp>
#include <sevspec/ghcb/page_guest.hpp>

namespace sevspec::test {

/// A hypervisor with memory and devices that write down what is done to them.
struct ghcb_environment : ghcb::empty_environment {
  struct device_access {
    bool write{};
    std::uint64_t where{};
    std::vector<std::uint8_t> bytes{};
    friend auto operator==(const device_access&, const device_access&) -> bool = default;
  };

  std::map<std::uint64_t, std::array<std::uint8_t, 4096>> memory;  ///< shared pages, by frame; others are zero
  std::set<std::uint64_t> hidden;                                  ///< frames that the hypervisor cannot use
  std::set<std::uint64_t> read_only;                               ///< frames that it cannot write
  std::uint64_t end_of_memory = std::uint64_t{1} << 40;
  std::map<std::uint64_t, ghcb::cpuid_result> functions;  ///< function << 32 | sub-function
  bool knows_cpuid = true;
  std::vector<ghcb::cpuid_operands> asked;
  std::uint64_t time_stamp = 0;
  std::uint32_t aux = 0x55;
  std::map<std::uint32_t, std::uint64_t> counters;
  std::map<std::uint32_t, std::uint64_t> msrs;
  std::vector<ghcb::hypercall> calls;
  std::map<std::uint32_t, std::uint32_t> ports;
  std::vector<device_access> io;
  std::vector<device_access> mmio;
  std::vector<ghcb::page_change> changes;
  std::set<std::uint64_t> failing;  ///< gPAs that the host cannot change
  std::uint64_t budget = ~std::uint64_t{};
  std::function<ghcb::page_progress(const ghcb::page_change&)> host;  ///< instead of the log alone
  std::uint32_t firmware_status = 0;
  std::uint64_t certificate_pages = 0;
  bool too_fast = false;
  unsigned messages = 0;
  std::vector<ghcb::plain_event> performed;
  std::function<void(std::uint64_t)> after_read;  ///< called after each read: another processor of the guest

  auto read(gpa where, std::span<std::uint8_t> to) -> bool {
    for (std::uint64_t i = 0; i < to.size(); ++i) {
      const std::uint64_t at = where.value + i;
      if (at >= end_of_memory || hidden.contains(at >> 12)) return false;
      const auto page = memory.find(at >> 12);
      to[i] = page == memory.end() ? std::uint8_t{0} : page->second[at & 0xfff];
    }
    if (after_read) after_read(where.value);
    return true;
  }
  auto write(gpa where, std::span<const std::uint8_t> from) -> bool {
    for (std::uint64_t i = 0; i < from.size(); ++i)
      if (where.value + i >= end_of_memory || hidden.contains((where.value + i) >> 12) ||
          read_only.contains((where.value + i) >> 12))
        return false;
    for (std::uint64_t i = 0; i < from.size(); ++i)
      memory[(where.value + i) >> 12][(where.value + i) & 0xfff] = from[i];
    return true;
  }
  [[nodiscard]] auto has_page(gpa where) const -> bool {
    return where.value < end_of_memory && !hidden.contains(where.value >> 12);
  }
  auto cpuid(const ghcb::cpuid_operands& operands) -> std::optional<ghcb::cpuid_result> {
    asked.push_back(operands);
    if (!knows_cpuid) return {};
    return functions[std::uint64_t{operands.function} << 32 | operands.subfunction];
  }
  [[nodiscard]] auto tsc() const -> std::uint64_t { return time_stamp; }
  [[nodiscard]] auto tsc_aux() const -> std::uint32_t { return aux; }
  [[nodiscard]] static auto found_in(const std::map<std::uint32_t, std::uint64_t>& all, std::uint32_t number)
      -> std::optional<std::uint64_t> {
    const auto at = all.find(number);
    return at == all.end() ? std::nullopt : std::optional{at->second};
  }
  [[nodiscard]] auto rdpmc(std::uint32_t number) const { return found_in(counters, number); }
  [[nodiscard]] auto rdmsr(std::uint32_t number) const { return found_in(msrs, number); }
  auto wrmsr(std::uint32_t number, std::uint64_t value) -> bool {
    const auto at = msrs.find(number);
    if (at == msrs.end()) return false;
    at->second = value;
    return true;
  }
  auto call(const ghcb::hypercall& registers) -> std::uint64_t {
    calls.push_back(registers);
    return 0x1234;
  }
  auto port_in(std::uint32_t port, unsigned bytes) -> std::uint32_t {
    io.push_back({false, port, std::vector<std::uint8_t>(bytes)});
    return ports[port];
  }
  void port_out(std::uint32_t port, unsigned bytes, std::uint32_t value) {
    device_access made{true, port, {}};
    for (unsigned i = 0; i < bytes; ++i) made.bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xff));
    io.push_back(made);
  }
  void mmio_read(gpa where, std::span<std::uint8_t> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<std::uint8_t>(0xa0 + i);
    mmio.push_back({false, where.value, {to.begin(), to.end()}});
  }
  void mmio_write(gpa where, std::span<const std::uint8_t> from) {
    mmio.push_back({true, where.value, {from.begin(), from.end()}});
  }
  auto change_pages(const ghcb::page_change& change) -> ghcb::page_progress {
    using enum ghcb::page_progress::ending;
    changes.push_back(change);
    if (host) return host(change);
    for (std::uint64_t i = 0; i < change.pages; ++i) {
      if (failing.contains(change.first.value + i * 0x1000)) return {i, failed};
      if (budget == 0) return {i, paused};
      --budget;
    }
    return {change.pages, complete};
  }
  auto guest_message(gpa, gpa) -> std::uint32_t {
    ++messages;
    return firmware_status;
  }
  [[nodiscard]] auto certificate_bytes() const -> std::uint64_t { return certificate_pages * 4096; }
  static void certificates(std::span<std::uint8_t> to) {
    for (std::uint8_t& byte : to) byte = 0xce;
  }
  [[nodiscard]] auto throttled() const -> bool { return too_fast; }
  void perform(const ghcb::plain_event& event) { performed.push_back(event); }

  [[nodiscard]] auto bytes(std::uint64_t where, std::size_t count) -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> found(count);
    (void)read({where}, found);
    return found;
  }
};

/// A guest with one GHCB, registered, and the hypervisor it talks to.
struct ghcb_world {
  static constexpr std::uint64_t page_at = 0x7fe'5000;
  static constexpr std::uint64_t buffer_at = page_at + 0x800;

  ghcb::machine vm = ghcb::make_machine({.features = 0x27f}, 4);
  ghcb_environment env;

  ghcb_world() {
    vm.vcpus[0].here().registered = gpa{page_at};
    vm.vcpus[0].here().msr = page_at;
  }
  [[nodiscard]] auto cpu() -> ghcb::vcpu& { return vm.vcpus[0]; }
  [[nodiscard]] auto page() -> layout::ghcb {
    layout::ghcb found;
    (void)env.read({page_at}, found.bytes());
    return found;
  }
  void put(const layout::ghcb& page, std::uint64_t where = page_at) {
    (void)env.write({where}, std::span<const std::uint8_t>{page.bytes()});
  }
  void put_bytes(std::uint64_t where, std::span<const std::uint8_t> bytes) { (void)env.write({where}, bytes); }
  /// Writes a request, and exits.
  template <class Context>
  auto exit(Context& ctx, layout::nae_exit_codes code, std::uint64_t info_1 = 0, std::uint64_t info_2 = 0,
            const ghcb::event_inputs& inputs = {}) -> ghcb::vmgexit_result {
    layout::ghcb request = page();
    ghcb::write_request(request, 2, code, info_1, info_2, inputs);
    put(request);
    return vmgexit(ctx, vm, cpu(), env);
  }
  template <class Context>
  auto exit_by_msr(Context& ctx, std::uint64_t value) -> ghcb::vmgexit_result {
    cpu().here().msr = value;
    return vmgexit(ctx, vm, cpu(), env);
  }
  [[nodiscard]] auto info_1() -> std::uint64_t { return page().sw_exit_info_1().raw; }
  [[nodiscard]] auto info_2() -> std::uint64_t { return page().sw_exit_info_2(); }
  [[nodiscard]] auto passed(ghcb::ghcb_field field) -> std::optional<std::uint64_t> {
    return layout::passed(page(), field);
  }
};

}  // namespace sevspec::test

#endif
