// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_MEMORY_MACHINE_HPP
#define SEVSPEC_TESTS_SUPPORT_MEMORY_MACHINE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <support/pad_cipher.hpp>
#include <support/rmp_pages.hpp>

#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <sevspec/rmp/page_owners.hpp>

namespace sevspec::test {

inline constexpr memory_key plain_key = memory_key::none();
inline constexpr memory_key host_key = memory_key::host();
inline constexpr memory_key guest_key = memory_key::guest({5});
inline constexpr memory_key other_key = memory_key::guest({6});

/// A memory of 64 pages under `pad_cipher` with keys for the host and guests 5 and 6, and a Reverse Map Table in which
/// guest 5 sees page 2000h at gPA 8000h.
struct memory_machine {
  using controller = memory::controller<pad_cipher, memory::dense_dram<64>>;

  static constexpr std::uint64_t shared_page = 0x1000;
  static constexpr std::uint64_t private_page = 0x2000;
  static constexpr std::uint64_t private_gpa = 0x8000;

  controller memory{pad_cipher{}, {}, 8};
  rmp_pages rmp{};
  rmp::guarded_memory<controller, rmp_pages> guarded{memory, rmp};

  memory_machine() {
    (void)memory.install_key(host_asid, seed(0x10));
    (void)memory.install_key({5}, seed(0x50));
    (void)memory.install_key({6}, seed(0x60));
    rmp.put(private_page, guest_page(private_gpa, 5));
  }
  memory_machine(const memory_machine&) = delete;
  auto operator=(const memory_machine&) -> memory_machine& = delete;

  [[nodiscard]] static auto seed(std::uint8_t first) -> crypto::block { return {first}; }

  void put(std::uint64_t where, memory_key key, std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
    (void)memory.write({where}, key, bytes);
  }
  [[nodiscard]] auto get(std::uint64_t where, memory_key key) -> std::uint64_t {
    return memory.read_qword({where}, key).value_or(0xbad);
  }
};

}  // namespace sevspec::test

#endif
