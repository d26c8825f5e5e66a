// SPDX-License-Identifier: MIT
// Kernel logs: what the lines that people paste say.

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <variant>

#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/reflect.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"
#include "log_line.hpp"

namespace sevspec::tool {

namespace {

using layout::svm_exit_codes;

/// KVM adds marks of its own to the error codes that it traces; hardware leaves these bits clear.
constexpr struct {
  std::uint64_t bit;
  const char* meaning;
} kvm_marks[] = {
    {std::uint64_t{1} << 48, "KVM's own mark: an access that KVM makes for an instruction which it emulates"},
    {std::uint64_t{1} << 49, "KVM's own mark: the access is private"},
};

[[nodiscard]] auto lower(std::string_view text) -> std::string {
  std::string result{text};
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// The code of an exit by the name that the trace gives it, which is mostly the manual's.
[[nodiscard]] auto code_named(std::string_view name) -> std::optional<std::uint64_t> {
  for (const layout::constant_info& entry : layout::tables::svm_exit_codes.entries)
    if (lower(entry.name) == lower(name)) return entry.value;
  return std::nullopt;
}

/// Tells what one line says; lines of a dump are put together.
class log_decoder {
 public:
  explicit log_decoder(facts& out) : out_(out) {}

  void operator()(const log::rmp_entry& line) { decode_rmp_entry(out_, line.low, line.high, line.pfn); }

  void operator()(const log::unassigned_page& line) {
    out_.add("pfn", "{:#x}{}", line.pfn, line.pfn >> 52 == 0 ? fmt::format(" (sPA {:#x})", line.pfn << 12) : "");
    out_.add("assigned", "0");
    out_.add("cause",
             "the page may be written. Either the write went through a 2M or 1G mapping of a region of which a "
             "page is assigned (the entries that follow in the log), or the page was in use by VMRUN, or a "
             "2M-aligned page of the region was (an erratum)");
    out_.add("hypervisor",
             "splits the mapping to 4K; keeps VMCB, VMSA and AVIC pages off 2M-aligned addresses; does not "
             "use AVIC with SEV-SNP unless the processor has HvInUseWrAllowed");
    out_.add("rules", "RMP-CHK-08, RMP-CHK-15, RMP-ERR-01, RMP-ERR-02");
  }

  void operator()(const log::rmp_instruction& line) {
    out_.add("instruction", line.name);
    out_.add("pfn", hex(line.pfn));
    decode_rmp_status(out_, line.status);
  }

  void operator()(const log::page_fault& line) {
    if (line.code >> 32 != 0) out_.warn("a #PF error code has 32 bits: the others are ignored");
    decode_pf(out_, static_cast<std::uint32_t>(line.code & 0xFFFF'FFFF));
  }

  void operator()(const log::nested_fault& line) {
    std::uint64_t code = line.code;
    for (const auto& [bit, meaning] : kvm_marks) {
      if ((code & bit) == 0) continue;
      out_.add("traced_bit", "{:#x} ({})", bit, meaning);
      code &= ~bit;
    }
    decode_npf(out_, code, line.address);
  }

  void operator()(const log::traced_exit& line) {
    if (const auto code = code_named(line.reason)) return decode_exit(out_, *code, {line.info1, line.info2});
    out_.add("reason", in_quotes(line.reason));
    out_.add("info1", hex(line.info1));
    out_.add("info2", hex(line.info2));
    out_.warn("the reason is not a name of svm_exit_codes");
  }

  void operator()(const log::termination& line) {
    out_.add("event", "the guest ended itself");
    add_termination_reason(out_, line.set, line.code);
    out_.add("hypervisor", "stops the guest for good");
    out_.add("rules", "GHCB-MSR-19, GHCB-NAE-33, LAY-GHCB-11");
  }

  void operator()(const log::unsupported_event& line) {
    decode_exit(out_, std::to_underlying(layout::nae_exit_codes::unsupported_event));
    if (!line.vc_error_code) return;
    out_.add("vc_error_code", hex(*line.vc_error_code));
    const facts::inner cause{out_};
    decode_exit(out_, *line.vc_error_code);
  }

  void operator()(const log::exit_code& line) {
    using enum log::exit_code::complaint;
    switch (line.what) {
      case unexpected: out_.add("event", "KVM has no handler for this exit, and stops the guest"); break;
      case no_such_event:
        out_.add("event", "KVM does not know this GHCB event");
        add_error(invalid_event);
        break;
      case wrong_input:
        out_.add("event", "a field that this GHCB event needs is not marked valid, or has a wrong value");
        add_error(missing_input);
        break;
      case in_guest: out_.add("event", "the guest's #VC handler cannot serve this error code"); break;
    }
    decode_exit(out_, line.code);
  }

  void operator()(const log::wrong_usage& line) {
    out_.add("ghcb_usage", hex(line.usage));
    add_error(layout::ghcb_error_codes::invalid_usage);
    out_.add("rules", "GHCB-PAGE-04");
  }

  void operator()(const log::unregistered_ghcb& line) {
    out_.add("gpa", hex(line.gpa));
    add_error(layout::ghcb_error_codes::not_registered);
    out_.add("note", "KVM ends the run of the vCPU instead of answering");
    out_.add("rules", "GHCB-PAGE-03, GHCB-REG-01");
  }

  void operator()(const log::dumped_field& line) {
    using enum log::dumped_field::field;
    if (line.which == code) {
      dumped_ = {};
      dumped_code_ = line.value;
      decode_exit(out_, line.value);
      return;
    }
    (line.which == info1 ? dumped_.info1 : dumped_.info2) = line.value;
    out_.add(line.which == info1 ? "info1" : "info2", hex(line.value));
    const bool npf = dumped_code_ == std::to_underlying(svm_exit_codes::npf);
    if (line.which == info2 && npf && dumped_.info1) decode_npf(out_, *dumped_.info1, line.value);
  }

 private:
  static constexpr auto invalid_event = layout::ghcb_error_codes::invalid_event;
  static constexpr auto missing_input = layout::ghcb_error_codes::missing_input;

  void add_error(layout::ghcb_error_codes error) {
    out_.add("answer", "MALFORMED_INPUT, {}", code_text(layout::tables::ghcb_error_codes, std::to_underlying(error)));
  }

  facts& out_;
  std::optional<std::uint64_t> dumped_code_;
  exit_information dumped_;
};

}  // namespace

void decode_log(facts& out, std::string_view text, std::string_view name) {
  const auto lines = lines_of(text);
  log_decoder decoder{out};
  bool any = false;
  for (const auto& [number, line] : lines) {
    const auto found = log::recognise(line);
    if (!found) continue;
    if (lines.size() == 1) {
      std::visit(decoder, *found);
    } else {
      out.add("line", "{}", number);
      const facts::inner parts{out};
      std::visit(decoder, *found);
    }
    any = true;
  }
  if (any) return;
  const std::string place{name};
  throw input_error(
      lines.size() == 1 ? fmt::format("{} {}", place, in_quotes(lines[0].text)) : place,
      "no line was recognised; looked for RMP entry dumps, '#PF: error_code(0x...)', KVM's 'error_code 0x...' "
      "and 'reason ... info1 ... info2', RMPUPDATE and PSMASH failures, GHCB terminations, 'vmgexit: ...' and "
      "exit codes");
}

}  // namespace sevspec::tool
