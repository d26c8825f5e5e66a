// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MESSAGE_CHANNEL_HPP
#define SEVSPEC_SVSM_MESSAGE_CHANNEL_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/ghcb/guest_request.hpp>
#include <sevspec/layout/guest_message.hpp>
#include <sevspec/svsm/report_source.hpp>

/// An SVSM's messages to the firmware: one key, and numbers that are never used twice (VMPL-13).
/// SNP ABI 7; torvalds/linux drivers/virt/coco/sev-guest; coconut-svsm/svsm
namespace sevspec::inline v0::svsm {

/// A page for a message.
using message_page = std::array<std::uint8_t, 4096>;

/// How messages get to the firmware: through the hypervisor, which may do with them what it likes.
/// @return SW_EXITINFO2 of the request; for a buffer that is too small the pages needed go into `pages`
template <class T>
concept message_transport = requires(T& transport, const message_page& request, message_page& response,
                                     std::vector<std::uint8_t>& certificates, std::uint64_t& pages) {
  { transport.send(request, response) } -> std::same_as<ghcb::guest_request_status>;
  { transport.send_extended(request, response, certificates, pages) } -> std::same_as<ghcb::guest_request_status>;
};

/// A VMPCK in use.
struct message_channel {
  std::optional<firmware::message_key> key{};  ///< nothing: destroyed
  std::uint8_t vmpck = 0;                      ///< which key
  std::uint64_t count = 0;                     ///< messages of both directions so far

  friend auto operator==(const message_channel&, const message_channel&) -> bool = default;
};

namespace detail {

[[nodiscard]] inline auto report_request(const report_data& data, vmpl level) -> std::vector<std::uint8_t> {
  layout::msg_report_req asked;
  asked.set_report_data(data);
  asked.set_vmpl(level.value);
  return {asked.bytes().begin(), asked.bytes().end()};
}

/// The response's report; nothing if it is no answer to the request.
[[nodiscard]] inline auto open_report(const message_channel& channel, const message_page& response)
    -> std::optional<std::vector<std::uint8_t>> {
  const auto parsed = firmware::parse_message(response);
  if (!parsed || !channel.key) return {};
  const auto info = parsed->info();
  const std::uint64_t request = firmware::request_sequence(channel.count);
  const bool fits = info.sequence == firmware::response_sequence(request) && info.vmpck == channel.vmpck &&
                    info.type == layout::snp_message_types::report_rsp;
  std::vector<std::uint8_t> payload(parsed->payload.size());
  if (!fits || !firmware::open_message(*channel.key, *parsed, payload)) return {};
  return payload;
}

}  // namespace detail

/// Asks for a report (SVSM-ATT-06, SVSM-ATT-07, VMPL-13).
///
/// A message that the hypervisor has not passed on is the same message when it is sent again, bit for bit, for its
/// number is used. What failed otherwise may have been seen: the key is destroyed.
/// @param level     0 for reports of the SVSM
/// @param extended  with certificates
template <class Context, message_transport Transport>
[[nodiscard]] auto ask_for_report(Context& ctx, message_channel& channel, Transport& transport, const report_data& data,
                                  vmpl level, bool extended) -> report_answer {
  using enum report_answer::kind;
  if (!channel.key) return {.what = failed};
  const auto payload = detail::report_request(data, level);
  const firmware::message_info info{.type = layout::snp_message_types::report_req,
                                    .vmpck = channel.vmpck,
                                    .sequence = firmware::request_sequence(channel.count)};
  message_page request{};
  const auto sealed = std::span{request}.first(firmware::message_header_bytes + payload.size());
  firmware::seal_message(*channel.key, info, payload, sealed);

  message_page response{};
  report_answer answer;
  auto status = extended ? transport.send_extended(request, response, answer.certificates, answer.pages)
                         : transport.send(request, response);
  auto opened = detail::open_report(channel, response);
  auto reaction = ghcb::react_to(status, opened.has_value());
  if (reaction == ghcb::request_reaction::resend_identical) return {.what = busy};
  const bool no_room = extended && reaction == ghcb::request_reaction::resend_without_certificates;
  if (no_room) {  // the number is used up by the same message
    status = transport.send(request, response);
    opened = detail::open_report(channel, response);
    reaction = ghcb::react_to(status, opened.has_value());
  }
  const bool heard = reaction == ghcb::request_reaction::take_response;
  if (ctx.denies(rule::VMPL_13, !heard)) channel.key.reset();
  if (!heard || !opened) return {.what = failed};
  channel.count = firmware::count_after_response(channel.count);
  if (no_room) return {.what = too_small, .pages = answer.pages};
  const auto& bytes = *opened;
  const bool good = bytes.size() >= 0x20 + report_bytes && layout::read_le<std::uint32_t>(bytes.data()) == 0;
  if (!good) return {.what = failed};
  answer.what = ok;
  answer.report.assign(bytes.begin() + 0x20, bytes.begin() + 0x20 + report_bytes);
  return answer;
}

/// A report source on a channel and a transport.
template <class Context, message_transport Transport>
class firmware_reports {
 public:
  firmware_reports(Context& ctx, message_channel& channel, Transport& transport)
      : ctx_(&ctx), channel_(&channel), transport_(&transport) {}

  [[nodiscard]] auto report(const report_data& data, bool extended) -> report_answer {
    return ask_for_report(*ctx_, *channel_, *transport_, data, vmpl{0}, extended);
  }

 private:
  Context* ctx_;
  message_channel* channel_;
  Transport* transport_;
};

}  // namespace sevspec::inline v0::svsm

#endif
