// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_SEV_LIFE_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_SEV_LIFE_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/legacy_guest.hpp>
#include <sevspec/firmware/legacy_launch.hpp>
#include <sevspec/firmware/legacy_launch_start.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/legacy_transport.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/sev_certificates.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/memory/asid_activation.hpp>
#include <sevspec/memory/asid_states.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/peer_finding.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Which parts of a life a machine has. Each multiplies the number of states.
struct sev_life_parts {
  unsigned guests = 2;     ///< at a time: 1 or 2
  unsigned asids = 2;      ///< 1 or 2
  unsigned complexes = 1;  ///< core complexes: 1 or 2
  bool sharing = false;    ///< policies allow that a guest has another's key
  bool secret = false;     ///< LAUNCH_SECRET, and guests read the page that it went to
  bool sends = false;      ///< SEND_START, SEND_FINISH, SEND_CANCEL
  bool arrives = false;    ///< guest 1 is sent, in packets, and guest 2 receives it, on this very platform
  bool replays = false;    ///< guests write the page; the hypervisor keeps its ciphertext, and puts it back
};

/// A platform with SEV guests, from LAUNCH_START to DECOMMISSION: the hypervisor asks the AMD-SP for what it likes, and
/// runs any VMCB with any ASID. Commands are the library's, on the firmware's own state; memory is one block of one page
/// behind a real memory controller with a symbolic cipher. Keys are names: a new one is the least that nothing has.
///
/// What the machine leaves out has one value: certificates, nonces, the transport keys of all sessions. A packet that is
/// repeated is therefore the same packet.
class sev_life_model {
 public:
  static constexpr unsigned most_guests = 2;
  static constexpr unsigned most_asids = 2;
  static constexpr unsigned most_complexes = 2;
  using rules = context<rule_set>;
  using phase = layout::sev_guest_state;

  struct guest {
    phase state = phase::uninit;  ///< UNINIT: there is none
    std::uint8_t id{};            ///< its ASID, or 0
    bool pending{};
    std::uint8_t key{};  ///< name
    bool measured{};     ///< LAUNCH_MEASURE has told its measurement
    bool injected{};     ///< LAUNCH_SECRET has put a secret into it
    bool arrived{};      ///< it began with RECEIVE_START
    friend constexpr auto operator==(const guest&, const guest&) -> bool = default;
  };
  /// What the block holds: a plaintext under a key.
  struct content {
    std::uint8_t version{};  ///< 0: nothing; 1: the secret; 2: what a guest has written over it
    std::uint8_t key{};
    friend constexpr auto operator==(const content&, const content&) -> bool = default;
  };
  struct state {
    std::array<guest, most_guests> guests{};  ///< by handle - 1
    std::array<std::array<memory::asid_state, most_complexes>, most_asids> asids{};
    std::array<std::array<bool, most_complexes>, most_asids> valid{};
    std::array<bool, most_complexes> written_back{};
    std::array<std::uint8_t, most_asids> slots{};  ///< names of the keys in the memory controller
    content page{};
    content kept{};          ///< the hypervisor's copy of the ciphertext
    bool session{};          ///< SEND_START has made one
    std::uint8_t packet{};   ///< 0 none; 1 with the secret; 2 with something else
    std::uint8_t owner{};    ///< handle of the guest whose secret was injected last
    std::uint8_t made_in{};  ///< ASID that the secret was written under
    bool left{};             ///< its owner was deactivated since
    bool gone{};             ///< its owner was decommissioned since
    std::uint8_t latest{};   ///< version that a guest has written last
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using packed = packed_state<2>;
  using finding = contradiction;

  enum class deed : std::uint8_t {
    launch_start,
    launch_share,
    activate,
    measure,
    secret,
    finish,
    send_start,
    send_update,
    send_finish,
    send_cancel,
    receive_start,
    receive_update,
    receive_finish,
    deactivate,
    decommission,
    wbinvd,
    df_flush,
    run,         ///< VMRUN of a guest's VMCB with an ASID
    guest_read,  ///< by whoever runs with an ASID
    guest_write,
    keep,  ///< the hypervisor copies the ciphertext
    put_back,
  };
  struct operation {
    deed what{};
    std::uint8_t guest{};  ///< handle
    std::uint8_t id{};     ///< ASID
    std::uint8_t complex{};
  };

  /// A step that was tried.
  struct step {
    const state& before;
    const state& now;
    const operation& op;
    bool allowed{};
    bool same_machine{};     ///< nothing at all has changed in it
    std::uint8_t version{};  ///< that a guest has read

    [[nodiscard]] auto is(deed which) const noexcept -> bool { return allowed && op.what == which; }
    /// Handle of the guest that an ASID is bound to; 0 if there is none.
    [[nodiscard]] auto bound_to(std::uint8_t id) const noexcept -> std::uint8_t {
      for (std::uint8_t i = 0; i < most_guests; ++i)
        if (id != 0 && before.guests[i].id == id) return static_cast<std::uint8_t>(i + 1);
      return 0;
    }
    [[nodiscard]] auto reads_secret() const noexcept -> bool { return is(deed::guest_read) && version == 1; }
  };
  using judge = auto (*)(const step&) -> contradiction;

  sev_life_model(const sev_life_parts& parts, judge claim, rules ctx = {})
      : parts_(parts), claim_(claim), ctx_(std::move(ctx)) {
    Expects(parts.guests >= 1 && parts.guests <= most_guests && parts.asids >= 1 && parts.asids <= most_asids);
    Expects(parts.complexes >= 1 && parts.complexes <= most_complexes);
    hardware_.threads.clear();
    for (std::uint32_t i = 0; i < parts.complexes; ++i) hardware_.threads.push_back({.apic_id = i, .complex = i});
    hardware_.max_asid = parts.asids;
    hardware_.dram = {{{0}, 2 * 4096}};
    crypto::repeatable_random random(1);
    if (parts.sends || parts.arrives) {
      platform_.identity = firmware::make_identity(random, hardware_, {});
      const auto peer = firmware::public_key_of(platform_.identity.pdh.certificate);
      const auto keys = firmware::agree_on_session_keys(firmware::private_key_of(platform_.identity.pdh), *peer,
                                                        key_named(of_sessions));
      session_ =
          firmware::wrap_session(*keys, session_transport(), key_named(of_sessions), key_named(of_sessions), policy());
    }
    list_operations();
  }

  [[nodiscard]] auto initial() const -> state {
    crypto::ticket_book book;
    machine m = machine_of(state{}, book);
    firmware::initialize_asids(m);
    state start;
    take_asids(m, start);
    return start;
  }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }
  [[nodiscard]] auto check(const state&) const -> finding { return {}; }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    if (!is_possible(before, op)) return {};
    crypto::ticket_book book;
    machine m = machine_of(before, book);
    prepare(m, before, op);
    const machine old = m;
    std::uint8_t version = 0;
    const bool allowed = play(m, op, before, version);
    state after = before;
    take(m, after);
    if (allowed) note(before, after, op);
    const bool same_machine =
        m.sp == old.sp && m.asids == old.asids && m.memory.chips() == old.memory.chips() && after.slots == before.slots;
    const auto broken = claim_({.before = before,
                                .now = after,
                                .op = op,
                                .allowed = allowed,
                                .same_machine = same_machine,
                                .version = version});
    if (after == before) return {.what = allowed ? fate::unchanged : fate::refused, .broken = broken};
    rename_keys(after);
    now = after;
    return {.what = fate::changed, .broken = broken};
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    for (const guest& g : one.guests) {
      to.put(static_cast<std::uint64_t>(g.state), 3).put(g.id, 2).put(g.pending, 1).put(g.key, 3);
      to.put(g.measured, 1).put(g.injected, 1).put(g.arrived, 1);
    }
    for (unsigned i = 0; i < most_asids; ++i) {
      for (unsigned c = 0; c < most_complexes; ++c)
        to.put(static_cast<std::uint64_t>(one.asids[i][c]), 2).put(one.valid[i][c], 1);
      to.put(one.slots[i], 3);
    }
    for (const bool done : one.written_back) to.put(done, 1);
    for (const content& c : {one.page, one.kept}) to.put(c.version, 2).put(c.key, 3);
    to.put(one.session, 1).put(one.packet, 2).put(one.owner, 2).put(one.made_in, 2);
    to.put(one.left, 1).put(one.gone, 1).put(one.latest, 2);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    const auto number = [&from](unsigned width) { return static_cast<std::uint8_t>(from.take(width)); };
    for (guest& g : one.guests) {
      g.state = static_cast<phase>(from.take(3));
      g.id = number(2);
      g.pending = from.flag();
      g.key = number(3);
      g.measured = from.flag();
      g.injected = from.flag();
      g.arrived = from.flag();
    }
    for (unsigned i = 0; i < most_asids; ++i) {
      for (unsigned c = 0; c < most_complexes; ++c) {
        one.asids[i][c] = static_cast<memory::asid_state>(from.take(2));
        one.valid[i][c] = from.flag();
      }
      one.slots[i] = number(3);
    }
    for (bool& done : one.written_back) done = from.flag();
    for (content* c : {&one.page, &one.kept}) {
      c->version = number(2);
      c->key = number(3);
    }
    one.session = from.flag();
    one.packet = number(2);
    one.owner = number(2);
    one.made_in = number(2);
    one.left = from.flag();
    one.gone = from.flag();
    one.latest = number(2);
    return one;
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  /// Fills everything with one byte: the name of a key.
  struct named_random {
    std::uint8_t name{};
    void operator()(std::span<std::uint8_t> bytes) const noexcept { std::ranges::fill(bytes, name); }
  };
  using controller = memory::controller<crypto::symbolic_cipher, memory::dense_dram<2>>;
  using machine = firmware::machine<controller, rmp::small_table<2, 2>, memory::asid_states<most_asids, most_complexes>,
                                    named_random>;

  static constexpr std::uint8_t most_keys = 7;
  static constexpr std::uint8_t of_sessions = 0xa5;  ///< all that sessions and packets draw
  static constexpr spa page_at{0};
  static constexpr std::uint64_t scratch = 0x100;
  static constexpr std::uint64_t header_at = 0x200;
  static constexpr std::uint64_t data_at = 0x300;
  static constexpr std::uint64_t session_at = 0x400;
  static constexpr std::uint64_t peer_at = 0x1000;

  [[nodiscard]] static auto plaintext(std::uint8_t version) -> crypto::block {
    crypto::block text{};
    text.fill(static_cast<std::uint8_t>(0xc0 + version));
    return text;
  }
  [[nodiscard]] static auto key_named(std::uint8_t name) -> crypto::block {
    crypto::block bytes{};
    bytes.fill(name);
    return bytes;
  }
  [[nodiscard]] static auto session_transport() -> firmware::transport_keys {
    return {.tek = key_named(of_sessions), .tik = key_named(of_sessions)};
  }
  [[nodiscard]] auto policy() const -> layout::sev_guest_policy {
    return layout::sev_guest_policy{}.set_noks(!parts_.sharing);
  }
  [[nodiscard]] static auto ciphertext(const machine& m, const content& of) -> crypto::block {
    crypto::block text = plaintext(of.version);
    m.memory.cipher().encrypt(m.memory.cipher().expand(key_named(of.key)), page_at, text, text);
    return text;
  }

  // --- between states and machines

  [[nodiscard]] auto machine_of(const state& now, crypto::ticket_book& book) const -> machine {
    machine m{.memory{crypto::symbolic_cipher{book}, memory::dense_dram<2>{}, most_asids + 1}, .rmp{}};
    m.hw = hardware_;
    m.sp = platform_;
    m.sp.state = layout::sev_platform_state::init;
    for (std::uint32_t i = 0; i < most_guests; ++i) {
      const guest& one = now.guests[i];
      if (one.state == phase::uninit) continue;
      m.sp.state = layout::sev_platform_state::working;
      firmware::sev_guest record{.state = one.state, .policy = policy(), .slot{{one.id}, one.pending}};
      record.vek.fill(one.key);
      if (one.state == phase::supdate || one.state == phase::rupdate) record.keys = session_transport();
      m.sp.guests.emplace(i + 1, record);
    }
    for (std::uint32_t i = 0; i < most_asids; ++i) {
      for (std::uint32_t c = 0; c < most_complexes; ++c) {
        m.asids.set_state({i + 1}, {c}, now.asids[i][c]);
        m.asids.set_valid({i + 1}, {c}, now.valid[i][c]);
      }
      if (now.slots[i] != 0) Ensures(m.memory.install_key({i + 1}, key_named(now.slots[i])));
    }
    for (std::uint32_t c = 0; c < most_complexes; ++c) m.asids.set_written_back({c}, now.written_back[c]);
    for (firmware::cpu_thread& one : m.hw.threads) one.written_back = now.written_back[one.complex];
    if (now.page.version != 0) Ensures(m.memory.inject(page_at, ciphertext(m, now.page)) == memory::memory_status::ok);
    return m;
  }
  static void take_asids(const machine& m, state& now) {
    for (std::uint32_t i = 0; i < most_asids; ++i)
      for (std::uint32_t c = 0; c < most_complexes; ++c) {
        now.asids[i][c] = m.asids.state_of({i + 1}, {c});
        now.valid[i][c] = m.asids.is_valid({i + 1}, {c});
      }
    for (std::uint32_t c = 0; c < most_complexes; ++c) now.written_back[c] = m.asids.is_written_back({c});
  }
  /// What of a machine a state has.
  static void take(const machine& m, state& now) {
    take_asids(m, now);
    for (std::uint32_t i = 0; i < most_guests; ++i) {
      guest& one = now.guests[i];
      const auto found = m.sp.guests.find(i + 1);
      if (found == m.sp.guests.end()) {
        one = {};
        continue;
      }
      one.state = found->second.state;
      one.id = static_cast<std::uint8_t>(found->second.slot.id.value);
      one.pending = found->second.slot.pending;
      one.key = found->second.vek[0];
    }
    for (std::uint32_t i = 0; i < most_asids; ++i)
      if (const auto* key = m.memory.keys().find(memory_key::guest({i + 1}))) now.slots[i] = key->bytes[0];
    crypto::block raw{};
    Ensures(m.memory.probe(page_at, raw) == memory::memory_status::ok);
    now.page = {};
    if (raw == crypto::block{}) return;
    for (std::uint8_t version = 1; version <= 2; ++version)
      for (std::uint8_t name = 1; name <= most_keys; ++name)
        if (raw == ciphertext(m, {version, name})) now.page = {version, name};
  }
  /// The names of keys in the order in which a state mentions them: nothing depends on them.
  static void rename_keys(state& now) {
    std::array<std::uint8_t, most_keys + 1> to{};
    std::uint8_t next = 1;
    const auto rename = [&](std::uint8_t& name) {
      if (name == 0) return;
      if (to[name] == 0) to[name] = next++;
      name = to[name];
    };
    for (guest& one : now.guests) rename(one.key);
    for (std::uint8_t& name : now.slots) rename(name);
    rename(now.page.key);
    rename(now.kept.key);
  }
  [[nodiscard]] static auto fresh_key(const state& now) -> std::uint8_t {
    std::uint8_t highest = 0;  // names are dense
    for (const guest& one : now.guests) highest = std::max(highest, one.key);
    for (const std::uint8_t name : now.slots) highest = std::max(highest, name);
    highest = std::max({highest, now.page.key, now.kept.key});
    Ensures(highest < most_keys);
    return static_cast<std::uint8_t>(highest + 1);
  }

  // --- what may happen

  void list_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    const auto guests = static_cast<std::uint8_t>(parts_.guests);
    const auto asids = static_cast<std::uint8_t>(parts_.asids);
    add({.what = deed::launch_start});
    if (parts_.arrives) add({.what = deed::receive_start});
    for (std::uint8_t h = 1; h <= guests; ++h) {
      const auto of_guest = [&](deed what) { add({.what = what, .guest = h}); };
      if (parts_.sharing) of_guest(deed::launch_share);
      for (std::uint8_t a = 1; a <= asids; ++a) add({.what = deed::activate, .guest = h, .id = a});
      of_guest(deed::measure);
      if (parts_.secret) of_guest(deed::secret);
      of_guest(deed::finish);
      if (parts_.sends && (!parts_.arrives || h == 1)) {
        if (parts_.arrives) of_guest(deed::send_update);
        of_guest(deed::send_start);
        of_guest(deed::send_finish);
        of_guest(deed::send_cancel);
      }
      if (parts_.arrives && h == 2) {
        of_guest(deed::receive_update);
        of_guest(deed::receive_finish);
      }
      of_guest(deed::deactivate);
      of_guest(deed::decommission);
      for (std::uint8_t a = 1; a <= asids; ++a) add({.what = deed::run, .guest = h, .id = a});
    }
    for (std::uint8_t c = 0; c < parts_.complexes; ++c) add({.what = deed::wbinvd, .complex = c});
    add({.what = deed::df_flush});
    for (std::uint8_t a = 1; a <= asids; ++a) {
      if (parts_.secret) add({.what = deed::guest_read, .id = a});
      if (parts_.replays) add({.what = deed::guest_write, .id = a});
    }
    if (parts_.replays) add({.what = deed::keep});
    if (parts_.replays) add({.what = deed::put_back});
  }
  /// Whether there is anything to try: no more guests than the machine has, nothing sent that is not there.
  [[nodiscard]] auto is_possible(const state& now, const operation& op) const -> bool {
    unsigned there = 0;
    for (const guest& one : now.guests) there += one.state != phase::uninit ? 1 : 0;
    switch (op.what) {
      case deed::launch_start:
      case deed::launch_share:   return there < parts_.guests;
      case deed::receive_start:  return there < parts_.guests && now.session;
      case deed::receive_update: return now.packet != 0;
      case deed::run:            return now.guests[op.guest - 1U].state != phase::uninit;
      case deed::keep:           return now.page.version != 0 && now.kept != now.page;
      case deed::put_back:       return now.kept.version != 0 && now.kept != now.page;
      default:                   return true;
    }
  }

  static void put(machine& m, std::uint64_t where, std::span<const std::uint8_t> bytes) {
    Ensures(m.memory.inject({where}, bytes) == memory::memory_status::ok);
  }
  /// What the hypervisor, and a guest's owner, lay ready.
  void prepare(machine& m, const state& before, const operation& op) const {
    const auto record = m.sp.guests.find(op.guest);
    m.random.name = of_sessions;
    if (op.what == deed::launch_start || op.what == deed::launch_share || op.what == deed::receive_start)
      m.random.name = fresh_key(before);
    if (op.what == deed::secret && record != m.sp.guests.end()) {
      crypto::block text = plaintext(1);
      const auto header = firmware::seal_packet(
          record->second.keys, firmware::secret_packet(record->second.measurement), key_named(1), text, text);
      put(m, header_at, header.bytes());
      put(m, data_at, text);
    }
    if (op.what == deed::receive_update) {
      crypto::block text = before.packet == 1 ? plaintext(1) : key_named(0x77);
      const auto header =
          firmware::seal_packet(session_transport(), firmware::data_packet(), key_named(of_sessions), text, text);
      put(m, header_at, header.bytes());
      put(m, data_at, text);
    }
    if (op.what == deed::send_start || op.what == deed::receive_start)
      put(m, peer_at, m.sp.identity.pdh.certificate.bytes());
    if (op.what == deed::receive_start) put(m, session_at, session_.bytes());
  }

  [[nodiscard]] static auto transport_of(std::uint8_t handle) -> layout::cmd_transport {
    layout::cmd_transport cmd;
    cmd.set_handle(handle);
    cmd.set_hdr_paddr(header_at);
    cmd.set_hdr_len(firmware::packet_header_bytes);
    cmd.set_guest_paddr(page_at.value);
    cmd.set_guest_len(crypto::block_bytes);
    cmd.set_trans_paddr(data_at);
    cmd.set_trans_len(crypto::block_bytes);
    return cmd;
  }
  /// One deed.
  /// @param version  receives what a guest has read
  /// @return whether it was let through
  [[nodiscard]] auto play(machine& m, const operation& op, const state& before, std::uint8_t& version) const -> bool {
    const auto good = [](firmware::status done) { return done == firmware::status::success; };
    layout::cmd_handle named;
    named.set_handle(op.guest);
    switch (op.what) {
      case deed::launch_start:
      case deed::launch_share: {
        layout::cmd_launch_start cmd;
        cmd.set_handle(op.guest);
        cmd.set_policy(policy());
        return good(firmware::launch_start(ctx_, m, cmd));
      }
      case deed::activate: {
        layout::cmd_activate cmd;
        cmd.set_handle(op.guest);
        cmd.set_asid(op.id);
        return good(firmware::activate(ctx_, m, cmd));
      }
      case deed::measure: {
        layout::cmd_launch_measure cmd;
        cmd.set_handle(op.guest);
        cmd.set_address(scratch);
        cmd.set_len(layout::size_of<layout::sev_measurement>);
        return good(firmware::launch_measure(ctx_, m, cmd));
      }
      case deed::secret:     return good(firmware::launch_secret(ctx_, m, transport_of(op.guest)));
      case deed::finish:     return good(firmware::launch_finish(ctx_, m, named));
      case deed::send_start: {
        layout::cmd_send_start cmd;
        cmd.set_handle(op.guest);
        cmd.set_pdh_cert_paddr(peer_at);
        cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
        cmd.set_session_paddr(session_at);
        cmd.set_session_len(firmware::session_bytes);
        return good(firmware::send_start(ctx_, m, cmd));
      }
      case deed::send_update: {
        auto cmd = transport_of(op.guest);
        return good(firmware::send_update_data(ctx_, m, cmd));
      }
      case deed::send_finish:   return good(firmware::send_finish(ctx_, m, named));
      case deed::send_cancel:   return good(firmware::send_cancel(ctx_, m, named));
      case deed::receive_start: {
        layout::cmd_receive_start cmd;
        cmd.set_policy(policy());
        cmd.set_pdh_cert_paddr(peer_at);
        cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
        cmd.set_session_paddr(session_at);
        cmd.set_session_len(firmware::session_bytes);
        return good(firmware::receive_start(ctx_, m, cmd));
      }
      case deed::receive_update: return good(firmware::receive_update_data(ctx_, m, transport_of(op.guest)));
      case deed::receive_finish: return good(firmware::receive_finish(ctx_, m, named));
      case deed::deactivate:     return good(firmware::deactivate(ctx_, m, named));
      case deed::decommission:   return good(firmware::decommission(ctx_, m, named));
      case deed::wbinvd:         firmware::note_wbinvd(m, op.complex); return true;
      case deed::df_flush:       return good(firmware::df_flush(ctx_, m));
      case deed::run:            return runs(m, op.id);
      case deed::guest_read:     {
        crypto::block text{};
        if (!runs(m, op.id) || m.memory.read(page_at, memory_key::guest({op.id}), text) != memory::memory_status::ok)
          return false;
        for (std::uint8_t one = 1; one <= 2; ++one)
          if (text == plaintext(one)) version = one;
        return true;
      }
      case deed::guest_write:
        return runs(m, op.id) &&
               m.memory.write(page_at, memory_key::guest({op.id}), plaintext(2)) == memory::memory_status::ok;
      case deed::keep:     return true;
      case deed::put_back: put(m, page_at.value, ciphertext(m, before.kept)); return true;
    }
    return false;
  }
  /// Whether VMRUN takes the ASID.
  [[nodiscard]] auto runs(const machine& m, std::uint8_t id) const -> bool {
    return memory::check_asid_runs(ctx_, m.asids, {id}, memory::ccx{0}).has_value();
  }

  /// What the machine itself does not remember.
  static void note(const state& before, state& now, const operation& op) {
    guest* const meant = op.guest == 0 ? nullptr : &now.guests[op.guest - 1U];
    switch (op.what) {
      case deed::measure: meant->measured = true; break;
      case deed::secret:
        meant->injected = true;
        now.owner = op.guest;
        now.made_in = meant->id;
        now.left = now.gone = false;
        now.latest = 1;
        break;
      case deed::receive_start:
        for (unsigned i = 0; i < most_guests; ++i)
          if (before.guests[i].state == phase::uninit && now.guests[i].state != phase::uninit)
            now.guests[i].arrived = true;
        break;
      case deed::deactivate:
        if (op.guest == now.owner && !now.gone) now.left = true;
        break;
      case deed::decommission:
        if (op.guest == now.owner) now.gone = true;
        break;
      case deed::send_start:  now.session = true; break;
      case deed::send_update: {
        const std::uint8_t id = before.guests[op.guest - 1U].id;
        const bool readable = before.page.version == 1 && before.slots[id - 1U] == before.page.key;
        now.packet = readable ? 1 : 2;
        break;
      }
      case deed::guest_write: now.latest = 2; break;
      case deed::keep:        now.kept = before.page; break;
      default:                break;
    }
  }

  sev_life_parts parts_;
  judge claim_;
  mutable rules ctx_;  // functions tell its listener
  firmware::hardware hardware_{};
  firmware::platform platform_{};
  layout::sev_session session_{};  ///< what SEND_START makes, always
  std::vector<operation> operations_;
};

inline auto sev_life_model::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const std::string whose = " of guest " + std::to_string(op.guest);
  const std::string id = " ASID " + std::to_string(op.id);
  switch (op.what) {
    case deed::launch_start:   return "LAUNCH_START";
    case deed::launch_share:   return "LAUNCH_START with the key" + whose;
    case deed::activate:       return "ACTIVATE" + whose + " on" + id;
    case deed::measure:        return "LAUNCH_MEASURE" + whose;
    case deed::secret:         return "LAUNCH_SECRET" + whose;
    case deed::finish:         return "LAUNCH_FINISH" + whose;
    case deed::send_start:     return "SEND_START" + whose;
    case deed::send_update:    return "SEND_UPDATE_DATA" + whose;
    case deed::send_finish:    return "SEND_FINISH" + whose;
    case deed::send_cancel:    return "SEND_CANCEL" + whose;
    case deed::receive_start:  return "RECEIVE_START";
    case deed::receive_update: return "RECEIVE_UPDATE_DATA" + whose;
    case deed::receive_finish: return "RECEIVE_FINISH" + whose;
    case deed::deactivate:     return "DEACTIVATE" + whose;
    case deed::decommission:   return "DECOMMISSION" + whose;
    case deed::wbinvd:         return "WBINVD on core complex " + std::to_string(op.complex);
    case deed::df_flush:       return "DF_FLUSH";
    case deed::run:            return "VMRUN" + whose + " with" + id;
    case deed::guest_read:     return "whoever runs with" + id + " reads the page";
    case deed::guest_write:    return "whoever runs with" + id + " writes the page";
    case deed::keep:           return "host: keeps the page's ciphertext";
    case deed::put_back:       return "host: puts the ciphertext back";
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
