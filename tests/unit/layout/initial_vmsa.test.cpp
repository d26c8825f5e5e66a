// SPDX-License-Identifier: MIT
// Whole pages: what the headers write and the zeros around it, against images laid down byte by byte at the offsets of
// Linux' struct sev_es_save_area, and against digests of pages that others measure.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>
#include <support/digest.hpp>

#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/page_info.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::bsp_start;
using layout::launch_choices;
using layout::launch_vmsa;
using layout::vcpu_choices;
using layout::vmm_kind;
using layout::vmsa;

constexpr std::size_t es = 0x00, cs = 0x10, ss = 0x20, ds = 0x30, fs = 0x40, gs = 0x50, gdtr = 0x60, ldtr = 0x70,
                      idtr = 0x80, tr = 0x90;

/// A page of zeros to write on.
class drawing {
 public:
  auto segment(std::size_t at, std::uint64_t selector, std::uint64_t attributes, std::uint64_t limit,
               std::uint64_t base) -> drawing& {
    return put(at, 2, selector).put(at + 2, 2, attributes).put(at + 4, 4, limit).put(at + 8, 8, base);
  }
  auto put(std::size_t offset, std::size_t size, std::uint64_t value) -> drawing& {
    put_le(bytes_, offset, size, value);
    return *this;
  }
  [[nodiscard]] auto bytes() const -> const byte_vector& { return bytes_; }

 private:
  byte_vector bytes_ = byte_vector(4096);
};

/// The offsets of the bytes in which two pages differ.
auto differences(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right) -> std::vector<std::string> {
  std::vector<std::string> found;
  if (left.size() != right.size()) return {"size"};
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i] != right[i]) found.push_back(hex(i) + ": " + hex(left[i]) + " and " + hex(right[i]));
  return found;
}
auto differences(const vmsa& page, const drawing& expected) { return differences(page.bytes(), expected.bytes()); }

const std::vector<std::string> nothing;

/// Table 3.1: Linux' wakeup_cpu_via_vmgexit() and edk2's SevSnpCreateSaveArea().
auto reset_drawing(const vcpu_choices& choices) -> drawing {
  drawing page;
  for (const std::size_t at : {es, ss, ds, fs, gs}) page.segment(at, 0, 0x92, 0xFFFF, 0);
  page.segment(gdtr, 0, 0, 0xFFFF, 0).segment(idtr, 0, 0, 0xFFFF, 0);
  page.segment(ldtr, 0, 0x82, 0xFFFF, 0).segment(tr, 0, 0x83, 0xFFFF, 0);
  page.put(0x0CA, 1, choices.vmpl);
  page.put(0x0D0, 8, 0x1000);                  // EFER
  page.put(0x148, 8, choices.mce ? 0x40 : 0);  // CR4
  page.put(0x158, 8, 0x6000'0010);             // CR0
  page.put(0x160, 8, 0x400);                   // DR7
  page.put(0x168, 8, 0xFFFF'0FF0);             // DR6
  page.put(0x170, 8, 0x2);                     // RFLAGS
  page.put(0x268, 8, 0x0007'0406'0007'0406);   // G_PAT
  page.put(0x3B0, 8, choices.sev_features);    // SEV_FEATURES
  page.put(0x3E8, 8, 1);                       // XCR0
  page.put(0x408, 4, 0x1F80);                  // MXCSR
  page.put(0x40C, 2, 0x5555);                  // x87 FTW
  page.put(0x410, 2, 0x0040);                  // x87 FCW
  return page;
}

/// Table 3.2: vmsa.py of sev-snp-measure and vmsa.rs of virtee/sev.
auto launch_drawing(vmm_kind vmm, std::uint32_t eip, std::uint64_t features, std::uint64_t rdx) -> drawing {
  struct choices {
    std::uint64_t cs, ss, tr, g_pat, mxcsr, fcw;
  };
  const std::map<vmm_kind, choices> all{
      {vmm_kind::qemu, {0x9B, 0x93, 0x8B, 0x0007'0406'0007'0406, 0x1F80, 0x037F}},
      {vmm_kind::ec2, {eip == 0xFFFF'FFF0 ? 0x9AU : 0x9BU, 0x92, 0x83, 0x0007'0406'0007'0406, 0, 0}},
      {vmm_kind::gce, {0x9B, 0x93, 0x8B, 0x0007'0106, 0, 0}},
  };
  const choices& chosen = all.at(vmm);
  drawing page;
  for (const std::size_t at : {es, ds, fs, gs}) page.segment(at, 0, 0x93, 0xFFFF, 0);
  page.segment(cs, 0xF000, chosen.cs, 0xFFFF, eip / 0x1'0000 * 0x1'0000);
  page.segment(ss, 0, chosen.ss, 0xFFFF, 0).segment(tr, 0, chosen.tr, 0xFFFF, 0);
  page.segment(gdtr, 0, 0, 0xFFFF, 0).segment(idtr, 0, 0, 0xFFFF, 0).segment(ldtr, 0, 0x82, 0xFFFF, 0);
  page.put(0x0D0, 8, 0x1000);          // EFER
  page.put(0x148, 8, 0x40);            // CR4
  page.put(0x158, 8, 0x10);            // CR0
  page.put(0x160, 8, 0x400);           // DR7
  page.put(0x168, 8, 0xFFFF'0FF0);     // DR6
  page.put(0x170, 8, 0x2);             // RFLAGS
  page.put(0x178, 8, eip % 0x1'0000);  // RIP
  page.put(0x268, 8, chosen.g_pat);    // G_PAT
  page.put(0x310, 8, rdx);             // RDX
  page.put(0x3B0, 8, features);        // SEV_FEATURES
  page.put(0x3E8, 8, 1);               // XCR0
  page.put(0x408, 4, chosen.mxcsr);    // MXCSR
  page.put(0x410, 2, chosen.fcw);      // x87 FCW
  return page;
}

/// FW-LD-26: VMSA_SVSM of sev-snp-measure. The x87 control word stays 0.
auto svsm_drawing(std::uint32_t eip, std::uint64_t features, std::uint64_t signature) -> drawing {
  drawing page = launch_drawing(vmm_kind::qemu, bsp_start, features, signature);
  for (const std::size_t at : {es, ss, ds, fs}) page.segment(at, 16, 0xC93, 0xFFFF'FFFF, 0);
  page.segment(cs, 8, 0xC9B, 0xFFFF'FFFF, 0);
  page.put(0x158, 8, 0x11).put(0x178, 8, eip).put(0x410, 2, 0);
  return page;
}

constexpr std::uint32_t some_starts[] = {bsp_start, 0x0080'B004, 0xFFFF'FFF1, 0xFFFE'FFF0, 0xFFAE'A000,
                                         0,         0xFFFF,      0x1'0000,    0xFFFF'FFFF};
constexpr std::uint64_t some_features[] = {0, 1, 0x29, 0x8000'0000'0000'0001};

static_assert(layout::sipi_vmsa(0x9F, {.sev_features = 1, .vmpl = 3, .mce = true}).cs().base() == 0x9'F000);
static_assert(launch_vmsa(vmm_kind::qemu, {}).rip() == 0xFFF0);

}  // namespace

TEST_CASE("the VMSA of a processor that a SIPI starts", "[layout][vmsa]") {
  for (const std::uint64_t features : some_features)
    for (const bool mce : {false, true})
      for (std::uint8_t vmpl = 0; vmpl <= 3; ++vmpl) {
        const vcpu_choices choices{.sev_features = features, .vmpl = vmpl, .mce = mce};
        for (unsigned vector = 0; vector <= 0xFF; ++vector) {
          auto expected = reset_drawing(choices);
          expected.segment(cs, vector * 0x100, 0x9A, 0xFFFF, vector * 0x1000);
          const auto page = layout::sipi_vmsa(static_cast<std::uint8_t>(vector), choices);
          if (differences(page, expected) == nothing) continue;
          INFO("vector " << vector << " VMPL " << unsigned{vmpl});
          CHECK(differences(page, expected) == nothing);
        }
      }
  auto expected = reset_drawing({});
  expected.segment(cs, 0, 0x9A, 0xFFFF, 0);
  CHECK(differences(layout::sipi_vmsa(0, {}), expected) == nothing);
}

TEST_CASE("the VMSA of a processor after a cold reset", "[layout][vmsa]") {
  for (const std::uint64_t features : some_features)
    for (const bool mce : {false, true})
      for (std::uint8_t vmpl = 0; vmpl <= 3; ++vmpl) {
        const vcpu_choices choices{.sev_features = features, .vmpl = vmpl, .mce = mce};
        auto expected = reset_drawing(choices);
        expected.segment(cs, 0xF000, 0x9A, 0xFFFF, 0xFFFF'0000).put(0x178, 8, 0xFFF0);
        CHECK(differences(layout::reset_vmsa(choices), expected) == nothing);
      }
}

namespace {

template <std::uint8_t Vmpl>
inline constexpr bool can_reset = is_allowed<[] { return layout::reset_vmsa({.vmpl = Vmpl}).vmpl(); }>;
template <std::uint8_t Vmpl>
inline constexpr bool can_start = is_allowed<[] { return layout::sipi_vmsa(0, {.vmpl = Vmpl}).vmpl(); }>;

}  // namespace

TEST_CASE("there are four VMPLs", "[layout][vmsa]") {
  STATIC_REQUIRE(can_reset<0>);
  STATIC_REQUIRE(can_reset<3>);
  STATIC_REQUIRE_FALSE(can_reset<4>);
  STATIC_REQUIRE_FALSE(can_reset<255>);
  STATIC_REQUIRE(can_start<3>);
  STATIC_REQUIRE_FALSE(can_start<4>);
}

TEST_CASE("launch VMSAs of every VMM, boot processor and others", "[layout][vmsa]") {
  for (const std::uint32_t eip : some_starts)
    for (const std::uint64_t features : some_features) {
      INFO("EIP " << hex(eip) << " features " << hex(features));
      launch_choices choices{.eip = eip, .sev_features = features, .cpu_signature = 0x00A0'0F11};
      CHECK(differences(launch_vmsa(vmm_kind::qemu, choices),
                        launch_drawing(vmm_kind::qemu, eip, features, 0x00A0'0F11)) == nothing);
      CHECK(differences(launch_vmsa(vmm_kind::ec2, choices), launch_drawing(vmm_kind::ec2, eip, features, 0x600)) ==
            nothing);
      choices.ec2_rdx = 0;
      CHECK(differences(launch_vmsa(vmm_kind::ec2, choices), launch_drawing(vmm_kind::ec2, eip, features, 0)) ==
            nothing);
      CHECK(differences(launch_vmsa(vmm_kind::gce, choices), launch_drawing(vmm_kind::gce, eip, features, 0x600)) ==
            nothing);
    }
  // Nothing said: the boot processor at its reset vector.
  CHECK(differences(launch_vmsa(vmm_kind::qemu, {}), launch_drawing(vmm_kind::qemu, 0xFFFF'FFF0, 0, 0)) == nothing);
  CHECK(differences(launch_vmsa(vmm_kind::ec2, {}), launch_drawing(vmm_kind::ec2, 0xFFFF'FFF0, 0, 0x600)) == nothing);
}

TEST_CASE("the launch VMSA of an SVSM", "[layout][vmsa]") {
  for (const std::uint32_t eip : some_starts)
    for (const std::uint64_t features : some_features) {
      INFO("EIP " << hex(eip) << " features " << hex(features));
      const launch_choices choices{.eip = eip, .sev_features = features, .cpu_signature = 0x0080'0F12};
      CHECK(differences(layout::svsm_launch_vmsa(choices), svsm_drawing(eip, features, 0x0080'0F12)) == nothing);
    }
}

TEST_CASE("what nobody chooses is zero", "[layout][vmsa]") {
  CHECK(vcpu_choices{}.sev_features == 0);
  CHECK(vcpu_choices{}.vmpl == 0);
  CHECK_FALSE(vcpu_choices{}.mce);
  layout::segment segment;
  for (auto& byte : segment.bytes()) byte = 0xFF;
  layout::set_segment(layout::segment_view(segment), {});
  CHECK(segment == layout::segment());
}

TEST_CASE("a segment is written in place, through any writable view", "[layout][vmsa]") {
  byte_vector bytes(4096, 0xEE);
  layout::vmsa_view view(std::span<std::uint8_t, 4096>(bytes.data(), 4096));
  layout::set_segment(view.fs(), {.selector = 0x1234, .attributes = 0xC93, .limit = 0x89AB'CDEF, .base = 0x1122'3344});
  auto expected = byte_vector(4096, 0xEE);
  put_le(expected, fs, 2, 0x1234);
  put_le(expected, fs + 2, 2, 0xC93);
  put_le(expected, fs + 4, 4, 0x89AB'CDEF);
  put_le(expected, fs + 8, 8, 0x1122'3344);
  CHECK(bytes == expected);
}

// --- against pages of others -----------------------------------------------------------------------------------------

TEST_CASE("a SEV-ES boot processor's VMSA that QEMU and KVM made", "[layout][vmsa]") {
  const auto file = extra_file("vectors/firmware/data/sevctl-vmsa0.bin");
  if (!file) {
    WARN("skipped: needs the additional test data (SEVSPEC_EXTRA_TEST_DATA)");
    return;
  }
  REQUIRE(file->size() == 4096);
  auto page = launch_vmsa(vmm_kind::qemu, {.cpu_signature = 0x00A0'0F11});  // Milan, SEV_FEATURES 0 without SEV-SNP
  const auto differing = differences(*file, page.bytes());
  // Two fields differ: MXCSR and the x87 control word are 0 in the page. Until Linux 6.10 KVM copied no floating-point
  // state into a VMSA, and it still does not for guests of the old KVM_SEV_ES_INIT; the table is of newer ones.
  CHECK(differing == std::vector<std::string>{"0x408: 0x0 and 0x80", "0x409: 0x0 and 0x1f", "0x410: 0x0 and 0x7f",
                                              "0x411: 0x0 and 0x3"});
  page.set_mxcsr(0);
  page.set_x87_fcw(0);
  CHECK(differences(*file, page.bytes()) == nothing);
}

namespace {

using nlohmann::json;

auto number(const json& value) -> std::uint64_t {
  return value.is_string() ? std::stoull(value.get<std::string>(), nullptr, 16) : value.get<std::uint64_t>();
}

auto kind_named(const std::string& name) -> vmm_kind {
  return name.starts_with("ec2") ? vmm_kind::ec2 : name == "gce" ? vmm_kind::gce : vmm_kind::qemu;
}

/// The pages of a vector: the boot processor's and another's.
auto pages_of(const json& vector, const json& images) -> std::pair<vmsa, vmsa> {
  const auto& image = images.at(vector.at("image"));
  launch_choices choices{.sev_features = 1,
                         .cpu_signature = static_cast<std::uint32_t>(number(vector.value("vcpu_sig", json("0x0"))))};
  if (vector.at("image") == "svsm") {
    choices.eip = static_cast<std::uint32_t>(number(image.at("svsm_entry_eip")));
    const vmsa page = layout::svsm_launch_vmsa(choices);
    return {page, page};
  }
  const std::string vmm = vector.at("vmm");
  if (vmm.find("rdx=0") != std::string::npos) choices.ec2_rdx = 0;
  const vmsa first = launch_vmsa(kind_named(vmm), choices);
  choices.eip = static_cast<std::uint32_t>(number(image.at("ap_reset_eip")));
  return {first, launch_vmsa(kind_named(vmm), choices)};
}

/// A launch digest, page by page (FW-LD-01, -02, -04).
class launch_digest {
 public:
  explicit launch_digest(const byte_vector& start) { std::ranges::copy(start, digest_.begin()); }
  void add(layout::snp_page_types type, std::uint64_t gpa, std::span<const std::uint8_t> content = {}) {
    layout::page_info info;
    info.set_digest_cur(digest_);
    if (!content.empty()) info.set_contents(sha384(content));
    info.set_length(0x70);
    info.set_page_type(type);
    info.set_gpa(gpa);
    digest_ = sha384(info.bytes());
  }
  [[nodiscard]] auto text() const -> std::string { return to_hex(digest_); }

 private:
  sha384_digest digest_{};
};

/// The table of hashes of an empty kernel without initrd (FW-LD-25).
auto hash_table(const std::string& command_line) -> byte_vector {
  byte_vector table;
  const auto append = [&](std::span<const std::uint8_t> bytes) {
    table.insert(table.end(), bytes.begin(), bytes.end());
  };
  const auto length = [&](unsigned bytes) { append(std::array<std::uint8_t, 2>{static_cast<std::uint8_t>(bytes), 0}); };
  append(from_hex("06d63894224fc94cb479a793d411fd21"));  // 9438d606-4f22-4cc9-b479-a793d411fd21, mixed endian
  length(168);
  byte_vector text(command_line.begin(), command_line.end());
  text.push_back(0);
  const std::pair<const char*, byte_vector> entries[] = {
      {"d82dd09720bd944caa78e7714d36ab2a", text},  // command line: 97d02dd8-bd20-4c94-aa78-e7714d36ab2a
      {"31f7ba442f3ad74b9af141e29169781d", {}},    // initrd: 44baf731-3a2f-4bd7-9af1-41e29169781d
      {"3794e74dd2ab7f42b835d5b172d2045b", {}},    // kernel: 4de79437-abd2-427f-b835-d5b172d2045b
  };
  for (const auto& [guid, content] : entries) {
    append(from_hex(guid));
    length(50);
    append(sha256(content));
  }
  table.resize(176);
  return table;
}

auto digest_of(const json& vector, const json& images) -> std::string {
  using layout::snp_page_types;
  const auto& image = images.at(vector.at("image"));
  const bool svsm = vector.at("image") == "svsm";
  const std::string vmm = vector.at("vmm");
  const bool ec2 = vmm.starts_with("ec2");
  launch_digest digest(from_hex(image.at(svsm ? "ld_after_ovmf_and_svsm" : "ld_after_image")));
  const auto for_each_page = [](const json& section, auto action) {
    const std::uint64_t first = number(section.at("gpa"));
    for (std::uint64_t at = first; at < first + number(section.at("size")); at += 4096) action(at);
  };
  std::uint64_t cpuid_page = 0;
  for (const auto& section : image.at("metadata_sections")) {
    switch (number(section.at("type"))) {
      case 1:
        for_each_page(section, [&](std::uint64_t at) {
          digest.add(vmm == "gce" ? snp_page_types::unmeasured : snp_page_types::zero, at);
        });
        break;
      case 2: digest.add(snp_page_types::secrets, number(section.at("gpa"))); break;
      case 3:
        cpuid_page = number(section.at("gpa"));
        if (!ec2) digest.add(snp_page_types::cpuid, cpuid_page);
        break;
      case 0x10:
        if (vector.contains("kernel") && !vector.at("kernel").is_null()) {
          byte_vector page(4096);
          std::ranges::copy(hash_table(vector.at("cmdline")),
                            page.begin() + static_cast<std::ptrdiff_t>(number(image.at("hashes_table_gpa")) % 4096));
          digest.add(snp_page_types::normal, number(section.at("gpa")), page);
        } else {
          for_each_page(section, [&](std::uint64_t at) { digest.add(snp_page_types::zero, at); });
        }
        break;
      default: for_each_page(section, [&](std::uint64_t at) { digest.add(snp_page_types::zero, at); });
    }
  }
  if (ec2) digest.add(snp_page_types::cpuid, cpuid_page);  // FW-LD-23
  const auto [first, other] = pages_of(vector, images);
  for (std::uint64_t i = 0; i < number(vector.at("vcpus")); ++i)
    digest.add(snp_page_types::vmsa_, 0xFFFF'FFFF'F000, (i == 0 ? first : other).bytes());
  return digest.text();
}

}  // namespace

TEST_CASE("launch VMSAs and digests of published measuring tools", "[layout][vmsa]") {
  const auto text = extra_file("vectors/firmware/launch-digest.json");
  if (!text) {
    WARN("skipped: needs the additional test data (SEVSPEC_EXTRA_TEST_DATA)");
    return;
  }
  const json file = json::parse(*text);
  const auto& images = file.at("images");
  unsigned pages = 0;
  unsigned digests = 0;
  for (const auto& vector : file.at("vectors")) {
    INFO(vector.at("id"));
    if (vector.contains("expected_table_hex")) {
      CHECK(to_hex(hash_table(vector.at("cmdline"))).starts_with(vector.at("expected_table_hex").get<std::string>()));
      continue;
    }
    if (vector.contains("expected_page_sha256")) {  // SEV-ES: the digest is SHA-256 and SEV_FEATURES is 0
      const vmsa page = launch_vmsa(vmm_kind::qemu, {.cpu_signature = 0x0080'0F12});
      CHECK(to_hex(sha256(page.bytes())) == vector.at("expected_page_sha256").get<std::string>());
      ++pages;
      continue;
    }
    const auto [first, other] = pages_of(vector, images);
    for (const auto& [name, page] :
         {std::pair{"bsp_vmsa_sha384", &first}, {"ap_vmsa_sha384", &other}, {"vmsa_sha384", &first}})
      if (vector.contains(name)) {
        CHECK(to_hex(sha384(page->bytes())) == vector.at(name).get<std::string>());
        ++pages;
      }
    CHECK(digest_of(vector, images) == vector.at("expected_launch_digest").get<std::string>());
    ++digests;
  }
  CHECK(pages == 16);
  CHECK(digests == 9);
}
