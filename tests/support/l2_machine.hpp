// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_L2_MACHINE_HPP
#define SEVSPEC_TESTS_SUPPORT_L2_MACHINE_HPP

#include <cstdint>
#include <expected>

#include <sevspec/paging/l1_physical_memory.hpp>
#include <sevspec/paging/l2_fault_walk.hpp>
#include <sevspec/paging/l2_regime.hpp>
#include <sevspec/paging/three_stage_walk.hpp>
#include <support/machines.hpp>

namespace sevspec::test {

/// How deep the three tables are, and at which level their leaves lie. `guest_levels` 0: L2's paging is off.
struct l2_shape {
  unsigned guest_levels = 4;
  unsigned guest_leaf = 1;
  unsigned npt12_levels = 4;
  unsigned npt12_leaf = 1;
  unsigned npt01_levels = 4;
  unsigned npt01_leaf = 1;
};

// EXITINFO1 of an L2 exit as hardware reports it, without P and RSVD, which nPT02 decides.
inline constexpr std::uint64_t on_final = 0x1'0000'0000;
inline constexpr std::uint64_t on_table = 0x2'0000'0000;
inline constexpr std::uint64_t by_read = 0x4;
inline constexpr std::uint64_t by_write = 0x6;
inline constexpr std::uint64_t by_fetch = 0x14;

/// L0, L1 and L2 in long mode, and one page of L2's, open to everybody. L2 gPA x is L1 gPA x + `l2_at`; L1 gPA y is
/// sPA y + `l1_at`. gPT2 begins at L2 gPA 0x10000, nPT12 at L1 gPA 0x1000000, nPT01 at sPA 0x2000000.
struct l2_machine {
  static constexpr std::uint64_t l2_at = 0x4000'0000;
  static constexpr std::uint64_t l1_at = 0x8000'0000;
  static constexpr std::uint64_t gpt2_root = 0x1'0000;
  static constexpr std::uint64_t npt12_root = 0x100'0000;

  cpu_part part = test_part;     ///< the real one
  cpu_part l1_part = test_part;  ///< as L1 sees it
  paging::guest_entry_state vmcb01;
  paging::guest_entry_state vmcb12;
  implementation_choices choices{};
  paging::l1_reader reader = paging::l1_reader::hypervisor;
  l2_shape shape;
  paging::l2_gva where;
  paging::l2_gpa data;  ///< what `where` is in L2
  table_tree gpt2;
  table_tree npt12;
  table_tree npt01;
  cells memory;

  constexpr explicit l2_machine(l2_shape form = {})
      : vmcb01{.host = registers_of(form.npt01_levels, 0),
               .guest = registers_of(4, 0x10000),
               .ncr3 = 0x200'0000,
               .id = {5}},
        vmcb12{.host = registers_of(form.npt12_levels, 0),
               .guest = registers_of(form.guest_levels, gpt2_root),
               .ncr3 = npt12_root,
               .id = {7}},
        shape(form), where{linear_of(form.guest_levels)},
        data{form.guest_levels == 0 ? 0x0234'5cc8 : data_byte(form.guest_leaf)},
        gpt2(gpt2_root, form.guest_levels, l2_at + l1_at), npt12(npt12_root, form.npt12_levels, l1_at),
        npt01(0x200'0000, form.npt01_levels) {
    if (form.guest_levels == 0) where = {data.value};
    else gpt2.map(memory, where.value, data_page(form.guest_leaf), form.guest_leaf);
    for (unsigned i = 0; i + form.guest_leaf <= form.guest_levels; ++i) map_l2(gpt2_root + 0x1000 * i);
    map_l2(data.value);
  }

  /// Maps an L2 gPA through both nested tables, and the tables of nPT12 on the way.
  constexpr void map_l2(std::uint64_t address) {
    npt12.map(memory, address, l2_at + (address & ~page_mask(shape.npt12_leaf)), shape.npt12_leaf);
    for (unsigned level = shape.npt12_levels; level >= shape.npt12_leaf; --level)
      map_l1(npt12.slot(memory, address, level) - l1_at);
    map_l1(address + l2_at);
  }
  constexpr void map_l1(std::uint64_t address) {
    npt01.map(memory, address, l1_at + (address & ~page_mask(shape.npt01_leaf)), shape.npt01_leaf);
  }

  [[nodiscard]] constexpr auto data_in_l1() const -> gpa { return {data.value + l2_at}; }
  [[nodiscard]] constexpr auto data_in_memory() const -> spa { return {data.value + l2_at + l1_at}; }

  /// L2's own entry of this level: its L2 gPA, and itself.
  [[nodiscard]] constexpr auto gpt2_gpa(unsigned level) -> std::uint64_t {
    return gpt2.slot(memory, where.value, level) - l2_at - l1_at;
  }
  [[nodiscard]] constexpr auto in_gpt2(unsigned level) -> std::uint64_t& {
    return memory[gpt2.slot(memory, where.value, level)];
  }
  /// The entry of nPT12 for L2's page: its L1 gPA, and itself.
  [[nodiscard]] constexpr auto npt12_gpa(unsigned level) -> std::uint64_t {
    return npt12.slot(memory, data.value, level) - l1_at;
  }
  [[nodiscard]] constexpr auto in_npt12(unsigned level) -> std::uint64_t& {
    return memory[npt12.slot(memory, data.value, level)];
  }
  /// The entry of nPT12 for the gPT2 entry of level `level`.
  [[nodiscard]] constexpr auto npt12_for_table(unsigned level, unsigned nested_level) -> std::uint64_t& {
    return memory[npt12.slot(memory, gpt2_gpa(level), nested_level)];
  }
  /// The entry of nPT01 for an L1 gPA.
  [[nodiscard]] constexpr auto in_npt01(std::uint64_t l1_address, unsigned level) -> std::uint64_t& {
    return memory[npt01.slot(memory, l1_address, level)];
  }
  [[nodiscard]] constexpr auto in_npt01(unsigned level) -> std::uint64_t& {
    return in_npt01(data_in_l1().value, level);
  }

  constexpr void make_l1_sev() { turn_on_sev(vmcb01); }
  constexpr void make_l2_sev(bool encrypted_state = false) { turn_on_sev(vmcb12, encrypted_state); }
  [[nodiscard]] constexpr auto l1_sev_active() const -> bool { return (vmcb01.np_control & 2) != 0; }

  template <class Context>
  [[nodiscard]] constexpr auto l2_regime(Context& ctx) const
      -> std::expected<paging::two_stage_regime, paging::register_error> {
    return paging::make_l2_regime(ctx, l1_part, l1_sev_active(), vmcb12);
  }

  /// Calls `operation(l1, l2)` with L1's memory and L2's regime.
  template <class Context, class Memory, class Operation>
  constexpr auto with(Context& ctx, Memory& real, Operation operation) const {
    const auto l1 = paging::make_two_stage_regime(ctx, part, vmcb01);
    const auto l2 = l2_regime(ctx);
    Expects(l1.has_value() && l2.has_value());
    paging::l1_physical_memory l1_memory(ctx, real, *l1, reader);
    return operation(l1_memory, *l2);
  }

  /// L0's answer to an #NPF for L2's page.
  template <class Context, class Memory>
  constexpr auto resolve(Context& ctx, Memory& real, const paging::l2_nested_fault& exit) const
      -> paging::shadow_decision {
    return with(ctx, real, [&](auto& l1, const auto& l2) { return paging::resolve_l2_fault(ctx, l1, l2, exit); });
  }
  constexpr auto resolve(std::uint64_t exit_info_1) -> paging::shadow_decision {
    context<> ctx{.choices = choices};
    return resolve(ctx, memory, {.where = data, .exit_info_1 = exit_info_1});
  }

  /// L0's software translation of L2's address.
  template <class Context, class Memory>
  constexpr auto emulate(Context& ctx, Memory& real, const memory_access& why, bool intercepts_pf = false) const
      -> std::expected<paging::l2_reference, paging::shadow_decision> {
    return with(ctx, real, [&](auto& l1, const auto& l2) {
      return paging::translate_for_l2(ctx, l1, l2, where, why, intercepts_pf);
    });
  }
  constexpr auto emulate(const memory_access& why, bool intercepts_pf = false)
      -> std::expected<paging::l2_reference, paging::shadow_decision> {
    context<> ctx{.choices = choices};
    return emulate(ctx, memory, why, intercepts_pf);
  }

  /// The walk of three tables.
  template <class Context, class Memory>
  constexpr auto walk(Context& ctx, Memory& real, const memory_access& why)
      -> outcome<paging::three_stage_translation> {
    reader = paging::l1_reader::processor;
    return with(ctx, real,
                [&](auto& l1, const auto& l2) { return paging::walk_three_stages(ctx, l1, l2, where, why); });
  }
  constexpr auto walk(const memory_access& why) -> outcome<paging::three_stage_translation> {
    context<> ctx{.choices = choices};
    return walk(ctx, memory, why);
  }
};

/// Memory in which some pages are encrypted with one key: through every other they are something else.
template <class Memory>
struct sealed {
  Memory& below;
  std::uint64_t from;
  std::uint64_t to;
  memory_key owner;

  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
    const auto value = below.read_qword(where, key);
    if (!value || !inside(where) || key == owner) return value;
    return *value ^ 0x0123'4567'89ab'cdee;
  }
  constexpr auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired)
      -> bool {
    if (inside(where) && key != owner) {
      const std::uint64_t mask = 0x0123'4567'89ab'cdee;
      return below.compare_exchange_qword(where, key, expected ^ mask, desired ^ mask);
    }
    return below.compare_exchange_qword(where, key, expected, desired);
  }

 private:
  [[nodiscard]] constexpr auto inside(spa where) const -> bool { return where.value >= from && where.value < to; }
};

}  // namespace sevspec::test

#endif
