// SPDX-License-Identifier: MIT
// The VMSA as public headers have it.   APM vol. 2, table B-4; LAY-VMSA-01; LAY-VMSA-02
#include <support/where.hpp>

#include <sevspec/layout/host_save_area.hpp>
#include <sevspec/layout/vmsa.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using vmsa = layout::vmsa_const_view;

static_assert(layout::size_of<layout::vmsa> == 0x1000 && layout::size_of<vmsa> == 0x1000);
static_assert(layout::size_of<layout::segment> == 16);

// Segments
static_assert(offset_of(&layout::segment_const_view::selector) == 0);
static_assert(offset_of(&layout::segment_const_view::attrib) == 2);
static_assert(offset_of(&layout::segment_const_view::limit) == 4);
static_assert(offset_of(&layout::segment_const_view::base) == 8);
static_assert(offset_of<vmsa>([](auto s) { return s.es(); }) == 0x00);
static_assert(offset_of<vmsa>([](auto s) { return s.cs(); }) == 0x10);
static_assert(offset_of<vmsa>([](auto s) { return s.ss(); }) == 0x20);
static_assert(offset_of<vmsa>([](auto s) { return s.ds(); }) == 0x30);
static_assert(offset_of<vmsa>([](auto s) { return s.fs(); }) == 0x40);
static_assert(offset_of<vmsa>([](auto s) { return s.gs(); }) == 0x50);
static_assert(offset_of<vmsa>([](auto s) { return s.gdtr(); }) == 0x60);
static_assert(offset_of<vmsa>([](auto s) { return s.ldtr(); }) == 0x70);
static_assert(offset_of<vmsa>([](auto s) { return s.idtr(); }) == 0x80);
static_assert(offset_of<vmsa>([](auto s) { return s.tr(); }) == 0x90);

// Control and debug registers
static_assert(offset_of(&vmsa::pl0_ssp) == 0x0A0);
static_assert(offset_of(&vmsa::pl3_ssp) == 0x0B8);
static_assert(offset_of(&vmsa::u_cet) == 0x0C0);
static_assert(offset_of(&vmsa::vmpl) == 0x0CA);
static_assert(offset_of(&vmsa::cpl) == 0x0CB);
static_assert(offset_of(&vmsa::efer) == 0x0D0);
static_assert(offset_of(&vmsa::xss) == 0x140);
static_assert(offset_of(&vmsa::cr4) == 0x148);
static_assert(offset_of(&vmsa::cr3) == 0x150);
static_assert(offset_of(&vmsa::cr0) == 0x158);
static_assert(offset_of(&vmsa::dr7) == 0x160);
static_assert(offset_of(&vmsa::dr6) == 0x168);
static_assert(offset_of(&vmsa::rflags) == 0x170);
static_assert(offset_of(&vmsa::rip) == 0x178);
static_assert(offset_of(&vmsa::dr0) == 0x180);
static_assert(offset_of(&vmsa::dr3) == 0x198);
static_assert(offset_of(&vmsa::dr0_addr_mask) == 0x1A0);
static_assert(offset_of(&vmsa::dr3_addr_mask) == 0x1B8);
static_assert(offset_of(&vmsa::rsp) == 0x1D8);
static_assert(offset_of(&vmsa::s_cet) == 0x1E0);
static_assert(offset_of(&vmsa::ssp) == 0x1E8);
static_assert(offset_of(&vmsa::isst_addr) == 0x1F0);
static_assert(offset_of(&vmsa::rax) == 0x1F8);
static_assert(offset_of(&vmsa::star) == 0x200);
static_assert(offset_of(&vmsa::kernel_gs_base) == 0x220);
static_assert(offset_of(&vmsa::sysenter_eip) == 0x238);
static_assert(offset_of(&vmsa::cr2) == 0x240);
static_assert(offset_of(&vmsa::g_pat) == 0x268);
static_assert(offset_of(&vmsa::dbgctl) == 0x270);
static_assert(offset_of(&vmsa::spec_ctrl) == 0x2E0);
static_assert(offset_of(&vmsa::pkru) == 0x2E8);
static_assert(offset_of(&vmsa::tsc_aux) == 0x2EC);
static_assert(offset_of(&vmsa::guest_tsc_scale) == 0x2F0);
static_assert(offset_of(&vmsa::guest_tsc_offset) == 0x2F8);
static_assert(offset_of(&vmsa::reg_prot_nonce) == 0x300);

// General registers: RSP is not among them
static_assert(offset_of(&vmsa::rcx) == 0x308);
static_assert(offset_of(&vmsa::rdx) == 0x310);
static_assert(offset_of(&vmsa::rbx) == 0x318);
static_assert(offset_of(&vmsa::secure_avic_control) == 0x320);
static_assert(offset_of(&vmsa::rbp) == 0x328);
static_assert(offset_of(&vmsa::rsi) == 0x330);
static_assert(offset_of(&vmsa::rdi) == 0x338);
static_assert(offset_of(&vmsa::r8) == 0x340);
static_assert(offset_of(&vmsa::r15) == 0x378);

// What SNP adds
static_assert(offset_of(&vmsa::guest_exit_info_1) == 0x390);
static_assert(offset_of(&vmsa::guest_exit_info_2) == 0x398);
static_assert(offset_of(&vmsa::guest_exit_int_info) == 0x3A0);
static_assert(offset_of(&vmsa::guest_next_rip) == 0x3A8);
static_assert(offset_of(&vmsa::sev_features) == 0x3B0);
static_assert(offset_of(&vmsa::vintr_ctrl) == 0x3B8);
static_assert(offset_of(&vmsa::guest_exit_code) == 0x3C0);
static_assert(offset_of(&vmsa::virtual_tom) == 0x3C8);
static_assert(offset_of(&vmsa::tlb_id) == 0x3D0);
static_assert(offset_of(&vmsa::pcpu_id) == 0x3D8);
static_assert(offset_of(&vmsa::event_inj) == 0x3E0);
static_assert(offset_of(&vmsa::xcr0) == 0x3E8);

// x87, SSE and AVX
static_assert(offset_of(&vmsa::x87_dp) == 0x400);
static_assert(offset_of(&vmsa::mxcsr) == 0x408);
static_assert(offset_of(&vmsa::x87_ftw) == 0x40C);
static_assert(offset_of(&vmsa::x87_fsw) == 0x40E);
static_assert(offset_of(&vmsa::x87_fcw) == 0x410);
static_assert(offset_of(&vmsa::x87_fop) == 0x412);
static_assert(offset_of(&vmsa::x87_ds) == 0x414);
static_assert(offset_of(&vmsa::x87_cs) == 0x416);
static_assert(offset_of(&vmsa::x87_rip) == 0x418);
static_assert(offset_of<vmsa>([](auto s) { return s.fpreg_x87(); }) == 0x420);
static_assert(offset_of<vmsa>([](auto s) { return s.fpreg_xmm(); }) == 0x470);
static_assert(offset_of<vmsa>([](auto s) { return s.fpreg_ymm(); }) == 0x570);

// SEV_FEATURES   LAY-VMSA-07
using features = layout::sev_features;
static_assert(bits_of(&features::snp_active) == bit_range(0, 0));
static_assert(bits_of(&features::virtual_tom) == bit_range(1, 1));
static_assert(bits_of(&features::reflect_vc) == bit_range(2, 2));
static_assert(bits_of(&features::restricted_injection) == bit_range(3, 3));
static_assert(bits_of(&features::alternate_injection) == bit_range(4, 4));
static_assert(bits_of(&features::debug_swap) == bit_range(5, 5));
static_assert(bits_of(&features::prevent_host_ibs) == bit_range(6, 6));
static_assert(bits_of(&features::btb_isolation) == bit_range(7, 7));
static_assert(bits_of(&features::vmpl_sss) == bit_range(8, 8));
static_assert(bits_of(&features::secure_tsc) == bit_range(9, 9));
static_assert(bits_of(&features::vmgexit_parameter) == bit_range(10, 10));
static_assert(bits_of(&features::ibs_virtualization) == bit_range(12, 12));
static_assert(bits_of(&features::vmsa_reg_prot) == bit_range(14, 14));
static_assert(bits_of(&features::smt_protection) == bit_range(15, 15));
static_assert(bits_of(&features::secure_avic) == bit_range(16, 16));
static_assert(bits_of(&features::ibpb_on_entry) == bit_range(21, 21));

// The host's state lies behind what would be its control area.   LAY-HSAVE-02
static_assert(layout::size_of<layout::host_save_area_es> == 0x1000);
static_assert(offset_of<layout::host_save_area_es_const_view>([](auto s) { return s.host_save(); }) == 0x400);

}  // namespace
