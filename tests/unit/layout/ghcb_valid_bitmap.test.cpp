// SPDX-License-Identifier: MIT
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/ghcb_valid_bitmap.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::ghcb;
using layout::ghcb_field;

/// Every field of the bitmap with its place, as struct ghcb_save_area of Linux has it.
struct place {
  ghcb_field field;
  const char* name;
  std::size_t offset;
  std::size_t size;
};
constexpr place places[] = {
    {ghcb_field::cpl, "cpl", 0x0CB, 1},
    {ghcb_field::xss, "xss", 0x140, 8},
    {ghcb_field::dr7, "dr7", 0x160, 8},
    {ghcb_field::rip, "rip", 0x178, 8},
    {ghcb_field::rsp, "rsp", 0x1D8, 8},
    {ghcb_field::rax, "rax", 0x1F8, 8},
    {ghcb_field::rcx, "rcx", 0x308, 8},
    {ghcb_field::rdx, "rdx", 0x310, 8},
    {ghcb_field::rbx, "rbx", 0x318, 8},
    {ghcb_field::rbp, "rbp", 0x328, 8},
    {ghcb_field::rsi, "rsi", 0x330, 8},
    {ghcb_field::rdi, "rdi", 0x338, 8},
    {ghcb_field::r8, "r8", 0x340, 8},
    {ghcb_field::r9, "r9", 0x348, 8},
    {ghcb_field::r10, "r10", 0x350, 8},
    {ghcb_field::r11, "r11", 0x358, 8},
    {ghcb_field::r12, "r12", 0x360, 8},
    {ghcb_field::r13, "r13", 0x368, 8},
    {ghcb_field::r14, "r14", 0x370, 8},
    {ghcb_field::r15, "r15", 0x378, 8},
    {ghcb_field::sw_exit_code, "sw_exit_code", 0x390, 8},
    {ghcb_field::sw_exit_info_1, "sw_exit_info_1", 0x398, 8},
    {ghcb_field::sw_exit_info_2, "sw_exit_info_2", 0x3A0, 8},
    {ghcb_field::sw_scratch, "sw_scratch", 0x3A8, 8},
    {ghcb_field::xcr0, "xcr0", 0x3E8, 8},
};

constexpr std::uint64_t pattern = 0x8877'6655'4433'2211;
constexpr std::size_t bitmap = 0x3F0;

auto value_for(const place& one) -> std::uint64_t { return one.size == 1 ? 0xA5 : pattern; }

/// A page without a zero byte outside the bitmap.
auto noisy_page() -> ghcb {
  ghcb page;
  for (std::size_t i = 0; i < page.bytes().size(); ++i) page.bytes()[i] = static_cast<std::uint8_t>(i % 255 + 1);
  layout::invalidate(page);
  return page;
}

auto bytes_of(const ghcb& page) -> byte_vector { return {page.bytes().begin(), page.bytes().end()}; }

/// The page before, with a bit of the bitmap set by hand.
auto with_bit(byte_vector bytes, std::size_t bit) -> byte_vector {
  bytes[bitmap + bit / 8] = static_cast<std::uint8_t>(bytes[bitmap + bit / 8] | 1U << (bit % 8));
  return bytes;
}

constexpr auto passed_in_a_constant_expression() -> bool {
  ghcb page;
  layout::pass(page, ghcb_field::rax, 7);
  return layout::passed(page, ghcb_field::rax) == 7 && !layout::passed(page, ghcb_field::rbx) && page.rax() == 7;
}
static_assert(passed_in_a_constant_expression());

}  // namespace

TEST_CASE("LAY-GHCB-01: the fields of the bitmap and their places", "[layout][ghcb][LAY-GHCB-01][LAY-FMT-08]") {
  for (const auto& one : places) {
    INFO(one.name);
    CHECK(std::to_underlying(one.field) == one.offset / 8);
    CHECK(layout::offset_of(one.field) == one.offset);
    const auto* info = layout::field_of_valid_bit(std::to_underlying(one.field));
    REQUIRE(info != nullptr);
    CHECK(std::string(info->name) == one.name);
    CHECK(info->offset == one.offset);
    CHECK(info->size == one.size);
    CHECK_FALSE(info->reserved);
  }
}

TEST_CASE("LAY-FMT-08: the table has the same fields, and no others", "[layout][ghcb][LAY-FMT-08][LAY-GHCB-01]") {
  std::ifstream file(SEVSPEC_TEST_DATA_DIR "/layouts.json");
  const auto json = nlohmann::json::parse(file);
  std::set<std::string> expected;
  for (const auto& structure : json.at("structures"))
    for (const auto& field : structure.at("fields")) {
      if (!field.contains("valid_bitmap_bit")) continue;
      CHECK(structure.at("name") == "ghcb");
      const std::size_t offset = field.at("offset");
      CHECK(field.at("valid_bitmap_bit") == offset / 8);
      expected.insert(field.at("name").get<std::string>() + " " + std::to_string(offset) + "+" +
                      std::to_string(field.at("size").get<std::size_t>()));
    }
  std::set<std::string> found;
  for (const auto& one : places)
    found.insert(std::string(one.name) + " " + std::to_string(layout::offset_of(one.field)) + "+" +
                 std::to_string(one.size));
  CHECK(found == expected);
}

TEST_CASE("LAY-FMT-08: bits that no field has", "[layout][ghcb][LAY-FMT-08]") {
  std::set<unsigned> defined;
  for (const auto& one : places) defined.insert(static_cast<unsigned>(one.offset / 8));
  for (unsigned bit = 0; bit < 1024; ++bit) {
    INFO("bit " << bit);
    CHECK((layout::field_of_valid_bit(bit) != nullptr) == defined.contains(bit));
  }
  // Fields without a bit are not found by whatever their description keeps in its place.
  CHECK(layout::field_of_valid_bit(~0U) == nullptr);
  CHECK(layout::field_of_valid_bit(0x8000'0000) == nullptr);
}

TEST_CASE("LAY-GHCB-01: a field is valid when its bit is set", "[layout][ghcb][LAY-GHCB-01]") {
  for (const auto& one : places) {
    INFO(one.name);
    const auto before = noisy_page();
    CHECK_FALSE(layout::is_valid(before, one.field));
    auto page = before;
    layout::mark_valid(page, one.field);
    CHECK(bytes_of(page) == with_bit(bytes_of(before), one.offset / 8));
    for (const auto& other : places) CHECK(layout::is_valid(page, other.field) == (other.field == one.field));
    const auto marked = page;
    layout::mark_valid(page, one.field);  // stays set
    CHECK(page == marked);
  }
  // Bit i is in byte i/8 at i%8: rax is bit 63, the last of byte 7.
  ghcb page;
  layout::mark_valid(page, ghcb_field::rax);
  CHECK(to_hex(page.valid_bitmap()) == "00000000000000800000000000000000");
}

TEST_CASE("LAY-GHCB-01: to pass a field is to store it and to set its bit", "[layout][ghcb][LAY-GHCB-01][LAY-FMT-04]") {
  for (const auto& one : places) {
    INFO(one.name);
    const auto before = noisy_page();
    auto page = before;
    layout::pass(page, one.field, value_for(one));
    auto expected = with_bit(bytes_of(before), one.offset / 8);
    put_le(expected, one.offset, one.size, value_for(one));
    CHECK(bytes_of(page) == expected);
    CHECK(layout::passed(page, one.field) == value_for(one));

    layout::pass(page, one.field, 0);
    put_le(expected, one.offset, one.size, 0);
    CHECK(bytes_of(page) == expected);
    CHECK(layout::passed(page, one.field) == 0);
  }
  // All of them, one after another, disturb none.
  auto page = noisy_page();
  for (const auto& one : places) layout::pass(page, one.field, value_for(one) + one.offset % 0x40);
  for (const auto& one : places) CHECK(layout::passed(page, one.field) == value_for(one) + one.offset % 0x40);
  CHECK(page.rcx() == pattern + 0x08);
  CHECK(page.sw_exit_info_1().raw == pattern + 0x18);
  CHECK(page.xcr0() == pattern + 0x28);
  CHECK(page.cpl() == 0xA5 + 0x0B);
}

TEST_CASE("LAY-GHCB-01: nothing is passed without the bit", "[layout][ghcb][LAY-GHCB-01]") {
  const auto page = noisy_page();
  for (const auto& one : places) CHECK(layout::passed(page, one.field) == std::nullopt);

  // The bit alone makes it passed, whatever is there.
  for (const auto& one : places) {
    auto marked = page;
    layout::mark_valid(marked, one.field);
    CHECK(layout::passed(marked, one.field) == get_le(page.bytes(), one.offset, one.size));
  }
}

TEST_CASE("LAY-GHCB-01: invalidation clears the bitmap and nothing else", "[layout][ghcb][LAY-GHCB-01]") {
  auto page = noisy_page();
  auto expected = bytes_of(page);
  for (auto& byte : page.valid_bitmap()) byte = 0xFF;
  layout::invalidate(page);
  CHECK(bytes_of(page) == expected);
}

TEST_CASE("LAY-GHCB-02: CPL is one byte with bit 25", "[layout][ghcb][LAY-GHCB-02]") {
  for (unsigned value = 0; value <= 0xFF; ++value) {
    auto page = noisy_page();
    layout::pass(page, ghcb_field::cpl, value);
    CHECK(page.cpl() == value);
    CHECK(page.bytes()[0xCA] == noisy_page().bytes()[0xCA]);
    CHECK(page.bytes()[0xCC] == noisy_page().bytes()[0xCC]);
    CHECK(layout::passed(page, ghcb_field::cpl) == value);
    CHECK(to_hex(page.valid_bitmap()) == "00000002000000000000000000000000");
  }
  STATIC_REQUIRE(is_allowed<[] {
    ghcb page;
    return layout::pass(page, ghcb_field::cpl, 0xFF), page.cpl();
  }>);
  STATIC_REQUIRE_FALSE(is_allowed<[] {
    ghcb page;
    return layout::pass(page, ghcb_field::cpl, 0x100), page.cpl();
  }>);
  STATIC_REQUIRE(is_allowed<[] {
    ghcb page;
    return layout::pass(page, ghcb_field::xss, ~std::uint64_t{}), page.xss();
  }>);
}

namespace {

template <unsigned Bit>
inline constexpr ghcb_field as_field = static_cast<ghcb_field>(Bit);
template <unsigned Bit>
inline constexpr bool can_be_valid = is_allowed<[] { return layout::is_valid(ghcb(), as_field<Bit>); }>;
template <unsigned Bit>
inline constexpr bool can_be_marked = is_allowed<[] {
  ghcb page;
  return layout::mark_valid(page, as_field<Bit>), page.rax();
}>;
template <unsigned Bit>
inline constexpr bool can_be_passed = is_allowed<[] {
  ghcb page;
  return layout::pass(page, as_field<Bit>, 0), page.rax();
}>;
template <unsigned Bit>
inline constexpr bool can_arrive = is_allowed<[] { return layout::passed(ghcb(), as_field<Bit>); }>;

}  // namespace

TEST_CASE("LAY-GHCB-01: numbers that stand for no field", "[layout][ghcb][LAY-GHCB-01]") {
  STATIC_REQUIRE(can_be_valid<125>);
  STATIC_REQUIRE(can_be_marked<125>);
  STATIC_REQUIRE(can_be_passed<125>);
  STATIC_REQUIRE(can_arrive<125>);
  STATIC_REQUIRE_FALSE(can_be_valid<0>);
  STATIC_REQUIRE_FALSE(can_be_valid<126>);
  STATIC_REQUIRE_FALSE(can_be_valid<255>);
  STATIC_REQUIRE_FALSE(can_be_marked<24>);
  STATIC_REQUIRE_FALSE(can_be_marked<127>);
  STATIC_REQUIRE_FALSE(can_be_passed<100>);
  STATIC_REQUIRE_FALSE(can_be_passed<128>);
  STATIC_REQUIRE_FALSE(can_arrive<118>);
}

TEST_CASE("LAY-GHCB-01: undefined bits of the bitmap", "[layout][ghcb][LAY-GHCB-01]") {
  std::set<unsigned> defined;
  for (const auto& one : places) defined.insert(static_cast<unsigned>(one.offset / 8));
  ghcb all_defined;
  for (const auto& one : places) layout::mark_valid(all_defined, one.field);

  CHECK(layout::first_undefined_valid_bit(ghcb()) == std::nullopt);
  CHECK(layout::first_undefined_valid_bit(all_defined) == std::nullopt);
  CHECK(layout::first_undefined_valid_bit(noisy_page()) == std::nullopt);  // only the bitmap counts
  const auto set = [](ghcb& page, unsigned bit) {
    page.valid_bitmap()[bit / 8] = static_cast<std::uint8_t>(page.valid_bitmap()[bit / 8] | 1U << (bit % 8));
  };
  for (unsigned bit = 0; bit < 128; ++bit) {
    INFO("bit " << bit);
    for (ghcb page : {ghcb(), all_defined}) {
      set(page, bit);
      CHECK(layout::first_undefined_valid_bit(page) ==
            (defined.contains(bit) ? std::nullopt : std::optional<unsigned>(bit)));
    }
  }
  // The lowest of several. Bits 126 and 127 would be the bitmap itself.
  ghcb page = all_defined;
  set(page, 127);
  set(page, 126);
  CHECK(layout::first_undefined_valid_bit(page) == 126U);
  set(page, 24);
  CHECK(layout::first_undefined_valid_bit(page) == 24U);
  set(page, 0);
  CHECK(layout::first_undefined_valid_bit(page) == 0U);
}

TEST_CASE("LAY-GHCB-01: the same over bytes that lie elsewhere", "[layout][ghcb][LAY-GHCB-01][LAY-FMT-04]") {
  byte_vector bytes(1 + layout::size_of<ghcb>);
  layout::ghcb_view view(std::span<std::uint8_t, layout::size_of<ghcb>>(bytes.data() + 1, layout::size_of<ghcb>));
  layout::pass(view, ghcb_field::sw_scratch, pattern);
  const layout::ghcb_const_view reader(view.bytes());
  CHECK(get_le(bytes, 1 + 0x3A8, 8) == pattern);
  CHECK(layout::passed(reader, ghcb_field::sw_scratch) == pattern);
  CHECK(layout::passed(reader, ghcb_field::rax) == std::nullopt);
  CHECK(layout::first_undefined_valid_bit(reader) == std::nullopt);
  layout::invalidate(view);
  CHECK_FALSE(layout::is_valid(reader, ghcb_field::sw_scratch));
}

TEST_CASE("LAY-FMT-04: the exit code is all 64 bits", "[layout][ghcb][LAY-FMT-04]") {
  // CPUID is 72h. A code with more above is another code, which no hypervisor may take for CPUID.
  ghcb page;
  layout::pass(page, ghcb_field::sw_exit_code, 0x1'0000'0072);
  CHECK(layout::passed(page, ghcb_field::sw_exit_code) == 0x1'0000'0072);
  CHECK(page.sw_exit_code() != layout::nae_exit_codes::cpuid);
}
