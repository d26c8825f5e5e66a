// SPDX-License-Identifier: MIT
// Bytes become deeds of L0, L1 and two L2s under SEV virtualization: mappings, requests, references, flushes. After each
// of them the tables of owners agree, and no leaf of nPT02 leads anywhere that L1 has never meant.
#include <array>
#include <cstdint>
#include <map>
#include <set>

#include "fuzzing.hpp"
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using fuzz::demand;
using bytes = std::array<std::uint8_t, 16>;
using call = nested::l1_call_end::kind;
using deed = nested::deed_end::kind;

class play {
 public:
  play(guest_kind variant) : w_({l1_hypervisor::kvm, mode::virt, variant}) {
    demand(w_.built, "the configuration exists");
    for (const unsigned n : {1U, 2U}) demand(w_.launch(ctx_, n, 2).empty(), "guests launch");
    for (const unsigned n : {1U, 2U})
      for (unsigned i = 0; i < 2; ++i) meant_[n].insert(w_.where(w_.in_l1(n, i)).value);
    for (const unsigned n : {1U, 2U}) meant_[n].insert(w_.where(w_.shared_in_l1(n)).value);
  }

  void step(fuzz::cursor& input) {
    const std::uint8_t what = input.byte();
    const unsigned n = 1 + input.byte() % 2;
    const std::uint8_t a = input.byte(), b = input.byte();
    const l2_gpa in_l2{0x1000 * std::uint64_t{a % 16U} + (a >= 128 ? 0x4000'0000 : 0)};
    const gpa in_l1{b < 192 ? 0x6'0000 + 0x1000 * std::uint64_t{b % 16U} : 0x20'0000 + 0x1000 * std::uint64_t{b % 64U}};
    bytes data{a, b};
    switch (what % 10) {
      case 0: {
        leave();
        const nested::npt12_leaf leaf{
            .writable = (what & 16) != 0, .no_execute = (what & 32) != 0, .dirty = (what & 64) != 0};
        if (w_.map(ctx_, n, in_l2, in_l1, leaf)) meant_[n].insert(w_.where(in_l1).value);
        break;
      }
      case 1:
        leave();
        (void)nested::l1_unmaps(ctx_, w_.m, w_.vm(), 0, w_.root(n), in_l2);
        break;
      case 2: enter(n, (what & 16) != 0 ? paging::tlb_control::flush_guest : paging::tlb_control::nothing); break;
      case 3:
        if (runs()) settle(w_.l2_reads(ctx_, in_l2, (what & 16) != 0, data));
        break;
      case 4:
        if (runs()) settle(w_.l2_writes(ctx_, in_l2, (what & 16) != 0, data));
        break;
      case 5:
        if (!w_.is_snp()) break;
        leave();
        request(n, a, in_l1, what);
        break;
      case 6:
        if (runs() && w_.is_snp()) {
          (void)nested::l2_validates(ctx_, w_.m, w_.vm(), 0, in_l2, false, (what & 16) != 0);
          if (!w_.m.core.guest) demand(nested::resume_l2(ctx_, w_.m, w_.vm(), 0), "L2 runs on");
        }
        break;
      case 7:
        leave();
        (void)nested::l1_writes(ctx_, w_.m, w_.vm(), 0, in_l1, (what & 16) != 0, data);
        break;
      case 8: nested::zap_l1_page(ctx_, w_.m, w_.vm(), in_l1); break;
      case 9:
        if (runs()) settle(nested::l2_event(ctx_, w_.m, w_.vm(), 0, {.code = (what & 16) != 0 ? 0x60U : 0x78U}));
        break;
    }
    check();
  }

 private:
  [[nodiscard]] auto runs() -> bool { return w_.vm().processors[0].runs.has_value(); }
  void leave() {
    if (runs()) demand(w_.l2_halts(ctx_).what == deed::reflected, "L1 gets HLT");
  }
  void enter(unsigned n, paging::tlb_control tlb) {
    leave();
    const auto end = w_.run(ctx_, n, tlb);
    demand(end.what == call::l2_runs || end.what == call::refused, "VMRUN ends in one of its ways");
  }
  /// Whatever L2 did, somebody runs afterwards.
  void settle(const nested::deed_end& end) {
    demand(end.exits < 32, "no endless exits");
    if (end.what == deed::for_l0) demand(nested::resume_l2(ctx_, w_.m, w_.vm(), 0), "L2 runs on");
    demand(w_.m.core.guest.has_value(), "somebody runs");
  }
  void request(unsigned n, std::uint8_t a, gpa page, std::uint8_t what) {
    constexpr std::array<std::uint32_t, 5> ids{1, 2, 0, 0xffff'ffff, 9};
    rmp::new_state wanted{.assigned = a % 5 != 0, .large = (what & 16) != 0, .id = {ids[a / 5U % ids.size()]}};
    if (wanted.large) page.value &= ~std::uint64_t{0x1f'ffff};
    if (!wanted.assigned) wanted.id = {};
    if (wanted.assigned && wanted.id == host_asid) wanted.immutable = true;
    wanted.guest = {0x1000 * std::uint64_t{n} * a & (wanted.large ? ~std::uint64_t{0x1f'ffff} : ~std::uint64_t{})};
    (void)nested::l1_rmpupdate(ctx_, w_.m, w_.vm(), 0, page, wanted);
    if ((what & 128) != 0) (void)nested::l1_psmash(ctx_, w_.m, w_.vm(), 0, gpa{page.value & ~std::uint64_t{0x1f'ffff}});
  }
  void check() {
    if (w_.is_snp()) demand(!nested::find_disagreement(w_.m, w_.vm()), "virtual and real table agree");
    for (const unsigned n : {1U, 2U})
      for (nested::l2_vm& guest : w_.vm().guests) {
        if (guest.npt12 != w_.root(n)) continue;
        for (const auto& [at, record] : guest.shadow.leaves) {
          if (record.leaf.reserved_bit_set) continue;
          demand(meant_[n].contains(record.leaf.where.value), "a leaf of nPT02 leads where L1 once meant it to");
          demand(!record.leaf.writable || !guest.shadow.protected_pages.contains(record.in_l1.value),
                 "L2 does not write what L0 watches");
        }
      }
  }

  nested_world<> w_;
  context<> ctx_;
  std::map<unsigned, std::set<std::uint64_t>> meant_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::cursor input(data, size);
  constexpr guest_kind kinds[] = {guest_kind::sev, guest_kind::sev_es, guest_kind::snp};
  play one(kinds[input.byte() % 3]);
  for (unsigned i = 0; i < 64 && !input.rest().empty(); ++i) one.step(input);
  return 0;
}
