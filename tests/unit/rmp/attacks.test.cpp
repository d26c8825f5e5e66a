// SPDX-License-Identifier: MIT
// What a hostile host and a careless guest try, from end to end, and what stops it.
#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/memory/device.hpp>
#include <sevspec/memory/walkable.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

namespace {

constexpr std::uint64_t s1 = rmp_play::page;
constexpr std::uint64_t s2 = 0x30'5000;
constexpr std::uint64_t seen = rmp_play::seen;

/// A guest page that is assigned and validated.
struct victim : rmp_play {
  victim() {
    REQUIRE(assign() == rmp::status::success);
    REQUIRE(validate().has_value());
    REQUIRE(guest_access(access_kind::write) == allowed);
  }
};

}  // namespace

TEST_CASE("A1: the host puts another page behind a gPA", "[rmp][attack][RMP-FLT-08][RMP-PVL-07]") {
  victim m;
  REQUIRE(m.assign(s2) == rmp::status::success);  // nothing forbids two pages for one gPA
  CHECK(m.guest_access(access_kind::read, s2) == not_validated);
  CHECK(m.guest_access(access_kind::write, s2) == not_validated);
}

TEST_CASE("A2: the host puts a page of its own behind a gPA", "[rmp][attack][RMP-CHK-01]") {
  victim m;
  for (const access_kind kind : {access_kind::read, access_kind::write, access_kind::execute})
    CHECK(m.guest_access(kind, s2) == violation);
}

TEST_CASE("A3: two gPAs for one page", "[rmp][attack][RMP-CHK-01]") {
  victim m;
  CHECK(m.guest_access(access_kind::read, s1, seen + 0x1000) == violation);
  CHECK(m.guest_access(access_kind::read, s1, seen, true, 6) == violation);  // or for another guest
}

TEST_CASE("A4: a guest that validates a gPA twice is on its own", "[rmp][attack][RMP-PVL-07][RMP-PVL-03]") {
  victim m;
  REQUIRE(m.assign(s2) == rmp::status::success);
  const auto second = m.validate(s2).value();
  CHECK(second.succeeded());
  CHECK_FALSE(second.unchanged);  // hardware has no way to know
  // What a monitor finds: two validated pages with one owner and one gPA.
  std::map<std::pair<std::uint32_t, std::uint64_t>, unsigned> validated;
  for (const std::uint64_t where : {s1, s2}) {
    const rmp::entry one = m.entry(where);
    if (one.validated) ++validated[{one.id.value, one.guest.value}];
  }
  CHECK(validated.at({5, seen}) == 2);
}

TEST_CASE("A5: the host takes a page, writes old ciphertext, and gives it back", "[rmp][attack][RMP-UPD-07]") {
  victim m;
  CHECK(m.host_write() == violation);  // not without taking it
  REQUIRE(m.share() == rmp::status::success);
  CHECK(m.host_write() == allowed);
  REQUIRE(m.assign() == rmp::status::success);
  CHECK(m.guest_access(access_kind::read) == not_validated);
}

TEST_CASE("A6: a hole in a large page", "[rmp][attack][RMP-UPD-02][RMP-UPD-03]") {
  rmp_play m;
  REQUIRE(m.assign(rmp_play::region, 0x4000'0000, 5, true) == rmp::status::success);
  for (const std::uint64_t i : {0U, 1U, 255U, 511U}) {
    CHECK(m.share(rmp_play::region + i * 0x1000) == rmp::status::fail_overlap);
    CHECK(m.assign(rmp_play::region + i * 0x1000, seen, 6) == rmp::status::fail_overlap);
  }
}

TEST_CASE("A7: a large page over what is left of its parts", "[rmp][attack][RMP-UPD-04]") {
  rmp_play m;
  REQUIRE(m.assign(rmp_play::region, 0x4000'0000, 5, true) == rmp::status::success);
  REQUIRE(m.smash() == rmp::status::success);
  for (std::uint64_t i = 0; i < 512; ++i) {
    CHECK(m.assign(rmp_play::region, 0x4000'0000, 6, true) == rmp::status::fail_overlap);
    REQUIRE(m.share(rmp_play::region + i * 0x1000) == rmp::status::success);
  }
  CHECK(m.assign(rmp_play::region, 0x4000'0000, 6, true) == rmp::status::success);
}

TEST_CASE("A8: a VMSA by a VMPL that may not make one", "[rmp][attack][RMP-ADJ-05]") {
  victim m;
  REQUIRE(m.adjust(0x0f01).has_value());
  const auto forged = m.adjust(0x1'0102, 1).value();
  CHECK(forged.succeeded());
  CHECK_FALSE(m.entry().vmsa);
  CHECK(rmp::check_snp_vmsa(m.ctx, m.table, {s1}, {5}) == rmp::page_answer::vmexit_invalid);
  REQUIRE(m.adjust(0x1'0101).has_value());
  CHECK(rmp::check_snp_vmsa(m.ctx, m.table, {s1}, {5}) == rmp::page_answer::good);
}

TEST_CASE("A9: a device writes a page of a guest", "[rmp][attack][RMP-CHK-17][ENC-DMA-03]") {
  victim m;
  struct chips {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x40'0000, 0x77);
    auto read(spa where, memory_key, std::span<std::uint8_t> out) -> memory::memory_status {
      std::ranges::copy(std::span{bytes}.subspan(where.value, out.size()), out.begin());
      return memory::memory_status::ok;
    }
    auto write(spa where, memory_key, std::span<const std::uint8_t> in) -> memory::memory_status {
      std::ranges::copy(in, bytes.begin() + static_cast<std::ptrdiff_t>(where.value));
      return memory::memory_status::ok;
    }
  } dram;
  memory::walkable qwords{dram};
  rmp::guarded_memory guarded(qwords, m.table);
  const memory::dma_path path{.snp = true};
  const std::array<std::uint8_t, 4> in{1, 2, 3, 4};
  const auto before = dram.bytes;
  const auto aborted = memory::dma_write(m.ctx, guarded, path, {s1}, in);
  REQUIRE_FALSE(aborted.has_value());
  CHECK(aborted.error().event == memory::dma_event::rmp_page_fault);
  CHECK(dram.bytes == before);
  CHECK(memory::dma_write(m.ctx, guarded, path, {s2}, in).has_value());
}

TEST_CASE("A10: the page of a VMSA that runs", "[rmp][attack][RMP-VMR-05][RMP-CHK-15]") {
  victim m;
  REQUIRE(m.adjust(0x1'0101).has_value());
  rmp::set_in_use(m.ctx, m.table, {s1}, true);
  CHECK(m.share() == rmp::status::fail_inuse);
  CHECK(m.assign() == rmp::status::fail_inuse);
  CHECK(m.guest_access(access_kind::read) == violation);
  CHECK_FALSE(m.adjust(0x0001).has_value());
  CHECK_FALSE(m.validate(s1, seen, false).has_value());
  rmp::set_in_use(m.ctx, m.table, {s1}, false);
  CHECK(m.share() == rmp::status::success);
}

TEST_CASE("A11: the host writes through a large mapping that holds a guest's page", "[rmp][attack][RMP-CHK-08]") {
  victim m;
  CHECK(m.host_write(rmp_play::region + 0x7000) == allowed);
  CHECK(m.host_write(rmp_play::region + 0x7000, page_size::k2m) == violation);
  CHECK(m.host_write(rmp_play::region + 0x7000, page_size::k1g) == violation);
  CHECK(m.host_write(rmp_play::region + 0x20'7000, page_size::k2m) == allowed);
}
