// SPDX-License-Identifier: MIT
// SEV and SEV-ES guests that move while they run.
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <support/migration_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;
using kind = transfer_error::kind;

/// The whole way: `rounds` rounds, then the end.
void move_guest(two_hosts& w, int rounds = 1, bool es = false) {
  auto sender = w.sender();
  auto receiver = w.receiver(es);
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  for (int i = 0; i < rounds; ++i) REQUIRE(receiver.take_all(sender.round([](std::uint64_t, sending) {}).value()));
  REQUIRE(receiver.take_all(sender.finish().value()));
  REQUIRE(receiver.has_arrived());
}

}  // namespace

TEST_CASE("a guest of 64 MiB moves", "[migration][transfer][MIG-RECV-02][MIG-STAT-02]") {
  constexpr std::uint64_t pages = 64 * 256;
  two_hosts w(pages, false, {}, 0x500'0000);
  for (std::uint64_t page = 5; page < pages; page += 100) {
    w.convert(page, false);
    guest_write(w.source.m, w.vm, page, 0, filled_page(page + pages));
  }
  move_guest(w);
  CHECK(w.differences().empty());
  CHECK(w.arrived.status == w.vm.status);
  CHECK_FALSE(w.arrived.status.is_encrypted(5));
  CHECK(w.arrived.status.is_encrypted(6));
  const auto& from = w.source.m.sp.guests.at(w.vm.handle);
  const auto& to = w.target.m.sp.guests.at(w.arrived.handle);
  CHECK(from.state == layout::sev_guest_state::sent);
  CHECK(to.state == layout::sev_guest_state::running);
  CHECK(foreign_key_reads_garbage(w.target.m, w.arrived, from.vek, 0));
  CHECK_FALSE(foreign_key_reads_garbage(w.target.m, w.arrived, to.vek, 0));
}

TEST_CASE("a SEV-ES guest moves with its registers", "[migration][transfer]") {
  two_hosts w(4, true);
  CHECK_FALSE(w.arrived.ready);
  move_guest(w, 1, true);
  CHECK(text_of(w.differences()) == "");
  CHECK(w.arrived.ready);  // it may go on from there
  // The checksum is the target's own: the page is a VMSA there, and is not one at the source's place.
  std::array<std::uint8_t, 4096> vmsa{};
  vm_view(w.target.m, w.arrived).read_vmsa(0, vmsa);
  CHECK(firmware::is_vmsa_of(w.target.m, w.arrived.handle, vmsa));
  vmsa[0x100] ^= 1;
  const auto done = w.target.m.memory.write(w.arrived.vmsas[0], memory_key::guest(asid{3}), vmsa);
  CHECK(done == memory::memory_status::ok);
  CHECK(text_of(w.differences()) == "VMSA 0, VMSA checksum 0");
}

TEST_CASE("a VMSA arrives with a checksum of the target's", "[migration][transfer]") {
  two_hosts w(2, true);
  move_guest(w, 1, true);
  std::array<std::uint8_t, 4096> honest{};
  vm_view(w.target.m, w.arrived).read_vmsa(0, honest);
  const auto with = [&](std::size_t at, std::uint64_t value) {
    auto vmsa = honest;
    layout::write_le(vmsa.data() + at, value);
    const auto done = w.target.m.memory.write(w.arrived.vmsas[0], memory_key::guest(asid{3}), vmsa);
    REQUIRE(done == memory::memory_status::ok);
    return text_of(w.differences());
  };
  const std::uint64_t slot = layout::read_le<std::uint64_t>(honest.data() + firmware::vmsa_at::checksum);
  CHECK(with(firmware::vmsa_at::checksum, slot) == "");
  CHECK(with(firmware::vmsa_at::checksum, slot + 16) == "VMSA checksum 0");  // a slot that is nobody's
  CHECK(with(firmware::vmsa_at::checksum, 0) == "VMSA checksum 0");
  CHECK(with(firmware::vmsa_at::cleared, 1) == "VMSA 0, VMSA checksum 0");
  CHECK(with(firmware::vmsa_at::cleared, 0) == "");
  // What the source's VMSA had there is not compared.
  std::array<std::uint8_t, 4096> source{};
  vm_view(w.source.m, w.vm).read_vmsa(0, source);
  layout::write_le(source.data() + firmware::vmsa_at::cleared, std::uint64_t{1});
  const auto done = w.source.m.memory.write(w.vm.vmsas[0], memory_key::guest(asid{2}), source);
  REQUIRE(done == memory::memory_status::ok);
  CHECK(text_of(w.differences()) == "");
}

TEST_CASE("packets of private pages open with the session's keys alone", "[migration][transfer][MIG-RECV-02]") {
  two_hosts w(3);
  auto sender = w.sender();
  REQUIRE(sender.start(w.target_pdh()));
  const firmware::transport_keys keys = w.source.m.sp.guests.at(w.vm.handle).keys;
  const firmware::transport_keys other{.tek = {1, 2}, .tik = {3, 4}};
  const auto plain = filled_page(1);
  const auto sent = sender.send_page(1).value().body;
  const auto faults = [&](const std::vector<std::uint8_t>& packet, const firmware::transport_keys& with,
                          std::span<const firmware::transport_keys> foreign) {
    std::string text;
    for (const packet_fault one : check_packet(packet, with, plain, foreign))
      text += std::string(text.empty() ? "" : ", ") + name_of(one);
    return text;
  };
  CHECK(faults(sent, keys, {}) == "");
  CHECK(faults(sent, keys, {&other, 1}) == "");
  CHECK(faults(sent, other, {}) == "MAC, plaintext");
  CHECK(faults(sent, {.tek = keys.tek, .tik = other.tik}, {}) == "MAC");
  CHECK(faults(sent, {.tek = other.tek, .tik = keys.tik}, {}) == "plaintext");
  CHECK(faults(sent, keys, {&keys, 1}) == "foreign key");
  auto changed = sent;
  changed.back() ^= 1;
  CHECK(faults(changed, keys, {}) == "MAC, plaintext");
  changed.pop_back();
  CHECK(faults(changed, keys, {}) == "size");
  CHECK(faults(std::vector<std::uint8_t>(20), keys, {}) == "size");

  // A sender whose key is no secret; one that enciphers nothing; one that leaves out a block.
  const auto sealed = [&](const firmware::transport_keys& with, auto edit) {
    std::vector<std::uint8_t> body(plain.begin(), plain.end());
    const std::array<std::uint8_t, 16> iv{5};
    crypto::aes128_ctr(with.tek, iv, body, body);
    edit(body);
    layout::sev_packet_header header;
    header.set_iv(iv);
    header.set_mac(firmware::packet_mac(with.tik, firmware::data_packet(), header, 4096, body));
    std::vector<std::uint8_t> packet(header.bytes().begin(), header.bytes().end());
    packet.insert(packet.end(), body.begin(), body.end());
    return packet;
  };
  CHECK(faults(sealed(keys, [](auto&) {}), keys, {}) == "");
  CHECK(faults(sealed({}, [](auto&) {}), {}, {}) == "foreign key");
  CHECK(faults(sealed(keys, [&](auto& body) { std::ranges::copy(plain, body.begin()); }), keys, {}) ==
        "plaintext, leak");
  CHECK(faults(sealed(keys, [&](auto& body) { std::copy_n(plain.begin() + 160, 16, body.begin() + 160); }), keys, {}) ==
        "plaintext, leak");
}

TEST_CASE("a page that becomes shared after it was sent is sent again", "[migration][transfer][MIG-DIRTY-01]") {
  for (const bool in_force : {true, false}) {
    INFO(in_force);
    two_hosts w(10, false, in_force ? rule_set() : rule_set().without(rule::MIG_DIRTY_01));
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    REQUIRE(receiver.take_all(sender.round([](std::uint64_t, sending) {}).value()));
    for (const std::uint64_t page : {2U, 7U})
      guest_write(w.source.m, w.vm, page, 8, std::vector<std::uint8_t>(16, 0xab));
    const auto second = sender.round([](std::uint64_t, sending) {}).value();
    CHECK(second.size() == 2);
    CHECK(second[1].type == record_type::private_page);
    REQUIRE(receiver.take_all(second));
    w.convert(7, false);  // nothing is written
    const auto last = sender.finish().value();
    CHECK((last[0].type == record_type::shared_page) == in_force);
    REQUIRE(receiver.take_all(last));
    CHECK(text_of(w.differences()) == (in_force ? "" : "shared bytes 7"));
    CHECK(w.arrived.status == w.vm.status);
  }
}

TEST_CASE("what happens while a page is sent is not lost", "[migration][transfer][MIG-DIRTY-02]") {
  for (const bool in_force : {true, false}) {
    for (const bool converts : {true, false}) {
      INFO(in_force << converts);
      two_hosts w(6, false, in_force ? rule_set() : rule_set().without(rule::MIG_DIRTY_02));
      auto sender = w.sender();
      auto receiver = w.receiver();
      REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
      const auto records = sender.round([&](std::uint64_t page, sending point) {
        if (page != 3 || point != sending::bytes_read) return;
        if (converts) w.convert(3, false);
        else guest_write(w.source.m, w.vm, 3, 0, filled_page(77));
      });
      REQUIRE(receiver.take_all(records.value()));
      CHECK(w.vm.dirty.is_dirty(3) == in_force);
      CHECK_FALSE(w.vm.dirty.is_dirty(2));
      REQUIRE(receiver.take_all(sender.finish().value()));
      CHECK(text_of(w.differences()) == (in_force ? "" : converts ? "shared bytes 3" : "private plaintext 3"));
    }
  }
}

TEST_CASE("what happens between the look at the status and the look at the bytes is not lost",
          "[migration][transfer][MIG-DIRTY-02]") {
  for (const bool becomes_shared : {true, false}) {
    INFO(becomes_shared);
    two_hosts w(6);
    w.convert(3, !becomes_shared ? false : true);
    guest_write(w.source.m, w.vm, 3, 0, filled_page(70));
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    const auto records = sender.round([&](std::uint64_t page, sending point) {
      if (point != sending::status_read) return;
      if (page == 3) {  // it is sent as what it was
        w.convert(3, !becomes_shared);
        guest_write(w.source.m, w.vm, 3, 0, filled_page(77));
      }
      if (page == 4) guest_write(w.source.m, w.vm, 4, 0, filled_page(78));
    });
    REQUIRE(receiver.take_all(records.value()));
    CHECK(w.vm.dirty.all() == std::vector<std::uint64_t>{3, 4});
    CHECK((records->at(3).type == record_type::private_page) == becomes_shared);
    REQUIRE(receiver.take_all(sender.finish().value()));
    CHECK(text_of(w.differences()) == "");
  }
}

TEST_CASE("bytes of private pages mean nothing elsewhere", "[migration][transfer][MIG-RECV-02]") {
  two_hosts w(3, false, rule_set().without(rule::MIG_RECV_02));
  move_guest(w);
  CHECK(text_of(w.differences()) == "private plaintext 0, private plaintext 1, private plaintext 2");
}

TEST_CASE("no status map, no guest", "[migration][transfer][MIG-DIRTY-03]") {
  for (const bool in_force : {true, false}) {
    two_hosts w(3, false, in_force ? rule_set() : rule_set().without(rule::MIG_DIRTY_03));
    w.convert(1, false);
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    auto records = sender.finish().value();
    REQUIRE(records[records.size() - 2].type == record_type::status_map);
    records.erase(records.end() - 2);
    const auto done = receiver.take_all(records);
    CHECK(done.has_value() == !in_force);
    CHECK(receiver.has_arrived() == !in_force);
    if (in_force) CHECK(done.error().what == kind::no_status_map);
    else CHECK(text_of(w.differences()) == "status 1");
  }
}

TEST_CASE("a conversion that the guest does not tell spoils the guest alone, and shows",
          "[migration][transfer][MIG-STAT-03][ATK-69]") {
  two_hosts w(6);
  w.convert(4, false, false);
  guest_write(w.source.m, w.vm, 4, 0, filled_page(300));
  move_guest(w);
  CHECK(text_of(w.differences()) == "shared bytes 4, told 4");
}

TEST_CASE("packets carry no address: exchanged ones are accepted, and found by comparison", "[migration][transfer]") {
  two_hosts w(6);
  auto sender = w.sender();
  auto receiver = w.receiver();
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  auto records = sender.finish().value();
  std::swap(records[1].body, records[4].body);
  REQUIRE(receiver.take_all(records));  // every MAC is right
  CHECK(text_of(w.differences()) == "private plaintext 1, private plaintext 4");
}

TEST_CASE("changed packets are refused", "[migration][transfer]") {
  for (const std::size_t byte : {std::size_t{4}, std::size_t{30}, std::size_t{52}, std::size_t{4000}}) {
    two_hosts w(2);
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    auto record = sender.send_page(1).value();
    record.body[byte] ^= 1;
    const auto done = receiver.take(record);
    REQUIRE_FALSE(done);
    CHECK(done.error() == transfer_error{kind::firmware, fw::bad_measurement});
  }
}

TEST_CASE("a transfer that is cancelled changes nothing", "[migration][transfer]") {
  two_hosts w(8);
  w.convert(5, false);
  guest_write(w.source.m, w.vm, 5, 0, filled_page(5));
  const test_machine<> source_before = w.source.m;
  const test_machine<> target_before = w.target.m;
  const encrypted_vm vm_before = w.vm;
  const encrypted_vm arrived_before = w.arrived;
  auto sender = w.sender();
  auto receiver = w.receiver();
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  for (const std::uint64_t page : {3U, 5U}) REQUIRE(receiver.take(sender.send_page(page).value()));
  REQUIRE(sender.cancel());
  CHECK(w.source.m.sp.guests.at(w.vm.handle).state == layout::sev_guest_state::running);

  const auto at_source = [&](const std::set<std::uint64_t>& visited) {
    return text_of(changed_pages(vm_view(source_before, vm_before), vm_view(w.source.m, w.vm), visited));
  };
  const auto at_target = [&](const std::set<std::uint64_t>& visited) {
    return text_of(changed_pages(host_view(target_before, arrived_before), host_view(w.target.m, w.arrived), visited));
  };
  CHECK(at_source({}) == "");  // those that were sent are as they were, too
  CHECK(at_target({3, 5}) == "");
  CHECK(at_target({}) == "unvisited page 3, unvisited page 5");
  CHECK(at_target({3}) == "unvisited page 5");
  guest_write(w.source.m, w.vm, 2, 100, std::vector<std::uint8_t>(1, 0xee));
  CHECK(at_source({}) == "unvisited page 2");
  CHECK(at_source({2}) == "");
  w.convert(6, false, false);
  CHECK(at_source({2}) == "unvisited page 6");
  w.convert(6, true, false);
  w.vm.status.set(7, 1, false);
  CHECK(at_source({2}) == "unvisited page 7");
  w.vm.pages.pop_back();
  CHECK(at_source({2}) == "page count 0");

  CHECK(sender.send_page(3).error() == transfer_error{kind::firmware, fw::invalid_guest_state});
  CHECK(sender.cancel().error() == transfer_error{kind::firmware, fw::invalid_guest_state});
  CHECK(sender.finish().error().what == kind::firmware);
}

TEST_CASE("records out of place are refused", "[migration][transfer]") {
  two_hosts w(2);
  auto sender = w.sender();
  auto receiver = w.receiver();
  const auto session = sender.start(w.target_pdh()).value();
  CHECK(receiver.take({record_type::end, 0, {}}).error().what == kind::order);
  REQUIRE(receiver.take(session));
  CHECK(receiver.take(session).error().what == kind::order);
  CHECK(sender.send_page(2).error().what == kind::no_such_page);
  auto page = sender.send_page(1).value();
  page.page = 2;
  CHECK(receiver.take(page).error().what == kind::no_such_page);
  CHECK(receiver.take({record_type::shared_page, 2, std::vector<std::uint8_t>(4096)}).error().what ==
        kind::no_such_page);
  CHECK(receiver.take({record_type::status_map, 9, {0xff, 1}}).error().what == kind::no_such_page);
  CHECK(receiver.take({record_type::helper_page, 0, std::vector<std::uint8_t>(helper_body_bytes)}).error().what ==
        kind::order);
  REQUIRE(receiver.take_all(sender.finish().value()));
  CHECK(receiver.take({record_type::end, 0, {}}).error().what == kind::order);
}

TEST_CASE("records of another size than theirs are refused", "[migration][transfer]") {
  two_hosts w(2);
  auto sender = w.sender();
  auto receiver = w.receiver();
  const auto resized = [&](transfer_record one, std::size_t bytes) {
    one.body.resize(bytes);
    return receiver.take(one).error();
  };
  constexpr transfer_error refused{kind::wrong_size};
  const auto session = sender.start(w.target_pdh()).value();
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{4}, session_body_bytes - 1, session_body_bytes + 1})
    CHECK(resized(session, bytes) == refused);
  CHECK(w.target.m.sp.guests.empty());
  REQUIRE(receiver.take(session));
  const auto page = sender.send_page(1).value();
  auto vmsa = page;
  vmsa.type = record_type::vmsa;
  for (const std::size_t bytes : {0U, 51U, 52U, 52U + 4095U, 52U + 4097U}) {
    CHECK(resized(page, bytes) == refused);
    CHECK(resized(vmsa, bytes) == refused);
  }
  const auto before = peek(w.target.m, w.arrived.pages[0].value, 8192);
  for (const std::size_t bytes : {0U, 4095U, 4097U, 8192U})
    CHECK(resized({record_type::shared_page, 0, std::vector<std::uint8_t>(1, 0xee)}, bytes) == refused);
  CHECK(peek(w.target.m, w.arrived.pages[0].value, 8192) == before);
  CHECK(resized({record_type::status_map, 2, {}}, 0) == refused);
  CHECK(resized({record_type::status_map, 2, {}}, 2) == refused);
  CHECK(resized({record_type::status_map, ~std::uint64_t{0}, {}}, 0) == refused);
  CHECK(resized({record_type::end, 0, {}}, 1) == refused);
  CHECK_FALSE(receiver.has_arrived());
}

TEST_CASE("a guest that is not ready does not leave", "[migration][transfer][MIG-STAT-01]") {
  for (const bool in_force : {true, false}) {
    two_hosts w(1, false, in_force ? rule_set() : rule_set().without(rule::MIG_STAT_01));
    REQUIRE(write_migration_control(w.with.ctx, w.vm, 0));  // a kernel that takes over, and does not know yet
    const auto done = w.sender().start(w.target_pdh());
    CHECK(done.has_value() == !in_force);
    if (!in_force) continue;
    CHECK(done.error() == transfer_error{kind::not_ready});
    CHECK(w.source.m.sp.guests.at(w.vm.handle).state == layout::sev_guest_state::running);
    CHECK_FALSE(write_migration_control(w.with.ctx, w.vm, 3));  // #GP
    CHECK_FALSE(w.vm.ready);
    REQUIRE(write_migration_control(w.with.ctx, w.vm, migration_ready));
    CHECK(w.sender().start(w.target_pdh()));
  }
}

TEST_CASE("after a cancelled transfer the next sends all pages", "[migration][transfer][MIG-DIRTY-02]") {
  two_hosts w(6);
  w.convert(4, false);
  auto sender = w.sender();
  auto abandoned = w.receiver();
  const auto nothing = [](std::uint64_t, sending) {};
  REQUIRE(abandoned.take(sender.start(w.target_pdh()).value()));
  REQUIRE(abandoned.take_all(sender.round(nothing).value()));
  REQUIRE(sender.cancel());
  CHECK(w.vm.dirty.all().empty());

  // Another place of the target's, where nothing has arrived yet.
  w.arrived = make_vm(0, {arrival_at_spa + 0x10'0000}, 6);
  vm_receiver receiver(w.with.ctx, w.target.m, w.arrived, asid{8}, transfer_buffers);
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  const auto first = sender.round(nothing).value();
  CHECK(first.size() == 6);
  REQUIRE(receiver.take_all(first));
  guest_write(w.source.m, w.vm, 2, 0, filled_page(60));
  REQUIRE(receiver.take_all(sender.round(nothing).value()));
  REQUIRE(receiver.take_all(sender.finish().value()));
  CHECK(text_of(w.differences()) == "");
}

TEST_CASE("what could not be sent is sent later", "[migration][transfer][MIG-DIRTY-02]") {
  const auto nothing = [](std::uint64_t, sending) {};
  constexpr transfer_error refused{kind::firmware, fw::inactive};
  two_hosts w(5);
  w.convert(1, false);
  auto sender = w.sender();
  auto receiver = w.receiver();
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  // In the middle of a round: pages were made into records before, one of them shared.
  const auto interrupted = sender.round([&](std::uint64_t page, sending point) {
    if (page == 3 && point == sending::status_read)
      w.source.expect({w.source.by_handle(command_id::deactivate, w.vm.handle)});
  });
  CHECK(interrupted.error() == refused);
  CHECK(w.vm.dirty.all().size() == 5);
  CHECK(sender.send_page(4).error() == refused);
  CHECK(w.vm.dirty.is_dirty(4));
  CHECK(sender.finish().error() == refused);
  w.source.expect({w.source.flush(), w.source.activate(w.vm.handle, 6)});
  REQUIRE(receiver.take_all(sender.finish().value()));
  CHECK(text_of(w.differences()) == "");

  // What was sent before is not sent again.
  two_hosts some(5);
  auto second = some.sender();
  REQUIRE(second.start(some.target_pdh()));
  REQUIRE(second.round(nothing));
  guest_write(some.source.m, some.vm, 2, 0, filled_page(60));
  some.source.expect({some.source.by_handle(command_id::deactivate, some.vm.handle)});
  CHECK_FALSE(second.round(nothing));
  CHECK(some.vm.dirty.all() == std::vector<std::uint64_t>{2});
}

TEST_CASE("an end that fails takes nothing with it", "[migration][transfer][MIG-DIRTY-02]") {
  two_hosts w(4, true);
  auto sender = w.sender();
  auto receiver = w.receiver(true);
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  REQUIRE(receiver.take_all(sender.round([](std::uint64_t, sending) {}).value()));
  guest_write(w.source.m, w.vm, 1, 0, filled_page(60));
  w.convert(2, false);
  guest_write(w.source.m, w.vm, 2, 0, filled_page(61));
  const std::vector<std::uint64_t> left{1, 2};
  w.vm.vmsas.push_back({vmsa_at_spa + 8});  // the pages go, the first VMSA goes, the second does not
  CHECK(sender.finish().error().what == kind::firmware);
  CHECK(w.vm.dirty.all() == left);
  w.vm.vmsas.pop_back();
  REQUIRE(receiver.take_all(sender.finish().value()));
  CHECK(text_of(w.differences()) == "");

  // Shared pages need no command: SEND_FINISH is the first that is refused.
  two_hosts none(3);
  for (const std::uint64_t page : {0U, 1U, 2U}) none.convert(page, false);
  CHECK(none.sender().finish().error() == transfer_error{kind::firmware, fw::invalid_guest_state});
  CHECK(none.vm.dirty.all().size() == 3);
}

TEST_CASE("a guest that withdraws its readiness stays", "[migration][transfer][MIG-STAT-01]") {
  for (const bool in_force : {true, false}) {
    INFO(in_force);
    two_hosts w(3, false, in_force ? rule_set() : rule_set().without(rule::MIG_STAT_01));
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    REQUIRE(receiver.take_all(sender.round([](std::uint64_t, sending) {}).value()));
    guest_write(w.source.m, w.vm, 1, 0, filled_page(60));
    REQUIRE(write_migration_control(w.with.ctx, w.vm, 0));
    const encrypted_vm before = w.vm;
    const auto done = sender.finish();
    CHECK(done.has_value() == !in_force);
    if (!in_force) continue;
    CHECK(done.error() == transfer_error{kind::not_ready});
    CHECK(w.vm == before);
    CHECK(w.source.m.sp.guests.at(w.vm.handle).state == layout::sev_guest_state::supdate);
    REQUIRE(write_migration_control(w.with.ctx, w.vm, migration_ready));
    REQUIRE(receiver.take_all(sender.finish().value()));
    CHECK(text_of(w.differences()) == "");
  }
}

TEST_CASE("policies decide whether a guest may leave", "[migration][transfer]") {
  two_hosts w(1);
  w.source.m.sp.guests.at(w.vm.handle).policy = {plain_policy | 8};  // NOSEND
  CHECK(w.sender().start(w.target_pdh()).error() == transfer_error{kind::firmware, fw::policy_failure});
}
