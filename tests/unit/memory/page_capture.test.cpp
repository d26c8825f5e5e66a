// SPDX-License-Identifier: MIT
#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <sevspec/memory/page_capture.hpp>

using namespace sevspec;
using namespace sevspec::memory;

namespace {

using bytes = std::vector<std::byte>;
using kind = capture_error::kind;

void append_record(bytes& to, std::uint64_t page_address, std::uint8_t fill) {
  for (unsigned i = 0; i < 8; ++i) to.push_back(static_cast<std::byte>(page_address >> (8 * i) & 0xff));
  for (unsigned i = 0; i < 4096; ++i) to.push_back(static_cast<std::byte>((fill + i) & 0xff));
}

auto records(std::initializer_list<std::pair<std::uint64_t, std::uint8_t>> pages) -> bytes {
  bytes all;
  for (const auto& [where, fill] : pages) append_record(all, where, fill);
  return all;
}

/// The error; the memory, which holds one page of its own before, must not have changed.
auto error_of(const bytes& capture) -> capture_error {
  sparse_memory memory;
  memory.write_qword({0x7000}, 77);
  const sparse_memory before = memory;
  const auto loaded = load_capture(memory, capture);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(memory == before);
  return loaded.error();
}

}  // namespace

TEST_CASE("captures are records of page address and page", "[memory]") {
  CHECK(capture_record_bytes == 4104);
  sparse_memory memory;
  CHECK(load_capture(memory, bytes{}) == 0U);
  CHECK(memory.page_count() == 0);

  CHECK(load_capture(memory, records({{0x5000, 0x10}, {0x1000, 0x20}, {0xf'ffff'ffff'f000, 0x30}})) == 3U);
  CHECK(memory.page_count() == 3);
  CHECK(memory.read_qword({0x5000}, {}) == 0x1716'1514'1312'1110);
  CHECK(memory.read_qword({0x1008}, {}) == 0x2f2e'2d2c'2b2a'2928);
  CHECK(memory.read_qword({0xf'ffff'ffff'fff8}, {}) == 0x2f2e'2d2c'2b2a'2928);
}

TEST_CASE("captures add to what is there", "[memory]") {
  sparse_memory memory;
  memory.write_qword({0x7000}, 77);
  CHECK(load_capture(memory, records({{0x5000, 0}})) == 1U);
  CHECK(load_capture(memory, records({{0x6000, 0}})) == 1U);
  CHECK(memory.read_qword({0x7000}, {}) == 77);
  CHECK(memory.page_count() == 3);
  // The same page with the same contents is no contradiction.
  CHECK(load_capture(memory, records({{0x5000, 0}, {0x8000, 1}, {0x5000, 0}})) == 3U);
  CHECK(memory.page_count() == 4);
}

TEST_CASE("captures cut short are refused at the record that is incomplete", "[memory]") {
  const bytes three = records({{0x1000, 1}, {0x2000, 2}, {0x3000, 3}});
  for (const std::size_t whole : {0U, 1U, 2U}) {
    for (const std::size_t rest : {1U, 7U, 8U, 9U, 15U, 16U, 4095U, 4096U, 4103U}) {
      const bytes cut(three.begin(), three.begin() + static_cast<std::ptrdiff_t>(4104 * whole + rest));
      CHECK(error_of(cut) == capture_error{kind::truncated, 4104 * whole, 0});
    }
  }
}

TEST_CASE("page addresses of captures are page addresses", "[memory]") {
  for (unsigned n = 0; n < 12; ++n)
    CHECK(error_of(records({{0x1000, 1}, {0x2000 | (1U << n), 2}})) ==
          capture_error{kind::misaligned, 4104, 0x2000 | (1U << n)});
  for (unsigned n = 52; n < 64; ++n) {
    const std::uint64_t where = 0x2000 | std::uint64_t{1} << n;
    CHECK(error_of(records({{0x1000, 1}, {0x3000, 3}, {where, 2}})) == capture_error{kind::too_high, 8208, where});
  }
  sparse_memory memory;
  CHECK(load_capture(memory, records({{std::uint64_t{1} << 51, 1}})) == 1U);
}

TEST_CASE("a page that occurs twice must be the same", "[memory]") {
  CHECK(error_of(records({{0x1000, 1}, {0x2000, 2}, {0x1000, 3}})) == capture_error{kind::duplicate, 8208, 0x1000});
  // Also against what the memory held before.
  CHECK(error_of(records({{0x7000, 1}})) == capture_error{kind::duplicate, 0, 0x7000});
}

TEST_CASE("every error has words", "[memory]") {
  std::vector<std::string> texts;
  for (const kind what : {kind::truncated, kind::misaligned, kind::too_high, kind::duplicate}) {
    texts.emplace_back(text_of(what));
    CHECK(texts.back().size() > 10);
  }
  CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == 4);
}

TEST_CASE("little-endian qwords", "[memory]") {
  const std::byte raw[8] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                            std::byte{5}, std::byte{6}, std::byte{7}, std::byte{0x88}};
  CHECK(load_le64(std::span<const std::byte, 8>(raw)) == 0x8807'0605'0403'0201);
}
