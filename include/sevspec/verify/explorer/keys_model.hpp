// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_KEYS_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_KEYS_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/legacy_guest.hpp>
#include <sevspec/firmware/legacy_launch.hpp>
#include <sevspec/firmware/legacy_launch_start.hpp>
#include <sevspec/firmware/legacy_platform.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/memory/asid_activation.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/finding.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/name_cipher.hpp>

namespace sevspec::inline v0::verify::explorer {

/// What is wrong on purpose.
enum class keys_bug : std::uint8_t {
  none,
  reports_wbinvd,  ///< a core complex reports WBINVD, and has written nothing back
};

/// How large a machine is.
struct keys_parts {
  unsigned handles = 2;  ///< guests at a time, 1 or 2
  unsigned asids = 2;    ///< 1 or 2
  keys_bug bug = keys_bug::none;
};

/// Keys, ASIDs and caches of SEV guests: INIT, LAUNCH_START, the end of a launch, ACTIVATE, DEACTIVATE, DECOMMISSION,
/// DF_FLUSH, SHUTDOWN, WBINVD, VMRUN, and one line of memory that all guests use. The hypervisor gives the commands in any
/// order. The firmware's machine, the memory controller and the caches are the library's; the cipher is a stand-in, where
/// contents are names of keys: a guest writes its own.
///
/// A guest's registers are enciphered with its key, so that VMRUN runs the guest whose key is in the slot. WBINVD has to be
/// executed outside of guests.
///
/// What must hold:
/// - key separation: no guest reads what another has written, and memory holds a guest's bytes under its own key
/// - an ASID that is bound has its guest's key, and caches hold nothing under it that is another's (no ASID is used dirty)
/// - a processor in a guest uses that guest's key; guests that are forgotten do not run
/// - handles and ASIDs are unique, and so are keys
///
/// @tparam Complexes  core complexes, of one core each
template <std::uint32_t Complexes = 1, class Context = context<>>
class keys_model {
 public:
  static_assert(Complexes >= 1 && Complexes <= 2);
  static constexpr std::size_t most_handles = 2;
  static constexpr std::size_t most_asids = 2;

  /// The record of a guest. Its handle is its place + 1.
  struct guest {
    std::uint8_t key{};  ///< its name; 0: there is no guest
    bool running{};      ///< its launch is finished
    std::uint8_t id{};   ///< ASID, 0: none
    bool pending{};
    friend constexpr auto operator==(const guest&, const guest&) -> bool = default;
  };
  /// The line under one ASID in caches.
  struct line {
    bool present{};
    bool dirty{};
    std::uint8_t holder{};
    std::uint8_t name{};
    friend constexpr auto operator==(const line&, const line&) -> bool = default;
  };
  /// A core: the key of the guest that it runs, 0: none, and the ASID.
  struct core {
    std::uint8_t key{};
    std::uint8_t id{};
    friend constexpr auto operator==(const core&, const core&) -> bool = default;
  };
  struct state {
    layout::sev_platform_state platform = layout::sev_platform_state::uninit;
    std::array<guest, most_handles> guests{};
    memory::asid_states<most_asids, Complexes> asids{};
    std::array<std::uint8_t, most_asids> keys{1,
                                              1};  ///< in the slot of ASID 1 + i; at first the same, which nobody has
    std::uint8_t memory_name{};                    ///< what the line holds, 0: nothing
    std::uint8_t memory_key{};                     ///< enciphered with this
    std::array<line, most_asids> cache{};
    std::array<core, Complexes> cores{};
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using finding = model_finding;
  using packed = packed_state<2>;

  enum class deed : std::uint8_t {
    init,
    shutdown,
    launch_start,
    finish,
    activate,
    deactivate,
    decommission,
    df_flush,
    wbinvd,
    vmrun,
    vmexit,
    write,
    read,
    evict,
  };
  struct operation {
    deed what{};
    std::uint8_t handle{};
    std::uint8_t id{};
    std::uint8_t core{};
  };

  explicit keys_model(const keys_parts& parts = {}, Context ctx = {}) : parts_(parts), ctx_(ctx) {
    Expects(parts.handles >= 1 && parts.handles <= most_handles && parts.asids >= 1 && parts.asids <= most_asids);
    prototype_.hw.threads.clear();
    for (std::uint32_t i = 0; i < Complexes; ++i) {
      firmware::cpu_thread one{.apic_id = i, .complex = i};
      one.registers.syscfg = firmware::syscfg_bits::mem_encryption_mod_en;
      prototype_.hw.threads.push_back(one);
    }
    prototype_.hw.max_asid = parts.asids;
    prototype_.hw.dram = {{{0}, 4096}};
    prototype_.hw.aseg_in_use = false;
    prototype_.sp.flash = firmware::sev_identity{};  // nobody asks for it
    list_operations();
  }

  [[nodiscard]] auto initial() const -> state { return {}; }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }

  [[nodiscard]] auto check(const state& now) const -> finding {
    const auto wrong = [](const char* invariant, const char* what) -> finding {
      return model_violation{invariant, what};
    };
    for (std::size_t i = 0; i < most_handles; ++i) {
      const guest& one = now.guests[i];
      if (one.key == 0) continue;
      for (std::size_t j = 0; j < i; ++j) {
        if (now.guests[j].key == one.key) return wrong("unique keys", "two guests have one key");
        if (one.id != 0 && now.guests[j].id == one.id) return wrong("unique ASIDs", "two guests have one ASID");
      }
      if (one.id == 0) continue;
      if (now.keys[one.id - 1U] != one.key) return wrong("bound ASIDs", "a bound ASID has another guest's key");
      const line& cached = now.cache[one.id - 1U];
      if (cached.present && cached.name != 0 && cached.name != one.key)
        return wrong("no dirty ASID", "caches hold another guest's line under an ASID that is bound");
    }
    if (now.memory_name != 0 && now.memory_key != now.memory_name)
      return wrong("key separation", "memory holds a guest's bytes under another's key, or none");
    for (const core& one : now.cores)
      if (one.key != 0 && now.keys[one.id - 1U] != one.key)
        return wrong("key separation", "a processor in a guest uses another guest's key");
    return {};
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    if (!is_possible(before, op)) return {};
    machine m = prototype_;
    cache caches{false};
    load(before, m, caches);
    effect<finding> step = play(before, now, op, m, caches);
    if (step.what == fate::refused) return {};
    store(m, caches, now);
    give_names(now);
    if (!step.broken && now == before) step.what = fate::unchanged;
    return step;
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    const auto flag = [&to](bool set) { to.put(set ? 1 : 0, 1); };
    to.put(static_cast<std::uint64_t>(one.platform), 2);
    for (const guest& g : one.guests) to.put(g.key, 4).put(g.id, 2), flag(g.running), flag(g.pending);
    for (std::uint32_t c = 0; c < Complexes; ++c) {
      for (std::uint32_t id = 0; id <= most_asids; ++id) {
        to.put(static_cast<std::uint64_t>(one.asids.state_of({id}, {c})), 2);
        flag(one.asids.is_valid({id}, {c}));
      }
      flag(one.asids.is_written_back({c}));
      to.put(one.cores[c].key, 4).put(one.cores[c].id, 2);
    }
    for (const std::uint8_t key : one.keys) to.put(key, 4);
    to.put(one.memory_name, 4).put(one.memory_key, 4);
    for (const line& l : one.cache) flag(l.present), flag(l.dirty), to.put(l.holder, 1).put(l.name, 4);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    const auto number = [&from](unsigned width) { return static_cast<std::uint8_t>(from.take(width)); };
    one.platform = static_cast<layout::sev_platform_state>(number(2));
    for (guest& g : one.guests) g.key = number(4), g.id = number(2), g.running = from.flag(), g.pending = from.flag();
    for (std::uint32_t c = 0; c < Complexes; ++c) {
      for (std::uint32_t id = 0; id <= most_asids; ++id) {
        one.asids.set_state({id}, {c}, static_cast<memory::asid_state>(number(2)));
        one.asids.set_valid({id}, {c}, from.flag());
      }
      one.asids.set_written_back({c}, from.flag());
      one.cores[c].key = number(4), one.cores[c].id = number(2);
    }
    for (std::uint8_t& key : one.keys) key = number(4);
    one.memory_name = number(4), one.memory_key = number(4);
    for (line& l : one.cache) l.present = from.flag(), l.dirty = from.flag(), l.holder = number(1), l.name = number(4);
    return one;
  }

  /// All states that differ from one in the names of ASIDs, handles and keys alone, itself included.
  template <class Take>
  void each_twin(const state& one, Take&& take) const {
    for (int swap_ids = 0; swap_ids <= (parts_.asids == 2 ? 1 : 0); ++swap_ids)
      for (int swap_handles = 0; swap_handles <= (parts_.handles == 2 ? 1 : 0); ++swap_handles) {
        state twin = one;
        if (swap_handles != 0) std::swap(twin.guests[0], twin.guests[1]);
        if (swap_ids != 0) exchange_asids(twin);
        give_names(twin);
        take(twin);
      }
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  using controller = memory::controller<name_cipher, memory::dense_dram<1>>;
  using cache = memory::tagged_cache<most_asids>;
  /// All bytes of a key are its name.
  struct next_name {
    std::uint8_t name = 0;
    void operator()(std::span<std::uint8_t> out) const { std::ranges::fill(out, name); }
  };
  using machine =
      firmware::machine<controller, rmp::small_table<1, 1>, memory::asid_states<most_asids, Complexes>, next_name>;
  using line_bytes = std::array<std::uint8_t, memory::line_bytes>;
  static constexpr spa place{0};
  static constexpr std::uint64_t buffer = 0x800;

  void list_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    add({.what = deed::init});
    add({.what = deed::shutdown});
    add({.what = deed::launch_start});
    add({.what = deed::df_flush});
    const auto ids = static_cast<std::uint8_t>(parts_.asids);
    for (std::uint8_t handle = 1; handle <= parts_.handles; ++handle) {
      for (const deed what : {deed::finish, deed::deactivate, deed::decommission})
        add({.what = what, .handle = handle});
      for (std::uint8_t id = 0; id <= ids; ++id) add({.what = deed::activate, .handle = handle, .id = id});
    }
    for (std::uint8_t at = 0; at < Complexes; ++at) {
      for (const deed what : {deed::wbinvd, deed::vmexit, deed::write, deed::read}) add({.what = what, .core = at});
      for (std::uint8_t id = 1; id <= ids; ++id) add({.what = deed::vmrun, .id = id, .core = at});
    }
    for (std::uint8_t id = 1; id <= ids; ++id) add({.what = deed::evict, .id = id});
  }

  /// What can happen at all.
  [[nodiscard]] auto is_possible(const state& now, const operation& op) const -> bool {
    switch (op.what) {
      case deed::launch_start:  // the machine has room for so many
        return static_cast<unsigned>(std::ranges::count_if(now.guests, [](const guest& one) { return one.key != 0; })) <
               parts_.handles;
      case deed::wbinvd:
      case deed::vmrun:  return now.cores[op.core].key == 0;
      case deed::vmexit:
      case deed::write:
      case deed::read:   return now.cores[op.core].key != 0;
      case deed::evict:  return now.cache[op.id - 1U].present;
      default:           return true;
    }
  }

  [[nodiscard]] static auto bytes_of(std::uint8_t name, std::uint8_t key) -> line_bytes {
    line_bytes bytes{};
    for (std::size_t i = 0; i < bytes.size(); i += crypto::block_bytes) bytes[i] = name, bytes[i + 1] = key;
    return bytes;
  }
  [[nodiscard]] static auto seed_of(std::uint8_t key) -> std::array<std::uint8_t, name_cipher::key_bytes> {
    std::array<std::uint8_t, name_cipher::key_bytes> seed{};
    seed.fill(key);
    return seed;
  }

  /// The library's machine in this state.
  void load(const state& from, machine& m, cache& caches) const {
    m.sp.state = from.platform;
    m.asids = from.asids;
    for (std::uint32_t i = 0; i < Complexes; ++i) m.hw.threads[i].written_back = from.asids.is_written_back({i});
    for (std::size_t i = 0; i < most_handles; ++i) {
      const guest& one = from.guests[i];
      if (one.key == 0) continue;
      firmware::sev_guest record;
      record.state = one.running ? layout::sev_guest_state::running : layout::sev_guest_state::lupdate;
      record.slot = {.id = {one.id}, .pending = one.pending};
      record.vek.fill(one.key);
      m.sp.guests.emplace(static_cast<std::uint32_t>(i + 1), record);
    }
    for (std::uint32_t id = 1; id <= most_asids; ++id) Expects(m.memory.install_key({id}, seed_of(from.keys[id - 1])));
    for (std::uint32_t id = 1; id <= most_asids; ++id) {
      const line& one = from.cache[id - 1];
      if (!one.present) continue;
      const memory_key with = memory_key::guest({id});
      line_bytes bytes = bytes_of(one.name, one.name == 0 ? 0 : from.keys[id - 1]);
      Expects(m.memory.inject(place, bytes) == memory::memory_status::ok);
      Expects(caches.read(m.memory, {one.holder}, place, with, bytes) == memory::memory_status::ok);
      if (one.dirty) Expects(caches.write(m.memory, {one.holder}, place, with, bytes) == memory::memory_status::ok);
    }
    Expects(m.memory.inject(place, bytes_of(from.memory_name, from.memory_key)) == memory::memory_status::ok);
    m.random.name = fresh_name(from);
  }
  /// This state of the library's machine. Cores are not the firmware's.
  static void store(const machine& m, const cache& caches, state& to) {
    to.platform = m.sp.state;
    to.asids = m.asids;
    to.guests = {};
    for (const auto& [handle, record] : m.sp.guests) {
      Expects(handle >= 1 && handle <= most_handles);
      to.guests[handle - 1] = {.key = record.vek[0],
                               .running = record.state == layout::sev_guest_state::running,
                               .id = static_cast<std::uint8_t>(record.slot.id.value),
                               .pending = record.slot.pending};
    }
    for (std::uint32_t id = 1; id <= most_asids; ++id)
      to.keys[id - 1] = m.memory.keys().find(memory_key::guest({id}))->name;
    line_bytes bytes{};
    Expects(m.memory.probe(place, bytes) == memory::memory_status::ok);
    to.memory_name = bytes[0];
    to.memory_key = bytes[0] == 0 ? std::uint8_t{0} : bytes[1];
    to.cache = {};
    for (const memory::cache_line& one : caches.lines())
      to.cache[one.key.slot - 1] = {.present = true,
                                    .dirty = one.dirty,
                                    .holder = static_cast<std::uint8_t>(one.holder.value),
                                    .name = one.data[0]};
  }

  /// Calls `visit` for each name that something has, in an order of its own.
  template <class State, class Visit>
  static void each_name(State& one, Visit&& visit) {
    for (auto& g : one.guests) visit(g.key);
    for (auto& key : one.keys) visit(key);
    for (auto& c : one.cores) visit(c.key);
    for (auto& l : one.cache) visit(l.name);
    visit(one.memory_name);
    visit(one.memory_key);
  }
  /// The least name that nothing has. A key that is drawn is a new one.
  [[nodiscard]] static auto fresh_name(const state& one) -> std::uint8_t {
    std::array<bool, 16> taken{};
    each_name(one, [&](std::uint8_t name) { taken[name] = true; });
    std::uint8_t name = 1;
    while (name < taken.size() - 1 && taken[name]) ++name;
    Ensures(!taken[name]);
    return name;
  }
  /// Names of keys in the order in which they occur: which name it is does not count, only what has the same.
  static void give_names(state& one) {
    std::array<std::uint8_t, 16> to{};
    std::uint8_t next = 1;
    each_name(one, [&](std::uint8_t& name) {
      if (name == 0) return;
      if (to[name] == 0) to[name] = next++;
      name = to[name];
    });
  }
  static void exchange_asids(state& one) {
    const auto other = [](std::uint8_t id) { return static_cast<std::uint8_t>(id == 0 ? 0 : 3 - id); };
    for (guest& g : one.guests) g.id = other(g.id);
    for (core& c : one.cores) c.id = other(c.id);
    std::swap(one.keys[0], one.keys[1]);
    std::swap(one.cache[0], one.cache[1]);
    const auto old = one.asids;
    for (std::uint32_t c = 0; c < Complexes; ++c)
      for (std::uint32_t id = 1; id <= most_asids; ++id) {
        one.asids.set_state({id}, {c}, old.state_of({3 - id}, {c}));
        one.asids.set_valid({id}, {c}, old.is_valid({3 - id}, {c}));
      }
  }

  [[nodiscard]] static auto went() -> effect<finding> { return {.what = fate::changed, .broken = {}}; }
  [[nodiscard]] static auto when(firmware::status done) -> effect<finding> {
    return done == firmware::status::success ? went() : effect<finding>{};
  }
  [[nodiscard]] static auto handle_of(const operation& op) -> layout::cmd_handle {
    layout::cmd_handle cmd;
    cmd.set_handle(op.handle);
    return cmd;
  }

  [[nodiscard]] auto play(const state& before, state& now, const operation& op, machine& m, cache& caches) const
      -> effect<finding> {
    core& at = now.cores[op.core];
    switch (op.what) {
      case deed::init:         return when(firmware::init(ctx_, m, {}));
      case deed::shutdown:     return when(firmware::shutdown(ctx_, m));
      case deed::launch_start: {
        const std::size_t old = m.sp.guests.size();
        layout::cmd_launch_start cmd;
        if (firmware::launch_start(ctx_, m, cmd) != firmware::status::success) return {};
        effect<finding> step = went();
        if (m.sp.guests.size() != old + 1 || !m.sp.guests.contains(cmd.handle()))
          step.broken = model_violation{"unique handles", "LAUNCH_START has given a handle that is not new"};
        return step;
      }
      case deed::finish: {
        layout::cmd_launch_measure cmd;
        cmd.set_handle(op.handle);
        cmd.set_address(buffer);
        cmd.set_len(layout::size_of<layout::sev_measurement>);
        if (firmware::launch_measure(ctx_, m, cmd) != firmware::status::success) return {};
        return when(firmware::launch_finish(ctx_, m, handle_of(op)));
      }
      case deed::activate: {
        layout::cmd_activate cmd;
        cmd.set_handle(op.handle);
        cmd.set_asid(op.id);
        return when(firmware::activate(ctx_, m, cmd));
      }
      case deed::deactivate:   return when(firmware::deactivate(ctx_, m, handle_of(op)));
      case deed::decommission: return when(firmware::decommission(ctx_, m, handle_of(op)));
      case deed::df_flush:     static_cast<void>(firmware::df_flush(ctx_, m)); return went();  // may do a part of it
      case deed::wbinvd:
        if (parts_.bug != keys_bug::reports_wbinvd) caches.wbinvd(m.memory, {op.core});
        firmware::note_wbinvd(m, op.core);
        return went();
      case deed::vmrun: {
        if (!memory::check_asid_runs(ctx_, m.asids, {op.id}, {op.core})) return {};
        at = {.key = before.keys[op.id - 1U], .id = op.id};
        const bool known = std::ranges::any_of(before.guests, [&](const guest& one) { return one.key == at.key; });
        effect<finding> step = went();
        if (!known) step.broken = model_violation{"the forgotten", "a guest runs that the firmware has forgotten"};
        return step;
      }
      case deed::vmexit: at = {}; return went();
      case deed::write:  {
        const line_bytes bytes = bytes_of(at.key, 0);
        return caches.write(m.memory, {op.core}, place, memory_key::guest({at.id}), bytes) == memory::memory_status::ok
                   ? went()
                   : effect<finding>{};
      }
      case deed::read: {
        line_bytes bytes{};
        if (caches.read(m.memory, {op.core}, place, memory_key::guest({at.id}), bytes) != memory::memory_status::ok)
          return {};
        effect<finding> step = went();
        if (bytes[0] != 0 && bytes[0] != at.key)
          step.broken = model_violation{"key separation", "a guest reads what another has written"};
        return step;
      }
      case deed::evict: {
        const auto lines = caches.lines();
        const auto found =
            std::ranges::find(lines, memory_key::guest({op.id}), [](const memory::cache_line& one) { return one.key; });
        if (found == lines.end()) return {};
        caches.evict(m.memory, static_cast<std::size_t>(found - lines.begin()));
        return went();
      }
    }
    return {};
  }

  keys_parts parts_;
  mutable Context ctx_;  // functions tell its listener
  machine prototype_{.memory{name_cipher{}, memory::dense_dram<1>{}, most_asids + 1}, .rmp{}};
  std::vector<operation> operations_;
};

/// A `keys_model` whose ASIDs and handles may change their names.
template <std::uint32_t Complexes = 1, class Context = context<>>
class symmetric_keys_model : public keys_model<Complexes, Context> {
 public:
  using base = keys_model<Complexes, Context>;
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

template <std::uint32_t Complexes, class Context>
auto keys_model<Complexes, Context>::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const std::string handle = " guest " + std::to_string(op.handle);
  const std::string id = " ASID " + std::to_string(op.id);
  const std::string by = "core " + std::to_string(op.core) + ": ";
  switch (op.what) {
    case deed::init:         return "host: INIT";
    case deed::shutdown:     return "host: SHUTDOWN";
    case deed::launch_start: return "host: LAUNCH_START";
    case deed::finish:       return "host: LAUNCH_MEASURE and LAUNCH_FINISH of" + handle;
    case deed::activate:     return "host: ACTIVATE" + handle + " with" + id;
    case deed::deactivate:   return "host: DEACTIVATE" + handle;
    case deed::decommission: return "host: DECOMMISSION" + handle;
    case deed::df_flush:     return "host: DF_FLUSH";
    case deed::wbinvd:       return by + "WBINVD";
    case deed::vmrun:        return by + "VMRUN with" + id;
    case deed::vmexit:       return by + "#VMEXIT";
    case deed::write:        return by + "the guest writes";
    case deed::read:         return by + "the guest reads";
    case deed::evict:        return "caches: the line of" + id + " leaves";
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
