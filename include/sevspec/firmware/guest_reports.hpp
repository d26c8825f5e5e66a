// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_REPORTS_HPP
#define SEVSPEC_FIRMWARE_GUEST_REPORTS_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/firmware/cpuid_check.hpp>
#include <sevspec/firmware/derived_key.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/guest.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/report_signature.hpp>
#include <sevspec/firmware/snp_config.hpp>
#include <sevspec/firmware/vmsa_transform.hpp>
#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/reflect.hpp>

/// Answers to guest messages that ask: REPORT, KEY, CPUID, TSC_INFO.   SNP ABI, chapter 7
namespace sevspec::inline v0::firmware {

/// The payload of a response.
using message_payload = std::vector<std::uint8_t>;

namespace detail {

/// The structure that a request's payload is; nothing if it is too short.
template <class Image>
[[nodiscard]] auto payload_as(byte_view payload) -> std::optional<Image> {
  constexpr std::size_t size = layout::size_of<Image>;
  if (payload.size() < size) return {};
  Image made;
  std::ranges::copy(payload.first(size), made.bytes().begin());
  return made;
}
template <class Image>
[[nodiscard]] auto to_payload(const Image& from) -> message_payload {
  message_payload made(from.bytes().begin(), from.bytes().end());
  made.resize((made.size() + 15) / 16 * 16);
  return made;
}

/// Which key a guest asked for.
struct chosen_key {
  bool available = false;
  bool vlek = false;
};
/// KEY_SEL.   FW-MSG-20
template <class Machine>
[[nodiscard]] auto choose_key(const Machine& m, const snp_guest& guest, layout::snp_key_sel wanted) -> chosen_key {
  using enum layout::snp_key_sel;
  const bool loaded = m.sp.vlek_seed.has_value();
  if (wanted == vlek_else_vcek) return {.available = loaded || !guest.vcek_dis, .vlek = loaded};
  if (wanted == vcek) return {.available = !guest.vcek_dis, .vlek = false};
  return {.available = wanted == vlek && loaded, .vlek = true};
}

}  // namespace detail

/// The attestation report of a guest, signed.   FW-MSG-22, 23
template <class Machine>
[[nodiscard]] auto make_report(const Machine& m, const snp_guest& guest, byte_view report_data, std::uint32_t vmpl,
                               bool vlek) -> layout::attestation_report_v5 {
  layout::attestation_report_v5 made;
  made.set_version(m.hw.report_version);
  made.set_policy(guest.policy);
  if (guest.id_block_en) {
    made.set_guest_svn(guest.id_block.guest_svn());
    made.set_family_id(guest.id_block.family_id());
    made.set_image_id(guest.id_block.image_id());
  }
  made.set_vmpl(vmpl);
  made.set_signature_algo(layout::snp_signature_algorithms::ecdsa_p384_sha384);
  made.set_current_tcb(m.sp.current.tcb);
  made.set_platform_info(layout::snp_platform_info{}
                             .set_smt_en(m.hw.smt)
                             .set_tsme_en(m.hw.tsme)
                             .set_ecc_en(m.hw.ecc)
                             .set_rapl_dis(m.sp.rapl_disabled)
                             .set_ciphertext_hiding_dram_en(m.sp.ciphertext_hiding)
                             .set_alias_check_complete(m.hw.alias_check_complete));
  made.set_key_info(layout::snp_report_key_info{}
                        .set_author_key_en(guest.author_key_en)
                        .set_mask_chip_key(m.sp.mask_chip_key)
                        .set_signing_key(vlek ? layout::snp_signing_key::vlek : layout::snp_signing_key::vcek));
  made.set_report_data(array_of<64>(report_data));
  made.set_measurement(guest.launch_digest);
  made.set_host_data(guest.host_data);
  made.set_id_key_digest(guest.id_key_digest);
  made.set_author_key_digest(guest.author_key_digest);
  made.set_report_id(guest.report_id);
  made.set_report_id_ma(guest.report_id_ma);
  made.set_reported_tcb(reported_tcb(m));
  if (m.hw.report_version >= 3) {
    const std::uint32_t fms = m.hw.family_model_stepping;
    made.set_cpuid_fam_id(static_cast<std::uint8_t>((fms >> 8 & 0xf) + (fms >> 20 & 0xff)));
    made.set_cpuid_mod_id(static_cast<std::uint8_t>((fms >> 4 & 0xf) | (fms >> 12 & 0xf0)));
    made.set_cpuid_step(static_cast<std::uint8_t>(fms & 0xf));
  }
  if (!m.sp.mask_chip_id) made.set_chip_id(m.hw.chip_id);
  made.set_committed_tcb(m.sp.committed.tcb);
  made.set_current_build(m.sp.current.build);
  made.set_current_minor(m.sp.current.api_minor);
  made.set_current_major(m.sp.current.api_major);
  made.set_committed_build(m.sp.committed.build);
  made.set_committed_minor(m.sp.committed.api_minor);
  made.set_committed_major(m.sp.committed.api_major);
  made.set_launch_tcb(guest.launch_tcb);
  if (m.hw.report_version >= 5) {
    made.set_launch_mit_vector(guest.launch_mitigation);
    made.set_current_mit_vector(m.hw.mitigation_vector);
  }
  if (vlek) sign_report(made, crypto::sha384_signer(vlek_of(*m.sp.vlek_seed)));
  else if (m.sp.mask_chip_key) leave_report_unsigned(made);
  else sign_report(made, crypto::sha384_signer(vcek_of(endorsement_seed_of(m.hw.chip_secret, reported_tcb(m)))));
  return made;
}

/// MSG_REPORT_REQ.   FW-MSG-20
/// @param vmpck  the key that the message came under: who sent it cannot claim to be more privileged
template <class Context, class Machine>
[[nodiscard]] auto answer_report(Context& ctx, const Machine& m, const snp_guest& guest, byte_view payload,
                                 unsigned vmpck) -> message_payload {
  layout::msg_report_rsp answer;
  const auto refuse = [&](status why) {
    answer.set_status(why);
    return detail::to_payload(answer);
  };
  const auto asked = detail::payload_as<layout::msg_report_req>(payload);
  const bool malformed = !asked || layout::first_reserved_bit(*asked).has_value();
  if (ctx.denies(rule::FW_MSG_20, malformed) || !asked) return refuse(status::invalid_param);
  const auto key = detail::choose_key(m, guest, asked->flags().key_sel());
  if (ctx.denies(rule::FW_MSG_20, !key.available)) return refuse(status::invalid_key);
  const bool claims = asked->vmpl() < vmpck || asked->vmpl() > 3;
  if (ctx.denies(rule::FW_MSG_20, claims)) return refuse(status::invalid_param);
  const bool vlek = key.vlek && m.sp.vlek_seed.has_value();
  const auto report = make_report(m, guest, asked->report_data(), asked->vmpl(), vlek);
  answer.set_status(status::success);
  answer.set_report_size(static_cast<std::uint32_t>(report.bytes().size()));
  std::ranges::copy(report.bytes(), answer.bytes().begin() + 0x20);
  return detail::to_payload(answer);
}

/// MSG_KEY_REQ: a key that this guest alone can get.   FW-MSG-24
template <class Context, class Machine>
[[nodiscard]] auto answer_key(Context& ctx, const Machine& m, const snp_guest& guest, byte_view payload,
                              unsigned version, unsigned vmpck) -> message_payload {
  layout::msg_key_rsp answer;
  const auto refuse = [&](status why) {
    answer.set_status(why);
    return detail::to_payload(answer);
  };
  const auto asked = detail::payload_as<layout::msg_key_req>(payload);
  const auto extended = detail::payload_as<layout::msg_key_req_v2>(payload);
  constexpr std::uint64_t mitigation_bit = 1U << 6;
  bool malformed = !asked || (version == 2 && !extended);
  if (!malformed) {
    const std::uint64_t known = version == 2 ? 0x7f : 0x3f;
    malformed = layout::first_reserved_bit(asked->key_select()).has_value() ||
                layout::read_le<std::uint32_t>(asked->data() + 4) != 0 ||
                (asked->guest_field_select().raw & ~known) != 0;
  }
  if (ctx.denies(rule::FW_MSG_24, malformed) || !asked) return refuse(status::invalid_param);
  const layout::tcb wanted = layout::tcb_components(asked->tcb_version(), m.hw.tcb_order);
  const bool too_new = !(wanted <= layout::tcb_components(m.sp.committed.tcb, m.hw.tcb_order)) ||
                       layout::tcb_version(wanted, m.hw.tcb_order) != asked->tcb_version();
  const std::uint32_t own_svn = guest.id_block_en ? guest.id_block.guest_svn() : 0;
  const bool above = asked->vmpl() < vmpck || asked->vmpl() > 3 || too_new || asked->guest_svn() > own_svn;
  if (ctx.denies(rule::FW_MSG_24, above)) return refuse(status::invalid_param);
  const bool from_vmrk = asked->key_select().root_key_select();
  const auto key = detail::choose_key(m, guest, asked->key_select().key_sel());
  const bool unavailable = !from_vmrk && (m.sp.mask_chip_key || !key.available);
  if (ctx.denies(rule::FW_MSG_24, unavailable)) return refuse(status::invalid_key);

  derived_key_inputs inputs{.from_vmrk = from_vmrk,
                            .select = asked->guest_field_select(),
                            .vmpl = asked->vmpl(),
                            .guest_svn = asked->guest_svn(),
                            .tcb_version = asked->tcb_version(),
                            .policy = guest.policy.raw,
                            .measurement = guest.launch_digest,
                            .host_data = guest.host_data};
  if (guest.id_block_en) {
    inputs.image_id = array_of<16>(guest.id_block.image_id());
    inputs.family_id = array_of<16>(guest.id_block.family_id());
    inputs.id_key = guest.author_key_en ? id_key_kind::author : id_key_kind::id_block;
    inputs.id_key_digest = guest.author_key_en ? guest.author_key_digest : guest.id_key_digest;
  }
  const derived_key_mix mix = mix_of(inputs);
  std::vector<std::uint8_t> mixed(mix.begin(), mix.end());
  if ((asked->guest_field_select().raw & mitigation_bit) != 0 && extended) {
    mixed.resize(mixed.size() + 8);
    layout::write_le(mixed.data() + mix.size(), extended->launch_mit_vector());
  }
  const std::uint64_t tcb = inputs.select.tcb_version() ? asked->tcb_version() : 0;
  message_payload root;
  if (from_vmrk) {
    root.assign(guest.vmrk.begin(), guest.vmrk.end());
  } else {
    const bool vlek = key.vlek && m.sp.vlek_seed.has_value();
    const endorsement_seed seed = vlek ? *m.sp.vlek_seed : endorsement_seed_of(m.hw.chip_secret, tcb);
    root.assign(seed.begin(), seed.end());
  }
  answer.set_status(status::success);
  answer.set_derived_key(derive_guest_key(root, mixed));
  return detail::to_payload(answer);
}

/// MSG_CPUID_REQ: a table as the processor would have it.   FW-MSG-25
template <class Context, class Machine>
[[nodiscard]] auto answer_cpuid(Context& ctx, const Machine& m, byte_view payload) -> message_payload {
  message_payload answer(payload.begin(), payload.end());
  const cpuid_verdict verdict = check_cpuid(m.hw.cpuid_policy, answer.data(), answer.size());
  const bool refused = ctx.denies(rule::FW_MSG_25, !verdict.is_accepted());
  if (refused && verdict.malformed) std::ranges::fill(answer, std::uint8_t{0});
  const auto status_word = static_cast<std::uint32_t>(refused ? status::invalid_param : status::success);
  layout::write_le(answer.data(), status_word);
  layout::write_le(answer.data() + 4, verdict.examined);
  layout::write_le(answer.data() + 8, std::uint64_t{0});
  return answer;
}

/// MSG_TSC_INFO_REQ.   FW-MSG-31
template <class Context, class Machine>
[[nodiscard]] auto answer_tsc_info(Context& ctx, const Machine& m, const snp_guest& guest, byte_view payload)
    -> message_payload {
  layout::msg_tsc_info_rsp answer;
  const bool malformed = payload.size() < layout::size_of<layout::msg_tsc_info_req> || !is_zero(payload);
  if (ctx.denies(rule::FW_MSG_31, malformed)) {
    answer.set_status(status::invalid_param);
  } else {
    answer.set_status(status::success);
    answer.set_guest_tsc_scale(tsc_scale(guest.desired_tsc_khz, m.hw.tsc_reference_khz));
    answer.set_guest_tsc_offset(guest.psp_tsc_offset);
    answer.set_tsc_factor(m.hw.tsc_factor);
  }
  return detail::to_payload(answer);
}

}  // namespace sevspec::inline v0::firmware

#endif
