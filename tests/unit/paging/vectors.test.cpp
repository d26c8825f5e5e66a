// SPDX-License-Identifier: MIT
// Every vector of tests/data/paging-vectors.json, every member of what it expects.
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/vectors.hpp>

#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/reference_count.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nlohmann::json;

auto size_name(page_size size) -> std::string {
  switch (size) {
    case page_size::k2m:       return "2M";
    case page_size::k4m:       return "4M";
    case page_size::k1g:       return "1G";
    case page_size::k4k:
    case page_size::unlimited: return "4K";  // where there are no pages, the vectors say the smallest
  }
  return "?";
}

auto key_name(memory_key key, asid guest) -> std::string {
  if (key == memory_key::none()) return "none";
  if (key == memory_key::host()) return "host";
  return key == memory_key::guest(guest) ? "guest" : "of another guest";
}

auto attributes(const paging::page_rights& rights) -> json {
  return {{"w", rights.writable ? 1 : 0}, {"u", rights.user ? 1 : 0}, {"nx", rights.no_execute ? 1 : 0}};
}

auto stage1_attributes(const paging::page_rights& rights, paging::entry leaf) -> json {
  json result = attributes(rights);
  result["g"] = leaf.global() ? 1 : 0;
  return result;
}

auto trace_of(const recorder& heard, asid guest) -> json {
  constexpr const char* verbs[] = {"rd", "wr", "if", "ssrd", "sswr"};
  json lines = json::array();
  for (const table_read& read : heard.reads)
    lines.push_back(std::string(1, "hgn"[static_cast<unsigned>(read.tables)]) + std::to_string(read.level) + "@" +
                    hex(read.where.value) + ":" + key_name(read.key, guest));
  for (const final_access& last : heard.finals)
    lines.push_back(std::string(verbs[static_cast<unsigned>(last.kind)]) + "@" + hex(last.where.value) + ":" +
                    key_name(last.key, guest));
  return lines;
}

/// Updates as {address, before, after}, those of one entry merged.
auto updates_of(const recorder& heard) -> std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> {
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> changes;
  for (const table_update& update : heard.updates) {
    const auto [place, fresh] = changes.try_emplace(update.where.value, update.before, update.after);
    if (!fresh) place->second.second = update.after;
  }
  return changes;
}

/// What a walk of this vector finds, in the vector's own terms.
auto observed(const vector_case& test) -> json {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  memory::sparse_memory memory = test.memory;
  const vector_result result = test.walk(ctx, memory);

  // A walk without side effects, without an observer and with rules fixed at compile time answers the same.
  context<> plain;
  read_only unwritten(test.memory);
  CHECK(test.walk(plain, unwritten) == result);

  json found;
  if (result.failed) {
    const fault& why = *result.failed;
    found["kind"] = why.kind == fault_kind::npf  ? "npf"
                    : why.kind == fault_kind::pf ? "pf"
                    : why.kind == fault_kind::gp ? "gp"
                    : why.kind == fault_kind::ss ? "ss"
                    : why.kind == fault_kind::vc ? "vc"
                                                 : "other";
    if (why.kind == fault_kind::npf) {
      found["exitcode"] = hex(paging::vmexit_npf);
      found["exitinfo1"] = hex(why.code);
      found["exitinfo2"] = hex(why.address);
    } else {
      found["vector"] = vector_of(why.kind);
      found["error"] = hex(why.code);
      const bool not_validated = why.kind == fault_kind::vc && why.code == paging::vmexit_page_not_validated;
      if (why.kind == fault_kind::pf || not_validated) found["cr2"] = hex(why.address);
    }
    CHECK(heard.finals.empty());
    return found;
  }

  found["kind"] = "ok";
  if (test.in_guest) {
    const auto& guest = *result.guest;
    found["spa"] = hex(guest.page.where.value);
    found["gpa"] = hex(guest.in_guest.where.value);
    found["page_size"] = size_name(guest.size);
    found["nested_page_size"] = size_name(guest.page.size);
    found["nested_attr"] = attributes(guest.page.rights);
    if (guest.in_guest.size != page_size::unlimited) {
      found["stage1_page_size"] = size_name(guest.in_guest.size);
      found["stage1_attr"] = stage1_attributes(guest.in_guest.rights, guest.in_guest.leaf);
    }
    found["c"] = guest.effective_c ? 1 : 0;
    found["key"] = key_name(guest.key, test.guest.id);
  } else {
    const auto& host = *result.host;
    found["spa"] = hex(host.page.where.value);
    found["page_size"] = size_name(host.page.size);
    if (host.page.size != page_size::unlimited) {
      found["stage1_page_size"] = size_name(host.page.size);
      found["stage1_attr"] = stage1_attributes(host.page.rights, host.page.leaf);
    }
    found["c"] = host.page.c ? 1 : 0;
    found["key"] = key_name(host.key, {});
  }
  found["refs"] = heard.reads.size();
  found["trace"] = trace_of(heard, test.guest.id);

  // The updates that were told are those that were made.
  memory::sparse_memory expected_memory = test.memory;
  found["mem_updates"] = json::array();
  for (const auto& [where, change] : updates_of(heard)) {
    found["mem_updates"].push_back({{"pa", hex(where)}, {"before", hex(change.first)}, {"after", hex(change.second)}});
    CHECK(expected_memory.compare_exchange_qword({where}, {}, change.first, change.second));
  }
  CHECK(expected_memory == memory);

  const auto allowed_at = [&](cpl level) {
    std::string letters;
    for (const auto& [kind, letter] :
         {std::pair{access_kind::read, 'r'}, {access_kind::write, 'w'}, {access_kind::execute, 'x'}}) {
      vector_case other = test;
      other.why.kind = kind;
      other.why.level = level;
      context<> quiet;
      read_only original(other.memory);
      memory::unguarded tables(original);  // the vectors leave page ownership out here
      letters += other.walk_in(quiet, tables).failed ? '-' : letter;
    }
    return letters;
  };
  found["allowed"] = {{"s", allowed_at(kernel_mode)}, {"u", allowed_at(user_mode)}};
  return found;
}

}  // namespace

TEST_CASE("every vector gives exactly what it expects", "[paging][vectors]") {
  const json file = load_vectors();
  REQUIRE(file.at("vectors").size() == 261);

  unsigned passed = 0;
  unsigned members = 0;
  for (const json& vector : file.at("vectors")) {
    INFO(vector.at("id").get<std::string>() << ": " << vector.at("title").get<std::string>());
    const auto test = read_vector(vector);
    INFO((test ? std::string() : test.error()));
    REQUIRE(test.has_value());
    json found = observed(*test);
    const json& expected = vector.at("expect");
    for (const auto& [member, value] : expected.items()) {
      INFO(member << ": expected " << value << ", found " << found[member]);
      CHECK((found[member] == value));
      ++members;
    }
    // Nothing was found that the vector does not expect; `allowed` is left out where the manual leaves it open.
    for (const auto& [member, value] : found.items()) {
      INFO(member << ": found " << value);
      CHECK((expected.contains(member) || member == "allowed" || value.is_null()));
    }
    ++passed;
  }
  CHECK(passed == 261);
  CHECK(members == 2024);
}

TEST_CASE("PAG-CNT-02: the published table of reference counts", "[paging][PAG-CNT-02]") {
  const json file = load_vectors();
  const json& rows = file.at("reference_counts").at("two_stage");
  CHECK(rows.size() == 30);
  for (const json& row : rows) {
    INFO(row);
    CHECK(paging::table_reads(row.at("guest_tables_read"), row.at("nested_tables_read")) == row.at("refs"));
  }
  // Three stages are two applications of the same formula: the guest over (L1 over L0).
  const json& deeper = file.at("reference_counts").at("three_stage");
  CHECK(deeper.size() == 7);
  for (const json& row : deeper) {
    INFO(row);
    const unsigned lower = paging::table_reads(row.at("l1_nested_tables_read"), row.at("l0_nested_tables_read"));
    CHECK(paging::table_reads(row.at("l2_guest_tables_read"), lower) == row.at("refs"));
  }
}
