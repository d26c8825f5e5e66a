// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_LAUNCH_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_LAUNCH_ATTACKS_HPP

#include <algorithm>
#include <array>
#include <cstdint>

#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/legacy_transport.hpp>
#include <sevspec/firmware/snp_config.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/command_attacks.hpp>
#include <sevspec/verify/attacks/device_attacks.hpp>
#include <sevspec/verify/attacks/firmware_stage.hpp>
#include <sevspec/verify/attacks/register_attacks.hpp>
#include <sevspec/verify/attacks/switch_stage.hpp>

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

/// Aliases from boot on. Firmware that looks for them tells in each report that there are some, and who relies on a guest
/// asks first.
template <class Script>
auto with_aliases(const setting& at, const Script& script) -> verdict {
  const bool looked_for = at.snp() && (at.fixed || at.where == column::turin);
  if (looked_for) {
    firmware_stage m(at);
    m.m.hw.alias_check_complete = false;
    m.snp_launch();
    m.must(m.snp_finish());
    if (verdict believed = m.relying_party(); believed.how != ending::success) return believed;
  }
  return script(at);
}

inline auto bad_ram(const setting& at) -> verdict { return with_aliases(at, replay_by_alias); }

/// The VMSA, put back as it was through its alias.
inline auto bad_ram_registers(const setting& at) -> verdict {
  if (at.where == column::sev) return {};
  return with_aliases(at, [](const setting& here) -> verdict {
    switch_stage m(here);
    constexpr std::uint64_t ignored = memory_stage::dram_bytes;
    m.alias(ignored);
    std::array<std::uint8_t, 4096> old{};
    if (const auto done = m.host_read(m.vmsa_of(0) + ignored, old); !done) return stopped_by(done.error());
    if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
    m.cores[0].registers.set_rip(switch_stage::entry_point + 0x100);
    m.leave(0);
    if (const auto done = m.host_write(m.vmsa_of(0) + ignored, old); !done) return stopped_by(done.error());
    if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
    return success_if(m.cores[0].registers.rip() == switch_stage::entry_point);
  });
}

/// Entries of the Reverse Map Table, exchanged through their alias: ATK-03 again.
inline auto bad_ram_table(const setting& at) -> verdict {
  if (!at.snp()) return {};
  return with_aliases(at, [](const setting& here) -> verdict {
    using stage = firmware_stage;
    stage m(here);
    constexpr std::array places{stage::pages, stage::pages + 0x1000};
    constexpr std::array seen_at{gpa{0x5000}, gpa{0x6000}};
    m.snp_launch();
    m.must(m.snp_add(places[0], seen_at[0], secret_block));
    m.must(m.snp_add(places[1], seen_at[1], other_block));
    m.must(m.snp_finish());
    for (std::size_t i = 0; i < 2; ++i) {
      rmp::entry changed = m.m.rmp.entry_of(page_of(places.at(i)));
      changed.guest = seen_at.at(1 - i);
      m.alias_write_entry(places.at(i), changed);
    }
    const auto judged = rmp::check_access(m.ctx, m.m.rmp,
                                          {.where = places[1],
                                           .guest = seen_at[0],
                                           .c = true,
                                           .who = memory::owner_context::snp_guest,
                                           .id = stage::snp_id});
    if (judged.what != memory::ownership_verdict::kind::allowed) return stopped_by(judged);
    return success_if(m.guest_block(stage::snp_id, places[1]) == other_block);
  });
}

/// The guest context, put back through its alias as it was before a page was added that the owner has not wanted.
inline auto bad_ram_context(const setting& at) -> verdict {
  if (!at.snp()) return {};
  return with_aliases(at, [](const setting& here) -> verdict {
    using stage = firmware_stage;
    stage m(here);
    constexpr spa extra = stage::pages + 0x1000;
    m.snp_launch();
    m.must(m.snp_add(stage::pages, gpa{0x5000}, secret_block));
    const firmware::snp_guest wanted = m.guest();
    m.must(m.snp_add(extra, gpa{0x6000}, payload_block));
    m.note_alias_write(stage::context_page);
    m.guest() = wanted;
    if (const auto done = m.snp_finish(&wanted.launch_digest); !done) return stopped_by(done);
    return success_if(m.guest_block(stage::snp_id, extra) == payload_block);
  });
}

/// A metadata page, put back through its alias when its entry has been used: ATK-35 again.
inline auto bad_ram_metadata(const setting& at) -> verdict {
  if (!at.snp()) return {};
  return with_aliases(at, [](const setting& here) { return swap_replay_with(here, true); });
}

/// A report of the attacker's own, with the seed of the chip's keys; or without, with a key of his own. What is fixed is that
/// the seed is that of an older TCB.
inline auto forged_report(const setting& at) -> verdict {
  if (!at.snp()) return {};
  constexpr std::uint64_t old_tcb = 0x4802'0000'0000'0207;
  firmware_stage m(at);
  m.snp_launch();
  m.must(m.snp_finish());
  if (at.fixed) m.m.sp.committed.tcb = old_tcb;
  layout::attestation_report_v5 made = firmware::make_report(m.m, m.guest(), firmware_stage::nonce, 0, false);
  firmware::snp_digest claimed{};
  claimed.fill(0x5a);  // of a guest that never ran
  made.set_measurement(claimed);
  crypto::repeatable_random random{};
  const auto key = at.attacker_has_vcek_seed
                       ? firmware::vcek_of(firmware::endorsement_seed_of(m.m.hw.chip_secret, made.reported_tcb()))
                       : crypto::p384_private_key::generate(random);
  firmware::sign_report(made, crypto::sha384_signer(key));
  return m.relying_party(made, claimed);
}

/// VMPL 1 takes from VMPL 0 what it may do with a page.
inline auto adjust_upwards(const setting& at) -> verdict {
  if (!at.snp()) return {};
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  constexpr rmp::permissions read_write{3}, read{1};
  for (const gpa one : {memory_stage::guest_tables, memory_stage::guest_tables + 0x1000, page})
    if (const auto done = m.adjust(m.a, vmpl{0}, one, vmpl{1}, read_write); !done || !done->succeeded())
      return done ? stopped_by(*done) : stopped_by(done.error());
  const auto done = m.adjust(m.a, vmpl{1}, page, vmpl{0}, read);
  if (!done) return stopped_by(done.error());
  if (!done->succeeded()) return stopped_by(*done);
  return success_if(!m.rmp.entry_of(page_of(place)).allowed[0].write());
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
    attack{"ATK-16-VMSA", "BadRAM: an old VMSA", "De Meulemeester et al., S&P 2025 (CVE-2024-21944)",
           "a memory module that claims to be larger", "Keep the VMSA; run the guest; write it back through its alias.",
           "the guest goes on where it was before", "firmware that looks for aliases, and a relying party who asks",
           detail::bad_ram_registers},
    attack{"ATK-16-RMP", "BadRAM: entries of the table", "De Meulemeester et al., S&P 2025 (CVE-2024-21944)",
           "a memory module that claims to be larger",
           "Exchange the gPAs of two entries of the Reverse Map Table through their alias; exchange the pages.",
           "the guest reads the other page", "firmware that looks for aliases, and a relying party who asks",
           detail::bad_ram_table},
    attack{"ATK-16-CTX", "BadRAM: an old guest context", "De Meulemeester et al., S&P 2025 (CVE-2024-21944)",
           "a memory module that claims to be larger",
           "Keep the guest context of the launch that the owner wants; add a page; write the context back through its "
           "alias.",
           "the measurement is the expected one, and the page is there",
           "firmware that looks for aliases, and a relying party who asks", detail::bad_ram_context},
    attack{"ATK-27", "Older firmware", "Buhren et al., CCS 2019", "", "Load an older firmware image of AMD's.",
           "it runs, and nobody notices", "firmware that does not go back", detail::roll_back},
    attack{"ATK-27-SEED", "A forged report", "BadFuse, arXiv 2605.12990", "the seed of a chip's endorsement keys",
           "Sign a report of a guest that never ran.", "whoever relies on the guest believes it",
           "a seed of an older TCB, and a relying party who wants the newer", detail::forged_report,
           "A report is no memory."},
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
    attack{"ATK-32-ADJ", "RMPADJUST upwards", "derived", "VMPL 1 of the guest",
           "RMPADJUST of a page by VMPL 1, for VMPL 0.", "VMPL 0 may no longer write", "", detail::adjust_upwards},
    attack{"ATK-35-ALIAS", "An old swapped page, by BadRAM", "derived", "a memory module that claims to be larger",
           "Swap a page in a second time, with its entry put back through an alias.",
           "the old page is the guest's again", "firmware that looks for aliases, and a relying party who asks",
           detail::bad_ram_metadata},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
