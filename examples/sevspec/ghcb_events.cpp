// SPDX-License-Identifier: MIT
#include "ghcb_events.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb_request.hpp>

#include "fields.hpp"

namespace sevspec::tool {

namespace {

namespace of = layout::descriptions;

using layout::nae_exit_codes;
using enum layout::ghcb_field;

constexpr ghcb_event events[] = {
    {.code = nae_exit_codes::dr7_read,
     .rule = "GHCB-NAE-01",
     .does = "nothing: guests answer from the value that they wrote last"},
    {.code = nae_exit_codes::dr7_write, .rule = "GHCB-NAE-02", .in = {rax}, .does = "sets DR7 of the vCPU"},
    {.code = nae_exit_codes::rdtsc, .rule = "GHCB-NAE-03", .out = {rax, rdx}, .does = "returns the time stamp counter"},
    {.code = nae_exit_codes::rdpmc,
     .rule = "GHCB-NAE-04",
     .in = {rcx},
     .out = {rax, rdx},
     .does = "returns a performance counter"},
    {.code = nae_exit_codes::cpuid,
     .rule = "GHCB-NAE-05",
     .in = {rax, rcx},
     .also_in = "xcr0 if rax is 0xd; xss for its sub-leaf 1 where CET is offered",
     .out = {rax, rbx, rcx, rdx},
     .does = "emulates CPUID; an SNP guest prefers the CPUID page, which the firmware has checked"},
    {.code = nae_exit_codes::invd, .rule = "GHCB-NAE-06", .does = "writes caches back; guests should not ask for INVD"},
    {.code = nae_exit_codes::ioio,
     .rule = "GHCB-NAE-07",
     .also_in = "rax for OUT; sw_scratch for string instructions",
     .info1_word = &of::exitinfo1_ioio,
     .info2 = "repetitions of a string instruction, else 0",
     .also_out = "rax for IN; the scratch area for INS",
     .does = "emulates the port"},
    {.code = nae_exit_codes::msr,
     .rule = "GHCB-NAE-08",
     .in = {rcx},
     .also_in = "rax and rdx for WRMSR",
     .info1 = "0 RDMSR, else WRMSR",
     .also_out = "rax and rdx for RDMSR",
     .does = "emulates the MSR; answers ISSUE_EXCEPTION with #GP if there is none"},
    {.code = nae_exit_codes::vmmcall,
     .rule = "GHCB-NAE-09",
     .in = {rax, cpl},
     .also_in = "the registers of its hypercall interface",
     .out = {rax},
     .does = "performs the hypercall"},
    {.code = nae_exit_codes::rdtscp,
     .rule = "GHCB-NAE-10",
     .out = {rax, rcx, rdx},
     .does = "returns time stamp counter and TSC_AUX"},
    {.code = nae_exit_codes::wbinvd, .rule = "GHCB-NAE-11", .does = "writes caches back and invalidates them"},
    {.code = nae_exit_codes::monitor,
     .rule = "GHCB-NAE-12",
     .in = {rax, rcx, rdx},
     .does = "treats it as a no-operation or arms a monitor; rax is a gPA"},
    {.code = nae_exit_codes::mwait,
     .rule = "GHCB-NAE-13",
     .in = {rax, rcx},
     .does = "treats it as a no-operation or waits"},
    {.code = nae_exit_codes::npf_mmio,
     .rule = "LAY-VC-03",
     .does = "nothing: the guest's #VC handler decodes the instruction and asks for MMIO_READ or MMIO_WRITE"},
    {.code = nae_exit_codes::mmio_read,
     .rule = "GHCB-NAE-14",
     .in = {sw_scratch},
     .info1 = "gPA to read",
     .info2 = "bytes",
     .also_out = "the scratch area",
     .does = "reads from the device"},
    {.code = nae_exit_codes::mmio_write,
     .rule = "GHCB-NAE-15",
     .in = {sw_scratch},
     .info1 = "gPA to write",
     .info2 = "bytes",
     .does = "writes to the device"},
    {.code = nae_exit_codes::nmi_complete, .rule = "GHCB-NAE-16", .does = "may inject the next NMI"},
    {.code = nae_exit_codes::ap_reset_hold,
     .rule = "GHCB-NAE-17",
     .also_out = "sw_exit_info_2: not 0 if a SIPI woke it",
     .does = "parks the vCPU until a SIPI"},
    {.code = nae_exit_codes::ap_jump_table,
     .rule = "GHCB-NAE-18",
     .info1 = "0 set, 1 get",
     .info2 = "gPA of the jump table (set)",
     .also_out = "sw_exit_info_2: the gPA (get)",
     .does = "keeps the gPA; SNP guests use the secrets page instead"},
    {.code = nae_exit_codes::snp_page_state_change,
     .rule = "GHCB-PSC-01",
     .in = {sw_scratch},
     .also_out = "sw_exit_info_2: 0 or a code of ghcb_psc_errors; cur_entry counts what is done",
     .does = "changes every page from cur_entry to end_entry in the RMP (RMPUPDATE)"},
    {.code = nae_exit_codes::snp_guest_request,
     .rule = "GHCB-NAE-20",
     .info1 = "gPA of the request page",
     .info2 = "gPA of the response page",
     .also_out = "sw_exit_info_2: firmware status below, hypervisor error above bit 31",
     .does = "passes the message to the firmware"},
    {.code = nae_exit_codes::snp_ext_guest_request,
     .rule = "GHCB-NAE-21",
     .in = {rax, rbx},
     .info1 = "gPA of the request page",
     .info2 = "gPA of the response page",
     .out = {rbx},
     .also_out = "sw_exit_info_2 as of SNP_GUEST_REQUEST",
     .does = "puts certificates into rbx pages at rax and passes the message to the firmware"},
    {.code = nae_exit_codes::snp_ap_creation,
     .rule = "GHCB-NAE-22",
     .also_in = "rax, the SEV_FEATURES, unless it destroys",
     .info1_word = &of::ghcb_ap_creation_info1,
     .info2 = "gPA of the VMSA",
     .does = "lets the vCPU run this VMSA, or no longer; refuses a VMSA that is aligned to 2M"},
    {.code = nae_exit_codes::hv_doorbell_page_,
     .rule = "GHCB-NAE-23",
     .info1 = "0 preferred gPA, 1 set, 2 query, 3 clear",
     .info2 = "gPA of the page",
     .also_out = "sw_exit_info_2: the gPA",
     .does = "delivers interrupts through this page and #HV from now on"},
    {.code = nae_exit_codes::hv_ipi,
     .rule = "GHCB-NAE-24",
     .info1 = "ICR in x2APIC format",
     .does = "delivers the interrupt"},
    {.code = nae_exit_codes::hv_timer,
     .rule = "GHCB-NAE-25",
     .info1 = "timer parameters",
     .info2 = "timer parameters",
     .does = "arms a timer"},
    {.code = nae_exit_codes::apic_id_list,
     .rule = "GHCB-NAE-26",
     .in = {rax},
     .also_in = "(pages offered, 0 to ask)",
     .info1 = "gPA of the buffer",
     .out = {rax},
     .also_out = "(pages needed)",
     .does = "writes ghcb_apic_id_list to the buffer"},
    {.code = nae_exit_codes::snp_run_vmpl,
     .rule = "GHCB-NAE-27",
     .info1 = "VMPL to run",
     .also_out = "sw_exit_info_1",
     .does = "runs the vCPU's VMSA of that VMPL; the caller sees the answer when it runs again"},
    {.code = nae_exit_codes::secure_avic,
     .rule = "GHCB-NAE-28",
     .in = {rax},
     .also_in = "rbx, the gPA, to register",
     .info1 = "0 register, 1 unregister",
     .also_out = "rbx: the gPA that was registered",
     .does = "maps or releases the guest's APIC backing page"},
    {.code = nae_exit_codes::configure_interrupt_injection,
     .rule = "GHCB-NAE-29",
     .info1 = "vector",
     .does = "raises this vector at VMPL0 when events of a lower VMPL are queued"},
    {.code = nae_exit_codes::disable_alternate_injection,
     .rule = "GHCB-NAE-30",
     .info1 = "bit 0 IF, bit 1 interrupt shadow, 15:8 TPR, 19:16 VMPL",
     .does = "emulates the APIC itself again"},
    {.code = nae_exit_codes::specific_eoi,
     .rule = "GHCB-NAE-31",
     .info1 = "7:0 vector, 19:16 VMPL",
     .does = "ends a level-triggered interrupt of that VMPL"},
    {.code = nae_exit_codes::hypervisor_features,
     .rule = "GHCB-NAE-32",
     .also_out = "sw_exit_info_2: bits of ghcb_hv_features",
     .does = "returns its features"},
    {.code = nae_exit_codes::termination_request,
     .rule = "GHCB-NAE-33",
     .info1_word = &of::ghcb_termination_info1,
     .also_out = "does not return",
     .does = "stops the guest"},
    {.code = nae_exit_codes::unsupported_event,
     .rule = "GHCB-NAE-34",
     .info1 = "error code of the #VC that the guest cannot handle",
     .does = "decides: KVM stops the guest; the cause is an intercept that should not be set"},
};

[[nodiscard]] auto fields_text(const ghcb_fields& fields, const char* more) -> std::string {
  std::string text;
  for (const layout::ghcb_field field : fields) text += fmt::format("{}{}", text.empty() ? "" : ", ", name_of(field));
  if (*more != '\0') text += fmt::format("{}{}", text.empty() ? "" : "; ", more);
  return text.empty() ? "nothing" : text;
}

}  // namespace

auto find_ghcb_event(std::uint64_t code) -> const ghcb_event* {
  const auto found = std::find_if(std::begin(events), std::end(events),
                                  [&](const ghcb_event& event) { return std::to_underlying(event.code) == code; });
  return found == std::end(events) ? nullptr : found;
}

auto name_of(layout::ghcb_field field) -> const char* {
  return layout::field_of_valid_bit(std::to_underlying(field))->name;
}

void add_ghcb_event(facts& out, const ghcb_event& event) {
  out.add("ghcb_event", code_text(layout::tables::nae_exit_codes, std::to_underlying(event.code)));
  const facts::inner parts{out};
  out.add("in", fields_text(event.in, event.also_in));
  if (event.info1_word != nullptr) out.add("sw_exit_info_1", event.info1_word->name);
  if (*event.info1 != '\0') out.add("sw_exit_info_1", event.info1);
  if (*event.info2 != '\0') out.add("sw_exit_info_2", event.info2);
  out.add("out", fields_text(event.out, event.also_out));
  out.add("hypervisor", event.does);
}

}  // namespace sevspec::tool
