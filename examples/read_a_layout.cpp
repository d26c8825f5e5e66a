// SPDX-License-Identifier: MIT
// Bytes that lie in memory, by name: a page state change as a guest writes it into its GHCB and as the hypervisor reads
// it, at compile time and at run time.

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <span>
#include <utility>

#include <sevspec/core.hpp>

namespace {

using namespace sevspec;

// A structure is a value, and a word is built from its bits.
static_assert(layout::make_psc_entry(layout::ghcb_psc_ops::private_, gpa{0x4000'0000}, page_size::k2m).raw ==
              0x0110'0000'4000'0000);

// The same accessors read bytes that lie elsewhere, at any address.
constexpr std::array<std::uint8_t, 17> image{0xFF, 0x00, 0x50, 0x34, 0x12, 0, 0, 0, 0, 1, 0, 0, 0, 5};
static_assert(layout::rmpupdate_source_const_view{image.data() + 1}.gpa() == 0x1234'5000);
static_assert(layout::rmpupdate_source_const_view{image.data() + 1}.asid() == 5);

/// Prints a structure by its description alone.
void print(const layout::structure_info& structure, std::span<const std::uint8_t> bytes) {
  for (const layout::field_info& field : structure.fields) {
    if (field.reserved || field.type != layout::field_type::integer) continue;
    const std::uint64_t value = layout::value_of(field, bytes);
    if (value == 0) continue;
    const layout::constant_info* name = field.values ? layout::find_value(*field.values, value) : nullptr;
    std::printf("  %03zxh %-16s 0x%" PRIx64 " %s\n", field.offset, field.name, value, name ? name->name : "");
  }
}

}  // namespace

int main() {
  layout::ghcb page;
  layout::pass(page, layout::ghcb_field::sw_exit_code,
               std::to_underlying(layout::nae_exit_codes::snp_page_state_change));
  layout::pass(page, layout::ghcb_field::sw_scratch, 0x7FE5'800);
  page.set_protocol_version(2);
  std::printf("%s\n", layout::descriptions::ghcb.description);
  print(layout::descriptions::ghcb, page.bytes());

  page.bytes()[0xFF0] = 0x20;  // a bit that no version of the protocol defines
  if (const auto found = layout::first_reserved_bit(page))
    std::printf("  %03zxh %s: bit %u is set\n", found->offset, found->field->name, found->bit);
}
