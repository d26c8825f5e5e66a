// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;

namespace {

using owners = rmp::page_owners<rmp_pages>;
using hiding = ciphertext_hiding<context<>, memory_machine::controller, owners>;
static_assert(page_owner_lookup<owners> && byte_memory<hiding> && physical_memory<hiding>);
static_assert(!memory::guarded_memory<hiding, context<>>);

struct hidden_machine : memory_machine {
  context<> ctx{};
  owners asked{rmp};
  hiding_setup setup{.enabled = true, .max_snp = {5}};

  hidden_machine() {
    put(private_page, guest_key, 0x1234);
    put(shared_page, plain_key, 0x5678);
    put(shared_page + 0xff8, plain_key, 0x5678);
  }
  auto view(reading_agent agent = reading_agent::processor) { return hiding{ctx, memory, asked, setup, agent}; }
  auto read(std::uint64_t where, memory_key key, reading_agent agent = reading_agent::processor) -> std::uint64_t {
    return view(agent).read_qword({where}, key).value_or(0xbad);
  }
};

constexpr std::uint64_t ones = ~std::uint64_t{0};

/// A table of pages 0 to 7, of which 4 to 7 are one large page of guest 3.
struct large_page {
  static constexpr std::uint64_t sub_pages = 4;
  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return page.value < 8; }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry {
    if (page.value == 4) return {.assigned = true, .large = true, .id = {3}};
    return {};
  }
};

}  // namespace

TEST_CASE("ENC-HIDE-02: host reads of an SNP guest's page give FFh", "[memory][ENC-HIDE-02]") {
  hidden_machine m;
  CHECK(m.read(m.private_page, plain_key) == ones);  // vector 17
  CHECK(m.read(m.private_page, host_key) == ones);
  CHECK(m.read(m.private_page + 0xff8, plain_key) == ones);
  CHECK(m.read(m.private_page, guest_key) == 0x1234);
  CHECK(m.read(m.shared_page, plain_key) == 0x5678);
  CHECK(m.read(m.shared_page, host_key) == m.get(m.shared_page, host_key));

  // The guest's part of a read that reaches into its page, and nothing else.
  std::vector<std::uint8_t> bytes(0x1100);
  CHECK(m.view().read({m.shared_page + 0xff8}, plain_key, bytes) == memory_status::ok);
  CHECK(bytes[0] == 0x78);
  CHECK(std::all_of(bytes.begin() + 8, bytes.begin() + 0x1008, [](std::uint8_t b) { return b == 0xff; }));
  CHECK(std::all_of(bytes.begin() + 0x1008, bytes.end(), [](std::uint8_t b) { return b == 0; }));

  m.setup.enabled = false;
  CHECK(m.read(m.private_page, plain_key) == m.get(m.private_page, plain_key));
  CHECK(m.read(m.private_page, plain_key) != ones);
}

TEST_CASE("ENC-HIDE-02: writes and errors are the memory's own", "[memory][ENC-HIDE-02]") {
  hidden_machine m;
  auto view = m.view();
  const std::array<std::uint8_t, 8> bytes{1};
  CHECK(view.write({m.private_page}, guest_key, bytes) == memory_status::ok);
  CHECK(m.get(m.private_page, guest_key) == 1);
  CHECK(view.compare_exchange_qword({m.private_page}, guest_key, 1, 2));
  CHECK_FALSE(view.compare_exchange_qword({m.private_page}, guest_key, 1, 3));
  CHECK(m.get(m.private_page, guest_key) == 2);
  CHECK(view.read_qword({0x40'0000}, plain_key) == std::nullopt);
  CHECK(view.read_qword({m.private_page}, memory_key::guest({7})) == std::nullopt);
  // Page ownership is asked through it.
  ciphertext_hiding over{m.ctx, m.guarded, m.asked, m.setup};
  static_assert(memory::guarded_memory<decltype(over), context<>>);
  CHECK(over.check_ownership(m.ctx, {.where = {m.private_page}, .kind = access_kind::write}).what ==
        ownership_verdict::kind::violation);
}

TEST_CASE("ENC-HIDE-03: guests above MAX_SNP_ASID are not covered", "[memory][ENC-HIDE-03]") {
  hidden_machine m;
  m.setup.max_snp = {4};
  CHECK(m.read(m.private_page, plain_key) == m.get(m.private_page, plain_key));
  m.rmp[m.private_page].id = {4};
  CHECK(m.read(m.private_page, plain_key) == ones);
  // A SEV guest's pages are in no entry; pages of the AMD-SP are no guest's.
  m.rmp[m.private_page].assigned = false;
  CHECK(m.read(m.private_page, plain_key) != ones);
  m.rmp.put(m.private_page, {.assigned = true, .id = {0}});
  CHECK(m.read(m.private_page, plain_key) != ones);
}

TEST_CASE("ENC-HIDE-03: a large page has one entry", "[memory][ENC-HIDE-03]") {
  const large_page table;
  const rmp::page_owners owners{table};
  for (std::uint64_t page = 0; page < 12; ++page)
    CHECK(owners.owner_of({page}) == (page >= 4 && page < 8 ? std::optional{asid{3}} : std::nullopt));
}

TEST_CASE("ENC-HIDE-06: devices' reads are hidden, too, by default", "[memory][ENC-HIDE-06]") {
  hidden_machine m;
  CHECK(m.read(m.private_page, plain_key, reading_agent::device) == ones);
  m.ctx.choices.hide_dma = false;
  CHECK(m.read(m.private_page, plain_key, reading_agent::device) == m.get(m.private_page, plain_key));
  CHECK(m.read(m.private_page, plain_key) == ones);
}

TEST_CASE("ENC-HIDE-05: the bus shows what it showed before", "[memory][ENC-HIDE-05]") {
  hidden_machine m;
  CHECK(m.read(m.private_page, plain_key) == ones);
  std::array<std::uint8_t, 2> seen{};
  CHECK(m.memory.probe({m.private_page}, seen) == memory_status::ok);
  CHECK(seen[0] == (0x34 ^ pad_byte(0x50, m.private_page)));
  CHECK(seen[1] == (0x12 ^ pad_byte(0x50, m.private_page + 1)));
}

TEST_CASE("ENC-HIDE-01: where the interfaces speak of ciphertext hiding", "[memory][ENC-HIDE-01][ENC-HIDE-04]") {
  CHECK(layout::snp_feature_info_ecx{1U << 3}.ciphertext_hiding());
  CHECK(layout::snp_platform_status_config{1U << 5}.ciphertext_hiding_dram_cap());
  CHECK(layout::snp_platform_status_config{1U << 6}.ciphertext_hiding_dram_en());
  CHECK(layout::cmd_snp_init_ex_flags{1U << 3}.ciphertext_hiding_en());
  layout::cmd_snp_init_ex init{};
  init.set_max_snp_asid(0x1234);
  std::array<std::uint8_t, sizeof init> bytes{};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&init), bytes.size(), bytes.begin());
  CHECK(bytes[0x10] == 0x34);
  CHECK(bytes[0x11] == 0x12);
  CHECK(layout::snp_guest_policy{1U << 24}.ciphertext_hiding_dram());
  CHECK(layout::snp_platform_info{1U << 4}.ciphertext_hiding_dram_en());
}
