// SPDX-License-Identifier: MIT
// What another model of SEV guests claims: which of it holds here, that what does not is contradicted by a way that can be
// gone, and that a machine without the rule that a claim rests on contradicts it.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"

#include <sevspec/verify/explorer/peer_properties.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;

auto property(const std::string& id) -> peer_property {
  for (const peer_property& one : peer_properties())
    if (id == one.id) return one;
  FAIL("no such property");
  return {};
}

TEST_CASE("All properties have a verdict, and what is contradicted has a way", "[peer]") {
  const std::map<std::string, peer_verdict> expected{
      {"PEER-C01", peer_verdict::weaker},  {"PEER-C02", peer_verdict::holds},      {"PEER-C03", peer_verdict::weaker},
      {"PEER-C04", peer_verdict::in_part}, {"PEER-C05", peer_verdict::weaker},     {"PEER-C06", peer_verdict::in_part},
      {"PEER-C07", peer_verdict::weaker},  {"PEER-C08", peer_verdict::holds},      {"PEER-C09", peer_verdict::weaker},
      {"PEER-C10", peer_verdict::weaker},  {"PEER-C11", peer_verdict::holds},      {"PEER-C12", peer_verdict::weaker},
      {"PEER-C13", peer_verdict::weaker},  {"PEER-C14", peer_verdict::weaker},     {"PEER-I01", peer_verdict::holds},
      {"PEER-I02", peer_verdict::weaker},  {"PEER-I03", peer_verdict::not_at_all}, {"PEER-I04", peer_verdict::holds},
      {"PEER-I05", peer_verdict::weaker},  {"PEER-I06", peer_verdict::weaker},     {"PEER-I07", peer_verdict::weaker},
  };
  const std::map<std::string, std::size_t> first_trace{
      {"PEER-C01", 2},  {"PEER-C03", 8}, {"PEER-C07", 3},  {"PEER-C09", 10}, {"PEER-C10", 2},
      {"PEER-C13", 13}, {"PEER-I02", 2}, {"PEER-I03", 17}, {"PEER-I05", 5},  {"PEER-I07", 11},
  };
  std::set<std::string> seen;
  for (const peer_property& one : peer_properties()) {
    INFO(one.id);
    const auto results = results_of(one);
    REQUIRE(results.size() == one.claims.size());
    for (const claim_result& result : results) {
      CHECK(result.how != ending::bounded);
      CHECK(result.holds() == result.trace.empty());
      CHECK(result.holds() == !result.broken);
      CHECK(result.states > 2);
    }
    REQUIRE(expected.contains(one.id));
    CHECK(verdict_of(results) == expected.at(one.id));
    if (first_trace.contains(one.id)) CHECK(results.front().trace.size() == first_trace.at(one.id));
    seen.insert(one.id);
  }
  CHECK(seen.size() == expected.size());
}

TEST_CASE("A claim falls with the rule that it rests on", "[peer]") {
  struct row {
    const char* id;
    std::size_t claim;
    rule broken;
  };
  for (const row& one :
       {row{"PEER-C01", 1, rule::RMP_CHK_01}, row{"PEER-C02", 0, rule::FW_ACT_04}, row{"PEER-C02", 1, rule::FW_ACT_07},
        row{"PEER-C03", 1, rule::RMP_VMR_02}, row{"PEER-C04", 0, rule::PAG_RMPS_08},
        row{"PEER-C07", 1, rule::RMP_UPD_07}, row{"PEER-C08", 0, rule::PAG_RMPS_08},
        row{"PEER-C10", 1, rule::RMP_UPD_07}, row{"PEER-C11", 0, rule::FW_GST_01}, row{"PEER-C12", 1, rule::FW_GST_01},
        row{"PEER-I01", 0, rule::FW_GST_01}, row{"PEER-I04", 0, rule::RMP_CHK_01},
        row{"PEER-I07", 1, rule::RMP_UPD_07}}) {
    INFO(one.id << " without " << name_of(one.broken));
    const peer_claim claim = property(one.id).claims.at(one.claim);
    CHECK(claim.explore({}).holds());
    const auto without = claim.explore(rule_set{}.without(one.broken));
    CHECK(without.how == ending::violation);
    CHECK_FALSE(without.trace.empty());
  }
}

TEST_CASE("The machines' states and their words are one to one", "[peer]") {
  const auto nothing = [](const sev_life_model::step&) -> contradiction { return {}; };
  explorer<sev_life_model> lives{sev_life_model{{.guests = 2, .asids = 1, .sharing = true, .secret = true}, nothing}};
  const auto seen = lives.run();
  CHECK(seen.how == ending::closed);
  std::set<std::string> lines;
  for (const auto& bits : lives.visited().all()) CHECK(lives.what().pack(lives.what().unpack(bits)) == bits);
  for (std::uint32_t i = 0; i < lives.what().operations(); ++i) lines.insert(lives.what().describe(i));
  CHECK(lines.size() == lives.what().operations());
}

}  // namespace
