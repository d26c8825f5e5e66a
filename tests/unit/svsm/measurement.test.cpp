// SPDX-License-Identifier: MIT
// Measurement of guest memory: what the protocol gives, and what a compromised guest kernel or hypervisor can and
// cannot do
// with it.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/svsm_evidence.hpp>
#include <support/svsm_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using refusal = svsm::measurement_refusal;

constexpr gpa request_at{0x9000}, answer_at{0xa000}, report_at{0xb000}, text_at{0xd000};

/// A chip that the hypervisor keeps busy.
struct sometimes_busy {
  const signing_chip& chip;
  bool busy = false;
  [[nodiscard]] auto report(const svsm::report_data& data, bool extended) const -> svsm::report_answer {
    return busy ? svsm::report_answer{.what = svsm::report_answer::kind::busy} : chip.report(data, extended);
  }
};

/// A verifier far away, a guest kernel, and the SVSM between kernel and chip.
struct far_away {
  context<> ctx;
  signing_chip chip;
  svsm_world world;
  svsm::services<echo_tpm, inverting_mode, signing_chip&> offered{
      .tpm = {}, .management = {}, .reports = chip, .manifest = {}, .measurement = {}};
  svsm::measurement_expectations expected;

  far_away() {
    world.put(text_at, std::vector<std::uint8_t>(0x1000, 0x90));
    expected.nonce.fill(0x42);
    expected.known_svsms = {chip.svsm};
    expect({text_at, 0x1000});
  }
  /// What the verifier asks for, and what it believes to be there.
  void expect(svsm::measured_range range) {
    const auto digest = crypto::sha384_of(world.get(range.first, static_cast<std::size_t>(range.bytes)));
    expected.ranges.push_back({range, {digest.begin(), digest.end()}});
  }
  [[nodiscard]] auto request() const -> svsm::measurement_request {
    svsm::measurement_request made{.flags = expected.flags,
                                   .nonce = expected.nonce,
                                   .response = {answer_at, 0x1000},
                                   .report = {report_at, 0x1000}};
    for (const svsm::measured_digest& one : expected.ranges) made.ranges.push_back(one.range);
    return made;
  }
  auto ask(const svsm::measurement_request& what, std::uint64_t call = 2) -> svsm_world::called {
    world.put(request_at, svsm::write_request(what));
    return world.call(ctx, offered, {meas | call, request_at.value, 0x1000});
  }
  /// A second processor, which asks, too.
  void add_processor() {
    world.put_vmsa({0x2000}, 2, 0x1000, svsm_world::features);
    world.make_vcpu(1, {0x2000}, {0x3000});
  }
  /// MEAS_HASH as a snapshot, of a request that processor 0 has at 9000h and processor 1 at B000h.
  auto snapshot(std::vector<svsm::measured_range> ranges, std::uint32_t cpu = 0) -> std::uint64_t {
    const gpa where = cpu == 0 ? request_at : report_at;
    world.put(where, svsm::write_request({.flags = svsm::measure_snapshot,
                                          .response = {where + 0x1000, 0x1000},
                                          .report = {},
                                          .ranges = std::move(ranges)}));
    return world.call(ctx, offered, {meas | 1, where.value}, cpu).code();
  }
  /// Whether the guest can write a byte.
  auto guest_writes(gpa where, vmpl level = {2}) -> bool {
    auto machine = world.machine();
    return machine.write_as(ctx, level, where, std::array<std::uint8_t, 1>{0xcc}).has_value();
  }
  struct evidence {
    std::vector<std::uint8_t> report, manifest;
  };
  auto measure() -> evidence {
    const auto done = ask(request());
    REQUIRE(done.code() == 0);
    return {world.get(report_at, svsm::report_bytes), world.get(answer_at, static_cast<std::size_t>(done.out.rcx))};
  }
  auto judge(const evidence& from) -> std::expected<svsm::measurement_manifest, svsm::measurement_problem> {
    return svsm::check_measurement(ctx, from.report, from.manifest, chip.verifier(), chip.certified(), expected);
  }
  auto why(const evidence& from) -> refusal {
    const auto verdict = judge(from);
    REQUIRE_FALSE(verdict.has_value());
    return verdict.error().why;
  }
};

}  // namespace

TEST_CASE("a measurement that is believed", "[svsm][SVSM-MEAS-20][SVSM-MEAS-21][SVSM-MEAS-23]") {
  far_away m;
  m.expect({gpa{0xe003}, 5});
  const auto evidence = m.measure();
  const auto verdict = m.judge(evidence);
  REQUIRE(verdict.has_value());
  CHECK(verdict->counter == 1);
  CHECK(verdict->level == 2);
  m.expected.last_counter = verdict->counter;
  m.expected.nonce.fill(0x43);
  CHECK(m.judge(m.measure())->counter == 2);
}

TEST_CASE("forged, replayed and redirected answers", "[svsm][SVSM-MEAS-23][SVSM-MEAS-24][VMPL-12]") {
  far_away m;
  const auto good = m.measure();
  SECTION("a digest that the kernel writes into the answer") {
    auto forged = good;
    forged.manifest.back() ^= 1;
    CHECK(m.why(forged) == refusal::binding);
  }
  SECTION("a report that the kernel asks for itself: it has no VMPCK0") {
    m.chip.level = 2;
    CHECK(m.why(m.measure()) == refusal::level);
  }
  SECTION("a report of a machine without the SVSM") {
    m.chip.svsm.fill(0x11);
    CHECK(m.why(m.measure()) == refusal::svsm);
  }
  SECTION("another chip's signature") {
    const signing_chip other(7);
    auto forged = good;
    forged.report = other.make_report(svsm::binding_of(m.expected.nonce, good.manifest));
    CHECK(m.why(forged) == refusal::report);
  }
  SECTION("an old answer: the verifier's nonce is new") {
    m.expected.nonce.fill(0x43);
    CHECK(m.why(good) == refusal::binding);
  }
  SECTION("an old answer to the same nonce: its counter is not above the last") {
    m.expected.last_counter = 1;
    CHECK(m.why(good) == refusal::counter);
  }
  SECTION("the same bytes at another address") {
    m.world.put({0xe000}, std::vector<std::uint8_t>(0x1000, 0x90));
    auto request = m.request();
    request.ranges[0].first = gpa{0xe000};
    const auto done = m.ask(request);
    const far_away::evidence moved{m.world.get(report_at, svsm::report_bytes),
                                   m.world.get(answer_at, static_cast<std::size_t>(done.out.rcx))};
    CHECK(m.why(moved) == refusal::ranges);
  }
  SECTION("fewer ranges than were asked for") {
    m.expect({gpa{0xe000}, 0x1000});
    CHECK(m.why(good) == refusal::ranges);
  }
  SECTION("text that was changed before") {
    m.world.put(text_at + 0x123, std::array<std::uint8_t, 1>{0xcc});
    CHECK(m.why(m.measure()) == refusal::digest);
  }
  SECTION("bytes that are nothing") {
    for (std::size_t length = 0; length < good.manifest.size(); ++length) {
      auto cut = good;
      cut.manifest.resize(length);
      CHECK(m.why(cut) == refusal::manifest);
    }
    CHECK(m.why({{1, 2, 3}, good.manifest}) == refusal::report);
  }
}

TEST_CASE("what measurements do not show", "[svsm][SVSM-MEAS-23]") {
  far_away m;
  SECTION("text that is changed afterwards") {
    const auto good = m.measure();
    m.world.put(text_at, std::array<std::uint8_t, 1>{0xcc});
    CHECK(m.judge(good).has_value());  // until the verifier asks again
    m.expected.nonce.fill(0x44);
    m.expected.last_counter = 1;
    CHECK(m.why(m.measure()) == refusal::digest);
  }
  SECTION("code that does not run from there: a clean copy is measured") {
    m.world.put({0xe000}, std::vector<std::uint8_t>(0x1000, 0x90));  // the copy
    m.world.put(text_at, std::array<std::uint8_t, 1>{0xcc});         // what runs
    m.expected.ranges.clear();
    m.expect({gpa{0xe000}, 0x1000});  // a verifier that believes the kernel where its text is
    CHECK(m.judge(m.measure()).has_value());
    // One that knows from the boot log where firmware put it does not.
    m.expected.ranges[0].range.first = text_at;
    m.expected.last_counter = 1;
    CHECK(m.why(m.measure()) == refusal::digest);
  }
}

TEST_CASE("a service that is switched off", "[svsm][SVSM-MEAS-01]") {
  far_away m;
  CHECK(m.world.call(m.ctx, m.offered, {meas, 0}).code() == 0);
  m.world.self.config.measurement = false;
  CHECK(m.world.call(m.ctx, m.offered, {meas, 0}).code() == 0x8000'0001);
  CHECK(m.ask(m.request()).code() == 0x8000'0001);
  CHECK(m.offered.measurement.counter == 0);
}

TEST_CASE("where a request lies", "[svsm][SVSM-MEAS-02]") {
  far_away m;
  const auto bytes = svsm::write_request(m.request());
  const auto code_at = [&](gpa where) {
    m.world.put(where, bytes);
    return m.world.call(m.ctx, m.offered, {meas | 2, where.value, 0x1000}).code();
  };
  CHECK(code_at(request_at + 8) == 0);
  CHECK(code_at(request_at + 4) == 0x8000'0005);
  CHECK(code_at(request_at + (0x1000 - bytes.size())) == 0);  // it ends with its page
  CHECK(code_at(request_at + (0x1008 - bytes.size())) == 0x8000'0005);
  CHECK(m.world.call(m.ctx, m.offered, {meas | 2, 0x4'0000, 0x1000}).code() == 0x8000'0003);    // not validated
  CHECK(m.world.call(m.ctx, m.offered, {meas | 2, 0x100'0000, 0x1000}).code() == 0x8000'0003);  // the SVSM's own
}

TEST_CASE("what an SVSM does not measure", "[svsm][SVSM-MEAS-06][SVSM-MEAS-07][SVSM-MEAS-08]") {
  far_away m;
  const auto code_of = [&](svsm::measured_range range) {
    auto request = m.request();
    request.ranges = {range};
    const auto before = m.world.get(answer_at, 0x1000);
    const auto done = m.ask(request);
    const bool same = m.world.get(answer_at, 0x1000) == before;
    CHECK(same);
    CHECK(m.offered.measurement.counter == 0);
    return done.code();
  };
  CHECK(code_of({gpa{0x100'0000}, 16}) == 0x8000'0003);          // its own memory
  CHECK(code_of({gpa{0xff'fff0}, 32}) == 0x8000'0003);           // across the edge of the guest's
  CHECK(code_of({gpa{~std::uint64_t{15}}, 32}) == 0x8000'0003);  // wraps
  CHECK(code_of({svsm_world::vmsa, 1}) == 0x8000'0003);
  CHECK(code_of({svsm_world::caa + 7, 1}) == 0x8000'0003);
  CHECK(code_of({answer_at + 0xfff, 1}) == 0x8000'0003);
  CHECK(code_of({gpa{0x4'0000}, 16}) == 0x8000'1001);  // not validated: the hypervisor's, or nobody's
  m.world.at({0xe000}).validated = false;              // the hypervisor has taken it away
  CHECK(code_of({gpa{0xe000}, 16}) == 0x8000'1002);
  auto request = m.request();
  request.ranges = {{svsm_world::caa + 8, 8}};
  CHECK(m.ask(request).code() == 0);  // behind the calling area's header
}

TEST_CASE("the page of the request is memory like any other", "[svsm][SVSM-MEAS-06][SVSM-MEAS-20]") {
  far_away m;
  auto request = m.request();
  request.ranges = {{request_at, 0x1000}};
  m.world.put(request_at, svsm::write_request(request));
  m.expected.ranges.clear();
  m.expect({request_at, 0x1000});
  CHECK(m.judge(m.measure()).has_value());
}

TEST_CASE("a snapshot", "[svsm][SVSM-MEAS-09][SVSM-MEAS-10]") {
  far_away m;
  m.offered.measurement.limits.kib_per_call = 2;
  m.expected.flags = svsm::measure_snapshot;
  for (const std::size_t level : {1U, 3U})
    m.world.at(text_at).allowed[level] = {rmp::permissions::r | rmp::permissions::w};
  auto machine = m.world.machine();
  constexpr std::array<std::uint8_t, 1> byte{0xcc};
  REQUIRE(m.ask(m.request()).code() == 0x8000'0000);  // INCOMPLETE
  CHECK(m.world.word<std::uint16_t>(request_at + 0x0a) == 0);

  // No VMPL of the guest's writes the page, and no call writes it for the guest.
  for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
    CHECK_FALSE(machine.write_as(m.ctx, vmpl{level}, text_at, byte).has_value());
  m.world.put_word<std::uint32_t>(text_at, 0x9090'9090);
  m.world.put_list({0x8008}, {text_at.value | 4 | 8});
  CHECK(m.world.call(m.ctx, m.offered, {pvalidate, 0x8008}).code() != 0);
  CHECK(m.world.call(m.ctx, m.offered, {0x2'0000'0001, text_at.value}).code() != 0);
  CHECK(m.world.call(m.ctx, m.offered, {create_vcpu, text_at.value, 0xe000, 1}).code() != 0);
  CHECK(m.world.call(m.ctx, m.offered, {remap_ca, text_at.value}).code() != 0);

  SECTION("it goes on and ends: rights are as before") {
    const auto done = m.world.call(m.ctx, m.offered, {meas | 2, request_at.value});
    REQUIRE(done.code() == 0);
    CHECK(m.world.at(text_at).allowed[2] == svsm::guest_rights);
    for (const std::size_t level : {1U, 3U})
      CHECK(m.world.at(text_at).allowed[level].raw == (rmp::permissions::r | rmp::permissions::w));
    CHECK(m.world.self.frozen.empty());
    CHECK(m.judge({m.world.get(report_at, svsm::report_bytes),
                   m.world.get(answer_at, static_cast<std::size_t>(done.out.rcx))})
              .has_value());
  }
  SECTION("another request ends it") {
    auto other = m.request();
    other.nonce.fill(1);
    other.flags = 0;
    other.ranges = {{gpa{0xe000}, 16}};
    const auto done = m.ask(other);
    REQUIRE(done.code() == 0);
    CHECK(m.world.at(text_at).allowed[2] == svsm::guest_rights);
    CHECK(m.world.self.frozen.empty());
    // And begins at its own beginning.
    const auto manifest = svsm::parse_manifest(m.world.get(answer_at, static_cast<std::size_t>(done.out.rcx)));
    REQUIRE(manifest.has_value());
    const auto digest = crypto::sha384_of(m.world.get(gpa{0xe000}, 16));
    CHECK(std::ranges::equal(manifest->ranges.at(0).digest, digest));
  }
  SECTION("another processor waits for it") {
    m.world.put_vmsa({0x2000}, 2, 0x1000, svsm_world::features);
    m.world.make_vcpu(1, {0x2000}, {0x3000});
    const auto measures_there = [&] {
      return m.world.call(m.ctx, m.offered, {meas | 2, request_at.value}, 1).entry.call->code;
    };
    CHECK(measures_there() == svsm::result_code::busy);
    CHECK_FALSE(m.world.self.frozen.empty());
    REQUIRE(m.world.call(m.ctx, m.offered, {meas | 2, request_at.value}).code() == 0);
    CHECK(measures_there() == svsm::result_code::incomplete);
  }
  SECTION("rights that the guest has taken in between stay taken") {
    REQUIRE(machine.rmpadjust_as(m.ctx, vmpl{2}, text_at, page_size::k4k, 3).has_value());
    REQUIRE(m.world.call(m.ctx, m.offered, {meas | 2, request_at.value}).code() == 0);
    CHECK(m.world.at(text_at).allowed[3].raw == 0);
  }
}

TEST_CASE("a snapshot does not last for ever", "[svsm][SVSM-MEAS-10]") {
  far_away m;
  m.offered.measurement.limits.kib_per_call = 1;
  m.offered.measurement.limits.freeze_max_calls = 3;
  m.expected.flags = svsm::measure_snapshot;
  const auto again = [&] { return m.world.call(m.ctx, m.offered, {meas | 2, request_at.value}).code(); };
  REQUIRE(m.ask(m.request()).code() == 0x8000'0000);
  CHECK(again() == 0x8000'0000);
  CHECK(again() == 0x8000'1003);
  CHECK(m.world.at(text_at).allowed[2] == svsm::guest_rights);
  CHECK(m.offered.measurement.counter == 0);
}

TEST_CASE("two snapshots of one page: the second waits", "[svsm][SVSM-MEAS-09]") {
  far_away m;
  m.add_processor();
  m.offered.measurement.limits.kib_per_call = 1;
  const std::vector<svsm::measured_range> low{{text_at, 0x800}}, high{{text_at + 0x800, 0x800}};
  REQUIRE(m.snapshot(low, 0) == 0x8000'0000);
  CHECK(m.snapshot(high, 1) == 0x8000'0007);  // rights are those of pages: one would give back what the other took
  CHECK(m.snapshot(low, 0) == 0);
  REQUIRE(m.snapshot(high, 1) == 0x8000'0000);
  CHECK_FALSE(m.guest_writes(text_at + 0x900));
  CHECK(m.snapshot(high, 1) == 0);
  CHECK(m.guest_writes(text_at + 0x900));
  CHECK(m.world.self.frozen.empty());
}

TEST_CASE("a snapshot that others keep waiting ends", "[svsm][SVSM-MEAS-09][SVSM-MEAS-10]") {
  far_away m;
  m.add_processor();
  m.offered.measurement.limits.kib_per_call = 1;
  m.offered.measurement.limits.freeze_max_calls = 3;
  const svsm::measured_range one{text_at, 0x1000}, other{gpa{0xe000}, 0x1000};
  REQUIRE(m.snapshot({one, other}, 0) == 0x8000'0000);
  REQUIRE(m.snapshot({other}, 1) == 0x8000'0000);
  CHECK(m.snapshot({one, other}, 0) == 0x8000'0007);  // BUSY keeps what is frozen, and counts
  CHECK_FALSE(m.guest_writes(text_at));
  CHECK(m.snapshot({one, other}, 0) == 0x8000'1003);
  CHECK(m.guest_writes(text_at));
  CHECK_FALSE(m.guest_writes(other.first));
  CHECK(m.offered.measurement.under_way.size() == 1);
}

TEST_CASE("a snapshot that fails later on is not left frozen", "[svsm][SVSM-MEAS-09][SVSM-MEAS-10]") {
  far_away m;
  m.offered.measurement.limits.kib_per_call = 1;
  const std::vector<svsm::measured_range> ranges{{text_at, 0x800}, {gpa{0xe000}, 0x10}};
  REQUIRE(m.snapshot(ranges) == 0x8000'0000);
  CHECK_FALSE(m.guest_writes(text_at));
  SECTION("a page is shared meanwhile") {
    m.world.put_list({0x8008}, {0xe000});
    REQUIRE(m.world.call(m.ctx, m.offered, {pvalidate, 0x8008}).code() == 0);
    CHECK(m.snapshot(ranges) == 0x8000'1001);
  }
  SECTION("the request is no longer one") {
    m.world.put_word<std::uint32_t>(request_at, 2);
    CHECK(m.world.call(m.ctx, m.offered, {meas | 1, request_at.value}).code() == 0x8000'0004);
  }
  SECTION("there is no request") {
    CHECK(m.world.call(m.ctx, m.offered, {meas | 1, 0x100'0000}).code() == 0x8000'0003);
  }
  SECTION("the log is sealed") {
    REQUIRE(m.world.call(m.ctx, m.offered, {meas | 4}).code() == 0);
    CHECK(m.world.call(m.ctx, m.offered, {meas | 3, request_at.value}).code() == 0x8000'0006);
  }
  CHECK(m.world.self.frozen.empty());
  CHECK(m.offered.measurement.under_way.empty());
  CHECK(m.world.at(text_at).allowed[2] == svsm::guest_rights);
}

TEST_CASE("another request ends a snapshot before it is looked at", "[svsm][SVSM-MEAS-10]") {
  far_away m;
  m.offered.measurement.limits.kib_per_call = 1;
  REQUIRE(m.snapshot({{text_at, 0x800}}) == 0x8000'0000);
  SECTION("its buffer lies in what was frozen") {
    auto other = m.request();
    other.response = {text_at, 0x1000};
    other.ranges = {{gpa{0xe000}, 0x10}};
    CHECK(m.ask(other, 1).code() == 0);
  }
  SECTION("its request lies there") {
    auto other = m.request();
    other.ranges = {{gpa{0xe000}, 0x10}};
    m.world.put(text_at + 0x100, svsm::write_request(other));
    CHECK(m.world.call(m.ctx, m.offered, {meas | 1, text_at.value + 0x100}).code() == 0);
  }
  SECTION("it fails itself") {
    auto other = m.request();
    other.ranges = {{gpa{0x4'0000}, 0x10}};
    CHECK(m.ask(other, 1).code() == 0x8000'1001);
  }
  CHECK(m.world.self.frozen.empty());
  CHECK(m.world.at(text_at).allowed[2] == svsm::guest_rights);
}

TEST_CASE("a snapshot of its own request", "[svsm][SVSM-MEAS-09][SVSM-MEAS-10]") {
  far_away m;
  m.offered.measurement.limits.kib_per_call = 1;
  const auto again = [&] { return m.world.call(m.ctx, m.offered, {meas | 1, request_at.value}).code(); };
  REQUIRE(m.snapshot({{gpa{0xe000}, 0x400}, {request_at, 0x800}}) == 0x8000'0000);
  // NEXT stays, though a range is done: what is frozen no call changes.
  CHECK(m.world.word<std::uint16_t>(request_at + 0x0a) == 0);
  const auto frozen = m.world.get(request_at, 0x800);
  CHECK(again() == 0x8000'0000);
  CHECK(m.world.get(request_at, 0x800) == frozen);
  REQUIRE(again() == 0);
  const auto manifest =
      svsm::parse_manifest(m.world.get(answer_at, svsm::manifest_bytes(2, svsm::measurement_hash::sha384)));
  REQUIRE(manifest.has_value());
  CHECK(std::ranges::equal(manifest->ranges.at(1).digest, crypto::sha384_of(frozen)));
  CHECK(m.world.at(request_at).allowed[2] == svsm::guest_rights);
}

TEST_CASE("a processor whose VMSA is deleted leaves nothing frozen", "[svsm][SVSM-MEAS-10][SVSM-CORE-32]") {
  far_away m;
  m.add_processor();
  m.offered.measurement.limits.kib_per_call = 1;
  REQUIRE(m.snapshot({{text_at, 0x1000}}, 1) == 0x8000'0000);
  REQUIRE(m.snapshot({{gpa{0xe000}, 0x1000}}, 0) == 0x8000'0000);
  REQUIRE(m.world.call(m.ctx, m.offered, {delete_vcpu, 0x2000}).code() == 0);
  CHECK(m.guest_writes(text_at));
  CHECK_FALSE(m.guest_writes(gpa{0xe000}));
  CHECK(m.world.self.frozen.size() == 1);
  CHECK(m.offered.measurement.under_way.size() == 1);
}

TEST_CASE("a processor whose VMSA is replaced leaves nothing frozen", "[svsm][SVSM-MEAS-10][SVSM-CORE-26]") {
  far_away m;
  m.add_processor();
  m.world.put_vmsa({0x4000}, 2, 0x1000, svsm_world::features);
  m.offered.measurement.limits.kib_per_call = 1;
  REQUIRE(m.snapshot({{text_at, 0x1000}}, 1) == 0x8000'0000);
  REQUIRE(m.snapshot({{gpa{0xe000}, 0x1000}}, 0) == 0x8000'0000);
  REQUIRE(m.world.call(m.ctx, m.offered, {create_vcpu, 0x4000, 0x5000, 1}).code() == 0);
  CHECK(m.guest_writes(text_at));
  CHECK_FALSE(m.guest_writes(gpa{0xe000}));
  CHECK(m.world.self.frozen.size() == 1);
  CHECK(m.offered.measurement.under_way.size() == 1);
}

TEST_CASE("snapshots on a part without RMPQUERY", "[svsm][SVSM-MEAS-09][SVSM-MEAS-20][SVSM-BOOT-01]") {
  for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    INFO("guest at VMPL " << int{level});
    context<> ctx;
    svsm_world world{vmpl{level}};
    svsm_services offered;
    offered.measurement.limits.kib_per_call = 2;
    rmp::processor part;
    part.rmpquery = false;
    world.put(request_at, svsm::write_request({.flags = svsm::measure_snapshot | svsm::measure_permissions,
                                               .response = {answer_at, 0x1000},
                                               .report = {},
                                               .ranges = {{text_at, 0x1000}}}));
    if (level < 3) world.at(text_at).allowed[3] = {rmp::permissions::r | rmp::permissions::w};  // the guest's doing
    const auto call = [&] {
      world.leave({meas | 1, request_at.value});
      world.put_word<std::uint8_t>(svsm_world::caa, 1);
      auto below = svsm::rmp_machine(world.rmp, world.memory, world.map(), svsm_world::id, part);
      (void)svsm::enter(ctx, below, world.self, offered, 0);
      return world.registers().rax;
    };
    auto machine = world.machine();
    const auto writes = [&](vmpl who) {
      return machine.write_as(ctx, who, text_at, std::array<std::uint8_t, 1>{0}).has_value();
    };
    REQUIRE(call() == 0x8000'0000);
    for (std::uint8_t who = 1; who < svsm::levels; ++who) CHECK_FALSE(writes(vmpl{who}));
    CHECK_FALSE(world.broken().has_value());
    REQUIRE(call() == 0);
    CHECK_FALSE(world.broken().has_value());
    for (std::uint8_t who = 1; who < svsm::levels; ++who)
      CHECK(world.at(text_at).allowed[who] == (who == level ? svsm::guest_rights : svsm::no_rights));
    CHECK(world.self.frozen.empty());
    const auto manifest =
        svsm::parse_manifest(world.get(answer_at, svsm::manifest_bytes(1, svsm::measurement_hash::sha384)));
    REQUIRE(manifest.has_value());
    std::vector<std::uint8_t> bytes(0x1000, 0);
    bytes.push_back(svsm::guest_rights.raw);
    CHECK(std::ranges::equal(manifest->ranges.at(0).digest, crypto::sha384_of(bytes)));
  }
}

TEST_CASE("a report is not written over by the answer", "[svsm][SVSM-MEAS-05]") {
  far_away m;
  auto request = m.request();
  request.response.bytes = 0x2000;  // A000h to C000h; the report's is at B000h
  CHECK(m.ask(request).code() == 0x8000'0005);
  CHECK(m.ask(request, 1).code() == 0);  // MEAS_HASH writes none
  request.response = request.report;
  CHECK(m.ask(request).code() == 0x8000'0005);
  CHECK(m.offered.measurement.counter == 1);
}

TEST_CASE("without a snapshot a page can change between two calls", "[svsm][SVSM-MEAS-09]") {
  far_away m;
  m.offered.measurement.limits.kib_per_call = 2;
  REQUIRE(m.ask(m.request()).code() == 0x8000'0000);
  auto machine = m.world.machine();
  CHECK(machine.write_as(m.ctx, vmpl{2}, text_at, std::array<std::uint8_t, 1>{0xcc}).has_value());
  const auto done = m.world.call(m.ctx, m.offered, {meas | 2, request_at.value});
  REQUIRE(done.code() == 0);
  // Its first half was hashed before: the digest is of memory that never was.
  CHECK(m.judge({m.world.get(report_at, svsm::report_bytes),
                 m.world.get(answer_at, static_cast<std::size_t>(done.out.rcx))})
            .has_value());
  CHECK(m.world.get(text_at, 1)[0] == 0xcc);
}

TEST_CASE("permissions are measured on demand", "[svsm][SVSM-MEAS-20]") {
  far_away m;
  m.expected.flags = svsm::measure_permissions;
  std::vector<std::uint8_t> bytes(0x1000, 0x90);
  bytes.push_back(svsm::guest_rights.raw);
  const auto digest = crypto::sha384_of(bytes);
  m.expected.ranges[0].digest.assign(digest.begin(), digest.end());
  CHECK(m.judge(m.measure()).has_value());
  m.world.at(text_at).allowed[2] = {rmp::permissions::r};
  m.expected.last_counter = 1;
  CHECK(m.why(m.measure()) == refusal::digest);
}

TEST_CASE("all three hashes", "[svsm][SVSM-MEAS-03][SVSM-MEAS-20]") {
  for (const auto hash :
       {svsm::measurement_hash::sha256, svsm::measurement_hash::sha384, svsm::measurement_hash::sha512}) {
    far_away m;
    auto request = m.request();
    request.hash = hash;
    const auto done = m.ask(request, 1);
    REQUIRE(done.code() == 0);
    const auto manifest = svsm::parse_manifest(m.world.get(answer_at, static_cast<std::size_t>(done.out.rcx)));
    REQUIRE(manifest.has_value());
    CHECK(manifest->hash == hash);
    svsm::range_hash wanted{hash};
    wanted.update(m.world.get(text_at, 0x1000));
    CHECK(manifest->ranges[0].digest == wanted.value());
    CHECK(manifest->ranges[0].digest.size() == svsm::digest_bytes(hash));
  }
}

TEST_CASE("lengths, limits and abilities", "[svsm][SVSM-MEAS-04][SVSM-MEAS-05][SVSM-MEAS-11]") {
  far_away m;
  const auto query = m.world.call(m.ctx, m.offered, {meas, 0});
  CHECK(query.out.rcx == 0x107);
  CHECK(query.out.rdx == (std::uint64_t{4096} << 32 | 249));
  CHECK(query.out.r8 == 0);
  auto request = m.request();
  request.response.bytes = 16;
  auto done = m.ask(request);
  CHECK(done.code() == 0x8000'0005);
  CHECK(done.out.rcx == svsm::manifest_bytes(1, request.hash));
  request = m.request();
  request.report.bytes = 16;
  done = m.ask(request);
  CHECK(done.code() == 0x8000'0005);
  CHECK(done.out.r8 == svsm::report_bytes);
  request.response.bytes = static_cast<std::uint32_t>(svsm::manifest_bytes(1, request.hash));
  request.report.bytes = svsm::report_bytes;
  CHECK(m.ask(request).code() == 0);  // what fits exactly
  m.offered.measurement.limits.ranges = 1;
  request = m.request();
  request.ranges.push_back({gpa{0xe000}, 1});
  CHECK(m.ask(request).code() == 0x8000'0005);
  m.offered.measurement.limits.requests_left = 1;
  CHECK(m.ask(m.request()).code() == 0);
  CHECK(m.ask(m.request()).code() == 0x8000'0007);
}

TEST_CASE("a report that is to be asked for again does not count", "[svsm][SVSM-MEAS-11][SVSM-CA-04]") {
  far_away m;
  sometimes_busy source{.chip = m.chip};
  svsm::services<echo_tpm, inverting_mode, sometimes_busy&> offered{
      .tpm = {}, .management = {}, .reports = source, .manifest = {}, .measurement = {}};
  offered.measurement.limits.requests_left = 1;
  m.world.put(request_at, svsm::write_request(m.request()));
  const auto ask = [&] { return m.world.call(m.ctx, offered, {meas | 2, request_at.value, 0x1000}).code(); };
  source.busy = true;
  CHECK(ask() == 0x8000'0007);
  CHECK(ask() == 0x8000'0007);
  CHECK(offered.measurement.limits.requests_left == 1);
  source.busy = false;
  CHECK(ask() == 0);
  CHECK(offered.measurement.limits.requests_left == 0);
  CHECK(ask() == 0x8000'0007);
  // Nor is it the report alone that counts.
  offered.measurement.limits.requests_left = 1;
  CHECK(m.world.call(m.ctx, offered, {meas | 1, request_at.value, 0x1000}).code() == 0);
  CHECK(offered.measurement.limits.requests_left == 0);
}

TEST_CASE("a session key saves the report", "[svsm][SVSM-MEAS-22]") {
  far_away m;
  const auto key = signing_chip::make_key(9);
  m.offered.measurement.session_key = key;
  CHECK(m.world.call(m.ctx, m.offered, {meas, 0}).out.rcx == 0x307);
  const auto done = m.ask(m.request(), 1);
  REQUIRE(done.code() == 0);
  auto answer = m.world.get(answer_at, static_cast<std::size_t>(done.out.rcx));
  const auto session = crypto::p384_verifier::make(key.public_key()).value();
  CHECK(svsm::check_signed_measurement(m.ctx, answer, session, m.expected).has_value());
  answer[0x30] ^= 1;
  CHECK(svsm::check_signed_measurement(m.ctx, answer, session, m.expected).error().why == refusal::binding);
  const auto other = crypto::p384_verifier::make(signing_chip::make_key(8).public_key()).value();
  answer[0x30] ^= 1;
  CHECK(svsm::check_signed_measurement(m.ctx, answer, other, m.expected).error().why == refusal::binding);
  CHECK(svsm::check_signed_measurement(m.ctx, std::span{answer}.first(40), session, m.expected).error().why ==
        refusal::manifest);
}

TEST_CASE("the boot log", "[svsm][SVSM-MEAS-30]") {
  far_away m;
  REQUIRE(m.ask(m.request(), 3).code() == 0);
  auto second = m.request();
  second.nonce.fill(9);
  second.ranges = {{gpa{0xe000}, 16}, {gpa{0xe010}, 16}};
  const auto done = m.ask(second, 3);
  REQUIRE(done.code() == 0);
  CHECK(done.out.rcx == 3 * svsm::baseline_entry_bytes);
  crypto::sha384_value value{};
  for (const svsm::baseline_entry& one : m.offered.measurement.baseline.entries) value = svsm::extended_by(value, one);
  CHECK(value == m.offered.measurement.baseline.extended);
  const auto read = m.world.call(m.ctx, m.offered, {meas | 5, 0xf000, 0x1000});
  REQUIRE(read.code() == 0);
  CHECK(read.out.rcx == 56 + 3 * svsm::baseline_entry_bytes);
  CHECK(m.world.get({0xf000}, 48) == std::vector<std::uint8_t>(value.begin(), value.end()));
  CHECK(m.world.word<std::uint32_t>({0xf030}) == 3);
  CHECK(m.world.get(gpa{0xf038 + 64}, 32) == std::vector<std::uint8_t>(32, 0x42));
  CHECK(m.world.call(m.ctx, m.offered, {meas | 5, 0xf000, 100}).code() == 0x8000'0005);
  REQUIRE(m.world.call(m.ctx, m.offered, {meas | 4}).code() == 0);
  REQUIRE(m.world.call(m.ctx, m.offered, {meas | 4}).code() == 0);  // once more is no harm
  CHECK(m.ask(m.request(), 3).code() == 0x8000'0006);
}
