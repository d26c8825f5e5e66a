// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_VC_HANDLER_HPP
#define SEVSPEC_GHCB_VC_HANDLER_HPP

#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <sevspec/ghcb/vc_instruction.hpp>
#include <sevspec/layout/codes/msr_numbers.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/msr.hpp>

/// The guest's #VC handler: what it may do about an exception, before it asks the hypervisor anything.
namespace sevspec::inline v0::ghcb {

/// What a guest has to talk through (VC-SEC-01).
enum class vc_stage : std::uint8_t {
  no_ghcb,    ///< the MSR protocol alone, and the CPUID page
  boot_ghcb,  ///< one GHCB for all
  per_cpu,    ///< a GHCB and a backup for each processor
};

/// A #VC, and what the handler knows when it begins. Everything is the guest's own knowledge.
struct vc_event {
  std::uint64_t error_code{};
  std::span<const std::uint8_t> bytes{};  ///< at RIP
  bool user_mode = false;
  vc_stage stage = vc_stage::per_cpu;
  layout::msr_sev_status sev_status{};
  std::uint64_t ghcb_msr = 0x1000;  ///< at entry; counts from `boot_ghcb` on
  bool svsm_software = false;       ///< the handler is part of an SVSM
  // The operands, where a check needs them.
  std::uint32_t msr_number = 0;  ///< RCX, for 7Ch
  bool msr_write = false;
  bool mmio_private = false;       ///< 400h: the guest's own tables map the address with C=1
  bool io_permitted = true;        ///< 7Bh from user mode: IOPL or the bitmap allow the port
  bool io_kernel_address = false;  ///< 7Bh, string, from user mode: the buffer is not the user's
};

/// Ways to talk to the hypervisor, or to do without.
enum class vc_channel : std::uint8_t { cpuid_page, msr_protocol, page_protocol, backup_page };

/// Whether a handler has a channel at its stage (VC-SEC-01).
template <class Context>
[[nodiscard]] constexpr auto may_use(Context& ctx, vc_stage stage, vc_channel channel) -> bool {
  const bool missing = (channel == vc_channel::page_protocol && stage == vc_stage::no_ghcb) ||
                       (channel == vc_channel::backup_page && stage != vc_stage::per_cpu);
  return !ctx.denies(rule::VC_SEC_01, missing);
}

/// What a handler does.
enum class vc_action : std::uint8_t {
  exit,               ///< asks the hypervisor, by page or MSR
  answer_locally,     ///< knows the answer, and does not ask
  skip,               ///< goes on behind the instruction
  forward_exception,  ///< raises `vector` instead
  debug_handler,      ///< #DB: the debugger's, before anything that could be traced
  unsupported,        ///< cannot be handled: from user mode the process ends (SIGBUS)
  terminate,          ///< asks for the end with `why`
  vmm_error,          ///< the hypervisor does what it should not: terminate, or the process ends
  validate_page,      ///< PVALIDATE, and again: what no handler does that keeps to VC-SEC-05
};

/// "terminate"
[[nodiscard]] constexpr auto name_of(vc_action action) noexcept -> const char* {
  switch (action) {
    case vc_action::exit:              return "exit";
    case vc_action::answer_locally:    return "answer locally";
    case vc_action::skip:              return "skip";
    case vc_action::forward_exception: return "forward exception";
    case vc_action::debug_handler:     return "debug handler";
    case vc_action::unsupported:       return "unsupported";
    case vc_action::terminate:         return "terminate";
    case vc_action::vmm_error:         return "VMM error";
    case vc_action::validate_page:     return "validate page";
  }
  return "?";
}

struct vc_verdict {
  vc_action action = vc_action::exit;
  rule decided_by = rule::none;
  std::uint8_t vector = 0;                  ///< of `forward_exception`
  std::optional<termination_reason> why{};  ///< of `terminate`
  unsigned rip_advance = 0;                 ///< how far RIP moves on afterwards; 0: the decoder says, or not at all

  friend constexpr auto operator==(const vc_verdict&, const vc_verdict&) -> bool = default;
};

namespace detail {

/// What cannot be handled: the kernel ends the guest, a process ends alone.
[[nodiscard]] constexpr auto not_handled(const vc_event& event, rule why) -> vc_verdict {
  if (event.user_mode) return {.action = vc_action::unsupported, .decided_by = why};
  return {.action = vc_action::terminate, .decided_by = why, .why = general_request};
}

/// MSRs that the handler answers, or must not ask for.
template <class Context>
[[nodiscard]] constexpr auto judge_msr(Context& ctx, const vc_event& event) -> std::optional<vc_verdict> {
  using enum layout::msr_numbers;
  const auto is = [&](layout::msr_numbers number) { return event.msr_number == std::to_underlying(number); };
  // The SVSM's calling area: a read gives its gPA, a write is ignored; the hypervisor has no say.
  if (ctx.denies(rule::VC_SEC_10, is(svsm_caa_)))
    return vc_verdict{.action = vc_action::answer_locally, .decided_by = rule::VC_SEC_10};
  constexpr std::uint32_t tsc = 0x10;
  if (!event.sev_status.secure_tsc()) return std::nullopt;
  if (ctx.denies(rule::VC_SEC_08, is(guest_tsc_freq)))
    return vc_verdict{.action = vc_action::vmm_error, .decided_by = rule::VC_SEC_08};
  if (ctx.denies(rule::VC_SEC_08, event.msr_number == tsc)) {
    if (event.msr_write)
      return vc_verdict{.action = vc_action::forward_exception, .decided_by = rule::VC_SEC_08, .vector = 13};
    return vc_verdict{.action = vc_action::answer_locally, .decided_by = rule::VC_SEC_08};  // by RDTSC
  }
  return std::nullopt;
}

}  // namespace detail

/// Judges a #VC: the ordered checks that a handler makes before it lets anything out of the guest.
/// APM vol. 2, 15.35.5; torvalds/linux arch/x86/coco/sev/vc-handle.c
///
/// Nothing comes with a #VC but an error code, and the hypervisor can inject #VC with any error code between any two
/// instructions. So the handler looks at the instruction (VC-SEC-03). What it cannot tell apart is a #VC that is
/// injected exactly where the same instruction stands (VC-SEC-04).
template <class Context>
[[nodiscard]] constexpr auto judge_vc(Context& ctx, const vc_event& event) -> vc_verdict {
  using enum layout::nae_exit_codes;
  constexpr std::uint64_t debug = 0x41, alignment = 0x51, not_validated = 0x404;
  const auto code = static_cast<layout::nae_exit_codes>(event.error_code);
  const auto found = find_opcode(event.bytes);
  const bool matches = found && raises(*found, event.error_code);
  const unsigned length = found ? instruction_bytes(*found, event.error_code) : 0;

  if (event.stage == vc_stage::no_ghcb) {
    const bool plain_cpuid = event.bytes.size() >= 2 && event.bytes[0] == 0x0f && event.bytes[1] == 0xa2;
    if (ctx.denies(rule::VC_SEC_02, code != cpuid || !plain_cpuid))
      return {.action = vc_action::terminate, .decided_by = rule::VC_SEC_02, .why = general_request};
    return {.action = vc_action::answer_locally, .rip_advance = 2};
  }
  // Before anything that could be traced. It needs no GHCB, and may come between a request by MSR and its answer.
  if (ctx.denies(rule::VC_SEC_13, event.error_code == debug))
    return {.action = vc_action::debug_handler, .decided_by = rule::VC_SEC_13};
  if (!finds_its_ghcb(ctx, event.ghcb_msr))
    return {.action = vc_action::terminate, .decided_by = rule::GHCB_MSR_30, .why = general_request};
  // A page that the guest holds is gone: validating what came in its place is what the hypervisor wants.
  if (ctx.denies(rule::VC_SEC_05, event.error_code == not_validated))
    return {.action = vc_action::terminate, .decided_by = rule::VC_SEC_05, .why = general_request};
  if (event.error_code == not_validated) return {.action = vc_action::validate_page};

  const bool minimal = code == cpuid || code == ioio || code == msr || code == rdtsc || code == rdtscp;
  if (ctx.denies(rule::VC_SEC_17, event.svsm_software && !minimal))
    return {.action = vc_action::terminate, .decided_by = rule::VC_SEC_17, .why = general_request};
  if (ctx.denies(rule::VC_SEC_13, event.error_code == alignment))
    return {.action = vc_action::forward_exception, .decided_by = rule::VC_SEC_13, .vector = 17};
  if (ctx.denies(rule::VC_SEC_03, !matches)) return detail::not_handled(event, rule::VC_SEC_03);

  // MONITOR and MWAIT would only tell the hypervisor a gPA; INVD would lose the guest's writes.
  if (ctx.applies(rule::VC_SEC_14, code == monitor || code == mwait))
    return {.action = vc_action::skip, .decided_by = rule::VC_SEC_14, .rip_advance = length};
  if (ctx.denies(rule::VC_SEC_14, code == invd)) return detail::not_handled(event, rule::VC_SEC_14);

  switch (code) {
    case dr7_read:
    case dr7_write:
      if (ctx.denies(rule::VC_SEC_09, event.sev_status.debug_swap()))
        return {.action = vc_action::vmm_error, .decided_by = rule::VC_SEC_09};
      if (code == dr7_read) return {.action = vc_action::answer_locally, .rip_advance = length};  // GHCB-NAE-01
      return {.rip_advance = length};
    case rdtsc:
    case rdtscp:
      if (ctx.denies(rule::VC_SEC_08, event.sev_status.secure_tsc()))
        return {.action = vc_action::vmm_error, .decided_by = rule::VC_SEC_08};
      return {.rip_advance = length};
    case msr:
      if (auto special = detail::judge_msr(ctx, event)) {
        if (special->action == vc_action::answer_locally) special->rip_advance = length;
        return *special;
      }
      return {.rip_advance = length};
    case npf_mmio:
      if (ctx.denies(rule::VC_SEC_11, event.user_mode || event.mmio_private))
        return detail::not_handled(event, rule::VC_SEC_11);
      return {};
    case ioio:
      if (ctx.denies(rule::VC_SEC_12, event.user_mode && !event.io_permitted))
        return {.action = vc_action::forward_exception, .decided_by = rule::VC_SEC_12, .vector = 13};
      if (ctx.denies(rule::VC_SEC_12, event.user_mode && event.io_kernel_address))
        return {.action = vc_action::forward_exception, .decided_by = rule::VC_SEC_12, .vector = 14};
      return {};
    case cpuid:
    case rdpmc:
    case vmmcall:
    case wbinvd:
    case invd:
    case monitor:
    case mwait:   return {.rip_advance = length};
    default:      return detail::not_handled(event, rule::VC_SEC_14);
  }
}

/// What the guest does with DR7 when it is written (GHCB-NAE-02).
/// @return the value to keep; or nothing: #GP
[[nodiscard]] constexpr auto dr7_to_keep(std::uint64_t written) noexcept -> std::optional<std::uint64_t> {
  if (written >> 32 != 0) return std::nullopt;
  return (written & 0xffff'23ff) | 0x400;
}

/// Where an MMIO read puts its bytes: 32-bit reads clear the upper half, smaller ones leave the rest (VC-SEC-11).
/// @param bytes  1, 2, 4 or 8
[[nodiscard]] constexpr auto register_after_mmio_read(std::uint64_t before, std::uint64_t value,
                                                      unsigned bytes) noexcept -> std::uint64_t {
  if (bytes >= 8) return value;
  const std::uint64_t mask = bit_range(8 * bytes - 1, 0);
  return bytes == 4 ? value & mask : (before & ~mask) | (value & mask);
}

}  // namespace sevspec::inline v0::ghcb

#endif
