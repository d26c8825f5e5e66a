// SPDX-License-Identifier: MIT
// Walks of short tables, of virtual TOM, and of pages with owners, proved by the compiler.
#include <sevspec/paging/memory_type.hpp>
#include <support/owned_machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr auto host_spa(unsigned levels, unsigned leaf, std::uint64_t target) -> std::uint64_t {
  return host_of_format(levels, leaf, linear_32, target).run(user_write)->page.where.value;
}
// PAG-MODE-02, PAG-MODE-03: PAE and 32-bit entries, small pages and large ones; PAG-ENT-04: a 4M page above 4 GiB
static_assert(host_spa(3, 1, 0x7fff'fff5'2000) == 0x7fff'fff5'2cc8);
static_assert(host_spa(3, 2, 0x0280'0000) == 0x0280'0000 + (linear_32 & 0x1f'ffff));
static_assert(host_spa(2, 1, 0x0280'0000) == 0x0280'0cc8);
static_assert(host_spa(2, 2, 0xff'ffc0'0000) == 0xff'ffc0'0000 + (linear_32 & 0x3f'ffff));

template <class Change>
constexpr auto host_fault(unsigned levels, Change change, const memory_access& why) -> std::optional<fault> {
  host_of_format host(levels);
  change(host);
  return host.fault_of(why);
}
// PAG-CR3-05: a reserved bit of a PDPE is a page fault; PAG-PERM-07: a shadow stack is a dirty read-only page
static_assert(
    host_fault(3, [](auto& m) { m.at(3) |= bit_at(1); }, user_read) == page_fault(rule::PAG_RSV_01, 0xd, linear_32));
static_assert(
    host_fault(3, [](auto& m) { m.at(1) |= bit_at(52); }, user_write) == page_fault(rule::PAG_RSV_01, 0xf, linear_32));
constexpr memory_access stack_write{.kind = access_kind::shadow_stack_write, .level = user_mode};
static_assert(host_fault(3, [](auto&) {}, stack_write) == page_fault(rule::PAG_PERM_07, 0x47, linear_32));
static_assert(host_fault(3, [](auto& m) { m.at(1) &= ~writable; }, stack_write) == std::nullopt);

// A PAE guest over four nested levels
constexpr auto guest_spa(two_formats form) -> std::uint64_t {
  guest_of_format guest(form);
  return guest.run(user_read)->page.where.value;
}
static_assert(guest_spa({}) == 0x4280'0cc8);
static_assert(guest_spa({.guest = 2, .nested = 3}) == 0x4280'0cc8);

template <class Change>
constexpr auto snp_fault(Change change, const memory_access& why) -> std::optional<fault> {
  owned_guest guest;
  change(guest);
  return guest.fault_of(why);
}
constexpr std::uint64_t byte = 0x0280'0cc8;
// PAG-RMPS-08: #VC 404h with the linear address, for the page and for a table
static_assert(snp_fault([](auto&) {}, user_write) == std::nullopt);
static_assert(snp_fault([](auto& m) { m.page().validated = false; }, user_write) ==
              fault{fault_kind::vc, rule::PAG_RMPS_08, 0x404, linear_4});
static_assert(snp_fault([](auto& m) { m.table(3).validated = false; }, user_write) ==
              fault{fault_kind::vc, rule::PAG_RMPS_08, 0x404, linear_4});
// RMP-CHK-01, RMP-VPL-01, RMP-CHK-10
static_assert(snp_fault([](auto& m) { m.page().id = {6}; }, user_write) ==
              nested_fault(rule::RMP_CHK_01, 0x5'8000'0007, byte));
static_assert(snp_fault([](auto& m) { m.page().allowed[0].raw = 1; }, user_write) ==
              nested_fault(rule::RMP_VPL_01, 0x15'8000'0007, byte));
static_assert(snp_fault([](auto& m) { m.page().large = true; }, user_read) ==
              nested_fault(rule::RMP_CHK_10, 0x5'8000'0005, byte));
static_assert(snp_fault([](auto& m) { m.share(); }, user_write) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, byte));
static_assert(snp_fault([](auto& m) { m.share(); }, user_read) == std::nullopt);

// PAG-PF-05: the host's #PF
constexpr auto host_write(const memory_access& why) -> std::optional<fault> {
  owned_host host;
  host.owners.put(0x0280'0000, guest_page(0x1000));
  return host.fault_of(why);
}
static_assert(host_write(kernel_write) == page_fault(rule::RMP_CHK_01, 0x8000'0003, linear_32));
static_assert(host_write(user_write) == page_fault(rule::RMP_CHK_01, 0x8000'0007, linear_32));
static_assert(host_write(user_read) == std::nullopt);

// PAG-VTOM-01, PAG-VTOM-03: private below, shared at and above, and no C-bit in the guest's tables
constexpr auto with_tom(std::uint64_t tom, bool c_bit) -> outcome<paging::guest_translation> {
  owned_guest guest;
  guest.state.sev_features = 3;
  guest.state.virtual_tom = tom;
  if (!c_bit) guest.share();
  return guest.run(user_read);
}
static_assert(with_tom(0x02a0'0000, false)->key == memory_key::guest({5}));
static_assert(with_tom(0x0280'0000, false)->key == memory_key::none());
static_assert(fault_of(with_tom(0x02a0'0000, true)) == page_fault(rule::PAG_RSV_07, 0xd, linear_4));

// PAG-MT-02, PAG-MT-03
using paging::memory_type;
using paging::mtrr_type;
using paging::pat_type;
static_assert(paging::combined_type(pat_type::wb, pat_type::wb) == memory_type::wb);
static_assert(paging::combined_type(pat_type::wc, pat_type::wb) == memory_type::wc_plus);
static_assert(paging::with_mtrr(memory_type::wb, mtrr_type::wt) == memory_type::wt);

}  // namespace
