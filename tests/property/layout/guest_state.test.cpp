// SPDX-License-Identifier: MIT
// Save areas and control blocks of a guest.
#include <property/layout/accessors.hpp>
#include <support/accessors/host_save_area.hpp>
#include <support/accessors/segment.hpp>
#include <support/accessors/vmcb.hpp>
#include <support/accessors/vmsa.hpp>

namespace {

using namespace sevspec::test;

const std::vector<header_accessors> headers{
    {"segment", segment_structures, segment_accessors},
    {"vmcb", vmcb_structures, vmcb_accessors},
    {"vmsa", vmsa_structures, vmsa_accessors},
    {"host_save_area", host_save_area_structures, host_save_area_accessors},
};

}  // namespace

TEST_CASE("every structure has its types, and every field its accessors: guest state",
          "[layout][LAY-FMT-03][LAY-FMT-05]") {
  check_complete("guest state", headers);
}

TEST_CASE("accessors move the bits that the table gives them: guest state", "[layout][LAY-FMT-04]") {
  check_accessors(headers);
}
