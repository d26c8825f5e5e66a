// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_OWNED_MACHINES_HPP
#define SEVSPEC_TESTS_SUPPORT_OWNED_MACHINES_HPP

#include <cstdint>
#include <optional>

#include <support/formats.hpp>
#include <support/rmp_pages.hpp>

#include <sevspec/rmp/guarded_memory.hpp>

namespace sevspec::test {

inline constexpr std::uint64_t snp_on = bit_at(24) | encryption_on;  ///< SYSCFG

/// A machine whose walks are checked against a Reverse Map Table.
template <class Machine>
struct owned : Machine {
  rmp_pages owners{};
  using Machine::Machine;

  template <class Context>
  constexpr auto run_in(Context& ctx, const memory_access& why) {
    rmp::guarded_memory guarded(this->memory, owners);
    return Machine::run(ctx, guarded, why);
  }
  constexpr auto run(const memory_access& why) {
    context<> ctx{.choices = this->choices};
    return run_in(ctx, why);
  }
  constexpr auto fault_of(const memory_access& why) -> std::optional<fault> { return test::fault_of(run(why)); }
};

/// A host on a machine with SEV-SNP. Its tables and its page are the hypervisor's unless a test says otherwise.
struct owned_host : owned<host_of_format> {
  constexpr explicit owned_host(unsigned levels = 4, unsigned leaf_at = 1) : owned(levels, leaf_at) { syscfg = snp_on; }
};

/// An SNP-active guest whose tables and page, at sPA 0x42800000, are its own and validated; its leaf has C=1. With
/// nested pages of 2M or 1G its RMP entries are large.
struct owned_guest : owned<guest_of_format> {
  static constexpr std::uint64_t data_at = 0x4280'0000;

  constexpr explicit owned_guest(two_formats form = {.guest = 4}) : owned(form) {
    make_sev(true);
    state.syscfg = snp_on;
    state.sev_features = 1;
    const auto own = [&](std::uint64_t physical) {
      rmp::entry page = guest_page(physical);
      page.large = form.nested_leaf > 1;
      owners.put(guest_at + physical, page);
    };
    if (form.nested_leaf > 1) own(0);
    else
      for (unsigned i = 0; i < form.guest; ++i) own(0x10000 + 0x1000 * i);
    own(0x0280'0000);
    if (form.guest >= 3) in_guest(form.guest_leaf) |= bit_at(51);
  }
  [[nodiscard]] constexpr auto page() -> rmp::entry& { return owners[data_at]; }
  /// The RMP entry of the guest's table of this level, with nested pages of 4K.
  [[nodiscard]] constexpr auto table(unsigned level) -> rmp::entry& {
    return owners[guest_at + (gpa_of(level) & ~std::uint64_t{0xfff})];
  }
  /// References through a leaf with C=0.
  constexpr void share(unsigned leaf_level = 1) { in_guest(leaf_level) &= ~bit_at(51); }
};

/// The same machine with a guest that is not SNP-active; all pages are the hypervisor's.
struct plain_guest : owned_guest {
  constexpr explicit plain_guest(two_formats form = {.guest = 4}) : owned_guest(form) {
    state.np_control = 1;
    state.sev_features = 0;
    owners = {};
    if (form.guest >= 3) share(form.guest_leaf);
  }
};

}  // namespace sevspec::test

#endif
