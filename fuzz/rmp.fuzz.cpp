// SPDX-License-Identifier: MIT
// Twelve bytes are one step on a machine with a Reverse Map Table; the library and a naive twin answer it.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include <sevspec/verify/rmp_compare.hpp>
#include <sevspec/verify/rmp_describe.hpp>
#include <sevspec/verify/rmp_reference.hpp>
#include <support/slow_rmp.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify;

/// Few pages and few gPAs, so that steps meet; two bits turn any address into another one.
auto step_of(std::span<const std::uint8_t, 12> in) -> rmp_step {
  constexpr std::array<std::uint64_t, 8> pages{0x200, 0x201, 0x202, 0x205, 0x3ff, 0x400, 0x401, 0x7ff};
  constexpr std::array<std::uint32_t, 8> asids{5, 5, 6, 0, 1006, 1007, 0x3ff, 5};
  constexpr std::array sizes{page_size::k4k, page_size::k2m, page_size::k1g, page_size::k4k};
  const std::uint64_t bits = in[8] | std::uint64_t{in[9]} << 8;
  rmp_step step;
  step.what = static_cast<rmp_operation>(in[0] % 11);
  step.spa = pages[in[1] % 8] << 12;
  step.gpa = 0x4000'0000 + (pages[in[2] % 8] << 12);
  if ((in[1] & 0x80) != 0) step.spa ^= std::uint64_t{1} << (in[10] % 64);
  if ((in[2] & 0x80) != 0) step.gpa ^= std::uint64_t{1} << (in[11] % 64);
  if ((in[2] & 0x40) != 0) step.gpa = 0;
  step.asid = asids[in[3] % 8];
  step.size = sizes[in[4] % 2];
  step.leaf = sizes[in[4] / 2 % 4];
  step.assigned = (bits & 1) != 0;
  step.immutable = (bits & 2) != 0;
  step.validate = (bits & 4) != 0;
  step.snp = (bits & 8) == 0;
  step.c = (bits & 16) == 0;
  step.cpl = (bits & 0x60) == 0x60 ? 3 : 0;
  step.caller_asid = (bits & 0xf00) == 0xf00 ? 7 : 0;
  step.vmpl = in[5] % 4;
  step.target_vmpl = in[5] / 4 % 8;
  step.by = static_cast<rmp_agent>(in[6] % 3);
  step.kind = static_cast<rmp_access>(in[6] / 3 % 6);
  step.attributes = in[5] / 4 % 8 | std::uint64_t{in[7]} << 8 | (bits & 0x80) << 9;
  step.pages = in[7];
  return step;
}

[[noreturn]] void differ(const rmp_step& step, const rmp_answer& library, const rmp_answer& twin) {
  std::fprintf(stderr, "%s\nlibrary: %s\ntwin:    %s\n", describe(step).c_str(), describe(library).c_str(),
               describe(twin).c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const rmp_setup setup{.memory = 8U << 20};
  auto library = rmp_reference<>::make(setup);
  if (!library) std::abort();
  test::slow_rmp twin(setup);
  unsigned steps = 0;
  for (std::span in(data, size); in.size() >= 12 && steps < 64; in = in.subspan(12), ++steps) {
    const rmp_step step = step_of(in.first<12>());
    if (step.by == rmp_agent::guest && step.asid == 0) continue;  // no guest has ASID 0
    const rmp_answer a = library->run(step);
    const rmp_answer b = twin.run(step);
    if (!same_answer(step, a, b)) differ(step, a, b);
    const rmp_step show{.what = rmp_operation::entry, .spa = step.spa};
    const rmp_answer c = library->run(show);
    const rmp_answer d = twin.run(show);
    if (!same_answer(show, c, d)) differ(show, c, d);
  }
  return 0;
}
