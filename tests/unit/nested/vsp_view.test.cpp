// SPDX-License-Identifier: MIT
// What a virtual AMD-SP reads from L1, it reads once; what it writes, it writes when the command is decided.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <support/catch.hpp>

#include <sevspec/nested/vsp_commands.hpp>
#include <sevspec/nested/vsp_memory.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::nested;

/// Memory that is different each time somebody looks: another processor of L1 writes all the time.
struct restless_memory {
  using seed = std::span<const std::uint8_t, 16>;
  std::uint8_t looks = 0;
  std::vector<std::pair<std::uint64_t, std::vector<std::uint8_t>>> writes{};
  std::vector<memory_key> keys{};

  auto read(spa, memory_key key, std::span<std::uint8_t> out) -> memory::memory_status {
    std::ranges::fill(out, ++looks);
    keys.push_back(key);
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key key, std::span<const std::uint8_t> in) -> memory::memory_status {
    writes.push_back({where.value, {in.begin(), in.end()}});
    keys.push_back(key);
    return memory::memory_status::ok;
  }
};

const page_backings map{{0, {{7}, false}}, {1, {{3}, false}}, {2, {{9}, true}}};
constexpr auto plain = memory_key::none();
const auto nothing_hidden = [](std::uint64_t) { return false; };

}  // namespace

TEST_CASE("every page is read once", "[nested][NES-SP-02][NEST-VSP-10]") {
  restless_memory below;
  const hidden_pages hidden;
  const asid_map asids;
  l1_view view{below, map, hidden, asids, {1}, false};
  std::array<std::uint8_t, 8> first{};
  std::array<std::uint8_t, 8> second{};
  REQUIRE(view.read({0x10}, plain, first) == memory::memory_status::ok);
  REQUIRE(view.read({0x10}, memory_key::host(), second) == memory::memory_status::ok);
  CHECK(first == second);
  CHECK(view.original(0x10, 8) == std::vector<std::uint8_t>(first.begin(), first.end()));
  CHECK(below.looks == 1);
  REQUIRE(view.read({0xffc}, plain, second) == memory::memory_status::ok);  // and the next page
  CHECK(below.looks == 2);
  CHECK(second == std::array<std::uint8_t, 8>{1, 1, 1, 1, 2, 2, 2, 2});
}

TEST_CASE("nothing is written before the command is decided", "[nested][NEST-VSP-03][NEST-VSP-10]") {
  restless_memory below;
  const hidden_pages hidden;
  const asid_map asids;
  l1_view view{below, map, hidden, asids, {1}, false};
  const std::array<std::uint8_t, 4> bytes{0xa, 0xb, 0xc, 0xd};
  REQUIRE(view.write({0xffe}, plain, bytes) == memory::memory_status::ok);
  CHECK(below.writes.empty());
  std::array<std::uint8_t, 4> seen{};
  REQUIRE(view.read({0xffe}, plain, seen) == memory::memory_status::ok);
  CHECK(seen == bytes);
  CHECK(view.original(0xffe, 1).front() == 1);
  view.commit(nothing_hidden);
  REQUIRE(below.writes.size() == 2);  // page by page, where the pages are
  CHECK(below.writes[0] == std::pair{std::uint64_t{0x7ffe}, std::vector<std::uint8_t>{0xa, 0xb}});
  CHECK(below.writes[1] == std::pair{std::uint64_t{0x3000}, std::vector<std::uint8_t>{0xc, 0xd}});
}

TEST_CASE("pages that L1 does not reach stay with the virtual AMD-SP", "[nested][NEST-VSP-21]") {
  restless_memory below;
  const hidden_pages hidden{{1, page_bytes{0x77}}};
  const asid_map asids;
  l1_view view{below, map, hidden, asids, {1}, false};
  std::array<std::uint8_t, 2> seen{};
  REQUIRE(view.read({0x1000}, plain, seen) == memory::memory_status::ok);
  CHECK(seen == std::array<std::uint8_t, 2>{0x77, 0});
  CHECK(below.looks == 0);
  REQUIRE(view.write({0x1000}, plain, std::array<std::uint8_t, 1>{0x78}) == memory::memory_status::ok);
  view.commit([](std::uint64_t page) { return page == 1; });
  CHECK(below.writes.empty());
}

TEST_CASE("private pages, and what is no memory, do not answer", "[nested][NEST-VSP-12]") {
  restless_memory below;
  const hidden_pages hidden;
  const asid_map asids;
  l1_view view{below, map, hidden, asids, {1}, true};
  std::array<std::uint8_t, 8> bytes{};
  CHECK(view.read({0x2000}, plain, bytes) == memory::memory_status::no_memory);
  CHECK(view.read({0x1ffc}, plain, bytes) == memory::memory_status::no_memory);
  CHECK(view.write({0x3000}, plain, bytes) == memory::memory_status::no_memory);
  CHECK(view.read({~std::uint64_t{0} - 3}, plain, bytes) == memory::memory_status::no_memory);
  CHECK(view.original(0x2000, 2) == std::vector<std::uint8_t>(2));
  CHECK(below.looks == 0);
}

TEST_CASE("guests' memory goes through the machine's key, or not at all", "[nested][NES-ASID-01][NES-SP-01]") {
  const hidden_pages hidden;
  asid_map asids;
  asids.force({1}, asid{2}, asid{11});
  std::array<std::uint8_t, 8> bytes{};
  restless_memory below;
  l1_view with{below, map, hidden, asids, {1}, true};
  CHECK(with.write({0}, memory_key::guest(asid{2}), bytes) == memory::memory_status::ok);
  CHECK(below.keys == std::vector{memory_key::guest(asid{11})});
  CHECK(with.write({0}, memory_key::guest(asid{3}), bytes) == memory::memory_status::no_key);
  restless_memory untouched;
  l1_view without{untouched, map, hidden, asids, {1}, false};
  bytes.fill(9);
  CHECK(without.write({0}, memory_key::guest(asid{2}), bytes) == memory::memory_status::ok);
  CHECK(without.read({0}, memory_key::guest(asid{2}), bytes) == memory::memory_status::ok);
  CHECK(bytes == std::array<std::uint8_t, 8>{});
  CHECK(untouched.keys.empty());
}

TEST_CASE("what a command was made to believe is not written", "[nested][NES-SP-03]") {
  restless_memory below;
  const hidden_pages hidden;
  const asid_map asids;
  l1_view view{below, map, hidden, asids, {1}, false};
  view.pretend(4, std::array<std::uint8_t, 2>{0, 0});
  std::array<std::uint8_t, 8> buffer{};
  REQUIRE(view.read({0}, plain, buffer) == memory::memory_status::ok);
  CHECK(buffer == std::array<std::uint8_t, 8>{1, 1, 1, 1, 0, 0, 1, 1});
  buffer[0] = 5;
  REQUIRE(view.write({0}, plain, buffer) == memory::memory_status::ok);
  view.commit(nothing_hidden);
  CHECK(below.writes.at(0).second == std::vector<std::uint8_t>{5, 1, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("every command has a class", "[nested][NEST-VSP-14][NEST-VSP-15][NEST-VSP-16][NEST-VSP-17][NEST-VSP-18]") {
  const auto of = [](command_id id) { return find_forwarding(static_cast<std::uint32_t>(id))->who; };
  using enum command_class;
  for (const auto id : {command_id::init, command_id::shutdown, command_id::platform_status, command_id::df_flush,
                        command_id::guest_status, command_id::snp_init_ex, command_id::snp_config,
                        command_id::snp_vlek_load, command_id::snp_guest_status_, command_id::snp_feature_info_})
    CHECK(of(id) == own);
  for (const auto id : {command_id::pek_csr, command_id::pdh_cert_export, command_id::get_id}) CHECK(of(id) == shown);
  for (const auto id : {command_id::pek_gen, command_id::pek_cert_import, command_id::pdh_gen}) CHECK(of(id) == kept);
  for (const auto id : {command_id::download_firmware, command_id::snp_download_firmware_ex,
                        command_id::snp_verify_mitigation, command_id::ring_buffer})
    CHECK(of(id) == refused);
  for (const auto id : {command_id::snp_page_reclaim, command_id::snp_page_unsmash, command_id::snp_page_set_state})
    CHECK(of(id) == pages);
  for (const auto id : {command_id::launch_start, command_id::copy, command_id::swap_in, command_id::attestation,
                        command_id::snp_gctx_create, command_id::snp_launch_update, command_id::snp_guest_request,
                        command_id::snp_page_md_init})
    CHECK(of(id) == forwarded);
  CHECK(find_forwarding(0x7f) == nullptr);
  // Operands lie inside their buffers.
  for (const forwarding& row : forwarding_table)
    for (const operand& one : row.operands) {
      if (one.kind == operand_kind::none) continue;
      const bool word =
          one.kind == operand_kind::handle || one.kind == operand_kind::shared || one.kind == operand_kind::asid;
      const auto* const info = firmware::find_command(static_cast<std::uint32_t>(row.id));
      INFO(info->name);
      CHECK(one.at + (word ? 4U : 8U) <= info->buffer_bytes);
      const bool by_field = one.size == operand_size::field || one.size == operand_size::flagged;
      if (by_field) CHECK(one.length + 4U <= info->buffer_bytes);
    }
}
