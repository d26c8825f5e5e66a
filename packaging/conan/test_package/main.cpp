// SPDX-License-Identifier: MIT
#include <sevspec/version.hpp>

int main() { return sevspec::version == sevspec::version_number{} ? 1 : 0; }
