// SPDX-License-Identifier: MIT
#include <support/launched_world.hpp>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <sevspec/nested/ownership_view.hpp>
#include <sevspec/nested/para_virtual.hpp>
#include <sevspec/nested/secure_processor.hpp>
#include <support/nested_world.hpp>
#include <support/vsp_world.hpp>

namespace sevspec::test {

namespace {

/// The machine of the firmware's tests, which has 15 ASIDs.
struct small_machine {
  static constexpr std::uint32_t min_sev = 8, of_l1_sev = 13, of_l1 = 5;
  static constexpr std::uint32_t named_sev = 8, real_sev = 10, real = 5;
  static constexpr std::uint64_t l1_at = 0x480'0000, pool_at = 0x110'0000;
  using table = map_table;
};
using base = nested_world<keyed_pad, small_machine>;
using machine = base::machine_type;
using call = nested::l1_call_end::kind;
using deed = nested::deed_end::kind;

constexpr gpa first_page_of_l1{0xf0'0000};
constexpr unsigned guest_pages = 4;

auto host_part(nested_host& host) -> nested_host& {
  host.physical.m.hw.min_sev_asid = small_machine::min_sev;
  host.l0.pool.clear();
  for (const std::uint32_t id : {6U, 7U, 11U, 12U}) host.l0.pool.push_back({asid{id}, false});
  return host;
}
auto machine_of(nested_host& host) -> machine {
  return {.memory = std::move(host.physical.m.memory), .rmp = std::move(host.physical.m.rmp)};
}
auto policy_of(guest_kind kind) -> std::uint32_t { return kind == guest_kind::sev_es ? es_policy : plain_policy; }

/// An L1 hypervisor with a virtual AMD-SP: all by references and requests of L1's own.
class l1_driver final : public driver {
 public:
  l1_driver(recording_context& with, nested_host& on, base& of) : ctx(with), host(on), w(of) {}
  void start() {
    v.emplace(test_vsp{.who = w.vm().number, .rmp = map_table{w.vm().owners.pages()}});
    v->hw = make_l1_hardware(host.physical.m);
    nested::limit_features(*v, host.physical.m.hw, host.physical.m.sp);
    nested::set_identity(ctx, *v, host.physical.m.hw, firmware::byte_array<48>{7});
    v->random.state = 1000;
    v->sp.flash = cached_identity(host.physical.m.hw, host.physical.m.sp.current);
  }
  auto execute(std::uint32_t id, std::uint64_t buffer) -> fw override {
    return nested::l1_command(ctx, w.m, w.vm(), host.l0, host.physical.m, *v, id, buffer);
  }
  void store(std::uint64_t where, std::span<const std::uint8_t> bytes) override {
    for (std::size_t i = 0; i < bytes.size();) {
      const std::size_t part = std::min<std::size_t>(bytes.size() - i, 4096 - (where + i) % 4096);
      const auto done = nested::l1_writes(ctx, w.m, w.vm(), 0, gpa{where + i}, false, bytes.subspan(i, part));
      REQUIRE(done.is_done());
      i += part;
    }
  }
  auto load(std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> override {
    std::vector<std::uint8_t> all(size);
    REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, gpa{where}, false, all).is_done());
    return all;
  }
  auto load_guest(std::uint32_t id, std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> override {
    std::vector<std::uint8_t> all(size);
    const asid real = w.m.asids.real_of(w.vm().number, asid{id}).value();
    REQUIRE(w.m.memory.read(base::where(gpa{where}), memory_key::guest(real), all) == memory::memory_status::ok);
    return all;
  }
  auto set_page(std::uint64_t where, const rmp::new_state& wanted) -> rmp::status override {
    const auto end = nested::l1_rmpupdate(ctx, w.m, w.vm(), 0, gpa{where}, wanted);
    REQUIRE(end.what == call::done);
    return static_cast<rmp::status>(end.rax);
  }
  void wbinvd() override {
    for (std::size_t i = 0; i < v->hw.threads.size(); ++i)
      nested::with_secure_processor(w.m, host.physical.m, [&] {
        nested::note_wbinvd(ctx, host.l0, host.physical.m, *v, i);
        return 0;
      });
  }
  auto entry(std::uint64_t where) -> rmp::entry override { return w.vm().owners.entry_of(page_of(spa{where})); }
  auto platform() -> const firmware::platform& override { return v->sp; }
  auto hardware() -> firmware::hardware& override { return v->hw; }

  recording_context& ctx;
  nested_host& host;
  base& w;
  std::optional<test_vsp> v{};
};

}  // namespace

struct launched_world::parts {
  listening heard{};
  nested_host host{heard.ctx};
  base w;
  l1_driver l1{heard.ctx, host, w};
  std::optional<nested::configuration_refusal> refusal{};
  std::uint32_t handle_of_l1 = 0;
  std::map<unsigned, std::uint32_t> handles{};

  explicit parts(const nested::configuration& what) : w(what, machine_of(host_part(host))) {}

  auto ctx() -> recording_context& { return heard.ctx; }
  auto snp() const -> bool { return w.config.variant == guest_kind::snp; }
  [[nodiscard]] static auto context_of(unsigned n) -> std::uint64_t { return l1_context + 0x1000 * n; }
  [[nodiscard]] auto own_keys() const -> bool { return nested::facts_of(w.config.how).own_keys; }

  /// A command of L0's.
  template <class Step>
  auto l0_commands(Step&& step) -> fw {
    return nested::with_secure_processor(w.m, host.physical.m, step);
  }
  /// LAUNCH_UPDATE of a page of L1's by L0: its plaintext is there.
  auto launch_for_l1(guest_kind kind, spa where, gpa seen_at, bool vmsa) -> bool {
    world& by_l0 = host.physical;
    const fw done = l0_commands([&] {
      if (kind == guest_kind::snp) {
        if (!vmsa) by_l0.guest_page_at(where.value, seen_at.value, w.l1_asid().value);
        return by_l0.snp_update(where.value, vmsa ? 2 : 1);
      }
      give_page(by_l0.m, where.value);  // SNP is initialised: the AMD-SP writes to its own pages alone
      const fw told = by_l0.update(handle_of_l1, where.value, 4096, vmsa);
      return nested::detail::take_back(ctx(), by_l0.m, where) ? told : fw::hwerror_platform;
    });
    if (done == fw::success && kind == guest_kind::sev_es && vmsa)
      return nested::record_launched_vmsa(w.m, w.l1_asid(), where);
    return done == fw::success;
  }

  /// L0 launches L1, command by command.
  void make_l1() {
    const guest_kind kind = w.config.of_l1();
    const std::uint32_t id = w.l1_asid().value;
    if (const auto fine = nested::check_configuration(ctx(), nested::l0_support::nested_sev, w.config); !fine) {
      refusal = fine.error();
      return;
    }
    w.m.pool = {small_machine::pool_at, 0x2f0'0000, {}};
    nested::start_l0(w.m, base::make_part(), true);
    world& by_l0 = host.physical;
    (void)l0_commands([&] {
      if (kind == guest_kind::snp) {
        by_l0.context_page();
        world::expect({by_l0.snp_launch_start(), by_l0.snp_activate(gctx_at, id)});
      } else if (kind != guest_kind::plain) {
        handle_of_l1 = by_l0.launched(policy_of(kind), id);
      }
      return fw::success;
    });
    nested::l1_plan plan = w.plan_of(w.config);
    const auto add = [&](std::uint64_t at, std::uint64_t pages, bool shared, bool launched = false) {
      plan.ram.push_back({{gpa{at}, spa{base::l1_at + at}, pages}, shared, launched});
    };
    add(l1_context, 16, true);
    add(l1_rmp_base, 256, false);
    add(l1_buffer, 32, true);
    add(l1_tmr, 256, false);
    add(first_page_of_l1.value, 1, false, true);
    if (kind != guest_kind::plain) {
      const block kernel{'L', '1', '\'', 's', ' ', 'k', 'e', 'r', 'n', 'e', 'l'};
      REQUIRE(w.m.memory.write(base::where(first_page_of_l1), memory_key::none(), kernel) == memory::memory_status::ok);
      REQUIRE(launch_for_l1(kind, base::where(first_page_of_l1), first_page_of_l1, false));
    }
    const auto made =
        nested::add_l1(ctx(), w.m, plan, [&](machine&, guest_kind of, asid, spa where, const layout::vmsa&) {
          return launch_for_l1(of, where, {}, true);
        });
    REQUIRE(made.has_value());
    if (w.passes() && kind == guest_kind::sev_es) {  // the pool for guests' processors (NES-ESP-01)
      const gpa page = w.in_l1(1, base::vmsa_page());
      const layout::vmsa state = nested::long_mode_state(guest_kind::sev_es, 0);
      REQUIRE(w.m.memory.write(base::where(page), memory_key::none(), state.bytes()) == memory::memory_status::ok);
      REQUIRE(launch_for_l1(kind, base::where(page), page, true));
      w.pool.slots.push_back({page});
    }
    (void)l0_commands([&] {
      if (kind == guest_kind::snp) world::expect({by_l0.snp_finish()});
      else if (kind != guest_kind::plain)
        world::expect({by_l0.measure(handle_of_l1), by_l0.by_handle(command_id::launch_finish, handle_of_l1)});
      return fw::success;
    });
    w.start_l1();
    if (!own_keys()) return;
    l1.start();
    if (snp()) world::expect({l1.post(command_id::snp_init), l1.flush(true)});
    else world::expect({l1.init(w.config.variant == guest_kind::sev_es), l1.flush(false)});
  }

  /// L1 writes into a page before it is launched: in the open.
  auto fill(gpa page, std::span<const std::uint8_t> bytes) -> bool {
    if (snp() && l1.set_page(page.value, {}) != rmp::status::success) return false;
    return nested::l1_writes(ctx(), w.m, w.vm(), 0, page, false, bytes).is_done();
  }
  auto launch_page(unsigned n, unsigned i, std::span<const std::uint8_t> bytes, bool vmsa) -> std::string {
    const gpa page = w.in_l1(n, i);
    if (!fill(page, bytes)) return "L1 writes the page in the open";
    const std::uint32_t id = w.named(n).value;
    const fw done = snp() ? l1.snp_update(page.value, w.in_l2(n, i).value, id, vmsa ? 2 : 1, context_of(n))
                          : l1.update(handles[n], page.value, 4096, vmsa);
    if (done != fw::success) return std::string("LAUNCH_UPDATE: ") + firmware::name_of(done);
    if (w.config.variant == guest_kind::sev_es && vmsa)
      if (!nested::record_launched_vmsa(w.m, *w.m.asids.real_of(w.vm().number, w.named(n)), base::where(page)))
        return "no VMSA";
    return {};
  }
  auto launch_by_commands(unsigned n) -> std::string {
    if (const auto room = nested::check_guest_count(ctx(), w.config, w.vm().guests.size()); !room)
      return room.error().reason;
    const std::uint32_t id = w.named(n).value;
    const auto failed = [](const char* what, fw done) { return std::string(what) + ": " + firmware::name_of(done); };
    if (snp()) {
      if (const fw bad = l1.snp_start(context_of(n)); bad != fw::success) return failed("SNP_LAUNCH_START", bad);
      if (const fw bad = l1.snp_activate(context_of(n), id); bad != fw::success) return failed("SNP_ACTIVATE", bad);
    } else {
      handles[n] = 0;
      if (const fw bad = l1.launch_start(policy_of(w.config.variant), handles[n]); bad != fw::success)
        return failed("LAUNCH_START", bad);
      if (const fw bad = l1.activate(handles[n], id); bad != fw::success) return failed("ACTIVATE", bad);
    }
    for (unsigned i = 0; i < guest_pages; ++i)
      if (const auto why = launch_page(n, i, base::contents(n, i), false); !why.empty()) return why;
    if (cpu::has_hidden_state(w.config.variant)) {
      const layout::vmsa state = nested::long_mode_state(w.config.variant, 0x1000);
      if (const auto why = launch_page(n, base::vmsa_page(), state.bytes(), true); !why.empty()) return why;
    }
    if (snp()) {
      if (const fw bad = l1.snp_finish(context_of(n)); bad != fw::success) return failed("SNP_LAUNCH_FINISH", bad);
    } else {
      std::vector<std::uint8_t> told;
      if (const fw bad = l1.measure(handles[n], told); bad != fw::success) return failed("LAUNCH_MEASURE", bad);
      if (const fw bad = l1.by_handle(command_id::launch_finish, handles[n]); bad != fw::success)
        return failed("LAUNCH_FINISH", bad);
    }
    nested::l1_words<recording_context, machine> words{ctx(), w.m, w.vm(), 0};
    if (!words.clear(base::root(n).value)) return "nPT12's root";
    for (unsigned i = 0; i < guest_pages; ++i)
      if (!w.map(ctx(), n, w.in_l2(n, i), w.in_l1(n, i))) return "nPT12";
    return w.map(ctx(), n, base::shared_in_l2(), base::shared_in_l1(n)) ? "" : "nPT12, shared";
  }
};

launched_world::launched_world(const nested::configuration& what) : in_(std::make_unique<parts>(what)) {
  in_->make_l1();
}
launched_world::~launched_world() = default;

auto launched_world::refusal() const -> std::optional<nested::configuration_refusal> { return in_->refusal; }
auto launched_world::contents(unsigned n, unsigned i) -> block { return base::contents(n, i); }
auto launched_world::events() const -> const nested::event_counter& { return in_->heard.heard.nested; }

auto launched_world::launch(unsigned n) -> std::string {
  return in_->own_keys() ? in_->launch_by_commands(n) : in_->w.launch(in_->ctx(), n);
}

auto launched_world::enter(unsigned n) -> std::string {
  const auto end = in_->w.run(in_->ctx(), n, paging::tlb_control::flush_guest);
  if (end.what != call::l2_runs)
    return std::string("VMRUN: ") + name_of(end.vmrun.what) + ' ' + name_of(end.decided_by);
  const auto& guest = *in_->w.m.core.guest;
  if (guest.kind != in_->w.config.variant) return "VMRUN of another kind of guest";
  return guest.id == (in_->own_keys() ? in_->w.real_asid(n) : in_->w.l1_asid()) ? "" : "VMRUN with another ASID";
}
auto launched_world::refused_by(unsigned n) -> rule {
  const auto end = in_->w.run(in_->ctx(), n);
  return end.what == call::refused ? end.decided_by : rule::none;
}

auto launched_world::reads(unsigned n, unsigned i, bool c) -> read_end {
  read_end end;
  const auto done = in_->w.l2_reads(in_->ctx(), in_->w.in_l2(n, i), c, end.seen);
  end.exits = done.exits;
  if (!done.is_done())
    end.wrong = std::string("read: ") + name_of(done.raised.kind) + ' ' + name_of(done.raised.decided_by);
  return end;
}
auto launched_world::writes(unsigned n, unsigned i, const block& what, bool c) -> std::string {
  const auto done = in_->w.l2_writes(in_->ctx(), in_->w.in_l2(n, i), c, what);
  return done.is_done() ? ""
                        : std::string("write: ") + name_of(done.raised.kind) + ' ' + name_of(done.raised.decided_by);
}

auto launched_world::talks(unsigned n, const block& says, const block& answer) -> std::string {
  base& w = in_->w;
  if (!w.l2_writes(in_->ctx(), base::shared_in_l2(), false, says).is_done()) return "L2 writes";
  if (cpu::has_hidden_state(w.config.variant)) {
    const auto left = nested::l2_vmgexit(in_->ctx(), w.m, w.vm(), 0, base::shared_in_l2().value);
    if (left.what != deed::reflected) return "VMGEXIT is L1's";
    const auto told = w.seen_vmcb12(in_->ctx(), n);
    if (told.controls().exit_code() != layout::svm_exit_codes::vmgexit) return "EXITCODE";
    if (told.controls().ghcb_gpa() != base::shared_in_l2().value) return "GHCB_GPA";
  } else {
    w.m.core.registers.set_rax(0x1234);
    const auto left = nested::l2_event(in_->ctx(), w.m, w.vm(), 0, {.code = 0x72, .instruction_bytes = 2});  // CPUID
    if (left.what != deed::reflected) return "CPUID is L1's";
    if (w.seen_vmcb12(in_->ctx(), n).save().rax() != 0x1234) return "RAX";
  }
  block seen{};
  if (!nested::l1_reads(in_->ctx(), w.m, w.vm(), 0, base::shared_in_l1(n), false, seen).is_done()) return "L1 reads";
  if (seen != says) return "L1 reads something else";
  if (!nested::l1_writes(in_->ctx(), w.m, w.vm(), 0, base::shared_in_l1(n), false, answer).is_done())
    return "L1 writes";
  if (const auto why = enter(n); !why.empty()) return why;
  if (!w.l2_reads(in_->ctx(), base::shared_in_l2(), false, seen).is_done()) return "L2 reads";
  return seen == answer ? "" : "L2 reads something else";
}

auto launched_world::shares(unsigned n, unsigned i) -> std::string {
  base& w = in_->w;
  if (!in_->snp()) return {};  // the C-bit of L2's own tables is all there is to it
  const auto done = nested::l2_validates(in_->ctx(), w.m, w.vm(), 0, w.in_l2(n, i), false, false);
  if (!done || !done->succeeded()) return "PVALIDATE(0)";
  if (const auto why = talks(n, {'s', 'h', 'a', 'r', 'e'}, {'o', 'k'}); !why.empty()) return why;
  if (!w.l2_halts(in_->ctx()).exits) return "L2 leaves";
  if (in_->l1.set_page(w.in_l1(n, i).value, {}) != rmp::status::success) return "VIRT_RMPUPDATE";
  return enter(n);
}
auto launched_world::takes_back(unsigned n, unsigned i) -> std::string {
  base& w = in_->w;
  if (!in_->snp()) return {};
  if (!w.l2_halts(in_->ctx()).exits) return "L2 leaves";
  const asid whose = in_->own_keys() ? w.named(n) : nested::l1_itself;
  const rmp::new_state wanted{.assigned = true, .id = whose, .guest = {w.in_l2(n, i).value}};
  if (in_->l1.set_page(w.in_l1(n, i).value, wanted) != rmp::status::success) return "VIRT_RMPUPDATE";
  if (const auto why = enter(n); !why.empty()) return why;
  const auto done = nested::l2_validates(in_->ctx(), w.m, w.vm(), 0, w.in_l2(n, i), false, true);
  return done && done->succeeded() ? "" : "PVALIDATE(1)";
}

auto launched_world::halts(unsigned n) -> std::string {
  const auto end = in_->w.l2_halts(in_->ctx());
  if (end.what != deed::reflected) return "HLT is L1's";
  if (in_->w.seen_vmcb12(in_->ctx(), n).controls().exit_code() != layout::svm_exit_codes::hlt) return "EXITCODE";
  return in_->w.m.core.guest->kind == in_->w.config.of_l1() ? "" : "L1 runs afterwards";
}

auto launched_world::destroy(unsigned n) -> std::string {
  base& w = in_->w;
  recording_context& ctx = in_->ctx();
  const bool l1_has_pages = w.config.of_l1() == guest_kind::snp;
  if (in_->own_keys()) {
    if (!in_->snp()) {
      world::expect({in_->l1.by_handle(command_id::deactivate, in_->handles[n]),
                     in_->l1.by_handle(command_id::decommission, in_->handles[n])});
      return {};
    }
    const std::uint64_t context = in_->context_of(n);
    world::expect({in_->l1.word(command_id::snp_decommission, context)});
    world::expect({in_->l1.word(command_id::snp_page_reclaim, context)});
    if (in_->l1.set_page(context, {}) != rmp::status::success) return "the context's page";
  }
  for (unsigned i = 0; i <= base::vmsa_page(); ++i) {
    if (i >= guest_pages && i != base::vmsa_page()) continue;
    const gpa page = w.in_l1(n, i);
    nested::release_page(w.owners, page);
    if (!in_->snp()) continue;
    if (w.passes() && i == base::vmsa_page()) {  // an ordinary page again
      const auto done = nested::rmpadjust(ctx, w.m, nested::l1_regime(ctx, w.m, w.vm()), page, false, 0x1);
      if (!done || !done->succeeded()) return "RMPADJUST";
    }
    if (w.passes()) continue;
    const rmp::new_state own{.assigned = l1_has_pages, .id = l1_has_pages ? nested::l1_itself : host_asid};
    if (in_->l1.set_page(page.value, own) != rmp::status::success) return "L1 has its page again";
    if (!l1_has_pages) continue;
    const auto valid = nested::pvalidate(ctx, w.m, nested::l1_regime(ctx, w.m, w.vm()), page, false, true);
    if (!valid || !valid->succeeded()) return "PVALIDATE by L1";
  }
  if (w.passes() && w.config.variant == guest_kind::sev_es) nested::release_vmsa(w.pool, 0);
  return {};
}

auto launched_world::seen_by_l0(unsigned n, unsigned i) -> block {
  block seen{};
  (void)nested::host_read(in_->ctx(), in_->w.m, base::where(in_->w.in_l1(n, i)), memory_key::none(), seen);
  return seen;
}
auto launched_world::seen_by_l1(unsigned n, unsigned i, bool c) -> std::optional<block> {
  block seen{};
  context<> ctx;
  const auto regime = nested::l1_regime(ctx, in_->w.m, in_->w.vm());
  if (!nested::read(ctx, in_->w.m, regime, in_->w.in_l1(n, i), c, seen)) return {};
  return seen;
}
auto launched_world::guests_of_secure_processor() -> std::size_t {
  return in_->host.physical.m.sp.guests.size() + in_->host.physical.m.sp.contexts.size();
}
auto launched_world::digests_agree(unsigned n) -> bool {
  if (!in_->own_keys()) return true;
  const auto& seen = in_->l1.v->sp;
  const auto& real = in_->host.physical.m.sp;
  const nested::l1_id who = in_->w.vm().number;
  if (in_->snp()) {
    const std::uint64_t page = parts::context_of(n);
    const auto behind = in_->host.l0.contexts.real_of(who, gpa{page});
    return behind && seen.contexts.at(page).launch_digest == real.contexts.at(behind->value).launch_digest;
  }
  const auto behind = in_->host.l0.handles.real_of(who, {in_->handles.at(n)});
  return behind && seen.guests.at(in_->handles.at(n)).state == real.guests.at(behind->value).state;
}

auto launched_world::answer_for_buffer(bool is_private) -> std::string {
  const auto id = in_->snp() ? command_id::snp_activate : command_id::activate;
  return firmware::name_of(in_->l1.execute(static_cast<std::uint32_t>(id), is_private ? 0x1000 : l1_scratch));
}
auto launched_world::decommission_from_unmapped(unsigned n) -> std::string {
  firmware::byte_array<8> bytes{};
  layout::write_le(bytes.data(), parts::context_of(n));
  in_->l1.store(l1_scratch, bytes);
  if (!nested::unmap_page(in_->w.m, in_->w.vm(), gpa{l1_scratch})) return "nPT01";
  return firmware::name_of(in_->l1.execute(static_cast<std::uint32_t>(command_id::snp_decommission), l1_scratch));
}
auto launched_world::context_page(unsigned n) -> std::string {
  const std::uint64_t page = parts::context_of(n);
  const auto state = [](const rmp::entry& one) { return std::string(rmp::name_of(rmp::state_of(one))); };
  return state(in_->l1.entry(page)) + ", " + state(in_->w.m.rmp.entry_of(page_of(base::where(gpa{page}))));
}

auto launched_world::l1_touches_context(unsigned n, bool writes) -> std::string {
  base& w = in_->w;
  const gpa page{parts::context_of(n)};
  block bytes{1, 2, 3};
  const auto done = writes ? nested::l1_writes(in_->ctx(), w.m, w.vm(), 0, page, false, bytes)
                           : nested::l1_reads(in_->ctx(), w.m, w.vm(), 0, page, false, bytes);
  if (done.is_done()) return {};
  const bool by_owner = paging::page_fault_code::rmp::test(done.raised.code);
  return std::string(name_of(done.raised.kind)) + (by_owner ? " RMP " : " ") + name_of(done.raised.decided_by);
}
auto launched_world::l2_touches_context(unsigned n) -> std::string {
  base& w = in_->w;
  constexpr paging::l2_gpa there{0x90'0000};
  if (!w.map(in_->ctx(), n, there, gpa{parts::context_of(n)})) return "nPT12";
  if (const auto why = enter(n); !why.empty()) return why;
  block seen{};
  const auto done = w.l2_reads(in_->ctx(), there, false, seen);
  if (done.what != deed::reflected) return done.is_done() ? "" : "no exit";
  const auto told = w.seen_vmcb12(in_->ctx(), n);
  if (told.controls().exit_code() != layout::svm_exit_codes::npf) return "EXITCODE";
  if (told.controls().exit_info_2() != there.value) return "EXITINFO2";
  return paging::page_fault_code::rmp::test(told.controls().exit_info_1()) ? "#NPF RMP" : "#NPF";
}
auto launched_world::l1_writes_table() -> bool {
  const bool c = in_->w.config.of_l1() != guest_kind::plain;
  return nested::l1_writes(in_->ctx(), in_->w.m, in_->w.vm(), 0, gpa{l1_rmp_base}, c, block{1}).is_done();
}
auto launched_world::large_page(unsigned n, bool in_parts) -> std::string {
  base& w = in_->w;
  constexpr gpa page{0x20'0000};
  if (in_parts && !nested::remap_small(w.m, w.vm(), page, true)) return "nPT01";
  const rmp::new_state wanted{.assigned = true, .large = true, .id = w.named(n), .guest = {0x4000'0000}};
  if (in_->l1.set_page(page.value, wanted) != rmp::status::success) return "VIRT_RMPUPDATE";
  const fw done = in_->l1.post(command_id::snp_df_flush);
  unsigned count = 0;
  for (std::uint64_t i = 0; i < 512; ++i) {
    const rmp::spfn real = page_of(base::where(page + i * 0x1000));
    count += rmp::authoritative_entry(w.m.rmp, real).id == w.real_asid(n) ? 1U : 0U;
  }
  return std::string(firmware::name_of(done)) + ' ' + std::to_string(count);
}
auto launched_world::disagreement() -> std::string {
  const auto found = nested::find_disagreement(in_->w.m, in_->w.vm());
  return found ? std::string(found->what) + " at " + std::to_string(found->page.value) : "";
}

auto launched_world::para_virtual_story() -> std::string {
  base& w = in_->w;
  recording_context& ctx = in_->ctx();
  const gpa page = w.in_l1(1, 0);
  const nested::para_virtual_guest guest{1};
  if (!nested::assign_page(ctx, w.owners, page, {page.value}, 1)) return "exclusive assignment";
  if (!nested::l1_writes(ctx, w.m, w.vm(), 0, page, true, block{7}).is_done()) return "the guest writes";
  if (seen_by_l0(1, 0) == block{7}) return "L0 reads the guest's page";
  if (in_->snp()) {
    if (!nested::para_virtual_pvalidate(ctx, w.m, w.vm(), w.owners, guest, page, false).done) return "PVALIDATE(0)";
    const auto told =
        nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, w.owners, guest, page, nested::page_state_wish::share);
    if (told != std::uint64_t{0}) return "hypercall: share";
  }
  if (!nested::l1_writes(ctx, w.m, w.vm(), 0, page, false, block{8}).is_done()) return "the guest writes in the open";
  if (seen_by_l0(1, 0) != block{8}) return "L0 does not read what is shared";
  if (in_->snp()) {
    const auto told = nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, w.owners, guest, page,
                                                      nested::page_state_wish::make_private);
    if (told != std::uint64_t{0}) return "hypercall: make private";
    if (!nested::para_virtual_pvalidate(ctx, w.m, w.vm(), w.owners, guest, page, true).done) return "PVALIDATE(1)";
  }
  if (!nested::l1_writes(ctx, w.m, w.vm(), 0, page, true, block{9}).is_done()) return "the guest writes again";
  if (seen_by_l0(1, 0) == block{9}) return "L0 reads the guest's page afterwards";
  nested::release_page(w.owners, page);
  const auto gone =
      nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, w.owners, guest, page, nested::page_state_wish::share);
  return gone.has_value() ? "a guest that is gone still has pages" : "";
}

}  // namespace sevspec::test
