// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_ENCRYPTED_VM_HPP
#define SEVSPEC_MIGRATION_ENCRYPTED_VM_HPP

#include <cstdint>
#include <expected>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/migration/dirty_log.hpp>
#include <sevspec/migration/page_status.hpp>

/// A SEV or SEV-ES guest as its host has it: where its pages lie, what it has told, what must be sent.
namespace sevspec::inline v0::migration {

/// Who sees the guest's memory how. A regular value.
struct encrypted_vm {
  std::uint32_t handle = 0;    ///< of the firmware
  std::vector<spa> pages{};    ///< by guest frame number
  std::vector<bool> c_bits{};  ///< the guest's own page tables: what it takes for private
  std::vector<spa> vmsas{};    ///< SEV-ES: one for each vCPU
  page_status_map status{0};   ///< the host's record
  dirty_log dirty{0};
  bool ready = false;   ///< the guest has said that it may be migrated
  bool mirror = false;  ///< its context is another VM's (MIG-MH-03)

  friend auto operator==(const encrypted_vm&, const encrypted_vm&) -> bool = default;
};

/// A guest whose pages lie one after another, all private.
[[nodiscard]] inline auto make_vm(std::uint32_t handle, spa first, std::uint64_t pages) -> encrypted_vm {
  encrypted_vm made{.handle = handle,
                    .c_bits = std::vector<bool>(pages, true),
                    .status = page_status_map(pages),
                    .dirty = dirty_log(pages)};
  for (std::uint64_t i = 0; i < pages; ++i) made.pages.push_back(first + i * 4096);
  return made;
}

/// The key under which the guest sees a page.
/// @pre the firmware has the guest
template <class Machine>
[[nodiscard]] auto view_key(const Machine& m, const encrypted_vm& vm, std::uint64_t page) -> memory_key {
  if (!vm.c_bits[page]) return memory_key::none();
  return memory_key::guest(m.sp.guests.at(vm.handle).slot.id);
}

/// The guest reads.
template <class Machine>
void guest_read(const Machine& m, const encrypted_vm& vm, std::uint64_t page, std::span<std::uint8_t> out) {
  const auto done = m.memory.read(vm.pages[page], view_key(m, vm, page), out);
  Ensures(done == memory::memory_status::ok);
}
/// The guest writes; the host's nested tables log it.
/// @param offset  inside the page
template <class Machine>
void guest_write(Machine& m, encrypted_vm& vm, std::uint64_t page, std::uint64_t offset,
                 std::span<const std::uint8_t> in) {
  Expects(offset + in.size() <= 4096);
  const auto done = m.memory.write(vm.pages[page] + offset, view_key(m, vm, page), in);
  Ensures(done == memory::memory_status::ok);
  vm.dirty.mark(page);
}

/// The host's part of the hypercall: the record, and what must be sent again.   MIG-STAT-01; MIG-DIRTY-01
/// @return RAX
template <class Context>
auto serve_map_gpa_range(Context& ctx, encrypted_vm& vm, std::uint64_t rbx, std::uint64_t rcx, std::uint64_t rdx)
    -> std::int64_t {
  gpa_range asked;
  const std::int64_t answer = check_map_gpa_range(ctx, rbx, rcx, rdx, vm.status.pages(), asked);
  for (std::uint64_t page = asked.first; page < asked.first + asked.count; ++page) {
    const bool changes = vm.status.is_encrypted(page) != asked.encrypted;
    vm.status.set(page, 1, asked.encrypted);
    if (ctx.applies(rule::MIG_DIRTY_01, changes)) vm.dirty.mark(page);
  }
  return answer;
}

/// A hypercall of the guest's, by its number.   MIG-STAT-01
/// @return RAX: -KVM_ENOSYS, and nothing changes, if it is another than KVM_HC_MAP_GPA_RANGE
template <class Context>
auto serve_hypercall(Context& ctx, encrypted_vm& vm, std::uint64_t rax, std::uint64_t rbx, std::uint64_t rcx,
                     std::uint64_t rdx) -> std::int64_t {
  if (ctx.denies(rule::MIG_STAT_01, rax != map_gpa_range)) return hypercall_enosys;
  return serve_map_gpa_range(ctx, vm, rbx, rcx, rdx);
}
/// The guest writes MSR_KVM_MIGRATION_CONTROL: it tells of all its conversions, or does not any more.   MIG-STAT-01
/// @return false, and nothing changes, if a bit is set that means nothing: #GP
template <class Context>
[[nodiscard]] auto write_migration_control(Context& ctx, encrypted_vm& vm, std::uint64_t value) -> bool {
  if (ctx.denies(rule::MIG_STAT_01, (value & ~migration_ready) != 0)) return false;
  vm.ready = (value & migration_ready) != 0;
  return true;
}

/// The guest changes the C-bit of a page, and tells. The bytes stay: what it reads is another thing.
/// @param tells  false for a guest that forgets the hypercall
template <class Context>
void guest_convert(Context& ctx, encrypted_vm& vm, std::uint64_t page, bool encrypted, bool tells = true) {
  vm.c_bits[page] = encrypted;
  if (!tells) return;
  const std::int64_t answer = serve_hypercall(ctx, vm, map_gpa_range, page << 12, 1, encrypted ? 0x10 : 0);
  Ensures(answer == 0);
}

// --- mirror VMs

/// Why a VM gets no mirror.
enum class mirror_error : std::uint8_t {
  no_guest,    ///< the firmware does not know it
  wrong_kind,  ///< SEV-ES
  is_mirror,   ///< it is one itself
};

/// KVM_CAP_VM_COPY_ENC_CONTEXT_FROM: another VM with the same ASID and key, and with memory slots of its own. To a host
/// that means no good it is one more vCPU.   MIG-MH-03
/// @param pages  the mirror's memory
template <class Context, class Machine>
[[nodiscard]] auto make_mirror(Context& ctx, const Machine& m, const encrypted_vm& of, std::vector<spa> pages)
    -> std::expected<encrypted_vm, mirror_error> {
  const auto found = m.sp.guests.find(of.handle);
  if (found == m.sp.guests.end()) return std::unexpected{mirror_error::no_guest};
  if (ctx.denies(rule::MIG_MH_03, found->second.policy.es())) return std::unexpected{mirror_error::wrong_kind};
  if (ctx.denies(rule::MIG_MH_03, of.mirror)) return std::unexpected{mirror_error::is_mirror};
  const std::uint64_t count = pages.size();
  return encrypted_vm{.handle = of.handle,
                      .pages = std::move(pages),
                      .c_bits = std::vector<bool>(count, true),
                      .status = page_status_map(count),
                      .dirty = dirty_log(count),
                      .mirror = true};
}

}  // namespace sevspec::inline v0::migration

#endif
