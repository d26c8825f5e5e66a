// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <cryptopp/sha.h>

#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <sevspec/firmware/guest_image/vcpu_types.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;
using namespace sevspec::test;
using nlohmann::json;

/// PAGE_INFO put together byte by byte, and hashed without the library.
auto slow_step(const snp_digest& current, const launch_page& page, const snp_digest& contents) -> snp_digest {
  byte_vector info(0x70);
  std::copy(current.begin(), current.end(), info.begin());
  std::copy(contents.begin(), contents.end(), info.begin() + 0x30);
  put_le(info, 0x60, 2, 0x70);
  put_le(info, 0x62, 1, static_cast<std::uint64_t>(page.type));
  put_le(info, 0x63, 1, page.imi ? 1 : 0);
  for (std::size_t i = 0; i < 3; ++i) put_le(info, 0x65 + i, 1, page.allowed[i].raw);
  put_le(info, 0x68, 8, page.where.value);
  snp_digest result;
  CryptoPP::SHA384().CalculateDigest(result.data(), info.data(), info.size());
  return result;
}

auto slow_hash(std::span<const std::uint8_t> bytes) -> snp_digest {
  snp_digest result;
  CryptoPP::SHA384().CalculateDigest(result.data(), bytes.data(), bytes.size());
  return result;
}

auto image_of(const json& described) -> guest_image {
  guest_image image;
  image.has_table = true;
  if (described.contains("ap_reset_eip"))
    image.reset_eip = static_cast<std::uint32_t>(number_of(described.at("ap_reset_eip")));
  if (described.contains("hashes_table_gpa"))
    image.hash_table =
        hash_table_place{.where = static_cast<std::uint32_t>(number_of(described.at("hashes_table_gpa"))), .size = 0};
  image.sections.emplace();
  for (const json& section : described.at("metadata_sections"))
    image.sections->push_back({.where = static_cast<std::uint32_t>(number_of(section.at("gpa"))),
                               .size = static_cast<std::uint32_t>(number_of(section.at("size"))),
                               .type = static_cast<section_type>(number_of(section.at("type")))});
  return image;
}

/// "empty file" or null.
auto kernel_of(const json& v) -> std::optional<kernel_hashes> {
  if (!v.contains("kernel") || v.at("kernel").is_null()) return std::nullopt;
  REQUIRE(v.at("kernel") == "empty file");
  REQUIRE(v.at("initrd") == "empty file");
  return hashes_of_kernel({}, {}, v.at("cmdline").get<std::string>());
}

auto recipe_of(const json& v) -> launch_recipe {
  launch_recipe recipe;
  const std::string vmm = v.at("vmm");
  recipe.vmm = vmm.starts_with("ec2") ? layout::vmm_kind::ec2
               : vmm == "gce"         ? layout::vmm_kind::gce
                                      : layout::vmm_kind::qemu;
  if (vmm.find("rdx=0") != std::string::npos) recipe.ec2_rdx = 0;
  recipe.vcpus = v.at("vcpus");
  if (v.contains("vcpu_sig")) recipe.cpu_signature = static_cast<std::uint32_t>(number_of(v.at("vcpu_sig")));
  if (v.contains("sev_features")) recipe.guest_features = number_of(v.at("sev_features"));
  recipe.kernel = kernel_of(v);
  return recipe;
}

auto same(const std::string& got, const json& want) -> bool {
  CHECK(got == want.get<std::string>());
  return got == want.get<std::string>();
}

auto passes(const json& v, const json& images) -> bool {
  if (v.contains("expected_table_hex")) return same(to_hex(table_of(*kernel_of(v))), v.at("expected_table_hex"));
  if (v.contains("expected_page_sha256")) {
    REQUIRE(number_of(v.at("eip")) == layout::bsp_start);
    const auto pages = vmsas_of({}, {.cpu_signature = static_cast<std::uint32_t>(number_of(v.at("vcpu_sig")))}, false);
    return same(to_hex(crypto::sha256_of(pages.value().first.bytes())), v.at("expected_page_sha256"));
  }
  launch_recipe recipe = recipe_of(v);
  const json& described = images.at(v.at("image").get<std::string>());
  guest_image image = image_of(described);
  if (v.at("image") == "svsm") {
    // Images of the right size stand in for the real ones, whose digest is known.
    const byte_vector ovmf(number_of(described.at("ovmf_bytes")));
    const byte_vector svsm(number_of(described.at("svsm_bytes")));
    image.bytes = svsm;
    image.svsm_entry = number_of(described.at("svsm_entry_eip")) - number_of(described.at("svsm_gpa"));
    recipe.after_image = array_of<48>(described.at("ld_after_ovmf_and_svsm"));
    const auto digest = svsm_launch_digest(ovmf, image, number_of(described.at("ovmf_vars_size")), recipe);
    return digest && same(to_hex(*digest), v.at("expected_launch_digest"));
  }
  recipe.after_image = array_of<48>(described.at("ld_after_image"));
  bool right = true;
  const auto pages = vmsas_of(
      image,
      {.vmm = recipe.vmm, .vcpus = 2, .cpu_signature = recipe.cpu_signature, .guest_features = recipe.guest_features},
      true);
  for (const auto& [name, page] : {std::pair{"bsp_vmsa_sha384", pages.value().first}, {"ap_vmsa_sha384", pages->other}})
    if (v.contains(name))
      right = same(to_hex(contents_digest(snp_page_type::vmsa_, page.bytes())), v.at(name)) && right;
  const auto digest = snp_launch_digest(image, recipe);
  return digest && same(to_hex(*digest), v.at("expected_launch_digest")) && right;
}

}  // namespace

TEST_CASE("the vectors of launch-digest.json",
          "[firmware][FW-LD-01][FW-LD-20][FW-LD-21][FW-LD-22][FW-LD-23][FW-LD-25][FW-LD-26][FW-LD-41]") {
  const json file = firmware_vectors("launch-digest.json");
  std::size_t passed = 0;
  for (const json& vector : file.at("vectors")) {
    INFO(vector.at("id"));
    passed += passes(vector, file.at("images")) ? 1U : 0U;
  }
  tell_passed("launch-digest.json", passed, file.at("vectors").size());
  CHECK(passed == file.at("vectors").size());
  CHECK(passed == 11);
}

TEST_CASE("FW-LD-20: one page of an image, whose digest is known", "[firmware][FW-LD-01][FW-LD-20]") {
  const json images = firmware_vectors("launch-digest.json").at("images");
  for (const char* name : {"amdsev", "ovmfx64"}) {
    const json& image = images.at(name);
    launch_digests digests;
    digests.add({.where = gpa{number_of(image.at("image_gpa"))}}, array_of<48>(image.at("page_sha384")));
    CHECK(to_hex(digests.ld) == image.at("ld_after_image").get<std::string>());
    CHECK(digests.imd == snp_digest{});
  }
}

TEST_CASE("FW-LD-01: every step against a slow twin", "[firmware][FW-LD-01][FW-LD-02][FW-LD-03][FW-LD-08]") {
  crypto::repeatable_random random{7};
  launch_digests digests;
  snp_digest ld{};
  snp_digest imd{};
  for (unsigned i = 0; i < 200; ++i) {
    const auto drawn = crypto::draw<8>(random);
    launch_page page{.type = static_cast<snp_page_type>(1 + drawn[0] % 6),
                     .where = gpa{std::uint64_t{drawn[1]} << 12 | std::uint64_t{drawn[2]} << 40},
                     .imi = drawn[3] % 4 == 0};
    for (std::size_t k = 0; k < 3; ++k) page.allowed[k].raw = drawn[4 + k];
    const auto contents = crypto::draw<48>(random);
    digests.add(page, contents);
    ld = slow_step(ld, page, contents);
    if (page.imi) imd = slow_step(imd, page, contents);
    REQUIRE(digests.ld == ld);
    REQUIRE(digests.imd == imd);
  }
  CHECK(imd != snp_digest{});
  CHECK(imd != ld);
}

TEST_CASE("FW-LD-04: what counts of the contents", "[firmware][FW-LD-04]") {
  std::array<std::uint8_t, 4096> page{};
  using enum snp_page_type;
  CHECK(zero_page_digest == slow_hash(page));
  CHECK(contents_digest(normal, page) == zero_page_digest);
  for (const std::size_t at : {0UZ, 1UZ, 2047UZ, 4095UZ}) {  // one byte that is not zero, at the ends too
    page = {};
    page[at] = 1;
    CHECK(contents_digest(normal, page) == slow_hash(page));
  }
  page.fill(7);  // every byte like the one before it, and not zero
  CHECK(contents_digest(normal, page) == slow_hash(page));

  const byte_vector drawn = noise(4096, 3);
  std::copy(drawn.begin(), drawn.end(), page.begin());
  CHECK(contents_digest(normal, page) == slow_hash(page));
  auto masked = page;
  std::fill_n(masked.begin() + 0x2F0, 16, std::uint8_t{0});
  CHECK(contents_digest(vmsa_, page) == slow_hash(masked));
  CHECK(contents_digest(vmsa_, page) != contents_digest(normal, page));
  for (const auto type : {zero, unmeasured, secrets, cpuid}) CHECK(contents_digest(type, page) == snp_digest{});
}

TEST_CASE("FW-LD-06: a page of 2M is 512 pages of 4K", "[firmware][FW-LD-05][FW-LD-06]") {
  const byte_vector bytes = noise(2 << 20, 5);
  const launch_page first{.where = gpa{0x4000'0000}, .imi = true};
  launch_digests large;
  large.add_pages(first, bytes);
  launch_digests small;
  for (std::size_t i = 0; i < 512; ++i)
    small.add({.where = gpa{0x4000'0000 + i * 4096}, .imi = true}, slow_hash(std::span{bytes}.subspan(i * 4096, 4096)));
  CHECK(large == small);

  launch_digests zeros;
  zeros.add_unread_pages({.type = snp_page_type::zero, .where = gpa{0x20'0000}}, 512);
  launch_digests pages;
  pages.add_pages({.type = snp_page_type::zero, .where = gpa{0x20'0000}}, bytes);  // whatever lies there
  CHECK(zeros == pages);
  launch_digests nothing;
  nothing.add_unread_pages({.type = snp_page_type::zero}, 0);
  nothing.add_pages({}, {});
  CHECK(nothing == launch_digests{});
}

TEST_CASE("FW-LD-07: VMSAs are measured where their page is said to be", "[firmware][FW-LD-07]") {
  const launch_page kvm{.type = snp_page_type::vmsa_, .where = kvm_vmsa_gpa};
  launch_page elsewhere = kvm;
  elsewhere.where = gpa{0x1000};
  CHECK(kvm.where.value == 0xFFFF'FFFF'F000);
  CHECK(extended({}, kvm, {}) == slow_step({}, kvm, {}));
  CHECK(extended({}, kvm, {}) != extended({}, elsewhere, {}));
}

TEST_CASE("FW-LD-27: signatures of processor types", "[firmware][FW-LD-27]") {
  CHECK(signature_of_type("EPYC-v4") == 0x80'0F12U);
  CHECK(signature_of_type("EPYC-Rome") == 0x83'0F10U);
  CHECK(signature_of_type("EPYC-Milan") == 0xA0'0F11U);
  CHECK(signature_of_type("EPYC-Genoa") == 0xA1'0F10U);
  CHECK(signature_of_type("EPYC-Turin") == 0xB0'0F00U);
  CHECK_FALSE(signature_of_type("EPYC-Naples"));
  CHECK_FALSE(signature_of_type(""));
  for (const vcpu_type& one : vcpu_types) {
    const auto signature = signature_of_type(one.name);
    REQUIRE(signature);
    CHECK(layout::identity_of_signature(*signature) == one.identity);
  }
}
