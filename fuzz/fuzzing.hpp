// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FUZZ_FUZZING_HPP
#define SEVSPEC_FUZZ_FUZZING_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/layout/reflect.hpp>

/// What the targets on layouts share: bytes of an input, and a second opinion on reserved bits.
namespace sevspec::fuzz {

/// A fact that holds whatever the input is.
inline void demand(bool holds, const char* fact) {
  if (holds) return;
  std::fprintf(stderr, "--- not so: %s\n", fact);
  std::abort();
}

/// Bytes from the input, then zeros.
class cursor {
 public:
  cursor(const std::uint8_t* data, std::size_t size) : left_(data, size) {}
  auto byte() -> std::uint8_t {
    if (left_.empty()) return 0;
    const std::uint8_t value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  auto little_endian(unsigned count) -> std::uint64_t {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{byte()} << (8 * i);
    return value;
  }
  /// As many bytes as are left fill the start of `to`.
  void fill(std::span<std::uint8_t> to) {
    const std::size_t count = std::min(to.size(), left_.size());
    std::copy_n(left_.begin(), count, to.begin());
    left_ = left_.subspan(count);
  }
  [[nodiscard]] auto rest() const -> std::span<const std::uint8_t> { return left_; }

 private:
  std::span<const std::uint8_t> left_;
};

/// Whether a bit is reserved, from its number alone: the description read field by field, without any bytes.
inline auto is_reserved(const layout::structure_info& structure, std::size_t bit, layout::level newest) -> bool {
  for (const auto& field : structure.fields) {
    if (bit / 8 < field.offset || bit / 8 >= field.offset + field.size) continue;
    const bool known = field.since == layout::level::svsm ? newest >= layout::level::snp : field.since <= newest;
    if (field.reserved || !known) return true;
    const std::size_t inside = bit - 8 * field.offset;
    if (field.nested != nullptr) return is_reserved(*field.nested, inside % (8 * field.nested->size), newest);
    for (const auto& range : field.bits)
      if (inside >= range.lsb && inside < range.lsb + range.width) return range.reserved;
    return false;
  }
  demand(false, "every bit of a structure is in a field");
  return false;
}

/// The same for all bits of a structure. Made once.
inline auto reserved_mask(const layout::structure_info& structure, layout::level newest)
    -> const std::vector<std::uint8_t>& {
  static std::map<std::pair<const layout::structure_info*, layout::level>, std::vector<std::uint8_t>> made;
  auto& mask = made[{&structure, newest}];
  if (mask.empty()) {
    mask.resize(structure.size);
    for (std::size_t bit = 0; bit < 8 * structure.size; ++bit)
      if (is_reserved(structure, bit, newest)) mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | 1U << bit % 8);
  }
  return mask;
}

/// The bits that the library reports, counted from the first byte.
inline auto reported_bits(const layout::structure_info& structure, std::span<const std::uint8_t> bytes,
                          layout::level newest) -> std::vector<std::size_t> {
  std::vector<std::size_t> found;
  layout::for_each_reserved_bit(structure, bytes, newest, [&](const layout::reserved_bit& one) {
    found.push_back(8 * one.offset + one.bit);
    return true;
  });
  return found;
}

/// Reserved bits are reported if and only if they are set, in ascending order, the first one first. Changing a reserved
/// bit changes the answer; changing another does not.
inline void check_reserved_bits(const layout::structure_info& structure, std::span<const std::uint8_t> bytes,
                                layout::level newest, std::size_t choice) {
  const auto& mask = reserved_mask(structure, newest);
  std::vector<std::size_t> expected;
  for (std::size_t i = 0; i < structure.size; ++i)
    for (unsigned bit = 0; bit < 8; ++bit)
      if ((bytes[i] & mask[i] & 1U << bit) != 0) expected.push_back(8 * i + bit);
  const auto reported = reported_bits(structure, bytes, newest);
  demand(reported == expected, "reserved bits are reported if and only if they are set, in ascending order");

  const auto first = layout::first_reserved_bit(structure, bytes, newest);
  demand(first.has_value() == !expected.empty(), "a first reserved bit is found if there is one");
  if (first) demand(8 * first->offset + first->bit == expected.front(), "the first reserved bit is the lowest");

  std::vector<std::uint8_t> changed(bytes.begin(), bytes.end());
  const std::size_t bit = choice % (8 * structure.size);
  changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1U << bit % 8);
  const auto after = reported_bits(structure, changed, newest);
  if (is_reserved(structure, bit, newest)) {
    demand(after != reported, "changing a reserved bit changes the answer");
    const bool was_set = (bytes[bit / 8] & 1U << bit % 8) != 0;
    demand(std::ranges::binary_search(was_set ? reported : after, bit), "it is reported when it is set");
    demand(!std::ranges::binary_search(was_set ? after : reported, bit), "it is not reported when it is clear");
  } else {
    demand(after == reported, "changing another bit changes nothing");
  }
}

/// What does not depend on bytes, so that once is enough: the description is complete, and names find what they name.
inline void check_description(const layout::structure_info& structure) {
  static std::set<const layout::structure_info*> checked;
  if (!checked.insert(&structure).second) return;
  demand(layout::is_complete(structure), "a description covers its structure");
  for (const auto& field : structure.fields) {
    demand(layout::find_field(structure, field.name) == &field, "a field is found by its name");
    for (const auto& range : field.bits)
      demand(layout::find_bits(field, range.name) == &range, "a range of bits is found by its name");
  }
}

/// Fields, nested ones too: integers are what their bytes say, and ranges of bits make up the integer.
inline void check_fields(const layout::structure_info& structure, std::span<const std::uint8_t> bytes) {
  check_description(structure);
  std::size_t end = 0;
  for (const auto& field : structure.fields) {
    demand(field.offset == end, "fields follow one another");
    end += field.size;
    for (std::size_t i = 0; i < layout::nested_count(field); ++i)
      check_fields(*field.nested, bytes.subspan(field.offset + i * field.nested->size, field.nested->size));
    if (field.type != layout::field_type::integer) {
      demand(field.bits.empty(), "only integers have named bits");
      continue;
    }
    std::uint64_t expected = 0;
    for (std::size_t i = field.size; i > 0; --i) expected = expected << 8 | bytes[field.offset + i - 1];
    const std::uint64_t value = layout::value_of(field, bytes);
    demand(value == expected, "an integer is its bytes, little endian");
    if (field.values != nullptr) {
      const auto* named = layout::find_value(*field.values, value);
      demand(named == nullptr || (named->value == value && named->text == nullptr), "a value's name has that value");
    }
    if (field.bits.empty()) continue;
    std::uint64_t together = 0;
    for (const auto& range : field.bits) {
      const std::uint64_t part = layout::value_of(range, value);
      demand(range.width == 64 || part >> range.width == 0, "a range of bits has no more bits than its width");
      together |= part << range.lsb;
      if (range.values != nullptr) {
        const auto* named = layout::find_value(*range.values, part);
        demand(named == nullptr || named->value == part, "a value's name has that value");
      }
    }
    demand(together == value, "the ranges of bits make up the integer");
  }
  demand(end == structure.size, "fields fill the structure");
}

/// The level that a byte stands for.
inline auto level_from(std::uint8_t byte) -> layout::level {
  return static_cast<layout::level>(byte % (static_cast<unsigned>(layout::level::svsm) + 1));
}

}  // namespace sevspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#endif
