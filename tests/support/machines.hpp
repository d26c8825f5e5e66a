// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_MACHINES_HPP
#define SEVSPEC_TESTS_SUPPORT_MACHINES_HPP

#include <cstdint>
#include <optional>

#include <gsl/assert>

#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/walk.hpp>
#include <support/cells.hpp>

namespace sevspec::test {

// Entry bits, as tests write them.
inline constexpr std::uint64_t present = 1;
inline constexpr std::uint64_t writable = 2;
inline constexpr std::uint64_t user = 4;
inline constexpr std::uint64_t accessed = 0x20;
inline constexpr std::uint64_t dirty = 0x40;
inline constexpr std::uint64_t large = 0x80;
inline constexpr std::uint64_t bit_8 = 0x100;
inline constexpr std::uint64_t no_execute = std::uint64_t{1} << 63;
inline constexpr std::uint64_t all_rights = present | writable | user;
inline constexpr std::uint64_t bit_at(unsigned n) { return std::uint64_t{1} << n; }

// Accesses.
inline constexpr memory_access user_read{.kind = access_kind::read, .level = user_mode};
inline constexpr memory_access user_write{.kind = access_kind::write, .level = user_mode};
inline constexpr memory_access user_fetch{.kind = access_kind::execute, .level = user_mode};
inline constexpr memory_access kernel_read{.kind = access_kind::read, .level = kernel_mode};
inline constexpr memory_access kernel_write{.kind = access_kind::write, .level = kernel_mode};
inline constexpr memory_access kernel_fetch{.kind = access_kind::execute, .level = kernel_mode};

// Registers.
inline constexpr std::uint64_t cr0_wp = paging::cr0::wp::mask;
inline constexpr std::uint64_t cr0_pg = paging::cr0::pg::mask;
inline constexpr std::uint64_t cr4_smep = paging::cr4::smep::mask;
inline constexpr std::uint64_t cr4_smap = paging::cr4::smap::mask;
inline constexpr std::uint64_t cr4_pke = paging::cr4::pke::mask;
inline constexpr std::uint64_t cr4_la57 = paging::cr4::la57::mask;
inline constexpr std::uint64_t efer_nxe = paging::efer::nxe::mask;
inline constexpr std::uint64_t encryption_on = paging::syscfg::mem_encryption_mod_en::mask;

/// One tree of page tables, grown page by page inside `cells`.
class table_tree {
 public:
  constexpr table_tree() = default;

  /// @param stored_at  where table address 0 lies in the memory: sPA = table address + stored_at
  constexpr table_tree(std::uint64_t root, unsigned levels, std::uint64_t stored_at = 0)
      : root_(root), next_(root + 0x1000), stored_at_(stored_at), levels_(levels) {}

  /// Maps the page of `from` to `to`: a leaf at `leaf_level` with the given flags below pointers that allow everything.
  constexpr void map(cells& memory, std::uint64_t from, std::uint64_t to, unsigned leaf_level,
                     std::uint64_t flags = all_rights | accessed | dirty) {
    std::uint64_t table = root_;
    for (unsigned level = levels_; level > leaf_level; --level) {
      const std::uint64_t where = place(table, from, level);
      if (!memory.contains(where)) {
        memory.put(where, next_ | all_rights | accessed);
        next_ += 0x1000;
      }
      table = memory[where] & table_address;
    }
    memory.put(place(table, from, leaf_level), to | flags | (leaf_level > 1 ? large : 0));
  }

  /// Where the entry of this level for `from` lies.
  [[nodiscard]] constexpr auto slot(cells& memory, std::uint64_t from, unsigned level) const -> std::uint64_t {
    std::uint64_t table = root_;
    for (unsigned at = levels_; at > level; --at) table = memory[place(table, from, at)] & table_address;
    return place(table, from, level);
  }

 private:
  [[nodiscard]] constexpr auto place(std::uint64_t table, std::uint64_t from, unsigned level) const -> std::uint64_t {
    return stored_at_ + table + 8 * (from >> (12 + 9 * (level - 1)) & 511);
  }

  // All tables lie below 2 GiB, so that a test may set C-bits and reserved bits above and still find its way.
  static constexpr std::uint64_t table_address = 0x7fff'f000;

  std::uint64_t root_{};
  std::uint64_t next_{};
  std::uint64_t stored_at_{};
  unsigned levels_{};
};

// One address, whose index differs from level to level, and is nowhere 0.
inline constexpr std::uint64_t linear_4 = 0x0000'5a93'7654'3cc8;
inline constexpr std::uint64_t linear_5 = 0x0037'5a93'7654'3cc8;

/// The one address of an address space in long mode.
[[nodiscard]] constexpr auto linear_of(unsigned levels) -> std::uint64_t { return levels == 5 ? linear_5 : linear_4; }

/// Registers that select a format by its number of levels (2: tables of 32-bit entries, 3: PAE, 4 and 5: long mode, 0:
/// paging off), with write protection, NX and 4M pages.
[[nodiscard]] constexpr auto registers_of(unsigned levels, std::uint64_t root) -> paging::control_registers {
  paging::control_registers regs = paging::long_mode_registers(root);
  if (levels == 0) return {.cr0 = 0x11};
  if (levels == 5) regs.cr4 |= cr4_la57;
  if (levels == 3) regs.efer = 0x801;
  if (levels == 2) regs.efer = 0x801, regs.cr4 = 0x90;
  return regs;
}

/// The address bits inside a page that a leaf of 64-bit entries maps.
[[nodiscard]] constexpr auto page_mask(unsigned leaf_level) -> std::uint64_t {
  return (std::uint64_t{1} << (12 + 9 * (leaf_level - 1))) - 1;
}

/// The page that the one address is mapped to, by leaf level.
[[nodiscard]] constexpr auto data_page(unsigned leaf_level) -> std::uint64_t {
  return leaf_level == 1 ? 0x0234'5000 : leaf_level == 2 ? 0x0240'0000 : 0xc000'0000;
}
/// The byte that the one address is mapped to.
[[nodiscard]] constexpr auto data_byte(unsigned leaf_level) -> std::uint64_t {
  return data_page(leaf_level) + (linear_4 & page_mask(leaf_level));
}

/// Zen 3 with five levels and every feature of later ones, so that one part serves all tests; C-bit 51, 48 address
/// bits, 43 with memory encryption on.
inline constexpr cpu_part test_part = [] {
  cpu_part part = part_of(generation::milan);
  part.la57 = true;
  part.gmet = part.sss_check = part.rogpt = part.vte = part.pml = part.upper_address_ignore = true;
  return part;
}();

/// The fault of a walk, or nothing.
template <class T>
[[nodiscard]] constexpr auto fault_of(const outcome<T>& result) -> std::optional<fault> {
  if (result.has_value()) return std::nullopt;
  return result.error();
}

[[nodiscard]] constexpr auto page_fault(rule id, std::uint64_t code, std::uint64_t where) -> fault {
  return {fault_kind::pf, id, code, where};
}
[[nodiscard]] constexpr auto nested_fault(rule id, std::uint64_t code, std::uint64_t where) -> fault {
  return {fault_kind::npf, id, code, where};
}

/// A host whose tables, in any format, map one page, and the walk to it.
struct one_page_host {
  cpu_part part = test_part;
  paging::control_registers regs{};
  std::uint64_t syscfg = 0;
  implementation_choices choices{};
  hva where{};
  cells memory{};

  template <class Context, class Memory>
  constexpr auto run(Context& ctx, Memory& other, const memory_access& why) const -> outcome<paging::host_translation> {
    const auto regime = paging::make_host_regime(ctx, part, regs, syscfg);
    Expects(regime.has_value());
    return paging::walk(ctx, other, *regime, where, why);
  }
  template <class Context>
  constexpr auto run(Context& ctx, const memory_access& why) -> outcome<paging::host_translation> {
    return run(ctx, memory, why);
  }
  constexpr auto run(const memory_access& why) -> outcome<paging::host_translation> {
    context<> ctx{.choices = choices};
    return run(ctx, memory, why);
  }
  constexpr auto fault_of(const memory_access& why) -> std::optional<fault> { return test::fault_of(run(why)); }
};

/// A host in long mode with one page, open to everybody, at `where`.
struct host_machine : one_page_host {
  unsigned levels;
  unsigned leaf_level;
  table_tree tables;

  constexpr explicit host_machine(unsigned level_count = 4, unsigned leaf_at = 1)
      : one_page_host{.regs = registers_of(level_count, 0x10000), .where = {linear_of(level_count)}},
        levels(level_count), leaf_level(leaf_at), tables(0x10000, level_count) {
    tables.map(memory, where.value, data_page(leaf_at), leaf_at);
  }

  /// Where the entry of this level is, and the entry itself.
  [[nodiscard]] constexpr auto slot(unsigned level) -> std::uint64_t { return tables.slot(memory, where.value, level); }
  [[nodiscard]] constexpr auto at(unsigned level) -> std::uint64_t& { return memory[slot(level)]; }
  [[nodiscard]] constexpr auto leaf() -> std::uint64_t& { return at(leaf_level); }
};

/// Makes a guest a SEV guest (of a part with memory encryption turned on), or a SEV-ES one.
constexpr void turn_on_sev(paging::guest_entry_state& state, bool encrypted_state = false) {
  state.syscfg |= encryption_on;
  state.np_control |= encrypted_state ? 6U : 2U;
}

/// A guest whose two stages of tables, in any format, map one page, and the walk to it. gPA 0 is sPA `guest_at`.
struct one_page_guest {
  static constexpr std::uint64_t guest_at = 0x4000'0000;

  cpu_part part = test_part;
  paging::guest_entry_state state{};
  implementation_choices choices{};
  gva where{};
  gpa final_gpa{};
  cells memory{};

  constexpr void make_sev(bool encrypted_state = false) { turn_on_sev(state, encrypted_state); }

  template <class Context, class Memory>
  constexpr auto run(Context& ctx, Memory& other, const memory_access& why) const
      -> outcome<paging::guest_translation> {
    const auto regime = paging::make_two_stage_regime(ctx, part, state);
    Expects(regime.has_value());
    return paging::walk(ctx, other, *regime, where, why);
  }
  template <class Context>
  constexpr auto run(Context& ctx, const memory_access& why) -> outcome<paging::guest_translation> {
    return run(ctx, memory, why);
  }
  constexpr auto run(const memory_access& why) -> outcome<paging::guest_translation> {
    context<> ctx{.choices = choices};
    return run(ctx, memory, why);
  }
  constexpr auto fault_of(const memory_access& why) -> std::optional<fault> { return test::fault_of(run(why)); }
};

/// How deep both stages of a guest machine are, and at which level their leaves lie. `guest_levels` 0: paging off.
/// The guest's tables and its 4K or 2M page share one nested 1G page; a nested 1G leaf for one must be one for both.
struct guest_shape {
  unsigned guest_levels = 4;
  unsigned guest_leaf = 1;
  unsigned nested_levels = 4;
  unsigned nested_leaf_of_tables = 1;
  unsigned nested_leaf_of_data = 1;
};

/// A guest in long mode with one page, open to everybody, at `where`. Its tables begin at gPA 0x10000, its page is
/// `data_page`; the nested tables begin at 0x1000000.
struct guest_machine : one_page_guest {
  static constexpr std::uint64_t guest_root = 0x10000;

  guest_shape shape;
  table_tree guest;
  table_tree nested;

  constexpr explicit guest_machine(guest_shape form = {})
      : one_page_guest{.state = {.host = registers_of(form.nested_levels, 0),
                                 .guest = registers_of(form.guest_levels, guest_root),
                                 .ncr3 = 0x100'0000,
                                 .id = {5}},
                       .where = {linear_of(form.guest_levels)},
                       .final_gpa = {form.guest_levels == 0 ? 0x0234'5cc8 : data_byte(form.guest_leaf)}},
        shape(form), guest(guest_root, form.guest_levels, guest_at), nested(0x100'0000, form.nested_levels) {
    if (form.guest_levels == 0) where = {final_gpa.value};
    else guest.map(memory, where.value, data_page(form.guest_leaf), form.guest_leaf);
    for (unsigned i = 0; i + form.guest_leaf <= form.guest_levels; ++i)
      map_nested(guest_root + 0x1000 * i, form.nested_leaf_of_tables);
    map_nested(final_gpa.value, form.nested_leaf_of_data);
  }

  constexpr void map_nested(std::uint64_t physical, unsigned leaf_level) {
    nested.map(memory, physical, guest_at + (physical & ~page_mask(leaf_level)), leaf_level);
  }

  /// The guest's entry of this level: its gPA, and itself.
  [[nodiscard]] constexpr auto gpa_of(unsigned level) -> std::uint64_t {
    return guest.slot(memory, where.value, level) - guest_at;
  }
  [[nodiscard]] constexpr auto in_guest(unsigned level) -> std::uint64_t& { return memory[gpa_of(level) + guest_at]; }
  /// The nested entry of level `nested_level` that translates the guest's entry of level `level`.
  [[nodiscard]] constexpr auto for_table(unsigned level, unsigned nested_level) -> std::uint64_t& {
    return memory[nested.slot(memory, gpa_of(level), nested_level)];
  }
  /// The nested entry of this level that translates the final gPA.
  [[nodiscard]] constexpr auto for_data(unsigned nested_level) -> std::uint64_t& {
    return memory[nested.slot(memory, final_gpa.value, nested_level)];
  }
};

}  // namespace sevspec::test

#endif
