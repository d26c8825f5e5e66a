// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_GUEST_EXIT_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_GUEST_EXIT_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/cpu/world_switch/vmrun.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/peer_finding.hpp>

namespace sevspec::inline v0::verify::explorer {

/// A guest that computes something secret in RAX and RBX, may copy it into its GHCB, and leaves by an interrupt's
/// #VMEXIT; and a hypervisor that looks at the processor and at memory. VMRUN and #VMEXIT are the library's; a state is
/// what has happened so far, and is played again from the start.
class guest_exit_model {
 public:
  using rules = context<rule_set>;

  struct state {
    bool inside{};
    bool computed{};  ///< the secret is in the guest's registers
    bool told{};      ///< the guest has copied it into its GHCB
    bool left{};      ///< it has left since it computed it
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using packed = packed_state<1>;
  using finding = contradiction;
  /// Where the hypervisor finds the secret.
  struct view {
    bool in_registers{};  ///< of the processor, after #VMEXIT
    bool in_vmcb{};
    bool in_vmsa{};
    bool in_ghcb{};
  };
  using judge = auto (*)(const view&) -> contradiction;
  enum class deed : std::uint8_t { vmrun, compute, tell, exit };

  guest_exit_model(cpu::guest_kind kind, bool tells, judge claim, rules ctx = {})
      : kind_(kind), tells_(tells), claim_(claim), ctx_(ctx) {}

  [[nodiscard]] auto initial() const -> state { return {}; }
  [[nodiscard]] auto operations() const -> std::uint32_t { return 4; }
  [[nodiscard]] auto check(const state&) const -> finding { return {}; }
  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const auto what = static_cast<deed>(which);
    const bool possible = what == deed::vmrun  ? !before.inside
                          : what == deed::tell ? before.inside && before.computed && tells_
                                               : before.inside;
    if (!possible) return {};
    world w(kind_, ctx_);
    replay(w, before);
    if (!play(w, what)) return {};
    if (what == deed::vmrun) now.inside = true;
    if (what == deed::compute) now.computed = true;
    if (what == deed::tell) now.told = true;
    if (what == deed::exit) {
      now.inside = false;
      now.left = before.computed;
    }
    const auto broken = now.inside ? contradiction{} : claim_(w.look());
    return {.what = now == before ? fate::unchanged : fate::changed, .broken = broken};
  }
  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer(bits).put(one.inside, 1).put(one.computed, 1).put(one.told, 1).put(one.left, 1);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    bit_reader from(bits);
    state one;
    one.inside = from.flag();
    one.computed = from.flag();
    one.told = from.flag();
    one.left = from.flag();
    return one;
  }
  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string {
    switch (static_cast<deed>(which)) {
      case deed::vmrun:   return "host: VMRUN";
      case deed::compute: return "guest: computes a secret in RAX and RBX";
      case deed::tell:    return "guest: copies the secret into its GHCB";
      case deed::exit:    return "#VMEXIT by an interrupt";
    }
    return {};
  }

 private:
  static constexpr std::uint64_t secret = 0x5ec2'e75e'c2e7'5ec2;
  static constexpr spa vmcb_at{0x1000};
  static constexpr spa hsave_at{0x2000};
  static constexpr spa vmsa_at{0x3000};
  static constexpr spa ghcb_at{0x4000};
  static constexpr asid id{5};

  /// There are no translations.
  struct no_translations {
    template <class Which>
    void flush_if(Which&&) const {}
    void flush_all() const {}
    void flush(asid) const {}
    void flush_not_global(asid) const {}
  };

  struct world {
    crypto::ticket_book book;
    memory::controller<crypto::symbolic_cipher, memory::dense_dram<16>> memory{crypto::symbolic_cipher{book}, {}, 101};
    rmp::small_table<16, 16> rmp;
    no_translations tlb;
    cpu::stand_in_checksums<1> integrity;
    cpu::logical_processor core;
    cpu::guest_kind kind;
    rules ctx;

    explicit world(cpu::guest_kind which, const rules& in_force) : kind(which), ctx(in_force) {
      const bool snp = kind == cpu::guest_kind::snp;
      const asid own = kind == cpu::guest_kind::sev ? asid{100} : id;
      crypto::block key{};
      key.fill(0x11);
      Ensures(memory.install_key(own, key));
      core.part.min_sev_no_es_asid = 100;
      core.syscfg = std::uint64_t{1} << 23 | (snp ? std::uint64_t{1} << 24 : 0);
      core.vm_hsave_pa = hsave_at;
      core.registers.set_cr0(0x8005'0033);
      core.registers.set_cr4(0x6f0);
      core.registers.set_efer(0x1d01);
      core.registers.set_cr3(0x9000);

      layout::vmsa guest = layout::reset_vmsa({});
      guest.set_cr0(0x8000'0033);
      guest.set_cr3(0x10000);
      guest.set_cr4(0x20);
      guest.set_efer(0x1d01);
      guest.set_rflags(0x202);
      guest.set_sev_features({snp ? 1U : 0U});
      guest.set_pcpu_id(core.id);
      guest.set_tlb_id(core.tlb_id);
      layout::set_segment(guest.cs(), {.selector = 8, .attributes = 0xa9b, .limit = 0xffff'ffff, .base = 0});
      if (snp) rmp.entries[vmsa_at.value >> 12] = {.assigned = true, .validated = true, .vmsa = true, .id = id};
      if (kind != cpu::guest_kind::sev)
        Ensures(memory.write(vmsa_at, memory_key::guest(id), guest.bytes()) == memory::memory_status::ok);
      integrity.record(vmsa_at, guest);

      cpu::vmcb_page vmcb;
      auto controls = vmcb.controls();
      controls.set_guest_asid(own.value);
      controls.set_nested_cr3(0x8000);
      controls.set_np_control({kind == cpu::guest_kind::sev ? 3U : 7U});
      controls.set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_intr(true));
      controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
      layout::write_le(controls.data() + 0x108, vmsa_at.value);
      for (std::size_t i = 0; i < 0x2e8; ++i) vmcb.bytes[0x400 + i] = guest.data()[i];
      Ensures(memory.inject(vmcb_at, vmcb.bytes) == memory::memory_status::ok);
      layout::host_save_area_es host;
      for (std::size_t i = 0; i < 0xc00; ++i) host.host_save()[i] = core.registers.data()[i];
      Ensures(memory.inject(hsave_at, host.bytes()) == memory::memory_status::ok);
    }

    /// What the hypervisor sees: registers, and raw bytes.
    [[nodiscard]] auto look() const -> view {
      return {.in_registers = has_secret(core.registers.bytes()),
              .in_vmcb = page_has_secret(vmcb_at),
              .in_vmsa = page_has_secret(vmsa_at),
              .in_ghcb = page_has_secret(ghcb_at)};
    }
    [[nodiscard]] auto page_has_secret(spa where) const -> bool {
      std::array<std::uint8_t, 4096> raw{};
      Ensures(memory.probe(where, raw) == memory::memory_status::ok);
      return has_secret(raw);
    }
    [[nodiscard]] static auto has_secret(std::span<const std::uint8_t> bytes) -> bool {
      std::array<std::uint8_t, 8> wanted{};
      layout::write_le(wanted.data(), secret);
      return !std::ranges::search(bytes, wanted).empty();
    }
  };

  [[nodiscard]] static auto play(world& w, deed what) -> bool {
    auto machine = cpu::make_switch_machine(w.memory, w.rmp, w.tlb, w.integrity);
    switch (what) {
      case deed::vmrun: return cpu::vmrun(w.ctx, machine, w.core, vmcb_at.value).end == cpu::vmrun_end::entered;
      case deed::compute:
        w.core.registers.set_rax(secret);
        w.core.registers.set_rbx(secret);
        return true;
      case deed::tell: {
        std::array<std::uint8_t, 8> bytes{};
        layout::write_le(bytes.data(), w.core.registers.rax());
        return w.memory.write(ghcb_at, memory_key::none(), bytes) == memory::memory_status::ok;
      }
      case deed::exit: {
        const auto code = static_cast<std::uint64_t>(layout::svm_exit_codes::intr);
        return cpu::on_guest_event(w.ctx, machine, w.core, {.code = code}).end == cpu::event_end::exits;
      }
    }
    return false;
  }
  static void replay(world& w, const state& to) {
    if (!to.inside && !to.left && !to.computed) return;
    const auto again = [&w](deed what) { Ensures(play(w, what)); };
    again(deed::vmrun);
    if (to.computed) again(deed::compute);
    if (to.told) again(deed::tell);
    if (to.left || !to.inside) again(deed::exit);
    if (to.left && to.inside) again(deed::vmrun);
  }

  cpu::guest_kind kind_;
  bool tells_;
  judge claim_;
  rules ctx_;
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
