// SPDX-License-Identifier: MIT
// microsoft/openvmm 999707509, 65b167f5b: BUSY was read and set in two steps, and used without alternate injection.
#include <cstdint>

#include <sevspec/cpu/event_injection.hpp>
#include <support/catch.hpp>

using namespace sevspec;
using layout::vmsa_vintr_ctrl;

namespace {

constexpr layout::sev_features plain{1}, alternate{0x11};

/// VINTR_CTRL in memory.
struct word {
  vmsa_vintr_ctrl value{};
  unsigned writes = 0;
  auto exchange(vmsa_vintr_ctrl expected, vmsa_vintr_ctrl desired) -> bool {
    if (value != expected) return false;
    value = desired;
    ++writes;
    return true;
  }
};
/// As it was: read, and later set.
struct two_steps {
  bool found_free = false;
  void read(const word& from) { found_free = !from.value.busy(); }
  auto set(word& to) const -> bool {
    if (found_free) to.value.set_busy(true);
    return found_free;
  }
};

}  // namespace

TEST_CASE("FIELD-36: two users, one VMSA", "[field][FIELD-36][WSW-INJ-07]") {
  word shared;
  two_steps a, b;
  a.read(shared);
  b.read(shared);
  CHECK(a.set(shared));
  CHECK(b.set(shared));  // both have it

  context<> ctx;
  for (const bool first_reads_early : {false, true}) {
    word one;
    const vmsa_vintr_ctrl early = one.value;
    const auto exchange = [&](vmsa_vintr_ctrl expected, vmsa_vintr_ctrl desired) {
      return one.exchange(expected, desired);
    };
    CHECK(cpu::claim_vmsa(ctx, alternate, one.value, exchange));
    CHECK_FALSE(cpu::claim_vmsa(ctx, alternate, first_reads_early ? early : one.value, exchange));
    CHECK(one.writes == 1);
  }
}

TEST_CASE("FIELD-36: without alternate injection the bit means nothing", "[field][FIELD-36][WSW-INJ-07]") {
  context<> ctx;
  for (const bool set : {false, true}) {
    word one{.value = vmsa_vintr_ctrl{}.set_busy(set)};
    CHECK(cpu::claim_vmsa(ctx, plain, one.value, [&](vmsa_vintr_ctrl expected, vmsa_vintr_ctrl desired) {
      return one.exchange(expected, desired);
    }));
    CHECK(one.writes == 0);
  }
}
