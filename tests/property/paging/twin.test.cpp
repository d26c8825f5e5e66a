// SPDX-License-Identifier: MIT
// The twin answers the published vectors, too: it stands on its own, not only beside the library.
#include <iostream>
#include <sstream>

#include <catch2/catch.hpp>

#include <support/slow_walk.hpp>
#include <support/vectors.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

auto hex(u64 value) -> std::string {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

auto number(const nlohmann::json& text) -> u64 { return std::stoull(text.get<std::string>(), nullptr, 16); }

auto attributes(const slow::found_page& page) -> nlohmann::json {
  return {{"w", page.writable ? 1 : 0}, {"u", page.user ? 1 : 0}, {"nx", page.no_execute ? 1 : 0}};
}

auto size_name(page_size size) -> std::string {
  static const char* const names[]{"4K", "2M", "4M", "1G", "unlimited"};
  return names[static_cast<unsigned>(size)];
}

/// The members of a vector's expectation that a twin's answer speaks of.
auto check(const nlohmann::json& expect, const vector_case& test, const slow::answer& answer) {
  const std::string kind = expect.at("kind");
  if (answer.fault) {
    const slow::verdict& fault = *answer.fault;
    static const std::map<fault_kind, std::string> names{{fault_kind::pf, "pf"},
                                                         {fault_kind::npf, "npf"},
                                                         {fault_kind::gp, "gp"},
                                                         {fault_kind::ss, "ss"},
                                                         {fault_kind::vc, "vc"}};
    REQUIRE(names.contains(fault.kind));
    REQUIRE(names.at(fault.kind) == kind);
    if (kind == "npf") {
      CHECK(hex(fault.code) == hex(number(expect.at("exitinfo1"))));
      CHECK(hex(fault.address) == hex(number(expect.at("exitinfo2"))));
    } else {
      CHECK(hex(fault.code) == hex(number(expect.at("error"))));
    }
    if (kind == "pf") CHECK(hex(fault.address) == hex(number(expect.at("cr2"))));
    return;
  }
  REQUIRE(kind == "ok");
  CHECK(hex(answer.page.where) == hex(number(expect.at("spa"))));
  CHECK(answer.reads.size() == expect.at("refs").get<std::size_t>());
  if (expect.contains("key")) CHECK(name_of(answer.key) == expect.at("key").get<std::string>());
  const bool c = test.in_guest ? answer.effective_c : answer.page.c;
  if (expect.contains("c")) CHECK((c ? 1 : 0) == expect.at("c").get<int>());
  if (answer.size != page_size::unlimited) CHECK(size_name(answer.size) == expect.at("page_size").get<std::string>());
  if (test.in_guest) {
    CHECK(hex(answer.guest.where) == hex(number(expect.at("gpa"))));
    CHECK(attributes(answer.page) == expect.at("nested_attr"));
  }
  const slow::found_page& first = test.in_guest ? answer.guest : answer.page;
  if (expect.contains("stage1_attr") && first.size != page_size::unlimited) {
    nlohmann::json wanted = expect.at("stage1_attr");
    wanted.erase("g");
    CHECK(attributes(first) == wanted);
  }
  if (expect.contains("trace")) {
    std::vector<std::string> trace;
    for (const auto& read : answer.reads)
      trace.push_back(std::string(1, "hgn"[static_cast<unsigned>(read.tables)]) + std::to_string(read.level) + "@" +
                      hex(read.where) + ":" + name_of(read.key));
    static const char* const access_names[]{"rd", "wr", "if", "ssrd", "sswr"};
    trace.push_back(std::string(access_names[static_cast<unsigned>(test.why.kind)]) + "@" + hex(answer.page.where) +
                    ":" + name_of(answer.key));
    CHECK(trace == expect.at("trace").get<std::vector<std::string>>());
  }
  if (expect.contains("mem_updates")) {
    std::map<u64, u64> updated;
    for (const auto& update : answer.updates) updated[update.where] = update.after;
    std::map<u64, u64> wanted;
    for (const auto& update : expect.at("mem_updates")) wanted[number(update.at("pa"))] = number(update.at("after"));
    CHECK(updated == wanted);
  }
}

}  // namespace

TEST_CASE("PAG-PRI-02: the twin answers the walk vectors", "[paging][PAG-PRI-02][PAG-NPF-01][PAG-CNT-01]") {
  const auto file = load_vectors();
  int answered = 0;
  for (const auto& vector : file.at("vectors")) {
    auto test = read_vector(vector);
    REQUIRE(test.has_value());
    INFO(vector.at("id") << ": " << vector.at("title"));
    word_memory memory;
    memory.zeros_elsewhere = true;
    for (const auto& qword : vector.at("mem")) memory.words[number(qword.at("pa"))] = number(qword.at("qw"));
    CHECK(slow::objections(test->part, test->guest).empty() == test->in_guest);
    slow::owner_list owners;
    if (vector.contains("rmp"))
      for (const auto& [page, fields] : vector.at("rmp").items()) {
        const u64 where = std::stoull(page, nullptr, 16);
        owners[where] = test->owners[where];
      }
    check(vector.at("expect"), *test,
          test->in_guest ? slow::translate_guest(memory, owners, test->part, test->guest, {}, test->where, test->why)
                         : slow::translate_host(memory, owners, test->part, test->host_registers, test->syscfg, {},
                                                test->where, test->why));
    ++answered;
  }
  std::cout << answered << " vectors\n";
  CHECK(answered >= 261);
}
