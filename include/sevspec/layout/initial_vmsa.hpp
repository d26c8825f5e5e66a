// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_INITIAL_VMSA_HPP
#define SEVSPEC_LAYOUT_INITIAL_VMSA_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/identity.hpp>
#include <sevspec/layout/vmsa.hpp>

/// VMSAs before the first VMRUN. Only what a caller chooses is a parameter; all other fields are zero.
///
/// None of these is architectural: launch VMSAs of different hypervisors differ from each other and from what firmware
/// and Linux write to start a processor (LAY-CONF-31). A launch measurement takes the VMSA as an input.
namespace sevspec::inline v0::layout {

/// One segment register's contents.
struct segment_values {
  std::uint16_t selector = 0;
  std::uint16_t attributes = 0;
  std::uint32_t limit = 0;
  std::uint64_t base = 0;
};

/// Writes a segment register.
template <class Storage>
constexpr void set_segment(basic_segment<Storage> target, const segment_values& values) noexcept {
  target.set_selector(values.selector);
  target.set_attrib(segment_attrib{values.attributes});
  target.set_limit(values.limit);
  target.set_base(values.base);
}

/// What the creator of a vCPU decides.
struct vcpu_choices {
  std::uint64_t sev_features = 0;  ///< SEV_FEATURES; bit 0 for SEV-SNP
  std::uint8_t vmpl = 0;           ///< 0 to 3
  bool mce = false;                ///< the boot processor has CR4.MCE set
};

namespace detail {

/// What a start by SIPI and a cold reset have in common.   layouts 3.1; torvalds/linux coco/sev, tianocore/edk2
[[nodiscard]] constexpr auto processor_reset(const vcpu_choices& choices, const segment_values& cs) -> vmsa {
  Expects(choices.vmpl <= 3);
  constexpr segment_values data{.attributes = 0x92, .limit = 0xFFFF};
  vmsa page;
  set_segment(page.cs(), cs);
  set_segment(page.ds(), data);
  set_segment(page.es(), data);
  set_segment(page.fs(), data);
  set_segment(page.gs(), data);
  set_segment(page.ss(), data);
  set_segment(page.gdtr(), {.limit = 0xFFFF});
  set_segment(page.idtr(), {.limit = 0xFFFF});
  set_segment(page.ldtr(), {.attributes = 0x82, .limit = 0xFFFF});
  set_segment(page.tr(), {.attributes = 0x83, .limit = 0xFFFF});
  page.set_efer(0x1000);  // SVME must be 1 in every VMSA
  page.set_cr4(choices.mce ? 0x40 : 0);
  page.set_cr0(0x6000'0010);
  page.set_dr7(0x400);
  page.set_dr6(0xFFFF'0FF0);
  page.set_rflags(2);
  page.set_g_pat(0x0007'0406'0007'0406);
  page.set_xcr0(1);
  page.set_mxcsr(0x1F80);
  page.set_x87_ftw(0x5555);
  page.set_x87_fcw(0x0040);
  page.set_sev_features(sev_features{choices.sev_features});
  page.set_vmpl(choices.vmpl);
  return page;
}

}  // namespace detail

/// The VMSA of a processor that starts in real mode with SIPI vector `vector`: at `vector` << 12.   layouts 3.1
[[nodiscard]] constexpr auto sipi_vmsa(std::uint8_t vector, const vcpu_choices& choices) -> vmsa {
  return detail::processor_reset(choices, {.selector = static_cast<std::uint16_t>(vector << 8),
                                           .attributes = 0x9A,
                                           .limit = 0xFFFF,
                                           .base = std::uint64_t{vector} << 12});
}

/// The VMSA of a processor after a cold reset: it starts at FFFF_FFF0h.   layouts 3.1
[[nodiscard]] constexpr auto reset_vmsa(const vcpu_choices& choices) -> vmsa {
  vmsa page =
      detail::processor_reset(choices, {.selector = 0xF000, .attributes = 0x9A, .limit = 0xFFFF, .base = 0xFFFF'0000});
  page.set_rip(0xFFF0);
  return page;
}

/// Whose launch VMSA is meant.
enum class vmm_kind : std::uint8_t { qemu, ec2, gce };

/// Where the boot processor of a guest starts.
inline constexpr std::uint32_t bsp_start = 0xFFFF'FFF0;

/// What a launch VMSA depends on.
struct launch_choices {
  /// The start address: `bsp_start` for the boot processor, for others what the firmware image's SEV-ES reset block
  /// says.
  std::uint32_t eip = bsp_start;
  std::uint64_t sev_features = 0;   ///< SEV_FEATURES; bit 0 for SEV-SNP
  std::uint32_t cpu_signature = 0;  ///< CPUID Fn0000_0001 EAX, which QEMU puts into RDX
  /// RDX on EC2. Two measuring tools disagree: 600h (sev-snp-measure) or 0 (virtee/sev).
  std::uint32_t ec2_rdx = 0x600;
};

/// The VMSA that a hypervisor of this kind has measured at launch.   layouts 3.2; virtee/sev-snp-measure vmsa.py
[[nodiscard]] constexpr auto launch_vmsa(vmm_kind vmm, const launch_choices& choices) -> vmsa {
  const bool ec2 = vmm == vmm_kind::ec2;
  const segment_values data{.attributes = 0x93, .limit = 0xFFFF};
  vmsa page;
  set_segment(page.cs(), {.selector = 0xF000,
                          .attributes = static_cast<std::uint16_t>(ec2 && choices.eip == bsp_start ? 0x9A : 0x9B),
                          .limit = 0xFFFF,
                          .base = choices.eip & 0xFFFF'0000});
  set_segment(page.ds(), data);
  set_segment(page.es(), data);
  set_segment(page.fs(), data);
  set_segment(page.gs(), data);
  set_segment(page.ss(), {.attributes = static_cast<std::uint16_t>(ec2 ? 0x92 : 0x93), .limit = 0xFFFF});
  set_segment(page.gdtr(), {.limit = 0xFFFF});
  set_segment(page.idtr(), {.limit = 0xFFFF});
  set_segment(page.ldtr(), {.attributes = 0x82, .limit = 0xFFFF});
  set_segment(page.tr(), {.attributes = static_cast<std::uint16_t>(ec2 ? 0x83 : 0x8B), .limit = 0xFFFF});
  page.set_rip(choices.eip & 0xFFFF);
  page.set_efer(0x1000);
  page.set_cr0(0x10);
  page.set_cr4(0x40);
  page.set_dr7(0x400);
  page.set_dr6(0xFFFF'0FF0);
  page.set_rflags(2);
  page.set_xcr0(1);
  page.set_sev_features(sev_features{choices.sev_features});
  switch (vmm) {
    case vmm_kind::qemu:
      page.set_rdx(choices.cpu_signature);
      page.set_g_pat(0x0007'0406'0007'0406);
      page.set_mxcsr(0x1F80);
      page.set_x87_fcw(0x037F);
      break;
    case vmm_kind::ec2:
      page.set_rdx(choices.ec2_rdx);
      page.set_g_pat(0x0007'0406'0007'0406);
      break;
    case vmm_kind::gce:
      page.set_rdx(0x600);
      page.set_g_pat(0x0007'0106);
      break;
  }
  return page;
}

/// The launch VMSA of an SVSM under QEMU/KVM: flat 32-bit mode at `eip`.   layouts 3.2; FW-LD-26;
/// virtee/sev-snp-measure
[[nodiscard]] constexpr auto svsm_launch_vmsa(const launch_choices& choices) -> vmsa {
  constexpr segment_values data{.selector = 16, .attributes = 0xC93, .limit = 0xFFFF'FFFF};
  vmsa page = launch_vmsa(vmm_kind::qemu, choices);
  set_segment(page.cs(), {.selector = 8, .attributes = 0xC9B, .limit = 0xFFFF'FFFF});
  set_segment(page.ds(), data);
  set_segment(page.es(), data);
  set_segment(page.fs(), data);
  set_segment(page.ss(), data);
  page.set_cr0(0x11);
  page.set_rip(choices.eip);
  page.set_x87_fcw(0);  // FW-LD-26: unlike QEMU's other guests
  return page;
}

}  // namespace sevspec::inline v0::layout

#endif
