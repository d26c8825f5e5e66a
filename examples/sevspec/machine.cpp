// SPDX-License-Identifier: MIT
#include "machine.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/walk.hpp>

#include "input.hpp"

namespace sevspec::tool {

namespace {

/// The option that a refused register or parameter came from.
[[nodiscard]] auto option_of(std::string_view field) -> std::string {
  if (field == "c_bit") return "--c-bit";
  if (field == "pa_bits") return "--pa-bits";
  if (field == "reduction") return "--pa-reduction";
  if (field.starts_with("guest ")) field.remove_prefix(6);  // with --ncr3, --cr0 --cr3 --cr4 --efer are the guest's
  if (field == "nCR3") return "--ncr3";
  if (field == "CR0") return "--cr0";
  if (field == "CR3") return "--cr3";
  if (field == "CR4") return "--cr4";
  if (field == "EFER") return "--efer";
  return std::string{field};
}

[[noreturn]] void refuse(const paging::register_error& error) {
  const bool register_value =
      std::string_view{error.field}.find('_') == std::string_view::npos && std::string_view{error.field} != "reduction";
  const std::string value = register_value ? hex(error.value) : std::to_string(error.value);
  std::string reason = error.reason;
  if (error.what == paging::register_error::kind::not_modelled) reason += ": not modelled in this version";
  if (error.decided_by != rule::none) reason += fmt::format(" ({})", name_of(error.decided_by));
  throw input_error(fmt::format("{} {}", option_of(error.field), value), reason);
}

template <class T>
[[nodiscard]] auto value_or_refuse(const std::expected<T, paging::register_error>& result) -> const T& {
  if (!result) refuse(result.error());
  return *result;
}

[[nodiscard]] auto checked_levels(const char* option, std::optional<std::uint64_t> given)
    -> std::optional<std::uint64_t> {
  if (given && *given != 4 && *given != 5) throw input_error(fmt::format("{} {}", option, *given), "must be 4 or 5");
  return given;
}

/// CR0, CR3, CR4, EFER of whoever owns the tables at `--cr3`.
[[nodiscard]] auto given_registers(const machine_options& options) -> paging::control_registers {
  using paging::cr4::la57;
  paging::control_registers regs = paging::long_mode_registers(*options.cr3);
  regs.cr0 = options.cr0.value_or(regs.cr0);
  regs.cr4 = options.cr4.value_or(regs.cr4);
  regs.efer = options.efer.value_or(regs.efer);
  const auto levels = checked_levels("--levels", options.levels);
  if (!levels) return regs;

  if (!options.cr4) regs.cr4 = la57::set(regs.cr4, *levels == 5 ? 1 : 0);
  if (la57::test(regs.cr4) != (*levels == 5))
    throw input_error(fmt::format("--levels {}", *levels),
                      fmt::format("--cr4 {:#x} has LA57={}, which means {} levels", regs.cr4, la57::get(regs.cr4),
                                  la57::test(regs.cr4) ? 5 : 4));
  if (!paging::efer::lma::test(regs.efer))
    throw input_error(fmt::format("--levels {}", *levels),
                      fmt::format("--efer {:#x} has LMA=0, which means tables of PAE or 32-bit paging", regs.efer));
  if (!paging::cr0::pg::test(regs.cr0))
    throw input_error(fmt::format("--levels {}", *levels), fmt::format("--cr0 {:#x} has paging off (PG=0)", regs.cr0));
  return regs;
}

[[nodiscard]] auto small(const char* option, std::uint64_t value) -> unsigned {
  if (value > 64) throw input_error(fmt::format("{} {}", option, value), "is not a number of address bits");
  return static_cast<unsigned>(value);
}

[[nodiscard]] auto given_part(const machine_options& options) -> cpu_part {
  cpu_part part = part_of(generation::milan);
  part.la57 = true;
  part.pa_bits = small("--pa-bits", options.pa_bits.value_or(48));
  part.c_bit = small("--c-bit", options.c_bit.value_or(51));
  const std::uint64_t usual = part.pa_bits == 52 ? 6 : 5;
  const std::uint64_t possible = part.pa_bits > 32 ? part.pa_bits - 32 : 0;
  part.reduction = small("--pa-reduction", options.pa_reduction.value_or(std::min(usual, possible)));
  return part;
}

template <class Context>
[[nodiscard]] auto translate_with(Context& ctx, const machine& which, const memory::sparse_memory& pages,
                                  std::uint64_t address, const memory_access& why) -> outcome<translation> {
  const read_only view{pages};
  switch (which.mode) {
    case walk_mode::host: {
      const auto found = paging::walk(ctx, view, which.host, hva{address}, why);
      if (!found) return std::unexpected{found.error()};
      const auto& page = found->page;
      return translation{page.where, page.size, page.rights.writable, page.rights.user, page.rights.no_execute,
                         page.leaf,  page.c,    std::nullopt,         found->key};
    }
    case walk_mode::nested: {
      const auto found = paging::walk(ctx, view, which.guest, gva{address}, why);
      if (!found) return std::unexpected{found.error()};
      const bool guest_paging = which.guest.guest.levels != 0;
      return translation{
          found->page.where,           found->size,           found->writable(),
          found->in_guest.rights.user, found->no_execute(),   guest_paging ? found->in_guest.leaf : found->page.leaf,
          found->effective_c,          found->in_guest.where, found->key};
    }
    case walk_mode::gpa: {
      const auto page = paging::walk_gpa(ctx, view, which.guest, gpa{address}, why.kind);
      if (!page) return std::unexpected{page.error()};
      return translation{page->where,
                         page->size,
                         page->rights.writable,
                         page->rights.user,
                         page->rights.no_execute,
                         page->leaf,
                         page->c,
                         gpa{address},
                         memory::key_for_pointer(page->c)};
    }
  }
  return {};
}

struct read_recorder {
  std::vector<table_read>* reads;
  void on(const table_read& event) const { reads->push_back(event); }
};

}  // namespace

auto machine::levels() const noexcept -> unsigned {
  switch (mode) {
    case walk_mode::host:   return host.levels;
    case walk_mode::nested: return guest.guest.levels;
    case walk_mode::gpa:    return guest.nested.levels;
  }
  return 0;
}

auto make_machine(const machine_options& options) -> machine {
  using paging::cr4::la57;
  using paging::np_control::sev;
  context<> ctx;
  machine result{.part = given_part(options)};
  const std::uint64_t syscfg = options.c_bit ? paging::syscfg::mem_encryption_mod_en::mask : 0;

  if (!options.cr3 && !options.ncr3)
    throw input_error("walk", "--cr3 (and --ncr3 for a guest) must say where the page tables are");
  if (!options.ncr3) {
    if (options.nlevels) throw input_error("--nlevels", "needs --ncr3");
    result.mode = walk_mode::host;
    result.host = value_or_refuse(paging::make_host_regime(ctx, result.part, given_registers(options), syscfg));
    return result;
  }

  result.mode = options.cr3 ? walk_mode::nested : walk_mode::gpa;
  paging::guest_entry_state state;
  state.host = paging::long_mode_registers(0);
  state.syscfg = syscfg;
  state.ncr3 = *options.ncr3;
  if (checked_levels("--nlevels", options.nlevels).value_or(4) == 5) state.host.cr4 |= la57::mask;
  if (options.cr3) {
    state.guest = given_registers(options);
    if (options.c_bit) state.np_control |= sev::mask;
  }
  result.guest = value_or_refuse(paging::make_two_stage_regime(ctx, result.part, state));
  return result;
}

auto translate(const machine& which, const memory::sparse_memory& pages, std::uint64_t address,
               const memory_access& why) -> outcome<translation> {
  context<> ctx;
  return translate_with(ctx, which, pages, address, why);
}

auto translate(const machine& which, const memory::sparse_memory& pages, std::uint64_t address,
               const memory_access& why, std::vector<table_read>& reads) -> outcome<translation> {
  context<all_rules, read_recorder> ctx{.listener = {&reads}};
  return translate_with(ctx, which, pages, address, why);
}

}  // namespace sevspec::tool
