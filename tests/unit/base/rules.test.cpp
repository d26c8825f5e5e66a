// SPDX-License-Identifier: MIT
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>

using namespace sevspec;

namespace {

/// The enumerators as the header spells them, without comments and without what is not a rule.
auto enumerators() -> std::vector<std::string> {
  std::ifstream in(SEVSPEC_TEST_DATA_DIR "/../../include/sevspec/base/rule.hpp");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto begin = text.find("enum class rule");
  REQUIRE(begin != std::string::npos);
  text = text.substr(begin, text.find("};", begin) - begin);
  text = std::regex_replace(text, std::regex("//[^\n]*"), "");
  std::vector<std::string> names;
  const std::regex name(R"(\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b)");
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) names.push_back(at->str());
  return names;
}

auto dashed(std::string name) -> std::string {
  for (char& letter : name)
    if (letter == '_') letter = '-';
  return name;
}

struct listener {
  std::vector<std::pair<rule, bool>> heard;
  void on(const rule_evaluated& event) { heard.emplace_back(event.id, event.fired); }
};

struct wants_reads {
  unsigned reads = 0;
  void on(const table_read&) { ++reads; }
};
struct misspelt {
  void on_read(const table_read&) {}
};
static_assert(observer<no_observer> && observer<listener> && observer<listener&> && observer<wants_reads>);
static_assert(!observer<misspelt> && !observer<int>);
static_assert(context<all_rules, listener>::tells<rule_evaluated> &&
              context<all_rules, listener&>::tells<rule_evaluated>);
static_assert(!context<all_rules, wants_reads>::tells<rule_evaluated> && !context<>::tells<table_read>);

}  // namespace

TEST_CASE("the registry spells its rules as the enumerators do", "[base]") {
  const auto names = enumerators();
  REQUIRE(names.size() == rule_count);
  for (unsigned i = 0; i < rule_count; ++i) {
    CHECK(info(static_cast<rule>(i)).name == dashed(names[i]));
    CHECK(name_of(static_cast<rule>(i)) == dashed(names[i]));
  }
  CHECK(std::string(name_of(rule::none)) == "-");
}

TEST_CASE("every row of the registry says something of its own", "[base]") {
  std::set<std::string> names;
  std::set<std::string> texts;
  for (const rule_info& row : rule_registry) {
    INFO(row.name);
    const std::string text = row.text;
    CHECK(names.insert(row.name).second);
    CHECK(texts.insert(text).second);
    CHECK(text.size() > 20);
    CHECK(text.back() == '.');
    CHECK(text.find("  ") == std::string::npos);
    CHECK(std::string(row.source).size() > 5);
  }
}

TEST_CASE("sets of rules", "[base]") {
  const rule_set everything;
  CHECK(everything == rule_set());
  for (unsigned i = 0; i < rule_count; ++i) {
    const auto id = static_cast<rule>(i);
    CHECK(everything.contains(id));
    const rule_set fewer = everything.without(id);
    CHECK(fewer != everything);
    for (unsigned j = 0; j < rule_count; ++j) REQUIRE(fewer.contains(static_cast<rule>(j)) == (i != j));
    CHECK(fewer.with(id) == everything);
    CHECK(fewer.without(id) == fewer);
    CHECK(everything.with(id) == everything);
  }
  CHECK(everything.contains(rule::none));  // what no rule decided cannot be switched off
  CHECK(all_rules::contains(rule::PAG_ENT_02));
  using fewer = all_rules_but<rule::PAG_ENT_02, rule::PAG_PERM_04>;
  CHECK_FALSE(fewer::contains(rule::PAG_ENT_02));
  CHECK_FALSE(fewer::contains(rule::PAG_PERM_04));
  CHECK(fewer::contains(rule::PAG_PERM_03));
  CHECK(all_rules_but<>::contains(rule::PAG_ENT_02));
}

TEST_CASE("a context denies what its rules forbid, and tells", "[base]") {
  listener heard;
  context<rule_set, listener&> ctx{.rules = rule_set().without(rule::PAG_PERM_02), .choices = {}, .listener = heard};
  CHECK(ctx.denies(rule::PAG_PERM_01, true));
  CHECK_FALSE(ctx.denies(rule::PAG_PERM_01, false));
  CHECK_FALSE(ctx.denies(rule::PAG_PERM_02, true));
  CHECK(ctx.applies(rule::PAG_AD_01, true));
  CHECK_FALSE(ctx.applies(rule::PAG_AD_01, false));
  CHECK((heard.heard == std::vector<std::pair<rule, bool>>{{rule::PAG_PERM_01, true},
                                                           {rule::PAG_PERM_01, false},
                                                           {rule::PAG_PERM_02, false},
                                                           {rule::PAG_AD_01, true},
                                                           {rule::PAG_AD_01, false}}));

  context<> silent;
  CHECK(silent.denies(rule::PAG_PERM_02, true));
  CHECK_FALSE(silent.denies(rule::PAG_PERM_02, false));
  CHECK(silent.choices == implementation_choices{});

  // An observer hears the events it asks for.
  context<all_rules, wants_reads> counting;
  CHECK(counting.denies(rule::PAG_PERM_02, true));
  counting.tell(table_read{});
  counting.tell(table_update{});
  CHECK(counting.listener.reads == 1);
}

TEST_CASE("the recommended choices", "[base]") {
  constexpr implementation_choices choices;
  CHECK((choices.ad_policy == ad_update::eager));
  CHECK(choices.guest_ad_before_final_npf);
  CHECK((choices.npt_high_gpa == high_gpa::npf_not_present));
  CHECK(choices.npf_id_requires_nx_or_smep);
  CHECK((choices.report_enc_bit == enc_bit::on_snp_capable_silicon));
}
