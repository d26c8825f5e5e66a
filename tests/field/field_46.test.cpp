// SPDX-License-Identifier: MIT
// FIELD-46: layouts that a published library had wrong, and later corrected. virtee/sev 8e10d96, 5bc0f68, d9ffcc7,
// e96d605, d375b59, aa7ce9b
#include <cstdint>
#include <string>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/policy_check.hpp>
#include <sevspec/layout/report.hpp>
#include <sevspec/layout/report_platform.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/layout/tcb.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::layout;

}  // namespace

TEST_CASE("FIELD-46: PLATFORM_INFO starts with SMT, then TSME", "[field][FIELD-46]") {
  // Pull request 164: the first two bits were the other way round, ECC, RAPL and ciphertext hiding were missing.
  const auto buggy_tsme = [](std::uint64_t raw) { return (raw & 1) != 0; };
  const auto buggy_smt = [](std::uint64_t raw) { return (raw & 2) != 0; };
  const snp_platform_info smt_only{0x1};
  CHECK(smt_only.smt_en());
  CHECK_FALSE(smt_only.tsme_en());
  CHECK(buggy_tsme(smt_only.raw) != smt_only.tsme_en());
  CHECK(buggy_smt(smt_only.raw) != smt_only.smt_en());
  CHECK(snp_platform_info{0x2}.tsme_en());
  CHECK_FALSE(snp_platform_info{0x2}.smt_en());
  CHECK(snp_platform_info{}.set_ecc_en(true).raw == 0x4);
  CHECK(snp_platform_info{}.set_rapl_dis(true).raw == 0x8);
  CHECK(snp_platform_info{}.set_ciphertext_hiding_dram_en(true).raw == 0x10);
  CHECK(snp_platform_info{}.set_alias_check_complete(true).raw == 0x20);
  CHECK(snp_platform_info{}.set_tio_en(true).raw == 0x80);
}

TEST_CASE("FIELD-46: byte 3 of the platform status has more bits than one", "[field][FIELD-46]") {
  // virtee/snphost issue 108: the whole byte was compared with 1, until firmware began to report the alias check.
  byte_vector bytes(size_of<snp_platform_status>);
  snp_platform_status_view status{bytes.data()};
  const auto buggy_is_rmp_init = [&] { return bytes[3] == 1; };
  bytes[3] = 0x01;
  CHECK(buggy_is_rmp_init());
  CHECK(status.init_flags().is_rmp_initialized());
  CHECK_FALSE(status.init_flags().alias_check_complete());
  bytes[3] = 0x03;
  CHECK_FALSE(buggy_is_rmp_init());
  CHECK(status.init_flags().is_rmp_initialized());
  CHECK(status.init_flags().alias_check_complete());
  bytes[3] = 0x02;
  CHECK_FALSE(status.init_flags().is_rmp_initialized());
}

TEST_CASE("FIELD-46: the order of a TCB_VERSION depends on the generation", "[field][FIELD-46][LAY-REP-04]") {
  constexpr std::uint64_t turin = 0x5000'0000'0403'0201;
  CHECK(tcb_components(turin, tcb_format_of(generation::turin)) == tcb{1, 2, 3, 4, 0x50});
  // Read as before Turin: another boot loader, another TEE, no SNP firmware.
  CHECK(tcb_components(turin, tcb_format_of(generation::genoa)) == tcb{0, 1, 2, 0, 0x50});
  CHECK(tcb_version({0, 3, 0, 8, 115}, tcb_format_of(generation::milan)) !=
        tcb_version({0, 3, 0, 8, 115}, tcb_format_of(generation::turin)));
}

TEST_CASE("FIELD-46: the family decides the order, not the version of the report", "[field][FIELD-46][LAY-REP-04]") {
  // Pull request 307: reports of version 4 were written back in Turin's order even when Milan had made them.
  byte_vector bytes(1184);
  put_le(bytes, 0, 4, 4);
  bytes[0x188] = 0x19;
  put_le(bytes, 0x38, 8, 0x7308'0000'0000'0003);
  const auto report = parse_report(bytes).value();
  const auto buggy_format = [](std::uint32_t version) {
    return version >= 3 ? tcb_format::turin : tcb_format::milan_genoa;
  };
  const auto format = tcb_format_of(report);
  REQUIRE(format == tcb_format::milan_genoa);
  CHECK(tcb_components(report.current_tcb(), *format) == tcb{0, 3, 0, 8, 115});
  CHECK(buggy_format(report.version()) != format);
  CHECK(tcb_version(tcb_components(report.current_tcb(), *format), *format) == report.current_tcb());
  CHECK(tcb_version(tcb_components(report.current_tcb(), buggy_format(4)), buggy_format(4)) != report.current_tcb());
}

TEST_CASE("FIELD-46: a key request of version 2 is eight bytes longer", "[field][FIELD-46]") {
  STATIC_REQUIRE(size_of<msg_key_req> == 0x20);
  STATIC_REQUIRE(size_of<msg_key_req_v2> == 0x28);
  msg_key_req_v2 request;
  request.set_launch_mit_vector(0x1122'3344'5566'7788);
  CHECK(get_le(request.bytes(), 0x20, 8) == 0x1122'3344'5566'7788);
  // The rest is where version 1 has it.
  msg_key_req first;
  first.set_vmpl(1);
  first.set_guest_svn(2);
  first.set_tcb_version(0x7308'0000'0000'0003);
  request.set_vmpl(1);
  request.set_guest_svn(2);
  request.set_tcb_version(0x7308'0000'0000'0003);
  for (std::size_t i = 0; i < size_of<msg_key_req>; ++i) CHECK(request.bytes()[i] == first.bytes()[i]);
}

TEST_CASE("FIELD-46: bit 17 of a policy is reserved and 1", "[field][FIELD-46]") {
  // AMDESE/sev-guest issue 33: 300000h was meant to be 30000h.
  constexpr snp_platform platform{.api = {1, 55}, .smt_on = true};
  CHECK(check_policy(snp_guest_policy{0x30'0000}, platform) == policy_error{policy_refusal::must_be_one, 17});
  CHECK(check_policy(snp_guest_policy{0x3'0000}, platform) == std::nullopt);
  // A library that writes a policy from its named fields alone leaves the bit out.
  CHECK(check_policy(snp_guest_policy{}.set_smt(true).set_debug(true), platform) ==
        policy_error{policy_refusal::must_be_one, 17});
}
