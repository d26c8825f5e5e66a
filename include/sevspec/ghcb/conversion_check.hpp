// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_CONVERSION_CHECK_HPP
#define SEVSPEC_GHCB_CONVERSION_CHECK_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/page_conversion.hpp>
#include <sevspec/rmp/result.hpp>

/// A checker for recorded page conversions: what the guest did and what the host did, in one order.
namespace sevspec::inline v0::ghcb {

/// What a guest did to a page.
enum class guest_deed : std::uint8_t {
  maps_private,  ///< C=1
  asks_private,  ///< a page state change, answered; by either protocol
  validates,     ///< PVALIDATE(1), with its result
  evicts,        ///< reads the first and the last byte through C=1, for the caches
  initialises,   ///< writes all of it, before it reads any
  grants,        ///< RMPADJUST: permissions for a lower VMPL
  reads,         ///< through C=1
  writes,        ///< through C=1
  revokes,       ///< RMPADJUST: no permissions for lower VMPLs
  rescinds,      ///< PVALIDATE(0), with its result
  asks_shared,   ///< as `asks_private`
  maps_shared,   ///< C=0
  flushes,       ///< its TLB
  uses_shared,   ///< through C=0
};

/// What a host did to a page.
enum class host_deed : std::uint8_t {
  assigns,          ///< RMPUPDATE: to the guest, at this gPA
  shares,           ///< RMPUPDATE: to itself
  remaps,           ///< another page in the nested tables
  answers_private,  ///< tells the guest that a change is done
  answers_shared,
};

struct guest_event {
  std::uint64_t time{};  ///< any clock that both sides share; see `number_by_exchanges`
  gpa page{};
  guest_deed what{};
  std::optional<rmp::result> result{};  ///< of PVALIDATE; nothing: it did not complete
};
struct host_event {
  std::uint64_t time{};
  gpa page{};
  host_deed what{};
};

enum class trace_side : std::uint8_t { guest, host };

/// One thing that is not as it should be.
struct conversion_finding {
  std::uint64_t time{};
  gpa page{};
  trace_side side{};
  rule decided_by = rule::none;
  const char* text = "";
  noticed_by noticed = noticed_by::nobody;  ///< who could have noticed at run time

  friend auto operator==(const conversion_finding&, const conversion_finding&) -> bool = default;
};

/// What the checker is told beforehand.
struct conversion_setup {
  std::vector<gpa> validated_at_launch{};  ///< pages that the guest holds from the start, private and initialised
  bool needs_eviction = true;              ///< CPUID Fn8000_001F EBX[31] is 0
};

/// Gives two traces without a common clock one: each answered request of the guest is the host's next answer. What
/// the host did up to an answer comes before it; what it did behind its last one, at the end.
/// @return false if the host answered what the guest did not ask, or the guest asked what was never answered; what can
///         be ordered is
inline auto number_by_exchanges(std::span<guest_event> guest, std::span<host_event> host) -> bool {
  const auto answers = [](host_deed what) {
    return what == host_deed::answers_private || what == host_deed::answers_shared;
  };
  std::uint64_t now = 0;
  std::size_t next = 0;
  bool agree = true;
  for (guest_event& event : guest) {
    const bool asks = event.what == guest_deed::asks_private || event.what == guest_deed::asks_shared;
    if (asks) {
      bool answered = false;
      while (next < host.size() && !answered) {
        answered = answers(host[next].what);
        if (answered) {
          const bool is_private = host[next].what == host_deed::answers_private;
          agree = agree && host[next].page == event.page && is_private == (event.what == guest_deed::asks_private);
        }
        host[next++].time = ++now;
      }
      agree = agree && answered;
    }
    event.time = ++now;
  }
  while (next < host.size()) {
    agree = agree && !answers(host[next].what);
    host[next++].time = ++now;
  }
  return agree;
}

namespace detail {

/// One page, as both sides have left it.
struct traced_page {
  // The guest's.
  bool mapped_private = false;
  bool held = false;
  bool suspicious = false;  ///< the last validation changed nothing
  bool evicted = false;
  bool initialised = false;
  bool granted = false;
  bool flushed = true;
  bool asked_shared = true;  ///< since it was last private
  // The host's.
  backing rmp = backing::shared;
  bool lied = false;
  std::optional<std::size_t> suspected{};  ///< the finding that it took the page back, until the guest says it asked
};

}  // namespace detail

/// Checks the traces of both sides against PST-01 and PST-02: each finding says who, when, by which rule, and who could
/// have noticed. Events of one time count in the order host, guest: requests are noted when they are answered, so the
/// host's part of a request comes before it, and is judged with it.
template <class Context>
[[nodiscard]] auto check_conversions(Context& ctx, const conversion_setup& setup, std::span<const guest_event> guest,
                                     std::span<const host_event> host) -> std::vector<conversion_finding> {
  using enum guest_deed;
  std::map<std::uint64_t, detail::traced_page> pages;
  for (const gpa page : setup.validated_at_launch) {
    detail::traced_page& one = pages[page.value >> 12];
    one.mapped_private = one.held = one.evicted = one.initialised = true;
    one.asked_shared = false;
    one.rmp = backing::validated;
  }
  std::vector<conversion_finding> found;
  std::set<std::size_t> excused;  ///< of `found`

  const auto judge_host = [&](const host_event& event) {
    detail::traced_page& page = pages[event.page.value >> 12];
    const auto finds = [&](rule why, bool violated, const char* text, noticed_by who) {
      if (ctx.denies(why, violated)) found.push_back({event.time, event.page, trace_side::host, why, text, who});
    };
    switch (event.what) {
      case host_deed::assigns:
        if (page.rmp == backing::shared) page.rmp = backing::assigned;
        break;
      case host_deed::shares: {
        const std::size_t before = found.size();
        const bool again = page.suspected.has_value();
        finds(rule::PST_02, page.held && !again, "takes back a page that the guest has validated", noticed_by::guest);
        if (found.size() != before) page.suspected = before;
        page.rmp = backing::shared;
        break;
      }
      case host_deed::remaps:
        finds(rule::PST_01, page.held, "shows another page where the guest has validated one", noticed_by::guest);
        page.rmp = backing::assigned;
        break;
      case host_deed::answers_private:
        page.lied = page.rmp == backing::shared;
        finds(rule::PST_01, page.lied, "says that the page is private, and it is not", noticed_by::hardware);
        break;
      case host_deed::answers_shared:
        page.lied = page.rmp != backing::shared;
        finds(rule::PST_02, page.lied, "says that the page is shared, and it is not", noticed_by::hardware);
        break;
    }
  };
  const auto judge_guest = [&](const guest_event& event) {
    detail::traced_page& page = pages[event.page.value >> 12];
    const auto finds = [&](rule why, bool violated, const char* text, noticed_by who) {
      if (ctx.denies(why, violated)) found.push_back({event.time, event.page, trace_side::guest, why, text, who});
    };
    const bool completed = event.result && event.result->succeeded();
    // A host that took the page while the guest asked for that did as it was told: the guest asked too early.
    if (page.suspected && event.what == asks_shared) excused.insert(*page.suspected);
    page.suspected.reset();
    switch (event.what) {
      case maps_private: page.mapped_private = true; break;
      case asks_private:
        finds(rule::PST_01, !page.mapped_private, "asks for a private page that it still maps shared",
              noticed_by::nobody);
        page.asked_shared = false;
        break;
      case validates:
        finds(rule::PST_01, page.held, "validates a page that it holds", noticed_by::guest);
        finds(rule::PST_01, page.rmp == backing::shared, "validates a page that is not assigned to it",
              noticed_by::hardware);
        finds(rule::PST_01, !page.mapped_private, "validates through a mapping with C=0", noticed_by::hardware);
        if (!completed) break;
        page.suspicious = event.result->unchanged;
        page.held = true;
        page.evicted = page.initialised = page.granted = false;
        if (page.rmp == backing::assigned) page.rmp = backing::validated;
        break;
      case evicts: page.evicted = true; break;
      case grants:
        finds(rule::PST_01, !page.initialised, "grants permissions before it has initialised the page",
              noticed_by::nobody);
        page.granted = true;
        break;
      case initialises:
      case writes:
      case reads:
        finds(rule::PST_01, !page.held, "uses a page that it has not validated", noticed_by::guest);
        finds(rule::PST_01, page.held && page.suspicious, "goes on although PVALIDATE changed nothing",
              noticed_by::guest);
        finds(rule::PST_01, page.held && setup.needs_eviction && !page.evicted,
              "uses a page whose lines may be in caches under another key", noticed_by::nobody);
        finds(rule::PST_01, page.held && event.what == reads && !page.initialised, "reads what nobody has written",
              noticed_by::nobody);
        if (event.what == initialises) page.initialised = true;
        break;
      case revokes: page.granted = false; break;
      case rescinds:
        finds(rule::PST_02, !page.mapped_private, "gives up a page through a mapping with C=0", noticed_by::hardware);
        finds(rule::PST_02, page.granted, "gives up a page that lower VMPLs may use", noticed_by::nobody);
        finds(rule::PST_02, page.rmp == backing::shared, "gives up a page that is no longer its own",
              noticed_by::hardware);
        if (!completed) break;
        finds(rule::PST_02, page.held && event.result->unchanged, "goes on although PVALIDATE changed nothing",
              noticed_by::guest);
        page.held = page.suspicious = false;
        if (page.rmp == backing::validated) page.rmp = backing::assigned;
        break;
      case asks_shared:
        finds(rule::PST_02, page.held, "gives a page away before it has given it up", noticed_by::hardware);
        page.asked_shared = true;
        page.held = false;  // the host has it now, whatever the guest notes
        break;
      case maps_shared:
        finds(rule::PST_02, page.held, "clears the C-bit before it has given the page up", noticed_by::guest);
        finds(rule::PST_02, !page.asked_shared, "clears the C-bit before the page is shared", noticed_by::nobody);
        page.mapped_private = false;
        page.flushed = false;
        break;
      case flushes: page.flushed = true; break;
      case uses_shared:
        finds(rule::PST_02, page.held || !page.asked_shared, "uses a private page as a shared one",
              noticed_by::hardware);
        finds(rule::PST_02, page.mapped_private || !page.flushed, "uses a shared page through a stale mapping",
              noticed_by::nobody);
        break;
    }
  };

  std::size_t g = 0;
  std::size_t h = 0;
  while (g < guest.size() || h < host.size()) {
    const bool hosts_turn = h < host.size() && (g == guest.size() || host[h].time <= guest[g].time);
    if (hosts_turn) judge_host(host[h++]);
    else judge_guest(guest[g++]);
  }
  for (auto at = excused.rbegin(); at != excused.rend(); ++at)
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(*at));
  return found;
}

}  // namespace sevspec::inline v0::ghcb

#endif
