// SPDX-License-Identifier: MIT
// Launch digests and reports against the same Crypto++ calls.
//
//   digest/*   64 MiB of an image without a zero page
//     raw       SHA-384 of each page, and of a PAGE_INFO of 112 bytes that is already there
//     library   limit: <= 1.1 x raw
//     zeros     the library on an image of zeros: only the chain
//   sign/*     a report
//     raw       Crypto++'s ECDSA with the same nonces (RFC 6979) and the generator's multiples kept
//     library   limit: <= 1.1 x raw
//   verify/*   a report
//     raw       Crypto++'s verifier with multiples of both points kept
//     library   the same, from fields of a report; limit: <= 1.1 x raw
//     raw_once, library_once   without keeping anything of the key: what making a verifier costs
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <cryptopp/eccrypto.h>
#include <cryptopp/oids.h>
#include <cryptopp/sha.h>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/report_signature.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;

constexpr std::size_t image_bytes = std::size_t{64} << 20;

auto image() -> const std::vector<std::uint8_t>& {
  static const std::vector<std::uint8_t> made = [] {
    std::vector<std::uint8_t> bytes(image_bytes);
    std::uint32_t x = 1;
    for (std::uint8_t& byte : bytes) {
      x = x * 1664525 + 1013904223;
      byte = static_cast<std::uint8_t>(x >> 24);
    }
    return bytes;
  }();
  return made;
}

void digest_raw(benchmark::State& state) {
  const auto& bytes = image();
  std::array<std::uint8_t, 112> info{};
  std::array<std::uint8_t, 48> digest{};
  CryptoPP::SHA384 hash;
  for (auto _ : state) {
    for (std::size_t at = 0; at < bytes.size(); at += 4096) {
      hash.CalculateDigest(info.data() + 48, bytes.data() + at, 4096);
      hash.CalculateDigest(digest.data(), info.data(), info.size());
      std::copy(digest.begin(), digest.end(), info.begin());
    }
    benchmark::DoNotOptimize(info.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(image_bytes));
}
BENCHMARK(digest_raw)->Name("digest/raw")->Unit(benchmark::kMillisecond);

void digest_of(benchmark::State& state, const std::vector<std::uint8_t>& bytes) {
  for (auto _ : state) {
    launch_digests digests;
    digests.add_pages({.where = gpa{0x1'0000'0000 - image_bytes}}, bytes);
    benchmark::DoNotOptimize(digests);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(image_bytes));
}
void digest_library(benchmark::State& state) { digest_of(state, image()); }
BENCHMARK(digest_library)->Name("digest/library")->Unit(benchmark::kMillisecond);
void digest_zeros(benchmark::State& state) { digest_of(state, std::vector<std::uint8_t>(image_bytes)); }
BENCHMARK(digest_zeros)->Name("digest/zeros")->Unit(benchmark::kMillisecond);

auto key() -> crypto::p384_private_key {
  crypto::repeatable_random random{1};
  return crypto::p384_private_key::generate(random);
}
auto scalar() -> CryptoPP::Integer {
  const auto bytes = key().big_endian();
  return {bytes.data(), bytes.size()};
}
auto parameters() -> CryptoPP::DL_GroupParameters_EC<CryptoPP::ECP> {
  CryptoPP::DL_GroupParameters_EC<CryptoPP::ECP> group(CryptoPP::ASN1::secp384r1());
  group.Precompute(16);
  return group;
}

void sign_raw(benchmark::State& state) {
  CryptoPP::ECDSA_RFC6979<CryptoPP::ECP, CryptoPP::SHA384>::Signer signer;
  signer.AccessKey().Initialize(parameters(), scalar());
  layout::attestation_report_v5 report;
  std::array<std::uint8_t, 96> signature{};
  for (auto _ : state) {
    signer.SignMessage(CryptoPP::NullRNG(), report.data(), 0x2A0, signature.data());
    benchmark::DoNotOptimize(signature);
  }
}
BENCHMARK(sign_raw)->Name("sign/raw")->Unit(benchmark::kMicrosecond);

void sign_library(benchmark::State& state) {
  const crypto::sha384_signer signer{key()};
  layout::attestation_report_v5 report;
  for (auto _ : state) {
    sign_report(report, signer);
    benchmark::DoNotOptimize(report);
  }
}
BENCHMARK(sign_library)->Name("sign/library")->Unit(benchmark::kMicrosecond);

auto signed_report() -> layout::attestation_report_v5 {
  layout::attestation_report_v5 report;
  sign_report(report, crypto::sha384_signer{key()});
  return report;
}

void verify_raw(benchmark::State& state, bool keep) {
  const auto report = signed_report();
  std::array<std::uint8_t, 96> signature{};
  std::reverse_copy(report.signature_r().begin(), report.signature_r().begin() + 48, signature.begin());
  std::reverse_copy(report.signature_s().begin(), report.signature_s().begin() + 48, signature.begin() + 48);
  CryptoPP::DL_PrivateKey_EC<CryptoPP::ECP> own;
  own.Initialize(parameters(), scalar());
  CryptoPP::ECDSA<CryptoPP::ECP, CryptoPP::SHA384>::Verifier verifier;
  CryptoPP::DL_PublicKey_EC<CryptoPP::ECP> point;
  own.MakePublicKey(point);
  verifier.AccessKey().Initialize(point.GetGroupParameters(), point.GetPublicElement());
  if (keep) verifier.AccessKey().Precompute(16);
  for (auto _ : state) {
    if (!verifier.VerifyMessage(report.data(), 0x2A0, signature.data(), signature.size()))
      state.SkipWithError("not verified");
  }
}
void verify_raw_kept(benchmark::State& state) { verify_raw(state, true); }
BENCHMARK(verify_raw_kept)->Name("verify/raw")->Unit(benchmark::kMicrosecond);
void verify_raw_once(benchmark::State& state) { verify_raw(state, false); }
BENCHMARK(verify_raw_once)->Name("verify/raw_once")->Unit(benchmark::kMicrosecond);

void verify_library(benchmark::State& state) {
  const auto report = signed_report();
  const auto verifier = crypto::p384_verifier::make(key().public_key()).value();
  for (auto _ : state)
    if (!is_signed_by(report, verifier)) state.SkipWithError("not verified");
}
BENCHMARK(verify_library)->Name("verify/library")->Unit(benchmark::kMicrosecond);

void verify_library_once(benchmark::State& state) {
  const auto report = signed_report();
  const auto public_key = key().public_key();
  for (auto _ : state)
    if (!is_signed_by(report, crypto::p384_verifier::make(public_key).value())) state.SkipWithError("not verified");
}
BENCHMARK(verify_library_once)->Name("verify/library_once")->Unit(benchmark::kMicrosecond);

}  // namespace
