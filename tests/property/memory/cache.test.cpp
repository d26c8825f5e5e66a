// SPDX-License-Identifier: MIT
// A cache over a memory controller, and its twin: a map of lines over a map of bytes, a byte at a time. Whatever
// happens in whatever order, every reference returns the same, and in the end both hold the same lines and DRAM the
// same bytes.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <property/property.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>
#include <sevspec/memory/vm_page_flush.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;

namespace {

using u64 = std::uint64_t;
using u8 = std::uint8_t;

constexpr std::size_t capacity = 5;
constexpr u64 first_byte = 0x2f00;  // six lines, over a page boundary
constexpr u64 span_bytes = 6 * 64;

class twin_cache {
 public:
  explicit twin_cache(bool coherent) : coherent_(coherent) {}

  struct line {
    unsigned number{};  // of arrival
    unsigned holder{};
    bool dirty{};
    std::map<u64, u8> bytes;
  };
  using tag = std::pair<u64, std::uint32_t>;

  auto read(unsigned by, u64 where, std::uint32_t key) -> u8 { return bring(by, where, key).bytes[where]; }
  void write(unsigned by, u64 where, std::uint32_t key, u8 value) {
    line& at = bring(by, where, key);
    at.bytes[where] = value;
    at.dirty = true;
  }
  template <class Which>
  void write_back(const Which& which) {
    // In the order of arrival, for of two aliases the later one wins.
    std::map<unsigned, tag> order;
    for (const auto& [name, at] : lines) order[at.number] = name;
    for (const auto& [number, name] : order) {
      line& at = lines[name];
      if (!which(name, at) || !at.dirty) continue;
      for (const auto& [where, value] : at.bytes) dram[where] = static_cast<u8>(value ^ pad(name.second, where));
      at.dirty = false;
    }
  }
  template <class Which>
  void drop(const Which& which) {
    std::erase_if(lines, [&](const auto& entry) { return which(entry.first, entry.second); });
  }
  template <class Which>
  void flush(const Which& which) {
    write_back(which);
    drop(which);
  }
  auto oldest(std::size_t n = 0) const -> std::optional<tag> {
    std::map<unsigned, tag> order;
    for (const auto& [name, at] : lines) order[at.number] = name;
    for (const auto& [number, name] : order)
      if (n-- == 0) return name;
    return {};
  }
  auto raw(u64 where) -> u8 { return dram[where]; }
  auto through(std::uint32_t key, u64 where) -> u8 { return static_cast<u8>(dram[where] ^ pad(key, where)); }

  static auto pad(std::uint32_t key, u64 where) -> u8 {
    if (key == memory_key::plaintext) return 0;
    return pad_byte(key == 0 ? 0x10 : key == 5 ? 0x50 : 0x60, where);
  }

  std::map<tag, line> lines;
  std::map<u64, u8> dram;

 private:
  auto bring(unsigned by, u64 where, std::uint32_t key) -> line& {
    const tag name{where / 64, key};
    if (!lines.contains(name)) {
      if (coherent_) flush([&](const tag& other, const line&) { return other.first == name.first; });
      if (lines.size() == capacity) {
        const tag victim = *oldest();
        flush([&](const tag& other, const line&) { return other == victim; });
      }
      line fresh{.number = ++arrivals_, .holder = by, .dirty = false, .bytes = {}};
      for (u64 at = name.first * 64; at < name.first * 64 + 64; ++at) fresh.bytes[at] = through(key, at);
      lines[name] = fresh;
    }
    line& found = lines[name];
    found.holder = by;
    return found;
  }

  bool coherent_;
  unsigned arrivals_ = 0;
};

struct step {
  int what{};
  u64 where{};
  std::size_t bytes{};
  int key{};
  unsigned by{};
  u8 value{};
};

auto operator<<(std::ostream& out, const step& s) -> std::ostream& {
  return out << "{" << s.what << " at " << s.where << " +" << s.bytes << " key " << s.key << " by " << s.by << " value "
             << int{s.value} << "}";
}

auto steps() -> rc::Gen<std::vector<step>> {
  return rc::gen::container<std::vector<step>>(rc::gen::construct<step>(
      rc::gen::weightedElement<int>({{8, 0}, {8, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 5}, {2, 6}, {2, 7}, {2, 8}, {2, 9}}),
      rc::gen::inRange<u64>(first_byte, first_byte + span_bytes - 80), rc::gen::inRange<std::size_t>(1, 80),
      rc::gen::inRange(0, 4), rc::gen::inRange(0U, 2U), rc::gen::arbitrary<u8>()));
}

void run(bool coherent, const std::vector<step>& plan, tally& classes) {
  constexpr std::array keys{plain_key, host_key, guest_key, other_key};
  memory_machine m;
  tagged_cache<capacity> cache(coherent);
  twin_cache twin(coherent);
  context<> ctx;
  using tag = twin_cache::tag;
  using line = twin_cache::line;

  for (const step& s : plan) {
    const memory_key key = keys[static_cast<std::size_t>(s.key)];
    cached_memory cpu{m.memory, cache, {s.by}};
    snooping_memory device{m.memory, cache};
    std::vector<u8> bytes(s.bytes);
    const auto held = [&](const tag&, const line& at) { return at.holder == s.by; };
    const auto touched = [&](const tag& name, const line&) {
      return name.second == key.slot && name.first >= s.where / 64 && name.first <= (s.where + s.bytes - 1) / 64;
    };
    classes.add("dropped dirty lines", s.what == 4 && std::ranges::any_of(twin.lines, [&](const auto& entry) {
                                         return entry.second.holder == s.by && entry.second.dirty;
                                       }));
    const std::size_t before = twin.lines.size();
    switch (s.what) {
      case 0:
        RC_ASSERT(cpu.read({s.where}, key, bytes) == memory_status::ok);
        for (std::size_t i = 0; i < s.bytes; ++i) RC_ASSERT(bytes[i] == twin.read(s.by, s.where + i, key.slot));
        break;
      case 1:
        for (std::size_t i = 0; i < s.bytes; ++i) bytes[i] = static_cast<u8>(s.value + i);
        RC_ASSERT(cpu.write({s.where}, key, bytes) == memory_status::ok);
        for (std::size_t i = 0; i < s.bytes; ++i) twin.write(s.by, s.where + i, key.slot, bytes[i]);
        break;
      case 2:
        cache.wbinvd(m.memory, {s.by});
        twin.flush(held);
        break;
      case 3:
        cache.wbnoinvd(m.memory, {s.by});
        twin.write_back(held);
        break;
      case 4:
        invd(ctx, cache, m.memory, {s.by}, 0);
        twin.drop(held);
        break;
      case 5:
        cache.clflush(m.memory, {s.where}, key);
        twin.flush([&](const tag& name, const line&) {
          return name.first == s.where / 64 && (coherent || name.second == key.slot);
        });
        break;
      case 6:
        if (const auto done = write_vm_page_flush(ctx, {.present = true, .highest = {7}}, cache, m.memory,
                                                  (s.where & ~u64{0xfff}) | (key == plain_key ? 0 : key.slot),
                                                  [](hva page) -> outcome<spa> { return spa{page.value}; });
            done)
          twin.flush([&](const tag& name, const line&) {
            return name.first / 64 == s.where / 4096 && name.second == key.slot;
          });
        else RC_ASSERT(key == plain_key || key == host_key);
        break;
      case 7:
        if (const auto victim = twin.oldest(s.value % capacity)) {
          cache.evict(m.memory, s.value % capacity);
          twin.flush([&](const tag& name, const line&) { return name == *victim; });
        }
        break;
      case 8:
        RC_ASSERT(device.read({s.where}, key, bytes) == memory_status::ok);
        twin.write_back(touched);
        for (std::size_t i = 0; i < s.bytes; ++i) RC_ASSERT(bytes[i] == twin.through(key.slot, s.where + i));
        break;
      case 9:
        for (std::size_t i = 0; i < s.bytes; ++i) bytes[i] = static_cast<u8>(s.value ^ i);
        RC_ASSERT(device.write({s.where}, key, bytes) == memory_status::ok);
        twin.flush(touched);
        for (std::size_t i = 0; i < s.bytes; ++i)
          twin.dram[s.where + i] = static_cast<u8>(bytes[i] ^ twin_cache::pad(key.slot, s.where + i));
        break;
      default: RC_FAIL("no such step");
    }
    classes.add("lines went", twin.lines.size() < before);

    std::size_t n = 0;
    RC_ASSERT(cache.lines().size() == twin.lines.size());
    std::map<u64, int> contexts;
    for (const cache_line& at : cache.lines()) {
      const auto name = twin.oldest(n++);
      RC_ASSERT(name == tag(at.where.value / 64, at.key.slot));
      const line& other = twin.lines[*name];
      RC_ASSERT(other.holder == at.holder.value);
      RC_ASSERT(other.dirty == at.dirty);
      for (std::size_t i = 0; i < 64; ++i) RC_ASSERT(other.bytes.at(at.where.value + i) == at.data[i]);
      ++contexts[at.where.value];
    }
    for (const auto& [where, count] : contexts) {
      RC_ASSERT(!coherent || count == 1);
      classes.add("aliases", count > 1);
    }
    classes.add("full", cache.lines().size() == capacity);
  }
  for (u64 where = first_byte; where < first_byte + span_bytes; ++where) {
    std::array<u8, 1> byte{};
    (void)m.memory.probe({where}, byte);
    RC_ASSERT(byte[0] == twin.raw(where));
  }
}

}  // namespace

TEST_CASE("ENC-COH-07: the cache is its twin", "[memory][ENC-COH-01][ENC-COH-02][ENC-COH-07][PAG-COH-02]") {
  for (const bool coherent : {false, true}) {
    tally classes;
    property(coherent ? "coherent" : "not coherent", 1500, [&] { run(coherent, *steps(), classes); });
    check_none_empty(coherent ? "coherent" : "not coherent", classes, {"dropped dirty lines", "lines went", "full"});
    if (!coherent) check_none_empty("contexts", classes, {"aliases"});
  }
}
