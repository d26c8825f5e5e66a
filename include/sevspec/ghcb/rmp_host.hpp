// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_RMP_HOST_HPP
#define SEVSPEC_GHCB_RMP_HOST_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::ghcb {

/// The host's part of page state changes on a Reverse Map Table: RMPUPDATE and PSMASH, nothing else.
/// APM vol. 2, 15.36.5, 15.36.11; GHCB 4.1.6
///
/// A page that has the wanted state is left alone, so that a change that is asked for twice is the change asked for once,
/// and a validated page stays validated (`implementation_choices::psc_same_state`).
/// @tparam Map  `map(gpa) -> std::optional<spa>`: which page backs a gPA; the hypervisor's nested tables, in effect
template <class Context, rmp::writable_store Store, class Map>
class rmp_host {
 public:
  static constexpr std::uint64_t sub_pages = Store::sub_pages;

  /// @param budget  how many pages of 4K one call may change before it pauses; a page of 2M counts as one
  constexpr rmp_host(Context& ctx, Store& rmp, const rmp::processor& cpu, asid id, Map map,
                     std::uint64_t budget = ~std::uint64_t{})
      : ctx_(&ctx), rmp_(&rmp), cpu_(cpu), id_(id), map_(map), budget_(budget) {}

  [[nodiscard]] constexpr auto change_pages(const page_change& wanted) -> page_progress {
    using enum page_progress::ending;
    page_progress progress;
    std::uint64_t left = budget_;
    while (progress.done < wanted.pages) {
      if (left-- == 0) return {progress.done, paused};
      const gpa guest = wanted.first + progress.done * 0x1000;
      const std::uint64_t rest = wanted.pages - progress.done;
      const bool whole = wanted.size == page_size::k2m && rest >= sub_pages && (guest.value >> 12) % sub_pages == 0;
      if (whole && change_large(wanted.operation, guest)) {
        progress.done += sub_pages;
        continue;
      }
      if (is_hint(wanted.operation)) {  // no such page: nothing to split or join
        progress.done += whole ? sub_pages : 1;
        continue;
      }
      const std::uint32_t code = change_small(wanted.operation, guest);
      if (code != 0) return {progress.done, failed, code};
      ++progress.done;
    }
    return progress;
  }

 private:
  [[nodiscard]] static constexpr auto is_hint(layout::ghcb_psc_ops operation) -> bool {
    return operation == layout::ghcb_psc_ops::psmash || operation == layout::ghcb_psc_ops::unsmash;
  }
  [[nodiscard]] constexpr auto update(spa where, const rmp::new_state& wanted) -> rmp::status {
    const auto done = rmp::rmpupdate(*ctx_, *rmp_, cpu_, {}, where, wanted);
    return done ? done->eax : rmp::status::fail_input;
  }
  /// Whether the page is this guest's, at this gPA.
  [[nodiscard]] constexpr auto is_own(const rmp::entry& found, gpa guest, spa where) const -> bool {
    return found.assigned && found.id == id_ && !found.immutable && rmp::reverse_map_agrees<Store>(found, guest, where);
  }
  /// Where a region of gPAs lies, if it is one aligned region of sPAs.
  [[nodiscard]] constexpr auto region_of(gpa guest) const -> std::optional<spa> {
    const std::optional<spa> first = map_(guest);
    if (!first || (first->value >> 12) % sub_pages != 0) return std::nullopt;
    for (std::uint64_t i = 1; i < sub_pages; ++i)
      if (map_(guest + i * 0x1000) != std::optional{*first + i * 0x1000}) return std::nullopt;
    return first;
  }
  /// Changes a region at once. False: one page at a time, then.
  [[nodiscard]] constexpr auto change_large(layout::ghcb_psc_ops operation, gpa guest) -> bool {
    const std::optional<spa> where = region_of(guest);
    if (!where || !rmp_->covers(page_of(*where))) return false;
    const rmp::entry found = rmp_->entry_of(page_of(*where));
    const bool own = found.large && is_own(found, guest, *where);
    switch (operation) {
      case layout::ghcb_psc_ops::private_:
        if (own) return ctx_->choices.psc_same_state == same_page_state::no_change;
        return !rmp::any_assigned_in_region(*rmp_, page_of(*where)) &&
               update(*where, rmp::private_state(guest, id_, true)) == rmp::status::success;
      case layout::ghcb_psc_ops::shared: return own && update(*where, rmp::shared_state(true)) == rmp::status::success;
      case layout::ghcb_psc_ops::psmash: {
        if (!own) return false;
        const auto done = rmp::psmash(*ctx_, *rmp_, cpu_, {}, *where);
        return done && done->eax == rmp::status::success;
      }
      case layout::ghcb_psc_ops::unsmash: return false;  // a firmware command, and a hint: nothing is lost
    }
    return false;
  }
  /// Changes a page of 4K.
  /// @return 0, or a code of the host's own: 1 no such page, 2 somebody else's, 3 has the state already, 10h + EAX
  [[nodiscard]] constexpr auto change_small(layout::ghcb_psc_ops operation, gpa guest) -> std::uint32_t {
    const std::optional<spa> where = map_(guest);
    if (!where || !rmp_->covers(page_of(*where))) return 1;
    const rmp::entry found = rmp::authoritative_entry(*rmp_, page_of(*where));
    const bool own = is_own(found, guest, *where);
    const std::uint32_t repeated = ctx_->choices.psc_same_state == same_page_state::fails ? 3 : 0;
    if (operation == layout::ghcb_psc_ops::private_) {
      if (own) return repeated;
      if (found.assigned) return 2;
      return coded(update(*where, rmp::private_state(guest, id_, false)));
    }
    if (!found.assigned) return repeated;
    if (!own) return 2;
    if (found.large) {
      const spa base{rmp::large_page_base<Store>(page_of(*where)).value << 12};
      const auto split = rmp::psmash(*ctx_, *rmp_, cpu_, {}, base);
      if (!split || split->eax != rmp::status::success) return coded(split ? split->eax : rmp::status::fail_input);
    }
    return coded(update(*where, rmp::shared_state(false)));
  }
  [[nodiscard]] static constexpr auto coded(rmp::status code) -> std::uint32_t {
    return code == rmp::status::success ? 0 : 0x10 + static_cast<std::uint32_t>(code);
  }

  Context* ctx_;
  Store* rmp_;
  rmp::processor cpu_;
  asid id_;
  Map map_;
  std::uint64_t budget_;
};

}  // namespace sevspec::inline v0::ghcb

#endif
