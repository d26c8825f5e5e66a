// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_MEMORY_HPP
#define SEVSPEC_FIRMWARE_LEGACY_MEMORY_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/sev_session.hpp>

/// Commands on the memory of SEV and SEV-ES guests: COPY, debugging, swapping. Ciphertext means something at its address
/// alone, so whoever wants to move a page needs them (FW-TWK-01).   SEV API, chapter 6
namespace sevspec::inline v0::firmware {

/// COPY: moves pages of a guest.   FW-SEV-CPY-01
template <class Context, class Machine>
[[nodiscard]] auto copy(Context& ctx, Machine& m, const layout::cmd_copy& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_CPY_01, cmd.length() == 0 || cmd.length() % 4096 != 0)) return status::invalid_length;
  const spa from = target_of(m, cmd.src_paddr());
  const spa to = target_of(m, cmd.dst_paddr());
  if (ctx.denies(rule::FW_SEV_CPY_01, from.value % 4096 != 0 || to.value % 4096 != 0)) return status::invalid_address;
  if (const status bad = check_range(ctx, m, cmd.src_paddr(), cmd.length()); bad != status::success) return bad;
  if (const status bad = check_output(ctx, m, cmd.dst_paddr(), cmd.length()); bad != status::success) return bad;
  if (from == to) return status::success;
  byte_array<4096> page{};
  const bool descending = ctx.choices.copy_keeps_overlap && from < to;
  for (std::uint64_t done = 0; done < cmd.length(); done += page.size()) {
    const std::uint64_t at = descending ? cmd.length() - page.size() - done : done;
    read_guest(m, guest->slot.id, from + at, page);
    write_guest(m, guest->slot.id, to + at, page);
  }
  return status::success;
}

namespace detail {

/// DBG_DECRYPT and DBG_ENCRYPT.   FW-SEV-DBG-01
template <class Context, class Machine>
[[nodiscard]] auto debug(Context& ctx, Machine& m, const layout::cmd_dbg& cmd, bool decrypt) -> status {
  if (const status bad = check_working(ctx, m); bad != status::success) return bad;
  const spa from = target_of(m, cmd.src_paddr());
  const spa to = target_of(m, cmd.dst_paddr());
  if (ctx.denies(rule::FW_SEV_DBG_01, from.value % 16 != 0 || to.value % 16 != 0)) return status::invalid_address;
  const bool empty = cmd.len() == 0 && ctx.choices.dbg_needs_bytes;
  if (ctx.denies(rule::FW_SEV_DBG_01, cmd.len() % 16 != 0 || empty)) return status::invalid_length;
  const auto guest = find_handle(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (ctx.denies(rule::FW_POL_01, guest->policy.nodbg())) return status::policy_failure;
  if (const status bad = check_range(ctx, m, cmd.src_paddr(), cmd.len()); bad != status::success) return bad;
  if (const status bad = check_output(ctx, m, cmd.dst_paddr(), cmd.len()); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  byte_array<4096> piece{};
  for (std::uint64_t done = 0; done < cmd.len(); done += piece.size()) {
    const auto part = std::span{piece}.first(std::min<std::size_t>(piece.size(), cmd.len() - done));
    if (decrypt) {
      read_guest(m, guest->slot.id, from + done, part);
      write_plain(ctx, m, cmd.dst_paddr() + done, part);
    } else {
      read_plain(ctx, m, cmd.src_paddr() + done, part);
      write_guest(m, guest->slot.id, to + done, part);
    }
  }
  return status::success;
}

inline constexpr std::uint32_t swapped_vmsa = 2;  ///< PAGE_TYPE of a VMSA

/// Addresses of SWAP_OUT and SWAP_IN.   FW-SEV-SWP-01
template <class Context, class Machine>
[[nodiscard]] auto check_swap(Context& ctx, const Machine& m, std::uint64_t src, std::uint64_t dst, std::uint64_t mdata,
                              std::uint64_t size, bool vmsa) -> status {
  constexpr std::uint64_t entry = layout::size_of<layout::sev_swap_mdata>;
  if (const status bad = check_range(ctx, m, src, size); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, dst, size); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, mdata, entry); bad != status::success) return bad;
  const spa from = target_of(m, src);
  const spa to = target_of(m, dst);
  const spa told = target_of(m, mdata);
  const bool aligned = from.value % size == 0 && to.value % size == 0 && told.value % entry == 0;
  if (ctx.denies(rule::FW_SEV_SWP_01, !aligned)) return status::invalid_address;
  const memory_range at{told, entry};
  if (ctx.denies(rule::FW_SEV_SWP_01, at.overlaps(from, size) || at.overlaps(to, size))) return status::invalid_param;
  if (ctx.denies(rule::FW_SEV_SWP_01, vmsa && size != 4096)) return status::invalid_param;
  return status::success;
}

}  // namespace detail

/// DBG_DECRYPT: reads a guest's memory.   SEV API, DBG_DECRYPT
template <class Context, class Machine>
[[nodiscard]] auto dbg_decrypt(Context& ctx, Machine& m, const layout::cmd_dbg& cmd) -> status {
  return detail::debug(ctx, m, cmd, true);
}
/// DBG_ENCRYPT: writes it.   SEV API, DBG_ENCRYPT
template <class Context, class Machine>
[[nodiscard]] auto dbg_encrypt(Context& ctx, Machine& m, const layout::cmd_dbg& cmd) -> status {
  return detail::debug(ctx, m, cmd, false);
}

/// SWAP_OUT: a page of the guest's, enciphered under its offline key.   FW-SEV-SWP-01, 05, 06
template <class Context, class Machine>
[[nodiscard]] auto swap_out(Context& ctx, Machine& m, const layout::cmd_swap_out& cmd) -> status {
  if (const status bad = check_working(ctx, m); bad != status::success) return bad;
  const std::uint64_t size = cmd.flags().page_size() ? 0x20'0000 : 0x1000;
  const bool vmsa = cmd.flags().page_type() == detail::swapped_vmsa;
  const status addresses = detail::check_swap(ctx, m, cmd.src_paddr(), cmd.dst_paddr(), cmd.mdata_paddr(), size, vmsa);
  if (addresses != status::success) return addresses;
  const auto guest = find_handle(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_SWP_01, guest->oek_iv_count == exhausted_counter)) return status::aead_oflow;
  if (const status bad = check_written(ctx, m, cmd.dst_paddr(), size); bad != status::success) return bad;
  if (const status bad = check_written(ctx, m, cmd.mdata_paddr(), 64); bad != status::success) return bad;
  std::vector<std::uint8_t> page(size);
  read_guest(m, guest->slot.id, target_of(m, cmd.src_paddr()), page);
  if (ctx.denies(rule::FW_SEV_SWP_01, is_vmsa_of(m, cmd.handle(), page) != vmsa)) return status::invalid_param;

  layout::sev_swap_mdata told;
  told.set_software_data(cmd.software_data());
  told.set_iv(guest->oek_iv_count);
  told.set_flags(
      layout::sev_swap_mdata_flags{}.set_page_size(cmd.flags().page_size()).set_page_type(cmd.flags().page_type()));
  told.set_auth_tag(crypto::aes256_gcm_seal(guest->oek, iv_of(told.iv()), told.bytes(), page, page));
  ++guest->oek_iv_count;
  write_plain(ctx, m, cmd.dst_paddr(), page);
  write_plain(ctx, m, cmd.mdata_paddr(), told.bytes());
  return status::success;
}

/// SWAP_IN: the way back.   FW-SEV-SWP-02
template <class Context, class Machine>
[[nodiscard]] auto swap_in(Context& ctx, Machine& m, const layout::cmd_swap_in& cmd) -> status {
  if (const status bad = check_working(ctx, m); bad != status::success) return bad;
  const std::uint64_t size = cmd.flags().page_size() ? 0x20'0000 : 0x1000;
  const bool vmsa = cmd.flags().page_type() == detail::swapped_vmsa;
  const bool in_place = cmd.flags().swap_in_place();
  const status addresses = detail::check_swap(ctx, m, cmd.src_paddr(), cmd.dst_paddr(), cmd.mdata_paddr(), size, vmsa);
  if (addresses != status::success) return addresses;
  const spa to = target_of(m, cmd.dst_paddr());
  auto told = read_image<layout::sev_swap_mdata>(ctx, m, cmd.mdata_paddr());
  const bool same =
      told.flags().page_size() == cmd.flags().page_size() && told.flags().page_type() == cmd.flags().page_type();
  const bool placed = !in_place || (!vmsa && target_of(m, cmd.src_paddr()) == to);
  if (ctx.denies(rule::FW_SEV_SWP_02, !same || !placed)) return status::invalid_param;
  const auto guest = find_handle(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_written(ctx, m, cmd.dst_paddr(), size); bad != status::success) return bad;
  std::vector<std::uint8_t> page(size);
  read_plain(ctx, m, cmd.src_paddr(), page);
  const auto tag = array_of<16>(told.auth_tag());
  told.set_auth_tag(byte_array<16>{});
  const bool authentic = crypto::aes256_gcm_open(guest->oek, iv_of(told.iv()), told.bytes(), tag, page, page);
  if (ctx.denies(rule::FW_SEV_SWP_02, !authentic)) return status::bad_measurement;
  write_guest(m, guest->slot.id, to, page);
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
