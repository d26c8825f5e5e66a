// SPDX-License-Identifier: MIT
// Attestation reports, guest messages, ID blocks and policies as public headers have them.
#include <support/where.hpp>

#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/id_block.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/layout/signature.hpp>
#include <sevspec/layout/tcb_version.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

// What all versions of the report have
template <class Report>
struct report {
  static_assert(layout::size_of<Report> == 0x4A0);
  static_assert(offset_of(&Report::version) == 0x000);
  static_assert(offset_of(&Report::guest_svn) == 0x004);
  static_assert(offset_of(&Report::policy) == 0x008);
  static_assert(offset_of<Report>([](auto s) { return s.family_id(); }) == 0x010);
  static_assert(offset_of<Report>([](auto s) { return s.image_id(); }) == 0x020);
  static_assert(offset_of(&Report::vmpl) == 0x030);
  static_assert(offset_of(&Report::signature_algo) == 0x034);
  static_assert(offset_of(&Report::current_tcb) == 0x038);
  static_assert(offset_of(&Report::platform_info) == 0x040);
  static_assert(offset_of(&Report::key_info) == 0x048);
  static_assert(offset_of<Report>([](auto s) { return s.report_data(); }) == 0x050);
  static_assert(offset_of<Report>([](auto s) { return s.measurement(); }) == 0x090);
  static_assert(offset_of<Report>([](auto s) { return s.host_data(); }) == 0x0C0);
  static_assert(offset_of<Report>([](auto s) { return s.id_key_digest(); }) == 0x0E0);
  static_assert(offset_of<Report>([](auto s) { return s.author_key_digest(); }) == 0x110);
  static_assert(offset_of<Report>([](auto s) { return s.report_id(); }) == 0x140);
  static_assert(offset_of<Report>([](auto s) { return s.report_id_ma(); }) == 0x160);
  static_assert(offset_of(&Report::reported_tcb) == 0x180);
  static_assert(offset_of<Report>([](auto s) { return s.chip_id(); }) == 0x1A0);
  static_assert(offset_of(&Report::committed_tcb) == 0x1E0);
  static_assert(offset_of(&Report::current_build) == 0x1E8);
  static_assert(offset_of(&Report::current_minor) == 0x1E9);
  static_assert(offset_of(&Report::current_major) == 0x1EA);
  static_assert(offset_of(&Report::committed_build) == 0x1EC);
  static_assert(offset_of(&Report::committed_minor) == 0x1ED);
  static_assert(offset_of(&Report::committed_major) == 0x1EE);
  static_assert(offset_of(&Report::launch_tcb) == 0x1F0);
  static_assert(offset_of<Report>([](auto s) { return s.signature_r(); }) == 0x2A0);
  static_assert(offset_of<Report>([](auto s) { return s.signature_s(); }) == 0x2E8);
};
template struct report<layout::attestation_report_v2_const_view>;
template struct report<layout::attestation_report_v3_const_view>;
template struct report<layout::attestation_report_v5_const_view>;
static_assert(offset_of(&layout::attestation_report_v3_const_view::cpuid_fam_id) == 0x188);
static_assert(offset_of(&layout::attestation_report_v3_const_view::cpuid_mod_id) == 0x189);
static_assert(offset_of(&layout::attestation_report_v3_const_view::cpuid_step) == 0x18A);
static_assert(offset_of(&layout::attestation_report_v5_const_view::launch_mit_vector) == 0x1F8);
static_assert(offset_of(&layout::attestation_report_v5_const_view::current_mit_vector) == 0x200);

// Guest policy
using policy = layout::snp_guest_policy;
static_assert(bits_of(&policy::abi_minor) == bit_range(7, 0));
static_assert(bits_of(&policy::abi_major) == bit_range(15, 8));
static_assert(bits_of(&policy::smt) == bit_range(16, 16));
static_assert(bits_of(&policy::reserved_must_be_one) == bit_range(17, 17));
static_assert(bits_of(&policy::migrate_ma) == bit_range(18, 18));
static_assert(bits_of(&policy::debug) == bit_range(19, 19));
static_assert(bits_of(&policy::single_socket) == bit_range(20, 20));
static_assert(bits_of(&policy::cxl_allow) == bit_range(21, 21));
static_assert(bits_of(&policy::mem_aes_256_xts) == bit_range(22, 22));
static_assert(bits_of(&policy::rapl_dis) == bit_range(23, 23));
static_assert(bits_of(&policy::ciphertext_hiding_dram) == bit_range(24, 24));
static_assert(bits_of(&layout::sev_guest_policy::es) == bit_range(2, 2));
static_assert(bits_of(&layout::sev_guest_policy::api_major) == bit_range(23, 16));
static_assert(bits_of(&layout::snp_report_key_info::author_key_en) == bit_range(0, 0));
static_assert(bits_of(&layout::snp_report_key_info::signing_key) == bit_range(4, 2));

// TCB versions: the order changes with Turin
using milan = layout::tcb_version_milan_genoa_const_view;
using turin = layout::tcb_version_turin_const_view;
static_assert(layout::size_of<milan> == 8 && layout::size_of<turin> == 8);
static_assert(offset_of(&milan::boot_loader) == 0 && offset_of(&milan::tee) == 1);
static_assert(offset_of(&milan::snp) == 6 && offset_of(&milan::microcode) == 7);
static_assert(offset_of(&turin::fmc) == 0 && offset_of(&turin::boot_loader) == 1 && offset_of(&turin::tee) == 2);
static_assert(offset_of(&turin::snp) == 3 && offset_of(&turin::microcode) == 7);

// Guest messages
using header = layout::guest_message_header_const_view;
static_assert(layout::size_of<header> == 0x60);
static_assert(offset_of<header>([](auto s) { return s.authtag(); }) == 0x00);
static_assert(offset_of(&header::msg_seqno) == 0x20);
static_assert(offset_of(&header::algo) == 0x30);
static_assert(offset_of(&header::hdr_version) == 0x31);
static_assert(offset_of(&header::hdr_size) == 0x32);
static_assert(offset_of(&header::msg_type) == 0x34);
static_assert(offset_of(&header::msg_version) == 0x35);
static_assert(offset_of(&header::msg_size) == 0x36);
static_assert(offset_of(&header::msg_vmpck) == 0x3C);
static_assert(layout::size_of<layout::msg_report_req> == 0x60);
static_assert(offset_of(&layout::msg_report_req_const_view::vmpl) == 0x40);
static_assert(offset_of<layout::msg_report_rsp_const_view>([](auto s) { return s.report(); }) == 0x20);
static_assert(offset_of(&layout::msg_key_req_const_view::tcb_version) == 0x18);
static_assert(offset_of<layout::msg_key_rsp_const_view>([](auto s) { return s.derived_key(); }) == 0x20);
static_assert(offset_of<layout::msg_cpuid_req_const_view>([](auto s) { return s.entry(63); }) == 0x10 + 63 * 0x30);
static_assert(offset_of<layout::msg_cpuid_rsp_const_view>([](auto s) { return s.entry(63); }) == 0x10 + 63 * 0x30);
static_assert(layout::size_of<layout::msg_tsc_info_req> == 0x80);
static_assert(static_cast<unsigned>(layout::snp_message_types::cpuid_req) == 1);
static_assert(static_cast<unsigned>(layout::snp_message_types::report_req) == 5);
static_assert(static_cast<unsigned>(layout::snp_message_types::tsc_info_rsp) == 18);
static_assert(static_cast<unsigned>(layout::snp_aead_algorithms::aes_256_gcm) == 1);

// Signatures and the ID block
static_assert(layout::size_of<layout::ecdsa_signature> == 0x200 && layout::size_of<layout::ecdsa_public_key> == 0x404);
static_assert(offset_of<layout::ecdsa_signature_const_view>([](auto s) { return s.s(); }) == 0x48);
static_assert(offset_of<layout::ecdsa_public_key_const_view>([](auto s) { return s.qx(); }) == 0x04);
static_assert(offset_of<layout::ecdsa_public_key_const_view>([](auto s) { return s.qy(); }) == 0x4C);
using block = layout::id_block_const_view;
static_assert(layout::size_of<block> == 0x60);
static_assert(offset_of<block>([](auto s) { return s.ld(); }) == 0x00);
static_assert(offset_of<block>([](auto s) { return s.family_id(); }) == 0x30);
static_assert(offset_of<block>([](auto s) { return s.image_id(); }) == 0x40);
static_assert(offset_of(&block::version) == 0x50 && offset_of(&block::guest_svn) == 0x54);
static_assert(offset_of(&block::policy) == 0x58);
using auth = layout::id_auth_const_view;
static_assert(layout::size_of<auth> == 0x1000);
static_assert(offset_of(&auth::id_key_algo) == 0x000 && offset_of(&auth::auth_key_algo) == 0x004);
static_assert(offset_of<auth>([](auto s) { return s.id_block_sig(); }) == 0x040);
static_assert(offset_of<auth>([](auto s) { return s.id_key(); }) == 0x240);
static_assert(offset_of<auth>([](auto s) { return s.id_key_sig(); }) == 0x680);
static_assert(offset_of<auth>([](auto s) { return s.author_key(); }) == 0x880);

}  // namespace
