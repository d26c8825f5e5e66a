// SPDX-License-Identifier: MIT
// Uses the core the way a simulator does, with its own memory and its own observer; no_heap.sh looks at the symbols of
// the object file.
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/core.hpp>
#include <sevspec/cpu/access.hpp>

namespace {

using namespace sevspec;

/// A simulator's own memory: some pages of somebody else's.
struct tiny_memory {
  std::uint64_t* qwords;
  std::uint64_t count;

  auto read_qword(spa where, memory_key) -> std::optional<std::uint64_t> {
    if (where.value / 8 >= count) return std::nullopt;
    return qwords[where.value / 8];
  }
  auto compare_exchange_qword(spa where, memory_key, std::uint64_t expected, std::uint64_t desired) -> bool {
    if (where.value / 8 >= count || qwords[where.value / 8] != expected) return false;
    qwords[where.value / 8] = desired;
    return true;
  }
};
static_assert(physical_memory<tiny_memory>);

/// A performance counter and a breakpoint on one rule.
struct monitor {
  unsigned reads = 0;
  unsigned updates = 0;
  spa last{};
  bool stopped = false;

  void on(const table_read&) { ++reads; }
  void on(const table_update&) { ++updates; }
  void on(const final_access& event) { last = event.where; }
  void on(const rule_evaluated& event) { stopped = stopped || (event.fired && event.id == rule::PAG_RSV_02); }
};

template <class Context, class Memory>
auto everything(Context& ctx, Memory& tables, std::uint64_t where, const memory_access& why) -> std::uint64_t {
  const cpu_part& part = part_of(generation::genoa);
  std::uint64_t sum = 0;

  const auto host = paging::make_host_regime(ctx, part, paging::long_mode_registers(0x1000), 1u << 23);
  if (!host) return static_cast<std::uint64_t>(host.error().reason[0]);
  if (const auto found = paging::walk(ctx, tables, *host, hva{where}, why)) sum += found->page.where.value;
  else sum += found.error().code + vector_of(found.error().kind) + static_cast<unsigned>(*info(rule::PAG_ENT_02).name);

  const auto machine = paging::make_two_stage_regime(ctx, part,
                                                     {.host = paging::long_mode_registers(0),
                                                      .syscfg = 1u << 23,
                                                      .guest = paging::long_mode_registers(0x2000),
                                                      .ncr3 = 0x3000,
                                                      .np_control = 7,
                                                      .id = {9}});
  if (!machine) return static_cast<std::uint64_t>(machine.error().reason[0]);
  if (const auto found = paging::walk(ctx, tables, *machine, gva{where}, why))
    sum += found->page.where.value + found->key.slot;
  else sum += found.error().code;
  if (const auto found = paging::walk_gpa(ctx, tables, *machine, gpa{where}, why.kind, true)) sum += found->where.value;
  else sum += found.error().address;
  return sum + paging::table_reads(4, 4);
}

/// Bytes of a simulator, whatever their keys.
struct tiny_bytes {
  std::span<std::uint8_t> bytes;

  auto read(spa where, memory_key, std::span<std::uint8_t> out) -> memory::memory_status {
    if (where.value + out.size() > bytes.size()) return memory::memory_status::no_memory;
    for (std::uint8_t& one : out) one = bytes[where.value++];
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key, std::span<const std::uint8_t> in) -> memory::memory_status {
    if (where.value + in.size() > bytes.size()) return memory::memory_status::no_memory;
    for (const std::uint8_t one : in) bytes[where.value++] = one;
    return memory::memory_status::ok;
  }
};

/// A Reverse Map Table with one entry.
struct tiny_rmp {
  static constexpr std::uint64_t sub_pages = 512;
  rmp::entry first{};
  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return page.value == 0; }
  [[nodiscard]] auto entry_of(rmp::spfn) const -> rmp::entry { return first; }
};

/// References with a TLB, a log and page owners.
auto references(std::span<std::uint8_t> bytes, std::uint64_t where) -> std::uint64_t {
  static paging::tlb<8, 2, 16> tlb;
  context<> ctx;
  tiny_bytes chips{bytes};
  memory::walkable qwords{chips};
  memory::modification_log log{.base = {0x1000}};
  memory::logging_memory logged{qwords, log};
  const tiny_rmp owners{.first = {.assigned = true, .id = {1}}};
  rmp::guarded_memory guarded{logged, owners};
  const auto machine = paging::make_two_stage_regime(ctx, cpu_part{},
                                                     {.host = paging::long_mode_registers(0),
                                                      .syscfg = 3U << 23,
                                                      .guest = paging::long_mode_registers(0x2000),
                                                      .ncr3 = 0x3000,
                                                      .np_control = 7,
                                                      .sev_features = 3});
  if (!machine) return 0;
  std::uint8_t buffer[16] = {};
  std::uint64_t sum = 0;
  if (cpu::read(ctx, guarded, tlb, *machine, {{1}}, gva{where}, {}, buffer)) sum += buffer[0];
  if (!cpu::write(ctx, guarded, tlb, *machine, {{1}}, gva{where}, {.kind = access_kind::write}, buffer)) ++sum;
  paging::invlpga(ctx, tlb, where, 1);
  if (const auto all = paging::decode_invlpgb(ctx, {}, where, 1, 0, 7)) paging::apply(*all, tlb);
  paging::flush_for_event(ctx, tlb, paging::core_event::smi);
  return sum + log.index;
}

/// A hypervisor's look at what a guest and the firmware left in memory.
auto every_layout(std::span<std::uint8_t> bytes) -> std::uint64_t {
  if (bytes.size() < 4096) return 0;
  std::uint64_t sum = 0;
  layout::ghcb_view page{bytes.data()};
  layout::pass(page, layout::ghcb_field::rax, 1);
  sum += layout::passed(page, layout::ghcb_field::sw_exit_code).value_or(0);
  if (const auto report = layout::parse_report(bytes.first(0x4A0))) sum += report->signature_r()[0];
  const layout::cpuid_page_const_view cpuid{bytes.data()};
  sum += layout::xsave_area_size(cpuid, 7, layout::xsave_form::compacted).value_or(0);
  sum += layout::for_each_certificate(bytes, [&](auto, auto certificate) { sum += certificate.size(); }).value_or(0);
  for (const auto* structure : layout::all_structures)
    if (const auto found = layout::first_reserved_bit(*structure, bytes)) sum += found->bit;
  const layout::vmsa start = layout::reset_vmsa({.sev_features = 1});
  return sum + start.rip() + static_cast<std::uint64_t>(start == layout::vmsa{});
}

}  // namespace

// Types of other files alone in the signature, so that the function has external linkage and is really compiled.
auto use_the_core(std::span<std::uint64_t> qwords, std::span<std::uint8_t> bytes, std::uint64_t where,
                  const memory_access& why) -> std::uint64_t {
  tiny_memory memory{qwords.data(), qwords.size()};
  context<> plain;
  std::uint64_t sum = everything(plain, memory, where, why);

  monitor watch;
  context<rule_set, monitor&> experiment{
      .rules = rule_set().without(rule::PAG_PERM_04),
      .choices = {.ad_policy = ad_update::deferred, .guest_ad_before_final_npf = false},
      .listener = watch};
  sum += everything(experiment, memory, where, why);

  context<all_rules_but<rule::PAG_NPF_12>> without_vc;
  read_only view(memory);
  sum += everything(without_vc, view, where, why);

  memory::flat_memory flat(qwords);
  sum += everything(plain, flat, where, why);
  return sum + every_layout(bytes) + references(bytes, where) + watch.reads + watch.updates + watch.last.value +
         (watch.stopped ? 1 : 0) + version.major;
}
