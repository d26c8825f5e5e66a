// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VISIBILITY_MATRIX_HPP
#define SEVSPEC_NESTED_VISIBILITY_MATRIX_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/visibility.hpp>
#include <sevspec/paging/nested_walk.hpp>

/// The rows of the visibility matrix: one page, as everybody gets it, found out by trying.
namespace sevspec::inline v0::nested {

/// The columns.
enum class viewer : std::uint8_t {
  l0,
  l1,          ///< the hypervisor L1
  l1_process,  ///< another process of L1's, at CPL 3, with page tables of its own
  l2_a,
  l2_b,
  another_l1,  ///< a guest of L0's with a key of its own
  device,      ///< one that no guest trusts
  secure_processor,
};
inline constexpr std::size_t viewers = 8;

/// "L0", "L1", "process", "L2a", "L2b", "other L1", "device" or "PSP".
[[nodiscard]] constexpr auto name_of(viewer who) noexcept -> const char* {
  switch (who) {
    case viewer::l0:               return "L0";
    case viewer::l1:               return "L1";
    case viewer::l1_process:       return "process";
    case viewer::l2_a:             return "L2a";
    case viewer::l2_b:             return "L2b";
    case viewer::another_l1:       return "other L1";
    case viewer::device:           return "device";
    case viewer::secure_processor: return "PSP";
  }
  return "?";
}

/// A cell: what each way gives, one letter of `letter_of` for each; first with the C-bit, if there are two.
struct matrix_cell {
  std::string ways{};
  bool reached = true;  ///< there is a mapping today; else `ways` is what a new one by who owns the tables would give

  /// The way that gives most, in the order P R c C G g X.
  [[nodiscard]] auto best() const -> char {
    constexpr std::string_view order = "PRcCGgX";
    std::size_t first = order.size();
    for (const char one : ways) first = std::min(first, order.find(one));
    return first < order.size() ? order[first] : '?';
  }
  /// "P"; "X|C", with and without the C-bit; "(P)" if a mapping must be made first; "-" if there is no such viewer.
  [[nodiscard]] auto text() const -> std::string {
    if (ways.empty()) return "-";
    std::string made;
    for (const char one : ways) (made += made.empty() ? "" : "|") += one;
    return reached ? made : '(' + made + ')';
  }
  friend auto operator==(const matrix_cell&, const matrix_cell&) -> bool = default;
};
using matrix_row = std::array<matrix_cell, viewers>;

/// A page whose row is asked for.
struct matrix_object {
  spa where{};
  memory_key owner_key{};      ///< under which its owner reads it
  gpa owner_at{};              ///< where its owner, L1 or L2a, sees it: the gPA that SEV-SNP holds references to
  std::optional<gpa> in_l1{};  ///< where nPT01 maps it
  std::optional<l2_gpa> in_a{}, in_b{};  ///< where L1 has mapped it into its guests, and nPT02 has it
  bool c_in_guests = true;               ///< with which C-bit they use it
  std::optional<vmpl> level_of_a{};      ///< the guest is L1 itself, at this VMPL
};

/// Who looks, where it is not clear from the machine.
struct matrix_viewers {
  std::size_t a = 0, b = 1;     ///< guests of L1's: indexes; `b` may be none
  asid another_l1{};            ///< has a key
  std::array<gpa, 4> tables{};  ///< private pages of L1's for page tables of a process
};

namespace detail {

/// References through nested tables that whoever owns them has made for the purpose: one page, at a gPA of its choice.
template <class Machine>
[[nodiscard]] auto mapped_access(guest_kind kind, asid id, gpa at, spa where, bool c, vmpl level = {})
    -> page_access<Machine> {
  const auto regime = [=](Machine& m) {
    context<> ctx;
    host_words words{m.memory};
    const auto take = [&] { return m.pool.take(); };
    const auto root = take();
    Expects(root && words.clear(*root));
    const bool done = put_leaf(words, *root, at.value, page_size::k4k, open_leaf(where, page_size::k4k), take);
    Expects(done);
    return hardware_regime(ctx, m, kind, id, spa{*root}, level);
  };
  return {[=](Machine& m, std::span<std::uint8_t> out) {
            context<> ctx;
            return read(ctx, m, regime(m), at, c, out);
          },
          [=](Machine& m, std::span<const std::uint8_t> in) {
            context<> ctx;
            return write(ctx, m, regime(m), at, c, in);
          }};
}

/// References of a process of L1's: through page tables that L1's kernel keeps in its private memory.
/// @param maps  whether the kernel has mapped the page there
template <class Machine>
[[nodiscard]] auto process_access(const l1_vm& vm, const std::array<gpa, 4>& tables, gpa at, bool maps, bool c)
    -> page_access<Machine> {
  constexpr std::uint64_t linear = 0x4000'0000;
  const auto target = [=, &vm](Machine& m, access_kind kind) -> outcome<paging::target> {
    context<> ctx;
    const guest_kind of_l1 = vm.config.of_l1();
    const bool encrypted = of_l1 != guest_kind::plain;
    const std::uint64_t c_mask = encrypted ? std::uint64_t{1} << m.core.part.c_bit : 0;
    const memory_key key = encrypted ? memory_key::guest(vm.id) : memory_key::none();
    struct kernel_words {
      Machine& m;
      const l1_vm& vm;
      std::uint64_t c_mask;
      memory_key key;
      [[nodiscard]] auto place(std::uint64_t where) const -> spa {
        return find_backing(m, vm, gpa{where & ~c_mask}).value().where;
      }
      [[nodiscard]] auto load(std::uint64_t where) const -> std::optional<std::uint64_t> {
        return memory::qword_at(m.memory, place(where), key);
      }
      auto store(std::uint64_t where, std::uint64_t value) -> bool {
        return memory::write_qword_at(m.memory, place(where), key, value) == memory::memory_status::ok;
      }
      auto clear(std::uint64_t where) -> bool {
        constexpr std::array<std::uint8_t, 4096> zeros{};
        return m.memory.write(place(where), key, zeros) == memory::memory_status::ok;
      }
    } words{m, vm, c_mask, key};
    std::size_t used = 0;
    const auto take = [&] { return std::optional{tables[used++].value | c_mask}; };
    const std::uint64_t root = *take();
    bool done = words.clear(root);
    const std::uint64_t leaf = at.value | (c ? c_mask : 0) | table_pointer_bits | paging::entry::d::mask;
    done = done && put_leaf(words, root, linear, page_size::k4k, maps ? leaf : 0, take);
    Expects(done);
    const auto regime = paging::make_two_stage_regime(ctx, m.core.part,
                                                      {.host = paging::long_mode_registers(0),
                                                       .syscfg = m.core.syscfg,
                                                       .guest = paging::long_mode_registers(root),
                                                       .ncr3 = vm.npt01.value,
                                                       .np_control = np_control_of(of_l1),
                                                       .id = vm.id,
                                                       .sev_features = of_l1 == guest_kind::snp ? 1U : 0U});
    Expects(regime.has_value());
    auto memory = m.guarded();
    const auto found = paging::walk(ctx, memory, *regime, gva{linear}, {.kind = kind, .level = user_mode, .bytes = 16});
    if (!found) return std::unexpected{found.error()};
    return paging::target{found->page.where, found->key};
  };
  return {[=](Machine& m, std::span<std::uint8_t> out) -> outcome<void> {
            const auto found = target(m, access_kind::read);
            if (!found) return std::unexpected{found.error()};
            return answered(m.memory.read(found->where, found->key, out), found->where);
          },
          [=](Machine& m, std::span<const std::uint8_t> in) -> outcome<void> {
            const auto found = target(m, access_kind::write);
            if (!found) return std::unexpected{found.error()};
            return answered(m.memory.write(found->where, found->key, in), found->where);
          }};
}

}  // namespace detail

/// One row of the matrix: every way of every viewer is tried, each on a copy of the machine.
template <class Machine>
[[nodiscard]] auto row_of(Machine& m, const l1_vm& vm, const matrix_viewers& who, const matrix_object& it)
    -> matrix_row {
  context<> ctx;
  const guest_kind of_l1 = vm.config.of_l1();
  const bool c_of_l1 = of_l1 != guest_kind::plain;
  const auto letter = [&](const page_access<Machine>& by) {
    return std::string(1, letter_of(look<Machine>(m, {it.where, it.owner_key}, by)));
  };
  const auto both = [&](bool two, const auto& by) {
    return two ? letter(by(true)) + letter(by(false)) : letter(by(false));
  };
  matrix_row made;
  const auto cell = [&](viewer which) -> matrix_cell {
    switch (which) {
      case viewer::l0: return {letter(host_access<Machine>(it.where))};
      case viewer::l1: {
        const auto regime = l1_regime(ctx, m, vm);
        return {both(c_of_l1,
                     [&](bool c) {
                       return it.in_l1 ? guest_access<Machine>(regime, *it.in_l1, c)
                                       : detail::mapped_access<Machine>(of_l1, vm.id, it.owner_at, it.where, c);
                     }),
                it.in_l1.has_value()};
      }
      case viewer::l1_process: {
        if (!it.in_l1) return {made[static_cast<std::size_t>(viewer::l1)].ways, false};  // L1's ways, if it is let
        const auto process = [&](bool maps) {
          return both(c_of_l1,
                      [&](bool c) { return detail::process_access<Machine>(vm, who.tables, *it.in_l1, maps, c); });
        };
        const std::string today = process(false);
        const bool nothing = today.find_first_not_of('X') == std::string::npos;
        return nothing ? matrix_cell{process(true), false} : matrix_cell{today, true};
      }
      case viewer::l2_a:
      case viewer::l2_b: {
        const auto& mapped = which == viewer::l2_a ? it.in_a : it.in_b;
        if (which == viewer::l2_a && it.level_of_a) {
          const auto regime = hardware_regime(ctx, m, guest_kind::snp, vm.id, vm.npt01, *it.level_of_a);
          return {letter(guest_access<Machine>(regime, it.owner_at, it.c_in_guests)), mapped.has_value()};
        }
        const std::size_t index = which == viewer::l2_a ? who.a : who.b;
        if (index >= vm.guests.size()) return {"", false};  // there is no such guest
        const l2_vm& guest = vm.guests[index];
        const auto regime = l2_hardware_regime(ctx, m, vm, guest);
        if (mapped) return {letter(guest_access<Machine>(regime, gpa{mapped->value}, it.c_in_guests)), true};
        return {both(true,
                     [&](bool c) {
                       return detail::mapped_access<Machine>(guest.kind, regime.id, it.owner_at, it.where, c);
                     }),
                false};
      }
      case viewer::another_l1:
        return {both(true,
                     [&](bool c) {
                       const guest_kind kind = c_of_l1 ? of_l1 : vm.config.variant;
                       return detail::mapped_access<Machine>(kind, who.another_l1, it.owner_at, it.where, c);
                     }),
                false};
      case viewer::device:           return {letter(device_access<Machine>(it.where))};
      case viewer::secure_processor: return {letter(secure_processor_access<Machine>(it.where, it.owner_key))};
    }
    return {};
  };
  for (std::size_t i = 0; i < viewers; ++i) made[i] = cell(static_cast<viewer>(i));
  return made;
}

}  // namespace sevspec::inline v0::nested

#endif
