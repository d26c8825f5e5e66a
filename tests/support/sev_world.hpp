// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SEV_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_SEV_WORLD_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>

#include <gsl/assert>

#include <sevspec/cpu/access.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/memory/controller.hpp>
#include <support/machines.hpp>

namespace sevspec::test {

using crypto::block;

/// The seed of a key by its number: different numbers, different keys.
template <class Cipher>
[[nodiscard]] constexpr auto seed_of(unsigned number) -> std::array<std::uint8_t, Cipher::key_bytes> {
  std::array<std::uint8_t, Cipher::key_bytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(number * 37 + i);
  return bytes;
}

/// The bytes `first`, `first + 1`, ...: 16 of them.
[[nodiscard]] constexpr auto block_from(unsigned first) -> block {
  block bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

/// The four ways in which tables of this world map all memory. Of the host `c_0` and `host_key` alone.
enum class view : std::uint64_t {
  c_0,       ///< C-bits 0
  host_key,  ///< C-bit of the host's or the nested leaf, where there is no other
  c_1,       ///< C-bit of the guest's leaf
  both,      ///< C-bits of both leaves
};

/// A host with memory encryption, two SEV guests and one without SEV over one memory controller. Everything that is
/// mapped is mapped to itself, four times with different C-bits (`view`), by 1G leaves. Works in constant expressions.
///
///     sPA         | content
///     0x1000      | the host's tables
///     0x3000      | nested tables, the same for all guests
///     base        | tables of guest A (ASID 1), of guest B (ASID 2), of the guest without SEV (ASID 3)
///     base+0x6000 | data
template <crypto::memory_cipher Cipher, memory::dram Chips>
struct sev_world {
  using controller = memory::controller<Cipher, Chips>;
  static constexpr std::uint64_t gigabyte = 0x4000'0000;
  static constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;

  controller memory;
  std::uint64_t base;
  paging::host_regime host{};
  std::array<paging::two_stage_regime, 4> guests{};  ///< by ASID
  paging::no_translation_cache uncached{};

  /// @param snp  SNP is enabled, and the SEV guests are SNP guests
  constexpr sev_world(Cipher cipher, Chips chips, std::uint64_t guests_at = 0x5000, std::uint32_t channels = 1,
                      bool snp = false)
      : memory(std::move(cipher), std::move(chips), 8, channels), base(guests_at) {
    for (unsigned id = 0; id < 3; ++id) Expects(memory.install_key({id}, seed_of<Cipher>(id + 1)));
    put(0x1000, memory_key::none(), 0x2000 | all_rights | accessed);
    put(0x2000, memory_key::none(), leaf(0));
    put(0x2008, memory_key::none(), leaf(0) | c_bit);
    put(0x3000, memory_key::none(), 0x4000 | all_rights | accessed);
    put(0x4000, memory_key::none(), leaf(0));
    put(0x4008, memory_key::none(), leaf(0) | c_bit);

    const std::uint64_t syscfg = encryption_on | (snp ? bit_at(24) : 0);
    context<> ctx;
    const auto of_host = paging::make_host_regime(ctx, test_part, paging::long_mode_registers(0x1000), syscfg);
    host = of_host.value();
    for (unsigned id = 1; id <= 3; ++id) {
      const std::uint64_t tables = base + 0x2000 * (id - 1);
      const bool sev = id != 3;
      const memory_key key = sev ? memory_key::guest({id}) : memory_key::none();
      put(tables, key, (tables + 0x1000) | all_rights | accessed);
      put(tables + 0x1000, key, leaf(0));
      put(tables + 0x1008, key, leaf(gigabyte));
      if (sev) put(tables + 0x1010, key, leaf(0) | c_bit);
      if (sev) put(tables + 0x1018, key, leaf(gigabyte) | c_bit);
      const auto regime = paging::make_two_stage_regime(ctx, test_part,
                                                        {.host = paging::long_mode_registers(0),
                                                         .syscfg = syscfg,
                                                         .guest = paging::long_mode_registers(tables),
                                                         .ncr3 = 0x3000,
                                                         .np_control = sev ? (snp ? 7U : 3U) : 1U,
                                                         .id = {id},
                                                         .sev_features = sev && snp ? 1U : 0U});
      guests[id] = regime.value();
    }
  }

  /// The first byte of data, at most 4096 bytes and a bit on.
  [[nodiscard]] constexpr auto data() const -> std::uint64_t { return base + 0x6000; }

  constexpr void put(std::uint64_t where, memory_key key, std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
    Expects(memory.write({where}, key, bytes) == memory::memory_status::ok);
  }

  [[nodiscard]] static constexpr auto leaf(std::uint64_t page) -> std::uint64_t {
    return page | all_rights | accessed | dirty | large;
  }

  // References at an sPA, through a view.

  constexpr auto host_read(view how, std::uint64_t where, std::span<std::uint8_t> out) -> outcome<void> {
    context<> ctx;
    return cpu::read(ctx, memory, uncached, host, {}, hva{linear(how, where)}, user_read, out);
  }
  constexpr auto host_write(view how, std::uint64_t where, std::span<const std::uint8_t> in) -> outcome<void> {
    context<> ctx;
    return cpu::write(ctx, memory, uncached, host, {}, hva{linear(how, where)}, user_write, in);
  }
  constexpr auto guest_read(unsigned id, view how, std::uint64_t where, std::span<std::uint8_t> out,
                            const memory_access& why = user_read) -> outcome<void> {
    context<> ctx;
    return cpu::read(ctx, memory, uncached, guests[id], {{id}, 0}, gva{linear(how, where)}, why, out);
  }
  constexpr auto guest_write(unsigned id, view how, std::uint64_t where, std::span<const std::uint8_t> in)
      -> outcome<void> {
    context<> ctx;
    return cpu::write(ctx, memory, uncached, guests[id], {{id}, 0}, gva{linear(how, where)}, user_write, in);
  }

  [[nodiscard]] static constexpr auto linear(view how, std::uint64_t where) -> std::uint64_t {
    return static_cast<std::uint64_t>(how) * gigabyte + where;
  }

  // One block each, which must succeed.

  constexpr auto host_sees(view how, std::uint64_t where) -> block {
    block out{};
    Expects(host_read(how, where, out).has_value());
    return out;
  }
  constexpr auto guest_sees(unsigned id, view how, std::uint64_t where) -> block {
    block out{};
    Expects(guest_read(id, how, where, out).has_value());
    return out;
  }
  /// What DRAM holds.
  [[nodiscard]] constexpr auto raw(std::uint64_t where) const -> block {
    block out{};
    Expects(memory.probe({where}, out) == memory::memory_status::ok);
    return out;
  }
  /// Asked of the memory controller, past all translations: the AMD-SP, devices.
  [[nodiscard]] constexpr auto sees(memory_key key, std::uint64_t where) const -> block {
    block out{};
    Expects(memory.read({where}, key, out) == memory::memory_status::ok);
    return out;
  }
  constexpr void store(memory_key key, std::uint64_t where, std::span<const std::uint8_t> in) {
    Expects(memory.write({where}, key, in) == memory::memory_status::ok);
  }

  // What the cipher makes of a block with the key of an ASID.

  [[nodiscard]] constexpr auto enciphered(unsigned id, std::uint64_t where, const block& in) const -> block {
    block out{};
    memory.cipher().encrypt(memory.cipher().expand(seed_of<Cipher>(id + 1)), {where}, in, out);
    return out;
  }
  [[nodiscard]] constexpr auto deciphered(unsigned id, std::uint64_t where, const block& in) const -> block {
    block out{};
    memory.cipher().decrypt(memory.cipher().expand(seed_of<Cipher>(id + 1)), {where}, in, out);
    return out;
  }
};

}  // namespace sevspec::test

#endif
