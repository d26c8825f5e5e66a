// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_REPORT_SOURCE_HPP
#define SEVSPEC_SVSM_REPORT_SOURCE_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Where an SVSM gets attestation reports from: the firmware, by messages; or a test.
namespace sevspec::inline v0::svsm {

/// REPORT_DATA.
using report_data = std::array<std::uint8_t, 64>;
/// Bytes of an attestation report.
inline constexpr std::size_t report_bytes = 0x4a0;
/// Bytes of the buffer that an SVSM has for certificates (SVSM-ATT-07).
inline constexpr std::uint64_t certificate_buffer = 0x4000;

/// What comes of asking for a report at VMPL 0 (SVSM-ATT-06).
struct report_answer {
  enum class kind : std::uint8_t {
    ok,
    busy,       ///< the hypervisor asks to try again
    too_small,  ///< certificates: `pages` are needed
    failed,     ///< the firmware refused, the message was lost, or the key is destroyed
  };
  kind what = kind::failed;
  std::uint64_t pages = 0;
  std::vector<std::uint8_t> report{};        ///< `report_bytes`
  std::vector<std::uint8_t> certificates{};  ///< the hypervisor's table, whatever it is

  friend constexpr auto operator==(const report_answer&, const report_answer&) -> bool = default;
};

/// Gives reports of VMPL 0. `report(data, extended)`: with certificates if `extended`.
template <class R>
concept report_source = requires(R& source, const report_data& data) {
  { source.report(data, true) } -> std::same_as<report_answer>;
};

/// No firmware: every message fails.
struct no_reports {
  [[nodiscard]] static constexpr auto report(const report_data&, bool) -> report_answer { return {}; }
};

}  // namespace sevspec::inline v0::svsm

#endif
