// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/formats.hpp>
#include <support/recorder.hpp>

#include <sevspec/memory/modification_log.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using memory::logging_memory;
using memory::modification_log;

constexpr std::uint64_t pml = paging::np_control::pml::mask;
constexpr std::uint64_t log_at = 0x0900'0000;

/// A guest with page-modification logging and the slots of a log around `index`.
struct logged_guest : guest_of_format {
  modification_log log{.base = {log_at}};

  explicit logged_guest(std::uint64_t index = 511, two_formats form = {.guest = 4}) : guest_of_format(form) {
    state.np_control |= pml;
    log.index = index;
    for (std::uint64_t i = index < 2 ? 0 : index - 2; i <= index && i < 512; ++i) memory.put(log_at + 8 * i, 0xdead);
  }
  template <class Context>
  auto run(Context& ctx, const memory_access& why) -> outcome<paging::guest_translation> {
    logging_memory logging(memory, log);
    return guest_of_format::run(ctx, logging, why);
  }
  auto run(const memory_access& why) -> outcome<paging::guest_translation> {
    context<> ctx{.choices = choices};
    return run(ctx, why);
  }
  auto slot(std::uint64_t index) -> std::uint64_t { return memory[log_at + 8 * index]; }
};

const fault full{fault_kind::vmexit, rule::PAG_NPT_17, 0x407, 0};

/// Memory that tells in which order things were stored.
struct ordered {
  cells& memory;
  std::vector<std::uint64_t> stores;
  [[nodiscard]] auto read_qword(spa at, memory_key key) const -> std::optional<std::uint64_t> {
    return memory.read_qword(at, key);
  }
  auto compare_exchange_qword(spa at, memory_key key, std::uint64_t expected, std::uint64_t desired) -> bool {
    stores.push_back(at.value);
    return memory.compare_exchange_qword(at, key, expected, desired);
  }
};

}  // namespace

static_assert(memory::modification_logging_memory<logging_memory<cells>>);
static_assert(!memory::modification_logging_memory<cells>);
static_assert(physical_memory<logging_memory<cells>>);

TEST_CASE("PAG-NPT-17: setting D in a nested leaf logs the gPA of its 4K page", "[memory][PAG-NPT-17]") {
  for (const unsigned nested_levels : {2U, 3U, 4U, 5U}) {
    for (const unsigned nested_leaf : {1U, 2U}) {
      INFO(nested_levels << " nested levels, leaf " << nested_leaf);
      logged_guest guest(511, {.guest = 4, .guest_leaf = 1, .nested = nested_levels, .nested_leaf = nested_leaf});
      guest.for_data(nested_leaf) &= ~dirty;
      CHECK(guest.run(user_read).has_value());  // D is not set
      CHECK(guest.log.index == 511);
      CHECK(guest.run(user_write).has_value());
      CHECK((guest.for_data(nested_leaf) & dirty) != 0);
      CHECK(guest.slot(511) == 0x0280'0000);
      CHECK(guest.log.index == 510);
      CHECK(guest.run(user_write).has_value());  // D is set already
      CHECK(guest.log.index == 510);
      CHECK(guest.slot(510) == 0xdead);
    }
  }
}

TEST_CASE("PAG-NPT-17: pages of guest tables are logged, too, in the order of the walk", "[memory][PAG-NPT-17]") {
  logged_guest guest(2);
  for (const unsigned level : {3U, 1U}) guest.for_table(level, 1) &= ~dirty;
  guest.for_data(1) &= ~dirty;
  CHECK(guest.run(user_write).has_value());
  CHECK(guest.slot(2) == 0x11000);
  CHECK(guest.slot(1) == 0x13000);
  CHECK(guest.slot(0) == 0x0280'0000);
  // The last slot is used, and then the log is full.
  CHECK(guest.log.index == ~std::uint64_t{0});
  guest.for_data(1) &= ~dirty;
  CHECK(fault_of(guest.run(user_write)) == full);
  CHECK((guest.for_data(1) & dirty) == 0);
  CHECK_FALSE(fault_of(guest.run(user_read)));
  CHECK(guest.slot(0) == 0x0280'0000);
}

TEST_CASE("PAG-NPT-17: an index outside 0 to 1FFh is a full log", "[memory][PAG-NPT-17]") {
  for (const std::uint64_t index :
       {std::uint64_t{512}, std::uint64_t{513}, bit_at(16), bit_at(32) | 3, ~std::uint64_t{0}}) {
    INFO(hex(index));
    logged_guest guest(511);
    guest.log.index = index;
    guest.memory.put(log_at + 8 * index, 0xdead);  // there would be memory
    guest.for_data(1) &= ~(dirty | accessed);
    const cells before = guest.memory;
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    CHECK(fault_of(guest.run(ctx, user_write)) == full);
    CHECK(guest.memory == before);  // neither the log nor A nor D
    CHECK(guest.log.index == index);
    CHECK(heard.finals.empty());
    // What needs no D bit needs no log.
    CHECK(guest.run(user_read).has_value());
  }
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{511}}) {
    logged_guest guest(index);
    guest.for_data(1) &= ~dirty;
    CHECK(guest.run(user_write).has_value());
    CHECK(guest.log.index == index - 1);
  }
  CHECK(vector_of(fault_kind::vmexit) == 0);
}

TEST_CASE("PAG-NPT-17: the log is written before the D bit", "[memory][PAG-NPT-17]") {
  logged_guest guest;
  guest.for_data(1) &= ~dirty;
  ordered memory{guest.memory, {}};
  logging_memory logging(memory, guest.log);
  context<> ctx;
  CHECK(guest.guest_of_format::run(ctx, logging, user_write).has_value());
  const std::uint64_t leaf = guest.nested.slot(guest.memory, guest.final_gpa.value, 1);
  CHECK(memory.stores == std::vector<std::uint64_t>{log_at + 8 * 511, leaf});
}

TEST_CASE("PAG-NPT-17: what is not logged", "[memory][PAG-NPT-17]") {
  // An access that the nested tables forbid.
  logged_guest denied;
  denied.for_data(1) &= ~(dirty | writable);
  CHECK(fault_of(denied.run(user_write)) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0007, denied.final_gpa.value));
  CHECK(denied.log.index == 511);
  // A bits, and D bits of the guest's own tables.
  logged_guest own;
  own.for_data(1) &= ~accessed;
  own.in_guest(1) &= ~(accessed | dirty);
  CHECK(own.run(user_write).has_value());
  CHECK(own.log.index == 511);
  // A guest without the control, or a part without the feature.
  logged_guest off;
  off.state.np_control &= ~pml;
  off.for_data(1) &= ~dirty;
  CHECK(off.run(user_write).has_value());
  CHECK(off.log.index == 511);
  off.state.np_control |= pml;
  off.part.pml = false;
  off.for_data(1) &= ~dirty;
  CHECK(off.run(user_write).has_value());
  CHECK(off.log.index == 511);
}

TEST_CASE("PAG-NPT-17: the log's place", "[memory][PAG-NPT-17]") {
  // Bits 11:0 of the base do not count; a C-bit means the host's key.
  struct keyed : cells {
    memory_key last{};
    constexpr auto compare_exchange_qword(spa at, memory_key key, std::uint64_t expected, std::uint64_t desired)
        -> bool {
      last = key;
      return cells::compare_exchange_qword(at, key, expected, desired);
    }
  };
  keyed memory;
  memory.put(log_at + 8 * 7, 1);
  modification_log log{.base = {log_at + 0xfff}, .key = memory_key::host(), .index = 7};
  logging_memory logging(memory, log);
  CHECK(logging.log_modification({0x1234'5000}));
  CHECK(memory[log_at + 8 * 7] == 0x1234'5000);
  CHECK(memory.last == memory_key::host());
  CHECK(log.index == 6);
  // No memory there: not logged.
  CHECK_FALSE(logging.log_modification({0x1234'5000}));
  CHECK(log.index == 6);
  CHECK(logging.read_qword({log_at + 8 * 7}, memory_key::none()) == 0x1234'5000);
  CHECK(log == modification_log{.base = {log_at + 0xfff}, .key = memory_key::host(), .index = 6});
}

TEST_CASE("PAG-NPT-17: a walk that changes nothing logs nothing", "[memory][PAG-NPT-17]") {
  logged_guest guest(1000);
  context<> ctx;
  read_only unwritten(guest.memory);
  CHECK(guest.guest_of_format::run(ctx, unwritten, user_write).has_value());
  guest.for_data(1) &= ~dirty;
  CHECK(guest.guest_of_format::run(ctx, unwritten, user_write).has_value());  // no D is set: nothing to be logged
}
