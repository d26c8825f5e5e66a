// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_CATCH_HPP
#define SEVSPEC_TESTS_SUPPORT_CATCH_HPP

/// @file
/// Catch2, and how the library's values look in its messages.

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include <sevspec/base/address.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule_registry.hpp>

namespace sevspec::test {

/// "0x1f"
[[nodiscard]] inline auto hex(std::uint64_t value) -> std::string {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace sevspec::test

namespace Catch {

template <>
struct StringMaker<sevspec::rule> {
  static auto convert(sevspec::rule id) -> std::string { return sevspec::name_of(id); }
};
template <>
struct StringMaker<sevspec::fault_kind> {
  static auto convert(sevspec::fault_kind kind) -> std::string { return sevspec::name_of(kind); }
};
template <>
struct StringMaker<sevspec::page_size> {
  static auto convert(sevspec::page_size size) -> std::string { return sevspec::name_of(size); }
};
template <>
struct StringMaker<sevspec::memory_key> {
  static auto convert(sevspec::memory_key key) -> std::string {
    return sevspec::name_of(key) + std::string(" ") + std::to_string(key.slot);
  }
};
template <class Space>
struct StringMaker<sevspec::address<Space>> {
  static auto convert(sevspec::address<Space> where) -> std::string { return sevspec::test::hex(where.value); }
};
template <>
struct StringMaker<sevspec::fault> {
  static auto convert(const sevspec::fault& what) -> std::string {
    return sevspec::name_of(what.kind) + std::string(" ") + sevspec::test::hex(what.code) + " at " +
           sevspec::test::hex(what.address) + " by " + sevspec::name_of(what.decided_by);
  }
};
template <>
struct StringMaker<std::optional<sevspec::fault>> {
  static auto convert(const std::optional<sevspec::fault>& what) -> std::string {
    return what ? StringMaker<sevspec::fault>::convert(*what) : "no fault";
  }
};

}  // namespace Catch

#endif
