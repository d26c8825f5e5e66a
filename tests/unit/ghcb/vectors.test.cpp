// SPDX-License-Identifier: MIT
// The vectors of tests/data/ghcb-protocol.json for the GHCB protocols and for VMRUN: every one of them, every expectation.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <sevspec/ghcb/conversion_graph.hpp>
#include <sevspec/ghcb/guest_cpuid.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/profiles.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/ghcb/serve_processors.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>
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
  if (value.is_number()) return value.get<std::uint64_t>();
  return std::stoull(value.get<std::string>(), nullptr, 0);
}
auto number(const json& in, const char* key, std::uint64_t otherwise) -> std::uint64_t {
  return in.contains(key) ? number(in.at(key)) : otherwise;
}
auto bytes_of(const std::string& text) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    made.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
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

struct player {
  context<> ctx;
  ghcb_world world;
  rmp::lazy_table table{0x1'0000};
  std::uint64_t scratch = 0;

  explicit player(const json& vector) {
    if (vector.at("profile") == "kvm") ctx.choices = ghcb::as_kvm;
    set_up(vector.at("preconditions"));
  }

  void set_up(const json& conditions) {
    reading read(conditions);
    ghcb::guest_config config;
    if (const auto* v = read("guest")) config.snp = *v == "snp";
    if (const auto* v = read("cbit")) config.c_bit = static_cast<std::uint8_t>(number(*v));
    if (const auto* v = read("hv_min")) config.lowest_version = static_cast<std::uint16_t>(number(*v));
    if (const auto* v = read("hv_max")) config.highest_version = static_cast<std::uint16_t>(number(*v));
    if (const auto* v = read("hv_features")) config.features = number(*v);
    if (const auto* v = read("sev_features")) config.sev_features = number(*v);
    std::uint32_t processors = 2;
    if (const auto* v = read("vcpus"))
      processors = v->is_array() ? static_cast<std::uint32_t>(v->size()) : v->get<std::uint32_t>();
    world.vm = ghcb::make_machine(config, processors);
    if (const auto* v = read("registered_gpa")) world.cpu().here().registered = gpa{number(*v)};
    if (const auto* v = read("tsc")) world.env.time_stamp = number(*v);
    if (const auto* v = read("io"))
      for (const auto& [port, value] : v->items())
        world.env.ports[static_cast<std::uint32_t>(std::stoul(port, nullptr, 0))] =
            static_cast<std::uint32_t>(number(value));
    if (const auto* v = read("cpuid"))
      for (const auto& [name, value] : v->items()) {
        const auto dot = name.find('.');
        const auto last = name.rfind('.');
        auto& found = world.env.functions[std::stoull(name.substr(0, dot), nullptr, 0) << 32 |
                                          std::stoull(name.substr(dot + 1, last - dot - 1), nullptr, 0)];
        const std::string which = name.substr(last + 1);
        auto& word = which == "eax" ? found.eax : which == "ebx" ? found.ebx : which == "ecx" ? found.ecx : found.edx;
        word = static_cast<std::uint32_t>(number(value));
      }
    if (const auto* v = read("fw_status")) world.env.firmware_status = static_cast<std::uint32_t>(number(*v));
    if (const auto* v = read("certs_pages")) world.env.certificate_pages = number(*v);
    if (const auto* v = read("throttled")) world.env.too_fast = v->get<bool>();
    std::uint8_t type = 5;
    if (const auto* v = read("msg_type")) type = static_cast<std::uint8_t>(number(*v));
    world.put_bytes(0x10034, {&type, 1});  // where the vectors have their request page
    if (const auto* v = read("host_fail"))
      for (const auto& one : *v) world.env.failing.insert(number(one));
    if (const auto* v = read("first_sipi_received")) world.cpu().first_sipi_seen = v->get<bool>();
    if (const auto* v = read("vmsa"))
      for (const auto& [level, state] : v->items()) {
        CHECK(state == "valid");
        world.cpu().at[std::stoul(level)].vmsa = gpa{0x5001000 + 0x1000 * std::stoull(level)};
      }
    if (const auto* v = read("page_state")) {
      for (const auto& [where, state] : v->items())
        if (state == "PA") {
          CHECK(rmp::rmpupdate(ctx, table, {}, {}, spa{std::stoull(where, nullptr, 0)},
                               rmp::private_state(gpa{std::stoull(where, nullptr, 0)}, {5}, false))
                    ->succeeded());
        } else {
          CHECK(state == "S");
        }
      world.env.host = [this](const ghcb::page_change& change) {
        ghcb::rmp_host on(ctx, table, {}, asid{5}, [](gpa page) { return std::optional{spa{page.value}}; });
        return on.change_pages(change);
      };
    }
    read.check_all_read();
  }

  /// One request of the page protocol.
  auto exit(const json& input) -> ghcb::vmgexit_result {
    reading read(input);
    layout::ghcb page;
    const std::uint64_t where = number(*read("msr"));
    page.set_ghcb_usage(static_cast<std::uint32_t>(number(*read("usage"))));
    page.set_protocol_version(static_cast<std::uint16_t>(number(*read("version"))));
    layout::write_le(page.data() + 0x390, number(*read("sw_exit_code")));
    page.set_sw_exit_info_1({number(*read("sw_exit_info_1"))});
    page.set_sw_exit_info_2(number(*read("sw_exit_info_2")));
    const auto* bitmap = read("valid_bitmap");
    layout::write_le(page.data() + 0x3f0, number(bitmap->at(0)));
    layout::write_le(page.data() + 0x3f8, number(bitmap->at(1)));
    if (const auto* v = read("rax")) page.set_rax(number(*v));
    if (const auto* v = read("rbx")) page.set_rbx(number(*v));
    if (const auto* v = read("rcx")) page.set_rcx(number(*v));
    if (const auto* v = read("rdx")) page.set_rdx(number(*v));
    if (const auto* v = read("xcr0")) page.set_xcr0(number(*v));
    if (const auto* v = read("cpl")) page.set_cpl(static_cast<std::uint8_t>(number(*v)));
    if (const auto* v = read("sw_scratch")) page.set_sw_scratch(scratch = number(*v));
    world.put(page, where);
    if (const auto* v = read("scratch_bytes")) world.put_bytes(scratch, bytes_of(v->get<std::string>()));
    read.check_all_read();
    world.cpu().here().msr = where;
    page_at = where;
    return vmgexit(ctx, world.vm, world.cpu(), world.env);
  }
  std::uint64_t page_at = 0;
  [[nodiscard]] auto page() -> layout::ghcb {
    layout::ghcb found;
    (void)world.env.read({page_at}, found.bytes());
    return found;
  }
};

void check_device(const std::vector<ghcb_environment::device_access>& log, const json& wanted, const char* address) {
  std::vector<std::uint8_t> data;
  std::uint64_t length = 0;
  for (const auto& one : log) {
    CHECK(one.where >= number(wanted.at(address)));
    CHECK(one.write == (wanted.at("dir") == "out" || wanted.at("dir") == "write"));
    if (wanted.contains("size")) CHECK(one.bytes.size() == number(wanted.at("size")));
    length += one.bytes.size();
    data.insert(data.end(), one.bytes.begin(), one.bytes.end());
  }
  CHECK_FALSE(log.empty());
  if (wanted.contains("data")) CHECK(data == bytes_of(wanted.at("data").get<std::string>()));
  if (wanted.contains("len")) CHECK(length == number(wanted.at("len")));
}

void check_processor(player& play, const json& wanted) {
  ghcb::vcpu* const target = ghcb::find_vcpu(play.world.vm, static_cast<std::uint32_t>(number(wanted, "apic_id", 1)));
  REQUIRE(target != nullptr);
  const auto& vmsa = wanted.at("vmsa_gpa");
  CHECK(target->at[0].vmsa == (vmsa.is_null() ? std::nullopt : std::optional{gpa{number(vmsa)}}));
  CHECK(target->runnable == (wanted.at("state") == "runnable"));
}

void check_page(player& play, const ghcb::vmgexit_result& done, reading& read) {
  if (const auto* v = read("fatal")) CHECK((done.next == ghcb::next_step::stop) == v->get<bool>());
  if (const auto* v = read("resume")) CHECK((done.next == ghcb::next_step::resume) == v->get<bool>());
  if (const auto* v = read("terminate")) {
    CHECK((done.next == ghcb::next_step::terminate) == v->get<bool>());
    REQUIRE(play.world.vm.why.has_value());
    CHECK(play.world.vm.why->set == number(*read("set")));
    CHECK(play.world.vm.why->code == number(*read("code")));
  }
  layout::ghcb page = play.page();
  const auto passed = [&](ghcb::ghcb_field field) {
    const auto value = layout::passed(page, field);
    CHECK(value.has_value());
    return value.value_or(0);
  };
  if (const auto* v = read("sw_exit_info_1")) CHECK(passed(ghcb::ghcb_field::sw_exit_info_1) == number(*v));
  for (const char* key : {"sw_exit_info_2", "final_sw_exit_info_2"})
    if (const auto* v = read(key)) CHECK(passed(ghcb::ghcb_field::sw_exit_info_2) == number(*v));
  if (const auto* v = read("sw_exit_info_2_any_of")) {
    const std::uint64_t found = passed(ghcb::ghcb_field::sw_exit_info_2);
    CHECK(std::any_of(v->begin(), v->end(), [&](const json& one) { return number(one) == found; }));
  }
  if (const auto* v = read("rax")) CHECK(passed(ghcb::ghcb_field::rax) == number(*v));
  if (const auto* v = read("rbx")) CHECK(passed(ghcb::ghcb_field::rbx) == number(*v));
  if (const auto* v = read("rax_low32")) CHECK((passed(ghcb::ghcb_field::rax) & 0xffff'ffff) == number(*v));
  if (const auto* v = read("rdx_low32")) CHECK((passed(ghcb::ghcb_field::rdx) & 0xffff'ffff) == number(*v));
  if (const auto* v = read("valid_out"))
    for (const auto& name : *v) {
      using enum ghcb::ghcb_field;
      (void)passed(name == "rax" ? rax : name == "rbx" ? rbx : name == "rcx" ? rcx : rdx);
    }
  if (const auto* v = read("io")) check_device(play.world.env.io, *v, "port");
  if (const auto* v = read("mmio")) check_device(play.world.env.mmio, *v, "gpa");
  if (const auto* v = read("target")) check_processor(play, *v);
  if (const auto* v = read("buffer_bytes")) {
    const auto wanted = bytes_of(v->get<std::string>());
    CHECK(play.world.env.bytes(0x60000, wanted.size()) == wanted);
  }
  if (const auto* v = read("cur_entry"))
    CHECK(layout::read_le<std::uint16_t>(play.world.env.bytes(play.scratch, 2).data()) == number(*v));
  if (const auto* v = read("scratch_bytes")) {
    const auto wanted = bytes_of(v->get<std::string>());
    CHECK(play.world.env.bytes(play.scratch, wanted.size()) == wanted);
  }
  if (const auto* v = read("hv_ops")) {
    REQUIRE(play.world.env.changes.size() == v->size());
    for (std::size_t i = 0; i < v->size(); ++i) {
      const ghcb::page_change& change = play.world.env.changes[i];
      CHECK(change.first.value == number(v->at(i).at("gpa")));
      CHECK(change.pages == number(v->at(i).at("pages")));
      CHECK((change.size == page_size::k4k) == (v->at(i).at("level") == "4K"));
    }
  }
}

void play_page(const json& vector) {
  player play(vector);
  const json& input = vector.at("input");
  reading read(vector.at("expected"));
  ghcb::vmgexit_result done;
  if (input.contains("sequence")) {
    unsigned step = 0;
    for (const json& one : input.at("sequence")) {
      ++step;
      if (one.contains("host_event")) {
        CHECK(one.at("host_event") == "INIT to APIC 1");
        ghcb::deliver_init(play.ctx, play.world.vm.vcpus[1]);
      } else {
        done = play.exit(one);
      }
      if (step == 1)
        if (const auto* v = read("after_step_1")) {
          CHECK(*v == "old VMSA still current");
          CHECK_FALSE(play.world.vm.vcpus[1].at[0].vmsa.has_value());
        }
      if (step == 2) {
        if (const auto* v = read("after_step_2")) check_processor(play, *v);
        if (const auto* v = read("step2")) {
          reading inner(*v);
          check_page(play, done, inner);
          inner.check_all_read();
        }
      }
    }
  } else {
    done = play.exit(input);
  }
  check_page(play, done, read);
  read.check_all_read();
}

void play_msr(const json& vector) {
  player play(vector);
  reading input(vector.at("input"));
  reading read(vector.at("expected"));
  ghcb::vcpu& cpu = play.world.cpu();
  if (const auto* v = input("caller_vmpl")) {
    cpu.current = {static_cast<std::uint8_t>(number(*v))};
    cpu.at[cpu.current.value].vmsa = gpa{0x5009000};
  }
  ghcb::vmpl_context& caller = cpu.here();
  const auto* request = input("msr");
  if (const auto* v = input("read_after_reset")) {
    CHECK(v->get<bool>());
    caller.msr = ghcb::msr_after_reset(play.world.vm.config);
  }
  ghcb::vmgexit_result done;
  if (request != nullptr) {
    caller.msr = number(*request);
    done = vmgexit(play.ctx, play.world.vm, cpu, play.world.env);
  }
  if (const auto* v = input("event")) {
    CHECK(done.next == ghcb::next_step::hold);
    ghcb::wake_from_hold(play.ctx, cpu, play.world.env, *v == "sipi");
  }
  input.check_all_read();
  if (const auto* v = read("msr")) CHECK(caller.msr == number(*v));
  if (const auto* v = read("caller_msr_on_return")) CHECK(caller.msr == number(*v));
  if (const auto* v = read("msr_low12")) CHECK((caller.msr & 0xfff) == number(*v));
  if (const auto* v = read("msr_nonzero_63_12")) CHECK((caller.msr >> 12 != 0) == v->get<bool>());
  if (const auto* v = read("error_nonzero")) CHECK((caller.msr >> 32 != 0) == v->get<bool>());
  if (const auto* v = read("resume")) CHECK((done.next == ghcb::next_step::resume) == v->get<bool>());
  if (const auto* v = read("next_run_vmpl")) {
    CHECK(cpu.current.value == number(*v));
  }
  if (const auto* v = read("registered_gpa")) CHECK(caller.registered == std::optional{gpa{number(*v)}});
  if (const auto* v = read("terminate")) {
    CHECK(v->get<bool>());
    CHECK(play.world.vm.stopped);
    CHECK((done.next == ghcb::next_step::terminate || done.next == ghcb::next_step::stop));
  }
  if (const auto* v = read("set")) CHECK(play.world.vm.why.value().set == number(*v));
  if (const auto* v = read("code")) CHECK(play.world.vm.why.value().code == number(*v));
  if (const auto* v = read("rmp")) {
    const rmp::entry entry = play.table.entry_of(page_of(spa{number(v->at("gpa"))}));
    CHECK(entry.assigned == (number(v->at("assigned")) != 0));
    if (v->contains("validated")) CHECK(entry.validated == (number(v->at("validated")) != 0));
  }
  read.check_all_read();
}

/// What a guest's check came to, in the vectors' words.
struct guest_outcome {
  std::string result{};
  std::optional<ghcb::termination_reason> why{};
  std::optional<std::uint64_t> version{}, vector{}, rip_advance{};
};
auto refused(const ghcb::guest_refusal& refusal, const char* word) -> guest_outcome {
  return {.result = word, .why = refusal.why};
}

auto judge(const json& vector) -> guest_outcome {
  context<> ctx;
  reading input(vector.at("input"));
  const auto finish = [&](guest_outcome outcome) {
    input.check_all_read();
    return outcome;
  };
  if (const auto* before = input("before")) {
    const json& after = *input("after");
    const auto header = [](const json& from) {
      layout::psc_header made;
      made.set_cur_entry(static_cast<std::uint16_t>(number(from.at("cur"))));
      made.set_end_entry(static_cast<std::uint16_t>(number(from.at("end"))));
      layout::write_le(made.data() + 4, static_cast<std::uint32_t>(number(from, "reserved", 0)));
      return made;
    };
    const auto verdict =
        ghcb::check_psc_answer(ctx, 0, number(*input("info2")), header(*before), header(*before), header(after));
    if (verdict.next == ghcb::psc_next::terminate)
      return finish({.result = "failed", .why = ghcb::page_state_change_failed});
    return finish({.result = verdict.next == ghcb::psc_next::reissue ? "reissue" : "done"});
  }
  if (const auto* response = input("response")) {
    if (const auto* lowest = input("guest_min")) {
      const ghcb::version_range own{static_cast<std::uint16_t>(number(*lowest)),
                                    static_cast<std::uint16_t>(number(*input("guest_max")))};
      const auto version = ghcb::negotiate_version(ctx, number(*response), own);
      if (!version) return finish(refused(version.error(), "unsupported"));
      return finish({.result = "ok", .version = *version});
    }
    ghcb::msr_session guest{.version = 2};
    if (const auto* request = input("request")) {
      REQUIRE(ghcb::ask(ctx, guest, ghcb::decode_msr(number(*request))->what).has_value());
    } else if ((number(*response) & 0xfff) == 0x015) {
      REQUIRE(ghcb::ask(ctx, guest, ghcb::message::page_state_request{layout::ghcb_psc_ops::private_, 1}).has_value());
    } else {
      guest.needed_features = 1 | 2 | 16;
      REQUIRE(ghcb::ask(ctx, guest, ghcb::message::features_request{}).has_value());
    }
    const auto answer = ghcb::accept(ctx, guest, number(*response));
    if (!answer) return finish(refused(answer.error(), "failed"));
    return finish({.result = "ok"});
  }
  if (const auto* error_code = input("vc_error")) {
    static const std::map<std::uint64_t, std::string> usual{{0x6e, "0f31"}, {0x37, "0f23f8"}, {0x404, "8b00"}};
    const auto* given = input("insn_bytes");
    const auto bytes = bytes_of(given != nullptr ? given->get<std::string>() : usual.at(number(*error_code)));
    ghcb::vc_event event{.error_code = number(*error_code), .bytes = bytes};
    if (const auto* stage = input("stage")) {
      CHECK(*stage == "no-ghcb");
      event.stage = ghcb::vc_stage::no_ghcb;
    }
    if (input("sev_status_bit11") != nullptr) event.sev_status.raw |= 1U << 11;
    if (input("sev_status_bit7") != nullptr) event.sev_status.raw |= 1U << 7;
    const auto verdict = ghcb::judge_vc(ctx, event);
    guest_outcome outcome{.why = verdict.why, .rip_advance = verdict.rip_advance};
    switch (verdict.action) {
      case ghcb::vc_action::terminate:      outcome.result = "terminate"; break;
      case ghcb::vc_action::vmm_error:      outcome.result = "vmm-error"; break;
      case ghcb::vc_action::exit:
      case ghcb::vc_action::answer_locally:
      case ghcb::vc_action::skip:           outcome.result = "handled"; break;
      default:                              outcome.result = name_of(verdict.action);
    }
    return finish(outcome);
  }
  if (const auto* function = input("fn")) {
    CHECK(*input("stage") == "no-ghcb");
    const auto wrong = ghcb::check_early_cpuid(ctx, static_cast<std::uint32_t>(number(*function)),
                                               {.eax = static_cast<std::uint32_t>(number(*input("eax")))});
    return finish(wrong ? refused(*wrong, "terminate") : guest_outcome{.result = "ok"});
  }
  ghcb::field_set given;
  ghcb::field_set wanted;
  if (const auto* event = input("event")) {
    CHECK(*event == "IOIO IN");
    wanted = ghcb::expected_outputs(*ghcb::find_event(layout::nae_exit_codes::ioio), 1);
    CHECK(input("valid_out")->empty());
  }
  const auto verdict =
      ghcb::check_answer(ctx, number(*input("sw_exit_info_1")),
                         input("sw_exit_info_2") ? number(*input("sw_exit_info_2")) : 0, given, wanted);
  switch (verdict.what) {
    case ghcb::answer_kind::taken:     return finish({.result = "ok"});
    case ghcb::answer_kind::exception: return finish({.result = "exception", .vector = verdict.vector});
    case ghcb::answer_kind::vmm_error: return finish({.result = "vmm-error"});
  }
  return {};
}

void play_guest_check(const json& vector) {
  const guest_outcome outcome = judge(vector);
  reading read(vector.at("expected"));
  if (const auto* v = read("result")) CHECK(outcome.result == v->get<std::string>());
  if (const auto* v = read("version")) CHECK(outcome.version == std::optional{number(*v)});
  if (const auto* v = read("vector")) CHECK(outcome.vector == std::optional{number(*v)});
  if (const auto* v = read("rip_advance")) CHECK(outcome.rip_advance == std::optional{number(*v)});
  if (const auto* v = read("terminate_msr")) {
    REQUIRE(outcome.why.has_value());
    CHECK(msr_of(*outcome.why) == number(*v));
  }
  read.check_all_read();
}

void play_conversion(const json& vector) {
  using enum ghcb::conversion_step;
  static const std::map<std::string, std::vector<ghcb::conversion_step>> steps{
      {"PSC_PRIVATE", {ask_private}},        {"PSC_SHARED", {ask_shared}},
      {"PVALIDATE_1", {validate}},           {"PVALIDATE_0", {rescind}},
      {"PVALIDATE_1_2M", {validate_2m}},     {"PVALIDATE_1_4K", {validate}},
      {"ACCESS_C1", {access_private}},       {"ACCESS_C0", {read_shared, write_shared}},
      {"ACCESS_C0_WRITE", {write_shared}},   {"HV_REMAP", {remap}},
      {"HV_LIE_PSC_PRIVATE", {lie_private}}, {"HV_PSMASH", {smash}}};
  context<> ctx;
  const std::string start = vector.at("input").at("start");
  ghcb::conversion_state state;
  if (start.starts_with("PA")) state.rmp = ghcb::backing::assigned;
  if (start == "PA-2M") state.large = true;
  if (start == "PV") {
    state.rmp = ghcb::backing::validated;
    state.held = true;
  }
  CHECK((start == "S" || start == "PA" || start == "PA-2M" || start == "PA-4K x512" || start == "PV"));
  const json& results = vector.at("expected").at("results");
  const json& played = vector.at("input").at("steps");
  REQUIRE(results.size() == played.size());
  for (std::size_t i = 0; i < played.size(); ++i) {
    INFO("step " << played[i]);
    const std::string wanted = results[i];
    for (const auto step : steps.at(played[i].get<std::string>())) {
      const auto done = ghcb::convert(ctx, state, step);
      state = done.after;
      if (wanted == "ok: attacker-chosen SPA") {
        CHECK(done.ending == ghcb::conversion_ending::attackers_page);
        continue;
      }
      CHECK(std::string(name_of(done.ending)) == wanted.substr(0, wanted.find(" (")));
      if (wanted.find("must object") != std::string::npos) CHECK(done.guest_objects);
    }
  }
}

auto play_kind(const std::string& kind, void (*play)(const json&)) -> std::pair<unsigned, unsigned> {
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
  return {played, all};
}

/// VMRUN of a guest that would run, with what the vector changes. Without SEV_FEATURES in it, the guest is SNP-active.
void play_vmrun(const json& vector) {
  reading input(vector.at("input"));
  CHECK(vector.at("preconditions").empty());
  const std::uint64_t features = number(vector.at("input"), "sev_features", 1);
  CHECK((input("sev_features") != nullptr || features == 1));
  const auto* host_snp = input("host_snp");
  switch_world world((features & 1) != 0 ? cpu::guest_kind::snp : cpu::guest_kind::sev_es,
                     host_snp == nullptr || number(*host_snp) != 0);
  auto controls = world.vmcb.controls();
  rmp::entry& page = world.rmp.entries[switch_world::vmsa_at.value >> 12];
  world.vmsa.set_sev_features({features});
  if (const auto* v = input("vmsa.efer")) world.vmsa.set_efer(number(*v));
  if (const auto* v = input("vintr_ctrl")) world.vmsa.set_vintr_ctrl({number(*v)});
  if (const auto* v = input("vmsa_eventinj")) world.vmsa.set_event_inj({number(*v)});
  if (const auto* v = input("eventinj")) controls.set_event_inj({number(*v)});
  if (const auto* v = input("eventinj_err"))
    controls.set_event_inj(controls.event_inj().set_error_code(static_cast<std::uint32_t>(number(*v))));
  if (const auto* v = input("allowed")) controls.set_allowed_sev_features({number(*v)});
  if (const auto* v = input("vmcb_avic"))
    controls.set_vintr_control(controls.vintr_control().set_avic_enable(number(*v) != 0));
  if (const auto* v = input("vmcb_sss"))
    controls.set_np_control(controls.np_control().set_sss_check_enable(number(*v) != 0));
  if (const auto* v = input("ibs_op_en")) world.core.ibs_op = number(*v) != 0;
  if (const auto* v = input("sibling")) world.core.sibling_idle = *v != "running";
  if (const auto* v = input("rmp.vmsa")) page.vmsa = number(*v) != 0;
  if (const auto* v = input("rmp.assigned")) page.assigned = number(*v) != 0;
  if (const auto* v = input("rmp.asid")) {
    CHECK(*v == "other");
    page.id = {switch_world::id.value + 1};
  }
  world.write();
  if (const auto* v = input("checksum")) {
    CHECK(*v == "bad");
    world.vmsa.set_rip(world.vmsa.rip() + 1);
    (void)world.memory.write(switch_world::vmsa_at, memory_key::guest(switch_world::id), world.vmsa.bytes());
  }
  input.check_all_read();

  context<> ctx;
  const cpu::vmrun_result done = world.run(ctx);
  INFO(name_of(done.end) << " by " << name_of(done.decided_by));
  reading read(vector.at("expected"));
  if (const auto* v = read("result")) {
    CHECK(*v == "runs");
    CHECK(done.end == cpu::vmrun_end::entered);
  }
  if (const auto* v = read("exit_code")) {
    CHECK(done.end == cpu::vmrun_end::exited);
    CHECK(layout::read_le<std::uint64_t>(world.vmcb_now().bytes.data() + 0x70) == number(*v));
  }
  read.check_all_read();
}

}  // namespace

TEST_CASE("vectors of the MSR protocol", "[ghcb][vectors]") { CHECK(play_kind("msr", play_msr).second == 25); }
TEST_CASE("vectors of the page protocol", "[ghcb][vectors]") { CHECK(play_kind("ghcb", play_page).second == 52); }
TEST_CASE("vectors of page state changes", "[ghcb][vectors]") { CHECK(play_kind("psc", play_page).second == 10); }
TEST_CASE("vectors of guests' checks", "[ghcb][vectors]") {
  CHECK(play_kind("guest-check", play_guest_check).second == 23);
}
TEST_CASE("vectors of page conversion", "[ghcb][vectors]") {
  CHECK(play_kind("page-state", play_conversion).second == 12);
}

TEST_CASE("vectors of VMRUN", "[cpu][vectors]") { CHECK(play_kind("vmrun", play_vmrun).second == 25); }

TEST_CASE("the other vectors of the file belong to other layers", "[ghcb][vectors]") {
  std::map<std::string, unsigned> kinds;
  for (const json& vector : file().at("vectors")) ++kinds[vector.at("kind").get<std::string>()];
  const std::map<std::string, unsigned> wanted{{"msr", 25},         {"ghcb", 52},          {"psc", 10},
                                               {"guest-check", 23}, {"page-state", 12},    {"vmrun", 25},
                                               {"svsm", 51},        {"svsm-handshake", 5}, {"svsm-meas", 3}};
  CHECK(kinds == wanted);
  CHECK(file().at("vectors").size() == 206);
}
