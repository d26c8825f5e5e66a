// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_BENCH_TWO_STAGE_TABLES_HPP
#define SEVSPEC_TESTS_BENCH_TWO_STAGE_TABLES_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include <sevspec/core.hpp>

namespace bench {

using namespace sevspec;

/// Guest tables under nested tables in one flat memory, as a hypervisor builds them: every guest table page and every
/// guest data page has a 4K nested mapping of its own.
///
/// A and D are set everywhere, so a walk writes nothing.
class two_stage_tables {
 public:
  struct shape {
    unsigned guest_levels = 4;                 ///< 4, 5; 0: guest paging off
    unsigned guest_leaf = 1;                   ///< level of the guest's leaf: 1 = 4K, 2 = 2M, 3 = 1G
    unsigned nested_levels = 4;                ///< 4, 5
    std::size_t pages = 64;                    ///< guest pages mapped, one after the other
    std::uint64_t data_at = 0x1000'0000'0000;  ///< sPA of the first of them
    std::uint64_t c_mask = 0;                  ///< C-bit of the guest's leaves
  };

  explicit two_stage_tables(shape wanted) : shape_(wanted) {
    nested_root_ = new_page();
    if (shape_.guest_levels != 0) guest_root_ = new_guest_table();
    const std::uint64_t page_bytes = std::uint64_t{1} << (12 + 9 * (shape_.guest_leaf - 1));
    for (std::size_t i = 0; i < shape_.pages; ++i) {
      const std::uint64_t linear = (shape_.guest_levels == 0 ? 0x1000'0000 : 0x7f00'0000'0000) + i * page_bytes;
      const std::uint64_t physical = shape_.guest_levels == 0 ? linear : 0x40'0000'0000 + i * page_bytes;
      if (shape_.guest_levels != 0) map_guest(linear, physical);
      map_nested(physical, shape_.data_at + i * 4096);
      linear_.push_back(linear);
    }
  }

  [[nodiscard]] auto memory() -> memory::flat_memory { return memory::flat_memory{qwords_}; }
  [[nodiscard]] auto qwords() const -> const std::uint64_t* { return qwords_.data(); }
  [[nodiscard]] auto bytes() const -> std::size_t { return qwords_.size() * 8; }
  [[nodiscard]] auto guest_root() const -> std::uint64_t { return guest_root_; }
  [[nodiscard]] auto nested_root() const -> std::uint64_t { return nested_root_; }
  [[nodiscard]] auto dimensions() const -> const shape& { return shape_; }

  [[nodiscard]] auto regime() const -> paging::two_stage_regime {
    paging::guest_entry_state state{.host = paging::long_mode_registers(0),
                                    .guest = paging::long_mode_registers(guest_root_),
                                    .ncr3 = nested_root_};
    if (shape_.nested_levels == 5) state.host.cr4 |= paging::cr4::la57::mask;
    if (shape_.guest_levels == 5) state.guest.cr4 |= paging::cr4::la57::mask;
    if (shape_.guest_levels == 0) state.guest.cr0 &= ~paging::cr0::pg::mask;
    context ctx;
    const auto made = paging::make_two_stage_regime(ctx, part_of(generation::genoa), state);
    if (!made) std::abort();
    return *made;
  }

  /// The same tables as those of an SNP-active guest with ASID 5.
  [[nodiscard]] auto snp_regime() const -> paging::two_stage_regime {
    const cpu_part part = part_of(generation::genoa);
    context ctx;
    const auto made = paging::make_two_stage_regime(ctx, part,
                                                    {.host = paging::long_mode_registers(0),
                                                     .syscfg = std::uint64_t{1} << 23 | std::uint64_t{1} << 24,
                                                     .guest = paging::long_mode_registers(guest_root_),
                                                     .ncr3 = nested_root_,
                                                     .np_control = 7,
                                                     .id = {5},
                                                     .sev_features = 1});
    if (!made) std::abort();
    return *made;
  }
  /// `own(spa, gpa)` for every page of the guest: its tables and its data.
  template <class Own>
  void guest_pages(Own&& own) const {
    for (std::size_t i = 0; i < guest_tables_.size(); ++i) own(guest_tables_[i], 0x10'0000 + 4096 * i);
    for (std::size_t i = 0; i < shape_.pages; ++i) own(shape_.data_at + 4096 * i, 0x40'0000'0000 + 4096 * i);
  }

  /// `count` (a power of two) linear addresses in random order.
  [[nodiscard]] auto random_addresses(std::size_t count) const -> std::vector<std::uint64_t> {
    std::mt19937_64 random{1};
    std::vector<std::uint64_t> result(count);
    for (auto& address : result) address = linear_[random() % linear_.size()] | (random() & 0xff8);
    return result;
  }

 private:
  static constexpr std::uint64_t flags = 0x67;  // P, R/W, U/S, A, D

  auto new_page() -> std::uint64_t {
    const std::uint64_t where = qwords_.size() * 8;
    qwords_.resize(qwords_.size() + 512);
    return where;
  }

  /// A guest table page at a gPA of its own, mapped by the nested tables. Returns its gPA.
  auto new_guest_table() -> std::uint64_t {
    const std::uint64_t guest_physical = 0x10'0000 + 4096 * guest_tables_.size();
    const std::uint64_t system_physical = new_page();
    guest_tables_.push_back(system_physical);
    map_nested(guest_physical, system_physical);
    return guest_physical;
  }

  static auto slot(std::uint64_t table, std::uint64_t address, unsigned level) -> std::size_t {
    return table / 8 + (address >> (12 + 9 * (level - 1)) & 0x1ff);
  }

  void map_nested(std::uint64_t from, std::uint64_t to) {
    std::uint64_t table = nested_root_;
    for (unsigned level = shape_.nested_levels; level > 1; --level) {
      if (qwords_[slot(table, from, level)] == 0) {
        const std::uint64_t below = new_page();
        qwords_[slot(table, from, level)] = below | flags;
      }
      table = qwords_[slot(table, from, level)] & 0xf'ffff'ffff'f000;
    }
    qwords_[slot(table, from, 1)] = to | flags;
  }

  void map_guest(std::uint64_t from, std::uint64_t to) {
    std::uint64_t table = guest_root_;
    for (unsigned level = shape_.guest_levels; level > shape_.guest_leaf; --level) {
      const auto entry_of = [&] { return slot(guest_tables_[(table - 0x10'0000) / 4096], from, level); };
      if (qwords_[entry_of()] == 0) {
        const std::uint64_t below = new_guest_table();
        qwords_[entry_of()] = below | flags;
      }
      table = qwords_[entry_of()] & 0xf'ffff'ffff'f000;
    }
    const std::uint64_t large = shape_.guest_leaf > 1 ? 0x80 : 0;
    qwords_[slot(guest_tables_[(table - 0x10'0000) / 4096], from, shape_.guest_leaf)] =
        to | flags | large | shape_.c_mask;
  }

  shape shape_;
  std::vector<std::uint64_t> qwords_;
  std::vector<std::uint64_t> guest_tables_;
  std::vector<std::uint64_t> linear_;
  std::uint64_t nested_root_ = 0;
  std::uint64_t guest_root_ = 0;
};

}  // namespace bench

#endif
