// SPDX-License-Identifier: MIT
#include "svsm_protocol.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/compile.h>
#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>

#include "hex_text.hpp"
#include "protocol.hpp"
#include "protocol_fields.hpp"

namespace sevspec::tool {

namespace {

using verify::svsm_answer;
using verify::svsm_bytes;
using verify::svsm_operation;
using verify::svsm_page;
using verify::svsm_page_state;
using verify::svsm_places;
using verify::svsm_processor;
using verify::svsm_setup;
using verify::svsm_step;

constexpr std::uint64_t most_processors = 64;
constexpr std::size_t most_written = 64;

constexpr auto operations =
    std::to_array<named<svsm_operation>>({{"svsm_call", svsm_operation::call}, {"svsm_page", svsm_operation::page}});
constexpr auto page_states = std::to_array<named<svsm_page_state>>(
    {{"shared", svsm_page_state::shared}, {"given", svsm_page_state::given}, {"large", svsm_page_state::large}});
constexpr auto entries = std::to_array<named<svsm_answer::entry>>({{"served", svsm_answer::entry::served},
                                                                   {"no_request", svsm_answer::entry::no_request},
                                                                   {"idle", svsm_answer::entry::idle},
                                                                   {"blocked", svsm_answer::entry::blocked}});

/// Registers by name.
struct register_name {
  const char* name;
  std::uint64_t svsm::call_registers::* value;
};
constexpr register_name registers[] = {{"rax", &svsm::call_registers::rax},
                                       {"rcx", &svsm::call_registers::rcx},
                                       {"rdx", &svsm::call_registers::rdx},
                                       {"r8", &svsm::call_registers::r8},
                                       {"r9", &svsm::call_registers::r9}};

// --- reading ---------------------------------------------------------------------------------------------------------

/// An object of addresses and the bytes there, by address.
[[nodiscard]] auto read_memory(const fields& from, const char* name) -> std::vector<svsm_bytes> {
  const json* const object = from.find(name);
  std::vector<svsm_bytes> all;
  if (object == nullptr) return all;
  if (!object->is_object()) from.fail(name, "an object of addresses and bytes was expected");
  if (object->size() > most_written) from.fail(name, fmt::format("more than {} addresses", most_written));
  for (const auto& [address, value] : object->items()) {
    const std::string place = fmt::format("{}/{}", name, address.size() > 40 ? address.substr(0, 40) + "..." : address);
    const auto where = parse_number(address);
    if (!where) wrong(place.c_str(), fmt::format("the name {}", where.error()));
    if (!value.is_string()) wrong(place.c_str(), "a string of hexadecimal digits was expected");
    auto bytes = parse_hex(value.get_ref<const std::string&>());
    if (!bytes) wrong(place.c_str(), bytes.error());
    if (bytes->size() > svsm_places::guest_bytes || *where > svsm_places::guest_bytes - bytes->size())
      wrong(place.c_str(), fmt::format("ends behind {}", in_sixteens(svsm_places::guest_bytes)));
    if (!bytes->empty()) all.push_back({*where, std::move(*bytes)});
  }
  std::ranges::sort(all, {}, &svsm_bytes::where);
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i - 1].where + all[i - 1].bytes.size() > all[i].where)
      wrong(fmt::format("{}/{}", name, in_sixteens(all[i].where)).c_str(), "overlaps the bytes before it");
  return all;
}

/// Neighbours together.
[[nodiscard]] auto joined(const std::vector<svsm_bytes>& all) -> std::vector<svsm_bytes> {
  std::vector<svsm_bytes> made;
  for (const svsm_bytes& one : all) {
    if (made.empty() || made.back().where + made.back().bytes.size() != one.where) made.push_back({one.where, {}});
    made.back().bytes.insert(made.back().bytes.end(), one.bytes.begin(), one.bytes.end());
  }
  return made;
}

[[nodiscard]] auto read_reset(const fields& from) -> svsm_setup {
  svsm_setup setup;
  if (from.has("vmpl")) setup.vmpl = from.number8("vmpl", 3);
  if (setup.vmpl == 0) wrong("vmpl", "1, 2 or 3 was expected");
  if (from.has("processors")) setup.processors = static_cast<std::uint32_t>(from.number("processors", most_processors));
  if (setup.processors == 0) wrong("processors", "at least 1 was expected");
  if (from.has("apic")) setup.apic = from.flag("apic");
  read_choices(from, setup.choices);
  return setup;
}

void read_step(const fields& from, svsm_step& step) {
  if (step.what == svsm_operation::page) {
    step.gpa = from.number("gpa", svsm_places::guest_bytes - 1);
    step.state = from.one_of<svsm_page_state>("state", page_states);
    return;
  }
  step.cpu = from.number32("cpu");
  step.registers.rax = from.number("rax");
  for (const register_name& one : registers)
    if (from.has(one.name)) step.registers.*one.value = from.number(one.name);
  step.memory = read_memory(from, "memory");
  if (from.has("pending")) step.pending = from.number8("pending", 255);
  if (from.has("exit")) step.exit_code = from.number("exit");
}

[[nodiscard]] auto read_list(const fields& from, const char* name) -> const json& {
  static const json none = json::array();
  const json* const list = from.find(name);
  if (list == nullptr) return none;
  if (!list->is_array()) from.fail(name, "an array was expected");
  return *list;
}

[[nodiscard]] auto read_pages(const fields& from) -> std::vector<svsm_page> {
  std::vector<svsm_page> all;
  for (const json& one : read_list(from, "pages")) {
    const std::string path = fmt::format("pages/{}", all.size());
    if (!one.is_object()) wrong(path.c_str(), "an object was expected");
    const fields members{one, path + "/"};
    svsm_page made{.gpa = members.number("gpa"), .validated = members.flag("validated"), .vmsa = members.flag("vmsa")};
    if (members.has("large")) made.large = members.flag("large");
    const json& rights = members.at("rights");
    if (!rights.is_array() || rights.size() != made.rights.size())
      members.fail("rights", "an array of three was expected");
    for (std::size_t i = 0; i < made.rights.size(); ++i) {
      const json wrapped{{"mask", rights[i]}};
      made.rights[i] = fields{wrapped, fmt::format("{}/rights/{}/", path, i)}.number8("mask", 255);
    }
    all.push_back(made);
  }
  std::ranges::sort(all, {}, &svsm_page::gpa);
  return all;
}

[[nodiscard]] auto read_processors(const fields& from) -> std::vector<svsm_processor> {
  std::vector<svsm_processor> all;
  for (const json& one : read_list(from, "processors")) {
    const std::string path = fmt::format("processors/{}", all.size());
    if (!one.is_object()) wrong(path.c_str(), "an object was expected");
    const fields members{one, path + "/"};
    svsm_processor made{.cpu = members.number32("cpu")};
    if (!members.at("vmsa").is_null()) made.vmsa = members.number("vmsa");
    if (!members.at("caa").is_null()) made.caa = members.number("caa");
    all.push_back(made);
  }
  std::ranges::sort(all, {}, &svsm_processor::cpu);
  return all;
}

// --- writing ---------------------------------------------------------------------------------------------------------

template <class Format, class... Arguments>
void add(std::string& to, const Format& format, const Arguments&... arguments) {
  fmt::format_to(std::back_inserter(to), format, arguments...);
}

void append_memory(std::string& to, const std::vector<svsm_bytes>& all) {
  if (all.empty()) return;
  to += R"(,"memory":{)";
  for (const svsm_bytes& one : all) {
    add(to, FMT_COMPILE(R"({}"{:#x}":")"), to.back() == '{' ? "" : ",", one.where);
    for (const std::uint8_t byte : one.bytes) add(to, FMT_COMPILE("{:02x}"), byte);
    to += '"';
  }
  to += '}';
}

void append_pages(std::string& to, const std::vector<svsm_page>& all) {
  if (all.empty()) return;
  to += R"(,"pages":[)";
  for (const svsm_page& one : all) {
    add(to, FMT_COMPILE(R"({}{{"gpa":"{:#x}")"), to.back() == '[' ? "" : ",", one.gpa);
    if (one.large) to += R"(,"large":true)";
    add(to, FMT_COMPILE(R"(,"validated":{},"vmsa":{},"rights":[{},{},{}]}})"), one.validated, one.vmsa, one.rights[0],
        one.rights[1], one.rights[2]);
  }
  to += ']';
}

void append_address(std::string& to, const char* name, const std::optional<std::uint64_t>& value) {
  if (value) add(to, FMT_COMPILE(R"(,"{}":"{:#x}")"), name, *value);
  else add(to, FMT_COMPILE(R"(,"{}":null)"), name);
}

void append_processors(std::string& to, const std::vector<svsm_processor>& all) {
  if (all.empty()) return;
  to += R"(,"processors":[)";
  for (const svsm_processor& one : all) {
    add(to, FMT_COMPILE(R"({}{{"cpu":{})"), to.back() == '[' ? "" : ",", one.cpu);
    append_address(to, "vmsa", one.vmsa);
    append_address(to, "caa", one.caa);
    to += '}';
  }
  to += ']';
}

void append_choices(std::string& to, const implementation_choices& choices) {
  const implementation_choices usual;
  bool first = true;
  for (const verify::named_choice& choice : verify::named_choices) {
    const unsigned value = choice.get(choices);
    if (value == choice.get(usual)) continue;
    const char* const quote = choice.find("true") ? "" : "\"";
    add(to, FMT_COMPILE(R"({}"{}":{}{}{})"), first ? ",\"choices\":{" : ",", choice.name(), quote,
        choice.values()[value], quote);
    first = false;
  }
  if (!first) to += '}';
}

}  // namespace

auto is_svsm_request(const json& object) -> bool {
  if (!object.is_object()) return false;
  const auto op = object.find("op");
  if (op == object.end() || !op->is_string()) return false;
  const std::string& name = op->get_ref<const std::string&>();
  return name == "svsm_reset" || std::ranges::any_of(operations, [&](const auto& one) { return name == one.name; });
}

auto parse_svsm_request(const json& object) -> svsm_request {
  const fields from{object};
  svsm_request asked;
  if (from.text("op") == "svsm_reset") {
    asked.reset = true;
    asked.setup = read_reset(from);
    return asked;
  }
  asked.step.what = from.one_of<svsm_operation>("op", operations);
  read_step(from, asked.step);
  return asked;
}

auto parse_svsm_answer(const json& object, const svsm_step& step) -> svsm_answer {
  if (!object.is_object()) throw protocol_error("an object was expected");
  const fields from{object};
  svsm_answer answer;
  if (from.has("unsupported") && from.flag("unsupported")) {
    answer.how = svsm_answer::ending::unsupported;
    return answer;
  }
  if (is_error(object)) {
    const json& reason = from.at("error");
    const bool unknown = reason.is_string() && reason.get_ref<const std::string&>().starts_with("unknown op");
    answer.how = unknown ? svsm_answer::ending::unsupported : svsm_answer::ending::refused;
    return answer;
  }
  if (step.what == svsm_operation::page) {
    if (!from.flag("ok")) wrong("ok", "true was expected");
    return answer;
  }
  answer.end = from.one_of<svsm_answer::entry>("end", entries);
  if (answer.end == svsm_answer::entry::blocked) return answer;
  if (answer.end != svsm_answer::entry::idle)
    for (const register_name& one : registers)
      answer.registers.*one.value = from.has(one.name) ? from.number(one.name) : step.registers.*one.value;
  answer.pending = from.number8("pending", 255);
  answer.memory = joined(read_memory(from, "memory"));
  answer.pages = read_pages(from);
  answer.processors = read_processors(from);
  return answer;
}

void append_svsm_reset(std::string& to, const svsm_setup& setup) {
  add(to, FMT_COMPILE(R"({{"op":"svsm_reset","vmpl":{},"processors":{},"apic":{})"), setup.vmpl, setup.processors,
      setup.apic);
  append_choices(to, setup.choices);
  to += '}';
}

void append_svsm_request(std::string& to, const svsm_step& step) {
  add(to, FMT_COMPILE(R"({{"op":"{}")"), name_in<svsm_operation>(operations, step.what));
  if (step.what == svsm_operation::page) {
    add(to, FMT_COMPILE(R"(,"gpa":"{:#x}","state":"{}"}})"), step.gpa,
        name_in<svsm_page_state>(page_states, step.state));
    return;
  }
  add(to, FMT_COMPILE(R"(,"cpu":{})"), step.cpu);
  for (const register_name& one : registers)
    add(to, FMT_COMPILE(R"(,"{}":"{:#x}")"), one.name, step.registers.*one.value);
  append_memory(to, step.memory);
  if (step.pending != 1) add(to, FMT_COMPILE(R"(,"pending":{})"), step.pending);
  if (step.exit_code != 0x403) add(to, FMT_COMPILE(R"(,"exit":"{:#x}")"), step.exit_code);
  to += '}';
}

void append_svsm_answer(std::string& to, const svsm_step& step, const svsm_answer& answer) {
  if (answer.how != svsm_answer::ending::answered) return append_error(to, answer.reason);
  if (step.what == svsm_operation::page) {
    to += R"({"ok":true})";
    return;
  }
  add(to, FMT_COMPILE(R"({{"end":"{}")"), name_in<svsm_answer::entry>(entries, answer.end));
  if (answer.end != svsm_answer::entry::blocked) {
    if (answer.end != svsm_answer::entry::idle)
      for (const register_name& one : registers)
        add(to, FMT_COMPILE(R"(,"{}":"{:#x}")"), one.name, answer.registers.*one.value);
    add(to, FMT_COMPILE(R"(,"pending":{})"), answer.pending);
    append_memory(to, answer.memory);
    append_pages(to, answer.pages);
    append_processors(to, answer.processors);
  }
  if (answer.decided_by != rule::none) add(to, FMT_COMPILE(R"(,"rule":"{}")"), sevspec::name_of(answer.decided_by));
  to += '}';
}

}  // namespace sevspec::tool
