// SPDX-License-Identifier: MIT
#include "log_line.hpp"

#include <charconv>
#include <cstddef>

namespace sevspec::tool::log {

namespace {

/// Reads a line from left to right. What does not match moves nothing.
class reader {
 public:
  explicit reader(std::string_view text) noexcept : rest_(text) {}

  /// Moves behind the next occurrence of `text`, wherever it is.
  auto seek(std::string_view text) noexcept -> bool {
    const std::size_t found = rest_.find(text);
    if (found == std::string_view::npos) return false;
    rest_.remove_prefix(found + text.size());
    return true;
  }
  /// Moves behind `text` if it comes next.
  auto skip(std::string_view text) noexcept -> bool {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  auto skip_blanks() noexcept -> reader& {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    return *this;
  }
  /// A number in hexadecimal, with or without 0x.
  auto hexadecimal() noexcept -> std::optional<std::uint64_t> {
    reader trial = *this;
    if (!trial.skip("0x")) trial.skip("0X");
    const auto value = trial.integer<std::uint64_t>(16);
    if (value) *this = trial;
    return value;
  }
  /// A number in as many hexadecimal digits as a dump prints: 8 or 16.
  auto dumped() noexcept -> std::optional<std::uint64_t> {
    const std::size_t before = rest_.size();
    const auto value = integer<std::uint64_t>(16);
    const std::size_t digits = before - rest_.size();
    return digits == 8 || digits == 16 ? value : std::nullopt;
  }
  auto decimal() noexcept -> std::optional<std::int64_t> { return integer<std::int64_t>(10); }
  /// What comes before the next blank.
  auto word() noexcept -> std::string_view {
    const std::string_view result = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(result.size());
    return result;
  }

 private:
  template <class Integer>
  auto integer(int base) noexcept -> std::optional<Integer> {
    Integer value{};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (error != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::string_view rest_;
};

using result = std::optional<line>;

/// The number behind `label`, if both are there.
[[nodiscard]] auto number_after(std::string_view text, std::string_view label) noexcept
    -> std::optional<std::uint64_t> {
  reader in{text};
  return in.seek(label) ? in.skip_blanks().hexadecimal() : std::nullopt;
}

[[nodiscard]] auto entry_in_brackets(reader in) noexcept -> std::optional<rmp_entry> {
  if (!in.skip("[")) return std::nullopt;
  const auto low = in.hexadecimal();
  if (!low || !in.skip(" - ")) return std::nullopt;
  const auto high = in.hexadecimal();
  if (!high || !in.skip("]")) return std::nullopt;
  return rmp_entry{std::nullopt, *low, *high};
}

[[nodiscard]] auto read_rmp_entry(std::string_view text) noexcept -> result {
  reader in{text};
  if (in.seek("RMP entry: ")) {
    auto entry = entry_in_brackets(in);
    if (entry) entry->pfn = number_after(text.substr(0, text.find("RMP entry: ")), "PFN ");
    return entry;
  }
  if (!in.seek("PFN: ")) return std::nullopt;  // a neighbour, in the dump of an unassigned page
  const auto pfn = in.hexadecimal();
  if (!pfn || !in.skip(", ")) return std::nullopt;
  auto entry = entry_in_brackets(in);
  if (entry) entry->pfn = pfn;
  return entry;
}

[[nodiscard]] auto read_unassigned_page(std::string_view text) noexcept -> result {
  reader in{text};
  if (!in.seek("PFN ")) return std::nullopt;
  const auto pfn = in.hexadecimal();
  if (!pfn || !in.skip(" unassigned, dumping ")) return std::nullopt;
  return unassigned_page{*pfn};
}

[[nodiscard]] auto read_rmp_instruction(std::string_view text) noexcept -> result {
  reader in{text};
  const bool update = in.seek("RMPUPDATE failed for ");
  if (!update && !in.seek("Unable to split RMP entr")) return std::nullopt;
  if (!in.seek("PFN ")) return std::nullopt;
  const auto pfn = in.hexadecimal();
  if (!pfn || !in.seek("ret")) return std::nullopt;
  in.skip(":");
  const auto status = in.skip_blanks().decimal();
  if (!status) return std::nullopt;
  return rmp_instruction{update ? "RMPUPDATE" : "PSMASH", *pfn, *status};
}

[[nodiscard]] auto read_page_fault(std::string_view text) noexcept -> result {
  reader in{text};
  if (!in.seek("#PF") || !in.seek("error_code(")) return std::nullopt;
  const auto code = in.hexadecimal();
  if (!code) return std::nullopt;
  return page_fault{*code};
}

[[nodiscard]] auto read_traced_exit(std::string_view text) noexcept -> result {
  reader in{text};
  if (!in.seek(" reason ")) return std::nullopt;
  const std::string_view reason = in.word();
  const auto info1 = number_after(text, " info1 ");
  const auto info2 = number_after(text, " info2 ");
  if (reason.empty() || !info1 || !info2) return std::nullopt;
  return traced_exit{reason, *info1, *info2};
}

[[nodiscard]] auto read_nested_fault(std::string_view text) noexcept -> result {
  const std::size_t found = text.find("error_code");
  if (found == std::string_view::npos) return std::nullopt;
  reader in{text.substr(found)};
  in.seek("error_code");
  if (!in.skip("=")) in.skip(":");
  const auto code = in.skip_blanks().hexadecimal();
  if (!code) return std::nullopt;
  nested_fault fault{*code, std::nullopt};
  for (const std::string_view label : {"address ", "gpa ", "GPA "})
    if (!fault.address) fault.address = number_after(text.substr(0, found), label);
  if (!fault.address && text.find("kvm") == std::string_view::npos) return std::nullopt;  // some other driver's
  return fault;
}

[[nodiscard]] auto read_termination(std::string_view text) noexcept -> result {
  reader in{text};
  if (!in.seek("guest requested termination: ")) return std::nullopt;
  const auto set = in.hexadecimal();
  if (!set || !in.skip(":")) return std::nullopt;
  const auto code = in.hexadecimal();
  if (!code) return std::nullopt;
  return termination{*set, *code};
}

[[nodiscard]] auto read_unsupported_event(std::string_view text) noexcept -> result {
  if (text.find("vmgexit: unsupported event") == std::string_view::npos) return std::nullopt;
  return unsupported_event{number_after(text, "exit_info_1=")};
}

[[nodiscard]] auto read_vmgexit_code(std::string_view text) noexcept -> result {
  reader in{text};
  if (!in.seek("vmgexit: exit ") || (!in.skip("code ") && !in.skip("reason "))) return std::nullopt;
  const auto code = in.hexadecimal();
  if (!code) return std::nullopt;
  if (in.skip(" input is not valid")) return exit_code{*code, exit_code::complaint::wrong_input};
  if (in.skip(" is not valid")) return exit_code{*code, exit_code::complaint::no_such_event};
  return std::nullopt;
}

[[nodiscard]] auto read_exit_code(std::string_view text) noexcept -> result {
  if (const auto code = number_after(text, "svm: unexpected exit reason "))
    return exit_code{*code, exit_code::complaint::unexpected};
  for (const std::string_view label : {"Unsupported exit-code ", "communication with VMM (exit-code "})
    if (const auto code = number_after(text, label)) return exit_code{*code, exit_code::complaint::in_guest};
  return std::nullopt;
}

[[nodiscard]] auto read_wrong_ghcb(std::string_view text) noexcept -> result {
  if (const auto usage = number_after(text, "vmgexit: ghcb usage ")) return wrong_usage{*usage};
  if (const auto gpa = number_after(text, "vmgexit: GHCB GPA [")) return unregistered_ghcb{*gpa};
  return std::nullopt;
}

[[nodiscard]] auto read_dumped_field(std::string_view text) noexcept -> result {
  using enum dumped_field::field;
  constexpr struct {
    std::string_view label;
    dumped_field::field which;
  } labels[] = {
      {"sw_exit_code ", code}, {"sw_exit_info_1 ", info1}, {"sw_exit_info_2 ", info2},
      {"exit_code:", code},    {"exit_info1:", info1},     {"exit_info2:", info2},
  };
  for (const auto& [label, which] : labels) {
    reader in{text};
    if (!in.seek(label)) continue;
    if (const auto value = in.skip_blanks().dumped()) return dumped_field{which, *value};
  }
  return std::nullopt;
}

}  // namespace

auto recognise(std::string_view text) noexcept -> std::optional<line> {
  for (const auto read : {read_rmp_entry, read_unassigned_page, read_rmp_instruction, read_page_fault, read_traced_exit,
                          read_termination, read_unsupported_event, read_vmgexit_code, read_exit_code, read_wrong_ghcb,
                          read_dumped_field, read_nested_fault})
    if (auto found = read(text)) return found;
  return std::nullopt;
}

}  // namespace sevspec::tool::log
