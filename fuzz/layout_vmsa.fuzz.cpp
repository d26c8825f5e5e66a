// SPDX-License-Identifier: MIT
// VMSAs: any page, register protection, and those that a processor starts with.
//
//     byte  0     newest feature
//           1-2   a bit to change
//           3-10  REG_PROT_NONCE
//          11-14  start address
//          15-22  SEV_FEATURES
//          23-26  CPUID signature
//          27     SIPI vector; its bits 1:0 are the VMPL; modulo 6 which VMSA to start with
//          28-91  bitmap of protected quadwords
//          92...  the page; zeros behind
//
// fuzz/make_corpus.py writes the seeds.
#include "accessing.hpp"

#include <support/accessors/vmsa.hpp>

#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/processor_signature.hpp>
#include <sevspec/layout/segment_attributes.hpp>
#include <sevspec/layout/vmsa_register_protection.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using layout::vmsa;

void check_protection(const vmsa& plain, const std::array<std::uint8_t, 64>& bitmap, std::uint64_t nonce) {
  vmsa page = plain;
  layout::apply_register_protection(page, bitmap, nonce);
  for (std::size_t i = 0; i < 512; ++i) {
    const bool covered = (bitmap[i / 8] >> i % 8 & 1) != 0;
    const auto before = layout::read_le<std::uint64_t>(plain.bytes().data() + 8 * i);
    const auto after = layout::read_le<std::uint64_t>(page.bytes().data() + 8 * i);
    demand(after == (before ^ (covered ? nonce : 0)), "protection covers what the bitmap says");
  }
  layout::apply_register_protection(page, bitmap, nonce);
  demand(page == plain, "protection undoes itself");
}

void check_segments(const vmsa& page) {
  for (const auto& segment : {page.es(), page.cs(), page.ss(), page.ds(), page.fs(), page.gs(), page.gdtr(),
                              page.ldtr(), page.idtr(), page.tr()}) {
    const auto descriptor = layout::descriptor_bits(segment.attrib());
    demand(layout::packed_attributes(descriptor).raw == (segment.attrib().raw & 0xFFF), "attributes come back packed");
    demand(layout::descriptor_bits(layout::packed_attributes(segment.base())) ==
               (segment.base() & 0x00F0'FF00'0000'0000),
           "attributes come back unpacked");
  }
}

/// Of what a processor starts with only SEV_FEATURES may be reserved, and then because the caller wants it.
void check_start(const vmsa& page, std::uint64_t features) {
  layout::for_each_reserved_bit(layout::descriptions::vmsa, page.bytes(), layout::level::svsm,
                                [](const layout::reserved_bit& one) {
                                  demand(one.offset == 0x3B0, "no reserved bit but those that were asked for");
                                  return true;
                                });
  demand(page.sev_features().raw == features, "SEV_FEATURES is what was asked for");
  demand(page.efer() == 0x1000, "SVME is set in every VMSA");
  demand(page.rflags() == 2 && page.xcr0() == 1, "RFLAGS and XCR0 are those of a reset");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const auto newest = level_from(in.byte());
  const auto choice = in.little_endian(2);
  const auto nonce = in.little_endian(8);
  const auto eip = static_cast<std::uint32_t>(in.little_endian(4));
  const auto features = in.little_endian(8);
  const auto signature = static_cast<std::uint32_t>(in.little_endian(4));
  const auto vector = in.byte();
  std::array<std::uint8_t, 64> bitmap{};
  in.fill(bitmap);
  vmsa page;
  in.fill(page.bytes());

  check_fields(layout::descriptions::vmsa, page.bytes());
  check_reserved_bits(layout::descriptions::vmsa, page.bytes(), newest, choice);
  check_accessors(test::vmsa_accessors, layout::descriptions::vmsa, page.bytes(), choice);
  check_protection(page, bitmap, nonce);
  check_segments(page);

  const layout::launch_choices launch{.eip = eip, .sev_features = features, .cpu_signature = signature};
  const layout::vcpu_choices vcpu{
      .sev_features = features, .vmpl = static_cast<std::uint8_t>(vector & 3), .mce = (vector & 4) != 0};
  switch (vector % 6) {
    case 0:
    case 1:
    case 2: {
      const vmsa started = layout::launch_vmsa(static_cast<layout::vmm_kind>(vector % 6), launch);
      check_start(started, features);
      demand(started.cs().base() + started.rip() == eip, "a processor starts at its start address");
      break;
    }
    case 3: {
      const vmsa started = layout::svsm_launch_vmsa(launch);
      check_start(started, features);
      demand(started.cs().base() == 0 && started.rip() == eip, "an SVSM starts at its start address");
      break;
    }
    case 4: {
      const vmsa started = layout::sipi_vmsa(vector, vcpu);
      check_start(started, features);
      demand(started.cs().base() == std::uint64_t{vector} * 0x1000 && started.cs().selector() == vector * 0x100 &&
                 started.rip() == 0,
             "a SIPI starts a processor at its vector");
      demand(started.vmpl() == (vector & 3), "at the VMPL that was asked for");
      break;
    }
    default: {
      const vmsa started = layout::reset_vmsa(vcpu);
      check_start(started, features);
      demand(started.cs().base() + started.rip() == 0xFFFF'FFF0, "a reset starts below 4 GiB");
    }
  }

  const auto identity = layout::identity_of_signature(signature);
  demand(identity.family <= 0x10E && identity.model <= 0xFF && identity.stepping <= 0xF, "an identity has its limits");
  const bool extended = (signature >> 8 & 0xF) == 0xF;
  demand(layout::signature_of_identity(identity) == (signature & (extended ? 0x0FFF'0FFF : 0x0000'0FFF)),
         "a signature comes back without what does not count");
  return 0;
}
