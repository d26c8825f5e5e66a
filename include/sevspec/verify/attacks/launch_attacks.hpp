// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_LAUNCH_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_LAUNCH_ATTACKS_HPP

#include <algorithm>
#include <array>
#include <cstdint>

#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/legacy_transport.hpp>
#include <sevspec/firmware/snp_config.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/device_attacks.hpp>
#include <sevspec/verify/attacks/firmware_stage.hpp>

/// Attacks on what an owner is told of a guest: launch, attestation, migration.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

/// Launches a guest as its owner wants it, then as the attacker wants it.
/// @param build    `build(stage, handle, tampered)`: what the guest is launched with; `handle` counts before SEV-SNP
/// @param differs  `differs(stage) -> bool`: whether the attacker's guest is the one that he wanted
template <class Build, class Differs>
auto launched_otherwise(const setting& at, const Build& build, const Differs& differs) -> verdict {
  firmware_stage honest(at), tampered(at);
  if (at.snp()) {
    honest.snp_launch();
    tampered.snp_launch();
    build(honest, 0U, false);
    const firmware::snp_digest expected = honest.guest().launch_digest;
    build(tampered, 0U, true);
    if (const auto done = tampered.snp_finish(&expected); !done) {
      if (done.status == firmware::status::bad_measurement) return detected_by(done.why);
      return stopped_by(done);
    }
    return success_if(differs(tampered));
  }
  const std::uint32_t first = honest.legacy_launch(), second = tampered.legacy_launch();
  build(honest, first, false);
  build(tampered, second, true);
  honest.legacy_finish(first);
  tampered.legacy_finish(second);
  if (honest.legacy_digest(first) != tampered.legacy_digest(second)) return detected_by(rule::none);
  return success_if(differs(tampered));
}

/// The same blocks, at exchanged addresses.
inline auto permuted_launch(const setting& at) -> verdict {
  constexpr std::uint64_t distance = 0x1000;
  const auto build = [&](firmware_stage& m, std::uint32_t handle, bool tampered) {
    constexpr std::array contents{secret_block, other_block};
    for (std::uint64_t i = 0; i < 2; ++i) {
      const std::uint64_t offset = (tampered ? 1 - i : i) * distance;
      const spa where = firmware_stage::pages + offset;
      m.must(at.snp() ? m.snp_add(where, gpa{offset}, contents.at(i)) : m.legacy_add(handle, where, contents.at(i)));
    }
  };
  return launched_otherwise(at, build, [&](firmware_stage& m) {
    return m.guest_block(at.snp() ? firmware_stage::snp_id : m.legacy_id(), firmware_stage::pages) == other_block;
  });
}

/// Another block at launch.
inline auto tampered_launch(const setting& at) -> verdict {
  const auto build = [&](firmware_stage& m, std::uint32_t handle, bool tampered) {
    const block contents = tampered ? payload_block : secret_block;
    m.must(at.snp() ? m.snp_add(firmware_stage::pages, gpa{0}, contents)
                    : m.legacy_add(handle, firmware_stage::pages, contents));
  };
  return launched_otherwise(at, build, [&](firmware_stage& m) {
    return m.guest_block(at.snp() ? firmware_stage::snp_id : m.legacy_id(), firmware_stage::pages) == payload_block;
  });
}

/// A virtual processor more than the owner wanted.
inline auto extra_processor(const setting& at) -> verdict {
  if (at.where == column::sev) return {};
  constexpr spa extra = firmware_stage::pages + 0x1000;
  const auto build = [&](firmware_stage& m, std::uint32_t handle, bool tampered) {
    m.must(at.snp() ? m.snp_add(firmware_stage::pages, gpa{0}, secret_block)
                    : m.legacy_add(handle, firmware_stage::pages, secret_block));
    if (!tampered) return;
    if (at.snp()) {
      m.must(m.snp_add(extra, gpa{0xffff'ffff'f000}, payload_block, layout::snp_page_types::vmsa_));
      return;
    }
    layout::cmd_launch_update update;
    update.set_handle(handle);
    update.set_paddr(extra.value);
    update.set_len(4096);
    m.must(m.run([&](auto& c, auto& sp) { return firmware::launch_update_vmsa(c, sp, update); }));
  };
  return launched_otherwise(at, build, [&](firmware_stage& m) {
    if (at.snp()) return m.m.rmp.entry_of(page_of(extra)).vmsa;
    return !m.m.sp.checksums.empty();
  });
}

/// Aliases from boot on. Firmware that looks for them tells in each report that there are some.
inline auto bad_ram(const setting& at) -> verdict {
  const verdict replayed = replay_by_alias(at);
  const bool looked_for = at.snp() && (at.fixed || at.where == column::turin);
  if (replayed.how != ending::success || !looked_for) return replayed;
  firmware_stage m(at);
  m.m.hw.alias_check_complete = false;
  m.snp_launch();
  m.must(m.snp_finish());
  return m.relying_party();
}

/// Older firmware of AMD's. The first generation took it.
inline auto roll_back(const setting& at) -> verdict {
  setting where = at;
  constexpr std::uint64_t old_tcb = 0x4802'0000'0000'0207;
  if (!at.snp() && !at.fixed) where.rules = at.rules.without(rule::FW_SEV_DLFW_01);
  firmware_stage m(where);
  if (at.snp()) {  // what was never committed may be replaced by what is older
    m.m.sp.committed = {.api_major = 1, .api_minor = 54, .build = 1, .tcb = old_tcb};
    m.snp_launch();
    m.must(m.snp_finish());
  }
  firmware::firmware_image image;
  image.set_release({.api_major = 1, .api_minor = 54, .build = 1, .tcb = old_tcb});
  image.sign(m.m.hw);
  m.write(firmware_stage::scratch, image.bytes());
  command_result done;
  if (at.snp()) {
    layout::cmd_snp_download_firmware_ex load;
    load.set_length(layout::size_of<layout::cmd_snp_download_firmware_ex>);
    load.set_fw_paddr(firmware_stage::scratch.value);
    load.set_fw_len(firmware::firmware_image::extent);
    done = m.run([&](auto& c, auto& sp) { return firmware::snp_download_firmware_ex(c, sp, load); });
  } else {
    layout::cmd_download_firmware load;
    load.set_address(firmware_stage::scratch.value);
    load.set_len(firmware::firmware_image::extent);
    done = m.run([&](auto& c, auto& sp) { return firmware::download_firmware(c, sp, load); });
  }
  if (!done) return stopped_by(done);
  if (m.m.sp.current.tcb != old_tcb) return success_if(false, ending::stopped);
  return at.snp() ? m.relying_party() : success_if(true);
}

/// A guest that is sent to a platform which the attacker has made up: he then has its transport keys.
inline auto rogue_target(const setting& at) -> verdict {
  if (at.snp()) return {};
  firmware_stage m(at);
  constexpr std::uint32_t nosend = 8;
  const std::uint32_t handle = m.legacy_launch(firmware_stage::legacy_policy | (at.fixed ? nosend : 0));
  m.must(m.legacy_add(handle, firmware_stage::pages, secret_block));
  m.legacy_finish(handle);
  crypto::repeatable_random random{};
  const auto own = crypto::p384_private_key::generate(random);
  const auto made = firmware::make_certificate(own, firmware::key_usage::pdh, firmware::key_algorithm::ecdh_sha256, {});
  m.write(firmware_stage::scratch, made.certificate.bytes());
  constexpr spa session_at = firmware_stage::scratch + 0x1000;
  layout::cmd_send_start send;
  send.set_handle(handle);
  send.set_pdh_cert_paddr(firmware_stage::scratch.value);
  send.set_pdh_cert_len(firmware::sev_cert_bytes);
  send.set_session_paddr(session_at.value);
  send.set_session_len(layout::size_of<layout::sev_session>);
  if (const auto done = m.run([&](auto& c, auto& sp) { return firmware::send_start(c, sp, send); }); !done)
    return stopped_by(done);
  layout::sev_session session;
  [[maybe_unused]] const auto read = m.m.memory.read(session_at, memory_key::none(), session.bytes());
  const auto platform = firmware::public_key_of(m.m.sp.identity.pdh.certificate);
  if (!platform) return success_if(false);
  std::array<std::uint8_t, 16> nonce{};
  std::ranges::copy(session.nonce(), nonce.begin());
  const auto keys = firmware::agree_on_session_keys(own, *platform, nonce);
  if (!keys) return success_if(false);
  const auto stolen = firmware::unwrap_session(m.ctx, *keys, session, send.policy());
  return success_if(stolen && *stolen == m.m.sp.guests.at(handle).keys);
}

}  // namespace detail

inline constexpr std::array launch_attacks{
    attack{"ATK-16", "BadRAM: two addresses for one cell", "De Meulemeester et al., S&P 2025 (CVE-2024-21944)",
           "a memory module that claims to be larger",
           "Read a page through its alias, which belongs to nobody; write it back later.",
           "the guest reads the old value", "firmware that looks for aliases, and a relying party who asks",
           detail::bad_ram},
    attack{"ATK-27", "Older firmware", "Buhren et al., CCS 2019", "", "Load an older firmware image of AMD's.",
           "it runs, and nobody notices", "firmware that does not go back", detail::roll_back},
    attack{"ATK-28", "Migration to a made-up platform", "Buhren et al., CCS 2019", "",
           "SEND_START to a PDH of the attacker's.", "the attacker has the guest's transport keys", "policy NOSEND",
           detail::rogue_target},
    attack{"ATK-30", "undeSErVed trust: a permuted launch", "Wilke et al., WOOT 2021 (CVE-2021-26311)", "",
           "Launch the same blocks at exchanged addresses.", "the measurement is the expected one", "",
           detail::permuted_launch},
    attack{"ATK-31", "Tampering at launch", "derived", "", "Change a page before it is measured.",
           "the measurement is the expected one", "", detail::tampered_launch},
    attack{"ATK-32", "A virtual processor of the attacker's", "derived", "", "Launch the guest with one more VMSA.",
           "the measurement is the expected one", "", detail::extra_processor},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
