// SPDX-License-Identifier: MIT
#include <array>

#include <support/catch.hpp>

#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/flat_memory.hpp>

using namespace sevspec;
using memory::flat_memory;

static_assert(physical_memory<flat_memory> && readable_memory<const flat_memory> &&
              !physical_memory<const flat_memory>);
static_assert(readable_memory<read_only<flat_memory>> && !physical_memory<read_only<flat_memory>>);

TEST_CASE("flat memory answers up to its limit", "[memory]") {
  std::array<std::uint64_t, 4> qwords{10, 11, 12, 13};
  flat_memory memory(qwords);
  for (unsigned i = 0; i < 4; ++i) CHECK(memory.read_qword({8 * i}, {}) == 10 + i);
  for (const std::uint64_t beyond : {std::uint64_t{32}, std::uint64_t{40}, std::uint64_t{0x1000}, ~std::uint64_t{7}}) {
    CHECK_FALSE(memory.read_qword({beyond}, {}).has_value());
    CHECK_FALSE(memory.compare_exchange_qword({beyond}, {}, 0, 1));
  }
  flat_memory nothing(std::span<std::uint64_t>{});
  CHECK_FALSE(nothing.read_qword({0}, {}).has_value());
  CHECK_FALSE(nothing.compare_exchange_qword({0}, {}, 0, 0));
}

TEST_CASE("flat memory exchanges only what was expected", "[memory]") {
  std::array<std::uint64_t, 4> qwords{10, 11, 12, 13};
  flat_memory memory(qwords);
  CHECK_FALSE(memory.compare_exchange_qword({8}, {}, 10, 99));
  CHECK(qwords == std::array<std::uint64_t, 4>{10, 11, 12, 13});
  CHECK(memory.compare_exchange_qword({8}, {}, 11, 99));
  CHECK(qwords == std::array<std::uint64_t, 4>{10, 99, 12, 13});
  CHECK(memory.read_qword({8}, memory_key::guest({5})) == 99);  // it has no keys
}

TEST_CASE("a read-only view shows the memory as it is", "[memory]") {
  std::array<std::uint64_t, 2> qwords{1, 2};
  flat_memory memory(qwords);
  const read_only view(memory);
  CHECK(view.read_qword({8}, {}) == 2);
  qwords[1] = 3;
  CHECK(view.read_qword({8}, {}) == 3);
  CHECK_FALSE(view.read_qword({16}, {}).has_value());
}
