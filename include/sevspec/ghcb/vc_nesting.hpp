// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_VC_NESTING_HPP
#define SEVSPEC_GHCB_VC_NESTING_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/ghcb.hpp>

/// #VC in #VC: an NMI in the middle of a handler may raise another.
namespace sevspec::inline v0::ghcb {

/// Who has the GHCB of one processor (VC-SEC-07). The first user takes it, a second one saves what it finds there to the
/// one backup and puts it back, a third has no place to go. A regular value.
class ghcb_users {
 public:
  /// A user comes.
  /// @param page  the GHCB
  /// @return false: panic
  template <class Context>
  [[nodiscard]] constexpr auto take(Context& ctx, const layout::ghcb& page) -> bool {
    if (ctx.denies(rule::VC_SEC_07, depth_ >= 2)) return false;
    if (depth_ == 1) backup_ = page;
    ++depth_;
    return true;
  }
  /// The last user goes.
  constexpr void give_back(layout::ghcb& page) {
    if (depth_ == 0) return;
    if (--depth_ == 1 && backup_) {
      page = *backup_;
      backup_.reset();
    }
  }
  [[nodiscard]] constexpr auto depth() const noexcept -> unsigned { return depth_; }

 private:
  unsigned depth_ = 0;
  std::optional<layout::ghcb> backup_{};
};

/// The stack on which #VC came.
enum class vc_stack : std::uint8_t {
  ist,       ///< the ordinary one for #VC
  fallback,  ///< the second one, for frames that cannot be copied
};

/// Where the handler runs, from where the interrupted code ran (VC-SEC-06).
struct vc_entry {
  bool nested = false;               ///< a #VC handler was interrupted (by an NMI, say)
  bool stack_usable = true;          ///< the interrupted stack is one that the kernel knows
  bool from_fallback = false;        ///< the interrupted code ran on the fallback stack
  bool entered_on_fallback = false;  ///< hardware delivered to the fallback stack
};
struct vc_entry_verdict {
  bool panic = false;
  bool moves_ist = false;  ///< the IST pointer goes below the interrupted frame, which the next #VC would overwrite
  vc_stack runs_on = vc_stack::ist;

  friend constexpr auto operator==(const vc_entry_verdict&, const vc_entry_verdict&) -> bool = default;
};
/// What the entry code of #VC does about its stack (VC-SEC-06).   torvalds/linux vc_from_invalid_context
template <class Context>
[[nodiscard]] constexpr auto enter_vc(Context& ctx, const vc_entry& entry) -> vc_entry_verdict {
  if (ctx.denies(rule::VC_SEC_06, entry.entered_on_fallback && !entry.from_fallback))
    return {.panic = true, .runs_on = vc_stack::fallback};
  vc_entry_verdict verdict;
  verdict.moves_ist = ctx.applies(rule::VC_SEC_06, entry.nested);
  if (!entry.stack_usable) verdict.runs_on = vc_stack::fallback;
  return verdict;
}

}  // namespace sevspec::inline v0::ghcb

#endif
