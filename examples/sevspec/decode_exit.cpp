// SPDX-License-Identifier: MIT
// Exit codes: what left the guest, who sees it first (the hypervisor or the guest's #VC handler), and what it wants.

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <sevspec/layout/automatic_exit.hpp>
#include <sevspec/layout/avic.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/exit_info.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "ghcb_events.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

using layout::ae_exit_codes;
using layout::svm_exit_codes;

struct automatic_exit {
  ae_exit_codes code;
  const char* does;
};

constexpr automatic_exit automatic_exits[] = {
    {ae_exit_codes::mc, "handles the machine check; delivers it to the guest if it is the guest's"},
    {ae_exit_codes::intr, "takes the interrupt and resumes"},
    {ae_exit_codes::nmi, "takes the NMI and resumes"},
    {ae_exit_codes::smi, "executes STGI, so that the pending SMI is taken, and resumes"},
    {ae_exit_codes::init, "handles the INIT"},
    {ae_exit_codes::vintr, "injects the interrupt that it waited to inject"},
    {ae_exit_codes::pause, "lets another vCPU run"},
    {ae_exit_codes::hlt, "suspends the vCPU until there is an event for it"},
    {ae_exit_codes::shutdown, "stops or resets the guest: it had a triple fault"},
    {ae_exit_codes::efer_write_trap, "takes note of EXITINFO1, the new value, and resumes after the write"},
    {ae_exit_codes::cr0_write_trap, "takes note of EXITINFO1, the new value, and resumes after the write"},
    {ae_exit_codes::buslock, "slows the guest down, renews the counter, resumes"},
    {ae_exit_codes::idle_hlt, "suspends the vCPU until there is an event for it"},
    {ae_exit_codes::npf, "see: decode npf EXITINFO1 --gpa EXITINFO2"},
    {ae_exit_codes::vmgexit, "does what the GHCB MSR says (VMCB ghcb_gpa): see decode ghcb-msr, decode ghcb"},
};

struct failed_entry {
  svm_exit_codes code;
  const char* does;
  const char* rule;
};

constexpr failed_entry failed_entries[] = {
    {svm_exit_codes::invalid,
     "VMRUN refused the VMCB or VMSA: its controls, its state, or the pages that it uses are wrong", "WSW-RUN-10"},
    {svm_exit_codes::busy, "the VMSA is busy (vintr_ctrl.busy): VMPL0 has to finish the pending event first",
     "WSW-RUN-15"},
    {svm_exit_codes::idle_required, "the sibling thread must be idle first (smt_protection)", "WSW-RUN-16"},
    {svm_exit_codes::invalid_pmc, "the state of the performance counters is illegal (pmc_virtualization)",
     "WSW-RUN-16"},
};

template <class Row, std::size_t Count>
[[nodiscard]] auto find(const Row (&rows)[Count], std::uint64_t code) -> const Row* {
  const auto found = std::find_if(std::begin(rows), std::end(rows),
                                  [&](const Row& row) { return std::to_underlying(row.code) == code; });
  return found == std::end(rows) ? nullptr : found;
}

/// The traps have one row: they are alike.
[[nodiscard]] auto is_cr_trap(std::uint64_t code) -> bool {
  return code >= std::to_underlying(ae_exit_codes::cr0_write_trap) &&
         code <= std::to_underlying(ae_exit_codes::cr15_write_trap);
}

[[nodiscard]] auto is_in(std::uint64_t code, svm_exit_codes first, svm_exit_codes last) -> bool {
  return code >= std::to_underlying(first) && code <= std::to_underlying(last);
}

/// EXITCODE was 32 bits wide in old kernels and logs: "0xffffffff" is INVALID.
[[nodiscard]] auto widened(std::uint64_t code) -> std::uint64_t {
  const std::uint64_t wide = code | 0xFFFF'FFFF'0000'0000;
  return code >> 32 == 0 && find(failed_entries, wide) != nullptr ? wide : code;
}

void add_name(facts& out, std::uint64_t code) {
  const std::string svm = code_text(layout::tables::svm_exit_codes, code);
  const std::string nae = code_text(layout::tables::nae_exit_codes, code);
  const std::string& name = svm.empty() ? nae : svm;
  out.add("exit_code", "{:#x} {}", code, name.empty() ? "(neither in svm_exit_codes nor in nae_exit_codes)" : name);
}

/// Why the hypervisor gets no such exit of a SEV-ES guest, or should not want it.
void add_not_automatic(facts& out, rule_ids& rules, std::uint64_t code) {
  using enum svm_exit_codes;
  out.add("automatic", "no: a SEV-ES or SEV-SNP guest gets #VC with this error code instead, if the intercept is set");
  rules.add({"LAY-VC-01", "LAY-VC-02", "WSW-AE-01"});
  if (code == std::to_underlying(excp29)) {
    out.add("note", "with REFLECT_VC, what would be #VC becomes this exit; guest_exit_code of the VMSA has the reason");
    rules.add({"WSW-RVC-01"});
  }
  if (find_ghcb_event(code) != nullptr) return;
  if (is_in(code, cr0_read, cr15_write))
    out.add("hypervisor", "must not intercept it, and could not emulate it: it uses the CR write traps");
  else if (code == std::to_underlying(excp1) || code == std::to_underlying(excp17))
    out.add("hypervisor", "has no part in it: guests handle this exception in their #VC handler");
  else if (is_in(code, avic_incomplete_ipi, avic_noaccel))
    out.add("hypervisor", "sees it only of guests without encrypted state; others handle it with Secure AVIC");
  else out.add("hypervisor", "should not intercept it: there is no GHCB event for it, and the guest can only give up");
}

void add_vc_only(facts& out, rule_ids& rules, bool not_validated) {
  out.add("automatic", "no: never an exit, only an error code of #VC");
  out.add("guest",
          not_validated
              ? "touched a private page whose RMP entry is not validated; CR2 has the address. If it validated the "
                "page before, the hypervisor has changed it: the guest must stop, and not validate it again"
              : "its Secure AVIC backing page is not validated");
  out.add("hypervisor", "does not take part, unless REFLECT_VC is on");
  rules.add({"LAY-VC-01"});
  if (not_validated) rules.add({"RMP-FLT-08", "VC-HW-04", "RMP-CHK-03"});
  else rules.add({"RMP-FLT-09"});
}

void add_automatic(facts& out, rule_ids& rules, std::uint64_t code) {
  const bool npf = code == std::to_underlying(ae_exit_codes::npf);
  out.add("automatic", "yes{}", npf ? ", unless EXITINFO1 has rsv: then a SEV-ES or SEV-SNP guest gets #VC" : "");
  const auto shown = is_cr_trap(code) ? std::to_underlying(ae_exit_codes::cr0_write_trap) : code;
  if (const automatic_exit* row = find(automatic_exits, shown)) out.add("hypervisor", row->does);
  rules.add({"LAY-VC-02", "WSW-AE-01"});
  if (npf) rules.add({"PAG-NPF-12", "WSW-AE-02"});
}

/// What the information words of an exit say.
void add_information(facts& out, std::uint64_t code, const exit_information& more) {
  using enum svm_exit_codes;
  if (!more.info1) return;
  const auto as_word = [&](const layout::structure_info& of) { add_word(out, of.name, of, *more.info1); };
  switch (static_cast<svm_exit_codes>(code)) {
    case ioio:                as_word(layout::descriptions::exitinfo1_ioio); break;
    case avic_incomplete_ipi: as_word(layout::descriptions::exitinfo1_avic_incomplete_ipi); break;
    case avic_noaccel:        as_word(layout::descriptions::exitinfo1_avic_noaccel); break;
    default:                  out.add("info1", hex(*more.info1)); break;
  }
  if (more.info2) out.add("info2", hex(*more.info2));
}

}  // namespace

void decode_exit(facts& out, std::uint64_t code, const exit_information& more) {
  const std::uint64_t given = std::exchange(code, widened(code));
  add_name(out, code);
  if (code != given) out.add("note", "{:#x} was taken as its lower 32 bits", given);

  if (code == std::to_underlying(svm_exit_codes::npf) && more.info1) return decode_npf(out, *more.info1, more.info2);
  rule_ids rules;
  const bool known = layout::find_value(layout::tables::svm_exit_codes, code) != nullptr;
  const bool asked = layout::find_value(layout::tables::nae_exit_codes, code) != nullptr;
  if (const failed_entry* failed = find(failed_entries, code)) {
    out.add("automatic", "yes: VMRUN failed, and no instruction of the guest was executed");
    out.add("hypervisor", failed->does);
    rules.add({failed->rule, "WSW-AE-01"});
  } else if (code == std::to_underlying(svm_exit_codes::page_not_validated) ||
             code == std::to_underlying(svm_exit_codes::not_restartable)) {
    add_vc_only(out, rules, code == std::to_underlying(svm_exit_codes::page_not_validated));
  } else if (layout::is_automatic_exit(code)) {
    add_automatic(out, rules, code);
  } else if (code == std::to_underlying(svm_exit_codes::sw_reserved)) {
    out.add("automatic", "no: not of hardware, reserved for hypervisors' own use");
  } else if (known) {
    add_not_automatic(out, rules, code);
  } else if (asked) {
    out.add("automatic", "no exit of hardware: a SEV-ES or SEV-SNP guest asks for it through the GHCB with VMGEXIT");
  }
  if (const ghcb_event* event = find_ghcb_event(code)) {
    add_ghcb_event(out, *event);
    rules.add({event->rule});
  } else if (asked) {
    out.add("ghcb_event", "known by name only");
  } else if (!known) {
    out.add("hypervisor", "as a GHCB event: answers MALFORMED_INPUT with INVALID_EVENT (GHCB-PAGE-07)");
  }
  if (!rules.text().empty()) out.add("rules", rules.text());
  add_information(out, code, more);
}

}  // namespace sevspec::tool
