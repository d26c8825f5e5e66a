// SPDX-License-Identifier: MIT
// The record of private pages, its hypercall, and its bitmap.
#include <cstdint>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/migration/encrypted_vm.hpp>
#include <sevspec/migration/page_status.hpp>
#include <support/catch.hpp>

using namespace sevspec;
using namespace sevspec::migration;

TEST_CASE("pages are encrypted until the guest says otherwise", "[migration][status][MIG-STAT-02]") {
  const page_status_map map(20);
  for (std::uint64_t page = 0; page < 20; ++page) CHECK(map.is_encrypted(page));
  CHECK(map.bitmap(0, 20) == std::vector<std::uint8_t>{0xff, 0xff, 0x0f});
}

TEST_CASE("operands of the hypercall", "[migration][status][MIG-STAT-01]") {
  context ctx;
  const auto ask = [&](std::uint64_t gpa, std::uint64_t count, std::uint64_t attributes) {
    gpa_range range{.first = 77};
    const auto answer = check_map_gpa_range(ctx, gpa, count, attributes, 16, range);
    CHECK((answer == 0) == (range.first != 77));
    return answer;
  };
  constexpr std::int64_t refused = -22;
  CHECK(ask(0x3000, 4, 0x10) == 0);
  CHECK(ask(0, 16, 0) == 0);
  CHECK(ask(0xf000, 1, 0x12) == 0);
  CHECK(ask(0x3008, 1, 0) == refused);
  CHECK(ask(0x3000, 0, 0) == refused);
  CHECK(ask(0x3000, 14, 0) == refused);
  CHECK(ask(0x10000, 1, 0) == refused);
  CHECK(ask(0x3000, ~std::uint64_t{0}, 0) == refused);
  CHECK(ask(0xffff'ffff'ffff'f000, ~std::uint64_t{0}, 0) == refused);
  CHECK(ask(0x3000, 1, 0x13) == refused);
  CHECK(ask(0x3000, 1, 0x20) == refused);
  CHECK(ask(0x3000, 1, std::uint64_t{1} << 63) == refused);
  gpa_range range;
  REQUIRE(check_map_gpa_range(ctx, 0x3000, 4, 0x11, 16, range) == 0);
  CHECK(range.first == 3);
  CHECK(range.count == 4);
  CHECK(range.encrypted);
  REQUIRE(check_map_gpa_range(ctx, 0x3000, 4, 0x01, 16, range) == 0);
  CHECK_FALSE(range.encrypted);
}

TEST_CASE("the hypercall has a number", "[migration][status][MIG-STAT-01]") {
  context ctx;
  encrypted_vm vm = make_vm(1, {0x10'0000}, 16);
  vm.dirty.clear_all();
  const encrypted_vm before = vm;
  for (const std::uint64_t other : {0U, 1U, 5U, 11U, 13U, 0x8000'000cU})
    CHECK(serve_hypercall(ctx, vm, other, 0x3000, 4, 0) == -1000);
  CHECK(serve_hypercall(ctx, vm, std::uint64_t{12} | std::uint64_t{1} << 32, 0x3000, 4, 0) == -1000);
  CHECK(serve_hypercall(ctx, vm, 12, 0x3008, 4, 0) == -22);
  CHECK(vm == before);
  CHECK(serve_hypercall(ctx, vm, 12, 0x3000, 4, 0) == 0);
  CHECK_FALSE(vm.status.is_encrypted(3));
  CHECK_FALSE(vm.status.is_encrypted(6));
  CHECK(vm.status.is_encrypted(7));
  CHECK(vm.dirty.all() == std::vector<std::uint64_t>{3, 4, 5, 6});
}

TEST_CASE("a guest says when it is ready", "[migration][status][MIG-STAT-01]") {
  context ctx;
  encrypted_vm vm = make_vm(1, {0x10'0000}, 1);
  CHECK_FALSE(vm.ready);
  CHECK(write_migration_control(ctx, vm, 1));
  CHECK(vm.ready);
  for (const std::uint64_t bad : {std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{1} << 63})
    CHECK_FALSE(write_migration_control(ctx, vm, bad));
  CHECK(vm.ready);
  CHECK(write_migration_control(ctx, vm, 0));
  CHECK_FALSE(vm.ready);
}

TEST_CASE("a bitmap goes out and comes back", "[migration][status][MIG-STAT-03]") {
  page_status_map map(20);
  map.set(3, 6, false);
  CHECK(map.bitmap(0, 20) == std::vector<std::uint8_t>{0x07, 0xfe, 0x0f});
  CHECK(map.bitmap(2, 4) == std::vector<std::uint8_t>{0x01});
  page_status_map other(20);
  CHECK(other.set_bitmap(0, 20, map.bitmap(0, 20)));
  CHECK(other == map);
  CHECK(other.set_bitmap(2, 4, std::vector<std::uint8_t>{0x0f}));
  CHECK(other.is_encrypted(3));
  CHECK_FALSE(other.is_encrypted(6));
  const page_status_map before = other;
  CHECK_FALSE(other.set_bitmap(0, 20, std::vector<std::uint8_t>{0, 0}));
  CHECK_FALSE(other.set_bitmap(0, 20, std::vector<std::uint8_t>{0, 0, 0x10}));
  CHECK_FALSE(other.set_bitmap(19, 2, std::vector<std::uint8_t>{0}));
  CHECK_FALSE(other.set_bitmap(21, 0, std::vector<std::uint8_t>{}));
  CHECK(other == before);
  CHECK(other.set_bitmap(20, 0, std::vector<std::uint8_t>{}));
}
