// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SEVSPEC_HPP
#define SEVSPEC_SEVSPEC_HPP

/// @file
/// The whole library except `verify/`.

#include <sevspec/core.hpp>
#include <sevspec/memory/page_capture.hpp>
#include <sevspec/memory/sparse_memory.hpp>

#endif
