// SPDX-License-Identifier: MIT
// What a consumer of sevspec::statistics builds.
#include <sevspec/statistics/mann_whitney.hpp>

int main() { return sevspec::statistics::exact_p(0, 1, 1) == 1 ? 0 : 1; }
