// SPDX-License-Identifier: MIT
// Command buffers of the firmware.
#include <property/layout/accessors.hpp>
#include <support/accessors/mailbox.hpp>
#include <support/accessors/sev_command.hpp>
#include <support/accessors/snp_command.hpp>

namespace {

using namespace sevspec::test;

const std::vector<header_accessors> headers{
    {"mailbox", mailbox_structures, mailbox_accessors},
    {"sev_command", sev_command_structures, sev_command_accessors},
    {"snp_command", snp_command_structures, snp_command_accessors},
};

}  // namespace

TEST_CASE("every structure has its types, and every field its accessors: firmware",
          "[layout][LAY-FMT-03][LAY-FMT-05]") {
  check_complete("firmware", headers);
}

TEST_CASE("accessors move the bits that the table gives them: firmware", "[layout][LAY-FMT-04]") {
  check_accessors(headers);
}

TEST_CASE("every header is in one program", "[layout]") {
  std::vector<std::string> tested;
  for (const auto& [program, names] : layout_programs) tested.insert(tested.end(), names.begin(), names.end());
  std::vector<std::string> all;
  for (const auto& [name, header] : layout_links().at("headers").items()) all.push_back(name);
  std::ranges::sort(tested);
  std::ranges::sort(all);
  CHECK(tested == all);
}
