// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_SHUTDOWN_HPP
#define SEVSPEC_FIRMWARE_SNP_SHUTDOWN_HPP

#include <cstdint>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/rmp/page_state.hpp>

/// The end of SEV-SNP.   SNP ABI, SNP_SHUTDOWN, SNP_SHUTDOWN_EX
namespace sevspec::inline v0::firmware {

namespace detail {

/// SNP_SHUTDOWN and SNP_SHUTDOWN_EX.   FW-SNP-SHUT-01 to 07
template <class Context, class Machine>
[[nodiscard]] auto snp_stop(Context& ctx, Machine& m, bool malformed, bool iommu, bool x86) -> status {
  if (ctx.denies(rule::FW_SNP_SHUT_01, !is_legacy_uninit(m))) return status::invalid_platform_state;
  if (ctx.applies(rule::FW_SNP_SHUT_02, !is_snp_init(m))) return status::success;
  bool all_clean = true;
  for (std::uint32_t id = 1; id <= m.hw.max_asid && all_clean; ++id)
    for (std::uint32_t i = 0; i < Machine::asids_type::complexes; ++i)
      all_clean = all_clean && m.asids.state_of({id}, {i}) == memory::asid_state::clean;
  if (ctx.denies(rule::FW_SNP_SHUT_03, !all_clean)) return status::dfflush_required;
  const bool unfit = malformed || (x86 && (!iommu || !m.hw.features.x86_shutdown));
  if (ctx.denies(rule::FW_SNP_SHUT_04, unfit)) return status::invalid_param;
  if (m.hw.fails.asid_control) return status::hwerror_unsafe;
  if (ctx.denies(rule::FW_SNP_SHUT_07, x86 && m.hw.fails.snp_disable)) return status::shutdown_incomplete;

  m.sp.snp_state = layout::snp_platform_state::uninit;
  m.sp.vlek_seed.reset();
  m.sp.ciphertext_hiding = false;
  m.sp.max_snp_asid = 0;
  if (ctx.applies(rule::FW_SNP_SHUT_06, iommu)) {
    m.sp.rmp_initialized = false;
    for (const spa page : m.hw.iommu_pages) {
      rmp::entry given = entry_at(m, page);
      if (rmp::state_of(given) != rmp::page_state::firmware_iommu) continue;
      given.immutable = false;
      given.tag = rmp::firmware_tag::none;
      put_entry(ctx, m, page, given);
    }
    for (std::uint32_t id = 1; id <= m.hw.max_asid; ++id)  // keys in the memory controllers are zeroed
      if (holds_key(m, {id})) static_cast<void>(install_guest_key(m, {id}, byte_array<32>{}));
  }
  if (x86)
    for (cpu_thread& one : m.hw.threads) one.registers.syscfg &= ~syscfg_bits::snp_en;
  return status::success;
}

}  // namespace detail

/// SNP_SHUTDOWN: SNP stops, its table still protects.   SNP ABI, SNP_SHUTDOWN
template <class Context, class Machine>
[[nodiscard]] auto snp_shutdown(Context& ctx, Machine& m) -> status {
  return detail::snp_stop(ctx, m, false, false, false);
}
/// SNP_SHUTDOWN_EX: the table's protection may end, too.   SNP ABI, SNP_SHUTDOWN_EX
template <class Context, class Machine>
[[nodiscard]] auto snp_shutdown_ex(Context& ctx, Machine& m, const layout::cmd_snp_shutdown_ex& cmd) -> status {
  const bool malformed =
      cmd.length() != layout::size_of<layout::cmd_snp_shutdown_ex> || layout::first_reserved_bit(cmd).has_value();
  return detail::snp_stop(ctx, m, malformed, cmd.flags().iommu_snp_shutdown(), cmd.flags().x86_snp_shutdown());
}

}  // namespace sevspec::inline v0::firmware

#endif
