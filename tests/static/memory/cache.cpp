// SPDX-License-Identifier: MIT
// What caches do to encrypted memory, proved with a cipher that is perfect by construction.
#include <array>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/bounce_buffer.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/memory/vm_page_flush.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::memory;

using block = crypto::block;
using machine_memory = controller<crypto::symbolic_cipher, dense_dram<2>>;

constexpr memory_key plain = memory_key::none();
constexpr memory_key owner = memory_key::guest({5});
constexpr memory_key other = memory_key::guest({6});
constexpr spa page{0x1000};

consteval auto text(std::uint8_t first) -> block {
  block bytes{};
  for (unsigned i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

/// Two guests' keys, a cache, two core complexes.
struct machine {
  crypto::ticket_book book{};
  machine_memory memory{crypto::symbolic_cipher{book}, {}, 8};
  tagged_cache<4> cache;
  context<> ctx{};

  constexpr explicit machine(bool coherent) : cache(coherent) {
    (void)memory.install_key(host_asid, text(0x40));
    (void)memory.install_key({5}, text(0x50));
    (void)memory.install_key({6}, text(0x60));
  }
  machine(const machine&) = delete;
  auto operator=(const machine&) -> machine& = delete;

  constexpr auto cpu(std::uint32_t by = 0) { return cached_memory{memory, cache, {by}}; }
  constexpr auto read(memory_key key, spa where = page, std::uint32_t by = 0) -> block {
    block out{};
    (void)cpu(by).read(where, key, out);
    return out;
  }
  constexpr void write(memory_key key, const block& bytes, spa where = page, std::uint32_t by = 0) {
    (void)cpu(by).write(where, key, bytes);
  }
  constexpr auto raw(spa where = page) const -> block {
    block out{};
    (void)memory.probe(where, out);
    return out;
  }
};

// CacheWarp: what the guest has written and DRAM has not, INVD takes back; with HWCR.INVDWBINVD it does not. Vector 25.
consteval auto after_invd(std::uint64_t hwcr) -> block {
  machine m(true);
  m.write(owner, text(0));
  m.cache.wbinvd(m.memory, {0});
  m.write(owner, text(1));
  invd(m.ctx, m.cache, m.memory, {0}, hwcr);
  return m.read(owner);
}
static_assert(after_invd(0) == text(0));
static_assert(after_invd(hwcr_invd_wbinvd) == text(1));
static_assert(after_invd(~hwcr_invd_wbinvd) == text(0));

// INVD reaches the whole core complex, whoever's lines they are, and no other complex.
consteval auto invd_has_the_scope_of_a_complex() -> bool {
  machine m(false);
  m.write(owner, text(1), page, 0);
  m.write(other, text(2), page + 64, 0);
  m.write(owner, text(3), page + 128, 1);
  invd(m.ctx, m.cache, m.memory, {0}, 0);
  return m.raw() == block{} && m.raw(page + 64) == block{} && m.read(owner, page + 128, 1) == text(3);
}
static_assert(invd_has_the_scope_of_a_complex());

// Without coherency an alias shows what it showed before, until exactly the lines of the other context and its own go.
consteval auto alias_is_stale_until_flushed() -> bool {
  machine m(false);
  const block before = m.read(plain);
  m.write(owner, text(1));
  if (m.read(plain) != before || m.read(owner) != text(1)) return false;
  m.cache.clflush(m.memory, page, plain);  // the host's mapping: the guest's line stays, and DRAM is old
  if (m.read(plain) != before || m.cache.find(page, owner) == nullptr) return false;
  (void)write_vm_page_flush(m.ctx, {.present = true, .highest = {7}}, m.cache, m.memory, 0x7000 | 5,
                            [](hva) -> outcome<spa> { return page; });
  if (m.cache.find(page, owner) != nullptr) return false;
  if (m.read(plain) != before) return false;  // DRAM is new, but the host's own line is old
  m.cache.clflush(m.memory, page, plain);
  return m.read(plain) == m.raw() && m.raw() != before && m.book.is_ticket(m.raw()) && m.read(owner) == text(1);
}
static_assert(alias_is_stale_until_flushed());

// The flush of another guest's ASID is not the exact one.
consteval auto flush_of_another_guest_does_nothing() -> bool {
  machine m(false);
  m.write(owner, text(1));
  const auto before = m.cache;
  (void)write_vm_page_flush(m.ctx, {.present = true, .highest = {7}}, m.cache, m.memory, 0x7000 | 6,
                            [](hva) -> outcome<spa> { return page; });
  return m.cache == before && m.raw() == block{};
}
static_assert(flush_of_another_guest_does_nothing());

// With coherency no flush is needed: the reader gets the new ciphertext at once.
consteval auto coherent_alias_is_new() -> bool {
  machine m(true);
  (void)m.read(plain);
  m.write(owner, text(1));
  const block seen = m.read(plain);
  return m.book.is_ticket(seen) && seen == m.raw() && m.cache.find(page, owner) == nullptr && m.read(owner) == text(1);
}
static_assert(coherent_alias_is_new());

// Of two dirty aliases the one that leaves last wins, and hardware chooses.
consteval auto last_eviction_wins(std::size_t first) -> block {
  machine m(false);
  m.write(owner, text(1));
  m.write(plain, text(2));
  m.cache.evict(m.memory, first);
  m.cache.evict(m.memory, 0);
  return m.read(plain);
}
static_assert(last_eviction_wins(0) == text(2));
static_assert(last_eviction_wins(1) != text(2));

// A dirty line that outlives its guest is enciphered under the next guest's key: why an ASID needs WBINVD before reuse.
consteval auto line_outlives_its_guest() -> bool {
  machine m(true);
  m.write(owner, text(1));
  (void)m.memory.install_key({5}, text(0x70));  // another guest is activated on the ASID
  return m.read(owner) == text(1);              // and reads the first one's plaintext
}
static_assert(line_outlives_its_guest());

// With the flush in between it reads garbage.
consteval auto flushed_line_does_not() -> bool {
  machine m(true);
  m.write(owner, text(1));
  m.cache.wbinvd(m.memory, {0});
  (void)m.memory.install_key({5}, text(0x70));
  return m.book.is_ticket(m.read(owner));
}
static_assert(flushed_line_does_not());

// A device behind coherent caches reads an old page through another context, and the new one after a flush.
consteval auto devices_need_the_flush() -> bool {
  machine m(true);
  m.write(owner, text(1));
  snooping_memory device{m.memory, m.cache};
  block seen{};
  (void)device.read(page, plain, seen);
  if (seen != block{}) return false;
  m.cache.clflush(m.memory, page, plain);
  (void)device.read(page, plain, seen);
  return m.book.is_ticket(seen);
}
static_assert(devices_need_the_flush());

// The same key at another slot deciphers what the guest wrote before.
consteval auto key_belongs_to_the_guest() -> bool {
  machine m(true);
  m.write(owner, text(1));
  m.cache.wbinvd(m.memory, {0});
  (void)m.memory.install_key({7}, text(0x50));
  return m.read(memory_key::guest({7})) == text(1) && m.book.is_ticket(m.read(other));
}
static_assert(key_belongs_to_the_guest());

// Bounce buffers: what the device changes between two looks, the guest sees; and what it sends has the ciphertext that
// the guest's own writing of the same bytes there has.
consteval auto bounced_bytes_are_chosen_plaintext() -> bool {
  machine m(true);
  const bounce_buffer buffer{.private_page = page, .guest = owner, .shared_page = {0x0}, .shared = plain, .bytes = 16};
  (void)m.memory.write({0x0}, plain, text(9));
  block first{};
  (void)m.memory.read({0x0}, plain, first);
  (void)m.memory.write({0x0}, plain, text(8));  // after the check, before the use
  (void)bounce_from_device(m.memory, buffer);
  block used{};
  (void)m.memory.read(page, owner, used);
  if (first == used || used != text(8)) return false;
  const block ciphertext = m.raw();
  (void)m.memory.write(page, owner, text(3));
  (void)m.memory.write(page, owner, text(8));
  return m.raw() == ciphertext;
}
static_assert(bounced_bytes_are_chosen_plaintext());

}  // namespace
