// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_ENDORSEMENT_KEY_HPP
#define SEVSPEC_FIRMWARE_ENDORSEMENT_KEY_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/layout/image.hpp>

/// How the keys that sign reports depend on a chip's secret and a TCB_VERSION. Not published: a model, which has what
/// matters of the real one. Whoever has the seeds of one version can make those of all versions below it, and of no
/// other.   FW-MSG-21
namespace sevspec::inline v0::firmware {

/// A seed: what a chip's secret and a version come to.
using endorsement_seed = crypto::sha384_value;

/// What the model is free to choose.
struct endorsement_model {
  std::string_view vcek_label = "sev-versioned-chip-endorsement-key";
  std::string_view vlek_label = "sev-versioned-loaded-attestation-key";
};

/// H applied so many times.
[[nodiscard]] inline auto hashed(endorsement_seed seed, unsigned times) -> endorsement_seed {
  for (; times != 0; --times) seed = crypto::sha384_of(seed);
  return seed;
}

/// The seed of a TCB_VERSION: a hash stick per component, each hanging on the one before it.   FW-MSG-21
/// @param chip_secret  48 bytes
/// @param tcb_version  raw; its bytes count in their order in memory, whatever the generation calls them
[[nodiscard]] inline auto endorsement_seed_of(const endorsement_seed& chip_secret, std::uint64_t tcb_version)
    -> endorsement_seed {
  constexpr unsigned longest = 255;
  std::array<std::uint8_t, 8> version{};
  layout::write_le(version.data(), tcb_version);
  endorsement_seed base = chip_secret;
  for (std::size_t i = 0; i < 7; ++i) {
    constexpr std::array<std::uint8_t, 8> zeros{};
    base = crypto::sha384{}.update(zeros).update(hashed(base, longest - version[i])).take();
  }
  return hashed(base, longest + 1 - version[7]);
}

namespace detail {

[[nodiscard]] inline auto endorsement_key(const endorsement_seed& seed, std::string_view label)
    -> crypto::p384_private_key {
  return crypto::p384_private_key::from_wide(crypto::derive_key<56>(seed, label));
}

}  // namespace detail

/// The VCEK of a seed.   FW-MSG-21
[[nodiscard]] inline auto vcek_of(const endorsement_seed& seed, const endorsement_model& model = {})
    -> crypto::p384_private_key {
  return detail::endorsement_key(seed, model.vcek_label);
}

/// The VLEK of a seed, which AMD gives to a cloud provider in place of the chip's secret.   FW-MSG-21
[[nodiscard]] inline auto vlek_of(const endorsement_seed& seed, const endorsement_model& model = {})
    -> crypto::p384_private_key {
  return detail::endorsement_key(seed, model.vlek_label);
}

}  // namespace sevspec::inline v0::firmware

#endif
