// SPDX-License-Identifier: MIT
// Command buffers of the firmware as public headers have them.
#include <support/where.hpp>

#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/mailbox.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/snp_command.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

// Sizes: SEV and SEV-ES
static_assert(layout::size_of<layout::cmd_init_ex> == 36);
static_assert(layout::size_of<layout::cmd_platform_status> == 12);
static_assert(layout::size_of<layout::cmd_pek_csr> == 12);
static_assert(layout::size_of<layout::cmd_pek_cert_import> == 28);
static_assert(layout::size_of<layout::cmd_pdh_cert_export> == 28);
static_assert(layout::size_of<layout::cmd_get_id> == 12);
static_assert(layout::size_of<layout::cmd_handle> == 4);
static_assert(layout::size_of<layout::cmd_activate> == 8);
static_assert(layout::size_of<layout::cmd_guest_status> == 13);
static_assert(layout::size_of<layout::cmd_launch_start> == 36);
static_assert(layout::size_of<layout::cmd_launch_update> == 20);
static_assert(layout::size_of<layout::cmd_launch_measure> == 20);
static_assert(layout::size_of<layout::cmd_transport> == 0x34);  // LAY-CONF-01
static_assert(layout::size_of<layout::cmd_dbg> == 28);

// Sizes: SEV-SNP
static_assert(layout::size_of<layout::cmd_snp_init_ex> == 64);
static_assert(layout::size_of<layout::cmd_snp_shutdown_ex> == 8);
static_assert(sizeof(layout::cmd_snp_paddr) == 8);
static_assert(layout::size_of<layout::snp_platform_status> == 32);
static_assert(layout::size_of<layout::cmd_snp_activate> == 12);
static_assert(layout::size_of<layout::cmd_snp_guest_status> == 16);
static_assert(layout::size_of<layout::cmd_snp_guest_request> == 24);
static_assert(layout::size_of<layout::cmd_snp_launch_start> == 48);
static_assert(layout::size_of<layout::cmd_snp_launch_update> == 32);
static_assert(layout::size_of<layout::cmd_snp_launch_finish> == 64);
static_assert(layout::size_of<layout::cmd_snp_dbg> == 24);
static_assert(layout::size_of<layout::cmd_snp_config> == 64);
static_assert(layout::size_of<layout::cmd_snp_download_firmware_ex> == 24);
static_assert(layout::size_of<layout::cmd_snp_commit> == 4);
static_assert(layout::size_of<layout::cmd_snp_vlek_load> == 16);
static_assert(layout::size_of<layout::cmd_snp_feature_info> == 16);

// Offsets
using start = layout::cmd_snp_launch_start_const_view;
static_assert(offset_of(&start::gctx_paddr) == 0 && offset_of(&start::policy) == 8);
static_assert(offset_of(&start::ma_gctx_paddr) == 16 && offset_of(&start::flags) == 24);
static_assert(offset_of(&start::desired_tsc_khz) == 28);
static_assert(offset_of<start>([](auto s) { return s.gosvw(); }) == 32);
using update = layout::cmd_snp_launch_update_const_view;
static_assert(offset_of(&update::gctx_paddr) == 0 && offset_of(&update::flags) == 8);
static_assert(offset_of(&update::page_paddr) == 16 && offset_of(&update::perms) == 24);
static_assert(bits_of(&layout::cmd_snp_launch_update_flags::page_size) == bit_range(0, 0));
static_assert(bits_of(&layout::cmd_snp_launch_update_flags::page_type) == bit_range(3, 1));
static_assert(bits_of(&layout::cmd_snp_launch_update_flags::imi_page) == bit_range(4, 4));
using finish = layout::cmd_snp_launch_finish_const_view;
static_assert(offset_of(&finish::id_block_paddr) == 8 && offset_of(&finish::id_auth_paddr) == 16);
static_assert(offset_of(&finish::flags) == 24);
static_assert(offset_of<finish>([](auto s) { return s.host_data(); }) == 32);
using request = layout::cmd_snp_guest_request_const_view;
static_assert(offset_of(&request::gctx_paddr) == 0 && offset_of(&request::request_paddr) == 8);
static_assert(offset_of(&request::response_paddr) == 16);
using status = layout::snp_platform_status_const_view;
static_assert(offset_of(&status::api_major) == 0 && offset_of(&status::api_minor) == 1 &&
              offset_of(&status::state) == 2);
static_assert(offset_of(&status::build_id) == 4 && offset_of(&status::guest_count) == 12);
static_assert(offset_of(&status::current_tcb) == 16 && offset_of(&status::reported_tcb) == 24);
using transport = layout::cmd_transport_const_view;
static_assert(offset_of(&transport::hdr_paddr) == 8 && offset_of(&transport::guest_paddr) == 24);
static_assert(offset_of(&transport::trans_paddr) == 40 && offset_of(&transport::trans_len) == 48);
static_assert(offset_of(&layout::cmd_launch_start_const_view::session_paddr) == 24);

// Mailbox
static_assert(bits_of(&layout::sev_cmdresp_command::ioc) == bit_range(0, 0));
static_assert(bits_of(&layout::sev_cmdresp_command::response) == bit_range(31, 31));
static_assert(bits_of(&layout::sev_cmdresp_response::status) == bit_range(15, 0));

// Codes
template <class Code>
constexpr auto number(Code code) -> std::uint64_t {
  return static_cast<std::uint64_t>(code);
}
using id = layout::sev_command_ids;
static_assert(number(id::init) == 0x001 && number(id::platform_status) == 0x004 && number(id::get_id) == 0x00C);
static_assert(number(id::activate) == 0x021 && number(id::launch_start) == 0x030 && number(id::launch_finish) == 0x035);
static_assert(number(id::snp_init) == 0x081 && number(id::snp_platform_status_) == 0x083);
static_assert(number(id::snp_init_ex) == 0x085 && number(id::snp_shutdown_ex) == 0x086);
static_assert(number(id::snp_decommission) == 0x090 && number(id::snp_activate) == 0x091);
static_assert(number(id::snp_guest_status_) == 0x092 && number(id::snp_gctx_create) == 0x093);
static_assert(number(id::snp_guest_request) == 0x094 && number(id::snp_launch_start) == 0x0A0);
static_assert(number(id::snp_launch_update) == 0x0A1 && number(id::snp_launch_finish) == 0x0A2);
static_assert(number(id::snp_dbg_decrypt) == 0x0B0 && number(id::snp_page_swap_out) == 0x0C0);
static_assert(number(id::snp_page_reclaim) == 0x0C7 && number(id::snp_page_unsmash) == 0x0C8);
static_assert(number(id::snp_config) == 0x0C9 && number(id::snp_download_firmware_ex) == 0x0CA);
static_assert(number(id::snp_commit) == 0x0CB && number(id::snp_vlek_load) == 0x0CD);
static_assert(number(id::snp_feature_info_) == 0x0CE);
using result = layout::sev_status_codes;
static_assert(number(result::success) == 0 && number(result::invalid_length) == 4 &&
              number(result::bad_signature) == 0x0A);
static_assert(number(result::invalid_guest) == 0x10 && number(result::invalid_command) == 0x11);
static_assert(number(result::invalid_param) == 0x16 && number(result::invalid_page_size) == 0x19);
static_assert(number(result::invalid_page_state) == 0x1A && number(result::invalid_page_owner) == 0x1C);
static_assert(number(result::bad_svn) == 0x21 && number(result::update_failed) == 0x24);
static_assert(number(result::rmp_initialization_failed) == 0x26 && number(result::invalid_key) == 0x27);

}  // namespace
