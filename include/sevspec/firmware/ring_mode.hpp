// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_RING_MODE_HPP
#define SEVSPEC_FIRMWARE_RING_MODE_HPP

#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>

/// How ring buffer mode ends. How it is entered and used: `ring_buffer.hpp`.
namespace sevspec::inline v0::firmware {

/// Leaves ring buffer mode; the status pages are the hypervisor's to take back.   FW-RB-04
template <class Context, class Machine>
constexpr void leave_ring_mode(Context& ctx, Machine& m) {
  if (!m.sp.ring) return;
  const ring_mode was = *m.sp.ring;
  m.sp.ring.reset();
  release_page(ctx, m, target_of(m, was.low.statuses));
  if (was.high) release_page(ctx, m, target_of(m, was.high->statuses));
}

/// Leaves it when both APIs are UNINIT.   FW-RB-04
template <class Context, class Machine>
constexpr void drop_ring_if_idle(Context& ctx, Machine& m) {
  if (is_legacy_uninit(m) && !is_snp_init(m)) leave_ring_mode(ctx, m);
}

}  // namespace sevspec::inline v0::firmware

#endif
