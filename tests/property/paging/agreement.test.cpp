// SPDX-License-Identifier: MIT
// The library's walks and the twin's are the same function: result, fault, references in order, A/D updates, memory.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

auto class_of(const fault& error) -> std::string {
  const auto code_bit = [&](int n) { return slow::bit_of(error.code, n); };
  std::string name = name_of(error.kind);
  if (error.kind != fault_kind::pf && error.kind != fault_kind::npf) return name;
  if (error.kind == fault_kind::npf) name += code_bit(33) ? " of a table" : " of the page";
  return name + (!code_bit(0) ? ", not present" : code_bit(3) ? ", reserved" : code_bit(5) ? ", key" : ", forbidden");
}

/// Which of the rarer modes decided or were in force.
void count_features(tally& classes, const world& w, const slow::answer& twin) {
  using form = slow::domain::form;
  static const auto name = [](form f) { return f == form::pae ? "PAE" : f == form::two_levels ? "32-bit" : "long"; };
  const auto guest = slow::guest_domain(w.part, w.state);
  const auto nested = slow::nested_domain(w.part, w.state);
  const std::string end = twin.fault ? ", fault" : ", ok";
  const auto flag = [&](const char* feature, bool on) { classes.add(feature + end, on); };
  if (!guest.is(form::off)) flag((std::string(name(guest.format)) + " guest").c_str(), true);
  flag((std::string(name(nested.format)) + " nested").c_str(), true);
  flag("compatibility", w.why.compatibility);
  flag("real mode", !guest.is(form::off) && !slow::bit_of(w.state.guest.cr0, 0));
  const bool upper_ignored = guest.uaie && w.why.through_ds_or_es && slow::has_64_bit_addresses(guest, w.why);
  flag("upper address ignored", upper_ignored && (w.address ^ (w.address << 7 >> 7)) >> 57 != 0);
  flag("shadow stack, user", slow::on_shadow_stack(w.why.kind) && slow::is_user(w.why));
  flag("shadow stack, supervisor", slow::on_shadow_stack(w.why.kind) && !slow::is_user(w.why));
  flag("WRUSS", w.why.wruss);
  flag("GMET fetch", slow::has_gmet(w.part, w.state) && w.why.is_fetch());
  flag("SSS check", slow::has_sss_check(w.part, w.state) && slow::on_shadow_stack(w.why.kind));
  flag("ROGPT", slow::has_rogpt(w.part, w.state));
  flag("VTE", slow::has_vte(w.part, w.state));
  flag("SNP enabled", slow::snp_on(w.state.syscfg) && !slow::is_snp(w.state));
  flag("SNP guest, private", slow::is_snp(w.state) && twin.effective_c);
  flag("SNP guest", slow::is_snp(w.state));
  flag("virtual TOM", slow::has_vtom(w.state));
  flag("VmplSSS", slow::has_vmpl_sss(w.state) && slow::on_shadow_stack(w.why.kind));
  classes.add("virtual TOM, shared", slow::has_vtom(w.state) && !twin.fault && !twin.effective_c);
  classes.add("1G limited to 2M", slow::snp_on(w.state.syscfg) && !twin.fault && twin.page.size == page_size::k1g);
  classes.add("unclear", twin.unclear);
  if (!twin.fault) return;
  const slow::verdict& fault = *twin.fault;
  const auto code_bit = [&](int n) { return slow::bit_of(fault.code, n); };
  const bool npf = fault.kind == fault_kind::npf;
  classes.add("#NPF, RMP", npf && code_bit(31) && !code_bit(36));
  classes.add("#NPF, RMP of a table", npf && code_bit(31) && !code_bit(36) && code_bit(33));
  classes.add("#NPF, VMPL", npf && code_bit(36));
  classes.add("#NPF, SSS bit", npf && code_bit(37));
  classes.add("#NPF, U clear", npf && !code_bit(2));
  classes.add("#NPF, SS", npf && code_bit(6));
  classes.add("#VC 404h", fault.kind == fault_kind::vc && fault.code == 0x404);
  for (const rule r : {rule::PAG_PERM_07, rule::PAG_RSV_07, rule::PAG_ENT_04, rule::PAG_GMET_01, rule::PAG_SSS_03,
                       rule::RMP_VPL_03, rule::RMP_CHK_10, rule::RMP_CHK_15})
    classes.add(name_of(r), fault.reasons.contains(r));
}

template <class Result>
void count(tally& classes, const walked<Result>& walk, const slow::answer& twin) {
  classes.add(walk.result ? "ok" : class_of(walk.result.error()));
  if (!walk.result && walk.result.error().kind == fault_kind::pf)
    for (const rule r : {rule::PAG_PERM_01, rule::PAG_PERM_02, rule::PAG_PERM_03, rule::PAG_PERM_04, rule::PAG_PERM_05})
      classes.add(name_of(r), walk.result.error().decided_by == r);
  classes.add("raced", twin.raced);
  classes.add("reaches into the hole", !walk.result && walk.result.error().decided_by == rule::PAG_CAN_04);
  classes.add("updates", !walk.log.updates.empty());
  classes.add("updates and fault", !walk.log.updates.empty() && !walk.result);
}

}  // namespace

TEST_CASE("PAG-NPF-01: guest walks are the twin's", "[paging][PAG-NPF-01][PAG-PRI-02][PAG-PRI-04][PAG-AD-05]") {
  tally classes;
  tally features;
  int all = 0;
  property("library = twin", 8000, [&] {
    const scenario plan = *scenarios({.features = true}).as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const auto library = walk_guest(w, *machine);
    const auto twin = twin_guest(w);
    RC_ASSERT(difference(library, twin) == "");

    ++all;
    count(classes, library, twin);
    count_features(features, w, twin);
    const bool leaf_read = std::ranges::any_of(library.log.reads, [](const slow::entry_read& read) {
      return read.tables == stage::guest && (read.level == 1 || (read.level <= 3 && slow::bit_of(read.raw, 7)));
    });
    classes.add("deep", leaf_read || library.result);
    if (library.result) {
      const auto& r = *library.result;
      classes.add(std::string(name_of(r.in_guest.size)) + " over " + name_of(r.page.size));
      classes.add(std::string("key ") + name_of(r.key));
      classes.add("truncated to 32 bits", r.in_guest.size == page_size::unlimited && w.address >> 32 != 0);
      classes.add("24 reads", library.log.reads.size() == 24);
      classes.add("35 reads", library.log.reads.size() == 35);
    }
    if (!library.result) {
      const fault& error = library.result.error();
      classes.add("#NPF with ENC", error.kind == fault_kind::npf && slow::bit_of(error.code, 34));
      classes.add("#NPF with ID", error.kind == fault_kind::npf && slow::bit_of(error.code, 4));
      classes.add("gPA beyond the index", error.decided_by == rule::PAG_NPT_21);
    }
  });
  check_none_empty("guest walks", classes,
                   {"ok",
                    "deep",
                    "raced",
                    "updates",
                    "updates and fault",
                    "24 reads",
                    "truncated to 32 bits",
                    "35 reads",
                    "#GP",
                    "#SS",
                    "reaches into the hole",
                    "#VC",
                    "no memory",
                    "#PF, not present",
                    "#PF, reserved",
                    "#PF, key",
                    "#PF, forbidden",
                    "#NPF of a table, not present",
                    "#NPF of a table, reserved",
                    "#NPF of a table, forbidden",
                    "#NPF of the page, not present",
                    "#NPF of the page, reserved",
                    "#NPF of the page, forbidden",
                    "#NPF with ENC",
                    "#NPF with ID",
                    "gPA beyond the index",
                    "PAG-PERM-01",
                    "PAG-PERM-02",
                    "PAG-PERM-03",
                    "PAG-PERM-04",
                    "PAG-PERM-05",
                    "4k over 4k",
                    "4k over 2m",
                    "4k over 1g",
                    "4m over 4k",
                    "4m over 2m",
                    "4k over 4m",
                    "2m over 4k",
                    "2m over 2m",
                    "2m over 1g",
                    "1g over 4k",
                    "1g over 2m",
                    "1g over 1g",
                    "unlimited over 4k",
                    "key none",
                    "key host",
                    "key guest"});
  check_none_empty("guest walks, modes", features,
                   {"PAE guest, ok",
                    "PAE guest, fault",
                    "32-bit guest, ok",
                    "32-bit guest, fault",
                    "PAE nested, ok",
                    "PAE nested, fault",
                    "32-bit nested, ok",
                    "32-bit nested, fault",
                    "compatibility, ok",
                    "real mode, ok",
                    "upper address ignored, ok",
                    "shadow stack, user, ok",
                    "shadow stack, supervisor, ok",
                    "WRUSS, ok",
                    "GMET fetch, ok",
                    "SSS check, ok",
                    "ROGPT, ok",
                    "VTE, ok",
                    "SNP enabled, ok",
                    "SNP enabled, fault",
                    "SNP guest, private, ok",
                    "virtual TOM, ok",
                    "virtual TOM, shared",
                    "VmplSSS, ok",
                    "1G limited to 2M",
                    "#NPF, RMP",
                    "#NPF, RMP of a table",
                    "#NPF, VMPL",
                    "#NPF, SSS bit",
                    "#NPF, U clear",
                    "#NPF, SS",
                    "#VC 404h",
                    "PAG-PERM-07",
                    "PAG-RSV-07",
                    "PAG-GMET-01",
                    "PAG-SSS-03",
                    "RMP-VPL-03",
                    "RMP-CHK-10",
                    "RMP-CHK-15"});
  CHECK(classes["deep"] * 100 >= all * 50);
}

TEST_CASE("PAG-PRI-02: host walks are the twin's", "[paging][PAG-PRI-02][PAG-PERM-08][PAG-KEY-02][PAG-MODE-01]") {
  tally classes;
  property("library = twin", 4000, [&] {
    const scenario plan = *scenarios({.features = true}).as("scenario");
    const world w = make_host_world(plan);
    const auto regime = host_regime_of(w);
    RC_ASSERT(regime.has_value());
    const auto library = walk_host(w, *regime);
    const auto twin = twin_host(w);
    RC_ASSERT(difference(library, twin) == "");
    count(classes, library, twin);
    if (library.result) {
      classes.add(name_of(library.result->page.size));
      classes.add(std::string("key ") + name_of(library.result->key));
    }
  });
  check_none_empty("host walks", classes,
                   {"ok",
                    "raced",
                    "updates",
                    "updates and fault",
                    "#GP",
                    "#SS",
                    "reaches into the hole",
                    "no memory",
                    "#PF, not present",
                    "#PF, reserved",
                    "#PF, key",
                    "#PF, forbidden",
                    "PAG-PERM-01",
                    "PAG-PERM-02",
                    "PAG-PERM-03",
                    "PAG-PERM-04",
                    "PAG-PERM-05",
                    "4k",
                    "2m",
                    "4m",
                    "1g",
                    "unlimited",
                    "key none",
                    "key host"});
}

TEST_CASE("PAG-NPT-13: walks of a gPA alone are the twin's", "[paging][PAG-NPT-13][PAG-NPT-21][PAG-NPF-12]") {
  tally classes;
  property("library = twin", 4000, [&] {
    const scenario plan = *scenarios({.features = true}).as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const unsigned flipped = *rc::gen::weightedOneOf<unsigned>(
        {{4, rc::gen::just(64U)}, {1, rc::gen::just(w.part.c_bit)}, {1, rc::gen::inRange(0U, 64U)}});
    const u64 where = w.final_gpa ^ (flipped < 64 ? u64{1} << flipped : 0);
    const bool effective_c = *rc::gen::arbitrary<bool>();
    const auto library = walk_gpa(w, *machine, where, effective_c);
    const auto twin = twin_gpa(w, where, effective_c);
    RC_ASSERT(difference(library, twin) == "");
    count(classes, library, twin);
    classes.add("beyond the index", !library.result && library.result.error().decided_by == rule::PAG_NPT_21);
    classes.add("C removed", machine->sev_active && flipped == w.part.c_bit);
    classes.add("alias", library.result && where >> (12 + 9 * machine->nested.levels) != 0);
  });
  check_none_empty("gPA walks", classes,
                   {"ok", "updates", "#VC", "no memory", "#NPF of the page, not present", "#NPF of the page, reserved",
                    "#NPF of the page, forbidden", "beyond the index", "alias", "C removed"});
}
