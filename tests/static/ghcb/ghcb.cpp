// SPDX-License-Identifier: MIT
// The GHCB protocols in constant expressions: codes, a whole exit, page state change on a table, a #VC.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/msr_hypervisor.hpp>
#include <sevspec/ghcb/page_conversion.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;

/// Every code of the MSR protocol decodes, and encodes again.
static_assert([] {
  unsigned messages = 0;
  for (std::uint64_t code = 0; code < 0x1000; ++code) {
    const auto decoded = ghcb::decode_msr(code);
    if (!decoded) continue;
    ++messages;
    if (ghcb::encode_msr(decoded->what) != code) return 0U;
  }
  return messages;
}() == 18);

/// A guest asks for the versions.
static_assert([] {
  context<> ctx;
  ghcb::machine vm = ghcb::make_machine({.features = 3}, 1);
  ghcb::empty_environment env;
  ghcb::msr_session guest;
  vm.vcpus[0].here().msr = *ghcb::ask(ctx, guest, ghcb::message::version_request{});
  if (vmgexit(ctx, vm, vm.vcpus[0], env).next != ghcb::next_step::resume) return 0U;
  if (!ghcb::accept(ctx, guest, vm.vcpus[0].here().msr)) return 0U;
  return unsigned{guest.version};
}() == 2);

/// A hypervisor with one page of memory.
struct one_page : ghcb::empty_environment {
  std::array<std::uint8_t, 4096> bytes{};
  constexpr auto read(gpa where, std::span<std::uint8_t> to) -> bool {
    if (where.value < 0x5000 || where.value + to.size() > 0x6000) return false;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = bytes[where.value - 0x5000 + i];
    return true;
  }
  constexpr auto write(gpa where, std::span<const std::uint8_t> from) -> bool {
    if (where.value < 0x5000 || where.value + from.size() > 0x6000) return false;
    for (std::size_t i = 0; i < from.size(); ++i) bytes[where.value - 0x5000 + i] = from[i];
    return true;
  }
};

/// An exit by page: an event that there is not.
static_assert([] {
  context<> ctx;
  ghcb::machine vm = ghcb::make_machine({.features = 3}, 1);
  vm.vcpus[0].here().msr = 0x5000;
  vm.vcpus[0].here().registered = gpa{0x5000};
  one_page env;
  layout::ghcb_view page{std::span{env.bytes}};
  ghcb::write_request(page, 2, static_cast<layout::nae_exit_codes>(0x8000'abcd), 0, 0);
  const auto done = vmgexit(ctx, vm, vm.vcpus[0], env);
  return done.decided_by == rule::GHCB_PAGE_07 && page.sw_exit_info_1().raw == 2 && page.sw_exit_info_2() == 6;
}());

/// A page changes hands, is validated by hand, and stays so when the change is asked for again.
static_assert([] {
  context<> ctx;
  rmp::small_table<4, 2> rows;
  const auto play = [&](layout::ghcb_psc_ops operation) {
    ghcb::rmp_host host(ctx, rows, {}, asid{5}, [](gpa page) { return std::optional{spa{page.value}}; });
    std::array entries{layout::make_psc_entry(operation, gpa{0x1000}, page_size::k4k)};
    layout::psc_header header;
    const auto result = ghcb::change_page_states(ctx, header, entries, host);
    return result.info_2 == 0 && header.cur_entry() == 1 && entries[0].cur_page() == 1;
  };
  if (!play(layout::ghcb_psc_ops::private_) || rows.entries[1].validated) return false;
  rows.entries[1].validated = true;
  if (!play(layout::ghcb_psc_ops::private_) || !rows.entries[1].validated) return false;
  return play(layout::ghcb_psc_ops::shared) && !rows.entries[1].assigned;
}());

/// WeSee: an injected #VC at an instruction that is none of those, with the rule and without.
constexpr std::array<std::uint8_t, 2> mov_ebx_eax{0x89, 0xc3};
static_assert([] {
  context<> ctx;
  return ghcb::judge_vc(ctx, {.error_code = 0x81, .bytes = mov_ebx_eax}).action;
}() == ghcb::vc_action::terminate);
static_assert([] {
  context<all_rules_but<rule::VC_SEC_03>> ctx;
  return ghcb::judge_vc(ctx, {.error_code = 0x81, .bytes = mov_ebx_eax}).action;
}() == ghcb::vc_action::exit);

/// A replayed page: hardware says CF=0, the guest's notes say no.
static_assert([] {
  context<> ctx;
  ghcb::conversion_state page{.rmp = ghcb::backing::validated, .held = true};
  page = ghcb::convert(ctx, page, ghcb::conversion_step::remap).after;
  const auto again = ghcb::convert(ctx, page, ghcb::conversion_step::validate);
  return again.ending == ghcb::conversion_ending::ok_changed && again.guest_objects;
}());

}  // namespace
