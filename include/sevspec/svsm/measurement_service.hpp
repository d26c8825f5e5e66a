// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MEASUREMENT_SERVICE_HPP
#define SEVSPEC_SVSM_MEASUREMENT_SERVICE_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/svsm/measurement_manifest.hpp>
#include <sevspec/svsm/measurement_request.hpp>
#include <sevspec/svsm/page_rights.hpp>

/// What the measurement service keeps between calls.
namespace sevspec::inline v0::svsm {

/// A hash of one of the three kinds, of bytes that come piece by piece.
class range_hash {
 public:
  explicit range_hash(measurement_hash kind) {
    if (kind == measurement_hash::sha256) state_ = crypto::sha256{};
    if (kind == measurement_hash::sha512) state_ = crypto::sha512{};
  }
  void update(std::span<const std::uint8_t> bytes) {
    std::visit([&](auto& hash) { hash.update(bytes); }, state_);
  }
  /// The hash of all bytes so far.
  [[nodiscard]] auto value() const -> std::vector<std::uint8_t> {
    return std::visit(
        [](const auto& hash) {
          const auto bytes = hash.value();
          return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
        },
        state_);
  }

  friend auto operator==(const range_hash& a, const range_hash& b) -> bool { return a.value() == b.value(); }

 private:
  std::variant<crypto::sha384, crypto::sha256, crypto::sha512> state_{};
};

/// The rights that a page had before it was frozen.
struct frozen_page {
  gpa page{};
  rights before{};

  friend auto operator==(const frozen_page&, const frozen_page&) -> bool = default;
};

/// A request that takes more than one call (SVSM-MEAS-10).
struct measurement_under_way {
  std::uint32_t apic_id{};
  std::optional<gpa> vmsa{};            ///< that asks, on this processor
  crypto::sha384_value request{};       ///< hash of the call's number and of its request, with next = 0
  std::vector<measured_digest> done{};  ///< of whole ranges
  std::uint64_t offset = 0;             ///< into the range that comes next
  range_hash hash{measurement_hash::sha384};
  std::vector<frozen_page> frozen{};  ///< of that range
  std::uint32_t calls = 0;            ///< so far

  friend auto operator==(const measurement_under_way&, const measurement_under_way&) -> bool = default;
};

/// An entry of the boot log (SVSM-MEAS-30).
struct baseline_entry {
  measured_range range{};
  crypto::sha384_value digest{};
  std::array<std::uint8_t, 32> tag{};  ///< the first half of the request's nonce

  friend auto operator==(const baseline_entry&, const baseline_entry&) -> bool = default;
};

/// Bytes of an entry in the log: gPA (8), bytes (8), digest (48), tag (32).
inline constexpr std::size_t baseline_entry_bytes = 96;

[[nodiscard]] inline auto bytes_of(const baseline_entry& entry) -> std::array<std::uint8_t, baseline_entry_bytes> {
  std::array<std::uint8_t, baseline_entry_bytes> made{};
  layout::write_le(made.data(), entry.range.first.value);
  layout::write_le(made.data() + 8, entry.range.bytes);
  std::copy(entry.digest.begin(), entry.digest.end(), made.begin() + 16);
  std::copy(entry.tag.begin(), entry.tag.end(), made.begin() + 64);
  return made;
}

/// The boot log: what firmware has measured before it gave the machine away.
struct baseline_log {
  std::vector<baseline_entry> entries{};
  crypto::sha384_value extended{};  ///< SHA-384 of the value before and the entry, from 48 zeros on
  bool sealed = false;

  friend auto operator==(const baseline_log&, const baseline_log&) -> bool = default;
};

/// The value of a log after one more entry.
[[nodiscard]] inline auto extended_by(const crypto::sha384_value& before, const baseline_entry& entry)
    -> crypto::sha384_value {
  return crypto::sha384{}.update(before).update(bytes_of(entry)).take();
}

/// Limits, and the key.
struct measurement_limits {
  std::uint16_t ranges = most_measured_ranges;
  std::uint32_t kib_per_call = 4096;             ///< then INCOMPLETE
  std::uint32_t freeze_max_calls = 8;            ///< calls that a snapshot may last
  std::optional<std::uint32_t> requests_left{};  ///< until the next period begins; nothing: no limit (SVSM-MEAS-11)

  friend auto operator==(const measurement_limits&, const measurement_limits&) -> bool = default;
};

/// The service's state. What is frozen stands in `monitor::frozen`, too, for the other calls.
struct measurement_service {
  measurement_limits limits{};
  std::uint64_t counter = 0;  ///< of the last answer
  std::vector<measurement_under_way> under_way{};
  baseline_log baseline{};
  std::optional<crypto::p384_private_key> session_key{};  ///< SVSM-MEAS-22
};

/// Abilities as MEAS_QUERY tells them: SHA-256, SHA-384, SHA-512; binding to reports; signatures by a session key.
[[nodiscard]] inline auto abilities_of(const measurement_service& service) -> std::uint64_t {
  return 0x107 | (service.session_key ? std::uint64_t{1} << 9 : 0);
}

}  // namespace sevspec::inline v0::svsm

#endif
