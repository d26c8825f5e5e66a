// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SCRATCH_HPP
#define SEVSPEC_GHCB_SCRATCH_HPP

#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/page_exit.hpp>

namespace sevspec::inline v0::ghcb {

/// A scratch area that may be used.
struct scratch_area {
  gpa where{};
  std::uint64_t length{};
  bool in_page{};  ///< inside the GHCB: its bytes are part of the snapshot

  friend constexpr auto operator==(const scratch_area&, const scratch_area&) -> bool = default;
};

/// Judges SW_SCRATCH for an event that needs `length` bytes.   GHCB 2.6, 4.1
/// @return the area, or the rule that refuses it: malformed input, reason 3
template <class Context>
[[nodiscard]] constexpr auto locate_scratch(Context& ctx, gpa ghcb_page, gpa scratch, std::uint64_t length)
    -> std::expected<scratch_area, rule> {
  if (ctx.denies(rule::GHCB_SCR_01, scratch.value == 0)) return std::unexpected{rule::GHCB_SCR_01};
  const std::uint64_t end = scratch.value + length;
  if (ctx.denies(rule::GHCB_SCR_03, end < scratch.value)) return std::unexpected{rule::GHCB_SCR_03};
  const bool in_page = page_base(scratch, page_size::k4k) == ghcb_page;
  if (in_page) {
    const std::uint64_t first = page_offset(scratch, page_size::k4k);
    if (ctx.denies(rule::GHCB_SCR_02, first < 0x800 || end > ghcb_page.value + 0xff0))
      return std::unexpected{rule::GHCB_SCR_02};
    // Without the rule the bytes may leave the page: then they are not the snapshot's.
    return scratch_area{scratch, length, first >= 0x800 && end <= ghcb_page.value + 0xff0};
  }
  const bool too_long =
      ctx.choices.scratch_external_max == external_scratch::none ||
      (ctx.choices.scratch_external_max == external_scratch::kib_64 && length > 16 * bytes_in(page_size::k4k));
  if (ctx.denies(rule::GHCB_SCR_04, too_long)) return std::unexpected{rule::GHCB_SCR_04};
  return scratch_area{scratch, length, false};
}

/// Copies bytes of a scratch area, each once: from the snapshot where they are in it, else from guest memory.
/// @param offset  in the area; `offset + to.size()` is at most its length
/// @return false if the hypervisor cannot read them, as of a private page (GHCB-SCR-06)
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto read_scratch(Context& ctx, Environment& env, const snapshot& request,
                                          const scratch_area& area, std::uint64_t offset, std::span<std::uint8_t> to)
    -> bool {
  if (area.in_page) {
    const std::uint64_t from = page_offset(area.where, page_size::k4k) + offset;
    for (std::uint64_t i = 0; i < to.size(); ++i) to[i] = request.page.data()[from + i];
    return true;
  }
  const bool readable = env.read(area.where + offset, to);
  return !ctx.denies(rule::GHCB_SCR_06, !readable);
}

/// Copies bytes back to the guest's scratch area.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto write_scratch(Context& ctx, Environment& env, const scratch_area& area,
                                           std::uint64_t offset, std::span<const std::uint8_t> from) -> bool {
  const bool writable = env.write(area.where + offset, from);
  return !ctx.denies(rule::GHCB_SCR_06, !writable);
}

}  // namespace sevspec::inline v0::ghcb

#endif
