// SPDX-License-Identifier: MIT
// sevspec tour, part 3: an SNP guest from its first page to a report that somebody far away believes.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/firmware/snp_init.hpp>
#include <sevspec/layout/id_block.hpp>
#include <sevspec/layout/report.hpp>

#include "rule_text.hpp"
#include "tour.hpp"
#include "tour_hypervisor.hpp"
#include "tour_image.hpp"
#include "x509.hpp"
#include "x509_issue.hpp"

namespace sevspec::tool {

namespace {

namespace fw = firmware;
using page_type = fw::snp_page_type;
using bytes = std::vector<std::uint8_t>;

constexpr spa id_block_page{0x20'1000};
constexpr spa id_auth_page{0x20'2000};
constexpr spa request_page{0x20'3000};
constexpr spa response_page{0x20'4000};
constexpr layout::snp_guest_policy guest_policy{0x3'0000};  ///< SMT is allowed; bit 17 is always set

[[nodiscard]] auto name_of(page_type type) -> const char* {
  switch (type) {
    case page_type::normal:     return "NORMAL";
    case page_type::vmsa_:      return "VMSA";
    case page_type::zero:       return "ZERO";
    case page_type::unmeasured: return "UNMEASURED";
    case page_type::secrets:    return "SECRETS";
    case page_type::cpuid:      return "CPUID";
  }
  return "?";
}

/// What Google's hypervisor makes of an image: it alone has pages of all six types.
[[nodiscard]] auto loads_of(const fw::guest_image& image, const fw::launch_recipe& recipe) -> std::vector<launch_load> {
  std::vector<launch_load> all;
  all.push_back(
      {page_type::normal, {0x1'0000'0000 - image.bytes.size()}, bytes(image.bytes.begin(), image.bytes.end())});
  for (const fw::image_section& one : image.sections.value()) {
    const page_type type = one.type == fw::section_type::memory    ? page_type::unmeasured
                           : one.type == fw::section_type::secrets ? page_type::secrets
                           : one.type == fw::section_type::cpuid   ? page_type::cpuid
                                                                   : page_type::zero;
    all.push_back({type, {one.where}, bytes(one.size)});
  }
  const auto vmsa = fw::vmsas_of(image, recipe, true).value().first;
  all.push_back({page_type::vmsa_, fw::kvm_vmsa_gpa, bytes(vmsa.bytes().begin(), vmsa.bytes().end())});
  return all;
}

/// The ID block of who owns the guest: only this launch digest and this policy may run under this name.
void hand_over_identity(hypervisor& host, const fw::snp_digest& digest, const crypto::p384_private_key& id_key) {
  layout::id_block block;
  block.set_ld(digest);
  block.set_version(1);
  block.set_policy(guest_policy);
  layout::id_auth auth;
  auth.set_id_key_algo(layout::snp_signature_algorithms::ecdsa_p384_sha384);
  auth.set_id_key(fw::structure_of(id_key.public_key()));
  auth.set_id_block_sig(fw::structure_of(crypto::sha384_signer{id_key}.sign(block.bytes())));
  host.write(id_block_page, block.bytes());
  host.write(id_auth_page, auth.bytes());
}

/// The certificates of the model's chip: VCEK, ASK, ARK.
[[nodiscard]] auto issue_chain(const snp_machine& m, crypto::repeatable_random& random) -> std::vector<certificate> {
  const auto root = crypto::p384_private_key::generate(random);
  const auto authority = crypto::p384_private_key::generate(random);
  const std::uint64_t tcb = fw::reported_tcb(m);
  const auto vcek = fw::vcek_of(fw::endorsement_seed_of(m.hw.chip_secret, tcb));
  const fw::vcek_claims claims{
      .tcb = layout::tcb_components(tcb, m.hw.tcb_order), .format = m.hw.tcb_order, .hardware_id = m.hw.chip_id};
  std::vector<certificate> chain;
  chain.push_back(issue({.subject = "SEV-VCEK", .key = vcek.public_key(), .vcek = claims}, "SEV-Model", authority));
  chain.push_back(issue({.subject = "SEV-Model", .key = authority.public_key()}, "ARK-Model", root));
  chain.push_back(issue({.subject = "ARK-Model", .key = root.public_key()}, "ARK-Model", root));
  return chain;
}

[[nodiscard]] auto hex_digits(std::span<const std::uint8_t> what) -> std::string {
  std::string digits;
  for (const std::uint8_t byte : what) digits += fmt::format("{:02x}", byte);
  return digits;
}

void print_row(std::string_view what, std::string_view where, std::string_view guest, std::string_view states) {
  fmt::print("  {:29} {:>9}  {:>14}  {}\n", what, where, guest, states);
}

[[nodiscard]] auto at(std::uint64_t address) -> std::string { return fmt::format("{:#x}", address); }

/// The story's machine and people.
class launch_story {
 public:
  launch_story(checker& verdict, const fw::guest_image& image) : verdict_(verdict), image_(image) {
    recipe_.vmm = layout::vmm_kind::gce;
    expected_ = fw::snp_launch_digest(image_, recipe_).value();
    hand_over_identity(host_, expected_, crypto::p384_private_key::generate(random_));
  }

  void launch() {
    const auto context = at(first_.context.value);
    print_row("instruction or command", "sPA", "gPA", "what the page is, by its RMP entry");
    host_.initialize();
    print_row("SNP_INIT", "", "",
              fmt::format("{}; the RMP itself: {}", state_of(first_.context),
                          state_of({machine_.hw.threads[0].registers.rmp_base})));
    host_.create(first_);
    print_row("RMPUPDATE, SNP_GCTX_CREATE", context, "", host_.noted());
    host_.start(first_, guest_policy);
    print_row("SNP_LAUNCH_START", context, "", fmt::format("{}, of a guest in LAUNCH", state_of(first_.context)));
    const std::string dirty = slot_state();
    host_.flush();
    const std::string clean = slot_state();
    print_row("WBINVD, SNP_DF_FLUSH", "", "", fmt::format("ASID 1: {} -> {}", dirty, clean));
    host_.activate(first_);
    print_row("SNP_ACTIVATE", context, "", fmt::format("ASID 1: {} -> {}", clean, slot_state()));
    fmt::print("  RMPUPDATE, SNP_LAUNCH_UPDATE\n");
    load_pages();
    const fw::status finished = host_.finish(first_, id_block_page, id_auth_page);
    print_row("SNP_LAUNCH_FINISH, ID block", context, "",
              fmt::format("{}; ASID 1: {}", fw::name_of(finished), slot_state()));
    verdict_.check(all_are_the_guests(), fmt::format("All {} pages are the guest's, and no other page is.", pages_));

    const auto& digest = record(first_).launch_digest;
    fmt::print("  Launch digest:\n  {}\n", hex_digits(digest));
    verdict_.check(finished == fw::status::success && digest == expected_,
                   "`sevspec measure` finds it from the image alone, and the owner's ID block names it.");
  }

  void attest() {
    fmt::print("\nThe guest asks for a report\n");
    guest_program guest{machine_, first_};
    const bool own = guest.key() == record(first_).vmpck[0];
    const bytes seen = host_.read(first_.secrets + 0x20, 32);
    verdict_.check(own && !std::ranges::equal(seen, guest.key()),
                   "It finds VMPCK 0 in its SECRETS page; the hypervisor reads ciphertext there.");
    std::array<std::uint8_t, 64> nonce{};
    random_(nonce);
    host_.write(request_page, guest.ask_for_report(nonce));
    host_.give_to_firmware(response_page);
    print_row("RMPUPDATE, for the response", at(response_page.value), "", host_.noted());
    const fw::status carried = host_.carry(first_, request_page, response_page);
    print_row("SNP_GUEST_REQUEST", "", "", fw::name_of(carried));
    host_.take_back(response_page);
    print_row("SNP_PAGE_RECLAIM, RMPUPDATE", at(response_page.value), "", host_.noted());
    const bytes payload = guest.open(host_.read(response_page, guest_page_bytes));
    constexpr std::size_t head = 0x20;
    constexpr std::size_t report_bytes = layout::size_of<layout::attestation_report_v5>;
    const bool opened = payload.size() >= head + report_bytes && layout::read_le<std::uint32_t>(payload.data()) == 0;
    verdict_.check(carried == fw::status::success && opened,
                   "The guest opens the answer with the same key: it is the second message, and holds a report.");
    if (opened) believe(std::span{payload}.subspan(head, report_bytes), nonce);
  }

  void attack() {
    fmt::print("\nTwo things that a hypervisor may try\n");
    const guest_slot second{.id = {2}, .context = {0x110'0000}, .first_page = {0x220'0000}};
    host_.create(second);
    host_.start(second, guest_policy);
    host_.activate(second);
    auto loads = loads_of(image_, recipe_);
    loads.front().contents[0x2345] ^= 1;
    spa next = second.first_page;
    for (const launch_load& one : loads) {
      host_.add(second, next, one);
      next = next + one.contents.size();
    }
    const fw::status finished = host_.finish(second, id_block_page, id_auth_page);
    const bool waits = record(second).state == layout::snp_guest_state::launch;
    verdict_.check(finished == fw::status::bad_measurement && host_.last_refusal() == rule::FW_SNP_LFIN_04 && waits,
                   fmt::format("The same launch with one bit changed: {}; the digest is {}...", fw::name_of(finished),
                               hex_digits(std::span{record(second).launch_digest}.first(8))));
    print_rule(host_.last_refusal());

    host_.give_to_firmware(response_page);
    const bytes before = host_.read(response_page, guest_page_bytes);
    const fw::status again = host_.carry(first_, request_page, response_page);
    verdict_.check(again == fw::status::aead_oflow && host_.last_refusal() == rule::FW_MSG_16 &&
                       host_.read(response_page, guest_page_bytes) == before,
                   fmt::format("The guest's request once more: {}, and no answer.", fw::name_of(again)));
    print_rule(host_.last_refusal());
  }

 private:
  void load_pages() {
    spa next = first_.first_page;
    for (const launch_load& one : loads_of(image_, recipe_)) {
      host_.add(first_, next, one);
      const std::size_t count = one.contents.size() / guest_page_bytes;
      print_row(fmt::format("  {} {} {}", count, name_of(one.type), count == 1 ? "page" : "pages"), at(next.value),
                at(one.where.value), host_.noted());
      if (one.type == page_type::secrets) first_.secrets = next;
      next = next + one.contents.size();
      pages_ += count;
    }
  }
  [[nodiscard]] auto all_are_the_guests() const -> bool {
    for (std::uint64_t i = 0; i < pages_; ++i)
      if (rmp::state_of(machine_.rmp, page_of(first_.first_page + i * guest_page_bytes)) !=
          rmp::page_state::guest_valid)
        return false;
    return std::cmp_equal(machine_.rmp.pages_of(first_.id), pages_);
  }
  [[nodiscard]] auto state_of(spa page) const -> const char* {
    return rmp::name_of(rmp::state_of(machine_.rmp, page_of(page)));
  }
  [[nodiscard]] auto record(const guest_slot& guest) const -> const fw::snp_guest& {
    return machine_.sp.contexts.at(guest.context.value);
  }
  [[nodiscard]] auto slot_state() const -> std::string {
    return memory::name_of(machine_.asids.state_of(first_.id, {0}));
  }

  /// What the guest's owner does with a report.
  void believe(std::span<const std::uint8_t> received, const std::array<std::uint8_t, 64>& nonce) {
    fmt::print("\nIts owner, far away, looks at the report\n");
    const auto report = layout::parse_report(received);
    const auto chain = issue_chain(machine_, random_);
    const auto flaw = flaw_of_chain({chain[0].get(), chain[1].get(), chain[2].get()});
    verdict_.check(!flaw, flaw.value_or("The chip's certificate is of " + subject_of(*chain[1]) + ", that one of " +
                                        subject_of(*chain[2]) + ", which signs itself."));
    const auto vcek = vcek_in(*chain[0]);
    const auto verifier = vcek ? crypto::p384_verifier::make(vcek->key) : std::nullopt;
    if (!report || !verifier) {
      verdict_.check(false, "The report and the certificate can be read.");
      return;
    }
    context<> ctx;
    const auto made = fw::check_report(ctx, *report, *verifier, vcek->claims);
    verdict_.check(made.has_value(), made ? "The certificate's key signed the report; it names the same chip and TCB."
                                          : text_of(made.error().why));
    const auto says = fw::check_contents(*report,
                                         {.policy = guest_policy.raw,
                                          .policy_mask = ~std::uint64_t{},
                                          .highest_vmpl = 0,
                                          .measurement = expected_,
                                          .report_data = nonce},
                                         vcek->claims.format);
    verdict_.check(says.has_value(),
                   says ? "It names the launch digest, the policy, VMPL 0, and the owner's 64 random bytes."
                        : text_of(says.error().why));
  }

  checker& verdict_;
  fw::guest_image image_;
  fw::launch_recipe recipe_{};
  fw::snp_digest expected_{};
  std::uint64_t pages_ = 0;
  crypto::repeatable_random random_{2026};
  snp_machine machine_ = make_snp_machine();
  hypervisor host_{machine_};
  guest_slot first_{.id = {1}, .context = {0x100'0000}, .first_page = {0x210'0000}};
};

}  // namespace

void show_launch(checker& verdict) {
  const bytes image = make_guest_image();
  const auto parsed = fw::parse_guest_image(image);
  if (!parsed) throw std::logic_error(text_of(parsed.error().what));
  fmt::print(
      "sevspec tour, part 3: from a firmware image to a report\n\n{}\n\n",
      wrapped("A hypervisor launches an SNP guest from a firmware image of four pages. The AMD-SP is the library's "
              "model, and so is its chip. What the guest is made of, the image says itself; each page changes hands "
              "until it is the guest's:",
              line_width, 0));
  launch_story story{verdict, *parsed};
  story.launch();
  story.attest();
  story.attack();
}

}  // namespace sevspec::tool
