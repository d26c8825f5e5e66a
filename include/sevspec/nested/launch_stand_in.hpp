// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_LAUNCH_STAND_IN_HPP
#define SEVSPEC_NESTED_LAUNCH_STAND_IN_HPP

#include <cstdint>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/store.hpp>

/// What launch commands of the AMD-SP do to memory and to the Reverse Map Table, and no more: for machines that leave out
/// contexts, digests and policies. `firmware/` has the commands; `secure_processor.hpp` launches L1s and their guests by them.
namespace sevspec::inline v0::nested {

/// LAUNCH_UPDATE of one page: its contents go under the guest's key. Of an SNP guest the page was pre-guest, and becomes
/// guest-valid.
/// @param where  4K-aligned
/// @param bytes  at most 4096
/// @return false, and nothing changes, if the page is not one for it or there is no key
template <class Machine>
auto launch_page(Machine& m, guest_kind kind, asid id, spa where, std::span<const std::uint8_t> bytes,
                 bool vmsa = false) -> bool {
  Expects(is_aligned(where, page_size::k4k) && bytes.size() <= 4096);
  rmp::entry found;
  if (kind == guest_kind::snp) {
    found = m.rmp.entry_of(page_of(where));
    if (found.large || found.id != id || rmp::state_of(found) != rmp::page_state::pre_guest) return false;
  }
  const memory_key key = kind == guest_kind::plain ? memory_key::none() : memory_key::guest(id);
  if (m.memory.write(where, key, bytes) != memory::memory_status::ok) return false;
  if (kind == guest_kind::snp) {
    found.immutable = false;
    found.locked = false;
    found.validated = true;
    found.vmsa = vmsa;
    m.rmp.put(page_of(where), found);
  }
  return true;
}

/// LAUNCH_UPDATE_VMSA.
template <class Machine>
auto launch_vmsa(Machine& m, guest_kind kind, asid id, spa where, const layout::vmsa& state) -> bool {
  if (!launch_page(m, kind, id, where, state.bytes(), true)) return false;
  if (kind == guest_kind::sev_es) m.checksums.record(where, state);
  return true;
}

/// The registers of a guest that starts in long mode, whose own tables are somewhere in its memory.
[[nodiscard]] inline auto long_mode_state(guest_kind kind, std::uint64_t rip, vmpl level = {}) -> layout::vmsa {
  layout::vmsa state = layout::reset_vmsa({.sev_features = kind == guest_kind::snp ? 1U : 0U, .vmpl = level.value});
  state.set_cr0(0x8001'0033);
  state.set_cr4(0xa0);
  state.set_efer(0x1d01);
  state.set_rip(rip);
  state.set_rflags(2);
  layout::set_segment(state.cs(), {.selector = 8, .attributes = 0xa9b, .limit = 0xffff'ffff, .base = 0});
  return state;
}

}  // namespace sevspec::inline v0::nested

#endif
