// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_PROTOCOL_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_PROTOCOL_ATTACKS_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <sevspec/ghcb/guest_cpuid.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/memory_stage.hpp>
#include <sevspec/verify/attacks/remap_attacks.hpp>

/// Attacks by what the hypervisor tells its guest.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

/// The hypervisor says that there is no memory encryption; a guest that believes it writes its secrets with C=0. SNP
/// guests have a page from the AMD-SP instead.
inline auto cpuid_lie(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa secrets{0x5000};
  constexpr std::uint32_t encryption = 0x8000'001f, largest = 0x8000'0000;
  const auto ask = [](std::uint32_t, std::uint32_t) { return std::optional{ghcb::cpuid_result{}}; };
  ghcb::cpuid_result told;
  if (at.snp()) {
    layout::cpuid_page page;
    page.set_count(2);
    page.entry(0).set_eax_in(largest);
    page.entry(0).set_eax(0x8000'0023);
    page.entry(1).set_eax_in(encryption);
    page.entry(1).set_eax(0x1f);
    const auto found = ghcb::guest_cpuid(m.ctx, page, encryption, 0, {}, ask);
    if (!found) return detected_by(found.error().decided_by);
    told = *found;
  } else {
    told = ask(encryption, 0).value_or(ghcb::cpuid_result{});
    if (at.fixed)
      if (const auto refused = ghcb::check_early_cpuid(m.ctx, encryption, told); refused)
        return detected_by(refused->decided_by);
  }
  const bool encrypts = (told.eax & 2) != 0;
  const spa place = encrypts ? m.give(m.a, secrets) : m.share(m.a, secrets);
  if (const auto done = m.guest_write(m.a, secrets, secret_block, encrypts); !done) return stopped_by(done.error());
  return success_if(m.host_block(place) == secret_block, ending::stopped);
}

}  // namespace detail

inline constexpr std::array protocol_attacks{
    attack{"ATK-36", "CPUID lies", "Radev and Morbitzer, ROOTS 2020", "",
           "Answer CPUID 8000_001Fh as if there were no memory encryption.",
           "the host reads what the guest keeps secret", "a guest that ends where CPUID denies encryption",
           detail::cpuid_lie},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
