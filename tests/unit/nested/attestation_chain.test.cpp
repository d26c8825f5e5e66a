// SPDX-License-Identifier: MIT
// A chain of reports is believed if it is the honest one; whatever single thing is exchanged, the verifier says which.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/nested_attestation.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nested::chain_refusal;

template <class Evidence>
using change = std::pair<chain_refusal, std::function<void(Evidence&)>>;

/// A report with something else in it, signed by the chip all the same.
template <class Change>
auto signed_with(layout::attestation_report_v5 report, Change&& alter, std::uint8_t chip = 1)
    -> layout::attestation_report_v5 {
  alter(report);
  firmware::sign_report(report, crypto::sha384_signer{vcek_of_chip(chip)});
  return report;
}

}  // namespace

TEST_CASE("an honest chain is believed, and with any single substitution it is not",
          "[nested][NES-ATT-03][NES-ATT-04][ATK-67]") {
  context ctx;
  REQUIRE(nested::verify_chain(ctx, honest_chain(), expected_chain()).has_value());
  using evidence = nested::chain_evidence;
  const auto& honest = honest_chain();
  const auto other_key = key_of(99);
  const nested::attestation_nonce old{1};
  using enum chain_refusal;
  const std::vector<change<evidence>> changes{
      {l1_origin, [&](evidence& e) { e.r1.set_vmpl(1); }},  // not signed again
      {l1_origin, [&](evidence& e) { e.r1 = report_about(1, nested::l1_report_data(e.k1, chain_nonce), {}, 2); }},
      {l1_contents, [&](evidence& e) { e.r1 = report_about(3, nested::l1_report_data(e.k1, chain_nonce), {}); }},
      {l1_contents, [&](evidence& e) { e.r1 = signed_with(honest.r1, [](auto& r) { r.set_vmpl(1); }); }},
      {l1_contents,
       [&](evidence& e) { e.r1 = signed_with(honest.r1, [](auto& r) { r.set_policy({0x3'0000 | 1U << 19}); }); }},
      {l1_aliases, [&](evidence& e) { e.r1 = signed_with(honest.r1, [](auto& r) { r.set_platform_info({}); }); }},
      {l1_key, [&](evidence& e) { e.k1 = other_key.public_key(); }},
      {l1_key, [&](evidence& e) { e.r1 = report_about(1, nested::l1_report_data(e.k1, old), {}); }},
      {l1_key, [&](evidence& e) { e.r1 = report_about(1, nested::vsp_report_data(e.k1, chain_nonce), {}); }},
      {l2_chip, [&](evidence& e) { e.r2 = signed_with(honest.r2, [](auto& r) { r.set_chip_id(chip_number(2)); }, 2); }},
      {l2_origin, [&](evidence& e) { e.r2.set_host_data(std::array<std::uint8_t, 32>{}); }},
      {l2_origin, [&](evidence& e) { nested::sign_virtual_report(e.r2, kv_of_l1()); }},
      {l2_contents,
       [&](evidence& e) { e.r2 = signed_with(honest.r2, [](auto& r) { r.set_measurement(measurement_of(9)); }); }},
      {l2_contents, [&](evidence& e) { e.r2 = signed_with(honest.r2, [](auto& r) { r.set_vmpl(2); }); }},
      {l2_launch,
       [&](evidence& e) { e.r2 = signed_with(honest.r2, [](auto& r) { r.set_host_data(crypto::sha256_value{}); }); }},
      {l2_launch,
       [&](evidence& e) {
         const auto theirs = nested::l2_host_data(other_key.public_key(), chain_policy);
         e.r2 = signed_with(honest.r2, [&](auto& r) { r.set_host_data(theirs); });
       }},
      {l2_replayed,
       [&](evidence& e) {
         e.r2 = signed_with(honest.r2, [&](auto& r) { r.set_report_data(nested::l2_report_data(old)); });
       }},
      {l2_unknown, [&](evidence& e) { e.over_report_id = nested::vouch_for(other_key, honest.r2.report_id()); }},
      {l2_unknown,
       [&](evidence& e) {  // the same image, launched once more
         e.r2 = signed_with(honest.r2, [](auto& r) { r.set_report_id(std::array<std::uint8_t, 32>{8}); });
       }},
      {l2_unknown, [&](evidence& e) { e.over_report_id = {}; }},
      {l2_contents, [&](evidence& e) { e.r2 = honest.r1; }},
      {l1_contents, [&](evidence& e) { e.r1 = honest.r2; }},
  };
  for (const auto& [why, alter] : changes) {
    evidence shown = honest;
    alter(shown);
    const auto result = nested::verify_chain(ctx, shown, expected_chain());
    INFO(nested::text_of(why));
    REQUIRE_FALSE(result.has_value());
    CAPTURE(nested::text_of(result.error().why));
    CHECK(result.error().why == why);
    CHECK(result.error().decided_by != rule::none);
  }
}

TEST_CASE("a verifier that expects something else does not believe the honest chain", "[nested][NES-ATT-04]") {
  context ctx;
  const auto why = [&](auto&& alter) {
    auto expected = expected_chain();
    alter(expected);
    const auto result = nested::verify_chain(ctx, honest_chain(), expected);
    REQUIRE_FALSE(result.has_value());
    return result.error();
  };
  using enum chain_refusal;
  CHECK(why([](auto& e) { e.nonce[5] = 1; }).why == l1_key);
  CHECK(why([](auto& e) { e.l1_policy.push_back(0); }).why == l2_launch);
  CHECK(why([](auto& e) { e.l1.least_tcb.snp = 99; }).why == l1_contents);
  const auto old = why([](auto& e) { e.l2.least_tcb.snp = 99; });
  CHECK(old.why == l2_contents);
  CHECK(old.report.value().why == firmware::report_refusal::old_tcb);
}

TEST_CASE("a guest that shares L1's key is what L1 says it is", "[nested][NES-ATT-02][NES-ATT-03]") {
  context ctx;
  REQUIRE(nested::verify_statement(ctx, honest_statement(), expected_statement()).has_value());
  using evidence = nested::software_evidence;
  const auto& honest = honest_statement();
  const auto say = [](evidence& e, auto&& alter) {
    alter(e.said);
    e.signature = nested::sign_statement(k1_of_l1(), e.said);
  };
  using enum chain_refusal;
  const std::vector<change<evidence>> changes{
      {l2_hardware, [&](evidence& e) { e.r2 = honest_chain().r2; }},
      {l1_origin, [&](evidence& e) { e.r1.set_vmpl(1); }},
      {l1_contents, [&](evidence& e) { e.r1 = report_about(7, nested::l1_report_data(e.k1, chain_nonce), {}); }},
      {l1_key, [&](evidence& e) { e.k1 = key_of(98).public_key(); }},
      {statement, [&](evidence& e) { e.said.counter = 5; }},
      {statement, [&](evidence& e) { e.signature = nested::sign_statement(key_of(98), e.said); }},
      {other_guest, [&](evidence& e) { say(e, [](auto& s) { s.guest = {6}; }); }},
      {digest, [&](evidence& e) { say(e, [](auto& s) { s.digest = {}; }); }},
      {old_statement, [&](evidence& e) { say(e, [](auto& s) { s.counter = 3; }); }},
      {old_statement, [&](evidence& e) { say(e, [](auto& s) { s.nonce = {}; }); }},
  };
  for (const auto& [why, alter] : changes) {
    evidence shown = honest;
    alter(shown);
    const auto result = nested::verify_statement(ctx, shown, expected_statement());
    INFO(nested::text_of(why));
    REQUIRE_FALSE(result.has_value());
    CAPTURE(nested::text_of(result.error().why));
    CHECK(result.error().why == why);
  }
}

TEST_CASE("a report by a virtual AMD-SP is believed with L1's report alone", "[nested][NES-ATT-05]") {
  context ctx;
  REQUIRE(nested::verify_virtual_report(ctx, honest_virtual(), expected_virtual()).has_value());
  using evidence = nested::virtual_evidence;
  using enum chain_refusal;
  const std::vector<change<evidence>> changes{
      {l1_missing, [&](evidence& e) { e.r1.reset(); }},
      {l1_origin, [&](evidence& e) { e.r1->set_vmpl(1); }},
      {l1_key, [&](evidence& e) { e.kv = key_of(97).public_key(); }},
      {l1_key, [&](evidence& e) { e.r1 = report_about(1, nested::l1_report_data(e.kv, chain_nonce), {}); }},
      {algorithm, [&](evidence& e) { firmware::sign_report(e.r2, crypto::sha384_signer{kv_of_l1()}); }},
      {signature, [&](evidence& e) { nested::sign_virtual_report(e.r2, key_of(97)); }},
      {signature, [&](evidence& e) { e.r2.set_measurement(measurement_of(4)); }},
      {l2_contents,
       [&](evidence& e) {
         e.r2.set_measurement(measurement_of(4));
         nested::sign_virtual_report(e.r2, kv_of_l1());
       }},
      {l2_replayed,
       [&](evidence& e) {
         e.r2.set_report_data(nested::l2_report_data({}));
         nested::sign_virtual_report(e.r2, kv_of_l1());
       }},
  };
  for (const auto& [why, alter] : changes) {
    evidence shown = honest_virtual();
    alter(shown);
    const auto result = nested::verify_virtual_report(ctx, shown, expected_virtual());
    INFO(nested::text_of(why));
    REQUIRE_FALSE(result.has_value());
    CAPTURE(nested::text_of(result.error().why));
    CHECK(result.error().why == why);
  }
  // Who knows hardware reports alone is not taken in.
  const auto hardware = firmware::check_report(ctx, honest_virtual().r2, chip_as_known().vcek, chip_as_known().claims);
  REQUIRE_FALSE(hardware.has_value());
  CHECK(hardware.error().why == firmware::report_refusal::not_signed);
}
