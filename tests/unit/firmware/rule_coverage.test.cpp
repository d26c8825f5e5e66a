// SPDX-License-Identifier: MIT
// Every rule of the firmware's cryptography that is a condition: it fires, it passes, and without it something else
// comes out.
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>
#include <support/recorder.hpp>
#include <support/rule_families.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;

/// Something that an attacker tries, and how it ends.
using attack = std::function<std::string(recording_context&)>;

template <class Result>
auto ending(const Result& result) -> std::string {
  return result ? "accepted" : "refused " + std::to_string(static_cast<int>(result.error()));
}

const transport_keys keys{.tek = {1}, .tik = {2}};
const sev_key nonce{3};
constexpr layout::sev_guest_policy owners_policy{1};  // no debugging

auto session() -> layout::sev_session {
  return wrap_session(derive_session_keys(nonce, nonce), keys, nonce, nonce, owners_policy);
}
auto launch_with(recording_context& ctx, const layout::sev_session& from, layout::sev_guest_policy policy) {
  return ending(unwrap_session(ctx, derive_session_keys(nonce, nonce), from, policy));
}

/// Opens a packet that was made for `made_for` as one of `taken_for`, after `change`.
template <class Change>
auto packet(recording_context& ctx, const packet_kind& made_for, const packet_kind& taken_for, Change&& change) {
  byte_vector data(16);
  auto header = seal_packet(keys, made_for, nonce, data, data);
  change(header, data);
  return ending(open_packet(ctx, keys, taken_for, header, data, data));
}
constexpr auto nothing = [](auto&, auto&) {};

auto report_problem_text(const std::expected<void, report_problem>& result) -> std::string {
  return result ? "accepted" : text_of(result.error().why);
}
auto check_report_with(recording_context& ctx, bool signed_by_chip, std::uint8_t certified_snp) -> std::string {
  const auto key = vcek_of({});
  layout::attestation_report_v5 report;
  report.set_version(3);
  report.set_reported_tcb(layout::tcb_version({.snp = 4}, layout::tcb_format::milan_genoa));
  if (signed_by_chip) sign_report(report, crypto::sha384_signer{key});
  return report_problem_text(check_report(ctx, report, crypto::p384_verifier::make(key.public_key()).value(),
                                          {.tcb = {.snp = certified_snp}}));
}

auto attacks() -> std::map<rule, attack> {
  std::map<rule, attack> all;
  all[rule::FW_CRY_08] = [](recording_context& ctx) {
    auto changed = session();
    changed.wrap_tk()[0] ^= 1;
    return launch_with(ctx, changed, owners_policy);
  };
  all[rule::FW_CRY_09] = [](recording_context& ctx) { return launch_with(ctx, session(), {0}); };
  all[rule::FW_CRY_11] = [](recording_context& ctx) {
    return packet(ctx, data_packet(), data_packet(), [](auto& header, auto& data) {
      header.set_flags(layout::sev_packet_header_flags{1});
      header.set_mac(packet_mac(keys.tik, data_packet(), header, 16, data));
    });
  };
  all[rule::FW_CRY_12] = [](recording_context& ctx) {  // the same owner's other guest
    const crypto::sha256_value mine{1};
    const crypto::sha256_value other{2};
    return packet(ctx, secret_packet(mine), secret_packet(other), nothing);
  };
  all[rule::FW_CRY_13] = [](recording_context& ctx) {
    return packet(ctx, data_packet(), data_packet(), [](auto&, auto& data) { data[0] ^= 1; });
  };
  all[rule::FW_CRY_21] = [](recording_context& ctx) {
    return ending(check_certificate(ctx, layout::sev_cert{}, certifying_key{}));
  };
  all[rule::FW_MSG_23] = [](recording_context& ctx) { return check_report_with(ctx, false, 4); };
  all[rule::FW_MSG_32] = [](recording_context& ctx) { return check_report_with(ctx, true, 5); };
  return all;
}

/// The same without an attack.
void play_honestly(recording_context& ctx) {
  const crypto::sha256_value measure{1};
  CHECK(launch_with(ctx, session(), owners_policy) == "accepted");
  CHECK(packet(ctx, data_packet(), data_packet(), nothing) == "accepted");
  CHECK(packet(ctx, secret_packet(measure), secret_packet(measure), nothing) == "accepted");
  CHECK(check_report_with(ctx, true, 4) == "accepted");
  const auto oca = vcek_of({});
  layout::sev_cert certificate;
  certificate.set_version(1);
  certificate.set_pubkey_usage(key_usage::oca);
  certificate.set_pubkey_algo(key_algorithm::ecdsa_sha256);
  const auto key = structure_of<layout::sev_ec_pub_key>(oca.public_key());
  std::copy(key.bytes().begin(), key.bytes().end(), certificate.pubkey().begin());
  certificate.set_sig1_usage(key_usage::oca);
  certificate.set_sig1_algo(key_algorithm::ecdsa_sha256);
  certificate.set_sig2_usage(key_usage::invalid);
  const auto signature = structure_of(crypto::sha256_signer{oca}.sign(certificate.bytes().first<0x414>()));
  std::copy(signature.bytes().begin(), signature.bytes().end(), certificate.sig1().data());
  CHECK(ending(check_certificate(ctx, certificate, certifying_key_of(certificate).value())) == "accepted");
}

}  // namespace

TEST_CASE("every guard of the firmware's cryptography stops an attack that works without it", "[firmware][coverage]") {
  const auto all = attacks();
  for (const auto& [id, play] : all) {
    INFO(name_of(id));
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    CHECK(play(ctx) != "accepted");
    CHECK(heard.fired == std::set{id});

    recorder silent;
    recording_context without{.rules = rule_set().without(id), .choices = {}, .listener = silent};
    CHECK(play(without) == "accepted");
    CHECK(silent.fired.empty());
  }
  recorder quiet;
  recording_context ctx{.rules = {}, .choices = {}, .listener = quiet};
  play_honestly(ctx);
  CHECK(quiet.fired.empty());
  for (const rule_info& row : rule_registry) {
    if (!is_protection_rule(row.id)) continue;
    INFO(row.name);
    CHECK(all.contains(row.id) == (row.kind != rule_kind::definition));
    CHECK(quiet.passed.contains(row.id) == (row.kind != rule_kind::definition));
  }
}
