// SPDX-License-Identifier: MIT
#include "facts.hpp"

#include <algorithm>

namespace sevspec::tool {

void rule_ids::add(std::initializer_list<std::string_view> ids) {
  for (const std::string_view id : ids)
    if (std::find(ids_.begin(), ids_.end(), id) == ids_.end()) ids_.push_back(id);
}

auto rule_ids::text() const -> std::string { return fmt::format("{}", fmt::join(ids_, ", ")); }

}  // namespace sevspec::tool
