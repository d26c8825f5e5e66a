// SPDX-License-Identifier: MIT
// A GHCB that the other side filled in: valid bitmap, fields, and the page state change request in the shared buffer.
//
//     byte  0     how many fields are passed (3:0)
//           1-2   a bit to change
//           3...  for each: its number, eight bytes of value
//           then  16 bytes of valid_bitmap, the shared buffer from 800h on, the page from 0 on; zeros behind
//
// fuzz/make_corpus.py writes the seeds.
#include "accessing.hpp"

#include <string>

#include <support/accessors/ghcb.hpp>
#include <support/ghcb_fields.hpp>

#include <sevspec/layout/ghcb_valid_bitmap.hpp>
#include <sevspec/layout/page_state_change.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using layout::ghcb;
using layout::ghcb_field;

void check_bitmap(const ghcb& page) {
  std::optional<unsigned> undefined;
  for (unsigned bit = 0; bit < 128; ++bit) {
    const bool set = (page.bytes()[0x3F0 + bit / 8] >> bit % 8 & 1) != 0;
    const auto* info = layout::field_of_valid_bit(bit);
    if (info == nullptr) {
      if (set && !undefined) undefined = bit;
      continue;
    }
    const auto field = static_cast<ghcb_field>(bit);
    demand(info->offset / 8 == bit && info->offset == layout::offset_of(field), "a field's bit is its offset / 8");
    demand(layout::is_valid(page, field) == set, "a field is valid if and only if its bit is set");
    const auto value = layout::passed(page, field);
    demand(value.has_value() == set, "a field arrives if and only if it is valid");
    if (value) demand(*value == layout::value_of(*info, page.bytes()), "what arrives is what is there");
  }
  demand(layout::first_undefined_valid_bit(page) == undefined, "the first undefined bit is the lowest");
}

/// Passes a value in a copy: only the field and its bit change, and it arrives.
void check_pass(ghcb& page, ghcb_field field, std::uint64_t value) {
  const ghcb before = page;
  if (field == ghcb_field::cpl) value &= 0xFF;
  layout::pass(page, field, value);
  demand(layout::is_valid(page, field) && layout::passed(page, field) == value, "what is passed arrives");
  const std::size_t size = field == ghcb_field::cpl ? 1 : 8;
  const unsigned number = std::to_underlying(field);
  ghcb expected = before;
  for (std::size_t i = 0; i < size; ++i)
    expected.bytes()[layout::offset_of(field) + i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFF);
  auto& bits = expected.bytes()[0x3F0 + number / 8];
  bits = static_cast<std::uint8_t>(bits | 1U << number % 8);
  demand(std::ranges::equal(page.bytes(), expected.bytes()), "passing a field changes nothing else");
}

void check_page_state_change(const ghcb& page) {
  const auto buffer = page.shared_buffer();
  const layout::psc_header_const_view header{buffer.data()};
  const unsigned last = std::min<unsigned>(header.end_entry(), 252);
  for (unsigned i = header.cur_entry(); i <= last; ++i) {
    const std::size_t at = 8 + std::size_t{8} * i;
    demand(at + 8 <= buffer.size(), "253 entries fit in the shared buffer");
    const layout::psc_entry entry{layout::read_le<std::uint64_t>(buffer.data() + at)};
    const gpa where = layout::address_of(entry);
    demand(where.value == entry.gfn() * 4096 && where.value >> 52 == 0, "an address is its frame times 4096");
    demand(layout::address_of(layout::ghcb_msr_psc_req{entry.raw}) == where,
           "both protocols have the frame in one place");
    const auto size = entry.page_size() ? page_size::k2m : page_size::k4k;
    if (!is_aligned(where, size)) continue;
    auto made = layout::make_psc_entry(entry.operation(), where, size);
    demand(!layout::first_reserved_bit(made), "a made entry has no reserved bit");
    demand(made.cur_page() == 0, "nothing of a made entry is done");
    made.set_cur_page(entry.cur_page());
    demand(made.raw == (entry.raw & 0x01FF'FFFF'FFFF'FFFF), "an entry can be made from its parts");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const unsigned passes = in.byte() & 0xF;
  const auto choice = in.little_endian(2);
  std::vector<std::pair<ghcb_field, std::uint64_t>> values;
  for (unsigned i = 0; i < passes; ++i) {
    const auto field = test::ghcb_fields[in.byte() % test::ghcb_fields.size()];
    values.emplace_back(field, in.little_endian(8));
  }
  ghcb page;
  std::array<std::uint8_t, 16> bitmap{};
  in.fill(bitmap);
  in.fill(page.shared_buffer());
  in.fill(page.bytes().first(0x3F0));
  page.set_valid_bitmap(bitmap);
  in.fill(page.bytes().subspan(0x400, 0x400));
  in.fill(page.bytes().last(16));

  check_bitmap(page);
  check_fields(layout::descriptions::ghcb, page.bytes());
  check_reserved_bits(layout::descriptions::ghcb, page.bytes(), level_from(static_cast<std::uint8_t>(passes)), choice);
  check_accessors(test::ghcb_accessors, layout::descriptions::ghcb, page.bytes(), choice);
  check_page_state_change(page);
  for (const auto& [field, value] : values) check_pass(page, field, value);
  check_bitmap(page);
  layout::invalidate(page);
  for (const auto field : test::ghcb_fields) demand(!layout::passed(page, field), "nothing arrives after invalidation");
  demand(!layout::first_undefined_valid_bit(page), "no bit is set after invalidation");
  return 0;
}
