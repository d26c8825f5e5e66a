// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_IMAGE_LAUNCH_RECIPE_HPP
#define SEVSPEC_FIRMWARE_GUEST_IMAGE_LAUNCH_RECIPE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/firmware/guest_image/guest_image.hpp>
#include <sevspec/firmware/guest_image/kernel_hashes.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/layout/initial_vmsa.hpp>

/// What hypervisors load into a guest, in which order, and so what its launch measurement has to be.
/// FW-LD-20 to FW-LD-23; FW-LD-41; virtee/sev-snp-measure
namespace sevspec::inline v0::firmware {

/// What a launch depends on besides the firmware's image.
struct launch_recipe {
  layout::vmm_kind vmm = layout::vmm_kind::qemu;
  std::uint32_t vcpus = 1;
  std::uint32_t cpu_signature = 0;   ///< CPUID Fn0000_0001 EAX
  std::uint64_t guest_features = 1;  ///< SEV_FEATURES; SEV-ES guests have 0
  std::uint32_t ec2_rdx = 0x600;     ///< RDX of VMSAs on EC2   FW-LD-26
  /// Whether VMSAs of QEMU's guests have MXCSR and the x87 control word set. KVM before Linux 6.10 left them 0, and
  /// still does so for SEV-ES guests that are made with KVM_SEV_ES_INIT.
  bool fpu_state = true;
  /// Of the kernel that is loaded beside the firmware, if one is.
  std::optional<kernel_hashes> kernel{};
  /// The launch digest after the image's pages, to leave out hashing them.
  std::optional<snp_digest> after_image{};
};

/// Why there is no measurement.
struct recipe_error {
  enum class kind : std::uint8_t {
    image_size,         ///< no multiple of 4096, nothing, or 4 GiB and more
    no_table,           ///< the image has no footer table
    no_metadata,        ///< the table has no SEV metadata
    no_reset_block,     ///< the table does not say where other processors start
    no_hash_table,      ///< the table does not say where hashes go, and there is a kernel
    no_hash_section,    ///< the metadata have no section for hashes, and there is a kernel
    hash_table_place,   ///< the hashes do not fit into the page of their section
    no_svsm_entry,      ///< the table does not say where the SVSM starts
    section_type,       ///< `value`: not known
    section_alignment,  ///< `value`: gPA or size is no multiple of 4096
    section_range,      ///< `value`: the section reaches beyond 4 GiB
    section_overlap,    ///< `value`: a page is in two sections, and can be launched only once
    no_room,            ///< the SVSM does not fit below the firmware and its variables
    no_vcpus,
  };
  kind what{};
  std::uint64_t value = 0;

  friend constexpr auto operator==(const recipe_error&, const recipe_error&) -> bool = default;
};

/// "the footer table has no entry ...", for people.
[[nodiscard]] constexpr auto text_of(recipe_error::kind what) noexcept -> const char* {
  using enum recipe_error::kind;
  switch (what) {
    case image_size: return "an image has a multiple of 4096 bytes, and less than 4 GiB";
    case no_table:
      return "the image has no footer table (GUID 96b582de-1fb2-45f7-baea-a366c55a082d, 48 bytes before its end)";
    case no_metadata:
      return "the footer table has no SEV metadata (GUID dc886566-984a-4798-a75e-5585a7bf67cc): the image is not made "
             "for SEV-SNP";
    case no_reset_block:
      return "the footer table has no SEV-ES reset block (GUID 00f771de-1a7e-4fcb-890e-68c77e2fb44e), so where "
             "processors other than the first start is not known";
    case no_hash_table:
      return "a kernel is given, but the footer table has no place for its hashes (GUID "
             "7255371f-3a3b-4b04-927b-1da6efa8d454)";
    case no_hash_section:   return "a kernel is given, but the SEV metadata have no section for its hashes (type 0x10)";
    case hash_table_place:  return "the kernel's hashes do not fit into the page of their section";
    case no_svsm_entry:     return "the footer table has no SVSM entry (GUID a789a612-0597-4c4b-a49f-cbb1fe9d1ddd)";
    case section_type:      return "a section of the SEV metadata has a type that is not known";
    case section_alignment: return "a section of the SEV metadata is not made of whole pages";
    case section_range:     return "a section of the SEV metadata reaches beyond 4 GiB";
    case section_overlap:
      return "two sections of the SEV metadata have a page in common, which can be launched only once";
    case no_room:  return "the SVSM does not fit below the firmware and its variables";
    case no_vcpus: return "a guest has at least one processor";
  }
  return "?";
}

namespace detail {

inline constexpr std::uint64_t four_gib = 0x1'0000'0000;

[[nodiscard]] inline auto failed(recipe_error::kind what, std::uint64_t value = 0) {
  return std::unexpected{recipe_error{what, value}};
}

[[nodiscard]] constexpr auto whole_pages(std::uint64_t size) noexcept -> bool {
  return size != 0 && size < four_gib && size % launch_page_bytes == 0;
}

/// Whether all sections are of whole pages, below 4 GiB, and apart from each other.
[[nodiscard]] inline auto check_sections(const std::vector<image_section>& sections)
    -> std::expected<void, recipe_error> {
  using enum recipe_error::kind;
  std::vector<image_section> ordered = sections;
  std::sort(ordered.begin(), ordered.end(),
            [](const image_section& a, const image_section& b) { return a.where < b.where; });
  std::uint64_t end = 0;
  for (const image_section& one : ordered) {
    if (one.where % launch_page_bytes != 0 || one.size % launch_page_bytes != 0)
      return failed(section_alignment, one.where);
    if (one.size == 0) continue;
    if (one.where < end) return failed(section_overlap, one.where);
    end = std::uint64_t{one.where} + one.size;
    if (end > four_gib) return failed(section_range, one.where);
  }
  return {};
}

/// The page with the kernel's hashes: zeros around the table.   FW-LD-21
[[nodiscard]] inline auto hash_page(const guest_image& image, const kernel_hashes& kernel, const image_section& section)
    -> std::expected<std::array<std::uint8_t, launch_page_bytes>, recipe_error> {
  using enum recipe_error::kind;
  if (!image.hash_table || image.hash_table->where == 0) return failed(no_hash_table);
  const kernel_hash_table table = table_of(kernel);
  const std::size_t offset = image.hash_table->where % launch_page_bytes;
  if (offset + table.size() > launch_page_bytes || section.size != launch_page_bytes ||
      image.hash_table->where - offset != section.where)
    return failed(hash_table_place, image.hash_table->where);
  std::array<std::uint8_t, launch_page_bytes> page{};
  std::copy(table.begin(), table.end(), page.begin() + static_cast<std::ptrdiff_t>(offset));
  return page;
}

/// The sections of an image's metadata.   FW-LD-21; FW-LD-23
/// @param image  where the table of hashes goes
[[nodiscard]] inline auto add_sections(launch_digests& digests, const guest_image& image,
                                       const std::vector<image_section>& sections, const launch_recipe& recipe)
    -> std::expected<void, recipe_error> {
  using enum recipe_error::kind;
  if (const auto checked = check_sections(sections); !checked) return checked;
  const bool late_cpuid = recipe.vmm == layout::vmm_kind::ec2;
  const auto add = [&digests](snp_page_type type, const image_section& section, std::uint64_t bytes) {
    digests.add_unread_pages({.type = type, .where = gpa{section.where}}, bytes / launch_page_bytes);
  };
  bool hashes = false;
  for (const image_section& one : sections) {
    switch (one.type) {
      case firmware::section_type::memory:
        add(recipe.vmm == layout::vmm_kind::gce ? snp_page_type::unmeasured : snp_page_type::zero, one, one.size);
        break;
      case firmware::section_type::secrets: add(snp_page_type::secrets, one, launch_page_bytes); break;
      case firmware::section_type::cpuid:
        if (!late_cpuid) add(snp_page_type::cpuid, one, launch_page_bytes);
        break;
      case firmware::section_type::svsm_calling_area: add(snp_page_type::zero, one, one.size); break;
      case firmware::section_type::kernel_hashes:
        hashes = true;
        if (recipe.kernel) {
          const auto page = hash_page(image, *recipe.kernel, one);
          if (!page) return std::unexpected{page.error()};
          digests.add_pages({.type = snp_page_type::normal, .where = gpa{one.where}}, *page);
        } else {
          add(snp_page_type::zero, one, one.size);
        }
        break;
      default: return failed(recipe_error::kind::section_type, static_cast<std::uint32_t>(one.type));
    }
  }
  if (late_cpuid)
    for (const image_section& one : sections)
      if (one.type == firmware::section_type::cpuid) add(snp_page_type::cpuid, one, launch_page_bytes);
  if (recipe.kernel && !hashes) return failed(no_hash_section);
  return {};
}

/// The VMSAs: the first processor's, then those of all others, which are alike.   FW-LD-22
inline void add_vmsas(launch_digests& digests, const layout::vmsa& first, const layout::vmsa& other,
                      std::uint32_t vcpus) {
  const launch_page page{.type = snp_page_type::vmsa_, .where = kvm_vmsa_gpa};
  digests.add(page, contents_digest(page.type, first.bytes()));
  const snp_digest contents = contents_digest(page.type, other.bytes());
  for (std::uint32_t i = 1; i < vcpus; ++i) digests.add(page, contents);
}

}  // namespace detail

/// The VMSAs of a guest's first processor and of its others.
struct launch_vmsas {
  layout::vmsa first{};
  layout::vmsa other{};  ///< as `first` if there is only one processor
};

/// The VMSAs of a SEV-ES or SEV-SNP guest.   FW-LD-26
/// @param snp  SEV-ES guests have SEV_FEATURES 0
[[nodiscard]] inline auto vmsas_of(const guest_image& image, const launch_recipe& recipe, bool snp)
    -> std::expected<launch_vmsas, recipe_error> {
  using enum recipe_error::kind;
  if (recipe.vcpus == 0) return detail::failed(no_vcpus);
  layout::launch_choices choices{.eip = layout::bsp_start,
                                 .sev_features = snp ? recipe.guest_features : 0,
                                 .cpu_signature = recipe.cpu_signature,
                                 .ec2_rdx = recipe.ec2_rdx};
  const auto page_for = [&recipe](const layout::launch_choices& from) {
    layout::vmsa page = layout::launch_vmsa(recipe.vmm, from);
    if (!recipe.fpu_state) {
      page.set_mxcsr(0);
      page.set_x87_fcw(0);
    }
    return page;
  };
  launch_vmsas pages;
  pages.first = page_for(choices);
  pages.other = pages.first;
  if (recipe.vcpus == 1) return pages;
  if (!image.has_table) return detail::failed(no_table);
  if (!image.reset_eip) return detail::failed(no_reset_block);
  choices.eip = *image.reset_eip;
  pages.other = page_for(choices);
  return pages;
}

/// The launch digest after the pages of a firmware image alone.   FW-LD-20
[[nodiscard]] inline auto image_digest(std::span<const std::uint8_t> image) -> std::expected<snp_digest, recipe_error> {
  if (!detail::whole_pages(image.size())) return detail::failed(recipe_error::kind::image_size, image.size());
  launch_digests digests;
  digests.add_pages({.where = gpa{detail::four_gib - image.size()}}, image);
  return digests.ld;
}

/// The launch digest of a SEV-SNP guest.   FW-LD-20; FW-LD-21; FW-LD-22; FW-LD-23
[[nodiscard]] inline auto snp_launch_digest(const guest_image& image, const launch_recipe& recipe)
    -> std::expected<snp_digest, recipe_error> {
  using enum recipe_error::kind;
  if (!image.has_table) return detail::failed(no_table);
  if (!image.sections) return detail::failed(no_metadata);
  const auto pages = vmsas_of(image, recipe, true);
  if (!pages) return std::unexpected{pages.error()};
  launch_digests digests;
  if (recipe.after_image) {
    digests.ld = *recipe.after_image;
  } else {
    const auto of_image = image_digest(image.bytes);
    if (!of_image) return std::unexpected{of_image.error()};
    digests.ld = *of_image;
  }
  if (const auto added = detail::add_sections(digests, image, *image.sections, recipe); !added)
    return std::unexpected{added.error()};
  detail::add_vmsas(digests, pages->first, pages->other, recipe.vcpus);
  return digests.ld;
}

/// The launch digest of a guest under an SVSM: firmware, SVSM, the SVSM's sections, and one VMSA for all processors.
/// FW-LD-23
/// @param firmware_bytes  the firmware's image, which ends at 4 GiB
/// @param vars_size       bytes between the SVSM and the firmware
/// @param recipe          of a guest without a kernel
[[nodiscard]] inline auto svsm_launch_digest(std::span<const std::uint8_t> firmware_bytes, const guest_image& svsm,
                                             std::uint64_t vars_size, const launch_recipe& recipe)
    -> std::expected<snp_digest, recipe_error> {
  using enum recipe_error::kind;
  if (recipe.vcpus == 0) return detail::failed(no_vcpus);
  if (!svsm.has_table) return detail::failed(no_table);
  if (!svsm.sections) return detail::failed(no_metadata);
  if (!svsm.svsm_entry) return detail::failed(no_svsm_entry);
  if (!detail::whole_pages(firmware_bytes.size())) return detail::failed(image_size, firmware_bytes.size());
  if (!detail::whole_pages(svsm.bytes.size())) return detail::failed(image_size, svsm.bytes.size());
  const std::uint64_t firmware_start = detail::four_gib - firmware_bytes.size();
  if (vars_size % launch_page_bytes != 0 || vars_size > firmware_start ||
      svsm.bytes.size() > firmware_start - vars_size)
    return detail::failed(no_room, vars_size);
  const std::uint64_t svsm_start = firmware_start - vars_size - svsm.bytes.size();

  launch_digests digests;
  if (recipe.after_image) {
    digests.ld = *recipe.after_image;
  } else {
    digests.add_pages({.where = gpa{firmware_start}}, firmware_bytes);
    digests.add_pages({.where = gpa{svsm_start}}, svsm.bytes);
  }
  if (const auto added = detail::add_sections(digests, svsm, *svsm.sections, recipe); !added)
    return std::unexpected{added.error()};
  const layout::vmsa page = layout::svsm_launch_vmsa({.eip = static_cast<std::uint32_t>(svsm_start + *svsm.svsm_entry),
                                                      .sev_features = recipe.guest_features,
                                                      .cpu_signature = recipe.cpu_signature});
  detail::add_vmsas(digests, page, page, recipe.vcpus);
  return digests.ld;
}

/// The launch digest of a SEV guest, or of a SEV-ES guest, whose VMSAs are measured too.   FW-LD-40; FW-LD-41
[[nodiscard]] inline auto legacy_digest_of(const guest_image& image, const launch_recipe& recipe, bool es)
    -> std::expected<crypto::sha256_value, recipe_error> {
  using enum recipe_error::kind;
  legacy_launch_digest digest;
  digest.update(image.bytes);
  if (recipe.kernel) {
    if (!image.has_table) return detail::failed(no_table);
    if (!image.hash_table || image.hash_table->where == 0) return detail::failed(no_hash_table);
    digest.update(table_of(*recipe.kernel));
  }
  if (!es) return digest.take();
  const auto pages = vmsas_of(image, recipe, false);
  if (!pages) return std::unexpected{pages.error()};
  digest.update(pages->first.bytes());
  for (std::uint32_t i = 1; i < recipe.vcpus; ++i) digest.update(pages->other.bytes());
  return digest.take();
}

}  // namespace sevspec::inline v0::firmware

#endif
