// SPDX-License-Identifier: MIT
// sevspec decode: what a value, a page, a file or a line of a kernel log says.

#include "decode.hpp"

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/generation.hpp>
#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "log_line.hpp"
#include "nearest.hpp"

namespace sevspec::tool {

namespace {

/// What the command line says, whatever the kind.
struct decode_command {
  std::string line;  ///< without a kind: a line of a log, or "-"
  std::string value;
  std::string high;
  std::string generation_name;
  std::string file;
  std::optional<std::uint64_t> gpa;
};

/// Tells the facts that the command asks for.
using decoder = std::function<void(facts&, const decode_command&)>;

[[nodiscard]] auto run(const decode_command& command, const decoder& decode) -> int {
  facts out;
  decode(out, command);
  fmt::print("{}", out.text());
  return 0;
}

[[nodiscard]] auto trimmed_input() -> std::string {
  const std::string text = read_standard_input();
  const auto lines = lines_of(text);
  if (lines.empty()) throw input_error("standard input", "is empty; a value was expected");
  if (lines.size() > 1)
    throw input_error(fmt::format("standard input: line {}", lines[1].number), "one line was expected");
  return std::string{lines[0].text};
}

/// "-" stands for a value on the standard input.
[[nodiscard]] auto given(const std::string& value) -> std::string { return value == "-" ? trimmed_input() : value; }

[[nodiscard]] auto number(const std::string& place, std::string_view text, unsigned bits = 64) -> std::uint64_t {
  const auto value = parse_number(text);
  if (!value) throw input_error(place, fmt::format("{} {}", in_quotes(text), value.error()));
  if (bits < 64 && *value >> bits != 0)
    throw input_error(place, fmt::format("{} does not fit in {} bits", in_quotes(text), bits));
  return *value;
}

/// The kind's own lines of a kernel log stand for its values.
template <class... Line>
[[nodiscard]] auto is_log_line(std::string_view text) -> bool {
  const auto found = log::recognise(text);
  return found && (std::holds_alternative<Line>(*found) || ...);
}

// --- the kinds

void npf(facts& out, const decode_command& command) {
  const std::string text = given(command.value);
  if (is_log_line<log::nested_fault>(text)) return decode_log(out, text, "npf");
  decode_npf(out, number("npf", text), command.gpa);
}

void pf(facts& out, const decode_command& command) {
  const std::string text = given(command.value);
  if (is_log_line<log::page_fault>(text)) return decode_log(out, text, "pf");
  decode_pf(out, static_cast<std::uint32_t>(number("pf", text, 32)));
}

void rmp_entry(facts& out, const decode_command& command) {
  std::string low = given(command.value);
  std::string high = command.high;
  if (high.empty() && is_log_line<log::rmp_entry>(low)) return decode_log(out, low, "rmp-entry");
  if (const std::size_t blank = low.find(' '); high.empty() && blank != std::string::npos) {
    high = low.substr(blank + 1);
    low.resize(blank);
  }
  const std::uint64_t low_word = number("rmp-entry LO", low);
  if (high.empty())
    throw input_error("rmp-entry HI",
                      "is missing; LO and HI, or a line with 'RMP entry: [0x... - 0x...]', were expected");
  decode_rmp_entry(out, low_word, number("rmp-entry HI", high));
}

void ghcb_msr(facts& out, const decode_command& command) {
  decode_ghcb_msr(out, number("ghcb-msr", given(command.value)));
}

void snp_policy(facts& out, const decode_command& command) {
  decode_snp_policy(out, number("snp-policy", given(command.value)));
}

void sev_policy(facts& out, const decode_command& command) {
  decode_sev_policy(out, static_cast<std::uint32_t>(number("sev-policy", given(command.value), 32)));
}

void sev_status(facts& out, const decode_command& command) {
  decode_sev_status(out, number("sev-status", given(command.value)));
}

void exit(facts& out, const decode_command& command) {
  const std::string text = given(command.value);
  if (is_log_line<log::exit_code, log::dumped_field, log::traced_exit, log::unsupported_event>(text))
    return decode_log(out, text, "exit");
  decode_exit(out, number("exit", text));
}

[[nodiscard]] auto generation_named(const std::string& name) -> generation {
  std::vector<std::string_view> names;
  for (const generation one :
       {generation::naples, generation::rome, generation::milan, generation::genoa, generation::turin}) {
    if (name == name_of(one)) return one;
    names.emplace_back(name_of(one));
  }
  throw input_error("--generation " + in_quotes(name), "no such generation; the nearest are " + nearest(name, names));
}

void tcb(facts& out, const decode_command& command) {
  const generation which = generation_named(command.generation_name);
  if (!part_of(which).snp_capable)
    throw input_error("--generation " + command.generation_name, "has no SEV-SNP, so no TCB_VERSION");
  const std::uint64_t version = number("tcb", given(command.value));
  out.add("tcb", hex(version));
  const facts::inner parts{out};
  add_tcb(out, version, layout::tcb_format_of(which));
}

/// A kind that is a file of fixed size.
struct file_kind {
  const char* name;
  const char* what;  ///< "a VMCB"
  const char* about;
  std::size_t size;
  void (*decode)(facts& out, std::span<const std::uint8_t> bytes);
};

namespace of = layout::descriptions;

constexpr file_kind file_kinds[] = {
    {"vmcb", "a VMCB", "A VMCB: control area and save area", of::vmcb_control_area.size + of::vmcb_save_area.size,
     decode_vmcb},
    {"vmsa", "a VMSA", "The VMSA of a SEV-ES or SEV-SNP guest", of::vmsa.size, decode_vmsa},
    {"ghcb", "a GHCB", "A GHCB page", of::ghcb.size, decode_ghcb},
    {"secrets", "a secrets page", "The secrets page of an SNP guest", of::secrets_page.size, decode_secrets},
    {"cpuid-page", "a CPUID page", "The CPUID page of an SNP guest", of::cpuid_page.size, decode_cpuid_page},
};

void report(facts& out, const decode_command& command) {
  const auto bytes = read_bytes(command.file, of::attestation_report_v5.size, "an attestation report");
  decode_report(out, bytes, command.file == "-" ? "standard input" : command.file);
}

// --- the command line

/// A kind of value or file below `sevspec decode`.
auto add_kind(CLI::App& decode, const std::shared_ptr<decode_command>& command, action& chosen, const char* name,
              const char* about, decoder tell) -> CLI::App& {
  CLI::App& kind = *decode.add_subcommand(name, about);
  kind.callback(
      [command, tell = std::move(tell), &chosen] { chosen = [command, tell] { return run(*command, tell); }; });
  return kind;
}

void add_values(CLI::App& decode, const std::shared_ptr<decode_command>& command, action& chosen) {
  const auto add = [&](const char* name, const char* about, decoder tell) -> CLI::App& {
    CLI::App& kind = add_kind(decode, command, chosen, name, about, std::move(tell));
    kind.add_option("X", command->value, "The value, 0x... or decimal; - reads it from the standard input")->required();
    return kind;
  };
  CLI::App& nested = add("npf", "EXITINFO1 of a nested page fault, or a line of KVM's with its error code", npf);
  add_number(nested, "--gpa", command->gpa, "EXITINFO2: the faulting gPA");
  add("pf", "Error code of a page fault, or a kernel's line '#PF: error_code(0x...)'", pf);
  add("exit", "Exit code of #VMEXIT, #VC or a GHCB event, or a log line with one", exit);
  add("ghcb-msr", "The GHCB MSR: an address or a message", ghcb_msr);
  add("snp-policy", "Policy of an SNP guest", snp_policy);
  add("sev-policy", "Policy of a SEV or SEV-ES guest", sev_policy);
  add("sev-status", "The SEV_STATUS MSR", sev_status);
  CLI::App& version = add("tcb", "TCB_VERSION", tcb);
  version.add_option("--generation", command->generation_name, "Whose: milan, genoa or turin")->required();

  CLI::App& entry =
      add_kind(decode, command, chosen, "rmp-entry",
               "RMP entry in the format of Zen 3 and Zen 4, or a line with 'RMP entry: [LO - HI]'", rmp_entry);
  entry.add_option("LO", command->value, "Low quadword, or the line; - reads both from the standard input")->required();
  entry.add_option("HI", command->high, "High quadword");
}

void add_files(CLI::App& decode, const std::shared_ptr<decode_command>& command, action& chosen) {
  const auto add = [&](const char* name, const char* about, decoder tell) {
    CLI::App& kind = add_kind(decode, command, chosen, name, about, std::move(tell));
    kind.add_option("FILE", command->file, "The bytes; - reads them from the standard input")->required();
  };
  for (const file_kind& kind : file_kinds)
    add(kind.name, kind.about, [&kind](facts& out, const decode_command& which) {
      kind.decode(out, read_bytes(which.file, kind.size, kind.what));
    });
  add("report", "An attestation report of any version", report);
}

void log_text(facts& out, const decode_command& command) {
  const bool standard = command.line == "-";
  const std::string text = standard ? read_standard_input() : command.line;
  decode_log(out, text, standard ? "standard input" : "decode");
}

}  // namespace

void add_decode(CLI::App& program, action& chosen) {
  const auto command = std::make_shared<decode_command>();
  CLI::App& decode =
      *program.add_subcommand("decode", "Say what a value, a page, a file or a line of a kernel log means");
  decode.add_option("LINE", command->line,
                    "Without a kind: a line of a kernel log; - reads lines from the standard input");
  decode.footer("One fact per line, `name: value`; what belongs to a fact is indented under it. Set bits come first, "
                "set reserved\n"
                "bits are warnings, `rules` are the rules that decide. Numbers are 0x... or decimal.\n\n"
                "  sevspec decode npf 0x580000007 --gpa 0x12345000\n"
                "  sevspec decode rmp-entry 0x6010fffffffff001 0x1f\n"
                "  sevspec decode 'SEV-ES guest requested termination: 0x0:0x1'\n"
                "  dmesg | sevspec decode -");
  add_values(decode, command, chosen);
  add_files(decode, command, chosen);
  decode.callback([command, &decode, &chosen] {
    const bool with_kind = !decode.get_subcommands().empty();
    if (with_kind && !command->line.empty()) throw input_error("decode", in_quotes(command->line) + " is not a kind");
    if (with_kind) return;
    if (command->line.empty()) throw input_error("decode", "a kind, a line of a kernel log, or - was expected");
    chosen = [command] { return run(*command, log_text); };
  });
}

}  // namespace sevspec::tool
