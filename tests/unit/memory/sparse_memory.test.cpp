// SPDX-License-Identifier: MIT
#include <support/catch.hpp>

#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/sparse_memory.hpp>

using namespace sevspec;
using memory::sparse_memory;

static_assert(physical_memory<sparse_memory> && readable_memory<const sparse_memory>);

TEST_CASE("sparse memory: a page that is absent does not answer, or is zero", "[memory]") {
  sparse_memory incomplete;
  sparse_memory zeroed(sparse_memory::absent::zero);
  CHECK_FALSE(incomplete.read_qword({0x5000}, {}).has_value());
  CHECK(zeroed.read_qword({0x5000}, {}) == 0);
  CHECK(zeroed.page_count() == 0);  // reading makes no page

  CHECK_FALSE(incomplete.compare_exchange_qword({0x5000}, {}, 0, 1));
  CHECK(incomplete.page_count() == 0);
  CHECK_FALSE(zeroed.compare_exchange_qword({0x5000}, {}, 7, 1));
  CHECK(zeroed.page_count() == 0);
  CHECK(zeroed.compare_exchange_qword({0x5ff8}, {}, 0, 1));
  CHECK(zeroed.page_count() == 1);
  CHECK(zeroed.contains({0x5000}));
  CHECK(zeroed.read_qword({0x5ff8}, {}) == 1);
  CHECK(zeroed.read_qword({0x5ff0}, {}) == 0);
}

TEST_CASE("sparse memory: what is written is read", "[memory]") {
  sparse_memory memory;
  memory.write_qword({0x1008}, 42);
  memory.write_qword({0xf'ffff'ffff'fff8}, 43);
  CHECK(memory.read_qword({0x1008}, {}) == 42);
  CHECK(memory.read_qword({0x1008}, memory_key::host()) == 42);
  CHECK(memory.read_qword({0x1000}, {}) == 0);  // its page is there
  CHECK_FALSE(memory.read_qword({0x2008}, {}).has_value());
  CHECK_FALSE(memory.read_qword({0x0008}, {}).has_value());
  CHECK(memory.read_qword({0xf'ffff'ffff'fff8}, {}) == 43);
  CHECK(memory.page_count() == 2);
  CHECK(memory.contains({0x1fff}));
  CHECK_FALSE(memory.contains({0x2000}));
  CHECK(memory.page_at({0x1abc})[1] == 42);

  CHECK_FALSE(memory.compare_exchange_qword({0x1008}, {}, 41, 99));
  CHECK(memory.read_qword({0x1008}, {}) == 42);
  CHECK(memory.compare_exchange_qword({0x1008}, {}, 42, 99));
  CHECK(memory.read_qword({0x1008}, {}) == 99);
}

TEST_CASE("sparse memory is a value", "[memory]") {
  sparse_memory one;
  one.write_qword({0x1008}, 42);
  sparse_memory two = one;
  CHECK(one == two);
  two.write_qword({0x1010}, 1);
  CHECK_FALSE(one == two);
  CHECK(one.read_qword({0x1010}, {}) == 0);
  CHECK_FALSE(sparse_memory() == sparse_memory(sparse_memory::absent::zero));
}
