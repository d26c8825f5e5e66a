// SPDX-License-Identifier: MIT
// Page walks against their twin (tests/support/slow_walk.hpp). The bytes say which tables, registers and access to make
// and which entries to spoil; zeros make a plain hierarchy whose walk succeeds, so nearly every input gets deep.
//
//     byte  0     bits 1:0 which walk: 0, 1 guest, 2 host, 3 gPA
//           1-4   modes, bit by bit (`mode`)
//           5     part: two generations in seven are odd ones
//           6     guest leaf (bits 1:0), nested leaf of the final gPA (3:2), A/D (5:4), ENC choice (7:6)
//           7-8   nested leaves of the guest tables, two bits each
//           9     where guest tables lie (3:0), where data lies (7:4)
//          10-14  index at each level
//          15-16  byte offset
//          17     240 and above: a hole in the address
//          18     kind (1:0), CPL (3:2)
//          19-22  PKRU
//          23-24  bytes of the reference, less one
//          25     number of edits (3:0), number of register edits (7:4, less 12)
//          26     gPA walks: a bit to flip, 64 and above none
//          27...  edits of three bytes each, then register edits of two; after them
//           0-3   modes, from bit 32
//           4     forms of the guest's tables (1:0) and the nested ones (3:2), address bits of 4M pages (5:4)
//           5     shadow-stack access instead of read (1) or write (2) (1:0), VMPL (3:2), virtual TOM (5:4)
//           6     what the VMPL may not do, of 1fh
//           7     number of changes of the Reverse Map Table (2:0), of three bytes each
//
// fuzz/make_corpus.py writes the seeds.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <property/paging/compare.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Bytes from the input, then zeros.
class cursor {
 public:
  cursor(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  auto byte() -> std::uint8_t {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  auto little_endian(unsigned count) -> std::uint32_t {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) value |= std::uint32_t{byte()} << (8 * i);
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

auto leaf_level(unsigned two_bits) -> std::uint8_t { return static_cast<std::uint8_t>(1 + (two_bits & 3) % 3); }

struct decoded {
  unsigned walk{};
  unsigned flipped_gpa_bit{};
  scenario plan{};
};

auto decode(cursor in) -> decoded {
  decoded result;
  scenario& plan = result.plan;
  result.walk = in.byte() & 3U;
  plan.modes = in.little_endian(4);
  plan.part = in.byte();
  const unsigned small = in.byte();
  plan.guest_leaf = leaf_level(small);
  plan.final_leaf = leaf_level(small >> 2);
  plan.ad = static_cast<initial_ad>(small >> 4 & 3);
  plan.enc = static_cast<enc_bit>((small >> 6) % 3);
  const unsigned leaves = in.little_endian(2);
  for (unsigned i = 0; i < 5; ++i) plan.table_leaf[i] = leaf_level(leaves >> (2 * i));
  const unsigned places = in.byte();
  plan.table_place = places & 0xf;
  plan.data_place = static_cast<std::uint8_t>(places >> 4);
  for (auto& index : plan.index) index = in.byte();
  plan.offset = static_cast<std::uint16_t>(in.little_endian(2));
  const auto hole = in.byte();
  plan.hole = hole >= 240 ? hole : 0;
  const unsigned access = in.byte();
  plan.kind = static_cast<access_kind>((access & 3) % 3);
  plan.cpl = static_cast<std::uint8_t>(access >> 2 & 3);
  plan.pkru = in.little_endian(4);
  plan.bytes = in.little_endian(2) + 1;
  const unsigned counts = in.byte();
  result.flipped_gpa_bit = in.byte();
  for (unsigned i = counts & 0xf; i > 0; --i) {
    edit change;
    change.entry = in.byte();
    change.what = static_cast<edit::kind>(in.byte() % static_cast<unsigned>(edit::kind::count_));
    change.argument = in.byte();
    plan.edits.push_back(change);
  }
  for (unsigned i = counts >> 4; i > 12; --i) {
    register_edit change;
    change.which = in.byte();
    change.bit = in.byte();
    plan.register_edits.push_back(change);
  }
  plan.modes |= std::uint64_t{in.little_endian(4)} << 32;
  const unsigned forms = in.byte();
  plan.guest_form = static_cast<table_form>(forms & 3);
  plan.host_form = static_cast<table_form>(forms >> 2 & 3);
  plan.pse36 = static_cast<pse36_width>((forms >> 4 & 3) % 3);
  const unsigned rare = in.byte();
  if ((rare & 3) == 1) plan.kind = access_kind::shadow_stack_read;
  if ((rare & 3) == 2) plan.kind = access_kind::shadow_stack_write;
  plan.level = static_cast<std::uint8_t>(rare >> 2 & 3);
  plan.tom = static_cast<std::uint8_t>(rare >> 4 & 3);
  plan.allowed = static_cast<std::uint8_t>(0x1f & ~in.byte());
  for (unsigned i = in.byte() & 7U; i > 0; --i) {
    owner_edit change;
    change.page = in.byte();
    change.what = static_cast<owner_edit::kind>(in.byte() % static_cast<unsigned>(owner_edit::kind::count_));
    change.argument = in.byte();
    plan.owner_edits.push_back(change);
  }
  return result;
}

void stop_if(const std::string& difference, const world& w, const char* walk) {
  if (difference.empty()) return;
  std::fprintf(stderr, "--- %s: the library and its twin differ\n%s--- in\n%s", walk, difference.c_str(),
               dump(w).c_str());
  std::abort();
}

/// Further facts: without write access the same answer; afterwards nothing left to set.
template <class Walk, class Result>
void check_again(const world& w, const walked<Result>& first, const slow::answer& twin, const Walk& walk,
                 const char* name) {
  if (twin.unclear) return;  // A or D that the access itself sets decides
  context<> ctx{.choices = w.choices};
  read_only view{w.memory};
  const rmp_pages owners = rmp_of(w);
  rmp::guarded_memory guarded_view(view, owners);
  const auto looked = walk(ctx, guarded_view);
  const bool same =
      looked.has_value() == first.result.has_value() && (looked.has_value() || looked.error() == first.result.error());
  stop_if(same ? "" : "a walk over read-only memory gives another result\n", w, name);
  word_memory memory = first.after;
  rmp::guarded_memory guarded(memory, owners);
  (void)walk(ctx, guarded);
  stop_if(memory == first.after ? "" : "the same walk again changes memory once more\n", w, name);
}

void run_guest(const scenario& plan) {
  const world w = make_two_stage_world(plan);
  const auto machine = machine_of(w);
  stop_if(register_difference(machine, slow::objections(w.part, w.state, w.choices)), w, "guest registers");
  if (!machine) return;
  const auto library = walk_guest(w, *machine);
  const slow::answer twin = twin_guest(w);
  stop_if(difference(library, twin), w, "guest walk");
  check_again(
      w, library, twin,
      [&](auto& ctx, auto& memory) { return paging::walk(ctx, memory, *machine, gva{w.address}, w.why); },
      "guest walk");
}

void run_host(const scenario& plan) {
  const world w = make_host_world(plan);
  const auto regime = host_regime_of(w);
  stop_if(register_difference(regime, slow::objections(w.part, w.state.guest, w.state.syscfg)), w, "host registers");
  if (!regime) return;
  const auto library = walk_host(w, *regime);
  const slow::answer twin = twin_host(w);
  stop_if(difference(library, twin), w, "host walk");
  check_again(
      w, library, twin,
      [&](auto& ctx, auto& memory) { return paging::walk(ctx, memory, *regime, hva{w.address}, w.why); }, "host walk");
}

void run_gpa(const scenario& plan, unsigned flipped) {
  const world w = make_two_stage_world(plan);
  const auto machine = machine_of(w);
  if (!machine) return;
  const u64 where = w.final_gpa ^ (flipped < 64 ? u64{1} << flipped : 0);
  const bool effective_c = plan.has(mode::guest_leaf_c);
  const auto library = walk_gpa(w, *machine, where, effective_c);
  const slow::answer twin = twin_gpa(w, where, effective_c);
  stop_if(difference(library, twin), w, "gPA walk");
  check_again(
      w, library, twin,
      [&](auto& ctx, auto& memory) {
        return paging::walk_gpa(ctx, memory, *machine, gpa{where}, w.why.kind, effective_c, w.why.is_user());
      },
      "gPA walk");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [walk, flipped, plan] = decode({data, size});
  switch (walk) {
    case 2:  run_host(plan); break;
    case 3:  run_gpa(plan, flipped); break;
    default: run_guest(plan); break;
  }
  return 0;
}
