// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_L2_ADDRESS_HPP
#define SEVSPEC_PAGING_L2_ADDRESS_HPP

#include <sevspec/base/address.hpp>

/// Nested virtualization: L0 is the real hypervisor, L1 a guest that is a hypervisor itself, L2 a guest of L1. Three
/// tables take part, and hardware walks none of the first two for L2:
///
///     nPT12 | L1's nested tables, in L1's memory | L2 gPA -> L1 gPA
///     nPT01 | L0's nested tables for L1          | L1 gPA -> sPA
///     nPT02 | the shadow that L0 builds of both  | L2 gPA -> sPA
namespace sevspec::inline v0::paging {

struct l2_virtual {};   ///< linear addresses in L2, translated by L2's own tables (gPT2)
struct l2_physical {};  ///< what gPT2 contains; translated by nPT12 and, in hardware, by nPT02

using l2_gva = address<l2_virtual>;
using l2_gpa = address<l2_physical>;  // an L1 gPA is a `gpa`: L1 is a guest like any other

}  // namespace sevspec::inline v0::paging

#endif
