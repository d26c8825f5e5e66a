// SPDX-License-Identifier: MIT
// sevspec measure --steps: a launch digest page by page.

#include "measure_steps.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <sevspec/firmware/launch_digest.hpp>

#include "fields.hpp"
#include "hex_text.hpp"
#include "input.hpp"
#include "json_member.hpp"

namespace sevspec::tool {

namespace {

namespace fw = firmware;

/// Whether a member is there and says something.
[[nodiscard]] auto given(const member& of, const char* name) -> bool { return of.has(name) && !of[name].is_null(); }

[[nodiscard]] auto type_of(const member& value) -> fw::snp_page_type {
  using enum fw::snp_page_type;
  const std::string& name = value.text();
  if (name == "normal") return normal;
  if (name == "vmsa") return vmsa_;
  if (name == "zero") return zero;
  if (name == "unmeasured") return unmeasured;
  if (name == "secrets") return secrets;
  if (name == "cpuid") return cpuid;
  value.fail("normal, vmsa, zero, unmeasured, secrets or cpuid was expected");
}

/// A file that a steps file names: as it is, or else from the folder of the steps file.
[[nodiscard]] auto read_named(const std::string& steps, const std::string& name) -> std::string {
  const std::filesystem::path path{name};
  std::error_code failed;
  if (path.is_absolute() || std::filesystem::exists(path, failed)) return read_file(name);
  return read_file((std::filesystem::path(steps).parent_path() / path).string());
}

/// The contents of a page: digits, or "file:PATH".
[[nodiscard]] auto contents_of(const std::string& steps, const member& value) -> std::vector<std::uint8_t> {
  constexpr std::string_view file = "file:";
  const std::string& text = value.text();
  std::vector<std::uint8_t> bytes;
  if (text.starts_with(file)) {
    const std::string read = read_named(steps, text.substr(file.size()));
    bytes.assign(read.begin(), read.end());
  } else if (auto parsed = parse_hex(text)) {
    bytes = std::move(*parsed);
  } else {
    value.fail(parsed.error());
  }
  if (bytes.empty() || bytes.size() % fw::launch_page_bytes != 0)
    value.fail(fmt::format("{} bytes are no whole pages of {}", bytes.size(), fw::launch_page_bytes));
  return bytes;
}

[[nodiscard]] auto digest_in(const member& value) -> fw::snp_digest {
  try {
    return digest_named("", value.text());
  } catch (const input_error& wrong) {
    value.fail(std::string_view{wrong.what()}.substr(2));
  }
}

/// One step: a page, or consecutive pages if there are more contents than one holds.
void add_step(fw::launch_digests& digests, const std::string& steps, const member& step) {
  fw::launch_page page{.type = type_of(step["type"]), .where = gpa{step["gpa"].number()}};
  if (page.where.value % fw::launch_page_bytes != 0) step["gpa"].fail("no multiple of 4096");
  page.imi = given(step, "imi") && step["imi"].flag();
  if (given(step, "vmpl")) {
    const auto allowed = step["vmpl"].items();
    if (allowed.size() != page.allowed.size()) step["vmpl"].fail("the permissions of VMPL 1, 2 and 3 were expected");
    for (std::size_t i = 0; i < allowed.size(); ++i)
      page.allowed[i].raw = static_cast<std::uint8_t>(allowed[i].number(0xFF));
  }

  const bool measured = fw::measures_contents(page.type);
  const bool has_data = given(step, "data");
  const bool has_digest = given(step, "digest");
  if (has_data && has_digest) step["digest"].fail("data are given, too; one of the two was expected");
  if (has_data) {
    digests.add_pages(page, contents_of(steps, step["data"]));
  } else if (has_digest) {
    const auto digest = digest_in(step["digest"]);
    if (!measured && digest != fw::snp_digest{}) step["digest"].fail("contents of such pages are not measured");
    digests.add(page, digest);
  } else if (measured) {
    step.fail("data or digest is missing: contents of such pages are measured");
  } else {
    digests.add_unread_pages(page, 1);
  }
}

}  // namespace

auto measure_steps(const std::string& path) -> int {
  const json file = read_json(path);
  const member root{file, ""};
  try {
    fw::launch_digests digests;
    if (given(root, "initial")) digests.ld = digest_in(root["initial"]);
    std::string lines;
    for (const member& step : root["pages"].items()) {
      add_step(digests, path, step);
      lines += fmt::format("{{\"launch_digest\":\"{}\"}}\n", hex_bytes(digests.ld));
    }
    fmt::print("{}", lines);
  } catch (const vector_error& wrong) {
    throw input_error(path, wrong.what());
  }
  return 0;
}

}  // namespace sevspec::tool
