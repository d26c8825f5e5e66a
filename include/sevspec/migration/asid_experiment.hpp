// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_ASID_EXPERIMENT_HPP
#define SEVSPEC_MIGRATION_ASID_EXPERIMENT_HPP

#include <cstdint>
#include <deque>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/memory/asid_activation.hpp>
#include <sevspec/memory/asid_states.hpp>
#include <sevspec/migration/asid_pool.hpp>

/// How many flushes a series of guests costs. Every ASID that the pool hands out is activated in the firmware's record,
/// which refuses dirty ones: the pool cannot cheat.   MIG-ASID-03 to 05
namespace sevspec::inline v0::migration {

/// A platform's record of ASIDs, with guests.
/// @tparam Highest    room for ASIDs
/// @tparam Complexes  core complexes; WBINVD is executed on all of them
template <std::uint32_t Highest, std::uint32_t Complexes = 2>
class asid_platform {
 public:
  explicit asid_platform(const memory::asid_ranges& ranges) : ranges_(ranges) { Expects(ranges.highest <= Highest); }

  void wbinvd() {
    for (std::uint32_t i = 0; i < Complexes; ++i) memory::note_wbinvd(states_, {i});
  }
  [[nodiscard]] auto df_flush() -> layout::sev_status_codes {
    context<> ctx;
    return memory::df_flush(ctx, states_).status;
  }

  /// Activates a guest whose launch is then finished.
  template <class Context>
  [[nodiscard]] auto launch(Context& ctx, memory::guest_kind kind, asid id) -> memory::asid_result {
    memory::guest_asid slot;
    const memory::asid_result done = memory::activate(ctx, states_, ranges_, slot, {.kind = kind}, id);
    if (done) memory::finish_launch(states_, slot);
    return done;
  }
  /// Deactivates it.
  template <class Context>
  void end(Context& ctx, asid id) {
    memory::guest_asid slot{.id = id};
    static_cast<void>(memory::deactivate(ctx, states_, slot));
  }

  [[nodiscard]] auto states() const noexcept -> const memory::asid_states<Highest, Complexes>& { return states_; }

 private:
  memory::asid_ranges ranges_;
  memory::asid_states<Highest, Complexes> states_{};
};

/// What a series of guests did.
struct experiment_result {
  pool_counters pool{};
  std::uint64_t refused = 0;  ///< activations that the firmware refused: none, if the pool is right

  friend constexpr auto operator==(const experiment_result&, const experiment_result&) -> bool = default;
};

/// Launches guests until `alive` run; then, `replacements` times, the oldest ends and a new one is launched.
/// @tparam Highest  room for ASIDs
/// @param asids     of SEV guests: 1 to `asids`
/// @param alive     1 to `asids`
template <std::uint32_t Highest>
[[nodiscard]] auto replace_guests(std::uint32_t asids, std::uint32_t alive, std::uint32_t replacements,
                                  reclaim_policy policy) -> experiment_result {
  Expects(asids <= Highest && alive >= 1 && alive <= asids);
  const memory::asid_ranges ranges{.highest = asids, .min_sev = 1};
  asid_platform<Highest> platform(ranges);
  asid_pool pool(ranges, policy);
  context<> ctx;
  std::deque<asid> running;
  experiment_result made;
  const auto launch = [&] {
    const auto id = pool.take(ctx, platform, memory::guest_kind::sev);
    if (!id) return;
    if (!platform.launch(ctx, memory::guest_kind::sev, *id)) ++made.refused;
    running.push_back(*id);
  };
  for (std::uint32_t i = 0; i < alive; ++i) launch();
  for (std::uint32_t i = 0; i < replacements; ++i) {
    const asid gone = running.front();
    running.pop_front();
    platform.end(ctx, gone);
    static_cast<void>(pool.give_back(ctx, platform, gone));
    launch();
  }
  made.pool = pool.counters();
  return made;
}

/// `guests` one after another; the last one ends, too.
template <std::uint32_t Highest>
[[nodiscard]] auto guests_in_sequence(std::uint32_t asids, std::uint32_t guests, reclaim_policy policy)
    -> experiment_result {
  Expects(guests >= 1 && asids <= Highest);
  const memory::asid_ranges ranges{.highest = asids, .min_sev = 1};
  asid_platform<Highest> platform(ranges);
  asid_pool pool(ranges, policy);
  context<> ctx;
  experiment_result made;
  for (std::uint32_t i = 0; i < guests; ++i) {
    const auto id = pool.take(ctx, platform, memory::guest_kind::sev);
    Ensures(id.has_value());
    if (!platform.launch(ctx, memory::guest_kind::sev, *id)) ++made.refused;
    platform.end(ctx, *id);
    static_cast<void>(pool.give_back(ctx, platform, *id));
  }
  made.pool = pool.counters();
  return made;
}

}  // namespace sevspec::inline v0::migration

#endif
