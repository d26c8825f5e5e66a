// SPDX-License-Identifier: MIT
// The suite for #VC handlers passes the library's own, and finds every one that leaves out a rule.
#include <cstdint>
#include <set>
#include <string>

#include <sevspec/base/rule_set.hpp>
#include <sevspec/ghcb/validation_tracker.hpp>
#include <sevspec/verify/vc_conformance.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;

/// A handler that keeps to the rules of a set.
struct model {
  context<rule_set> ctx{};
  ghcb::validation_tracker pages{};

  auto handle(const ghcb::vc_event& event) -> verify::vc_effect {
    return verify::effect_of(ghcb::judge_vc(ctx, event).action);
  }
  auto take_answer(std::uint64_t info_1, std::uint64_t info_2, ghcb::field_set given, ghcb::field_set wanted) -> bool {
    return ghcb::check_answer(ctx, info_1, info_2, given, wanted).what != ghcb::answer_kind::vmm_error;
  }
  auto take_psc_answer(std::uint64_t info_2, const layout::psc_header& original, const layout::psc_header& before,
                       const layout::psc_header& after) -> ghcb::psc_next {
    return ghcb::check_psc_answer(ctx, 0, info_2, original, before, after).next;
  }
  auto take_msr_answer(std::uint64_t request, std::uint64_t answer) -> bool {
    ghcb::msr_session guest{.version = 2};
    if (!ghcb::ask(ctx, guest, ghcb::decode_msr(request)->what)) return false;
    return ghcb::accept(ctx, guest, answer).has_value();
  }
  void begin_validation() { pages = {}; }
  auto validate(gpa page, const rmp::result& result) -> bool {
    return pages.may_validate(ctx, page) &&
           pages.after_pvalidate(ctx, page, 1, true, result) == ghcb::validation_verdict::done;
  }
  auto early_cpuid(std::uint32_t function, std::uint32_t eax) -> bool {
    return !ghcb::check_early_cpuid(ctx, function, {.eax = eax});
  }
  auto cpuid(const layout::cpuid_page& page, std::uint32_t function, std::uint32_t subfunction,
             const ghcb::cpuid_state& state, const std::optional<ghcb::cpuid_result>& said)
      -> std::optional<ghcb::cpuid_result> {
    if (ghcb::check_cpuid_page(ctx, page)) return {};
    const auto ask = [&](std::uint32_t, std::uint32_t) { return said; };
    const auto found = ghcb::guest_cpuid(ctx, page, function, subfunction, state, ask);
    return found ? std::optional{*found} : std::nullopt;
  }
  auto deliver(layout::sev_features features, ghcb::vector_policy policy, ghcb::event_source source) -> bool {
    return ghcb::may_deliver(ctx, features, policy, source);
  }
};

/// Linux before WeSee was known: the error code is believed.
struct believes_error_code : model {
  believes_error_code() { ctx.rules = rule_set().without(rule::VC_SEC_03); }
};
/// Asks the hypervisor for whole functions of CPUID.
struct believes_cpuid : model {
  static auto cpuid(const layout::cpuid_page&, std::uint32_t, std::uint32_t, const ghcb::cpuid_state&,
                    const std::optional<ghcb::cpuid_result>& said) -> std::optional<ghcb::cpuid_result> {
    return said;
  }
};
/// Ends at everything.
struct cautious {
  static auto handle(const ghcb::vc_event&) -> verify::vc_effect { return verify::vc_effect::ends; }
};

}  // namespace

TEST_CASE("the library's own handler passes", "[verify][ghcb]") {
  model right;
  const auto report = verify::check_vc_handler(right);
  CHECK(report.passed());
  CHECK(report.findings.empty());
  CHECK(report.not_checked.empty());
  CHECK(report.cases == report.agreed);
  CHECK(report.cases > 10'000);
}

TEST_CASE("a handler without a rule is found, by that rule", "[verify][ghcb][VC-SEC-03][VC-SEC-05]") {
  for (const rule left_out :
       {rule::VC_SEC_02,   rule::VC_SEC_03,   rule::VC_SEC_05,   rule::VC_SEC_08,   rule::VC_SEC_09,
        rule::VC_SEC_10,   rule::VC_SEC_11,   rule::VC_SEC_12,   rule::VC_SEC_13,   rule::VC_SEC_14,
        rule::GHCB_MSR_30, rule::GHCB_MSR_31, rule::GHCB_MSR_06, rule::GHCB_REG_02, rule::GHCB_RET_02,
        rule::GHCB_RET_03, rule::GHCB_RET_04, rule::GHCB_PSC_13, rule::GHCB_PSC_14, rule::GHCB_PSC_15,
        rule::GHCB_PSC_20, rule::PST_01,      rule::VC_CPUID_06}) {
    INFO(name_of(left_out));
    model mutant;
    mutant.ctx.rules = rule_set().without(left_out);
    const auto report = verify::check_vc_handler(mutant);
    bool found = false;
    for (const auto& one : report.findings) found = found || one.about == left_out;
    CHECK(found);
    // Without #DB's rule a guest ends: safe, and reported as such.
    if (left_out != rule::VC_SEC_13) CHECK_FALSE(report.passed());
  }
}

TEST_CASE("WeSee", "[verify][ghcb][VC-SEC-03]") {
  believes_error_code old;
  const auto report = verify::check_vc_handler(old);
  CHECK_FALSE(report.passed());
  bool leaks = false;
  for (const auto& one : report.findings)
    leaks = leaks || one.title == "#VC 129 at MOV EBX, EAX, circumstance 0";  // 81h: RAX goes out, and comes in
  CHECK(leaks);
}

TEST_CASE("a guest that takes CPUID from the hypervisor", "[verify][ghcb][VC-CPUID-05]") {
  believes_cpuid naive;
  CHECK_FALSE(verify::check_vc_handler(naive).passed());
}

TEST_CASE("stricter is not wrong, and what is not offered is told", "[verify][ghcb]") {
  cautious handler;
  const auto report = verify::check_vc_handler(handler);
  CHECK(report.passed());
  CHECK_FALSE(report.findings.empty());
  for (const auto& one : report.findings) CHECK(one.verdict == verify::vc_agreement::stricter);
  CHECK(report.not_checked.size() == 7);
}
