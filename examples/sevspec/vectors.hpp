// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_VECTORS_HPP
#define SEVSPEC_TOOL_VECTORS_HPP

#include <string>

#include <nlohmann/json.hpp>

#include "json_member.hpp"

namespace sevspec::tool {

/// What the library says to one vector of a paging-vectors file.
struct vector_answer {
  nlohmann::ordered_json expect;  ///< in the form of the file's `expect`, if nothing is pending or refused
  const char* pending = nullptr;  ///< the mode that the library does not have yet: "legacy-paging", ...
  std::string refused;            ///< the register that the library refuses, and why
};

/// Walks as the vector says. Throws vector_error.
[[nodiscard]] auto answer_vector(const nlohmann::ordered_json& vector) -> vector_answer;

/// `sevspec walk --vectors FILE`: prints every answer, and on stderr where answers differ from the file.
/// @return 0, or 1 if any differs
[[nodiscard]] auto check_vectors(const std::string& path) -> int;

}  // namespace sevspec::tool

#endif
