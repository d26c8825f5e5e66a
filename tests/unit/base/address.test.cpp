// SPDX-License-Identifier: MIT
#include <support/catch.hpp>

#include <concepts>
#include <type_traits>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>

using namespace sevspec;

static_assert(!std::same_as<gpa, spa> && !std::same_as<gva, hva> && !std::same_as<gva, gpa>);
static_assert(!std::is_convertible_v<gpa, spa> && !std::is_constructible_v<spa, gpa>);
static_assert(!std::is_convertible_v<std::uint64_t, spa>);
static_assert(!std::equality_comparable_with<gpa, spa>);
static_assert(sizeof(spa) == 8 && std::is_trivially_copyable_v<spa>);

TEST_CASE("addresses: order and arithmetic", "[base]") {
  CHECK(spa{1} < spa{2});
  CHECK(spa{0x1000} + 0x10 == spa{0x1010});
  CHECK(spa{~std::uint64_t{}} + 1 == spa{0});
}

TEST_CASE("addresses and pages", "[base]") {
  const gpa where{0x1'2345'6789'abcd};
  CHECK(page_base(where, page_size::k4k) == gpa{0x1'2345'6789'a000});
  CHECK(page_offset(where, page_size::k4k) == 0xbcd);
  CHECK(page_base(where, page_size::k2m) == gpa{0x1'2345'6780'0000});
  CHECK(page_offset(where, page_size::k2m) == 0x9'abcd);
  CHECK(page_base(where, page_size::k1g) == gpa{0x1'2345'4000'0000});
  CHECK(page_offset(where, page_size::k1g) == 0x2789'abcd);
  for (const page_size size : {page_size::k4k, page_size::k2m, page_size::k1g}) {
    CHECK(page_base(where, size) + page_offset(where, size) == where);
    CHECK_FALSE(is_aligned(where, size));
    CHECK(is_aligned(page_base(where, size), size));
    CHECK_FALSE(is_aligned(page_base(where, size) + bytes_in(size) / 2, size));
  }
  CHECK(page_of(where) == page_number<guest_physical>{0x1'2345'6789a});
  CHECK(address_of(page_of(where)) == page_base(where, page_size::k4k));
}

TEST_CASE("page sizes", "[base]") {
  CHECK(log2_bytes(page_size::k4k) == 12);
  CHECK(log2_bytes(page_size::k2m) == 21);
  CHECK(log2_bytes(page_size::k1g) == 30);
  CHECK(log2_bytes(page_size::unlimited) == 63);
  CHECK(bytes_in(page_size::k4k) == 0x1000);
  CHECK(bytes_in(page_size::k2m) == 0x20'0000);
  CHECK(bytes_in(page_size::k1g) == 0x4000'0000);
  const page_size sizes[] = {page_size::k4k, page_size::k2m, page_size::k1g, page_size::unlimited};
  for (unsigned a = 0; a < 4; ++a)
    for (unsigned b = 0; b < 4; ++b) CHECK(smaller_of(sizes[a], sizes[b]) == sizes[a < b ? a : b]);
  CHECK(std::string(name_of(page_size::k4k)) == "4k");
  CHECK(std::string(name_of(page_size::k2m)) == "2m");
  CHECK(std::string(name_of(page_size::k1g)) == "1g");
  CHECK(std::string(name_of(page_size::unlimited)) == "unlimited");
}

TEST_CASE("identities and keys", "[base]") {
  CHECK(host_asid == asid{0});
  CHECK(asid{1} != host_asid);
  CHECK(kernel_mode < user_mode);
  CHECK(user_mode.value == 3);
  CHECK(vmpl{0} < vmpl{3});
  CHECK(memory_key{} == memory_key::none());
  CHECK(memory_key::host() == memory_key::guest(host_asid));
  CHECK(memory_key::guest({5}) != memory_key::guest({6}));
  CHECK(memory_key::guest({5}) != memory_key::none());
  CHECK(std::string(name_of(memory_key::none())) == "none");
  CHECK(std::string(name_of(memory_key::host())) == "host");
  CHECK(std::string(name_of(memory_key::guest({5}))) == "guest");
}
