// SPDX-License-Identifier: MIT
// FIELD-52: results of RMP checks are cached with translations, and every instruction that changes the RMP flushes the
// TLBs of all cores. Observed on Zen 3 to Zen 5 ("A Close Look at RMP Entry Caching", HASP 2025), not architectural.
#include <array>
#include <cstdint>

#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/paging/translate.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/rmp_pages.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

using tlb_type = paging::tlb<16, 4, 16>;
using cores = std::array<tlb_type, 2>;

/// A host with two cores that has written to its page, so that both hold a translation which serves writes.
struct machine : host_machine {
  cores tlbs;
  rmp_pages owners;

  machine() {
    syscfg = encryption_on | bit_at(24);
    for (unsigned core = 0; core < 2; ++core) REQUIRE(write(core).has_value());
  }
  auto write(unsigned core) -> outcome<paging::target> {
    context<> ctx;
    rmp::guarded_memory guarded(memory, owners);
    const auto regime = paging::make_host_regime(ctx, part, regs, syscfg).value();
    return paging::translate(ctx, guarded, tlbs[core], regime, paging::address_space_of(regs, host_asid), where,
                             user_write);
  }
  auto denied(unsigned core) -> bool {
    const auto result = write(core);
    return !result && result.error().decided_by == rule::RMP_CHK_01;
  }
};

/// What an instruction does that assigns the page to a guest, as observed: the entry, and every core's TLB.
void assign(machine& m) {
  m.owners.put(data_page(1), guest_page(0x5000));
  for (tlb_type& tlb : m.tlbs) tlb.flush_all();
}
/// Without a flush: the hypervisor keeps its access to a page that is the guest's.
void assign_without_flush(machine& m) { m.owners.put(data_page(1), guest_page(0x5000)); }
/// A flush of the core that executes it: other cores keep theirs.
void assign_with_local_flush(machine& m) {
  assign_without_flush(m);
  m.tlbs[0].flush_all();
}
/// A flush of the new owner's translations: the host's stay.
void assign_with_flush_of_the_guest(machine& m) {
  assign_without_flush(m);
  for (tlb_type& tlb : m.tlbs) tlb.flush({5});
}
/// A flush that spares global pages, as hypervisors map their memory.
void assign_with_flush_of_what_is_not_global(machine& m) {
  assign_without_flush(m);
  for (tlb_type& tlb : m.tlbs) tlb.flush_not_global(host_asid);
}

}  // namespace

TEST_CASE("FIELD-52: a change of the RMP counts once every TLB is flushed", "[field][FIELD-52][PAG-ASID-08]") {
  const auto denied_after = [](void (*assignment)(machine&)) {
    machine m;
    assignment(m);
    return std::array{m.denied(0), m.denied(1)};
  };
  CHECK(denied_after(assign) == std::array{true, true});
  CHECK(denied_after(assign_without_flush) == std::array{false, false});
  CHECK(denied_after(assign_with_local_flush) == std::array{true, false});
  CHECK(denied_after(assign_with_flush_of_the_guest) == std::array{false, false});

  machine spared;
  spared.leaf() |= bit_8;
  for (tlb_type& tlb : spared.tlbs) tlb.flush_all();
  for (unsigned core = 0; core < 2; ++core) REQUIRE(spared.write(core).has_value());
  assign_with_flush_of_what_is_not_global(spared);
  CHECK_FALSE(spared.denied(0));
}

TEST_CASE("FIELD-52: a broadcast counts on another core from the time it is obeyed", "[field][FIELD-52][PAG-ASID-06]") {
  machine m;
  paging::broadcast_queue<tlb_type, 2> queue;
  assign_without_flush(m);
  queue.issue(m.tlbs, 0, {.globals = true});
  CHECK(m.denied(0));
  CHECK_FALSE(m.denied(1));
  queue.tlbsync(m.tlbs, 0);
  CHECK(m.denied(1));
}
