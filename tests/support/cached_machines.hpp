// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_CACHED_MACHINES_HPP
#define SEVSPEC_TESTS_SUPPORT_CACHED_MACHINES_HPP

#include <cstdint>

#include <support/machines.hpp>
#include <support/recorder.hpp>
#include <support/tlb_pages.hpp>

#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/translate.hpp>

namespace sevspec::test {

// What of the two kinds of machines differs.
[[nodiscard]] inline auto space_of(const one_page_host& host) -> paging::address_space {
  return paging::address_space_of(host.regs, host_asid);
}
[[nodiscard]] inline auto space_of(const one_page_guest& guest) -> paging::address_space {
  return paging::address_space_of(guest.state.guest, guest.state.id);
}
[[nodiscard]] inline auto regime_of(const one_page_host& host) -> paging::host_regime {
  context<> ctx;
  return paging::make_host_regime(ctx, host.part, host.regs, host.syscfg).value();
}
[[nodiscard]] inline auto regime_of(const one_page_guest& guest) -> paging::two_stage_regime {
  context<> ctx;
  return paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
}

/// A machine over its TLB.
template <class Machine>
struct over_tlb : Machine {
  small_tlb cache;
  recorder heard;
  using Machine::Machine;

  [[nodiscard]] auto space() const { return space_of(*this); }
  [[nodiscard]] auto regime() const { return regime_of(*this); }

  /// Refers to an address through the TLB.
  auto go(decltype(Machine::where) linear, const memory_access& why) -> outcome<paging::target> {
    heard = {};
    recording_context ctx{.rules = {}, .choices = this->choices, .listener = heard};
    return paging::translate(ctx, this->memory, cache, regime(), space(), linear, why);
  }
  auto go(const memory_access& why, std::uint64_t offset = 0) -> outcome<paging::target> {
    return go(this->where + offset, why);
  }
  /// Whether the last reference was walked.
  [[nodiscard]] auto walked() const -> bool { return !heard.reads.empty(); }
};

using cached_host = over_tlb<host_machine>;
using cached_guest = over_tlb<guest_machine>;

}  // namespace sevspec::test

#endif
