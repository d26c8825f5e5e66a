// SPDX-License-Identifier: MIT
// What is sealed opens, once and for nobody else; older keys follow from newer seeds; digests tell orders apart.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <property/property.hpp>
#include <support/catch.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/secret_table.hpp>
#include <sevspec/firmware/snp_swap.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;

template <std::size_t Size>
auto some_bytes() -> std::array<std::uint8_t, Size> {
  std::array<std::uint8_t, Size> bytes;
  for (std::uint8_t& byte : bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  return bytes;
}
auto some_data(std::size_t unit, std::size_t most) -> std::vector<std::uint8_t> {
  const auto units = *rc::gen::inRange<std::size_t>(1, most + 1);
  return *rc::gen::container<std::vector<std::uint8_t>>(units * unit, rc::gen::arbitrary<std::uint8_t>());
}
/// One bit of a range of bytes, turned over.
template <class Bytes>
void flip(Bytes&& bytes) {
  const auto bit = *rc::gen::inRange<std::size_t>(0, 8 * bytes.size());
  bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
}

}  // namespace

TEST_CASE("sessions give back what was wrapped, to those who agreed", "[firmware][FW-CRY-07][FW-CRY-08][FW-CRY-09]") {
  property("a session opens for who agreed on it", 200, [] {
    const auto z = some_bytes<48>();
    const auto nonce = some_bytes<16>();
    const auto keys = derive_session_keys(z, nonce);
    const transport_keys transported{.tek = some_bytes<16>(), .tik = some_bytes<16>()};
    const layout::sev_guest_policy policy{*rc::gen::arbitrary<std::uint32_t>()};
    auto session = wrap_session(keys, transported, nonce, some_bytes<16>(), policy);
    context<> ctx;
    const auto opened = unwrap_session(ctx, keys, session, policy);
    RC_ASSERT((opened && *opened == transported));
    auto other_z = z;
    flip(other_z);
    RC_ASSERT(!unwrap_session(ctx, derive_session_keys(other_z, nonce), session, policy));
    flip(session.bytes().subspan<0x10>());
    RC_ASSERT(!unwrap_session(ctx, keys, session, policy));
  });
}

TEST_CASE("packets open as what they were sealed as", "[firmware][FW-CRY-12][FW-CRY-13]") {
  property("a packet opens as what it was sealed as", 400, [] {
    const transport_keys keys{.tek = some_bytes<16>(), .tik = some_bytes<16>()};
    const auto measure = some_bytes<32>();
    const bool secret = *rc::gen::arbitrary<bool>();
    const auto kind = secret ? secret_packet(measure) : data_packet();
    const auto data = some_data(16, 8);
    auto sealed = data;
    auto header = seal_packet(keys, kind, some_bytes<16>(), sealed, sealed);
    context<> ctx;
    auto opened = sealed;
    RC_ASSERT(open_packet(ctx, keys, kind, header, opened, opened).has_value());
    RC_ASSERT(opened == data);
    RC_ASSERT(!open_packet(ctx, keys, secret ? data_packet() : secret_packet(measure), header, sealed, opened));
    if (*rc::gen::arbitrary<bool>()) flip(sealed);
    else flip(header.bytes());
    RC_ASSERT(!open_packet(ctx, keys, kind, header, sealed, opened));
  });
}

TEST_CASE("guest messages and swapped pages open with their key and number", "[firmware][FW-MSG-03]") {
  property("a message and a page open with key and number", 200, [] {
    const auto key = some_bytes<32>();
    const message_info info{.type = static_cast<layout::snp_message_types>(*rc::gen::inRange(1, 19)),
                            .version = *rc::gen::arbitrary<std::uint8_t>(),
                            .vmpck = *rc::gen::inRange<std::uint8_t>(0, 4),
                            .sequence = *rc::gen::arbitrary<std::uint64_t>()};
    const auto payload = some_data(16, 12);
    std::vector<std::uint8_t> message(message_header_bytes + payload.size());
    seal_message(key, info, payload, message);
    const auto parsed = parse_message(message);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->info() == info);
    auto opened = payload;
    RC_ASSERT(open_message(key, *parsed, opened).has_value());
    RC_ASSERT(opened == payload);
    auto other_key = key;
    flip(other_key);
    RC_ASSERT(!open_message(other_key, *parsed, opened));

    const auto tag = seal_swapped_page(key, info.sequence, payload, opened);
    RC_ASSERT(!open_swapped_page(key, info.sequence + 1, tag, opened, std::span{message}.first(opened.size())));
    RC_ASSERT(open_swapped_page(key, info.sequence, tag, opened, opened));
    RC_ASSERT(opened == payload);
  });
}

TEST_CASE("tables of secrets hold what was put into them", "[firmware][FW-CRY-22]") {
  property("a table holds its secrets", 200, [] {
    const auto contents = *rc::gen::arbitrary<std::vector<std::vector<std::uint8_t>>>();
    std::vector<guest_secret> secrets;
    for (const auto& one : contents) secrets.push_back({layout::guid{some_bytes<16>()}, one});
    const auto table = make_secret_table(secrets);
    RC_ASSERT(table.size() % 16 == 0);
    std::size_t at = 0;
    const auto count = for_each_secret(table, [&](auto name, std::span<const std::uint8_t> data) {
      const auto want = secrets[at].name.mixed_endian();
      RC_ASSERT(std::equal(want.begin(), want.end(), name.begin()));
      RC_ASSERT(std::equal(data.begin(), data.end(), contents[at].begin(), contents[at].end()));
      ++at;
    });
    RC_ASSERT((count && *count == secrets.size()));
  });
}

TEST_CASE("launch digests tell pages, places and orders apart", "[firmware][FW-LD-01][FW-LD-06]") {
  tally classes;
  property("digests tell pages and orders apart", 1000, [&] {
    const auto page = [] {
      return launch_page{.type = *rc::gen::element(snp_page_type::normal, snp_page_type::zero, snp_page_type::vmsa_),
                         .where = gpa{*rc::gen::inRange<std::uint64_t>(0, 4) << 12},
                         .imi = *rc::gen::arbitrary<bool>()};
    };
    const auto first = page();
    const auto second = page();
    const snp_digest a{*rc::gen::inRange<std::uint8_t>(0, 3)};
    const snp_digest b{*rc::gen::inRange<std::uint8_t>(0, 3)};
    launch_digests forward;
    forward.add(first, a);
    forward.add(second, b);
    launch_digests backward;
    backward.add(second, b);
    backward.add(first, a);
    const bool same = first == second && a == b;
    classes.add(same ? "the same page twice" : "two pages");
    classes.add("migrated", first.imi || second.imi);
    RC_ASSERT((forward.ld == backward.ld) == same);
    RC_ASSERT((forward.imd == snp_digest{}) == (!first.imi && !second.imi));
  });
  check_none_empty("pairs of pages", classes, {"the same page twice", "two pages", "migrated"});
}

TEST_CASE("keys of older versions follow from the last stick of newer ones", "[firmware][FW-MSG-21]") {
  property("older keys follow", 100, [] {
    const auto secret = some_bytes<48>();
    const auto others = *rc::gen::arbitrary<std::uint64_t>() >> 8;
    const auto newer = *rc::gen::arbitrary<std::uint8_t>();
    const auto older = *rc::gen::inRange<unsigned>(0, newer + 1U);
    const auto seed = [&](unsigned microcode) {
      return endorsement_seed_of(secret, others | std::uint64_t{microcode} << 56);
    };
    RC_ASSERT(hashed(seed(newer), newer - older) == seed(older));
  });
}
