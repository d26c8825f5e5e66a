// SPDX-License-Identifier: MIT
#include <support/catch.hpp>

#include <sevspec/base/generation.hpp>

using namespace sevspec;

TEST_CASE("the generations as published", "[base]") {
  struct row {
    generation which;
    const char* name;
    unsigned pa_bits, c_bit, reduction;
    bool la57, snp, segmented;
    unsigned guests;
    cipher_kind cipher;
    rmp_format rmp;
  };
  using enum cipher_kind;
  for (const row& expected :
       {row{generation::naples, "naples", 48, 47, 5, false, false, false, 15, aes128_xe_static, rmp_format::none},
        {generation::rome, "rome", 48, 47, 5, false, false, false, 509, aes128_xex_random, rmp_format::none},
        {generation::milan, "milan", 48, 51, 5, false, true, false, 509, aes128_xex_random, rmp_format::zen3},
        {generation::genoa, "genoa", 52, 51, 6, true, true, false, 1006, aes128_xex_random, rmp_format::zen3},
        {generation::turin, "turin", 52, 51, 6, true, true, true, 1006, aes128_xex_random, rmp_format::unpublished}}) {
    const cpu_part& part = part_of(expected.which);
    INFO(expected.name);
    CHECK(std::string(name_of(expected.which)) == expected.name);
    CHECK(part.pa_bits == expected.pa_bits);
    CHECK(part.c_bit == expected.c_bit);
    CHECK(part.reduction == expected.reduction);
    CHECK(part.gb_pages);
    CHECK(part.la57 == expected.la57);
    CHECK(part.sev_es);
    CHECK(part.snp_capable == expected.snp);
    CHECK(part.segmented_rmp == expected.segmented);
    CHECK(part.encrypted_guests == expected.guests);
    CHECK((part.cipher == expected.cipher));
    CHECK((part.rmp == expected.rmp));
  }
}
