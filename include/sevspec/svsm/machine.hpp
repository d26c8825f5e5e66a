// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MACHINE_HPP
#define SEVSPEC_SVSM_MACHINE_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <utility>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/store.hpp>

/// What an SVSM stands on: the guest's memory and the instructions of VMPL 0.
namespace sevspec::inline v0::svsm {

/// The machine below an SVSM.
///
/// - `read(ctx, gpa, bytes)`, `write(ctx, gpa, bytes)`: references of VMPL 0 through private mappings; what faults has
///   neither read nor written a byte
/// - `pvalidate(ctx, gpa, size, validated)`, `rmpadjust(ctx, gpa, size, attributes)`, `rmpquery(ctx, gpa, target)`: the
///   instructions, at VMPL 0
/// - `flush()`: no processor of the guest has a translation any longer
template <class M, class Context>
concept machine_for = requires(M& machine, Context& ctx, gpa where, std::span<std::uint8_t> to,
                               std::span<const std::uint8_t> from, page_size size, std::uint64_t word) {
  { machine.read(ctx, where, to) } -> std::same_as<outcome<void>>;
  { machine.write(ctx, where, from) } -> std::same_as<outcome<void>>;
  { machine.pvalidate(ctx, where, size, true) } -> std::same_as<outcome<rmp::result>>;
  { machine.rmpadjust(ctx, where, size, word) } -> std::same_as<outcome<rmp::result>>;
  { machine.rmpquery(ctx, where, vmpl{}) } -> std::same_as<outcome<std::optional<rmp::permissions>>>;
  machine.flush();
};

/// Where the hypervisor's nested tables have a guest page.
struct placement {
  spa where{};                      ///< of the byte that was asked for
  page_size leaf = page_size::k4k;  ///< of the nested page

  friend constexpr auto operator==(const placement&, const placement&) -> bool = default;
};

/// A machine on a Reverse Map Table: every reference asks the table, every instruction changes it.
/// @tparam Map  `map(gpa) -> std::optional<placement>`: the hypervisor's nested tables, in effect
template <rmp::writable_store Store, memory::byte_memory Memory, class Map>
class rmp_machine {
 public:
  /// @param id  the guest's ASID, whose key its memory has
  constexpr rmp_machine(Store& table, Memory& memory, Map map, asid id, const rmp::processor& part = {})
      : table_(&table), memory_(&memory), map_(std::move(map)), id_(id), part_(part) {}

  template <class Context>
  [[nodiscard]] constexpr auto read(Context& ctx, gpa where, std::span<std::uint8_t> to) -> outcome<void> {
    return each_page(ctx, vmpl{0}, where, to, access_kind::read, [&](spa page, std::span<std::uint8_t> part) {
      return memory_->read(page, memory_key::guest(id_), part) == memory::memory_status::ok;
    });
  }
  template <class Context>
  [[nodiscard]] constexpr auto write(Context& ctx, gpa where, std::span<const std::uint8_t> from) -> outcome<void> {
    return write_as(ctx, vmpl{0}, where, from);
  }
  /// References of another VMPL's: what its software can do.
  template <class Context>
  [[nodiscard]] constexpr auto read_as(Context& ctx, vmpl level, gpa where, std::span<std::uint8_t> to)
      -> outcome<void> {
    return each_page(ctx, level, where, to, access_kind::read, [&](spa page, std::span<std::uint8_t> part) {
      return memory_->read(page, memory_key::guest(id_), part) == memory::memory_status::ok;
    });
  }
  template <class Context>
  [[nodiscard]] constexpr auto write_as(Context& ctx, vmpl level, gpa where, std::span<const std::uint8_t> from)
      -> outcome<void> {
    const auto nothing = [](spa, auto) { return true; };
    if (const auto allowed = each_page(ctx, level, where, from, access_kind::write, nothing); !allowed) return allowed;
    return each_page(ctx, level, where, from, access_kind::write, [&](spa page, std::span<const std::uint8_t> part) {
      return memory_->write(page, memory_key::guest(id_), part) == memory::memory_status::ok;
    });
  }

  /// LOCK CMPXCHG of VMPL 0.
  /// @return whether `expected` was there, and `wanted` is now
  template <class Context>
  [[nodiscard]] constexpr auto exchange(Context& ctx, gpa where, std::uint64_t expected, std::uint64_t wanted)
      -> outcome<bool> {
    std::array<std::uint8_t, 8> bytes{};
    if (const auto done = read(ctx, where, bytes); !done) return std::unexpected{done.error()};
    if (layout::read_le<std::uint64_t>(bytes.data()) != expected) return false;
    layout::write_le(bytes.data(), wanted);
    if (const auto done = write(ctx, where, bytes); !done) return std::unexpected{done.error()};
    return true;
  }

  template <class Context>
  [[nodiscard]] constexpr auto pvalidate(Context& ctx, gpa where, page_size size, bool validated)
      -> outcome<rmp::result> {
    const rmp::validate_operands operands{gva{where.value}, size == page_size::k4k ? 0U : 1U, validated ? 1U : 0U};
    return rmp::pvalidate(ctx, *table_, part_, at(vmpl{0}), operands, translation(ctx));
  }
  template <class Context>
  [[nodiscard]] constexpr auto rmpadjust(Context& ctx, gpa where, page_size size, std::uint64_t attributes)
      -> outcome<rmp::result> {
    return rmpadjust_as(ctx, vmpl{0}, where, size, attributes);
  }
  /// RMPADJUST by another VMPL.
  template <class Context>
  [[nodiscard]] constexpr auto rmpadjust_as(Context& ctx, vmpl level, gpa where, page_size size,
                                            std::uint64_t attributes) -> outcome<rmp::result> {
    const rmp::adjust_operands operands{gva{where.value}, size == page_size::k4k ? 0U : 1U, attributes};
    return rmp::rmpadjust(ctx, *table_, part_, at(level), operands, translation(ctx));
  }
  /// @return nothing on a part without RMPQUERY
  template <class Context>
  [[nodiscard]] constexpr auto rmpquery(Context& ctx, gpa where, vmpl target)
      -> outcome<std::optional<rmp::permissions>> {
    if (!part_.rmpquery) return std::optional<rmp::permissions>{};
    rmp::queried_state found;
    const auto done =
        rmp::rmpquery(ctx, *table_, part_, at(vmpl{0}), gva{where.value}, target.value, translation(ctx), found);
    if (!done) return std::unexpected{done.error()};
    if (!done->succeeded()) return std::optional<rmp::permissions>{};
    return std::optional{rmp::permissions{static_cast<std::uint8_t>(found.attributes >> 8 & 0xff)}};
  }
  constexpr void flush() noexcept { ++flushes_; }

  [[nodiscard]] constexpr auto flushes() const noexcept -> unsigned { return flushes_; }

 private:
  [[nodiscard]] constexpr auto at(vmpl level) const -> rmp::execution {
    return {.id = id_, .snp_active = true, .privilege = level};
  }
  /// What the SVSM's own tables and the nested tables make of an address: it maps all of the guest's memory, in pages
  /// as large as the nested ones.
  [[nodiscard]] constexpr auto page_at(gpa where) -> std::optional<rmp::guest_page> {
    const std::optional<placement> found = map_(where);
    if (!found) return {};
    return rmp::guest_page{.linear = {where.value},
                           .guest = where,
                           .where = found->where,
                           .leaf = found->leaf,
                           .guest_leaf = found->leaf,
                           .c = true};
  }
  /// A guest page that the hypervisor has not mapped.
  [[nodiscard]] static constexpr auto not_mapped(gpa where) -> fault {
    return {fault_kind::npf, rule::none, paging::page_fault_code::final_gpa::mask, where.value};
  }
  template <class Context>
  [[nodiscard]] constexpr auto translation(Context&) {
    return [this](gva linear) -> outcome<rmp::guest_page> {
      const auto page = page_at(gpa{linear.value});
      if (!page) return std::unexpected{not_mapped({linear.value})};
      return *page;
    };
  }
  template <class Context>
  [[nodiscard]] constexpr auto refused(Context& ctx, vmpl level, const rmp::guest_page& page, access_kind kind)
      -> std::optional<fault> {
    using enum memory::ownership_verdict::kind;
    const auto verdict = rmp::check_access(ctx, *table_,
                                           {.where = page.where,
                                            .guest = page.guest,
                                            .leaf = page.leaf,
                                            .kind = kind,
                                            .c = true,
                                            .who = memory::owner_context::snp_guest,
                                            .id = id_,
                                            .level = level});
    if (verdict.what == allowed) return {};
    if (verdict.what == not_validated)
      return fault{fault_kind::vc, verdict.decided_by, paging::vmexit_page_not_validated, page.linear.value};
    fault raised = rmp::page_violation(ctx, page, verdict.decided_by);
    if (verdict.what == vmpl_denied) raised.code |= paging::page_fault_code::vmpl::mask;
    return raised;
  }
  /// Calls `move(sPA, bytes)` for each page, once the page's entry allows it.
  template <class Context, class Bytes, class Move>
  constexpr auto each_page(Context& ctx, vmpl level, gpa where, Bytes bytes, access_kind kind, Move move)
      -> outcome<void> {
    for (std::size_t done = 0; done < bytes.size();) {
      const gpa now = where + done;
      const std::size_t part =
          std::min(bytes.size() - done, static_cast<std::size_t>(4096 - page_offset(now, page_size::k4k)));
      const auto page = page_at(now);
      if (!page) return std::unexpected{not_mapped(now)};
      if (const auto raised = refused(ctx, level, *page, kind)) return std::unexpected{*raised};
      if (!move(page->where, bytes.subspan(done, part)))
        return std::unexpected{fault{fault_kind::no_memory, rule::none, 0, page->where.value}};
      done += part;
    }
    return {};
  }

  Store* table_;
  Memory* memory_;
  Map map_;
  asid id_;
  rmp::processor part_;
  unsigned flushes_ = 0;
};

}  // namespace sevspec::inline v0::svsm

#endif
