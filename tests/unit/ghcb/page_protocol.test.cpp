// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/ghcb/fetch_monitor.hpp>
#include <sevspec/ghcb/guest_request.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/ghcb/page_hypervisor.hpp>
#include <sevspec/ghcb/profiles.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using code = layout::nae_exit_codes;
using enum ghcb::ghcb_field;

/// Malformed input with this reason, and nothing else in the bitmap.
auto is_malformed(ghcb_world& world, std::uint64_t reason) -> bool {
  return world.passed(sw_exit_info_1) == 2 && world.passed(sw_exit_info_2) == reason && !world.passed(rax);
}
auto is_done(ghcb_world& world) -> bool { return world.passed(sw_exit_info_1) == 0; }

}  // namespace

TEST_CASE("the bitmap of a request", "[ghcb][GHCB-PAGE-01][GHCB-PAGE-05]") {
  layout::ghcb page;
  ghcb::write_request(page, 2, code::cpuid, 0, 0, {.rax = 1, .rcx = 0});
  CHECK(layout::read_le<std::uint64_t>(page.data() + 0x3f0) == 0x8000'0000'0000'0000);
  CHECK(layout::read_le<std::uint64_t>(page.data() + 0x3f8) == 0x001c'0002'0000'0000);
  CHECK(ghcb::valid_fields(page) == ghcb::field_set{sw_exit_code, sw_exit_info_1, sw_exit_info_2, rax, rcx});
  for (const auto missing : {sw_exit_code, sw_exit_info_1, sw_exit_info_2}) {
    context<> ctx;
    ghcb_world world;
    ghcb::write_request(page, 2, code::rdtsc, 0, 0);
    const unsigned bit = std::to_underlying(missing);
    page.valid_bitmap()[bit / 8] = static_cast<std::uint8_t>(page.valid_bitmap()[bit / 8] & ~(1U << bit % 8));
    world.put(page);
    vmgexit(ctx, world.vm, world.cpu(), world.env);
    CHECK(is_malformed(world, 4));
  }
}

TEST_CASE("every event is refused without its inputs and served with them",
          "[ghcb][GHCB-NAE-01][GHCB-NAE-02][GHCB-NAE-03][GHCB-NAE-04][GHCB-NAE-05][GHCB-NAE-06][GHCB-NAE-07]"
          "[GHCB-NAE-08][GHCB-NAE-09][GHCB-NAE-10][GHCB-NAE-11][GHCB-NAE-12][GHCB-NAE-13][GHCB-NAE-14][GHCB-NAE-15]"
          "[GHCB-NAE-16][GHCB-NAE-24][GHCB-NAE-25][GHCB-PAGE-06][GHCB-PAGE-07]") {
  context<> ctx;
  unsigned served = 0;
  for (const ghcb::event_info& event : ghcb::nae_events) {
    INFO(event.name);
    const auto fresh = [] {
      ghcb_world world;
      world.env.counters[0] = 7;
      world.env.msrs[0] = 8;
      world.put_bytes(0x1'0034, std::array<std::uint8_t, 1>{5});
      world.cpu().at[1].vmsa = gpa{0x5000};
      return world;
    };
    std::uint64_t info_1 = 0;
    std::uint64_t info_2 = 0;
    if (event.code == code::ioio) info_1 = 0x03f8'0210;
    if (event.code == code::mmio_read || event.code == code::mmio_write) info_2 = 4;
    if (event.code == code::snp_guest_request || event.code == code::snp_ext_guest_request)
      info_1 = 0x1'0000, info_2 = 0x2'0000;
    if (event.code == code::snp_ap_creation) info_1 = 0x1'0000'0001, info_2 = 0x500'1000;
    if (event.code == code::apic_id_list) info_1 = 0x6'0000;
    if (event.code == code::disable_alternate_injection || event.code == code::specific_eoi) info_1 = 0x2'0000;
    const std::uint64_t in_rax = event.code == code::snp_ext_guest_request ? 0x3'0000 : 1;
    const ghcb::event_inputs everything{
        .rax = in_rax, .rbx = 0x1000, .rcx = 0, .rdx = 0, .scratch = ghcb_world::buffer_at, .cpl = 0};

    ghcb_world world = fresh();
    world.exit(ctx, event.code, info_1, info_2, everything);
    const bool ends = event.code == code::termination_request || event.code == code::unsupported_event;
    CHECK(world.vm.stopped == ends);
    if (!ends) CHECK(is_done(world));
    ++served;

    // Without any one of its fields.
    layout::ghcb request;
    ghcb::write_request(request, 2, event.code, info_1, info_2, everything);
    const ghcb::field_set needed = ghcb::required_fields(event, request);
    for (const auto field : {rax, rbx, rcx, rdx, ghcb::ghcb_field::cpl, sw_scratch}) {
      if (!needed.has(field)) continue;
      world = fresh();
      const unsigned bit = std::to_underlying(field);
      layout::ghcb poor = request;
      poor.valid_bitmap()[bit / 8] = static_cast<std::uint8_t>(poor.valid_bitmap()[bit / 8] & ~(1U << bit % 8));
      world.put(poor);
      CHECK(vmgexit(ctx, world.vm, world.cpu(), world.env).decided_by == event.about);
      CHECK(is_malformed(world, 4));
    }
    // From a guest, or by a hypervisor, that does not have it.
    if (event.snp) {
      for (const bool strict : {true, false}) {
        ctx.choices.ghcb_reason_strict = strict;
        world = fresh();
        world.vm.config.snp = false;
        world.exit(ctx, event.code, info_1, info_2, everything);
        CHECK(is_malformed(world, strict ? 6 : 4));
      }
      ctx.choices = {};
    }
    if (event.version > 1) {
      world = fresh();
      world.vm.config.highest_version = 1;
      world.exit(ctx, event.code, info_1, info_2, everything);
      CHECK(is_malformed(world, 6));
    }
    if (event.feature) {
      world = fresh();
      world.vm.config.features &= ~ghcb::feature_bit(*event.feature);
      world.exit(ctx, event.code, info_1, info_2, everything);
      CHECK(is_malformed(world, 6));
    }
  }
  CHECK(served == 34);
}

TEST_CASE("instructions", "[ghcb][GHCB-NAE-03][GHCB-NAE-04][GHCB-NAE-08][GHCB-NAE-09][GHCB-NAE-10][GHCB-PAGE-10]") {
  context<> ctx;
  ghcb_world world;
  world.env.time_stamp = 0x1122'3344'5566'7788;
  world.exit(ctx, code::rdtscp);
  CHECK(world.passed(rax) == 0x5566'7788);
  CHECK(world.passed(rdx) == 0x1122'3344);
  CHECK(world.passed(rcx) == 0x55);
  CHECK_FALSE(world.passed(rbx));

  world.env.msrs[0x1b] = 0xfee0'0900;
  world.exit(ctx, code::msr, 0, 0, {.rcx = 0x1b});
  CHECK(world.passed(rax) == 0xfee0'0900);
  world.exit(ctx, code::msr, 1, 0, {.rax = 0xffff'ffff'1234'5678, .rcx = 0x1b, .rdx = 0x9});
  CHECK(world.env.msrs[0x1b] == 0x9'1234'5678);
  for (const bool with_code : {false, true}) {
    ctx.choices.ghcb_gp_error_code = with_code;
    world.exit(ctx, code::msr, 0, 0, {.rcx = 0xdead});
    CHECK(world.passed(sw_exit_info_1) == 1);
    CHECK(world.passed(sw_exit_info_2) == (with_code ? 0x8000'0b0d : 0x8000'030d));
  }
  world.exit(ctx, code::rdpmc, 0, 0, {.rcx = 1});
  CHECK(world.passed(sw_exit_info_1) == 1);

  world.exit(ctx, code::vmmcall, 0, 0, {.rax = 5, .rbx = 1, .rsi = 3, .cpl = 3});
  REQUIRE(world.env.calls.size() == 1);
  CHECK(world.env.calls[0] == ghcb::hypercall{.rax = 5, .rbx = 1, .rsi = 3, .cpl = 3});
  world.exit(ctx, code::cpuid, 0, 0, {.rax = 0xd, .rcx = 1, .xcr0 = 7, .xss = 0x1800});
  CHECK(world.env.asked.back() == ghcb::cpuid_operands{0xd, 1, 7, 0x1800});
  world.exit(ctx, code::cpuid, 0, 0, {.rax = 1, .rcx = 0});
  CHECK(world.env.asked.back() == ghcb::cpuid_operands{1, 0, {}, {}});
}

TEST_CASE("CPUID of the XSAVE area where the guest knows of shadow stacks", "[ghcb][GHCB-NAE-05][GHCB-PAGE-10]") {
  for (const bool shadow_stacks : {false, true})
    for (const std::uint64_t function : {0xdU, 0x7U})
      for (const std::uint64_t subfunction : {0U, 1U, 2U})
        for (const std::optional<std::uint64_t> xss : {std::optional<std::uint64_t>{}, std::optional{0x1800UL}}) {
          context<> ctx;
          ghcb_world world;
          world.vm.config.shadow_stacks = shadow_stacks;
          const auto done =
              world.exit(ctx, code::cpuid, 0, 0, {.rax = function, .rcx = subfunction, .xcr0 = 7, .xss = xss});
          const bool needed = shadow_stacks && function == 0xd && subfunction == 1;
          CHECK((done.decided_by == rule::GHCB_NAE_05) == (needed && !xss));
          if (needed && !xss) CHECK(world.info_2() == 4);
          else CHECK(world.env.asked.back().xss == xss);
        }
}

TEST_CASE("the order of the checks", "[ghcb][GHCB-PAGE-02][GHCB-PAGE-03][GHCB-PAGE-04][GHCB-PAGE-05][GHCB-PAGE-07]"
                                     "[GHCB-NEG-06][GHCB-REG-01]") {
  context<> ctx;
  ctx.choices.ghcb_check_version = true;
  layout::ghcb page;  // everything is wrong with it
  page.set_ghcb_usage(1);
  page.set_protocol_version(9);
  layout::write_le(page.data() + 0x390, std::uint64_t{0x8000'abcd});
  ghcb_world world;
  world.cpu().here().registered = gpa{0x1000};
  const auto outcome = [&] {
    world.put(page);
    return vmgexit(ctx, world.vm, world.cpu(), world.env).decided_by;
  };
  world.env.hidden.insert(ghcb_world::page_at >> 12);
  CHECK(outcome() == rule::GHCB_PAGE_02);
  world.env.hidden.clear();
  CHECK(outcome() == rule::GHCB_PAGE_03);
  CHECK(is_malformed(world, 1));
  world.cpu().here().registered = gpa{ghcb_world::page_at};
  CHECK(outcome() == rule::GHCB_PAGE_04);
  CHECK(is_malformed(world, 2));
  page.set_ghcb_usage(0);
  CHECK(outcome() == rule::GHCB_PAGE_05);
  for (const auto field : {sw_exit_code, sw_exit_info_1, sw_exit_info_2}) layout::mark_valid(page, field);
  CHECK(outcome() == rule::GHCB_NEG_06);
  page.set_protocol_version(2);
  CHECK(outcome() == rule::GHCB_PAGE_07);
  CHECK(is_malformed(world, 6));
  layout::write_le(page.data() + 0x390, std::uint64_t{0x1'0000'0072});  // CPUID in the lower half alone
  CHECK(outcome() == rule::GHCB_PAGE_07);
  layout::write_le(page.data() + 0x390, std::uint64_t{0x72});
  CHECK(outcome() == rule::GHCB_NAE_05);
  page.set_protocol_version(1);  // as an SVSM does that has agreed on 2
  ctx.choices.ghcb_check_version = false;
  CHECK(outcome() == rule::GHCB_NAE_05);
  ctx.choices.ghcb_unregistered = unregistered_ghcb::fatal;
  world.cpu().here().registered.reset();
  CHECK(outcome() == rule::GHCB_PAGE_03);
  CHECK(world.vm.stopped);
}

TEST_CASE("what an answer leaves in the page", "[ghcb][GHCB-PAGE-08][GHCB-PAGE-09][GHCB-RET-01]") {
  for (const bool extra : {false, true}) {
    context<> ctx;
    ctx.choices.ghcb_extra_outputs = extra;
    ghcb_world world;
    layout::ghcb request;
    for (auto& byte : request.bytes()) byte = 0x5a;
    ghcb::write_request(request, 2, code::rdtsc, 0, 0);
    world.put(request);
    vmgexit(ctx, world.vm, world.cpu(), world.env);
    const layout::ghcb answer = world.page();
    const auto wanted = extra ? ghcb::field_set{sw_exit_info_1, sw_exit_info_2, rax, rbx, rcx, rdx}
                              : ghcb::field_set{sw_exit_info_1, sw_exit_info_2, rax, rdx};
    CHECK(ghcb::valid_fields(answer) == wanted);
    CHECK(answer.sw_exit_info_1().raw == 0);
    // Everything else is as it was.
    layout::ghcb rest = answer;
    for (const auto field : {sw_exit_info_1, sw_exit_info_2, rax, rbx, rcx, rdx})
      for (std::size_t i = 0; i < 8; ++i)
        rest.data()[layout::offset_of(field) + i] = request.data()[layout::offset_of(field) + i];
    rest.set_valid_bitmap(request.valid_bitmap());
    CHECK(rest == request);
  }
}

TEST_CASE("scratch areas", "[ghcb][GHCB-SCR-01][GHCB-SCR-02][GHCB-SCR-03][GHCB-SCR-04][GHCB-SCR-06]") {
  context<> ctx;
  constexpr std::uint64_t page = ghcb_world::page_at;
  const auto judged = [&](std::uint64_t where, std::uint64_t length) {
    const auto area = ghcb::locate_scratch(ctx, gpa{page}, gpa{where}, length);
    return area ? rule::none : area.error();
  };
  CHECK(judged(0, 4) == rule::GHCB_SCR_01);
  CHECK(judged(page + 0x800, ~std::uint64_t{0}) == rule::GHCB_SCR_03);
  // Every start and end near the buffer's.
  for (const std::uint64_t first : {0x0ULL, 0x7ffULL, 0x800ULL, 0x801ULL, 0xfe8ULL, 0xfefULL, 0xff0ULL, 0xfffULL})
    for (const std::uint64_t length :
         {1ULL, 2ULL, 7ULL, 8ULL, 9ULL, 0x7efULL, 0x7f0ULL, 0x7f1ULL, 0x800ULL, 0x2000ULL}) {
      const bool fits = first >= 0x800 && first + length <= 0xff0;
      CHECK(judged(page + first, length) == (fits ? rule::none : rule::GHCB_SCR_02));
    }
  CHECK(judged(0x100'0000, 0x1'0000) == rule::none);
  CHECK(judged(0x100'0000, 0x1'0001) == rule::GHCB_SCR_04);
  ctx.choices.scratch_external_max = external_scratch::none;
  CHECK(judged(0x100'0000, 1) == rule::GHCB_SCR_04);
  ctx.choices.scratch_external_max = external_scratch::any;
  CHECK(judged(0x800'0000, 1ULL << 40) == rule::none);
  ctx.choices = {};

  ghcb_world world;
  world.put_bytes(0x9000, std::array<std::uint8_t, 4>{1, 2, 3, 4});
  world.exit(ctx, code::mmio_write, 0xfee0'0000, 4, {.scratch = 0x9000});
  CHECK(world.env.mmio.back().bytes == std::vector<std::uint8_t>{1, 2, 3, 4});
  world.exit(ctx, code::mmio_read, 0xfee0'0000, 130, {.scratch = 0xa000});
  CHECK(world.env.bytes(0xa000 + 64, 2) == std::vector<std::uint8_t>{0xa0, 0xa1});
  world.env.hidden.insert(9);
  const auto devices = world.env.mmio.size();
  world.exit(ctx, code::mmio_write, 0xfee0'0000, 4, {.scratch = 0x9000});
  CHECK(is_malformed(world, 3));
  CHECK(world.env.mmio.size() == devices);
}

TEST_CASE("no byte of the GHCB is fetched as scratch from outside", "[ghcb][GHCB-SCR-02][GHCB-PAGE-08]") {
  context<> ctx;
  constexpr std::uint64_t page = ghcb_world::page_at;
  for (const auto judged : {scratch_from_outside::by_first_byte, scratch_from_outside::refused})
    for (const auto most : {external_scratch::kib_64, external_scratch::any}) {
      ctx.choices.scratch_runs_into_ghcb = judged;
      ctx.choices.scratch_external_max = most;
      for (const std::uint64_t before : {1ULL, 8ULL, 0x1000ULL, 0x3000ULL})
        for (const std::uint64_t into : {0ULL, 1ULL, 0x800ULL, 0xff0ULL, 0x1000ULL, 0x1001ULL, 0x2000ULL}) {
          const auto area = ghcb::locate_scratch(ctx, gpa{page}, gpa{page - before}, before + into);
          INFO(before << " bytes before the page, " << into << " in it");
          const bool refused = judged == scratch_from_outside::refused && into != 0;
          CHECK((area ? rule::none : area.error()) == (refused ? rule::GHCB_SCR_02 : rule::none));
        }
      CHECK(ghcb::locate_scratch(ctx, gpa{page}, gpa{page + 0x1000}, 0x10).has_value());
    }
  // What begins outside is as long as any other such area.
  ctx.choices = {};
  CHECK(ghcb::locate_scratch(ctx, gpa{page}, gpa{page - 8}, 0x1'0001).error() == rule::GHCB_SCR_04);
  ctx.choices.scratch_runs_into_ghcb = scratch_from_outside::refused;
  CHECK(ghcb::locate_scratch(ctx, gpa{page}, gpa{page - 8}, 0x1'0001).error() == rule::GHCB_SCR_02);

  ghcb_world refusing;
  refusing.exit(ctx, code::mmio_write, 0xfee0'0000, 0x208, {.scratch = page - 8});
  CHECK(is_malformed(refusing, 3));
  CHECK(refusing.env.mmio.empty());
}

TEST_CASE("a scratch area that runs into the GHCB has the snapshot's bytes", "[ghcb][GHCB-SCR-02][GHCB-PAGE-08]") {
  constexpr std::uint64_t page = ghcb_world::page_at;
  struct span_of {
    std::uint64_t before, into;
  };
  for (const auto [before, into] :
       {span_of{8, 1}, span_of{8, 0x208}, span_of{1, 0x1000}, span_of{0x1000, 0x1000}, span_of{8, 0x1010}}) {
    INFO(before << " bytes before the page, " << into << " from it on");
    context<> ctx;
    ghcb_world world;
    const std::uint64_t length = before + into;
    std::vector<std::uint8_t> wanted(length);
    for (std::size_t i = 0; i < length; ++i) wanted[i] = static_cast<std::uint8_t>(i * 7 + 1);
    world.put_bytes(page - before, wanted);
    layout::ghcb request = world.page();
    ghcb::write_request(request, 2, code::mmio_write, 0xfee0'0000, length, {.scratch = page - before});
    world.put(request);
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(into, 0x1000); ++i) wanted[before + i] = request.data()[i];
    // Another processor of the guest writes the page as soon as it has been read, and nobody reads it again.
    unsigned reads = 0;
    world.env.after_read = [&](std::uint64_t where) {
      if (where >= page && where < page + 0x1000) ++reads;
      const std::array<std::uint8_t, 4096> other{0x5a};
      world.env.memory[page >> 12] = other;
    };
    vmgexit(ctx, world.vm, world.cpu(), world.env);
    CHECK(reads == 1);
    std::vector<std::uint8_t> seen;
    for (const auto& one : world.env.mmio) seen.insert(seen.end(), one.bytes.begin(), one.bytes.end());
    CHECK(seen == wanted);
  }
  // What is not the page's has to be there.
  for (const std::uint64_t frame : {(page >> 12) - 1, (page >> 12) + 1}) {
    context<> ctx;
    ghcb_world world;
    world.env.hidden.insert(frame);
    world.exit(ctx, code::mmio_write, 0xfee0'0000, 0x1010, {.scratch = page - 8});
    CHECK(is_malformed(world, 3));
    CHECK(world.env.mmio.empty());
  }
}

TEST_CASE("no device is touched for an area that is not usable", "[ghcb][GHCB-SCR-06][GHCB-SCR-04]") {
  context<> ctx;
  constexpr std::uint64_t outs = 0x0402'0044, ins = 0x0402'0045;
  // The area's second page cannot be read, or cannot be written.
  for (const bool readable : {false, true}) {
    ghcb_world world;
    (readable ? world.env.read_only : world.env.hidden).insert(0xa);
    const auto ask = [&](code what, std::uint64_t info_1, std::uint64_t info_2) {
      world.exit(ctx, what, info_1, info_2, {.scratch = 0x9ff8});
      return is_malformed(world, 3) ? rule::GHCB_SCR_06 : rule::none;
    };
    CHECK((ask(code::ioio, outs, 4) == rule::none) == readable);
    CHECK((ask(code::mmio_write, 0xfee0'0000, 16) == rule::none) == readable);
    CHECK(world.env.io.size() == (readable ? 4 : 0));
    CHECK(world.env.mmio.size() == (readable ? 1 : 0));
    world.env.io.clear();
    world.env.mmio.clear();
    CHECK(ask(code::ioio, ins, 4) == rule::GHCB_SCR_06);
    CHECK(ask(code::mmio_read, 0xfee0'0000, 16) == rule::GHCB_SCR_06);
    CHECK(world.env.io.empty());
    CHECK(world.env.mmio.empty());
    CHECK(world.env.bytes(0x9ff8, 8) == std::vector<std::uint8_t>(8));
  }
  // Across pages that can be used.
  ghcb_world world;
  world.env.ports[0x402] = 0x4433'2211;
  world.exit(ctx, code::ioio, ins, 4, {.scratch = 0x9ff8});
  CHECK(is_done(world));
  CHECK(world.env.bytes(0x9ffe, 4) == std::vector<std::uint8_t>{0x33, 0x44, 0x11, 0x22});
}

TEST_CASE("a device's gPAs do not wrap around", "[ghcb][GHCB-NAE-14][GHCB-NAE-15]") {
  context<> ctx;
  for (const code what : {code::mmio_read, code::mmio_write}) {
    ghcb_world world;
    world.exit(ctx, what, ~std::uint64_t{0} - 3, 5, {.scratch = ghcb_world::buffer_at});
    CHECK(is_malformed(world, 5));
    CHECK(world.env.mmio.empty());
    world.exit(ctx, what, ~std::uint64_t{0} - 3, 4, {.scratch = ghcb_world::buffer_at});
    CHECK(is_done(world));
  }
}

TEST_CASE("ports", "[ghcb][GHCB-NAE-07]") {
  context<> ctx;
  ghcb_world world;
  world.env.ports[0xcfc] = 0x1234'5678;
  for (const auto& [size_bit, bytes] : {std::pair{0x10U, 1U}, {0x20U, 2U}, {0x40U, 4U}}) {
    world.exit(ctx, code::ioio, 0x0cfc'0001 | size_bit);
    CHECK(world.passed(rax) == (0x1234'5678ULL & bit_range(8 * bytes - 1, 0)));
    world.exit(ctx, code::ioio, 0x0402'0005 | size_bit, 3, {.scratch = ghcb_world::buffer_at});  // INS
    CHECK(is_done(world));
    CHECK(world.env.io.back().bytes.size() == bytes);
    world.exit(ctx, code::ioio, 0x0402'0004 | size_bit, 0x7f0 / bytes, {.scratch = ghcb_world::buffer_at});
    CHECK(is_done(world));
    world.exit(ctx, code::ioio, 0x0402'0004 | size_bit, 0x7f0 / bytes + 1, {.scratch = ghcb_world::buffer_at});
    CHECK(is_malformed(world, 3));
  }
  for (const std::uint64_t sizes : {0x0ULL, 0x30ULL, 0x50ULL, 0x60ULL, 0x70ULL}) {
    world.exit(ctx, code::ioio, 0x0cfc'0001 | sizes);
    CHECK(is_malformed(world, 5));
  }
}

TEST_CASE("guest requests", "[ghcb][GHCB-NAE-20][GHCB-NAE-21]") {
  context<> ctx;
  ghcb_world world;
  const auto set_type = [&](std::uint8_t type) { world.put_bytes(0x1'0034, std::array<std::uint8_t, 1>{type}); };
  const auto extended = [&](std::uint64_t pages, std::uint64_t where = 0x3'0000) {
    world.exit(ctx, code::snp_ext_guest_request, 0x1'0000, 0x2'0000, {.rax = where, .rbx = pages});
    return ghcb::guest_request_status::of(world.info_2());
  };
  world.env.firmware_status = 0x16;
  world.exit(ctx, code::snp_guest_request, 0x1'0000, 0x2'0000);
  CHECK(ghcb::guest_request_status::of(world.info_2()) == ghcb::guest_request_status{0x16, 0});
  CHECK(world.env.messages == 1);

  set_type(5);
  world.env.certificate_pages = 4;
  CHECK(extended(3) == ghcb::guest_request_status{0, ghcb::request_buffer_too_small});
  CHECK(world.passed(rbx) == 4);
  CHECK(world.env.messages == 1);  // not sent
  world.env.too_fast = true;
  CHECK(extended(4) == ghcb::guest_request_status{0, ghcb::request_busy});
  CHECK(world.env.messages == 1);
  world.env.too_fast = false;
  CHECK(extended(4) == ghcb::guest_request_status{0x16, 0});
  CHECK(world.env.bytes(0x3'0000, 2) == std::vector<std::uint8_t>{0xce, 0xce});
  world.env.certificate_pages = 0;
  CHECK(extended(1) == ghcb::guest_request_status{0x16, 0});
  CHECK(world.env.bytes(0x3'0000, 24) == std::vector<std::uint8_t>(24));
  (void)extended(1, 0x3'0008);
  CHECK(is_malformed(world, 5));
  // Other messages need no room.
  set_type(1);
  world.exit(ctx, code::snp_ext_guest_request, 0x1'0000, 0x2'0000);
  CHECK(is_done(world));
  set_type(5);
  for (const bool strict : {true, false}) {
    ctx.choices.ghcb_reason_strict = strict;
    world.exit(ctx, code::snp_ext_guest_request, 0x1'0000, 0x2'0000);
    CHECK(is_malformed(world, strict ? 4 : 5));
    world.exit(ctx, code::snp_guest_request, 0x1'0000, 0x1'0000);
    CHECK(is_malformed(world, strict ? 5 : 4));
  }
  CHECK(ghcb::react_to({0, ghcb::request_busy}, false) == ghcb::request_reaction::resend_identical);
  CHECK(ghcb::react_to({0, ghcb::request_buffer_too_small}, false) ==
        ghcb::request_reaction::resend_without_certificates);
  CHECK(ghcb::react_to({0, 0}, true) == ghcb::request_reaction::take_response);
  CHECK(ghcb::react_to({0, 0}, false) == ghcb::request_reaction::destroy_key);
  CHECK(ghcb::react_to({0x16, 0}, true) == ghcb::request_reaction::destroy_key);
  CHECK(ghcb::react_to({0, ghcb::request_failed}, true) == ghcb::request_reaction::destroy_key);
}

TEST_CASE("certificates are written before the message is sent", "[ghcb][GHCB-NAE-21]") {
  context<> ctx;
  for (const std::uint64_t certificates : {std::uint64_t{0}, std::uint64_t{2}}) {
    ghcb_world world;
    world.put_bytes(0x1'0034, std::array<std::uint8_t, 1>{5});
    world.env.certificate_pages = certificates;
    world.env.read_only.insert(0x30);
    const auto ask = [&] {
      world.exit(ctx, code::snp_ext_guest_request, 0x1'0000, 0x2'0000, {.rax = 0x3'0000, .rbx = 2});
    };
    ask();
    CHECK(is_malformed(world, 5));
    CHECK(world.env.messages == 0);  // the number is not used up
    world.env.too_fast = true;
    world.env.read_only.clear();
    ask();
    CHECK(ghcb::guest_request_status::of(world.info_2()) == ghcb::guest_request_status{0, ghcb::request_busy});
    CHECK(world.env.bytes(0x3'0000, 24) == std::vector<std::uint8_t>(24));
    world.env.too_fast = false;
    ask();
    CHECK(is_done(world));
    CHECK(world.env.messages == 1);
  }
}

TEST_CASE("a hypervisor without extended guest requests", "[ghcb][GHCB-PAGE-07]") {
  context<> ctx;
  ghcb_world world;
  world.vm.config.snp_extended_guest_request = false;
  world.exit(ctx, code::snp_ext_guest_request, 0x1'0000, 0x2'0000, {.rax = 0x3'0000, .rbx = 2});
  CHECK(is_malformed(world, 6));
  CHECK(world.env.messages == 0);
  world.exit(ctx, code::snp_guest_request, 0x1'0000, 0x2'0000);
  CHECK(is_done(world));
}

TEST_CASE("what is asked of a request, at its edges", "[ghcb][GHCB-NEG-06][GHCB-NAE-05][GHCB-NAE-21][GHCB-NAE-28]") {
  context<> ctx;
  ctx.choices.ghcb_check_version = true;
  for (const std::uint16_t version : {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{3}}) {
    ghcb_world world;
    world.vm.config.lowest_version = 2;
    layout::ghcb request;
    ghcb::write_request(request, version, code::rdtsc, 0, 0);
    world.put(request);
    CHECK(vmgexit(ctx, world.vm, world.cpu(), world.env).decided_by == (version == 2 ? rule::none : rule::GHCB_NEG_06));
  }
  ctx.choices = {};
  // All 64 bits of RAX say which function it is.
  ghcb_world world;
  CHECK(world.exit(ctx, code::cpuid, 0, 0, {.rax = 0x1'0000'000d, .rcx = 0}).decided_by == rule::none);
  CHECK(world.exit(ctx, code::cpuid, 0, 0, {.rax = 0xd, .rcx = 0}).decided_by == rule::GHCB_NAE_05);
  // To register a page it has to be named.
  CHECK(world.exit(ctx, code::secure_avic, 0, 0, {.rax = ~std::uint64_t{}}).decided_by == rule::GHCB_NAE_28);
  CHECK(world.exit(ctx, code::secure_avic, 1, 0, {.rax = ~std::uint64_t{}}).decided_by == rule::none);
  // Without certificates and without a page for them nothing is written there.
  layout::guest_message_header header;
  header.set_msg_type(layout::snp_message_types::report_req);
  world.put_bytes(0x3'0000, header.bytes());
  world.put_bytes(0x5'0000, std::vector<std::uint8_t>(24, 0x5a));
  CHECK(world.exit(ctx, code::snp_ext_guest_request, 0x3'0000, 0x4'0000, {.rax = 0x5'0000, .rbx = 0}).decided_by ==
        rule::none);
  CHECK(world.env.messages == 1);
  CHECK(world.env.bytes(0x5'0000, 24) == std::vector<std::uint8_t>(24, 0x5a));
}

TEST_CASE("who has a list of APIC IDs", "[ghcb][GHCB-NAE-26][GHCB-PAGE-07]") {
  constexpr std::uint64_t feature = ghcb::feature_bit(layout::ghcb_hv_features::apic_id_list);
  for (const bool needed : {false, true})
    for (const std::uint64_t features : {std::uint64_t{0}, std::uint64_t{0x3}, feature, 0x3 | feature}) {
      context<> ctx;
      ctx.choices.ghcb_apic_ids_announced = needed;
      ghcb_world world;
      world.vm.config.features = features;
      const auto done = world.exit(ctx, code::apic_id_list, 0x6'0000, 0, {.rax = 1});
      const bool served = !needed || (features & feature) != 0;
      INFO(needed << ' ' << features);
      CHECK(done.decided_by == (served ? rule::none : rule::GHCB_PAGE_07));
      CHECK(is_malformed(world, 6) == !served);
      CHECK(world.env.bytes(0x6'0000, 8) ==
            (served ? std::vector<std::uint8_t>{4, 0, 0, 0, 0, 0, 0, 0} : std::vector<std::uint8_t>(8)));
    }
}

TEST_CASE("how many pages APIC IDs take", "[ghcb][GHCB-NAE-26]") {
  context<> ctx;
  for (const auto& [processors, pages] :
       {std::pair{1U, 1U}, {1022U, 1U}, {1023U, 1U}, {1024U, 2U}, {2047U, 2U}, {2048U, 3U}}) {
    ghcb_world world;
    world.vm = ghcb::make_machine(world.vm.config, processors);
    world.cpu().here() = {.msr = ghcb_world::page_at, .registered = gpa{ghcb_world::page_at}};
    INFO(processors << " processors");
    world.exit(ctx, code::apic_id_list, 0x6'0000, 0, {.rax = pages - 1});
    CHECK(world.passed(rax) == pages);
    CHECK(world.env.bytes(0x6'0000, 4) == std::vector<std::uint8_t>(4));  // too small: nothing is written
    world.exit(ctx, code::apic_id_list, 0, 0, {.rax = pages});
    CHECK(world.passed(rax) == pages);
    CHECK(world.env.bytes(0, 4) == std::vector<std::uint8_t>(4));  // no buffer, however many pages
    world.exit(ctx, code::apic_id_list, 0x6'0000, 0, {.rax = pages});
    CHECK(world.passed(rax) == pages);
    CHECK(layout::read_le<std::uint32_t>(world.env.bytes(0x6'0000, 4).data()) == processors);
    CHECK(layout::read_le<std::uint32_t>(world.env.bytes(0x6'0000 + 4ULL * processors, 4).data()) == processors - 1);
    // The last page counts, and none behind it.
    world.env.hidden.insert(0x60 + pages);
    world.exit(ctx, code::apic_id_list, 0x6'0000, 0, {.rax = pages});
    CHECK(is_done(world));
    world.env.hidden.insert(0x60 + pages - 1);
    world.exit(ctx, code::apic_id_list, 0x6'0000, 0, {.rax = pages});
    CHECK(is_malformed(world, 5));
  }
}

TEST_CASE("jump table, APIC IDs, features, the end",
          "[ghcb][GHCB-NAE-18][GHCB-NAE-26][GHCB-NAE-32][GHCB-NAE-33][GHCB-NAE-34]") {
  context<> ctx;
  ghcb_world world;
  world.exit(ctx, code::ap_jump_table, 1);
  CHECK(world.info_2() == 0);
  world.exit(ctx, code::ap_jump_table, 0, 0x9'f000);
  world.exit(ctx, code::ap_jump_table, 1);
  CHECK(world.info_2() == 0x9'f000);
  world.exit(ctx, code::ap_jump_table, 2);
  CHECK(is_malformed(world, 5));
  CHECK(world.vm.ap_jump_table == gpa{0x9'f000});

  world.exit(ctx, code::apic_id_list, 0, 0, {.rax = 0});
  CHECK(world.passed(rax) == 1);
  world.env.hidden.insert(0x60);
  world.exit(ctx, code::apic_id_list, 0x6'0000, 0, {.rax = 1});
  CHECK(is_malformed(world, 5));
  world.exit(ctx, code::hypervisor_features);
  CHECK(world.info_2() == 0x27f);
  CHECK(world.exit(ctx, code::termination_request, 0x21).next == ghcb::next_step::terminate);
  CHECK(world.vm.why == ghcb::termination_reason{1, 2});
  ghcb_world other;
  CHECK(other.exit(ctx, code::unsupported_event, 0x404).next == ghcb::next_step::stop);
}

TEST_CASE("levels and what VMPL 0 arranges", "[ghcb][GHCB-NAE-27][GHCB-NAE-28][GHCB-NAE-29][GHCB-NAE-30]"
                                             "[GHCB-NAE-31]") {
  context<> ctx;
  ghcb_world world;
  world.exit(ctx, code::snp_run_vmpl, 2);
  CHECK(world.passed(sw_exit_info_1) == 2);  // no VMSA there
  world.cpu().at[2].vmsa = gpa{0x5000};
  CHECK(world.exit(ctx, code::snp_run_vmpl, 2).next == ghcb::next_step::switch_vmpl);
  CHECK(world.cpu().current == vmpl{2});
  CHECK(is_done(world));  // the caller's answer
  world.cpu().current = {0};
  CHECK(world.exit(ctx, code::snp_run_vmpl, 0).next == ghcb::next_step::resume);

  world.exit(ctx, code::secure_avic, 0, 0, {.rax = ~0ULL, .rbx = 0x7000});
  CHECK(world.cpu().here().secure_avic == gpa{0x7000});
  world.exit(ctx, code::secure_avic, 1, 0, {.rax = 0});
  CHECK(world.passed(rbx) == 0x7000);
  CHECK_FALSE(world.cpu().here().secure_avic);
  for (const std::uint64_t who : {77ULL, 1ULL << 32}) {
    world.exit(ctx, code::secure_avic, 1, 0, {.rax = who});
    CHECK(is_malformed(world, 5));
  }
  world.exit(ctx, code::configure_interrupt_injection, 0x42);
  CHECK(world.vm.notification_vector == 0x42);
  world.exit(ctx, code::configure_interrupt_injection, 0x100);
  CHECK(is_malformed(world, 5));
  for (const auto what : {code::disable_alternate_injection, code::specific_eoi})
    for (std::uint64_t level = 0; level < 6; ++level) {
      const auto before = world.env.performed.size();
      world.exit(ctx, what, level << 16 | 0x20);
      CHECK((world.env.performed.size() != before) == (level >= 1 && level <= 3));
    }
}

TEST_CASE("what a guest believes of an answer", "[ghcb][GHCB-RET-01][GHCB-RET-02][GHCB-RET-03][GHCB-RET-04]"
                                                "[GHCB-RET-05][VC-SEC-15]") {
  context<> ctx;
  const auto kind = [&](std::uint64_t info_1, std::uint64_t info_2, ghcb::field_set given = {},
                        ghcb::field_set wanted = {}) { return ghcb::check_answer(ctx, info_1, info_2, given, wanted); };
  using enum ghcb::answer_kind;
  CHECK(kind(0, 0).what == taken);
  CHECK(kind(0xffff'ffff'0000'0000, 0).what == taken);  // the upper half says nothing
  for (std::uint64_t code_ = 2; code_ < 300; ++code_) CHECK(kind(code_, 1).decided_by == rule::GHCB_RET_03);
  for (std::uint64_t vector = 0; vector < 256; ++vector)
    for (std::uint64_t type = 0; type < 8; ++type)
      for (const bool valid : {false, true})
        for (const bool with_code : {false, true}) {
          const std::uint64_t event =
              vector | type << 8 | (with_code ? 0x800U : 0U) | (valid ? 0x8000'0000U : 0U) | 5ULL << 32;
          const auto verdict = kind(1, event);
          const bool fine = valid && type == 3 && (vector == 6 || vector == 13);
          REQUIRE(verdict.what == (fine ? exception : vmm_error));
          if (!fine) continue;
          CHECK(verdict.vector == vector);
          CHECK(verdict.error_code == (with_code ? std::optional{5U} : std::nullopt));
        }
  CHECK(kind(0, 0, {rax}, {rax, rdx}).decided_by == rule::GHCB_RET_04);
  CHECK(kind(0, 0, {rax, rdx, rbx}, {rax, rdx}).what == taken);
  // What each event promises, against what the hypervisor gives.
  CHECK(ghcb::expected_outputs(*ghcb::find_event(code::msr), 0) == ghcb::field_set{rax, rdx});
  CHECK(ghcb::expected_outputs(*ghcb::find_event(code::msr), 1) == ghcb::field_set{});
  CHECK(ghcb::rax_after_in(ctx, 0x1111'2222'3333'4444, 0xaaaa'bbbb'cccc'dddd, 1) == 0x1111'2222'3333'44dd);
  CHECK(ghcb::rax_after_in(ctx, 0x1111'2222'3333'4444, 0xaaaa'bbbb'cccc'dddd, 2) == 0x1111'2222'3333'dddd);
  CHECK(ghcb::rax_after_in(ctx, 0x1111'2222'3333'4444, 0xaaaa'bbbb'cccc'dddd, 4) == 0xcccc'dddd);
  CHECK(ghcb::dr7_to_keep(0x1'0000'0000) == std::nullopt);
  CHECK(ghcb::dr7_to_keep(0xffff'ffff) == 0xffff'27ff);
}

TEST_CASE("the life of a GHCB page", "[ghcb][GHCB-REG-03]") {
  context<> ctx;
  using enum ghcb::ghcb_step;
  const std::vector order{rescind, share,       map_shared,     flush,        register_gpa, use,
                          use,     map_private, unregister_gpa, make_private, validate};
  auto state = std::optional{ghcb::ghcb_life::own};
  for (const auto step : order) {
    // Any other step is refused here.
    for (unsigned other = 0; other < 10; ++other) {
      const auto tried = static_cast<ghcb::ghcb_step>(other);
      const bool fits =
          tried == step || (*state == ghcb::ghcb_life::registered && (tried == use || tried == map_private));
      CHECK(ghcb::after_step(ctx, *state, tried).has_value() == fits);
    }
    state = ghcb::after_step(ctx, *state, step);
    REQUIRE(state.has_value());
  }
  CHECK(state == ghcb::ghcb_life::own);
}
