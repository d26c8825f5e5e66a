// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_VISITED_STATES_HPP
#define SEVSPEC_VERIFY_EXPLORER_VISITED_STATES_HPP

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <gsl/assert>
#include <tsl/robin_set.h>

#include <sevspec/verify/explorer/hash_of_words.hpp>

namespace sevspec::inline v0::verify::explorer {

/// All states that were found, in the order in which they were found, each with the one it was found from. The hash set
/// holds numbers of states, so its order has no influence on anything.
/// @tparam Packed  a `packed_state`
/// @tparam Hash    of one; any will do
template <class Packed, class Hash = hash_of_words>
class visited_states {
 public:
  using number = std::uint32_t;
  static constexpr number none = std::numeric_limits<number>::max();

  visited_states() : index_(0, hash_of{&states_}, equal{&states_}) { index_.max_load_factor(0.9F); }
  visited_states(const visited_states&) = delete;  // the set looks into the vector
  auto operator=(const visited_states&) -> visited_states& = delete;
  ~visited_states() = default;

  struct added {
    number which{};
    bool is_new{};
  };
  /// @param from  the state that it was reached from, or `none`
  auto add(const Packed& what, number from) -> added {
    Expects(states_.size() < none);
    const auto next = static_cast<number>(states_.size());
    if (states_.size() == states_.capacity()) grow();
    states_.push_back(what);  // the set compares numbers of states, so it has to be there before
    const auto [where, is_new] = index_.insert(next);
    if (!is_new) {
      states_.pop_back();
      return {*where, false};
    }
    parents_.push_back(from);
    return {next, true};
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return states_.size(); }
  [[nodiscard]] auto operator[](number which) const noexcept -> const Packed& { return states_[which]; }
  [[nodiscard]] auto parent(number which) const noexcept -> number { return parents_[which]; }
  [[nodiscard]] auto all() const noexcept -> const std::vector<Packed>& { return states_; }

  /// What is allocated.
  [[nodiscard]] auto bytes() const noexcept -> std::size_t {
    constexpr std::size_t bucket = 12;  // the number, half of the hash, and how far it is from home
    return states_.capacity() * sizeof(Packed) + parents_.capacity() * sizeof(number) + index_.bucket_count() * bucket;
  }

 private:
  struct hash_of {
    const std::vector<Packed>* states;
    auto operator()(number which) const noexcept -> std::size_t { return Hash{}((*states)[which]); }
  };
  struct equal {
    const std::vector<Packed>* states;
    auto operator()(number a, number b) const noexcept -> bool { return (*states)[a] == (*states)[b]; }
  };
  using set = tsl::robin_set<number, hash_of, equal, std::allocator<number>, true>;

  /// By less than the double that vectors take: states fill the memory.
  void grow() {
    const std::size_t room = states_.size() + states_.size() / 4 + 1024;
    states_.reserve(room);
    parents_.reserve(room);
  }

  std::vector<Packed> states_;
  std::vector<number> parents_;
  set index_;
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
