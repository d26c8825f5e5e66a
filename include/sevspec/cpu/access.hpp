// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_ACCESS_HPP
#define SEVSPEC_CPU_ACCESS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/translate.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

/// One reference from its linear address to its bytes: translation, key, page ownership, cipher.
namespace sevspec::inline v0::cpu {

/// The longest reference of one instruction: what can lie on two pages.
inline constexpr std::size_t longest_reference = 4096;

namespace detail {

/// The pieces of a reference, each on one page, all translated.
struct translated_reference {
  std::array<paging::target, 2> piece{};
  std::array<std::size_t, 2> bytes{};  ///< of each piece; the second may be 0
};

/// A cache that is only looked at.
template <class Cache>
class untouched_cache {
 public:
  constexpr explicit untouched_cache(Cache& cache) noexcept : cache_(&cache) {}
  [[nodiscard]] constexpr auto find(paging::address_space space, std::uint64_t linear) const
      -> const paging::cached_translation* {
    return cache_->find(space, linear);
  }
  constexpr void fill(paging::address_space, const paging::cached_translation&) noexcept {}

 private:
  Cache* cache_;
};

/// Translates all pages of a reference before any byte moves, the first page first. A write whose second page faults
/// sets no D bit for the first (PAG-AD-03), so before the first is translated both are looked at.
template <class Context, class Memory, paging::translation_cache Cache, class Regime, class Space>
[[nodiscard]] constexpr auto translate_all(Context& ctx, Memory& memory, Cache& cache, const Regime& regime,
                                           paging::address_space space, address<Space> where, memory_access why,
                                           std::size_t bytes) -> outcome<translated_reference> {
  Expects(bytes >= 1 && bytes <= longest_reference);
  translated_reference result;
  const std::size_t on_first = bytes_in(page_size::k4k) - page_offset(where, page_size::k4k);
  result.bytes = {std::min(bytes, on_first), bytes - std::min(bytes, on_first)};

  memory_access first_part = why;
  first_part.bytes = static_cast<std::uint32_t>(bytes);  // all bytes must be canonical (PAG-CAN-04)
  memory_access second_part = why;
  second_part.bytes = static_cast<std::uint32_t>(result.bytes[1]);
  const auto translate_into = [&](std::size_t piece) -> std::optional<fault> {
    const auto found = piece == 0 ? paging::translate(ctx, memory, cache, regime, space, where, first_part)
                                  : paging::translate(ctx, memory, cache, regime, space, where + on_first, second_part);
    if (!found) return found.error();
    result.piece[piece] = *found;
    return {};
  };

  if (result.bytes[1] != 0 && why.is_write()) {
    read_only view(memory);
    untouched_cache looked_at(cache);
    context quiet{.rules = ctx.rules, .choices = ctx.choices};
    const bool first = paging::translate(quiet, view, looked_at, regime, space, where, first_part).has_value();
    if (first && !paging::translate(quiet, view, looked_at, regime, space, where + on_first, second_part))
      if (const auto raised = translate_into(1)) return std::unexpected{*raised};
  }
  if (const auto raised = translate_into(0)) return std::unexpected{*raised};
  if (result.bytes[1] != 0)
    if (const auto raised = translate_into(1)) return std::unexpected{*raised};
  return result;
}

/// The memory has no answer to a translated reference.
[[nodiscard]] constexpr auto unanswered(memory::memory_status status, spa where) noexcept -> fault {
  const fault_kind kind = status == memory::memory_status::no_key ? fault_kind::no_key : fault_kind::no_memory;
  return fault{kind, rule::none, 0, where.value};
}

/// The fault of the first page of two that does not answer: known before either is touched.
template <class Memory>
[[nodiscard]] constexpr auto one_of_two_unanswered(Memory& memory, const translated_reference& all)
    -> std::optional<fault> {
  if (all.bytes[1] == 0) [[likely]]
    return {};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto status = memory::status_at(memory, all.piece[i].where, all.piece[i].key, all.bytes[i]);
    if (status != memory::memory_status::ok) return unanswered(status, all.piece[i].where);
  }
  return {};
}

}  // namespace detail

/// Reads or fetches: what the reference sees, deciphered with the key that the translation chose.
///
/// In the host (`host_regime`, `hva`), SMM included, or in a guest (`two_stage_regime`, `gva`).
/// @param memory  tables and bytes: a `byte_memory` that walks can read; with SNP enabled one that checks ownership
/// @param cache   a `translation_cache`
/// @param space   see `paging::address_space_of`
/// @param where   linear address of the first byte
/// @param why     its kind does not write; `bytes` is not used: the length is that of `out`
/// @param out     1 to 4096 bytes; unchanged if there is a fault
/// @return nothing; or the fault of the first page that has one
template <class Context, memory::byte_memory Memory, paging::translation_cache Cache, class Regime, class Space>
[[nodiscard]] constexpr auto read(Context& ctx, Memory& memory, Cache& cache, const Regime& regime,
                                  paging::address_space space, address<Space> where, const memory_access& why,
                                  std::span<std::uint8_t> out) -> outcome<void> {
  Expects(!why.is_write());
  const auto all = detail::translate_all(ctx, memory, cache, regime, space, where, why, out.size());
  if (!all) return std::unexpected{all.error()};

  if (const auto missing = detail::one_of_two_unanswered(memory, *all)) return std::unexpected{*missing};
  for (std::size_t i = 0; i < 2 && all->bytes[i] != 0; ++i) {
    const auto part = i == 0 ? out.first(all->bytes[0]) : out.subspan(all->bytes[0]);
    if (const auto status = memory.read(all->piece[i].where, all->piece[i].key, part);
        status != memory::memory_status::ok)
      return std::unexpected{detail::unanswered(status, all->piece[i].where)};
  }
  return {};
}

/// Writes, enciphering with the key that the translation chose.
/// @param why  its kind writes
/// @param in   1 to 4096 bytes; none is written if there is a fault
template <class Context, memory::byte_memory Memory, paging::translation_cache Cache, class Regime, class Space>
[[nodiscard]] constexpr auto write(Context& ctx, Memory& memory, Cache& cache, const Regime& regime,
                                   paging::address_space space, address<Space> where, const memory_access& why,
                                   std::span<const std::uint8_t> in) -> outcome<void> {
  Expects(why.is_write());
  const auto all = detail::translate_all(ctx, memory, cache, regime, space, where, why, in.size());
  if (!all) return std::unexpected{all.error()};

  if (const auto missing = detail::one_of_two_unanswered(memory, *all)) return std::unexpected{*missing};
  for (std::size_t i = 0; i < 2 && all->bytes[i] != 0; ++i) {
    const auto part = i == 0 ? in.first(all->bytes[0]) : in.subspan(all->bytes[0]);
    if (const auto status = memory.write(all->piece[i].where, all->piece[i].key, part);
        status != memory::memory_status::ok)
      return std::unexpected{detail::unanswered(status, all->piece[i].where)};
  }
  return {};
}

}  // namespace sevspec::inline v0::cpu

#endif
