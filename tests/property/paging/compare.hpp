// SPDX-License-Identifier: MIT
// Runs the library's walks and holds them against the twin.
#ifndef SEVSPEC_TESTS_PROPERTY_PAGING_COMPARE_HPP
#define SEVSPEC_TESTS_PROPERTY_PAGING_COMPARE_HPP

#include <sstream>
#include <string>
#include <vector>

#include <property/paging/scenario.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/walk.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/slow_walk.hpp>

namespace sevspec::test {

/// Writes down what a walk does to memory.
struct reference_log {
  std::vector<slow::entry_read> reads;
  std::vector<slow::entry_update> updates;
  std::vector<final_access> finals;

  void on(const table_read& e) { reads.push_back({e.tables, e.level, e.where.value, e.key, e.entry}); }
  void on(const table_update& e) { updates.push_back({e.tables, e.level, e.where.value, e.before, e.after}); }
  void on(const final_access& e) { finals.push_back(e); }
};

/// A walk by the library: what it returned, did and left behind.
template <class Result>
struct walked {
  outcome<Result> result;
  reference_log log;
  word_memory after;
};

inline auto walk_guest(const world& w, const paging::two_stage_regime& machine) -> walked<paging::guest_translation> {
  context<all_rules, reference_log> ctx{.choices = w.choices};
  word_memory memory = w.memory;
  const rmp_pages owners = rmp_of(w);
  rmp::guarded_memory guarded(memory, owners);
  auto result = paging::walk(ctx, guarded, machine, gva{w.address}, w.why);
  return {result, std::move(ctx.listener), std::move(memory)};
}

inline auto walk_host(const world& w, const paging::host_regime& regime) -> walked<paging::host_translation> {
  context<all_rules, reference_log> ctx{.choices = w.choices};
  word_memory memory = w.memory;
  const rmp_pages owners = rmp_of(w);
  rmp::guarded_memory guarded(memory, owners);
  auto result = paging::walk(ctx, guarded, regime, hva{w.address}, w.why);
  return {result, std::move(ctx.listener), std::move(memory)};
}

inline auto walk_gpa(const world& w, const paging::two_stage_regime& machine, u64 where, bool effective_c)
    -> walked<paging::mapping<system_physical>> {
  context<all_rules, reference_log> ctx{.choices = w.choices};
  word_memory memory = w.memory;
  const rmp_pages owners = rmp_of(w);
  rmp::guarded_memory guarded(memory, owners);
  auto result = paging::walk_gpa(ctx, guarded, machine, gpa{where}, w.why.kind, effective_c, w.why.is_user());
  return {result, std::move(ctx.listener), std::move(memory)};
}

inline auto machine_of(const world& w) -> std::expected<paging::two_stage_regime, paging::register_error> {
  context<> ctx{.choices = w.choices};
  return paging::make_two_stage_regime(ctx, w.part, w.state);
}
inline auto host_regime_of(const world& w) -> std::expected<paging::host_regime, paging::register_error> {
  context<> ctx{.choices = w.choices};
  return paging::make_host_regime(ctx, w.part, w.state.guest, w.state.syscfg);
}

/// The twin's answers.
inline auto twin_guest(const world& w) -> slow::answer {
  return slow::translate_guest(w.memory, w.owners, w.part, w.state, w.choices, w.address, w.why);
}
inline auto twin_host(const world& w) -> slow::answer {
  return slow::translate_host(w.memory, w.owners, w.part, w.state.guest, w.state.syscfg, w.choices, w.address, w.why);
}
inline auto twin_gpa(const world& w, u64 where, bool effective_c) -> slow::answer {
  return slow::translate_gpa(w.memory, w.owners, w.part, w.state, w.choices, where, w.why.kind, effective_c,
                             w.why.is_user());
}

/// Collects differences; empty text: none.
class differences {
 public:
  template <class A, class B>
  void expect(const char* what, const A& library, const B& twin) {
    if (!(library == twin)) out_ << what << ": library " << number(library) << ", twin " << number(twin) << '\n';
  }
  void note(const std::string& text) { out_ << text << '\n'; }
  [[nodiscard]] auto text() const -> std::string { return out_.str(); }

 private:
  static auto number(u64 value) -> u64 { return value; }
  static auto number(bool value) -> u64 { return value ? 1 : 0; }
  static auto number(memory_key value) -> u64 { return value.slot; }
  static auto number(page_size value) -> u64 { return static_cast<u64>(value); }
  static auto number(fault_kind value) -> const char* { return name_of(value); }

  std::ostringstream out_ = [] {
    std::ostringstream out;
    out << std::hex << std::showbase;
    return out;
  }();
};

template <class Space>
void compare_page(differences& diff, const std::string& stage_name, const paging::mapping<Space>& library,
                  const slow::found_page& twin, bool raced) {
  const auto name = [&](const char* what) { return stage_name + what; };
  diff.expect(name("address").c_str(), library.where.value, twin.where);
  diff.expect(name("page size").c_str(), library.size, twin.size);
  diff.expect(name("writable").c_str(), library.rights.writable, twin.writable);
  diff.expect(name("user").c_str(), library.rights.user, twin.user);
  diff.expect(name("no execute").c_str(), library.rights.no_execute, twin.no_execute);
  diff.expect(name("C").c_str(), library.c, twin.c);
  const u64 ad = raced ? 0x60 : 0;
  u64 leaf = twin.leaf;
  if (twin.size == page_size::k4m) leaf = (leaf & 0xffc0'1fff) | (leaf >> 13 & 0xff) << 32;  // as an entry of 64 bits
  diff.expect(name("leaf").c_str(), library.leaf.raw & ~ad, leaf & ~ad);
}

inline void list(differences& diff, const char* title, const std::vector<slow::entry_read>& reads) {
  std::ostringstream out;
  out << title << std::hex;
  for (const auto& r : reads)
    out << "\n  " << "hgn"[static_cast<unsigned>(r.tables)] << r.level << " at 0x" << r.where << " key "
        << name_of(r.key) << ": 0x" << r.raw;
  diff.note(out.str());
}
inline void list(differences& diff, const char* title, const std::vector<slow::entry_update>& updates) {
  std::ostringstream out;
  out << title << std::hex;
  for (const auto& u : updates)
    out << "\n  " << "hgn"[static_cast<unsigned>(u.tables)] << u.level << " at 0x" << u.where << ": 0x" << u.before
        << " -> 0x" << u.after;
  diff.note(out.str());
}

/// What all three walks have in common: the fault, the references, the memory.
template <class Result>
void compare_walk(differences& diff, const walked<Result>& library, const slow::answer& twin) {
  if (twin.unclear) return;
  if (library.result.has_value() == twin.fault.has_value()) {
    diff.note(twin.fault ? std::string("library: ok, twin: ") + name_of(twin.fault->kind)
                         : std::string("library: ") + name_of(library.result.error().kind) + ", twin: ok");
  } else if (twin.fault) {
    const fault& error = library.result.error();
    diff.expect("fault", error.kind, twin.fault->kind);
    diff.expect("error code", error.code, twin.fault->code);
    diff.expect("fault address", error.address, twin.fault->address);
    if (!twin.fault->reasons.contains(error.decided_by))
      diff.note(std::string("decided by ") + name_of(error.decided_by) + ", which the twin does not see violated");
  }
  if (library.after != twin.after) diff.note("memory differs after the walk");
  if (library.after != twin.after || (!twin.raced && library.log.updates != twin.updates)) {
    list(diff, "library's updates", library.log.updates);
    list(diff, "twin's updates", twin.updates);
  }
  const bool same_reads = library.log.reads == twin.reads || library.log.reads == twin.reads_with_questions;
  if (!twin.raced && !same_reads) {
    list(diff, "library's reads", library.log.reads);
    list(diff, "twin's reads", twin.reads);
  }
}

/// The library's two-stage walk against the twin's.
inline auto difference(const walked<paging::guest_translation>& library, const slow::answer& twin) -> std::string {
  differences diff;
  compare_walk(diff, library, twin);
  if (library.result && !twin.fault && !twin.unclear) {
    compare_page(diff, "guest ", library.result->in_guest, twin.guest, twin.raced);
    compare_page(diff, "nested ", library.result->page, twin.page, twin.raced);
    diff.expect("page size", library.result->size, twin.size);
    diff.expect("effective C", library.result->effective_c, twin.effective_c);
    diff.expect("key", library.result->key, twin.key);
    diff.expect("writable", library.result->writable(), twin.guest.writable && twin.page.writable);
    diff.expect("no execute", library.result->no_execute(), twin.guest.no_execute || twin.page.no_execute);
  }
  return diff.text();
}

inline auto difference(const walked<paging::host_translation>& library, const slow::answer& twin) -> std::string {
  differences diff;
  compare_walk(diff, library, twin);
  if (library.result && !twin.fault && !twin.unclear) {
    compare_page(diff, "", library.result->page, twin.page, twin.raced);
    diff.expect("key", library.result->key, twin.key);
  }
  return diff.text();
}

inline auto difference(const walked<paging::mapping<system_physical>>& library, const slow::answer& twin)
    -> std::string {
  differences diff;
  compare_walk(diff, library, twin);
  if (library.result && !twin.fault && !twin.unclear) compare_page(diff, "", *library.result, twin.page, twin.raced);
  return diff.text();
}

/// Whether registers are refused for a reason that the twin sees, too.
template <class Regime>
auto register_difference(const std::expected<Regime, paging::register_error>& made,
                         const std::vector<slow::objection>& objections) -> std::string {
  if (made.has_value() && objections.empty()) return "";
  if (made.has_value()) return "accepted, but the twin objects to " + objections.front().field + "\n";
  const paging::register_error& error = made.error();
  for (const auto& objection : objections)
    if (objection.what == error.what && objection.field == error.field) return "";
  return std::string("refused: ") + error.field + ", " + error.reason + "; the twin does not object to that\n";
}

}  // namespace sevspec::test

#endif
