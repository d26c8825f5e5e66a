// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_PAGE_STATE_CHANGE_HPP
#define SEVSPEC_LAYOUT_PAGE_STATE_CHANGE_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/ghcb_request.hpp>

/// The addresses in page state change requests. Frame numbers have 40 bits, so that addresses need 52: never shift one
/// in its own width.
namespace sevspec::inline v0::layout {

/// The page that an entry is about.   GHCB 4.1.6
[[nodiscard]] constexpr auto address_of(psc_entry entry) noexcept -> gpa { return gpa{entry.gfn() << 12}; }

/// The page that a request of the MSR protocol is about, always of 4 KiB.   GHCB 2.3.2
[[nodiscard]] constexpr auto address_of(ghcb_msr_psc_req request) noexcept -> gpa { return gpa{request.gfn() << 12}; }

/// An entry that asks for `operation` on the page at `page`, nothing of it done yet.   GHCB 4.1.6
/// @param page  below 2^52, aligned to `size`
/// @param size  4K or 2M
[[nodiscard]] constexpr auto make_psc_entry(ghcb_psc_ops operation, gpa page, page_size size) -> psc_entry {
  Expects(size == page_size::k4k || size == page_size::k2m);
  Expects(is_aligned(page, size) && page.value >> 52 == 0);
  return psc_entry{}.set_gfn(page.value >> 12).set_operation(operation).set_page_size(size == page_size::k2m);
}

}  // namespace sevspec::inline v0::layout

#endif
