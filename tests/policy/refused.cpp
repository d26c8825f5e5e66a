// SPDX-License-Identifier: MIT
// Mistakes that must not compile, each with what the compiler is to say of it. Without the macro there is none.
#include <array>
#include <cstdint>

#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/verify/rmp_adapter.hpp>

using namespace sevspec;
using namespace sevspec::verify;

struct least {
  void reset() {}
  auto rmpupdate(std::uint64_t, const std::array<std::uint8_t, 16>&) -> std::uint32_t { return 0; }
};
template <rmp_under_test T>
void use(T& table) {
  (void)rmp_adapter(table).abilities();
}
template void use(least&);

#ifdef WITH_MISTAKES
// refused: wanted: psmash(std::uint64_t rax) -> std::uint32_t
struct without_code : least {
  void psmash(std::uint64_t) {}
};
template void use(without_code&);

// refused: wanted: rmpread(std::uint64_t rax, std::array<std::uint8_t, 16>& operand) -> std::uint32_t
struct without_operand : least {
  auto rmpread(std::uint64_t) -> std::uint32_t { return 0; }
};
template void use(without_operand&);

// refused: wanted: pvalidate(const guest_call& from, std::uint32_t ecx, std::uint32_t edx) -> guest_return
struct without_flag : least {
  auto pvalidate(const guest_call&, std::uint32_t, std::uint32_t) -> std::uint32_t { return 0; }
};
template void use(without_flag&);

// refused: wanted: rmpadjust(const guest_call& from, std::uint64_t rcx, std::uint64_t rdx) -> guest_return
struct without_size : least {
  auto rmpadjust(const guest_call&, std::uint64_t) -> guest_return { return {}; }
};
template void use(without_size&);

// refused: wanted: raw_entry(std::uint64_t spa) -> std::array<std::uint64_t, 2>
struct half_an_entry : least {
  auto raw_entry(std::uint64_t) -> std::uint64_t { return 0; }
};
template void use(half_an_entry&);

// refused: wanted: static raw_mask() -> std::array<std::uint64_t, 2>
struct mask_of_an_object : least {
  auto raw_mask() -> std::array<std::uint64_t, 2> { return {}; }
};
template void use(mask_of_an_object&);

// refused: a cache that RMP instructions cannot flush would keep what they have ended
struct never_flushed {};
void flush(never_flushed& cache) { cpu::flush_stale(cache, {}); }
#endif
