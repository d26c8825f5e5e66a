// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_GUEST_REQUEST_HPP
#define SEVSPEC_GHCB_GUEST_REQUEST_HPP

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/page_exit.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/guest_message.hpp>

/// Messages to the AMD-SP through the hypervisor, which cannot read them.   GHCB 4.1.7, 4.1.8
namespace sevspec::inline v0::ghcb {

/// SW_EXITINFO2 of a guest request: the firmware's status, and the hypervisor's own.
struct guest_request_status {
  std::uint32_t firmware{};
  std::uint32_t hypervisor{};

  [[nodiscard]] constexpr auto raw() const noexcept -> std::uint64_t {
    return std::uint64_t{hypervisor} << 32 | firmware;
  }
  [[nodiscard]] static constexpr auto of(std::uint64_t info_2) noexcept -> guest_request_status {
    return {static_cast<std::uint32_t>(info_2 & 0xffff'ffff), static_cast<std::uint32_t>(info_2 >> 32)};
  }
  friend constexpr auto operator==(guest_request_status, guest_request_status) -> bool = default;
};

inline constexpr std::uint32_t request_buffer_too_small =
    std::to_underlying(layout::ghcb_guest_request_vmm_errors::invalid_len);
inline constexpr std::uint32_t request_busy = std::to_underlying(layout::ghcb_guest_request_vmm_errors::busy);
inline constexpr std::uint32_t request_failed = 0x8000'0000;  ///< Linux's own, of its host driver

namespace detail {

/// The pages of request and response: 4K-aligned, and two (GHCB-NAE-20).
template <class Context>
[[nodiscard]] constexpr auto misplaced(Context& ctx, const snapshot& request) -> bool {
  const gpa from{request.info_1()};
  const gpa to{request.info_2()};
  return ctx.denies(rule::GHCB_NAE_20,
                    !is_aligned(from, page_size::k4k) || !is_aligned(to, page_size::k4k) || from == to);
}

}  // namespace detail

/// Guest request (GHCB-NAE-20).   GHCB 4.1.7
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_guest_request(Context& ctx, Environment& env, const snapshot& request)
    -> page_answer {
  if (detail::misplaced(ctx, request))
    return malformed(reason_or_4(ctx, layout::ghcb_error_codes::invalid_input), rule::GHCB_NAE_20);
  if (env.throttled()) return {.info_2 = guest_request_status{0, request_busy}.raw()};
  return {.info_2 = guest_request_status{env.guest_message({request.info_1()}, {request.info_2()}), 0}.raw()};
}

/// Extended guest request: a report, and the certificates that go with it (GHCB-NAE-21).   GHCB 4.1.8
///
/// The message's type is read from its header, which is not encrypted. Only a report request brings RAX (where the
/// certificates go) and RBX (pages there); others are like an ordinary request.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_extended_request(Context& ctx, Environment& env, const snapshot& request)
    -> page_answer {
  using enum layout::ghcb_error_codes;
  if (detail::misplaced(ctx, request)) return malformed(reason_or_4(ctx, invalid_input), rule::GHCB_NAE_20);
  layout::guest_message_header header;
  if (ctx.denies(rule::GHCB_NAE_21, !env.read(gpa{request.info_1()}, header.bytes())))
    return malformed(invalid_input, rule::GHCB_NAE_21);
  if (header.msg_type() != layout::snp_message_types::report_req) return serve_guest_request(ctx, env, request);

  const bool has_both = request.has(ghcb_field::rax) && request.has(ghcb_field::rbx);
  if (ctx.denies(rule::GHCB_NAE_21, !has_both))
    return malformed(ctx.choices.ghcb_reason_strict ? missing_input : invalid_input, rule::GHCB_NAE_21);
  const gpa where{request.value(ghcb_field::rax)};
  const std::uint64_t pages = request.value(ghcb_field::rbx);
  if (ctx.denies(rule::GHCB_NAE_21, !is_aligned(where, page_size::k4k)))
    return malformed(invalid_input, rule::GHCB_NAE_21);
  const std::uint64_t bytes = env.certificate_bytes();
  const std::uint64_t needed = (bytes + 0xfff) / 0x1000;
  if (needed > pages)  // and the message is not sent: the guest sends it again with a larger buffer
    return {.info_2 = guest_request_status{0, request_buffer_too_small}.raw(), .rbx = needed};
  if (env.throttled()) return {.info_2 = guest_request_status{0, request_busy}.raw()};
  // The certificates first: once the message is sent its number is used up, and the guest must have the answer (VMPL-13).
  if (bytes != 0) {
    std::vector<std::uint8_t> table(static_cast<std::size_t>(bytes));
    env.certificates(table);
    if (!env.write(where, table)) return malformed(invalid_input, rule::GHCB_NAE_21);
  } else if (pages != 0) {
    const std::array<std::uint8_t, 24> none{};  // the entry that ends a table
    if (!env.write(where, none)) return malformed(invalid_input, rule::GHCB_NAE_21);
  }
  const std::uint32_t firmware = env.guest_message({request.info_1()}, {request.info_2()});
  return {.info_2 = guest_request_status{firmware, 0}.raw()};
}

/// What a guest does with a status (GHCB-NAE-20, GHCB-NAE-21).   torvalds/linux drivers/virt/coco/sev-guest
enum class request_reaction : std::uint8_t {
  take_response,
  resend_identical,             ///< busy: the same message, byte for byte, or its number would be used for two
  resend_without_certificates,  ///< the sequence number is used up by an ordinary request; then with a larger buffer
  destroy_key,                  ///< the message may or may not have been seen: its key is never used again
};
/// @param response_is_authentic  the response's tag, sequence number and type are right
[[nodiscard]] constexpr auto react_to(guest_request_status status, bool response_is_authentic) noexcept
    -> request_reaction {
  if (status.hypervisor == request_busy) return request_reaction::resend_identical;
  if (status.hypervisor == request_buffer_too_small) return request_reaction::resend_without_certificates;
  const bool sent = status.hypervisor == 0 && status.firmware == 0;
  return sent && response_is_authentic ? request_reaction::take_response : request_reaction::destroy_key;
}

}  // namespace sevspec::inline v0::ghcb

#endif
