// SPDX-License-Identifier: MIT
// The VMCB as public headers have it.   APM vol. 2, appendix B; LAY-VMCB-01
#include <support/where.hpp>

#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/vmcb.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using control = layout::vmcb_control_area_const_view;
using save = layout::vmcb_save_area_const_view;

// Control area
static_assert(layout::size_of<layout::vmcb_control_area> == 0x400);
static_assert(offset_of(&control::intercept_cr_read) == 0x000);
static_assert(offset_of(&control::intercept_cr_write) == 0x002);
static_assert(offset_of(&control::intercept_dr_read) == 0x004);
static_assert(offset_of(&control::intercept_dr_write) == 0x006);
static_assert(offset_of(&control::intercept_exceptions) == 0x008);
static_assert(offset_of(&control::intercept_misc1) == 0x00C);
static_assert(offset_of(&control::intercept_misc2) == 0x010);
static_assert(offset_of(&control::intercept_misc3) == 0x014);
static_assert(offset_of(&control::pause_filter_threshold) == 0x03C);
static_assert(offset_of(&control::pause_filter_count) == 0x03E);
static_assert(offset_of(&control::iopm_base_pa) == 0x040);
static_assert(offset_of(&control::msrpm_base_pa) == 0x048);
static_assert(offset_of(&control::tsc_offset) == 0x050);
static_assert(offset_of(&control::guest_asid) == 0x058);
static_assert(offset_of(&control::tlb_control) == 0x05C);
static_assert(offset_of(&control::vintr_control) == 0x060);
static_assert(offset_of(&control::interrupt_state) == 0x068);
static_assert(offset_of(&control::exit_code) == 0x070);
static_assert(offset_of(&control::exit_info_1) == 0x078);
static_assert(offset_of(&control::exit_info_2) == 0x080);
static_assert(offset_of(&control::exit_int_info) == 0x088);
static_assert(offset_of(&control::np_control) == 0x090);
static_assert(offset_of(&control::avic_apic_bar) == 0x098);
static_assert(offset_of(&control::ghcb_gpa) == 0x0A0);
static_assert(offset_of(&control::event_inj) == 0x0A8);
static_assert(offset_of(&control::nested_cr3) == 0x0B0);
static_assert(offset_of(&control::virt_ext) == 0x0B8);
static_assert(offset_of(&control::vmcb_clean) == 0x0C0);
static_assert(offset_of(&control::next_rip) == 0x0C8);
static_assert(offset_of(&control::insn_len) == 0x0D0);
static_assert(offset_of<control>([](auto s) { return s.insn_bytes(); }) == 0x0D1);
static_assert(offset_of(&control::avic_backing_page) == 0x0E0);
static_assert(offset_of(&control::avic_logical_table) == 0x0F0);
static_assert(offset_of(&control::avic_physical_table) == 0x0F8);
static_assert(offset_of(&control::vmsa_pa) == 0x108);
static_assert(offset_of(&control::vmgexit_rax) == 0x110);
static_assert(offset_of(&control::vmgexit_cpl) == 0x118);
static_assert(offset_of(&control::bus_lock_threshold) == 0x120);
static_assert(offset_of(&control::allowed_sev_features) == 0x138);
static_assert(offset_of(&control::guest_sev_features) == 0x140);
static_assert(offset_of<control>([](auto s) { return s.requested_irr(); }) == 0x150);
static_assert(offset_of<control>([](auto s) { return s.reserved_for_sw(); }) == 0x3E0);

// Save area of guests without SEV-ES
static_assert(layout::size_of<layout::vmcb_save_area> == 0xC00);
static_assert(offset_of<save>([](auto s) { return s.es(); }) == 0x00);
static_assert(offset_of<save>([](auto s) { return s.cs(); }) == 0x10);
static_assert(offset_of<save>([](auto s) { return s.tr(); }) == 0x90);
static_assert(offset_of(&save::cpl) == 0x0CB);
static_assert(offset_of(&save::efer) == 0x0D0);
static_assert(offset_of(&save::cr4) == 0x148);
static_assert(offset_of(&save::cr3) == 0x150);
static_assert(offset_of(&save::cr0) == 0x158);
static_assert(offset_of(&save::dr7) == 0x160);
static_assert(offset_of(&save::dr6) == 0x168);
static_assert(offset_of(&save::rflags) == 0x170);
static_assert(offset_of(&save::rip) == 0x178);
static_assert(offset_of(&save::rsp) == 0x1D8);
static_assert(offset_of(&save::rax) == 0x1F8);
static_assert(offset_of(&save::star) == 0x200);
static_assert(offset_of(&save::kernel_gs_base) == 0x220);
static_assert(offset_of(&save::sysenter_cs) == 0x228);
static_assert(offset_of(&save::cr2) == 0x240);
static_assert(offset_of(&save::g_pat) == 0x268);
static_assert(offset_of(&save::dbgctl) == 0x270);
static_assert(offset_of(&save::last_excp_to) == 0x290);
static_assert(offset_of(&save::spec_ctrl) == 0x2E0);

// Interrupts and events
using vintr = layout::vmcb_control_area_vintr_control;
static_assert(bits_of(&vintr::v_tpr) == bit_range(7, 0));
static_assert(bits_of(&vintr::v_irq) == bit_range(8, 8));
static_assert(bits_of(&vintr::v_intr_masking) == bit_range(24, 24));
static_assert(bits_of(&vintr::avic_enable) == bit_range(31, 31));
static_assert(bits_of(&vintr::v_intr_vector) == bit_range(39, 32));
static_assert(bits_of(&layout::event_injection::vector) == bit_range(7, 0));
static_assert(bits_of(&layout::event_injection::type) == bit_range(10, 8));
static_assert(bits_of(&layout::event_injection::error_code_valid) == bit_range(11, 11));
static_assert(bits_of(&layout::event_injection::valid) == bit_range(31, 31));
static_assert(bits_of(&layout::event_injection::error_code) == bit_range(63, 32));

// Codes
using exits = layout::svm_exit_codes;
constexpr auto code(exits value) { return static_cast<std::uint64_t>(value); }
static_assert(code(exits::excp0) == 0x40 && code(exits::excp29) == 0x5D && code(exits::intr) == 0x60);
static_assert(code(exits::cpuid) == 0x72 && code(exits::hlt) == 0x78 && code(exits::ioio) == 0x7B);
static_assert(code(exits::msr) == 0x7C && code(exits::shutdown) == 0x7F && code(exits::vmmcall) == 0x81);
static_assert(code(exits::npf) == 0x400 && code(exits::vmgexit) == 0x403);
static_assert(code(exits::invalid) == ~std::uint64_t{0});

}  // namespace
