// SPDX-License-Identifier: MIT
// Published and derived words, made with the setters and taken apart with the getters.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include <support/bytes.hpp>
#include <support/catch.hpp>
#include <support/digest.hpp>
#include <support/ghcb_fields.hpp>

#include <sevspec/layout/certificate.hpp>
#include <sevspec/layout/codes/guids.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/ghcb_request.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>
#include <sevspec/layout/mailbox.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/page_info.hpp>
#include <sevspec/layout/page_state_change.hpp>
#include <sevspec/layout/rmp.hpp>
#include <sevspec/layout/segment_attributes.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/layout/tcb.hpp>
#include <sevspec/layout/vmsa.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::layout;

using bitmap_fields = std::initializer_list<ghcb_field>;

constexpr bitmap_fields exit_fields = {ghcb_field::sw_exit_code, ghcb_field::sw_exit_info_1,
                                       ghcb_field::sw_exit_info_2};

/// The bitmap with these fields and those of the exit valid is this one, and this one has them and no others.
void check_bitmap(bitmap_fields fields, const std::string& expected) {
  ghcb page;
  for (const auto field : exit_fields) mark_valid(page, field);
  for (const auto field : fields) pass(page, field, 1);
  CHECK(to_hex(page.valid_bitmap()) == expected);

  ghcb other;
  const byte_vector bits = from_hex(expected);
  REQUIRE(bits.size() == 16);
  other.set_valid_bitmap(std::span<const std::uint8_t, 16>(bits.data(), 16));
  for (const auto field : ghcb_fields)
    CHECK(is_valid(other, field) == (std::ranges::find(fields, field) != fields.end() ||
                                     std::ranges::find(exit_fields, field) != exit_fields.end()));
  CHECK(first_undefined_valid_bit(other) == std::nullopt);
}

/// The features of a hypervisor, by their bit numbers.
template <class... Features>
constexpr auto mask_of(Features... features) -> std::uint64_t {
  return (... | bit_range(std::to_underlying(features), std::to_underlying(features)));
}

/// A launch digest that goes on page by page.
struct launch_digest {
  sha384_digest value{};

  auto add(snp_page_types type, std::uint64_t gpa, std::span<const std::uint8_t> measured = {}) -> page_info {
    page_info info;
    info.set_digest_cur(value);
    if (!measured.empty()) info.set_contents(sha384(measured));
    info.set_length(size_of<page_info>);
    info.set_page_type(type);
    info.set_gpa(gpa);
    value = sha384(info.bytes());
    return info;
  }
};

/// The six pages of LAY-TV-28 to LAY-TV-33, as far as `last`.
auto digest_of_pages(snp_page_types last) -> std::string {
  const byte_vector zeros(4096);
  launch_digest digest;
  const struct {
    snp_page_types type;
    std::uint64_t gpa;
    bool measured;
  } pages[] = {{snp_page_types::normal, 0x10'0000, true},      {snp_page_types::zero, 0x10'1000, false},
               {snp_page_types::secrets, 0x10'2000, false},    {snp_page_types::cpuid, 0x10'3000, false},
               {snp_page_types::unmeasured, 0x10'4000, false}, {snp_page_types::vmsa_, 0xFFFF'FFFF'F000, true}};
  for (const auto& page : pages) {
    const sha384_digest before = digest.value;
    const auto info = digest.add(
        page.type, page.gpa, page.measured ? std::span<const std::uint8_t>(zeros) : std::span<const std::uint8_t>());
    CHECK(to_hex(info.digest_cur()) == to_hex(before));
    CHECK(info.page_type() == page.type);
    CHECK(info.gpa() == page.gpa);
    CHECK(info.length() == 0x70);
    CHECK_FALSE(info.imi_page());
    CHECK(info.vmpl1_perms() == vmpl_permissions{});
    if (page.type == last) break;
  }
  return to_hex(digest.value);
}

}  // namespace

TEST_CASE("LAY-TV-01: the bitmap for CPUID", "[layout][vectors][LAY-TV-01]") {
  check_bitmap({ghcb_field::rax, ghcb_field::rcx}, "00000000000000800000000002001c00");
}

TEST_CASE("LAY-TV-02: the bitmap for CPUID leaf Dh", "[layout][vectors][LAY-TV-02]") {
  check_bitmap({ghcb_field::rax, ghcb_field::rcx, ghcb_field::xcr0}, "00000000000000800000000002001c20");
}

TEST_CASE("LAY-TV-03: the bitmap for WRMSR", "[layout][vectors][LAY-TV-03]") {
  check_bitmap({ghcb_field::rax, ghcb_field::rcx, ghcb_field::rdx}, "00000000000000800000000006001c00");
}

TEST_CASE("LAY-TV-04: the bitmap for a page state change", "[layout][vectors][LAY-TV-04]") {
  check_bitmap({ghcb_field::sw_scratch}, "00000000000000000000000000003c00");
}

TEST_CASE("LAY-TV-05: the bitmap with every field", "[layout][vectors][LAY-TV-05]") {
  ghcb page;
  for (const auto field : ghcb_fields) pass(page, field, 0);
  CHECK(to_hex(page.valid_bitmap()) == "000000020091008800000000eeff3c20");
  CHECK(first_undefined_valid_bit(page) == std::nullopt);
  unsigned set = 0;
  for (unsigned bit = 0; bit < 128; ++bit) {
    const bool is_set = bit_at(page.valid_bitmap()[bit / 8], bit % 8);
    CHECK(is_set == (field_of_valid_bit(bit) != nullptr));
    set += is_set;
  }
  CHECK(set == ghcb_fields.size());
}

TEST_CASE("LAY-TV-06: SEV_INFO", "[layout][vectors][LAY-TV-06]") {
  const auto word = ghcb_msr_sev_info_resp{}
                        .set_info(ghcb_msr_codes::sev_info_resp)
                        .set_cbit(51)
                        .set_min_version(1)
                        .set_max_version(2);
  CHECK(word.raw == 0x0002'0001'3300'0001);
  const ghcb_msr_sev_info_resp read{0x0002'0001'3300'0001};
  CHECK(read.info() == ghcb_msr_codes::sev_info_resp);
  CHECK(read.cbit() == 51);
  CHECK(read.min_version() == 1);
  CHECK(read.max_version() == 2);
}

TEST_CASE("LAY-TV-07: CPUID over the MSR", "[layout][vectors][LAY-TV-07]") {
  const auto request = ghcb_msr_cpuid_req{}.set_info(ghcb_msr_codes::cpuid_req).set_fn(0x8000'001F).set_reg(1);
  CHECK(request.raw == 0x8000'001F'4000'0004);
  const auto response = ghcb_msr_cpuid_resp{}.set_info(ghcb_msr_codes::cpuid_resp).set_value(0x33).set_reg(1);
  CHECK(response.raw == 0x0000'0033'4000'0005);
  const ghcb_msr_cpuid_req asked{0x8000'001F'4000'0004};
  CHECK(asked.info() == ghcb_msr_codes::cpuid_req);
  CHECK(asked.fn() == 0x8000'001F);
  CHECK(asked.reg() == 1);
  const ghcb_msr_cpuid_resp answered{0x0000'0033'4000'0005};
  CHECK(answered.info() == ghcb_msr_codes::cpuid_resp);
  CHECK(answered.value() == 0x33);
  CHECK(answered.reg() == 1);
}

TEST_CASE("LAY-TV-08: registration of a GHCB", "[layout][vectors][LAY-TV-08]") {
  CHECK(ghcb_msr_reg_gpa_req{}.set_info(ghcb_msr_codes::reg_gpa_req).set_gfn(0x7FE5).raw == 0x7FE'5012);
  CHECK(ghcb_msr_reg_gpa_resp{}.set_info(ghcb_msr_codes::reg_gpa_resp).set_gfn(0x7FE5).raw == 0x7FE'5013);
  CHECK(ghcb_msr_reg_gpa_resp{}.set_info(ghcb_msr_codes::reg_gpa_resp).set_gfn(0xF'FFFF'FFFF'FFFF).raw ==
        0xFFFF'FFFF'FFFF'F013);
  CHECK(ghcb_msr_reg_gpa_req{0x7FE'5012}.info() == ghcb_msr_codes::reg_gpa_req);
  CHECK(ghcb_msr_reg_gpa_req{0x7FE'5012}.gfn() == 0x7FE5);
  CHECK(ghcb_msr_reg_gpa_resp{0x7FE'5013}.info() == ghcb_msr_codes::reg_gpa_resp);
  CHECK(ghcb_msr_reg_gpa_resp{0x7FE'5013}.gfn() == 0x7FE5);
  CHECK(ghcb_msr_reg_gpa_resp{0xFFFF'FFFF'FFFF'F013}.gfn() == 0xF'FFFF'FFFF'FFFF);
}

TEST_CASE("LAY-TV-09: page state change over the MSR", "[layout][vectors][LAY-TV-09]") {
  for (const auto& [operation, raw] : {std::pair{ghcb_psc_ops::private_, std::uint64_t{0x0010'0000'1234'5014}},
                                       {ghcb_psc_ops::shared, 0x0020'0000'1234'5014}}) {
    CHECK(ghcb_msr_psc_req{}.set_info(ghcb_msr_codes::psc_req).set_gfn(0x12345).set_op(operation).raw == raw);
    const ghcb_msr_psc_req read{raw};
    CHECK(read.info() == ghcb_msr_codes::psc_req);
    CHECK(read.gfn() == 0x12345);
    CHECK(read.op() == operation);
    CHECK(address_of(read) == gpa{0x1234'5000});
  }
}

TEST_CASE("LAY-TV-10: run VMPL over the MSR", "[layout][vectors][LAY-TV-10]") {
  CHECK(ghcb_msr_vmpl_req{}.set_info(ghcb_msr_codes::vmpl_req).set_vmpl(2).raw == 0x0000'0002'0000'0016);
  CHECK(ghcb_msr_vmpl_req{0x0000'0002'0000'0016}.info() == ghcb_msr_codes::vmpl_req);
  CHECK(ghcb_msr_vmpl_req{0x0000'0002'0000'0016}.vmpl() == 2);
}

TEST_CASE("LAY-TV-11: termination", "[layout][vectors][LAY-TV-11]") {
  const auto word = ghcb_msr_term_req{}
                        .set_info(ghcb_msr_codes::term_req)
                        .set_reason_set(1)
                        .set_reason_code(std::to_underlying(ghcb_term_reason_set1_linux::not_vmpl0));
  CHECK(word.raw == 0x3'1100);
  CHECK(ghcb_msr_term_req{0x3'1100}.info() == ghcb_msr_codes::term_req);
  CHECK(ghcb_msr_term_req{0x3'1100}.reason_set() == 1);
  CHECK(ghcb_msr_term_req{0x3'1100}.reason_code() == 3);
  const auto info = ghcb_termination_info1{}.set_reason_set(1).set_reason_code(
      std::to_underlying(ghcb_term_reason_set1_linux::secure_tsc));
  CHECK(info.raw == 0xA1);
  CHECK(ghcb_termination_info1{0xA1}.reason_set() == 1);
  CHECK(ghcb_termination_info1{0xA1}.reason_code() == 10);
}

TEST_CASE("LAY-TV-12: hypervisor features", "[layout][vectors][LAY-TV-12]") {
  const std::uint64_t features =
      mask_of(ghcb_hv_features::snp, ghcb_hv_features::snp_ap_creation, ghcb_hv_features::snp_multi_vmpl);
  CHECK(ghcb_msr_hv_features_resp{}.set_info(ghcb_msr_codes::hv_features_resp).set_features(features).raw == 0x2'3081);
  CHECK(ghcb_msr_hv_features_resp{0x2'3081}.info() == ghcb_msr_codes::hv_features_resp);
  CHECK(ghcb_msr_hv_features_resp{0x2'3081}.features() == features);
}

TEST_CASE("LAY-TV-13: page state change entries", "[layout][vectors][LAY-TV-13]") {
  CHECK(psc_entry{}.set_gfn(0x4'0000).set_operation(ghcb_psc_ops::private_).set_page_size(true).raw ==
        0x0110'0000'4000'0000);
  CHECK(psc_entry{}.set_gfn(0x4'0001).set_operation(ghcb_psc_ops::shared).set_page_size(false).raw ==
        0x0020'0000'4000'1000);
  CHECK(make_psc_entry(ghcb_psc_ops::private_, gpa{0x4000'0000}, page_size::k2m).raw == 0x0110'0000'4000'0000);
  CHECK(make_psc_entry(ghcb_psc_ops::shared, gpa{0x4000'1000}, page_size::k4k).raw == 0x0020'0000'4000'1000);
  const psc_entry large{0x0110'0000'4000'0000};
  CHECK(large.gfn() == 0x4'0000);
  CHECK(large.operation() == ghcb_psc_ops::private_);
  CHECK(large.page_size());
  CHECK(large.cur_page() == 0);
  CHECK(address_of(large) == gpa{0x4000'0000});
  const psc_entry small{0x0020'0000'4000'1000};
  CHECK(small.gfn() == 0x4'0001);
  CHECK(small.operation() == ghcb_psc_ops::shared);
  CHECK_FALSE(small.page_size());
}

TEST_CASE("LAY-TV-14: event injection", "[layout][vectors][LAY-TV-14]") {
  const auto exception = event_injection{}.set_type(event_types::exception).set_valid(true).set_error_code_valid(true);
  CHECK(event_injection{exception}.set_vector(14).set_error_code(4).raw == 0x0000'0004'8000'0B0E);
  CHECK(event_injection{exception}.set_vector(13).set_error_code(0).raw == 0x8000'0B0D);
  CHECK(event_injection{}.set_vector(2).set_type(event_types::nmi).set_valid(true).raw == 0x8000'0202);
  const event_injection page_fault{0x0000'0004'8000'0B0E};
  CHECK(page_fault.vector() == 14);
  CHECK(page_fault.type() == event_types::exception);
  CHECK(page_fault.error_code_valid());
  CHECK(page_fault.valid());
  CHECK(page_fault.error_code() == 4);
  const event_injection nmi{0x8000'0202};
  CHECK(nmi.vector() == 2);
  CHECK(nmi.type() == event_types::nmi);
  CHECK_FALSE(nmi.error_code_valid());
  CHECK(nmi.valid());
  const event_injection protection{0x8000'0B0D};
  CHECK(protection.vector() == 13);
  CHECK(protection.error_code_valid());
  CHECK(protection.error_code() == 0);
}

TEST_CASE("LAY-TV-15: I/O exits", "[layout][vectors][LAY-TV-15]") {
  CHECK(exitinfo1_ioio{}.set_in(true).set_sz8(true).set_a64(true).set_seg(ioio_segments::ds).set_port(0x3F8).raw ==
        0x03F8'0E11);
  CHECK(exitinfo1_ioio{}
            .set_str(true)
            .set_rep(true)
            .set_sz8(true)
            .set_a64(true)
            .set_seg(ioio_segments::ds)
            .set_port(0xE9)
            .raw == 0x00E9'0E1C);
  const exitinfo1_ioio in{0x03F8'0E11};
  CHECK(in.in());
  CHECK_FALSE(in.str());
  CHECK_FALSE(in.rep());
  CHECK(in.sz8());
  CHECK_FALSE(in.sz16());
  CHECK_FALSE(in.sz32());
  CHECK_FALSE(in.a16());
  CHECK_FALSE(in.a32());
  CHECK(in.a64());
  CHECK(in.seg() == ioio_segments::ds);
  CHECK(in.port() == 0x3F8);
  const exitinfo1_ioio outs{0x00E9'0E1C};
  CHECK_FALSE(outs.in());
  CHECK(outs.str());
  CHECK(outs.rep());
  CHECK(outs.sz8());
  CHECK(outs.port() == 0xE9);
}

TEST_CASE("LAY-TV-16: segment attributes", "[layout][vectors][LAY-TV-16]") {
  CHECK(segment_attrib{}.set_type(0xB).set_s(true).set_p(true).set_l(true).set_g(true).raw == 0xA9B);
  CHECK(segment_attrib{}.set_type(3).set_s(true).set_p(true).set_db(true).set_g(true).raw == 0xC93);
  CHECK(segment_attrib{}.set_type(2).set_p(true).raw == 0x082);
  CHECK(segment_attrib{}.set_type(3).set_p(true).raw == 0x083);
  const segment_attrib code{0xA9B};
  CHECK(code.type() == 0xB);
  CHECK(code.s());
  CHECK(code.dpl() == 0);
  CHECK(code.p());
  CHECK_FALSE(code.avl());
  CHECK(code.l());
  CHECK_FALSE(code.db());
  CHECK(code.g());
  const segment_attrib data{0xC93};
  CHECK(data.type() == 3);
  CHECK_FALSE(data.l());
  CHECK(data.db());
  CHECK(segment_attrib{0x083}.type() == 3);
  CHECK_FALSE(segment_attrib{0x083}.s());
}

TEST_CASE("LAY-TV-17: nested page faults", "[layout][vectors][LAY-TV-17]") {
  const auto info = exitinfo1_npf{}.set_rw(true).set_us(true).set_final(true).set_enc(true);
  CHECK(info.raw == 0x0000'0005'0000'0006);
  CHECK(exitinfo1_npf{info}.set_p(true).set_rmp(true).set_sizem(true).raw == 0x0000'000D'8000'0007);
  const exitinfo1_npf plain{0x0000'0005'0000'0006};
  CHECK_FALSE(plain.p());
  CHECK(plain.rw());
  CHECK(plain.us());
  CHECK_FALSE(plain.rsv());
  CHECK_FALSE(plain.id());
  CHECK_FALSE(plain.rmp());
  CHECK(plain.final());
  CHECK_FALSE(plain.page_table());
  CHECK(plain.enc());
  CHECK_FALSE(plain.sizem());
  CHECK_FALSE(plain.vmpl());
  const exitinfo1_npf mismatch{0x0000'000D'8000'0007};
  CHECK(mismatch.p());
  CHECK(mismatch.rmp());
  CHECK(mismatch.sizem());
}

TEST_CASE("LAY-TV-18: an RMP entry in memory", "[layout][vectors][LAY-TV-18]") {
  const auto entry = rmp_entry_hw_qw0{}.set_assigned(true).set_validated(true).set_asid(5);
  CHECK(rmp_entry_hw_qw0{entry}.set_gpa_pfn(0x12345).raw == 0x4028'0000'1234'5001);
  CHECK(rmp_entry_hw_qw0{entry}.set_gpa_pfn(0x12200).set_page_size(true).raw == 0x4028'0000'1220'0003);
  const rmp_entry_hw_qw0 read{0x4028'0000'1234'5001};
  CHECK(read.assigned());
  CHECK_FALSE(read.page_size());
  CHECK_FALSE(read.immutable());
  CHECK(read.subpage_count() == 0);
  CHECK(read.gpa_pfn() == 0x12345);
  CHECK(read.asid() == 5);
  CHECK_FALSE(read.vmsa());
  CHECK(read.validated());
  CHECK_FALSE(read.lock());
  CHECK(rmp_entry_hw_qw0{0x4028'0000'1220'0003}.page_size());
}

TEST_CASE("LAY-TV-19: what RMPUPDATE reads", "[layout][vectors][LAY-TV-19]") {
  rmpupdate_source source;
  source.set_gpa(0x1234'5000);
  source.set_assigned(true);
  source.set_page_size(false);
  source.set_asid(5);
  CHECK(to_hex(source.bytes()) == "00503412000000000100000005000000");
  const auto bytes = from_hex("00503412000000000100000005000000");
  const rmpupdate_source_const_view read(std::span<const std::uint8_t, 16>(bytes.data(), 16));
  CHECK(read.gpa() == 0x1234'5000);
  CHECK(read.assigned());
  CHECK_FALSE(read.page_size());
  CHECK_FALSE(read.immutable());
  CHECK(read.asid() == 5);
}

TEST_CASE("LAY-TV-20: TCB versions", "[layout][vectors][LAY-TV-20]") {
  tcb_version_milan_genoa milan;
  milan.set_boot_loader(3);
  milan.set_tee(0);
  milan.set_snp(8);
  milan.set_microcode(115);
  CHECK(to_integer(milan) == 0x7308'0000'0000'0003);
  tcb_version_turin turin;
  turin.set_fmc(1);
  turin.set_boot_loader(2);
  turin.set_tee(3);
  turin.set_snp(4);
  turin.set_microcode(0x50);
  CHECK(to_integer(turin) == 0x5000'0000'0403'0201);
  CHECK(tcb_version({0, 3, 0, 8, 115}, tcb_format::milan_genoa) == 0x7308'0000'0000'0003);
  CHECK(tcb_version({1, 2, 3, 4, 0x50}, tcb_format::turin) == 0x5000'0000'0403'0201);
  CHECK(tcb_components(0x7308'0000'0000'0003, tcb_format::milan_genoa) == tcb{0, 3, 0, 8, 115});
  CHECK(tcb_components(0x5000'0000'0403'0201, tcb_format::turin) == tcb{1, 2, 3, 4, 0x50});
}

TEST_CASE("LAY-TV-21: SVSM calls", "[layout][vectors][LAY-TV-21]") {
  svsm_call_rax attest;
  attest.set_protocol(svsm_protocols::attestation);
  attest.set_call_id(std::to_underlying(svsm_attest_calls::attest_single_service));
  CHECK(to_integer(attest) == 0x0000'0001'0000'0001);
  svsm_call_rax vtpm;
  vtpm.set_protocol(svsm_protocols::vtpm);
  vtpm.set_call_id(std::to_underlying(svsm_vtpm_calls::cmd));
  CHECK(to_integer(vtpm) == 0x0000'0002'0000'0001);
  const auto read = from_integer<svsm_call_rax>(0x0000'0002'0000'0001);
  CHECK(read.protocol() == svsm_protocols::vtpm);
  CHECK(read.call_id() == 1);
}

TEST_CASE("LAY-TV-22: an entry of the SVSM's PVALIDATE", "[layout][vectors][LAY-TV-22]") {
  CHECK(svsm_pvalidate_entry{}.set_page_size(1).set_action(true).set_ignore_cf(true).set_pfn(0x200).raw == 0x20'000D);
  const svsm_pvalidate_entry read{0x20'000D};
  CHECK(read.page_size() == 1);
  CHECK(read.action());
  CHECK(read.ignore_cf());
  CHECK(read.pfn() == 0x200);
}

TEST_CASE("LAY-TV-23: the mailbox", "[layout][vectors][LAY-TV-23]") {
  CHECK(sev_cmdresp_command{}.set_command_id(sev_command_ids::snp_launch_start).set_ioc(true).raw == 0x00A0'0001);
  CHECK(sev_cmdresp_command{0x00A0'0001}.command_id() == sev_command_ids::snp_launch_start);
  CHECK(sev_cmdresp_command{0x00A0'0001}.ioc());
  CHECK_FALSE(sev_cmdresp_command{0x00A0'0001}.response());
  CHECK(sev_cmdresp_response{}.set_status(static_cast<sev_status_codes>(0x26)).set_response(true).raw == 0x8000'0026);
  CHECK(std::to_underlying(sev_cmdresp_response{0x8000'0026}.status()) == 0x26);
  CHECK(sev_cmdresp_response{0x8000'0026}.response());
  CHECK(sev_cmdresp_response{0x8000'0026}.opaque() == 0);
}

TEST_CASE("LAY-TV-24: SEV_STATUS and SEV_FEATURES", "[layout][vectors][LAY-TV-24]") {
  CHECK(msr_sev_status{}
            .set_sev(true)
            .set_sev_es(true)
            .set_sev_snp(true)
            .set_restricted_injection(true)
            .set_debug_swap(true)
            .raw == 0xA7);
  CHECK(sev_features{}.set_snp_active(true).set_restricted_injection(true).set_debug_swap(true).raw == 0x29);
  const msr_sev_status status{0xA7};
  CHECK(status.sev());
  CHECK(status.sev_es());
  CHECK(status.sev_snp());
  CHECK_FALSE(status.vtom());
  CHECK_FALSE(status.reflect_vc());
  CHECK(status.restricted_injection());
  CHECK_FALSE(status.alternate_injection());
  CHECK(status.debug_swap());
  const sev_features features{0x29};
  CHECK(features.snp_active());
  CHECK_FALSE(features.virtual_tom());
  CHECK_FALSE(features.reflect_vc());
  CHECK(features.restricted_injection());
  CHECK_FALSE(features.alternate_injection());
  CHECK(features.debug_swap());
  CHECK(status.raw >> 2 == features.raw);  // bit n of the MSR is SEV_FEATURES bit n - 2
}

TEST_CASE("LAY-TV-25: AP creation", "[layout][vectors][LAY-TV-25]") {
  CHECK(ghcb_ap_creation_info1{}.set_apic_id(3).set_vmpl(1).set_request(ghcb_ap_creation_ops::create).raw ==
        0x0000'0003'0001'0001);
  const ghcb_ap_creation_info1 read{0x0000'0003'0001'0001};
  CHECK(read.apic_id() == 3);
  CHECK(read.vmpl() == 1);
  CHECK(read.request() == ghcb_ap_creation_ops::create);
}

TEST_CASE("LAY-TV-26: an entry of the RMP segment table", "[layout][vectors][LAY-TV-26]") {
  CHECK(rst_entry{}.set_mapped_size_gb(64).set_segment_base(0x1000).raw == 0x0000'0001'0000'0040);
  CHECK(rst_entry{0x0000'0001'0000'0040}.mapped_size_gb() == 64);
  CHECK(rst_entry{0x0000'0001'0000'0040}.segment_base() == 0x1000);
}

TEST_CASE("LAY-TV-27: the GUID of a VCEK", "[layout][vectors][LAY-TV-27]") {
  cert_table_entry entry;
  entry.set_guid(guids::vcek.text_order());
  CHECK(to_hex(entry.bytes()).starts_with("63da758de6644564adc5f4b93be8accd"));
  CHECK(to_hex(entry.guid()) == "63da758de6644564adc5f4b93be8accd");
  const byte_vector bytes = from_hex("63da758de6644564adc5f4b93be8accd0000000000000000");
  const cert_table_entry_const_view read{bytes.data()};
  CHECK(std::ranges::equal(read.guid(), guids::vcek.text_order()));
  CHECK_FALSE(std::ranges::equal(read.guid(), guids::vcek.mixed_endian()));
}

TEST_CASE("LAY-TV-28: launch digest, a page of data", "[layout][vectors][LAY-TV-28]") {
  CHECK(digest_of_pages(snp_page_types::normal) ==
        "1ef58146b29937229db9c09edd5a124a1a77ffa91be387be7524e7a85fd0c2b1ed9ffd0536219fb839457a25c6f46923");
}

TEST_CASE("LAY-TV-29: launch digest, then a zero page", "[layout][vectors][LAY-TV-29]") {
  CHECK(digest_of_pages(snp_page_types::zero) ==
        "f4db5ee2a5cdf913ea1b66f6583f0661efed0996265b8cc03df064b43c758ce95d0c725e132668a9004603ec988abe5d");
}

TEST_CASE("LAY-TV-30: launch digest, then the secrets page", "[layout][vectors][LAY-TV-30]") {
  CHECK(digest_of_pages(snp_page_types::secrets) ==
        "cb86cfd098de0eddcd338c281f3be097c40357a9f8bec4247b7469cd20ea8ea12787be4c5888d617d037a9b05765464d");
}

TEST_CASE("LAY-TV-31: launch digest, then the CPUID page", "[layout][vectors][LAY-TV-31]") {
  CHECK(digest_of_pages(snp_page_types::cpuid) ==
        "a64af3eb21a7836bce19e9180632b9d27b78a6df672f7ee14889881851f1566575680624ff6ca428eb10bc904f3e9d19");
}

TEST_CASE("LAY-TV-32: launch digest, then an unmeasured page", "[layout][vectors][LAY-TV-32]") {
  CHECK(digest_of_pages(snp_page_types::unmeasured) ==
        "3265da6b1fcd34f7d7b43bd402567cad98af8e7a5e07c43560657df4fa0e46a6efcbf49762dbae685574491f51289669");
}

TEST_CASE("LAY-TV-33: launch digest, then a VMSA", "[layout][vectors][LAY-TV-33]") {
  CHECK(digest_of_pages(snp_page_types::vmsa_) ==
        "1d2ea5f85c02892a6b1dd4cb5043df72cb89367d7a0a12c66984878286702f14bf5d703f38461413f250166d04ce1586");
}

TEST_CASE("LAY-TV-34: attributes out of a descriptor", "[layout][vectors][LAY-TV-34]") {
  CHECK(packed_attributes(0x00AF'9A00'0000'FFFF).raw == 0xA9A);
  CHECK(descriptor_bits({0xA9A}) == (0x00AF'9A00'0000'FFFF & 0x00F0'FF00'0000'0000));
}
