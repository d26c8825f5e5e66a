// SPDX-License-Identifier: MIT
// sevspec key: which key a reference uses.

#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <sevspec/base/context.hpp>
#include <sevspec/memory/key_decision.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "json_member.hpp"

namespace sevspec::tool {

namespace {

using memory::key_question;
using memory::keyed_access;
using memory::vtom_side;

/// One row as a question; members are those of `encryption_decision.rows`. Throws vector_error.
[[nodiscard]] auto read_question(const member& row) -> key_question {
  key_question asked;
  asked.encryption = row["memenc"].flag();
  const std::string& mode = row["mode"].text();
  if (mode != "host" && mode != "guest") row["mode"].fail("host or guest was expected");
  asked.guest = mode == "guest";
  asked.sev = row["sev"].flag();
  asked.sev_es = row.has("es") && row["es"].flag();
  asked.vte = row.has("vte") && row["vte"].flag();
  asked.has_c_bit = row["gpaging"].flag();
  asked.first_c = row["gC"].flag();
  asked.nested_c = row["nC"].flag();

  const std::string& what = row["acc"].text();
  if (what == "data") asked.what = keyed_access::data;
  else if (what == "fetch") asked.what = keyed_access::fetch;
  else if (what == "gpt") asked.what = keyed_access::guest_table;
  else if (what == "npt") asked.what = keyed_access::nested_table;
  else row["acc"].fail("data, fetch, gpt or npt was expected");

  if (row.has("vtom")) {
    const std::string& side = row["vtom"].text();
    if (side == "below") asked.side = vtom_side::below;
    else if (side == "at_or_above") asked.side = vtom_side::at_or_above;
    else row["vtom"].fail("below or at_or_above was expected");
  }
  return asked;
}

/// A JSON array of rows in, the same rows with `key` out. An object with an array `rows`, or with such an object in
/// `encryption_decision`, is understood, too.
[[nodiscard]] auto answer_rows(const std::string& path) -> int {
  const json file = read_json(path);
  const json* rows = &file;
  if (rows->is_object() && rows->contains("encryption_decision")) rows = &(*rows)["encryption_decision"];
  if (rows->is_object() && rows->contains("rows")) rows = &(*rows)["rows"];
  if (!rows->is_array()) throw input_error(path, "an array of rows was expected");

  json answers = json::array();
  for (const json& row : *rows) {
    const std::string place = fmt::format("/{}", answers.size());
    try {
      context<> ctx;
      const member root{row, place};
      const memory_key key = memory::key_of(ctx, read_question(root), asid{1});
      json answer = row;
      answer["key"] = name_of(key);
      answers.push_back(std::move(answer));
    } catch (const vector_error& error) {
      throw input_error(path, error.what());
    }
  }
  fmt::print("{}\n", answers.dump(1));
  return 0;
}

}  // namespace

void add_key(CLI::App& program, action& chosen) {
  CLI::App* const command = program.add_subcommand("key", "Say which encryption key a memory reference uses");
  const auto path = std::make_shared<std::string>();
  command
      ->add_option("--rows", *path,
                   "a JSON array of references (members memenc, mode, sev, es, vte, acc, gpaging, gC, nC, vtom); "
                   "printed again with the key of each: none, host or guest")
      ->required()
      ->type_name("FILE");
  command->callback([&chosen, path] { chosen = [path] { return answer_rows(*path); }; });
}

}  // namespace sevspec::tool
