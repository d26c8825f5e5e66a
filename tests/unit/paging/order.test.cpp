// SPDX-License-Identifier: MIT
// Which of two faults wins. A machine gets every pair of defects of a list that is in the architecture's order; the
// earlier one must be reported, as if it were alone.
#include <functional>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

template <class Machine>
struct defect {
  std::string name;
  std::function<void(Machine&)> make;
};

template <class Machine>
void check_order(const std::vector<defect<Machine>>& in_order, const memory_access& why) {
  for (std::size_t first = 0; first < in_order.size(); ++first) {
    Machine alone;
    in_order[first].make(alone);
    const auto expected = alone.fault_of(why);
    INFO(in_order[first].name);
    REQUIRE(expected);
    for (std::size_t second = first; second < in_order.size(); ++second) {
      INFO("and " << in_order[second].name);
      Machine one_way;
      in_order[first].make(one_way);
      in_order[second].make(one_way);
      CHECK(one_way.fault_of(why) == expected);
    }
  }
}

constexpr std::uint64_t reserved = std::uint64_t{1} << 51;

}  // namespace

TEST_CASE("PAG-PRI-01/02/03: host faults in their order", "[paging][PAG-PRI-01][PAG-PRI-02][PAG-PRI-03]") {
  std::vector<defect<host_machine>> in_order;
  in_order.push_back({"not canonical", [](host_machine& host) { host.where.value |= bit_at(63); }});
  for (unsigned level = 4; level >= 1; --level) {
    const std::string name = "level " + std::to_string(level);
    in_order.push_back({name + " not present", [=](host_machine& host) { host.at(level) &= ~present; }});
    in_order.push_back({name + " reserved bit", [=](host_machine& host) { host.at(level) |= reserved; }});
  }
  in_order.push_back({"protection key", [](host_machine& host) {
                        host.regs.cr4 |= cr4_pke;
                        host.leaf() |= bit_at(59);
                      }});
  in_order.push_back({"read-only above", [](host_machine& host) { host.at(4) &= ~writable; }});
  memory_access why = user_write;
  why.pkru = 0b1000;  // key 1: write-disable

  // Finding one's way needs the address the machine was built for, so the slots are looked up before it is broken.
  for (auto& [name, make] : in_order)
    if (name != "not canonical")
      make = [make](host_machine& host) {
        const hva broken = host.where;
        host.where = {linear_4};
        make(host);
        host.where = broken;
      };
  check_order(in_order, why);
}

TEST_CASE("PAG-PRI-02: every permission failure is one fault; only PK shows an order", "[paging][PAG-PRI-02]") {
  memory_access why = user_write;
  why.pkru = 0b0100;  // key 1: access-disable
  host_machine host;
  host.regs.cr4 |= cr4_pke;
  host.leaf() |= bit_at(59);
  host.at(2) &= ~writable;
  CHECK(host.fault_of(why) == page_fault(rule::PAG_PERM_06, 0x27, host.where.value));
  // On a supervisor page the key does not count, and U/S is what remains.
  host.at(3) &= ~user;
  CHECK(host.fault_of(why) == page_fault(rule::PAG_PERM_01, 0x7, host.where.value));
}

TEST_CASE("PAG-PRI-03: presence and reserved bits below beat permissions above", "[paging][PAG-PRI-03][PAG-PERM-08]") {
  for (unsigned level = 1; level <= 3; ++level) {
    host_machine host;
    host.at(4) &= ~(writable | user);
    host.at(level) &= ~present;
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_ENT_02, 0x6, host.where.value));
    host.at(level) |= present | reserved;
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_RSV_02, 0xf, host.where.value));
    // A reserved bit higher up beats P=0 further down.
    host.at(4) |= reserved;
    host.at(level) = 0;
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_RSV_02, 0xf, host.where.value));
  }
}

TEST_CASE("PAG-NPF-01, PAG-PRI-04: faults of both stages in their order", "[paging][PAG-NPF-01][PAG-PRI-04]") {
  std::vector<defect<guest_machine>> in_order;
  for (unsigned level = 4; level >= 1; --level) {
    const std::string name = "guest level " + std::to_string(level);
    // Nested leaves of the guest's tables differ from level to level; what lies above them is shared.
    in_order.push_back({name + ": its page not present in the nested tables",
                        [=](guest_machine& guest) { guest.for_table(level, 1) &= ~present; }});
    in_order.push_back({name + ": its page's nested leaf has a reserved bit",
                        [=](guest_machine& guest) { guest.for_table(level, 1) |= reserved; }});
    in_order.push_back({name + ": its page read-only in the nested tables",
                        [=](guest_machine& guest) { guest.for_table(level, 1) &= ~writable; }});
    in_order.push_back({name + " not present", [=](guest_machine& guest) { guest.in_guest(level) &= ~present; }});
    in_order.push_back({name + " reserved bit", [=](guest_machine& guest) { guest.in_guest(level) |= reserved; }});
  }
  in_order.push_back({"guest permission", [](guest_machine& guest) { guest.in_guest(4) &= ~writable; }});
  in_order.push_back({"final: level 2 not present", [](guest_machine& guest) { guest.for_data(2) &= ~present; }});
  in_order.push_back({"final: level 2 reserved", [](guest_machine& guest) { guest.for_data(2) |= reserved; }});
  in_order.push_back({"final: not present", [](guest_machine& guest) { guest.for_data(1) &= ~present; }});
  in_order.push_back({"final: reserved bit", [](guest_machine& guest) { guest.for_data(1) |= reserved; }});
  in_order.push_back({"final: permission", [](guest_machine& guest) { guest.for_data(2) &= ~writable; }});
  check_order(in_order, user_write);
}
