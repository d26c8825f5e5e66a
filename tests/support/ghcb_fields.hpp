// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_GHCB_FIELDS_HPP
#define SEVSPEC_TESTS_SUPPORT_GHCB_FIELDS_HPP

#include <array>

#include <sevspec/layout/ghcb_valid_bitmap.hpp>

namespace sevspec::test {

/// Every field that has a valid bit, by name: independent of the table that the library goes by.
inline constexpr auto ghcb_fields = [] {
  using enum layout::ghcb_field;
  return std::array{cpl,
                    xss,
                    dr7,
                    rip,
                    rsp,
                    rax,
                    rcx,
                    rdx,
                    rbx,
                    rbp,
                    rsi,
                    rdi,
                    r8,
                    r9,
                    r10,
                    r11,
                    r12,
                    r13,
                    r14,
                    r15,
                    sw_exit_code,
                    sw_exit_info_1,
                    sw_exit_info_2,
                    sw_scratch,
                    xcr0};
}();

}  // namespace sevspec::test

#endif
