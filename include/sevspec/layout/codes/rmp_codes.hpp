// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_RMP_CODES_HPP
#define SEVSPEC_LAYOUT_CODES_RMP_CODES_HPP

// Status of the RMP instructions, and their opcodes.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// EAX of the RMP instructions: unsigned, and anything but 0 is a failure.   APM3 RMP instructions
enum class rmp_instruction_status : std::uint32_t {
  success           = 0x0,
  fail_input        = 0x1,
  fail_permission   = 0x2,
  fail_inuse        = 0x3,
  fail_overlap      = 0x4,
  fail_sizemismatch = 0x6,
};

/// Opcodes, the bytes of the instruction from left to right.   APM3
enum class instruction_opcodes : std::uint32_t {
  vmgexit   = 0xf30f01d9, ///< REP VMMCALL (F2 or F3 prefix)
  pvalidate = 0xf20f01ff,
  rmpadjust = 0xf30f01fe,
  rmpupdate = 0xf20f01fe,
  psmash    = 0xf30f01ff,
  rmpquery  = 0xf30f01fd,
  rmpread   = 0xf20f01fd,
};

namespace tables {

inline constexpr constant_info rmp_instruction_status_entries[] = {
    {"SUCCESS",           0x0, nullptr, ""},
    {"FAIL_INPUT",        0x1, nullptr, ""},
    {"FAIL_PERMISSION",   0x2, nullptr, ""},
    {"FAIL_INUSE",        0x3, nullptr, ""},
    {"FAIL_OVERLAP",      0x4, nullptr, ""},
    {"FAIL_SIZEMISMATCH", 0x6, nullptr, ""},
};
inline constexpr constant_table rmp_instruction_status{"rmp_instruction_status", "CON-RMP-INSTRUCTION-STATUS", confidence::high,
    "APM3 RMP instructions", rmp_instruction_status_entries};

inline constexpr constant_info instruction_opcodes_entries[] = {
    {"VMGEXIT",   0xf30f01d9, nullptr, "REP VMMCALL (F2 or F3 prefix)"},
    {"PVALIDATE", 0xf20f01ff, nullptr, ""},
    {"RMPADJUST", 0xf30f01fe, nullptr, ""},
    {"RMPUPDATE", 0xf20f01fe, nullptr, ""},
    {"PSMASH",    0xf30f01ff, nullptr, ""},
    {"RMPQUERY",  0xf30f01fd, nullptr, ""},
    {"RMPREAD",   0xf20f01fd, nullptr, ""},
};
inline constexpr constant_table instruction_opcodes{"instruction_opcodes", "CON-INSTRUCTION-OPCODES", confidence::high,
    "APM3", instruction_opcodes_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
