// SPDX-License-Identifier: MIT
// Pages of a launch, the RMP, the SVSM's calling area, as public headers have them.
#include <support/where.hpp>

#include <sevspec/layout/codes/rmp_codes.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/invlpgb.hpp>
#include <sevspec/layout/page_info.hpp>
#include <sevspec/layout/rmp.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/svsm.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

// Secrets page
using secrets = layout::secrets_page_const_view;
static_assert(layout::size_of<secrets> == 0x1000);
static_assert(offset_of(&secrets::version) == 0x000 && offset_of(&secrets::fms) == 0x008);
static_assert(offset_of<secrets>([](auto s) { return s.gosvw(); }) == 0x010);
static_assert(offset_of<secrets>([](auto s) { return s.vmpck0(); }) == 0x020);
static_assert(offset_of<secrets>([](auto s) { return s.vmpck1(); }) == 0x040);
static_assert(offset_of<secrets>([](auto s) { return s.vmpck2(); }) == 0x060);
static_assert(offset_of<secrets>([](auto s) { return s.vmpck3(); }) == 0x080);
static_assert(offset_of<secrets>([](auto s) { return s.os_area(); }) == 0x0A0);
static_assert(offset_of<secrets>([](auto s) { return s.vmsa_tweak_bitmap(); }) == 0x100);
static_assert(offset_of(&secrets::svsm_base) == 0x140 && offset_of(&secrets::svsm_size) == 0x148);
static_assert(offset_of(&secrets::svsm_caa) == 0x150 && offset_of(&secrets::svsm_max_version) == 0x158);
static_assert(offset_of(&secrets::svsm_guest_vmpl) == 0x15C && offset_of(&secrets::tsc_factor) == 0x160);
static_assert(layout::size_of<layout::secrets_os_area> == 0x60);
static_assert(offset_of(&layout::secrets_os_area_const_view::vmpck3_msg_seqno_lo) == 0x0C);
static_assert(offset_of(&layout::secrets_os_area_const_view::ap_jump_table_pa) == 0x10);
static_assert(offset_of<layout::secrets_os_area_const_view>([](auto s) { return s.guest_usage(); }) == 0x40);
using blob = layout::cc_blob_sev_info_const_view;
static_assert(offset_of(&blob::magic) == 0x00 && offset_of(&blob::version) == 0x04);
static_assert(offset_of(&blob::secrets_phys) == 0x08 && offset_of(&blob::secrets_len) == 0x10);
static_assert(offset_of(&blob::cpuid_phys) == 0x18 && offset_of(&blob::cpuid_len) == 0x20);

// CPUID page
using page = layout::cpuid_page_const_view;
using entry = layout::cpuid_page_entry_const_view;
static_assert(layout::size_of<page> == 0x1000 && layout::size_of<entry> == 0x30);
static_assert(offset_of(&page::count) == 0x00);
static_assert(offset_of<page>([](auto s) { return s.entries(); }) == 0x10);
static_assert(offset_of<page>([](auto s) { return s.entry(1); }) == 0x40);
static_assert(offset_of<page>([](auto s) { return s.entry(63); }) == 0x10 + 63 * 0x30);
static_assert(offset_of(&entry::eax_in) == 0x00 && offset_of(&entry::ecx_in) == 0x04);
static_assert(offset_of(&entry::xcr0_in) == 0x08 && offset_of(&entry::xss_in) == 0x10);
static_assert(offset_of(&entry::eax) == 0x18 && offset_of(&entry::ebx) == 0x1C);
static_assert(offset_of(&entry::ecx) == 0x20 && offset_of(&entry::edx) == 0x24);

// PAGE_INFO, over which the launch digest is taken
using info = layout::page_info_const_view;
static_assert(layout::size_of<info> == 0x70);
static_assert(offset_of<info>([](auto s) { return s.digest_cur(); }) == 0x00);
static_assert(offset_of<info>([](auto s) { return s.contents(); }) == 0x30);
static_assert(offset_of(&info::length) == 0x60 && offset_of(&info::page_type) == 0x62);
static_assert(offset_of(&info::vmpl1_perms) == 0x65 && offset_of(&info::vmpl2_perms) == 0x66);
static_assert(offset_of(&info::vmpl3_perms) == 0x67 && offset_of(&info::gpa) == 0x68);
static_assert(static_cast<unsigned>(layout::snp_page_types::normal) == 1);
static_assert(static_cast<unsigned>(layout::snp_page_types::vmsa_) == 2);
static_assert(static_cast<unsigned>(layout::snp_page_types::zero) == 3);
static_assert(static_cast<unsigned>(layout::snp_page_types::unmeasured) == 4);
static_assert(static_cast<unsigned>(layout::snp_page_types::secrets) == 5);
static_assert(static_cast<unsigned>(layout::snp_page_types::cpuid) == 6);

// RMP   LAY-CONF-30
using low = layout::rmp_entry_hw_qw0;
static_assert(layout::size_of<layout::rmp_entry_hw> == 16);
static_assert(offset_of(&layout::rmp_entry_hw_const_view::qw1) == 8);
static_assert(bits_of(&low::assigned) == bit_range(0, 0) && bits_of(&low::page_size) == bit_range(1, 1));
static_assert(bits_of(&low::immutable) == bit_range(2, 2) && bits_of(&low::gpa_pfn) == bit_range(50, 12));
static_assert(bits_of(&low::asid) == bit_range(60, 51) && bits_of(&low::vmsa) == bit_range(61, 61));
static_assert(bits_of(&low::validated) == bit_range(62, 62));
using state = layout::rmpupdate_source_const_view;
static_assert(layout::size_of<state> == 16);
static_assert(offset_of(&state::gpa) == 0 && offset_of(&state::asid) == 12);
static_assert(layout::size_of<layout::rmpread_result> == 16);
static_assert(offset_of(&layout::rmpread_result_const_view::page_size) == 9);
using permissions = layout::vmpl_permissions;
static_assert(sizeof(permissions) == 1);
static_assert(bits_of(&permissions::read) == 1 && bits_of(&permissions::write) == 2);
static_assert(bits_of(&permissions::exec_user) == 4 && bits_of(&permissions::exec_supervisor) == 8);
using adjust = layout::rmpadjust_attr;
static_assert(bits_of(&adjust::target_vmpl) == bit_range(7, 0) && bits_of(&adjust::vmsa) == bit_range(16, 16));
static_assert(bits_of(&adjust::read) == permissions{1}.raw << 8 && bits_of(&adjust::exec_supervisor) == 8 << 8);
static_assert(static_cast<unsigned>(layout::instruction_opcodes::pvalidate) == 0xF20F'01FF);
static_assert(static_cast<unsigned>(layout::instruction_opcodes::rmpadjust) == 0xF30F'01FE);
static_assert(static_cast<unsigned>(layout::instruction_opcodes::rmpupdate) == 0xF20F'01FE);
static_assert(static_cast<unsigned>(layout::instruction_opcodes::psmash) == 0xF30F'01FF);
static_assert(static_cast<unsigned>(layout::rmp_instruction_status::fail_sizemismatch) == 6);
static_assert(bits_of(&layout::invlpgb_rax::asid_valid) == 4 &&
              bits_of(&layout::invlpgb_rax::vfn) == bit_range(63, 12));
static_assert(bits_of(&layout::invlpgb_edx::asid) == bit_range(15, 0));

// SVSM
static_assert(layout::size_of<layout::svsm_caa> == 0x1000);
static_assert(offset_of(&layout::svsm_caa_const_view::svsm_call_pending) == 0);
static_assert(offset_of(&layout::svsm_caa_const_view::svsm_mem_available) == 1);
static_assert(offset_of<layout::svsm_caa_const_view>([](auto s) { return s.svsm_buffer(); }) == 8);
static_assert(offset_of(&layout::svsm_call_rax_const_view::call_id) == 0);
static_assert(offset_of(&layout::svsm_call_rax_const_view::protocol) == 4);
static_assert(layout::size_of<layout::svsm_pvalidate_header> == 8 && sizeof(layout::svsm_pvalidate_entry) == 8);
static_assert(offset_of(&layout::svsm_pvalidate_header_const_view::next) == 2);
static_assert(bits_of(&layout::svsm_pvalidate_entry::page_size) == bit_range(1, 0));
static_assert(bits_of(&layout::svsm_pvalidate_entry::action) == bit_range(2, 2));
static_assert(bits_of(&layout::svsm_pvalidate_entry::ignore_cf) == bit_range(3, 3));
static_assert(bits_of(&layout::svsm_pvalidate_entry::pfn) == bit_range(63, 12));
static_assert(layout::size_of<layout::svsm_attest_services> == 0x40);
static_assert(offset_of(&layout::svsm_attest_services_const_view::manifest_gpa) == 0x20);
static_assert(offset_of(&layout::svsm_vtpm_send_command_const_view::locality) == 4);
static_assert(offset_of(&layout::svsm_vtpm_send_command_const_view::inbuf_size) == 5);

}  // namespace
