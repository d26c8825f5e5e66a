// SPDX-License-Identifier: MIT
// Translations that a TLB must not serve, and those that a flush must reach: one test for each way in which it once was
// otherwise.
#include <array>
#include <cstdint>

#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/paging/translate.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/cached_machines.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/owned_machines.hpp>
#include <support/recorder.hpp>

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::paging;

namespace {

constexpr memory_access tagged_read{.kind = access_kind::read, .level = user_mode, .through_ds_or_es = true};

/// The instructions that drop one page, by its untagged address.
template <class Machine>
void drop_page(Machine& machine, unsigned how, std::uint64_t linear) {
  context<> ctx;
  const asid id = machine.space().id;
  switch (how) {
    case 0:  invlpg(ctx, machine.cache, machine.space(), linear); break;
    case 1:  invlpga(ctx, machine.cache, linear, id.value); break;
    default: {
      const auto what = decode_invlpgb(ctx, {}, (linear & ~std::uint64_t{0xfff}) | 0b101, 0, id.value, 0);
      REQUIRE(what.has_value());
      apply(*what, machine.cache);
    }
  }
}

}  // namespace

TEST_CASE("PAG-VTOM-05: what one VIRTUAL_TOM has made private does not serve under another",
          "[paging][PAG-VTOM-05][PAG-TLB-01]") {
  owned_guest guest;  // its page is at gPA 0x0280'0000
  guest.state.sev_features = 3;
  guest.state.virtual_tom = 0x02a0'0000;
  guest.share();  // the C-bit is reserved
  rmp::guarded_memory memory(guest.memory, guest.owners);
  small_tlb cache;
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  auto regime = make_two_stage_regime(ctx, guest.part, guest.state).value();
  const auto write_under = [&](std::uint64_t tom) {
    heard = {};
    regime.virtual_tom = tom;
    return translate(ctx, memory, cache, regime, {.id = regime.id}, guest.where, user_write);
  };
  const target own{{owned_guest::data_at + (guest.where.value & 0xfff)}, memory_key::guest({5})};
  REQUIRE(write_under(0x02a0'0000) == own);
  REQUIRE(write_under(0x02a0'0000) == own);
  CHECK(heard.reads.empty());
  // Shared now: the page would have to be the hypervisor's.
  CHECK(fault_of(write_under(0)) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, guest.final_gpa.value));
  CHECK(fault_of(write_under(0x0280'0000)).has_value());  // the page is the first at it
  // Another one below which the page is private walks again, and may.
  CHECK(write_under(0x0400'0000) == own);
  CHECK_FALSE(heard.reads.empty());
  CHECK(write_under(0x0400'0000) == own);
  CHECK(heard.reads.empty());
  // Without virtual TOM the C-bit, which is 0, counts.
  regime.vtom = false;
  CHECK(fault_of(write_under(0)) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, guest.final_gpa.value));
}

TEST_CASE("PAG-VTOM-05: a shared translation does not serve what has become private", "[paging][PAG-VTOM-05]") {
  owned_guest guest;
  guest.state.sev_features = 3;
  guest.share();
  guest.page() = {};
  rmp::guarded_memory memory(guest.memory, guest.owners);
  small_tlb cache;
  context<> ctx;
  auto regime = make_two_stage_regime(ctx, guest.part, guest.state).value();
  const auto write_under = [&](std::uint64_t tom) {
    regime.virtual_tom = tom;
    return translate(ctx, memory, cache, regime, {.id = regime.id}, guest.where, user_write);
  };
  REQUIRE(write_under(0).has_value());
  CHECK(write_under(0)->key == memory_key::none());
  CHECK(fault_of(write_under(0x02a0'0000)) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0007, guest.final_gpa.value));
}

TEST_CASE("PAG-CAN-03: a TLB knows a page by its address without the ignored bits",
          "[paging][PAG-CAN-03][PAG-TLB-02][PAG-ASID-05][PAG-ASID-06]") {
  constexpr std::uint64_t tag_bits = std::uint64_t{0x3f} << 57;
  // In the lower half of the address space, and in the upper.
  for (const std::uint64_t untagged : {linear_4, std::uint64_t{0xffff'9a93'7654'3cc8}}) {
    for (const std::uint64_t tag : {tag_bits, bit_at(57), bit_at(62), bit_at(57) | bit_at(60)}) {
      for (const unsigned how : {0U, 1U, 2U}) {
        INFO(hex(untagged) << ", tag " << hex(tag) << ", flush " << how);
        cached_host host;
        host.where = {untagged};
        host.tables.map(host.memory, untagged, data_page(1), 1);
        host.regs.efer |= efer::uaie::mask;
        const hva tagged{untagged ^ tag};
        const auto first = host.go(tagged, tagged_read);
        REQUIRE(first.has_value());
        CHECK(first->where.value == data_page(1) + 0xcc8);
        CHECK(host.walked());
        // Found under every tag, and under none.
        const auto* const held = host.cache.find(host.space(), untagged);
        REQUIRE(held != nullptr);
        CHECK(held->linear == (untagged & ~std::uint64_t{0xfff}));
        CHECK(host.cache.find(host.space(), tagged.value) == nullptr);
        for (const hva alias : {tagged, host.where, hva{untagged ^ bit_at(59)}}) {
          CHECK(host.go(alias, tagged_read) == first);
          CHECK_FALSE(host.walked());
        }
        CHECK(host.go(user_read) == first);
        CHECK_FALSE(host.walked());
        // Other pages are not it.
        host.leaf() = 0x0777'7000 | all_rights | accessed | dirty;
        drop_page(host, how, untagged + 0x1000);
        CHECK(host.go(tagged, tagged_read) == first);
        drop_page(host, how, untagged);
        CHECK(host.cache.find(host.space(), untagged) == nullptr);
        CHECK(host.go(tagged, tagged_read)->where.value == 0x0777'7cc8);
      }
    }
  }
}

TEST_CASE("PAG-CAN-03: a guest's TLB entries are as untagged", "[paging][PAG-CAN-03][PAG-TLB-02][PAG-ASID-05]") {
  for (const unsigned how : {0U, 1U, 2U}) {
    INFO("flush " << how);
    cached_guest guest;
    guest.state.guest.efer |= efer::uaie::mask;
    const gva tagged{guest.where.value | std::uint64_t{0x3f} << 57};
    const auto first = guest.go(tagged, tagged_read);
    REQUIRE(first.has_value());
    CHECK(first->where.value == guest_machine::guest_at + guest.final_gpa.value);
    CHECK(guest.go(user_read) == first);
    CHECK_FALSE(guest.walked());
    CHECK(guest.go(tagged, tagged_read) == first);
    CHECK_FALSE(guest.walked());
    guest.for_data(1) = 0x4999'9000 | all_rights | accessed | dirty;
    CHECK(guest.go(tagged, tagged_read) == first);
    drop_page(guest, how, guest.where.value);
    CHECK(guest.go(tagged, tagged_read)->where.value == 0x4999'9cc8);
  }
}

TEST_CASE("PAG-AD-03: a write walks again once a refill has seen D=0", "[paging][PAG-AD-03]") {
  for (const memory_access& refill : {user_read, user_fetch, kernel_read, kernel_fetch}) {
    for (const memory_access& write : {user_write, kernel_write}) {
      if (refill.level != write.level && refill.is_fetch()) continue;
      INFO("kind " << static_cast<int>(refill.kind) << ", CPL " << unsigned{refill.level.value});
      cached_host host;
      REQUIRE(host.go(write).has_value());
      REQUIRE(host.go(write).has_value());
      CHECK_FALSE(host.walked());
      host.leaf() &= ~dirty;
      REQUIRE(host.go(refill).has_value());
      REQUIRE(host.walked());
      CHECK((host.leaf() & dirty) == 0);
      REQUIRE(host.go(write).has_value());
      CHECK(host.walked());
      CHECK((host.leaf() & dirty) != 0);
      REQUIRE(host.go(write).has_value());
      CHECK_FALSE(host.walked());
    }
  }
}

TEST_CASE("PAG-AD-03: the same of D in a guest's leaf and in the nested one", "[paging][PAG-AD-03]") {
  for (const bool nested : {false, true}) {
    for (const unsigned levels : {0U, 4U}) {
      if (levels == 0 && !nested) continue;
      for (const memory_access& refill : {user_read, user_fetch}) {
        INFO((nested ? "nested" : "guest") << ", " << levels << " levels, kind " << static_cast<int>(refill.kind));
        cached_guest guest({.guest_levels = levels});
        const auto leaf = [&]() -> std::uint64_t& { return nested ? guest.for_data(1) : guest.in_guest(1); };
        REQUIRE(guest.go(user_write).has_value());
        REQUIRE(guest.go(user_write).has_value());
        CHECK_FALSE(guest.walked());
        leaf() &= ~dirty;
        REQUIRE(guest.go(refill).has_value());
        REQUIRE(guest.walked());
        CHECK((leaf() & dirty) == 0);
        REQUIRE(guest.go(user_write).has_value());
        CHECK(guest.walked());
        CHECK((leaf() & dirty) != 0);
        REQUIRE(guest.go(user_write).has_value());
        CHECK_FALSE(guest.walked());
      }
    }
  }
}

TEST_CASE("PAG-RSV-08: a translation through NX does not serve while NX is reserved",
          "[paging][PAG-RSV-08][PAG-TLB-03]") {
  for (const unsigned level : {1U, 2U, 4U}) {
    INFO("NX at level " << level);
    cached_host host;
    host.at(level) |= no_execute;
    for (const memory_access& why : {user_read, user_write, kernel_read}) {
      const std::uint64_t code = 9 | (why.is_user() ? 4U : 0U) | (why.is_write() ? 2U : 0U);
      REQUIRE(host.go(why).has_value());
      REQUIRE(host.go(why).has_value());
      CHECK_FALSE(host.walked());
      host.regs.efer &= ~efer_nxe;
      CHECK(fault_of(host.go(why)) == page_fault(rule::PAG_RSV_08, code, host.where.value));
      CHECK(host.walked());
      host.regs.efer |= efer_nxe;
      CHECK(host.go(why).has_value());
    }
    cached_guest guest;
    guest.in_guest(level) |= no_execute;
    REQUIRE(guest.go(user_read).has_value());
    guest.state.guest.efer &= ~efer_nxe;
    CHECK(fault_of(guest.go(user_read)) == page_fault(rule::PAG_RSV_08, 0xd, guest.where.value));
  }
  // A page without NX is served as before.
  cached_host host;
  REQUIRE(host.go(user_read).has_value());
  host.regs.efer &= ~efer_nxe;
  CHECK(host.go(user_read).has_value());
  CHECK_FALSE(host.walked());
}

TEST_CASE("a TLB keeps nothing of ASIDs beyond its own", "[paging][PAG-TLB-01]") {
  tlb<4, 2, 8> cache;
  const cached_translation page{.size = page_size::k4k, .linear = 0x5000, .page = {0x9000}, .served = 0x3ff};
  cache.fill({{7}, 0}, page);
  REQUIRE(cache.find({{7}, 0}, 0x5000) != nullptr);
  for (const std::uint32_t number : {8U, 9U, 16U, 0x8000'0007U, 0xffff'ffffU}) {
    INFO("ASID " << number);
    const address_space beyond{{number}, 0};
    CHECK(cache.find(beyond, 0x5000) == nullptr);
    cache.fill(beyond, page);
    CHECK(cache.find(beyond, 0x5000) == nullptr);
    cache.flush(asid{number});
    cache.flush_not_global(asid{number});
    cache.flush_not_global(beyond);
    cache.flush_page(beyond, 0x5000, true, true);
    CHECK(cache.find({{7}, 0}, 0x5000) != nullptr);
  }
  // References of such a guest are walked every time.
  cached_guest guest;
  guest.state.id = {16};
  for (int i = 0; i < 2; ++i) {
    CHECK(guest.go(user_read).has_value());
    CHECK(guest.walked());
  }
}

TEST_CASE("PAG-ASID-06: outside long mode INVLPGB takes any 32-bit address", "[paging][PAG-ASID-06][PAG-CAN-02]") {
  context<> ctx;
  for (const unsigned levels : {0U, 2U, 3U, 4U, 5U}) {
    for (const std::uint64_t page : {std::uint64_t{0x8000'0000}, std::uint64_t{0xffff'f000}, std::uint64_t{0x1000}}) {
      INFO(levels << " levels, " << hex(page));
      const auto what = decode_invlpgb(ctx, {.levels = levels}, page | 1, 0, 0, 0);
      REQUIRE(what.has_value());
      CHECK(what->linear == page);
    }
  }
  CHECK_FALSE(decode_invlpgb(ctx, {.levels = 4}, 0x0000'8000'0000'0001, 0, 0, 0).has_value());
}
