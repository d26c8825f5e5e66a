// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_MEMORY_STAGE_HPP
#define SEVSPEC_VERIFY_ATTACKS_MEMORY_STAGE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <variant>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/outcome.hpp>
#include <sevspec/cpu/access.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_owners.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/verify/attacks/rmp_watch.hpp>
#include <sevspec/verify/attacks/setting.hpp>

/// A host and two guests with their tables in one memory: where attacks on memory take place.
namespace sevspec::inline v0::verify::attacks {

/// The cipher of a part: Zen 1 knows tweaks that were published, later parts draw theirs at each boot.
class part_cipher {
 public:
  static constexpr std::size_t key_bytes = 16;
  using key = crypto::aes128_xe::key;

  explicit part_cipher(cipher_kind kind)
      : tweak_(constants_of(kind)), with_(kind == cipher_kind::aes128_xe_static ? choice{crypto::aes128_xe{tweak_}}
                                                                                : choice{crypto::aes128_xex{tweak_}}) {}

  [[nodiscard]] auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key { return key{bytes}; }
  [[nodiscard]] static auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t channel)
      -> std::array<std::uint8_t, key_bytes> {
    return crypto::aes128_xe::channel_seed(seed, channel);
  }
  void encrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    std::visit([&](const auto& one) { one.encrypt(with, first, in, out); }, with_);
  }
  void decrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    std::visit([&](const auto& one) { one.decrypt(with, first, in, out); }, with_);
  }

  /// The constants that everybody knows: those of the first generation.
  [[nodiscard]] static auto published() -> crypto::tweak_constants { return crypto::measured_tweak_constants(1); }

 private:
  using choice = std::variant<crypto::aes128_xe, crypto::aes128_xex>;
  [[nodiscard]] static auto constants_of(cipher_kind kind) -> crypto::tweak_constants {
    const bool known = kind == cipher_kind::aes128_xe_static || kind == cipher_kind::aes128_xex_static;
    return known ? published() : crypto::drawn_tweak_constants(2026);
  }

  crypto::tweak_constants tweak_;
  choice with_;
};

/// What scripts move: a block of the cipher.
using block = crypto::block;

/// A guest, and how its hypervisor keeps it.
struct stage_guest {
  asid id{};
  spa tables{};  ///< root of its nested tables
  spa memory{};  ///< gPA 0 is here, at first
};

/// Host, guests A and B. gPA p of a guest is linear address p with C=1, and p + 1 GiB with C=0.
class memory_stage {
 public:
  using chips = memory::controller<part_cipher, memory::aliased_dram<memory::sparse_dram>>;

  static constexpr std::uint64_t dram_bytes = 0x400'0000;
  static constexpr gpa guest_tables{0x1000};  ///< two pages of each guest's: its own page tables
  static constexpr spa spare{0x180'0000};     ///< pages that the host has left
  static constexpr std::uint32_t first_sev_asid = 6;

  explicit memory_stage(const setting& which)
      : at(which), part(part_of(which.part())), ctx{.rules = which.rules, .choices = which.choices}, dram(dram_bytes),
        memory(part_cipher{part.cipher}, memory::aliased_dram<memory::sparse_dram>{dram, 0}, 16),
        watch(rmp, which.snp() ? which.first_broken : nullptr) {
    part.min_sev_no_es_asid = first_sev_asid;
    part.encrypted_guests = 15;
    const std::array<std::uint8_t, 16> host_key{0x11, 0x01}, key_a{0xaa, 0x02}, key_b{0xbb, 0x03};
    const std::uint32_t first = at.where == column::sev ? first_sev_asid : 1;
    a = {.id = {first}, .tables = new_table(), .memory = {0x80'0000}};
    b = {.id = {first + 1}, .tables = new_table(), .memory = {0x100'0000}};
    Expects(memory.install_key(host_asid, host_key) && memory.install_key(a.id, key_a) &&
            memory.install_key(b.id, key_b));
    for (const stage_guest& one : {a, b}) build_tables_of(one);
  }
  memory_stage(const memory_stage&) = delete;
  auto operator=(const memory_stage&) -> memory_stage& = delete;

  // --- the host

  /// Through a mapping of 4K, with or without the C-bit.
  [[nodiscard]] auto host_read(spa where, std::span<std::uint8_t> out, bool c = false) -> outcome<void> {
    auto view = seen_by_cpu();
    rmp::guarded_memory guarded{view, rmp};
    const auto regime = host_regime(where, c);
    return cpu::read(ctx, guarded, no_tlb_, regime, {}, hva{where.value}, {}, out);
  }
  [[nodiscard]] auto host_write(spa where, std::span<const std::uint8_t> in, bool c = false) -> outcome<void> {
    auto view = seen_by_cpu();
    rmp::guarded_memory guarded{view, rmp};
    const auto regime = host_regime(where, c);
    const auto done = cpu::write(ctx, guarded, no_tlb_, regime, {}, hva{where.value}, {.kind = access_kind::write}, in);
    if (done) note_written(where, rmp_party::hypervisor);
    return done;
  }
  [[nodiscard]] auto host_block(spa where, bool c = false) -> block {
    block seen{};
    [[maybe_unused]] const auto done = host_read(where, seen, c);
    return seen;
  }

  /// Writes a leaf of a guest's nested tables, and drops what TLBs know of the guest unless told not to.
  void map(const stage_guest& whose, gpa where, spa target, page_size size = page_size::k4k, bool flush = true) {
    write_leaf(whose.tables, where.value, target.value | leaf_rights, size);
    if (flush) tlb.flush(whose.id);
  }
  void unmap(const stage_guest& whose, gpa where) {
    write_leaf(whose.tables, where.value, 0, page_size::k4k);
    tlb.flush(whose.id);
  }

  /// RMPUPDATE, with what it does to TLBs.
  auto update(spa where, const rmp::new_state& wanted) -> rmp::result {
    const auto done = rmp::rmpupdate(ctx, rmp, processor(), {}, where, wanted);
    Expects(done.has_value());
    cpu::flush_stale(tlb, done->stale);
    note_step(
        {.what = rmp_deed::rmpupdate, .succeeded = done->succeeded(), .page = page_of(where), .large = wanted.large});
    return *done;
  }
  /// Gives a page to a guest; nothing to do without SEV-SNP.
  void assign(const stage_guest& whose, gpa guest, spa where, bool large = false) {
    if (at.snp()) [[maybe_unused]]
      const auto done = update(where, {.assigned = true, .large = large, .id = whose.id, .guest = guest});
  }
  /// What SNP_LAUNCH_UPDATE makes of a page that was assigned: validated, and perhaps a VMSA.
  void launch_update(spa where, bool vmsa = false) {
    rmp::entry made = rmp.entry_of(page_of(where));
    made.validated = true;
    made.vmsa = vmsa;
    rmp.put(page_of(where), made);
    note_step({.what = rmp_deed::launch_update, .succeeded = true, .page = page_of(where)});
  }
  void take(spa where) {
    if (at.snp()) [[maybe_unused]]
      const auto done = update(where, {});
  }

  // --- guests

  [[nodiscard]] auto guest_read(const stage_guest& who, gpa where, std::span<std::uint8_t> out, bool c = true,
                                access_kind kind = access_kind::read) -> outcome<void> {
    auto view = seen_by_cpu();
    rmp::guarded_memory guarded{view, rmp};
    const auto done = cpu::read(ctx, guarded, tlb, regime_of(who), {who.id}, linear(where, c), {.kind = kind}, out);
    if (done) note_reference(who.id, linear(where, c), kind, out);
    return done;
  }
  [[nodiscard]] auto guest_write(const stage_guest& who, gpa where, std::span<const std::uint8_t> in, bool c = true)
      -> outcome<void> {
    auto view = seen_by_cpu();
    rmp::guarded_memory guarded{view, rmp};
    constexpr access_kind kind = access_kind::write;
    const auto done = cpu::write(ctx, guarded, tlb, regime_of(who), {who.id}, linear(where, c), {.kind = kind}, in);
    if (done) note_reference(who.id, linear(where, c), kind, in);
    return done;
  }
  /// PVALIDATE.
  [[nodiscard]] auto validate(const stage_guest& who, gpa where, page_size size = page_size::k4k, bool wanted = true)
      -> outcome<rmp::result> {
    auto view = seen_by_cpu();
    rmp::guarded_memory guarded{view, rmp};
    const auto regime = regime_of(who);
    const auto done = cpu::pvalidate(ctx, guarded, regime, rmp, processor(), cpu::execution_in(regime, kernel_mode),
                                     {linear(where, true), size == page_size::k4k ? 0U : 1U, wanted ? 1U : 0U});
    note_step({.what = rmp_deed::pvalidate,
               .succeeded = done && done->succeeded(),
               .page = page_of(behind(who, where)),
               .large = size != page_size::k4k,
               .id = who.id,
               .validate = wanted});
    return done;
  }
  /// RMPADJUST of a page of 4K.
  [[nodiscard]] auto adjust(const stage_guest& who, vmpl by, gpa where, vmpl target, rmp::permissions given)
      -> outcome<rmp::result> {
    auto view = seen_by_cpu();
    rmp::guarded_memory guarded{view, rmp};
    const auto regime = regime_of(who, by);
    const std::uint64_t attributes = target.value | static_cast<std::uint64_t>(given.raw) << 8;
    const auto done = cpu::rmpadjust(ctx, guarded, regime, rmp, processor(), cpu::execution_in(regime, kernel_mode),
                                     {linear(where, true), 0, attributes});
    note_step({.what = rmp_deed::rmpadjust,
               .succeeded = done && done->succeeded(),
               .page = page_of(behind(who, where)),
               .id = who.id,
               .level = by,
               .target = static_cast<std::uint8_t>(target.value)});
    return done;
  }

  /// A private page of a guest's, at its first place: mapped, assigned, validated.
  auto give(const stage_guest& whose, gpa where) -> spa {
    const spa place = place_of(whose, where);
    map(whose, where, place);
    if (!at.snp()) return place;
    assign(whose, where, place);
    const auto done = validate(whose, where);
    Expects(done && done->succeeded());
    return place;
  }
  /// A shared page of a guest's.
  auto share(const stage_guest& whose, gpa where) -> spa {
    const spa place = place_of(whose, where);
    map(whose, where, place);
    return place;
  }
  [[nodiscard]] static auto place_of(const stage_guest& whose, gpa where) -> spa { return whose.memory + where.value; }

  // --- others

  [[nodiscard]] auto device_write(spa where, std::span<const std::uint8_t> in, const memory::dma_path& path)
      -> std::expected<void, memory::dma_abort> {
    rmp::guarded_memory guarded{memory, rmp};
    const auto done = memory::dma_write(ctx, guarded, path, {where.value}, in);
    if (done) note_written(where, rmp_party::device);
    return done;
  }
  [[nodiscard]] auto dma_path() const -> memory::dma_path { return {.c_bit = part.c_bit, .snp = at.snp()}; }
  /// What a probe on the bus sees.
  [[nodiscard]] auto raw(spa where) const -> block {
    block seen{};
    [[maybe_unused]] const auto done = memory.probe(where, seen);
    return seen;
  }
  /// From now on the chips do not see some address bits.
  void alias(std::uint64_t ignored) {
    memory.chips() = memory::aliased_dram<memory::sparse_dram>{dram, ignored};
    ignored_ = ignored;
  }

  [[nodiscard]] auto processor() const -> rmp::processor { return cpu::processor_of(part, syscfg()); }

  /// Memory as processors see it: with ciphertext hiding, where there is some.
  using cpu_view = memory::ciphertext_hiding<script_context, chips, rmp::page_owners<rmp::lazy_table>>;
  [[nodiscard]] auto seen_by_cpu() -> cpu_view {
    return {ctx, memory, owners_, {.enabled = at.hides_ciphertext(), .max_snp = {first_sev_asid - 1}}};
  }

  [[nodiscard]] auto syscfg() const noexcept -> std::uint64_t {
    return std::uint64_t{1} << 23 | (at.snp() ? std::uint64_t{1} << 24 : 0);
  }
  [[nodiscard]] auto c_mask() const noexcept -> std::uint64_t { return std::uint64_t{1} << part.c_bit; }

  setting at;
  cpu_part part;
  script_context ctx;
  memory::sparse_dram dram;
  chips memory;
  rmp::lazy_table rmp{2 * dram_bytes / 4096};  ///< as firmware sees the memory: aliases would be covered, too
  paging::tlb<4, 4, 16> tlb{};
  rmp_watch watch;  ///< with SEV-SNP
  stage_guest a{};
  stage_guest b{};

 protected:
  /// Tells the monitors that a step was made.
  void note_step(const rmp_action& action) {
    if (!at.snp()) return;
    const auto held = [&](rmp::spfn page) {
      return std::ranges::any_of(in_use_, [&](spa one) { return page_of(one) == page; });
    };
    watch.step(action, rmp_surroundings<unknown, decltype(held)>{.choices = ctx.choices, .held = held});
    tlb.flush_if([&](paging::address_space space, const paging::cached_translation& found) {
      if (tlb.find(space, found.linear) == &found)
        watch.holds({.space = space, .found = found, .snp_active = true}, ctx.choices);
      return false;  // this only looks
    });
  }
  /// Tells the monitors that a guest's reference was let through. Where it went, the TLB knows.
  void note_reference(asid who, gva where, access_kind kind, std::span<const std::uint8_t> bytes) {
    const paging::cached_translation* const used = at.snp() ? tlb.find({who}, where.value) : nullptr;
    if (used == nullptr) return;
    const std::uint64_t inside = where.value - used->linear;
    const bool write = kind == access_kind::write;
    const rmp_access_made made{.page = page_of(used->page + inside),
                               .by = rmp_party::guest,
                               .guest = used->guest + inside,
                               .id = who,
                               .level = used->level,
                               .c = used->c || kind == access_kind::execute,
                               .write = write};
    watch.referred(made);
    if (!made.c) return;
    if (write) watch.wrote(who, made.guest, bytes);
    else watch.read(who, made.guest, bytes, made.page);
  }
  /// Tells the monitors that somebody else than a guest has written memory: all pages that have these cells.
  void note_written(spa where, rmp_party by) {
    if (!at.snp()) return;
    watch.referred({.page = page_of(where), .by = by, .write = true});
    if (ignored_ != 0) watch.referred({.page = page_of(spa{where.value ^ ignored_}), .by = by, .write = true});
  }

  std::vector<spa> in_use_;  ///< pages that VMRUN holds

 private:
  static constexpr std::uint64_t leaf_rights = 0x67;
  static constexpr std::uint64_t large_bit = 0x80;

  [[nodiscard]] static auto linear(gpa where, bool c) -> gva {
    return gva{where.value + (c ? 0 : std::uint64_t{1} << 30)};
  }

  // Tables are the hypervisor's, in memory without a key.
  [[nodiscard]] auto new_table() -> spa { return {next_table_ += 0x1000}; }
  void put(std::uint64_t where, memory_key key, std::uint64_t entry) {
    [[maybe_unused]] const auto done = memory::write_qword_at(memory, spa{where}, key, entry);
  }
  void write_leaf(spa root, std::uint64_t linear, std::uint64_t leaf, page_size size) {
    const unsigned last = size == page_size::k4k ? 1 : 2;
    std::uint64_t table = root.value;
    for (unsigned level = 4; level > last; --level) {
      const std::uint64_t slot = table + 8 * (linear >> (12 + 9 * (level - 1)) & 0x1ff);
      const auto entry = memory.read_qword({slot}, memory_key::none()).value_or(0);
      const bool is_table = (entry & 1) != 0 && (entry & large_bit) == 0;
      if (!is_table) put(slot, memory_key::none(), new_table().value | leaf_rights);
      table = memory.read_qword({slot}, memory_key::none()).value_or(0) & ~std::uint64_t{0xfff};
    }
    put(table + 8 * (linear >> (12 + 9 * (last - 1)) & 0x1ff), memory_key::none(),
        leaf | (last == 2 && leaf != 0 ? large_bit : 0));
  }

  /// A guest's own tables: two leaves of 1 GiB, at gPAs that the AMD-SP has put into place.
  void build_tables_of(const stage_guest& whose) {
    const spa root = place_of(whose, guest_tables);
    const memory_key key = memory_key::guest(whose.id);
    put(root.value, key, (guest_tables.value + 0x1000) | c_mask() | leaf_rights);
    put(root.value + 0x1000, key, c_mask() | leaf_rights | large_bit);
    put(root.value + 0x1008, key, leaf_rights | large_bit);
    for (const gpa page : {guest_tables, guest_tables + 0x1000}) {
      map(whose, page, place_of(whose, page));
      if (!at.snp()) continue;
      assign(whose, page, place_of(whose, page));
      const auto done = rmp::pvalidate(ctx, rmp, processor(), {.id = whose.id, .snp_active = true},
                                       {gva{page.value}, 0, 1}, [&](gva where) -> outcome<rmp::guest_page> {
                                         return rmp::guest_page{.linear = where,
                                                                .guest = page,
                                                                .where = place_of(whose, page),
                                                                .leaf = page_size::k4k,
                                                                .guest_leaf = page_size::k4k,
                                                                .c = true};
                                       });
      Expects(done && done->succeeded());
      note_step({.what = rmp_deed::pvalidate,
                 .succeeded = true,
                 .page = page_of(place_of(whose, page)),
                 .id = whose.id,
                 .validate = true});
    }
  }

  /// What a guest's nested tables have behind a gPA; 0 where they have nothing.
  [[nodiscard]] auto behind(const stage_guest& whose, gpa where) const -> spa {
    std::uint64_t entry = whose.tables.value | leaf_rights;
    for (unsigned level = 4; level > 0; --level) {
      const unsigned shift = 12 + 9 * (level - 1);
      const spa slot{(entry & ~std::uint64_t{0xfff}) + 8 * (where.value >> shift & 0x1ff)};
      entry = memory.read_qword(slot, memory_key::none()).value_or(0);
      const std::uint64_t inside = where.value & ((std::uint64_t{1} << shift) - 1);
      if ((entry & 1) == 0) return {};
      if ((entry & large_bit) != 0 || level == 1) return spa{(entry & ~std::uint64_t{0xfff}) + inside};
    }
    return {};
  }

  [[nodiscard]] auto regime_of(const stage_guest& who, vmpl level = {}) -> paging::two_stage_regime {
    const auto made =
        paging::make_two_stage_regime(ctx, part,
                                      {.host = paging::long_mode_registers(0),
                                       .syscfg = syscfg(),
                                       .guest = paging::long_mode_registers(guest_tables.value | c_mask()),
                                       .ncr3 = who.tables.value,
                                       .np_control = at.where == column::sev ? 3U : 7U,
                                       .id = who.id,
                                       .sev_features = at.snp() ? 1U : 0U,
                                       .level = level});
    Expects(made.has_value());
    return *made;
  }
  [[nodiscard]] auto host_regime(spa where, bool c) -> paging::host_regime {
    const spa root = new_table();
    write_leaf(root, where.value, (where.value & ~std::uint64_t{0xfff}) | leaf_rights | (c ? c_mask() : 0),
               page_size::k4k);
    const auto made = paging::make_host_regime(ctx, part, paging::long_mode_registers(root.value), syscfg());
    Expects(made.has_value());
    return *made;
  }

  std::uint64_t next_table_ = 0x1'0000;
  std::uint64_t ignored_ = 0;  ///< address bits that the chips do not see
  paging::no_translation_cache no_tlb_{};
  rmp::page_owners<rmp::lazy_table> owners_{rmp};
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
