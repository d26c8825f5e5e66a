// SPDX-License-Identifier: MIT
// FIELD-48: a tool computed launch digests with the initial VMSA of one hypervisor for guests of another.
// virtee/sev-snp-measure c95e0e1, 4a02bf0, ae95e59
#include <cstdint>
#include <vector>

#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t kvm_gpa = 0xffff'ffff'f000;

/// A VMSA as far as it matters here: two hypervisors differ in the initial RDX, MXCSR and x87 control word.
auto vmsa_of(std::uint64_t rdx, std::uint32_t mxcsr, std::uint16_t fcw) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> page(4096);
  layout::write_le(page.data() + 0x310, rdx);
  layout::write_le(page.data() + 0x408, mxcsr);
  layout::write_le(page.data() + 0x410, fcw);
  layout::write_le(page.data() + 0x3b0, std::uint64_t{1});
  return page;
}

auto digest_of(world& w, const std::vector<std::uint8_t>& vmsa, std::uint64_t gpa) -> firmware::snp_digest {
  w.snp_launched().guest_page_at(page_at_2m, gpa);
  poke(w.m, page_at_2m, vmsa);
  w.expect({w.snp_update(page_at_2m, 2)});
  return w.guest().launch_digest;
}

}  // namespace

TEST_CASE("FIELD-48: the digest is that of the VMSA which the hypervisor hands over", "[field][FIELD-48]") {
  const auto qemu = vmsa_of(0x800f12, 0x1f80, 0x37f);
  const auto ec2 = vmsa_of(0x600, 0, 0);
  listening with;
  world on_qemu(with.ctx, true);
  world on_ec2(with.ctx, true);
  const auto first = digest_of(on_qemu, qemu, kvm_gpa);
  const auto second = digest_of(on_ec2, ec2, kvm_gpa);
  CHECK(first != second);  // a tool with one built-in VMSA is wrong about one of them
  for (const auto& [bytes, digest] : {std::pair{qemu, first}, std::pair{ec2, second}}) {
    firmware::launch_digests expected;
    expected.add_pages({.type = firmware::snp_page_type::vmsa_, .where = {kvm_gpa}}, bytes);
    CHECK(expected.ld == digest);
  }
}

TEST_CASE("FIELD-48: where the VMSA lies is measured, its TSC fields are not", "[field][FIELD-48]") {
  const auto plain = vmsa_of(0, 0x1f80, 0x37f);
  auto with_tsc = plain;
  layout::write_le(with_tsc.data() + 0x2f0, std::uint64_t{77});
  layout::write_le(with_tsc.data() + 0x2f8, std::uint64_t{78});
  listening with;
  world a(with.ctx, true);
  world b(with.ctx, true);
  world c(with.ctx, true);
  const auto digest = digest_of(a, plain, kvm_gpa);
  CHECK(digest_of(b, with_tsc, kvm_gpa) == digest);
  CHECK(digest_of(c, plain, 0x8000) != digest);
}
