// SPDX-License-Identifier: MIT
// An SVSM in constant expressions: a whole entry with a call on a Reverse Map Table, overlap rules, manifests, the
// guest's
// checks.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/svsm/discovery.hpp>
#include <sevspec/svsm/entry.hpp>
#include <sevspec/svsm/guest_call.hpp>
#include <sevspec/svsm/level_request.hpp>
#include <sevspec/svsm/measurement_manifest.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <sevspec/svsm/services_manifest.hpp>

namespace {

using namespace sevspec;

static_assert(svsm::region{{0x1000}, 0x1000}.overlaps({0xfff}, 2));
static_assert(!svsm::region{{0x1000}, 0x1000}.overlaps({0xfff}, 1));
static_assert(!svsm::region{{0x1000}, 0x1000}.contains({0x1fff}, 2));
static_assert(!svsm::region{{0x1000}, 0x1000}.contains({0x1000}, ~std::uint64_t{}));
static_assert(svsm::wraps({~std::uint64_t{}}, 2) && !svsm::wraps({~std::uint64_t{}}, 1));

static_assert([] {
  svsm::page_set pages;
  pages.insert({0x1000}, 2);
  pages.insert({0x4000}, 1);
  pages.insert({0x3000}, 1);
  const bool joined = pages.contains({0x1000}, 0x4000) && !pages.contains({0x1000}, 0x4001);
  pages.erase({0x2000}, 1);
  return joined && pages.contains({0x1fff}, 1) && !pages.contains({0x1fff}, 2) && pages.contains({0x3000}, 0x2000);
}());

static_assert(svsm::protocol_result(0x10) == svsm::result_code::pvalidate_fail_nochange);
static_assert(svsm::rax_of(layout::svsm_core_calls::create_vcpu) == 2);
static_assert(svsm::logical_id(0x25) == 0x2'0020);

/// Memory of 16 pages.
struct cells {
  std::array<std::uint8_t, 0x1'0000> bytes{};
  constexpr auto read(spa where, memory_key, std::span<std::uint8_t> to) -> memory::memory_status {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = bytes[where.value + i];
    return memory::memory_status::ok;
  }
  constexpr auto write(spa where, memory_key, std::span<const std::uint8_t> from) -> memory::memory_status {
    for (std::size_t i = 0; i < from.size(); ++i) bytes[where.value + i] = from[i];
    return memory::memory_status::ok;
  }
};

/// A guest asks for the core protocol, its SVSM answers: on a table, with every check of a reference.
static_assert([] {
  context<> ctx;
  cells memory;
  rmp::small_table<16, 16> table;
  for (std::uint64_t frame = 0; frame < 16; ++frame)
    table.entries[frame] = {
        .assigned = true, .validated = true, .id = {5}, .guest = {frame << 12}, .allowed = {{{0x1f}, {}, {0xf}, {}}}};
  svsm::monitor self;
  self.config.guest_memory = {{{0}, 0x1'0000}};
  self.processors = {{.apic_id = 0, .vmsa = gpa{0x1000}, .caa = gpa{0x2000}}};
  self.vcpus = {{gpa{0x1000}, gpa{0x2000}, 0}};
  layout::write_le<std::uint64_t>(&memory.bytes[0x11f8], 6);      // RAX: QUERY_PROTOCOL
  layout::write_le<std::uint64_t>(&memory.bytes[0x1308], 1);      // RCX
  layout::write_le<std::uint64_t>(&memory.bytes[0x13c0], 0x403);  // GUEST_EXITCODE
  memory.bytes[0x2000] = 1;
  auto machine = svsm::rmp_machine(
      table, memory, [](gpa page) { return std::optional{svsm::placement{spa{page.value}}}; }, asid{5});
  svsm::core_services none;
  const auto done = svsm::enter(ctx, machine, self, none, 0);
  return done.what == svsm::entry_end::answered && memory.bytes[0x2000] == 0 &&
         layout::read_le<std::uint64_t>(&memory.bytes[0x11f8]) == 0 &&
         layout::read_le<std::uint64_t>(&memory.bytes[0x1308]) == 0x1'0000'0001;
}());

/// PVALIDATE of a VMSA is refused, and changes nothing.
static_assert([] {
  context<> ctx;
  svsm::monitor self;
  self.config.guest_memory = {{{0}, 0x1'0000}};
  self.vcpus = {{gpa{0x1000}, gpa{0x2000}, 0}};
  const auto refused = svsm::check_entry(ctx, self, {0x1004});
  const auto good = svsm::check_entry(ctx, self, {0x3004});
  return !refused && refused.error().decided_by == rule::SVSM_CORE_19 && good && good->validate;
}());
static_assert([] {
  context<all_rules_but<rule::SVSM_CA_09>> ctx;
  svsm::monitor self;
  self.config.guest_memory = {{{0}, 0x1'0000}};
  self.vcpus = {{gpa{0x1000}, gpa{0x2000}, 0}};
  return svsm::check_entry(ctx, self, {0x1004}).has_value();  // without the rule a VMSA is a page like any other
}());

static_assert([] {
  context<> ctx;
  return svsm::check_answer(ctx, 1, std::uint64_t{0x17}, 0).what == svsm::call_verdict::not_served &&
         svsm::check_answer(ctx, 0, std::uint64_t{0x17}, 0).what == svsm::call_verdict::done;
}());

static_assert([] {
  const std::array<svsm::service, 1> services{svsm::service{svsm::vtpm_guid, {7}}};
  const auto bytes = svsm::make_services_manifest(services);
  const auto found = svsm::find_service(bytes, svsm::vtpm_guid);
  return bytes.size() == 49 && found && found->size() == 1 && (*found)[0] == 7;
}());

static_assert([] {
  svsm::measurement_manifest manifest{.counter = 5, .level = 2};
  manifest.ranges.push_back({{gpa{0x1000}, 16}, std::vector<std::uint8_t>(48, 9)});
  const auto bytes = svsm::write_manifest(manifest);
  const auto parsed = svsm::parse_manifest(bytes);
  return parsed && *parsed == manifest && bytes.size() == svsm::manifest_bytes(1, svsm::measurement_hash::sha384);
}());

static_assert([] {
  svsm::page_set pages;
  pages.insert({0x3000}, 2);
  return pages.overlaps({0x2fff}, 2) && !pages.overlaps({0x2fff}, 1) && pages.overlaps({0x4fff}, 1) &&
         !pages.overlaps({0x5000}, 0x1000) && pages.overlaps({0}, 0x20'0000) && !pages.overlaps({0x3000}, 0);
}());

/// A guest of 16 pages, the last eight not validated; page 4 can be put in place of any other.
struct small_guest {
  cells memory{};
  rmp::small_table<16, 16> table{};
  svsm::monitor self{};
  gpa swapped{};  ///< what page 4 takes the place of; 0: nothing

  constexpr small_guest() {
    for (std::uint64_t frame = 0; frame < 16; ++frame)
      table.entries[frame] = {.assigned = true,
                              .validated = frame < 8,
                              .id = {5},
                              .guest = {frame << 12},
                              .allowed = {{{0x1f}, {}, {}, {}}}};
    for (std::uint64_t frame = 0; frame < 8; ++frame) table.entries[frame].allowed[2] = {0xf};
    self.config.guest_memory = {{{0}, 0x1'0000}};
    self.processors = {{.apic_id = 0, .vmsa = gpa{0x1000}, .caa = gpa{0x2000}}, {.apic_id = 1}};
    self.vcpus = {{gpa{0x1000}, gpa{0x2000}, 0}};
    self.validated.insert({0}, 8);
    self.first_vmsa = gpa{0x1000};
    table.entries[1].vmsa = true;
    table.entries[1].allowed[2] = {1};
    layout::write_le<std::uint64_t>(&memory.bytes[0x10d0], 0x1000);
  }
  /// Page 4 becomes another one for `page`.
  constexpr void swap(gpa page) {
    table.entries[4] = {.assigned = true, .id = {5}, .guest = page, .allowed = {{{0x1f}, {}, {}, {}}}};
    swapped = page;
  }
  constexpr auto machine() {
    return svsm::rmp_machine(
        table, memory,
        [this](gpa page) {
          const std::uint64_t offset = page.value & 0xfff;
          const bool moved = swapped != gpa{} && page.value - offset == swapped.value;
          return std::optional{svsm::placement{spa{moved ? 0x4000 + offset : page.value}}};
        },
        asid{5});
  }
  template <class Context, class Machine>
  constexpr auto pvalidate(Context& ctx, Machine& below, std::uint64_t entry) -> svsm::call_result {
    layout::write_le<std::uint64_t>(&memory.bytes[0x3000], 1);
    layout::write_le<std::uint64_t>(&memory.bytes[0x3008], entry);
    return svsm::pvalidate_pages(ctx, below, self, {1, 0x3000, 0, 0, 0});
  }
  template <class Context>
  constexpr auto pvalidate(Context& ctx, std::uint64_t entry) -> svsm::call_result {
    auto below = machine();
    return pvalidate(ctx, below, entry);
  }
};

/// The hypervisor exchanges a page before PVALIDATE.
template <class Below>
struct quick_hypervisor : Below {
  small_guest* guest;
  gpa page;
  constexpr quick_hypervisor(Below below, small_guest& of, gpa what) : Below(below), guest(&of), page(what) {}
  template <class Context>
  constexpr auto pvalidate(Context& ctx, gpa where, page_size size, bool validated) -> outcome<rmp::result> {
    guest->swapped = page;
    return Below::pvalidate(ctx, where, size, validated);
  }
};

/// A page that was validated before is not validated again, and not rescinded in effigy (SVSM-CORE-16).
static_assert([] {
  context<> ctx;
  small_guest guest;
  const auto twice = svsm::result_code::pvalidate_fail_nochange;
  bool good = guest.pvalidate(ctx, 0x9004).succeeded() && guest.table.entries[9].validated;
  guest.swap({0x9000});
  const auto table = guest.table;
  const svsm::monitor before = guest.self;
  good = good && guest.pvalidate(ctx, 0x9004).code == twice && guest.pvalidate(ctx, 0x900c).code == twice;
  good = good && guest.table == table && guest.self == before;
  for (const std::uint64_t entry : {std::uint64_t{0x9000}, std::uint64_t{0x9008}}) {
    guest.swapped = {};
    quick_hypervisor quick(guest.machine(), guest, {0x9000});
    good = good && guest.pvalidate(ctx, quick, entry).code == twice && guest.self.validated.contains({0x9000}, 1);
  }
  good = good && !guest.table.entries[4].validated && guest.table.entries[9].validated;
  guest.swapped = {};
  return good && guest.pvalidate(ctx, 0x9000).succeeded() && guest.pvalidate(ctx, 0x9004).succeeded();
}());
static_assert([] {  // where an SVSM does not look, two pages are validated for one address
  context<> ctx;
  ctx.choices = svsm::as_coconut;
  small_guest guest;
  const bool first = guest.pvalidate(ctx, 0x9004).succeeded();
  guest.swap({0x9000});
  return first && guest.pvalidate(ctx, 0x9004).succeeded() && guest.table.entries[4].validated &&
         guest.table.entries[9].validated;
}());

/// Two lists at one page: one of them waits, and goes on where it was (SVSM-CORE-80).
static_assert([] {
  context<> ctx;
  small_guest guest;
  guest.self.converting = {{{0x9000}, 0x1000}};
  const bool waits = guest.pvalidate(ctx, 0x9004).waits && !guest.table.entries[9].validated;
  const bool other = guest.pvalidate(ctx, 0xa004).succeeded();
  context<all_rules_but<rule::SVSM_CORE_80>> without;
  return waits && other && guest.pvalidate(without, 0x9004).succeeded() && guest.self.converting.empty();
}());

/// CREATE_VCPU by the order of `cpu::make_vmsa_page`, a refused one, and DELETE_VCPU by a store and by an exchange.
static_assert([] {
  bool good = true;
  for (const bool exchanges : {false, true}) {
    context<> ctx;
    ctx.choices.svsm_delete_exchanges = exchanges;
    small_guest guest;
    auto below = guest.machine();
    const auto table = guest.table;
    const svsm::call_registers create{2, 0x5000, 0x6000, 1, 0};
    layout::write_le<std::uint64_t>(&guest.memory.bytes[0x50d0], 0x1000);
    const auto refused = svsm::create_vcpu(ctx, below, guest.self, {0x1000}, create);  // VMPL 0
    good = good && refused.decided_by == rule::SVSM_CORE_25 && guest.table == table && guest.self.vcpus.size() == 1;
    guest.memory.bytes[0x50ca] = 2;
    const auto made = svsm::create_vcpu(ctx, below, guest.self, {0x1000}, create);
    good = good && made.succeeded() && guest.table.entries[5].vmsa && guest.table.entries[5].allowed[2].raw == 1 &&
           guest.self.processors[1].vmsa == std::optional{gpa{0x5000}};
    const auto gone = svsm::delete_vcpu(ctx, below, guest.self, {3, 0x5000, 0, 0, 0});
    good = good && gone.succeeded() && guest.table == table && !guest.self.processors[1].vmsa &&
           layout::read_le<std::uint64_t>(&guest.memory.bytes[0x50d0]) == 0;
  }
  return good;
}());

static_assert([] {
  context<> ctx;
  const bool strict = svsm::takes_level_answer(ctx, 0x17) && !svsm::takes_level_answer(ctx, 0x1'0000'0017);
  ctx.choices = svsm::as_coconut;
  return strict && svsm::takes_level_answer(ctx, 0x1'0000'0017) && !svsm::takes_level_answer(ctx, 0x16);
}());

}  // namespace
