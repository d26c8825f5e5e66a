// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_STATE_HPP
#define SEVSPEC_NESTED_VSP_STATE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/nested/identity_map.hpp>
#include <sevspec/nested/vsp_memory.hpp>
#include <sevspec/rmp/page_state.hpp>

/// What there is of virtual AMD-SPs: one for each L1, and what L0 keeps of all of them.
namespace sevspec::inline v0::nested {

/// Who has the keys of L2 guests.   NEST-VSP-13
enum class vsp_trust : std::uint8_t {
  l0,          ///< L0 itself plays the AMD-SP: L2 is safe from L1, and not from L0
  l1_service,  ///< a service at VMPL 0 of L1 does: L2 is safe from L0, and not from the service
  physical,    ///< the AMD-SP: commands are translated and passed on
};

/// Pages that L0 has for itself: for guest contexts, metadata and copies of buffers. Which of them are taken.
struct l0_pages {
  spa base{};
  std::vector<bool> taken{};

  [[nodiscard]] static auto of(spa base, std::size_t count) -> l0_pages { return {base, std::vector<bool>(count)}; }

  /// So many pages in a row, at a multiple of their size if there are more than one.
  [[nodiscard]] auto allocate(std::size_t count) -> std::optional<spa> {
    std::size_t aligned = 1;
    while (aligned < count) aligned *= 2;
    for (std::size_t i = 0; i + count <= taken.size(); ++i) {
      if ((base.value / 4096 + i) % aligned != 0) continue;
      const auto first = taken.begin() + static_cast<std::ptrdiff_t>(i);
      const auto last = first + static_cast<std::ptrdiff_t>(count);
      if (std::find(first, last, true) != last) continue;
      std::fill(first, last, true);
      return base + i * 4096;
    }
    return {};
  }
  void release(spa first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) taken[(first.value - base.value) / 4096 + i] = false;
  }

  friend auto operator==(const l0_pages&, const l0_pages&) -> bool = default;
};

/// An ASID of the machine that L0 has for L2 guests. Bound ones are in the `asid_map`.
struct pooled_asid {
  asid id{};
  bool clean = false;  ///< all cores executed WBINVD, then DF_FLUSH, since a guest last had it

  friend constexpr auto operator==(const pooled_asid&, const pooled_asid&) -> bool = default;
};

/// What L0 keeps of all its L1s. A regular value.
struct vsp_host {
  asid_map asids{};
  handle_map handles{};
  context_map contexts{};
  context_map metadata{};
  std::vector<pooled_asid> pool{};
  l0_pages pages{};

  friend auto operator==(const vsp_host&, const vsp_host&) -> bool = default;
};

/// The virtual AMD-SP of one L1: what the firmware's functions act on, and how its memory lies. A regular value, if its
/// parts are.   NEST-VSP-01
///
/// `sp` of one that forwards knows states, policies, page states and launch digests; the keys in it are nobody's.
/// @tparam Table, Asids, Random  as in `firmware::machine`
template <rmp::writable_store Table, class Asids, crypto::random_source Random>
struct virtual_sp {
  l1_id who{};
  vsp_trust trust = vsp_trust::physical;
  bool expose_pgctx = false;  ///< L1 is told the sPAs of guest contexts (NEST-VSP-30)
  Table rmp;                  ///< L1's Reverse Map Table, by gPA of L1
  Asids asids{};              ///< states of L1's ASIDs, on L1's core complexes
  Random random{};
  firmware::hardware hw{};  ///< what L1's CPUID, registers and memory map say
  firmware::platform sp{};
  page_backings map{};
  hidden_pages hidden{};

  friend auto operator==(const virtual_sp&, const virtual_sp&) -> bool = default;
};

/// Whether commands are passed on.   NES-SP-01
template <class Context, class Virtual>
[[nodiscard]] constexpr auto forwards(Context& ctx, const Virtual& v) -> bool {
  return ctx.applies(rule::NES_SP_01, v.trust == vsp_trust::physical);
}

/// Who the virtual AMD-SP is: one that has the keys itself is no chip, and its reports are not signed as a chip's; one
/// that forwards shows the chip.   NEST-VSP-13
/// @param own  the secret of the virtual AMD-SP
template <class Context, class Virtual>
void set_identity(Context& ctx, Virtual& v, const firmware::hardware& chip, const firmware::byte_array<48>& own) {
  v.hw.chip_id = chip.chip_id;
  v.hw.legacy_ids = chip.legacy_ids;
  v.hw.tcb_order = chip.tcb_order;
  v.hw.chip_secret = chip.chip_secret;
  if (!ctx.applies(rule::NEST_VSP_13, v.trust != vsp_trust::physical)) {
    if (v.trust == vsp_trust::physical) v.hw.chip_secret = {};  // not known to anybody but the chip
    return;
  }
  v.hw.chip_secret = own;
  for (std::size_t i = 0; i < v.hw.chip_id.size(); ++i) v.hw.chip_id[i] = own[i % own.size()] ^ 0x5a;
  v.hw.legacy_ids.assign(1, v.hw.chip_id);
}

/// The versions and features that L1 sees are no newer than the machine's.   NEST-VSP-14
template <class Virtual>
void limit_features(Virtual& v, const firmware::hardware& chip, const firmware::platform& real) {
  v.sp.current = real.current;
  v.sp.committed = real.committed;
  v.hw.features = chip.features;
  v.hw.features.verify_mitigation = false;
  v.hw.report_version = chip.report_version;
  v.hw.trusted_roots = chip.trusted_roots;
}

/// CPUID pages hold what both allow: the rules of L1's own processor, then the machine's. One that forwards leaves the
/// machine's rules to the AMD-SP.   NEST-VSP-32
template <class Virtual>
void limit_cpuid(Virtual& v, const std::vector<firmware::cpuid_rule>& of_l1, const firmware::hardware& chip) {
  v.hw.cpuid_policy = of_l1;
  if (v.trust == vsp_trust::physical) return;
  for (const firmware::cpuid_rule& one : chip.cpuid_policy) {
    const auto same = std::find_if(v.hw.cpuid_policy.begin(), v.hw.cpuid_policy.end(), [&](const auto& other) {
      return other.function == one.function && other.index == one.index && other.bound == one.bound;
    });
    if (same == v.hw.cpuid_policy.end()) {
      v.hw.cpuid_policy.push_back(one);
      continue;
    }
    for (std::size_t i = 0; i < one.registers.size(); ++i) {
      const bool number = one.bound == firmware::cpuid_bound::at_most;
      same->registers[i] =
          number ? std::min(same->registers[i], one.registers[i]) : same->registers[i] & one.registers[i];
    }
  }
}

/// The firmware's view of a virtual AMD-SP during one command.
template <class Memory, class Virtual>
using virtual_machine =
    firmware::machine<l1_view<Memory>&, decltype(Virtual::rmp)&, decltype(Virtual::asids)&, decltype(Virtual::random)&>;

/// Does something with that view, and keeps what it changes.
/// @param step  `step(machine&)`, whose answer is the answer
template <class Memory, class Virtual, class Step>
auto with_machine(l1_view<Memory>& memory, Virtual& v, Step&& step) {
  virtual_machine<Memory, Virtual> m{memory, v.rmp, v.asids, v.random, std::move(v.hw), std::move(v.sp)};
  const auto done = step(m);
  v.hw = std::move(m.hw);
  v.sp = std::move(m.sp);
  return done;
}

/// The state of a page in L1's table.
template <class Virtual>
[[nodiscard]] auto virtual_state(const Virtual& v, std::uint64_t page) -> rmp::page_state {
  return rmp::state_of(v.rmp, rmp::spfn{page});
}

}  // namespace sevspec::inline v0::nested

#endif
