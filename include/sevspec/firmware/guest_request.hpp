// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_REQUEST_HPP
#define SEVSPEC_FIRMWARE_GUEST_REQUEST_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/guest_migration.hpp>
#include <sevspec/firmware/guest_reports.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/snp_command.hpp>

/// SNP_GUEST_REQUEST: what a guest says to the firmware, through a hypervisor that cannot read it.   SNP ABI, chapter 7
namespace sevspec::inline v0::firmware {

namespace detail {

/// The highest version of each request; 0: no request.   FW-MSG-17
template <class Machine>
[[nodiscard]] constexpr auto highest_version(const Machine& m, layout::snp_message_types type) -> unsigned {
  using enum layout::snp_message_types;
  switch (type) {
    case cpuid_req:
    case report_req:
    case export_req:
    case import_req:
    case absorb_req:
    case vmrk_req:
    case absorb_noma_req:
    case tsc_info_req:    return 1;
    case key_req:         return m.hw.features.verify_mitigation ? 2 : 1;
    default:              return 0;
  }
}

/// Does what a message asks for.   FW-MSG-18
template <class Context, class Machine>
[[nodiscard]] auto answer(Context& ctx, Machine& m, std::uint64_t sender, const snp_guest& from,
                          const message_info& info, byte_view payload) -> message_payload {
  using enum layout::snp_message_types;
  switch (info.type) {
    case report_req:      return answer_report(ctx, m, from, payload, info.vmpck);
    case key_req:         return answer_key(ctx, m, from, payload, info.version, info.vmpck);
    case cpuid_req:       return answer_cpuid(ctx, m, payload);
    case tsc_info_req:    return answer_tsc_info(ctx, m, from, payload);
    case export_req:      return answer_export(ctx, m, sender, from, payload, info.vmpck);
    case import_req:      return answer_import(ctx, m, sender, from, payload);
    case absorb_req:      return answer_absorb(ctx, m, sender, from, payload);
    case absorb_noma_req: return answer_absorb_noma(ctx, m, sender, payload);
    case vmrk_req:        return answer_vmrk(ctx, m, sender, from, payload, info.vmpck);
    default:              return status_payload(status::invalid_param);  // without FW-MSG-17
  }
}

}  // namespace detail

/// SNP_GUEST_REQUEST.   FW-MSG-10 to 19
/// @return an error of the hypervisor's or the transport's; what the guest did wrong is in the response alone
template <class Context, class Machine>
[[nodiscard]] auto snp_guest_request(Context& ctx, Machine& m, const layout::cmd_snp_guest_request& cmd) -> status {
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  const spa request = target_of(m, cmd.request_paddr());
  const spa response = target_of(m, cmd.response_paddr());
  if (const status bad = check_page(ctx, m, response); bad != status::success) return bad;
  if (ctx.denies(rule::FW_MSG_10, state_at(m, response) != rmp::page_state::firmware))
    return status::invalid_page_state;
  if (const status bad = check_page(ctx, m, request); bad != status::success) return bad;
  if (ctx.denies(rule::FW_MSG_11, entry_at(m, request).large || entry_at(m, response).large))
    return status::invalid_page_size;
  if (ctx.denies(rule::FW_MSG_12, guest->state != context_state::running)) return status::invalid_guest_state;
  const std::uint64_t room = 4096 - request.value % 4096;
  if (const status bad = check_range(ctx, m, cmd.request_paddr(), room); bad != status::success) return bad;
  std::vector<std::uint8_t> bytes(room);
  read_plain(ctx, m, cmd.request_paddr(), bytes);
  const auto parsed = parse_message(bytes);
  if (!parsed) {
    const bool key = parsed.error().what == message_error::kind::key_index;
    static_cast<void>(ctx.denies(key ? rule::FW_MSG_14 : rule::FW_MSG_13, true));
    return status::invalid_param;  // nothing sensible can be made of it without the rules
  }
  static_cast<void>(ctx.denies(rule::FW_MSG_13, false));
  static_cast<void>(ctx.denies(rule::FW_MSG_14, false));
  const message_info info = parsed->info();
  const message_key key = guest->vmpck[info.vmpck];
  std::vector<std::uint8_t> payload(parsed->payload.size());
  const bool authentic = open_message(key, *parsed, payload).has_value();
  if (ctx.denies(rule::FW_MSG_15, !authentic)) return status::bad_measurement;
  const std::uint64_t count = guest->message_count[info.vmpck];
  if (ctx.denies(rule::FW_MSG_16, count >= exhausted_counter)) return status::aead_oflow;
  if (ctx.denies(rule::FW_MSG_16, info.sequence != request_sequence(count)))
    return ctx.choices.wrong_seqno_is_invalid_param ? status::invalid_param : status::aead_oflow;
  const unsigned highest = detail::highest_version(m, info.type);
  if (ctx.denies(rule::FW_MSG_17, info.version < 1 || info.version > highest)) return status::invalid_param;

  const snp_guest sender = *guest;  // the answer may make it another, or none
  const std::uint64_t context = target_of(m, cmd.gctx_paddr()).value;
  const message_payload answer = detail::answer(ctx, m, context, sender, info, payload);
  std::vector<std::uint8_t> sealed(message_header_bytes + answer.size());
  const bool fits = response.value % 4096 + sealed.size() <= 4096;
  if (ctx.denies(rule::FW_MSG_19, !fits)) return status::invalid_param;
  const auto answered = static_cast<layout::snp_message_types>(static_cast<unsigned>(info.type) + 1);
  seal_message(
      key,
      {.type = answered, .version = info.version, .vmpck = info.vmpck, .sequence = response_sequence(info.sequence)},
      answer, sealed);
  write_plain(ctx, m, cmd.response_paddr(), sealed);
  const auto still = m.sp.contexts.find(context);
  if (still != m.sp.contexts.end()) {  // the counter that is there now: ABSORB_NOMA brings its own (FW-MSG-06)
    std::uint64_t& counter = still->second.message_count[info.vmpck];
    counter = count_after_response(counter);
  }
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
