// SPDX-License-Identifier: MIT
// Every combination of the bits that decide about one access, in the manner of kvm-unit-tests' access.c: a counter runs
// through them, and a small oracle written from that program's description says what must come out. The oracle knows
// flags alone; it shares no code with the library. Three matrices, each complete in its dimensions, cover one stage;
// one more covers nested entries. What is compared: whether the access faults, the error code, and every A and D bit
// afterwards.
#include <array>
#include <cstdint>

#include <support/catch.hpp>

#include <sevspec/memory/flat_memory.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/walk.hpp>

namespace {

using namespace sevspec;

// ---- flags ----------------------------------------------------------------------------------------------------------

/// Hands out the bits of a counter.
class digits {
 public:
  explicit digits(std::uint64_t counter) : rest_(counter) {}
  auto flag() -> bool { return below(2) != 0; }
  auto below(unsigned n) -> unsigned {
    const auto digit = static_cast<unsigned>(rest_ % n);
    rest_ /= n;
    return digit;
  }

 private:
  std::uint64_t rest_;
};

struct entry_flags {
  bool p = true, rw = true, user = true, a{}, d{}, nx{}, ps{}, bit_13{}, bit_36{}, bit_51{};
  unsigned key = 0;

  /// The entry, as the layout has it.
  [[nodiscard]] auto raw(std::uint64_t base) const -> std::uint64_t {
    const auto at = [](bool flag, unsigned n) { return flag ? std::uint64_t{1} << n : 0; };
    return base | at(p, 0) | at(rw, 1) | at(user, 2) | at(a, 5) | at(d, 6) | at(ps, 7) | at(bit_13, 13) |
           at(bit_36, 36) | at(bit_51, 51) | at(nx, 63) | std::uint64_t{key} << 59;
  }
};

struct access_flags {
  bool user{}, write{}, fetch{}, implicit{}, ac{};
};

struct mode_flags {
  bool nxe = true, wp = true, smep{}, smap{}, pke{}, deferred{};
  unsigned pkru{};
};

/// Index 4 is the PML4E, 1 the PTE.
using path = std::array<entry_flags, 5>;

// ---- the oracle -----------------------------------------------------------------------------------------------------

struct verdict {
  bool fault{};
  unsigned error{};
  path after;
};

constexpr unsigned err_p = 1, err_w = 2, err_u = 4, err_rsvd = 8, err_id = 16, err_pk = 32;

auto judge(const path& tables, const access_flags& what, const mode_flags& mode) -> verdict {
  verdict result{.after = tables};
  const bool user = what.user && !what.implicit;
  unsigned error = err_p | (user ? err_u : 0) | (what.write ? err_w : 0) | (what.fetch ? err_id : 0);
  if (!mode.nxe && !mode.smep) error &= ~err_id;
  const auto fail = [&](unsigned code) {
    result.fault = true;
    result.error = code;
    if (mode.deferred) result.after = tables;
    return result;
  };

  bool writable = true, for_user = true, executable = true;
  unsigned leaf = 4;
  for (;; --leaf) {
    const entry_flags& entry = tables[leaf];
    if (!entry.p) return fail(error & ~err_p);
    const bool large = entry.ps && leaf < 4 && leaf > 1;
    const bool invalid = entry.bit_36 || entry.bit_51 || (entry.nx && !mode.nxe) || (large && entry.bit_13);
    if (invalid) return fail(error | err_rsvd);
    writable = writable && entry.rw;
    for_user = for_user && entry.user;
    executable = executable && !entry.nx;
    if (large || leaf == 1) break;
    result.after[leaf].a = true;
  }

  const bool kernel_may_write = !mode.wp && !user;
  bool denied = (user && !for_user) || (what.write && !writable && !kernel_may_write) || (what.fetch && !executable) ||
                (what.fetch && !user && for_user && mode.smep) ||
                (!what.fetch && !user && for_user && mode.smap && (what.implicit || !what.ac));
  if (for_user && !what.fetch && mode.pke) {
    const unsigned rights = mode.pkru >> (2 * tables[leaf].key) & 3;
    const bool access_disable = rights & 1;
    const bool write_disable = rights & 2;
    if (access_disable || (what.write && write_disable && !kernel_may_write)) {
      denied = true;
      error |= err_pk;
    }
  }
  if (denied) return fail(error);
  result.after[leaf].a = true;
  if (what.write) result.after[leaf].d = true;
  return result;
}

// ---- the machine ----------------------------------------------------------------------------------------------------

constexpr std::uint64_t linear = 0x80'4020'1000 + 0xabc;  // index 1 at every level
constexpr std::uint64_t data = 0x200'0000;

/// 36 address bits, so that bits 36 and 51 are reserved.
constexpr cpu_part narrow{.pa_bits = 36, .c_bit = 40, .reduction = 0};

/// Hears of every rule, which makes a walk consult them one by one.
struct attentive {
  std::uint64_t rules = 0;
  void on(const rule_evaluated&) { ++rules; }
};

struct machine {
  std::array<std::uint64_t, std::size_t{512} * 5> qwords{};  // PML4 at 0x4000, ..., PT at 0x1000
  memory::flat_memory memory{qwords};
  context<> ctx;
  context<rule_set, attentive> listening;

  auto entry_at(unsigned level) -> std::uint64_t& { return qwords[512 * level + 1]; }
  static auto base_of(const path& tables, unsigned level) -> std::uint64_t {
    return level == 1 || (tables[level].ps && level < 4) ? data : 0x1000 * (level - 1);
  }
  void load(const path& tables) {
    for (unsigned level = 1; level <= 4; ++level) entry_at(level) = tables[level].raw(base_of(tables, level));
  }
  auto holds(const path& tables) -> bool {
    for (unsigned level = 1; level <= 4; ++level)
      if (entry_at(level) != tables[level].raw(base_of(tables, level))) return false;
    return true;
  }
};

auto to_access(const access_flags& what, const mode_flags& mode) -> memory_access {
  return {.kind = what.fetch   ? access_kind::execute
                  : what.write ? access_kind::write
                               : access_kind::read,
          .level = what.user ? user_mode : kernel_mode,
          .implicit_supervisor = what.implicit,
          .alignment_check = what.ac,
          .pkru = mode.pkru};
}

auto registers_of(const mode_flags& mode, std::uint64_t cr3) -> paging::control_registers {
  const auto at = [](bool flag, unsigned n) { return flag ? std::uint64_t{1} << n : 0; };
  return {.cr0 = 0x8000'0033 | at(mode.wp, 16),
          .cr3 = cr3,
          .cr4 = 0xa0 | at(mode.smep, 20) | at(mode.smap, 21) | at(mode.pke, 22),
          .efer = 0x501 | at(mode.nxe, 11)};
}

auto regime_of(const mode_flags& mode) -> paging::host_regime {
  context<> ctx;
  const auto regime = paging::make_host_regime(ctx, narrow, registers_of(mode, 0x4000));
  Expects(regime.has_value());
  return *regime;
}

/// Walks with and without an observer; true if both times everything is as the oracle says.
auto agrees(machine& host, const paging::host_regime& regime, const path& tables, const access_flags& what,
            const mode_flags& mode) -> bool {
  const verdict expected = judge(tables, what, mode);
  const memory_access why = to_access(what, mode);
  const std::uint64_t offset = linear & (tables[2].ps ? 0x1f'ffff : 0xfff);
  const auto walk = [&](auto& ctx) {
    host.load(tables);
    ctx.choices.ad_policy = mode.deferred ? ad_update::deferred : ad_update::eager;
    const auto found = paging::walk(ctx, host.memory, regime, hva{linear}, why);
    if (!host.holds(expected.after) || found.has_value() == expected.fault) return false;
    if (!expected.fault) return found->page.where.value == (data | offset);
    return found.error().kind == fault_kind::pf && found.error().code == expected.error &&
           found.error().address == linear;
  };
  return walk(host.ctx) && walk(host.listening);
}

/// Six accesses by user and kernel, and implicit data accesses made at CPL 3.
auto access_number(unsigned n) -> access_flags {
  return {.user = n % 2 == 1 || n >= 6, .write = n / 2 == 1 || n == 7, .fetch = n / 2 == 2, .implicit = n >= 6};
}

}  // namespace

TEST_CASE("matrix 1: permissions of PTE and PDE, control bits, protection keys",
          "[exhaustive][PAG-PERM-01][PAG-PERM-02][PAG-PERM-03][PAG-PERM-04][PAG-PERM-05][PAG-PERM-06][PAG-PERM-08]") {
  machine host;
  std::uint64_t combinations = 0;
  std::uint64_t faults = 0;
  std::uint64_t disagreements = 0;
  for (unsigned m = 0; m < 16 * 9; ++m) {
    digits modes(m);
    mode_flags mode;
    mode.nxe = modes.flag();
    mode.wp = modes.flag();
    mode.smep = modes.flag();
    mode.smap = modes.flag();
    const unsigned keys = modes.below(9);  // off; or: AD1, WD1, and whether the page has key 1
    mode.pke = keys != 8;
    mode.pkru = 0x30 | (keys & 1 ? 4U : 0U) | (keys & 2 ? 8U : 0U);
    const auto regime = regime_of(mode);
    for (unsigned n = 0; n < 32 * 64 * 2 * 2 * 8; ++n) {
      digits flags(n);
      path tables;
      auto& pte = tables[1];
      auto& pde = tables[2];
      pte.rw = flags.flag(), pte.user = flags.flag(), pte.nx = flags.flag(), pte.a = flags.flag(), pte.d = flags.flag();
      pde.rw = flags.flag(), pde.user = flags.flag(), pde.nx = flags.flag(), pde.a = flags.flag(), pde.d = flags.flag();
      pde.ps = flags.flag();
      tables[3].rw = flags.flag();
      const bool ac = flags.flag();
      access_flags what = access_number(flags.below(8));
      what.ac = ac;
      if (mode.pke && (keys & 4)) (pde.ps ? pde : pte).key = 1, (pde.ps ? pte : pde).key = 2;
      ++combinations;
      faults += judge(tables, what, mode).fault ? 1U : 0U;
      disagreements += agrees(host, regime, tables, what, mode) ? 0U : 1U;
    }
  }
  CHECK(disagreements == 0);
  CHECK(combinations == 9'437'184);
  CHECK(faults == 6'546'752);
}

TEST_CASE("matrix 2: presence and reserved bits of PTE and PDE",
          "[exhaustive][PAG-ENT-02][PAG-RSV-01][PAG-RSV-02][PAG-RSV-08][PAG-PF-01][PAG-PF-02][PAG-PF-04]") {
  machine host;
  std::uint64_t combinations = 0;
  std::uint64_t faults = 0;
  std::uint64_t disagreements = 0;
  for (unsigned m = 0; m < 16; ++m) {
    digits modes(m);
    mode_flags mode;
    mode.nxe = modes.flag();
    mode.wp = modes.flag();
    mode.smep = modes.flag();
    mode.pke = modes.flag();
    mode.pkru = 1;
    const auto regime = regime_of(mode);
    for (unsigned n = 0; n < 128 * 512 * 2 * 6; ++n) {
      digits flags(n);
      path tables;
      auto& pte = tables[1];
      auto& pde = tables[2];
      pte.p = flags.flag(), pte.rw = flags.flag(), pte.user = flags.flag(), pte.nx = flags.flag();
      pte.a = flags.flag(), pte.bit_51 = flags.flag(), pte.bit_36 = flags.flag();
      pde.p = flags.flag(), pde.rw = flags.flag(), pde.user = flags.flag(), pde.nx = flags.flag(), pde.a = flags.flag();
      pde.ps = flags.flag(), pde.bit_51 = flags.flag(), pde.bit_36 = flags.flag();
      pde.bit_13 = flags.flag();
      if (pde.bit_13 && !pde.ps) continue;  // an address bit there
      tables[3].rw = flags.flag();
      const access_flags what = access_number(flags.below(6));
      ++combinations;
      faults += judge(tables, what, mode).fault ? 1U : 0U;
      disagreements += agrees(host, regime, tables, what, mode) ? 0U : 1U;
    }
  }
  CHECK(disagreements == 0);
  CHECK(combinations == 9'437'184);
  CHECK(faults == 9'310'936);
}

TEST_CASE("matrix 3: all four levels, both A/D policies",
          "[exhaustive][PAG-PRI-02][PAG-PRI-03][PAG-AD-01][PAG-AD-05]") {
  machine host;
  const mode_flags plain;
  const auto regime = regime_of(plain);
  std::uint64_t combinations = 0;
  std::uint64_t faults = 0;
  std::uint64_t disagreements = 0;
  for (unsigned n = 0; n < (1U << 20) * 2 * 6; ++n) {
    digits flags(n);
    path tables;
    for (unsigned level = 1; level <= 4; ++level) {
      auto& entry = tables[level];
      entry.p = flags.flag(), entry.rw = flags.flag(), entry.user = flags.flag(), entry.nx = flags.flag();
      entry.bit_51 = flags.flag();
    }
    mode_flags mode = plain;
    mode.deferred = flags.flag();
    const access_flags what = access_number(flags.below(6));
    ++combinations;
    faults += judge(tables, what, mode).fault ? 1U : 0U;
    disagreements += agrees(host, regime, tables, what, mode) ? 0U : 1U;
  }
  CHECK(disagreements == 0);
  CHECK(combinations == 12'582'912);
  // Allowed are, of the 4096 assignments of R/W, U/S and NX to present entries: all to kernel reads; those with one
  // kind of bit fixed to kernel writes, kernel fetches and user reads; those with two kinds fixed to user writes and
  // user fetches.
  CHECK(faults == combinations - 2 * (4096 + 3 * 256 + 2 * 16));
}

// ---- nested entries -------------------------------------------------------------------------------------------------

namespace {

/// A guest whose 1G page lies over 4K or 2M nested pages. The nested tables are at 0x1000 to 0x6000, the guest's two
/// tables at 0x7000 and 0x8000; both have the same address in the guest.
struct nested_machine {
  static constexpr std::uint64_t guest_data = 0x4000'0000;
  static constexpr std::uint64_t where = 0x80'4020'1000 + 0xabc;      // index 1 in both guest tables
  static constexpr std::uint64_t final_gpa = guest_data + 0x20'1abc;  // index 1 in the nested PDPT, PD and PT

  std::array<std::uint64_t, std::size_t{512} * 9> qwords{};
  memory::flat_memory memory{qwords};
  context<> ctx;

  auto at(std::uint64_t address) -> std::uint64_t& { return qwords[address / 8]; }

  nested_machine() {
    at(0x1000) = 0x2027;  // nPML4E for everything
    at(0x2000) = 0x3027;  // nPDPE of the guest's tables
    at(0x2008) = 0x5027;  // nPDPE of the page
    at(0x3000) = 0x4027;
    at(0x4038) = 0x7067;
    at(0x4040) = 0x8067;
    at(0x5008) = 0x6027;
    at(0x6008) = data | 0x67;
    at(0x7008) = 0x8027;             // guest PML4E
    at(0x8008) = guest_data | 0xe7;  // guest PDPE, 1G
  }
};

struct nested_verdict {
  bool fault{};
  std::uint64_t info1{};
  entry_flags leaf_after, upper_after;
};

/// What the nested tables answer to one access to the page of `leaf`, below `upper`.
/// @param table  the access is the walk's own, to a guest table: a write
auto judge_nested(const entry_flags& upper, const entry_flags& leaf, bool read_only_above, bool table,
                  const access_flags& what, bool nxe, bool smep) -> nested_verdict {
  nested_verdict result{.leaf_after = leaf, .upper_after = upper};
  const bool write = table || what.write;
  const bool fetch = !table && what.fetch;
  std::uint64_t code = err_p | err_u | (write ? err_w : 0) | (fetch && (nxe || smep) ? err_id : 0);
  code |= table ? 0x2'0000'0000 : 0x1'0000'0000;
  const auto fail = [&](std::uint64_t info1) {
    result.fault = true;
    result.info1 = info1;
    return result;
  };
  const auto reserved = [&](const entry_flags& entry) { return entry.bit_51 || (entry.nx && !nxe); };

  if (!upper.p) return fail(code & ~std::uint64_t{err_p});
  if (reserved(upper)) return fail(code | err_rsvd);
  const bool large = upper.ps;
  if (!large) {
    result.upper_after.a = true;
    if (!leaf.p) return fail(code & ~std::uint64_t{err_p});
    if (reserved(leaf)) return fail(code | err_rsvd);
  }
  const bool writable = !read_only_above && upper.rw && (large || leaf.rw);
  const bool for_user = upper.user && (large || leaf.user);
  const bool executable = !upper.nx && (large || !leaf.nx);
  if (!for_user || (write && !writable) || (fetch && !executable)) return fail(code);
  entry_flags& last = large ? result.upper_after : result.leaf_after;
  last.a = true;
  if (write) last.d = true;
  return result;
}

}  // namespace

TEST_CASE("matrix 4: nested entries, for guest tables and for the final gPA",
          "[exhaustive][PAG-NPT-04][PAG-NPT-11][PAG-NPT-13][PAG-NPT-17][PAG-NPF-02][PAG-NPF-10][PAG-NPF-13]") {
  nested_machine guest;
  std::uint64_t combinations = 0;
  std::uint64_t faults = 0;
  std::uint64_t disagreements = 0;
  constexpr cpu_part part{.snp_capable = true};  // no guest here is encrypted, so bit 34 stays 0
  for (unsigned m = 0; m < 32; ++m) {
    digits modes(m);
    mode_flags host_mode;
    mode_flags guest_mode;
    host_mode.nxe = modes.flag();
    host_mode.smep = modes.flag();
    host_mode.wp = modes.flag();    // must make no difference
    guest_mode.nxe = modes.flag();  // nor these
    guest_mode.smep = modes.flag();
    const auto regime = paging::make_two_stage_regime(
        guest.ctx, part,
        {.host = registers_of(host_mode, 0), .guest = registers_of(guest_mode, 0x7000), .ncr3 = 0x1000});
    REQUIRE(regime.has_value());

    for (unsigned n = 0; n < 128 * 128 * 2 * 2 * 6; ++n) {
      digits flags(n);
      entry_flags leaf;
      entry_flags upper;
      for (entry_flags* entry : {&leaf, &upper}) {
        entry->p = flags.flag(), entry->rw = flags.flag(), entry->user = flags.flag(), entry->nx = flags.flag();
        entry->a = flags.flag(), entry->bit_51 = flags.flag();
      }
      leaf.d = flags.flag();
      upper.ps = flags.flag();
      const bool read_only_above = flags.flag();
      const bool table = flags.flag();
      const access_flags what = access_number(flags.below(6));
      if (what.fetch && !what.user && guest_mode.smep) continue;  // the guest's own SMEP would come first

      // The entries under test stand over the guest's root or over its page.
      const std::uint64_t upper_at = table ? 0x3000 : 0x5008;
      const std::uint64_t leaf_at = table ? 0x4038 : 0x6008;
      const std::uint64_t above_at = table ? 0x2000 : 0x2008;
      // A large page over the guest's tables begins at 0, so that they lie where they do.
      const std::uint64_t upper_base = upper.ps ? (table ? 0 : data) : (table ? 0x4000 : 0x6000);
      const std::uint64_t leaf_base = table ? 0x7000 : data;
      guest.at(upper_at) = upper.raw(upper_base);
      guest.at(leaf_at) = leaf.raw(leaf_base);
      const std::uint64_t above = guest.at(above_at);
      if (read_only_above) guest.at(above_at) &= ~std::uint64_t{2};

      const nested_verdict expected =
          judge_nested(upper, leaf, read_only_above, table, what, host_mode.nxe, host_mode.smep);
      const auto found =
          paging::walk(guest.ctx, guest.memory, *regime, gva{nested_machine::where}, to_access(what, guest_mode));
      const auto holds = [&] {
        return guest.at(upper_at) == expected.upper_after.raw(upper_base) &&
               guest.at(leaf_at) == expected.leaf_after.raw(leaf_base);
      };
      bool same = false;
      if (expected.fault) {
        const std::uint64_t info2 = table ? 0x7008 : nested_machine::final_gpa;
        same = !found && found.error().kind == fault_kind::npf && found.error().code == expected.info1 &&
               found.error().address == info2 && holds();
      } else {
        const std::uint64_t offset = !table && upper.ps ? 0x1abc : 0xabc;
        same = found.has_value() && found->page.where.value == (data | offset) && holds();
      }
      ++combinations;
      faults += expected.fault ? 1U : 0U;
      disagreements += same ? 0U : 1U;

      guest.at(above_at) = above;
      guest.at(table ? 0x3000 : 0x5008) = table ? 0x4027 : 0x6027;
      guest.at(table ? 0x4038 : 0x6008) = table ? 0x7067 : data | 0x67;
    }
  }
  CHECK(disagreements == 0);
  CHECK(combinations == 11'534'336);
  CHECK(faults == 11'276'608);
}
