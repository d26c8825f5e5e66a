// SPDX-License-Identifier: MIT
// The published visibility matrix, cell by cell: every cell is tried, and compared with what is printed there. Where it
// says something else, the reason stands beside it; a reason for a cell that agrees is an error, too. Registers at an exit and
// the real Reverse Map Table, which are no pages of anybody's, are in visibility.test.cpp.
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/nested/visibility_matrix.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using machine = world::machine_type;
using bytes = std::array<std::uint8_t, 16>;
using call = nested::l1_call_end::kind;
using nested::viewer;

constexpr gpa private_of_l1{0x1000};
constexpr gpa soft_rmp{0x3000};
constexpr gpa sp_buffer{0x2'8000};

/// A world in which guests 1 and 2 have run; with VMPLs, one guest at VMPL 2 that has two pages.
struct scene {
  world w;
  nested::matrix_viewers who{};

  explicit scene(const nested::configuration& config) : w(config) {
    context<> ctx;
    REQUIRE(w.built);
    who = {.a = 0, .b = 1, .another_l1 = w.other_l1_asid(), .tables = {{{0x8000}, {0x9000}, {0xa000}, {0xb000}}}};
    if (config.how == mode::vmpl) {
      const auto l1 = nested::l1_regime(ctx, w.m, w.vm());
      for (const unsigned i : {1U, 2U})
        REQUIRE(nested::rmpadjust(ctx, w.m, l1, w.in_l1(1, i), false, 0x302)->succeeded());
      return;
    }
    for (const unsigned n : {1U, 2U}) {
      REQUIRE(w.launch(ctx, n) == "");
      REQUIRE(w.run(ctx, n).what == call::l2_runs);
      bytes seen{};
      for (const unsigned i : {1U, 2U}) REQUIRE(w.l2_reads(ctx, w.in_l2(n, i), true, seen).is_done());
      REQUIRE(w.l2_reads(ctx, w.shared_in_l2(), false, seen).is_done());
      REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
      if (w.config.variant == guest_kind::sev_es && w.passes()) nested::release_vmsa(w.pool, 0);
    }
  }
  [[nodiscard]] auto key_of_l1() const -> memory_key {
    return w.config.of_l1() == guest_kind::plain ? memory_key::none() : memory_key::guest(w.l1_asid());
  }
  [[nodiscard]] auto key_of_a() const -> memory_key {
    return nested::facts_of(w.config.how).own_keys ? memory_key::guest(w.real_asid(1)) : key_of_l1();
  }

  [[nodiscard]] auto of_l1(gpa page) const -> nested::matrix_object {
    nested::matrix_object made{.where = world::where(page), .owner_key = key_of_l1(), .owner_at = page, .in_l1 = page};
    if (w.config.how == mode::vmpl) {  // nPT01 is the guest's, too
      made.in_a = l2_gpa{page.value};
      made.level_of_a = vmpl{2};
    }
    return made;
  }
  [[nodiscard]] auto in_the_open(gpa page) const -> nested::matrix_object {
    return {.where = world::where(page),
            .owner_key = memory_key::none(),
            .owner_at = page,
            .in_l1 = page,
            .c_in_guests = false};
  }
  [[nodiscard]] auto of_a(unsigned i) const -> nested::matrix_object {
    const bool vmpls = w.config.how == mode::vmpl;
    const gpa in_l1 = w.in_l1(1, i);
    const l2_gpa seen = vmpls ? l2_gpa{in_l1.value} : w.in_l2(1, i);
    return {.where = world::where(in_l1),
            .owner_key = key_of_a(),
            .owner_at = {seen.value},
            .in_l1 = in_l1,
            .in_a = seen,
            .level_of_a = vmpls ? std::optional{vmpl{2}} : std::nullopt};
  }
  [[nodiscard]] auto object(const std::string& name) -> nested::matrix_object {
    if (name == "L1 private") return of_l1(private_of_l1);
    if (name == "L2a private") return of_a(1);
    if (name == "L1-L2 shared") {
      auto made = in_the_open(w.shared_in_l1(1));
      made.in_a = w.shared_in_l2();
      return made;
    }
    if (name == "L1-L2 shared, encrypted") return of_a(2);
    if (name == "VMCB12") return in_the_open(w.vmcb12(1));
    if (name == "nPT12") return in_the_open(w.root(1));
    if (name == "vSP buffers") return in_the_open(sp_buffer);
    if (name == "L1 GHCB") return in_the_open(world::ghcb1);
    if (name == "soft RMP") return of_l1(soft_rmp);
    if (name == "L1 VMSA") {
      const auto v01 = nested::detail::read_vmcb(w.m, w.vm().processors[0].vmcb01);
      return {.where = {layout::read_le<std::uint64_t>(v01.bytes.data() + 0x108)},
              .owner_key = key_of_l1(),
              .owner_at = {0xffff'f000}};
    }
    REQUIRE(name == "L2 VMSA");
    const gpa page = w.vmsa_in_l1(1);
    return {.where = world::where(page),
            .owner_key = key_of_a(),
            .owner_at = {w.passes() ? page.value : w.in_l2(1, world::vmsa_page()).value},
            .in_l1 = page};
  }
};

/// Whether a cell is what the sheet prints for it.
auto agrees(const std::string& printed, const nested::matrix_cell& found, guest_kind variant) -> bool {
  const bool snp = variant == guest_kind::snp;
  const char best = found.best();
  if (printed == "C=1: X; C=0: C read, X write") return found.reached && found.text() == "X|C";
  if (printed == "-" || printed == "n" || printed == "own VA") return !found.reached;
  if (printed.starts_with("m")) return !found.reached && best == 'P';
  if (printed.starts_with("own")) return !found.reached || best == 'P';
  if (printed.starts_with("P")) return found.reached && best == 'P';
  if (printed == "X/G") return best == (snp ? 'X' : 'G');
  if (printed == "X" || printed == "G") return best == printed[0];
  if (printed == "C") return found.reached && best == 'C';
  if (printed == "c") return found.reached && best == 'c';
  if (printed.starts_with("C / X or c") || printed.find("VERR") != std::string::npos)
    return found.reached && best == (snp ? 'C' : 'c');
  if (printed == "C / X" || printed == "C/X") return found.reached && best == 'C';
  FAIL("not a cell of the sheet: " << printed);
  return false;
}

/// A row of the sheet: L0, L1, L1's other process, L2a, L2b, device, PSP; and by column why what is found differs.
struct printed_row {
  std::string object;
  mode how;
  std::vector<guest_kind> variants;
  std::array<std::string, 7> cells;
  std::map<viewer, std::string> reasons{};
};
constexpr std::array columns{viewer::l0,   viewer::l1,     viewer::l1_process,      viewer::l2_a,
                             viewer::l2_b, viewer::device, viewer::secure_processor};

constexpr auto sev = guest_kind::sev, es = guest_kind::sev_es, snp = guest_kind::snp;

auto sheet() -> std::vector<printed_row> {
  const std::string writes_too = "without SEV-SNP a device writes, too";
  const std::string open_iommu = "the device here is one that no I/O page table restricts";
  std::vector<printed_row> rows{
      {"L1 private",
       mode::virt,
       {snp},
       {"C / X", "P", "own VA", "X", "X", "C / X", "P"},
       {{viewer::l2_a, "without the C-bit SEV-SNP lets anybody read, whom the nested tables lead there"},
        {viewer::l2_b, "the same"}}},
      {"L1 private", mode::pass, {snp}, {"C / X", "P", "own VA", "m", "m", "C / X", "P"}},
      {"L1 private",
       mode::virt,
       {sev, es},
       {"c", "P", "own VA", "G", "G", "c", "P"},
       {{viewer::l2_a, "without the C-bit it is ciphertext"}, {viewer::l2_b, "the same"}}},
      {"L1 private", mode::pass, {sev, es}, {"c", "P", "own VA", "m", "m", "c", "P"}},
      {"L2a private",
       mode::virt,
       {snp},
       {"C / X", "C=1: X; C=0: C read, X write", "X", "P", "X", "C / X", "P"},
       {{viewer::l1_process, "as L1 itself: it reads ciphertext without the C-bit"},
        {viewer::l2_b, "without the C-bit it reads ciphertext, if L1 maps the page for it"}}},
      {"L2a private",
       mode::virt,
       {sev, es},
       {"c", "c", "-", "P", "G", "c", "P"},
       {{viewer::l2_b, "without the C-bit it is ciphertext"}}},
      {"L2a private", mode::pass, {snp}, {"C / X", "P", "m", "P", "m", "C / X", "P"}},
      {"L2a private", mode::pass, {sev, es}, {"c", "P", "m", "P", "m", "c", "P"}},
      {"L2a private",
       mode::ms,
       {snp},
       {"C / X", "C / X", "-", "P", "X", "C / X", "P"},
       {{viewer::l2_b, "without the C-bit it reads ciphertext, if L1 maps the page for it"}}},
      {"L2a private", mode::vmpl, {snp}, {"C / X", "P", "-", "P", "n", "C / X", "P"}},
      {"L1-L2 shared", mode::virt, {sev, es, snp}, {"P", "P", "m", "P", "m", "P", "P"}},
      {"L1-L2 shared, encrypted", mode::pass, {snp}, {"C / X or c", "P", "m", "P", "m", "C / X", "P"}},
      {"L1-L2 shared, encrypted",
       mode::pass,
       {sev, es},
       {"C / X or c", "P", "m", "P", "m", "C / X", "P"},
       {{viewer::device, writes_too}}},
      {"L1-L2 shared, encrypted",
       mode::vmpl,
       {snp},
       {"C / X or c", "P", "m", "P", "m", "C / X", "P"},
       {{viewer::l2_b, "L1 has one guest in this mode"}}},
      {"L1 VMSA",
       mode::virt,
       {es, snp},
       {"C / X (ES c->VERR)", "own state", "-", "X/G", "X", "C", "P"},
       {{viewer::l2_a, "without the C-bit it is ciphertext"},
        {viewer::l2_b, "the same"},
        {viewer::device, writes_too}}},
      {"L1 VMSA",
       mode::pass,
       {es, snp},
       {"C / X (ES c->VERR)", "own state", "-", "X/G", "X", "C", "P"},
       {{viewer::l2_a, "it shares L1's key: L0 could map L1's VMSA into it, as any page of L1's (m)"},
        {viewer::l2_b, "the same"},
        {viewer::device, writes_too}}},
      {"L2 VMSA",
       mode::virt,
       {es, snp},
       {"C/X (c->VERR)", "X/G", "-", "own", "X", "C", "P"},
       {{viewer::l1, "without the C-bit it is ciphertext"},
        {viewer::l2_b, "without the C-bit it is ciphertext"},
        {viewer::device, writes_too}}},
      {"L2 VMSA", mode::pass, {snp}, {"C/X", "P", "-", "own", "m", "C", "P"}},
      {"L2 VMSA",
       mode::pass,
       {es},
       {"C/X", "P", "-", "own", "m", "C", "P"},
       {{viewer::l0, "without SEV-SNP L0 writes, too; its next VMRUN notices (c->VERR, as printed for virtualization)"},
        {viewer::device, writes_too}}},
      {"soft RMP",
       mode::virt,
       {snp},
       {"m", "P", "-", "-", "-", "-", "-"},
       {{viewer::l0, "it is private memory of L1's: L0 reads ciphertext, whatever it maps"},
        {viewer::device, open_iommu},
        {viewer::secure_processor, "it has L1's key"}}},
      {"soft RMP",
       mode::ms,
       {snp},
       {"m", "P", "-", "-", "-", "-", "-"},
       {{viewer::l0, "L0 has all of a plain L1's memory mapped"},
        {viewer::device, open_iommu},
        {viewer::secure_processor, "there is no key"}}},
  };
  for (const auto how : {mode::virt, mode::pass})
    for (const char* const one : {"VMCB12", "nPT12", "vSP buffers", "L1 GHCB"}) {
      printed_row made{one, how, {sev, es, snp}, {"P", "P", "-", "-", "-", "m", "P"}, {{viewer::device, open_iommu}}};
      if (std::string(one) == "nPT12")
        made.reasons[viewer::l1] = "L0 watches the page: L1's write is an exit first, and then goes through";
      if (std::string(one) == "vSP buffers" && how == mode::pass) continue;  // no virtual AMD-SP
      if (std::string(one) == "L1 GHCB") made.variants = {es, snp};
      rows.push_back(std::move(made));
    }
  return rows;
}

/// A section of docs/nested-visibility.md.
auto table_in_markdown(scene& it) -> std::string {
  const mode how = it.w.config.how;
  const guest_kind variant = it.w.config.variant;
  const bool two_hypervisors = how == mode::virt || how == mode::pass;
  std::vector<std::pair<std::string, std::string>> rows{{"L1's memory", "L1 private"}, {"L2a's memory", "L2a private"}};
  if (how == mode::vmpl) rows.emplace_back("L1's and L2a's memory", "L1-L2 shared, encrypted");
  else if (variant != sev) rows.emplace_back("L2a's registers: its VMSA", "L2 VMSA");
  if (how != mode::vmpl) rows.emplace_back("L1 and L2a, in the open", "L1-L2 shared");
  if (two_hypervisors) rows.emplace_back("L1's VMCB, in the open", "VMCB12");
  if (how == mode::virt) rows.emplace_back("AMD-SP buffer, in the open", "vSP buffers");
  if (how == mode::ms) rows.emplace_back("L1's own table of owners", "soft RMP");

  const std::string name = variant == snp ? "SEV-SNP" : variant == es ? "SEV-ES" : "SEV";
  std::string made = "## " + name + ", " +
                     (how == mode::virt   ? "virtualization"
                      : how == mode::pass ? "passthrough"
                      : how == mode::ms   ? "guests of a plain L1"
                                          : "L2a at a lower VMPL of L1") +
                     "\n\n| page |";
  for (std::size_t i = 0; i < nested::viewers; ++i) {
    const auto who = static_cast<viewer>(i);
    made += who == viewer::another_l1 ? " another L1 |" : std::string(" ") + name_of(who) + " |";
  }
  made += "\n| --- |";
  for (std::size_t i = 0; i < nested::viewers; ++i) made += " --- |";
  for (const auto& [label, object] : rows) {
    made += "\n| " + label + " |";
    for (const auto& cell : nested::row_of(it.w.m, it.w.vm(), it.who, it.object(object))) {
      made += ' ';
      for (const char one : cell.text()) made += one == '|' ? std::string(" / ") : std::string(1, one);
      made += " |";
    }
  }
  return made + "\n";
}

}  // namespace

TEST_CASE("the tables of the documentation are what is found", "[nested][docs]") {
  std::ifstream file(SEVSPEC_TEST_DATA_DIR "/../../docs/nested-visibility.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  REQUIRE_FALSE(text.empty());
  for (const auto how : {mode::virt, mode::pass, mode::ms, mode::vmpl})
    for (const auto variant : {snp, es, sev}) {
      if ((how == mode::ms || how == mode::vmpl) && variant != snp) continue;
      scene it({l1_hypervisor::kvm, how, variant});
      const std::string made = table_in_markdown(it);
      INFO(made);
      CHECK(text.find(made) != std::string::npos);
    }
}

TEST_CASE("the visibility matrix is the sheet's, cell by cell",
          "[nested][NES-KEY-01][NES-VMSA-01][NES-RMP-05][ATK-60][ATK-64]") {
  std::set<std::string> used;
  std::size_t cells = 0;
  for (const auto how : {mode::virt, mode::pass, mode::ms, mode::vmpl})
    for (const auto variant : {sev, es, snp}) {
      if ((how == mode::ms || how == mode::vmpl) && variant != snp) continue;
      scene it({l1_hypervisor::kvm, how, variant});
      for (const printed_row& row : sheet()) {
        if (row.how != how || std::ranges::find(row.variants, variant) == row.variants.end()) continue;
        const auto found = nested::row_of(it.w.m, it.w.vm(), it.who, it.object(row.object));
        const auto cell_of = [&](viewer who) -> const nested::matrix_cell& {
          return found[static_cast<unsigned>(who)];
        };
        for (std::size_t i = 0; i < columns.size(); ++i) {
          const auto& cell = cell_of(columns[i]);
          INFO(name_of(how) << ' ' << name_of(variant) << ": " << row.object << ", " << name_of(columns[i]) << ": "
                            << cell.text() << ", printed " << row.cells[i]);
          const bool same = agrees(row.cells[i], cell, variant);
          CHECK((same || row.reasons.contains(columns[i])));
          if (!same) used.insert(row.object + name_of(how) + name_of(columns[i]));
          CHECK(cell.text().find('?') == std::string::npos);
          ++cells;
        }
        // Another L1 never has plaintext of anything encrypted, whatever L0 maps; nor does L0.
        const auto& other = cell_of(viewer::another_l1);
        INFO(name_of(how) << ' ' << name_of(variant) << ": " << row.object << ": other L1 " << other.text());
        const bool open = it.object(row.object).owner_key == memory_key::none();
        CHECK((other.best() == 'P') == open);
        CHECK_FALSE(other.reached);
        CHECK((cell_of(viewer::l0).best() == 'P') == open);
      }
    }
  CHECK(cells > 200);
  for (const printed_row& row : sheet())
    for (const auto& [column, why] : row.reasons) {
      INFO(row.object << ' ' << name_of(row.how) << ' ' << name_of(column) << " agrees, and needs no reason");
      CHECK(used.contains(row.object + name_of(row.how) + name_of(column)));
    }
}
