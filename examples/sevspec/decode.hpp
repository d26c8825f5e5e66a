// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_DECODE_HPP
#define SEVSPEC_TOOL_DECODE_HPP

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/tcb.hpp>

#include "facts.hpp"

/// The decoders behind `sevspec decode`: each tells the facts of one thing. Unless said otherwise, everything is
/// decoded that can be, and what is wrong becomes a warning among the facts.
namespace sevspec::tool {

// --- faults: decode_fault.cpp

/// EXITINFO1 of a nested page fault.
/// @param address  EXITINFO2, if known
void decode_npf(facts& out, std::uint64_t code, std::optional<std::uint64_t> address = std::nullopt);

/// The error code of a page fault.
void decode_pf(facts& out, std::uint32_t code);

// --- the RMP: decode_rmp.cpp

/// An RMP entry as Zen 3 and Zen 4 keep it in memory.
/// @param pfn  the number of the page that it is about, if known
void decode_rmp_entry(facts& out, std::uint64_t low, std::uint64_t high,
                      std::optional<std::uint64_t> pfn = std::nullopt);

/// What an RMP instruction returned in EAX.
void decode_rmp_status(facts& out, std::int64_t status);

// --- leaving the guest: decode_exit.cpp, decode_ghcb_msr.cpp

/// What is known of an exit besides its code.
struct exit_information {
  std::optional<std::uint64_t> info1;
  std::optional<std::uint64_t> info2;
};

/// An exit code: of #VMEXIT, of #VC, or of a GHCB event.
void decode_exit(facts& out, std::uint64_t code, const exit_information& more = {});

/// The value of the GHCB MSR: an address, or a message of the MSR protocol.
void decode_ghcb_msr(facts& out, std::uint64_t value);

/// Why a guest ended itself.
void add_termination_reason(facts& out, std::uint64_t set, std::uint64_t code);

// --- words: decode_words.cpp

void decode_snp_policy(facts& out, std::uint64_t policy);
void decode_sev_policy(facts& out, std::uint32_t policy);
void decode_sev_status(facts& out, std::uint64_t status);

/// The components of a TCB_VERSION, and a warning if it has other bytes set.
void add_tcb(facts& out, std::uint64_t version, layout::tcb_format format);

// --- pages and files: decode_vmcb.cpp, decode_ghcb.cpp, decode_guest_pages.cpp, decode_report.cpp

/// @param bytes  as many as the structure has
void decode_vmcb(facts& out, std::span<const std::uint8_t> bytes);
void decode_vmsa(facts& out, std::span<const std::uint8_t> bytes);
void decode_ghcb(facts& out, std::span<const std::uint8_t> bytes);
void decode_secrets(facts& out, std::span<const std::uint8_t> bytes);
void decode_cpuid_page(facts& out, std::span<const std::uint8_t> bytes);

/// Throws input_error if the report's version has no layout.
/// @param name  of the file, for messages
void decode_report(facts& out, std::span<const std::uint8_t> bytes, const std::string& name);

// --- kernel logs: decode_log.cpp

/// Lines of a kernel log. Lines without anything to decode are passed over. Throws input_error if no line has any.
/// @param name  where the text comes from, for messages
void decode_log(facts& out, std::string_view text, std::string_view name);

}  // namespace sevspec::tool

#endif
