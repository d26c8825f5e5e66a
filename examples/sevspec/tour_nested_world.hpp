// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_NESTED_WORLD_HPP
#define SEVSPEC_TOOL_TOUR_NESTED_WORLD_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/nested/events.hpp>
#include <sevspec/nested/mode.hpp>
#include <sevspec/nested/visibility_matrix.hpp>

namespace sevspec::tool {

/// The machine of part 6: L0, a hypervisor L1, and up to two guests of its, with AES in the memory controllers. What launch
/// commands do is done without the AMD-SP: part 3 is about those.
class nested_tour_world {
 public:
  using block = std::array<std::uint8_t, 16>;

  nested_tour_world(nested::mode how, nested::guest_kind variant);
  nested_tour_world(const nested_tour_world&) = delete;
  auto operator=(const nested_tour_world&) -> nested_tour_world& = delete;
  ~nested_tour_world();

  [[nodiscard]] auto how() const -> nested::mode;
  [[nodiscard]] static auto secret() -> block;

  /// L1 launches guest n, 1 or 2.
  void launch(unsigned n);

  /// A page of a guest, as L1 has it, and as the Reverse Map Table of the machine has it.
  struct page_story {
    std::uint64_t in_l1{};
    unsigned named{};  ///< L1's name of the guest's ASID
    unsigned owner{};
    std::uint64_t guest{};
    std::string state{};
  };
  [[nodiscard]] auto pages_of(unsigned n) -> std::vector<page_story>;

  /// L1 runs guest n, and the guest reads its first page.
  struct read_story {
    unsigned id{};  ///< the ASID that hardware has
    std::uint64_t at{};
    std::uint64_t in_l1{};
    std::uint64_t where{};
    unsigned exits{};
    block seen{};
    bool composed{};  ///< what hardware walks is L1's table, then L0's
  };
  auto first_read(unsigned n) -> read_story;
  [[nodiscard]] auto raw(unsigned n) -> block;
  [[nodiscard]] auto read_by_l0(unsigned n) -> block;
  [[nodiscard]] auto read_by_l1(unsigned n) -> std::optional<block>;

  /// The guest, which runs, halts; L1 runs it again.
  struct halt_story {
    std::uint64_t exits{}, vmruns{};
    bool registers_seen{};
  };
  auto halt_and_return(unsigned n) -> halt_story;

  /// L1 launches guest n, which runs once, uses its first page and the one that it shares with L1, and halts.
  void visit(unsigned n);
  /// What everybody gets of some pages, after visits of guests 1 and 2.
  [[nodiscard]] auto matrix() -> std::vector<std::pair<std::string, nested::matrix_row>>;

  /// A life of a guest: launch, and three times four pages and a halt.
  [[nodiscard]] auto life_in_events() -> nested::event_counter;

 private:
  struct parts;
  std::unique_ptr<parts> in_;
};

}  // namespace sevspec::tool

#endif
