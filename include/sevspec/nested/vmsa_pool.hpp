// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VMSA_POOL_HPP
#define SEVSPEC_NESTED_VMSA_POOL_HPP

#include <cstddef>
#include <expected>
#include <optional>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>

/// SEV-ES passthrough: nobody but the AMD-SP makes VMSAs, and L1 has none. L0 has it make some at L1's launch, under L1's
/// key, one for each processor of L1's; the processors of all L2s take turns on them.   NES-ESP-01
namespace sevspec::inline v0::nested {

/// One VMSA that L0 has made.
struct pooled_vmsa {
  gpa page{};                      ///< in L1
  std::optional<unsigned> user{};  ///< the processor of an L2 whose registers it holds

  friend constexpr auto operator==(const pooled_vmsa&, const pooled_vmsa&) -> bool = default;
};

/// All of them. A regular value.
struct vmsa_pool {
  std::vector<pooled_vmsa> slots{};

  friend auto operator==(const vmsa_pool&, const vmsa_pool&) -> bool = default;
};

/// L1 takes a VMSA for a processor of an L2: the one that holds its registers, or a free one.
/// @param l1_processors  how many there are: no more L2 processors run at one time
/// @param user           which processor of which L2
/// @return its place; NES-ESP-01 if none is free, or the pool has more than L0 can have made
template <class Context>
[[nodiscard]] auto claim_vmsa(Context& ctx, vmsa_pool& pool, std::size_t l1_processors, unsigned user)
    -> std::expected<std::size_t, rule> {
  std::optional<std::size_t> place;
  for (std::size_t i = 0; i < pool.slots.size(); ++i)
    if (!place && !pool.slots[i].user) place = i;
  for (std::size_t i = 0; i < pool.slots.size(); ++i)
    if (pool.slots[i].user == user) place = i;
  if (ctx.denies(rule::NES_ESP_01, !place || pool.slots.size() > l1_processors))
    return std::unexpected{rule::NES_ESP_01};
  if (!place) return std::unexpected{rule::none};
  pool.slots[*place].user = user;
  return *place;
}

/// The processor stops running: L1 has saved its registers, and others may have the VMSA.
inline void release_vmsa(vmsa_pool& pool, std::size_t place) { pool.slots[place].user.reset(); }

}  // namespace sevspec::inline v0::nested

#endif
