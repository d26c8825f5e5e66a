// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <support/catch.hpp>
#include <support/recorder.hpp>

#include <sevspec/rmp/geometry.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::contiguous_geometry;
using rmp::segment_limits;
using rmp::segment_lookup;
using rmp::segmented_geometry;
using u64 = std::uint64_t;
using page = page_number<system_physical>;

constexpr u64 gib = u64{1} << 30;

constexpr auto page_at(u64 where) -> page { return page_of(spa{where}); }

auto contiguous(u64 base, u64 end) -> std::expected<contiguous_geometry, rmp::geometry_error> {
  context<> ctx;
  return contiguous_geometry::make(ctx, {base}, {end});
}
/// Why registers give no table; `none` if they give one.
auto refusal(u64 base, u64 end) -> rule {
  const auto made = contiguous(base, end);
  return made ? rule::none : made.error().decided_by;
}

using segment_table = std::array<u64, segmented_geometry::max_segments>;

struct segments {
  segment_table table{};
  segment_limits part{};
  u64 base = 0x1000'0000;
  u64 config = 0x2401;
  unsigned pa_bits = 48;

  [[nodiscard]] auto make() const -> std::expected<segmented_geometry, rmp::geometry_error> {
    context<> ctx;
    return segmented_geometry::make(ctx, {base}, config, part, table, pa_bits);
  }
};

/// The sheet's table: 64G segments, the second covered by 16 GiB.
auto vector_table() -> segments {
  segments made;
  made.table[1] = 0x0000'0000'0400'0010;
  return made;
}

}  // namespace

TEST_CASE("RMP-GEO-10: where entries lie", "[rmp][RMP-GEO-10][RMP-GEO-11][RMP-GEO-12]") {
  const auto table = contiguous(0x10'0000, 0x110'3fff);
  REQUIRE(table.has_value());
  CHECK(table->pages() == 0x1'0000'0000 / 0x1000);
  CHECK(table->base() == spa{0x10'0000});
  CHECK(table->end() == spa{0x110'3fff});
  CHECK(table->entry_of(page_at(0)) == spa{0x10'4000});
  CHECK(table->entry_of(page_at(0x1234'5000)) == spa{0x22'7450});
  CHECK(table->entry_of(page_at(0xffff'f000)) == spa{0x110'3ff0});
  CHECK(table->entry_of(page_at(0x1'0000'0000)) == spa{0x110'4000});  // beyond RMP_END
  for (const u64 where : {u64{0}, u64{0x1234'5000}, u64{0x1234'5fff}, u64{0xffff'f000}, u64{0xffff'ffff}})
    CHECK(table->covers(page_at(where)));
  for (const u64 where : {u64{0x1'0000'0000}, u64{0x1'0000'1000}, u64{1} << 47, ~u64{0}})
    CHECK_FALSE(table->covers(page_at(where)));
}

TEST_CASE("RMP-GEO-12: a page is covered where its entry lies in the table", "[rmp][RMP-GEO-12][RMP-GEO-11]") {
  for (const u64 kilobytes : {u64{16}, u64{24}, u64{32}, u64{1024}, u64{1040}}) {
    const u64 base = 0x40'0000;
    const u64 end = base + kilobytes * 1024 - 1;
    const auto table = contiguous(base, end);
    REQUIRE(table.has_value());
    CHECK(table->pages() == (kilobytes - 16) * 1024 / 16);
    for (u64 n = 0; n < 0x1'2000; n += n < 20 ? 1 : 127) {
      INFO("page " << n);
      CHECK(table->covers({n}) == (table->entry_of({n}).value <= end));
    }
    if (table->pages() > 0) CHECK(table->entry_of({table->pages() - 1}).value + 15 == end);
  }
}

TEST_CASE("RMP-GEO-13: alignment of RMP_BASE and RMP_END", "[rmp][RMP-GEO-13][RMP-GEO-11]") {
  CHECK(refusal(0x10'0000, 0x110'3fff) == rule::none);
  CHECK(refusal(0x10'2000, 0x110'5fff) == rule::none);  // 8K suffices
  for (unsigned n = 0; n < 13; ++n) {
    INFO("bit " << n);
    CHECK(refusal(0x10'0000 | u64{1} << n, 0x110'3fff) == rule::RMP_GEO_13);
    CHECK(refusal(0x10'0000, 0x110'3fff ^ u64{1} << n) == rule::RMP_GEO_13);
  }
  CHECK(refusal(0x10'0000, 0x110'4000) == rule::RMP_GEO_13);  // RMP_END is the last byte, not the one behind it
  // Nothing behind the bookkeeping area, or less than that.
  CHECK(refusal(0x10'0000, 0x10'3fff) == rule::none);
  CHECK(contiguous(0x10'0000, 0x10'3fff)->pages() == 0);
  CHECK_FALSE(contiguous(0x10'0000, 0x10'3fff)->covers({0}));
  CHECK(refusal(0x10'0000, 0x10'1fff) == rule::RMP_GEO_11);
  CHECK(refusal(0x10'0000, 0xf'ffff) == rule::RMP_GEO_11);
  CHECK(refusal(0x10'0000, 0xf'dfff) == rule::RMP_GEO_11);
  CHECK(refusal(0x8000'0000, 0x1fff) == rule::RMP_GEO_11);
  CHECK(std::string(contiguous(0x10'0001, 0x110'3fff).error().reason).find("8K") != std::string::npos);
}

TEST_CASE("RMP-GEO-18: which bytes are the table's own", "[rmp][RMP-GEO-18][RMP-GEO-10]") {
  const auto table = contiguous(0x10'0000, 0x110'3fff);
  REQUIRE(table.has_value());
  CHECK_FALSE(table->holds({0xf'ffff}));
  CHECK(table->holds({0x10'0000}));  // bookkeeping
  CHECK(table->holds({0x10'3fff}));
  CHECK(table->holds({0x10'4000}));
  CHECK(table->holds({0x110'3fff}));
  CHECK_FALSE(table->holds({0x110'4000}));
  CHECK_FALSE(table->holds({0}));
  CHECK_FALSE(table->holds({~u64{0}}));
  CHECK(*table == *contiguous(0x10'0000, 0x110'3fff));
  CHECK_FALSE(*table == *contiguous(0x10'0000, 0x110'5fff));
}

TEST_CASE("RMP-GEO-13, RMP-GEO-14: what the firmware wants of a table", "[rmp][RMP-GEO-13][RMP-GEO-14]") {
  context<> ctx;
  const u64 c_mask = u64{1} << 51;
  const auto accepts = [&](u64 base, u64 end) { return rmp::firmware_accepts_table(ctx, {base}, {end}, c_mask); };
  CHECK(accepts(0x10'0000, 0x11f'ffff));
  CHECK(accepts(0x8000'0000, 0x80ff'ffff));
  // 8K but not 1M: hardware takes it.
  CHECK_FALSE(accepts(0x10'2000, 0x12'1fff));
  CHECK(refusal(0x10'2000, 0x12'1fff) == rule::none);
  CHECK_FALSE(accepts(0x10'2000, 0x110'1fff));  // 1M in size, at a wrong place
  CHECK_FALSE(accepts(0x10'0000, 0x110'3fff));  // 12.1: at the right place, not 1M in size
  CHECK_FALSE(accepts(0x10'0000, 0x11f'fffe));
  for (unsigned n = 0; n < 20; ++n) CHECK_FALSE(accepts(0x10'0000 ^ u64{1} << n, 0x11f'ffff ^ u64{1} << n));
  // The C-bit on either address.
  CHECK_FALSE(accepts(0x10'0000 | c_mask, 0x11f'ffff | c_mask));
  CHECK_FALSE(accepts(0x10'0000, 0x11f'ffff | c_mask));
  CHECK(rmp::firmware_accepts_table(ctx, {0x10'0000 | c_mask}, {0x11f'ffff | c_mask}, 0));
}

TEST_CASE("RMP-SEG-05: where entries of segments lie", "[rmp][RMP-SEG-05][RMP-SEG-04]") {
  const auto table = vector_table().make();
  REQUIRE(table.has_value());
  CHECK(table->covers(page_at(0x10'0012'3000)));
  CHECK(table->entry_of(page_at(0x10'0012'3000)) == spa{0x0400'1230});
  CHECK(table->covers(page_at(0x10'0000'0000)));
  CHECK(table->entry_of(page_at(0x10'0000'0000)) == spa{0x0400'0000});
  CHECK(table->covers(page_at(0x13'ffff'f000)));
  CHECK(table->entry_of(page_at(0x13'ffff'f000)) == spa{0x0400'0000 + 16 * 0x40'0000 - 16});
  CHECK_FALSE(table->covers(page_at(0x14'0000'0000)));  // 16 GiB into the segment
  CHECK_FALSE(table->covers(page_at(0x1f'ffff'f000)));
  CHECK_FALSE(table->covers(page_at(0x20'0000'0000)));  // RST[2] is 0
  CHECK_FALSE(table->covers(page_at(0)));               // RST[0] is 0
  CHECK(table->look_up(page_at(0x20'0000'0000)) == segment_lookup::not_covered);
  CHECK(table->look_up(page_at(0x10'0000'0000)) == segment_lookup::covered);
  CHECK_FALSE(table->covers(page_at(u64{512} << 36)));  // behind the last segment
  CHECK_FALSE(table->covers(page_at((u64{512} << 36) + (u64{1} << 36))));
}

TEST_CASE("RMP-SEG-04: CoveredSize is no more than the segment", "[rmp][RMP-SEG-04]") {
  segments plan = vector_table();
  plan.table[1] = 0x0000'0000'0400'0050;  // 80 GiB
  const auto table = plan.make();
  REQUIRE(table.has_value());
  CHECK(table->covers(page_at(0x1f'ffff'f000)));
  CHECK(table->entry_of(page_at(0x1f'ffff'f000)) == spa{0x0400'0000 + 64 * 0x40'0000 - 16});
  CHECK_FALSE(table->covers(page_at(0x20'0000'0000)));
  // What the segment's table holds follows the clamped size.
  CHECK(table->holds({0x0400'0000 + 64 * 0x40'0000 - 1}));
  CHECK_FALSE(table->holds({0x0400'0000 + 64 * 0x40'0000}));
  // All of CoveredSize's 20 bits count, and none of the base's.
  for (unsigned n = 0; n < 20; ++n) {
    segments one = vector_table();
    one.part.max_size = 50;
    one.config = 50U << 8 | 1;
    one.table = {};
    one.table[0] = u64{0x7} << 40 | u64{1} << n;
    const auto made = one.make();
    REQUIRE(made.has_value());
    INFO("bit " << n);
    CHECK(made->covers(page_at((gib << n) - 0x1000)));
    CHECK_FALSE(made->covers(page_at(gib << n)));
    CHECK(made->entry_of({0}) == spa{u64{0x7} << 40});
  }
}

TEST_CASE("RMP-SEG-07: segments above memory", "[rmp][RMP-SEG-07]") {
  segments plan;
  plan.table[0] = 0x0000'0000'0400'0040;
  plan.table[300] = 0x0000'0000'0800'0001;  // far above: 1 GiB of MMIO
  const auto table = plan.make();
  REQUIRE(table.has_value());
  CHECK(table->covers(page_at(u64{300} << 36)));
  CHECK(table->entry_of(page_at((u64{300} << 36) + 0x5000)) == spa{0x0800'0050});
  CHECK_FALSE(table->covers(page_at((u64{300} << 36) + gib)));
}

TEST_CASE("RMP-SEG-05: fewer segments where the part says so", "[rmp][RMP-SEG-05][RMP-GEO-02]") {
  for (const unsigned cached : {0U, 1U, 2U, 16U, 511U, 512U, 1023U}) {
    for (const bool reduced : {false, true}) {
      segments plan;
      plan.config = 30U << 8 | 1;
      plan.part = {.cached = cached, .reduced = reduced};
      plan.table.fill(0x0000'0000'0400'0001);
      const auto table = plan.make();
      REQUIRE(table.has_value());
      const unsigned count = reduced ? std::min(cached, 512U) : 512;
      INFO(count << " segments");
      if (count > 0) CHECK(table->covers(page_at(count * gib - 0x1000)));
      CHECK_FALSE(table->covers(page_at(count * gib)));
    }
  }
}

TEST_CASE("RMP-SEG-06: reserved bits of the segment table", "[rmp][RMP-SEG-06]") {
  for (unsigned n = 52; n < 64; ++n) {
    segments plan = vector_table();
    plan.table[1] |= u64{1} << n;
    INFO("bit " << n);
    CHECK(plan.make()->look_up(page_at(0x10'0000'0000)) == segment_lookup::reserved);
    CHECK(plan.make()->look_up(page_at(0x1f'0000'0000)) == segment_lookup::reserved);
    CHECK_FALSE(plan.make()->covers(page_at(0x10'0000'0000)));
    CHECK(plan.make()->look_up(page_at(0x20'0000'0000)) == segment_lookup::not_covered);  // another segment
    plan.part.reduced = true;
    CHECK(plan.make()->look_up(page_at(0x10'0000'0000)) == segment_lookup::covered);
    CHECK(plan.make()->entry_of(page_at(0x10'0000'0000)) == spa{0x0400'0000});
  }
}

TEST_CASE("RMP-SEG-06: a segment's table lies in physical memory", "[rmp][RMP-SEG-06]") {
  const auto refused = [](u64 entry, unsigned pa_bits, bool reduced) {
    segments plan;
    plan.part.reduced = reduced;
    plan.pa_bits = pa_bits;
    plan.table[3] = entry;
    const auto made = plan.make();
    return made ? rule::none : made.error().decided_by;
  };
  const u64 sixteen_at_the_end = (u64{1} << 40) - u64{16} * 0x40'0000;
  CHECK(refused(sixteen_at_the_end | 16, 40, true) == rule::none);
  CHECK(refused((sixteen_at_the_end + 0x10'0000) | 16, 40, true) == rule::RMP_SEG_06);
  CHECK(refused(sixteen_at_the_end | 17, 40, true) == rule::RMP_SEG_06);
  CHECK(refused(u64{1} << 40 | 1, 40, true) == rule::RMP_SEG_06);
  // CoveredSize 0: not defined, wherever its base is; also beyond the end, where a table of no bytes does not fit.
  for (const u64 base : {u64{1} << 40, (u64{1} << 40) + 0x10'0000, u64{1} << 41, u64{0xf'ffff'fff0'0000}})
    CHECK(refused(base, 40, true) == rule::none);
  CHECK(refused(u64{1} << 40 | 1, 40, false) == rule::none);
  // Clamping comes first: 80 GiB of a 64 GiB segment.
  CHECK(refused(((u64{1} << 40) - u64{64} * 0x40'0000) | 80, 40, true) == rule::none);
  // Segments that the part does not use do not count.
  segments plan;
  plan.part = {.cached = 3, .reduced = true};
  plan.pa_bits = 40;
  plan.table[3] = u64{1} << 40 | 1;
  CHECK(plan.make().has_value());
  plan.part.cached = 4;
  CHECK_FALSE(plan.make().has_value());
}

TEST_CASE("RMP-SEG-03: RMP_BASE of a segmented table", "[rmp][RMP-SEG-03]") {
  segments plan = vector_table();
  for (unsigned n = 12; n < 20; ++n) {
    plan.base = 0x1000'0000 | u64{1} << n;
    const auto made = plan.make();
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().decided_by == rule::RMP_SEG_03);
  }
  plan.base = 0x1010'0000;
  CHECK(plan.make().has_value());
}

TEST_CASE("RMP-GEO-18: which bytes are a segmented table's own", "[rmp][RMP-GEO-18][RMP-SEG-03]") {
  const auto table = vector_table().make();
  REQUIRE(table.has_value());
  CHECK_FALSE(table->holds({0xfff'ffff}));
  CHECK(table->holds({0x1000'0000}));  // bookkeeping
  CHECK(table->holds({0x1000'4000}));  // the segment table
  CHECK(table->holds({0x1000'4fff}));
  CHECK_FALSE(table->holds({0x1000'5000}));
  CHECK_FALSE(table->holds({0x03ff'ffff}));
  CHECK(table->holds({0x0400'0000}));
  CHECK(table->holds({0x0400'0000 + 16 * 0x40'0000 - 1}));
  CHECK_FALSE(table->holds({0x0400'0000 + 16 * 0x40'0000}));
  CHECK_FALSE(table->holds({0}));  // segments without a table lie nowhere
}

TEST_CASE("RMP-SEG-01: writes of SEG_RMP_CFG", "[rmp][RMP-SEG-01][RMP-GEO-06][RMP-SEG-02]") {
  context<> ctx;
  const segment_limits part{.min_size = 32, .max_size = 36};
  const auto check = [&](u64 value, bool enabled = false) {
    return rmp::check_segment_config(ctx, part, value, enabled);
  };
  const auto gp = [](rule why) { return std::optional{fault{fault_kind::gp, why, 0, 0}}; };
  for (unsigned size = 0; size < 64; ++size) {
    INFO("size " << size);
    const bool fits = size >= 32 && size <= 36;
    CHECK(check(size << 8 | 1) == (fits ? std::nullopt : gp(rule::RMP_SEG_01)));
    CHECK(check(size << 8) == std::nullopt);  // not enabled: any size
    CHECK(check(size << 8 | 1, true) == gp(rule::RMP_GEO_06));
  }
  CHECK(check(0x2401) == std::nullopt);
  CHECK(check(0, true) == gp(rule::RMP_GEO_06));
  for (unsigned n = 1; n < 64; ++n) {
    if (n >= 8 && n <= 13) continue;
    INFO("bit " << n);
    CHECK(check(u64{1} << n) == gp(rule::RMP_SEG_01));
    CHECK(check(0x2401 | u64{1} << n) == gp(rule::RMP_SEG_01));
  }
}

TEST_CASE("geometry rules fire and pass", "[rmp][RMP-GEO-11][RMP-GEO-13][RMP-GEO-14][RMP-SEG-03][RMP-SEG-06]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  (void)contiguous_geometry::make(ctx, {0x10'0000}, {0x110'3fff});
  (void)contiguous_geometry::make(ctx, {0x10'0001}, {0x110'3fff});
  (void)contiguous_geometry::make(ctx, {0x10'0000}, {0xf'ffff});
  (void)rmp::firmware_accepts_table(ctx, {0x10'0000}, {0x11f'ffff}, 0);
  (void)rmp::firmware_accepts_table(ctx, {0x10'0000}, {0x11f'ffff}, 0x10'0000);
  segments plan = vector_table();
  plan.part.reduced = true;
  (void)segmented_geometry::make(ctx, {0x10'0000}, 0x2401, plan.part, plan.table, 48);
  (void)segmented_geometry::make(ctx, {0x10'0000}, 0x2401, plan.part, plan.table, 20);
  (void)segmented_geometry::make(ctx, {0x10'1000}, 0x2401, plan.part, plan.table, 48);
  for (const rule id : {rule::RMP_GEO_11, rule::RMP_GEO_13, rule::RMP_GEO_14, rule::RMP_SEG_03, rule::RMP_SEG_06}) {
    INFO(name_of(id));
    CHECK(heard.fired.contains(id));
    CHECK(heard.passed.contains(id));
  }
  // Without the rule the registers are taken.
  ctx.rules = ctx.rules.without(rule::RMP_GEO_13);
  CHECK(contiguous_geometry::make(ctx, {0x10'1000}, {0x110'3fff}).has_value());
}
