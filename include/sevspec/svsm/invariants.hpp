// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_INVARIANTS_HPP
#define SEVSPEC_SVSM_INVARIANTS_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/page_rights.hpp>

/// What holds of an SVSM and its Reverse Map Table, whatever guest and hypervisor do.
namespace sevspec::inline v0::svsm {

/// What does not hold.
enum class broken_invariant : std::uint8_t {
  own_memory,    ///< a VMPL other than 0 has a right on the SVSM's memory
  unused_level,  ///< a VMPL between the SVSM's and the guest's has a right
  vmsa_rights,   ///< a VMPL other than 0 can write or execute a VMSA, or one above the guest's can read it
  vmsa_record,   ///< a registered VMSA is none in the table
  vmsa_level,    ///< a registered VMSA is not of the guest's VMPL
  vmsa_stray,    ///< a page of the guest's is a VMSA that is not registered
  caa_record,    ///< a registered calling area does not lie in guest memory
};

/// Looks for a page that breaks an invariant: over the guest's memory and the SVSM's. Pages that the hypervisor has
/// taken away are nobody's.
/// @param map      where guest pages are
/// @param vmpl_at  `vmpl_at(gpa)`: the VMPL field of a VMSA's bytes
template <rmp::entry_store Store, class Map, class Level>
[[nodiscard]] constexpr auto find_broken(const monitor& self, const Store& table, asid id, Map map, Level vmpl_at)
    -> std::optional<broken_invariant> {
  using enum broken_invariant;
  const auto entry_of = [&](gpa page) -> std::optional<rmp::entry> {
    const std::optional<placement> at = map(page);
    if (!at || !table.covers(page_of(at->where))) return {};
    const rmp::entry found = rmp::authoritative_entry(table, page_of(at->where));
    const bool own = found.assigned && found.validated && found.id == id;
    if (!own || !rmp::reverse_map_agrees<Store>(found, page, at->where)) return {};
    return found;
  };
  const auto each_page = [](const region& in, auto&& look) -> std::optional<broken_invariant> {
    for (std::uint64_t done = 0; done < in.bytes; done += 0x1000)
      if (const auto broken = look(in.first + done)) return broken;
    return {};
  };
  const auto own_page = [&](gpa page) -> std::optional<broken_invariant> {
    const auto found = entry_of(page);
    for (std::uint8_t level = 1; found && level < levels; ++level)
      if (found->allowed[level].raw != 0) return own_memory;
    return {};
  };
  const auto guest_page = [&](gpa page) -> std::optional<broken_invariant> {
    const auto found = entry_of(page);
    if (!found) return {};
    for (std::uint8_t level = 1; level < self.config.guest_level.value; ++level)
      if (found->allowed[level].raw != 0) return unused_level;
    if (found->vmsa && find_vcpu(self, page) == nullptr) return vmsa_stray;
    return {};
  };
  if (const auto broken = each_page(self.config.own, own_page)) return broken;
  for (const region& one : self.config.guest_memory)
    if (const auto broken = each_page(one, guest_page)) return broken;
  for (const vcpu_record& one : self.vcpus) {
    bool inside = false;
    for (const region& memory : self.config.guest_memory) inside = inside || memory.contains(one.caa, 0x1000);
    if (!inside) return caa_record;
    const auto found = entry_of(one.vmsa);
    if (!found) continue;  // the hypervisor has taken it: it cannot run
    if (!found->vmsa) return vmsa_record;
    for (std::uint8_t level = 1; level < levels; ++level)
      if ((found->allowed[level].raw & ~rmp::permissions::r) != 0) return vmsa_rights;
    if (vmpl_at(one.vmsa) != self.config.guest_level.value) return vmsa_level;
  }
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
