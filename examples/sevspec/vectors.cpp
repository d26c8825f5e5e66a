// SPDX-License-Identifier: MIT
#include "vectors.hpp"

#include <cstdint>
#include <cstdio>
#include <expected>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/walk.hpp>
#include <sevspec/rmp/guarded_memory.hpp>

#include "input.hpp"
#include "json_member.hpp"

namespace sevspec::tool {

namespace {

// --- reading a vector
//   -------------------------------------------------------------------------------------------------

[[nodiscard]] auto read_part(const member& cpu) -> cpu_part {
  cpu_part part;
  part.pa_bits = cpu["pa_bits"].small();
  part.c_bit = cpu["cbit"].small();
  part.reduction = cpu["reduction"].small();
  part.gb_pages = cpu["gb"].flag();
  part.la57 = cpu["la57"].flag();
  part.snp_capable = cpu["snp_hw"].flag();
  return part;
}

[[nodiscard]] auto read_registers(const member& world) -> paging::control_registers {
  return {.cr0 = world["cr0"].number(),
          .cr3 = world.has("cr3") ? world["cr3"].number() : 0,
          .cr4 = world["cr4"].number(),
          .efer = world["efer"].number()};
}

[[nodiscard]] auto read_guest_entry(const member& host, const member& guest) -> paging::guest_entry_state {
  return {.host = read_registers(host),
          .syscfg = host["syscfg"].number(),
          .guest = read_registers(guest),
          .ncr3 = guest["ncr3"].number(),
          .np_control = guest["np_ctl"].number(),
          .id = {guest["asid"].small()},
          .sev_features = guest.has("sev_features") ? guest["sev_features"].number() : 0,
          .virtual_tom = guest.has("vtom") ? guest["vtom"].number() : 0,
          .level = {static_cast<std::uint8_t>(guest.has("vmpl") ? guest["vmpl"].number(3) : 0)}};
}

[[nodiscard]] auto read_access(const member& from) -> memory_access {
  memory_access why;
  const std::string& type = from["type"].text();
  if (type == "r") why.kind = access_kind::read;
  else if (type == "w") why.kind = access_kind::write;
  else if (type == "x") why.kind = access_kind::execute;
  else if (type == "s") why.kind = access_kind::shadow_stack_read;
  else if (type == "S") why.kind = access_kind::shadow_stack_write;
  else from["type"].fail("r, w, x, s or S was expected");
  why.level = {static_cast<std::uint8_t>(from["cpl"].number(3))};
  if (from.has("implicit")) why.implicit_supervisor = from["implicit"].flag();
  if (from.has("stack")) why.through_ss = from["stack"].flag();
  if (from.has("ac")) why.alignment_check = from["ac"].flag();
  if (from.has("pkru")) why.pkru = from["pkru"].small();
  return why;
}

[[nodiscard]] auto read_memory(const member& from) -> memory::sparse_memory {
  memory::sparse_memory result{memory::sparse_memory::absent::zero};
  for (const member& qword : from.items()) {
    const spa where{qword["pa"].number()};
    if (where.value % 8 != 0) qword["pa"].fail("not a multiple of 8");
    result.write_qword(where, qword["qw"].number());
  }
  return result;
}

/// The Reverse Map Table of a vector: pages that are not listed are not covered, so the hypervisor's.
class vector_rmp {
 public:
  static constexpr std::uint64_t sub_pages = 512;

  explicit vector_rmp(const member& vector) {
    if (!vector.has("rmp")) return;
    for (const auto& [address, fields] : vector["rmp"].numbered()) {
      rmp::entry one;
      one.assigned = fields["assigned"].flag();
      one.large = fields["size"].flag();
      one.immutable = fields["immutable"].flag();
      one.validated = fields["validated"].flag();
      one.id = {fields["asid"].small()};
      one.guest = {fields["gpa"].number()};
      const auto perms = fields["perms"].items();
      if (perms.size() != one.allowed.size()) fields["perms"].fail("four permission bytes were expected");
      for (std::size_t i = 0; i < perms.size(); ++i)
        one.allowed[i].raw = static_cast<std::uint8_t>(perms[i].number(0xff));
      entries_[address >> 12] = one;
    }
  }

  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return find(page) != entries_.end(); }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry {
    const auto found = find(page);
    return found == entries_.end() ? rmp::entry{} : found->second;
  }

 private:
  /// The page's entry, or that of the large page which is listed for it.
  [[nodiscard]] auto find(rmp::spfn page) const -> std::map<std::uint64_t, rmp::entry>::const_iterator {
    const auto own = entries_.find(page.value);
    if (own != entries_.end()) return own;
    const auto large = entries_.find(page.value & ~(sub_pages - 1));
    return large != entries_.end() && large->second.large ? large : entries_.end();
  }

  std::map<std::uint64_t, rmp::entry> entries_;
};

// --- what the library does not have yet
//   -------------------------------------------------------------------------------

[[nodiscard]] auto pending_of(const paging::control_registers& regs) -> const char* {
  if (!paging::cr0::pg::test(regs.cr0)) return nullptr;
  if (paging::efer::uaie::test(regs.efer)) return "upper-address-ignore";
  return nullptr;
}

[[nodiscard]] auto pending_of(const paging::guest_entry_state& state) -> const char* {
  namespace np = paging::np_control;
  if (!np::np_enable::test(state.np_control)) return "shadow-paging";
  if (const char* const reason = pending_of(state.host)) return reason;
  return pending_of(state.guest);
}

[[nodiscard]] auto walked(json expect) -> vector_answer {
  vector_answer answer;
  answer.expect = std::move(expect);
  return answer;
}

[[nodiscard]] auto pending_answer(const char* reason) -> vector_answer {
  vector_answer answer;
  answer.pending = reason;
  return answer;
}

/// The answer if the library gives no regime.
template <class Registers>
[[nodiscard]] auto no_regime(const paging::register_error& error, const Registers& registers) -> vector_answer {
  if (error.what == paging::register_error::kind::not_modelled) {
    const char* const reason = pending_of(registers);
    return pending_answer(reason != nullptr ? reason : "other");
  }
  vector_answer answer;
  answer.refused = fmt::format("{} {:#x}: {} ({})", error.field, error.value, error.reason, name_of(error.decided_by));
  return answer;
}

// --- walking, and writing down what happened
//   --------------------------------------------------------------------------

/// Collects what `expect` tells of a walk besides its result.
struct recorder {
  std::vector<std::string> trace;
  unsigned table_reads = 0;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> updates;  // by sPA: first before, last after

  void on(const table_read& event) {
    const char tables = event.tables == stage::host ? 'h' : event.tables == stage::guest ? 'g' : 'n';
    trace.push_back(fmt::format("{}{}@{:#x}:{}", tables, event.level, event.where.value, name_of(event.key)));
    ++table_reads;
  }
  void on(const table_update& event) {
    updates.try_emplace(event.where.value, event.before, event.after).first->second.second = event.after;
  }
  void on(const final_access& event) {
    constexpr const char* verbs[] = {"rd", "wr", "if", "ssrd", "sswr"};
    const char* const verb = verbs[static_cast<unsigned>(event.kind)];
    trace.push_back(fmt::format("{}@{:#x}:{}", verb, event.where.value, name_of(event.key)));
  }
};

using recording_context = context<all_rules, recorder>;

/// With paging off there is no page, which the vectors write as the smallest one.
[[nodiscard]] auto size_text(page_size size) -> const char* {
  switch (size) {
    case page_size::k2m:       return "2M";
    case page_size::k4m:       return "4M";
    case page_size::k1g:       return "1G";
    case page_size::k4k:
    case page_size::unlimited: return "4K";
  }
  return "?";
}

[[nodiscard]] auto attributes(paging::page_rights rights) -> json {
  return {{"w", int{rights.writable}}, {"u", int{rights.user}}, {"nx", int{rights.no_execute}}};
}

[[nodiscard]] auto attributes_with_global(paging::page_rights rights, paging::entry leaf) -> json {
  json result = attributes(rights);
  result["g"] = int{leaf.global()};
  return result;
}

/// "rwx" with '-' for what `allows(access)` refuses, at one privilege level.
template <class Allows>
[[nodiscard]] auto allowed_at(cpl level, memory_access why, Allows allows) -> std::string {
  why.level = level;
  std::string result;
  for (const auto& [kind, letter] :
       {std::pair{access_kind::read, 'r'}, {access_kind::write, 'w'}, {access_kind::execute, 'x'}}) {
    why.kind = kind;
    result += allows(why) ? letter : '-';
  }
  return result;
}

template <class Allows>
[[nodiscard]] auto allowed(const memory_access& why, Allows allows) -> json {
  return {{"s", allowed_at(kernel_mode, why, allows)}, {"u", allowed_at(user_mode, why, allows)}};
}

/// Whether host or guest tables of this regime let an access through to a page; with paging off everything.
template <class Regime, class To>
[[nodiscard]] auto stage_allows(const Regime& regime, const paging::mapping<To>& page, const memory_access& why)
    -> bool {
  context<> ctx;
  return regime.levels == 0 || !paging::permission_denied(ctx, regime, page.rights, page.leaf, true, why);
}

void add_events(json& expect, const recorder& events) {
  json updates = json::array();
  for (const auto& [where, change] : events.updates)
    updates.push_back({{"pa", hex(where)}, {"before", hex(change.first)}, {"after", hex(change.second)}});
  expect["mem_updates"] = updates;
  expect["refs"] = events.table_reads;
  expect["trace"] = events.trace;
}

[[nodiscard]] auto describe(const fault& raised) -> json {
  switch (raised.kind) {
    case fault_kind::npf:
      return {{"kind", "npf"},
              {"exitcode", hex(paging::vmexit_npf)},
              {"exitinfo1", hex(raised.code)},
              {"exitinfo2", hex(raised.address)}};
    case fault_kind::pf:
      return {{"kind", "pf"}, {"vector", 14}, {"error", hex(raised.code)}, {"cr2", hex(raised.address)}};
    case fault_kind::vc: {
      json expect{{"kind", "vc"}, {"vector", 29}, {"error", hex(raised.code)}};
      if (raised.code != paging::vmexit_npf) expect["cr2"] = hex(raised.address);
      return expect;
    }
    case fault_kind::gp:        return {{"kind", "gp"}, {"vector", 13}, {"error", hex(raised.code)}};
    case fault_kind::ss:        return {{"kind", "ss"}, {"vector", 12}, {"error", hex(raised.code)}};
    case fault_kind::ud:        return {{"kind", "ud"}, {"vector", 6}};
    case fault_kind::vmexit:    return {{"kind", "vmexit"}, {"exitcode", hex(raised.code)}};
    case fault_kind::no_memory: return {{"kind", "no_memory"}, {"spa", hex(raised.address)}};
    case fault_kind::no_key:    return {{"kind", "no_key"}, {"spa", hex(raised.address)}};
  }
  return {};
}

[[nodiscard]] auto answer_host(const member& vector, const cpu_part& part) -> vector_answer {
  recording_context ctx;
  const paging::control_registers registers = read_registers(vector["host"]);
  const auto regime = paging::make_host_regime(ctx, part, registers, vector["host"]["syscfg"].number());
  if (!regime) return no_regime(regime.error(), registers);

  memory::sparse_memory pages = read_memory(vector["mem"]);
  const vector_rmp reverse_map{vector};
  rmp::guarded_memory memory{pages, reverse_map};
  const memory_access why = read_access(vector["access"]);
  const auto found = paging::walk(ctx, memory, *regime, hva{vector["access"]["va"].number()}, why);
  if (!found) return walked(describe(found.error()));

  const auto& page = found->page;
  json expect{{"kind", "ok"},
              {"spa", hex(page.where.value)},
              {"key", name_of(found->key)},
              {"c", int{page.c}},
              {"page_size", size_text(page.size)}};
  if (regime->levels != 0) {
    expect["stage1_page_size"] = size_text(page.size);
    expect["stage1_attr"] = attributes_with_global(page.rights, page.leaf);
  }
  expect["allowed"] = allowed(why, [&](const memory_access& other) { return stage_allows(*regime, page, other); });
  add_events(expect, ctx.listener);
  return walked(std::move(expect));
}

[[nodiscard]] auto answer_guest(const member& vector, const cpu_part& part) -> vector_answer {
  recording_context ctx;
  const paging::guest_entry_state state = read_guest_entry(vector["host"], vector["guest"]);
  const auto regime = paging::make_two_stage_regime(ctx, part, state);
  if (!regime) return no_regime(regime.error(), state);

  memory::sparse_memory pages = read_memory(vector["mem"]);
  const vector_rmp reverse_map{vector};
  rmp::guarded_memory memory{pages, reverse_map};
  const memory_access why = read_access(vector["access"]);
  const auto found = paging::walk(ctx, memory, *regime, gva{vector["access"]["va"].number()}, why);
  if (!found) return walked(describe(found.error()));

  const auto& nested = found->page;
  const auto& guest = found->in_guest;
  json expect{{"kind", "ok"},
              {"spa", hex(nested.where.value)},
              {"key", name_of(found->key)},
              {"c", int{found->effective_c}},
              {"page_size", size_text(found->size)},
              {"gpa", hex(guest.where.value)},
              {"nested_page_size", size_text(nested.size)},
              {"nested_attr", attributes(nested.rights)}};
  if (regime->guest.levels != 0) {
    expect["stage1_page_size"] = size_text(guest.size);
    expect["stage1_attr"] = attributes_with_global(guest.rights, guest.leaf);
  }
  if (!regime->sss_check)  // the manual leaves ordinary accesses to shadow-stack pages open (PAG-SSS-04)
    expect["allowed"] = allowed(why, [&](const memory_access& other) {
      return stage_allows(regime->guest, guest, other) && !(other.is_write() && !nested.rights.writable) &&
             !(other.is_fetch() && nested.rights.no_execute) &&
             !(other.is_fetch() && regime->gmet && nested.rights.user && !other.is_user());
    });
  add_events(expect, ctx.listener);
  return walked(std::move(expect));
}

// --- a whole file
//   -----------------------------------------------------------------------------------------------------

/// The members of `expect` in which the file and the library differ, one line each.
[[nodiscard]] auto differences(const nlohmann::json& ours, const nlohmann::json& theirs) -> std::vector<std::string> {
  std::vector<std::string> result;
  const auto compare = [&](const std::string& name) {
    const auto text = [&](const nlohmann::json& in) { return in.contains(name) ? in[name].dump() : "absent"; };
    if (!ours.contains(name) || !theirs.contains(name) || ours[name] != theirs[name])
      result.push_back(fmt::format("{}: {} in the file, {} here", name, text(theirs), text(ours)));
  };
  for (const auto& item : theirs.items()) compare(item.key());
  for (const auto& item : ours.items())
    if (!theirs.contains(item.key())) compare(item.key());
  return result;
}

}  // namespace

auto answer_vector(const nlohmann::ordered_json& vector) -> vector_answer {
  const member root{vector, ""};
  const cpu_part part = read_part(root["cpu"]);
  const std::string& mode = root["mode"].text();
  if (mode == "host") return answer_host(root, part);
  if (mode == "guest") return answer_guest(root, part);
  root["mode"].fail("host or guest was expected");
}

auto check_vectors(const std::string& path) -> int {
  const json file = read_json(path);
  if (!file.is_object() || !file.contains("vectors") || !file["vectors"].is_array())
    throw input_error(path, "no array 'vectors' at the top");

  unsigned agree = 0;
  unsigned differ = 0;
  unsigned pending = 0;
  std::map<std::string, unsigned> reasons;
  for (std::size_t i = 0; i < file["vectors"].size(); ++i) {
    const json& vector = file["vectors"][i];
    std::string place = fmt::format("{}: /vectors/{}", path, i);
    vector_answer answer;
    std::string id;
    const json* expected = nullptr;
    try {
      const member root{vector, ""};
      id = root["id"].text();
      place += fmt::format(" ({})", id);
      if (!vector.contains("expect") || !vector["expect"].is_object()) root.fail("no object 'expect'");
      expected = &vector["expect"];
      answer = answer_vector(vector);
    } catch (const vector_error& error) {
      throw input_error(place, error.what());
    }

    json line{{"id", id}};
    if (answer.pending != nullptr) {
      line["pending"] = answer.pending;
      ++reasons[answer.pending];
      ++pending;
    } else if (!answer.refused.empty()) {
      line["refused"] = answer.refused;
      fmt::print(stderr, "{}: refused: {}\n", id, answer.refused);
      ++differ;
    } else {
      line["expect"] = answer.expect;
      const auto wrong = differences(answer.expect, *expected);
      for (const std::string& difference : wrong) fmt::print(stderr, "{}: {}\n", id, difference);
      ++(wrong.empty() ? agree : differ);
    }
    fmt::print("{}\n", line.dump(-1, ' ', false, json::error_handler_t::replace));
  }

  std::string by_reason;
  for (const auto& [reason, count] : reasons)
    by_reason += fmt::format("{}{} {}", by_reason.empty() ? " (" : ", ", reason, count);
  if (!by_reason.empty()) by_reason += ")";
  fmt::print(stderr, "{} vectors: {} agree, {} differ, {} pending{}\n", agree + differ + pending, agree, differ,
             pending, by_reason);
  return differ == 0 ? 0 : 1;
}

}  // namespace sevspec::tool
