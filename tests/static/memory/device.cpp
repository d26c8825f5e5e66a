// SPDX-License-Identifier: MIT
// Devices, ciphertext hiding and ASIDs, in constant expressions.
#include <array>
#include <cstdint>

#include <support/rmp_pages.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/asid_activation.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/memory/trusted_device.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <sevspec/rmp/page_owners.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::memory;

using block = crypto::block;
using machine_memory = controller<crypto::symbolic_cipher, dense_dram<2>>;

constexpr block secret{'s', 'e', 'c', 'r', 'e', 't'};

/// Guest 5's secret lies in page 1000h, which it sees at gPA 0.
template <class Context>
struct machine {
  crypto::ticket_book book{};
  machine_memory memory{crypto::symbolic_cipher{book}, {}, 8};
  test::rmp_pages rmp{};
  rmp::guarded_memory<machine_memory, test::rmp_pages> guarded{memory, rmp};
  Context ctx{};
  dma_path path{.snp = true};  // the device drives sPAs

  constexpr machine() {
    (void)memory.install_key(host_asid, block{1});
    (void)memory.install_key({5}, block{2});
    (void)memory.write({0x1000}, memory_key::guest({5}), secret);
    rmp.put(0x1000, test::guest_page(0, 5));
  }
  machine(const machine&) = delete;
  auto operator=(const machine&) -> machine& = delete;

  constexpr auto raw() const -> block {
    block out{};
    (void)memory.probe({0x1000}, out);
    return out;
  }
};

// A device reads ciphertext and writes nothing.
template <class Context = context<>>
consteval auto device_sees_ciphertext_only() -> bool {
  machine<Context> m;
  block seen{};
  if (!dma_read(m.ctx, m.guarded, m.path, {0x1000}, seen) || seen != m.raw() || !m.book.is_ticket(seen)) return false;
  const block before = m.raw();
  const auto written = dma_write(m.ctx, m.guarded, m.path, {0x1000}, block{});
  return !written && written.error().event == dma_event::rmp_page_fault && m.raw() == before;
}
static_assert(device_sees_ciphertext_only());
static_assert(!device_sees_ciphertext_only<context<all_rules_but<rule::ENC_DMA_03>>>());

// Behind ciphertext hiding it reads constants, and the bus still shows the ciphertext.
consteval auto hidden_device_sees_nothing() -> bool {
  machine<context<>> m;
  const rmp::page_owners owners{m.rmp};
  ciphertext_hiding hidden{m.ctx, m.guarded, owners, {.enabled = true, .max_snp = {7}}, reading_agent::device};
  block seen{};
  (void)dma_read(m.ctx, hidden, m.path, {0x1000}, seen);
  for (const std::uint8_t byte : seen)
    if (byte != 0xff) return false;
  return m.book.is_ticket(m.raw());
}
static_assert(hidden_device_sees_nothing());

// A trusted device reads the secret; its untrusted packets do not.
consteval auto trusted_device_reads(bool trusted) -> block {
  machine<context<>> m;
  m.path.tables = io_page_table{.root = {0x0}, .levels = 1};
  const std::uint64_t leaf = 0x1000 | io_entry::present | io_entry::read | io_entry::write;
  std::array<std::uint8_t, 8> bytes{};
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(leaf >> (8 * i) & 0xff);
  (void)m.memory.write({0x0}, memory_key::none(), bytes);
  const trusted_interface tdi{
      .state = tdi_state::run,
      .entry = {.valid = true, .id = {5}, .read = true, .virtual_tom_enabled = true, .virtual_tom = 0x1000}};
  block seen{};
  (void)trusted_dma_read(m.ctx, m.guarded, m.path, tdi, trusted, {0x0}, seen);
  return seen;
}
static_assert(trusted_device_reads(true) == secret);
static_assert(trusted_device_reads(false) != secret);

// No guest gets an ASID under which lines of another may lie in caches: one ASID, one core complex, two guests, and all
// sequences of five commands.
struct world {
  asid_states<1, 1> states{};
  std::array<guest_asid, 2> guests{};
  bool lines{};  // of a guest that ran, in the caches
  std::size_t whose{};
};

template <class Context>
constexpr auto reuse_is_safe(const world& now, unsigned depth) -> bool {
  if (depth == 0) return true;
  for (unsigned command = 0; command < 8; ++command) {
    Context ctx;
    world next = now;
    const std::size_t guest = command % 2;
    switch (command / 2) {
      case 0:
        if (!activate(ctx, next.states, {.highest = 1, .min_sev = 1}, next.guests[guest], {.runs = true}, {1}))
          continue;
        if (next.lines && next.whose != guest) return false;
        next.lines = true;
        next.whose = guest;
        break;
      case 1:
        if (!deactivate(ctx, next.states, next.guests[guest])) continue;
        break;
      case 2:
        note_wbinvd(next.states, {0});
        if (!next.states.any({1}, asid_state::in_use)) next.lines = false;
        break;
      default:
        if (!df_flush(ctx, next.states)) continue;
        break;
    }
    if (!reuse_is_safe<Context>(next, depth - 1)) return false;
  }
  return true;
}

template <class Context>
consteval auto reuse_is_safe() -> bool {
  world start;
  start.states.set_state({1}, {0}, asid_state::clean);  // after the first flush
  return reuse_is_safe<Context>(start, 5);
}
static_assert(reuse_is_safe<context<>>());
static_assert(!reuse_is_safe<context<all_rules_but<rule::FW_ACT_04>>>());
static_assert(!reuse_is_safe<context<all_rules_but<rule::FW_ACT_07>>>());
static_assert(!reuse_is_safe<context<all_rules_but<rule::ENC_ASID_11>>>());

}  // namespace
