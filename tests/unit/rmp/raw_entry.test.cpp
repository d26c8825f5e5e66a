// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>

#include <support/catch.hpp>

#include <sevspec/base/generation.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::decode;
using rmp::encode;
using rmp::entry;
using rmp::firmware_tag;
using rmp::page_state;
using rmp::raw_entry;
using u64 = std::uint64_t;

struct codec_row {
  const char* name;
  entry fields;
  u64 lo;
  page_state state;
};

constexpr entry guest_4k{.assigned = true, .id = {5}, .guest = {0x123'4000}};
constexpr entry guest_2m{.assigned = true, .large = true, .id = {5}, .guest = {0x4000'0000}};
constexpr entry own{.assigned = true, .immutable = true, .locked = true};  // as the firmware writes its own pages

constexpr auto changed(entry of, auto&& change) -> entry {
  change(of);
  return of;
}

const std::array vectors{
    codec_row{"guest, not validated", guest_4k, 0x0028'0000'0123'4001, page_state::guest_invalid},
    codec_row{"guest, validated", changed(guest_4k, [](entry& e) { e.validated = true; }), 0x4028'0000'0123'4001,
              page_state::guest_valid},
    codec_row{"Pre-Guest", changed(guest_4k, [](entry& e) { e.immutable = true; }), 0x0028'0000'0123'4005,
              page_state::pre_guest},
    codec_row{"Pre-Swap", changed(guest_4k, [](entry& e) { e.immutable = e.validated = true; }), 0x4028'0000'0123'4005,
              page_state::pre_swap},
    codec_row{"VMSA", changed(guest_4k, [](entry& e) { e.vmsa = e.validated = true; }), 0x6028'0000'0123'4001,
              page_state::guest_valid},
    codec_row{"2M, not validated", guest_2m, 0x0028'0000'4000'0003, page_state::guest_invalid},
    codec_row{"2M, validated", changed(guest_2m, [](entry& e) { e.validated = true; }), 0x4028'0000'4000'0003,
              page_state::guest_valid},
    codec_row{"Firmware", own, 0x8000'0000'0000'0005, page_state::firmware},
    codec_row{"Firmware, made by RMPUPDATE", {.assigned = true, .immutable = true}, 0x5, page_state::firmware},
    codec_row{"Context", changed(own, [](entry& e) { e.vmsa = true; }), 0xa000'0000'0000'0005, page_state::context},
    codec_row{"HV-Fixed", {.immutable = true}, 0x4, page_state::hv_fixed},
    codec_row{"Reclaim", {.assigned = true}, 0x1, page_state::reclaim},
    codec_row{"Metadata",
              changed(own,
                      [](entry& e) {
                        e.tag = firmware_tag::metadata;
                        e.guest = {0x75'0000'0000};
                      }),
              0x8001'0075'0000'0005, page_state::metadata},
    codec_row{"Firmware-IOMMU",
              changed(own,
                      [](entry& e) {
                        e.tag = firmware_tag::iommu;
                        e.guest = {0x1000};
                      }),
              0x8002'0000'0000'1005, page_state::firmware_iommu},
    codec_row{"Hypervisor", {}, 0, page_state::hypervisor},
    codec_row{"Hypervisor, beside an assigned page", {.sub_page_count = 1}, 0x8, page_state::hypervisor},
    codec_row{"Hypervisor, beside 511 assigned pages", {.sub_page_count = 511}, 0xff8, page_state::hypervisor},
    codec_row{"PSMASH of 2M, first page",
              changed(guest_2m,
                      [](entry& e) {
                        e.large = false;
                        e.validated = true;
                        e.sub_page_count = 511;
                      }),
              0x4028'0000'4000'0ff9, page_state::guest_valid},
};

}  // namespace

TEST_CASE("RMP-ENT-01: entries and their quadwords", "[rmp][RMP-ENT-01][RMP-STA-01][RMP-STA-02][RMP-STA-04]") {
  for (const codec_row& row : vectors) {
    INFO(row.name);
    CHECK(hex(encode(row.fields).lo) == hex(row.lo));
    CHECK(encode(row.fields).hi == 0);
    CHECK(decode({row.lo, 0}) == row.fields);
    CHECK(rmp::state_of(row.fields) == row.state);
    CHECK(rmp::state_of(decode({row.lo, 0})) == row.state);
  }
}

TEST_CASE("RMP-ENT-01, RMP-ENT-02: an entry of a machine", "[rmp][RMP-ENT-01][RMP-ENT-02][RMP-UPD-08]") {
  const raw_entry stored{0x6010'ffff'ffff'f001, 0x1f};
  const entry found = decode(stored);
  CHECK(found == entry{.assigned = true,
                       .validated = true,
                       .vmsa = true,
                       .id = {2},
                       .guest = {0xffff'ffff'f000},
                       .allowed = {{{0x1f}, {0}, {0}, {0}}}});
  CHECK(found.allowed[0] == rmp::all_permissions);
  CHECK(encode(found) == stored);
}

TEST_CASE("RMP-ENT-01: where each field lies", "[rmp][RMP-ENT-01][RMP-ENT-02][RMP-ENT-05]") {
  CHECK(rmp::raw::guest::mask == 0x0007'ffff'ffff'f000);
  CHECK(rmp::raw::id::mask == 0x1ff8'0000'0000'0000);
  CHECK(rmp::raw::sub_page_count::mask == 0xff8);
  CHECK(encode({.sub_page_count = 0x1ff}).lo == 0xff8);
  CHECK(encode({.id = {0x3ff}}).lo == 0x1ff8'0000'0000'0000);
  CHECK(encode({.guest = {0x0007'ffff'ffff'ffff}}).lo == 0x0007'ffff'ffff'f000);
  CHECK(encode({.in_use = true}).lo == u64{1} << 63);
  CHECK(encode({.locked = true}).lo == u64{1} << 63);
  for (unsigned level = 0; level < 4; ++level) {
    entry one;
    one.allowed[level] = {0xab};
    CHECK(encode(one).lo == 0);
    CHECK(encode(one).hi == u64{0xab} << (8 * level));
    CHECK(decode({0, u64{0xab} << (8 * level)}) == one);
  }
  // An ASID has ten bits.
  CHECK(encode({.id = {0x405}}).lo == u64{5} << 51);
  for (unsigned n = 0; n < 10; ++n) CHECK(decode({u64{1} << (51 + n), 0}).id == asid{1U << n});
  for (unsigned n = 0; n < 9; ++n) CHECK(decode({u64{8} << n, 0}).sub_page_count == 1U << n);
  for (unsigned n = 12; n <= 50; ++n) CHECK(decode({u64{1} << n, 0}).guest == gpa{u64{1} << n});
  // What has no meaning above the VMPLs' bytes does not count (RMP-ENT-02).
  CHECK(decode({0x4028'0000'0123'4001, 0xffff'ffff'0000'0000}) == decode({0x4028'0000'0123'4001, 0}));
}

TEST_CASE("RMP-VMR-05: bit 63 is the firmware's lock or VMRUN's mark", "[rmp][RMP-VMR-05][RMP-STA-04]") {
  const u64 lock = u64{1} << 63;
  for (const u64 assigned : {u64{0}, u64{1}}) {
    for (const u64 immutable : {u64{0}, u64{4}}) {
      const entry found = decode({lock | assigned | immutable, 0});
      INFO("assigned " << assigned << ", immutable " << immutable);
      CHECK(found.locked == (assigned != 0 && immutable != 0));
      CHECK(found.in_use == !found.locked);
    }
  }
}

TEST_CASE("RMP-STA-02: tags are the firmware's alone", "[rmp][RMP-STA-02]") {
  const u64 three = u64{7} << 48;
  for (u64 tag = 0; tag < 8; ++tag) {
    INFO("tag " << tag);
    const entry firmware = decode({0x8000'0000'0000'1005 | tag << 48, 0});
    const bool known = tag == 1 || tag == 2;
    CHECK(firmware.tag == (known ? static_cast<firmware_tag>(tag) : firmware_tag::none));
    CHECK(firmware.guest.value == (0x1000 | (known ? 0 : tag << 48)));
    CHECK(encode(firmware).lo == (0x8000'0000'0000'1005 | tag << 48));
    // A guest's page, one that is not assigned and one that is not immutable have addresses there.
    for (const u64 lo : {u64{0x0028'0000'0000'1005}, u64{0x4}, u64{0x1}}) {
      CHECK(decode({lo | tag << 48, 0}).tag == firmware_tag::none);
      CHECK((decode({lo | tag << 48, 0}).guest.value & three) == tag << 48);
    }
  }
}

TEST_CASE("RMP-ENT-01: decoding and encoding are inverse", "[rmp][RMP-ENT-01][RMP-ENT-02][INV-04]") {
  std::mt19937_64 random(1);
  unsigned long wrong = 0;
  for (unsigned i = 0; i < 200'000; ++i) {
    const raw_entry stored{random(), random() & 0xffff'ffff};
    if (encode(decode(stored)) != stored) ++wrong;
    const entry found = decode(stored);
    if (decode(encode(found)) != found) ++wrong;
  }
  CHECK(wrong == 0);
  // Every bit of the lower quadword, alone and with those that change the meaning of others.
  for (unsigned n = 0; n < 64; ++n)
    for (const u64 with : {u64{0}, u64{1}, u64{4}, u64{5}})
      CHECK(encode(decode({u64{1} << n | with, 0})).lo == (u64{1} << n | with));
}

TEST_CASE("RMP-STA-01: every combination of what a state depends on", "[rmp][RMP-STA-01][INV-01][INV-02]") {
  for (unsigned bits = 0; bits < 64; ++bits) {
    for (const std::uint32_t id : {0U, 1U, 1006U}) {
      for (const auto tag : {firmware_tag::none, firmware_tag::metadata, firmware_tag::iommu}) {
        const bool assigned = (bits & 1) != 0, validated = (bits & 2) != 0, immutable = (bits & 4) != 0;
        const bool vmsa = (bits & 8) != 0, large = (bits & 16) != 0, has_gpa = (bits & 32) != 0;
        const entry one{.assigned = assigned,
                        .large = large,
                        .immutable = immutable,
                        .validated = validated,
                        .vmsa = vmsa,
                        .tag = tag,
                        .id = {id},
                        .guest = {has_gpa ? 0x7000U : 0U}};
        page_state expected = page_state::corrupt;
        if (!assigned && !validated && id == 0 && !large)
          expected = immutable ? page_state::hv_fixed : page_state::hypervisor;
        if (assigned && id != 0 && validated) expected = immutable ? page_state::pre_swap : page_state::guest_valid;
        if (assigned && id != 0 && !validated) expected = immutable ? page_state::pre_guest : page_state::guest_invalid;
        if (assigned && id == 0 && !validated && !immutable) expected = page_state::reclaim;
        if (assigned && id == 0 && !validated && immutable) {
          if (tag != firmware_tag::none || has_gpa) expected = page_state::metadata;  // Firmware-IOMMU: see below
          else expected = vmsa ? page_state::context : page_state::firmware;
        }
        INFO("bits " << bits << ", ASID " << id << ", tag " << static_cast<int>(tag));
        CHECK(rmp::state_of(one) == expected);
      }
    }
  }
}

TEST_CASE("RMP-STA-01: entries that no operation makes", "[rmp][RMP-STA-01]") {
  CHECK(rmp::state_of(decode({0x0028'0000'0000'0000, 0})) == page_state::corrupt);  // not assigned, ASID 5
  CHECK(rmp::state_of(decode({0x4000'0000'0000'0001, 0})) == page_state::corrupt);  // validated, ASID 0
  CHECK(rmp::state_of(decode({0x4000'0000'0000'0000, 0})) == page_state::corrupt);  // validated, not assigned
  CHECK(rmp::state_of(decode({0x2, 0})) == page_state::corrupt);                    // large, not assigned
  // Firmware-IOMMU has one gPA, and no VMSA; whatever else has a gPA above 0, tag included, is Metadata.
  CHECK(rmp::state_of(decode({0x8002'0000'0000'1005, 0})) == page_state::firmware_iommu);
  CHECK(rmp::state_of(decode({0x8002'0000'0000'0005, 0})) == page_state::metadata);
  CHECK(rmp::state_of(decode({0x8002'0000'0000'2005, 0})) == page_state::metadata);
  CHECK(rmp::state_of(decode({0xa002'0000'0000'1005, 0})) == page_state::metadata);
}

TEST_CASE("RMP-GEO-16, RMP-STA-05: states of pages of a table",
          "[rmp][RMP-GEO-16][RMP-STA-05][RMP-ENT-07][RMP-TRN-11]") {
  rmp::small_table<8, 4> table;
  table.entries[4] = changed(guest_2m, [](entry& e) { e.validated = true; });
  for (unsigned i = 5; i < 8; ++i) table.entries[i] = {.assigned = true};
  CHECK(rmp::state_of(table, {0}) == page_state::hypervisor);
  CHECK(rmp::state_of(table, {4}) == page_state::guest_valid);
  CHECK(rmp::state_of(table, {5}) == page_state::reclaim);  // a 4K page inside a large one
  CHECK(rmp::state_of(table, {8}) == page_state::default_);
  CHECK(rmp::authoritative_entry(table, {7}) == table.entries[4]);
  CHECK(rmp::find_authoritative(table, {7}).page == rmp::spfn{4});
  CHECK(rmp::find_authoritative(table, {3}).page == rmp::spfn{3});
}

TEST_CASE("RMP-STA-03: names of states, and which are immutable", "[rmp][RMP-STA-03]") {
  using enum page_state;
  const std::array immutable{hv_fixed, firmware, firmware_iommu, context, metadata, pre_guest, pre_swap};
  std::set<std::string> names;
  for (unsigned i = 0; i <= static_cast<unsigned>(corrupt); ++i) {
    const auto state = static_cast<page_state>(i);
    names.insert(rmp::name_of(state));
    CHECK(rmp::is_immutable(state) == (std::ranges::find(immutable, state) != immutable.end()));
  }
  CHECK(names.size() == 13);
  CHECK_FALSE(names.contains("?"));
  CHECK(std::string(rmp::name_of(default_)) == "default");
  CHECK(std::string(rmp::name_of(guest_valid)) == "guest-valid");
  CHECK(std::string(rmp::name_of(firmware_iommu)) == "firmware-iommu");
  CHECK(std::string(rmp::name_of(static_cast<page_state>(13))) == "?");
  for (const codec_row& row : vectors) CHECK(rmp::is_immutable(row.state) == row.fields.immutable);
}

TEST_CASE("RMP-ENT-04: which parts have entries of this format", "[rmp][RMP-ENT-04]") {
  CHECK(part_of(generation::milan).rmp == rmp_format::zen3);
  CHECK(part_of(generation::genoa).rmp == rmp_format::zen3);
  CHECK(part_of(generation::turin).rmp == rmp_format::unpublished);
}

TEST_CASE("RMP-ENT-05: bits of a permission byte", "[rmp][RMP-ENT-05]") {
  for (unsigned raw = 0; raw < 256; ++raw) {
    const rmp::permissions mask{static_cast<std::uint8_t>(raw)};
    CHECK(mask.read() == ((raw & 1) != 0));
    CHECK(mask.write() == ((raw & 2) != 0));
    CHECK(mask.execute_user() == ((raw & 4) != 0));
    CHECK(mask.execute_supervisor() == ((raw & 8) != 0));
    CHECK(mask.supervisor_shadow_stack() == ((raw & 16) != 0));
  }
}
