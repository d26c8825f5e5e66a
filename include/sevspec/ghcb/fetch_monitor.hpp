// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_FETCH_MONITOR_HPP
#define SEVSPEC_GHCB_FETCH_MONITOR_HPP

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0::ghcb {

/// A byte of the guest's that a hypervisor read twice in one exit.
struct double_fetch {
  gpa where{};
  std::uint8_t first{};
  std::uint8_t second{};
  rule decided_by = rule::GHCB_PAGE_08;

  /// The guest changed the byte in between: what was checked is not what is used.
  [[nodiscard]] constexpr auto changed() const noexcept -> bool { return first != second; }
  friend constexpr auto operator==(const double_fetch&, const double_fetch&) -> bool = default;
};

/// Watches how guest memory is read: wrap the environment of a hypervisor, call `begin_exit` at each VMGEXIT, and ask
/// afterwards for what was fetched twice (GHCB-PAGE-08). Other members are the environment's own.
///
/// Bytes that the hypervisor wrote itself in the same exit may be read again.
/// @tparam Environment  with `read` and `write`; copied
template <class Environment>
class fetch_monitor : public Environment {
 public:
  explicit fetch_monitor(Environment environment) : Environment(std::move(environment)) {}

  void begin_exit() { seen_.clear(); }
  /// In the order of the second reads, of all exits.
  [[nodiscard]] auto double_fetches() const noexcept -> const std::vector<double_fetch>& { return found_; }

  [[nodiscard]] auto read(gpa where, std::span<std::uint8_t> to) -> bool {
    if (!Environment::read(where, to)) return false;
    for (std::uint64_t i = 0; i < to.size(); ++i) {
      const auto [at, is_new] = seen_.emplace(where.value + i, to[i]);
      if (!is_new) found_.push_back({where + i, at->second, to[i]});
    }
    return true;
  }
  [[nodiscard]] auto write(gpa where, std::span<const std::uint8_t> from) -> bool {
    for (std::uint64_t i = 0; i < from.size(); ++i) seen_.erase(where.value + i);
    return Environment::write(where, from);
  }

 private:
  std::map<std::uint64_t, std::uint8_t> seen_;
  std::vector<double_fetch> found_;
};

/// The verdict of a hypervisor's trace of reads, for those who have a log instead of a wrapper: whether the two values
/// that one exit fetched from one place may differ. With the rule in force they may not even be two.
template <class Context>
[[nodiscard]] constexpr auto is_single_fetch(Context& ctx, unsigned fetches) -> bool {
  return !ctx.denies(rule::GHCB_PAGE_08, fetches > 1);
}

}  // namespace sevspec::inline v0::ghcb

#endif
