// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_COMMANDS_HPP
#define SEVSPEC_NESTED_VSP_COMMANDS_HPP

#include <array>
#include <cstdint>

#include <sevspec/firmware/command_table.hpp>

/// What a virtual AMD-SP does with each command: its class, and which bytes of its buffer are names of L1's.
namespace sevspec::inline v0::nested {

using firmware::command_id;

/// Who executes a command of L1's when keys are the AMD-SP's.   NEST-VSP-14 to 18
enum class command_class : std::uint8_t {
  own,        ///< the virtual AMD-SP alone
  shown,      ///< ... but what it tells is the chip's: its identity
  kept,       ///< refused: the identity is the chip's, and stays
  forwarded,  ///< translated and passed on
  pages,      ///< the virtual AMD-SP; the machine's Reverse Map Table follows
  refused,    ///< firmware is not L1's to update, and there are no rings
};

/// What an operand names.
enum class operand_kind : std::uint8_t {
  none,
  handle,    ///< a guest
  shared,    ///< a guest whose key the new one gets; 0: none
  asid,      ///< an ASID
  context,   ///< a guest context
  agent,     ///< the context of a migration agent, if the command's flags say that there is one
  metadata,  ///< an entry in a page of metadata, or such a page
  input,     ///< plaintext that is read
  output,    ///< plaintext that is written
  guest,     ///< memory of the guest's
};
/// How long the memory is that an operand names.
enum class operand_size : std::uint8_t {
  none,     ///< it names no memory
  field,    ///< a 32-bit field of the buffer says so
  fixed,    ///< always the same
  flagged,  ///< a page of 2M if bit 0 of a field is set, else of 4K
  rest,     ///< to the end of its page
};

struct operand {
  operand_kind kind = operand_kind::none;
  std::uint8_t at = 0;  ///< offset in the command buffer
  operand_size size = operand_size::none;
  std::uint16_t length = 0;  ///< offset of the field, or the number of bytes
};

/// One command, as the virtual AMD-SP sees it.
struct forwarding {
  command_id id{};
  command_class who{};
  bool splits = false;  ///< memory of the guest's may be passed on in pieces (NEST-VSP-09)
  bool keyed = false;   ///< needs keys to be judged: BAD_MEASUREMENT of somebody without them decides nothing
  std::array<operand, 5> operands{};
};

namespace detail {

[[nodiscard]] constexpr auto sized(operand_kind kind, std::uint8_t at, std::uint16_t field) -> operand {
  return {kind, at, operand_size::field, field};
}
[[nodiscard]] constexpr auto fixed(operand_kind kind, std::uint8_t at, std::uint16_t bytes) -> operand {
  return {kind, at, operand_size::fixed, bytes};
}
[[nodiscard]] constexpr auto page(operand_kind kind, std::uint8_t at, std::uint16_t flags) -> operand {
  return {kind, at, operand_size::flagged, flags};
}

}  // namespace detail

// clang-format off
/// Every command, in the order of `firmware::command_table`. Operands of commands that are not passed on are not here.
inline constexpr std::array<forwarding, firmware::command_table.size()> forwarding_table = [] {
  using enum command_class;
  using enum operand_kind;
  using enum command_id;
  using detail::fixed;
  using detail::page;
  using detail::sized;
  constexpr operand handle_at_0{handle, 0};
  constexpr operand context_at_0{context, 0};
  constexpr operand packet_header{output, 8, operand_size::field, 16};
  constexpr operand packet_data{output, 40, operand_size::field, 48};
  return std::array<forwarding, firmware::command_table.size()>{{
      {init, own}, {shutdown, own}, {platform_reset, own}, {platform_status, own},
      {pek_gen, kept},
      {pek_csr, shown, false, false, {{sized(output, 0, 8)}}},
      {pek_cert_import, kept},
      {pdh_cert_export, shown, false, false, {{sized(output, 0, 8), sized(output, 16, 24)}}},
      {pdh_gen, kept},
      {df_flush, own},
      {download_firmware, refused},
      {get_id, shown, false, false, {{sized(output, 0, 8)}}},
      {init_ex, own}, {nop, own},
      {ring_buffer, refused},  // one command at a time
      {decommission, own},  // the guest is forgotten, and then the AMD-SP is told
      {activate, forwarded, false, false, {{handle_at_0, {asid, 4}}}},
      {deactivate, forwarded, false, false, {{handle_at_0}}},
      {guest_status, own},
      {copy, forwarded, true, false, {{handle_at_0, sized(guest, 8, 4), sized(guest, 16, 4)}}},
      {activate_ex, forwarded, false, false, {{{handle, 4}, {asid, 8}}}},
      {launch_start, forwarded, false, true, {{{shared, 0}, sized(input, 8, 16), sized(input, 24, 32)}}},
      {launch_update_data, forwarded, true, false, {{handle_at_0, sized(guest, 8, 16)}}},
      {launch_update_vmsa, forwarded, false, false, {{handle_at_0, sized(guest, 8, 16)}}},
      {launch_measure, forwarded, false, false, {{handle_at_0, sized(output, 8, 16)}}},
      {launch_secret, forwarded, false, true, {{handle_at_0, sized(input, 8, 16), sized(guest, 24, 32), sized(input, 40, 48)}}},
      {launch_finish, forwarded, false, false, {{handle_at_0}}},
      {attestation, forwarded, false, false, {{handle_at_0, sized(output, 8, 32)}}},
      {send_start, forwarded, false, true, {{handle_at_0, sized(input, 8, 16), sized(input, 24, 32), sized(input, 40, 48), sized(output, 56, 64)}}},
      {send_update_data, forwarded, false, false, {{handle_at_0, packet_header, sized(guest, 24, 32), packet_data}}},
      {send_update_vmsa, forwarded, false, true, {{handle_at_0, packet_header, sized(guest, 24, 32), packet_data}}},
      {send_finish, forwarded, false, false, {{handle_at_0}}},
      {send_cancel, forwarded, false, false, {{handle_at_0}}},
      {receive_start, forwarded, false, true, {{{shared, 0}, sized(input, 8, 16), sized(input, 24, 32)}}},
      {receive_update_data, forwarded, false, true, {{handle_at_0, sized(input, 8, 16), sized(guest, 24, 32), sized(input, 40, 48)}}},
      {receive_update_vmsa, forwarded, false, true, {{handle_at_0, sized(input, 8, 16), sized(guest, 24, 32), sized(input, 40, 48)}}},
      {receive_finish, forwarded, false, false, {{handle_at_0}}},
      {dbg_decrypt, forwarded, true, false, {{handle_at_0, sized(guest, 8, 24), sized(output, 16, 24)}}},
      {dbg_encrypt, forwarded, true, false, {{handle_at_0, sized(input, 8, 24), sized(guest, 16, 24)}}},
      {swap_out, forwarded, false, true, {{handle_at_0, page(guest, 8, 4), page(output, 16, 4), fixed(output, 24, 64)}}},
      {swap_in, forwarded, false, true, {{handle_at_0, page(input, 8, 4), page(guest, 16, 4), fixed(input, 24, 64)}}},
      {snp_init, own}, {snp_shutdown, own}, {snp_platform_status_, own}, {snp_df_flush, own}, {snp_init_ex, own},
      {snp_shutdown_ex, own},
      {snp_decommission, own},  // as DECOMMISSION
      {snp_activate, forwarded, false, false, {{context_at_0, {asid, 8}}}},
      {snp_guest_status_, own},
      {snp_gctx_create, forwarded, false, false, {{context_at_0}}},
      {snp_guest_request, forwarded, false, true, {{context_at_0, {input, 8, operand_size::rest}, {output, 16, operand_size::rest}}}},
      {snp_activate_ex, forwarded, false, false, {{{context, 8}, {asid, 16}}}},
      {snp_launch_start, forwarded, false, false, {{context_at_0, {agent, 16}}}},
      {snp_launch_update, forwarded, true, true, {{context_at_0, page(guest, 16, 8)}}},
      {snp_launch_finish, forwarded, false, false, {{context_at_0, fixed(input, 8, 96), fixed(input, 16, 4096)}}},
      {snp_dbg_decrypt, forwarded, false, false, {{context_at_0, fixed(guest, 8, 4096), fixed(output, 16, 4096)}}},
      {snp_dbg_encrypt, forwarded, false, false, {{context_at_0, fixed(input, 8, 4096), fixed(guest, 16, 4096)}}},
      {snp_verify_mitigation, refused},
      {snp_page_swap_out, forwarded, false, true, {{context_at_0, page(guest, 8, 40), page(output, 16, 40), {metadata, 24}}}},
      {snp_page_swap_in, forwarded, false, true, {{context_at_0, page(input, 8, 40), page(guest, 16, 40), {metadata, 24}}}},
      {snp_page_move, forwarded, true, false, {{context_at_0, page(guest, 16, 8), page(guest, 24, 8)}}},
      {snp_page_md_init, forwarded, false, false, {{context_at_0, {metadata, 8}}}},
      {snp_page_set_state, pages}, {snp_page_reclaim, pages}, {snp_page_unsmash, pages},
      {snp_config, own},
      {snp_download_firmware_ex, refused},
      {snp_commit, own}, {snp_vlek_load, own}, {snp_feature_info_, own},
  }};
}();
// clang-format on

static_assert(
    [] {
      for (std::size_t i = 0; i < forwarding_table.size(); ++i)
        if (forwarding_table[i].id != firmware::command_table[i].id) return false;
      return true;
    }(),
    "one row per command, in the same order");

/// The row of a command; null if there is no such command.
[[nodiscard]] constexpr auto find_forwarding(std::uint32_t id) noexcept -> const forwarding* {
  for (const forwarding& one : forwarding_table)
    if (static_cast<std::uint32_t>(one.id) == id) return &one;
  return nullptr;
}

}  // namespace sevspec::inline v0::nested

#endif
