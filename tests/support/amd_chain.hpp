// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_AMD_CHAIN_HPP
#define SEVSPEC_TESTS_SUPPORT_AMD_CHAIN_HPP

#include <algorithm>
#include <cstdint>

#include <support/firmware_world.hpp>
#include <support/made_root.hpp>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/firmware/sev_certificates.hpp>

/// Platforms whose certificates lead to a root that stands for AMD's.
namespace sevspec::test {

/// A root, and a key that it certifies. Made once: RSA keys take time.
struct made_roots {
  made_root ark{firmware::key_usage::ark};
  made_root ask{firmware::key_usage::ask};

  made_roots() {
    ark.sign_with(ark);
    ask.sign_with(ark);
  }
};
inline auto amd_roots() -> const made_roots& {
  static const made_roots made;
  return made;
}

/// Where `world::send_start` looks for the receiver's certificates: those of a platform whose chip is this one's, and
/// whose CEK the root has certified. The root is trusted.
inline void put_receiver(world& w, const firmware::sev_identity& receiver) {
  const made_roots& roots = amd_roots();
  auto cek = firmware::make_cek(w.m.hw, w.m.sp.current).certificate;
  cek.set_sig1_usage(firmware::key_usage::ask);
  cek.set_sig1_algo(firmware::key_algorithm::rsa_sha256);
  std::ranges::copy(roots.ask.signature_of(firmware::signed_part(cek)), cek.sig1().data());
  poke(w.m, test_scratch, receiver.pdh.certificate.bytes());
  poke(w.m, test_scratch + 0x2000, receiver.pek.certificate.bytes());
  poke(w.m, test_scratch + 0x2824, receiver.oca.certificate.bytes());
  poke(w.m, test_scratch + 0x3048, cek.bytes());
  poke(w.m, test_scratch + 0x4000, roots.ask.bytes);
  poke(w.m, test_scratch + 0x4000 + roots.ask.bytes.size(), roots.ark.bytes);
  w.custom_peer = true;
  w.amd_bytes = static_cast<std::uint32_t>(roots.ask.bytes.size() + roots.ark.bytes.size());
  w.m.hw.trusted_roots = {crypto::sha256_of(roots.ark.bytes)};
}

}  // namespace sevspec::test

#endif
