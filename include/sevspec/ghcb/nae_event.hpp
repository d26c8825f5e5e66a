// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_NAE_EVENT_HPP
#define SEVSPEC_GHCB_NAE_EVENT_HPP

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb_request.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>

/// The events of the page protocol, as a table: what each needs, and who may use it.   GHCB 4.1
namespace sevspec::inline v0::ghcb {

using layout::ghcb_field;

/// A set of GHCB fields.
struct field_set {
  std::uint64_t lo{};  ///< bits 63:0 of valid_bitmap
  std::uint64_t hi{};  ///< bits 125:64

  constexpr field_set() = default;
  constexpr field_set(std::initializer_list<ghcb_field> fields) {
    for (const ghcb_field one : fields) add(one);
  }
  constexpr void add(ghcb_field one) {
    const unsigned bit = std::to_underlying(one);
    (bit < 64 ? lo : hi) |= std::uint64_t{1} << bit % 64;
  }
  [[nodiscard]] constexpr auto has(ghcb_field one) const -> bool {
    const unsigned bit = std::to_underlying(one);
    return ((bit < 64 ? lo : hi) >> bit % 64 & 1) != 0;
  }
  /// Whether all fields of `other` are in this set.
  [[nodiscard]] constexpr auto includes(const field_set& other) const noexcept -> bool {
    return (other.lo & ~lo) == 0 && (other.hi & ~hi) == 0;
  }
  friend constexpr auto operator==(const field_set&, const field_set&) -> bool = default;
};

/// The fields whose bit in valid_bitmap is set (GHCB-PAGE-01).
template <class Storage>
[[nodiscard]] constexpr auto valid_fields(const layout::basic_ghcb<Storage>& page) -> field_set {
  field_set found;
  found.lo = layout::read_le<std::uint64_t>(page.data() + 0x3f0);
  found.hi = layout::read_le<std::uint64_t>(page.data() + 0x3f8);
  return found;
}

/// Every request has these (GHCB-PAGE-05).
inline constexpr field_set always_required{ghcb_field::sw_exit_code, ghcb_field::sw_exit_info_1,
                                           ghcb_field::sw_exit_info_2};

/// What is known of an event beforehand.
struct event_info {
  layout::nae_exit_codes code{};
  const char* name = "";
  rule about = rule::none;   ///< the rule of the sheet that describes the event
  field_set required{};      ///< in any case, beside `always_required`; more in `required_fields`
  field_set outputs{};       ///< registers of a successful answer, for those events that always have them
  std::uint8_t version = 1;  ///< of the protocol, at least
  bool snp = false;          ///< for SNP guests alone
  std::optional<layout::ghcb_hv_features> feature{};  ///< which the hypervisor must have
};

// clang-format off
/// Every event, by code.   GHCB 4.1, table 6
///
/// The list of APIC IDs is served whether the hypervisor announces it (feature 4) or not, unless
/// `implementation_choices::ghcb_apic_ids_announced` says otherwise.
inline constexpr event_info nae_events[] = {
  {layout::nae_exit_codes::dr7_read,                      "DR7 read",            rule::GHCB_NAE_01, {}, {}},
  {layout::nae_exit_codes::dr7_write,                     "DR7 write",           rule::GHCB_NAE_02, {ghcb_field::rax}, {}},
  {layout::nae_exit_codes::rdtsc,                         "RDTSC",               rule::GHCB_NAE_03, {}, {ghcb_field::rax, ghcb_field::rdx}},
  {layout::nae_exit_codes::rdpmc,                         "RDPMC",               rule::GHCB_NAE_04, {ghcb_field::rcx}, {ghcb_field::rax, ghcb_field::rdx}},
  {layout::nae_exit_codes::cpuid,                         "CPUID",               rule::GHCB_NAE_05, {ghcb_field::rax, ghcb_field::rcx},
   {ghcb_field::rax, ghcb_field::rbx, ghcb_field::rcx, ghcb_field::rdx}},
  {layout::nae_exit_codes::invd,                          "INVD",                rule::GHCB_NAE_06, {}, {}},
  {layout::nae_exit_codes::ioio,                          "IOIO",                rule::GHCB_NAE_07, {}, {}},
  {layout::nae_exit_codes::msr,                           "MSR",                 rule::GHCB_NAE_08, {ghcb_field::rcx}, {}},
  {layout::nae_exit_codes::vmmcall,                       "VMMCALL",             rule::GHCB_NAE_09, {ghcb_field::rax, ghcb_field::cpl}, {ghcb_field::rax}},
  {layout::nae_exit_codes::rdtscp,                        "RDTSCP",              rule::GHCB_NAE_10, {}, {ghcb_field::rax, ghcb_field::rcx, ghcb_field::rdx}},
  {layout::nae_exit_codes::wbinvd,                        "WBINVD",              rule::GHCB_NAE_11, {}, {}},
  {layout::nae_exit_codes::monitor,                       "MONITOR",             rule::GHCB_NAE_12, {ghcb_field::rax, ghcb_field::rcx, ghcb_field::rdx}, {}},
  {layout::nae_exit_codes::mwait,                         "MWAIT",               rule::GHCB_NAE_13, {ghcb_field::rax, ghcb_field::rcx}, {}},
  {layout::nae_exit_codes::mmio_read,                     "MMIO read",           rule::GHCB_NAE_14, {ghcb_field::sw_scratch}, {}},
  {layout::nae_exit_codes::mmio_write,                    "MMIO write",          rule::GHCB_NAE_15, {ghcb_field::sw_scratch}, {}},
  {layout::nae_exit_codes::nmi_complete,                  "NMI complete",        rule::GHCB_NAE_16, {}, {}},
  {layout::nae_exit_codes::ap_reset_hold,                 "AP reset hold",       rule::GHCB_NAE_17, {}, {}},
  {layout::nae_exit_codes::ap_jump_table,                 "AP jump table",       rule::GHCB_NAE_18, {}, {}},
  {layout::nae_exit_codes::snp_page_state_change,         "page state change",   rule::GHCB_PSC_01, {ghcb_field::sw_scratch}, {}, 2, true},
  {layout::nae_exit_codes::snp_guest_request,             "guest request",       rule::GHCB_NAE_20, {}, {}, 2, true},
  {layout::nae_exit_codes::snp_ext_guest_request,         "extended request",    rule::GHCB_NAE_21, {}, {}, 2, true},
  {layout::nae_exit_codes::snp_ap_creation,               "AP creation",         rule::GHCB_NAE_22, {}, {}, 2, true, layout::ghcb_hv_features::snp_ap_creation},
  {layout::nae_exit_codes::hv_doorbell_page_,             "#HV doorbell page",   rule::GHCB_NAE_23, {}, {}, 2, true, layout::ghcb_hv_features::snp_restricted_injection},
  {layout::nae_exit_codes::hv_ipi,                        "#HV IPI",             rule::GHCB_NAE_24, {}, {}, 2, true, layout::ghcb_hv_features::snp_restricted_injection},
  {layout::nae_exit_codes::hv_timer,                      "#HV timer",           rule::GHCB_NAE_25, {}, {}, 2, true, layout::ghcb_hv_features::snp_restricted_injection_timer},
  {layout::nae_exit_codes::apic_id_list,                  "APIC IDs",            rule::GHCB_NAE_26, {ghcb_field::rax}, {ghcb_field::rax}, 2, false},
  {layout::nae_exit_codes::snp_run_vmpl,                  "run VMPL",            rule::GHCB_NAE_27, {}, {}, 2, true, layout::ghcb_hv_features::snp_multi_vmpl},
  {layout::nae_exit_codes::secure_avic,                   "secure AVIC",         rule::GHCB_NAE_28, {ghcb_field::rax}, {}, 2, true},
  {layout::nae_exit_codes::configure_interrupt_injection, "configure injection", rule::GHCB_NAE_29, {}, {}, 2, true, layout::ghcb_hv_features::snp_ext_interrupts},
  {layout::nae_exit_codes::disable_alternate_injection,   "end alternate injection", rule::GHCB_NAE_30, {}, {}, 2, true, layout::ghcb_hv_features::snp_ext_interrupts},
  {layout::nae_exit_codes::specific_eoi,                  "specific EOI",        rule::GHCB_NAE_31, {}, {}, 2, true, layout::ghcb_hv_features::snp_ext_interrupts},
  {layout::nae_exit_codes::hypervisor_features,           "HV features",         rule::GHCB_NAE_32, {}, {}, 2, false},
  {layout::nae_exit_codes::termination_request,           "termination",         rule::GHCB_NAE_33, {}, {}, 2, false},
  {layout::nae_exit_codes::unsupported_event,             "unsupported event",   rule::GHCB_NAE_34, {}, {}},
};
// clang-format on

/// The row of an event; nullptr for codes that no event has (GHCB-PAGE-07).
[[nodiscard]] constexpr auto find_event(layout::nae_exit_codes code) noexcept -> const event_info* {
  for (const event_info& row : nae_events)
    if (row.code == code) return &row;
  return nullptr;
}

/// What a request needs beside `always_required`: the event's own fields, and those that depend on other fields.
/// @param page           the request; SW_EXITCODE is that of `event`
/// @param shadow_stacks  CPUID tells the guest of shadow stacks
template <class Storage>
[[nodiscard]] constexpr auto required_fields(const event_info& event, const layout::basic_ghcb<Storage>& page,
                                             bool shadow_stacks = false) -> field_set {
  field_set needed = event.required;
  const std::uint64_t info_1 = page.sw_exit_info_1().raw;
  switch (event.code) {
    case layout::nae_exit_codes::cpuid:
      if (page.rax() == 0xd) needed.add(ghcb_field::xcr0);  // all 64 bits, as KVM compares
      if (page.rax() == 0xd && page.rcx() == 1 && shadow_stacks) needed.add(ghcb_field::xss);
      break;
    case layout::nae_exit_codes::ioio: {
      const layout::exitinfo1_ioio word{info_1};
      if (word.str()) needed.add(ghcb_field::sw_scratch);
      else if (!word.in()) needed.add(ghcb_field::rax);
      break;
    }
    case layout::nae_exit_codes::msr:
      if (info_1 != 0) {
        needed.add(ghcb_field::rax);
        needed.add(ghcb_field::rdx);
      }
      break;
    case layout::nae_exit_codes::snp_ap_creation:
      if (layout::ghcb_ap_creation_info1{info_1}.request() != layout::ghcb_ap_creation_ops::destroy)
        needed.add(ghcb_field::rax);
      break;
    case layout::nae_exit_codes::secure_avic:
      if (info_1 == std::to_underlying(layout::ghcb_secure_avic_ops::register_gpa)) needed.add(ghcb_field::rbx);
      break;
    default: break;
  }
  return needed;
}

/// Whether an event needs anything beside `always_required`, in some form of it.
[[nodiscard]] constexpr auto has_requirements(const event_info& event) noexcept -> bool {
  return event.required != field_set{} || event.code == layout::nae_exit_codes::ioio ||
         event.code == layout::nae_exit_codes::snp_ap_creation;
}

/// The registers that a successful answer carries, as far as the guest knows beforehand (GHCB-RET-04).
/// @param info_1  SW_EXITINFO1 of the request
[[nodiscard]] constexpr auto expected_outputs(const event_info& event, std::uint64_t info_1) -> field_set {
  if (event.code == layout::nae_exit_codes::ioio) {
    const layout::exitinfo1_ioio word{info_1};
    return word.in() && !word.str() ? field_set{ghcb_field::rax} : field_set{};
  }
  if (event.code == layout::nae_exit_codes::msr && info_1 == 0) return {ghcb_field::rax, ghcb_field::rdx};
  if (event.code == layout::nae_exit_codes::secure_avic && info_1 == 1) return {ghcb_field::rbx};
  return event.outputs;
}

}  // namespace sevspec::inline v0::ghcb

#endif
