// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_IMAGE_VCPU_TYPES_HPP
#define SEVSPEC_FIRMWARE_GUEST_IMAGE_VCPU_TYPES_HPP

#include <cstdint>
#include <optional>
#include <string_view>

#include <sevspec/layout/processor_signature.hpp>

/// The processor types that QEMU offers to guests: a launch measurement covers their signature.   FW-LD-27
namespace sevspec::inline v0::firmware {

/// A type, as QEMU's option names it.
struct vcpu_type {
  const char* name;
  layout::processor_identity identity;
};

// clang-format off
/// QEMU's types of EPYC. The versions of a type differ in features, not in their signature.
inline constexpr vcpu_type vcpu_types[] = {
    {"EPYC",          {23, 1, 2}},  {"EPYC-v1",       {23, 1, 2}},  {"EPYC-v2",       {23, 1, 2}},
    {"EPYC-v3",       {23, 1, 2}},  {"EPYC-v4",       {23, 1, 2}},  {"EPYC-v5",       {23, 1, 2}},
    {"EPYC-IBPB",     {23, 1, 2}},
    {"EPYC-Rome",     {23, 49, 0}}, {"EPYC-Rome-v1",  {23, 49, 0}}, {"EPYC-Rome-v2",  {23, 49, 0}},
    {"EPYC-Rome-v3",  {23, 49, 0}}, {"EPYC-Rome-v4",  {23, 49, 0}}, {"EPYC-Rome-v5",  {23, 49, 0}},
    {"EPYC-Milan",    {25, 1, 1}},  {"EPYC-Milan-v1", {25, 1, 1}},  {"EPYC-Milan-v2", {25, 1, 1}},
    {"EPYC-Milan-v3", {25, 1, 1}},
    {"EPYC-Genoa",    {25, 17, 0}}, {"EPYC-Genoa-v1", {25, 17, 0}}, {"EPYC-Genoa-v2", {25, 17, 0}},
    {"EPYC-Turin",    {26, 0, 0}},  {"EPYC-Turin-v1", {26, 0, 0}},
};
// clang-format on

/// CPUID Fn0000_0001 EAX of a type.   FW-LD-27
/// @return nothing if there is no such type
[[nodiscard]] constexpr auto signature_of_type(std::string_view name) -> std::optional<std::uint32_t> {
  for (const vcpu_type& one : vcpu_types)
    if (name == one.name) return layout::signature_of_identity(one.identity);
  return std::nullopt;
}

}  // namespace sevspec::inline v0::firmware

#endif
