// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_LAUNCH_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_LAUNCH_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/snp_guest.hpp>
#include <sevspec/firmware/snp_launch.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/finding.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/rmp_entry_bits.hpp>
#include <sevspec/verify/rmp_invariants.hpp>

namespace sevspec::inline v0::verify::explorer {

/// What is wrong on purpose.
enum class launch_bug : std::uint8_t {
  none,
  no_write_check,  ///< the hypervisor's writes go through, whatever the Reverse Map Table says
};

/// How large a machine is.
struct launch_parts {
  unsigned pages = 3;        ///< that the hypervisor gives away, guest contexts among them, 2 to 4
  unsigned guests = 1;       ///< contexts at a time, 1 or 2
  unsigned asids = 1;        ///< 1 or 2
  unsigned guest_pages = 1;  ///< gPAs, 1 or 2
  unsigned updates = 2;      ///< pages that a guest is launched with at most, 1 or 2
  bool vmsa = true;          ///< pages of type VMSA besides NORMAL
  launch_bug bug = launch_bug::none;
};

/// What memory a launch needs, in names: what each page holds. A stand-in for a memory controller.
struct launch_memory {
  static constexpr std::size_t most_pages = 4;
  using seed = std::span<const std::uint8_t, 16>;
  static constexpr std::uint8_t prepared = 0;        ///< what the hypervisor has put there
  static constexpr std::uint8_t sealed = 1;          ///< the same, enciphered with a guest's key
  static constexpr std::uint8_t sealed_garbage = 2;  ///< what somebody's ciphertext looked like, enciphered

  std::array<std::uint8_t, most_pages> page{};

  [[nodiscard]] static auto install_key(asid, seed) -> bool { return true; }
  [[nodiscard]] auto read(spa where, memory_key, std::span<std::uint8_t> out) const -> memory::memory_status {
    if (where.value / 4096 >= most_pages) return memory::memory_status::no_memory;
    std::ranges::fill(out, std::uint8_t{0});
    if (!out.empty()) out[0] = plain_byte(page[where.value / 4096] != prepared);
    return memory::memory_status::ok;
  }
  [[nodiscard]] auto write(spa where, memory_key with, std::span<const std::uint8_t>) -> memory::memory_status {
    if (where.value / 4096 >= most_pages) return memory::memory_status::no_memory;
    std::uint8_t& there = page[where.value / 4096];
    if (with == memory_key::none() || with == memory_key::host()) there = prepared;
    else there = there == prepared ? sealed : sealed_garbage;
    return memory::memory_status::ok;
  }
  /// The first byte of a page as the firmware reads it.
  [[nodiscard]] static constexpr auto plain_byte(bool garbage) noexcept -> std::uint8_t { return garbage ? 2 : 1; }
};

/// The launch of SNP guests: SNP_GCTX_CREATE, SNP_LAUNCH_START, SNP_ACTIVATE, SNP_LAUNCH_UPDATE, SNP_LAUNCH_FINISH,
/// SNP_DECOMMISSION, SNP_DF_FLUSH, SNP_PAGE_RECLAIM, RMPUPDATE and writes of the hypervisor, in any order. The firmware's
/// functions are the library's, and so is the digest: SHA-384. Memory is a stand-in, where contents are names.
///
/// A state keeps what a guest was launched with as a list; its digest follows from that, and each step compares. A launch
/// of more pages than the list has room for is left out.
///
/// What must hold:
/// - the digest is that of the pages which SNP_LAUNCH_UPDATE has made the guest's, and of nothing else
/// - at SNP_LAUNCH_FINISH each page that the guest has is in it, with its gPA, its type and its contents; what is in it and
///   not the guest's, the hypervisor has taken back, and the guest cannot reach it
/// - no page is added after SNP_LAUNCH_FINISH
/// - no page, and no ASID, is two guests'
/// - nobody writes a page of a guest's, and VMSA pages do not change at all
/// - guest contexts stay in pages that are the firmware's
/// and the invariants of the Reverse Map Table at rest.
template <class Context = context<>>
class launch_model {
 public:
  static constexpr std::size_t most_pages = launch_memory::most_pages;
  static constexpr std::size_t most_updates = 2;
  static constexpr std::size_t most_asids = 2;

  using table = rmp::small_table<most_pages, most_pages>;  // large pages are not used

  /// A page that a guest is launched with.
  struct update {
    bool vmsa{};
    bool garbage{};  ///< the hypervisor has prepared nothing
    std::uint8_t gpa{};
    bool gone{};          ///< RMPUPDATE has taken the page since
    std::uint8_t page{};  ///< 0 if it is gone
    friend constexpr auto operator==(const update&, const update&) -> bool = default;
  };
  /// What a page holds if it is a guest context.
  struct guest {
    bool there{};
    layout::snp_guest_state state{};
    std::uint8_t id{};
    bool pending{};
    std::uint8_t count{};
    std::array<update, most_updates> updates{};
    friend constexpr auto operator==(const guest&, const guest&) -> bool = default;
  };
  struct state {
    table rmp{};
    std::array<guest, most_pages> guests{};  ///< by the page of the context
    memory::asid_states<most_asids, 1> asids{};
    std::array<std::uint8_t, most_pages> memory{};
    std::uint8_t counted{};  ///< guests, by the firmware
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using finding = model_finding;
  using packed = packed_state<4>;

  enum class deed : std::uint8_t {
    take,
    assign,
    prepare,  ///< RMPUPDATE to a guest, immutable: for SNP_LAUNCH_UPDATE
    give_firmware,
    write,
    reclaim,
    create,
    start,
    activate,
    update_normal,
    update_vmsa,
    finish,
    decommission,
    flush,
  };
  struct operation {
    deed what{};
    std::uint8_t page{};
    std::uint8_t context{};  ///< the page of the guest context
    std::uint8_t id{};
    std::uint8_t gpa{};
  };

  explicit launch_model(const launch_parts& parts = {}, Context ctx = {}) : parts_(parts), ctx_(ctx) {
    Expects(parts.pages >= 2 && parts.pages <= most_pages && parts.guests >= 1 && parts.guests <= 2);
    Expects(parts.asids >= 1 && parts.asids <= most_asids && parts.guest_pages >= 1 && parts.guest_pages <= 2);
    Expects(parts.updates >= 1 && parts.updates <= most_updates);
    cpu_.highest_asid = most_asids;
    around_.choices = ctx.choices;
    around_.careful_guests = false;  // who validates is the firmware
    machine_.hw.max_asid = most_asids;
    machine_.hw.min_sev_asid = most_asids + 1;
    machine_.hw.dram = {{{0}, most_pages * 4096}};
    machine_.hw.aseg_in_use = false;
    machine_.sp.snp_state = layout::snp_platform_state::init;
    list_operations();
  }

  [[nodiscard]] auto initial() const -> state { return {}; }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }

  [[nodiscard]] auto check(const state& now) const -> finding {
    if (const auto broken = check_table(now.rmp, {{0}, most_pages}, around_))
      return model_violation{name_of(broken->broken), broken->what};
    for (std::size_t page = 0; page < most_pages; ++page) {
      const rmp::entry& e = now.rmp.entries[page];
      if (e.assigned && e.validated && now.memory[page] == launch_memory::prepared)
        return model_violation{"contents", "the hypervisor has written a guest's page"};
      const guest& one = now.guests[page];
      if (!one.there) continue;
      if (rmp::state_of(e) != rmp::page_state::context)
        return model_violation{"contexts", "a guest context lies in a page that is not the firmware's"};
      for (std::size_t other = 0; other < page; ++other)
        if (now.guests[other].there && one.id != 0 && now.guests[other].id == one.id)
          return model_violation{"unique ASIDs", "two guests have one ASID, and so one set of pages"};
    }
    return {};
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    if (!is_possible(before, op)) return {};
    load(before);
    if (!play(op)) return {};
    store(now);
    if (op.what == deed::start) now.guests[op.context].count = 0;
    if (is_update(op)) {
      guest& one = now.guests[op.context];
      if (one.there)
        one.updates[one.count++] = {.vmsa = op.what == deed::update_vmsa,
                                    .garbage = before.memory[op.page] != launch_memory::prepared,
                                    .gpa = static_cast<std::uint8_t>(before.rmp.entries[op.page].guest.value >> 12),
                                    .page = op.page};
    }
    if (is_rmpupdate(op) && !now.rmp.entries[op.page].validated)  // what is asked for twice changes nothing
      for (guest& one : now.guests)
        for (std::size_t i = 0; i < one.count; ++i)
          if (update& u = one.updates[i]; !u.gone && u.page == op.page) u.gone = true, u.page = 0;
    effect<finding> step{.what = now == before ? fate::unchanged : fate::changed, .broken = {}};
    step.broken = judged(before, now, op);
    for (rmp::entry& one : now.rmp.entries)  // what has no room in `packed` was judged
      one.sub_page_count = std::min<std::uint16_t>(one.sub_page_count, most_pages - 1);
    return step;
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    const auto flag = [&to](bool set) { to.put(set ? 1 : 0, 1); };
    for (const rmp::entry& e : one.rmp.entries) to.put(bits_of(e), rmp_entry_bits);
    for (const guest& g : one.guests) {
      flag(g.there), flag(g.pending);
      to.put(static_cast<std::uint64_t>(g.state), 2).put(g.id, 2).put(g.count, 2);
      for (const update& u : g.updates) flag(u.vmsa), flag(u.garbage), flag(u.gone), to.put(u.gpa, 1).put(u.page, 2);
    }
    for (std::uint32_t id = 0; id <= most_asids; ++id) {
      to.put(static_cast<std::uint64_t>(one.asids.state_of({id}, {0})), 2);
      flag(one.asids.is_valid({id}, {0}));
    }
    flag(one.asids.is_written_back({0}));
    for (const std::uint8_t page : one.memory) to.put(page, 2);
    to.put(one.counted, 2);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    const auto number = [&from](unsigned width) { return static_cast<std::uint8_t>(from.take(width)); };
    for (rmp::entry& e : one.rmp.entries) e = entry_of(from.take(rmp_entry_bits));
    for (guest& g : one.guests) {
      g.there = from.flag(), g.pending = from.flag();
      g.state = static_cast<layout::snp_guest_state>(number(2));
      g.id = number(2), g.count = number(2);
      for (update& u : g.updates)
        u.vmsa = from.flag(), u.garbage = from.flag(), u.gone = from.flag(), u.gpa = number(1), u.page = number(2);
    }
    for (std::uint32_t id = 0; id <= most_asids; ++id) {
      one.asids.set_state({id}, {0}, static_cast<memory::asid_state>(number(2)));
      one.asids.set_valid({id}, {0}, from.flag());
    }
    one.asids.set_written_back({0}, from.flag());
    for (std::uint8_t& page : one.memory) page = number(2);
    one.counted = number(2);
    return one;
  }

  /// All states that differ from one in the names of pages and ASIDs alone, itself included.
  template <class Take>
  void each_twin(const state& one, Take&& take) const {
    std::array<std::uint8_t, most_pages> to{};
    for (std::uint8_t i = 0; i < most_pages; ++i) to[i] = i;
    const auto named = to.begin() + parts_.pages;
    do {
      take(renamed(one, to, false));
      if (parts_.asids == 2) take(renamed(one, to, true));
    } while (std::next_permutation(to.begin(), named));
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  struct nothing_random {
    void operator()(std::span<std::uint8_t> out) const { std::ranges::fill(out, std::uint8_t{0}); }
  };
  using machine = firmware::machine<launch_memory, table, memory::asid_states<most_asids, 1>, nothing_random>;

  void list_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    add({.what = deed::flush});
    for (std::uint8_t page = 0; page < parts_.pages; ++page) {
      for (const deed what : {deed::take, deed::give_firmware, deed::write, deed::reclaim}) add({what, page, 0, 0, 0});
      for (std::uint8_t id = 1; id <= parts_.asids; ++id)
        for (std::uint8_t where = 0; where < parts_.guest_pages; ++where)
          for (const deed what : {deed::assign, deed::prepare}) add({what, page, 0, id, where});
      for (const deed what : {deed::create, deed::start, deed::finish, deed::decommission}) add({what, 0, page, 0, 0});
      for (std::uint8_t id = 1; id <= parts_.asids; ++id) add({deed::activate, 0, page, id, 0});
      for (std::uint8_t other = 0; other < parts_.pages; ++other) {
        if (other == page) continue;
        add({deed::update_normal, other, page, 0, 0});
        if (parts_.vmsa) add({deed::update_vmsa, other, page, 0, 0});
      }
    }
  }
  [[nodiscard]] static auto is_rmpupdate(const operation& op) noexcept -> bool {
    return op.what == deed::take || op.what == deed::assign || op.what == deed::prepare ||
           op.what == deed::give_firmware;
  }
  [[nodiscard]] static auto is_update(const operation& op) noexcept -> bool {
    return op.what == deed::update_normal || op.what == deed::update_vmsa;
  }
  /// Whether the machine has room for it.
  [[nodiscard]] auto is_possible(const state& now, const operation& op) const -> bool {
    if (op.what == deed::create)
      return static_cast<unsigned>(std::ranges::count_if(now.guests, &guest::there)) < parts_.guests;
    if (is_update(op)) return now.guests[op.context].count < parts_.updates;
    return true;
  }

  [[nodiscard]] static auto address(std::size_t page) noexcept -> std::uint64_t { return std::uint64_t{page} << 12; }

  /// The digest of a launch, by the firmware's own chain.
  [[nodiscard]] auto digest_of(const guest& one) const -> const firmware::snp_digest& {
    std::uint32_t name = one.count;
    for (std::size_t i = 0; i < one.count; ++i) {
      const update& u = one.updates[i];
      name = name << 3 | (u.vmsa ? 4U : 0U) | (u.garbage ? 2U : 0U) | u.gpa;
    }
    const auto found = digests_.find(name);
    if (found != digests_.end()) return found->second;
    firmware::launch_digests chain;
    for (std::size_t i = 0; i < one.count; ++i) {
      const update& u = one.updates[i];
      std::array<std::uint8_t, 4096> bytes{};
      bytes[0] = launch_memory::plain_byte(u.garbage);
      chain.add_pages({.type = u.vmsa ? firmware::snp_page_type::vmsa_ : firmware::snp_page_type::normal,
                       .where = {address(u.gpa)}},
                      bytes);
    }
    return digests_.emplace(name, chain.ld).first->second;
  }

  /// The library's machine in this state.
  void load(const state& from) const {
    machine& m = machine_;
    m.rmp = from.rmp;
    m.asids = from.asids;
    m.memory.page = from.memory;
    m.hw.threads[0].written_back = from.asids.is_written_back({0});
    m.sp.snp_guest_count = from.counted;
    m.sp.contexts.clear();
    for (std::size_t page = 0; page < most_pages; ++page) {
      const guest& one = from.guests[page];
      if (!one.there) continue;
      firmware::snp_guest record;
      record.state = one.state;
      record.slot = {.id = {one.id}, .pending = one.pending};
      record.launch_digest = digest_of(one);
      m.sp.contexts.emplace(address(page), record);
    }
  }
  /// This state of the library's machine. What guests were launched with stays for those that are still there.
  void store(state& to) const {
    const machine& m = machine_;
    to.rmp = m.rmp;
    to.asids = m.asids;
    to.memory = m.memory.page;
    to.counted = static_cast<std::uint8_t>(std::min(m.sp.snp_guest_count, 3U));  // more are judged
    for (std::size_t page = 0; page < most_pages; ++page) {
      guest& one = to.guests[page];
      const auto found = m.sp.contexts.find(address(page));
      if (found == m.sp.contexts.end()) {
        one = {};
        continue;
      }
      const bool made = found->second.state == layout::snp_guest_state::init;
      if (!one.there || made) one = {};
      one.there = true;
      one.state = found->second.state;
      one.id = static_cast<std::uint8_t>(found->second.slot.id.value);
      one.pending = found->second.slot.pending;
    }
  }

  /// @return whether anything may have happened
  [[nodiscard]] auto play(const operation& op) const -> bool {
    machine& m = machine_;
    const auto succeeded = [](firmware::status done) { return done == firmware::status::success; };
    const auto updated = [&](const rmp::new_state& wanted) {
      const auto done = rmp::rmpupdate(ctx_, m.rmp, cpu_, {}, {address(op.page)}, wanted);
      return done && done->succeeded();
    };
    switch (op.what) {
      case deed::take:          return updated(rmp::shared_state(false));
      case deed::assign:        return updated(rmp::private_state({address(op.gpa)}, {op.id}, false));
      case deed::prepare:       return updated(rmp::private_state({address(op.gpa)}, {op.id}, false, true));
      case deed::give_firmware: return updated(rmp::firmware_state());
      case deed::write:         {
        const memory::ownership_query query{
            .where = {address(op.page)}, .leaf = page_size::k4k, .kind = access_kind::write};
        const bool allowed = rmp::check_access(ctx_, m.rmp, query).what == memory::ownership_verdict::kind::allowed;
        if (!allowed && parts_.bug != launch_bug::no_write_check) return false;
        m.memory.page[op.page] = launch_memory::prepared;
        return true;
      }
      case deed::reclaim: return succeeded(firmware::snp_page_reclaim(ctx_, m, address(op.page)));
      case deed::create:  return succeeded(firmware::snp_gctx_create(ctx_, m, address(op.context)));
      case deed::start:   {
        layout::cmd_snp_launch_start cmd;
        cmd.set_gctx_paddr(address(op.context));
        cmd.set_policy(layout::snp_guest_policy{0x3'0000});  // SMT, and the bit that is one
        return succeeded(firmware::snp_launch_start(ctx_, m, cmd));
      }
      case deed::activate: {
        layout::cmd_snp_activate cmd;
        cmd.set_gctx_paddr(address(op.context));
        cmd.set_asid(op.id);
        return succeeded(firmware::snp_activate(ctx_, m, cmd));
      }
      case deed::update_normal:
      case deed::update_vmsa:   {
        layout::cmd_snp_launch_update cmd;
        cmd.set_gctx_paddr(address(op.context));
        cmd.set_page_paddr(address(op.page));
        cmd.set_flags(layout::cmd_snp_launch_update_flags{}.set_page_type(
            op.what == deed::update_vmsa ? firmware::snp_page_type::vmsa_ : firmware::snp_page_type::normal));
        return succeeded(firmware::snp_launch_update(ctx_, m, cmd));
      }
      case deed::finish: {
        layout::cmd_snp_launch_finish cmd;
        cmd.set_gctx_paddr(address(op.context));
        return succeeded(firmware::snp_launch_finish(ctx_, m, cmd));
      }
      case deed::decommission: return succeeded(firmware::snp_decommission(ctx_, m, address(op.context)));
      case deed::flush:        firmware::note_wbinvd_everywhere(m); return succeeded(firmware::snp_df_flush(ctx_, m));
    }
    return false;
  }

  /// What the step has broken.
  [[nodiscard]] auto judged(const state& before, const state& now, const operation& op) const -> finding {
    const auto launched = std::ranges::count_if(
        now.guests, [](const guest& one) { return one.there && one.state != layout::snp_guest_state::init; });
    if (machine_.sp.snp_guest_count != static_cast<std::uint64_t>(launched))
      return model_violation{"contexts", "the firmware counts other guests than there are"};
    for (const rmp::entry& one : now.rmp.entries)
      if (one.sub_page_count >= most_pages) return check(now);
    for (const auto& [where, record] : machine_.sp.contexts)
      if (record.launch_digest != digest_of(now.guests[where / 4096]))
        return model_violation{"the digest", "a digest is not that of what the guest was launched with"};
    if (is_update(op) && before.guests[op.context].there) {
      const rmp::entry& made = now.rmp.entries[op.page];
      if (before.guests[op.context].state != layout::snp_guest_state::launch)
        return model_violation{"updates", "SNP_LAUNCH_UPDATE has added a page to a guest that is not in its launch"};
      if (!made.assigned || !made.validated || made.id.value != now.guests[op.context].id)
        return model_violation{"updates", "a page was measured, and is not the guest's"};
    }
    if (op.what == deed::finish)
      if (const auto broken = check_finished(now, now.guests[op.context])) return broken;
    for (std::size_t page = 0; page < most_pages; ++page) {
      const rmp::entry& old = before.rmp.entries[page];
      const rmp::entry& made = now.rmp.entries[page];
      const bool stays = old.vmsa && made.vmsa && old.validated && made.validated && old.id == made.id;
      if (stays && (before.memory[page] != now.memory[page] || old.guest != made.guest || old.allowed != made.allowed))
        return model_violation{"VMSA pages", "a VMSA page has changed"};
    }
    return {};
  }
  /// At the end of a launch: what the guest has is what was measured.
  [[nodiscard]] static auto check_finished(const state& now, const guest& one) -> finding {
    for (std::size_t page = 0; page < most_pages; ++page) {
      const rmp::entry& e = now.rmp.entries[page];
      if (one.id == 0 || !e.assigned || !e.validated || e.id.value != one.id) continue;
      const auto is_this = [&](const update& u) {
        return !u.gone && u.page == page && u.vmsa == e.vmsa && u.gpa == e.guest.value >> 12 &&
               u.garbage == (now.memory[page] == launch_memory::sealed_garbage);
      };
      if (std::none_of(one.updates.begin(), one.updates.begin() + one.count, is_this))
        return model_violation{"the digest", "the guest has a page that was not measured as it is"};
    }
    for (std::size_t i = 0; i < one.count; ++i) {
      const update& u = one.updates[i];
      if (u.gone) continue;
      const rmp::entry& e = now.rmp.entries[u.page];
      if (!e.assigned || !e.validated || e.id.value != one.id)
        return model_violation{"the digest", "a page was measured, nobody has taken it, and it is not the guest's"};
    }
    return {};
  }

  /// @param exchange  ASIDs 1 and 2
  [[nodiscard]] static auto renamed(const state& one, const std::array<std::uint8_t, most_pages>& to, bool exchange)
      -> state {
    const auto others = [](const table& all) {
      return std::ranges::count_if(all.entries.begin() + 1, all.entries.end(), &rmp::entry::assigned);
    };
    const auto error = one.rmp.entries[0].sub_page_count - others(one.rmp);  // what is wrong stays as wrong
    state twin = one;
    for (std::size_t old = 0; old < most_pages; ++old) {
      twin.rmp.entries[to[old]] = one.rmp.entries[old];
      twin.guests[to[old]] = one.guests[old];
      twin.memory[to[old]] = one.memory[old];
    }
    for (rmp::entry& entry : twin.rmp.entries) entry.sub_page_count = 0;
    twin.rmp.entries[0].sub_page_count =
        static_cast<std::uint16_t>(std::clamp<std::ptrdiff_t>(others(twin.rmp) + error, 0, most_pages - 1));
    for (guest& g : twin.guests)
      for (std::size_t i = 0; i < g.count; ++i)
        if (!g.updates[i].gone) g.updates[i].page = to[g.updates[i].page];
    if (!exchange) return twin;
    for (rmp::entry& entry : twin.rmp.entries)
      if (entry.id != host_asid) entry.id.value = 3 - entry.id.value;
    for (guest& g : twin.guests)
      if (g.id != 0) g.id = static_cast<std::uint8_t>(3 - g.id);
    for (std::uint32_t id = 1; id <= most_asids; ++id) {
      twin.asids.set_state({id}, {0}, one.asids.state_of({3 - id}, {0}));
      twin.asids.set_valid({id}, {0}, one.asids.is_valid({3 - id}, {0}));
    }
    return twin;
  }

  launch_parts parts_;
  mutable Context ctx_;                                              // functions tell its listener
  mutable machine machine_{.memory{}, .rmp{}};                       // where a step is played
  mutable std::map<std::uint32_t, firmware::snp_digest> digests_{};  // by what was launched
  rmp::processor cpu_{};
  rmp_surroundings<> around_{};
  std::vector<operation> operations_;
};

/// A `launch_model` whose pages and ASIDs may change their names.
template <class Context = context<>>
class symmetric_launch_model : public launch_model<Context> {
 public:
  using base = launch_model<Context>;
  using typename base::state;
  using base::base;

  /// Of all states that differ in names alone, the one whose words are least.
  [[nodiscard]] auto canonical(const state& one) const -> state {
    state best = one;
    auto least = this->pack(one);
    this->each_twin(one, [&](const state& twin) {
      const auto bits = this->pack(twin);
      if (bits < least) least = bits, best = twin;
    });
    return best;
  }
};

template <class Context>
auto launch_model<Context>::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const std::string page = " page " + std::to_string(op.page);
  const std::string guest_at = " of the guest in page " + std::to_string(op.context);
  const std::string owner = " to ASID " + std::to_string(op.id) + " at gPA " + std::to_string(op.gpa);
  switch (op.what) {
    case deed::take:          return "host: RMPUPDATE" + page + " to the hypervisor";
    case deed::assign:        return "host: RMPUPDATE" + page + owner;
    case deed::prepare:       return "host: RMPUPDATE" + page + owner + ", immutable";
    case deed::give_firmware: return "host: RMPUPDATE" + page + " to the AMD-SP";
    case deed::write:         return "host: writes" + page;
    case deed::reclaim:       return "host: SNP_PAGE_RECLAIM" + page;
    case deed::create:        return "host: SNP_GCTX_CREATE in page " + std::to_string(op.context);
    case deed::start:         return "host: SNP_LAUNCH_START" + guest_at;
    case deed::activate:      return "host: SNP_ACTIVATE" + guest_at + " with ASID " + std::to_string(op.id);
    case deed::update_normal: return "host: SNP_LAUNCH_UPDATE" + guest_at + " with" + page + ", NORMAL";
    case deed::update_vmsa:   return "host: SNP_LAUNCH_UPDATE" + guest_at + " with" + page + ", VMSA";
    case deed::finish:        return "host: SNP_LAUNCH_FINISH" + guest_at;
    case deed::decommission:  return "host: SNP_DECOMMISSION" + guest_at;
    case deed::flush:         return "host: WBINVD on all cores, SNP_DF_FLUSH";
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
