// SPDX-License-Identifier: MIT
// Accessors of structures compared with a writer that knows only tests/data/layouts.json and moves one bit at a time.
#ifndef SEVSPEC_TESTS_PROPERTY_LAYOUT_ACCESSORS_HPP
#define SEVSPEC_TESTS_PROPERTY_LAYOUT_ACCESSORS_HPP

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <property/property.hpp>
#include <support/accessor.hpp>
#include <support/layout_table.hpp>

#include <sevspec/layout/reflect.hpp>

namespace sevspec::test {

/// The structures of one header, and their accessors.
struct header_accessors {
  std::string header;
  std::span<const structure_shapes> structures;
  std::span<const accessor> accessors;
};

/// Which program goes through which headers.
inline const std::map<std::string, std::vector<std::string>> layout_programs{
    {"guest state", {"segment", "vmcb", "vmsa", "host_save_area"}},
    {"hypervisor", {"avic", "exit_info", "ghcb", "ghcb_msr", "ghcb_request", "doorbell_page", "svsm"}},
    {"processor", {"rmp", "msr", "cpuid", "cpuid_page", "invlpgb", "secrets_page", "page_info", "policy", "id_block"}},
    {"attestation", {"attestation_report", "tcb_version", "signature", "guest_message", "certificate", "sev_session"}},
    {"firmware", {"mailbox", "sev_command", "snp_command"}},
};

namespace accessing {

/// Where the table puts a value.
struct place {
  std::size_t first_bit;
  unsigned width;
};

/// Bit n of a structure is bit n % 8 of its byte n / 8: that is all there is to little endian.
inline auto number_at(const std::uint8_t* structure, const place& where) -> std::uint64_t {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < where.width; ++i) {
    const std::size_t bit = where.first_bit + i;
    if ((structure[bit / 8] & 1 << bit % 8) != 0) value |= std::uint64_t{1} << i;
  }
  return value;
}
inline void put_number(std::uint8_t* structure, const place& where, std::uint64_t value) {
  for (unsigned i = 0; i < where.width; ++i) {
    const std::size_t bit = where.first_bit + i;
    const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
    structure[bit / 8] = static_cast<std::uint8_t>((structure[bit / 8] & ~mask) | ((value >> i & 1) != 0 ? mask : 0));
  }
}

/// A structure's bytes at an address that suits no integer, between bytes that nobody may touch.
struct guarded {
  static constexpr std::size_t margin = 16;
  std::size_t size;
  std::vector<std::uint8_t> bytes;
  std::size_t start;

  guarded(std::size_t structure, unsigned skew)
      : size(structure), bytes(structure + 2 * margin, 0xA5), start(margin - 1 - 2 * skew) {}
  [[nodiscard]] auto data() -> std::uint8_t* { return bytes.data() + start; }
  [[nodiscard]] auto data() const -> const std::uint8_t* { return bytes.data() + start; }
};

/// Noise.
inline void fill(std::uint8_t* bytes, std::size_t size, std::uint64_t seed) {
  for (std::size_t i = 0; i < size; i += 8) {  // splitmix64
    std::uint64_t mixed = seed += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    std::memcpy(bytes + i, &mixed, std::min(size - i, std::size_t{8}));
  }
}

/// Anything, and often all zeros or all ones.
inline auto any_number() -> std::uint64_t {
  const auto any = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
  return *rc::gen::weightedOneOf<std::uint64_t>(
      {{6, any}, {1, rc::gen::just(std::uint64_t{0})}, {1, rc::gen::just(~std::uint64_t{0})}});
}

inline auto name_of(shape which) -> std::string {
  return which == shape::owner ? "the owner" : which == shape::view ? "the view" : "the view that only reads";
}
inline auto path_of(const accessor& one) -> std::string {
  return std::string(one.structure) + "." + one.field + (*one.bits == '\0' ? "" : std::string(".") + one.bits);
}

/// The one range of bits that stands for its field, as in rmpupdate_source.assigned; nullptr if there is none.
inline auto stands_for_field(const table_field& field) -> const table_bits* {
  const auto named = [](const table_bits& range) { return !range.reserved; };
  if (std::ranges::count_if(field.bits, named) != 1) return nullptr;
  const auto& range = *std::ranges::find_if(field.bits, named);
  return range.name == field.name && range.lsb == 0 ? &range : nullptr;
}

/// What must be accessible, and where it lies.
inline auto places(const table_structure& structure) -> std::map<std::string, place> {
  const bool word = structure.fields.size() == 1 && !structure.fields[0].bits.empty();
  std::map<std::string, place> found;
  for (const auto& field : structure.fields) {
    if (field.reserved) continue;
    const std::string path = structure.name + "." + field.name;
    if (const auto* only = stands_for_field(field)) {
      found[path] = {8 * field.offset, only->width};
      continue;
    }
    if (!word) found[path] = {8 * field.offset, static_cast<unsigned>(8 * field.size)};
    for (const auto& range : field.bits)
      if (!range.reserved) found[path + "." + range.name] = {8 * field.offset + range.lsb, range.width};
  }
  return found;
}

/// What reflection reads.
inline auto reflected_number(const accessor& one, std::span<const std::uint8_t> bytes, unsigned width)
    -> std::uint64_t {
  const auto* field = layout::find_field(*one.description, one.field);
  RC_ASSERT(field != nullptr);
  if (field->type == layout::field_type::structure) return layout::integer_at(bytes, field->offset, field->size);
  if (*one.bits == '\0' && width == 8 * field->size) return layout::value_of(*field, bytes);
  const auto* range = layout::find_bits(*field, *one.bits == '\0' ? one.field : one.bits);
  RC_ASSERT(range != nullptr);
  return layout::value_of(*range, layout::value_of(*field, bytes));
}

/// The first difference in words, or "".
inline auto difference(const guarded& found, const guarded& expected) -> std::string {
  if (found.bytes == expected.bytes) return {};
  const auto [at, other] = std::ranges::mismatch(found.bytes, expected.bytes);
  char text[80];
  std::snprintf(text, sizeof text, "byte 0x%tx is 0x%02x, not 0x%02x",
                at - found.bytes.begin() - static_cast<std::ptrdiff_t>(found.start), *at, *other);
  return text;
}
inline auto difference(std::uint64_t found, std::uint64_t expected) -> std::string {
  char text[80];
  std::snprintf(text, sizeof text, "0x%llx, not 0x%llx", static_cast<unsigned long long>(found),
                static_cast<unsigned long long>(expected));
  return found == expected ? "" : text;
}

/// Fails the case, unless there is nothing to say.
inline void expect(const std::string& wrong, const accessor& one, const std::string& what) {
  if (!wrong.empty()) RC_FAIL(path_of(one) + " " + what + ": " + wrong);
}

inline void check_number(const accessor& one, const place& where, guarded& before, std::uint64_t value) {
  const std::uint64_t old = number_at(before.data(), where);
  for (const shape which : {shape::owner, shape::view, shape::const_view})
    expect(difference(one.get(which, before.data()), old), one, "read through " + name_of(which));
  expect(difference(reflected_number(one, {before.data(), before.size}, where.width), old), one, "by reflection");

  guarded expected = before;
  put_number(expected.data(), where, value);
  for (const shape which : {shape::owner, shape::view}) {
    guarded after = before;
    one.set(which, after.data(), value);
    expect(difference(after, expected), one, "set through " + name_of(which));
    expect(difference(one.get(which, after.data()), value), one, "set and read through " + name_of(which));
  }
}

inline void check_part(const accessor& one, const place& where, guarded& before, std::uint64_t seed) {
  const std::size_t size = where.width / 8;
  const std::uint8_t* old = before.data() + where.first_bit / 8;
  for (const shape which : {shape::owner, shape::view, shape::const_view})
    expect(std::ranges::equal(one.read(which, before.data()), std::span(old, size)) ? "" : "other bytes", one,
           "read through " + name_of(which));
  const auto* field = layout::find_field(*one.description, one.field);
  RC_ASSERT(field != nullptr);
  expect(difference(field->offset, where.first_bit / 8), one, "by reflection: offset");
  expect(difference(field->size, size), one, "by reflection: size");

  std::vector<std::uint8_t> value(size);
  fill(value.data(), size, seed);
  guarded expected = before;
  std::ranges::copy(value, expected.data() + where.first_bit / 8);
  for (const shape which : {shape::owner, shape::view}) {
    for (const auto act : {one.write, one.replace}) {
      guarded after = before;
      act(which, after.data(), value.data());
      expect(difference(after, expected), one,
             (act == one.write ? "written in place through " : "set through ") + name_of(which));
      expect(one.read(which, after.data()) == value ? "" : "other bytes", one,
             "set and read through " + name_of(which));
    }
  }
}

}  // namespace accessing

/// All structures of these headers have their types; every named field and range of bits has one accessor, and only
/// those have.
inline void check_complete(const std::string& program, const std::vector<header_accessors>& headers) {
  std::vector<std::string> found;
  std::vector<std::string> expected;
  std::vector<std::string> included;
  for (const auto& [header, structures, accessors] : headers) {
    INFO(header);
    included.push_back(header);
    for (const auto& one : accessors) found.push_back(accessing::path_of(one));
    std::vector<std::string> names;
    for (const auto& [name, size, description] : structures) {
      INFO(name);
      const table_structure* structure = layouts().structure(name);
      REQUIRE(structure != nullptr);
      CHECK(size == structure->size);
      CHECK(description->name == structure->name);
      names.emplace_back(name);
      for (const auto& [path, where] : accessing::places(*structure)) expected.push_back(path);
    }
    CHECK(names == layout_links().at("headers").at(header).at("structures").get<std::vector<std::string>>());
  }
  CHECK(included == layout_programs.at(program));
  std::ranges::sort(found);
  std::ranges::sort(expected);
  std::vector<std::string> wrong;
  std::ranges::set_symmetric_difference(found, expected, std::back_inserter(wrong));
  CHECK(wrong == std::vector<std::string>{});
  std::cout << program << ": " << found.size() << " accessors\n";
}

/// Getters read, and setters change, exactly the bits that the table gives them.
inline void check_accessors(const std::vector<header_accessors>& headers) {
  using namespace accessing;
  std::map<std::string, std::vector<const accessor*>> by_structure;
  for (const auto& [header, structures, accessors] : headers)
    for (const auto& one : accessors) by_structure[one.structure].push_back(&one);
  for (const auto& [name, accessors] : by_structure) {
    const table_structure* structure = layouts().structure(name);
    REQUIRE(structure != nullptr);
    const auto all_places = places(*structure);
    for (const accessor* one : accessors) {
      INFO(path_of(*one));
      CHECK(one->size == structure->size);
      CHECK(one->description->name == name);
      REQUIRE(all_places.contains(path_of(*one)));
      if (one->word == nullptr) continue;
      const auto& field = *std::ranges::find(structure->fields, one->field, &table_field::name);
      const auto& range = *std::ranges::find(field.bits, one->bits, &table_bits::name);
      CHECK(layout::is_complete(*one->word));
      CHECK(one->word->size == field.size);
      const auto* described = layout::find_bits(one->word->fields[0], one->bits);
      REQUIRE(described != nullptr);
      CHECK(described->lsb == range.lsb);
      CHECK(described->width == range.width);
    }
    property(name, 200, [&] {
      guarded image(structure->size, *rc::gen::inRange(0U, 8U));
      const std::uint64_t seed = any_number();
      const unsigned kind = *rc::gen::weightedElement<unsigned>({{8, 0}, {1, 1}, {1, 2}});
      if (kind == 0) fill(image.data(), image.size, seed);
      else std::fill_n(image.data(), image.size, kind == 1 ? 0x00 : 0xFF);
      for (const accessor* one : accessors) {
        const place& where = all_places.at(path_of(*one));
        if (one->get == nullptr) check_part(*one, where, image, any_number());
        else check_number(*one, where, image, any_number() & ~std::uint64_t{} >> (64 - where.width));
      }
    });
  }
}

}  // namespace sevspec::test

#endif
