// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_PREDICATES_HPP
#define SEVSPEC_MIGRATION_PREDICATES_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/crypto/aes_ctr.hpp>
#include <sevspec/crypto/hmac.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>
#include <sevspec/firmware/vmsa_fields.hpp>
#include <sevspec/layout/sev_session.hpp>
#include <sevspec/migration/encrypted_vm.hpp>
#include <sevspec/migration/transfer_stream.hpp>

/// What is true when a guest has moved well. For tests of hypervisors: give them two views.
namespace sevspec::inline v0::migration {

/// Pages on one machine.
template <class V>
concept page_view_like = requires(const V& view, std::uint64_t page, std::span<std::uint8_t> out) {
  { view.pages() } -> std::same_as<std::uint64_t>;
  { view.read(page, out) };  // 4096 bytes
};
/// A guest on one machine, as the predicates look at it.
template <class V>
concept vm_view_like = page_view_like<V> && requires(const V& view, std::uint64_t page, std::span<std::uint8_t> out) {
  { view.is_private(page) } -> std::same_as<bool>;    // by the guest's own page tables
  { view.told_private(page) } -> std::same_as<bool>;  // by the host's record
  { view.read(page, out) };                           // as the guest reads them
  { view.vmsas() } -> std::same_as<std::uint64_t>;
  { view.read_vmsa(page, out) };                        // deciphered
  { view.vmsa_is_sealed(page) } -> std::same_as<bool>;  // its checksum is in its slot: VMRUN would take it
};

/// A view of a guest of the model's.
template <class Machine>
class vm_view {
 public:
  vm_view(const Machine& m, const encrypted_vm& vm) : m_(&m), vm_(&vm) {}

  [[nodiscard]] auto pages() const -> std::uint64_t { return vm_->pages.size(); }
  [[nodiscard]] auto is_private(std::uint64_t page) const -> bool { return vm_->c_bits[page]; }
  [[nodiscard]] auto told_private(std::uint64_t page) const -> bool { return vm_->status.is_encrypted(page); }
  void read(std::uint64_t page, std::span<std::uint8_t> out) const { guest_read(*m_, *vm_, page, out); }
  [[nodiscard]] auto vmsas() const -> std::uint64_t { return vm_->vmsas.size(); }
  void read_vmsa(std::uint64_t vcpu, std::span<std::uint8_t> out) const {
    const auto key = memory_key::guest(m_->sp.guests.at(vm_->handle).slot.id);
    const auto done = m_->memory.read(vm_->vmsas[vcpu], key, out);
    Ensures(done == memory::memory_status::ok);
  }
  [[nodiscard]] auto vmsa_is_sealed(std::uint64_t vcpu) const -> bool {
    std::array<std::uint8_t, 4096> bytes{};
    read_vmsa(vcpu, bytes);
    return firmware::is_vmsa_of(*m_, vm_->handle, bytes);
  }

 private:
  const Machine* m_;
  const encrypted_vm* vm_;
};
/// The same pages as the host reads them: ciphertext, or what was there before the guest.
template <class Machine>
class host_view {
 public:
  host_view(const Machine& m, const encrypted_vm& vm) : m_(&m), vm_(&vm) {}

  [[nodiscard]] auto pages() const -> std::uint64_t { return vm_->pages.size(); }
  void read(std::uint64_t page, std::span<std::uint8_t> out) const {
    const auto done = m_->memory.read(vm_->pages[page], memory_key::none(), out);
    Ensures(done == memory::memory_status::ok);
  }

 private:
  const Machine* m_;
  const encrypted_vm* vm_;
};

/// What must be equal on both sides.
enum class predicate : std::uint8_t {
  page_count,
  private_plaintext,  ///< of a private page: the plaintext
  shared_bytes,       ///< of a shared page: the bytes
  status,             ///< the host's record
  told,               ///< the source's record is what the guest's page tables say: no conversion was lost
  vmsa,               ///< registers, but not what belongs to the platform
  vmsa_checksum,      ///< of SEV-ES: the target has made its own
  unvisited,          ///< a page that nobody had to touch is as it was
};

/// "private plaintext", ...
[[nodiscard]] constexpr auto name_of(predicate what) noexcept -> const char* {
  switch (what) {
    case predicate::page_count:        return "page count";
    case predicate::private_plaintext: return "private plaintext";
    case predicate::shared_bytes:      return "shared bytes";
    case predicate::status:            return "status";
    case predicate::told:              return "told";
    case predicate::vmsa:              return "VMSA";
    case predicate::vmsa_checksum:     return "VMSA checksum";
    case predicate::unvisited:         return "unvisited page";
  }
  return "?";
}

/// A predicate that does not hold.
struct difference {
  predicate what{};
  std::uint64_t page = 0;  ///< or vCPU

  friend constexpr auto operator==(const difference&, const difference&) -> bool = default;
};

/// All differences between the guest that stopped and the guest that arrived.
/// @param source  when it has stopped; still deciphered
template <vm_view_like Source, vm_view_like Target>
[[nodiscard]] auto compare_guests(const Source& source, const Target& target) -> std::vector<difference> {
  std::vector<difference> found;
  if (source.pages() != target.pages() || source.vmsas() != target.vmsas()) return {{predicate::page_count, 0}};
  std::array<std::uint8_t, 4096> here{};
  std::array<std::uint8_t, 4096> there{};
  for (std::uint64_t page = 0; page < source.pages(); ++page) {
    source.read(page, here);
    target.read(page, there);
    const bool is_private = source.is_private(page);
    const bool same = here == there && target.is_private(page) == is_private;
    if (!same) found.push_back({is_private ? predicate::private_plaintext : predicate::shared_bytes, page});
    if (source.told_private(page) != target.told_private(page)) found.push_back({predicate::status, page});
    if (source.told_private(page) != is_private) found.push_back({predicate::told, page});
  }
  for (std::uint64_t vcpu = 0; vcpu < source.vmsas(); ++vcpu) {
    source.read_vmsa(vcpu, here);
    target.read_vmsa(vcpu, there);
    // The slot of the checksum is the platform's; the word before it is cleared when a VMSA arrives.
    for (auto* one : {&here, &there}) std::fill_n(one->begin() + firmware::vmsa_at::checksum, 8, std::uint8_t{0});
    std::fill_n(here.begin() + firmware::vmsa_at::cleared, 8, std::uint8_t{0});
    if (here != there) found.push_back({predicate::vmsa, vcpu});
    if (!target.vmsa_is_sealed(vcpu)) found.push_back({predicate::vmsa_checksum, vcpu});
  }
  return found;
}

/// The pages that changed on one machine and should not have: after a transfer that was cancelled, those that were not
/// visited. The source has visited none, so with a view of its guest all pages are compared that the guest left alone; at
/// the target a `host_view` tells what is there without a guest.
/// @param visited  pages that may differ
template <page_view_like View>
[[nodiscard]] auto changed_pages(const View& before, const View& after, const std::set<std::uint64_t>& visited)
    -> std::vector<difference> {
  if (before.pages() != after.pages()) return {{predicate::page_count, 0}};
  std::vector<difference> found;
  std::array<std::uint8_t, 4096> then{};
  std::array<std::uint8_t, 4096> now{};
  for (std::uint64_t page = 0; page < before.pages(); ++page) {
    if (visited.contains(page)) continue;
    before.read(page, then);
    after.read(page, now);
    bool same = then == now;
    if constexpr (vm_view_like<View>)
      same = same && before.is_private(page) == after.is_private(page) &&
             before.told_private(page) == after.told_private(page);
    if (!same) found.push_back({predicate::unvisited, page});
  }
  return found;
}

/// The blocks of 16 bytes that only private pages have: not all zeros, and in no shared page.
template <vm_view_like View>
[[nodiscard]] auto private_blocks(const View& view) -> std::set<std::array<std::uint8_t, 16>> {
  std::set<std::array<std::uint8_t, 16>> of_private;
  std::set<std::array<std::uint8_t, 16>> of_shared{{}};
  std::array<std::uint8_t, 4096> bytes{};
  for (std::uint64_t page = 0; page < view.pages(); ++page) {
    view.read(page, bytes);
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
      std::array<std::uint8_t, 16> block{};
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 16, block.begin());
      (view.is_private(page) ? of_private : of_shared).insert(block);
    }
  }
  for (const auto& one : of_shared) of_private.erase(one);
  return of_private;
}

/// How many times a block that only private pages have lies on the wire, in any position.
[[nodiscard]] inline auto count_leaks(std::span<const std::uint8_t> wire,
                                      const std::set<std::array<std::uint8_t, 16>>& secrets) -> std::size_t {
  std::size_t found = 0;
  std::array<std::uint8_t, 16> block{};
  for (std::size_t at = 0; at + block.size() <= wire.size(); ++at) {
    std::copy_n(wire.begin() + static_cast<std::ptrdiff_t>(at), block.size(), block.begin());
    if (secrets.contains(block)) ++found;
  }
  return found;
}

/// What is wrong with a packet of a private page.
enum class packet_fault : std::uint8_t {
  size,         ///< no header, or not as much transport data as there is plaintext
  mac,          ///< the MAC is not one under the session's TIK
  plaintext,    ///< under the session's TEK the data are not the page
  foreign_key,  ///< it opens with keys that are not the session's
  leak,         ///< a block of the page lies in it as it is
};

/// "size", "MAC", ...
[[nodiscard]] constexpr auto name_of(packet_fault what) noexcept -> const char* {
  switch (what) {
    case packet_fault::size:        return "size";
    case packet_fault::mac:         return "MAC";
    case packet_fault::plaintext:   return "plaintext";
    case packet_fault::foreign_key: return "foreign key";
    case packet_fault::leak:        return "leak";
  }
  return "?";
}

/// All faults of a packet: its MAC verifies with TIK, its data decipher to the page with TEK and with nothing else.
/// @param packet     header and transport data, as SEND_UPDATE_* leaves them
/// @param keys       of the session
/// @param plaintext  of the page, or of the VMSA
/// @param foreign    keys that must not open it, those of other sessions for example; all zeros are always tried
[[nodiscard]] inline auto check_packet(std::span<const std::uint8_t> packet, const firmware::transport_keys& keys,
                                       std::span<const std::uint8_t> plaintext,
                                       std::span<const firmware::transport_keys> foreign = {},
                                       const firmware::packet_kind& kind = firmware::data_packet())
    -> std::vector<packet_fault> {
  if (packet.size() != packet_header_size + plaintext.size()) return {packet_fault::size};
  layout::sev_packet_header header;
  std::ranges::copy(packet.first(packet_header_size), header.bytes().begin());
  const auto data = packet.subspan(packet_header_size);
  const auto length = static_cast<std::uint32_t>(data.size());
  const auto verifies = [&](const firmware::transport_keys& with) {
    return crypto::same_secret(firmware::packet_mac(with.tik, kind, header, length, data), header.mac());
  };
  const auto deciphers = [&](const firmware::transport_keys& with) {
    std::vector<std::uint8_t> opened(data.size(), 0);
    crypto::aes128_ctr(with.tek, header.iv(), data, opened);
    return std::ranges::equal(opened, plaintext);
  };
  std::vector<packet_fault> found;
  if (!verifies(keys)) found.push_back(packet_fault::mac);
  if (!deciphers(keys)) found.push_back(packet_fault::plaintext);
  const auto opens = [&](const firmware::transport_keys& with) { return verifies(with) || deciphers(with); };
  if (opens({}) || std::ranges::any_of(foreign, opens)) found.push_back(packet_fault::foreign_key);
  std::set<std::array<std::uint8_t, 16>> blocks;
  for (std::size_t at = 0; at + 16 <= plaintext.size(); at += 16) {
    std::array<std::uint8_t, 16> block{};
    std::copy_n(plaintext.begin() + static_cast<std::ptrdiff_t>(at), 16, block.begin());
    blocks.insert(block);
  }
  blocks.erase(std::array<std::uint8_t, 16>{});
  if (count_leaks(packet, blocks) != 0) found.push_back(packet_fault::leak);
  return found;
}

/// Whether two guests have keys of their own, and one's key reads garbage where the other's reads plaintext.
/// @param m      the machine of the guest that is read; a copy
/// @param other  the other guest's key
/// @param page   a private page of `vm` that is not garbage by chance
template <class Machine>
[[nodiscard]] auto foreign_key_reads_garbage(Machine m, const encrypted_vm& vm, const firmware::byte_array<32>& other,
                                             std::uint64_t page) -> bool {
  Expects(vm.c_bits[page]);
  const firmware::sev_guest& guest = m.sp.guests.at(vm.handle);
  if (guest.vek == other) return false;
  std::array<std::uint8_t, 4096> own{};
  std::array<std::uint8_t, 4096> foreign{};
  guest_read(m, vm, page, own);
  const bool installed = firmware::install_guest_key(m, guest.slot.id, other);
  Ensures(installed);
  guest_read(m, vm, page, foreign);
  return own != foreign;
}

}  // namespace sevspec::inline v0::migration

#endif
