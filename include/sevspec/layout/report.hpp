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
#include <sevspec/layout/tcb.hpp>

/// Attestation reports of any version.
namespace sevspec::inline v0::layout {

/// The layout of a report of this version: 2 has its own, 3 and 4 share one, 5 and later share one. nullptr for 0 and
/// 1, which were never released.   LAY-REP-01
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
    version,  ///< a version that has no layout
  };
  kind what{};
  std::size_t offset = 0;   ///< of the field that is wrong
  std::uint64_t value = 0;  ///< what was found

  friend constexpr auto operator==(const report_error&, const report_error&) -> bool = default;
};

/// An attestation report over bytes that lie elsewhere. Nothing is verified but its size and version.
class report {
 public:
  /// Bytes of a report of any version.
  static constexpr std::size_t size = 0x4A0;
  /// The signature covers bytes 000h to 29Fh.   LAY-REP-02
  static constexpr std::size_t signed_size = 0x2A0;

  /// @param bytes  the report and nothing else
  [[nodiscard]] static constexpr auto parse(std::span<const std::uint8_t> bytes)
      -> std::expected<report, report_error> {
    if (bytes.size() != size)
      return std::unexpected{report_error{report_error::kind::size, 0, std::uint64_t{bytes.size()}}};
    const auto version = read_le<std::uint32_t>(bytes.data());
    if (report_structure(version) == nullptr)
      return std::unexpected{report_error{report_error::kind::version, 0, version}};
    return report{bytes.first<size>()};
  }

  /// The fields. Those that are newer than the report's version are reserved there and read as what lies in their
  /// place, which is zero in an intact report.
  [[nodiscard]] constexpr auto fields() const noexcept -> attestation_report_v5_const_view {
    return attestation_report_v5_const_view{bytes_};
  }

  /// The layout of the report's version.   LAY-REP-01
  [[nodiscard]] constexpr auto structure() const noexcept -> const structure_info& {
    return *report_structure(fields().version());
  }

  /// What the signature covers.   LAY-REP-02
  [[nodiscard]] constexpr auto signed_bytes() const noexcept -> std::span<const std::uint8_t, signed_size> {
    return bytes_.first<signed_size>();
  }

  /// The first bit that is set although the report's version reserves it, if any; the zero bytes behind the signature
  /// count as reserved.   LAY-REP-01; LAY-REP-02
  [[nodiscard]] constexpr auto first_reserved() const -> std::optional<reserved_bit> {
    return first_reserved_bit(structure(), bytes_);
  }

  /// How the report's TCB_VERSIONs are laid out. From version 3 on the family decides. A report of version 2 does not
  /// tell its family: a chip identifier of 8 bytes is Turin's, one of 64 bytes Milan's or Genoa's, and a masked one
  /// (all zero) says nothing.   LAY-REP-04
  [[nodiscard]] constexpr auto tcbs() const noexcept -> std::optional<tcb_format> {
    if (fields().version() >= 3) return tcb_format_of_family(fields().cpuid_fam_id());
    bool low = false;
    bool high = false;
    for (std::size_t i = 0; i < 64; ++i) (i < 8 ? low : high) |= fields().chip_id()[i] != 0;
    if (high) return tcb_format::milan_genoa;
    if (low) return tcb_format::turin;
    return std::nullopt;
  }

 private:
  constexpr explicit report(std::span<const std::uint8_t, size> bytes) noexcept : bytes_(bytes) {}

  std::span<const std::uint8_t, size> bytes_;
};

}  // namespace sevspec::inline v0::layout

#endif
