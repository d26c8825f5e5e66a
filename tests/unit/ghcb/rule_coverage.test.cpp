// SPDX-License-Identifier: MIT
// Every rule of the GHCB protocols, page conversion, #VC handlers and injection that is a condition: it fires, it passes,
// and without it something else comes out.
#include <array>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/ghcb/conversion_check.hpp>
#include <sevspec/ghcb/doorbell.hpp>
#include <sevspec/ghcb/fetch_monitor.hpp>
#include <sevspec/ghcb/guest_cpuid.hpp>
#include <sevspec/ghcb/interrupt_delivery.hpp>
#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/page_conversion.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/ghcb/validation_tracker.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <sevspec/ghcb/vc_nesting.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>
#include <support/recorder.hpp>
#include <support/rule_coverage.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using code = layout::nae_exit_codes;

/// Everything that can be seen of an exit: how it ends, the answer, the machine, the devices.
auto seen(ghcb_world& world, const ghcb::vmgexit_result& done) -> std::string {
  std::ostringstream out;
  out << name_of(done.next) << " by " << name_of(done.decided_by) << " msr " << hex(world.cpu().here().msr);
  const layout::ghcb page = world.page();
  for (const auto field : {ghcb::ghcb_field::sw_exit_info_1, ghcb::ghcb_field::sw_exit_info_2, ghcb::ghcb_field::rax,
                           ghcb::ghcb_field::rbx, ghcb::ghcb_field::rcx, ghcb::ghcb_field::rdx}) {
    const auto value = layout::passed(page, field);
    out << ' ' << (value ? hex(*value) : "-");
  }
  for (const std::uint8_t byte : page.shared_buffer().first(32)) out << '.' << int{byte};
  for (const ghcb::vcpu& one : world.vm.vcpus) {
    out << " cpu " << one.apic_id << ' ' << int{one.current.value} << one.runnable << one.held;
    for (const ghcb::vmpl_context& level : one.at)
      for (const auto& where : {level.registered, level.vmsa, level.vmsa_on_init, level.doorbell, level.secure_avic})
        out << ' ' << (where ? hex(where->value) : "-");
  }
  out << " jump " << world.vm.ap_jump_table.value_or(gpa{}).value << " vector "
      << int{world.vm.notification_vector.value_or(0)} << " stopped " << world.vm.stopped;
  for (const ghcb::cpuid_operands& one : world.env.asked)
    out << " cpuid " << one.xcr0.value_or(0) << ' ' << one.xss.value_or(0);
  out << " io " << world.env.io.size() << " mmio " << world.env.mmio.size() << " performed "
      << world.env.performed.size() << " messages " << world.env.messages;
  for (const ghcb::page_change& one : world.env.changes)
    out << " change " << hex(one.first.value) << '*' << one.pages << ' ' << name_of(one.size);
  return out.str();
}

using setup = std::function<void(ghcb_world&)>;
const setup nothing = [](ghcb_world&) {};

/// One request by page.
auto page(code what, std::uint64_t info_1 = 0, std::uint64_t info_2 = 0, ghcb::event_inputs inputs = {},
          setup change = nothing, implementation_choices choices = {}) -> rule_scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    ghcb_world world;
    change(world);
    const auto done = world.exit(ctx, what, info_1, info_2, inputs);
    return seen(world, done);
  };
}
/// One request by MSR.
auto msr(std::uint64_t value, setup change = nothing, implementation_choices choices = {}) -> rule_scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    ghcb_world world;
    change(world);
    const auto done = world.exit_by_msr(ctx, value);
    return seen(world, done);
  };
}
/// A page written byte by byte.
auto raw_page(std::function<void(layout::ghcb&)> edit, implementation_choices choices = {}, setup change = nothing)
    -> rule_scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    ghcb_world world;
    layout::ghcb request;
    ghcb::write_request(request, 2, code::rdtsc, 0, 0);
    edit(request);
    world.put(request);
    change(world);
    const auto done = vmgexit(ctx, world.vm, world.cpu(), world.env);
    return seen(world, done);
  };
}
/// A page state change of these entries.
auto psc(std::vector<std::uint64_t> entries, setup change = nothing, implementation_choices choices = {},
         std::optional<std::uint16_t> end = {}, std::uint64_t where = ghcb_world::buffer_at) -> rule_scenario {
  return [=](recording_context& ctx) {
    ctx.choices = choices;
    ghcb_world world;
    std::vector<std::uint8_t> bytes(8 + 8 * entries.size());
    bytes[2] = static_cast<std::uint8_t>(end.value_or(static_cast<std::uint16_t>(entries.size() - 1)) & 0xff);
    for (std::size_t i = 0; i < entries.size(); ++i) layout::write_le(bytes.data() + 8 + 8 * i, entries[i]);
    world.put_bytes(where, bytes);
    change(world);
    const auto done = world.exit(ctx, code::snp_page_state_change, 0, 0, {.scratch = where});
    return seen(world, done);
  };
}
auto text(const std::expected<std::uint16_t, ghcb::guest_refusal>& version) -> std::string {
  return version ? std::to_string(*version) : std::string("refused by ") + name_of(version.error().decided_by);
}
auto negotiate(std::uint64_t value, ghcb::version_range own = {}, bool snp = false) -> rule_scenario {
  return [=](recording_context& ctx) { return text(ghcb::negotiate_version(ctx, value, own, snp)); };
}
/// A guest asks and reads an answer.
auto exchange(ghcb::msr_message request, std::uint64_t answer, ghcb::msr_session guest = {.version = 2})
    -> rule_scenario {
  return [=](recording_context& ctx) -> std::string {
    ghcb::msr_session session = guest;
    const auto asked = ghcb::ask(ctx, session, request);
    if (!asked) return std::string("not asked by ") + name_of(asked.error());
    const auto taken = ghcb::accept(ctx, session, answer);
    return taken ? "taken " + hex(ghcb::encode_msr(*taken))
                 : std::string("refused by ") + name_of(taken.error().decided_by);
  };
}
auto answer_check(std::uint64_t info_1, std::uint64_t info_2, ghcb::field_set given = {}, ghcb::field_set wanted = {})
    -> rule_scenario {
  return [=](recording_context& ctx) {
    const auto verdict = ghcb::check_answer(ctx, info_1, info_2, given, wanted);
    return std::to_string(static_cast<int>(verdict.what)) + " " + std::to_string(verdict.vector);
  };
}
auto psc_answer(std::uint64_t info_2, std::uint16_t before, std::uint16_t after, std::uint16_t end = 9)
    -> rule_scenario {
  return [=](recording_context& ctx) {
    layout::psc_header original, now, then;
    original.set_end_entry(9);
    now.set_end_entry(9);
    now.set_cur_entry(before);
    then.set_end_entry(end);
    then.set_cur_entry(after);
    return std::to_string(static_cast<int>(ghcb::check_psc_answer(ctx, 0, info_2, original, now, then).next));
  };
}
/// A #VC with these bytes at RIP.
auto vc(std::uint64_t error_code, std::vector<std::uint8_t> bytes, std::function<void(ghcb::vc_event&)> edit = {})
    -> rule_scenario {
  return [=](recording_context& ctx) {
    ghcb::vc_event event{.error_code = error_code, .bytes = bytes};
    if (edit) edit(event);
    const auto verdict = ghcb::judge_vc(ctx, event);
    return std::string(name_of(verdict.action)) + " " + std::to_string(verdict.vector) + " +" +
           std::to_string(verdict.rip_advance);
  };
}
auto conversion(ghcb::conversion_state state, ghcb::conversion_step step) -> rule_scenario {
  return [=](recording_context& ctx) {
    const auto done = ghcb::convert(ctx, state, step);
    return std::string(name_of(done.ending)) + (done.guest_objects ? " objects" : "");
  };
}
auto doorbell(std::function<std::string(recording_context&, layout::hv_doorbell_page&)> act) -> rule_scenario {
  return [=](recording_context& ctx) {
    layout::hv_doorbell_page found;
    const std::string result = act(ctx, found);
    return result + " " + hex(ghcb::word_of(found).raw);
  };
}
auto text(const ghcb::doorbell_event& event) -> std::string {
  return std::to_string(event.vector) + (event.nmi ? " nmi" : "") + (event.machine_check ? " mc" : "");
}
auto yes(bool value) -> std::string { return value ? "yes" : "no"; }

/// A CPUID page with these rows: function, sub-function, EAX, EBX, ECX, EDX.
auto cpuid_page(std::vector<std::array<std::uint32_t, 6>> rows) -> layout::cpuid_page {
  layout::cpuid_page made;
  made.set_count(static_cast<std::uint32_t>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = made.entry(i);
    row.set_eax_in(rows[i][0]);
    row.set_ecx_in(rows[i][1]);
    if (rows[i][0] == 0xd) row.set_xcr0_in(1);
    row.set_eax(rows[i][2]);
    row.set_ebx(rows[i][3]);
    row.set_ecx(rows[i][4]);
    row.set_edx(rows[i][5]);
  }
  return made;
}
auto cpuid(std::vector<std::array<std::uint32_t, 6>> rows, std::uint32_t function, std::uint32_t subfunction = 0,
           ghcb::cpuid_state state = {}, bool answered = true) -> rule_scenario {
  return [=](recording_context& ctx) -> std::string {
    const layout::cpuid_page table = cpuid_page(rows);
    const auto ask = [&](std::uint32_t, std::uint32_t) {
      return answered ? std::optional{ghcb::cpuid_result{~0U, ~0U, ~0U, ~0U}} : std::nullopt;
    };
    const auto found = ghcb::guest_cpuid(ctx, table, function, subfunction, state, ask);
    if (!found) return std::string("refused by ") + name_of(found.error().decided_by);
    return hex(found->eax) + hex(found->ebx) + hex(found->ecx) + hex(found->edx);
  };
}

constexpr std::uint64_t here = ghcb_world::page_at;
constexpr std::uint64_t buffer = ghcb_world::buffer_at;

auto scenarios() -> std::multimap<rule, rule_scenario> {
  using enum rule;
  using enum ghcb::conversion_step;
  using enum ghcb::backing;
  const setup es = [](ghcb_world& w) { w.vm.config.snp = false; };
  const setup version_1 = [](ghcb_world& w) { w.vm.config.highest_version = 1; };
  const setup at_vmpl2 = [](ghcb_world& w) {
    w.cpu().current = {2};
    w.cpu().here().registered = gpa{here};
    w.cpu().here().msr = here;
  };
  std::multimap<rule, rule_scenario> all{
      // Version and features
      {GHCB_NEG_01, negotiate(0x0002'0001'3300'0005)},
      {GHCB_NEG_03, negotiate(0x0001'0001'3300'0001, {2, 2})},
      {GHCB_NEG_03, negotiate(0x0004'0003'3300'0001)},
      {GHCB_NEG_04, negotiate(0x0001'0001'3300'0001, {}, true)},
      {GHCB_NEG_05,
       [](recording_context& ctx) { return yes(ghcb::check_features(ctx, 2, 3, 0x13).has_value()); }},
      {GHCB_NEG_06, raw_page([](auto& p) { p.set_protocol_version(7); }, {.ghcb_check_version = true})},
      // MSR protocol
      {GHCB_MSR_05, msr(0x4, [](ghcb_world& w) { w.env.knows_cpuid = false; })},
      {GHCB_MSR_05,
       [](recording_context& ctx) { return yes(ghcb::cpuid_request_for(ctx, 7, 1, 0, true).has_value()); }},
      {GHCB_MSR_06, exchange(ghcb::message::cpuid_request{1, 2}, 0x0000'0001'4000'0005)},
      {GHCB_MSR_07, msr(0x6, version_1)},
      {GHCB_MSR_08,
       [](recording_context& ctx) {
         ghcb::vcpu cpu{.held = true, .first_sipi_seen = true};
         return std::to_string(ghcb::wake(ctx, cpu, true).value());
       }},
      {GHCB_MSR_09, msr(0x10, es)},
      {GHCB_MSR_09, exchange(ghcb::message::preferred_request{}, 0x11, {.snp = false, .version = 2})},
      {GHCB_MSR_11, msr(0x9012, es)},
      {GHCB_MSR_13, msr(0x0010'0000'0000'1014, es)},
      {GHCB_MSR_13, msr(0x0030'0000'0000'1014)},
      {GHCB_MSR_14, msr(0x0010'0000'0000'1014, [](ghcb_world& w) { w.env.failing.insert(0x1000); })},
      {GHCB_MSR_15, msr(0x16, es)},
      {GHCB_MSR_15, msr(0x0000'0001'0000'0016, [](ghcb_world& w) { w.vm.config.features = 3; })},
      {GHCB_MSR_16, msr(0x0000'0003'0000'0016)},
      {GHCB_MSR_17, msr(0x80, version_1)},
      {GHCB_MSR_17, exchange(ghcb::message::features_request{}, 0x81, {})},
      {GHCB_MSR_19,
       exchange(ghcb::message::features_request{}, 0x81, {.stage = ghcb::guest_stage::terminated, .version = 2})},
      {GHCB_MSR_21, msr(0xaa, nothing, {.ghcb_msr_unknown = unknown_msr_request::stops_vm})},
      {GHCB_MSR_30, [](recording_context& ctx) { return yes(ghcb::finds_its_ghcb(ctx, 0x1014)); }},
      {GHCB_MSR_30, vc(0x72, {0x0f, 0xa2}, [](auto& e) { e.ghcb_msr = 0; })},
      {GHCB_MSR_31, exchange(ghcb::message::features_request{}, 0x3083)},
      {GHCB_MSR_31, exchange(ghcb::message::cpuid_request{1, 2}, 0x0000'0001'8000'1005)},
      {GHCB_REG_02, exchange(ghcb::message::register_request{0x7fe5}, 0x7fe'6013)},
      {GHCB_REG_03,
       [](recording_context& ctx) {
         return yes(ghcb::after_step(ctx, ghcb::ghcb_life::own, ghcb::ghcb_step::share).has_value());
       }},
      // Page protocol
      {GHCB_PAGE_02, msr(0)},
      {GHCB_PAGE_03, page(code::rdtsc, 0, 0, {}, [](ghcb_world& w) { w.cpu().here().registered.reset(); })},
      {GHCB_PAGE_03, page(code::rdtsc, 0, 0, {}, [](ghcb_world& w) { w.cpu().here().registered.reset(); },
                          {.ghcb_unregistered = unregistered_ghcb::fatal})},
      {GHCB_PAGE_04, raw_page([](auto& p) { p.set_ghcb_usage(1); })},
      {GHCB_PAGE_05, raw_page([](auto& p) { p.valid_bitmap()[14] = 0x18; })},
      {GHCB_PAGE_06, page(code::snp_guest_request, 0x1000, 0x2000, {}, es)},
      {GHCB_PAGE_07, page(static_cast<code>(0x8000'abcd))},
      {GHCB_PAGE_07, page(code::hypervisor_features, 0, 0, {}, version_1)},
      {GHCB_PAGE_07, page(code::snp_run_vmpl, 0, 0, {}, [](ghcb_world& w) { w.vm.config.features = 3; })},
      {GHCB_PAGE_08, [](recording_context& ctx) { return yes(ghcb::is_single_fetch(ctx, 2)); }},
      {GHCB_PAGE_09, page(code::rdtsc, 0, 0, {}, nothing, {.ghcb_extra_outputs = true})},
      {GHCB_PAGE_10, page(code::cpuid, 0, 0, {.rax = 0xd, .rcx = 0, .xcr0 = 7})},
      {GHCB_SCR_01, page(code::mmio_read, 0xfee0'0000, 4, {.scratch = 0})},
      {GHCB_SCR_02, page(code::mmio_read, 0xfee0'0000, 4, {.scratch = here + 0x700})},
      {GHCB_SCR_02, page(code::mmio_write, 0xfee0'0000, 8, {.scratch = here + 0xfee})},
      {GHCB_SCR_03, page(code::ioio, 0x0402'0224, 1ULL << 63, {.scratch = buffer})},
      {GHCB_SCR_04, page(code::mmio_write, 0xfee0'0000, 0x1'0001, {.scratch = 0x100'0000})},
      {GHCB_SCR_05, psc({0x0010'0000'0000'1000}, nothing, {}, 9, here + 0xfe0)},
      {GHCB_SCR_06, page(code::mmio_write, 0xfee0'0000, 4, {.scratch = 0x9000},
                         [](ghcb_world& w) { w.env.hidden.insert(9); })},
      // Events
      {GHCB_NAE_02, page(code::dr7_write)},
      {GHCB_NAE_04, page(code::rdpmc)},
      {GHCB_NAE_05, page(code::cpuid, 0, 0, {.rax = 1})},
      {GHCB_NAE_05, page(code::cpuid, 0, 0, {.rax = 0xd, .rcx = 0})},
      {GHCB_NAE_07, page(code::ioio, 0x03f8'0210)},
      {GHCB_NAE_07, page(code::ioio, 0x0402'0214, 4)},
      {GHCB_NAE_07, page(code::ioio, 0x03f8'0270, 0, {.rax = 1})},
      {GHCB_NAE_08, page(code::msr)},
      {GHCB_NAE_08, page(code::msr, 1, 0, {.rax = 0, .rcx = 0x10})},
      {GHCB_NAE_09, page(code::vmmcall, 0, 0, {.rax = 5})},
      {GHCB_NAE_12, page(code::monitor, 0, 0, {.rax = 5})},
      {GHCB_NAE_13, page(code::mwait, 0, 0, {.rax = 5})},
      {GHCB_NAE_14, page(code::mmio_read, 0xfee0'0000, 4)},
      {GHCB_NAE_14, page(code::mmio_read, 0xfee0'0000, 0, {.scratch = buffer})},
      {GHCB_NAE_15, page(code::mmio_write, 0xfee0'0000, 4)},
      {GHCB_NAE_15, page(code::mmio_write, 0xfee0'0000, 0, {.scratch = buffer})},
      {GHCB_NAE_18, page(code::ap_jump_table, 2)},
      {GHCB_NAE_20, page(code::snp_guest_request, 0x1'0000, 0x1'0000)},
      {GHCB_NAE_20, page(code::snp_ext_guest_request, 0x1'0000, 0x2'0008, {.rax = 0x3'0000, .rbx = 1})},
      {GHCB_NAE_21, page(code::snp_ext_guest_request, 0x1'0000, 0x2'0000, {},
                         [](ghcb_world& w) { w.put_bytes(0x1'0034, std::array<std::uint8_t, 1>{5}); })},
      {GHCB_NAE_22, page(code::snp_ap_creation, 0x1'0000'0001, 0x500'1000)},
      {GHCB_NAE_26, page(code::apic_id_list, 0x6'0010, 0, {.rax = 1})},
      {GHCB_NAE_27, page(code::snp_run_vmpl, 4)},
      {GHCB_NAE_28, page(code::secure_avic, 0, 0, {.rax = 77, .rbx = 0x1000})},
      {GHCB_NAE_28, page(code::secure_avic, 0, 0, {.rax = 1, .rbx = 0x1010})},
      {GHCB_NAE_29, page(code::configure_interrupt_injection, 0x20, 0, {}, at_vmpl2)},
      {GHCB_NAE_30, page(code::disable_alternate_injection, 0)},
      {GHCB_NAE_31, page(code::specific_eoi, 0x40020)},
      {GHCB_RET_02, answer_check(1, 0x8000'030e)},
      {GHCB_RET_03, answer_check(2, 5)},
      {GHCB_RET_04, answer_check(0, 0, {}, {ghcb::ghcb_field::rax})},
      {GHCB_RET_05, [](recording_context& ctx) { return hex(ghcb::rax_after_in(ctx, 0x1111, 0xabcd'1234, 1)); }},
      // Page state change
      {GHCB_PSC_01, page(code::snp_page_state_change, 0, 0, {.scratch = buffer}, es)},
      {GHCB_PSC_01, page(code::snp_page_state_change)},
      {GHCB_PSC_04, psc({0x0010'0000'0000'1000}, nothing, {}, 253)},
      {GHCB_PSC_07, psc({0x0110'0000'0010'1000})},
      {GHCB_PSC_07, psc({0x0050'0000'0000'1000})},
      {GHCB_PSC_09, psc({0x0110'0000'4000'0064})},
      {GHCB_PSC_10, psc({0x0010'0000'0001'0000, 0x0010'0000'0001'1000}, nothing, {.psc_merge = true})},
      {GHCB_PSC_11, psc({0x0130'0000'0020'0000})},
      {GHCB_PSC_12, psc({0x0010'0000'0001'0000}, [](ghcb_world& w) { w.env.failing.insert(0x1'0000); })},
      {GHCB_PSC_13, psc_answer(0, 0, 4)},
      {GHCB_PSC_14, psc_answer(1, 0, 10)},
      {GHCB_PSC_15, psc_answer(0, 3, 1)},
      {GHCB_PSC_15, psc_answer(0, 0, 21, 20)},
      {GHCB_PSC_20,
       exchange(ghcb::message::page_state_request{layout::ghcb_psc_ops::private_, 1}, 0x8000'0000'0000'0015)},
      {GHCB_PSC_20, exchange(ghcb::message::page_state_request{layout::ghcb_psc_ops::private_, 1}, 0x1015)},
      // Processors
      {GHCB_AP_01, page(code::snp_ap_creation, 0x9'0000'0001, 0x500'1000, {.rax = 1})},
      {GHCB_AP_02, page(code::snp_ap_creation, 0x1'0000'0001, 0x500'1000, {.rax = 0x21})},
      {GHCB_AP_03, page(code::snp_ap_creation, 0x1'0000'0001, 0x500'0000, {.rax = 1})},
      {GHCB_AP_04,
       [](recording_context& ctx) {
         ghcb::vcpu cpu;
         cpu.at[0].vmsa_on_init = gpa{0x1000};
         ghcb::deliver_init(ctx, cpu);
         return yes(cpu.at[0].vmsa.has_value());
       }},
      {GHCB_AP_05, page(code::snp_ap_creation, 0x1'0000'0001, 0x500'1000, {.rax = 1},
                        [=](ghcb_world& w) {
                          at_vmpl2(w);
                          w.vm.vcpus[1].at[0].vmsa = gpa{0x600'1000};
                        })},
      {GHCB_AP_06,
       [](recording_context& ctx) {
         return yes(ghcb::after_step(ctx, ghcb::vmsa_life::filled, ghcb::ap_step::ask_create).has_value());
       }},
      {GHCB_HVDB_01, page(code::hv_doorbell_page_, 1, 0x7ff'0010)},
      {GHCB_HVDB_01, page(code::hv_doorbell_page_, 9, 0)},
      {GHCB_HVDB_02, doorbell([](auto& ctx, auto& p) {
         ghcb::set_word(p, {ghcb::doorbell_word::no_further_signal});
         return yes(ghcb::ring(ctx, p, {.vector = 0x30}));
       })},
      {GHCB_HVDB_03, doorbell([](auto& ctx, auto& p) {
         ghcb::set_word(p, {ghcb::doorbell_word::no_further_signal | 0x30});
         return text(ghcb::take_events(ctx, p, true));
       })},
      {GHCB_HVDB_04, doorbell([](auto& ctx, auto& p) {
         ghcb::set_word(p, {0x30});
         return text(ghcb::take_events(ctx, p, false));
       })},
      {GHCB_HVDB_05, doorbell([](auto& ctx, auto& p) {
         p.set_no_eoi_required(1);
         return yes(ghcb::end_of_interrupt(ctx, p));
       })},
      {GHCB_HVDB_06, doorbell([](auto& ctx, auto& p) {
         ghcb::set_word(p, {ghcb::doorbell_word::no_further_signal | 0x30});
         return yes(ghcb::may_leave(ctx, p));
       })},
      // Page conversion
      {PST_01, conversion({.rmp = assigned, .held = true}, validate)},
      {PST_01,
       [](recording_context& ctx) {
         ghcb::validation_tracker pages;
         return std::to_string(static_cast<int>(pages.after_pvalidate(ctx, gpa{0x1000}, 1, true, {.unchanged = true})));
       }},
      {PST_02, conversion({.rmp = validated, .held = true}, ask_shared)},
      {PST_02,
       [](recording_context& ctx) {
         ghcb::validation_tracker pages;
         return std::to_string(static_cast<int>(pages.after_pvalidate(ctx, gpa{0x1000}, 1, false, {.unchanged = true})));
       }},
      {PST_03,
       [](recording_context& ctx) {
         ghcb::validation_tracker pages;
         return std::to_string(static_cast<int>(
             pages.after_pvalidate(ctx, gpa{0x20'0000}, 512, true, {.eax = rmp::status::fail_sizemismatch})));
       }},
      // #VC
      {VC_SEC_01,
       [](recording_context& ctx) {
         return yes(ghcb::may_use(ctx, ghcb::vc_stage::no_ghcb, ghcb::vc_channel::page_protocol));
       }},
      {VC_SEC_02, vc(0x6e, {0x0f, 0x31}, [](auto& e) { e.stage = ghcb::vc_stage::no_ghcb; })},
      {VC_SEC_03, vc(0x81, {0x89, 0xc3})},
      {VC_SEC_05, vc(0x404, {0x8b, 0x00})},
      {VC_SEC_06,
       [](recording_context& ctx) { return yes(ghcb::enter_vc(ctx, {.entered_on_fallback = true}).panic); }},
      {VC_SEC_07,
       [](recording_context& ctx) {
         ghcb::ghcb_users users;
         const layout::ghcb shared;
         return yes(users.take(ctx, shared)) + yes(users.take(ctx, shared)) + yes(users.take(ctx, shared));
       }},
      {VC_SEC_08, vc(0x6e, {0x0f, 0x31}, [](auto& e) { e.sev_status.set_secure_tsc(true); })},
      {VC_SEC_08, vc(0x7c, {0x0f, 0x32}, [](auto& e) {
         e.sev_status.set_secure_tsc(true);
         e.msr_number = 0x10;
       })},
      {VC_SEC_09, vc(0x37, {0x0f, 0x23, 0xf8}, [](auto& e) { e.sev_status.set_debug_swap(true); })},
      {VC_SEC_10, vc(0x7c, {0x0f, 0x32}, [](auto& e) { e.msr_number = 0xc001'f000; })},
      {VC_SEC_11, vc(0x400, {0x8b, 0x00}, [](auto& e) { e.mmio_private = true; })},
      {VC_SEC_12, vc(0x7b, {0xec}, [](auto& e) {
         e.user_mode = true;
         e.io_permitted = false;
       })},
      {VC_SEC_12, vc(0x7b, {0x6c}, [](auto& e) {
         e.user_mode = true;
         e.io_kernel_address = true;
       })},
      {VC_SEC_13, vc(0x41, {0xcc})},
      {VC_SEC_13, vc(0x51, {0x8b, 0x00})},
      {VC_SEC_14, vc(0x8a, {0x0f, 0x01, 0xc8})},
      {VC_SEC_14, vc(0x76, {0x0f, 0x08})},
      {VC_SEC_16,
       [](recording_context& ctx) {
         return yes(ghcb::may_deliver(ctx, {1}, {.software_gate = true}, ghcb::event_source::external));
       }},
      {VC_SEC_16, [](recording_context& ctx) { return yes(ghcb::tells_apart(ctx, {1}, {.software_gate = true})); }},
      {VC_SEC_17, [](recording_context& ctx) { return yes(ghcb::svsm_is_guarded(ctx, {1})); }},
      {VC_SEC_17, vc(0x81, {0x0f, 0x01, 0xd9}, [](auto& e) { e.svsm_software = true; })},
      {VC_CPUID_01,
       [](recording_context& ctx) { return yes(ghcb::check_cpuid_page(ctx, layout::cpuid_page{}).has_value()); }},
      {VC_CPUID_03, cpuid({{0, 0, 0, 0, 0, 0}}, 0xb)},
      {VC_CPUID_04, cpuid({{0, 0, 0xd, 0, 0, 0}, {0xd, 1, 1, 0, 0, 0}}, 0xd, 1)},
      {VC_CPUID_04, cpuid({{0, 0, 0xd, 0, 0, 0}, {0xd, 0, 7, 0, 0, 0}}, 0xd, 0, {.xcr0 = 7})},
      {VC_CPUID_05, cpuid({{0, 0, 0xd, 0, 0, 0}, {1, 0, 1, 2, 3, 4}}, 1, 0, {}, false)},
      {VC_CPUID_06,
       [](recording_context& ctx) {
         return yes(ghcb::check_early_cpuid(ctx, 0x8000'001f, {.eax = 1}).has_value());
       }},
      {VC_CPUID_07, cpuid({{0x8000'0000, 0, 0x8000'001f, 0, 0, 0}, {0x8000'001f, 0, 2, 0, 0, 0}}, 0x8000'001f, 0,
                          {.under_svsm = true})},
      // Injection
      {WSW_INJ_02,
       [](recording_context& ctx) { return yes(cpu::refused_injection(ctx, {1}, {0x8000'0303}).has_value()); }},
      {WSW_INJ_04,
       [](recording_context& ctx) { return yes(cpu::refused_injection(ctx, {9}, {0x8000'0080}).has_value()); }},
      {WSW_INJ_04,
       [](recording_context& ctx) { return yes(cpu::refused_injection(ctx, {1}, {0x8000'031c}).has_value()); }},
      {WSW_INJ_05, [](recording_context& ctx) { return hex(cpu::injected_event(ctx, {0x11}, {1}, {2}).raw); }},
      {WSW_INJ_07,
       [](recording_context& ctx) {
         layout::vmsa vmsa;
         vmsa.set_sev_features({0x11});
         vmsa.set_vintr_ctrl(layout::vmsa_vintr_ctrl{}.set_busy(true));
         vmsa.set_guest_exit_int_info({0x8000'0030});
         (void)cpu::reinject_for_level(ctx, vmsa);
         return hex(vmsa.event_inj().raw) + yes(vmsa.vintr_ctrl().busy());
       }},
  };
  return all;
}

/// The same where nothing is in the way.
void play_quietly(recording_context& ctx) {
  for (const ghcb::event_info& event : ghcb::nae_events) {
    ghcb::event_inputs inputs{.rax = 1, .rbx = 0x1000, .rcx = 0, .rdx = 0, .scratch = ghcb_world::buffer_at, .cpl = 0};
    std::uint64_t info_1 = 0;
    std::uint64_t info_2 = 0;
    if (event.code == code::ioio) info_1 = 0x03f8'0211;
    if (event.code == code::mmio_read || event.code == code::mmio_write) info_2 = 4;
    if (event.code == code::snp_guest_request || event.code == code::snp_ext_guest_request)
      info_1 = 0x1'0000, info_2 = 0x2'0000;
    if (event.code == code::snp_ap_creation) info_1 = 0x1'0000'0001, info_2 = 0x500'1000;
    if (event.code == code::apic_id_list) info_1 = 0x6'0000;
    if (event.code == code::disable_alternate_injection || event.code == code::specific_eoi) info_1 = 0x2'0000;
    (void)page(event.code, info_1, info_2, inputs, [](ghcb_world& w) {
      w.env.counters[0] = 1;
      w.env.msrs[0] = 1;
      w.put_bytes(0x1'0034, std::array<std::uint8_t, 1>{5});
    })(ctx);
  }
  ctx.choices = {};
  for (const std::uint64_t value :
       {0x2ULL, 0x4ULL, 0x6ULL, 0x10ULL, 0x9012ULL, 0x0010'0000'0000'1014ULL, 0x16ULL, 0x80ULL, 0xaaULL})
    (void)msr(value)(ctx);
  (void)negotiate(0x0002'0001'3300'0001, {}, true)(ctx);
  (void)ghcb::check_features(ctx, 2, 3, 1);
  (void)ghcb::cpuid_request_for(ctx, 7, 0, 0, true);
  (void)exchange(ghcb::message::cpuid_request{1, 2}, 0x0000'0001'8000'0005)(ctx);
  (void)exchange(ghcb::message::register_request{0x7fe5}, 0x7fe'5013)(ctx);
  (void)exchange(ghcb::message::page_state_request{layout::ghcb_psc_ops::private_, 1}, 0x15)(ctx);
  (void)exchange(ghcb::message::features_request{}, 0x81)(ctx);
  ghcb::vcpu cpu{.held = true};
  (void)ghcb::wake(ctx, cpu, false);
  (void)ghcb::after_step(ctx, ghcb::ghcb_life::own, ghcb::ghcb_step::rescind);
  (void)ghcb::is_single_fetch(ctx, 1);
  (void)answer_check(0, 0)(ctx);
  (void)answer_check(1, 0x8000'030d)(ctx);
  (void)ghcb::rax_after_in(ctx, 0, 0x12, 1);
  (void)psc({0x0010'0000'0001'0000, 0x0010'0000'0005'0000}, nothing, {.psc_merge = true})(ctx);
  (void)psc_answer(0, 0, 10)(ctx);
  ghcb::deliver_init(ctx, cpu);
  (void)ghcb::after_step(ctx, ghcb::vmsa_life::page, ghcb::ap_step::fill_vmsa);
  layout::hv_doorbell_page bell;
  (void)ghcb::ring(ctx, bell, {.vector = 0x30});
  (void)ghcb::take_events(ctx, bell, true);
  (void)ghcb::take_events(ctx, bell, true);
  (void)ghcb::end_of_interrupt(ctx, bell);
  (void)ghcb::may_leave(ctx, bell);
  ghcb::validation_tracker pages;
  (void)pages.may_validate(ctx, gpa{0x1000});
  (void)pages.after_pvalidate(ctx, gpa{0x1000}, 1, true, {});
  (void)pages.after_pvalidate(ctx, gpa{0x1000}, 1, false, {});
  (void)ghcb::may_use(ctx, ghcb::vc_stage::per_cpu, ghcb::vc_channel::backup_page);
  for (const auto& quiet :
       {vc(0x72, {0x0f, 0xa2}, [](auto& e) { e.stage = ghcb::vc_stage::no_ghcb; }), vc(0x72, {0x0f, 0xa2}),
        vc(0x37, {0x0f, 0x23, 0xf8}), vc(0x6e, {0x0f, 0x31}), vc(0x7c, {0x0f, 0x32}), vc(0x400, {0x8b, 0x00}),
        vc(0x7b, {0xec}), vc(0x7c, {0x0f, 0x32}, [](auto& e) { e.sev_status.set_secure_tsc(true); })})
    (void)quiet(ctx);
  (void)ghcb::enter_vc(ctx, {});
  (void)ghcb::may_deliver(ctx, {1}, {.software_gate = true}, ghcb::event_source::software);
  (void)ghcb::svsm_is_guarded(ctx, {9});
  (void)ghcb::check_cpuid_page(ctx, cpuid_page({{0, 0, 0, 0, 0, 0}}));
  (void)cpuid({{0, 0, 0xd, 0, 0, 0}, {0xd, 1, 2, 0, 0, 0}}, 0xd, 1)(ctx);
  (void)cpuid({{0, 0, 0xd, 0, 0, 0}}, 1)(ctx);
  (void)cpuid({{0x8000'0000, 0, 0x8000'001f, 0, 0, 0}}, 0x8000'001f)(ctx);
  (void)ghcb::check_early_cpuid(ctx, 0x8000'001f, {.eax = 2});
  (void)cpu::refused_injection(ctx, {1}, {0x8000'0080});
  layout::vmsa vmsa;
  (void)cpu::reinject_for_level(ctx, vmsa);
}

}  // namespace

TEST_CASE("every condition of the protocols fires, passes and makes a difference", "[ghcb][coverage]") {
  shown_rules shown = shown_by(scenarios());
  shown.passed.merge(passing_in(play_quietly));
  check_all_shown(shown, protocol_conditions());
}
