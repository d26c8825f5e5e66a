// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_SWAPPED_REGISTERS_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_SWAPPED_REGISTERS_HPP

#include <cstddef>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/host_save_area.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/vmsa.hpp>

/// Which registers the world switch moves, and where to.   APM vol. 2, 15.35.8, 15.35.9, appendix B
namespace sevspec::inline v0::cpu {

/// The registers of a logical processor, each where a VMSA has it: the host save area and, as far as it goes, the VMCB
/// have them there, too. Fields of a VMSA that are no registers mean nothing in it.
using register_file = layout::vmsa;

/// What becomes of the host's value of a register around the run of an encrypted-state guest (WSW-ST-03).
///
///     class | VMRUN                                   | #VMEXIT
///     ------+-----------------------------------------+-------------------------------------------
///     a     | host's saved, guest's loaded            | guest's saved, host's loaded
///     b     | guest's loaded; software saves the host's | guest's saved, host's loaded
///     c     | guest's loaded                          | guest's saved, the reset value loaded
enum class swap_class : std::uint8_t { a, b, c };

/// When a register is swapped at all.
enum class swap_condition : std::uint8_t {
  always,
  shadow_stacks,  ///< the part has them
  debug_swap,     ///< SEV_FEATURES.DebugSwap (WSW-ST-11)
  tsc_aux,        ///< the part virtualizes TSC_AUX
  last_branches,  ///< VMCB 0B8h bit 0: they are virtualized
};

/// One row of the table.
struct swapped_register {
  const char* name;      ///< as in the manual
  std::uint16_t offset;  ///< in a VMSA
  std::uint16_t bytes;
  swap_class how;
  bool in_vmcb;  ///< VMRUN and #VMEXIT of a guest without SEV-ES move it to and from the VMCB
  swap_condition when = swap_condition::always;
};

/// Every register that the switch moves (WSW-ST-03). Other sheets count the general registers to class c; hypervisors
/// rely on class b, so that is here.
// clang-format off
inline constexpr swapped_register swapped_registers[] = {
    {"ES",             0x000,  16, swap_class::a, true},
    {"CS",             0x010,  16, swap_class::a, true},
    {"SS",             0x020,  16, swap_class::a, true},
    {"DS",             0x030,  16, swap_class::a, true},
    {"FS",             0x040,  16, swap_class::b, false},
    {"GS",             0x050,  16, swap_class::b, false},
    {"GDTR",           0x060,  16, swap_class::a, true},
    {"LDTR",           0x070,  16, swap_class::b, false},
    {"IDTR",           0x080,  16, swap_class::a, true},
    {"TR",             0x090,  16, swap_class::b, false},
    {"PLn_SSP",        0x0a0,  32, swap_class::b, false, swap_condition::shadow_stacks},
    {"U_CET",          0x0c0,   8, swap_class::b, false, swap_condition::shadow_stacks},
    {"CPL",            0x0cb,   1, swap_class::a, true},
    {"EFER",           0x0d0,   8, swap_class::a, true},
    {"XSS",            0x140,   8, swap_class::b, false},
    {"CR4",            0x148,   8, swap_class::a, true},
    {"CR3",            0x150,   8, swap_class::a, true},
    {"CR0",            0x158,   8, swap_class::a, true},
    {"DR7",            0x160,   8, swap_class::c, true},
    {"DR6",            0x168,   8, swap_class::c, true},
    {"RFLAGS",         0x170,   8, swap_class::a, true},
    {"RIP",            0x178,   8, swap_class::a, true},
    {"DR0-DR3",        0x180,  32, swap_class::b, false, swap_condition::debug_swap},
    {"DRn_ADDR_MASK",  0x1a0,  32, swap_class::b, false, swap_condition::debug_swap},
    {"RSP",            0x1d8,   8, swap_class::a, true},
    {"S_CET",          0x1e0,   8, swap_class::a, true, swap_condition::shadow_stacks},
    {"SSP",            0x1e8,   8, swap_class::a, true, swap_condition::shadow_stacks},
    {"ISST_ADDR",      0x1f0,   8, swap_class::a, true, swap_condition::shadow_stacks},
    {"RAX",            0x1f8,   8, swap_class::a, true},
    {"STAR",           0x200,   8, swap_class::b, false},
    {"LSTAR",          0x208,   8, swap_class::b, false},
    {"CSTAR",          0x210,   8, swap_class::b, false},
    {"SFMASK",         0x218,   8, swap_class::b, false},
    {"KernelGSBase",   0x220,   8, swap_class::b, false},
    {"SYSENTER_CS",    0x228,   8, swap_class::b, false},
    {"SYSENTER_ESP",   0x230,   8, swap_class::b, false},
    {"SYSENTER_EIP",   0x238,   8, swap_class::b, false},
    {"CR2",            0x240,   8, swap_class::c, true},
    {"DebugCtl",       0x270,   8, swap_class::c, true, swap_condition::last_branches},
    {"LBR",            0x278,  32, swap_class::c, true, swap_condition::last_branches},
    {"PKRU",           0x2e8,   4, swap_class::b, false},
    {"TSC_AUX",        0x2ec,   4, swap_class::b, false, swap_condition::tsc_aux},
    {"RCX",            0x308,   8, swap_class::b, false},
    {"RDX",            0x310,   8, swap_class::b, false},
    {"RBX",            0x318,   8, swap_class::b, false},
    {"RBP-R15",        0x328,  88, swap_class::b, false},
    {"XCR0",           0x3e8,   8, swap_class::b, false},
    {"x87 and MXCSR",  0x400, 112, swap_class::c, false},
    {"XMM, YMM",       0x470, 512, swap_class::c, false},
    {"opmask, ZMM",    0x980, 1600, swap_class::c, false},
};
// clang-format on

/// What decides which conditional registers are swapped.
struct swap_features {
  bool shadow_stacks = true;
  bool tsc_aux = true;
  bool debug_swap{};     ///< of the guest that runs
  bool last_branches{};  ///< of the guest that runs

  friend constexpr auto operator==(const swap_features&, const swap_features&) -> bool = default;
};

/// Whether the switch of an encrypted-state guest touches a register.
template <class Context>
[[nodiscard]] constexpr auto is_swapped(Context& ctx, const swapped_register& row, const swap_features& with) -> bool {
  switch (row.when) {
    case swap_condition::always:        return true;
    case swap_condition::shadow_stacks: return with.shadow_stacks;
    case swap_condition::tsc_aux:       return with.tsc_aux;
    case swap_condition::last_branches: return with.last_branches;
    case swap_condition::debug_swap:    return ctx.applies(rule::WSW_ST_11, with.debug_swap);
  }
  return false;
}

namespace detail {

/// Whether the switch of a guest without hidden state touches a register.
[[nodiscard]] constexpr auto is_plainly_swapped(const swapped_register& row, const swap_features& with) noexcept
    -> bool {
  if (row.when == swap_condition::shadow_stacks) return with.shadow_stacks;
  return row.when != swap_condition::last_branches || with.last_branches;
}

constexpr void copy_register(const swapped_register& row, const std::uint8_t* from, std::uint8_t* to) noexcept {
  for (std::size_t i = row.offset; i < std::size_t{row.offset} + row.bytes; ++i) to[i] = from[i];
}

}  // namespace detail

/// VMRUN: the guest's registers from its VMSA.
template <class Context>
constexpr void load_guest_registers(Context& ctx, register_file& live, const layout::vmsa& guest,
                                    const swap_features& with) {
  for (const swapped_register& row : swapped_registers)
    if (is_swapped(ctx, row, with)) detail::copy_register(row, guest.data(), live.data());
}

/// #VMEXIT: the guest's registers to its VMSA.
template <class Context>
constexpr void save_guest_registers(Context& ctx, const register_file& live, layout::vmsa& guest,
                                    const swap_features& with) {
  for (const swapped_register& row : swapped_registers)
    if (is_swapped(ctx, row, with)) detail::copy_register(row, live.data(), guest.data());
}

/// VMRUN: of the host's registers hardware saves the fewest, class a; the hypervisor has put those of class b into the
/// save area itself (WSW-ST-02).
template <class Context>
constexpr void save_host_registers(Context& ctx, const register_file& live, layout::host_save_area_es& area,
                                   const swap_features& with) {
  for (const swapped_register& row : swapped_registers)
    if (ctx.applies(rule::WSW_ST_02, is_swapped(ctx, row, with) && row.how == swap_class::a))
      detail::copy_register(row, live.data(), area.host_save().data());
}

/// #VMEXIT: no register keeps a value of the guest. It is the host's again, or as after a reset (WSW-ST-01).
template <class Context>
constexpr void restore_host_registers(Context& ctx, register_file& live, const layout::host_save_area_es& area,
                                      const swap_features& with) {
  const layout::vmsa reset = layout::reset_vmsa({});
  for (const swapped_register& row : swapped_registers) {
    if (!is_swapped(ctx, row, with)) continue;
    if (row.how != swap_class::c) detail::copy_register(row, area.host_save().data(), live.data());
    if (ctx.applies(rule::WSW_ST_01, row.how == swap_class::c)) detail::copy_register(row, reset.data(), live.data());
  }
}

/// VMRUN of a guest without SEV-ES: registers that the VMCB has. The others stay: they are the hypervisor's to switch.
/// @param from  the save area of the VMCB
constexpr void load_from_vmcb(register_file& live, const std::uint8_t* from, const swap_features& with) noexcept {
  for (const swapped_register& row : swapped_registers)
    if (row.in_vmcb && detail::is_plainly_swapped(row, with)) detail::copy_register(row, from, live.data());
}

/// #VMEXIT of a guest without SEV-ES.
constexpr void save_to_vmcb(const register_file& live, std::uint8_t* to, const swap_features& with) noexcept {
  for (const swapped_register& row : swapped_registers)
    if (row.in_vmcb && detail::is_plainly_swapped(row, with)) detail::copy_register(row, live.data(), to);
}

/// #VMEXIT of a guest without SEV-ES: class a is the host's again, breakpoints are off; all else is still the guest's,
/// for the hypervisor to see.   APM vol. 2, 15.6
constexpr void restore_host_after_plain_guest(register_file& live, const layout::host_save_area_es& area,
                                              const swap_features& with) noexcept {
  for (const swapped_register& row : swapped_registers)
    if (row.how == swap_class::a && detail::is_plainly_swapped(row, with))
      detail::copy_register(row, area.host_save().data(), live.data());
  live.set_dr7(0x400);
}

}  // namespace sevspec::inline v0::cpu

#endif
