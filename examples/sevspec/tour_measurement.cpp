// SPDX-License-Identifier: MIT
// sevspec tour, part 5: a guest kernel has its memory measured by its SVSM, and somebody far away believes what is true.

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/svsm/guest_call.hpp>
#include <sevspec/svsm/measurement_check.hpp>
#include <sevspec/svsm/measurement_request.hpp>

#include "rule_text.hpp"
#include "tour.hpp"
#include "tour_dialogue.hpp"
#include "tour_svsm.hpp"

namespace sevspec::tool {

namespace {

using bytes = std::vector<std::uint8_t>;
using verdict_on_measurement = std::expected<svsm::measurement_manifest, svsm::measurement_problem>;

constexpr std::uint64_t measure_and_attest =
    svsm::rax_of(svsm::default_measurement_protocol, static_cast<std::uint32_t>(svsm::measurement_call::attest));
constexpr std::uint64_t validate = svsm::rax_of(layout::svsm_core_calls::pvalidate);
constexpr svsm::measured_range kernel_text{svsm_map::kernel, 2 * guest_page_bytes};

[[nodiscard]] auto name_of(svsm::measurement_refusal why) -> const char* {
  switch (why) {
    case svsm::measurement_refusal::report:   return "no report of this platform's";
    case svsm::measurement_refusal::level:    return "not a report of VMPL 0";
    case svsm::measurement_refusal::svsm:     return "another SVSM";
    case svsm::measurement_refusal::manifest: return "no manifest";
    case svsm::measurement_refusal::binding:  return "not an answer to this nonce";
    case svsm::measurement_refusal::counter:  return "an old counter";
    case svsm::measurement_refusal::ranges:   return "other addresses than were asked for";
    case svsm::measurement_refusal::digest:   return "memory is not as it should be";
  }
  return "?";
}

[[nodiscard]] auto name_of(svsm::call_verdict what) -> const char* {
  switch (what) {
    case svsm::call_verdict::done:         return "done";
    case svsm::call_verdict::repeat:       return "again";
    case svsm::call_verdict::failed:       return "refused";
    case svsm::call_verdict::not_served:   return "CALL_PENDING is still 1: the SVSM has not run";
    case svsm::call_verdict::answer_wrong: return "no answer to run VMPL 0";
    case svsm::call_verdict::not_made:     return "not made";
  }
  return "?";
}

[[nodiscard]] auto rights_of(rmp::permissions allowed) -> std::string {
  constexpr std::pair<std::uint8_t, char> letters[] = {
      {rmp::permissions::r, 'r'}, {rmp::permissions::w, 'w'}, {rmp::permissions::xu, 'x'}};
  std::string text;
  for (const auto& [bit, letter] : letters) text += (allowed.raw & bit) != 0 ? letter : '-';
  return text;
}

/// What the guest hands over.
struct evidence {
  bytes manifest;
  bytes report;
};

/// Who wants to know: it has a nonce for each question, and remembers the last counter that it believed.
class far_verifier {
 public:
  far_verifier(const svsm_host& host, bytes kernel)
      : key_(crypto::p384_verifier::make(host.chip_key()).value()), claims_(host.chip_claims()) {
    const auto digest = crypto::sha384_of(kernel);
    expected_.ranges = {{kernel_text, {digest.begin(), digest.end()}}};
    expected_.known_svsms = {host.launch_digest()};
    expected_.platform = {.policy = 0x3'0000, .policy_mask = ~std::uint64_t{}};
    expected_.tcb_format = claims_.format;
  }

  [[nodiscard]] auto ask() -> const std::array<std::uint8_t, 64>& {
    random_(expected_.nonce);
    tell(speaker::verifier, speaker::guest,
         fmt::format("nonce {:02x}{:02x}{:02x}{:02x}...: gPA {:#x}, {:#x} bytes", expected_.nonce[0],
                     expected_.nonce[1], expected_.nonce[2], expected_.nonce[3], kernel_text.first.value,
                     kernel_text.bytes));
    return expected_.nonce;
  }
  [[nodiscard]] auto judge(svsm_host::context_type& ctx, const evidence& given) -> verdict_on_measurement {
    tell(speaker::guest, speaker::verifier,
         fmt::format("manifest, {} bytes; report, {} bytes", given.manifest.size(), given.report.size()));
    const auto found = svsm::check_measurement(ctx, given.report, given.manifest, key_, claims_, expected_);
    if (found) expected_.last_counter = found->counter;
    return found;
  }

 private:
  crypto::p384_verifier key_;
  firmware::vcek_claims claims_;
  svsm::measurement_expectations expected_;
  crypto::repeatable_random random_{2031};
};

class measurement_story {
 public:
  explicit measurement_story(checker& verdict) : verdict_(verdict) {}

  void boot() {
    host_.boot();
    fmt::print("\n  {:27} {:>9}  {:>6}  {:>6}\n", "page, by its RMP entry", "gPA", "VMPL 0", "VMPL 2");
    constexpr std::pair<const char*, gpa> shown[] = {{"the SVSM", svsm_map::own},
                                                     {"its SECRETS page", svsm_map::own_secrets},
                                                     {"the guest's SECRETS page", svsm_map::secrets},
                                                     {"the guest's calling area", svsm_map::caa},
                                                     {"the guest's VMSA", svsm_map::vmsa},
                                                     {"the guest's kernel", svsm_map::kernel}};
    for (const auto& [what, page] : shown) {
      const rmp::entry entry = host_.entry_of(page);
      fmt::print("  {:27} {:>#9x}  {:>6}  {:>6}\n", what, page.value, rights_of(entry.allowed[0]),
                 rights_of(entry.allowed[svsm_host::level.value]));
    }
    std::array<std::uint8_t, 8> word{};
    const auto own = host_.read(svsm_map::own_secrets, word);
    const auto state = host_.write(svsm_map::vmsa, word);
    const auto accepted = host_.pvalidate(svsm_map::spare);
    const bool refused = !own && !state && !(accepted && accepted->succeeded());
    verdict_.check(refused, "The guest cannot read the SVSM's keys, write its own VMSA, or validate a page.");
    if (!own) print_rule(own.error().decided_by);
  }

  void measure() {
    fmt::print("\nThe kernel asks for a measurement of itself\n");
    bytes kernel(kernel_text.bytes);
    if (!host_.read(kernel_text.first, kernel)) throw std::logic_error("the guest cannot read its kernel");
    verifier_.emplace(host_, kernel);
    first_ = ask(kernel_text);
    const auto found = judge(first_);
    verdict_.check(found && found->counter == 1 && found->level == svsm_host::level.value,
                   "The verifier believes it: VMPL 0 of a known SVSM, on this chip, measured these pages.");
  }

  void swap_pages() {
    fmt::print("\nSomebody changes the kernel\n");
    constexpr std::array<std::uint8_t, 2> patch{0xeb, 0xfe};
    if (!host_.write(svsm_map::kernel + 0x234, patch)) throw std::logic_error("the guest cannot write its kernel");
    const auto patched = judge(ask(kernel_text));
    expect(patched, svsm::measurement_refusal::digest, "a kernel can ask, but not choose");

    fmt::print("\nThe same, with a clean copy elsewhere\n");
    const auto copied = judge(ask({svsm_map::spare, guest_page_bytes}));
    expect(copied, svsm::measurement_refusal::ranges, "they are signed, too");

    fmt::print("\nThe hypervisor puts another page there while the SVSM measures\n");
    constexpr std::array<std::uint8_t, 2> clean{0x90, 0x90};
    if (!host_.write(svsm_map::kernel + 0x234, clean)) throw std::logic_error("the guest cannot write its kernel");
    host_.map(svsm_map::kernel, spa{0x270'0000});
    const evidence after = ask(kernel_text);
    const auto& entered = host_.last_entry();
    verdict_.check(entered && entered->what == svsm::entry_end::answered && judge(after).has_value(),
                   "#NPF is the hypervisor's: it can stop the SVSM, or put the page back. The rest is as before.");
  }

  void replay() {
    fmt::print("\nThe kernel shows an old answer\n");
    (void)verifier_->ask();
    expect(judge(first_), svsm::measurement_refusal::binding, "the nonce is in what is signed");

    fmt::print("\nThe hypervisor answers a call by itself\n");
    host_.answer_alone(true);
    const auto call = svsm::call_once(host_.ctx(), host_, {measure_and_attest, svsm_map::request.value});
    host_.answer_alone(false);
    verdict_.check(call.what == svsm::call_verdict::not_served, fmt::format("{}.", name_of(call.what)));
    print_rule(call.decided_by);
  }

  void validate_twice() {
    fmt::print("\nThe hypervisor has a second page for an address that is in use\n");
    const gpa page = svsm_map::spare;
    constexpr std::array<std::uint8_t, 4> mine{'m', 'i', 'n', 'e'};
    if (!host_.write(page, mine)) throw std::logic_error("the guest cannot write its page");
    host_.map(page, host_.prepare(page));
    std::array<std::uint8_t, 16> list{1};
    layout::write_le(list.data() + 8, page.value | 4);
    if (!host_.write(svsm_map::list, list)) throw std::logic_error("the guest cannot write its list");
    const auto call = svsm::call_once(host_.ctx(), host_, {validate, svsm_map::list.value});
    const auto& entered = host_.last_entry();
    const bool second_validated = host_.entry_of(page).validated;
    host_.unmap_again(page);
    std::array<std::uint8_t, 4> found{};
    const bool kept = host_.read(page, found).has_value() && found == mine;
    verdict_.check(
        call.what == svsm::call_verdict::failed && !second_validated && kept,
        fmt::format("Even if the guest asks for it: {:#x}. Old data could return else.", call.registers.rax));
    if (entered) print_rule(entered->decided_by);
  }

 private:
  /// The guest kernel: a request, a call, and what it gets is what it hands over.
  [[nodiscard]] auto ask(const svsm::measured_range& range) -> evidence {
    const svsm::measurement_request request{.nonce = verifier_->ask(),
                                            .response = {svsm_map::answer, guest_page_bytes},
                                            .report = {svsm_map::report, guest_page_bytes},
                                            .ranges = {range}};
    if (!host_.write(svsm_map::request, svsm::write_request(request)))
      throw std::logic_error("the guest cannot write its request");
    const auto call = svsm::call(host_.ctx(), host_, {measure_and_attest, svsm_map::request.value});
    if (call.what != svsm::call_verdict::done)
      throw std::logic_error(fmt::format("a measurement was {}: {:#x}", name_of(call.what), call.registers.rax));
    evidence given{.manifest = bytes(call.registers.rcx), .report = bytes(call.registers.r8)};
    if (!host_.read(svsm_map::answer, given.manifest) || !host_.read(svsm_map::report, given.report))
      throw std::logic_error("the guest cannot read its buffers");
    return given;
  }
  [[nodiscard]] auto judge(const evidence& given) -> verdict_on_measurement {
    return verifier_->judge(host_.ctx(), given);
  }
  void expect(const verdict_on_measurement& found, svsm::measurement_refusal wanted, std::string_view why) {
    const bool refused = !found && found.error().why == wanted;
    verdict_.check(refused,
                   fmt::format("The verifier refuses: {}; {}.", found ? "?" : name_of(found.error().why), why));
    if (!found && !told_) print_rule(found.error().decided_by);
    if (!found && told_) fmt::print("  {}\n", info(found.error().decided_by).name);
    told_ = true;
  }

  checker& verdict_;
  svsm_host host_;
  std::optional<far_verifier> verifier_;
  evidence first_;
  bool told_ = false;  ///< the verifier's rule has been printed
};

}  // namespace

void show_measurement(checker& verdict) {
  fmt::print("sevspec tour, part 5: what a kernel can prove of its own memory\n\n{}\n\n",
             wrapped("At VMPL 0 of this guest runs an SVSM. Its guest's kernel runs at VMPL 2, and calls it: by a page "
                     "of its own memory, and by asking the hypervisor to run VMPL 0. The SVSM measures memory, and has "
                     "the AMD-SP sign that it did. Neither kernel nor hypervisor is believed:",
                     line_width, 0));
  measurement_story story{verdict};
  story.boot();
  story.measure();
  story.swap_pages();
  story.replay();
  story.validate_twice();
}

}  // namespace sevspec::tool
