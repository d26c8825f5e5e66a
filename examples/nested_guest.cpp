// SPDX-License-Identifier: MIT
// A confidential guest that is a hypervisor itself, and its confidential guests: two with keys of their own (SEV
// virtualization), then one that shares L1's key (SEV passthrough). Who reads what of a page of theirs?
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>

#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/nested/build.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/l1_actions.hpp>
#include <sevspec/nested/ownership_view.hpp>
#include <sevspec/nested/visibility.hpp>

namespace {

using namespace sevspec;
using nested::guest_kind;
using nested::mode;
using paging::l2_gpa;

using memory_type = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
using machine = nested::machine<memory_type, nested::sparse_table<>>;
using bytes = std::array<std::uint8_t, 16>;

constexpr spa backing{0x1000'0000};  // where L0 has put L1's memory
constexpr asid l1_id{5};

/// 64 MiB for L0's own tables, an SNP guest behind them, and the keys of everybody.
auto make_machine(mode how) -> machine {
  machine m{.memory =
                memory_type(crypto::aes128_xex(crypto::drawn_tweak_constants(1)), memory::sparse_dram(0x4000'0000), 64),
            .rmp = nested::sparse_table<>(0x4'0000)};
  m.pool = {0x100'0000, 0x400'0000, {}};
  cpu_part part = part_of(generation::milan);
  part.min_sev_no_es_asid = 100;
  nested::start_l0(m, part, true);
  for (const std::uint32_t id : {5U, 9U, 10U}) {
    bytes seed{};
    seed.fill(static_cast<std::uint8_t>(17 * id));
    if (!m.memory.install_key({id}, seed)) std::puts("no such ASID");
  }
  // Private memory of L1's; a part that it shares with L0: VMCBs, nested tables, GHCBs; and pages for its guests.
  context<> ctx;
  nested::l1_plan plan{.config = {nested::l1_hypervisor::kvm, how, guest_kind::snp}, .id = l1_id};
  plan.ram = {{{gpa{0}, backing, 32}, false},
              {{gpa{0x2'0000}, backing + 0x2'0000, 64}, true},
              {{gpa{0x6'0000}, backing + 0x6'0000, 64}, false}};
  if (!nested::add_l1(ctx, m, plan)) std::puts("no such configuration");
  return m;
}

/// What an onlooker gets of a page, as a word.
auto word(const nested::sight& seen) -> const char* {
  switch (nested::letter_of(seen)) {
    case 'P': return "reads and writes";
    case 'C': return "ciphertext, no writing";
    case 'X': return "nothing";
  }
  return "?";
}

/// L1 launches a guest, runs it, and lets it use its first page.
void launch(machine& m, nested::event_counter& count, unsigned n) {
  context<all_rules, nested::event_counter&> ctx{.listener = count};
  nested::l1_vm& vm = m.vms[0];
  const bool virt = vm.config.how == mode::virt;
  const asid name = virt ? asid{n} : l1_id;
  const gpa page{0x6'0000 + 0x2000 * n}, vmsa = page + 0x1000;
  const gpa root{0x3'0000 + 0x8000 * (n - 1)}, vmcb12{0x2'0000 + 0x1000 * n};
  const l2_gpa seen_at{virt ? 0 : page.value};  // with L1's key, the gPA must be L1's, too
  const layout::vmsa state = nested::long_mode_state(guest_kind::snp, 0x1000);
  const bytes secret{'s', 'e', 'c', 'r', 'e', 't', ' ', 'o', 'f', ' ', 'L', '2'};

  if (virt) {  // L0 gives the pages to the guest, and the AMD-SP puts their contents under the guest's key
    const std::array pages{page, vmsa};
    for (const gpa& one : pages)
      (void)nested::l1_rmpupdate(
          ctx, m, vm, 0, one,
          {.assigned = true, .immutable = true, .id = name, .guest = {seen_at.value + (one == vmsa ? 0x1000U : 0U)}});
    const asid real = *m.asids.real_of(vm.number, name);
    (void)nested::launch_page(m, guest_kind::snp, real, backing + page.value, secret);
    (void)nested::launch_vmsa(m, guest_kind::snp, real, backing + vmsa.value, state);
    for (const gpa& one : pages) nested::follow_secure_processor(m, vm, one);
  } else {  // L1 does both itself
    (void)nested::l1_writes(ctx, m, vm, 0, page, true, secret);
    (void)nested::l1_writes(ctx, m, vm, 0, vmsa, true, state.bytes());
    (void)nested::rmpadjust(ctx, m, nested::l1_regime(ctx, m, vm), vmsa, false, 0x1'0001);
  }
  nested::page_pool tables{root.value + 0x1000, root.value + 0x8000, {}};
  nested::l1_words<decltype(ctx), machine>{ctx, m, vm, 0}.clear(root.value);
  (void)nested::l1_maps(ctx, m, vm, 0, root, tables, seen_at, page);
  const auto ran = nested::l1_runs(ctx, m, vm, 0, vmcb12,
                                   nested::make_vmcb12(guest_kind::snp, {.id = name, .npt12 = root, .vmsa = vmsa}));

  bytes seen{};
  const auto read = nested::l2_reads(ctx, m, vm, 0, seen_at, true, seen);
  std::printf("guest %u: VMRUN %s, physical ASID %u; it reads \"%.12s\" after %u exit(s)\n", n, name_of(ran.vmrun.what),
              m.core.guest ? m.core.guest->id.value : 0, reinterpret_cast<const char*>(seen.data()), read.exits);
  (void)nested::l2_event(ctx, m, vm, 0, {.code = 0x78, .instruction_bytes = 1});  // HLT, back to L1

  const spa at = backing + page.value;
  const auto l1 = nested::l1_regime(ctx, m, vm);
  const nested::looked_at_page<machine> looked{
      at, memory_key::guest(nested::l2_hardware_regime(ctx, m, vm, vm.guests.back()).id)};
  std::printf("  L0: %s\n", word(nested::look(m, looked, nested::host_access<machine>(at))));
  std::printf("  L1: %s\n", word(nested::look(m, looked, nested::guest_access<machine>(l1, page, true))));
}

}  // namespace

auto main() -> int {
  for (const mode how : {mode::virt, mode::pass}) {
    machine m = make_machine(how);
    context<> ctx;
    if (how == mode::virt) {
      const auto ranges = nested::ranges_of(m.core.part);
      for (const unsigned n : {1U, 2U})
        (void)nested::bind_asid(ctx, m.asids, m.vms[0].number, {n}, ranges, {8 + n}, ranges);
    }
    (void)nested::resume_l1(ctx, m, m.vms[0], 0);
    (void)cpu::write_ghcb_msr(ctx, m.core, 0x2'f000);
    std::printf("%s: an L1 with SEV-SNP, physical ASID %u\n", name_of(how), l1_id.value);
    nested::event_counter count;
    for (unsigned n = 1; n <= (how == mode::virt ? 2U : 1U); ++n) launch(m, count, n);
    std::printf("exits of L1 %u, of L2 %u; VIRT_RMPUPDATE %u\n",
                static_cast<unsigned>(count[nested::event_kind::exit_l1]),
                static_cast<unsigned>(count[nested::event_kind::exit_l2]),
                static_cast<unsigned>(count[nested::event_kind::virt_rmpupdate]));
  }
  return 0;
}
