// SPDX-License-Identifier: MIT
// What two hosts tell each other, as bytes.
#include <cstdint>
#include <vector>

#include <sevspec/migration/transfer_stream.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec::migration;
using kind = stream_error::kind;
using bytes = std::vector<std::uint8_t>;

auto sample() -> std::vector<transfer_record> {
  return {{record_type::session, 0, bytes(session_body_bytes, 1)},
          {record_type::private_page, 5, bytes(52 + 4096, 2)},
          {record_type::shared_page, 6, bytes(4096, 3)},
          {record_type::vmsa, 0, bytes(52 + 4096, 4)},
          {record_type::helper_page, 9, bytes(helper_body_bytes, 5)},
          {record_type::status_map, 12, {0xff, 0x0f}},
          {record_type::end, 0, {}}};
}
auto packed(const std::vector<transfer_record>& all) -> bytes {
  bytes made;
  for (const transfer_record& one : all) append_record(made, one);
  return made;
}
auto error_of(const bytes& stream) -> stream_error {
  const auto parsed = parse_stream(stream);
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

}  // namespace

TEST_CASE("a stream is what was put into it", "[migration][stream]") {
  CHECK(parse_stream(packed(sample())).value() == sample());
  CHECK(session_body_bytes == 4 + 2084 + 128);
}

TEST_CASE("what is no stream is refused with a place", "[migration][stream]") {
  const bytes whole = packed(sample());
  for (const std::size_t size : {std::size_t{0}, std::size_t{15}, std::size_t{16}, whole.size() - 1})
    CHECK(error_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).what == kind::cut_off);
  const std::size_t second = 16 + session_body_bytes;
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    bytes made = whole;
    made[at] = value;
    return error_of(made);
  };
  CHECK(changed(second, 'N') == stream_error{kind::no_record, second});
  CHECK(changed(second + 2, 1) == stream_error{kind::no_record, second});
  CHECK(changed(second + 3, 1) == stream_error{kind::no_record, second});
  CHECK(changed(second + 1, 0) == stream_error{kind::unknown_type, second});
  CHECK(changed(second + 1, 8) == stream_error{kind::unknown_type, second});
  CHECK(changed(second + 4, 1) == stream_error{kind::wrong_size, second});
  CHECK(changed(second + 15, 1) == stream_error{kind::wrong_page, second});
  CHECK(changed(8, 1) == stream_error{kind::wrong_page, 0});
  CHECK(changed(whole.size() - 16 - 1, 0x1f).what == kind::set_padding);
  CHECK(changed(whole.size() - 8, 1).what == kind::wrong_page);
  bytes longer = whole;
  longer.push_back(0);
  CHECK(error_of(longer) == stream_error{kind::after_the_end, whole.size()});
  CHECK(error_of(packed({{record_type::status_map, 8, {}}})).what == kind::wrong_size);
}
