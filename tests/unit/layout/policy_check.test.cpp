// SPDX-License-Identifier: MIT
#include <optional>

#include <support/catch.hpp>

#include <sevspec/layout/policy_check.hpp>

namespace {

using namespace sevspec;
using layout::api_version;
using layout::check_policy;
using layout::policy_error;
using layout::policy_refusal;
using layout::sev_guest_policy;
using layout::sev_platform;
using layout::snp_guest_policy;
using layout::snp_platform;

constexpr snp_platform milan{.api = {1, 55}, .smt_on = true, .known_bits = bit_range(25, 0)};
constexpr sev_platform naples{.api = {0, 24}, .es_enabled = true};

/// SMT allowed, the reserved bit set, versions from 0.0 on: what QEMU uses when nothing is said.
constexpr snp_guest_policy usual{0x3'0000};

constexpr auto refused(policy_refusal why, unsigned bit) -> std::optional<policy_error> {
  return policy_error{why, bit};
}

static_assert(!check_policy(usual, milan));
static_assert(check_policy(snp_guest_policy{}, milan) == policy_error{policy_refusal::must_be_one, 17});
static_assert(!check_policy(sev_guest_policy{}, naples));

}  // namespace

TEST_CASE("policies that are in use", "[layout][policy]") {
  CHECK(check_policy(usual, milan) == std::nullopt);
  CHECK(check_policy(snp_guest_policy{0xB'0000}, milan) == std::nullopt);    // with debugging: a go-sev-guest report
  CHECK(check_policy(snp_guest_policy{0x3'001F}, milan) == std::nullopt);    // 0.31
  CHECK(check_policy(snp_guest_policy{0x3FF'0137}, milan) == std::nullopt);  // 1.55 and every known bit
  CHECK(check_policy(snp_guest_policy{0x30'0000}, milan) ==                  // a digit too far left
        refused(policy_refusal::must_be_one, 17));
  CHECK(check_policy(sev_guest_policy{0x1}, naples) == std::nullopt);
  CHECK(check_policy(sev_guest_policy{0x5}, naples) == std::nullopt);
  CHECK(check_policy(sev_guest_policy{0x1800'003F}, naples) == std::nullopt);  // 0.24 and every known bit
}

TEST_CASE("LAY-CONF-21: bit 17 of an SNP policy must be 1", "[layout][policy]") {
  auto policy = usual;
  policy.set_reserved_must_be_one(false);
  CHECK(check_policy(policy, milan) == refused(policy_refusal::must_be_one, 17));
  for (const bool smt_on : {false, true}) {
    const snp_platform platform{.api = {1, 55}, .smt_on = smt_on};
    CHECK(check_policy(snp_guest_policy{~std::uint64_t{0x2'0000}}, platform) ==
          refused(policy_refusal::must_be_one, 17));
    CHECK(check_policy(snp_guest_policy{0}, platform) == refused(policy_refusal::must_be_one, 17));
  }
}

TEST_CASE("FW-SNP-LST-01: SMT", "[layout][policy]") {
  for (const bool allowed : {false, true})
    for (const bool smt_on : {false, true}) {
      auto policy = usual;
      policy.set_smt(allowed);
      const snp_platform platform{.api = {1, 55}, .smt_on = smt_on};
      CHECK(check_policy(policy, platform) == (smt_on && !allowed ? refused(policy_refusal::smt, 16) : std::nullopt));
    }
}

TEST_CASE("FW-SNP-LST-01: the version of the interface", "[layout][policy]") {
  const auto [major, minor, passes] = GENERATE(table<unsigned, unsigned, bool>({
      {1, 55, true},
      {1, 56, false},
      {1, 54, true},
      {1, 0, true},
      {0, 0, true},
      {0, 55, true},
      {0, 56, true},
      {0, 255, true},
      {2, 0, false},
      {2, 54, false},
      {2, 55, false},
      {255, 0, false},
      {1, 255, false},
  }));
  INFO(major << "." << minor);
  auto policy = usual;
  policy.set_abi_major(major).set_abi_minor(minor);
  CHECK(check_policy(policy, milan) == (passes ? std::nullopt : refused(policy_refusal::version, 0)));
}

TEST_CASE("FW-SNP-LST-02: bits that the firmware does not know", "[layout][policy]") {
  for (unsigned bit = 18; bit < 64; ++bit) {
    INFO("bit " << bit);
    const snp_guest_policy policy{usual.raw | std::uint64_t{1} << bit};
    CHECK(check_policy(policy, milan) == (bit > 25 ? refused(policy_refusal::reserved, bit) : std::nullopt));

    // Older firmware: bits 25:21 came one after the other.
    for (unsigned newest = 20; newest <= 25; ++newest) {
      snp_platform older = milan;
      older.known_bits = bit_range(newest, 0);
      CHECK(check_policy(policy, older) == (bit > newest ? refused(policy_refusal::reserved, bit) : std::nullopt));
    }
  }
  // The lowest of several.
  CHECK(check_policy(snp_guest_policy{usual.raw | bit_range(63, 26)}, milan) == refused(policy_refusal::reserved, 26));
  CHECK(check_policy(snp_guest_policy{usual.raw | std::uint64_t{1} << 40 | std::uint64_t{1} << 63}, milan) ==
        refused(policy_refusal::reserved, 40));
  // Firmware that says nothing of itself knows bits up to SINGLE_SOCKET.
  CHECK(snp_platform{}.known_bits == 0x1F'FFFF);
  CHECK(check_policy(snp_guest_policy{usual.raw | 0x20'0000}, {}) == refused(policy_refusal::reserved, 21));
  CHECK(check_policy(snp_guest_policy{usual.raw | 0x1C'0000}, {}) == std::nullopt);
}

TEST_CASE("FW-SNP-LST-01: the checks have an order", "[layout][policy]") {
  snp_guest_policy policy{bit_range(63, 0)};
  policy.set_reserved_must_be_one(false).set_smt(false);
  CHECK(check_policy(policy, milan) == refused(policy_refusal::must_be_one, 17));
  policy.set_reserved_must_be_one(true);
  CHECK(check_policy(policy, milan) == refused(policy_refusal::smt, 16));
  policy.set_smt(true);
  CHECK(check_policy(policy, milan) == refused(policy_refusal::version, 0));
  policy.set_abi_major(1).set_abi_minor(55);
  CHECK(check_policy(policy, milan) == refused(policy_refusal::reserved, 26));
  policy.raw &= bit_range(25, 0);
  CHECK(check_policy(policy, milan) == std::nullopt);
}

TEST_CASE("FW-POL-07: the version of a legacy policy", "[layout][policy]") {
  const auto [major, minor, passes] = GENERATE(table<unsigned, unsigned, bool>({
      {0, 0, true},
      {0, 24, true},
      {0, 25, false},
      {0, 23, true},
      {1, 0, false},
      {1, 24, false},
      {255, 255, false},
  }));
  INFO(major << "." << minor);
  const auto policy = sev_guest_policy{}.set_api_major(major).set_api_minor(minor);
  CHECK(check_policy(policy, naples) == (passes ? std::nullopt : refused(policy_refusal::version, 16)));
  // Firmware of a higher major version takes any minor one.
  CHECK(check_policy(sev_guest_policy{}.set_api_major(0).set_api_minor(255), {.api = {1, 0}}) == std::nullopt);
  CHECK(check_policy(sev_guest_policy{}.set_api_major(1).set_api_minor(1), {.api = {1, 0}}) ==
        refused(policy_refusal::version, 16));
  CHECK(check_policy(sev_guest_policy{}.set_api_major(1).set_api_minor(0), {.api = {1, 0}}) == std::nullopt);
  CHECK(check_policy(sev_guest_policy{}.set_api_major(255).set_api_minor(255), {.api = {255, 255}}) == std::nullopt);
}

TEST_CASE("FW-SEV-LST-03: reserved bits of a legacy policy", "[layout][policy]") {
  for (unsigned bit = 0; bit < 16; ++bit) {
    INFO("bit " << bit);
    const sev_guest_policy policy{std::uint32_t{1} << bit};
    CHECK(check_policy(policy, naples) == (bit >= 6 ? refused(policy_refusal::reserved, bit) : std::nullopt));
  }
  CHECK(check_policy(sev_guest_policy{0xFFC0}, naples) == refused(policy_refusal::reserved, 6));
  CHECK(check_policy(sev_guest_policy{0x8200}, naples) == refused(policy_refusal::reserved, 9));
}

TEST_CASE("FW-SEV-LST-07: SEV-ES needs INIT with it", "[layout][policy]") {
  for (const bool wanted : {false, true})
    for (const bool enabled : {false, true}) {
      const sev_platform platform{.api = {0, 24}, .es_enabled = enabled};
      CHECK(check_policy(sev_guest_policy{}.set_es(wanted), platform) ==
            (wanted && !enabled ? refused(policy_refusal::es_not_enabled, 2) : std::nullopt));
    }
}

TEST_CASE("FW-SEV-LST-03, FW-SEV-LST-07: the checks have an order", "[layout][policy]") {
  const sev_platform without_es{.api = {0, 24}, .es_enabled = false};
  sev_guest_policy policy{0xFFFF'FFFF};
  CHECK(check_policy(policy, without_es) == refused(policy_refusal::version, 16));
  policy.set_api_major(0).set_api_minor(24);
  CHECK(check_policy(policy, without_es) == refused(policy_refusal::reserved, 6));
  policy.raw &= ~std::uint32_t{0xFFC0};
  CHECK(check_policy(policy, without_es) == refused(policy_refusal::es_not_enabled, 2));
  policy.set_es(false);
  CHECK(check_policy(policy, without_es) == std::nullopt);
}

TEST_CASE("a platform of which nothing is said", "[layout][policy]") {
  CHECK(api_version{} == api_version{0, 0});
  CHECK_FALSE(snp_platform{}.smt_on);
  CHECK_FALSE(sev_platform{}.es_enabled);
  CHECK(policy_error{} == policy_error{policy_refusal::must_be_one, 0});
  CHECK(check_policy(snp_guest_policy{0x2'0000}, {}) == std::nullopt);
  CHECK(check_policy(snp_guest_policy{0x2'0001}, {}) == refused(policy_refusal::version, 0));
  CHECK(check_policy(sev_guest_policy{0x4}, {}) == refused(policy_refusal::es_not_enabled, 2));
}

TEST_CASE("versions compare by major, then by minor", "[layout][policy]") {
  CHECK(api_version{0, 255} < api_version{1, 0});
  CHECK(api_version{1, 54} < api_version{1, 55});
  CHECK(api_version{1, 55} == api_version{1, 55});
  CHECK(api_version{2, 0} > api_version{1, 255});
}
