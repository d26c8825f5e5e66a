// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_PAGE_CONVERSION_HPP
#define SEVSPEC_GHCB_PAGE_CONVERSION_HPP

#include <array>
#include <cstdint>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/result.hpp>

/// The life of one gPA between guest, protocol and host, as one explicit state machine.   ghcb-svsm 2.10
///
/// ```
///        page state change            PVALIDATE(1)
///   S ───────────────────────► PA ───────────────────► PV
///   ▲                           │ ▲    PVALIDATE(0)     │
///   └───────────────────────────┘ └─────────────────────┘
///        page state change
/// ```
/// S shared, PA assigned to the guest and not validated, PV validated. Where the guest believes PV and the Reverse Map
/// Table says otherwise the sheet writes X. Every step is possible in every state: what happens out of order is part of
/// the machine. Twin of `rmp/`: a test compares each step in each state with the instructions themselves.
namespace sevspec::inline v0::ghcb {

/// What the Reverse Map Table says of the page that backs the gPA.
enum class backing : std::uint8_t {
  shared,     ///< S
  assigned,   ///< PA
  validated,  ///< PV
};

/// The state of one gPA. A regular value; small enough to enumerate.
struct conversion_state {
  backing rmp = backing::shared;
  bool large = false;          ///< by an entry of 2M
  bool elsewhere = false;      ///< the nested tables show another validated page of the guest's here (reverse map)
  bool wrong_leaf = false;     ///< the nested page has another size than the entry
  bool foreign = false;        ///< not the page that the guest validated
  bool held = false;           ///< the guest's own note: validated
  bool mapped_private = true;  ///< the guest's tables have C=1

  /// X: the guest believes in a page that it has not validated.
  [[nodiscard]] constexpr auto deceived() const noexcept -> bool {
    return held && (rmp != backing::validated || foreign || elsewhere);
  }
  friend constexpr auto operator==(const conversion_state&, const conversion_state&) -> bool = default;
};

/// Who does what.
enum class conversion_step : std::uint8_t {
  // The guest, with the hypervisor's honest answer.
  ask_private,  ///< page state change to private
  ask_shared,   ///< page state change to shared
  // The guest.
  validate,        ///< PVALIDATE(1), 4K
  validate_2m,     ///< PVALIDATE(1), 2M
  rescind,         ///< PVALIDATE(0), 4K
  map_private,     ///< C=1
  map_shared,      ///< C=0
  access_private,  ///< a read or write through C=1
  read_shared,     ///< through C=0
  write_shared,    ///< through C=0
  // The hypervisor, on its own account.
  lie_private,  ///< says "private" and does nothing
  lie_shared,   ///< says "shared" and does nothing
  take_back,    ///< RMPUPDATE to shared, unasked
  remap,        ///< another page for the gPA, assigned to it
  swap,         ///< shows another validated page of the guest's
  resize,       ///< a nested page of another size
  smash,        ///< PSMASH, and a nested page of 4K
  restore,      ///< repairs the nested tables
};
inline constexpr unsigned conversion_steps = 18;

/// "PSC private"
[[nodiscard]] constexpr auto name_of(conversion_step step) noexcept -> const char* {
  switch (step) {
    case conversion_step::ask_private:    return "PSC private";
    case conversion_step::ask_shared:     return "PSC shared";
    case conversion_step::validate:       return "PVALIDATE(1)";
    case conversion_step::validate_2m:    return "PVALIDATE(1) 2M";
    case conversion_step::rescind:        return "PVALIDATE(0)";
    case conversion_step::map_private:    return "C=1";
    case conversion_step::map_shared:     return "C=0";
    case conversion_step::access_private: return "access C=1";
    case conversion_step::read_shared:    return "read C=0";
    case conversion_step::write_shared:   return "write C=0";
    case conversion_step::lie_private:    return "HV says private";
    case conversion_step::lie_shared:     return "HV says shared";
    case conversion_step::take_back:      return "HV takes back";
    case conversion_step::remap:          return "HV remaps";
    case conversion_step::swap:           return "HV swaps";
    case conversion_step::resize:         return "HV resizes";
    case conversion_step::smash:          return "PSMASH";
    case conversion_step::restore:        return "HV restores";
  }
  return "?";
}
/// Whether the hypervisor makes the step on its own account.
[[nodiscard]] constexpr auto is_hypervisors(conversion_step step) noexcept -> bool {
  return step >= conversion_step::lie_private;
}

/// What a step comes to.
enum class conversion_ending : std::uint8_t {
  ok,
  ok_changed,      ///< PVALIDATE: EAX=0, CF=0
  ok_unchanged,    ///< PVALIDATE: EAX=0, CF=1
  size_mismatch,   ///< PVALIDATE: EAX=6
  host_failed,     ///< the page state change is answered with an error
  npf,             ///< #NPF with RMP=1: the hypervisor's to deal with; without its help the guest hangs
  npf_size,        ///< #NPF with RMP=1 and SIZEM=1
  gp,              ///< #GP(0), where an instruction without the C-bit is answered so
  bad_input,       ///< PVALIDATE: EAX=1, the same
  not_validated,   ///< #VC 404h: the guest terminates
  wrong_data,      ///< a read returns what the key makes of somebody else's bytes
  attackers_page,  ///< succeeds, on a page that the hypervisor chose
};

/// "#NPF(RMP)"
[[nodiscard]] constexpr auto name_of(conversion_ending ending) noexcept -> const char* {
  switch (ending) {
    case conversion_ending::ok:             return "ok";
    case conversion_ending::ok_changed:     return "ok:CF0";
    case conversion_ending::ok_unchanged:   return "ok:CF1";
    case conversion_ending::size_mismatch:  return "EAX=6";
    case conversion_ending::host_failed:    return "host failure";
    case conversion_ending::npf:            return "NPF(RMP)";
    case conversion_ending::npf_size:       return "NPF(RMP|SIZEM)";
    case conversion_ending::gp:             return "#GP";
    case conversion_ending::bad_input:      return "EAX=1";
    case conversion_ending::not_validated:  return "#VC(0x404)";
    case conversion_ending::wrong_data:     return "wrong data";
    case conversion_ending::attackers_page: return "attacker's page";
  }
  return "?";
}

/// Who notices that something is wrong.
enum class noticed_by : std::uint8_t {
  nobody,    ///< nothing is wrong, or nobody can tell
  guest,     ///< by the result, or by its own notes
  hardware,  ///< and the hypervisor, by a #NPF
};

struct conversion_result {
  conversion_state after{};
  conversion_ending ending = conversion_ending::ok;
  rule decided_by = rule::none;
  noticed_by noticed = noticed_by::nobody;
  bool guest_objects = false;  ///< a guest that keeps notes does not do this, or ends here (PST-01, PST-02)

  friend constexpr auto operator==(const conversion_result&, const conversion_result&) -> bool = default;
};

namespace detail {

/// The ownership of a private reference, before its size and Validated count.
[[nodiscard]] constexpr auto is_own(const conversion_state& now) noexcept -> bool {
  return now.rmp != backing::shared && !now.elsewhere;
}

}  // namespace detail

/// One step of the machine.
template <class Context>
[[nodiscard]] constexpr auto convert(Context& ctx, const conversion_state& now, conversion_step step)
    -> conversion_result {
  using enum conversion_step;
  using enum conversion_ending;
  conversion_result r{.after = now};
  conversion_state& next = r.after;
  const auto ends = [&](conversion_ending how, rule why, noticed_by who) {
    r.ending = how, r.decided_by = why, r.noticed = who;
    return r;
  };
  const bool large_leaf = now.large != now.wrong_leaf;

  switch (step) {
    // The hypervisor's answer is honest: it changes what it backs the gPA with, and shows that page.
    case ask_private:
      if (now.rmp == backing::shared) {
        next.rmp = backing::assigned;
        next.elsewhere = next.wrong_leaf = next.large = false;
        next.foreign = now.held;  // a guest that believes in the page before gets another
      } else if (ctx.choices.psc_same_state == same_page_state::fails) {
        return ends(host_failed, rule::GHCB_PSC_12, noticed_by::guest);
      }
      return r;
    case ask_shared:
      r.guest_objects = ctx.denies(rule::PST_02, now.held);  // PVALIDATE(0) comes first
      if (now.rmp == backing::shared && ctx.choices.psc_same_state == same_page_state::fails)
        return ends(host_failed, rule::GHCB_PSC_12, noticed_by::guest);
      next.rmp = backing::shared;
      next.large = next.elsewhere = next.wrong_leaf = false;
      return r;

    case validate:
    case validate_2m:
    case rescind:     {
      const bool wanted = step != rescind;
      const bool large = step == validate_2m;
      // A page that the guest holds is not validated again; one that is not mapped private is not given up.
      if (wanted) r.guest_objects = ctx.denies(rule::PST_01, now.held);
      else r.guest_objects = ctx.denies(rule::PST_02, !now.mapped_private);
      if (ctx.denies(rule::RMP_CHK_07, !now.mapped_private)) {
        if (ctx.choices.rmpinsn_cbit0 == shared_operand::gp) return ends(gp, rule::RMP_CHK_07, noticed_by::guest);
        if (ctx.choices.rmpinsn_cbit0 == shared_operand::fail_input)
          return ends(bad_input, rule::RMP_CHK_07, noticed_by::guest);
        return ends(npf, rule::RMP_CHK_07, noticed_by::hardware);
      }
      if (ctx.denies(rule::RMP_CHK_01, !detail::is_own(now))) return ends(npf, rule::RMP_CHK_01, noticed_by::hardware);
      if (ctx.denies(rule::RMP_PVL_02, !large && now.large))
        return ends(npf_size, rule::RMP_PVL_02, noticed_by::hardware);
      if (ctx.denies(rule::RMP_CHK_10, !large && !now.large && large_leaf && !ctx.choices.rmpinsn_leaf_size))
        return ends(npf, rule::RMP_CHK_10, noticed_by::hardware);
      if (ctx.denies(rule::RMP_PVL_02, large && (!now.large || !large_leaf)))
        return ends(size_mismatch, rule::RMP_PVL_02, noticed_by::guest);
      const bool was = now.rmp == backing::validated;
      next.rmp = wanted ? backing::validated : backing::assigned;
      if (ctx.applies(rule::RMP_PVL_03, was == wanted)) {
        // "No change" where the guest expects one: PST-01, PST-02.
        r.guest_objects = true;
        return ends(ok_unchanged, rule::RMP_PVL_03, noticed_by::guest);
      }
      if (wanted && !now.held) next.foreign = false;  // the page that the guest validates is its page
      next.held = wanted;
      return ends(ok_changed, rule::none, r.guest_objects ? noticed_by::guest : noticed_by::nobody);
    }

    case map_private: next.mapped_private = true; return r;
    case map_shared:
      r.guest_objects = ctx.denies(rule::PST_02, now.held);
      next.mapped_private = false;
      return r;

    case access_private:
      r.guest_objects = ctx.denies(rule::PST_01, !now.held);  // not before PVALIDATE
      if (ctx.denies(rule::RMP_CHK_01, !detail::is_own(now))) return ends(npf, rule::RMP_CHK_01, noticed_by::hardware);
      if (ctx.denies(rule::RMP_CHK_10, large_leaf != now.large))
        return ends(npf, rule::RMP_CHK_10, noticed_by::hardware);
      if (ctx.denies(rule::PAG_RMPS_08, now.rmp != backing::validated))
        return ends(not_validated, rule::PAG_RMPS_08, noticed_by::guest);
      return ends(now.foreign ? attackers_page : ok, rule::none, noticed_by::nobody);
    case read_shared:
      r.guest_objects = ctx.denies(rule::PST_02, now.held);
      if (now.rmp != backing::shared || now.elsewhere) return ends(wrong_data, rule::none, noticed_by::guest);
      return r;
    case write_shared:
      r.guest_objects = ctx.denies(rule::PST_02, now.held);
      if (ctx.denies(rule::RMP_CHK_01, now.rmp != backing::shared || now.elsewhere))
        return ends(npf, rule::RMP_CHK_01, noticed_by::hardware);
      return r;

    case lie_private:
    case lie_shared:  return r;
    case take_back:
      next.rmp = backing::shared;
      next.large = next.elsewhere = next.wrong_leaf = false;
      return r;
    case remap:
      next.rmp = backing::assigned;
      next.large = next.elsewhere = next.wrong_leaf = false;
      next.foreign = now.held;
      return r;
    case swap:
      if (now.rmp == backing::validated) next.elsewhere = true;
      return r;
    case resize:
      if (now.rmp != backing::shared) next.wrong_leaf = true;
      return r;
    case smash:   next.large = next.wrong_leaf = false; return r;
    case restore: next.elsewhere = next.wrong_leaf = false; return r;
  }
  return r;
}

}  // namespace sevspec::inline v0::ghcb

#endif
