// SPDX-License-Identifier: MIT
// What others hand to the firmware's functions: images, messages, tables of secrets, certificates, reports, sessions.
// Whatever the bytes are, they are read, or refused at a place inside them; and nobody's signature is anybody's.
//
//     byte  0     which of them
//           1...  the bytes
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/firmware/secret_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using namespace sevspec::firmware;
using bytes_view = std::span<const std::uint8_t>;

auto own_key() -> const crypto::p384_private_key& {
  static const crypto::p384_private_key made = crypto::p384_private_key::from_wide({});
  return made;
}

void check_image(bytes_view bytes) {
  const auto image = parse_guest_image(bytes);
  if (!image) {
    demand(image.error().offset <= bytes.size(), "what is wrong with an image is inside it");
    demand(text_of(image.error().what)[0] != '?', "every error has a text");
    return;
  }
  std::uint64_t memory = 0;
  if (image->sections)
    for (const image_section& one : *image->sections) memory += one.size;
  if (memory > 0x10'0000) return;  // takes long, and has nothing new
  launch_recipe recipe{.vcpus = 2, .kernel = kernel_hashes{}, .after_image = snp_digest{}};
  for (const auto vmm : {layout::vmm_kind::qemu, layout::vmm_kind::ec2, layout::vmm_kind::gce}) {
    recipe.vmm = vmm;
    const auto digest = snp_launch_digest(*image, recipe);
    if (digest) demand(*digest != snp_digest{}, "a digest is no zeros");
    else demand(text_of(digest.error().what)[0] != '?', "every error has a text");
    demand(digest.has_value() == snp_launch_digest(*image, recipe).has_value(), "a measurement repeats");
  }
  static_cast<void>(legacy_digest_of(*image, recipe, true));
  static_cast<void>(svsm_launch_digest(bytes, *image, 0x1000, recipe));
}

void check_message(bytes_view bytes) {
  const auto message = parse_message(bytes);
  if (!message) {
    demand(message.error().offset <= bytes.size(), "what is wrong with a message is inside it");
    return;
  }
  const std::size_t size = message->payload.size();
  demand(size != 0 && size % 16 == 0 && size + message_header_bytes <= bytes.size(), "payloads are inside");
  std::vector<std::uint8_t> payload(size, 0xEE);
  demand(!open_message({}, *message, payload), "nobody's message is anybody's");
  demand(std::ranges::all_of(payload, [](std::uint8_t byte) { return byte == 0; }), "nothing is left of it");
  // Sealed again it opens.
  std::vector<std::uint8_t> again(message_header_bytes + std::min(size, largest_message_payload));
  const auto text = std::span{payload}.first(again.size() - message_header_bytes);
  seal_message({}, message->info(), text, again);
  const auto parsed = parse_message(again);
  demand(parsed && parsed->info() == message->info(), "a message keeps its header");
  demand(open_message({}, *parsed, text).has_value(), "a message opens with its key");
}

void check_secrets(bytes_view bytes) {
  std::size_t seen = 0;
  std::vector<guest_secret> secrets;
  const auto count = for_each_secret(bytes, [&](std::span<const std::uint8_t, 16> name, bytes_view data) {
    demand(name.data() >= bytes.data() && data.data() + data.size() <= bytes.data() + bytes.size(),
           "secrets lie inside");
    secrets.push_back({layout::guid{{}}, data});
    ++seen;
  });
  if (!count) {
    demand(count.error().offset <= bytes.size(), "what is wrong with a table is inside it");
    return;
  }
  demand(*count == seen, "secrets are counted");
  const auto table = make_secret_table(secrets);
  demand(for_each_secret(table, [](auto, auto) {}) == seen, "a table that was made can be read");
}

void check_root(bytes_view bytes) {
  const auto root = parse_amd_certificate(bytes);
  if (!root) {
    demand(root.error().offset <= bytes.size(), "what is wrong with a certificate is inside it");
    return;
  }
  demand(root->signed_bytes.size() + root->signature.size() == bytes.size(),
         "a certificate is what is signed and its signature");
  static_cast<void>(is_signed_by(*root, *root));
}

void check_platform(bytes_view bytes) {
  layout::sev_cert certificate;
  std::copy_n(bytes.begin(), std::min(bytes.size(), certificate.bytes().size()), certificate.data());
  context<> ctx;
  const certifying_key own{
      .usage = key_usage::oca, .algorithm = key_algorithm::ecdsa_sha256, .key = own_key().public_key()};
  demand(!check_certificate(ctx, certificate, own), "nobody's certificate is anybody's");
  if (const auto self = certifying_key_of(certificate)) static_cast<void>(check_certificate(ctx, certificate, *self));
}

void check_report_bytes(bytes_view bytes) {
  const auto report = layout::parse_report(bytes);
  if (!report) return;
  static const auto verifier = crypto::p384_verifier::make(own_key().public_key());
  context<> ctx;
  const auto checked = check_report(ctx, *report, *verifier, {});
  demand(!checked && checked.error().offset < bytes.size(), "nobody's report is anybody's");
  const auto contents = check_contents(*report, {.policy_mask = ~std::uint64_t{}}, layout::tcb_format::turin);
  demand(contents.has_value() == (report->policy().raw == 0), "a policy is compared");
}

void check_session(bytes_view bytes) {
  layout::sev_session session;
  layout::sev_packet_header header;
  cursor in(bytes.data(), bytes.size());
  in.fill(session.bytes());
  in.fill(header.bytes());
  context<> ctx;
  demand(!unwrap_session(ctx, {}, session, {}), "nobody's session is anybody's");
  std::vector<std::uint8_t> data(in.rest().begin(), in.rest().end());
  demand(!open_packet(ctx, {}, data_packet(), header, data, data), "nobody's packet is anybody's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const unsigned kind = in.byte() % 7;
  const std::vector<std::uint8_t> bytes(in.rest().begin(), in.rest().end());  // so that a byte too far is noticed
  switch (kind) {
    case 0:  check_image(bytes); break;
    case 1:  check_message(bytes); break;
    case 2:  check_secrets(bytes); break;
    case 3:  check_root(bytes); break;
    case 4:  check_platform(bytes); break;
    case 5:  check_report_bytes(bytes); break;
    default: check_session(bytes); break;
  }
  return 0;
}
