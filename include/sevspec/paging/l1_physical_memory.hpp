// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_L1_PHYSICAL_MEMORY_HPP
#define SEVSPEC_PAGING_L1_PHYSICAL_MEMORY_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// Who reads L1's memory.
enum class l1_reader : std::uint8_t {
  /// L0's software: nPT01 is only looked at, and bytes are seen through L0's own key, so that L1's private memory is
  /// ciphertext (PAG-L2C-01, PAG-L2C-02). To set an A or D bit where nPT01 forbids writes (copy on write, dirty
  /// logging) L0 must first fix that.
  hypervisor,
  /// The same, for a page that nPT01 write-protects only because L0 itself wants to see L1 change its tables
  /// (NES-TR-02): L0's own updates need no permission.
  shadowing_hypervisor,
  /// Hypothetical hardware that walks three tables: every entry of gPT2 or nPT12 is a user write to nPT01, as entries
  /// of guest tables are to nested ones (PAG-NPT-11), and keys are those of the `three_stage` model.
  processor,
};

/// Why L1's memory could not be reached.
struct l1_obstacle {
  gpa where{};         ///< the L1 gPA
  access_kind kind{};  ///< what nPT01 was asked for
  fault reason{};      ///< what nPT01 answered; `no_memory` if no memory is behind it

  friend constexpr auto operator==(const l1_obstacle&, const l1_obstacle&) -> bool = default;
};

/// L1's physical memory as L1's own machine would see it: every address is an L1 gPA, and nPT01 says where it lies. The
/// ordinary walks with L1's registers, run over it, walk nPT12. What they call an sPA (in `spa` and in events) is then
/// an L1 gPA, as it is to L1.
///
/// When nPT01 refuses a reference, the reason is kept in `obstacle()`, and nothing answers any more: the walk ends, and
/// its result says nothing.
/// @tparam Context  of the walks of nPT01; may be another than that of the walks over this memory
template <class Context, readable_memory Memory>
class l1_physical_memory {
 public:
  /// @param memory  real memory: holds nPT01, and what it maps
  /// @param l1      L1's own regime: its `nested` tables are nPT01
  constexpr l1_physical_memory(Context& ctx, Memory& memory, const two_stage_regime& l1, l1_reader reader) noexcept
      : ctx_(&ctx), memory_(&memory), l1_(&l1), reader_(reader) {}

  [[nodiscard]] constexpr auto obstacle() const noexcept -> const std::optional<l1_obstacle>& { return obstacle_; }
  constexpr void clear_obstacle() noexcept { obstacle_.reset(); }
  [[nodiscard]] constexpr auto l1() const noexcept -> const two_stage_regime& { return *l1_; }
  [[nodiscard]] constexpr auto reader() const noexcept -> l1_reader { return reader_; }

  /// What nPT01 says of a reference to L1's memory.
  /// @param kind        the access
  /// @param guest_user  as of `walk_gpa`
  /// @return the sPA; or nPT01's fault, in terms of the L1 gPA
  [[nodiscard]] constexpr auto translate(gpa where, access_kind kind, bool guest_user = true)
      -> outcome<mapping<system_physical>> {
    if (reader_ == l1_reader::processor) return walk_gpa(*ctx_, *memory_, *l1_, where, kind, false, guest_user);
    read_only<Memory> looked_at{*memory_};  // A, D and the modification log tell what hardware did, not L0
    memory::unguarded unchecked{looked_at};
    two_stage_regime unlogged = *l1_;
    unlogged.pml = false;
    return walk_gpa(*ctx_, unchecked, unlogged, where, kind, false, guest_user);
  }

  [[nodiscard]] constexpr auto read_qword(spa as_l1_gpa, memory_key key) -> std::optional<std::uint64_t> {
    const gpa where{as_l1_gpa.value};
    const access_kind kind = reader_ == l1_reader::processor ? access_kind::write : access_kind::read;
    const auto page = reach(where, kind);
    if (!page) return std::nullopt;
    const auto value = memory_->read_qword(page->where, real_key(key, page->c));
    if (!value) obstacle_ = {where, kind, {fault_kind::no_memory, rule::none, 0, page->where.value}};
    return value;
  }

  constexpr auto compare_exchange_qword(spa as_l1_gpa, memory_key key, std::uint64_t expected, std::uint64_t desired)
      -> bool
    requires physical_memory<Memory>
  {
    const access_kind kind = reader_ == l1_reader::shadowing_hypervisor ? access_kind::read : access_kind::write;
    const auto page = reach({as_l1_gpa.value}, kind);
    if (!page) return false;  // the walk reads again, and ends there
    return memory_->compare_exchange_qword(page->where, real_key(key, page->c), expected, desired);
  }

 private:
  [[nodiscard]] constexpr auto reach(gpa where, access_kind kind) -> std::optional<mapping<system_physical>> {
    if (obstacle_) return std::nullopt;
    const auto page = translate(where, kind);
    if (page) return *page;
    obstacle_ = {where, kind, page.error()};
    return std::nullopt;
  }

  /// The key of a reference for which L1's machine would use `key`.
  /// @param c  C-bit of nPT01's leaf
  [[nodiscard]] constexpr auto real_key(memory_key key, bool c) const noexcept -> memory_key {
    const memory_key own = memory::key_for_pointer(c);
    if (reader_ != l1_reader::processor || key == memory_key::none()) return own;
    if (key != memory_key::host()) return key;  // L2's
    return l1_->sev_active ? memory_key::guest(l1_->id) : own;
  }

  Context* ctx_;
  Memory* memory_;
  const two_stage_regime* l1_;
  l1_reader reader_;
  std::optional<l1_obstacle> obstacle_{};
};

}  // namespace sevspec::inline v0::paging

#endif
