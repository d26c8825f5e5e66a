// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_PLATFORM_STATUS_HPP
#define SEVSPEC_FIRMWARE_SNP_PLATFORM_STATUS_HPP

#include <cstdint>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/snp_command.hpp>

/// What the firmware tells about itself.   SNP ABI, SNP_PLATFORM_STATUS
namespace sevspec::inline v0::firmware {

/// SNP_PLATFORM_STATUS, in any state.   FW-SNP-PST-01
/// @param operand  the address of the structure, with or without the C-bit
template <class Context, class Machine>
[[nodiscard]] auto snp_platform_status(Context& ctx, Machine& m, std::uint64_t operand) -> status {
  constexpr std::uint64_t size = layout::size_of<layout::snp_platform_status>;
  if (const status bad = check_structure(ctx, m, operand, size, rule::FW_SNP_PST_01); bad != status::success)
    return bad;
  layout::snp_platform_status told;
  told.set_api_major(m.sp.current.api_major);
  told.set_api_minor(m.sp.current.api_minor);
  told.set_state(m.sp.snp_state);
  told.set_init_flags(layout::snp_platform_status_init_flags{}.set_is_rmp_initialized(m.sp.rmp_initialized));
  told.set_build_id(m.sp.current.build);
  told.set_config(layout::snp_platform_status_config{}
                      .set_mask_chip_id(m.sp.mask_chip_id)
                      .set_mask_chip_key(m.sp.mask_chip_key)
                      .set_vlek_en(m.sp.vlek_seed.has_value())
                      .set_feature_info(true)
                      .set_rapl_dis(m.sp.rapl_disabled)
                      .set_ciphertext_hiding_dram_cap(m.hw.features.ciphertext_hiding)
                      .set_ciphertext_hiding_dram_en(m.sp.ciphertext_hiding));
  told.set_guest_count(m.sp.snp_guest_count);
  told.set_current_tcb(m.sp.current.tcb);
  told.set_reported_tcb(reported_tcb(m));
  write_plain(ctx, m, operand, told.bytes());
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
