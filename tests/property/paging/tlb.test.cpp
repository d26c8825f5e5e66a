// SPDX-License-Identifier: MIT
// Any sequence of references, edits of tables, register writes and flushes, through a TLB and through a naive twin: a
// list of all translations that were ever walked, from which flushes strike out what the manual says.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ostream>
#include <set>
#include <utility>
#include <vector>

#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/paging/translate.hpp>

#include <property/property.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::paging;

namespace {

using u64 = std::uint64_t;

constexpr u64 first_page = 0x0000'5a93'7654'3000;
constexpr u64 c_bit = u64{1} << 51;
constexpr u64 pcide = cr4::pcide::mask;

/// The linear addresses of the pages: four of 4K, two of 2M.
constexpr u64 pages[] = {first_page,
                         first_page + 0x1000,
                         first_page + 0x2000,
                         first_page + 0x3000,
                         first_page - 0x143000 + 0x200000,
                         first_page - 0x143000 + 0x400000};
static_assert((pages[4] & 0x1f'ffff) == 0);

/// One step of a program, drawn as plain numbers.
struct step {
  unsigned what, a, b, c;
};

auto operator<<(std::ostream& out, const step& one) -> std::ostream& {
  return out << one.what % 16 << ':' << one.a << ',' << one.b << ',' << one.c;
}

/// Everything both sides of a run share: tables, registers, who is running.
struct world {
  bool in_guest{};
  cells memory;
  std::vector<u64> entries;  ///< editable ones: leaves of the tables, then nested leaves
  control_registers regs = long_mode_registers(0x10000);
  asid id{};
  guest_entry_state state{};

  explicit world(bool guest) : in_guest(guest), id{guest ? 5U : 0U} {
    const u64 stored_at = guest ? 0x4000'0000 : 0;
    table_tree tables(0x10000, 4, stored_at);
    for (unsigned i = 0; i < 6; ++i) {
      const unsigned level = i < 4 ? 1 : 2;
      const u64 to = i < 4 ? 0x0234'4000 + 0x1000 * i : 0x0240'0000 + 0x20'0000 * (i - 4);
      tables.map(memory, pages[i], to, level, all_rights | accessed | dirty | (i == 1 || i == 5 ? bit_8 : 0));
      entries.push_back(tables.slot(memory, pages[i], level));
    }
    if (!guest) return;
    table_tree nested(0x100'0000, 4);
    const auto map = [&](u64 where, unsigned level, bool editable) {
      nested.map(memory, where, 0x4000'0000 + where, level);
      if (editable) entries.push_back(nested.slot(memory, where, level));
    };
    for (u64 i = 0; i < 4; ++i) map(0x10000 + 0x1000 * i, 1, false);
    for (u64 i = 0; i < 4; ++i) map(0x0234'4000 + 0x1000 * i, 1, true);
    map(0x0240'0000, 2, true);
    map(0x0260'0000, 2, true);
    state = {.host = long_mode_registers(0), .syscfg = encryption_on, .ncr3 = 0x100'0000, .np_control = 3};
  }

  auto space() const -> address_space { return address_space_of(regs, id); }
  auto host() const -> host_regime {
    context<> ctx;
    return make_host_regime(ctx, test_part, regs, encryption_on).value();
  }
  auto guest() const -> two_stage_regime {
    context<> ctx;
    guest_entry_state now = state;
    now.guest = regs;
    now.id = id;
    return make_two_stage_regime(ctx, test_part, now).value();
  }
};

/// A translation that was walked.
struct remembered {
  asid id;
  std::uint16_t pcid;
  bool global;
  unsigned log2_size;
  u64 linear, to;
  bool writable, user, no_execute, c, nested_c;
  unsigned key;
  u64 leaf;
  bool clean = false;  ///< the walk saw D=0 and left it so
  std::set<std::pair<access_kind, bool>> for_whom;

  auto same_place(const remembered& other) const -> bool {
    return id == other.id && (global || pcid == other.pcid) && log2_size == other.log2_size && linear == other.linear;
  }
  auto same_content(const remembered& other) const -> bool {
    return global == other.global && to == other.to && writable == other.writable && user == other.user &&
           no_execute == other.no_execute && c == other.c && nested_c == other.nested_c && leaf == other.leaf;
  }
  auto holds(u64 address) const -> bool { return address >> log2_size == linear >> log2_size; }
};

/// The list, and what strikes out entries.
struct naive_tlb {
  std::vector<remembered> all;

  auto matches(address_space space, u64 address) const -> std::vector<std::size_t> {
    unsigned smallest = 64;
    for (const remembered& one : all)
      if (is_match(one, space, address)) smallest = std::min(smallest, one.log2_size);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (is_match(all[i], space, address) && all[i].log2_size == smallest) found.push_back(i);
    return found;
  }
  static auto is_match(const remembered& one, address_space space, u64 address) -> bool {
    return one.id == space.id && (one.global || one.pcid == space.pcid) && one.holds(address);
  }
  template <class Which>
  void strike(Which&& which) {
    std::erase_if(all, which);
  }
};

/// Whether what is known of a translation allows a reference under these registers.
auto allowed(const remembered& one, const control_registers& regs, const memory_access& why) -> bool {
  if (!one.for_whom.contains({why.kind, why.is_user()})) return false;
  const bool by_user = why.level == user_mode, write = why.kind == access_kind::write;
  const bool fetch = why.kind == access_kind::execute, wp = (regs.cr0 & cr0_wp) != 0;
  if (by_user && !one.user) return false;
  if (write && !one.writable && (by_user || wp)) return false;
  if (fetch && one.no_execute) return false;
  if (fetch && !by_user && one.user && (regs.cr4 & cr4_smep) != 0) return false;
  if (!fetch && !by_user && one.user && (regs.cr4 & cr4_smap) != 0 && !why.alignment_check) return false;
  if (!fetch && one.user && (regs.cr4 & cr4_pke) != 0) {
    if ((why.pkru >> (2 * one.key) & 1) != 0) return false;
    if (write && (why.pkru >> (2 * one.key + 1) & 1) != 0 && (by_user || wp)) return false;
  }
  return true;
}

auto log2_of(page_size size) -> unsigned { return size == page_size::k4k ? 12 : size == page_size::k2m ? 21 : 30; }

template <class To>
auto remember(const world& w, const mapping<To>& stage, page_size size, u64 address, u64 to, bool nested_c,
              const memory_access& why) -> remembered {
  const u64 inside = (u64{1} << log2_of(size)) - 1;
  return {.id = w.id,
          .pcid = w.space().pcid,
          .global = (w.regs.cr4 & cr4::pge::mask) != 0 && (stage.leaf.raw & bit_8) != 0,
          .log2_size = log2_of(size),
          .linear = address & ~inside,
          .to = to & ~inside,
          .writable = stage.rights.writable,
          .user = stage.rights.user,
          .no_execute = stage.rights.no_execute,
          .c = stage.c,
          .nested_c = nested_c,
          .key = static_cast<unsigned>(stage.leaf.raw >> 59 & 15),
          .leaf = stage.leaf.raw & ~std::uint64_t{0x60},  // A and D may have changed since
          .for_whom = {{why.kind, why.is_user()}}};
}

/// A program: the library on one side, the list on the other.
class run {
 public:
  run(bool guest, tally& classes) : w_(guest), classes_(classes) {}

  void play(const std::vector<step>& program) {
    for (const step& one : program) {
      switch (one.what % 16) {
        case 0:
        case 1:
        case 2:  edit(one); break;
        case 3:  registers(one); break;
        case 4:  flush(one); break;
        default: reference(one); break;
      }
      if (unclear_) return;
    }
  }

 private:
  void edit(const step& one) {
    static constexpr u64 flips[] = {writable, user,  no_execute, accessed | dirty, dirty,
                                    present,  bit_8, c_bit,      u64{5} << 59,     0x20'0000};
    u64& entry = w_.memory[w_.entries[one.a % w_.entries.size()]];
    entry ^= flips[one.b % std::size(flips)];
    classes_.add("edit");
  }

  void registers(const step& one) {
    static constexpr std::pair<u64 control_registers::*, u64> bits[] = {
        {&control_registers::cr0, cr0_wp},         {&control_registers::cr4, cr4_smep},
        {&control_registers::cr4, cr4_smap},       {&control_registers::cr4, cr4_pke},
        {&control_registers::cr4, cr4::pge::mask}, {&control_registers::cr4, pcide},
    };
    context<> ctx;
    if (one.a % 3 == 0) {  // MOV to CR3
      const u64 source = (w_.regs.cr3 & ~u64{0xfff}) | one.b % 3;
      const bool keeps = one.c % 3 == 0;
      if ((w_.regs.cr4 & pcide) == 0 && one.b % 3 != 0) return;
      flush_for_mov_cr3(ctx, tlb_, w_.id, w_.regs.cr4, source | u64{keeps} << 63);
      const bool tagged = (w_.regs.cr4 & pcide) != 0;
      if (!tagged || !keeps)
        naive_.strike(
            [&](const remembered& e) { return e.id == w_.id && !e.global && (!tagged || e.pcid == (source & 0xfff)); });
      w_.regs.cr3 = source;
      classes_.add("CR3");
      return;
    }
    if (w_.in_guest && one.a % 3 == 1) {  // another guest runs
      w_.id.value ^= 3;
      classes_.add("other ASID");
      return;
    }
    const auto& [which, bit] = bits[one.b % std::size(bits)];
    control_registers after = w_.regs;
    after.*which ^= bit;
    if (pcid_fault(ctx, w_.regs, after)) return;
    if (bit == pcide && (after.cr4 & pcide) == 0) after.cr3 &= ~u64{0xfff};
    const bool drops = flush_for_mode_change(ctx, tlb_, w_.id, w_.regs, after);
    const bool on = (after.*which & bit) != 0;
    const bool must = bit == cr4::pge::mask || (bit == cr4_pke && on) || (bit == pcide && !on);
    RC_ASSERT(drops == must);
    if (must) naive_.strike([&](const remembered& e) { return e.id == w_.id; });
    w_.regs = after;
    classes_.add("mode");
  }

  void flush(const step& one) {
    context<> ctx;
    const u64 address = pages[one.b % 6] + (one.c % 2) * 0x123;
    const address_space space = w_.space();
    const unsigned which = one.a % 7;
    if (which == 0) {
      invlpg(ctx, tlb_, space, address);
      naive_.strike([&](const remembered& e) { return naive_tlb::is_match(e, space, address); });
    } else if (which == 1) {
      const asid id{one.c % 3 == 0 ? 5U : one.c % 3 == 1 ? 6U : 0U};
      invlpga(ctx, tlb_, address, id.value);
      naive_.strike([&](const remembered& e) { return e.id == id && e.holds(address); });
    } else if (which == 2 || which == 3) {
      const unsigned control = one.c % 4 == 0 ? 0U : one.c % 4 == 1 ? 1U : one.c % 4 == 2 ? 3U : 7U;
      two_stage_regime machine{};
      machine.id = w_.id;
      apply_tlb_control(ctx, tlb_, tlb_control_of(ctx, test_part, control).value(), machine);
      naive_.strike([&](const remembered& e) {
        return control == 1 || (control != 0 && e.id == w_.id && (control == 3 || !e.global));
      });
    } else if (which == 4) {
      flush_for_event(ctx, tlb_, core_event::smi);
      naive_.all.clear();
    } else {
      const bool by_address = one.c % 2 == 0, by_pcid = one.c % 3 == 0, by_asid = one.c % 5 != 0;
      const bool globals = one.c % 7 < 3;
      const unsigned more = one.c % 4;
      const u64 rax = (pages[one.b % 6] & ~u64{0xfff}) | (by_address ? 1U : 0U) | (by_pcid ? 2U : 0U) |
                      (by_asid ? 4U : 0U) | (globals ? 8U : 0U);
      const auto what = decode_invlpgb(ctx, {}, rax, more, w_.id.value | (one.b % 3) << 16, 7);
      RC_ASSERT(what.has_value());
      apply(*what, tlb_);
      naive_.strike([&](const remembered& e) {
        if (by_asid && e.id != w_.id) return false;
        if (e.global ? !globals : by_pcid && e.pcid != one.b % 3) return false;
        if (!by_address) return true;
        for (u64 i = 0; i <= more; ++i)
          if (e.holds((rax & ~u64{0xfff}) + 0x1000 * i)) return true;
        return false;
      });
    }
    classes_.add("flush");
  }

  void reference(const step& one) {
    static constexpr access_kind kinds[] = {access_kind::read, access_kind::write, access_kind::execute};
    memory_access why{.kind = kinds[one.b % 3], .level = one.b / 3 % 2 == 0 ? user_mode : kernel_mode};
    why.alignment_check = one.c % 4 == 0;
    why.pkru = one.c % 5 == 0 ? 1U << 10 : one.c % 5 == 1 ? 2U << 10 : 0;
    const u64 address = pages[one.a % 6] + one.c % 0x1000;
    const auto candidates = naive_.matches(w_.space(), address);

    // What a walk would find, if there is one.
    const cells before = w_.memory;
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    const auto seen = w_.in_guest ? translate(ctx, w_.memory, tlb_, w_.guest(), w_.space(), gva{address}, why)
                                  : translate(ctx, w_.memory, tlb_, w_.host(), w_.space(), hva{address}, why);
    const bool walked = !heard.reads.empty();

    bool some_serves = false, some_does_not = candidates.empty();
    for (const std::size_t i : candidates) {
      const bool serves = allowed(naive_.all[i], w_.regs, why);
      some_serves = some_serves || serves;
      some_does_not = some_does_not || !serves;
    }
    RC_ASSERT((walked ? some_does_not : some_serves));
    if (!walked) {
      bool known = false;
      for (const std::size_t i : candidates)
        known = known || (allowed(naive_.all[i], w_.regs, why) && seen.has_value() &&
                          *seen == target_of(naive_.all[i], address, why));
      RC_ASSERT(known);
      RC_ASSERT(w_.memory == before);
      classes_.add("hit");
      context<> quiet;
      cells scratch = before;
      classes_.add("stale", fresh(quiet, scratch, address, why) != seen);
      return;
    }

    cells again = before;
    context<> quiet;
    std::optional<remembered> found;
    const bool as_walked = fresh(quiet, again, address, why, &found) == seen;
    RC_ASSERT(as_walked);
    RC_ASSERT(again == w_.memory);
    classes_.add(seen ? "walk" : "fault");
    if (!found) return;
    // Of two translations of one place - one global, one of the PCID - either may be the one that is replaced: no more
    // can be said of this program.
    std::vector<std::size_t> same;
    for (std::size_t i = 0; i < naive_.all.size(); ++i)
      if (naive_.all[i].same_place(*found)) same.push_back(i);
    if (same.size() > 1) {
      unclear_ = true;
      classes_.add("unclear");
      return;
    }
    // What `find` shows for the page's first byte is what classes are added to: a smaller page there hides it.
    const auto visible = naive_.matches(w_.space(), found->linear);
    if (same.size() == 1) {
      remembered& old = naive_.all[same[0]];
      const bool shown = visible.size() == 1 && visible[0] == same[0];
      if (shown && old.same_content(*found))
        for (const auto& by : old.for_whom)  // who writes must set D, so has to walk
          if (!found->clean || by.first != access_kind::write) found->for_whom.insert(by);
      old = *found;
    } else {
      naive_.all.push_back(*found);
    }
  }

  /// A walk of the tables as they are.
  auto fresh(context<>& ctx, cells& memory, u64 address, const memory_access& why,
             std::optional<remembered>* found = nullptr) -> outcome<target> {
    if (w_.in_guest) {
      const auto result = walk(ctx, memory, w_.guest(), gva{address}, why);
      if (!result) return std::unexpected{result.error()};
      if (found != nullptr)
        *found = remember(w_, result->in_guest, result->size, address, result->page.where.value, result->page.c, why);
      if (found != nullptr)
        (*found)->clean = !why.is_write() && !(result->in_guest.leaf.dirty() && result->page.leaf.dirty());
      return target{result->page.where, result->key};
    }
    const auto result = walk(ctx, memory, w_.host(), hva{address}, why);
    if (!result) return std::unexpected{result.error()};
    if (found != nullptr)
      *found = remember(w_, result->page, result->page.size, address, result->page.where.value, false, why);
    if (found != nullptr) (*found)->clean = !why.is_write() && !result->page.leaf.dirty();
    return target{result->page.where, result->key};
  }

  auto target_of(const remembered& one, u64 address, const memory_access& why) const -> target {
    const spa where{one.to + (address - one.linear)};
    if (!w_.in_guest) return {where, one.c ? memory_key::host() : memory_key::none()};
    if (one.c || why.kind == access_kind::execute) return {where, memory_key::guest(w_.id)};
    return {where, one.nested_c ? memory_key::host() : memory_key::none()};
  }

  world w_;
  tally& classes_;
  tlb<16, 64, 8> tlb_;  // room for everything, so that nothing is replaced
  naive_tlb naive_;
  bool unclear_ = false;
};

auto steps() -> rc::Gen<std::vector<step>> {
  return rc::gen::scale(
      2.0, rc::gen::container<std::vector<step>>(rc::gen::map(
               rc::gen::tuple(rc::gen::inRange(0U, 1U << 16), rc::gen::inRange(0U, 1U << 16),
                              rc::gen::inRange(0U, 1U << 16), rc::gen::inRange(0U, 1U << 16)),
               [](const auto& t) { return step{std::get<0>(t), std::get<1>(t), std::get<2>(t), std::get<3>(t)}; })));
}

}  // namespace

TEST_CASE("PAG-TLB-01..03: a TLB holds what a list of all translations holds",
          "[paging][PAG-TLB-01][PAG-TLB-02][PAG-TLB-03][PAG-AD-03][PAG-ASID-02][PAG-ASID-03][PAG-ASID-04][PAG-ASID-05]"
          "[PAG-ASID-06][PAG-COH-04]") {
  for (const bool guest : {false, true}) {
    tally classes;
    property(guest ? "guest" : "host", 3000, [&] {
      auto program = *steps();
      run(guest, classes).play(program);
    });
    check_none_empty(guest ? "guest" : "host", classes,
                     {"edit", "CR3", "mode", "flush", "hit", "stale", "walk", "fault"});
  }
}
