// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_ADAPTER_HPP
#define SEVSPEC_VERIFY_RMP_ADAPTER_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/page_size.hpp>
#include <sevspec/verify/rmp_abilities.hpp>
#include <sevspec/verify/rmp_conformance.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// What executes a guest's instruction: who, and where its address leads.
struct guest_call {
  std::uint32_t asid{};
  std::uint8_t vmpl{};
  std::uint8_t cpl{};
  std::uint64_t gpa{};  ///< of the page; also stands for the linear address
  std::uint64_t spa{};  ///< where the nested tables put it
  page_size leaf{};     ///< by a page of this size
};

/// What a guest's instruction leaves: EAX and CF, or the fault instead.
struct guest_return {
  std::uint32_t eax{};
  bool cf{};
  rmp_ending ending = rmp_ending::result;  ///< or `gp`, `npf`, `vc`
  std::uint64_t error{};                   ///< of a fault: error code, EXITINFO1
  std::uint64_t address{};                 ///< of a fault: CR2, EXITINFO2
};

/// An implementation of the Reverse Map Table as its author has it: raw register values in, raw codes out. What it has
/// besides RMPUPDATE is found out, and what it has not is not asked for:
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
 public:
  explicit rmp_adapter(T& it) noexcept : it_(&it) {}

  void reset(const rmp_setup&) { it_->reset(); }

  [[nodiscard]] auto abilities() const -> rmp_abilities {
    return {.psmash = has_psmash,
            .rmpread = has_rmpread,
            .pvalidate = has_pvalidate,
            .rmpadjust = has_rmpadjust,
            .rmpquery = false,
            .access = false,
            .entry = has_entry,
            .firmware = false,
            .entry_lo = mask()[0],
            .entry_hi = mask()[1],
            .entry_state = false};
  }

  [[nodiscard]] auto run(const rmp_step& step) -> rmp_answer {
    switch (step.what) {
      case rmp_operation::rmpupdate:
        if (const auto refused = host_fault(step)) return *refused;
        return code(it_->rmpupdate(step.spa, operand_of(step)));
      case rmp_operation::psmash:
        if constexpr (has_psmash) {
          if (const auto refused = host_fault(step)) return *refused;
          return code(it_->psmash(step.spa));
        }
        break;
      case rmp_operation::rmpread:
        if constexpr (has_rmpread) {
          if (const auto refused = host_fault(step)) return *refused;
          std::array<std::uint8_t, 16> bytes{};
          rmp_answer made = code(it_->rmpread(step.spa, bytes));
          if (made.eax == 0) take(bytes, made);
          return made;
        }
        break;
      case rmp_operation::pvalidate:
        if constexpr (has_pvalidate) return answer(it_->pvalidate(call(step), size_of(step), step.validate ? 1U : 0U));
        break;
      case rmp_operation::rmpadjust:
        if constexpr (has_rmpadjust)
          return answer(it_->rmpadjust(call(step), std::uint64_t{size_of(step)}, step.attributes));
        break;
      case rmp_operation::entry:
        if constexpr (has_entry) return entry(step);
        break;
      default: break;
    }
    return {.ending = rmp_ending::unsupported};
  }

 private:
  static constexpr bool has_psmash = requires(T& it) { it.psmash(std::uint64_t{}); };
  static constexpr bool has_rmpread =
      requires(T& it, std::array<std::uint8_t, 16>& bytes) { it.rmpread(std::uint64_t{}, bytes); };
  static constexpr bool has_pvalidate = requires(T& it, const guest_call& from) {
    { it.pvalidate(from, std::uint32_t{}, std::uint32_t{}) } -> std::same_as<guest_return>;
  };
  static constexpr bool has_rmpadjust = requires(T& it, const guest_call& from) {
    { it.rmpadjust(from, std::uint64_t{}, std::uint64_t{}) } -> std::same_as<guest_return>;
  };
  static constexpr bool has_entry = requires(T& it) { it.raw_entry(std::uint64_t{}); };

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
    if constexpr (requires { T::raw_mask(); }) return T::raw_mask();
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
