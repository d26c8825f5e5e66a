// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_RING_BUFFER_HPP
#define SEVSPEC_FIRMWARE_RING_BUFFER_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/ring_mode.hpp>
#include <sevspec/layout/sev_command.hpp>

/// Ring buffer mode: commands come in pages of entries, answers go to others.   SEV API, RING_BUFFER
namespace sevspec::inline v0::firmware {

/// One entry of a page of commands.   FW-RB-03
struct ring_entry {
  std::uint16_t command = 0;
  bool interrupt = false;          ///< on completion
  bool continue_on_error = false;  ///< entries behind a failed one are executed, too
  std::uint32_t software_data = 0;
  std::uint64_t buffer = 0;

  friend constexpr auto operator==(const ring_entry&, const ring_entry&) -> bool = default;
};
inline constexpr std::uint64_t ring_entry_bytes = 16;

[[nodiscard]] constexpr auto read_ring_entry(byte_view bytes) -> ring_entry {
  const auto flags = layout::read_le<std::uint16_t>(bytes.data() + 2);
  return {.command = layout::read_le<std::uint16_t>(bytes.data()),
          .interrupt = (flags & 1) != 0,
          .continue_on_error = (flags & 2) != 0,
          .software_data = layout::read_le<std::uint32_t>(bytes.data() + 4),
          .buffer = layout::read_le<std::uint64_t>(bytes.data() + 8)};
}
[[nodiscard]] constexpr auto ring_entry_image(const ring_entry& entry) -> byte_array<ring_entry_bytes> {
  byte_array<ring_entry_bytes> made{};
  layout::write_le(made.data(), entry.command);
  layout::write_le(made.data() + 2,
                   static_cast<std::uint16_t>((entry.interrupt ? 1 : 0) | (entry.continue_on_error ? 2 : 0)));
  layout::write_le(made.data() + 4, entry.software_data);
  layout::write_le(made.data() + 8, entry.buffer);
  return made;
}

/// RING_BUFFER: enters the mode.   FW-RB-01, 02
template <class Context, class Machine>
[[nodiscard]] auto enter_ring_mode(Context& ctx, Machine& m, const layout::cmd_ring_buffer& cmd) -> status {
  if (ctx.denies(rule::FW_RB_02, is_legacy_uninit(m) && !is_snp_init(m))) return status::invalid_platform_state;
  const bool sizes = cmd.lo_size() == 1 && cmd.hi_size() <= 1;
  if (ctx.denies(rule::FW_RB_02, m.sp.ring.has_value() || !sizes)) return status::invalid_param;
  const bool has_high = cmd.hi_size() == 1;
  std::array<std::uint64_t, 4> pages{cmd.lo_cmd_ptr(), cmd.lo_stat_val(), cmd.hi_cmd_ptr(), cmd.hi_stat_val()};
  const std::size_t used = has_high ? 4 : 2;
  bool aligned = true;
  for (std::size_t i = 0; i < used; ++i) aligned = aligned && target_of(m, pages[i]).value % 4096 == 0;
  if (ctx.denies(rule::FW_RB_02, !aligned)) return status::invalid_address;
  for (std::size_t i = 0; i < used; ++i)
    if (const status bad = check_range(ctx, m, pages[i], 4096); bad != status::success) return bad;
  for (std::size_t i = 1; i < used; i += 2)
    if (const status bad = check_written(ctx, m, pages[i], 4096); bad != status::success) return bad;
  ring_mode made{.low = {.commands = pages[0], .statuses = pages[1], .threshold = cmd.lo_threshold()},
                 .interrupt_on_empty = cmd.int_on_empty()};
  if (has_high) made.high = command_ring{.commands = pages[2], .statuses = pages[3], .threshold = cmd.hi_threshold()};
  m.sp.ring = made;
  return status::success;
}

/// Software has filled entries up to (not including) this index. Rings that stopped go on.   FW-RB-03
template <class Machine>
constexpr void advance_ring(Machine& m, bool high, std::uint8_t tail) {
  if (!m.sp.ring || (high && !m.sp.ring->high)) return;
  m.sp.ring->stopped = false;
  (high ? *m.sp.ring->high : m.sp.ring->low).tail = tail;
}

/// What one step of the ring came to.
struct ring_step {
  bool high = false;
  std::uint8_t index = 0;
  ring_entry entry{};
  status code = status::success;
  bool stopped = false;    ///< the entry failed, and those behind it are not executed before software adds more
  bool interrupt = false;  ///< software asked to be told, or the rings are empty, or as full as the threshold

  friend constexpr auto operator==(const ring_step&, const ring_step&) -> bool = default;
};

/// Takes the next entry, from the high-priority ring first, executes it and writes its status.   FW-RB-03
/// @param run  `run(command id, buffer) -> status`: the dispatcher, without leaving the mode
/// @return nothing if both rings are empty, or stopped, or the mode is off
template <class Context, class Machine, class Run>
[[nodiscard]] auto step_ring(Context& ctx, Machine& m, Run&& run) -> std::optional<ring_step> {
  if (!m.sp.ring || m.sp.ring->stopped) return {};
  const auto is_empty = [](const command_ring& ring) { return ring.head == ring.tail; };
  const bool high = m.sp.ring->high && !is_empty(*m.sp.ring->high);
  if (!high && is_empty(m.sp.ring->low)) return {};
  command_ring& ring = high ? *m.sp.ring->high : m.sp.ring->low;
  ring_step done{.high = high, .index = ring.head};
  byte_array<ring_entry_bytes> bytes{};
  read_plain(ctx, m, ring.commands + done.index * ring_entry_bytes, bytes);
  done.entry = read_ring_entry(bytes);
  const std::uint64_t statuses = ring.statuses;
  ++ring.head;  // wraps at 256
  done.code = run(static_cast<std::uint32_t>(done.entry.command), done.entry.buffer);
  byte_array<ring_entry_bytes> told{};
  layout::write_le(told.data(), static_cast<std::uint16_t>(done.code));
  write_plain(ctx, m, statuses + done.index * ring_entry_bytes, told);
  done.stopped = done.code != status::success && !done.entry.continue_on_error;
  m.sp.ring->stopped = done.stopped;
  const auto waiting = static_cast<std::uint8_t>(ring.tail - ring.head);
  const bool all_empty = is_empty(m.sp.ring->low) && (!m.sp.ring->high || is_empty(*m.sp.ring->high));
  done.interrupt = done.entry.interrupt || (m.sp.ring->interrupt_on_empty && all_empty) ||
                   (ring.threshold != 0 && waiting == ring.threshold);
  drop_ring_if_idle(ctx, m);  // not before the status page has its last entry
  return done;
}

}  // namespace sevspec::inline v0::firmware

#endif
