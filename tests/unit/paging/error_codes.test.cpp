// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/machines.hpp>

#include <sevspec/paging/page_fault_code.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

}  // namespace

TEST_CASE("PAG-PF-01: where the bits are", "[paging][PAG-PF-01][PAG-NPF-10]") {
  using code = paging::page_fault_code;
  CHECK(code::p::mask == 0x1);
  CHECK(code::w::mask == 0x2);
  CHECK(code::u::mask == 0x4);
  CHECK(code::rsvd::mask == 0x8);
  CHECK(code::id::mask == 0x10);
  CHECK(code::pk::mask == 0x20);
  CHECK(code::ss::mask == 0x40);
  CHECK(code::rmp::mask == 0x8000'0000);
  CHECK(code::final_gpa::mask == 0x1'0000'0000);
  CHECK(code::guest_table::mask == 0x2'0000'0000);
  CHECK(code::enc::mask == 0x4'0000'0000);
  CHECK(code::sizem::mask == 0x8'0000'0000);
  CHECK(code::vmpl::mask == 0x10'0000'0000);
  CHECK(code::sss::mask == 0x20'0000'0000);
  CHECK(paging::vmexit_npf == 0x400);
}

TEST_CASE("PAG-PF-01: W and U describe the access, P and RSVD the entry", "[paging][PAG-PF-01][PAG-PF-02]") {
  // The entry that stops the walk x the access. ID is on, as NXE=1.
  for (unsigned level = 1; level <= 4; ++level) {
    for (const bool is_reserved : {false, true}) {
      host_machine host;
      guest_machine guest;
      if (is_reserved) {
        host.at(level) |= bit_at(51);
        guest.in_guest(level) |= bit_at(51);
      } else {
        host.at(level) &= ~present;
        guest.in_guest(level) &= ~present;
      }
      const std::uint64_t found = is_reserved ? 0x9 : 0x0;  // RSVD never without P
      const rule why = is_reserved ? rule::PAG_RSV_02 : rule::PAG_ENT_02;
      for (const auto& [access, bits] : {std::pair{kernel_read, 0x0U},
                                         {kernel_write, 0x2U},
                                         {user_read, 0x4U},
                                         {user_write, 0x6U},
                                         {kernel_fetch, 0x10U},
                                         {user_fetch, 0x14U}}) {
        CHECK(host.fault_of(access) == page_fault(why, found | bits, host.where.value));
        CHECK(guest.fault_of(access) == page_fault(why, found | bits, guest.where.value));
      }
      // An implicit supervisor access is no user access at any CPL.
      const memory_access implicit{.kind = access_kind::write, .level = user_mode, .implicit_supervisor = true};
      CHECK(host.fault_of(implicit) == page_fault(why, found | 0x2, host.where.value));
    }
  }
}

TEST_CASE("PAG-PF-03: CR2 is the whole linear address of the first byte", "[paging][PAG-PF-03]") {
  for (const std::uint64_t where :
       {std::uint64_t{0x1}, std::uint64_t{0x7fff'ffff'ffff}, std::uint64_t{0xffff'8000'0000'0fff}, ~std::uint64_t{}}) {
    host_machine host;
    host.where = {where};
    host.memory.put(0x10000 + 8 * (where >> 39 & 511), 0);
    memory_access why = user_read;
    CHECK(host.fault_of(why) == page_fault(rule::PAG_ENT_02, 0x4, where));
  }
  host_machine host;
  host.at(1) = 0;
  memory_access wide = kernel_write;
  wide.bytes = 64;
  CHECK(host.fault_of(wide) == page_fault(rule::PAG_ENT_02, 0x2, linear_4));
}

TEST_CASE("PAG-PF-04: ID needs NXE or SMEP", "[paging][PAG-PF-04]") {
  for (const bool nxe : {false, true}) {
    for (const bool smep : {false, true}) {
      host_machine host;
      guest_machine guest;
      host.at(1) = guest.in_guest(1) = 0;
      for (auto* regs : {&host.regs, &guest.state.guest}) {
        regs->efer = nxe ? 0xd01 : 0x501;
        regs->cr4 = smep ? 0x1000a0 : 0xa0;
      }
      // The other domain's registers do not count.
      guest.state.host.efer = nxe ? 0x501 : 0xd01;
      guest.state.host.cr4 = smep ? 0xa0 : 0x1000a0;
      const std::uint64_t id = nxe || smep ? 0x10 : 0;
      CHECK(host.fault_of(user_fetch) == page_fault(rule::PAG_ENT_02, 0x4 | id, host.where.value));
      CHECK(host.fault_of(kernel_fetch) == page_fault(rule::PAG_ENT_02, id, host.where.value));
      CHECK(host.fault_of(user_read) == page_fault(rule::PAG_ENT_02, 0x4, host.where.value));
      CHECK(guest.fault_of(user_fetch) == page_fault(rule::PAG_ENT_02, 0x4 | id, guest.where.value));
    }
  }
}
