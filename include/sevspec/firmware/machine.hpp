// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_MACHINE_HPP
#define SEVSPEC_FIRMWARE_MACHINE_HPP

#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/hardware.hpp>
#include <sevspec/firmware/platform.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/memory/asid_states.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::firmware {

/// Memory whose keys the firmware installs: a `memory::controller`, or what answers like one. `M::seed` is a span of as
/// many bytes as a key is made from, at most 32; `install_key` tells whether there is such a slot. Memory behind caches
/// that do not keep the aliases of an sPA coherent has `evict(spa, bytes)`, too: it writes back and drops the lines of all
/// keys (FW-TWK-04).
template <class M>
concept keyed_memory = memory::byte_memory<M> && requires(M& memory, asid id, typename M::seed bytes) {
  { memory.install_key(id, bytes) } -> std::same_as<bool>;
  requires M::seed::extent <= 32;
};

/// What commands act on. Members may be references, so that a simulator keeps what it has.
///
/// @tparam Memory  a `keyed_memory` that answers in all of `hw.dram`
/// @tparam Table   the Reverse Map Table: a writable store. If it counts the pages of each ASID, `pages_of(asid)` tells;
///                 if it has `reset()`, that makes all pages the hypervisor's.
/// @tparam Asids   `memory::asid_states`, with room for `hw.max_asid` and for the core complexes of `hw.threads`
template <class Memory, class Table, class Asids, class Random>
  requires keyed_memory<std::remove_reference_t<Memory>> && rmp::writable_store<std::remove_reference_t<Table>> &&
           crypto::random_source<std::remove_reference_t<Random>>
struct machine {
  using table_type = std::remove_reference_t<Table>;
  using asids_type = std::remove_reference_t<Asids>;
  using memory_type = std::remove_reference_t<Memory>;

  Memory memory;
  Table rmp;
  Asids asids{};
  Random random{};
  hardware hw{};
  platform sp{};
};

/// Whether the SNP state is INIT.
template <class Machine>
[[nodiscard]] constexpr auto is_snp_init(const Machine& m) noexcept -> bool {
  return m.sp.snp_state == layout::snp_platform_state::init;
}
/// Whether the legacy state is UNINIT.
template <class Machine>
[[nodiscard]] constexpr auto is_legacy_uninit(const Machine& m) noexcept -> bool {
  return m.sp.state == layout::sev_platform_state::uninit;
}

/// The TCB_VERSION that reports name and keys derive from.   FW-SNP-CFG-01
template <class Machine>
[[nodiscard]] constexpr auto reported_tcb(const Machine& m) noexcept -> std::uint64_t {
  return m.sp.reported_tcb == 0 ? m.sp.committed.tcb : m.sp.reported_tcb;
}

/// Who may have which ASIDs now.
template <class Machine>
[[nodiscard]] constexpr auto asid_ranges_of(const Machine& m) noexcept -> memory::asid_ranges {
  return {.highest = m.hw.max_asid, .min_sev = m.hw.min_sev_asid, .max_snp = m.sp.max_snp_asid};
}

/// Where the Reverse Map Table itself lies; nothing of it if the registers say so.
template <class Machine>
[[nodiscard]] constexpr auto table_range(const Machine& m) noexcept -> memory_range {
  const core_registers& first = m.hw.threads.front().registers;
  return first.rmp_end > first.rmp_base ? memory_range{{first.rmp_base}, first.rmp_end - first.rmp_base + 1}
                                        : memory_range{};
}
/// Whether a byte lies in the Reverse Map Table itself.
template <class Machine>
[[nodiscard]] constexpr auto holds_table(const Machine& m, spa where) noexcept -> bool {
  return table_range(m).contains(where, 1);
}

/// Whether there is a key in the slot of an ASID; a memory that cannot tell may have one.
template <class Machine>
[[nodiscard]] constexpr auto holds_key(const Machine& m, asid id) -> bool {
  if constexpr (requires { m.memory.keys().find(memory_key::guest(id)); })
    return m.memory.keys().find(memory_key::guest(id)) != nullptr;
  return true;
}

/// Puts a guest's key into the slot of its ASID.
/// @param seed  as many bytes of it as the cipher takes
/// @return false if the memory controllers have no such slot
template <class Machine>
[[nodiscard]] constexpr auto install_guest_key(Machine& m, asid id, const byte_array<32>& seed) -> bool {
  constexpr std::size_t size = Machine::memory_type::seed::extent;
  static_assert(size <= 32);
  return m.memory.install_key(id, std::span<const std::uint8_t, size>{seed.data(), size});
}

}  // namespace sevspec::inline v0::firmware

#endif
