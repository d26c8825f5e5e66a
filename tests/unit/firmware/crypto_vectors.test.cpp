// SPDX-License-Identifier: MIT
// Every vector of tests/data/firmware/crypto.json.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/derived_key.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/guest_image/kernel_hashes.hpp>
#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_report.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/secret_table.hpp>
#include <sevspec/firmware/snp_swap.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/processor_signature.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;
using nlohmann::json;

/// Compares hexadecimal text; tells Catch, too.
auto same(const std::string& got, const json& want) -> bool {
  CHECK(got == want.get<std::string>());
  return got == want.get<std::string>();
}

/// All of them; every one has been evaluated.
auto all_of(std::initializer_list<bool> checks) -> bool { return std::ranges::find(checks, false) == checks.end(); }

auto guid_of(std::string text) -> layout::guid {
  std::erase(text, '-');
  return layout::guid{array_of<16>(json(text))};
}

auto policy_of(const json& value) -> layout::sev_guest_policy { return {static_cast<std::uint32_t>(number_of(value))}; }

auto check_kdf(const json& v) -> bool {
  REQUIRE(v.at("out_len") == 16);
  return same(to_hex(crypto::derive_key<16>(bytes_of(v.at("key")), v.at("label").get<std::string>(),
                                            bytes_of(v.at("context")))),
              v.at("expected"));
}

auto check_kdf_chain(const json& v) -> bool {
  const auto keys = derive_session_keys(bytes_of(v.at("z")), array_of<16>(v.at("nonce")));
  const json& want = v.at("expected");
  return all_of({same(to_hex(keys.master), want.at("master")), same(to_hex(keys.kek), want.at("kek")),
                 same(to_hex(keys.kik), want.at("kik"))});
}

auto check_session(const json& v) -> bool {
  const auto nonce = array_of<16>(v.at("nonce"));
  const auto keys = derive_session_keys(bytes_of(v.at("z")), nonce);
  const transport_keys transported{.tek = array_of<16>(v.at("tek")), .tik = array_of<16>(v.at("tik"))};
  const auto policy = policy_of(v.at("policy"));
  const auto session = wrap_session(keys, transported, nonce, array_of<16>(v.at("wrap_iv")), policy);
  const json& want = v.at("expected");
  context<> ctx;
  const auto opened = unwrap_session(ctx, keys, session, policy);
  CHECK((opened && *opened == transported));
  return all_of({same(to_hex(session.wrap_tk()), want.at("wrap_tk")),
                 same(to_hex(session.wrap_mac()), want.at("wrap_mac")),
                 same(to_hex(session.policy_mac()), want.at("policy_mac")), (opened && *opened == transported)});
}

auto check_ecdh(const json& v) -> bool {
  const byte_vector scalar = bytes_of(v.at("d_a_be"));
  crypto::p384_bytes d{};
  std::copy(scalar.rbegin(), scalar.rend(), d.rbegin());
  const auto key = crypto::p384_private_key::from_big_endian(d);
  REQUIRE(key);
  const auto z = crypto::ecdh_p384(*key, key_of(v.at("qx_b_le72"), v.at("qy_b_le72")));
  REQUIRE(z);
  return same(to_hex(*z), v.at("expected_z_be48"));
}

auto check_launch_measure(const json& v) -> bool {
  const auto byte = [&](const char* name) { return static_cast<std::uint8_t>(number_of(v.at(name))); };
  const auto mnonce = array_of<16>(v.at("mnonce"));
  const auto measure = launch_measure(array_of<16>(v.at("tik")),
                                      {.major = byte("api_major"), .minor = byte("api_minor"), .build = byte("build")},
                                      policy_of(v.at("policy")), array_of<32>(v.at("launch_digest")), mnonce);
  const bool right = same(to_hex(measure), v.at("expected_measure"));
  if (!v.contains("expected_blob")) return right;
  return all_of({right, same(to_hex(measure) + to_hex(mnonce), v.at("expected_blob"))});
}

auto check_kernel_table(const json& v) -> bool {
  const auto hashes =
      hashes_of_kernel(bytes_of(v.at("kernel_hex")), bytes_of(v.at("initrd_hex")), v.at("cmdline").get<std::string>());
  return same(to_hex(table_of(hashes)), v.at("expected_table_hex"));
}

auto check_vmsa(const json& v) -> bool {
  REQUIRE(v.at("vmm") == "qemu");
  const layout::processor_identity processor{v.at("family"), v.at("model"), v.at("stepping")};
  REQUIRE(number_of(v.at("eip")) == layout::bsp_start);
  REQUIRE(number_of(v.at("sev_features")) == 0);
  // The tool's page is that of a KVM that copies no floating-point state.
  const auto pages =
      vmsas_of({}, {.cpu_signature = layout::signature_of_identity(processor), .fpu_state = false}, false);
  REQUIRE(pages);
  const auto& page = pages->first;
  if (const auto file = firmware_file(v.at("expected_file"))) {
    const bool equal = std::equal(file->begin(), file->end(), page.bytes().begin(), page.bytes().end());
    CHECK(equal);
  }
  return same(to_hex(crypto::sha256_of(page.bytes())), v.at("expected_sha256"));
}

auto check_launch_secret(const json& v) -> bool {
  std::vector<byte_vector> contents;
  for (const json& one : v.at("secret_hex")) contents.push_back(bytes_of(one));
  std::vector<guest_secret> secrets;
  for (std::size_t i = 0; i < contents.size(); ++i) secrets.push_back({guid_of(v.at("guid").at(i)), contents[i]});
  const byte_vector table = make_secret_table(secrets);
  const transport_keys keys{.tek = array_of<16>(v.at("tek")), .tik = array_of<16>(v.at("tik"))};
  const auto measure = array_of<32>(v.at("launch_measure"));
  byte_vector payload(table.size());
  REQUIRE(number_of(v.at("flags")) == 0);
  const auto header = seal_packet(keys, secret_packet(measure), array_of<16>(v.at("iv")), table, payload);
  byte_vector opened(table.size());
  context<> ctx;
  const bool opens = open_packet(ctx, keys, secret_packet(measure), header, payload, opened).has_value();
  CHECK(opens);
  CHECK(opened == table);
  const json& want = v.at("expected");
  return all_of({same(to_hex(table), want.at("table")), same(to_hex(header.bytes()), want.at("header")),
                 same(to_hex(payload), want.at("payload")), (opens && opened == table)});
}

auto check_send_update(const json& v) -> bool {
  const transport_keys keys{.tek = array_of<16>(v.at("tek")), .tik = array_of<16>(v.at("tik"))};
  const byte_vector plaintext = bytes_of(v.at("plaintext"));
  byte_vector transport(plaintext.size());
  const auto header = seal_packet(keys, data_packet(), array_of<16>(v.at("iv")), plaintext, transport);
  const json& want = v.at("expected");
  return all_of({same(to_hex(header.bytes()), want.at("header")), same(to_hex(transport), want.at("transport"))});
}

auto check_legacy_report(const json& v) -> bool {
  REQUIRE(v.at("expected") == "signature valid over bytes 0x00..0x33");
  const auto pek = crypto::p384_verifier::make(key_of(v.at("pek_qx_le72"), v.at("pek_qy_le72")));
  REQUIRE(pek);
  const layout::sev_attestation_report report{array_of<0xD0>(v.at("report"))};
  const bool valid = verify_legacy_report(report, *pek).has_value();
  CHECK(valid);
  // Exactly these bytes: a change in any of them is noticed, and in what lies behind them the signature does not care.
  for (std::size_t i = 0; i < 0x34; ++i) {
    auto changed = report;
    changed.data()[i] ^= 1;
    const auto refused = verify_legacy_report(changed, *pek);
    CHECK((!refused && refused.error() == legacy_report_error::signature));
  }
  return valid;
}

auto check_guest_message(const json& v) -> bool {
  const auto key = array_of<32>(v.at("vmpck"));
  const byte_vector payload = bytes_of(v.at("payload"));
  const message_info info{.type = static_cast<layout::snp_message_types>(number_of(v.at("msg_type"))),
                          .version = v.at("msg_version"),
                          .vmpck = v.at("msg_vmpck"),
                          .sequence = v.at("seqno")};
  byte_vector message(message_header_bytes + payload.size());
  seal_message(key, info, payload, message);
  const auto parsed = parse_message(message);
  REQUIRE(parsed);
  CHECK(parsed->info() == info);
  byte_vector opened(payload.size());
  CHECK(open_message(key, *parsed, opened).has_value());
  CHECK(opened == payload);
  return all_of({same(to_hex(message), v.at("expected_message")), (opened == payload)});
}

auto check_derived_key(const json& v) -> bool {
  const auto mix = array_of<0xA8>(v.at("mix"));
  CHECK(mix_of({.select = layout::msg_key_req_guest_field_select{}.set_guest_policy(true), .policy = 0x30000}) == mix);
  return same(to_hex(derive_guest_key(bytes_of(v.at("root_seed")), mix)), v.at("expected"));
}

auto check_vcek_seed(const json& v) -> bool {
  const auto tcb = array_of<8>(v.at("tcb_bytes"));
  return same(to_hex(endorsement_seed_of(array_of<48>(v.at("base_seed")), get_le(tcb, 0, 8))), v.at("expected_seed"));
}

auto check_snp_swap(const json& v) -> bool {
  REQUIRE(v.at("plaintext_rule") == "byte i = (i*i) & 0xff, i=0..4095");
  byte_vector page(4096);
  for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(i * i & 0xFF);
  byte_vector sealed(page.size());
  const auto key = array_of<32>(v.at("oek"));
  const auto tag = seal_swapped_page(key, v.at("iv_counter"), page, sealed);
  byte_vector opened(page.size());
  CHECK(open_swapped_page(key, v.at("iv_counter"), tag, sealed, opened));
  CHECK(opened == page);
  CHECK_FALSE(open_swapped_page(key, number_of(v.at("iv_counter")) + 1, tag, sealed, opened));
  CHECK(opened == byte_vector(4096));
  const json& want = v.at("expected");
  return all_of({same(to_hex(crypto::sha256_of(sealed)), want.at("ciphertext_sha256")),
                 same(to_hex(std::span{sealed}.first(16)), want.at("first16")),
                 same(to_hex(tag), want.at("auth_tag"))});
}

auto check_page_info(const json& v) -> bool {
  bool right = true;
  for (const json& step : v.at("steps")) {
    launch_page page{.type = static_cast<snp_page_type>(number_of(step.at("page_type"))),
                     .where = gpa{number_of(step.at("gpa"))},
                     .imi = number_of(step.at("imi")) != 0};
    for (std::size_t i = 0; i < 3; ++i) page.allowed[i].raw = step.at("perms").at(i);
    const std::array<std::uint8_t, 4096> zeros{};
    const snp_digest contents = contents_digest(page.type, zeros);
    launch_digests digests;
    digests.add_pages(page, zeros);
    right = all_of({right, same(to_hex(contents), step.at("contents")), same(to_hex(digests.ld), step.at("ld"))});
  }
  return right;
}

}  // namespace

TEST_CASE("the vectors of crypto.json",
          "[firmware][FW-CRY-02][FW-CRY-03][FW-CRY-04][FW-CRY-05][FW-CRY-06][FW-CRY-07][FW-CRY-10][FW-CRY-12]"
          "[FW-CRY-13][FW-CRY-16][FW-CRY-22][FW-LD-02][FW-LD-03][FW-LD-25][FW-MSG-02][FW-MSG-03][FW-MSG-21]"
          "[FW-MSG-24]") {
  const std::map<std::string, std::function<bool(const json&)>> checks{
      {"kdf", check_kdf},
      {"kdf_chain", check_kdf_chain},
      {"session", check_session},
      {"ecdh", check_ecdh},
      {"launch_measure", check_launch_measure},
      {"kernel_table", check_kernel_table},
      {"vmsa", check_vmsa},
      {"launch_secret", check_launch_secret},
      {"send_update", check_send_update},
      {"attestation_verify", check_legacy_report},
      {"guest_message", check_guest_message},
      {"derived_key", check_derived_key},
      {"vcek_seed", check_vcek_seed},
      {"snp_swap", check_snp_swap},
      {"page_info", check_page_info},
  };
  const json file = firmware_vectors("crypto.json");
  std::size_t passed = 0;
  for (const json& vector : file.at("vectors")) {
    INFO(vector.at("id"));
    const auto check = checks.find(vector.at("kind").get<std::string>());
    REQUIRE(check != checks.end());
    passed += check->second(vector) ? 1U : 0U;
  }
  tell_passed("crypto.json", passed, file.at("vectors").size());
  CHECK(passed == file.at("vectors").size());
  CHECK(passed == 16);
}
