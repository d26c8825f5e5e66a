// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SEVSPEC_HPP
#define SEVSPEC_SEVSPEC_HPP

/// @file
/// The whole library except `verify/`.

#include <sevspec/core.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/linear_tweak.hpp>
#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/page_capture.hpp>
#include <sevspec/memory/sparse_memory.hpp>

#endif
