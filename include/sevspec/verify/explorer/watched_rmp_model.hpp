// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_WATCHED_RMP_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_WATCHED_RMP_MODEL_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/peer_finding.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// An `rmp_model` that one claim is held against, instead of the invariants. The hypervisor reads, too: with what the
/// table says of that, though what it gets is ciphertext.
class watched_rmp_model {
 public:
  using machine = rmp_model<2, 2, context<rule_set>>;
  using state = machine::state;
  using packed = machine::packed;
  using finding = contradiction;

  /// A step that was tried.
  struct step {
    const state& before;
    const state& now;
    const machine::operation& op;  ///< counts unless the hypervisor reads
    std::optional<std::uint8_t> read_by_host{};
    fate what{};
    rmp_finding broken{};  ///< what the model itself says of the step

    /// Whether it was let through.
    [[nodiscard]] auto allowed() const noexcept -> bool { return what != fate::refused; }
    [[nodiscard]] auto is(machine::deed which) const noexcept -> bool {
      return !read_by_host && allowed() && op.what == which;
    }
    /// A guest's reference through C=1.
    [[nodiscard]] auto is_private() const noexcept -> bool {
      return is(machine::deed::private_read) || is(machine::deed::private_write);
    }
    /// A write that is not a guest's private one.
    [[nodiscard]] auto is_foreign_write() const noexcept -> bool {
      return is(machine::deed::host_write) || is(machine::deed::device_write) || is(machine::deed::shared_write);
    }
    [[nodiscard]] auto entry_before() const -> rmp::entry {
      return rmp::authoritative_entry(before.rmp, {read_by_host.value_or(op.page)});
    }
    [[nodiscard]] auto guest() const noexcept -> asid { return {op.guest + 1U}; }
  };
  using judge = auto (*)(const step&) -> contradiction;

  watched_rmp_model(const rmp_parts& parts, judge claim, context<rule_set> ctx = {})
      : machine_(parts, ctx), claim_(claim), ctx_(ctx) {}

  [[nodiscard]] auto initial() const -> state { return machine_.initial(); }
  [[nodiscard]] auto operations() const -> std::uint32_t { return machine_.operations() + pages; }
  [[nodiscard]] auto check(const state&) const -> finding { return {}; }
  [[nodiscard]] auto pack(const state& one) const -> packed { return machine_.pack(one); }
  [[nodiscard]] auto unpack(const packed& bits) const -> state { return machine_.unpack(bits); }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    if (which >= machine_.operations()) return host_read(before, which - machine_.operations());
    const auto done = machine_.apply(before, now, which);
    return {.what = done.what,
            .broken = claim_({.before = before,
                              .now = now,
                              .op = machine_.operation_of(which),
                              .what = done.what,
                              .broken = done.broken})};
  }
  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string {
    if (which < machine_.operations()) return machine_.describe(which);
    return "host: reads page " + std::to_string(which - machine_.operations());
  }

 private:
  static constexpr std::uint32_t pages = 2;

  [[nodiscard]] auto host_read(const state& before, std::uint32_t page) const -> effect<finding> {
    const memory::ownership_query query{.where = {std::uint64_t{page} << 12}, .kind = access_kind::read};
    const bool allowed = rmp::check_access(ctx_, before.rmp, query).what == memory::ownership_verdict::kind::allowed;
    const fate what = allowed ? fate::unchanged : fate::refused;
    const machine::operation nothing{};
    return {.what = what,
            .broken = claim_({.before = before,
                              .now = before,
                              .op = nothing,
                              .read_by_host = static_cast<std::uint8_t>(page),
                              .what = what})};
  }

  machine machine_;
  judge claim_;
  mutable context<rule_set> ctx_;  // functions tell its listener
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
