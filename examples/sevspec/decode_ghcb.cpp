// SPDX-License-Identifier: MIT
// The GHCB page: what a guest asks of the hypervisor, or what the hypervisor answered.

#include <string>
#include <utility>
#include <vector>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/codes/sizes_and_limits.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/ghcb_request.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>
#include <sevspec/layout/reflect.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "ghcb_events.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

using layout::field_info;
using layout::ghcb_const_view;
using layout::ghcb_field;
using layout::nae_exit_codes;

namespace of = layout::descriptions;

constexpr unsigned pages_of_2m = 512;

[[nodiscard]] auto is_marked(const ghcb_const_view& page, int bit) -> bool {
  return layout::bit_at(page.valid_bitmap()[static_cast<std::size_t>(bit / 8)], static_cast<unsigned>(bit % 8));
}

/// Fields with their bit in valid_bitmap set are passed; the others must not be looked at.
void add_passed_fields(facts& out, const ghcb_const_view& page) {
  std::vector<std::string_view> ignored;
  out.add("passed", "");
  const facts::inner fields{out};
  for (const field_info& field : of::ghcb.fields) {
    if (field.valid_bitmap_bit < 0) continue;
    if (is_marked(page, field.valid_bitmap_bit)) add_field(out, field, page.bytes(), zeros::shown);
    else if (value_of(field, page.bytes()) != 0) ignored.emplace_back(field.name);
  }
  if (!ignored.empty())
    out.warn(fmt::format("not marked in valid_bitmap, so not passed, though not zero: {}", fmt::join(ignored, ", ")));
  for (unsigned bit = 0; bit < 8 * page.valid_bitmap().size(); ++bit)
    if (is_marked(page, static_cast<int>(bit)) && layout::field_of_valid_bit(bit) == nullptr)
      out.warn(fmt::format("bit {} of valid_bitmap is set, which belongs to no field", bit));
}

void add_psc_entry(facts& out, std::size_t index, layout::psc_entry entry) {
  const unsigned pages = entry.page_size() ? pages_of_2m : 1;
  const std::string operation = code_text(layout::tables::ghcb_psc_ops, std::to_underlying(entry.operation()));
  out.add(fmt::format("entry[{}]", index), "{} {} gPA {:#x}, {} of {} pages done",
          operation.empty() ? fmt::format("operation {}", std::to_underlying(entry.operation())) : operation,
          entry.page_size() ? "2M" : "4K", entry.gfn() << 12, entry.cur_page(), pages);
  if (operation.empty()) out.warn("the operation is not in ghcb_psc_ops");
  if (entry.cur_page() > pages || entry.gfn() % pages != 0)
    out.warn("the hypervisor answers INVALID_ENTRY here: too many pages done, or not aligned (GHCB-PSC-07)");
}

/// The list of pages in the shared buffer, if sw_scratch points into this page.
void add_page_state_change(facts& out, const ghcb_const_view& page) {
  const field_info* buffer = layout::find_field(of::ghcb, "shared_buffer");
  const std::size_t start = page.sw_scratch() % of::ghcb.size;
  const std::size_t end = buffer == nullptr ? 0 : buffer->offset + buffer->size;
  if (buffer == nullptr || start < buffer->offset || start + of::psc_header.size > end) {
    out.add("page_state_change", "the list lies at gPA {:#x}, outside this page", page.sw_scratch());
    return;
  }
  const auto list = std::span<const std::uint8_t>{page.bytes()}.subspan(start, end - start);
  const layout::psc_header_const_view header{list.first<layout::size_of<layout::psc_header_const_view>>()};
  out.add("page_state_change", "entries {} to {}, if gPA {:#x} is in this page", header.cur_entry(), header.end_entry(),
          page.sw_scratch());
  const facts::inner entries{out};
  warn_of_reserved(out, of::psc_header, list, layout::level::svsm, start);
  if (header.end_entry() >= layout::sizes_and_limits::psc_max_entries)
    out.warn("end_entry is too large: the hypervisor answers INVALID_HEADER (GHCB-PSC-04)");
  if (header.cur_entry() > header.end_entry()) out.add("note", "cur_entry is behind end_entry: nothing is left to do");
  for (std::size_t i = 0; i <= header.end_entry(); ++i) {
    const std::size_t offset = of::psc_header.size + i * of::psc_entry.size;
    if (offset + of::psc_entry.size > list.size()) {
      out.warn(fmt::format("entry {} and what follows lie behind the shared buffer (GHCB-SCR-02)", i));
      break;
    }
    const layout::psc_entry entry{layout::integer_at(list, offset, of::psc_entry.size)};
    add_psc_entry(out, i, entry);
    warn_of_reserved(out, of::psc_entry, list.subspan(offset), layout::level::svsm, start + offset);
  }
}

/// What a request says in its information words and in the scratch area.
void add_request_words(facts& out, const ghcb_event& event, const ghcb_const_view& page) {
  using enum nae_exit_codes;
  const std::uint64_t info1 = page.sw_exit_info_1().raw;
  if (event.info1_word != nullptr) add_word(out, event.info1_word->name, *event.info1_word, info1);
  if (event.code == termination_request) {
    const layout::ghcb_termination_info1 reason{info1};
    add_termination_reason(out, reason.reason_set(), reason.reason_code());
  } else if (event.code == unsupported_event) {
    out.add("vc_error_code", hex(info1));
    const facts::inner cause{out};
    decode_exit(out, info1);
  } else if (event.code == snp_page_state_change && is_valid(page, ghcb_field::sw_scratch)) {
    add_page_state_change(out, page);
  }
}

void add_request(facts& out, const ghcb_const_view& page) {
  const std::uint64_t code = std::to_underlying(page.sw_exit_code());
  out.add("request", hex(code));
  const facts::inner parts{out};
  if (layout::find_value(layout::tables::nae_exit_codes, code) == nullptr)
    out.warn("no such event in nae_exit_codes: the hypervisor answers INVALID_EVENT (GHCB-PAGE-07)");
  const ghcb_event* event = find_ghcb_event(code);
  if (event != nullptr) add_ghcb_event(out, *event);
  for (const ghcb_field field : {ghcb_field::sw_exit_info_1, ghcb_field::sw_exit_info_2})
    if (!is_valid(page, field))
      out.warn(fmt::format("{} is not marked: the hypervisor answers MISSING_INPUT (GHCB-PAGE-05)", name_of(field)));
  for (const ghcb_field field : event == nullptr ? ghcb_fields{} : event->in)
    if (!is_valid(page, field))
      out.warn(fmt::format("{} is not marked: the hypervisor answers MISSING_INPUT (GHCB-PAGE-06)", name_of(field)));
  if (event != nullptr) add_request_words(out, *event, page);
}

void add_answer(facts& out, const ghcb_const_view& page) {
  const std::uint32_t result = page.sw_exit_info_1().low();
  const std::string name = code_text(layout::tables::ghcb_result_codes, result);
  out.add("answer", "{:#x} {}", result, name.empty() ? "(not in ghcb_result_codes: the guest ends itself)" : name);
  const facts::inner parts{out};
  using enum layout::ghcb_result_codes;
  if (result == std::to_underlying(malformed_input)) {
    const std::uint64_t reason = page.sw_exit_info_2() & 0xFFFF'FFFF;
    const std::string text = code_text(layout::tables::ghcb_error_codes, reason);
    out.add("error", "{:#x} {}", reason, text.empty() ? "(not in ghcb_error_codes)" : text);
  } else if (result == std::to_underlying(issue_exception)) {
    add_word(out, of::event_injection.name, of::event_injection, page.sw_exit_info_2());
  }
}

}  // namespace

void decode_ghcb(facts& out, std::span<const std::uint8_t> bytes) {
  const ghcb_const_view page{bytes.first<layout::size_of<ghcb_const_view>>()};
  out.add("protocol_version", "{}", page.protocol_version());
  out.add("ghcb_usage", hex(page.ghcb_usage()));
  if (page.ghcb_usage() != 0)
    out.warn("only usage 0 has this layout; others belong to hypervisor vendors, else INVALID_USAGE (GHCB-PAGE-04)");
  add_passed_fields(out, page);
  if (is_valid(page, ghcb_field::sw_exit_code)) add_request(out, page);
  else if (is_valid(page, ghcb_field::sw_exit_info_1)) add_answer(out, page);
  else out.add("request", "none: sw_exit_code is not marked in valid_bitmap");
  if (page.x87_state_gpa() != 0) out.add("x87_state_gpa", hex(page.x87_state_gpa()));
  add_field(out, *layout::find_field(of::ghcb, "shared_buffer"), bytes, zeros::listed);
  warn_of_reserved(out, of::ghcb, bytes);
}

}  // namespace sevspec::tool
