// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VISIBILITY_HPP
#define SEVSPEC_NESTED_VISIBILITY_HPP

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/reference.hpp>

/// Who can read or write what, found out by trying.
namespace sevspec::inline v0::nested {

/// Somebody who may want to see a page.
enum class onlooker : std::uint8_t { l0, l1, l2_a, l2_b, device, secure_processor };

/// "L0", "L1", "L2a", "L2b", "device" or "PSP".
[[nodiscard]] constexpr auto name_of(onlooker who) noexcept -> const char* {
  switch (who) {
    case onlooker::l0:               return "L0";
    case onlooker::l1:               return "L1";
    case onlooker::l2_a:             return "L2a";
    case onlooker::l2_b:             return "L2b";
    case onlooker::device:           return "device";
    case onlooker::secure_processor: return "PSP";
  }
  return "?";
}

/// What a read shows.
enum class seen_as : std::uint8_t {
  fault,
  plaintext,
  ciphertext,  ///< the bytes as they lie in DRAM
  garbage,     ///< something else: deciphered with a wrong key
};
/// What a write does.
enum class write_effect : std::uint8_t {
  fault,
  reaches,   ///< the owner reads what was written
  corrupts,  ///< the owner reads something else than before, which the writer has not chosen
};

/// What one way of reaching a page gives.
struct sight {
  seen_as read{};
  write_effect write{};

  friend constexpr auto operator==(const sight&, const sight&) -> bool = default;
};

/// In the letters of the published matrix: P plaintext, read and write; R plaintext, read; C ciphertext read, and the write
/// faults; c ciphertext read, and the write corrupts; G garbage, and the write corrupts; g the same, and the write faults; X
/// fault. `?` for anything else.
[[nodiscard]] constexpr auto letter_of(const sight& one) noexcept -> char {
  using enum seen_as;
  switch (one.read) {
    case plaintext:  return one.write == write_effect::reaches ? 'P' : one.write == write_effect::fault ? 'R' : '?';
    case ciphertext: return one.write == write_effect::fault ? 'C' : one.write == write_effect::corrupts ? 'c' : '?';
    case garbage:    return one.write == write_effect::fault ? 'g' : one.write == write_effect::corrupts ? 'G' : '?';
    case fault:      return one.write == write_effect::fault ? 'X' : '?';
  }
  return '?';
}

/// A page to look at: where it lies, and how its owner sees it.
/// @tparam Machine  copied for every trial, so that none disturbs another
template <class Machine>
struct looked_at_page {
  spa where{};
  memory_key owner_key{};  ///< under which the owner reads it
};

/// A way to reach a page: reads or writes 16 bytes at its beginning.
template <class Machine>
struct page_access {
  std::function<outcome<void>(Machine&, std::span<std::uint8_t>)> read;
  std::function<outcome<void>(Machine&, std::span<const std::uint8_t>)> write;
};

/// Tries one way: plants a secret as the owner, reads, compares with plaintext and DRAM; then writes, and reads as the
/// owner.
/// @param before  the machine; unchanged
template <class Machine>
[[nodiscard]] auto look(const Machine& before, const looked_at_page<Machine>& page, const page_access<Machine>& by)
    -> sight {
  using block = std::array<std::uint8_t, 16>;
  constexpr block secret{'a', ' ', 's', 'e', 'c', 'r', 'e', 't', ' ', 'o', 'f', ' ', 'L', '2', '!', '!'};
  constexpr block forged{'w', 'r', 'i', 't', 't', 'e', 'n', ' ', 'b', 'y', ' ', 'w', 'h', 'o', 'm', '?'};
  Machine m = before;
  sight found;
  if (m.memory.write(page.where, page.owner_key, secret) != memory::memory_status::ok) return found;
  block raw{}, seen{};
  if (m.memory.read(page.where, memory_key::none(), raw) != memory::memory_status::ok) return found;
  if (by.read(m, seen))
    found.read = seen == secret ? seen_as::plaintext : seen == raw ? seen_as::ciphertext : seen_as::garbage;
  if (by.write(m, forged)) {
    block after{};
    if (m.memory.read(page.where, page.owner_key, after) != memory::memory_status::ok) return found;
    found.write = after == forged ? write_effect::reaches : write_effect::corrupts;
  }
  return found;
}

/// The host, without a key or with its own.
template <class Machine>
[[nodiscard]] auto host_access(spa where, bool with_key = false) -> page_access<Machine> {
  const memory_key key = with_key ? memory_key::host() : memory_key::none();
  return {[=](Machine& m, std::span<std::uint8_t> out) {
            context<> ctx;
            return host_read(ctx, m, where, key, out);
          },
          [=](Machine& m, std::span<const std::uint8_t> in) {
            context<> ctx;
            return host_write(ctx, m, where, key, in);
          }};
}

/// A guest, L1 or L2, whose nested tables lead to the page already, or whose hypervisors have been made to lead there.
/// @param who  its hardware regime
template <class Machine>
[[nodiscard]] auto guest_access(const paging::two_stage_regime& who, gpa where, bool c) -> page_access<Machine> {
  return {[=](Machine& m, std::span<std::uint8_t> out) {
            context<> ctx;
            return read(ctx, m, who, where, c, out);
          },
          [=](Machine& m, std::span<const std::uint8_t> in) {
            context<> ctx;
            return write(ctx, m, who, where, c, in);
          }};
}

/// A device that no guest trusts, behind an IOMMU that lets it address memory by sPA.
template <class Machine>
[[nodiscard]] auto device_access(spa where) -> page_access<Machine> {
  const auto path = [](const Machine& m) {
    return memory::dma_path{.c_bit = m.core.part.c_bit, .snp = m.core.snp_enabled()};
  };
  const auto ended = [](const auto& done) -> outcome<void> {
    if (done) return {};
    return std::unexpected{fault{fault_kind::pf, done.error().decided_by, 0, 0}};
  };
  return {[=](Machine& m, std::span<std::uint8_t> out) {
            context<> ctx;
            auto memory = m.guarded();
            return ended(memory::dma_read(ctx, memory, path(m), memory::device_address{where.value}, out));
          },
          [=](Machine& m, std::span<const std::uint8_t> in) {
            context<> ctx;
            auto memory = m.guarded();
            return ended(memory::dma_write(ctx, memory, path(m), memory::device_address{where.value}, in));
          }};
}

/// The AMD-SP, which has every key.
/// @param key  that of the guest on whose behalf it works
template <class Machine>
[[nodiscard]] auto secure_processor_access(spa where, memory_key key) -> page_access<Machine> {
  return {
      [=](Machine& m, std::span<std::uint8_t> out) { return detail::answered(m.memory.read(where, key, out), where); },
      [=](Machine& m, std::span<const std::uint8_t> in) {
        return detail::answered(m.memory.write(where, key, in), where);
      }};
}

}  // namespace sevspec::inline v0::nested

#endif
