// SPDX-License-Identifier: MIT
// A guest arrives as it left, whatever it does while it is sent; what it keeps private is never on the wire; what it
// forgets to tell is noticed.
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include <property/property.hpp>
#include <support/migration_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;

constexpr std::uint64_t pages = 6;

/// One thing that the guest does. Every write brings bytes that were never there before.
void act(two_hosts& w, std::uint64_t& stamp, tally& seen) {
  const auto page = *rc::gen::inRange<std::uint64_t>(0, pages);
  const auto what = *rc::gen::weightedElement<int>({{3, 0}, {2, 1}, {1, 2}});
  if (what != 0) {
    const bool to_private = !w.vm.c_bits[page];
    w.convert(page, to_private);
    seen.add(to_private ? "becomes private" : "becomes shared");
  }
  if (what != 1) {
    guest_write(w.source.m, w.vm, page, 0, filled_page(++stamp));
    seen.add("writes");
  }
}

}  // namespace

TEST_CASE("a guest arrives as it left, under any interleaving",
          "[migration][transfer][MIG-DIRTY-01][MIG-DIRTY-02][MIG-DIRTY-03][MIG-RECV-02]") {
  tally seen;
  property("interleavings", 40, [&] {
    two_hosts w(pages);
    std::uint64_t stamp = 1000;
    auto sender = w.sender();
    auto receiver = w.receiver();
    RC_ASSERT(receiver.take(sender.start(w.target_pdh()).value()).has_value());
    std::vector<std::uint8_t> wire;
    std::set<std::array<std::uint8_t, 16>> secrets;
    const auto remember = [&] { secrets.merge(private_blocks(vm_view(w.source.m, w.vm))); };
    // Blocks that a shared page had at any time are no secrets.
    std::set<std::array<std::uint8_t, 16>> open;
    const auto note_shared = [&] {
      std::array<std::uint8_t, 4096> bytes{};
      for (std::uint64_t page = 0; page < pages; ++page) {
        if (w.vm.c_bits[page]) continue;
        guest_read(w.source.m, w.vm, page, bytes);
        for (std::size_t at = 0; at < 4096; at += 16) {
          std::array<std::uint8_t, 16> block{};
          std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 16, block.begin());
          open.insert(block);
        }
      }
    };
    const auto deliver = [&](const std::vector<transfer_record>& records) {
      for (const transfer_record& one : records) {
        append_record(wire, one);
        const auto done = receiver.take(one);
        RC_ASSERT(done.has_value());
        seen.add(one.type == record_type::private_page ? "sent private" : "sent shared",
                 one.type == record_type::private_page || one.type == record_type::shared_page);
      }
    };
    const auto rounds = *rc::gen::inRange(1, 4);
    for (int i = 0; i < rounds; ++i) {
      const auto before = *rc::gen::inRange(0, 4);
      for (int k = 0; k < before; ++k) act(w, stamp, seen);
      remember();
      note_shared();
      const auto records = sender.round([&](std::uint64_t page, sending point) {
        const bool before_read = point == sending::status_read;
        const auto during = *rc::gen::weightedElement<int>({{3, 0}, {2, 1}});
        for (int k = 0; k < during; ++k) act(w, stamp, seen);
        seen.add(before_read ? "before it is read" : "after it was read", w.vm.dirty.is_dirty(page));
        remember();
        note_shared();
      });
      deliver(records.value());
    }
    // The guest has stopped: what is sent now is what it reads, under the session's keys alone.
    const firmware::transport_keys keys = w.source.m.sp.guests.at(w.vm.handle).keys;
    const auto last = sender.finish().value();
    std::array<std::uint8_t, 4096> plain{};
    for (const transfer_record& one : last) {
      if (one.type != record_type::private_page) continue;
      guest_read(w.source.m, w.vm, one.page, plain);
      RC_ASSERT(check_packet(one.body, keys, plain).empty());
      seen.add("packets");
    }
    deliver(last);
    RC_ASSERT(receiver.has_arrived());
    RC_ASSERT(text_of(w.differences()) == "");
    RC_ASSERT(w.arrived.status == w.vm.status);
    for (const auto& one : open) secrets.erase(one);
    seen.add("has secrets", !secrets.empty());
    RC_ASSERT(count_leaks(wire, secrets) == 0U);
  });
  check_none_empty("transfers", seen,
                   {"becomes private", "becomes shared", "writes", "sent private", "sent shared", "before it is read",
                    "after it was read", "packets", "has secrets"});
}

TEST_CASE("a conversion that was not told is noticed", "[migration][transfer][MIG-STAT-03]") {
  property("lost conversions", 20, [] {
    two_hosts w(pages);
    const auto page = *rc::gen::inRange<std::uint64_t>(0, pages);
    if (*rc::gen::arbitrary<bool>()) w.convert(page, false);
    w.convert(page, !w.vm.c_bits[page], false);
    if (*rc::gen::arbitrary<bool>()) guest_write(w.source.m, w.vm, page, 0, filled_page(5000));
    auto sender = w.sender();
    auto receiver = w.receiver();
    RC_ASSERT(receiver.take(sender.start(w.target_pdh()).value()).has_value());
    RC_ASSERT(receiver.take_all(sender.finish().value()).has_value());
    const auto found = w.differences();
    RC_ASSERT(std::ranges::find(found, difference{predicate::told, page}) != found.end());
    for (const difference& one : found) RC_ASSERT(one.page == page);
  });
}
