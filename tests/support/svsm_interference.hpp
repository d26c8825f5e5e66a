// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SVSM_INTERFERENCE_HPP
#define SEVSPEC_TESTS_SUPPORT_SVSM_INTERFERENCE_HPP

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <support/svsm_world.hpp>

namespace sevspec::test {

/// A machine in which something happens while a call is served: before one of the SVSM's references or instructions.
/// @tparam Below  `svsm::machine_for`
/// @tparam Event  `event()`: once
template <class Below, class Event>
class interrupted_machine {
 public:
  /// @param after  how many references and instructions come before the event
  interrupted_machine(Below below, unsigned after, Event event)
      : below_(std::move(below)), left_(after), event_(std::move(event)) {}

  template <class Context>
  auto read(Context& ctx, gpa where, std::span<std::uint8_t> to) -> outcome<void> {
    step();
    return below_.read(ctx, where, to);
  }
  template <class Context>
  auto write(Context& ctx, gpa where, std::span<const std::uint8_t> from) -> outcome<void> {
    step();
    return below_.write(ctx, where, from);
  }
  template <class Context>
  auto pvalidate(Context& ctx, gpa where, page_size size, bool validated) -> outcome<rmp::result> {
    step();
    return below_.pvalidate(ctx, where, size, validated);
  }
  template <class Context>
  auto rmpadjust(Context& ctx, gpa where, page_size size, std::uint64_t attributes) -> outcome<rmp::result> {
    step();
    return below_.rmpadjust(ctx, where, size, attributes);
  }
  template <class Context>
  auto rmpquery(Context& ctx, gpa where, vmpl target) -> outcome<std::optional<rmp::permissions>> {
    step();
    return below_.rmpquery(ctx, where, target);
  }
  void flush() { below_.flush(); }

  [[nodiscard]] auto happened() const -> bool { return done_; }

 private:
  void step() {
    if (done_ || left_-- != 0) return;
    done_ = true;
    event_();
  }

  Below below_;
  unsigned left_;
  Event event_;
  bool done_ = false;
};

}  // namespace sevspec::test

#endif
