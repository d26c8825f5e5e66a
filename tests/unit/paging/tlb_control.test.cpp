// SPDX-License-Identifier: MIT
// What drops translations: registers, instructions, TLB_CONTROL, and broadcasts between cores. Every operation drops
// what it must, and nothing else.
#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include <sevspec/paging/tlb_control.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/tlb_pages.hpp>

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::paging;

namespace {

constexpr std::uint64_t pcide = cr4::pcide::mask;
constexpr std::uint64_t keep = std::uint64_t{1} << 63;

struct row {
  const char* name;
  std::function<void(context<>&, small_tlb&)> flush;
  std::string left;
};

void check(const row& one) {
  INFO(one.name);
  context<> ctx;
  small_tlb tlb = filled_tlb();
  one.flush(ctx, tlb);
  CHECK(held(tlb) == one.left);
}

const std::string held_but_space_not_global =
    "global, global 1g, other pcid, other asid, other asid global, host, host global";

auto guest_of(unsigned id, bool snp) -> two_stage_regime {
  two_stage_regime machine{};
  machine.id = {id};
  machine.snp_active = snp;
  return machine;
}

}  // namespace

TEST_CASE("PAG-TLB-02: loading CR3", "[paging][PAG-TLB-02][PAG-ASID-03]") {
  const auto load = [](std::uint64_t cr4, std::uint64_t source) {
    return [=](context<>& ctx, small_tlb& tlb) { flush_for_mov_cr3(ctx, tlb, flushed_asid, cr4, source); };
  };
  for (const row& one : {
           row{"without PCIDs", load(0, 0x5001), held_but_asid_not_global},
           row{"without PCIDs bit 63 means nothing", load(0, 0x5001 | keep), held_but_asid_not_global},
           row{"the PCID of the source", load(pcide, 0x5001), held_but_space_not_global},
           row{"another PCID", load(pcide, 0x5002),
               "page, next page, 2m, global, global 1g, other asid, other asid global, host, host global"},
           row{"a PCID without translations", load(pcide, 0x5003), held_all},
           row{"all twelve bits are the PCID", load(pcide, 0x5101), held_all},
           row{"kept", load(pcide, 0x5001 | keep), held_all},
       })
    check(one);
}

TEST_CASE("PAG-TLB-02: changes of mode", "[paging][PAG-TLB-02][PAG-ASID-03]") {
  struct change {
    const char* name;
    std::uint64_t control_registers::* which;
    std::uint64_t bit;
    bool set;    ///< setting it drops
    bool clear;  ///< clearing it drops
  };
  const change changes[] = {
      {"CR0.PG", &control_registers::cr0, cr0::pg::mask, true, true},
      {"CR0.WP", &control_registers::cr0, cr0::wp::mask, false, false},
      {"CR4.PAE", &control_registers::cr4, cr4::pae::mask, true, true},
      {"CR4.PSE", &control_registers::cr4, cr4::pse::mask, true, true},
      {"CR4.PGE", &control_registers::cr4, cr4::pge::mask, true, true},
      {"CR4.PKE", &control_registers::cr4, cr4::pke::mask, true, false},
      {"CR4.PCIDE", &control_registers::cr4, cr4::pcide::mask, false, true},
      {"CR4.SMEP", &control_registers::cr4, cr4::smep::mask, false, false},
      {"CR4.SMAP", &control_registers::cr4, cr4::smap::mask, false, false},
      {"CR4.CET", &control_registers::cr4, cr4::cet::mask, false, false},
      {"EFER.NXE", &control_registers::efer, efer::nxe::mask, false, false},
      {"CR3", &control_registers::cr3, 0x1000, false, false},  // flush_for_mov_cr3 does that
  };
  for (const change& one : changes) {
    for (const bool set : {false, true}) {
      INFO(one.name << (set ? " set" : " cleared"));
      control_registers without = long_mode_registers(0x10000);
      without.*one.which &= ~one.bit;
      control_registers with = without;
      with.*one.which |= one.bit;
      const control_registers before = set ? without : with;
      const control_registers after = set ? with : without;
      context<> ctx;
      small_tlb tlb = filled_tlb();
      const bool drops = set ? one.set : one.clear;
      CHECK(flush_for_mode_change(ctx, tlb, flushed_asid, before, after) == drops);
      CHECK(held(tlb) == (drops ? held_but_asid : held_all));  // global ones, too; no other ASID
    }
  }
  // No change, no flush.
  context<> ctx;
  small_tlb tlb = filled_tlb();
  control_registers same = long_mode_registers(0x10000);
  same.cr4 |= pcide | cr4::pke::mask;
  CHECK_FALSE(flush_for_mode_change(ctx, tlb, flushed_asid, same, same));
  CHECK(held(tlb) == held_all);
}

TEST_CASE("PAG-TLB-04: when CR4.PCIDE and CR0.PG may change", "[paging][PAG-TLB-04]") {
  const fault refused{fault_kind::gp, rule::PAG_TLB_04, 0, 0};
  const control_registers off = long_mode_registers(0x10000);
  control_registers on = off;
  on.cr4 |= pcide;
  context<> ctx;
  CHECK(pcid_fault(ctx, off, on) == std::nullopt);
  CHECK(pcid_fault(ctx, on, off) == std::nullopt);
  CHECK(pcid_fault(ctx, on, on) == std::nullopt);

  // Setting it needs long mode and PCID 0.
  control_registers before = off;
  before.efer &= ~efer::lma::mask;
  CHECK(pcid_fault(ctx, before, on) == refused);
  for (unsigned bit = 0; bit < 12; ++bit) {
    before = off;
    before.cr3 |= bit_at(bit);
    CHECK(pcid_fault(ctx, before, on) == refused);
    before.cr4 |= pcide;  // it is set already
    CHECK(pcid_fault(ctx, before, on) == std::nullopt);
  }
  before = off;
  before.cr3 |= 0x7fff'f000;
  CHECK(pcid_fault(ctx, before, on) == std::nullopt);

  // Paging cannot be turned off below it.
  control_registers stopped = on;
  stopped.cr0 &= ~cr0::pg::mask;
  CHECK(pcid_fault(ctx, on, stopped) == refused);
  stopped.cr4 &= ~pcide;
  CHECK(pcid_fault(ctx, on, stopped) == refused);  // what counts is PCIDE before
  before = off;
  CHECK(pcid_fault(ctx, before, stopped) == std::nullopt);
}

TEST_CASE("PAG-TLB-02: INVLPG", "[paging][PAG-TLB-02]") {
  const auto invalidate = [](address_space space, std::uint64_t linear) {
    return [=](context<>& ctx, small_tlb& tlb) { invlpg(ctx, tlb, space, linear); };
  };
  for (const row& one : {
           row{"the page, the large pages around it, global ones too", invalidate(flushed_space, flushed_page + 0xabc),
               "next page, global, other pcid, other asid, other asid global, host, host global"},
           row{"in another PCID", invalidate({flushed_asid, 2}, flushed_page),
               "page, next page, 2m, global, other asid, other asid global, host, host global"},
           row{"a global page, from any PCID", invalidate({flushed_asid, 2}, flushed_page + 0x2000),
               "page, next page, 2m, other pcid, other asid, other asid global, host, host global"},
           row{"in the host", invalidate({host_asid, 1}, flushed_page + 0x1000),
               "page, next page, 2m, global, global 1g, other pcid, other asid, other asid global, host"},
           row{"elsewhere", invalidate(flushed_space, flushed_page + 0x8000'0000), held_all},
       })
    check(one);
}

TEST_CASE("PAG-ASID-05: INVLPGA", "[paging][PAG-ASID-05]") {
  const auto invalidate = [](std::uint64_t rax, std::uint32_t ecx) {
    return [=](context<>& ctx, small_tlb& tlb) { invlpga(ctx, tlb, rax, ecx); };
  };
  for (const row& one : {
           row{"of every PCID, global ones too", invalidate(flushed_page + 1, 5),
               "next page, global, other asid, other asid global, host, host global"},
           row{"of another ASID", invalidate(flushed_page, 6),
               "page, next page, 2m, global, global 1g, other pcid, host, host global"},
           row{"of the host", invalidate(flushed_page, 0),
               "page, next page, 2m, global, global 1g, other pcid, other asid, other asid global, host global"},
           row{"of an ASID that nobody has", invalidate(flushed_page, 0xffff'ffff), held_all},
           row{"a gPA is no name", invalidate(0x1'4000'0000, 5), held_all},  // of no linear page: the sPA of `page`
       })
    check(one);
}

TEST_CASE("PAG-ASID-02: TLB_CONTROL", "[paging][PAG-ASID-02][PAG-ASID-03]") {
  const auto apply = [](tlb_control what, bool snp) {
    return
        [=](context<>& ctx, small_tlb& tlb) { apply_tlb_control(ctx, tlb, what, guest_of(flushed_asid.value, snp)); };
  };
  for (const bool snp : {false, true}) {
    check({"0: VMRUN by itself flushes nothing", apply(tlb_control::nothing, snp), held_all});
    check({"1", apply(tlb_control::flush_all, snp), ""});
    check({"3", apply(tlb_control::flush_guest, snp), held_but_asid});
    check({"7", apply(tlb_control::flush_guest_not_global, snp), snp ? held_but_asid : held_but_asid_not_global});
  }

  for (const bool by_asid : {false, true}) {
    cpu_part part;
    part.flush_by_asid = by_asid;
    for (unsigned value = 0; value < 16; ++value) {
      INFO(value << (by_asid ? " with" : " without") << " FlushByAsid");
      context<> ctx;
      const auto read = tlb_control_of(ctx, part, value);
      const bool known = value <= 1 || (by_asid && (value == 3 || value == 7));
      CHECK(read.has_value() == known);
      if (read) CHECK(static_cast<unsigned>(*read) == value);
    }
  }
}

TEST_CASE("PAG-ASID-03: what changes the memory map drops everything", "[paging][PAG-ASID-03]") {
  const auto happens = [](core_event event) {
    return [=](context<>& ctx, small_tlb& tlb) { flush_for_event(ctx, tlb, event); };
  };
  check({"SMI", happens(core_event::smi), ""});
  check({"RSM", happens(core_event::rsm), ""});
  check({"an MTRR", happens(core_event::mtrr_write), ""});
  check({"an IORR", happens(core_event::iorr_write), ""});
  check({"VMRUN", happens(core_event::vmrun), held_all});
  check({"#VMEXIT", happens(core_event::vmexit), held_all});
}

// --- INVLPGB and TLBSYNC -----------------------------------------------------------------------------------------

namespace {

constexpr broadcast_issuer host_issuer{};
constexpr std::uint64_t va_valid = 1, pcid_valid = 2, asid_valid = 4, include_global = 8;
constexpr std::uint32_t stride_2m = 0x8000'0000;

/// EDX of an ASID and a PCID.
constexpr auto edx(std::uint32_t id, std::uint32_t pcid) -> std::uint32_t { return id | pcid << 16; }

auto decoded(const broadcast_issuer& who, std::uint64_t rax, std::uint32_t ecx, std::uint32_t edx,
             std::uint32_t most = 7) -> std::expected<broadcast_invalidation, fault> {
  context<> ctx;
  return decode_invlpgb(ctx, who, rax, ecx, edx, most);
}

auto refused(const std::expected<broadcast_invalidation, fault>& result) -> std::optional<fault> {
  if (result) return {};
  return result.error();
}

constexpr fault invalid_opcode{fault_kind::ud, rule::PAG_ASID_06, 0, 0};
constexpr fault general_protection{fault_kind::gp, rule::PAG_ASID_06, 0, 0};

}  // namespace

TEST_CASE("PAG-ASID-06: INVLPGB's operands", "[paging][PAG-ASID-06]") {
  CHECK(*decoded(host_issuer, 0, 0, edx(5, 1)) == broadcast_invalidation{});
  CHECK(*decoded(host_issuer, flushed_page | va_valid, 0, 0) == broadcast_invalidation{.linear = flushed_page});
  CHECK(*decoded(host_issuer, flushed_page | va_valid, 3, 0) ==
        broadcast_invalidation{.linear = flushed_page, .pages = 4});
  CHECK(*decoded(host_issuer, flushed_page | va_valid, 3 | stride_2m, 0) ==
        broadcast_invalidation{.linear = flushed_page, .pages = 4, .stride_2m = true});
  CHECK(*decoded(host_issuer, asid_valid, 0, edx(5, 1)) == broadcast_invalidation{.id = asid{5}});
  CHECK(*decoded(host_issuer, asid_valid, 0, edx(0, 1)) == broadcast_invalidation{.id = host_asid});
  CHECK(*decoded(host_issuer, pcid_valid, 0, edx(5, 0xfff)) == broadcast_invalidation{.pcid = std::uint16_t{0xfff}});
  CHECK(*decoded(host_issuer, include_global, 0, 0) == broadcast_invalidation{.globals = true});
  CHECK(*decoded(host_issuer, flushed_page | 0xf, 1, edx(0xffff, 0x123)) ==
        broadcast_invalidation{
            .linear = flushed_page, .pages = 2, .id = asid{0xffff}, .pcid = std::uint16_t{0x123}, .globals = true});
  // "Final translation only" and "include nested translations" change nothing here.
  CHECK(*decoded(host_issuer, flushed_page | 0x31, 0, 0) == *decoded(host_issuer, flushed_page | 1, 0, 0));
}

TEST_CASE("PAG-ASID-06: INVLPGB's conditions", "[paging][PAG-ASID-06]") {
  const std::uint64_t rax = flushed_page | va_valid;
  // Privilege and page count.
  for (const cpl level : {cpl{0}, cpl{1}, cpl{2}, cpl{3}}) {
    CHECK(refused(decoded({.level = level}, rax, 0, 0)) ==
          (level == kernel_mode ? std::nullopt : std::optional{general_protection}));
  }
  CHECK(refused(decoded(host_issuer, rax, 7, 0, 7)) == std::nullopt);
  CHECK(refused(decoded(host_issuer, rax, 8, 0, 7)) == general_protection);
  CHECK(refused(decoded(host_issuer, rax, 1, 0, 0)) == general_protection);
  CHECK(refused(decoded(host_issuer, rax, 0, 0, 0)) == std::nullopt);
  CHECK(refused(decoded(host_issuer, rax, 0xffff | stride_2m, 0, 0xffff)) == std::nullopt);

  // A canonical address, if there is one.
  constexpr std::uint64_t hole_4 = 0x0000'8000'0000'0000, hole_5 = 0x0100'0000'0000'0000;
  CHECK(refused(decoded(host_issuer, hole_4 | va_valid, 0, 0)) == general_protection);
  CHECK(refused(decoded(host_issuer, hole_4, 0, 0)) == std::nullopt);
  CHECK(refused(decoded({.levels = 5}, hole_4 | va_valid, 0, 0)) == std::nullopt);
  CHECK(refused(decoded({.levels = 5}, hole_5 | va_valid, 0, 0)) == general_protection);
  CHECK(refused(decoded(host_issuer, 0xffff'8000'0000'0000 | va_valid, 0, 0)) == std::nullopt);

  // Guests: not offered is #UD before anything else; SEV-ES guests always may.
  for (const cpl level : {kernel_mode, user_mode})
    CHECK(refused(decoded({.guest = true, .id = {5}, .level = level}, hole_4 | va_valid, 9, 0)) == invalid_opcode);
  CHECK(refused(decoded({.guest = true, .guest_enabled = true, .id = {5}}, rax, 0, 0)) == std::nullopt);
  CHECK(refused(decoded({.guest = true, .sev_es = true, .id = {5}}, rax, 0, 0)) == std::nullopt);
  CHECK(refused(decoded({.guest = true, .sev_es = true, .id = {5}, .level = {3}}, rax, 0, 0)) == general_protection);
  // The host needs no leave.
  CHECK(refused(decoded({.guest = false, .guest_enabled = false}, rax, 0, 0)) == std::nullopt);
}

TEST_CASE("PAG-ASID-06: a guest reaches its own ASID alone", "[paging][PAG-ASID-06]") {
  const broadcast_issuer guest{.guest = true, .sev_es = true, .id = {5}};
  for (const std::uint64_t flags : {std::uint64_t{0}, asid_valid})
    for (const std::uint32_t id : {0U, 5U, 6U}) CHECK(decoded(guest, flags, 0, edx(id, 0))->id == asid{5});
}

TEST_CASE("PAG-ASID-06: what an INVLPGB drops", "[paging][PAG-ASID-06]") {
  const auto broadcast = [](std::uint64_t rax, std::uint32_t ecx = 0, std::uint32_t operands = edx(5, 1),
                            broadcast_issuer who = {}) {
    return [=](context<>&, small_tlb& tlb) { apply(*decoded(who, rax, ecx, operands), tlb); };
  };
  constexpr std::uint64_t page = flushed_page | va_valid;
  const broadcast_issuer guest{.guest = true, .sev_es = true, .id = {5}};
  for (const row& one : {
           row{"all but global", broadcast(0), "global, global 1g, other asid global, host global"},
           row{"all", broadcast(include_global), ""},
           row{"an ASID", broadcast(asid_valid | include_global), held_but_asid},
           row{"an ASID but global", broadcast(asid_valid), held_but_asid_not_global},
           row{"the host", broadcast(asid_valid | include_global, 0, edx(0, 1)),
               "page, next page, 2m, global, global 1g, other pcid, other asid, other asid global"},
           row{"a PCID of an ASID", broadcast(asid_valid | pcid_valid), held_but_space_not_global},
           row{"a PCID of an ASID, and its global ones", broadcast(asid_valid | pcid_valid | include_global),
               "other pcid, other asid, other asid global, host, host global"},
           row{"a PCID of every ASID", broadcast(pcid_valid, 0, edx(9, 1)),
               "global, global 1g, other pcid, other asid global, host global"},
           row{"a page everywhere", broadcast(page), "next page, global, global 1g, other asid global, host global"},
           row{"a page everywhere, global ones too", broadcast(page | include_global),
               "next page, global, host global"},
           row{"a page of a space", broadcast(page | asid_valid | pcid_valid),
               "next page, global, global 1g, other pcid, other asid, other asid global, host, host global"},
           row{"two pages of a space", broadcast(page | asid_valid | pcid_valid, 1),
               "global, global 1g, other pcid, other asid, other asid global, host, host global"},
           row{"three pages, global ones too", broadcast(page | asid_valid | pcid_valid | include_global, 2),
               "other pcid, other asid, other asid global, host, host global"},
           row{"one before", broadcast(((flushed_page - 0x1000) | va_valid | asid_valid), 0),
               "page, next page, global, global 1g, other pcid, other asid, other asid global, host, host global"},
           row{"by a guest: of its own", broadcast(include_global, 0, 0, guest), held_but_asid},
           row{"2M pages", broadcast(0x0000'7fc0'4000'0000 | va_valid | asid_valid, 1 | stride_2m),
               "global, global 1g, other asid, other asid global, host, host global"},
           row{"2M pages beside it", broadcast(0x0000'7fc0'4040'0000 | va_valid | asid_valid, 1 | stride_2m), held_all},
       })
    check(one);
}

TEST_CASE("PAG-ASID-06: INVLPGB reaches the last pages of the address space", "[paging][PAG-ASID-06]") {
  for (const page_size size : {page_size::k4k, page_size::k2m, page_size::k1g}) {
    for (const bool stride : {false, true}) {
      INFO(name_of(size) << (stride ? " by 2M" : ""));
      const std::uint64_t last = ~std::uint64_t{0} - bytes_in(size) + 1;
      const std::uint64_t named = stride ? 0xffff'ffff'ffe0'0000 : 0xffff'ffff'ffff'f000;
      small_tlb tlb;
      tlb.fill(flushed_space, {.size = size, .linear = last});
      tlb.fill(flushed_space, {.size = page_size::k4k, .linear = 0});
      apply(*decoded(host_issuer, named | va_valid, stride ? stride_2m : 0, 0), tlb);
      CHECK(tlb.find(flushed_space, ~std::uint64_t{0}) == nullptr);
      CHECK(tlb.find(flushed_space, 0) != nullptr);
    }
  }
}

TEST_CASE("PAG-ASID-06: broadcasts arrive at the latest with TLBSYNC", "[paging][PAG-ASID-06]") {
  using cores = std::array<small_tlb, 3>;
  const broadcast_invalidation first{.linear = flushed_page, .id = flushed_asid};
  const broadcast_invalidation second{.id = asid{6}, .globals = true};
  const std::string without_first = "next page, global, global 1g, other asid, other asid global, host, host global";
  const std::string without_both = "next page, global, global 1g, host, host global";
  const std::string without_second = "page, next page, 2m, global, global 1g, other pcid, host, host global";
  cores tlbs{filled_tlb(), filled_tlb(), filled_tlb()};
  broadcast_queue<small_tlb, 3> queue;

  SECTION("the issuer obeys at once, the others at TLBSYNC") {
    queue.issue(tlbs, 0, first);
    CHECK(held(tlbs[0]) == without_first);
    CHECK(held(tlbs[1]) == held_all);
    CHECK(held(tlbs[2]) == held_all);
    queue.tlbsync(tlbs, 0);
    for (const small_tlb& tlb : tlbs) CHECK(held(tlb) == without_first);
  }
  SECTION("or before, in order") {
    queue.issue(tlbs, 0, first);
    queue.issue(tlbs, 2, second);
    CHECK(queue.obey_one(tlbs, 1));
    CHECK(held(tlbs[1]) == without_first);
    CHECK(held(tlbs[2]) == without_second);
    CHECK(queue.obey_one(tlbs, 1));
    CHECK(held(tlbs[1]) == without_both);
    CHECK_FALSE(queue.obey_one(tlbs, 1));
    CHECK(queue.obey_one(tlbs, 2));
    CHECK_FALSE(queue.obey_one(tlbs, 2));
    CHECK(queue.obey_one(tlbs, 0));
    for (const small_tlb& tlb : tlbs) CHECK(held(tlb) == without_both);
  }
  SECTION("TLBSYNC waits for this core's INVLPGBs alone") {
    queue.issue(tlbs, 0, first);
    queue.issue(tlbs, 2, second);
    queue.tlbsync(tlbs, 0);
    CHECK(held(tlbs[0]) == without_first);  // the other core's still waits
    CHECK(held(tlbs[1]) == without_first);
    CHECK(held(tlbs[2]) == without_both);
    queue.tlbsync(tlbs, 1);  // has issued none
    CHECK(held(tlbs[1]) == without_first);
    queue.tlbsync(tlbs, 2);
    for (const small_tlb& tlb : tlbs) CHECK(held(tlb) == without_both);
  }
  SECTION("what came before on a core is obeyed before") {
    queue.issue(tlbs, 2, second);
    queue.issue(tlbs, 0, first);
    queue.tlbsync(tlbs, 0);
    CHECK(held(tlbs[1]) == without_both);
    CHECK(held(tlbs[0]) == without_first);
  }
  SECTION("what is filled after the broadcast was obeyed stays") {
    queue.issue(tlbs, 0, first);
    queue.tlbsync(tlbs, 0);
    tlbs[1].fill(flushed_space, {.size = page_size::k4k, .linear = flushed_page});
    queue.tlbsync(tlbs, 0);
    CHECK(tlbs[1].find(flushed_space, flushed_page) != nullptr);
  }
}

TEST_CASE("PAG-ASID-06: no broadcast is lost when many wait", "[paging][PAG-ASID-06]") {
  using tlb_of_32 = tlb<1, 32, 8>;
  std::array<tlb_of_32, 2> tlbs{};
  broadcast_queue<tlb_of_32, 2, 4> queue;
  for (std::uint64_t i = 0; i < 20; ++i) tlbs[1].fill(flushed_space, {.size = page_size::k4k, .linear = i << 12});
  const auto left = [&] {
    unsigned count = 0;
    for (std::uint64_t i = 0; i < 20; ++i) count += tlbs[1].find(flushed_space, i << 12) != nullptr;
    return count;
  };
  for (std::uint64_t i = 0; i < 20; ++i) {
    queue.issue(tlbs, 0, {.linear = i << 12});
    CHECK(left() == 20 - (i < 4 ? 0 : i - 3));  // four wait, the oldest of five is obeyed
  }
  queue.tlbsync(tlbs, 0);
  CHECK(left() == 0);
  CHECK_FALSE(queue.obey_one(tlbs, 1));
}
