// SPDX-License-Identifier: MIT
#include "ghcb_protocol.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/compile.h>
#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>

#include "hex_text.hpp"
#include "protocol.hpp"
#include "protocol_fields.hpp"

namespace sevspec::tool {

namespace {

using ghcb::next_step;
using verify::ghcb_answer;
using verify::ghcb_bytes;
using verify::ghcb_effect;
using verify::ghcb_operation;
using verify::ghcb_page_range;
using verify::ghcb_page_set;
using verify::ghcb_processor;
using verify::ghcb_setup;
using verify::ghcb_signal;
using verify::ghcb_step;

constexpr std::uint64_t most_guest_memory = std::uint64_t{1} << 48;
constexpr std::size_t most_holes = 64;
constexpr std::uint64_t most_processors = 1024;
constexpr std::uint64_t most_certificates = 0x1'0000;

constexpr auto operations = std::to_array<named<ghcb_operation>>(
    {{"ghcb_msr", ghcb_operation::msr}, {"ghcb_page", ghcb_operation::page}, {"ghcb_signal", ghcb_operation::signal}});
constexpr auto signals = std::to_array<named<ghcb_signal>>(
    {{"init", ghcb_signal::init}, {"sipi", ghcb_signal::sipi}, {"interrupt", ghcb_signal::interrupt}});
constexpr auto kinds_of_guest = std::to_array<named<bool>>({{"snp", true}, {"es", false}});
constexpr auto next_steps = std::to_array<named<next_step>>({{"resume", next_step::resume},
                                                             {"hold", next_step::hold},
                                                             {"switch_vmpl", next_step::switch_vmpl},
                                                             {"terminate", next_step::terminate},
                                                             {"stop", next_step::stop}});

/// Effects, and the names of their members.
struct effect_names {
  ghcb_effect::kind what;
  const char* name;
  const char* where;
  const char* value;  ///< nullptr: `data`
  bool sized;
};
constexpr auto effects = std::to_array<effect_names>({
    {ghcb_effect::kind::port_in, "port_in", "port", "count", true},
    {ghcb_effect::kind::port_out, "port_out", "port", nullptr, true},
    {ghcb_effect::kind::mmio_read, "mmio_read", "gpa", "count", false},
    {ghcb_effect::kind::mmio_write, "mmio_write", "gpa", nullptr, false},
    {ghcb_effect::kind::wrmsr, "wrmsr", "msr", "value", false},
    {ghcb_effect::kind::hypercall, "hypercall", "rax", "cpl", false},
    {ghcb_effect::kind::guest_message, "guest_message", "request", "response", false},
});

// --- reading ---------------------------------------------------------------------------------------------------------

[[nodiscard]] auto bytes_in(const json& value, const std::string& path) -> std::vector<std::uint8_t> {
  if (!value.is_string()) wrong(path.c_str(), "a string of hexadecimal digits was expected");
  auto bytes = parse_hex(value.get_ref<const std::string&>());
  if (!bytes) wrong(path.c_str(), bytes.error());
  return *bytes;
}

/// An object of addresses and the bytes there.
/// @param end  behind the last byte that can be meant
[[nodiscard]] auto read_bytes_at(const json& object, const std::string& path, std::uint64_t end)
    -> std::vector<ghcb_bytes> {
  if (!object.is_object()) wrong(path.c_str(), "an object of addresses and bytes was expected");
  std::vector<ghcb_bytes> all;
  for (const auto& [name, value] : object.items()) {
    const std::string place = fmt::format("{}/{}", path, name.size() > 40 ? name.substr(0, 40) + "..." : name);
    const auto where = parse_number(name);
    if (!where) wrong(place.c_str(), fmt::format("the name {}", where.error()));
    ghcb_bytes one{*where, bytes_in(value, place)};
    if (one.bytes.size() > end || one.where > end - one.bytes.size())
      wrong(place.c_str(), fmt::format("ends behind {}", in_sixteens(end)));
    if (!one.bytes.empty()) all.push_back(std::move(one));
  }
  std::ranges::sort(all, {}, &ghcb_bytes::where);
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i - 1].where + all[i - 1].bytes.size() > all[i].where)
      wrong(fmt::format("{}/{}", path, in_sixteens(all[i].where)).c_str(), "overlaps the bytes before it");
  return all;
}

void read_image(const json& value, std::span<std::uint8_t> to) {
  if (value.is_string()) {
    const auto bytes = bytes_in(value, "page");
    if (bytes.size() != to.size()) wrong("page", fmt::format("{} bytes; {} were expected", bytes.size(), to.size()));
    std::ranges::copy(bytes, to.begin());
    return;
  }
  for (const ghcb_bytes& one : read_bytes_at(value, "page", to.size()))
    std::ranges::copy(one.bytes, to.begin() + static_cast<std::ptrdiff_t>(one.where));
}

[[nodiscard]] auto read_ranges(const fields& from, const char* name, std::size_t limit)
    -> std::vector<ghcb_page_range> {
  const json* const list = from.find(name);
  if (list == nullptr) return {};
  if (!list->is_array()) from.fail(name, "an array was expected");
  if (list->size() > limit) from.fail(name, fmt::format("more than {} ranges", limit));
  std::vector<ghcb_page_range> all;
  for (const json& one : *list) {
    const std::string path = fmt::format("{}/{}", name, all.size());
    if (!one.is_object()) wrong(path.c_str(), "an object was expected");
    const fields members{one, path + "/"};
    ghcb_page_range range{members.number("gpa"), members.number("pages", std::uint64_t{1} << 36)};
    if (range.gpa % 4096 != 0) members.fail("gpa", "a multiple of 4096 was expected");
    all.push_back(range);
  }
  return all;
}

[[nodiscard]] auto read_reset(const fields& from) -> ghcb_setup {
  ghcb_setup setup;
  ghcb::guest_config& config = setup.config;
  if (from.has("guest")) config.snp = from.one_of<bool>("guest", kinds_of_guest);
  config.features = config.snp ? 0x27f : 0;
  config.sev_features = config.snp ? 1 : 0;
  const auto number16 = [&](const char* name, std::uint16_t otherwise) {
    return from.has(name) ? static_cast<std::uint16_t>(from.number(name, 0xffff)) : otherwise;
  };
  config.lowest_version = number16("lowest_version", 1);
  config.highest_version = number16("highest_version", 2);
  if (config.lowest_version > config.highest_version) wrong("lowest_version", "more than highest_version");
  if (from.has("c_bit")) config.c_bit = from.number8("c_bit", 63);
  if (from.has("features")) config.features = from.number("features", bits<51, 0>::mask);
  if (from.has("sev_features")) config.sev_features = from.number("sev_features");
  if (from.has("processors")) setup.processors = static_cast<std::uint32_t>(from.number("processors", most_processors));
  if (setup.processors == 0) wrong("processors", "at least 1 was expected");
  if (from.has("memory")) setup.memory = from.number("memory", most_guest_memory);
  if (setup.memory == 0 || setup.memory % 4096 != 0) wrong("memory", "a positive multiple of 4096 was expected");
  setup.holes = read_ranges(from, "holes", most_holes);
  if (from.has("firmware_status")) setup.firmware_status = from.number32("firmware_status");
  if (from.has("certificates"))
    setup.certificate_bytes = static_cast<std::uint32_t>(from.number("certificates", most_certificates));
  if (from.has("throttled")) setup.throttled = from.flag("throttled");
  if (from.has("shadow_stacks")) config.shadow_stacks = from.flag("shadow_stacks");
  read_choices(from, setup.choices);
  return setup;
}

void read_step(const fields& from, ghcb_step& step) {
  step.vcpu = from.number32("vcpu");
  if (step.what == ghcb_operation::signal) {
    step.signal = from.one_of<ghcb_signal>("signal", signals);
    return;
  }
  step.vmpl = from.number8("vmpl", 3);
  if (step.what == ghcb_operation::msr) {
    step.value = from.number("value");
    return;
  }
  step.value = from.number("gpa", most_guest_memory);
  read_image(from.at("page"), step.page.bytes());
  if (const json* const memory = from.find("memory"); memory != nullptr)
    step.memory = read_bytes_at(*memory, "memory", most_guest_memory);
  for (const ghcb_bytes& one : step.memory)
    if (one.where < step.value + 4096 && step.value < one.where + one.bytes.size())
      wrong(fmt::format("memory/{}", in_sixteens(one.where)).c_str(), "overlaps the page");
  if (const json* const race = from.find("race"); race != nullptr) {
    auto written = read_bytes_at(*race, "race", most_guest_memory);
    if (written.size() != 1) wrong("race", "one address and the bytes there were expected");
    step.race = std::move(written.front());
  }
}

[[nodiscard]] auto read_effects(const fields& from) -> std::vector<ghcb_effect> {
  std::vector<ghcb_effect> all;
  const json* const list = from.find("effects");
  if (list == nullptr) return all;
  if (!list->is_array()) wrong("effects", "an array was expected");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string path = fmt::format("effects/{}", i);
    if (!(*list)[i].is_object()) wrong(path.c_str(), "an object was expected");
    const fields members{(*list)[i], path + "/"};
    const std::string& name = members.text("do");
    const auto found = std::ranges::find_if(effects, [&](const effect_names& one) { return name == one.name; });
    if (found == effects.end()) members.fail("do", fmt::format("{} is no effect", in_quotes(name)));
    ghcb_effect effect{.what = found->what, .where = members.number(found->where)};
    if (found->value != nullptr) effect.value = members.number(found->value);
    else effect.bytes = bytes_in(members.at("data"), path + "/data");
    if (found->sized) effect.size = members.number32("size");
    // Accesses that follow each other are one.
    ghcb_effect* const last = all.empty() || all.back().what != effect.what ? nullptr : &all.back();
    const bool same_port = last != nullptr && last->where == effect.where && last->size == effect.size;
    const auto goes_on = [&](ghcb_effect::kind what, std::uint64_t length) {
      return last != nullptr && effect.what == what && last->where + length == effect.where;
    };
    if (same_port && effect.what == ghcb_effect::kind::port_in) last->value += effect.value;
    else if (goes_on(ghcb_effect::kind::mmio_read, last != nullptr ? last->value : 0)) last->value += effect.value;
    else if ((same_port && effect.what == ghcb_effect::kind::port_out) ||
             goes_on(ghcb_effect::kind::mmio_write, last != nullptr ? last->bytes.size() : 0))
      last->bytes.insert(last->bytes.end(), effect.bytes.begin(), effect.bytes.end());
    else all.push_back(std::move(effect));
  }
  return all;
}

[[nodiscard]] auto read_processors(const fields& from) -> std::vector<ghcb_processor> {
  std::vector<ghcb_processor> all;
  const json* const list = from.find("processors");
  if (list == nullptr) return all;
  if (!list->is_array()) wrong("processors", "an array was expected");
  for (const json& one : *list) {
    const std::string path = fmt::format("processors/{}", all.size());
    if (!one.is_object()) wrong(path.c_str(), "an object was expected");
    const fields members{one, path + "/"};
    ghcb_processor made{
        .vcpu = members.number32("vcpu"), .runnable = members.flag("runnable"), .vmpl = members.number8("vmpl", 3)};
    const json& vmsa = members.at("vmsa");
    if (!vmsa.is_array() || vmsa.size() != 4) members.fail("vmsa", "an array of four was expected");
    for (std::size_t level = 0; level < 4; ++level) {
      if (vmsa[level].is_null()) continue;
      const json wrapped{{"gpa", vmsa[level]}};
      made.vmsa[level] = fields{wrapped, fmt::format("{}/vmsa/{}/", path, level)}.number("gpa");
    }
    all.push_back(made);
  }
  return all;
}

/// Bytes of a response that are not what the step had there, neighbours together.
[[nodiscard]] auto changed_bytes(const std::vector<ghcb_bytes>& told, const ghcb_step& step)
    -> std::vector<ghcb_bytes> {
  std::map<std::uint64_t, std::uint8_t> before;
  for (const ghcb_bytes& one : step.memory)
    for (std::size_t i = 0; i < one.bytes.size(); ++i) before[one.where + i] = one.bytes[i];
  if (step.race)
    for (std::size_t i = 0; i < step.race->bytes.size(); ++i) before[step.race->where + i] = step.race->bytes[i];
  std::vector<ghcb_bytes> all;
  for (const ghcb_bytes& one : told)
    for (std::size_t i = 0; i < one.bytes.size(); ++i) {
      const std::uint64_t where = one.where + i;
      const auto old = before.find(where);
      if (one.bytes[i] == (old == before.end() ? 0 : old->second)) continue;
      if (all.empty() || all.back().where + all.back().bytes.size() != where) all.push_back({where, {}});
      all.back().bytes.push_back(one.bytes[i]);
    }
  return all;
}

// --- writing ---------------------------------------------------------------------------------------------------------

template <class Format, class... Arguments>
void add(std::string& to, const Format& format, const Arguments&... arguments) {
  fmt::format_to(std::back_inserter(to), format, arguments...);
}

void append_digits(std::string& to, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) add(to, FMT_COMPILE("{:02x}"), byte);
}

void append_bytes(std::string& to, const char* name, const std::vector<ghcb_bytes>& all) {
  add(to, FMT_COMPILE(R"(,"{}":{{)"), name);
  for (const ghcb_bytes& one : all) {
    add(to, FMT_COMPILE(R"({}"{:#x}":")"), to.back() == '{' ? "" : ",", one.where);
    append_digits(to, one.bytes);
    to += '"';
  }
  to += '}';
}

void append_ranges(std::string& to, const char* name, const std::vector<ghcb_page_range>& all) {
  if (all.empty()) return;
  add(to, FMT_COMPILE(R"(,"{}":[)"), name);
  for (const ghcb_page_range& one : all)
    add(to, FMT_COMPILE(R"({}{{"gpa":"{:#x}","pages":{}}})"), to.back() == '[' ? "" : ",", one.gpa, one.pages);
  to += ']';
}

/// Runs of bytes of a page for which a condition holds, gaps of a few bytes included.
template <class Counts>
[[nodiscard]] auto runs_of(const layout::ghcb& page, const Counts& counts) -> std::vector<ghcb_bytes> {
  constexpr std::size_t word = 8;
  std::vector<ghcb_bytes> all;
  for (std::size_t at = 0; at < 4096; at += word) {
    bool any = false;
    for (std::size_t i = at; i < at + word; ++i) any = any || counts(i);
    if (!any) continue;
    if (all.empty() || all.back().where + all.back().bytes.size() != at) all.push_back({at, {}});
    all.back().bytes.insert(all.back().bytes.end(), page.data() + at, page.data() + at + word);
  }
  return all;
}

void append_effects(std::string& to, const std::vector<ghcb_effect>& all) {
  if (all.empty()) return;
  to += R"(,"effects":[)";
  for (const ghcb_effect& one : all) {
    const effect_names& names = *std::ranges::find(effects, one.what, &effect_names::what);
    add(to, FMT_COMPILE(R"({}{{"do":"{}","{}":"{:#x}")"), to.back() == '[' ? "" : ",", names.name, names.where,
        one.where);
    if (names.sized) add(to, FMT_COMPILE(R"(,"size":{})"), one.size);
    if (names.value == nullptr) {
      to += R"(,"data":")";
      append_digits(to, one.bytes);
      to += '"';
    } else if (std::string_view{names.value} == "count" || std::string_view{names.value} == "cpl") {
      add(to, FMT_COMPILE(R"(,"{}":{})"), names.value, one.value);
    } else {
      add(to, FMT_COMPILE(R"(,"{}":"{:#x}")"), names.value, one.value);
    }
    to += '}';
  }
  to += ']';
}

void append_processors(std::string& to, const std::vector<ghcb_processor>& all) {
  if (all.empty()) return;
  to += R"(,"processors":[)";
  for (const ghcb_processor& one : all) {
    add(to, FMT_COMPILE(R"({}{{"vcpu":{},"runnable":{},"vmpl":{},"vmsa":[)"), to.back() == '[' ? "" : ",", one.vcpu,
        one.runnable, one.vmpl);
    for (const auto& vmsa : one.vmsa) {
      if (to.back() != '[') to += ',';
      if (vmsa) add(to, FMT_COMPILE(R"("{:#x}")"), *vmsa);
      else to += "null";
    }
    to += "]}";
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

auto is_ghcb_request(const json& object) -> bool {
  if (!object.is_object()) return false;
  const auto op = object.find("op");
  if (op == object.end() || !op->is_string()) return false;
  const std::string& name = op->get_ref<const std::string&>();
  return name == "ghcb_reset" || std::ranges::any_of(operations, [&](const auto& one) { return name == one.name; });
}

auto parse_ghcb_request(const json& object) -> ghcb_request {
  const fields from{object};
  ghcb_request asked;
  if (from.text("op") == "ghcb_reset") {
    asked.reset = true;
    asked.setup = read_reset(from);
    return asked;
  }
  asked.step.what = from.one_of<ghcb_operation>("op", operations);
  read_step(from, asked.step);
  return asked;
}

auto parse_ghcb_answer(const json& object, const ghcb_step& step) -> ghcb_answer {
  if (!object.is_object()) throw protocol_error("an object was expected");
  const fields from{object};
  ghcb_answer answer;
  if (from.has("unsupported") && from.flag("unsupported")) {
    answer.how = ghcb_answer::ending::unsupported;
    return answer;
  }
  if (is_error(object)) {
    const json& reason = from.at("error");
    const bool unknown = reason.is_string() && reason.get_ref<const std::string&>().starts_with("unknown op");
    answer.how = unknown ? ghcb_answer::ending::unsupported : ghcb_answer::ending::refused;
    return answer;
  }
  answer.processors = read_processors(from);
  if (step.what == ghcb_operation::signal) {
    answer.woken = from.flag("woken");
    if (answer.woken) answer.result = from.number("result");
    return answer;
  }
  answer.next = from.one_of<next_step>("next", next_steps);
  if (answer.next == next_step::terminate)
    answer.why = ghcb::termination_reason{from.number8("set", 15), from.number8("code", 255)};
  answer.effects = read_effects(from);
  for (const ghcb_page_range& one : read_ranges(from, "private", 4096)) answer.made_private.insert(one);
  for (const ghcb_page_range& one : read_ranges(from, "shared", 4096)) answer.made_shared.insert(one);
  const bool goes_on = answer.next == next_step::resume || answer.next == next_step::switch_vmpl;
  if (step.what == ghcb_operation::msr) {
    if (goes_on || from.has("msr")) answer.msr = from.number("msr");
    return answer;
  }
  answer.page = step.page;
  if (const json* const page = from.find("page"); page != nullptr) read_image(*page, answer.page.bytes());
  else if (goes_on) from.fail("page", "an object of offsets and bytes was expected");
  if (const json* const memory = from.find("memory"); memory != nullptr)
    answer.memory = changed_bytes(read_bytes_at(*memory, "memory", most_guest_memory), step);
  return answer;
}

void append_ghcb_reset(std::string& to, const ghcb_setup& setup) {
  const ghcb::guest_config& config = setup.config;
  add(to,
      FMT_COMPILE(
          R"({{"op":"ghcb_reset","guest":"{}","lowest_version":{},"highest_version":{},"c_bit":{},"features":"{:#x}")"),
      config.snp ? "snp" : "es", config.lowest_version, config.highest_version, config.c_bit, config.features);
  add(to, FMT_COMPILE(R"(,"sev_features":"{:#x}","processors":{},"memory":"{:#x}")"), config.sev_features,
      setup.processors, setup.memory);
  append_ranges(to, "holes", setup.holes);
  if (setup.firmware_status != 0) add(to, FMT_COMPILE(R"(,"firmware_status":"{:#x}")"), setup.firmware_status);
  if (setup.certificate_bytes != 0) add(to, FMT_COMPILE(R"(,"certificates":"{:#x}")"), setup.certificate_bytes);
  if (setup.throttled) to += R"(,"throttled":true)";
  if (config.shadow_stacks) to += R"(,"shadow_stacks":true)";
  append_choices(to, setup.choices);
  to += '}';
}

void append_ghcb_request(std::string& to, const ghcb_step& step) {
  add(to, FMT_COMPILE(R"({{"op":"{}","vcpu":{})"), name_in<ghcb_operation>(operations, step.what), step.vcpu);
  switch (step.what) {
    case ghcb_operation::signal:
      add(to, FMT_COMPILE(R"(,"signal":"{}")"), name_in<ghcb_signal>(signals, step.signal));
      break;
    case ghcb_operation::msr: add(to, FMT_COMPILE(R"(,"vmpl":{},"value":"{:#x}")"), step.vmpl, step.value); break;
    case ghcb_operation::page:
      add(to, FMT_COMPILE(R"(,"vmpl":{},"gpa":"{:#x}")"), step.vmpl, step.value);
      append_bytes(to, "page", runs_of(step.page, [&](std::size_t i) { return step.page.data()[i] != 0; }));
      if (!step.memory.empty()) append_bytes(to, "memory", step.memory);
      if (step.race) append_bytes(to, "race", {*step.race});
      break;
  }
  to += '}';
}

void append_ghcb_answer(std::string& to, const ghcb_step& step, const ghcb_answer& answer) {
  if (answer.how != ghcb_answer::ending::answered) return append_error(to, answer.reason);
  if (step.what == ghcb_operation::signal) {
    add(to, FMT_COMPILE(R"({{"woken":{})"), answer.woken);
    if (answer.woken) add(to, FMT_COMPILE(R"(,"result":"{:#x}")"), answer.result);
  } else {
    add(to, FMT_COMPILE(R"({{"next":"{}")"), name_in<next_step>(next_steps, answer.next));
    if (answer.why) add(to, FMT_COMPILE(R"(,"set":{},"code":{})"), answer.why->set, answer.why->code);
    const bool goes_on = answer.next == next_step::resume || answer.next == next_step::switch_vmpl;
    if (goes_on && step.what == ghcb_operation::msr) add(to, FMT_COMPILE(R"(,"msr":"{:#x}")"), answer.msr);
    if (goes_on && step.what == ghcb_operation::page) {
      append_bytes(to, "page",
                   runs_of(answer.page, [&](std::size_t i) { return answer.page.data()[i] != step.page.data()[i]; }));
      if (!answer.memory.empty()) append_bytes(to, "memory", answer.memory);
    }
    append_effects(to, answer.effects);
    append_ranges(to, "private", answer.made_private.ranges());
    append_ranges(to, "shared", answer.made_shared.ranges());
  }
  append_processors(to, answer.processors);
  if (answer.decided_by != rule::none) add(to, FMT_COMPILE(R"(,"rule":"{}")"), sevspec::name_of(answer.decided_by));
  to += '}';
}

}  // namespace sevspec::tool
