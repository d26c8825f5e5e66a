// SPDX-License-Identifier: MIT
// A TLB as a container: what it finds, what each flush drops and leaves, what is replaced when a set is full.
#include <cstdint>
#include <string>
#include <vector>

#include <sevspec/paging/tlb.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/tlb_pages.hpp>

using namespace sevspec;
using namespace sevspec::test;
using paging::address_space;
using paging::cached_translation;

namespace {

auto translation(std::uint64_t linear, std::uint64_t page, page_size size = page_size::k4k, bool global = false)
    -> cached_translation {
  return {.size = size, .global = global, .linear = linear, .page = {page}, .served = 1};
}

/// Where a TLB says that a page is, or 0.
template <class Tlb>
auto page_in(const Tlb& tlb, address_space space, std::uint64_t linear) -> std::uint64_t {
  const auto* const found = tlb.find(space, linear);
  return found == nullptr ? 0 : found->page.value;
}

static_assert(paging::translation_cache<paging::tlb<>>);
static_assert(paging::translation_cache<paging::no_translation_cache>);
static_assert(!paging::translation_cache<const paging::tlb<>>);
static_assert(!paging::translation_cache<int>);

}  // namespace

TEST_CASE("PAG-TLB-01: translations are tagged with ASID and PCID", "[paging][PAG-TLB-01]") {
  const small_tlb tlb = filled_tlb();
  CHECK(held(tlb) == held_all);
  // The same address in every space is another translation.
  CHECK(page_in(tlb, flushed_space, flushed_page) == 0x1'4000'0000);
  CHECK(page_in(tlb, {flushed_asid, 2}, flushed_page) == 0x2'8000'0000);
  CHECK(page_in(tlb, {{6}, 1}, flushed_page) == 0x2'c000'0000);
  CHECK(page_in(tlb, {host_asid, 1}, flushed_page) == 0x3'4000'0000);
  // What is not there is not found under another tag.
  CHECK(tlb.find({{7}, 1}, flushed_page) == nullptr);
  CHECK(tlb.find({host_asid, 2}, flushed_page) == nullptr);
  CHECK(tlb.find({{6}, 2}, flushed_page) != nullptr);  // the global 2M page
  CHECK(tlb.find({{6}, 2}, flushed_page)->size == page_size::k2m);
  // Global ones match every PCID of their ASID, and no other ASID.
  CHECK(page_in(tlb, {flushed_asid, 77}, flushed_page + 0x2000) == 0x2'0000'0000);
  CHECK(tlb.find({{7}, 1}, flushed_page + 0x2000) == nullptr);
}

TEST_CASE("PAG-TLB-01: the address space that registers select", "[paging][PAG-TLB-01]") {
  paging::control_registers regs = paging::long_mode_registers(0x12345);
  CHECK(paging::address_space_of(regs, {3}) == address_space{{3}, 0});
  regs.cr4 |= paging::cr4::pcide::mask;
  CHECK(paging::address_space_of(regs, {3}) == address_space{{3}, 0x345});
  regs.efer &= ~paging::efer::lma::mask;
  CHECK(paging::address_space_of(regs, {3}) == address_space{{3}, 0});
}

TEST_CASE("what each flush of a TLB leaves", "[paging][PAG-TLB-01][PAG-TLB-02]") {
  struct row {
    const char* name;
    void (*flush)(small_tlb&);
    std::string left;
  };
  const row rows[] = {
      {"nothing", [](small_tlb&) {}, held_all},
      {"all", [](small_tlb& t) { t.flush_all(); }, ""},
      {"ASID", [](small_tlb& t) { t.flush(flushed_asid); }, held_but_asid},
      {"another ASID", [](small_tlb& t) { t.flush({7}); }, held_all},
      {"host", [](small_tlb& t) { t.flush(host_asid); },
       "page, next page, 2m, global, global 1g, other pcid, other asid, other asid global"},
      {"not global of the ASID", [](small_tlb& t) { t.flush_not_global(flushed_asid); }, held_but_asid_not_global},
      {"not global of the space", [](small_tlb& t) { t.flush_not_global(flushed_space); },
       "global, global 1g, other pcid, other asid, other asid global, host, host global"},
      {"not global of the other PCID", [](small_tlb& t) { t.flush_not_global(address_space{flushed_asid, 2}); },
       "page, next page, 2m, global, global 1g, other asid, other asid global, host, host global"},
      {"page", [](small_tlb& t) { t.flush_page(flushed_space, flushed_page + 8, false, false); },
       "next page, global, global 1g, other pcid, other asid, other asid global, host, host global"},
      {"page with globals", [](small_tlb& t) { t.flush_page(flushed_space, flushed_page + 8, false, true); },
       "next page, global, other pcid, other asid, other asid global, host, host global"},
      {"page of every PCID", [](small_tlb& t) { t.flush_page(flushed_space, flushed_page + 8, true, false); },
       "next page, global, global 1g, other asid, other asid global, host, host global"},
      {"next page", [](small_tlb& t) { t.flush_page(flushed_space, flushed_page + 0x1fff, false, false); },
       "page, global, global 1g, other pcid, other asid, other asid global, host, host global"},
      {"a global page", [](small_tlb& t) { t.flush_page({flushed_asid, 9}, flushed_page + 0x2000, false, true); },
       "page, next page, 2m, other pcid, other asid, other asid global, host, host global"},
      {"by what they are",
       [](small_tlb& t) {
         t.flush_if([](address_space space, const cached_translation& what) {
           return space.id == host_asid || what.size == page_size::k2m;
         });
       },
       "page, next page, global, global 1g, other pcid, other asid"},
  };
  for (const row& one : rows) {
    INFO(one.name);
    small_tlb tlb = filled_tlb();
    one.flush(tlb);
    CHECK(held(tlb) == one.left);
    // What was dropped can be filled again, and stays: generations do not confuse old with new.
    for (const tlb_page& page : tlb_pages)
      tlb.fill(page.space, {.size = page.size, .global = page.global, .linear = page.linear});
    CHECK(held(tlb) == held_all);
  }
}

TEST_CASE("flushes add up", "[paging][PAG-TLB-02]") {
  small_tlb tlb = filled_tlb();
  tlb.flush_not_global(flushed_asid);
  CHECK(held(tlb) == held_but_asid_not_global);
  tlb.flush(flushed_asid);
  CHECK(held(tlb) == held_but_asid);
  tlb.flush_not_global(host_asid);
  CHECK(held(tlb) == "other asid, other asid global, host global");
  tlb.flush_all();
  CHECK(held(tlb).empty());
}

TEST_CASE("smaller pages are found first", "[paging][PAG-TLB-01]") {
  small_tlb tlb;
  const address_space space{{1}, 0};
  tlb.fill(space, translation(0x4000'0000, 0x8000'0000, page_size::k1g));
  CHECK(page_in(tlb, space, 0x4020'1000) == 0x8000'0000);
  tlb.fill(space, translation(0x4020'0000, 0x20'0000, page_size::k2m));
  CHECK(page_in(tlb, space, 0x4020'1000) == 0x20'0000);
  tlb.fill(space, translation(0x4020'1000, 0x1000));
  CHECK(page_in(tlb, space, 0x4020'1000) == 0x1000);
  CHECK(page_in(tlb, space, 0x4020'2000) == 0x20'0000);
  CHECK(page_in(tlb, space, 0x4040'0000) == 0x8000'0000);
  tlb.fill(space, translation(0x4040'0000, 0x40'0000, page_size::k4m));
  CHECK(page_in(tlb, space, 0x4060'0000) == 0x40'0000);
  tlb.fill({{1}, 0}, translation(0, 0x7000, page_size::unlimited));
  CHECK(page_in(tlb, space, 0x1234'5678'9abc) == 0x7000);
}

TEST_CASE("a fill replaces the translation of the same page", "[paging][PAG-TLB-01]") {
  small_tlb tlb;
  const address_space space{{1}, 3};
  tlb.fill(space, translation(0x5000, 0x1000));
  tlb.fill(space, translation(0x5000, 0x2000));
  CHECK(page_in(tlb, space, 0x5abc) == 0x2000);
  tlb.flush_page(space, 0x5000, false, false);
  CHECK(tlb.find(space, 0x5000) == nullptr);  // there were not two
  // A page that turned global replaces the one that was not, and the other way round.
  tlb.fill(space, translation(0x5000, 0x3000));
  tlb.fill(space, translation(0x5000, 0x4000, page_size::k4k, true));
  tlb.flush_not_global(asid{1});
  CHECK(page_in(tlb, space, 0x5000) == 0x4000);
  tlb.fill(space, translation(0x5000, 0x6000));
  CHECK(page_in(tlb, space, 0x5000) == 0x6000);
  tlb.flush_not_global(asid{1});
  CHECK(tlb.find(space, 0x5000) == nullptr);
}

TEST_CASE("a full set loses its oldest translation", "[paging][PAG-TLB-01]") {
  paging::tlb<1, 3, 2> tlb;
  const address_space space{{1}, 0};
  for (std::uint64_t i = 1; i <= 3; ++i) tlb.fill(space, translation(i << 12, i << 20));
  tlb.fill(space, translation(4 << 12, 4 << 20));
  CHECK(tlb.find(space, 1 << 12) == nullptr);
  for (std::uint64_t i = 2; i <= 4; ++i) CHECK(page_in(tlb, space, i << 12) == i << 20);
  tlb.fill(space, translation(5 << 12, 5 << 20));
  CHECK(tlb.find(space, 2 << 12) == nullptr);
  CHECK(page_in(tlb, space, 4 << 12) == 4U << 20);
  // A dropped one is used before any is lost.
  tlb.flush_page(space, 4 << 12, false, false);
  tlb.fill(space, translation(6 << 12, 6 << 20));
  for (const std::uint64_t i : {3U, 5U, 6U}) CHECK(page_in(tlb, space, i << 12) == i << 20);
  // Other sets are not touched.
  paging::tlb<2, 1, 2> two;
  two.fill(space, translation(0x2000, 0x1000));
  two.fill(space, translation(0x3000, 0x2000));
  CHECK(two.find(space, 0x2000) != nullptr);
  CHECK(two.find(space, 0x3000) != nullptr);
}

TEST_CASE("every page of a large address range has its place", "[paging][PAG-TLB-01]") {
  paging::tlb<64, 8, 2> tlb;
  const address_space space{{1}, 0};
  for (unsigned bit = 12; bit < 64; ++bit) {
    const std::uint64_t linear = std::uint64_t{1} << bit;
    tlb.fill(space, translation(linear, linear >> 12));
    CHECK(page_in(tlb, space, linear | 0xfff) == linear >> 12);
  }
  for (const page_size size : {page_size::k2m, page_size::k4m, page_size::k1g}) {
    const std::uint64_t linear = 0xffff'ffff'c000'0000;
    tlb.fill(space, translation(linear, 0x1000, size));
    CHECK((tlb.find(space, ~std::uint64_t{0}) != nullptr) == (size == page_size::k1g));
    CHECK(tlb.find(space, linear) != nullptr);
    tlb.flush_page(space, linear, false, false);
    CHECK(tlb.find(space, linear) == nullptr);
  }
}
