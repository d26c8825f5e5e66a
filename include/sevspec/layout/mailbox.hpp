// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_MAILBOX_HPP
#define SEVSPEC_LAYOUT_MAILBOX_HPP

// The command/response register of the AMD-SP.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info sev_cmdresp_command_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "ioc",            .meaning = "interrupt on completion"},
    {.lsb =  1, .width = 15, .name = "reserved_15_1",  .meaning = "reserved", .reserved = true},
    {.lsb = 16, .width = 11, .name = "command_id",     .meaning = "command identifier (sev_command_ids)", .values = &tables::sev_command_ids},
    {.lsb = 27, .width =  4, .name = "reserved_30_27", .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "response",       .meaning = "written as 0"},
};
inline constexpr field_info sev_cmdresp_command_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "register", .since = level::sev, .bits = sev_cmdresp_command_value_bits},
};
inline constexpr structure_info sev_cmdresp_command{
    .name = "sev_cmdresp_command",
    .id = "LAY-SEV-CMDRESP-COMMAND",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API 4.2",
    .description = "Command form of the mailbox command/response register (written by the host).",
    .fields = sev_cmdresp_command_fields,
};

inline constexpr bit_info sev_cmdresp_response_value_bits[] = {
    {.lsb =  0, .width = 16, .name = "status",   .meaning = "status code (sev_status_codes)", .values = &tables::sev_status_codes},
    {.lsb = 16, .width = 15, .name = "opaque",   .meaning = "no defined content", .trust = confidence::low},
    {.lsb = 31, .width =  1, .name = "response", .meaning = "1 = command complete"},
};
inline constexpr field_info sev_cmdresp_response_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "register", .since = level::sev, .bits = sev_cmdresp_response_value_bits},
};
inline constexpr structure_info sev_cmdresp_response{
    .name = "sev_cmdresp_response",
    .id = "LAY-SEV-CMDRESP-RESPONSE",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API 4.2",
    .description = "Response form of the mailbox command/response register.",
    .fields = sev_cmdresp_response_fields,
};

}  // namespace descriptions

/// Command form of the mailbox command/response register (written by the host).   SEV API 4.2
/// 4 bytes, aligned to 4 in memory.
struct sev_cmdresp_command {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Interrupt on completion.
  [[nodiscard]] constexpr auto ioc() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_ioc(bool value) & -> sev_cmdresp_command& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_ioc(bool value) && -> sev_cmdresp_command { return put(*this, 0, 0, value); }
  /// Bits 26:16: Command identifier (sev_command_ids).
  [[nodiscard]] constexpr auto command_id() const noexcept -> sev_command_ids {
    return static_cast<sev_command_ids>(bits32_at(raw, 26, 16));
  }
  constexpr auto set_command_id(sev_command_ids value) & -> sev_cmdresp_command& { return put(*this, 26, 16, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_command_id(sev_command_ids value) && -> sev_cmdresp_command { return put(*this, 26, 16, static_cast<std::uint64_t>(value)); }
  /// Bit 31: Written as 0.
  [[nodiscard]] constexpr auto response() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_response(bool value) & -> sev_cmdresp_command& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_response(bool value) && -> sev_cmdresp_command { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const sev_cmdresp_command&, const sev_cmdresp_command&) -> bool = default;
  friend constexpr auto describe(const sev_cmdresp_command*) noexcept -> const structure_info& {
    return descriptions::sev_cmdresp_command;
  }
};

/// Response form of the mailbox command/response register.   SEV API 4.2
/// 4 bytes, aligned to 4 in memory.
struct sev_cmdresp_response {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 15:0: Status code (sev_status_codes).
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(bits32_at(raw, 15, 0));
  }
  constexpr auto set_status(sev_status_codes value) & -> sev_cmdresp_response& { return put(*this, 15, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_status(sev_status_codes value) && -> sev_cmdresp_response { return put(*this, 15, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 30:16: No defined content.
  [[nodiscard]] constexpr auto opaque() const noexcept -> std::uint32_t { return bits32_at(raw, 30, 16); }
  constexpr auto set_opaque(std::uint32_t value) & -> sev_cmdresp_response& { return put(*this, 30, 16, value); }
  [[nodiscard]] constexpr auto set_opaque(std::uint32_t value) && -> sev_cmdresp_response { return put(*this, 30, 16, value); }
  /// Bit 31: 1 = command complete.
  [[nodiscard]] constexpr auto response() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_response(bool value) & -> sev_cmdresp_response& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_response(bool value) && -> sev_cmdresp_response { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const sev_cmdresp_response&, const sev_cmdresp_response&) -> bool = default;
  friend constexpr auto describe(const sev_cmdresp_response*) noexcept -> const structure_info& {
    return descriptions::sev_cmdresp_response;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
