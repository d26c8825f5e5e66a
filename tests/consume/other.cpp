// SPDX-License-Identifier: MIT
// The second translation unit of two_tus: a definition in a header that is not inline clashes when both are linked.
#if __has_include(<sevspec/sevspec.hpp>)
#include <sevspec/sevspec.hpp>
#else
#include <sevspec/version.hpp>
#endif

auto version_seen_elsewhere() -> const sevspec::version_number* { return &sevspec::version; }
