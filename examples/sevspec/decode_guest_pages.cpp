// SPDX-License-Identifier: MIT
// The two pages that the firmware puts into an SNP guest: secrets and CPUID.

#include <algorithm>

#include <sevspec/layout/codes/sizes_and_limits.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/processor_signature.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/svsm_location.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

namespace of = layout::descriptions;

using layout::level;

constexpr std::uint32_t oldest_secrets = 2;
constexpr std::uint32_t newest_secrets = 4;

/// What a version of the secrets page knows.   LAY-SEC-01
[[nodiscard]] auto level_of(std::uint32_t version) -> level {
  if (version <= 2) return level::snp;
  return version == 3 ? level::snp_v3 : level::snp_v4;
}

[[nodiscard]] auto is_zero(std::span<const std::uint8_t> bytes) -> bool {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

void decode_secrets(facts& out, std::span<const std::uint8_t> bytes) {
  const layout::secrets_page_const_view page{bytes.first<layout::size_of<layout::secrets_page_const_view>>()};
  if (page.version() < oldest_secrets || page.version() > newest_secrets)
    out.warn(fmt::format("version {} is not known; versions {} to {} are (LAY-SEC-01)", page.version(), oldest_secrets,
                         newest_secrets));
  out.add("secrets_page", "");
  const facts::inner fields{out};
  add_fields(out, of::secrets_page, bytes);
  const layout::processor_identity part = layout::identity_of_signature(page.fms());
  out.add("processor", "family {:#x}, model {:#x}, stepping {:#x}", part.family, part.model, part.stepping);
  out.add("svsm", layout::find_svsm(page) ? "present" : "none");
  warn_of_reserved(out, of::secrets_page, bytes, level_of(page.version()));
}

void decode_cpuid_page(facts& out, std::span<const std::uint8_t> bytes) {
  constexpr std::size_t room = layout::sizes_and_limits::snp_cpuid_max;
  const layout::cpuid_page_const_view page{bytes.first<layout::size_of<layout::cpuid_page_const_view>>()};
  out.add("count", "{}", page.count());
  if (page.count() > room) out.warn(fmt::format("the page has room for {} records only", room));
  for (std::size_t i = 0; i < room; ++i) {
    const auto entry = page.entry(i);
    if (i >= page.count()) {
      if (!is_zero(entry.bytes())) out.warn(fmt::format("record {} is not zero, but behind the last", i));
      continue;
    }
    out.add(fmt::format("cpuid[{}]", i),
            "function {:#x}, sub-leaf {:#x}: eax {:#010x} ebx {:#010x} ecx {:#010x} edx {:#010x}", entry.eax_in(),
            entry.ecx_in(), entry.eax(), entry.ebx(), entry.ecx(), entry.edx());
    const facts::inner inputs{out};
    if (entry.xcr0_in() != 0) out.add("xcr0_in", hex(entry.xcr0_in()));
    if (entry.xss_in() != 0) out.add("xss_in", hex(entry.xss_in()));
  }
  warn_of_reserved(out, of::cpuid_page, bytes);
}

}  // namespace sevspec::tool
