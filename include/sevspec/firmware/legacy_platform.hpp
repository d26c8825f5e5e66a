// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_PLATFORM_HPP
#define SEVSPEC_FIRMWARE_LEGACY_PLATFORM_HPP

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/firmware_image.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/persistent_store.hpp>
#include <sevspec/firmware/sev_certificates.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/sev_command.hpp>

/// Commands of the legacy API that concern the platform.   SEV API, chapter 5
namespace sevspec::inline v0::firmware {

namespace detail {

/// What INIT and INIT_EX are asked for.
struct init_request {
  bool reserved = false;  ///< reserved bits are set
  bool es = false;
  std::uint64_t tmr = 0;
  std::uint32_t tmr_bytes = 0;
  bool extended = false;  ///< INIT_EX
  std::uint32_t length = 0;
  std::uint64_t nv = 0;
  std::uint32_t nv_bytes = 0;
};

/// The trusted memory region of SEV-ES.   FW-SEV-INIT-02
template <class Context, class Machine>
[[nodiscard]] auto check_tmr(Context& ctx, const Machine& m, const init_request& asked) -> status {
  const std::uint64_t size = m.sp.rmp_initialized ? 0x20'0000 : 0x10'0000;
  const std::uint64_t base = target_of(m, asked.tmr).value;
  if (ctx.denies(rule::FW_SEV_INIT_02, base % size != 0)) return status::invalid_address;
  if (ctx.denies(rule::FW_SEV_INIT_02, asked.tmr_bytes != size)) return status::invalid_length;
  return check_output(ctx, m, asked.tmr, asked.tmr_bytes);
}
/// The persistent store of INIT_EX.   FW-SEV-INIT-03
template <class Context, class Machine>
[[nodiscard]] auto check_nv(Context& ctx, const Machine& m, const init_request& asked) -> status {
  if (ctx.denies(rule::FW_SEV_INIT_03, asked.length != layout::size_of<layout::cmd_init_ex>))
    return status::invalid_length;
  if (asked.nv == 0) return status::success;
  const spa base = target_of(m, asked.nv);
  if (ctx.denies(rule::FW_SEV_INIT_03, base.value % 4096 != 0)) return status::invalid_address;
  if (const status bad = check_range(ctx, m, asked.nv, asked.nv_bytes); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_INIT_03, asked.nv_bytes != nv_bytes)) return status::invalid_length;
  if (const status bad = check_written(ctx, m, asked.nv, nv_bytes); bad != status::success) return bad;
  const memory_range area{base, nv_bytes};
  const bool overlap = asked.es && area.overlaps(target_of(m, asked.tmr), asked.tmr_bytes);
  if (ctx.denies(rule::FW_SEV_INIT_03, overlap)) return status::invalid_address;
  return status::success;
}

/// The identity in the store, if it holds one.
/// @return nothing at all if its integrity check fails
template <class Context, class Machine>
[[nodiscard]] auto load_identity(Context& ctx, const Machine& m, const init_request& asked)
    -> std::optional<std::optional<sev_identity>> {
  if (asked.nv == 0) {
    if (m.sp.flash_corrupted) return std::nullopt;
    return m.sp.flash;
  }
  std::vector<std::uint8_t> area(nv_bytes);
  read_plain(ctx, m, asked.nv, area);
  const auto found = from_nv(m.hw, area);
  if (!found) return std::nullopt;
  return *found;
}

/// INIT and INIT_EX.   FW-SEV-INIT-01 to 04
template <class Context, class Machine>
[[nodiscard]] auto initialize(Context& ctx, Machine& m, const init_request& asked) -> status {
  if (ctx.denies(rule::FW_PLAT_06, !is_legacy_uninit(m))) return status::invalid_platform_state;
  bool encrypting = m.hw.memory_encryption;
  bool snp_everywhere = true;
  for (const cpu_thread& one : m.hw.threads) {
    encrypting = encrypting && (one.registers.syscfg & syscfg_bits::mem_encryption_mod_en) != 0;
    snp_everywhere = snp_everywhere && (one.registers.syscfg & syscfg_bits::snp_en) != 0;
  }
  if (ctx.denies(rule::FW_SEV_INIT_01, !encrypting)) return status::hwerror_platform;
  if (ctx.denies(rule::FW_SEV_INIT_01, asked.reserved)) return status::invalid_config;
  if (ctx.denies(rule::FW_PLAT_12, snp_everywhere && !m.sp.rmp_initialized)) return status::invalid_platform_state;
  if (asked.extended)
    if (const status bad = check_nv(ctx, m, asked); bad != status::success) return bad;
  const auto stored = load_identity(ctx, m, asked);
  if (ctx.denies(rule::FW_SEV_INIT_01, !stored)) {
    if (asked.nv != 0) {  // what nobody can use is erased
      const std::vector<std::uint8_t> erased(nv_bytes, 0xff);
      write_plain(ctx, m, asked.nv, erased);
    }
    return status::secure_data_invalid;
  }
  if (asked.es)
    if (const status bad = check_tmr(ctx, m, asked); bad != status::success) return bad;
  if (m.hw.fails.asid_control) return status::hwerror_unsafe;
  const std::optional<sev_identity> kept = stored.value_or(std::nullopt);
  if ((!kept || ctx.choices.pdh_regen_on_init) && m.hw.fails.flash_write) return status::hwerror_platform;

  if (asked.nv != 0) m.sp.nv = asked.nv;
  if (!kept) {
    static_cast<void>(adopt_identity(ctx, m, make_identity(m.random, m.hw, m.sp.current)));
  } else if (ctx.choices.pdh_regen_on_init) {
    sev_identity renewed = *kept;
    renewed.pdh = make_pdh(m.random, renewed.pek, m.sp.current);
    static_cast<void>(adopt_identity(ctx, m, renewed));
  } else {
    m.sp.identity = *kept;
  }
  if (!is_snp_init(m)) initialize_asids(m);
  if (asked.es) m.sp.tmr = memory_range{target_of(m, asked.tmr), asked.tmr_bytes};
  m.sp.es = asked.es;
  m.sp.state = platform_state::init;
  return status::success;
}

}  // namespace detail

/// INIT.   SEV API, INIT
/// @return HARDWARE_PLATFORM, INVALID_CONFIG, SECURE_DATA_INVALID, ... see `detail::initialize`
template <class Context, class Machine>
[[nodiscard]] auto init(Context& ctx, Machine& m, const layout::cmd_init& cmd) -> status {
  return detail::initialize(ctx, m,
                            {.reserved = layout::first_reserved_bit(cmd).has_value(),
                             .es = cmd.flags().sev_es(),
                             .tmr = cmd.tmr_paddr(),
                             .tmr_bytes = cmd.tmr_len()});
}

/// INIT_EX: with a persistent store in memory.   SEV API, INIT_EX
template <class Context, class Machine>
[[nodiscard]] auto init_ex(Context& ctx, Machine& m, const layout::cmd_init_ex& cmd) -> status {
  return detail::initialize(ctx, m,
                            {.reserved = layout::first_reserved_bit(cmd).has_value(),
                             .es = cmd.flags().sev_es(),
                             .tmr = cmd.tmr_paddr(),
                             .tmr_bytes = cmd.tmr_len(),
                             .extended = true,
                             .length = cmd.length(),
                             .nv = cmd.nv_paddr(),
                             .nv_bytes = cmd.nv_len()});
}

/// SHUTDOWN: from any state to UNINIT. Guests are destroyed without being deactivated.   FW-SEV-SHUT-01; FW-PLAT-04
template <class Context, class Machine>
[[nodiscard]] auto shutdown(Context& ctx, Machine& m) -> status {
  const bool any_active =
      std::ranges::any_of(m.sp.guests, [](const auto& one) { return one.second.slot.id != host_asid; });
  if (m.hw.fails.asid_control && any_active) return status::hwerror_unsafe;
  for (auto& [handle, guest] : m.sp.guests)
    if (guest.slot.id != host_asid) release_asid(ctx, m, guest.slot);
  if (!is_snp_init(m))
    for (std::uint32_t id = 1; id <= m.hw.max_asid; ++id)
      for (std::uint32_t i = 0; i < Machine::asids_type::complexes; ++i) m.asids.set_valid({id}, {i}, false);
  m.sp.guests.clear();
  m.sp.checksums.clear();
  m.sp.checksums_enabled = false;
  m.sp.tmr.reset();
  m.sp.nv.reset();
  m.sp.es = false;
  m.sp.identity = {};
  m.sp.state = platform_state::uninit;
  return status::success;
}

/// PLATFORM_RESET: erases OCA, PEK and PDH in the flash.   FW-SEV-RST-01
template <class Context, class Machine>
[[nodiscard]] auto platform_reset(Context& ctx, Machine& m) -> status {
  if (ctx.denies(rule::FW_PLAT_06, !is_legacy_uninit(m))) return status::invalid_platform_state;
  if (m.hw.fails.flash_write) return status::hwerror_platform;
  m.sp.flash.reset();
  m.sp.flash_corrupted = false;
  return status::success;
}

/// PLATFORM_STATUS, in any state.   FW-SEV-PST-01
template <class Context, class Machine>
[[nodiscard]] auto platform_status(Context& ctx, Machine& m, layout::cmd_platform_status& cmd) -> status {
  const bool hidden = ctx.applies(rule::FW_SEV_PST_01, is_legacy_uninit(m));
  cmd = {};
  cmd.set_api_major(m.sp.current.api_major);
  cmd.set_api_minor(m.sp.current.api_minor);
  cmd.set_build(m.sp.current.build);
  cmd.set_state(m.sp.state);
  if (hidden) return status::success;
  cmd.set_owner(m.sp.identity.externally_owned);
  cmd.set_config(layout::cmd_platform_status_config{}.set_es(m.sp.es));
  cmd.set_guest_count(static_cast<std::uint32_t>(m.sp.guests.size()));
  return status::success;
}

/// PEK_GEN: a new identity. The old one stays if the store takes nothing.   FW-SEV-PEKG-01
template <class Context, class Machine>
[[nodiscard]] auto pek_gen(Context& ctx, Machine& m) -> status {
  if (ctx.denies(rule::FW_PLAT_06, m.sp.state != platform_state::init)) return status::invalid_platform_state;
  if (m.hw.fails.flash_write) return status::hwerror_platform;
  return adopt_identity(ctx, m, make_identity(m.random, m.hw, m.sp.current));
}

/// PEK_CSR: the PEK's certificate without signatures, to be signed by an owner.   FW-SEV-PEKC-01
template <class Context, class Machine>
[[nodiscard]] auto pek_csr(Context& ctx, Machine& m, layout::cmd_pek_csr& cmd) -> status {
  if (const status bad = check_initialized(ctx, m); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_PEKC_01, cmd.len() < sev_cert_bytes)) {
    cmd.set_len(sev_cert_bytes);
    return status::invalid_length;
  }
  if (const status bad = check_output(ctx, m, cmd.address(), cmd.len()); bad != status::success) return bad;
  layout::sev_cert request;
  std::ranges::copy(signed_part(m.sp.identity.pek.certificate), request.bytes().begin());
  request.set_sig1_usage(key_usage::invalid);
  request.set_sig2_usage(key_usage::invalid);
  write_plain(ctx, m, cmd.address(), request.bytes());
  return status::success;
}

/// PEK_CERT_IMPORT: an owner takes the platform over.   FW-SEV-PEKI-01
template <class Context, class Machine>
[[nodiscard]] auto pek_cert_import(Context& ctx, Machine& m, const layout::cmd_pek_cert_import& cmd) -> status {
  if (ctx.denies(rule::FW_PLAT_06, m.sp.state != platform_state::init)) return status::invalid_platform_state;
  if (ctx.denies(rule::FW_SEV_PEKI_01, m.sp.identity.externally_owned)) return status::already_owned;
  const bool fits = cmd.pek_cert_len() == sev_cert_bytes && cmd.oca_cert_len() == sev_cert_bytes;
  if (ctx.denies(rule::FW_SEV_PEKI_01, !fits)) return status::invalid_length;
  if (const status bad = check_range(ctx, m, cmd.pek_cert_paddr(), sev_cert_bytes); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.oca_cert_paddr(), sev_cert_bytes); bad != status::success) return bad;
  auto pek = read_image<layout::sev_cert>(ctx, m, cmd.pek_cert_paddr());
  const auto oca = read_image<layout::sev_cert>(ctx, m, cmd.oca_cert_paddr());
  if (const status bad = verify_certificate(ctx, oca, oca); bad != status::success) return bad;
  if (const status bad = verify_certificate(ctx, pek, oca); bad != status::success) return bad;
  const layout::sev_cert& own = m.sp.identity.pek.certificate;
  if (ctx.denies(rule::FW_SEV_PEKI_01, !is_same(signed_part(pek), signed_part(own))))
    return status::invalid_certificate;
  if (m.hw.fails.flash_write) return status::hwerror_platform;

  const bool owner_first = pek.sig1_usage() == key_usage::oca;
  sign_certificate(pek, make_cek(m.hw, m.sp.current), key_usage::cek, owner_first);  // the chip's word is carried over
  sev_identity made = m.sp.identity;
  made.oca = {.secret = {}, .certificate = oca};
  made.pek.certificate = pek;
  made.externally_owned = true;
  made.pdh = make_pdh(m.random, made.pek, m.sp.current);
  return adopt_identity(ctx, m, made);
}

/// PDH_CERT_EXPORT: who the platform is.   FW-SEV-PDHX-01
template <class Context, class Machine>
[[nodiscard]] auto pdh_cert_export(Context& ctx, Machine& m, layout::cmd_pdh_cert_export& cmd) -> status {
  if (const status bad = check_initialized(ctx, m); bad != status::success) return bad;
  const bool small = cmd.pdh_cert_len() < sev_cert_bytes || cmd.cert_chain_len() < sev_chain_bytes;
  if (ctx.denies(rule::FW_SEV_PDHX_01, small)) {
    cmd.set_pdh_cert_len(sev_cert_bytes);
    cmd.set_cert_chain_len(sev_chain_bytes);
    return status::invalid_length;
  }
  if (const status bad = check_output(ctx, m, cmd.pdh_cert_paddr(), cmd.pdh_cert_len()); bad != status::success)
    return bad;
  if (const status bad = check_output(ctx, m, cmd.cert_chain_paddr(), cmd.cert_chain_len()); bad != status::success)
    return bad;
  layout::sev_cert_chain chain;
  std::ranges::copy(m.sp.identity.pek.certificate.bytes(), chain.bytes().begin());
  std::ranges::copy(m.sp.identity.oca.certificate.bytes(), chain.bytes().begin() + sev_cert_bytes);
  const certified_key cek = make_cek(m.hw, m.sp.current);
  std::ranges::copy(cek.certificate.bytes(), chain.bytes().begin() + 2 * std::ptrdiff_t{sev_cert_bytes});
  write_plain(ctx, m, cmd.pdh_cert_paddr(), m.sp.identity.pdh.certificate.bytes());
  write_plain(ctx, m, cmd.cert_chain_paddr(), chain.bytes());
  return status::success;
}

/// PDH_GEN.   FW-SEV-PDHG-01
template <class Context, class Machine>
[[nodiscard]] auto pdh_gen(Context& ctx, Machine& m) -> status {
  if (const status bad = check_initialized(ctx, m); bad != status::success) return bad;
  if (m.hw.fails.flash_write) return status::hwerror_platform;
  sev_identity renewed = m.sp.identity;
  renewed.pdh = make_pdh(m.random, renewed.pek, m.sp.current);
  return adopt_identity(ctx, m, renewed);
}

/// DOWNLOAD_FIRMWARE: another firmware, while nothing is initialised.   FW-SEV-DLFW-01
template <class Context, class Machine>
[[nodiscard]] auto download_firmware(Context& ctx, Machine& m, const layout::cmd_download_firmware& cmd) -> status {
  const bool idle = is_legacy_uninit(m) && !is_snp_init(m);
  if (ctx.denies(rule::FW_PLAT_06, !idle)) return status::invalid_platform_state;
  if (ctx.denies(rule::FW_SEV_DLFW_01, target_of(m, cmd.address()).value % 32 != 0)) return status::invalid_address;
  if (const status bad = check_range(ctx, m, cmd.address(), cmd.len()); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_DLFW_01, cmd.len() < firmware_image::extent)) return status::invalid_length;
  const auto image = read_image<firmware_image>(ctx, m, cmd.address());
  const status bad = problem_of_image(m.hw, m.sp.committed, image);
  if (ctx.denies(rule::FW_SEV_DLFW_01, bad != status::success)) return bad;
  if (m.hw.fails.flash_write) return status::hwerror_platform;
  m.sp.current = image.release();
  m.sp.committed = m.sp.current;
  return status::success;
}

/// GET_ID: which chips these are.   FW-SEV-GID-01
template <class Context, class Machine>
[[nodiscard]] auto get_id(Context& ctx, Machine& m, layout::cmd_get_id& cmd) -> status {
  constexpr std::uint32_t one = 64;
  if (ctx.denies(rule::FW_SEV_GID_01, cmd.len() < one)) {
    cmd.set_len(one);
    return status::invalid_length;
  }
  const bool both = cmd.len() == 2 * one && m.hw.legacy_ids.size() == 2;
  const std::uint32_t size = both ? 2 * one : one;
  if (const status bad = check_output(ctx, m, cmd.address(), cmd.len()); bad != status::success) return bad;
  for (std::uint32_t i = 0; i < size / one; ++i) write_plain(ctx, m, cmd.address() + i * one, m.hw.legacy_ids[i]);
  cmd.set_len(size);
  return status::success;
}

/// NOP, in any state.   FW-SEV-NOP-01
[[nodiscard]] constexpr auto nop() noexcept -> status { return status::success; }

}  // namespace sevspec::inline v0::firmware

#endif
