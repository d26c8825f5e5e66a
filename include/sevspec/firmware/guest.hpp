// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_HPP
#define SEVSPEC_FIRMWARE_GUEST_HPP

#include <array>
#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/id_block.hpp>
#include <sevspec/layout/page_info.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/memory/asid_activation.hpp>

namespace sevspec::inline v0::firmware {

/// What the firmware keeps of a SEV or SEV-ES guest (FW-GST-03).
struct sev_guest {
  layout::sev_guest_state state = layout::sev_guest_state::uninit;
  layout::sev_guest_policy policy{};
  memory::guest_asid slot{};
  byte_array<32> vek{};  ///< the seed of its memory encryption key
  byte_array<32> oek{};  ///< protects swapped pages
  std::uint64_t oek_iv_count = 0;
  legacy_launch_digest running{};  ///< over what LAUNCH_UPDATE_* was given
  byte_array<32> launch_digest{};
  byte_array<32> measurement{};  ///< MEASURE of LAUNCH_MEASURE
  transport_keys keys{};

  friend auto operator==(const sev_guest&, const sev_guest&) -> bool = default;
};

/// No migration agent.
inline constexpr spa no_agent{~std::uint64_t{0}};

/// What a guest context page holds (FW-GCTX-01). The page itself shows nothing; the record is here.
struct snp_guest {
  layout::snp_guest_state state = layout::snp_guest_state::init;
  memory::guest_asid slot{};
  layout::snp_guest_policy policy{};
  byte_array<32> vek{};
  byte_array<48> launch_digest{};
  byte_array<48> imd{};  ///< digest of the initial migration image
  byte_array<32> oek{};
  std::uint64_t oek_iv_count = 0;
  std::array<byte_array<32>, 4> vmpck{};
  std::array<std::uint64_t, 4> message_count{};
  byte_array<32> vmrk{};
  spa agent = no_agent;  ///< the migration agent's context page
  bool imi_en = false;
  byte_array<32> report_id{};
  byte_array<32> report_id_ma{};
  byte_array<32> host_data{};
  bool id_block_en = false;
  layout::id_block id_block{};
  byte_array<48> id_key_digest{};
  bool author_key_en = false;
  byte_array<48> author_key_digest{};
  bool vcek_dis = false;
  layout::snp_mdata_entry root_entry{};
  byte_array<16> gosvw{};
  std::uint32_t desired_tsc_khz = 0;
  std::uint64_t psp_tsc_offset = 0;
  std::uint64_t launch_tcb = 0;
  std::uint64_t launch_mitigation = 0;

  friend constexpr auto operator==(const snp_guest&, const snp_guest&) -> bool = default;
};

}  // namespace sevspec::inline v0::firmware

#endif
