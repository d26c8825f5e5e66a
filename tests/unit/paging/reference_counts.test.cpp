// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>

#include <sevspec/paging/reference_count.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

auto reads_of(guest_shape shape, const memory_access& why = user_read) -> std::size_t {
  guest_machine guest(shape);
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  REQUIRE(guest.run(ctx, why).has_value());
  return heard.reads.size();
}

}  // namespace

TEST_CASE("PAG-CNT-01: the exact count, whatever the pages", "[paging][PAG-CNT-01]") {
  unsigned shapes = 0;
  for (const unsigned g : {4U, 5U})
    for (const unsigned guest_leaf : {1U, 2U, 3U})
      for (const unsigned n : {4U, 5U})
        for (const unsigned table_leaf : {1U, 2U})
          for (const unsigned data_leaf : {1U, 2U, 3U}) {
            if (data_leaf == 3 && guest_leaf != 3) continue;
            const unsigned guest_reads = g + 1 - guest_leaf;
            const unsigned per_table = n + 1 - table_leaf;
            const unsigned for_data = n + 1 - data_leaf;
            CHECK(reads_of({g, guest_leaf, n, table_leaf, data_leaf}) ==
                  guest_reads + guest_reads * per_table + for_data);
            ++shapes;
          }
  CHECK(shapes == 56);
}

TEST_CASE("PAG-CNT-02: uniform depths", "[paging][PAG-CNT-02]") {
  using paging::table_reads;
  CHECK(table_reads(4, 4) == 24);
  CHECK(table_reads(5, 5) == 35);
  CHECK(table_reads(5, 4) == 29);
  CHECK(table_reads(4, 5) == 29);
  CHECK(table_reads(0, 4) == 4);
  for (const unsigned g : {0U, 4U, 5U})
    for (const unsigned n : {4U, 5U}) CHECK(reads_of({.guest_levels = g, .nested_levels = n}) == table_reads(g, n));
  // A guest's 2M page on 4K nested pages, and on a nested 2M page; its 1G page on a nested 1G page.
  CHECK(reads_of({.guest_leaf = 2}) == 19);
  CHECK(reads_of({.guest_leaf = 2, .nested_leaf_of_data = 2}) == 18);
  CHECK(reads_of({.guest_leaf = 3, .nested_leaf_of_data = 3}) == 12);
  // All nested pages 2M: n is 3.
  CHECK(reads_of({.nested_leaf_of_tables = 2, .nested_leaf_of_data = 2}) == table_reads(4, 3));
}

TEST_CASE("PAG-CNT-04: A/D writes and the access itself are not counted", "[paging][PAG-CNT-04]") {
  guest_machine guest;
  for (unsigned level = 1; level <= 4; ++level) {
    guest.in_guest(level) &= ~(accessed | dirty);
    guest.for_table(level, 1) &= ~(accessed | dirty);
    guest.for_data(level) &= ~(accessed | dirty);
  }
  for (const auto policy : {ad_update::eager, ad_update::deferred}) {
    guest_machine again = guest;
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {.ad_policy = policy}, .listener = heard};
    REQUIRE(again.run(ctx, user_write).has_value());
    CHECK(heard.reads.size() == 24);
    CHECK(heard.updates.size() == 4 + 4 + 4);  // guest entries, nested leaves of tables, nested path of the page
    CHECK(heard.finals.size() == 1);
  }
}
