// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_KVM_CAPTURE_HPP
#define SEVSPEC_TESTS_SUPPORT_KVM_CAPTURE_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <sevspec/memory/page_capture.hpp>
#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

/// Page tables and registers captured from Linux KVM. tests/data/kvm-npt-4k/README.md says how they were made.
namespace sevspec::test {

[[nodiscard]] inline auto kvm_file(const std::string& name) -> std::ifstream {
  return std::ifstream(SEVSPEC_TEST_DATA_DIR "/kvm-npt-4k/" + name, std::ios::binary);
}

/// Puts the pages of a file into a memory; as `memory::load_capture`.
[[nodiscard]] inline auto load_kvm_pages(memory::sparse_memory& memory, const std::string& name)
    -> std::expected<std::size_t, memory::capture_error> {
  std::ifstream file = kvm_file(name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return memory::load_capture(memory, std::as_bytes(std::span(text)));
}

/// The rows of a CSV file without its heading.
[[nodiscard]] inline auto kvm_rows(const std::string& name) -> std::vector<std::vector<std::string>> {
  std::ifstream file = kvm_file(name);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  for (std::getline(file, line); std::getline(file, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

/// The number that a cell or a register of the capture stands for.
[[nodiscard]] inline auto kvm_number(const std::string& text) -> std::uint64_t {
  return std::stoull(text, nullptr, 16);
}

/// The registers, and what else was written down of the machine.
[[nodiscard]] inline auto kvm_meta() -> const nlohmann::json& {
  static const nlohmann::json meta = nlohmann::json::parse(kvm_file("meta.json"));
  return meta;
}

/// @param who  "l1", the kernel with KVM, or "l2", its guest
[[nodiscard]] inline auto kvm_registers(const char* who) -> paging::control_registers {
  const nlohmann::json& from = kvm_meta().at(who);
  return {.cr0 = kvm_number(from.at("cr0")),
          .cr3 = kvm_number(from.at("cr3")),
          .cr4 = kvm_number(from.at("cr4")),
          .efer = kvm_number(from.at("efer"))};
}

/// The state with which L2 was entered.
[[nodiscard]] inline auto kvm_guest_state() -> paging::guest_entry_state {
  return {
      .host = kvm_registers("l1"), .guest = kvm_registers("l2"), .ncr3 = kvm_number(kvm_meta().at("npt").at("ncr3"))};
}

}  // namespace sevspec::test

#endif
