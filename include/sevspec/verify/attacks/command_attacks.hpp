// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_COMMAND_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_COMMAND_ATTACKS_HPP

#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/firmware/legacy_memory.hpp>
#include <sevspec/firmware/legacy_transport.hpp>
#include <sevspec/firmware/snp_debug.hpp>
#include <sevspec/firmware/snp_page_move.hpp>
#include <sevspec/firmware/snp_page_swap.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/ciphertext_attacks.hpp>
#include <sevspec/verify/attacks/firmware_stage.hpp>

/// Attacks by commands to the AMD-SP, with operands and in an order that nobody meant.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

/// The memory route of the AMD-SP is changed while it builds the Reverse Map Table: an entry of the attacker's stays.
inline auto fabricated(const setting& at) -> verdict {
  if (!at.snp()) return {};
  firmware_stage m(at);
  constexpr spa page = firmware_stage::pages;
  constexpr gpa seen{0x5000};
  m.m.rmp.put(page_of(page), {.assigned = true, .validated = true, .id = firmware_stage::snp_id, .guest = seen});
  rmp::entry forged = m.m.rmp.entry_of(page_of(page));
  forged.allowed[0] = rmp::all_permissions;
  m.m.rmp.put(page_of(page), forged);
  m.m.rmp.loses_writes = !at.fixed;
  const auto done = m.run([](auto& c, auto& sp) { return firmware::snp_init(c, sp); });
  m.m.rmp.loses_writes = false;
  if (!done) return stopped_by(done);
  // A page that the guest has never validated, at an address of the attacker's choice.
  const auto judged = rmp::check_access(
      m.ctx, m.m.rmp,
      {.where = page, .guest = seen, .c = true, .who = memory::owner_context::snp_guest, .id = firmware_stage::snp_id});
  if (judged.what == memory::ownership_verdict::kind::allowed) return {.how = ending::success};
  return stopped_by(judged);
}

/// A guest's page as the buffer that a command writes. Old firmware did not look whose it is.
inline auto foreign_output(const setting& at) -> verdict {
  if (!at.snp()) return {};
  setting where = at;
  if (!at.fixed && at.where != column::turin) where.rules = at.rules.without(rule::FW_SNP_GST_01);
  firmware_stage m(where);
  m.snp_launch();
  m.must(m.snp_add(firmware_stage::pages, gpa{0}, secret_block));
  m.must(m.snp_finish());
  layout::cmd_snp_guest_status ask;
  ask.set_gctx_paddr(firmware_stage::context_page.value);
  ask.set_status_paddr(firmware_stage::pages.value);
  if (const auto done = m.run([&](auto& c, auto& sp) { return firmware::snp_guest_status(c, sp, ask); }); !done)
    return stopped_by(done);
  return success_if(m.guest_block(firmware_stage::snp_id, firmware_stage::pages) != secret_block);
}

/// Packets of a migration name no address: the target's host puts them where it likes.
inline auto permuted_migration(const setting& at) -> verdict {
  if (at.snp()) return {};
  using stage = firmware_stage;
  stage source(at), target(at);
  const std::uint32_t handle = source.legacy_launch();
  [[maybe_unused]] const std::uint32_t other = target.legacy_launch();  // a platform that works
  constexpr std::array contents{secret_block, other_block};
  for (std::uint64_t i = 0; i < 2; ++i)
    source.must(source.legacy_add(handle, stage::pages + 0x1000 * i, contents.at(i)));
  source.legacy_finish(handle);
  constexpr spa certificate = stage::scratch, session = stage::scratch + 0x2000, header = stage::scratch + 0x3000,
                packet = stage::scratch + 0x4000;
  layout::cmd_send_start send;
  source.write(certificate, target.m.sp.identity.pdh.certificate.bytes());
  send.set_handle(handle);
  send.set_pdh_cert_paddr(certificate.value);
  send.set_pdh_cert_len(firmware::sev_cert_bytes);
  send.set_session_paddr(session.value);
  send.set_session_len(layout::size_of<layout::sev_session>);
  source.must(source.run([&](auto& c, auto& sp) { return firmware::send_start(c, sp, send); }));

  const auto carry = [&](spa where, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    [[maybe_unused]] const auto read = source.m.memory.read(where, memory_key::none(), bytes);
    target.write(where, bytes);
  };
  carry(session, layout::size_of<layout::sev_session>);
  target.write(certificate, source.m.sp.identity.pdh.certificate.bytes());
  layout::cmd_receive_start receive;
  receive.set_policy(send.policy());
  receive.set_pdh_cert_paddr(certificate.value);
  receive.set_pdh_cert_len(firmware::sev_cert_bytes);
  receive.set_session_paddr(session.value);
  receive.set_session_len(layout::size_of<layout::sev_session>);
  target.must(target.run([&](auto& c, auto& sp) { return firmware::receive_start(c, sp, receive); }));
  const asid id{target.legacy_id().value + 1};
  target.must(target.activate(receive.handle(), id));
  for (std::uint64_t i = 0; i < 2; ++i) {
    layout::cmd_transport move;
    move.set_handle(handle);
    move.set_hdr_paddr(header.value);
    move.set_hdr_len(firmware::packet_header_bytes);
    move.set_guest_paddr((stage::pages + 0x1000 * i).value);
    move.set_guest_len(sizeof(block));
    move.set_trans_paddr(packet.value);
    move.set_trans_len(sizeof(block));
    source.must(source.run([&](auto& c, auto& sp) { return firmware::send_update_data(c, sp, move); }));
    carry(header, firmware::packet_header_bytes);
    carry(packet, sizeof(block));
    move.set_handle(receive.handle());
    move.set_guest_paddr((stage::pages + 0x1000 * (1 - i)).value);
    const auto done = target.run([&](auto& c, auto& sp) { return firmware::receive_update_data(c, sp, move); });
    if (!done) return stopped_by(done);
  }
  return success_if(target.guest_block(id, stage::pages) == other_block);
}

/// An older image of a page than the last one that was swapped out, with its own metadata entry.
/// @param put_back  the metadata page is as it was, through an alias
inline auto swap_replay_with(const setting& at, bool put_back) -> verdict {
  if (!at.snp()) return {};
  using stage = firmware_stage;
  stage m(at);
  constexpr gpa where{0x5000};
  constexpr spa page = stage::pages, second = stage::pages + 0x1000, image = stage::scratch + 0x6000,
                metadata = stage::scratch + 0x7000;
  m.snp_launch();
  m.must(m.snp_add(page, where, secret_block));
  m.must(m.snp_finish());
  m.give_to_firmware(metadata);
  m.give_to_firmware(image);
  layout::cmd_snp_md_init init;
  init.set_gctx_paddr(stage::context_page.value);
  init.set_page_paddr(metadata.value);
  m.must(m.run([&](auto& c, auto& sp) { return firmware::snp_page_md_init(c, sp, init); }));
  m.give_to_guest(page, where);  // immutable: ready to be swapped
  layout::cmd_snp_swap_out out;
  out.set_gctx_paddr(stage::context_page.value);
  out.set_src_paddr(page.value);
  out.set_dst_paddr(image.value);
  out.set_mdata_paddr(metadata.value);
  m.must(m.run([&](auto& c, auto& sp) { return firmware::snp_page_swap_out(c, sp, out); }));
  const auto swap_in = [&](spa target) {
    layout::cmd_snp_swap_in in;
    in.set_gctx_paddr(stage::context_page.value);
    in.set_src_paddr(image.value);
    in.set_dst_paddr(target.value);
    in.set_mdata_paddr(metadata.value);
    return m.run([&](auto& c, auto& sp) { return firmware::snp_page_swap_in(c, sp, in); }, rmp_deed::swap_in, target);
  };
  std::array<std::uint8_t, 4096> kept{};
  [[maybe_unused]] const auto copied = m.m.memory.read(metadata, memory_key::none(), kept);
  m.must(swap_in(page));
  if (put_back) m.alias_write(metadata, kept);
  m.guest_write(stage::snp_id, page, other_block);
  m.give_to_guest(second, where);
  if (const auto done = swap_in(second); !done) return stopped_by(done);
  return success_if(m.guest_block(stage::snp_id, second) == secret_block);
}
inline auto swap_replay(const setting& at) -> verdict { return swap_replay_with(at, false); }

/// The image of a page from before, with the metadata entry of now.
inline auto swap_mixed(const setting& at) -> verdict {
  if (!at.snp()) return {};
  using stage = firmware_stage;
  stage m(at);
  constexpr gpa where{0x5000};
  constexpr spa page = stage::pages, metadata = stage::scratch + 0x7000;
  constexpr std::array images{stage::scratch + 0x6000, stage::scratch + 0x8000};
  constexpr std::uint64_t entry_bytes = layout::size_of<layout::snp_mdata_entry>;
  m.snp_launch();
  m.must(m.snp_add(page, where, secret_block));
  m.must(m.snp_finish());
  m.give_to_firmware(metadata);
  layout::cmd_snp_md_init init;
  init.set_gctx_paddr(stage::context_page.value);
  init.set_page_paddr(metadata.value);
  m.must(m.run([&](auto& c, auto& sp) { return firmware::snp_page_md_init(c, sp, init); }));
  const auto swap_in = [&](spa image, std::uint64_t entry) {
    layout::cmd_snp_swap_in in;
    in.set_gctx_paddr(stage::context_page.value);
    in.set_src_paddr(image.value);
    in.set_dst_paddr(page.value);
    in.set_mdata_paddr((metadata + entry * entry_bytes).value);
    return m.run([&](auto& c, auto& sp) { return firmware::snp_page_swap_in(c, sp, in); }, rmp_deed::swap_in, page);
  };
  for (std::uint64_t i = 0; i < 2; ++i) {
    m.give_to_firmware(images.at(i));
    m.give_to_guest(page, where);  // immutable: ready to be swapped
    layout::cmd_snp_swap_out out;
    out.set_gctx_paddr(stage::context_page.value);
    out.set_src_paddr(page.value);
    out.set_dst_paddr(images.at(i).value);
    out.set_mdata_paddr((metadata + i * entry_bytes).value);
    m.must(m.run([&](auto& c, auto& sp) { return firmware::snp_page_swap_out(c, sp, out); }));
    if (i != 0) continue;
    m.must(swap_in(images[0], 0));
    m.must(m.run([](auto& c, auto& sp) { return firmware::snp_page_reclaim(c, sp, page.value); }));
    m.guest_write(stage::snp_id, page, other_block);
  }
  if (const auto done = swap_in(images[0], 1); !done) return stopped_by(done);
  return success_if(m.guest_block(stage::snp_id, page) == secret_block);
}

/// A guest gets the ASID of one that is gone, while caches may hold lines of that one's.
inline auto reused_asid(const setting& at) -> verdict {
  using stage = firmware_stage;
  stage m(at);
  if (!at.snp()) {
    layout::cmd_handle gone;
    gone.set_handle(m.legacy_launch());
    m.legacy_finish(gone.handle());
    m.must(m.run([&](auto& c, auto& sp) { return firmware::deactivate(c, sp, gone); }));
    layout::cmd_launch_start next;
    next.set_policy({stage::legacy_policy | (at.where == column::es ? 4U : 0U)});
    m.must(m.run([&](auto& c, auto& sp) { return firmware::launch_start(c, sp, next); }));
    const auto done = m.activate(next.handle(), m.legacy_id());
    return done ? verdict{.how = ending::success} : stopped_by(done);
  }
  constexpr spa next = stage::context_page + 0x1000;
  m.snp_launch();
  m.must(m.snp_finish());
  m.must(m.run([](auto& c, auto& sp) { return firmware::snp_decommission(c, sp, stage::context_page.value); }));
  m.snp_start(next);
  const auto done = m.snp_activate(next, stage::snp_id);
  return done ? verdict{.how = ending::success} : stopped_by(done);
}

/// A guest gets the ASID of one that is gone, while the Reverse Map Table has pages of that one's.
inline auto asid_with_pages(const setting& at) -> verdict {
  if (!at.snp()) return {};
  using stage = firmware_stage;
  stage m(at);
  constexpr spa next = stage::context_page + 0x1000;
  m.snp_launch();
  m.must(m.snp_add(stage::pages, gpa{0}, secret_block));
  m.must(m.snp_finish());
  m.must(m.run([](auto& c, auto& sp) { return firmware::snp_decommission(c, sp, stage::context_page.value); }));
  m.flush(true);
  m.snp_start(next);
  const auto done = m.snp_activate(next, stage::snp_id);
  return done ? verdict{.how = ending::success} : stopped_by(done);
}

/// ACTIVATE with an ASID of the other range.
inline auto activate_wrong_asid(const setting& at) -> verdict {
  using stage = firmware_stage;
  stage m(at);
  constexpr asid of_sev{7}, of_others{2};
  command_result done;
  if (at.snp()) {
    m.must(m.run([](auto& c, auto& sp) { return firmware::snp_init(c, sp); }));
    m.flush(true);
    m.snp_start(stage::context_page);
    done = m.snp_activate(stage::context_page, of_sev);
  } else {
    [[maybe_unused]] const std::uint32_t first = m.legacy_launch();  // a platform that works
    layout::cmd_launch_start launch;
    launch.set_policy({stage::legacy_policy | (at.where == column::es ? 4U : 0U)});
    m.must(m.run([&](auto& c, auto& sp) { return firmware::launch_start(c, sp, launch); }));
    done = m.activate(launch.handle(), at.where == column::es ? of_sev : of_others);
  }
  return done ? verdict{.how = ending::success} : stopped_by(done);
}

/// SNP_PAGE_MOVE enciphers a block that the attacker knows at an address of his choice: a codebook for what lies there.
inline auto heracles(const setting& at) -> verdict {
  if (!at.snp()) return {};
  using stage = firmware_stage;
  stage m(at);
  constexpr spa known = stage::pages, target = stage::pages + 0x1000;
  const bool forbidden = at.fixed && !at.hides_ciphertext();
  m.snp_launch(stage::smt_allowed | (forbidden ? stage::no_moves_bit : 0));
  m.must(m.snp_add(known, gpa{0x5000}, other_block));
  m.must(m.snp_finish());
  m.guest_write(stage::snp_id, target, secret_block);
  const block victim = m.host_block(target);
  m.guest_write(stage::snp_id, known, secret_block);  // the attacker has the guest write what he guesses
  m.give_to_guest(known, gpa{0x5000});
  m.give_to_guest(target, gpa{0x9000});
  layout::cmd_snp_page_move move;
  move.set_gctx_paddr(stage::context_page.value);
  move.set_src_paddr(known.value);
  move.set_dst_paddr(target.value);
  const auto done =
      m.run([&](auto& c, auto& sp) { return firmware::snp_page_move(c, sp, move); }, rmp_deed::page_move, target);
  if (!done) return stopped_by(done);
  m.ctx.listener = {};
  const block book = m.host_block(target);
  const rule why = m.ctx.listener.last_effect;
  if (why != rule::none) return {.how = ending::hidden, .decided_by = why};
  return success_if(book == victim);
}

/// The commands for debuggers.
inline auto debugged(const setting& at) -> verdict {
  using stage = firmware_stage;
  stage m(at);
  constexpr spa told = stage::scratch + 0x5000;
  command_result done;
  if (at.snp()) {
    m.snp_launch(stage::smt_allowed | (at.fixed ? 0 : stage::debug_bit));
    m.must(m.snp_add(stage::pages, gpa{0x5000}, secret_block));
    m.must(m.snp_finish());
    m.give_to_firmware(told);
    layout::cmd_snp_dbg ask;
    ask.set_gctx_paddr(stage::context_page.value);
    ask.set_src_paddr(stage::pages.value);
    ask.set_dst_paddr(told.value);
    done = m.run([&](auto& c, auto& sp) { return firmware::snp_dbg_decrypt(c, sp, ask); });
  } else {
    constexpr std::uint32_t nodbg = 1;
    const std::uint32_t handle = m.legacy_launch(stage::legacy_policy | (at.fixed ? nodbg : 0));
    m.must(m.legacy_add(handle, stage::pages, secret_block));
    m.legacy_finish(handle);
    layout::cmd_dbg ask;
    ask.set_handle(handle);
    ask.set_src_paddr(stage::pages.value);
    ask.set_dst_paddr(told.value);
    ask.set_len(sizeof(block));
    done = m.run([&](auto& c, auto& sp) { return firmware::dbg_decrypt(c, sp, ask); });
  }
  return done ? success_if(m.host_block(told) == secret_block) : stopped_by(done);
}

}  // namespace detail

inline constexpr std::array command_attacks{
    attack{"ATK-20", "Fabricked: the table is never built", "USENIX Security 2026 (CVE-2025-54510)",
           "the host's firmware", "Route the AMD-SP's writes away while SNP_INIT builds the Reverse Map Table.",
           "an entry of the attacker's is in force", "firmware of AMD-SB-3034", detail::fabricated},
    attack{"ATK-25", "A guest's page as a buffer", "CVE-2024-21978, CVE-2024-21980, CVE-2023-31355", "",
           "Give a guest's page as the page that a command writes.", "the guest's page has changed",
           "firmware that looks at page states", detail::foreign_output},
    attack{"ATK-29", "A permuted migration", "derived from the format of packets", "",
           "Receive the packet of one page into another page.", "the guest's pages have changed places", "",
           detail::permuted_migration},
    attack{"ATK-35", "An old swapped page", "derived", "",
           "Swap a page in a second time, from its old image and entry.", "the old page is the guest's again", "",
           detail::swap_replay},
    attack{"ATK-35-MIX", "An old image with a new entry", "derived", "",
           "Swap a page out twice; swap it in from the old image, with the new metadata entry.",
           "the old page is the guest's again", "", detail::swap_mixed},
    attack{"ATK-42", "An ASID without a flush", "derived", "",
           "Activate a guest with the ASID of one that is gone, at once.", "the ASID is the guest's", "",
           detail::reused_asid},
    attack{"ATK-42-RMP", "An ASID that has pages", "derived", "",
           "Flush; activate a guest with the ASID of one that is gone, whose pages were not taken back.",
           "the ASID is the guest's", "", detail::asid_with_pages},
    attack{"ATK-43-ACT", "ACTIVATE with an ASID of the wrong range", "derived", "",
           "Activate a guest with an ASID of the other kind of guests.", "the ASID is the guest's", "",
           detail::activate_wrong_asid},
    attack{"ATK-48", "Heracles: a codebook by moved pages", "Schlueter et al., CCS 2025",
           "a page whose contents the attacker chooses",
           "SNP_PAGE_MOVE a known page to the address of a secret; compare ciphertexts.",
           "equal plaintext gives equal ciphertext", "policy bit 25, or ciphertext hiding", detail::heracles,
           ciphertext_is_read},
    attack{"ATK-50", "Commands for debuggers", "derived", "", "DBG_DECRYPT, or SNP_DBG_DECRYPT, of a page.",
           "the host reads plaintext", "a policy that forbids debugging", detail::debugged,
           "The owner has allowed it: the AMD-SP writes a page of its own."},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
