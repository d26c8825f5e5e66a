// SPDX-License-Identifier: MIT
// The twin: a second translation of host, guest and guest-physical addresses, written from the rule texts without the
// library's walks, masks or permission checks. It shares plain types with the library and no logic. Slow and simple:
//
//   1. collect  follow the pointers from the root and write down the whole path, judging nothing;
//   2. judge    go over the path from the top, and cut it where the first check fails;
//   3. replay   tell the path as a story of reads and wanted A/D bits, and act it out on the memory.
//
// Where the order of A/D updates leaves no freedom the twin is exact, down to the order of references. An entry that
// one access both changes and has read before (tables that contain themselves) makes hardware walk again (PAG-AD-04);
// how many references that takes is not stated anywhere, so such answers are marked `raced`.
#ifndef SEVSPEC_TESTS_SUPPORT_SLOW_WALK_HPP
#define SEVSPEC_TESTS_SUPPORT_SLOW_WALK_HPP

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::test {

using u64 = std::uint64_t;

/// Memory as a list of words. A page that holds any word answers, with zeros for its other words; other pages do not,
/// or are all zeros.
struct word_memory {
  std::map<u64, u64> words{};
  bool zeros_elsewhere = false;

  [[nodiscard]] auto look(u64 where) const -> std::optional<u64> {
    const u64 page = where & ~u64{0xfff};
    const auto found = words.lower_bound(page);
    if (!zeros_elsewhere && (found == words.end() || found->first > page + 0xfff)) return std::nullopt;
    const auto word = words.find(where);
    return word == words.end() ? 0 : word->second;
  }

  // What the library asks of a memory.
  [[nodiscard]] auto read_qword(spa where, memory_key) const -> std::optional<u64> { return look(where.value); }
  auto compare_exchange_qword(spa where, memory_key, u64 expected, u64 desired) -> bool {
    if (look(where.value) != expected) return false;
    words[where.value] = desired;
    return true;
  }

  friend auto operator==(const word_memory&, const word_memory&) -> bool = default;
};

namespace slow {

using paging::control_registers;
using paging::guest_entry_state;
using paging::register_error;

inline auto bit_of(u64 word, int position) -> bool { return ((word >> position) & 1) != 0; }
inline auto with_bit(u64 word, int position) -> u64 { return word | (u64{1} << position); }
inline auto without_bit(u64 word, int position) -> u64 { return word & ~(u64{1} << position); }

// ----- what is reported ----------------------------------------------------------------------------------------------

struct entry_read {
  stage tables{};
  unsigned level{};
  u64 where{};
  memory_key key{};
  u64 raw{};
  friend auto operator==(const entry_read&, const entry_read&) -> bool = default;
};

struct entry_update {
  stage tables{};
  unsigned level{};
  u64 where{};
  u64 before{};
  u64 after{};
  friend auto operator==(const entry_update&, const entry_update&) -> bool = default;
};

/// A failure: what is raised, and every rule that may be named as the reason.
struct verdict {
  fault_kind kind{};
  u64 code{};
  u64 address{};
  std::set<rule> reasons{};
};

/// What one stage found.
struct found_page {
  u64 where{};
  page_size size = page_size::unlimited;
  bool writable = true;
  bool user = true;
  bool no_execute = false;
  bool c = false;
  u64 leaf{};  ///< as read
};

struct answer {
  std::optional<verdict> fault{};
  found_page guest{};  ///< gVA to gPA
  found_page page{};   ///< to sPA: the nested stage, or the host's only stage
  page_size size{};    ///< of both stages together
  bool effective_c{};  ///< guest mode only
  memory_key key{};
  std::vector<entry_read> reads{};
  std::vector<entry_update> updates{};
  word_memory after{};
  bool raced = false;
  unsigned guest_reads{};                ///< guest entries read (PAG-CNT-01: g)
  std::vector<unsigned> nested_reads{};  ///< nested entries read, per nested walk (PAG-CNT-01: n_i, last n_final)
};

// ----- registers -----------------------------------------------------------------------------------------------------

/// Why registers cannot be used. All reasons are listed; which one is reported first is nobody's business.
struct objection {
  register_error::kind what{};
  std::string field;
};

/// @param encryption  without it C-bit and reduction mean nothing
inline auto objections_to_part(const cpu_part& part, bool encryption) -> std::vector<objection> {
  std::vector<objection> found;
  const auto bad = [&](const char* field) { found.push_back({register_error::kind::inconsistent, field}); };
  if (part.pa_bits < 36 || part.pa_bits > 52) bad("pa_bits");
  if (!encryption) return found;
  if (part.c_bit < 32 || part.c_bit > 51) bad("c_bit");
  if (part.pa_bits < part.reduction + 30) bad("reduction");      // less than 1 GiB left
  if (part.c_bit + part.reduction < part.pa_bits) bad("c_bit");  // inside what encryption leaves
  return found;
}

/// One stage's mode, straight from register bits by number.
struct domain {
  stage tables{};
  unsigned levels{};  ///< 0: paging off
  u64 root{};
  bool root_c{};
  unsigned width{};  ///< PAG-RSV-03 to 06
  int c_bit = -1;    ///< where legal
  bool nxe{}, wp{}, smep{}, smap{}, pke{}, gb_pages{};
};

inline auto stripped(const domain& d, u64 address) -> u64 {  // PAG-ENC-02
  return d.c_bit < 0 ? address : without_bit(address, d.c_bit);
}

inline auto domain_of(stage tables, const cpu_part& part, const control_registers& regs, u64 cr3, bool c_legal,
                      unsigned width) -> domain {
  domain d{.tables = tables, .width = width};
  if (!bit_of(regs.cr0, 31)) return d;      // PAG-MODE-01
  d.levels = bit_of(regs.cr4, 12) ? 5 : 4;  // PAG-MODE-04
  d.c_bit = c_legal ? static_cast<int>(part.c_bit) : -1;
  d.root = stripped(d, cr3 & 0x000f'ffff'ffff'f000);  // PAG-CR3-01
  d.root_c = c_legal && bit_of(cr3, d.c_bit);
  d.nxe = bit_of(regs.efer, 11);
  d.wp = bit_of(regs.cr0, 16);
  d.smep = bit_of(regs.cr4, 20);
  d.smap = bit_of(regs.cr4, 21);
  d.pke = bit_of(regs.cr4, 22);
  d.gb_pages = part.gb_pages;
  return d;
}

inline auto encryption_on(u64 syscfg) -> bool { return bit_of(syscfg, 23); }  // PAG-SYSCFG-02

inline auto host_width(const cpu_part& part, u64 syscfg) -> unsigned {  // PAG-RSV-03, PAG-RSV-04
  return encryption_on(syscfg) ? part.pa_bits - part.reduction : part.pa_bits;
}

inline auto host_domain(const cpu_part& part, const control_registers& regs, u64 syscfg) -> domain {
  return domain_of(stage::host, part, regs, regs.cr3, encryption_on(syscfg), host_width(part, syscfg));
}
inline auto nested_domain(const cpu_part& part, const guest_entry_state& state) -> domain {  // PAG-NPT-01
  return domain_of(stage::nested, part, state.host, state.ncr3, encryption_on(state.syscfg),
                   host_width(part, state.syscfg));
}
inline auto is_sev(const guest_entry_state& state) -> bool {  // PAG-SEVEN-02
  return encryption_on(state.syscfg) && bit_of(state.np_control, 1);
}
inline auto is_sev_es(const guest_entry_state& state) -> bool { return is_sev(state) && bit_of(state.np_control, 2); }
inline auto guest_domain(const cpu_part& part, const guest_entry_state& state) -> domain {  // PAG-RSV-05, PAG-RSV-06
  return domain_of(stage::guest, part, state.guest, state.guest.cr3, is_sev(state), part.pa_bits);
}

/// @param who  "", "guest ", or "host " for the VMM's registers as nested tables use them
inline auto objections_to_registers(const cpu_part& part, const control_registers& regs, u64 cr3,
                                    const std::string& who, bool c_legal, unsigned width) -> std::vector<objection> {
  using enum register_error::kind;
  std::vector<objection> found;
  const bool nested = who == "host ";
  const auto object = [&](register_error::kind what, const char* field) { found.push_back({what, who + field}); };
  if (bit_of(regs.cr4, 24)) object(reserved, "CR4");  // PAG-PERM-09
  if (!bit_of(regs.cr0, 31)) return found;
  if (!bit_of(regs.cr0, 0)) object(not_modelled, "CR0");               // PAG-MODE-08
  if (!bit_of(regs.efer, 10)) object(not_modelled, "EFER");            // PAG-MODE-02, PAG-MODE-03
  if (bit_of(regs.efer, 20) && !nested) object(not_modelled, "EFER");  // PAG-CAN-03; gPAs are not linear addresses
  if (!bit_of(regs.cr4, 5)) object(inconsistent, "CR4");               // PAG-MODE-04
  if (bit_of(regs.cr4, 12) && !part.la57) object(reserved, "CR4");
  for (int bit = 0; bit < 64; ++bit) {
    const bool c = c_legal && bit == static_cast<int>(part.c_bit);                  // PAG-ENC-CR3
    const bool must_be_zero = bit >= 52 || (bit >= static_cast<int>(width) && !c);  // PAG-CR3-01, PAG-CR3-03
    if (must_be_zero && bit_of(cr3, bit)) found.push_back({reserved, nested ? "nCR3" : who + "CR3"});
  }
  return found;
}

/// Modes that are not modelled.
inline auto objections_to_syscfg(u64 syscfg) -> std::vector<objection> {
  std::vector<objection> found;
  for (const int bit : {24, 26})
    if (bit_of(syscfg, bit)) found.push_back({register_error::kind::not_modelled, "SYSCFG"});
  return found;
}

inline void append(std::vector<objection>& to, const std::vector<objection>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// Everything wrong with a host's registers.
inline auto objections(const cpu_part& part, const control_registers& regs, u64 syscfg) -> std::vector<objection> {
  auto found = objections_to_part(part, encryption_on(syscfg));
  append(found, objections_to_syscfg(syscfg));
  if (!found.empty()) return found;
  return objections_to_registers(part, regs, regs.cr3, "", encryption_on(syscfg), host_width(part, syscfg));
}

/// Everything wrong with a guest's registers and its VMCB (PAG-NPT-02, PAG-SEVEN-01), and the modes not modelled.
inline auto objections(const cpu_part& part, const guest_entry_state& state) -> std::vector<objection> {
  using enum register_error::kind;
  auto found = objections_to_part(part, encryption_on(state.syscfg));
  const bool part_is_bad = !found.empty();
  append(found, objections_to_syscfg(state.syscfg));
  if (!bit_of(state.np_control, 0)) found.push_back({is_sev(state) ? reserved : not_modelled, "VMCB 090h"});
  for (const int bit : {3, 4, 5, 6, 11})
    if (bit_of(state.np_control, bit)) found.push_back({not_modelled, "VMCB 090h"});
  if (is_sev_es(state) && (state.sev_features & 3) != 0) found.push_back({not_modelled, "VMSA 3B0h"});
  if (!bit_of(state.host.cr0, 31)) found.push_back({reserved, "host CR0"});
  if (state.id.value == 0) found.push_back({reserved, "VMCB 058h"});
  if (is_sev(state) && state.id.value > part.encrypted_guests) found.push_back({reserved, "VMCB 058h"});
  if (part_is_bad) return found;
  append(found, objections_to_registers(part, state.host, state.ncr3, "host ", encryption_on(state.syscfg),
                                        host_width(part, state.syscfg)));
  append(found, objections_to_registers(part, state.guest, state.guest.cr3, "guest ", is_sev(state), part.pa_bits));
  return found;
}

// ----- one stage -----------------------------------------------------------------------------------------------------

struct traversal;

struct step {
  unsigned level{};
  u64 slot{};                           ///< the entry's address in the space the tables lie in
  std::shared_ptr<traversal> nested{};  ///< guest tables: how the slot was translated
  u64 where{};                          ///< the entry's sPA
  memory_key key{};
  std::optional<u64> raw{};
  bool leaf{};
};

struct traversal {
  domain rules;
  std::vector<step> steps{};
  std::optional<verdict> fault{};
  bool writes{};  ///< the leaf needs D
  found_page page{};
};

/// The layout table: does this bit of a present entry have to be zero, and by which rule?
inline auto must_be_zero(const domain& d, unsigned level, bool leaf, int bit) -> std::optional<rule> {
  if (bit == 63) return d.nxe ? std::nullopt : std::optional{rule::PAG_RSV_08};
  if (bit >= 52) return std::nullopt;       // available to software, protection key
  if (bit == d.c_bit) return std::nullopt;  // PAG-RSV-04, PAG-RSV-05
  if (bit >= static_cast<int>(d.width)) return rule::PAG_RSV_02;
  if (level >= 4 && bit == 8) return rule::PAG_ENT_03;
  if (level >= 4 && bit == 7) return rule::PAG_RSV_01;
  if (level == 3 && bit == 7 && !d.gb_pages) return rule::PAG_RSV_01;
  if (level == 3 && leaf && bit >= 13 && bit <= 29) return rule::PAG_RSV_01;
  if (level == 2 && leaf && bit >= 13 && bit <= 20) return rule::PAG_RSV_01;
  return std::nullopt;
}

inline auto reserved_reasons(const domain& d, const step& s) -> std::set<rule> {
  std::set<rule> reasons{};
  for (int bit = 0; bit < 64; ++bit)
    if (bit_of(*s.raw, bit))
      if (const auto why = must_be_zero(d, s.level, s.leaf, bit)) reasons.insert(*why);
  return reasons;
}

inline auto index_of(u64 address, unsigned level) -> u64 {  // PAG-MODE-07
  return (address >> (12 + 9 * (level - 1))) % 512;
}

/// Part 1: the path below one table, judging nothing. It ends where there is nothing more to follow.
/// @param locate  fills in where a slot is and with which key it is read; false if it has no place
template <class Locate>
void collect(const word_memory& memory, traversal& path, u64 address, unsigned level, u64 table, bool table_c,
             const Locate& locate) {
  step s{.level = level, .slot = table + 8 * index_of(address, level)};
  const bool located = locate(s, table_c);
  if (located) s.raw = memory.look(s.where);
  const bool present = s.raw && bit_of(*s.raw, 0);
  s.leaf = present && (level == 1 || (level <= 3 && bit_of(*s.raw, 7)));  // PAG-MODE-05
  path.steps.push_back(s);
  if (!present || s.leaf) return;
  const domain& d = path.rules;
  collect(memory, path, address, level - 1, stripped(d, *s.raw & 0x000f'ffff'ffff'f000),
          d.c_bit >= 0 && bit_of(*s.raw, d.c_bit), locate);
}

/// Part 2: the first failure from the top (PAG-PRI-02), else the page.
/// @param fail     makes this stage's fault from P and RSVD
/// @param permits  the permission checks: every violated rule, and whether PK is one
template <class Fail, class Permits>
void judge(traversal& path, u64 address, const Fail& fail, const Permits& permits) {
  const domain& d = path.rules;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const step& s = path.steps[i];
    if (s.nested && s.nested->fault) {
      path.fault = s.nested->fault;
    } else if (!s.raw) {
      path.fault = verdict{fault_kind::no_memory, 0, s.where, {rule::none}};
    } else if (!bit_of(*s.raw, 0)) {
      path.fault = fail(false, false, false, std::set{rule::PAG_ENT_02});
    } else if (const auto reasons = reserved_reasons(d, s); !reasons.empty()) {
      path.fault = fail(true, true, false, reasons);  // PAG-PF-02
    }
    if (path.fault) {
      path.steps.resize(i + 1);
      return;
    }
  }

  found_page& page = path.page;  // PAG-PERM-08
  for (const step& s : path.steps) {
    page.writable = page.writable && bit_of(*s.raw, 1);
    page.user = page.user && bit_of(*s.raw, 2);
    page.no_execute = page.no_execute || bit_of(*s.raw, 63);
  }
  const step& last = path.steps.back();
  page.leaf = *last.raw;
  page.size = last.level == 1 ? page_size::k4k : last.level == 2 ? page_size::k2m : page_size::k1g;
  page.c = d.c_bit >= 0 && bit_of(*last.raw, d.c_bit);
  u64 where = stripped(d, *last.raw & 0x000f'ffff'ffff'f000);
  const int offset_bits = last.level == 1 ? 12 : last.level == 2 ? 21 : 30;
  for (int bit = 0; bit < offset_bits; ++bit)
    where = bit_of(address, bit) ? with_bit(where, bit) : without_bit(where, bit);
  page.where = where;

  const std::set<rule> violated = permits(page, *last.raw);
  if (!violated.empty()) {
    const bool key = violated.contains(rule::PAG_PERM_06);
    path.fault = fail(true, false, key, key ? std::set{rule::PAG_PERM_06} : violated);
  }
}

/// Permissions of host and guest tables: every rule that the access violates.
inline auto violated_permissions(const domain& d, const found_page& page, u64 leaf, const memory_access& why)
    -> std::set<rule> {
  std::set<rule> violated;
  const bool user = why.level.value == 3 && !why.implicit_supervisor;
  const bool fetch = why.kind == access_kind::execute;
  const bool write = why.kind == access_kind::write;
  const bool data = !fetch;
  if (user && !page.user) violated.insert(rule::PAG_PERM_01);
  if (write && !page.writable && (user || d.wp)) violated.insert(rule::PAG_PERM_02);
  if (fetch && page.no_execute) violated.insert(rule::PAG_PERM_03);
  if (d.smep && !user && fetch && page.user) violated.insert(rule::PAG_PERM_04);
  if (d.smap && !user && data && page.user) {
    const bool implicit_case = why.implicit_supervisor;
    const bool explicit_case = why.level.value < 3 && !why.alignment_check;
    if (implicit_case || explicit_case) violated.insert(rule::PAG_PERM_05);
  }
  if (d.pke && data && page.user) {
    const int key = static_cast<int>(leaf >> 59) % 16;
    if (bit_of(why.pkru, 2 * key)) violated.insert(rule::PAG_PERM_06);
    if (bit_of(why.pkru, 2 * key + 1) && write && (user || d.wp)) violated.insert(rule::PAG_PERM_06);
  }
  return violated;
}

/// #PF with its error code (table of section 1.7).
inline auto page_fault(const domain& d, u64 linear, const memory_access& why, bool present, bool reserved_bit, bool key,
                       std::set<rule> reasons) -> verdict {
  u64 code = 0;
  if (present) code = with_bit(code, 0);
  if (why.kind == access_kind::write) code = with_bit(code, 1);
  if (why.level.value == 3 && !why.implicit_supervisor) code = with_bit(code, 2);
  if (reserved_bit) code = with_bit(code, 3);
  if (why.kind == access_kind::execute && (d.nxe || d.smep)) code = with_bit(code, 4);
  if (key) code = with_bit(code, 5);
  return {fault_kind::pf, code, linear, std::move(reasons)};
}

/// The canonical check (PAG-CAN-01, PAG-CAN-04): does the reference touch a byte of the hole?
inline auto canonical_fault(unsigned levels, u64 address, const memory_access& why) -> std::optional<verdict> {
  const u64 hole_begin = u64{1} << (levels == 5 ? 56 : 47);
  const u64 hole_end = u64{0} - hole_begin;  // one past
  const u64 last = address + (why.bytes - 1);
  const auto in_hole = [&](u64 byte) { return byte >= hole_begin && byte < hole_end; };
  if (!in_hole(address) && !in_hole(last)) return std::nullopt;  // a reference is far shorter than the hole
  const rule reason = in_hole(address) ? rule::PAG_CAN_01 : rule::PAG_CAN_04;
  return verdict{why.through_ss ? fault_kind::ss : fault_kind::gp, 0, 0, {reason}};
}

// ----- nested stage --------------------------------------------------------------------------------------------------

enum class purpose { guest_table, final_gpa };

inline auto key_by_c(bool c) -> memory_key { return c ? memory_key::host() : memory_key::none(); }

/// All that does not change during one access.
struct scene {
  const word_memory& memory;
  const cpu_part& part;
  const guest_entry_state& state;
  const implementation_choices& choices;
};

/// Translates a gPA (section 3.8, `nested`).
inline auto nested_traversal(const scene& in, u64 gpa, purpose why, access_kind kind, bool enc) -> traversal {
  traversal path{.rules = nested_domain(in.part, in.state)};
  const bool write = why == purpose::guest_table || kind == access_kind::write;  // PAG-NPT-11
  const bool fetch = why == purpose::final_gpa && kind == access_kind::execute;
  path.writes = write;

  const auto fail = [&](bool present, bool reserved_bit, bool, std::set<rule> reasons) -> verdict {
    if (reserved_bit && is_sev_es(in.state)) return {fault_kind::vc, 0x400, 0, {rule::PAG_NPF_12}};
    u64 code = with_bit(0, 2);
    if (present) code = with_bit(code, 0);
    if (write) code = with_bit(code, 1);
    if (reserved_bit) code = with_bit(code, 3);
    const bool host_nxe_or_smep = bit_of(in.state.host.efer, 11) || bit_of(in.state.host.cr4, 20);
    if (fetch && (host_nxe_or_smep || !in.choices.npf_id_requires_nx_or_smep)) code = with_bit(code, 4);
    code = with_bit(code, why == purpose::final_gpa ? 32 : 33);
    const bool silicon = in.choices.report_enc_bit == enc_bit::on_snp_capable_silicon && in.part.snp_capable;
    const bool enabled = in.choices.report_enc_bit == enc_bit::only_with_snp_enabled && bit_of(in.state.syscfg, 24);
    if (enc && (silicon || enabled)) code = with_bit(code, 34);
    return {fault_kind::npf, code, gpa, std::move(reasons)};  // PAG-NPF-05
  };

  const int index_bits = path.rules.levels == 5 ? 57 : 48;
  if ((gpa >> index_bits) != 0 && in.choices.npt_high_gpa == high_gpa::npf_not_present) {
    path.fault = fail(false, false, false, {rule::PAG_NPT_21});
    return path;
  }

  collect(in.memory, path, gpa, path.rules.levels, path.rules.root, path.rules.root_c, [](step& s, bool table_c) {
    s.where = s.slot;
    s.key = key_by_c(table_c);  // PAG-KEY-04, PAG-KEY-07
    return true;
  });
  judge(path, gpa, fail, [&](const found_page& page, u64) {
    std::set<rule> violated;
    if (why == purpose::guest_table) {
      if (!page.user || !page.writable) violated.insert(rule::PAG_NPT_11);
    } else {
      if (!page.user) violated.insert(rule::PAG_NPT_13);
      if ((write && !page.writable) || (fetch && page.no_execute)) violated.insert(rule::PAG_NPF_02);
    }
    return violated;
  });
  return path;
}

// ----- part 3: what becomes visible ----------------------------------------------------------------------------------

struct event {
  const step* entry{};
  stage tables{};
  int wanted = -1;  ///< -1: the entry is read; else the number of bits wanted: 1 A, 2 A and D
};

/// The story of one stage. Updates that wait for its success are appended to `late` in order, the leaf last.
inline void tell(const traversal& path, const implementation_choices& choices, std::vector<event>& story,
                 std::vector<event>& late) {
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const step& s = path.steps[i];
    if (s.nested) {
      std::vector<event> after_nested;
      tell(*s.nested, choices, story, after_nested);
      if (s.nested->fault) return;
      story.insert(story.end(), after_nested.begin(), after_nested.end());
    }
    if (!s.raw) return;
    story.push_back({&s, path.rules.tables});
    const bool failed_here = path.fault && i + 1 == path.steps.size();
    if (failed_here) return;  // P=0, reserved, or the leaf was not permitted
    const event mark{&s, path.rules.tables, s.leaf && path.writes ? 2 : 1};
    if (s.leaf || choices.ad_policy == ad_update::deferred) {
      late.push_back(mark);  // PAG-AD-05
    } else {
      story.push_back(mark);
    }
  }
}

/// Acts the story out.
inline void replay(const std::vector<event>& story, answer& result) {
  std::map<const step*, u64> as_read;
  for (const event& e : story) {
    const u64 now = *result.after.look(e.entry->where);
    if (e.wanted < 0) {
      as_read[e.entry] = now;
      result.reads.push_back({e.tables, e.entry->level, e.entry->where, e.entry->key, now});
      continue;
    }
    const u64 bits = e.wanted == 2 ? 0x60 : 0x20;
    if ((as_read[e.entry] & bits) == bits) continue;
    if (as_read[e.entry] != now) result.raced = true;  // PAG-AD-04
    if ((now & bits) == bits) continue;
    result.after.words[e.entry->where] = now | bits;
    result.updates.push_back({e.tables, e.entry->level, e.entry->where, now, now | bits});
  }
}

/// The leaf as the walk read it: an earlier part of the same access may have set its A or D.
inline auto leaf_as_read(const answer& result, const traversal& path) -> u64 {
  const step& leaf = path.steps.back();
  for (auto read = result.reads.rbegin(); read != result.reads.rend(); ++read)
    if (read->where == leaf.where && read->level == leaf.level && read->tables == path.rules.tables) return read->raw;
  return 0;
}

/// How an answer of one stage alone ends: everything told and acted out, then the fault or the page.
inline void finish_single_stage(answer& result, const traversal& path, const implementation_choices& choices) {
  std::vector<event> story, late;
  tell(path, choices, story, late);
  if (!path.fault) story.insert(story.end(), late.begin(), late.end());
  replay(story, result);
  result.fault = path.fault;
  if (result.fault) return;
  result.page = path.page;
  result.page.leaf = leaf_as_read(result, path);
  result.size = path.page.size;
}

// ----- the three translations ----------------------------------------------------------------------------------------

/// Outside guest mode.
inline auto translate_host(const word_memory& memory, const cpu_part& part, const control_registers& regs, u64 syscfg,
                           const implementation_choices& choices, u64 address, const memory_access& why) -> answer {
  answer result{.after = memory};
  traversal path{.rules = host_domain(part, regs, syscfg)};
  const domain& d = path.rules;
  if (d.levels == 0) {                             // PAG-MODE-01, PAG-ENC-06
    result.page.where = address % (u64{1} << 32);  // PAG-CAN-02
    result.key = memory_key::none();
    result.size = page_size::unlimited;
    return result;
  }
  result.fault = canonical_fault(d.levels, address, why);
  if (result.fault) return result;

  path.writes = why.kind == access_kind::write;
  collect(memory, path, address, d.levels, d.root, d.root_c, [](step& s, bool table_c) {
    s.where = s.slot;
    s.key = key_by_c(table_c);  // PAG-KEY-02
    return true;
  });
  judge(
      path, address,
      [&](bool p, bool r, bool k, std::set<rule> reasons) { return page_fault(d, address, why, p, r, k, reasons); },
      [&](const found_page& page, u64 leaf) { return violated_permissions(d, page, leaf, why); });

  finish_single_stage(result, path, choices);
  if (result.fault) return result;
  result.key = key_by_c(path.page.c);
  return result;
}

/// A gPA by itself.
inline auto translate_gpa(const word_memory& memory, const cpu_part& part, const guest_entry_state& state,
                          const implementation_choices& choices, u64 gpa, access_kind kind, bool effective_c)
    -> answer {
  answer result{.after = memory};
  const bool sev = is_sev(state);
  const u64 stripped_gpa = sev ? without_bit(gpa, static_cast<int>(part.c_bit)) : gpa;  // PAG-NPT-19
  const traversal path =
      nested_traversal({memory, part, state, choices}, stripped_gpa, purpose::final_gpa, kind, sev && effective_c);
  finish_single_stage(result, path, choices);
  return result;
}

/// In guest mode (section 3.8, `translate`).
inline auto translate_guest(const word_memory& memory, const cpu_part& part, const guest_entry_state& state,
                            const implementation_choices& choices, u64 address, const memory_access& why) -> answer {
  answer result{.after = memory};
  const scene in{memory, part, state, choices};
  const bool sev = is_sev(state);
  traversal path{.rules = guest_domain(part, state)};
  const domain& d = path.rules;
  const bool paging = d.levels != 0;
  if (paging) result.fault = canonical_fault(d.levels, address, why);
  if (result.fault) return result;

  if (paging) {
    path.writes = why.kind == access_kind::write;
    collect(memory, path, address, d.levels, d.root, d.root_c, [&](step& s, bool) {
      s.nested = std::make_shared<traversal>(nested_traversal(in, s.slot, purpose::guest_table, why.kind, sev));
      if (s.nested->fault) return false;
      s.where = s.nested->page.where;
      s.key = sev ? memory_key::guest(state.id) : key_by_c(s.nested->page.c);  // PAG-KEY-03, PAG-KEY-06
      return true;
    });
    judge(
        path, address,
        [&](bool p, bool r, bool k, std::set<rule> reasons) { return page_fault(d, address, why, p, r, k, reasons); },
        [&](const found_page& page, u64 leaf) { return violated_permissions(d, page, leaf, why); });
  } else {
    path.page.where = address % (u64{1} << 32);  // PAG-NPT-15, PAG-CAN-02
  }

  std::vector<event> story, late;
  tell(path, choices, story, late);
  for (const step& s : path.steps) {
    if (s.raw) ++result.guest_reads;
    if (s.nested) result.nested_reads.push_back(static_cast<unsigned>(s.nested->steps.size()));
  }
  if (path.fault) {
    replay(story, result);
    result.fault = path.fault;
    return result;
  }

  bool c = false;  // PAG-KEY-05, 08, 09
  if (sev) c = why.kind == access_kind::execute || !paging || path.page.c;
  const traversal last = nested_traversal(in, path.page.where, purpose::final_gpa, why.kind, c);
  result.nested_reads.push_back(static_cast<unsigned>(last.steps.size()));

  if (choices.guest_ad_before_final_npf) story.insert(story.end(), late.begin(), late.end());
  std::vector<event> after_last;
  tell(last, choices, story, after_last);
  if (!last.fault) {
    story.insert(story.end(), after_last.begin(), after_last.end());
    if (!choices.guest_ad_before_final_npf) story.insert(story.end(), late.begin(), late.end());
  }
  replay(story, result);
  result.fault = last.fault;
  if (result.fault) return result;

  result.guest = path.page;
  if (paging) result.guest.leaf = leaf_as_read(result, path);
  result.page = last.page;
  result.page.leaf = leaf_as_read(result, last);
  result.size = std::min(path.page.size, last.page.size);  // PAG-NPT-18
  result.effective_c = c;
  result.key = c ? memory_key::guest(state.id) : key_by_c(last.page.c);
  return result;
}

}  // namespace slow
}  // namespace sevspec::test

#endif
