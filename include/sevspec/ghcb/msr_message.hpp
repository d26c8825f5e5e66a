// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_MSR_MESSAGE_HPP
#define SEVSPEC_GHCB_MSR_MESSAGE_HPP

#include <cstdint>
#include <expected>
#include <variant>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/ghcb_msr.hpp>

/// The GHCB MSR protocol: every value of MSR C001_0130 as a message.   GHCB 2.3
namespace sevspec::inline v0::ghcb {

/// No GHCB is preferred; a registration was refused: all 52 bits of the frame number.
inline constexpr std::uint64_t no_frame = bits<51, 0>::mask;

/// The messages, by code. Requests are the guest's, responses the hypervisor's.
namespace message {

/// 000h: no message but the address of a GHCB.   GHCB-MSR-01, dispatch
struct page {
  gpa where{};  ///< page-aligned
  friend constexpr auto operator==(page, page) -> bool = default;
};
/// 001h, also the value after a reset.   GHCB-MSR-02
struct version_response {
  std::uint16_t highest{};  ///< protocol version
  std::uint16_t lowest{};
  std::uint8_t c_bit{};  ///< position of the C-bit
  friend constexpr auto operator==(version_response, version_response) -> bool = default;
};
/// 002h.   GHCB-MSR-03
struct version_request {
  friend constexpr auto operator==(version_request, version_request) -> bool = default;
};
/// 004h: one register of CPUID, sub-function 0.   GHCB-MSR-05
struct cpuid_request {
  std::uint32_t function{};
  std::uint8_t which{};  ///< 0 to 3: EAX, EBX, ECX, EDX
  friend constexpr auto operator==(cpuid_request, cpuid_request) -> bool = default;
};
/// 005h.   GHCB-MSR-06
struct cpuid_response {
  std::uint32_t value{};
  std::uint8_t which{};
  friend constexpr auto operator==(cpuid_response, cpuid_response) -> bool = default;
};
/// 006h.   GHCB-MSR-07
struct reset_hold_request {
  friend constexpr auto operator==(reset_hold_request, reset_hold_request) -> bool = default;
};
/// 007h.   GHCB-MSR-08
struct reset_hold_response {
  std::uint64_t result{};  ///< not 0: a SIPI came
  friend constexpr auto operator==(reset_hold_response, reset_hold_response) -> bool = default;
};
/// 010h.   GHCB-MSR-09
struct preferred_request {
  friend constexpr auto operator==(preferred_request, preferred_request) -> bool = default;
};
/// 011h.   GHCB-MSR-10
struct preferred_response {
  std::uint64_t frame = no_frame;
  friend constexpr auto operator==(preferred_response, preferred_response) -> bool = default;
};
/// 012h.   GHCB-MSR-11
struct register_request {
  std::uint64_t frame{};
  friend constexpr auto operator==(register_request, register_request) -> bool = default;
};
/// 013h.   GHCB-MSR-12
struct register_response {
  std::uint64_t frame = no_frame;  ///< the request's, or no_frame
  friend constexpr auto operator==(register_response, register_response) -> bool = default;
};
/// 014h: a page of 4K.   GHCB-MSR-13
struct page_state_request {
  layout::ghcb_psc_ops operation{};  ///< any four bits
  std::uint64_t frame{};             ///< 40 bits
  friend constexpr auto operator==(page_state_request, page_state_request) -> bool = default;
};
/// 015h.   GHCB-MSR-14
struct page_state_response {
  std::uint32_t error{};
  friend constexpr auto operator==(page_state_response, page_state_response) -> bool = default;
};
/// 016h.   GHCB-MSR-15
struct run_vmpl_request {
  std::uint8_t level{};
  friend constexpr auto operator==(run_vmpl_request, run_vmpl_request) -> bool = default;
};
/// 017h.   GHCB-MSR-16
struct run_vmpl_response {
  std::uint32_t error{};
  friend constexpr auto operator==(run_vmpl_response, run_vmpl_response) -> bool = default;
};
/// 080h.   GHCB-MSR-17
struct features_request {
  friend constexpr auto operator==(features_request, features_request) -> bool = default;
};
/// 081h.   GHCB-MSR-18
struct features_response {
  std::uint64_t features{};  ///< 52 bits
  friend constexpr auto operator==(features_response, features_response) -> bool = default;
};
/// 100h.   GHCB-MSR-19
struct termination_request {
  termination_reason why{};
  friend constexpr auto operator==(termination_request, termination_request) -> bool = default;
};

}  // namespace message

using msr_message = std::variant<message::page, message::version_response, message::version_request,
                                 message::cpuid_request, message::cpuid_response, message::reset_hold_request,
                                 message::reset_hold_response, message::preferred_request, message::preferred_response,
                                 message::register_request, message::register_response, message::page_state_request,
                                 message::page_state_response, message::run_vmpl_request, message::run_vmpl_response,
                                 message::features_request, message::features_response, message::termination_request>;

/// Why a value is no message.
enum class msr_error : std::uint8_t {
  reserved_code,  ///< 003h, which was withdrawn (GHCB-MSR-04)
  vendor_code,    ///< F00h to FFFh, which belong to hypervisor vendors (GHCB-MSR-20)
  unknown_code,   ///< any other (GHCB-MSR-21)
};

/// "unknown code"
[[nodiscard]] constexpr auto name_of(msr_error error) noexcept -> const char* {
  switch (error) {
    case msr_error::reserved_code: return "reserved code";
    case msr_error::vendor_code:   return "vendor's code";
    case msr_error::unknown_code:  return "unknown code";
  }
  return "?";
}

/// A value that is a message.
struct decoded_msr {
  msr_message what{};
  std::uint64_t reserved{};  ///< the bits that are set though the message has no field there

  friend constexpr auto operator==(const decoded_msr&, const decoded_msr&) -> bool = default;
};

/// Bits 11:0 of a value of the MSR.
[[nodiscard]] constexpr auto msr_code(std::uint64_t value) noexcept -> layout::ghcb_msr_codes {
  return layout::ghcb_msr_generic{value}.info();
}

/// The message that a value of the GHCB MSR is. Total: any other value has a named error.   GHCB 2.3
///
/// Who enforces that reserved bits are zero depends on the side: hypervisors ignore them, guests refuse a response that
/// has them (GHCB-MSR-31).
[[nodiscard]] constexpr auto decode_msr(std::uint64_t value) noexcept -> std::expected<decoded_msr, msr_error> {
  using enum layout::ghcb_msr_codes;
  constexpr std::uint64_t data = bits<63, 12>::mask;
  const auto low_byte = [](std::uint32_t field) { return static_cast<std::uint8_t>(field); };
  switch (msr_code(value)) {
    case ghcb_gpa:      return decoded_msr{message::page{{value}}, 0};
    case sev_info_resp: {
      const layout::ghcb_msr_sev_info_resp word{value};
      return decoded_msr{message::version_response{static_cast<std::uint16_t>(word.max_version()),
                                                   static_cast<std::uint16_t>(word.min_version()),
                                                   low_byte(word.cbit())},
                         value & bits<23, 12>::mask};
    }
    case sev_info_req: return decoded_msr{message::version_request{}, value & data};
    case cpuid_req:    {
      const layout::ghcb_msr_cpuid_req word{value};
      return decoded_msr{message::cpuid_request{word.fn(), low_byte(word.reg())}, value & bits<29, 12>::mask};
    }
    case cpuid_resp: {
      const layout::ghcb_msr_cpuid_resp word{value};
      return decoded_msr{message::cpuid_response{word.value(), low_byte(word.reg())}, value & bits<29, 12>::mask};
    }
    case ap_reset_hold_req:  return decoded_msr{message::reset_hold_request{}, value & data};
    case ap_reset_hold_resp: return decoded_msr{message::reset_hold_response{bits<63, 12>::get(value)}, 0};
    case pref_gpa_req:       return decoded_msr{message::preferred_request{}, value & data};
    case pref_gpa_resp:      return decoded_msr{message::preferred_response{bits<63, 12>::get(value)}, 0};
    case reg_gpa_req:        return decoded_msr{message::register_request{bits<63, 12>::get(value)}, 0};
    case reg_gpa_resp:       return decoded_msr{message::register_response{bits<63, 12>::get(value)}, 0};
    case psc_req:            {
      const layout::ghcb_msr_psc_req word{value};
      return decoded_msr{message::page_state_request{word.op(), word.gfn()}, value & bits<63, 56>::mask};
    }
    case psc_resp:
      return decoded_msr{message::page_state_response{layout::ghcb_msr_psc_resp{value}.error()},
                         value & bits<31, 12>::mask};
    case vmpl_req:
      return decoded_msr{message::run_vmpl_request{low_byte(layout::ghcb_msr_vmpl_req{value}.vmpl())},
                         value & (bits<63, 40>::mask | bits<31, 12>::mask)};
    case vmpl_resp:
      return decoded_msr{message::run_vmpl_response{layout::ghcb_msr_vmpl_resp{value}.error()},
                         value & bits<31, 12>::mask};
    case hv_features_req:  return decoded_msr{message::features_request{}, value & data};
    case hv_features_resp: return decoded_msr{message::features_response{bits<63, 12>::get(value)}, 0};
    case term_req:         {
      const layout::ghcb_msr_term_req word{value};
      return decoded_msr{message::termination_request{{low_byte(word.reason_set()), low_byte(word.reason_code())}},
                         value & bits<63, 24>::mask};
    }
    case ap_jump_table: return std::unexpected{msr_error::reserved_code};
    default:            break;
  }
  const auto code = bits<11, 0>::get(value);
  return std::unexpected{code >= 0xf00 ? msr_error::vendor_code : msr_error::unknown_code};
}

namespace detail {

/// A value for every kind of message; each puts its fields where `decode_msr` finds them.
struct msr_encoder {
  static constexpr auto plain(layout::ghcb_msr_codes code, std::uint64_t data = 0) -> std::uint64_t {
    return layout::ghcb_msr_generic{}.set_info(code).set_data(data).raw;
  }
  constexpr auto operator()(message::page m) const -> std::uint64_t {
    Expects(is_aligned(m.where, page_size::k4k));
    return m.where.value;
  }
  constexpr auto operator()(message::version_response m) const -> std::uint64_t {
    return layout::ghcb_msr_sev_info_resp{}
        .set_info(layout::ghcb_msr_codes::sev_info_resp)
        .set_cbit(m.c_bit)
        .set_min_version(m.lowest)
        .set_max_version(m.highest)
        .raw;
  }
  constexpr auto operator()(message::version_request) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::sev_info_req);
  }
  constexpr auto operator()(message::cpuid_request m) const -> std::uint64_t {
    return layout::ghcb_msr_cpuid_req{}
        .set_info(layout::ghcb_msr_codes::cpuid_req)
        .set_reg(m.which)
        .set_fn(m.function)
        .raw;
  }
  constexpr auto operator()(message::cpuid_response m) const -> std::uint64_t {
    return layout::ghcb_msr_cpuid_resp{}
        .set_info(layout::ghcb_msr_codes::cpuid_resp)
        .set_reg(m.which)
        .set_value(m.value)
        .raw;
  }
  constexpr auto operator()(message::reset_hold_request) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::ap_reset_hold_req);
  }
  constexpr auto operator()(message::reset_hold_response m) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::ap_reset_hold_resp, m.result);
  }
  constexpr auto operator()(message::preferred_request) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::pref_gpa_req);
  }
  constexpr auto operator()(message::preferred_response m) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::pref_gpa_resp, m.frame);
  }
  constexpr auto operator()(message::register_request m) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::reg_gpa_req, m.frame);
  }
  constexpr auto operator()(message::register_response m) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::reg_gpa_resp, m.frame);
  }
  constexpr auto operator()(message::page_state_request m) const -> std::uint64_t {
    return layout::ghcb_msr_psc_req{}
        .set_info(layout::ghcb_msr_codes::psc_req)
        .set_gfn(m.frame)
        .set_op(m.operation)
        .raw;
  }
  constexpr auto operator()(message::page_state_response m) const -> std::uint64_t {
    return layout::ghcb_msr_psc_resp{}.set_info(layout::ghcb_msr_codes::psc_resp).set_error(m.error).raw;
  }
  constexpr auto operator()(message::run_vmpl_request m) const -> std::uint64_t {
    return layout::ghcb_msr_vmpl_req{}.set_info(layout::ghcb_msr_codes::vmpl_req).set_vmpl(m.level).raw;
  }
  constexpr auto operator()(message::run_vmpl_response m) const -> std::uint64_t {
    return layout::ghcb_msr_vmpl_resp{}.set_info(layout::ghcb_msr_codes::vmpl_resp).set_error(m.error).raw;
  }
  constexpr auto operator()(message::features_request) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::hv_features_req);
  }
  constexpr auto operator()(message::features_response m) const -> std::uint64_t {
    return plain(layout::ghcb_msr_codes::hv_features_resp, m.features);
  }
  constexpr auto operator()(message::termination_request m) const -> std::uint64_t { return msr_of(m.why); }
};

}  // namespace detail

/// The value of the GHCB MSR that is this message, reserved bits 0.   GHCB 2.3
/// @param what  every field must fit: CPUID registers are 0 to 3, frame numbers have 52 bits (40 in page state changes)
[[nodiscard]] constexpr auto encode_msr(const msr_message& what) -> std::uint64_t {
  return std::visit(detail::msr_encoder{}, what);
}

}  // namespace sevspec::inline v0::ghcb

#endif
