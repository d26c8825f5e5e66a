// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MONITOR_HPP
#define SEVSPEC_SVSM_MONITOR_HPP

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/cpu/world_switch/register_protection.hpp>
#include <sevspec/svsm/apic_state.hpp>
#include <sevspec/svsm/page_set.hpp>
#include <sevspec/svsm/region.hpp>
#include <sevspec/svsm/request_lock.hpp>

/// What an SVSM knows: one regular value. What it acts on is the machine.
namespace sevspec::inline v0::svsm {

/// The protocol for measurements of guest memory: in the upper half, apart from numbers of the specification.
inline constexpr std::uint32_t default_measurement_protocol = 0x8000'4d31;

/// What an SVSM is built and booted with.
struct configuration {
  vmpl guest_level{2};                 ///< the guest's VMPL: 2 in COCONUT-SVSM, 1 in AMD's (SVSM-BOOT-01)
  region own{};                        ///< the SVSM's memory
  std::vector<region> guest_memory{};  ///< the guest's memory map; the SVSM's memory is not in it
  bool attestation = true;             ///< protocols that are compiled in
  bool vtpm = true;
  bool apic = true;
  bool uefi_mm = true;
  bool measurement = true;  ///< SVSM-MEAS-01
  std::uint32_t measurement_protocol = default_measurement_protocol;

  friend constexpr auto operator==(const configuration&, const configuration&) -> bool = default;
};

/// A VMSA that the guest uses, and where its calls come from (SVSM-CA-09).
struct vcpu_record {
  gpa vmsa{};
  gpa caa{};
  std::uint32_t apic_id{};

  friend constexpr auto operator==(const vcpu_record&, const vcpu_record&) -> bool = default;
};

/// One processor of the machine, as VMPL 0 sees it.
struct processor {
  std::uint32_t apic_id{};
  std::optional<gpa> vmsa{};  ///< the guest's VMSA that runs here, if any
  std::optional<gpa> caa{};   ///< its calling area
  apic_state apic{};

  friend constexpr auto operator==(const processor&, const processor&) -> bool = default;
};

/// Bytes that a measurement keeps from being written while it lasts (SVSM-MEAS-09).
struct frozen_bytes {
  region where{};
  std::uint32_t apic_id{};  ///< of the processor whose request it is

  friend constexpr auto operator==(const frozen_bytes&, const frozen_bytes&) -> bool = default;
};

/// An SVSM.
struct monitor {
  configuration config{};
  std::vector<processor> processors{};
  std::vector<vcpu_record> vcpus{};      ///< registered
  page_set validated{};                  ///< pages of the guest's that are validated
  std::vector<frozen_bytes> frozen{};    ///< by measurements under way
  request_lock lock{};                   ///< of the calls under way
  std::vector<region> converting{};      ///< pages that they validate or rescind right now
  std::optional<gpa> first_vmsa{};       ///< of the guest's boot processor
  bool second_vcpu = false;              ///< CREATE_VCPU has come from another VMSA than the first
  std::uint32_t apic_registrations = 1;  ///< firmware's is the first (SVSM-APIC-03)
  cpu::tweak_bitmap protection{};        ///< which quadwords of VMSAs are protected, from the secrets page

  friend constexpr auto operator==(const monitor&, const monitor&) -> bool = default;
};

/// The processor with an APIC ID; nullptr if there is none.
[[nodiscard]] constexpr auto find_processor(monitor& self, std::uint64_t apic_id) -> processor* {
  for (processor& one : self.processors)
    if (one.apic_id == apic_id) return &one;
  return nullptr;
}

/// The record of a VMSA; nullptr if it is not registered.
[[nodiscard]] constexpr auto find_vcpu(const monitor& self, gpa vmsa) -> const vcpu_record* {
  for (const vcpu_record& one : self.vcpus)
    if (one.vmsa == vmsa) return &one;
  return nullptr;
}

}  // namespace sevspec::inline v0::svsm

#endif
