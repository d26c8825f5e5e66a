// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MEASUREMENT_HPP
#define SEVSPEC_SVSM_MEASUREMENT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/svsm/attestation.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/measurement_manifest.hpp>
#include <sevspec/svsm/measurement_request.hpp>
#include <sevspec/svsm/measurement_service.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/page_rights.hpp>
#include <sevspec/svsm/report_source.hpp>

/// Measurement of guest memory on demand, by the SVSM: a protocol of this project's own. The idea is that of the talk
/// "SEV-SNP and SVSM - Evaluating the Performance Impact of Privilege Levels".
namespace sevspec::inline v0::svsm {

/// Results of the protocol.
inline constexpr result_code range_not_private = protocol_result(1);
inline constexpr result_code range_fault = protocol_result(2);
inline constexpr result_code freeze_timeout = protocol_result(3);

/// Bytes of a session key's signature: R and S, little endian.
inline constexpr std::size_t session_signature_bytes = 96;

namespace detail {

/// Who asks, and how.
struct measurement_caller {
  std::uint32_t apic_id{};
  std::uint16_t level{};  ///< VMPL, from the VMSA
  measurement_call call{};
};

/// Buffers for answer and report (SVSM-MEAS-05).
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto check_buffers(Context& ctx, Machine& machine, const monitor& self,
                                 const measurement_service& service, const measurement_request& request,
                                 measurement_call call, call_registers& registers) -> checked<> {
  using enum result_code;
  if (call == measurement_call::baseline_append) return {};
  const bool reports = call == measurement_call::attest;
  const std::uint64_t signature = call == measurement_call::hash && service.session_key ? session_signature_bytes : 0;
  const std::uint64_t answer = manifest_bytes(request.ranges.size(), request.hash) + signature;
  struct wanted {
    guest_buffer buffer{};
    std::uint64_t bytes{};
  };
  const std::array<wanted, 2> both{wanted{request.response, answer}, wanted{request.report, report_bytes}};
  const region response{request.response.where, request.response.bytes};
  for (const wanted& one : std::span{both}.first(reports ? 2 : 1)) {
    if (ctx.denies(rule::SVSM_MEAS_05, !is_aligned(one.buffer.where, page_size::k4k)))
      return refuse(invalid_parameter, rule::SVSM_MEAS_05);
    if (ctx.denies(rule::SVSM_MEAS_05, !is_valid(ctx, self, one.buffer.where, one.buffer.bytes)))
      return refuse(invalid_address, rule::SVSM_MEAS_05);
    if (ctx.denies(rule::SVSM_MEAS_05, one.buffer.bytes < one.bytes)) {
      registers.rcx = answer;
      if (reports) registers.r8 = report_bytes;
      return refuse(invalid_parameter, rule::SVSM_MEAS_05);
    }
    if (const auto can = can_write_guest(ctx, machine, one.buffer.where, one.bytes); !can) return can;
  }
  if (ctx.denies(rule::SVSM_MEAS_05, reports && response.overlaps(request.report.where, request.report.bytes)))
    return refuse(invalid_parameter, rule::SVSM_MEAS_05);
  return {};
}

/// The pages of a range that does not wrap: rights are those of pages.
[[nodiscard]] constexpr auto whole_pages(const region& range) noexcept -> region {
  const gpa first{range.first.value & ~std::uint64_t{0xfff}};
  return {first, ((range.first.value + (range.bytes - 1)) | 0xfff) - first.value + 1};
}

/// The ranges (SVSM-MEAS-06, SVSM-MEAS-07): all of them before the first byte is read.
template <class Context>
[[nodiscard]] auto check_ranges(Context& ctx, const monitor& self, const measurement_request& request,
                                const measurement_caller& caller) -> checked<> {
  using enum result_code;
  const bool answers = caller.call != measurement_call::baseline_append;
  const bool reports = caller.call == measurement_call::attest;
  for (const measured_range& one : request.ranges) {
    if (ctx.denies(rule::SVSM_MEAS_06, one.bytes == 0)) return refuse(invalid_parameter, rule::SVSM_MEAS_06);
    const region whole{one.first, one.bytes};
    const auto is_in = [&](const guest_buffer& buffer) { return whole.overlaps(buffer.where, buffer.bytes); };
    const bool taken = overlaps_records(self, one.first, one.bytes) || (answers && is_in(request.response)) ||
                       (reports && is_in(request.report));
    if (ctx.denies(rule::SVSM_MEAS_06, !in_guest_memory(self, one.first, one.bytes) || taken))
      return refuse(invalid_address, rule::SVSM_MEAS_06);
    const bool others = std::any_of(self.frozen.begin(), self.frozen.end(), [&](const frozen_bytes& held) {
      return held.apic_id != caller.apic_id && whole_pages(held.where).overlaps(one.first, one.bytes);
    });
    if (others) return refuse(busy, rule::SVSM_MEAS_09);
  }
  for (const measured_range& one : request.ranges)
    if (ctx.denies(rule::SVSM_MEAS_07, !self.validated.contains(one.first, one.bytes)))
      return refuse(range_not_private, rule::SVSM_MEAS_07);
  return {};
}

/// Rights without that to write.
[[nodiscard]] constexpr auto without_write(rmp::permissions had) noexcept -> rmp::permissions {
  return {static_cast<std::uint8_t>(had.raw & ~rmp::permissions::w)};
}

/// Takes the right to write the pages of a range from all VMPLs but 0 (SVSM-MEAS-09). Without RMPQUERY nobody knows
/// what the guest has given to the VMPLs below its own: there they lose all rights, and for good.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto freeze(Context& ctx, Machine& machine, monitor& self, measurement_under_way& work,
                          const measured_range& range) -> checked<> {
  self.frozen.push_back({.where = {range.first, range.bytes}, .apic_id = work.apic_id});
  const std::uint64_t last = (range.first.value + (range.bytes - 1)) >> 12;
  for (std::uint64_t frame = range.first.value >> 12; frame <= last; ++frame) {
    const gpa page{frame << 12};
    const auto before = current_rights(ctx, machine, self, page, vmpl{1});
    if (!before) return std::unexpected{before.error()};
    work.frozen.push_back({page, before->allowed});
    for (std::uint8_t level = 1; level < levels; ++level) {
      const rmp::permissions had = before->allowed[level];
      if (before->told && had == without_write(had)) continue;
      const auto done = adjust(ctx, machine, page, page_size::k4k, vmpl{level}, without_write(had));
      if (!done) return done;
    }
  }
  machine.flush();
  return {};
}

/// Gives back the rights of a frozen range, where nobody has changed them since.
template <class Context, machine_for<Context> Machine>
void thaw(Context& ctx, Machine& machine, monitor& self, measurement_under_way& work) {
  for (const frozen_page& one : work.frozen) {
    for (std::uint8_t level = 1; level < levels; ++level) {
      const auto now = machine.rmpquery(ctx, one.page, vmpl{level});
      if (!now) break;
      const rmp::permissions had = one.before[level];
      const bool untouched = now->value_or(without_write(had)) == without_write(had);
      if (had.write() && untouched) (void)adjust(ctx, machine, one.page, page_size::k4k, vmpl{level}, had);
    }
  }
  work.frozen.clear();
  std::erase_if(self.frozen, [&](const frozen_bytes& one) { return one.apic_id == work.apic_id; });
}

/// Which request this is: the same one goes on where it was (SVSM-MEAS-10).
[[nodiscard]] inline auto identity_of(const measurement_request& request, measurement_call call)
    -> crypto::sha384_value {
  std::vector<std::uint8_t> bytes = request.bytes;
  layout::write_le<std::uint16_t>(bytes.data() + next_range_offset, 0);
  std::array<std::uint8_t, 4> number{};
  layout::write_le(number.data(), std::to_underlying(call));
  return crypto::sha384{}.update(number).update(bytes).take();
}

/// What a processor has under way, if anything.
[[nodiscard]] inline auto find_work(measurement_service& service, std::uint32_t apic_id)
    -> std::vector<measurement_under_way>::iterator {
  return std::find_if(service.under_way.begin(), service.under_way.end(),
                      [&](const measurement_under_way& one) { return one.apic_id == apic_id; });
}

/// Ends what a processor has under way: what it has frozen is the guest's again.
template <class Context, machine_for<Context> Machine>
void drop_work(Context& ctx, Machine& machine, monitor& self, measurement_service& service, std::uint32_t apic_id) {
  const auto found = find_work(service, apic_id);
  if (found == service.under_way.end()) return;
  thaw(ctx, machine, self, *found);
  service.under_way.erase(found);
}

/// Whether a snapshot has lasted for as many calls as it may.
[[nodiscard]] inline auto is_frozen_too_long(const measurement_service& service, const measurement_under_way& work)
    -> bool {
  return !work.frozen.empty() && work.calls >= service.limits.freeze_max_calls;
}

/// What a call leaves under way: nothing after a failure. One that is BUSY counts, or a snapshot that waits for others
/// would stay frozen for as long as they like (SVSM-MEAS-10).
/// @param done  what the call has come to
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto settle_work(Context& ctx, Machine& machine, monitor& self, measurement_service& service,
                               std::uint32_t apic_id, const call_result& done) -> call_result {
  if (done.blocked || done.code == result_code::incomplete) return done;
  const auto found = find_work(service, apic_id);
  if (found == service.under_way.end()) return done;
  const bool goes_on = done.code == result_code::busy;
  if (goes_on) ++found->calls;
  const bool too_long = goes_on && ctx.denies(rule::SVSM_MEAS_10, is_frozen_too_long(service, *found));
  if (goes_on && !too_long) return done;
  drop_work(ctx, machine, self, service, apic_id);
  return too_long ? ends(freeze_timeout, rule::SVSM_MEAS_10) : done;
}

/// The work that a request goes on with, or a new one.
/// @param identity  of the request
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto take_work(Context& ctx, Machine& machine, monitor& self, measurement_service& service,
                             const measurement_request& request, const crypto::sha384_value& identity,
                             const processor& cpu) -> measurement_under_way {
  const auto found = find_work(service, cpu.apic_id);
  measurement_under_way fresh{
      .apic_id = cpu.apic_id, .vmsa = cpu.vmsa, .request = identity, .hash = range_hash{request.hash}};
  if (found == service.under_way.end()) return fresh;
  measurement_under_way kept = *found;
  service.under_way.erase(found);
  if (ctx.applies(rule::SVSM_MEAS_10, kept.request == identity)) return kept;
  thaw(ctx, machine, self, kept);
  return fresh;
}

/// Hashes until everything is done or the call has taken its time.
/// @return whether everything is done
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto hash_ranges(Context& ctx, Machine& machine, monitor& self, const measurement_service& service,
                               const measurement_request& request, std::uint16_t level, measurement_under_way& work)
    -> checked<bool> {
  const auto fault_while_hashing = [&](call_result failure) -> std::unexpected<call_result> {
    if (!failure.blocked) failure = ends(range_fault, rule::SVSM_MEAS_08);
    return std::unexpected{failure};
  };
  std::uint64_t left = std::uint64_t{service.limits.kib_per_call} * 1024;
  while (work.done.size() < request.ranges.size()) {
    const measured_range& range = request.ranges[work.done.size()];
    const bool snapshot = request.has(measure_snapshot) && work.frozen.empty();
    if (ctx.applies(rule::SVSM_MEAS_09, snapshot))
      if (const auto frozen = freeze(ctx, machine, self, work, range); !frozen)
        return fault_while_hashing(frozen.error());
    while (work.offset < range.bytes) {
      if (ctx.applies(rule::SVSM_MEAS_10, left == 0)) return false;
      const gpa now = range.first + work.offset;
      std::array<std::uint8_t, 0x1000> page{};
      const std::uint64_t part = std::min({range.bytes - work.offset, 0x1000 - page_offset(now, page_size::k4k),
                                           left == 0 ? std::uint64_t{0x1000} : left});
      const auto bytes = std::span{page}.first(static_cast<std::size_t>(part));
      const auto read = read_guest(ctx, machine, now, bytes, range_fault);
      if (!read && read.error().blocked) return std::unexpected{read.error()};
      if (ctx.denies(rule::SVSM_MEAS_08, !read)) return fault_while_hashing(read.error());
      work.hash.update(bytes);
      work.offset += part;
      left -= std::min(left, part);
    }
    if (ctx.applies(rule::SVSM_MEAS_20, request.has(measure_permissions))) {
      const std::uint64_t last = (range.first.value + (range.bytes - 1)) >> 12;
      std::size_t index = 0;
      for (std::uint64_t frame = range.first.value >> 12; frame <= last; ++frame, ++index) {
        const auto now = index < work.frozen.size() ? checked<found_rights>{found_rights{work.frozen[index].before}}
                                                    : current_rights(ctx, machine, self, gpa{frame << 12}, vmpl{1});
        if (!now) return fault_while_hashing(now.error());
        const std::array<std::uint8_t, 1> octet{now->allowed[level & 3].raw};
        work.hash.update(octet);
      }
    }
    work.done.push_back({.range = range, .digest = work.hash.value()});
    work.hash = range_hash{request.hash};
    work.offset = 0;
    thaw(ctx, machine, self, work);
  }
  return true;
}

/// Tells the guest how far a call has come, unless that would change what a snapshot has frozen.
template <class Context, machine_for<Context> Machine>
void tell_next(Context& ctx, Machine& machine, const monitor& self, const measurement_request& request,
               std::size_t next) {
  if (overlaps_frozen(self, request.where + next_range_offset, 2)) return;
  std::array<std::uint8_t, 2> bytes{};
  layout::write_le(bytes.data(), static_cast<std::uint16_t>(next));
  (void)machine.write(ctx, request.where + next_range_offset, bytes);
}

[[nodiscard]] inline auto sign(const crypto::p384_private_key& key, std::span<const std::uint8_t> nonce,
                               std::span<const std::uint8_t> manifest) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> message(nonce.begin(), nonce.end());
  message.insert(message.end(), manifest.begin(), manifest.end());
  const auto signature = crypto::sha384_signer(key).sign(message);
  std::vector<std::uint8_t> made(signature.r.begin(), signature.r.begin() + 48);
  made.insert(made.end(), signature.s.begin(), signature.s.begin() + 48);
  return made;
}

}  // namespace detail

/// MEAS_HASH, MEAS_ATTEST and MEAS_BASELINE_APPEND: what the guest asks for is hashed and bound. A call that fails has
/// given nothing out and has not used the counter.
/// @param level      the VMPL that asks, from its VMSA
/// @param registers  RCX: gPA of the request; out RCX: bytes of the answer, or of the log; RDX = 0 and R8: bytes of the
///                   report, if there is one
template <class Context, machine_for<Context> Machine, report_source Reports>
[[nodiscard]] auto measure(Context& ctx, Machine& machine, monitor& self, const processor& cpu, std::uint16_t level,
                           Reports& reports, measurement_service& service, call_registers& registers) -> call_result {
  using enum measurement_call;
  const detail::measurement_caller caller{cpu.apic_id, level, static_cast<measurement_call>(call_of(registers.rax))};
  const std::uint16_t most = std::min(service.limits.ranges, most_measured_ranges);
  const auto request = read_request(ctx, machine, self, gpa{registers.rcx}, most);
  if (!request) return request.error();
  const crypto::sha384_value identity = detail::identity_of(*request, caller.call);
  const auto before = detail::find_work(service, cpu.apic_id);
  const bool other = before != service.under_way.end() && before->request != identity;
  if (ctx.applies(rule::SVSM_MEAS_10, other)) detail::drop_work(ctx, machine, self, service, cpu.apic_id);
  const bool sealed =
      service.baseline.sealed || (ctx.choices.meas_autoseal == automatic_seal::second_vcpu && self.second_vcpu);
  if (caller.call == baseline_append) {
    if (ctx.denies(rule::SVSM_MEAS_30, sealed)) return ends(result_code::invalid_request, rule::SVSM_MEAS_30);
    if (ctx.denies(rule::SVSM_MEAS_03, request->hash != measurement_hash::sha384))
      return ends(result_code::invalid_format, rule::SVSM_MEAS_03);
  }
  const auto buffers = detail::check_buffers(ctx, machine, self, service, *request, caller.call, registers);
  if (!buffers) return buffers.error();
  if (const auto ranges = detail::check_ranges(ctx, self, *request, caller); !ranges) return ranges.error();
  if (ctx.denies(rule::SVSM_MEAS_11, service.limits.requests_left == std::optional<std::uint32_t>{0}))
    return ends(result_code::busy, rule::SVSM_MEAS_11);

  measurement_under_way work = detail::take_work(ctx, machine, self, service, *request, identity, cpu);
  const auto all = detail::hash_ranges(ctx, machine, self, service, *request, level, work);
  if (!all) {
    detail::thaw(ctx, machine, self, work);
    return all.error();
  }
  ++work.calls;
  if (!*all) {
    if (ctx.denies(rule::SVSM_MEAS_10, detail::is_frozen_too_long(service, work))) {
      detail::thaw(ctx, machine, self, work);
      detail::tell_next(ctx, machine, self, *request, 0);
      return ends(freeze_timeout, rule::SVSM_MEAS_10);
    }
    detail::tell_next(ctx, machine, self, *request, work.done.size());
    service.under_way.push_back(work);
    return ends(result_code::incomplete, rule::SVSM_MEAS_10);
  }
  if (work.calls > 1) detail::tell_next(ctx, machine, self, *request, 0);
  const auto spend = [&] {  // what the limit counts: not what is to be asked for again
    if (service.limits.requests_left) --*service.limits.requests_left;
  };

  if (caller.call == baseline_append) {
    spend();
    for (const measured_digest& one : work.done) {
      baseline_entry entry{.range = one.range};
      std::copy(one.digest.begin(), one.digest.end(), entry.digest.begin());
      std::copy_n(request->nonce.begin(), entry.tag.size(), entry.tag.begin());
      service.baseline.extended = extended_by(service.baseline.extended, entry);
      service.baseline.entries.push_back(entry);
    }
    ++service.counter;
    registers.rcx = service.baseline.entries.size() * baseline_entry_bytes;
    return {};
  }
  const auto manifest = write_manifest({.hash = request->hash,
                                        .flags = request->flags,
                                        .counter = service.counter + 1,
                                        .level = level,
                                        .ranges = work.done});
  std::vector<std::uint8_t> answer = manifest;
  report_answer report;
  if (caller.call == attest) {
    report = reports.report(binding_of(request->nonce, manifest), false);  // SVSM-MEAS-21
    if (report.what == report_answer::kind::busy) return ends(result_code::busy, rule::none);
    spend();
    if (ctx.denies(rule::SVSM_ATT_13, report.what != report_answer::kind::ok))
      return ends(result_code::invalid_request, rule::SVSM_ATT_13);
    if (const auto done = write_guest(ctx, machine, request->report.where, report.report); !done) return done.error();
    registers.rdx = 0;
    registers.r8 = report_bytes;
  } else {
    spend();
    if (ctx.applies(rule::SVSM_MEAS_22, service.session_key.has_value()) && service.session_key) {
      const auto signature = detail::sign(*service.session_key, request->nonce, manifest);
      answer.insert(answer.end(), signature.begin(), signature.end());
    }
  }
  if (const auto done = write_guest(ctx, machine, request->response.where, answer); !done) return done.error();
  ++service.counter;
  registers.rcx = answer.size();
  return {};
}

/// MEAS_BASELINE_READ: extend value (48), number of entries (4), 0 (4), the entries.
/// @param registers  RCX: gPA of the buffer, RDX: its bytes; out RCX: bytes of the log
template <class Context, machine_for<Context> Machine>
[[nodiscard]] auto read_baseline(Context& ctx, Machine& machine, const monitor& self, const baseline_log& log,
                                 call_registers& registers) -> call_result {
  using enum result_code;
  std::vector<std::uint8_t> bytes(log.extended.begin(), log.extended.end());
  bytes.resize(56);
  layout::write_le(bytes.data() + 48, static_cast<std::uint32_t>(log.entries.size()));
  for (const baseline_entry& one : log.entries) {
    const auto entry = bytes_of(one);
    bytes.insert(bytes.end(), entry.begin(), entry.end());
  }
  const gpa where{registers.rcx};
  if (ctx.denies(rule::SVSM_MEAS_05, !is_aligned(where, page_size::k4k)))
    return ends(invalid_parameter, rule::SVSM_MEAS_05);
  if (ctx.denies(rule::SVSM_MEAS_05, !is_valid(ctx, self, where, registers.rdx)))
    return ends(invalid_address, rule::SVSM_MEAS_05);
  const bool small = registers.rdx < bytes.size();
  registers.rcx = bytes.size();
  if (ctx.denies(rule::SVSM_MEAS_05, small)) return ends(invalid_parameter, rule::SVSM_MEAS_05);
  if (const auto done = write_guest(ctx, machine, where, bytes); !done) return done.error();
  return {};
}

/// The measurement protocol.
/// @param level  the VMPL that asks, from its VMSA
template <class Context, machine_for<Context> Machine, report_source Reports>
[[nodiscard]] auto serve_measurement(Context& ctx, Machine& machine, monitor& self, const processor& cpu,
                                     std::uint16_t level, Reports& reports, measurement_service& service,
                                     call_registers& registers) -> call_result {
  using enum measurement_call;
  const std::uint32_t call = call_of(registers.rax);
  if (ctx.denies(rule::SVSM_DSP_03, call > std::to_underlying(baseline_read)))
    return ends(result_code::unsupported_call, rule::SVSM_DSP_03);
  switch (static_cast<measurement_call>(call)) {
    case query:
      registers.rcx = abilities_of(service);
      registers.rdx =
          std::uint64_t{service.limits.kib_per_call} << 32 | std::min(service.limits.ranges, most_measured_ranges);
      registers.r8 = service.counter;
      return {};
    case hash:
    case attest:
    case baseline_append: {
      const call_result done = measure(ctx, machine, self, cpu, level, reports, service, registers);
      return detail::settle_work(ctx, machine, self, service, cpu.apic_id, done);
    }
    case baseline_seal: service.baseline.sealed = true; return {};
    case baseline_read: return read_baseline(ctx, machine, self, service.baseline, registers);
  }
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
