// SPDX-License-Identifier: MIT
// Guest, protocol and host together on one Reverse Map Table: a GHCB is set up and used, pages change hands and are
// used, and the traces of both sides are judged.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/ghcb/conversion_check.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/ghcb/validation_tracker.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using ghcb::guest_deed;
using ghcb::host_deed;
using layout::ghcb_psc_ops;

/// A hypervisor whose memory knows whose pages are whose; gPA and sPA are the same.
struct guarded_environment : ghcb_environment {
  rmp::lazy_table* table = nullptr;
  std::vector<ghcb::host_event>* trace = nullptr;
  context<>* ctx = nullptr;
  std::uint64_t pages_per_exit = ~std::uint64_t{};

  [[nodiscard]] auto is_private(std::uint64_t where) const -> bool {
    return rmp::authoritative_entry(*table, page_of(spa{where})).assigned;
  }
  auto read(gpa where, std::span<std::uint8_t> to) -> bool {
    return !is_private(where.value) && ghcb_environment::read(where, to);
  }
  auto write(gpa where, std::span<const std::uint8_t> from) -> bool {
    const auto verdict = rmp::check_access(*ctx, *table, {.where = {where.value}, .kind = access_kind::write});
    return verdict.what == memory::ownership_verdict::kind::allowed && ghcb_environment::write(where, from);
  }
  auto change_pages(const ghcb::page_change& change) -> ghcb::page_progress {
    ghcb::rmp_host on(
        *ctx, *table, {}, asid{5}, [](gpa page) { return std::optional{spa{page.value}}; }, pages_per_exit);
    const auto done = on.change_pages(change);
    const bool to_private = change.operation == ghcb_psc_ops::private_;
    for (std::uint64_t i = 0; i < done.done; ++i) {
      const gpa page = change.first + i * 0x1000;
      trace->push_back({0, page, to_private ? host_deed::assigns : host_deed::shares});
    }
    return done;
  }
};

struct guest_and_host {
  static constexpr std::uint64_t ghcb_at = 0x8000;
  context<> ctx;
  rmp::lazy_table table{0x1000};
  std::vector<ghcb::guest_event> guest_trace;
  std::vector<ghcb::host_event> host_trace;
  ghcb::machine vm = ghcb::make_machine({.features = 3}, 1);
  guarded_environment env;
  ghcb::msr_session session{};
  ghcb::validation_tracker notes;

  guest_and_host() {
    env.table = &table;
    env.trace = &host_trace;
    env.ctx = &ctx;
    // The launch gave the guest its first 16 pages, validated.
    for (std::uint64_t page = 0; page < 16; ++page) {
      REQUIRE(rmp::rmpupdate(ctx, table, {}, {}, spa{page << 12}, rmp::private_state(gpa{page << 12}, {5}, false))
                  ->succeeded());
      REQUIRE(pvalidate(page << 12, true)->succeeded());
    }
  }
  [[nodiscard]] static auto setup() -> ghcb::conversion_setup {
    ghcb::conversion_setup made;
    for (std::uint64_t page = 0; page < 16; ++page) made.validated_at_launch.push_back(gpa{page << 12});
    return made;
  }
  auto pvalidate(std::uint64_t page, bool wanted) -> outcome<rmp::result> {
    const auto done = rmp::pvalidate(
        ctx, table, {}, {.id = {5}, .snp_active = true}, {{page}, 0, wanted ? 1U : 0U},
        [&](gva) -> outcome<rmp::guest_page> { return rmp::guest_page{.guest = {page}, .where = {page}}; });
    if (done) {
      CHECK(notes.after_pvalidate(ctx, gpa{page}, 1, wanted, *done) == ghcb::validation_verdict::done);
    }
    return done;
  }
  void did(std::uint64_t page, guest_deed what, std::optional<rmp::result> result = {}) {
    guest_trace.push_back({0, gpa{page}, what, result});
  }
  auto by_msr(const ghcb::msr_message& request) {
    ghcb::vmpl_context& here = vm.vcpus[0].here();
    here.msr = *ghcb::ask(ctx, session, request);
    REQUIRE(vmgexit(ctx, vm, vm.vcpus[0], env).next == ghcb::next_step::resume);
    return ghcb::accept(ctx, session, here.msr);
  }
  void set_up_ghcb() {
    did(ghcb_at, guest_deed::rescinds, *pvalidate(ghcb_at, false));
    REQUIRE(by_msr(ghcb::message::page_state_request{ghcb_psc_ops::shared, ghcb_at >> 12}).has_value());
    host_trace.push_back({0, gpa{ghcb_at}, host_deed::answers_shared});
    did(ghcb_at, guest_deed::asks_shared);
    did(ghcb_at, guest_deed::maps_shared);
    did(ghcb_at, guest_deed::flushes);
    REQUIRE(by_msr(ghcb::message::register_request{ghcb_at >> 12}).has_value());
    vm.vcpus[0].here().msr = session.msr;
    did(ghcb_at, guest_deed::uses_shared);
  }
  auto exit(layout::nae_exit_codes code, const ghcb::event_inputs& inputs = {}, std::uint64_t info_1 = 0,
            std::uint64_t info_2 = 0) -> layout::ghcb {
    layout::ghcb page;
    REQUIRE(env.read(gpa{ghcb_at}, page.bytes()));
    ghcb::write_request(page, session.version, code, info_1, info_2, inputs);
    REQUIRE(env.write(gpa{ghcb_at}, std::span<const std::uint8_t>{page.bytes()}));
    vm.vcpus[0].here().msr = session.msr;
    REQUIRE(vmgexit(ctx, vm, vm.vcpus[0], env).next == ghcb::next_step::resume);
    REQUIRE(env.read(gpa{ghcb_at}, page.bytes()));
    return page;
  }
  /// A page state change by page, as often as it takes.
  auto change(ghcb_psc_ops operation, const std::vector<std::uint64_t>& pages) -> unsigned {
    std::vector<std::uint8_t> list(8 + 8 * pages.size());
    list[2] = static_cast<std::uint8_t>(pages.size() - 1);
    for (std::size_t i = 0; i < pages.size(); ++i)
      layout::write_le(list.data() + 8 + 8 * i, layout::make_psc_entry(operation, gpa{pages[i]}, page_size::k4k).raw);
    REQUIRE(env.write(gpa{ghcb_at + 0x800}, list));
    const auto header = [&] {
      layout::psc_header found;
      REQUIRE(env.read(gpa{ghcb_at + 0x800}, found.bytes()));
      return found;
    };
    const layout::psc_header original = header();
    for (unsigned exits = 1;; ++exits) {
      const layout::psc_header before = header();
      const layout::ghcb answer = exit(layout::nae_exit_codes::snp_page_state_change, {.scratch = ghcb_at + 0x800});
      const auto next =
          ghcb::check_psc_answer(ctx, answer.sw_exit_info_1().raw, answer.sw_exit_info_2(), original, before, header());
      REQUIRE(next.next != ghcb::psc_next::terminate);
      if (next.next == ghcb::psc_next::done) return exits;
    }
  }
  auto use(std::uint64_t page) -> memory::ownership_verdict::kind {
    return rmp::check_access(ctx, table,
                             {.where = {page},
                              .guest = {page},
                              .kind = access_kind::write,
                              .c = true,
                              .who = memory::owner_context::snp_guest,
                              .id = {5}})
        .what;
  }
};

}  // namespace

TEST_CASE("a guest from the first MSR to accepted memory", "[ghcb][GHCB-REG-03][GHCB-PSC-16][PST-01][PST-02]") {
  guest_and_host m;
  REQUIRE(m.by_msr(ghcb::message::version_request{}).has_value());
  m.set_up_ghcb();
  CHECK(m.exit(layout::nae_exit_codes::hypervisor_features).sw_exit_info_2() == 3);

  // Memory is accepted, three pages of it, one page per exit.
  m.env.pages_per_exit = 1;
  const std::vector<std::uint64_t> pages{0x20'0000, 0x20'1000, 0x20'2000};
  for (const std::uint64_t page : pages) m.did(page, guest_deed::maps_private);
  CHECK(m.change(ghcb_psc_ops::private_, pages) == 1);  // an entry is one page: none is cut
  for (const std::uint64_t page : pages) {
    CHECK(m.use(page) == memory::ownership_verdict::kind::not_validated);  // #VC 404h
    m.host_trace.push_back({0, gpa{page}, host_deed::answers_private});
    m.did(page, guest_deed::asks_private);
  }
  for (const std::uint64_t page : pages) {
    CHECK(m.notes.may_validate(m.ctx, gpa{page}));
    m.did(page, guest_deed::validates, *m.pvalidate(page, true));
    m.did(page, guest_deed::evicts);
    m.did(page, guest_deed::initialises);
    CHECK(m.use(page) == memory::ownership_verdict::kind::allowed);
    m.did(page, guest_deed::writes);
  }
  // One goes back.
  m.did(pages[1], guest_deed::rescinds, *m.pvalidate(pages[1], false));
  (void)m.change(ghcb_psc_ops::shared, {pages[1]});
  m.host_trace.push_back({0, gpa{pages[1]}, host_deed::answers_shared});
  m.did(pages[1], guest_deed::asks_shared);
  m.did(pages[1], guest_deed::maps_shared);
  m.did(pages[1], guest_deed::flushes);
  m.did(pages[1], guest_deed::uses_shared);

  CHECK(ghcb::number_by_exchanges(m.guest_trace, m.host_trace));
  CHECK(ghcb::check_conversions(m.ctx, guest_and_host::setup(), m.guest_trace, m.host_trace).empty());
}

TEST_CASE("what is private the hypervisor cannot use", "[ghcb][GHCB-PAGE-02][GHCB-SCR-06][GHCB-REG-01]") {
  guest_and_host m;
  REQUIRE(m.by_msr(ghcb::message::version_request{}).has_value());
  // A GHCB that was not shared: registered, and of no use.
  REQUIRE(m.by_msr(ghcb::message::register_request{3}).has_value());
  m.vm.vcpus[0].here().msr = 0x3000;
  CHECK(vmgexit(m.ctx, m.vm, m.vm.vcpus[0], m.env).decided_by == rule::GHCB_PAGE_02);
  m.set_up_ghcb();
  // Scratch areas in private pages, one byte over the edge, and in shared ones.
  const auto reason = [&](std::uint64_t scratch, layout::nae_exit_codes code) {
    const layout::ghcb answer = m.exit(code, {.scratch = scratch}, 0xfee0'0000, 8);
    return answer.sw_exit_info_1().raw == 2 ? answer.sw_exit_info_2() : 0;
  };
  for (const auto code : {layout::nae_exit_codes::mmio_read, layout::nae_exit_codes::mmio_write}) {
    CHECK(reason(0x4000, code) == 3);
    CHECK(reason(0x10'0000, code) == 0);
  }
  m.env.mmio.clear();
  CHECK(reason(0x5000, layout::nae_exit_codes::mmio_write) == 3);
  CHECK(m.env.mmio.empty());  // nothing of the page got out
}
