// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_EVENTS_HPP
#define SEVSPEC_NESTED_EVENTS_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <sevspec/base/observer.hpp>

/// What nested virtualization costs, in events: an observer counts them (NES-CNT-01).
namespace sevspec::inline v0::nested {

/// Something that takes time.
enum class event_kind : std::uint8_t {
  exit_l1,                ///< #VMEXIT of L1 to L0
  exit_l2,                ///< #VMEXIT of L2 to L0
  vmrun_l1,               ///< VMRUN of L1 by L0
  vmrun_l2,               ///< VMRUN of L2 by L0
  vc_l1,                  ///< #VC in L1
  vc_l2,                  ///< #VC in L2
  npt02_install,          ///< a leaf goes into nPT02
  npt02_zap,              ///< a leaf of nPT02 goes
  sync_npt02_entry,       ///< a leaf of nPT02 is compared with nPT12
  npt12_protected_write,  ///< L1 writes to a protected page of nPT12
  virt_rmpupdate,
  virt_psmash,
  physical_rmpupdate,  ///< RMPUPDATE by L0 on behalf of L1
  physical_psmash,
  psp_forwarded,  ///< a command of L1's virtual AMD-SP reaches the physical one
  count_,         ///< not an event
};

/// "exit of L2", ...
[[nodiscard]] constexpr auto name_of(event_kind what) noexcept -> const char* {
  using enum event_kind;
  switch (what) {
    case exit_l1:               return "exit of L1";
    case exit_l2:               return "exit of L2";
    case vmrun_l1:              return "VMRUN of L1";
    case vmrun_l2:              return "VMRUN of L2";
    case vc_l1:                 return "#VC in L1";
    case vc_l2:                 return "#VC in L2";
    case npt02_install:         return "nPT02 leaf installed";
    case npt02_zap:             return "nPT02 leaf dropped";
    case sync_npt02_entry:      return "nPT02 leaf synchronised";
    case npt12_protected_write: return "write to a protected page of nPT12";
    case virt_rmpupdate:        return "VIRT_RMPUPDATE";
    case virt_psmash:           return "VIRT_PSMASH";
    case physical_rmpupdate:    return "RMPUPDATE for L1";
    case physical_psmash:       return "PSMASH for L1";
    case psp_forwarded:         return "command forwarded to the AMD-SP";
    case count_:                break;
  }
  return "?";
}

/// What observers are told.
struct event {
  event_kind what{};
};

/// Counts events, and the table reads of hardware walks. An observer: `context<all_rules, event_counter&>`.
class event_counter {
 public:
  void on(const event& one) { ++counts_[static_cast<std::size_t>(one.what)]; }
  void on(const table_read&) { ++table_reads_; }

  [[nodiscard]] auto operator[](event_kind what) const -> std::uint64_t {
    return counts_[static_cast<std::size_t>(what)];
  }
  [[nodiscard]] auto table_reads() const noexcept -> std::uint64_t { return table_reads_; }
  void clear() { *this = {}; }

  friend auto operator==(const event_counter&, const event_counter&) -> bool = default;

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(event_kind::count_)> counts_{};
  std::uint64_t table_reads_ = 0;
};

}  // namespace sevspec::inline v0::nested

#endif
