// SPDX-License-Identifier: MIT
// For every page: the legal way to another place, or why it is pinned; and the firmware agrees.
#include <algorithm>
#include <cstdint>
#include <string>

#include <support/migration_world.hpp>

#include <sevspec/migration/mover.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;

constexpr spa from{0x40'0000};
constexpr spa to{0x50'0000};
constexpr spa storage{0x60'0000};
constexpr spa metadata{0x70'0000};

auto sev_page(std::uint32_t handle) -> sev_page_move {
  return {.handle = handle, .from = from, .to = to, .storage = storage, .metadata = metadata};
}
auto text_of(const move_plan& plan) -> std::string {
  return plan.way == motion::none ? std::string("pinned: ") + name_of(plan.why) : name_of(plan.way);
}
void put_page(world& w, asid id, spa where) {
  const auto done = w.m.memory.write(where, memory_key::guest(id), filled_page(3));
  REQUIRE(done == memory::memory_status::ok);
}
auto holds_page(world& w, asid id, spa where) -> bool {
  const auto bytes = peek_guest(w.m, id, where.value, 4096);
  const auto wanted = filled_page(3);
  return std::equal(bytes.begin(), bytes.end(), wanted.begin());
}

/// A SNP guest that runs with ASID 1, and a validated page of 4K at `from`.
void snp_guest_with_page(world& w, std::uint64_t policy = snp_policy) {
  w.snp_running(policy);
  rmp_update(w.m, from.value, {.assigned = true, .id = {1}, .guest = {0x7000}});
  rmp::entry entry = w.m.rmp.entry_of(page_of(from));
  entry.validated = true;
  entry.allowed[1] = rmp::permissions{0x3};
  w.m.rmp.put(page_of(from), entry);
  put_page(w, {1}, from);
}
constexpr snp_page_move_request snp_page{.context = {gctx_at}, .from = from, .to = to};

}  // namespace

TEST_CASE("private pages of SEV guests move by COPY or through swapping", "[migration][mover][MIG-PIN-01]") {
  listening with;
  world w(with.ctx);
  const std::uint32_t handle = w.ready().running();
  put_page(w, {6}, from);
  auto asked = sev_page(handle);
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "COPY");
  CHECK(carry_out(with.ctx, w.m, {motion::copy_command}, asked) == fw::success);
  CHECK(holds_page(w, {6}, to));

  asked.to = {0x80'0000};
  asked.has_copy = false;
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "swap");
  CHECK(carry_out(with.ctx, w.m, {motion::swap}, asked) == fw::success);
  CHECK(holds_page(w, {6}, asked.to));

  asked.has_copy = true;
  asked.to_storage = true;
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "swap");
  CHECK(carry_out(with.ctx, w.m, {motion::swap}, sev_page(handle + 1)) == fw::invalid_guest);
  asked.has_swap = false;
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "pinned: no command");  // first-generation firmware
  CHECK(carry_out(with.ctx, w.m, {motion::none}, asked) == fw::unsupported);

  asked = sev_page(handle);
  asked.is_private = false;
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "copy bytes");
  poke(w.m, from.value, filled_page(9));
  CHECK(carry_out(with.ctx, w.m, {motion::copy_bytes}, asked) == fw::success);
  CHECK(peek(w.m, to.value, 4096) == peek(w.m, from.value, 4096));
}

TEST_CASE("a page of a SEV guest leaves memory, and comes back elsewhere", "[migration][mover][MIG-PIN-01]") {
  listening with;
  world w(with.ctx);
  const std::uint32_t handle = w.ready().running();
  put_page(w, {6}, from);
  auto asked = sev_page(handle);
  asked.to = {};  // nobody knows yet where it will come back
  asked.to_storage = true;
  const auto untouched = peek(w.m, 0, 4096);
  const auto plan = plan_move(with.ctx, w.m, asked);
  CHECK(text_of(plan) == "swap");
  REQUIRE(carry_out(with.ctx, w.m, plan, asked) == fw::success);
  CHECK(peek(w.m, 0, 4096) == untouched);
  CHECK_FALSE(holds_page(w, {6}, {}));
  const auto stored = peek(w.m, storage.value, 4096);
  const auto plain = filled_page(3);
  CHECK_FALSE(std::equal(stored.begin(), stored.end(), plain.begin()));

  // Its place is used for other things; the swapped page is on a disk for a while, and lies elsewhere afterwards.
  poke(w.m, from.value, filled_page(8));
  poke(w.m, storage.value, filled_page(9));
  poke(w.m, 0x61'0000, stored);
  asked.storage = {0x61'0000};
  asked.to = to;
  REQUIRE(bring_back(with.ctx, w.m, plan, asked) == fw::success);
  CHECK(holds_page(w, {6}, to));
  asked.storage = storage;
  CHECK(bring_back(with.ctx, w.m, plan, asked) == fw::bad_measurement);
  CHECK(bring_back(with.ctx, w.m, {motion::none}, asked) == fw::unsupported);

  // Shared pages are copied, to storage and back.
  asked.is_private = false;
  asked.to = {};
  poke(w.m, from.value, filled_page(10));
  const auto copied = plan_move(with.ctx, w.m, asked);
  CHECK(text_of(copied) == "copy bytes");
  REQUIRE(carry_out(with.ctx, w.m, copied, asked) == fw::success);
  CHECK(peek(w.m, 0, 4096) == untouched);
  asked.to = {0x81'0000};
  REQUIRE(bring_back(with.ctx, w.m, copied, asked) == fw::success);
  CHECK(peek(w.m, 0x81'0000, 4096) == peek(w.m, from.value, 4096));
}

TEST_CASE("why pages of SEV guests are pinned", "[migration][mover][MIG-PIN-01]") {
  listening with;
  world w(with.ctx);
  const std::uint32_t handle = w.ready(true).launched(es_policy, 2);
  w.expect(
      {w.update(handle, from.value, 0x1000, true), w.measure(handle), w.by_handle(command_id::launch_finish, handle)});
  auto vmsa = sev_page(handle);
  CHECK(text_of(plan_move(with.ctx, w.m, vmsa)) == "swap");
  const auto before = peek_guest(w.m, {2}, from.value, 4096);
  CHECK(carry_out(with.ctx, w.m, {motion::swap}, vmsa) == fw::success);
  CHECK(peek_guest(w.m, {2}, to.value, 4096) == before);
  CHECK(firmware::is_vmsa_of(w.m, handle, before));
  vmsa.has_swap = false;
  CHECK(text_of(plan_move(with.ctx, w.m, vmsa)) == "pinned: VMSA");
  CHECK(text_of(plan_move(with.ctx, w.m, sev_page(handle + 1))) == "pinned: no guest");
  CHECK(carry_out(with.ctx, w.m, {motion::copy_command}, sev_page(handle + 1)) == fw::invalid_guest);
  w.expect({w.by_handle(command_id::deactivate, handle)});
  CHECK(text_of(plan_move(with.ctx, w.m, sev_page(handle))) == "pinned: inactive");
  CHECK(carry_out(with.ctx, w.m, {motion::copy_command}, sev_page(handle)) == fw::inactive);
  CHECK(text_of(plan_move(with.ctx, w.m, [&] {
          auto shared = sev_page(handle);
          shared.is_private = false;
          return shared;
        }())) == "copy bytes");
}

TEST_CASE("a copy of a private page's bytes is garbage", "[migration][mover][MIG-PIN-01]") {
  listening with(rule_set().without(rule::MIG_PIN_01));
  world w(with.ctx);
  const std::uint32_t handle = w.ready().running();
  put_page(w, {6}, from);
  const auto plan = plan_move(with.ctx, w.m, sev_page(handle));
  CHECK(text_of(plan) == "copy bytes");
  REQUIRE(carry_out(with.ctx, w.m, plan, sev_page(handle)) == fw::success);
  CHECK_FALSE(holds_page(w, {6}, to));
}

TEST_CASE("pages of SNP guests move with all that is known of them", "[migration][mover][MIG-PIN-01]") {
  listening with;
  world w(with.ctx, true);
  snp_guest_with_page(w);
  const rmp::entry before = w.m.rmp.entry_of(page_of(from));
  CHECK(text_of(plan_move(with.ctx, w.m, snp_page)) == "PAGE_MOVE");
  REQUIRE(carry_out(with.ctx, w.m, {motion::page_move}, snp_page) == fw::success);
  CHECK(holds_page(w, {1}, to));
  CHECK(w.m.rmp.entry_of(page_of(to)) == before);
  CHECK(w.state(from.value) == rmp::page_state::hypervisor);

  // Not validated before, not validated after.
  rmp_update(w.m, from.value, {.assigned = true, .id = {1}, .guest = {0x9000}});
  const snp_page_move_request again{.context = {gctx_at}, .from = from, .to = {0x58'0000}};
  REQUIRE(carry_out(with.ctx, w.m, plan_move(with.ctx, w.m, again), again) == fw::success);
  CHECK(w.state(0x58'0000) == rmp::page_state::guest_invalid);

  // Shared pages are the host's.
  const snp_page_move_request shared{.context = {gctx_at}, .from = {0x68'0000}, .to = {0x69'0000}};
  poke(w.m, 0x68'0000, filled_page(4));
  CHECK(text_of(plan_move(with.ctx, w.m, shared)) == "copy bytes");
  REQUIRE(carry_out(with.ctx, w.m, plan_move(with.ctx, w.m, shared), shared) == fw::success);
  CHECK(peek(w.m, 0x69'0000, 4096) == peek(w.m, 0x68'0000, 4096));
}

TEST_CASE("metadata moves, other pages of the firmware do not", "[migration][mover]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  give_page(w.m, from.value);
  CHECK(text_of(plan_move(with.ctx, w.m, snp_page)) == "pinned: firmware page");
  w.expect({w.md_init(from.value)});
  CHECK(text_of(plan_move(with.ctx, w.m, snp_page)) == "PAGE_MOVE");
  REQUIRE(carry_out(with.ctx, w.m, {motion::page_move}, snp_page) == fw::success);
  CHECK(w.state(to.value) == rmp::page_state::metadata);
  CHECK(w.state(from.value) == rmp::page_state::hypervisor);
  const snp_page_move_request context{.context = {gctx_at}, .from = {gctx_at}, .to = to};
  CHECK(text_of(plan_move(with.ctx, w.m, context)) == "pinned: firmware page");
}

TEST_CASE("why pages of SNP guests are pinned, and that the firmware agrees", "[migration][mover][MIG-PIN-01]") {
  listening with;
  world w(with.ctx, true);
  snp_guest_with_page(w);
  const auto pinned_by = [&](const snp_page_move_request& asked) { return text_of(plan_move(with.ctx, w.m, asked)); };

  auto asked = snp_page;
  asked.context = {gctx_at + 0x1000};
  CHECK(pinned_by(asked) == "pinned: no guest");
  asked = snp_page;
  asked.large = true;
  CHECK(pinned_by(asked) == "pinned: other size");
  w.guest_page_at(0x5f'0000, 0xa000);
  rmp_update(w.m, from.value, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x7000}});
  w.redirect = 0;
  CHECK(w.snp_move(from.value, 0x5f'0000, gctx_at, true) == fw::invalid_page_size);  // the size in the command is wrong

  asked = snp_page;
  asked.to = {0x5f'0000};
  CHECK(pinned_by(asked) == "pinned: target not free");
  rmp::entry entry = w.m.rmp.entry_of(page_of(from));
  entry.in_use = true;
  w.m.rmp.put(page_of(from), entry);
  CHECK(pinned_by(snp_page) == "pinned: in use");
  entry.in_use = false;
  entry.id = {2};
  w.m.rmp.put(page_of(from), entry);
  CHECK(pinned_by(snp_page) == "pinned: another guest's page");
  CHECK(w.snp_move(from.value, 0x5f'0000) == fw::invalid_page_owner);
  entry.id = {1};
  w.m.rmp.put(page_of(from), entry);
  CHECK(pinned_by(snp_page) == "PAGE_MOVE");

  w.guest().policy = {snp_policy | 1U << 25};
  CHECK(pinned_by(snp_page) == "pinned: policy");
  CHECK(w.snp_move(from.value, 0x5f'0000) == fw::policy_failure);
  w.guest().policy = {snp_policy};
  w.guest().slot = {};
  CHECK(pinned_by(snp_page) == "pinned: inactive");
  CHECK(w.snp_move(from.value, 0x5f'0000) == fw::inactive);
  w.guest().state = layout::snp_guest_state::init;
  CHECK(pinned_by(snp_page) == "pinned: guest state");
  CHECK(w.snp_move(from.value, 0x5f'0000) == fw::invalid_guest_state);
}

namespace {

/// A page of metadata of the guest's at `metadata`.
void give_metadata(world& w) {
  give_page(w.m, metadata.value);
  w.expect({w.md_init(metadata.value)});
}
constexpr snp_page_move_request leaving{
    .context = {gctx_at}, .from = from, .to_storage = true, .storage = storage, .metadata = metadata + 3 * 64};

}  // namespace

TEST_CASE("a page of a SNP guest leaves memory, and comes back elsewhere, once", "[migration][mover][MIG-PIN-01]") {
  for (const bool root : {false, true}) {
    for (const bool vmsa : {false, true}) {
      INFO(root << vmsa);
      listening with;
      world w(with.ctx, true);
      snp_guest_with_page(w);
      give_metadata(w);
      rmp::entry before = w.m.rmp.entry_of(page_of(from));
      before.vmsa = vmsa;
      w.m.rmp.put(page_of(from), before);
      auto asked = leaving;
      asked.root = root;
      CHECK(text_of(plan_return(with.ctx, w.m, asked)) == "pinned: no metadata");  // there is no entry yet
      const auto plan = plan_move(with.ctx, w.m, asked);
      CHECK(text_of(plan) == "swap");
      REQUIRE(carry_out(with.ctx, w.m, plan, asked) == fw::success);
      CHECK(w.state(from.value) == rmp::page_state::hypervisor);
      CHECK(w.state(storage.value) == rmp::page_state::hypervisor);
      const auto stored = peek(w.m, storage.value, 4096);
      const auto plain = filled_page(3);
      CHECK_FALSE(std::equal(stored.begin(), stored.end(), plain.begin()));

      poke(w.m, from.value, filled_page(8));  // the place is used for other things
      asked.to = to;
      auto changed = stored;
      changed[100] ^= 1;
      poke(w.m, storage.value, changed);
      const auto back = plan_return(with.ctx, w.m, asked);
      CHECK(text_of(back) == "swap");
      CHECK(bring_back(with.ctx, w.m, back, asked) == fw::bad_measurement);
      CHECK(w.state(to.value) == rmp::page_state::hypervisor);
      poke(w.m, storage.value, stored);
      REQUIRE(bring_back(with.ctx, w.m, back, asked) == fw::success);
      CHECK(holds_page(w, {1}, to));
      CHECK(w.m.rmp.entry_of(page_of(to)) == before);

      // The entry is used: the same ciphertext does not come back.
      asked.to = {0x82'0000};
      CHECK(text_of(plan_return(with.ctx, w.m, asked)) == "pinned: no metadata");
      CHECK(bring_back(with.ctx, w.m, {motion::swap}, asked) == fw::invalid_mdata_entry);
      CHECK(w.state(0x82'0000) == rmp::page_state::hypervisor);
      CHECK(bring_back(with.ctx, w.m, {motion::none}, asked) == fw::unsupported);
    }
  }
}

TEST_CASE("shared pages and metadata of SNP guests leave memory, too", "[migration][mover]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  poke(w.m, from.value, filled_page(4));
  auto asked = leaving;
  const auto copied = plan_move(with.ctx, w.m, asked);
  CHECK(text_of(copied) == "copy bytes");
  REQUIRE(carry_out(with.ctx, w.m, copied, asked) == fw::success);
  asked.to = to;
  REQUIRE(bring_back(with.ctx, w.m, copied, asked) == fw::success);
  CHECK(peek(w.m, to.value, 4096) == peek(w.m, from.value, 4096));

  give_metadata(w);
  asked = leaving;
  asked.from = metadata;
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "pinned: no metadata");  // an entry about the page that it lies in
  asked.root = true;
  const auto plan = plan_move(with.ctx, w.m, asked);
  CHECK(text_of(plan) == "swap");
  REQUIRE(carry_out(with.ctx, w.m, plan, asked) == fw::success);
  CHECK(w.state(metadata.value) == rmp::page_state::hypervisor);
  asked.to = {0x83'0000};
  REQUIRE(bring_back(with.ctx, w.m, plan_return(with.ctx, w.m, asked), asked) == fw::success);
  CHECK(w.state(0x83'0000) == rmp::page_state::metadata);
}

TEST_CASE("why pages of SNP guests do not leave memory, and that the firmware agrees", "[migration][mover]") {
  listening with;
  world w(with.ctx, true);
  snp_guest_with_page(w);
  const rmp::entry before = w.m.rmp.entry_of(page_of(from));
  const auto pinned_by = [&](const snp_page_move_request& asked) { return text_of(plan_move(with.ctx, w.m, asked)); };
  const auto tried = [&](const snp_page_move_request& asked) {
    return carry_out(with.ctx, w.m, {motion::swap}, asked);
  };
  CHECK(pinned_by(leaving) == "pinned: no metadata");
  CHECK(tried(leaving) == fw::invalid_page_state);
  CHECK(w.m.rmp.entry_of(page_of(from)) == before);  // what failed left the page to the guest
  CHECK(w.state(storage.value) == rmp::page_state::hypervisor);
  give_metadata(w);
  CHECK(pinned_by(leaving) == "swap");
  auto asked = leaving;
  asked.metadata = metadata + 8;
  CHECK(pinned_by(asked) == "pinned: no metadata");
  CHECK(tried(asked) == fw::invalid_param);
  asked = leaving;
  asked.storage = metadata;
  CHECK(pinned_by(asked) == "pinned: target not free");
  asked = leaving;
  asked.large = true;
  CHECK(pinned_by(asked) == "pinned: other size");
  w.guest().policy = {snp_policy | 1U << 25};
  CHECK(pinned_by(leaving) == "pinned: policy");
  CHECK(tried(leaving) == fw::policy_failure);
  w.guest().policy = {snp_policy};
  const auto count = w.guest().oek_iv_count;
  w.guest().oek_iv_count = firmware::exhausted_counter;
  CHECK(pinned_by(leaving) == "pinned: exhausted");
  CHECK(tried(leaving) == fw::aead_oflow);
  w.guest().oek_iv_count = count;
  CHECK(w.m.rmp.entry_of(page_of(from)) == before);
  w.context_page(gctx_at + 0x1000);
  asked = leaving;
  asked.context = {gctx_at + 0x1000};
  CHECK(pinned_by(asked) == "pinned: guest state");
  CHECK(text_of(plan_return(with.ctx, w.m, asked)) == "pinned: guest state");

  asked = leaving;
  asked.storage = {~std::uint64_t{0xfff}};
  CHECK(pinned_by(asked) == "pinned: target not free");
  CHECK(tried(asked) == fw::invalid_page_state);
  CHECK(w.m.rmp.entry_of(page_of(from)) == before);

  // And not back.
  REQUIRE(tried(leaving) == fw::success);
  rmp_update(w.m, 0x84'0000, {.assigned = true, .id = {1}, .guest = {0x9000}});
  asked = leaving;
  asked.from = {0x84'0000};
  CHECK(pinned_by(asked) == "pinned: no metadata");  // the entry is the other page's
  asked.metadata = metadata;
  CHECK(pinned_by(asked) == "swap");
  asked = leaving;
  asked.to = to;
  const auto kept_out = [&](const snp_page_move_request& one) { return text_of(plan_return(with.ctx, w.m, one)); };
  CHECK(kept_out(asked) == "swap");
  asked.large = true;
  CHECK(kept_out(asked) == "pinned: other size");
  CHECK(bring_back(with.ctx, w.m, {motion::swap}, asked) != fw::success);
  asked.large = false;
  asked.metadata = metadata + 64;
  CHECK(kept_out(asked) == "pinned: no metadata");
  CHECK(bring_back(with.ctx, w.m, {motion::swap}, asked) == fw::invalid_mdata_entry);
  asked = leaving;
  asked.to = metadata;
  CHECK(kept_out(asked) == "pinned: target not free");
  asked.to = to;
  asked.context = {0x7'0000};
  CHECK(kept_out(asked) == "pinned: no guest");
  CHECK(bring_back(with.ctx, w.m, {motion::swap}, asked) == fw::invalid_guest);
  asked.context = {gctx_at};
  w.guest().policy = {snp_policy | 1U << 25};
  CHECK(kept_out(asked) == "pinned: policy");
  CHECK(bring_back(with.ctx, w.m, {motion::swap}, asked) == fw::policy_failure);
  w.guest().policy = {snp_policy};
  const auto slot = w.guest().slot;
  w.guest().slot = {};
  CHECK(kept_out(asked) == "pinned: inactive");
  w.guest().slot = slot;
  REQUIRE(bring_back(with.ctx, w.m, {motion::swap}, asked) == fw::success);
  CHECK(w.m.rmp.entry_of(page_of(to)) == before);
}

TEST_CASE("a page of 2M leaves and comes back as a whole", "[migration][mover]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  give_metadata(w);
  rmp_update(w.m, 0x40'0000, {.assigned = true, .large = true, .id = {1}, .guest = {0x20'0000}});
  for (const std::uint64_t at : {0x40'0000U, 0x5f'f000U}) put_page(w, {1}, {at});
  auto asked = leaving;
  asked.large = true;
  asked.storage = {0x80'1000};
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "pinned: target not free");
  asked.storage = {0x80'0000};
  REQUIRE(carry_out(with.ctx, w.m, plan_move(with.ctx, w.m, asked), asked) == fw::success);
  CHECK_FALSE(w.m.rmp.entry_of({0x400}).assigned);
  CHECK_FALSE(w.m.rmp.entry_of({0x800}).assigned);
  asked.to = {0xa0'0000};
  const auto back = plan_return(with.ctx, w.m, asked);
  CHECK(text_of(back) == "swap");
  REQUIRE(bring_back(with.ctx, w.m, back, asked) == fw::success);
  CHECK(holds_page(w, {1}, {0xa0'0000}));
  CHECK(holds_page(w, {1}, {0xbf'f000}));
  CHECK(w.m.rmp.entry_of({0xa00}).large);
  CHECK(w.m.rmp.entry_of({0xa00}).guest == gpa{0x20'0000});
  CHECK_FALSE(w.m.rmp.entry_of({0x800}).assigned);
}

TEST_CASE("a page of 2M moves as a whole", "[migration][mover]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  rmp_update(w.m, 0x40'0000, {.assigned = true, .large = true, .id = {1}, .guest = {0x20'0000}});
  for (const std::uint64_t at : {0x40'0000U, 0x5f'f000U}) put_page(w, {1}, {at});
  snp_page_move_request asked{.context = {gctx_at}, .from = {0x40'0000}, .to = {0x80'0000}};
  CHECK(text_of(plan_move(with.ctx, w.m, asked)) == "pinned: other size");
  asked.large = true;
  REQUIRE(plan_move(with.ctx, w.m, asked).way == motion::page_move);
  REQUIRE(carry_out(with.ctx, w.m, {motion::page_move}, asked) == fw::success);
  CHECK(holds_page(w, {1}, {0x80'0000}));
  CHECK(holds_page(w, {1}, {0x9f'f000}));
  CHECK(w.m.rmp.entry_of({0x800}).large);
  CHECK_FALSE(w.m.rmp.entry_of({0x400}).assigned);
}

TEST_CASE("places that the hypervisor cannot give away are not free", "[migration][mover][MIG-PIN-01]") {
  for (const bool fixed : {true, false}) {
    INFO(fixed);
    listening with;
    world w(with.ctx, true);
    snp_guest_with_page(w);
    give_metadata(w);
    rmp::entry kept;
    (fixed ? kept.immutable : kept.in_use) = true;
    const auto planned = [&](const snp_page_move_request& asked) { return text_of(plan_move(with.ctx, w.m, asked)); };
    w.m.rmp.put(page_of(to), kept);
    CHECK(planned(snp_page) == "pinned: target not free");
    w.m.rmp.put(page_of(to), {});
    CHECK(planned(snp_page) == "PAGE_MOVE");
    w.m.rmp.put(page_of(storage), kept);
    CHECK(planned(leaving) == "pinned: target not free");
    w.m.rmp.put(page_of(storage), {});
    CHECK(planned(leaving) == "swap");

    // A page of 2M: any page of the region.
    const snp_page_move_request large{.context = {gctx_at}, .from = {0x80'0000}, .to = {0xa0'0000}, .large = true};
    rmp_update(w.m, 0x80'0000, {.assigned = true, .large = true, .id = {1}, .guest = {0x20'0000}});
    for (const std::uint64_t at : {0xa00U, 0xa01U, 0xbffU}) {
      INFO(at);
      w.m.rmp.put({at}, kept);
      CHECK(planned(large) == "pinned: target not free");
      w.m.rmp.put({at}, {});
      CHECK(planned(large) == "PAGE_MOVE");
    }
  }
}

TEST_CASE("a move that fails leaves both pages as they were", "[migration][mover]") {
  const auto check_kept = [](bool large, bool validated, bool metadata_moves) {
    INFO(large << validated << metadata_moves);
    listening with;
    world w(with.ctx, true);
    const spa source = metadata_moves ? metadata : spa{0x80'0000};
    const spa target{0xa0'0000};
    w.snp_running();
    if (metadata_moves) {
      give_metadata(w);
    } else {
      rmp_update(w.m, source.value, {.assigned = true, .large = large, .id = {1}, .guest = {0x20'0000}});
      rmp::entry entry = w.m.rmp.entry_of(page_of(source));
      entry.validated = validated;
      entry.vmsa = validated;
      entry.allowed[1] = rmp::permissions{0x3};
      w.m.rmp.put(page_of(source), entry);
      put_page(w, {1}, source);
    }
    const snp_page_move_request asked{.context = {gctx_at}, .from = source, .to = target, .large = large};
    const rmp::entry before = w.m.rmp.entry_of(page_of(source));
    const auto fails_with = [&](const rmp::entry& at_target, fw why) {
      w.m.rmp.put(page_of(target), at_target);
      CHECK(carry_out(with.ctx, w.m, {motion::page_move}, asked) == why);
      CHECK(w.m.rmp.entry_of(page_of(source)) == before);
      CHECK(w.m.rmp.entry_of(page_of(target)) == at_target);
    };
    fails_with({.immutable = true}, fw::invalid_page_state);
    rmp::entry used;
    used.in_use = true;
    fails_with(used, fw::invalid_page_state);
    w.guest().policy = {snp_policy | 1U << 25};  // PAGE_SWAP_DISABLE: the firmware refuses
    fails_with({}, fw::policy_failure);
    w.guest().policy = {snp_policy};
    REQUIRE(plan_move(with.ctx, w.m, asked).way == motion::page_move);
    REQUIRE(carry_out(with.ctx, w.m, {motion::page_move}, asked) == fw::success);
    rmp::entry arrived = w.m.rmp.entry_of(page_of(target));
    CHECK(arrived == before);
    if (!metadata_moves) CHECK(holds_page(w, {1}, target));
  };
  for (const bool validated : {false, true})
    for (const bool large : {false, true}) check_kept(large, validated, false);
  check_kept(false, false, true);
}

TEST_CASE("a page that was the firmware's to move stays so when its move fails", "[migration][mover]") {
  listening with;
  world w(with.ctx, true);
  snp_guest_with_page(w);
  rmp_update(w.m, from.value, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x7000}});
  const rmp::entry before = w.m.rmp.entry_of(page_of(from));
  w.m.rmp.put(page_of(to), {.immutable = true});
  CHECK(carry_out(with.ctx, w.m, {motion::page_move}, snp_page) == fw::invalid_page_state);
  CHECK(w.m.rmp.entry_of(page_of(from)) == before);
}
