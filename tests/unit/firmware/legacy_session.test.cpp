// SPDX-License-Identifier: MIT
// Sessions, packets, measurements and secrets of legacy SEV: what is refused, by which rule, and what nobody notices.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_report.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/secret_table.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;

/// An owner and a platform, who have agreed on keys.
struct session_world {
  crypto::repeatable_random random{21};
  crypto::p384_private_key owner = crypto::p384_private_key::generate(random);
  crypto::p384_private_key platform = crypto::p384_private_key::generate(random);
  sev_key nonce = crypto::draw<16>(random);
  sev_key iv = crypto::draw<16>(random);
  transport_keys transported{.tek = crypto::draw<16>(random), .tik = crypto::draw<16>(random)};
  layout::sev_guest_policy policy{0x0000'0005};

  [[nodiscard]] auto keys_of_owner() const -> session_keys {
    return agree_on_session_keys(owner, platform.public_key(), nonce).value();
  }
  [[nodiscard]] auto keys_of_platform() const -> session_keys {
    return agree_on_session_keys(platform, owner.public_key(), nonce).value();
  }
  [[nodiscard]] auto session() const -> layout::sev_session {
    return wrap_session(keys_of_owner(), transported, nonce, iv, policy);
  }
};

}  // namespace

TEST_CASE("FW-CRY-01: keys and what they are made for", "[firmware][FW-CRY-01]") {
  STATIC_REQUIRE(std::tuple_size_v<decltype(transport_keys::tek)> == 16);
  STATIC_REQUIRE(std::tuple_size_v<decltype(transport_keys::tik)> == 16);
  STATIC_REQUIRE(std::tuple_size_v<decltype(session_keys::kek)> == 16);
  STATIC_REQUIRE(std::tuple_size_v<decltype(session_keys::kik)> == 16);
  STATIC_REQUIRE(std::tuple_size_v<decltype(session_keys::master)> == 16);
}

TEST_CASE("FW-CRY-07: both ends of a session have the same keys", "[firmware][FW-CRY-03][FW-CRY-06][FW-CRY-07]") {
  const session_world world;
  CHECK(world.keys_of_owner() == world.keys_of_platform());
  context<> ctx;
  const auto session = world.session();
  CHECK(unwrap_session(ctx, world.keys_of_platform(), session, world.policy) == world.transported);
  // TEK first, the wrapping a stream cipher: a byte of one is a byte of the other.
  const auto other = wrap_session(world.keys_of_owner(), {.tek = world.transported.tek, .tik = {}}, world.nonce,
                                  world.iv, world.policy);
  CHECK(std::equal(other.wrap_tk().begin(), other.wrap_tk().begin() + 16, session.wrap_tk().begin()));
  CHECK(session.wrap_tk()[20] == (other.wrap_tk()[20] ^ world.transported.tik[4]));
  CHECK_FALSE(agree_on_session_keys(world.owner, {}, world.nonce));
}

TEST_CASE("FW-CRY-08: what is changed of a session", "[firmware][FW-CRY-08][FW-CRY-09]") {
  const session_world world;
  const auto keys = world.keys_of_platform();
  context<> ctx;
  for (std::size_t at = 0; at < 0x80; ++at) {
    INFO(at);
    auto session = world.session();
    session.data()[at] ^= 0x10;
    const auto opened = unwrap_session(ctx, keys, session, world.policy);
    if (at < 0x10) {  // the nonce: the receiver makes other keys of it
      CHECK(unwrap_session(ctx, derive_session_keys(byte_vector(48), session.nonce()), session, world.policy).error() ==
            session_error::wrap_mac);
    } else if (at < 0x30 || (at >= 0x40 && at < 0x60)) {
      CHECK(opened.error() == session_error::wrap_mac);
    } else if (at < 0x40) {  // the IV is not covered, and becomes another TIK, which fails with the policy
      CHECK(opened.error() == session_error::policy_mac);
    } else {
      CHECK(opened.error() == session_error::policy_mac);
    }
  }
  CHECK(unwrap_session(ctx, {}, world.session(), world.policy).error() == session_error::wrap_mac);
}

TEST_CASE("FW-CRY-08: without the MAC of the keys, a stranger's keys are taken", "[firmware][FW-CRY-08]") {
  const session_world world;
  auto session = world.session();
  session.data()[0x10] ^= 1;  // a bit of TEK
  context<rule_set> ctx{.rules = rule_set().without(rule::FW_CRY_08)};
  const auto opened = unwrap_session(ctx, world.keys_of_platform(), session, world.policy);
  REQUIRE(opened);
  CHECK(opened->tek[0] == (world.transported.tek[0] ^ 1));
  CHECK(opened->tik == world.transported.tik);
}

TEST_CASE("FW-CRY-09: a guest is launched under its owner's policy", "[firmware][FW-CRY-09]") {
  const session_world world;
  const auto keys = world.keys_of_platform();
  context<> ctx;
  for (unsigned bit = 0; bit < 32; ++bit) {
    const layout::sev_guest_policy other{world.policy.raw ^ 1U << bit};
    CHECK(unwrap_session(ctx, keys, world.session(), other).error() == session_error::policy_mac);
  }
  // Without the rule a hypervisor allows itself to debug.
  context<rule_set> without{.rules = rule_set().without(rule::FW_CRY_09)};
  CHECK(unwrap_session(without, keys, world.session(), {}) == world.transported);
}

TEST_CASE("FW-CRY-11: packets, and what is changed of them", "[firmware][FW-CRY-11][FW-CRY-13]") {
  const session_world world;
  const byte_vector data = noise(48, 4);
  byte_vector sealed(data.size());
  const auto header = seal_packet(world.transported, data_packet(), world.iv, data, sealed);
  STATIC_REQUIRE(layout::size_of<layout::sev_packet_header> == 52);
  CHECK(header.flags().raw == 0);
  context<> ctx;
  byte_vector opened(data.size());
  REQUIRE(open_packet(ctx, world.transported, data_packet(), header, sealed, opened).has_value());
  CHECK(opened == data);

  const auto error = [&](const packet_kind& kind, const auto& with_header, std::span<const std::uint8_t> transport) {
    byte_vector out(transport.size(), 0xEE);
    const auto done = open_packet(ctx, world.transported, kind, with_header, transport, out);
    REQUIRE_FALSE(done);
    CHECK(out == byte_vector(transport.size(), 0xEE));  // nothing was written
    return done.error();
  };
  for (std::size_t at = 0; at < 52; ++at) {
    auto other = header;
    other.data()[at] ^= 1;
    CHECK(error(data_packet(), other, sealed) == packet_error::mac);
  }
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    byte_vector other = sealed;
    other[at] ^= 0x80;
    CHECK(error(data_packet(), header, other) == packet_error::mac);
  }
  CHECK(error(data_packet(), header, std::span{sealed}.first(32)) == packet_error::mac);
  CHECK(error(secret_packet(crypto::sha256_value{}), header, sealed) == packet_error::mac);

  // Somebody who has the keys may say that a packet is compressed.
  auto compressed = header;
  compressed.set_flags(layout::sev_packet_header_flags{}.set_compressed(true));
  compressed.set_mac(packet_mac(world.transported.tik, data_packet(), compressed, 48, sealed));
  CHECK(error(data_packet(), compressed, sealed) == packet_error::compressed);
  context<rule_set> without{.rules = rule_set().without(rule::FW_CRY_11)};
  CHECK(open_packet(without, world.transported, data_packet(), compressed, sealed, opened).has_value());
}

TEST_CASE("FW-CRY-12: a secret opens in the guest it was made for", "[firmware][FW-CRY-12]") {
  const session_world world;
  const byte_vector data = noise(32, 5);
  const auto measure = crypto::sha256_of(data);
  const auto of_other_guest = crypto::sha256_of({});
  byte_vector sealed(data.size());
  const auto header = seal_packet(world.transported, secret_packet(measure), world.iv, data, sealed);
  byte_vector opened(data.size());
  context<> ctx;
  CHECK(open_packet(ctx, world.transported, secret_packet(measure), header, sealed, opened).has_value());
  CHECK(opened == data);
  CHECK(open_packet(ctx, world.transported, secret_packet(of_other_guest), header, sealed, opened).error() ==
        packet_error::mac);
  CHECK(open_packet(ctx, world.transported, data_packet(), header, sealed, opened).error() == packet_error::mac);
  context<rule_set> without{.rules = rule_set().without(rule::FW_CRY_12)};
  CHECK(open_packet(without, world.transported, secret_packet(of_other_guest), header, sealed, opened).has_value());
}

TEST_CASE("FW-CRY-13: memory that a stranger wrote is not received", "[firmware][FW-CRY-13]") {
  const session_world world;
  byte_vector sealed = noise(64, 6);
  layout::sev_packet_header header;
  header.set_iv(world.iv);
  byte_vector opened(sealed.size());
  context<> ctx;
  CHECK(open_packet(ctx, world.transported, data_packet(), header, sealed, opened).error() == packet_error::mac);
  context<rule_set> without{.rules = rule_set().without(rule::FW_CRY_13)};
  CHECK(open_packet(without, world.transported, data_packet(), header, sealed, opened).has_value());
}

TEST_CASE("FW-CRY-14: the context of VMSA packets is agreed on", "[firmware][FW-CRY-14]") {
  const session_world world;
  const byte_vector page = noise(4096, 7);
  byte_vector sealed(page.size());
  const auto header = seal_packet(world.transported, vmsa_packet(), world.iv, page, sealed);
  byte_vector opened(page.size());
  context<> ctx;
  CHECK(open_packet(ctx, world.transported, vmsa_packet(), header, sealed, opened).has_value());
  CHECK(open_packet(ctx, world.transported, data_packet(), header, sealed, opened).has_value());  // nobody can tell
  const auto by_manual = vmsa_packet(packet_context::vmsa_);
  CHECK(open_packet(ctx, world.transported, by_manual, header, sealed, opened).error() == packet_error::mac);
  const auto other = seal_packet(world.transported, by_manual, world.iv, page, sealed);
  CHECK(open_packet(ctx, world.transported, by_manual, other, sealed, opened).has_value());
}

TEST_CASE("FW-CRY-15: packets may come twice and in any order", "[firmware][FW-CRY-15]") {
  const session_world world;
  context<> ctx;
  std::vector<std::pair<layout::sev_packet_header, byte_vector>> packets;
  for (std::uint64_t i = 0; i < 3; ++i) {
    byte_vector data = noise(16, i);
    const auto header =
        seal_packet(world.transported, data_packet(), array_of<16>(to_hex(noise(16, 90 + i))), data, data);
    packets.emplace_back(header, data);
  }
  for (const std::size_t i : {2UZ, 0UZ, 0UZ, 1UZ}) {
    byte_vector opened(16);
    REQUIRE(
        open_packet(ctx, world.transported, data_packet(), packets[i].first, packets[i].second, opened).has_value());
    CHECK(opened == noise(16, i));
  }
}

TEST_CASE("FW-CRY-10: everything that a measurement covers", "[firmware][FW-CRY-10][FW-LD-42]") {
  const sev_key tik{1};
  const firmware_version version{.major = 1, .minor = 55, .build = 3};
  const auto ld = legacy_launch_digest{}.update(byte_vector(16)).value();
  const sev_key mnonce{9};
  const auto measure = launch_measure(tik, version, {4}, ld, mnonce);
  CHECK(measure != ld);
  CHECK(launch_measure({2}, version, {4}, ld, mnonce) != measure);
  CHECK(launch_measure(tik, {2, 55, 3}, {4}, ld, mnonce) != measure);
  CHECK(launch_measure(tik, {1, 54, 3}, {4}, ld, mnonce) != measure);
  CHECK(launch_measure(tik, {1, 55, 4}, {4}, ld, mnonce) != measure);
  CHECK(launch_measure(tik, version, {5}, ld, mnonce) != measure);
  CHECK(launch_measure(tik, version, {4}, crypto::sha256_of({}), mnonce) != measure);
  CHECK(launch_measure(tik, version, {4}, ld, sev_key{8}) != measure);
}

TEST_CASE("FW-CRY-16: reports of legacy guests", "[firmware][FW-CRY-16]") {
  crypto::repeatable_random random{31};
  const auto pek = crypto::p384_private_key::generate(random);
  const auto verifier = crypto::p384_verifier::make(pek.public_key()).value();
  const auto report =
      make_legacy_report(crypto::draw<16>(random), crypto::draw<32>(random), {7}, crypto::sha256_signer{pek});
  CHECK(report.policy().raw == 7);
  CHECK(verify_legacy_report(report, verifier).has_value());
  using enum legacy_report_error;
  for (std::size_t at = 0; at < report.bytes().size(); ++at) {
    auto other = report;
    other.data()[at] ^= 1;
    const auto verified = verify_legacy_report(other, verifier);
    REQUIRE_FALSE(verified);
    CHECK(verified.error() == (at < 0x34 || at >= 0x40 ? signature : at < 0x3C ? signer : reserved));
  }
  const auto other = crypto::p384_verifier::make(crypto::p384_private_key::generate(random).public_key()).value();
  CHECK(verify_legacy_report(report, other).error() == signature);
  // SHA-384 is not what PEK signs with.
  auto wrong_hash = report;
  const auto signature_384 = crypto::sha384_signer{pek}.sign(report.bytes().first<0x34>());
  std::array<std::uint8_t, 144> joined{};
  std::copy(signature_384.r.begin(), signature_384.r.end(), joined.begin());
  std::copy(signature_384.s.begin(), signature_384.s.end(), joined.begin() + 72);
  wrong_hash.set_signature(joined);
  CHECK(verify_legacy_report(wrong_hash, verifier).error() == signature);
}

TEST_CASE("FW-CRY-22: tables of secrets, and bytes that are none", "[firmware][FW-CRY-22]") {
  const byte_vector first = noise(5, 1);
  const byte_vector second;
  const layout::guid a{layout::guid::bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  const layout::guid b{layout::guid::bytes{9}};
  const std::vector<guest_secret> secrets{{a, first}, {b, second}};
  const byte_vector table = make_secret_table(secrets);
  CHECK(table.size() % 16 == 0);
  CHECK(get_le(table, 16, 4) == 20 + 25 + 20);
  std::size_t seen = 0;
  const auto count =
      for_each_secret(table, [&](std::span<const std::uint8_t, 16> name, std::span<const std::uint8_t> data) {
        const auto want = (seen == 0 ? a : b).mixed_endian();
        CHECK(std::equal(want.begin(), want.end(), name.begin()));
        CHECK(byte_vector(data.begin(), data.end()) == (seen == 0 ? first : second));
        ++seen;
      });
  CHECK(count == 2U);
  CHECK(seen == 2);
  CHECK(for_each_secret(make_secret_table({}), [](auto, auto) {}) == 0U);

  using enum secret_table_error::kind;
  const auto error = [](const byte_vector& bytes) {
    const auto read = for_each_secret(bytes, [](auto, auto) {});
    REQUIRE_FALSE(read);
    return read.error();
  };
  const auto changed = [&](std::size_t at, std::uint32_t value) {
    byte_vector bytes = table;
    put_le(bytes, at, 4, value);
    return bytes;
  };
  for (std::size_t size = 0; size < 65; ++size) {
    INFO(size);
    CHECK(error({table.begin(), table.begin() + static_cast<std::ptrdiff_t>(size)}) ==
          secret_table_error{truncated, size});
  }
  CHECK(error(changed(0, 7)) == secret_table_error{wrong_name, 0});
  CHECK(error(changed(16, 19)) == secret_table_error{table_length, 16});
  CHECK(error(changed(16, 0xFFFFFFFF)) == secret_table_error{truncated, table.size()});
  CHECK(error(changed(16, 46)) == secret_table_error{truncated, 45});  // one byte is left for an entry
  CHECK(error(changed(36, 19)) == secret_table_error{entry_length, 36});
  CHECK(error(changed(36, 46)).what == entry_length);
  CHECK(error(changed(36, 0xFFFFFFFF)) == secret_table_error{entry_length, 36});
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    byte_vector bytes = table;
    const auto drawn = noise(3, seed);
    bytes[16 + drawn[0] % 49] = drawn[1];
    static_cast<void>(for_each_secret(std::span{bytes}.first(drawn[2] % (table.size() + 1)), [](auto, auto) {}));
  }
}
