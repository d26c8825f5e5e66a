// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_REQUEST_LOCK_HPP
#define SEVSPEC_SVSM_REQUEST_LOCK_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>

/// Which calls of the core protocol run beside each other on different processors (SVSM-CORE-80).
namespace sevspec::inline v0::svsm {

/// How a call takes the lock.
enum class lock_mode : std::uint8_t { none, shared, exclusive };

/// PVALIDATE goes beside PVALIDATE; what changes who is registered goes alone.   coconut-svsm/svsm
[[nodiscard]] constexpr auto mode_of(std::uint64_t rax) noexcept -> lock_mode {
  using enum layout::svsm_core_calls;
  if (rax >> 32 != 0) return lock_mode::none;
  switch (static_cast<layout::svsm_core_calls>(rax & 0xffff'ffff)) {
    case pvalidate:   return lock_mode::shared;
    case remap_ca:
    case create_vcpu:
    case delete_vcpu: return lock_mode::exclusive;
    default:          return lock_mode::none;
  }
}

/// A lock for readers and a writer. A regular value: who holds it is what the calls under way have left here.
struct request_lock {
  unsigned sharers = 0;
  bool exclusive = false;

  friend constexpr auto operator==(const request_lock&, const request_lock&) -> bool = default;
};

/// Takes the lock, if the calls under way let it be taken (SVSM-CORE-80).
template <class Context>
[[nodiscard]] constexpr auto try_lock(Context& ctx, request_lock& lock, lock_mode mode) -> bool {
  if (mode == lock_mode::none) return true;
  const bool taken = lock.exclusive || (mode == lock_mode::exclusive && lock.sharers != 0);
  if (ctx.denies(rule::SVSM_CORE_80, taken)) return false;
  if (mode == lock_mode::shared) ++lock.sharers;
  else lock.exclusive = true;
  return true;
}

/// Gives back what `try_lock` took.
constexpr void unlock(request_lock& lock, lock_mode mode) noexcept {
  if (mode == lock_mode::shared && lock.sharers != 0) --lock.sharers;
  if (mode == lock_mode::exclusive) lock.exclusive = false;
}

}  // namespace sevspec::inline v0::svsm

#endif
