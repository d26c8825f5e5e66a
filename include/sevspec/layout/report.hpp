// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_REPORT_HPP
#define SEVSPEC_LAYOUT_REPORT_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/reflect.hpp>

/// Attestation reports of any version. Every version is a subset of the newest layout, so all are read through that.
/// What a version does not know is reserved in it: `first_reserved_bit_of_version` checks that, and `processor_of` and
/// `mitigations_of` do not answer for versions without the fields.
namespace sevspec::inline v0::layout {

/// The layout of a report of this version: 2 has its own, 3 and 4 share one, 5 and later share one. nullptr for 0 and
/// 1, whose layouts are not known.   LAY-REP-01
[[nodiscard]] constexpr auto report_structure(std::uint32_t version) noexcept -> const structure_info* {
  if (version >= 5) return &descriptions::attestation_report_v5;
  if (version >= 3) return &descriptions::attestation_report_v3;
  if (version == 2) return &descriptions::attestation_report_v2;
  return nullptr;
}

/// Why bytes are no attestation report.
struct report_error {
  enum class kind : std::uint8_t {
    size,     ///< `value` bytes instead of 1184
    version,  ///< version `value`, which has no layout
  };
  kind what{};
  std::uint64_t value = 0;  ///< what was found

  friend constexpr auto operator==(const report_error&, const report_error&) -> bool = default;
};

/// Looks at bytes as an attestation report. Nothing but size and version is checked.   LAY-REP-01
/// @param from  the bytes of the report and nothing else; the view refers to them
template <byte_range Bytes>
[[nodiscard]] constexpr auto parse_report(const Bytes& from)
    -> std::expected<attestation_report_v5_const_view, report_error> {
  const std::span<const std::uint8_t> bytes = from;
  if (bytes.size() != size_of<attestation_report_v5_const_view>)
    return std::unexpected{report_error{report_error::kind::size, std::uint64_t{bytes.size()}}};
  const attestation_report_v5_const_view report{bytes.data()};
  if (report_structure(report.version()) == nullptr)
    return std::unexpected{report_error{report_error::kind::version, report.version()}};
  return report;
}

/// What a report's signature covers: bytes 000h to 29Fh.   LAY-REP-02
template <class Storage>
[[nodiscard]] constexpr auto signed_bytes(const basic_attestation_report_v5<Storage>& report) noexcept
    -> std::span<const std::uint8_t, 0x2A0> {
  return bytes_at<0, 0x2A0>(report);
}

/// The first bit that is set although the report's version reserves it, if any; the zero bytes behind the signature
/// count as reserved. The version must have a layout.   LAY-REP-01; LAY-REP-02
template <class Storage>
[[nodiscard]] constexpr auto first_reserved_bit_of_version(const basic_attestation_report_v5<Storage>& report)
    -> std::optional<reserved_bit> {
  const structure_info* structure = report_structure(report.version());
  Expects(structure != nullptr);
  return first_reserved_bit(*structure, report.bytes());
}

}  // namespace sevspec::inline v0::layout

#endif
