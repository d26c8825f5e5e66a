// SPDX-License-Identifier: MIT
// Attestation reports from bytes that nobody vouches for.
//
//     byte  0     0: the rest is all there is; otherwise zeros make it 1184 bytes, and only version[2:0] counts
//           1-2   a bit to change
//           3...  the report
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <compare>

#include <sevspec/layout/report.hpp>
#include <sevspec/layout/report_platform.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using layout::report_error;
using layout::tcb;
using layout::tcb_format;

constexpr std::size_t report_bytes = 1184;

/// LAY-REP-04, once more.
auto expected_format(std::span<const std::uint8_t> bytes) -> std::optional<tcb_format> {
  const bool old = bytes[0] == 2 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0;
  if (!old) return bytes[0x188] >= 26 ? tcb_format::turin : tcb_format::milan_genoa;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  const auto chip = bytes.subspan(0x1A0, 64);
  if (!std::ranges::all_of(chip.subspan(8), is_zero)) return tcb_format::milan_genoa;
  if (!std::ranges::all_of(chip.first(8), is_zero)) return tcb_format::turin;
  return std::nullopt;
}

/// FW-SNP-CFG-01, once more.
auto expected_order(const tcb& a, const tcb& b) -> std::partial_ordering {
  const std::pair<int, int> pairs[] = {
      {a.fmc, b.fmc}, {a.boot_loader, b.boot_loader}, {a.tee, b.tee}, {a.snp, b.snp}, {a.microcode, b.microcode}};
  const bool less = std::ranges::any_of(pairs, [](const auto& pair) { return pair.first < pair.second; });
  const bool greater = std::ranges::any_of(pairs, [](const auto& pair) { return pair.first > pair.second; });
  return less && greater ? std::partial_ordering::unordered
         : less          ? std::partial_ordering::less
         : greater       ? std::partial_ordering::greater
                         : std::partial_ordering::equivalent;
}

void check_tcbs(const layout::attestation_report_v5_const_view& report, tcb_format format) {
  const std::uint64_t kept = format == tcb_format::turin ? 0xFF00'0000'FFFF'FFFF : 0xFFFF'0000'0000'FFFF;
  const std::uint64_t versions[] = {report.current_tcb(), report.reported_tcb(), report.committed_tcb(),
                                    report.launch_tcb()};
  for (const std::uint64_t raw : versions) {
    const tcb parts = layout::tcb_components(raw, format);
    demand(layout::tcb_version(parts, format) == (raw & kept), "a TCB_VERSION comes back without its reserved bytes");
    for (const std::uint64_t other : versions) {
      const tcb others = layout::tcb_components(other, format);
      demand((parts <=> others) == expected_order(parts, others), "TCBs compare component by component");
      demand((parts == others) == ((raw & kept) == (other & kept)), "equal TCBs have equal integers");
    }
  }
}

void check(std::span<const std::uint8_t> bytes, std::size_t choice) {
  const auto parsed = layout::parse_report(bytes);
  if (bytes.size() != report_bytes) {
    demand(!parsed && parsed.error() == report_error{report_error::kind::size, bytes.size()}, "the size is named");
    return;
  }
  const std::uint32_t version = layout::read_le<std::uint32_t>(bytes.data());
  if (version < 2) {
    demand(!parsed && parsed.error() == report_error{report_error::kind::version, version}, "the version is named");
    return;
  }
  demand(parsed.has_value(), "everything else is a report");
  const auto& report = *parsed;
  demand(report.bytes().data() == bytes.data(), "a report is read where it lies");
  demand(layout::signed_bytes(report).data() == bytes.data() && layout::signed_bytes(report).size() == 0x2A0,
         "bytes 0 to 29Fh are signed");

  const auto* structure = layout::report_structure(version);
  demand(structure != nullptr && structure->size == report_bytes, "a report has a layout");
  check_fields(*structure, bytes);
  check_reserved_bits(*structure, bytes, layout::level::svsm, choice);
  const auto first = layout::first_reserved_bit_of_version(report);
  demand(first == layout::first_reserved_bit(*structure, bytes), "reserved is what the version's layout says");
  // Every field of a version is the same field of the newest one.
  for (const auto& field : structure->fields) {
    if (field.reserved) continue;
    const auto* newest = layout::find_field(layout::descriptions::attestation_report_v5, field.name);
    demand(newest != nullptr && newest->offset == field.offset && newest->size == field.size,
           "every version is read through the newest layout");
  }

  const auto processor = layout::processor_of(report);
  demand(processor.has_value() == (version >= 3), "the processor is known from version 3 on");
  if (processor)
    demand(processor->family == bytes[0x188] && processor->model == bytes[0x189] && processor->stepping == bytes[0x18A],
           "family, model and stepping are three bytes");
  const auto mitigations = layout::mitigations_of(report);
  demand(mitigations.has_value() == (version >= 5), "mitigations are known from version 5 on");
  const auto format = layout::tcb_format_of(report);
  demand(format == expected_format(bytes), "family or chip identifier decide the order of a TCB_VERSION");
  if (format) check_tcbs(report, *format);

  const layout::attestation_report_v5 owner(report.bytes());
  demand(layout::tcb_format_of(owner) == format, "a copy says the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const bool whole = in.byte() != 0;
  const auto choice = in.little_endian(2);
  std::vector<std::uint8_t> bytes(in.rest().begin(), in.rest().end());
  if (whole) {
    bytes.resize(report_bytes);
    bytes[0] &= 7;
    bytes[1] = bytes[2] = bytes[3] = 0;
  }
  check(bytes, choice);
  return 0;
}
