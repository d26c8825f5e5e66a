// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_ACCESSOR_HPP
#define SEVSPEC_TESTS_SUPPORT_ACCESSOR_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::test {

/// Through which of a structure's three shapes an accessor is called. A word has only one, but two setters: for
/// temporaries, here called as `owner`, and for others.
enum class shape { owner, view, const_view };

/// The accessors of one field, or of one range of bits, as functions on the bytes of the structure. A field is either a
/// number (`get` and `set`) or bytes, which may be a structure (`read`, `write` and `replace`).
struct accessor {
  const char* structure;
  const char* field;
  const char* bits;  ///< "" for a whole field
  std::size_t size;  ///< bytes of the structure
  const layout::structure_info* description;
  const layout::structure_info* word = nullptr;  ///< of the word that has the bits

  std::uint64_t (*get)(shape, std::uint8_t* structure) = nullptr;
  void (*set)(shape, std::uint8_t* structure, std::uint64_t value) = nullptr;

  std::vector<std::uint8_t> (*read)(shape, std::uint8_t* structure) = nullptr;
  void (*write)(shape, std::uint8_t* structure, const std::uint8_t* value) = nullptr;    ///< where the getter points
  void (*replace)(shape, std::uint8_t* structure, const std::uint8_t* value) = nullptr;  ///< with the setter
};

/// The types of one structure.
struct structure_shapes {
  const char* name;
  std::size_t size;
  const layout::structure_info* description;
};

namespace accessing {

template <class T>
auto to_number(const T& value) -> std::uint64_t {
  if constexpr (layout::word<T>) return value.raw;
  else if constexpr (std::is_enum_v<T>) return std::to_underlying(value);
  else return value;
}

template <class T>
auto from_number(std::uint64_t number) -> T {
  if constexpr (layout::word<T>) return {static_cast<decltype(T::raw)>(number)};
  else return static_cast<T>(number);
}

/// The bytes of a byte string or of a nested structure.
template <class Part>
auto bytes_of(Part part) {
  if constexpr (requires { part.bytes(); }) return part.bytes();
  else return part;
}

[[gnu::noinline]] inline auto to_vector(std::span<const std::uint8_t> bytes) -> std::vector<std::uint8_t> {
  return {bytes.begin(), bytes.end()};
}

/// The other types of a structure, from that of the view. Functions are out of line, to spare the compiler.
template <class View>
struct shapes;
template <template <class> class Structure, std::size_t Size>
struct shapes<Structure<layout::borrowed<std::uint8_t, Size>>> {
  using owner = Structure<layout::owned<Size>>;
  using const_view = Structure<layout::borrowed<const std::uint8_t, Size>>;

  [[gnu::noinline]] static auto own(const std::uint8_t* from) -> owner {
    return owner(std::span<const std::uint8_t, Size>(from, Size));
  }
  [[gnu::noinline]] static void put_back(const owner& from, std::uint8_t* to) {
    std::copy_n(from.bytes().data(), Size, to);
  }
};

template <class View, class ConstView, class Get, class Set>
struct number {
  static constexpr std::size_t size = layout::size_of<View>;
  using bytes = std::span<std::uint8_t, size>;
  using owner = shapes<View>::owner;
  using value_type = decltype(Get{}(owner{}));

  static auto get(shape which, std::uint8_t* from) -> std::uint64_t {
    switch (which) {
      case shape::owner: return to_number(Get{}(shapes<View>::own(from)));
      case shape::view:  return to_number(Get{}(View(bytes(from, size))));
      default:           return to_number(Get{}(ConstView(bytes(from, size))));
    }
  }
  static void set(shape which, std::uint8_t* to, std::uint64_t value) {
    View view(bytes(to, size));
    if (which == shape::view) {
      Set{}(view, from_number<value_type>(value));
    } else {
      owner copy = shapes<View>::own(to);
      Set{}(copy, from_number<value_type>(value));
      shapes<View>::put_back(copy, to);
    }
  }
};

template <class View, class ConstView, class Get, class GetWritable, class Set>
struct part {
  static constexpr std::size_t size = layout::size_of<View>;
  using bytes = std::span<std::uint8_t, size>;
  using owner = shapes<View>::owner;
  using value_type = decltype(Get{}(owner{}));  // a constant owner: to read only
  using value_bytes = decltype(bytes_of(std::declval<value_type>()));

  static auto read(shape which, std::uint8_t* from) -> std::vector<std::uint8_t> {
    const owner copy = shapes<View>::own(from);
    switch (which) {
      case shape::owner: return to_vector(bytes_of(Get{}(copy)));
      case shape::view:  return to_vector(bytes_of(Get{}(View(bytes(from, size)))));
      default:           return to_vector(bytes_of(Get{}(ConstView(bytes(from, size)))));
    }
  }
  static void write(shape which, std::uint8_t* to, const std::uint8_t* value) {
    View view(bytes(to, size));
    if (which == shape::view) {
      std::copy_n(value, value_bytes::extent, bytes_of(GetWritable{}(view)).data());
    } else {
      owner copy = shapes<View>::own(to);
      std::copy_n(value, value_bytes::extent, bytes_of(GetWritable{}(copy)).data());
      shapes<View>::put_back(copy, to);
    }
  }
  static void replace(shape which, std::uint8_t* to, const std::uint8_t* value) {
    const value_type from(value_bytes(value, value_bytes::extent));
    View view(bytes(to, size));
    if (which == shape::view) {
      Set{}(view, from);
    } else {
      owner copy = shapes<View>::own(to);
      Set{}(copy, from);
      shapes<View>::put_back(copy, to);
    }
  }
};

/// The accessors of bits inside a field, put together from those of the field and those of its word.
template <class GetField, class GetBits>
struct get_both {
  template <class Structure>
  auto operator()(const Structure& structure) const {
    return GetBits{}(GetField{}(structure));
  }
};
template <class GetField, class SetField, class SetBits>
struct set_both {
  template <class Structure, class Value>
  void operator()(Structure& structure, Value value) const {
    auto word = GetField{}(structure);
    if constexpr (std::is_default_constructible_v<Structure>) {  // an owner: here with the setter of temporary words
      SetField{}(structure, SetBits{}(std::move(word), value));
    } else {
      SetBits{}(word, value);
      SetField{}(structure, word);
    }
  }
};

}  // namespace accessing

/// A word.
template <class Word>
constexpr auto shapes_of(const char* name) -> structure_shapes {
  static_assert(layout::word<Word> && sizeof(Word) == sizeof(Word::raw));
  return {name, layout::size_of<Word>, &layout::description_of<Word>};
}

/// A structure: its three types are the same template over the three kinds of storage.
template <class Owner, class View, class ConstView>
constexpr auto shapes_of(const char* name) -> structure_shapes {
  static_assert(std::is_same_v<Owner, typename accessing::shapes<View>::owner>);
  static_assert(std::is_same_v<ConstView, typename accessing::shapes<View>::const_view>);
  static_assert(sizeof(Owner) == layout::size_of<Owner> && alignof(Owner) == 1);
  static_assert(layout::size_of<Owner> == layout::size_of<View> &&
                layout::size_of<Owner> == layout::size_of<ConstView>);
  static_assert(&layout::description_of<Owner> == &layout::description_of<View>);
  static_assert(&layout::description_of<Owner> == &layout::description_of<ConstView>);
  return {name, layout::size_of<Owner>, &layout::description_of<Owner>};
}

/// A range of bits of a word.
template <class Word, class Get, class Set>
constexpr auto word_bits(const char* structure, const char* field, const char* bits, Get, Set) -> accessor {
  using namespace accessing;
  using value_type = decltype(Get{}(Word{}));
  accessor made{
      structure, field, bits, layout::size_of<Word>, &layout::description_of<Word>, &layout::description_of<Word>};
  made.get = [](shape, std::uint8_t* from) {
    return to_number(Get{}(Word{layout::read_le<decltype(Word::raw)>(from)}));
  };
  made.set = [](shape which, std::uint8_t* to, std::uint64_t value) {
    Word word{layout::read_le<decltype(Word::raw)>(to)};
    if (which == shape::owner) word = Set{}(std::move(word), from_number<value_type>(value));
    else Set{}(word, from_number<value_type>(value));
    layout::write_le(to, word.raw);
  };
  return made;
}

/// An integer, code or word of a structure.
template <class View, class ConstView, class Get, class Set>
constexpr auto whole_field(const char* structure, const char* field, Get, Set) -> accessor {
  using access = accessing::number<View, ConstView, Get, Set>;
  accessor made{structure, field, "", access::size, &layout::description_of<typename access::owner>};
  made.get = access::get;
  made.set = access::set;
  return made;
}

/// A range of bits of a field that is a word.
template <class View, class ConstView, class GetField, class SetField, class GetBits, class SetBits>
constexpr auto field_bits(const char* structure, const char* field, const char* bits, GetField, SetField, GetBits,
                          SetBits) -> accessor {
  using namespace accessing;
  using access = number<View, ConstView, get_both<GetField, GetBits>, set_both<GetField, SetField, SetBits>>;
  using word = decltype(GetField{}(typename access::owner{}));
  accessor made{structure,
                field,
                bits,
                access::size,
                &layout::description_of<typename access::owner>,
                &layout::description_of<word>};
  made.get = access::get;
  made.set = access::set;
  return made;
}

/// A byte string or a nested structure.
template <class View, class ConstView, class Get, class GetWritable, class Set>
constexpr auto part_field(const char* structure, const char* field, Get, GetWritable, Set) -> accessor {
  using access = accessing::part<View, ConstView, Get, GetWritable, Set>;
  accessor made{structure, field, "", access::size, &layout::description_of<typename access::owner>};
  made.read = access::read;
  made.write = access::write;
  made.replace = access::replace;
  return made;
}

}  // namespace sevspec::test

#endif
