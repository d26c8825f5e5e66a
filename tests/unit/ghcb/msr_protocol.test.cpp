// SPDX-License-Identifier: MIT
#include <cstdint>
#include <set>

#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/msr_hypervisor.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
namespace m = ghcb::message;

template <class Message>
auto as(std::uint64_t value) -> Message {
  const auto decoded = ghcb::decode_msr(value);
  REQUIRE(decoded.has_value());
  REQUIRE(std::holds_alternative<Message>(decoded->what));
  return std::get<Message>(decoded->what);
}

static_assert(ghcb::encode_msr(m::version_response{2, 1, 51}) == 0x0002'0001'3300'0001);
static_assert(ghcb::decode_msr(0x0000'4173'4000'0005)->what == ghcb::msr_message{m::cpuid_response{0x4173, 1}});

}  // namespace

TEST_CASE("the messages of the sheet's table", "[ghcb][GHCB-MSR-01][GHCB-MSR-02][GHCB-MSR-03][GHCB-MSR-10][GHCB-MSR-12]"
                                               "[GHCB-MSR-18]") {
  CHECK(as<m::page>(0x7fe'5000) == m::page{{0x7fe'5000}});
  CHECK(as<m::version_response>(0x0002'0001'3300'0001) == m::version_response{2, 1, 51});
  CHECK(as<m::version_request>(2) == m::version_request{});
  CHECK(as<m::cpuid_request>(0x8000'001f'4000'0004) == m::cpuid_request{0x8000'001f, 1});
  CHECK(as<m::reset_hold_response>(0x1007) == m::reset_hold_response{1});
  CHECK(as<m::preferred_response>(0xffff'ffff'ffff'f011) == m::preferred_response{ghcb::no_frame});
  CHECK(as<m::register_request>(0x7fe'5012) == m::register_request{0x7fe5});
  CHECK(as<m::register_response>(0xffff'ffff'ffff'f013) == m::register_response{ghcb::no_frame});
  CHECK(as<m::page_state_request>(0x0010'0000'0000'1014) == m::page_state_request{layout::ghcb_psc_ops::private_, 1});
  CHECK(as<m::page_state_response>(0x8000'0000'0000'0015) == m::page_state_response{0x8000'0000});
  CHECK(as<m::run_vmpl_request>(0x0000'0003'0000'0016) == m::run_vmpl_request{3});
  CHECK(as<m::features_response>(0x3'3081) == m::features_response{0x33});
  CHECK(as<m::termination_request>(0x2'1100) == m::termination_request{{1, 2}});
}

TEST_CASE("every code is a message or has a named error", "[ghcb][GHCB-MSR-04][GHCB-MSR-20][GHCB-MSR-21]") {
  unsigned messages = 0;
  std::multiset<ghcb::msr_error> errors;
  for (std::uint64_t code = 0; code < 0x1000; ++code)
    for (const std::uint64_t data : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0x0123'4567'89ab'cdef}}) {
      const std::uint64_t value = (data & ~std::uint64_t{0xfff}) | code;
      const auto decoded = ghcb::decode_msr(value);
      if (!decoded) {
        errors.insert(decoded.error());
        CHECK(decoded.error() == (code == 3       ? ghcb::msr_error::reserved_code
                                  : code >= 0xf00 ? ghcb::msr_error::vendor_code
                                                  : ghcb::msr_error::unknown_code));
        continue;
      }
      ++messages;
      // What the message has, and what it has not, is the whole value.
      CHECK((ghcb::encode_msr(decoded->what) | decoded->reserved) == value);
      CHECK((ghcb::encode_msr(decoded->what) & decoded->reserved) == 0);
    }
  CHECK(messages == 3 * 18);
  CHECK(errors.count(ghcb::msr_error::reserved_code) == 3);
  CHECK(errors.count(ghcb::msr_error::vendor_code) == 3 * 256);
}

TEST_CASE("versions and features", "[ghcb][GHCB-NEG-01][GHCB-NEG-02][GHCB-NEG-03][GHCB-NEG-04][GHCB-NEG-05]"
                                   "[GHCB-NEG-07]") {
  context<> ctx;
  const auto offer = [](std::uint16_t lowest, std::uint16_t highest, std::uint8_t c_bit = 51) {
    return ghcb::encode_msr(m::version_response{highest, lowest, c_bit});
  };
  for (std::uint16_t lowest = 0; lowest < 5; ++lowest)
    for (std::uint16_t highest = lowest; highest < 5; ++highest)
      for (std::uint16_t from = 1; from < 4; ++from)
        for (std::uint16_t to = from; to < 4; ++to) {
          const auto version = ghcb::negotiate_version(ctx, offer(lowest, highest), {from, to});
          const bool overlap = highest >= from && lowest <= to;
          REQUIRE(version.has_value() == overlap);
          if (overlap) CHECK(*version == std::min(highest, to));
          else CHECK(version.error() == ghcb::guest_refusal{rule::GHCB_NEG_03, ghcb::version_not_supported});
        }
  CHECK(msr_of(ghcb::version_not_supported) == 0x1'0100);
  // The position of the C-bit changes nothing.
  CHECK(ghcb::negotiate_version(ctx, offer(1, 2, 0), {}) == ghcb::negotiate_version(ctx, offer(1, 2, 255), {}));
  CHECK(ghcb::negotiate_version(ctx, offer(1, 1), {}, true).error().decided_by == rule::GHCB_NEG_04);
  CHECK(ghcb::negotiate_version(ctx, 5, {}).error().decided_by == rule::GHCB_NEG_01);

  CHECK(ghcb::check_features(ctx, 2, 0x33, 0x13).value() == 0x33);
  CHECK(ghcb::check_features(ctx, 1, 0x33, 0).value() == 0);  // nobody asks
  CHECK(ghcb::check_features(ctx, 1, 0x33, 1).error() ==
        ghcb::guest_refusal{rule::GHCB_NEG_05, ghcb::features_not_supported});
  CHECK(ghcb::features_are_consistent(0x33));
  CHECK_FALSE(ghcb::features_are_consistent(2));
  CHECK_FALSE(ghcb::features_are_consistent(5));
  CHECK_FALSE(ghcb::features_are_consistent(0xb));
}

TEST_CASE("a guest and a hypervisor come to terms by MSR", "[ghcb][GHCB-MSR-05][GHCB-MSR-06][GHCB-MSR-11][GHCB-MSR-17]"
                                                           "[GHCB-MSR-30][GHCB-MSR-31][GHCB-REG-01][GHCB-REG-02]") {
  context<> ctx;
  ghcb_world world;
  world.cpu() = ghcb::make_machine(world.vm.config, 1).vcpus[0];
  world.env.functions[std::uint64_t{0x8000'001f} << 32] = {0x1f, 0x4173, 509, 100};
  ghcb::msr_session guest{.needed_features = 3};
  const auto exchange = [&](const ghcb::msr_message& request) {
    const auto value = ghcb::ask(ctx, guest, request);
    REQUIRE(value.has_value());
    REQUIRE(world.exit_by_msr(ctx, *value).next == ghcb::next_step::resume);
    return ghcb::accept(ctx, guest, world.cpu().here().msr);
  };
  CHECK(guest.stage == ghcb::guest_stage::reset);
  // Features are not asked for before a version is agreed.
  CHECK(ghcb::ask(ctx, guest, m::features_request{}).error() == rule::GHCB_MSR_17);
  REQUIRE(exchange(m::version_request{}).has_value());
  CHECK(guest.version == 2);
  CHECK(guest.stage == ghcb::guest_stage::negotiated);
  REQUIRE(exchange(m::features_request{}).has_value());
  CHECK(guest.features == 0x27f);
  CHECK(exchange(m::cpuid_request{0x8000'001f, 1}).value() == ghcb::msr_message{m::cpuid_response{0x4173, 1}});
  CHECK_FALSE(world.cpu().here().registered.has_value());
  REQUIRE(exchange(m::register_request{0x7fe5}).has_value());
  CHECK(guest.stage == ghcb::guest_stage::registered);
  CHECK(world.cpu().here().registered == gpa{0x7fe'5000});
  // Requests by MSR leave the page's address where it was.
  CHECK(guest.msr == 0x7fe'5000);
  REQUIRE(exchange(m::page_state_request{layout::ghcb_psc_ops::private_, 0x10}).has_value());
  CHECK(guest.msr == 0x7fe'5000);
  CHECK(ghcb::finds_its_ghcb(ctx, guest.msr));
  // While a request is under way a #VC would not find it.
  REQUIRE(ghcb::ask(ctx, guest, m::features_request{}).has_value());
  CHECK_FALSE(ghcb::finds_its_ghcb(ctx, guest.msr));
  // Another VMPL has a GHCB of its own.
  CHECK_FALSE(world.cpu().at[2].registered.has_value());
}

TEST_CASE("answers that a guest refuses", "[ghcb][GHCB-MSR-09][GHCB-MSR-31][GHCB-REG-02][GHCB-PSC-20][GHCB-MSR-19]") {
  context<> ctx;
  const auto refusal = [&](const ghcb::msr_message& request, std::uint64_t answer) {
    ghcb::msr_session guest{.version = 2, .msr = 0x1000};
    REQUIRE(ghcb::ask(ctx, guest, request).has_value());
    const auto taken = ghcb::accept(ctx, guest, answer);
    REQUIRE_FALSE(taken.has_value());
    CHECK(guest.msr == 0x1000);
    return taken.error();
  };
  // Every other code, and the request itself.
  for (std::uint64_t code = 0; code < 0x1000; ++code)
    if (code != 0x081) CHECK(refusal(m::features_request{}, 0x3000 | code).decided_by == rule::GHCB_MSR_31);
  CHECK(refusal(m::register_request{0x7fe5}, 0x7fe'5012) ==
        ghcb::guest_refusal{rule::GHCB_MSR_31, ghcb::registration_failed});
  CHECK(refusal(m::register_request{0x7fe5}, 0xffff'ffff'ffff'f013) ==
        ghcb::guest_refusal{rule::GHCB_REG_02, ghcb::registration_failed});
  for (unsigned bit = 12; bit < 64; ++bit)
    CHECK(refusal(m::page_state_request{layout::ghcb_psc_ops::shared, 1}, 0x15 | std::uint64_t{1} << bit) ==
          ghcb::guest_refusal{rule::GHCB_PSC_20, ghcb::page_state_change_failed});
  CHECK(refusal(m::termination_request{{1, 2}}, 0x2'1100).decided_by == rule::GHCB_MSR_19);
  ghcb::msr_session es{.snp = false, .version = 2};
  for (const ghcb::msr_message& request :
       {ghcb::msr_message{m::register_request{}}, ghcb::msr_message{m::preferred_request{}},
        ghcb::msr_message{m::page_state_request{}}, ghcb::msr_message{m::run_vmpl_request{}}})
    CHECK(ghcb::ask(ctx, es, request).error() == rule::GHCB_MSR_09);
}

TEST_CASE("the hypervisor's side", "[ghcb][GHCB-MSR-03][GHCB-MSR-07][GHCB-MSR-08][GHCB-MSR-13][GHCB-MSR-14]"
                                   "[GHCB-MSR-15][GHCB-MSR-16][GHCB-MSR-19][GHCB-MSR-21]") {
  context<> ctx;
  SECTION("nobody minds junk in a request") {
    ghcb_world world;
    world.exit_by_msr(ctx, 0xdead'beef'0000'0002);
    CHECK(world.cpu().here().msr == ghcb::msr_after_reset(world.vm.config));
  }
  SECTION("reset hold: the first SIPI ever answers nothing") {
    ghcb_world world;
    CHECK(world.exit_by_msr(ctx, 6).next == ghcb::next_step::hold);
    CHECK(world.cpu().held);
    ghcb::wake_from_hold(ctx, world.cpu(), world.env, true);
    CHECK(world.cpu().here().msr == 0x007);
    world.exit_by_msr(ctx, 6);
    ghcb::wake_from_hold(ctx, world.cpu(), world.env, true);
    CHECK(world.cpu().here().msr == 0x1007);
    ghcb::wake_from_hold(ctx, world.cpu(), world.env, true);  // nobody waits
    CHECK(world.cpu().here().msr == 0x1007);
  }
  SECTION("page state: what the host cannot do, and what is no operation") {
    ghcb_world world;
    world.env.failing.insert(0x1000);
    world.exit_by_msr(ctx, 0x0010'0000'0000'1014);
    CHECK(world.cpu().here().msr == 0x8000'0000'0000'0015);
    for (std::uint64_t operation = 0; operation < 16; ++operation) {
      world.exit_by_msr(ctx, operation << 52 | 0x2014);
      CHECK((world.cpu().here().msr >> 32 != 0) == (operation != 1 && operation != 2));
    }
  }
  SECTION("VMPLs") {
    ghcb_world world;
    world.cpu().at[2].vmsa = gpa{0x5000};
    CHECK(world.exit_by_msr(ctx, 0x0000'0002'0000'0016).next == ghcb::next_step::switch_vmpl);
    CHECK(world.cpu().current == vmpl{2});
    CHECK(world.cpu().at[0].msr == 0x17);                                                  // for when it runs again
    CHECK(world.exit_by_msr(ctx, 0x0000'0002'0000'0016).next == ghcb::next_step::resume);  // is there already
    CHECK(world.cpu().here().msr == 0x17);
    world.exit_by_msr(ctx, 0x0000'0001'0000'0016);
    CHECK(world.cpu().here().msr == 0x1'0000'0017);
    CHECK(world.cpu().current == vmpl{2});
  }
  SECTION("what is unknown") {
    for (const bool stops : {false, true}) {
      ctx.choices.ghcb_msr_unknown = stops ? unknown_msr_request::stops_vm : unknown_msr_request::left_alone;
      for (const std::uint64_t value : {0x3ULL, 0xaaULL, 0xf00ULL, 0x3081ULL, 0x12'3450'0aaULL}) {
        ghcb_world world;
        const auto done = world.exit_by_msr(ctx, value);
        CHECK(done.decided_by == rule::GHCB_MSR_21);
        CHECK(done.next == (stops ? ghcb::next_step::stop : ghcb::next_step::resume));
        CHECK(world.vm.stopped == stops);
        CHECK(world.cpu().here().msr == value);
      }
    }
  }
  SECTION("the end") {
    ghcb_world world;
    CHECK(world.exit_by_msr(ctx, 0x2'1100).next == ghcb::next_step::terminate);
    CHECK(world.vm.why == ghcb::termination_reason{1, 2});
    CHECK(std::string(ghcb::meaning_of({0, 2})).find("not supported") != std::string::npos);
    CHECK(ghcb::meaning_of({7, 0}) == nullptr);
    CHECK(ghcb::reason_in_exit_info(ghcb::exit_info_of({15, 12})) == ghcb::termination_reason{15, 12});
  }
}

TEST_CASE("each VMPL registers its own GHCB", "[ghcb][GHCB-REG-01][GHCB-MSR-11][GHCB-PAGE-03]") {
  context<> ctx;
  constexpr std::uint64_t other = 0x600'0000;
  for (std::uint8_t level = 1; level < 4; ++level) {
    ghcb_world world;
    ghcb::vcpu& cpu = world.cpu();
    cpu.current = {level};
    const auto uses = [&](std::uint64_t where) {
      layout::ghcb request;
      ghcb::write_request(request, 2, layout::nae_exit_codes::rdtsc, 0, 0);
      world.put(request, where);
      return world.exit_by_msr(ctx, where).decided_by;
    };
    CHECK(uses(ghcb_world::page_at) == rule::GHCB_PAGE_03);  // VMPL 0's
    (void)world.exit_by_msr(ctx, other | 0x12);
    CHECK(cpu.here().msr == (other | 0x13));
    CHECK(cpu.at[level].registered == gpa{other});
    for (std::uint8_t i = 0; i < 4; ++i)
      if (i != level) CHECK(cpu.at[i].registered == (i == 0 ? std::optional{gpa{ghcb_world::page_at}} : std::nullopt));
    CHECK(uses(other) == rule::none);
    cpu.current = {0};
    CHECK(uses(other) == rule::GHCB_PAGE_03);
    CHECK(uses(ghcb_world::page_at) == rule::none);
  }
}

TEST_CASE("a guest takes its GHCB away", "[ghcb][GHCB-REG-03][GHCB-MSR-11]") {
  context<> ctx;
  ghcb::msr_session guest{.stage = ghcb::guest_stage::negotiated, .version = 2};
  const auto registers = [&](std::uint64_t frame) {
    const auto asked = ghcb::ask(ctx, guest, ghcb::message::register_request{frame});
    REQUIRE(asked.has_value());
    REQUIRE(ghcb::accept(ctx, guest, *asked + 1).has_value());
  };
  registers(0x7fe5);
  CHECK(guest.stage == ghcb::guest_stage::registered);
  CHECK(guest.page == gpa{0x7fe'5000});
  CHECK(guest.msr == 0x7fe'5000);
  registers(0);
  CHECK(guest.stage == ghcb::guest_stage::negotiated);
  CHECK_FALSE(guest.page.has_value());
  CHECK_FALSE(ghcb::finds_its_ghcb(ctx, guest.msr));
  registers(0x7fe6);
  CHECK(guest.stage == ghcb::guest_stage::registered);
}
