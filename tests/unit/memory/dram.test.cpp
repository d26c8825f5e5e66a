// SPDX-License-Identifier: MIT
// What the chips hold.
#include <cstdint>
#include <vector>

#include <sevspec/memory/dram.hpp>
#include <support/catch.hpp>

using namespace sevspec;
using namespace sevspec::memory;

namespace {

static_assert(dram<dense_dram<1>> && dram<sparse_dram> && dram<aliased_dram<sparse_dram>>);
static_assert(!dram<int> && !dram<raw_page>);

auto touched(const sparse_dram& chips) -> std::vector<std::uint64_t> {
  return {chips.touched().begin(), chips.touched().end()};
}

}  // namespace

TEST_CASE("dense DRAM", "[memory][ENC-KEYSEL-01]") {
  dense_dram<3> chips;
  for (const std::uint64_t page : {0U, 1U, 2U}) {
    CHECK(chips.has({page}));
    REQUIRE(chips.find({page}) != nullptr);
    CHECK(*chips.find({page}) == raw_page{});
  }
  for (const std::uint64_t page : {std::uint64_t{3}, std::uint64_t{1} << 40, ~std::uint64_t{0} >> 12}) {
    CHECK_FALSE(chips.has({page}));
    CHECK(chips.find({page}) == nullptr);
    CHECK(chips.touch({page}) == nullptr);
  }
  (*chips.touch({1}))[5] = 9;
  CHECK((*chips.find({1}))[5] == 9);
  CHECK(*chips.find({0}) == raw_page{});
  CHECK_FALSE(chips == dense_dram<3>{});
  (*chips.touch({1}))[5] = 0;
  CHECK(chips == dense_dram<3>{});
}

TEST_CASE("sparse DRAM", "[memory][ENC-KEYSEL-01]") {
  sparse_dram chips(0x60'3000);  // three regions of 2M and three pages
  constexpr std::uint64_t pages = 0x603;
  for (const std::uint64_t page : {std::uint64_t{0}, std::uint64_t{511}, std::uint64_t{512}, pages - 1}) {
    CHECK(chips.has({page}));
    CHECK(chips.find({page}) == nullptr);  // never written
  }
  for (const std::uint64_t page : {pages, pages + 1, std::uint64_t{1} << 40, ~std::uint64_t{0} >> 12}) {
    CHECK_FALSE(chips.has({page}));
    CHECK(chips.find({page}) == nullptr);
    CHECK(chips.touch({page}) == nullptr);
  }
  for (const std::uint64_t page : {pages - 1, std::uint64_t{512}, std::uint64_t{0}, std::uint64_t{511}})
    (*chips.touch({page}))[7] = static_cast<std::uint8_t>(page + 1);
  for (const std::uint64_t page : {std::uint64_t{0}, std::uint64_t{511}, std::uint64_t{512}, pages - 1}) {
    REQUIRE(chips.find({page}) != nullptr);
    CHECK((*chips.find({page}))[7] == static_cast<std::uint8_t>(page + 1));
    CHECK((*chips.find({page}))[8] == 0);
  }
  CHECK(chips.find({513}) == nullptr);
  CHECK(touched(chips) == std::vector<std::uint64_t>{pages - 1, 512, 0, 511});
  (void)chips.touch({512});  // not again
  CHECK(touched(chips).size() == 4);

  SECTION("reset makes zeros, and storage that is used again holds no old bytes") {
    chips.reset();
    CHECK(touched(chips).empty());
    CHECK(chips.find({512}) == nullptr);
    for (const std::uint64_t page : {1U, 2U, 3U, 4U, 5U, 512U}) CHECK(*chips.touch({page}) == raw_page{});
    CHECK(chips == sparse_dram(0x60'3000));
    (*chips.touch({3}))[0] = 1;
    chips.reset();
    CHECK(chips == sparse_dram(0x60'3000));
  }
  SECTION("a value: copies are independent, and compare by content") {
    sparse_dram copy = chips;
    CHECK(copy == chips);
    (*copy.touch({512}))[7] = 0;
    CHECK_FALSE(copy == chips);
    CHECK_FALSE(chips == copy);
    (*chips.touch({512}))[7] = 0;
    CHECK(copy == chips);
    (void)copy.touch({100});  // a page of zeros is no difference
    CHECK(copy == chips);
    CHECK(chips == copy);
    (*copy.touch({100}))[0] = 1;
    CHECK_FALSE(chips == copy);
    CHECK_FALSE(sparse_dram(0x1000) == sparse_dram(0x2000));
  }
}

TEST_CASE("no memory at all", "[memory]") {
  sparse_dram none(0);
  CHECK_FALSE(none.has({0}));
  CHECK(none.touch({0}) == nullptr);
  CHECK(none == sparse_dram(0));
}

TEST_CASE("ENC-INT-02: chips that ignore address bits", "[memory][ENC-INT-02]") {
  sparse_dram chips(0x10'0000);
  aliased_dram aliased(chips, 0x2'4000);
  (*aliased.touch({0x24 + 3}))[1] = 5;
  REQUIRE(chips.find({3}) != nullptr);
  CHECK((*chips.find({3}))[1] == 5);
  for (const std::uint64_t page : {0x03U, 0x07U, 0x23U, 0x27U}) CHECK(aliased.find({page}) == chips.find({3}));
  CHECK(aliased.find({0x13}) == nullptr);
  // Beyond the memory is beyond it, unless the ignored bits alone make it so.
  CHECK(aliased.has({0xff}));
  CHECK_FALSE(aliased.has({0x100}));
  aliased_dram larger(chips, 0x10'0000);
  CHECK(larger.has({0x100}));
  CHECK_FALSE(larger.has({0x200}));
}
