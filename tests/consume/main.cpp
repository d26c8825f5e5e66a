// SPDX-License-Identifier: MIT
// What every consumer builds: a program that knows nothing but the public include path.
#if __has_include(<sevspec/sevspec.hpp>)
#include <sevspec/sevspec.hpp>
#else
#include <sevspec/version.hpp>
#endif

int main() { return sevspec::version == sevspec::version_number{0, 1, 0} ? 0 : 1; }
