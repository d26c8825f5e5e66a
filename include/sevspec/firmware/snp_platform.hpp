// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_PLATFORM_HPP
#define SEVSPEC_FIRMWARE_SNP_PLATFORM_HPP

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/firmware_image.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/rmp_painting.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/rmp/geometry.hpp>

/// Commands of SEV-SNP that start it and end it.   SNP ABI, chapter 8
namespace sevspec::inline v0::firmware {

/// The TCB_VERSION that reports name and keys derive from.   FW-SNP-CFG-01
template <class Machine>
[[nodiscard]] constexpr auto reported_tcb(const Machine& m) noexcept -> std::uint64_t {
  return m.sp.reported_tcb == 0 ? m.sp.committed.tcb : m.sp.reported_tcb;
}

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
    if (read) fixed = *read;
  }
  if (m.hw.fails.iommu) return status::hwerror_platform;
  if (asked.init_rmp) {
    const bool painted = !m.hw.fails.rmp_write && paint_rmp(m, fixed);
    if (ctx.denies(rule::FW_SNP_INIT_12, !painted)) return status::rmp_initialization_failed;
  }
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

/// A small structure that a command writes: inside one page, and that page the firmware's while SNP is INIT.
/// FW-SNP-PST-01; FW-SNP-GST-01; FW-SNP-FI-01
template <class Context, class Machine>
[[nodiscard]] auto check_structure(Context& ctx, const Machine& m, std::uint64_t operand, std::uint64_t bytes,
                                   rule which) -> status {
  const bool crosses = target_of(m, operand).value % 4096 + bytes > 4096;
  if (ctx.denies(which, crosses)) return status::invalid_param;
  if (const status bad = check_range(ctx, m, operand, bytes); bad != status::success) return bad;
  const bool theirs = is_snp_init(m) && !is_given_to_firmware(m, target_of(m, operand), bytes);
  return ctx.denies(which, theirs) ? status::invalid_page_state : status::success;
}

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
