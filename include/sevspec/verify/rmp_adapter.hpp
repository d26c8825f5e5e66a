// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_ADAPTER_HPP
#define SEVSPEC_VERIFY_RMP_ADAPTER_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <sevspec/base/page_size.hpp>
#include <sevspec/verify/detail/adapter_members.hpp>
#include <sevspec/verify/rmp_abilities.hpp>
#include <sevspec/verify/rmp_conformance.hpp>
#include <sevspec/verify/rmp_guest_call.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// An implementation of the Reverse Map Table as its author has it: raw register values in, raw codes out. What it has
/// besides RMPUPDATE is found out, and what it has not is not asked for; a member of one of these names that cannot be
/// called so does not compile:
///
/// | member | is |
/// | --- | --- |
/// | `reset()` | all pages are the hypervisor's |
/// | `rmpupdate(rax, operand) -> code` | the operand as the 16 bytes at [RCX] |
/// | `psmash(rax) -> code` | optional |
/// | `rmpread(rax, operand) -> code` | optional; stores 16 bytes |
/// | `pvalidate(call, ecx, edx) -> guest_return` | optional |
/// | `rmpadjust(call, rcx, rdx) -> guest_return` | optional |
/// | `raw_entry(spa) -> std::array<std::uint64_t, 2>` | optional: the entry in the format of Zen 3 |
/// | `raw_mask() -> std::array<std::uint64_t, 2>` | optional, static: bits of it that count |
template <class T>
concept rmp_under_test = requires(T& it, std::uint64_t rax, const std::array<std::uint8_t, 16>& operand) {
  it.reset();
  { it.rmpupdate(rax, operand) } -> std::convertible_to<std::uint32_t>;
};

/// Makes an `rmp_machine` of an implementation. Keeps a reference to it.
template <rmp_under_test T>
class rmp_adapter {
  using has = detail::adapter_members<T>;
  static_assert(!has::psmash.misfit(), "wanted: psmash(std::uint64_t rax) -> std::uint32_t, public");
  static_assert(!has::rmpread.misfit(),
                "wanted: rmpread(std::uint64_t rax, std::array<std::uint8_t, 16>& operand) -> std::uint32_t, public");
  static_assert(!has::pvalidate.misfit(),
                "wanted: pvalidate(const guest_call& from, std::uint32_t ecx, std::uint32_t edx) -> guest_return, "
                "public; not EAX alone: CF and faults count");
  static_assert(!has::rmpadjust.misfit(),
                "wanted: rmpadjust(const guest_call& from, std::uint64_t rcx, std::uint64_t rdx) -> guest_return, "
                "public");
  static_assert(!has::raw_entry.misfit(),
                "wanted: raw_entry(std::uint64_t spa) -> std::array<std::uint64_t, 2>, public");
  static_assert(!has::raw_mask.misfit(), "wanted: static raw_mask() -> std::array<std::uint64_t, 2>, public");

 public:
  explicit rmp_adapter(T& it) noexcept : it_(&it) {}

  void reset(const rmp_setup&) { it_->reset(); }

  [[nodiscard]] auto abilities() const -> rmp_abilities {
    return {.psmash = has::psmash.fits,
            .rmpread = has::rmpread.fits,
            .pvalidate = has::pvalidate.fits,
            .rmpadjust = has::rmpadjust.fits,
            .rmpquery = false,
            .access = false,
            .entry = has::raw_entry.fits,
            .firmware = false,
            .entry_lo = mask()[0],
            .entry_hi = mask()[1],
            .entry_state = false};
  }

  /// Why an ability is missing.
  [[nodiscard]] static auto why_not(std::string_view ability) -> const char* {
    if (ability == "psmash") return "no member psmash(rax)";
    if (ability == "rmpread") return "no member rmpread(rax, operand)";
    if (ability == "pvalidate") return "no member pvalidate(call, ecx, edx)";
    if (ability == "rmpadjust") return "no member rmpadjust(call, rcx, rdx)";
    if (ability == "entry") return "no member raw_entry(spa)";
    return "rmp_adapter has no member for it";
  }

  [[nodiscard]] auto run(const rmp_step& step) -> rmp_answer {
    switch (step.what) {
      case rmp_operation::rmpupdate:
        if (const auto refused = host_fault(step)) return *refused;
        return code(it_->rmpupdate(step.spa, operand_of(step)));
      case rmp_operation::psmash:
        if constexpr (has::psmash.fits) {
          if (const auto refused = host_fault(step)) return *refused;
          return code(it_->psmash(step.spa));
        }
        break;
      case rmp_operation::rmpread:
        if constexpr (has::rmpread.fits) {
          if (const auto refused = host_fault(step)) return *refused;
          std::array<std::uint8_t, 16> bytes{};
          rmp_answer made = code(it_->rmpread(step.spa, bytes));
          if (made.eax == 0) take(bytes, made);
          return made;
        }
        break;
      case rmp_operation::pvalidate:
        if constexpr (has::pvalidate.fits)
          return answer(it_->pvalidate(call(step), size_of(step), step.validate ? 1U : 0U));
        break;
      case rmp_operation::rmpadjust:
        if constexpr (has::rmpadjust.fits)
          return answer(it_->rmpadjust(call(step), std::uint64_t{size_of(step)}, step.attributes));
        break;
      case rmp_operation::entry:
        if constexpr (has::raw_entry.fits) return entry(step);
        break;
      default: break;
    }
    return {.ending = rmp_ending::unsupported};
  }

 private:
  /// Privilege and ASID are the processor's business, not the table's: the adapter answers for it.
  [[nodiscard]] static auto host_fault(const rmp_step& step) -> std::optional<rmp_answer> {
    if (step.cpl != 0) return rmp_answer{.ending = rmp_ending::gp};
    if (step.caller_asid != 0) return code(2);
    return {};
  }
  [[nodiscard]] static auto operand_of(const rmp_step& step) -> std::array<std::uint8_t, 16> {
    std::array<std::uint8_t, 16> bytes{};
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(step.gpa >> (8 * i) & 0xff);
    bytes[8] = step.assigned ? 1 : 0;
    bytes[9] = step.size != page_size::k4k ? 1 : 0;
    bytes[10] = step.immutable ? 1 : 0;
    for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(step.asid >> (8 * i) & 0xff);
    return bytes;
  }
  static void take(std::span<const std::uint8_t, 16> bytes, rmp_answer& into) {
    for (unsigned i = 0; i < 8; ++i) into.gpa |= std::uint64_t{bytes[i]} << (8 * i);
    into.assigned = (bytes[8] & 1) != 0;
    into.size_byte = bytes[9];
    into.immutable = (bytes[10] & 1) != 0;
    for (unsigned i = 0; i < 4; ++i) into.asid |= std::uint32_t{bytes[12 + i]} << (8 * i);
  }
  [[nodiscard]] static auto size_of(const rmp_step& step) -> std::uint32_t {
    return step.size != page_size::k4k ? 1 : 0;
  }
  [[nodiscard]] static auto call(const rmp_step& step) -> guest_call {
    return {.asid = step.asid, .vmpl = step.vmpl, .cpl = step.cpl, .gpa = step.gpa, .spa = step.spa, .leaf = step.leaf};
  }
  [[nodiscard]] static auto code(std::uint32_t eax) -> rmp_answer {
    return {.ending = rmp_ending::result, .eax = eax, .zf = eax == 0};
  }
  [[nodiscard]] static auto answer(const guest_return& from) -> rmp_answer {
    if (from.ending == rmp_ending::result) {
      rmp_answer made = code(from.eax);
      made.cf = from.eax == 0 && from.cf;
      return made;
    }
    return {.ending = from.ending, .error = from.error, .address = from.address};
  }
  [[nodiscard]] auto entry(const rmp_step& step) -> rmp_answer {
    const std::array<std::uint64_t, 2> raw = it_->raw_entry(step.spa);
    return {.ending = rmp_ending::entry, .lo = raw[0], .hi = raw[1]};
  }
  [[nodiscard]] static auto mask() -> std::array<std::uint64_t, 2> {
    if constexpr (has::raw_mask.fits) return T::raw_mask();
    return {~std::uint64_t{}, ~std::uint64_t{}};
  }

  T* it_;
};

/// Compares an implementation with the architecture. Needs no test framework.
/// @return see `conformance_report`; `describe` makes text of it
template <rmp_under_test T>
[[nodiscard]] auto check_rmp(T& it, const conformance_options& options = {}) -> conformance_report {
  rmp_adapter<T> machine(it);
  return check_rmp_machine(machine, options);
}

}  // namespace sevspec::inline v0::verify

#endif
