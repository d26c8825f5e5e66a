// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_GHCB_HPP
#define SEVSPEC_LAYOUT_GHCB_HPP

// The GHCB page.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info ghcb_sw_exit_info_1_bits[] = {
    {.lsb =  0, .width = 32, .name = "low",  .meaning = "event specific / result code"},
    {.lsb = 32, .width = 32, .name = "high", .meaning = "event specific / reserved"},
};
inline constexpr field_info ghcb_fields[] = {
    {.offset = 0x0000, .size =  203, .name = "reserved_000",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x00cb, .size =    1, .name = "cpl",              .meaning = "CPL", .since = level::es, .valid_bitmap_bit = 25},
    {.offset = 0x00cc, .size =  116, .name = "reserved_0cc",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0140, .size =    8, .name = "xss",              .meaning = "XSS (CPUID 0xD)", .since = level::es, .valid_bitmap_bit = 40},
    {.offset = 0x0148, .size =   24, .name = "reserved_148",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0160, .size =    8, .name = "dr7",              .meaning = "DR7 (not read by the hypervisor; kept for the handler)", .since = level::es, .valid_bitmap_bit = 44},
    {.offset = 0x0168, .size =   16, .name = "reserved_168",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0178, .size =    8, .name = "rip",              .meaning = "RIP", .since = level::es, .trust = confidence::medium, .valid_bitmap_bit = 47},
    {.offset = 0x0180, .size =   88, .name = "reserved_180",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x01d8, .size =    8, .name = "rsp",              .meaning = "RSP", .since = level::es, .trust = confidence::medium, .valid_bitmap_bit = 59},
    {.offset = 0x01e0, .size =   24, .name = "reserved_1e0",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x01f8, .size =    8, .name = "rax",              .meaning = "RAX", .since = level::es, .valid_bitmap_bit = 63},
    {.offset = 0x0200, .size =  264, .name = "reserved_200",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0308, .size =    8, .name = "rcx",              .meaning = "RCX", .since = level::es, .valid_bitmap_bit = 97},
    {.offset = 0x0310, .size =    8, .name = "rdx",              .meaning = "RDX", .since = level::es, .valid_bitmap_bit = 98},
    {.offset = 0x0318, .size =    8, .name = "rbx",              .meaning = "RBX", .since = level::es, .valid_bitmap_bit = 99},
    {.offset = 0x0320, .size =    8, .name = "reserved_320",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0328, .size =    8, .name = "rbp",              .meaning = "RBP", .since = level::es, .valid_bitmap_bit = 101},
    {.offset = 0x0330, .size =    8, .name = "rsi",              .meaning = "RSI", .since = level::es, .valid_bitmap_bit = 102},
    {.offset = 0x0338, .size =    8, .name = "rdi",              .meaning = "RDI", .since = level::es, .valid_bitmap_bit = 103},
    {.offset = 0x0340, .size =    8, .name = "r8",               .meaning = "R8", .since = level::es, .valid_bitmap_bit = 104},
    {.offset = 0x0348, .size =    8, .name = "r9",               .meaning = "R9", .since = level::es, .valid_bitmap_bit = 105},
    {.offset = 0x0350, .size =    8, .name = "r10",              .meaning = "R10", .since = level::es, .valid_bitmap_bit = 106},
    {.offset = 0x0358, .size =    8, .name = "r11",              .meaning = "R11", .since = level::es, .valid_bitmap_bit = 107},
    {.offset = 0x0360, .size =    8, .name = "r12",              .meaning = "R12", .since = level::es, .valid_bitmap_bit = 108},
    {.offset = 0x0368, .size =    8, .name = "r13",              .meaning = "R13", .since = level::es, .valid_bitmap_bit = 109},
    {.offset = 0x0370, .size =    8, .name = "r14",              .meaning = "R14", .since = level::es, .valid_bitmap_bit = 110},
    {.offset = 0x0378, .size =    8, .name = "r15",              .meaning = "R15", .since = level::es, .valid_bitmap_bit = 111},
    {.offset = 0x0380, .size =   16, .name = "reserved_380",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0390, .size =    8, .name = "sw_exit_code",     .meaning = "exit code (see nae_exit_codes)", .since = level::es, .values = &tables::nae_exit_codes, .valid_bitmap_bit = 114},
    {.offset = 0x0398, .size =    8, .name = "sw_exit_info_1",   .meaning = "in: event specific; out: [31:0] result (ghcb_result_codes), [63:32] reserved", .since = level::es, .bits = ghcb_sw_exit_info_1_bits, .valid_bitmap_bit = 115},
    {.offset = 0x03a0, .size =    8, .name = "sw_exit_info_2",   .meaning = "in: event specific; out: event specific, error sub-code or event_injection", .since = level::es, .valid_bitmap_bit = 116},
    {.offset = 0x03a8, .size =    8, .name = "sw_scratch",       .meaning = "guest physical address of the scratch area (inside shared_buffer or elsewhere shared)", .since = level::es, .valid_bitmap_bit = 117},
    {.offset = 0x03b0, .size =   56, .name = "reserved_3b0",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x03e8, .size =    8, .name = "xcr0",             .meaning = "XCR0 (CPUID 0xD)", .since = level::es, .valid_bitmap_bit = 125},
    {.offset = 0x03f0, .size =   16, .name = "valid_bitmap",     .meaning = "bit i set = qword at offset i*8 carries valid data (i = 0..125)", .since = level::es, .type = field_type::bytes},
    {.offset = 0x0400, .size =    8, .name = "x87_state_gpa",    .meaning = "guest physical address of x87 state", .since = level::es},
    {.offset = 0x0408, .size = 1016, .name = "reserved_408",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0800, .size = 2032, .name = "shared_buffer",    .meaning = "shared buffer (0x800..0xFEF)", .since = level::es, .type = field_type::bytes},
    {.offset = 0x0ff0, .size =   10, .name = "reserved_ff0",     .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0ffa, .size =    2, .name = "protocol_version", .meaning = "negotiated GHCB version (1 or 2)", .since = level::es},
    {.offset = 0x0ffc, .size =    4, .name = "ghcb_usage",       .meaning = "0 = standard layout of this page", .since = level::es},
};
inline constexpr structure_info ghcb{
    .name = "ghcb",
    .id = "LAY-GHCB",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB (56421) 2.0 Table 3",
    .description = "Guest-Hypervisor Communication Block, shared (C=0) page. valid_bitmap bit index of a field = offset/8.",
    .fields = ghcb_fields,
};
inline constexpr field_info ghcb_sw_exit_info_1_fields[] = {
    {.offset = 0, .size = 8, .name = "sw_exit_info_1", .meaning = "in: event specific; out: [31:0] result (ghcb_result_codes), [63:32] reserved", .since = level::es, .bits = ghcb_sw_exit_info_1_bits},
};
inline constexpr structure_info ghcb_sw_exit_info_1{
    .name = "ghcb.sw_exit_info_1",
    .id = "LAY-GHCB",
    .size = 8,
    .alignment = 1,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB (56421) 2.0 Table 3",
    .description = "in: event specific; out: [31:0] result (ghcb_result_codes), [63:32] reserved.",
    .fields = ghcb_sw_exit_info_1_fields,
};

}  // namespace descriptions

/// `sw_exit_info_1` of `ghcb`: in: event specific; out: [31:0] result (ghcb_result_codes), [63:32] reserved.
struct ghcb_sw_exit_info_1 {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 31:0: Event specific / result code.
  [[nodiscard]] constexpr auto low() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 0); }
  constexpr auto set_low(std::uint32_t value) & -> ghcb_sw_exit_info_1& { return put(*this, 31, 0, value); }
  [[nodiscard]] constexpr auto set_low(std::uint32_t value) && -> ghcb_sw_exit_info_1 { return put(*this, 31, 0, value); }
  /// Bits 63:32: Event specific / reserved.
  [[nodiscard]] constexpr auto high() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_high(std::uint32_t value) & -> ghcb_sw_exit_info_1& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_high(std::uint32_t value) && -> ghcb_sw_exit_info_1 { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const ghcb_sw_exit_info_1&, const ghcb_sw_exit_info_1&) -> bool = default;
  friend constexpr auto describe(const ghcb_sw_exit_info_1*) noexcept -> const structure_info& {
    return descriptions::ghcb_sw_exit_info_1;
  }
};

/// Guest-Hypervisor Communication Block, shared (C=0) page. valid_bitmap bit index of a field = offset/8.   GHCB
/// (56421) 2.0 Table 3
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_ghcb : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ghcb(const basic_ghcb<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ghcb(basic_ghcb<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 0CBh: CPL.
  [[nodiscard]] constexpr auto cpl() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x0cb>(*this); }
  constexpr void set_cpl(std::uint8_t value) noexcept { store<0x0cb>(*this, value); }
  /// 140h: XSS (CPUID 0xD).
  [[nodiscard]] constexpr auto xss() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x140>(*this); }
  constexpr void set_xss(std::uint64_t value) noexcept { store<0x140>(*this, value); }
  /// 160h: DR7 (not read by the hypervisor; kept for the handler).
  [[nodiscard]] constexpr auto dr7() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x160>(*this); }
  constexpr void set_dr7(std::uint64_t value) noexcept { store<0x160>(*this, value); }
  /// 178h: RIP. (medium confidence)
  [[nodiscard]] constexpr auto rip() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x178>(*this); }
  constexpr void set_rip(std::uint64_t value) noexcept { store<0x178>(*this, value); }
  /// 1D8h: RSP. (medium confidence)
  [[nodiscard]] constexpr auto rsp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1d8>(*this); }
  constexpr void set_rsp(std::uint64_t value) noexcept { store<0x1d8>(*this, value); }
  /// 1F8h: RAX.
  [[nodiscard]] constexpr auto rax() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1f8>(*this); }
  constexpr void set_rax(std::uint64_t value) noexcept { store<0x1f8>(*this, value); }
  /// 308h: RCX.
  [[nodiscard]] constexpr auto rcx() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x308>(*this); }
  constexpr void set_rcx(std::uint64_t value) noexcept { store<0x308>(*this, value); }
  /// 310h: RDX.
  [[nodiscard]] constexpr auto rdx() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x310>(*this); }
  constexpr void set_rdx(std::uint64_t value) noexcept { store<0x310>(*this, value); }
  /// 318h: RBX.
  [[nodiscard]] constexpr auto rbx() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x318>(*this); }
  constexpr void set_rbx(std::uint64_t value) noexcept { store<0x318>(*this, value); }
  /// 328h: RBP.
  [[nodiscard]] constexpr auto rbp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x328>(*this); }
  constexpr void set_rbp(std::uint64_t value) noexcept { store<0x328>(*this, value); }
  /// 330h: RSI.
  [[nodiscard]] constexpr auto rsi() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x330>(*this); }
  constexpr void set_rsi(std::uint64_t value) noexcept { store<0x330>(*this, value); }
  /// 338h: RDI.
  [[nodiscard]] constexpr auto rdi() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x338>(*this); }
  constexpr void set_rdi(std::uint64_t value) noexcept { store<0x338>(*this, value); }
  /// 340h: R8.
  [[nodiscard]] constexpr auto r8() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x340>(*this); }
  constexpr void set_r8(std::uint64_t value) noexcept { store<0x340>(*this, value); }
  /// 348h: R9.
  [[nodiscard]] constexpr auto r9() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x348>(*this); }
  constexpr void set_r9(std::uint64_t value) noexcept { store<0x348>(*this, value); }
  /// 350h: R10.
  [[nodiscard]] constexpr auto r10() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x350>(*this); }
  constexpr void set_r10(std::uint64_t value) noexcept { store<0x350>(*this, value); }
  /// 358h: R11.
  [[nodiscard]] constexpr auto r11() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x358>(*this); }
  constexpr void set_r11(std::uint64_t value) noexcept { store<0x358>(*this, value); }
  /// 360h: R12.
  [[nodiscard]] constexpr auto r12() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x360>(*this); }
  constexpr void set_r12(std::uint64_t value) noexcept { store<0x360>(*this, value); }
  /// 368h: R13.
  [[nodiscard]] constexpr auto r13() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x368>(*this); }
  constexpr void set_r13(std::uint64_t value) noexcept { store<0x368>(*this, value); }
  /// 370h: R14.
  [[nodiscard]] constexpr auto r14() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x370>(*this); }
  constexpr void set_r14(std::uint64_t value) noexcept { store<0x370>(*this, value); }
  /// 378h: R15.
  [[nodiscard]] constexpr auto r15() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x378>(*this); }
  constexpr void set_r15(std::uint64_t value) noexcept { store<0x378>(*this, value); }
  /// 390h: Exit code (see nae_exit_codes).
  [[nodiscard]] constexpr auto sw_exit_code() const noexcept -> nae_exit_codes {
    return static_cast<nae_exit_codes>(load<std::uint64_t, 0x390>(*this));
  }
  constexpr void set_sw_exit_code(nae_exit_codes value) { store_code<std::uint64_t, 0x390>(*this, value); }
  /// 398h: in: event specific; out: [31:0] result (ghcb_result_codes), [63:32] reserved.
  [[nodiscard]] constexpr auto sw_exit_info_1() const noexcept -> ghcb_sw_exit_info_1 {
    return load<ghcb_sw_exit_info_1, 0x398>(*this);
  }
  constexpr void set_sw_exit_info_1(ghcb_sw_exit_info_1 value) noexcept { store<0x398>(*this, value); }
  /// 3A0h: in: event specific; out: event specific, error sub-code or event_injection.
  [[nodiscard]] constexpr auto sw_exit_info_2() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x3a0>(*this);
  }
  constexpr void set_sw_exit_info_2(std::uint64_t value) noexcept { store<0x3a0>(*this, value); }
  /// 3A8h: Guest physical address of the scratch area (inside shared_buffer or elsewhere shared).
  [[nodiscard]] constexpr auto sw_scratch() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x3a8>(*this);
  }
  constexpr void set_sw_scratch(std::uint64_t value) noexcept { store<0x3a8>(*this, value); }
  /// 3E8h: XCR0 (CPUID 0xD).
  [[nodiscard]] constexpr auto xcr0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x3e8>(*this); }
  constexpr void set_xcr0(std::uint64_t value) noexcept { store<0x3e8>(*this, value); }
  /// 3F0h: Bit i set = qword at offset i*8 carries valid data (i = 0..125).
  [[nodiscard]] constexpr auto valid_bitmap() noexcept { return bytes_at<0x3f0, 16>(*this); }
  [[nodiscard]] constexpr auto valid_bitmap() const noexcept { return bytes_at<0x3f0, 16>(*this); }
  constexpr void set_valid_bitmap(std::span<const std::uint8_t, 16> value) noexcept {
    store_bytes<0x3f0>(*this, value);
  }
  /// 400h: Guest physical address of x87 state.
  [[nodiscard]] constexpr auto x87_state_gpa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x400>(*this);
  }
  constexpr void set_x87_state_gpa(std::uint64_t value) noexcept { store<0x400>(*this, value); }
  /// 800h: Shared buffer (0x800..0xFEF).
  [[nodiscard]] constexpr auto shared_buffer() noexcept { return bytes_at<0x800, 2032>(*this); }
  [[nodiscard]] constexpr auto shared_buffer() const noexcept { return bytes_at<0x800, 2032>(*this); }
  constexpr void set_shared_buffer(std::span<const std::uint8_t, 2032> value) noexcept {
    store_bytes<0x800>(*this, value);
  }
  /// FFAh: Negotiated GHCB version (1 or 2).
  [[nodiscard]] constexpr auto protocol_version() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0xffa>(*this);
  }
  constexpr void set_protocol_version(std::uint16_t value) noexcept { store<0xffa>(*this, value); }
  /// FFCh: 0 = standard layout of this page.
  [[nodiscard]] constexpr auto ghcb_usage() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0xffc>(*this);
  }
  constexpr void set_ghcb_usage(std::uint32_t value) noexcept { store<0xffc>(*this, value); }

  friend constexpr auto describe(const basic_ghcb*) noexcept -> const structure_info& { return descriptions::ghcb; }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_ghcb<A>& a, const basic_ghcb<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using ghcb = basic_ghcb<owned<4096>>;
/// Over bytes that lie elsewhere.
using ghcb_view = basic_ghcb<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using ghcb_const_view = basic_ghcb<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
