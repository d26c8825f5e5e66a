// SPDX-License-Identifier: MIT
// What the sevspec program makes of a line of a log: any bytes are accepted, and what it says does not depend on what
// stands before the message. The input is the line.
//
// fuzz/make_corpus.py writes the seeds.
#include "fuzzing.hpp"

#include <cinttypes>
#include <string>

#include "../examples/sevspec/log_line.cpp"

namespace {

using sevspec::fuzz::demand;
namespace log = sevspec::tool::log;

template <class... Arguments>
auto text(const char* format, Arguments... arguments) -> std::string {
  char buffer[256];
  const int length = std::snprintf(buffer, sizeof buffer, format, arguments...);
  return {buffer, static_cast<std::size_t>(length)};
}

/// A line that says the same, as the kernel writes it.
struct writer {
  auto operator()(const log::rmp_entry& one) const -> std::string {
    const auto entry = text("RMP entry: [0x%016" PRIx64 " - 0x%016" PRIx64 "]", one.low, one.high);
    return one.pfn ? text("SEV-SNP: PFN 0x%" PRIx64 ", ", *one.pfn) + entry : entry;
  }
  auto operator()(const log::unassigned_page& one) const -> std::string {
    return text("SEV-SNP: PFN 0x%" PRIx64 " unassigned, dumping non-zero entries in 2M PFN region: [0x0 - 0x200]",
                one.pfn);
  }
  auto operator()(const log::rmp_instruction& one) const -> std::string {
    return std::string(one.name) == "PSMASH"
               ? text("SEV: Unable to split RMP entry for GPA 0x0 PFN 0x%" PRIx64 " ret %" PRId64, one.pfn, one.status)
               : text("SEV-SNP: RMPUPDATE failed for PFN %" PRIx64 ", pg_level: 1, ret: %" PRId64, one.pfn, one.status);
  }
  auto operator()(const log::page_fault& one) const -> std::string {
    return text("#PF: error_code(0x%04" PRIx64 ") - RMP violation", one.code);
  }
  auto operator()(const log::nested_fault& one) const -> std::string {
    return one.address ? text("kvm_page_fault: vcpu 0 rip 0x0 address 0x%016" PRIx64 " error_code 0x%" PRIx64,
                              *one.address, one.code)
                       : text("kvm: error_code 0x%" PRIx64, one.code);
  }
  auto operator()(const log::traced_exit& one) const -> std::string {
    return "kvm_exit: vcpu 0 reason " + std::string(one.reason) +
           text(" rip 0x0 info1 0x%016" PRIx64 " info2 0x%016" PRIx64 " intr_info 0x0", one.info1, one.info2);
  }
  auto operator()(const log::termination& one) const -> std::string {
    return text("kvm_amd: SEV-ES guest requested termination: 0x%" PRIx64 ":0x%" PRIx64, one.set, one.code);
  }
  auto operator()(const log::unsupported_event& one) const -> std::string {
    return one.vc_error_code
               ? text("vmgexit: unsupported event - exit_info_1=0x%" PRIx64 ", exit_info_2=0x0", *one.vc_error_code)
               : "vmgexit: unsupported event";
  }
  auto operator()(const log::exit_code& one) const -> std::string {
    using enum log::exit_code::complaint;
    switch (one.what) {
      case unexpected:    return text("svm: unexpected exit reason 0x%" PRIx64, one.code);
      case no_such_event: return text("vmgexit: exit code 0x%" PRIx64 " is not valid", one.code);
      case wrong_input:   return text("vmgexit: exit code 0x%" PRIx64 " input is not valid", one.code);
      case in_guest:      return text("Unsupported exit-code 0x%02" PRIx64 " in #VC exception (IP: 0x0)", one.code);
    }
    return {};
  }
  auto operator()(const log::wrong_usage& one) const -> std::string {
    return text("vmgexit: ghcb usage 0x%" PRIx64 " is not valid", one.usage);
  }
  auto operator()(const log::unregistered_ghcb& one) const -> std::string {
    return text("vmgexit: GHCB GPA [0x%" PRIx64 "] is not registered.", one.gpa);
  }
  auto operator()(const log::dumped_field& one) const -> std::string {
    using enum log::dumped_field::field;
    return text("%s%016" PRIx64,
                one.which == code    ? "exit_code:   "
                : one.which == info1 ? "exit_info1:  "
                                     : "exit_info2:  ",
                one.value);
  }
};

auto written(const std::optional<log::line>& found) -> std::string {
  return found ? std::to_string(found->index()) + " " + std::visit(writer(), *found) : "nothing";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of its own without a zero behind, so that the sanitizer notices a byte too far.
  const std::vector<char> exact(data, data + size);
  const std::string_view line(exact.data(), exact.size());
  const auto found = log::recognise(line);
  const std::string said = written(found);
  if (found) {
    if (const auto* traced = std::get_if<log::traced_exit>(&*found)) {
      demand(!traced->reason.empty(), "an exit has a reason");
      demand(traced->reason.data() >= line.data() &&
                 traced->reason.data() + traced->reason.size() <= line.data() + line.size(),
             "the reason lies in the line");
      demand(traced->reason.find(' ') == std::string_view::npos, "the reason is one word");
    }
    // A line that says the same is read as the same, unless the reason is one of the line's own labels.
    const auto* traced = std::get_if<log::traced_exit>(&*found);
    const bool confusing = traced != nullptr && (traced->reason == "info1" || traced->reason == "info2");
    const std::string again = std::visit(writer(), *found);
    if (!confusing) demand(written(log::recognise(again)) == said, "what was read can be written, and read again");
  }
  // Time and priority before the message do not matter.
  demand(written(log::recognise("[   12.345678]<6>" + std::string(line))) == said,
         "what stands before the message does not matter");
  return 0;
}
