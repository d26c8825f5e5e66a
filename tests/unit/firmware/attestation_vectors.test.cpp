// SPDX-License-Identifier: MIT
// Every vector of tests/data/firmware/attestation.json, and what must become of it when something is changed.
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/id_block_signature.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/layout/id_block.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;
using nlohmann::json;

auto vector_named(const char* id) -> json {
  const json file = firmware_vectors("attestation.json");
  for (const json& one : file.at("vectors"))
    if (one.at("id") == id) return one;
  return {};
}

/// The key and the extensions of the certificate that belongs to the report of go-sev-guest, as the vectors give them.
auto gosev_key() -> crypto::p384_verifier {
  const json key = vector_named("report_gosev_valid").at("vcek_public");
  return crypto::p384_verifier::make(key_of(key.at("qx_le72"), key.at("qy_le72"))).value();
}
auto gosev_claims() -> vcek_claims {
  const json says = vector_named("vcek_extensions_gosev_milan").at("expected");
  return {.tcb = {.boot_loader = says.at("bl"),
                  .tee = says.at("tee"),
                  .snp = says.at("snp"),
                  .microcode = says.at("ucode")},
          .hardware_id = array_of<64>(says.at("hwid"))};
}

auto check(std::span<const std::uint8_t> bytes, const vcek_claims& claims = gosev_claims())
    -> std::expected<void, report_problem> {
  static const crypto::p384_verifier key = gosev_key();
  const auto report = layout::parse_report(bytes);
  REQUIRE(report);
  context<> ctx;
  return check_report(ctx, *report, key, claims);
}

auto refusal(std::span<const std::uint8_t> bytes, const vcek_claims& claims = gosev_claims()) -> report_problem {
  const auto checked = check(bytes, claims);
  REQUIRE_FALSE(checked);
  return checked.error();
}

/// The value of a field by its name in the vectors.
auto field_text(const layout::attestation_report_v5_const_view& report, const std::string& name) -> std::string {
  if (name == "sig_r_le72") return to_hex(report.signature_r());
  if (name == "sig_s_le72") return to_hex(report.signature_s());
  const layout::field_info* field = layout::find_field(*layout::report_structure(report.version()), name.c_str());
  REQUIRE(field != nullptr);
  return to_hex(report.bytes().subspan(field->offset, field->size));
}

auto same_fields(const layout::attestation_report_v5_const_view& report, const json& fields) -> bool {
  bool right = true;
  for (const auto& [name, want] : fields.items()) {
    INFO(name);
    const std::string got = field_text(report, name);
    const bool number = want.is_number() || want.get<std::string>().starts_with("0x");
    const bool equal =
        number ? get_le(from_hex(got), 0, got.size() / 2) == number_of(want) : got == want.get<std::string>();
    CHECK(equal);
    right = right && equal;
  }
  return right;
}

auto check_valid_report(const json& v, const byte_vector& bytes) -> bool {
  const auto report = layout::parse_report(bytes);
  REQUIRE(report);
  const bool valid = check(bytes).has_value();
  CHECK(valid);
  return same_fields(*report, v.at("expected").at("fields")) && valid;
}

auto check_flipped_report(const json& v, byte_vector bytes) -> bool {
  REQUIRE(v.at("mutate") == "xor byte 0x50 with 0x01");
  REQUIRE(v.at("expected").at("valid") == false);
  bytes[0x50] ^= 1;
  const bool refused = refusal(bytes) == report_problem{report_refusal::signature, 0x2A0};
  CHECK(refused);
  return refused;
}

auto check_id_block(const json& v, const byte_vector& page) -> bool {
  REQUIRE(page.size() == number_of(v.at("id_auth_size")));
  const layout::id_block block{array_of<0x60>(v.at("id_block"))};
  const layout::id_auth auth{std::span<const std::uint8_t, 4096>{page}};
  const auto digests = verify_id_block(block, auth, true);
  REQUIRE(digests);
  const json& want = v.at("expected");
  CHECK(to_hex(digests->id_key) == want.at("id_key_digest").get<std::string>());
  CHECK(to_hex(digests->author_key) == want.at("author_key_digest").get<std::string>());
  CHECK(block.policy().raw == 0x30000);

  // Without an author the block alone counts, and the author's key is not looked at.
  const auto alone = verify_id_block(block, auth, false);
  REQUIRE(alone);
  CHECK((alone->id_key == digests->id_key && alone->author_key == snp_digest{}));

  const auto refused = [&](std::size_t at, bool in_block) {
    layout::id_block other_block = block;
    layout::id_auth other_auth = auth;
    (in_block ? other_block.data() : other_auth.data())[at] ^= 1;
    const auto verified = verify_id_block(other_block, other_auth, true);
    REQUIRE_FALSE(verified);
    return verified.error();
  };
  using enum id_block_error;
  CHECK(refused(0x00, false) == id_key_algorithm);
  CHECK(refused(0x04, false) == author_key_algorithm);
  CHECK(refused(0x240, false) == id_key);       // the curve
  CHECK(refused(0x244, false) == id_key);       // off the curve
  CHECK(refused(0x244 + 60, false) == id_key);  // a coordinate of more than 384 bits
  for (std::size_t at = 0; at < 0x60; ++at) CHECK(refused(at, true) == id_block_signature);
  CHECK(refused(0x40, false) == id_block_signature);
  CHECK(refused(0x40 + 72 + 71, false) == id_block_signature);  // S with a byte too many
  CHECK(refused(0x640, false) == id_key_signature);  // a reserved byte of the ID key, which the author signed
  CHECK(refused(0x880, false) == author_key);
  CHECK(refused(0x884, false) == author_key);
  CHECK(refused(0x680, false) == id_key_signature);
  return to_hex(digests->id_key) == want.at("id_key_digest").get<std::string>() &&
         to_hex(digests->author_key) == want.at("author_key_digest").get<std::string>();
}

auto check_extensions(const json& v, const byte_vector& bytes) -> bool {
  // Reading X.509 is the program's; here what the extensions say meets the report.
  const json& want = v.at("expected");
  const auto report = layout::parse_report(bytes);
  REQUIRE(report);
  const auto claims = gosev_claims();
  std::array<std::uint8_t, 8> version{};
  put_le(version, 0, 8, layout::tcb_version(claims.tcb, claims.format));
  CHECK(to_hex(version) == want.at("reported_tcb_bytes").get<std::string>());
  const bool tcb = get_le(version, 0, 8) == report->reported_tcb();
  const bool chip = std::equal(claims.hardware_id.begin(), claims.hardware_id.end(), report->chip_id().begin());
  CHECK(tcb == want.at("tcb_matches_report").get<bool>());
  CHECK(chip == want.at("hwid_matches_chip_id").get<bool>());

  // Each component and each byte of the identifier is looked at.
  for (auto member : {&layout::tcb::boot_loader, &layout::tcb::tee, &layout::tcb::snp, &layout::tcb::microcode}) {
    auto other = claims;
    ++(other.tcb.*member);
    CHECK(refusal(bytes, other) == report_problem{report_refusal::tcb, 0x180});
  }
  for (std::size_t i = 0; i < 64; ++i) {
    auto other = claims;
    other.hardware_id[i] ^= 0x80;
    CHECK(refusal(bytes, other) == report_problem{report_refusal::chip_id, 0x1A0});
  }
  auto turin = claims;
  turin.format = layout::tcb_format::turin;
  CHECK(refusal(bytes, turin) == report_problem{report_refusal::tcb_format, 0x180});
  return tcb && chip;
}

/// A file of Naples' or Rome's chain.
auto chain_file(const std::string& part, const std::string& generation) -> byte_vector {
  const auto bytes = firmware_file("data/virtee-" + generation + "-" + part + ".cert");
  REQUIRE(bytes);
  return *bytes;
}

auto as_certificate(const byte_vector& bytes) -> layout::sev_cert {
  REQUIRE(bytes.size() == 0x824);
  return layout::sev_cert{std::span<const std::uint8_t, 0x824>{bytes}};
}

auto check_chain(const std::string& generation, crypto::hash_kind hash) -> bool {
  context<> ctx;
  const auto ark_bytes = chain_file("ark", generation);
  const auto ask_bytes = chain_file("ask", generation);
  const auto ark = parse_amd_certificate(ark_bytes);
  const auto ask = parse_amd_certificate(ask_bytes);
  REQUIRE((ark && ask));
  const auto cek = as_certificate(chain_file("cek", generation));
  const auto oca = as_certificate(chain_file("oca", generation));
  const auto pek = as_certificate(chain_file("pek", generation));
  const auto pdh = as_certificate(chain_file("pdh", generation));
  bool right = true;
  const auto good = [&](const char* what, bool holds) {
    INFO(generation << ": " << what);
    CHECK(holds);
    right = right && holds;
  };
  const auto signs = [&](const layout::sev_cert& child, const certifying_key& parent) {
    return check_certificate(ctx, child, parent).has_value();
  };
  good("ark_self", is_signed_by(*ark, *ark));
  good("ask_by_ark", is_signed_by(*ask, *ark));
  good("hash", hash_of(ark->certifying().algorithm) == hash);
  good("cek_by_ask", signs(cek, ask->certifying()));
  good("oca_self", signs(oca, *certifying_key_of(oca)));
  good("pek_by_oca", signs(pek, *certifying_key_of(oca)));
  good("pek_by_cek", signs(pek, *certifying_key_of(cek)));
  good("pdh_by_pek", signs(pdh, *certifying_key_of(pek)));
  good("ark is not signed by ask", !is_signed_by(*ark, *ask));

  // Every byte that is covered, in every certificate of the platform.
  const auto refused = [&](const layout::sev_cert& child, const certifying_key& parent) {
    const auto checked = check_certificate(ctx, child, parent);
    REQUIRE_FALSE(checked);
    return checked.error();
  };
  for (std::size_t at = 0; at < 0x414; at += 61) {
    auto other = pdh;
    other.data()[at] ^= 1;
    CHECK(refused(other, *certifying_key_of(pek)) == certificate_error::bad_signature);
    other = cek;
    other.data()[at] ^= 1;
    CHECK(refused(other, ask->certifying()) == certificate_error::bad_signature);
  }
  for (const std::size_t at : {0x004UZ, 0x039UZ, ask_bytes.size() / 2, ask_bytes.size() - 1}) {
    auto other = ask_bytes;
    other[at] ^= 1;
    const auto parsed = parse_amd_certificate(other);
    CHECK_FALSE((parsed && is_signed_by(*parsed, *ark)));
  }
  using enum certificate_error;
  CHECK(refused(pdh, *certifying_key_of(oca)) == no_signature);
  CHECK(refused(cek, ark->certifying()) == no_signature);
  auto half = pdh;
  put_le(half.bytes(), 0x61C, 4, 0x1003);  // a usage without an algorithm
  CHECK(refused(half, *certifying_key_of(pek)) == half_slot);
  auto changed = pek;
  changed.data()[0x41C] ^= 1;  // the OCA's signature; the CEK's still holds
  CHECK(refused(changed, *certifying_key_of(oca)) == bad_signature);
  CHECK(check_certificate(ctx, changed, *certifying_key_of(cek)).has_value());
  return right;
}

}  // namespace

TEST_CASE("the vectors of attestation.json",
          "[firmware][FW-CRY-17][FW-CRY-18][FW-CRY-20][FW-CRY-21][FW-MSG-23][FW-MSG-32]") {
  const auto report = firmware_file("data/gosev-report-milan-v2.bin");
  if (!report) {
    WARN("skipped: reports and certificates are in the folder of additional test data (SEVSPEC_EXTRA_TEST_DATA)");
    return;
  }
  const std::map<std::string, std::function<bool(const json&)>> checks{
      {"report_gosev_valid", [&](const json& v) { return check_valid_report(v, *report); }},
      {"report_gosev_flip", [&](const json& v) { return check_flipped_report(v, *report); }},
      {"id_block_valid", [&](const json& v) { return check_id_block(v, firmware_file(v.at("id_auth_file")).value()); }},
      {"sev_cert_chain_naples",
       [&](const json& v) {
         for (const auto& [name, holds] : v.at("expected").items()) CHECK((holds == true || holds == "sha256"));
         return check_chain("naples", crypto::hash_kind::sha256);
       }},
      {"vcek_extensions_gosev_milan", [&](const json& v) { return check_extensions(v, *report); }},
  };
  const json file = firmware_vectors("attestation.json");
  std::size_t passed = 0;
  for (const json& vector : file.at("vectors")) {
    INFO(vector.at("id"));
    const auto check_one = checks.find(vector.at("id").get<std::string>());
    REQUIRE(check_one != checks.end());
    passed += check_one->second(vector) ? 1U : 0U;
  }
  tell_passed("attestation.json", passed, file.at("vectors").size());
  CHECK(passed == file.at("vectors").size());
  CHECK(passed == 5);
}

TEST_CASE("FW-CRY-20: Rome's chain has keys of 4096 bits", "[firmware][FW-CRY-20]") {
  if (!firmware_file("data/virtee-rome-ark.cert")) {
    WARN("skipped: certificates are in the folder of additional test data (SEVSPEC_EXTRA_TEST_DATA)");
    return;
  }
  CHECK(check_chain("rome", crypto::hash_kind::sha384));
}

TEST_CASE("FW-MSG-23: a change in any byte of a report is noticed", "[firmware][FW-MSG-23]") {
  const auto report = firmware_file("data/gosev-report-milan-v2.bin");
  if (!report) {
    WARN("skipped: reports are in the folder of additional test data (SEVSPEC_EXTRA_TEST_DATA)");
    return;
  }
  for (std::size_t at = 0; at < report->size(); ++at) {
    if (at < 4) continue;  // the version: another layout, or none
    if (at < 0x2A0 && at % 7 != 0 && at != 0x34 && at != 0x48) continue;
    INFO(hex(at));
    auto other = *report;
    other[at] ^= 0x04;
    const auto problem = refusal(other);
    const report_problem expected = at == 0x34    ? report_problem{report_refusal::algorithm, 0x34}
                                    : at == 0x48  ? report_problem{report_refusal::other_key, 0x48}
                                    : at >= 0x330 ? report_problem{report_refusal::signature_padding, at}
                                                  : report_problem{report_refusal::signature, 0x2A0};
    if (at > 0x34 && at < 0x38) CHECK(problem.why == report_refusal::algorithm);
    else CHECK(problem == expected);
  }
  auto other = *report;
  other[0x48] |= 7U << 2;
  CHECK(refusal(other) == report_problem{report_refusal::not_signed, 0x48});
}
