// SPDX-License-Identifier: MIT
// A processor as its CPUID describes it.
#include <cstdint>

#include <sevspec/paging/part_from_cpuid.hpp>
#include <support/catch.hpp>

using namespace sevspec;
using namespace sevspec::paging;

namespace {

/// Milan as published CPUID values show it.
constexpr part_words milan{.fn8000_0001_edx = 1U << 26,
                           .fn8000_0008_eax = 0x3030,
                           .fn8000_000a_edx = 1U << 6 | 1U << 17 | 1U << 19,
                           .fn8000_001f_eax = 0x0101'fd3f,
                           .fn8000_001f_ebx = 0x0000'4173,
                           .fn8000_001f_ecx = 509,
                           .fn8000_001f_edx = 1};

static_assert(part_from_cpuid(milan, part_of(generation::milan)) == part_of(generation::milan));

}  // namespace

TEST_CASE("PAG-CPUID-01: every feature has its bit", "[paging][PAG-CPUID-01]") {
  struct row {
    const char* name;
    std::uint32_t part_words::* word;
    unsigned bit;
    bool cpu_part::* feature;
  };
  const row rows[] = {
      {"five levels", &part_words::fn7_ecx, 16, &cpu_part::la57},
      {"1G pages", &part_words::fn8000_0001_edx, 26, &cpu_part::gb_pages},
      {"FlushByAsid", &part_words::fn8000_000a_edx, 6, &cpu_part::flush_by_asid},
      {"GMET", &part_words::fn8000_000a_edx, 17, &cpu_part::gmet},
      {"SSSCheck", &part_words::fn8000_000a_edx, 19, &cpu_part::sss_check},
      {"ROGPT", &part_words::fn8000_000a_edx, 21, &cpu_part::rogpt},
      {"SEV-ES", &part_words::fn8000_001f_eax, 3, &cpu_part::sev_es},
      {"SEV-SNP", &part_words::fn8000_001f_eax, 4, &cpu_part::snp_capable},
      {"coherent", &part_words::fn8000_001f_eax, 10, &cpu_part::hw_coherent},
      {"VTE", &part_words::fn8000_001f_eax, 16, &cpu_part::vte},
      {"segmented RMP", &part_words::fn8000_001f_eax, 23, &cpu_part::segmented_rmp},
      {"HvInUseWrAllowed", &part_words::fn8000_001f_eax, 30, &cpu_part::hv_in_use_write},
      {"UAI", &part_words::fn8000_0021_eax, 7, &cpu_part::upper_address_ignore},
  };
  std::uint32_t part_words::* const feature_words[] = {&part_words::fn7_ecx, &part_words::fn8000_0001_edx,
                                                       &part_words::fn8000_000a_edx, &part_words::fn8000_001f_eax,
                                                       &part_words::fn8000_0021_eax};
  const cpu_part none = part_from_cpuid({}, {});
  for (const row& one : rows) {
    INFO(one.name);
    CHECK_FALSE(none.*one.feature);
    // Its bit alone turns it on, and nothing else.
    cpu_part expected = none;
    expected.*one.feature = true;
    part_words words{};
    words.*one.word = 1U << one.bit;
    CHECK(part_from_cpuid(words, {}) == expected);
    // All bits but its own leave it off.
    words = {};
    for (const auto word : feature_words) words.*word = 0xffff'ffff;
    words.*one.word &= ~(1U << one.bit);
    CHECK_FALSE(part_from_cpuid(words, {}).*one.feature);
  }
}

TEST_CASE("PAG-CPUID-01: widths and ASIDs", "[paging][PAG-CPUID-01][PAG-CPUID-04]") {
  const cpu_part part = part_from_cpuid(milan, {});
  CHECK(part.pa_bits == 48);
  CHECK(part.c_bit == 51);
  CHECK(part.reduction == 5);
  CHECK(part.encrypted_guests == 509);
  CHECK(part.min_sev_no_es_asid == 1);
  CHECK(part_from_cpuid({.fn8000_001f_edx = 128}, {}).min_sev_no_es_asid == 128);

  // PAG-CPUID-04: six bits each, and their neighbours do not count.
  for (unsigned value = 0; value < 64; ++value) {
    part_words words{.fn8000_001f_ebx = value << 6 | 0xffff'f000 | 0x2f};
    CHECK(part_from_cpuid(words, {}).reduction == value);
    CHECK(part_from_cpuid(words, {}).c_bit == 0x2f);
    words.fn8000_001f_ebx = value | 0xffff'ffc0;
    CHECK(part_from_cpuid(words, {}).c_bit == value);
    CHECK(part_from_cpuid(words, {}).reduction == 63);
  }
  CHECK(part_from_cpuid({.fn8000_0008_eax = 0xffff'ff34}, {}).pa_bits == 52);
  CHECK(part_from_cpuid({.fn8000_001f_ecx = 0xffff'ffff}, {}).encrypted_guests == 0xffff'ffff);
}

TEST_CASE("PAG-CPUID-01: what CPUID does not tell is taken from the like", "[paging][PAG-CPUID-01]") {
  for (const cpu_part& like : generation_parts) {
    const cpu_part part = part_from_cpuid(milan, like);
    CHECK(part.cipher == like.cipher);
    CHECK(part.rmp == like.rmp);
    CHECK(part.pml == like.pml);
    cpu_part same = part_of(generation::milan);
    same.cipher = like.cipher, same.rmp = like.rmp, same.pml = like.pml;
    CHECK(part == same);
  }
}

TEST_CASE("PAG-CPUID-03: the gPAs that a SEV guest can use", "[paging][PAG-CPUID-03]") {
  CHECK(usable_gpa_bits(0x3030, 51) == 48);
  CHECK(usable_gpa_bits(0x3030, 47) == 47);
  CHECK(usable_gpa_bits(0x0030'3034, 51) == 48);  // the guest-physical width, where there is one
  CHECK(usable_gpa_bits(0x0034'3030, 51) == 51);  // even if it is larger
  CHECK(usable_gpa_bits(0x0034'3030, 60) == 52);
  CHECK(usable_gpa_bits(0x3034, 51) == 51);
  CHECK(usable_gpa_bits(0xff00'3030, 51) == 48);  // bits 31:24 are something else
}
