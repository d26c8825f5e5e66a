// SPDX-License-Identifier: MIT
// References and their TLB, proved by the compiler: what is written is read, stale translations stay until flushed.
#include <sevspec/cpu/sev_registers.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <support/sev_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cipher = crypto::symbolic_cipher;
using world = sev_world<cipher, memory::dense_dram<13>>;
using tlb_type = paging::tlb<4, 2, 8>;

constexpr block secret = block_from(0x30);

/// Runs `play` in a fresh world.
template <class Play>
constexpr auto in_world(Play play) -> bool {
  crypto::ticket_book book;
  world w(cipher(book), {}, 0x5000);
  return play(w, w.data());
}

/// One block, read by guest A through a TLB.
constexpr auto guest_sees(world& w, tlb_type& tlb, std::uint64_t linear) -> block {
  context<> ctx;
  block out{};
  if (!cpu::read(ctx, w.memory, tlb, w.guests[1], {{1}, 0}, gva{linear}, user_read, out)) return {};
  return out;
}

// PAG-COH-04: the guest makes its page shared; the old mapping serves until INVLPG.
static_assert(in_world([](world& w, std::uint64_t p) {
  tlb_type tlb;
  context<> ctx;
  (void)w.guest_write(1, view::c_1, p, secret);
  const std::uint64_t linear = world::linear(view::c_1, p);
  const block before = guest_sees(w, tlb, linear);
  w.put(w.base + 0x1010, memory_key::guest({1}), world::leaf(0));
  const block stale = guest_sees(w, tlb, linear);
  paging::invlpg(ctx, tlb, {{1}, 0}, linear);
  return before == secret && stale == secret && guest_sees(w, tlb, linear) == w.raw(p);
}));

// PAG-ASID-04: the VMM's flush, by TLB_CONTROL.
static_assert(in_world([](world& w, std::uint64_t p) {
  tlb_type tlb;
  context<> ctx;
  const std::uint64_t linear = world::linear(view::c_0, p);
  w.store(memory_key::none(), p, secret);
  const block before = guest_sees(w, tlb, linear);
  w.put(0x4000, memory_key::none(), 0);
  const block stale = guest_sees(w, tlb, linear);
  paging::apply_tlb_control(ctx, tlb, paging::tlb_control::flush_guest, w.guests[1]);
  return before == secret && stale == secret && guest_sees(w, tlb, linear) == block{};
}));

// A reference over two pages.
static_assert(in_world([](world& w, std::uint64_t p) {
  (void)w.guest_write(1, view::c_1, p + 0xff8, secret);
  return w.guest_sees(1, view::both, p + 0xff8) == secret;
}));

// PAG-SYSCFG-01, PAG-SEVST-01
static_assert([] {
  context<> ctx;
  return cpu::write_syscfg(ctx, bit_at(24), 0) == bit_at(24) && cpu::write_syscfg(ctx, 0, 5) == 5;
}());
static_assert(cpu::sev_status_of({}, {~std::uint64_t{0}}).raw == 0);

// PAG-ASID-06
static_assert([] {
  context<> ctx;
  const auto all = paging::decode_invlpgb(ctx, {}, 8, 0, 0, 7);
  const auto refused = paging::decode_invlpgb(ctx, {.guest = true}, 8, 0, 0, 7);
  return all && all->globals && !all->linear && !refused && refused.error().kind == fault_kind::ud;
}());

}  // namespace
