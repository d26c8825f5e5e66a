// SPDX-License-Identifier: MIT
// sevspec report: shows and verifies attestation reports of SEV-SNP.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/report.hpp>

#include "commands.hpp"
#include "decode.hpp"
#include "fields.hpp"
#include "hex_text.hpp"
#include "input.hpp"
#include "x509.hpp"

namespace sevspec::tool {

namespace {

using firmware::report_problem;
using layout::field_info;
using layout::field_type;
using layout::structure_info;

constexpr int check_failed = 1;

[[nodiscard]] auto name_of_input(const std::string& path) -> std::string {
  return path == "-" ? "standard input" : path;
}

[[nodiscard]] auto read_report(const std::string& path) -> std::vector<std::uint8_t> {
  return read_bytes(path, layout::descriptions::attestation_report_v5.size, "an attestation report");
}

/// The bytes as a report. Throws input_error if their version has no layout.
[[nodiscard]] auto parsed(const std::string& path, std::span<const std::uint8_t> bytes)
    -> layout::attestation_report_v5_const_view {
  const auto report = layout::parse_report(bytes);
  if (!report)
    throw input_error(name_of_input(path) + ": byte 0",
                      fmt::format("version {} has no layout; 2 and later have", report.error().value));
  return *report;
}

// --- show

[[nodiscard]] auto bits_json(layout::rows<layout::bit_info> ranges, std::uint64_t value) -> json {
  json result = json::object();
  for (const layout::bit_info& range : ranges)
    if (!range.reserved) result[range.name] = hex(value_of(range, value));
  return result;
}

[[nodiscard]] auto fields_json(const structure_info& structure, std::span<const std::uint8_t> bytes) -> json;

/// Numbers as 0x..., byte strings as digits, fields with bits and structures as objects.
[[nodiscard]] auto field_json(const field_info& field, std::span<const std::uint8_t> structure) -> json {
  const auto bytes = structure.subspan(field.offset, field.size);
  if (field.type == field_type::integer) {
    const std::uint64_t value = value_of(field, structure);
    if (field.bits.empty()) return hex(value);
    return bits_json(field.bits, value);
  }
  if (field.nested == nullptr) return hex_bytes(bytes);
  if (field.type == field_type::structure) return fields_json(*field.nested, bytes);
  json elements = json::array();
  for (std::size_t i = 0; i < nested_count(field); ++i)
    elements.push_back(fields_json(*field.nested, bytes.subspan(i * field.nested->size, field.nested->size)));
  return elements;
}

/// A structure of one word is an object with the word as `value`, and its bits beside it.
auto fields_json(const structure_info& structure, std::span<const std::uint8_t> bytes) -> json {
  if (structure.fields.size() == 1 && !structure.fields[0].bits.empty()) {
    const std::uint64_t value = layout::integer_at(bytes, 0, structure.size);
    json result{{"value", hex(value)}};
    result.update(bits_json(structure.fields[0].bits, value));
    return result;
  }
  json result = json::object();
  for (const field_info& field : structure.fields)
    if (!field.reserved) result[field.name] = field_json(field, bytes);
  return result;
}

[[nodiscard]] auto show(const std::string& path, bool as_json) -> int {
  const auto bytes = read_report(path);
  const auto report = parsed(path, bytes);
  if (as_json) {
    fmt::print("{}\n", fields_json(*layout::report_structure(report.version()), bytes).dump(1));
    return 0;
  }
  facts out;
  decode_report(out, bytes, name_of_input(path));
  fmt::print("{}", out.text());
  return 0;
}

// --- verify

struct verify_command {
  std::string report;
  std::string vcek;
  std::string ask;
  std::string ark;
  std::string chain;
  std::optional<std::uint64_t> policy;
  std::optional<std::uint64_t> policy_mask;
  std::optional<std::uint64_t> vmpl;
  std::string measurement;
  std::string report_data;
  std::string host_data;
};

/// The certificates from the VCEK's to the root's.
[[nodiscard]] auto read_chain(const verify_command& given) -> std::vector<certificate> {
  std::vector<certificate> chain;
  chain.push_back(read_certificate(given.vcek));
  if (!given.chain.empty()) {
    if (!given.ask.empty() || !given.ark.empty())
      throw input_error("--chain", "goes without --ask and --ark, which it holds");
    auto rest = read_certificates(given.chain);
    if (rest.size() != 2)
      throw input_error(given.chain, fmt::format("{} certificates; ASK and ARK were expected", rest.size()));
    // ASK, then ARK; the ARK, which signs itself, may come first.
    if (X509_self_signed(rest[0].get(), 0) == 1 && X509_self_signed(rest[1].get(), 0) != 1) std::swap(rest[0], rest[1]);
    for (certificate& one : rest) chain.push_back(std::move(one));
    return chain;
  }
  if (given.ask.empty() || given.ark.empty())
    throw input_error("report verify", "--ask and --ark, or --chain with both, are missing");
  chain.push_back(read_certificate(given.ask));
  chain.push_back(read_certificate(given.ark));
  return chain;
}

[[nodiscard]] auto expectations_of(const verify_command& given) -> firmware::report_expectations {
  firmware::report_expectations wanted;
  wanted.policy = given.policy.value_or(0);
  wanted.policy_mask = given.policy_mask.value_or(given.policy ? ~std::uint64_t{} : 0);
  if (given.vmpl) {
    if (*given.vmpl > 3) throw input_error(fmt::format("--vmpl {}", *given.vmpl), "there are VMPLs 0 to 3");
    wanted.highest_vmpl = static_cast<std::uint32_t>(*given.vmpl);
  }
  if (!given.measurement.empty()) wanted.measurement = hex_of_size<48>("--measurement", given.measurement);
  if (!given.report_data.empty()) wanted.report_data = hex_of_size<64>("--report-data", given.report_data);
  if (!given.host_data.empty()) wanted.host_data = hex_of_size<32>("--host-data", given.host_data);
  return wanted;
}

/// "invalid: REASON"
[[nodiscard]] auto failed(const std::string& reason) -> int {
  fmt::print("invalid: {}\n", reason);
  return check_failed;
}

[[nodiscard]] auto reason_of(const report_problem& problem) -> std::string {
  return fmt::format("report, byte {:#x}: {}", problem.offset, text_of(problem.why));
}

[[nodiscard]] auto verify(const verify_command& given) -> int {
  const auto bytes = read_report(given.report);
  const auto report = parsed(given.report, bytes);
  const auto wanted = expectations_of(given);
  const auto chain = read_chain(given);
  std::vector<const X509*> certificates;
  certificates.reserve(chain.size());
  for (const certificate& one : chain) certificates.push_back(one.get());

  if (const auto flaw = flaw_of_chain(certificates)) return failed("chain: " + *flaw);
  const auto vcek = vcek_in(*certificates.front());
  if (!vcek) return failed("VCEK certificate: " + vcek.error());
  const auto verifier = crypto::p384_verifier::make(vcek->key);
  if (!verifier) return failed("VCEK certificate: its key is no point of the curve");
  context<> ctx;
  if (const auto checked = firmware::check_report(ctx, report, *verifier, vcek->claims); !checked)
    return failed(reason_of(checked.error()));
  if (const auto checked = firmware::check_contents(report, wanted, vcek->claims.format); !checked)
    return failed(reason_of(checked.error()));

  for (const std::string& line : outdated(certificates)) fmt::print(stderr, "sevspec: note: {}\n", line);
  if (firmware::masks_chip_id(report))
    fmt::print(stderr, "sevspec: note: the platform masks its chip identifier: any chip with this key will do\n");
  fmt::print("valid\n");
  return 0;
}

void add_show(CLI::App& report, action& chosen) {
  struct options {
    std::string file;
    bool as_json = false;
  };
  const auto given = std::make_shared<options>();
  CLI::App& command = *report.add_subcommand("show", "Show the fields of a report");
  command.add_option("FILE", given->file, "The report, of any version; - reads the standard input")->required();
  command.add_flag("--json", given->as_json, "As JSON: numbers as 0x..., byte strings as digits");
  command.callback([given, &chosen] { chosen = [given] { return show(given->file, given->as_json); }; });
}

void add_verify(CLI::App& report, action& chosen) {
  const auto given = std::make_shared<verify_command>();
  CLI::App& command = *report.add_subcommand("verify", "Verify a report: certificates, signature, TCB, chip");
  const auto text = [&](const char* name, std::string& value, const char* type, const char* meaning) {
    return command.add_option(name, value, meaning)->type_name(type);
  };
  command.add_option("FILE", given->report, "The report; - reads the standard input")->required();
  text("--vcek", given->vcek, "FILE", "The certificate of the chip's key, DER or PEM")->required();
  text("--ask", given->ask, "FILE", "AMD's signing certificate of the processor, DER or PEM");
  text("--ark", given->ark, "FILE", "AMD's root certificate: trusted as it is");
  text("--chain", given->chain, "FILE", "ASK and ARK in one PEM file");
  add_number(command, "--policy", given->policy, "What the guest's policy must be; 0 if not given");
  add_number(command, "--policy-mask", given->policy_mask,
             "Which bits of it are compared; without it all, if --policy");
  add_number(command, "--vmpl", given->vmpl, "The least privileged VMPL that may have asked for the report");
  text("--measurement", given->measurement, "HEX", "What the launch digest must be");
  text("--report-data", given->report_data, "HEX", "What the guest must have said: 64 bytes");
  text("--host-data", given->host_data, "HEX", "What the host must have said: 32 bytes");
  command.footer("Prints `valid`, or `invalid:` and the reason (exit status 1). Dates of certificates are not held "
                 "against a report;\n"
                 "certificates that are out of date are told on the standard error.");
  command.callback([given, &chosen] { chosen = [given] { return verify(*given); }; });
}

}  // namespace

void add_report(CLI::App& program, action& chosen) {
  CLI::App& report = *program.add_subcommand("report", "Show or verify an attestation report");
  report.require_subcommand(1);
  add_show(report, chosen);
  add_verify(report, chosen);
}

}  // namespace sevspec::tool
