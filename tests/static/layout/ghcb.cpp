// SPDX-License-Identifier: MIT
// The GHCB page, the words of the MSR protocol, and the requests, as public headers have them.
#include <support/where.hpp>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/codes/msr_numbers.hpp>
#include <sevspec/layout/doorbell_page.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/ghcb_request.hpp>
#include <sevspec/layout/reflect.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using ghcb = layout::ghcb_const_view;

static_assert(layout::size_of<layout::ghcb> == 0x1000);
static_assert(offset_of(&ghcb::cpl) == 0x0CB);
static_assert(offset_of(&ghcb::xss) == 0x140);
static_assert(offset_of(&ghcb::dr7) == 0x160);
static_assert(offset_of(&ghcb::rip) == 0x178);
static_assert(offset_of(&ghcb::rsp) == 0x1D8);
static_assert(offset_of(&ghcb::rax) == 0x1F8);
static_assert(offset_of(&ghcb::rcx) == 0x308);
static_assert(offset_of(&ghcb::rdx) == 0x310);
static_assert(offset_of(&ghcb::rbx) == 0x318);
static_assert(offset_of(&ghcb::rbp) == 0x328);
static_assert(offset_of(&ghcb::rsi) == 0x330);
static_assert(offset_of(&ghcb::rdi) == 0x338);
static_assert(offset_of(&ghcb::r8) == 0x340);
static_assert(offset_of(&ghcb::r15) == 0x378);
static_assert(offset_of(&ghcb::sw_exit_code) == 0x390);
static_assert(offset_of(&ghcb::sw_exit_info_1) == 0x398);
static_assert(offset_of(&ghcb::sw_exit_info_2) == 0x3A0);
static_assert(offset_of(&ghcb::sw_scratch) == 0x3A8);
static_assert(offset_of(&ghcb::xcr0) == 0x3E8);
static_assert(offset_of<ghcb>([](auto s) { return s.valid_bitmap(); }) == 0x3F0);
static_assert(offset_of(&ghcb::x87_state_gpa) == 0x400);
static_assert(offset_of<ghcb>([](auto s) { return s.shared_buffer(); }) == 0x800);
static_assert(offset_of(&ghcb::protocol_version) == 0xFFA);
static_assert(offset_of(&ghcb::ghcb_usage) == 0xFFC);

// Positions in the bitmap of valid quadwords   LAY-FMT-08
constexpr auto valid_bit(const char* field) {
  return layout::find_field(layout::descriptions::ghcb, field)->valid_bitmap_bit;
}
static_assert(valid_bit("cpl") == 25 && valid_bit("xss") == 40 && valid_bit("rax") == 63);
static_assert(valid_bit("rcx") == 97 && valid_bit("rdx") == 98 && valid_bit("rbx") == 99);
static_assert(valid_bit("sw_exit_code") == 114 && valid_bit("sw_exit_info_1") == 115);
static_assert(valid_bit("sw_exit_info_2") == 116 && valid_bit("sw_scratch") == 117 && valid_bit("xcr0") == 125);
static_assert(valid_bit("valid_bitmap") == -1 && valid_bit("shared_buffer") == -1);

// MSR protocol: bits 11:0 say what the rest is
static_assert(bits_of(&layout::ghcb_msr_generic::info) == bit_range(11, 0));
static_assert(bits_of(&layout::ghcb_msr_generic::data) == bit_range(63, 12));
static_assert(bits_of(&layout::ghcb_msr_sev_info_resp::cbit) == bit_range(31, 24));
static_assert(bits_of(&layout::ghcb_msr_sev_info_resp::min_version) == bit_range(47, 32));
static_assert(bits_of(&layout::ghcb_msr_sev_info_resp::max_version) == bit_range(63, 48));
static_assert(bits_of(&layout::ghcb_msr_cpuid_req::reg) == bit_range(31, 30));
static_assert(bits_of(&layout::ghcb_msr_cpuid_req::fn) == bit_range(63, 32));
static_assert(bits_of(&layout::ghcb_msr_cpuid_resp::value) == bit_range(63, 32));
static_assert(bits_of(&layout::ghcb_msr_reg_gpa_req::gfn) == bit_range(63, 12));
static_assert(bits_of(&layout::ghcb_msr_psc_req::gfn) == bit_range(51, 12));
static_assert(bits_of(&layout::ghcb_msr_psc_req::op) == bit_range(55, 52));
static_assert(bits_of(&layout::ghcb_msr_psc_resp::error) == bit_range(63, 32));
static_assert(bits_of(&layout::ghcb_msr_vmpl_req::vmpl) == bit_range(39, 32));
static_assert(bits_of(&layout::ghcb_msr_hv_features_resp::features) == bit_range(63, 12));
static_assert(bits_of(&layout::ghcb_msr_term_req::reason_set) == bit_range(15, 12));
static_assert(bits_of(&layout::ghcb_msr_term_req::reason_code) == bit_range(23, 16));

// Requests
static_assert(layout::size_of<layout::psc_header> == 8 && sizeof(layout::psc_entry) == 8);
static_assert(offset_of(&layout::psc_header_const_view::cur_entry) == 0);
static_assert(offset_of(&layout::psc_header_const_view::end_entry) == 2);
static_assert(bits_of(&layout::psc_entry::cur_page) == bit_range(11, 0));
static_assert(bits_of(&layout::psc_entry::gfn) == bit_range(51, 12));
static_assert(bits_of(&layout::psc_entry::operation) == bit_range(55, 52));
static_assert(bits_of(&layout::psc_entry::page_size) == bit_range(56, 56));
static_assert(bits_of(&layout::ghcb_ap_creation_info1::vmpl) == bit_range(19, 16));
static_assert(bits_of(&layout::ghcb_ap_creation_info1::apic_id) == bit_range(63, 32));
static_assert(layout::size_of<layout::hv_doorbell_page> == 0x1000);
static_assert(offset_of(&layout::hv_doorbell_page_const_view::pending_vector) == 0);
static_assert(offset_of(&layout::hv_doorbell_page_const_view::flags) == 1);

// Codes
template <class Code>
constexpr auto number(Code code) -> std::uint64_t {
  return static_cast<std::uint64_t>(code);
}
using nae = layout::nae_exit_codes;
static_assert(number(nae::cpuid) == 0x72 && number(nae::ioio) == 0x7B && number(nae::msr) == 0x7C);
static_assert(number(nae::mmio_read) == 0x8000'0001 && number(nae::mmio_write) == 0x8000'0002);
static_assert(number(nae::nmi_complete) == 0x8000'0003 && number(nae::ap_reset_hold) == 0x8000'0004);
static_assert(number(nae::ap_jump_table) == 0x8000'0005 && number(nae::snp_page_state_change) == 0x8000'0010);
static_assert(number(nae::snp_guest_request) == 0x8000'0011 && number(nae::snp_ext_guest_request) == 0x8000'0012);
static_assert(number(nae::snp_ap_creation) == 0x8000'0013 && number(nae::hv_doorbell_page_) == 0x8000'0014);
static_assert(number(nae::hypervisor_features) == 0x8000'FFFD && number(nae::termination_request) == 0x8000'FFFE);
static_assert(number(nae::unsupported_event) == 0x8000'FFFF);
using msr = layout::ghcb_msr_codes;
static_assert(number(msr::sev_info_resp) == 0x001 && number(msr::sev_info_req) == 0x002);
static_assert(number(msr::cpuid_req) == 0x004 && number(msr::cpuid_resp) == 0x005);
static_assert(number(msr::ap_reset_hold_req) == 0x006 && number(msr::ap_reset_hold_resp) == 0x007);
static_assert(number(msr::pref_gpa_req) == 0x010 && number(msr::pref_gpa_resp) == 0x011);
static_assert(number(msr::reg_gpa_req) == 0x012 && number(msr::reg_gpa_resp) == 0x013);
static_assert(number(msr::psc_req) == 0x014 && number(msr::psc_resp) == 0x015);
static_assert(number(msr::vmpl_req) == 0x016 && number(msr::vmpl_resp) == 0x017);
static_assert(number(msr::hv_features_req) == 0x080 && number(msr::hv_features_resp) == 0x081);
static_assert(number(msr::term_req) == 0x100);
static_assert(number(layout::msr_numbers::sev_es_ghcb) == 0xC001'0130);
static_assert(number(layout::msr_numbers::sev_status) == 0xC001'0131);
static_assert(number(layout::msr_numbers::rmp_base) == 0xC001'0132);
static_assert(number(layout::msr_numbers::rmp_end) == 0xC001'0133);
static_assert(number(layout::msr_numbers::syscfg) == 0xC001'0010);
static_assert(number(layout::msr_numbers::vm_hsave_pa) == 0xC001'0117);

}  // namespace
