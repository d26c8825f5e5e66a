// SPDX-License-Identifier: MIT
// Any sequence of commands: an L1 gets the answers that the machine itself would give, and other L1s notice nothing.
#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <rapidcheck.h>

#include <property/property.hpp>
#include <support/vsp_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// One thing somebody does: `what` of a list, on a few guests, ASIDs and pages.
struct action {
  std::uint32_t what = 0;
  std::uint32_t who = 0;
  std::uint32_t id = 0;
};
/// What came of it: a status, and what was told.
struct reply {
  std::uint32_t code = 0;
  std::vector<std::uint8_t> told{};
  friend auto operator==(const reply&, const reply&) -> bool = default;
};

constexpr std::uint32_t kinds = 27;
constexpr std::uint64_t shown_at = 0x18'0000;

auto context_of(std::uint32_t who) -> std::uint64_t { return l1_context + (who % 3) * 0x1000; }
auto page_for(std::uint32_t id) -> std::uint64_t { return l1_pages + (id % 6) * 0x1000; }
/// Where such a page is in a guest.
auto in_guest(std::uint64_t page) -> gpa { return {page - 0x10'0000}; }

/// Whether a guest has an ASID: pages are given to such guests alone, as L0 asks.
auto is_active(driver& d, std::uint32_t id) -> bool {
  return std::ranges::any_of(d.platform().contexts, [&](const auto& one) { return one.second.slot.id.value == id; });
}

auto act(driver& d, const action& one) -> reply {
  using enum command_id;
  const std::uint32_t handle = 1 + one.who % 3;
  const std::uint32_t id = one.id % 10;
  const std::uint32_t snp_id = 1 + one.id % 3;
  const std::uint64_t context = context_of(one.who);
  const std::uint64_t page = page_for(one.id / 3);
  const auto status = [](fw done) { return reply{static_cast<std::uint32_t>(done)}; };
  const auto result = [](rmp::status done) { return reply{static_cast<std::uint32_t>(done)}; };
  const auto told = [&](fw done, std::uint64_t where, std::size_t size) {
    return reply{static_cast<std::uint32_t>(done),
                 done == fw::success ? d.load(where, size) : std::vector<std::uint8_t>{}};
  };
  switch (one.what % kinds) {
    case 0: {
      std::uint32_t shared = one.id % 5 == 0 ? handle : 0;
      const fw done = d.launch_start(plain_policy, shared);
      return {static_cast<std::uint32_t>(done), {static_cast<std::uint8_t>(shared)}};
    }
    case 1: return status(d.activate(handle, id));
    case 2: return status(d.by_handle(deactivate, handle));
    case 3: return status(d.by_handle(decommission, handle));
    case 4: {
      const std::uint64_t pages = 1 + one.who % 2;
      for (std::uint64_t i = 0; i < pages; ++i) {
        static_cast<void>(d.set_page(page + i * 0x1000, {.assigned = true, .immutable = true}));
        if (rmp::state_of(d.entry(page + i * 0x1000)) == rmp::page_state::firmware)
          d.store(page + i * 0x1000, std::vector<std::uint8_t>(4096, static_cast<std::uint8_t>(one.id + i)));
      }
      return status(d.update(handle, page + 0x10 * (one.id % 4), static_cast<std::uint32_t>(pages * 0x1000 - 0x40)));
    }
    case 5: {
      std::vector<std::uint8_t> random;
      return status(d.measure(handle, random));
    }
    case 6: return status(d.by_handle(launch_finish, handle));
    case 7: return status(d.post(one.id % 2 == 0 ? df_flush : snp_df_flush));
    case 8: d.wbinvd(); return {};
    case 9: {
      layout::cmd_guest_status cmd;
      const fw done = d.guest_status(handle, cmd);
      return {static_cast<std::uint32_t>(done), {cmd.bytes().begin(), cmd.bytes().end()}};
    }
    case 10: {
      layout::cmd_platform_status cmd;
      const fw done = d.post(platform_status, cmd);
      return {static_cast<std::uint32_t>(done), {cmd.bytes().begin(), cmd.bytes().end()}};
    }
    case 11: {
      static_cast<void>(d.set_page(context, {.assigned = true, .immutable = true}));
      return status(d.word(snp_gctx_create, context));
    }
    case 12: {
      layout::cmd_snp_launch_start cmd;
      cmd.set_gctx_paddr(context);
      cmd.set_policy({snp_policy | (one.id % 2 == 0 ? 1U << 19 : 0U)});
      return status(d.post(snp_launch_start, cmd));
    }
    case 13: return status(d.snp_activate(context, snp_id));
    case 14:
      if (!is_active(d, snp_id)) return {};
      return result(
          d.set_page(page, {.assigned = true, .immutable = one.who % 2 == 0, .id = {snp_id}, .guest = in_guest(page)}));
    case 15: {
      if (one.who % 2 == 0 && is_active(d, snp_id))  // every other time the page is made ready
        static_cast<void>(
            d.set_page(page, {.assigned = true, .immutable = true, .id = {snp_id}, .guest = in_guest(page)}));
      if (rmp::state_of(d.entry(page)) == rmp::page_state::pre_guest)
        d.store(page, std::vector<std::uint8_t>(4096, static_cast<std::uint8_t>(one.id)));
      layout::cmd_snp_launch_update cmd;
      cmd.set_gctx_paddr(context);
      cmd.set_page_paddr(page);
      cmd.set_flags({(one.id % 2 == 0 ? 1U : one.who % 8) << 1});
      return status(d.post(snp_launch_update, cmd));
    }
    case 16: return status(d.snp_finish(context));
    case 17: return status(d.word(snp_page_reclaim, one.who % 4 == 0 ? context : page));
    case 18: return status(d.word(snp_decommission, context));
    case 19: return result(d.set_page(one.who % 4 == 0 ? context : page, {}));
    case 20: {
      static_cast<void>(d.set_page(shown_at, {.assigned = true, .immutable = true}));
      layout::cmd_snp_guest_status cmd;
      cmd.set_gctx_paddr(context);
      cmd.set_status_paddr(shown_at);
      return told(d.post(snp_guest_status_, cmd), shown_at, 32);
    }
    case 21: {
      static_cast<void>(d.set_page(shown_at, {.assigned = true, .immutable = true}));
      return status(d.debug(dbg_decrypt, handle, page + 0x10 * (one.id % 4), shown_at, 0x300));
    }
    case 22: {
      layout::cmd_copy cmd;
      cmd.set_handle(handle);
      cmd.set_length(0x800 + 0x10 * (one.id % 64));
      cmd.set_src_paddr(page_for(one.id));
      cmd.set_dst_paddr(page_for(one.who));
      return status(d.post(copy, cmd));
    }
    case 23: {
      layout::cmd_snp_page_move cmd;
      cmd.set_gctx_paddr(context);
      cmd.set_src_paddr(page_for(one.id));
      cmd.set_dst_paddr(page_for(one.id / 6));
      return status(d.post(snp_page_move, cmd));
    }
    case 24: {
      static_cast<void>(d.set_page(shown_at, {.assigned = true, .immutable = true}));
      layout::cmd_snp_dbg cmd;
      cmd.set_gctx_paddr(context);
      cmd.set_src_paddr(page);
      cmd.set_dst_paddr(shown_at);
      return status(d.post(snp_dbg_decrypt, cmd));
    }
    case 25: {
      static_cast<void>(d.set_page(page, {.assigned = true, .immutable = true}));
      layout::cmd_snp_md_init cmd;
      cmd.set_gctx_paddr(context);
      cmd.set_page_paddr(page);
      return status(d.post(snp_page_md_init, cmd));
    }
    default: {
      layout::cmd_activate_ex cmd;
      cmd.set_ex_len(24);
      cmd.set_handle(handle);
      cmd.set_asid(id);
      cmd.set_numids(1);
      cmd.set_ids_paddr(l1_scratch);
      d.store(l1_scratch, std::vector<std::uint8_t>{static_cast<std::uint8_t>(one.who % 3), 0, 0, 0});
      return status(d.post(activate_ex, cmd));
    }
  }
}

/// Sixty of them, each as likely as any other from the first case on.
auto actions() -> rc::Gen<std::vector<action>> {
  const auto upto = [](std::uint32_t end) {
    return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint32_t>(0, end));
  };
  return rc::gen::container<std::vector<action>>(60, rc::gen::build<action>(rc::gen::set(&action::what, upto(kinds)),
                                                                            rc::gen::set(&action::who, upto(12)),
                                                                            rc::gen::set(&action::id, upto(36))));
}
/// Guests to begin with: else most commands find none.
void begin(driver& d) {
  static_cast<void>(d.post(command_id::snp_init));
  static_cast<void>(d.init());
  static_cast<void>(d.flush(true));
  for (std::uint64_t i = 0; i < 8; ++i)
    d.store(l1_pages + i * 0x1000, std::vector<std::uint8_t>(4096, static_cast<std::uint8_t>(i + 1)));
  std::uint32_t handle = 0;
  static_cast<void>(d.launch_start(plain_policy, handle));
  static_cast<void>(d.activate(handle, 7));
  static_cast<void>(d.snp_start(l1_context, snp_policy | 1U << 19));
  static_cast<void>(d.snp_activate(l1_context, 1));
  for (std::uint32_t i = 4; i < 6; ++i) world::expect({d.snp_update(page_for(i), in_guest(page_for(i)).value, 1)});
}

}  // namespace

TEST_CASE("an L1 gets the machine's answers",
          "[nested][property][NES-SP-03][NEST-VSP-02][NEST-VSP-11][NEST-VSP-16][NEST-VSP-17]") {
  tally classes;
  const bool held = rc::check([&] {
    const auto all = *actions();
    listening heard;
    direct_driver there{heard.ctx};
    nested_host host{heard.ctx};
    nested_driver here{host};
    begin(there);
    begin(here);
    bool random = false;
    for (const action& one : all) {
      const reply expected = act(there, one);
      const reply found = act(here, one);
      const bool exhausted = found.code == static_cast<std::uint32_t>(fw::resource_limit) && expected.code == 0;
      if (exhausted) return;  // the machine has fewer ASIDs left than L1 knows of
      RC_LOG() << "what " << one.what << " who " << one.who << " id " << one.id << ": " << expected.code << " "
               << found.code << "\n";
      RC_ASSERT(found == expected);
      classes.add(expected.code == 0 ? "done" : "refused");
      const std::uint32_t type = one.id % 2 == 0 ? 1U : one.who % 8;
      random = random || (one.what == 15 && (type == 5 || type == 2));
      for (std::uint32_t i = 0; i < 6; ++i) {
        const rmp::entry a = there.entry(page_for(i));
        const rmp::entry b = here.entry(page_for(i));
        RC_ASSERT(a == b);
        const rmp::entry real = here.real_entry(page_for(i));
        if (nested::is_guests(rmp::state_of(b))) RC_ASSERT(rmp::state_of(real) == rmp::state_of(b));
        else RC_ASSERT(rmp::state_of(real) == rmp::page_state::hypervisor);
      }
      RC_ASSERT(here.platform().guests.size() == there.platform().guests.size());
      for (const auto& [page, guest] : there.platform().contexts) {
        const auto real = host.l0.contexts.real_of(here.v.who, gpa{page});
        RC_ASSERT(real.has_value());
        RC_ASSERT(host.physical.m.sp.contexts.at(real->value).launch_digest == guest.launch_digest);
        RC_ASSERT(host.physical.m.sp.contexts.at(real->value).state == guest.state);
      }
      for (const auto& [handle, guest] : there.platform().guests) {
        const auto real = host.l0.handles.real_of(here.v.who, {handle});
        RC_ASSERT(real.has_value());
        RC_ASSERT(host.physical.m.sp.guests.at(real->value).running.value() == guest.running.value());
      }
    }
    // What was launched is what the guests read; secrets and VMSAs have random numbers in them.
    for (std::uint32_t i = 0; i < 6 && !random; ++i) {
      const rmp::entry page = there.entry(page_for(i));
      if (!page.validated || !is_active(there, page.id.value)) continue;
      classes.add("guests' memory compared");
      RC_ASSERT(here.load_guest(page.id.value, page_for(i), 4096) ==
                there.load_guest(page.id.value, page_for(i), 4096));
    }
  });
  CHECK(held);
  CHECK(classes["done"] > 0);
  CHECK(classes["refused"] > 0);
  CHECK(classes["guests' memory compared"] > 0);
}

TEST_CASE("no command of one L1 reaches another", "[nested][property][NEST-VSP-01][NEST-VSP-07]") {
  const bool held = rc::check([] {
    const auto all = *actions();
    listening heard;
    nested_host host{heard.ctx};
    nested_driver a{host, 0};
    nested_driver b{host, 1};
    begin(a);
    begin(b);
    world::expect({b.snp_update(l1_pages, 0x8000, 1)});
    const test_vsp before = b.v;
    std::vector<rmp::entry> entries;
    for (std::uint32_t i = 0; i < 16; ++i) entries.push_back(b.real_entry(l1_pages + i * 0x1000));
    const auto bytes = b.load_guest(1, l1_pages, 4096);
    for (const action& one : all) static_cast<void>(act(a, one));
    RC_ASSERT(b.v == before);
    for (std::uint32_t i = 0; i < 16; ++i) RC_ASSERT(b.real_entry(l1_pages + i * 0x1000) == entries[i]);
    RC_ASSERT(b.load_guest(1, l1_pages, 4096) == bytes);
    std::set<asid> owners;
    for (const auto& one : host.l0.asids.entries()) RC_ASSERT(owners.insert(one.real).second);
    // Every guest of the machine with an ASID is some L1's, on the ASID that stands for that L1's.
    for (const auto& [page, guest] : host.physical.m.sp.contexts) {
      const auto* const name = host.l0.contexts.find_real(spa{page});
      RC_ASSERT(name != nullptr);
      if (guest.slot.id == host_asid) continue;
      const auto* const bound = host.l0.asids.find_real(guest.slot.id);
      RC_ASSERT(bound != nullptr && bound->owner == name->owner);
    }
  });
  CHECK(held);
}
