// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_SVSM_MODEL_HPP
#define SEVSPEC_VERIFY_EXPLORER_SVSM_MODEL_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/svsm/dispatch.hpp>
#include <sevspec/svsm/invariants.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/services.hpp>
#include <sevspec/verify/explorer/bit_packer.hpp>
#include <sevspec/verify/explorer/finding.hpp>
#include <sevspec/verify/explorer/model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Which parts a machine with an SVSM has. Each multiplies the number of states.
struct svsm_parts {
  bool remaps = true;   ///< the hypervisor puts another page behind a gPA
  bool adjusts = true;  ///< the guest executes RMPADJUST for the VMPL below its own
  bool forges = true;   ///< the guest writes VMSAs of VMPL 0
  bool second = true;   ///< gPA 3 goes around, too
};

/// An SVSM at VMPL 0, a guest at VMPL 2 with two processors, and a hypervisor that takes and gives pages in between. Calls
/// are the library's, on the library's own monitor and a real Reverse Map Table. Of a page's bytes counts whether they
/// are a VMSA, of which VMPL, and whether it may run.
///
///     gPA | page |
///     ----+------+--------------------------------------------------
///      0  | 0    | the VMSA that calls
///      1  | 1    | its calling area at first, and lists of PVALIDATE
///      2  | 2, 5 | the guest's; the hypervisor chooses which page
///      3  | 3    | the guest's
///      4  | 4    | the SVSM's own
///
/// The hypervisor leaves pages 0 and 1 alone: without them nobody calls. A call that it stops for good is the end.
template <class Context = context<>>
class svsm_model {
 public:
  static constexpr std::size_t pages = 6;
  static constexpr std::size_t guest_pages = 4;
  static constexpr std::size_t most_processors = 2;
  static constexpr std::uint8_t nowhere = 7;
  static constexpr std::uint8_t guest_level = 2;

  /// What the bytes of a page are.
  enum class bytes : std::uint8_t { other, vmsa, forged, stopped };
  struct vcpu {
    std::uint8_t vmsa = nowhere;  ///< gPA
    std::uint8_t caa = nowhere;
    std::uint8_t apic_id{};
    friend constexpr auto operator==(const vcpu&, const vcpu&) -> bool = default;
  };
  using table = rmp::small_table<pages, 2>;
  struct state {
    table rmp{};
    std::array<bytes, pages> contents{};
    bool remapped{};                                                    ///< gPA 2 is page 5
    std::array<vcpu, guest_pages> vcpus{};                              ///< registered; free rows at the end
    std::array<std::uint8_t, most_processors> runs{nowhere, nowhere};   ///< VMSA of each processor
    std::array<std::uint8_t, most_processors> calls{nowhere, nowhere};  ///< its calling area
    std::array<bool, guest_pages + 1> validated{};                      ///< as the SVSM has noted it, its own page too
    bool stopped{};                                                     ///< the hypervisor keeps the SVSM from going on
    friend constexpr auto operator==(const state&, const state&) -> bool = default;
  };
  using packed = packed_state<4>;
  using finding = model_finding;

  enum class deed : std::uint8_t {
    pvalidate,
    rescind,
    create,
    destroy,
    remap_ca,
    deposit,
    withdraw,
    guest_write,
    guest_adjust,  ///< RMPADJUST by VMPL 2
    take,          ///< RMPUPDATE: the page becomes the hypervisor's
    give,          ///< RMPUPDATE: the page becomes the guest's
    remap,         ///< nested tables
  };
  struct operation {
    deed what{};
    std::uint8_t page{};   ///< gPA; of `take` and `give` the page itself
    std::uint8_t other{};  ///< gPA of the calling area
    std::uint8_t cpu{};
    bytes written{};
    bool vmsa{};
  };

  explicit svsm_model(const svsm_parts& parts = {}, Context ctx = {}) : parts_(parts), ctx_(ctx) { list_operations(); }

  [[nodiscard]] auto initial() const -> state {
    state start;
    for (std::uint8_t page = 0; page < 5; ++page) {
      rmp::entry& one = start.rmp.entries[page];
      one = {.assigned = true, .validated = true, .id = id, .guest = address(page), .allowed = {rmp::all_permissions}};
      if (page < 2) one.allowed[guest_level] = svsm::guest_rights;
      if (page < 2) start.validated[page] = true;
      if (page == 2 || page == 3) one.validated = false;  // given, and nothing more
    }
    for (std::uint8_t page = 1; page < 5; page += 2) start.rmp.entries[page - 1U].sub_page_count = 1;
    start.rmp.entries[0].vmsa = true;
    start.rmp.entries[0].allowed[guest_level] = {rmp::permissions::r};
    start.contents[0] = bytes::vmsa;
    start.vcpus[0] = {.vmsa = 0, .caa = 1, .apic_id = 0};
    start.runs[0] = 0;
    start.calls[0] = 1;
    return start;
  }
  [[nodiscard]] auto operations() const -> std::uint32_t { return static_cast<std::uint32_t>(operations_.size()); }

  [[nodiscard]] auto check(const state& now) const -> finding {
    const svsm::monitor self = monitor_of(now);
    const auto vmpl_at = [&](gpa where) {
      const auto at = map_of(now)(where);
      return at && now.contents[at->where.value >> 12] != bytes::forged ? guest_level : std::uint8_t{0};
    };
    if (const auto broken = svsm::find_broken(self, now.rmp, id, map_of(now), vmpl_at)) return in_words(*broken);
    for (std::size_t i = 0; i < guest_pages && now.vcpus[i].vmsa != nowhere; ++i)
      for (std::size_t k = 0; k < guest_pages && now.vcpus[k].vmsa != nowhere; ++k) {
        if (now.vcpus[i].vmsa == now.vcpus[k].caa) return broken("overlap", "a calling area lies in a VMSA");
        if (i != k && now.vcpus[i].vmsa == now.vcpus[k].vmsa) return broken("overlap", "a VMSA is registered twice");
      }
    const auto& entries = now.rmp.entries;
    if (is_guests(entries[2], 2) && entries[2].validated && is_guests(entries[5], 2) && entries[5].validated)
      return broken("one page per gPA", "two pages of one gPA are validated");
    for (const rmp::entry& one : entries)
      if (one.assigned && (one.allowed[3].raw & ~one.allowed[guest_level].raw) != 0)
        return broken("VMPLs", "VMPL 3 has a right that VMPL 2 has not");
    return {};
  }

  [[nodiscard]] auto apply(const state& before, state& now, std::uint32_t which) const -> effect<finding> {
    const operation& op = operations_[which];
    if (before.stopped) return {};
    if (op.what == deed::take || op.what == deed::give || op.what == deed::remap) return by_host(before, now, op);
    page_bytes memory = bytes_of(before);
    svsm::monitor self = monitor_of(before);
    state after = before;
    svsm::rmp_machine machine(after.rmp, memory, map_of(before), id);
    if (op.what == deed::guest_write) return guest_write(before, now, op, machine);
    if (op.what == deed::guest_adjust) return guest_adjust(before, now, after, op, machine);

    if (before.runs[op.cpu] == nowhere) return {};
    svsm::call_registers registers = registers_of(op, memory);
    svsm::core_services none;
    const svsm::call_source from{
        .cpu = &self.processors[op.cpu], .vmsa = address(before.runs[op.cpu]), .level = guest_level};
    const svsm::call_result done = svsm::serve_call(ctx_, machine, self, none, from, registers);
    take_monitor(self, after);
    take_contents(memory, after);
    after.stopped = done.blocked.has_value() || done.waits;
    Ensures(after.stopped || monitor_of(after) == self);
    effect<finding> step{.what = fate::unchanged, .broken = {}};
    step.broken = check_call(before, after, op, done, memory);
    if (after == before) {
      if (!done.succeeded() && !step.broken) step.what = fate::refused;
      return step;
    }
    now = after;
    step.what = fate::changed;
    return step;
  }

  [[nodiscard]] auto pack(const state& one) const -> packed {
    packed bits{};
    bit_writer to(bits);
    for (const rmp::entry& e : one.rmp.entries) {
      Expects(!e.large && !e.immutable && !e.in_use && e.sub_page_count < 2 && e.guest.value < 0x8000);
      to.put(e.assigned, 1).put(e.validated, 1).put(e.vmsa, 1).put(e.id.value, 1).put(e.sub_page_count, 1);
      to.put(e.guest.value >> 12, 3).put(e.allowed[0].raw & 0x1fU, 5);
      for (unsigned level = 1; level < 4; ++level) to.put(e.allowed[level].raw & 0xfU, 4);
    }
    for (const bytes what : one.contents) to.put(static_cast<std::uint64_t>(what), 2);
    to.put(one.remapped, 1).put(one.stopped, 1);
    for (const vcpu& row : one.vcpus) to.put(row.vmsa, 3).put(row.caa, 3).put(row.apic_id, 1);
    for (const std::uint8_t where : one.runs) to.put(where, 3);
    for (const std::uint8_t where : one.calls) to.put(where, 3);
    for (const bool noted : one.validated) to.put(noted, 1);
    return bits;
  }
  [[nodiscard]] auto unpack(const packed& bits) const -> state {
    state one;
    bit_reader from(bits);
    const auto number = [&from](unsigned width) { return static_cast<std::uint8_t>(from.take(width)); };
    for (rmp::entry& e : one.rmp.entries) {
      e.assigned = from.flag();
      e.validated = from.flag();
      e.vmsa = from.flag();
      e.id = {number(1)};
      e.sub_page_count = number(1);
      e.guest = address(number(3));
      e.allowed[0] = {number(5)};
      for (unsigned level = 1; level < 4; ++level) e.allowed[level] = {number(4)};
    }
    for (bytes& what : one.contents) what = static_cast<bytes>(number(2));
    one.remapped = from.flag();
    one.stopped = from.flag();
    for (vcpu& row : one.vcpus) {
      row.vmsa = number(3);
      row.caa = number(3);
      row.apic_id = number(1);
    }
    for (std::uint8_t& where : one.runs) where = number(3);
    for (std::uint8_t& where : one.calls) where = number(3);
    for (bool& noted : one.validated) noted = from.flag();
    return one;
  }

  [[nodiscard]] auto describe(std::uint32_t which) const -> std::string;

 private:
  static constexpr asid id{1};
  static constexpr std::uint64_t list_at = 0x1800;
  static constexpr std::uint64_t features = 1;

  [[nodiscard]] static auto address(std::uint8_t page) noexcept -> gpa { return {std::uint64_t{page} << 12}; }
  [[nodiscard]] static auto number_of(gpa page) noexcept -> std::uint8_t {
    return static_cast<std::uint8_t>(page.value >> 12);
  }
  [[nodiscard]] static auto is_guests(const rmp::entry& one, std::uint8_t page) noexcept -> bool {
    return one.assigned && one.id == id && one.guest == address(page);
  }
  [[nodiscard]] static auto broken(const char* invariant, const char* what) -> finding {
    return model_violation{invariant, what};
  }
  [[nodiscard]] static auto in_words(svsm::broken_invariant which) -> finding {
    using enum svsm::broken_invariant;
    switch (which) {
      case own_memory:   return broken("SVSM memory", "a VMPL other than 0 has a right on the SVSM's memory");
      case unused_level: return broken("VMPLs", "a VMPL between the SVSM's and the guest's has a right");
      case vmsa_rights:  return broken("VMSAs", "a VMPL other than 0 has more than a read of a VMSA");
      case vmsa_record:  return broken("VMSAs", "a registered VMSA is none in the table");
      case vmsa_level:   return broken("VMSAs", "a registered VMSA is not of the guest's VMPL");
      case vmsa_stray:   return broken("VMSAs", "a page of the guest's is a VMSA that is not registered");
      case caa_record:   return broken("calling areas", "a registered calling area does not lie in guest memory");
    }
    return {};
  }

  using page_image = std::array<std::uint8_t, 4096>;

  /// Memory of a few pages, copied when they are written. Keys do not count: there is one guest.
  struct page_bytes {
    std::array<const page_image*, pages> before{};
    std::array<std::unique_ptr<page_image>, pages> written{};

    [[nodiscard]] auto now(std::size_t page) const -> const page_image& {
      return written[page] ? *written[page] : *before[page];
    }
    [[nodiscard]] auto touch(std::size_t page) -> page_image& {
      if (!written[page]) written[page] = std::make_unique<page_image>(*before[page]);
      return *written[page];
    }
    [[nodiscard]] auto is_changed(std::size_t page) const -> bool {
      return written[page] && *written[page] != *before[page];
    }
    [[nodiscard]] auto read(spa where, memory_key, std::span<std::uint8_t> to) const -> memory::memory_status {
      if (where.value >> 12 >= pages) return memory::memory_status::no_memory;
      std::copy_n(now(where.value >> 12).begin() + (where.value & 0xfff), to.size(), to.begin());
      return memory::memory_status::ok;
    }
    auto write(spa where, memory_key, std::span<const std::uint8_t> from) -> memory::memory_status {
      if (where.value >> 12 >= pages) return memory::memory_status::no_memory;
      std::ranges::copy(from, touch(where.value >> 12).begin() + (where.value & 0xfff));
      return memory::memory_status::ok;
    }
  };
  /// Where the hypervisor has a gPA.
  struct placing {
    bool remapped{};
    [[nodiscard]] auto operator()(gpa where) const -> std::optional<svsm::placement> {
      const std::uint64_t page = where.value >> 12;
      if (page > 4) return {};
      const std::uint64_t real = page == 2 && remapped ? 5 : page;
      return svsm::placement{.where = {real << 12 | (where.value & 0xfff)}};
    }
  };
  [[nodiscard]] static auto map_of(const state& now) -> placing { return {now.remapped}; }
  [[nodiscard]] static auto page_behind(const state& now, std::uint8_t where) -> std::uint8_t {
    return where == 2 && now.remapped ? std::uint8_t{5} : where;
  }

  [[nodiscard]] static auto image_of(bytes what) -> layout::vmsa {
    layout::vmsa made;
    if (what == bytes::other) return made;
    made.es().set_selector(0x10);  // the first bytes of a page are a calling area's, too
    made.set_vmpl(what == bytes::forged ? std::uint8_t{0} : guest_level);
    made.set_efer(what == bytes::stopped ? 0 : svsm::efer_svme);
    made.set_sev_features({features});
    return made;
  }
  /// What pages hold, by what their bytes are; the last is the SVSM's own.
  [[nodiscard]] static auto images() -> const std::array<page_image, 5>& {
    static const std::array<page_image, 5> made = [] {
      std::array<page_image, 5> all{};
      for (std::size_t i = 0; i < 4; ++i) std::ranges::copy(image_of(static_cast<bytes>(i)).bytes(), all[i].begin());
      all[4].fill(0xaa);
      return all;
    }();
    return made;
  }
  [[nodiscard]] static auto bytes_of(const state& now) -> page_bytes {
    page_bytes memory;
    for (std::size_t page = 0; page < pages; ++page)
      memory.before[page] = &images()[page == 4 ? 4 : static_cast<std::size_t>(now.contents[page])];
    return memory;
  }
  static void take_contents(const page_bytes& memory, state& now) {
    for (std::size_t page = 0; page < pages; ++page) {
      if (page == 4 || !memory.is_changed(page)) continue;
      layout::vmsa found;
      std::ranges::copy(memory.now(page), found.bytes().begin());
      const bool marked = found.sev_features() == layout::sev_features{features};
      const bool runs = (found.efer() & svsm::efer_svme) != 0;
      now.contents[page] = !marked             ? bytes::other
                           : found.vmpl() == 0 ? bytes::forged
                           : runs              ? bytes::vmsa
                                               : bytes::stopped;
    }
  }

  [[nodiscard]] static auto monitor_of(const state& now) -> svsm::monitor {
    svsm::monitor self;
    self.config.guest_level = {guest_level};
    self.config.own = {address(4), 0x1000};
    self.config.guest_memory = {{address(0), guest_pages * 0x1000}};
    self.first_vmsa = address(0);
    const auto place = [](std::uint8_t page) { return page == nowhere ? std::nullopt : std::optional{address(page)}; };
    for (std::uint32_t i = 0; i < most_processors; ++i)
      self.processors.push_back({.apic_id = i, .vmsa = place(now.runs[i]), .caa = place(now.calls[i])});
    for (const vcpu& one : now.vcpus)
      if (one.vmsa != nowhere) self.vcpus.push_back({address(one.vmsa), address(one.caa), one.apic_id});
    for (std::uint8_t page = 0; page < now.validated.size(); ++page)
      if (now.validated[page]) self.validated.insert(address(page), 1);
    return self;
  }
  static void take_monitor(const svsm::monitor& self, state& now) {
    Expects(self.vcpus.size() <= guest_pages);
    now.vcpus = {};
    for (std::size_t i = 0; i < self.vcpus.size(); ++i)
      now.vcpus[i] = {.vmsa = number_of(self.vcpus[i].vmsa),
                      .caa = number_of(self.vcpus[i].caa),
                      .apic_id = static_cast<std::uint8_t>(self.vcpus[i].apic_id)};
    for (std::size_t i = 0; i < most_processors; ++i) {
      now.runs[i] = self.processors[i].vmsa ? number_of(*self.processors[i].vmsa) : nowhere;
      now.calls[i] = self.processors[i].caa ? number_of(*self.processors[i].caa) : nowhere;
    }
    for (std::uint8_t page = 0; page < now.validated.size(); ++page)
      now.validated[page] = self.validated.contains(address(page), 1);
  }

  // --- what may happen

  void list_operations() {
    const auto add = [this](const operation& op) { operations_.push_back(op); };
    using numbers = std::initializer_list<std::uint8_t>;
    for (const std::uint8_t page : numbers{2, 3, 0, 4}) {
      if (page == 3 && !parts_.second) continue;
      add({.what = deed::pvalidate, .page = page});
      add({.what = deed::rescind, .page = page});
      for (const std::uint8_t area : numbers{1, 2, 3, 4})
        if (area != 3 || parts_.second) add({.what = deed::create, .page = page, .other = area});
      if (page != 4) add({.what = deed::destroy, .page = page});
      for (const bytes what : {bytes::vmsa, bytes::forged, bytes::other})
        if (what != bytes::forged || parts_.forges) add({.what = deed::guest_write, .page = page, .written = what});
      if (parts_.adjusts)
        for (const bool vmsa : {false, true}) add({.what = deed::guest_adjust, .page = page, .vmsa = vmsa});
    }
    for (std::uint8_t cpu = 0; cpu < most_processors; ++cpu)
      for (const std::uint8_t page : numbers{1, 2, 3, 0, 4})
        if (page != 3 || parts_.second) add({.what = deed::remap_ca, .page = page, .cpu = cpu});
    add({.what = deed::deposit});
    add({.what = deed::withdraw});
    for (const std::uint8_t page : numbers{2, 3, 5}) {
      if ((page == 5 && !parts_.remaps) || (page == 3 && !parts_.second)) continue;
      add({.what = deed::take, .page = page});
      add({.what = deed::give, .page = page});
    }
    if (parts_.remaps) add({.what = deed::remap});
  }

  [[nodiscard]] auto by_host(const state& before, state& now, const operation& op) const -> effect<finding> {
    if (op.what == deed::remap) {
      now.remapped = !before.remapped;
      return {.what = fate::changed, .broken = {}};
    }
    const gpa where = address(op.page == 5 ? std::uint8_t{2} : op.page);
    const rmp::new_state wanted =
        op.what == deed::take ? rmp::shared_state(false) : rmp::private_state(where, id, false);
    state after = before;
    const auto done = rmp::rmpupdate(ctx_, after.rmp, {}, {}, spa{std::uint64_t{op.page} << 12}, wanted);
    if (!done || !done->succeeded()) return {};
    if (after == before) return {.what = fate::unchanged, .broken = {}};
    now = after;
    return {.what = fate::changed, .broken = {}};
  }
  template <class Machine>
  [[nodiscard]] auto guest_write(const state& before, state& now, const operation& op, Machine& machine) const
      -> effect<finding> {
    if (!machine.write_as(ctx_, vmpl{guest_level}, address(op.page), image_of(op.written).bytes())) return {};
    effect<finding> step{.what = fate::unchanged, .broken = {}};
    for (const vcpu& one : before.vcpus)
      if (one.vmsa == op.page) step.broken = broken("VMSAs", "the guest has written a registered VMSA");
    if (op.page == 4) step.broken = broken("SVSM memory", "the guest has written the SVSM's memory");
    bytes& what = now.contents[page_behind(before, op.page)];
    if (what != op.written || step.broken) step.what = fate::changed;
    what = op.written;
    return step;
  }
  template <class Machine>
  [[nodiscard]] auto guest_adjust(const state& before, state& now, const state& after, const operation& op,
                                  Machine& machine) const -> effect<finding> {
    constexpr rmp::permissions wanted{rmp::permissions::r | rmp::permissions::w};
    const auto done = machine.rmpadjust_as(ctx_, vmpl{guest_level}, address(op.page), page_size::k4k,
                                           svsm::adjust_attributes(vmpl{3}, wanted, op.vmsa));
    if (!done || !done->succeeded()) return {};
    if (after == before) return {.what = fate::unchanged, .broken = {}};
    now = after;
    return {.what = fate::changed, .broken = {}};
  }

  /// A call's registers; lists that it needs are written.
  [[nodiscard]] static auto registers_of(const operation& op, page_bytes& memory) -> svsm::call_registers {
    using enum layout::svsm_core_calls;
    svsm::call_registers in{.rcx = address(op.page).value};
    switch (op.what) {
      case deed::pvalidate:
      case deed::rescind:   {
        const std::uint64_t entry = address(op.page).value | (op.what == deed::pvalidate ? 4U : 0U);
        layout::svsm_pvalidate_header header;
        header.set_entries(1);
        std::ranges::copy(header.bytes(), memory.touch(1).begin() + (list_at & 0xfff));
        layout::write_le(memory.touch(1).data() + (list_at & 0xfff) + 8, entry);
        in.rax = svsm::rax_of(layout::svsm_core_calls::pvalidate);
        in.rcx = list_at;
        break;
      }
      case deed::create:
        in.rax = svsm::rax_of(create_vcpu);
        in.rdx = address(op.other).value;
        in.r8 = 1;
        break;
      case deed::destroy:  in.rax = svsm::rax_of(delete_vcpu); break;
      case deed::remap_ca: in.rax = svsm::rax_of(layout::svsm_core_calls::remap_ca); break;
      case deed::deposit:  in.rax = svsm::rax_of(deposit_mem); break;
      default:             in.rax = svsm::rax_of(withdraw_mem); break;
    }
    return in;
  }

  /// What a call may do: nothing if it is refused; nothing to the SVSM's memory, nor to a VMSA but to stop it.
  [[nodiscard]] auto check_call(const state& before, const state& after, const operation& op,
                                const svsm::call_result& done, const page_bytes& memory) const -> finding {
    if (memory.is_changed(4)) return broken("SVSM memory", "a call has written the SVSM's memory");
    for (const vcpu& one : before.vcpus) {
      if (one.vmsa == nowhere || (op.what == deed::destroy && one.vmsa == op.page)) continue;
      if (memory.is_changed(page_behind(before, one.vmsa)))
        return broken("VMSAs", "a call has written a registered VMSA");
    }
    if (!done.answered() || done.succeeded()) return {};
    const bool noted = before.vcpus != after.vcpus || before.runs != after.runs || before.calls != after.calls ||
                       before.validated != after.validated;
    if (noted) return broken("atomicity", "the SVSM has noted a call that it refused");
    for (std::size_t page = 0; page < pages; ++page) {
      const rmp::entry& was = before.rmp.entries[page];
      const rmp::entry& is = after.rmp.entries[page];
      if (was.validated != is.validated || was.vmsa != is.vmsa)
        return broken("atomicity", "a refused call has changed a page");
      for (unsigned level = 1; level < svsm::levels; ++level)
        if ((is.allowed[level].raw & ~was.allowed[level].raw) != 0)
          return broken("atomicity", "a refused call has given a right");
    }
    return {};
  }

  svsm_parts parts_;
  mutable Context ctx_;  // functions tell its listener
  std::vector<operation> operations_;
};

template <class Context>
auto svsm_model<Context>::describe(std::uint32_t which) const -> std::string {
  const operation& op = operations_[which];
  const auto number = [](unsigned value) { return std::to_string(value); };
  const std::string place = " gPA " + number(op.page);
  const std::string caller = "processor " + number(op.cpu) + ": ";
  switch (op.what) {
    case deed::pvalidate:   return caller + "SVSM_PVALIDATE" + place;
    case deed::rescind:     return caller + "SVSM_PVALIDATE(0)" + place;
    case deed::create:      return caller + "SVSM_CREATE_VCPU" + place + " with calling area gPA " + number(op.other);
    case deed::destroy:     return caller + "SVSM_DELETE_VCPU" + place;
    case deed::remap_ca:    return caller + "SVSM_REMAP_CA" + place;
    case deed::deposit:     return caller + "SVSM_DEPOSIT_MEM";
    case deed::withdraw:    return caller + "SVSM_WITHDRAW_MEM";
    case deed::guest_write: {
      const char* const what = op.written == bytes::vmsa     ? "a VMSA to"
                               : op.written == bytes::forged ? "a VMSA of VMPL 0 to"
                                                             : "something to";
      return std::string{"guest: writes "} + what + place;
    }
    case deed::guest_adjust: return "guest, VMPL 2: RMPADJUST for VMPL 3" + std::string{op.vmsa ? " VMSA" : ""} + place;
    case deed::take:         return "host: RMPUPDATE takes page " + number(op.page);
    case deed::give:         return "host: RMPUPDATE gives page " + number(op.page) + " to the guest";
    case deed::remap:        return "host: puts the other page behind gPA 2";
  }
  return {};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
