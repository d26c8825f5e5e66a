// SPDX-License-Identifier: MIT
// The table of certificates, which is the hypervisor's word alone.
//
//     byte  0     0: the rest is the table itself; otherwise so many entries of five bytes follow
//           1...  GUID (1), offset (2), length (2), both signed; then what lies behind the entries
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <optional>

#include <sevspec/layout/certificate_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using error = layout::certificate_table_error;

struct place {
  std::size_t offset, length;
  friend auto operator==(const place&, const place&) -> bool = default;
};

auto integer32(std::span<const std::uint8_t> bytes, std::size_t offset) -> std::uint64_t {
  return bytes[offset] | bytes[offset + 1] * 0x100ULL | bytes[offset + 2] * 0x1'0000ULL |
         bytes[offset + 3] * 0x100'0000ULL;
}

/// LAY-CERT-01, once more, in 64-bit integers.
auto expected_reading(std::span<const std::uint8_t> table, std::vector<place>& places) -> std::optional<error> {
  std::size_t at = 0;
  for (;; at += 24) {
    if (at + 24 > table.size()) return error{error::kind::unterminated, at};
    const auto entry = table.subspan(at, 24);
    if (std::ranges::all_of(entry.first(16), [](std::uint8_t byte) { return byte == 0; })) break;
    const place where{integer32(entry, 16), integer32(entry, 20)};
    if (where.offset + where.length > table.size()) return error{error::kind::out_of_range, at};
    places.push_back(where);
  }
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i].offset < at + 24) return error{error::kind::in_entries, 24 * i};
  return std::nullopt;
}

void check(std::span<const std::uint8_t> table) {
  std::vector<place> expected;
  const auto refused = expected_reading(table, expected);
  std::vector<place> seen;
  std::uint64_t sum = 0;
  const auto result = layout::for_each_certificate(
      table, [&](std::span<const std::uint8_t, 16> guid, std::span<const std::uint8_t> content) {
        demand(guid.data() == table.data() + 24 * seen.size(), "GUIDs come in the order of the entries");
        seen.push_back({static_cast<std::size_t>(content.data() - table.data()), content.size()});
        for (const std::uint8_t byte : content) sum += byte;  // every byte can be read
      });
  demand(sum <= std::uint64_t{255} * table.size() * (seen.size() + 1), "certificates lie in the table");
  if (refused) {
    demand(!result.has_value() && result.error() == *refused, "the first thing that is wrong is named");
    demand(seen.empty(), "the sink sees nothing of a table that is refused");
  } else {
    demand(result == seen.size(), "certificates are counted");
    demand(seen == expected, "the sink sees what the entries say");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const unsigned entries = in.byte();
  std::vector<std::uint8_t> table;
  if (entries != 0) {
    for (unsigned i = 0; i < entries % 32; ++i) {
      table.resize(table.size() + 24);
      const auto entry = std::span(table).last(24);
      entry[i % 16] = in.byte();
      const auto widened = [&] {
        return static_cast<std::uint32_t>(static_cast<std::int16_t>(static_cast<std::uint16_t>(in.little_endian(2))));
      };
      layout::write_le(entry.data() + 16, widened());
      layout::write_le(entry.data() + 20, widened());
    }
  }
  table.insert(table.end(), in.rest().begin(), in.rest().end());
  table.shrink_to_fit();  // so that the sanitizer notices a byte too far
  check(table);
  return 0;
}
