// SPDX-License-Identifier: MIT
// A host and three guests over one memory controller, and a naive twin of all of it: whatever they read, write, map,
// flush and install, both show the same bytes and the same failures.
//
// Input: operations of eight bytes: what, who, view, two bytes of place, length, two bytes of argument.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <support/naive_machine.hpp>
#include <support/sev_world.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace sevspec;
using namespace sevspec::test;
using u64 = std::uint64_t;
using cipher = crypto::aes128_xex;
using world = sev_world<cipher, memory::sparse_dram>;

constexpr u64 memory_bytes = 0x10000;
constexpr u64 gigabyte = 0x4000'0000;

struct operation {
  unsigned what, who, how, place, length, argument;
};

/// Entries that operations edit: where, and with which key they are read.
struct entry_place {
  u64 where;
  std::uint32_t slot;
  bool leads_on;  ///< to the table after it
};

class both {
 public:
  both() : library_(cipher(crypto::drawn_tweak_constants(11)), memory::sparse_dram(memory_bytes)) {
    twin_.dram.size = memory_bytes;
    twin_.dram.slots = 8;
    twin_.dram.tweak_constants = crypto::drawn_tweak_constants(11);
    for (unsigned id = 0; id < 3; ++id) twin_.dram.keys[id] = seed_of<cipher>(id + 1);
    // The twin starts from what is in DRAM.
    for (const u64 page : library_.memory.chips().touched())
      for (u64 where = page << 12; where < (page + 1) << 12; where += 16) twin_.dram.raw[where] = library_.raw(where);
    agents_[0] = {.root = 0x1000};
    for (unsigned id = 1; id <= 3; ++id)
      agents_[id] = {.id = id, .sev = id != 3, .root = library_.base + 0x2000 * (id - 1), .nested_root = 0x3000};

    for (const u64 pointer : {0x1000U, 0x2000U, 0x2008U, 0x3000U, 0x4000U, 0x4008U})
      entries_.push_back({pointer, naive::no_key_slot, pointer == 0x1000 || pointer == 0x3000});
    for (std::uint32_t id = 1; id <= 3; ++id) {
      const u64 tables = library_.base + 0x2000 * (id - 1);
      const std::uint32_t slot = id == 3 ? naive::no_key_slot : id;
      for (const u64 where : {tables, tables + 0x1000, tables + 0x1008, tables + 0x1010})
        entries_.push_back({where, slot, where == tables});
    }
  }

  /// @return false if the twin has no opinion of what follows
  auto play(const operation& op) -> bool {
    switch (op.what % 12) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:  return reference(op);
      case 5:  direct(op); return true;
      case 6:  bus(op); return true;
      case 7:  key(op); return true;
      case 8:
      case 9:  edit(op); return true;
      default: flush(op); return true;
    }
  }

  void compare_memory() {
    for (const u64 page : library_.memory.chips().touched())
      for (u64 where = page << 12; where < (page + 1) << 12; where += 16)
        demand(library_.raw(where) == twin_.dram.raw[where], "DRAM holds the same bytes");
    for (const auto& [where, content] : twin_.dram.raw)
      demand(library_.raw(where) == content, "DRAM holds no bytes but those");
  }

 private:
  static void demand(bool holds, const char* fact) {
    if (holds) return;
    std::fprintf(stderr, "--- not so: %s\n", fact);
    std::abort();
  }

  static auto filled(const operation& op) -> naive::bytes {
    naive::bytes data(1 + op.length % 80);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(op.argument + 3 * i);
    return data;
  }
  /// A byte of data; often at the border of its two pages.
  auto data_at(const operation& op) const -> u64 {
    return library_.data() + (op.place % 2 == 0 ? 0xfc0 + op.place / 2 % 0x80 : op.place / 2 % 0x2000);
  }

  auto reference(const operation& op) -> bool {
    const unsigned id = op.who % 4;
    static constexpr access_kind kinds[] = {access_kind::read, access_kind::write, access_kind::execute};
    const access_kind kind = kinds[op.what % 5 % 3];
    const bool user = op.who / 4 % 2 == 0;
    const memory_access why{.kind = kind, .level = user ? user_mode : kernel_mode};
    const u64 linear = (op.how % 5) * gigabyte + data_at(op);
    naive::bytes ours = filled(op), theirs = ours;
    const auto expected = twin_.refer(agents_[id], linear, kind, user, theirs);
    if (std::holds_alternative<naive::unclear>(expected)) return false;

    context<> ctx;
    const auto go = [&](const auto& regime, auto where) {
      if (why.is_write()) return cpu::write(ctx, library_.memory, tlb_, regime, {{id}, 0}, where, why, ours);
      return cpu::read(ctx, library_.memory, tlb_, regime, {{id}, 0}, where, why, ours);
    };
    const auto result = id == 0 ? go(library_.host, hva{linear}) : go(library_.guests[id], gva{linear});
    const auto* const failed = std::get_if<naive::failure>(&expected);
    demand(result.has_value() == (failed == nullptr), "a reference succeeds where the twin's does");
    if (failed != nullptr) {
      demand(result.error().kind == failed->kind, "the kind of the fault");
      demand(result.error().address == failed->address, "the address of the fault");
    }
    demand(ours == theirs, "a reference sees the same bytes");
    return true;
  }

  /// The AMD-SP or a device, past translations: any address, any slot.
  void direct(const operation& op) {
    static constexpr u64 far[] = {0, memory_bytes - 40, memory_bytes, u64{1} << 46, ~u64{0} - 30};
    const u64 where = op.how % 6 == 5 ? data_at(op) : far[op.how % 6] + op.place % 64;
    const std::uint32_t slot = op.who % 11 == 10 ? naive::no_key_slot : op.who % 11;
    naive::bytes data = filled(op);
    const auto answer = twin_.dram.answer_to(where, slot, data.size());
    memory::memory_status status{};
    if (op.argument % 2 == 0 || where + 80 < library_.base + 0x6000) {
      naive::bytes read = data;
      status = library_.memory.read({where}, {slot}, read);
      if (answer == naive::memory::answer::ok)
        for (std::size_t i = 0; i < data.size(); ++i) data[i] = twin_.dram.get(where + i, slot);
      demand(read == data, "a key reads the same bytes");
    } else {
      status = library_.memory.write({where}, {slot}, data);
      if (answer == naive::memory::answer::ok)
        for (std::size_t i = 0; i < data.size(); ++i) twin_.dram.put(where + i, slot, data[i]);
    }
    using enum memory::memory_status;
    demand(status == (answer == naive::memory::answer::ok          ? ok
                      : answer == naive::memory::answer::no_memory ? no_memory
                                                                   : no_key),
           "the same answer");
  }

  /// A probe, an interposer; also moving what is there.
  void bus(const operation& op) {
    const u64 where = data_at(op);
    naive::bytes data = filled(op);
    if (op.how % 2 == 1) {
      demand(library_.memory.probe({library_.data() + op.argument % 0x1000}, data) == memory::memory_status::ok,
             "a probe");
    }
    demand(library_.memory.inject({where}, data) == memory::memory_status::ok, "an interposer");
    for (std::size_t i = 0; i < data.size(); ++i) twin_.dram.raw[(where + i) / 16 * 16][(where + i) % 16] = data[i];
    naive::bytes seen(data.size());
    demand(library_.memory.probe({where}, seen) == memory::memory_status::ok && seen == data, "raw bytes");
  }

  void key(const operation& op) {
    const auto seed = seed_of<cipher>(op.argument % 5);
    if (op.how % 8 == 7) {
      library_.memory.install_transparent_key(seed);
      twin_.dram.transparent = seed;
      return;
    }
    const std::uint32_t slot = op.who % 10;
    demand(library_.memory.install_key({slot}, seed) == twin_.dram.install(slot, seed), "there is such a slot");
  }

  void edit(const operation& op) {
    const entry_place& entry = entries_[op.place % entries_.size()];
    const bool pointer = entry.leads_on;
    u64 value = pointer ? (entry.where + 0x1000) | all_rights | accessed : world::leaf(op.how % 3 == 1 ? gigabyte : 0);
    static constexpr u64 flips[] = {present, writable, user, bit_8, no_execute, world::c_bit, bit_at(44), 0x4000};
    for (unsigned i = 0; i < 8; ++i)
      if ((op.argument >> i & 1) != 0) value ^= flips[i];
    // Now and then with another key than that by which it is read.
    const std::uint32_t slot = op.who % 8 == 7 ? 0 : entry.slot;
    naive::bytes data(8);
    for (unsigned i = 0; i < 8; ++i) data[i] = static_cast<std::uint8_t>(value >> (8 * i));
    demand(library_.memory.write({entry.where}, {slot}, data) == memory::memory_status::ok, "an entry is written");
    for (unsigned i = 0; i < 8; ++i) twin_.dram.put(entry.where + i, slot, data[i]);
  }

  void flush(const operation& op) {
    using held = naive::machine::held;
    context<> ctx;
    const unsigned id = op.who % 4;
    const u64 linear = (op.how % 5) * gigabyte + data_at(op);
    switch (op.argument % 6) {
      case 0:
        paging::invlpg(ctx, tlb_, {{id}, 0}, linear);
        twin_.strike([&](unsigned of, bool, const held& one) { return of == id && one.holds(linear); });
        break;
      case 1:
        paging::invlpga(ctx, tlb_, linear, id);
        twin_.strike([&](unsigned of, bool, const held& one) { return of == id && one.holds(linear); });
        break;
      case 2:
        paging::flush_for_mov_cr3(ctx, tlb_, {id}, 0xa0, 0);
        twin_.strike([&](unsigned of, bool global, const held&) { return of == id && !global; });
        break;
      case 3: {
        const unsigned value = op.length % 8;
        const auto control = paging::tlb_control_of(ctx, test_part, value);
        demand(control.has_value() == (value == 0 || value == 1 || value == 3 || value == 7), "values of TLB_CONTROL");
        if (!control || id == 0) break;
        paging::apply_tlb_control(ctx, tlb_, *control, library_.guests[id]);
        twin_.strike([&](unsigned of, bool global, const held&) {
          return value == 1 || (of == id && (value == 3 || (value == 7 && !global)));
        });
        break;
      }
      case 4: {
        const auto what = paging::decode_invlpgb(ctx, {}, (linear & ~u64{0xfff}) | 1 | (op.length % 2) << 3, 1, 0, 7);
        paging::apply(*what, tlb_);
        twin_.strike([&](unsigned, bool global, const held& one) {
          return (!global || op.length % 2 == 1) &&
                 (one.holds(linear & ~u64{0xfff}) || one.holds((linear & ~u64{0xfff}) + 0x1000));
        });
        break;
      }
      default:
        paging::flush_for_event(ctx, tlb_, paging::core_event::smi);
        twin_.strike([](unsigned, bool, const held&) { return true; });
        break;
    }
  }

  world library_;
  paging::tlb<16, 64, 8> tlb_;
  naive::machine twin_;
  std::array<naive::agent, 4> agents_;
  std::vector<entry_place> entries_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  both machines;
  for (std::span in(data, size); in.size() >= 8; in = in.subspan(8)) {
    const operation op{in[0], in[1], in[2], in[3] | unsigned{in[4]} << 8, in[5], in[6] | unsigned{in[7]} << 8};
    if (!machines.play(op)) break;
  }
  machines.compare_memory();
  return 0;
}
