// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_ASID_POOL_HPP
#define SEVSPEC_MIGRATION_ASID_POOL_HPP

#include <concepts>
#include <cstdint>
#include <expected>
#include <set>

#include <gsl/assert>

#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/memory/asid_ranges.hpp>

/// A hypervisor's ASIDs of encrypted guests. The firmware's record of them is `memory::asid_states`; this is who asks it.
namespace sevspec::inline v0::migration {

/// When caches are flushed.
enum class reclaim_policy : std::uint8_t {
  naive,    ///< at each launch and at each exit, as hypervisors did in 2019
  batched,  ///< when no ASID is free: all that wait at once
};

/// "naive", "batched".
[[nodiscard]] constexpr auto name_of(reclaim_policy policy) noexcept -> const char* {
  return policy == reclaim_policy::naive ? "naive" : "batched";
}

/// The machine that a pool flushes: WBINVD on every processor, and DF_FLUSH or SNP_DF_FLUSH.
template <class Host>
concept flushing_host = requires(Host& host) {
  { host.wbinvd() };
  { host.df_flush() } -> std::same_as<layout::sev_status_codes>;
};

/// What happened so far.
struct pool_counters {
  std::uint64_t taken = 0;
  std::uint64_t given_back = 0;
  std::uint64_t busy = 0;     ///< no ASID, and none to reclaim
  std::uint64_t wbinvd = 0;   ///< on all processors
  std::uint64_t flushes = 0;  ///< DF_FLUSH, successful
  std::uint64_t failed = 0;   ///< DF_FLUSH, refused

  friend constexpr auto operator==(const pool_counters&, const pool_counters&) -> bool = default;
};

/// Why there is no ASID.
enum class pool_error : std::uint8_t {
  busy,          ///< all are in use: EBUSY
  flush_failed,  ///< the firmware refused DF_FLUSH; what waits goes on waiting
  locked,        ///< a DEACTIVATE is under way
};

/// "busy", "flush failed", "locked".
[[nodiscard]] constexpr auto name_of(pool_error error) noexcept -> const char* {
  switch (error) {
    case pool_error::busy:         return "busy";
    case pool_error::flush_failed: return "flush failed";
    case pool_error::locked:       return "locked";
  }
  return "?";
}

/// Which ASIDs are free, which are used, and which wait for a flush. A regular value.
///
/// A guest ends by `start_deactivate`, DEACTIVATE, `end_deactivate`, DECOMMISSION, `give_back`.
/// Linux arch/x86/kvm/svm/sev.c; ENC-ASID-13
class asid_pool {
 public:
  /// @param ranges  how the platform divides its ASIDs; all of them are free, and dirty (MIG-ASID-02)
  explicit asid_pool(const memory::asid_ranges& ranges, reclaim_policy policy = reclaim_policy::batched)
      : ranges_(ranges), policy_(policy) {
    for (std::uint32_t id = 1; id <= ranges.highest; ++id) free_.insert(asid{id});
  }

  /// An ASID for a guest of a kind: the lowest that is free, after a flush if there must be one.
  template <class Context, flushing_host Host>
  [[nodiscard]] auto take(Context& ctx, Host& host, memory::guest_kind kind) -> std::expected<asid, pool_error> {
    const memory::asid_range wanted = ranges_.of(kind);
    const bool first = ctx.applies(rule::MIG_ASID_02, !flushed_since_init_);
    if (first || policy_ == reclaim_policy::naive)
      if (const auto done = flush(ctx, host, wanted); !done) return std::unexpected{done.error()};
    auto found = lowest(free_, wanted);
    if (!found && lowest(waiting_, wanted)) {
      if (const auto done = flush(ctx, host, wanted); !done) return std::unexpected{done.error()};
      found = lowest(free_, wanted);
    }
    if (!found) {
      ++counters_.busy;
      return std::unexpected{pool_error::busy};
    }
    const asid id = *found;
    free_.erase(id);
    used_.insert(id);
    ++counters_.taken;
    return id;
  }

  /// Before DEACTIVATE: nobody may flush until its end, because DEACTIVATE makes an executed WBINVD count no longer.
  /// Several may be under way.   ENC-ASID-13
  /// @return false while a flush is under way
  template <class Context>
  [[nodiscard]] auto start_deactivate(Context& ctx) -> bool {
    if (ctx.denies(rule::ENC_ASID_13, flushing_)) return false;
    ++deactivating_;
    return true;
  }
  /// After DEACTIVATE.
  void end_deactivate() {
    Expects(deactivating_ > 0);
    --deactivating_;
  }

  /// The guest is gone. Its ASID waits for a flush; with `reclaim_policy::naive` there is one now.
  /// @param id  was taken
  template <class Context, flushing_host Host>
  auto give_back(Context& ctx, Host& host, asid id) -> std::expected<void, pool_error> {
    Expects(used_.contains(id));
    used_.erase(id);
    waiting_.insert(id);
    ++counters_.given_back;
    if (policy_ == reclaim_policy::batched) return {};
    return flush(ctx, host, {1, ranges_.highest});
  }

  /// The first half of a flush, WBINVD: no DEACTIVATE from now on.   ENC-ASID-13
  template <class Context, flushing_host Host>
  [[nodiscard]] auto start_flush(Context& ctx, Host& host) -> std::expected<void, pool_error> {
    if (ctx.denies(rule::ENC_ASID_13, deactivating_ > 0)) return std::unexpected{pool_error::locked};
    flushing_ = true;
    host.wbinvd();
    ++counters_.wbinvd;
    return {};
  }
  /// The second half, DF_FLUSH: what waited is free, whatever its range.   MIG-ASID-01
  /// @param wanted  the range for whose sake there is a flush
  template <class Context, flushing_host Host>
  [[nodiscard]] auto finish_flush(Context& ctx, Host& host, memory::asid_range wanted)
      -> std::expected<void, pool_error> {
    flushing_ = false;
    if (host.df_flush() != layout::sev_status_codes::success) {
      ++counters_.failed;
      return std::unexpected{pool_error::flush_failed};
    }
    ++counters_.flushes;
    flushed_since_init_ = true;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const bool own = wanted.contains(*at);
      const bool of_others = ctx.applies(rule::MIG_ASID_01, !own);
      if (!own && !of_others) {
        ++at;
        continue;
      }
      free_.insert(*at);
      at = waiting_.erase(at);
    }
    return {};
  }

  [[nodiscard]] auto free() const noexcept -> const std::set<asid>& { return free_; }
  [[nodiscard]] auto used() const noexcept -> const std::set<asid>& { return used_; }
  /// Given back, and not flushed since.
  [[nodiscard]] auto waiting() const noexcept -> const std::set<asid>& { return waiting_; }
  [[nodiscard]] auto counters() const noexcept -> const pool_counters& { return counters_; }

  friend auto operator==(const asid_pool&, const asid_pool&) -> bool = default;

 private:
  template <class Context, flushing_host Host>
  [[nodiscard]] auto flush(Context& ctx, Host& host, memory::asid_range wanted) -> std::expected<void, pool_error> {
    if (auto begun = start_flush(ctx, host); !begun) return begun;
    return finish_flush(ctx, host, wanted);
  }
  [[nodiscard]] static auto lowest(const std::set<asid>& from, memory::asid_range range) -> const asid* {
    const auto found = from.lower_bound(asid{range.first});
    return found != from.end() && range.contains(*found) ? &*found : nullptr;
  }

  memory::asid_ranges ranges_;
  reclaim_policy policy_;
  std::set<asid> free_{};
  std::set<asid> used_{};
  std::set<asid> waiting_{};
  bool flushed_since_init_ = false;
  bool flushing_ = false;
  unsigned deactivating_ = 0;
  pool_counters counters_{};
};

}  // namespace sevspec::inline v0::migration

#endif
