// SPDX-License-Identifier: MIT
// A scenario is a few small numbers that say what tables, registers and access to make; a world is what comes of them.
// Left alone, a scenario makes a hierarchy in which the access succeeds or is refused by a permission at the very end;
// each edit then spoils one entry on the path. RapidCheck draws scenarios, fuzzers decode them from bytes.
#ifndef SEVSPEC_TESTS_PROPERTY_PAGING_SCENARIO_HPP
#define SEVSPEC_TESTS_PROPERTY_PAGING_SCENARIO_HPP

#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <support/rmp_pages.hpp>
#include <support/slow_walk.hpp>

namespace sevspec::test {

/// What is switched on. Bit numbers of `scenario::modes`.
enum class mode : unsigned {
  guest_nxe,
  guest_wp,
  guest_smep,
  guest_smap,
  guest_pke,
  guest_la57,
  guest_off,
  host_nxe,
  host_wp,
  host_smep,
  host_smap,
  host_pke,
  host_la57,
  encryption,
  sev,
  sev_es,
  guest_root_c,
  guest_table_c,
  guest_leaf_c,
  nested_root_c,
  nested_table_c,
  nested_leaf_c,
  user_page,  ///< U/S in the guest's entries
  implicit_supervisor,
  through_ss,
  alignment_check,
  deferred_ad,
  late_guest_ad,
  alias_high_gpa,
  id_always,
  insist_1g,      ///< 1G pages even on parts that have none
  junk_above_32,  ///< bits of the address that are cut off outside 64-bit mode
  compatibility,  ///< the access is made in compatibility mode
  paged_real,     ///< guest CR0.PE=0
  uaie,
  through_ds_or_es,
  wruss,
  shadow_stack_page,  ///< the guest's leaf has R/W=0 and D=1
  gmet,
  sss_check,
  rogpt,
  vte,
  supervisor_final,  ///< the final nested leaf has U/S=0
  no_fetch_final,    ///< ... and NX=1
  read_only_final,
  read_only_tables,  ///< nested leaves of the guest's tables have R/W=0
  snp,               ///< SYSCFG.SecureNestedPagingEn
  snp_active,
  vtom,
  vmpl_sss,
  gmet_user_always,
  gmet_walk_not_user,
  gmet_data_restricted,
  sss_plain_forbidden,
  walker_updates_only,
  walker_host_fault,
  walker_shutdown,
  table_read_write,
  gpt_actual_w,
  strict_shared_read,
  vtom_root_reserved,
  in_use_denies,
  in_use_write,  ///< the part lets the host write pages that VMRUN holds
  count_
};

/// A/D bits before the access.
enum class initial_ad : std::uint8_t { all_set, all_clear, mixed, accessed_only };

/// One change of an entry on the path.
struct edit {
  enum class kind : std::uint8_t {
    clear_bit,  ///< P, R/W, U/S, A, D by argument
    set_nx,
    set_large,  ///< bit 7
    set_bit_8,
    set_c,
    set_key,
    set_low_base,    ///< one of bits 29:12
    set_high_base,   ///< one of bits 51:36
    flip_any,        ///< one of all 64
    set_ignored,     ///< one of those that nobody looks at
    point_to_table,  ///< another table of the hierarchy, perhaps this one
    point_nowhere,   ///< to a page that no memory answers for
    point_high,      ///< to an address near the top of the physical width
    overwrite,       ///< with a fixed odd pattern
    count_
  };
  std::uint8_t entry{};  ///< which entry: 0-127 on the path, 128-191 from its end, 192-255 of the guest's (host's) own
  kind what{};
  std::uint8_t argument{};
};

/// One change of the Reverse Map Table.
struct owner_edit {
  enum class kind : std::uint8_t {
    take,  ///< to or from the hypervisor
    give_to_other,
    not_validated,
    immutable,
    in_use,
    resize,
    move,  ///< another gPA
    permissions,
    uncover,
    neighbour,  ///< another page of the same 2M is a guest's
    count_
  };
  std::uint8_t
      page{};  ///< 0-127 an entry's page, by its place on the path; 128-191 the guest's table; above the final page
  kind what{};
  std::uint8_t argument{};
};

/// How tables look; those of guest and nested tables.
enum class table_form : std::uint8_t { long_mode, pae, two_levels, two_levels_4m };

/// One bit flipped in a register or parameter, which mostly makes it unusable.
struct register_edit {
  std::uint8_t which{};
  std::uint8_t bit{};
};

struct scenario {
  std::uint64_t modes{};
  std::uint8_t part = 2;  ///< a generation, or one of two odd parts
  std::uint8_t guest_leaf = 1;
  std::uint8_t final_leaf = 1;                            ///< nested leaf that maps the final gPA
  std::array<std::uint8_t, 5> table_leaf{1, 1, 1, 1, 1};  ///< nested leaf that maps each guest table
  std::uint8_t table_place{};                             ///< how guest tables lie in gPA space
  std::uint8_t data_place{};
  initial_ad ad{};
  enc_bit enc{};
  std::array<std::uint8_t, 5> index{};  ///< selects the index at each level
  std::uint16_t offset{};               ///< byte in the 4K page
  std::uint8_t hole{};                  ///< nonzero: a bit that makes the address non-canonical
  access_kind kind{};
  std::uint8_t cpl{};
  std::uint32_t pkru{};
  std::uint32_t bytes = 1;
  std::vector<edit> edits;
  std::vector<register_edit> register_edits;
  table_form guest_form{};
  table_form host_form{};
  pse36_width pse36{};
  std::uint8_t level{};         ///< VMPL
  std::uint8_t allowed = 0x1f;  ///< what the VMPL may do with the guest's pages
  std::uint8_t tom{};           ///< where virtual TOM lies: 0 above the page, 1 at it, 2 below, 3 nowhere
  std::vector<owner_edit> owner_edits;

  [[nodiscard]] auto has(mode m) const -> bool { return ((modes >> static_cast<unsigned>(m)) & 1) != 0; }
};

/// An entry that the access would use in the unspoilt world.
struct path_entry {
  stage tables{};
  unsigned serves{};  ///< nested: the guest level whose entry is being located; 0: the final gPA
  unsigned level{};
  u64 where{};
  unsigned bytes = 8;
};

struct world {
  cpu_part part;
  paging::guest_entry_state state;  ///< for host walks, `guest` holds the host's registers
  implementation_choices choices;
  word_memory memory;
  slow::owner_list owners;
  u64 address{};
  memory_access why;
  u64 final_gpa{};
  std::vector<path_entry> path;
  std::vector<u64> tables;  ///< pages that hold tables, in the space their pointers use
  u64 final_spa{};
};

/// The Reverse Map Table as the library reads it.
inline auto rmp_of(const world& w) -> rmp_pages {
  rmp_pages pages;
  for (const auto& [where, value] : w.owners) pages.put(where, value);
  return pages;
}

namespace making {

inline auto hash(u64 value) -> u64 {
  value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9;
  value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11eb;
  return value ^ (value >> 31);
}

inline auto part_number(unsigned which) -> cpu_part {
  if (which < 5) return generation_parts[which];
  cpu_part odd = generation_parts[4];
  if (which == 5) {  // no 1G pages, C-bit inside the guest's addresses
    odd.gb_pages = false;
    odd.c_bit = 46;
    odd.snp_capable = false;
  } else {  // narrow
    odd.pa_bits = 40;
    odd.c_bit = 38;
    odd.reduction = 3;
  }
  return odd;
}
inline constexpr unsigned part_count = 7;

class builder {
 public:
  builder(const scenario& plan, bool two_stage) : plan_(plan), two_stage_(two_stage) {
    if (has(mode::guest_off) && is_shadow_stack(plan.kind))  // there are none without paging
      plan_.kind = slow::is_write(plan.kind) ? access_kind::write : access_kind::read;
    world_.part = part_number(plan.part % part_count);
    world_.part.hv_in_use_write = has(mode::in_use_write);
    set_registers();
    set_address();
    if (two_stage) new_table(false);  // the nested root
    world_.state.ncr3 = nested_root_ = two_stage ? nested_tables_ - 0x1000 : 0;
    if (nested_c() && is_long(plan.host_form)) world_.state.ncr3 |= c_if(mode::nested_root_c);
    make_guest_tables();
    if (two_stage_) give_pages_to_guest();
    for (const edit& change : plan.edits) apply(change);
    for (const register_edit& change : plan.register_edits) apply(change);
    for (const owner_edit& change : plan.owner_edits) apply(change);
    make_owners_consistent();
  }

  auto result() -> world& { return world_; }

 private:
  [[nodiscard]] auto has(mode m) const -> bool { return plan_.has(m); }
  [[nodiscard]] auto makes_1g() const -> bool { return world_.part.gb_pages || has(mode::insist_1g); }
  [[nodiscard]] auto c_mask() const -> u64 { return u64{1} << world_.part.c_bit; }
  [[nodiscard]] auto c_if(mode m) const -> u64 { return has(m) ? c_mask() : 0; }
  [[nodiscard]] auto encryption() const -> bool { return has(mode::encryption); }
  [[nodiscard]] auto is_long(table_form form) const -> bool { return form == table_form::long_mode; }
  [[nodiscard]] auto is_short(table_form form) const -> bool {
    return form == table_form::two_levels || form == table_form::two_levels_4m;
  }
  [[nodiscard]] auto snp() const -> bool { return has(mode::snp) && world_.part.snp_capable; }
  [[nodiscard]] auto snp_guest() const -> bool {
    return two_stage_ && snp() && encryption() && has(mode::sev) && has(mode::sev_es) && has(mode::snp_active);
  }
  [[nodiscard]] auto vtom() const -> bool { return snp_guest() && has(mode::vtom); }
  [[nodiscard]] auto nested_c() const -> bool { return encryption() && !is_short(plan_.host_form); }
  [[nodiscard]] auto guest_c() const -> bool {
    return encryption() && (!two_stage_ || has(mode::sev)) && !vtom() && !is_short(plan_.guest_form);
  }
  [[nodiscard]] auto levels(table_form form, mode five) const -> unsigned {
    if (is_short(form)) return 2;
    if (form == table_form::pae) return 3;
    return has(five) && world_.part.la57 ? 5 : 4;
  }
  [[nodiscard]] auto guest_levels() const -> unsigned { return levels(plan_.guest_form, mode::guest_la57); }
  [[nodiscard]] auto host_levels() const -> unsigned { return levels(plan_.host_form, mode::host_la57); }
  static auto shift_of(bool two_levels, unsigned level) -> unsigned { return 12 + (two_levels ? 10 : 9) * (level - 1); }
  static auto offset_in_table(bool two_levels, u64 address, unsigned level) -> u64 {
    const u64 entries = two_levels ? 1024 : 512;
    return (address >> shift_of(two_levels, level)) % entries * (two_levels ? 4 : 8);
  }
  /// Whether a large page of this level can be made.
  [[nodiscard]] auto makes_leaf(table_form form, unsigned level, unsigned wanted) const -> bool {
    if (level == 1) return true;
    if (level != wanted) return false;
    if (form == table_form::long_mode) return level == 2 || (level == 3 && makes_1g());
    return level == 2 && form != table_form::two_levels;
  }

  [[nodiscard]] auto look(u64 where, unsigned bytes) const -> u64 {
    const auto word = world_.memory.words.find(where & ~u64{7});
    if (word == world_.memory.words.end()) return 0;
    return bytes == 8 ? word->second : word->second >> (8 * (where & 4)) & 0xffff'ffff;
  }
  void put(u64 where, unsigned bytes, u64 entry) {
    u64& word = world_.memory.words[where & ~u64{7}];
    const unsigned shift = bytes == 8 ? 0 : static_cast<unsigned>(8 * (where & 4));
    const u64 mask = bytes == 8 ? ~u64{0} : u64{0xffff'ffff} << shift;
    word = (word & ~mask) | (entry << shift & mask);
  }

  void set_registers() {
    auto& state = world_.state;
    const auto registers = [&](table_form form, mode nxe, mode wp, mode smep, mode smap, mode pke, mode la57) {
      paging::control_registers regs = paging::long_mode_registers(0);
      if (!is_long(form)) regs.efer &= ~(u64{5} << 8);
      if (is_short(form)) regs.cr4 &= ~(u64{1} << 5);
      if (form == table_form::two_levels_4m) regs.cr4 |= u64{1} << 4;
      if (has(mode::uaie) && world_.part.upper_address_ignore) regs.efer |= u64{1} << 20;
      if (is_shadow_stack(plan_.kind)) regs.cr4 |= u64{1} << 23;
      if (!has(wp)) regs.cr0 &= ~(u64{1} << 16);
      if (!has(nxe)) regs.efer &= ~(u64{1} << 11);
      if (has(smep)) regs.cr4 |= u64{1} << 20;
      if (has(smap)) regs.cr4 |= u64{1} << 21;
      if (has(pke)) regs.cr4 |= u64{1} << 22;
      if (is_long(form) && levels(form, la57) == 5) regs.cr4 |= u64{1} << 12;
      return regs;
    };
    state.host = registers(plan_.host_form, mode::host_nxe, mode::host_wp, mode::host_smep, mode::host_smap,
                           mode::host_pke, mode::host_la57);
    state.guest = registers(plan_.guest_form, mode::guest_nxe, mode::guest_wp, mode::guest_smep, mode::guest_smap,
                            mode::guest_pke, mode::guest_la57);
    if (has(mode::guest_off)) state.guest.cr0 &= ~(u64{1} << 31);
    if (real_mode()) state.guest.cr0 &= ~u64{1};
    if (encryption()) state.syscfg |= u64{1} << 23;
    if (has(mode::sev)) state.np_control |= 2;
    if (has(mode::sev_es)) state.np_control |= 4;
    if (has(mode::gmet)) state.np_control |= 8;
    const bool vmpl_sss = snp_guest() && has(mode::vmpl_sss);
    if (has(mode::sss_check) && !vmpl_sss) state.np_control |= 0x10;
    if (has(mode::vte)) state.np_control |= 0x20;
    if (has(mode::rogpt)) state.np_control |= 0x40;
    if (snp()) state.syscfg |= u64{1} << 24;
    if (has(mode::snp_active)) state.sev_features |= 1;
    if (has(mode::vtom)) state.sev_features |= 2;
    if (has(mode::vmpl_sss)) state.sev_features |= 0x100;
    state.level = {static_cast<std::uint8_t>(plan_.level & 3)};
    state.id = asid{5};

    auto& choices = world_.choices;
    if (has(mode::deferred_ad)) choices.ad_policy = ad_update::deferred;
    choices.guest_ad_before_final_npf = !has(mode::late_guest_ad);
    if (has(mode::alias_high_gpa)) choices.npt_high_gpa = high_gpa::alias;
    choices.npf_id_requires_nx_or_smep = !has(mode::id_always);
    choices.report_enc_bit = plan_.enc;
    choices.pse36_bits = plan_.pse36;
    if (has(mode::gmet_user_always)) choices.gmet_us_bit = gmet_user_bit::always;
    choices.gmet_walk_us_bit = !has(mode::gmet_walk_not_user);
    choices.gmet_data_ignores_us = !has(mode::gmet_data_restricted);
    if (has(mode::sss_plain_forbidden)) choices.sss_plain_access = sss_access::forbidden;
    if (has(mode::walker_host_fault)) choices.npt_walk_fault = nested_table_fault::host_page_fault;
    if (has(mode::walker_shutdown)) choices.npt_walk_fault = nested_table_fault::shutdown;
    if (has(mode::walker_updates_only)) choices.ptw_read_check = walker_check::updates_only;
    if (has(mode::table_read_write)) choices.rmp_gpt_vmpl_perm = table_vmpl::read_write;
    choices.rmp_gpt_error_w = !has(mode::gpt_actual_w);
    choices.strict_shared_read = has(mode::strict_shared_read);
    choices.in_use_denies_guest_reads = has(mode::in_use_denies);
    if (has(mode::vtom_root_reserved)) choices.vtom_root_c = vtom_root_c_bit::reserved;
  }

  void set_address() {
    static constexpr std::array<u64, 8> interesting{0, 1, 2, 255, 256, 257, 510, 511};
    const bool two_levels = is_short(plan_.guest_form);
    const unsigned depth = guest_levels();
    u64 address = plan_.offset & 0xfff;
    for (unsigned level = 1; level <= depth; ++level) {
      u64 index = interesting[plan_.index[level - 1] % 8];
      if (two_levels && index >= 255) index += 512;
      address |= index << shift_of(two_levels, level);
    }
    if (!is_long(plan_.guest_form) || has(mode::compatibility)) {
      address &= 0xffff'ffff;
      if (has(mode::junk_above_32)) address |= making::hash(address) << 32;
    } else {
      const unsigned top = 12 + 9 * depth - 1;
      if ((address >> top) & 1) address |= ~u64{0} << top;
      if (plan_.hole != 0) address ^= u64{1} << (top + plan_.hole % (64 - top));
    }
    linear_ = !is_long(plan_.guest_form) || has(mode::compatibility) ? address & 0xffff'ffff : address;
    world_.address = address;
    // Only references that exist: WRUSS stores to a shadow stack at CPL 0, DS and ES reach data, real mode has CPL 0.
    const bool wruss = has(mode::wruss) && plan_.kind == access_kind::shadow_stack_write;
    const bool data = plan_.kind == access_kind::read || plan_.kind == access_kind::write;
    const bool implicit = has(mode::implicit_supervisor) && !wruss && !is_shadow_stack(plan_.kind);
    const unsigned level = wruss || real_mode() ? 0 : plan_.cpl & 3;
    world_.why = {.kind = plan_.kind,
                  .level = {static_cast<std::uint8_t>(level)},
                  .implicit_supervisor = implicit,
                  .compatibility = has(mode::compatibility) && is_long(plan_.guest_form),
                  .wruss = wruss,
                  .through_ss = has(mode::through_ss),
                  .through_ds_or_es = has(mode::through_ds_or_es) && data && !implicit && !has(mode::through_ss),
                  .alignment_check = has(mode::alignment_check),
                  .pkru = plan_.pkru,
                  .bytes = plan_.bytes == 0 ? 1 : plan_.bytes};
  }

  [[nodiscard]] auto real_mode() const -> bool {
    return two_stage_ && has(mode::paged_real) && !is_long(plan_.guest_form) && !is_shadow_stack(plan_.kind);
  }

  auto new_table(bool of_guest) -> u64 {
    const u64 table = of_guest ? place_of_table() : nested_tables_;
    if (of_guest) {
      ++guest_tables_;
    } else {
      nested_tables_ += 0x1000;
    }
    world_.tables.push_back(table);
    return table;
  }

  /// Guest tables lie close together, or so far apart that nested tables are not shared, or high.
  [[nodiscard]] auto place_of_table() const -> u64 {
    const u64 n = guest_tables_ + 1;
    if (!two_stage_) return 0x40'0000 + n * 0x1000;
    if (!is_long(plan_.guest_form) || !is_long(plan_.host_form))
      return plan_.table_place % 2 == 0 ? n * 0x1000 : n << 21;
    switch (plan_.table_place % 6) {
      case 0:  return n * 0x1000;
      case 1:  return n << 21;
      case 2:  return (n << 30) + 0x3000;
      case 3:  return (n << 35) + 0x1f'f000;
      case 4:  return (u64{1} << (world_.part.pa_bits - 3)) - n * 0x1000;
      default: return (u64{1} << (world_.part.pa_bits - 3)) + (n << 12);
    }
  }
  [[nodiscard]] auto place_of_data() const -> u64 {  // 1G aligned
    if (!two_stage_) return u64{3} << 30;
    if (is_short(plan_.guest_form) || !is_long(plan_.host_form)) return u64{plan_.data_place % 3U} << 30;
    switch (plan_.data_place % 5) {
      case 0:  return 0;  // the guest tables' neighbourhood
      case 1:  return u64{1} << 30;
      case 2:  return u64{7} << 33;
      case 3:  return u64{1} << (world_.part.pa_bits - 3);
      default: return (u64{1} << (world_.part.pa_bits - 2)) - (u64{1} << 30);
    }
  }

  [[nodiscard]] auto ad_of(u64 where) const -> u64 {
    switch (plan_.ad) {
      case initial_ad::all_set:       return 0x60;
      case initial_ad::all_clear:     return 0;
      case initial_ad::mixed:         return hash(where) & 0x60;
      case initial_ad::accessed_only: return 0x20;
    }
    return 0;
  }

  /// Makes gPA -> sPA and notes the path. An entry that is there already is used as it is.
  auto map_nested(u64 gpa, unsigned leaf, unsigned serves) -> u64 {
    u64 table = nested_root_;
    const bool two_levels = is_short(plan_.host_form);
    const unsigned size = two_levels ? 4 : 8;
    if (host_levels() < 4) gpa &= 0xffff'ffff;
    for (unsigned level = host_levels();; --level) {
      const u64 slot = table + offset_in_table(two_levels, gpa, level);
      world_.path.push_back({stage::nested, serves, level, slot, size});
      const u64 bytes = u64{1} << shift_of(two_levels, level);
      u64 entry = look(slot, size);
      if (entry == 0) {
        u64 target{};
        if (makes_leaf(plan_.host_form, level, leaf)) {
          u64& next = next_page_[level];
          target = next;
          next += bytes;
          entry = target | 7 | ad_of(slot) | (level > 1 ? 0x80 : 0) | (nested_c() ? c_if(mode::nested_leaf_c) : 0);
          if (serves == 0 && has(mode::supervisor_final)) entry &= ~u64{4};
          if (serves == 0 && has(mode::no_fetch_final) && !two_levels && has(mode::host_nxe)) entry |= u64{1} << 63;
          if (has(serves == 0 ? mode::read_only_final : mode::read_only_tables)) entry &= ~u64{2};
          leaves_.insert(slot);
        } else {
          target = new_table(false);
          const bool pdpe = plan_.host_form == table_form::pae && level == 3;
          entry = target | (pdpe ? 1 : 7 | (ad_of(slot) & 0x20)) | (nested_c() ? c_if(mode::nested_table_c) : 0);
        }
        put(slot, size, entry);
      }
      const u64 base = entry & 0x000f'ffff'ffff'f000 & ~(nested_c() ? c_mask() : 0);
      if (leaves_.contains(slot)) {
        guest_pages_.push_back({gpa, base | (gpa & (bytes - 1)), level > 1, serves});
        return base | (gpa & (bytes - 1));
      }
      table = base;
    }
  }

  void make_guest_tables() {
    if (has(mode::guest_off)) {
      world_.final_gpa = world_.address & 0xffff'ffff;  // PAG-CAN-02
      world_.final_spa = two_stage_ ? map_nested(world_.final_gpa, plan_.final_leaf, 0) : world_.final_gpa;
      return;
    }
    u64 table = new_table(true);
    world_.state.guest.cr3 = table;
    const bool root_c = is_long(plan_.guest_form) && (guest_c() || (vtom() && !has(mode::vtom_root_reserved)));
    if (root_c) world_.state.guest.cr3 |= c_if(mode::guest_root_c);
    const u64 rights = has(mode::user_page) ? 7 : 3;
    const bool two_levels = is_short(plan_.guest_form);
    const unsigned size = two_levels ? 4 : 8;
    for (unsigned level = guest_levels();; --level) {
      const u64 slot = table + offset_in_table(two_levels, linear_, level) % (level == 3 && is_pae() ? 32 : 4096);
      const u64 where = two_stage_ ? map_nested(slot, plan_.table_leaf[level - 1], level) : slot;
      world_.path.push_back({two_stage_ ? stage::guest : stage::host, level, level, where, size});
      if (makes_leaf(plan_.guest_form, level, plan_.guest_leaf)) {
        const u64 bytes = u64{1} << shift_of(two_levels, level);
        const u64 target = place_of_data() + (bytes < (u64{1} << 30) ? bytes : 0);
        u64 entry =
            target | rights | ad_of(where) | (level > 1 ? 0x80 : 0) | (guest_c() ? c_if(mode::guest_leaf_c) : 0);
        if (has(mode::shadow_stack_page)) entry = (entry & ~u64{2}) | 0x40;
        world_.final_gpa = target | (linear_ & (bytes - 1));
        if (two_levels && level == 2 && plan_.data_place >= 3 && is_long(plan_.host_form)) {  // PAG-ENT-04
          const u64 high = plan_.pse36 == pse36_width::bits_32 ? 0 : plan_.pse36 == pse36_width::bits_36 ? 9 : 0x21;
          entry |= high << 13;
          world_.final_gpa |= high << 32;
        }
        put(where, size, entry);
        world_.final_spa = two_stage_ ? map_nested(world_.final_gpa, plan_.final_leaf, 0) : world_.final_gpa;
        return;
      }
      table = new_table(true);
      const bool pdpe = is_pae() && level == 3;
      put(where, size,
          table | (pdpe ? 1 : rights | (ad_of(where) & 0x20)) | (guest_c() ? c_if(mode::guest_table_c) : 0));
    }
  }
  [[nodiscard]] auto is_pae() const -> bool { return plan_.guest_form == table_form::pae; }

  /// The pages of an SNP-active guest are its own; other pages nobody's.
  void give_pages_to_guest() {
    auto& state = world_.state;
    const u64 unit = u64{1} << 21;
    const u64 tom = world_.final_gpa & ~(unit - 1);
    state.virtual_tom = plan_.tom == 0 ? tom + unit : plan_.tom == 1 ? tom : plan_.tom == 2 ? tom / 2 : 0;
    if (!snp_guest()) return;
    bool c = guest_c() && has(mode::guest_leaf_c);
    if (has(mode::guest_off) || is_short(plan_.guest_form)) c = true;
    if (vtom()) c = world_.final_gpa < (state.virtual_tom & ~(unit - 1));
    if (plan_.kind == access_kind::execute) c = true;
    for (const guest_page_place& one : guest_pages_) {
      if (one.serves == 0 && !c) continue;
      const u64 mask = one.large ? unit - 1 : 0xfff;
      rmp::entry owned{.assigned = true, .large = one.large, .validated = true, .id = {5}, .guest = {one.gpa & ~mask}};
      for (auto& level : owned.allowed) level.raw = plan_.allowed;
      world_.owners[one.spa & ~mask] = owned;
    }
  }

  void apply(const owner_edit& change) {
    u64 page = world_.final_spa;
    if (change.page < 192 && !world_.path.empty())
      page = change.page < 128 ? world_.path[change.page % world_.path.size()].where
                               : entry_to_change(change.page + 64U).where;
    page &= ~u64{0xfff};
    auto& owners = world_.owners;
    const u64 base = page & ~u64{0x1f'ffff};
    if (const auto large = owners.find(base); large != owners.end() && large->second.large) page = base;
    const unsigned n = change.argument;
    const auto covered = [&]() -> rmp::entry& { return owners[page]; };
    switch (change.what) {
      case owner_edit::kind::take:          covered().assigned ^= true; break;
      case owner_edit::kind::give_to_other: covered().assigned = true, covered().id = {n % 4}; break;
      case owner_edit::kind::not_validated: covered().validated = false; break;
      case owner_edit::kind::immutable:     covered().immutable = true; break;
      case owner_edit::kind::in_use:        covered().in_use = true; break;
      case owner_edit::kind::resize:        {
        rmp::entry moved = covered();
        if (page != base) owners.erase(page);
        moved.large = !moved.large;
        owners[base] = moved;
        break;
      }
      case owner_edit::kind::move:        covered().guest.value ^= u64{1} << (12 + n % 30); break;
      case owner_edit::kind::permissions: covered().allowed[world_.state.level.value % 4].raw = n % 32; break;
      case owner_edit::kind::uncover:     owners.erase(page); break;
      case owner_edit::kind::neighbour:
        owners[base | (u64{n % 512U} << 12)] = {.assigned = true, .validated = true, .id = {5}};
        break;
      case owner_edit::kind::count_: break;
    }
  }

  /// A 2M entry stands alone in its 2M, and its gPA is aligned, too.
  void make_owners_consistent() {
    auto& owners = world_.owners;
    for (auto& [where, value] : owners)
      if (where % (u64{1} << 21) != 0) value.large = false;
    for (auto& [where, value] : owners)
      if (value.large) value.guest.value &= ~u64{0x1f'ffff};
    std::erase_if(owners, [&](const auto& one) {
      const u64 base = one.first & ~u64{0x1f'ffff};
      const auto large = owners.find(base);
      return one.first != base && large != owners.end() && large->second.large;
    });
  }

  [[nodiscard]] auto entry_to_change(unsigned which) const -> path_entry {
    const auto& path = world_.path;
    if (which < 128) return path[which % path.size()];
    if (which < 192) return path[path.size() - 1 - (which - 128) % path.size()];
    std::vector<path_entry> own;
    for (const path_entry& entry : path)
      if (entry.tables != stage::nested) own.push_back(entry);
    return own.empty() ? path.front() : own[(which - 192) % own.size()];
  }

  void apply(const edit& change) {
    if (world_.path.empty()) return;
    const path_entry place = entry_to_change(change.entry);
    u64 entry = look(place.where, place.bytes);
    change_entry(entry, change);
    put(place.where, place.bytes, entry);
  }

  void change_entry(u64& entry, const edit& change) {
    const unsigned n = change.argument;
    static constexpr u64 base = 0x000f'ffff'ffff'f000;
    switch (change.what) {
      case edit::kind::clear_bit: {
        static constexpr std::array<unsigned, 8> bits{0, 1, 1, 2, 2, 5, 6, 1};
        entry &= ~(u64{1} << bits[n % 8]);
        break;
      }
      case edit::kind::set_nx:        entry |= u64{1} << 63; break;
      case edit::kind::set_large:     entry |= 0x80; break;
      case edit::kind::set_bit_8:     entry |= 0x100; break;
      case edit::kind::set_c:         entry |= c_mask(); break;
      case edit::kind::set_key:       entry |= u64{n % 16} << 59; break;
      case edit::kind::set_low_base:  entry |= u64{1} << (12 + n % 18); break;
      case edit::kind::set_high_base: entry |= u64{1} << (36 + n % 16); break;
      case edit::kind::flip_any:      entry ^= u64{1} << (n % 64); break;
      case edit::kind::set_ignored:   {
        static constexpr std::array<unsigned, 8> bits{3, 4, 9, 10, 11, 52, 55, 58};
        entry ^= u64{1} << bits[n % 8];
        break;
      }
      case edit::kind::point_to_table: entry = (entry & ~base) | world_.tables[n % world_.tables.size()]; break;
      case edit::kind::point_nowhere:  entry = (entry & ~base) | 0x7000'0000 | (u64{n} << 12); break;
      case edit::kind::point_high:
        entry = (entry & ~base) | ((u64{1} << (world_.part.pa_bits - n % 8)) - 0x1000) % (u64{1} << 52);
        break;
      case edit::kind::overwrite: {
        static constexpr std::array<u64, 4> patterns{0, ~u64{0}, 0x8000'0000'0000'0001, 0x000f'ffff'ffff'f067};
        entry = patterns[n % 4];
        break;
      }
      case edit::kind::count_: break;
    }
  }

  void apply(const register_edit& change) {
    auto& state = world_.state;
    const u64 flip = u64{1} << (change.bit % 64);
    switch (change.which % 20) {
      case 0:  state.guest.cr0 ^= flip; break;
      case 1:  state.guest.cr3 ^= flip; break;
      case 2:  state.guest.cr4 ^= flip; break;
      case 3:  state.guest.efer ^= flip; break;
      case 4:  state.host.cr0 ^= flip; break;
      case 5:  state.host.cr3 ^= flip; break;
      case 6:  state.host.cr4 ^= flip; break;
      case 7:  state.host.efer ^= flip; break;
      case 8:  state.ncr3 ^= flip; break;
      case 9:  state.np_control ^= flip; break;
      case 10: state.syscfg ^= flip; break;
      case 11: state.sev_features ^= u64{1} << (change.bit % 4); break;
      case 12: state.id.value = change.bit % 4 == 3 ? 600 : change.bit % 4; break;
      case 13: world_.part.pa_bits = change.bit; break;
      case 14: world_.part.c_bit = change.bit; break;
      case 15: world_.part.reduction = change.bit; break;
      case 16: state.level.value = change.bit % 8; break;
      case 17: state.g_pat ^= flip; break;
      case 18: state.virtual_tom ^= flip; break;
      default: state.sev_features ^= u64{1} << (change.bit % 16); break;
    }
  }

  scenario plan_;
  bool two_stage_;
  world world_;
  u64 nested_root_{};
  u64 nested_tables_ = 0x10'0000;
  u64 guest_tables_{};
  std::array<u64, 4> next_page_{0, 0x4000'0000, 0x8000'0000, 0x1'0000'0000};
  struct guest_page_place {
    u64 gpa{};
    u64 spa{};
    bool large{};
    unsigned serves{};
  };
  std::vector<guest_page_place> guest_pages_;
  std::set<u64> leaves_;
  u64 linear_{};
};

}  // namespace making

/// Guest and nested tables, and a guest reference to translate through them.
inline auto make_two_stage_world(const scenario& plan) -> world { return making::builder(plan, true).result(); }

/// Host tables, made from what the scenario says of the guest's.
inline auto make_host_world(const scenario& plan) -> world { return making::builder(plan, false).result(); }

/// Everything in a world, to be read by people.
inline auto dump(const world& w) -> std::string {
  std::ostringstream out;
  out << std::hex << std::showbase;
  const auto registers = [&](const char* who, const paging::control_registers& regs) {
    out << who << ": cr0 " << regs.cr0 << " cr3 " << regs.cr3 << " cr4 " << regs.cr4 << " efer " << regs.efer << '\n';
  };
  out << "part: " << std::dec << w.part.pa_bits << " bits, C-bit " << w.part.c_bit << ", reduction " << w.part.reduction
      << (w.part.gb_pages ? ", 1G" : "") << (w.part.la57 ? ", LA57" : "") << (w.part.snp_capable ? ", SNP" : "")
      << std::hex << '\n';
  registers("guest", w.state.guest);
  registers("host ", w.state.host);
  out << "ncr3 " << w.state.ncr3 << " 090h " << w.state.np_control << " syscfg " << w.state.syscfg << " asid "
      << w.state.id.value << " SEV_FEATURES " << w.state.sev_features << " TOM " << w.state.virtual_tom << " VMPL "
      << unsigned{w.state.level.value} << '\n';
  out << "choices: " << (w.choices.ad_policy == ad_update::eager ? "eager" : "deferred")
      << (w.choices.guest_ad_before_final_npf ? ", guest A/D first" : ", guest A/D last")
      << (w.choices.npt_high_gpa == high_gpa::alias ? ", high gPA alias" : ", high gPA #NPF")
      << (w.choices.npf_id_requires_nx_or_smep ? "" : ", ID always") << ", enc "
      << static_cast<unsigned>(w.choices.report_enc_bit) << ", PSE36 " << static_cast<unsigned>(w.choices.pse36_bits)
      << (w.choices.gmet_us_bit == gmet_user_bit::always ? ", GMET U always" : "")
      << (w.choices.gmet_walk_us_bit ? "" : ", GMET walk U=0")
      << (w.choices.gmet_data_ignores_us ? "" : ", GMET restricts data")
      << (w.choices.sss_plain_access == sss_access::forbidden ? ", SSS forbids data" : "")
      << (w.choices.ptw_read_check == walker_check::updates_only ? ", walker updates only" : "")
      << (w.choices.rmp_gpt_vmpl_perm == table_vmpl::read_write ? ", tables need RW" : "")
      << (w.choices.rmp_gpt_error_w ? "" : ", actual W") << (w.choices.strict_shared_read ? ", strict reads" : "")
      << '\n';
  out << "access: " << "rwxsS"[static_cast<unsigned>(w.why.kind)] << " at " << w.address << " CPL "
      << unsigned{w.why.level.value} << (w.why.implicit_supervisor ? " implicit" : "")
      << (w.why.through_ss ? " SS" : "") << (w.why.wruss ? " WRUSS" : "")
      << (w.why.compatibility ? " compatibility" : "") << (w.why.through_ds_or_es ? " DS" : "")
      << (w.why.alignment_check ? " AC" : "") << " PKRU " << w.why.pkru << " bytes " << w.why.bytes << '\n';
  for (const path_entry& entry : w.path) {
    const u64 word = w.memory.look(entry.where & ~u64{7}).value_or(0);
    out << (entry.tables == stage::nested ? "  nested " : "") << (entry.tables == stage::guest ? "guest " : "")
        << (entry.tables == stage::host ? "host " : "") << "level " << entry.level << " at " << entry.where << ": "
        << (entry.bytes == 8 ? word : word >> (8 * (entry.where & 4)) & 0xffff'ffff) << '\n';
  }
  for (const auto& [where, one] : w.owners)
    out << "  RMP " << where << (one.assigned ? " assigned" : "") << (one.large ? " 2M" : "")
        << (one.validated ? " validated" : "") << (one.immutable ? " immutable" : "") << (one.in_use ? " in use" : "")
        << " asid " << one.id.value << " gPA " << one.guest.value << " allowed "
        << unsigned{one.allowed[w.state.level.value % 4].raw} << '\n';
  return out.str();
}

inline auto operator<<(std::ostream& out, const scenario& plan) -> std::ostream& {
  out << "(for a host walk)\n" << dump(make_host_world(plan)) << "(for a guest walk)\n";
  return out << dump(make_two_stage_world(plan));
}

}  // namespace sevspec::test

#endif
