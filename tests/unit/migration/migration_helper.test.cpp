// SPDX-License-Identifier: MIT
// The migration helper and the mirror VM.
#include <array>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <support/migration_world.hpp>

#include <sevspec/migration/migration_helper.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;

const std::array<std::uint8_t, 32> secret{1, 2, 3};
constexpr helper_session session{.of_source = {4, 5}, .of_target = {6, 7}};

struct helpers {
  migration_helper source;
  migration_helper target;
  explicit helpers(const helper_session& of = session) {
    REQUIRE(source.init(secret, helper_role::source, of));
    REQUIRE(target.init(secret, helper_role::target, of));
  }
};
using page_bytes = std::array<std::uint8_t, 4096>;

}  // namespace

TEST_CASE("a helper's commands, in order", "[migration][helper][MIG-MH-01][MIG-MH-02]") {
  context ctx;
  migration_helper one;
  const page_bytes plain = filled_page(1);
  page_bytes out{};
  CHECK(one.encrypt(ctx, 0, true, plain).error() == helper_error::not_ready);
  CHECK(one.decrypt(ctx, {.body = std::vector<std::uint8_t>(4096)}, out).error() == helper_error::not_ready);
  CHECK(one.init(secret, helper_role::source, session));
  CHECK_FALSE(one.init(secret, helper_role::source, session));
  CHECK(one.now() == migration_helper::state::ready);
  REQUIRE(one.encrypt(ctx, 0, true, plain));
  one.skip_to(std::numeric_limits<std::uint64_t>::max());
  CHECK(one.encrypt(ctx, 0, true, plain).error() == helper_error::exhausted);
  one.finish();
  CHECK(one.encrypt(ctx, 0, true, plain).error() == helper_error::not_ready);
  CHECK_FALSE(one.init(secret, helper_role::source, session));
}

TEST_CASE("a helper's packets are for one page, once", "[migration][helper][MIG-MH-02]") {
  context ctx;
  helpers both;
  const page_bytes plain = filled_page(1);
  page_bytes out{};
  const auto packet = both.source.encrypt(ctx, 7, true, plain).value();
  CHECK(packet.body != std::vector<std::uint8_t>(plain.begin(), plain.end()));
  const auto refused = [&](auto change) {
    helper_packet other = packet;
    change(other);
    const auto done = both.target.decrypt(ctx, other, out);
    CHECK_FALSE(done);
    return done ? helper_error::not_ready : done.error();
  };
  CHECK(refused([](auto& one) { one.page = 8; }) == helper_error::forged);  // exchanged packets
  CHECK(refused([](auto& one) { one.page |= std::uint64_t{1} << 52; }) == helper_error::forged);
  CHECK(refused([](auto& one) { one.page |= std::uint64_t{1} << 63; }) == helper_error::forged);
  CHECK(refused([](auto& one) { one.encrypted = false; }) == helper_error::forged);
  CHECK(refused([](auto& one) { one.number = 1; }) == helper_error::forged);
  CHECK(refused([](auto& one) { one.body[9] ^= 1; }) == helper_error::forged);
  CHECK(refused([](auto& one) { one.tag[0] ^= 1; }) == helper_error::forged);
  CHECK(out == page_bytes{});
  REQUIRE(both.target.decrypt(ctx, packet, out));
  CHECK(out == plain);
  CHECK(both.target.decrypt(ctx, packet, out).error() == helper_error::replayed);
  migration_helper stranger;
  REQUIRE(stranger.init(std::array<std::uint8_t, 32>{9}, helper_role::target, session));
  CHECK(stranger.decrypt(ctx, packet, out).error() == helper_error::forged);
  const auto next = both.source.encrypt(ctx, 7, true, plain).value();
  CHECK(next.number == packet.number + 1);
  CHECK(next.body != packet.body);
}

TEST_CASE("what belongs to another transfer is not taken, and shares no key stream", "[migration][helper][MIG-MH-02]") {
  context ctx;
  helpers older;
  const page_bytes plain = filled_page(1);
  const auto recorded = older.source.encrypt(ctx, 7, true, plain).value();
  // The host replays what one side gave in the older transfer, or nothing.
  const helper_session old_source{.of_source = session.of_source, .of_target = {8}};
  const helper_session old_target{.of_source = {8}, .of_target = session.of_target};
  for (const helper_session& of : {old_source, old_target, helper_session{.of_source = {8}, .of_target = {9}},
                                   helper_session{.of_source = session.of_target, .of_target = session.of_source}}) {
    helpers newer(of);
    page_bytes out{};
    CHECK(newer.target.decrypt(ctx, recorded, out).error() == helper_error::forged);
    CHECK(out == page_bytes{});
    const auto packet = newer.source.encrypt(ctx, 7, true, plain).value();
    CHECK(packet.number == recorded.number);
    CHECK(packet.body != recorded.body);
    CHECK(older.target.decrypt(ctx, packet, out).error() == helper_error::forged);
    REQUIRE(newer.target.decrypt(ctx, packet, out));
    CHECK(out == plain);
  }
  // Each has heard something else than the other has said.
  migration_helper deceived;
  REQUIRE(deceived.init(secret, helper_role::target, old_target));
  page_bytes out{};
  CHECK(deceived.decrypt(ctx, recorded, out).error() == helper_error::forged);
}

TEST_CASE("two helpers that both send share no nonce", "[migration][helper][MIG-MH-02]") {
  context ctx;
  helpers both;
  const page_bytes plain = filled_page(1);
  page_bytes out{};
  const auto there = both.source.encrypt(ctx, 7, true, plain).value();
  const auto back = both.target.encrypt(ctx, 7, true, plain).value();
  CHECK(there.number == back.number);
  CHECK(there.body != back.body);  // the same key and the same page, but another key stream
  REQUIRE(both.target.decrypt(ctx, there, out));
  REQUIRE(both.source.decrypt(ctx, back, out));
  CHECK(out == plain);
}

TEST_CASE("a helper does not take its own packets back", "[migration][helper][MIG-MH-02]") {
  context ctx;
  helpers both;
  page_bytes out{};
  const auto sent = both.source.encrypt(ctx, 7, true, filled_page(1)).value();
  CHECK(both.source.decrypt(ctx, sent, out).error() == helper_error::forged);
  const auto returned = both.target.encrypt(ctx, 7, true, filled_page(2)).value();
  CHECK(both.target.decrypt(ctx, returned, out).error() == helper_error::forged);
  CHECK(out == page_bytes{});
  migration_helper second;
  REQUIRE(second.init(secret, helper_role::source, session));
  CHECK(second.decrypt(ctx, sent, out).error() == helper_error::forged);  // two of one role
}

TEST_CASE("a page does not go back to what it was", "[migration][helper][MIG-MH-02]") {
  context ctx;
  helpers both;
  page_bytes out{};
  const auto older = both.source.encrypt(ctx, 7, true, filled_page(1)).value();
  const auto other = both.source.encrypt(ctx, 8, true, filled_page(2)).value();
  const auto newer = both.source.encrypt(ctx, 7, true, filled_page(3)).value();
  REQUIRE(both.target.decrypt(ctx, newer, out));
  CHECK(both.target.decrypt(ctx, older, out).error() == helper_error::replayed);
  CHECK(both.target.decrypt(ctx, newer, out).error() == helper_error::replayed);
  CHECK(out == filled_page(3));
  REQUIRE(both.target.decrypt(ctx, other, out));  // packets of other pages may come later
  CHECK(out == filled_page(2));
}

TEST_CASE("a helper's packet as a record", "[migration][helper][MIG-MH-02]") {
  context ctx;
  helpers both;
  const auto packet = both.source.encrypt(ctx, 7, false, filled_page(2)).value();
  transfer_record record = to_record(packet);
  CHECK(record.body.size() == helper_body_bytes);
  CHECK(packet_of(record).value() == packet);
  record.body[8] = 2;
  CHECK_FALSE(packet_of(record));
  record.body[8] = 0;
  record.body[15] = 1;
  CHECK_FALSE(packet_of(record));
}

TEST_CASE("the firmware moves the helper, the helper the rest", "[migration][helper][MIG-MH-01]") {
  constexpr std::uint64_t pages = 40;
  constexpr std::uint64_t helper_page = 3;  // with the secret in it
  two_hosts w(pages);
  guest_write(w.source.m, w.vm, helper_page, 0x100, secret);
  w.convert(11, false);
  guest_write(w.source.m, w.vm, 11, 0, filled_page(500));

  auto sender = w.sender();
  auto receiver = w.receiver();
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  const auto image = sender.send_page(helper_page).value();
  CHECK(image.type == record_type::private_page);
  REQUIRE(receiver.take(image));

  // Each helper reads the secret in its own memory.
  migration_helper here;
  migration_helper there;
  page_bytes page{};
  guest_read(w.source.m, w.vm, helper_page, page);
  REQUIRE(here.init(std::span{page}.subspan<0x100, 32>(), helper_role::source, session));
  guest_read(w.target.m, w.arrived, helper_page, page);
  REQUIRE(there.init(std::span{page}.subspan<0x100, 32>(), helper_role::target, session));

  CHECK(w.with.heard.passed.contains(rule::FW_SEV_SUP_01));
  CHECK(w.with.heard.passed.contains(rule::FW_SEV_RUP_01));
  w.with.heard.passed.clear();
  std::vector<std::uint8_t> wire;
  for (std::uint64_t i = 0; i < pages; ++i) {
    if (i == helper_page) continue;
    guest_read(w.source.m, w.vm, i, page);
    const auto packet = here.encrypt(w.with.ctx, i, w.vm.c_bits[i], page).value();
    w.vm.dirty.clear(i);
    append_record(wire, to_record(packet));
  }
  std::size_t offset = 0;
  while (offset < wire.size()) {
    const auto packet = packet_of(parse_record(wire, offset).value()).value();
    REQUIRE(there.decrypt(w.with.ctx, packet, page));
    w.arrived.c_bits[packet.page] = packet.encrypted;
    guest_write(w.target.m, w.arrived, packet.page, 0, page);
  }
  CHECK_FALSE(w.with.heard.passed.contains(rule::FW_SEV_SUP_01));  // no SEND_UPDATE, no RECEIVE_UPDATE
  CHECK_FALSE(w.with.heard.passed.contains(rule::FW_SEV_RUP_01));
  CHECK(count_leaks(wire, private_blocks(vm_view(w.source.m, w.vm))) == 0);
  const auto rest = sender.finish().value();
  CHECK(rest.size() == 2);  // status map and end
  REQUIRE(receiver.take_all(rest));
  CHECK(text_of(w.differences()) == "");
}

TEST_CASE("a mirror shares the key, and nothing else", "[migration][mirror][MIG-MH-03]") {
  two_hosts w(4);
  const std::vector<spa> own{w.vm.pages[2], {0x300'0000}};
  auto mirror = make_mirror(w.with.ctx, w.source.m, w.vm, own).value();
  page_bytes page{};
  guest_read(w.source.m, mirror, 0, page);
  CHECK(page == filled_page(2));  // at another gPA
  guest_write(w.source.m, mirror, 1, 0, filled_page(9));
  CHECK_FALSE(w.vm.dirty.all() == mirror.dirty.all());
  CHECK(mirror.status.pages() == 2);

  CHECK(make_mirror(w.with.ctx, w.source.m, mirror, own).error() == mirror_error::is_mirror);
  encrypted_vm unknown = w.vm;
  unknown.handle = 77;
  CHECK(make_mirror(w.with.ctx, w.source.m, unknown, own).error() == mirror_error::no_guest);
  two_hosts es(1, true);
  CHECK(make_mirror(es.with.ctx, es.source.m, es.vm, own).error() == mirror_error::wrong_kind);
}
