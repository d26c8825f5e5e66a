// SPDX-License-Identifier: MIT
// The example of a table in software: it agrees, and each of its defects is found by a short sequence.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/verify/rmp_catch.hpp>
#include <support/catch.hpp>

#include "../../../examples/soft_rmp.hpp"

using namespace sevspec;
using namespace sevspec::verify;

TEST_CASE("a table without defects agrees", "[verify]") {
  example::soft_rmp fine;
  require_conforming(fine, {.seed = 7, .runs = 2000});
  const conformance_report report = check_rmp(fine, {.seed = 100'000, .runs = 1000});
  CHECK(report.runs == 1000);
  CHECK(report.operations == 60'000);
  CHECK(report.unspecified.empty());
}

TEST_CASE("every published defect is found", "[verify]") {
  using d = example::defects;
  const struct {
    const char* name;
    bool d::* flag;
    const char* suspect;  ///< a rule that would explain it; "" where none alone does
  } rows[] = {
      {"stale upper half", &d::stale_upper_half, ""},
      {"gPA in wrong units", &d::gpa_in_wrong_units, ""},
      {"keeps validated", &d::keeps_validated, ""},
      {"every VMPL may", &d::everybody_may, ""},
      {"no count", &d::no_count, "RMP-UPD-10"},
      {"no overlap check", &d::no_overlap_check, "RMP-UPD-04"},
      {"hole in a large page", &d::hole_in_large, "RMP-UPD-03"},
      {"changes immutable pages", &d::changes_immutable, "RMP-STA-03"},
      {"PSMASH of 4K", &d::smash_of_small, "RMP-SMH-03"},
  };
  for (const auto& row : rows) {
    example::defects wrong;
    wrong.*row.flag = true;
    example::soft_rmp broken(wrong);
    const conformance_report report = check_rmp(broken, {.seed = 1, .runs = 2000});
    const std::string text = describe(report);
    INFO(row.name << "\n" << text);
    REQUIRE(report.found.has_value());
    CHECK(report.found->steps.size() <= 8);
    CHECK(text.find("expected ") != std::string::npos);
    CHECK(text.find(row.suspect) != std::string::npos);
    // The sequence alone shows it again.
    rmp_adapter<example::soft_rmp> again(broken);
    auto reference = rmp_reference<>::make(report.found->setup);
    REQUIRE(reference.has_value());
    CHECK(verify::detail::difference(again, *reference, report.found->setup, report.found->steps).has_value());
  }
}

namespace {

/// A machine that decides an open point in its own way.
struct other_choice {
  rmp_reference<> machine;
  implementation_choices mine;
  void reset(const rmp_setup&) { machine.reset(mine); }
  auto run(const rmp_step& step) -> rmp_answer { return machine.run(step); }
  [[nodiscard]] auto abilities() const -> rmp_abilities { return {}; }
};

}  // namespace

TEST_CASE("points that the manuals leave open are told apart from mistakes", "[verify]") {
  for (const named_choice& choice : named_choices) {
    for (unsigned value = 0; value < choice.values().size(); ++value) {
      implementation_choices mine;
      if (value == choice.get(mine)) continue;
      choice.set(mine, value);
      INFO(choice.name() << " = " << choice.values()[value]);
      other_choice machine{std::move(*rmp_reference<>::make({})), mine};
      const conformance_report report = check_rmp_machine(machine, {.seed = 3, .runs = 150});
      CHECK(report.agrees());
      for (const unspecified_point& point : report.unspecified) CHECK(point.steps.size() <= 8);
    }
  }
}

namespace {

/// The least that can be tested.
struct update_alone {
  example::soft_rmp table;
  void reset() { table.reset(); }
  auto rmpupdate(std::uint64_t rax, const std::array<std::uint8_t, 16>& operand) -> std::uint32_t {
    return table.rmpupdate(rax, operand);
  }
};

}  // namespace

TEST_CASE("what an implementation has not is not asked for", "[verify]") {
  update_alone least;
  const rmp_abilities able = rmp_adapter(least).abilities();
  CHECK_FALSE(able.psmash);
  CHECK_FALSE(able.rmpread);
  CHECK_FALSE(able.pvalidate);
  CHECK_FALSE(able.rmpadjust);
  CHECK_FALSE(able.entry);
  require_conforming(least, {.seed = 5, .runs = 500});
}

TEST_CASE("a report names what was tested, and what was not and why", "[verify]") {
  example::soft_rmp table;
  const std::string text = describe(check_rmp(table, {.seed = 1, .runs = 20}));
  CHECK(text == "20 runs, 1200 operations, 0 unspecified\n"
                "tested: rmpupdate psmash pvalidate entry\n"
                "skipped: rmpread: no member rmpread(rax, operand)\n"
                "skipped: rmpadjust: no member rmpadjust(call, rcx, rdx)\n"
                "skipped: rmpquery: rmp_adapter has no member for it\n"
                "skipped: access: rmp_adapter has no member for it\n"
                "skipped: firmware: rmp_adapter has no member for it\n");
  update_alone least;
  const conformance_report alone = check_rmp(least, {.seed = 1, .runs = 1});
  CHECK(alone.tested == std::vector{"rmpupdate"});
  CHECK(alone.skipped.size() == named_abilities.size());
  CHECK(describe(alone).find("\nskipped: psmash: no member psmash(rax)\n") != std::string::npos);
  CHECK(describe(alone).find("\nskipped: pvalidate: no member pvalidate(call, ecx, edx)\n") != std::string::npos);
  CHECK(describe(alone).find("\nskipped: entry: no member raw_entry(spa)\n") != std::string::npos);
  // A disagreement comes with both, too.
  example::soft_rmp wrong({.no_overlap_check = true});
  const std::string found = describe(check_rmp(wrong, {.seed = 1, .runs = 2000}));
  CHECK(found.find("\ntested: rmpupdate psmash pvalidate entry\n") < found.find("\ndisagreement in run "));
  // Other machines need not say why.
  other_choice machine{std::move(*rmp_reference<>::make({})), {}};
  CHECK(describe(check_rmp_machine(machine, {.runs = 1})).find("skipped") == std::string::npos);
  struct without_query : other_choice {
    [[nodiscard]] auto abilities() const -> rmp_abilities { return {.rmpquery = false}; }
  } silent{{std::move(*rmp_reference<>::make({})), {}}};
  CHECK(describe(check_rmp_machine(silent, {.runs = 1})).find("skipped: rmpquery: the machine says that it cannot") !=
        std::string::npos);
}

namespace {

using guest_entry = std::array<std::uint64_t, 2>;

/// Everything that an adapter may find, in other words than the table of `rmp_under_test`: overloads, templates,
/// references, types that convert.
struct all_members final {
  void reset() {}
  auto rmpupdate(std::uint64_t, std::span<const std::uint8_t, 16>) -> std::uint8_t { return 0; }
  auto psmash(std::uint64_t) -> int { return 0; }
  auto rmpread(auto, std::span<std::uint8_t, 16>) -> std::uint32_t { return 0; }
  auto pvalidate(guest_call, std::uint64_t, std::uint64_t) const -> guest_return { return {}; }
  auto rmpadjust(const guest_call&, std::uint64_t, std::uint64_t) -> const guest_return& { return answer; }
  auto raw_entry(std::uint64_t) -> const guest_entry& { return row; }
  static auto raw_mask() -> guest_entry { return {}; }
  guest_return answer;
  guest_entry row{};
};
/// Each optional name, each with another signature.
struct misfits {
  auto psmash() -> std::uint32_t { return 0; }
  auto psmash(std::uint64_t, int) -> std::uint32_t { return 0; }
  auto rmpread(std::uint64_t) -> std::array<std::uint8_t, 16> { return {}; }
  auto pvalidate(const guest_call&, std::uint32_t, std::uint32_t) -> std::uint32_t { return 0; }
  auto rmpadjust(const guest_call&, std::uint64_t) -> guest_return { return {}; }
  auto raw_mask() -> guest_entry { return {}; }  // not static

 private:
  auto raw_entry(std::uint64_t) -> guest_entry { return {}; }
};
struct sealed_misfits final {
  auto psmash(std::uint64_t) -> void {}
  std::uint64_t rmpread{};
  static auto pvalidate() -> void {}
};

using verify::detail::adapter_member;
using verify::detail::adapter_members;

template <class T>
constexpr std::array optional_members{adapter_members<T>::psmash,    adapter_members<T>::rmpread,
                                      adapter_members<T>::pvalidate, adapter_members<T>::rmpadjust,
                                      adapter_members<T>::raw_entry, adapter_members<T>::raw_mask};
constexpr adapter_member absent{}, fits{.named = true, .fits = true}, misfit{.named = true};

static_assert(misfit.misfit() && !fits.misfit() && !absent.misfit());
static_assert(optional_members<update_alone> == std::array{absent, absent, absent, absent, absent, absent});
static_assert(optional_members<example::soft_rmp> == std::array{fits, absent, fits, absent, fits, absent});
static_assert(optional_members<misfits> == std::array{misfit, misfit, misfit, misfit, misfit, misfit});
static_assert(optional_members<sealed_misfits> == std::array{misfit, misfit, misfit, absent, absent, absent});
static_assert([] {
  for (const adapter_member& one : optional_members<all_members>)
    if (one.misfit() || !one.fits) return false;
  return true;
}());

}  // namespace

TEST_CASE("whatever can be called as an adapter does is asked for", "[verify]") {
  all_members it;
  const rmp_abilities able = rmp_adapter(it).abilities();
  CHECK(able ==
        rmp_abilities{
            .rmpquery = false, .access = false, .firmware = false, .entry_lo = 0, .entry_hi = 0, .entry_state = false});
}

namespace {

/// A table that covers half a gigabyte.
struct half_as_large {
  static constexpr std::uint64_t covered = 0x2000'0000;
  example::soft_rmp table;

  [[nodiscard]] static auto at(std::uint64_t spa) -> std::uint64_t {
    return spa < covered ? spa : spa | std::uint64_t{1} << 40;  // nothing is covered there
  }
  void reset() { table.reset(); }
  auto rmpupdate(std::uint64_t rax, const std::array<std::uint8_t, 16>& operand) -> std::uint32_t {
    return table.rmpupdate(at(rax), operand);
  }
  auto psmash(std::uint64_t rax) -> std::uint32_t { return table.psmash(at(rax)); }
  auto pvalidate(guest_call from, std::uint32_t ecx, std::uint32_t edx) -> guest_return {
    from.spa = at(from.spa);
    return table.pvalidate(from, ecx, edx);
  }
  [[nodiscard]] auto raw_entry(std::uint64_t spa) const -> guest_entry { return table.raw_entry(at(spa)); }
};

}  // namespace

TEST_CASE("a table may cover another memory than a gigabyte", "[verify]") {
  half_as_large table;
  require_conforming(table, {.seed = 1, .runs = 500, .setup = {.memory = half_as_large::covered}});
  CHECK_FALSE(check_rmp(table, {.seed = 1, .runs = 500}).agrees());
  example::soft_rmp whole;
  CHECK_FALSE(check_rmp(whole, {.seed = 1, .runs = 500, .setup = {.memory = half_as_large::covered}}).agrees());
}
