// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_PROTOCOL_FIELDS_HPP
#define SEVSPEC_TOOL_PROTOCOL_FIELDS_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/verify/choice_table.hpp>

#include "input.hpp"
#include "protocol.hpp"

/// Members of requests and responses, by name and type.
namespace sevspec::tool {

template <class Value>
struct named {
  const char* name;
  Value value;
};

inline constexpr std::uint64_t any_number = ~std::uint64_t{};
inline constexpr std::uint64_t most_of_32_bits = 0xffff'ffff;

inline constexpr auto operand_sizes = std::to_array<named<page_size>>({{"4k", page_size::k4k}, {"2m", page_size::k2m}});
inline constexpr auto leaf_sizes =
    std::to_array<named<page_size>>({{"4k", page_size::k4k}, {"2m", page_size::k2m}, {"1g", page_size::k1g}});

template <class Value>
[[nodiscard]] auto name_in(std::span<const named<Value>> names, Value value) -> const char* {
  for (const named<Value>& one : names)
    if (one.value == value) return one.name;
  return "?";
}

[[noreturn]] inline void wrong(const char* name, std::string_view reason) {
  throw protocol_error(fmt::format("member '{}': {}", name, reason));
}

[[nodiscard]] inline auto in_sixteens(std::uint64_t value) -> std::string { return fmt::format("{:#x}", value); }

/// The members of an object, by name and with their types. What is missing or wrong is thrown.
class fields {
 public:
  /// @param path  of the object in the line, with a slash at its end, for complaints
  explicit fields(const json& object, std::string path = {}) : object_(&object), path_(std::move(path)) {}

  [[nodiscard]] auto find(const char* name) const -> const json* {
    const auto found = object_->find(name);
    return found == object_->end() ? nullptr : &*found;
  }
  [[nodiscard]] auto has(const char* name) const -> bool { return find(name) != nullptr; }

  [[nodiscard]] auto at(const char* name) const -> const json& {
    const json* const found = find(name);
    if (found == nullptr) throw protocol_error(fmt::format("member '{}{}' is missing", path_, name));
    return *found;
  }

  [[nodiscard]] auto text(const char* name) const -> const std::string& {
    const json& value = at(name);
    if (!value.is_string()) fail(name, "a string was expected");
    return value.get_ref<const std::string&>();
  }

  [[nodiscard]] auto number(const char* name, std::uint64_t limit = any_number) const -> std::uint64_t {
    const json& value = at(name);
    std::uint64_t result = 0;
    if (value.is_number_unsigned()) {
      result = value.get<std::uint64_t>();
    } else if (value.is_string()) {
      const auto& written = value.get_ref<const std::string&>();
      const auto parsed = parse_number(written);
      if (!parsed) fail(name, fmt::format("{} {}", in_quotes(written), parsed.error()));
      result = *parsed;
    } else {
      fail(name, "a string \"0x...\" or a decimal number from 0 to 2^64-1 was expected");
    }
    if (result > limit) fail(name, fmt::format("{} is more than {}", result, limit));
    return result;
  }
  [[nodiscard]] auto number32(const char* name) const -> std::uint32_t {
    return static_cast<std::uint32_t>(number(name, most_of_32_bits));
  }
  [[nodiscard]] auto number8(const char* name, std::uint8_t limit) const -> std::uint8_t {
    return static_cast<std::uint8_t>(number(name, limit));
  }

  [[nodiscard]] auto flag(const char* name) const -> bool {
    const json& value = at(name);
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= 1) return value.get<std::uint64_t>() == 1;
    fail(name, "true, false, 0 or 1 was expected");
  }

  template <class Value>
  [[nodiscard]] auto one_of(const char* name, std::span<const named<Value>> names) const -> Value {
    const std::string& given = text(name);
    for (const named<Value>& one : names)
      if (given == one.name) return one.value;
    std::string expected;
    for (const named<Value>& one : names) expected += fmt::format("{}{}", expected.empty() ? "" : ", ", one.name);
    fail(name, fmt::format("{} is none of {}", in_quotes(given), expected));
  }
  [[nodiscard]] auto operand_size(const char* name) const -> page_size {
    return one_of<page_size>(name, operand_sizes);
  }
  [[nodiscard]] auto leaf_size(const char* name) const -> page_size { return one_of<page_size>(name, leaf_sizes); }

  [[noreturn]] void fail(const char* name, std::string_view reason) const { wrong((path_ + name).c_str(), reason); }

 private:
  const json* object_;
  std::string path_;
};

/// A member of `choices`: a boolean for a yes-or-no point, else the value's name.
inline void read_choice(const std::string& name, const json& value, implementation_choices& choices) {
  const verify::named_choice* const choice = verify::find_choice(name);
  const std::string path = fmt::format("choices/{}", name.size() > 60 ? name.substr(0, 60) + "..." : name);
  if (choice == nullptr) wrong(path.c_str(), "there is no such choice");
  std::optional<unsigned> found;
  const bool yes_or_no = choice->find("true").has_value();
  if (value.is_string()) found = choice->find(value.get_ref<const std::string&>());
  else if (yes_or_no && value.is_boolean()) found = value.get<bool>() ? 1U : 0U;
  else if (yes_or_no && value.is_number_unsigned() && value.get<std::uint64_t>() <= 1)
    found = value.get<std::uint64_t>() == 1 ? 1U : 0U;
  if (!found) {
    std::string expected;
    for (const char* const one : choice->values()) expected += fmt::format("{}{}", expected.empty() ? "" : ", ", one);
    wrong(path.c_str(), fmt::format("one of {} was expected", expected));
  }
  choice->set(choices, *found);
}

/// The member `choices`, if there is one: some of `implementation_choices`, by name.
inline void read_choices(const fields& from, implementation_choices& to) {
  const json* const choices = from.find("choices");
  if (choices == nullptr) return;
  if (!choices->is_object()) wrong("choices", "an object was expected");
  for (const auto& [name, value] : choices->items()) read_choice(name, value, to);
}

}  // namespace sevspec::tool

#endif
