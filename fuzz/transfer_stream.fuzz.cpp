// SPDX-License-Identifier: MIT
// Bytes of a transfer between hosts: every input is a stream or has an error at a place, and a stream is made of its
// records again.
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <algorithm>

#include <sevspec/migration/migration_helper.hpp>
#include <sevspec/migration/transfer_stream.hpp>

extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int {
  using namespace sevspec::migration;
  using sevspec::fuzz::demand;
  const std::span bytes{data, size};
  const auto parsed = parse_stream(bytes);
  if (!parsed) {
    demand(parsed.error().offset <= size, "an error has a place");
    return 0;
  }
  std::vector<std::uint8_t> again;
  for (const transfer_record& one : *parsed) {
    append_record(again, one);
    if (one.type != record_type::helper_page) continue;
    if (const auto packet = packet_of(one)) demand(to_record(*packet) == one, "a packet is its record");
  }
  demand(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()), "records are the stream");
  return 0;
}
