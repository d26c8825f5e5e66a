// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_MODEL_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// Exhaustive exploration of small machines: every state that they can reach, and what is true of all of them.
namespace sevspec::inline v0::verify::explorer {

/// A state in as many bits as it needs. Equal states have equal words.
template <std::size_t Words>
using packed_state = std::array<std::uint64_t, Words>;

/// What becomes of an operation.
enum class fate : std::uint8_t {
  refused,    ///< nothing has happened
  unchanged,  ///< something has happened, which left the state as it was
  changed,    ///< the state may be another one now
};

/// What one operation has done to a state.
/// @tparam Finding  contextually true if an invariant is broken
template <class Finding>
struct effect {
  fate what{};
  Finding broken{};  ///< what the step itself has broken, or the state after it
};

/// A machine that can be explored. A model is a description, and is not changed; what changes is a state, a regular value.
///
/// - `packed`: a `packed_state`; `pack` and `unpack` are inverse
/// - `initial()`: where it starts
/// - `operations()`: how many operations there are; the same in each state
/// - `apply(before, now, operation)`: plays one of them on `now`, which is `before`, and judges the step. An operation
///   that is refused, or
///   impossible, leaves `now` as it is
/// - `check(state)`: what is wrong with a state at rest; asked once per state
/// - `describe(operation)`: a line for people
/// - optionally `canonical(state)`: the state that stands for all that are like it
/// - optionally `play_possible(before, memo, told)` with a `memo` type: calls `told(operation, effect, now)` for all operations
///   that are not refused, with what `apply` would give; `told` may end it with false
template <class M>
concept model = requires(const M& m, typename M::state& now, const typename M::state& then,
                         const typename M::packed& bits, std::uint32_t operation) {
  requires std::regular<typename M::state>;
  requires std::regular<typename M::packed>;
  { m.initial() } -> std::same_as<typename M::state>;
  { m.operations() } -> std::convertible_to<std::uint32_t>;
  { m.apply(then, now, operation) } -> std::same_as<effect<typename M::finding>>;
  { m.check(then) } -> std::same_as<typename M::finding>;
  { m.pack(then) } -> std::same_as<typename M::packed>;
  { m.unpack(bits) } -> std::same_as<typename M::state>;
  { m.describe(operation) } -> std::convertible_to<std::string>;
};

/// A model whose states have twins: pages, guests or ASIDs that may change their names.
template <class M>
concept symmetric_model = model<M> && requires(const M& m, const typename M::state& then) {
  { m.canonical(then) } -> std::same_as<typename M::state>;
};

namespace detail {
/// Takes whatever it is told.
struct taker {
  auto operator()(std::uint32_t /*operation*/, const auto& /*step*/, auto& /*now*/) const -> bool { return true; }
};
}  // namespace detail

/// A model that plays an operation faster when it has been played before.
template <class M>
concept memoizing_model =
    model<M> && requires(const M& m, const typename M::state& before, typename M::memo& remembered) {
      m.play_possible(before, remembered, detail::taker{});
    };

}  // namespace sevspec::inline v0::verify::explorer

#endif
