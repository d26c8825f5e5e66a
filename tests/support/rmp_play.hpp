// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RMP_PLAY_HPP
#define SEVSPEC_TESTS_SUPPORT_RMP_PLAY_HPP

#include <cstdint>

#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>

namespace sevspec::test {

/// A host, the guests with ASID 5 and 6, and the table between them, for scripts: who does what in one line each.
struct rmp_play {
  static constexpr std::uint64_t page = 0x20'1000;  ///< an sPA
  static constexpr std::uint64_t region = 0x20'0000;
  static constexpr std::uint64_t seen = 0x123'4000;  ///< a gPA
  rmp::lazy_table table{0x10'0000};
  context<> ctx;
  rmp::processor cpu;

  static auto guest(std::uint32_t id) -> rmp::execution { return {.id = {id}, .snp_active = true}; }
  static auto at(std::uint64_t where, std::uint64_t gpa, page_size leaf) {
    return [=](gva linear) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = linear, .guest = {gpa}, .where = {where}, .leaf = leaf};
    };
  }

  auto update(std::uint64_t where, const rmp::new_state& wanted) -> rmp::status {
    return rmp::rmpupdate(ctx, table, cpu, {}, {where}, wanted).value().eax;
  }
  auto assign(std::uint64_t where = page, std::uint64_t gpa = seen, std::uint32_t id = 5, bool large = false)
      -> rmp::status {
    return update(where, rmp::private_state({gpa}, {id}, large));
  }
  auto share(std::uint64_t where = page, bool large = false) -> rmp::status {
    return update(where, rmp::shared_state(large));
  }
  auto smash(std::uint64_t where = region) -> rmp::status {
    return rmp::psmash(ctx, table, cpu, {}, {where}).value().eax;
  }
  /// The nested tables put `gpa` at `where` by a page of `leaf`.
  auto validate(std::uint64_t where = page, std::uint64_t gpa = seen, bool wanted = true,
                page_size size = page_size::k4k, page_size leaf = page_size::k4k, std::uint32_t id = 5)
      -> outcome<rmp::result> {
    return rmp::pvalidate(ctx, table, cpu, guest(id), {{gpa}, size == page_size::k4k ? 0U : 1U, wanted ? 1U : 0U},
                          at(where, gpa, leaf));
  }
  auto adjust(std::uint64_t attributes, std::uint8_t level = 0, std::uint64_t where = page, std::uint64_t gpa = seen)
      -> outcome<rmp::result> {
    rmp::execution by = guest(5);
    by.privilege = {level};
    return rmp::rmpadjust(ctx, table, cpu, by, {{gpa}, 0, attributes}, at(where, gpa, page_size::k4k));
  }
  auto guest_access(access_kind kind, std::uint64_t where = page, std::uint64_t gpa = seen, bool c = true,
                    std::uint32_t id = 5, page_size leaf = page_size::k4k, std::uint8_t level = 0)
      -> memory::ownership_verdict::kind {
    return rmp::check_access(ctx, table,
                             {.where = {where},
                              .guest = {gpa},
                              .leaf = leaf,
                              .kind = kind,
                              .c = c,
                              .who = memory::owner_context::snp_guest,
                              .id = {id},
                              .level = {level}})
        .what;
  }
  auto host_write(std::uint64_t where = page, page_size leaf = page_size::k4k) -> memory::ownership_verdict::kind {
    return rmp::check_access(ctx, table, {.where = {where}, .leaf = leaf, .kind = access_kind::write}).what;
  }
  auto reclaim(std::uint64_t where = page) -> firmware::status {
    return firmware::page_reclaim(ctx, table, {where}, page_size::k4k, [](spa) { return false; });
  }
  [[nodiscard]] auto state(std::uint64_t where = page) const -> rmp::page_state {
    return rmp::state_of(table, page_of(spa{where}));
  }
  [[nodiscard]] auto entry(std::uint64_t where = page) const -> rmp::entry {
    return table.entry_of(page_of(spa{where}));
  }
};

}  // namespace sevspec::test

#endif
