// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_REGISTER_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_REGISTER_ATTACKS_HPP

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/ciphertext_attacks.hpp>
#include <sevspec/verify/attacks/switch_stage.hpp>

/// Attacks by VMRUN and #VMEXIT: on registers, ASIDs and translations of a guest.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

inline constexpr std::uint64_t register_secret = 0x5ec4'e7a1'5ec4'e7a1;
inline constexpr std::size_t rax_offset = 0x1f8;
inline constexpr std::size_t rip_offset = 0x178;

[[nodiscard]] inline auto entered(const cpu::vmrun_result& done) noexcept -> bool {
  return done.end == cpu::vmrun_end::entered;
}

inline auto read_registers(const setting& at) -> verdict {
  switch_stage m(at);
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  m.cores[0].registers.set_rax(register_secret);
  m.leave(0);
  m.load(m.vmcbs[0]);
  const auto in_vmcb =
      layout::read_le<std::uint64_t>(m.vmcbs[0].page.bytes.data() + switch_stage::save_area + rax_offset);
  block in_vmsa{};
  if (at.where != column::sev) in_vmsa = m.host_block(m.vmsa_of(0) + (rax_offset - 8));
  const bool found =
      in_vmcb == register_secret || layout::read_le<std::uint64_t>(in_vmsa.data() + 8) == register_secret;
  return success_if(found, ending::stopped);
}

inline auto write_registers(const setting& at) -> verdict {
  switch_stage m(at);
  constexpr std::uint64_t gadget = 0xffff'ffff'8123'4560;
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  m.leave(0);
  if (at.where == column::sev) {
    m.load(m.vmcbs[0]);
    layout::write_le(m.vmcbs[0].page.bytes.data() + switch_stage::save_area + rip_offset, gadget);
    m.store(m.vmcbs[0]);
  } else {
    block changed{};
    layout::write_le(changed.data() + 8, gadget);
    if (const auto done = m.host_write(m.vmsa_of(0) + (rip_offset - 8), changed); !done)
      return stopped_by(done.error());
  }
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  return success_if(m.cores[0].registers.rip() == gadget);
}

inline auto run_twice(const setting& at) -> verdict {
  if (at.where == column::sev) return {};
  switch_stage m(at);
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  if (const auto done = m.enter(1, 0U); !entered(done)) return stopped_by(done);
  return success_if(m.cores[0].guest && m.cores[1].guest && m.cores[0].guest->vmsa == m.cores[1].guest->vmsa);
}

/// The page of a VMSA that runs, taken back by its host.
inline auto take_running(const setting& at) -> verdict {
  if (!at.snp()) return {};
  switch_stage m(at);
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  const auto done = m.update(m.vmsa_of(0), {});
  return done.succeeded() ? verdict{.how = ending::success} : stopped_by(done);
}

inline auto replay_registers(const setting& at) -> verdict {
  if (at.where == column::sev) return {};
  switch_stage m(at);
  std::array<std::uint8_t, 4096> old{};
  if (const auto done = m.host_read(m.vmsa_of(0), old); !done) return stopped_by(done.error());
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  m.cores[0].registers.set_rip(switch_stage::entry_point + 0x100);
  m.leave(0);
  if (const auto done = m.host_write(m.vmsa_of(0), old); !done) return stopped_by(done.error());
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  return success_if(m.cores[0].registers.rip() == switch_stage::entry_point);
}

/// Guest A's ASID with tables of the attacker's: the walk takes words of A's pages for entries, and #NPF tells them. Of a
/// guest with hidden state the attacker must run A's own VMSA.
inline auto cross_line(const setting& at) -> verdict {
  switch_stage m(at);
  constexpr gpa secrets{0xa000};
  constexpr std::uint64_t word = 0x2b'cdef'5067;  // looks like an entry: P=1
  const spa secret = m.give(m.a, secrets);
  std::array<std::uint8_t, 8> bytes{};
  layout::write_le(bytes.data(), word);
  if (const auto done = m.guest_write(m.a, secrets, bytes); !done) return stopped_by(done.error());
  m.map(m.b, memory_stage::guest_tables, secret);
  kept_vmcb crossed = m.vmcbs[0];
  crossed.where = spa{0x1a2'0000};
  crossed.page.controls().set_nested_cr3(m.b.tables.value);
  m.store(crossed);
  if (const auto done = m.enter(0, crossed); !entered(done)) return stopped_by(done);
  block ignored{};
  const auto done = m.running_read(0, gva{0}, ignored);
  if (done || done.error().kind != fault_kind::npf) return success_if(false);
  constexpr std::uint64_t frame = 0xf'ffff'ffff'f000;
  if ((done.error().address & frame) != (word & frame)) return stopped_by(done.error());
  m.watch.referred({.page = page_of(secret),  // the walk has taken A's page for a table
                    .by = rmp_party::guest,
                    .guest = memory_stage::guest_tables,
                    .id = m.a.id,
                    .c = true});
  return {.how = ending::success};
}

/// Guest A's ASID with registers of the attacker's: A's code runs from where the attacker likes, once at least. Of a guest
/// with hidden state the registers are in a VMSA, which the attacker has made as his own guest's.
inline auto cross_line_code(const setting& at) -> verdict {
  switch_stage m(at);
  constexpr gpa code{0xa000};
  const spa place = m.give(m.a, code);
  if (const auto done = m.guest_write(m.a, code, payload_block); !done) return stopped_by(done.error());
  for (const gpa page : {memory_stage::guest_tables, memory_stage::guest_tables + 0x1000})
    m.map(m.b, page, memory_stage::place_of(m.a, page));
  m.map(m.b, code, place);
  layout::vmsa chosen = m.first_state();
  chosen.set_rip(code.value);
  kept_vmcb crossed{.where = spa{0x1a2'0000}};
  m.prepare(crossed, m.b, switch_stage::vmsa_pages[0], chosen);
  if (const auto done = m.enter(0, crossed); !entered(done)) return stopped_by(done);
  if (m.cores[0].registers.rip() != code.value) return success_if(false);
  block fetched{};
  if (const auto done = m.running_read(0, gva{code.value}, fetched, access_kind::execute); !done)
    return stopped_by(done.error());
  return success_if(fetched == payload_block);
}

/// Two vCPUs on one core, and no flush between them: the second uses the first one's translation.
inline auto tlb_poisoning(const setting& at) -> verdict {
  switch_stage m(at);
  constexpr gpa own_tables{0xb000}, first{0xd000}, second{0xe000};
  for (const gpa page : {own_tables, own_tables + 0x1000, first, second}) m.give(m.a, page);
  m.give(m.a, gpa{0xf000});
  m.give(m.a, gpa{0x1'0000});
  // The second vCPU's tables map linear address 0x4000_0000 + x like x; the first one's map it as shared.
  const auto put = [&](gpa where, std::uint64_t entry) {
    std::array<std::uint8_t, 8> bytes{};
    layout::write_le(bytes.data(), entry);
    return m.guest_write(m.a, where, bytes).has_value();
  };
  const auto build = [&](gpa root, gpa target) {  // 4K at linear address 0
    return put(root, (root + 0x1000).value | m.c_mask() | 0x67) && put(root + 0x1000, target.value | m.c_mask() | 0xe7);
  };
  // Leaves of 1 GiB: one maps gPA 0, the other gPA 1 GiB.
  constexpr gpa high{0x4000'0000};
  if (!build(own_tables, gpa{0}) || !build(gpa{0xf000}, high)) return {.how = ending::stopped};
  const gpa moved = high + first.value;
  const spa away = memory_stage::spare;
  m.map(m.a, moved, away);
  m.assign(m.a, moved, away);
  if (const auto done = m.guest_write(m.a, first, secret_block); !done) return stopped_by(done.error());
  if (at.snp()) m.launch_update(away);
  for (unsigned i = 0; i < 2; ++i) {
    layout::vmsa state = m.first_state();
    state.set_cr3((i == 0 ? own_tables : gpa{0xf000}).value | m.c_mask());
    m.prepare(i, state);
  }
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  block seen{};
  if (const auto done = m.running_read(0, gva{first.value}, seen); !done) return stopped_by(done.error());
  m.leave(0);
  m.ctx.listener = {};
  if (const auto done = m.enter(0, 1U); !entered(done)) return stopped_by(done);
  const rule why = m.ctx.listener.last_effect;
  if (const auto done = m.running_read(0, gva{first.value}, seen); !done) return stopped_by(done.error());
  if (seen == secret_block) return {.how = ending::success};
  return {.how = ending::stopped, .decided_by = why};
}

inline auto wrong_asid(const setting& at) -> verdict {
  switch_stage m(at);
  kept_vmcb& kept = m.vmcbs[0];
  kept.page.controls().set_guest_asid(at.where == column::sev ? 1 : memory_stage::first_sev_asid);
  m.store(kept);
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  return {.how = ending::success};
}

/// The hypervisor clears the highest SEV bit of the guest's VMCB.
inline auto fewer_features(const setting& at) -> verdict {
  switch_stage m(at);
  constexpr gpa page{0xa000};
  m.give(m.a, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  kept_vmcb& kept = m.vmcbs[0];
  kept.page.controls().set_np_control({at.where == column::sev ? 1U : 3U});
  const layout::vmsa chosen = m.first_state();  // VMRUN finds registers in the VMCB now
  std::copy_n(chosen.data(), switch_stage::saved_bytes, kept.page.bytes.begin() + switch_stage::save_area);
  m.store(kept);
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  m.tlb.flush_all();
  block seen{};
  if (const auto done = m.running_read(0, gva{page.value}, seen); done) return success_if(seen == secret_block);
  return success_if(false);  // its own tables are garbage without the key
}

/// Whether equal registers make equal ciphertext of the VMSA.
/// @param met  the effects on the way
inline auto cipher_leaks_with(const setting& at, std::bitset<rule_count>& met) -> verdict {
  switch_stage m(at);
  m.cores[0].next_nonce = 0x1122'3344'5566'7788;
  const bool masked = at.snp() && (at.fixed || at.where != column::milan);
  if (masked) {
    m.protection.fill(0xff);
    layout::vmsa state = m.first_state();
    state.set_sev_features(state.sev_features().set_vmsa_reg_prot(true));
    m.prepare(0, state);
  }
  std::vector<block> seen;
  for (const std::uint64_t value : {register_secret, ~register_secret, register_secret}) {
    if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
    m.cores[0].registers.set_rax(value);
    m.leave(0);
    seen.push_back(m.host_block(m.vmsa_of(0) + (rax_offset - 8)));
    if (const auto gone = hidden_read(m, seen.back())) return *gone;
  }
  met = m.ctx.listener.effects;
  return success_if(seen[0] == seen[2] && seen[0] != seen[1], ending::stopped);
}

inline auto cipher_leaks(const setting& at) -> verdict {
  if (at.where == column::sev) return {};
  std::bitset<rule_count> met;
  verdict seen = cipher_leaks_with(at, met);
  if (seen == verdict{.how = ending::stopped}) {
    std::bitset<rule_count> ignored;
    const auto again = [&](const setting& other) { return cipher_leaks_with(other, ignored); };
    seen.decided_by = effect_in_the_way(again, at, met);
  }
  return seen;
}

/// VMRUN with an event of the hypervisor's.
inline auto injected(const setting& at, layout::event_injection event) -> verdict {
  if (at.where == column::sev) return {};
  switch_stage m(at);
  if (at.snp() && at.fixed) {
    layout::vmsa state = m.first_state();
    state.set_sev_features(state.sev_features().set_restricted_injection(true));
    m.prepare(0, state);
  }
  m.vmcbs[0].page.controls().set_event_inj(event);
  m.store(m.vmcbs[0]);
  if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
  const auto delivered = m.cores[0].guest->injected;
  return success_if(delivered.valid() && delivered.vector() == event.vector(), ending::stopped);
}

/// #VC with an exit code that was never taken: the handler copies what the hypervisor has put into the GHCB.
inline auto we_see(const setting& at) -> verdict {
  return injected(at, layout::event_injection{}
                          .set_vector(cpu::vector_vc)
                          .set_type(layout::event_types::exception)
                          .set_error_code_valid(true)
                          .set_error_code(0x7c)
                          .set_valid(true));
}
/// The vector of the old system call.
inline auto heckler(const setting& at) -> verdict {
  return injected(at, layout::event_injection{}.set_vector(0x80).set_type(layout::event_types::intr).set_valid(true));
}

/// The hypervisor changes the offset of the guest's time-stamp counter.
inline auto change_time(const setting& at) -> verdict {
  switch_stage m(at);
  if (at.snp() && at.fixed) {
    layout::vmsa state = m.first_state();
    state.set_sev_features(state.sev_features().set_secure_tsc(true));
    m.prepare(0, state);
  }
  std::vector<std::uint64_t> read;
  rule why = rule::none;
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{1'000'000}}) {
    m.vmcbs[0].page.controls().set_tsc_offset(offset);
    m.store(m.vmcbs[0]);
    if (const auto done = m.enter(0, 0U); !entered(done)) return stopped_by(done);
    m.ctx.listener = {};
    read.push_back(cpu::read_guest_tsc(m.ctx, m.cores[0].guest->tsc, 5'000'000).value_or(0));
    why = m.ctx.listener.last_effect;
    m.leave(0);
  }
  if (read[0] != read[1]) return {.how = ending::success};
  return {.how = ending::stopped, .decided_by = why};
}

}  // namespace detail

inline constexpr std::array register_attacks{
    attack{"ATK-01", "Reading registers", "Hetzelt and Buhren, VEE 2017; Werner et al., AsiaCCS 2019", "",
           "Run the guest; after an exit look for its RAX in VMCB and VMSA.", "the attacker has the register", "",
           detail::read_registers},
    attack{"ATK-02", "Changing registers", "Hetzelt and Buhren, VEE 2017; Werner et al., AsiaCCS 2019", "",
           "After an exit change RIP in the VMCB, or in the VMSA; run the guest.", "the guest goes on at the new RIP",
           "", detail::write_registers},
    attack{"ATK-33", "A VMSA on two processors", "derived", "",
           "VMRUN of one VMSA on a second processor while the first runs it.", "both run", "", detail::run_twice},
    attack{"ATK-33-UPD", "A VMSA taken back while it runs", "derived", "",
           "RMPUPDATE of the page of a VMSA that a processor runs.", "the page is the host's", "",
           detail::take_running},
    attack{"ATK-34", "An old VMSA", "derived", "", "Keep the raw VMSA; run the guest; put the old one back.",
           "the guest goes on where it was before", "", detail::replay_registers},
    attack{"ATK-40", "CROSSLINE: somebody else's ASID", "Li et al., CCS 2021", "a guest of its own",
           "Run guest A's ASID with tables that lead to a page of A's; cause a walk there.",
           "#NPF tells a word of A's memory", "", detail::cross_line},
    attack{"ATK-40-V2", "CROSSLINE: somebody else's code", "Li et al., CCS 2021", "a guest of its own",
           "Run guest A's ASID with registers of the attacker's, and tables that lead to A's code.",
           "A's code is fetched from where the attacker likes", "", detail::cross_line_code},
    attack{"ATK-41", "TLB poisoning", "Li et al., ACSAC 2021 (CVE-2021-26340)", "",
           "Run two vCPUs on one core with TLB_CONTROL=0.", "the second uses the first one's translation", "",
           detail::tlb_poisoning},
    attack{"ATK-43", "An ASID of the wrong range", "derived", "",
           "Run a SEV-ES guest with an ASID of SEV guests, or the other way round.", "VMRUN enters", "",
           detail::wrong_asid},
    attack{"ATK-44", "Features taken away", "derived", "", "Clear the highest SEV bit of the guest's VMCB.",
           "the guest's memory can be read", "", detail::fewer_features},
    attack{"ATK-46", "CipherLeaks: the VMSA's ciphertext", "Li et al., USENIX Security 2021 (CVE-2020-12966)", "",
           "Compare the VMSA's ciphertext from exit to exit.", "equal registers make equal blocks",
           "VMSA register protection", detail::cipher_leaks, ciphertext_is_read},
    attack{"ATK-51", "WeSee: #VC by the hypervisor", "Schlueter et al., S&P 2024 (CVE-2024-25742)", "",
           "Inject #VC with an exit code of the attacker's choice.", "the handler is entered", "restricted injection",
           detail::we_see, events_are_not_memory},
    attack{"ATK-52", "Heckler: interrupts nobody expects",
           "Schlueter et al., USENIX Security 2024 (CVE-2024-25743, 25744)", "", "Inject vector 80h.",
           "the handler is entered", "restricted injection", detail::heckler, events_are_not_memory},
    attack{"ATK-53", "Time", "derived", "", "Change the TSC offset in the VMCB between two runs.",
           "the guest's clock jumps", "Secure TSC", detail::change_time, "The time-stamp counter is no memory."},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
