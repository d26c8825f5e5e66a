// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_FIRMWARE_STAGE_HPP
#define SEVSPEC_VERIFY_ATTACKS_FIRMWARE_STAGE_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/guest_reports.hpp>
#include <sevspec/firmware/legacy_launch.hpp>
#include <sevspec/firmware/legacy_launch_start.hpp>
#include <sevspec/firmware/legacy_platform.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/firmware/snp_guest.hpp>
#include <sevspec/firmware/snp_init.hpp>
#include <sevspec/firmware/snp_launch.hpp>
#include <sevspec/memory/asid_states.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/nested/attestation_chain.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_owners.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/memory_stage.hpp>
#include <sevspec/verify/attacks/rmp_watch.hpp>

/// A host and the AMD-SP: where attacks by commands take place.
namespace sevspec::inline v0::verify::attacks {

/// A Reverse Map Table whose memory loses what is written to it, while `loses_writes`.
class losing_table : public rmp::lazy_table {
 public:
  using rmp::lazy_table::lazy_table;
  void put(rmp::spfn page, const rmp::entry& what) {
    if (!loses_writes) rmp::lazy_table::put(page, what);
  }
  [[nodiscard]] auto writable_region(rmp::spfn page) -> rmp::raw_entry* {
    return loses_writes ? lost_.data() : rmp::lazy_table::writable_region(page);
  }
  void reset() noexcept {
    if (!loses_writes) rmp::lazy_table::reset();
  }
  bool loses_writes = false;

 private:
  std::array<rmp::raw_entry, sub_pages> lost_{};
};

/// Memory that notes which pages the AMD-SP writes.
class noted_memory : public memory::controller<part_cipher, memory::sparse_dram> {
 public:
  using controller::controller;
  [[nodiscard]] auto write(spa where, memory_key with, std::span<const std::uint8_t> in) -> memory::memory_status {
    for (std::size_t at = 0; at < in.size(); at += 4096 - (where.value + at) % 4096) written.push_back(where + at);
    return controller::write(where, with, in);
  }
  std::vector<spa> written{};
};

/// What a command came to: done, or why not.
struct command_result {
  firmware::status status{};
  rule why = rule::none;
  [[nodiscard]] explicit operator bool() const noexcept { return status == firmware::status::success; }
};
[[nodiscard]] inline auto stopped_by(const command_result& refused) -> verdict {
  return stopped_by(refused.status, refused.why);
}

/// The hypervisor's side of the AMD-SP.
class firmware_stage {
 public:
  using machine = firmware::machine<noted_memory, losing_table, memory::asid_states<15, 1>, crypto::repeatable_random>;

  static constexpr std::uint64_t dram_bytes = 0x400'0000;
  static constexpr spa context_page{0x100'0000};
  static constexpr spa pages{0x200'0000};    ///< pages of guests start here
  static constexpr spa scratch{0x280'0000};  ///< plain buffers
  static constexpr std::uint64_t smt_allowed = 0x3'0000;
  static constexpr std::uint64_t debug_bit = std::uint64_t{1} << 19;
  static constexpr std::uint64_t no_moves_bit = std::uint64_t{1} << 25;
  static constexpr std::uint32_t legacy_policy = 0x3701'0000;  ///< firmware 1.55, nothing else
  static constexpr std::uint64_t tcb = 0x4803'0000'0000'0207;

  explicit firmware_stage(const setting& which)
      : at(which), ctx{.rules = which.rules, .choices = which.choices}, m(make(which)),
        watch(m.rmp, which.snp() ? which.first_broken : nullptr) {}

  /// A command, by its function.
  /// @param what  which one, as far as invariants tell them apart
  /// @param page  the one that `what` is about
  template <class Command>
  auto run(const Command& command, rmp_deed what = rmp_deed::command, spa page = {}) -> command_result {
    ctx.listener = {};
    m.memory.written.clear();
    const firmware::status done = command(ctx, m);
    const std::vector<spa> written = std::move(m.memory.written);
    if (initialised_)
      for (const spa one : written) watch.referred({.page = page_of(one), .by = rmp_party::amd_sp, .write = true});
    note_step({.what = what, .succeeded = done == firmware::status::success, .page = page_of(page)});
    return {done, done == firmware::status::success ? rule::none : ctx.listener.last};
  }
  void must(const command_result& done) const { Expects(static_cast<bool>(done)); }

  void write(spa where, std::span<const std::uint8_t> what) {
    [[maybe_unused]] const auto done = m.memory.write(where, memory_key::none(), what);
  }
  /// What the host's loads give, with ciphertext hiding where there is some.
  [[nodiscard]] auto host_block(spa where) -> block {
    const rmp::page_owners<losing_table> owners{m.rmp};
    const memory::ciphertext_hiding seen{ctx, m.memory, owners,
                                         memory::hiding_setup{.enabled = at.hides_ciphertext(), .max_snp = {5}}};
    block found{};
    [[maybe_unused]] const auto done = seen.read(where, memory_key::none(), found);
    return found;
  }
  [[nodiscard]] auto guest_block(asid id, spa where) const -> block {
    block found{};
    [[maybe_unused]] const auto done = m.memory.read(where, memory_key::guest(id), found);
    return found;
  }
  void guest_write(asid id, spa where, const block& what) {
    [[maybe_unused]] const auto done = m.memory.write(where, memory_key::guest(id), what);
  }

  // --- SEV-SNP

  /// RMPUPDATE.
  void give(spa page, const rmp::new_state& wanted) {
    const auto done = rmp::rmpupdate(ctx, m.rmp, {}, {}, page, wanted);
    Expects(done && done->succeeded());
    note_step({.what = rmp_deed::rmpupdate, .succeeded = true, .page = page_of(page), .large = wanted.large});
  }
  void give_to_firmware(spa page) { give(page, {.assigned = true, .immutable = true}); }
  void give_to_guest(spa page, gpa where, bool immutable = true) {
    give(page, {.assigned = true, .immutable = immutable, .id = snp_id, .guest = where});
  }
  /// SNP_INIT, and a guest in state LAUNCH with an ASID.
  void snp_launch(std::uint64_t policy = smt_allowed) {
    must(run([](auto& c, auto& sp) { return firmware::snp_init(c, sp); }));
    flush(true);
    snp_start(context_page, policy);
    must(snp_activate(context_page, snp_id));
  }
  /// A guest in state LAUNCH.
  void snp_start(spa context, std::uint64_t policy = smt_allowed) {
    give_to_firmware(context);
    must(run([&](auto& c, auto& sp) { return firmware::snp_gctx_create(c, sp, context.value); }));
    layout::cmd_snp_launch_start start;
    start.set_gctx_paddr(context.value);
    start.set_policy({policy});
    must(run([&](auto& c, auto& sp) { return firmware::snp_launch_start(c, sp, start); }));
  }
  auto snp_activate(spa context, asid id) -> command_result {
    layout::cmd_snp_activate activate;
    activate.set_gctx_paddr(context.value);
    activate.set_asid(id.value);
    return run([&](auto& c, auto& sp) { return firmware::snp_activate(c, sp, activate); });
  }
  /// SNP_LAUNCH_UPDATE of one page.
  auto snp_add(spa page, gpa where, const block& contents, layout::snp_page_types type = layout::snp_page_types::normal)
      -> command_result {
    write(page, contents);
    give_to_guest(page, where);
    layout::cmd_snp_launch_update update;
    update.set_gctx_paddr(context_page.value);
    update.set_page_paddr(page.value);
    update.set_flags(layout::cmd_snp_launch_update_flags{}.set_page_type(type));
    return run([&](auto& c, auto& sp) { return firmware::snp_launch_update(c, sp, update); }, rmp_deed::launch_update,
               page);
  }
  /// SNP_LAUNCH_FINISH, for an owner who expects a digest and has signed that, or for nobody.
  auto snp_finish(const firmware::snp_digest* expected = nullptr) -> command_result {
    layout::cmd_snp_launch_finish finish;
    finish.set_gctx_paddr(context_page.value);
    if (expected != nullptr) {
      layout::id_block owner;
      owner.set_version(1);
      owner.set_policy(guest().policy);
      std::ranges::copy(*expected, owner.ld().begin());
      write(scratch, owner.bytes());
      crypto::repeatable_random drawn{};
      const auto own = crypto::p384_private_key::generate(drawn);
      layout::id_auth auth;
      auth.set_id_key_algo(layout::snp_signature_algorithms::ecdsa_p384_sha384);
      const auto put = [&](std::size_t offset, std::span<const std::uint8_t> what) {
        std::ranges::copy(what, auth.bytes().begin() + static_cast<std::ptrdiff_t>(offset));
      };
      put(0x040, firmware::structure_of(crypto::sha384_signer(own).sign(owner.bytes())).bytes());
      put(0x240, firmware::structure_of(own.public_key()).bytes());
      write(scratch + 0x1000, auth.bytes());
      finish.set_id_block_paddr(scratch.value);
      finish.set_id_auth_paddr((scratch + 0x1000).value);
      finish.set_flags(layout::cmd_snp_launch_finish_flags{}.set_id_block_en(true));
    }
    return run([&](auto& c, auto& sp) { return firmware::snp_launch_finish(c, sp, finish); });
  }
  [[nodiscard]] auto guest() -> firmware::snp_guest& { return m.sp.contexts.at(context_page.value); }

  // --- an address that nobody owns reaches the cells of a page

  void note_alias_write(spa page) {
    if (initialised_) watch.referred({.page = page_of(page), .by = rmp_party::hypervisor, .write = true});
  }
  void alias_write(spa page, std::span<const std::uint8_t> what) {
    note_alias_write(page);
    write(page, what);
  }
  /// Of the Reverse Map Table itself.
  void alias_write_entry(spa page, const rmp::entry& what) {
    note_alias_write(spa{m.hw.threads.front().registers.rmp_base + 0x4000 + 16 * page_of(page).value});
    m.rmp.put(page_of(page), what);
    note_step({.what = rmp_deed::command, .succeeded = true, .page = page_of(page)});
  }

  /// Whether the guest's owner believes its report: signature, TCB, measurement, and that no address has an alias.
  /// @return a detection, or nothing that speaks against the guest
  auto relying_party(std::uint64_t least_tcb = tcb) -> verdict {
    return relying_party(firmware::make_report(m, guest(), nonce, 0, false), guest().launch_digest, least_tcb);
  }
  /// The same of any report.
  auto relying_party(const layout::attestation_report_v5& report, const firmware::snp_digest& measurement,
                     std::uint64_t least_tcb = tcb) -> verdict {
    const auto seed = firmware::endorsement_seed_of(m.hw.chip_secret, firmware::reported_tcb(m));
    const auto verifier = crypto::p384_verifier::make(firmware::vcek_of(seed).public_key());
    Expects(verifier.has_value());
    const nested::known_chip chip{*verifier,
                                  {.tcb = layout::tcb_components(firmware::reported_tcb(m), m.hw.tcb_order),
                                   .format = m.hw.tcb_order,
                                   .hardware_id = m.hw.chip_id}};
    const nested::expected_guest wanted{.measurement = measurement,
                                        .policy = guest().policy.raw,
                                        .least_tcb = layout::tcb_components(least_tcb, m.hw.tcb_order)};
    const auto believed = nested::check_l1_report(ctx, report, chip, wanted, nonce);
    return believed ? verdict{.how = ending::success} : detected_by(believed.error().decided_by);
  }

  // --- before SEV-SNP

  /// INIT, and a guest in state LUPDATE with an ASID.
  /// @return its handle
  auto legacy_launch(std::uint32_t policy = legacy_policy) -> std::uint32_t {
    const bool es = at.where == column::es;
    layout::cmd_init start;
    start.set_flags(layout::cmd_init_flags{}.set_sev_es(es));
    if (es) start.set_tmr_paddr(0x300'0000), start.set_tmr_len(0x10'0000);
    must(run([&](auto& c, auto& sp) { return firmware::init(c, sp, start); }));
    flush(false);
    return legacy_guest(policy, legacy_id());
  }
  auto legacy_guest(std::uint32_t policy, asid id) -> std::uint32_t {
    layout::cmd_launch_start launch;
    launch.set_policy({policy | (at.where == column::es ? 4U : 0U)});
    must(run([&](auto& c, auto& sp) { return firmware::launch_start(c, sp, launch); }));
    must(activate(launch.handle(), id));
    return launch.handle();
  }
  auto activate(std::uint32_t handle, asid id) -> command_result {
    layout::cmd_activate cmd;
    cmd.set_handle(handle);
    cmd.set_asid(id.value);
    return run([&](auto& c, auto& sp) { return firmware::activate(c, sp, cmd); });
  }
  /// LAUNCH_UPDATE_DATA of one block.
  auto legacy_add(std::uint32_t handle, spa where, const block& contents) -> command_result {
    write(where, contents);
    layout::cmd_launch_update update;
    update.set_handle(handle);
    update.set_paddr(where.value);
    update.set_len(sizeof contents);
    return run([&](auto& c, auto& sp) { return firmware::launch_update_data(c, sp, update); });
  }
  /// LAUNCH_MEASURE and LAUNCH_FINISH.
  void legacy_finish(std::uint32_t handle) {
    layout::cmd_launch_measure measure;
    measure.set_handle(handle);
    measure.set_address(scratch.value);
    measure.set_len(48);
    must(run([&](auto& c, auto& sp) { return firmware::launch_measure(c, sp, measure); }));
    layout::cmd_handle finish;
    finish.set_handle(handle);
    must(run([&](auto& c, auto& sp) { return firmware::launch_finish(c, sp, finish); }));
  }
  /// Of a guest that was measured.
  [[nodiscard]] auto legacy_digest(std::uint32_t handle) const { return m.sp.guests.at(handle).launch_digest; }
  [[nodiscard]] auto legacy_id() const -> asid { return {at.where == column::es ? 1U : 6U}; }

  /// WBINVD on all cores, and DF_FLUSH.
  void flush(bool snp) {
    firmware::note_wbinvd_everywhere(m);
    must(run([&](auto& c, auto& sp) { return snp ? firmware::snp_df_flush(c, sp) : firmware::df_flush(c, sp); }));
  }

  static constexpr std::array<std::uint8_t, 64> nonce{0x42};  ///< of whoever relies on the guest
  static constexpr asid snp_id{1};
  setting at;
  script_context ctx;
  machine m;
  rmp_watch watch;  ///< with SEV-SNP, from SNP_INIT on

 private:
  /// Tells the monitors that a step was made.
  void note_step(const rmp_action& action) {
    if (!at.snp() || !firmware::is_snp_init(m)) return;
    const auto holds_table = [&](spa where) { return firmware::holds_table(m, where); };
    const auto nobody_runs = [](rmp::spfn) { return false; };
    const rmp_surroundings<decltype(holds_table), decltype(nobody_runs)> around{
        .choices = ctx.choices, .holds_table = holds_table, .held = nobody_runs};
    if (initialised_) return watch.step(action, around);
    initialised_ = true;
    const firmware::memory_range itself = firmware::table_range(m);
    watch.begin({page_of(itself.base), itself.bytes / 4096}, around);
  }

  bool initialised_ = false;
  [[nodiscard]] static auto make(const setting& at) -> machine {
    machine made{.memory{part_cipher{part_of(at.part()).cipher}, memory::sparse_dram{dram_bytes}, 16},
                 .rmp = losing_table{dram_bytes / 4096}};
    firmware::core_registers& core = made.hw.threads.front().registers;
    core.syscfg = firmware::syscfg_bits::mem_encryption_mod_en;
    if (at.snp()) {
      core.syscfg = firmware::syscfg_bits::for_snp;
      core.rmp_base = 0x380'0000;
      core.rmp_end = 0x38f'ffff;
    }
    core.hwcr = firmware::hwcr_smm_lock;
    made.hw.min_sev_asid = 6;
    made.hw.dram = {{{0}, dram_bytes}};
    made.hw.report_version = 3;
    made.hw.features.verify_mitigation = true;  // came with policy bit 25
    made.random(made.hw.chip_secret);
    made.random(made.hw.chip_id);
    made.sp.current = {.api_major = 1, .api_minor = 55, .build = 15, .tcb = tcb};
    made.sp.committed = made.sp.current;
    return made;
  }
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
