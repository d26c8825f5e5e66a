// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_ORACLE_FIRMWARE_HPP
#define SEVSPEC_TOOL_ORACLE_FIRMWARE_HPP

#include <memory>

#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::tool {

/// The firmware behind `serve` and `replay`, as far as it has guests: it shares the Reverse Map Table with the machine
/// that executes instructions.
class oracle_firmware {
 public:
  /// @param table  must outlive the firmware
  oracle_firmware(const verify::rmp_setup& setup, rmp::lazy_table& table);
  ~oracle_firmware();
  oracle_firmware(oracle_firmware&&) noexcept;
  auto operator=(oracle_firmware&&) noexcept -> oracle_firmware&;

  /// A step for which `verify::needs_guests` holds.
  [[nodiscard]] auto run(const verify::rmp_step& step) -> verify::rmp_answer;

 private:
  struct parts;
  std::unique_ptr<parts> it_;
};

}  // namespace sevspec::tool

#endif
