// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_VTPM_HPP
#define SEVSPEC_SVSM_VTPM_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// Protocol 2: how commands of a TPM get to it and its responses back. What the TPM does is somebody else's.   SVSM 8
namespace sevspec::inline v0::svsm {

/// A TPM: takes a command, gives a response. Its errors are responses.
template <class T>
concept tpm = requires(T& device, std::span<const std::uint8_t> command) {
  { device.execute(command) } -> std::same_as<std::vector<std::uint8_t>>;
};

/// No TPM: every command fails as TPM 2.0 says it of one that is not started.   TPM_RC_INITIALIZE
struct unstarted_tpm {
  [[nodiscard]] static constexpr auto execute(std::span<const std::uint8_t>) -> std::vector<std::uint8_t> {
    return {0x80, 0x01, 0, 0, 0, 0x0a, 0, 0, 0x01, 0x00};
  }
};

/// Bytes of a command that fit into a request, and of a response.
inline constexpr std::uint32_t largest_tpm_command = 4087;
inline constexpr std::size_t largest_tpm_response = 4092;

/// SVSM_VTPM_CMD: a platform command in the guest's buffer, which the response takes.   SVSM 8.2
/// @param registers  RCX: gPA of {u32 command = 8; u8 locality; u32 size; bytes}, with any alignment
/// @return SUCCESS, for errors of the TPM, too; INVALID_PARAMETER, INVALID_ADDRESS
template <class Context, machine_for<Context> Machine, tpm Device>
[[nodiscard]] constexpr auto vtpm_command(Context& ctx, Machine& machine, const monitor& self, Device& device,
                                          const call_registers& registers) -> call_result {
  constexpr std::uint32_t send = std::to_underlying(layout::svsm_vtpm_platform_commands::send_command);
  const gpa where{registers.rcx};
  if (ctx.denies(rule::SVSM_TPM_02, where == gpa{0})) return ends(result_code::invalid_parameter, rule::SVSM_TPM_02);
  std::array<std::uint8_t, 4> word{send};  // without SVSM-TPM-03 what cannot be read would be a command
  const auto first = is_valid(ctx, self, where, 4)
                         ? read_guest(ctx, machine, where, word, result_code::invalid_parameter)
                         : refuse(result_code::invalid_parameter, rule::SVSM_TPM_03);
  if (!first && first.error().blocked) return first.error();
  if (ctx.denies(rule::SVSM_TPM_03, !first)) return ends(result_code::invalid_parameter, rule::SVSM_TPM_03);
  const std::uint32_t command = layout::read_le<std::uint32_t>(word.data());
  if (ctx.denies(rule::SVSM_TPM_04, command != send)) return ends(result_code::invalid_parameter, rule::SVSM_TPM_04);
  layout::svsm_vtpm_send_command request;
  const auto whole = is_valid(ctx, self, where, request.bytes().size())
                         ? read_guest(ctx, machine, where, request.bytes())
                         : refuse(result_code::invalid_address, rule::SVSM_TPM_05);
  if (!whole && whole.error().blocked) return whole.error();
  if (ctx.denies(rule::SVSM_TPM_05, !whole)) return ends(result_code::invalid_address, rule::SVSM_TPM_05);
  const std::uint32_t size = request.inbuf_size();
  if (ctx.denies(rule::SVSM_TPM_06, request.locality() != 0 || size > largest_tpm_command))
    return ends(result_code::invalid_parameter, rule::SVSM_TPM_06);

  const std::span<const std::uint8_t> bytes = request.inbuf();
  const std::vector<std::uint8_t> response = device.execute(bytes.first(std::min<std::size_t>(size, bytes.size())));
  if (ctx.applies(rule::SVSM_TPM_07, response.size() > largest_tpm_response)) return {};
  std::vector<std::uint8_t> answer(4 + response.size());
  layout::write_le(answer.data(), static_cast<std::uint32_t>(response.size()));
  std::copy(response.begin(), response.end(), answer.begin() + 4);
  if (const auto written = write_guest(ctx, machine, where, answer); !written) return written.error();
  return {};
}

/// Protocol 2.   SVSM, chapter 8
template <class Context, machine_for<Context> Machine, tpm Device>
[[nodiscard]] constexpr auto serve_vtpm(Context& ctx, Machine& machine, const monitor& self, Device& device,
                                        call_registers& registers) -> call_result {
  using enum layout::svsm_vtpm_calls;
  const std::uint32_t call = call_of(registers.rax);
  if (ctx.denies(rule::SVSM_DSP_03, call > std::to_underlying(cmd)))
    return ends(result_code::unsupported_call, rule::SVSM_DSP_03);
  if (call == std::to_underlying(query)) {  // SVSM-TPM-01
    registers.rcx = std::uint64_t{1} << std::to_underlying(layout::svsm_vtpm_platform_commands::send_command);
    registers.rdx = 0;
    return {};
  }
  return vtpm_command(ctx, machine, self, device, registers);
}

}  // namespace sevspec::inline v0::svsm

#endif
