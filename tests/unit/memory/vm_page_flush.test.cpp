// SPDX-License-Identifier: MIT
#include <cstdint>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/memory/vm_page_flush.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/walk.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;

namespace {

struct flushed_machine : memory_machine {
  tagged_cache<16> cache{false};
  context<> ctx{};
  hva asked{};

  flushed_machine() {
    const std::array<std::uint8_t, 1> one{1};
    for (const memory_key key : {guest_key, other_key, host_key, plain_key})
      for (const std::uint64_t where : {0x2fc0U, 0x3000U, 0x3fffU, 0x4000U})
        CHECK(cached_memory{memory, cache, {static_cast<std::uint32_t>(where >> 12)}}.write({where}, key, one) ==
              memory_status::ok);
    CHECK(cache.lines().size() == 16);
  }
  auto write_msr(std::uint64_t value, page_flush_support part = {.present = true, .highest = {7}}) -> outcome<void> {
    return write_vm_page_flush(ctx, part, cache, memory, value, [&](hva where) -> outcome<spa> {
      asked = where;
      if (where == hva{0xffff'8000'0000'9000}) return spa{0x3000};
      if (where == hva{0xa000}) return std::unexpected{fault{fault_kind::no_memory, rule::none, 0, 0x1234}};
      return std::unexpected{fault{fault_kind::pf, rule::PAG_ENT_02, 0, where.value}};
    });
  }
};

const fault bad_value{fault_kind::gp, rule::ENC_VPF_03, 0, 0};

}  // namespace

TEST_CASE("ENC-VPF-02: the lines of one page and one ASID leave all caches", "[memory][ENC-VPF-02][PAG-COH-03]") {
  flushed_machine m;
  CHECK(m.write_msr(0xffff'8000'0000'9005).has_value());
  CHECK(m.asked == hva{0xffff'8000'0000'9000});
  CHECK(m.cache.lines().size() == 14);
  CHECK(m.cache.find({0x3000}, guest_key) == nullptr);
  CHECK(m.cache.find({0x3fff}, guest_key) == nullptr);
  CHECK(m.cache.find({0x2fc0}, guest_key) != nullptr);
  CHECK(m.cache.find({0x4000}, guest_key) != nullptr);
  CHECK(m.cache.find({0x3000}, host_key) != nullptr);
  CHECK((m.get(0x3000, guest_key) & 0xff) == 1);
  CHECK(m.get(0x3ff8, guest_key) >> 56 == 1);

  // The layout of the value is the one that the layouts have.
  const auto value = layout::msr_vm_page_flush{}.set_vfn(0xffff'8000'0000'9000 >> 12).set_asid(6);
  CHECK(m.write_msr(value.raw).has_value());
  CHECK(m.cache.lines().size() == 12);
  CHECK(m.cache.find({0x3000}, other_key) == nullptr);

  no_cache none;
  CHECK(write_vm_page_flush(m.ctx, {.present = true, .highest = {7}}, none, m.memory, 0x1005, [](hva) -> outcome<spa> {
          return spa{};
        }).has_value());
}

TEST_CASE("ENC-VPF-01: the register exists only where CPUID says so, and cannot be read", "[memory][ENC-VPF-01]") {
  flushed_machine m;
  const auto before = m.cache;
  const fault absent{fault_kind::gp, rule::ENC_VPF_01, 0, 0};
  CHECK(m.write_msr(0xffff'8000'0000'9005, {.present = false, .highest = {7}}).error() == absent);
  CHECK(m.asked == hva{});
  CHECK(m.cache == before);
  CHECK(read_vm_page_flush(m.ctx).error() == absent);
}

TEST_CASE("ENC-VPF-03: #GP for bad ASIDs and addresses that do not translate", "[memory][ENC-VPF-03][PAG-COH-03]") {
  flushed_machine m;
  const auto before = m.cache;
  CHECK(m.write_msr(0xffff'8000'0000'9000).error() == bad_value);
  CHECK(m.write_msr(0xffff'8000'0000'9008).error() == bad_value);
  CHECK(m.write_msr(0xffff'8000'0000'9fff).error() == bad_value);
  CHECK(m.asked == hva{});  // the ASID comes first
  CHECK(m.write_msr(0xb005).error() == bad_value);
  CHECK(m.asked == hva{0xb000});
  CHECK(m.write_msr(0xa005).error() == fault{fault_kind::no_memory, rule::none, 0, 0x1234});
  CHECK(m.cache == before);
  CHECK(m.write_msr(0xffff'8000'0000'9007).has_value());  // the highest; nothing of it is cached
  CHECK(m.cache == before);
}

TEST_CASE("ENC-VPF-03: the address is translated by the host's tables", "[memory][ENC-VPF-03]") {
  memory_machine m;
  tagged_cache<16> cache(false);
  context<> ctx;
  cached_memory cpu{m.memory, cache};
  for (const std::uint64_t table : {0x10000U, 0x11000U, 0x12000U}) m.put(table, plain_key, (table + 0x1000) | 3);
  m.put(0x13038, plain_key, 0x3003);  // hva 7000h
  CHECK(cpu.write({0x3000}, guest_key, std::array<std::uint8_t, 1>{1}) == memory_status::ok);

  const cpu_part part = part_of(generation::milan);
  const auto regime = paging::make_host_regime(ctx, part, paging::long_mode_registers(0x10000), 0);
  REQUIRE(regime.has_value());
  const auto walk = [&](hva page) -> outcome<spa> {
    const auto found = paging::walk(ctx, cpu, *regime, page, {.kind = access_kind::read});
    if (!found) return std::unexpected{found.error()};
    return found->page.where;
  };
  const page_flush_support support{.present = true, .highest = {part.encrypted_guests}};
  CHECK(write_vm_page_flush(ctx, support, cache, m.memory, 0x8005, walk).error() == bad_value);
  CHECK(cache.find({0x3000}, guest_key) != nullptr);
  CHECK(write_vm_page_flush(ctx, support, cache, m.memory, 0x7005, walk).has_value());
  CHECK(cache.find({0x3000}, guest_key) == nullptr);
  CHECK((m.get(0x3000, guest_key) & 0xff) == 1);
}
