// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMSA_PAGE_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMSA_PAGE_HPP

#include <cstddef>
#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/store.hpp>

/// How VMPL 0 makes a page a VMSA, and an ordinary page again. VMRUN runs what the page says, the VMPL included
/// (VMPL-02), so nobody else may be able to write it.   APM vol. 2, 15.36.7, 15.36.12
namespace sevspec::inline v0::cpu {

/// Whether a VMSA can be written by software below VMPL 0, which then chooses the VMPL that it runs at (VMPL-07).
template <class Context>
[[nodiscard]] constexpr auto exposes_vmsa(Context& ctx, const rmp::entry& page) -> bool {
  bool writable = false;
  for (std::size_t level = 1; level < page.allowed.size(); ++level) writable |= page.allowed[level].write();
  return ctx.denies(rule::VMPL_07, page.vmsa && writable);
}

namespace detail {

/// RDX of RMPADJUST.
[[nodiscard]] constexpr auto adjust_attributes(vmpl target, std::uint8_t mask, bool vmsa) noexcept -> std::uint64_t {
  return target.value | std::uint64_t{mask} << 8 | std::uint64_t{vmsa} << 16;
}

/// Takes a page away from every VMPL below 0, and what processors remember of it.
template <class Adjust, class Flush>
constexpr auto revoke(unsigned vmpls, Adjust&& adjust, Flush&& flush) -> outcome<rmp::result> {
  outcome<rmp::result> done = rmp::result{};
  for (std::uint8_t level = 1; level < vmpls; ++level) {
    done = adjust(adjust_attributes({level}, 0, false));
    if (!done || done->eax != rmp::status::success) return done;
  }
  flush();
  return done;
}

}  // namespace detail

/// Makes a page a VMSA, as below, where RMPADJUST is somebody else's.
/// @param vmpls   how many the part has
/// @param adjust  `adjust(RDX) -> outcome<rmp::result>`: RMPADJUST of the page at VMPL 0
template <class Context, class Adjust, class Flush, class Acceptable>
[[nodiscard]] constexpr auto make_vmsa_page(Context& ctx, unsigned vmpls, vmpl target, Adjust&& adjust, Flush&& flush,
                                            Acceptable&& acceptable) -> outcome<rmp::result> {
  const auto revoked = detail::revoke(vmpls, adjust, flush);
  if (!revoked || revoked->eax != rmp::status::success) return revoked;
  if (ctx.denies(rule::VMPL_07, !acceptable())) return rmp::fails(rmp::status::fail_input, rule::VMPL_07);
  return adjust(detail::adjust_attributes(target, rmp::permissions::r, true));
}

/// Makes a page a VMSA, in the order that leaves no time to change it: permissions of all lower VMPLs are revoked, their
/// translations dropped, the contents judged, and the VMSA bit set last; the VMPL that it is for may read it.
/// coconut-svsm/svsm; AMDESE/linux-svsm
/// @param by         at VMPL 0
/// @param target     the VMPL that the VMSA is for: not 0
/// @param translate  as for RMPADJUST
/// @param flush      `flush()`: no processor keeps a translation of the page
/// @param acceptable `acceptable() -> bool`: the contents are what they should be
/// @return as RMPADJUST; FAIL_INPUT if the contents are not acceptable
template <class Context, rmp::writable_store Store, class Translate, class Flush, class Acceptable>
[[nodiscard]] constexpr auto make_vmsa_page(Context& ctx, Store& table, const rmp::processor& part,
                                            const rmp::execution& by, gva page, vmpl target, Translate&& translate,
                                            Flush&& flush, Acceptable&& acceptable) -> outcome<rmp::result> {
  const auto adjust = [&](std::uint64_t attributes) {
    return rmp::rmpadjust(ctx, table, part, by, {.where = page, .attributes = attributes}, translate);
  };
  return make_vmsa_page(ctx, part.vmpls, target, adjust, flush, acceptable);
}

/// Makes a VMSA an ordinary page of a VMPL: revoked from all, and then given with everything but shadow stacks.
template <class Context, rmp::writable_store Store, class Translate, class Flush>
[[nodiscard]] constexpr auto release_vmsa_page(Context& ctx, Store& table, const rmp::processor& part,
                                               const rmp::execution& by, gva page, vmpl target, Translate&& translate,
                                               Flush&& flush) -> outcome<rmp::result> {
  const auto adjust = [&](std::uint64_t attributes) {
    return rmp::rmpadjust(ctx, table, part, by, {.where = page, .attributes = attributes}, translate);
  };
  const auto revoked = detail::revoke(part.vmpls, adjust, flush);
  if (!revoked || revoked->eax != rmp::status::success) return revoked;
  constexpr std::uint8_t all = rmp::permissions::r | rmp::permissions::w | rmp::permissions::xu | rmp::permissions::xs;
  return adjust(detail::adjust_attributes(target, all, false));
}

}  // namespace sevspec::inline v0::cpu

#endif
