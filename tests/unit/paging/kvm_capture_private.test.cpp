// SPDX-License-Identifier: MIT
// The captured page tables of Linux KVM once more, as if the guests had been SEV guests: with a C-bit in every leaf the
// addresses stay what they were, and everything is private.
#include <cstdint>
#include <optional>
#include <set>
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

const cpu_part& rome = part_of(generation::rome);
const std::uint64_t c_bit = std::uint64_t{1} << rome.c_bit;

auto load(const std::string& name) -> memory::sparse_memory {
  memory::sparse_memory memory;
  REQUIRE(load_kvm_pages(memory, name).has_value());
  return memory;
}

auto first_column(const std::string& name) -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> values;
  for (const auto& row : kvm_rows(name)) values.push_back(kvm_number(row[0]));
  return values;
}

/// The last entry of one stage that a walk read: its leaf.
struct leaf_finder {
  stage wanted;
  std::optional<spa> leaf{};
  void on(const table_read& event) {
    if (event.tables == wanted) leaf = event.where;
  }
};
using finding_context = context<all_rules, leaf_finder>;

auto machine(bool sev) -> paging::two_stage_regime {
  context<> ctx;
  paging::guest_entry_state state = kvm_guest_state();
  state.syscfg = std::uint64_t{sev} << 23;
  state.np_control = sev ? 3U : 1U;
  const auto regime = paging::make_two_stage_regime(ctx, rome, state);
  REQUIRE(regime.has_value());
  return *regime;
}

void set_c_bits(memory::sparse_memory& tables, const std::set<std::uint64_t>& leaves) {
  for (const std::uint64_t where : leaves) tables.write_qword({where}, *tables.read_qword({where}, {}) | c_bit);
}

}  // namespace

TEST_CASE("guest tables of KVM with a C-bit in every leaf: same places, private", "[paging][capture][PAG-ENC-02]") {
  const memory::sparse_memory captured = load("pages.bin");
  const auto before = machine(false);
  std::vector<std::uint64_t> linear;
  for (std::uint64_t page = 0; page < 8192; ++page) {
    linear.push_back(page * 4096 + page % 4096);
    linear.push_back(0xffff'8000'4000'0000 + page * 4096);
  }

  std::set<std::uint64_t> leaves;
  std::vector<std::uint64_t> mapped;
  read_only plain(captured);
  for (const std::uint64_t where : linear) {
    finding_context ctx{.listener = {stage::guest}};
    if (!paging::walk(ctx, plain, before, gva{where}, {.level = kernel_mode})) continue;
    mapped.push_back(where);
    leaves.insert(ctx.listener.leaf->value);
  }
  REQUIRE(mapped.size() >= 4096);
  memory::sparse_memory encrypted = captured;
  set_c_bits(encrypted, leaves);

  const auto after = machine(true);
  read_only secret(encrypted);
  for (const std::uint64_t where : mapped) {
    INFO(where);
    context<> ctx;
    const auto was = paging::walk(ctx, plain, before, gva{where}, {});
    const auto is = paging::walk(ctx, secret, after, gva{where}, {});
    REQUIRE(was.has_value());
    REQUIRE(is.has_value());
    CHECK(is->page == was->page);
    CHECK(is->in_guest.where == was->in_guest.where);  // no C-bit in the address
    CHECK(is->in_guest.rights == was->in_guest.rights);
    CHECK(is->size == was->size);
    CHECK_FALSE(was->effective_c);
    CHECK(is->effective_c);
    CHECK(is->in_guest.c);
    CHECK(is->key == memory_key::guest({1}));
  }
}

TEST_CASE("nested tables of KVM with a C-bit in every leaf: same places, the host's key",
          "[paging][capture][PAG-ENC-05][PAG-KEY-03]") {
  const memory::sparse_memory captured = load("pages.bin");
  const auto before = machine(false);
  std::set<std::uint64_t> leaves;
  read_only plain(captured);
  const std::vector<std::uint64_t> pages = first_column("gpa_to_spa.csv");
  REQUIRE(pages.size() == 4096);
  for (const std::uint64_t where : pages) {
    finding_context ctx{.listener = {stage::nested}};
    REQUIRE(paging::walk_gpa(ctx, plain, before, gpa{where}, access_kind::read).has_value());
    leaves.insert(ctx.listener.leaf->value);
  }
  memory::sparse_memory encrypted = captured;
  set_c_bits(encrypted, leaves);

  context<> ctx;
  auto sme = before;
  sme.nested = machine(true).nested;
  read_only secret(encrypted);
  for (const std::uint64_t where : pages) {
    INFO(where);
    const auto was = paging::walk_gpa(ctx, plain, before, gpa{where}, access_kind::read);
    const auto is = paging::walk_gpa(ctx, secret, sme, gpa{where}, access_kind::read);
    REQUIRE(is.has_value());
    CHECK(is->where == was->where);
    CHECK(is->rights == was->rights);
    CHECK(is->c);
    CHECK_FALSE(was->c);
    // Without memory encryption the same entries have a reserved bit or another address.
    const auto broken = paging::walk_gpa(ctx, secret, before, gpa{where}, access_kind::read);
    CHECK((!broken || broken->where != was->where));
  }
}

TEST_CASE("the L1 kernel's tables with a C-bit in every leaf: same places, the host's key",
          "[paging][capture][PAG-KEY-02]") {
  const memory::sparse_memory captured = load("l1_pages.bin");
  context<> ctx;
  const auto before = paging::make_host_regime(ctx, rome, kvm_registers("l1"));
  const auto after = paging::make_host_regime(ctx, rome, kvm_registers("l1"), 1U << 23);
  REQUIRE(before.has_value());
  REQUIRE(after.has_value());
  const std::vector<std::uint64_t> linear = first_column("l1_tlb.csv");
  REQUIRE(linear.size() == 12748);
  const memory_access why{.alignment_check = true};

  std::set<std::uint64_t> leaves;
  read_only plain(captured);
  for (const std::uint64_t where : linear) {
    finding_context finding{.listener = {stage::host}};
    REQUIRE(paging::walk(finding, plain, *before, hva{where}, why).has_value());
    leaves.insert(finding.listener.leaf->value);
  }
  memory::sparse_memory encrypted = captured;
  set_c_bits(encrypted, leaves);

  read_only secret(encrypted);
  unsigned equal = 0;
  for (const std::uint64_t where : linear) {
    INFO(where);
    const auto was = paging::walk(ctx, plain, *before, hva{where}, why);
    const auto is = paging::walk(ctx, secret, *after, hva{where}, why);
    REQUIRE(is.has_value());
    CHECK(is->key == memory_key::host());
    equal += is->page.where == was->page.where && is->page.rights == was->page.rights && is->page.c;
  }
  CHECK(equal == 12748);
}
