// SPDX-License-Identifier: MIT
// linux 4e15a0ddc3ff: fields of the GHCB were read again after they had been validated.
#include <cstdint>
#include <vector>

#include <sevspec/ghcb/fetch_monitor.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/ghcb/scratch.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using code = layout::nae_exit_codes;
using monitored = ghcb::fetch_monitor<ghcb_environment>;

/// As the hypervisor had it: the bitmap is checked in the guest's page, and then the page is read for the value.
auto buggy_scratch(monitored& env, gpa page) -> std::optional<std::uint64_t> {
  layout::ghcb seen;
  if (!env.read(page, seen.bytes())) return {};
  context<> ctx;
  if (!ghcb::locate_scratch(ctx, page, gpa{seen.sw_scratch()}, 8)) return {};
  std::array<std::uint8_t, 8> again{};
  if (!env.read(page + 0x3a8, again)) return {};
  return layout::read_le<std::uint64_t>(again.data());
}

/// Another processor of the guest changes what was read last.
void interfere(monitored& env, std::uint64_t where, std::uint8_t value) {
  env.after_read = [&env, where, value](std::uint64_t) { env.memory[where >> 12][where & 0xfff] = value; };
}

}  // namespace

TEST_CASE("FIELD-07: a second read after a change is reported", "[field][FIELD-07][GHCB-PAGE-08]") {
  ghcb_world world;
  layout::ghcb request;
  ghcb::write_request(request, 2, code::mmio_write, 0xfee0'0000, 8, {.scratch = ghcb_world::buffer_at});
  world.put(request);
  monitored env(world.env);
  interfere(env, ghcb_world::page_at + 0x3a9, 0x57);
  const auto moved = buggy_scratch(env, gpa{ghcb_world::page_at});
  // What was checked is in the buffer; what is used is in the registers before it.
  REQUIRE(moved.has_value());
  CHECK(*moved == ghcb_world::page_at + 0x700);
  context<> ctx;
  CHECK_FALSE(ghcb::locate_scratch(ctx, gpa{ghcb_world::page_at}, gpa{*moved}, 8));
  CHECK(env.double_fetches().size() == 8);
  unsigned changed = 0;
  for (const ghcb::double_fetch& one : env.double_fetches()) {
    CHECK(one.decided_by == rule::GHCB_PAGE_08);
    if (one.changed()) ++changed;
  }
  CHECK(changed == 1);
}

TEST_CASE("FIELD-07: the library reads every byte once", "[field][FIELD-07][GHCB-PAGE-08][GHCB-PSC-02]") {
  for (const ghcb::event_info& event : ghcb::nae_events)
    for (const std::uint64_t scratch : {ghcb_world::buffer_at, std::uint64_t{0x9000}}) {
      INFO(event.name);
      context<> ctx;
      ghcb_world world;
      world.env.counters[0] = world.env.msrs[0] = 1;
      world.put_bytes(0x1'0034, std::array<std::uint8_t, 1>{5});
      std::uint64_t info_1 = event.code == code::ioio ? 0x0402'021c : 0;
      std::uint64_t info_2 = 4;
      if (event.code == code::snp_guest_request || event.code == code::snp_ext_guest_request)
        info_1 = 0x1'0000, info_2 = 0x2'0000;
      if (event.code == code::snp_ap_creation) info_1 = 0x1'0000'0001, info_2 = 0x500'1000;
      if (event.code == code::snp_page_state_change) {
        std::vector<std::uint8_t> list(8 + 3 * 8);
        list[2] = 2;
        for (std::size_t i = 0; i < 3; ++i)
          layout::write_le(list.data() + 8 + 8 * i, 0x0010'0000'0000'1000 + 0x1000 * std::uint64_t{i});
        world.put_bytes(scratch, list);
      }
      layout::ghcb request;
      ghcb::write_request(request, 2, event.code, info_1, info_2,
                          {.rax = 0x3'0000, .rbx = 1, .rcx = 0, .rdx = 0, .scratch = scratch, .cpl = 0});
      world.put(request);
      monitored env(world.env);
      // Everything that the guest can change it changes at once.
      env.after_read = [&env, scratch](std::uint64_t) {
        for (const std::uint64_t page : {ghcb_world::page_at >> 12, scratch >> 12})
          for (auto& byte : env.memory[page]) byte = 0xff;
      };
      env.begin_exit();
      vmgexit(ctx, world.vm, world.cpu(), env);
      CHECK(env.double_fetches().empty());
    }
}
