// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RECORDER_HPP
#define SEVSPEC_TESTS_SUPPORT_RECORDER_HPP

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/nested/events.hpp>

namespace sevspec::test {

/// Writes down every event.
struct recorder {
  std::vector<table_read> reads;
  std::vector<table_update> updates;
  std::vector<final_access> finals;
  std::set<rule> fired;
  std::set<rule> passed;
  sevspec::nested::event_counter nested{};  ///< what L0 does for L1s

  void on(const table_read& event) { reads.push_back(event); }
  void on(const table_update& event) { updates.push_back(event); }
  void on(const final_access& event) { finals.push_back(event); }
  void on(const sevspec::nested::event& event) { nested.on(event); }
  void on(const rule_evaluated& event) { (event.fired ? fired : passed).insert(event.id); }

  /// The levels of one stage's updates, in order.
  [[nodiscard]] auto updated_levels(stage tables) const -> std::vector<unsigned> {
    std::vector<unsigned> levels;
    for (const table_update& update : updates)
      if (update.tables == tables) levels.push_back(update.level);
    return levels;
  }
  /// The keys of one stage's reads of one level.
  [[nodiscard]] auto keys(stage tables, unsigned level) const -> std::set<memory_key> {
    std::set<memory_key> found;
    for (const table_read& read : reads)
      if (read.tables == tables && read.level == level) found.insert(read.key);
    return found;
  }
  [[nodiscard]] auto reads_of(stage tables) const -> long {
    return std::count_if(reads.begin(), reads.end(), [&](const table_read& read) { return read.tables == tables; });
  }
};

/// A context that tells `listener` of everything.
using recording_context = context<rule_set, recorder&>;

/// A recorder with a context that tells it.
struct listening {
  recorder heard{};
  recording_context ctx;
  explicit listening(rule_set rules = {}) : ctx{.rules = rules, .choices = {}, .listener = heard} {}
  listening(const listening&) = delete;
  auto operator=(const listening&) -> listening& = delete;
};

}  // namespace sevspec::test

#endif
