// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_MEMORY_TABLE_HPP
#define SEVSPEC_RMP_MEMORY_TABLE_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The table where hardware of Zen 3 and Zen 4 has it: in memory, not encrypted (RMP-GEO-14), with the number of pages of
/// each ASID before it (RMP-GEO-17).
/// @tparam Geometry  `contiguous_geometry` or `segmented_geometry`
template <memory::byte_memory M, class Geometry = contiguous_geometry>
class memory_table {
 public:
  static constexpr std::uint64_t sub_pages = 512;
  static constexpr bool counts_sub_pages = true;

  /// @param memory    answers everywhere in the table: a table that does not is a broken machine
  /// @param counters  RMP_BASE, where the counters of pages lie
  constexpr memory_table(M& memory, const Geometry& geometry, spa counters) noexcept
      : memory_(&memory), geometry_(geometry), counters_(counters) {}

  [[nodiscard]] constexpr auto covers(spfn page) const noexcept -> bool { return geometry_.covers(page); }
  [[nodiscard]] constexpr auto reserved(spfn page) const noexcept -> bool
    requires requires(const Geometry& g) { g.look_up(page); }
  {
    return geometry_.look_up(page) == segment_lookup::reserved;
  }
  [[nodiscard]] constexpr auto entry_of(spfn page) const -> entry {
    const spa where = geometry_.entry_of(page);
    return decode({qword(where), qword(where + 8)});
  }
  constexpr void put(spfn page, const entry& what) {
    const raw_entry made = encode(what);
    const spa where = geometry_.entry_of(page);
    put_qword(where, made.lo);
    put_qword(where + 8, made.hi);
  }
  /// ASIDs beyond the 2048 counters are not counted.
  constexpr void count_pages(asid id, std::int64_t delta) {
    if (id.value >= bookkeeping_bytes / 8) return;
    const spa where = counters_ + 8 * std::uint64_t{id.value};
    put_qword(where, qword(where) + static_cast<std::uint64_t>(delta));
  }
  [[nodiscard]] constexpr auto pages_of(asid id) const -> std::int64_t {
    if (id.value >= bookkeeping_bytes / 8) return 0;
    return static_cast<std::int64_t>(qword(counters_ + 8 * std::uint64_t{id.value}));
  }
  [[nodiscard]] constexpr auto geometry() const noexcept -> const Geometry& { return geometry_; }

 private:
  [[nodiscard]] constexpr auto qword(spa where) const -> std::uint64_t {
    const auto found = memory::qword_at(*memory_, where, memory_key::none());
    Expects(found.has_value());
    return *found;
  }
  constexpr void put_qword(spa where, std::uint64_t value) {
    const auto done = memory::write_qword_at(*memory_, where, memory_key::none(), value);
    Expects(done == memory::memory_status::ok);
  }

  M* memory_;
  Geometry geometry_;
  spa counters_;
};

}  // namespace sevspec::inline v0::rmp

#endif
