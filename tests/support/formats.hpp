// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_FORMATS_HPP
#define SEVSPEC_TESTS_SUPPORT_FORMATS_HPP

#include <cstdint>

#include <support/machines.hpp>

/// Machines whose page tables have any format, by number of levels as in `registers_of`.
namespace sevspec::test {

/// A page-table entry in the memory of a test: 8 bytes, or 4 in one half of a qword.
class entry_ref {
 public:
  constexpr entry_ref(cells& memory, std::uint64_t where, bool half)
      : memory_(&memory), where_(where & ~std::uint64_t{7}), shift_(half ? (where & 4) * 8 : 0),
        mask_(half ? 0xffff'ffff : ~std::uint64_t{}) {}

  constexpr operator std::uint64_t() const { return (*memory_)[where_] >> shift_ & mask_; }
  constexpr auto operator=(std::uint64_t value) -> entry_ref& {
    std::uint64_t& qword = (*memory_)[where_];
    qword = (qword & ~(mask_ << shift_)) | (value & mask_) << shift_;
    return *this;
  }
  constexpr auto operator|=(std::uint64_t bits) -> entry_ref& { return *this = *this | bits; }
  constexpr auto operator&=(std::uint64_t bits) -> entry_ref& { return *this = *this & bits; }

 private:
  cells* memory_;
  std::uint64_t where_;
  std::uint64_t shift_;
  std::uint64_t mask_;
};

/// log2 of the page that a leaf maps.
[[nodiscard]] constexpr auto leaf_bits(unsigned levels, unsigned leaf_level) -> unsigned {
  return levels == 2 ? 12 + 10 * (leaf_level - 1) : 12 + 9 * (leaf_level - 1);
}

/// One tree of page tables of any format.
class format_tree {
 public:
  constexpr format_tree() = default;

  /// @param root       of PAE tables a multiple of 32, otherwise of 4096
  /// @param stored_at  where table address 0 lies in the memory
  constexpr format_tree(std::uint64_t root, unsigned levels, std::uint64_t stored_at = 0)
      : root_(root), next_((root | 0xfff) + 1), stored_at_(stored_at), levels_(levels) {}

  constexpr void map(cells& memory, std::uint64_t from, std::uint64_t to, unsigned leaf_level) {
    std::uint64_t table = root_;
    for (unsigned level = levels_; level > leaf_level; --level) {
      entry_ref pointer = at(memory, place(table, from, level));
      if (pointer == 0) {
        const bool pdpe = levels_ == 3 && level == 3;  // has P alone
        pointer = next_ | (pdpe ? present : all_rights | accessed);
        next_ += 0x1000;
      }
      table = pointer & table_address;
    }
    if (levels_ == 2 && leaf_level == 2) to = (to & 0xffff'ffff) | (to >> 32 & 0xff) << 13;
    at(memory, place(table, from, leaf_level)) = to | all_rights | accessed | dirty | (leaf_level > 1 ? large : 0);
  }

  /// Where the entry of this level for `from` lies, and the entry.
  [[nodiscard]] constexpr auto slot(cells& memory, std::uint64_t from, unsigned level) const -> std::uint64_t {
    std::uint64_t table = root_;
    for (unsigned above = levels_; above > level; --above)
      table = at(memory, place(table, from, above)) & table_address;
    return place(table, from, level);
  }
  [[nodiscard]] constexpr auto entry(cells& memory, std::uint64_t from, unsigned level) const -> entry_ref {
    return at(memory, slot(memory, from, level));
  }

 private:
  [[nodiscard]] constexpr auto place(std::uint64_t table, std::uint64_t from, unsigned level) const -> std::uint64_t {
    if (levels_ == 2) return stored_at_ + table + 4 * (from >> (12 + 10 * (level - 1)) & 1023);
    if (levels_ == 3 && level == 3) return stored_at_ + table + 8 * (from >> 30 & 3);
    return stored_at_ + table + 8 * (from >> (12 + 9 * (level - 1)) & 511);
  }
  [[nodiscard]] constexpr auto at(cells& memory, std::uint64_t where) const -> entry_ref {
    const std::uint64_t qword = where & ~std::uint64_t{7};
    if (!memory.contains(qword)) memory.put(qword, 0);
    return {memory, where, levels_ == 2};
  }

  // All tables lie below 2 GiB, so that a test may set bits above and still find its way.
  static constexpr std::uint64_t table_address = 0x7fff'f000;

  std::uint64_t root_{};
  std::uint64_t next_{};
  std::uint64_t stored_at_{};
  unsigned levels_{};
};

/// A 32-bit address, whose indices differ and are nowhere 0; both 32-bit entries on its way are upper halves.
inline constexpr std::uint64_t linear_32 = 0x9654'3cc8;

/// Table roots: of PAE tables not page-aligned.
[[nodiscard]] constexpr auto root_of(unsigned levels, std::uint64_t page) -> std::uint64_t {
  return levels == 3 ? page + 0xa40 : page;
}

/// A host whose tables map one page, open to everybody.
struct host_of_format : one_page_host {
  std::uint64_t page;  ///< where it is mapped to
  format_tree tables;

  constexpr explicit host_of_format(unsigned levels, unsigned leaf_at = 1, std::uint64_t linear = linear_32,
                                    std::uint64_t target = 0x0280'0000)
      : one_page_host{.regs = registers_of(levels, root_of(levels, 0x10000)), .where = {linear}}, page(target),
        tables(root_of(levels, 0x10000), levels) {
    if (levels != 0) tables.map(memory, linear & 0xffff'ffff, target, leaf_at);
  }

  [[nodiscard]] constexpr auto at(unsigned level) -> entry_ref {
    return tables.entry(memory, where.value & 0xffff'ffff, level);
  }
  [[nodiscard]] constexpr auto slot(unsigned level) -> std::uint64_t {
    return tables.slot(memory, where.value & 0xffff'ffff, level);
  }
};

/// Formats and leaf levels of a guest's two stages.
struct two_formats {
  unsigned guest = 3;
  unsigned guest_leaf = 1;
  unsigned nested = 4;
  unsigned nested_leaf = 1;
};

/// A guest whose tables, from gPA 0x10000 on, map one page, open to everybody. The nested tables begin at 0x1000000.
struct guest_of_format : one_page_guest {
  format_tree guest;
  format_tree nested;

  constexpr explicit guest_of_format(two_formats form = {}, std::uint64_t linear = 0)
      : one_page_guest{.state = {.host = registers_of(form.nested, 0),
                                 .guest = registers_of(form.guest, root_of(form.guest, 0x10000)),
                                 .ncr3 = root_of(form.nested, 0x100'0000),
                                 .id = {5}},
                       .where = {linear != 0       ? linear
                                 : form.guest >= 4 ? linear_4
                                                   : linear_32},
                       .final_gpa = {0x0280'0000}},
        guest(root_of(form.guest, 0x10000), form.guest, guest_at),
        nested(root_of(form.nested, 0x100'0000), form.nested) {
    const auto map_nested = [&](std::uint64_t physical) {
      const std::uint64_t page = physical & ~((std::uint64_t{1} << leaf_bits(form.nested, form.nested_leaf)) - 1);
      nested.map(memory, physical, guest_at + page, form.nested_leaf);
    };
    if (form.guest == 0) {
      where = {final_gpa.value + 0xcc8};
    } else {
      guest.map(memory, where.value, final_gpa.value, form.guest_leaf);
      for (unsigned i = 0; i + form.guest_leaf <= form.guest; ++i) map_nested(0x10000 + 0x1000 * i);
    }
    const std::uint64_t inside = (std::uint64_t{1} << leaf_bits(form.guest == 2 ? 2 : 4, form.guest_leaf)) - 1;
    final_gpa.value |= where.value & inside;
    map_nested(final_gpa.value);
  }

  [[nodiscard]] constexpr auto in_guest(unsigned level) -> entry_ref { return guest.entry(memory, where.value, level); }
  [[nodiscard]] constexpr auto gpa_of(unsigned level) -> std::uint64_t {
    return guest.slot(memory, where.value, level) - guest_at;
  }
  [[nodiscard]] constexpr auto for_table(unsigned level, unsigned nested_level) -> entry_ref {
    return nested.entry(memory, gpa_of(level), nested_level);
  }
  [[nodiscard]] constexpr auto for_data(unsigned nested_level) -> entry_ref {
    return nested.entry(memory, final_gpa.value, nested_level);
  }
};

}  // namespace sevspec::test

#endif
