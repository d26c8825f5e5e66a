// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SLOW_RMP_HPP
#define SEVSPEC_TESTS_SUPPORT_SLOW_RMP_HPP

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/verify/rmp_step.hpp>

/// The Reverse Map Table a second time: from the rule texts alone, slow and literal. It shares plain types with the
/// library and no logic. Nothing is cached: counts, states and owners are worked out whenever somebody asks. U1..,
/// S1.., Q1.., A1.. and P1.. are the steps of RMPUPDATE, PSMASH, RMPQUERY, RMPADJUST and PVALIDATE.
namespace sevspec::test {

/// An entry, every field on its own (RMP-ENT-01, -02). The count of assigned sub-pages is not stored.
struct slow_rmp_entry {
  bool assigned = false;
  bool large = false;  ///< Page_Size: 2M
  bool immutable = false;
  std::uint64_t gpa = 0;  ///< a byte address; bits 50:48 are the firmware's tag (RMP-STA-02)
  std::uint32_t asid = 0;
  bool vmsa = false;
  bool validated = false;
  std::array<std::uint8_t, 4> perms{};  ///< of VMPL0..3: R, W, XU, XS, SSS
  bool in_use = false;                  ///< VMRUN holds the page
  bool lock = false;                    ///< the firmware's bit 63

  friend constexpr auto operator==(const slow_rmp_entry&, const slow_rmp_entry&) -> bool = default;
};

/// A machine with a Reverse Map Table: SNP-enabled, 4 VMPLs, VmplSSS on, ASIDs 1..1006, gPAs of 48 bits.
class slow_rmp {
 public:
  using u64 = std::uint64_t;
  using step = verify::rmp_step;
  using answer = verify::rmp_answer;
  using ending = verify::rmp_ending;
  using access = verify::rmp_access;
  using agent = verify::rmp_agent;

  static constexpr unsigned vmpls = 4;
  static constexpr std::uint32_t max_asid = 1006;
  static constexpr std::uint32_t lock_asid = 0x3ff;
  static constexpr unsigned guest_physical_bits = 48;

  explicit slow_rmp(const verify::rmp_setup& setup) : setup_(setup) {}

  auto run(const step& s) -> answer {
    switch (s.what) {
      case verify::rmp_operation::rmpupdate:      return rmpupdate(s);
      case verify::rmp_operation::psmash:         return psmash(s);
      case verify::rmp_operation::rmpread:        return rmpread(s);
      case verify::rmp_operation::pvalidate:      return pvalidate(s);
      case verify::rmp_operation::rmpadjust:      return rmpadjust(s);
      case verify::rmp_operation::rmpquery:       return rmpquery(s);
      case verify::rmp_operation::access:         return reference(s);
      case verify::rmp_operation::entry:          return show(s);
      case verify::rmp_operation::page_reclaim:   return page_reclaim(s);
      case verify::rmp_operation::page_unsmash:   return page_unsmash(s);
      case verify::rmp_operation::page_set_state: return page_set_state(s);
      default:                                    break;  // needs a firmware with guests
    }
    answer nothing;
    nothing.ending = ending::unsupported;
    return nothing;
  }

  // ---- what tests may see and set

  [[nodiscard]] auto setup() const -> const verify::rmp_setup& { return setup_; }

  /// RMP-GEO-12; without a table of its own the machine's memory is what is covered.
  [[nodiscard]] auto covered(u64 spa) const -> bool {
    if (!has_table()) return spa - spa % 0x1000 < setup_.memory;
    return setup_.rmp_base + 0x4000 + (spa >> 12) * 16 <= setup_.rmp_end;
  }

  /// The very entry of a page; all zero if the page has none.
  [[nodiscard]] auto entry_of(u64 spa) const -> slow_rmp_entry {
    const auto found = entries_.find(spa >> 12);
    return found == entries_.end() ? slow_rmp_entry{} : found->second;
  }

  /// RMP-ENT-07: the entry that counts for a page.
  [[nodiscard]] auto authoritative(u64 spa) const -> slow_rmp_entry {
    const slow_rmp_entry base = entry_of(base_of(spa));
    return base.large ? base : entry_of(spa);
  }

  /// RMP-ENT-03, INV-06: how many other pages of the region are assigned; 0 if `spa` is not the base of 4K pages.
  [[nodiscard]] auto subpage_count(u64 spa) const -> unsigned {
    if ((spa >> 12) % 512 != 0 || entry_of(spa).large) return 0;
    unsigned count = 0;
    for (u64 i = 1; i < 512; ++i) {
      if (entry_of(base_of(spa) + i * 0x1000).assigned) ++count;
    }
    return count;
  }

  /// RMP-ENT-01.
  [[nodiscard]] auto raw_lo(u64 spa) const -> u64 {
    if (!covered(spa)) return 0;
    const slow_rmp_entry e = entry_of(spa);
    u64 lo = 0;
    if (e.assigned) lo += 1;
    if (e.large) lo += 2;
    if (e.immutable) lo += 4;
    lo += u64{subpage_count(spa)} << 3;
    lo += e.gpa & 0x0007'ffff'ffff'f000;
    lo += u64{e.asid & 0x3ff} << 51;
    if (e.vmsa) lo += u64{1} << 61;
    if (e.validated) lo += u64{1} << 62;
    if (e.lock || e.in_use) lo += u64{1} << 63;  // RMP-VMR-05: the likely bit of the in-use mark
    return lo;
  }

  /// RMP-ENT-02.
  [[nodiscard]] auto raw_hi(u64 spa) const -> u64 {
    if (!covered(spa)) return 0;
    const slow_rmp_entry e = entry_of(spa);
    return u64{e.perms[0]} + (u64{e.perms[1]} << 8) + (u64{e.perms[2]} << 16) + (u64{e.perms[3]} << 24);
  }

  /// RMP-STA-01: the first row of the table of page states that fits.
  [[nodiscard]] auto state_of(u64 spa) const -> const char* {
    if (!covered(spa)) return "default";
    const slow_rmp_entry e = entry_of(spa);
    const u64 tag = (e.gpa >> 48) & 7;
    const u64 page = (e.gpa & 0x0000'ffff'ffff'f000) >> 12;
    if (!e.assigned && !e.validated && e.asid == 0 && !e.immutable) return "hypervisor";
    if (!e.assigned && !e.validated && e.asid == 0 && e.immutable) return "hv-fixed";
    if (e.assigned && !e.validated && e.asid == 0 && e.immutable) {
      if (e.gpa == 0 && !e.vmsa) return "firmware";
      if (tag == 2 && page == 1 && !e.vmsa) return "firmware-iommu";
    }
    if (e.assigned && !e.validated && e.asid == 0 && !e.immutable) return "reclaim";
    if (e.assigned && !e.validated && e.asid == 0 && e.immutable) return e.gpa == 0 ? "context" : "metadata";
    if (e.assigned && !e.validated && e.asid != 0 && e.immutable) return "pre-guest";
    if (e.assigned && e.validated && e.asid != 0 && e.immutable) return "pre-swap";
    if (e.assigned && !e.validated && e.asid != 0 && !e.immutable) return "guest-invalid";
    if (e.assigned && e.validated && e.asid != 0 && !e.immutable) return "guest-valid";
    return "invalid";
  }

  /// Overwrites the very entry of a page.
  void set_entry(u64 spa, const slow_rmp_entry& e) { entries_[spa >> 12] = e; }

  /// Marks a page as held by VMRUN, or removes the mark. Pages without an entry cannot be marked (RMP-VMR-05).
  void set_in_use(u64 spa, bool held) {
    if (!covered(spa)) return;
    const bool large = entry_of(base_of(spa)).large;  // the mark of a large page is its first entry's
    entries_[(large ? base_of(spa) : spa) >> 12].in_use = held;
  }

  /// The firmware holds the 2M region with this number (sPA >> 21), or lets it go (RMP-UPD-09).
  void set_locked(u64 region, bool held) {
    if (held) locked_.insert(region);
    else locked_.erase(region);
  }

  [[nodiscard]] auto locked(u64 spa) const -> bool { return locked_.contains(spa >> 21); }

 private:
  static constexpr u64 four_k = 0x1000;
  static constexpr u64 two_m = 0x20'0000;
  static constexpr std::uint8_t full = 0x1f;  // RMP-UPD-08

  // RMP-INS-03
  static constexpr std::uint32_t success = 0;
  static constexpr std::uint32_t fail_input = 1;
  static constexpr std::uint32_t fail_permission = 2;
  static constexpr std::uint32_t fail_inuse = 3;
  static constexpr std::uint32_t fail_overlap = 4;
  static constexpr std::uint32_t fail_sizemismatch = 6;
  static constexpr std::uint32_t fail_badaddr = 7;

  [[nodiscard]] auto choices() const -> const implementation_choices& { return setup_.choices; }
  [[nodiscard]] auto has_table() const -> bool { return setup_.rmp_base != 0 || setup_.rmp_end != 0; }
  static auto base_of(u64 spa) -> u64 { return spa - spa % two_m; }

  /// The covered pages of the 2M region around `spa`, as addresses.
  [[nodiscard]] auto covered_pages(u64 spa) const -> std::vector<u64> {
    std::vector<u64> pages;
    for (u64 i = 0; i < 512; ++i) {
      const u64 page = base_of(spa) + i * four_k;
      if (covered(page)) pages.push_back(page);
    }
    return pages;
  }

  // ---- answers

  static auto result(std::uint32_t eax, bool cf = false) -> answer {
    answer a;
    a.ending = ending::result;
    a.eax = eax;
    a.zf = eax == 0;  // RMP-INS-06
    a.cf = cf;
    return a;
  }

  static auto status(const char* name) -> answer {
    answer a;
    a.ending = ending::status;
    a.state = name;
    return a;
  }

  static auto plain(ending how) -> answer {
    answer a;
    a.ending = how;
    return a;
  }

  /// RMP-FLT-08
  static auto not_validated(const step& s) -> answer {
    answer a;
    a.ending = ending::vc;
    a.error = 0x404;
    a.address = s.gpa;
    return a;
  }

  static auto is_walk(access kind) -> bool { return kind == access::walk_read || kind == access::walk_write; }

  /// RMP-FLT-01; a host's walk is reported as a supervisor's write.
  static auto host_fault(const step& s) -> answer {
    answer a;
    a.ending = ending::pf;
    a.error = u64{1} << 31;
    a.error += 1;                                                                 // P
    if (s.kind == access::write || s.kind == access::shadow_stack) a.error += 2;  // W
    if (is_walk(s.kind)) a.error += 2;                                            // W
    if (!is_walk(s.kind) && s.cpl == 3) a.error += 4;                             // US
    if (s.kind == access::shadow_stack) a.error += u64{1} << 6;                   // SS
    a.address = s.gpa;
    return a;
  }

  struct npf_bits {
    bool enc = false;
    bool sizem = false;
    bool vmpl = false;
    bool sss = false;
  };

  auto npf(const step& s, npf_bits bits) const -> answer {
    answer a;
    a.ending = ending::npf;
    a.address = s.gpa;  // RMP-FLT-07
    u64 info = 0;       // RMP-FLT-02
    info += 1;          // RMP-FLT-06: P
    bool w = false;     // RMP-FLT-06: W
    if (s.kind == access::write) w = true;
    if (s.kind == access::shadow_stack) w = true;
    if (s.kind == access::walk_write) w = true;
    if (s.kind == access::walk_read && choices().rmp_gpt_error_w) w = true;
    if (w) info += 2;
    info += 4;                                                                         // RMP-FLT-06: US
    if (s.kind == access::execute) info += u64{1} << 4;                                // RMP-FLT-06: ID
    if (s.kind == access::shadow_stack) info += u64{1} << 6;                           // SS
    info += u64{1} << 31;                                                              // RMP
    info += is_walk(s.kind) ? u64{1} << 33 : u64{1} << 32;                             // RMP-FLT-10
    if (bits.enc && choices().report_enc_bit != enc_bit::never) info += u64{1} << 34;  // ENC; SNP is enabled
    if (bits.sizem) info += u64{1} << 35;                                              // RMP-FLT-03
    if (bits.vmpl) info += u64{1} << 36;                                               // RMP-FLT-04
    if (bits.sss) info += u64{1} << 37;                                                // RMP-FLT-05
    a.error = info;
    return a;
  }

  // ---- the checks by name, RMP-CHK-01

  /// HvOwned; `large` if the page that maps `spa` is of 2M or 1G.
  [[nodiscard]] auto hv_owned(u64 spa, bool large) const -> bool {
    if (large) {
      for (const u64 page : covered_pages(spa)) {
        if (entry_of(page).assigned) return false;  // RMP-CHK-08
      }
    }
    if (covered(spa) && entry_of(spa).assigned) return false;
    if (covered(spa) && authoritative(spa).in_use) return false;                             // RMP-CHK-15
    if (large && choices().erratum_inuse_2m && entry_of(base_of(spa)).in_use) return false;  // RMP-ERR-01
    return true;
  }

  [[nodiscard]] auto guest_owned(const step& s) const -> bool {
    const slow_rmp_entry e = authoritative(s.spa);
    return e.assigned && e.asid == s.asid;
  }

  [[nodiscard]] auto reverse_map(const step& s) const -> bool {
    const slow_rmp_entry e = authoritative(s.spa);
    if (!e.large) return e.gpa == s.gpa - s.gpa % four_k;
    return e.gpa == s.gpa - s.gpa % two_m && (s.gpa >> 12) % 512 == (s.spa >> 12) % 512;
  }

  [[nodiscard]] auto held_by_vmrun(u64 spa) const -> bool { return authoritative(spa).in_use; }

  /// RMP-CHK-16
  [[nodiscard]] auto refused_spuriously(u64 spa) const -> bool { return choices().spurious_rmp_fault && locked(spa); }

  /// RMP-VPL-01..03
  [[nodiscard]] auto vmpl_ok(const step& s, std::uint8_t mask) const -> bool {
    const bool r = (mask & 1) != 0;
    const bool w = (mask & 2) != 0;
    const bool xu = (mask & 4) != 0;
    const bool xs = (mask & 8) != 0;
    const bool sss = (mask & 16) != 0;
    const bool data = s.kind == access::read || s.kind == access::write || s.kind == access::shadow_stack;
    if (data && choices().vmpl_misconfig_code == misconfigured_mask::accepted && w && !r) return false;  // RMP-VPL-05
    switch (s.kind) {
      case access::read:         return r;
      case access::write:        return w;
      case access::execute:      return s.cpl == 3 ? xu : xs;
      case access::shadow_stack: return s.cpl == 3 ? w : sss;
      case access::walk_read:    return choices().rmp_gpt_vmpl_perm == table_vmpl::read_write ? r && w : r;
      case access::walk_write:   return choices().rmp_gpt_vmpl_perm == table_vmpl::read_write ? r && w : w;
    }
    return false;
  }

  static auto mask_of(const slow_rmp_entry& e, unsigned vmpl) -> std::uint8_t {
    return vmpl < vmpls ? e.perms[vmpl] : std::uint8_t{0};
  }

  // ---- references

  auto reference(const step& s) const -> answer {
    if (s.by == agent::host) return host_reference(s);
    if (s.by == agent::device) return device_reference(s);
    if (!s.snp) return shared_reference(s, s.c);
    // RMP-CHK-07: fetches and walks have C=1 always
    if (s.kind == access::execute || is_walk(s.kind) || s.c) return private_reference(s);
    return shared_reference(s, false);
  }

  /// RMP-CHK-01, -05, -06: does a host's, a device's or a shared reference want a page of the hypervisor?
  [[nodiscard]] auto wants_hv_owned(access kind) const -> bool {
    if (kind == access::write || kind == access::shadow_stack || kind == access::walk_write) return true;
    return kind == access::walk_read && choices().ptw_read_check == walker_check::every_access;
  }

  /// RMP-CHK-05: updates of A and D count as writes of 4K.
  static auto large_for_hv_owned(const step& s) -> bool {
    return s.kind != access::walk_write && s.leaf != page_size::k4k;
  }

  auto host_reference(const step& s) const -> answer {
    if (wants_hv_owned(s.kind)) {
      if (!hv_owned(s.spa, large_for_hv_owned(s))) return host_fault(s);  // RMP-CHK-01
      if (refused_spuriously(s.spa)) return host_fault(s);                // RMP-CHK-16
      return plain(ending::done);
    }
    // RMP-CHK-15: the translation is taken to be writable
    if (s.kind == access::read && !choices().inuse_host_read_via_writable && authoritative(s.spa).in_use) {
      return host_fault(s);
    }
    return plain(ending::done);
  }

  /// RMP-CHK-17
  auto device_reference(const step& s) const -> answer {
    const bool writes = s.kind == access::write || s.kind == access::shadow_stack || s.kind == access::walk_write;
    if (!writes) return plain(ending::done);
    if (!hv_owned(s.spa, large_for_hv_owned(s))) return plain(ending::abort);
    if (refused_spuriously(s.spa)) return plain(ending::abort);
    return plain(ending::done);
  }

  /// Guests that are not SNP-active, and data with C=0 of those that are.
  auto shared_reference(const step& s, bool enc) const -> answer {
    bool wants = wants_hv_owned(s.kind);
    if (s.snp && s.kind == access::read && choices().strict_shared_read) wants = true;  // ENC-HOST-03
    if (wants) {
      if (!hv_owned(s.spa, large_for_hv_owned(s))) return npf(s, {.enc = enc});  // RMP-CHK-01
      if (refused_spuriously(s.spa)) return npf(s, {.enc = enc});                // RMP-CHK-16
      return plain(ending::done);
    }
    if (choices().in_use_denies_guest_reads && authoritative(s.spa).in_use) return npf(s, {.enc = enc});  // RMP-CHK-15
    return plain(ending::done);
  }

  auto private_reference(const step& s) const -> answer {
    const slow_rmp_entry e = authoritative(s.spa);
    if (refused_spuriously(s.spa)) return npf(s, {.enc = true});              // RMP-CHK-16
    if (!covered(s.spa)) return npf(s, {.enc = true});                        // RMP-CHK-01: Covered
    if (!guest_owned(s)) return npf(s, {.enc = true});                        // RMP-CHK-01: GuestOwned
    if (!reverse_map(s)) return npf(s, {.enc = true});                        // RMP-CHK-01: ReverseMap
    if (e.immutable) return npf(s, {.enc = true});                            // RMP-CHK-12: Mutable
    if (held_by_vmrun(s.spa)) return npf(s, {.enc = true});                   // RMP-CHK-15
    if ((s.leaf == page_size::k4k) == e.large) return npf(s, {.enc = true});  // RMP-CHK-10: PageSize
    if (!e.validated) return not_validated(s);                                // RMP-CHK-03: Validated
    const std::uint8_t mask = mask_of(e, s.vmpl);
    if (!vmpl_ok(s, mask)) return npf(s, {.enc = true, .vmpl = true, .sss = (mask & 16) != 0});  // RMP-VPL-01
    return plain(ending::done);
  }

  // ---- host instructions

  auto rmpupdate(const step& s) -> answer {
    const bool large = s.size != page_size::k4k;
    if (s.cpl != 0) return plain(ending::gp);                                    // U1, RMP-INS-08
    if (s.caller_asid != 0) return result(fail_permission);                      // U3, RMP-INS-09
    const u64 spa = s.spa - s.spa % four_k;                                      // U4
    if (large && spa % two_m != 0) return result(fail_input);                    // U5, RMP-UPD-01
    if (!s.assigned && (s.immutable || s.asid != 0)) return result(fail_input);  // U6, RMP-TRN-02

    // U7; an operand made of fields has no reserved bits (RMP-RUD-03)
    u64 gpa = s.gpa - s.gpa % four_k;
    if (choices().rmpupdate_gpa_limit == undefined_operand::fail_input) {
      if (gpa >> guest_physical_bits != 0) return result(fail_input);  // RMP-RUD-05
    }
    gpa %= u64{1} << guest_physical_bits;                                                       // RMP-RUD-05
    if (choices().rmpupdate_gpa_align && large && gpa % two_m != 0) return result(fail_input);  // RMP-RUD-04
    if (choices().rmpupdate_asid_range && s.asid > max_asid) return result(fail_input);         // RMP-RUD-06
    if (s.asid == lock_asid) return result(fail_input);                                         // RMP-RUD-06

    if (!covered(spa)) return result(fail_input);  // U8, RMP-UPD-01
    std::vector<u64> pages = {spa};
    if (large) pages = covered_pages(spa);
    if (large && choices().rmpupdate_2m_partial && pages.size() != 512) return result(fail_input);  // U8
    if (locked(spa)) {                                                                              // U9, RMP-UPD-09
      return result(choices().rmpupdate_region_locked_code == locked_region::fail_overlap ? fail_overlap : fail_inuse);
    }

    const slow_rmp_entry o = entry_of(spa);  // U10
    bool in_use = false;
    for (const u64 page : pages) in_use = in_use || entry_of(page).in_use;
    if (!choices().rmpupdate_order_inuse_vs_perm && in_use) return result(fail_inuse);
    if (o.immutable) return result(fail_permission);  // U11, RMP-UPD-01
    if (in_use) return result(fail_inuse);            // U12

    if (!large) {
      if (entry_of(base_of(spa)).large) return result(fail_overlap);  // U13, RMP-UPD-02, -03
    } else {
      if (!o.large) {
        for (const u64 page : pages) {
          if (entry_of(page).assigned) return result(fail_overlap);  // U13, RMP-UPD-04
        }
      }
      for (const u64 page : pages) {
        if (page == spa) continue;
        // U13, RMP-UPD-15
        if (entry_of(page).immutable && choices().rmpupdate_2m_over_immutable) return result(fail_permission);
      }
      for (const u64 page : pages) {  // U14, RMP-UPD-05
        if (page == spa) continue;
        slow_rmp_entry sub;
        sub.assigned = s.assigned;
        set_entry(page, sub);
      }
    }

    if (!s.assigned) {  // U15, RMP-UPD-06
      set_entry(spa, slow_rmp_entry{});
      return result(success);
    }
    if (s.asid == 0 && choices().rmpupdate_asid0_gpa) gpa = 0;  // RMP-UPD-14
    const bool changed = !o.assigned || o.asid != s.asid || o.gpa != gpa || o.large != large || s.asid == 0;
    slow_rmp_entry e = o;
    e.assigned = true;
    e.large = large;
    e.immutable = s.immutable;
    e.gpa = gpa;
    e.asid = s.asid;
    e.lock = choices().hw_lock_bit_on_rmpupdate_immutable && s.immutable;
    if (changed) {  // U15, RMP-UPD-07, RMP-VPL-04
      e.validated = false;
      e.vmsa = false;
      e.perms = {full, 0, 0, 0};
    }
    set_entry(spa, e);
    return result(success);
  }

  auto psmash(const step& s) -> answer {
    if (s.cpl != 0) return plain(ending::gp);                // S1, RMP-INS-08
    if (s.caller_asid != 0) return result(fail_permission);  // S2, RMP-INS-09
    u64 spa = s.spa - s.spa % four_k;                        // S3
    if (choices().psmash_unaligned == undefined_operand::ignored) spa = base_of(spa);
    if (spa % two_m != 0) return result(fail_input);                  // S3, RMP-SMH-02
    if (covered_pages(spa).size() != 512) return result(fail_input);  // S4
    if (locked(spa)) return result(fail_inuse);                       // S5, RMP-UPD-09
    const slow_rmp_entry o = entry_of(spa);
    if (o.in_use) return result(fail_inuse);                                                // S6
    const std::uint32_t bad = choices().psmash_badaddr_code ? fail_badaddr : fail_overlap;  // RMP-INS-04
    if (!o.assigned) return result(bad);                                                    // S7, RMP-SMH-03
    if (!o.large) return result(bad);                                                       // S7, RMP-SMH-03
    if (o.immutable) return result(bad);                                                    // S7, RMP-SMH-04
    if (choices().psmash_requirements && o.asid == 0) return result(bad);                   // S7, RMP-SMH-03
    for (u64 i = 0; i < 512; ++i) {                                                         // S8, RMP-SMH-01
      slow_rmp_entry e = o;
      e.large = false;
      e.gpa = o.gpa + i * four_k;
      e.in_use = false;
      set_entry(spa + i * four_k, e);
    }
    return result(success);
  }

  auto rmpread(const step& s) const -> answer {
    if (s.cpl != 0) return plain(ending::gp);                // RMP-INS-08
    if (s.caller_asid != 0) return result(fail_permission);  // RMP-INS-09
    if (!covered(s.spa)) return result(fail_input);          // RMP-INS-03
    const slow_rmp_entry e = entry_of(s.spa);                // RMP-RDD-01
    answer a = result(success);
    a.gpa = e.gpa;
    a.assigned = e.assigned;
    a.immutable = e.immutable;
    a.asid = e.asid;
    a.size_byte = e.large ? 1 : 0;
    if (region_bit(s.spa)) a.size_byte = static_cast<std::uint8_t>(a.size_byte + 2);
    return a;
  }

  /// RMP-RUD-02
  [[nodiscard]] auto region_bit(u64 spa) const -> bool {
    bool some = false;
    bool all = true;
    for (const u64 page : covered_pages(spa)) {
      const bool assigned = entry_of(page).assigned;
      some = some || assigned;
      all = all && assigned;
    }
    switch (choices().rmpread_region_status) {
      case region_status::any_assigned:  return some;
      case region_status::none_assigned: return !some;
      case region_status::all_equal:     return all || !some;
      case region_status::zero:          return false;
    }
    return false;
  }

  // ---- guest instructions: their operand is private, and read at the guest's CPL

  static auto as_read(step s) -> step {
    s.kind = access::read;
    return s;
  }

  auto rmpquery(const step& s) const -> answer {
    const step read = as_read(s);
    if (s.asid == 0) return plain(ending::ud);                   // Q1, RMP-INS-07: the host
    if (s.cpl != 0) return plain(ending::gp);                    // Q1, RMP-INS-08
    if (s.target_vmpl >= vmpls) return result(fail_permission);  // Q2
    if (s.target_vmpl < s.vmpl) return result(fail_permission);  // Q2
    if (s.target_vmpl == s.vmpl && !choices().rmpquery_permission) return result(fail_permission);  // RMP-QRY-02
    const slow_rmp_entry e = authoritative(s.spa);
    if (refused_spuriously(s.spa)) return npf(read, {.enc = true});  // RMP-CHK-16
    if (!covered(s.spa)) return npf(read, {.enc = true});            // Q4
    if (!guest_owned(s)) return npf(read, {.enc = true});            // Q4
    if (!reverse_map(s)) return npf(read, {.enc = true});            // Q4
    if (e.immutable) return npf(read, {.enc = true});                // Q4
    if (held_by_vmrun(s.spa)) return npf(read, {.enc = true});       // RMP-CHK-15
    if (!e.validated) return not_validated(s);                       // Q4
    answer a = result(success);                                      // Q5
    a.size_byte = e.large ? 1 : 0;
    a.attributes = s.target_vmpl + (u64{e.perms[s.target_vmpl]} << 8) + (e.vmsa ? u64{1} << 16 : 0);
    return a;
  }

  /// RMP-VPL-05
  static auto misconfigured(std::uint8_t mask) -> bool {
    const bool r = (mask & 1) != 0;
    const bool xu = (mask & 4) != 0;
    const bool xs = (mask & 8) != 0;
    const bool sss = (mask & 16) != 0;
    if (!r && (mask & 0xfe) != 0) return true;
    if (sss && (xu || xs)) return true;
    return xs && !xu;
  }

  auto rmpadjust(const step& s) -> answer {
    const step read = as_read(s);
    const bool large = s.size != page_size::k4k;
    if (s.asid == 0) return plain(ending::ud);                           // A1, RMP-INS-07: the host
    if (s.cpl != 0) return plain(ending::gp);                            // A1, RMP-INS-08
    const auto tvmpl = static_cast<std::uint8_t>(s.attributes & 0xff);   // A2
    auto tperm = static_cast<std::uint8_t>((s.attributes >> 8) & 0xff);  // A2
    const bool tvmsa = ((s.attributes >> 16) & 1) != 0;                  // A2
    if (choices().rmpadjust_reserved == undefined_operand::fail_input) {
      if (s.attributes >> 17 != 0) return result(fail_input);  // A3
      if (tperm >> 5 != 0) return result(fail_input);          // A3
    }
    tperm = static_cast<std::uint8_t>(tperm & full);
    if (tvmpl >= vmpls) return result(fail_input);                    // A3
    if (large && s.gpa % two_m >= four_k) return result(fail_input);  // A4
    if (misconfigured(tperm)) {                                       // A5, RMP-VPL-05
      if (choices().vmpl_misconfig_code == misconfigured_mask::fail_input) return result(fail_input);
      if (choices().vmpl_misconfig_code == misconfigured_mask::fail_permission) return result(fail_permission);
    }
    if (tvmpl <= s.vmpl) return result(fail_permission);  // A6, RMP-ADJ-02

    slow_rmp_entry e = authoritative(s.spa);
    if (refused_spuriously(s.spa)) return npf(read, {.enc = true});  // RMP-CHK-16
    if (!covered(s.spa)) return npf(read, {.enc = true});            // A8
    if (!guest_owned(s)) return npf(read, {.enc = true});            // A8
    if (!reverse_map(s)) return npf(read, {.enc = true});            // A8
    if (e.immutable) return npf(read, {.enc = true});                // A8
    if (held_by_vmrun(s.spa) && choices().rmpadjust_inuse == in_use_adjust::npf) {
      return npf(read, {.enc = true});  // RMP-ADJ-08, RMP-CHK-15
    }
    if (!large && e.large) return npf(read, {.enc = true, .sizem = true});  // A8, RMP-ADJ-04
    if (!choices().rmpinsn_leaf_size && !large && !e.large && s.leaf != page_size::k4k) {
      return npf(read, {.enc = true});  // A8, choice
    }
    if (!e.validated) return not_validated(s);                                              // A9, RMP-ADJ-09
    if (held_by_vmrun(s.spa)) return result(fail_inuse);                                    // RMP-ADJ-08
    if (large && (!e.large || s.leaf == page_size::k4k)) return result(fail_sizemismatch);  // A10, RMP-ADJ-04
    if ((tperm & ~mask_of(e, s.vmpl)) != 0) return result(fail_permission);                 // A11, RMP-ADJ-03
    e.perms[tvmpl] = tperm;                                                                 // A12
    if (s.vmpl == 0) e.vmsa = tvmsa;                                                        // A12, RMP-ADJ-05
    set_entry(authoritative_address(s.spa), e);
    return result(success);
  }

  auto pvalidate(const step& s) -> answer {
    const step read = as_read(s);
    const bool large = s.size != page_size::k4k;
    if (s.asid == 0) return plain(ending::ud);  // P1, RMP-INS-07: the host
    if (s.cpl != 0) return plain(ending::gp);   // P1, RMP-INS-08
    if (s.vmpl != 0) {                          // P1, RMP-PVL-01
      if (choices().pvalidate_vmpl_fault == pvalidate_denial::gp) return plain(ending::gp);
      return result(fail_permission);
    }
    if (large && s.gpa % two_m >= four_k) return result(fail_input);  // P2

    slow_rmp_entry e = authoritative(s.spa);
    if (refused_spuriously(s.spa)) return npf(read, {.enc = true});         // RMP-CHK-16
    if (!covered(s.spa)) return npf(read, {.enc = true});                   // P4
    if (!guest_owned(s)) return npf(read, {.enc = true});                   // P4
    if (!reverse_map(s)) return npf(read, {.enc = true});                   // P4
    if (e.immutable) return npf(read, {.enc = true});                       // P4
    if (held_by_vmrun(s.spa)) return npf(read, {.enc = true});              // RMP-CHK-15, INV-11
    if (!large && e.large) return npf(read, {.enc = true, .sizem = true});  // P5, RMP-PVL-02
    if (!choices().rmpinsn_leaf_size && !large && !e.large && s.leaf != page_size::k4k) {
      return npf(read, {.enc = true});  // P4, choice
    }
    if (large && (!e.large || s.leaf == page_size::k4k)) return result(fail_sizemismatch);  // P6, RMP-PVL-02
    if (e.validated == s.validate) return result(success, true);                            // P7, RMP-PVL-03
    e.validated = s.validate;                                                               // P7, RMP-PVL-04
    set_entry(authoritative_address(s.spa), e);
    return result(success, false);
  }

  [[nodiscard]] auto authoritative_address(u64 spa) const -> u64 {
    return entry_of(base_of(spa)).large ? base_of(spa) : spa;
  }

  // ---- the entry as it is

  auto show(const step& s) const -> answer {
    answer a;
    a.ending = ending::entry;
    a.lo = raw_lo(s.spa);
    a.hi = raw_hi(s.spa);
    a.state = state_of(s.spa);
    return a;
  }

  // ---- firmware commands, RMP-TRN-10; the platform is in INIT

  static auto reserved_bits(u64 spa) -> bool { return spa % four_k != 0 || spa >> 52 != 0; }

  /// Does [spa, last] touch the table?
  [[nodiscard]] auto touches_table(u64 spa, u64 last) const -> bool {
    return has_table() && spa <= setup_.rmp_end && last >= setup_.rmp_base;
  }

  static auto same(const char* a, const char* b) -> bool {
    while (*a != '\0' && *a == *b) {
      ++a;
      ++b;
    }
    return *a == *b;
  }

  auto page_reclaim(const step& s) -> answer {
    const bool large = s.size != page_size::k4k;
    if (reserved_bits(s.spa)) return status("INVALID_PARAM");
    if (touches_table(s.spa, s.spa + (large ? two_m : four_k) - 1)) return status("INVALID_ADDRESS");
    if (!covered(s.spa)) return status("INVALID_ADDRESS");
    slow_rmp_entry e = entry_of(s.spa);
    if (e.large != large) return status("INVALID_PAGE_SIZE");
    if (!e.immutable) return status("SUCCESS");  // RMP-TRN-11, too
    const char* state = state_of(s.spa);
    const bool metadata = same(state, "metadata");
    if (!metadata && !same(state, "firmware") && !same(state, "pre-guest") && !same(state, "pre-swap")) {
      return status("INVALID_PAGE_STATE");
    }
    e.immutable = false;
    e.lock = false;
    if (metadata) e.gpa &= 0x0000'ffff'ffff'f000;
    set_entry(s.spa, e);
    return status("SUCCESS");
  }

  auto page_unsmash(const step& s) -> answer {
    if (reserved_bits(s.spa)) return status("INVALID_PARAM");
    if (s.spa % two_m != 0) return status("INVALID_PARAM");
    if (touches_table(s.spa, s.spa + two_m - 1)) return status("INVALID_ADDRESS");
    if (covered_pages(s.spa).size() != 512) return status("INVALID_ADDRESS");
    const slow_rmp_entry head = entry_of(s.spa);
    if (head.gpa % two_m != 0) return status("INVALID_PAGE_STATE");
    for (u64 i = 0; i < 512; ++i) {
      const slow_rmp_entry e = entry_of(s.spa + i * four_k);
      if (!e.assigned) return status("INVALID_PAGE_STATE");
      if (e.large) return status("INVALID_PAGE_STATE");
      if (!e.immutable) return status("INVALID_PAGE_STATE");
      if (e.vmsa) return status("INVALID_PAGE_STATE");
      if (e.asid == 0) return status("INVALID_PAGE_STATE");
      if (e.asid != head.asid) return status("INVALID_PAGE_STATE");
      if (e.validated != head.validated) return status("INVALID_PAGE_STATE");
      if (e.perms != head.perms) return status("INVALID_PAGE_STATE");
      if (e.gpa != head.gpa + i * four_k) return status("INVALID_PAGE_STATE");
    }
    slow_rmp_entry merged = head;
    merged.large = true;
    merged.lock = true;  // RMP-STA-04: the firmware wrote it, and it is immutable
    set_entry(s.spa, merged);
    for (u64 i = 1; i < 512; ++i) {
      slow_rmp_entry sub;
      if (!choices().unsmash_clears_sub_pages) {  // RMP-ENT-06
        sub = entry_of(s.spa + i * four_k);
        sub.asid = 0;
        sub.immutable = false;
        sub.lock = false;
      }
      sub.assigned = true;
      set_entry(s.spa + i * four_k, sub);
    }
    return status("SUCCESS");
  }

  auto page_set_state(const step& s) -> answer {
    if (reserved_bits(s.spa)) return status("INVALID_PARAM");
    if (s.spa % two_m != 0) return status("INVALID_PARAM");
    if (s.pages == 0) return status("SUCCESS");
    for (u64 i = 0; i < s.pages; ++i) {  // parts of the table are left out
      const u64 page = s.spa + i * four_k;
      if (touches_table(page, page + four_k - 1)) continue;
      if (!same(state_of(page), "firmware") || entry_of(page).large) return status("INVALID_PAGE_STATE");
    }
    for (u64 i = 0; i < s.pages; ++i) {
      const u64 page = s.spa + i * four_k;
      if (touches_table(page, page + four_k - 1)) continue;
      slow_rmp_entry fixed;
      fixed.immutable = true;
      if (choices().firmware_page_hi) fixed.perms = entry_of(page).perms;
      set_entry(page, fixed);
    }
    return status("SUCCESS");
  }

  verify::rmp_setup setup_;
  std::map<u64, slow_rmp_entry> entries_;  ///< by page number; pages that are not here are all zero
  std::set<u64> locked_;                   ///< regions that the firmware holds
};

}  // namespace sevspec::test

#endif
