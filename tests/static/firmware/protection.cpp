// SPDX-License-Identifier: MIT
// What the firmware's cryptography computes from constants alone.
#include <array>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/derived_key.hpp>
#include <sevspec/firmware/guest_image/kernel_hashes.hpp>
#include <sevspec/firmware/guest_image/vcpu_types.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/snp_swap.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::firmware;

// PAGE_INFO
constexpr launch_page measured{
    .type = snp_page_type::vmsa_,
    .where = kvm_vmsa_gpa,
    .imi = true,
    .allowed = {layout::vmpl_permissions{1}, layout::vmpl_permissions{2}, layout::vmpl_permissions{3}}};
constexpr auto info = page_info_of({7}, measured, {8});
static_assert(info.bytes().size() == 0x70);
static_assert(info.bytes()[0x00] == 7 && info.bytes()[0x30] == 8);
static_assert(info.bytes()[0x60] == 0x70 && info.bytes()[0x61] == 0);
static_assert(info.bytes()[0x62] == 2 && info.bytes()[0x63] == 1 && info.bytes()[0x64] == 0);
static_assert(info.bytes()[0x65] == 1 && info.bytes()[0x66] == 2 && info.bytes()[0x67] == 3);
static_assert(info.gpa() == 0xFFFF'FFFF'F000);

// Types of pages
static_assert(measures_contents(snp_page_type::normal) && measures_contents(snp_page_type::vmsa_));
static_assert(!measures_contents(snp_page_type::zero) && !measures_contents(snp_page_type::unmeasured));
static_assert(!measures_contents(snp_page_type::secrets) && !measures_contents(snp_page_type::cpuid));

// Structures and keys have the sizes of the manuals.
static_assert(layout::size_of<layout::sev_session> == 128 && layout::size_of<layout::sev_packet_header> == 52);
static_assert(layout::size_of<layout::sev_cert> == 0x824 && layout::size_of<layout::sev_ec_pub_key> == 0x404);
static_assert(sizeof(sev_key) == 16 && sizeof(message_key) == 32 && sizeof(offline_key) == 32);
static_assert(sizeof(crypto::p384_field) == 72 && sizeof(crypto::p384_public_key) == 144);
static_assert(message_header_bytes == 0x60 && message_covered_first == 0x30);
static_assert(sizeof(derived_key_mix) == 0xA8 && sizeof(kernel_hash_table) == 176);

// IVs count little endian.
static_assert(iv_of(0x0102) == std::array<std::uint8_t, 12>{2, 1});
static_assert(request_sequence(0) == 1 && response_sequence(1) == 2 && count_after_response(0) == 2);

// Tables and types
constexpr auto table = table_of({});
static_assert(table[0] == 0x06 && table[16] == 168 && table[17] == 0 && table[34] == 50 && table[168] == 0);
static_assert(signature_of_type("EPYC-v4") == 0x80'0F12U && !signature_of_type("EPYC-v9"));
static_assert(may_certify(key_usage::pek, key_usage::pdh) && !may_certify(key_usage::pdh, key_usage::pek));
static_assert(!hash_of(key_algorithm::ecdh_sha256));

// Values are regular; sources are whatever fills bytes.
static_assert(std::regular<launch_digests> && std::regular<launch_page> && std::regular<transport_keys>);
static_assert(std::regular<session_keys> && std::regular<derived_key_inputs> && std::regular<message_info>);
static_assert(std::regular<crypto::sha384> && std::regular<crypto::sha256> && std::regular<crypto::repeatable_random>);
static_assert(crypto::random_source<crypto::repeatable_random> && crypto::random_source<const crypto::system_random>);
static_assert(!crypto::random_source<int>);

}  // namespace
