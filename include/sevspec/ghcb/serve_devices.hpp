// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SERVE_DEVICES_HPP
#define SEVSPEC_GHCB_SERVE_DEVICES_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/page_exit.hpp>
#include <sevspec/ghcb/scratch.hpp>
#include <sevspec/layout/exit_info.hpp>

/// Events that reach devices: ports and memory-mapped I/O. No device is touched before all of the scratch area is known
/// to be usable: what is refused has not happened.
namespace sevspec::inline v0::ghcb {

/// Bytes of one element of an IOIO event, 0 if the size bits are not exactly one (GHCB-NAE-07).
[[nodiscard]] constexpr auto port_width(layout::exitinfo1_ioio word) noexcept -> unsigned {
  const unsigned one_hot = (word.sz8() ? 1U : 0U) + (word.sz16() ? 1U : 0U) + (word.sz32() ? 1U : 0U);
  if (one_hot != 1) return 0;
  return word.sz8() ? 1 : word.sz16() ? 2 : 4;
}

/// IN, OUT, INS, OUTS (GHCB-NAE-07).   GHCB 4.1
///
/// String instructions bring SW_EXITINFO2 elements in the scratch area. A guest passes at most the shared buffer's worth
/// per exit, takes that off its RCX, and executes the instruction again while something is left.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_ioio(Context& ctx, Environment& env, const snapshot& request) -> page_answer {
  const layout::exitinfo1_ioio word{request.info_1()};
  const unsigned width = port_width(word);
  if (ctx.denies(rule::GHCB_NAE_07, width == 0))
    return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_NAE_07);
  if (width == 0) return {};
  const std::uint32_t port = word.port();
  const auto mask = static_cast<std::uint32_t>(bit_range(8 * width - 1, 0));

  if (!word.str()) {
    if (word.in()) return {.rax = std::uint64_t{env.port_in(port, width)} & mask};
    env.port_out(port, width, static_cast<std::uint32_t>(request.page.rax()) & mask);
    return {};
  }
  const std::uint64_t count = request.info_2();
  const bool overflows = count > ~std::uint64_t{} / width;
  if (ctx.denies(rule::GHCB_SCR_03, overflows))
    return malformed(layout::ghcb_error_codes::invalid_scratch_area, rule::GHCB_SCR_03);
  const auto area = locate_scratch(ctx, request.where, gpa{request.value(ghcb_field::sw_scratch)}, count * width);
  if (!area) return malformed(layout::ghcb_error_codes::invalid_scratch_area, area.error());
  const auto refused = [] { return malformed(layout::ghcb_error_codes::invalid_scratch_area, rule::GHCB_SCR_06); };
  auto data = word.in() ? prepare_scratch(ctx, env, request, *area) : fetch_scratch(ctx, env, request, *area);
  if (!data) return refused();
  for (std::size_t at = 0; at < data->size(); at += width) {
    const std::span<std::uint8_t> element = std::span{*data}.subspan(at, width);
    if (word.in()) {
      const std::uint32_t value = env.port_in(port, width);
      for (unsigned i = 0; i < width; ++i) element[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
    } else {
      std::uint32_t value = 0;
      for (unsigned i = 0; i < width; ++i) value |= std::uint32_t{element[i]} << (8 * i);
      env.port_out(port, width, value);
    }
  }
  if (word.in() && !write_scratch(ctx, env, *area, 0, *data)) return refused();
  return {};
}

/// MMIO read and write (GHCB-NAE-14, GHCB-NAE-15): SW_EXITINFO2 bytes between the gPA in SW_EXITINFO1 and the scratch
/// area.   GHCB 4.1
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_mmio(Context& ctx, Environment& env, const snapshot& request, bool write)
    -> page_answer {
  const std::uint64_t length = request.info_2();
  const gpa device{request.info_1()};
  const rule about = write ? rule::GHCB_NAE_15 : rule::GHCB_NAE_14;
  const auto area = locate_scratch(ctx, request.where, gpa{request.value(ghcb_field::sw_scratch)}, length);
  if (!area) return malformed(layout::ghcb_error_codes::invalid_scratch_area, area.error());
  const bool wraps = length != 0 && device.value + (length - 1) < device.value;  // gPAs end somewhere
  if (ctx.denies(about, length == 0 || wraps)) return malformed(layout::ghcb_error_codes::invalid_input, about);
  const auto refused = [] { return malformed(layout::ghcb_error_codes::invalid_scratch_area, rule::GHCB_SCR_06); };
  auto data = write ? fetch_scratch(ctx, env, request, *area) : prepare_scratch(ctx, env, request, *area);
  if (!data) return refused();
  constexpr std::size_t most = 64;  // bytes that a device sees at once
  for (std::size_t at = 0; at < data->size(); at += most) {
    const std::span<std::uint8_t> part = std::span{*data}.subspan(at, std::min(most, data->size() - at));
    if (write) env.mmio_write(device + at, part);
    else env.mmio_read(device + at, part);
  }
  if (!write && !write_scratch(ctx, env, *area, 0, *data)) return refused();
  return {};
}

}  // namespace sevspec::inline v0::ghcb

#endif
