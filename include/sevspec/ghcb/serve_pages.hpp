// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SERVE_PAGES_HPP
#define SEVSPEC_GHCB_SERVE_PAGES_HPP

#include <array>
#include <cstdint>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/page_exit.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/scratch.hpp>

namespace sevspec::inline v0::ghcb {

/// The page state change event.   GHCB 4.1.6
///
/// The header is read once, then the entries that it announces; the length of the scratch area is theirs, not what the
/// guest says elsewhere (GHCB-SCR-05). Only progress is written back: `cur_entry`, and entries that changed.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_page_state_change(Context& ctx, Environment& env, const snapshot& request)
    -> page_answer {
  using enum layout::ghcb_error_codes;
  const gpa scratch{request.value(ghcb_field::sw_scratch)};
  const auto head = locate_scratch(ctx, request.where, scratch, psc_header_bytes);
  if (!head) return malformed(invalid_scratch_area, head.error());
  layout::psc_header header;
  if (!read_scratch(ctx, env, request, *head, 0, header.bytes()))
    return malformed(invalid_scratch_area, rule::GHCB_SCR_06);
  if (const auto wrong = check_psc_header(ctx, header))
    return {.info_2 = wrong->info_2, .decided_by = wrong->decided_by};

  const std::uint64_t length = psc_bytes(header.end_entry());
  const auto area = locate_scratch(ctx, request.where, scratch, length);
  if (ctx.denies(rule::GHCB_SCR_05, !area)) return malformed(invalid_scratch_area, rule::GHCB_SCR_05);
  if (!area || header.end_entry() >= psc_most_entries) return {};  // without the rules: no list to work on

  std::array<std::uint8_t, psc_most_entries * psc_entry_bytes> bytes{};
  std::array<layout::psc_entry, psc_most_entries> entries{};
  const std::size_t count = header.end_entry() + std::size_t{1};
  const std::span<std::uint8_t> raw = std::span{bytes}.first(count * psc_entry_bytes);
  if (!read_scratch(ctx, env, request, *area, psc_header_bytes, raw))
    return malformed(invalid_scratch_area, rule::GHCB_SCR_06);
  for (std::size_t i = 0; i < count; ++i) entries[i].raw = layout::read_le<std::uint64_t>(&bytes[i * psc_entry_bytes]);
  const auto before = entries;
  const std::uint16_t first = header.cur_entry();

  const psc_result result = change_page_states(ctx, header, std::span{entries}.first(count), env);

  // Whether the guest can still be told does not change what was done.
  std::array<std::uint8_t, 8> word{};
  for (std::size_t i = 0; i < count; ++i) {
    if (entries[i] == before[i]) continue;
    layout::write_le(word.data(), entries[i].raw);
    (void)write_scratch(ctx, env, *area, psc_header_bytes + i * psc_entry_bytes, word);
  }
  if (header.cur_entry() != first)
    (void)write_scratch(ctx, env, *area, 0, std::span<const std::uint8_t>{header.data(), 2});
  return {.info_2 = result.info_2, .decided_by = result.decided_by};
}

}  // namespace sevspec::inline v0::ghcb

#endif
