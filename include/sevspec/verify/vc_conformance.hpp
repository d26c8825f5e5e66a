// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_VC_CONFORMANCE_HPP
#define SEVSPEC_VERIFY_VC_CONFORMANCE_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/guest_cpuid.hpp>
#include <sevspec/ghcb/interrupt_delivery.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <sevspec/rmp/result.hpp>

/// A guest's #VC handler, and what it believes of a hypervisor, against the library: hostile events and answers one after
/// the other, injected #VC (WeSee), lying hypervisors, pages validated twice.
namespace sevspec::inline v0::verify {

/// What of a handler's decision shows: what leaves the guest, and how it goes on.
enum class vc_effect : std::uint8_t {
  exits,      ///< asks the hypervisor
  goes_on,    ///< without asking
  exception,  ///< raises one in the guest
  ends,       ///< the guest, or the process, ends
};

[[nodiscard]] constexpr auto effect_of(ghcb::vc_action action) noexcept -> vc_effect {
  switch (action) {
    case ghcb::vc_action::exit:              return vc_effect::exits;
    case ghcb::vc_action::answer_locally:
    case ghcb::vc_action::skip:
    case ghcb::vc_action::validate_page:     return vc_effect::goes_on;
    case ghcb::vc_action::forward_exception:
    case ghcb::vc_action::debug_handler:     return vc_effect::exception;
    case ghcb::vc_action::unsupported:
    case ghcb::vc_action::terminate:
    case ghcb::vc_action::vmm_error:         return vc_effect::ends;
  }
  return vc_effect::ends;
}

/// A handler under test. All it must have is `handle(event)`. What else it may have, all optional:
///
/// - `take_answer(info_1, info_2, given, wanted) -> bool`: whether it uses the registers of an answer, or raises the
///   exception that it asks for
/// - `take_psc_answer(info_2, original, before, after) -> ghcb::psc_next`
/// - `take_msr_answer(request, answer) -> bool`: values of the MSR
/// - `begin_validation()`, then `validate(page, result) -> bool`: whether it goes on with a page after PVALIDATE(1), or
///   would not even execute it
/// - `early_cpuid(function, eax) -> bool`: whether it goes on with such an answer before there is a GHCB
/// - `cpuid(page, function, subfunction, state, said) -> std::optional<ghcb::cpuid_result>`: CPUID from the page, where
///   `said` is what the hypervisor says if it is asked; nothing: the guest ends
/// - `deliver(features, policy, source) -> bool`: whether the handler of a vector runs (Heckler)
template <class Handler>
concept vc_handler = requires(Handler& under_test, const ghcb::vc_event& event) {
  { under_test.handle(event) } -> std::convertible_to<vc_effect>;
};

/// What the suite says of one case.
enum class vc_agreement : std::uint8_t {
  agrees,
  stricter,   ///< ends or raises where the library would go on: safe, perhaps inconvenient
  disagrees,  ///< goes on, or lets something out, where the rule forbids it
};

struct vc_finding {
  std::string title{};
  rule about = rule::none;  ///< the rule by which the library decides
  vc_agreement verdict{};
};

struct vc_report {
  unsigned cases = 0;
  unsigned agreed = 0;
  std::vector<vc_finding> findings{};      ///< where the handler differs
  std::vector<const char*> not_checked{};  ///< what it does not offer

  /// Whether nothing disagrees.
  [[nodiscard]] auto passed() const noexcept -> bool {
    for (const vc_finding& one : findings)
      if (one.verdict == vc_agreement::disagrees) return false;
    return true;
  }
};

namespace detail {

struct vc_case {
  const char* title;
  std::uint64_t error_code;
  std::array<std::uint8_t, 4> bytes;
  std::uint8_t length;
};
/// The instructions that raise #VC, and some that do not.
inline constexpr vc_case vc_instructions[] = {
    {"CPUID", 0x72, {0x0f, 0xa2}, 2},
    {"RDTSC", 0x6e, {0x0f, 0x31}, 2},
    {"RDTSCP", 0x87, {0x0f, 0x01, 0xf9}, 3},
    {"RDPMC", 0x6f, {0x0f, 0x33}, 2},
    {"RDMSR", 0x7c, {0x0f, 0x32}, 2},
    {"WRMSR", 0x7c, {0x0f, 0x30}, 2},
    {"VMMCALL", 0x81, {0x0f, 0x01, 0xd9}, 3},
    {"WBINVD", 0x89, {0x0f, 0x09}, 2},
    {"INVD", 0x76, {0x0f, 0x08}, 2},
    {"MONITOR", 0x8a, {0x0f, 0x01, 0xc8}, 3},
    {"MWAIT", 0x8b, {0x0f, 0x01, 0xc9}, 3},
    {"MOV from DR7", 0x27, {0x0f, 0x21, 0xf8}, 3},
    {"MOV to DR7", 0x37, {0x0f, 0x23, 0xf8}, 3},
    {"IN", 0x7b, {0xec}, 1},
    {"INS", 0x7b, {0x6c}, 1},
    {"MOV", 0x400, {0x8b, 0x00}, 2},
    {"MOV EBX, EAX", 0, {0x89, 0xc3}, 2},
    {"NOP", 0, {0x90}, 1},
    {"nothing", 0, {}, 0},
};
inline constexpr std::uint64_t vc_codes[] = {0x27, 0x37, 0x41, 0x51, 0x6e, 0x6f,  0x72,  0x76,  0x7b, 0x7c,
                                             0x81, 0x87, 0x89, 0x8a, 0x8b, 0x400, 0x403, 0x404, 0x4ff};

/// Circumstances: one bit each.
inline constexpr unsigned vc_circumstances = 10;
constexpr void apply(ghcb::vc_event& event, unsigned circumstance) {
  switch (circumstance) {
    case 1:  event.user_mode = true; break;
    case 2:  event.stage = ghcb::vc_stage::no_ghcb; break;
    case 3:  event.sev_status.raw = 1U << 11; break;  // Secure TSC
    case 4:  event.sev_status.raw = 1U << 7; break;   // debug virtualization
    case 5:  event.mmio_private = true; break;
    case 6:  event.user_mode = true, event.io_permitted = false; break;
    case 7:  event.user_mode = true, event.io_kernel_address = true; break;
    case 8:  event.msr_number = 0xc001'f000; break;
    case 9:  event.ghcb_msr = 0x1014; break;
    default: break;
  }
}

/// CPUID pages: an ordinary one, one that lacks what XSAVE needs, one that claims too much.
[[nodiscard]] constexpr auto cpuid_page_for(unsigned kind) -> layout::cpuid_page {
  struct row {
    std::uint32_t eax_in, ecx_in, eax, ebx, ecx, edx;
  };
  constexpr row rows[] = {{0, 0, 0xd, 0, 0, 0},
                          {1, 0, 0xa0'0f11, 0x1111'1111, 0x0800'0000, 0x200},
                          {7, 0, 0, 0, 0x10, 0},
                          {0xb, 1, 4, 5, 6, 7},
                          {0xd, 0, 7, 0x999, 0x340, 0},
                          {0xd, 1, 0xf, 0x999, 0, 0},
                          {0x8000'0000, 0, 0x8000'001f, 0, 0, 0},
                          {0x8000'001e, 0, 0x1, 0x1111'1122, 0x3333'3344, 0},
                          {0x8000'001f, 0, 0x2, 0, 0, 0},
                          {0xd, 2, 0x100, 0x240, 0, 0}};
  layout::cpuid_page made;
  const unsigned count = kind == 1 ? 9 : 10;
  made.set_count(kind == 2 ? 65 : count);
  for (unsigned i = 0; i < count; ++i) {
    auto entry = made.entry(i);
    entry.set_eax_in(rows[i].eax_in);
    entry.set_ecx_in(rows[i].ecx_in);
    if (rows[i].eax_in == 0xd) entry.set_xcr0_in(1);
    entry.set_eax(rows[i].eax);
    entry.set_ebx(rows[i].ebx);
    entry.set_ecx(rows[i].ecx);
    entry.set_edx(rows[i].edx);
  }
  return made;
}

class vc_judge {
 public:
  explicit vc_judge(vc_report& report) : report_(&report) {}
  void judge(std::string title, rule about, bool same, bool is_safe) {
    ++report_->cases;
    if (same) ++report_->agreed;
    else
      report_->findings.push_back(
          {std::move(title), about, is_safe ? vc_agreement::stricter : vc_agreement::disagrees});
  }

 private:
  vc_report* report_;
};

}  // namespace detail

/// Runs a handler against the rules for #VC handlers (VC-SEC, VC-CPUID, GHCB-RET, GHCB-PSC-13 to -15, GHCB-REG-02, PST-01). The library drives; the handler only answers.
/// @tparam Handler  a `vc_handler`
template <vc_handler Handler>
[[nodiscard]] auto check_vc_handler(Handler& under_test) -> vc_report {
  vc_report report;
  detail::vc_judge judge(report);
  context<> ctx;

  for (const detail::vc_case& instruction : detail::vc_instructions)
    for (const std::uint64_t error_code : detail::vc_codes)
      for (unsigned circumstance = 0; circumstance < detail::vc_circumstances; ++circumstance) {
        ghcb::vc_event event{.error_code = error_code, .bytes = std::span{instruction.bytes}.first(instruction.length)};
        detail::apply(event, circumstance);
        const ghcb::vc_verdict wanted = ghcb::judge_vc(ctx, event);
        const vc_effect should = effect_of(wanted.action);
        const vc_effect does = under_test.handle(event);
        const bool ends = does == vc_effect::ends;
        judge.judge(std::string("#VC ") + std::to_string(error_code) + " at " + instruction.title + ", circumstance " +
                        std::to_string(circumstance),
                    wanted.decided_by, does == should, ends);
      }

  if constexpr (requires(ghcb::field_set fields) {
                  { under_test.take_answer(0, 0, fields, fields) } -> std::convertible_to<bool>;
                }) {
    for (const std::uint64_t info_1 : {0ULL, 1ULL, 2ULL, 3ULL, 0xffff'ffffULL, 0x1'0000'0000ULL})
      for (const std::uint64_t info_2 : {0ULL, 4ULL, 0x8000'0306ULL, 0x8000'030dULL, 0x8000'0b0dULL, 0x8000'030eULL,
                                         0x8000'031dULL, 0x030dULL, 0x8000'000dULL, 0x8000'0080ULL})
        for (const bool complete : {true, false}) {
          const ghcb::field_set wanted{ghcb::ghcb_field::rax, ghcb::ghcb_field::rdx};
          const ghcb::field_set given =
              complete ? wanted : ghcb::field_set{ghcb::ghcb_field::rax, ghcb::ghcb_field::rbx};
          const auto verdict = ghcb::check_answer(ctx, info_1, info_2, given, wanted);
          const bool should = verdict.what != ghcb::answer_kind::vmm_error;
          const bool does = under_test.take_answer(info_1, info_2, given, wanted);
          judge.judge("answer " + std::to_string(info_1) + ", " + std::to_string(info_2) +
                          (complete ? "" : ", a register missing"),
                      verdict.decided_by, does == should, !does);
        }
  } else {
    report.not_checked.push_back("answers (take_answer)");
  }

  if constexpr (requires(layout::psc_header header) {
                  { under_test.take_psc_answer(0, header, header, header) } -> std::convertible_to<ghcb::psc_next>;
                }) {
    const auto header = [](unsigned cur, unsigned end, std::uint32_t reserved = 0) {
      layout::psc_header made;
      made.set_cur_entry(static_cast<std::uint16_t>(cur));
      made.set_end_entry(static_cast<std::uint16_t>(end));
      layout::write_le(made.data() + 4, reserved);
      return made;
    };
    for (const std::uint64_t info_2 : {0ULL, 1ULL, 0x1'0000'0001ULL, 0x1'0000'0002ULL, 0x100'0000'0000ULL})
      for (unsigned cur = 0; cur < 12; ++cur)
        for (const unsigned end : {8U, 9U, 10U, 252U})
          for (const std::uint32_t reserved : {0U, 1U}) {
            const auto after = header(cur, end, reserved);
            const auto verdict = ghcb::check_psc_answer(ctx, 0, info_2, header(0, 9), header(4, 9), after);
            const ghcb::psc_next does = under_test.take_psc_answer(info_2, header(0, 9), header(4, 9), after);
            judge.judge("page state change: info_2 " + std::to_string(info_2) + ", cur_entry " + std::to_string(cur) +
                            ", end_entry " + std::to_string(end) + ", reserved " + std::to_string(reserved),
                        verdict.decided_by, does == verdict.next, does == ghcb::psc_next::terminate);
          }
  } else {
    report.not_checked.push_back("page state changes (take_psc_answer)");
  }

  if constexpr (requires(std::uint64_t value) {
                  { under_test.take_msr_answer(value, value) } -> std::convertible_to<bool>;
                }) {
    constexpr std::uint64_t requests[] = {0x1'0000'0004, 0x10, 0x7fe'5012, 0x0010'0000'0000'1014, 0x80};
    for (const std::uint64_t request : requests)
      for (std::uint64_t code = 0; code < 0x110; ++code)
        for (const std::uint64_t data : {0ULL, 0x7fe'5000ULL, 0x7fe'6000ULL, 0x1000ULL, 0x4000'0000ULL,
                                         0x8000'0000'0000'0000ULL, 0xffff'ffff'ffff'f000ULL}) {
          const std::uint64_t answer = (data & ~std::uint64_t{0xfff}) | code;
          ghcb::msr_session guest{.version = 2};
          const auto decoded = ghcb::decode_msr(request);
          if (!ghcb::ask(ctx, guest, decoded->what)) continue;
          const auto taken = ghcb::accept(ctx, guest, answer);
          const bool does = under_test.take_msr_answer(request, answer);
          judge.judge("MSR " + std::to_string(request) + " answered by " + std::to_string(answer),
                      taken ? rule::none : taken.error().decided_by, does == taken.has_value(), !does);
        }
  } else {
    report.not_checked.push_back("answers by MSR (take_msr_answer)");
  }

  if constexpr (requires(gpa page, rmp::result result) {
                  under_test.begin_validation();
                  { under_test.validate(page, result) } -> std::convertible_to<bool>;
                }) {
    constexpr gpa page{0x20'0000};
    const auto once = [&](const char* title, const rmp::result& result, bool should) {
      under_test.begin_validation();
      const bool does = under_test.validate(page, result);
      judge.judge(title, rule::PST_01, does == should, !does);
    };
    once("a page is validated", {}, true);
    once("PVALIDATE changes nothing", {.unchanged = true}, false);
    once("PVALIDATE fails", {.eax = rmp::status::fail_input}, false);
    under_test.begin_validation();
    (void)under_test.validate(page, {});
    const bool again = under_test.validate(page, {});  // CF=0: another page in its place
    judge.judge("a page is validated again", rule::PST_01, !again, !again);
  } else {
    report.not_checked.push_back("validation (begin_validation, validate)");
  }

  if constexpr (requires(std::uint32_t word) {
                  { under_test.early_cpuid(word, word) } -> std::convertible_to<bool>;
                }) {
    for (const std::uint32_t function : {0x8000'0000U, 0x8000'001fU, 1U})
      for (const std::uint32_t eax : {0U, 1U, 2U, 3U, 0x8000'001eU, 0x8000'001fU, 0x8000'0028U}) {
        const bool should = !ghcb::check_early_cpuid(ctx, function, {.eax = eax}).has_value();
        const bool does = under_test.early_cpuid(function, eax);
        judge.judge("CPUID " + std::to_string(function) + " EAX " + std::to_string(eax), rule::VC_CPUID_06,
                    does == should, !does);
      }
  } else {
    report.not_checked.push_back("CPUID without a GHCB (early_cpuid)");
  }

  if constexpr (requires(layout::cpuid_page page, std::uint32_t word, ghcb::cpuid_state state,
                         std::optional<ghcb::cpuid_result> said) {
                  {
                    under_test.cpuid(page, word, word, state, said)
                  } -> std::same_as<std::optional<ghcb::cpuid_result>>;
                }) {
    for (const unsigned kind : {0U, 1U, 2U}) {
      const layout::cpuid_page page = detail::cpuid_page_for(kind);
      for (const std::uint32_t function :
           {0U, 1U, 2U, 7U, 0xbU, 0xdU, 0x40U, 0x4000'0000U, 0x8000'0000U, 0x8000'001eU, 0x8000'001fU, 0xffff'ffffU})
        for (const std::uint32_t subfunction : {0U, 1U, 2U})
          for (const bool flags : {false, true})
            for (const std::optional<ghcb::cpuid_result> said :
                 {std::optional{ghcb::cpuid_result{~0U, ~0U, ~0U, ~0U}}, std::optional<ghcb::cpuid_result>{}}) {
              const ghcb::cpuid_state state{
                  .cr4_osxsave = flags, .cr4_pke = flags, .xcr0 = flags ? 7U : 3U, .under_svsm = flags};
              const auto ask = [&](std::uint32_t, std::uint32_t) { return said; };
              std::optional<ghcb::cpuid_result> should;
              rule about = rule::VC_CPUID_04;
              if (const auto wrong = ghcb::check_cpuid_page(ctx, page)) {
                about = wrong->decided_by;
              } else if (const auto found = ghcb::guest_cpuid(ctx, page, function, subfunction, state, ask)) {
                should = *found;
              } else {
                about = found.error().decided_by;
              }
              const auto does = under_test.cpuid(page, function, subfunction, state, said);
              judge.judge("CPUID " + std::to_string(function) + "." + std::to_string(subfunction) + " from page " +
                              std::to_string(kind),
                          about, does == should, !does.has_value());
            }
    }
  } else {
    report.not_checked.push_back("CPUID from the page (cpuid)");
  }

  if constexpr (requires(layout::sev_features features, ghcb::vector_policy policy, ghcb::event_source source) {
                  { under_test.deliver(features, policy, source) } -> std::convertible_to<bool>;
                }) {
    for (const std::uint64_t features : {0x1ULL, 0x9ULL, 0x11ULL})
      for (const bool gate : {false, true})
        for (const bool global : {false, true})
          for (const auto source :
               {ghcb::event_source::software, ghcb::event_source::external, ghcb::event_source::exception}) {
            const ghcb::vector_policy policy{.software_gate = gate, .global_effect = global};
            const bool should = ghcb::may_deliver(ctx, {features}, policy, source);
            const bool does = under_test.deliver(layout::sev_features{features}, policy, source);
            judge.judge("a vector that software may use, from outside", rule::VC_SEC_16, does == should, !does);
          }
  } else {
    report.not_checked.push_back("interrupts at gates for software (deliver)");
  }
  return report;
}

}  // namespace sevspec::inline v0::verify

#endif
