// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_BOOT_HPP
#define SEVSPEC_SVSM_BOOT_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/core_pvalidate.hpp>
#include <sevspec/svsm/core_vcpu.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/page_rights.hpp>

/// From the SVSM's first instruction to its guest's.   coconut-svsm/svsm; AMDESE/linux-svsm
namespace sevspec::inline v0::svsm {

/// What the image's metadata say of the guest's firmware.
struct boot_image {
  std::vector<region> validate{};  ///< regions that the firmware wants validated: whole pages
  std::vector<region> launched{};  ///< regions that launch has validated and filled: the firmware itself
  std::optional<gpa> secrets{};    ///< where the firmware looks for the secrets page
  std::optional<gpa> cpuid{};      ///< where it looks for the CPUID page
  std::optional<gpa> caa{};        ///< the boot processor's calling area
  gpa vmsa{};                      ///< where the boot processor's VMSA goes: a page of the guest's memory

  friend constexpr auto operator==(const boot_image&, const boot_image&) -> bool = default;
};

/// The secrets page for the guest: without the VMPCKs of more privileged VMPLs (VMPL-11), and with what it has to know
/// of its SVSM (SVSM-DISC-01).
/// @param own  as the firmware has written it
template <class Context>
[[nodiscard]] constexpr auto guest_secrets(Context& ctx, const monitor& self, const layout::secrets_page& own, gpa caa)
    -> layout::secrets_page {
  layout::secrets_page page = own;
  for (std::size_t key = 0; key < 4; ++key) {
    const auto bytes = std::span<std::uint8_t>{page.bytes()}.subspan(0x20 + 0x20 * key, 0x20);
    const bool above = key < self.config.guest_level.value;
    if (ctx.applies(rule::VMPL_11, above)) std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  }
  page.set_svsm_base(self.config.own.first.value);
  page.set_svsm_size(self.config.own.bytes);
  page.set_svsm_caa(caa.value);
  page.set_svsm_max_version(1);
  page.set_svsm_guest_vmpl(self.config.guest_level.value);
  return page;
}

/// The guest's SEV_FEATURES: the SVSM's own without injection of its own and without swapped debug registers.
[[nodiscard]] constexpr auto guest_features(layout::sev_features own, bool alternate_injection) noexcept
    -> layout::sev_features {
  return own.set_restricted_injection(false).set_debug_swap(false).set_alternate_injection(alternate_injection);
}

namespace detail {

/// Regions in order; none overlaps the SVSM's memory (boot, step 3).
[[nodiscard]] constexpr auto good_regions(const monitor& self, std::vector<region> all)
    -> std::optional<std::vector<region>> {
  std::sort(all.begin(), all.end(), [](const region& a, const region& b) { return a.first < b.first; });
  for (const region& one : all)
    if (!in_guest_memory(self, one.first, one.bytes) || !is_aligned(one.first, page_size::k4k) ||
        one.bytes % 0x1000 != 0)
      return {};
  return all;
}

}  // namespace detail

/// Makes the guest ready to run: memory validated, granted and zero; the firmware's pages, CPUID and secrets pages and
/// the calling area handed over; the boot processor's VMSA made. What the hypervisor has to be told - page state
/// changes before, AP creation afterwards - is the caller's.
/// @param self     with its configuration; becomes the running SVSM
/// @param secrets  the SVSM's own secrets page
/// @param table    the SVSM's own CPUID page
/// @param vmsa     the boot processor's state; its VMPL, features and EFER.SVME are set here
/// @return what is wrong with image or machine; `decided_by` SVSM-BOOT-01, SVSM-BOOT-02, or as of PVALIDATE
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto boot(Context& ctx, Machine& machine, monitor& self, const boot_image& image,
                                  const layout::secrets_page& secrets, const layout::cpuid_page& table,
                                  layout::vmsa vmsa, layout::sev_features own) -> call_result {
  using enum result_code;
  const vmpl level = self.config.guest_level;
  if (ctx.denies(rule::SVSM_BOOT_01, level == vmpl{0} || level.value >= levels))
    return ends(invalid_parameter, rule::SVSM_BOOT_01);
  if (ctx.denies(rule::SVSM_BOOT_02, !image.secrets || !image.caa || self.processors.empty()))
    return ends(invalid_format, rule::SVSM_BOOT_02);
  if (self.processors.empty()) return ends(invalid_format, rule::none);
  std::vector<region> regions = image.validate;
  const gpa secrets_at = image.secrets.value_or(gpa{});
  const gpa caa_at = image.caa.value_or(gpa{});
  for (const std::optional<gpa>& page : {image.secrets, image.cpuid, image.caa, std::optional{image.vmsa}})
    if (page) regions.push_back({*page, 0x1000});
  const auto validate = detail::good_regions(self, regions);
  const auto launched = detail::good_regions(self, image.launched);
  if (!validate || !launched) return ends(invalid_address, rule::SVSM_CORE_14);

  bool flush = false;
  for (const region& one : *validate)
    for (std::uint64_t done = 0; done < one.bytes; done += 0x1000) {
      if (self.validated.contains(one.first + done, 0x1000)) continue;
      const page_request page{.first = one.first + done, .validate = true, .keeps_nothing = true};
      if (const auto result = convert_page(ctx, machine, self, page, flush); result != call_result{}) return result;
    }
  for (const region& one : *launched)
    for (std::uint64_t done = 0; done < one.bytes; done += 0x1000) {
      if (const auto result = grant(ctx, machine, self, one.first + done, page_size::k4k); !result)
        return result.error();
      self.validated.insert(one.first + done, 1);
    }
  if (image.cpuid)
    if (const auto done = write_guest(ctx, machine, *image.cpuid, table.bytes()); !done) return done.error();
  const auto handed = guest_secrets(ctx, self, secrets, caa_at);
  if (const auto done = write_guest(ctx, machine, secrets_at, handed.bytes()); !done) return done.error();

  vmsa.set_vmpl(level.value);
  vmsa.set_efer(vmsa.efer() | efer_svme);
  vmsa.set_sev_features(guest_features(own, self.processors.front().apic.active));
  std::ranges::copy(secrets.vmsa_tweak_bitmap(), self.protection.begin());
  cpu::toggle_protection(ctx, vmsa, self.protection);
  if (const auto done = write_guest(ctx, machine, image.vmsa, vmsa.bytes()); !done) return done.error();
  const vcpu_request first{{image.vmsa, caa_at, self.processors.front().apic_id}, vmsa.sev_features()};
  const call_result added = add_vcpu(ctx, machine, self, first);
  if (added != call_result{}) return added;
  self.first_vmsa = image.vmsa;
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
