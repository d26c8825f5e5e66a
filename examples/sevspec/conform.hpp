// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_CONFORM_HPP
#define SEVSPEC_TOOL_CONFORM_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sevspec::tool {

/// The command line.
struct conform_command {
  std::string program;
  bool ghcb = false;               ///< a hypervisor, not a table
  bool svsm = false;               ///< an SVSM
  std::vector<std::string> known;  ///< rules that the SVSM is known to break
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> runs;
  std::optional<std::uint64_t> ops;
  std::optional<std::uint64_t> vectors;
  double timeout = 5;
  std::string trace_file;
};

/// Throws input_error.
void write_file(const std::string& path, std::string_view text);

/// `conform --ghcb`: compares a program that is a hypervisor with the GHCB protocols.
/// @return the exit status
[[nodiscard]] auto compare_hypervisor(const conform_command& command) -> int;

/// `conform --ghcb --vectors`: prints requests and responses instead.
[[nodiscard]] auto print_hypervisor_vectors(const conform_command& command) -> int;

/// `conform --svsm`: compares a program that is an SVSM with the library's.
/// @return the exit status
[[nodiscard]] auto compare_svsm(const conform_command& command) -> int;

/// `conform --svsm --vectors`: prints requests and responses instead.
[[nodiscard]] auto print_svsm_vectors(const conform_command& command) -> int;

}  // namespace sevspec::tool

#endif
