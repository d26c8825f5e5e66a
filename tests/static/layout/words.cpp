// SPDX-License-Identifier: MIT
// Words put together by their setters, with values computed elsewhere.
#include <algorithm>
#include <array>
#include <cstdint>

#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/ghcb_request.hpp>
#include <sevspec/layout/mailbox.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/rmp.hpp>
#include <sevspec/layout/segment.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/layout/tcb_version.hpp>
#include <sevspec/layout/vmsa.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::layout;

template <class Word>
constexpr auto made(auto set) -> std::uint64_t {
  Word word{};
  set(word);
  return to_integer(word);
}

// The MSR protocol
static_assert(made<ghcb_msr_sev_info_resp>([](auto& w) {
                w.set_info(ghcb_msr_codes::sev_info_resp).set_cbit(51).set_min_version(1).set_max_version(2);
              }) == 0x0002'0001'3300'0001);
static_assert(made<ghcb_msr_cpuid_req>([](auto& w) {
                w.set_info(ghcb_msr_codes::cpuid_req).set_reg(1).set_fn(0x8000'001F);
              }) == 0x8000'001f'4000'0004);
static_assert(made<ghcb_msr_cpuid_resp>([](auto& w) {
                w.set_info(ghcb_msr_codes::cpuid_resp).set_reg(1).set_value(0x33);
              }) == 0x0000'0033'4000'0005);
static_assert(made<ghcb_msr_reg_gpa_req>([](auto& w) { w.set_info(ghcb_msr_codes::reg_gpa_req).set_gfn(0x7FE5); }) ==
              0x7fe5012);
static_assert(made<ghcb_msr_reg_gpa_resp>([](auto& w) {
                w.set_info(ghcb_msr_codes::reg_gpa_resp).set_gfn(bit_range(51, 0));
              }) == 0xffff'ffff'ffff'f013);
static_assert(made<ghcb_msr_psc_req>([](auto& w) {
                w.set_info(ghcb_msr_codes::psc_req).set_gfn(0x12345).set_op(ghcb_psc_ops::shared);
              }) == 0x0020'0000'1234'5014);
static_assert(made<ghcb_msr_vmpl_req>([](auto& w) { w.set_info(ghcb_msr_codes::vmpl_req).set_vmpl(2); }) ==
              0x0000'0002'0000'0016);
static_assert(made<ghcb_msr_term_req>([](auto& w) {
                w.set_info(ghcb_msr_codes::term_req).set_reason_set(1).set_reason_code(3);
              }) == 0x31100);
static_assert(made<ghcb_termination_info1>([](auto& w) { w.set_reason_set(1).set_reason_code(10); }) == 0xa1);
static_assert(made<ghcb_msr_hv_features_resp>([](auto& w) {
                w.set_info(ghcb_msr_codes::hv_features_resp).set_features(0x23);
              }) == 0x23081);

// Requests
static_assert(made<psc_entry>([](auto& w) {
                w.set_gfn(0x40000).set_operation(ghcb_psc_ops::private_).set_page_size(true);
              }) == 0x0110'0000'4000'0000);
static_assert(made<psc_entry>([](auto& w) { w.set_gfn(0x40001).set_operation(ghcb_psc_ops::shared); }) ==
              0x0020'0000'4000'1000);
static_assert(made<ghcb_ap_creation_info1>([](auto& w) {
                w.set_apic_id(3).set_vmpl(1).set_request(ghcb_ap_creation_ops::create);
              }) == 0x0000'0003'0001'0001);

// Events and exits
static_assert(made<event_injection>([](auto& w) {
                w.set_vector(14).set_type(event_types::exception).set_error_code_valid(true).set_valid(true);
                w.set_error_code(4);
              }) == 0x0000'0004'8000'0b0e);
static_assert(made<event_injection>([](auto& w) { w.set_vector(2).set_type(event_types::nmi).set_valid(true); }) ==
              0x8000'0202);
static_assert(made<exitinfo1_ioio>([](auto& w) {
                w.set_in(true).set_sz8(true).set_a64(true).set_seg(ioio_segments::ds).set_port(0x3F8);
              }) == 0x03f8'0e11);
static_assert(made<exitinfo1_ioio>([](auto& w) {
                w.set_str(true).set_rep(true).set_sz8(true).set_a64(true).set_seg(ioio_segments::ds).set_port(0xE9);
              }) == 0x00e9'0e1c);
static_assert(made<segment_attrib>([](auto& w) { w.set_type(0xB).set_s(true).set_p(true).set_l(true).set_g(true); }) ==
              0xa9b);
static_assert(made<segment_attrib>([](auto& w) { w.set_type(3).set_s(true).set_p(true).set_db(true).set_g(true); }) ==
              0xc93);
static_assert(made<segment_attrib>([](auto& w) { w.set_type(2).set_p(true); }) == 0x82);
static_assert(made<exitinfo1_npf>([](auto& w) { w.set_rw(true).set_us(true).set_final(true).set_enc(true); }) ==
              0x0000'0005'0000'0006);
static_assert(made<exitinfo1_npf>([](auto& w) {
                w.set_p(true).set_rw(true).set_us(true).set_rmp(true).set_final(true).set_enc(true).set_sizem(true);
              }) == 0x0000'000d'8000'0007);

// The RMP
static_assert(made<rmp_entry_hw_qw0>([](auto& w) {
                w.set_assigned(true).set_validated(true).set_asid(5).set_gpa_pfn(0x12345);
              }) == 0x4028'0000'1234'5001);
static_assert(made<rmp_entry_hw_qw0>([](auto& w) {
                w.set_assigned(true).set_page_size(true).set_validated(true).set_asid(5).set_gpa_pfn(0x12200);
              }) == 0x4028'0000'1220'0003);
static_assert([] {
  rmpupdate_source state;
  state.set_gpa(0x1234'5000);
  state.set_assigned(true);
  state.set_asid(5);
  return std::ranges::equal(state.bytes(), std::array{0, 0x50, 0x34, 0x12, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0});
}());
static_assert(made<rst_entry>([](auto& w) { w.set_mapped_size_gb(64).set_segment_base(0x1'0000'0000 >> 20); }) ==
              0x1'0000'0040);

// TCB versions
static_assert(made<tcb_version_milan_genoa>([](auto& t) {
                t.set_boot_loader(3), t.set_tee(0), t.set_snp(8), t.set_microcode(115);
              }) == 0x7308'0000'0000'0003);
static_assert(made<tcb_version_turin>([](auto& t) {
                t.set_fmc(1), t.set_boot_loader(2), t.set_tee(3), t.set_snp(4), t.set_microcode(0x50);
              }) == 0x5000'0000'0403'0201);

// SVSM, mailbox, features
static_assert(made<svsm_call_rax>([](auto& w) { w.set_protocol(svsm_protocols::vtpm), w.set_call_id(1); }) ==
              0x0000'0002'0000'0001);
static_assert(made<svsm_pvalidate_entry>([](auto& w) {
                w.set_page_size(1).set_action(true).set_ignore_cf(true).set_pfn(0x200);
              }) == 0x20000d);
static_assert(made<sev_cmdresp_command>([](auto& w) {
                w.set_command_id(sev_command_ids::snp_launch_start).set_ioc(true);
              }) == 0x00a0'0001);
static_assert(made<sev_cmdresp_response>([](auto& w) {
                w.set_status(sev_status_codes::rmp_initialization_failed).set_response(true);
              }) == 0x8000'0026);
static_assert(made<msr_sev_status>([](auto& w) {
                w.set_sev(true).set_sev_es(true).set_sev_snp(true).set_restricted_injection(true).set_debug_swap(true);
              }) == 0xa7);
static_assert(made<sev_features>([](auto& w) {
                w.set_snp_active(true).set_restricted_injection(true).set_debug_swap(true);
              }) == 0x29);

}  // namespace
