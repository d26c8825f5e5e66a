// SPDX-License-Identifier: MIT
// The RMP, registers, CPUID, and the pages of a launch.
#include <property/layout/accessors.hpp>
#include <support/accessors/cpuid.hpp>
#include <support/accessors/cpuid_page.hpp>
#include <support/accessors/id_block.hpp>
#include <support/accessors/invlpgb.hpp>
#include <support/accessors/msr.hpp>
#include <support/accessors/page_info.hpp>
#include <support/accessors/policy.hpp>
#include <support/accessors/rmp.hpp>
#include <support/accessors/secrets_page.hpp>

namespace {

using namespace sevspec::test;

const std::vector<header_accessors> headers{
    {"rmp", rmp_structures, rmp_accessors},
    {"msr", msr_structures, msr_accessors},
    {"cpuid", cpuid_structures, cpuid_accessors},
    {"cpuid_page", cpuid_page_structures, cpuid_page_accessors},
    {"invlpgb", invlpgb_structures, invlpgb_accessors},
    {"secrets_page", secrets_page_structures, secrets_page_accessors},
    {"page_info", page_info_structures, page_info_accessors},
    {"policy", policy_structures, policy_accessors},
    {"id_block", id_block_structures, id_block_accessors},
};

}  // namespace

TEST_CASE("every structure has its types, and every field its accessors: processor",
          "[layout][LAY-FMT-03][LAY-FMT-05]") {
  check_complete("processor", headers);
}

TEST_CASE("accessors move the bits that the table gives them: processor", "[layout][LAY-FMT-04]") {
  check_accessors(headers);
}
