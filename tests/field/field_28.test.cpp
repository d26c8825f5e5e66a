// SPDX-License-Identifier: MIT
// coconut-svsm 487531f8, cbb7f02e: a walk went on below a leaf of 2M, and took data for a table; a range of 2M was put in
// the wrong place.
#include <cstdint>
#include <optional>

#include <sevspec/nested/table_words.hpp>
#include <support/catch.hpp>
#include <support/l2_machine.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Words of tables that know how often they were read.
struct counted_words {
  cells memory;
  unsigned reads = 0;

  auto load(std::uint64_t at) -> std::optional<std::uint64_t> {
    ++reads;
    return memory.contains(at) ? memory[at] : 0;
  }
  auto store(std::uint64_t at, std::uint64_t value) -> bool {
    memory.put(at, value);
    return true;
  }
  auto clear(std::uint64_t) -> bool { return true; }
};

}  // namespace

TEST_CASE("FIELD-28: a walk ends at a leaf of 2M", "[field][FIELD-28][PAG-MODE-05]") {
  guest_machine machine({.nested_leaf_of_tables = 2, .nested_leaf_of_data = 2});
  const auto found = machine.run(user_read);
  REQUIRE(found.has_value());
  CHECK(found->page.size == page_size::k2m);
  CHECK(found->page.where.value == machine.final_gpa.value + guest_machine::guest_at);
}

TEST_CASE("FIELD-28: so does a hypervisor's look at its own tables", "[field][FIELD-28]") {
  counted_words words;
  std::uint64_t next = 0x2000;
  const auto take = [&] { return std::optional{std::exchange(next, next + 0x1000)}; };
  const std::uint64_t leaf = 0x4020'0000 | 0xe7;
  REQUIRE(nested::put_leaf(words, 0x1000, 0x20'0000, page_size::k2m, leaf, take));
  words.reads = 0;
  const auto found = nested::find_entry(words, 0x1000, 0x20'0000 + 0x12'3456);
  REQUIRE(found.has_value());
  CHECK(found->raw == leaf);
  CHECK(found->size() == page_size::k2m);
  CHECK(words.reads == 3);  // PML4, PDPT, PD
  // The neighbours are mapped nowhere.
  CHECK_FALSE(nested::find_entry(words, 0x1000, 0x20'0000 - 1)->present());
  CHECK_FALSE(nested::find_entry(words, 0x1000, 0x40'0000)->present());
}
