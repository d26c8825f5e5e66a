// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_ENVIRONMENT_HPP
#define SEVSPEC_GHCB_ENVIRONMENT_HPP

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>

/// What lies behind the protocols: the devices and services of a hypervisor, as few functions as possible.
namespace sevspec::inline v0::ghcb {

/// The operands of CPUID.
struct cpuid_operands {
  std::uint32_t function{};
  std::uint32_t subfunction{};
  std::optional<std::uint64_t> xcr0{};  ///< the guest's, if it said (GHCB-PAGE-10)
  std::optional<std::uint64_t> xss{};

  friend constexpr auto operator==(const cpuid_operands&, const cpuid_operands&) -> bool = default;
};
/// EAX to EDX after CPUID.
struct cpuid_result {
  std::uint32_t eax{}, ebx{}, ecx{}, edx{};

  friend constexpr auto operator==(const cpuid_result&, const cpuid_result&) -> bool = default;
};

/// The registers of a hypercall; those that the guest did not pass are 0 (GHCB-NAE-09).
struct hypercall {
  std::uint64_t rax{}, rbx{}, rcx{}, rdx{}, rsi{}, r8{};
  std::uint8_t cpl{};

  friend constexpr auto operator==(const hypercall&, const hypercall&) -> bool = default;
};

/// What a page state change asks of the host: `pages` pages of 4K from `first` on, as pages of `size` if it can.
struct page_change {
  layout::ghcb_psc_ops operation{};
  gpa first{};
  std::uint64_t pages{};
  page_size size = page_size::k4k;

  friend constexpr auto operator==(const page_change&, const page_change&) -> bool = default;
};

/// How far the host got.
struct page_progress {
  enum class ending : std::uint8_t {
    complete,
    paused,  ///< other work comes first: the guest asks again (GHCB-PSC-13)
    failed,  ///< the next page cannot be changed (GHCB-PSC-12)
  };
  std::uint64_t done{};  ///< pages of 4K, from the first on
  ending how = ending::complete;
  std::uint32_t code = 0;  ///< of a failure, the host's own

  friend constexpr auto operator==(const page_progress&, const page_progress&) -> bool = default;
};

/// An event that a hypervisor does and answers with nothing.
struct plain_event {
  layout::nae_exit_codes code{};
  std::uint64_t info_1{};
  std::uint64_t rax{}, rcx{}, rdx{};  ///< those that the event has; else 0

  friend constexpr auto operator==(const plain_event&, const plain_event&) -> bool = default;
};

/// A hypervisor behind the protocols.
///
/// - `read(where, to)`, `write(where, from)`: guest memory as the hypervisor sees it; false where there is none that it
///   can use, a private page included (GHCB-SCR-06). Bytes of a failed read do not count.
/// - `has_page(where)`: the guest has memory there
/// - `cpuid`, `tsc`, `tsc_aux`, `rdpmc`, `rdmsr`, `wrmsr`, `call`: instructions; nothing, or false: #GP
/// - `port_in`, `port_out`, `mmio_read`, `mmio_write`: devices
/// - `change_pages`: the host's part of page state changes
/// - `guest_message(request, response)`: passes a guest request to the AMD-SP, and returns its status
/// - `certificate_bytes()`, `certificates(to)`: the table of certificates for extended guest requests, 0 bytes: none
/// - `throttled()`: guest requests come too fast
/// - `perform(event)`: everything that has no answer
template <class E>
concept hypervisor_environment =
    requires(E& env, gpa where, std::span<std::uint8_t> to, std::span<const std::uint8_t> from,
             const cpuid_operands& operands, std::uint32_t number, std::uint64_t value, const hypercall& registers,
             unsigned bytes, const page_change& change, const plain_event& event) {
      { env.read(where, to) } -> std::same_as<bool>;
      { env.write(where, from) } -> std::same_as<bool>;
      { env.has_page(where) } -> std::same_as<bool>;
      { env.cpuid(operands) } -> std::same_as<std::optional<cpuid_result>>;
      { env.tsc() } -> std::same_as<std::uint64_t>;
      { env.tsc_aux() } -> std::same_as<std::uint32_t>;
      { env.rdpmc(number) } -> std::same_as<std::optional<std::uint64_t>>;
      { env.rdmsr(number) } -> std::same_as<std::optional<std::uint64_t>>;
      { env.wrmsr(number, value) } -> std::same_as<bool>;
      { env.call(registers) } -> std::same_as<std::uint64_t>;
      { env.port_in(number, bytes) } -> std::same_as<std::uint32_t>;
      env.port_out(number, bytes, number);
      env.mmio_read(where, to);
      env.mmio_write(where, from);
      { env.change_pages(change) } -> std::same_as<page_progress>;
      { env.guest_message(where, where) } -> std::same_as<std::uint32_t>;
      { env.certificate_bytes() } -> std::same_as<std::uint64_t>;
      env.certificates(to);
      { env.throttled() } -> std::same_as<bool>;
      env.perform(event);
    };

/// A hypervisor with nothing behind it: no memory, no devices, instructions that fault. Derive from it, and hide what
/// you have.
struct empty_environment {
  [[nodiscard]] static constexpr auto read(gpa, std::span<std::uint8_t>) -> bool { return false; }
  [[nodiscard]] static constexpr auto write(gpa, std::span<const std::uint8_t>) -> bool { return false; }
  [[nodiscard]] static constexpr auto has_page(gpa) -> bool { return false; }
  [[nodiscard]] static constexpr auto cpuid(const cpuid_operands&) -> std::optional<cpuid_result> { return {}; }
  [[nodiscard]] static constexpr auto tsc() -> std::uint64_t { return 0; }
  [[nodiscard]] static constexpr auto tsc_aux() -> std::uint32_t { return 0; }
  [[nodiscard]] static constexpr auto rdpmc(std::uint32_t) -> std::optional<std::uint64_t> { return {}; }
  [[nodiscard]] static constexpr auto rdmsr(std::uint32_t) -> std::optional<std::uint64_t> { return {}; }
  [[nodiscard]] static constexpr auto wrmsr(std::uint32_t, std::uint64_t) -> bool { return false; }
  [[nodiscard]] static constexpr auto call(const hypercall&) -> std::uint64_t { return ~std::uint64_t{}; }
  [[nodiscard]] static constexpr auto port_in(std::uint32_t, unsigned) -> std::uint32_t { return ~std::uint32_t{}; }
  static constexpr void port_out(std::uint32_t, unsigned, std::uint32_t) {}
  static constexpr void mmio_read(gpa, std::span<std::uint8_t> to) {
    for (std::uint8_t& byte : to) byte = 0xff;
  }
  static constexpr void mmio_write(gpa, std::span<const std::uint8_t>) {}
  [[nodiscard]] static constexpr auto change_pages(const page_change&) -> page_progress {
    return {.done = 0, .how = page_progress::ending::failed};
  }
  [[nodiscard]] static constexpr auto guest_message(gpa, gpa) -> std::uint32_t { return 0; }
  [[nodiscard]] static constexpr auto certificate_bytes() -> std::uint64_t { return 0; }
  static constexpr void certificates(std::span<std::uint8_t>) {}
  [[nodiscard]] static constexpr auto throttled() -> bool { return false; }
  static constexpr void perform(const plain_event&) {}
};

static_assert(hypervisor_environment<empty_environment>);

}  // namespace sevspec::inline v0::ghcb

#endif
