// SPDX-License-Identifier: MIT
#include <array>

#include <support/catch.hpp>
#include <support/machines.hpp>

#include <sevspec/paging/memory_type.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using paging::memory_type;
using paging::mtrr_type;
using paging::pat_type;

constexpr std::array pat_types{pat_type::uc, pat_type::uc_minus, pat_type::wc,
                               pat_type::wp, pat_type::wt,       pat_type::wb};
constexpr std::array mtrr_types{mtrr_type::uc, mtrr_type::wc, mtrr_type::wp, mtrr_type::wt, mtrr_type::wb};

using row = std::array<const char*, 6>;

auto text(memory_type type) -> std::string { return name_of(type); }

}  // namespace

TEST_CASE("PAG-MT-01: the entry of the PAT that a leaf chooses", "[paging][PAG-MT-01]") {
  constexpr std::uint64_t pat = 0x0706'0504'0100'0607;  // by index: UC-, WB, UC, WC, WT, WP, WB, UC-
  constexpr std::array by_index{pat_type::uc_minus, pat_type::wb, pat_type::uc, pat_type::wc,
                                pat_type::wt,       pat_type::wp, pat_type::wb, pat_type::uc_minus};
  for (unsigned index = 0; index < 8; ++index) {
    const std::uint64_t pwt_pcd = (index & 3U) << 3;  // PWT is bit 3, PCD bit 4
    const std::uint64_t pat_bit = index >> 2;
    for (const std::uint64_t others : {std::uint64_t{0}, ~std::uint64_t{0x1098}}) {
      INFO("index " << index);
      CHECK(paging::pat_type_of(pat, {pwt_pcd | pat_bit << 7 | others}, false) == by_index[index]);
      CHECK(paging::pat_type_of(pat, {pwt_pcd | pat_bit << 12 | others}, true) == by_index[index]);
    }
    // Bit 7 of a large page's entry is PS, bit 12 of a PTE address.
    CHECK(paging::pat_type_of(pat, {pwt_pcd | pat_bit << 7}, true) == by_index[index & 3]);
    CHECK(paging::pat_type_of(pat, {pwt_pcd | pat_bit << 12}, false) == by_index[index & 3]);
    // A table is read with PCD and PWT of what points to it.
    CHECK(paging::pat_type_of_table(pat, pwt_pcd | 0x1080) == by_index[index & 3]);
  }
}

TEST_CASE("PAG-MT-01: memory types change no translation", "[paging][PAG-MT-01]") {
  guest_machine guest;
  const auto expected = guest.run(user_write);
  REQUIRE(expected.has_value());
  for (const std::uint64_t bits : {0x08U, 0x10U, 0x18U, 0x98U}) {
    guest_machine other;
    other.in_guest(1) |= bits;
    other.in_guest(3) |= bits & 0x18;
    other.for_data(1) |= bits;
    other.state.guest.cr3 |= bits & 0x18;
    other.state.ncr3 |= bits & 0x18;
    other.state.g_pat = 0x0000'0101'0404'0505;
    const auto found = other.run(user_write);
    REQUIRE(found.has_value());
    CHECK(found->page.where == expected->page.where);
    CHECK(found->key == expected->key);
    CHECK(found->page.rights == expected->page.rights);
  }
}

TEST_CASE("PAG-MT-02: guest and nested type combined", "[paging][PAG-MT-02]") {
  // APM vol. 2, table 15-19: rows the guest's type, columns the nested one, both UC, UC-, WC, WP, WT, WB.
  constexpr std::array<row, 6> table{{{"UC", "UC", "UC", "UC", "UC", "UC"},
                                      {"UC", "UC-", "WC", "UC", "UC", "UC"},
                                      {"WC", "WC", "WC", "WC+", "WC+", "WC+"},
                                      {"UC", "UC", "UC", "WP", "UC", "WP"},
                                      {"UC", "UC", "UC", "UC", "WT", "WT"},
                                      {"UC", "UC", "WC", "WP", "WT", "WB"}}};
  for (unsigned guest = 0; guest < 6; ++guest)
    for (unsigned nested = 0; nested < 6; ++nested) {
      INFO("row " << guest << ", column " << nested);
      CHECK(text(paging::combined_type(pat_types[guest], pat_types[nested])) == table[guest][nested]);
    }
}

TEST_CASE("PAG-MT-03: the combined type and the MTRR's", "[paging][PAG-MT-03]") {
  // APM vol. 2, table 15-20: columns the MTRR's UC, WC, WP, WT, WB.
  struct line {
    memory_type combined;
    std::array<const char*, 5> result;
  };
  constexpr std::array<line, 7> table{{{memory_type::uc, {"UC", "CD", "CD", "CD", "CD"}},
                                       {memory_type::uc_minus, {"UC", "WC", "CD", "CD", "CD"}},
                                       {memory_type::wc, {"WC", "WC", "WC", "WC", "WC"}},
                                       {memory_type::wc_plus, {"WC", "WC", "WC+", "WC+", "WC+"}},
                                       {memory_type::wp, {"UC", "CD", "WP", "CD", "WP"}},
                                       {memory_type::wt, {"UC", "CD", "CD", "WT", "WT"}},
                                       {memory_type::wb, {"UC", "WC", "WP", "WT", "WB"}}}};
  for (const line& one : table)
    for (unsigned mtrr = 0; mtrr < 5; ++mtrr) {
      INFO(text(one.combined) << ", column " << mtrr);
      CHECK(text(paging::with_mtrr(one.combined, mtrr_types[mtrr])) == one.result[mtrr]);
    }
}

TEST_CASE("PAG-MT-04: paging off, caches disabled, SNP", "[paging][PAG-MT-04][PAG-MT-02][PAG-MT-03]") {
  using paging::guest_memory_type;
  for (const pat_type nested : pat_types) {
    for (const mtrr_type mtrr : mtrr_types) {
      // With guest paging off no guest PAT takes part.
      CHECK(guest_memory_type({}, nested, mtrr, false, false) ==
            guest_memory_type(pat_type::wb, nested, mtrr, false, false));
      for (const pat_type guest : pat_types) {
        const memory_type usual = guest_memory_type(guest, nested, mtrr, false, false);
        CHECK(usual == paging::with_mtrr(paging::combined_type(guest, nested), mtrr));
        CHECK(usual != memory_type::uc_minus);
        // Nothing is cached with CR0.CD of either world.
        const memory_type disabled = guest_memory_type(guest, nested, mtrr, true, false);
        CHECK((disabled != memory_type::wb && disabled != memory_type::wt && disabled != memory_type::wp));
        // SNP-active guests get coherent types: PAG-COH-05.
        const memory_type coherent = guest_memory_type(guest, nested, mtrr, false, true);
        if (usual == memory_type::uc) CHECK(coherent == memory_type::cd);
        else if (usual == memory_type::wc) CHECK(coherent == memory_type::wc_plus);
        else CHECK(coherent == usual);
      }
    }
  }
  // One PAT alone, as without nested paging.
  constexpr row names{"UC", "UC-", "WC", "WP", "WT", "WB"};
  for (unsigned i = 0; i < 6; ++i) CHECK(text(paging::as_memory_type(pat_types[i])) == names[i]);
}

TEST_CASE("PAG-COH-05: an SNP-active guest's references stay coherent", "[paging][PAG-COH-05]") {
  using enum paging::memory_type;
  for (const auto type : {uc, cd, wc, wc_plus, wp, wt, wb}) {
    const auto coherent = paging::coherent_type(type);
    CHECK(coherent == (type == uc ? cd : type == wc ? wc_plus : type));
  }
  using paging::mtrr_type;
  using paging::pat_type;
  CHECK(paging::guest_memory_type(pat_type::uc, pat_type::wb, mtrr_type::uc, false, true) == cd);
  CHECK(paging::guest_memory_type(pat_type::uc, pat_type::wb, mtrr_type::uc, false, false) == uc);
  CHECK(paging::guest_memory_type(pat_type::wc, pat_type::wc, mtrr_type::wb, false, true) == wc_plus);
  CHECK(paging::guest_memory_type(pat_type::wc, pat_type::wc, mtrr_type::wb, false, false) == wc);
}
