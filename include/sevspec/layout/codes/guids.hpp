// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_GUIDS_HPP
#define SEVSPEC_LAYOUT_CODES_GUIDS_HPP

// GUIDs of certificate tables and SVSM services.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/guid.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// GUIDs, in the order of their text.   GHCB 4.1.8.1; SVSM 7
namespace guids {
/// 63da758d-e664-4564-adc5-f4b93be8accd: VCEK certificate.
inline constexpr guid vcek{{0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}};
/// a8074bc2-a25a-483e-aae6-39c045a0b8a1: VLEK certificate.
inline constexpr guid vlek{{0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1}};
/// 4ab7b379-bbac-4fe4-a02f-05aef327c782: ASK/ASVK certificate.
inline constexpr guid ask{{0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82}};
/// c0b406a4-a803-4952-9743-3fb6014cd0ae: ARK certificate.
inline constexpr guid ark{{0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae}};
/// 92f81bc3-5811-4d3d-97ff-d19f88dc67ea: Certificate revocation list.
inline constexpr guid crl{{0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67, 0xea}};
/// 00000000-0000-0000-0000-000000000000: End of the table.
inline constexpr guid table_end{{0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}};
/// 63849ebb-3d92-4670-a1ff-58f9c94b87bb: Services manifest.
inline constexpr guid svsm_services_manifest{{0x63, 0x84, 0x9e, 0xbb, 0x3d, 0x92, 0x46, 0x70, 0xa1, 0xff, 0x58, 0xf9, 0xc9, 0x4b, 0x87, 0xbb}};
/// c476f1eb-0123-45a5-9641-b4e7dde5bfe3: vTPM service.
inline constexpr guid svsm_vtpm_service{{0xc4, 0x76, 0xf1, 0xeb, 0x01, 0x23, 0x45, 0xa5, 0x96, 0x41, 0xb4, 0xe7, 0xdd, 0xe5, 0xbf, 0xe3}};
/// a4453a59-9e1b-4787-a033-1986d6adbe55: UEFI MM service (coconut).
inline constexpr guid svsm_uefi_mm_service{{0xa4, 0x45, 0x3a, 0x59, 0x9e, 0x1b, 0x47, 0x87, 0xa0, 0x33, 0x19, 0x86, 0xd6, 0xad, 0xbe, 0x55}};
}  // namespace guids

namespace tables {

inline constexpr constant_info guids_entries[] = {
    {"VCEK",                   0x0, "63da758d-e664-4564-adc5-f4b93be8accd", "VCEK certificate"},
    {"VLEK",                   0x0, "a8074bc2-a25a-483e-aae6-39c045a0b8a1", "VLEK certificate"},
    {"ASK",                    0x0, "4ab7b379-bbac-4fe4-a02f-05aef327c782", "ASK/ASVK certificate"},
    {"ARK",                    0x0, "c0b406a4-a803-4952-9743-3fb6014cd0ae", "ARK certificate"},
    {"CRL",                    0x0, "92f81bc3-5811-4d3d-97ff-d19f88dc67ea", "certificate revocation list"},
    {"TABLE_END",              0x0, "00000000-0000-0000-0000-000000000000", "end of the table"},
    {"SVSM_SERVICES_MANIFEST", 0x0, "63849ebb-3d92-4670-a1ff-58f9c94b87bb", "services manifest"},
    {"SVSM_VTPM_SERVICE",      0x0, "c476f1eb-0123-45a5-9641-b4e7dde5bfe3", "vTPM service"},
    {"SVSM_UEFI_MM_SERVICE",   0x0, "a4453a59-9e1b-4787-a033-1986d6adbe55", "UEFI MM service (coconut)"},
};
inline constexpr constant_table guids{"guids", "CON-GUIDS", confidence::high,
    "GHCB 4.1.8.1; SVSM 7", guids_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
