// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_DESCRIPTION_HPP
#define SEVSPEC_LAYOUT_DESCRIPTION_HPP

#include <cstddef>
#include <cstdint>

#include <sevspec/base/confidence.hpp>

namespace sevspec::inline v0::layout {

/// The first feature, or version of a structure, that gives a field its meaning. Where that feature is missing, the
/// field is reserved.   LAY-FMT-06
enum class level : std::uint8_t { svm, avic, sev, es, snp, snp_v3, snp_v4, snp_v5, svsm };

/// The rows of a table: a range over a constant array. (Instantiating std::span for every length of a table costs more
/// than all the rest of a header.)
template <class Row>
class rows {
 public:
  constexpr rows() noexcept = default;
  template <std::size_t Count>
  // NOLINTNEXTLINE(google-explicit-constructor): an array is its rows
  constexpr rows(const Row (&array)[Count]) noexcept : first_(array), count_(Count) {}

  [[nodiscard]] constexpr auto begin() const noexcept -> const Row* { return first_; }
  [[nodiscard]] constexpr auto end() const noexcept -> const Row* { return first_ + count_; }
  [[nodiscard]] constexpr auto size() const noexcept -> std::size_t { return count_; }
  [[nodiscard]] constexpr auto empty() const noexcept -> bool { return count_ == 0; }
  /// Row `index`, less than `size()`.
  [[nodiscard]] constexpr auto operator[](std::size_t index) const noexcept -> const Row& { return first_[index]; }

 private:
  const Row* first_ = nullptr;
  std::size_t count_ = 0;
};

/// One named value of a table of codes.
struct constant_info {
  const char* name;     ///< as in the manual: "NPF"
  std::uint64_t value;  ///< 0 where the value is a text
  const char* text;     ///< the value of a GUID, nullptr otherwise
  const char* meaning;  ///< one phrase
};

/// A table of codes: exit codes, status codes, commands, ...
struct constant_table {
  const char* name;
  const char* id;  ///< "CON-..."
  confidence trust;
  const char* spec_ref;  ///< manual and section
  rows<constant_info> entries;
};

/// A range of bits inside an integer field.
struct bit_info {
  unsigned lsb;
  unsigned width;
  const char* name;
  const char* meaning;
  confidence trust = confidence::high;
  const constant_table* values = nullptr;  ///< what its values are called
  bool reserved = false;
};

struct structure_info;

/// Whether a field has its meaning where `newest` is the newest feature. The SVSM's fields are no version of anything:
/// they have it wherever there is SEV-SNP.   LAY-FMT-06
[[nodiscard]] constexpr auto known_at(level since, level newest) noexcept -> bool {
  return since == level::svsm ? newest >= level::snp : since <= newest;
}

/// What the bytes of a field are.
enum class field_type : std::uint8_t {
  integer,    ///< little endian, 1, 2, 4 or 8 bytes
  bytes,      ///< a string of bytes
  structure,  ///< `field_info::nested`
};

/// A field of a structure.
struct field_info {
  std::size_t offset;   ///< bytes from the start of the structure
  std::size_t size;     ///< bytes
  const char* name;     ///< as in the manual, lower case; gaps are called "reserved_" and their offset
  const char* meaning;  ///< one phrase
  level since = level::snp;
  field_type type = field_type::integer;
  confidence trust = confidence::high;
  rows<bit_info> bits = {};                ///< all bits from 0 up, or none
  const structure_info* nested = nullptr;  ///< of a field that is a structure, or of each element of an array
  const structure_info* word = nullptr;    ///< the word that an integer is, if that is described elsewhere
  const constant_table* values = nullptr;  ///< what its values are called
  int valid_bitmap_bit = -1;               ///< the field's bit in the GHCB's valid_bitmap   LAY-FMT-08
  bool reserved = false;
};

/// A structure: its fields follow one another without gaps, from offset 0 to `size`.
struct structure_info {
  const char* name;
  const char* id;         ///< "LAY-..."
  std::size_t size;       ///< bytes
  std::size_t alignment;  ///< that the architecture wants of its address; 1: none
  level since;
  confidence trust;
  const char* spec_ref;  ///< manual and section
  const char* description;
  rows<field_info> fields;
};

/// "SNP-v3"
[[nodiscard]] constexpr auto name_of(level feature) noexcept -> const char* {
  switch (feature) {
    case level::svm:    return "SVM";
    case level::avic:   return "AVIC";
    case level::sev:    return "SEV";
    case level::es:     return "ES";
    case level::snp:    return "SNP";
    case level::snp_v3: return "SNP-v3";
    case level::snp_v4: return "SNP-v4";
    case level::snp_v5: return "SNP-v5";
    case level::svsm:   return "SVSM";
  }
  return "?";
}

/// The description of a structure or word, in any of its shapes.
template <class T>
inline constexpr const structure_info& description_of = describe(static_cast<const T*>(nullptr));

/// The entry of a table with this value, the first if there are several; nullptr if there is none. A range of values
/// that a table shows by its first and last is not filled in.
[[nodiscard]] constexpr auto find_value(const constant_table& table, std::uint64_t value) noexcept
    -> const constant_info* {
  for (const auto& entry : table.entries)
    if (entry.text == nullptr && entry.value == value) return &entry;
  return nullptr;
}

}  // namespace sevspec::inline v0::layout

#endif
