// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_GHCB_FACTS_HPP
#define SEVSPEC_TESTS_SUPPORT_GHCB_FACTS_HPP

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include <sevspec/ghcb/msr_guest.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/rmp/store.hpp>
#include <support/ghcb_world.hpp>

/// What holds of the GHCB protocols whatever a guest writes: for properties and for the fuzzer.
namespace sevspec::test {

/// Serves one request by MSR. Any value has a specified answer, or ends the guest.
/// @return what is not so; nullptr if all is well
template <class Context>
auto fact_against_msr_exit(Context& ctx, ghcb_world& world, std::uint64_t value) -> const char* {
  const ghcb::machine before = world.vm;
  const auto decoded = ghcb::decode_msr(value);
  if (decoded && ((ghcb::encode_msr(decoded->what) | decoded->reserved) != value ||
                  (ghcb::encode_msr(decoded->what) & decoded->reserved) != 0))
    return "a message and its reserved bits are the value";
  ghcb::vmpl_context& caller = world.cpu().here();
  caller.msr = value;
  const auto done = vmgexit(ctx, world.vm, world.cpu(), world.env);
  const std::uint64_t answer = caller.msr;
  if ((done.next == ghcb::next_step::stop || done.next == ghcb::next_step::terminate) != world.vm.stopped)
    return "a guest is stopped if and only if the exit says so";
  if ((value & 0xfff) == 0) return nullptr;  // the page protocol
  const auto code = ghcb::response_code(ghcb::msr_code(value));
  if (world.vm.stopped) return answer == value ? nullptr : "who is stopped gets no answer";
  if (answer == value) return code && done.decided_by == rule::none ? "a request is answered" : nullptr;
  if (!code || ghcb::msr_code(answer) != *code) return "an answer has the code of the request";
  const auto said = ghcb::decode_msr(answer);
  if (!said || said->reserved != 0) return "an answer has no reserved bits";
  // What the hypervisor says, a guest that asked for it takes, or refuses because of what it says.
  ghcb::msr_session guest{.snp = before.config.snp, .version = 2};
  if (!ghcb::ask(ctx, guest, decoded->what)) return nullptr;  // it would not have asked
  const auto taken = ghcb::accept(ctx, guest, answer);
  if (!taken && done.decided_by == rule::none && taken.error().decided_by == rule::GHCB_MSR_31)
    return "a guest takes an answer's form";
  return nullptr;
}

/// Hands any value to a guest as the answer to a request. It takes or refuses it, and has its own value back.
template <class Context>
auto fact_against_msr_answer(Context& ctx, const ghcb::msr_message& request, std::uint64_t answer) -> const char* {
  ghcb::msr_session guest{.version = 2, .msr = 0x7000};
  if (!ghcb::ask(ctx, guest, request)) return nullptr;
  const auto taken = ghcb::accept(ctx, guest, answer);
  const auto* const registers = std::get_if<ghcb::message::register_request>(&request);
  const std::uint64_t wanted = taken && registers != nullptr ? registers->frame << 12 : 0x7000;
  if (guest.msr != wanted) return "the MSR is as it was before the request, or has the GHCB that is registered now";
  const bool is_registered = guest.stage == ghcb::guest_stage::registered;
  if (is_registered != guest.page.has_value() || is_registered != (registers != nullptr && wanted != 0 && taken))
    return "who is registered has a GHCB";
  if (!taken && taken.error().decided_by == rule::none) return "a refusal has a rule";
  if (taken &&
      ghcb::response_code(ghcb::msr_code(ghcb::encode_msr(request))) != ghcb::msr_code(ghcb::encode_msr(*taken)))
    return "a guest takes no other response";
  return nullptr;
}

/// Serves one request by page: whatever the page holds.
template <class Context>
auto fact_against_page_exit(Context& ctx, ghcb_world& world, const layout::ghcb& request) -> const char* {
  using enum ghcb::ghcb_field;
  world.put(request);
  world.cpu().here().msr = ghcb_world::page_at;
  const ghcb::machine before = world.vm;
  const auto done = vmgexit(ctx, world.vm, world.cpu(), world.env);
  if ((done.next == ghcb::next_step::stop || done.next == ghcb::next_step::terminate) != world.vm.stopped)
    return "a guest is stopped if and only if the exit says so";
  const layout::ghcb answer = world.page();
  if (world.vm.stopped) return answer == request ? nullptr : "who is stopped gets no answer";

  const ghcb::field_set given = ghcb::valid_fields(answer);
  if (!given.includes({sw_exit_info_1, sw_exit_info_2})) return "an answer has both EXITINFOs";
  if (!ghcb::field_set{sw_exit_info_1, sw_exit_info_2, rax, rbx, rcx, rdx}.includes(given))
    return "an answer has nothing but EXITINFOs and four registers";
  const std::uint64_t info_1 = answer.sw_exit_info_1().raw;
  const std::uint64_t info_2 = answer.sw_exit_info_2();
  if (info_1 > 2) return "an answer is done, an exception, or malformed input";
  const ghcb::event_info* const event = ghcb::find_event(request.sw_exit_code());
  const bool asked = ghcb::valid_fields(request).includes(ghcb::always_required);
  if ((event == nullptr || !asked) && info_1 != 2) return "what is no request is malformed";
  const bool runs_vmpl = event != nullptr && event->code == layout::nae_exit_codes::snp_run_vmpl;
  if (info_1 == 2 && (info_2 > 6 || (info_2 == 0 && !runs_vmpl))) return "malformed input has a reason from 1 to 6";
  if (info_1 == 2 && done.decided_by == rule::none) return "malformed input has a rule";
  if (info_1 == 2) {
    ghcb::machine same = world.vm;
    same.vcpus[0].here().doorbell = before.vcpus[0].here().doorbell;  // may be dropped (GHCB-HVDB-01)
    if (!(same == before)) return "a refused request changes nothing of the machine";
  }
  const auto verdict = ghcb::check_answer(
      ctx, info_1, info_2, given,
      event == nullptr ? ghcb::field_set{} : ghcb::expected_outputs(*event, request.sw_exit_info_1().raw));
  if ((verdict.what == ghcb::answer_kind::vmm_error) != (info_1 == 2))
    return "a guest takes every answer but malformed input";

  // Where an event may write anywhere in shared memory, it may write here.
  const bool writes_anywhere = event != nullptr && (event->code == layout::nae_exit_codes::snp_ext_guest_request ||
                                                    event->code == layout::nae_exit_codes::apic_id_list);
  // The same of a scratch area that begins before the page, whose first byte counts.
  const bool has_output = event != nullptr && (event->code == layout::nae_exit_codes::ioio ||
                                               event->code == layout::nae_exit_codes::mmio_read ||
                                               event->code == layout::nae_exit_codes::snp_page_state_change);
  const bool from_before =
      has_output && layout::passed(request, sw_scratch).value_or(~std::uint64_t{}) < ghcb_world::page_at;
  for (std::size_t at = 0; at < 0x1000 && !writes_anywhere && !from_before; ++at) {
    const std::size_t word = at / 8;
    const bool outputs = word == 63 || word == 97 || word == 98 || word == 99 || word == 115 || word == 116;
    if (outputs || (at >= 0x3f0 && at < 0x400) || (at >= 0x800 && at < 0xff0)) continue;
    if (answer.data()[at] != request.data()[at]) return "nothing of the page changes but what is answered";
  }
  return nullptr;
}

/// A page state change list on a table, gPA and sPA the same; for running it in one go, in pieces, and again.
struct psc_play {
  struct entry_table {
    static constexpr std::uint64_t sub_pages = 512;
    static constexpr bool counts_sub_pages = true;
    std::vector<rmp::entry> rows = std::vector<rmp::entry>(0xc00);
    [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return page.value < rows.size(); }
    [[nodiscard]] auto entry_of(rmp::spfn page) const -> const rmp::entry& { return rows[page.value]; }
    void put(rmp::spfn page, const rmp::entry& what) { rows[page.value] = what; }
  };
  entry_table table;
  layout::psc_header header;
  std::vector<layout::psc_entry> entries;

  template <class Context>
  auto run(Context& ctx, std::uint64_t budget) -> ghcb::psc_result {
    ghcb::rmp_host host(
        ctx, table, {}, asid{5},
        [](gpa page) { return page.value < 0xc0'0000 ? std::optional{spa{page.value}} : std::nullopt; }, budget);
    return ghcb::change_page_states(ctx, header, entries, host);
  }
  [[nodiscard]] auto states() const -> std::vector<std::pair<bool, bool>> {
    std::vector<std::pair<bool, bool>> found;
    for (std::uint64_t page = 0; page < table.rows.size(); ++page) {
      const rmp::entry one = rmp::authoritative_entry(table, {page});
      found.emplace_back(one.assigned, one.validated);
    }
    return found;
  }
};

/// A list is the same work whether it is done at once, stopped after every few pages, or done again: at the end each page
/// has the state that the last entry on it asks for.
/// @param entries  at most 253, any bits
template <class Context>
auto fact_against_psc(Context& ctx, const std::vector<layout::psc_entry>& entries, std::uint64_t budget) -> const
    char* {
  psc_play whole;
  whole.entries = entries;
  whole.header.set_end_entry(static_cast<std::uint16_t>(entries.size() - 1));
  psc_play pieces;
  pieces.entries = entries;
  pieces.header = whole.header;
  const layout::psc_header original = whole.header;

  const ghcb::psc_result at_once = whole.run(ctx, ~std::uint64_t{});
  ghcb::psc_result in_pieces;
  for (;;) {
    const layout::psc_header before = pieces.header;
    const auto entries_before = pieces.entries;
    in_pieces = pieces.run(ctx, budget);
    const auto next = ghcb::check_psc_answer(ctx, 0, in_pieces.info_2, original, before, pieces.header);
    if (next.next == ghcb::psc_next::done) break;
    if (next.next == ghcb::psc_next::terminate) {
      if (next.decided_by == rule::GHCB_PSC_15) return "cur_entry never goes back";
      break;
    }
    if (pieces.header == before && pieces.entries == entries_before) return "each exit gets on";
  }
  if (!(at_once == in_pieces)) return "a list ends the same way in one go and in pieces";
  if (!(whole.header == pieces.header) || whole.entries != pieces.entries) return "and says so in the same words";
  if (whole.states() != pieces.states()) return "and leaves the same pages";
  if (at_once.info_2 != 0) return nullptr;
  if (whole.header.cur_entry() != entries.size()) return "cur_entry ends behind the last entry";
  // Again, entry by entry: nothing changes.
  psc_play again = pieces;
  again.header.set_cur_entry(0);
  const auto states = again.states();
  if (again.run(ctx, ~std::uint64_t{}).info_2 != 0 || again.states() != states || again.entries != pieces.entries)
    return "complete entries are skipped";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    psc_play one = pieces;
    one.entries = {entries[i]};
    one.header = {};
    if (one.run(ctx, ~std::uint64_t{}).info_2 != 0) return "an entry that passed passes";
    const auto once = one.states();
    one.entries = {entries[i]};
    one.header = {};
    if (one.run(ctx, ~std::uint64_t{}).info_2 != 0 || one.states() != once)
      return "an entry done twice is an entry done once";
  }
  return nullptr;
}

}  // namespace sevspec::test

#endif
