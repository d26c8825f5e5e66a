// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_DETAIL_ADAPTER_MEMBERS_HPP
#define SEVSPEC_VERIFY_DETAIL_ADAPTER_MEMBERS_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include <sevspec/verify/rmp_guest_call.hpp>

namespace sevspec::inline v0::verify::detail {

/// One member of each name that `rmp_adapter` looks for.
struct adapter_names {
  int psmash, rmpread, pvalidate, rmpadjust, raw_entry, raw_mask;
};

/// A class in which a name is ambiguous if `T` has a member of it, whatever that is: overloaded, a template, private.
template <class T>
struct with_adapter_names : T, adapter_names {};
template <class T>
  requires(!std::is_class_v<T> || std::is_final_v<T>)
struct with_adapter_names<T> : adapter_names {};

/// An optional member of an implementation under test.
struct adapter_member {
  bool named{};  ///< the class has a member of the name
  bool fits{};   ///< it can be called as the adapter calls it

  /// The name is right and the signature is not: surely a mistake.
  [[nodiscard]] constexpr auto misfit() const noexcept -> bool { return named && !fits; }
  friend constexpr auto operator==(const adapter_member&, const adapter_member&) -> bool = default;
};

/// The optional members of an implementation under test.
template <class T>
struct adapter_members {
  static constexpr adapter_member psmash{.named = requires {&T::psmash;
} || !requires { &with_adapter_names<T>::psmash; }, .fits = requires(T& it, std::uint64_t rax) {
  { it.psmash(rax) } -> std::convertible_to<std::uint32_t>;
}
};  // namespace sevspec::inline v0::verify::detail
static constexpr adapter_member rmpread{.named = requires {&T::rmpread;
}
|| !requires { &with_adapter_names<T>::rmpread; },
    .fits = requires(T& it, std::uint64_t rax, std::array<std::uint8_t, 16>& operand) {
      { it.rmpread(rax, operand) } -> std::convertible_to<std::uint32_t>;
    }
}
;
static constexpr adapter_member pvalidate{.named = requires {&T::pvalidate;
}
|| !requires { &with_adapter_names<T>::pvalidate; },
    .fits = requires(T& it, const guest_call& from, std::uint32_t ecx, std::uint32_t edx) {
      { it.pvalidate(from, ecx, edx) } -> std::convertible_to<guest_return>;
    }
}
;
static constexpr adapter_member rmpadjust{.named = requires {&T::rmpadjust;
}
|| !requires { &with_adapter_names<T>::rmpadjust; },
    .fits = requires(T& it, const guest_call& from, std::uint64_t rcx, std::uint64_t rdx) {
      { it.rmpadjust(from, rcx, rdx) } -> std::convertible_to<guest_return>;
    }
}
;
static constexpr adapter_member raw_entry{.named = requires {&T::raw_entry;
}
|| !requires { &with_adapter_names<T>::raw_entry; }, .fits = requires(T& it, std::uint64_t spa) {
  { it.raw_entry(spa) } -> std::convertible_to<std::array<std::uint64_t, 2>>;
}
}
;
static constexpr adapter_member raw_mask{.named = requires {&T::raw_mask;
}
|| !requires { &with_adapter_names<T>::raw_mask; }, .fits = requires {
  { T::raw_mask() } -> std::convertible_to<std::array<std::uint64_t, 2>>;
}
}
;
}
;

}  // namespace sevspec::inline v0::verify::detail

#endif
