// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_EXPLORE_FILES_HPP
#define SEVSPEC_TOOL_EXPLORE_FILES_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "explore_models.hpp"

/// What `sevspec explore` leaves in files: what a shard has seen, and where a walk is.
namespace sevspec::tool {

/// A search can be dealt out to so many.
inline constexpr std::uint64_t most_shards = 65'536;

/// What one search has seen. The file has a line of JSON - what was searched, how it ended, how many states there are,
/// and a sum over the file - and then the states: words of eight bytes, least first, in ascending order.
struct saved_states {
  std::string model{};
  search_order order{};
  search_result seen{};
  std::vector<std::uint64_t> words{};
};
void write_states(const std::string& path, const saved_states& what);

/// What several searches have seen together.
struct merged_states {
  std::string model{};
  std::vector<std::string> without{};
  std::uint32_t of = 1;                  ///< shards
  std::vector<std::uint32_t> missing{};  ///< those that are not there
  search_result seen{};                  ///< different states; the shortest way to a violation
};
/// Files of the same search, each of another shard. Throws `input_error` if they are not.
[[nodiscard]] auto merge_states(const std::vector<std::string>& paths) -> merged_states;

/// Where a walk is.
struct saved_walk {
  std::uint64_t attempts{};
  std::uint64_t steps{};
  std::vector<std::uint64_t> words{};
};
/// @return nothing if there is no such file; throws `input_error` if it is of another walk, or is damaged
[[nodiscard]] auto read_walk(const std::string& path, const std::string& model, const search_order& order,
                             std::size_t words) -> std::optional<saved_walk>;
void write_walk(const std::string& path, const std::string& model, const search_order& order, const saved_walk& where);

}  // namespace sevspec::tool

#endif
