// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_PEER_PROPERTIES_HPP
#define SEVSPEC_VERIFY_EXPLORER_PEER_PROPERTIES_HPP

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/guest_exit_model.hpp>
#include <sevspec/verify/explorer/peer_finding.hpp>
#include <sevspec/verify/explorer/sev_life_model.hpp>
#include <sevspec/verify/explorer/watched_rmp_model.hpp>

/// Properties that another model of SEV guests is checked against: UFESL/TEE-Checking, a solver-aided model of a guest's
/// life (Rosette, 2026). Each is held against machines of this library: all states that they reach, or the shortest way
/// to what contradicts it.
namespace sevspec::inline v0::verify::explorer {

/// What came of a claim.
struct claim_result {
  ending how{};
  std::uint64_t states{};
  std::vector<std::string> trace{};  ///< the shortest way to a contradiction
  contradiction broken{};

  [[nodiscard]] auto holds() const noexcept -> bool { return how == ending::closed; }
};

/// A sentence about a machine.
struct peer_claim {
  const char* text;
  const char* machine;
  claim_result (*explore)(const rule_set& rules);
};

/// A property: the peer's own claim first, then what is true where it is not, or where else it is.
struct peer_property {
  const char* id;
  const char* text;
  std::vector<peer_claim> claims{};
  const char* note = "";
};

/// What the results of a property's claims come to.
enum class peer_verdict : std::uint8_t {
  holds,      ///< all claims
  in_part,    ///< the peer's, and not on all machines
  weaker,     ///< not the peer's, but another
  not_at_all  ///< none
};
[[nodiscard]] constexpr auto name_of(peer_verdict what) noexcept -> const char* {
  switch (what) {
    case peer_verdict::holds:      return "holds";
    case peer_verdict::in_part:    return "holds in part";
    case peer_verdict::weaker:     return "does not hold; something weaker does";
    case peer_verdict::not_at_all: return "does not hold";
  }
  return "?";
}
[[nodiscard]] inline auto verdict_of(const std::vector<claim_result>& results) -> peer_verdict {
  const auto holds = [](const claim_result& one) { return one.holds(); };
  if (std::ranges::all_of(results, holds)) return peer_verdict::holds;
  if (results.front().holds()) return peer_verdict::in_part;
  return std::ranges::any_of(results, holds) ? peer_verdict::weaker : peer_verdict::not_at_all;
}

namespace detail {

template <class Model>
[[nodiscard]] auto result_of(Model model) -> claim_result {
  explorer<Model> search{std::move(model)};
  const auto seen = search.run();
  claim_result made{.how = seen.how, .states = seen.states, .broken = seen.found.broken};
  for (const std::uint32_t operation : seen.found.operations) made.trace.push_back(search.what().describe(operation));
  return made;
}

// Two guests and a page table that the hypervisor changes as it likes.
using rmp_step_seen = watched_rmp_model::step;
using rmp_deed = watched_rmp_model::machine::deed;
inline constexpr rmp_parts two_pages{.large = true, .immutable = false, .vmsa = false, .vmpls = 1};
inline constexpr rmp_parts with_vmsas{
    .large = false, .immutable = false, .vmsa = true, .vmrun = true, .vmpls = 2, .guest_pages = 1};
[[nodiscard]] inline auto on_rmp(const rmp_parts& parts, watched_rmp_model::judge claim, const rule_set& rules)
    -> claim_result {
  return result_of(watched_rmp_model{parts, claim, {.rules = rules}});
}

// The AMD-SP and guests without SNP.
using life_step = sev_life_model::step;
using life_deed = sev_life_model::deed;
[[nodiscard]] inline auto on_life(const sev_life_parts& parts, sev_life_model::judge claim, const rule_set& rules)
    -> claim_result {
  return result_of(sev_life_model{parts, claim, {.rules = rules}});
}

[[nodiscard]] inline auto on_exit(cpu::guest_kind kind, bool tells, guest_exit_model::judge claim,
                                  const rule_set& rules) -> claim_result {
  return result_of(guest_exit_model{kind, tells, claim, {.rules = rules}});
}

inline constexpr const char* rmp_machine = "SNP: two guests, two pages, pages of 2M";
inline constexpr const char* vmsa_machine = "SNP: two guests, two pages, VMSAs and VMRUN";
inline constexpr const char* sev_machine = "SEV: the AMD-SP and its guests";
inline constexpr const char* exit_machine = "VMRUN and #VMEXIT";

/// Whether a page goes from one guest to another in one step.
[[nodiscard]] inline auto changes_hands(const rmp_step_seen& s, bool only_validated, bool stays_validated) -> bool {
  for (std::uint64_t page = 0; page < 2; ++page) {
    const rmp::entry old = rmp::authoritative_entry(s.before.rmp, {page});
    const rmp::entry made = rmp::authoritative_entry(s.now.rmp, {page});
    const bool guests = old.assigned && made.assigned && old.id != host_asid && made.id != host_asid;
    if (!guests || old.id == made.id) continue;
    if (only_validated && !old.validated) continue;
    if (stays_validated && !made.validated) continue;
    return true;
  }
  return false;
}
[[nodiscard]] inline auto in_registers_or_memory(const guest_exit_model::view& v) -> contradiction {
  return contradicts(v.in_registers || v.in_vmcb || v.in_vmsa, "the hypervisor finds the guest's registers");
}
/// How far a guest is in its life.
[[nodiscard]] constexpr auto rank_of(sev_life_model::phase state) noexcept -> unsigned {
  using enum sev_life_model::phase;
  switch (state) {
    case uninit:  return 0;
    case lupdate: return 1;
    case rupdate: return 1;
    case lsecret: return 2;
    case running: return 3;
    case supdate: return 4;
    case sent:    return 5;
  }
  return 0;
}
[[nodiscard]] inline auto key_given_twice(const life_step& s) -> contradiction {
  const auto& [one, other] = s.now.guests;
  return contradicts(one.key != 0 && one.key == other.key, "two guests have one key");
}
[[nodiscard]] inline auto key_changed(const life_step& s) -> contradiction {
  for (unsigned i = 0; i < sev_life_model::most_guests; ++i) {
    const bool stays = s.before.guests[i].key != 0 && s.now.guests[i].key != 0;
    if (stays && s.before.guests[i].key != s.now.guests[i].key) return {"a guest's key has changed"};
  }
  return {};
}

[[nodiscard]] inline auto confidentiality() -> std::vector<peer_property> {
  std::vector<peer_property> list;
  list.push_back(
      {"PEER-C01",
       "only the guest that owns a page passes an access to it",
       {{"no reference reaches a page that is another's", rmp_machine,
         [](const rule_set& rules) {
           return on_rmp(
               two_pages,
               [](const rmp_step_seen& s) -> contradiction {
                 const rmp::entry page = s.entry_before();
                 if (s.read_by_host && s.allowed())
                   return contradicts(page.assigned, "the hypervisor's read of a guest's page is not refused");
                 if (s.is_private()) return contradicts(page.id != s.guest(), "a guest refers to another's page");
                 return contradicts(s.is_foreign_write() && page.assigned, "somebody else writes a guest's page");
               },
               rules);
         }},
        {"no reference but reads without the guest's key, which give ciphertext", rmp_machine,
         [](const rule_set& rules) {
           return on_rmp(
               two_pages,
               [](const rmp_step_seen& s) -> contradiction {
                 const rmp::entry page = s.entry_before();
                 if (s.is_private()) return contradicts(page.id != s.guest(), "a guest refers to another's page");
                 return contradicts(s.is_foreign_write() && page.assigned, "somebody else writes a guest's page");
               },
               rules);
         }}},
       "The table judges writes and private references; reads through other keys are the cipher's matter."});
  list.push_back({"PEER-C02",
                  "an ASID is not handed to a second guest before it is released",
                  {{"no two guests have one ASID", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 2},
                          [](const life_step& s) {
                            return contradicts(s.now.guests[0].id != 0 && s.now.guests[0].id == s.now.guests[1].id,
                                               "two guests have one ASID");
                          },
                          rules);
                    }},
                   {"an ASID is handed out clean: all core complexes have flushed since it was used", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .complexes = 2},
                          [](const life_step& s) -> contradiction {
                            if (!s.is(life_deed::activate)) return {};
                            for (const memory::asid_state one : s.before.asids[s.op.id - 1U])
                              if (one != memory::asid_state::clean) return {"the ASID is not clean"};
                            return {};
                          },
                          rules);
                    }}}});
  list.push_back(
      {"PEER-C03",
       "only the guest bound to an ASID uses its key",
       {{"hardware runs a VMCB with no ASID but its guest's", sev_machine,
         [](const rule_set& rules) {
           return on_life(
               {.guests = 2, .asids = 1},
               [](const life_step& s) {
                 return contradicts(s.is(life_deed::run) && s.before.guests[s.op.guest - 1U].id != s.op.id,
                                    "a VMCB runs with the key of another guest");
               },
               rules);
         }},
        {"VMRUN takes a VMSA of the ASID's own, and private references end in pages of the ASID's own", vmsa_machine,
         [](const rule_set& rules) {
           return on_rmp(
               with_vmsas,
               [](const rmp_step_seen& s) {
                 const bool enters = s.is(rmp_deed::vmrun) && s.what == fate::changed;  // not: runs already
                 const bool uses = s.is_private() || enters;
                 const rmp::entry page = s.entry_before();
                 return contradicts(uses && !(page.assigned && page.id == s.guest()), "a key meets another's page");
               },
               rules);
         }}},
       "Without SNP the hypervisor chooses the ASID of a VMCB, and nothing ties the two together (CROSSLINE)."});
  list.push_back(
      {"PEER-C04",
       "a private page is usable only after PVALIDATE",
       {{"a private reference ends in a validated page", rmp_machine,
         [](const rule_set& rules) {
           return on_rmp(
               two_pages,
               [](const rmp_step_seen& s) {
                 return contradicts(s.is_private() && !s.entry_before().validated, "a page is used unvalidated");
               },
               rules);
         }},
        {"so it does without SNP", sev_machine,
         [](const rule_set& rules) {
           return on_life(
               {.guests = 1, .asids = 1, .secret = true},
               [](const life_step& s) {
                 return contradicts(s.is(life_deed::guest_read), "a guest reads a page that nobody has validated");
               },
               rules);
         }}},
       "Pages that the AMD-SP validates at launch are outside the first machine."});
  list.push_back({"PEER-C05",
                  "data encrypted under one ASID never decrypts under another",
                  {{"a secret is read under no ASID but that under which it was written", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 1, .asids = 2, .secret = true},
                          [](const life_step& s) {
                            return contradicts(s.reads_secret() && s.op.id != s.before.made_in,
                                               "the same data are read under another ASID");
                          },
                          rules);
                    }},
                   {"no guest but the one whose secret it is reads it, if policies forbid to share keys", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .secret = true},
                          [](const life_step& s) {
                            return contradicts(s.reads_secret() &&
                                                   (s.before.gone || s.bound_to(s.op.id) != s.before.owner),
                                               "another guest reads the secret");
                          },
                          rules);
                    }}},
                  "A key is a guest's, and follows it from ASID to ASID. New keys are taken to be new."});
  list.push_back(
      {"PEER-C06",
       "register state is encrypted at #VMEXIT",
       {{"the hypervisor finds nothing of a guest with encrypted state: SNP", exit_machine,
         [](const rule_set& rules) { return on_exit(cpu::guest_kind::snp, true, in_registers_or_memory, rules); }},
        {"the same: SEV-ES", exit_machine,
         [](const rule_set& rules) { return on_exit(cpu::guest_kind::sev_es, true, in_registers_or_memory, rules); }},
        {"the same: SEV", exit_machine,
         [](const rule_set& rules) { return on_exit(cpu::guest_kind::sev, true, in_registers_or_memory, rules); }}}});
  list.push_back(
      {"PEER-C07",
       "a validated page is not remapped to another guest",
       {{"no step gives a validated page to another guest", rmp_machine,
         [](const rule_set& rules) {
           return on_rmp(
               two_pages,
               [](const rmp_step_seen& s) {
                 return contradicts(changes_hands(s, true, false), "a validated page is another guest's now");
               },
               rules);
         }},
        {"no step gives it away with its validation", rmp_machine, [](const rule_set& rules) {
           return on_rmp(
               two_pages,
               [](const rmp_step_seen& s) {
                 return contradicts(changes_hands(s, true, true), "a page is another guest's, and still validated");
               },
               rules);
         }}}});
  list.push_back({"PEER-C08",
                  "a guest neither uses nor changes a page before validating it",
                  {{"a private reference goes to a gPA that the guest itself has validated", rmp_machine,
                    [](const rule_set& rules) {
                      return on_rmp(
                          two_pages,
                          [](const rmp_step_seen& s) {
                            const bool known = !s.is_private() || (s.before.validated[s.op.guest] >> s.op.gpa & 1) != 0;
                            return contradicts(!known, "a guest uses a gPA that it has not validated");
                          },
                          rules);
                    }}},
                  "Guests of the machine are careful: they validate no gPA twice, and end at CF=1."});
  list.push_back(
      {"PEER-C09",
       "injected secrets are unreachable after DEACTIVATE",
       {{"nobody reads a secret once its guest was deactivated", sev_machine,
         [](const rule_set& rules) {
           return on_life(
               {.guests = 1, .asids = 1, .secret = true},
               [](const life_step& s) {
                 return contradicts(s.reads_secret() && s.before.left, "the secret is read after DEACTIVATE");
               },
               rules);
         }},
        {"whoever reads it then has the key, and was activated with it", sev_machine,
         [](const rule_set& rules) {
           return on_life(
               {.guests = 2, .asids = 1, .sharing = true, .secret = true},
               [](const life_step& s) {
                 const std::uint8_t who = s.bound_to(s.op.id);
                 const bool has_key = who != 0 && s.before.guests[who - 1U].key == s.before.page.key;
                 return contradicts(s.reads_secret() && !has_key, "somebody without the key reads the secret");
               },
               rules);
         }}},
       "DEACTIVATE takes the ASID. The key stays in the AMD-SP, and in the slot until another is put there."});
  list.push_back({"PEER-C10",
                  "no re-assignment without explicit un-assignment",
                  {{"no step takes a page from one guest and gives it to another", rmp_machine,
                    [](const rule_set& rules) {
                      return on_rmp(
                          two_pages,
                          [](const rmp_step_seen& s) {
                            return contradicts(changes_hands(s, false, false), "one RMPUPDATE has done both");
                          },
                          rules);
                    }},
                   {"the page is not validated afterwards", rmp_machine, [](const rule_set& rules) {
                      return on_rmp(
                          two_pages,
                          [](const rmp_step_seen& s) {
                            return contradicts(changes_hands(s, false, true), "the new owner finds it validated");
                          },
                          rules);
                    }}}});
  list.push_back({"PEER-C11",
                  "secrets are injected only after measurement",
                  {{"LAUNCH_SECRET follows LAUNCH_MEASURE", sev_machine, [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .secret = true},
                          [](const life_step& s) {
                            return contradicts(s.is(life_deed::secret) && !s.before.guests[s.op.guest - 1U].measured,
                                               "a secret is injected before the measurement is known");
                          },
                          rules);
                    }}}});
  list.push_back({"PEER-C12",
                  "no guest runs before secrets and attestation",
                  {{"a guest that runs has been given a secret", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 1, .asids = 1, .secret = true},
                          [](const life_step& s) {
                            const std::uint8_t who = s.bound_to(s.op.id);
                            const bool without = who != 0 && !s.before.guests[who - 1U].injected;
                            return contradicts(s.is(life_deed::run) && without, "a guest runs without a secret");
                          },
                          rules);
                    }},
                   {"a guest that was launched here, and runs, has been measured", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .secret = true},
                          [](const life_step& s) {
                            const std::uint8_t who = s.bound_to(s.op.id);
                            const bool without = who == 0 || !s.before.guests[who - 1U].measured;
                            return contradicts(s.is(life_deed::run) && without, "a guest runs that was not measured");
                          },
                          rules);
                    }}},
                  "Secrets are the owner's choice; whether anybody looks at the measurement, too."});
  list.push_back(
      {"PEER-C13",
       "secrets are unreachable after DECOMMISSION",
       {{"nobody reads a secret once its guest was decommissioned", sev_machine,
         [](const rule_set& rules) {
           return on_life(
               {.guests = 2, .asids = 1, .sharing = true, .secret = true},
               [](const life_step& s) {
                 return contradicts(s.reads_secret() && s.before.gone, "the secret is read after DECOMMISSION");
               },
               rules);
         }},
        {"the same, if the policy forbids to share the key", sev_machine,
         [](const rule_set& rules) {
           return on_life(
               {.guests = 2, .asids = 1, .secret = true},
               [](const life_step& s) {
                 return contradicts(s.reads_secret() && s.before.gone, "the secret is read after DECOMMISSION");
               },
               rules);
         }}},
       "The ciphertext stays in memory; what goes is the key. New keys are taken to be new."});
  list.push_back(
      {"PEER-C14",
       "the GHCB carries no guest secret",
       {{"the GHCB holds nothing of the registers, whatever the guest does", exit_machine,
         [](const rule_set& rules) {
           return on_exit(
               cpu::guest_kind::snp, true,
               [](const guest_exit_model::view& v) { return contradicts(v.in_ghcb, "the GHCB has the secret"); },
               rules);
         }},
        {"hardware writes nothing of them there", exit_machine,
         [](const rule_set& rules) {
           return on_exit(
               cpu::guest_kind::snp, false,
               [](const guest_exit_model::view& v) { return contradicts(v.in_ghcb, "the GHCB has the secret"); },
               rules);
         }}},
       "What a #VC handler writes there is the guest's own software."});
  return list;
}

[[nodiscard]] inline auto integrity() -> std::vector<peer_property> {
  std::vector<peer_property> list;
  list.push_back({"PEER-I01",
                  "launch states cannot be skipped",
                  {{"a guest goes LUPDATE, LSECRET, RUNNING, SUPDATE, and then SENT or back to RUNNING", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 1, .asids = 1, .sends = true},
                          [](const life_step& s) -> contradiction {
                            using enum sev_life_model::phase;
                            const auto from = s.before.guests[0].state;
                            const auto to = s.now.guests[0].state;
                            const bool good = from == to || to == uninit || (from == supdate && to == running) ||
                                              rank_of(to) == rank_of(from) + 1;
                            return contradicts(!good, "a state was skipped");
                          },
                          rules);
                    }}}});
  list.push_back({"PEER-I02",
                  "state transitions are atomic",
                  {{"a command that is refused changes nothing", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .complexes = 2},
                          [](const life_step& s) {
                            return contradicts(!s.allowed && !s.same_machine,
                                               "a refused command has changed something");
                          },
                          rules);
                    }},
                   {"the same, DF_FLUSH left out", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .complexes = 2, .secret = true},
                          [](const life_step& s) {
                            return contradicts(!s.allowed && !s.same_machine && s.op.what != life_deed::df_flush,
                                               "a refused command has changed something");
                          },
                          rules);
                    }},
                   {"an instruction that fails changes no entry", rmp_machine,
                    [](const rule_set& rules) {
                      return on_rmp(
                          two_pages,
                          [](const rmp_step_seen& s) {
                            return contradicts(s.what != fate::changed && s.before.rmp != s.now.rmp,
                                               "a refused instruction has changed an entry");
                          },
                          rules);
                    }}},
                  "DF_FLUSH answers WBINVD_REQUIRED, and has cleaned what the other core complexes had written back."});
  list.push_back({"PEER-I03",
                  "launch secrets do not survive migration",
                  {{"a guest that has arrived reads no launch secret", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .secret = true, .sends = true, .arrives = true},
                          [](const life_step& s) {
                            const std::uint8_t who = s.bound_to(s.op.id);
                            const bool arrived = who != 0 && s.before.guests[who - 1U].arrived;
                            return contradicts(s.reads_secret() && arrived, "the secret has arrived, too");
                          },
                          rules);
                    }}},
                  "A secret is part of memory, and moves with it. The machine sends guests to itself."});
  list.push_back({"PEER-I04",
                  "PVALIDATE fails on wrong ownership or encryption",
                  {{"what PVALIDATE changes is the guest's own page, seen at its gPA", rmp_machine,
                    [](const rule_set& rules) {
                      return on_rmp(
                          two_pages,
                          [](const rmp_step_seen& s) -> contradiction {
                            if (!s.is(rmp_deed::pvalidate)) return {};
                            const rmp::entry page = s.entry_before();
                            const gpa where{std::uint64_t{s.op.gpa} << 12};
                            const spa at{std::uint64_t{s.op.page} << 12};
                            const bool own =
                                page.assigned && page.id == s.guest() &&
                                rmp::reverse_map_agrees<watched_rmp_model::machine::table>(page, where, at);
                            return contradicts(!own, "PVALIDATE has changed another page");
                          },
                          rules);
                    }}},
                  "Guests of the machine name pages through C=1."});
  list.push_back({"PEER-I05",
                  "a guest never returns to an earlier life-cycle state",
                  {{"no command but DECOMMISSION takes a guest back", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 1, .asids = 1, .sends = true},
                          [](const life_step& s) {
                            const auto to = s.now.guests[0].state;
                            return contradicts(to != sev_life_model::phase::uninit &&
                                                   rank_of(to) < rank_of(s.before.guests[0].state),
                                               "the guest is where it was before");
                          },
                          rules);
                    }},
                   {"none takes it back into its launch", sev_machine, [](const rule_set& rules) {
                      return on_life(
                          {.guests = 1, .asids = 1, .sends = true},
                          [](const life_step& s) {
                            const auto to = rank_of(s.now.guests[0].state);
                            return contradicts(to != 0 && to < 3 && to < rank_of(s.before.guests[0].state),
                                               "the guest is in its launch again");
                          },
                          rules);
                    }}}});
  list.push_back({"PEER-I06",
                  "an issued key is never changed or re-assigned",
                  {{"a guest keeps its key, and no other has it", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1, .sharing = true},
                          [](const life_step& s) -> contradiction {
                            if (const auto changed = key_changed(s)) return changed;
                            return key_given_twice(s);
                          },
                          rules);
                    }},
                   {"the same, if policies forbid to share keys", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 2},
                          [](const life_step& s) -> contradiction {
                            if (const auto changed = key_changed(s)) return changed;
                            return key_given_twice(s);
                          },
                          rules);
                    }},
                   {"an ASID keeps its key", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 2, .asids = 1},
                          [](const life_step& s) {
                            const std::uint8_t old = s.before.slots[0];
                            return contradicts(old != 0 && s.now.slots[0] != old, "the ASID has another key");
                          },
                          rules);
                    }}},
                  "A key is bound to a guest; ACTIVATE binds it to an ASID, each time anew."});
  list.push_back({"PEER-I07",
                  "page versions only increase",
                  {{"a guest does not read what it has overwritten", sev_machine,
                    [](const rule_set& rules) {
                      return on_life(
                          {.guests = 1, .asids = 1, .secret = true, .replays = true},
                          [](const life_step& s) {
                            return contradicts(s.is(life_deed::guest_read) && s.version != 0 &&
                                                   s.version < s.before.latest,
                                               "the guest reads what it has overwritten");
                          },
                          rules);
                    }},
                   {"with SNP it does not", rmp_machine,
                    [](const rule_set& rules) {
                      return on_rmp(
                          two_pages,
                          [](const rmp_step_seen& s) {
                            return contradicts(s.broken && s.broken->broken == rmp_invariant::inv_18,
                                               "the guest reads something else than it has written");
                          },
                          rules);
                    }}},
                  "Neither has a counter of versions. SNP keeps others from writing; a page that is swapped out has "
                  "metadata that is "
                  "used once."});
  return list;
}

}  // namespace detail

/// All of them, in the peer's order.
[[nodiscard]] inline auto peer_properties() -> std::vector<peer_property> {
  std::vector<peer_property> all = detail::confidentiality();
  for (peer_property& one : detail::integrity()) all.push_back(std::move(one));
  return all;
}

/// Explores the machines of a property's claims.
[[nodiscard]] inline auto results_of(const peer_property& one, const rule_set& rules = {})
    -> std::vector<claim_result> {
  std::vector<claim_result> results;
  for (const peer_claim& claim : one.claims) results.push_back(claim.explore(rules));
  return results;
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
