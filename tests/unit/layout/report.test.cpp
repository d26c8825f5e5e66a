// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/report.hpp>
#include <sevspec/layout/report_platform.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::parse_report;
using layout::report_error;
using layout::report_structure;
using layout::tcb_format;

constexpr std::size_t report_bytes = 1184;

auto report_of_version(std::uint32_t version) -> byte_vector {
  byte_vector bytes(report_bytes);
  put_le(bytes, 0, 4, version);
  return bytes;
}

/// The reserved bits of a version from SNP ABI, ATTESTATION_REPORT, as ranges of bits [first, last] from the report's
/// start. Byte 0 bit 0 is bit 0.
auto reserved_bits(std::uint32_t version) -> std::set<std::size_t> {
  std::set<std::size_t> found;
  const auto bytes = [&](std::size_t first, std::size_t last) {
    for (std::size_t bit = 8 * first; bit < 8 * (last + 1); ++bit) found.insert(bit);
  };
  const auto bits = [&](std::size_t byte, std::size_t msb, std::size_t lsb) {
    for (std::size_t bit = lsb; bit <= msb; ++bit) found.insert(8 * byte + bit);
  };
  bits(0x008, 63, 26);  // POLICY
  bits(0x040, 6, 6);    // PLATFORM_INFO
  bits(0x040, 63, 8);
  bits(0x048, 31, 5);  // AUTHOR_KEY_EN, MASK_CHIP_KEY, SIGNING_KEY below
  bytes(0x04C, 0x04F);
  bytes(version == 2 ? 0x188 : 0x18B, 0x19F);  // CPUID family, model, stepping since version 3
  bytes(0x1EB, 0x1EB);
  bytes(0x1EF, 0x1EF);
  bytes(version < 5 ? 0x1F8 : 0x208, 0x29F);  // mitigation vectors since version 5
  bytes(0x330, 0x49F);                        // behind R and S
  return found;
}

constexpr auto parses_in_a_constant_expression() -> bool {
  std::array<std::uint8_t, 1184> bytes{};
  bytes[0] = 3;
  const auto report = parse_report(bytes);
  return report.has_value() && report->version() == 3 && !parse_report(std::span(bytes).first(3)).has_value() &&
         !layout::first_reserved_bit_of_version(*report).has_value();
}
static_assert(parses_in_a_constant_expression());

auto folder_file(const std::string& name) -> std::optional<byte_vector> {
  return extra_file("vectors/firmware/" + name);
}

}  // namespace

TEST_CASE("LAY-REP-01: the version chooses the layout", "[layout][report][LAY-REP-01]") {
  CHECK(report_structure(0) == nullptr);
  CHECK(report_structure(1) == nullptr);
  CHECK(report_structure(2) == &layout::descriptions::attestation_report_v2);
  CHECK(report_structure(3) == &layout::descriptions::attestation_report_v3);
  CHECK(report_structure(4) == &layout::descriptions::attestation_report_v3);
  CHECK(report_structure(5) == &layout::descriptions::attestation_report_v5);
  CHECK(report_structure(6) == &layout::descriptions::attestation_report_v5);
  CHECK(report_structure(~std::uint32_t{}) == &layout::descriptions::attestation_report_v5);
}

TEST_CASE("LAY-REP-01: size and version of bytes that claim to be a report", "[layout][report][LAY-REP-01]") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, report_bytes - 1, report_bytes + 1, 2 * report_bytes}) {
    byte_vector bytes(size);
    if (size > 0) bytes[0] = 2;
    const auto parsed = parse_report(bytes);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error() == report_error{report_error::kind::size, size});
  }
  for (const std::uint32_t version : {0U, 1U}) {
    const auto bytes = report_of_version(version);
    const auto parsed = parse_report(bytes);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error() == report_error{report_error::kind::version, version});
  }
  for (const std::uint32_t version : {2U, 3U, 4U, 5U, 6U, 0x100U, 0xFFFF'FFFFU}) {
    auto bytes = report_of_version(version);
    const auto parsed = parse_report(bytes);
    REQUIRE(parsed.has_value());
    CHECK(parsed->version() == version);
    CHECK(parsed->bytes().data() == bytes.data());  // looked at where it lies
    bytes[0x4] = 7;
    CHECK(parsed->guest_svn() == 7);
  }
  CHECK_FALSE(report_error{report_error::kind::size, 2} == report_error{report_error::kind::version, 2});
  CHECK_FALSE(report_error{report_error::kind::size, 2} == report_error{report_error::kind::size, 3});
}

TEST_CASE("values start at zero", "[layout][report]") {
  CHECK(report_error{} == report_error{report_error::kind::size, 0});
  CHECK(layout::mitigation_vectors{} == layout::mitigation_vectors{0, 0});
  CHECK(layout::processor_identity{} == layout::processor_identity{0, 0, 0});
}

TEST_CASE("LAY-REP-02: the signature covers bytes 000h to 29Fh", "[layout][report][LAY-REP-02]") {
  const auto bytes = report_of_version(3);
  const auto report = parse_report(bytes).value();
  const auto covered = layout::signed_bytes(report);
  CHECK(covered.data() == bytes.data());
  CHECK(covered.size() == 0x2A0);
  // R and S follow at once, 72 bytes each; then nothing but zeros.
  CHECK(report.signature_r().data() == bytes.data() + 0x2A0);
  CHECK(report.signature_r().size() == 72);
  CHECK(report.signature_s().data() == bytes.data() + 0x2E8);
  CHECK(report.signature_s().size() == 72);
  CHECK(0x2E8 + 72 == 0x330);
  layout::attestation_report_v5 owner;
  owner.set_guest_svn(5);
  CHECK(layout::signed_bytes(owner)[4] == 5);
}

TEST_CASE("LAY-REP-01, LAY-REP-02: what each version reserves",
          "[layout][report][LAY-REP-01][LAY-REP-02][LAY-FMT-05]") {
  const std::uint32_t version = GENERATE(2U, 3U, 4U, 5U, 6U);
  const auto reserved = reserved_bits(version);
  auto bytes = report_of_version(version);
  const auto report = parse_report(bytes).value();
  CHECK_FALSE(layout::first_reserved_bit_of_version(report).has_value());
  std::vector<std::size_t> wrong;
  for (std::size_t bit = 32; bit < 8 * report_bytes; ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
    const auto found = layout::first_reserved_bit_of_version(report);
    const bool right = found.has_value() == reserved.contains(bit) && (!found || 8 * found->offset + found->bit == bit);
    if (!right) wrong.push_back(bit);
    bytes[bit / 8] = 0;
  }
  CHECK(wrong.empty());

  // The first of several.
  bytes[0x49F] = 0x80;
  auto found = layout::first_reserved_bit_of_version(report);
  REQUIRE(found.has_value());
  CHECK(found->offset == 0x330);
  CHECK(std::string(found->field->name) == "reserved_330");
  CHECK(found->range == nullptr);
  CHECK(found->structure == report_structure(version));
  bytes[0x04F] = 0x01;
  found = layout::first_reserved_bit_of_version(report);
  REQUIRE(found.has_value());
  CHECK(found->offset == 0x04C);
  CHECK(found->bit == 24);
  bytes[0x00B] = 0x04;  // POLICY bit 26
  found = layout::first_reserved_bit_of_version(report);
  REQUIRE(found.has_value());
  CHECK(found->structure == &layout::descriptions::snp_guest_policy);
  CHECK(found->offset == 0x008);
  CHECK(found->bit == 26);
  REQUIRE(found->range != nullptr);
  CHECK(found->range->lsb == 26);
}

namespace {

template <std::uint32_t Version>
inline constexpr bool has_reserved_bits = is_allowed<[] {
  layout::attestation_report_v5 report;
  report.set_version(Version);
  return layout::first_reserved_bit_of_version(report);
}>;

}  // namespace

TEST_CASE("LAY-REP-01: nothing is known to be reserved without a layout", "[layout][report][LAY-REP-01]") {
  STATIC_REQUIRE_FALSE(has_reserved_bits<0>);
  STATIC_REQUIRE_FALSE(has_reserved_bits<1>);
  STATIC_REQUIRE(has_reserved_bits<2>);
  STATIC_REQUIRE(has_reserved_bits<5>);
}

TEST_CASE("LAY-REP-04: from version 3 on the family decides", "[layout][report][LAY-REP-04]") {
  const std::uint32_t version = GENERATE(3U, 4U, 5U, 0xFFFF'FFFFU);
  auto bytes = report_of_version(version);
  const auto report = parse_report(bytes).value();
  for (unsigned family = 0; family <= 0xFF; ++family) {
    bytes[0x188] = static_cast<std::uint8_t>(family);
    CHECK(layout::tcb_format_of(report) == (family >= 0x1A ? tcb_format::turin : tcb_format::milan_genoa));
  }
  // Not the chip identifier.
  for (std::size_t i = 0x1A0; i < 0x1E0; ++i) bytes[i] = 0xFF;
  bytes[0x188] = 0x1A;
  CHECK(layout::tcb_format_of(report) == tcb_format::turin);
  for (std::size_t i = 0x1A8; i < 0x1E0; ++i) bytes[i] = 0;
  bytes[0x188] = 0x19;
  CHECK(layout::tcb_format_of(report) == tcb_format::milan_genoa);
}

TEST_CASE("LAY-REP-04: in version 2 the length of the chip identifier decides", "[layout][report][LAY-REP-04]") {
  auto bytes = report_of_version(2);
  const auto report = parse_report(bytes).value();
  CHECK(layout::tcb_format_of(report) == std::nullopt);  // masked
  bytes[0x188] = 0x1A;                                   // reserved here, so it says nothing
  bytes[0x19F] = 0xFF;
  bytes[0x1E0] = 0xFF;  // COMMITTED_TCB
  CHECK(layout::tcb_format_of(report) == std::nullopt);
  for (std::size_t i = 0; i < 64; ++i)
    for (unsigned bit = 0; bit < 8; ++bit) {
      INFO("byte " << i << " bit " << bit);
      bytes[0x1A0 + i] = static_cast<std::uint8_t>(1U << bit);
      CHECK(layout::tcb_format_of(report) == (i < 8 ? tcb_format::turin : tcb_format::milan_genoa));
      bytes[0x1A0 + i] = 0;
    }
  for (std::size_t i = 0; i < 8; ++i) bytes[0x1A0 + i] = 0xFF;
  CHECK(layout::tcb_format_of(report) == tcb_format::turin);
  bytes[0x1A0 + 63] = 1;
  CHECK(layout::tcb_format_of(report) == tcb_format::milan_genoa);
}

TEST_CASE("LAY-REP-03: the processor, from version 3 on", "[layout][report][LAY-REP-01][LAY-REP-03]") {
  for (const std::uint32_t version : {2U, 3U, 4U, 5U, 0xFFFF'FFFFU}) {
    auto bytes = report_of_version(version);
    bytes[0x188] = 0x1A;
    bytes[0x189] = 0x11;
    bytes[0x18A] = 0x03;
    const auto processor = layout::processor_of(parse_report(bytes).value());
    if (version == 2) CHECK_FALSE(processor.has_value());
    else CHECK(processor == layout::processor_identity{0x1A, 0x11, 0x3});
  }
}

TEST_CASE("LAY-REP-01: the mitigations, from version 5 on", "[layout][report][LAY-REP-01]") {
  for (const std::uint32_t version : {2U, 3U, 4U, 5U, 6U, 0xFFFF'FFFFU}) {
    auto bytes = report_of_version(version);
    put_le(bytes, 0x1F8, 8, 0x1122'3344'5566'7788);
    put_le(bytes, 0x200, 8, 0x99AA'BBCC'DDEE'FF00);
    const auto mitigations = layout::mitigations_of(parse_report(bytes).value());
    if (version < 5) CHECK_FALSE(mitigations.has_value());
    else CHECK(mitigations == layout::mitigation_vectors{0x1122'3344'5566'7788, 0x99AA'BBCC'DDEE'FF00});
  }
}

TEST_CASE("LAY-REP-02: reports of real machines", "[layout][report][LAY-REP-01][LAY-REP-02][LAY-REP-04]") {
  const auto vectors = folder_file("attestation.json");
  if (!vectors) {
    WARN("skipped: needs the additional test data (SEVSPEC_EXTRA_TEST_DATA)");
    return;
  }
  const auto file = nlohmann::json::parse(*vectors);
  unsigned seen = 0;
  for (const auto& vector : file.at("vectors")) {
    if (vector.at("id") != "report_gosev_valid") continue;
    ++seen;
    const auto bytes = folder_file(vector.at("file")).value();
    const auto report = parse_report(bytes).value();
    const auto& fields = vector.at("expected").at("fields");
    const auto number = [&](const char* name) -> std::uint64_t {
      const auto& value = fields.at(name);
      return value.is_string() ? std::stoull(value.get<std::string>(), nullptr, 16) : value.get<std::uint64_t>();
    };
    CHECK(report.version() == number("version"));
    CHECK(report.guest_svn() == number("guest_svn"));
    CHECK(report.policy().raw == number("policy"));
    CHECK(to_hex(report.family_id()) == fields.at("family_id").get<std::string>());
    CHECK(to_hex(report.image_id()) == fields.at("image_id").get<std::string>());
    CHECK(report.vmpl() == number("vmpl"));
    CHECK(std::to_underlying(report.signature_algo()) == number("signature_algo"));
    CHECK(report.current_tcb() == number("current_tcb"));
    CHECK(report.platform_info().raw == number("platform_info"));
    CHECK(report.key_info().raw == number("key_info"));
    CHECK(to_hex(report.report_data()) == fields.at("report_data").get<std::string>());
    CHECK(to_hex(report.measurement()) == fields.at("measurement").get<std::string>());
    CHECK(to_hex(report.host_data()) == fields.at("host_data").get<std::string>());
    CHECK(to_hex(report.id_key_digest()) == fields.at("id_key_digest").get<std::string>());
    CHECK(to_hex(report.author_key_digest()) == fields.at("author_key_digest").get<std::string>());
    CHECK(to_hex(report.report_id()) == fields.at("report_id").get<std::string>());
    CHECK(to_hex(report.report_id_ma()) == fields.at("report_id_ma").get<std::string>());
    CHECK(report.reported_tcb() == number("reported_tcb"));
    CHECK(to_hex(report.chip_id()) == fields.at("chip_id").get<std::string>());
    CHECK(report.committed_tcb() == number("committed_tcb"));
    CHECK(report.current_build() == number("current_build"));
    CHECK(report.current_minor() == number("current_minor"));
    CHECK(report.current_major() == number("current_major"));
    CHECK(report.committed_build() == number("committed_build"));
    CHECK(report.committed_minor() == number("committed_minor"));
    CHECK(report.committed_major() == number("committed_major"));
    CHECK(report.launch_tcb() == number("launch_tcb"));
    CHECK(to_hex(report.signature_r()) == fields.at("sig_r_le72").get<std::string>());
    CHECK(to_hex(report.signature_s()) == fields.at("sig_s_le72").get<std::string>());
  }
  CHECK(seen == 1);
  // Both are from Milan and have no reserved bit set. TCBs as VCEK certificates of these machines name them.
  const auto gosev = folder_file("data/gosev-report-milan-v2.bin").value();
  const auto virtee = folder_file("data/virtee-report-milan-v2.bin").value();
  for (const auto& bytes : {gosev, virtee}) {
    const auto report = parse_report(bytes).value();
    CHECK(report.version() == 2);
    CHECK_FALSE(layout::first_reserved_bit_of_version(report).has_value());
    REQUIRE(layout::tcb_format_of(report) == tcb_format::milan_genoa);
    const auto committed = layout::tcb_components(report.committed_tcb(), tcb_format::milan_genoa);
    CHECK(layout::tcb_components(report.reported_tcb(), tcb_format::milan_genoa) <= committed);
    CHECK(committed <= layout::tcb_components(report.current_tcb(), tcb_format::milan_genoa));
  }
  CHECK(layout::tcb_components(parse_report(gosev)->reported_tcb(), tcb_format::milan_genoa) ==
        layout::tcb{.boot_loader = 2, .tee = 0, .snp = 5, .microcode = 68});
}
