// SPDX-License-Identifier: MIT
// Uses the core the way a simulator does; no_heap.sh looks at the symbols of the object file.
#include <sevspec/version.hpp>

auto use_the_core() -> unsigned { return sevspec::version.major; }
