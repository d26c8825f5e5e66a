// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SEVSPEC_HPP
#define SEVSPEC_SEVSPEC_HPP

/// @file
/// The whole library except `verify/`.

#include <sevspec/core.hpp>
#include <sevspec/cpu/access.hpp>
#include <sevspec/cpu/reflected_exit.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/cpu/sev_registers.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/linear_tweak.hpp>
#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/firmware/address_map.hpp>
#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/firmware/page_list.hpp>
#include <sevspec/firmware/page_reclaim.hpp>
#include <sevspec/firmware/page_set_state.hpp>
#include <sevspec/firmware/page_unsmash.hpp>
#include <sevspec/firmware/status.hpp>
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
