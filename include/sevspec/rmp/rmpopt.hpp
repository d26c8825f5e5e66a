// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RMPOPT_HPP
#define SEVSPEC_RMP_RMPOPT_HPP

#include <array>
#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// What one core knows of gigabytes without assigned pages: there it may leave out the checks of writes by the host and
/// by guests that are not SNP-active. Nobody can see that, so no check of this library asks (RMP-OPT-04).
class optimized_gigabytes {
 public:
  static constexpr std::uint64_t count = 2048;  ///< 2 TiB from the base on (RMP-OPT-02)

  using enable = bit<0>;
  using base = bits<51, 30>;

  /// RMPOPT_BASE, MSR C001_0139. Writing it forgets everything.
  constexpr void write_msr(std::uint64_t value) noexcept {
    msr_ = value & (enable::mask | base::mask);
    known_ = {};
  }
  [[nodiscard]] constexpr auto msr() const noexcept -> std::uint64_t { return msr_; }

  /// Whether the table has a bit for the gigabyte around an address.
  [[nodiscard]] constexpr auto has(spa where) const noexcept -> bool {
    return enable::test(msr_) && (where.value >> 30) - base::get(msr_) < count;
  }
  [[nodiscard]] constexpr auto test(spa where) const noexcept -> bool {
    return has(where) && (known_[index(where) / 64] >> (index(where) % 64) & 1) != 0;
  }
  constexpr void set(spa where, bool value) noexcept {
    if (!has(where)) return;
    const std::uint64_t mask = std::uint64_t{1} << (index(where) % 64);
    auto& word = known_[index(where) / 64];
    word = value ? word | mask : word & ~mask;
  }

 private:
  [[nodiscard]] constexpr auto index(spa where) const noexcept -> std::size_t {
    return static_cast<std::size_t>((where.value >> 30) - base::get(msr_));
  }

  std::uint64_t msr_{};
  std::array<std::uint64_t, count / 64> known_{};
};

/// RMPUPDATE that assigns ends the optimisation of the page's gigabyte, on all cores (RMP-OPT-05).
/// @param where  as RMPUPDATE used it, without the C-bit
/// @param done   what RMPUPDATE said
template <class Context>
constexpr void forget_gigabyte(Context& ctx, optimized_gigabytes& core, spa where, const result& done) {
  if (ctx.applies(rule::RMP_OPT_05, done.assigned)) core.set(where, false);
}

/// RMPOPT: verifies that no page of a gigabyte is assigned, and reports.   APM vol. 3, RMPOPT
/// @param where  RAX: 1G-aligned
/// @param rcx    bit 0: 0 verifies and reports, 1 reports
/// @return CF: the core optimises its checks for the gigabyte; or #UD, #GP(0)
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto rmpopt(Context& ctx, const Store& rmp, const processor& cpu, const execution& by,
                                    optimized_gigabytes& core, spa where, std::uint64_t rcx) -> outcome<bool> {
  if (const auto fault = refused(ctx, cpu, by, instruction::rmpopt)) return std::unexpected{*fault};
  constexpr std::uint64_t gigabyte = std::uint64_t{1} << 30;
  const spa first{without_c_bit(ctx, cpu, where).value & ~(gigabyte - 1)};
  if (ctx.applies(rule::RMP_OPT_03, (rcx & 1) == 0 && core.has(first))) {
    bool assigned = false;
    constexpr std::uint64_t region = Store::sub_pages * std::uint64_t{4096};
    for (std::uint64_t at = 0; at < gigabyte && !assigned; at += region) {
      const spfn page = page_of(first + at);
      assigned = rmp.covers(page) && facts_of_region(rmp, large_page_base<Store>(page)).any_assigned;
    }
    core.set(first, !assigned);
  }
  return core.test(first);
}

}  // namespace sevspec::inline v0::rmp

#endif
