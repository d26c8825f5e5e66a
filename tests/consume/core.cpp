// SPDX-License-Identifier: MIT
// A consumer of sevspec::core alone.
#include <sevspec/version.hpp>

int main() { return sevspec::version == sevspec::version_number{0, 1, 0} ? 0 : 1; }
