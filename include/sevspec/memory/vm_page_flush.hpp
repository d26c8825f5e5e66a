// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_VM_PAGE_FLUSH_HPP
#define SEVSPEC_MEMORY_VM_PAGE_FLUSH_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/cache.hpp>

namespace sevspec::inline v0::memory {

/// What a part says of MSR C001_011E, VM_PAGE_FLUSH.
struct page_flush_support {
  bool present{};  ///< CPUID Fn8000_001F EAX[2]
  asid highest{};  ///< Fn8000_001F ECX
};

/// WRMSR of VM_PAGE_FLUSH by the host: a page of a guest leaves all caches.   APM vol. 2, 15.34.9
///
///     63:12  host virtual page
///     11:0   ASID of the guest
///
/// @param translate  the host's translation of a supervisor read at an hva: `outcome<spa>`, such as a walk of its
///                   tables
/// @param cache      `tagged_cache` or `no_cache`
/// @return #GP(0); or, as it is, that memory did not answer the translation
template <class Context, class Cache, byte_memory M, class Translate>
[[nodiscard]] constexpr auto write_vm_page_flush(Context& ctx, const page_flush_support& part, Cache& cache, M& memory,
                                                 std::uint64_t value, Translate&& translate) -> outcome<void> {
  const auto general_protection = [](rule id) { return std::unexpected{fault{fault_kind::gp, id, 0, 0}}; };
  const hva page{value & ~std::uint64_t{0xfff}};
  const asid id{static_cast<std::uint32_t>(value & 0xfff)};

  if (ctx.denies(rule::ENC_VPF_01, !part.present)) return general_protection(rule::ENC_VPF_01);
  if (ctx.denies(rule::ENC_VPF_03, id == host_asid || id > part.highest)) return general_protection(rule::ENC_VPF_03);
  const outcome<spa> where = translate(page);
  if (!where) {
    if (where.error().kind == fault_kind::no_memory) return std::unexpected{where.error()};
    if (ctx.denies(rule::ENC_VPF_03, true)) return general_protection(rule::ENC_VPF_03);
    return {};  // only without the rule: there is no page to flush
  }
  cache.flush_page(memory, page_of(*where), memory_key::guest(id));
  return {};
}

/// RDMSR of VM_PAGE_FLUSH, which can only be written.   APM vol. 2, 15.34.9
/// @return #GP(0)
template <class Context>
[[nodiscard]] constexpr auto read_vm_page_flush(Context& ctx) -> outcome<std::uint64_t> {
  if (ctx.denies(rule::ENC_VPF_01, true)) return std::unexpected{fault{fault_kind::gp, rule::ENC_VPF_01, 0, 0}};
  return 0;
}

}  // namespace sevspec::inline v0::memory

#endif
