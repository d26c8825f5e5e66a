// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SEVSPEC_HPP
#define SEVSPEC_SEVSPEC_HPP

/// @file
/// The whole library except `verify/`.

#include <sevspec/core.hpp>
#include <sevspec/cpu/access.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/cpu/sev_registers.hpp>
#include <sevspec/crypto/aes_ctr.hpp>
#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/hmac.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/crypto/linear_tweak.hpp>
#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/crypto/rsa_pss.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/firmware/derived_key.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/firmware/guest_image/guest_image.hpp>
#include <sevspec/firmware/guest_image/kernel_hashes.hpp>
#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <sevspec/firmware/guest_image/vcpu_types.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/id_block_signature.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_report.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/firmware/report_signature.hpp>
#include <sevspec/firmware/secret_table.hpp>
#include <sevspec/firmware/snp_swap.hpp>
#include <sevspec/memory/asid_activation.hpp>
#include <sevspec/memory/asid_ranges.hpp>
#include <sevspec/memory/asid_states.hpp>
#include <sevspec/memory/bounce_buffer.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/memory/io_page_table.hpp>
#include <sevspec/memory/key_table.hpp>
#include <sevspec/memory/page_capture.hpp>
#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/memory/trusted_device.hpp>
#include <sevspec/memory/vm_page_flush.hpp>
#include <sevspec/rmp/lazy_table.hpp>

#endif
