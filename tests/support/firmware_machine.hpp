// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_FIRMWARE_MACHINE_HPP
#define SEVSPEC_TESTS_SUPPORT_FIRMWARE_MACHINE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/sev_certificates.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

namespace sevspec::test {

/// Something different for every key and address, and cheap.
struct keyed_pad {
  static constexpr std::size_t key_bytes = 16;
  struct key {
    std::uint64_t word{};
    friend constexpr auto operator==(const key&, const key&) -> bool = default;
  };
  [[nodiscard]] auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key {
    return {layout::read_le<std::uint64_t>(bytes.data()) ^ layout::read_le<std::uint64_t>(bytes.data() + 8) << 1};
  }
  [[nodiscard]] static auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t)
      -> crypto::block {
    crypto::block result{};
    std::ranges::copy(seed, result.begin());
    return result;
  }
  void encrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < in.size(); i += 8) {
      const std::uint64_t pad = (with.word ^ (first.value + i)) * 0x9e37'79b9'7f4a'7c15 + 0x1234'5678'9abc'def1;
      const std::uint64_t mixed = (pad ^ pad >> 29) * 0xbf58'476d'1ce4'e5b9;
      layout::write_le(out.data() + i, layout::read_le<std::uint64_t>(in.data() + i) ^ mixed);
    }
  }
  void decrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    encrypt(with, first, in, out);
  }
};
static_assert(crypto::memory_cipher<keyed_pad>);

/// A Reverse Map Table as a regular value: entries that are not empty, by page.
class map_table {
 public:
  static constexpr std::uint64_t sub_pages = 512;
  explicit map_table(std::uint64_t pages) : pages_(pages) {}

  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return page.value < pages_; }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry {
    const auto found = entries_.find(page.value);
    return found == entries_.end() ? rmp::entry{} : found->second;
  }
  void put(rmp::spfn page, const rmp::entry& what) {
    if (what == rmp::entry{}) entries_.erase(page.value);
    else entries_[page.value] = what;
  }
  void count_pages(asid id, std::int64_t delta) {
    if ((counts_[id] += delta) == 0) counts_.erase(id);
  }
  [[nodiscard]] auto pages_of(asid id) const -> std::int64_t {
    const auto found = counts_.find(id);
    return found == counts_.end() ? 0 : found->second;
  }
  void reset() {
    entries_.clear();
    counts_.clear();
  }
  [[nodiscard]] auto entries() const -> const std::map<std::uint64_t, rmp::entry>& { return entries_; }

  friend auto operator==(const map_table&, const map_table&) -> bool = default;

 private:
  std::uint64_t pages_;
  std::map<std::uint64_t, rmp::entry> entries_;
  std::map<asid, std::int64_t> counts_;
};

/// Gives what it was told to give, then what a seed determines.
struct scripted_random {
  std::deque<std::uint8_t> next{};
  std::uint64_t state = 1;

  void operator()(std::span<std::uint8_t> out) {
    for (std::uint8_t& one : out) {
      if (next.empty()) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        one = static_cast<std::uint8_t>(state >> 56);
      } else {
        one = next.front();
        next.pop_front();
      }
    }
  }
  friend auto operator==(const scripted_random&, const scripted_random&) -> bool = default;
};

using test_controller = memory::controller<keyed_pad, memory::sparse_dram>;
template <std::uint32_t Highest = 15, std::uint32_t Complexes = 2>
using test_machine =
    firmware::machine<test_controller, map_table, memory::asid_states<Highest, Complexes>, scripted_random>;

inline constexpr std::uint64_t test_memory = 0x1000'0000;   ///< 256 MiB
inline constexpr std::uint64_t test_covered = 0x0c00'0000;  ///< of which so much has entries in the table
inline constexpr std::uint64_t test_rmp_base = 0x0800'0000;
inline constexpr std::uint64_t test_rmp_end = 0x080f'ffff;
inline constexpr std::uint64_t test_buffer = 0x0d00'0000;   ///< command buffers: above the table's coverage
inline constexpr std::uint64_t test_scratch = 0x0d10'0000;  ///< for operands, as well

/// An identity that was made once: keys take time.
inline auto cached_identity(const firmware::hardware& hw, const firmware::firmware_release& release)
    -> const firmware::sev_identity& {
  static const firmware::sev_identity made = [&] {
    scripted_random random{.state = 77};
    return firmware::make_identity(random, hw, release);
  }();
  return made;
}

/// Two core complexes of one core each, 15 ASIDs of which 6 to 15 are for SEV, firmware 1.55 build 15.
/// @param snp  the cores are ready for SNP_INIT
template <std::uint32_t Highest = 15, std::uint32_t Complexes = 2>
auto make_test_machine(bool snp = true) -> test_machine<Highest, Complexes> {
  test_machine<Highest, Complexes> made{.memory{keyed_pad{}, memory::sparse_dram{test_memory}, Highest + 1},
                                        .rmp = map_table{test_covered / 4096}};
  made.hw.threads.clear();
  for (std::uint32_t i = 0; i < Complexes; ++i) {
    firmware::cpu_thread one{.apic_id = i, .complex = i};
    one.registers.syscfg = firmware::syscfg_bits::mem_encryption_mod_en;
    if (snp) one.registers.syscfg = firmware::syscfg_bits::for_snp;
    one.registers.hwcr = firmware::hwcr_smm_lock;
    one.registers.rmp_base = snp ? test_rmp_base : 0;
    one.registers.rmp_end = snp ? test_rmp_end : 0;
    made.hw.threads.push_back(one);
  }
  made.hw.max_asid = Highest;
  made.hw.min_sev_asid = 6;
  made.hw.dram = {{{0}, test_memory}};
  for (std::size_t i = 0; i < 48; ++i) made.hw.chip_secret[i] = static_cast<std::uint8_t>(3 * i + 1);
  for (std::size_t i = 0; i < 64; ++i) made.hw.chip_id[i] = static_cast<std::uint8_t>(200 - i);
  made.sp.current = {.api_major = 1, .api_minor = 55, .build = 15, .tcb = 0x0303'0000'0000'0102};
  made.sp.committed = made.sp.current;
  made.sp.flash = cached_identity(made.hw, made.sp.current);
  static_cast<void>(made.memory.install_key(host_asid, crypto::block{0xee, 0x55}));
  return made;
}

/// Everything that a command could have changed, to be compared.
template <class Machine>
auto same_state(const Machine& a, const Machine& b) -> bool {
  return a.memory.chips() == b.memory.chips() && a.rmp == b.rmp && a.asids == b.asids && a.random == b.random &&
         a.hw == b.hw && a.sp == b.sp;
}

/// Raw bytes in memory.
template <class Machine>
void poke(Machine& m, std::uint64_t where, std::span<const std::uint8_t> bytes) {
  Expects(m.memory.inject({where}, bytes) == memory::memory_status::ok);
}
template <class Machine>
auto peek(const Machine& m, std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> bytes(size);
  Expects(m.memory.probe({where}, bytes) == memory::memory_status::ok);
  return bytes;
}
/// What the guest with an ASID reads.
template <class Machine>
auto peek_guest(const Machine& m, asid id, std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> bytes(size);
  Expects(m.memory.read({where}, memory_key::guest(id), bytes) == memory::memory_status::ok);
  return bytes;
}

/// RMPUPDATE by the hypervisor; it must succeed.
template <class Machine>
void rmp_update(Machine& m, std::uint64_t page, rmp::new_state wanted) {
  context<> ctx;
  const auto done = rmp::rmpupdate(ctx, m.rmp, {}, {}, {page}, wanted);
  Expects(done.has_value() && done->eax == rmp::status::success);
}
/// Gives a page to the firmware.
template <class Machine>
void give_page(Machine& m, std::uint64_t page) {
  rmp_update(m, page, {.assigned = true, .immutable = true});
}

/// The key and certificate of somebody who talks to platforms.
struct session_peer {
  crypto::p384_private_key key;
  layout::sev_cert certificate;
};
inline auto make_peer(std::uint64_t seed) -> session_peer {
  scripted_random random{.state = seed};
  const auto key = crypto::p384_private_key::generate(random);
  auto made = firmware::make_certificate(key, firmware::key_usage::pdh, firmware::key_algorithm::ecdh_sha256, {});
  return {key, made.certificate};
}

}  // namespace sevspec::test

#endif
