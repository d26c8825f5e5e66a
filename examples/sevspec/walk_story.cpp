// SPDX-License-Identifier: MIT
#include "walk_story.hpp"

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/paging/page_fault_code.hpp>

namespace sevspec::tool {

namespace {

[[nodiscard]] auto index_of(std::uint64_t address, unsigned level) -> unsigned {
  return static_cast<unsigned>(address >> (12 + 9 * (level - 1)) & 0x1ff);
}

/// Turns the reads of a walk back into the chains that they came from.
class narrator {
 public:
  narrator(const machine& which, walk_story& story) : which_(which), story_(story) {}

  void tell(const std::vector<table_read>& reads) {
    if (which_.levels() == 0 && which_.mode == walk_mode::host) return;
    const unsigned guest_levels = which_.mode == walk_mode::nested ? which_.levels() : 0;
    begin_row(guest_levels, which_.guest.guest.root & which_.guest.guest.base_mask);
    for (const table_read& read : reads) {
      const story_step step = describe(read);
      if (read.tables != stage::guest) {
        story_.rows.back().chain.push_back(step);
        continue;
      }
      story_.rows.back().guest_entry = step;
      const bool ends_here = &read == &reads.back() && !story_.result && story_.result.error().kind == fault_kind::pf;
      if (!ends_here) begin_row(step.leaf ? 0 : step.level - 1, step.target);
    }
  }

 private:
  /// @param table  base of the guest table, or the translated address for level 0
  void begin_row(unsigned guest_level, std::uint64_t table) {
    auto& row = story_.rows.emplace_back();
    row.guest_level = guest_level;
    if (guest_level != 0) row.address = table + 8 * index_of(story_.address, guest_level);
    else row.address = story_.rows.size() == 1 ? story_.address : table;
  }

  [[nodiscard]] auto describe(const table_read& read) -> story_step {
    const std::uint64_t address = read.tables == stage::guest ? story_.address : story_.rows.back().address;
    story_step step{.number = ++story_.reads,
                    .tables = read.tables,
                    .level = read.level,
                    .index = index_of(address, read.level),
                    .where = read.where,
                    .key = read.key,
                    .found = {read.entry}};
    step.leaf = read.level == 1 || (step.found.large() && read.level <= 3);
    step.c = (read.entry & c_mask(read.tables)) != 0;
    const std::uint64_t base = read.entry & base_mask(read.tables);
    const std::uint64_t offset = bit_range(12 + 9 * (read.level - 1) - 1, 0);
    step.target = step.leaf ? (base & ~offset) | (address & offset) : base;
    return step;
  }

  [[nodiscard]] auto c_mask(stage tables) const -> std::uint64_t {
    switch (tables) {
      case stage::host:   return which_.host.c_mask;
      case stage::guest:  return which_.guest.guest.c_mask;
      case stage::nested: return which_.guest.nested.c_mask;
    }
    return 0;
  }
  [[nodiscard]] auto base_mask(stage tables) const -> std::uint64_t {
    switch (tables) {
      case stage::host:   return which_.host.base_mask;
      case stage::guest:  return which_.guest.guest.base_mask;
      case stage::nested: return which_.guest.nested.base_mask;
    }
    return 0;
  }

  const machine& which_;
  walk_story& story_;
};

}  // namespace

auto tell_walk(const machine& which, const memory::sparse_memory& pages, std::uint64_t address,
               const memory_access& why) -> walk_story {
  std::vector<table_read> reads;
  walk_story story;
  story.address = address;
  story.why = why;
  story.result = translate(which, pages, address, why, reads);
  const bool walked = story.result || story.result.error().kind != fault_kind::gp;
  if (walked) narrator{which, story}.tell(reads);
  return story;
}

auto decode_fault(const fault& raised) -> std::vector<code_bit> {
  if (raised.kind != fault_kind::pf && raised.kind != fault_kind::npf) return {};
  const bool nested = raised.kind == fault_kind::npf;
  const code_bit known[] = {
      {1, "W", nested ? "the nested access was a write" : "the access was a write"},
      {2, "U", nested ? "nested accesses are user accesses" : "the access came from user mode"},
      {3, "RSVD", "a must-be-zero bit was set"},
      {4, "ID", "the access was an instruction fetch"},
      {5, "PK", "the protection key denied it"},
      {6, "SS", "the access was to a shadow stack"},
      {31, "RMP", "the RMP denied it"},
      {32, "GPA", "on the address of the access itself"},
      {33, "GPT", "on the address of a guest page-table entry"},
      {34, "ENC", "the guest access was encrypted"},
      {35, "SIZEM", "page size of guest and RMP differ"},
      {36, "VMPL", "the VMPL permissions denied it"},
      {37, "SSS", "the page is no supervisor shadow stack"},
  };
  std::vector<code_bit> result;
  const bool present = (raised.code & paging::page_fault_code::p::mask) != 0;
  result.push_back({0, present ? "P" : "P=0", present ? "every entry was present" : "an entry was not present"});
  for (const code_bit& bit : known)
    if ((raised.code >> bit.bit & 1) != 0) result.push_back(bit);
  return result;
}

auto table_name(unsigned level) -> const char* {
  switch (level) {
    case 5:  return "PML5";
    case 4:  return "PML4";
    case 3:  return "PDP";
    case 2:  return "PD";
    case 1:  return "PT";
    default: return "?";
  }
}

auto size_for_people(page_size size) -> const char* {
  switch (size) {
    case page_size::k4k:       return "4 KiB";
    case page_size::k2m:       return "2 MiB";
    case page_size::k4m:       return "4 MiB";
    case page_size::k1g:       return "1 GiB";
    case page_size::unlimited: return "unlimited";
  }
  return "?";
}

auto verb_of(const memory_access& why) -> const char* {
  return why.is_write() ? "write" : why.is_fetch() ? "fetch" : "read";
}

}  // namespace sevspec::tool
