// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_LAUNCHED_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_LAUNCHED_WORLD_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <sevspec/nested/configuration.hpp>
#include <sevspec/nested/events.hpp>

namespace sevspec::test {

/// A machine with an AMD-SP, an L1 that L0 has launched by commands, and guests of L1's: launched by commands to the virtual
/// AMD-SP with SEV virtualization, by L1 itself with SEV passthrough. Nothing stands in for anything. The work is compiled
/// once, in launched_world.cpp.
///
/// Steps answer "" if all went well, else what did not.
class launched_world {
 public:
  using block = std::array<std::uint8_t, 16>;

  explicit launched_world(const nested::configuration& what);
  launched_world(const launched_world&) = delete;
  auto operator=(const launched_world&) -> launched_world& = delete;
  ~launched_world();

  /// Why there is no such configuration.
  [[nodiscard]] auto refusal() const -> std::optional<nested::configuration_refusal>;

  auto launch(unsigned n) -> std::string;
  auto enter(unsigned n) -> std::string;
  /// Guest n, which runs, reads or writes page i of its.
  struct read_end {
    std::string wrong{};
    block seen{};
    unsigned exits = 0;
  };
  auto reads(unsigned n, unsigned i, bool c = true) -> read_end;
  auto writes(unsigned n, unsigned i, const block& what, bool c = true) -> std::string;
  /// It writes into the page that it shares with L1, and leaves: VMGEXIT, or CPUID without a GHCB. L1 answers, and enters.
  auto talks(unsigned n, const block& says, const block& answer) -> std::string;
  /// It gives page i up, L1 shares it; then the way back.
  auto shares(unsigned n, unsigned i) -> std::string;
  auto takes_back(unsigned n, unsigned i) -> std::string;
  auto halts(unsigned n) -> std::string;
  /// L1 ends guest n, and has its pages again.
  auto destroy(unsigned n) -> std::string;
  /// What became of L1's attempt to run guest n: the rule that refuses it.
  auto refused_by(unsigned n) -> rule;

  /// What page i of guest n held when it was launched.
  [[nodiscard]] static auto contents(unsigned n, unsigned i) -> block;
  /// What L0 finds there without a key, and what L1 reads with its own.
  auto seen_by_l0(unsigned n, unsigned i) -> block;
  auto seen_by_l1(unsigned n, unsigned i, bool c) -> std::optional<block>;
  /// Guests that the AMD-SP itself has, L1 among them.
  auto guests_of_secure_processor() -> std::size_t;
  /// The launch digest or measurement of guest n: as the virtual AMD-SP and as the AMD-SP know it.
  auto digests_agree(unsigned n) -> bool;
  /// ACTIVATE by L1 of no guest: the virtual AMD-SP's answer, with a command buffer in private memory or in the open.
  auto answer_for_buffer(bool is_private) -> std::string;
  /// SNP_DECOMMISSION of guest n, from a command buffer that L0 has taken out of nPT01 since L1 wrote it: the answer.
  auto decommission_from_unmapped(unsigned n) -> std::string;
  /// What the page that L1 has given for guest n's context is in L1's table, and on the machine.
  auto context_page(unsigned n) -> std::string;
  /// L1, or guest n, reads or writes that page: "" if it can, else what comes of it.
  auto l1_touches_context(unsigned n, bool writes) -> std::string;
  auto l2_touches_context(unsigned n) -> std::string;
  /// L1 writes into the memory of its own Reverse Map Table, where it may keep a soft one.
  auto l1_writes_table() -> bool;
  /// L1 gives guest n a page of 2M more, of which nPT01 has 2M or 4K, then has a command for its AMD-SP. The answer, and how
  /// many pages of 4K are the guest's on the machine.
  auto large_page(unsigned n, bool in_parts) -> std::string;
  /// What L1's table and the machine's do not agree on.
  auto disagreement() -> std::string;
  [[nodiscard]] auto events() const -> const nested::event_counter&;

  /// The story of a para-virtual guest, which has neither VMCB nor nested tables.
  auto para_virtual_story() -> std::string;

 private:
  struct parts;
  std::unique_ptr<parts> in_;
};

}  // namespace sevspec::test

#endif
