// SPDX-License-Identifier: MIT
// Every rule of the SVSM that is a condition: it fires, it passes, and without it something else comes out.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <sevspec/crypto/random.hpp>
#include <sevspec/svsm/boot.hpp>
#include <sevspec/svsm/discovery.hpp>
#include <sevspec/svsm/level_request.hpp>
#include <sevspec/svsm/message_channel.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rule_coverage.hpp>
#include <support/rule_families.hpp>
#include <support/svsm_evidence.hpp>
#include <support/svsm_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using scenario = std::function<std::string(recording_context&)>;
using setup = std::function<void(svsm_world&, svsm_services&)>;
using arguments = svsm::call_registers;

constexpr gpa list{0x8008};    ///< behind the header of the calling area
constexpr gpa page{0x4'0000};  ///< not validated at first
constexpr gpa request_at{0x9000}, answer_at{0xa000}, report_at{0xb000};

/// Everything that a call leaves behind.
auto seen(svsm_world& world, const svsm_services& offered) -> std::string {
  std::ostringstream out;
  for (const auto& [frame, bytes] : world.memory.pages) {
    std::uint64_t sum = 14695981039346656037U;
    for (const std::uint8_t byte : *bytes) sum = (sum ^ byte) * 1099511628211U;
    out << hex(frame) << '=' << hex(sum) << ' ';
  }
  for (std::size_t i = 0; i < world.rmp.entries.size(); ++i) {
    const rmp::entry& one = world.rmp.entries[i];
    const bool plain = one.allowed[1].raw == 0 && one.allowed[2].raw == 0 && one.allowed[3].raw == 0 && !one.vmsa;
    if (plain && !one.validated) continue;
    out << i << ':' << one.validated << one.vmsa;
    for (const auto rights : one.allowed) out << '.' << int{rights.raw};
    out << ' ';
  }
  for (const svsm::vcpu_record& one : world.self.vcpus) out << hex(one.vmsa.value) << '/' << hex(one.caa.value) << ' ';
  for (const svsm::processor& one : world.self.processors) {
    const svsm::apic_state& apic = one.apic;
    out << "cpu " << hex(one.vmsa.value_or(gpa{}).value) << ' ' << hex(one.caa.value_or(gpa{}).value) << apic.active
        << int{apic.tpr} << apic.lazy_eoi << apic.nmi_pending << apic.irr.count() << apic.isr.count()
        << apic.from_host.count() << ' ' << hex(apic.icr);
  }
  out << " apic " << world.self.apic_registrations << " frozen " << world.self.frozen.size() << " flushes "
      << world.flushes << " tpm " << offered.tpm.commands << " reports " << offered.reports.asked.size()
      << offered.reports.extended << " counter " << offered.measurement.counter << " log "
      << offered.measurement.baseline.entries.size() << " work " << offered.measurement.under_way.size();
  return out.str();
}
const setup nothing = [](svsm_world&, svsm_services&) {};

/// Calls, one after the other, from processor 0.
auto calls(std::vector<arguments> all, setup change = nothing, implementation_choices choices = {}) -> scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    svsm_world world;
    svsm_services offered;
    change(world, offered);
    std::ostringstream out;
    for (const arguments& one : all) {
      const auto done = world.call(ctx, offered, one);
      out << int(done.entry.what) << ' ' << hex(done.out.rax) << ' ' << hex(done.out.rcx) << ' ' << hex(done.out.rdx)
          << ' ' << hex(done.out.r8) << " | ";
    }
    return out.str() + seen(world, offered);
  };
}
/// PVALIDATE of a list.
auto validates(std::vector<std::uint64_t> entries, setup change = nothing, implementation_choices choices = {},
               std::uint16_t next = 0) -> scenario {
  return calls(
      {{pvalidate, list.value}},
      [=](svsm_world& world, svsm_services& offered) {
        world.put_list(list, entries, next);
        change(world, offered);
      },
      choices);
}
const setup new_vcpu = [](svsm_world& world, svsm_services&) {
  for (const std::uint64_t at : {0x2'0000ULL, 0x2'1000ULL}) world.give({at});
  world.put_vmsa({0x2'0000}, 2, 0x1000, svsm_world::features);
};
constexpr arguments create{create_vcpu, 0x2'0000, 0x2'1000, 1};

/// An operation of the attestation protocol at `request_at`, that is good.
const setup operation = [](svsm_world& world, svsm_services& offered) {
  world.put(request_at, std::vector<std::uint8_t>(0x58));
  world.put_word<std::uint64_t>(request_at + 0x00, 0xb000);
  world.put_word<std::uint32_t>(request_at + 0x08, 0x1000);
  world.put_word<std::uint64_t>(request_at + 0x10, 0xc000);
  world.put_word<std::uint16_t>(request_at + 0x18, 64);
  world.put_word<std::uint64_t>(request_at + 0x20, 0xa000);
  world.put_word<std::uint32_t>(request_at + 0x28, 0x1000);
  offered.manifest = {{svsm::vtpm_guid, {1, 2, 3}}};
  offered.reports.certificates = std::vector<std::uint8_t>(100, 0xce);
};
auto attests(setup change = nothing, std::uint64_t call = 0, implementation_choices choices = {}) -> scenario {
  return calls(
      {{std::uint64_t{1} << 32 | call, request_at.value}},
      [=](svsm_world& world, svsm_services& offered) {
        operation(world, offered);
        change(world, offered);
      },
      choices);
}
template <class Integer>
auto patch(gpa where, Integer value) -> setup {
  return [=](svsm_world& world, svsm_services&) { world.put_word<Integer>(where, value); };
}
/// A TPM's command in `page`.
auto tpm(std::vector<std::uint8_t> bytes, std::uint64_t where = page.value, setup change = nothing) -> scenario {
  return calls({{0x2'0000'0001, where}}, [=](svsm_world& world, svsm_services& offered) {
    world.give(page);
    world.give(page + 0x1000);
    world.put({where}, bytes);
    change(world, offered);
  });
}
/// Calls of the APIC protocol, with emulation.
auto apic(std::vector<arguments> all, setup change = nothing) -> scenario {
  return calls(all, [=](svsm_world& world, svsm_services& offered) {
    world.self.processors[0].apic.active = true;
    change(world, offered);
  });
}
constexpr std::uint64_t apic_call = std::uint64_t{3} << 32;
constexpr std::uint64_t mm_call = std::uint64_t{4} << 32 | 1;
auto mm(arguments registers, setup change = nothing) -> scenario {
  return calls({registers}, [=](svsm_world& world, svsm_services& offered) {
    world.give(page);
    world.give(page + 0x1000);
    world.put_word<std::uint64_t>(page + 16, 8);
    change(world, offered);
  });
}

/// A request to measure two pages.
auto good_request() -> svsm::measurement_request {
  return {.response = {answer_at, 0x1000},
          .report = {report_at, 0x1000},
          .ranges = {{gpa{0xd000}, 0x1000}, {gpa{0xe004}, 0x100}}};
}
auto measures(std::uint64_t call, std::function<void(svsm::measurement_request&)> edit = {}, setup change = nothing,
              std::uint64_t where = request_at.value, implementation_choices choices = {}, unsigned times = 1)
    -> scenario {
  return calls(
      std::vector<arguments>(times, arguments{meas | call, where}),
      [=](svsm_world& world, svsm_services& offered) {
        auto request = good_request();
        if (edit) edit(request);
        world.put({where}, svsm::write_request(request));
        change(world, offered);
      },
      choices);
}
constexpr implementation_choices coconut = svsm::as_coconut;

/// The hypervisor between guest and SVSM, and what the guest makes of it.
struct scripted_guest {
  bool enabled = false;
  std::uint8_t pending = 0;
  svsm::switch_answer answer = std::uint64_t{0x17};
  std::uint64_t rax = 0;
  unsigned exits = 0;
  [[nodiscard]] auto interrupts_enabled() const -> bool { return enabled; }
  static void set_pending() {}
  auto vmgexit(svsm::call_registers& registers) -> svsm::switch_answer {
    registers.rax = exits++ == 0 ? rax : 0;
    return answer;
  }
  [[nodiscard]] auto exchange_pending() const -> std::uint8_t { return pending; }
};
auto guest(scripted_guest script) -> scenario {
  return [=](recording_context& ctx) {
    scripted_guest cpu = script;
    const auto done = svsm::call(ctx, cpu, {});
    return std::to_string(int(done.what)) + " after " + std::to_string(cpu.exits);
  };
}
/// An entry of VMPL 0.
auto entry(std::function<void(svsm_world&)> change, implementation_choices choices = {}) -> scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    svsm_world world;
    svsm_services offered;
    world.leave({query_protocol, 1});
    world.put_word<std::uint8_t>(svsm_world::caa, 1);
    change(world);
    const auto done = world.enter(ctx, offered);
    return std::to_string(int(done.what)) + ' ' + seen(world, offered);
  };
}
auto discovers(bool probe, const layout::secrets_page* secrets) -> scenario {
  return [=](recording_context& ctx) {
    const auto found = svsm::discover(ctx, probe, secrets);
    if (!found) return "ends " + std::to_string(int{found.error().code});
    return std::string(found->has_value() ? "under an SVSM" : "alone");
  };
}
auto secrets(std::uint64_t size, std::uint8_t level, std::uint64_t caa) -> const layout::secrets_page* {
  static std::vector<std::unique_ptr<layout::secrets_page>> made;
  made.push_back(std::make_unique<layout::secrets_page>());
  made.back()->set_svsm_size(size);
  made.back()->set_svsm_guest_vmpl(level);
  made.back()->set_svsm_caa(caa);
  return made.back().get();
}
auto boots(std::function<void(svsm_world&, svsm::boot_image&)> edit) -> scenario {
  return [=](recording_context& ctx) {
    svsm_world world;
    world.self.vcpus.clear();
    svsm::boot_image image{.validate = {{page, 0x2000}},
                           .secrets = gpa{0x5'0000},
                           .cpuid = gpa{0x5'1000},
                           .caa = gpa{0x5'2000},
                           .vmsa = gpa{0x5'3000}};
    edit(world, image);
    auto machine = world.machine();
    layout::secrets_page own;
    std::ranges::fill(own.bytes().subspan(0x20, 0x80), std::uint8_t{0x6b});
    const auto done = svsm::boot(ctx, machine, world.self, image, own, {}, {}, layout::sev_features{1});
    return hex(std::to_underlying(done.code)) + ' ' + seen(world, {});
  };
}
/// A hypervisor that loses messages.
struct losing_transport {
  ghcb::guest_request_status status{};
  static auto zero(svsm::message_page& response) { response.fill(0); }
  auto send(const svsm::message_page&, svsm::message_page& response) const -> ghcb::guest_request_status {
    zero(response);
    return status;
  }
  auto send_extended(const svsm::message_page&, svsm::message_page& response, std::vector<std::uint8_t>&,
                     std::uint64_t&) const -> ghcb::guest_request_status {
    zero(response);
    return status;
  }
};
/// A firmware that answers the first message.
struct answering_transport {
  static auto send(const svsm::message_page&, svsm::message_page& response) -> ghcb::guest_request_status {
    std::array<std::uint8_t, 0x20 + svsm::report_bytes> payload{};
    firmware::seal_message({}, {.type = layout::snp_message_types::report_rsp, .sequence = 2}, payload,
                           std::span{response}.first(firmware::message_header_bytes + payload.size()));
    return {};
  }
  static auto send_extended(const svsm::message_page& request, svsm::message_page& response, std::vector<std::uint8_t>&,
                            std::uint64_t&) -> ghcb::guest_request_status {
    return send(request, response);
  }
};
auto verifies(std::function<void(signing_chip&, svsm::measurement_manifest&, svsm::measurement_expectations&)> edit)
    -> scenario {
  return [=](recording_context& ctx) {
    signing_chip chip;
    svsm::measurement_manifest manifest{.counter = 3, .level = 2, .ranges = {{{gpa{0x1000}, 16}, {1, 2, 3}}}};
    manifest.ranges[0].digest.resize(48);
    svsm::measurement_expectations expected{.ranges = manifest.ranges, .known_svsms = {chip.svsm}};
    edit(chip, manifest, expected);
    const auto bytes = svsm::write_manifest(manifest);
    const auto report = chip.make_report(svsm::binding_of(expected.nonce, bytes));
    const auto done = svsm::check_measurement(ctx, report, bytes, chip.verifier(), chip.certified(), expected);
    return done ? std::string("believed") : "refused " + std::to_string(int(done.error().why));
  };
}
/// Another call registers the page between the checks of CREATE_VCPU and its effects.
auto races() -> scenario {
  return [](recording_context& ctx) {
    svsm_world world;
    svsm_services offered;
    new_vcpu(world, offered);
    const auto first = svsm::check_new_vcpu(ctx, world.self, create, layout::sev_features{1});
    auto machine = world.machine();
    REQUIRE(first.has_value());
    (void)svsm::add_vcpu(ctx, machine, world.self, *first);
    (void)svsm::add_vcpu(ctx, machine, world.self, *first);
    return seen(world, offered);
  };
}
/// EFER changes between the read and the exchange: the processor has left the VMSA, and saved its registers.
template <class Below>
struct overtaken_machine : Below {
  explicit overtaken_machine(Below below) : Below(std::move(below)) {}
  template <class Context>
  auto exchange(Context& ctx, gpa where, std::uint64_t expected, std::uint64_t wanted) -> outcome<bool> {
    std::array<std::uint8_t, 8> saved{};
    layout::write_le(saved.data(), expected ^ 0x400);
    if (const auto done = Below::write(ctx, where, saved); !done) return std::unexpected{done.error()};
    return Below::exchange(ctx, where, expected, wanted);
  }
};
auto locks(svsm::request_lock held, std::uint64_t rax) -> scenario {
  return [=](recording_context& ctx) {
    svsm_world world;
    svsm_services offered;
    new_vcpu(world, offered);
    world.self.lock = held;
    const auto done = world.call(ctx, offered, {rax, 0x2'0000, 0x2'1000, 1});
    return std::to_string(int(done.entry.what)) + seen(world, offered);
  };
}

auto scenarios() -> std::multimap<rule, scenario> {
  const auto rmp_entry = [](gpa where, auto edit) -> setup {
    return [=](svsm_world& world, svsm_services&) { edit(world.at(where)); };
  };
  const auto limits = [](auto edit) -> setup {
    return [=](svsm_world&, svsm_services& offered) { edit(offered.measurement); };
  };
  const setup second_processor_of_its_own = [](svsm_world& world, svsm_services&) {
    world.give({0x2'0000});
    world.put_vmsa({0x2'0000}, 2, 0x1000, 1);
    world.make_vcpu(1, {0x2'0000}, {0xf000});
  };
  const setup requested = [](svsm_world& world, svsm_services&) {
    world.self.processors[0].apic.irr.insert(0x55);
    world.self.processors[0].apic.active = true;
  };
  return {
      {rule::VMPL_11, boots([](auto&, auto&) {})},
      {rule::VMPL_12, verifies([](auto& chip, auto&, auto&) { chip.level = 1; })},
      {rule::VMPL_13,
       [](recording_context& ctx) {
         svsm::message_channel channel{.key = firmware::message_key{}};
         losing_transport transport;
         (void)svsm::ask_for_report(ctx, channel, transport, {}, vmpl{0}, false);
         return std::string(channel.key ? "kept" : "destroyed");
       }},
      {rule::VMPL_SW_06,
       [](recording_context& ctx) {  // an error: the guest's VMPL has not run
         return std::string(svsm::takes_level_answer(ctx, 0x1'0000'0017) ? "goes on" : "stops");
       }},
      {rule::VMPL_SW_06,
       [](recording_context& ctx) {
         ctx.choices = svsm::as_coconut;
         return std::string(svsm::takes_level_answer(ctx, 0x16) ? "goes on" : "stops");
       }},
      {rule::SVSM_DISC_02, discovers(false, nullptr)},
      {rule::SVSM_DISC_02, discovers(false, secrets(0, 2, 0x1000))},
      {rule::SVSM_DISC_02, discovers(false, secrets(0x1000, 0, 0x1000))},
      {rule::SVSM_DISC_02, discovers(false, secrets(0x1000, 2, 0x1008))},
      {rule::SVSM_DISC_03, [](recording_context& ctx) { return hex(svsm::visible_sev_features(ctx, 0x1f, true)); }},
      {rule::SVSM_DISC_04, discovers(true, secrets(0x1000, 2, 0x1000))},
      {rule::SVSM_BOOT_01, boots([](auto& world, auto&) { world.self.config.guest_level = {0}; })},
      {rule::SVSM_BOOT_02, boots([](auto&, auto& image) { image.secrets.reset(); })},
      {rule::SVSM_BOOT_02, boots([](auto&, auto& image) { image.caa.reset(); })},
      {rule::SVSM_CA_01, guest({.enabled = true})},
      {rule::SVSM_CA_02, guest({.pending = 1})},
      {rule::SVSM_CA_03, guest({.answer = std::uint64_t{0x1'0000'0017}})},
      {rule::SVSM_CA_03, guest({.answer = std::uint64_t{0x16}})},
      {rule::SVSM_CA_03, guest({.answer = ghcb::answer_verdict{.what = ghcb::answer_kind::vmm_error}})},
      {rule::SVSM_CA_04, guest({.rax = 0x8000'0000})},
      {rule::SVSM_CA_04, guest({.rax = 0x8000'0007})},
      {rule::SVSM_CA_05, entry([](auto& world) { world.put_word(svsm_world::vmsa + 0x3c0, std::uint64_t{0x60}); })},
      {rule::SVSM_CA_05, entry([](auto& world) { world.put_word(svsm_world::caa, std::uint8_t{0}); })},
      {rule::SVSM_CA_05, entry([](auto& world) { world.put_word(svsm_world::caa, std::uint8_t{2}); }, svsm::as_amd)},
      {rule::SVSM_CA_07, entry([](auto& world) { world.at(svsm_world::caa).validated = false; })},
      {rule::SVSM_CA_08,
       [](recording_context& ctx) {  // while the SVSM is at work the hypervisor has nothing to run
         svsm_world world;
         svsm_services offered;
         world.leave({pvalidate, list.value});
         world.put_word<std::uint8_t>(svsm_world::caa, 1);
         world.put_list(list, {0x4'0004});
         world.nested.moved[0x40] = std::nullopt;  // it stays at work
         (void)world.enter(ctx, offered);
         return hex(world.state(svsm_world::vmsa).efer());
       }},
      {rule::SVSM_CA_09, calls({{remap_ca, svsm_world::vmsa.value}})},
      {rule::SVSM_DSP_02, calls({{std::uint64_t{5} << 32, 0}})},
      {rule::SVSM_DSP_03, calls({{8, 0}})},
      {rule::SVSM_DSP_03, calls({{0x2'0000'0002, page.value}})},
      {rule::SVSM_DSP_03, apic({{apic_call | 5, 0}})},
      {rule::SVSM_DSP_03, calls({{meas | 6, 0}})},
      {rule::SVSM_CORE_01, calls({{remap_ca, 0x9004}})},
      {rule::SVSM_CORE_02, calls({{remap_ca, 0x100'0000}})},
      {rule::SVSM_CORE_02, calls({{remap_ca, 0x8000}}, nothing, coconut)},
      {rule::SVSM_CORE_03, calls({{remap_ca, 0x9000}}, patch<std::uint64_t>({0x9000}, 0x1234))},
      {rule::SVSM_CORE_11,
       calls({{pvalidate, 0x800c}}, [](svsm_world& world, svsm_services&) { world.put_list({0x800c}, {0x4'0004}); })},
      {rule::SVSM_CORE_12, calls({{pvalidate, 0x8000}})},
      {rule::SVSM_CORE_13, validates({0x4'0004}, nothing, {}, 2)},
      {rule::SVSM_CORE_14, validates({0x4'0014})},
      {rule::SVSM_CORE_14, validates({0x4'0006})},
      {rule::SVSM_CORE_14, validates({0x4'1005})},
      {rule::SVSM_CORE_14, validates({0x100'0004})},
      {rule::SVSM_CORE_15, validates({0x4'0004}, patch<std::uint64_t>(page, 0x1234))},
      {rule::SVSM_CORE_16, validates({0xd004})},
      {rule::SVSM_CORE_16, validates({0x20'0005})},
      {rule::SVSM_CORE_16,
       validates({0xd00c}, rmp_entry({0xd000}, [](rmp::entry& found) { found.validated = false; }))},
      {rule::SVSM_CORE_17, validates({0x4'0004, 0x14})},
      {rule::SVSM_CORE_18, validates({0x14, 0x4'0004}, nothing, {}, 1)},
      {rule::SVSM_CORE_19, validates({0x8000})},
      {rule::SVSM_CORE_21, calls({{create_vcpu, 0x2'0010, 0x2'1000, 1}}, new_vcpu)},
      {rule::SVSM_CORE_22, calls({{create_vcpu, 0x2'0000, 0x2'0000, 1}}, new_vcpu)},
      {rule::SVSM_CORE_22, calls({{create_vcpu, 0x2'0000, 0x100'0000, 1}}, new_vcpu)},
      {rule::SVSM_CORE_23, calls({{create_vcpu, 0x2'0000, 0x2'1000, 9}}, new_vcpu)},
      {rule::SVSM_CORE_24, races()},
      {rule::SVSM_CORE_25, calls({create},
                                 [](svsm_world& world, svsm_services& offered) {
                                   new_vcpu(world, offered);
                                   world.put_vmsa({0x2'0000}, 0, 0x1000, 1);
                                 })},
      {rule::SVSM_CORE_26, calls(
                               {create},
                               [](svsm_world& world, svsm_services& offered) {
                                 new_vcpu(world, offered);
                                 world.at({0x2'0000}).in_use = true;
                               },
                               [] {
                                 implementation_choices choices = svsm::as_coconut;
                                 choices.rmpadjust_inuse = in_use_adjust::fail_inuse;
                                 return choices;
                               }())},
      {rule::SVSM_CORE_31, calls({{delete_vcpu, 0xd000}})},
      {rule::SVSM_CORE_32, calls({{delete_vcpu, 0x2'0000}},
                                 [=](svsm_world& world, svsm_services& offered) {
                                   second_processor_of_its_own(world, offered);
                                   world.at({0x2'0000}).validated = false;
                                 })},
      {rule::SVSM_CORE_32,
       [=](recording_context& ctx) {
         ctx.choices = svsm::as_amd;
         svsm_world world;
         svsm_services offered;
         second_processor_of_its_own(world, offered);
         overtaken_machine machine{world.machine()};
         const auto done = svsm::delete_vcpu(ctx, machine, world.self, {delete_vcpu, 0x2'0000});
         return hex(std::to_underlying(done.code)) + seen(world, offered);
       }},
      {rule::SVSM_CORE_60, calls({{query_protocol, 2}})},
      {rule::SVSM_CORE_60, calls({{query_protocol, std::uint64_t{99} << 32 | 1}})},
      {rule::SVSM_CORE_70, calls({{configure_vtom, 1}})},
      {rule::SVSM_CORE_71, calls({{configure_vtom, 0x8000'0000}})},
      {rule::SVSM_CORE_80, locks({.sharers = 1}, create_vcpu)},
      {rule::SVSM_CORE_80, locks({.exclusive = true}, pvalidate)},
      {rule::SVSM_CORE_80,
       validates({0x4'0004}, [](svsm_world& world, svsm_services&) { world.self.converting = {{page, 0x1000}}; })},
      {rule::SVSM_ATT_01, calls({{std::uint64_t{1} << 32 | 7, request_at.value}}, operation)},
      {rule::SVSM_ATT_02, calls({{std::uint64_t{1} << 32 | 1, page.value}})},
      {rule::SVSM_ATT_03, attests(patch<std::uint8_t>(request_at + 0x1f, 1))},
      {rule::SVSM_ATT_04, attests(nothing, 1)},
      {rule::SVSM_ATT_05, attests(patch<std::uint16_t>(request_at + 0x18, 32))},
      {rule::SVSM_ATT_05, attests(patch<std::uint64_t>(request_at + 0x10, 0xcff0))},
      {rule::SVSM_ATT_07, attests([](svsm_world& world, svsm_services&) {
         world.put_word<std::uint64_t>(request_at + 0x30, 0xd000);
         world.put_word<std::uint32_t>(request_at + 0x38, 0x1000);
       })},
      {rule::SVSM_ATT_08, attests([](svsm_world&, svsm_services& offered) {
         offered.reports.what = svsm::report_answer::kind::too_small;
         offered.reports.pages = 5;
       })},
      {rule::SVSM_ATT_09, attests(patch<std::uint64_t>(request_at + 0x20, 0xa008))},
      {rule::SVSM_ATT_10, attests(patch<std::uint32_t>(request_at + 0x08, 0x100))},
      {rule::SVSM_ATT_13,
       attests([](svsm_world&, svsm_services& offered) { offered.reports.what = svsm::report_answer::kind::failed; })},
      {rule::SVSM_TPM_02, tpm({8}, 0)},
      {rule::SVSM_TPM_03, calls({{0x2'0000'0001, page.value}})},
      {rule::SVSM_TPM_04, tpm({9, 0, 0, 0, 0, 10})},
      {rule::SVSM_TPM_05, tpm({8, 0, 0, 0, 0, 10}, page.value + 0x1800)},
      {rule::SVSM_TPM_06, tpm({8, 0, 0, 0, 1, 10})},
      {rule::SVSM_TPM_06, tpm({8, 0, 0, 0, 0, 0xf8, 0x0f})},
      {rule::SVSM_TPM_07, tpm({8, 0, 0, 0, 0, 10}, page.value,
                              [](svsm_world&, svsm_services& offered) { offered.tpm.answer_bytes = 4093; })},
      {rule::SVSM_APIC_01, calls({{apic_call, 0}})},
      {rule::SVSM_APIC_03, apic({{apic_call | 1, 3}})},
      {rule::SVSM_APIC_03,
       apic({{apic_call | 1, 2}}, [](svsm_world& world, svsm_services&) { world.self.apic_registrations = 0; })},
      {rule::SVSM_APIC_05, apic({{apic_call | 2, 0x80b}})},
      {rule::SVSM_APIC_05, apic({{apic_call | 2, 0x803}})},
      {rule::SVSM_APIC_06, apic({{apic_call | 3, 0x808, 0x100}})},
      {rule::SVSM_APIC_06, apic({{apic_call | 3, 0x803, 0}})},
      {rule::SVSM_APIC_07, apic({{apic_call | 4, 0x531}})},
      {rule::SVSM_APIC_08,
       [](recording_context& ctx) {
         svsm::processor cpu;
         (void)svsm::raise_from_host(ctx, cpu, 0x33, false);
         return std::to_string(cpu.apic.irr.count());
       }},
      {rule::SVSM_APIC_09, apic({{query_protocol, 1}}, requested)},
      {rule::SVSM_APIC_09, apic({{query_protocol, 1}},
                                [](svsm_world& world, svsm_services&) {
                                  world.self.processors[0].apic.isr.insert(0x55);
                                  world.self.processors[0].apic.lazy_eoi = true;
                                })},
      {rule::SVSM_APIC_10, apic({{query_protocol, 1}}, requested)},
      {rule::SVSM_APIC_10,
       apic({{query_protocol, 1}},
            [](svsm_world& world, svsm_services&) { world.self.processors[0].apic.nmi_pending = true; })},
      {rule::SVSM_MM_01, mm({mm_call - 1, page.value, 0x1000})},
      {rule::SVSM_MM_02, mm({mm_call, page.value + 8, 0x1000})},
      {rule::SVSM_MM_02, mm({mm_call, page.value, 0x5'0000})},
      {rule::SVSM_MM_03, mm({mm_call, page.value, 24})},
      {rule::SVSM_MEAS_01,
       measures(1, {}, [](svsm_world& world, svsm_services&) { world.self.config.measurement = false; })},
      {rule::SVSM_MEAS_02, measures(1, {}, nothing, request_at.value + 4)},
      {rule::SVSM_MEAS_02, measures(1, {}, nothing, request_at.value + 0xf78)},
      {rule::SVSM_MEAS_03, measures(1, {}, patch<std::uint32_t>(request_at, 2))},
      {rule::SVSM_MEAS_03, measures(1, [](auto& request) { request.flags = 4; })},
      {rule::SVSM_MEAS_03, measures(3, [](auto& request) { request.hash = svsm::measurement_hash::sha256; })},
      {rule::SVSM_MEAS_04, measures(1, [](auto& request) { request.ranges.clear(); })},
      {rule::SVSM_MEAS_05, measures(1, [](auto& request) { request.response.bytes = 8; })},
      {rule::SVSM_MEAS_05, measures(1, [](auto& request) { request.response.where = gpa{0xa008}; })},
      {rule::SVSM_MEAS_05, measures(2, [](auto& request) { request.report.where = request.response.where; })},
      {rule::SVSM_MEAS_06, measures(1, [](auto& request) { request.ranges[0].bytes = 0; })},
      {rule::SVSM_MEAS_06, measures(1, [](auto& request) { request.ranges[0].first = svsm_world::vmsa; })},
      {rule::SVSM_MEAS_06, measures(1, [](auto& request) { request.ranges[1].first = gpa{0xa100}; })},
      {rule::SVSM_MEAS_07, measures(1, [](auto& request) { request.ranges[1].first = page; })},
      {rule::SVSM_MEAS_08, measures(1, {}, rmp_entry({0xd000}, [](rmp::entry& found) { found.validated = false; }))},
      {rule::SVSM_MEAS_09, measures(
                               1, [](auto& request) { request.flags = 1; },
                               limits([](auto& service) { service.limits.kib_per_call = 2; }))},
      {rule::SVSM_MEAS_10,
       measures(1, {}, limits([](auto& service) { service.limits.kib_per_call = 2; }), request_at.value, {}, 3)},
      {rule::SVSM_MEAS_10, measures(
                               1, [](auto& request) { request.flags = 1; }, limits([](auto& service) {
                                 service.limits.kib_per_call = 1;
                                 service.limits.freeze_max_calls = 2;
                               }),
                               request_at.value, {}, 3)},
      {rule::SVSM_MEAS_11, measures(1, {}, limits([](auto& service) { service.limits.requests_left = 0; }))},
      {rule::SVSM_MEAS_20, measures(1, [](auto& request) { request.flags = 2; })},
      {rule::SVSM_MEAS_22,
       measures(1, {}, limits([](auto& service) { service.session_key = signing_chip::make_key(9); }))},
      {rule::SVSM_MEAS_23, verifies([](auto&, auto&, auto& expected) { expected.known_svsms[0][0] ^= 1; })},
      {rule::SVSM_MEAS_23, verifies([](auto&, auto&, auto& expected) { expected.last_counter = 3; })},
      {rule::SVSM_MEAS_23,
       verifies([](auto&, auto& manifest, auto&) { manifest.ranges[0].range.first = gpa{0x2000}; })},
      {rule::SVSM_MEAS_23, verifies([](auto&, auto& manifest, auto&) { manifest.ranges[0].digest[0] ^= 1; })},
      {rule::SVSM_MEAS_30, measures(3, {}, limits([](auto& service) { service.baseline.sealed = true; }))},
      {rule::SVSM_MEAS_30,
       measures(
           3, {}, [](svsm_world& world, svsm_services&) { world.self.second_vcpu = true; }, request_at.value,
           [] {
             implementation_choices choices;
             choices.meas_autoseal = automatic_seal::second_vcpu;
             return choices;
           }())},
  };
}

/// Calls that nothing refuses.
void play_quietly(recording_context& ctx) {
  ctx.choices = {};
  for (const scenario& one : {discovers(false, secrets(0x1000, 2, 0x1000)),
                              boots([](auto&, auto&) {}),
                              guest({}),
                              entry([](auto&) {}),
                              calls({{remap_ca, 0x9000}}),
                              validates({0x4'0004}),
                              validates({0xc'0004}),
                              calls({create}, new_vcpu),
                              calls({create, {delete_vcpu, 0x2'0000}}, new_vcpu),
                              calls({{query_protocol, 1}}),
                              attests(),
                              tpm({8, 0, 0, 0, 0, 10}),
                              apic({{apic_call | 1, 2}}),
                              apic({{apic_call | 2, 0x802}}),
                              apic({{apic_call | 3, 0x808, 1}}),
                              apic({{apic_call | 4, 0x131}}),
                              mm({mm_call, page.value, 0x1000}),
                              measures(1),
                              measures(2),
                              measures(3),
                              attests(nothing, 1),
                              verifies([](auto&, auto&, auto&) {})})
    (void)one(ctx);
  (void)attests([](svsm_world&, svsm_services& offered) { offered.manifest[0].id = svsm::uefi_mm_guid; })(ctx);
  (void)calls({{std::uint64_t{1} << 32 | 1, request_at.value}}, [](svsm_world& world, svsm_services& offered) {
    operation(world, offered);
    world.put(request_at + 0x40, svsm::vtpm_guid.mixed_endian());
  })(ctx);
  (void)svsm::visible_sev_features(ctx, 0x1f, false);
  (void)svsm::takes_level_answer(ctx, 0x17);
  (void)entry([](auto& world) { world.put_word(svsm_world::vmsa + 0xd0, std::uint64_t{0}); })(ctx);
  svsm::message_channel channel{.key = firmware::message_key{}};
  answering_transport firmware_there;
  CHECK(svsm::ask_for_report(ctx, channel, firmware_there, {}, vmpl{0}, false).what == svsm::report_answer::kind::ok);
  svsm::processor cpu;
  cpu.apic.from_host.insert(0x33);
  (void)svsm::raise_from_host(ctx, cpu, 0x33, true);
  ctx.choices.svsm_remap_zeroes = false;
  (void)calls({{remap_ca, 0x9000}}, nothing, ctx.choices)(ctx);
  signing_chip chip;
  svsm::measurement_expectations expected;
  (void)svsm::check_manifest(ctx, {.counter = 1}, expected);
}

}  // namespace

TEST_CASE("every condition of the SVSM fires, passes and makes a difference", "[svsm][coverage]") {
  shown_rules shown = shown_by(scenarios());
  shown.passed.merge(passing_in(play_quietly));
  check_all_shown(shown, svsm_conditions());
}
