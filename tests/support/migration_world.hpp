// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_MIGRATION_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_MIGRATION_WORLD_HPP

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <support/firmware_world.hpp>

#include <sevspec/migration/predicates.hpp>
#include <sevspec/migration/sev_transfer.hpp>

namespace sevspec::test {

inline constexpr migration::host_buffers transfer_buffers{.certificate = {test_scratch},
                                                          .session = {test_scratch + 0x1000},
                                                          .header = {test_scratch + 0x2000},
                                                          .body = {test_scratch + 0x3000}};
inline constexpr std::uint64_t vm_at = 0x100'0000;           ///< pages of the guest at the source
inline constexpr std::uint64_t arrival_at_spa = 0x180'0000;  ///< and at the target, for small guests
inline constexpr std::uint64_t vmsa_at_spa = 0x90'0000;

/// A page in which no two blocks are alike, and no block is like one of another page or seed.
inline auto filled_page(std::uint64_t seed) -> std::array<std::uint8_t, 4096> {
  std::array<std::uint8_t, 4096> made{};
  std::uint64_t state = seed * 0x9e37'79b9'7f4a'7c15 + 1;
  for (std::size_t at = 0; at < made.size(); at += 8) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    layout::write_le(made.data() + at, state ^ state >> 31);
  }
  return made;
}

using vm_sender = migration::sev_sender<recording_context, test_machine<>>;
using vm_receiver = migration::sev_receiver<recording_context, test_machine<>>;

/// Two machines, and a guest that runs on the first.
struct two_hosts {
  listening with;
  world source;
  world target;
  migration::encrypted_vm vm;       ///< at the source
  migration::encrypted_vm arrived;  ///< at the target

  explicit two_hosts(std::uint64_t pages, bool es = false, rule_set rules = {}, std::uint64_t to = arrival_at_spa)
      : with(rules), source(with.ctx), target(with.ctx) {
    source.ready(es);
    target.ready(es);
    target.m.random.state = 99;  // other keys than the source's
    const std::uint32_t handle = source.launched(es ? es_policy : plain_policy, es ? 2 : 6);
    if (es) source.expect({source.update(handle, vmsa_at_spa, 0x1000, true)});
    source.expect({source.measure(handle), source.by_handle(command_id::launch_finish, handle)});
    vm = migration::make_vm(handle, {vm_at}, pages);
    arrived = migration::make_vm(0, {to}, pages);
    if (es) {
      vm.vmsas = {{vmsa_at_spa}};
      arrived.vmsas = {{vmsa_at_spa + 0x2000}};
    }
    const bool ready = migration::write_migration_control(with.ctx, vm, migration::migration_ready);
    Ensures(ready);
    for (std::uint64_t page = 0; page < pages; ++page) migration::guest_write(source.m, vm, page, 0, filled_page(page));
  }

  auto sender() -> vm_sender { return {with.ctx, source.m, vm, transfer_buffers}; }
  auto receiver(bool es = false) -> vm_receiver {
    return {with.ctx, target.m, arrived, asid{es ? 3U : 7U}, transfer_buffers};
  }
  auto target_pdh() const -> const layout::sev_cert& { return target.m.sp.identity.pdh.certificate; }
  void convert(std::uint64_t page, bool encrypted, bool tells = true) {
    migration::guest_convert(with.ctx, vm, page, encrypted, tells);
  }
  /// The guest's page tables move with its memory.
  auto differences() -> std::vector<migration::difference> {
    arrived.c_bits = vm.c_bits;
    return migration::compare_guests(migration::vm_view(source.m, vm), migration::vm_view(target.m, arrived));
  }
};

/// "private plaintext 7, told 7"
inline auto text_of(const std::vector<migration::difference>& all) -> std::string {
  std::string text;
  for (const migration::difference& one : all)
    text += std::string(text.empty() ? "" : ", ") + name_of(one.what) + ' ' + std::to_string(one.page);
  return text;
}

}  // namespace sevspec::test

#endif
