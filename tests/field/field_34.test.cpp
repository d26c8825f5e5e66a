// SPDX-License-Identifier: MIT
// coconut-svsm 4482ac12, c225be2b: a setter changed a copy; an offset went beyond the buffer.
#include <array>

#include <sevspec/layout/svsm.hpp>
#include <sevspec/svsm/vtpm.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-34: setters change what they are called on", "[field][FIELD-34][LAY-FMT-02]") {
  std::array<std::uint8_t, 4096> bytes{};
  layout::svsm_caa_view view{bytes.data()};
  view.set_svsm_call_pending(1);
  CHECK(bytes[0] == 1);
  layout::svsm_pvalidate_entry entry;
  entry.set_pfn(0x40).set_action(true);
  CHECK(entry.raw == 0x4'0004);
  const auto changed = layout::svsm_pvalidate_entry{entry}.set_ignore_cf(true);
  CHECK(changed.raw == 0x4'000c);
  CHECK(entry.raw == 0x4'0004);
}

TEST_CASE("FIELD-34: sizes that a guest writes do not lead out of a buffer",
          "[field][FIELD-34][SVSM-TPM-06][SVSM-MM-03]") {
  context<> ctx;
  for (const std::uint32_t size : {4087U, 4088U, 0xffffU, 0x8000'0000U, 0xffff'ffffU}) {
    svsm_world world;
    svsm_services offered;
    world.put_word<std::uint32_t>({0xa000}, 8);
    world.put_word<std::uint32_t>({0xa005}, size);
    CHECK((world.call(ctx, offered, {0x2'0000'0001, 0xa000}).code() == 0) == (size == 4087));
    world.put_word<std::uint64_t>({0xa010}, ~std::uint64_t{} - size);
    CHECK(world.call(ctx, offered, {0x4'0000'0001, 0xa000, 0x1000}).code() == 0x8000'0005);
  }
}
