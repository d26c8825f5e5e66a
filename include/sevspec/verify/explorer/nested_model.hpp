// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_NESTED_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_NESTED_MODEL_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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
#include <sevspec/memory/ownership.hpp>
#include <sevspec/nested/build.hpp>
#include <sevspec/nested/identity_map.hpp>
#include <sevspec/nested/launch_stand_in.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/ownership_view.hpp>
#include <sevspec/nested/sparse_table.hpp>
#include <sevspec/nested/virtual_rmp.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/finding.hpp>
#include <sevspec/verify/explorer/model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Which parts a machine with an L1 has. Each multiplies the number of states.
struct nested_parts {
  bool hostile = true;     ///< L0 changes the real table behind L1's back
  bool launches = true;    ///< L1 gives immutable pages, and the AMD-SP launches them
  unsigned pages = 2;      ///< of L1's memory, that go around: 1 or 2
  unsigned addresses = 1;  ///< gPAs of each L2: 1 or 2
};

/// An L1 with SEV virtualisation (NES-CFG-01), SEV-SNP, two L2s with keys of their own, and a few pages of 4K of L1's
/// memory that it hands around with VIRT_RMPUPDATE: a virtual Reverse Map Table over the real one. Calls are the library's,
/// on the library's own machine, of which a state is what the entries of these pages are in both tables, and whose
/// secret each page holds. Memory is behind a real memory controller with a symbolic cipher.
///
/// Nested tables, nPT01's and those of L2, are L0's and L1's, who are not trusted: a private reference of a guest may end
/// in any of the pages. Guests are careful: they validate no gPA twice.
class nested_model {
 public:
  static constexpr std::size_t most_pages = 2;
  static constexpr std::size_t guests = 2;
  using rules = context<rule_set>;

  struct state {
    std::array<rmp::entry, most_pages> real{};
    std::array<rmp::entry, most_pages> believed{};     ///< in the virtual table
    std::array<std::uint8_t, most_pages> secret_of{};  ///< 1, 2: the page holds that L2's secret; 0: none
    std::array<std::uint8_t, guests> validated{};      ///< bit g if the L2 knows its gPA g as validated
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using packed = packed_state<3>;
  using finding = model_finding;

  enum class deed : std::uint8_t {
    gives,    ///< L1: VIRT_RMPUPDATE to one of its L2s
    shares,   ///< to L0
    keeps,    ///< to L1 itself
    smashes,  ///< VIRT_PSMASH
    l1_pvalidate,
    l2_pvalidate,
    l2_writes,  ///< its secret
    l1_writes,
    l0_writes,
    l0_takes,  ///< RMPUPDATE: the page becomes the hypervisor's
    l0_gives,  ///< to L1 (guest 0) or one of its L2s
    l0_fixes,  ///< to the AMD-SP, immutable
    launch,
    look,  ///< everybody reads the page
  };
  struct operation {
    deed what{};
    std::uint8_t page{};
    std::uint8_t guest{};  ///< 1 or 2; 3: an ASID that stands for nothing
    std::uint8_t where{};  ///< gPA of L2
    bool immutable{};
  };

  explicit nested_model(const nested_parts& parts = {}, rules ctx = {})
      : parts_(parts), ctx_(std::move(ctx)), book_(std::make_shared<crypto::ticket_book>()) {
    Expects(parts.pages >= 1 && parts.pages <= most_pages && parts.addresses >= 1 && parts.addresses <= 2);
    build();
    list_operations();
  }

  [[nodiscard]] auto initial() const -> state { return start_; }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }

  [[nodiscard]] auto check(const state& now) const -> finding {
    if (parts_.hostile) return {};  // L0 may break the tables' agreement; calls may not
    put(now);
    if (const auto found = nested::find_disagreement(*m_, vm())) return broken("tables agree", found->what);
    return {};
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    if (!is_careful(before, op)) return {};
    put(before);
    finding wrong;
    const bool done = play(before, now, op, wrong);
    state after = now;
    take(after);
    if (!counts_agree(after)) wrong = broken("counts", "a region's first entry counts wrong");
    if (!done && !wrong && !(after == before)) wrong = broken("all or nothing", "a refused call has changed a table");
    if (done && is_call(op.what) && !wrong) wrong = check_page(op.page);
    if (after == before)
      return {.what = done ? fate::unchanged : wrong ? fate::changed : fate::refused, .broken = wrong};
    now = after;
    return {.what = fate::changed, .broken = wrong};
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    for (const auto* table : {&one.real, &one.believed})
      for (const rmp::entry& e : *table) {
        Expects(!e.large && !e.vmsa && !e.in_use && e.sub_page_count == 0 && e.allowed[1].raw == 0);
        to.put(e.assigned, 1).put(e.validated, 1).put(e.immutable, 1).put(e.locked, 1);
        to.put(e.id.value, 4).put(name_of(e.guest), 2).put(e.allowed[0].raw & 0x1fU, 5);
      }
    for (const std::uint8_t whose : one.secret_of) to.put(whose, 2);
    for (const std::uint8_t known : one.validated) to.put(known, 2);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    const auto number = [&from](unsigned width) { return static_cast<std::uint8_t>(from.take(width)); };
    for (auto* table : {&one.real, &one.believed})
      for (rmp::entry& e : *table) {
        e.assigned = from.flag();
        e.validated = from.flag();
        e.immutable = from.flag();
        e.locked = from.flag();
        e.id = {number(4)};
        e.guest = address_of_name(number(2));
        e.allowed[0] = {number(5)};
      }
    for (std::uint8_t& whose : one.secret_of) whose = number(2);
    for (std::uint8_t& known : one.validated) known = number(2);
    return one;
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  using controller = memory::controller<crypto::symbolic_cipher, memory::sparse_dram>;
  using machine = nested::machine<controller, nested::sparse_table<>>;

  static constexpr std::uint64_t memory_bytes = 0x100'0000;
  static constexpr std::uint64_t l1_backing = 0x20'0000;  ///< sPA of L1 gPA 0
  static constexpr std::uint64_t first_page = 0x2000;     ///< L1 gPA of page 0 of those that go around
  static constexpr asid l1_asid{5};

  [[nodiscard]] static auto broken(const char* invariant, const char* what) -> finding {
    return model_violation{invariant, what};
  }
  [[nodiscard]] static auto in_l1(std::size_t page) noexcept -> gpa { return {first_page + page * 0x1000}; }
  [[nodiscard]] static auto place(std::size_t page) noexcept -> spa {
    return {l1_backing + first_page + page * 0x1000};
  }
  [[nodiscard]] static auto frame(std::size_t page) noexcept -> rmp::spfn { return page_of(place(page)); }
  [[nodiscard]] static auto virtual_frame(std::size_t page) noexcept -> rmp::spfn {
    return page_of(spa{in_l1(page).value});
  }
  [[nodiscard]] static auto real_asid(std::uint8_t guest) noexcept -> asid { return {8U + guest}; }
  /// gPAs have two bits: L2's 0 and 1000h, and L1's of the two pages.
  [[nodiscard]] static auto name_of(gpa where) -> std::uint64_t {
    Expects(where.value % 0x1000 == 0 && where.value < 0x4000);
    return where.value >> 12;
  }
  [[nodiscard]] static auto address_of_name(std::uint64_t name) noexcept -> gpa { return {name << 12}; }
  [[nodiscard]] static auto secret(std::uint8_t guest) -> crypto::block {
    crypto::block text{};
    text.fill(static_cast<std::uint8_t>(0xd0 + guest));
    return text;
  }
  [[nodiscard]] auto vm() const -> nested::l1_vm& { return m_->vms.front(); }

  void build() {
    m_ = std::make_shared<machine>(
        machine{.memory = controller(crypto::symbolic_cipher(*book_), memory::sparse_dram(memory_bytes), 32),
                .rmp = nested::sparse_table<>(memory_bytes / 4096)});
    m_->pool = {0x80'0000, 0xa0'0000, {}};
    cpu_part part = part_of(generation::milan);
    part.min_sev_no_es_asid = 100;
    nested::start_l0(*m_, part, true);
    for (const asid id : {host_asid, l1_asid, real_asid(1), real_asid(2)}) {
      crypto::block seed{};
      seed[0] = static_cast<std::uint8_t>(id.value + 1);
      Ensures(m_->memory.install_key(id, seed));
    }
    context<> all;
    const nested::l1_plan plan{
        .config = {nested::l1_hypervisor::kvm, nested::mode::virt, nested::guest_kind::snp},
        .id = l1_asid,
        .ram = {{.at = {.first = in_l1(0), .backing = place(0), .pages = most_pages}, .shared = false}}};
    Ensures(nested::add_l1(all, *m_, plan).has_value());
    for (std::uint8_t guest = 1; guest <= guests; ++guest)
      Ensures(nested::bind_asid(all, m_->asids, vm().number, asid{guest}, nested::ranges_of(part), real_asid(guest),
                                nested::ranges_of(part))
                  .has_value());
    take(start_);
  }

  // --- between states and machines: the machine is one, and is made what a state says

  void put(const state& now) const {
    std::uint16_t real = 0;
    std::uint16_t believed = 0;
    for (std::size_t page = 0; page < most_pages; ++page) {
      m_->rmp.put(frame(page), now.real[page]);
      vm().owners.put(virtual_frame(page), now.believed[page]);
      real = static_cast<std::uint16_t>(real + (now.real[page].assigned ? 1 : 0));
      believed = static_cast<std::uint16_t>(believed + (now.believed[page].assigned ? 1 : 0));
      const std::uint8_t whose = now.secret_of[page];
      const auto written = m_->memory.write(place(page), memory_key::guest(whose == 0 ? l1_asid : real_asid(whose)),
                                            whose == 0 ? crypto::block{} : secret(whose));
      Expects(written == memory::memory_status::ok);
    }
    set_count(m_->rmp, frame(0), real);
    set_count(vm().owners, virtual_frame(0), believed);
  }
  template <class Table>
  static void set_count(Table& table, rmp::spfn inside, std::uint16_t count) {
    const rmp::spfn base = rmp::large_page_base<Table>(inside);
    rmp::entry first = table.entry_of(base);
    first.sub_page_count = count;
    table.put(base, first);
  }
  template <class Table>
  [[nodiscard]] static auto count_in(const Table& table, rmp::spfn inside) -> std::uint16_t {
    return table.entry_of(rmp::large_page_base<Table>(inside)).sub_page_count;
  }
  [[nodiscard]] auto counts_agree(const state& now) const -> bool {
    unsigned real = 0;
    unsigned believed = 0;
    for (std::size_t page = 0; page < most_pages; ++page) {
      real += now.real[page].assigned ? 1U : 0U;
      believed += now.believed[page].assigned ? 1U : 0U;
    }
    return count_in(m_->rmp, frame(0)) == real && count_in(vm().owners, virtual_frame(0)) == believed;
  }
  void take(state& now) const {
    for (std::size_t page = 0; page < most_pages; ++page) {
      now.real[page] = m_->rmp.entry_of(frame(page));
      now.believed[page] = vm().owners.entry_of(virtual_frame(page));
    }
  }

  // --- what may happen

  void list_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    for (std::uint8_t page = 0; page < parts_.pages; ++page) {
      const auto simple = [&](deed what, std::uint8_t guest = 0) { add({.what = what, .page = page, .guest = guest}); };
      for (const bool immutable : {false, true}) {
        if (immutable && !parts_.launches) continue;
        for (std::uint8_t guest = 1; guest <= guests; ++guest)
          for (std::uint8_t where = 0; where < parts_.addresses; ++where)
            add({.what = deed::gives, .page = page, .guest = guest, .where = where, .immutable = immutable});
      }
      simple(deed::gives, guests + 1);
      simple(deed::shares);
      simple(deed::keeps);
      simple(deed::smashes);
      simple(deed::l1_pvalidate);
      for (std::uint8_t guest = 1; guest <= guests; ++guest)
        for (std::uint8_t where = 0; where < parts_.addresses; ++where) {
          add({.what = deed::l2_pvalidate, .page = page, .guest = guest, .where = where});
          add({.what = deed::l2_writes, .page = page, .guest = guest, .where = where});
        }
      simple(deed::l1_writes);
      simple(deed::l0_writes);
      if (parts_.launches) simple(deed::launch);
      simple(deed::look);
      if (!parts_.hostile) continue;
      simple(deed::l0_takes);
      for (std::uint8_t guest = 0; guest <= guests; ++guest) simple(deed::l0_gives, guest);
      simple(deed::l0_fixes);
    }
  }
  [[nodiscard]] static auto is_call(deed what) noexcept -> bool {
    return what == deed::gives || what == deed::shares || what == deed::keeps || what == deed::smashes;
  }
  [[nodiscard]] static auto is_careful(const state& now, const operation& op) -> bool {
    return op.what != deed::l2_pvalidate || (now.validated[op.guest - 1U] >> op.where & 1) == 0;
  }
  [[nodiscard]] static auto query(asid id, gpa as_seen, std::uint8_t page, access_kind kind, bool c)
      -> memory::ownership_query {
    return {.where = place(page),
            .guest = as_seen,
            .kind = kind,
            .c = c,
            .who = memory::owner_context::snp_guest,
            .id = id};
  }
  [[nodiscard]] auto passes(const memory::ownership_query& what) const -> bool {
    return rmp::check_access(ctx_, m_->rmp, what).what == memory::ownership_verdict::kind::allowed;
  }
  [[nodiscard]] auto pvalidates(asid id, gpa as_seen, std::uint8_t page) const -> bool {
    const auto translation = [&](gva linear) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = linear, .guest = as_seen, .where = place(page)};
    };
    const auto done = rmp::pvalidate(ctx_, m_->rmp, m_->processor(), {.id = id, .snp_active = true},
                                     {.where = {as_seen.value}, .size = 0, .validated = 1}, translation);
    return done && done->succeeded() && !done->unchanged;
  }
  [[nodiscard]] auto hosts(std::uint8_t page, const rmp::new_state& wanted) const -> bool {
    const auto done = rmp::rmpupdate(ctx_, m_->rmp, m_->processor(), {}, place(page), wanted);
    return done && done->succeeded();
  }
  [[nodiscard]] auto calls(std::uint8_t page, const rmp::new_state& wanted) const -> bool {
    const auto done = nested::virt_rmpupdate(ctx_, *m_, vm(), 0, nested::operands_for(in_l1(page), wanted));
    return done && done->succeeded();
  }

  /// One deed, on the machine; what it does to contents and to what guests know, on the state.
  [[nodiscard]] auto play(const state& before, state& now, const operation& op, finding& wrong) const -> bool {
    const gpa seen = address_of_name(op.where);
    switch (op.what) {
      case deed::gives:
        return calls(op.page, {.assigned = true, .immutable = op.immutable, .id = {op.guest}, .guest = seen});
      case deed::shares:  return calls(op.page, {});
      case deed::keeps:   return calls(op.page, {.assigned = true, .id = nested::l1_itself});
      case deed::smashes: {
        const auto done = nested::virt_psmash(ctx_, *m_, vm(), 0, {.rax = 0});
        return done && done->succeeded();
      }
      case deed::l1_pvalidate: return pvalidates(l1_asid, in_l1(op.page), op.page);
      case deed::l2_pvalidate:
        if (!pvalidates(real_asid(op.guest), seen, op.page)) return false;
        now.validated[op.guest - 1U] = static_cast<std::uint8_t>(now.validated[op.guest - 1U] | 1U << op.where);
        return true;
      case deed::l2_writes:
        if (!passes(query(real_asid(op.guest), seen, op.page, access_kind::write, true))) return false;
        if (m_->rmp.entry_of(frame(op.page)).id != real_asid(op.guest))
          wrong = broken("one owner", "an L2 writes a page that is not its own");
        now.secret_of[op.page] = op.guest;
        return true;
      case deed::l1_writes:
        if (!passes(query(l1_asid, in_l1(op.page), op.page, access_kind::write, true)) &&
            !passes(query(l1_asid, in_l1(op.page), op.page, access_kind::write, false)))
          return false;
        if (before.real[op.page].assigned && before.real[op.page].id != l1_asid)
          wrong = broken("one owner", "L1 writes a page that is not its own");
        now.secret_of[op.page] = 0;
        return true;
      case deed::l0_writes:
        if (!passes({.where = place(op.page), .kind = access_kind::write})) return false;
        if (before.real[op.page].assigned) wrong = broken("one owner", "L0 writes a page that is not its own");
        now.secret_of[op.page] = 0;
        return true;
      case deed::l0_takes: return hosts(op.page, {});
      case deed::l0_gives: {
        const asid to = op.guest == 0 ? l1_asid : real_asid(op.guest);
        return hosts(op.page, {.assigned = true, .id = to, .guest = op.guest == 0 ? in_l1(op.page) : gpa{0}});
      }
      case deed::l0_fixes: return hosts(op.page, {.assigned = true, .immutable = true});
      case deed::launch:   {
        const asid owner = before.real[op.page].id;
        const auto guest = static_cast<std::uint8_t>(owner == real_asid(1) ? 1 : owner == real_asid(2) ? 2 : 0);
        const auto where = static_cast<unsigned>(before.real[op.page].guest.value >> 12);
        if (guest == 0 || (before.validated[guest - 1U] >> where & 1) != 0) return false;  // one launch of each gPA
        if (!nested::launch_page(*m_, nested::guest_kind::snp, owner, place(op.page), secret(guest))) return false;
        nested::follow_secure_processor(*m_, vm(), in_l1(op.page));
        now.secret_of[op.page] = guest;
        now.validated[guest - 1U] = static_cast<std::uint8_t>(now.validated[guest - 1U] | 1U << where);
        return true;
      }
      case deed::look: wrong = look(op.page); return true;
    }
    return false;
  }

  /// Everybody reads a page; whoever sees a secret is whose it is.
  [[nodiscard]] auto look(std::uint8_t page) const -> finding {
    const auto sees = [&](memory_key key) -> unsigned {
      crypto::block text{};
      if (m_->memory.read(place(page), key, text) != memory::memory_status::ok) return 0;
      for (std::uint8_t guest = 1; guest <= guests; ++guest)
        if (text == secret(guest)) return guest;
      return 0;
    };
    if (sees(memory_key::none()) != 0 || sees(memory_key::host()) != 0)
      return broken("secrets", "L0 reads the secret of an L2");
    const bool l1_reads = passes(query(l1_asid, in_l1(page), page, access_kind::read, true));
    if (l1_reads && sees(memory_key::guest(l1_asid)) != 0) return broken("secrets", "L1 reads the secret of an L2");
    for (std::uint8_t guest = 1; guest <= guests; ++guest)
      for (std::uint8_t where = 0; where < parts_.addresses; ++where) {
        if (!passes(query(real_asid(guest), address_of_name(where), page, access_kind::read, true))) continue;
        const unsigned seen = sees(memory_key::guest(real_asid(guest)));
        if (seen != 0 && seen != guest) return broken("secrets", "an L2 reads the secret of another");
      }
    return {};
  }
  /// After a call that succeeded: both tables say the same of its page, whatever L0 has done to others.
  [[nodiscard]] auto check_page(std::uint8_t page) const -> finding {
    nested::l1_vm one = vm();
    one.ram = {{.first = in_l1(page), .backing = place(page), .pages = 1}};
    if (const auto found = nested::find_disagreement(*m_, one)) return broken("tables agree", found->what);
    return {};
  }

  nested_parts parts_;
  mutable rules ctx_;  // functions tell its listener
  std::shared_ptr<crypto::ticket_book> book_;
  std::shared_ptr<machine> m_;  ///< for one explorer at a time
  state start_{};
  std::vector<operation> operations_;
};

inline auto nested_model::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const std::string page = " page " + std::to_string(op.page);
  const std::string guest = op.guest == 0       ? "L1"
                            : op.guest > guests ? "an ASID of nobody"
                                                : "L2 " + std::to_string(op.guest);
  const std::string where = " at gPA " + std::to_string(op.where);
  switch (op.what) {
    case deed::gives:        return "L1: VIRT_RMPUPDATE" + page + " to " + guest + where + (op.immutable ? ", immutable" : "");
    case deed::shares:       return "L1: VIRT_RMPUPDATE" + page + " to nobody";
    case deed::keeps:        return "L1: VIRT_RMPUPDATE" + page + " to itself";
    case deed::smashes:      return "L1: VIRT_PSMASH of the region of" + page;
    case deed::l1_pvalidate: return "L1: PVALIDATE" + page;
    case deed::l2_pvalidate: return guest + ": PVALIDATE" + where + " through" + page;
    case deed::l2_writes:    return guest + ": writes its secret" + where + " through" + page;
    case deed::l1_writes:    return "L1: writes" + page;
    case deed::l0_writes:    return "L0: writes" + page;
    case deed::l0_takes:     return "L0: RMPUPDATE takes" + page;
    case deed::l0_gives:     return "L0: RMPUPDATE gives" + page + " to " + guest;
    case deed::l0_fixes:     return "L0: RMPUPDATE gives" + page + " to the AMD-SP";
    case deed::launch:       return "AMD-SP: launches" + page;
    case deed::look:         return "everybody reads" + page;
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
