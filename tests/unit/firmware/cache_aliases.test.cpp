// SPDX-License-Identifier: MIT
// Where the firmware replaces plaintext by ciphertext, no stale line of either alias is seen afterwards.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <support/bytes.hpp>
#include <support/catch.hpp>
#include <support/firmware_machine.hpp>

#include <sevspec/firmware/dispatch.hpp>
#include <sevspec/memory/cache.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using fw = firmware::status;

/// Memory behind caches that processors and firmware share. Some parts keep the aliases of an sPA coherent, some do not.
struct cached_controller {
  using seed = test_controller::seed;

  mutable test_controller behind;
  mutable memory::tagged_cache<256> cache;

  auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory::memory_status {
    return cache.read(behind, {}, where, key, out);
  }
  auto write(spa where, memory_key key, std::span<const std::uint8_t> in) -> memory::memory_status {
    return cache.write(behind, {}, where, key, in);
  }
  auto install_key(asid id, seed bytes) -> bool { return behind.install_key(id, bytes); }
  void evict(spa where, std::size_t bytes) {
    std::vector<memory::cache_line> held(cache.lines().begin(), cache.lines().end());
    for (const memory::cache_line& one : held)
      if (one.where.value < where.value + bytes && where.value < one.where.value + 64)
        cache.clflush(behind, one.where, one.key);
  }
};
using cached_machine = firmware::machine<cached_controller, map_table, memory::asid_states<15, 2>, scripted_random>;

constexpr std::uint64_t at = 0x10'0000;
constexpr std::uint64_t elsewhere = 0x20'0000;
constexpr memory_key guest_key = memory_key::guest({6});

auto cached(const test_machine<>& from, bool coherent) -> cached_machine {
  return {.memory = {.behind = from.memory, .cache = memory::tagged_cache<256>{coherent}},
          .rmp = from.rmp,
          .random = from.random,
          .hw = from.hw,
          .sp = from.sp};
}
auto seen(const cached_machine& m, std::uint64_t where, memory_key key) -> byte_vector {
  byte_vector bytes(256);
  REQUIRE(m.memory.read({where}, key, bytes) == memory::memory_status::ok);
  return bytes;
}
/// What the guest's bytes are in DRAM.
auto ciphertext_of(const cached_machine& m, std::uint64_t where, const byte_vector& plain) -> byte_vector {
  byte_vector made(plain.size());
  keyed_pad{}.encrypt(*m.memory.behind.keys().find(guest_key), {where}, plain, made);
  return made;
}
auto bytes_from(std::uint8_t first) -> byte_vector {
  byte_vector made(256);
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<std::uint8_t>(first + i * 5);
  return made;
}
/// A guest with ASID 6 that is being launched.
auto launched(bool coherent) -> cached_machine {
  context<> ctx;
  auto m = cached(make_test_machine(false), coherent);
  REQUIRE(firmware::init(ctx, m, layout::cmd_init{}) == fw::success);
  firmware::note_wbinvd_everywhere(m);
  REQUIRE(firmware::df_flush(ctx, m) == fw::success);
  layout::cmd_launch_start start;
  start.set_policy({0x3701'0000});
  REQUIRE(firmware::launch_start(ctx, m, start) == fw::success);
  layout::cmd_activate activate;
  activate.set_handle(1);
  activate.set_asid(6);
  REQUIRE(firmware::activate(ctx, m, activate) == fw::success);
  return m;
}
/// Both aliases see one and the same bytes in DRAM, now and after everything was written back.
void check_aliases(cached_machine& m, std::uint64_t where, const byte_vector& plain) {
  for (const bool written_back : {false, true}) {
    if (written_back) m.memory.cache.wbinvd(m.memory.behind, {});
    CHECK(seen(m, where, memory_key::none()) == ciphertext_of(m, where, plain));
    CHECK(seen(m, where, guest_key) == plain);
    CHECK(seen(m, where, memory_key::host()) != plain);
  }
  byte_vector in_dram(plain.size());
  m.memory.cache.wbinvd(m.memory.behind, {});
  REQUIRE(m.memory.behind.probe({where}, in_dram) == memory::memory_status::ok);
  CHECK(in_dram == ciphertext_of(m, where, plain));
}

}  // namespace

TEST_CASE("LAUNCH_UPDATE_DATA: dirty plaintext in the caches is the guest's, and gone from the plain alias",
          "[firmware][FW-TWK-04][FW-SEV-LUD-01]") {
  const bool coherent = GENERATE(false, true);
  CAPTURE(coherent);
  context<> ctx;
  auto m = launched(coherent);
  static_cast<void>(seen(m, at, guest_key));  // a stale line of the guest's alias
  const auto image = bytes_from(1);
  REQUIRE(m.memory.write({at}, memory_key::none(), image) == memory::memory_status::ok);  // not in DRAM yet
  REQUIRE(m.memory.cache.find({at}, memory_key::none())->dirty);
  layout::cmd_launch_update cmd;
  cmd.set_handle(1);
  cmd.set_paddr(at);
  cmd.set_len(256);
  REQUIRE(firmware::launch_update_data(ctx, m, cmd) == fw::success);
  CHECK(m.sp.guests.at(1).running.value() == crypto::sha256_of(image));  // what was written, not what DRAM held
  check_aliases(m, at, image);
}

TEST_CASE("DBG_ENCRYPT and COPY: what both aliases of the destination held is gone",
          "[firmware][FW-TWK-04][FW-SEV-CPY-01]") {
  const bool coherent = GENERATE(false, true);
  CAPTURE(coherent);
  context<> ctx;
  auto m = launched(coherent);
  const auto plain = bytes_from(9);
  REQUIRE(m.memory.write({elsewhere}, memory_key::none(), plain) == memory::memory_status::ok);
  REQUIRE(m.memory.write({at}, memory_key::none(), bytes_from(77)) == memory::memory_status::ok);
  layout::cmd_dbg cmd;
  cmd.set_handle(1);
  cmd.set_src_paddr(elsewhere);
  cmd.set_dst_paddr(at);
  cmd.set_len(256);
  REQUIRE(firmware::dbg_encrypt(ctx, m, cmd) == fw::success);
  check_aliases(m, at, plain);

  REQUIRE(m.memory.write({elsewhere}, memory_key::none(), bytes_from(55)) == memory::memory_status::ok);
  layout::cmd_copy copy;
  copy.set_handle(1);
  copy.set_src_paddr(at);
  copy.set_dst_paddr(elsewhere);
  copy.set_length(0x1000);
  REQUIRE(firmware::copy(ctx, m, copy) == fw::success);
  check_aliases(m, elsewhere, plain);
  check_aliases(m, at, plain);
}
