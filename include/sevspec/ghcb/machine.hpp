// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_MACHINE_HPP
#define SEVSPEC_GHCB_MACHINE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/ghcb/features.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/termination.hpp>

/// What a hypervisor keeps about an encrypted guest for the GHCB protocols: one regular value for the machine.
namespace sevspec::inline v0::ghcb {

/// What a vCPU has at one VMPL. Each VMPL has its own GHCB and VMSA (GHCB-REG-01, GHCB-MSR-11).
struct vmpl_context {
  std::uint64_t msr = 0;              ///< GHCB MSR
  std::optional<gpa> registered{};    ///< the GHCB that was registered (SNP)
  std::optional<gpa> vmsa{};          ///< in use, or from the next entry on: one that the guest has created
  bool launch_vmsa = false;           ///< the VMSA is that of the launch: no request has said where it lies
  std::optional<gpa> vmsa_on_init{};  ///< from the next INIT, or switch to here, on (GHCB-AP-04)
  std::optional<gpa> doorbell{};      ///< #HV doorbell page
  std::optional<gpa> secure_avic{};   ///< backing page

  /// Whether there is a VMSA to run.
  [[nodiscard]] constexpr auto has_vmsa() const noexcept -> bool { return launch_vmsa || vmsa.has_value(); }
  /// Runs this VMSA, or none, from the next entry on.
  constexpr void install(std::optional<gpa> where) noexcept {
    vmsa = where;
    launch_vmsa = false;
    vmsa_on_init.reset();
  }

  friend constexpr auto operator==(const vmpl_context&, const vmpl_context&) -> bool = default;
};

/// One virtual processor.
struct vcpu {
  std::uint32_t apic_id{};
  vmpl current{};                    ///< the VMPL that runs, or runs next
  bool runnable = true;              ///< false: waits for a VMSA
  bool held = false;                 ///< in AP reset hold, until something wakes it
  bool hold_by_msr = false;          ///< the hold's answer goes into the MSR; else into the page
  bool first_sipi_seen = false;      ///< the SIPI that starts a processor has come (GHCB-MSR-08)
  std::array<vmpl_context, 4> at{};  ///< by VMPL

  [[nodiscard]] constexpr auto here() -> vmpl_context& { return at[current.value]; }
  [[nodiscard]] constexpr auto here() const -> const vmpl_context& { return at[current.value]; }

  friend constexpr auto operator==(const vcpu&, const vcpu&) -> bool = default;
};

/// What does not change while a guest runs.
struct guest_config {
  bool snp = true;                   ///< SNP-active; else SEV-ES
  std::uint8_t c_bit = 51;           ///< position
  std::uint16_t lowest_version = 1;  ///< protocol versions that the hypervisor speaks
  std::uint16_t highest_version = 2;
  std::uint64_t features = 0;                ///< hypervisor features, bits as of `ghcb_hv_features`
  std::uint64_t sev_features = 1;            ///< SEV_FEATURES of this machine's VMSAs
  std::uint64_t preferred_frame = no_frame;  ///< where the hypervisor wants GHCBs, if anywhere
  bool snp_extended_guest_request = true;    ///< 8000_0012h is known; no feature bit announces it
  bool shadow_stacks = false;                ///< CPUID tells the guest of them: of function Dh, 1 needs its XSS

  [[nodiscard]] constexpr auto has(layout::ghcb_hv_features feature) const noexcept -> bool {
    return (features & feature_bit(feature)) != 0;
  }

  friend constexpr auto operator==(const guest_config&, const guest_config&) -> bool = default;
};

/// A virtual machine, as the GHCB protocols see it. A regular value.
struct machine {
  guest_config config{};
  std::vector<vcpu> vcpus{};
  std::optional<gpa> ap_jump_table{};
  std::optional<std::uint8_t> notification_vector{};  ///< for events of guest VMPLs (GHCB-NAE-29)
  /// By VMPL: SEV_FEATURES of the first VMSA that was created there. Kept where a hypervisor compares with them
  /// (`ap_features::injection`); the first of VMPL 0 is that of the launch.
  std::array<std::optional<std::uint64_t>, 4> first_features{};
  bool stopped = false;
  std::optional<termination_reason> why{};  ///< the guest asked to be ended

  friend constexpr auto operator==(const machine&, const machine&) -> bool = default;
};

/// The value that the MSR has after a reset of the processor (GHCB-NEG-01, GHCB-MSR-02).   GHCB 2.3.1
[[nodiscard]] constexpr auto msr_after_reset(const guest_config& config) -> std::uint64_t {
  return encode_msr(message::version_response{config.highest_version, config.lowest_version, config.c_bit});
}

/// A machine with processors 0 to `processors` - 1, all reset. Only the first has a VMSA to run, that of the launch.
[[nodiscard]] constexpr auto make_machine(const guest_config& config, std::uint32_t processors) -> machine {
  machine made{.config = config};
  for (std::uint32_t id = 0; id < processors; ++id) {
    vcpu one{.apic_id = id, .runnable = id == 0};
    for (vmpl_context& level : one.at) level.msr = msr_after_reset(config);
    one.at[0].launch_vmsa = id == 0;
    made.vcpus.push_back(one);
  }
  return made;
}

/// The processor with an APIC ID; nullptr if there is none.
[[nodiscard]] constexpr auto find_vcpu(machine& in, std::uint32_t apic_id) -> vcpu* {
  for (vcpu& one : in.vcpus)
    if (one.apic_id == apic_id) return &one;
  return nullptr;
}

/// What becomes of the guest after the hypervisor has dealt with a VMGEXIT.
enum class next_step : std::uint8_t {
  resume,       ///< the guest goes on
  hold,         ///< the processor waits for a SIPI
  switch_vmpl,  ///< another VMPL of the processor runs; the caller reads its answer when it runs again
  terminate,    ///< the guest asked for the end
  stop,         ///< the hypervisor ends the guest
};

/// "resume"
[[nodiscard]] constexpr auto name_of(next_step step) noexcept -> const char* {
  switch (step) {
    case next_step::resume:      return "resume";
    case next_step::hold:        return "hold";
    case next_step::switch_vmpl: return "switch VMPL";
    case next_step::terminate:   return "terminate";
    case next_step::stop:        return "stop";
  }
  return "?";
}

}  // namespace sevspec::inline v0::ghcb

#endif
