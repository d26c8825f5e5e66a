// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_NAIVE_MACHINE_HPP
#define SEVSPEC_TESTS_SUPPORT_NAIVE_MACHINE_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include <cryptopp/aes.h>

#include <sevspec/base/access.hpp>
#include <sevspec/base/fault.hpp>

/// A host, SEV guests and a memory controller, written a second time and as plainly as possible: maps and lists, a
/// byte at a time. It shares no code with the library beyond types. Four levels, no rarer controls; entries without A
/// or D are beyond it: it calls them unclear.
namespace sevspec::test::naive {

using u64 = std::uint64_t;
using block = std::array<std::uint8_t, 16>;
using bytes = std::vector<std::uint8_t>;

inline constexpr std::uint32_t no_key_slot = 0xffff'ffff;

/// The memory and its keys. XEX over AES-128, one channel.
struct memory {
  u64 size{};
  std::array<block, 48> tweak_constants{};
  std::uint32_t slots{};
  std::map<u64, block> raw;             ///< by block address
  std::map<std::uint32_t, block> keys;  ///< by slot
  std::optional<block> transparent;     ///< TSME

  enum class answer { ok, no_memory, no_key };

  [[nodiscard]] auto answer_to(u64 where, std::uint32_t slot, u64 count) const -> answer {
    if (count == 0) return answer::ok;
    if (where >= size || count > size - where) return answer::no_memory;
    if (slot != no_key_slot && !keys.contains(slot)) return answer::no_key;
    return answer::ok;
  }
  auto install(std::uint32_t slot, const block& key) -> bool {
    if (slot >= slots) return false;
    keys[slot] = key;
    return true;
  }

  auto get(u64 where, std::uint32_t slot) -> std::uint8_t { return plain(where / 16 * 16, slot)[where % 16]; }
  void put(u64 where, std::uint32_t slot, std::uint8_t value) {
    const u64 start = where / 16 * 16;
    block all = plain(start, slot);
    all[where % 16] = value;
    const block* const key = key_of(slot);
    raw[start] = key == nullptr ? all : cipher(*key, start, all, true);
  }
  auto qword(u64 where, std::uint32_t slot) -> std::optional<u64> {
    if (answer_to(where, slot, 8) != answer::ok) return {};
    u64 value = 0;
    for (unsigned i = 8; i > 0; --i) value = value << 8 | get(where + i - 1, slot);
    return value;
  }

 private:
  auto key_of(std::uint32_t slot) const -> const block* {
    if (slot == no_key_slot) return transparent ? &*transparent : nullptr;
    return &keys.at(slot);
  }
  auto plain(u64 start, std::uint32_t slot) -> block {
    const block* const key = key_of(slot);
    return key == nullptr ? raw[start] : cipher(*key, start, raw[start], false);
  }
  auto cipher(const block& key, u64 start, const block& in, bool forward) -> block {
    block tweak{};
    for (unsigned bit = 4; bit < 52; ++bit)
      for (unsigned i = 0; (start >> bit & 1) != 0 && i < 16; ++i) tweak[i] ^= tweak_constants[bit - 4][i];
    block mixed{};
    for (unsigned i = 0; i < 16; ++i) mixed[i] = in[i] ^ tweak[i];
    auto& [enciphers, deciphers] = schedules_[key];
    if (enciphers.size() == 0) {
      enciphers.resize(1);
      deciphers.resize(1);
      enciphers[0].SetKey(key.data(), 16);
      deciphers[0].SetKey(key.data(), 16);
    }
    block out{};
    if (forward) enciphers[0].ProcessBlock(mixed.data(), out.data());
    else deciphers[0].ProcessBlock(mixed.data(), out.data());
    for (unsigned i = 0; i < 16; ++i) out[i] ^= tweak[i];
    return out;
  }

  std::map<block, std::pair<std::vector<CryptoPP::AES::Encryption>, std::vector<CryptoPP::AES::Decryption>>> schedules_;
};

/// Who makes a reference: the host, or a guest.
struct agent {
  std::uint32_t id{};  ///< 0: the host
  bool sev{};
  u64 root{};         ///< of the host's or the guest's tables
  u64 nested_root{};  ///< of a guest
};

/// Why a reference fails, as far as the twin looks: what kind, and at which address.
struct failure {
  fault_kind kind{};
  u64 address{};
  friend auto operator==(const failure&, const failure&) -> bool = default;
};
struct unclear {};

/// One translated page.
struct page {
  u64 to{};
  unsigned log2_size{};
  bool writable{true}, user{true}, no_execute{}, c{}, nested_c{}, global{};
  u64 leaf{};
};
using found = std::variant<page, failure, unclear>;

/// Where a piece of a reference goes.
struct place {
  u64 where{};
  std::uint32_t slot{};
};

class machine {
 public:
  static constexpr u64 c_bit = u64{1} << 51;
  naive::memory dram;

  /// The bytes of a reference, or why there are none. `data` is written from or read into.
  auto refer(const agent& who, u64 linear, access_kind kind, bool user, bytes& data)
      -> std::variant<std::monostate, failure, unclear> {
    std::vector<place> places;  // of each byte
    for (u64 i = 0; i < data.size();) {
      const auto to = translate(who, linear + i, kind, user);
      if (const auto* failed = std::get_if<failure>(&to)) return *failed;
      if (std::holds_alternative<unclear>(to)) return unclear{};
      const place start = std::get<place>(to);
      do places.push_back({start.where + (places.size() - i), start.slot});
      while (places.size() < data.size() && (linear + places.size()) % 4096 != 0);
      i = places.size();
    }
    for (const place& one : places) {
      const auto answer = dram.answer_to(one.where, one.slot, 1);
      if (answer == memory::answer::no_memory) return failure{fault_kind::no_memory, one.where};
      if (answer == memory::answer::no_key) return failure{fault_kind::no_key, one.where};
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (kind == access_kind::write) dram.put(places[i].where, places[i].slot, data[i]);
      else data[i] = dram.get(places[i].where, places[i].slot);
    }
    return std::monostate{};
  }

  /// Strikes translations from the list: `which(id, global, holds address?)`.
  template <class Which>
  void strike(Which&& which) {
    std::erase_if(held_, [&](const held& one) { return which(one.id, one.what.global, one); });
  }
  struct held {
    std::uint32_t id{};
    u64 linear{};
    page what;
    std::set<std::pair<access_kind, bool>> served;
    [[nodiscard]] auto holds(u64 address) const -> bool {
      return address >> what.log2_size == linear >> what.log2_size;
    }
  };

 private:
  auto translate(const agent& who, u64 linear, access_kind kind, bool user) -> std::variant<place, failure, unclear> {
    held* const old = visible(who.id, linear);
    if (old != nullptr && old->served.contains({kind, user}) && allows(old->what, kind, user))
      return place_of(who, *old, linear, kind);
    const found result =
        who.id == 0 ? walk_one(who.root, 0, linear, kind, user, false, nullptr) : walk_two(who, linear, kind, user);
    if (const auto* failed = std::get_if<failure>(&result)) return *failed;
    if (std::holds_alternative<unclear>(result)) return unclear{};
    held made{who.id, 0, std::get<page>(result), {{kind, user}}};
    made.linear = linear >> made.what.log2_size << made.what.log2_size;
    held* const shown = visible(who.id, made.linear);
    if (shown != nullptr && shown->what.log2_size == made.what.log2_size && same(shown->what, made.what))
      made.served.insert(shown->served.begin(), shown->served.end());
    std::erase_if(held_, [&](const held& one) {
      return one.id == who.id && one.linear == made.linear && one.what.log2_size == made.what.log2_size;
    });
    held_.push_back(made);
    return place_of(who, made, linear, kind);
  }

  auto visible(std::uint32_t id, u64 linear) -> held* {
    held* best = nullptr;
    for (held& one : held_)
      if (one.id == id && one.holds(linear) && (best == nullptr || one.what.log2_size < best->what.log2_size))
        best = &one;
    return best;
  }
  static auto same(const page& a, const page& b) -> bool {
    return a.to == b.to && a.writable == b.writable && a.user == b.user && a.no_execute == b.no_execute && a.c == b.c &&
           a.nested_c == b.nested_c && a.global == b.global && (a.leaf & ~u64{0x60}) == (b.leaf & ~u64{0x60});
  }
  static auto place_of(const agent& who, const held& one, u64 linear, access_kind kind) -> place {
    const u64 where = one.what.to + (linear - one.linear);
    if (who.id == 0) return {where, one.what.c ? 0 : no_key_slot};
    if (who.sev && (one.what.c || kind == access_kind::execute)) return {where, who.id};
    return {where, one.what.nested_c ? 0 : no_key_slot};
  }
  static auto allows(const page& p, access_kind kind, bool user) -> bool {
    if (user && !p.user) return false;
    if (kind == access_kind::write && !p.writable) return false;
    return kind != access_kind::execute || !p.no_execute;
  }

  /// One stage of four levels. `of_guest`: the tables are a guest's, in its own space; else they are the host's or
  /// nested ones, and `address` is what a failure names.
  auto walk_one(u64 root, std::uint32_t guest, u64 address, access_kind kind, bool user, bool nested,
                const agent* of_guest) -> found {
    page result;
    const fault_kind failing = nested ? fault_kind::npf : fault_kind::pf;
    u64 pointer = root;
    for (unsigned level = 4; level >= 1; --level) {
      u64 slot = (pointer & ~c_bit & 0x000f'ffff'ffff'f000) + 8 * (address >> (12 + 9 * (level - 1)) & 511);
      std::uint32_t key = (pointer & c_bit) != 0 ? 0 : no_key_slot;
      if (of_guest != nullptr) {
        const found table = walk_one(of_guest->nested_root, guest, slot, access_kind::write, true, true, nullptr);
        if (!std::holds_alternative<page>(table)) return table;
        const page& there = std::get<page>(table);
        slot = there.to + (slot & ((u64{1} << there.log2_size) - 1));
        key = of_guest->sev ? guest : there.c ? 0 : no_key_slot;
      }
      const auto read = dram.qword(slot, key);
      if (!read) return failure{fault_kind::no_memory, slot};
      const u64 entry = *read;
      if ((entry & 1) == 0) return failure{failing, address};
      const bool leaf = level == 1 || ((entry & 0x80) != 0 && level <= 3);
      u64 zero = of_guest == nullptr ? 0x0007'f800'0000'0000
                 : of_guest->sev     ? 0x0007'0000'0000'0000
                                     : 0x000f'0000'0000'0000;
      if (level == 4) zero |= 0x180;
      if (leaf && level == 3) zero |= 0x3fff'e000;
      if (leaf && level == 2) zero |= 0x001f'e000;
      if ((entry & zero) != 0) return failure{failing, address};
      if ((entry & 0x20) == 0) return unclear{};
      result.writable = result.writable && (entry & 2) != 0;
      result.user = result.user && (entry & 4) != 0;
      result.no_execute = result.no_execute || entry >> 63 != 0;
      pointer = entry;
      if (!leaf) continue;
      result.log2_size = 12 + 9 * (level - 1);
      result.c = (entry & c_bit) != 0;
      result.global = (entry & 0x100) != 0;
      result.leaf = entry;
      result.to = entry & 0x0007'ffff'ffff'f000 & ~((u64{1} << result.log2_size) - 1);
      break;
    }
    // The walker of guest tables and every reference of a guest are user references of the nested tables.
    if (!allows(result, kind, user)) return failure{failing, address};
    if (kind == access_kind::write && (result.leaf & 0x40) == 0) return unclear{};
    return result;
  }

  auto walk_two(const agent& who, u64 linear, access_kind kind, bool user) -> found {
    const found first = walk_one(who.root, who.id, linear, kind, user, false, &who);
    if (!std::holds_alternative<page>(first)) return first;
    page both = std::get<page>(first);
    const u64 physical = both.to + (linear & ((u64{1} << both.log2_size) - 1));
    const found second = walk_one(who.nested_root, who.id, physical, kind, true, true, nullptr);
    if (!std::holds_alternative<page>(second)) return second;
    const page& under = std::get<page>(second);
    both.log2_size = std::min(both.log2_size, under.log2_size);
    const u64 inside = (u64{1} << under.log2_size) - 1;
    both.to = (under.to + (physical & inside)) >> both.log2_size << both.log2_size;
    both.nested_c = under.c;
    return both;
  }

  std::vector<held> held_;
};

}  // namespace sevspec::test::naive

#endif
