// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_INPUT_HPP
#define SEVSPEC_TOOL_INPUT_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <sevspec/memory/sparse_memory.hpp>

namespace sevspec::tool {

/// JSON whose members keep the order in which they were written.
using json = nlohmann::ordered_json;

/// Input that cannot be used. The program prints it and ends with status 2.
class input_error : public std::runtime_error {
 public:
  /// @param place   file with line or byte offset, or the option
  /// @param reason  one phrase
  input_error(std::string_view place, std::string_view reason);
};

/// A line of a text, without the blanks around it.
struct numbered_line {
  std::size_t number;  ///< from 1
  std::string_view text;
};

/// The lines that are not blank. They refer to `text`.
[[nodiscard]] auto lines_of(std::string_view text) -> std::vector<numbered_line>;

/// "0x1f" or "31".
/// @return the number, or why it is none, as one phrase
[[nodiscard]] auto parse_number(std::string_view text) -> std::expected<std::uint64_t, const char*>;

/// What a message quotes of bad input: short, and without control characters.
[[nodiscard]] auto in_quotes(std::string_view text) -> std::string;

/// "0x1f".
[[nodiscard]] auto hex(std::uint64_t value) -> std::string;

/// "4,096".
[[nodiscard]] auto grouped(std::uint64_t value) -> std::string;

/// A whole file. Throws input_error.
[[nodiscard]] auto read_file(const std::string& path) -> std::string;

/// A file of exactly `size` bytes; "-" is the standard input. Throws input_error with the offset where the bytes end
/// too early or do not end.
/// @param what  what they are said to be: "a GHCB"
[[nodiscard]] auto read_bytes(const std::string& path, std::size_t size, std::string_view what)
    -> std::vector<std::uint8_t>;

/// The standard input, at most 64 MiB. Throws input_error.
[[nodiscard]] auto read_standard_input() -> std::string;

/// A JSON file, nested at most 64 deep. Throws input_error with the byte offset of what is wrong.
[[nodiscard]] auto read_json(const std::string& path) -> json;

/// Page captures, several files merged into one memory. Throws input_error.
[[nodiscard]] auto read_pages(const std::vector<std::string>& paths) -> memory::sparse_memory;

/// The numbers in the first column of a CSV file; a first line that does not start with a digit is a header, empty
/// lines do not count. Throws input_error.
[[nodiscard]] auto read_first_column(const std::string& path) -> std::vector<std::uint64_t>;

/// The numbers of a CSV file with a header and exactly `columns` columns. Throws input_error.
[[nodiscard]] auto read_numbers(const std::string& path, std::size_t columns)
    -> std::vector<std::vector<std::uint64_t>>;

}  // namespace sevspec::tool

#endif
