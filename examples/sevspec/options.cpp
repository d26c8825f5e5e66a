// SPDX-License-Identifier: MIT
#include <filesystem>
#include <system_error>

#include "commands.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

/// Whether a word after `--pages FILE` is another file and not an address or an option.
[[nodiscard]] auto names_a_file(const std::string& word) -> bool {
  if (word.empty() || word.front() == '-' || parse_number(word)) return false;
  const bool digit = word.front() >= '0' && word.front() <= '9';
  std::error_code failed;
  return !digit ||
         std::filesystem::exists(word, failed);  // "0x12zz" is a mistyped address, unless there is such a file
}

}  // namespace

auto add_number(CLI::App& command, const std::string& name, std::optional<std::uint64_t>& value,
                const std::string& meaning) -> CLI::Option* {
  const auto store = [&value, name](const std::string& text) {
    const auto number = parse_number(text);
    if (!number) throw CLI::ValidationError(name, "'" + text + "' " + number.error());
    value = *number;
  };
  return command.add_option_function<std::string>(name, store, meaning)->type_name("N");
}

auto split_page_lists(const std::vector<std::string>& arguments) -> std::vector<std::string> {
  const std::string option = "--pages";
  std::vector<std::string> result;
  bool in_list = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == option && i + 1 < arguments.size()) {
      result.insert(result.end(), {word, arguments[++i]});
      in_list = true;
    } else if (in_list && names_a_file(word)) {
      result.insert(result.end(), {option, word});
    } else {
      result.push_back(word);
      in_list = word.starts_with(option + "=");
    }
  }
  return result;
}

}  // namespace sevspec::tool
