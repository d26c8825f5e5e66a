// SPDX-License-Identifier: MIT
// Keys that sign reports, derived keys, and what a relying party asks; with reports that the test signs itself.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/derived_key.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;
using layout::tcb_format;

const endorsement_seed chip_secret{7};
constexpr layout::tcb milan_tcb{.boot_loader = 3, .tee = 1, .snp = 8, .microcode = 115};
constexpr layout::tcb turin_tcb{.fmc = 2, .boot_loader = 1, .tee = 3, .snp = 4, .microcode = 70};

/// A chip that makes reports.
struct chip {
  layout::tcb tcb = milan_tcb;
  tcb_format format = tcb_format::milan_genoa;
  std::uint32_t version = 3;

  [[nodiscard]] auto key() const -> crypto::p384_private_key {
    return vcek_of(endorsement_seed_of(chip_secret, layout::tcb_version(tcb, format)));
  }
  [[nodiscard]] auto certified() const -> vcek_claims {
    vcek_claims claims{.tcb = tcb, .format = format};
    const byte_vector id = noise(format == tcb_format::turin ? 8 : 64, 5);
    std::copy(id.begin(), id.end(), claims.hardware_id.begin());
    return claims;
  }
  [[nodiscard]] auto unsigned_report() const -> layout::attestation_report_v5 {
    layout::attestation_report_v5 report;
    report.set_version(version);
    report.set_policy(layout::snp_guest_policy{0x30000});
    report.set_vmpl(1);
    report.set_report_data(array_of<64>(to_hex(noise(64, 1))));
    report.set_measurement(array_of<48>(to_hex(noise(48, 2))));
    report.set_host_data(array_of<32>(to_hex(noise(32, 3))));
    report.set_reported_tcb(layout::tcb_version(tcb, format));
    report.set_chip_id(certified().hardware_id);
    if (version >= 3) report.set_cpuid_fam_id(format == tcb_format::turin ? 0x1A : 0x19);
    return report;
  }
  [[nodiscard]] auto report() const -> layout::attestation_report_v5 {
    auto made = unsigned_report();
    sign_report(made, crypto::sha384_signer{key()});
    return made;
  }
  [[nodiscard]] auto verifier() const -> crypto::p384_verifier {
    return crypto::p384_verifier::make(key().public_key()).value();
  }
};

auto problem(const chip& of, const layout::attestation_report_v5& report, const vcek_claims& claims,
             const rule_set& rules = {}) -> std::optional<report_problem> {
  recorder seen;
  recording_context ctx{.rules = rules, .choices = {}, .listener = seen};
  const auto checked = check_report(ctx, report, of.verifier(), claims);
  CHECK(seen.fired.empty() == checked.has_value());
  if (checked) return std::nullopt;
  CHECK(std::string(text_of(checked.error().why)).size() > 15);
  return checked.error();
}

}  // namespace

TEST_CASE("FW-MSG-21: older keys can be made from newer seeds, newer ones not", "[firmware][FW-MSG-21]") {
  // The last component's stick: one hash further is one version older.
  for (const unsigned newest : {1U, 2U, 115U, 255U}) {
    const std::uint64_t version = std::uint64_t{newest} << 56 | 0x0008'0000'0000'0103;
    CHECK(hashed(endorsement_seed_of(chip_secret, version), 1) ==
          endorsement_seed_of(chip_secret, version - (std::uint64_t{1} << 56)));
  }
  // Every component counts, and no two keys are the same.
  std::set<std::string> keys;
  for (unsigned component = 0; component < 8; ++component) {
    const auto seed = endorsement_seed_of(chip_secret, std::uint64_t{1} << 8 * component);
    keys.insert(to_hex(vcek_of(seed).big_endian()));
    keys.insert(to_hex(vlek_of(seed).big_endian()));
  }
  const auto none = endorsement_seed_of(chip_secret, 0);
  keys.insert(to_hex(vcek_of(none).big_endian()));
  keys.insert(to_hex(vcek_of(endorsement_seed_of({8}, 0)).big_endian()));
  keys.insert(to_hex(vcek_of(none, {.vcek_label = "another"}).big_endian()));
  CHECK(keys.size() == 19);
  CHECK(vlek_of(none, {.vlek_label = "sev-versioned-chip-endorsement-key"}) == vcek_of(none));
  CHECK(endorsement_seed_of(chip_secret, ~std::uint64_t{}) != endorsement_seed_of(chip_secret, 0));
}

TEST_CASE("FW-MSG-24: what a derived key depends on", "[firmware][FW-MSG-24]") {
  using select = layout::msg_key_req_guest_field_select;
  derived_key_inputs inputs{.id_key = id_key_kind::id_block,
                            .select = select{0x3F},
                            .vmpl = 2,
                            .guest_svn = 5,
                            .tcb_version = 0x0102030405060708,
                            .policy = 0x30000};
  inputs.image_id.fill(1);
  inputs.family_id.fill(2);
  inputs.measurement.fill(3);
  inputs.host_data.fill(4);
  inputs.id_key_digest.fill(5);
  const auto mix = mix_of(inputs);
  CHECK(get_le(mix, 0x00, 4) == 2);
  CHECK(get_le(mix, 0x04, 4) == 0);
  CHECK(get_le(mix, 0x08, 8) == 0x3F);
  CHECK(get_le(mix, 0x10, 4) == 2);
  CHECK(get_le(mix, 0x14, 4) == 5);
  CHECK(get_le(mix, 0x18, 8) == 0x0102030405060708);
  CHECK(get_le(mix, 0x20, 8) == 0x30000);
  for (std::size_t at = 0x28; at < 0xA8; ++at)
    CHECK(mix[at] == (at < 0x38 ? 1 : at < 0x48 ? 2 : at < 0x68 ? 3 : at < 0x88 ? 4 : 5));

  // Not selected is not there.
  const auto first_difference = [&](std::uint64_t bit) {
    auto fewer = inputs;
    fewer.select.raw &= ~bit;
    auto other = mix_of(fewer);
    put_le(other, 0x08, 8, 0x3F);
    const auto at = std::mismatch(mix.begin(), mix.end(), other.begin());
    return at.first - mix.begin();
  };
  CHECK(first_difference(1) == 0x22);  // 30000h
  CHECK(first_difference(2) == 0x28);
  CHECK(first_difference(4) == 0x38);
  CHECK(first_difference(8) == 0x48);
  CHECK(first_difference(16) == 0x14);
  CHECK(first_difference(32) == 0x18);
  auto other = inputs;
  other.from_vmrk = true;
  other.id_key = id_key_kind::author;
  CHECK(mix_of(other)[0] == 5);
  other.id_key = id_key_kind::none;
  CHECK(mix_of(other)[0] == 1);
  CHECK(mix_of(other)[0x88] == 0);

  const byte_vector root(48, 1);
  const byte_vector vmrk(32, 1);
  CHECK(derive_guest_key(root, mix) == derive_guest_key(root, mix));
  CHECK(derive_guest_key(root, mix) != derive_guest_key(vmrk, mix));
  CHECK(derive_guest_key(root, mix) != derive_guest_key(root, mix_of(other)));
  CHECK(derive_guest_key(root, mix) != derive_guest_key(root, mix, "another"));
}

TEST_CASE("FW-MSG-32: chips whose report is believed", "[firmware][FW-MSG-23][FW-MSG-32]") {
  for (const std::uint32_t version : {2U, 3U, 5U}) {
    const chip milan{.version = version};
    CHECK(problem(milan, milan.report(), milan.certified()) == std::nullopt);
    const chip turin{.tcb = turin_tcb, .format = tcb_format::turin, .version = version};
    CHECK(problem(turin, turin.report(), turin.certified()) == std::nullopt);
  }
}

TEST_CASE("FW-MSG-23: reports that nobody signed, or somebody else", "[firmware][FW-MSG-23]") {
  using enum report_refusal;
  const chip milan;
  const auto claims = milan.certified();
  auto report = milan.unsigned_report();
  leave_report_unsigned(report);
  CHECK(report.key_info().signing_key() == layout::snp_signing_key::none);
  CHECK(problem(milan, report, claims) == report_problem{not_signed, 0x48});

  report = milan.unsigned_report();
  report.set_key_info(report.key_info().set_signing_key(layout::snp_signing_key::vlek));
  sign_report(report, crypto::sha384_signer{milan.key()});
  CHECK(problem(milan, report, claims) == report_problem{other_key, 0x48});
  report = milan.report();
  report.set_signature_algo(layout::snp_signature_algorithms::invalid);
  CHECK(problem(milan, report, claims) == report_problem{algorithm, 0x34});
  report = milan.report();
  report.data()[0x49F] = 1;
  CHECK(problem(milan, report, claims) == report_problem{signature_padding, 0x49F});
  report = milan.report();
  report.data()[0x2A0 + 71] = 1;
  CHECK(problem(milan, report, claims) == report_problem{signature, 0x2A0});

  chip older = milan;
  --older.tcb.microcode;
  CHECK(problem(milan, older.report(), claims) == report_problem{signature, 0x2A0});
  const auto without = rule_set().without(rule::FW_MSG_23);
  report = milan.unsigned_report();
  CHECK(problem(milan, report, claims, without) == std::nullopt);  // anybody's report
}

TEST_CASE("FW-MSG-32: the certificate is of this TCB and this chip", "[firmware][FW-MSG-32]") {
  using enum report_refusal;
  const chip milan;
  const auto claims = milan.certified();
  const auto without = rule_set().without(rule::FW_MSG_32);
  auto other = claims;
  ++other.tcb.snp;
  CHECK(problem(milan, milan.report(), other) == report_problem{tcb, 0x180});
  CHECK(problem(milan, milan.report(), other, without) == std::nullopt);
  other = claims;
  other.hardware_id[63] ^= 1;
  CHECK(problem(milan, milan.report(), other) == report_problem{chip_id, 0x1A0});
  CHECK(problem(milan, milan.report(), other, without) == std::nullopt);
  other = claims;
  other.format = tcb_format::turin;
  CHECK(problem(milan, milan.report(), other) == report_problem{tcb_format, 0x180});

  // A masked chip is any chip.
  auto masked = milan.unsigned_report();
  masked.set_chip_id(std::array<std::uint8_t, 64>{});
  sign_report(masked, crypto::sha384_signer{milan.key()});
  CHECK(masks_chip_id(masked));
  CHECK_FALSE(masks_chip_id(milan.report()));
  other = claims;
  other.hardware_id[0] ^= 1;
  CHECK(problem(milan, masked, other) == std::nullopt);

  // A masked report of version 2 does not tell its generation; the TCB still has to be the certificate's, byte by byte.
  const chip old{.tcb = turin_tcb, .format = tcb_format::turin, .version = 2};
  auto hidden = old.unsigned_report();
  hidden.set_chip_id(std::array<std::uint8_t, 64>{});
  sign_report(hidden, crypto::sha384_signer{old.key()});
  CHECK(problem(old, hidden, old.certified()) == std::nullopt);
  auto as_milan = old.certified();
  as_milan.format = tcb_format::milan_genoa;
  as_milan.tcb.fmc = 0;
  CHECK(problem(old, hidden, as_milan) == report_problem{tcb, 0x180});
}

TEST_CASE("what a report has to say", "[firmware][report]") {
  using enum report_refusal;
  const chip milan;
  const auto report = milan.report();
  const auto refused = [&](const report_expectations& wanted) -> std::optional<report_problem> {
    const auto checked = check_contents(report, wanted, tcb_format::milan_genoa);
    if (checked) return std::nullopt;
    CHECK(std::string(text_of(checked.error().why)).size() > 15);
    return checked.error();
  };
  CHECK(refused({}) == std::nullopt);
  CHECK(refused({.policy = 0x30000, .policy_mask = ~std::uint64_t{}}) == std::nullopt);
  CHECK(refused({.policy = 0x30000, .policy_mask = 0x80000}) == std::nullopt);  // no debugging
  CHECK(refused({.policy_mask = 0x80000}) == std::nullopt);
  CHECK(refused({.policy_mask = 0x10000}) == report_problem{policy, 0x08});
  CHECK(refused({.policy = 0x80000, .policy_mask = 0x80000}) == report_problem{policy, 0x08});
  CHECK(refused({.highest_vmpl = 1}) == std::nullopt);
  CHECK(refused({.highest_vmpl = 0}) == report_problem{vmpl, 0x30});
  const auto copy = [](const auto& bytes, auto array) {
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
  };
  auto wanted_measurement = copy(report.measurement(), std::array<std::uint8_t, 48>{});
  CHECK(refused({.measurement = wanted_measurement}) == std::nullopt);
  wanted_measurement[47] ^= 1;
  CHECK(refused({.measurement = wanted_measurement}) == report_problem{measurement, 0x90});
  auto wanted_data = copy(report.report_data(), std::array<std::uint8_t, 64>{});
  CHECK(refused({.report_data = wanted_data}) == std::nullopt);
  wanted_data[63] ^= 1;
  CHECK(refused({.report_data = wanted_data}) == report_problem{report_data, 0x50});
  auto wanted_host = copy(report.host_data(), std::array<std::uint8_t, 32>{});
  CHECK(refused({.host_data = wanted_host}) == std::nullopt);
  wanted_host[0] ^= 1;
  CHECK(refused({.host_data = wanted_host}) == report_problem{host_data, 0xC0});
  CHECK(refused({.least_tcb = milan_tcb}) == std::nullopt);
  CHECK(refused({.least_tcb = layout::tcb{}}) == std::nullopt);
  for (auto member : {&layout::tcb::boot_loader, &layout::tcb::tee, &layout::tcb::snp, &layout::tcb::microcode}) {
    layout::tcb newer = milan_tcb;
    ++(newer.*member);
    CHECK(refused({.least_tcb = newer}) == report_problem{old_tcb, 0x180});
  }
}

TEST_CASE("no report breaks the check", "[firmware][report]") {
  const chip milan;
  const auto verifier = milan.verifier();
  context<> ctx;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    byte_vector bytes = noise(1184, seed);
    put_le(bytes, 0, 4, 2 + seed % 5);
    if (seed % 3 == 0) put_le(bytes, 0x34, 4, 1);
    if (seed % 3 == 0) put_le(bytes, 0x48, 4, 0);
    if (seed % 6 == 0) std::fill(bytes.begin() + 0x330, bytes.end(), std::uint8_t{0});
    if (seed % 12 == 0) std::fill_n(bytes.begin() + 0x2D0, 24, std::uint8_t{0});
    if (seed % 12 == 0) std::fill_n(bytes.begin() + 0x318, 24, std::uint8_t{0});
    const auto report = layout::parse_report(bytes);
    REQUIRE(report);
    CHECK_FALSE(check_report(ctx, *report, verifier, milan.certified()).has_value());
    static_cast<void>(check_contents(*report, {}, tcb_format::turin));
  }
  const byte_vector whole = noise(1184, 1);
  for (std::size_t size = 0; size < whole.size(); size += 13)
    CHECK_FALSE(layout::parse_report(std::span{whole}.first(size)).has_value());
}
