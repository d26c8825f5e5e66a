// SPDX-License-Identifier: MIT
#include "walk_picture.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/rule_registry.hpp>

#include "input.hpp"
#include "rule_text.hpp"
#include "svg.hpp"
#include "walk_story.hpp"

namespace sevspec::tool {

namespace {

// The picture, top to bottom: title; the address cut into its index fields; a grid with one row per guest table and one
// column per nested table, as in the manual's figure of a nested walk; the fault, if there was one; the legend.
//
//     address to find | nL4 -> nL3 -> nL2 -> nL1 -> guest entry
//            +--------------------------------------------+
//     next address    | nL4 -> ...

constexpr double margin = 40;
constexpr double label_width = 186;
constexpr double card_width = 202;
constexpr double card_height = 108;
constexpr double gap = 30;     // between columns
constexpr double gutter = 50;  // between rows
constexpr double grid_top = 232;
constexpr double strip = 28;  // coloured head of a card

constexpr const char* ink = "#0f172a";
constexpr const char* muted = "#64748b";
constexpr const char* faint = "#cbd5e1";
constexpr const char* paper = "#f8fafc";
constexpr const char* white = "#ffffff";
constexpr const char* encrypted = "#d97706";
constexpr const char* wrong = "#dc2626";
constexpr const char* wrong_light = "#fef2f2";
constexpr const char* arrived = "#15803d";

struct stage_look {
  const char* strong;
  const char* light;
  char letter;
};

[[nodiscard]] auto look_of(stage tables) -> stage_look {
  switch (tables) {
    case stage::host:   return {"#6d28d9", "#f5f3ff", 'h'};
    case stage::guest:  return {"#1d4ed8", "#eff6ff", 'g'};
    case stage::nested: return {"#0f766e", "#f0fdfa", 'n'};
  }
  return {ink, white, '?'};
}

[[nodiscard]] auto entry_name(stage tables, unsigned level, unsigned index) -> std::string {
  return fmt::format("{}{}[{}]", look_of(tables).letter, table_name(level), index);
}

[[nodiscard]] auto index_of(std::uint64_t address, unsigned level) -> unsigned {
  return static_cast<unsigned>(address >> (12 + 9 * (level - 1)) & 0x1ff);
}

[[nodiscard]] auto size_of_leaf(unsigned level) -> const char* {
  return size_for_people(static_cast<page_size>(level - 1));
}

/// Draws one walk.
class painter {
 public:
  painter(const machine& which, const walk_story& story)
      : which_(which), story_(story),
        columns_(which.mode == walk_mode::host ? std::max(which.host.levels, 4U) : which.guest.nested.levels) {}

  [[nodiscard]] auto paint() -> std::string {
    const double grid_bottom = grid_top + static_cast<double>(story_.rows.size()) * (card_height + gutter);
    const double panel = fault_height();
    const double height = grid_bottom + panel + 62;
    drawing_.rectangle(0, 0, width(), height, {.fill = paper});
    draw_title();
    draw_address_fields();
    for (std::size_t i = 0; i < story_.rows.size(); ++i) draw_row(i);
    if (panel > 0) draw_fault(grid_bottom - gutter + 34, panel);
    draw_legend(grid_bottom + panel - gutter + 60);
    return drawing_.document(width(), height, title(), subtitle());
  }

 private:
  // --- places ---

  [[nodiscard]] auto width() const -> double {
    return 2 * margin + label_width + columns_ * (card_width + gap) + gap + card_width;
  }
  [[nodiscard]] auto row_y(std::size_t row) const -> double {
    return grid_top + static_cast<double>(row) * (card_height + gutter);
  }
  [[nodiscard]] auto column_x(unsigned column) const -> double {
    return margin + label_width + gap + column * (card_width + gap);
  }

  // --- words ---

  [[nodiscard]] auto address_kind() const -> const char* {
    switch (which_.mode) {
      case walk_mode::host:   return "VA";
      case walk_mode::nested: return "gVA";
      case walk_mode::gpa:    return "gPA";
    }
    return "?";
  }
  [[nodiscard]] auto first_stage() const -> stage {
    switch (which_.mode) {
      case walk_mode::host:   return stage::host;
      case walk_mode::nested: return stage::guest;
      case walk_mode::gpa:    return stage::nested;
    }
    return stage::host;
  }
  [[nodiscard]] auto title() const -> std::string {
    const std::string end = story_.result ? fmt::format("sPA {:#x}", story_.result->where.value)
                            : story_.result.error().kind == fault_kind::no_memory ? "a page that was not captured"
                                                                                  : name_of(story_.result.error().kind);
    return fmt::format("{} {:#x} \u2192 {}", address_kind(), story_.address, end);
  }
  [[nodiscard]] auto subtitle() const -> std::string {
    std::string text = verb_of(story_.why);
    if (which_.mode != walk_mode::gpa) text += story_.why.is_user() ? " at CPL 3" : " at CPL 0";
    const auto tables = [&](const char* name, std::uint64_t root, std::uint64_t c_mask, unsigned levels) {
      if (levels == 0) text += fmt::format("  \u00b7  {}: paging off", name);
      else
        text += fmt::format("  \u00b7  {} {:#x}{}, {} levels", name, root & ~c_mask,
                            (root & c_mask) != 0 ? " with C=1" : "", levels);
    };
    if (which_.mode == walk_mode::host) {
      tables("CR3", which_.host.root, which_.host.c_mask, which_.host.levels);
    } else {
      if (which_.mode == walk_mode::nested)
        tables("gCR3", which_.guest.guest.root, which_.guest.guest.c_mask, which_.guest.guest.levels);
      tables("nCR3", which_.guest.nested.root, which_.guest.nested.c_mask, which_.guest.nested.levels);
    }
    if (which_.guest.sev_active) text += fmt::format("  \u00b7  SEV guest, C-bit {}", which_.part.c_bit);
    else if (encryption()) text += fmt::format("  \u00b7  C-bit {}", which_.part.c_bit);
    return text + fmt::format("  \u00b7  {} table read{}", story_.reads, story_.reads == 1 ? "" : "s");
  }

  /// Whether there is a C-bit at all.
  [[nodiscard]] auto encryption() const -> bool { return (which_.host.c_mask | which_.guest.nested.c_mask) != 0; }

  // --- title and address ---

  void draw_title() {
    drawing_.text(margin, 58, title(), {.size = 27, .bold = true});
    drawing_.text(margin, 86, subtitle(), {.size = 14, .fill = muted});
  }

  /// The level of the leaf in the tables that the address goes through first; 1 if the walk did not get there.
  [[nodiscard]] auto leaf_level() const -> unsigned {
    const auto first = first_stage();
    unsigned level = 1;
    for (const story_row& row : story_.rows) {
      if (first == stage::guest && row.guest_entry && row.guest_entry->leaf) level = row.guest_entry->level;
      if (first != stage::guest)
        for (const story_step& step : row.chain)
          if (step.leaf) level = step.level;
    }
    return level;
  }

  void draw_address_fields() {
    const unsigned levels = which_.levels();
    if (levels == 0) {
      drawing_.text(margin, 148,
                    which_.mode == walk_mode::host ? "Paging is off: the address is the sPA."
                                                   : "Paging is off in the guest: the gVA is the gPA.",
                    {.size = 17});
      return;
    }
    const unsigned leaf = leaf_level();
    const stage_look look = look_of(first_stage());
    const bool bad_top = !story_.result && story_.result.error().kind == fault_kind::gp;
    const double y = 112;
    const double height = 56;
    double x = margin;

    const auto field = [&](double field_width, unsigned msb, unsigned lsb, const std::string& name,
                           const std::string& value, const char* fill, const char* strong) {
      drawing_.rectangle(x, y, field_width, height, {.fill = fill, .stroke = strong, .stroke_width = 1.5, .radius = 6});
      drawing_.text(x + 12, y + 22, name, {.size = 12, .fill = strong});
      drawing_.text(x + field_width - 12, y + 22, fmt::format("{}:{}", msb, lsb),
                    {.size = 11, .fill = muted, .anchor = "end"});
      drawing_.text(x + field_width / 2, y + 45, value,
                    {.size = 17, .fill = ink, .bold = true, .monospace = true, .anchor = "middle"});
      x += field_width + 6;
    };

    const unsigned indexed = 12 + 9 * levels;
    const double whole = width() - 2 * margin;
    const double top_width = 150;
    const unsigned fields = levels - leaf + 1;
    const double offset_width = 190 + 30.0 * leaf;
    const double index_width = (whole - top_width - offset_width - 6.0 * (fields + 1)) / fields;

    field(top_width, 63, indexed, which_.mode == walk_mode::gpa ? "not indexed" : "sign",
          hex(story_.address >> indexed), bad_top ? wrong_light : white, bad_top ? wrong : muted);
    for (unsigned level = levels; level >= leaf; --level)
      field(index_width, 12 + 9 * level - 1, 12 + 9 * (level - 1),
            fmt::format("index in {}{}", look.letter, table_name(level)),
            fmt::format("{}", index_of(story_.address, level)), look.light, look.strong);
    const unsigned offset_bits = 12 + 9 * (leaf - 1);
    field(offset_width, offset_bits - 1, 0, "offset in the page", hex(story_.address & bit_range(offset_bits - 1, 0)),
          white, muted);
    drawing_.text(margin, y + height + 22,
                  bad_top ? "The top bits are not copies of the highest translated bit: the address is not canonical."
                          : fmt::format("The {} cut into the fields that index each table.", address_kind()),
                  {.size = 12, .fill = bad_top ? wrong : muted});
  }

  // --- the grid ---

  void draw_row(std::size_t number) {
    const story_row& row = story_.rows[number];
    const bool last = number + 1 == story_.rows.size();
    const double y = row_y(number);
    draw_label(number);

    double from = margin + label_width;
    std::optional<story_step> before;
    for (const story_step& step : row.chain) {
      const unsigned column = columns_ - step.level;
      draw_arrow(from, column_x(column), y, look_of(step.tables).strong, {});
      draw_card(column_x(column), y, step, stops_at(step));
      from = column_x(column) + card_width;
      before = step;
    }
    if (row.guest_entry) {
      draw_arrow(from, column_x(columns_), y, look_of(stage::nested).strong, skipped(before));
      draw_card(column_x(columns_), y, *row.guest_entry, stops_at(*row.guest_entry));
      if (!last) draw_turn(number);
    } else if (story_.result && last) {
      draw_arrow(from, column_x(columns_), y, arrived, skipped(before));
      draw_destination(column_x(columns_), y);
    }
  }

  /// What to write on an arrow that passes the columns which a large page does not need.
  [[nodiscard]] static auto skipped(const std::optional<story_step>& leaf) -> std::string {
    if (!leaf || leaf->level == 1) return {};
    return fmt::format("{} page: no {}{}", size_of_leaf(leaf->level), look_of(leaf->tables).letter,
                       table_name(leaf->level - 1));
  }

  [[nodiscard]] auto stops_at(const story_step& step) const -> bool {
    return !story_.result && story_.result.error().kind != fault_kind::no_memory && step.number == story_.reads;
  }

  void draw_label(std::size_t number) {
    const story_row& row = story_.rows[number];
    const double y = row_y(number);
    const bool stops = !story_.result && number + 1 == story_.rows.size() && row.chain.empty() && !row.guest_entry;
    const bool is_gpa = which_.mode != walk_mode::host;
    const char* const strong = stops ? wrong : row.guest_level != 0 ? look_of(stage::guest).strong : ink;
    drawing_.rectangle(margin, y, label_width, card_height,
                       {.fill = stops ? wrong_light : white, .stroke = strong, .stroke_width = 1.5, .radius = 10});
    const double middle = margin + label_width / 2;
    std::string what = is_gpa ? "gPA of the access" : "VA of the access";
    std::string how;
    if (row.guest_level != 0) {
      const unsigned index = index_of(story_.address, row.guest_level);
      what = "gPA of " + entry_name(stage::guest, row.guest_level, index);
      how = number == 0 ? fmt::format("= gCR3 + {} \u00d7 8", index)
                        : fmt::format("= {:#x} + {} \u00d7 8", row.address - 8 * index, index);
    } else if (number > 0) {
      const unsigned level = story_.rows[number - 1].guest_entry->level;
      how = fmt::format("= guest page + {:#x}", row.address & bit_range(12 + 9 * (level - 1) - 1, 0));
    }
    const double up = how.empty() ? 0 : 12;
    drawing_.text(middle, y + 44 - up, what, {.size = 13, .fill = strong, .bold = true, .anchor = "middle"});
    drawing_.text(middle, y + 73 - up, hex(row.address),
                  {.size = row.address >> 40 != 0 ? 14.0 : 17.0, .bold = true, .monospace = true, .anchor = "middle"});
    drawing_.text(middle, y + 86, how, {.size = 12, .fill = muted, .anchor = "middle"});
  }

  void draw_arrow(double from, double to, double row_top, const char* colour, const std::string& remark) {
    const double y = row_top + card_height / 2;
    const bool skips = to - from > gap + 1;
    drawing_.line(fmt::format("M{:g} {:g}H{:g}", from + 3, y, to - 3), colour, 2, skips, true);
    if (!remark.empty())
      drawing_.text((from + to) / 2, y - 9, remark, {.size = 12, .fill = colour, .anchor = "middle"});
  }

  /// From the guest entry at the right end of a row to the address at the left of the next.
  void draw_turn(std::size_t number) {
    const story_step& entry = *story_.rows[number].guest_entry;
    const stage_look look = look_of(stage::guest);
    const double y = row_y(number) + card_height;
    const double level = y + gutter / 2;
    const double right = column_x(columns_) + card_width / 2;
    const double left = margin + label_width / 2;
    drawing_.line(fmt::format("M{0:g} {1:g}V{2:g}Q{0:g} {3:g} {4:g} {3:g}H{5:g}Q{6:g} {3:g} {6:g} {7:g}V{8:g}", right,
                              y + 3, level - 10, level, right - 10, left + 10, left, level + 10, y + gutter - 3),
                  look.strong, 2, false, true);
    const std::string name = entry_name(stage::guest, entry.level, entry.index);
    std::string remark = entry.leaf
                             ? fmt::format("{} maps a {} page: the access is to gPA {:#x}", name,
                                           size_of_leaf(entry.level), entry.target)
                             : fmt::format("{} points to the next guest table, at gPA {:#x}", name, entry.target);
    if (entry.leaf && entry.level > 1) remark += fmt::format("; there is no g{}", table_name(entry.level - 1));
    const double middle = (left + right) / 2;
    const double room = 7.0 * static_cast<double>(remark.size()) + 24;
    drawing_.rectangle(middle - room / 2, level - 11, room, 22, {.fill = paper});
    drawing_.text(middle, level + 4, remark, {.size = 13, .fill = look.strong, .anchor = "middle"});
  }

  void draw_card(double x, double y, const story_step& step, bool stops) {
    const stage_look look = look_of(step.tables);
    const char* const strong = stops ? wrong : look.strong;
    drawing_.rectangle(x + 2, y + 3, card_width, card_height, {.fill = "#e2e8f0", .radius = 10});
    drawing_.rectangle(
        x, y, card_width, card_height,
        {.fill = stops ? wrong_light : look.light, .stroke = strong, .stroke_width = stops ? 3.0 : 1.5, .radius = 10});
    draw_head(x, y, strong);
    drawing_.circle(x + 16, y + 14, 10, white);
    drawing_.text(x + 16, y + 18, std::to_string(step.number),
                  {.size = 11, .fill = strong, .bold = true, .anchor = "middle"});
    drawing_.text(x + 32, y + 19, entry_name(step.tables, step.level, step.index),
                  {.size = 13, .fill = white, .bold = true});
    if (step.key != memory_key::none()) {
      drawing_.rectangle(x + card_width - 66, y + 6, 60, 17,
                         {.fill = encrypted, .stroke = white, .stroke_width = 1, .radius = 8});
      drawing_.text(x + card_width - 36, y + 18, fmt::format("{} key", name_of(step.key)),
                    {.size = 10, .fill = white, .bold = true, .anchor = "middle"});
    }
    drawing_.text(x + 12, y + 51, hex(step.found.raw), {.size = 14, .bold = true, .monospace = true});
    drawing_.text(x + 12, y + 71, fmt::format("at {:#x}", step.where.value),
                  {.size = 12, .fill = muted, .monospace = true});
    const char* const remark = step.leaf ? size_of_leaf(step.level) : "";
    drawing_.text(x + card_width - 12, y + 71, remark, {.size = 12, .fill = strong, .bold = true, .anchor = "end"});
    draw_bits(x + 12, y + 82, step, strong);
    if (stops)
      drawing_.text(x + card_width / 2, y + card_height + 20, "the walk stops here",
                    {.size = 13, .fill = wrong, .bold = true, .anchor = "middle"});
  }

  /// The coloured top of a card, square at its lower edge.
  void draw_head(double x, double y, const char* colour) {
    drawing_.rectangle(x, y, card_width, strip, {.fill = colour, .radius = 10});
    drawing_.rectangle(x, y + strip - 10, card_width, 10, {.fill = colour});
  }

  /// Whether this bit of this entry is why the walk failed. Rights combine over all levels, so it may be so in several.
  [[nodiscard]] auto is_to_blame(const story_step& step, std::string_view bit) const -> bool {
    if (story_.result) return false;
    const fault& raised = story_.result.error();
    const bool nested = step.tables == stage::nested;
    if (nested != (raised.kind == fault_kind::npf)) return false;
    const auto& failing_chain = story_.rows.back().chain;
    if (nested && (failing_chain.empty() || step.number < failing_chain.front().number)) return false;

    switch (raised.decided_by) {
      case rule::PAG_ENT_02:  return bit == "P" && !step.found.present();
      case rule::PAG_PERM_01:
      case rule::PAG_NPT_13:  return bit == "U" && !step.found.user();
      case rule::PAG_PERM_02: return bit == "W" && !step.found.writable();
      case rule::PAG_PERM_03:
      case rule::PAG_RSV_08:  return bit == "NX" && step.found.no_execute();
      case rule::PAG_PERM_04:
      case rule::PAG_PERM_05: return bit == "U" && step.found.user();
      case rule::PAG_NPT_11:  return (bit == "U" && !step.found.user()) || (bit == "W" && !step.found.writable());
      case rule::PAG_NPF_02:
        return story_.why.is_write() ? bit == "W" && !step.found.writable() : bit == "NX" && step.found.no_execute();
      default: return false;
    }
  }

  /// One cell per bit that matters to the walk: coloured if set. The C-bit has its own colour.
  void draw_bits(double x, double y, const story_step& step, const char* strong) {
    using paging::entry;
    const struct {
      const char* name;
      bool set;
      double cell_width;
      const char* colour;
    } cells[] = {
        {"P", step.found.present(), 17, strong},
        {"W", step.found.writable(), 17, strong},
        {"U", step.found.user(), 17, strong},
        {"A", step.found.accessed(), 17, strong},
        {"D", step.found.dirty(), 17, strong},
        {"PS", step.level > 1 && step.found.large(), 22, strong},
        {"G", step.leaf && step.found.global(), 17, strong},
        {"NX", step.found.no_execute(), 22, strong},
        {"C", step.c, 17, encrypted},
    };
    for (const auto& cell : cells) {
      const box_style on{.fill = cell.colour, .stroke = cell.colour, .radius = 3};
      const box_style off{.fill = white, .stroke = faint, .radius = 3};
      const bool blamed = is_to_blame(step, cell.name);
      const box_style blame{.fill = cell.set ? wrong : white, .stroke = wrong, .stroke_width = 2, .radius = 3};
      drawing_.rectangle(x, y, cell.cell_width - 2, 17, blamed ? blame : cell.set ? on : off);
      const char* const colour = cell.set ? white : blamed ? wrong : "#94a3b8";
      drawing_.text(x + (cell.cell_width - 2) / 2, y + 12.5, cell.name,
                    {.size = 10, .fill = colour, .bold = cell.set || blamed, .anchor = "middle"});
      x += cell.cell_width + 1.75;
    }
  }

  void draw_destination(double x, double y) {
    const translation& result = *story_.result;
    drawing_.rectangle(x + 2, y + 3, card_width, card_height, {.fill = "#e2e8f0", .radius = 10});
    drawing_.rectangle(x, y, card_width, card_height, {.fill = arrived, .radius = 10});
    const double middle = x + card_width / 2;
    drawing_.text(middle, y + 28, "sPA", {.size = 13, .fill = white, .bold = true, .anchor = "middle"});
    drawing_.text(middle, y + 56, hex(result.where.value),
                  {.size = 18, .fill = white, .bold = true, .monospace = true, .anchor = "middle"});
    const std::string rights = fmt::format("{}{}{} {}", "r", result.writable ? "w" : "-", result.no_execute ? "-" : "x",
                                           result.user ? "user" : "kernel");
    drawing_.text(middle, y + 77, fmt::format("{} page, {}", size_for_people(result.size), rights),
                  {.size = 12, .fill = white, .anchor = "middle"});
    if (result.key == memory_key::none()) {
      drawing_.text(middle, y + 97, "not encrypted", {.size = 12, .fill = "#bbf7d0", .anchor = "middle"});
    } else {
      drawing_.rectangle(middle - 45, y + 84, 90, 18, {.fill = encrypted, .stroke = white, .radius = 9});
      drawing_.text(middle, y + 97, fmt::format("{} key", name_of(result.key)),
                    {.size = 12, .fill = white, .bold = true, .anchor = "middle"});
    }
  }

  // --- below the grid ---

  [[nodiscard]] auto fault_lines() const -> std::vector<std::string> {
    const fault& raised = story_.result.error();
    if (raised.decided_by == rule::none) return {};
    const rule_info& broken = info(raised.decided_by);
    const auto characters = static_cast<std::size_t>((width() - 2 * margin - 260) / 8);
    const std::string text =
        wrapped(fmt::format("{}: {} [{}]", broken.name, broken.text, broken.source), characters, 0);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }

  [[nodiscard]] auto fault_height() const -> double {
    if (story_.result) return 0;
    const auto bits = static_cast<double>(decode_fault(story_.result.error()).size());
    return 74 + 20 * static_cast<double>(fault_lines().size()) + 24 * bits;
  }

  void draw_fault(double y, double height) {
    const fault& raised = story_.result.error();
    drawing_.rectangle(margin, y, width() - 2 * margin, height - 14,
                       {.fill = wrong_light, .stroke = wrong, .stroke_width = 2, .radius = 10});
    const double x = margin + 220;
    double line = y + 34;
    if (raised.kind == fault_kind::no_memory) {
      drawing_.text(margin + 24, line, "?", {.size = 26, .fill = wrong, .bold = true});
      drawing_.text(
          x, line,
          fmt::format("The next entry lies at {:#x}, on a page that the capture does not have.", raised.address),
          {.size = 14});
      return;
    }
    drawing_.text(margin + 24, y + 42, name_of(raised.kind), {.size = 30, .fill = wrong, .bold = true});
    const std::string codes =
        raised.kind == fault_kind::npf
            ? fmt::format("EXITINFO1 {:#x}, EXITINFO2 {:#x}: the gPA that failed", raised.code, raised.address)
        : raised.kind == fault_kind::pf ? fmt::format("error code {:#x}, CR2 {:#x}", raised.code, raised.address)
                                        : fmt::format("error code {:#x}", raised.code);
    drawing_.text(x, line, codes, {.size = 15, .bold = true, .monospace = true});
    line += 26;
    for (const std::string& text : fault_lines()) {
      drawing_.text(x, line, text, {.size = 13});
      line += 20;
    }
    line += 8;
    for (const code_bit& bit : decode_fault(raised)) {
      drawing_.rectangle(x, line - 13, 58, 18, {.fill = wrong, .radius = 4});
      drawing_.text(x + 29, line, bit.name, {.size = 11, .fill = white, .bold = true, .anchor = "middle"});
      drawing_.text(x + 70, line, fmt::format("bit {}: {}", bit.bit, bit.meaning), {.size = 13});
      line += 24;
    }
  }

  void draw_legend(double y) {
    double x = margin;
    const auto item = [&](const char* colour, const std::string& text) {
      drawing_.rectangle(x, y - 11, 16, 14, {.fill = colour, .radius = 3});
      drawing_.text(x + 24, y + 1, text, {.size = 12, .fill = ink});
      x += 24 + 7.2 * static_cast<double>(text.size()) + 24;
    };
    if (which_.mode == walk_mode::host) item(look_of(stage::host).strong, "page-table entry");
    if (which_.mode == walk_mode::nested) item(look_of(stage::guest).strong, "guest page-table entry");
    if (which_.mode != walk_mode::host) item(look_of(stage::nested).strong, "nested page-table entry");
    if (encryption()) item(encrypted, "C-bit set; key that the read is made with");
    if (story_.result) item(arrived, "result");
    else item(wrong, "fault");
    drawing_.text(
        margin, y + 26,
        "Bits: P present, W writable, U user, A accessed, D dirty, PS page size, G global, NX no execute, C encrypted. "
        "Circles count the reads.",
        {.size = 12, .fill = muted});
  }

  const machine& which_;
  const walk_story& story_;
  unsigned columns_;
  svg_drawing drawing_;
};

}  // namespace

void write_walk_picture(const std::string& path, const machine& which, const memory::sparse_memory& pages,
                        std::uint64_t address, const memory_access& why) {
  const walk_story story = tell_walk(which, pages, address, why);
  const std::string document = painter{which, story}.paint();
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) throw input_error(path, std::strerror(errno));
  const bool written = std::fwrite(document.data(), 1, document.size(), file) == document.size();
  if (std::fclose(file) != 0 || !written) throw input_error(path, std::strerror(errno));
}

}  // namespace sevspec::tool
