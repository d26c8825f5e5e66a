// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_STORED_VMSA_HPP
#define SEVSPEC_SVSM_STORED_VMSA_HPP

#include <array>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/cpu/world_switch/register_protection.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// VMSAs of the guest's as they lie in memory: with register protection an SVSM XORs what it reads and writes
/// (WSW-ST-08). The page can be read and written while it does not run.
namespace sevspec::inline v0::svsm {

/// Reads a whole VMSA: plain values.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto read_vmsa(Context& ctx, Machine& machine, const monitor& self, gpa vmsa, layout::vmsa& to)
    -> outcome<void> {
  if (const auto read = machine.read(ctx, vmsa, to.bytes()); !read) return read;
  cpu::toggle_protection(ctx, to, self.protection);
  return {};
}

/// What a quadword of a VMSA is XORed with. Of quadwords that the bitmap does not have nothing is read.
/// @param offset  a multiple of 8, below 1000h
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto mask_of(Context& ctx, Machine& machine, const monitor& self, gpa vmsa,
                                     std::uint16_t offset) -> outcome<std::uint64_t> {
  const unsigned slot = offset / 8U;
  if (!layout::bit_at(self.protection[slot / 8 % 64], slot % 8)) return 0;
  layout::vmsa stored;
  for (const std::uint64_t field : {std::uint64_t{0x300}, std::uint64_t{0x3b0}})  // nonce, SEV_FEATURES
    if (const auto read = machine.read(ctx, vmsa + field, std::span{stored.bytes()}.subspan(field, 8)); !read)
      return std::unexpected{read.error()};
  return cpu::read_stored_register(ctx, stored, self.protection, offset);  // what is stored as 0
}

/// Reads a quadword of a VMSA: its plain value.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto read_slot(Context& ctx, Machine& machine, const monitor& self, gpa vmsa,
                                       std::uint16_t offset) -> outcome<std::uint64_t> {
  const auto mask = mask_of(ctx, machine, self, vmsa, offset);
  if (!mask) return mask;
  std::array<std::uint8_t, 8> bytes{};
  if (const auto read = machine.read(ctx, vmsa + offset, bytes); !read) return std::unexpected{read.error()};
  return layout::read_le<std::uint64_t>(bytes.data()) ^ *mask;
}

/// Writes a quadword of a VMSA.
/// @param value  plain
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto write_slot(Context& ctx, Machine& machine, const monitor& self, gpa vmsa,
                                        std::uint16_t offset, std::uint64_t value) -> outcome<void> {
  const auto mask = mask_of(ctx, machine, self, vmsa, offset);
  if (!mask) return std::unexpected{mask.error()};
  std::array<std::uint8_t, 8> bytes{};
  layout::write_le(bytes.data(), value ^ *mask);
  return machine.write(ctx, vmsa + offset, bytes);
}

/// Writes what events of a VMSA are injected with: VINTR_CTRL and EVENTINJ.
/// @param guest  plain
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto write_injection(Context& ctx, Machine& machine, const monitor& self, gpa vmsa,
                                             const layout::vmsa& guest) -> outcome<void> {
  if (const auto done = write_slot(ctx, machine, self, vmsa, 0x3b8, guest.vintr_ctrl().raw); !done) return done;
  return write_slot(ctx, machine, self, vmsa, 0x3e0, guest.event_inj().raw);
}

}  // namespace sevspec::inline v0::svsm

#endif
