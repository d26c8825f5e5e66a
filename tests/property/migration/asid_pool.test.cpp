// SPDX-License-Identifier: MIT
// The pool never hands out an ASID that the firmware calls dirty, whatever happens in whatever order.
#include <set>
#include <vector>

#include <property/property.hpp>

#include <sevspec/migration/asid_experiment.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::migration;
using namespace sevspec::test;
using memory::guest_kind;

/// Executes WBINVD on as many core complexes as it is told to.
struct unreliable_platform {
  memory::asid_states<12, 3> states{};
  unsigned reached = 3;

  void wbinvd() {
    for (unsigned i = 0; i < reached; ++i) memory::note_wbinvd(states, {i});
  }
  auto df_flush() -> layout::sev_status_codes {
    context<> ctx;
    return memory::df_flush(ctx, states).status;
  }
};

}  // namespace

TEST_CASE("no guest gets a dirty ASID", "[migration][asid][ENC-ASID-13][MIG-ASID-01][MIG-ASID-02]") {
  tally seen;
  property("launches and exits", 300, [&] {
    context<> ctx;
    const memory::asid_ranges ranges{.highest = 12, .min_sev = *rc::gen::inRange(1U, 13U)};
    const auto policy = *rc::gen::element(reclaim_policy::naive, reclaim_policy::batched);
    unreliable_platform platform;
    asid_pool pool(ranges, policy);
    std::vector<memory::guest_asid> guests;
    const auto steps = *rc::gen::inRange(1, 80);
    for (int i = 0; i < steps; ++i) {
      platform.reached = *rc::gen::weightedElement<unsigned>({{9, 3}, {1, 2}, {1, 0}});
      if (guests.empty() || *rc::gen::weightedElement<bool>({{3, true}, {2, false}})) {
        const auto kind = *rc::gen::element(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
        const auto id = pool.take(ctx, platform, kind);
        if (!id) {
          seen.add(name_of(id.error()));
          continue;
        }
        memory::guest_asid slot;
        const auto done = memory::activate(ctx, platform.states, ranges, slot, {.kind = kind}, *id);
        RC_ASSERT(done.status == layout::sev_status_codes::success);
        if (*rc::gen::arbitrary<bool>()) memory::finish_launch(platform.states, slot);
        seen.add(slot.pending ? "pending" : "runs");
        guests.push_back(slot);
      } else {
        const auto which = *rc::gen::inRange<std::size_t>(0, guests.size());
        const asid id = guests[which].id;
        RC_ASSERT(pool.start_deactivate(ctx));
        static_cast<void>(memory::deactivate(ctx, platform.states, guests[which]));
        pool.end_deactivate();
        guests.erase(guests.begin() + static_cast<std::ptrdiff_t>(which));
        seen.add(pool.give_back(ctx, platform, id) ? "given back" : "flush at exit failed");
      }
      RC_ASSERT(pool.free().size() + pool.used().size() + pool.waiting().size() == 12U);
      RC_ASSERT(pool.used().size() == guests.size());
    }
  });
  check_none_empty("ASIDs", seen, {"busy", "flush failed", "pending", "runs", "given back", "flush at exit failed"});
}
