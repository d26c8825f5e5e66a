// SPDX-License-Identifier: MIT
// Translation through a cache: what a TLB makes visible when page tables, registers or page ownership change under it.
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/paging/translate.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/cached_machines.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/owned_machines.hpp>
#include <support/recorder.hpp>
#include <support/rmp_pages.hpp>

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::paging;

namespace {

constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;

/// The rule by which a reference failed.
template <class T>
auto rule_of(const outcome<T>& result) -> rule {
  return result ? rule::none : result.error().decided_by;
}

}  // namespace

TEST_CASE("a reference that was walked is served without a walk", "[paging][PAG-TLB-01]") {
  for (const unsigned leaf : {1U, 2U, 3U}) {
    INFO("leaf level " << leaf);
    cached_host host(4, leaf);
    const auto first = host.go(user_read);
    CHECK(host.walked());
    CHECK(first.value() == target{{data_byte(leaf)}, memory_key::none()});
    CHECK(host.go(user_read) == first);
    CHECK_FALSE(host.walked());
    // One event of the reference each time.
    CHECK(host.heard.finals.size() == 1);
    CHECK(host.heard.finals[0].where.value == data_byte(leaf));
    // All of the page, and no more.
    const std::uint64_t size = std::uint64_t{1} << (12 + 9 * (leaf - 1));
    const std::uint64_t inside = host.where.value & (size - 1);
    CHECK(host.go(user_read, size - 1 - inside)->where.value == data_page(leaf) + size - 1);
    CHECK_FALSE(host.walked());
    CHECK(host.go(user_read, 0 - inside)->where.value == data_page(leaf));
    CHECK_FALSE(host.walked());
    (void)host.go(user_read, size - inside);
    CHECK(host.walked());
  }
  for (const guest_shape shape : {guest_shape{}, guest_shape{.guest_leaf = 2, .nested_leaf_of_data = 2},
                                  guest_shape{.guest_leaf = 2}, guest_shape{.guest_levels = 0}}) {
    cached_guest guest(shape);
    guest.make_sev();
    const auto first = guest.go(user_read);
    CHECK(guest.walked());
    CHECK(guest.go(user_read) == first);
    CHECK_FALSE(guest.walked());
    // The smaller of both pages is held (PAG-NPT-18).
    const std::uint64_t size = shape.nested_leaf_of_data == 2 ? 0x20'0000 : 0x1000;
    const std::uint64_t inside = guest.where.value & (size - 1);
    CHECK(guest.go(user_read, size - 1 - inside)->where.value == (first->where.value | (size - 1)));
    CHECK_FALSE(guest.walked());
  }
}

TEST_CASE("paging off in the host is not cached", "[paging][PAG-MODE-01]") {
  cached_host host;
  host.regs.cr0 &= ~cr0_pg;
  host.where = {0x1234};
  CHECK(host.go(user_read).value() == target{{0x1234}, memory_key::none()});
  CHECK(host.cache.find(host.space(), 0x1234) == nullptr);
  // And what is in the cache does not serve it.
  host.cache.fill(host.space(), {.size = page_size::k4k, .linear = 0x1000, .page = {0x9000}, .served = 0x3ff});
  CHECK(host.go(user_read)->where.value == 0x1234);
}

TEST_CASE("faults are not cached", "[paging][PAG-TLB-03]") {
  cached_host host;
  host.leaf() &= ~present;
  CHECK_FALSE(host.go(user_read).has_value());
  CHECK(host.cache.find(host.space(), host.where.value) == nullptr);
  host.leaf() |= present;
  CHECK(host.go(user_read).has_value());  // a translation that appears needs no invalidation

  cached_guest guest;
  guest.for_data(1) &= ~present;
  CHECK(guest.go(user_read).error().kind == fault_kind::npf);
  guest.for_data(1) |= present;
  CHECK(guest.go(user_read).has_value());
}

TEST_CASE("PAG-TLB-02: a stale translation stays until the flush that drops it", "[paging][PAG-TLB-02][PAG-TLB-01]") {
  using flush = void (*)(cached_host&, context<>&);
  const flush too_weak[] = {
      [](cached_host&, context<>&) {},
      [](cached_host& m, context<>& ctx) { invlpg(ctx, m.cache, m.space(), m.where.value + 0x1000); },
      [](cached_host& m, context<>& ctx) { invlpg(ctx, m.cache, {host_asid, 1}, m.where.value); },
      [](cached_host& m, context<>& ctx) { invlpga(ctx, m.cache, m.where.value, 5); },
      [](cached_host& m, context<>&) { m.cache.flush({5}); },
      [](cached_host& m, context<>& ctx) {
        auto wp = m.regs;
        wp.cr0 ^= cr0_wp;
        flush_for_mode_change(ctx, m.cache, host_asid, m.regs, wp);
      },
      [](cached_host& m, context<>& ctx) {
        flush_for_mov_cr3(ctx, m.cache, host_asid, cr4::pcide::mask, m.regs.cr3 | std::uint64_t{1} << 63);
      },
  };
  const flush enough[] = {
      [](cached_host& m, context<>& ctx) { invlpg(ctx, m.cache, m.space(), m.where.value); },
      [](cached_host& m, context<>& ctx) { flush_for_mov_cr3(ctx, m.cache, host_asid, m.regs.cr4, m.regs.cr3); },
      [](cached_host& m, context<>& ctx) { flush_for_mov_cr3(ctx, m.cache, host_asid, cr4::pcide::mask, m.regs.cr3); },
      [](cached_host& m, context<>& ctx) {
        auto pge = m.regs;
        pge.cr4 ^= cr4::pge::mask;
        flush_for_mode_change(ctx, m.cache, host_asid, m.regs, pge);
      },
      [](cached_host& m, context<>& ctx) { flush_for_event(ctx, m.cache, core_event::smi); },
      [](cached_host& m, context<>& ctx) { invlpga(ctx, m.cache, m.where.value, 0); },
  };
  constexpr std::uint64_t moved = 0x0777'7000 | all_rights | accessed | dirty;
  for (const flush does : enough) {
    cached_host host;
    context<> ctx;
    const auto old = host.go(user_write);
    host.leaf() = moved;
    for (const flush does_not : too_weak) {
      does_not(host, ctx);
      CHECK(host.go(user_write) == old);
    }
    does(host, ctx);
    CHECK(host.go(user_write)->where.value == 0x0777'7cc8);
  }
  // An entry that went away, the same; a fault then.
  cached_host host;
  const auto old = host.go(user_read);
  host.at(3) = 0;
  CHECK(host.go(user_read) == old);
  host.cache.flush_all();
  CHECK(rule_of(host.go(user_read)) == rule::PAG_ENT_02);
}

TEST_CASE("PAG-TLB-01: global pages survive loads of CR3 where CR4.PGE is set", "[paging][PAG-TLB-01][PAG-TLB-02]") {
  for (const bool pge : {false, true}) {
    cached_host host;
    host.leaf() |= bit_8;
    if (!pge) host.regs.cr4 &= ~cr4::pge::mask;
    context<> ctx;
    const auto old = host.go(user_read);
    host.leaf() ^= 0x1000;
    flush_for_mov_cr3(ctx, host.cache, host_asid, host.regs.cr4, host.regs.cr3);
    CHECK((host.go(user_read) == old) == pge);
    // Another PCID sees it, too.
    host.regs.cr4 |= cr4::pcide::mask;
    host.regs.cr3 |= 9;
    (void)host.go(user_read);
    CHECK(host.walked() != pge);
    invlpg(ctx, host.cache, host.space(), host.where.value);
    CHECK(host.go(user_read)->where.value == (data_byte(1) ^ 0x1000));
  }
  // G in an entry that is no leaf means nothing.
  cached_host host;
  host.at(2) |= bit_8;
  (void)host.go(user_read);
  CHECK_FALSE(host.cache.find(host.space(), host.where.value)->global);
}

TEST_CASE("PAG-TLB-03: new rights need no flush", "[paging][PAG-TLB-03][PAG-ASID-04]") {
  struct row {
    const char* name;
    memory_access first;
    memory_access then;
    void (*take)(std::uint64_t& leaf);
  };
  const row rows[] = {
      {"R/W", user_read, user_write, [](std::uint64_t& leaf) { leaf ^= writable; }},
      {"U/S", kernel_read, user_read, [](std::uint64_t& leaf) { leaf ^= user; }},
      {"NX", user_read, user_fetch, [](std::uint64_t& leaf) { leaf ^= no_execute; }},
  };
  for (const row& one : rows) {
    INFO(one.name);
    cached_host host;
    one.take(host.leaf());
    REQUIRE(host.go(one.first).has_value());
    CHECK_FALSE(host.go(one.then).has_value());
    CHECK(host.walked());
    one.take(host.leaf());
    CHECK(host.go(one.then).has_value());
    CHECK(host.walked());
    CHECK(host.go(one.then).has_value());
    CHECK_FALSE(host.walked());
    // What is lost again may be used until a flush: here it is, as long as nothing else was walked.
    one.take(host.leaf());
    CHECK(host.go(one.then).has_value());
    host.cache.flush_all();
    CHECK_FALSE(host.go(one.then).has_value());
  }
  for (const row& one : rows) {  // the nested tables of a guest: every access is a user access there
    if (one.take == rows[1].take) continue;
    INFO("nested " << one.name);
    cached_guest guest;
    one.take(guest.for_data(1));
    REQUIRE(guest.go(one.first).has_value());
    CHECK(guest.go(one.then).error().kind == fault_kind::npf);
    one.take(guest.for_data(1));
    CHECK(guest.go(one.then).has_value());
    one.take(guest.for_data(1));
    CHECK(guest.go(one.then).has_value());
    context<> ctx;
    apply_tlb_control(ctx, guest.cache, tlb_control::nothing, guest.regime());
    CHECK(guest.go(one.then).has_value());
    apply_tlb_control(ctx, guest.cache, tlb_control::flush_guest, guest.regime());
    CHECK(guest.go(one.then).error().kind == fault_kind::npf);
  }
}

TEST_CASE("PAG-ASID-04: changes of nested tables wait for the VMM's flush", "[paging][PAG-ASID-04][PAG-ASID-02]") {
  constexpr std::uint64_t moved = 0x4999'9000 | all_rights | accessed | dirty;
  for (const tlb_control what :
       {tlb_control::flush_all, tlb_control::flush_guest, tlb_control::flush_guest_not_global}) {
    cached_guest guest;
    context<> ctx;
    const auto old = guest.go(user_write);
    guest.for_data(1) = moved;
    CHECK(guest.go(user_write) == old);
    auto other = guest.regime();
    other.id = {7};
    apply_tlb_control(ctx, guest.cache, tlb_control::flush_guest, other);
    CHECK(guest.go(user_write) == old);
    apply_tlb_control(ctx, guest.cache, what, guest.regime());
    CHECK(guest.go(user_write)->where.value == 0x4999'9cc8);
  }
  // The guest cannot help itself by its own flushes of other pages, and can by one of this page: entries are of
  // complete translations.
  cached_guest guest;
  context<> ctx;
  const auto old = guest.go(user_read);
  guest.for_data(1) = moved;
  invlpg(ctx, guest.cache, guest.space(), guest.where.value - 0x1000);
  CHECK(guest.go(user_read) == old);
  invlpg(ctx, guest.cache, guest.space(), guest.where.value);
  CHECK(guest.go(user_read)->where.value == 0x4999'9cc8);
}

TEST_CASE("PAG-ASID-03: entering and leaving guests flushes nothing", "[paging][PAG-ASID-03][PAG-TLB-01]") {
  cached_guest guest;
  const auto old = guest.go(user_read);
  guest.in_guest(1) ^= 0x1000;
  CHECK(guest.go(user_read) == old);
  // A guest of another ASID has translations of its own.
  guest.state.id = {6};
  guest.in_guest(1) ^= 0x1000;
  (void)guest.go(user_read);
  CHECK(guest.walked());
  guest.state.id = {5};
  (void)guest.go(user_read);
  CHECK_FALSE(guest.walked());
}

TEST_CASE("PAG-AD-03: A is set before a translation is held, D before it serves a write", "[paging][PAG-AD-03]") {
  cached_host host;
  host.leaf() &= ~(accessed | dirty);
  REQUIRE(host.go(user_read).has_value());
  CHECK((host.leaf() & (accessed | dirty)) == accessed);
  REQUIRE(host.go(user_write).has_value());
  CHECK(host.walked());
  CHECK((host.leaf() & dirty) != 0);
  REQUIRE(host.go(user_write).has_value());
  CHECK_FALSE(host.walked());
  // Cleared by software without a flush: nobody sets it again.
  host.leaf() &= ~(accessed | dirty);
  REQUIRE(host.go(user_write).has_value());
  CHECK((host.leaf() & (accessed | dirty)) == 0);
  // With a flush, the next reference does.
  host.cache.flush_page(host.space(), host.where.value, false, false);
  REQUIRE(host.go(user_read).has_value());
  CHECK((host.leaf() & (accessed | dirty)) == accessed);
  CHECK(host.go(user_write).has_value());
  CHECK((host.leaf() & dirty) != 0);

  cached_guest guest;
  guest.in_guest(1) &= ~dirty;
  guest.for_data(1) &= ~dirty;
  REQUIRE(guest.go(user_read).has_value());
  CHECK((guest.in_guest(1) & dirty) == 0);
  REQUIRE(guest.go(user_write).has_value());
  CHECK((guest.in_guest(1) & dirty) != 0);
  CHECK((guest.for_data(1) & dirty) != 0);
}

TEST_CASE("what may change without a flush is judged again at every hit", "[paging][PAG-TLB-03][PAG-PERM-02]") {
  const auto ac = [] {
    auto why = kernel_read;
    why.alignment_check = true;
    return why;
  }();
  const auto implicit = [&] {
    auto why = ac;
    why.level = user_mode, why.implicit_supervisor = true;
    return why;
  }();
  const auto pkru = [](memory_access why, std::uint32_t value) {
    why.pkru = value;
    return why;
  };
  struct row {
    const char* name;
    std::uint64_t flags;  ///< flipped in the leaf beforehand
    std::uint64_t before_cr0, before_cr4;
    memory_access allowed;
    std::uint64_t cr0, cr4;  ///< set then
    memory_access denied;
    rule by;
  };
  const std::uint64_t key_5 = std::uint64_t{5} << 59;
  const row rows[] = {
      {"PKRU AD", key_5, 0, cr4_pke, user_read, 0, 0, pkru(user_read, 1U << 10), rule::PAG_PERM_06},
      {"PKRU WD", key_5, 0, cr4_pke, user_write, 0, 0, pkru(user_write, 2U << 10), rule::PAG_PERM_06},
      {"PKE", key_5, 0, 0, pkru(user_read, 1U << 10), 0, cr4_pke, pkru(user_read, 1U << 10), rule::PAG_PERM_06},
      {"AC", 0, 0, cr4_smap, ac, 0, 0, kernel_read, rule::PAG_PERM_05},
      {"implicit", 0, 0, cr4_smap, ac, 0, 0, implicit, rule::PAG_PERM_05},
      {"WP", writable, 0, 0, kernel_write, cr0_wp, 0, kernel_write, rule::PAG_PERM_02},
      {"SMEP", 0, 0, 0, kernel_fetch, 0, cr4_smep, kernel_fetch, rule::PAG_PERM_04},
      {"SMAP", 0, 0, 0, kernel_read, 0, cr4_smap, kernel_read, rule::PAG_PERM_05},
      {"WP with keys", key_5, 0, cr4_pke, pkru(kernel_write, 2U << 10), cr0_wp, 0, pkru(kernel_write, 2U << 10),
       rule::PAG_PERM_06},
  };
  const auto play = [](auto& machine, control_registers& regs, std::uint64_t& leaf, const row& one) {
    INFO(one.name);
    leaf ^= one.flags;
    regs.cr0 = (regs.cr0 & ~cr0_wp) | one.before_cr0;
    regs.cr4 |= one.before_cr4;
    REQUIRE(machine.go(one.allowed).has_value());
    REQUIRE(machine.go(one.allowed).has_value());
    CHECK_FALSE(machine.walked());
    const auto before = regs;
    regs.cr0 |= one.cr0;
    regs.cr4 |= one.cr4;
    CHECK(rule_of(machine.go(one.denied)) == one.by);
    CHECK(machine.walked());  // PAG-TLB-03: judged from memory before it is raised
    regs = before;
    CHECK(machine.go(one.allowed).has_value());
    CHECK_FALSE(machine.walked());  // the translation is still there
  };
  for (const row& one : rows) {
    cached_host host;
    play(host, host.regs, host.leaf(), one);
    cached_guest guest;
    play(guest, guest.state.guest, guest.in_guest(1), one);
  }
}

TEST_CASE("classes of references are served for what was walked", "[paging][PAG-AD-03][PAG-TLB-03]") {
  // Rights of nested tables are not held, so a write is walked before it is served, even if a read was.
  const memory_access all[] = {user_read, user_write, user_fetch, kernel_read, kernel_write, kernel_fetch};
  for (const memory_access& first : all) {
    for (const memory_access& second : all) {
      cached_guest guest;
      guest.state.guest.cr0 &= ~cr0_wp;
      REQUIRE(guest.go(first).has_value());
      REQUIRE(guest.go(second).has_value());
      CHECK(guest.walked() == (first != second));
      REQUIRE(guest.go(first).has_value());
      CHECK_FALSE(guest.walked());  // nothing changed, so both are served now
      REQUIRE(guest.go(second).has_value());
      CHECK_FALSE(guest.walked());
    }
  }
  for (unsigned kind = 0; kind < 5; ++kind) {
    CHECK(access_class({.kind = static_cast<access_kind>(kind), .level = kernel_mode}) == 1U << (2 * kind));
    CHECK(access_class({.kind = static_cast<access_kind>(kind), .level = user_mode}) == 2U << (2 * kind));
  }
  CHECK(access_class({.level = user_mode, .implicit_supervisor = true}) == 1);
  CHECK(access_class({.kind = access_kind::shadow_stack_write, .level = kernel_mode, .wruss = true}) == 2U << 8);
}

TEST_CASE("classes that were walked under different conditions are judged each by its own", "[paging][PAG-PERM-05]") {
  // A read was allowed by RFLAGS.AC, a fetch without it: a read without it is judged all the same.
  const auto play = [](auto& machine, control_registers& regs) {
    regs.cr4 |= cr4_smap;
    auto read = kernel_read;
    read.alignment_check = true;
    REQUIRE(machine.go(read).has_value());
    REQUIRE(machine.go(kernel_fetch).has_value());
    CHECK(rule_of(machine.go(kernel_read)) == rule::PAG_PERM_05);
    CHECK(machine.go(read).has_value());
    CHECK_FALSE(machine.walked());
    CHECK(machine.go(kernel_fetch).has_value());
    CHECK_FALSE(machine.walked());
  };
  cached_host host;
  play(host, host.regs);
  cached_guest guest;
  play(guest, guest.state.guest);
}

TEST_CASE("a translation that changed serves no class of the old one", "[paging][PAG-AD-03][PAG-TLB-03]") {
  cached_guest guest;
  REQUIRE(guest.go(user_write).has_value());
  guest.for_data(1) = 0x4999'9000 | present | user | accessed | dirty;  // elsewhere, and read-only
  CHECK(guest.go(user_write)->where.value == 0x4234'5cc8);              // stale
  CHECK(guest.go(user_fetch)->where.value == 0x4999'9cc8);              // another class is walked, and replaces it
  CHECK(guest.go(user_write).error().kind == fault_kind::npf);
}

TEST_CASE("PAG-COH-04: a C-bit that changes is a mapping that changes", "[paging][PAG-COH-04][ENC-CT-11]") {
  cached_host host;
  host.syscfg = encryption_on;
  CHECK(host.go(user_read)->key == memory_key::none());
  host.leaf() |= c_bit;
  CHECK(host.go(user_read)->key == memory_key::none());
  host.cache.flush_page(host.space(), host.where.value, false, false);
  CHECK(host.go(user_read)->key == memory_key::host());
  host.leaf() &= ~c_bit;
  CHECK(host.go(user_read)->key == memory_key::host());

  cached_guest guest;
  guest.make_sev();
  CHECK(guest.go(user_read)->key == memory_key::none());
  guest.for_data(1) |= c_bit;
  CHECK(guest.go(user_read)->key == memory_key::none());
  guest.cache.flush({5});
  CHECK(guest.go(user_read)->key == memory_key::host());
  guest.in_guest(1) |= c_bit;
  CHECK(guest.go(user_read)->key == memory_key::host());
  guest.cache.flush({5});
  CHECK(guest.go(user_read)->key == memory_key::guest({5}));
  CHECK(guest.go(user_read)->key == memory_key::guest({5}));
  CHECK_FALSE(guest.walked());
  // Fetches are private at hits, too (PAG-KEY-05).
  guest.in_guest(1) &= ~c_bit;
  guest.cache.flush({5});
  CHECK(guest.go(user_read)->key == memory_key::host());
  CHECK(guest.go(user_fetch)->key == memory_key::guest({5}));
  CHECK(guest.go(user_fetch)->key == memory_key::guest({5}));
  CHECK_FALSE(guest.walked());
}

TEST_CASE("keys of hits are those of walks", "[paging][PAG-KEY-10][PAG-KEY-11][PAG-KEY-09]") {
  // Virtual transparent encryption.
  cached_guest vte;
  vte.make_sev();
  vte.state.np_control |= 0x20;
  for (int i = 0; i < 2; ++i) CHECK(vte.go(user_read)->key == memory_key::guest({5}));
  CHECK_FALSE(vte.walked());
  // Paging off.
  cached_guest off({.guest_levels = 0});
  off.make_sev();
  for (int i = 0; i < 2; ++i) CHECK(off.go(user_read)->key == memory_key::guest({5}));
  CHECK_FALSE(off.walked());
}

TEST_CASE("RMP-CHK-09: with SNP enabled a 1G page is held as 2M", "[paging][RMP-CHK-09]") {
  for (const bool snp : {false, true}) {
    cached_host host(4, 3);
    host.syscfg = snp ? encryption_on | bit_at(24) : encryption_on;
    memory::unguarded memory(host.memory);
    context<> ctx;
    const auto first = translate(ctx, memory, host.cache, host.regime(), host.space(), host.where, user_read);
    const auto* const found = host.cache.find(host.space(), host.where.value);
    REQUIRE(found != nullptr);
    CHECK(found->size == (snp ? page_size::k2m : page_size::k1g));
    CHECK(found->page.value == (first->where.value & ~(bytes_in(found->size) - 1)));
    CHECK(found->linear == (host.where.value & ~(bytes_in(found->size) - 1)));
    CHECK((host.cache.find(host.space(), host.where.value ^ 0x20'0000) != nullptr) == !snp);
    CHECK(translate(ctx, memory, host.cache, host.regime(), host.space(), host.where, user_read) == first);
    // So an INVLPG of the one half does not drop the other.
    (void)translate(ctx, memory, host.cache, host.regime(), host.space(), {host.where.value ^ 0x20'0000}, user_read);
    invlpg(ctx, host.cache, host.space(), host.where.value);
    CHECK((host.cache.find(host.space(), host.where.value ^ 0x20'0000) != nullptr) == snp);

    cached_guest guest({.guest_leaf = 3, .nested_leaf_of_data = 3});
    guest.state.syscfg = host.syscfg;
    memory::unguarded guest_memory(guest.memory);
    const auto there = translate(ctx, guest_memory, guest.cache, guest.regime(), guest.space(), guest.where, user_read);
    const auto* const held = guest.cache.find(guest.space(), guest.where.value);
    REQUIRE(held != nullptr);
    CHECK(held->size == (snp ? page_size::k2m : page_size::k1g));
    CHECK(held->page.value == (there->where.value & ~(bytes_in(held->size) - 1)));
    CHECK(held->guest.value == (guest.final_gpa.value & ~(bytes_in(held->size) - 1)));
  }
}

TEST_CASE("PAG-ASID-08: ownership counts as of the time of the walk", "[paging][PAG-ASID-08]") {
  cached_host host;
  host.syscfg = encryption_on | bit_at(24);
  rmp_pages owners;
  rmp::guarded_memory memory(host.memory, owners);
  context<> ctx;
  const auto go = [&](const memory_access& why) {
    return translate(ctx, memory, host.cache, host.regime(), host.space(), host.where, why);
  };
  REQUIRE(go(user_write).has_value());
  owners.put(data_page(1), guest_page(0x5000));
  CHECK(go(user_write).has_value());  // what changes ownership has to flush (FIELD-52)
  // A class that was not walked is checked.
  CHECK(rule_of(go(kernel_write)) == rule::RMP_CHK_01);
  // The walk that failed dropped nothing.
  CHECK(go(user_write).has_value());
  host.cache.flush_all();
  CHECK(rule_of(go(user_write)) == rule::RMP_CHK_01);
  CHECK(go(user_read).has_value());
  // And the other way round nothing is needed.
  owners[data_page(1)] = {};
  CHECK(go(user_write).has_value());
}

// --- other caches ------------------------------------------------------------------------------------------------

namespace {

/// A cache of one's own: everything, forever, of any PCID.
struct hoarder {
  std::map<std::pair<std::uint32_t, std::uint64_t>, cached_translation> kept;
  auto find(address_space space, std::uint64_t linear) -> const cached_translation* {
    const auto found = kept.find({space.id.value, linear >> 12});
    return found == kept.end() ? nullptr : &found->second;
  }
  void fill(address_space space, const cached_translation& what) { kept[{space.id.value, what.linear >> 12}] = what; }
};
static_assert(translation_cache<hoarder>);

}  // namespace

TEST_CASE("a cache of one's own", "[paging][PAG-TLB-01]") {
  host_machine machine;
  context<> ctx;
  hoarder cache;
  const auto regime = make_host_regime(ctx, machine.part, machine.regs).value();
  const auto go = [&] { return translate(ctx, machine.memory, cache, regime, {}, machine.where, user_read); };
  const auto first = go();
  machine.leaf() = 0;
  CHECK(go() == first);
  CHECK(cache.kept.size() == 1);
  cache.kept.clear();
  CHECK_FALSE(go().has_value());
  CHECK(cache.kept.empty());
}

TEST_CASE("no cache: every reference is walked", "[paging][PAG-TLB-01]") {
  guest_machine machine;
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  no_translation_cache none;
  const auto regime = make_two_stage_regime(ctx, machine.part, machine.state).value();
  for (long i = 1; i <= 3; ++i) {
    CHECK(translate(ctx, machine.memory, none, regime, {{5}, 0}, machine.where, user_read)->where.value == 0x4234'5cc8);
    CHECK(heard.reads_of(stage::guest) == 4 * i);
  }
}

TEST_CASE("the canonical check comes before the cache", "[paging][PAG-PRI-01][PAG-CAN-04]") {
  cached_host host;
  REQUIRE(host.go(user_read).has_value());
  host.where.value |= bit_at(60);
  CHECK(rule_of(host.go(user_read)) == rule::PAG_CAN_01);
  cached_guest guest;
  REQUIRE(guest.go(user_read).has_value());
  guest.where.value |= bit_at(60);
  CHECK(rule_of(guest.go(user_read)) == rule::PAG_CAN_01);
}

TEST_CASE("RMP-VPL-01: a translation that one VMPL has made does not serve another",
          "[paging][RMP-VPL-01][PAG-ASID-08]") {
  owned_guest guest;
  for (unsigned level = 1; level <= 4; ++level) guest.table(level).allowed.fill({0x1f});
  guest.page().allowed = {rmp::permissions{0x1f}};
  rmp::guarded_memory memory(guest.memory, guest.owners);
  paging::tlb<4, 2, 16> cache;
  context<> ctx;
  auto regime = *paging::make_two_stage_regime(ctx, guest.part, guest.state);
  const paging::address_space space{.id = regime.id};
  const auto read_at = [&](std::uint8_t level) {
    regime.level = {level};
    return paging::translate(ctx, memory, cache, regime, space, guest.where, user_read);
  };
  REQUIRE_FALSE(read_at(1).has_value());
  REQUIRE(read_at(0).has_value());
  REQUIRE(read_at(0).has_value());  // held
  const auto refused = read_at(1);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().decided_by == rule::RMP_VPL_01);
  CHECK(read_at(0).has_value());
}
