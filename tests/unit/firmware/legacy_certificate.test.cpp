// SPDX-License-Identifier: MIT
// Certificates of legacy SEV that the test makes itself; real ones are in attestation_vectors.test.cpp.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>
#include <support/made_root.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;
using enum key_usage;

/// A key with its certificate, signed by whoever is given.
struct made_certificate {
  crypto::p384_private_key key;
  layout::sev_cert certificate;

  made_certificate(std::uint64_t seed, key_usage usage, key_algorithm algorithm = key_algorithm::ecdsa_sha256)
      : key([seed] {
          crypto::repeatable_random random{seed};
          return crypto::p384_private_key::generate(random);
        }()) {
    certificate.set_version(1);
    certificate.set_pubkey_usage(usage);
    certificate.set_pubkey_algo(algorithm);
    const auto structure = structure_of<layout::sev_ec_pub_key>(key.public_key());
    std::copy(structure.bytes().begin(), structure.bytes().end(), certificate.pubkey().begin());
    certificate.set_sig1_usage(invalid);
    certificate.set_sig2_usage(invalid);
  }

  void sign_with(const made_certificate& parent) {
    certificate.set_sig1_usage(parent.certificate.pubkey_usage());
    certificate.set_sig1_algo(parent.certificate.pubkey_algo());
    const auto message = certificate.bytes().first<0x414>();
    const auto signature = parent.certificate.pubkey_algo() == key_algorithm::ecdsa_sha384
                               ? crypto::sha384_signer{parent.key}.sign(message)
                               : crypto::sha256_signer{parent.key}.sign(message);
    const auto structure = structure_of(signature);
    std::copy(structure.bytes().begin(), structure.bytes().end(), certificate.sig1().data());
  }

  [[nodiscard]] auto as_parent() const -> certifying_key { return certifying_key_of(certificate).value(); }
};

auto error_of(const made_certificate& child, const made_certificate& parent, const rule_set& rules = {})
    -> std::optional<certificate_error> {
  recorder seen;
  recording_context ctx{.rules = rules, .choices = {}, .listener = seen};
  const auto checked = check_certificate(ctx, child.certificate, parent.as_parent());
  CHECK((seen.fired.empty() == checked.has_value()));
  if (checked) return std::nullopt;
  CHECK(seen.fired == std::set{rule::FW_CRY_21});
  return checked.error();
}

}  // namespace

TEST_CASE("FW-CRY-19: codes of usages and algorithms", "[firmware][FW-CRY-19]") {
  CHECK(static_cast<unsigned>(ark) == 0x0);
  CHECK(static_cast<unsigned>(ask) == 0x13);
  CHECK(static_cast<unsigned>(oca) == 0x1001);
  CHECK(static_cast<unsigned>(pek) == 0x1002);
  CHECK(static_cast<unsigned>(pdh) == 0x1003);
  CHECK(static_cast<unsigned>(cek) == 0x1004);
  using enum key_algorithm;
  CHECK((hash_of(rsa_sha256) == crypto::hash_kind::sha256 && hash_of(ecdsa_sha256) == crypto::hash_kind::sha256));
  CHECK((hash_of(rsa_sha384) == crypto::hash_kind::sha384 && hash_of(ecdsa_sha384) == crypto::hash_kind::sha384));
  for (const auto none : {ecdh_sha256, ecdh_sha384, key_algorithm::invalid, key_algorithm{77}})
    CHECK_FALSE(hash_of(none));
}

TEST_CASE("FW-CRY-21: which usages certify which", "[firmware][FW-CRY-21]") {
  const std::vector<std::pair<key_usage, key_usage>> allowed{
      {pek, pdh}, {oca, pek}, {cek, pek}, {oca, oca}, {ask, cek}};
  for (const auto parent : {ark, ask, invalid, oca, pek, pdh, cek, key_usage{5}})
    for (const auto child : {ark, ask, invalid, oca, pek, pdh, cek, key_usage{5}}) {
      const bool listed = std::find(allowed.begin(), allowed.end(), std::pair{parent, child}) != allowed.end();
      CHECK(may_certify(parent, child) == listed);
    }
}

TEST_CASE("FW-CRY-21: certificates in the order of the checks", "[firmware][FW-CRY-17][FW-CRY-18][FW-CRY-21]") {
  const made_certificate owner{1, oca};
  made_certificate platform{2, pek};
  platform.sign_with(owner);
  CHECK(error_of(platform, owner) == std::nullopt);
  made_certificate exchange{3, pdh, key_algorithm::ecdh_sha256};
  exchange.sign_with(platform);
  CHECK(error_of(exchange, platform) == std::nullopt);
  made_certificate with_384{4, oca, key_algorithm::ecdsa_sha384};
  made_certificate below_384{5, pek};
  below_384.sign_with(with_384);
  CHECK(error_of(below_384, with_384) == std::nullopt);

  using enum certificate_error;
  auto other = platform;
  other.certificate.set_sig1_algo(key_algorithm::invalid);
  CHECK(error_of(other, owner) == no_signature);
  other = platform;
  other.certificate.set_sig2_algo(key_algorithm::rsa_sha256);  // with no usage
  CHECK(error_of(other, owner) == half_slot);
  other = platform;
  other.certificate.set_sig1_usage(cek);
  CHECK(error_of(other, owner) == no_signature);
  CHECK(error_of(platform, with_384) == no_signature);  // the same usage, another algorithm
  CHECK(error_of(platform, made_certificate{9, oca}) == bad_signature);
  other = platform;
  other.certificate.set_sig2_usage(oca);  // both slots are the parent's: both must be good
  other.certificate.set_sig2_algo(key_algorithm::ecdsa_sha256);
  CHECK(error_of(other, owner) == bad_signature);

  // What follows is signed as it is.
  other = platform;
  other.certificate.set_version(2);
  other.sign_with(owner);
  CHECK(error_of(other, owner) == version);
  const auto with_key_bytes = [&](std::size_t at, std::uint8_t value) {
    made_certificate changed = platform;
    changed.certificate.pubkey()[at] = value;
    changed.sign_with(owner);
    return error_of(changed, owner);
  };
  CHECK(with_key_bytes(0, 1) == key);       // another curve
  CHECK(with_key_bytes(4, 0xAA) == key);    // no point
  CHECK(with_key_bytes(4 + 48, 1) == key);  // too long
  made_certificate wrong_algorithm{6, pek, key_algorithm::ecdh_sha256};
  wrong_algorithm.sign_with(owner);
  CHECK(error_of(wrong_algorithm, owner) == key);
  made_certificate wrong_exchange{6, pdh, key_algorithm::ecdsa_sha256};
  wrong_exchange.sign_with(platform);
  CHECK(error_of(wrong_exchange, platform) == key);
  made_certificate stranger{7, cek};
  stranger.sign_with(owner);
  CHECK(error_of(stranger, owner) == wrong_parent);

  // Without the rule, everything is a certificate.
  const auto without = rule_set().without(rule::FW_CRY_21);
  CHECK(error_of(stranger, owner, without) == std::nullopt);
  CHECK(error_of(platform, made_certificate{9, oca}, without) == std::nullopt);
}

TEST_CASE("FW-CRY-21: what a command answers", "[firmware][FW-CRY-21]") {
  using enum certificate_error;
  for (const auto error : {half_slot, bad_signature})
    CHECK((status_of(error) == layout::sev_status_codes::bad_signature));
  for (const auto error : {no_signature, version, key, wrong_parent})
    CHECK((status_of(error) == layout::sev_status_codes::invalid_certificate));
}

TEST_CASE("FW-CRY-21: parents whose keys sign nothing", "[firmware][FW-CRY-21]") {
  made_certificate exchange{3, pdh, key_algorithm::ecdh_sha256};
  made_certificate child{4, pdh, key_algorithm::ecdh_sha256};
  child.certificate.set_sig1_usage(pdh);
  child.certificate.set_sig1_algo(key_algorithm::ecdh_sha256);
  CHECK(error_of(child, exchange) == certificate_error::bad_signature);
  CHECK_FALSE(certifying_key_of(layout::sev_cert{}));  // no curve
  CHECK_FALSE(public_key_of(layout::sev_cert{}));
  // A key that is no point verifies nothing.
  context<> ctx;
  const certifying_key broken{.usage = oca, .algorithm = key_algorithm::ecdsa_sha256, .key = crypto::p384_public_key{}};
  made_certificate platform{2, pek};
  platform.sign_with(made_certificate{1, oca});
  CHECK(check_certificate(ctx, platform.certificate, broken).error() == certificate_error::bad_signature);
  // An RSA key that is longer than a slot.
  const byte_vector huge(513, 0xFF);
  const certifying_key too_long{.usage = oca,
                                .algorithm = key_algorithm::ecdsa_sha256,
                                .key = crypto::rsa_public_key{.modulus = huge, .exponent = huge}};
  CHECK(check_certificate(ctx, platform.certificate, too_long).error() == certificate_error::bad_signature);
}

TEST_CASE("FW-CRY-20: root certificates", "[firmware][FW-CRY-20]") {
  made_root root{ark};
  root.sign_with(root);
  made_root signing{ask};
  signing.sign_with(root);
  const auto parsed_root = parse_amd_certificate(root.bytes).value();
  const auto parsed = parse_amd_certificate(signing.bytes).value();
  CHECK(is_signed_by(parsed_root, parsed_root));
  CHECK(is_signed_by(parsed, parsed_root));
  CHECK_FALSE(is_signed_by(parsed_root, parsed));
  CHECK_FALSE(is_signed_by(parsed, parsed));
  CHECK((parsed.usage == ask && parsed.certifying().usage == ask));
  CHECK(parsed.certifying().algorithm == key_algorithm::rsa_sha256);

  made_certificate chip{1, cek};
  chip.certificate.set_sig1_usage(ask);
  chip.certificate.set_sig1_algo(key_algorithm::rsa_sha256);
  const byte_vector signature = signing.signature_of(chip.certificate.bytes().first<0x414>());
  std::copy(signature.begin(), signature.end(), chip.certificate.sig1().data());
  context<> ctx;
  CHECK(check_certificate(ctx, chip.certificate, parsed.certifying()).has_value());
  chip.certificate.data()[0x410] ^= 1;
  CHECK(check_certificate(ctx, chip.certificate, parsed.certifying()).error() == certificate_error::bad_signature);

  // A signing key signed by a signing key is no chain, even if the signature is good.
  made_root below{ask};
  below.sign_with(signing);
  CHECK_FALSE(is_signed_by(parse_amd_certificate(below.bytes).value(), parsed));
}

TEST_CASE("FW-CRY-20: bytes that are no root certificate", "[firmware][FW-CRY-20]") {
  using enum amd_certificate_error::kind;
  const made_root root{ark};
  const auto error = [](const byte_vector& bytes) {
    const auto parsed = parse_amd_certificate(bytes);
    REQUIRE_FALSE(parsed);
    return parsed.error();
  };
  for (std::size_t length = 0; length < root.bytes.size(); ++length)
    CHECK(error({root.bytes.begin(), root.bytes.begin() + static_cast<std::ptrdiff_t>(length)}) ==
          amd_certificate_error{size, length});
  byte_vector longer = root.bytes;
  longer.push_back(0);
  CHECK(error(longer) == amd_certificate_error{size, root.bytes.size()});
  const auto changed = [&](std::size_t at, std::uint32_t value) {
    byte_vector bytes = root.bytes;
    put_le(bytes, at, 4, value);
    return bytes;
  };
  CHECK(error(changed(0, 2)) == amd_certificate_error{version, 0});
  CHECK(error(changed(0x24, 0x1004)) == amd_certificate_error{usage, 0x24});
  for (const std::uint32_t bits : {0U, 1024U, 2047U, 8192U, 0xFFFFFFF8U}) {
    CHECK(error(changed(0x38, bits)) == amd_certificate_error{key_size, 0x38});
    CHECK(error(changed(0x3C, bits)) == amd_certificate_error{key_size, 0x3C});
  }
  CHECK(error(changed(0x3C, 4096)) == amd_certificate_error{size, root.bytes.size()});
  for (std::uint64_t seed = 0; seed < 300; ++seed) {  // any bytes: refused, or a certificate that nobody signed
    byte_vector bytes = noise(root.bytes.size(), seed);
    std::copy_n(root.bytes.begin(), 64, bytes.begin());
    const auto parsed = parse_amd_certificate(bytes);
    REQUIRE(parsed);
    CHECK_FALSE(is_signed_by(*parsed, *parsed));
  }
}
