// SPDX-License-Identifier: MIT
// sevspec explore --peer: what another model of SEV guests claims, and what machines of this library say to it.

#include "explore_peer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <sstream>

#include <fmt/format.h>

#include <sevspec/verify/explorer/peer_properties.hpp>

#include "input.hpp"
#include "protocol.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::claim_result;
using verify::explorer::peer_property;

constexpr std::size_t text_width = 100;

[[nodiscard]] auto chosen_of(const std::vector<std::string>& which) -> std::vector<peer_property> {
  const auto all = verify::explorer::peer_properties();
  std::vector<peer_property> chosen;
  for (const std::string& list : which) {
    std::istringstream names(list);
    for (std::string name; std::getline(names, name, ',');) {
      if (name == "all") return all;
      const auto found = std::ranges::find_if(all, [&](const peer_property& one) { return name == one.id; });
      if (found == all.end())
        throw input_error("--peer", fmt::format("{} is none of {} to {}, {} to {}", in_quotes(name), "PEER-C01",
                                                "PEER-C14", "PEER-I01", "PEER-I07"));
      chosen.push_back(*found);
    }
  }
  return chosen;
}

[[nodiscard]] auto as_row(const peer_property& one, const std::vector<claim_result>& results) -> json {
  json claims = json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    json row = {{"claim", one.claims[i].text},
                {"machine", one.claims[i].machine},
                {"holds", results[i].holds()},
                {"states", results[i].states}};
    if (results[i].broken) {
      row["trace"] = results[i].trace;
      row["text"] = results[i].broken.text;
    }
    claims.push_back(row);
  }
  return {{"property", one.id},
          {"text", one.text},
          {"verdict", name_of(verify::explorer::verdict_of(results))},
          {"claims", claims},
          {"note", one.note}};
}

void print(const peer_property& one, const std::vector<claim_result>& results) {
  fmt::print("{}  {}\n          {}\n", one.id, one.text, name_of(verify::explorer::verdict_of(results)));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const claim_result& seen = results[i];
    fmt::print("  {}  {}\n", seen.holds() ? "yes" : "no ", wrapped(one.claims[i].text, text_width, 7));
    if (!seen.broken) {
      fmt::print("       {}: closed, {} states\n", one.claims[i].machine, grouped(seen.states));
      continue;
    }
    fmt::print("       {}:\n", one.claims[i].machine);
    for (std::size_t n = 0; n < seen.trace.size(); ++n) fmt::print("       {:2}  {}\n", n + 1, seen.trace[n]);
    fmt::print("           {}\n", seen.broken.text);
  }
  if (*one.note != '\0') fmt::print("       {}\n", wrapped(one.note, text_width, 7));
}

}  // namespace

auto explore_peer(const std::vector<std::string>& which, bool as_json) -> int {
  json rows = json::array();
  for (const peer_property& one : chosen_of(which)) {
    if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{} ", one.id);
    const auto results = verify::explorer::results_of(one);
    if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:20}\r", "");
    if (as_json) rows.push_back(as_row(one, results));
    else print(one, results);
  }
  if (as_json) fmt::print("{}\n", rows.dump(1));
  return 0;
}

}  // namespace sevspec::tool
