// SPDX-License-Identifier: MIT
// Any bytes are a sequence of commands with raw buffers. Whatever they are, a command that fails changes nothing that it
// should not, and ASIDs, guests and page states stay what the firmware says they are.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>

#include <support/firmware_machine.hpp>

#include <sevspec/firmware/dispatch.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using firmware::status;
using machine = test_machine<>;

/// Where operands may point, so that commands meet each other.
constexpr std::array<std::uint64_t, 16> places{0,
                                               0x10'0000,
                                               0x100'0000,
                                               0x100'1000,
                                               0x100'2000,
                                               0x200'0000,
                                               0x200'1000,
                                               0x300'0000,
                                               0x50'0000,
                                               0x50'1000,
                                               test_scratch,
                                               test_scratch + 0x1000,
                                               test_rmp_base,
                                               0xa'0000,
                                               test_memory,
                                               0xd20'0000};

[[noreturn]] void fail(const char* what, unsigned id) {
  std::fprintf(stderr, "command %02x: %s\n", id, what);
  std::abort();
}

/// Bytes of the input, zeros behind its end.
struct input {
  std::span<const std::uint8_t> rest;
  auto byte() -> std::uint8_t {
    if (rest.empty()) return 0;
    const std::uint8_t one = rest.front();
    rest = rest.subspan(1);
    return one;
  }
};

auto small_machine(bool snp) -> machine {
  machine made = make_test_machine(snp);
  made.hw.features = {.rapl_disable = true, .ciphertext_hiding = true, .verify_mitigation = true};
  return made;
}

void check(const machine& m, unsigned id) {
  std::map<std::uint32_t, unsigned> owners;
  for (const auto& one : m.sp.guests) ++owners[one.second.slot.id.value];
  for (const auto& [page, guest] : m.sp.contexts) {
    ++owners[guest.slot.id.value];
    if (firmware::state_at(m, {page}) != rmp::page_state::context) fail("a guest without context page", id);
    if (guest.state == firmware::context_state::running && guest.slot.pending) fail("running and pending", id);
  }
  for (std::uint32_t asid = 1; asid <= 15; ++asid)
    for (std::uint32_t i = 0; i < 2; ++i) {
      const auto state = m.asids.state_of({asid}, {i});
      const bool bound = state == memory::asid_state::allocated || state == memory::asid_state::in_use;
      if (bound && owners[asid] != 1) fail("an ASID without one owner", id);
      if (m.asids.is_valid({asid}, {i}) != (state == memory::asid_state::in_use)) fail("a valid ASID not in use", id);
    }
  for (const auto& [page, entry] : m.rmp.entries())
    if (rmp::state_of(entry) == rmp::page_state::corrupt) fail("a page in no state", id);
}

/// One command with a raw buffer.
void command(machine& m, context<>& ctx, input& in) {
  const firmware::command_info& info = firmware::command_table[in.byte() % firmware::command_table.size()];
  const auto id = static_cast<unsigned>(info.id);
  const std::uint8_t shape = in.byte();
  std::array<std::uint8_t, 72> buffer{};
  for (std::size_t i = 0; i < info.buffer_bytes; ++i) buffer[i] = in.byte();
  for (std::size_t i = 0; i + 8 <= info.buffer_bytes; i += 8) {  // make operands of quadwords
    const std::uint8_t how = buffer[i];
    if ((shape & 1) == 0 && (how & 0x80) != 0)
      layout::write_le(buffer.data() + i,
                       places[how % 16] + std::uint64_t{buffer[i + 1]} * ((how & 0x40) != 0 ? 1U : 0U));
    else if ((shape & 2) == 0) layout::write_le(buffer.data() + i, std::uint64_t{how});
  }
  poke(m, test_buffer, std::span{buffer}.first(info.buffer_bytes));
  const machine before = m;
  const status done = firmware::execute(ctx, m, id, test_buffer);
  const bool keeps = done == status::wbinvd_required || done == status::rb_mode_exited;
  if (done != status::success && !keeps) {
    // A guest request may have acted before its response did not fit (FW-MSG-19).
    if (!(m.sp == before.sp) && info.id != firmware::command_id::snp_guest_request) fail("a failure left a trace", id);
    if (!(m.asids == before.asids)) fail("a failure changed ASIDs", id);
    if (!(m.rmp == before.rmp)) fail("a failure changed a page", id);
  }
  check(m, id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  input in{{data, size}};
  const std::uint8_t start = in.byte();
  machine m = small_machine((start & 1) != 0);
  context<> ctx;
  ctx.choices.tcb_compared_as_number = (start & 2) != 0;
  ctx.choices.strict_id_block = (start & 4) == 0;
  for (unsigned steps = 0; !in.rest.empty() && steps < 64; ++steps) {
    const std::uint8_t what = in.byte();
    if (what % 8 == 0) {
      firmware::note_wbinvd(m, what / 8 % 2);
    } else if (what % 8 == 1) {
      const std::uint64_t page = places[in.byte() % places.size()];
      const std::uint8_t how = in.byte();
      static_cast<void>(rmp::rmpupdate(ctx, m.rmp, {}, {}, {page},
                                       {.assigned = (how & 1) != 0,
                                        .large = (how & 2) != 0,
                                        .immutable = (how & 4) != 0,
                                        .id = {static_cast<std::uint32_t>(how >> 4)},
                                        .guest = {page}}));
    } else if (what % 8 == 2) {
      const std::uint64_t page = places[in.byte() % 12];
      std::array<std::uint8_t, 16> bytes{};
      for (std::uint8_t& one : bytes) one = in.byte();
      poke(m, page, bytes);
    } else {
      command(m, ctx, in);
    }
  }
  return 0;
}
