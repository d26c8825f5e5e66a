// SPDX-License-Identifier: MIT
#include <array>
#include <map>
#include <vector>

#include <support/catch.hpp>
#include <support/recorder.hpp>

#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::entry;
using rmp::page_answer;
using rmp::page_state;
using rmp::vmrun_page;
using rmp::vmsave_by;
using u64 = std::uint64_t;
using small = rmp::small_table<16, 4>;
using verdict = memory::ownership_verdict::kind;

constexpr entry guest_valid{
    .assigned = true, .validated = true, .id = {5}, .guest = {0x4000}, .allowed = {{{0x1f}, {0x0f}, {0}, {0}}}};

constexpr auto with(entry page, auto&& change) -> entry {
  change(page);
  return page;
}
const entry vmsa = with(guest_valid, [](entry& e) { e.vmsa = true; });

struct owned_page {
  const char* name;
  entry page;
  bool hypervisors;
};
const std::array owned_pages{
    owned_page{"Hypervisor", {}, true},
    owned_page{"Hypervisor, beside assigned pages", {.sub_page_count = 3}, true},
    owned_page{"HV-Fixed", {.immutable = true}, true},
    owned_page{"Reclaim", {.assigned = true}, false},
    owned_page{"Firmware", {.assigned = true, .immutable = true, .locked = true}, false},
    owned_page{"Context", {.assigned = true, .immutable = true, .vmsa = true, .locked = true}, false},
    owned_page{"Guest-Invalid", with(guest_valid, [](entry& e) { e.validated = false; }), false},
    owned_page{"Guest-Valid", guest_valid, false},
    owned_page{"VMSA", vmsa, false},
    owned_page{"Pre-Swap", with(guest_valid, [](entry& e) { e.immutable = true; }), false},
};

/// A table whose page 4, the first of a region, is `page`; as a large page it owns pages 5 to 7, too.
auto table_with(const entry& page) -> small {
  small table;
  table.entries[4] = page;
  for (unsigned i = 5; i < 8 && page.large; ++i) table.entries[i].assigned = page.assigned;
  return table;
}

}  // namespace

TEST_CASE("RMP-VMR-01: pages that VMRUN uses", "[rmp][RMP-VMR-01][RMP-CHK-14]") {
  context<> ctx;
  const std::map<vmrun_page, page_answer> foreign{{vmrun_page::vmcb, page_answer::gp},
                                                  {vmrun_page::avic_backing, page_answer::vmexit_invalid},
                                                  {vmrun_page::pml_buffer, page_answer::vmexit_invalid},
                                                  {vmrun_page::ibs_buffer, page_answer::vmexit_invalid},
                                                  {vmrun_page::sev_es_vmsa, page_answer::vmexit_invalid}};
  for (const owned_page& one : owned_pages) {
    for (const bool in_use : {false, true}) {  // running elsewhere is another matter
      entry page = one.page;
      page.in_use = in_use;
      const small table = table_with(page);
      for (const auto& [what, otherwise] : foreign) {
        INFO(one.name << ", use " << static_cast<int>(what));
        CHECK(rmp::check_vmrun_page(ctx, table, what, {0x4000}) == (one.hypervisors ? page_answer::good : otherwise));
        CHECK(rmp::check_vmrun_page(ctx, table, what, {0x4fff}) == (one.hypervisors ? page_answer::good : otherwise));
        // As a page of 4K: others of its region do not count.
        CHECK(rmp::check_vmrun_page(ctx, table, what, {0x5000}) == page_answer::good);
        CHECK(rmp::check_vmrun_page(ctx, table, what, {u64{1} << 40}) == page_answer::good);  // not covered
      }
    }
  }
  // Inside a large page of a guest.
  const small large = table_with(with(guest_valid, [](entry& e) { e.large = true; }));
  for (const u64 where : {0x4000U, 0x5000U, 0x7000U}) {
    CHECK(rmp::check_vmrun_page(ctx, large, vmrun_page::vmcb, {where}) == page_answer::gp);
    CHECK(rmp::check_vmrun_page(ctx, large, vmrun_page::avic_backing, {where}) == page_answer::vmexit_invalid);
  }
  CHECK(rmp::check_vmrun_page(ctx, large, vmrun_page::vmcb, {0x8000}) == page_answer::good);
}

TEST_CASE("RMP-VMR-02: the VMSA of an SNP-active guest", "[rmp][RMP-VMR-02][RMP-VMR-01]") {
  // Every combination of what an entry can say.
  for (const bool extra : {false, true}) {
    context<> ctx{.choices = {.vmrun_vmsa_extra = extra}};
    for (unsigned bits = 0; bits < 32; ++bits) {
      for (const std::uint32_t owner : {0U, 5U, 6U}) {
        const entry page{.assigned = (bits & 1) != 0,
                         .large = (bits & 2) != 0,
                         .immutable = (bits & 4) != 0,
                         .validated = (bits & 8) != 0,
                         .vmsa = (bits & 16) != 0,
                         .id = {owner},
                         .guest = {0x4000}};
        const bool fits =
            page.assigned && !page.immutable && page.vmsa && owner == 5 && (!extra || (page.validated && !page.large));
        INFO("bits " << bits << ", ASID " << owner);
        CHECK(rmp::check_snp_vmsa(ctx, table_with(page), {0x4000}, {5}) ==
              (fits ? page_answer::good : page_answer::vmexit_invalid));
        if (page.large && page.assigned)  // a page inside the large one
          CHECK(rmp::check_snp_vmsa(ctx, table_with(page), {0x6000}, {5}) ==
                (fits ? page_answer::good : page_answer::vmexit_invalid));
      }
    }
    CHECK(rmp::check_snp_vmsa(ctx, table_with(vmsa), {0x1'0000}, {5}) == page_answer::vmexit_invalid);  // not covered
  }
}

TEST_CASE("RMP-VMR-05: pages in use from VMRUN to #VMEXIT", "[rmp][RMP-VMR-05][RMP-VMR-08][RMP-CHK-15][INV-22]") {
  context<> ctx;
  small table;
  const rmp::processor cpu;
  const rmp::execution host;
  rmp::set_in_use(ctx, table, {0x1abc}, true);
  CHECK(table.entries[1] == entry{.in_use = true});
  CHECK(rmp::rmpupdate(ctx, table, cpu, host, {0x1000}, {.assigned = true})->eax == rmp::status::fail_inuse);
  rmp::set_in_use(ctx, table, {0x1000}, false);
  CHECK(table == small{});
  CHECK(rmp::rmpupdate(ctx, table, cpu, host, {0x1000}, {.assigned = true})->eax == rmp::status::success);
  // Pages that are not covered cannot be marked.
  const small before = table;
  rmp::set_in_use(ctx, table, {0x1'0000}, true);
  rmp::set_in_use(ctx, table, {~u64{0}}, true);
  CHECK(table == before);
  // A page inside a large one marks the entry that counts.
  entry large = vmsa;
  large.large = true;
  table = table_with(large);
  rmp::set_in_use(ctx, table, {0x6000}, true);
  CHECK(table.entries[4].in_use);
  CHECK(table.entries[6] == entry{.assigned = true});
  CHECK(rmp::psmash(ctx, table, cpu, host, {0x4000})->eax == rmp::status::fail_inuse);
  rmp::set_in_use(ctx, table, {0x6000}, false);
  CHECK(table == table_with(large));
}

TEST_CASE("RMP-VMR-05: the mark of a large page stays while anything in it is held", "[rmp][RMP-VMR-05][INV-22]") {
  context<> ctx;
  entry large = vmsa;
  large.large = true;
  small table = table_with(large);
  (void)rmp::set_in_use(ctx, table, {0x5000}, true);
  (void)rmp::set_in_use(ctx, table, {0x7000}, true);
  const auto seven = [](rmp::spfn page) { return page.value == 7; };
  CHECK(rmp::set_in_use(ctx, table, {0x5000}, false, seven) == rmp::page_range{});
  CHECK(table.entries[4].in_use);
  CHECK(rmp::rmpupdate(ctx, table, {}, {}, {0x4000}, {.large = true})->eax == rmp::status::fail_inuse);
  (void)rmp::set_in_use(ctx, table, {0x7000}, false, [](rmp::spfn) { return false; });
  CHECK(table == table_with(large));
  // A page of 4K is held by whoever holds it, not by its neighbours.
  table = table_with(vmsa);
  (void)rmp::set_in_use(ctx, table, {0x4000}, true);
  (void)rmp::set_in_use(ctx, table, {0x4000}, false, seven);
  CHECK(table == table_with(vmsa));
}

/// As if the segment table's entry for all pages had reserved bits set.
struct spoilt_table : small {
  [[nodiscard]] static constexpr auto covers(rmp::spfn) -> bool { return false; }
  [[nodiscard]] static constexpr auto reserved(rmp::spfn) -> bool { return true; }
};

TEST_CASE("RMP-SEG-06: pages that nobody can look up are not the hypervisor's",
          "[rmp][RMP-SEG-06][RMP-VMR-01][RMP-VMR-06][RMP-VMR-07][RMP-CHK-17]") {
  context<> ctx;
  const spoilt_table spoilt;
  CHECK(rmp::check_vmrun_page(ctx, spoilt, vmrun_page::vmcb, {0x4000}) == page_answer::gp);
  CHECK(rmp::check_vmrun_page(ctx, spoilt, vmrun_page::avic_backing, {0x4000}) == page_answer::vmexit_invalid);
  CHECK(rmp::check_vm_hsave_pa(ctx, spoilt, {0x4000}) == page_answer::gp);
  CHECK(rmp::check_vmsave_page(ctx, spoilt, {0x4000}, vmsave_by::guest) == page_answer::npf);
  CHECK(rmp::check_snp_vmsa(ctx, spoilt, {0x4000}, {5}) == page_answer::vmexit_invalid);
  CHECK_FALSE(rmp::iommu_may_keep(ctx, spoilt, {0x4000}));

  // Instructions of a guest get RSVD instead of bit 31.
  const rmp::guest_page page{.linear = {0x9000}, .guest = {0x8000}, .where = {0x4000}, .c = true};
  const auto translate = [&](gva) -> outcome<rmp::guest_page> { return page; };
  spoilt_table table;
  const rmp::execution guest{.id = {5}, .snp_active = true};
  const fault reserved{fault_kind::npf, rule::RMP_SEG_06, 0x5'0000'000d, 0x8000};
  CHECK(rmp::pvalidate(ctx, table, {}, guest, {{0x9000}, 0, 1}, translate).error() == reserved);
  CHECK(rmp::rmpadjust(ctx, table, {}, guest, {{0x9000}, 0, 0x101}, translate).error() == reserved);
}

TEST_CASE("RMP-VMR-05: the mark in the entries of Zen 3", "[rmp][RMP-VMR-05]") {
  context<> ctx;
  rmp::lazy_table table(1024);
  rmp::set_in_use(ctx, table, {0x20'1000}, true);
  CHECK(table.raw_of({0x201}).lo == u64{1} << 63);
  rmp::set_in_use(ctx, table, {0x20'1000}, false);
  CHECK(table.raw_of({0x201}).lo == 0);
  rmp::set_in_use(ctx, table, {0x40'0000}, true);
  CHECK_FALSE(table.covers({0x400}));
}

TEST_CASE("RMP-VMR-05: a mark takes rights away from translations that exist",
          "[rmp][RMP-VMR-05][RMP-CHK-15][INV-17]") {
  for (const bool erratum : {false, true}) {
    context<> ctx{.choices = {.erratum_inuse_2m = erratum}};
    small table;
    const rmp::page_range none{};
    CHECK(rmp::set_in_use(ctx, table, {0x5abc}, true) == rmp::page_range{{5}, 1});
    CHECK(rmp::set_in_use(ctx, table, {0x5000}, true) == none);   // nothing new
    CHECK(rmp::set_in_use(ctx, table, {0x5000}, false) == none);  // rights come back
    CHECK(rmp::set_in_use(ctx, table, {0x5000}, true) == rmp::page_range{{5}, 1});
    // The first page of a region: with the erratum writes through large leaves to all of it end (RMP-ERR-01).
    CHECK(rmp::set_in_use(ctx, table, {0x8000}, true) == (erratum ? rmp::page_range{{8}, 4} : rmp::page_range{{8}, 1}));
    CHECK(rmp::set_in_use(ctx, table, {0x1'0000}, true) == none);  // cannot be marked
    // Every page of a large one.
    entry large = vmsa;
    large.large = true;
    small other = table_with(large);
    CHECK(rmp::set_in_use(ctx, other, {0x6000}, true) == rmp::page_range{{4}, 4});
    CHECK(rmp::set_in_use(ctx, other, {0x7000}, true) == none);
  }
  // Each range holds every page that was allowed and no longer is.
  for (const bool erratum : {false, true}) {
    context<> ctx{.choices = {.erratum_inuse_2m = erratum}};
    for (u64 marked = 0; marked < 16; ++marked) {
      small before;
      small after = before;
      const rmp::page_range stale = rmp::set_in_use(ctx, after, {marked << 12}, true);
      for (u64 touched = 0; touched < 16; ++touched) {
        for (const page_size leaf : {page_size::k4k, page_size::k2m}) {
          const memory::ownership_query write{.where = {touched << 12}, .leaf = leaf, .kind = access_kind::write};
          const bool was = rmp::check_access(ctx, before, write).what == verdict::allowed;
          const bool is = rmp::check_access(ctx, after, write).what == verdict::allowed;
          if (was && !is) CHECK(stale.contains({touched}));
        }
      }
    }
  }
}

TEST_CASE("RMP-CHK-17: where an IOMMU keeps its structures", "[rmp][RMP-CHK-17]") {
  context<> ctx;
  for (const owned_page& one : owned_pages) {
    INFO(one.name);
    CHECK(rmp::iommu_may_keep(ctx, table_with(one.page), {0x4000}) == one.hypervisors);
    CHECK(rmp::iommu_may_keep(ctx, table_with(one.page), {0x5000}));
  }
  entry page{.assigned = true, .immutable = true, .locked = true, .tag = rmp::firmware_tag::iommu, .guest = {0x1000}};
  CHECK(rmp::iommu_may_keep(ctx, table_with(page), {0x4fff}));
  page.tag = rmp::firmware_tag::metadata;
  CHECK_FALSE(rmp::iommu_may_keep(ctx, table_with(page), {0x4fff}));
  CHECK(rmp::iommu_may_keep(ctx, small{}, {0x1'0000}));  // no entry: the hypervisor's
}

TEST_CASE("RMP-VMR-05: who may touch a page in use", "[rmp][RMP-VMR-05][RMP-CHK-15][RMP-ERR-02]") {
  const auto ask = [](const entry& page, memory::ownership_query query, implementation_choices choices = {}) {
    context<> ctx{.choices = choices};
    query.where = {0x4000};
    query.guest = {0x4000};
    return rmp::check_access(ctx, table_with(page), query).what;
  };
  const entry backing{.in_use = true};
  const memory::ownership_query write{.kind = access_kind::write};
  memory::ownership_query posting = write;
  posting.in_use_write_allowed = true;
  CHECK(ask(backing, write) == verdict::violation);
  CHECK(ask(backing, posting) == verdict::allowed);                                          // HvInUseWrAllowed
  CHECK(ask(with(vmsa, [](entry& e) { e.in_use = true; }), posting) == verdict::violation);  // not the hypervisor's
  // Reads through a translation that could write.
  const implementation_choices strict{.inuse_host_read_via_writable = false};
  for (const bool writable : {false, true}) {
    const memory::ownership_query read{.kind = access_kind::read, .writable_leaf = writable};
    CHECK(ask(backing, read) == verdict::allowed);
    CHECK(ask(backing, read, strict) == (writable ? verdict::violation : verdict::allowed));
    memory::ownership_query fetch = read;
    fetch.kind = access_kind::execute;
    CHECK(ask(backing, fetch, strict) == verdict::allowed);
    CHECK(ask({}, read, strict) == verdict::allowed);
  }
  // A guest's unchecked reads.
  const implementation_choices denies{.in_use_denies_guest_reads = true};
  for (const auto who : {memory::owner_context::guest, memory::owner_context::snp_guest}) {
    const memory::ownership_query read{.kind = access_kind::read, .who = who, .id = {5}};
    CHECK(ask(backing, read) == verdict::allowed);
    CHECK(ask(backing, read, denies) == verdict::violation);
    CHECK(ask({}, read, denies) == verdict::allowed);
  }
  CHECK(ask(backing, {.kind = access_kind::read}, denies) == verdict::allowed);  // the host is no guest
}

TEST_CASE("RMP-ERR-01: early parts take a 2M-aligned page in use for its region", "[rmp][RMP-ERR-01][RMP-CHK-15]") {
  for (const bool erratum : {false, true}) {
    context<> ctx{.choices = {.erratum_inuse_2m = erratum}};
    for (unsigned used = 4; used < 8; ++used) {
      small table;
      table.entries[used].in_use = true;
      for (unsigned touched = 3; touched < 9; ++touched) {
        for (const page_size leaf : {page_size::k4k, page_size::k2m, page_size::k1g}) {
          const bool large = leaf != page_size::k4k;
          const bool region = erratum && large && used == 4 && touched >= 4 && touched < 8;
          const auto expected = touched == used || region ? verdict::violation : verdict::allowed;
          INFO("in use " << used << ", touched " << touched << ", leaf " << name_of(leaf));
          CHECK(rmp::check_access(ctx, table, {.where = {u64{touched} << 12}, .leaf = leaf, .kind = access_kind::write})
                    .what == expected);
          CHECK(rmp::is_in_use(ctx, table, {touched}, large) == (touched == used || region));
          // An A/D update is one of 4K (RMP-CHK-05).
          CHECK(
              rmp::check_access(
                  ctx, table, {.where = {u64{touched} << 12}, .leaf = leaf, .kind = access_kind::write, .table = true})
                  .what == (touched == used ? verdict::violation : verdict::allowed));
        }
      }
    }
  }
}

TEST_CASE("RMP-VMR-06: VM_HSAVE_PA", "[rmp][RMP-VMR-06]") {
  context<> ctx;
  for (const owned_page& one : owned_pages) {
    INFO(one.name);
    const small table = table_with(one.page);
    CHECK(rmp::check_vm_hsave_pa(ctx, table, {0x4000}) == (one.hypervisors ? page_answer::good : page_answer::gp));
  }
  small table;
  table.entries[0] = guest_valid;
  CHECK(rmp::check_vm_hsave_pa(ctx, table, {0}) == page_answer::good);  // 0 can be written, whoever's page it is
  CHECK(rmp::check_vm_hsave_pa(ctx, table, {0x8}) == page_answer::gp);
  CHECK(rmp::check_vm_hsave_pa(ctx, table, {u64{1} << 40}) == page_answer::good);
  CHECK(rmp::check_vmrun_hsave(ctx, {0}) == page_answer::gp);
  CHECK(rmp::check_vmrun_hsave(ctx, {0x1000}) == page_answer::good);
}

TEST_CASE("RMP-VMR-07: where VMSAVE stores", "[rmp][RMP-VMR-07]") {
  context<> ctx;
  const std::map<vmsave_by, page_answer> foreign{{vmsave_by::host, page_answer::gp},
                                                 {vmsave_by::guest, page_answer::npf},
                                                 {vmsave_by::encrypted_state_guest, page_answer::vmexit_vmsave}};
  for (const owned_page& one : owned_pages) {
    const small table = table_with(one.page);
    for (const auto& [who, otherwise] : foreign) {
      INFO(one.name << ", by " << static_cast<int>(who));
      CHECK(rmp::check_vmsave_page(ctx, table, {0x4000}, who) == (one.hypervisors ? page_answer::good : otherwise));
      CHECK(rmp::check_vmsave_page(ctx, table, {0x5000}, who) == page_answer::good);
      CHECK(rmp::check_vmsave_page(ctx, table, {0x1'0000}, who) == page_answer::good);
    }
  }
}

TEST_CASE("rules of VMRUN's pages fire and pass", "[rmp][RMP-VMR-01][RMP-VMR-02][RMP-VMR-06][RMP-VMR-07][RMP-ERR-01]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {.erratum_inuse_2m = true}, .listener = heard};
  entry used = vmsa;
  used.in_use = true;
  const small table = table_with(used);
  for (const u64 where : {0x4000U, 0x8000U}) {
    (void)rmp::check_vmrun_page(ctx, table, vmrun_page::vmcb, {where});
    (void)rmp::check_snp_vmsa(ctx, table, {where}, {5});
    (void)rmp::check_vm_hsave_pa(ctx, table, {where});
    (void)rmp::check_vmsave_page(ctx, table, {where}, vmsave_by::host);
    (void)rmp::is_in_use(ctx, table, page_of(spa{where + 0x1000}), true);
  }
  for (const rule id : {rule::RMP_VMR_01, rule::RMP_VMR_02, rule::RMP_VMR_06, rule::RMP_VMR_07, rule::RMP_ERR_01}) {
    INFO(name_of(id));
    CHECK(heard.fired.contains(id));
    CHECK(heard.passed.contains(id));
  }
}
