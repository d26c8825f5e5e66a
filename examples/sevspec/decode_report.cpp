// SPDX-License-Identifier: MIT
// Attestation reports of every version.

#include <string>
#include <string_view>

#include <sevspec/layout/report.hpp>
#include <sevspec/layout/report_platform.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

/// The newest version with a layout of its own.   LAY-REP-01
constexpr std::uint32_t newest_layout = 5;

[[nodiscard]] auto is_tcb(const layout::field_info& field) -> bool {
  return std::string_view{field.name}.ends_with("_tcb");
}

}  // namespace

void decode_report(facts& out, std::span<const std::uint8_t> bytes, const std::string& name) {
  const auto report = layout::parse_report(bytes);
  if (!report) {
    if (report.error().what == layout::report_error::kind::version)
      throw input_error(name + ": byte 0",
                        fmt::format("version {} has no layout; 2 and later have", report.error().value));
    throw input_error(name, fmt::format("{} bytes are no report", report.error().value));
  }
  const std::uint32_t version = report->version();
  const layout::structure_info& structure = *layout::report_structure(version);
  const auto format = tcb_format_of(*report);
  out.add("layout", structure.name);
  if (version > newest_layout)
    out.add("note", "version {} is read as version {}: what it added is told as reserved bits", version, newest_layout);
  if (!format) out.add("note", "the report does not tell whether its TCBs are Turin's: their parts are not told");

  for (const layout::field_info& field : structure.fields) {
    add_field(out, field, bytes, zeros::shown);
    if (!is_tcb(field) || !format) continue;
    const facts::inner parts{out};
    add_tcb(out, value_of(field, bytes), *format);
  }
  warn_of_reserved(out, structure, bytes);
  out.add("signature", "not checked here");
}

}  // namespace sevspec::tool
