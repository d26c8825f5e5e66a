// SPDX-License-Identifier: MIT
#include "protocol.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>

#include <fmt/compile.h>
#include <fmt/format.h>

#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/firmware/status_name.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/verify/choice_table.hpp>

#include "protocol_fields.hpp"

namespace sevspec::tool {

namespace {

using verify::rmp_access;
using verify::rmp_agent;
using verify::rmp_answer;
using verify::rmp_ending;
using verify::rmp_operation;
using verify::rmp_setup;
using verify::rmp_step;

constexpr auto operations = std::to_array<named<rmp_operation>>({
    {"rmpupdate", rmp_operation::rmpupdate},
    {"psmash", rmp_operation::psmash},
    {"rmpread", rmp_operation::rmpread},
    {"pvalidate", rmp_operation::pvalidate},
    {"rmpadjust", rmp_operation::rmpadjust},
    {"rmpquery", rmp_operation::rmpquery},
    {"access", rmp_operation::access},
    {"entry", rmp_operation::entry},
});

/// Firmware commands. A new one needs its operation here, its members in `member_lists`.
constexpr auto firmware_commands = std::to_array<named<rmp_operation>>({
    {"page_reclaim", rmp_operation::page_reclaim},
    {"page_unsmash", rmp_operation::page_unsmash},
    {"page_set_state", rmp_operation::page_set_state},
    {"gctx_create", rmp_operation::gctx_create},
    {"decommission", rmp_operation::decommission},
    {"launch_start", rmp_operation::launch_start},
    {"launch_update", rmp_operation::launch_update},
    {"launch_finish", rmp_operation::launch_finish},
    {"wbinvd", rmp_operation::wbinvd},
    {"df_flush", rmp_operation::df_flush},
    {"activate", rmp_operation::activate},
    {"page_md_init", rmp_operation::page_md_init},
    {"page_move", rmp_operation::page_move},
    {"page_swap_out", rmp_operation::page_swap_out},
    {"page_swap_in", rmp_operation::page_swap_in},
});

constexpr auto agents = std::to_array<named<rmp_agent>>({
    {"host", rmp_agent::host},
    {"guest", rmp_agent::guest},
    {"device", rmp_agent::device},
});

constexpr auto accesses = std::to_array<named<rmp_access>>({
    {"read", rmp_access::read},
    {"write", rmp_access::write},
    {"execute", rmp_access::execute},
    {"shadow_stack", rmp_access::shadow_stack},
    {"walk_read", rmp_access::walk_read},
    {"walk_write", rmp_access::walk_write},
});

constexpr auto faults = std::to_array<named<rmp_ending>>({
    {"#GP", rmp_ending::gp},
    {"#UD", rmp_ending::ud},
    {"#PF", rmp_ending::pf},
    {"#NPF", rmp_ending::npf},
    {"#VC", rmp_ending::vc},
    {"abort", rmp_ending::abort},
});

/// Scans for brackets, so that nothing that follows them can run out of stack.
void limit_depth(std::string_view line) {
  constexpr int limit = 64;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) throw protocol_error(fmt::format("bad JSON: nested more than {} deep", limit));
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
}

[[nodiscard]] auto read_setup(const fields& from) -> rmp_setup {
  rmp_setup setup;
  if (from.has("memory")) {
    setup.memory = from.number("memory");
    if (setup.memory == 0 || setup.memory % 4096 != 0) wrong("memory", "a positive multiple of 4096 was expected");
    if (setup.memory > most_memory) wrong("memory", fmt::format("more than {} bytes", in_sixteens(most_memory)));
  }
  if (from.has("rmp_base") || from.has("rmp_end")) {
    setup.rmp_base = from.number("rmp_base");
    setup.rmp_end = from.number("rmp_end");
    context<> ctx;
    const auto place = rmp::contiguous_geometry::make(ctx, {setup.rmp_base}, {setup.rmp_end});
    const char* const member = setup.rmp_base % 0x2000 != 0 ? "rmp_base" : "rmp_end";
    if (!place) wrong(member, fmt::format("{} ({})", place.error().reason, sevspec::name_of(place.error().decided_by)));
    if (setup.rmp_end >> 52 != 0) wrong("rmp_end", "physical addresses have 52 bits");
    if (place->pages() > most_memory / 4096)
      wrong("rmp_end", fmt::format("the table covers more than {} bytes", in_sixteens(most_memory)));
  }
  read_choices(from, setup.choices);
  return setup;
}

/// What executes a host instruction, if it is not the hypervisor at CPL 0.
void read_caller(const fields& from, rmp_step& step) {
  const json* const caller = from.find("caller");
  if (caller == nullptr) return;
  if (!caller->is_object()) wrong("caller", "an object was expected");
  const fields members{*caller};
  if (members.has("asid")) step.caller_asid = members.number32("asid");
  if (members.has("cpl")) step.cpl = members.number8("cpl", 3);
}

/// What executes a guest instruction, and where its operand leads.
void read_guest(const fields& from, rmp_step& step) {
  step.asid = from.number32("asid");
  step.vmpl = from.number8("vmpl", 3);
  step.cpl = from.number8("cpl", 3);
  step.gpa = from.number("gpa");
  step.spa = from.number("spa");
  step.leaf = from.leaf_size("leaf");
}

/// Members that say nothing about the agent may be missing, but not be wrong.
void read_access(const fields& from, rmp_step& step) {
  step.by = from.one_of<rmp_agent>("by", agents);
  step.kind = from.one_of<rmp_access>("kind", accesses);
  step.spa = from.number("spa");
  step.leaf = from.leaf_size("leaf");
  const bool guest = step.by == rmp_agent::guest;
  if (guest || from.has("snp")) step.snp = from.flag("snp");
  if (guest || from.has("asid")) step.asid = from.number32("asid");
  if (guest || from.has("vmpl")) step.vmpl = from.number8("vmpl", 3);
  if (guest || from.has("c")) step.c = from.flag("c");
  if (step.by != rmp_agent::device || from.has("cpl")) step.cpl = from.number8("cpl", 3);
  step.gpa = guest || from.has("gpa") ? from.number("gpa") : step.spa;
}

/// Members of commands that need a firmware with guests, in the order of the protocol.
struct member_list {
  rmp_operation what;
  bool gctx, page, moved, mdata, size, type;  ///< which of them there are
};
constexpr auto member_lists = std::to_array<member_list>({
    {rmp_operation::gctx_create, true, false, false, false, false, false},
    {rmp_operation::decommission, true, false, false, false, false, false},
    {rmp_operation::launch_finish, true, false, false, false, false, false},
    {rmp_operation::launch_start, true, false, false, false, false, false},
    {rmp_operation::wbinvd, false, false, false, false, false, false},
    {rmp_operation::df_flush, false, false, false, false, false, false},
    {rmp_operation::activate, true, false, false, false, false, false},
    {rmp_operation::launch_update, true, true, false, false, true, true},
    {rmp_operation::page_md_init, true, true, false, false, false, false},
    {rmp_operation::page_move, true, false, true, false, true, false},
    {rmp_operation::page_swap_out, true, false, true, true, true, true},
    {rmp_operation::page_swap_in, true, false, true, true, true, true},
});
[[nodiscard]] auto members_of(rmp_operation what) -> const member_list& {
  return *std::find_if(member_lists.begin(), member_lists.end(), [&](const auto& one) { return one.what == what; });
}

void read_permissions(const fields& from, verify::firmware_operands& to) {
  const json& perms = from.at("perms");
  if (!perms.is_array() || perms.size() != 3) wrong("perms", "an array of three numbers was expected");
  for (std::size_t i = 0; i < 3; ++i) {
    if (!perms[i].is_number_unsigned() || perms[i].get<std::uint64_t>() > 0xff)
      wrong("perms", "numbers from 0 to 255 were expected");
    to.permissions[i] = static_cast<std::uint8_t>(perms[i].get<std::uint64_t>());
  }
}

void read_guest_command(const fields& from, rmp_step& step) {
  const member_list& has = members_of(step.what);
  verify::firmware_operands& more = step.guest_command;
  if (has.gctx) more.context = from.number("gctx");
  if (has.page) step.spa = from.number("spa");
  if (has.moved) step.spa = from.number("src");
  if (has.moved) more.destination = from.number("dst");
  if (has.mdata) more.metadata = from.number("mdata");
  if (has.size) step.size = from.operand_size("page_size");
  if (has.type) more.page_type = from.number32("page_type");
  if (step.what == rmp_operation::launch_start) more.policy = from.number("policy");
  if (step.what == rmp_operation::activate) step.asid = from.number32("asid");
  if (step.what == rmp_operation::launch_update) read_permissions(from, more);
}

void read_command(const fields& from, rmp_step& step) {
  const std::string& given = from.text("command");
  const named<rmp_operation>* found = nullptr;
  for (const named<rmp_operation>& one : firmware_commands)
    if (given == one.name) found = &one;
  if (found == nullptr) wrong("command", fmt::format("unknown command {}", in_quotes(given)));
  step.what = found->value;
  if (verify::needs_guests(step.what)) return read_guest_command(from, step);
  step.spa = from.number("spa");
  if (step.what == rmp_operation::page_reclaim) step.size = from.operand_size("page_size");
  if (step.what == rmp_operation::page_set_state) step.pages = from.number("pages", most_of_32_bits);
}

void read_step(const fields& from, rmp_step& step) {
  switch (step.what) {
    case rmp_operation::rmpupdate:
      step.spa = from.number("spa");
      step.assigned = from.flag("assigned");
      step.size = from.operand_size("page_size");
      step.immutable = from.flag("immutable");
      step.gpa = from.number("gpa");
      step.asid = from.number32("asid");
      return read_caller(from, step);
    case rmp_operation::psmash:
    case rmp_operation::rmpread: step.spa = from.number("spa"); return read_caller(from, step);
    case rmp_operation::pvalidate:
      read_guest(from, step);
      step.size = from.operand_size("page_size");
      step.validate = from.flag("validate");
      return;
    case rmp_operation::rmpadjust:
      read_guest(from, step);
      step.size = from.operand_size("page_size");
      step.attributes = from.number("attributes");
      return;
    case rmp_operation::rmpquery:
      read_guest(from, step);
      step.target_vmpl = from.number8("target_vmpl", 0xff);
      return;
    case rmp_operation::access: return read_access(from, step);
    case rmp_operation::entry:  step.spa = from.number("spa"); return;
    default:                    return;
  }
}

/// States and statuses are compared by their names: those of the library stand for themselves.
[[nodiscard]] auto state_named(const char* member, const std::string& given) -> const char* {
  for (unsigned i = 0; i <= static_cast<unsigned>(rmp::page_state::corrupt); ++i) {
    const char* const name = rmp::name_of(static_cast<rmp::page_state>(i));
    if (given == name) return name;
  }
  wrong(member, fmt::format("{} is no state of a page", in_quotes(given)));
}
[[nodiscard]] auto status_named(const char* member, const std::string& given) -> const char* {
  for (const layout::constant_info& one : layout::tables::sev_status_codes_entries) {
    const char* const name = firmware::protocol_name_of(static_cast<firmware::status>(one.value));
    if (given == name || given == one.name) return name;
  }
  wrong(member, fmt::format("{} is no status", in_quotes(given)));
}

[[nodiscard]] auto read_fault(const fields& from) -> rmp_answer {
  rmp_answer answer{.ending = from.one_of<rmp_ending>("fault", faults)};
  if (answer.ending == rmp_ending::ud || answer.ending == rmp_ending::abort) return answer;
  answer.error = from.number("error");
  if (answer.ending != rmp_ending::gp) answer.address = from.number("address");
  return answer;
}

[[nodiscard]] auto read_result(const fields& from, const rmp_step& step) -> rmp_answer {
  rmp_answer answer{
      .ending = rmp_ending::result, .eax = from.number32("eax"), .zf = from.flag("zf"), .cf = from.flag("cf")};
  if (answer.eax != 0) return answer;
  if (step.what == rmp_operation::rmpread) {
    const json& operand = from.at("operand");
    if (!operand.is_object()) wrong("operand", "an object was expected");
    const fields members{operand};
    answer.gpa = members.number("gpa");
    answer.assigned = members.flag("assigned");
    answer.size_byte = members.operand_size("page_size") == page_size::k4k ? 0 : 1;
    answer.immutable = members.flag("immutable");
    answer.asid = members.number32("asid");
  }
  if (step.what == rmp_operation::rmpquery) {
    answer.size_byte = from.operand_size("page_size") == page_size::k4k ? 0 : 1;
    answer.attributes = from.number("attributes");
  }
  return answer;
}

template <class Format, class... Arguments>
void add(std::string& to, const Format& format, const Arguments&... arguments) {
  fmt::format_to(std::back_inserter(to), format, arguments...);
}

void append_rule(std::string& to, rule id) {
  if (id != rule::none) add(to, FMT_COMPILE(R"(,"rule":"{}")"), sevspec::name_of(id));
}

void append_caller(std::string& to, const rmp_step& step) {
  if (step.caller_asid != 0 || step.cpl != 0)
    add(to, FMT_COMPILE(R"(,"caller":{{"asid":{},"cpl":{}}})"), step.caller_asid, step.cpl);
}

void append_guest_command(std::string& to, const rmp_step& step) {
  const member_list& has = members_of(step.what);
  const verify::firmware_operands& more = step.guest_command;
  add(to, FMT_COMPILE(R"({{"op":"firmware","command":"{}")"), name_in<rmp_operation>(firmware_commands, step.what));
  if (has.gctx) add(to, FMT_COMPILE(R"(,"gctx":"{:#x}")"), more.context);
  if (has.page) add(to, FMT_COMPILE(R"(,"spa":"{:#x}")"), step.spa);
  if (has.moved) add(to, FMT_COMPILE(R"(,"src":"{:#x}","dst":"{:#x}")"), step.spa, more.destination);
  if (has.mdata) add(to, FMT_COMPILE(R"(,"mdata":"{:#x}")"), more.metadata);
  if (has.size) add(to, FMT_COMPILE(R"(,"page_size":"{}")"), sevspec::name_of(step.size));
  if (has.type) add(to, FMT_COMPILE(R"(,"page_type":{})"), more.page_type);
  if (step.what == rmp_operation::launch_start) add(to, FMT_COMPILE(R"(,"policy":"{:#x}")"), more.policy);
  if (step.what == rmp_operation::activate) add(to, FMT_COMPILE(R"(,"asid":{})"), step.asid);
  if (step.what == rmp_operation::launch_update)
    add(to, FMT_COMPILE(R"(,"perms":[{},{},{}])"), more.permissions[0], more.permissions[1], more.permissions[2]);
}

void append_guest(std::string& to, const rmp_step& step) {
  add(to, FMT_COMPILE(R"("asid":{},"vmpl":{},"cpl":{},"gpa":"{:#x}","spa":"{:#x}","leaf":"{}")"), step.asid, step.vmpl,
      step.cpl, step.gpa, step.spa, sevspec::name_of(step.leaf));
}

}  // namespace

auto parse_line(std::string_view line) -> json {
  limit_depth(line);
  json object;
  try {
    object = json::parse(line);
  } catch (const json::parse_error& error) {
    const std::string_view what = error.what();  // "[json.exception...] parse error at line 1, column 2: REASON"
    const auto column = what.find("column ");
    const auto colon = column == std::string_view::npos ? column : what.find(": ", column);
    throw protocol_error(fmt::format("bad JSON at byte {}: {}", error.byte == 0 ? 0 : error.byte - 1,
                                     colon == std::string_view::npos ? what : what.substr(colon + 2)));
  } catch (const json::out_of_range&) {
    throw protocol_error("bad JSON: a number is too large");
  }
  if (!object.is_object()) throw protocol_error("an object was expected");
  return object;
}

auto parse_request(const json& object) -> request {
  if (!object.is_object()) throw protocol_error("an object was expected");
  const fields from{object};
  const std::string& op = from.text("op");
  request asked;
  for (const auto& [name, what] : operations) {
    if (op != name) continue;
    asked.step.what = what;
    read_step(from, asked.step);
    return asked;
  }
  if (op == "reset") {
    asked.reset = true;
    asked.setup = read_setup(from);
  } else if (op == "firmware") {
    read_command(from, asked.step);
  } else {
    throw protocol_error(fmt::format("unknown op {}", in_quotes(op)));
  }
  return asked;
}

auto is_error(const json& object) -> bool {
  return object.is_object() && object.contains("error") && !object.contains("fault");
}

auto parse_answer(const json& object, const rmp_step& step) -> rmp_answer {
  if (!object.is_object()) throw protocol_error("an object was expected");
  const fields from{object};
  if (from.has("unsupported") && from.flag("unsupported")) return {.ending = rmp_ending::unsupported};
  if (is_error(object)) {
    const json& reason = from.at("error");
    const std::string text = reason.is_string() ? reason.get<std::string>() : std::string{};
    if (text.starts_with("unknown op")) return {.ending = rmp_ending::unsupported};
    throw protocol_error(fmt::format("an error: {}", in_quotes(text)));
  }
  if (from.has("fault")) return read_fault(from);
  if (step.what == rmp_operation::access) {
    if (!from.flag("ok")) wrong("ok", "true was expected, or a fault");
    return {.ending = rmp_ending::done};
  }
  if (step.what == rmp_operation::entry)
    return {.ending = rmp_ending::entry,
            .lo = from.number("lo"),
            .hi = from.number("hi"),
            .state = state_named("state", from.text("state"))};
  if (verify::is_firmware(step.what))
    return {.ending = rmp_ending::status, .state = status_named("status", from.text("status"))};
  return read_result(from, step);
}

void append_reset(std::string& to, const rmp_setup& setup) {
  add(to, FMT_COMPILE(R"({{"op":"reset","memory":"{:#x}")"), setup.memory);
  if (setup.rmp_base != 0 || setup.rmp_end != 0)
    add(to, FMT_COMPILE(R"(,"rmp_base":"{:#x}","rmp_end":"{:#x}")"), setup.rmp_base, setup.rmp_end);
  const implementation_choices usual;
  bool first = true;
  for (const verify::named_choice& choice : verify::named_choices) {
    const unsigned value = choice.get(setup.choices);
    if (value == choice.get(usual)) continue;
    const char* const quote = choice.find("true") ? "" : "\"";
    add(to, FMT_COMPILE(R"({}"{}":{}{}{})"), first ? ",\"choices\":{" : ",", choice.name(), quote,
        choice.values()[value], quote);
    first = false;
  }
  to += first ? "}" : "}}";
}

void append_request(std::string& to, const rmp_step& step) {
  switch (step.what) {
    case rmp_operation::rmpupdate:
      add(to,
          FMT_COMPILE(
              R"({{"op":"rmpupdate","spa":"{:#x}","assigned":{},"page_size":"{}","immutable":{},"gpa":"{:#x}","asid":{})"),
          step.spa, step.assigned, sevspec::name_of(step.size), step.immutable, step.gpa, step.asid);
      append_caller(to, step);
      break;
    case rmp_operation::psmash:
    case rmp_operation::rmpread:
      add(to, FMT_COMPILE(R"({{"op":"{}","spa":"{:#x}")"), name_in<rmp_operation>(operations, step.what), step.spa);
      append_caller(to, step);
      break;
    case rmp_operation::pvalidate:
      to += R"({"op":"pvalidate",)";
      append_guest(to, step);
      add(to, FMT_COMPILE(R"(,"page_size":"{}","validate":{})"), sevspec::name_of(step.size), step.validate);
      break;
    case rmp_operation::rmpadjust:
      to += R"({"op":"rmpadjust",)";
      append_guest(to, step);
      add(to, FMT_COMPILE(R"(,"page_size":"{}","attributes":"{:#x}")"), sevspec::name_of(step.size), step.attributes);
      break;
    case rmp_operation::rmpquery:
      to += R"({"op":"rmpquery",)";
      append_guest(to, step);
      add(to, FMT_COMPILE(R"(,"target_vmpl":{})"), step.target_vmpl);
      break;
    case rmp_operation::access:
      add(to, FMT_COMPILE(R"({{"op":"access","by":"{}",)"), name_in<rmp_agent>(agents, step.by));
      append_guest(to, step);
      add(to, FMT_COMPILE(R"(,"snp":{},"kind":"{}","c":{})"), step.snp, name_in<rmp_access>(accesses, step.kind),
          step.c);
      break;
    case rmp_operation::entry: add(to, FMT_COMPILE(R"({{"op":"entry","spa":"{:#x}")"), step.spa); break;
    case rmp_operation::page_reclaim:
      add(to, FMT_COMPILE(R"({{"op":"firmware","command":"page_reclaim","spa":"{:#x}","page_size":"{}")"), step.spa,
          sevspec::name_of(step.size));
      break;
    case rmp_operation::page_unsmash:
      add(to, FMT_COMPILE(R"({{"op":"firmware","command":"page_unsmash","spa":"{:#x}")"), step.spa);
      break;
    case rmp_operation::page_set_state:
      add(to, FMT_COMPILE(R"({{"op":"firmware","command":"page_set_state","spa":"{:#x}","pages":{})"), step.spa,
          step.pages);
      break;
    default: append_guest_command(to, step); break;
  }
  to += '}';
}

void append_answer(std::string& to, const rmp_step& step, const rmp_answer& answer) {
  switch (answer.ending) {
    case rmp_ending::done: to += R"({"ok":true)"; break;
    case rmp_ending::result:
      add(to, FMT_COMPILE(R"({{"eax":{},"zf":{},"cf":{})"), answer.eax, answer.zf, answer.cf);
      if (answer.eax != 0) break;
      if (step.what == rmp_operation::rmpread)
        add(to,
            FMT_COMPILE(R"(,"operand":{{"gpa":"{:#x}","assigned":{},"page_size":"{}","immutable":{},"asid":{}}},)"
                        R"("region_status":{})"),
            answer.gpa, answer.assigned, (answer.size_byte & 1) == 0 ? "4k" : "2m", answer.immutable, answer.asid,
            (answer.size_byte & 2) != 0);
      if (step.what == rmp_operation::rmpquery)
        add(to, FMT_COMPILE(R"(,"page_size":"{}","attributes":"{:#x}")"), (answer.size_byte & 1) == 0 ? "4k" : "2m",
            answer.attributes);
      break;
    case rmp_ending::gp: to += R"({"fault":"#GP","error":"0x0")"; break;
    case rmp_ending::ud: to += R"({"fault":"#UD")"; break;
    case rmp_ending::pf:
    case rmp_ending::npf:
    case rmp_ending::vc:
      add(to, FMT_COMPILE(R"({{"fault":"{}","error":"{:#x}","address":"{:#x}")"),
          name_in<rmp_ending>(faults, answer.ending), answer.error, answer.address);
      break;
    case rmp_ending::abort: to += R"({"fault":"abort")"; break;
    case rmp_ending::entry:
      add(to, FMT_COMPILE(R"({{"lo":"{:#x}","hi":"{:#x}","state":"{}")"), answer.lo, answer.hi, answer.state);
      break;
    case rmp_ending::status:      add(to, FMT_COMPILE(R"({{"status":"{}")"), answer.state); break;
    case rmp_ending::unsupported:
    case rmp_ending::broken:      return append_error(to, answer.state);
  }
  append_rule(to, answer.decided_by);
  to += '}';
}

void append_error(std::string& to, std::string_view reason) {
  to += R"({"error":)";
  to += json(reason).dump(-1, ' ', true, json::error_handler_t::replace);
  to += '}';
}

void append_id(std::string& to, const json& id) {
  to.back() = ',';
  to += R"("id":)";
  to += id.dump();
  to += '}';
}

}  // namespace sevspec::tool
