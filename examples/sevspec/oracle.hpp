// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_ORACLE_HPP
#define SEVSPEC_TOOL_ORACLE_HPP

#include <optional>
#include <string>
#include <string_view>

#include <sevspec/verify/rmp_reference.hpp>
#include <sevspec/verify/svsm_reference.hpp>

#include "oracle_firmware.hpp"
#include "oracle_ghcb.hpp"
#include "protocol.hpp"

namespace sevspec::tool {

/// The machine behind `serve` and `replay`: it does what the architecture does.
class oracle {
 public:
  oracle();

  /// Appends the response to one line of requests, without a line break. A line that is no request gets an error, and
  /// changes nothing.
  void answer(std::string_view line, std::string& to);

  /// Back to a start. Throws protocol_error.
  void reset(const verify::rmp_setup& setup);
  [[nodiscard]] auto run(const verify::rmp_step& step) -> verify::rmp_answer;
  /// The hypervisor, which has nothing to do with the table: each has its own resets.
  [[nodiscard]] auto hypervisor() -> verify::ghcb_reference<>&;
  /// The SVSM, which has a machine of its own, too.
  [[nodiscard]] auto svsm() -> verify::svsm_reference<>&;

  oracle(const oracle&) = delete;  // the firmware knows where the table is
  auto operator=(const oracle&) -> oracle& = delete;

 private:
  void answer_svsm(const json& object, std::string& to);

  verify::rmp_setup setup_{};
  verify::rmp_reference<> machine_;
  std::optional<oracle_firmware> firmware_{};  ///< made when first asked for
  std::optional<verify::ghcb_reference<>> hypervisor_{};
  std::optional<verify::svsm_reference<>> svsm_{};
};

}  // namespace sevspec::tool

#endif
