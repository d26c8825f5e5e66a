// SPDX-License-Identifier: MIT
// What guest and hypervisor, or guest and SVSM, tell each other.
#include <property/layout/accessors.hpp>
#include <support/accessors/avic.hpp>
#include <support/accessors/doorbell_page.hpp>
#include <support/accessors/exit_info.hpp>
#include <support/accessors/ghcb.hpp>
#include <support/accessors/ghcb_msr.hpp>
#include <support/accessors/ghcb_request.hpp>
#include <support/accessors/svsm.hpp>

namespace {

using namespace sevspec::test;

const std::vector<header_accessors> headers{
    {"avic", avic_structures, avic_accessors},
    {"exit_info", exit_info_structures, exit_info_accessors},
    {"ghcb", ghcb_structures, ghcb_accessors},
    {"ghcb_msr", ghcb_msr_structures, ghcb_msr_accessors},
    {"ghcb_request", ghcb_request_structures, ghcb_request_accessors},
    {"doorbell_page", doorbell_page_structures, doorbell_page_accessors},
    {"svsm", svsm_structures, svsm_accessors},
};

}  // namespace

TEST_CASE("every structure has its types, and every field its accessors: hypervisor",
          "[layout][LAY-FMT-03][LAY-FMT-05]") {
  check_complete("hypervisor", headers);
}

TEST_CASE("accessors move the bits that the table gives them: hypervisor", "[layout][LAY-FMT-04]") {
  check_accessors(headers);
}
