// SPDX-License-Identifier: MIT
#include <cstdint>

#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/key_request.hpp>

#include <support/catch.hpp>

namespace {

using namespace sevspec::layout;

TEST_CASE("selections that a key request's version does not know", "[layout][LAY-KEY-01]") {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t one = std::uint64_t{1} << bit;
    INFO("bit " << bit);
    CHECK(unknown_selections(one, 1) == (bit > 5 ? one : 0));
    CHECK(unknown_selections(one, 2) == (bit > 6 ? one : 0));
  }
  const auto all = msg_key_req_guest_field_select{}
                       .set_guest_policy(true)
                       .set_image_id(true)
                       .set_family_id(true)
                       .set_measurement(true)
                       .set_guest_svn(true)
                       .set_tcb_version(true);
  CHECK(all.raw == 0x3F);
  CHECK(unknown_selections(all.raw, 1) == 0);
}

}  // namespace
