// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_STOCK_HYPERVISOR_HPP
#define SEVSPEC_NESTED_STOCK_HYPERVISOR_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/nested/mode.hpp>

/// Hypervisors that know nothing of nested SEV, in a guest with SEV.
namespace sevspec::inline v0::nested {

/// What Linux sees of its processor when it loads KVM.
struct linux_guest {
  guest_kind kind{};               ///< of the machine that Linux itself runs in
  bool svm_in_cpuid{};             ///< CPUID Fn8000_0001 ECX[2]: user space has not hidden it
  bool keeps_efer_check{};         ///< the kernel takes EFER.SVME=1 for SVM in use, as at an emergency shutdown
  bool knows_guest_is_sev = true;  ///< the kernel asks CC_ATTR_GUEST_MEM_ENCRYPT: since v5.12
  bool svm_off_in_sev_guests{};    ///< the kernel takes SVM for absent in every SEV guest
};

/// EFER as a guest reads it: that of a guest with SEV-ES is the processor's, whose SVME is always set, and reading it
/// cannot be intercepted.
[[nodiscard]] constexpr auto efer_seen_by(guest_kind kind, std::uint64_t own) noexcept -> std::uint64_t {
  constexpr std::uint64_t svme = std::uint64_t{1} << 12;
  return cpu::has_hidden_state(kind) ? own | svme : own;
}

/// Why KVM does not load.
struct load_refusal {
  rule decided_by = rule::none;
  const char* message = "";
};

/// Whether KVM loads in this machine.   torvalds/linux arch/x86/kvm/svm/svm.c, is_kvm_supported
/// @return nothing; or the message of the kernel
template <class Context>
[[nodiscard]] constexpr auto load_kvm(Context& ctx, const linux_guest& where) -> std::expected<void, load_refusal> {
  if (!where.svm_in_cpuid) return std::unexpected{load_refusal{rule::none, "CPU does not support SVM"}};
  const bool sev = where.kind != guest_kind::plain;
  if (ctx.denies(rule::NES_CFG_03, sev && where.svm_off_in_sev_guests))
    return std::unexpected{load_refusal{rule::NES_CFG_03, "SVM is unsupported in a SEV guest"}};
  if (ctx.denies(rule::NES_CFG_02, sev && where.knows_guest_is_sev))
    return std::unexpected{load_refusal{rule::NES_CFG_02, "KVM is unsupported when running as an SEV guest"}};
  return {};
}

/// What becomes of the processor at Linux's emergency shutdown: who finds EFER.SVME=1 executes STGI to get out of SVM,
/// which in a guest without SVM is #UD.
/// @param own_efer  what the guest has written
/// @return nothing; or the fault that stops the shutdown
template <class Context>
[[nodiscard]] constexpr auto emergency_disable(Context& ctx, const linux_guest& where, std::uint64_t own_efer)
    -> outcome<void> {
  const bool enabled = (efer_seen_by(where.kind, own_efer) >> 12 & 1) != 0;
  const bool takes_it_for_svm = where.keeps_efer_check && enabled && !where.svm_off_in_sev_guests;
  if (ctx.denies(rule::NES_CFG_03, takes_it_for_svm && cpu::has_hidden_state(where.kind)))
    return std::unexpected{fault{fault_kind::ud, rule::NES_CFG_03, 0, 0}};
  return {};
}

/// VMRUN, VMLOAD or VMSAVE by an L1 whose kernel gives the address as its own tables have it: with the C-bit, which is no
/// address bit of a guest's.   NES-CFG-02
/// @param c_mask  L1's C-bit
template <class Context>
[[nodiscard]] constexpr auto check_vmcb_operand(Context& ctx, std::uint64_t rax, std::uint64_t c_mask)
    -> outcome<void> {
  if (ctx.denies(rule::NES_CFG_02, (rax & c_mask) != 0))
    return std::unexpected{fault{fault_kind::gp, rule::NES_CFG_02, 0, 0}};
  return {};
}

/// What a kernel does to become the host of SNP guests.
struct snp_host_setup {
  bool soft_table{};          ///< its table is virtual: it allocates RMP_BASE to RMP_END itself
  bool table_allocated{};     ///< it has done so
  bool requires_iommu{};      ///< it insists on an IOMMU with SNP
  bool iommu_snp{};           ///< there is one
  unsigned processors = 1;    ///< how many it has
  unsigned snp_enabled_on{};  ///< on how many of them it has set SYSCFG.SNP_EN
};

/// Whether the kernel has become the host of SNP guests.   NES-RMP-07
/// @return nothing; or what it has missed
template <class Context>
[[nodiscard]] constexpr auto check_snp_host(Context& ctx, const snp_host_setup& made)
    -> std::expected<void, load_refusal> {
  const auto refuse = [](const char* message) { return std::unexpected{load_refusal{rule::NES_RMP_07, message}}; };
  if (ctx.denies(rule::NES_RMP_07, made.requires_iommu && !made.iommu_snp))
    return refuse("no IOMMU with SNP: a virtual machine is shown none");
  if (ctx.denies(rule::NES_RMP_07, made.soft_table && !made.table_allocated))
    return refuse("nobody but the kernel itself allocates a soft table");
  if (ctx.denies(rule::NES_RMP_07, made.snp_enabled_on < made.processors))
    return refuse("SNP_EN is not set on every processor");
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
