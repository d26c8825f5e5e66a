// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_INIT_HPP
#define SEVSPEC_FIRMWARE_SNP_INIT_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/range_list.hpp>
#include <sevspec/firmware/rmp_painting.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/rmp/store.hpp>

/// The start of SEV-SNP.   SNP ABI, SNP_INIT, SNP_INIT_EX
namespace sevspec::inline v0::firmware {

namespace detail {

/// What SNP_INIT and SNP_INIT_EX are asked for.
struct snp_init_request {
  bool reserved = false;
  bool init_rmp = true;
  bool has_list = false;
  std::uint64_t list = 0;
  bool rapl_disable = false;
  bool ciphertext_hiding = false;
  std::uint32_t max_snp_asid = 0;
};

/// What all cores must agree on.   FW-SNP-INIT-07
[[nodiscard]] constexpr auto is_same_setup(const core_registers& a, const core_registers& b) -> bool {
  return a.fixed_mtrrs == b.fixed_mtrrs && a.iorrs == b.iorrs && a.top_mem == b.top_mem && a.top_mem2 == b.top_mem2 &&
         a.syscfg == b.syscfg && a.hwcr == b.hwcr && a.tseg_base == b.tseg_base && a.tseg_mask == b.tseg_mask;
}

/// The registers of all threads.   FW-SNP-INIT-06 to 11
/// @return INVALID_CONFIG, UNSUPPORTED or SUCCESS
template <class Context, class Machine>
[[nodiscard]] auto check_cores(Context& ctx, const Machine& m, bool build) -> status {
  const core_registers& first = m.hw.threads.front().registers;
  bool enabled = m.hw.memory_encryption && !m.hw.multi_key;
  bool consistent = true;
  bool locked = true;
  bool same_table = true;
  bool no_hsave = true;
  constexpr std::uint64_t wanted = syscfg_bits::mem_encryption_mod_en | syscfg_bits::snp_en | syscfg_bits::vmpl_en;
  for (const cpu_thread& one : m.hw.threads) {
    const core_registers& own = one.registers;
    enabled = enabled && (own.syscfg & wanted) == wanted;
    consistent = consistent && is_same_setup(own, first) && !one.in_guest_mode && !one.in_smm;
    locked = locked && (own.syscfg & syscfg_bits::mtrr_fix_dram_mod_en) != 0 && (own.hwcr & hwcr_smm_lock) != 0;
    same_table = same_table && own.rmp_base == first.rmp_base && own.rmp_end == first.rmp_end;
    no_hsave = no_hsave && own.vm_hsave_pa == 0;
  }
  if (ctx.denies(rule::FW_SNP_INIT_06, !enabled)) return status::invalid_config;
  if (ctx.denies(rule::FW_SNP_INIT_07, !consistent)) return status::invalid_config;
  if (ctx.denies(rule::FW_SNP_INIT_08, !locked)) return status::invalid_config;
  const std::uint64_t c_mask = std::uint64_t{1} << m.hw.c_bit;
  const bool reachable = (first.rmp_end & ~c_mask) >> m.hw.pa_bits == 0;
  const bool range = same_table && first.rmp_end > first.rmp_base && reachable;
  if (ctx.denies(rule::FW_SNP_INIT_09, !range)) return status::invalid_config;
  const bool aligned = first.rmp_base % 0x10'0000 == 0 && (first.rmp_end + 1) % 0x10'0000 == 0;
  if (ctx.denies(rule::FW_SNP_INIT_09, !aligned)) return status::invalid_config;
  if (ctx.denies(rule::FW_SNP_INIT_09, ((first.rmp_base | first.rmp_end) & c_mask) != 0)) return status::unsupported;
  const memory_range own = table_range(m);
  const bool in_dram = std::any_of(m.hw.dram.begin(), m.hw.dram.end(),
                                   [&](const memory_range& region) { return region.contains(own.base, own.bytes); });
  if (ctx.denies(rule::FW_SNP_INIT_10, !in_dram)) return status::invalid_config;
  if (ctx.denies(rule::FW_SNP_INIT_11, build && !no_hsave)) return status::invalid_config;
  return status::success;
}

/// What tells a page of an IOMMU's: `rmp::state_of` looks for it (FW-PGS-12).
inline constexpr gpa iommu_marker{0x1000};

/// A page that an IOMMU owns: it is counted in its region's first entry, as every page that becomes assigned.
template <class Context, class Machine>
constexpr void give_to_iommu(Context& ctx, Machine& m, spa where) {
  using table = typename Machine::table_type;
  const rmp::spfn page = page_of(where);
  const rmp::spfn base = rmp::large_page_base<table>(page);
  if (!m.rmp.covers(page)) return;
  const bool counted = m.rmp.entry_of(page).assigned;
  put_entry(ctx, m, where,
            {.assigned = true, .immutable = true, .tag = rmp::firmware_tag::iommu, .guest = iommu_marker});
  if (counted || page == base || !m.rmp.covers(base)) return;
  rmp::entry first = m.rmp.entry_of(base);
  ++first.sub_page_count;
  m.rmp.put(base, first);
}

/// SNP_INIT and SNP_INIT_EX, in the order of FW-SNP-INIT-01 to 15. Nothing changes before everything is checked.
template <class Context, class Machine>
[[nodiscard]] auto snp_initialize(Context& ctx, Machine& m, const snp_init_request& asked) -> status {
  if (ctx.denies(rule::FW_SNP_INIT_01, asked.reserved)) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_INIT_02, is_snp_init(m) || !is_legacy_uninit(m))) return status::invalid_platform_state;
  if (ctx.denies(rule::FW_SNP_INIT_03, m.hw.debug_unlocked)) return status::hwerror_unsafe;
  const bool usable = m.sp.rmp_initialized && m.sp.rmp_tcb == m.sp.committed.tcb;
  if (ctx.denies(rule::FW_SNP_INIT_04, !asked.init_rmp && !usable)) return status::rmp_init_required;
  if (ctx.denies(rule::FW_SNP_INIT_05, asked.has_list && !asked.init_rmp)) return status::invalid_param;
  if (const status bad = check_cores(ctx, m, asked.init_rmp); bad != status::success) return bad;
  std::vector<page_run> fixed;
  if (asked.init_rmp && asked.has_list) {
    auto read = read_range_list(ctx, m, asked.list, rule::FW_SNP_INIT_22, 4096);
    if (!read && ctx.choices.init_list_errors_fatal) return read.error();
    if (read)
      for (const page_list_element& one : read->ranges()) fixed.push_back(run_of(one));
  }
  const bool paintable = !m.hw.fails.rmp_write && can_paint_rmp(m);
  if (ctx.denies(rule::FW_SNP_INIT_12, asked.init_rmp && !paintable)) return status::rmp_initialization_failed;
  if (m.hw.fails.iommu) return status::hwerror_platform;

  if (asked.init_rmp) paint_rmp(m, fixed);
  for (const spa page : m.hw.iommu_pages) give_to_iommu(ctx, m, page);  // FW-SNP-INIT-13
  initialize_asids(m);                                                  // FW-SNP-INIT-15
  m.sp.snp_guest_count = 0;
  if (asked.init_rmp) m.sp.contexts.clear();  // their pages are the hypervisor's now
  if (asked.init_rmp) m.sp.rmp_tcb = m.sp.committed.tcb;
  m.sp.rmp_initialized = true;
  m.sp.rapl_disabled = asked.rapl_disable;
  m.sp.ciphertext_hiding = asked.ciphertext_hiding;
  m.sp.max_snp_asid = asked.ciphertext_hiding ? asked.max_snp_asid : 0;
  m.sp.snp_state = layout::snp_platform_state::init;
  return status::success;
}

}  // namespace detail

/// SNP_INIT: with a new Reverse Map Table.   SNP ABI, SNP_INIT
template <class Context, class Machine>
[[nodiscard]] auto snp_init(Context& ctx, Machine& m) -> status {
  return detail::snp_initialize(ctx, m, {});
}
/// SNP_INIT_EX.   SNP ABI, SNP_INIT_EX
template <class Context, class Machine>
[[nodiscard]] auto snp_init_ex(Context& ctx, Machine& m, const layout::cmd_snp_init_ex& cmd) -> status {
  const layout::cmd_snp_init_ex_flags flags = cmd.flags();
  const bool unknown = (flags.rapl_dis() && !m.hw.features.rapl_disable) ||
                       (flags.ciphertext_hiding_en() && !m.hw.features.ciphertext_hiding) || flags.tio_en() ||
                       (cmd.max_snp_asid() != 0 && !m.hw.features.ciphertext_hiding) ||
                       cmd.max_snp_asid() >= m.hw.min_sev_asid;
  return detail::snp_initialize(ctx, m,
                                {.reserved = layout::first_reserved_bit(cmd).has_value() || unknown,
                                 .init_rmp = flags.init_rmp(),
                                 .has_list = flags.list_paddr_en(),
                                 .list = cmd.list_paddr(),
                                 .rapl_disable = flags.rapl_dis(),
                                 .ciphertext_hiding = flags.ciphertext_hiding_en(),
                                 .max_snp_asid = cmd.max_snp_asid()});
}

}  // namespace sevspec::inline v0::firmware

#endif
