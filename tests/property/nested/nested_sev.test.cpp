// SPDX-License-Identifier: MIT
// What holds whatever L1 and L2 do: secrets, one key or two, tables that agree, shadows that never grant too much.
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include <sevspec/crypto/symbolic_cipher.hpp>

#include <property/property.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

using bytes = std::array<std::uint8_t, 16>;
using call = nested::l1_call_end::kind;
using deed = nested::deed_end::kind;

/// One step, drawn as plain numbers.
struct step {
  unsigned what, a, b;
};
auto operator<<(std::ostream& out, const step& one) -> std::ostream& {
  return out << one.what << ':' << one.a << ',' << one.b;
}
auto steps() -> rc::Gen<std::vector<step>> {
  return rc::gen::container<std::vector<step>>(rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0U, 1U << 12), rc::gen::inRange(0U, 1U << 12), rc::gen::inRange(0U, 1U << 12)),
      [](const auto& t) { return step{std::get<0>(t), std::get<1>(t), std::get<2>(t)}; }));
}
auto any_variant() -> rc::Gen<guest_kind> {
  return rc::gen::element(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
}

/// L2 number 1 works with secrets; L0, L1 and L2 number 2 look wherever they can.
class observed_run {
 public:
  using world = nested_world<crypto::symbolic_cipher>;

  observed_run(guest_kind variant, unsigned secret)
      : w_({l1_hypervisor::kvm, mode::virt, variant}, crypto::symbolic_cipher(book_)), secret_(secret) {
    for (const unsigned n : {1U, 2U}) RC_ASSERT(w_.launch(ctx_, n, 3) == "");
  }

  auto play(const std::vector<step>& program, tally& classes) -> const std::vector<bytes>& {
    for (const step& one : program) {
      const unsigned page = one.a % 3;
      const gpa in_l1 = w_.in_l1(1, page);
      bytes seen{};
      switch (one.what % 8) {
        case 0:
        case 1: {  // a secret, related one to one between runs
          enter(1);
          bytes data{};
          for (std::size_t i = 0; i < data.size(); ++i)
            data[i] = static_cast<std::uint8_t>(128 + (one.b + i + secret_) % 128);
          if (w_.l2_writes(ctx_, w_.in_l2(1, page), true, data).is_done()) classes.add("secret");
          break;
        }
        case 2:  // something open, where both can read it
          enter(1);
          (void)w_.l2_writes(ctx_, w_.shared_in_l2(), false, bytes{static_cast<std::uint8_t>(one.b % 7)});
          break;
        case 3: {  // L0 looks at memory
          context<> ctx;
          if (nested::host_read(ctx, w_.m, world::where(in_l1), memory_key::none(), seen)) keep(seen);
          classes.add("L0 looks");
          break;
        }
        case 4:  // L1 looks, with and without the C-bit
          leave();
          if (nested::l1_reads(ctx_, w_.m, w_.vm(), 0, in_l1, one.b % 2 == 0, seen).is_done()) keep(seen);
          classes.add("L1 looks");
          break;
        case 5: {  // L1 maps a page of the one into the other
          leave();
          (void)w_.map(ctx_, 2, {0x10'0000}, in_l1);
          enter(2);
          if (w_.l2_reads(ctx_, {0x10'0000}, true, seen).is_done()) keep(seen);
          classes.add("L2b looks");
          break;
        }
        case 6: {  // L1 changes what it can; L0, too
          context<> ctx;
          if (one.b % 2 == 0) (void)nested::host_write(ctx, w_.m, world::where(in_l1), memory_key::none(), bytes{1});
          else (void)nested::write(ctx, w_.m, nested::l1_regime(ctx, w_.m, w_.vm()), in_l1, false, bytes{2});
          break;
        }
        case 7: leave(); break;
      }
    }
    leave();
    keep(registers());
    return seen_;
  }

 private:
  void keep(const bytes& what) { seen_.push_back(what); }
  void enter(unsigned n) {
    leave();
    RC_ASSERT(w_.run(ctx_, n).what == call::l2_runs);
  }
  void leave() {
    if (w_.vm().processors[0].runs) RC_ASSERT(w_.l2_halts(ctx_).what == deed::reflected);
  }
  /// What L0 has of the registers of L2, which is nothing if they are hidden.
  auto registers() -> bytes {
    bytes found{};
    if (!cpu::has_hidden_state(w_.config.variant)) return found;
    for (std::size_t i = 0; i < found.size(); ++i) found[i] = w_.m.core.registers.data()[0x300 + i];
    return found;
  }

  crypto::ticket_book book_;
  world w_;
  context<> ctx_;
  unsigned secret_;
  std::vector<bytes> seen_;
};

}  // namespace

TEST_CASE("L2's private plaintext reaches neither L0 nor L1 nor another L2", "[nested][NES-KEY-01][NES-VMSA-01]") {
  tally classes;
  property("secrets", 60, [&] {
    const auto variant = *any_variant();
    const auto program = *steps();
    const auto other = *rc::gen::inRange(1U, 128U);
    observed_run one(variant, 0), two(variant, other);
    RC_ASSERT(one.play(program, classes) == two.play(program, classes));
  });
  check_none_empty("looks", classes, {"secret", "L0 looks", "L1 looks", "L2b looks"});
}

TEST_CASE("with SEV passthrough L1 and L2 read what the other wrote", "[nested][NES-KEY-03][NES-ASID-03]") {
  tally classes;
  property("agreement", 60, [&] {
    const auto variant = *any_variant();
    nested_world<> w({l1_hypervisor::kvm, mode::pass, variant});
    context<> ctx;
    RC_ASSERT(w.launch(ctx, 1, 3) == "");
    std::map<unsigned, bytes> holds;
    for (unsigned i = 0; i < 3; ++i) holds[i] = w.contents(1, i);
    for (const step& one : *steps()) {
      const unsigned page = one.a % 3;
      const bool by_l2 = one.what % 2 == 0;
      if (by_l2 && !w.vm().processors[0].runs) RC_ASSERT(w.run(ctx, 1).what == call::l2_runs);
      if (!by_l2 && w.vm().processors[0].runs) RC_ASSERT(w.l2_halts(ctx).what == deed::reflected);
      const bool writes = one.what / 2 % 2 == 0;
      bytes data{};
      for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(one.b + i);
      if (writes) {
        const auto done = by_l2 ? w.l2_writes(ctx, w.in_l2(1, page), true, data)
                                : nested::l1_writes(ctx, w.m, w.vm(), 0, w.in_l1(1, page), true, data);
        RC_ASSERT(done.is_done());
        holds[page] = data;
      } else {
        bytes seen{};
        const auto done = by_l2 ? w.l2_reads(ctx, w.in_l2(1, page), true, seen)
                                : nested::l1_reads(ctx, w.m, w.vm(), 0, w.in_l1(1, page), true, seen);
        RC_ASSERT(done.is_done());
        RC_ASSERT(seen == holds[page]);
        classes.add(by_l2 ? "L2 reads" : "L1 reads");
      }
    }
  });
  check_none_empty("agreement", classes, {"L1 reads", "L2 reads"});
}

TEST_CASE("names of guests stand for one thing each", "[nested][NES-ASID-02]") {
  tally classes;
  property("names", 300, [&] {
    nested::asid_map map;
    context<> ctx;
    const memory::asid_ranges ranges{.highest = 12, .min_sev = 7};
    for (const step& one : *steps()) {
      const nested::l1_id owner{one.what % 2};
      const asid name{one.a % 14}, real{one.b % 14};
      if (one.what / 2 % 4 == 0) map.unbind(owner, name);
      else classes.add(nested::bind_asid(ctx, map, owner, name, ranges, real, ranges) ? "bound" : "refused");
      std::set<asid> reals;
      for (const auto& entry : map.entries()) {
        RC_ASSERT(reals.insert(entry.real).second);
        RC_ASSERT(nested::class_of(ranges, entry.name) == nested::class_of(ranges, entry.real));
        RC_ASSERT(*nested::physical_asid_of(ctx, map, entry.owner, entry.name) == entry.real);
      }
    }
  });
  check_none_empty("names", classes, {"bound", "refused"});
}

TEST_CASE("virtual and real table agree after every request, refused ones too", "[nested][RMP-NST-20][RMP-NST-21]") {
  tally classes;
  property("tables", 80, [&] {
    nested_world<> w({l1_hypervisor::kvm, mode::virt, guest_kind::snp});
    for (const step& one : *steps()) {
      context<> ctx{.choices = {.virt_rmpupdate_as_backed = one.what / 64 % 2 == 0}};
      const bool large = one.what % 4 == 0;
      const gpa page = large ? gpa{0x20'0000 + 0x20'0000 * (one.a % 2)}
                             : gpa{(one.a % 3 == 0 ? 0x6'0000 : 0x20'0000) + 0x1000 * std::uint64_t{one.a / 3 % 16}};
      const auto rmp_before = w.m.rmp;
      const auto virtual_before = w.vm().owners;
      outcome<nested::virtual_result> done;
      if (one.what % 8 == 1) {
        done = nested::virt_psmash(ctx, w.m, w.vm(), 0, {.rax = page.value & ~std::uint64_t{0x1f'ffff}});
      } else if (one.what % 8 == 2) {
        rmp::entry held = w.m.rmp.entry_of(page_of(w.where(page)));
        held.in_use = !held.in_use && held.assigned;  // hardware takes a page, or lets it go
        w.m.rmp.put(page_of(w.where(page)), held);
        continue;
      } else {
        rmp::new_state wanted{
            .assigned = one.b % 5 != 0, .large = large, .immutable = one.b % 7 == 0 && one.b % 5 != 0};
        if (wanted.assigned) {
          constexpr std::array<std::uint32_t, 5> ids{1, 2, 0, 0xffff'ffff, 3};
          wanted.id = {ids[one.b / 5 % ids.size()]};
          wanted.guest = {0x4000'0000 + (large ? 0 : page.value & 0x1f'f000)};
          if (wanted.id == host_asid) wanted.immutable = true;
        }
        done = nested::virt_rmpupdate(ctx, w.m, w.vm(), 0, nested::operands_for(page, wanted));
      }
      RC_ASSERT(done.has_value());
      classes.add(name_of(done->rax));
      if (!done->succeeded()) {
        RC_ASSERT(w.m.rmp == rmp_before);
        RC_ASSERT(w.vm().owners == virtual_before);
      }
      if (const auto found = nested::find_disagreement(w.m, w.vm())) RC_FAIL(found->what);
    }
  });
  check_none_empty("codes", classes, {"SUCCESS", "FAIL_INPUT", "FAIL_PERMISSION", "FAIL_INUSE", "FAIL_OVERLAP"});
}

TEST_CASE("a shadow is what both tables say, or once said", "[nested][NES-TR-01][NES-TR-02][PAG-L2-05]") {
  tally classes;
  property("shadows", 80, [&] {
    nested_world<> w({l1_hypervisor::kvm, mode::virt, guest_kind::sev_es});
    context<> ctx;
    RC_ASSERT(w.launch(ctx, 1, 1) == "");
    /// Everything that L1 has ever said of a page of L2's.
    struct said {
      spa where;
      bool writable, no_execute;
    };
    std::map<std::uint64_t, std::vector<said>> history;
    const auto leave = [&] {
      if (w.vm().processors[0].runs) RC_ASSERT(w.l2_halts(ctx).what == deed::reflected);
    };
    for (const step& one : *steps()) {
      const l2_gpa page{0x10'0000 + 0x1000 * std::uint64_t{one.a % 6} + (one.a / 6 % 2) * std::uint64_t{0x4000'0000}};
      const gpa to = one.b % 9 == 0 ? w.root(1) : gpa{0x6'0000 + 0x1000 * std::uint64_t{one.b % 8}};
      const unsigned deed_of_step = one.what % 7;
      switch (deed_of_step) {
        case 0:
        case 1: {
          leave();
          const nested::npt12_leaf leaf{.writable = one.b / 8 % 2 == 0 && to != w.root(1),
                                        .no_execute = one.b / 16 % 2 == 0,
                                        .dirty = one.b / 32 % 2 == 0};
          RC_ASSERT(w.map(ctx, 1, page, to, leaf));
          history[page.value].push_back({w.where(to), leaf.writable, leaf.no_execute});
          break;
        }
        case 2:
          leave();
          (void)nested::l1_unmaps(ctx, w.m, w.vm(), 0, w.root(1), page);
          break;
        case 3:  // a flush: from now on there is nothing old
          leave();
          if (one.b % 3 == 2) {
            RC_ASSERT(nested::l1_invalidates(ctx, w.m, w.vm(), 0, page.value, w.named(1)).what == call::done);
            RC_ASSERT(w.run(ctx, 1).what == call::l2_runs);
          } else {
            const auto what = one.b % 3 == 0 ? paging::tlb_control::flush_guest : paging::tlb_control::flush_all;
            RC_ASSERT(w.run(ctx, 1, what).what == call::l2_runs);
          }
          for (unsigned i = 0; i < 8; ++i)  // compose() looks, and brings nothing back
            RC_ASSERT(nested::backing_of(w.m, w.vm(), gpa{w.root(1).value + 0x1000 * std::uint64_t{i}}).has_value());
          for (const auto& [at, record] : w.guest(1).shadow.leaves) {
            const auto now = nested::compose(ctx, w.m, w.vm(), w.guest(1), {at}, access_kind::read);
            RC_ASSERT(now.has_value());
            RC_ASSERT(now->leaf.where == record.leaf.where && now->leaf.size == record.leaf.size);
            RC_ASSERT(now->leaf.no_execute == record.leaf.no_execute);
            RC_ASSERT(now->leaf.writable || !record.leaf.writable);
          }
          classes.add("flush");
          break;
        case 4:
        case 5: {
          if (!w.vm().processors[0].runs) RC_ASSERT(w.run(ctx, 1).what == call::l2_runs);
          bytes data{};
          const auto end = deed_of_step == 4 ? w.l2_reads(ctx, page, true, data) : w.l2_writes(ctx, page, true, data);
          classes.add(end.is_done() ? "touched" : "reflected");
          RC_ASSERT((end.is_done() || end.what == deed::reflected));
          break;
        }
        case 6: {  // L0 takes a page of L1's tables, for a time
          leave();
          const gpa taken{w.root(1).value + 0x1000 * std::uint64_t{one.a % 8}};
          nested::host_words words{w.m.memory};
          nested::zap_l1_page(ctx, w.m, w.vm(), taken);
          if (nested::remove_leaf(words, w.vm().npt01.value, taken.value)) classes.add("taken");
          break;
        }
      }
      if (w.vm().guests.empty()) continue;
      const auto& shadow = w.guest(1).shadow;
      classes.add("stale", !shadow.unsynchronised.empty());
      for (const std::uint64_t watched : shadow.protected_pages) {
        const auto at = nested::find_backing(w.m, w.vm(), gpa{watched});
        RC_ASSERT(!at || !at->writable);
      }
      for (const auto& [at, record] : shadow.leaves) {
        if (!history.contains(at)) continue;
        bool once = false;
        for (const said& past : history[at])
          once = once || (past.where == record.leaf.where && (past.writable || !record.leaf.writable) &&
                          (!past.no_execute || record.leaf.no_execute));
        RC_ASSERT(once);
        // Nobody writes what L0 watches, neither L1 nor L2.
        RC_ASSERT(!(record.leaf.writable && shadow.protected_pages.contains(record.in_l1.value)));
      }
    }
  });
  check_none_empty("shadows", classes, {"flush", "touched", "reflected", "stale", "taken"});
}
