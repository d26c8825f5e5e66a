// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SCRATCH_HPP
#define SEVSPEC_GHCB_SCRATCH_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

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

  friend constexpr auto operator==(const scratch_area&, const scratch_area&) -> bool = default;
};

/// Judges SW_SCRATCH for an event that needs `length` bytes.   GHCB 2.6, 4.1
///
/// What lies in the GHCB is what begins there. An area that runs into the page from below is one outside, or refused:
/// `implementation_choices::scratch_runs_into_ghcb`.
/// @return the area, or the rule that refuses it: malformed input, reason 3
template <class Context>
[[nodiscard]] constexpr auto locate_scratch(Context& ctx, gpa ghcb_page, gpa scratch, std::uint64_t length)
    -> std::expected<scratch_area, rule> {
  if (ctx.denies(rule::GHCB_SCR_01, scratch.value == 0)) return std::unexpected{rule::GHCB_SCR_01};
  const std::uint64_t end = scratch.value + length;
  if (ctx.denies(rule::GHCB_SCR_03, end < scratch.value)) return std::unexpected{rule::GHCB_SCR_03};
  const bool starts_in_page = page_base(scratch, page_size::k4k) == ghcb_page;
  const bool runs_into_page = scratch < ghcb_page && end > ghcb_page.value;
  const bool fits = scratch.value >= ghcb_page.value + 0x800 && end <= ghcb_page.value + 0xff0;
  const bool of_the_page =
      starts_in_page || (runs_into_page && ctx.choices.scratch_runs_into_ghcb == scratch_from_outside::refused);
  if (ctx.denies(rule::GHCB_SCR_02, of_the_page && !fits)) return std::unexpected{rule::GHCB_SCR_02};
  if (of_the_page) return scratch_area{scratch, length};
  const bool too_long =
      ctx.choices.scratch_external_max == external_scratch::none ||
      (ctx.choices.scratch_external_max == external_scratch::kib_64 && length > 16 * bytes_in(page_size::k4k));
  if (ctx.denies(rule::GHCB_SCR_04, too_long)) return std::unexpected{rule::GHCB_SCR_04};
  return scratch_area{scratch, length};
}

/// Copies bytes of a scratch area, each once: those of the GHCB's page from the snapshot, which has them already
/// (GHCB-PAGE-08), all others from guest memory.
/// @param offset  in the area; `offset + to.size()` is at most its length
/// @return false if the hypervisor cannot read them, as of a private page (GHCB-SCR-06)
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto read_scratch(Context& ctx, Environment& env, const snapshot& request,
                                          const scratch_area& area, std::uint64_t offset, std::span<std::uint8_t> to)
    -> bool {
  const std::uint64_t first = area.where.value + offset;
  const std::uint64_t page = request.where.value;
  const auto bytes_before = [&](std::uint64_t end) {
    return static_cast<std::size_t>(first >= end ? 0 : std::min<std::uint64_t>(end - first, to.size()));
  };
  const std::size_t own = bytes_before(page);  // the first byte that is the page's, and the first one behind
  const std::size_t behind = bytes_before(page + bytes_in(page_size::k4k));
  if (own == behind) return !ctx.denies(rule::GHCB_SCR_06, !env.read(gpa{first}, to));
  for (std::size_t i = own; i < behind; ++i) to[i] = request.page.data()[first + i - page];
  bool readable = own == 0 || env.read(gpa{first}, to.first(own));
  if (behind != to.size()) readable = env.read(gpa{first + behind}, to.subspan(behind)) && readable;
  return !ctx.denies(rule::GHCB_SCR_06, !readable);
}

/// Copies a whole scratch area: devices come afterwards, so that nothing is left half done (GHCB-SCR-06).
/// @return nothing if the hypervisor cannot read it
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto fetch_scratch(Context& ctx, Environment& env, const snapshot& request,
                                           const scratch_area& area) -> std::optional<std::vector<std::uint8_t>> {
  std::vector<std::uint8_t> all;
  while (all.size() < area.length) {  // a page at a time: where memory ends, so does the copy
    const std::size_t at = all.size();
    all.resize(at + static_cast<std::size_t>(std::min<std::uint64_t>(bytes_in(page_size::k4k), area.length - at)));
    if (!read_scratch(ctx, env, request, area, at, std::span{all}.subspan(at))) return std::nullopt;
  }
  return all;
}

/// Copies bytes back to the guest's scratch area.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto write_scratch(Context& ctx, Environment& env, const scratch_area& area,
                                           std::uint64_t offset, std::span<const std::uint8_t> from) -> bool {
  const bool writable = env.write(area.where + offset, from);
  return !ctx.denies(rule::GHCB_SCR_06, !writable);
}

/// The same for what a device will give, before it is asked: the whole area is fetched, and written back as it was.
/// @return nothing if the hypervisor cannot read or write it
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto prepare_scratch(Context& ctx, Environment& env, const snapshot& request,
                                             const scratch_area& area) -> std::optional<std::vector<std::uint8_t>> {
  auto all = fetch_scratch(ctx, env, request, area);
  if (!all || !write_scratch(ctx, env, area, 0, *all)) return std::nullopt;
  return all;
}

}  // namespace sevspec::inline v0::ghcb

#endif
