// SPDX-License-Identifier: MIT
// sevspec tour, part 2: one page, one secret, and everybody who looks at it.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/cpu/access.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/rmp/guarded_memory.hpp>

#include "rule_text.hpp"
#include "tour.hpp"

namespace sevspec::tool {

namespace {

using secret = std::array<std::uint8_t, 16>;
using chips = memory::controller<crypto::aes128_xex, memory::sparse_dram>;

constexpr spa secret_page{0x10'0000};
constexpr spa other_page{0x10'1000};
constexpr asid guest_a{1};
constexpr asid guest_b{2};

/// Linear addresses from here on reach the same memory as those from 0 on, with the other C-bit.
constexpr std::uint64_t alias = std::uint64_t{1} << 30;

[[nodiscard]] auto text_bytes(std::string_view text) -> secret {
  secret bytes{};
  std::ranges::copy(text.substr(0, bytes.size()), bytes.begin());
  return bytes;
}

/// The text, or the first bytes in hexadecimal.
[[nodiscard]] auto shown(const secret& bytes) -> std::string {
  if (std::ranges::all_of(bytes, [](std::uint8_t one) { return one >= 0x20 && one < 0x7f; }))
    return fmt::format("\"{}\"", std::string(bytes.begin(), bytes.end()));
  std::string hex;
  for (std::size_t i = 0; i < 8; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex + "..";
}

/// A Reverse Map Table in which guest A owns one page.
struct one_page {
  static constexpr std::uint64_t sub_pages = 512;
  rmp::spfn owned;
  [[nodiscard]] auto covers(rmp::spfn) const -> bool { return true; }
  [[nodiscard]] auto entry_of(rmp::spfn which) const -> rmp::entry {
    return which == owned ? rmp::entry{.assigned = true, .validated = true, .id = guest_a, .guest = {secret_page.value}}
                          : rmp::entry{};
  }
};

/// A host and two SEV guests on a Zen 3 part. All tables map the first GiB to itself.
class machine_of_three {
 public:
  machine_of_three()
      : memory_{crypto::aes128_xex{crypto::drawn_tweak_constants(2026)}, memory::sparse_dram{std::uint64_t{1} << 30},
                510} {
    const std::array<std::uint8_t, 16> host_key{0x11, 0x01}, key_a{0xaa, 0x02}, key_b{0xbb, 0x03};
    if (!memory_.install_key(host_asid, host_key) || !memory_.install_key(guest_a, key_a) ||
        !memory_.install_key(guest_b, key_b))
      throw std::logic_error("no slot for a key");
    const std::uint64_t c_bit = std::uint64_t{1} << part_.c_bit;
    map(0x1000, memory_key::none(), 0, 0);              // nested tables of both guests
    map(0x3000, memory_key::guest(guest_a), c_bit, 0);  // a guest: private below 1 GiB, shared above
    map(0x5000, memory_key::guest(guest_b), c_bit, 0);
    map(0x7000, memory_key::none(), 0, c_bit);  // the host: plain below 1 GiB, its own key above
  }

  /// What a guest reads of a page.
  [[nodiscard]] auto guest_reads(asid who, spa page, bool is_private) -> secret {
    secret seen{};
    require(
        cpu::read(ctx_, memory_, no_tlb_, regime_of(who), {who}, gva{page.value + (is_private ? 0 : alias)}, {}, seen));
    return seen;
  }
  void guest_writes(asid who, spa page, const secret& what) {
    require(cpu::write(ctx_, memory_, no_tlb_, regime_of(who), {who}, gva{page.value}, write_, what));
  }

  [[nodiscard]] auto host_reads(spa page, bool with_its_key) -> secret {
    secret seen{};
    require(
        cpu::read(ctx_, memory_, no_tlb_, host_regime(), {}, hva{page.value + (with_its_key ? alias : 0)}, {}, seen));
    return seen;
  }
  void host_writes(spa page, const secret& what) {
    require(cpu::write(ctx_, memory_, no_tlb_, host_regime(), {}, hva{page.value}, write_, what));
  }

  [[nodiscard]] auto device_reads(spa page) -> secret {
    secret seen{};
    if (!memory::dma_read(ctx_, memory_, {.c_bit = part_.c_bit}, {page.value}, seen))
      throw std::logic_error("the device's reference was aborted");
    return seen;
  }
  [[nodiscard]] auto processor_reads(spa page, asid key) -> secret {
    secret seen{};
    (void)memory_.read(page, memory_key::guest(key), seen);
    return seen;
  }
  [[nodiscard]] auto probe_reads(spa page) -> secret {
    secret seen{};
    (void)memory_.probe(page, seen);
    return seen;
  }

  /// The host's write once SEV-SNP is on and the page belongs to guest A.
  [[nodiscard]] auto host_writes_under_snp(spa page, const secret& what) -> outcome<void> {
    const one_page reverse_map{page_of(page)};
    rmp::guarded_memory guarded{memory_, reverse_map};
    paging::host_regime snp = host_regime();
    snp.snp_enabled = true;
    return cpu::write(ctx_, guarded, no_tlb_, snp, {}, hva{page.value}, write_, what);
  }

 private:
  static constexpr std::uint64_t encryption_on = std::uint64_t{1} << 23;

  static void require(const outcome<void>& done) {
    if (!done) throw std::logic_error(fmt::format("unexpected {}", name_of(done.error().kind)));
  }

  /// Two GiB of linear addresses that both reach the first GiB of memory, with a C-bit each.
  void map(std::uint64_t root, memory_key key, std::uint64_t low_c, std::uint64_t high_c) {
    const auto put = [&](std::uint64_t where, std::uint64_t entry) {
      (void)memory::write_qword_at(memory_, {where}, key, entry);
    };
    put(root, (root + 0x1000) | 0x67);
    put(root + 0x1000, 0xe7 | low_c);
    put(root + 0x1008, 0xe7 | high_c);
  }

  [[nodiscard]] auto regime_of(asid who) -> paging::two_stage_regime {
    const auto registers = paging::long_mode_registers(who == guest_a ? 0x3000 : 0x5000);
    const auto made = paging::make_two_stage_regime(ctx_, part_,
                                                    {.host = paging::long_mode_registers(0x7000),
                                                     .syscfg = encryption_on,
                                                     .guest = registers,
                                                     .ncr3 = 0x1000,
                                                     .np_control = 3,
                                                     .id = who});
    if (!made) throw std::logic_error(made.error().reason);
    return *made;
  }
  [[nodiscard]] auto host_regime() -> paging::host_regime {
    const auto made = paging::make_host_regime(ctx_, part_, paging::long_mode_registers(0x7000), encryption_on);
    if (!made) throw std::logic_error(made.error().reason);
    return *made;
  }

  static constexpr memory_access write_{.kind = access_kind::write};
  cpu_part part_ = part_of(generation::milan);
  context<> ctx_;
  chips memory_;
  paging::no_translation_cache no_tlb_;
};

struct onlooker {
  const char* name;
  secret (*reads)(machine_of_three&, spa);
};

const std::array<onlooker, 8> onlookers{{
    {"guest A, private", [](machine_of_three& m, spa page) { return m.guest_reads(guest_a, page, true); }},
    {"guest A, as shared", [](machine_of_three& m, spa page) { return m.guest_reads(guest_a, page, false); }},
    {"guest B, private", [](machine_of_three& m, spa page) { return m.guest_reads(guest_b, page, true); }},
    {"host", [](machine_of_three& m, spa page) { return m.host_reads(page, false); }},
    {"host, C-bit set", [](machine_of_three& m, spa page) { return m.host_reads(page, true); }},
    {"device", [](machine_of_three& m, spa page) { return m.device_reads(page); }},
    {"AMD-SP, key of A", [](machine_of_three& m, spa page) { return m.processor_reads(page, guest_a); }},
    {"probe on the bus", [](machine_of_three& m, spa page) { return m.probe_reads(page); }},
}};

/// What every onlooker sees of one page.
[[nodiscard]] auto all_see(machine_of_three& machine, spa page) -> std::vector<secret> {
  std::vector<secret> seen;
  for (const onlooker& one : onlookers) seen.push_back(one.reads(machine, page));
  return seen;
}

}  // namespace

void show_who_can_read(checker& verdict) {
  machine_of_three machine;
  const secret first = text_bytes("attack at dawn!!");
  const secret second = text_bytes("retreat at noon!");
  constexpr std::size_t guest = 0;
  constexpr std::size_t processor = 6;

  machine.guest_writes(guest_a, secret_page, first);
  const auto written = all_see(machine, secret_page);
  const secret ciphertext = machine.host_reads(secret_page, false);
  machine.host_writes(other_page, ciphertext);
  const auto moved = all_see(machine, other_page);
  machine.guest_writes(guest_a, secret_page, second);
  machine.host_writes(secret_page, ciphertext);
  const auto replayed = all_see(machine, secret_page);

  fmt::print(
      "sevspec tour, part 2: who can read a guest's memory\n\n{}\n\n",
      wrapped("Guest A of a SEV host (Zen 3: AES-128 with a tweak for every address) writes 16 bytes into a private "
              "page p. The host copies the ciphertext to page q. Then the guest writes something else, and the "
              "host puts the old ciphertext back. What everybody reads:",
              line_width, 0));
  fmt::print("  {:20}  {:20}  {:24}  {}\n", "who", "p, just written", "q, ciphertext moved there",
             "p, old ciphertext back");
  for (std::size_t i = 0; i < onlookers.size(); ++i)
    fmt::print("  {:20}  {:20}  {:24}   {}\n", onlookers[i].name, shown(written[i]), shown(moved[i]),
               shown(replayed[i]));
  fmt::print("\n");

  const auto readers = [&](const std::vector<secret>& seen, const secret& what) {
    return std::ranges::count(seen, what);
  };
  verdict.check(written[guest] == first && written[processor] == first && readers(written, first) == 2,
                "Only the guest, and the AMD-SP with the guest's key, read the secret.");
  verdict.check(readers(moved, first) == 0, "Moved ciphertext is garbage to everybody: the tweak is another.");
  verdict.check(replayed[guest] == first,
                "Old ciphertext at its old place is the old secret again: SEV does not notice.");

  const outcome<void> refused = machine.host_writes_under_snp(secret_page, ciphertext);
  const bool stopped = !refused && refused.error().kind == fault_kind::pf && refused.error().code == 0x8000'0003;
  verdict.check(stopped, "With SEV-SNP the host's write is #PF 0x80000003, and nothing changes:");
  if (!refused) print_rule(refused.error().decided_by);
}

}  // namespace sevspec::tool
