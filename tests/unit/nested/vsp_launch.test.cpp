// SPDX-License-Identifier: MIT
// An L2 guest is launched through a virtual AMD-SP as it would be on the machine: the same answers, the same digests.
#include <cstdint>
#include <vector>

#include <support/vsp_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

auto pattern(std::size_t size, std::uint8_t seed) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(seed + 31 * i + (i >> 8));
  return made;
}

/// One page of an SNP guest.
struct page_of_guest {
  std::uint64_t where;
  std::uint64_t gpa;
  std::uint32_t type;
  bool large = false;
  std::uint32_t perms = 0;
};

auto launch(driver& d, const std::vector<page_of_guest>& pages, std::uint32_t id, std::uint64_t context = l1_context,
            bool first = true) -> firmware::byte_array<48> {
  if (first) world::expect({d.post(command_id::snp_init), d.flush(true)});
  REQUIRE(d.snp_start(context) == fw::success);
  REQUIRE(d.snp_activate(context, id) == fw::success);
  for (const page_of_guest& one : pages) {
    d.store(one.where, pattern(one.large ? 0x20'0000 : 4096, static_cast<std::uint8_t>(one.gpa >> 12)));
    if (one.type == 6) d.store(one.where, std::vector<std::uint8_t>(4096));
    CAPTURE(one.where, one.type);
    REQUIRE(d.snp_update(one.where, one.gpa, id, one.type, context, one.large, one.perms) == fw::success);
  }
  REQUIRE(d.snp_finish(context) == fw::success);
  return d.platform().contexts.at(context).launch_digest;
}

const std::vector<std::vector<page_of_guest>> guests{
    {{l1_pages, 0x8000, 1}},
    {{l1_pages, 0x8000, 1}, {l1_pages + 0x1000, 0x9000, 1}, {l1_pages + 0x5000, 0xf000, 3}},
    {{l1_pages + 0x3000, 0x1000, 2},
     {l1_pages, 0x2000, 5},
     {l1_pages + 0x2000, 0x3000, 6},
     {l1_pages + 0x1000, 0x4000, 4}},
    {{l1_pages, 0x10'0000, 1, false, 0x1f'0f'01'00}, {l1_large, 0x20'0000, 1, true}},
    {{0x80'0000, 0x40'0000, 1, true}},  // 2M for L1, 4K on the machine
};

}  // namespace

TEST_CASE("the launch digest of an L2 guest is that of the same guest without nesting",
          "[nested][NEST-VSP-11][NES-SP-05][NES-SP-03][NEST-VSP-17][NEST-VSP-22][NEST-VSP-26]") {
  for (const auto& pages : guests) {
    listening heard;
    direct_driver on_machine{heard.ctx};
    nested_host host{heard.ctx};
    for (const auto trust : {nested::vsp_trust::physical, nested::vsp_trust::l0}) {
      nested_driver in_l1{host, trust == nested::vsp_trust::physical ? 0U : 1U, trust};
      if (trust == nested::vsp_trust::physical) {
        const auto expected = launch(on_machine, pages, 3);
        CHECK(launch(in_l1, pages, 3) == expected);
        // What the AMD-SP itself has measured.
        const spa real = host.l0.contexts.real_of(in_l1.v.who, gpa{l1_context}).value();
        CHECK(host.physical.m.sp.contexts.at(real.value).launch_digest == expected);
        for (const page_of_guest& one : pages) {
          const asid bound = host.l0.asids.real_of(in_l1.v.who, asid{3}).value();
          const rmp::entry found = in_l1.real_entry(one.where);
          CHECK(found.id == bound);
          CHECK(found.guest.value == one.gpa);
          CHECK(found.validated);
        }
      } else {
        CHECK(launch(in_l1, pages, 3) == on_machine.platform().contexts.at(l1_context).launch_digest);
      }
      for (const page_of_guest& one : pages)
        if (one.type == 1) CHECK(in_l1.load_guest(3, one.where, 64) == on_machine.load_guest(3, one.where, 64));
    }
  }
}
