// SPDX-License-Identifier: MIT
#include "tour_nested_world.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/nested/build.hpp>
#include <sevspec/nested/checksum_forgery.hpp>
#include <sevspec/nested/l1_actions.hpp>
#include <sevspec/nested/ownership_view.hpp>
#include <sevspec/rmp/page_state.hpp>

namespace sevspec::tool {

namespace {

using nested::guest_kind;
using nested::mode;
using paging::l2_gpa;

using memory_type = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
using machine = nested::machine<memory_type, nested::sparse_table<>, nested::crc_checksums>;
using counting = context<all_rules, nested::event_counter&>;

//     L1 gPA             | what
//     -------------------+------------------------------------------------------
//     00'0000 .. 01'ffff | L1's kernel; page tables of a process from 00'8000 on
//     02'0000 .. 05'ffff | in the open: VMCB12s, GHCB, nPT12s, shared pages
//     06'0000 .. 09'ffff | guests: guest n from 06'8000 n on
constexpr spa backing{0x1000'0000};
constexpr asid l1_asid{5};
constexpr asid other_l1{6};
constexpr gpa kernel_page{0x1000};
constexpr gpa ghcb_of_l1{0x2'f000};
constexpr gpa sp_buffer{0x2'8000};
constexpr std::array<gpa, 4> process_tables{{{0x8000}, {0x9000}, {0xa000}, {0xb000}}};
constexpr unsigned pages = 4;
constexpr unsigned vmsa_page = 7;
constexpr std::uint64_t secret_rsp = 0x5ec4e7;

void require(bool done) {
  if (!done) throw std::logic_error("something that cannot fail has failed");
}
[[nodiscard]] auto where_is(gpa page) -> spa { return backing + page.value; }
[[nodiscard]] auto in_l1(unsigned n, unsigned i) -> gpa { return {0x6'0000 + 0x8000 * (n - 1) + 0x1000 * i}; }
[[nodiscard]] auto shared_page(unsigned n) -> gpa { return {0x5'0000 + 0x1000 * std::uint64_t{n}}; }
[[nodiscard]] auto root(unsigned n) -> gpa { return {0x2'0000 + 0x1'0000 * std::uint64_t{n}}; }
[[nodiscard]] auto vmcb12(unsigned n) -> gpa { return {0x2'0000 + 0x1000 * std::uint64_t{n}}; }
constexpr l2_gpa shared_in_l2{0x80'0000};

}  // namespace

struct nested_tour_world::parts {
  nested::configuration config;
  machine m;
  nested::event_counter count{};
  nested::page_pool tables[3]{{}, {0x3'1000, 0x3'c000, {}}, {0x4'1000, 0x4'c000, {}}};

  parts(mode how, guest_kind variant)
      : config{nested::l1_hypervisor::kvm, how, variant},
        m{.memory =
              memory_type(crypto::aes128_xex(crypto::drawn_tweak_constants(1)), memory::sparse_dram(0x4000'0000), 128),
          .rmp = nested::sparse_table<>(0x4'0000)} {
    m.pool = {0x100'0000, 0x400'0000, {}};
    cpu_part part = part_of(generation::milan);
    part.min_sev_no_es_asid = variant == guest_kind::sev ? 1 : 100;
    nested::start_l0(m, part, variant == guest_kind::snp);
    for (const std::uint32_t id : {l1_asid.value, other_l1.value, 9U, 10U}) {
      block seed{};
      seed.fill(static_cast<std::uint8_t>(17 * id));
      require(m.memory.install_key({id}, seed));
    }
    context<> ctx;
    nested::l1_plan plan{.config = config, .id = l1_asid};
    plan.ram = {{{gpa{0}, backing, 32}, false},
                {{gpa{0x2'0000}, backing + 0x2'0000, 64}, true},
                {{gpa{0x6'0000}, backing + 0x6'0000, 64}, false}};
    require(nested::add_l1(ctx, m, plan).has_value());
    const auto ranges = nested::ranges_of(part);
    for (const unsigned n : {1U, 2U})
      if (!passes()) require(nested::bind_asid(ctx, m.asids, vm().number, {n}, ranges, {8 + n}, ranges).has_value());
    require(nested::resume_l1(ctx, m, vm(), 0));
    if (cpu::has_hidden_state(config.of_l1())) require(cpu::write_ghcb_msr(ctx, m.core, ghcb_of_l1.value).has_value());
  }

  [[nodiscard]] auto ctx() -> counting { return counting{.listener = count}; }
  [[nodiscard]] auto vm() -> nested::l1_vm& { return m.vms.front(); }
  [[nodiscard]] auto virt() const -> bool { return config.how == mode::virt; }
  [[nodiscard]] auto snp() const -> bool { return config.variant == guest_kind::snp; }
  [[nodiscard]] auto passes() const -> bool { return config.how == mode::pass; }
  [[nodiscard]] auto real(unsigned n) const -> asid { return passes() ? l1_asid : asid{8 + n}; }
  [[nodiscard]] auto key_of(unsigned n) const -> memory_key {
    return config.variant == guest_kind::plain ? memory_key::none() : memory_key::guest(real(n));
  }
  [[nodiscard]] auto in_l2(unsigned n, unsigned i) const -> l2_gpa {
    return passes() ? l2_gpa{in_l1(n, i).value} : l2_gpa{0x1000 * std::uint64_t{i}};
  }

  void place(unsigned n, unsigned i, std::span<const std::uint8_t> bytes, bool vmsa) {
    counting with = ctx();
    const gpa page = in_l1(n, i);
    if (!virt() && !(vmsa && config.variant == guest_kind::sev_es)) {  // L1 does it alone
      require(nested::l1_writes(with, m, vm(), 0, page, passes(), bytes).is_done());
      if (vmsa)
        require(nested::rmpadjust(with, m, nested::l1_regime(with, m, vm()), page, false, 0x1'0001).has_value());
      return;
    }
    if (snp()) {
      const rmp::new_state wanted{.assigned = true, .immutable = true, .id = {n}, .guest = {in_l2(n, i).value}};
      require(nested::l1_rmpupdate(with, m, vm(), 0, page, wanted).rax == 0);
    }
    require(nested::launch_page(m, config.variant, real(n), where_is(page), bytes, vmsa));
    if (vmsa && config.variant == guest_kind::sev_es) {
      layout::vmsa state;
      std::ranges::copy(bytes, state.bytes().begin());
      m.checksums.record(where_is(page), state);
    }
    if (snp()) nested::follow_secure_processor(m, vm(), page);
  }
  void launch(unsigned n) {
    counting with = ctx();
    nested::l1_words<counting, machine> words{with, m, vm(), 0};
    require(words.clear(root(n).value));
    for (unsigned i = 0; i < pages; ++i) {
      place(n, i, secret(), false);
      require(nested::l1_maps(with, m, vm(), 0, root(n), tables[n], in_l2(n, i), in_l1(n, i)));
    }
    if (cpu::has_hidden_state(config.variant))
      place(n, vmsa_page, nested::long_mode_state(config.variant, 0x1000).bytes(), true);
    require(nested::l1_maps(with, m, vm(), 0, root(n), tables[n], shared_in_l2, shared_page(n)));
  }
  void run(unsigned n) {
    counting with = ctx();
    const asid id = passes() ? l1_asid : asid{n};
    const bool hidden = cpu::has_hidden_state(config.variant);
    const auto page =
        hidden ? nested::make_vmcb12(config.variant, {.id = id, .npt12 = root(n), .vmsa = in_l1(n, vmsa_page)})
               : nested::make_vmcb12(config.variant, {.id = id, .npt12 = root(n)});
    const auto end = nested::l1_runs(with, m, vm(), 0, vmcb12(n), page);
    require(end.what == nested::l1_call_end::kind::l2_runs);
  }
  void halt() {
    counting with = ctx();
    const auto end = nested::l2_event(with, m, vm(), 0, {.code = 0x78, .instruction_bytes = 1});
    require(end.what == nested::deed_end::kind::reflected);
  }
  auto read(unsigned n, unsigned i, std::span<std::uint8_t> out) -> nested::deed_end {
    counting with = ctx();
    return nested::l2_reads(with, m, vm(), 0, in_l2(n, i), config.variant != guest_kind::plain, out);
  }
  [[nodiscard]] auto saved_rsp(spa vmcb) -> std::uint64_t { return nested::detail::read_vmcb(m, vmcb).save().rsp(); }

  [[nodiscard]] auto of_l1(gpa page) const -> nested::matrix_object {
    return {.where = where_is(page), .owner_key = memory_key::guest(l1_asid), .owner_at = page, .in_l1 = page};
  }
  [[nodiscard]] static auto in_the_open(gpa page) -> nested::matrix_object {
    return {.where = where_is(page),
            .owner_key = memory_key::none(),
            .owner_at = page,
            .in_l1 = page,
            .c_in_guests = false};
  }
  [[nodiscard]] auto of_guest(unsigned n, unsigned i) const -> nested::matrix_object {
    const l2_gpa at = in_l2(n, i);
    return {.where = where_is(in_l1(n, i)), .owner_key = key_of(n), .owner_at = {at.value}, .in_l1 = in_l1(n, i)};
  }
};

nested_tour_world::nested_tour_world(mode how, guest_kind variant) : in_(std::make_unique<parts>(how, variant)) {}
nested_tour_world::~nested_tour_world() = default;

auto nested_tour_world::how() const -> mode { return in_->config.how; }
auto nested_tour_world::secret() -> block {
  return {'L', '2', '\'', 's', ' ', 's', 'e', 'c', 'r', 'e', 't', ' ', 'k', 'e', 'y', '!'};
}
void nested_tour_world::launch(unsigned n) { in_->launch(n); }

auto nested_tour_world::pages_of(unsigned n) -> std::vector<page_story> {
  std::vector<page_story> told;
  for (const unsigned i : {0U, 1U, vmsa_page}) {
    const rmp::entry found = in_->m.rmp.entry_of(page_of(where_is(in_l1(n, i))));
    const std::string state = rmp::name_of(rmp::state_of(found));
    told.push_back({in_l1(n, i).value, n, found.id.value, found.guest.value, state + (found.vmsa ? ", VMSA" : "")});
  }
  return told;
}

auto nested_tour_world::first_read(unsigned n) -> read_story {
  in_->run(n);
  read_story told{.id = in_->m.core.guest->id.value, .at = in_->in_l2(n, 0).value, .in_l1 = in_l1(n, 0).value};
  const auto done = in_->read(n, 0, told.seen);
  require(done.is_done());
  told.exits = done.exits;
  decltype(nested::find_shadow({}, {})) leaf = nullptr;
  for (const nested::l2_vm& guest : in_->vm().guests)
    if (guest.npt12 == root(n)) leaf = nested::find_shadow(guest.shadow, in_->in_l2(n, 0));
  require(leaf != nullptr);
  told.where = leaf->second.leaf.where.value;
  const auto behind = nested::find_backing(in_->m, in_->vm(), leaf->second.in_l1);
  told.composed = leaf->second.in_l1 == in_l1(n, 0) && behind && behind->where.value == told.where;
  return told;
}
auto nested_tour_world::raw(unsigned n) -> block {
  block seen{};
  require(in_->m.memory.read(where_is(in_l1(n, 0)), memory_key::none(), seen) == memory::memory_status::ok);
  return seen;
}
auto nested_tour_world::read_by_l0(unsigned n) -> block {
  block seen{};
  context<> ctx;
  require(nested::host_read(ctx, in_->m, where_is(in_l1(n, 0)), memory_key::none(), seen).has_value());
  return seen;
}
auto nested_tour_world::read_by_l1(unsigned n) -> std::optional<block> {
  block seen{};
  context<> ctx;
  if (!nested::read(ctx, in_->m, nested::l1_regime(ctx, in_->m, in_->vm()), in_l1(n, 0), true, seen)) return {};
  return seen;
}

auto nested_tour_world::halt_and_return(unsigned n) -> halt_story {
  const nested::event_counter before = in_->count;
  in_->m.core.registers.set_rsp(secret_rsp);
  in_->halt();
  bool seen = false;
  for (const nested::l2_vm& guest : in_->vm().guests)
    seen = seen || in_->saved_rsp(guest.vmcb02) == secret_rsp || in_->saved_rsp(where_is(guest.vmcb12)) == secret_rsp;
  in_->run(n);
  const auto more = [&](nested::event_kind one) { return in_->count[one] - before[one]; };
  using enum nested::event_kind;
  return {more(exit_l1) + more(exit_l2), more(vmrun_l1) + more(vmrun_l2), seen};
}

void nested_tour_world::visit(unsigned n) {
  launch(n);
  (void)first_read(n);
  counting with = in_->ctx();
  block seen{};
  require(nested::l2_reads(with, in_->m, in_->vm(), 0, shared_in_l2, false, seen).is_done());
  in_->halt();
}

auto nested_tour_world::matrix() -> std::vector<std::pair<std::string, nested::matrix_row>> {
  const nested::matrix_viewers who{.a = 0, .b = 1, .another_l1 = other_l1, .tables = process_tables};
  std::vector<std::pair<std::string, nested::matrix_row>> rows;
  const auto add = [&](const char* name, const nested::matrix_object& it) {
    rows.emplace_back(name, nested::row_of(in_->m, in_->vm(), who, it));
  };
  add("L1's memory", in_->of_l1(kernel_page));
  auto own = in_->of_guest(1, 0);
  own.in_a = in_->in_l2(1, 0);
  add("L2a's memory", own);
  add("L2a's registers: its VMSA", in_->of_guest(1, vmsa_page));
  auto shared = parts::in_the_open(shared_page(1));
  shared.in_a = shared_in_l2;
  add("L1 and L2a, in the open", shared);
  add("L1's VMCB, in the open", parts::in_the_open(vmcb12(1)));
  if (in_->virt()) add("AMD-SP buffer, in the open", parts::in_the_open(sp_buffer));
  return rows;
}

auto nested_tour_world::life_in_events() -> nested::event_counter {
  in_->count.clear();
  in_->launch(1);
  for (int turn = 0; turn < 3; ++turn) {
    in_->run(1);
    block seen{};
    for (unsigned i = 0; i < pages; ++i) require(in_->read(1, i, seen).is_done());
    in_->halt();
  }
  return in_->count;
}

}  // namespace sevspec::tool
