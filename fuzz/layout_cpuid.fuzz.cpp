// SPDX-License-Identifier: MIT
// CPUID from a page, against lookups written once more.
//
//     byte  0     0: the rest is the page itself; otherwise records of 15 bytes follow, and this is the count to claim
//           1-8   components of the XSAVE area
//           9-16  function and sub-function to look for
//          17...  function (1, see `functions`), sub-function (1), XCR0 (1), XSS (1), EAX (3), EBX (4), ECX (4)
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <optional>

#include <sevspec/layout/cpuid_lookup.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using layout::cpuid_page;
using layout::xsave_form;

constexpr std::uint32_t functions[] = {0xD, 0xD, 0xD,  0xD,         0xD,         0xD,         0,   1,
                                       7,   0xB, 0x10, 0x8000'0000, 0x8000'001D, 0x8000'001F, 0xE, 0x4000'0000};

struct record {
  std::uint32_t eax_in, ecx_in;
  std::uint64_t xcr0, xss;
  std::uint32_t eax, ebx, ecx, edx;
};

auto integer(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t size) -> std::uint64_t {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8 | bytes[offset + i - 1];
  return value;
}
auto integer32(std::span<const std::uint8_t> bytes, std::size_t offset) -> std::uint32_t {
  return static_cast<std::uint32_t>(integer(bytes, offset, 4));
}

auto records_of(std::span<const std::uint8_t> page) -> std::vector<record> {
  std::vector<record> found;
  const auto count = integer(page, 0, 4);
  if (count > 64) return found;
  for (std::size_t i = 0; i < count; ++i) {
    const auto one = page.subspan(16 + 48 * i, 48);
    found.push_back({integer32(one, 0), integer32(one, 4), integer(one, 8, 8), integer(one, 16, 8), integer32(one, 24),
                     integer32(one, 28), integer32(one, 32), integer32(one, 36)});
  }
  return found;
}

auto expected_record(const std::vector<record>& records, std::uint32_t eax, std::uint32_t ecx) -> const record* {
  for (const record& one : records) {
    if (one.eax_in != eax || (layout::has_subfunctions(eax) && one.ecx_in != ecx)) continue;
    const bool sizes = eax == 0xD && ecx < 2;
    if (sizes && !((one.xcr0 == 1 || one.xcr0 == 3) && one.xss == 0)) continue;
    return &one;
  }
  return nullptr;
}

auto expected_size(const std::vector<record>& records, std::uint64_t components, bool compacted)
    -> std::optional<std::uint32_t> {
  std::uint64_t end = 576;
  for (std::uint32_t i = 2; i < 64; ++i) {
    if ((components >> i & 1) == 0) continue;
    const record* one = expected_record(records, 0xD, i);
    if (one == nullptr) return std::nullopt;
    if (compacted) {
      if ((one->ecx & 2) != 0 && end % 64 != 0) end += 64 - end % 64;
      end += one->eax;
    } else if ((one->ecx & 1) == 0) {
      end = std::max(end, std::uint64_t{one->ebx} + one->eax);
    }
  }
  if (end > 0xFFFF'FFFF) return std::nullopt;
  return static_cast<std::uint32_t>(end);
}

void check_lookup(const cpuid_page& page, const std::vector<record>& records, std::uint32_t eax, std::uint32_t ecx) {
  const auto found = layout::find_cpuid(page, eax, ecx);
  const record* expected = expected_record(records, eax, ecx);
  demand(found.has_value() == (expected != nullptr), "a record is found if there is one");
  if (!found) return;
  demand(found->eax_in() == eax, "the record is of the function");
  demand(!layout::has_subfunctions(eax) || found->ecx_in() == ecx, "the record is of the sub-function");
  demand(found->eax() == expected->eax && found->ebx() == expected->ebx && found->ecx() == expected->ecx &&
             found->edx() == expected->edx,
         "the first record counts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const unsigned count = in.byte();
  const auto components = in.little_endian(8);
  const auto eax = static_cast<std::uint32_t>(in.little_endian(4));
  const auto ecx = static_cast<std::uint32_t>(in.little_endian(4));
  cpuid_page page;
  if (count == 0) {
    in.fill(page.bytes());
  } else {
    page.set_count(count);
    for (std::size_t i = 0; i < 64 && !in.rest().empty(); ++i) {
      auto entry = page.entry(i);
      entry.set_eax_in(functions[in.byte() % std::size(functions)]);
      entry.set_ecx_in(in.byte());
      entry.set_xcr0_in(in.byte());
      entry.set_xss_in(in.byte());
      entry.set_eax(static_cast<std::uint32_t>(in.little_endian(3) << 8 | in.rest().size() % 256));
      entry.set_ebx(static_cast<std::uint32_t>(in.little_endian(4)));
      entry.set_ecx(static_cast<std::uint32_t>(in.little_endian(4)));
      entry.set_edx(static_cast<std::uint32_t>(i));
    }
  }
  const auto records = records_of(page.bytes());
  const auto known = layout::cpuid_count(page);
  demand(known.has_value() == (page.count() >= 1 && page.count() <= 64), "a page has 1 to 64 records");
  demand(known.value_or(0) == records.size(), "and as many as it says");

  check_lookup(page, records, eax, ecx);
  for (const record& one : records) {
    check_lookup(page, records, one.eax_in, one.ecx_in);
    check_lookup(page, records, one.eax_in, one.ecx_in ^ 1);
  }
  const auto standard = layout::xsave_area_size(page, components, xsave_form::standard);
  const auto compacted = layout::xsave_area_size(page, components, xsave_form::compacted);
  demand(standard == expected_size(records, components, false), "the standard form's size");
  demand(compacted == expected_size(records, components, true), "the compacted form's size");
  demand(layout::xsave_area_size(page, components & 3, xsave_form::standard) == 576U,
         "x87, SSE and header are 576 bytes");
  if (standard) demand(*standard >= 576, "an area is no smaller than its header");
  // One component less needs no more.
  for (unsigned i = 2; i < 64; ++i) {
    if ((components >> i & 1) == 0) continue;
    const auto less = layout::xsave_area_size(page, components & ~(std::uint64_t{1} << i), xsave_form::standard);
    if (standard) demand(less.has_value() && *less <= *standard, "fewer components need no more");
    break;
  }
  check_reserved_bits(layout::descriptions::cpuid_page, page.bytes(), level_from(static_cast<std::uint8_t>(ecx)), eax);
  return 0;
}
