// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_LOG_LINE_HPP
#define SEVSPEC_TOOL_LOG_LINE_HPP

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

/// Lines of Linux kernel logs and KVM traces that tell something about SEV. What stands before or behind the message
/// (time, CPU, module) does not matter.
namespace sevspec::tool::log {

/// SEV-SNP: PFN 0x..., RMP entry: [0x... - 0x...]
struct rmp_entry {
  std::optional<std::uint64_t> pfn;
  std::uint64_t low{};
  std::uint64_t high{};
};

/// SEV-SNP: PFN 0x... unassigned, dumping non-zero entries in 2M PFN region: [0x... - 0x...]
struct unassigned_page {
  std::uint64_t pfn{};
};

/// SEV-SNP: RMPUPDATE failed for PFN ..., pg_level: ..., ret: ...
/// SEV: Unable to split RMP entry for GPA 0x... PFN 0x... ret ...
struct rmp_instruction {
  const char* name{};  ///< "RMPUPDATE" or "PSMASH"
  std::uint64_t pfn{};
  std::int64_t status{};
};

/// #PF: error_code(0x...) - ...
struct page_fault {
  std::uint64_t code{};
};

/// kvm_page_fault: vcpu ... address 0x... error_code 0x...
/// kvm_rmp_fault: vcpu ... gpa ... pfn 0x... error_code 0x... ...
struct nested_fault {
  std::uint64_t code{};
  std::optional<std::uint64_t> address;
};

/// kvm_exit: vcpu ... reason NAME rip 0x... info1 0x... info2 0x... ...
struct traced_exit {
  std::string_view reason;  ///< refers to the line
  std::uint64_t info1{};
  std::uint64_t info2{};
};

/// kvm_amd: SEV-ES guest requested termination: 0x...:0x...
struct termination {
  std::uint64_t set{};
  std::uint64_t code{};
};

/// vmgexit: unsupported event - exit_info_1=0x..., exit_info_2=0x...
struct unsupported_event {
  std::optional<std::uint64_t> vc_error_code;
};

/// An exit code with what the kernel made of it.
struct exit_code {
  enum class complaint : std::uint8_t {
    unexpected,     ///< svm: unexpected exit reason 0x...
    no_such_event,  ///< vmgexit: exit code 0x... is not valid
    wrong_input,    ///< vmgexit: exit code 0x... input is not valid
    in_guest,  ///< Unsupported exit-code 0x... in #VC exception; Failure in communication with VMM (exit-code 0x...
  };
  std::uint64_t code{};
  complaint what{};
};

/// vmgexit: ghcb usage 0x... is not valid
struct wrong_usage {
  std::uint64_t usage{};
};

/// vmgexit: GHCB GPA [0x...] is not registered.
struct unregistered_ghcb {
  std::uint64_t gpa{};
};

/// One line of a dump of the VMCB or GHCB: `exit_code:`, `exit_info1:`, `exit_info2:`, `sw_exit_code`, ...
struct dumped_field {
  enum class field : std::uint8_t { code, info1, info2 };
  field which{};
  std::uint64_t value{};
};

using line = std::variant<rmp_entry, unassigned_page, rmp_instruction, page_fault, nested_fault, traced_exit,
                          termination, unsupported_event, exit_code, wrong_usage, unregistered_ghcb, dumped_field>;

/// What one line says, or nothing. Total: any bytes are accepted, and nothing is allocated or thrown.
[[nodiscard]] auto recognise(std::string_view text) noexcept -> std::optional<line>;

}  // namespace sevspec::tool::log

#endif
