// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_WALK_STORY_HPP
#define SEVSPEC_TOOL_WALK_STORY_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sevspec/base/access.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/memory/sparse_memory.hpp>

#include "machine.hpp"

namespace sevspec::tool {

/// One page-table read of a walk.
struct story_step {
  unsigned number{};  ///< from 1, in the order of the architecture
  stage tables{};
  unsigned level{};
  unsigned index{};  ///< of the entry in its table
  spa where{};
  memory_key key{};
  paging::entry found{};
  bool leaf{};
  bool c{};                ///< the C-bit, where it is legal
  std::uint64_t target{};  ///< the table that the entry points to; of a leaf, the translated address
};

/// A chain of reads through one set of tables that translates one address, and in a guest walk the guest entry found
/// there.
struct story_row {
  unsigned guest_level{};   ///< the guest table whose entry is looked for; 0: the address of the access itself
  std::uint64_t address{};  ///< what the chain translates
  std::vector<story_step> chain;
  std::optional<story_step> guest_entry;
};

/// A walk told read by read.
struct walk_story {
  std::uint64_t address{};
  memory_access why{};
  std::vector<story_row> rows;  ///< the last one is where a fault happened
  outcome<translation> result;
  unsigned reads{};
};

[[nodiscard]] auto tell_walk(const machine& which, const memory::sparse_memory& pages, std::uint64_t address,
                             const memory_access& why) -> walk_story;

/// One bit of an error code, or of EXITINFO1, and what it says.
struct code_bit {
  unsigned bit{};
  const char* name;
  const char* meaning;
};

/// The bits that are set in the code of a fault, lowest first; P=0 is told, too.
[[nodiscard]] auto decode_fault(const fault& raised) -> std::vector<code_bit>;

/// "PML4" to "PT", for levels 5 to 1.
[[nodiscard]] auto table_name(unsigned level) -> const char*;

/// "4 KiB", "2 MiB", "1 GiB".
[[nodiscard]] auto size_for_people(page_size size) -> const char*;

/// "read", "write", "fetch".
[[nodiscard]] auto verb_of(const memory_access& why) -> const char*;

}  // namespace sevspec::tool

#endif
