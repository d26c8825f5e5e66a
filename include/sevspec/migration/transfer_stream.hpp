// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_TRANSFER_STREAM_HPP
#define SEVSPEC_MIGRATION_TRANSFER_STREAM_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/layout/image.hpp>

/// What two hosts tell each other while a guest moves. Packets of the firmware name no page; hosts must, and so this frame
/// does. The format is the model's own.   MIG-SEND-03
namespace sevspec::inline v0::migration {

enum class record_type : std::uint8_t {
  session = 1,       ///< policy, the source's PDH certificate, session: `session_body_bytes` in all
  private_page = 2,  ///< packet header, then 4096 bytes of transport data
  shared_page = 3,   ///< 4096 bytes as they are
  vmsa = 4,          ///< packet header, then 4096 bytes; `page` is the vCPU
  status_map = 5,    ///< `page` pages, a bit each
  helper_page = 6,   ///< a packet of the migration helper
  end = 7,
};

inline constexpr std::size_t record_header_bytes = 16;
inline constexpr std::size_t packet_header_size = 52;
inline constexpr std::size_t session_body_bytes = 4 + 0x824 + 128;
inline constexpr std::size_t helper_body_bytes = 8 + 8 + 16 + 4096;  ///< number, flags, tag, data
inline constexpr std::uint64_t most_pages = std::uint64_t{1} << 40;

struct transfer_record {
  record_type type = record_type::end;
  std::uint64_t page = 0;  ///< guest frame number; number of the vCPU; number of pages
  std::vector<std::uint8_t> body{};

  friend auto operator==(const transfer_record&, const transfer_record&) -> bool = default;
};

/// How long the body of a record is.
/// @param page  its number: the pages of a status map
[[nodiscard]] constexpr auto body_bytes_of(record_type type, std::uint64_t page) noexcept -> std::uint64_t {
  switch (type) {
    case record_type::session:      return session_body_bytes;
    case record_type::private_page:
    case record_type::vmsa:         return packet_header_size + 4096;
    case record_type::shared_page:  return 4096;
    case record_type::status_map:   return page / 8 + (page % 8 != 0 ? 1 : 0);
    case record_type::helper_page:  return helper_body_bytes;
    case record_type::end:          break;
  }
  return 0;
}

/// A record as bytes: 'M', type, two zeros, bytes of the body (4), page (8), body.
inline void append_record(std::vector<std::uint8_t>& to, const transfer_record& one) {
  std::uint8_t header[record_header_bytes] = {'M', static_cast<std::uint8_t>(one.type), 0, 0};
  layout::write_le(header + 4, static_cast<std::uint32_t>(one.body.size()));
  layout::write_le(header + 8, one.page);
  to.insert(to.end(), header, header + record_header_bytes);
  to.insert(to.end(), one.body.begin(), one.body.end());
}

/// Why bytes are no stream.
struct stream_error {
  enum class kind : std::uint8_t {
    cut_off,    ///< bytes are missing
    no_record,  ///< the first byte is not 'M', or bytes 2 and 3 are not 0
    unknown_type,
    wrong_size,     ///< a body of this type has another size
    wrong_page,     ///< a page number above `most_pages`, or one where there is none
    set_padding,    ///< bits behind the end of a status map
    after_the_end,  ///< something follows the end
  };
  kind what{};
  std::size_t offset = 0;  ///< of the record

  friend constexpr auto operator==(const stream_error&, const stream_error&) -> bool = default;
};

/// Takes one record from the front.
/// @param offset  of the record; on success behind it
[[nodiscard]] inline auto parse_record(std::span<const std::uint8_t> bytes, std::size_t& offset)
    -> std::expected<transfer_record, stream_error> {
  Expects(offset <= bytes.size());
  const auto wrong = [&](stream_error::kind what) { return std::unexpected{stream_error{what, offset}}; };
  const auto rest = bytes.subspan(offset);
  if (rest.size() < record_header_bytes) return wrong(stream_error::kind::cut_off);
  if (rest[0] != 'M' || rest[2] != 0 || rest[3] != 0) return wrong(stream_error::kind::no_record);
  if (rest[1] < 1 || rest[1] > 7) return wrong(stream_error::kind::unknown_type);
  const auto type = static_cast<record_type>(rest[1]);
  const auto size = layout::read_le<std::uint32_t>(rest.data() + 4);
  const auto page = layout::read_le<std::uint64_t>(rest.data() + 8);
  if (page > most_pages) return wrong(stream_error::kind::wrong_page);
  const bool numbered = type != record_type::session && type != record_type::end;
  if (!numbered && page != 0) return wrong(stream_error::kind::wrong_page);
  if (size != body_bytes_of(type, page)) return wrong(stream_error::kind::wrong_size);
  if (rest.size() - record_header_bytes < size) return wrong(stream_error::kind::cut_off);
  const auto body = rest.subspan(record_header_bytes, size);
  if (type == record_type::status_map && page % 8 != 0 && (body.back() >> page % 8) != 0)
    return wrong(stream_error::kind::set_padding);
  offset += record_header_bytes + size;
  return transfer_record{type, page, {body.begin(), body.end()}};
}

/// A whole stream: records up to the end.
[[nodiscard]] inline auto parse_stream(std::span<const std::uint8_t> bytes)
    -> std::expected<std::vector<transfer_record>, stream_error> {
  std::vector<transfer_record> made;
  std::size_t offset = 0;
  while (true) {
    auto one = parse_record(bytes, offset);
    if (!one) return std::unexpected{one.error()};
    made.push_back(std::move(*one));
    if (made.back().type != record_type::end) continue;
    if (offset != bytes.size()) return std::unexpected{stream_error{stream_error::kind::after_the_end, offset}};
    return made;
  }
}

}  // namespace sevspec::inline v0::migration

#endif
