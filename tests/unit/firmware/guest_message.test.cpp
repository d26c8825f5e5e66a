// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <string>

#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/snp_swap.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;

const message_key key{1, 2, 3};

auto sealed(const message_info& info, const byte_vector& payload) -> byte_vector {
  byte_vector message(message_header_bytes + payload.size());
  seal_message(key, info, payload, message);
  return message;
}
auto report_request() -> byte_vector {
  return sealed({.type = layout::snp_message_types::report_req, .vmpck = 2, .sequence = 7}, noise(0x60, 1));
}
auto error_of(const byte_vector& bytes) -> message_error {
  const auto parsed = parse_message(bytes);
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

}  // namespace

TEST_CASE("FW-MSG-02: a header, field by field", "[firmware][FW-MSG-02]") {
  const byte_vector message = report_request();
  CHECK(get_le(message, 0x10, 8) == 0);  // the tag has 16 bytes
  CHECK(get_le(message, 0x18, 8) == 0);
  CHECK(get_le(message, 0x20, 8) == 7);
  CHECK(get_le(message, 0x28, 8) == 0);
  CHECK(message[0x30] == 1);
  CHECK(message[0x31] == 1);
  CHECK(get_le(message, 0x32, 2) == 0x60);
  CHECK(message[0x34] == 5);
  CHECK(message[0x35] == 1);
  CHECK(get_le(message, 0x36, 2) == 0x60);
  CHECK(get_le(message, 0x38, 4) == 0);
  CHECK(message[0x3C] == 2);
  for (std::size_t at = 0x3D; at < 0x60; ++at) CHECK(message[at] == 0);
  CHECK(largest_message_payload == 4000);
}

TEST_CASE("FW-MSG-02: what is no message", "[firmware][FW-MSG-02]") {
  using enum message_error::kind;
  const byte_vector good = report_request();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(error_of({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}) == message_error{truncated, size});
  const auto changed = [&](std::size_t at, std::size_t size, std::uint64_t value) {
    byte_vector bytes = good;
    put_le(bytes, at, size, value);
    return bytes;
  };
  CHECK(error_of(changed(0x31, 1, 2)) == message_error{header_version, 0x31});
  CHECK(error_of(changed(0x32, 2, 0x61)) == message_error{header_size, 0x32});
  CHECK(error_of(changed(0x30, 1, 0)) == message_error{algorithm, 0x30});
  CHECK(error_of(changed(0x36, 2, 0)) == message_error{payload_size, 0x36});
  CHECK(error_of(changed(0x36, 2, 0x58)) == message_error{payload_size, 0x36});
  CHECK(error_of(changed(0x36, 2, 0x70)) == message_error{truncated, good.size()});
  CHECK(error_of(changed(0x36, 2, 0xFFF0)) == message_error{truncated, good.size()});
  CHECK(error_of(changed(0x3C, 1, 4)) == message_error{key_index, 0x3C});
  byte_vector whole_page = good;
  whole_page.resize(4096);
  CHECK(parse_message(whole_page).value().payload.size() == 0x60);  // what lies behind it is nobody's
}

TEST_CASE("FW-MSG-03: a change in any byte that counts", "[firmware][FW-MSG-03]") {
  const byte_vector good = report_request();
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    byte_vector bytes = good;
    bytes[at] ^= 0x40;
    const auto parsed = parse_message(bytes);
    if (!parsed) continue;  // no message at all
    byte_vector opened(parsed->payload.size(), 0xEE);
    const auto done = open_message(key, *parsed, opened);
    if (done) {
      ++unnoticed;
      CHECK(((at >= 0x10 && at < 0x20) || (at >= 0x28 && at < 0x30)));  // in front of what the tag covers
    } else {
      CHECK(done.error() == message_error{message_error::kind::tag, 0});
      CHECK(opened == byte_vector(opened.size()));
    }
  }
  CHECK(unnoticed == 24);
  const auto parsed = parse_message(good).value();
  byte_vector opened(parsed.payload.size());
  CHECK_FALSE(open_message({9}, parsed, opened).has_value());
  CHECK(open_message(key, parsed, opened).has_value());
  CHECK(opened == noise(0x60, 1));
}

TEST_CASE("FW-MSG-03: the IV is the sequence number", "[firmware][FW-MSG-03]") {
  CHECK(to_hex(iv_of(0x0102030405060708)) == "080706050403020100000000");
  // One number twice is one key stream twice, and the payloads' difference is there to read.   FW-MSG-05
  const byte_vector a = noise(32, 1);
  const byte_vector b = noise(32, 2);
  const byte_vector first = sealed({.sequence = 5}, a);
  const byte_vector second = sealed({.sequence = 5}, b);
  for (std::size_t i = 0; i < 32; ++i) CHECK((first[0x60 + i] ^ second[0x60 + i]) == (a[i] ^ b[i]));
}

TEST_CASE("FW-MSG-04: sequence numbers", "[firmware][FW-MSG-04]") {
  std::uint64_t count = 0;
  std::uint64_t last_response = 0;
  for (unsigned i = 0; i < 5; ++i) {
    const std::uint64_t request = request_sequence(count);
    CHECK(request % 2 == 1);
    CHECK(request == last_response + 1);  // as guests count
    last_response = response_sequence(request);
    count = count_after_response(count);
    CHECK(last_response == count);
  }
}

TEST_CASE("no bytes break the reader of messages", "[firmware][FW-MSG-02]") {
  byte_vector opened(4096);
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    byte_vector bytes = noise(seed % 300, seed);
    if (bytes.size() >= 0x60 && seed % 2 == 0) {
      bytes[0x30] = bytes[0x31] = 1;
      put_le(bytes, 0x32, 2, 0x60);
      bytes[0x36] &= 0xF0;
      bytes[0x37] = 0;
      bytes[0x3C] &= 3;
    }
    const auto parsed = parse_message(bytes);
    if (parsed) CHECK_FALSE(open_message(key, *parsed, std::span{opened}.first(parsed->payload.size())).has_value());
  }
}
