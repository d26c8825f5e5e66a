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
  insist_1g,  ///< 1G pages even on parts that have none
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

/// One bit flipped in a register or parameter, which mostly makes it unusable.
struct register_edit {
  std::uint8_t which{};
  std::uint8_t bit{};
};

struct scenario {
  std::uint32_t modes{};
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

  [[nodiscard]] auto has(mode m) const -> bool { return ((modes >> static_cast<unsigned>(m)) & 1) != 0; }
};

/// An entry that the access would use in the unspoilt world.
struct path_entry {
  stage tables{};
  unsigned serves{};  ///< nested: the guest level whose entry is being located; 0: the final gPA
  unsigned level{};
  u64 where{};
};

struct world {
  cpu_part part;
  paging::guest_entry_state state;  ///< for host walks, `guest` holds the host's registers
  implementation_choices choices;
  word_memory memory;
  u64 address{};
  memory_access why;
  u64 final_gpa{};
  std::vector<path_entry> path;
  std::vector<u64> tables;  ///< pages that hold tables, in the space their pointers use
};

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
    world_.part = part_number(plan.part % part_count);
    set_registers();
    set_address();
    if (two_stage) new_table(false);  // the nested root
    world_.state.ncr3 = nested_root_ = two_stage ? nested_tables_ - 0x1000 : 0;
    if (nested_c()) world_.state.ncr3 |= c_if(mode::nested_root_c);
    make_guest_tables();
    for (const edit& change : plan.edits) apply(change);
    for (const register_edit& change : plan.register_edits) apply(change);
  }

  auto result() -> world& { return world_; }

 private:
  [[nodiscard]] auto has(mode m) const -> bool { return plan_.has(m); }
  [[nodiscard]] auto makes_1g() const -> bool { return world_.part.gb_pages || has(mode::insist_1g); }
  [[nodiscard]] auto c_mask() const -> u64 { return u64{1} << world_.part.c_bit; }
  [[nodiscard]] auto c_if(mode m) const -> u64 { return has(m) ? c_mask() : 0; }
  [[nodiscard]] auto encryption() const -> bool { return has(mode::encryption); }
  [[nodiscard]] auto nested_c() const -> bool { return encryption(); }
  [[nodiscard]] auto guest_c() const -> bool { return encryption() && (!two_stage_ || has(mode::sev)); }
  [[nodiscard]] auto levels(mode five) const -> unsigned { return has(five) && world_.part.la57 ? 5 : 4; }

  void set_registers() {
    auto& [host, syscfg, guest, ncr3, np_control, id, sev_features] = world_.state;
    const auto registers = [&](mode nxe, mode wp, mode smep, mode smap, mode pke, mode la57) {
      paging::control_registers regs = paging::long_mode_registers(0);
      if (!has(wp)) regs.cr0 &= ~(u64{1} << 16);
      if (!has(nxe)) regs.efer &= ~(u64{1} << 11);
      if (has(smep)) regs.cr4 |= u64{1} << 20;
      if (has(smap)) regs.cr4 |= u64{1} << 21;
      if (has(pke)) regs.cr4 |= u64{1} << 22;
      if (levels(la57) == 5) regs.cr4 |= u64{1} << 12;
      return regs;
    };
    host = registers(mode::host_nxe, mode::host_wp, mode::host_smep, mode::host_smap, mode::host_pke, mode::host_la57);
    guest = registers(mode::guest_nxe, mode::guest_wp, mode::guest_smep, mode::guest_smap, mode::guest_pke,
                      mode::guest_la57);
    if (has(mode::guest_off)) guest.cr0 &= ~(u64{1} << 31);
    if (encryption()) syscfg |= u64{1} << 23;
    if (has(mode::sev)) np_control |= 2;
    if (has(mode::sev_es)) np_control |= 4;
    id = asid{5};

    auto& [ad_policy, guest_ad_first, high, id_condition, enc] = world_.choices;
    if (has(mode::deferred_ad)) ad_policy = ad_update::deferred;
    guest_ad_first = !has(mode::late_guest_ad);
    if (has(mode::alias_high_gpa)) high = high_gpa::alias;
    id_condition = !has(mode::id_always);
    enc = plan_.enc;
  }

  void set_address() {
    static constexpr std::array<u64, 8> interesting{0, 1, 2, 255, 256, 257, 510, 511};
    const unsigned depth = levels(mode::guest_la57);
    u64 address = plan_.offset & 0xfff;
    for (unsigned level = 1; level <= depth; ++level)
      address |= interesting[plan_.index[level - 1] % 8] << (12 + 9 * (level - 1));
    const unsigned top = 12 + 9 * depth - 1;
    if ((address >> top) & 1) address |= ~u64{0} << top;
    if (plan_.hole != 0) address ^= u64{1} << (top + plan_.hole % (64 - top));
    world_.address = address;
    world_.why = {.kind = plan_.kind,
                  .level = {static_cast<std::uint8_t>(plan_.cpl & 3)},
                  .implicit_supervisor = has(mode::implicit_supervisor),
                  .through_ss = has(mode::through_ss),
                  .alignment_check = has(mode::alignment_check),
                  .pkru = plan_.pkru,
                  .bytes = plan_.bytes == 0 ? 1 : plan_.bytes};
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
    for (unsigned level = levels(mode::host_la57);; --level) {
      const u64 slot = table + ((gpa >> (12 + 9 * (level - 1))) & 0x1ff) * 8;
      world_.path.push_back({stage::nested, serves, level, slot});
      u64& entry = world_.memory.words[slot];
      const u64 bytes = u64{1} << (12 + 9 * (level - 1));
      const bool make_leaf = level == 1 || (level == leaf && (level < 3 || makes_1g()));
      if (entry == 0) {
        u64 target{};
        if (make_leaf) {
          u64& next = next_page_[level];
          target = next;
          next += bytes;
          entry = target | 7 | ad_of(slot) | (level > 1 ? 0x80 : 0) | (nested_c() ? c_if(mode::nested_leaf_c) : 0);
          leaves_.insert(slot);
        } else {
          target = new_table(false);
          entry = target | 7 | (ad_of(slot) & 0x20) | (nested_c() ? c_if(mode::nested_table_c) : 0);
        }
      }
      const u64 base = entry & 0x000f'ffff'ffff'f000 & ~(nested_c() ? c_mask() : 0);
      if (leaves_.contains(slot)) return base | (gpa & (bytes - 1));
      table = base;
    }
  }

  void make_guest_tables() {
    if (has(mode::guest_off)) {
      world_.final_gpa = world_.address & 0xffff'ffff;  // PAG-CAN-02
      if (two_stage_) map_nested(world_.final_gpa, plan_.final_leaf, 0);
      return;
    }
    u64 table = new_table(true);
    world_.state.guest.cr3 = table | (guest_c() ? c_if(mode::guest_root_c) : 0);
    const u64 rights = has(mode::user_page) ? 7 : 3;
    for (unsigned level = levels(mode::guest_la57);; --level) {
      const u64 slot = table + ((world_.address >> (12 + 9 * (level - 1))) & 0x1ff) * 8;
      const u64 where = two_stage_ ? map_nested(slot, plan_.table_leaf[level - 1], level) : slot;
      world_.path.push_back({two_stage_ ? stage::guest : stage::host, level, level, where});
      const bool make_leaf = level == 1 || (level == plan_.guest_leaf && (level < 3 || makes_1g()));
      if (make_leaf) {
        const u64 bytes = u64{1} << (12 + 9 * (level - 1));
        const u64 target = place_of_data() + (bytes < (u64{1} << 30) ? bytes : 0);
        world_.memory.words[where] =
            target | rights | ad_of(where) | (level > 1 ? 0x80 : 0) | (guest_c() ? c_if(mode::guest_leaf_c) : 0);
        world_.final_gpa = target | (world_.address & (bytes - 1));
        if (two_stage_) map_nested(world_.final_gpa, plan_.final_leaf, 0);
        return;
      }
      table = new_table(true);
      world_.memory.words[where] = table | rights | (ad_of(where) & 0x20) | (guest_c() ? c_if(mode::guest_table_c) : 0);
    }
  }

  [[nodiscard]] auto entry_to_change(unsigned which) const -> u64 {
    const auto& path = world_.path;
    if (which < 128) return path[which % path.size()].where;
    if (which < 192) return path[path.size() - 1 - (which - 128) % path.size()].where;
    std::vector<u64> own;
    for (const path_entry& entry : path)
      if (entry.tables != stage::nested) own.push_back(entry.where);
    return own.empty() ? path.front().where : own[(which - 192) % own.size()];
  }

  void apply(const edit& change) {
    if (world_.path.empty()) return;
    u64& entry = world_.memory.words[entry_to_change(change.entry)];
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
    switch (change.which % 16) {
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
      default: world_.part.reduction = change.bit; break;
    }
  }

  const scenario& plan_;
  bool two_stage_;
  world world_;
  u64 nested_root_{};
  u64 nested_tables_ = 0x10'0000;
  u64 guest_tables_{};
  std::array<u64, 4> next_page_{0, 0x4000'0000, 0x8000'0000, 0x1'0000'0000};
  std::set<u64> leaves_;
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
      << w.state.id.value << '\n';
  out << "choices: " << (w.choices.ad_policy == ad_update::eager ? "eager" : "deferred")
      << (w.choices.guest_ad_before_final_npf ? ", guest A/D first" : ", guest A/D last")
      << (w.choices.npt_high_gpa == high_gpa::alias ? ", high gPA alias" : ", high gPA #NPF")
      << (w.choices.npf_id_requires_nx_or_smep ? "" : ", ID always") << ", enc "
      << static_cast<unsigned>(w.choices.report_enc_bit) << '\n';
  out << "access: " << "rwx"[static_cast<unsigned>(w.why.kind)] << " at " << w.address << " CPL "
      << unsigned{w.why.level.value} << (w.why.implicit_supervisor ? " implicit" : "")
      << (w.why.through_ss ? " SS" : "") << (w.why.alignment_check ? " AC" : "") << " PKRU " << w.why.pkru << " bytes "
      << w.why.bytes << '\n';
  for (const path_entry& entry : w.path) {
    out << (entry.tables == stage::nested ? "  nested " : "") << (entry.tables == stage::guest ? "guest " : "")
        << (entry.tables == stage::host ? "host " : "") << "level " << entry.level << " at " << entry.where << ": "
        << w.memory.look(entry.where).value_or(0) << '\n';
  }
  return out.str();
}

inline auto operator<<(std::ostream& out, const scenario& plan) -> std::ostream& {
  out << "(for a host walk)\n" << dump(make_host_world(plan)) << "(for a guest walk)\n";
  return out << dump(make_two_stage_world(plan));
}

}  // namespace sevspec::test

#endif
