// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LAUNCH_DIGEST_HPP
#define SEVSPEC_FIRMWARE_LAUNCH_DIGEST_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/layout/page_info.hpp>

/// The launch digest of a SEV-SNP guest: a chain of hashes over all pages that it is launched with.   SNP ABI 8.17
namespace sevspec::inline v0::firmware {

using snp_page_type = layout::snp_page_types;
/// SHA-384 of something, or a launch digest.
using snp_digest = crypto::sha384_value;

/// Bytes that one step of the chain covers.
inline constexpr std::size_t launch_page_bytes = 4096;

/// Bytes of a VMSA that are not measured: GUEST_TSC_SCALE and GUEST_TSC_OFFSET, which the firmware sets.   FW-LD-04
inline constexpr std::size_t vmsa_unmeasured_first = 0x2F0;
inline constexpr std::size_t vmsa_unmeasured_size = 0x10;

/// SHA-384 of 4096 zero bytes: most pages of an image are zero.
inline constexpr snp_digest zero_page_digest{0xc0, 0xe5, 0x9a, 0x3e, 0x3f, 0xfb, 0xd3, 0xb5, 0xc7, 0x54, 0x28, 0xfb,
                                             0x36, 0x43, 0x2f, 0xac, 0xab, 0xc7, 0x45, 0x94, 0x42, 0x96, 0xff, 0x51,
                                             0x5f, 0x73, 0x7c, 0x4f, 0xef, 0x4e, 0xfc, 0x64, 0x58, 0x68, 0x09, 0xf7,
                                             0xa1, 0x6f, 0x56, 0x35, 0x4a, 0x1e, 0xae, 0xcf, 0x2a, 0xa8, 0xd7, 0x74};

/// What a step of the chain covers of a page besides its contents.
struct launch_page {
  snp_page_type type = snp_page_type::normal;
  gpa where{};       ///< of the entry in the Reverse Map Table, not of the command; VMSAs too   FW-LD-05; FW-LD-07
  bool imi = false;  ///< belongs to an initial migration image
  std::array<layout::vmpl_permissions, 3> allowed{};  ///< VMPL 1, 2, 3

  friend constexpr auto operator==(const launch_page&, const launch_page&) -> bool = default;
};

/// Where KVM has the VMSAs of a guest, and so where every measuring tool has them.   FW-LD-07
inline constexpr gpa kvm_vmsa_gpa{0xFFFF'FFFF'F000};

/// Whether the contents of pages of this type are measured: NORMAL and VMSA.   FW-LD-04
[[nodiscard]] constexpr auto measures_contents(snp_page_type type) noexcept -> bool {
  return type == snp_page_type::normal || type == snp_page_type::vmsa_;
}

/// CONTENTS of PAGE_INFO.   FW-LD-04
[[nodiscard]] inline auto contents_digest(snp_page_type type, std::span<const std::uint8_t, launch_page_bytes> page)
    -> snp_digest {
  if (!measures_contents(type)) return {};
  if (type == snp_page_type::vmsa_) {
    constexpr std::array<std::uint8_t, vmsa_unmeasured_size> zeros{};
    return crypto::sha384{}
        .update(page.first<vmsa_unmeasured_first>())
        .update(zeros)
        .update(page.subspan<vmsa_unmeasured_first + vmsa_unmeasured_size>())
        .take();
  }
  // A zero first byte, and every byte like the one before it.
  const bool zero = page[0] == 0 && std::memcmp(page.data(), page.data() + 1, page.size() - 1) == 0;
  return zero ? zero_page_digest : crypto::sha384_of(page);
}

/// The structure that a step of the chain hashes.   FW-LD-02; FW-LD-03
/// @param current   the digest before the step
/// @param contents  `contents_digest`
[[nodiscard]] constexpr auto page_info_of(const snp_digest& current, const launch_page& page,
                                          const snp_digest& contents) -> layout::page_info {
  layout::page_info info;
  info.set_digest_cur(current);
  info.set_contents(contents);
  info.set_length(static_cast<std::uint16_t>(layout::size_of<layout::page_info>));
  info.set_page_type(page.type);
  info.set_imi_page(page.imi);
  info.set_vmpl1_perms(page.allowed[0]);
  info.set_vmpl2_perms(page.allowed[1]);
  info.set_vmpl3_perms(page.allowed[2]);
  info.set_gpa(page.where.value);
  return info;
}

/// One step of the chain: SHA-384 of PAGE_INFO.   FW-LD-01
[[nodiscard]] inline auto extended(const snp_digest& current, const launch_page& page, const snp_digest& contents)
    -> snp_digest {
  return crypto::sha384_of(page_info_of(current, page, contents).bytes());
}

/// The digests of a guest while it is launched: LD of all its pages, IMD of those of its initial migration image.
struct launch_digests {
  snp_digest ld{};
  snp_digest imd{};

  /// A 4K page whose contents have this digest.   FW-LD-01; FW-LD-08
  void add(const launch_page& page, const snp_digest& contents) {
    Expects(page.where.value % launch_page_bytes == 0);
    ld = extended(ld, page, contents);
    if (page.imi) imd = extended(imd, page, contents);
  }

  /// Consecutive pages with these bytes, ascending: a page of 4K is one step, a page of 2M is 512.   FW-LD-05; FW-LD-06
  /// @param first  the first page
  /// @param bytes  a multiple of 4096; what is written to a page whose contents are not measured does not matter
  void add_pages(launch_page first, std::span<const std::uint8_t> bytes) {
    Expects(bytes.size() % launch_page_bytes == 0);
    for (; !bytes.empty(); bytes = bytes.subspan(launch_page_bytes), first.where = first.where + launch_page_bytes)
      add(first, contents_digest(first.type, bytes.first<launch_page_bytes>()));
  }

  /// Consecutive pages whose contents are not measured.
  void add_unread_pages(launch_page first, std::uint64_t count) {
    Expects(!measures_contents(first.type));
    for (; count != 0; --count, first.where = first.where + launch_page_bytes) add(first, {});
  }

  friend constexpr auto operator==(const launch_digests&, const launch_digests&) -> bool = default;
};

}  // namespace sevspec::inline v0::firmware

#endif
