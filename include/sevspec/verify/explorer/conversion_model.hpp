// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_CONVERSION_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_CONVERSION_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/ghcb/validation_tracker.hpp>
#include <sevspec/layout/page_state_change.hpp>
#include <sevspec/memory/key_decision.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/finding.hpp>
#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/rmp_entry_bits.hpp>
#include <sevspec/verify/rmp_invariants.hpp>

namespace sevspec::inline v0::verify::explorer {

/// A guest that is wrong on purpose.
enum class conversion_bug : std::uint8_t {
  none,
  shares_first,  ///< clears the C-bit before PVALIDATE(0), and goes on using the page as its own
};

/// How large a machine is.
struct conversion_parts {
  unsigned guest_pages = 2;  ///< gPAs, 1 or 2
  bool replay = false;       ///< the hypervisor keeps the bytes of one page, and puts them back later
  conversion_bug bug = conversion_bug::none;
};

/// Pages between private and shared: a guest that keeps notes (`ghcb::validation_tracker`), page state changes by the page
/// protocol (`change_page_states`, `check_psc_answer`), PVALIDATE, and a hypervisor that answers rightly, wrongly, late or
/// twice, executes RMPUPDATE and maps what it likes. Each gPA has a processor of its own, so requests overlap.
///
/// Contents are names: bytes that the guest has written last at a gPA, or before, each enciphered or not. The hypervisor
/// may read all pages at any time.
///
/// What must hold, besides the invariants of the Reverse Map Table:
/// - private contents are never in memory without a key (confidentiality)
/// - the guest reads what it has written last, or faults (freshness)
///
/// @tparam Pages  of the hypervisor's
template <std::size_t Pages = 2, class Context = context<>>
class conversion_model {
 public:
  static_assert(Pages == 2 || Pages == 4);
  static constexpr unsigned most_guest_pages = 2;

  using table = rmp::small_table<Pages, Pages>;  // large pages are not used

  /// How far the guest is with a gPA.
  enum class phase : std::uint8_t {
    shared,
    asks_private,  ///< waits for the answer
    answered,      ///< "private", says the hypervisor: PVALIDATE comes next
    held,          ///< validated
    given_up,      ///< PVALIDATE(0) is done
    asks_shared,
  };
  /// What a page holds: 0 nothing that matters; 1 + 2g what the guest has written last at gPA g; 2 + 2g what it had
  /// written there before.
  struct contents {
    std::uint8_t name{};
    bool plain{};  ///< without a key
    friend constexpr auto operator==(contents, contents) -> bool = default;
  };
  struct state {
    table rmp{};
    std::array<std::uint8_t, most_guest_pages> backing{};  ///< the nested tables: 1 + page, 0 nothing
    std::array<phase, most_guest_pages> at{};
    std::array<bool, most_guest_pages> noted{};    ///< by the guest: validated
    std::array<bool, most_guest_pages> written{};  ///< since it was validated
    std::array<contents, Pages> memory{};
    std::uint8_t kept_page{};  ///< 1 + page that was copied
    contents kept{};
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using finding = model_finding;
  using packed = packed_state<(Pages * (rmp_entry_bits + 4) + most_guest_pages * 8 + 7 + 63) / 64>;

  enum class deed : std::uint8_t {
    // the guest
    ask_private,
    ask_shared,
    validate,
    rescind,
    write,
    read,
    write_shared,
    // the hypervisor
    serve,     ///< does what a request asks, and says so
    lie,       ///< says so
    fail,      ///< answers with an error
    put_off,   ///< answers that nothing is done yet
    overlong,  ///< answers with more entries than there were
    work,      ///< does what a request would ask, late or unasked, and says nothing
    unwork,    ///< the same to shared
    take,      ///< RMPUPDATE to the hypervisor
    assign,    ///< RMPUPDATE to the guest
    map,       ///< nested tables
    unmap,
    overwrite,
    keep,
    put_back,
  };
  struct operation {
    deed what{};
    std::uint8_t gpa{};
    std::uint8_t page{};
  };

  explicit conversion_model(const conversion_parts& parts = {}, Context ctx = {}) : parts_(parts), ctx_(ctx) {
    Expects(parts.guest_pages >= 1 && parts.guest_pages <= most_guest_pages);
    cpu_.vmpls = 1;
    around_.choices = ctx.choices;
    list_operations();
  }

  [[nodiscard]] auto initial() const -> state {
    state first;
    for (std::uint8_t where = 0; where < parts_.guest_pages; ++where)
      first.backing[where] = static_cast<std::uint8_t>(where + 1);
    return first;
  }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }
  [[nodiscard]] auto operation_of(std::uint32_t which) const -> const operation& { return operations_[which]; }

  [[nodiscard]] auto check(const state& now) const -> finding {
    if (const auto broken = check_table(now.rmp, every_page, around_)) return in_words(broken);
    for (const contents& page : now.memory)
      if (page.plain && page.name != 0)
        return model_violation{"confidentiality", "private contents lie in memory without a key"};
    return {};
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    phase& at = now.at[op.gpa];
    switch (op.what) {
      case deed::ask_private:
        if (at != phase::shared) return {};
        at = phase::asks_private;
        return went();
      case deed::ask_shared:
        if (at != phase::given_up) return {};
        at = phase::asks_shared;
        return went();
      case deed::validate:     return validate(before, now, op);
      case deed::rescind:      return rescind(before, now, op);
      case deed::write:
      case deed::read:         return reference(now, op);
      case deed::write_shared: return shared_write(now, op);
      case deed::serve:
      case deed::lie:
      case deed::fail:
      case deed::put_off:
      case deed::overlong:     return answer(before, now, op);
      case deed::work:
      case deed::unwork:
        return changed_pages(before, now, op.gpa, op.what == deed::work).what == fate::changed ? went() : refused();
      case deed::take:   return update(before, now, op, rmp::shared_state(false));
      case deed::assign: return update(before, now, op, rmp::private_state(address_of_guest(op.gpa), guest, false));
      case deed::map:
      case deed::unmap:  {
        const auto wanted = static_cast<std::uint8_t>(op.what == deed::map ? op.page + 1 : 0);
        if (now.backing[op.gpa] == wanted) return {};
        now.backing[op.gpa] = wanted;
        return went();
      }
      case deed::overwrite:
        if (!host_may_write(now, op.page)) return {};
        now.memory[op.page] = {};
        return now == before ? refused() : went();
      case deed::keep:
        if (now.memory[op.page].name == 0) return {};
        now.kept_page = static_cast<std::uint8_t>(op.page + 1);
        now.kept = now.memory[op.page];
        return now == before ? refused() : went();
      case deed::put_back:
        if (now.kept_page == 0 || !host_may_write(now, op.page)) return {};
        // Elsewhere the bytes decipher to nothing: ciphertext depends on the address.
        now.memory[op.page] = now.kept_page == op.page + 1 ? now.kept : contents{};
        return now == before ? refused() : went();
    }
    return {};
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    for (const rmp::entry& e : one.rmp.entries) to.put(bits_of(e), rmp_entry_bits);
    for (const contents& page : one.memory) to.put(page.name, 3).put(page.plain ? 1 : 0, 1);
    for (std::size_t g = 0; g < most_guest_pages; ++g) {
      to.put(one.backing[g], 3).put(static_cast<std::uint64_t>(one.at[g]), 3);
      to.put(one.noted[g] ? 1 : 0, 1).put(one.written[g] ? 1 : 0, 1);
    }
    to.put(one.kept_page, 3).put(one.kept.name, 3).put(one.kept.plain ? 1 : 0, 1);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    const auto number = [&from](unsigned width) { return static_cast<std::uint8_t>(from.take(width)); };
    for (rmp::entry& e : one.rmp.entries) e = entry_of(from.take(rmp_entry_bits));
    for (contents& page : one.memory) page.name = number(3), page.plain = from.flag();
    for (std::size_t g = 0; g < most_guest_pages; ++g) {
      one.backing[g] = number(3);
      one.at[g] = static_cast<phase>(number(3));
      one.noted[g] = from.flag(), one.written[g] = from.flag();
    }
    one.kept_page = number(3), one.kept.name = number(3), one.kept.plain = from.flag();
    return one;
  }

  /// Pages and gPAs may change their names: no operation tells one from another. Of all states that differ in names alone,
  /// the one whose words are least.
  [[nodiscard]] auto renamed_least(const state& one) const -> state {
    state best = one;
    packed least = pack(one);
    each_twin(one, [&](const state& twin) {
      const packed bits = pack(twin);
      if (bits < least) least = bits, best = twin;
    });
    return best;
  }
  /// All states that differ from one in names alone, itself included.
  template <class Take>
  void each_twin(const state& one, Take&& take) const {
    std::array<std::uint8_t, Pages> page_to{};
    std::array<std::uint8_t, most_guest_pages> gpa_to{};
    for (std::uint8_t i = 0; i < Pages; ++i) page_to[i] = i;
    for (std::uint8_t i = 0; i < most_guest_pages; ++i) gpa_to[i] = i;
    const auto named = gpa_to.begin() + parts_.guest_pages;
    do {
      do take(renamed(one, page_to, gpa_to));
      while (std::next_permutation(gpa_to.begin(), named));
    } while (std::ranges::next_permutation(page_to).found);
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  static constexpr rmp::page_range every_page{{0}, Pages};
  static constexpr asid guest{1};
  static constexpr std::uint8_t last_of(std::uint8_t where) noexcept {
    return static_cast<std::uint8_t>(1 + 2 * where);
  }
  static constexpr std::uint8_t older_of(std::uint8_t where) noexcept {
    return static_cast<std::uint8_t>(2 + 2 * where);
  }

  [[nodiscard]] static auto address(std::uint8_t page) noexcept -> spa { return {std::uint64_t{page} << 12}; }
  [[nodiscard]] static auto address_of_guest(std::uint8_t where) noexcept -> gpa {
    return {std::uint64_t{where} << 12};
  }
  [[nodiscard]] static auto went() -> effect<finding> { return {.what = fate::changed, .broken = {}}; }
  [[nodiscard]] static auto refused() -> effect<finding> { return {}; }
  [[nodiscard]] static auto wrong(const char* invariant, const char* what) -> effect<finding> {
    return {.what = fate::changed, .broken = model_violation{invariant, what}};
  }
  [[nodiscard]] static auto in_words(const rmp_finding& broken) -> finding {
    if (!broken) return {};
    return model_violation{name_of(broken->broken), broken->what};
  }

  void list_operations() {
    const auto add = [this](deed what, std::uint8_t where, std::uint8_t page) {
      operations_.push_back({what, where, page});
    };
    for (std::uint8_t where = 0; where < parts_.guest_pages; ++where) {
      for (const deed what : {deed::ask_private, deed::ask_shared, deed::validate, deed::rescind, deed::write,
                              deed::read, deed::write_shared, deed::serve, deed::lie, deed::fail, deed::put_off,
                              deed::overlong, deed::work, deed::unwork, deed::unmap})
        add(what, where, 0);
      for (std::uint8_t page = 0; page < Pages; ++page)
        for (const deed what : {deed::assign, deed::map}) add(what, where, page);
    }
    for (std::uint8_t page = 0; page < Pages; ++page) {
      add(deed::take, 0, page);
      add(deed::overwrite, 0, page);
      if (!parts_.replay) continue;
      add(deed::keep, 0, page);
      add(deed::put_back, 0, page);
    }
  }

  // --- the guest

  /// The notes as the library keeps them.
  [[nodiscard]] static auto notes_of(const state& now) -> ghcb::validation_tracker {
    context<> ctx;
    ghcb::validation_tracker notes;
    for (std::uint8_t where = 0; where < most_guest_pages; ++where)
      if (now.noted[where]) static_cast<void>(notes.after_pvalidate(ctx, address_of_guest(where), 1, true, {}));
    return notes;
  }

  /// PVALIDATE through the page that the nested tables show.
  [[nodiscard]] auto execute_pvalidate(const state& before, state& now, const operation& op, bool wanted,
                                       rmp::result& done) const -> effect<finding> {
    const std::uint8_t backing = now.backing[op.gpa];
    if (backing == 0) return refused();  // #NPF
    const auto page = static_cast<std::uint8_t>(backing - 1);
    const auto translate = [&](gva where) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = where,
                             .guest = address_of_guest(op.gpa),
                             .where = address(page),
                             .leaf = page_size::k4k,
                             .guest_leaf = page_size::k4k};
    };
    const auto answered = rmp::pvalidate(
        ctx_, now.rmp, cpu_, {.level = {0}, .id = guest, .snp_active = true, .privilege = {0}},
        {.where = {address_of_guest(op.gpa).value}, .size = 0U, .validated = wanted ? 1U : 0U}, translate);
    if (!answered) return refused();
    done = *answered;
    effect<finding> step = went();
    step.broken = in_words(check_step(before.rmp, now.rmp, every_page,
                                      {.what = rmp_deed::pvalidate,
                                       .succeeded = done.succeeded(),
                                       .page = {page},
                                       .id = guest,
                                       .level = {0},
                                       .validate = wanted},
                                      around_.choices));
    return step;
  }

  /// After the answer, and in the handler of #VC 404h: the notes say whether.
  [[nodiscard]] auto validate(const state& before, state& now, const operation& op) const -> effect<finding> {
    phase& at = now.at[op.gpa];
    if (at != phase::answered && at != phase::held) return refused();
    ghcb::validation_tracker notes = notes_of(now);
    if (!notes.may_validate(ctx_, address_of_guest(op.gpa))) return refused();
    rmp::result done;
    const effect<finding> step = execute_pvalidate(before, now, op, true, done);
    if (step.broken || step.what == fate::refused) return step;
    if (notes.after_pvalidate(ctx_, address_of_guest(op.gpa), 1, true, done) != ghcb::validation_verdict::done) {
      now = before;  // the guest ends
      return refused();
    }
    at = phase::held;
    now.noted[op.gpa] = notes.holds(address_of_guest(op.gpa));
    now.written[op.gpa] = false;
    return went();
  }

  [[nodiscard]] auto rescind(const state& before, state& now, const operation& op) const -> effect<finding> {
    if (now.at[op.gpa] != phase::held) return refused();
    ghcb::validation_tracker notes = notes_of(now);
    rmp::result done;
    const effect<finding> step = execute_pvalidate(before, now, op, false, done);
    if (step.broken || step.what == fate::refused) return step;
    if (notes.after_pvalidate(ctx_, address_of_guest(op.gpa), 1, false, done) != ghcb::validation_verdict::done) {
      now = before;
      return refused();
    }
    now.at[op.gpa] = phase::given_up;
    now.noted[op.gpa] = notes.holds(address_of_guest(op.gpa));
    now.written[op.gpa] = false;
    grow_old(now, op.gpa);
    return went();
  }

  /// What was written last at a gPA is not the last any more.
  static void grow_old(state& now, std::uint8_t where) noexcept {
    const auto rename = [&](contents& one) {
      if (one.name == last_of(where)) one.name = older_of(where);
    };
    for (contents& page : now.memory) rename(page);
    rename(now.kept);
  }

  /// The C-bit of the guest's leaf.
  [[nodiscard]] auto c_bit(const state& now, std::uint8_t where) const -> bool {
    const bool held = now.at[where] == phase::answered || now.at[where] == phase::held;
    return held && parts_.bug != conversion_bug::shares_first;
  }
  /// Whether a reference of the guest goes through, and whether it uses a key.
  struct passage {
    bool allowed{};
    bool keyed{};
    std::uint8_t page{};
  };
  [[nodiscard]] auto passage_of(const state& now, std::uint8_t where, bool write) const -> passage {
    if (now.backing[where] == 0) return {};
    const auto page = static_cast<std::uint8_t>(now.backing[where] - 1);
    const bool c = c_bit(now, where);
    const memory::ownership_query query{.where = address(page),
                                        .guest = address_of_guest(where),
                                        .leaf = page_size::k4k,
                                        .kind = write ? access_kind::write : access_kind::read,
                                        .c = c,
                                        .who = memory::owner_context::snp_guest,
                                        .id = guest,
                                        .level = {0}};
    const auto verdict = rmp::check_access(ctx_, now.rmp, query);
    const memory_key key =
        memory::key_of(ctx_, {.encryption = true, .guest = true, .sev = true, .sev_es = true, .first_c = c}, guest);
    return {.allowed = verdict.what == memory::ownership_verdict::kind::allowed,
            .keyed = key == memory_key::guest(guest),
            .page = page};
  }

  /// A reference of the guest to what it takes for its own.
  [[nodiscard]] auto reference(state& now, const operation& op) const -> effect<finding> {
    if (now.at[op.gpa] != phase::held) return refused();
    const bool write = op.what == deed::write;
    const passage way = passage_of(now, op.gpa, write);
    if (!way.allowed) return refused();
    const rmp_access_made made{.page = {way.page},
                               .by = rmp_party::guest,
                               .guest = address_of_guest(op.gpa),
                               .id = guest,
                               .level = {0},
                               .c = c_bit(now, op.gpa),
                               .write = write};
    if (const auto broken = check_access_made(now.rmp, made)) return {fate::changed, in_words(broken)};
    contents& there = now.memory[way.page];
    if (!write) {
      const contents wanted{.name = last_of(op.gpa), .plain = !way.keyed};
      if (now.written[op.gpa] && there != wanted)
        return wrong("freshness", "the guest reads something else than it has written last");
      return {.what = fate::unchanged, .broken = {}};
    }
    const state old = now;
    grow_old(now, op.gpa);
    there = {.name = last_of(op.gpa), .plain = !way.keyed};
    now.written[op.gpa] = true;
    return now == old ? refused() : went();
  }

  /// The guest writes what all may know.
  [[nodiscard]] auto shared_write(state& now, const operation& op) const -> effect<finding> {
    if (now.at[op.gpa] != phase::shared) return refused();
    const passage way = passage_of(now, op.gpa, true);
    if (!way.allowed) return refused();
    const rmp_access_made made{
        .page = {way.page}, .by = rmp_party::guest, .id = guest, .level = {0}, .c = false, .write = true};
    if (const auto broken = check_access_made(now.rmp, made)) return {fate::changed, in_words(broken)};
    const bool any = now.memory[way.page] != contents{};
    now.memory[way.page] = {};
    return any ? went() : effect<finding>{.what = fate::unchanged, .broken = {}};
  }

  // --- the hypervisor

  [[nodiscard]] auto host_may_write(const state& now, std::uint8_t page) const -> bool {
    const memory::ownership_query query{.where = address(page), .leaf = page_size::k4k, .kind = access_kind::write};
    return rmp::check_access(ctx_, now.rmp, query).what == memory::ownership_verdict::kind::allowed;
  }

  [[nodiscard]] auto update(const state& before, state& now, const operation& op, const rmp::new_state& wanted) const
      -> effect<finding> {
    const auto done = rmp::rmpupdate(ctx_, now.rmp, cpu_, {}, address(op.page), wanted);
    if (!done || !done->succeeded()) return refused();
    if (now.rmp == before.rmp) return refused();
    effect<finding> step = went();
    step.broken =
        in_words(check_step(before.rmp, now.rmp, every_page,
                            {.what = rmp_deed::rmpupdate, .succeeded = true, .page = {op.page}}, around_.choices));
    return step;
  }

  /// The list of a request, and what an honest hypervisor makes of it.
  struct request {
    layout::psc_header header{};
    std::array<layout::psc_entry, 1> entries{};
  };
  [[nodiscard]] static auto request_of(std::uint8_t where, bool to_private) -> request {
    using enum layout::ghcb_psc_ops;
    return {
        .entries = {layout::make_psc_entry(to_private ? private_ : shared, address_of_guest(where), page_size::k4k)}};
  }
  struct served {
    fate what{};
    ghcb::psc_result result{};
    layout::psc_header header{};
  };
  [[nodiscard]] auto changed_pages(const state& before, state& now, std::uint8_t where, bool to_private) const
      -> served {
    request asked = request_of(where, to_private);
    const auto backing = [&now](gpa page) -> std::optional<spa> {
      const std::uint8_t found = now.backing[page.value >> 12];
      if (found == 0) return std::nullopt;
      return address(static_cast<std::uint8_t>(found - 1));
    };
    ghcb::rmp_host host(ctx_, now.rmp, cpu_, guest, backing);
    const auto result = ghcb::change_page_states(ctx_, asked.header, asked.entries, host);
    return {.what = now.rmp == before.rmp ? fate::unchanged : fate::changed, .result = result, .header = asked.header};
  }

  /// The hypervisor answers a request, and the guest looks at the answer.
  [[nodiscard]] auto answer(const state& before, state& now, const operation& op) const -> effect<finding> {
    phase& at = now.at[op.gpa];
    if (at != phase::asks_private && at != phase::asks_shared) return refused();
    const bool to_private = at == phase::asks_private;
    const layout::psc_header original = request_of(op.gpa, to_private).header;
    layout::psc_header header = original;
    std::uint64_t info_2 = ghcb::psc_status::success;
    if (op.what == deed::serve) {
      const served done = changed_pages(before, now, op.gpa, to_private);
      header = done.header;
      info_2 = done.result.info_2;
    }
    if (op.what == deed::lie) header.set_cur_entry(1);
    if (op.what == deed::fail) info_2 = ghcb::psc_status::failed;
    if (op.what == deed::overlong) {
      header.set_cur_entry(2);
      header.set_end_entry(1);
    }
    const auto verdict = ghcb::check_psc_answer(ctx_, 0, info_2, original, original, header);
    if (verdict.next == ghcb::psc_next::terminate) {
      now = before;
      return refused();
    }
    if (verdict.next == ghcb::psc_next::done) at = to_private ? phase::answered : phase::shared;
    return now == before ? refused() : went();
  }

  [[nodiscard]] static auto renamed(const state& one, const std::array<std::uint8_t, Pages>& page_to,
                                    const std::array<std::uint8_t, most_guest_pages>& gpa_to) -> state {
    const auto gpa_name = [&](std::uint8_t name) -> std::uint8_t {
      if (name == 0) return 0;
      const std::uint8_t where = gpa_to[(name - 1U) / 2];
      return name % 2 == 1 ? last_of(where) : older_of(where);
    };
    state twin = one;
    for (std::size_t old = 0; old < Pages; ++old) {
      rmp::entry entry = one.rmp.entries[old];
      if (entry.assigned) entry.guest = address_of_guest(gpa_to[entry.guest.value >> 12]);
      twin.rmp.entries[page_to[old]] = entry;
      contents held = one.memory[old];
      held.name = gpa_name(held.name);
      twin.memory[page_to[old]] = held;
    }
    // The first page's entry counts the others, whichever page that is; what is wrong stays as wrong.
    const auto others = [](const table& all) {
      return std::ranges::count_if(all.entries.begin() + 1, all.entries.end(), &rmp::entry::assigned);
    };
    const auto error = one.rmp.entries[0].sub_page_count - others(one.rmp);
    for (rmp::entry& entry : twin.rmp.entries) entry.sub_page_count = 0;
    twin.rmp.entries[0].sub_page_count =
        static_cast<std::uint16_t>(std::clamp<std::ptrdiff_t>(others(twin.rmp) + error, 0, Pages - 1));
    const auto page_name = [&](std::uint8_t name) {
      return static_cast<std::uint8_t>(name == 0 ? 0 : page_to[name - 1U] + 1);
    };
    for (std::size_t old = 0; old < most_guest_pages; ++old) {
      const std::size_t where = gpa_to[old];
      twin.backing[where] = page_name(one.backing[old]);
      twin.at[where] = one.at[old];
      twin.noted[where] = one.noted[old];
      twin.written[where] = one.written[old];
    }
    twin.kept_page = page_name(one.kept_page);
    twin.kept.name = gpa_name(one.kept.name);
    return twin;
  }

  conversion_parts parts_;
  mutable Context ctx_;  // functions tell its listener
  rmp::processor cpu_{};
  rmp_surroundings<> around_{};
  std::vector<operation> operations_;
};

/// A `conversion_model` whose pages and gPAs may change their names.
template <std::size_t Pages = 2, class Context = context<>>
class symmetric_conversion_model : public conversion_model<Pages, Context> {
 public:
  using base = conversion_model<Pages, Context>;
  using typename base::state;
  using base::base;

  [[nodiscard]] auto canonical(const state& one) const -> state { return this->renamed_least(one); }
};

template <std::size_t Pages, class Context>
auto conversion_model<Pages, Context>::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const std::string where = " gPA " + std::to_string(op.gpa);
  const std::string page = " page " + std::to_string(op.page);
  switch (op.what) {
    case deed::ask_private:  return "guest: page state change to private," + where;
    case deed::ask_shared:   return "guest: page state change to shared," + where;
    case deed::validate:     return "guest: PVALIDATE" + where;
    case deed::rescind:      return "guest: PVALIDATE(0)" + where;
    case deed::write:        return "guest: writes" + where;
    case deed::read:         return "guest: reads" + where;
    case deed::write_shared: return "guest: writes shared" + where;
    case deed::serve:        return "host: does what is asked for" + where;
    case deed::lie:          return "host: says that it is done, and does nothing, for" + where;
    case deed::fail:         return "host: answers with an error for" + where;
    case deed::put_off:      return "host: answers that nothing is done yet for" + where;
    case deed::overlong:     return "host: answers with a longer list for" + where;
    case deed::work:         return "host: makes the page behind" + where + " private, unasked or again";
    case deed::unwork:       return "host: makes the page behind" + where + " shared, unasked or again";
    case deed::take:         return "host: RMPUPDATE" + page + " to the hypervisor";
    case deed::assign:       return "host: RMPUPDATE" + page + " to the guest at" + where;
    case deed::map:          return "host: maps" + where + " to" + page;
    case deed::unmap:        return "host: unmaps" + where;
    case deed::overwrite:    return "host: writes" + page;
    case deed::keep:         return "host: keeps the bytes of" + page;
    case deed::put_back:     return "host: puts the bytes that it kept into" + page;
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
