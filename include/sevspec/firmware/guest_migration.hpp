// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_MIGRATION_HPP
#define SEVSPEC_FIRMWARE_GUEST_MIGRATION_HPP

#include <algorithm>
#include <cstdint>
#include <utility>

#include <sevspec/firmware/guest_reports.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/snp_guest.hpp>
#include <sevspec/layout/guest_message.hpp>

/// Guest messages with which migration agents move guests: EXPORT, IMPORT, ABSORB, ABSORB_NOMA, VMRK.   SNP ABI,
/// chapter 7. All name guest contexts by their system-physical address.
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t exported_bytes = 0x300;
inline constexpr std::uint32_t exported_version = 3;

/// A guest context as it leaves the platform. The memory encryption key does not.   FW-MSG-27
[[nodiscard]] inline auto exported(const snp_guest& guest) -> layout::msg_gctx_export {
  layout::msg_gctx_export made;
  made.set_ld(guest.launch_digest);
  made.set_oek(guest.oek);
  made.set_vmpck0(guest.vmpck[0]);
  made.set_vmpck1(guest.vmpck[1]);
  made.set_vmpck2(guest.vmpck[2]);
  made.set_vmpck3(guest.vmpck[3]);
  made.set_vmrk(guest.vmrk);
  made.set_host_data(guest.host_data);
  made.set_id_key_digest(guest.id_key_digest);
  made.set_author_key_digest(guest.author_key_digest);
  made.set_report_id(guest.report_id);
  made.set_imd(guest.imd);
  made.set_msg_count0(guest.message_count[0]);
  made.set_msg_count1(guest.message_count[1]);
  made.set_msg_count2(guest.message_count[2]);
  made.set_msg_count3(guest.message_count[3]);
  std::ranges::copy(guest.root_entry.bytes(), made.bytes().begin() + 0x1e0);
  made.set_flags(layout::msg_gctx_export_flags{}
                     .set_author_key_en(guest.author_key_en)
                     .set_id_block_en(guest.id_block_en)
                     .set_vcek_dis(guest.vcek_dis));
  made.set_policy(guest.policy);
  made.set_state(guest.state);
  made.set_oek_iv_count(guest.oek_iv_count);
  std::ranges::copy(guest.id_block.bytes(), made.bytes().begin() + 0x240);
  made.set_gosvw(guest.gosvw);
  made.set_desired_tsc_freq(guest.desired_tsc_khz);
  made.set_psp_tsc_offset(guest.psp_tsc_offset);
  made.set_launch_tcb(guest.launch_tcb);
  return made;
}

/// The guest context that arrives. What is the platform's own stays `base`'s: key, ASID, report ID.   FW-MSG-28, 29
[[nodiscard]] inline auto imported(const layout::msg_gctx_export& from, const snp_guest& base) -> snp_guest {
  snp_guest made = base;
  made.launch_digest = array_of<48>(from.ld());
  made.oek = array_of<32>(from.oek());
  made.vmpck = {array_of<32>(from.vmpck0()), array_of<32>(from.vmpck1()), array_of<32>(from.vmpck2()),
                array_of<32>(from.vmpck3())};
  made.vmrk = array_of<32>(from.vmrk());
  made.host_data = array_of<32>(from.host_data());
  made.id_key_digest = array_of<48>(from.id_key_digest());
  made.author_key_digest = array_of<48>(from.author_key_digest());
  made.imd = array_of<48>(from.imd());
  made.message_count = {from.msg_count0(), from.msg_count1(), from.msg_count2(), from.msg_count3()};
  std::ranges::copy(byte_view{from.bytes()}.subspan(0x1e0, 64), made.root_entry.bytes().begin());
  made.author_key_en = from.flags().author_key_en();
  made.id_block_en = from.flags().id_block_en();
  made.vcek_dis = from.flags().vcek_dis();
  made.policy = from.policy();
  made.oek_iv_count = from.oek_iv_count();
  std::ranges::copy(byte_view{from.bytes()}.subspan(0x240, 96), made.id_block.bytes().begin());
  made.gosvw = array_of<16>(from.gosvw());
  made.desired_tsc_khz = from.desired_tsc_freq();
  made.psp_tsc_offset = from.psp_tsc_offset();
  made.launch_tcb = from.launch_tcb();
  made.imi_en = false;
  made.state = context_state::running;
  return made;
}

namespace detail {

[[nodiscard]] inline auto status_payload(status code) -> message_payload {
  layout::msg_status_rsp answer;
  answer.set_status(code);
  return to_payload(answer);
}
/// Whether `sender` is the migration agent of a guest.
[[nodiscard]] inline auto is_agent_of(const snp_guest& guest, std::uint64_t sender, const snp_guest& agent) -> bool {
  return guest.agent.value == sender && guest.report_id_ma == agent.report_id;
}

}  // namespace detail

/// MSG_EXPORT_REQ.   FW-MSG-26
/// @param sender  the address of the sender's guest context
template <class Context, class Machine>
[[nodiscard]] auto answer_export(Context& ctx, Machine& m, std::uint64_t sender, const snp_guest& from,
                                 byte_view payload, unsigned vmpck) -> message_payload {
  layout::msg_export_rsp answer;
  const auto refuse = [&](status why) {
    answer.set_status(why);
    return detail::to_payload(answer);
  };
  const auto asked = detail::payload_as<layout::msg_export_req>(payload);
  const bool malformed =
      !asked || layout::first_reserved_bit(*asked).has_value() || has_reserved_bits({asked->gctx_paddr()});
  if (ctx.denies(rule::FW_MSG_26, malformed) || !asked) return refuse(status::invalid_param);
  const auto target = find_context(ctx, m, asked->gctx_paddr());
  if (!target) return refuse(target.code == status::success ? status::invalid_guest : target.code);
  if (ctx.denies(rule::FW_MSG_26, target->state != context_state::running)) return refuse(status::invalid_guest_state);
  const bool itself = target_of(m, asked->gctx_paddr()).value == sender && from.agent == no_agent && vmpck == 0;
  const bool allowed = detail::is_agent_of(*target, sender, from) || itself;
  if (ctx.denies(rule::FW_MSG_26, !allowed)) return refuse(status::invalid_guest);
  layout::msg_gctx_export context = exported(*target);
  const bool keeps_running = asked->flags().imi_en();
  if (keeps_running) std::ranges::fill(context.bytes().subspan(0x1e0, 64), std::uint8_t{0});
  answer.set_status(status::success);
  answer.set_gctx_size(exported_bytes);
  answer.set_gctx_version(exported_version);
  std::ranges::copy(context.bytes(), answer.bytes().begin() + 0x20);
  if (!keeps_running) forget_guest(ctx, m, target_of(m, asked->gctx_paddr()));
  return detail::to_payload(answer);
}

/// The request of IMPORT and ABSORB.
struct import_request {
  std::uint64_t target = 0;
  bool fits = false;  ///< the context has the size and version that this firmware exports
  layout::msg_gctx_export context{};
};
/// Its form.
/// @return nothing if it is malformed: INVALID_PARAM
[[nodiscard]] inline auto read_import(byte_view payload) -> std::optional<import_request> {
  const auto asked = detail::payload_as<layout::msg_import_req>(payload);
  if (!asked) return {};
  import_request made{.target = asked->gctx_paddr(),
                      .fits = asked->in_gctx_size() == exported_bytes && asked->in_gctx_version() == exported_version};
  std::ranges::copy(byte_view{asked->bytes()}.subspan(0x20, exported_bytes), made.context.bytes().begin());
  const bool well_formed = !has_reserved_bits({made.target}) && is_zero(byte_view{asked->bytes()}.subspan(0x10, 16));
  if (!well_formed) return {};
  return made;
}

/// MSG_IMPORT_REQ: an empty context becomes a guest that was exported elsewhere.   FW-MSG-28
template <class Context, class Machine>
[[nodiscard]] auto answer_import(Context& ctx, Machine& m, std::uint64_t sender, const snp_guest& from,
                                 byte_view payload) -> message_payload {
  const auto asked = read_import(payload);
  if (ctx.denies(rule::FW_MSG_28, !asked) || !asked) return detail::status_payload(status::invalid_param);
  const auto target = find_context(ctx, m, asked->target);
  if (!target) return detail::status_payload(target.code == status::success ? status::invalid_guest : target.code);
  if (ctx.denies(rule::FW_MSG_28, target->state != context_state::init))
    return detail::status_payload(status::invalid_guest_state);
  if (ctx.denies(rule::FW_MSG_28, !asked->fits)) return detail::status_payload(status::invalid_param);
  snp_guest made = imported(asked->context, *target);
  if (ctx.denies(rule::FW_MSG_28, !made.root_entry.attributes().valid()))
    return detail::status_payload(status::invalid_mdata_entry);
  made.agent = {sender};
  made.report_id_ma = from.report_id;
  made.report_id = crypto::draw<32>(m.random);
  *target = made;
  ++m.sp.snp_guest_count;
  return detail::status_payload(status::success);
}

/// MSG_ABSORB_REQ: a guest launched from an initial migration image becomes the guest that arrives.   FW-MSG-29
template <class Context, class Machine>
[[nodiscard]] auto answer_absorb(Context& ctx, Machine& m, std::uint64_t sender, const snp_guest& from,
                                 byte_view payload) -> message_payload {
  const auto asked = read_import(payload);
  if (ctx.denies(rule::FW_MSG_29, !asked) || !asked) return detail::status_payload(status::invalid_param);
  const auto target = find_context(ctx, m, asked->target);
  if (!target) return detail::status_payload(target.code == status::success ? status::invalid_guest : target.code);
  const bool ready = target->state == context_state::launch && target->imi_en;
  if (ctx.denies(rule::FW_MSG_29, !ready)) return detail::status_payload(status::invalid_guest_state);
  if (ctx.denies(rule::FW_MSG_29, !asked->fits)) return detail::status_payload(status::invalid_param);
  snp_guest made = imported(asked->context, *target);
  if (ctx.denies(rule::FW_MSG_29, made.root_entry.attributes().valid()))
    return detail::status_payload(status::invalid_mdata_entry);
  if (ctx.denies(rule::FW_MSG_29, made.imd != target->launch_digest))
    return detail::status_payload(status::bad_measurement);
  made.agent = {sender};
  made.report_id_ma = from.report_id;
  if (const status bad = make_runnable(m, *target); bad != status::success) return detail::status_payload(bad);
  made.slot = target->slot;
  *target = made;
  return detail::status_payload(status::success);
}

/// MSG_ABSORB_NOMA_REQ: a guest without migration agent replaces its own context.   FW-MSG-29
template <class Context, class Machine>
[[nodiscard]] auto answer_absorb_noma(Context& ctx, Machine& m, std::uint64_t sender, byte_view payload)
    -> message_payload {
  const auto asked = read_import(payload);
  if (ctx.denies(rule::FW_MSG_29, !asked) || !asked) return detail::status_payload(status::invalid_param);
  const auto target = find_context(ctx, m, asked->target);
  if (!target) return detail::status_payload(target.code == status::success ? status::invalid_guest : target.code);
  const bool own = target_of(m, asked->target).value == sender && target->agent == no_agent;
  if (ctx.denies(rule::FW_MSG_29, !own)) return detail::status_payload(status::invalid_guest);
  if (ctx.denies(rule::FW_MSG_29, !asked->fits)) return detail::status_payload(status::invalid_param);
  snp_guest made = imported(asked->context, *target);
  if (ctx.denies(rule::FW_MSG_29, made.root_entry.attributes().valid()))
    return detail::status_payload(status::invalid_mdata_entry);
  const bool same = made.imd == target->launch_digest && made.imd == target->imd;
  if (ctx.denies(rule::FW_MSG_29, !same)) return detail::status_payload(status::bad_measurement);
  *target = made;
  return detail::status_payload(status::success);
}

/// MSG_VMRK_REQ: the migration agent gives a guest its root key.   FW-MSG-30
template <class Context, class Machine>
[[nodiscard]] auto answer_vmrk(Context& ctx, Machine& m, std::uint64_t sender, const snp_guest& from, byte_view payload,
                               unsigned vmpck) -> message_payload {
  const auto asked = detail::payload_as<layout::msg_vmrk_req>(payload);
  const bool malformed = !asked || layout::first_reserved_bit(*asked).has_value() ||
                         has_reserved_bits({asked->gctx_paddr()}) || vmpck != 0;
  if (ctx.denies(rule::FW_MSG_30, malformed) || !asked) return detail::status_payload(status::invalid_param);
  const auto target = find_context(ctx, m, asked->gctx_paddr());
  if (!target) return detail::status_payload(target.code == status::success ? status::invalid_guest : target.code);
  const bool ready = target->state == context_state::launch && !target->imi_en;
  if (ctx.denies(rule::FW_MSG_30, !ready)) return detail::status_payload(status::invalid_guest_state);
  if (ctx.denies(rule::FW_MSG_30, !detail::is_agent_of(*target, sender, from)))
    return detail::status_payload(status::invalid_guest);
  target->vmrk = array_of<32>(asked->vmrk());
  return detail::status_payload(status::success);
}

}  // namespace sevspec::inline v0::firmware

#endif
