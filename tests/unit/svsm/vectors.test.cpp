// SPDX-License-Identifier: MIT
// The vectors of tests/data/ghcb-protocol.json for the SVSM: calls, the handshake with an interfering hypervisor, and
// measurements. Every one of them, every expectation.
#include <fstream>
#include <functional>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/svsm/measurement_manifest.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>
#include <support/switch_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nlohmann::json;

auto file() -> const json& {
  static const json loaded = [] {
    std::ifstream in(SEVSPEC_TEST_DATA_DIR "/ghcb-protocol.json");
    return json::parse(in);
  }();
  return loaded;
}
auto number(const json& value) -> std::uint64_t {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number()) return value.get<std::uint64_t>();
  return std::stoull(value.get<std::string>(), nullptr, 0);
}
auto bytes_of(const std::string& text) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    made.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return made;
}
auto text_of(std::span<const std::uint8_t> bytes) -> std::string {
  std::string made;
  for (const std::uint8_t byte : bytes) {
    made += "0123456789abcdef"[byte >> 4];
    made += "0123456789abcdef"[byte & 15];
  }
  return made;
}

/// Notes which members of an object were looked at, so that nothing in a vector goes unread.
class reading {
 public:
  explicit reading(const json& in) : in_(&in) {}
  auto operator()(const char* key) -> const json* {
    seen_.insert(key);
    return in_->contains(key) ? &in_->at(key) : nullptr;
  }
  [[nodiscard]] auto number_or(const char* key, std::uint64_t otherwise) -> std::uint64_t {
    const json* const found = (*this)(key);
    return found == nullptr ? otherwise : number(*found);
  }
  void check_all_read() const {
    for (const auto& [key, value] : in_->items()) {
      INFO("member " << key);
      CHECK(seen_.contains(key));
    }
  }

 private:
  const json* in_;
  std::set<std::string> seen_;
};

auto choices_of(const json& vector) -> implementation_choices {
  const std::string profile = vector.at("profile");
  if (profile == "coconut") return svsm::as_coconut;
  if (profile == "amdese") return svsm::as_amd;
  CHECK((profile == "spec" || profile == "ours"));
  return svsm::as_specified;
}

/// Plays every vector of a kind.
auto play_kind(const std::string& kind, void (*play)(const json&)) -> unsigned {
  unsigned all = 0;
  unsigned played = 0;
  for (const json& vector : file().at("vectors")) {
    if (vector.at("kind") != kind) continue;
    ++all;
    INFO(vector.at("id").get<std::string>() << " " << vector.at("title").get<std::string>());
    play(vector);
    ++played;
  }
  std::cout << kind << ": " << played << " of " << all << '\n';
  CHECK(played == all);
  return played;
}

void check_page(svsm_world& world, const json& expected, const rmp::entry& before) {
  reading read(expected);
  const gpa page{number(*read("gpa"))};
  const rmp::entry& found = world.at(page);
  if (const auto* v = read("validated")) CHECK(found.validated == (number(*v) != 0));
  if (const auto* v = read("vmsa")) CHECK(found.vmsa == (number(*v) != 0));
  if (const auto* v = read("zeroed"))
    CHECK((world.get(page, 4096) == std::vector<std::uint8_t>(4096)) == v->get<bool>());
  const auto rights = [&](const json& text, unsigned level) {
    const std::string wanted = text;
    if (wanted == "unchanged") CHECK(found.allowed[level] == before.allowed[level]);
    else if (wanted == "RWX") CHECK(found.allowed[level] == svsm::guest_rights);
    else if (wanted == "R") CHECK(found.allowed[level].raw == rmp::permissions::r);
    else CHECK((wanted == "none" && found.allowed[level].raw == 0));
  };
  if (const auto* v = read("vmpl1")) rights(*v, 1);
  if (const auto* v = read("vmpl2")) rights(*v, 2);
  if (const auto* v = read("vmpl3")) rights(*v, 3);
  read.check_all_read();
}

void play_call(const json& vector) {
  reading conditions(vector.at("preconditions"));
  svsm_world world({static_cast<std::uint8_t>(conditions.number_or("guest_vmpl", 2))});
  CHECK(gpa{conditions.number_or("caa", 0)} == svsm_world::caa);
  world.self.processors[0].apic.active = conditions.number_or("apic_emulation", 0) != 0;
  conditions.check_all_read();
  for (const std::uint64_t page : {0x2'0000ULL, 0x2'1000ULL, 0x3'0000ULL, 0x4'0000ULL, 0x5'0000ULL}) {
    world.give({page});
    world.put({page}, std::vector<std::uint8_t>(4096, 0xa5));
  }
  for (const std::uint64_t page : {0x9000ULL, 0x1'0000ULL, 0x1'1000ULL})
    world.put({page}, std::vector<std::uint8_t>(4096, 0xa5));

  reading input(vector.at("input"));
  const svsm::call_registers registers{input.number_or("rax", 0), input.number_or("rcx", 0), input.number_or("rdx", 0),
                                       input.number_or("r8", 0), 0x9999};
  const gpa list{registers.rcx};
  if (const auto* v = input("mem")) world.put(list, bytes_of(*v));
  if (const auto* v = input("mem_entries")) {
    std::vector<std::uint64_t> entries;
    for (std::uint64_t i = 0; i < 510; ++i) entries.push_back((0x10'0000 + i * 0x1000) | 4);
    world.put_list(list, entries, 0, static_cast<std::uint16_t>(number(*v)));
  }
  if (const auto* v = input("already_valid"))
    for (const auto& page : *v) world.give({number(page)});
  if (const auto* v = input("svsm_region")) {
    const std::uint64_t first = number(v->at(0));
    CHECK(world.self.config.own == svsm::region{{first}, number(v->at(1)) - first});
  }
  if (const auto* v = input("rmp")) {
    CHECK(*v == "4K");
    CHECK_FALSE(world.at({0x20'0000}).large);
  }
  if (const auto* v = input("vmsa")) {
    const std::string text = v->at("sev_features");
    CHECK((text == "same" || text == "caller^0x20"));
    world.put_vmsa({registers.rcx}, v->at("vmpl").get<std::uint8_t>(), number(v->at("efer")),
                   text == "same" ? svsm_world::features : svsm_world::features ^ 0x20);
  }
  const std::uint64_t nonce_size = input.number_or("nonce_size", 64);
  const std::uint64_t report_size = input.number_or("report_size", 0x1000);
  if (svsm::protocol_of(registers.rax) == 1 && svsm::call_of(registers.rax) == 0) {
    world.put(list, std::vector<std::uint8_t>(0x58));
    world.put_word<std::uint64_t>(list + 0x00, 0x4'0000);
    world.put_word(list + 0x08, static_cast<std::uint32_t>(report_size));
    world.put_word<std::uint64_t>(list + 0x10, 0x5'0000);
    world.put_word(list + 0x18, static_cast<std::uint16_t>(nonce_size));
    world.put_word<std::uint64_t>(list + 0x20, 0x3'0000);
    world.put_word<std::uint32_t>(list + 0x28, 0x1000);
  }
  input.check_all_read();

  context<> ctx;
  ctx.choices = choices_of(vector);
  svsm_services offered;
  const rmp::entry before = world.at({0x1'0000});
  const auto done = world.call(ctx, offered, registers);
  REQUIRE(done.entry.what == svsm::entry_end::answered);
  CHECK(done.out.r9 == 0x9999);
  CHECK(world.get(svsm_world::caa, 1)[0] == 0);
  CHECK_FALSE(world.broken());
  reading read(vector.at("expected"));
  if (const auto* v = read("accepted")) CHECK((done.code() == 0) == v->get<bool>());
  if (const auto* v = read("rax")) CHECK(hex(done.code()) == hex(number(*v)));
  if (const auto* v = read("rcx")) CHECK(hex(done.out.rcx) == hex(number(*v)));
  if (const auto* v = read("rdx")) CHECK(hex(done.out.rdx) == hex(number(*v)));
  if (const auto* v = read("r8")) CHECK(hex(done.out.r8) == hex(number(*v)));
  if (const auto* v = read("next")) CHECK(world.word<std::uint16_t>(list + 2) == number(*v));
  if (const auto* v = read("caa")) CHECK(world.self.processors[0].caa == gpa{number(*v)});
  if (const auto* v = read("mem_at_0x9000")) CHECK(text_of(world.get({0x9000}, 8)) == v->get<std::string>());
  if (const auto* v = read("page")) check_page(world, *v, before);
  read.check_all_read();
}

/// A guest on the world, and a hypervisor between it and the SVSM.
struct guest_port {
  svsm_world* world;
  std::function<void()> hypervisor;  ///< what happens between VMGEXIT and the guest's next instruction
  std::uint64_t answer = 0x17;

  [[nodiscard]] static auto interrupts_enabled() -> bool { return false; }
  void set_pending() const { world->put_word<std::uint8_t>(svsm_world::caa, 1); }
  auto vmgexit(svsm::call_registers& registers) const -> svsm::switch_answer {
    world->leave(registers);
    hypervisor();
    registers = world->registers();
    return answer;
  }
  [[nodiscard]] auto exchange_pending() const -> std::uint8_t {
    const std::uint8_t before = world->get(svsm_world::caa, 1)[0];
    world->put_word<std::uint8_t>(svsm_world::caa, 0);
    return before;
  }
};

/// A TPM that looks at the machine while it works.
struct watching_tpm {
  std::function<void()> look;
  auto execute(std::span<const std::uint8_t>) -> std::vector<std::uint8_t> {
    look();
    return {};
  }
};

void play_handshake(const json& vector) {
  context<> ctx;
  svsm_world world;
  svsm_services offered;
  const std::string id = vector.at("id");
  const std::string outcome = vector.at("expected").at("outcome");
  const svsm::call_registers query{svsm::rax_of(layout::svsm_core_calls::query_protocol), 1, 2, 3, 4};
  if (id == "GV-199") {
    CHECK(outcome == "guest: call failed (interference)");
    guest_port port{&world, [] {}};
    const auto done = svsm::call(ctx, port, query);
    CHECK(done.what == svsm::call_verdict::not_served);
    CHECK(done.decided_by == rule::SVSM_CA_02);
    CHECK(done.registers == query);
  } else if (id == "GV-200") {
    CHECK(outcome == "SVSM: no request, guest VMSA resumed with registers unchanged");
    world.leave(query);
    const auto before = world.memory;
    CHECK(world.enter(ctx, offered).what == svsm::entry_end::no_request);
    CHECK(world.memory == before);
    CHECK((world.state(svsm_world::vmsa).efer() & svsm::efer_svme) != 0);
  } else if (id == "GV-201") {
    CHECK(outcome == "SVSM: pending==0, nothing re-executed");
    svsm::entry_result first, second;
    guest_port port{&world, [&] {
                      first = world.enter(ctx, offered);
                      second = world.enter(ctx, offered);
                    }};
    const auto done = svsm::call(ctx, port, query);
    CHECK(first.what == svsm::entry_end::answered);
    CHECK(second.what == svsm::entry_end::no_request);
    CHECK(done.what == svsm::call_verdict::done);
    CHECK(done.registers.rcx == 0x1'0000'0001);
  } else if (id == "GV-202") {
    CHECK(outcome == "VMEXIT_INVALID");
    std::uint64_t efer = ~std::uint64_t{};
    svsm::services<watching_tpm> busy{.tpm = {[&] { efer = world.state(svsm_world::vmsa).efer(); }}};
    world.give({0x4'0000});
    world.put_word<std::uint32_t>({0x4'0000}, 8);
    CHECK(world.call(ctx, busy, {0x2'0000'0001, 0x4'0000}).code() == 0);
    CHECK((efer & svsm::efer_svme) == 0);
    switch_world host;
    host.vmsa.set_efer(host.vmsa.efer() & (efer | ~svsm::efer_svme));
    host.write();
    const auto run = host.run(ctx);
    CHECK(run.end == cpu::vmrun_end::exited);
    CHECK(layout::read_le<std::uint64_t>(host.vmcb_now().bytes.data() + 0x70) == ~std::uint64_t{});
  } else {
    REQUIRE(id == "GV-203");
    CHECK(outcome == "SVSM: GUEST_EXITCODE!=0x403, ignored; pending stays 1");
    world.leave(query, 0, 0x60);
    world.put_word<std::uint8_t>(svsm_world::caa, 1);
    const auto done = world.enter(ctx, offered);
    CHECK(done.what == svsm::entry_end::no_request);
    CHECK(done.decided_by == rule::SVSM_CA_05);
    CHECK(world.get(svsm_world::caa, 1)[0] == 1);
    CHECK(world.registers() == query);
  }
}

void play_measurement(const json& vector) {
  context<> ctx;
  svsm_world world;
  svsm_services offered;
  reading input(vector.at("input"));
  svsm::measurement_request request{.response = {gpa{0xa000}, 0x1000}, .report = {gpa{0xb000}, 0x1000}};
  const auto nonce = bytes_of(*input("nonce"));
  std::ranges::copy(nonce, request.nonce.begin());
  request.flags = static_cast<std::uint16_t>(input.number_or("flags", 0));
  offered.measurement.counter = input.number_or("counter", 1) - 1;
  CHECK(input.number_or("caller_vmpl", 0) == world.self.config.guest_level.value);
  for (const json& range : *input("ranges")) {
    const gpa where{number(range.at("gpa"))};
    const std::size_t length = range.at("len");
    const auto bytes = range.contains("fill") ? std::vector<std::uint8_t>(length, bytes_of(range.at("fill"))[0])
                                              : bytes_of(range.at("hex"));
    REQUIRE(bytes.size() == length);
    world.put(where, bytes);
    request.ranges.push_back({where, length});
  }
  input.check_all_read();
  const gpa where{0x9000};
  world.put(where, svsm::write_request(request));
  const auto done = world.call(ctx, offered, {meas | 2, where.value});
  REQUIRE(done.code() == 0);
  const auto manifest = world.get({0xa000}, static_cast<std::size_t>(done.out.rcx));
  reading read(vector.at("expected"));
  CHECK(text_of(manifest) == read("manifest")->get<std::string>());
  CHECK(text_of(crypto::sha384_of(manifest)) == read("manifest_sha384")->get<std::string>());
  REQUIRE(offered.reports.asked.size() == 1);
  CHECK(text_of(offered.reports.asked[0]) == read("report_data")->get<std::string>());
  CHECK(text_of(world.get({0xb050}, 64)) == read("report_data")->get<std::string>());
  const auto parsed = svsm::parse_manifest(manifest);
  REQUIRE(parsed.has_value());
  const json& digests = *read("range_digests");
  REQUIRE(parsed->ranges.size() == digests.size());
  for (std::size_t i = 0; i < digests.size(); ++i)
    CHECK(text_of(parsed->ranges[i].digest) == digests[i].get<std::string>());
  CHECK(svsm::write_manifest(*parsed) == manifest);
  read.check_all_read();
}

}  // namespace

TEST_CASE("vectors of SVSM calls", "[svsm][vectors]") { CHECK(play_kind("svsm", play_call) == 51); }
TEST_CASE("vectors of the handshake", "[svsm][vectors]") { CHECK(play_kind("svsm-handshake", play_handshake) == 5); }
TEST_CASE("vectors of measurements", "[svsm][vectors][SVSM-MEAS-20][SVSM-MEAS-21]") {
  CHECK(play_kind("svsm-meas", play_measurement) == 3);
}
