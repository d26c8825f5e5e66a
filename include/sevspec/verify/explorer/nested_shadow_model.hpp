// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_NESTED_SHADOW_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_NESTED_SHADOW_MODEL_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/nested/build.hpp>
#include <sevspec/nested/identity_map.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/nested_faults.hpp>
#include <sevspec/nested/shadow.hpp>
#include <sevspec/nested/sparse_table.hpp>
#include <sevspec/nested/table_words.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/finding.hpp>
#include <sevspec/verify/explorer/model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// nPT02 behind nPT12: an L1 changes the leaf that its L2s have at gPA 0, with or without a flush; L2s refer to it, and
/// enter; L0 takes pages from nPT01. The functions are L0's in `nested/shadow.hpp` and `nested_faults.hpp`, on real tables
/// in memory. A state is what the leaves are, which pages of nPT12 L0 watches, and what the leaf in nPT12 has ever been.
///
/// A leaf of nPT12 is one of four: none, page 0, page 1, page 0 without the right to write.
class nested_shadow_model {
 public:
  static constexpr std::size_t most_guests = 2;
  using rules = context<rule_set>;

  enum class leaf : std::uint8_t { none, page_0, page_1, page_0_read_only };
  static constexpr std::size_t leaves = 4;
  /// What L0 knows of the last page of nPT12.
  enum class watched : std::uint8_t { unknown, is_protected, unsynchronised };
  struct guest {
    leaf wanted{};  ///< in nPT12
    leaf shadow{};  ///< in nPT02
    watched table{};
    bool upper{};                     ///< the other pages of nPT12 are protected
    bool asked{};                     ///< L1 has asked for a flush after its last change, and the L2 has not run
    bool pending{};                   ///< L0 knows of it
    std::array<bool, leaves> ever{};  ///< what nPT12's leaf has been
    friend constexpr auto operator==(const guest&, const guest&) -> bool = default;
  };
  struct state {
    std::array<guest, most_guests> guests{};
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using packed = packed_state<1>;
  using finding = model_finding;

  enum class deed : std::uint8_t { l1_writes, l1_flushes, l2_reads, l2_writes, l2_enters, l0_zaps };
  struct operation {
    deed what{};
    std::uint8_t guest{};
    leaf to{};
    std::uint8_t page{};
  };

  /// @param guests  L2s: 1 or 2
  explicit nested_shadow_model(unsigned guests = 2, rules ctx = {})
      : guests_(guests), ctx_(std::move(ctx)), book_(std::make_shared<crypto::ticket_book>()) {
    Expects(guests >= 1 && guests <= most_guests);
    build();
    for (std::uint8_t g = 0; g < guests_; ++g) {
      for (std::uint8_t to = 0; to < leaves; ++to)
        operations_.push_back({.what = deed::l1_writes, .guest = g, .to = static_cast<leaf>(to)});
      for (const deed what : {deed::l1_flushes, deed::l2_reads, deed::l2_writes, deed::l2_enters})
        operations_.push_back({.what = what, .guest = g});
    }
    for (std::uint8_t page = 0; page < 2; ++page) operations_.push_back({.what = deed::l0_zaps, .page = page});
  }

  [[nodiscard]] auto initial() const -> state {
    state start;
    for (guest& one : start.guests) one.ever[0] = true;
    return start;
  }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }

  [[nodiscard]] auto check(const state& now) const -> finding {
    for (const guest& one : now.guests) {
      if (one.shadow == leaf::none) continue;
      bool granted = false;
      for (std::size_t past = 1; past < leaves; ++past)
        granted = granted || (one.ever[past] && grants_no_more(one.shadow, static_cast<leaf>(past)));
      if (!granted) return model_violation{"no more than ever", "nPT02 grants what nPT12 has never granted"};
      if (one.table == watched::unknown || !one.upper)
        return model_violation{"L0 watches", "nPT02 has a leaf that was made of tables which L0 does not watch"};
      if (one.table == watched::is_protected && !grants_no_more(one.shadow, one.wanted))
        return model_violation{"protected tables", "nPT12 is protected, and nPT02 grants more"};
    }
    return {};
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    put(before);
    state after = before;
    const bool done = play(before, after, op);
    const bool books = take(after);
    effect<finding> step{.what = done ? fate::unchanged : fate::refused, .broken = {}};
    if (!books) step.broken = model_violation{"books", "L0's books and its tables differ"};
    const bool synchronises = op.what == deed::l2_enters && before.guests[op.guest].asked;
    const guest& one = after.guests[op.guest];
    if (synchronises && !grants_no_more(one.shadow, one.wanted))
      step.broken = model_violation{"flush", "L1 has flushed, and nPT02 grants what nPT12 does not"};
    if (after == before && !step.broken) return step;
    now = after;
    step.what = fate::changed;
    return step;
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    for (const guest& g : one.guests) {
      to.put(static_cast<std::uint64_t>(g.wanted), 2).put(static_cast<std::uint64_t>(g.shadow), 2);
      to.put(static_cast<std::uint64_t>(g.table), 2).put(g.upper, 1).put(g.asked, 1).put(g.pending, 1);
      for (const bool was : g.ever) to.put(was, 1);
    }
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    for (guest& g : one.guests) {
      g.wanted = static_cast<leaf>(from.take(2));
      g.shadow = static_cast<leaf>(from.take(2));
      g.table = static_cast<watched>(from.take(2));
      g.upper = from.flag();
      g.asked = from.flag();
      g.pending = from.flag();
      for (bool& was : g.ever) was = from.flag();
    }
    return one;
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string {
    const operation& op = operations_[which];
    const std::string who = "L2 " + std::to_string(op.guest + 1);
    constexpr const char* names[] = {"nothing", "page 0", "page 1", "page 0, read-only"};
    switch (op.what) {
      case deed::l1_writes:
        return "L1: nPT12 of " + who + " has " + names[static_cast<std::size_t>(op.to)] + " at gPA 0";
      case deed::l1_flushes: return "L1: flushes translations of " + who;
      case deed::l2_reads:   return who + ": reads gPA 0";
      case deed::l2_writes:  return who + ": writes gPA 0";
      case deed::l2_enters:  return who + ": runs";
      case deed::l0_zaps:    return "L0: drops what maps page " + std::to_string(op.page);
    }
    return {};
  }

 private:
  using controller = memory::controller<crypto::symbolic_cipher, memory::sparse_dram>;
  using machine = nested::machine<controller, nested::sparse_table<>>;

  static constexpr std::uint64_t memory_bytes = 0x100'0000;
  static constexpr std::uint64_t l1_backing = 0x20'0000;
  static constexpr std::uint64_t first_page = 0x2000;
  static constexpr std::uint64_t first_table = 0x1'0000;
  static constexpr asid l1_asid{5};

  /// Whether all that one leaf grants another grants, too.
  [[nodiscard]] static constexpr auto grants_no_more(leaf one, leaf other) noexcept -> bool {
    return one == leaf::none || one == other || (one == leaf::page_0_read_only && other == leaf::page_0);
  }
  [[nodiscard]] static auto table_of(std::size_t guest, unsigned level) noexcept -> gpa {
    return {first_table + guest * 0x4000 + (4 - level) * 0x1000};
  }
  [[nodiscard]] static auto in_l1(std::size_t page) noexcept -> gpa { return {first_page + page * 0x1000}; }
  [[nodiscard]] static auto backing(gpa where) noexcept -> std::uint64_t { return l1_backing + where.value; }
  [[nodiscard]] auto vm() const -> nested::l1_vm& { return m_->vms.front(); }
  [[nodiscard]] static auto page_of_leaf(leaf what) noexcept -> std::size_t { return what == leaf::page_1 ? 1 : 0; }

  /// The word in nPT12: accessed and dirty already, so that walks change nothing.
  [[nodiscard]] static auto word_of(leaf what) noexcept -> std::uint64_t {
    using paging::entry;
    if (what == leaf::none) return 0;
    const std::uint64_t raw = in_l1(page_of_leaf(what)).value | nested::detail::table_pointer_bits | entry::d::mask;
    return what == leaf::page_0_read_only ? raw & ~entry::rw::mask : raw;
  }

  void build() {
    m_ = std::make_shared<machine>(
        machine{.memory = controller(crypto::symbolic_cipher(*book_), memory::sparse_dram(memory_bytes), 32),
                .rmp = nested::sparse_table<>(memory_bytes / 4096)});
    m_->pool = {0x80'0000, 0xa0'0000, {}};
    cpu_part part = part_of(generation::milan);
    part.min_sev_no_es_asid = 100;
    nested::start_l0(*m_, part, true);
    for (const asid id : {host_asid, l1_asid, asid{9}, asid{10}}) {
      crypto::block seed{};
      seed[0] = static_cast<std::uint8_t>(id.value + 1);
      Ensures(m_->memory.install_key(id, seed));
    }
    context<> all;
    const nested::l1_plan plan{
        .config = {nested::l1_hypervisor::kvm, nested::mode::virt, nested::guest_kind::snp},
        .id = l1_asid,
        .ram = {{.at = {.first = in_l1(0), .backing = {backing(in_l1(0))}, .pages = 2}, .shared = false},
                {.at = {.first = {first_table}, .backing = {backing({first_table})}, .pages = 8}, .shared = true}}};
    Ensures(nested::add_l1(all, *m_, plan).has_value());
    nested::host_words words{m_->memory};
    for (std::uint8_t g = 0; g < most_guests; ++g) {
      const asid named{g + 1U};
      Ensures(nested::bind_asid(all, m_->asids, vm().number, named, nested::ranges_of(part), asid{9U + g},
                                nested::ranges_of(part))
                  .has_value());
      const auto root = m_->pool.take();
      Ensures(root && words.clear(*root));
      nested::l2_vm made{.virtual_id = named, .kind = nested::guest_kind::snp, .npt12 = table_of(g, 4)};
      made.shadow.root = {*root};
      vm().guests.push_back(std::move(made));
      for (unsigned level = 4; level >= 2; --level)
        Ensures(words.store(backing(table_of(g, level)),
                            table_of(g, level - 1).value | nested::detail::table_pointer_bits));
    }
    // What L0 makes of each leaf.
    for (std::uint8_t g = 0; g < most_guests; ++g)
      for (std::size_t i = 1; i < leaves; ++i) {
        const auto what = static_cast<leaf>(i);
        Ensures(words.store(backing(table_of(g, 1)), word_of(what)));
        const auto kind = what == leaf::page_0_read_only ? access_kind::read : access_kind::write;
        const auto made = nested::compose(all, *m_, vm(), vm().guests[g], nested::l2_gpa{0}, kind);
        Ensures(made.has_value());
        records_[g][i] = {made->leaf, page_base(made->in_l1, page_size::k4k), made->from};
        Ensures(words.store(backing(table_of(g, 1)), 0));
      }
  }

  // --- between states and machines: the machine is one, and is made what a state says

  void put(const state& now) const {
    nested::host_words words{m_->memory};
    for (std::uint8_t g = 0; g < most_guests; ++g) {
      const guest& one = now.guests[g];
      nested::l2_vm& l2 = vm().guests[g];
      Ensures(words.store(backing(table_of(g, 1)), word_of(one.wanted)));
      l2.shadow.leaves.clear();
      l2.shadow.protected_pages.clear();
      l2.shadow.unsynchronised.clear();
      l2.shadow.sync_pending = one.pending;
      nested::remove_leaf(words, l2.shadow.root.value, 0);
      if (one.shadow != leaf::none) {
        const nested::shadow_record& record = records_[g][static_cast<std::size_t>(one.shadow)];
        l2.shadow.leaves[0] = record;
        const auto regime = nested::l2_hardware_regime(ctx_, *m_, vm(), l2);
        Ensures(nested::put_leaf(words, l2.shadow.root.value, 0, page_size::k4k,
                                 paging::entry_for(record.leaf, regime.nested).raw,
                                 [this] { return m_->pool.take(); }));
      }
      for (unsigned level = 1; level <= 4; ++level) {
        const std::uint64_t table = table_of(g, level).value;
        const bool is_protected = level == 1 ? one.table == watched::is_protected : one.upper;
        if (is_protected) l2.shadow.protected_pages.insert(table);
        nested::remap_small(*m_, vm(), {table}, !is_protected);
      }
      if (one.table == watched::unsynchronised) l2.shadow.unsynchronised.insert(table_of(g, 1).value);
    }
  }
  /// @return whether nPT02 in memory is what the books say, and the books have nothing that a state has not
  [[nodiscard]] auto take(state& now) const -> bool {
    nested::host_words words{m_->memory};
    bool agrees = true;
    for (std::uint8_t g = 0; g < most_guests; ++g) {
      guest& one = now.guests[g];
      const nested::l2_vm& l2 = vm().guests[g];
      const nested::shadow_tables& books = l2.shadow;
      one.pending = books.sync_pending;
      one.shadow = leaf::none;
      for (const auto& [at, record] : books.leaves) {
        for (std::size_t i = 1; i < leaves; ++i)
          if (record == records_[g][i]) one.shadow = static_cast<leaf>(i);
        agrees = agrees && at == 0 && one.shadow != leaf::none;
      }
      const auto found = nested::find_entry(words, books.root.value, 0);
      const bool present = found && found->present();
      agrees = agrees && present == (one.shadow != leaf::none);
      if (present && one.shadow != leaf::none) {
        const auto regime = nested::l2_hardware_regime(ctx_, *m_, vm(), l2);
        const auto& record = records_[g][static_cast<std::size_t>(one.shadow)];
        agrees = agrees && found->raw == paging::entry_for(record.leaf, regime.nested).raw;
      }
      const std::uint64_t last = table_of(g, 1).value;
      one.table = books.protected_pages.contains(last)  ? watched::is_protected
                  : books.unsynchronised.contains(last) ? watched::unsynchronised
                                                        : watched::unknown;
      unsigned upper = 0;
      for (unsigned level = 2; level <= 4; ++level) upper += books.protected_pages.contains(table_of(g, level).value);
      one.upper = upper == 3;
      agrees = agrees && (upper == 0 || upper == 3);
      for (unsigned level = 1; level <= 4; ++level) {
        const gpa table = table_of(g, level);
        const auto at = nested::find_backing(*m_, vm(), table);
        agrees = agrees && at && at->writable != books.protected_pages.contains(table.value);
      }
    }
    return agrees;
  }

  // --- what may happen

  [[nodiscard]] auto play(const state& before, state& after, const operation& op) const -> bool {
    nested::l2_vm& l2 = vm().guests[op.guest];
    guest& one = after.guests[op.guest];
    switch (op.what) {
      case deed::l1_writes: {
        const gpa table = table_of(op.guest, 1);
        const auto at = nested::find_backing(*m_, vm(), table);
        if (at && !at->writable) {  // #NPF of L1, and it tries again
          const std::uint64_t code = paging::page_fault_code::p::mask | paging::page_fault_code::w::mask;
          const auto end = nested::on_l1_fault(ctx_, *m_, vm(), {fault_kind::npf, rule::none, code, table.value});
          if (end.what != nested::l1_fault_end::kind::resume) return false;
        }
        nested::host_words words{m_->memory};
        Ensures(words.store(backing(table), word_of(op.to)));
        one.wanted = op.to;
        one.asked = false;
        one.ever[static_cast<std::size_t>(op.to)] = true;
        return true;
      }
      case deed::l1_flushes:
        nested::request_flush(ctx_, *m_, vm(), l2, paging::tlb_control::flush_guest);
        one.asked = true;
        return true;
      case deed::l2_reads:
      case deed::l2_writes: {
        const bool writes = op.what == deed::l2_writes;
        const leaf there = before.guests[op.guest].shadow;
        if (there != leaf::none && (!writes || there != leaf::page_0_read_only)) return true;
        using code = paging::page_fault_code;
        const std::uint64_t why = code::final_gpa::mask | code::u::mask | (writes ? code::w::mask : 0) |
                                  (there != leaf::none ? code::p::mask : 0);
        const auto end = nested::on_l2_fault(ctx_, *m_, vm(), l2, why, nested::l2_gpa{0});
        return end.what == nested::l2_fault_end::kind::resume;
      }
      case deed::l2_enters:
        nested::synchronise(ctx_, *m_, vm(), l2);
        one.asked = false;
        return true;
      case deed::l0_zaps: nested::zap_l1_page(ctx_, *m_, vm(), in_l1(op.page)); return true;
    }
    return false;
  }

  unsigned guests_;
  mutable rules ctx_;  // functions tell its listener
  std::shared_ptr<crypto::ticket_book> book_;
  std::shared_ptr<machine> m_;  ///< for one explorer at a time
  std::array<std::array<nested::shadow_record, leaves>, most_guests> records_{};
  std::vector<operation> operations_;
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
