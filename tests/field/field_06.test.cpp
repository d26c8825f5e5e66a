// SPDX-License-Identifier: MIT
// FIELD-06: a debugger's read or write that is not made of whole blocks of 16 bytes destroyed the bytes around it, or was
// refused. Linux 8d6297a3e73e
#include <algorithm>
#include <cstdint>
#include <vector>

#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t page = 0x10'0000;
constexpr std::uint64_t bounce = 0x40'0000;
constexpr std::uint64_t granule = 16;

auto start(world& w) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> contents(64);
  for (std::size_t i = 0; i < contents.size(); ++i) contents[i] = static_cast<std::uint8_t>(i + 1);
  poke(w.m, page, contents);
  w.ready().launched();
  w.expect({w.update(1, page, 64)});
  return contents;
}

/// As the driver did it: it aligned the guest's address down and wrote whole blocks of whatever its buffer held.
auto buggy_write(world& w, std::uint64_t offset, const std::vector<std::uint8_t>& bytes) -> fw {
  const std::uint64_t size = (bytes.size() + granule - 1) / granule * granule;
  std::vector<std::uint8_t> padded(size);
  std::ranges::copy(bytes, padded.begin());
  poke(w.m, bounce, padded);
  return w.debug(command_id::dbg_encrypt, 1, bounce, page + offset / granule * granule,
                 static_cast<std::uint32_t>(size));
}

/// As it has to be: the blocks are read, the bytes laid over them, the blocks written.
auto right_write(world& w, std::uint64_t offset, const std::vector<std::uint8_t>& bytes) -> fw {
  const std::uint64_t first = offset / granule * granule;
  const std::uint64_t end = (offset + bytes.size() + granule - 1) / granule * granule;
  const auto size = static_cast<std::uint32_t>(end - first);
  if (const fw done = w.debug(command_id::dbg_decrypt, 1, page + first, bounce, size); done != fw::success) return done;
  poke(w.m, bounce + (offset - first), bytes);
  return w.debug(command_id::dbg_encrypt, 1, bounce, page + first, size);
}

}  // namespace

TEST_CASE("FIELD-06: the firmware debugs whole blocks of 16 bytes", "[field][FIELD-06]") {
  listening with;
  world w(with.ctx);
  start(w);
  CHECK(w.debug(command_id::dbg_encrypt, 1, bounce, page + 8, 16) == fw::invalid_address);
  CHECK(w.debug(command_id::dbg_encrypt, 1, bounce, page, 9) == fw::invalid_length);
  CHECK(w.debug(command_id::dbg_decrypt, 1, page, bounce + 8, 16) == fw::invalid_address);
  CHECK(w.debug(command_id::dbg_decrypt, 1, page, bounce, 0) == fw::success);
}

TEST_CASE("FIELD-06: nine bytes at offset 8 leave their neighbours alone", "[field][FIELD-06]") {
  const std::vector<std::uint8_t> written(9, 0xee);
  for (const bool right : {false, true}) {
    listening with;
    world w(with.ctx);
    auto expected = start(w);
    std::ranges::copy(written, expected.begin() + 8);
    CHECK((right ? right_write(w, 8, written) : buggy_write(w, 8, written)) == fw::success);
    CHECK((peek_guest(w.m, {6}, page, 64) == expected) == right);
  }
}
