// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_EXIT_INFO_HPP
#define SEVSPEC_LAYOUT_EXIT_INFO_HPP

// Words of an exit: EXITINFO1 of nested page faults and I/O, #PF error codes, events to inject.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info event_injection_value_bits[] = {
    {.lsb =  0, .width =  8, .name = "vector",           .meaning = "vector"},
    {.lsb =  8, .width =  3, .name = "type",             .meaning = "see constant table event_types", .values = &tables::event_types},
    {.lsb = 11, .width =  1, .name = "error_code_valid", .meaning = "error code valid"},
    {.lsb = 12, .width = 19, .name = "reserved_30_12",   .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "valid",            .meaning = "valid"},
    {.lsb = 32, .width = 32, .name = "error_code",       .meaning = "error code"},
};
inline constexpr field_info event_injection_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "event", .since = level::svm, .bits = event_injection_value_bits},
};
inline constexpr structure_info event_injection{
    .name = "event_injection",
    .id = "LAY-EVENT-INJECTION",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 15.20, Fig. 15-4",
    .description = "EVENTINJ/EXITINTINFO format, also used in SW_EXITINFO2 when SW_EXITINFO1[31:0]=1.",
    .fields = event_injection_fields,
};

inline constexpr bit_info exitinfo1_ioio_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "in",             .meaning = "1 = IN/INS, 0 = OUT/OUTS"},
    {.lsb =  1, .width =  1, .name = "reserved_1_1",   .meaning = "reserved", .reserved = true},
    {.lsb =  2, .width =  1, .name = "str",            .meaning = "string instruction"},
    {.lsb =  3, .width =  1, .name = "rep",            .meaning = "REP prefix"},
    {.lsb =  4, .width =  1, .name = "sz8",            .meaning = "8-bit operand"},
    {.lsb =  5, .width =  1, .name = "sz16",           .meaning = "16-bit operand"},
    {.lsb =  6, .width =  1, .name = "sz32",           .meaning = "32-bit operand"},
    {.lsb =  7, .width =  1, .name = "a16",            .meaning = "16-bit address"},
    {.lsb =  8, .width =  1, .name = "a32",            .meaning = "32-bit address"},
    {.lsb =  9, .width =  1, .name = "a64",            .meaning = "64-bit address"},
    {.lsb = 10, .width =  3, .name = "seg",            .meaning = "effective segment: 0 ES,1 CS,2 SS,3 DS,4 FS,5 GS", .values = &tables::ioio_segments},
    {.lsb = 13, .width =  3, .name = "reserved_15_13", .meaning = "reserved", .reserved = true},
    {.lsb = 16, .width = 16, .name = "port",           .meaning = "port number"},
    {.lsb = 32, .width = 32, .name = "reserved_63_32", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info exitinfo1_ioio_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "I/O exit information", .since = level::svm, .bits = exitinfo1_ioio_value_bits},
};
inline constexpr structure_info exitinfo1_ioio{
    .name = "exitinfo1_ioio",
    .id = "LAY-EXITINFO1-IOIO",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 15.10.2",
    .description = "EXITINFO1 of VMEXIT_IOIO and SW_EXITINFO1 of the IOIO NAE event.",
    .fields = exitinfo1_ioio_fields,
};

inline constexpr bit_info exitinfo1_npf_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "p",               .meaning = "nested translation present"},
    {.lsb =  1, .width =  1, .name = "rw",              .meaning = "write access"},
    {.lsb =  2, .width =  1, .name = "us",              .meaning = "user access (all nested accesses are user accesses)"},
    {.lsb =  3, .width =  1, .name = "rsv",             .meaning = "reserved bit set in a nested entry"},
    {.lsb =  4, .width =  1, .name = "id",              .meaning = "instruction fetch"},
    {.lsb =  5, .width =  1, .name = "reserved_5_5",    .meaning = "reserved", .reserved = true},
    {.lsb =  6, .width =  1, .name = "ss",              .meaning = "shadow stack access"},
    {.lsb =  7, .width = 24, .name = "reserved_30_7",   .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "rmp",             .meaning = "RMP check failed"},
    {.lsb = 32, .width =  1, .name = "final",           .meaning = "fault on the final guest physical address"},
    {.lsb = 33, .width =  1, .name = "page_table",      .meaning = "fault while walking guest page tables"},
    {.lsb = 34, .width =  1, .name = "enc",             .meaning = "guest effective C-bit was 1"},
    {.lsb = 35, .width =  1, .name = "sizem",           .meaning = "size mismatch between PVALIDATE/RMPADJUST operand and RMP"},
    {.lsb = 36, .width =  1, .name = "vmpl",            .meaning = "VMPL permission check failed"},
    {.lsb = 37, .width =  1, .name = "sss",             .meaning = "supervisor shadow stack check failed"},
    {.lsb = 38, .width = 25, .name = "reserved_62_38",  .meaning = "reserved", .reserved = true},
    {.lsb = 63, .width =  1, .name = "not_restartable", .meaning = "instruction not restartable", .trust = confidence::low},
};
inline constexpr field_info exitinfo1_npf_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "nested page fault error code", .since = level::svm, .bits = exitinfo1_npf_value_bits},
};
inline constexpr structure_info exitinfo1_npf{
    .name = "exitinfo1_npf",
    .id = "LAY-EXITINFO1-NPF",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 15.25.6, 15.36.10",
    .description = "EXITINFO1 of VMEXIT_NPF. EXITINFO2 holds the faulting guest physical address.",
    .fields = exitinfo1_npf_fields,
};

inline constexpr bit_info pf_error_code_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "p",             .meaning = "present"},
    {.lsb =  1, .width =  1, .name = "rw",            .meaning = "write"},
    {.lsb =  2, .width =  1, .name = "us",            .meaning = "user"},
    {.lsb =  3, .width =  1, .name = "rsv",           .meaning = "reserved bit"},
    {.lsb =  4, .width =  1, .name = "id",            .meaning = "instruction fetch"},
    {.lsb =  5, .width =  1, .name = "pk",            .meaning = "protection key"},
    {.lsb =  6, .width =  1, .name = "ss",            .meaning = "shadow stack"},
    {.lsb =  7, .width = 24, .name = "reserved_30_7", .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "rmp",           .meaning = "RMP violation (host)"},
};
inline constexpr field_info pf_error_code_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "page fault error code", .since = level::svm, .bits = pf_error_code_value_bits},
};
inline constexpr structure_info pf_error_code{
    .name = "pf_error_code",
    .id = "LAY-PF-ERROR-CODE",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 8.4.2, 15.36.10",
    .description = "#PF error code pushed on the stack.",
    .fields = pf_error_code_fields,
};

}  // namespace descriptions

/// EVENTINJ/EXITINTINFO format, also used in SW_EXITINFO2 when SW_EXITINFO1[31:0]=1.   APM2 15.20, Fig. 15-4
/// 8 bytes, aligned to 8 in memory.
struct event_injection {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Vector.
  [[nodiscard]] constexpr auto vector() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_vector(std::uint32_t value) & -> event_injection& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_vector(std::uint32_t value) && -> event_injection { return put(*this, 7, 0, value); }
  /// Bits 10:8: See constant table event_types.
  [[nodiscard]] constexpr auto type() const noexcept -> event_types {
    return static_cast<event_types>(bits32_at(raw, 10, 8));
  }
  constexpr auto set_type(event_types value) & -> event_injection& { return put(*this, 10, 8, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_type(event_types value) && -> event_injection { return put(*this, 10, 8, static_cast<std::uint64_t>(value)); }
  /// Bit 11: Error code valid.
  [[nodiscard]] constexpr auto error_code_valid() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_error_code_valid(bool value) & -> event_injection& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_error_code_valid(bool value) && -> event_injection { return put(*this, 11, 11, value); }
  /// Bit 31: Valid.
  [[nodiscard]] constexpr auto valid() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_valid(bool value) & -> event_injection& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_valid(bool value) && -> event_injection { return put(*this, 31, 31, value); }
  /// Bits 63:32: Error code.
  [[nodiscard]] constexpr auto error_code() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_error_code(std::uint32_t value) & -> event_injection& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_error_code(std::uint32_t value) && -> event_injection { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const event_injection&, const event_injection&) -> bool = default;
  friend constexpr auto describe(const event_injection*) noexcept -> const structure_info& {
    return descriptions::event_injection;
  }
};

/// EXITINFO1 of VMEXIT_IOIO and SW_EXITINFO1 of the IOIO NAE event.   APM2 15.10.2
/// 8 bytes, aligned to 8 in memory.
struct exitinfo1_ioio {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: 1 = IN/INS, 0 = OUT/OUTS.
  [[nodiscard]] constexpr auto in() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_in(bool value) & -> exitinfo1_ioio& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_in(bool value) && -> exitinfo1_ioio { return put(*this, 0, 0, value); }
  /// Bit 2: String instruction.
  [[nodiscard]] constexpr auto str() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_str(bool value) & -> exitinfo1_ioio& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_str(bool value) && -> exitinfo1_ioio { return put(*this, 2, 2, value); }
  /// Bit 3: REP prefix.
  [[nodiscard]] constexpr auto rep() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_rep(bool value) & -> exitinfo1_ioio& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_rep(bool value) && -> exitinfo1_ioio { return put(*this, 3, 3, value); }
  /// Bit 4: 8-bit operand.
  [[nodiscard]] constexpr auto sz8() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_sz8(bool value) & -> exitinfo1_ioio& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_sz8(bool value) && -> exitinfo1_ioio { return put(*this, 4, 4, value); }
  /// Bit 5: 16-bit operand.
  [[nodiscard]] constexpr auto sz16() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_sz16(bool value) & -> exitinfo1_ioio& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_sz16(bool value) && -> exitinfo1_ioio { return put(*this, 5, 5, value); }
  /// Bit 6: 32-bit operand.
  [[nodiscard]] constexpr auto sz32() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_sz32(bool value) & -> exitinfo1_ioio& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_sz32(bool value) && -> exitinfo1_ioio { return put(*this, 6, 6, value); }
  /// Bit 7: 16-bit address.
  [[nodiscard]] constexpr auto a16() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_a16(bool value) & -> exitinfo1_ioio& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_a16(bool value) && -> exitinfo1_ioio { return put(*this, 7, 7, value); }
  /// Bit 8: 32-bit address.
  [[nodiscard]] constexpr auto a32() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_a32(bool value) & -> exitinfo1_ioio& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_a32(bool value) && -> exitinfo1_ioio { return put(*this, 8, 8, value); }
  /// Bit 9: 64-bit address.
  [[nodiscard]] constexpr auto a64() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_a64(bool value) & -> exitinfo1_ioio& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_a64(bool value) && -> exitinfo1_ioio { return put(*this, 9, 9, value); }
  /// Bits 12:10: Effective segment: 0 ES,1 CS,2 SS,3 DS,4 FS,5 GS.
  [[nodiscard]] constexpr auto seg() const noexcept -> ioio_segments {
    return static_cast<ioio_segments>(bits32_at(raw, 12, 10));
  }
  constexpr auto set_seg(ioio_segments value) & -> exitinfo1_ioio& { return put(*this, 12, 10, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_seg(ioio_segments value) && -> exitinfo1_ioio { return put(*this, 12, 10, static_cast<std::uint64_t>(value)); }
  /// Bits 31:16: Port number.
  [[nodiscard]] constexpr auto port() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 16); }
  constexpr auto set_port(std::uint32_t value) & -> exitinfo1_ioio& { return put(*this, 31, 16, value); }
  [[nodiscard]] constexpr auto set_port(std::uint32_t value) && -> exitinfo1_ioio { return put(*this, 31, 16, value); }

  friend constexpr auto operator==(const exitinfo1_ioio&, const exitinfo1_ioio&) -> bool = default;
  friend constexpr auto describe(const exitinfo1_ioio*) noexcept -> const structure_info& {
    return descriptions::exitinfo1_ioio;
  }
};

/// EXITINFO1 of VMEXIT_NPF. EXITINFO2 holds the faulting guest physical address.   APM2 15.25.6, 15.36.10
/// 8 bytes, aligned to 8 in memory.
struct exitinfo1_npf {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Nested translation present.
  [[nodiscard]] constexpr auto p() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_p(bool value) & -> exitinfo1_npf& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_p(bool value) && -> exitinfo1_npf { return put(*this, 0, 0, value); }
  /// Bit 1: Write access.
  [[nodiscard]] constexpr auto rw() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_rw(bool value) & -> exitinfo1_npf& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_rw(bool value) && -> exitinfo1_npf { return put(*this, 1, 1, value); }
  /// Bit 2: User access (all nested accesses are user accesses).
  [[nodiscard]] constexpr auto us() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_us(bool value) & -> exitinfo1_npf& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_us(bool value) && -> exitinfo1_npf { return put(*this, 2, 2, value); }
  /// Bit 3: Reserved bit set in a nested entry.
  [[nodiscard]] constexpr auto rsv() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_rsv(bool value) & -> exitinfo1_npf& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_rsv(bool value) && -> exitinfo1_npf { return put(*this, 3, 3, value); }
  /// Bit 4: Instruction fetch.
  [[nodiscard]] constexpr auto id() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_id(bool value) & -> exitinfo1_npf& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_id(bool value) && -> exitinfo1_npf { return put(*this, 4, 4, value); }
  /// Bit 6: Shadow stack access.
  [[nodiscard]] constexpr auto ss() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_ss(bool value) & -> exitinfo1_npf& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_ss(bool value) && -> exitinfo1_npf { return put(*this, 6, 6, value); }
  /// Bit 31: RMP check failed.
  [[nodiscard]] constexpr auto rmp() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_rmp(bool value) & -> exitinfo1_npf& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_rmp(bool value) && -> exitinfo1_npf { return put(*this, 31, 31, value); }
  /// Bit 32: Fault on the final guest physical address.
  [[nodiscard]] constexpr auto final() const noexcept -> bool { return bit_at(raw, 32); }
  constexpr auto set_final(bool value) & -> exitinfo1_npf& { return put(*this, 32, 32, value); }
  [[nodiscard]] constexpr auto set_final(bool value) && -> exitinfo1_npf { return put(*this, 32, 32, value); }
  /// Bit 33: Fault while walking guest page tables.
  [[nodiscard]] constexpr auto page_table() const noexcept -> bool { return bit_at(raw, 33); }
  constexpr auto set_page_table(bool value) & -> exitinfo1_npf& { return put(*this, 33, 33, value); }
  [[nodiscard]] constexpr auto set_page_table(bool value) && -> exitinfo1_npf { return put(*this, 33, 33, value); }
  /// Bit 34: Guest effective C-bit was 1.
  [[nodiscard]] constexpr auto enc() const noexcept -> bool { return bit_at(raw, 34); }
  constexpr auto set_enc(bool value) & -> exitinfo1_npf& { return put(*this, 34, 34, value); }
  [[nodiscard]] constexpr auto set_enc(bool value) && -> exitinfo1_npf { return put(*this, 34, 34, value); }
  /// Bit 35: Size mismatch between PVALIDATE/RMPADJUST operand and RMP.
  [[nodiscard]] constexpr auto sizem() const noexcept -> bool { return bit_at(raw, 35); }
  constexpr auto set_sizem(bool value) & -> exitinfo1_npf& { return put(*this, 35, 35, value); }
  [[nodiscard]] constexpr auto set_sizem(bool value) && -> exitinfo1_npf { return put(*this, 35, 35, value); }
  /// Bit 36: VMPL permission check failed.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> bool { return bit_at(raw, 36); }
  constexpr auto set_vmpl(bool value) & -> exitinfo1_npf& { return put(*this, 36, 36, value); }
  [[nodiscard]] constexpr auto set_vmpl(bool value) && -> exitinfo1_npf { return put(*this, 36, 36, value); }
  /// Bit 37: Supervisor shadow stack check failed.
  [[nodiscard]] constexpr auto sss() const noexcept -> bool { return bit_at(raw, 37); }
  constexpr auto set_sss(bool value) & -> exitinfo1_npf& { return put(*this, 37, 37, value); }
  [[nodiscard]] constexpr auto set_sss(bool value) && -> exitinfo1_npf { return put(*this, 37, 37, value); }
  /// Bit 63: Instruction not restartable.
  [[nodiscard]] constexpr auto not_restartable() const noexcept -> bool { return bit_at(raw, 63); }
  constexpr auto set_not_restartable(bool value) & -> exitinfo1_npf& { return put(*this, 63, 63, value); }
  [[nodiscard]] constexpr auto set_not_restartable(bool value) && -> exitinfo1_npf { return put(*this, 63, 63, value); }

  friend constexpr auto operator==(const exitinfo1_npf&, const exitinfo1_npf&) -> bool = default;
  friend constexpr auto describe(const exitinfo1_npf*) noexcept -> const structure_info& {
    return descriptions::exitinfo1_npf;
  }
};

/// #PF error code pushed on the stack.   APM2 8.4.2, 15.36.10
/// 4 bytes, aligned to 4 in memory.
struct pf_error_code {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Present.
  [[nodiscard]] constexpr auto p() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_p(bool value) & -> pf_error_code& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_p(bool value) && -> pf_error_code { return put(*this, 0, 0, value); }
  /// Bit 1: Write.
  [[nodiscard]] constexpr auto rw() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_rw(bool value) & -> pf_error_code& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_rw(bool value) && -> pf_error_code { return put(*this, 1, 1, value); }
  /// Bit 2: User.
  [[nodiscard]] constexpr auto us() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_us(bool value) & -> pf_error_code& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_us(bool value) && -> pf_error_code { return put(*this, 2, 2, value); }
  /// Bit 3: Reserved bit.
  [[nodiscard]] constexpr auto rsv() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_rsv(bool value) & -> pf_error_code& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_rsv(bool value) && -> pf_error_code { return put(*this, 3, 3, value); }
  /// Bit 4: Instruction fetch.
  [[nodiscard]] constexpr auto id() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_id(bool value) & -> pf_error_code& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_id(bool value) && -> pf_error_code { return put(*this, 4, 4, value); }
  /// Bit 5: Protection key.
  [[nodiscard]] constexpr auto pk() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_pk(bool value) & -> pf_error_code& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_pk(bool value) && -> pf_error_code { return put(*this, 5, 5, value); }
  /// Bit 6: Shadow stack.
  [[nodiscard]] constexpr auto ss() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_ss(bool value) & -> pf_error_code& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_ss(bool value) && -> pf_error_code { return put(*this, 6, 6, value); }
  /// Bit 31: RMP violation (host).
  [[nodiscard]] constexpr auto rmp() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_rmp(bool value) & -> pf_error_code& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_rmp(bool value) && -> pf_error_code { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const pf_error_code&, const pf_error_code&) -> bool = default;
  friend constexpr auto describe(const pf_error_code*) noexcept -> const structure_info& {
    return descriptions::pf_error_code;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
