// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_CONFIG_HPP
#define SEVSPEC_FIRMWARE_SNP_CONFIG_HPP

#include <algorithm>
#include <cstdint>

#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/firmware_image.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/certificate.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/layout/tcb.hpp>

/// Commands of SEV-SNP on versions, keys and features of the platform.   SNP ABI, chapter 8
namespace sevspec::inline v0::firmware {

namespace detail {

/// OPEN-04: newer manuals want SNP to be INIT.   FW-PLAT-13
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_config_state(Context& ctx, const Machine& m) -> status {
  const bool refused = ctx.choices.snp_config_needs_init && !is_snp_init(m);
  return ctx.denies(rule::FW_PLAT_13, refused) ? status::invalid_platform_state : status::success;
}

/// Whether one TCB_VERSION may stand for a platform with another (OPEN-06).
template <class Context, class Machine>
[[nodiscard]] constexpr auto is_at_most(const Context& ctx, const Machine& m, std::uint64_t low, std::uint64_t high)
    -> bool {
  const layout::tcb a = layout::tcb_components(low, m.hw.tcb_order);
  if (layout::tcb_version(a, m.hw.tcb_order) != low) return false;  // reserved bytes are no version of anything
  const layout::tcb b = layout::tcb_components(high, m.hw.tcb_order);
  if (!ctx.choices.tcb_compared_as_number) return a <= b;
  const auto number = [](const layout::tcb& one) {
    return std::uint32_t{one.boot_loader} << 24 | std::uint32_t{one.tee} << 16 | std::uint32_t{one.snp} << 8 |
           one.microcode;
  };
  return number(a) <= number(b);
}

}  // namespace detail

/// SNP_CONFIG: which TCB_VERSION is reported, and what reports hide.   FW-SNP-CFG-01
template <class Context, class Machine>
[[nodiscard]] auto snp_config(Context& ctx, Machine& m, const layout::cmd_snp_config& cmd) -> status {
  if (const status bad = check_reserved(ctx, cmd); bad != status::success) return bad;
  if (const status bad = detail::check_config_state(ctx, m); bad != status::success) return bad;
  const std::uint64_t wanted = cmd.reported_tcb();
  const bool above = wanted != 0 && !detail::is_at_most(ctx, m, wanted, m.sp.committed.tcb);
  if (ctx.denies(rule::FW_SNP_CFG_01, above)) return status::invalid_param;
  m.sp.reported_tcb = wanted;
  m.sp.mask_chip_id = cmd.mask().mask_chip_id();
  m.sp.mask_chip_key = cmd.mask().mask_chip_key();
  return status::success;
}

/// SNP_COMMIT: there is no way back to firmware older than this.   FW-SNP-COM-01
template <class Context, class Machine>
[[nodiscard]] auto snp_commit(Context& ctx, Machine& m, const layout::cmd_snp_commit& cmd) -> status {
  if (ctx.denies(rule::FW_SNP_COM_01, cmd.length() != layout::size_of<layout::cmd_snp_commit>))
    return status::invalid_param;
  if (const status bad = detail::check_config_state(ctx, m); bad != status::success) return bad;
  m.sp.committed = m.sp.current;
  m.sp.reported_tcb = 0;
  return status::success;
}

/// SNP_DOWNLOAD_FIRMWARE_EX: another firmware, under running guests.   FW-SNP-DLX-01
template <class Context, class Machine>
[[nodiscard]] auto snp_download_firmware_ex(Context& ctx, Machine& m, const layout::cmd_snp_download_firmware_ex& cmd)
    -> status {
  if (ctx.denies(rule::FW_SNP_DLX_01, !is_legacy_uninit(m))) return status::invalid_platform_state;
  const bool malformed = cmd.length() != layout::size_of<layout::cmd_snp_download_firmware_ex> ||
                         layout::first_reserved_bit(cmd).has_value();
  if (ctx.denies(rule::FW_SNP_DLX_01, malformed)) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_DLX_01, target_of(m, cmd.fw_paddr()).value % 32 != 0)) return status::invalid_address;
  if (const status bad = check_range(ctx, m, cmd.fw_paddr(), cmd.fw_len()); bad != status::success) return bad;
  const bool complete = cmd.fw_len() >= firmware_image::extent;
  const auto image = complete ? read_image<firmware_image>(ctx, m, cmd.fw_paddr()) : firmware_image{};
  const status bad = complete ? problem_of_image(m.hw, m.sp.committed, image) : status::bad_signature;
  if (ctx.denies(rule::FW_SNP_DLX_01, bad != status::success)) return bad;
  if (ctx.denies(rule::FW_SNP_DLX_01, image.needs_shutdown() && is_snp_init(m))) return status::shutdown_required;
  if (m.hw.fails.image_refuses) return m.hw.fails.image_restore ? status::restore_required : status::update_failed;
  m.sp.current = image.release();
  if (cmd.flags().commit()) {
    m.sp.committed = m.sp.current;
    m.sp.reported_tcb = 0;
  }
  return status::success;
}

/// The key that VLEKs come wrapped under.   FW-SNP-VLK-01
template <class Machine>
[[nodiscard]] auto vlek_wrapping_key(const Machine& m) -> byte_array<32> {
  return crypto::derive_key<32>(endorsement_seed_of(m.hw.chip_secret, reported_tcb(m)), "vlek-wrapping-key");
}

/// SNP_VLEK_LOAD: a key of the cloud provider's signs reports from now on.   FW-SNP-VLK-01
template <class Context, class Machine>
[[nodiscard]] auto snp_vlek_load(Context& ctx, Machine& m, const layout::cmd_snp_vlek_load& cmd) -> status {
  constexpr std::uint64_t size = layout::size_of<layout::vlek_wrapped>;
  const bool malformed = cmd.length() != layout::size_of<layout::cmd_snp_vlek_load> ||
                         cmd.vlek_wrapped_version() != 0 || layout::first_reserved_bit(cmd).has_value();
  if (ctx.denies(rule::FW_SNP_VLK_01, malformed)) return status::invalid_param;
  if (const status bad = detail::check_config_state(ctx, m); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.vlek_wrapped_paddr(), size); bad != status::success) return bad;
  const auto wrapped = read_image<layout::vlek_wrapped>(ctx, m, cmd.vlek_wrapped_paddr());
  if (ctx.denies(rule::FW_SNP_VLK_01, layout::first_reserved_bit(wrapped).has_value())) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_VLK_01, wrapped.tcb_version() != reported_tcb(m))) return status::bad_svn;
  byte_array<0x180> sticks{};
  const bool authentic =
      crypto::aes256_gcm_open(vlek_wrapping_key(m), wrapped.iv(), byte_view{wrapped.bytes()}.subspan(0x190, 16),
                              wrapped.vlek_auth_tag(), wrapped.vlek_wrapped(), sticks);
  if (ctx.denies(rule::FW_SNP_VLK_01, !authentic)) return status::bad_measurement;
  m.sp.vlek_seed = array_of<48>(sticks, 7 * 48);
  return status::success;
}

/// SNP_FEATURE_INFO: what this firmware can do.   FW-SNP-FI-01
template <class Context, class Machine>
[[nodiscard]] auto snp_feature_info(Context& ctx, Machine& m, const layout::cmd_snp_feature_info& cmd) -> status {
  constexpr std::uint64_t size = layout::size_of<layout::snp_feature_info>;
  constexpr std::uint32_t last_leaf = 1;
  constexpr std::uint32_t all_messages = 0x1ff;
  if (ctx.denies(rule::FW_SNP_FI_01, cmd.length() != layout::size_of<layout::cmd_snp_feature_info>))
    return status::invalid_param;
  const std::uint64_t inside = target_of(m, cmd.feature_info_paddr()).value % 4096;
  if (ctx.denies(rule::FW_SNP_FI_01, inside % 4 != 0 || inside + size > 4096)) return status::invalid_address;
  const status bad = check_structure(ctx, m, cmd.feature_info_paddr(), size, rule::FW_SNP_FI_01);
  if (bad != status::success) return bad;
  if (ctx.denies(rule::FW_SNP_FI_01, cmd.ecx_in() > last_leaf)) return status::invalid_param;
  layout::snp_feature_info told;
  if (cmd.ecx_in() == 0) {
    told.set_eax(last_leaf);
    told.set_ebx(layout::snp_feature_info_ebx{}.set_sev_legacy(true));
    told.set_ecx(layout::snp_feature_info_ecx{}
                     .set_vlek(true)
                     .set_x86_snp_shutdown(m.hw.features.x86_shutdown)
                     .set_rapl_dis(m.hw.features.rapl_disable)
                     .set_ciphertext_hiding(m.hw.features.ciphertext_hiding)
                     .set_aes_256_xts(m.hw.features.aes_256_xts)
                     .set_cxl_allow(m.hw.features.cxl_policy)
                     .set_verify_mitigation(m.hw.features.verify_mitigation));
  } else {
    told.set_eax(all_messages);
  }
  write_plain(ctx, m, cmd.feature_info_paddr(), told.bytes());
  return status::success;
}

/// SNP_VERIFY_MITIGATION: whether the platform has certain fixes. Firmware before 1.58 does not know it.   FW-SNP-VM-01
template <class Context, class Machine>
[[nodiscard]] auto snp_verify_mitigation(Context& ctx, Machine& m, const layout::cmd_snp_verify_mitigation& cmd)
    -> status {
  const bool malformed = cmd.length() != layout::size_of<layout::cmd_snp_verify_mitigation> ||
                         layout::first_reserved_bit(cmd).has_value() || cmd.subcommand() > 1;
  if (ctx.denies(rule::FW_SNP_VM_01, malformed)) return status::invalid_param;
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return bad;
  if (!cmd.flags().dst_paddr_en()) return status::success;
  if (const status bad = check_range(ctx, m, cmd.dst_paddr(), 4096); bad != status::success) return bad;
  const bool given = state_at(m, target_of(m, cmd.dst_paddr())) == rmp::page_state::firmware;
  if (ctx.denies(rule::FW_SNP_VM_01, !given)) return status::invalid_page_state;
  layout::snp_verify_mitigation_result told;
  told.set_mit_supported_vector(m.hw.mitigation_vector);
  const bool supported = (cmd.vector() & ~m.hw.mitigation_vector) == 0;
  if (cmd.subcommand() == 1) told.set_mit_verified_vector(cmd.vector() & m.hw.mitigation_vector);
  told.set_mit_failure_status(cmd.subcommand() == 1 && !supported ? 1 : 0);
  write_plain(ctx, m, cmd.dst_paddr(), told.bytes());
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
