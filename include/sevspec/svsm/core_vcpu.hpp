// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_CORE_VCPU_HPP
#define SEVSPEC_SVSM_CORE_VCPU_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/vmsa_page.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/page_rights.hpp>
#include <sevspec/svsm/stored_vmsa.hpp>

/// SVSM_CORE_CREATE_VCPU and SVSM_CORE_DELETE_VCPU: pages become VMSAs, and pages again.   SVSM 6.3, 6.4
namespace sevspec::inline v0::svsm {

/// Where a VMSA has EFER, and EFER's bit SVME.
inline constexpr std::uint16_t efer_offset = 0xd0;
inline constexpr std::uint64_t efer_svme = 0x1000;

/// Sets or clears EFER.SVME of a VMSA in memory: without it VMRUN does not take it.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto set_runnable(Context& ctx, Machine& machine, const monitor& self, gpa vmsa, bool runnable)
    -> checked<> {
  const auto found = read_slot(ctx, machine, self, vmsa, efer_offset);
  if (!found) return std::unexpected{after_fault(found.error(), result_code::invalid_address)};
  const std::uint64_t wanted = runnable ? *found | efer_svme : *found & ~efer_svme;
  if (*found == wanted) return {};
  const auto written = write_slot(ctx, machine, self, vmsa, efer_offset, wanted);
  if (!written) return std::unexpected{after_fault(written.error(), result_code::invalid_address)};
  return {};
}

/// A machine with LOCK CMPXCHG: `exchange(ctx, gpa, expected, wanted) -> outcome<bool>` writes `wanted` if `expected` is
/// what it finds, and tells whether it was.
template <class M, class Context>
concept exchanging_machine = machine_for<M, Context> && requires(M& machine, Context& ctx, gpa where) {
  { machine.exchange(ctx, where, std::uint64_t{}, std::uint64_t{}) } -> std::same_as<outcome<bool>>;
};

namespace detail {

/// Clears EFER.SVME by an exchange with what was there a moment ago; on a machine without exchanges, by a store.
/// @return false if EFER has changed meanwhile: then it is as it was found
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto exchange_svme(Context& ctx, Machine& machine, const monitor& self, gpa vmsa)
    -> checked<bool> {
  if constexpr (exchanging_machine<Machine, Context>) {
    // EFER first: if the VMSA runs after that, the nonce changes, and with it what the exchange finds.
    std::array<std::uint8_t, 8> efer{};
    if (const auto read = read_guest(ctx, machine, vmsa + efer_offset, efer); !read)
      return std::unexpected{read.error()};
    const auto mask = mask_of(ctx, machine, self, vmsa, efer_offset);
    if (!mask) return std::unexpected{after_fault(mask.error(), result_code::invalid_address)};
    const std::uint64_t found = layout::read_le<std::uint64_t>(efer.data());
    const std::uint64_t wanted = ((found ^ *mask) & ~efer_svme) ^ *mask;
    const auto done = machine.exchange(ctx, vmsa + efer_offset, found, wanted);
    if (!done) return std::unexpected{after_fault(done.error(), result_code::invalid_address)};
    return *done;
  } else {
    if (const auto done = set_runnable(ctx, machine, self, vmsa, false); !done) return std::unexpected{done.error()};
    return true;
  }
}

}  // namespace detail

/// What CREATE_VCPU asks for, once its operands are found good.
struct vcpu_request {
  vcpu_record page{};
  layout::sev_features features{};  ///< of the caller's VMSA

  friend constexpr auto operator==(const vcpu_request&, const vcpu_request&) -> bool = default;
};

/// The checks of CREATE_VCPU's operands: nothing is changed.
/// @param registers  RCX: VMSA; RDX: calling area; R8[31:0]: APIC ID
/// @param features   SEV_FEATURES of the caller's VMSA
template <class Context>
[[nodiscard]] constexpr auto check_new_vcpu(Context& ctx, monitor& self, const call_registers& registers,
                                            layout::sev_features features) -> checked<vcpu_request> {
  const vcpu_record wanted{.vmsa = gpa{registers.rcx},
                           .caa = gpa{registers.rdx},
                           .apic_id = static_cast<std::uint32_t>(registers.r8 & 0xffff'ffff)};
  const bool misplaced = !is_aligned(wanted.vmsa, page_size::k4k) || !is_aligned(wanted.caa, page_size::k4k);
  if (ctx.denies(rule::SVSM_CORE_21, misplaced)) return refuse(bad_address(ctx), rule::SVSM_CORE_21);
  const bool unusable = wanted.vmsa == wanted.caa || !is_valid(ctx, self, wanted.vmsa, 0x1000) ||
                        !is_valid(ctx, self, wanted.caa, 0x1000);
  if (ctx.denies(rule::SVSM_CORE_22, unusable)) return refuse(bad_address(ctx), rule::SVSM_CORE_22);
  if (ctx.denies(rule::SVSM_CORE_23, find_processor(self, wanted.apic_id) == nullptr))
    return refuse(result_code::invalid_parameter, rule::SVSM_CORE_23);
  return vcpu_request{wanted, features};
}

namespace detail {

/// Whether a page that the guest can no longer write is a VMSA that its SVSM lets run (SVSM-CORE-25).
template <class Context>
[[nodiscard]] constexpr auto is_good_vmsa(const Context& ctx, const monitor& self, const layout::vmsa& found,
                                          layout::sev_features features) -> bool {
  const bool same = found.sev_features() == features || !ctx.choices.svsm_create_features_checked;
  return found.vmpl() == self.config.guest_level.value && (found.efer() & efer_svme) != 0 && same;
}

/// Undoes the conversion of a page that is no VMSA, and passes the failure on.
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto give_back(Context& ctx, Machine& machine, const monitor& self, gpa page,
                                       const std::optional<rights>& before, call_result failure) -> call_result {
  const vmpl level = self.config.guest_level;
  const auto done =
      before ? restore(ctx, machine, page, level, *before) : grant(ctx, machine, self, page, page_size::k4k);
  return !done && done.error().blocked ? done.error() : failure;
}

}  // namespace detail

/// The effects of CREATE_VCPU: the guest loses the page, its contents are read once and judged, and then it is a VMSA
/// that the guest can read and the processor runs next. In this order: what was checked is what runs (VMPL-07).
/// @param request  as `check_new_vcpu` gave it
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto add_vcpu(Context& ctx, Machine& machine, monitor& self, const vcpu_request& request)
    -> call_result {
  const gpa page = request.page.vmsa;
  processor* const target = find_processor(self, request.page.apic_id);
  const bool conflict = !in_guest_memory(self, page, 0x1000) || overlaps_registered(ctx, self, page, 0x1000) ||
                        overlaps_registered(ctx, self, request.page.caa, 0x1000);
  if (ctx.denies(rule::SVSM_CORE_24, conflict)) return ends(result_code::invalid_address, rule::SVSM_CORE_24);

  std::optional<rights> before;
  if (ctx.choices.svsm_failed_create_restores) {
    const auto found = current_rights(ctx, machine, self, page, self.config.guest_level);
    if (!found) return found.error();
    before = found->allowed;
  }
  const bool amd = ctx.choices.svsm_address_codes == address_codes::amd;
  const auto conversion_failed = [&](call_result failure) {
    if (failure.blocked) return failure;
    const result_code code = amd ? result_code::invalid_parameter : failure.code;
    return detail::give_back(ctx, machine, self, page, before, ends(code, rule::SVSM_CORE_26));
  };
  checked<> readable;
  bool good = true;
  const auto is_good = [&] {
    layout::vmsa found;
    readable = read_guest(ctx, machine, page, found.bytes());
    cpu::toggle_protection(ctx, found, self.protection);
    good = !readable || !ctx.denies(rule::SVSM_CORE_25, !detail::is_good_vmsa(ctx, self, found, request.features));
    return readable && good;
  };
  const auto made = adjust_result(cpu::make_vmsa_page(
      ctx, levels, self.config.guest_level,
      [&](std::uint64_t attributes) { return machine.rmpadjust(ctx, page, page_size::k4k, attributes); },
      [&] { machine.flush(); }, is_good));
  if (!readable) return conversion_failed(readable.error());
  if (!good)
    return detail::give_back(ctx, machine, self, page, before,
                             ends(result_code::invalid_parameter, rule::SVSM_CORE_25));
  if (ctx.denies(rule::SVSM_CORE_26, !made)) return conversion_failed(made.error());
  self.vcpus.push_back(request.page);
  if (target == nullptr) return {};  // without SVSM-CORE-23: a VMSA that nobody runs
  target->vmsa = page;
  target->caa = request.page.caa;
  return {};
}

/// SVSM_CORE_CREATE_VCPU.   SVSM 6.3
/// @param caller  the VMSA that calls
/// @return SUCCESS; INVALID_ADDRESS, INVALID_PARAMETER; 8000_1000h + EAX of RMPADJUST. After a failure nothing has
/// changed
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto create_vcpu(Context& ctx, Machine& machine, monitor& self, gpa caller,
                                         const call_registers& registers) -> call_result {
  std::array<std::uint8_t, 8> features{};
  if (const auto read = read_guest(ctx, machine, caller + 0x3b0, features); !read) return read.error();
  const auto wanted =
      check_new_vcpu(ctx, self, registers, layout::sev_features{layout::read_le<std::uint64_t>(features.data())});
  if (!wanted) return wanted.error();
  const call_result done = add_vcpu(ctx, machine, self, *wanted);
  if (done.succeeded() && self.first_vmsa != std::optional{caller}) self.second_vcpu = true;
  return done;
}

/// SVSM_CORE_DELETE_VCPU: a VMSA becomes a page of the guest's again. One that runs cannot be written, so that the call
/// goes on when it has left the processor (VMPL-08).   SVSM 6.4
/// @param registers  RCX: VMSA
/// @return SUCCESS; INVALID_PARAMETER for what is no registered VMSA; INVALID_ADDRESS if RMPADJUST fails; 8000_1003h if
/// an exchange of EFER was lost
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto delete_vcpu(Context& ctx, Machine& machine, monitor& self, const call_registers& registers)
    -> call_result {
  const gpa page{registers.rcx};
  const vcpu_record* const found = find_vcpu(self, page);
  if (ctx.denies(rule::SVSM_CORE_31, found == nullptr || !is_aligned(page, page_size::k4k)))
    return ends(result_code::invalid_parameter, rule::SVSM_CORE_31);
  if (!in_guest_memory(self, page, 0x1000)) return ends(result_code::invalid_address, rule::none);

  checked<> stopped;
  if (ctx.choices.svsm_delete_exchanges) {
    const auto exchanged = detail::exchange_svme(ctx, machine, self, page);
    if (ctx.denies(rule::SVSM_CORE_32, exchanged.has_value() && !*exchanged))
      return ends(protocol_result(std::to_underlying(rmp::status::fail_inuse)), rule::SVSM_CORE_32);
    if (!exchanged) stopped = std::unexpected{exchanged.error()};
  } else {
    stopped = set_runnable(ctx, machine, self, page, false);
  }
  if (!stopped && stopped.error().blocked) return stopped.error();
  checked<> done = stopped;
  if (done) done = revoke(ctx, machine, self, page, page_size::k4k);
  if (done) done = grant(ctx, machine, self, page, page_size::k4k);
  if (ctx.denies(rule::SVSM_CORE_32, !done)) {
    if (done.error().blocked) return done.error();
    if (stopped) (void)set_runnable(ctx, machine, self, page, true);
    return ends(bad_address(ctx), rule::SVSM_CORE_32);
  }
  machine.flush();
  std::erase_if(self.vcpus, [&](const vcpu_record& one) { return one.vmsa == page; });
  for (processor& one : self.processors) {
    if (one.vmsa != std::optional{page}) continue;
    one.vmsa.reset();
    one.caa.reset();
  }
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
