// SPDX-License-Identifier: MIT
// The twin: a second translation of host, guest and guest-physical addresses, written from the rule texts without the
// library's walks, masks or permission checks. It shares plain types with the library and no logic. Slow and simple:
//
//   1. collect  follow the pointers from the root and write down the whole path, judging nothing;
//   2. judge    go over the path from the top, and cut it where the first check fails;
//   3. perform  tell the path as a story of reads, questions to page owners and wanted A/D bits, and act it out on the
//               memory until an act fails.
//
// Where the order of A/D updates leaves no freedom the twin is exact, down to the order of references. An entry that
// one access both changes and has read before (tables that contain themselves) makes hardware walk again (PAG-AD-04);
// how many references that takes is not stated anywhere, so such answers are marked `raced`. Where A or D itself is
// judged (shadow stacks, PDPEs of PAE tables, entries of different sizes on top of each other), such an answer is
// `unclear` altogether.
//
// Page-modification logging is left out.
#ifndef SEVSPEC_TESTS_SUPPORT_SLOW_WALK_HPP
#define SEVSPEC_TESTS_SUPPORT_SLOW_WALK_HPP

#include <algorithm>
#include <cstdint>
#include <functional>
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
#include <sevspec/rmp/entry.hpp>

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

/// The Reverse Map Table as a list: entries of 4K pages by their address, those of 2M pages at their base. Pages that
/// are not listed are not covered.
using owner_list = std::map<u64, rmp::entry>;

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

/// Of an entry of four bytes: the word that it lies in.
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
  /// The same, of a walker that translates a guest entry's gPA once more to ask the page's owner before it sets A or D.
  /// The references of that question are not part of PAG-CNT-01, and nobody says that they are not made.
  std::vector<entry_read> reads_with_questions{};
  std::vector<entry_update> updates{};
  word_memory after{};
  bool raced = false;
  bool unclear = false;
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
  enum class form { off, two_levels, pae, long_mode };
  stage tables{};
  form format = form::off;
  unsigned levels{};  ///< 0: paging off
  unsigned entry_bytes = 8;
  u64 root{};
  bool root_c{};
  unsigned width{};         ///< PAG-RSV-03 to 06
  int c_bit = -1;           ///< where legal
  int vtom_bit = -1;        ///< the C-bit where virtual TOM forbids it (PAG-RSV-07)
  unsigned pse36_bits = 8;  ///< address bits above 31 that a 4M page can have
  bool nxe{}, wp{}, smep{}, smap{}, pke{}, pse{}, uaie{}, gb_pages{};

  [[nodiscard]] auto is(form f) const -> bool { return format == f; }
};

inline auto stripped(const domain& d, u64 address) -> u64 {  // PAG-ENC-02
  return d.c_bit < 0 ? address : without_bit(address, d.c_bit);
}

inline auto domain_of(stage tables, const cpu_part& part, const control_registers& regs, u64 cr3, bool c_legal,
                      unsigned width, pse36_width pse36) -> domain {
  domain d{.tables = tables, .width = width};
  if (!bit_of(regs.cr0, 31)) return d;  // PAG-MODE-01
  const bool pae = bit_of(regs.cr4, 5);
  const bool lma = bit_of(regs.efer, 10);
  d.wp = bit_of(regs.cr0, 16);
  d.smep = bit_of(regs.cr4, 20);
  d.smap = bit_of(regs.cr4, 21);
  d.nxe = pae && bit_of(regs.efer, 11);
  if (!pae) {  // PAG-MODE-02, PAG-CR3-04
    d.format = domain::form::two_levels;
    d.levels = 2;
    d.entry_bytes = 4;
    d.pse = bit_of(regs.cr4, 4);
    d.pse36_bits = pse36 == pse36_width::bits_40 ? 8 : pse36 == pse36_width::bits_36 ? 4 : 0;
    d.root = cr3 & 0xffff'f000;
    return d;
  }
  d.c_bit = c_legal ? static_cast<int>(part.c_bit) : -1;
  if (!lma) {  // PAG-MODE-03, PAG-CR3-04
    d.format = domain::form::pae;
    d.levels = 3;
    d.root = cr3 & 0xffff'ffe0;
    return d;
  }
  d.format = domain::form::long_mode;
  d.levels = bit_of(regs.cr4, 12) ? 5 : 4;            // PAG-MODE-04
  d.root = stripped(d, cr3 & 0x000f'ffff'ffff'f000);  // PAG-CR3-01
  d.root_c = c_legal && bit_of(cr3, d.c_bit);
  d.pke = bit_of(regs.cr4, 22);
  d.uaie = bit_of(regs.efer, 20);
  d.gb_pages = part.gb_pages;
  return d;
}

inline auto encryption_on(u64 syscfg) -> bool { return bit_of(syscfg, 23); }  // PAG-SYSCFG-02
inline auto snp_on(u64 syscfg) -> bool { return bit_of(syscfg, 24); }

inline auto host_width(const cpu_part& part, u64 syscfg) -> unsigned {  // PAG-RSV-03, PAG-RSV-04
  return encryption_on(syscfg) ? part.pa_bits - part.reduction : part.pa_bits;
}

inline auto host_domain(const cpu_part& part, const control_registers& regs, u64 syscfg,
                        const implementation_choices& choices = {}) -> domain {
  return domain_of(stage::host, part, regs, regs.cr3, encryption_on(syscfg), host_width(part, syscfg),
                   choices.pse36_bits);
}
inline auto nested_domain(const cpu_part& part, const guest_entry_state& state,
                          const implementation_choices& choices = {}) -> domain {  // PAG-NPT-01
  return domain_of(stage::nested, part, state.host, state.ncr3, encryption_on(state.syscfg),
                   host_width(part, state.syscfg), choices.pse36_bits);
}
inline auto is_sev(const guest_entry_state& state) -> bool {  // PAG-SEVEN-02
  return encryption_on(state.syscfg) && bit_of(state.np_control, 1);
}
inline auto is_sev_es(const guest_entry_state& state) -> bool { return is_sev(state) && bit_of(state.np_control, 2); }
inline auto is_snp(const guest_entry_state& state) -> bool {
  return is_sev_es(state) && snp_on(state.syscfg) && bit_of(state.sev_features, 0);
}
inline auto has_vtom(const guest_entry_state& state) -> bool { return is_snp(state) && bit_of(state.sev_features, 1); }
inline auto has_vmpl_sss(const guest_entry_state& state) -> bool {
  return is_snp(state) && bit_of(state.sev_features, 8);
}
inline auto has_gmet(const cpu_part& part, const guest_entry_state& state) -> bool {  // PAG-GMET-01
  return part.gmet && bit_of(state.np_control, 3);
}
inline auto has_sss_check(const cpu_part& part, const guest_entry_state& state) -> bool {  // PAG-SSS-01
  return part.sss_check && bit_of(state.np_control, 4) && bit_of(state.host.cr4, 5) && bit_of(state.host.efer, 11);
}
inline auto has_vte(const cpu_part& part, const guest_entry_state& state) -> bool {  // PAG-KEY-14
  return part.vte && is_sev(state) && !is_sev_es(state) && bit_of(state.np_control, 5);
}
inline auto has_rogpt(const cpu_part& part, const guest_entry_state& state) -> bool {  // PAG-NPT-14
  return part.rogpt && bit_of(state.np_control, 6);
}
inline auto guest_domain(const cpu_part& part, const guest_entry_state& state,
                         const implementation_choices& choices = {}) -> domain {  // PAG-RSV-05, PAG-RSV-06
  domain d =
      domain_of(stage::guest, part, state.guest, state.guest.cr3, is_sev(state), part.pa_bits, choices.pse36_bits);
  if (has_vtom(state) && d.c_bit >= 0) {
    d.vtom_bit = d.c_bit;
    d.c_bit = -1;
  }
  return d;
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
  const bool lma = bit_of(regs.efer, 10);
  if (!bit_of(regs.cr0, 0) && (lma || who != "guest ")) object(inconsistent, "CR0");                    // PAG-MODE-08
  if (lma && !nested && bit_of(regs.efer, 20) && !part.upper_address_ignore) object(reserved, "EFER");  // PAG-CAN-03
  if (lma && !bit_of(regs.cr4, 5)) object(inconsistent, "CR4");                                         // PAG-MODE-04
  if (lma && bit_of(regs.cr4, 12) && !part.la57) object(reserved, "CR4");
  for (int bit = 0; bit < 64; ++bit) {
    const bool c = c_legal && lma && bit == static_cast<int>(part.c_bit);           // PAG-ENC-CR3, PAG-CR3-04
    const bool must_be_zero = bit >= 52 || (bit >= static_cast<int>(width) && !c);  // PAG-CR3-01, PAG-CR3-03
    if (must_be_zero && bit_of(cr3, bit)) found.push_back({reserved, nested ? "nCR3" : who + "CR3"});
  }
  return found;
}

inline auto objections_to_syscfg(const cpu_part& part, u64 syscfg) -> std::vector<objection> {
  std::vector<objection> found;
  if (snp_on(syscfg) && !part.snp_capable) found.push_back({register_error::kind::reserved, "SYSCFG"});
  if (bit_of(syscfg, 26)) found.push_back({register_error::kind::not_modelled, "SYSCFG"});
  return found;
}

inline void append(std::vector<objection>& to, const std::vector<objection>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// Everything wrong with a host's registers.
inline auto objections(const cpu_part& part, const control_registers& regs, u64 syscfg) -> std::vector<objection> {
  auto found = objections_to_part(part, encryption_on(syscfg));
  append(found, objections_to_syscfg(part, syscfg));
  if (!found.empty()) return found;
  return objections_to_registers(part, regs, regs.cr3, "", encryption_on(syscfg), host_width(part, syscfg));
}

/// Everything wrong with a guest's registers and its VMCB (PAG-NPT-02, PAG-SEVEN-01), and the modes not modelled.
inline auto objections(const cpu_part& part, const guest_entry_state& state, const implementation_choices& choices = {})
    -> std::vector<objection> {
  using enum register_error::kind;
  auto found = objections_to_part(part, encryption_on(state.syscfg));
  const bool part_is_bad = !found.empty();
  append(found, objections_to_syscfg(part, state.syscfg));
  if (!bit_of(state.np_control, 0))
    found.push_back({is_sev(state) || bit_of(state.np_control, 4) ? reserved : not_modelled, "VMCB 090h"});
  if (is_snp(state) && bit_of(state.sev_features, 8) && bit_of(state.np_control, 4))
    found.push_back({reserved, "VMSA 3B0h"});
  if (is_snp(state) && state.level.value > 3) found.push_back({inconsistent, "VMSA 0CAh"});
  for (int field = 0; field < 8; ++field) {
    const u64 type = state.g_pat >> (8 * field) & 0xff;
    if (type == 2 || type == 3 || type > 7) found.push_back({reserved, "G_PAT"});
  }
  if (!bit_of(state.host.cr0, 31)) found.push_back({reserved, "host CR0"});
  if (state.id.value == 0) found.push_back({reserved, "VMCB 058h"});
  if (is_sev(state) && state.id.value > part.encrypted_guests) found.push_back({reserved, "VMCB 058h"});
  if (is_sev(state) && !is_sev_es(state) && state.id.value < part.min_sev_no_es_asid)
    found.push_back({reserved, "VMCB 058h"});
  if (is_sev_es(state) && !part.sev_es) found.push_back({reserved, "VMCB 090h"});
  if (part_is_bad) return found;
  append(found, objections_to_registers(part, state.host, state.ncr3, "host ", encryption_on(state.syscfg),
                                        host_width(part, state.syscfg)));
  append(found, objections_to_registers(part, state.guest, state.guest.cr3, "guest ", is_sev(state), part.pa_bits));
  if (has_vtom(state) && choices.vtom_root_c == vtom_root_c_bit::reserved &&
      bit_of(state.guest.cr3, static_cast<int>(part.c_bit)))
    found.push_back({reserved, "guest CR3"});
  return found;
}

// ----- whose page it is ----------------------------------------------------------------------------------------------

/// rmp.md, section 4.2. A walker's update of an entry is a write of 4K.
enum class touch { read, write, fetch, walker_read, walker_write };

struct owner_question {
  u64 where{};
  u64 gpa{};
  page_size leaf = page_size::k4k;
  touch what{};
  bool shadow_stack{};
  bool user{};
  bool c{};
};

struct requester {
  bool guest{};  ///< on its own behalf, not that of the walker in nested tables
  bool snp{};
  bool in_use_allowed{};  ///< CPUID HvInUseWrAllowed
  std::uint32_t id{};
  unsigned level{};
  bool vmpl_sss{};
};

struct owner_answer {
  enum class kind { fine, violation, not_validated, no_permission };
  kind what = kind::fine;
  std::set<rule> reasons{};
  bool sss{};  ///< the permission mask's SSS bit
};

inline auto touch_of(access_kind kind) -> touch {
  if (kind == access_kind::execute) return touch::fetch;
  return kind == access_kind::write || kind == access_kind::shadow_stack_write ? touch::write : touch::read;
}

inline auto ask_owner(const owner_list& owners, const requester& who, const owner_question& q,
                      const implementation_choices& choices) -> owner_answer {
  using enum owner_answer::kind;
  const u64 page = q.where & ~u64{0xfff};
  const u64 region = q.where & ~u64{0x1f'ffff};
  const bool walker = q.what == touch::walker_read || q.what == touch::walker_write;
  const auto base = owners.find(region);
  const bool large = base != owners.end() && base->second.large;

  const bool data = q.what == touch::read || q.what == touch::write;
  if (!who.snp || (!q.c && data)) {
    bool needs = q.what == touch::write || q.what == touch::walker_write;
    if (q.what == touch::walker_read) needs = choices.ptw_read_check == walker_check::every_access;
    if (who.snp && q.what == touch::read) needs = choices.strict_shared_read;
    if (!needs && who.guest && choices.in_use_denies_guest_reads) {  // RMP-CHK-15
      const auto one = owners.find(large ? region : page);
      if (one != owners.end() && one->second.in_use) return {violation, {rule::RMP_CHK_15}};
    }
    if (!needs) return {};
    const bool whole_region = large || (q.leaf != page_size::k4k && q.what != touch::walker_write);
    for (const auto& [where, one] : owners) {
      const bool touched = whole_region ? (where & ~u64{0x1f'ffff}) == region : where == page;
      const bool held = where == (large ? region : page) && one.in_use && !who.in_use_allowed;
      if ((touched && one.assigned) || held)
        return {violation, {rule::RMP_CHK_01, rule::RMP_CHK_06, rule::RMP_CHK_08, rule::RMP_CHK_15}};
    }
    return {};
  }

  const auto found = large ? base : owners.find(page);
  const auto bad = [](rule why) { return owner_answer{violation, {why, rule::RMP_CHK_01}}; };
  if (found == owners.end()) return bad(rule::RMP_CHK_01);
  const rmp::entry& one = found->second;
  if (!one.assigned || one.id.value != who.id) return bad(rule::RMP_CHK_01);
  if (one.immutable) return bad(rule::RMP_CHK_01);
  if (one.in_use) return bad(rule::RMP_CHK_15);
  const u64 offset = large ? 0x1f'ffff : 0xfff;
  if (one.guest.value != (q.gpa & ~offset)) return bad(rule::RMP_CHK_01);
  if (large && ((q.gpa ^ q.where) & 0x1f'f000) != 0) return bad(rule::RMP_CHK_01);
  if (large != (q.leaf != page_size::k4k)) return bad(rule::RMP_CHK_10);
  if (!one.validated) return {not_validated, {rule::PAG_RMPS_08}};

  const unsigned mask = one.allowed[who.level].raw;
  const auto has = [&](unsigned bits) { return (mask & bits) == bits; };
  constexpr unsigned r = 1, w = 2, xu = 4, xs = 8, sss = 16;
  bool allowed = true;
  if (q.what == touch::read) allowed = has(r);
  if (q.what == touch::write) allowed = has(w);
  if (q.what == touch::fetch) allowed = has(q.user ? xu : xs);
  if (q.what == touch::walker_read) allowed = has(choices.rmp_gpt_vmpl_perm == table_vmpl::read_write ? r | w : r);
  if (q.what == touch::walker_write) allowed = has(choices.rmp_gpt_vmpl_perm == table_vmpl::read_write ? r | w : w);
  if (q.shadow_stack && !walker && !q.user && who.vmpl_sss) allowed = has(sss);
  if (!allowed) return {no_permission, {rule::RMP_VPL_01, rule::RMP_VPL_02}, has(sss)};
  return {};
}

// ----- one stage -----------------------------------------------------------------------------------------------------

struct traversal;

struct step {
  unsigned level{};
  u64 slot{};                                 ///< the entry's address in the space the tables lie in
  std::shared_ptr<const traversal> nested{};  ///< guest tables: how the slot was translated
  u64 where{};                                ///< the entry's sPA
  memory_key key{};
  std::optional<u64> raw{};
  bool leaf{};
};

struct traversal {
  domain rules;
  std::vector<step> steps{};
  std::optional<verdict> fault{};
  bool writes{};  ///< the leaf needs D
  bool shadow_stack{};
  bool sss{};  ///< nested tables: a supervisor shadow-stack page (PAG-SSS-02)
  found_page page{};
};

/// An entry's bits in the word that holds it.
inline auto entry_in(const domain& d, u64 where, u64 word) -> u64 {
  return d.entry_bytes == 8 ? word : word >> (8 * (where & 4)) & 0xffff'ffff;
}

/// The layout table: by which rules does this bit of a present entry have to be zero?
inline auto must_be_zero(const domain& d, unsigned level, bool leaf, int bit) -> std::set<rule> {
  if (d.is(domain::form::two_levels)) {  // PAG-RSV-10
    if (level != 2 || !leaf) return {};
    if (bit == 21) return {rule::PAG_RSV_01, rule::PAG_ENT_04};
    const int address_bit = bit + 19;
    if (bit < 13 || bit > 20) return {};
    if (address_bit >= 32 + static_cast<int>(d.pse36_bits)) return {rule::PAG_RSV_01, rule::PAG_ENT_04};
    // PAG-RSV-02 speaks of bits 51:W of an entry; its reason, that there is no such address, holds here, too.
    if (address_bit >= static_cast<int>(d.width)) return {rule::PAG_RSV_01, rule::PAG_RSV_02};
    return {};
  }
  const bool pae = d.is(domain::form::pae);
  if (bit == 63) {
    std::set<rule> found;
    if (!d.nxe) found.insert(rule::PAG_RSV_08);
    if (pae && level == 3) found.insert(rule::PAG_RSV_01);
    return found;
  }
  if (bit >= 52 && pae) return {rule::PAG_RSV_01};
  if (bit >= 52) return {};  // available to software, protection key
  if (bit == d.vtom_bit) return {rule::PAG_RSV_07, rule::PAG_RSV_02};
  if (bit == d.c_bit) return {};  // PAG-RSV-04, PAG-RSV-05
  if (bit >= static_cast<int>(d.width)) return {rule::PAG_RSV_02};
  if (pae && level == 3 && (bit == 1 || bit == 2 || (bit >= 5 && bit <= 8))) return {rule::PAG_RSV_01};
  if (level >= 4 && bit == 8) return {rule::PAG_ENT_03};
  if (level >= 4 && bit == 7) return {rule::PAG_RSV_01};
  if (level == 3 && bit == 7 && !d.gb_pages) return {rule::PAG_RSV_01};
  if (level == 3 && leaf && bit >= 13 && bit <= 29) return {rule::PAG_RSV_01};
  if (level == 2 && leaf && bit >= 13 && bit <= 20) return {rule::PAG_RSV_01};
  return {};
}

inline auto reserved_reasons(const domain& d, const step& s) -> std::set<rule> {
  std::set<rule> reasons{};
  for (int bit = 0; bit < 64; ++bit)
    if (bit_of(*s.raw, bit)) reasons.merge(must_be_zero(d, s.level, s.leaf, bit));
  return reasons;
}

inline auto index_of(const domain& d, u64 address, unsigned level) -> u64 {  // PAG-MODE-07
  if (d.is(domain::form::two_levels)) return (address >> (12 + 10 * (level - 1))) % 1024;
  if (d.is(domain::form::pae) && level == 3) return (address >> 30) % 4;
  return (address >> (12 + 9 * (level - 1))) % 512;
}

/// Part 1: the path below one table, judging nothing. It ends where there is nothing more to follow.
/// @param locate  fills in where a slot is and with which key it is read; false if it has no place
template <class Locate>
void collect(const word_memory& memory, traversal& path, u64 address, unsigned level, u64 table, bool table_c,
             const Locate& locate) {
  const domain& d = path.rules;
  step s{.level = level, .slot = table + d.entry_bytes * index_of(d, address, level)};
  if (locate(s, table_c)) {
    s.raw = memory.look(s.where & ~u64{7});
    if (s.raw) s.raw = entry_in(d, s.where, *s.raw);
  }
  const bool present = s.raw && bit_of(*s.raw, 0);
  const bool large = present && bit_of(*s.raw, 7) &&
                     (d.is(domain::form::two_levels) ? d.pse : level == 2 || (level == 3 && !d.is(domain::form::pae)));
  s.leaf = present && (level == 1 || large);  // PAG-MODE-05
  path.steps.push_back(s);
  if (!present || s.leaf) return;
  collect(memory, path, address, level - 1, stripped(d, *s.raw & 0x000f'ffff'ffff'f000),
          d.c_bit >= 0 && bit_of(*s.raw, d.c_bit), locate);
}

/// Part 2: the first failure from the top (PAG-PRI-02), else the page.
/// @param fail     makes this stage's fault from P and RSVD
/// @param permits  the permission checks: every violated rule
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
    if (d.is(domain::form::pae) && s.level == 3) continue;  // has no rights
    page.writable = page.writable && bit_of(*s.raw, 1);
    page.user = page.user && bit_of(*s.raw, 2);
    page.no_execute = page.no_execute || bit_of(*s.raw, 63);
  }
  const step& last = path.steps.back();
  page.leaf = *last.raw;
  page.c = d.c_bit >= 0 && bit_of(*last.raw, d.c_bit);
  u64 where = stripped(d, *last.raw & 0x000f'ffff'ffff'f000);
  int offset_bits = 12;
  page.size = page_size::k4k;
  if (d.is(domain::form::two_levels) && last.level == 2) {
    page.size = page_size::k4m;
    offset_bits = 22;
    where |= (*last.raw >> 13 & 0xff) << 32;  // PAG-ENT-04
  } else if (last.level > 1) {
    page.size = last.level == 2 ? page_size::k2m : page_size::k1g;
    offset_bits = last.level == 2 ? 21 : 30;
  }
  for (int bit = 0; bit < offset_bits; ++bit)
    where = bit_of(address, bit) ? with_bit(where, bit) : without_bit(where, bit);
  page.where = where;

  const std::set<rule> violated = permits(path);
  if (!violated.empty()) {
    const bool key = violated.contains(rule::PAG_PERM_06);
    path.fault = fail(true, false, key, key ? std::set{rule::PAG_PERM_06} : violated);
  }
}

/// R/W of all entries above the leaf that have one.
inline auto pointers_writable(const traversal& path) -> bool {
  for (const step& s : path.steps) {
    const bool has_rights = !(path.rules.is(domain::form::pae) && s.level == 3);
    if (!s.leaf && has_rights && !bit_of(*s.raw, 1)) return false;
  }
  return true;
}

inline auto is_user(const memory_access& why) -> bool {
  return why.wruss || (why.level.value == 3 && !why.implicit_supervisor);
}
inline auto is_write(access_kind kind) -> bool {
  return kind == access_kind::write || kind == access_kind::shadow_stack_write;
}
inline auto on_shadow_stack(access_kind kind) -> bool {
  return kind == access_kind::shadow_stack_read || kind == access_kind::shadow_stack_write;
}

/// Permissions of host and guest tables: every rule that the access violates.
inline auto violated_permissions(const traversal& path, const memory_access& why) -> std::set<rule> {
  const domain& d = path.rules;
  const found_page& page = path.page;
  std::set<rule> violated;
  const bool user = is_user(why);
  const bool fetch = why.kind == access_kind::execute;
  const bool write = is_write(why.kind);
  const bool data = !fetch;
  if (d.pke && data && page.user) {
    const int key = static_cast<int>(page.leaf >> 59) % 16;
    if (bit_of(why.pkru, 2 * key)) violated.insert(rule::PAG_PERM_06);
    if (bit_of(why.pkru, 2 * key + 1) && write && (user || d.wp)) violated.insert(rule::PAG_PERM_06);
  }
  if (on_shadow_stack(why.kind)) {
    const bool is_one = !bit_of(page.leaf, 1) && bit_of(page.leaf, 6) && pointers_writable(path);
    if (!is_one || page.user != user) violated.insert(rule::PAG_PERM_07);
    return violated;
  }
  if (user && !page.user) violated.insert(rule::PAG_PERM_01);
  if (write && !page.writable && (user || d.wp)) violated.insert(rule::PAG_PERM_02);
  if (fetch && page.no_execute) violated.insert(rule::PAG_PERM_03);
  if (d.smep && !user && fetch && page.user) violated.insert(rule::PAG_PERM_04);
  if (d.smap && !user && data && page.user) {
    const bool implicit_case = why.implicit_supervisor;
    const bool explicit_case = why.level.value < 3 && !why.alignment_check;
    if (implicit_case || explicit_case) violated.insert(rule::PAG_PERM_05);
  }
  return violated;
}

/// #PF with its error code (table of section 1.7).
inline auto page_fault(const domain& d, u64 linear, const memory_access& why, bool present, bool reserved_bit, bool key,
                       std::set<rule> reasons) -> verdict {
  u64 code = 0;
  if (present) code = with_bit(code, 0);
  if (is_write(why.kind)) code = with_bit(code, 1);
  if (is_user(why)) code = with_bit(code, 2);
  if (reserved_bit) code = with_bit(code, 3);
  if (why.kind == access_kind::execute && (d.nxe || d.smep)) code = with_bit(code, 4);
  if (key) code = with_bit(code, 5);
  if (on_shadow_stack(why.kind)) code = with_bit(code, 6);
  return {fault_kind::pf, code, linear, std::move(reasons)};
}

inline auto has_64_bit_addresses(const domain& d, const memory_access& why) -> bool {
  return d.is(domain::form::long_mode) && !why.compatibility;
}
inline auto linear_address(const domain& d, u64 address, const memory_access& why) -> u64 {  // PAG-CAN-02
  return has_64_bit_addresses(d, why) ? address : address % (u64{1} << 32);
}

/// The canonical check (PAG-CAN-01, 03, 04): does the reference touch a byte of the hole?
inline auto canonical_fault(const domain& d, u64 address, const memory_access& why) -> std::optional<verdict> {
  if (!has_64_bit_addresses(d, why)) return {};
  const int top = d.levels == 5 ? 56 : 47;
  const bool ignores_upper = d.uaie && why.through_ds_or_es && !why.through_ss && !why.implicit_supervisor;
  const int last_bit = ignores_upper ? 56 : 63;
  const auto in_hole = [&](u64 byte) {
    for (int bit = top; bit < last_bit; ++bit)
      if (bit_of(byte, bit) != bit_of(byte, bit + 1)) return true;
    return false;
  };
  const u64 last = address + (why.bytes - 1);
  if (!in_hole(address) && !in_hole(last)) return std::nullopt;  // a reference is far shorter than the hole
  std::set<rule> reasons{in_hole(address) ? rule::PAG_CAN_01 : rule::PAG_CAN_04};
  if (ignores_upper) reasons.insert(rule::PAG_CAN_03);
  return verdict{why.through_ss ? fault_kind::ss : fault_kind::gp, 0, 0, std::move(reasons)};
}

// ----- nested stage --------------------------------------------------------------------------------------------------

enum class purpose { guest_table, final_gpa };

inline auto key_by_c(bool c) -> memory_key { return c ? memory_key::host() : memory_key::none(); }

/// All that does not change during one access.
struct scene {
  const word_memory& memory;
  const owner_list& owners;
  const cpu_part& part;
  const guest_entry_state& state;
  const implementation_choices& choices;
  u64 linear{};  ///< for CR2 of #VC 404h
};

struct nested_access {
  purpose why{};
  access_kind kind{};  ///< the guest's
  bool user{};         ///< the guest's
  bool enc{};
  bool update = false;  ///< guest tables: to set A or D
};

inline auto nested_write(const scene& in, const nested_access& a) -> bool {
  if (a.why == purpose::final_gpa) return is_write(a.kind);
  return a.update || !has_rogpt(in.part, in.state);  // PAG-NPT-11, PAG-NPT-14
}

/// EXITINFO1 (table of section 3.3).
inline auto exitinfo1(const scene& in, const nested_access& a, bool present, bool reserved_bit) -> u64 {
  const bool last = a.why == purpose::final_gpa;
  u64 code = 0;
  if (present) code = with_bit(code, 0);
  if (nested_write(in, a)) code = with_bit(code, 1);
  bool user = true;
  if (has_gmet(in.part, in.state)) {  // PAG-GMET-03
    if (last) user = in.choices.gmet_us_bit == gmet_user_bit::always || a.user;
    else user = in.choices.gmet_walk_us_bit;
  }
  if (user) code = with_bit(code, 2);
  if (reserved_bit) code = with_bit(code, 3);
  const bool host_nx = bit_of(in.state.host.efer, 11) && bit_of(in.state.host.cr4, 5);
  const bool host_nx_or_smep = host_nx || bit_of(in.state.host.cr4, 20);
  const bool fetch = last && a.kind == access_kind::execute;
  if (fetch && (host_nx_or_smep || !in.choices.npf_id_requires_nx_or_smep)) code = with_bit(code, 4);
  if (last && on_shadow_stack(a.kind)) code = with_bit(code, 6);
  code = with_bit(code, last ? 32 : 33);
  const bool silicon = in.choices.report_enc_bit == enc_bit::on_snp_capable_silicon && in.part.snp_capable;
  const bool enabled = in.choices.report_enc_bit == enc_bit::only_with_snp_enabled && snp_on(in.state.syscfg);
  if (a.enc && (silicon || enabled)) code = with_bit(code, 34);
  return code;
}

/// The same for a violation of page ownership (RMP-FLT-06).
inline auto rmp_exitinfo1(const scene& in, const nested_access& a, touch what) -> u64 {
  const u64 code = with_bit(exitinfo1(in, a, true, false), 31);
  if (a.why == purpose::final_gpa || in.choices.rmp_gpt_error_w) return code;
  return what == touch::walker_write ? code : without_bit(code, 1);
}

/// What the nested tables forbid: every rule that the access violates.
inline auto violated_nested(const scene& in, const nested_access& a, const traversal& path) -> std::set<rule> {
  const found_page& page = path.page;
  const bool gmet = has_gmet(in.part, in.state);
  const bool last = a.why == purpose::final_gpa;
  if (last && has_sss_check(in.part, in.state) && on_shadow_stack(a.kind) && !a.user) {  // PAG-SSS-03
    if (!path.sss) return {rule::PAG_SSS_03};
    return {};
  }
  std::set<rule> violated;
  if (last && a.kind == access_kind::execute) {
    if (page.no_execute) violated.insert(rule::PAG_NPF_02);
    if (gmet && page.user && !a.user) violated.insert(rule::PAG_GMET_01);
    if (!gmet && !page.user) violated.insert(rule::PAG_NPT_13);
    return violated;
  }
  const bool plain = last && !on_shadow_stack(a.kind);  // guest tables need U/S=1 (PAG-NPT-11)
  const bool plain_on_sss = plain && path.sss && in.choices.sss_plain_access == sss_access::read_ok;  // PAG-SSS-04
  const bool ignores_us = (gmet && in.choices.gmet_data_ignores_us) || plain_on_sss;                  // PAG-GMET-02
  if (!page.user && !ignores_us) violated.insert(last ? rule::PAG_NPT_13 : rule::PAG_NPT_11);
  if (nested_write(in, a) && !page.writable) violated.insert(last ? rule::PAG_NPF_02 : rule::PAG_NPT_11);
  return violated;
}

/// Translates a gPA (section 3.8, `nested`).
inline auto nested_traversal(const scene& in, u64 gpa, const nested_access& a) -> std::shared_ptr<const traversal> {
  const auto made = std::make_shared<traversal>(traversal{.rules = nested_domain(in.part, in.state, in.choices)});
  traversal& path = *made;
  path.writes = nested_write(in, a);
  const auto fail = [&](bool present, bool reserved_bit, bool, std::set<rule> reasons) -> verdict {
    if (reserved_bit && is_sev_es(in.state)) return {fault_kind::vc, 0x400, 0, {rule::PAG_NPF_12}};
    return {fault_kind::npf, exitinfo1(in, a, present, reserved_bit), gpa, std::move(reasons)};  // PAG-NPF-05
  };

  const int index_bits = path.rules.levels == 5 ? 57 : path.rules.levels == 4 ? 48 : 32;
  if ((gpa >> index_bits) != 0 && in.choices.npt_high_gpa == high_gpa::npf_not_present) {
    path.fault = fail(false, false, false, {rule::PAG_NPT_21});
    return made;
  }

  collect(in.memory, path, gpa, path.rules.levels, path.rules.root, path.rules.root_c, [](step& s, bool table_c) {
    s.where = s.slot;
    s.key = key_by_c(table_c);  // PAG-KEY-04, PAG-KEY-07
    return true;
  });
  judge(path, gpa, fail, [&](traversal& found) {
    const u64 leaf = found.page.leaf;
    found.sss = has_sss_check(in.part, in.state) && bit_of(leaf, 63) && !bit_of(leaf, 2) && pointers_writable(found);
    return violated_nested(in, a, found);
  });
  if (path.sss && path.fault) path.fault->code = with_bit(path.fault->code, 37);  // RMP-FLT-05
  return made;
}

// ----- part 3: what becomes visible ----------------------------------------------------------------------------------

struct performance {
  answer& result;
  std::map<const step*, u64> words_read{};
};

/// Something that one access does. Acts may fail, which ends the access.
using act = std::function<std::optional<verdict>(performance&)>;
using story = std::vector<act>;
using path_of_steps = std::shared_ptr<const traversal>;

inline auto perform(const story& acts, performance& p) -> std::optional<verdict> {
  for (const act& one : acts)
    if (const auto failed = one(p)) return failed;
  return {};
}

inline void append(story& to, const story& more) { to.insert(to.end(), more.begin(), more.end()); }

inline auto read_act(path_of_steps path, std::size_t i) -> act {
  return [path = std::move(path), i](performance& p) -> std::optional<verdict> {
    const step& s = path->steps[i];
    const domain& d = path->rules;
    const u64 word = *p.result.after.look(s.where & ~u64{7});
    const u64 now = entry_in(d, s.where, word);
    p.words_read[&s] = word;
    p.result.reads.push_back({d.tables, s.level, s.where, s.key, now});
    p.result.reads_with_questions.push_back(p.result.reads.back());
    const u64 changed = now ^ *s.raw;
    const bool judged_d = path->shadow_stack && s.leaf && bit_of(changed, 6);
    const bool judged_ad = d.is(domain::form::pae) && s.level == 3 && changed != 0;
    // The other half of an entry of eight bytes may be an entry of four bytes in other tables.
    const bool judged_other = (changed & ~u64{0x60}) != 0;
    if (judged_d || judged_ad || judged_other) p.result.unclear = true;
    return {};
  };
}

/// The bits that are wanted in an entry: A, and D in the leaf of a write. PDPEs of PAE tables have none (PAG-AD-01).
inline auto wanted_bits(const traversal& path, const step& s) -> u64 {
  if (path.rules.is(domain::form::pae) && s.level == 3) return 0;
  return s.leaf && path.writes ? 0x60 : 0x20;
}

/// Asks whether A or D may be set, if they are not set yet.
inline auto ask_act(path_of_steps path, std::size_t i, act allowed) -> act {
  return [path = std::move(path), i, allowed = std::move(allowed)](performance& p) -> std::optional<verdict> {
    const step& s = path->steps[i];
    const u64 bits = wanted_bits(*path, s);
    if ((entry_in(path->rules, s.where, p.words_read[&s]) & bits) == bits) return {};
    return allowed(p);
  };
}

inline auto set_act(path_of_steps path, std::size_t i) -> act {
  return [path = std::move(path), i](performance& p) -> std::optional<verdict> {
    const step& s = path->steps[i];
    const domain& d = path->rules;
    const u64 bits = wanted_bits(*path, s);
    const u64 word_read = p.words_read[&s];
    if ((entry_in(d, s.where, word_read) & bits) == bits) return {};
    u64& word = p.result.after.words[s.where & ~u64{7}];
    if (word_read != word) p.result.raced = true;  // PAG-AD-04
    const u64 before = word;
    if ((entry_in(d, s.where, before) & bits) == bits) return {};
    word |= d.entry_bytes == 8 ? bits : bits << (8 * (s.where & 4));
    p.result.updates.push_back({d.tables, s.level, s.where & ~u64{7}, before, word});
    return {};
  };
}

/// The reads and updates of one stage.
/// @param before_read  gives what happens before a step's entry is read
/// @param allow        gives what is asked before a step's A or D is set
/// @param late         receives the updates that wait for the stage's success, the leaf last
template <class BeforeRead, class Allow>
auto tell(const path_of_steps& path, const implementation_choices& choices, const BeforeRead& before_read,
          const Allow& allow, story& late) -> story {
  story acts;
  const auto end = [&] {
    if (path->fault) acts.push_back([path](performance&) { return path->fault; });
    return acts;
  };
  for (std::size_t i = 0; i < path->steps.size(); ++i) {
    const step& s = path->steps[i];
    append(acts, before_read(s));
    if (!s.raw) return end();
    acts.push_back(read_act(path, i));
    const bool failed_here = path->fault && i + 1 == path->steps.size();
    if (failed_here) return end();  // P=0, reserved, or the leaf was not permitted
    // PAG-AD-05 speaks of when bits become visible; that they are wanted is known here.
    acts.push_back(ask_act(path, i, allow(s)));
    const bool waits = s.leaf || choices.ad_policy == ad_update::deferred;
    (waits ? late : acts).push_back(set_act(path, i));
  }
  return end();
}

/// The question to the owner of a page that the guest uses. Nobody is asked without SNP.
inline auto guest_owner_act(const scene& in, const path_of_steps& nested, u64 gpa, const nested_access& a, touch what)
    -> act {
  return [&in, nested, gpa, a, what](performance&) -> std::optional<verdict> {
    if (!snp_on(in.state.syscfg)) return {};
    const auto& state = in.state;
    const bool table = a.why == purpose::guest_table;
    const owner_answer said = ask_owner(in.owners,
                                        {.guest = true,
                                         .snp = is_snp(state),
                                         .in_use_allowed = in.part.hv_in_use_write,
                                         .id = state.id.value,
                                         .level = state.level.value,
                                         .vmpl_sss = has_vmpl_sss(state)},
                                        {.where = nested->page.where,
                                         .gpa = gpa,
                                         .leaf = nested->page.size,
                                         .what = what,
                                         .shadow_stack = on_shadow_stack(a.kind),
                                         .user = a.user,
                                         .c = table || a.enc},
                                        in.choices);
    if (said.what == owner_answer::kind::fine) return {};
    if (said.what == owner_answer::kind::not_validated) return verdict{fault_kind::vc, 0x404, in.linear, said.reasons};
    u64 code = rmp_exitinfo1(in, a, what);
    if (said.what == owner_answer::kind::no_permission) code = with_bit(code, 36);
    const bool denied_sss = said.what == owner_answer::kind::no_permission && said.sss;
    if (has_vmpl_sss(state) ? denied_sss : nested->sss) code = with_bit(code, 37);  // RMP-FLT-05
    return verdict{fault_kind::npf, code, gpa, said.reasons};
  };
}

/// A nested walk from its first reference to its last: entries, A and D, and whose the page is (PAG-RMPS-01).
inline auto tell_nested(const scene& in, const path_of_steps& path, u64 gpa, const nested_access& a) -> story {
  // Nested tables are the hypervisor's (PAG-RMPS-07).
  const auto ask = [&in, gpa, a](const step& s, touch what) -> act {
    return [&in, gpa, a, where = s.where, what](performance&) -> std::optional<verdict> {
      if (!snp_on(in.state.syscfg)) return {};
      const owner_answer said =
          ask_owner(in.owners, {.in_use_allowed = in.part.hv_in_use_write}, {.where = where, .what = what}, in.choices);
      if (said.what == owner_answer::kind::fine) return {};
      if (in.choices.npt_walk_fault == nested_table_fault::shutdown)
        return verdict{fault_kind::vmexit, 0x7f, 0, said.reasons};
      if (in.choices.npt_walk_fault == nested_table_fault::host_page_fault)
        return verdict{fault_kind::pf, u64{0x8000'0001} | (what == touch::walker_write ? 2 : 0), where, said.reasons};
      return verdict{fault_kind::npf, rmp_exitinfo1(in, a, what), gpa, said.reasons};
    };
  };
  story late;
  story acts = tell(
      path, in.choices, [&](const step& s) { return story{ask(s, touch::walker_read)}; },
      [&](const step& s) { return ask(s, touch::walker_write); }, late);
  if (path->fault) {
    if (path->steps.empty()) acts.push_back([path](performance&) { return path->fault; });
    return acts;
  }
  append(acts, late);
  touch what = touch_of(a.kind);
  if (a.why == purpose::guest_table) what = a.update ? touch::walker_write : touch::walker_read;
  acts.push_back(guest_owner_act(in, path, gpa, a, what));
  return acts;
}

/// The leaf as the walk read it: an earlier part of the same access may have set its A or D.
inline auto leaf_as_read(const answer& result, const traversal& path) -> u64 {
  const step& leaf = path.steps.back();
  for (auto read = result.reads.rbegin(); read != result.reads.rend(); ++read)
    if (read->where == leaf.where && read->level == leaf.level && read->tables == path.rules.tables) return read->raw;
  return 0;
}

// ----- the three translations ----------------------------------------------------------------------------------------

/// Outside guest mode.
inline auto translate_host(const word_memory& memory, const owner_list& owners, const cpu_part& part,
                           const control_registers& regs, u64 syscfg, const implementation_choices& choices,
                           u64 address, const memory_access& why) -> answer {
  answer result{.after = memory};
  const auto path = std::make_shared<traversal>(traversal{.rules = host_domain(part, regs, syscfg, choices)});
  const domain& d = path->rules;
  const u64 linear = linear_address(d, address, why);
  const auto ask = [&, linear](u64 where, page_size leaf, touch what) -> act {  // PAG-RMPS-03
    return [&, linear, where, leaf, what](performance&) -> std::optional<verdict> {
      if (!snp_on(syscfg)) return {};
      const owner_answer said = ask_owner(owners, {.in_use_allowed = part.hv_in_use_write},
                                          {.where = where, .leaf = leaf, .what = what}, choices);
      if (said.what == owner_answer::kind::fine) return {};
      verdict failed = page_fault(d, linear, why, true, false, false, said.reasons);
      failed.code = with_bit(failed.code, 31);
      return failed;
    };
  };
  performance p{result};
  if (d.levels == 0) {  // PAG-MODE-01, PAG-ENC-06
    result.page.where = linear;
    result.key = memory_key::none();
    result.size = page_size::unlimited;
    result.fault = ask(linear, page_size::k4k, touch_of(why.kind))(p);
    return result;
  }
  result.fault = canonical_fault(d, address, why);
  if (result.fault) return result;

  path->writes = is_write(why.kind);
  path->shadow_stack = on_shadow_stack(why.kind);
  collect(memory, *path, linear, d.levels, d.root, d.root_c, [](step& s, bool table_c) {
    s.where = s.slot;
    s.key = key_by_c(table_c);  // PAG-KEY-02
    return true;
  });
  judge(
      *path, linear,
      [&](bool present, bool r, bool k, std::set<rule> reasons) {
        return page_fault(d, linear, why, present, r, k, std::move(reasons));
      },
      [&](const traversal& found) { return violated_permissions(found, why); });

  story late;
  story acts = tell(
      path, choices, [&](const step& s) { return story{ask(s.where, page_size::k4k, touch::walker_read)}; },
      [&](const step& s) { return ask(s.where, page_size::k4k, touch::walker_write); }, late);
  if (!path->fault) {
    append(acts, late);
    acts.push_back(ask(path->page.where, path->page.size, touch_of(why.kind)));
  }
  result.fault = perform(acts, p);
  if (result.fault) return result;
  result.page = path->page;
  result.page.leaf = leaf_as_read(result, *path);
  result.size = path->page.size;
  result.key = key_by_c(path->page.c);
  return result;
}

/// A gPA by itself.
inline auto translate_gpa(const word_memory& memory, const owner_list& owners, const cpu_part& part,
                          const guest_entry_state& state, const implementation_choices& choices, u64 gpa,
                          access_kind kind, bool effective_c, bool user = true) -> answer {
  answer result{.after = memory};
  const bool sev = is_sev(state);
  const u64 stripped_gpa = sev ? without_bit(gpa, static_cast<int>(part.c_bit)) : gpa;  // PAG-NPT-19
  const scene in{memory, owners, part, state, choices};
  const bool fetch = kind == access_kind::execute;  // PAG-KEY-05
  const nested_access a{purpose::final_gpa, kind, user, sev && (effective_c || fetch)};
  const auto path = nested_traversal(in, stripped_gpa, a);
  performance p{result};
  result.fault = perform(tell_nested(in, path, stripped_gpa, a), p);
  if (result.fault) return result;
  result.page = path->page;
  result.page.leaf = leaf_as_read(result, *path);
  result.size = path->page.size;
  return result;
}

/// In guest mode (section 3.8, `translate`).
inline auto translate_guest(const word_memory& memory, const owner_list& owners, const cpu_part& part,
                            const guest_entry_state& state, const implementation_choices& choices, u64 address,
                            const memory_access& why) -> answer {
  answer result{.after = memory};
  const bool sev = is_sev(state);
  const auto path = std::make_shared<traversal>(traversal{.rules = guest_domain(part, state, choices)});
  const domain& d = path->rules;
  const bool paging = d.levels != 0;
  const u64 linear = linear_address(d, address, why);
  const scene in{memory, owners, part, state, choices, linear};
  result.fault = canonical_fault(d, address, why);
  if (result.fault) return result;

  const nested_access table{purpose::guest_table, why.kind, is_user(why), sev};
  const auto effective_c = [&](const found_page& page) {  // PAG-KEY-05, 08, 09, 10, 11
    if (!sev) return false;
    if (why.kind == access_kind::execute || has_vte(part, state)) return true;
    if (has_vtom(state)) return page.where < (state.virtual_tom & 0x000f'ffff'ffe0'0000);  // PAG-VTOM-01
    return !paging || d.is(domain::form::two_levels) || page.c;
  };
  if (paging) {
    path->writes = is_write(why.kind);
    path->shadow_stack = on_shadow_stack(why.kind);
    collect(memory, *path, linear, d.levels, d.root, d.root_c, [&](step& s, bool) {
      s.nested = nested_traversal(in, s.slot, table);
      if (s.nested->fault) return false;
      s.where = s.nested->page.where;
      s.key = sev ? memory_key::guest(state.id) : key_by_c(s.nested->page.c);  // PAG-KEY-03, PAG-KEY-06
      return true;
    });
    judge(
        *path, linear,
        [&](bool present, bool r, bool k, std::set<rule> reasons) {
          return page_fault(d, linear, why, present, r, k, std::move(reasons));
        },
        [&](const traversal& found) { return violated_permissions(found, why); });
  } else {
    path->page.where = linear;  // PAG-NPT-15
  }

  story late;
  story acts = tell(
      path, choices, [&](const step& s) { return tell_nested(in, s.nested, s.slot, table); },
      [&](const step& s) -> act {
        nested_access update = table;
        update.update = true;
        if (!has_rogpt(part, state) && !snp_on(state.syscfg)) return [](performance&) { return std::nullopt; };
        const bool counts = has_rogpt(part, state);  // PAG-NPT-14
        return [&in, slot = s.slot, update, counts](performance& p) {
          const auto reads = p.result.reads;
          const auto failed = perform(tell_nested(in, nested_traversal(in, slot, update), slot, update), p);
          if (!counts) p.result.reads = reads;
          return failed;
        };
      },
      late);
  for (const step& s : path->steps) {
    if (s.raw) ++result.guest_reads;
    if (s.nested) result.nested_reads.push_back(static_cast<unsigned>(s.nested->steps.size()));
  }
  path_of_steps last;
  bool c = false;
  if (!path->fault) c = effective_c(path->page);
  if (!path->fault && path->shadow_stack && has_vmpl_sss(state) && !c) {
    acts.push_back([&](performance&) { return page_fault(d, linear, why, true, true, false, {rule::RMP_VPL_03}); });
  } else if (!path->fault) {
    const nested_access final_access{purpose::final_gpa, why.kind, is_user(why), c};
    last = nested_traversal(in, path->page.where, final_access);
    result.nested_reads.push_back(static_cast<unsigned>(last->steps.size()));
    if (choices.guest_ad_before_final_npf) append(acts, late);
    append(acts, tell_nested(in, last, path->page.where, final_access));
    if (!choices.guest_ad_before_final_npf) append(acts, late);
  }
  performance p{result};
  result.fault = perform(acts, p);
  if (result.fault) return result;

  result.guest = path->page;
  if (paging) result.guest.leaf = leaf_as_read(result, *path);
  result.page = last->page;
  result.page.leaf = leaf_as_read(result, *last);
  result.size = std::min(path->page.size, last->page.size);                       // PAG-NPT-18
  if (snp_on(state.syscfg)) result.size = std::min(result.size, page_size::k2m);  // RMP-CHK-09
  result.effective_c = c;
  result.key = c ? memory_key::guest(state.id) : key_by_c(last->page.c);
  return result;
}

}  // namespace slow
}  // namespace sevspec::test

#endif
