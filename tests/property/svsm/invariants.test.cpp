// SPDX-License-Identifier: MIT
// Whatever guests and hypervisors do: no VMPL below the SVSM gains rights on its memory or on a VMSA, rights go to the
// guest's VMPL alone, and what fails has changed nothing. 100 000 operations.
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <sevspec/svsm/profiles.hpp>
#include <support/svsm_facts.hpp>

#include "../property.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::test;
using kind = svsm_deed::kind;

/// Addresses that are near each other, so that calls meet: VMSAs, calling areas, the SVSM's memory, other pages.
auto any_page() -> rc::Gen<std::uint64_t> {
  return rc::gen::weightedOneOf<std::uint64_t>(
      {{12, rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 24), [](std::uint64_t n) { return n << 12; })},
       {2, rc::gen::map(rc::gen::inRange<std::uint64_t>(0x200, 0x203), [](std::uint64_t n) { return n << 12; })},
       {1, rc::gen::map(rc::gen::inRange<std::uint64_t>(0x400, 0x411), [](std::uint64_t n) { return n << 12; })},
       {1,
        rc::gen::element<std::uint64_t>(0x6000, 0x8000, 0xffff'ffff'f000, 0x8'0000'0000'6000, ~std::uint64_t{0xfff})}});
}
auto any_address() -> rc::Gen<std::uint64_t> {
  return rc::gen::exec([] {
    const std::uint64_t offset =
        *rc::gen::weightedElement<std::uint64_t>({{6, 0}, {4, 8}, {1, 4}, {1, 0xff8}, {1, 0xff0}, {1, 0x800}});
    return *any_page() + offset;
  });
}
auto word_bytes(std::vector<std::uint8_t>& into, std::size_t at, std::uint64_t value, unsigned count) {
  if (into.size() < at + count) into.resize(at + count);
  for (unsigned i = 0; i < count; ++i) into[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

auto any_call() -> rc::Gen<svsm_deed> {
  return rc::gen::exec([] {
    svsm_deed deed{.what = kind::call};
    deed.cpu = *rc::gen::weightedElement<std::uint32_t>({{4, 0}, {1, 1}});
    auto& in = deed.registers;
    deed.where = gpa{*any_page()};
    const auto which = *rc::gen::weightedElement<int>(
        {{8, 1}, {5, 2}, {3, 3}, {3, 0}, {1, 6}, {1, 7}, {2, 20}, {2, 30}, {3, 40}, {1, 50}, {1, 60}});
    switch (which) {
      case 1: {
        const std::uint64_t count = *rc::gen::inRange<std::uint64_t>(0, 5);
        const std::uint64_t list =
            *rc::gen::weightedElement<std::uint64_t>({{6, 0x9000}, {2, 0x8008}, {1, 0x6000}, {1, 0x9004}});
        in = {pvalidate, list};
        deed.where = gpa{list};
        word_bytes(deed.bytes, 0, count, 2);
        word_bytes(deed.bytes, 2, *rc::gen::weightedElement<std::uint64_t>({{8, 0}, {1, 1}, {1, 2}}), 2);
        word_bytes(deed.bytes, 4, 0, 4);
        for (std::uint64_t i = 0; i < count; ++i) {
          const bool large = *rc::gen::weightedElement<bool>({{9, false}, {1, true}});
          const std::uint64_t page = large ? *rc::gen::element<std::uint64_t>(0, 0x20'0000, 0x40'0000) : *any_page();
          const std::uint64_t flags =
              *rc::gen::weightedElement<std::uint64_t>({{5, 4}, {4, 0}, {2, 12}, {1, 8}, {1, 0x14}});
          word_bytes(deed.bytes, static_cast<std::size_t>(8 + 8 * i), page | flags | (large ? 1U : 0U), 8);
        }
        break;
      }
      case 2: in = {create_vcpu, *any_page(), *any_page(), *rc::gen::inRange<std::uint64_t>(0, 3)}; break;
      case 3: in = {delete_vcpu, *any_page()}; break;
      case 0: in = {remap_ca, *any_address()}; break;
      case 20:
        in = {0x2'0000'0001, *any_address()};
        deed.where = gpa{in.rcx};
        word_bytes(deed.bytes, 0, *rc::gen::element<std::uint64_t>(8, 9), 4);
        word_bytes(deed.bytes, 4, 0x1000, 5);
        break;
      case 30:
        in = {0x1'0000'0000, 0x9000};
        deed.where = gpa{0x9000};
        deed.bytes.resize(0x58);
        for (const std::size_t at : {0U, 0x10U, 0x20U, 0x30U}) word_bytes(deed.bytes, at, *any_address(), 8);
        for (const std::size_t at : {8U, 0x28U})
          word_bytes(deed.bytes, at, *rc::gen::element<std::uint64_t>(0x1000, 0x2000, 8), 4);
        word_bytes(deed.bytes, 0x18, 64, 2);
        break;
      case 40: {
        svsm::measurement_request request{.response = {gpa{*any_page()}, 0x1000}, .report = {gpa{*any_page()}, 0x1000}};
        request.flags = *rc::gen::inRange<std::uint16_t>(0, 4);
        const auto count = *rc::gen::inRange<std::size_t>(1, 3);
        for (std::size_t i = 0; i < count; ++i)
          request.ranges.push_back({gpa{*any_address()}, *rc::gen::element<std::uint64_t>(0x1000, 16, 0x2800, 0)});
        in = {meas | *rc::gen::inRange<std::uint64_t>(0, 6), 0x9000, 0x1000};
        deed.where = gpa{0x9000};
        deed.bytes = svsm::write_request(request);
        break;
      }
      case 50:
        in = {std::uint64_t{4} << 32 | 1, *any_page(), *rc::gen::element<std::uint64_t>(24, 0x1000, 0x3000)};
        break;
      case 60: in = {*rc::gen::arbitrary<std::uint64_t>(), *any_address(), *any_address(), *any_address()}; break;
      default: in = {static_cast<std::uint64_t>(which), *rc::gen::inRange<std::uint64_t>(0, 4)}; break;
    }
    return deed;
  });
}

auto any_other_deed(kind what) -> rc::Gen<svsm_deed> {
  return rc::gen::exec([what] {
    svsm_deed deed{.what = what};
    deed.where = gpa{*any_page()};
    deed.level = *rc::gen::weightedElement<std::uint8_t>({{8, 2}, {1, 3}, {1, 1}});
    deed.cpu = *rc::gen::element<std::uint32_t>(0, 1);
    if (what == kind::guest_write) {
      deed.where = gpa{*any_address()};
      deed.bytes = std::vector<std::uint8_t>(16, *rc::gen::arbitrary<std::uint8_t>());
    }
    if (what == kind::adjust) {
      const auto target = *rc::gen::inRange<std::uint64_t>(0, 4);
      const auto rights = *rc::gen::inRange<std::uint64_t>(0, 32);
      const auto vmsa = *rc::gen::inRange<std::uint64_t>(0, 2);
      deed.registers.rcx = target | rights << 8 | vmsa << 16;
    }
    if (what == kind::remap || what == kind::assign_as) deed.registers.rcx = *any_page();
    // Sometimes a whole region becomes large.
    if (what == kind::assign && *rc::gen::weightedElement<bool>({{30, false}, {1, true}})) deed.what = kind::large;
    return deed;
  });
}

/// What others do while a call is served.
auto any_disturbance() -> rc::Gen<svsm_deed> {
  return rc::gen::exec([] {
    const auto what = *rc::gen::weightedElement<kind>({{3, kind::guest_write},
                                                       {3, kind::guest_vmsa},
                                                       {1, kind::adjust},
                                                       {2, kind::take_back},
                                                       {2, kind::assign},
                                                       {3, kind::remap},
                                                       {2, kind::assign_as},
                                                       {1, kind::run},
                                                       {1, kind::large}});
    return *any_other_deed(what);
  });
}

auto any_deed() -> rc::Gen<svsm_deed> {
  return rc::gen::exec([] {
    const auto what = *rc::gen::weightedElement<kind>({{14, kind::call},
                                                       {3, kind::guest_vmsa},
                                                       {1, kind::guest_write},
                                                       {2, kind::adjust},
                                                       {1, kind::enter},
                                                       {1, kind::take_back},
                                                       {2, kind::assign},
                                                       {1, kind::run},
                                                       {2, kind::leave},
                                                       {1, kind::remap},
                                                       {1, kind::settle},
                                                       {1, kind::assign_as}});
    if (what == kind::call) {
      svsm_deed made = *any_call();
      if (*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) {
        made.after = *rc::gen::inRange<unsigned>(0, 40);
        made.inside.push_back(*any_disturbance());
      }
      return made;
    }
    return *any_other_deed(what);
  });
}

/// What COCONUT-SVSM does not notice: the hypervisor puts a second page where a validated one was, and the guest asks
/// for it once more. Deeds in their order.
auto any_second_page() -> rc::Gen<std::vector<svsm_deed>> {
  return rc::gen::exec([] {
    const auto validates = [](std::uint64_t page) {
      svsm_deed deed{.what = kind::call, .where = gpa{0x9000}, .registers = {pvalidate, 0x9000}};
      word_bytes(deed.bytes, 0, 1, 8);
      word_bytes(deed.bytes, 8, page | 4, 8);
      return deed;
    };
    const std::uint64_t page = *rc::gen::element<std::uint64_t>(0x2000, 0xc000, 0x1'0000, 0x1'3000);
    const std::uint64_t other = *rc::gen::element<std::uint64_t>(0x1'1000, 0x1'4000, 0x1'7000, 0x20'1000);
    std::vector<svsm_deed> deeds;
    if (*rc::gen::arbitrary<bool>()) deeds.push_back(validates(page));
    deeds.push_back({.what = kind::assign_as, .where = gpa{other}, .registers = {.rcx = page}});
    deeds.push_back({.what = kind::remap, .where = gpa{page}, .registers = {.rcx = other}});
    deeds.push_back(validates(page));
    deeds.push_back({.what = kind::settle});
    return deeds;
  });
}

/// Whether a processor of the guest can go on.
auto can_call(svsm_arena& world) -> bool {
  for (const svsm::processor& cpu : world.self.processors) {
    if (!cpu.vmsa) continue;
    const rmp::entry& state = world.at(*cpu.vmsa);
    if (state.assigned && state.validated && state.vmsa) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what guests and hypervisors cannot do to an SVSM",
          "[svsm][property][SVSM-BOOT-01][SVSM-CA-09][SVSM-CORE-15][SVSM-CORE-25][SVSM-CORE-26][VMPL-07]") {
  tally classes;
  svsm_history all;
  unsigned long deeds = 0;
  unsigned by_coconut = 0;  // histories of COCONUT-SVSM, which refuses no second page
  unsigned two_pages = 0;   // those in which one address has two pages
  unsigned exchanged = 0;   // VMSAs that a second page has taken the place of, there
  property("no deed breaks an invariant", 500, [&] {
    context<> ctx;
    svsm_arena world;
    svsm_services offered;
    offered.measurement.limits.kib_per_call = 4;
    offered.measurement.limits.freeze_max_calls = 3;
    const unsigned profile = *rc::gen::inRange<unsigned>(0, 4);
    if (profile == 1) ctx.choices = svsm::as_coconut;
    if (profile == 2) ctx.choices.rmpadjust_inuse = in_use_adjust::fail_inuse;
    svsm_history history;
    std::vector<svsm_deed> planned;  // the last one comes next
    bool doubled = false;
    const auto look_for_two_pages = [&] {
      const bool found = detail::has_two_pages(world);
      if (ctx.choices.svsm_double_validation_refused && found) RC_FAIL("two pages for one address");
      doubled = doubled || found;
    };
    for (unsigned i = 0; i < 220; ++i) {
      if (!can_call(world)) {  // a guest that nobody can run any longer: another one
        look_for_two_pages();
        world = svsm_arena();
        offered.measurement.under_way.clear();
      }
      if (planned.empty() && *rc::gen::weightedElement<bool>({{39, false}, {1, true}})) {
        planned = *any_second_page();
        std::ranges::reverse(planned);
      }
      const bool follows = !planned.empty() && *rc::gen::weightedElement<bool>({{1, false}, {4, true}});
      const svsm_deed deed = follows ? planned.back() : *any_deed();
      if (follows) planned.pop_back();
      const char* const wrong = fact_against_svsm(ctx, world, offered, deed, history);
      ++deeds;
      if (wrong != nullptr) {
        // What two pages for one address lead to: the hypervisor exchanges the page of a registered VMSA.
        if (!ctx.choices.svsm_double_validation_refused && detail::has_two_pages(world) &&
            std::string_view(wrong) == "a registered VMSA is none in the table") {
          ++exchanged;
          doubled = true;
          world = svsm_arena();
          offered.measurement.under_way.clear();
          planned.clear();
          continue;
        }
        RC_LOG() << wrong << ": deed " << int(deed.what) << " rax " << std::hex << deed.registers.rax << " rcx "
                 << deed.registers.rcx << " rdx " << deed.registers.rdx << " r8 " << deed.registers.r8 << " where "
                 << deed.where.value << " level " << int{deed.level} << '\n';
        for (const std::uint8_t byte : deed.bytes) RC_LOG() << int{byte} << ' ';
        RC_FAIL(wrong);
      }
    }
    look_for_two_pages();
    by_coconut += profile == 1 ? 1U : 0U;
    two_pages += doubled ? 1U : 0U;
    all.disturbed += history.disturbed, all.moved += history.moved;
    all.answered += history.answered, all.succeeded += history.succeeded, all.failed += history.failed;
    all.blocked += history.blocked, all.created += history.created, all.deleted += history.deleted;
  });
  classes.add("answered", all.answered != 0);
  classes.add("succeeded", all.succeeded > 1000);
  classes.add("failed", all.failed > 1000);
  classes.add("blocked", all.blocked > 100);
  classes.add("created", all.created > 100);
  classes.add("deleted", all.deleted > 10);
  classes.add("disturbed", all.disturbed > 1000);
  classes.add("moved", all.moved > 1000);
  classes.add("two pages for one address, by COCONUT-SVSM", 4 * two_pages > by_coconut);
  std::cout << deeds << " deeds: " << all.answered << " calls answered, " << all.succeeded << " succeeded, "
            << all.failed << " failed, " << all.blocked << " blocked, " << all.created << " created, " << all.deleted
            << " deleted, " << all.disturbed << " disturbed, " << all.moved << " while pages were elsewhere, "
            << two_pages << " of " << by_coconut << " histories of COCONUT-SVSM with two pages for one address, "
            << exchanged << " VMSAs exchanged there\n";
  CHECK(deeds >= 100'000);
  check_none_empty("SVSM", classes,
                   {"answered", "succeeded", "failed", "blocked", "created", "deleted", "disturbed", "moved",
                    "two pages for one address, by COCONUT-SVSM"});
}
