// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_DIALOGUE_HPP
#define SEVSPEC_TOOL_TOUR_DIALOGUE_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/rmp/result.hpp>

/// The fourth and fifth parts of the tour as sequences: who says what to whom.
namespace sevspec::tool {

enum class speaker : std::uint8_t {
  guest,
  second_processor,
  handler,
  hypervisor,
  processor,
  reverse_map,
  device,
  svsm,
  firmware,
  verifier,
};

/// Prints one line of the sequence.
void tell(speaker from, speaker to, std::string_view what);

/// "MSR 0x2: SEV_INFO_REQ"
[[nodiscard]] auto text_of_msr(std::uint64_t value) -> std::string;

/// The fields of a GHCB that are marked valid: "0x7b IOIO, INFO1 0x3f80210, INFO2 0x0, RAX 0x53".
[[nodiscard]] auto text_of_request(const layout::ghcb& page) -> std::string;
[[nodiscard]] auto text_of_answer(const layout::ghcb& page) -> std::string;

/// "SUCCESS", "#NPF 0x...", with the rule that decided, if there is one.
[[nodiscard]] auto text_of(const outcome<rmp::result>& done) -> std::string;
[[nodiscard]] auto text_of(const fault& raised) -> std::string;

}  // namespace sevspec::tool

#endif
