// SPDX-License-Identifier: MIT
// Policies, SEV_STATUS and TCB_VERSION.

#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/layout/policy_check.hpp>
#include <sevspec/layout/reflect.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

namespace of = layout::descriptions;

constexpr layout::api_version newest_api{0xFF, 0xFF};

}  // namespace

void decode_snp_policy(facts& out, std::uint64_t raw) {
  const layout::snp_guest_policy policy{raw};
  add_word(out, "snp_policy", of::snp_guest_policy, raw);
  out.add("firmware", "at least version {}.{}", policy.abi_major(), policy.abi_minor());
  const auto refused = check_policy(policy, layout::snp_platform{.api = newest_api});
  if (refused && refused->why == layout::policy_refusal::must_be_one)
    out.warn("bit 17 is clear: every firmware refuses this policy (FW-SNP-LST-01)");
  if (policy.debug()) out.warn("debug is set: the host can read and write the guest's memory");
  if (policy.migrate_ma()) out.add("note", "a migration agent can export the guest");
}

void decode_sev_policy(facts& out, std::uint32_t raw) {
  const layout::sev_guest_policy policy{raw};
  add_word(out, "sev_policy", of::sev_guest_policy, raw);
  out.add("firmware", "at least version {}.{}", policy.api_major(), policy.api_minor());
  if (!policy.nodbg()) out.warn("nodbg is clear: the host can read and write the guest's memory");
}

void decode_sev_status(facts& out, std::uint64_t raw) {
  const layout::msr_sev_status status{raw};
  add_word(out, "sev_status", of::msr_sev_status, raw);
  out.add("guest", status.sev_snp() ? "SEV-SNP" : status.sev_es() ? "SEV-ES" : status.sev() ? "SEV" : "not encrypted");
  if (status.sev_es() && !status.sev()) out.warn("sev_es without sev (WSW-RUN-01)");
  if (status.sev_snp() && !status.sev_es()) out.warn("sev_snp without sev_es (RMP-VMR-04)");
  const int injection = status.restricted_injection() + status.alternate_injection() + status.secure_avic();
  if (injection > 1)
    out.warn("restricted_injection, alternate_injection and secure_avic exclude one another (WSW-RUN-13)");
}

void add_tcb(facts& out, std::uint64_t version, layout::tcb_format format) {
  const bool turin = format == layout::tcb_format::turin;
  const layout::tcb parts = layout::tcb_components(version, format);
  if (turin) out.add("fmc", "{}", parts.fmc);
  out.add("boot_loader", "{}", parts.boot_loader);
  out.add("tee", "{}", parts.tee);
  out.add("snp", "{}", parts.snp);
  out.add("microcode", "{0} ({0:#x})", parts.microcode);

  std::array<std::uint8_t, 8> bytes{};
  layout::write_le(bytes.data(), version);
  const layout::structure_info& structure = turin ? of::tcb_version_turin : of::tcb_version_milan_genoa;
  warn_of_reserved(out, structure, bytes);
}

}  // namespace sevspec::tool
