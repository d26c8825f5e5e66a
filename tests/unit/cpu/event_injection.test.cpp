// SPDX-License-Identifier: MIT
#include <cstdint>

#include <sevspec/cpu/event_injection.hpp>
#include <support/catch.hpp>

using namespace sevspec;

namespace {

constexpr layout::sev_features plain{1}, restricted{9}, alternate{0x11};

auto event(std::uint64_t vector, std::uint64_t type, bool valid = true, bool with_code = false)
    -> layout::event_injection {
  return {vector | type << 8 | (with_code ? 0x800U : 0U) | (valid ? 0x8000'0000U : 0U)};
}

}  // namespace

TEST_CASE("EVENTINJ bit by bit", "[cpu][WSW-INJ-01]") {
  const layout::event_injection word{0x1234'5678'8000'0b0d};
  CHECK(word.vector() == 13);
  CHECK(word.type() == layout::event_types::exception);
  CHECK(word.error_code_valid());
  CHECK(word.valid());
  CHECK(word.error_code() == 0x1234'5678);
  CHECK(event(28, 3).raw == 0x8000'031c);
}

TEST_CASE("what can be injected into encrypted guests", "[cpu][WSW-INJ-02][WSW-INJ-03][WSW-INJ-04][WSW-INJ-05]") {
  context<> ctx;
  for (std::uint64_t vector = 0; vector < 256; ++vector)
    for (std::uint64_t type = 0; type < 8; ++type)
      for (const bool with_code : {false, true}) {
        const auto one = event(vector, type, true, with_code);
        const bool is_hv = vector == 28 && type == 3;
        const bool fits = (type == 0 || type == 2 || type == 3) && !(type == 3 && (vector == 3 || vector == 4));
        CHECK(cpu::refused_injection(ctx, plain, one).has_value() == (is_hv || !fits));
        CHECK(cpu::refused_injection(ctx, restricted, one).has_value() == (!is_hv || with_code));
        CHECK_FALSE(cpu::refused_injection(ctx, alternate, one).has_value());
        CHECK_FALSE(cpu::refused_injection(ctx, plain, event(vector, type, false)).has_value());
      }
  // Heckler and WeSee: both get through, unless a feature is on.
  for (const auto& attack : {event(0x80, 0), event(29, 3, true, true)}) {
    CHECK_FALSE(cpu::refused_injection(ctx, plain, attack));
    CHECK(cpu::refused_injection(ctx, restricted, attack) == rule::WSW_INJ_04);
    CHECK(cpu::injected_event(ctx, plain, attack, {}) == attack);
    CHECK(cpu::injected_event(ctx, alternate, attack, {}) == layout::event_injection{});
  }
}

TEST_CASE("VMPL 0 injects again", "[cpu][WSW-INJ-07]") {
  context<> ctx;
  for (const bool feature : {false, true})
    for (const bool busy : {false, true}) {
      layout::vmsa vmsa;
      vmsa.set_sev_features(feature ? alternate : plain);
      vmsa.set_vintr_ctrl(layout::vmsa_vintr_ctrl{0x1234}.set_busy(busy));
      vmsa.set_guest_exit_int_info(event(0x30, 0));
      const layout::vmsa before = vmsa;
      CHECK(cpu::reinject_for_level(ctx, vmsa) == (feature && busy));
      if (feature && busy) {
        CHECK(vmsa.event_inj() == event(0x30, 0));
        CHECK(vmsa.vintr_ctrl().raw == 0x1234);
      } else {
        CHECK(vmsa == before);
      }
    }
}
