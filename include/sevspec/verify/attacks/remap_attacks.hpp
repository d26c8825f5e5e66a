// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_REMAP_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_REMAP_ATTACKS_HPP

#include <algorithm>
#include <array>
#include <vector>

#include <sevspec/ghcb/validation_tracker.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/memory_stage.hpp>

/// Attacks by nested tables: the hypervisor puts other pages behind a guest's addresses.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

inline constexpr block secret_block{'a', 't', 't', 'a', 'c', 'k', ' ', 'a', 't', ' ', 'd', 'a', 'w', 'n', '!', '!'};
inline constexpr block other_block{'r', 'e', 't', 'r', 'e', 'a', 't', ' ', 'a', 't', ' ', 'n', 'o', 'o', 'n', '!'};
inline constexpr block payload_block{0xeb, 0x0e, 0x90, 0x90, 0x0f, 0x01, 0xd9, 0xf4};

inline auto severed(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa response{0x5000}, secret{0x6000}, buffer{0x7000};
  m.give(m.a, response);
  const spa hidden = m.give(m.a, secret);
  const spa bounce = m.share(m.a, buffer);
  if (const auto done = m.guest_write(m.a, secret, secret_block); !done) return stopped_by(done.error());
  m.map(m.a, response, hidden);
  block served{};  // the guest's service sends its response
  if (const auto done = m.guest_read(m.a, response, served); !done) return stopped_by(done.error());
  if (const auto done = m.guest_write(m.a, buffer, served, false); !done) return stopped_by(done.error());
  return success_if(m.host_block(bounce) == secret_block);
}

inline auto double_mapping(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa first{0x5000}, second{0x6000};
  const spa page = m.give(m.a, first);
  m.give(m.a, second);
  m.map(m.a, second, page);
  if (const auto done = m.guest_write(m.a, first, secret_block); !done) return stopped_by(done.error());
  block seen{};
  if (const auto done = m.guest_read(m.a, second, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

inline auto cross_vm_mapping(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa of_a = m.give(m.a, page);
  m.give(m.b, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  m.map(m.b, page, of_a);
  block seen{};
  if (const auto done = m.guest_read(m.b, page, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

inline auto severity(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa packet{0x5000}, kernel{0x6000}, buffer{0x7000};
  const spa copied_to = m.give(m.a, packet);
  m.give(m.a, kernel);
  const spa bounce = m.share(m.a, buffer);
  if (const auto done = m.guest_write(m.a, kernel, secret_block); !done) return stopped_by(done.error());
  if (const auto done = m.host_write(bounce, payload_block); !done) return stopped_by(done.error());
  block arrived{};  // the guest's driver copies what came in
  if (const auto done = m.guest_read(m.a, buffer, arrived, false); !done) return stopped_by(done.error());
  if (const auto done = m.guest_write(m.a, packet, arrived); !done) return stopped_by(done.error());
  m.map(m.a, kernel, copied_to);
  block fetched{};
  if (const auto done = m.guest_read(m.a, kernel, fetched, true, access_kind::execute); !done)
    return stopped_by(done.error());
  return success_if(fetched == payload_block);
}

inline auto fresh_page(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa first = m.give(m.a, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  m.take(first);
  m.assign(m.a, page, memory_stage::spare);
  m.map(m.a, page, memory_stage::spare);
  block seen{};
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  return success_if(seen != secret_block);
}

inline auto double_validation(const setting& at) -> verdict {
  if (!at.snp()) return {};
  memory_stage m(at);
  constexpr gpa page{0x5000};
  constexpr spa second = memory_stage::spare;
  const spa first = memory_stage::place_of(m.a, page);
  m.map(m.a, page, first);
  m.assign(m.a, page, first);
  ghcb::validation_tracker notes;
  const auto accept = [&]() -> verdict {  // what the guest does when it gets #VC 404h, or has asked for a page
    if (at.fixed && !notes.may_validate(m.ctx, page)) return detected_by(m.ctx.listener.last);
    const auto done = m.validate(m.a, page);
    if (!done) return stopped_by(done.error());
    if (!done->succeeded()) return stopped_by(*done);
    if (at.fixed && notes.after_pvalidate(m.ctx, page, 1, true, *done) != ghcb::validation_verdict::done)
      return detected_by(m.ctx.listener.last);
    return {.how = ending::success};
  };
  if (const auto done = accept(); done.how != ending::success) return done;
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  m.assign(m.a, page, second);
  m.map(m.a, page, second);
  if (const auto done = accept(); done.how != ending::success) return done;
  if (const auto done = m.guest_write(m.a, page, other_block); !done) return stopped_by(done.error());
  m.map(m.a, page, first);
  block seen{};
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

/// The hypervisor maps pages of 4K by a leaf of 2M, so that a TLB which took the leaf would serve its neighbours, too.
inline auto size_games(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa first{0x20'0000}, second{0x20'1000};
  const spa place = m.give(m.a, first);
  m.map(m.a, second, memory_stage::spare);
  m.assign(m.a, second, memory_stage::spare);
  if (at.snp())
    if (const auto done = m.validate(m.a, second); !done || !done->succeeded())
      return done ? stopped_by(*done) : stopped_by(done.error());
  const block before = m.raw(place + 0x1000);
  m.map(m.a, first, place, page_size::k2m);
  if (const auto done = m.guest_write(m.a, first, other_block); !done) return stopped_by(done.error());
  if (const auto done = m.guest_write(m.a, second, secret_block); !done) return stopped_by(done.error());
  return success_if(m.raw(place + 0x1000) != before);
}

inline auto stale_translation(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  block seen{};
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  m.map(m.a, page, memory_stage::spare, page_size::k4k, false);  // and the TLB is not flushed
  m.take(place);
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

inline auto careless_secrets(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa secrets{0x5000};
  const spa place = m.share(m.a, secrets);
  if (const auto done = m.host_write(place, payload_block); !done) return stopped_by(done.error());
  block key{};  // what the guest takes for a key that the AMD-SP has written
  const bool as_private = at.snp() && at.fixed;
  if (const auto done = m.guest_read(m.a, secrets, key, as_private); !done) return stopped_by(done.error());
  return success_if(key == payload_block);
}

/// The hypervisor unmaps everything after each exit, and notes which page the guest asks for.
inline auto page_trace(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr std::array pages{gpa{0x5000}, gpa{0x6000}, gpa{0x7000}};
  for (const gpa one : pages) m.give(m.a, one);
  constexpr std::array<unsigned, 6> walked{0, 2, 1, 1, 0, 2};  // the guest's secret
  std::vector<unsigned> noted;
  for (const unsigned step : walked) {
    for (const gpa one : pages) m.unmap(m.a, one);
    block seen{};
    const auto done = m.guest_read(m.a, pages.at(step), seen);
    if (done) continue;
    if (done.error().kind != fault_kind::npf) return stopped_by(done.error());
    const auto which = std::ranges::find(pages, gpa{done.error().address & ~std::uint64_t{0xfff}});
    if (which == pages.end()) continue;
    noted.push_back(static_cast<unsigned>(which - pages.begin()));
    m.map(m.a, *which, memory_stage::place_of(m.a, *which));
    if (const auto again = m.guest_read(m.a, *which, seen); !again) return stopped_by(again.error());
  }
  return success_if(std::ranges::equal(noted, walked));
}

}  // namespace detail

inline constexpr std::array remap_attacks{
    attack{"ATK-03", "SEVered: another page behind a service", "Morbitzer et al., EuroSec 2018; CODASPY 2019",
           "a guest that serves a network",
           "Map the page that the service answers from to the page of a secret; ask the service.",
           "the answer is the secret", "", detail::severed},
    attack{"ATK-04", "Two gPAs for one page", "AMD, Strengthening VM isolation, 2020", "",
           "Map two gPAs to one page; write through one, read through the other.",
           "the guest reads what it wrote at the other", "", detail::double_mapping},
    attack{"ATK-05", "A private page in another guest", "AMD, Strengthening VM isolation, 2020", "a guest of its own",
           "Map a page of guest A into guest B; B reads it with C=1.", "B reads A's plaintext", "",
           detail::cross_vm_mapping},
    attack{"ATK-10", "SEVerity: a packet becomes the kernel", "Morbitzer et al., WOOT 2021 (CVE-2020-12967)",
           "a virtual disk or network",
           "Send code in a packet, which the guest copies into a private page; map the kernel's page there.",
           "the guest fetches the packet", "", detail::severity},
    attack{"ATK-12", "A fresh page for an old one", "derived", "",
           "Take a page back, assign another one to the same gPA, map it.",
           "the guest reads something else and goes on", "", detail::fresh_page},
    attack{"ATK-13", "Double validation", "derived (SNP firmware ABI, guidance for guests)", "",
           "Put a second page behind a gPA; let the guest validate it on #VC 404h; change between the two.",
           "two pages are valid for one gPA", "a guest that notes what it has validated", detail::double_validation},
    attack{"ATK-14", "Games with page sizes", "derived", "",
           "Map pages of 4K by one leaf of 2M, which a TLB would keep.",
           "the guest writes to a page that is not its own", "", detail::size_games},
    attack{"ATK-15", "Stale translations", "derived", "",
           "Let the guest use a page; take the page and map another one, without a flush.",
           "the guest still reaches the page", "", detail::stale_translation},
    attack{"ATK-39", "Secrets that the host has written", "derived", "a guest that reads its secrets page with C=0",
           "Put a page of the host's where the guest looks for its secrets.", "the guest takes them",
           "a guest that reads them with C=1", detail::careless_secrets,
           "The guest itself refers to shared memory, which has no owner."},
    attack{"ATK-45", "Page traces (SEV-Step)", "Wilke et al., TCHES 2023", "single steps by the APIC timer",
           "Unmap all pages after each exit; note the gPA of each #NPF.", "the notes are the guest's path", "",
           detail::page_trace, "Every reference faults or ends where it should: only the path is told."},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
