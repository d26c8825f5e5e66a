// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_ACCESSED_DIRTY_HPP
#define SEVSPEC_PAGING_DETAIL_ACCESSED_DIRTY_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging::detail {

/// Where an entry lies once its own address has been translated, and the key it is read with.
struct entry_place {
  spa where{};
  memory_key key{};
};

/// Sets accessed and dirty bits of one entry, unless the entry changed since it was read (PAG-AD-04).
/// @param missing  the bits to set; not all of them set in `found`
/// @return false if the entry changed: read and judge it again
template <class Context, physical_memory Memory>
[[nodiscard]] constexpr auto set_entry_bits(Context& ctx, Memory& memory, stage tables, unsigned level,
                                            entry_place place, entry found, std::uint64_t missing) -> bool {
  const std::uint64_t updated = found.raw | missing;
  const bool stored = memory.compare_exchange_qword(place.where, place.key, found.raw, updated);
  if (ctx.applies(rule::PAG_AD_04, !stored)) return false;
  if (stored) ctx.tell(table_update{tables, level, place.where, place.key, found.raw, updated});
  return true;
}

/// Updates of one stage that wait until the stage has succeeded, from the root down (PAG-AD-06). Empty on every walk
/// that finds its A and D bits set, so its slots are left uninitialised.
class update_queue {
 public:
  constexpr update_queue() noexcept {}  // NOLINT(modernize-use-equals-default): `= default` would zero the slots

  [[gnu::noinline, gnu::cold]] constexpr void push(unsigned level, entry_place place, entry found,
                                                   std::uint64_t missing) noexcept {
    // A table that is reached by two levels of one walk holds one entry for both.
    for (unsigned i = 0; i < count_; ++i) {
      if (slots_[i].where == place.where.value) {
        slots_[i].missing |= missing;
        return;
      }
    }
    slots_[count_++] = {
        .where = place.where.value, .entry = found.raw, .missing = missing, .key = place.key.slot, .level = level};
  }

  /// Makes the updates. False if an entry changed meanwhile: the stage must be walked again.
  template <class Context, class Memory>
  [[nodiscard]] constexpr auto commit(Context& ctx, Memory& memory, stage tables) -> bool {
    return count_ == 0 || commit_all(ctx, memory, tables);
  }

 private:
  template <class Context, class Memory>
  [[gnu::noinline, gnu::cold]] constexpr auto commit_all(Context& ctx, Memory& memory, stage tables) -> bool {
    if constexpr (physical_memory<Memory>) {
      for (unsigned i = 0; i < count_; ++i) {
        const slot& s = slots_[i];
        if (!set_entry_bits(ctx, memory, tables, s.level, {{s.where}, {s.key}}, entry{s.entry}, s.missing))
          return false;
      }
    }
    count_ = 0;
    return true;
  }

  struct slot {
    std::uint64_t where;
    std::uint64_t entry;
    std::uint64_t missing;
    std::uint32_t key;
    unsigned level;
  };
  slot slots_[max_levels];
  unsigned count_ = 0;
};

}  // namespace sevspec::inline v0::paging::detail

#endif
