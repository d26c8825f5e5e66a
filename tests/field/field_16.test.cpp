// SPDX-License-Identifier: MIT
// tianocore/edk2 67a6f414aa, coconut-svsm d3d734fc: a VMSA on a 2M-aligned page, on parts that take it for the region.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-16: pages in use are not 2M-aligned", "[field][RMP-ERR-01][RMP-KVM-12]") {
  CHECK_FALSE(rmp::vmsa_gpa_is_sound({0x4020'0000}));
  CHECK(rmp::vmsa_gpa_is_sound({0x4020'1000}));
  CHECK_FALSE(rmp::is_good_for_vmrun({rmp_play::region}));
  for (const bool early_part : {false, true}) {
    for (const std::uint64_t vmcb : {rmp_play::region, rmp_play::page}) {
      rmp_play m;
      m.ctx.choices.erratum_inuse_2m = early_part;
      rmp::set_in_use(m.ctx, m.table, {vmcb}, true);
      const bool hit = early_part && vmcb == rmp_play::region;
      CHECK(m.host_write(rmp_play::region + 0x5000, page_size::k2m) == (hit ? violation : allowed));
      CHECK(m.host_write(rmp_play::region + 0x5000) == allowed);
      CHECK(m.host_write(vmcb) == violation);
      rmp::set_in_use(m.ctx, m.table, {vmcb}, false);
      CHECK(m.host_write(vmcb) == allowed);
    }
  }
}
