// SPDX-License-Identifier: MIT
// Memory encryption against the same Crypto++ calls with tweaks that are already there.
//
//   page/*    4 KiB, the key's schedule made before
//     raw_aes      xorbuf, then AdvancedProcessBlocks(BT_AllowParallel) with the tweaks as its xor blocks
//     xex          the library: makes the 256 tweaks, too.   limit: <= 1.15 x raw_aes
//     xts          the library, AES-256: twice 14 rounds, so beside it
//     openssl_xts  OpenSSL's AES-256-XTS with one data unit of 4 KiB
//   block/*   16 bytes at random addresses
//     raw_aes      ProcessAndXorBlock on a block that is mixed with a tweak that is already there
//     xex          limit: <= 1.5 x raw_aes
//   tweak     one tweak at a random address, limit: a few ns
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include <cryptopp/aes.h>
#include <cryptopp/misc.h>
#include <openssl/evp.h>

#include <sevspec/crypto/tweaked_aes.hpp>

namespace {

using namespace sevspec;
using crypto::block;

using page = std::array<std::uint8_t, 4096>;

auto key_bytes() -> std::array<std::uint8_t, 64> {
  std::array<std::uint8_t, 64> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(7 * i + 3);
  return bytes;
}

const crypto::aes128_xex xex{crypto::drawn_tweak_constants(1)};

void page_raw_aes(benchmark::State& state) {
  const auto bytes = key_bytes();
  const CryptoPP::AES::Encryption aes(bytes.data(), 16);
  page in{};
  page mixed{};
  page out{};
  page tweaks{};
  for (auto _ : state) {
    CryptoPP::xorbuf(mixed.data(), in.data(), tweaks.data(), in.size());
    aes.AdvancedProcessBlocks(mixed.data(), tweaks.data(), out.data(), in.size(),
                              CryptoPP::BlockTransformation::BT_AllowParallel);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 4096);
}
BENCHMARK(page_raw_aes)->Name("page/raw_aes");

template <class Cipher>
void page_of(benchmark::State& state, const Cipher& cipher) {
  const auto bytes = key_bytes();
  const auto key = cipher.expand(std::span{bytes}.template first<Cipher::key_bytes>());
  page in{};
  page out{};
  spa where{0x12345000};
  for (auto _ : state) {
    cipher.encrypt(key, where, in, out);
    where = where + 0x1000;
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 4096);
}
BENCHMARK_CAPTURE(page_of, xex, xex)->Name("page/xex");
BENCHMARK_CAPTURE(page_of, xts, crypto::aes256_xts{})->Name("page/xts");

void page_openssl_xts(benchmark::State& state) {
  const auto bytes = key_bytes();
  page in{};
  page out{};
  std::array<std::uint8_t, 16> unit{};
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, EVP_aes_256_xts(), nullptr, bytes.data(), unit.data());
  int written = 0;
  for (auto _ : state) {
    unit[0] = static_cast<std::uint8_t>(unit[0] + 1);
    EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, unit.data());
    EVP_EncryptUpdate(context, out.data(), &written, in.data(), static_cast<int>(in.size()));
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  EVP_CIPHER_CTX_free(context);
  state.SetBytesProcessed(state.iterations() * 4096);
}
BENCHMARK(page_openssl_xts)->Name("page/openssl_xts");

auto random_addresses() -> std::vector<spa> {
  std::mt19937_64 random{2};
  std::vector<spa> all(4096);
  for (spa& one : all) one.value = random() & 0xF'FFFF'FFFF'FFF0;
  return all;
}

void block_raw_aes(benchmark::State& state) {
  const auto bytes = key_bytes();
  const CryptoPP::AES::Encryption aes(bytes.data(), 16);
  const block tweak{1, 2, 3};
  block data{};
  for (auto _ : state) {
    CryptoPP::xorbuf(data.data(), tweak.data(), data.size());
    aes.ProcessAndXorBlock(data.data(), tweak.data(), data.data());
    benchmark::DoNotOptimize(data);
  }
}
BENCHMARK(block_raw_aes)->Name("block/raw_aes");

void block_xex(benchmark::State& state) {
  const auto bytes = key_bytes();
  const auto key = xex.expand(std::span{bytes}.first<16>());
  const auto addresses = random_addresses();
  block data{};
  std::size_t i = 0;
  for (auto _ : state) {
    xex.encrypt(key, addresses[i++ % addresses.size()], data, data);
    benchmark::DoNotOptimize(data);
  }
}
BENCHMARK(block_xex)->Name("block/xex");

void tweak(benchmark::State& state) {
  const auto addresses = random_addresses();
  std::size_t i = 0;
  for (auto _ : state) {
    block t = xex.tweak(addresses[i++ % addresses.size()]);
    benchmark::DoNotOptimize(t);
  }
}
BENCHMARK(tweak)->Name("tweak");

}  // namespace
