// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SERVE_REGISTERS_HPP
#define SEVSPEC_GHCB_SERVE_REGISTERS_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/page_exit.hpp>

/// Events whose inputs and outputs are registers: instructions that a guest cannot execute itself.
namespace sevspec::inline v0::ghcb {

/// DR7 written, INVD, WBINVD, MONITOR, MWAIT, NMI complete, #HV IPI and timer, and what else has no answer.
template <hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_plain(Environment& env, const snapshot& request) -> page_answer {
  env.perform(plain_event{.code = request.page.sw_exit_code(),
                          .info_1 = request.info_1(),
                          .rax = request.value(ghcb_field::rax),
                          .rcx = request.value(ghcb_field::rcx),
                          .rdx = request.value(ghcb_field::rdx)});
  return {};
}

namespace detail {

[[nodiscard]] constexpr auto in_edx_eax(std::uint64_t value) -> page_answer {
  return {.rax = value & 0xffff'ffff, .rdx = value >> 32};
}

}  // namespace detail

/// RDTSC (GHCB-NAE-03).   GHCB 4.1
template <hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_rdtsc(Environment& env) -> page_answer {
  return detail::in_edx_eax(env.tsc());
}

/// RDTSCP (GHCB-NAE-10).   GHCB 4.1
template <hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_rdtscp(Environment& env) -> page_answer {
  page_answer answer = detail::in_edx_eax(env.tsc());
  answer.rcx = env.tsc_aux();
  return answer;
}

/// RDPMC (GHCB-NAE-04); a counter that does not exist is #GP.   GHCB 4.1
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_rdpmc(Context& ctx, Environment& env, const snapshot& request) -> page_answer {
  const auto value = env.rdpmc(static_cast<std::uint32_t>(request.page.rcx()));
  if (!value) return general_protection(ctx, rule::GHCB_NAE_04);
  return detail::in_edx_eax(*value);
}

/// CPUID (GHCB-NAE-05). The guest's XCR0 and XSS count if it passed them (GHCB-PAGE-10).   GHCB 4.1.2
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_cpuid(Context& ctx, Environment& env, const snapshot& request) -> page_answer {
  cpuid_operands operands{.function = static_cast<std::uint32_t>(request.page.rax()),
                          .subfunction = static_cast<std::uint32_t>(request.page.rcx())};
  if (ctx.applies(rule::GHCB_PAGE_10, request.has(ghcb_field::xcr0))) operands.xcr0 = request.page.xcr0();
  if (ctx.applies(rule::GHCB_PAGE_10, request.has(ghcb_field::xss))) operands.xss = request.page.xss();
  const cpuid_result found = env.cpuid(operands).value_or(cpuid_result{});
  return {.rax = found.eax, .rbx = found.ebx, .rcx = found.ecx, .rdx = found.edx};
}

/// RDMSR and WRMSR (GHCB-NAE-08); what does not exist, or may not be written, is #GP.   GHCB 4.1
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_msr(Context& ctx, Environment& env, const snapshot& request) -> page_answer {
  const auto number = static_cast<std::uint32_t>(request.page.rcx());
  if (request.info_1() != 0) {
    const std::uint64_t value = (request.page.rdx() << 32) | (request.page.rax() & 0xffff'ffff);
    return env.wrmsr(number, value) ? page_answer{} : general_protection(ctx, rule::GHCB_NAE_08);
  }
  const auto value = env.rdmsr(number);
  return value ? detail::in_edx_eax(*value) : general_protection(ctx, rule::GHCB_NAE_08);
}

/// VMMCALL (GHCB-NAE-09). Registers of the hypervisor's own ABI count if they were passed; CPL is the caller's
/// (GHCB-PAGE-10).   GHCB 4.1
template <hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_vmmcall(Environment& env, const snapshot& request) -> page_answer {
  return {.rax = env.call(hypercall{.rax = request.page.rax(),
                                    .rbx = request.value(ghcb_field::rbx),
                                    .rcx = request.value(ghcb_field::rcx),
                                    .rdx = request.value(ghcb_field::rdx),
                                    .rsi = request.value(ghcb_field::rsi),
                                    .r8 = request.value(ghcb_field::r8),
                                    .cpl = static_cast<std::uint8_t>(request.value(ghcb_field::cpl))})};
}

}  // namespace sevspec::inline v0::ghcb

#endif
