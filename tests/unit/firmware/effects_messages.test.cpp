// SPDX-License-Identifier: MIT
// Guest messages: which keys a guest gets, what it hears, and how messages are counted.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::snp_scenarios;
using types = layout::snp_message_types;

constexpr std::uint64_t committed_tcb = 0x0303'0000'0000'0102;
constexpr std::uint64_t older_tcb = 0x0202'0000'0000'0101;

/// What MSG_KEY_REQ says.
struct key_wish {
  std::uint32_t key_select = 0;
  std::uint64_t fields = 0;
  std::uint32_t vmpl = 0;
  std::uint32_t guest_svn = 0;
  std::uint64_t tcb = 0;

  [[nodiscard]] auto bytes() const -> byte_vector {
    byte_vector made(0x20);
    put_le(made, 0x00, 4, key_select);
    put_le(made, 0x08, 8, fields);
    put_le(made, 0x10, 4, vmpl);
    put_le(made, 0x14, 4, guest_svn);
    put_le(made, 0x18, 8, tcb);
    return made;
  }
};
auto key_for(world& w, const key_wish& wish) -> byte_vector {
  const auto told = payload_said(w, {.type = types::key_req, .payload = wish.bytes()});
  REQUIRE(told.size() == 0x40);
  REQUIRE(get_le(told, 0, 4) == 0);
  CHECK(firmware::is_zero(slice(told, 4, 0x1c)));
  return slice(told, 0x20, 0x20);
}
auto refusal_of(world& w, const key_wish& wish, std::uint8_t vmpck = 0) -> fw {
  return answer_to(w, {.type = types::key_req, .vmpck = vmpck, .payload = wish.bytes()});
}
void put(byte_vector& to, std::size_t offset, const auto& from) {
  std::ranges::copy(from, to.begin() + static_cast<std::ptrdiff_t>(offset));
}
/// The key as the sheet mixes it.
/// @param kind  of the ID key: 0 none, 1 ID block, 2 author
auto expected_key(const firmware::snp_guest& guest, const byte_vector& root, const key_wish& wish, std::uint32_t kind)
    -> byte_vector {
  const auto wants = [&](unsigned bit) { return (wish.fields >> bit & 1) != 0; };
  byte_vector mix(0xa8);
  put_le(mix, 0x00, 4, (wish.key_select & 1) | kind << 1);
  put_le(mix, 0x08, 8, wish.fields);
  put_le(mix, 0x10, 4, wish.vmpl);
  if (wants(4)) put_le(mix, 0x14, 4, wish.guest_svn);
  if (wants(5)) put_le(mix, 0x18, 8, wish.tcb);
  if (wants(0)) put_le(mix, 0x20, 8, guest.policy.raw);
  if (wants(1)) put(mix, 0x28, guest.id_block.image_id());
  if (wants(2)) put(mix, 0x38, guest.id_block.family_id());
  if (wants(3)) put(mix, 0x48, std::span{guest.launch_digest}.first(32));
  put(mix, 0x68, guest.host_data);
  if (kind == 1) put(mix, 0x88, std::span{guest.id_key_digest}.first(32));
  if (kind == 2) put(mix, 0x88, std::span{guest.author_key_digest}.first(32));
  return to_vector(crypto::derive_key<32>(root, "gmsg-keyreq", mix));
}
auto vcek_seed(const world& w, std::uint64_t tcb) -> byte_vector {
  return to_vector(firmware::endorsement_seed_of(w.m.hw.chip_secret, tcb));
}
/// A running guest all of whose fields are different from zero.
void run_rich_guest(world& w, bool block, bool author) {
  w.snp_launched(debug_policy);
  w.guest_page_at(page);
  w.expect({w.snp_update(page)});
  put_identity(w, {}, author);
  layout::cmd_snp_launch_finish cmd;
  cmd.set_gctx_paddr(gctx_at);
  cmd.set_id_block_paddr(test_scratch);
  cmd.set_id_auth_paddr(test_scratch + 0x1000);
  cmd.set_flags(layout::cmd_snp_launch_finish_flags{}.set_id_block_en(block).set_auth_key_en(author));
  cmd.set_host_data(filled<32>(0x4d));
  w.expect({w.post(command_id::snp_launch_finish, cmd)});
  if (block) w.guest().id_block.set_family_id(filled<16>(0x1f));
  if (block) w.guest().id_block.set_image_id(filled<16>(0x2f));
  give_page(w.m, response_at);
}

}  // namespace

TEST_CASE("MSG_KEY_REQ: every selected field changes the key", "[firmware][effects][FW-MSG-24]") {
  listening with;
  world w(with.ctx, true);
  run_rich_guest(w, true, false);
  std::set<byte_vector> keys;
  for (std::uint64_t fields = 0; fields < 0x40; ++fields) {
    const key_wish wish{.fields = fields, .vmpl = 1, .guest_svn = 3, .tcb = older_tcb};
    const std::uint64_t tcb = (fields & 0x20) != 0 ? older_tcb : 0;
    const auto key = key_for(w, wish);
    CHECK(key == expected_key(w.guest(), vcek_seed(w, tcb), wish, 1));
    CHECK(keys.insert(key).second);
  }
  // What is selected counts with its value, what is not does not.
  using change = void (*)(firmware::snp_guest&, key_wish&);
  constexpr std::array<change, 6> changes{
      [](firmware::snp_guest& guest, key_wish&) { guest.policy.raw ^= 1U << 20; },
      [](firmware::snp_guest& guest, key_wish&) { guest.id_block.image_id()[15] ^= 1; },
      [](firmware::snp_guest& guest, key_wish&) { guest.id_block.family_id()[15] ^= 1; },
      [](firmware::snp_guest& guest, key_wish&) { guest.launch_digest[31] ^= 1; },
      [](firmware::snp_guest&, key_wish& wish) { wish.guest_svn = 2; },
      [](firmware::snp_guest&, key_wish& wish) { wish.tcb = 0x0202'0000'0000'0001; }};
  for (unsigned bit = 0; bit < 6; ++bit) {
    for (unsigned changed = 0; changed < 6; ++changed) {
      INFO(bit << ' ' << changed);
      key_wish wish{.fields = std::uint64_t{1} << bit, .guest_svn = 3, .tcb = older_tcb};
      const auto before = key_for(w, wish);
      const auto kept = w.guest();
      changes[changed](w.guest(), wish);
      CHECK((key_for(w, wish) != before) == (bit == changed));
      const auto counts = w.guest().message_count;
      w.guest() = kept;
      w.guest().message_count = counts;
    }
  }
  const key_wish plain;
  const auto before = key_for(w, plain);
  CHECK(key_for(w, {.vmpl = 2}) != before);
  w.guest().host_data[31] ^= 1;  // always counts
  CHECK(key_for(w, plain) != before);
  w.guest().host_data[31] ^= 1;
  w.guest().id_key_digest[31] ^= 1;
  CHECK(key_for(w, plain) != before);
}

TEST_CASE("MSG_KEY_REQ: the root, and whose key signed the ID block", "[firmware][effects][FW-MSG-24]") {
  const key_wish plain;
  for (const std::uint32_t kind : {0U, 1U, 2U}) {
    listening with;
    world w(with.ctx, true);
    run_rich_guest(w, kind != 0, kind == 2);
    CHECK(key_for(w, plain) == expected_key(w.guest(), vcek_seed(w, 0), plain, kind));
    const key_wish from_vmrk{.key_select = 1};
    CHECK(key_for(w, from_vmrk) == expected_key(w.guest(), to_vector(w.guest().vmrk), from_vmrk, kind));
    w.m.sp.vlek_seed = filled<48>(0x42);
    for (const std::uint32_t select : {0U, 2U << 1}) {  // VLEK if there is one; VLEK
      const key_wish wish{.key_select = select};
      CHECK(key_for(w, wish) == expected_key(w.guest(), byte_vector(48, 0x42), wish, kind));
    }
    const key_wish from_vcek{.key_select = 1U << 1};
    CHECK(key_for(w, from_vcek) == expected_key(w.guest(), vcek_seed(w, 0), from_vcek, kind));
  }
}

TEST_CASE("MSG_KEY_REQ: what is refused", "[firmware][effects][FW-MSG-24][FW-MSG-18]") {
  listening with;
  world w(with.ctx, true);
  run_rich_guest(w, true, false);
  CHECK(refusal_of(w, {.guest_svn = 4, .tcb = committed_tcb}) == fw::success);
  CHECK(refusal_of(w, {.guest_svn = 5}) == fw::invalid_param);
  CHECK(refusal_of(w, {.tcb = committed_tcb + 1}) == fw::invalid_param);
  CHECK(refusal_of(w, {.tcb = std::uint64_t{0xff} << 56}) == fw::invalid_param);
  CHECK(refusal_of(w, {.key_select = 8}) == fw::invalid_param);
  CHECK(refusal_of(w, {.fields = 0x40}) == fw::invalid_param);
  for (const std::uint8_t vmpck : std::array<std::uint8_t, 4>{0, 1, 2, 3})
    for (std::uint32_t vmpl = 0; vmpl < 4; ++vmpl)
      CHECK(refusal_of(w, {.vmpl = vmpl}, vmpck) == (vmpl < vmpck ? fw::invalid_param : fw::success));
  CHECK(refusal_of(w, {.key_select = 2U << 1}) == fw::invalid_key);  // no VLEK
  CHECK(refusal_of(w, {.key_select = 3U << 1}) == fw::invalid_key);
  w.guest().vcek_dis = true;
  CHECK(refusal_of(w, {}) == fw::invalid_key);
  CHECK(refusal_of(w, {.key_select = 1U << 1}) == fw::invalid_key);
  CHECK(refusal_of(w, {.key_select = 1}) == fw::success);  // VMRK
  w.m.sp.vlek_seed = filled<48>(0x42);
  CHECK(refusal_of(w, {}) == fw::success);
  w.m.sp.mask_chip_key = true;
  CHECK(refusal_of(w, {}) == fw::invalid_key);
  CHECK(refusal_of(w, {.key_select = 1}) == fw::success);
}

TEST_CASE("MSG_KEY_REQ, version 2: the mitigations at launch", "[firmware][effects][FW-MSG-24][FW-MSG-17]") {
  listening with;
  world w(with.ctx, true);
  run_rich_guest(w, true, false);
  const auto asked = [&](std::uint64_t fields, std::uint64_t mitigations) {
    auto payload = key_wish{.fields = fields}.bytes();
    payload.resize(0x30);
    put_le(payload, 0x20, 8, mitigations);
    return talk{.type = types::key_req, .version = 2, .payload = payload};
  };
  CHECK(say(w, asked(0, 0)) == fw::invalid_param);  // older firmware knows version 1 alone
  w.m.hw.features.verify_mitigation = true;
  const auto key = [&](std::uint64_t fields, std::uint64_t mitigations) {
    const auto told = payload_said(w, asked(fields, mitigations));
    REQUIRE(get_le(told, 0, 4) == 0);
    return slice(told, 0x20, 0x20);
  };
  CHECK(key(0x40, 1) != key(0x40, 2));
  CHECK(key(0, 1) == key(0, 2));
  CHECK(key(0, 1) == key_for(w, {}));
  CHECK(key(0x40, 0) != key_for(w, {}));
  auto truncated = asked(0x40, 0);
  truncated.payload.resize(0x20);
  CHECK(answer_to(w, truncated) == fw::invalid_param);
}

TEST_CASE("MSG_TSC_INFO_REQ: scale, offset, factor", "[firmware][effects][FW-MSG-31]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  give_page(w.m, response_at);
  w.m.hw.tsc_factor = 0x0203'0405;
  w.guest().psp_tsc_offset = 0x1122'3344'5566'7788;
  const auto told = [&](std::uint32_t desired, std::uint32_t reference, std::uint64_t scale) {
    w.guest().desired_tsc_khz = desired;
    w.m.hw.tsc_reference_khz = reference;
    byte_vector expected(0x80);
    put_le(expected, 0x08, 8, scale);
    put_le(expected, 0x10, 8, 0x1122'3344'5566'7788);
    put_le(expected, 0x18, 4, 0x0203'0405);
    CHECK(payload_said(w, {.type = types::tsc_info_req, .payload = byte_vector(0x80)}) == expected);
  };
  told(99'800, 99'800, std::uint64_t{1} << 32);
  told(300'000, 99'800, (std::uint64_t{3} << 32) + 25'821'447);  // rounded up
  told(150'000, 100'000, (std::uint64_t{1} << 32) + 0x8000'0000);
  told(1, 99'800, 43'036);
  told(25'700'000, 100'000, std::uint64_t{1} << 32);  // 257: the integer part has 8 bits
  byte_vector spoilt(0x80);
  spoilt[0x7f] = 1;
  byte_vector expected(0x80);
  expected[0] = 0x16;
  CHECK(payload_said(w, {.type = types::tsc_info_req, .payload = spoilt}) == expected);
}

TEST_CASE("MSG_CPUID_REQ: corrected values and their count", "[firmware][effects][FW-MSG-25]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  give_page(w.m, response_at);
  w.m.hw.cpuid_policy = {{.function = 1, .registers = {0xf, 0xf0, 0xf00, 0xf000}}};
  byte_vector table(0x10 + 2 * 0x30);
  table[0] = 2;
  put_le(table, 0x10, 4, 1);
  put_le(table, 0x10 + 0x18, 4, 0xff);
  put_le(table, 0x40, 4, 0x4000'0000);
  put_le(table, 0x40 + 0x18, 4, 0xff);
  auto expected = table;
  put_le(expected, 0, 4, 0x16);
  put_le(expected, 4, 4, 1);
  put_le(expected, 0x10 + 0x18, 4, 0xf);
  CHECK(payload_said(w, {.type = types::cpuid_req, .payload = table}) == expected);
  put_le(table, 0x10 + 0x18, 4, 0xf);
  put_le(expected, 0, 4, 0);
  CHECK(payload_said(w, {.type = types::cpuid_req, .payload = table}) == expected);
}

TEST_CASE("messages are counted by two, for each key", "[firmware][effects][FW-MSG-04][FW-MSG-16][FW-MSG-05]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  give_page(w.m, response_at);
  const auto ask = [&](std::uint8_t vmpck, std::optional<std::uint64_t> sequence = {}) {
    return talk{.type = types::tsc_info_req, .vmpck = vmpck, .sequence = sequence, .payload = byte_vector(0x80)};
  };
  w.guest().message_count = {0, 10, 20, 30};
  auto counts = w.guest().message_count;
  for (const std::uint8_t vmpck : std::array<std::uint8_t, 5>{2, 0, 3, 1, 2}) {
    // The response is sealed with the request's key and the next number; the request's number is one above the count.
    byte_vector answer;
    check_effect(
        w, [&] { return say(w, ask(vmpck, counts[vmpck] + 1)); },
        [&](auto& m) {
          answer = peek(w.m, response_at, 0x60 + 0x80);
          poke(m, response_at, answer);
          poke(m, request_at, peek(w.m, request_at, 0x60 + 0x80));
          m.sp.contexts.at(gctx_at).message_count[vmpck] = counts[vmpck] + 2;
        });
    CHECK(get_le(answer, 0x20, 8) == counts[vmpck] + 2);
    CHECK(answer[0x30] == 1);
    CHECK(answer[0x31] == 1);
    CHECK(get_le(answer, 0x32, 2) == 0x60);
    CHECK(answer[0x34] == 0x12);
    CHECK(answer[0x35] == 1);
    CHECK(get_le(answer, 0x36, 2) == 0x80);
    CHECK(answer[0x3c] == vmpck);
    counts[vmpck] += 2;
    CHECK(w.guest().message_count == counts);
  }
  // The guest's mistake is answered, and counts.
  auto mistake = ask(0);
  mistake.payload[0] = 1;
  CHECK(answer_to(w, mistake) == fw::invalid_param);
  counts[0] += 2;
  CHECK(w.guest().message_count == counts);
  // What is not answered does not count: an old number, a number too far, one that was not authentic.
  for (const std::uint64_t off : {counts[1], counts[1] - 1, counts[1] + 2, counts[1] + 3}) {
    CHECK(say(w, ask(1, off)) == fw::aead_oflow);
    CHECK(w.guest().message_count == counts);
  }
  auto forged = ask(1);
  forged.spoil_tag = true;
  CHECK(say(w, forged) == fw::bad_measurement);
  CHECK(w.guest().message_count == counts);
  // The last number of a key.
  w.guest().message_count[3] = ~std::uint64_t{0} - 3;
  w.expect({say(w, ask(3))});
  CHECK(w.guest().message_count[3] == ~std::uint64_t{0} - 1);
  CHECK(say(w, ask(3)) == fw::aead_oflow);
}
