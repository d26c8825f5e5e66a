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
#include <sevspec/svsm/measurement_manifest.hpp>
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

}  // namespace
