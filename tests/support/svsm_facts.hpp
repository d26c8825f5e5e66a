// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SVSM_FACTS_HPP
#define SEVSPEC_TESTS_SUPPORT_SVSM_FACTS_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <support/svsm_interference.hpp>
#include <support/svsm_world.hpp>

namespace sevspec::test {

/// Two regions of 2M for the guest and 16 pages for the SVSM behind them.
struct svsm_arena : basic_svsm_world<0x630> {
  static constexpr gpa own_first{0x40'0000};
  explicit svsm_arena(vmpl level = {2}) : basic_svsm_world(level, {{0}, 0x40'0000}, {own_first, 0x1'0000}) {
    for (std::uint64_t page = 0; page < 0x1'0000; page += 0x1000) put_word(own_first + page, secret);
  }
  static constexpr std::uint64_t secret = 0x6b65'7921'4d53'5653;  ///< in each page of the SVSM's
};

/// One thing that a guest or a hypervisor does.
struct svsm_deed {
  enum class kind : std::uint8_t {
    call,         ///< the guest calls, with `bytes` at `where`
    guest_write,  ///< a VMPL writes `bytes` at `where`, if it may
    guest_vmsa,   ///< a VMPL writes a good VMSA into the page
    adjust,       ///< a VMPL executes RMPADJUST
    enter,        ///< the hypervisor runs VMPL 0, whatever the guest did
    take_back,    ///< the hypervisor makes a page its own
    assign,       ///< it gives a page to the guest
    run,          ///< it runs a VMSA: nobody can change it
    leave,        ///< the VMSA has left the processor
    large,        ///< it makes a region of 2M a large page
    remap,        ///< its nested tables have another page, at RCX, for an address
    settle,       ///< its nested tables are as at first
    assign_as,    ///< it gives a page to the guest for another address, RCX
  };
  static constexpr unsigned kinds = 13;

  kind what{};
  std::uint32_t cpu = 0;  ///< which processor
  std::uint8_t level = 2;
  gpa where{};
  svsm::call_registers registers{};
  std::vector<std::uint8_t> bytes{};
  /// Deeds of the hypervisor and of other processors while the call is served: before reference or instruction number
  /// `after` of the SVSM.
  std::vector<svsm_deed> inside{};
  unsigned after = 0;
};

/// What has happened, for counting.
struct svsm_history {
  unsigned answered = 0, succeeded = 0, failed = 0, blocked = 0, ignored = 0, created = 0, deleted = 0;
  unsigned disturbed = 0;  ///< calls during which something happened
  unsigned moved = 0;      ///< calls while a page was not where it had been
};

namespace detail {

/// The pages that a list of PVALIDATE names, from one index to another.
inline auto pages_of_list(svsm_arena& world, gpa list, std::uint16_t from, std::uint16_t to)
    -> std::vector<svsm::region> {
  std::vector<svsm::region> found;
  for (std::uint16_t i = from; i < to; ++i) {
    const auto entry = world.word<std::uint64_t>(list + 8 + 8 * std::uint64_t{i});
    found.push_back({gpa{entry & ~std::uint64_t{0xfff}}, (entry & 3) == 0 ? 0x1000U : 0x20'0000U});
  }
  return found;
}
inline auto guest_page_of(std::size_t frame) -> gpa { return {(std::uint64_t{frame} << 12) - 0x20'0000}; }

/// Whether a VMPL of the guest's can read a page that still has the SVSM's bytes.
inline auto leaks(svsm_arena& world) -> bool {
  for (std::uint64_t page = svsm_arena::own_first.value; page < svsm_arena::own_first.value + 0x1'0000;
       page += 0x1000) {
    const rmp::entry found = rmp::authoritative_entry(world.rmp, page_of(spa{page + 0x20'0000}));
    const bool readable =
        found.assigned && found.validated && found.allowed[world.self.config.guest_level.value].read();
    if (readable && world.word<std::uint64_t>(gpa{page}) == svsm_arena::secret) return true;
  }
  return false;
}

/// Whether two pages are validated for one address of the guest's.
inline auto has_two_pages(const svsm_arena& world) -> bool {
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < world.rmp.entries.size(); ++i) {
    const rmp::entry found = rmp::authoritative_entry(world.rmp, {i});
    if (!found.assigned || !found.validated) continue;
    const std::uint64_t at = found.guest.value + (found.large ? (i % 512) << 12 : 0);
    if (!seen.insert(at).second) return true;
  }
  return false;
}

/// What a deed does that is neither a call nor an entry of VMPL 0.
template <class Context>
void do_deed(Context& ctx, svsm_arena& world, const svsm_deed& deed) {
  using enum svsm_deed::kind;
  const gpa page{deed.where.value & ~std::uint64_t{0xfff}};
  const bool there = page.value < svsm_arena::own_first.value + 0x1'0000;
  const auto update = [&](const rmp::new_state& wanted) {
    if (there) (void)rmp::rmpupdate(ctx, world.rmp, {}, {}, spa{page.value + 0x20'0000}, wanted);
  };
  auto machine = world.machine();
  switch (deed.what) {
    case call:
    case enter:       break;
    case guest_write: (void)machine.write_as(ctx, vmpl{deed.level}, deed.where, deed.bytes); break;
    case guest_vmsa:  {
      layout::vmsa state;
      state.set_vmpl(world.self.config.guest_level.value);
      state.set_efer(0x1000);
      state.set_sev_features({svsm_arena::features});
      (void)machine.write_as(ctx, vmpl{deed.level}, page, state.bytes());
      break;
    }
    case adjust:    (void)machine.rmpadjust_as(ctx, vmpl{deed.level}, page, page_size::k4k, deed.registers.rcx); break;
    case take_back: update(rmp::shared_state(false)); break;
    case assign:    update(rmp::private_state(page, svsm_arena::id, false)); break;
    case assign_as:
      update(rmp::private_state(gpa{deed.registers.rcx & ~std::uint64_t{0xfff}}, svsm_arena::id, false));
      break;
    case large:
      if (page.value < 0x40'0000) {
        const gpa base{page.value & ~std::uint64_t{0x1f'ffff}};
        (void)rmp::rmpupdate(ctx, world.rmp, {}, {}, spa{base.value + 0x20'0000},
                             rmp::private_state(base, svsm_arena::id, true));
      }
      break;
    case remap:
      if (there && deed.registers.rcx < svsm_arena::own_first.value + 0x1'0000)
        world.nested.moved[page.value >> 12] = spa{(deed.registers.rcx & ~std::uint64_t{0xfff}) + 0x20'0000};
      break;
    case settle: world.nested.moved.clear(); break;
    case run:
      for (const svsm::vcpu_record& one : world.self.vcpus)
        if (one.vmsa == page && world.at(page).vmsa && (world.word<std::uint64_t>(page + 0xd0) & 0x1000) != 0)
          world.at(page).in_use = true;
      break;
    case leave:
      for (rmp::entry& one : world.rmp.entries) one.in_use = false;
      break;
  }
}

}  // namespace detail

/// Does one thing, and looks whether what must hold of an SVSM holds.
/// @return what does not hold; nullptr if all does
template <class Context, class Services>
auto fact_against_svsm(Context& ctx, svsm_arena& world, Services& offered, const svsm_deed& deed, svsm_history& history)
    -> const char* {
  using enum svsm_deed::kind;
  const auto before_table = world.rmp;
  const auto before_memory = world.memory;
  const svsm::monitor before = world.self;
  auto machine = world.machine();
  bool by_svsm = false;
  std::optional<svsm::entry_result> entered;
  svsm::processor& cpu = *svsm::find_processor(world.self, deed.cpu & 1);
  const std::optional<gpa> caller = cpu.vmsa;
  const std::optional<gpa> caa = cpu.caa;
  if (deed.what == call) {
    if (!caller || !caa) return nullptr;
    const auto at = world.map()(*caller);
    const auto state = at ? rmp::authoritative_entry(world.rmp, page_of(at->where)) : rmp::entry{};
    const bool runs = state.assigned && state.validated && state.vmsa && !state.in_use && state.guest == *caller;
    if (!runs) return nullptr;  // no processor of the guest runs from such a page
    (void)machine.write_as(ctx, world.self.config.guest_level, deed.where, deed.bytes);
    constexpr std::array<std::uint8_t, 1> pending{1};
    (void)machine.write_as(ctx, world.self.config.guest_level, *caa, pending);
    world.leave(deed.registers, deed.cpu & 1);
  }
  by_svsm = deed.what == call || deed.what == enter;
  detail::do_deed(ctx, world, deed);
  const bool moved = !world.nested.moved.empty();
  bool disturbed = false;
  bool runnable = false;  // the caller's VMSA, while its call was served
  if (by_svsm) {
    const auto memory = world.memory;
    const auto table = world.rmp;
    const svsm::monitor known = world.self;
    const std::uint16_t first = world.word<std::uint16_t>(gpa{deed.registers.rcx & 0x3f'ffff} + 2);
    const gpa list_at{deed.registers.rcx & 0x3f'ffff};
    const auto asked = detail::pages_of_list(world, list_at, first, static_cast<std::uint16_t>(first + 8));
    interrupted_machine below(world.machine(), deed.after, [&] {
      disturbed = !deed.inside.empty();
      // Three steps on, the VMSA has lost EFER.SVME: the hypervisor cannot run it.
      const bool same = !moved && caller && cpu.vmsa == caller && world.at(*caller).vmsa && !world.at(*caller).in_use;
      if (deed.after >= 3 && same) runnable = (world.word<std::uint64_t>(*caller + 0xd0) & 0x1000) != 0;
      for (const svsm_deed& one : deed.inside) detail::do_deed(ctx, world, one);
    });
    entered = svsm::enter(ctx, below, world.self, offered, deed.cpu & 1);
    if (runnable) return "the hypervisor could run a guest while its call was served";
    history.disturbed += disturbed ? 1U : 0U;
    history.moved += moved ? 1U : 0U;
    const bool answered = entered->call.has_value();
    history.answered += answered ? 1U : 0U;
    history.blocked += entered->what == svsm::entry_end::blocked ? 1U : 0U;
    history.ignored += entered->what == svsm::entry_end::no_request ? 1U : 0U;
    // VMPL monotonicity: an SVSM gives rights to its guest's VMPL and to no other, but for what a measurement gives
    // back.
    for (std::size_t i = 0; i < table.entries.size(); ++i) {
      const bool thaws = std::any_of(known.frozen.begin(), known.frozen.end(), [&](const svsm::frozen_bytes& one) {
        return one.where.overlaps(detail::guest_page_of(i), 0x1000);
      });
      for (std::uint8_t level = 1; level < svsm::levels; ++level) {
        const auto gained = world.rmp.entries[i].allowed[level].raw & ~table.entries[i].allowed[level].raw;
        if (gained != 0 && level != known.config.guest_level.value && !thaws && !disturbed)
          return "an SVSM gave a right to a VMPL that is not its guest's";
      }
    }
    if (answered) {
      const bool good = entered->call->succeeded();
      (good ? history.succeeded : history.failed) += 1;
      if (good && deed.what == call) {
        history.created += deed.registers.rax == create_vcpu ? 1U : 0U;
        history.deleted += deed.registers.rax == delete_vcpu ? 1U : 0U;
      }
      const bool incomplete = entered->call->code == svsm::result_code::incomplete;
      const bool measures = svsm::protocol_of(deed.registers.rax) == svsm::default_measurement_protocol;
      if (!good && !incomplete && deed.what == call && known.frozen.empty() && !moved && !disturbed) {
        // A failed request changes nothing: of PVALIDATE, nothing from the entry that failed on.
        const bool lists = deed.registers.rax == pvalidate;
        std::vector<svsm::region> done;
        if (lists && svsm::in_guest_memory(known, gpa{deed.registers.rcx}, 8)) {
          const gpa list{deed.registers.rcx};
          const auto next = world.word<std::uint16_t>(list + 2);
          if (!world.self.validated.contains(list, 1)) {  // it has rescinded its own page
            done = asked;
          } else if (next > first) {  // a list that names its own page is zero from then on
            done = detail::pages_of_list(world, list, first, next);
            done.insert(done.end(), asked.begin(), asked.begin() + std::min(next - first, 8));
          }
        }
        if (deed.registers.rax == create_vcpu && !ctx.choices.svsm_failed_create_restores)
          done.push_back({gpa{deed.registers.rcx}, 0x1000});  // COCONUT-SVSM grants it
        const auto was_done = [&](gpa where) {
          return std::any_of(done.begin(), done.end(),
                             [&](const svsm::region& one) { return one.overlaps(where, 0x1000); });
        };
        for (std::size_t i = 0; i < table.entries.size(); ++i)
          if (!(table.entries[i] == world.rmp.entries[i]) && !was_done(detail::guest_page_of(i)))
            return "a failed request changed the table";
        for (const std::uint64_t frame : world.memory.changed_since(memory)) {
          const gpa where = detail::guest_page_of(frame);
          const bool own_state = caller && where == *caller;
          const bool area = caa && where.value >> 12 == caa->value >> 12;
          const bool told = (lists || measures) && where.value >> 12 == deed.registers.rcx >> 12;
          if (!own_state && !area && !told && !was_done(where)) return "a failed request changed memory";
        }
        if (known.vcpus != world.self.vcpus) return "a failed request changed who is registered";
        if (!lists && !(known.validated == world.self.validated)) return "a failed request changed what is validated";
      }
    }
  } else if (before.vcpus != world.self.vcpus) {
    return "somebody but the SVSM registered a page";
  }
  if (!moved && (deed.what == guest_write || deed.what == guest_vmsa || deed.what == adjust)) {
    // What a VMPL of the guest's does reaches neither the SVSM's memory nor a VMSA.
    for (const std::uint64_t frame : world.memory.changed_since(before_memory)) {
      const gpa where = detail::guest_page_of(frame);
      if (before.config.own.overlaps(where, 0x1000)) return "a guest wrote the SVSM's memory";
      if (svsm::find_vcpu(before, where) != nullptr && world.at(where).vmsa) return "a guest wrote a VMSA";
    }
    for (std::size_t i = 0; i < before_table.entries.size(); ++i) {
      const gpa where = detail::guest_page_of(i);
      const bool same = before_table.entries[i] == world.rmp.entries[i];
      if (!same && before.config.own.overlaps(where, 0x1000)) return "a guest changed rights on the SVSM's memory";
    }
  }
  if (!world.self.converting.empty()) return "a call that is over holds a page";
  if (detail::leaks(world)) return "a guest can read what the SVSM had written";
  if (world.self.lock != svsm::request_lock{}) return "a call that is over holds the lock";
  if (const auto broken = world.broken()) {
    static const char* const names[] = {"a VMPL has a right on the SVSM's memory",
                                        "a VMPL between SVSM and guest has a right",
                                        "a VMPL can change a VMSA",
                                        "a registered VMSA is none in the table",
                                        "a registered VMSA has another VMPL",
                                        "a VMSA is not registered",
                                        "a calling area is not the guest's"};
    return names[static_cast<unsigned>(*broken)];
  }
  return nullptr;
}

}  // namespace sevspec::test

#endif
