// SPDX-License-Identifier: MIT
// Checks somebody's Reverse Map Table against the architecture.
#include <cstdio>

#include <sevspec/verify/rmp_describe.hpp>

#include "soft_rmp.hpp"

namespace {

/// Your table behind raw register values: RAX, the 16 bytes at [RCX], EAX.
struct my_rmp {
  example::soft_rmp table;

  void reset() { table.reset(); }
  auto rmpupdate(std::uint64_t rax, const std::array<std::uint8_t, 16>& operand) -> std::uint32_t {
    return table.rmpupdate(rax, operand);
  }
  auto psmash(std::uint64_t rax) -> std::uint32_t { return table.psmash(rax); }
  auto raw_entry(std::uint64_t spa) const -> std::array<std::uint64_t, 2> { return table.raw_entry(spa); }
};

}  // namespace

int main() {
  my_rmp mine;
  const auto report = sevspec::verify::check_rmp(mine, {.seed = 1, .runs = 2000});
  std::fputs(describe(report).c_str(), stdout);
  return report.agrees() ? 0 : 1;
}
