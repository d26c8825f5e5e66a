// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_FIELDS_HPP
#define SEVSPEC_TOOL_FIELDS_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <sevspec/layout/description.hpp>

#include "facts.hpp"

/// Facts that follow from the description of a layout alone.
namespace sevspec::tool {

/// What happens to fields that are zero.
enum class zeros : std::uint8_t {
  listed,  ///< only their names are told, together
  shown,   ///< each is a fact of its own
};

/// "NPF (nested page fault)" for the value of a table of codes, "" if the table has no such value.
[[nodiscard]] auto code_text(const layout::constant_table& table, std::uint64_t value) -> std::string;

/// "0102ab".
[[nodiscard]] auto hex_bytes(std::span<const std::uint8_t> bytes) -> std::string;

/// A word with its bits: those that are set, then the names of those that are not, then set reserved bits as warnings.
/// @param of  a structure of one integer
void add_word(facts& out, std::string_view label, const layout::structure_info& of, std::uint64_t value);

/// One field, unless it is reserved.
/// @param structure  the bytes of the structure that has the field, from its start
void add_field(facts& out, const layout::field_info& field, std::span<const std::uint8_t> structure, zeros empty);

/// The fields of a structure that are not reserved.
void add_fields(facts& out, const layout::structure_info& structure, std::span<const std::uint8_t> bytes,
                zeros empty = zeros::listed);

/// A warning for each field that has reserved bits set.
/// @param newest  fields that came later are reserved
/// @param start   what to add to the offsets that are told
void warn_of_reserved(facts& out, const layout::structure_info& structure, std::span<const std::uint8_t> bytes,
                      layout::level newest = layout::level::svsm, std::size_t start = 0);

}  // namespace sevspec::tool

#endif
