// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_UEFI_MM_HPP
#define SEVSPEC_SVSM_UEFI_MM_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// Protocol 4: requests of UEFI management mode.   coconut-svsm/svsm; tianocore/edk2
namespace sevspec::inline v0::svsm {

/// Who serves management mode: the answer takes the request's bytes.
template <class M>
concept management_mode = requires(M& service, std::span<const std::uint8_t, 16> handler,
                                   std::span<std::uint8_t> data) { service.handle(handler, data); };

/// Nobody: requests come back as they were.
struct no_management_mode {
  static constexpr void handle(std::span<const std::uint8_t, 16>, std::span<std::uint8_t>) noexcept {}
};

/// Bytes of the header {GUID; u64 size}, and of the largest buffer.
inline constexpr std::uint64_t mm_header_bytes = 24;
inline constexpr std::uint64_t largest_mm_buffer = 0x4'0000;

/// Protocol 4.
/// @param registers  RCX: gPA of the buffer; RDX: its bytes
/// @return SUCCESS; UNSUPPORTED_CALL, INVALID_PARAMETER, INVALID_ADDRESS
template <class Context, machine_for<Context> Machine, management_mode Service>
[[nodiscard]] constexpr auto serve_uefi_mm(Context& ctx, Machine& machine, const monitor& self, Service& service,
                                           const call_registers& registers) -> call_result {
  using enum result_code;
  if (ctx.denies(rule::SVSM_MM_01, call_of(registers.rax) != std::to_underlying(layout::svsm_uefi_mm_calls::request)))
    return ends(unsupported_call, rule::SVSM_MM_01);
  const gpa where{registers.rcx};
  const std::uint64_t bytes = registers.rdx;
  if (ctx.denies(rule::SVSM_MM_02, where == gpa{0})) return ends(invalid_parameter, rule::SVSM_MM_02);
  if (ctx.denies(rule::SVSM_MM_02, !is_valid(ctx, self, where, 1))) return ends(invalid_address, rule::SVSM_MM_02);
  if (ctx.denies(rule::SVSM_MM_02, !is_aligned(where, page_size::k4k))) return ends(invalid_address, rule::SVSM_MM_02);
  if (ctx.denies(rule::SVSM_MM_02, bytes < mm_header_bytes || bytes > largest_mm_buffer))
    return ends(invalid_parameter, rule::SVSM_MM_02);
  std::array<std::uint8_t, mm_header_bytes> header{};
  if (const auto read = read_guest(ctx, machine, where, header); !read) return read.error();
  const std::uint64_t size = layout::read_le<std::uint64_t>(header.data() + 16);
  if (ctx.denies(rule::SVSM_MM_03, size > bytes - mm_header_bytes)) return ends(invalid_parameter, rule::SVSM_MM_03);
  // Without the rules sizes are the guest's word; what is not guest memory is refused all the same.
  if (size > largest_mm_buffer || !is_valid(ctx, self, where, mm_header_bytes + size))
    return ends(invalid_address, rule::SVSM_MM_02);

  std::vector<std::uint8_t> data(static_cast<std::size_t>(size));
  if (const auto read = read_guest(ctx, machine, where + mm_header_bytes, data); !read) return read.error();
  service.handle(std::span<const std::uint8_t>{header}.first<16>(), data);
  if (const auto written = write_guest(ctx, machine, where + mm_header_bytes, data); !written) return written.error();
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
