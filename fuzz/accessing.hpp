// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FUZZ_ACCESSING_HPP
#define SEVSPEC_FUZZ_ACCESSING_HPP

#include <type_traits>

#include "fuzzing.hpp"

#include <support/accessor.hpp>

namespace sevspec::fuzz {

/// Every accessor of a table (tests/support/accessors/) says what the description says of the same bytes. Owners are
/// copies of all bytes, so that only one accessor, chosen by the input, is called on one.
template <class Accessors>
void check_accessors(const Accessors& accessors, const layout::structure_info& structure, std::span<std::uint8_t> bytes,
                     std::size_t choice) {
  using accessor = std::remove_cvref_t<decltype(accessors[0])>;
  struct known {
    const accessor* how;
    const layout::field_info* field;
    const layout::bit_info* range;
  };
  static const std::vector<known> all = [&] {
    std::vector<known> made;
    for (const auto& one : accessors) {
      if (one.description != &structure) continue;
      const auto* field = layout::find_field(structure, one.field);
      demand(field != nullptr, "every accessor has a field");
      const auto& ranges_of = field->word == nullptr ? *field : field->word->fields[0];
      const auto* range = one.bits[0] == '\0' ? nullptr : layout::find_bits(ranges_of, one.bits);
      demand(one.bits[0] == '\0' || range != nullptr, "every accessor of bits has a range");
      made.push_back({&one, field, range});
    }
    return made;
  }();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [how, field, range] = all[i];
    const bool chosen = i == choice % all.size();
    using test::shape;
    const shape which = chosen ? shape::owner : choice % 2 == 0 ? shape::view : shape::const_view;
    if (how->get == nullptr) {
      if (!chosen) continue;  // makes a copy anyway
      demand(std::ranges::equal(how->read(which, bytes.data()), bytes.subspan(field->offset, field->size)),
             "bytes are read in place");
      continue;
    }
    std::uint64_t expected = layout::value_of(*field, bytes);
    if (range != nullptr) expected = layout::value_of(*range, expected);
    demand(how->get(which, bytes.data()) == expected, "an accessor says what the description says");
  }
}

}  // namespace sevspec::fuzz

#endif
