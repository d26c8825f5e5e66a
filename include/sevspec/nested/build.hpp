// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_BUILD_HPP
#define SEVSPEC_NESTED_BUILD_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/nested/configuration.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/launch_stand_in.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/reference.hpp>
#include <sevspec/nested/vmcb_merge.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// L0 makes an L1.
namespace sevspec::inline v0::nested {

/// A piece of memory that L1 is to have.
struct planned_range {
  ram_range at{};
  bool shared{};    ///< of an SNP L1: it is left to L0, and L1 uses it without the C-bit
  bool launched{};  ///< of an SNP L1: the AMD-SP has filled it, and its pages are valid
};

/// An L1 to be made.
struct l1_plan {
  configuration config{};
  asid id{};  ///< physical; of an encrypted L1 its key is installed
  std::vector<planned_range> ram{};
  std::size_t processors = 1;
  bool snp_en = true;       ///< L1's kernel has set its SYSCFG.SNP_EN on all of them
  bool virtual_rmp = true;  ///< L0 offers VIRT_RMPUPDATE where the mode has it
  l0_support host = l0_support::nested_sev;
  evidence at_least = evidence::poster;
};

namespace detail {

/// Gives L1 the private part of its memory, and lets it validate all of it, as its kernel does first.
template <class Context, class Machine>
void give_memory(Context& ctx, Machine& m, const l1_vm& vm, const l1_plan& plan) {
  const auto regime = l1_regime(ctx, m, vm);
  for (const planned_range& range : plan.ram) {
    if (range.shared || range.launched) continue;
    const bool large = range.at.size == page_size::k2m;
    for (std::uint64_t at = 0; at < range.at.pages * 0x1000; at += bytes_in(range.at.size)) {
      const rmp::new_state wanted{.assigned = true, .large = large, .id = vm.id, .guest = range.at.first + at};
      const auto given = rmp::rmpupdate(ctx, m.rmp, m.processor(), {}, range.at.backing + at, wanted);
      Expects(given && given->succeeded());
      const auto taken = pvalidate(ctx, m, regime, range.at.first + at, large, true);
      Expects(taken && taken->succeeded());
    }
  }
}

}  // namespace detail

/// L0 makes an L1 whose processors are ready to run.
/// @param m       `core` is L0's, with a host save area; `pool` has pages; keys of encrypted guests are installed
/// @param launch  `launch(m, kind, asid, where, state) -> bool`: the AMD-SP puts a VMSA under the guest's key. The page
///                holds it in the open, and is pre-guest with SEV-SNP.
/// @return its place in `vms`; or why there is no such L1
template <class Context, class Machine, class Launch>
auto add_l1(Context& ctx, Machine& m, const l1_plan& plan, Launch&& launch)
    -> std::expected<std::size_t, configuration_refusal> {
  if (const auto fine = check_configuration(ctx, plan.host, plan.config, plan.at_least); !fine)
    return std::unexpected{fine.error()};
  const guest_kind kind = plan.config.of_l1();
  const bool snp_guests = plan.config.variant == guest_kind::snp && facts_of(plan.config.how).l2_encrypted;
  host_words words{m.memory};
  const auto take = [&] {
    const auto page = m.pool.take();
    Expects(page && words.clear(*page));
    return spa{*page};
  };

  l1_vm vm{.number = {static_cast<std::uint32_t>(m.vms.size())},
           .config = plan.config,
           .id = plan.id,
           .part = m.core.part,
           .npt01 = take()};
  std::uint64_t pages = 0;
  for (const planned_range& range : plan.ram) {
    vm.ram.push_back(range.at);
    pages = std::max(pages, (range.at.first.value >> 12) + range.at.pages);
  }
  vm.owners = sparse_table<>(pages);
  vm.offers_virtual_rmp = plan.virtual_rmp && snp_guests && facts_of(plan.config.how).virtual_ownership;
  const bool mapped = populate_all(m, vm);
  Expects(mapped);
  if (kind == guest_kind::snp) detail::give_memory(ctx, m, vm, plan);

  for (std::size_t i = 0; i < plan.processors; ++i) {
    l1_processor made{.snp_en = plan.snp_en && vm.offers_virtual_rmp, .vmcb01 = take()};
    cpu::vmcb_page v01 = intercepts_of_l0();
    auto controls = v01.controls();
    controls.set_guest_asid(vm.id.value);
    controls.set_nested_cr3(vm.npt01.value);
    controls.set_np_control({static_cast<std::uint32_t>(np_control_of(kind))});
    const layout::vmsa state = long_mode_state(kind, 0x10'0000);
    if (cpu::has_hidden_state(kind)) {
      const spa vmsa = take();
      const auto in_the_open = m.memory.write(vmsa, memory_key::none(), state.bytes());
      Expects(in_the_open == memory::memory_status::ok);
      if (kind == guest_kind::snp) {
        const rmp::new_state wanted{
            .assigned = true, .immutable = true, .id = vm.id, .guest = {0xffff'f000 - 0x1000 * i}};
        const auto given = rmp::rmpupdate(ctx, m.rmp, m.processor(), {}, vmsa, wanted);
        Expects(given && given->succeeded());
      }
      const bool launched = launch(m, kind, vm.id, vmsa, state);
      Expects(launched);
      layout::write_le(v01.bytes.data() + 0x108, vmsa.value);
    } else {
      for (std::size_t at = 0; at < 0x2e8; ++at) v01.bytes[0x400 + at] = state.data()[at];
    }
    const auto written = m.memory.write(made.vmcb01, memory_key::none(), v01.bytes);
    Expects(written == memory::memory_status::ok);
    vm.processors.push_back(made);
  }
  m.vms.push_back(std::move(vm));
  return m.vms.size() - 1;
}

/// The same with a stand-in for the AMD-SP.
template <class Context, class Machine>
auto add_l1(Context& ctx, Machine& m, const l1_plan& plan) -> std::expected<std::size_t, configuration_refusal> {
  return add_l1(ctx, m, plan, [](Machine& on, guest_kind kind, asid id, spa where, const layout::vmsa& state) {
    return launch_vmsa(on, kind, id, where, state);
  });
}

/// L0's own state before it makes guests: long mode, memory encryption, SNP if asked for, a host save area.
template <class Machine>
void start_l0(Machine& m, const cpu_part& part, bool snp) {
  m.core.part = part;
  m.core.syscfg = std::uint64_t{1} << 23 | (snp ? std::uint64_t{1} << 24 : 0);
  m.core.registers = long_mode_state(guest_kind::plain, 0x1000);
  m.core.registers.set_efer(0x1d01);
  const auto area = m.pool.take();
  Expects(area.has_value());
  m.core.vm_hsave_pa = {*area};
  layout::host_save_area_es host;
  for (std::size_t i = 0; i < 0xc00; ++i) host.host_save()[i] = m.core.registers.data()[i];
  const auto written = m.memory.write(m.core.vm_hsave_pa, memory_key::none(), host.bytes());
  Expects(written == memory::memory_status::ok);
}

}  // namespace sevspec::inline v0::nested

#endif
