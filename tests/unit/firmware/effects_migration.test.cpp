// SPDX-License-Identifier: MIT
// Guests that move: every field of an exported context, and what becomes of the contexts on both sides.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using types = layout::snp_message_types;
using enum firmware::context_state;
using memory::asid_state;

constexpr std::uint64_t agent_at = gctx_at;
constexpr std::uint64_t ward_at = gctx_at + 0x1000;
constexpr std::uint64_t heir_at = gctx_at + 0x2000;
constexpr std::uint64_t ma_policy = snp_policy | 1U << 18;

void put(byte_vector& to, std::size_t offset, const auto& from) {
  std::ranges::copy(from, to.begin() + static_cast<std::ptrdiff_t>(offset));
}
/// A migration agent that runs, and a page for answers.
void start_agent(world& w) {
  w.snp_running();
  give_page(w.m, response_at);
}
/// A record in which no two fields are alike.
void enrich(firmware::snp_guest& guest, bool root_valid) {
  guest.launch_digest = filled<48>(0x10);
  guest.imd = filled<48>(0x11);
  guest.oek = filled<32>(0x12);
  guest.oek_iv_count = 0x1313'1313'1313'1313;
  for (std::uint8_t i = 0; i < 4; ++i) guest.vmpck[i] = filled<32>(static_cast<std::uint8_t>(0x14 + i));
  guest.message_count = {0x18, 0x1a, 0x1c, 0x1e};
  guest.vmrk = filled<32>(0x20);
  guest.report_id = filled<32>(0x21);
  guest.host_data = filled<32>(0x22);
  guest.id_key_digest = filled<48>(0x23);
  guest.author_key_digest = filled<48>(0x24);
  std::ranges::fill(guest.id_block.bytes(), std::uint8_t{0x25});
  std::ranges::fill(guest.root_entry.bytes(), std::uint8_t{0x26});
  guest.root_entry.set_attributes({0x2727'2727'2727'2726U | (root_valid ? 1U : 0U)});
  guest.gosvw = filled<16>(0x28);
  guest.desired_tsc_khz = 0x2929'2929;
  guest.psp_tsc_offset = 0x2a2a'2a2a'2a2a'2a2a;
  guest.launch_tcb = 0x2b2b'2b2b'2b2b'2b2b;
}
/// The record as it leaves, put down byte by byte.
auto exported_bytes(const firmware::snp_guest& guest) -> byte_vector {
  byte_vector made(0x300);
  put(made, 0x000, guest.launch_digest);
  put(made, 0x030, guest.oek);
  for (std::size_t i = 0; i < 4; ++i) put(made, 0x050 + 0x20 * i, guest.vmpck[i]);
  put(made, 0x0d0, guest.vmrk);
  put(made, 0x0f0, guest.host_data);
  put(made, 0x110, guest.id_key_digest);
  put(made, 0x140, guest.author_key_digest);
  put(made, 0x170, guest.report_id);
  put(made, 0x190, guest.imd);
  for (std::size_t i = 0; i < 4; ++i) put_le(made, 0x1c0 + 8 * i, 8, guest.message_count[i]);
  put(made, 0x1e0, guest.root_entry.bytes());
  put_le(made, 0x220, 8, (guest.author_key_en ? 1U : 0U) | (guest.id_block_en ? 2U : 0U) | (guest.vcek_dis ? 4U : 0U));
  put_le(made, 0x228, 8, guest.policy.raw);
  made[0x230] = static_cast<std::uint8_t>(guest.state);
  put_le(made, 0x238, 8, guest.oek_iv_count);
  put(made, 0x240, guest.id_block.bytes());
  put(made, 0x2a0, guest.gosvw);
  put_le(made, 0x2b0, 4, guest.desired_tsc_khz);
  put_le(made, 0x2b8, 8, guest.psp_tsc_offset);
  put_le(made, 0x2c0, 8, guest.launch_tcb);
  return made;
}
auto export_of(std::uint64_t target, bool keeps) -> byte_vector {
  byte_vector made(0x10);
  put_le(made, 0, 8, target);
  made[8] = keeps ? 1 : 0;
  return made;
}
auto arrival_at(std::uint64_t target, const byte_vector& context) -> byte_vector {
  byte_vector made(0x20);
  put_le(made, 0x0, 8, target);
  put_le(made, 0x8, 4, 0x300);
  put_le(made, 0xc, 4, 3);
  made.insert(made.end(), context.begin(), context.end());
  return made;
}
/// The record that arrives; what is the platform's own is `base`'s.
auto arrived(const firmware::snp_guest& from, const firmware::snp_guest& base) -> firmware::snp_guest {
  firmware::snp_guest made = from;
  made.vek = base.vek;
  made.slot = base.slot;
  made.report_id = base.report_id;
  made.agent = base.agent;
  made.report_id_ma = base.report_id_ma;
  made.launch_mitigation = base.launch_mitigation;
  made.imi_en = false;
  made.state = running;
  return made;
}
/// Says something to which the whole answer is a status, and looks at everything that changes.
void check_message(world& w, const talk& spoken, fw status, auto change) {
  check_effect(
      w,
      [&] {
        const firmware::snp_guest speaker = w.m.sp.contexts.at(spoken.context);
        const fw done = say(w, spoken);
        CHECK(get_le(hear(w, spoken, speaker), 0, 4) == static_cast<std::uint32_t>(status));
        return done;
      },
      [&](auto& m) {
        poke(m, request_at, peek(w.m, request_at, 0x1000));
        poke(m, response_at, peek(w.m, response_at, 0x1000));
        m.sp.contexts.at(spoken.context).message_count[spoken.vmpck] += 2;
        change(m);
      });
}
void refused(world& w, const talk& spoken, fw status) {
  check_message(w, spoken, status, [](auto&) {});
}

}  // namespace

TEST_CASE("MSG_EXPORT_REQ: every field leaves, and the guest with it", "[firmware][effects][FW-MSG-26][FW-MSG-27]") {
  for (const unsigned flags : {1U, 2U, 4U}) {
    for (const bool keeps : {false, true}) {
      INFO(flags << keeps);
      listening with;
      world w(with.ctx, true);
      start_agent(w);
      w.context_page(ward_at);
      w.expect({w.snp_launch_start(ward_at, ma_policy, agent_at), w.snp_activate(ward_at, 2), w.snp_finish(ward_at)});
      auto& ward = w.m.sp.contexts.at(ward_at);
      enrich(ward, true);
      ward.author_key_en = (flags & 1) != 0;
      ward.id_block_en = (flags & 2) != 0;
      ward.vcek_dis = (flags & 4) != 0;
      auto context = exported_bytes(ward);
      if (keeps) std::fill_n(context.begin() + 0x1e0, 64, std::uint8_t{0});
      byte_vector answer;
      const talk spoken{.type = types::export_req, .vmpck = 2, .payload = export_of(ward_at, keeps)};
      check_effect(
          w,
          [&] {
            const auto speaker = w.guest();
            const fw done = say(w, spoken);
            answer = hear(w, spoken, speaker);
            return done;
          },
          [&](auto& m) {
            poke(m, request_at, peek(w.m, request_at, 0x1000));
            poke(m, response_at, peek(w.m, response_at, 0x1000));
            m.sp.contexts.at(agent_at).message_count[2] += 2;
            if (keeps) return;  // it goes on running
            m.sp.contexts.erase(ward_at);
            --m.sp.snp_guest_count;
            rmp::entry given = firmware::entry_at(m, {ward_at});
            given.vmsa = false;
            m.rmp.put({ward_at >> 12}, given);
            for (std::uint32_t i = 0; i < 2; ++i) {
              m.asids.set_state({2}, {i}, asid_state::dirty);
              m.asids.set_valid({2}, {i}, false);
              m.asids.set_written_back({i}, false);
              m.hw.threads[i].written_back = false;
            }
          });
      byte_vector expected(0x20 + context.size());
      put_le(expected, 4, 4, 0x300);
      put_le(expected, 8, 4, 3);
      std::ranges::copy(context, expected.begin() + 0x20);
      CHECK(answer == expected);
      CHECK(w.state(ward_at) == (keeps ? rmp::page_state::context : rmp::page_state::firmware));
    }
  }
}

TEST_CASE("MSG_EXPORT_REQ: who may ask", "[firmware][effects][FW-MSG-26]") {
  listening with;
  world w(with.ctx, true);
  start_agent(w);
  w.context_page(ward_at);
  w.context_page(heir_at);
  w.expect({w.snp_launch_start(ward_at, ma_policy, agent_at), w.snp_activate(ward_at, 2)});
  const auto ask = [](std::uint64_t target, std::uint8_t vmpck = 0, std::uint64_t speaker = agent_at) {
    return talk{.type = types::export_req, .vmpck = vmpck, .payload = export_of(target, true), .context = speaker};
  };
  refused(w, ask(ward_at), fw::invalid_guest_state);  // still launched
  refused(w, ask(heir_at), fw::invalid_guest_state);
  refused(w, ask(gctx_at + 0x5000), fw::invalid_guest);  // no context
  w.expect({w.snp_finish(ward_at)});
  refused(w, ask(ward_at, 0, ward_at), fw::invalid_guest);  // it has an agent
  const auto id = w.guest().report_id;
  w.guest().report_id = filled<32>(1);  // another guest at the agent's place
  refused(w, ask(ward_at), fw::invalid_guest);
  w.guest().report_id = id;
  refused(w, ask(agent_at, 1), fw::invalid_guest);  // itself, but not from VMPL 0
  for (const talk& allowed : {ask(ward_at, 3), ask(agent_at)}) {
    const auto told = payload_said(w, allowed);
    CHECK(get_le(told, 0, 4) == 0);
  }
  // A guest that takes itself away: its context is gone, and nobody counts its messages.
  w.expect({say(w, {.type = types::export_req, .payload = export_of(agent_at, false)})});
  CHECK_FALSE(w.m.sp.contexts.contains(agent_at));
  CHECK(w.state(agent_at) == rmp::page_state::firmware);
}

TEST_CASE("MSG_IMPORT_REQ: every field arrives, but for what is the platform's own", "[firmware][effects][FW-MSG-28]") {
  for (const unsigned flags : {1U, 2U, 4U}) {
    listening with;
    world w(with.ctx, true);
    start_agent(w);
    w.m.hw.mitigation_vector = 5;
    w.context_page(heir_at);
    firmware::snp_guest leaving;
    enrich(leaving, true);
    leaving.policy = {ma_policy};
    leaving.author_key_en = (flags & 1) != 0;
    leaving.id_block_en = (flags & 2) != 0;
    leaving.vcek_dis = (flags & 4) != 0;
    leaving.state = running;
    check_message(w, {.type = types::import_req, .payload = arrival_at(heir_at, exported_bytes(leaving))}, fw::success,
                  [&](auto& m) {
                    auto& heir = m.sp.contexts.at(heir_at);
                    ++m.sp.snp_guest_count;
                    heir = arrived(leaving, heir);
                    heir.agent = {agent_at};
                    heir.report_id_ma = m.sp.contexts.at(agent_at).report_id;
                    heir.report_id = crypto::draw<32>(m.random);
                  });
    CHECK(w.m.sp.contexts.at(heir_at).report_id != leaving.report_id);
    w.expect({w.snp_activate(heir_at, 3)});  // it runs at once
    CHECK(w.m.asids.state_of({3}, {0}) == asid_state::in_use);
  }
}

TEST_CASE("MSG_IMPORT_REQ: what is refused", "[firmware][effects][FW-MSG-28]") {
  listening with;
  world w(with.ctx, true);
  start_agent(w);
  w.context_page(heir_at);
  firmware::snp_guest leaving;
  enrich(leaving, true);
  const auto whole = exported_bytes(leaving);
  const auto with_byte = [&](std::size_t offset, std::uint8_t value) {
    auto payload = arrival_at(heir_at, whole);
    payload[offset] = value;
    return talk{.type = types::import_req, .payload = payload};
  };
  refused(w, with_byte(8, 1), fw::invalid_param);     // size
  refused(w, with_byte(0xc, 2), fw::invalid_param);   // version
  refused(w, with_byte(0x10, 1), fw::invalid_param);  // reserved
  refused(w, with_byte(0, 8), fw::invalid_param);     // no page
  refused(w, with_byte(0x220, 0), fw::invalid_mdata_entry);
  refused(w, {.type = types::import_req, .payload = arrival_at(ward_at, whole)}, fw::invalid_guest);
  w.expect({w.snp_launch_start(heir_at)});
  refused(w, {.type = types::import_req, .payload = arrival_at(heir_at, whole)}, fw::invalid_guest_state);
  // The target comes before the size and version of what arrives.
  refused(w, with_byte(0xc, 2), fw::invalid_guest_state);
  auto nowhere = arrival_at(ward_at, whole);
  nowhere[8] = 1;
  refused(w, {.type = types::import_req, .payload = nowhere}, fw::invalid_guest);
}

TEST_CASE("MSG_ABSORB_REQ: a launched image becomes the guest that arrives",
          "[firmware][effects][FW-MSG-29][FW-LD-08]") {
  listening with;
  world w(with.ctx, true);
  start_agent(w);
  w.context_page(ward_at);
  w.expect({w.snp_launch_start(ward_at, ma_policy, 0, true), w.snp_activate(ward_at, 3)});
  w.guest_page_at(page_at_2m, 0x8000, 3);
  poke(w.m, page_at_2m, pattern(0x1000));
  w.expect({w.snp_update(page_at_2m, 1, ward_at, false, true)});
  const auto image = w.m.sp.contexts.at(ward_at);
  REQUIRE(image.imd == image.launch_digest);
  REQUIRE_FALSE(firmware::is_zero(image.imd));
  firmware::snp_guest leaving;
  enrich(leaving, false);
  leaving.policy = {debug_policy};
  leaving.author_key_en = true;
  const auto ask = [&](std::uint64_t target) {
    return talk{.type = types::absorb_req, .vmpck = 1, .payload = arrival_at(target, exported_bytes(leaving))};
  };
  refused(w, ask(ward_at), fw::bad_measurement);
  leaving.imd = image.launch_digest;
  leaving.root_entry.set_attributes({1});
  refused(w, ask(ward_at), fw::invalid_mdata_entry);
  leaving.root_entry.set_attributes({0});
  refused(w, ask(heir_at), fw::invalid_guest);
  refused(w, ask(agent_at), fw::invalid_guest_state);  // runs already
  w.context_page(heir_at);
  refused(w, ask(heir_at), fw::invalid_guest_state);
  w.expect({w.snp_launch_start(heir_at)});
  refused(w, ask(heir_at), fw::invalid_guest_state);  // no migration image
  check_message(w, ask(ward_at), fw::success, [&](auto& m) {
    auto& ward = m.sp.contexts.at(ward_at);
    ward = arrived(leaving, ward);
    ward.agent = {agent_at};
    ward.report_id_ma = m.sp.contexts.at(agent_at).report_id;
    ward.slot.pending = false;
    for (std::uint32_t i = 0; i < 2; ++i) {
      m.asids.set_state({3}, {i}, asid_state::in_use);
      m.asids.set_valid({3}, {i}, true);
    }
  });
  CHECK(w.m.sp.contexts.at(ward_at).report_id == image.report_id);
}

TEST_CASE("MSG_ABSORB_NOMA_REQ: a guest becomes another, and counts the other's messages",
          "[firmware][effects][FW-MSG-29][FW-MSG-06]") {
  listening with;
  world w(with.ctx, true);
  start_agent(w);
  w.guest().imd = filled<48>(0x31);
  w.guest().launch_digest = filled<48>(0x31);
  firmware::snp_guest leaving;
  enrich(leaving, false);
  leaving.policy = {debug_policy};
  const auto ask = [&] {
    return talk{.type = types::absorb_noma_req, .payload = arrival_at(agent_at, exported_bytes(leaving))};
  };
  refused(w, ask(), fw::bad_measurement);
  leaving.imd = filled<48>(0x31);
  leaving.root_entry.set_attributes({1});
  refused(w, ask(), fw::invalid_mdata_entry);
  leaving.root_entry.set_attributes({0});
  w.guest().imd = filled<48>(0x32);
  refused(w, ask(), fw::bad_measurement);  // its own image is another
  w.guest().imd = filled<48>(0x31);
  w.guest().launch_digest = filled<48>(0x32);
  refused(w, ask(), fw::bad_measurement);
  w.guest().launch_digest = filled<48>(0x31);
  w.guest().agent = {ward_at};
  refused(w, ask(), fw::invalid_guest);  // it has an agent
  w.guest().agent = firmware::no_agent;
  const auto before = w.guest();
  // The answer comes under the old key; what is counted afterwards are the messages of the guest that arrived.
  check_message(w, ask(), fw::success, [&](auto& m) {
    auto& guest = m.sp.contexts.at(agent_at);
    guest = arrived(leaving, before);
    guest.message_count[0] += 2;
  });
  CHECK(w.guest().message_count[0] == 0x1a);
  CHECK(w.guest().vek == before.vek);
  CHECK(w.guest().report_id == before.report_id);
  CHECK(w.guest().slot == before.slot);
  w.context_page(heir_at);
  const talk elsewhere{.type = types::absorb_noma_req, .payload = arrival_at(heir_at, exported_bytes(leaving))};
  refused(w, elsewhere, fw::invalid_guest);  // nobody's but its own
}

TEST_CASE("MSG_VMRK_REQ: the root key, and nothing else", "[firmware][effects][FW-MSG-30]") {
  listening with;
  world w(with.ctx, true);
  start_agent(w);
  w.context_page(ward_at);
  w.expect({w.snp_launch_start(ward_at, ma_policy, agent_at), w.snp_activate(ward_at, 2)});
  const auto ask = [](std::uint8_t vmpck = 0, std::uint64_t target = ward_at) {
    byte_vector payload(0x40);
    put_le(payload, 0, 8, target);
    put(payload, 0x20, filled<32>(0x6b));
    return talk{.type = types::vmrk_req, .vmpck = vmpck, .payload = payload};
  };
  refused(w, ask(1), fw::invalid_param);
  auto reserved = ask();
  reserved.payload[8] = 1;
  refused(w, reserved, fw::invalid_param);
  refused(w, ask(0, heir_at), fw::invalid_guest);
  w.m.sp.contexts.at(ward_at).imi_en = true;
  refused(w, ask(), fw::invalid_guest_state);
  w.m.sp.contexts.at(ward_at).imi_en = false;
  w.m.sp.contexts.at(ward_at).report_id_ma = filled<32>(9);
  refused(w, ask(), fw::invalid_guest);
  w.m.sp.contexts.at(ward_at).report_id_ma = w.guest().report_id;
  check_message(w, ask(), fw::success, [](auto& m) { m.sp.contexts.at(ward_at).vmrk = filled<32>(0x6b); });
  w.expect({w.snp_finish(ward_at)});
  refused(w, ask(), fw::invalid_guest_state);
}
