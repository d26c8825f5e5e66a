// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_JSON_MEMBER_HPP
#define SEVSPEC_TOOL_JSON_MEMBER_HPP

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "input.hpp"

namespace sevspec::tool {

/// A vector that does not follow the format: the member, and what is wrong with it.
class vector_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A member of a vector and its path, so that a complaint can name it.
class member {
 public:
  member(const json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  [[nodiscard]] auto has(const char* name) const -> bool { return value_->is_object() && value_->contains(name); }

  [[nodiscard]] auto is_null() const -> bool { return value_->is_null(); }

  [[nodiscard]] auto operator[](const char* name) const -> member {
    if (!value_->is_object()) fail("an object was expected");
    const auto found = value_->find(name);
    if (found == value_->end()) fail(fmt::format("member '{}' is missing", name));
    return {*found, fmt::format("{}/{}", path_, name)};
  }

  /// The members of an object, each with its name as a number.
  [[nodiscard]] auto numbered() const -> std::vector<std::pair<std::uint64_t, member>> {
    if (!value_->is_object()) fail("an object was expected");
    std::vector<std::pair<std::uint64_t, member>> result;
    for (const auto& [name, value] : value_->items()) {
      const auto parsed = parse_number(name);
      if (!parsed) fail(fmt::format("'{}': {}", name, parsed.error()));
      result.emplace_back(*parsed, member{value, fmt::format("{}/{}", path_, name)});
    }
    return result;
  }

  [[nodiscard]] auto items() const -> std::vector<member> {
    if (!value_->is_array()) fail("an array was expected");
    std::vector<member> result;
    for (const json& item : *value_) result.emplace_back(item, fmt::format("{}/{}", path_, result.size()));
    return result;
  }

  /// A hex string or a small integer.
  [[nodiscard]] auto number(std::uint64_t limit = ~std::uint64_t{}) const -> std::uint64_t {
    std::uint64_t result = 0;
    if (value_->is_number_unsigned()) {
      result = value_->get<std::uint64_t>();
    } else if (value_->is_string()) {
      const auto parsed = parse_number(value_->get_ref<const std::string&>());
      if (!parsed) fail(parsed.error());
      result = *parsed;
    } else {
      fail("a number or a hex string was expected");
    }
    if (result > limit) fail(fmt::format("more than {}", limit));
    return result;
  }

  [[nodiscard]] auto small() const -> unsigned { return static_cast<unsigned>(number(0xffff'ffff)); }

  /// true, false, 0 or 1.
  [[nodiscard]] auto flag() const -> bool { return value_->is_boolean() ? value_->get<bool>() : number(1) != 0; }

  [[nodiscard]] auto text() const -> const std::string& {
    if (!value_->is_string()) fail("a string was expected");
    return value_->get_ref<const std::string&>();
  }

  [[noreturn]] void fail(std::string_view reason) const {
    throw vector_error(fmt::format("{}: {}", path_.empty() ? "/" : path_, reason));
  }

 private:
  const json* value_;
  std::string path_;
};

}  // namespace sevspec::tool

#endif
