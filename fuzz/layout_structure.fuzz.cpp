// SPDX-License-Identifier: MIT
// Any structure by its description: fields, named bits, reserved bits.
//
//     byte  0-1   which structure
//           2     newest feature
//           3-4   a bit to change
//           5...  the structure's bytes; zeros behind
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <sevspec/layout/all.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sevspec;
  using namespace sevspec::fuzz;
  cursor in(data, size);
  const auto& structure = *layout::all_structures[in.little_endian(2) % std::size(layout::all_structures)];
  const auto newest = level_from(in.byte());
  const auto choice = in.little_endian(2);
  std::vector<std::uint8_t> bytes(structure.size);
  in.fill(bytes);
  check_fields(structure, bytes);
  check_reserved_bits(structure, bytes, newest, choice);
  return 0;
}
