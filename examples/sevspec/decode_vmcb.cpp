// SPDX-License-Identifier: MIT
// The two pages of a vCPU: VMCB and VMSA.

#include <algorithm>

#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

namespace of = layout::descriptions;

using layout::vmcb_control_area_const_view;

constexpr std::size_t control_size = layout::size_of<vmcb_control_area_const_view>;

void warn_of_control(facts& out, const vmcb_control_area_const_view& control) {
  const auto np = control.np_control();
  if (control.guest_asid() == 0) out.warn("guest_asid is 0: VMRUN refuses it");
  if (!control.intercept_misc2().vmrun()) out.warn("VMRUN is not intercepted: VMRUN refuses such a VMCB");
  if (np.sev_enable() && !np.np_enable()) out.warn("sev_enable without np_enable (LAY-VMCB-02)");
  if (np.sev_es_enable() && !np.sev_enable()) out.warn("sev_es_enable without sev_enable (LAY-VMCB-02)");
  if (layout::find_value(layout::tables::tlb_control, std::to_underlying(control.tlb_control())) == nullptr)
    out.warn("tlb_control has a reserved value (LAY-VMCB-05)");
}

void add_last_exit(facts& out, const vmcb_control_area_const_view& control) {
  const auto code = std::to_underlying(control.exit_code());
  if (code == 0 && control.exit_info_1() == 0 && control.exit_info_2() == 0) return;
  out.add("last_exit", "");
  const facts::inner parts{out};
  decode_exit(out, code, {control.exit_info_1(), control.exit_info_2()});
}

}  // namespace

void decode_vmcb(facts& out, std::span<const std::uint8_t> bytes) {
  const auto control_bytes = bytes.first<control_size>();
  const auto save_bytes = bytes.subspan(control_size);
  const vmcb_control_area_const_view control{control_bytes};
  const bool es = control.np_control().sev_es_enable();
  out.add("guest", es                                  ? "SEV-ES or SEV-SNP (the VMSA's sev_features tell)"
                   : control.np_control().sev_enable() ? "SEV"
                                                       : "not encrypted");
  out.add("control_area", "");
  {
    const facts::inner fields{out};
    add_fields(out, of::vmcb_control_area, control_bytes);
    warn_of_reserved(out, of::vmcb_control_area, control_bytes);
    warn_of_control(out, control);
  }
  add_last_exit(out, control);
  if (es) {
    out.add("save_area", "not used: the guest's state is in the VMSA (LAY-VMCB-01)");
    return;
  }
  out.add("save_area", "");
  const facts::inner fields{out};
  add_fields(out, of::vmcb_save_area, save_bytes);
  warn_of_reserved(out, of::vmcb_save_area, save_bytes, layout::level::svsm, control_size);
}

void decode_vmsa(facts& out, std::span<const std::uint8_t> bytes) {
  const layout::vmsa_const_view vmsa{bytes.first<layout::size_of<layout::vmsa_const_view>>()};
  const auto features = vmsa.sev_features();
  out.add("guest", features.snp_active() ? "SEV-SNP" : "SEV-ES");
  if (features.snp_active()) out.add("runs_at", "VMPL{}, CPL{}", vmsa.vmpl(), vmsa.cpl());
  out.add("vmsa", "");
  const facts::inner fields{out};
  add_fields(out, of::vmsa, bytes);
  warn_of_reserved(out, of::vmsa, bytes);
  const int injection = features.restricted_injection() + features.alternate_injection() + features.secure_avic();
  if (injection > 1)
    out.warn("restricted_injection, alternate_injection and secure_avic exclude one another (WSW-RUN-13)");
  if (vmsa.vintr_ctrl().busy()) out.warn("vintr_ctrl.busy: VMRUN may refuse it with BUSY (WSW-RUN-15)");
}

}  // namespace sevspec::tool
