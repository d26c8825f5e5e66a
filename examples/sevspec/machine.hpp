// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_MACHINE_HPP
#define SEVSPEC_TOOL_MACHINE_HPP

#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/access.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::tool {

/// Which tables a walk goes through.
enum class walk_mode : std::uint8_t {
  host,    ///< CR3's
  nested,  ///< gCR3's and nCR3's: addresses are gVAs
  gpa,     ///< nCR3's alone: addresses are gPAs
};

/// What the command line says about a machine; what it does not say has a default.
struct machine_options {
  std::optional<std::uint64_t> cr0, cr3, cr4, efer, levels;
  std::optional<std::uint64_t> ncr3, nlevels;
  std::optional<std::uint64_t> c_bit, pa_bits, pa_reduction;
};

/// The registers and the part, ready to walk.
struct machine {
  walk_mode mode{};
  cpu_part part{};
  paging::host_regime host{};
  paging::two_stage_regime guest{};

  /// Levels of the tables that the addresses go through first; 0 with paging off.
  [[nodiscard]] auto levels() const noexcept -> unsigned;
};

/// Throws input_error if the options contradict each other or the architecture.
[[nodiscard]] auto make_machine(const machine_options& options) -> machine;

/// Why one translation succeeded, the same for all modes.
struct translation {
  spa where{};
  page_size size{};
  bool writable{};                ///< of both stages
  bool user{};                    ///< the guest's U/S decides where there is a guest walk (PAG-NPF-02)
  bool no_execute{};              ///< of either stage
  paging::entry leaf{};           ///< of the tables that the address goes through first
  bool is_private{};              ///< effective C-bit of the guest access; without a guest walk the leaf's C-bit
  std::optional<gpa> in_guest{};  ///< the gPA on the way
  memory_key key{};
};

/// Translates one address; nothing in `pages` changes.
[[nodiscard]] auto translate(const machine& which, const memory::sparse_memory& pages, std::uint64_t address,
                             const memory_access& why) -> outcome<translation>;

/// The same, and every page-table read on the way.
[[nodiscard]] auto translate(const machine& which, const memory::sparse_memory& pages, std::uint64_t address,
                             const memory_access& why, std::vector<table_read>& reads) -> outcome<translation>;

}  // namespace sevspec::tool

#endif
