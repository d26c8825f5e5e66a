// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_GHCB_EVENTS_HPP
#define SEVSPEC_TOOL_GHCB_EVENTS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>

#include "facts.hpp"

namespace sevspec::tool {

/// Up to four fields of the GHCB.
class ghcb_fields {
 public:
  template <class... Field>
  constexpr explicit(false) ghcb_fields(Field... field) : which_{field...}, count_(sizeof...(field)) {}

  [[nodiscard]] constexpr auto begin() const -> const layout::ghcb_field* { return which_.data(); }
  [[nodiscard]] constexpr auto end() const -> const layout::ghcb_field* { return which_.data() + count_; }

 private:
  std::array<layout::ghcb_field, 4> which_{};
  std::size_t count_ = 0;
};

/// What a guest can ask for through the GHCB page: which fields pass besides sw_exit_code, sw_exit_info_1 and
/// sw_exit_info_2 (which always pass, and are 0 where nothing is said), and what the hypervisor does.   GHCB 4.1
struct ghcb_event {
  layout::nae_exit_codes code;
  const char* rule;
  ghcb_fields in = {};
  const char* also_in = "";                            ///< under a condition
  const layout::structure_info* info1_word = nullptr;  ///< layout of sw_exit_info_1
  const char* info1 = "";
  const char* info2 = "";
  ghcb_fields out = {};
  const char* also_out = "";
  const char* does;
};

/// nullptr, if there is no such event, or nothing is known of it but its name.
[[nodiscard]] auto find_ghcb_event(std::uint64_t code) -> const ghcb_event*;

/// The name of a field as layouts.json has it.
[[nodiscard]] auto name_of(layout::ghcb_field field) -> const char*;

void add_ghcb_event(facts& out, const ghcb_event& event);

}  // namespace sevspec::tool

#endif
