// SPDX-License-Identifier: MIT
// Images of guests' firmware: what they say of themselves, what is launched of them, and images that make no sense.
#include <algorithm>
#include <cstdint>
#include <string>

#include <sevspec/firmware/guest_image/guest_image.hpp>
#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>
#include <support/image_maker.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;

auto error_of(const byte_vector& bytes) -> image_error {
  const auto image = parse_guest_image(bytes);
  REQUIRE_FALSE(image);
  CHECK(std::string(text_of(image.error().what)).size() > 20);
  return image.error();
}

auto error_of(const byte_vector& bytes, const launch_recipe& recipe) -> recipe_error {
  const auto image = parse_guest_image(bytes);
  REQUIRE(image);
  const auto digest = snp_launch_digest(*image, recipe);
  REQUIRE_FALSE(digest);
  CHECK(std::string(text_of(digest.error().what)).size() > 20);
  return digest.error();
}

auto kernel() -> kernel_hashes { return hashes_of_kernel(byte_vector{1, 2}, {}, "ro"); }

/// A launch as the recipe says, written down step by step.
auto by_hand(const byte_vector& bytes, const image_maker& maker, const launch_recipe& recipe) -> snp_digest {
  launch_digests digests;
  const auto pages = [&](snp_page_type type, std::uint64_t where, const byte_vector& contents) {
    digests.add_pages({.type = type, .where = gpa{where}}, contents);
  };
  using enum snp_page_type;
  pages(normal, 0x1'0000'0000 - bytes.size(), bytes);
  const bool ec2 = recipe.vmm == layout::vmm_kind::ec2;
  const auto memory = recipe.vmm == layout::vmm_kind::gce ? unmeasured : zero;
  for (const auto& one : maker.sections) {
    if (one.type == 1) pages(memory, one.where, byte_vector(one.size));
    if (one.type == 2) pages(secrets, one.where, byte_vector(4096));
    if (one.type == 3 && !ec2) pages(cpuid, one.where, byte_vector(4096));
    if (one.type == 4) pages(zero, one.where, byte_vector(one.size));
    if (one.type == 16 && !recipe.kernel) pages(zero, one.where, byte_vector(one.size));
    if (one.type == 16 && recipe.kernel) {
      byte_vector page(4096);
      const auto table = table_of(*recipe.kernel);
      std::copy(table.begin(), table.end(), page.begin() + maker.hash_table % 4096);
      pages(normal, one.where, page);
    }
  }
  if (ec2)
    for (const auto& one : maker.sections)
      if (one.type == 3) pages(cpuid, one.where, byte_vector(4096));
  for (std::uint32_t i = 0; i < recipe.vcpus; ++i) {
    const auto page = layout::launch_vmsa(recipe.vmm, {.eip = i == 0 ? 0xFFFF'FFF0 : maker.reset_eip,
                                                       .sev_features = recipe.guest_features,
                                                       .cpu_signature = recipe.cpu_signature});
    pages(vmsa_, 0xFFFF'FFFF'F000, {page.bytes().begin(), page.bytes().end()});
  }
  return digests.ld;
}

}  // namespace

TEST_CASE("FW-LD-24: what the table at the end of an image says", "[firmware][FW-LD-24]") {
  image_maker maker;
  const byte_vector bytes = maker.make();
  const auto image = parse_guest_image(bytes);
  REQUIRE(image);
  CHECK(image->has_table);
  CHECK(image->bytes.data() == bytes.data());
  CHECK(image->hash_table == hash_table_place{.where = 0x810C00, .size = 0x400});
  CHECK(image->reset_eip == 0x80B004U);
  CHECK_FALSE(image->svsm_entry);
  REQUIRE(image->sections);
  REQUIRE(image->sections->size() == 6);
  CHECK(image->sections->front() == image_section{.where = 0x800000, .size = 0x9000, .type = section_type::memory});
  CHECK(image->sections->at(4).type == section_type::kernel_hashes);

  maker.with_svsm_entry = true;
  maker.svsm_entry = 0x1234;
  CHECK(parse_guest_image(maker.make()).value().svsm_entry == 0x1234U);
}

TEST_CASE("FW-LD-24: an image says only what it says", "[firmware][FW-LD-24]") {
  image_maker maker;
  maker.with_hash_table = maker.with_reset_block = maker.with_metadata = false;
  const byte_vector bytes = maker.make();
  const auto image = parse_guest_image(bytes);
  REQUIRE(image);
  CHECK((image->has_table && !image->hash_table && !image->reset_eip && !image->sections));
  byte_vector without = bytes;
  without[bytes.size() - 33] ^= 1;  // another GUID
  CHECK_FALSE(parse_guest_image(without).value().has_table);
  CHECK_FALSE(parse_guest_image({}).value().has_table);
  CHECK_FALSE(parse_guest_image(byte_vector(49)).value().has_table);
}

TEST_CASE("FW-LD-24: tables that make no sense", "[firmware][FW-LD-24]") {
  const image_maker maker;
  const byte_vector good = maker.make();
  const std::size_t end = good.size() - 32;
  const std::size_t total = end - 18;  // where the table's size is
  using enum image_error::kind;
  const auto changed = [&](std::size_t at, std::size_t size, std::uint64_t value) {
    byte_vector bytes = good;
    put_le(bytes, at, size, value);
    return bytes;
  };
  CHECK(error_of(changed(total, 2, 17)) == image_error{table_size, total});
  CHECK(error_of(changed(total, 2, 0xFFFF)) == image_error{table_size, total});
  // The last entry is of the hash table, 26 bytes.
  const std::size_t hashes = total - 18;
  CHECK(error_of(changed(hashes, 2, 17)) == image_error{entry_size, hashes});
  CHECK(error_of(changed(hashes, 2, 0)) == image_error{entry_size, hashes});
  CHECK(error_of(changed(hashes, 2, 0xFFFF)) == image_error{entry_size, hashes});
  CHECK(error_of(changed(total, 2, 18 + 10)) == image_error{entry_size, total - 10});  // no room for an entry
  CHECK(error_of(changed(hashes, 2, 25)) == image_error{entry_data, total - 25});
  const std::size_t reset = hashes - 8 - 18;
  CHECK(error_of(changed(reset, 2, 21)).what == entry_data);
  const std::size_t metadata = reset - 4 - 18;
  CHECK(error_of(changed(metadata, 2, 18)).what == entry_data);
  CHECK(error_of(changed(metadata - 4, 4, good.size() + 1)) == image_error{metadata_place, metadata - 4});
  CHECK(error_of(changed(metadata - 4, 4, 15)) == image_error{metadata_place, good.size() - 15});
  CHECK(error_of(changed(metadata - 4, 4, 0)) == image_error{metadata_place, good.size()});

  constexpr std::size_t head = image_maker::metadata_at;
  CHECK(error_of(changed(head, 1, 'B')) == image_error{metadata_signature, head});
  CHECK(error_of(changed(head + 8, 4, 2)) == image_error{metadata_version, head + 8});
  for (const std::uint64_t size : {0ULL, 15ULL, 16ULL + 71, 0xFFFFFFFFULL, 0x4000ULL})
    CHECK(error_of(changed(head + 4, 4, size)) == image_error{metadata_size, head + 4});
  for (const std::uint64_t count : {7ULL, 0xFFFFFFFFULL, 0x15555556ULL})
    CHECK(error_of(changed(head + 12, 4, count)) == image_error{metadata_size, head + 4});
  CHECK(parse_guest_image(changed(head + 12, 4, 0)).value().sections->empty());
}

TEST_CASE("FW-LD-24: no bytes break the reader", "[firmware][FW-LD-24]") {
  const byte_vector good = image_maker{.size = 0x1000}.make();
  std::size_t refused = 0;
  const auto read = [&](const byte_vector& bytes) {
    const auto image = parse_guest_image(bytes);
    refused += image ? 0U : 1U;
    if (!image) return;
    std::uint64_t memory = 0;
    if (image->sections)
      for (const image_section& one : *image->sections) memory += one.size;
    if (memory > 0x10'0000) return;  // takes long, and has nothing new
    static_cast<void>(snp_launch_digest(*image, {.vcpus = 2, .kernel = kernel(), .after_image = snp_digest{}}));
    static_cast<void>(legacy_digest_of(*image, {.kernel = kernel()}, true));
    static_cast<void>(svsm_launch_digest({}, *image, 0, {}));
  };
  for (std::size_t size = 0; size <= good.size(); ++size) {
    read({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});  // cut behind
    read({good.end() - static_cast<std::ptrdiff_t>(size), good.end()});      // cut before
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    if (at > 0x160 && at < good.size() - 250) continue;  // nothing is there
    for (const unsigned value : {0x00U, 0x01U, 0x11U, 0x80U, 0xFFU}) {
      byte_vector bytes = good;
      bytes[at] = static_cast<std::uint8_t>(value);
      read(bytes);
    }
  }
  crypto::repeatable_random random{11};
  for (unsigned i = 0; i < 20000; ++i) {
    byte_vector bytes = good;
    for (unsigned k = 0; k < 3; ++k) {
      const auto drawn = crypto::draw<4>(random);
      const std::size_t tail = get_le(drawn, 0, 2) % 250;
      bytes[drawn[2] % 2 == 0 ? bytes.size() - 1 - tail : 0x100 + tail % 0x60] = drawn[3];
    }
    read(bytes);
  }
  CHECK(refused > 1000);
}

TEST_CASE("FW-LD-20 to 23: launches of every hypervisor against steps by hand",
          "[firmware][FW-LD-20][FW-LD-21][FW-LD-22][FW-LD-23]") {
  const image_maker maker;
  const byte_vector bytes = maker.make();
  const auto image = parse_guest_image(bytes);
  REQUIRE(image);
  for (const auto vmm : {layout::vmm_kind::qemu, layout::vmm_kind::ec2, layout::vmm_kind::gce})
    for (const std::uint32_t vcpus : {1U, 2U, 5U})
      for (const bool with_kernel : {false, true}) {
        launch_recipe recipe{.vmm = vmm, .vcpus = vcpus, .cpu_signature = 0xA00F11, .guest_features = 0x21};
        if (with_kernel) recipe.kernel = kernel();
        const auto digest = snp_launch_digest(*image, recipe);
        REQUIRE(digest);
        CHECK(*digest == by_hand(bytes, maker, recipe));
        recipe.after_image = image_digest(bytes).value();
        CHECK(snp_launch_digest(*image, recipe) == digest);
      }
}

TEST_CASE("FW-LD-21: what a launch cannot do without", "[firmware][FW-LD-21]") {
  using enum recipe_error::kind;
  const launch_recipe one{.cpu_signature = 1};
  launch_recipe with_kernel = one;
  with_kernel.kernel = kernel();
  const image_maker good;

  image_maker maker = good;
  maker.size = 0x4010;
  CHECK(error_of(maker.make(), one) == recipe_error{image_size, 0x4010});
  byte_vector without_table = good.make();
  without_table[without_table.size() - 33] ^= 1;
  CHECK(error_of(without_table, one) == recipe_error{no_table});
  maker = good;
  maker.with_metadata = false;
  CHECK(error_of(maker.make(), one) == recipe_error{no_metadata});
  maker = good;
  maker.with_reset_block = false;
  CHECK(snp_launch_digest(parse_guest_image(maker.make()).value(), one).has_value());  // nobody needs it
  CHECK(error_of(maker.make(), {.vcpus = 2}) == recipe_error{no_reset_block});
  CHECK(error_of(good.make(), {.vcpus = 0}) == recipe_error{no_vcpus});

  maker = good;
  maker.with_hash_table = false;
  CHECK(error_of(maker.make(), with_kernel) == recipe_error{no_hash_table});
  maker = good;
  maker.hash_table = 0;
  CHECK(error_of(maker.make(), with_kernel) == recipe_error{no_hash_table});
  maker = good;
  maker.sections[4].type = 1;
  CHECK(error_of(maker.make(), with_kernel) == recipe_error{no_hash_section});
  for (const std::uint32_t where : {0x810F51U, 0x811000U, 0x80FFF0U}) {
    maker = good;
    maker.hash_table = where;
    CHECK(error_of(maker.make(), with_kernel) == recipe_error{hash_table_place, where});
  }
  maker = good;
  maker.hash_table = 0x810F50;  // the last place where it fits
  CHECK(snp_launch_digest(parse_guest_image(maker.make()).value(), with_kernel).has_value());
  maker.sections[4].size = 0x2000;
  maker.sections[5].where = 0x812000;
  CHECK(error_of(maker.make(), with_kernel) == recipe_error{hash_table_place, 0x810F50});

  maker = good;
  maker.sections[1].type = 5;
  CHECK(error_of(maker.make(), one) == recipe_error{recipe_error::kind::section_type, 5});
  maker = good;
  maker.sections[0].size = 0x9001;
  CHECK(error_of(maker.make(), one) == recipe_error{section_alignment, 0x800000});
  maker = good;
  maker.sections[0].where = 0x800010;
  CHECK(error_of(maker.make(), one) == recipe_error{section_alignment, 0x800010});
  maker = good;
  maker.sections[5] = {0xFFFFF000, 0x2000, 1};
  CHECK(error_of(maker.make(), one) == recipe_error{section_range, 0xFFFFF000});
  maker = good;
  maker.sections[3].where = 0x808000;
  CHECK(error_of(maker.make(), one) == recipe_error{section_overlap, 0x808000});
  maker.sections[3].size = 0;  // nothing overlaps nothing
  CHECK(snp_launch_digest(parse_guest_image(maker.make()).value(), one).has_value());
}

TEST_CASE("FW-LD-40: legacy launches hash what is loaded, and nothing else", "[firmware][FW-LD-40][FW-LD-41]") {
  image_maker maker;
  const byte_vector bytes = maker.make();
  const auto image = parse_guest_image(bytes).value();
  const launch_recipe plain{.vcpus = 3, .cpu_signature = 0x800F12, .guest_features = 0x21};
  launch_recipe with_kernel = plain;
  with_kernel.kernel = kernel();
  const auto bsp = layout::launch_vmsa(layout::vmm_kind::qemu, {.cpu_signature = 0x800F12});
  const auto ap = layout::launch_vmsa(layout::vmm_kind::qemu, {.eip = maker.reset_eip, .cpu_signature = 0x800F12});
  const auto hash = [](std::initializer_list<std::span<const std::uint8_t>> parts) {
    byte_vector all;
    for (const auto part : parts) all.insert(all.end(), part.begin(), part.end());
    return crypto::sha256_of(all);
  };
  const auto table = table_of(kernel());
  CHECK(legacy_digest_of(image, plain, false) == hash({bytes}));
  CHECK(legacy_digest_of(image, with_kernel, false) == hash({bytes, table}));
  CHECK(legacy_digest_of(image, with_kernel, true) ==
        hash({bytes, table, bsp.bytes(), ap.bytes(), ap.bytes()}));  // SEV_FEATURES 0

  maker.with_hash_table = maker.with_reset_block = maker.with_metadata = false;
  const byte_vector bare_bytes = maker.make();
  const auto bare = parse_guest_image(bare_bytes).value();
  CHECK(legacy_digest_of(bare, plain, false) == hash({bare_bytes}));
  CHECK(legacy_digest_of(bare, with_kernel, false).error() == recipe_error{recipe_error::kind::no_hash_table});
  CHECK(legacy_digest_of(bare, plain, true).error() == recipe_error{recipe_error::kind::no_reset_block});
  CHECK(legacy_digest_of({}, with_kernel, false).error() == recipe_error{recipe_error::kind::no_table});
  CHECK(legacy_digest_of({}, plain, true).error() == recipe_error{recipe_error::kind::no_table});
}

TEST_CASE("FW-LD-23: guests under an SVSM", "[firmware][FW-LD-23]") {
  const byte_vector ovmf(0x3000, 7);
  image_maker maker;
  maker.with_svsm_entry = true;
  maker.svsm_entry = 0x40;
  const byte_vector svsm_bytes = maker.make();
  const auto svsm = parse_guest_image(svsm_bytes).value();
  const launch_recipe recipe{.vcpus = 2, .cpu_signature = 0x800F12};
  const auto digest = svsm_launch_digest(ovmf, svsm, 0x2000, recipe);
  REQUIRE(digest);

  launch_digests steps;
  steps.add_pages({.where = gpa{0xFFFF'D000}}, ovmf);
  steps.add_pages({.where = gpa{0xFFFF'D000 - 0x2000 - 0x4000}}, svsm_bytes);
  REQUIRE(detail::add_sections(steps, svsm, svsm.sections.value(), recipe).has_value());
  const auto page = layout::svsm_launch_vmsa({.eip = 0xFFFF'7040, .sev_features = 1, .cpu_signature = 0x800F12});
  for (int i = 0; i < 2; ++i) steps.add_pages({.type = snp_page_type::vmsa_, .where = kvm_vmsa_gpa}, page.bytes());
  CHECK(*digest == steps.ld);

  using enum recipe_error::kind;
  const auto refused = [&](const byte_vector& firmware_bytes, const guest_image& image, std::uint64_t vars) {
    return svsm_launch_digest(firmware_bytes, image, vars, recipe).error();
  };
  CHECK(refused(ovmf, {}, 0) == recipe_error{no_table});
  maker.with_metadata = false;
  const byte_vector no_metadata_bytes = maker.make();
  CHECK(refused(ovmf, parse_guest_image(no_metadata_bytes).value(), 0) == recipe_error{no_metadata});
  maker.with_metadata = true;
  maker.with_svsm_entry = false;
  const byte_vector no_entry_bytes = maker.make();
  CHECK(refused(ovmf, parse_guest_image(no_entry_bytes).value(), 0) == recipe_error{no_svsm_entry});
  CHECK(refused({}, svsm, 0) == recipe_error{image_size, 0});
  CHECK(refused(ovmf, svsm, 1) == recipe_error{no_room, 1});
  CHECK(refused(ovmf, svsm, 0xFFFF'D000) == recipe_error{no_room, 0xFFFF'D000});
  CHECK(refused(ovmf, svsm, 0x1'0000'0000) == recipe_error{no_room, 0x1'0000'0000});
  CHECK(svsm_launch_digest(ovmf, svsm, 0, {.vcpus = 0}).error() == recipe_error{no_vcpus});
}
