// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_ATTESTATION_HPP
#define SEVSPEC_SVSM_ATTESTATION_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/report_source.hpp>
#include <sevspec/svsm/services_manifest.hpp>

/// Protocol 1: a report of VMPL 0 that binds a nonce of the guest's and what the SVSM's services say of themselves.
/// SVSM, chapter 7
namespace sevspec::inline v0::svsm {

/// REPORT_DATA of a nonce and a manifest (SVSM-ATT-06, SVSM-MEAS-21).
[[nodiscard]] inline auto binding_of(std::span<const std::uint8_t> nonce, std::span<const std::uint8_t> manifest)
    -> report_data {
  return crypto::sha512{}.update(nonce).update(manifest).take();
}

namespace detail {

/// What the guest has written: both calls have the first structure in common.
struct attestation_request {
  layout::svsm_attest_single_service operation{};
  bool single = false;

  [[nodiscard]] auto common() const { return operation.services(); }
};

/// The operation's structure (SVSM-ATT-02, SVSM-ATT-03).
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto read_operation(Context& ctx, Machine& machine, const monitor& self, gpa where, bool single)
    -> checked<attestation_request> {
  using enum result_code;
  attestation_request made{.operation = {}, .single = single};
  const std::span<std::uint8_t> bytes = made.operation.bytes();
  const std::span<std::uint8_t> part = bytes.first(single ? bytes.size() : 0x40);
  const auto read = is_valid(ctx, self, where, part.size()) ? read_guest(ctx, machine, where, part, invalid_parameter)
                                                            : refuse(invalid_parameter, rule::SVSM_ATT_02);
  if (!read && read.error().blocked) return std::unexpected{read.error()};
  if (ctx.denies(rule::SVSM_ATT_02, !read)) return refuse(invalid_parameter, rule::SVSM_ATT_02);
  const bool reserved =
      layout::first_reserved_bit(made.operation).has_value() || made.operation.manifest_version() != 0;
  if (ctx.denies(rule::SVSM_ATT_03, reserved)) return refuse(invalid_parameter, rule::SVSM_ATT_03);
  return made;
}

/// The manifest that is asked for (SVSM-ATT-04, SVSM-ATT-12): of all services, or the data of one.
template <class Context>
[[nodiscard]] auto choose_manifest(Context& ctx, const attestation_request& request, std::span<const service> services)
    -> checked<std::vector<std::uint8_t>> {
  if (!request.single) return make_services_manifest(services);
  const auto wanted = request.operation.service_guid();
  const auto found = std::find_if(services.begin(), services.end(), [&](const service& one) {
    return std::ranges::equal(one.id.mixed_endian(), wanted);
  });
  if (ctx.denies(rule::SVSM_ATT_04, found == services.end()))
    return refuse(result_code::unsupported_protocol, rule::SVSM_ATT_04);
  if (found == services.end()) return std::vector<std::uint8_t>{};
  return found->data;
}

/// Length of a certificate table in its buffer: 0 if its first entry is the last.
[[nodiscard]] inline auto table_length(std::span<const std::uint8_t> table) -> std::uint64_t {
  const auto first = table.first(std::min<std::size_t>(24, table.size()));
  const bool empty = std::all_of(first.begin(), first.end(), [](std::uint8_t byte) { return byte == 0; });
  return empty ? 0 : table.size();
}

}  // namespace detail

/// SVSM_ATTEST_SERVICES and SVSM_ATTEST_SINGLE_SERVICE.   SVSM 7.1, 7.2
/// @param services   what the SVSM offers
/// @param registers  RCX in: gPA of the operation; out RCX, RDX, R8: bytes of manifest, certificates and report
template <class Context, machine_for<Context> Machine, report_source Reports>
[[nodiscard]] auto attest(Context& ctx, Machine& machine, const monitor& self, std::span<const service> services,
                          Reports& reports, call_registers& registers) -> call_result {
  using enum result_code;
  const bool single = call_of(registers.rax) == std::to_underlying(layout::svsm_attest_calls::attest_single_service);
  const auto request = detail::read_operation(ctx, machine, self, gpa{registers.rcx}, single);
  if (!request) return request.error();
  const auto asked = request->common();
  const auto manifest = detail::choose_manifest(ctx, *request, services);
  if (!manifest) return manifest.error();

  report_data nonce{};
  const gpa nonce_at{asked.nonce_gpa()};
  const bool one_page = page_offset(nonce_at, page_size::k4k) <= 0x1000 - nonce.size();
  if (ctx.denies(rule::SVSM_ATT_05, asked.nonce_size() != nonce.size() || !one_page))
    return ends(invalid_parameter, rule::SVSM_ATT_05);
  const auto read = is_valid(ctx, self, nonce_at, nonce.size())
                        ? read_guest(ctx, machine, nonce_at, nonce, invalid_parameter)
                        : refuse(invalid_parameter, rule::SVSM_ATT_05);
  if (!read && read.error().blocked) return read.error();
  if (ctx.denies(rule::SVSM_ATT_05, !read)) return ends(invalid_parameter, rule::SVSM_ATT_05);

  const bool certificates = ctx.applies(rule::SVSM_ATT_07, asked.certificates_size() != 0);
  const report_answer answer = reports.report(binding_of(nonce, *manifest), certificates);
  if (ctx.denies(rule::SVSM_ATT_08, answer.what == report_answer::kind::too_small)) {
    registers.rcx = manifest->size();
    registers.rdx = answer.pages << 12;
    return ends(invalid_parameter, rule::SVSM_ATT_08);
  }
  const bool unheard = answer.what == report_answer::kind::failed || answer.what == report_answer::kind::busy;
  if (ctx.denies(rule::SVSM_ATT_13, unheard)) return ends(invalid_request, rule::SVSM_ATT_13);

  struct buffer {
    gpa where{};
    std::uint64_t size{};
    std::span<const std::uint8_t> bytes{};
  };
  const std::uint64_t table = detail::table_length(answer.certificates);
  const std::array<buffer, 3> buffers{
      buffer{gpa{asked.manifest_gpa()}, asked.manifest_size(), *manifest},
      buffer{gpa{asked.report_gpa()}, asked.report_size(), answer.report},
      buffer{gpa{asked.certificates_gpa()}, asked.certificates_size(),
             std::span<const std::uint8_t>{answer.certificates}.first(static_cast<std::size_t>(table))}};
  const auto used = std::span{buffers}.first(certificates ? 3 : 2);
  for (const buffer& one : used) {
    if (ctx.denies(rule::SVSM_ATT_09, !is_aligned(one.where, page_size::k4k)))
      return ends(invalid_parameter, rule::SVSM_ATT_09);
    if (ctx.denies(rule::SVSM_ATT_09, wraps(one.where, one.size))) return ends(invalid_address, rule::SVSM_ATT_09);
  }
  if (ctx.denies(rule::SVSM_ATT_09, asked.certificates_size() > certificate_buffer))
    return ends(invalid_parameter, rule::SVSM_ATT_09);
  registers.rcx = manifest->size();
  registers.rdx = table;
  registers.r8 = report_bytes;
  for (const buffer& one : used)
    if (ctx.denies(rule::SVSM_ATT_10, one.bytes.size() > one.size)) return ends(invalid_parameter, rule::SVSM_ATT_10);

  for (const buffer& one : used) {  // all of them before the first byte: a call that fails has written nothing
    if (!one.bytes.empty() && !is_valid(ctx, self, one.where, one.bytes.size()))
      return ends(invalid_address, rule::SVSM_ATT_09);
    if (const auto can = can_write_guest(ctx, machine, one.where, one.bytes.size()); !can) return can.error();
  }
  for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {  // SVSM-ATT-11
    if (i >= used.size()) continue;
    if (const auto written = write_guest(ctx, machine, used[i].where, used[i].bytes); !written) return written.error();
  }
  return {};
}

/// Protocol 1.   SVSM, chapter 7
template <class Context, machine_for<Context> Machine, report_source Reports>
[[nodiscard]] auto serve_attestation(Context& ctx, Machine& machine, const monitor& self,
                                     std::span<const service> services, Reports& reports, call_registers& registers)
    -> call_result {
  const bool unknown = call_of(registers.rax) > std::to_underlying(layout::svsm_attest_calls::attest_single_service);
  if (ctx.denies(rule::SVSM_ATT_01, unknown)) {
    const bool coconut = ctx.choices.svsm_attest_unknown_call == unknown_attestation::unsupported_protocol;
    return ends(coconut ? result_code::unsupported_protocol : result_code::unsupported_call, rule::SVSM_ATT_01);
  }
  return attest(ctx, machine, self, services, reports, registers);
}

}  // namespace sevspec::inline v0::svsm

#endif
