// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_RMP_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_RMP_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gsl/assert>
#include <tsl/robin_map.h>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/firmware/page_reclaim.hpp>
#include <sevspec/firmware/page_set_state.hpp>
#include <sevspec/firmware/page_unsmash.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/hash_of_words.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/rmp_entry_bits.hpp>
#include <sevspec/verify/rmp_invariants.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Which parts of the architecture a machine has. Each multiplies the number of states.
struct rmp_parts {
  bool large = true;         ///< pages of 2M, PSMASH, large leaves
  bool immutable = true;     ///< pages of the AMD-SP, SNP_PAGE_RECLAIM
  bool vmsa = true;          ///< RMPADJUST makes VMSAs
  bool vmrun = false;        ///< VMRUN holds VMSAs
  bool tlb = false;          ///< one translation that was cached
  unsigned vmpls = 2;        ///< 1 to 3
  unsigned guests = 2;       ///< 1 or 2
  unsigned guest_pages = 2;  ///< gPAs of each guest, 1 to 4; with large pages no fewer than one has
  bool odd_operands = true;  ///< RMPUPDATE with operands that lead to no other states, by rights
};

/// A machine around a Reverse Map Table: the hypervisor, a device and guests do what they like to a few pages, the AMD-SP
/// takes pages back. Nested tables are the hypervisor's, so a reference of a guest may go to any page through a leaf of
/// any size. Contents are names: which page holds what the first guest has written last at each gPA.
///
/// Guests are careful: they validate no gPA that they have validated before, take CF=1 for an attack, write a page before
/// they make it a VMSA, and give no VMSA up.
///
/// @tparam Pages     pages of 4K, whole regions
/// @tparam SubPages  how many make a large page
template <std::size_t Pages = 4, std::uint64_t SubPages = 2, class Context = context<>>
class rmp_model {
 public:
  static_assert(Pages <= 6 && SubPages <= 4 && Pages % SubPages == 0);

  using table = rmp::small_table<Pages, SubPages>;
  static constexpr unsigned most_guest_pages = 4;
  static constexpr unsigned most_guests = 2;

  /// A translation that somebody used, and that nobody has flushed. A large one serves its whole region.
  struct cached {
    bool valid{};
    bool host{};
    bool large{};
    bool write{};
    std::uint8_t guest{};
    std::uint8_t gpa{};
    std::uint8_t page{};
    friend constexpr auto operator==(const cached&, const cached&) -> bool = default;
  };
  struct state {
    table rmp{};
    /// By gPA of the first guest: 0 it has written nothing, 1+p page p holds it, 1+Pages it is lost.
    std::array<std::uint8_t, most_guest_pages> written{};
    /// By guest: bit g if it knows gPA g as validated.
    std::array<std::uint8_t, most_guests> validated{};
    std::uint8_t running{};  ///< bit p if VMRUN holds page p as a VMSA
    cached tlb{};
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using finding = rmp_finding;
  using packed = packed_state<(Pages * rmp_entry_bits + 4 * 3 + 2 * 4 + Pages + 10 + 63) / 64>;

  enum class deed : std::uint8_t {
    rmpupdate,
    psmash,
    reclaim,
    unsmash,
    set_hv_fixed,
    pvalidate,
    rmpadjust,
    host_write,
    device_write,
    shared_write,  ///< by a guest, through C=0
    private_write,
    private_read,
    vmrun,
    vmexit,
    cached_write,  ///< through the cached translation, to the page at that place in its region
    cached_read,
    drop,  ///< the hypervisor flushes
  };
  /// What is wrong with the operand of an RMPUPDATE. By rights all of these are refused.
  enum class oddity : std::uint8_t {
    none,
    reserved_bit,    ///< one is set
    high_gpa,        ///< bit 48 of the gPA is set
    high_asid,       ///< the first that no guest may have
    lock_asid,       ///< 3FFh: the firmware's lock
    asid_of_nobody,  ///< not assigned, and ASID 1
  };
  /// Which members count depends on `what`.
  struct operation {
    deed what{};
    std::uint8_t page{};
    bool large{};  ///< the operand
    bool leaf{};   ///< a large leaf maps the page
    std::uint8_t guest{};
    std::uint8_t gpa{};
    std::uint8_t level{};
    std::uint8_t target{};
    std::uint8_t mask{};
    bool vmsa{};
    bool assigned{};
    bool immutable{};
    bool validate{};
    bool keep{};  ///< the translation is cached
    bool user{};  ///< at CPL 3
    oddity odd{};
  };

  explicit rmp_model(const rmp_parts& parts = {}, Context ctx = {}) : parts_(parts), ctx_(ctx) {
    Expects(parts.vmpls >= 1 && parts.vmpls <= 3 && parts.guests >= 1 && parts.guests <= most_guests);
    Expects(parts.guest_pages >= (parts.large ? SubPages : 1) && parts.guest_pages <= most_guest_pages);
    cpu_.vmpls = parts.vmpls;
    cpu_.highest_asid = most_guests;
    around_.choices = ctx.choices;
    list_host_operations();
    list_guest_operations();
    if (parts_.odd_operands) list_odd_operands();
    for (std::uint32_t which = 0; which < operations_.size(); ++which) {
      const operation& op = operations_[which];
      const bool of_tlb = op.what == deed::cached_write || op.what == deed::cached_read || op.what == deed::drop;
      of_region_[of_tlb ? regions : op.page / SubPages].push_back(which);
    }
  }

  [[nodiscard]] auto initial() const -> state { return {}; }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }
  [[nodiscard]] auto operation_of(std::uint32_t which) const -> const operation& { return operations_[which]; }
  [[nodiscard]] auto parts() const noexcept -> const rmp_parts& { return parts_; }

  [[nodiscard]] auto check(const state& now) const -> finding {
    if (const auto broken = check_table(now.rmp, every_page, around_); broken || !parts_.vmrun) return broken;
    return inv_22_in_use_is_used(now.rmp, every_page,
                                 [&now](rmp::spfn page) { return (now.running >> page.value & 1) != 0; });
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    if (!is_careful(before, operations_[which])) return {};
    return play(before, now, operations_[which]);
  }
  /// Whether the operation is not a guest's, or one that a careful guest does.
  [[nodiscard]] auto is_careful(const state& now, const operation& op) const -> bool {
    if (op.what == deed::pvalidate && !op.user) {
      if (op.validate) return (now.validated[op.guest] & covered(op)) == 0;
      return !rmp::authoritative_entry(now.rmp, {op.page}).vmsa;  // a VMSA is made an ordinary page first
    }
    if (op.what != deed::rmpadjust || !op.vmsa || op.level != 0 || op.guest != 0) return true;
    for (std::uint8_t where = 0; where < most_guest_pages; ++where)  // a VMSA is written first (VMPL-09)
      if ((covered(op) >> where & 1) != 0 && now.written[where] == 0) return false;
    return true;
  }
  [[nodiscard]] auto play(const state& before, state& now, const operation& op) const -> effect<finding> {
    switch (op.what) {
      case deed::rmpupdate:
      case deed::psmash:        return host_instruction(before, now, op);
      case deed::reclaim:
      case deed::unsmash:
      case deed::set_hv_fixed:  return command(before, now, op);
      case deed::pvalidate:     return pvalidate(before, now, op);
      case deed::rmpadjust:     return rmpadjust(before, now, op);
      case deed::host_write:
      case deed::device_write:
      case deed::shared_write:  return foreign_write(now, op);
      case deed::private_write:
      case deed::private_read:  return reference(now, op);
      case deed::vmrun:
      case deed::vmexit:        return world_switch(before, now, op);
      case deed::cached_write:
      case deed::cached_read:   return cached_reference(now, op);
      case deed::drop:          return drop(now);
    }
    return {};
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    for (const rmp::entry& e : one.rmp.entries) to.put(bits_of(e), rmp_entry_bits);
    for (const std::uint8_t where : one.written) to.put(where, 3);
    for (const std::uint8_t known : one.validated) to.put(known, 4);
    to.put(one.running, Pages);
    to.put(one.tlb.valid, 1).put(one.tlb.host, 1).put(one.tlb.large, 1).put(one.tlb.write, 1);
    to.put(one.tlb.guest, 1).put(one.tlb.gpa, 2).put(one.tlb.page, 3);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    for (rmp::entry& e : one.rmp.entries) e = entry_of(from.take(rmp_entry_bits));
    for (std::uint8_t& where : one.written) where = static_cast<std::uint8_t>(from.take(3));
    for (std::uint8_t& known : one.validated) known = static_cast<std::uint8_t>(from.take(4));
    one.running = static_cast<std::uint8_t>(from.take(Pages));
    one.tlb.valid = from.flag(), one.tlb.host = from.flag(), one.tlb.large = from.flag(), one.tlb.write = from.flag();
    one.tlb.guest = static_cast<std::uint8_t>(from.take(1));
    one.tlb.gpa = static_cast<std::uint8_t>(from.take(2));
    one.tlb.page = static_cast<std::uint8_t>(from.take(3));
    return one;
  }

  /// An operation on a region that its entries do not refuse.
  struct move {
    std::uint32_t which{};
    bool settled{};          ///< it changes the region's entries and nothing else, always in this way
    effect<finding> step{};  ///< the same
    std::array<rmp::entry, SubPages> after{};
  };
  /// For each region that was met, what can be done to it.
  class memo {
    friend rmp_model;
    tsl::robin_map<packed_state<2>, std::vector<move>, hash_of_words> known_;
  };

  /// Plays the operations that are not refused. What a table answers depends on the region of the operand alone, so the
  /// library is asked once for each region and operation; what depends on more is played each time.
  /// @param told  `told(operation, effect, state) -> bool`: false ends it
  template <class Told>
  void play_possible(const state& before, memo& remembered, Told&& told) const {
    state now = before;
    for (std::size_t region = 0; region < regions; ++region) {
      typename decltype(memo::known_)::key_type key{};
      bit_writer to(key);
      for (std::size_t i = 0; i < SubPages; ++i)
        to.put(bits_of(before.rmp.entries[region * SubPages + i]), rmp_entry_bits);
      to.put(region, 2);
      auto known = remembered.known_.find(key);
      if (known == remembered.known_.end()) known = remembered.known_.emplace(key, moves_of(before, region)).first;
      for (const move& one : known->second) {
        if (!is_careful(before, operations_[one.which])) continue;
        effect<finding> step = one.step;
        if (one.settled)
          for (std::size_t i = 0; i < SubPages; ++i) now.rmp.entries[region * SubPages + i] = one.after[i];
        else step = play(before, now, operations_[one.which]);
        if (!told(one.which, step, now)) return;
        if (one.settled) copy_region(before, now, region);
        else if (step.what == fate::changed) now = before;
      }
    }
    for (const std::uint32_t which : of_region_[regions]) {
      const effect<finding> step = play(before, now, operations_[which]);
      if (!told(which, step, now)) return;
      now = before;
    }
  }

  /// The same in a machine with large pages of 512, as the conformance suite asks it; nothing if it knows no such step.
  [[nodiscard]] auto step_of(std::uint32_t which) const -> std::optional<rmp_step> {
    const operation& op = operations_[which];
    const auto place = [](std::uint64_t page) { return (page / SubPages * 512 + page % SubPages) << 12; };
    rmp_step step{.spa = place(op.page), .gpa = place(op.gpa), .size = size_of(op.large), .leaf = size_of(op.leaf)};
    step.asid = id_of(op).value;
    step.vmpl = op.level;
    step.cpl = op.user ? 3 : 0;
    const auto access = [&](rmp_agent by, rmp_access kind, bool c) {
      step.what = rmp_operation::access;
      step.by = by;
      step.kind = kind;
      step.c = c;
      return step;
    };
    switch (op.what) {
      case deed::rmpupdate: {
        if (op.odd == oddity::reserved_bit) return {};
        const rmp::new_state wanted = operand_of(op);
        step.what = rmp_operation::rmpupdate;
        step.assigned = wanted.assigned;
        step.immutable = wanted.immutable;
        step.asid = op.odd == oddity::high_asid ? rmp::region_lock.value - 1 : wanted.id.value;
        step.gpa = place(wanted.guest.value >> 12 & 0xfff) | (wanted.guest.value & high_bit);
        return step;
      }
      case deed::psmash:  step.what = rmp_operation::psmash; return step;
      case deed::reclaim: step.what = rmp_operation::page_reclaim; return step;
      case deed::unsmash: step.what = rmp_operation::page_unsmash; return step;
      case deed::set_hv_fixed:
        step.what = rmp_operation::page_set_state;
        step.pages = op.large ? 512 : 1;
        return step;
      case deed::pvalidate:
        step.what = rmp_operation::pvalidate;
        step.validate = op.validate;
        return step;
      case deed::rmpadjust:
        step.what = rmp_operation::rmpadjust;
        step.attributes = attributes_of(op);
        return step;
      case deed::host_write:    return access(rmp_agent::host, rmp_access::write, false);
      case deed::device_write:  return access(rmp_agent::device, rmp_access::write, false);
      case deed::shared_write:  return access(rmp_agent::guest, rmp_access::write, false);
      case deed::private_write: return access(rmp_agent::guest, rmp_access::write, true);
      case deed::private_read:  return access(rmp_agent::guest, rmp_access::read, true);
      case deed::vmrun:
      case deed::vmexit:
      case deed::cached_write:
      case deed::cached_read:
      case deed::drop:          break;
    }
    return {};
  }

  /// A line for people: "guest 1, VMPL0: PVALIDATE gPA 0 through page 2".
  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  static constexpr rmp::page_range every_page{{0}, Pages};
  static constexpr std::uint8_t lost = Pages + 1;

  static constexpr std::size_t regions = Pages / SubPages;

  /// Tries all operations on a region, with guests who know nothing and have written nothing.
  [[nodiscard]] auto moves_of(const state& now, std::size_t region) const -> std::vector<move> {
    std::vector<move> list;
    state bare;
    copy_region(now, bare, region);
    for (const std::uint32_t which : of_region_[region]) {
      state after = bare;
      const effect<finding> step = play(bare, after, operations_[which]);
      if (step.what == fate::refused) continue;
      const deed what = operations_[which].what;
      const bool of_table = what == deed::rmpupdate || what == deed::psmash || what == deed::reclaim ||
                            what == deed::unsmash || what == deed::set_hv_fixed || what == deed::rmpadjust;
      list.push_back({.which = which, .settled = of_table && !parts_.tlb && !parts_.vmrun, .step = step});
      for (std::size_t i = 0; i < SubPages; ++i) list.back().after[i] = after.rmp.entries[region * SubPages + i];
    }
    return list;
  }
  static void copy_region(const state& from, state& to, std::size_t region) {
    for (std::size_t i = region * SubPages; i < (region + 1) * SubPages; ++i) to.rmp.entries[i] = from.rmp.entries[i];
  }

  [[nodiscard]] static auto attributes_of(const operation& op) noexcept -> std::uint64_t {
    return std::uint64_t{op.target} | std::uint64_t{op.mask} << 8 | (op.vmsa ? 0x10000U : 0U);
  }
  [[nodiscard]] static auto id_of(const operation& op) noexcept -> asid { return {op.guest + 1U}; }
  [[nodiscard]] static auto operand_of(const operation& op) noexcept -> rmp::new_state {
    rmp::new_state wanted{.assigned = op.assigned, .large = op.large, .immutable = op.immutable};
    if (op.assigned) wanted.guest = guest_address(op.gpa);
    if (op.assigned && op.guest != nobody) wanted.id = id_of(op);
    switch (op.odd) {
      case oddity::none:           break;
      case oddity::reserved_bit:   wanted.reserved = true; break;
      case oddity::high_gpa:       wanted.guest.value |= high_bit; break;
      case oddity::high_asid:      wanted.id = {most_guests + 1}; break;
      case oddity::lock_asid:      wanted.id = rmp::region_lock; break;
      case oddity::asid_of_nobody: wanted.id = {1}; break;
    }
    return wanted;
  }
  [[nodiscard]] static auto address(std::uint8_t page) noexcept -> spa { return {std::uint64_t{page} << 12}; }
  [[nodiscard]] static auto guest_address(std::uint8_t page) noexcept -> gpa { return {std::uint64_t{page} << 12}; }
  [[nodiscard]] static auto size_of(bool large) noexcept -> page_size {
    return large ? page_size::k2m : page_size::k4k;
  }
  /// Bits of the gPAs that an operand covers.
  [[nodiscard]] auto covered(const operation& op) const noexcept -> std::uint8_t {
    const unsigned all = (1U << SubPages) - 1;
    return static_cast<std::uint8_t>(op.large ? all << op.gpa / SubPages * SubPages : 1U << op.gpa);
  }
  [[nodiscard]] static auto region_of(std::uint8_t page) noexcept -> std::uint64_t { return page / SubPages; }

  // --- what may happen ---

  void list_host_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    for (std::uint8_t page = 0; page < Pages; ++page) {
      for (int large = 0; large <= (parts_.large ? 1 : 0); ++large) {
        add({.what = deed::rmpupdate, .page = page, .large = large != 0});
        for (std::uint8_t guest = 0; guest < parts_.guests; ++guest)
          for (std::uint8_t where = 0; where < parts_.guest_pages; ++where)
            for (int fixed = 0; fixed <= (parts_.immutable ? 1 : 0); ++fixed)
              add({.what = deed::rmpupdate,
                   .page = page,
                   .large = large != 0,
                   .guest = guest,
                   .gpa = where,
                   .assigned = true,
                   .immutable = fixed != 0});
        if (parts_.immutable) {
          add({.what = deed::rmpupdate,
               .page = page,
               .large = large != 0,
               .guest = nobody,
               .assigned = true,
               .immutable = true});
          add({.what = deed::rmpupdate, .page = page, .large = large != 0, .immutable = true});
          add({.what = deed::reclaim, .page = page, .large = large != 0});
        }
        for (int keep = 0; keep <= (parts_.tlb ? 1 : 0); ++keep)
          add({.what = deed::host_write, .page = page, .leaf = large != 0, .keep = keep != 0});
        add({.what = deed::shared_write, .page = page, .leaf = large != 0, .guest = 1});
      }
      add({.what = deed::device_write, .page = page});
      if (parts_.large) {
        add({.what = deed::psmash, .page = page});
        if (parts_.immutable) add({.what = deed::unsmash, .page = page});
      }
      if (parts_.immutable)
        for (const bool whole : {false, true}) add({.what = deed::set_hv_fixed, .page = page, .large = whole});
      if (parts_.vmrun) {
        for (std::uint8_t guest = 0; guest < parts_.guests; ++guest)
          add({.what = deed::vmrun, .page = page, .guest = guest});
        add({.what = deed::vmexit, .page = page});
      }
    }
    if (parts_.tlb) add({.what = deed::drop});
  }

  /// Operands of RMPUPDATE that no sane hypervisor has.
  void list_odd_operands() {
    for (std::uint8_t page = 0; page < Pages; ++page)
      for (int large = 0; large <= (parts_.large ? 1 : 0); ++large) {
        operation one{.what = deed::rmpupdate, .page = page, .large = large != 0};
        for (const oddity odd : {oddity::asid_of_nobody, oddity::reserved_bit}) {
          one.odd = odd;
          operations_.push_back(one);
        }
        one.assigned = true;
        for (const oddity odd : {oddity::reserved_bit, oddity::high_gpa, oddity::high_asid, oddity::lock_asid}) {
          one.odd = odd;
          operations_.push_back(one);
        }
        if (!parts_.immutable) continue;  // pages of nobody that are assigned, and gPAs for them
        one.odd = oddity::none;
        one.guest = nobody;
        operations_.push_back(one);
        one.gpa = SubPages;
        for (const bool fixed : {false, true}) {
          one.immutable = fixed;
          operations_.push_back(one);
        }
      }
  }

  void list_guest_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    constexpr std::array<std::uint8_t, 4> masks{0x00, 0x01, 0x03, 0x02};  // the last makes no sense
    for (std::uint8_t guest = 0; guest < parts_.guests; ++guest)
      for (std::uint8_t where = 0; where < parts_.guest_pages; ++where)
        for (std::uint8_t page = 0; page < Pages; ++page)
          for (int leaf = 0; leaf <= (parts_.large ? 1 : 0); ++leaf) {
            const operation at{.page = page, .leaf = leaf != 0, .guest = guest, .gpa = where};
            for (std::uint8_t level = 0; level < parts_.vmpls; ++level) {
              for (int large = 0; large <= (parts_.large ? 1 : 0); ++large) {
                operation one = at;
                one.level = level;
                one.large = large != 0;
                one.what = deed::pvalidate;
                one.validate = true;
                add(one);
                if (level == 0) {
                  one.user = true;
                  add(one);
                  one.user = false;
                }
                one.validate = false;
                add(one);
                one.what = deed::rmpadjust;
                for (std::uint8_t target = level == 0 ? 1 : level; target < parts_.vmpls; ++target)
                  for (const std::uint8_t mask : masks)
                    for (int vmsa = 0; vmsa <= (parts_.vmsa ? 1 : 0); ++vmsa) {
                      one.target = target;
                      one.mask = mask;
                      one.vmsa = vmsa != 0;
                      add(one);
                    }
              }
              operation one = at;
              one.level = level;
              for (const deed what : {deed::private_write, deed::private_read}) {
                one.what = what;
                add(one);
                if (!parts_.tlb || level != 0) continue;
                one.keep = true;
                add(one);
                one.keep = false;
              }
            }
          }
    if (parts_.tlb)
      for (std::uint8_t inside = 0; inside < SubPages; ++inside) {
        add({.what = deed::cached_write, .page = inside});
        add({.what = deed::cached_read, .page = inside});
      }
  }

  // --- what it does ---

  [[nodiscard]] auto host_instruction(const state& before, state& now, const operation& op) const -> effect<finding> {
    const bool update = op.what == deed::rmpupdate;
    const auto done = update ? rmp::rmpupdate(ctx_, now.rmp, cpu_, {}, address(op.page), operand_of(op))
                             : rmp::psmash(ctx_, now.rmp, cpu_, {}, address(op.page));
    const bool succeeded = done && done->succeeded();
    if (succeeded) forget(now, done->stale);
    return judged(before, now,
                  {.what = update ? rmp_deed::rmpupdate : rmp_deed::psmash,
                   .succeeded = succeeded,
                   .page = {op.page},
                   .large = op.large || !update});
  }
  [[nodiscard]] auto command(const state& before, state& now, const operation& op) const -> effect<finding> {
    constexpr auto nowhere = [](spa) { return false; };
    firmware::status done{};
    if (op.what == deed::reclaim)
      done = firmware::page_reclaim(ctx_, now.rmp, address(op.page), size_of(op.large), nowhere);
    else if (op.what == deed::unsmash) done = firmware::page_unsmash(ctx_, now.rmp, address(op.page), nowhere);
    else done = firmware::page_set_state(ctx_, now.rmp, address(op.page), op.large ? SubPages : 1, nowhere);
    return judged(before, now,
                  {.what = rmp_deed::command,
                   .succeeded = done == firmware::status::success,
                   .page = {op.page},
                   .large = op.large});
  }

  /// The hypervisor's tables lead anywhere; the guest's own leaf is as large as what it asks for.
  [[nodiscard]] static auto translation(const operation& op) noexcept {
    return [&op](gva where) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = where,
                             .guest = guest_address(op.gpa),
                             .where = address(op.page),
                             .leaf = size_of(op.leaf),
                             .guest_leaf = size_of(op.large)};
    };
  }
  [[nodiscard]] static auto by(const operation& op) noexcept -> rmp::execution {
    return {.level = {static_cast<std::uint8_t>(op.user ? 3 : 0)},
            .id = id_of(op),
            .snp_active = true,
            .privilege = {op.level}};
  }

  [[nodiscard]] auto pvalidate(const state& before, state& now, const operation& op) const -> effect<finding> {
    std::uint8_t& known = now.validated[op.guest];
    const std::uint8_t pages = covered(op);
    const auto done = rmp::pvalidate(
        ctx_, now.rmp, cpu_, by(op),
        {.where = {guest_address(op.gpa).value}, .size = op.large ? 1U : 0U, .validated = op.validate ? 1U : 0U},
        translation(op));
    const bool succeeded = done && done->succeeded();
    const effect<finding> step = judged(before, now,
                                        {.what = rmp_deed::pvalidate,
                                         .succeeded = succeeded,
                                         .page = {op.page},
                                         .large = op.large,
                                         .id = id_of(op),
                                         .level = {op.level},
                                         .validate = op.validate});
    if (step.broken || !succeeded) return step;
    if (op.user) return step;        // the guest's kernel knows nothing of it
    if (done->unchanged) return {};  // CF=1: an attack, and the guest ends
    known = static_cast<std::uint8_t>(op.validate ? known | pages : known & ~pages);
    if (!op.validate && op.guest == 0)
      for (std::uint8_t where = 0; where < most_guest_pages; ++where)
        if ((pages >> where & 1) != 0) now.written[where] = 0;
    if (!op.validate) flush_guest(now, op.guest);  // careful guests do
    return went(true);
  }

  [[nodiscard]] auto rmpadjust(const state& before, state& now, const operation& op) const -> effect<finding> {
    const auto done = rmp::rmpadjust(
        ctx_, now.rmp, cpu_, by(op),
        {.where = {guest_address(op.gpa).value}, .size = op.large ? 1U : 0U, .attributes = attributes_of(op)},
        translation(op));
    const bool succeeded = done && done->succeeded();
    if (succeeded) flush_guest(now, op.guest);
    return judged(before, now,
                  {.what = rmp_deed::rmpadjust,
                   .succeeded = succeeded,
                   .page = {op.page},
                   .large = op.large,
                   .id = id_of(op),
                   .level = {op.level},
                   .target = op.target});
  }

  /// A write that is not a guest's private one.
  [[nodiscard]] auto foreign_write(state& now, const operation& op) const -> effect<finding> {
    memory::ownership_query query{.where = address(op.page), .leaf = size_of(op.leaf), .kind = access_kind::write};
    rmp_access_made made{.page = {op.page}, .by = rmp_party::hypervisor, .write = true};
    if (op.what == deed::device_write) made.by = rmp_party::device;
    if (op.what == deed::shared_write) {
      query.who = memory::owner_context::snp_guest;
      query.id = id_of(op);
      made.by = rmp_party::guest;
      made.id = id_of(op);
    }
    if (rmp::check_access(ctx_, now.rmp, query).what != memory::ownership_verdict::kind::allowed) return {};
    if (const auto broken = check_access_made(now.rmp, made)) return wrong(broken);
    if (op.keep) now.tlb = {.valid = true, .host = true, .large = op.leaf, .write = true, .page = op.page};
    return went(overwrite(now, op.page) || op.keep);
  }

  /// A private reference of a guest.
  [[nodiscard]] auto reference(state& now, const operation& op) const -> effect<finding> {
    const bool write = op.what == deed::private_write;
    const memory::ownership_query query{.where = address(op.page),
                                        .guest = guest_address(op.gpa),
                                        .leaf = size_of(op.leaf),
                                        .kind = write ? access_kind::write : access_kind::read,
                                        .c = true,
                                        .who = memory::owner_context::snp_guest,
                                        .id = id_of(op),
                                        .level = {op.level}};
    if (rmp::check_access(ctx_, now.rmp, query).what != memory::ownership_verdict::kind::allowed) return {};
    if (op.keep)
      now.tlb = {.valid = true, .large = op.leaf, .write = write, .guest = op.guest, .gpa = op.gpa, .page = op.page};
    return happened(now, op.guest, op.gpa, op.page, op.level, write, op.keep);
  }
  /// The same through what was cached: nobody asks the table.
  [[nodiscard]] auto cached_reference(state& now, const operation& op) const -> effect<finding> {
    const bool write = op.what == deed::cached_write;
    const cached used = now.tlb;
    if (!used.valid || (write && !used.write) || (!used.large && op.page != used.page % SubPages)) return {};
    const auto page = static_cast<std::uint8_t>(used.page / SubPages * SubPages + op.page);
    if (used.host) {
      if (!write) return {};
      if (const auto broken = check_access_made(now.rmp, {.page = {page}, .by = rmp_party::hypervisor, .write = true}))
        return wrong(broken);
      return went(overwrite(now, page));
    }
    const auto where = static_cast<std::uint8_t>(used.large ? used.gpa / SubPages * SubPages + op.page : used.gpa);
    if (where >= parts_.guest_pages) return {};
    return happened(now, used.guest, where, page, 0, write, false);
  }
  [[nodiscard]] auto happened(state& now, std::uint8_t guest, std::uint8_t where, std::uint8_t page, std::uint8_t level,
                              bool write, bool changed) const -> effect<finding> {
    const rmp_access_made made{.page = {page},
                               .by = rmp_party::guest,
                               .guest = guest_address(where),
                               .id = {guest + 1U},
                               .level = {level},
                               .c = true,
                               .write = write};
    if (const auto broken = check_access_made(now.rmp, made)) return wrong(broken);
    if (!write) {
      const std::uint8_t at = now.written[where];
      if (guest == 0 && at != 0 && at != page + 1)
        return wrong(verify::detail::broken(rmp_invariant::inv_18, {page},
                                            "the guest reads something else than it has written"));
      return went(changed);
    }
    if ((now.running >> page & 1) != 0)
      return wrong(
          verify::detail::broken(rmp_invariant::inv_10, {page}, "a guest has written a page that VMRUN holds"));
    bool other = overwrite(now, page);
    if (guest == 0) {
      now.written[where] = static_cast<std::uint8_t>(page + 1);
      other = true;
    }
    return went(changed || other);
  }
  /// What a page held is gone.
  static auto overwrite(state& now, std::uint8_t page) noexcept -> bool {
    bool any = false;
    for (std::uint8_t& where : now.written)
      if (where == page + 1) where = lost, any = true;
    return any;
  }

  [[nodiscard]] auto world_switch(const state& before, state& now, const operation& op) const -> effect<finding> {
    const bool enters = op.what == deed::vmrun;
    const auto bit = static_cast<std::uint8_t>(1U << op.page);
    if (enters) {
      if ((now.running & bit) != 0)
        return went(false);  // that two processors run one VMSA is asked for elsewhere (RMP-VMR-11)
      if (rmp::check_snp_vmsa(ctx_, now.rmp, address(op.page), id_of(op)) != rmp::page_answer::good) return {};
      const bool judged_page = op.guest == 0 && rmp::authoritative_entry(now.rmp, {op.page}).validated;
      if (judged_page && std::ranges::find(now.written, op.page + 1) == now.written.end())
        return wrong(
            verify::detail::broken(rmp_invariant::inv_18, {op.page}, "VMRUN loads what the guest has not written"));
    } else if ((now.running & bit) == 0) {
      return went(false);
    }
    now.running ^= bit;
    const auto held = [&now](rmp::spfn page) { return (now.running >> page.value & 1) != 0; };
    forget(now, rmp::set_in_use(ctx_, now.rmp, address(op.page), enters, held));
    return judged(before, now, {.what = rmp_deed::vmrun, .succeeded = true, .page = {op.page}});
  }
  /// Whether VMRUN holds a page that differs, or one whose contents somebody changes.
  [[nodiscard]] auto disturbed(const state& before, const state& now) const -> finding {
    for (std::uint8_t page = 0; page < Pages; ++page) {
      if ((before.running & now.running & 1U << page) == 0) continue;
      const rmp::entry old = rmp::authoritative_entry(before.rmp, {page});
      const rmp::entry made = rmp::authoritative_entry(now.rmp, {page});
      if (verify::detail::without_count(old) != verify::detail::without_count(made))
        return verify::detail::broken(rmp_invariant::inv_11, {page}, "the page has changed under VMRUN");
    }
    return {};
  }

  [[nodiscard]] static auto drop(state& now) noexcept -> effect<finding> {
    const bool any = now.tlb.valid;
    now.tlb = {};
    return went(any);
  }
  /// Translations that an operation makes stale.
  static void forget(state& now, rmp::page_range stale) noexcept {
    if (!now.tlb.valid) return;
    const std::uint64_t pages = now.tlb.large ? SubPages : 1;
    const std::uint64_t first = now.tlb.page / pages * pages;
    if (first < stale.first.value + stale.count && stale.first.value < first + pages) now.tlb = {};
  }
  static void flush_guest(state& now, std::uint8_t guest) noexcept {
    if (now.tlb.valid && !now.tlb.host && now.tlb.guest == guest) now.tlb = {};
  }

  [[nodiscard]] auto judged(const state& before, const state& now, const rmp_action& action) const -> effect<finding> {
    if (!action.succeeded && before.rmp == now.rmp) return {};  // as nearly always
    effect<finding> step = went(action.succeeded);
    step.broken = check_step(before.rmp, now.rmp, every_page, action, around_.choices);
    if (!step.broken && now.running != 0) step.broken = disturbed(before, now);
    for (const rmp::entry& one : now.rmp.entries)  // a count that has no room in `packed` is wrong
      if (!step.broken && one.sub_page_count >= SubPages) step.broken = check(now);
    return step;
  }

  [[nodiscard]] static auto went(bool changed) -> effect<finding> {
    return {.what = changed ? fate::changed : fate::unchanged, .broken = {}};
  }
  [[nodiscard]] static auto wrong(const finding& broken) -> effect<finding> {
    return {.what = fate::changed, .broken = broken};
  }

  static constexpr std::uint8_t nobody = 0xff;
  static constexpr std::uint64_t high_bit = std::uint64_t{1} << 48;

  rmp_parts parts_;
  mutable Context ctx_;  // functions tell its listener
  rmp::processor cpu_{};
  rmp_surroundings<> around_{};
  std::vector<operation> operations_;
  std::array<std::vector<std::uint32_t>, regions + 1> of_region_;  // the last: those that ask no table
};

template <std::size_t Pages, std::uint64_t SubPages, class Context>
auto rmp_model<Pages, SubPages, Context>::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const auto number = [](unsigned value) { return std::to_string(value); };
  const std::string page = " page " + number(op.page);
  const std::string size = op.large ? " (2M)" : "";
  const std::string leaf = op.leaf ? " through a 2M leaf" : "";
  const std::string kept = op.keep ? ", which the TLB keeps" : "";
  const std::string guest = "guest " + number(op.guest + 1U);
  const std::string who = guest + ", VMPL" + number(op.level) + ": ";
  const std::string place = " gPA " + number(op.gpa) + " at" + page + leaf;
  switch (op.what) {
    case deed::rmpupdate: {
      const std::string target = "host: RMPUPDATE" + page + size;
      const std::string reserved = op.odd == oddity::reserved_bit ? ", reserved bit" : "";
      const std::string fixed = op.immutable ? ", immutable" : "";
      const std::string at = " at gPA " + number(op.gpa);
      if (op.odd == oddity::asid_of_nobody) return target + " to the hypervisor, ASID 1";
      if (op.odd == oddity::high_gpa) return target + " to " + guest + " at a gPA that is too high";
      if (op.odd == oddity::high_asid) return target + " to an ASID that is too high";
      if (op.odd == oddity::lock_asid) return target + " to ASID 3FFh";
      if (!op.assigned) return target + " to the hypervisor" + fixed + reserved;
      if (op.guest != nobody) return target + " to " + guest + at + fixed + reserved;
      if (op.gpa != 0) return target + " to ASID 0" + at + fixed;
      return target + (op.immutable ? " to the AMD-SP" : " to ASID 0");
    }
    case deed::psmash:       return "host: PSMASH" + page;
    case deed::reclaim:      return "host: SNP_PAGE_RECLAIM" + page + size;
    case deed::unsmash:      return "host: SNP_PAGE_UNSMASH" + page;
    case deed::set_hv_fixed: return "host: SNP_PAGE_SET_STATE hv-fixed" + page + (op.large ? " and its region" : "");
    case deed::pvalidate:
      return (op.user ? guest + ", user: " : who) + (op.validate ? "PVALIDATE" : "PVALIDATE(0)") + size + place;
    case deed::rmpadjust:
      return who + "RMPADJUST" + size + " for VMPL" + number(op.target) + " mask " + number(op.mask) +
             (op.vmsa ? " VMSA" : "") + place;
    case deed::host_write:    return "host: writes" + page + leaf + kept;
    case deed::device_write:  return "device: writes" + page;
    case deed::shared_write:  return guest + ": writes with C=0" + page + leaf;
    case deed::private_write: return who + "writes" + place + kept;
    case deed::private_read:  return who + "reads" + place + kept;
    case deed::vmrun:         return "host: VMRUN of " + guest + " with the VMSA in" + page;
    case deed::vmexit:        return "#VMEXIT releases" + page;
    case deed::cached_write:  return "writes through the TLB to place " + number(op.page) + " of its region";
    case deed::cached_read:   return "reads through the TLB at place " + number(op.page) + " of its region";
    case deed::drop:          return "host: flushes the TLB";
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
