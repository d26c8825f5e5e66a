// SPDX-License-Identifier: MIT
// SEV and SEV-ES guests that move while they run.
#include <cstdint>
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
  for (int i = 0; i < rounds; ++i) REQUIRE(receiver.take_all(sender.round([](std::uint64_t) {}).value()));
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
  move_guest(w, 1, true);
  CHECK(text_of(w.differences()) == "");
  // The checksum is the target's own: the page is a VMSA there, and is not one at the source's place.
  std::array<std::uint8_t, 4096> vmsa{};
  vm_view(w.target.m, w.arrived).read_vmsa(0, vmsa);
  CHECK(firmware::is_vmsa_of(w.target.m, w.arrived.handle, vmsa));
  vmsa[0x100] ^= 1;
  const auto done = w.target.m.memory.write(w.arrived.vmsas[0], memory_key::guest(asid{3}), vmsa);
  CHECK(done == memory::memory_status::ok);
  CHECK(text_of(w.differences()) == "VMSA 0");
}

TEST_CASE("a page that becomes shared after it was sent is sent again", "[migration][transfer][MIG-DIRTY-01]") {
  for (const bool in_force : {true, false}) {
    INFO(in_force);
    two_hosts w(10, false, in_force ? rule_set() : rule_set().without(rule::MIG_DIRTY_01));
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    REQUIRE(receiver.take_all(sender.round([](std::uint64_t) {}).value()));
    for (const std::uint64_t page : {2U, 7U})
      guest_write(w.source.m, w.vm, page, 8, std::vector<std::uint8_t>(16, 0xab));
    const auto second = sender.round([](std::uint64_t) {}).value();
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
      const auto records = sender.round([&](std::uint64_t page) {
        if (page != 3) return;
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
  auto sender = w.sender();
  REQUIRE(sender.start(w.target_pdh()));
  REQUIRE(sender.send_page(3));
  REQUIRE(sender.cancel());
  CHECK(w.source.m.sp.guests.at(w.vm.handle).state == layout::sev_guest_state::running);
  std::array<std::uint8_t, 4096> bytes{};
  for (std::uint64_t page = 0; page < 8; ++page) {
    guest_read(w.source.m, w.vm, page, bytes);
    CHECK(bytes == filled_page(page));
  }
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

TEST_CASE("policies decide whether a guest may leave", "[migration][transfer]") {
  two_hosts w(1);
  w.source.m.sp.guests.at(w.vm.handle).policy = {plain_policy | 8};  // NOSEND
  CHECK(w.sender().start(w.target_pdh()).error() == transfer_error{kind::firmware, fw::policy_failure});
}
