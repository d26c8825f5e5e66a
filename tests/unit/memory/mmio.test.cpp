// SPDX-License-Identifier: MIT
// A device in the middle of encrypted memory.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include <support/catch.hpp>

#include <sevspec/base/physical_memory.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/memory/mmio.hpp>

namespace {

using namespace sevspec;
using memory::memory_status;

struct registers {
  std::array<std::uint8_t, 0x100> bytes{};
  unsigned reads = 0;

  void read(std::uint64_t offset, std::span<std::uint8_t> out) {
    ++reads;
    std::ranges::copy(std::span{bytes}.subspan(offset, out.size()), out.begin());
  }
  void write(std::uint64_t offset, std::span<const std::uint8_t> in) {
    std::ranges::copy(in, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }
};

struct machine {
  crypto::ticket_book book;
  memory::controller<crypto::symbolic_cipher, memory::dense_dram<3>> chips{crypto::symbolic_cipher{book}, {}, 4};
  registers device;
  memory::mmio_window<decltype(chips), registers> memory{chips, device, {0x1000}, 0x100};

  machine() {
    const std::array<std::uint8_t, 16> key{1};
    REQUIRE(chips.install_key({1}, key));
  }
};

}  // namespace

TEST_CASE("the key of a reference to a device does not count", "[memory][ENC-KEYSEL-13]") {
  machine m;
  const std::array<std::uint8_t, 4> written{1, 2, 3, 4};
  REQUIRE(m.memory.write({0x1010}, memory_key::guest({1}), written) == memory_status::ok);
  CHECK(std::ranges::equal(written, std::span{m.device.bytes}.subspan(0x10, 4)));

  for (const memory_key key : {memory_key::none(), memory_key::guest({1}), memory_key::guest({3})}) {  // 3 has no key
    std::array<std::uint8_t, 4> seen{};
    CHECK(m.memory.read({0x1010}, key, seen) == memory_status::ok);
    CHECK(seen == written);
  }
  // DRAM behind the window is untouched; beside it keys count.
  std::array<std::uint8_t, 4> raw{};
  CHECK(m.chips.probe({0x1010}, raw) == memory_status::ok);
  CHECK(raw == std::array<std::uint8_t, 4>{});
  CHECK(m.memory.write({0x1100}, memory_key::guest({1}), written) == memory_status::ok);
  CHECK(m.memory.read({0x1100}, memory_key::none(), raw) == memory_status::ok);
  CHECK(raw != written);
  CHECK(m.memory.read({0x1100}, memory_key::guest({3}), raw) == memory_status::no_key);
}

TEST_CASE("references that are partly in the window get no answer and change nothing", "[memory]") {
  machine m;
  const std::array<std::uint8_t, 4> written{9, 9, 9, 9};
  std::array<std::uint8_t, 0x400> across{};
  CHECK(m.memory.write({0x0ffe}, memory_key::none(), written) == memory_status::no_memory);
  CHECK(m.memory.write({0x10fd}, memory_key::none(), written) == memory_status::no_memory);
  CHECK(m.memory.read({0x0f00}, memory_key::none(), across) == memory_status::no_memory);  // around all of it
  CHECK(m.memory.write({0x0ffc}, memory_key::none(), written) == memory_status::ok);
  CHECK(m.memory.write({0x10fc}, memory_key::none(), written) == memory_status::ok);
  CHECK(m.memory.write({0x1100}, memory_key::none(), written) == memory_status::ok);
  CHECK(m.device.bytes[0xff] == 9);
  CHECK(m.device.bytes[0xfb] == 0);
  CHECK(m.device.reads == 0);
  CHECK(m.memory.read({~std::uint64_t{}}, memory_key::none(), across) == memory_status::no_memory);
  CHECK(m.memory.read({0x1000}, memory_key::none(), {}) == memory_status::ok);
}

TEST_CASE("walks can use a memory with devices", "[memory]") {
  machine m;
  STATIC_REQUIRE(physical_memory<decltype(m.memory)>);
  CHECK(m.memory.compare_exchange_qword({0x1008}, memory_key::guest({1}), 0, 0x0102'0304'0506'0708));
  CHECK(m.memory.read_qword({0x1008}, memory_key::none()) == 0x0102'0304'0506'0708);
  CHECK_FALSE(m.memory.compare_exchange_qword({0x1008}, memory_key::none(), 0, 1));
}

TEST_CASE("keys of what VMCB fields point to", "[memory][PAG-ENC-08][ENC-KEYSEL-14]") {
  constexpr std::uint64_t c_mask = std::uint64_t{1} << 51;
  CHECK(memory::key_for_vmcb_pointer(0x1234'5000 | c_mask, c_mask) == memory_key::host());
  CHECK(memory::key_for_vmcb_pointer(0x1234'5000, c_mask) == memory_key::none());
  CHECK(memory::key_for_vmcb_pointer(0x1234'5000 | c_mask, 0) == memory_key::none());  // encryption is off
  CHECK(memory::key_for_vmsa({7}) == memory_key::guest({7}));
}
