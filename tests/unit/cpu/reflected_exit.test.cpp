// SPDX-License-Identifier: MIT
// What #VC 404h leaves in the VMSA where ReflectVC hides it from the hypervisor.
#include <cstdint>

#include <sevspec/cpu/reflected_exit.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <support/catch.hpp>
#include <support/owned_machines.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

/// Remembers the last question about page ownership that was answered with "not validated".
template <class Guarded>
class remembering : public memory::forwarding<Guarded> {
 public:
  remembering(Guarded& memory, memory::ownership_query& refused)
      : memory::forwarding<Guarded>(memory), refused_(&refused) {}

  template <class Context>
  auto check_ownership(Context& ctx, const memory::ownership_query& query) const -> memory::ownership_verdict {
    const auto verdict = this->underlying().check_ownership(ctx, query);
    if (verdict.what == memory::ownership_verdict::kind::not_validated) *refused_ = query;
    return verdict;
  }

 private:
  memory::ownership_query* refused_;
};

constexpr std::uint64_t final_page = 0x5'0000'0005, table_page = 0x6'0000'0007;

constexpr auto query(access_kind kind, bool table = false, bool user = false) -> memory::ownership_query {
  return {.where = {0x7000}, .guest = {0x1'2345}, .kind = kind, .table = table, .user = user, .c = true};
}

/// Nested tables of a VMM with EFER.NXE.
constexpr auto ordinary() -> paging::two_stage_regime {
  paging::two_stage_regime machine{};
  machine.nested.nxe = true;
  return machine;
}

}  // namespace

TEST_CASE("RMP-FLT-08: EXITINFO of a page that is not validated", "[cpu][RMP-FLT-08]") {
  context<> ctx;
  const auto machine = ordinary();
  const auto exit = [&](const memory::ownership_query& refused) {
    return cpu::not_validated_exit(ctx, machine, refused);
  };
  using enum access_kind;
  CHECK(exit(query(read)) == cpu::reflected_exit{0x404, final_page, 0x1'2345});
  CHECK(exit(query(read, false, true)) == cpu::reflected_exit{0x404, final_page, 0x1'2345});
  CHECK(hex(exit(query(write)).info_1) == hex(final_page | 2));
  CHECK(hex(exit(query(execute)).info_1) == hex(final_page | 0x10));
  CHECK(hex(exit(query(shadow_stack_read)).info_1) == hex(final_page | 0x40));
  CHECK(hex(exit(query(shadow_stack_write)).info_1) == hex(final_page | 0x42));
  CHECK(hex(exit(query(read, true)).info_1) == hex(table_page));
  CHECK(hex(exit(query(write, true)).info_1) == hex(table_page));
  // As #NPF has its bits: with the choices of #NPF.
  ctx.choices.rmp_gpt_error_w = false;
  CHECK(hex(exit(query(read, true)).info_1) == hex(table_page & ~std::uint64_t{2}));
  CHECK(hex(exit(query(write, true)).info_1) == hex(table_page));
  ctx.choices.report_enc_bit = enc_bit::never;
  CHECK(hex(exit(query(read)).info_1) == "0x100000005");
}

TEST_CASE("RMP-FLT-08: ID and US there", "[cpu][RMP-FLT-08]") {
  context<> ctx;
  const auto fetch = [&](const paging::two_stage_regime& machine) {
    return cpu::not_validated_exit(ctx, machine, query(access_kind::execute)).info_1;
  };
  paging::two_stage_regime machine{};
  CHECK(hex(fetch(machine)) == hex(final_page));
  machine.nested.smep = true;
  CHECK(hex(fetch(machine)) == hex(final_page | 0x10));
  machine.nested.smep = false;
  ctx.choices.npf_id_requires_nx_or_smep = false;
  CHECK(hex(fetch(machine)) == hex(final_page | 0x10));
  machine.gmet = true;
  for (const bool by_user : {false, true}) {
    const auto refused = query(access_kind::read, false, by_user);
    ctx.choices.gmet_us_bit = gmet_user_bit::from_cpl;
    CHECK(hex(cpu::not_validated_exit(ctx, machine, refused).info_1) ==
          hex(by_user ? final_page : final_page & ~std::uint64_t{4}));
    ctx.choices.gmet_us_bit = gmet_user_bit::always;
    CHECK(hex(cpu::not_validated_exit(ctx, machine, refused).info_1) == hex(final_page));
  }
  for (const bool set : {false, true}) {
    ctx.choices.gmet_walk_us_bit = set;
    const auto refused = query(access_kind::read, true);
    CHECK(hex(cpu::not_validated_exit(ctx, machine, refused).info_1) ==
          hex(set ? table_page : table_page & ~std::uint64_t{4}));
  }
}

TEST_CASE("RMP-FLT-08: or nothing at all", "[cpu][RMP-FLT-08]") {
  context<> ctx{.choices = {.vc404_exitinfo = not_validated_info::zero}};
  for (const bool table : {false, true})
    CHECK(cpu::not_validated_exit(ctx, ordinary(), query(access_kind::write, table)) == cpu::reflected_exit{0x404});
  CHECK(cpu::not_validated_exit(ctx, ordinary(), rmp::guest_page{.guest = {0x5000}}) == cpu::reflected_exit{0x404});
}

TEST_CASE("RMP-FLT-08: from a walk, and from an instruction", "[cpu][RMP-FLT-08]") {
  context<> ctx;
  owned_guest guest;
  const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
  rmp::lazy_table table(0x10'0000);
  for (unsigned level = 1; level <= 4; ++level)
    table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(level)}), guest.table(level));
  rmp::entry page = guest.page();
  page.validated = false;
  table.put(page_of(spa{owned_guest::data_at}), page);
  rmp::guarded_memory guarded(guest.memory, table);
  memory::ownership_query refused;
  remembering<decltype(guarded)> memory(guarded, refused);
  REQUIRE(fault_of(paging::walk(ctx, memory, machine, guest.where, user_read))->kind == fault_kind::vc);
  const auto left = cpu::not_validated_exit(ctx, machine, refused);
  CHECK(left == cpu::reflected_exit{0x404, final_page, guest.final_gpa.value});
  // RMPADJUST of the same page.
  CHECK(cpu::not_validated_exit(ctx, machine, rmp::guest_page{.guest = guest.final_gpa}) == left);
  // One of its tables.
  rmp::entry own = guest.table(3);
  own.validated = false;
  table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(3)}), own);
  REQUIRE(fault_of(paging::walk(ctx, memory, machine, guest.where, user_read))->kind == fault_kind::vc);
  const auto of_table = cpu::not_validated_exit(ctx, machine, refused);
  CHECK(hex(of_table.info_1) == hex(table_page));
  CHECK(of_table.info_2 >> 12 == guest.gpa_of(3) >> 12);
}
