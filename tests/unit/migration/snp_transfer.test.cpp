// SPDX-License-Identifier: MIT
// A SNP guest that moves through migration agents.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <support/migration_world.hpp>

#include <sevspec/migration/snp_transfer.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;

constexpr spa agent_context{gctx_at};
constexpr spa ward_context{gctx_at + 0x1000};
constexpr spa heir_context{gctx_at + 0x2000};
constexpr std::uint64_t ma_policy = snp_policy | 1U << 18;
constexpr std::uint64_t source_pages = 0x400'0000;
constexpr std::uint64_t target_pages = 0x500'0000;
constexpr snp_buffers buffers{.buffer = {0x600'0000}, .metadata = {0x610'0000}};
constexpr migration_agent agent{.context = agent_context, .request = {0x620'0000}, .response = {0x621'0000}};
const std::array<std::uint8_t, 32> shared_key{7, 7, 7};

auto text_of(const std::vector<snp_difference>& all) -> std::string {
  std::string text;
  for (const auto& one : all)
    text += std::string(text.empty() ? "" : ", ") + name_of(one.what) + ' ' + std::to_string(one.page);
  return text;
}

/// Two machines with agents, and a guest with ASID 2 on the first.
struct snp_hosts {
  listening with;
  world source;
  world target;
  std::vector<snp_vm_page> pages;
  std::vector<spa> places;
  agent_channel here{shared_key, channel_end::initiator};
  agent_channel there{shared_key, channel_end::responder};
  std::optional<test_machine<>> stopped;  ///< the source when the guest stopped

  explicit snp_hosts(std::size_t count) : source(with.ctx, true), target(with.ctx, true) {
    target.m.random.state = 4711;
    for (world* w : {&source, &target}) {
      w->snp_running();
      give_page(w->m, agent.response.value);
    }
    source.context_page(ward_context.value);
    source.expect({source.snp_launch_start(ward_context.value, ma_policy, agent_context.value),
                   source.snp_activate(ward_context.value, 2), source.snp_finish(ward_context.value)});
    for (std::size_t i = 0; i < count; ++i) {
      const spa where{source_pages + i * 4096};
      pages.push_back({.where = where, .vmsa = i == 1});
      places.push_back({target_pages + (i * 7 % count) * 4096});
      if (i % 6 == 3) {  // shared
        poke(source.m, where.value, filled_page(i));
        continue;
      }
      rmp_update(source.m, where.value, {.assigned = true, .id = {2}, .guest = {0x10'0000 + 4096 * (i ^ 3)}});
      rmp::entry entry = source.m.rmp.entry_of(page_of(where));
      entry.validated = i % 5 != 4;
      entry.vmsa = i == 1;
      entry.allowed[1] = rmp::permissions{static_cast<std::uint8_t>(i % 8)};
      source.m.rmp.put(page_of(where), entry);
      firmware::write_guest(source.m, {2}, where, filled_page(i));
    }
  }
  auto swap_out() -> swapped_guest {
    stopped = source.m;
    auto made = swap_guest_out(with.ctx, source.m, ward_context, pages, buffers);
    REQUIRE(made);
    return *made;
  }
  /// Context and ASID at the target.
  auto import(const context_parcel& parcel) -> snp_transferred<> {
    target.context_page(heir_context.value);
    auto done = import_guest(with.ctx, target.m, agent, heir_context, there, parcel);
    if (done) target.expect({target.snp_activate(heir_context.value, 3)});
    return done;
  }
  auto differences() -> std::string { return text_of(compare_snp_guests(*stopped, {2}, pages, target.m, {3}, places)); }
};

}  // namespace

TEST_CASE("a SNP guest moves through the agents", "[migration][snp-transfer]") {
  for (const std::size_t count : {std::size_t{5}, std::size_t{64}, std::size_t{79}, std::size_t{200}}) {
    INFO(count);
    snp_hosts w(count);
    const swapped_guest carried = w.swap_out();
    CHECK(carried.pages.size() == count);
    const auto swapped = static_cast<std::size_t>(
        std::ranges::count_if(carried.kinds, [](carried_as one) { return one != carried_as::shared; }));
    CHECK(swapped < count);
    CHECK(carried.kinds[1] == carried_as::vmsa);
    CHECK(carried.metadata.size() == (swapped > 64 ? 2 : 1));  // 64 entries to a page of metadata
    CHECK(carried.metadata.front().size() == (swapped + 63) / 64);
    CHECK(carried.metadata.back().size() == 1);
    const auto parcel = export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here);
    REQUIRE(parcel);
    CHECK_FALSE(w.source.m.sp.contexts.contains(ward_context.value));
    REQUIRE(w.import(*parcel));
    REQUIRE(swap_guest_in(w.with.ctx, w.target.m, heir_context, w.places, carried, buffers));
    CHECK(w.differences() == "");
    CHECK(w.target.m.sp.contexts.at(heir_context.value).state == layout::snp_guest_state::running);
    CHECK(w.target.m.sp.contexts.at(heir_context.value).vek != w.stopped->sp.contexts.at(ward_context.value).vek);

    // Nothing of it was in the clear.
    for (std::size_t i = 0; i < count; ++i) {
      if (carried.kinds[i] == carried_as::shared) continue;
      const auto plain = filled_page(i);
      for (std::size_t at = 0; at < 4096; at += 16)
        REQUIRE_FALSE(std::equal(plain.begin() + static_cast<std::ptrdiff_t>(at),
                                 plain.begin() + static_cast<std::ptrdiff_t>(at) + 16,
                                 carried.pages[i].begin() + static_cast<std::ptrdiff_t>(at)));
    }
  }
}

TEST_CASE("what arrives otherwise shows", "[migration][snp-transfer]") {
  snp_hosts w(5);
  const swapped_guest carried = w.swap_out();
  REQUIRE(w.import(export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here).value()));
  REQUIRE(swap_guest_in(w.with.ctx, w.target.m, heir_context, w.places, carried, buffers));
  const auto change = [&](std::size_t page, auto edit) {
    const test_machine<> honest = w.target.m;
    rmp::entry entry = w.target.m.rmp.entry_of(page_of(w.places[page]));
    edit(entry);
    w.target.m.rmp.put(page_of(w.places[page]), entry);
    const std::string found = w.differences();
    w.target.m = honest;
    return found;
  };
  CHECK(w.differences() == "");
  CHECK(change(0, [](rmp::entry& one) { one.validated = false; }) == "validated 0");
  CHECK(change(0, [](rmp::entry& one) { one.guest = {0x1000}; }) == "guest address 0");
  CHECK(change(2, [](rmp::entry& one) { one.allowed[3] = rmp::permissions{1}; }) == "permissions 2");
  CHECK(change(1, [](rmp::entry& one) { one.vmsa = false; }) == "VMSA 1");
  CHECK(change(2, [](rmp::entry& one) { one.immutable = true; }) == "owner 2");
  CHECK(change(2, [](rmp::entry& one) { one.id = {4}; }) == "owner 2");
  CHECK(change(3, [](rmp::entry& one) { one.assigned = true; }).starts_with("status 3, plaintext 3"));
}

TEST_CASE("SNP pages that hosts exchange or change are refused", "[migration][snp-transfer]") {
  snp_hosts w(4);
  swapped_guest carried = w.swap_out();
  REQUIRE(w.import(export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here).value()));
  const swapped_guest honest = carried;
  std::swap(carried.pages[1], carried.pages[2]);
  const auto done = swap_guest_in(w.with.ctx, w.target.m, heir_context, w.places, carried, buffers);
  CHECK(done.error() == fw::bad_measurement);  // each entry has its page's tag
  // The root entry was used: the same ciphertext is not taken twice.
  const auto again = swap_guest_in(w.with.ctx, w.target.m, heir_context, w.places, honest,
                                   {.buffer = buffers.buffer, .metadata = {0x618'0000}});
  CHECK(again.error() == fw::invalid_mdata_entry);
}

TEST_CASE("parcels are taken once, and from the other agent alone", "[migration][snp-transfer]") {
  snp_hosts w(2);
  const swapped_guest carried = w.swap_out();
  const auto parcel = export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here).value();
  context_parcel changed = parcel;
  changed.body[0x30] ^= 1;
  CHECK(w.import(changed).error() == fw::bad_measurement);
  agent_channel stranger({9}, channel_end::responder);
  w.target.m.sp.contexts.erase(heir_context.value);
  CHECK(import_guest(w.with.ctx, w.target.m, agent, heir_context, stranger, parcel).error() == fw::bad_measurement);
  CHECK(import_guest(w.with.ctx, w.target.m, agent, heir_context, w.there, parcel).error() == fw::invalid_guest);
  CHECK(import_guest(w.with.ctx, w.target.m, agent, heir_context, w.there, parcel).error() == fw::bad_measurement);
}

TEST_CASE("an agent does not take its own parcels back", "[migration][snp-transfer]") {
  agent_channel here{shared_key, channel_end::initiator};
  agent_channel there{shared_key, channel_end::responder};
  const std::vector<std::uint8_t> bytes(100, 0x5a);
  const auto sent = here.seal(bytes);
  const auto returned = there.seal(bytes);
  CHECK(sent.number == returned.number);
  CHECK(sent.body != returned.body);  // no key stream is used twice
  CHECK_FALSE(here.open(sent));
  CHECK_FALSE(there.open(returned));
  CHECK(there.open(sent).value() == bytes);
  CHECK(here.open(returned).value() == bytes);
  CHECK_FALSE(there.open(sent));

  // So the source's host cannot have the guest again from its own agent.
  snp_hosts w(2);
  static_cast<void>(w.swap_out());
  const auto parcel = export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here).value();
  w.source.context_page(heir_context.value);
  CHECK(import_guest(w.with.ctx, w.source.m, agent, heir_context, w.here, parcel).error() == fw::bad_measurement);
}

TEST_CASE("only the guest's own agent has it exported, and only once", "[migration][snp-transfer]") {
  snp_hosts w(2);
  w.source.context_page(heir_context.value);
  w.source.expect({w.source.snp_launch_start(heir_context.value), w.source.snp_activate(heir_context.value, 3),
                   w.source.snp_finish(heir_context.value)});
  migration_agent impostor = agent;
  impostor.context = heir_context;
  CHECK(export_guest(w.with.ctx, w.source.m, impostor, ward_context, w.here).error() == fw::invalid_guest);
  static_cast<void>(w.swap_out());
  REQUIRE(export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here));
  CHECK(export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here).error() == fw::invalid_guest);
  CHECK(export_guest(w.with.ctx, w.source.m, {.context = {0x7'0000}}, ward_context, w.here).error() ==
        fw::invalid_guest);
}

TEST_CASE("a context without its pages is not imported", "[migration][snp-transfer]") {
  snp_hosts w(2);
  const auto parcel = export_guest(w.with.ctx, w.source.m, agent, ward_context, w.here).value();  // nothing swapped out
  CHECK(w.import(parcel).error() == fw::invalid_mdata_entry);
}
