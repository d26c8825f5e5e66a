// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_NESTED_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_NESTED_WORLD_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/nested/build.hpp>
#include <sevspec/nested/checksum_forgery.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/exclusive_pages.hpp>
#include <sevspec/nested/l1_actions.hpp>
#include <sevspec/nested/soft_table.hpp>
#include <sevspec/nested/vmsa_pool.hpp>
#include <support/pad_cipher.hpp>

namespace sevspec::test {

using nested::guest_kind;
using nested::l1_hypervisor;
using nested::mode;
using paging::l2_gpa;

/// How ASIDs are used, and where L0 has put L1 and its own pages.
struct wide_machine {
  static constexpr std::uint32_t min_sev = 100, of_l1_sev = 105, of_l1 = 5;
  static constexpr std::uint32_t named_sev = 100, real_sev = 108, real = 8;  ///< guest n: n more
  static constexpr std::uint64_t l1_at = 0x1000'0000, pool_at = 0x100'0000;
  using table = nested::sparse_table<>;
};

/// A machine with an L1 and room for two guests of its.
///
///     L1 gPA                | what                                                     | with SEV-SNP
///     ----------------------+----------------------------------------------------------+-------------
///     00'0000 .. 01'ffff    | L1's kernel                                              | L1's
///     02'0000 .. 05'ffff    | VMCB12 (guest n: 02'n000), GHCB of L1, nPT12, shared     | shared
///     06'0000 .. 09'ffff    | pages for guests: guest n at 06'8000 n                   | L1's
///     20'0000 .. 5f'ffff    | two pages of 2M                                          | L1's
template <class Cipher = pad_cipher, class On = wide_machine>
struct nested_world {
  using memory_type = memory::controller<Cipher, memory::sparse_dram>;
  using machine_type = nested::machine<memory_type, typename On::table, nested::crc_checksums>;

  static constexpr std::uint64_t l1_at = On::l1_at;  ///< sPA of L1 gPA 0
  static constexpr gpa ghcb1{0x2'f000};
  static constexpr unsigned pages_per_guest = 8;

  static constexpr auto make_part() -> cpu_part {
    cpu_part part = part_of(generation::milan);
    part.min_sev_no_es_asid = On::min_sev;
    return part;
  }

  nested::configuration config;
  machine_type m;
  nested::page_pool tables[3] = {{}, {0x3'1000, 0x3'c000, {}}, {0x4'1000, 0x4'c000, {}}};
  nested::vmsa_pool pool{};
  nested::page_owners owners{};
  bool built = false;
  std::optional<nested::configuration_refusal> refusal{};

  /// @param plan_change  what is different about L1
  template <class Change>
  nested_world(const nested::configuration& what, Cipher cipher, Change&& plan_change)
      : config(what), m{.memory = memory_type(cipher, memory::sparse_dram(std::uint64_t{1} << 30), 128 + 64),
                        .rmp = typename On::table(std::uint64_t{1} << 18)} {
    m.pool = {On::pool_at, 0x400'0000, {}};
    context<> ctx;
    const bool snp = what.variant == guest_kind::snp;
    nested::start_l0(m, make_part(), snp);
    for (const std::uint32_t id :
         {l1_asid().value, other_l1_asid().value, real_asid(1).value, real_asid(2).value, std::uint32_t{0}}) {
      std::array<std::uint8_t, 16> seed{};
      seed[0] = static_cast<std::uint8_t>(id + 1);
      if (!m.memory.install_key(asid{id}, seed)) std::abort();
    }
    nested::l1_plan plan = plan_of(what);
    plan_change(plan);
    const auto made = nested::add_l1(ctx, m, plan);
    if (!made) {
      refusal = made.error();
      return;
    }
    built = true;
    for (unsigned n = 1; n <= 2; ++n) {
      if (what.how == mode::pass || what.how == mode::vmpl) break;
      if (!nested::bind_asid(ctx, m.asids, vm().number, named(n), nested::ranges_of(make_part()), real_asid(n),
                             nested::ranges_of(make_part())))
        std::abort();
    }
    start_l1();
  }
  nested_world(const nested::configuration& what, Cipher cipher)
      : nested_world(what, cipher, [](nested::l1_plan&) {}) {}
  explicit nested_world(const nested::configuration& what)
    requires std::default_initializable<Cipher>
      : nested_world(what, Cipher{}) {}

  /// A world whose L1 somebody else makes, on this machine.
  nested_world(const nested::configuration& what, machine_type machine) : config(what), m(std::move(machine)) {}

  [[nodiscard]] auto plan_of(const nested::configuration& what) const -> nested::l1_plan {
    nested::l1_plan plan{.config = what, .id = l1_asid()};
    plan.ram = {{{gpa{0}, spa{l1_at}, 32}, false},
                {{gpa{0x2'0000}, spa{l1_at + 0x2'0000}, 64}, true},
                {{gpa{0x6'0000}, spa{l1_at + 0x6'0000}, 64}, false},
                {{gpa{0x20'0000}, spa{l1_at + 0x20'0000}, 1024, page_size::k2m}, false}};
    return plan;
  }
  void start_l1() {
    context<> ctx;
    (void)nested::resume_l1(ctx, m, vm(), 0);
    if (cpu::has_hidden_state(config.of_l1())) (void)cpu::write_ghcb_msr(ctx, m.core, ghcb1.value);
  }

  [[nodiscard]] auto vm() -> nested::l1_vm& { return m.vms.front(); }
  [[nodiscard]] auto guest(unsigned n) -> nested::l2_vm& {
    for (nested::l2_vm& one : vm().guests)
      if (one.npt12 == root(n)) return one;
    std::abort();
  }

  [[nodiscard]] auto is_snp() const -> bool { return config.variant == guest_kind::snp; }
  [[nodiscard]] auto passes() const -> bool { return config.how == mode::pass; }
  [[nodiscard]] auto l1_asid() const -> asid { return {config.variant == guest_kind::sev ? On::of_l1_sev : On::of_l1}; }
  /// Somebody else's guest on the same machine.
  [[nodiscard]] auto other_l1_asid() const -> asid { return {l1_asid().value + 1}; }
  /// L1's name of guest n, and what stands for it.
  [[nodiscard]] auto named(unsigned n) const -> asid {
    return {config.variant == guest_kind::sev ? On::named_sev + n : n};
  }
  [[nodiscard]] auto real_asid(unsigned n) const -> asid {
    return {config.variant == guest_kind::sev ? On::real_sev + n : On::real + n};
  }
  [[nodiscard]] static auto vmcb12(unsigned n) -> gpa { return {0x2'0000 + 0x1000 * std::uint64_t{n}}; }
  [[nodiscard]] static auto root(unsigned n) -> gpa { return {0x2'0000 + 0x1'0000 * std::uint64_t{n}}; }
  /// Page i of guest n: where it lies in L1, and where the guest sees it.
  [[nodiscard]] static auto in_l1(unsigned n, unsigned i) -> gpa {
    return {0x6'0000 + 0x8000 * std::uint64_t{n - 1} + 0x1000 * std::uint64_t{i}};
  }
  [[nodiscard]] auto in_l2(unsigned n, unsigned i) const -> l2_gpa {
    return passes() ? l2_gpa{in_l1(n, i).value} : l2_gpa{0x1000 * std::uint64_t{i}};
  }
  /// The page that guest n shares with L1.
  [[nodiscard]] static auto shared_in_l1(unsigned n) -> gpa { return {0x5'0000 + 0x1000 * std::uint64_t{n}}; }
  [[nodiscard]] static auto shared_in_l2() -> l2_gpa { return {0x80'0000}; }
  [[nodiscard]] static auto vmsa_page() -> unsigned { return 7; }
  [[nodiscard]] static auto where(gpa l1) -> spa { return {l1_at + l1.value}; }

  /// What the pages of guest n hold at its start.
  [[nodiscard]] static auto contents(unsigned n, unsigned i) -> std::array<std::uint8_t, 16> {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::uint8_t>(0x40 * n + 0x10 * i + at);
    return bytes;
  }

  template <class Context>
  auto map(Context& ctx, unsigned n, l2_gpa from, gpa to, const nested::npt12_leaf& leaf = {}) -> bool {
    return nested::l1_maps(ctx, m, vm(), 0, root(n), tables[n], from, to, leaf);
  }

  /// L1 gives page i of guest n, which is to be launched or not.
  template <class Context>
  auto give(Context& ctx, unsigned n, unsigned i, bool launched) -> nested::l1_call_end {
    return nested::l1_rmpupdate(
        ctx, m, vm(), 0, in_l1(n, i),
        {.assigned = true, .immutable = launched, .id = named(n), .guest = {in_l2(n, i).value}});
  }

  /// L1 and the AMD-SP, or L1 alone, launch guest n with pages 0 to `pages` - 1 and its VMSA.
  /// @return what went wrong, or nothing
  template <class Context>
  auto launch(Context& ctx, unsigned n, unsigned pages = 4) -> std::string {
    if (const auto room = nested::check_guest_count(ctx, config, vm().guests.size()); !room) return room.error().reason;
    nested::l1_words<Context, machine_type> words{ctx, m, vm(), 0};
    if (!words.clear(root(n).value)) return "nPT12's root";
    const bool hidden = cpu::has_hidden_state(config.variant);
    const layout::vmsa state = nested::long_mode_state(config.variant, 0x1000);
    for (unsigned i = 0; i < pages; ++i) {
      if (const auto why = place(ctx, n, i, contents(n, i)); !why.empty()) return why;
      if (!map(ctx, n, in_l2(n, i), in_l1(n, i))) return "map";
    }
    if (hidden)
      if (const auto why = place_vmsa(ctx, n, state); !why.empty()) return why;
    if (!map(ctx, n, shared_in_l2(), shared_in_l1(n))) return "map shared";
    return {};
  }

  template <class Context>
  auto place(Context& ctx, unsigned n, unsigned i, std::span<const std::uint8_t> bytes) -> std::string {
    if (passes() || config.how == mode::plain) {
      if (is_snp() && passes())
        if (!nested::assign_page(ctx, owners, in_l1(n, i), in_l2(n, i), n)) return "exclusive assignment";
      return nested::l1_writes(ctx, m, vm(), 0, in_l1(n, i), passes(), bytes).is_done() ? ""
                                                                                        : "L1 writes its guest's page";
    }
    if (is_snp()) {
      const auto given = give(ctx, n, i, true);
      if (given.what != nested::l1_call_end::kind::done || given.rax != 0) return "VIRT_RMPUPDATE";
    }
    if (!nested::launch_page(m, config.variant, real_asid(n), where(in_l1(n, i)), bytes)) return "launch page";
    if (is_snp()) nested::follow_secure_processor(m, vm(), in_l1(n, i));
    return {};
  }

  [[nodiscard]] auto vmsa_in_l1(unsigned n) const -> gpa {
    return passes() && config.variant == guest_kind::sev_es ? in_l1(1, vmsa_page()) : in_l1(n, vmsa_page());
  }

  template <class Context>
  auto place_vmsa(Context& ctx, unsigned n, const layout::vmsa& state) -> std::string {
    const gpa page = vmsa_in_l1(n);
    if (config.how == mode::virt || config.how == mode::ms) {
      if (is_snp()) {
        const auto given = give(ctx, n, vmsa_page(), true);
        if (given.what != nested::l1_call_end::kind::done || given.rax != 0) return "VIRT_RMPUPDATE of the VMSA";
      }
      if (!nested::launch_vmsa(m, config.variant, real_asid(n), where(page), state)) return "launch VMSA";
      if (is_snp()) nested::follow_secure_processor(m, vm(), page);
      return {};
    }
    if (config.variant == guest_kind::snp) {  // L1 makes it itself, with RMPADJUST
      if (!nested::l1_writes(ctx, m, vm(), 0, page, true, state.bytes()).is_done()) return "write VMSA";
      const auto made = nested::rmpadjust(ctx, m, nested::l1_regime(ctx, m, vm()), page, false, 0x1'0001);
      return made && made->succeeded() ? "" : "RMPADJUST";
    }
    // SEV-ES passthrough: L0 has made the VMSAs of the pool when it launched L1.
    if (pool.slots.empty()) {
      if (!nested::launch_vmsa(m, guest_kind::sev_es, l1_asid(), where(page),
                               nested::long_mode_state(guest_kind::sev_es, 0)))
        return "launch pool";
      pool.slots.push_back({page});
    }
    const auto slot = nested::claim_vmsa(ctx, pool, vm().processors.size(), n);
    if (!slot) return "no VMSA in the pool";
    layout::vmsa old;
    if (!nested::l1_reads(ctx, m, vm(), 0, page, true, old.bytes()).is_done()) return "read pool";
    const layout::vmsa fitting = nested::keep_checksums(state, old);
    return nested::l1_writes(ctx, m, vm(), 0, page, true, fitting.bytes()).is_done() ? "" : "write pool";
  }

  /// L1 runs guest n.
  template <class Context>
  auto run(Context& ctx, unsigned n, paging::tlb_control tlb = paging::tlb_control::nothing) -> nested::l1_call_end {
    nested::vmcb12_plan plan{.id = passes() ? l1_asid() : named(n), .npt12 = root(n), .tlb = tlb};
    if (cpu::has_hidden_state(config.variant)) plan.vmsa = vmsa_in_l1(n);
    return nested::l1_runs(ctx, m, vm(), 0, vmcb12(n), nested::make_vmcb12(config.variant, plan));
  }
  /// VMCB12 of guest n as L1 reads it.
  template <class Context>
  auto seen_vmcb12(Context& ctx, unsigned n) -> cpu::vmcb_page {
    cpu::vmcb_page page;
    (void)nested::l1_reads(ctx, m, vm(), 0, vmcb12(n), false, page.bytes);
    return page;
  }
  template <class Context>
  auto l2_reads(Context& ctx, l2_gpa at, bool c, std::span<std::uint8_t> out) -> nested::deed_end {
    return nested::l2_reads(ctx, m, vm(), 0, at, c, out);
  }
  template <class Context>
  auto l2_writes(Context& ctx, l2_gpa at, bool c, std::span<const std::uint8_t> in) -> nested::deed_end {
    return nested::l2_writes(ctx, m, vm(), 0, at, c, in);
  }
  template <class Context>
  auto l2_halts(Context& ctx) -> nested::deed_end {
    return nested::l2_event(ctx, m, vm(), 0, {.code = 0x78, .instruction_bytes = 1});
  }
};

inline constexpr auto succeeded = [](const nested::l1_call_end& end) {
  return end.what == nested::l1_call_end::kind::done && end.rax == 0;
};

}  // namespace sevspec::test

#endif
