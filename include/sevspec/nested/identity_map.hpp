// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_IDENTITY_MAP_HPP
#define SEVSPEC_NESTED_IDENTITY_MAP_HPP

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/asid_ranges.hpp>

/// What an L1 hypervisor calls its guests, and what the machine calls them. Names of an L1 mean something with that L1
/// alone; what the machine calls something, it calls so once.
namespace sevspec::inline v0::nested {

/// Which of the guest hypervisors of a machine.
struct l1_id {
  std::uint32_t value{};
  friend constexpr auto operator<=>(l1_id, l1_id) = default;
};

/// Names of L1s and what they stand for, one to one in both directions: no two names of the machine stand for the same.
/// A regular value; maps with the same entries are equal, whatever the order in which they were made.
/// @tparam Name      what an L1 says: vASID, vHandle, page of a guest context
/// @tparam Real      what the machine says: pASID, pHandle, sPA of a guest context
/// @tparam Capacity  entries there is room for
template <class Name, class Real, std::size_t Capacity>
class identity_map {
 public:
  struct entry {
    l1_id owner{};
    Name name{};
    Real real{};

    friend constexpr auto operator==(const entry&, const entry&) -> bool = default;
  };

  /// The entries in use, by owner and name.
  [[nodiscard]] constexpr auto entries() const noexcept -> std::span<const entry> {
    return std::span{entries_}.first(size_);
  }
  [[nodiscard]] constexpr auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] constexpr auto full() const noexcept -> bool { return size_ == Capacity; }

  /// What an L1's name stands for; nothing if it has not given that name.
  [[nodiscard]] constexpr auto real_of(l1_id owner, Name name) const noexcept -> std::optional<Real> {
    const std::size_t place = position(owner, name);
    if (!holds(place, owner, name)) return {};
    return entries_[place].real;
  }

  /// Who calls something how; null if nobody does.
  [[nodiscard]] constexpr auto find_real(Real real) const noexcept -> const entry* {
    for (const entry& one : entries())
      if (one.real == real) return &one;
    return nullptr;
  }

  /// What an L1 calls something; nothing if it is nobody's, or another L1's.
  [[nodiscard]] constexpr auto name_of(l1_id owner, Real real) const noexcept -> std::optional<Name> {
    const entry* const found = find_real(real);
    if (found == nullptr || found->owner != owner) return {};
    return found->name;
  }

  /// Adds an entry.
  /// @return false, and nothing changes, if the L1 uses the name, or anybody has the real thing: one to one
  [[nodiscard]] constexpr auto bind(l1_id owner, Name name, Real real) -> bool {
    const std::size_t place = position(owner, name);
    if (holds(place, owner, name) || find_real(real) != nullptr) return false;
    force(owner, name, real);
    return true;
  }

  /// Adds or replaces an entry without asking whether somebody else has the real thing: what an L0 without the rule does.
  constexpr void force(l1_id owner, Name name, Real real) {
    const std::size_t place = position(owner, name);
    if (!holds(place, owner, name)) {
      Expects(!full());
      for (std::size_t i = size_; i > place; --i) entries_[i] = entries_[i - 1];
      ++size_;
    }
    entries_[place] = {owner, name, real};
  }

  /// Takes an entry away.
  /// @return false if there is none
  constexpr auto unbind(l1_id owner, Name name) noexcept -> bool {
    const std::size_t place = position(owner, name);
    if (!holds(place, owner, name)) return false;
    for (std::size_t i = place; i + 1 < size_; ++i) entries_[i] = entries_[i + 1];
    entries_[--size_] = {};
    return true;
  }

  friend constexpr auto operator==(const identity_map&, const identity_map&) -> bool = default;

 private:
  /// Where an entry stands, or would.
  [[nodiscard]] constexpr auto position(l1_id owner, Name name) const noexcept -> std::size_t {
    std::size_t place = 0;
    while (place < size_ &&
           (entries_[place].owner < owner || (entries_[place].owner == owner && entries_[place].name < name)))
      ++place;
    return place;
  }
  [[nodiscard]] constexpr auto holds(std::size_t place, l1_id owner, Name name) const noexcept -> bool {
    return place < size_ && entries_[place].owner == owner && entries_[place].name == name;
  }

  std::array<entry, Capacity> entries_{};
  std::size_t size_ = 0;
};

/// A handle of a guest without SEV-SNP: what LAUNCH_START and RECEIVE_START answer.
struct guest_handle {
  std::uint32_t value{};
  friend constexpr auto operator<=>(guest_handle, guest_handle) = default;
};

/// vASID to pASID: the active entries of the whole machine.   NES-ASID-01, NES-ASID-02
using asid_map = identity_map<asid, asid, 64>;
/// vHandle to pHandle.   NES-SP-03
using handle_map = identity_map<guest_handle, guest_handle, 64>;
/// The page that an L1 names as a guest context, to the guest context itself.   NES-SP-03, NEST-VSP-17
using context_map = identity_map<gpa, spa, 64>;

/// Whether an ASID is one of guests without SEV-ES, or one of the others: the two classes of ENC-ASID-01.
enum class asid_class : std::uint8_t {
  none,       ///< the host's, or beyond the highest
  es_or_snp,  ///< 1 to MIN_SEV_ASID - 1
  sev,        ///< MIN_SEV_ASID to the highest
};

/// @param ranges  the machine's, or what an L1 sees in its CPUID
[[nodiscard]] constexpr auto class_of(const memory::asid_ranges& ranges, asid id) noexcept -> asid_class {
  if (id.value == 0 || id.value > ranges.highest) return asid_class::none;
  return id.value < ranges.min_sev ? asid_class::es_or_snp : asid_class::sev;
}

/// Gives an L1's ASID one of the machine's.   NES-ASID-02
/// @param seen  how the ASIDs are divided as L1 sees them, and
/// @param real  as they are
/// @return NES-ASID-02 if either is no guest's ASID, their classes differ, L1 has bound its ASID, or the other is in use
template <class Context>
[[nodiscard]] constexpr auto bind_asid(Context& ctx, asid_map& map, l1_id owner, asid virtual_asid,
                                       const memory::asid_ranges& seen, asid physical_asid,
                                       const memory::asid_ranges& real) -> std::expected<void, rule> {
  const asid_class virtual_class = class_of(seen, virtual_asid);
  const asid_class physical_class = class_of(real, physical_asid);
  const bool preserves = virtual_class == physical_class && virtual_class != asid_class::none;
  const bool free = !map.real_of(owner, virtual_asid) && map.find_real(physical_asid) == nullptr;
  if (ctx.denies(rule::NES_ASID_02, !preserves || !free)) return std::unexpected(rule::NES_ASID_02);
  map.force(owner, virtual_asid, physical_asid);
  return {};
}

/// The machine's ASID for an L1's, for VMRUN, for entries of the Reverse Map Table and for commands.   NES-ASID-01
/// @return NES-ASID-02 if L1 has not bound it: VMRUN then ends with VMEXIT_INVALID, VIRT_RMPUPDATE with FAIL_INPUT, a
///         command with INVALID_ASID
template <class Context>
[[nodiscard]] constexpr auto physical_asid_of(Context& ctx, const asid_map& map, l1_id owner, asid virtual_asid)
    -> std::expected<asid, rule> {
  const std::optional<asid> found = map.real_of(owner, virtual_asid);
  if (ctx.denies(rule::NES_ASID_02, !found)) return std::unexpected(rule::NES_ASID_02);
  if (ctx.applies(rule::NES_ASID_01, found && *found != virtual_asid)) return *found;
  return virtual_asid;
}

}  // namespace sevspec::inline v0::nested

#endif
