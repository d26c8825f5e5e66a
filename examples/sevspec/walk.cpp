// SPDX-License-Identifier: MIT
// sevspec walk: translates addresses over captured page tables, or checks the library against vectors.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/fault.hpp>
#include <sevspec/base/page_size.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "machine.hpp"
#include "vectors.hpp"
#include "walk_picture.hpp"

namespace sevspec::tool {

namespace {

struct walk_command {
  std::vector<std::string> page_files;
  machine_options registers;
  std::string access_letter = "r";
  std::uint64_t level = 0;
  std::string picture_file;
  std::string address_file;
  std::vector<std::string> address_words;
  std::string vector_file;
};

/// A memory of the pages given may be incomplete; the walk then has no answer. So many are reported one by one.
constexpr std::size_t missing_shown = 20;

[[nodiscard]] auto addresses_of(const walk_command& command) -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> addresses;
  if (!command.address_file.empty()) {
    if (!command.address_words.empty()) throw input_error("--addresses", "excludes addresses as arguments");
    addresses = read_first_column(command.address_file);
    if (addresses.empty()) throw input_error(command.address_file, "holds no address");
    return addresses;
  }
  for (const std::string& word : command.address_words) {
    const auto number = parse_number(word);
    if (!number) throw input_error(fmt::format("address '{}'", word), number.error());
    addresses.push_back(*number);
  }
  if (addresses.empty()) throw input_error("walk", "no address given, neither as an argument nor with --addresses");
  return addresses;
}

[[nodiscard]] auto access_of(const walk_command& command) -> memory_access {
  memory_access why;
  if (command.access_letter == "w") why.kind = access_kind::write;
  if (command.access_letter == "x") why.kind = access_kind::execute;
  why.level = command.level == 3 ? user_mode : kernel_mode;
  return why;
}

void print_row(std::uint64_t address, const outcome<translation>& result) {
  if (!result) {
    const fault& raised = result.error();
    fmt::print("{:#x},{},,,,,,,,,,{:#x}\n", address, name_of(raised.kind), raised.code);
    return;
  }
  const char* const leaf = result->size == page_size::unlimited ? "" : name_of(result->size);
  fmt::print("{:#x},ok,{:#x},{},{:d},{:d},{:d},{:d},{:d},{:d},{:d}\n", address, result->where.value, leaf,
             result->writable, result->user, result->no_execute, result->leaf.global(), result->leaf.accessed(),
             result->leaf.dirty(), result->is_private);
}

[[nodiscard]] auto walk_addresses(const walk_command& command) -> int {
  const machine which = make_machine(command.registers);
  if (which.mode == walk_mode::gpa && (command.registers.cr0 || command.registers.cr4 || command.registers.efer))
    fmt::print(stderr, "sevspec: without --cr3 there is no guest walk: --cr0, --cr4 and --efer have no effect\n");
  const std::vector<std::uint64_t> addresses = addresses_of(command);
  const memory::sparse_memory pages = read_pages(command.page_files);
  const memory_access why = access_of(command);

  fmt::print("address,result,spa,leaf,writable,user,nx,global,accessed,dirty,private\n");
  std::size_t missing = 0;
  for (const std::uint64_t address : addresses) {
    const auto result = translate(which, pages, address, why);
    if (!result && result.error().kind == fault_kind::no_memory) {
      if (++missing <= missing_shown)
        fmt::print(stderr, "sevspec: address {:#x}: the walk reads a page-table entry at {:#x}, but {} no page {:#x}\n",
                   address, result.error().address,
                   command.page_files.size() == 1 ? command.page_files[0] + " has" : "the page files have",
                   result.error().address & ~std::uint64_t{0xfff});
      continue;
    }
    print_row(address, result);
  }
  if (missing > missing_shown) fmt::print(stderr, "sevspec: the same for {} more\n", missing - missing_shown);

  if (!command.picture_file.empty()) write_walk_picture(command.picture_file, which, pages, addresses.front(), why);
  return missing == 0 ? 0 : 2;
}

[[nodiscard]] auto run(const walk_command& command) -> int {
  const bool has_pages = !command.page_files.empty();
  if (!command.vector_file.empty()) {
    if (has_pages || !command.address_file.empty() || !command.address_words.empty())
      throw input_error("--vectors", "excludes --pages and addresses");
    return check_vectors(command.vector_file);
  }
  if (!has_pages) throw input_error("walk", "--pages must name a file of page tables");
  return walk_addresses(command);
}

}  // namespace

void add_walk(CLI::App& program, action& chosen) {
  const auto command = std::make_shared<walk_command>();
  CLI::App& walk = *program.add_subcommand("walk", "Translate addresses over captured page tables");
  walk.footer("Output: one CSV row per address; a row with a fault ends with its error code (EXITINFO1 for #NPF).\n"
              "With --ncr3 the walk is nested and --cr3, --levels, --cr0, --cr4, --efer are the guest's; with --ncr3 "
              "alone the\n"
              "addresses are gPAs. Numbers are 0x... or decimal.\n\n"
              "  sevspec walk --pages pages.bin --ncr3 0x5601000 --nlevels 4 --cr3 0x10000 --levels 4 0x400000\n"
              "  sevspec walk --pages pages.bin --ncr3 0x5601000 --addresses gpa.csv\n"
              "  sevspec walk --vectors paging-vectors.json\n");
  auto& regs = command->registers;
  walk.add_option("--pages", command->page_files,
                  "Page captures: records of an 8-byte little-endian page address and 4096 bytes")
      ->type_name("FILE...")
      ->allow_extra_args(false);
  add_number(walk, "--cr3", regs.cr3, "Table root: CR3, or the guest's with --ncr3");
  add_number(walk, "--levels", regs.levels, "Levels of these tables: 4 or 5 (default: by CR4.LA57, else 4)");
  add_number(walk, "--ncr3", regs.ncr3, "Root of the nested tables");
  add_number(walk, "--nlevels", regs.nlevels, "Levels of the nested tables: 4 or 5 (default 4)");
  add_number(walk, "--cr0", regs.cr0, "CR0 (default 0x80010033)");
  add_number(walk, "--cr4", regs.cr4, "CR4 (default 0xa0, and LA57 by --levels)");
  add_number(walk, "--efer", regs.efer, "EFER (default 0xd01)");
  add_number(walk, "--c-bit", regs.c_bit, "Memory encryption is on, with the C-bit here; a guest runs with SEV");
  add_number(walk, "--pa-bits", regs.pa_bits, "Physical-address width (default 48)");
  add_number(walk, "--pa-reduction", regs.pa_reduction, "Address bits lost to memory encryption (default 5; 6 of 52)");
  walk.add_option("--access", command->access_letter, "Read, write or execute (default r)")
      ->check(CLI::IsMember({"r", "w", "x"}));
  walk.add_option("--cpl", command->level, "Privilege level (default 0)")->check(CLI::IsMember({0, 3}));
  walk.add_option("--svg", command->picture_file, "Draw the walk of the first address")->type_name("FILE");
  walk.add_option("--addresses", command->address_file, "Addresses: first column of a CSV file")->type_name("FILE");
  walk.add_option("ADDRESS", command->address_words, "What to translate")->type_name("N");
  walk.add_option("--vectors", command->vector_file, "Check the library against a file of vectors instead")
      ->type_name("FILE");
  walk.callback([command, &chosen] { chosen = [command] { return run(*command); }; });
}

}  // namespace sevspec::tool
