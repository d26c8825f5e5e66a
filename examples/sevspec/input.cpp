// SPDX-License-Identifier: MIT
#include "input.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>

#include <fmt/format.h>

#include <sevspec/memory/page_capture.hpp>

namespace sevspec::tool {

namespace {

/// What does not say how long it is (a pipe, a device) is read up to here.
constexpr std::size_t stream_limit = std::size_t{1} << 30;

constexpr int json_depth_limit = 64;

struct close_file {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

[[nodiscard]] auto trimmed(std::string_view text) -> std::string_view {
  constexpr std::string_view blank = " \t\r";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

[[nodiscard]] auto open_file(const std::string& path) -> std::unique_ptr<std::FILE, close_file> {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) throw input_error(path, "is a directory");
  std::unique_ptr<std::FILE, close_file> file{std::fopen(path.c_str(), "rb")};
  if (!file) throw input_error(path, std::generic_category().message(errno));
  return file;
}

/// Reads to the end of the file, or `limit` bytes.
[[nodiscard]] auto read_up_to(std::FILE& file, const std::string& name, std::size_t limit) -> std::string {
  std::string contents;
  for (std::size_t got = 1; got != 0 && contents.size() < limit;) {
    const std::size_t before = contents.size();
    contents.resize(before + std::min(limit - before, std::size_t{1} << 20));
    got = std::fread(contents.data() + before, 1, contents.size() - before, &file);
    contents.resize(before + got);
  }
  if (std::ferror(&file) != 0) throw input_error(name, std::generic_category().message(errno));
  return contents;
}

[[nodiscard]] auto starts_with_digit(std::string_view text) -> bool {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

[[nodiscard]] auto at_line(const std::string& path, std::size_t number) -> std::string {
  return fmt::format("{}: line {}", path, number);
}

[[nodiscard]] auto number_at(const std::string& place, std::string_view text) -> std::uint64_t {
  const auto value = parse_number(text);
  if (!value) throw input_error(place, fmt::format("{} {}", in_quotes(text), value.error()));
  return *value;
}

}  // namespace

input_error::input_error(std::string_view place, std::string_view reason)
    : std::runtime_error(fmt::format("{}: {}", place, reason)) {}

auto lines_of(std::string_view text) -> std::vector<numbered_line> {
  std::vector<numbered_line> lines;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const auto content = trimmed(line); !content.empty()) lines.push_back({number, content});
  }
  return lines;
}

auto parse_number(std::string_view text) -> std::expected<std::uint64_t, const char*> {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
  if (error == std::errc::result_out_of_range && stopped == end) return std::unexpected{"does not fit in 64 bits"};
  if (error != std::errc{} || stopped != end) return std::unexpected{"is not a number (0x... or decimal)"};
  return value;
}

auto in_quotes(std::string_view text) -> std::string {
  constexpr std::size_t limit = 40;
  std::string result = "'";
  for (const char c : text.substr(0, limit)) result += c < ' ' || c > '~' ? '?' : c;
  return result + (text.size() > limit ? "...'" : "'");
}

auto hex(std::uint64_t value) -> std::string { return fmt::format("{:#x}", value); }

auto grouped(std::uint64_t value) -> std::string {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

auto read_file(const std::string& path) -> std::string {
  const std::unique_ptr<std::FILE, close_file> file = open_file(path);
  std::error_code failed;
  if (std::filesystem::is_regular_file(path, failed)) return read_up_to(*file, path, std::string::npos);
  std::string contents = read_up_to(*file, path, stream_limit + 1);
  if (contents.size() > stream_limit) throw input_error(path, "holds more than 1 GiB");
  return contents;
}

auto read_bytes(const std::string& path, std::size_t size, std::string_view what) -> std::vector<std::uint8_t> {
  const bool standard = path == "-";
  const std::string name = standard ? "standard input" : path;
  const std::unique_ptr<std::FILE, close_file> file = standard ? nullptr : open_file(path);
  const std::string contents = read_up_to(standard ? *stdin : *file, name, size + 1);
  if (contents.size() < size)
    throw input_error(fmt::format("{}: byte {}", name, contents.size()),
                      fmt::format("ends here; {} has {} bytes", what, size));
  if (contents.size() > size)
    throw input_error(fmt::format("{}: byte {}", name, size),
                      fmt::format("does not end here; {} has {} bytes", what, size));
  return {contents.begin(), contents.end()};
}

auto read_standard_input() -> std::string {
  constexpr std::size_t limit = std::size_t{64} << 20;
  std::string contents = read_up_to(*stdin, "standard input", limit + 1);
  if (contents.size() > limit) throw input_error("standard input", "holds more than 64 MiB");
  return contents;
}

auto read_json(const std::string& path) -> json {
  const std::string text = read_file(path);
  const auto limit_depth = [&](int depth, json::parse_event_t, json&) {
    if (depth > json_depth_limit) throw input_error(path, fmt::format("nested more than {} deep", json_depth_limit));
    return true;
  };
  try {
    return json::parse(text, limit_depth);
  } catch (const json::parse_error& error) {
    const std::string_view what = error.what();
    const auto reason = what.rfind(": ");  // "[json.exception...] parse error at line 1, column 2: REASON"
    const auto from = what.find("column ");
    const auto colon = from == std::string_view::npos ? reason : what.find(": ", from);
    throw input_error(fmt::format("{}: byte {}", path, error.byte == 0 ? 0 : error.byte - 1),
                      fmt::format("not JSON: {}", colon == std::string_view::npos ? what : what.substr(colon + 2)));
  } catch (const json::exception& error) {  // a number beyond all bounds: 1e999
    const std::string_view what = error.what();
    const auto end_of_name = what.find("] ");  // "[json.exception...] REASON"
    throw input_error(
        path, fmt::format("not JSON: {}", end_of_name == std::string_view::npos ? what : what.substr(end_of_name + 2)));
  }
}

auto read_pages(const std::vector<std::string>& paths) -> memory::sparse_memory {
  memory::sparse_memory pages;
  for (const std::string& path : paths) {
    const std::string bytes = read_file(path);
    if (bytes.empty()) throw input_error(path, "byte 0: the file is empty; page records were expected");
    if (const auto loaded = load_capture(pages, std::as_bytes(std::span{bytes})); !loaded) {
      using enum memory::capture_error::kind;
      const memory::capture_error& wrong = loaded.error();
      const std::string which = wrong.what == truncated ? "" : fmt::format(" ({:#x})", wrong.address);
      throw input_error(fmt::format("{}: byte {}", path, wrong.offset), text_of(wrong.what) + which);
    }
  }
  return pages;
}

auto read_first_column(const std::string& path) -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> result;
  const std::string text = read_file(path);
  for (const auto& [number, line] : lines_of(text)) {
    const std::string_view cell = trimmed(line.substr(0, line.find(',')));
    if (number == 1 && !starts_with_digit(cell)) continue;
    result.push_back(number_at(at_line(path, number), cell));
  }
  return result;
}

auto read_numbers(const std::string& path, std::size_t columns) -> std::vector<std::vector<std::uint64_t>> {
  std::vector<std::vector<std::uint64_t>> rows;
  const std::string text = read_file(path);
  for (auto [number, line] : lines_of(text)) {
    if (number == 1 && !starts_with_digit(line)) continue;
    auto& row = rows.emplace_back();
    for (;;) {
      const std::size_t comma = line.find(',');
      row.push_back(number_at(at_line(path, number), trimmed(line.substr(0, comma))));
      if (comma == std::string_view::npos) break;
      line.remove_prefix(comma + 1);
    }
    if (row.size() != columns)
      throw input_error(at_line(path, number), fmt::format("{} columns; {} were expected", row.size(), columns));
  }
  return rows;
}

}  // namespace sevspec::tool
