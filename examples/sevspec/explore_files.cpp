// SPDX-License-Identifier: MIT
#include "explore_files.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include <sevspec/crypto/digest.hpp>

#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::ending;

constexpr std::string_view states_format = "sevspec states 2";
constexpr std::string_view walk_format = "sevspec walk 2";

void put_words(std::string& text, const std::vector<std::uint64_t>& words) {
  for (const std::uint64_t word : words)
    for (unsigned i = 0; i < 8; ++i) text.push_back(static_cast<char>(word >> (8 * i) & 0xff));
}

/// Says whether bytes are those that were written, not who wrote them.
[[nodiscard]] auto sum_of(std::string_view bytes) -> std::string {
  return hex_bytes(crypto::sha256{}.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}).take());
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes << std::flush;
  if (!file) throw input_error(path, "cannot be written");
}

/// A file of states, taken apart.
struct states_file {
  json about;
  std::size_t size{};  ///< of a state
  std::vector<std::string> states{};
};

[[nodiscard]] auto read_states(const std::string& path) -> states_file {
  const std::string bytes = read_file(path);
  const std::size_t end = bytes.find('\n');
  states_file made{.about = json::parse(bytes.substr(0, end), nullptr, false)};
  const auto is_number = [&](const char* member) {
    return made.about.contains(member) && made.about[member].is_number_unsigned();
  };
  const auto is_text = [](const json& one) { return one.is_string(); };
  const bool known = end != std::string::npos && made.about.is_object() && made.about.contains("format") &&
                     made.about["format"] == states_format && made.about.contains("model") &&
                     made.about["model"].is_string() && made.about.contains("without") &&
                     made.about["without"].is_array() && std::ranges::all_of(made.about["without"], is_text) &&
                     is_number("shard") && is_number("of") && is_number("states") && is_number("state_bytes") &&
                     is_number("depth") && is_number("ending") && made.about.contains("violation") &&
                     made.about.contains("symmetry") && made.about.contains("sum") && made.about["sum"].is_string();
  if (!known) throw input_error(path, "no file that --save-states wrote");
  const auto number = [&](const char* member, std::uint64_t least, std::uint64_t most) {
    const auto value = made.about[member].get<std::uint64_t>();
    if (value < least || value > most)
      throw input_error(path, fmt::format("{}: {} is not from {} to {}", member, value, least, most));
    return value;
  };
  const std::uint64_t of = number("of", 1, most_shards);
  number("shard", 0, of - 1);
  number("depth", 0, std::numeric_limits<unsigned>::max());
  number("ending", 0, static_cast<std::uint64_t>(ending::bounded));
  made.size = made.about["state_bytes"].get<std::size_t>();
  const std::size_t rest = bytes.size() - end - 1;
  if (made.size == 0 || rest % made.size != 0)
    throw input_error(path, fmt::format("{} bytes are no whole states of {} bytes", rest, made.size));
  if (rest / made.size != made.about["states"].get<std::uint64_t>())
    throw input_error(
        path, fmt::format("{} states were expected, there are {}", made.about["states"].dump(), rest / made.size));
  json unsummed = made.about;
  unsummed.erase("sum");
  if (made.about["sum"] != sum_of(unsummed.dump() + bytes.substr(end)))
    throw input_error(path, "its sum is another: the file is damaged");
  for (std::size_t at = end + 1; at < bytes.size(); at += made.size) made.states.push_back(bytes.substr(at, made.size));
  return made;
}

[[nodiscard]] auto violation_of(const std::string& path, const json& violation) -> broken_invariant {
  const auto is_text = [](const json& one) { return one.is_string(); };
  const bool known = violation.is_object() && violation.contains("invariant") && violation["invariant"].is_string() &&
                     violation.contains("text") && violation["text"].is_string() && violation.contains("trace") &&
                     violation["trace"].is_array() && std::ranges::all_of(violation["trace"], is_text);
  if (!known) throw input_error(path, "no file that --save-states wrote");
  return {.name = violation["invariant"].get<std::string>(),
          .text = violation["text"].get<std::string>(),
          .trace = violation["trace"].get<std::vector<std::string>>()};
}

}  // namespace

void write_states(const std::string& path, const saved_states& what) {
  const std::size_t states = std::max<std::size_t>(what.seen.states, 1);
  json violation = nullptr;
  if (const auto& broken = what.seen.broken)
    violation = {{"invariant", broken->name}, {"text", broken->text}, {"trace", broken->trace}};
  json about = {{"format", states_format},        {"model", what.model},
                {"without", what.order.without},  {"symmetry", what.order.symmetry},
                {"shard", what.order.part.which}, {"of", what.order.part.of},
                {"states", what.seen.states},     {"state_bytes", what.words.size() / states * 8},
                {"depth", what.seen.depth},       {"ending", static_cast<unsigned>(what.seen.how)},
                {"violation", violation}};
  std::string bytes = "\n";
  put_words(bytes, what.words);
  about["sum"] = sum_of(about.dump() + bytes);
  write_file(path, about.dump() + bytes);
}

auto merge_states(const std::vector<std::string>& paths) -> merged_states {
  merged_states all;
  std::vector<std::string> states;
  std::vector<bool> present;
  json first;
  all.seen.how = ending::closed;
  for (const std::string& path : paths) {
    states_file one = read_states(path);
    const auto which = one.about["shard"].get<std::uint32_t>();
    if (first.is_null()) {
      first = one.about;
      all.model = first["model"].get<std::string>();
      for (const json& name : first["without"])
        if (name.is_string()) all.without.push_back(name.get<std::string>());
      all.of = first["of"].get<std::uint32_t>();
      present.resize(all.of);
    }
    for (const char* const member : {"model", "without", "symmetry", "of", "state_bytes"})
      if (one.about[member] != first[member])
        throw input_error(path, fmt::format("{}: {} was expected, as in {}", member, first[member].dump(), paths[0]));
    if (present[which]) throw input_error(path, fmt::format("shard {} is there twice", which));
    present[which] = true;
    if (one.about["ending"] != static_cast<unsigned>(ending::closed) && all.seen.how == ending::closed)
      all.seen.how = ending::bounded;
    all.seen.depth = std::max(all.seen.depth, one.about["depth"].get<unsigned>());
    if (!one.about["violation"].is_null()) {
      auto broken = violation_of(path, one.about["violation"]);
      if (!all.seen.broken || broken.trace.size() < all.seen.broken->trace.size()) all.seen.broken = std::move(broken);
    }
    states.insert(states.end(), one.states.begin(), one.states.end());
  }
  for (std::uint32_t i = 0; i < all.of; ++i)
    if (!present[i]) all.missing.push_back(i);
  if (!all.missing.empty()) all.seen.how = ending::bounded;
  if (all.seen.broken) all.seen.how = ending::violation;
  std::ranges::sort(states);
  states.erase(std::unique(states.begin(), states.end()), states.end());
  all.seen.states = states.size();
  return all;
}

auto read_walk(const std::string& path, const std::string& model, const search_order& order, std::size_t words)
    -> std::optional<saved_walk> {
  if (!std::filesystem::exists(path)) return {};
  const json about = read_json(path);
  const auto has = [&](const char* member, auto is) { return about.contains(member) && is(about[member]); };
  const auto is_number = [](const json& one) { return one.is_number_unsigned(); };
  const auto is_text = [](const json& one) { return one.is_string(); };
  const auto are_numbers = [&](const json& all) { return all.is_array() && std::ranges::all_of(all, is_number); };
  const bool known = about.is_object() && about.contains("format") && about["format"] == walk_format &&
                     has("attempts", is_number) && has("steps", is_number) && has("state", are_numbers) &&
                     about["state"].size() == words && has("sum", is_text);
  if (!known) throw input_error(path, "no place in a walk");
  const json wanted = {
      {"model", model}, {"without", order.without}, {"symmetry", order.symmetry}, {"seed", *order.walk}};
  for (const auto& [member, value] : wanted.items())
    if (!about.contains(member) || about[member] != value)
      throw input_error(path, fmt::format("another walk: its {} is not {}", member, value.dump()));
  json unsummed = about;
  unsummed.erase("sum");
  if (about["sum"] != sum_of(unsummed.dump())) throw input_error(path, "its sum is another: the file is damaged");
  return saved_walk{.attempts = about["attempts"].get<std::uint64_t>(),
                    .steps = about["steps"].get<std::uint64_t>(),
                    .words = about["state"].get<std::vector<std::uint64_t>>()};
}

void write_walk(const std::string& path, const std::string& model, const search_order& order, const saved_walk& where) {
  json about = {{"format", walk_format},      {"model", model},      {"without", order.without},
                {"symmetry", order.symmetry}, {"seed", *order.walk}, {"attempts", where.attempts},
                {"steps", where.steps},       {"state", where.words}};
  about["sum"] = sum_of(about.dump());
  write_file(path, about.dump(1) + "\n");
}

}  // namespace sevspec::tool
