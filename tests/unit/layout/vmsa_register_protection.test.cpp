// SPDX-License-Identifier: MIT
#include <array>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/vmsa_register_protection.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::vmsa;

using tweak_bitmap = std::array<std::uint8_t, 64>;

constexpr std::uint64_t nonce = 0xF0DE'BC9A'7856'3412;

auto noisy_page() -> vmsa {
  vmsa page;
  for (std::size_t i = 0; i < page.bytes().size(); ++i) page.bytes()[i] = static_cast<std::uint8_t>(37 * i + i / 256);
  return page;
}

constexpr auto protects_in_a_constant_expression() -> bool {
  vmsa page;
  page.set_rax(0xFF);
  tweak_bitmap bits{};
  bits[0x1F8 / 64] = 1U << (0x1F8 / 8 % 8);
  layout::apply_register_protection(page, bits, nonce);
  return page.rax() == (nonce ^ 0xFF) && page.rcx() == 0;
}
static_assert(protects_in_a_constant_expression());

}  // namespace

TEST_CASE("LAY-VMSA-08: bit i covers the quadword at 8 * i", "[layout][LAY-VMSA-08]") {
  for (std::size_t i = 0; i < 512; ++i) {
    tweak_bitmap bits{};
    bits[i / 8] = static_cast<std::uint8_t>(1U << (i % 8));
    const auto plain = noisy_page();
    auto page = plain;
    layout::apply_register_protection(page, bits, nonce);
    auto expected = plain;
    put_le(expected.bytes(), 8 * i, 8, get_le(plain.bytes(), 8 * i, 8) ^ nonce);
    INFO("bit " << i);
    CHECK(page == expected);
    CHECK_FALSE(page == plain);
    layout::apply_register_protection(page, bits, nonce);
    CHECK(page == plain);
  }
}

TEST_CASE("LAY-VMSA-08: all, none, and a nonce of zero", "[layout][LAY-VMSA-08]") {
  const auto plain = noisy_page();
  tweak_bitmap all;
  all.fill(0xFF);

  auto page = plain;
  layout::apply_register_protection(page, tweak_bitmap{}, nonce);
  CHECK(page == plain);
  layout::apply_register_protection(page, all, 0);
  CHECK(page == plain);

  layout::apply_register_protection(page, all, nonce);
  unsigned differing = 0;
  for (std::size_t i = 0; i < 512; ++i)
    differing += get_le(page.bytes(), 8 * i, 8) != (get_le(plain.bytes(), 8 * i, 8) ^ nonce);
  CHECK(differing == 0);
  layout::apply_register_protection(page, all, nonce);
  CHECK(page == plain);
}

TEST_CASE("LAY-VMSA-08: with the bitmap of a secrets page and the nonce of the VMSA", "[layout][LAY-VMSA-08]") {
  layout::secrets_page secrets;
  // RIP (178h), RAX (1F8h) and the last quadword of the page.
  secrets.vmsa_tweak_bitmap()[0x178 / 64] = 1U << (0x178 / 8 % 8);
  secrets.vmsa_tweak_bitmap()[0x1F8 / 64] |= 1U << (0x1F8 / 8 % 8);
  secrets.vmsa_tweak_bitmap()[63] = 0x80;
  REQUIRE(secrets.bytes()[0x100 + 5] == 0x80);
  REQUIRE(secrets.bytes()[0x100 + 7] == 0x80);

  vmsa plain;
  plain.set_rip(0xFFF0);
  plain.set_rax(1);
  plain.set_rbx(2);
  plain.set_reg_prot_nonce(nonce);
  byte_vector storage(plain.bytes().begin(), plain.bytes().end());
  layout::vmsa_view stored(std::span<std::uint8_t, 4096>(storage.data(), 4096));
  layout::apply_register_protection(stored, std::as_const(secrets).vmsa_tweak_bitmap(), stored.reg_prot_nonce());
  CHECK(stored.rip() == (0xFFF0 ^ nonce));
  CHECK(stored.rax() == (1 ^ nonce));
  CHECK(stored.rbx() == 2);
  CHECK(stored.reg_prot_nonce() == nonce);
  CHECK(get_le(storage, 0xFF8, 8) == nonce);
  layout::apply_register_protection(stored, std::as_const(secrets).vmsa_tweak_bitmap(), stored.reg_prot_nonce());
  CHECK(storage == byte_vector(plain.bytes().begin(), plain.bytes().end()));
}
