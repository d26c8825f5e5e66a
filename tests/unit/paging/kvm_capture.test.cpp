// SPDX-License-Identifier: MIT
// Page tables that Linux KVM built, walked from the captured registers; the answers come from /proc/self/pagemap and
// from another walker. tests/data/kvm-npt-4k/README.md says how they were made.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/kvm_capture.hpp>

#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/walk.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

auto load(const std::string& name, std::size_t pages) -> memory::sparse_memory {
  memory::sparse_memory memory;
  REQUIRE(load_kvm_pages(memory, name) == pages);
  REQUIRE(memory.page_count() == pages);
  return memory;
}

auto l2_machine() -> paging::two_stage_regime {
  context<> ctx;
  const auto regime = paging::make_two_stage_regime(ctx, part_of(generation::rome), kvm_guest_state());
  REQUIRE(regime.has_value());
  return *regime;
}

/// Linux's answer for an L2 guest-physical byte below 16 MiB.
class pagemap {
 public:
  pagemap() {
    for (const auto& row : kvm_rows("gpa_to_spa.csv")) {
      REQUIRE(kvm_number(row[0]) == pages_.size() * 4096);
      pages_.push_back(kvm_number(row[1]));
    }
  }
  [[nodiscard]] auto size() const -> std::size_t { return pages_.size(); }
  [[nodiscard]] auto operator()(std::uint64_t where) const -> std::uint64_t {
    return pages_.at(where / 4096) + where % 4096;
  }

 private:
  std::vector<std::uint64_t> pages_;
};

}  // namespace

TEST_CASE("KVM's nested tables map every L2 page where Linux put it", "[paging][capture][PAG-NPT-01]") {
  memory::sparse_memory tables = load("pages.bin", 20);
  const pagemap linux_says;
  REQUIRE(linux_says.size() == 4096);
  const auto machine = l2_machine();
  context<> ctx;
  read_only memory(tables);
  unsigned equal = 0;
  for (std::uint64_t gpa_page = 0; gpa_page < 4096; ++gpa_page) {
    const gpa where{gpa_page * 4096 + gpa_page % 4096};
    const auto found = paging::walk_gpa(ctx, memory, machine, where, access_kind::read);
    INFO(where.value);
    REQUIRE(found.has_value());
    CHECK(found->size == page_size::k4k);
    CHECK(found->rights == paging::page_rights{.writable = true, .user = true, .no_execute = false});
    if (found->where.value == linux_says(where.value)) ++equal;
  }
  CHECK(equal == 4096);
}

TEST_CASE("another walker agrees on every page of the L1 kernel", "[paging][capture]") {
  memory::sparse_memory tables = load("l1_pages.bin", 117);
  context<> ctx;
  const auto regime = paging::make_host_regime(ctx, part_of(generation::rome), kvm_registers("l1"));
  REQUIRE(regime.has_value());
  read_only memory(tables);

  unsigned rows = 0;
  unsigned large_rows = 0;
  unsigned user_rows = 0;
  for (const auto& row : kvm_rows("l1_tlb.csv")) {
    INFO(row[0]);
    const hva where{kvm_number(row[0])};
    const std::string& flags = row[2];
    REQUIRE(flags.size() == 9);
    const auto flag = [&](std::size_t position, char letter) {
      REQUIRE((flags[position] == letter || flags[position] == '-'));
      return flags[position] == letter;
    };
    // SMAP would keep the kernel out of user pages: it is not what is compared here.
    const memory_access why{.kind = access_kind::read, .alignment_check = true};
    const auto found = paging::walk(ctx, memory, *regime, where, why);
    REQUIRE(found.has_value());
    const paging::entry leaf = found->page.leaf;
    const bool same = found->page.where.value == kvm_number(row[1]) && leaf.no_execute() == flag(0, 'X') &&
                      leaf.global() == flag(1, 'G') && (found->page.size != page_size::k4k) == flag(2, 'P') &&
                      leaf.dirty() == flag(3, 'D') && leaf.accessed() == flag(4, 'A') && leaf.user() == flag(7, 'U') &&
                      leaf.writable() == flag(8, 'W') && paging::entry::pcd::test(leaf.raw) == flag(5, 'C') &&
                      paging::entry::pwt::test(leaf.raw) == flag(6, 'T');
    CHECK(same);
    rows += same ? 1U : 0U;
    large_rows += flag(2, 'P') ? 1U : 0U;
    user_rows += flag(7, 'U') ? 1U : 0U;
  }
  CHECK(rows == 12748);
  CHECK(large_rows > 0);
  CHECK(user_rows > 0);
}

TEST_CASE("the L2 guest's own tables over KVM's", "[paging][capture]") {
  memory::sparse_memory tables = load("pages.bin", 20);
  const pagemap linux_says;
  const auto machine = l2_machine();
  context<> ctx;
  read_only memory(tables);
  const auto walk = [&](std::uint64_t where, access_kind kind, cpl level) {
    return paging::walk(ctx, memory, machine, gva{where}, {.kind = kind, .level = level});
  };

  SECTION("identity below 16 MiB: 4K pages, then 2M pages") {
    unsigned user_pages = 0;
    unsigned code_pages = 0;
    for (std::uint64_t where = 0x123; where < 0x100'0000; where += 0x1000) {
      INFO(where);
      const auto found = walk(where, access_kind::read, kernel_mode);
      REQUIRE(found.has_value());
      CHECK(found->in_guest.where.value == where);
      CHECK(found->in_guest.size == (where < 0x20'0000 ? page_size::k4k : page_size::k2m));
      CHECK(found->size == page_size::k4k);
      CHECK(found->page.where.value == linux_says(where));
      CHECK(found->key == memory_key::none());
      // U/S and NX of the guest decide alone: KVM's tables allow everything.
      CHECK(walk(where, access_kind::read, user_mode).has_value() == found->in_guest.rights.user);
      CHECK(walk(where, access_kind::execute, kernel_mode).has_value() == !found->no_execute());
      user_pages += found->in_guest.rights.user ? 1U : 0U;
      code_pages += found->no_execute() ? 0U : 1U;
    }
    CHECK(user_pages > 0);
    CHECK(user_pages < 4096);
    CHECK(code_pages > 0);
    CHECK(code_pages < 4096);
  }
  SECTION("64 scattered pages") {
    for (std::uint64_t page = 0; page < 64; ++page) {
      const auto found = walk(0xffff'8000'4060'0000 + 4096 * page + 8, access_kind::read, kernel_mode);
      REQUIRE(found.has_value());
      CHECK(found->in_guest.size == page_size::k4k);
      CHECK(found->page.where.value == linux_says(found->in_guest.where.value));
    }
  }
  SECTION("a 1G page over a read-only slot of 2 MiB") {
    // The guest touched one page of it, so that is all there is in the nested tables.
    const auto found = walk(0x1'0000'0123, access_kind::read, kernel_mode);
    REQUIRE(found.has_value());
    CHECK(found->in_guest.where.value == 0x1'0000'0123);
    CHECK(found->in_guest.size == page_size::k1g);
    CHECK(found->in_guest.rights.writable);
    CHECK(found->size == page_size::k4k);
    CHECK(found->page.where.value == 0x3b9'0123);
    CHECK_FALSE(found->page.rights.writable);
    CHECK_FALSE(found->writable());

    // KVM made the slot read-only in the nested tables: the guest's write is the hypervisor's business.
    const auto written = walk(0x1'0000'0123, access_kind::write, kernel_mode);
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error() == fault{fault_kind::npf, rule::PAG_NPF_02, 0x1'0000'0007, 0x1'0000'0123});

    // Absent entries are not zero: KVM sets their bit 63. Only P counts.
    const auto beyond = walk(0x1'0000'1123, access_kind::read, kernel_mode);
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error() == fault{fault_kind::npf, rule::PAG_ENT_02, 0x1'0000'0004, 0x1'0000'1123});
  }
}
