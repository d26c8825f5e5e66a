// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_DIRTY_LOG_HPP
#define SEVSPEC_MIGRATION_DIRTY_LOG_HPP

#include <cstdint>
#include <vector>

#include <gsl/assert>

namespace sevspec::inline v0::migration {

/// Pages that have to be sent: written, or converted, since they were last. At the beginning all.
class dirty_log {
 public:
  explicit dirty_log(std::uint64_t pages) : dirty_(pages, true) {}

  [[nodiscard]] auto pages() const noexcept -> std::uint64_t { return dirty_.size(); }
  [[nodiscard]] auto is_dirty(std::uint64_t page) const -> bool {
    Expects(page < pages());
    return dirty_[page];
  }
  void mark(std::uint64_t page) {
    Expects(page < pages());
    dirty_[page] = true;
  }
  void clear(std::uint64_t page) {
    Expects(page < pages());
    dirty_[page] = false;
  }
  void clear_all() { dirty_.assign(dirty_.size(), false); }
  /// All dirty pages, ascending.
  [[nodiscard]] auto all() const -> std::vector<std::uint64_t> {
    std::vector<std::uint64_t> made;
    for (std::uint64_t i = 0; i < pages(); ++i)
      if (dirty_[i]) made.push_back(i);
    return made;
  }

  friend auto operator==(const dirty_log&, const dirty_log&) -> bool = default;

 private:
  std::vector<bool> dirty_;
};

}  // namespace sevspec::inline v0::migration

#endif
