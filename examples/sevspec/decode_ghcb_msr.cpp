// SPDX-License-Identifier: MIT
// The GHCB MSR: the address of a GHCB, or one message of the MSR protocol.

#include <string>
#include <vector>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/reflect.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

using layout::ghcb_msr_codes;
using layout::ghcb_msr_generic;
using layout::structure_info;

enum class sender : std::uint8_t { guest, hypervisor };

struct message {
  ghcb_msr_codes code;
  sender from;
  const structure_info* structure;  ///< nullptr if it carries no data
  const char* rule;
  const char* does;  ///< the other side
};

namespace of = layout::descriptions;

// clang-format off
constexpr message messages[] = {
    {ghcb_msr_codes::sev_info_resp, sender::hypervisor, &of::ghcb_msr_sev_info_resp, "GHCB-NEG-01",
     "takes the highest version that both know, or ends itself with reason set 0, code PROTOCOL_RANGE"},
    {ghcb_msr_codes::sev_info_req, sender::guest, nullptr, "GHCB-MSR-02", "answers SEV_INFO_RESP"},
    {ghcb_msr_codes::cpuid_req, sender::guest, &of::ghcb_msr_cpuid_req, "GHCB-MSR-05",
     "answers CPUID_RESP with the register of sub-leaf 0"},
    {ghcb_msr_codes::cpuid_resp, sender::hypervisor, &of::ghcb_msr_cpuid_resp, "GHCB-MSR-06",
     "must not trust it more than the hypervisor"},
    {ghcb_msr_codes::ap_reset_hold_req, sender::guest, nullptr, "GHCB-MSR-07", "parks the vCPU until a SIPI"},
    {ghcb_msr_codes::ap_reset_hold_resp, sender::hypervisor, &of::ghcb_msr_ap_reset_hold_resp, "GHCB-MSR-08",
     "starts if the result is not 0, else asks again"},
    {ghcb_msr_codes::pref_gpa_req, sender::guest, nullptr, "GHCB-MSR-09", "answers PREF_GPA_RESP"},
    {ghcb_msr_codes::pref_gpa_resp, sender::hypervisor, &of::ghcb_msr_pref_gpa_resp, "GHCB-MSR-10",
     "may use that page for its GHCB"},
    {ghcb_msr_codes::reg_gpa_req, sender::guest, &of::ghcb_msr_reg_gpa_req, "GHCB-MSR-11",
     "remembers the page for this vCPU, and lets an SNP guest use no other"},
    {ghcb_msr_codes::reg_gpa_resp, sender::hypervisor, &of::ghcb_msr_reg_gpa_resp, "GHCB-MSR-12",
     "ends itself if the frame is not the one that it asked for"},
    {ghcb_msr_codes::psc_req, sender::guest, &of::ghcb_msr_psc_req, "GHCB-MSR-13",
     "changes the 4K page in the RMP (RMPUPDATE) and answers PSC_RESP"},
    {ghcb_msr_codes::psc_resp, sender::hypervisor, &of::ghcb_msr_psc_resp, "GHCB-MSR-14",
     "validates a page that became private (PVALIDATE), and ends itself on an error"},
    {ghcb_msr_codes::vmpl_req, sender::guest, &of::ghcb_msr_vmpl_req, "GHCB-MSR-15",
     "puts the answer in place, then runs the vCPU's VMSA of that VMPL"},
    {ghcb_msr_codes::vmpl_resp, sender::hypervisor, &of::ghcb_msr_vmpl_resp, "GHCB-MSR-16",
     "sees it when its VMPL runs again"},
    {ghcb_msr_codes::hv_features_req, sender::guest, nullptr, "GHCB-MSR-17", "answers HV_FEATURES_RESP"},
    {ghcb_msr_codes::hv_features_resp, sender::hypervisor, &of::ghcb_msr_hv_features_resp, "GHCB-MSR-18",
     "ends itself if a feature that it needs is missing"},
    {ghcb_msr_codes::term_req, sender::guest, &of::ghcb_msr_term_req, "GHCB-MSR-19", "stops the guest for good"},
};
// clang-format on

[[nodiscard]] auto find_message(ghcb_msr_codes code) -> const message* {
  for (const message& one : messages)
    if (one.code == code) return &one;
  return nullptr;
}

constexpr std::uint64_t all_ones_frame = bit_range(51, 0);

void add_frame(facts& out, std::uint64_t gfn, const char* meaning_of_all_ones) {
  if (gfn == all_ones_frame) out.add("means", meaning_of_all_ones);
  else out.add("gpa", hex(gfn << 12));
}

void add_features(facts& out, std::uint64_t features) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 52; ++bit) {
    if (!layout::bit_at(features, bit)) continue;
    const layout::constant_info* feature = layout::find_value(layout::tables::ghcb_hv_features, bit);
    names.push_back(feature == nullptr ? fmt::format("bit {} (unknown)", bit) : feature->name);
  }
  out.add("means", names.empty() ? "no features" : fmt::format("{}", fmt::join(names, ", ")));
}

/// What follows from the fields of a message taken together.
void add_meaning(facts& out, ghcb_msr_codes code, std::uint64_t value) {
  using enum ghcb_msr_codes;
  constexpr const char* registers[] = {"EAX", "EBX", "ECX", "EDX"};
  switch (code) {
    case sev_info_resp: {
      const layout::ghcb_msr_sev_info_resp message{value};
      out.add("means", "GHCB versions {} to {}, C-bit at bit {}", message.min_version(), message.max_version(),
              message.cbit());
      if (message.min_version() > message.max_version()) out.warn("the lowest version is above the highest");
      break;
    }
    case cpuid_req: {
      const layout::ghcb_msr_cpuid_req message{value};
      out.add("means", "{} of CPUID function {:#x}, sub-leaf 0", registers[message.reg()], message.fn());
      break;
    }
    case cpuid_resp: {
      const layout::ghcb_msr_cpuid_resp message{value};
      out.add("means", "{} = {:#x}", registers[message.reg()], message.value());
      break;
    }
    case pref_gpa_resp: add_frame(out, layout::ghcb_msr_pref_gpa_resp{value}.gfn(), "no preference"); break;
    case reg_gpa_req:   add_frame(out, layout::ghcb_msr_reg_gpa_req{value}.gfn(), "a frame that cannot exist"); break;
    case reg_gpa_resp:  add_frame(out, layout::ghcb_msr_reg_gpa_resp{value}.gfn(), "rejected"); break;
    case psc_req:       {
      const layout::ghcb_msr_psc_req message{value};
      out.add("gpa", hex(message.gfn() << 12));
      if (message.op() != layout::ghcb_psc_ops::private_ && message.op() != layout::ghcb_psc_ops::shared)
        out.warn("the MSR protocol only knows PRIVATE and SHARED: the hypervisor answers an error (GHCB-MSR-13)");
      break;
    }
    case psc_resp:
      out.add("means", layout::ghcb_msr_psc_resp{value}.error() == 0 ? "the page is changed" : "refused");
      break;
    case vmpl_req:
      if (layout::ghcb_msr_vmpl_req{value}.vmpl() > 3)
        out.warn("there are VMPLs 0 to 3: the hypervisor answers an error");
      break;
    case vmpl_resp:
      out.add("means", layout::ghcb_msr_vmpl_resp{value}.error() == 0 ? "the other VMPL ran" : "refused");
      break;
    case hv_features_resp: add_features(out, layout::ghcb_msr_hv_features_resp{value}.features()); break;
    case term_req:         {
      const layout::ghcb_msr_term_req message{value};
      add_termination_reason(out, message.reason_set(), message.reason_code());
      break;
    }
    default: break;
  }
}

void add_unknown(facts& out, ghcb_msr_generic value) {
  using enum ghcb_msr_codes;
  const std::string name = code_text(layout::tables::ghcb_msr_codes, std::to_underlying(value.info()));
  const bool vendor = value.info() >= hv_specific_first && value.info() <= hv_specific_last;
  out.add("message", "{}",
          vendor         ? "reserved for hypervisor vendors"
          : name.empty() ? "unknown (not in ghcb_msr_codes)"
                         : name);
  out.add("data", hex(value.data()));
  out.add("hypervisor",
          vendor ? "only the vendor's own knows it" : "leaves the MSR as it is and resumes the guest, or stops it");
  out.add("rules", vendor ? "GHCB-MSR-20" : value.info() == ap_jump_table ? "GHCB-MSR-04" : "GHCB-MSR-21");
}

}  // namespace

void add_termination_reason(facts& out, std::uint64_t set, std::uint64_t code) {
  const layout::constant_table* table = set == 0   ? &layout::tables::ghcb_term_reason_set0
                                        : set == 1 ? &layout::tables::ghcb_term_reason_set1_linux
                                                   : nullptr;
  const std::string name = table == nullptr ? "" : code_text(*table, code);
  out.add("reason", "set {} ({}), code {:#x}{}", set,
          set == 0   ? "GHCB specification"
          : set == 1 ? "Linux"
                     : "of the guest's vendor",
          code, table == nullptr ? "" : " " + (name.empty() ? fmt::format("(not in {})", table->name) : name));
}

void decode_ghcb_msr(facts& out, std::uint64_t raw) {
  const ghcb_msr_generic value{raw};
  out.add("ghcb_msr", hex(raw));
  const facts::inner parts{out};
  if (value.info() == ghcb_msr_codes::ghcb_gpa) {
    out.add("message", "none: the address of the GHCB (page protocol)");
    out.add("gpa", hex(raw));
    if (raw == 0) out.warn("no GHCB is set: VMGEXIT would be resumed without an answer (GHCB-PAGE-02)");
    out.add("hypervisor", "reads the request from the GHCB page; of an SNP guest only if the page is registered");
    out.add("rules", "LAY-GHCB-06, GHCB-PAGE-03, GHCB-REG-01");
    return;
  }
  const message* known = find_message(value.info());
  if (known == nullptr) return add_unknown(out, value);

  const bool request = known->from == sender::guest;
  out.add("message", code_text(layout::tables::ghcb_msr_codes, std::to_underlying(value.info())));
  out.add("from", request ? "guest to hypervisor" : "hypervisor to guest");
  if (known->structure != nullptr) {
    add_word(out, known->structure->name, *known->structure, raw);
    add_meaning(out, value.info(), raw);
  } else if (value.data() != 0) {
    out.warn(fmt::format("this message carries no data, but bits 63:12 are {:#x}", value.data()));
  }
  out.add(request ? "hypervisor" : "guest", known->does);
  out.add("rules", known->rule);
}

}  // namespace sevspec::tool
