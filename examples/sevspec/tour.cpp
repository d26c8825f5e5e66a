// SPDX-License-Identifier: MIT
// sevspec tour: what the library does. Part 1: page walks, on real page tables.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/paging/reference_count.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "machine.hpp"
#include "rule_text.hpp"
#include "tour.hpp"
#include "tour_nested.hpp"
#include "walk_story.hpp"

namespace sevspec::tool {

namespace {

/// The guest maps this page with four levels of tables, so that the walk makes all 24 reads.
constexpr std::uint64_t address_walked = 0xffff'8000'4060'0000;
/// The guest's tables allow writes here; the hypervisor put a read-only memory slot under it.
constexpr std::uint64_t address_refused = 0x1'0000'0000;

/// Where the captured tables are: beside the installed program, else in the source tree it was built from.
[[nodiscard]] auto default_data() -> std::string {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  const fs::path installed = program.parent_path() / SEVSPEC_TOUR_INSTALLED_DATA_DIR;
  if (!failed && fs::is_directory(installed, failed)) return installed.lexically_normal().string();
  return SEVSPEC_TOUR_DATA_DIR;
}

/// The machine that the tables were captured from.
struct capture {
  machine_options guest;
  memory::sparse_memory pages;
  std::vector<std::vector<std::uint64_t>> gpa_to_spa;
};

[[nodiscard]] auto register_in(const json& meta, const std::string& path, const char* world, const char* name)
    -> std::uint64_t {
  const std::string place = fmt::format("{}: /{}/{}", path, world, name);
  if (!meta.is_object() || !meta.contains(world) || !meta[world].is_object() || !meta[world].contains(name))
    throw input_error(place, "is missing");
  const json& value = meta[world][name];
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_string()) throw input_error(place, "a number or a hex string was expected");
  const auto number = parse_number(value.get_ref<const std::string&>());
  if (!number) throw input_error(place, number.error());
  return *number;
}

[[nodiscard]] auto load(const std::string& folder) -> capture {
  const std::string meta_path = folder + "/meta.json";
  const json meta = read_json(meta_path);
  const auto number = [&](const char* world, const char* name) { return register_in(meta, meta_path, world, name); };
  capture result;
  result.guest.cr0 = number("l2", "cr0");
  result.guest.cr3 = number("l2", "cr3");
  result.guest.cr4 = number("l2", "cr4");
  result.guest.efer = number("l2", "efer");
  result.guest.levels = number("l2", "levels");
  result.guest.ncr3 = number("npt", "ncr3");
  result.guest.nlevels = number("npt", "levels");
  result.pages = read_pages({folder + "/pages.bin"});
  result.gpa_to_spa = read_numbers(folder + "/gpa_to_spa.csv", 2);
  if (result.gpa_to_spa.empty()) throw input_error(folder + "/gpa_to_spa.csv", "holds no rows");
  return result;
}

void compare_all_pages(const capture& data, checker& verdict) {
  machine_options nested_only;
  nested_only.ncr3 = data.guest.ncr3;
  nested_only.nlevels = data.guest.nlevels;
  const machine which = make_machine(nested_only);
  const auto agrees = [&](const std::vector<std::uint64_t>& row) {
    const auto found = translate(which, data.pages, row[0], {});
    return found && found->where.value == row[1];
  };
  const auto agree = static_cast<std::size_t>(std::count_if(data.gpa_to_spa.begin(), data.gpa_to_spa.end(), agrees));

  fmt::print("\nDoes sevspec read these tables as Linux does?\n");
  verdict.check(agree == data.gpa_to_spa.size(),
                fmt::format("{} of {} gPA pages agree with Linux's own record of its memory (pagemap).", grouped(agree),
                            grouped(data.gpa_to_spa.size())));
}

[[nodiscard]] auto meaning_of(const story_step& step) -> std::string {
  const bool guest = step.tables == stage::guest;
  if (!step.found.present()) return "not present";
  if (!step.leaf)
    return fmt::format("next {} table at {} {:#x}", guest ? "guest" : "nested", guest ? "gPA" : "sPA", step.target);
  return fmt::format("so the {} is {:#x}", guest ? "gPA" : "sPA", step.target);
}

void print_step(std::string_view row_label, const story_step& step) {
  const char prefix = step.tables == stage::guest ? 'g' : 'n';
  const std::string entry = fmt::format("{}{}[{}]", prefix, table_name(step.level), step.index);
  fmt::print("  {:>11}  {:>4}  {:11} {:#11x}  {:#18x}  {}\n", row_label, step.number, entry, step.where.value,
             step.found.raw, meaning_of(step));
}

void walk_one_address(const capture& data, const machine& which, checker& verdict) {
  const walk_story story = tell_walk(which, data.pages, address_walked, {});
  fmt::print("\nOne read of gVA {:#x}, in full\n", address_walked);
  fmt::print("  {:>11}  {:>4}  {:11} {:>11}  {:>18}  {}\n", "gPA to find", "read", "entry", "at sPA", "it holds",
             "which says");
  for (const story_row& row : story.rows) {
    std::string label = hex(row.address);
    for (const story_step& step : row.chain) print_step(std::exchange(label, ""), step);
    if (row.guest_entry) print_step(label, *row.guest_entry);
  }
  const auto known = std::find_if(data.gpa_to_spa.begin(), data.gpa_to_spa.end(), [&](const auto& row) {
    return story.result && story.result->in_guest && row[0] == story.result->in_guest->value;
  });
  const bool right = known != data.gpa_to_spa.end() && story.result->where.value == (*known)[1];
  const auto depth = static_cast<unsigned>(*data.guest.levels);
  const auto nested_depth = static_cast<unsigned>(*data.guest.nlevels);
  const unsigned expected = paging::table_reads(depth, nested_depth);
  verdict.check(right && story.reads == expected,
                fmt::format("{} reads, ({} + 1) * ({} + 1) - 1 as the manual says, and the sPA is Linux's.",
                            story.reads, depth, nested_depth));
}

void explain_one_fault(const capture& data, const machine& which, checker& verdict) {
  memory_access why;
  why.kind = access_kind::write;
  const walk_story story = tell_walk(which, data.pages, address_refused, why);
  fmt::print("\nOne write that is refused: gVA {:#x}\n", address_refused);
  fmt::print(
      "  {}\n",
      wrapped("The guest's tables allow it. The hypervisor's do not: it put a read-only memory slot there. So the "
              "hypervisor, and not the guest, learns of it.",
              line_width, 2));
  if (story.result) {
    verdict.check(false, "The write is refused.");
    return;
  }
  const fault& raised = story.result.error();
  fmt::print("  {}, EXITINFO1 {:#x}, EXITINFO2 {:#x} (the gPA):\n", name_of(raised.kind), raised.code, raised.address);
  for (const code_bit& bit : decode_fault(raised)) fmt::print("    {:>2}  {:5} {}\n", bit.bit, bit.name, bit.meaning);
  print_rule(raised.decided_by);
  verdict.check(raised.kind == fault_kind::npf && raised.code == 0x1'0000'0007 && raised.decided_by == rule::PAG_NPF_02,
                "A nested page fault, for the reason above.");
}

[[nodiscard]] auto run(const std::string& folder) -> int {
  const capture data = load(folder);
  const machine which = make_machine(data.guest);
  checker verdict;

  fmt::print(
      "sevspec tour, part 1: where a guest's addresses go\n\n{}\n",
      wrapped(
          "A guest's address is translated twice. The guest's page tables make a guest-physical address (gPA) of its "
          "virtual address (gVA); the hypervisor's nested tables make the real one of that, the sPA. The tables "
          "used here were built by Linux KVM, and captured while it ran a guest.",
          line_width, 0));
  compare_all_pages(data, verdict);
  walk_one_address(data, which, verdict);
  explain_one_fault(data, which, verdict);
  fmt::print("\n");
  show_who_can_read(verdict);
  fmt::print("\n");
  show_launch(verdict);
  fmt::print("\n");
  show_exits(verdict);
  fmt::print("\n");
  show_measurement(verdict);
  fmt::print("\n");
  show_nested(verdict);
  fmt::print("\n");
  show_attack(verdict);
  fmt::print("\n{}. Try: sevspec walk --help, sevspec key --help, sevspec explain PAG-NPF-02\n", verdict.summary());
  return verdict.status();
}

}  // namespace

void print_rule(rule which) {
  if (which == rule::none) return;
  const rule_info& decided = info(which);
  const std::string_view name = decided.name;
  fmt::print("  {}: {}\n", name,
             wrapped(fmt::format("{} [{}]", decided.text, decided.source), line_width, name.size() + 4));
}

void add_tour(CLI::App& program, action& chosen) {
  const auto folder = std::make_shared<std::string>(default_data());
  CLI::App& tour = *program.add_subcommand("tour", "See the library at work: page walks, who can read memory, a "
                                                   "guest's launch, its exits, measurements, nested SEV, an attack");
  tour.add_option("--data", *folder, "Folder of the captured tables (kvm-npt-4k)")->type_name("DIR");
  tour.callback([folder, &chosen] { chosen = [folder] { return run(*folder); }; });
}

}  // namespace sevspec::tool
