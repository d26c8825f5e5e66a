// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VMCB_MERGE_HPP
#define SEVSPEC_NESTED_VMCB_MERGE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/clean_bits.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/paging/vmcb12_check.hpp>

/// VMCB12, which L1 has written for its guest, and VMCB02, which L0 makes of it for hardware.   NES-VMCB-01
///
///     field of VMCB02         | from
///     ------------------------+--------------------------------------------------
///     intercepts              | VMCB12 and L0, together
///     I/O and MSR maps        | L0: everything; what L1 wants is asked at the exit
///     TSC offset              | the sum of both
///     ASID, nCR3, VMSA_PTR    | L0: physical ASID, nPT02, the VMSA's sPA
///     SEV bits                | VMCB12, as the variant of L2 wants them
///     GHCB, event, interrupts | VMCB12
///     TLB_CONTROL, clean bits | L0
///     save area               | VMCB12, of an L2 without hidden state
namespace sevspec::inline v0::nested {

/// The intercept words of a VMCB, 000h to 017h.
inline constexpr std::size_t intercept_bytes = 24;

/// What L0 always intercepts of an L2: everything by which a hypervisor would touch memory that is not its guest's, and
/// what belongs to the machine. VMLOAD and VMSAVE are among them whatever L1 says: their addresses are L1's (FIELD-49).
[[nodiscard]] constexpr auto intercepts_of_l0() noexcept -> cpu::vmcb_page {
  cpu::vmcb_page page;
  auto controls = page.controls();
  controls.set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}
                                   .set_intr(true)
                                   .set_nmi(true)
                                   .set_smi(true)
                                   .set_init(true)
                                   .set_invlpga(true)
                                   .set_ioio_prot(true)
                                   .set_msr_prot(true)
                                   .set_shutdown(true));
  controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}
                                   .set_vmrun(true)
                                   .set_vmload(true)
                                   .set_vmsave(true)
                                   .set_stgi(true)
                                   .set_clgi(true)
                                   .set_skinit(true));
  return page;
}

/// Whether a VMCB's intercept words name an EXITCODE below C0h.
[[nodiscard]] constexpr auto has_intercept(const cpu::vmcb_page& page, std::uint64_t code) noexcept -> bool {
  return code < 8 * intercept_bytes && layout::bit_at(page.bytes[code / 8], code % 8);
}

/// What L0 knows of an L2 beside VMCB12.
struct merge_facts {
  guest_kind kind{};           ///< L2's variant
  asid id{};                   ///< physical
  spa npt02{};                 ///< root
  std::optional<spa> vmsa{};   ///< with hidden state
  std::uint64_t tsc_offset{};  ///< L0's for L1
  paging::l1_offers offers{};
  unsigned address_bits = 48;  ///< of L1's physical addresses
  std::uint64_t c_mask{};      ///< L1's C-bit: removed from addresses
};

/// Which of VMCB12's fields L0 cannot run.   PAG-L2-09, NES-VMCB-01
/// @return the rule; L1 finds VMEXIT_INVALID
template <class Context>
[[nodiscard]] constexpr auto check_vmcb12_page(Context& ctx, const cpu::vmcb_page& v12, const merge_facts& facts)
    -> std::expected<void, rule> {
  const auto controls = v12.controls();
  const auto fields = paging::check_vmcb12(ctx,
                                           {.id = {controls.guest_asid()},
                                            .tlb_control = static_cast<unsigned>(controls.tlb_control()),
                                            .np_control = controls.np_control().raw},
                                           facts.offers);
  if (!fields) return std::unexpected{fields.error().decided_by};
  if (ctx.denies(rule::PAG_L2_09, !controls.intercept_misc2().vmrun())) return std::unexpected{rule::PAG_L2_09};
  const auto beyond = [&](std::uint64_t base, std::uint64_t bytes) {
    return (base & ~std::uint64_t{0xfff} & ~facts.c_mask) > (std::uint64_t{1} << facts.address_bits) - bytes;
  };
  const bool maps = beyond(controls.iopm_base_pa(), 0x3000) || beyond(controls.msrpm_base_pa(), 0x2000);
  if (ctx.denies(rule::PAG_L2_09, maps)) return std::unexpected{rule::PAG_L2_09};
  const auto mode = controls.np_control();
  const std::uint64_t bits = std::uint64_t{mode.np_enable()} | std::uint64_t{mode.sev_enable()} << 1 |
                             std::uint64_t{mode.sev_es_enable()} << 2;
  if (ctx.denies(rule::NES_VMCB_01, bits != np_control_of(facts.kind))) return std::unexpected{rule::NES_VMCB_01};
  return {};
}

/// VMCB02.   NES-VMCB-01
/// @param v12  a copy that L1 cannot change any longer, checked
template <class Context>
[[nodiscard]] constexpr auto merge_vmcb(Context& ctx, const cpu::vmcb_page& v12, const merge_facts& facts)
    -> cpu::vmcb_page {
  cpu::vmcb_page v02 = intercepts_of_l0();
  const auto from = v12.controls();
  auto to = v02.controls();
  for (std::size_t i = 0; i < intercept_bytes; ++i)
    if (ctx.applies(rule::NES_VMCB_01, v12.bytes[i] != 0))
      v02.bytes[i] = static_cast<std::uint8_t>(v02.bytes[i] | v12.bytes[i]);
  to.set_tsc_offset(from.tsc_offset() + facts.tsc_offset);
  to.set_guest_asid(facts.id.value);
  to.set_vintr_control(from.vintr_control());
  to.set_interrupt_state(from.interrupt_state());
  to.set_np_control({static_cast<std::uint32_t>(np_control_of(facts.kind))});
  to.set_event_inj(from.event_inj());
  to.set_nested_cr3(facts.npt02.value);
  to.set_virt_ext(from.virt_ext());
  to.set_ghcb_gpa(from.ghcb_gpa());
  if (facts.vmsa) layout::write_le(v02.bytes.data() + 0x108, facts.vmsa->value);
  for (std::size_t i = 0x138; i < 0x140; ++i) v02.bytes[i] = v12.bytes[i];  // allowed SEV_FEATURES
  to.set_vmcb_clean({});  // VMCB12's clean bits speak of VMCB12 (FIELD-50)
  if (!cpu::has_hidden_state(facts.kind)) std::copy_n(v12.bytes.begin() + 0x400, 0xc00, v02.bytes.begin() + 0x400);
  return v02;
}

/// What L1 finds in VMCB12 after an exit of its guest: the exit, and of a guest without hidden state its registers and
/// what hardware has decoded (NES-TR-03).
/// @param code, info_1, info_2  the exit as L1 is to see it
template <class Context>
constexpr void report_exit(Context& ctx, cpu::vmcb_page& v12, const cpu::vmcb_page& v02, guest_kind kind,
                           std::uint64_t code, std::uint64_t info_1, std::uint64_t info_2) {
  const auto from = v02.controls();
  auto to = v12.controls();
  layout::write_le(to.data() + 0x70, code);  // all 64 bits: INVALID is -1 (FIELD-50)
  to.set_exit_info_1(info_1);
  to.set_exit_info_2(info_2);
  to.set_exit_int_info(from.exit_int_info());
  to.set_event_inj({});
  to.set_interrupt_state(from.interrupt_state());
  to.set_vintr_control(from.vintr_control());
  const bool hidden = cpu::has_hidden_state(kind);
  if (ctx.applies(rule::NES_EX_01, hidden)) to.set_ghcb_gpa(from.ghcb_gpa());
  if (hidden) return;
  to.set_next_rip(from.next_rip());
  if (ctx.applies(rule::NES_TR_03, v02.bytes[0xd0] != 0))
    std::copy_n(v02.bytes.begin() + 0xd0, 16, v12.bytes.begin() + 0xd0);
  std::copy_n(v02.bytes.begin() + 0x400, 0xc00, v12.bytes.begin() + 0x400);
}

/// VMEXIT_INVALID in VMCB12: no instruction of L2 ran.
constexpr void report_invalid(cpu::vmcb_page& v12) noexcept {
  auto to = v12.controls();
  layout::write_le(to.data() + 0x70, static_cast<std::uint64_t>(layout::svm_exit_codes::invalid));
  to.set_exit_info_1(0);
  to.set_exit_info_2(0);
  to.set_exit_int_info({});
}

}  // namespace sevspec::inline v0::nested

#endif
