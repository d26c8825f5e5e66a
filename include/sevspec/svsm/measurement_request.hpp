// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MEASUREMENT_REQUEST_HPP
#define SEVSPEC_SVSM_MEASUREMENT_REQUEST_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// What a guest asks to be measured: bytes of its memory, copied once before anything is looked at.
///
///   00h   4  version, 1
///   04h   2  hash: 0 SHA-256, 1 SHA-384, 2 SHA-512
///   06h   2  flags: bit 0 SNAPSHOT, bit 1 INCLUDE_PERMS
///   08h   2  number of ranges
///   0Ah   2  next: 0; the SVSM counts while the call is INCOMPLETE
///   0Ch   4  0
///   10h  64  nonce
///   50h  16  gPA (8), bytes (4) of the answer's buffer, 0 (4)
///   60h  16  the same of the report's
///   70h      for each range: gPA (8), bytes (8)
namespace sevspec::inline v0::svsm {

/// The calls of the protocol.
enum class measurement_call : std::uint32_t {
  query = 0,            ///< out RCX: abilities; RDX: limits; R8: counter
  hash = 1,             ///< a manifest, signed if there is a session key
  attest = 2,           ///< a manifest and a report that binds it
  baseline_append = 3,  ///< the ranges go into the boot log
  baseline_seal = 4,    ///< the boot log ends
  baseline_read = 5,    ///< RCX: gPA of a buffer, RDX: its bytes; out RCX: bytes of the log
};

/// The hash of a measurement.
enum class measurement_hash : std::uint16_t { sha256 = 0, sha384 = 1, sha512 = 2 };

/// Bytes of a digest.
[[nodiscard]] constexpr auto digest_bytes(measurement_hash hash) noexcept -> std::size_t {
  return hash == measurement_hash::sha256 ? 32 : hash == measurement_hash::sha384 ? 48 : 64;
}

/// Flags of a request.
inline constexpr std::uint16_t measure_snapshot = 1;
inline constexpr std::uint16_t measure_permissions = 2;

inline constexpr std::size_t measurement_header_bytes = 0x70;
inline constexpr std::uint64_t next_range_offset = 0x0a;
/// As many as fit into a page.
inline constexpr std::uint16_t most_measured_ranges = 249;

/// Bytes [first, first + bytes) to be measured: any alignment.
struct measured_range {
  gpa first{};
  std::uint64_t bytes = 0;

  friend constexpr auto operator==(const measured_range&, const measured_range&) -> bool = default;
};

/// Where something goes.
struct guest_buffer {
  gpa where{};
  std::uint32_t bytes = 0;

  friend constexpr auto operator==(const guest_buffer&, const guest_buffer&) -> bool = default;
};

/// A request.
struct measurement_request {
  measurement_hash hash = measurement_hash::sha384;
  std::uint16_t flags = 0;
  std::uint16_t next = 0;
  std::array<std::uint8_t, 64> nonce{};
  guest_buffer response{};
  guest_buffer report{};
  std::vector<measured_range> ranges{};
  gpa where{};                        ///< of the request itself
  std::vector<std::uint8_t> bytes{};  ///< as they were copied

  [[nodiscard]] constexpr auto has(std::uint16_t flag) const noexcept -> bool { return (flags & flag) != 0; }

  friend constexpr auto operator==(const measurement_request&, const measurement_request&) -> bool = default;
};

/// A request as bytes: what a guest writes.
[[nodiscard]] constexpr auto write_request(const measurement_request& request) -> std::vector<std::uint8_t> {
  using layout::write_le;
  std::vector<std::uint8_t> made(measurement_header_bytes + 16 * request.ranges.size(), 0);
  write_le<std::uint32_t>(made.data(), 1);
  write_le(made.data() + 0x04, static_cast<std::uint16_t>(request.hash));
  write_le(made.data() + 0x06, request.flags);
  write_le(made.data() + 0x08, static_cast<std::uint16_t>(request.ranges.size()));
  write_le(made.data() + 0x0a, request.next);
  std::copy(request.nonce.begin(), request.nonce.end(), made.begin() + 0x10);
  write_le(made.data() + 0x50, request.response.where.value);
  write_le(made.data() + 0x58, request.response.bytes);
  write_le(made.data() + 0x60, request.report.where.value);
  write_le(made.data() + 0x68, request.report.bytes);
  for (std::size_t i = 0; i < request.ranges.size(); ++i) {
    write_le(made.data() + measurement_header_bytes + 16 * i, request.ranges[i].first.value);
    write_le(made.data() + measurement_header_bytes + 16 * i + 8, request.ranges[i].bytes);
  }
  return made;
}

/// Copies a request, and checks what does not depend on the rest of memory (SVSM-MEAS-02 to SVSM-MEAS-04).
/// @param most  the limit of ranges, up to `most_measured_ranges`
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto read_request(Context& ctx, Machine& machine, const monitor& self, gpa where,
                                          std::uint16_t most) -> checked<measurement_request> {
  using enum result_code;
  using layout::read_le;
  if (ctx.denies(rule::SVSM_MEAS_02, where.value % 8 != 0)) return refuse(invalid_parameter, rule::SVSM_MEAS_02);
  if (ctx.denies(rule::SVSM_MEAS_02, !in_guest_memory(self, where, measurement_header_bytes) ||
                                         overlaps_records(self, where, measurement_header_bytes)))
    return refuse(invalid_address, rule::SVSM_MEAS_02);
  measurement_request made{.where = where};
  made.bytes.resize(measurement_header_bytes);
  if (const auto read = read_guest(ctx, machine, where, made.bytes); !read) return std::unexpected{read.error()};
  const std::uint8_t* const header = made.bytes.data();
  const auto count = read_le<std::uint16_t>(header + 0x08);
  const std::uint64_t room = 0x1000 - page_offset(where, page_size::k4k);
  if (ctx.denies(rule::SVSM_MEAS_02, measurement_header_bytes + 16 * std::uint64_t{count} > room))
    return refuse(invalid_parameter, rule::SVSM_MEAS_02);
  const auto hash = read_le<std::uint16_t>(header + 0x04);
  if (ctx.denies(rule::SVSM_MEAS_03, read_le<std::uint32_t>(header) != 1 || hash > 2))
    return refuse(invalid_format, rule::SVSM_MEAS_03);
  made.flags = read_le<std::uint16_t>(header + 0x06);
  const bool reserved = (made.flags & ~(measure_snapshot | measure_permissions)) != 0 ||
                        read_le<std::uint32_t>(header + 0x0c) != 0 || read_le<std::uint32_t>(header + 0x5c) != 0 ||
                        read_le<std::uint32_t>(header + 0x6c) != 0;
  if (ctx.denies(rule::SVSM_MEAS_03, reserved)) return refuse(invalid_parameter, rule::SVSM_MEAS_03);
  if (ctx.denies(rule::SVSM_MEAS_04, count == 0 || count > most)) return refuse(invalid_parameter, rule::SVSM_MEAS_04);

  made.hash = static_cast<measurement_hash>(std::min<std::uint16_t>(hash, 2));
  made.next = read_le<std::uint16_t>(header + 0x0a);
  std::copy_n(header + 0x10, made.nonce.size(), made.nonce.begin());
  made.response = {gpa{read_le<std::uint64_t>(header + 0x50)}, read_le<std::uint32_t>(header + 0x58)};
  made.report = {gpa{read_le<std::uint64_t>(header + 0x60)}, read_le<std::uint32_t>(header + 0x68)};
  std::vector<std::uint8_t> list(std::size_t{16} * count);
  if (const auto read = read_guest(ctx, machine, where + measurement_header_bytes, list); !read)
    return std::unexpected{read.error()};
  for (std::size_t i = 0; i < count; ++i)
    made.ranges.push_back(
        {gpa{read_le<std::uint64_t>(list.data() + 16 * i)}, read_le<std::uint64_t>(list.data() + 16 * i + 8)});
  made.bytes.insert(made.bytes.end(), list.begin(), list.end());
  return made;
}

}  // namespace sevspec::inline v0::svsm

#endif
