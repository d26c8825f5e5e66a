// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/ghcb/guest_cpuid.hpp>
#include <sevspec/ghcb/interrupt_delivery.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <sevspec/ghcb/vc_nesting.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;
using bytes = std::vector<std::uint8_t>;

struct instruction_case {
  std::uint64_t error_code;
  bytes code;
};
/// Every instruction of VC-SEC-03, with and without prefixes.
const std::vector<instruction_case> instructions{
    {0x72, {0x0f, 0xa2}},       {0x76, {0x0f, 0x08}},       {0x8a, {0x0f, 0x01, 0xc8}}, {0x8a, {0x0f, 0x01, 0xfa}},
    {0x8b, {0x0f, 0x01, 0xc9}}, {0x8b, {0x0f, 0x01, 0xfb}}, {0x7c, {0x0f, 0x32}},       {0x7c, {0x0f, 0x30}},
    {0x6f, {0x0f, 0x33}},       {0x6e, {0x0f, 0x31}},       {0x87, {0x0f, 0x01, 0xf9}}, {0x27, {0x0f, 0x21, 0xf8}},
    {0x37, {0x0f, 0x23, 0xf8}}, {0x81, {0x0f, 0x01, 0xd9}}, {0x89, {0x0f, 0x09}},       {0x7b, {0xec}},
    {0x7b, {0xe6, 0x80}},       {0x7b, {0xf3, 0x6e}},       {0x400, {0x8b, 0x00}},      {0x400, {0x66, 0x89, 0x00}},
    {0x400, {0x0f, 0xb6, 0x00}}};

auto judge(std::uint64_t error_code, const bytes& code, ghcb::vc_event event = {}) -> ghcb::vc_verdict {
  context<> ctx;
  event.error_code = error_code;
  event.bytes = code;
  return ghcb::judge_vc(ctx, event);
}

}  // namespace

TEST_CASE("the instruction must match the error code", "[ghcb][VC-SEC-03][VC-SEC-04]") {
  unsigned matching = 0;
  for (const auto& [error_code, code] : instructions)
    for (const auto& [other_code, other] : instructions) {
      INFO("error code " << error_code << ", bytes of " << other_code);
      const auto verdict = judge(error_code, other);
      if (error_code == other_code) {
        // Injected or not: nobody can tell.
        CHECK(verdict.decided_by != rule::VC_SEC_03);
        ++matching;
      } else {
        CHECK(verdict.decided_by == rule::VC_SEC_03);
        CHECK(verdict.action == ghcb::vc_action::terminate);
        CHECK(verdict.why == ghcb::general_request);
        CHECK(judge(error_code, other, {.user_mode = true}).action == ghcb::vc_action::unsupported);
      }
    }
  // Nine codes with one instruction here, three with two, two with three.
  CHECK(matching == 9 * 1 + 3 * 4 + 2 * 9);
}

TEST_CASE("decoding is total", "[ghcb][VC-SEC-03]") {
  CHECK_FALSE(ghcb::find_opcode({}).has_value());
  CHECK_FALSE(ghcb::find_opcode(bytes{0x0f}).has_value());
  CHECK_FALSE(ghcb::find_opcode(bytes(15, 0x66)).has_value());
  CHECK_FALSE(ghcb::find_opcode(bytes(16, 0x66)).has_value());
  bytes late(15, 0x66);
  late.push_back(0xa2);
  CHECK_FALSE(ghcb::find_opcode(late).has_value());
  const auto found = ghcb::find_opcode(bytes{0x66, 0x48, 0x0f, 0xa2});
  REQUIRE(found.has_value());
  CHECK(*found == ghcb::vc_instruction{.prefixes = 2, .map = 0x0f, .opcode = 0xa2});
  CHECK(judge(0x72, {0x66, 0x48, 0x0f, 0xa2}).rip_advance == 4);
  CHECK(judge(0x81, {0x0f, 0x01, 0xd9}).rip_advance == 3);
  CHECK(judge(0x81, {0x0f, 0x01}).decided_by == rule::VC_SEC_03);  // cut off
}

TEST_CASE("stages", "[ghcb][VC-SEC-01][VC-SEC-02]") {
  context<> ctx;
  using enum ghcb::vc_stage;
  using enum ghcb::vc_channel;
  const std::map<std::pair<ghcb::vc_stage, ghcb::vc_channel>, bool> wanted{
      {{no_ghcb, cpuid_page}, true},    {{no_ghcb, msr_protocol}, true},    {{no_ghcb, page_protocol}, false},
      {{no_ghcb, backup_page}, false},  {{boot_ghcb, page_protocol}, true}, {{boot_ghcb, backup_page}, false},
      {{per_cpu, page_protocol}, true}, {{per_cpu, backup_page}, true},     {{per_cpu, msr_protocol}, true}};
  for (const auto& [what, allowed] : wanted) CHECK(ghcb::may_use(ctx, what.first, what.second) == allowed);
  const ghcb::vc_event early{.stage = no_ghcb, .ghcb_msr = 0};
  CHECK(judge(0x72, {0x0f, 0xa2}, early) ==
        ghcb::vc_verdict{.action = ghcb::vc_action::answer_locally, .rip_advance = 2});
  for (const auto& [error_code, code] : instructions)
    if (error_code != 0x72) CHECK(judge(error_code, code, early).decided_by == rule::VC_SEC_02);
  CHECK(judge(0x72, {0x66, 0x0f, 0xa2}, early).decided_by == rule::VC_SEC_02);
  CHECK(judge(0x72, {0x0f}, early).decided_by == rule::VC_SEC_02);
  CHECK(judge(0x404, {0x0f, 0xa2}, early).decided_by == rule::VC_SEC_02);
}

TEST_CASE("a page that is not validated ends the guest", "[ghcb][VC-SEC-05]") {
  for (const bool user : {false, true})
    for (const auto& [error_code, code] : instructions) {
      const auto verdict = judge(0x404, code, {.user_mode = user});
      CHECK(verdict.action == ghcb::vc_action::terminate);
      CHECK(verdict.decided_by == rule::VC_SEC_05);
    }
}

TEST_CASE("nesting", "[ghcb][VC-SEC-06][VC-SEC-07]") {
  context<> ctx;
  layout::ghcb page;
  page.set_rax(1);
  ghcb::ghcb_users users;
  REQUIRE(users.take(ctx, page));
  REQUIRE(users.take(ctx, page));  // an NMI's handler
  page.set_rax(2);
  CHECK_FALSE(users.take(ctx, page));
  CHECK(users.depth() == 2);
  users.give_back(page);
  CHECK(page.rax() == 1);  // as the interrupted handler left it
  page.set_rax(3);
  users.give_back(page);
  CHECK(page.rax() == 3);
  CHECK(users.depth() == 0);
  users.give_back(page);
  CHECK(users.depth() == 0);

  CHECK(ghcb::enter_vc(ctx, {}) == ghcb::vc_entry_verdict{});
  CHECK(ghcb::enter_vc(ctx, {.nested = true}) == ghcb::vc_entry_verdict{.moves_ist = true});
  CHECK(ghcb::enter_vc(ctx, {.stack_usable = false}).runs_on == ghcb::vc_stack::fallback);
  CHECK(ghcb::enter_vc(ctx, {.entered_on_fallback = true}).panic);
  CHECK_FALSE(ghcb::enter_vc(ctx, {.from_fallback = true, .entered_on_fallback = true}).panic);
}

TEST_CASE("features that make an exit an error", "[ghcb][VC-SEC-08][VC-SEC-09][VC-SEC-10]") {
  using enum ghcb::vc_action;
  const ghcb::vc_event secure_tsc{.sev_status = {1U << 11}};
  const ghcb::vc_event debug_swap{.sev_status = {1U << 7}};
  CHECK(judge(0x6e, {0x0f, 0x31}).action == exit);
  CHECK(judge(0x6e, {0x0f, 0x31}, secure_tsc).action == vmm_error);
  CHECK(judge(0x87, {0x0f, 0x01, 0xf9}, secure_tsc).action == vmm_error);
  CHECK(judge(0x6e, {0x0f, 0x31}, debug_swap).action == exit);
  CHECK(judge(0x37, {0x0f, 0x23, 0xf8}, debug_swap).decided_by == rule::VC_SEC_09);
  CHECK(judge(0x27, {0x0f, 0x21, 0xf8}, debug_swap).action == vmm_error);
  CHECK(judge(0x27, {0x0f, 0x21, 0xf8}).action == answer_locally);
  const auto msr = [](std::uint32_t number, bool write, std::uint64_t status) {
    return judge(0x7c, {0x0f, static_cast<std::uint8_t>(write ? 0x30 : 0x32)},
                 {.sev_status = {status}, .msr_number = number, .msr_write = write});
  };
  for (const bool write : {false, true}) {
    CHECK(msr(0xc001'f000, write, 0).action == answer_locally);
    CHECK(msr(0x10, write, 0).action == exit);
    CHECK(msr(0xc001'0134, write, 1U << 11).action == vmm_error);
    CHECK(msr(0x1b, write, 1U << 11).action == exit);
  }
  CHECK(msr(0x10, false, 1U << 11) ==
        ghcb::vc_verdict{.action = answer_locally, .decided_by = rule::VC_SEC_08, .rip_advance = 2});
  CHECK(msr(0x10, true, 1U << 11).vector == 13);
}

TEST_CASE("devices", "[ghcb][VC-SEC-11][VC-SEC-12]") {
  using enum ghcb::vc_action;
  const bytes mov{0x8b, 0x00};
  CHECK(judge(0x400, mov).action == exit);
  CHECK(judge(0x400, mov, {.mmio_private = true}).action == terminate);
  CHECK(judge(0x400, mov, {.user_mode = true}).action == unsupported);
  CHECK(ghcb::register_after_mmio_read(~0ULL, 0x1234'5678'9abc'def0, 4) == 0x9abc'def0);
  CHECK(ghcb::register_after_mmio_read(~0ULL, 0x12, 1) == 0xffff'ffff'ffff'ff12);
  CHECK(ghcb::register_after_mmio_read(~0ULL, 0x1234'5678'9abc'def0, 8) == 0x1234'5678'9abc'def0);
  CHECK(judge(0x7b, {0xec}, {.user_mode = true}).action == exit);
  CHECK(judge(0x7b, {0xec}, {.user_mode = true, .io_permitted = false}).vector == 13);
  CHECK(judge(0x7b, {0xec}, {.io_permitted = false}).action == exit);  // the kernel needs no permission
  CHECK(judge(0x7b, {0x6c}, {.user_mode = true, .io_kernel_address = true}).vector == 14);
}

TEST_CASE("what is forwarded, done without, refused", "[ghcb][VC-SEC-13][VC-SEC-14]") {
  using enum ghcb::vc_action;
  CHECK(judge(0x41, {0x90}).action == debug_handler);
  CHECK(judge(0x51, {0x90}).vector == 17);
  CHECK(judge(0x8a, {0x0f, 0x01, 0xc8}) ==
        ghcb::vc_verdict{.action = skip, .decided_by = rule::VC_SEC_14, .rip_advance = 3});
  CHECK(judge(0x8b, {0x0f, 0x01, 0xc9}).action == skip);
  CHECK(judge(0x76, {0x0f, 0x08}).action == terminate);
  CHECK(judge(0x76, {0x0f, 0x08}, {.user_mode = true}).action == unsupported);
  // Every error code that no list has.
  for (std::uint64_t code = 0; code < 0x500; ++code) {
    bool listed = code == 0x41 || code == 0x51 || code == 0x404;
    for (const auto& one : instructions) listed = listed || one.error_code == code;
    if (!listed) CHECK(judge(code, {0x0f, 0xa2}).action == terminate);
  }
}

TEST_CASE("Heckler: external interrupts at gates for software", "[ghcb][VC-SEC-16][WSW-INJ-03]") {
  context<> ctx;
  using enum ghcb::event_source;
  constexpr layout::sev_features plain{1}, restricted{9}, alternate{0x11};
  constexpr ghcb::vector_policy gate{.software_gate = true}, asks{.software_gate = true, .checks_source = true},
      global{.global_effect = true}, ordinary{};
  CHECK(ghcb::may_deliver(ctx, plain, gate, software));
  CHECK_FALSE(ghcb::may_deliver(ctx, plain, gate, external));
  CHECK_FALSE(ghcb::may_deliver(ctx, plain, global, external));
  CHECK(ghcb::may_deliver(ctx, plain, ordinary, external));
  for (const auto features : {restricted, alternate}) CHECK(ghcb::may_deliver(ctx, features, gate, external));
  CHECK_FALSE(ghcb::tells_apart(ctx, plain, gate));
  CHECK(ghcb::tells_apart(ctx, plain, asks));
  CHECK(ghcb::tells_apart(ctx, restricted, gate));
  // It is the hypervisor's to inject, and nothing stops it.
  CHECK_FALSE(cpu::refused_injection(ctx, plain, {0x8000'0080}));
}

TEST_CASE("software at VMPL 0", "[ghcb][VC-SEC-17]") {
  context<> ctx;
  CHECK(ghcb::svsm_is_guarded(ctx, {9}));
  CHECK_FALSE(ghcb::svsm_is_guarded(ctx, {1}));
  CHECK_FALSE(ghcb::svsm_is_guarded(ctx, {0x11}));
  for (const auto& [error_code, code] : instructions) {
    const bool minimal =
        error_code == 0x72 || error_code == 0x7b || error_code == 0x7c || error_code == 0x6e || error_code == 0x87;
    const auto verdict = judge(error_code, code, {.svsm_software = true});
    CHECK((verdict.decided_by == rule::VC_SEC_17) == !minimal);
  }
  CHECK(judge(0x41, {0x90}, {.svsm_software = true}).action == ghcb::vc_action::debug_handler);
  // Every other error code ends it, #AC too.
  for (std::uint64_t code = 0; code < 0x500; ++code) {
    const bool handled = code == 0x41 || code == 0x6e || code == 0x72 || code == 0x7b || code == 0x7c || code == 0x87;
    if (!handled) CHECK(judge(code, {0x90}, {.svsm_software = true}).action == ghcb::vc_action::terminate);
  }
  CHECK(judge(0x51, {0x90}, {.svsm_software = true}).decided_by == rule::VC_SEC_17);
}

TEST_CASE("#DB between a request by MSR and its answer", "[ghcb][VC-SEC-13][GHCB-MSR-30]") {
  for (const std::uint64_t msr : {std::uint64_t{0}, std::uint64_t{0x1014}, std::uint64_t{0x1000}}) {
    CHECK(judge(0x41, {0x90}, {.ghcb_msr = msr}).action == ghcb::vc_action::debug_handler);  // needs no GHCB
    const bool finds_it = msr == 0x1000;
    CHECK((judge(0x51, {0x90}, {.ghcb_msr = msr}).decided_by == rule::GHCB_MSR_30) == !finds_it);
    CHECK((judge(0x72, {0x0f, 0xa2}, {.ghcb_msr = msr}).decided_by == rule::GHCB_MSR_30) == !finds_it);
  }
}

namespace {

auto table(const std::vector<std::array<std::uint32_t, 6>>& rows) -> layout::cpuid_page {
  layout::cpuid_page made;
  made.set_count(static_cast<std::uint32_t>(rows.size()));
  for (std::size_t i = 0; i < rows.size() && i < 64; ++i) {
    auto row = made.entry(i);
    row.set_eax_in(rows[i][0]);
    row.set_ecx_in(rows[i][1]);
    if (rows[i][0] == 0xd) row.set_xcr0_in(1);
    row.set_eax(rows[i][2]);
    row.set_ebx(rows[i][3]);
    row.set_ecx(rows[i][4]);
    row.set_edx(rows[i][5]);
  }
  return made;
}
const auto usual = table({{0, 0, 0xd, 0, 0, 0},
                          {1, 0, 0xa0'0f11, 0x1111'1111, 0x0800'0000, 0x200},
                          {7, 0, 0, 0, 0x10, 0},
                          {0xb, 1, 4, 5, 6, 7},
                          {0xd, 0, 7, 0x999, 0x340, 0},
                          {0xd, 1, 0xf, 0x999, 0, 0},
                          {0xd, 2, 0x100, 0x240, 0, 0},
                          {0x8000'0000, 0, 0x8000'001f, 0, 0, 0},
                          {0x8000'001e, 0, 0x1, 0x1111'1122, 0x3333'3344, 0},
                          {0x8000'001f, 0, 0x2, 0, 0, 0}});

struct asking {
  unsigned* asked;
  auto operator()(std::uint32_t, std::uint32_t) const -> std::optional<ghcb::cpuid_result> {
    ++*asked;
    return ghcb::cpuid_result{0xaaaa'aaaa, 0xbbbb'bbbb, 0xcccc'cccc, 0xdddd'dddd};
  }
};
auto look_up(std::uint32_t function, std::uint32_t subfunction = 0, const ghcb::cpuid_state& state = {})
    -> ghcb::cpuid_result {
  context<> ctx;
  unsigned asked = 0;
  const auto found = ghcb::guest_cpuid(ctx, usual, function, subfunction, state, asking{&asked});
  REQUIRE(found.has_value());
  // Of the hypervisor only where it has names of processors to give.
  CHECK(asked == (function == 1 || function == 0xb || function == 0x8000'001e ? 1 : 0));
  return *found;
}

}  // namespace

TEST_CASE("CPUID from the page",
          "[ghcb][VC-CPUID-01][VC-CPUID-02][VC-CPUID-03][VC-CPUID-04][VC-CPUID-05][VC-CPUID-07]") {
  context<> ctx;
  CHECK_FALSE(ghcb::check_cpuid_page(ctx, usual));
  for (const std::uint32_t count : {0U, 65U, ~0U}) {
    layout::cpuid_page wrong = usual;
    wrong.set_count(count);
    CHECK(ghcb::check_cpuid_page(ctx, wrong) == ghcb::guest_refusal{rule::VC_CPUID_01, {1, 4}});
  }
  CHECK(look_up(1) == ghcb::cpuid_result{0xa0'0f11, 0xbb11'1111, 0, 0});
  CHECK(look_up(1, 0, {.cr4_osxsave = true}).ecx == 0x0800'0000);
  CHECK(look_up(7).ecx == 0);
  CHECK(look_up(7, 0, {.cr4_pke = true}).ecx == 0x10);
  CHECK(look_up(0xb, 1) == ghcb::cpuid_result{4, 5, 6, 0xdddd'dddd});
  CHECK(look_up(0xd, 0, {.xcr0 = 7}).ebx == 0x340);
  CHECK(look_up(0xd, 0, {.xcr0 = 3}).ebx == 0x240);
  CHECK(look_up(0xd, 1, {.xcr0 = 7}).ebx == 0x340);
  CHECK(look_up(0xd, 2) == ghcb::cpuid_result{0x100, 0x240, 0, 0});
  CHECK(look_up(0x8000'001e) == ghcb::cpuid_result{0xaaaa'aaaa, 0x1111'11bb, 0x3333'33cc, 0});
  CHECK(look_up(0x8000'001f).eax == 2);
  CHECK(look_up(0x8000'001f, 0, {.under_svsm = true}).eax == 0x1000'0002);
  // No entry: zeros; but inside a range the guest's own bits come on top.
  CHECK(look_up(2) == ghcb::cpuid_result{});
  CHECK(look_up(0x4000'0000) == ghcb::cpuid_result{});
  CHECK(look_up(0xffff'ffff) == ghcb::cpuid_result{});
  const auto without_b = table({{0, 0, 0xd, 0, 0, 0}});
  unsigned asked = 0;
  CHECK(ghcb::guest_cpuid(ctx, without_b, 0xb, 0, {}, asking{&asked})->edx == 0xdddd'dddd);

  const auto silent = [](std::uint32_t, std::uint32_t) -> std::optional<ghcb::cpuid_result> { return {}; };
  CHECK(ghcb::guest_cpuid(ctx, usual, 1, 0, {}, silent).error() == ghcb::guest_refusal{rule::VC_CPUID_05, {1, 5}});
  CHECK(ghcb::guest_cpuid(ctx, usual, 7, 0, {}, silent).has_value());
  CHECK(ghcb::guest_cpuid(ctx, usual, 0xd, 0, {.xcr0 = 0xf}, silent).error().decided_by == rule::VC_CPUID_04);
}

TEST_CASE("CPUID before there is a GHCB", "[ghcb][VC-CPUID-06]") {
  context<> ctx;
  const auto judged = [&](std::uint32_t function, std::uint32_t eax) {
    return ghcb::check_early_cpuid(ctx, function, {.eax = eax});
  };
  CHECK(judged(0x8000'0000, 0x8000'001e) == ghcb::guest_refusal{rule::VC_CPUID_06, {0, 0}});
  CHECK_FALSE(judged(0x8000'0000, 0x8000'001f));
  CHECK(judged(0x8000'001f, 1).has_value());
  CHECK_FALSE(judged(0x8000'001f, 3));
  CHECK_FALSE(judged(1, 0));
}
