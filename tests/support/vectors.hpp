// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_VECTORS_HPP
#define SEVSPEC_TESTS_SUPPORT_VECTORS_HPP

#include <expected>
#include <fstream>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <sevspec/memory/sparse_memory.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/walk.hpp>
#include <support/rmp_pages.hpp>

namespace sevspec::test {

/// tests/data/paging-vectors.json
[[nodiscard]] inline auto load_vectors() -> nlohmann::json {
  std::ifstream file(SEVSPEC_TEST_DATA_DIR "/paging-vectors.json");
  return nlohmann::json::parse(file);
}

/// What a walk of either kind returned: exactly one of the three.
struct vector_result {
  std::optional<fault> failed;
  std::optional<paging::host_translation> host;
  std::optional<paging::guest_translation> guest;

  friend auto operator==(const vector_result&, const vector_result&) -> bool = default;
};

/// One vector, ready to walk.
struct vector_case {
  cpu_part part;
  bool in_guest{};
  paging::control_registers host_registers;
  std::uint64_t syscfg{};
  paging::guest_entry_state guest;
  std::uint64_t where{};
  memory_access why;
  rmp_pages owners;
  memory::sparse_memory memory{memory::sparse_memory::absent::zero};

  /// Why the library refuses this vector's registers, if so.
  [[nodiscard]] auto refusal() const -> std::optional<paging::register_error> {
    context<> ctx;
    if (in_guest) {
      if (const auto regime = paging::make_two_stage_regime(ctx, part, guest); !regime) return regime.error();
    } else {
      if (const auto regime = paging::make_host_regime(ctx, part, host_registers, syscfg); !regime)
        return regime.error();
    }
    return {};
  }

  /// With the ownership checks of the vector's Reverse Map Table.
  template <class Context, class Memory>
  [[nodiscard]] auto walk(Context& ctx, Memory& tables) const -> vector_result {
    rmp::guarded_memory guarded(tables, owners);
    return walk_in(ctx, guarded);
  }

  /// Over a memory that says itself whose pages are whose.
  template <class Context, class Memory>
  [[nodiscard]] auto walk_in(Context& ctx, Memory& tables) const -> vector_result {
    vector_result result;
    if (in_guest) {
      const auto regime = paging::make_two_stage_regime(ctx, part, guest);
      const auto found = paging::walk(ctx, tables, regime.value(), gva{where}, why);
      if (found) result.guest = *found;
      else result.failed = found.error();
    } else {
      const auto regime = paging::make_host_regime(ctx, part, host_registers, syscfg);
      const auto found = paging::walk(ctx, tables, regime.value(), hva{where}, why);
      if (found) result.host = *found;
      else result.failed = found.error();
    }
    return result;
  }
};

/// A vector of the file as a case; or why the library refuses its registers.
[[nodiscard]] inline auto read_vector(const nlohmann::json& vector) -> std::expected<vector_case, std::string> {
  const auto number = [](const nlohmann::json& object, const char* name) -> std::uint64_t {
    if (!object.contains(name)) return 0;
    const auto& value = object.at(name);
    return value.is_string() ? std::stoull(value.get<std::string>(), nullptr, 16) : value.get<std::uint64_t>();
  };
  const auto registers = [&](const nlohmann::json& from) {
    return paging::control_registers{.cr0 = number(from, "cr0"),
                                     .cr3 = number(from, "cr3"),
                                     .cr4 = number(from, "cr4"),
                                     .efer = number(from, "efer")};
  };

  vector_case test;
  const auto& cpu = vector.at("cpu");
  test.part.pa_bits = cpu.at("pa_bits");
  test.part.c_bit = cpu.at("cbit");
  test.part.reduction = cpu.at("reduction");
  test.part.gb_pages = cpu.at("gb");
  test.part.la57 = cpu.at("la57");
  test.part.snp_capable = cpu.at("snp_hw");
  test.in_guest = vector.at("mode") == "guest";
  test.host_registers = registers(vector.at("host"));
  test.syscfg = number(vector.at("host"), "syscfg");
  if (test.in_guest) {
    const auto& guest = vector.at("guest");
    test.guest = {.host = test.host_registers,
                  .syscfg = test.syscfg,
                  .guest = registers(guest),
                  .ncr3 = number(guest, "ncr3"),
                  .np_control = number(guest, "np_ctl"),
                  .id = {guest.at("asid").get<std::uint32_t>()},
                  .sev_features = number(guest, "sev_features"),
                  .virtual_tom = number(guest, "vtom"),
                  .level = {static_cast<std::uint8_t>(number(guest, "vmpl"))}};
  }
  if (vector.contains("rmp")) {
    for (const auto& [page, fields] : vector.at("rmp").items()) {
      rmp::entry one{.assigned = fields.at("assigned") == 1,
                     .large = fields.at("size") == 1,
                     .immutable = fields.at("immutable") == 1,
                     .validated = fields.at("validated") == 1,
                     .id = {fields.at("asid").get<std::uint32_t>()},
                     .guest = {number(fields, "gpa")}};
      for (unsigned level = 0; level < 4; ++level)
        one.allowed[level].raw = fields.at("perms").at(level).get<std::uint8_t>();
      test.owners.put(std::stoull(page, nullptr, 16), one);
    }
  }
  for (const auto& qword : vector.at("mem")) test.memory.write_qword({number(qword, "pa")}, number(qword, "qw"));

  const auto& access = vector.at("access");
  const std::string type = access.at("type");
  test.where = number(access, "va");
  test.why = {.kind = type == "w"   ? access_kind::write
                      : type == "x" ? access_kind::execute
                      : type == "s" ? access_kind::shadow_stack_read
                      : type == "S" ? access_kind::shadow_stack_write
                                    : access_kind::read,
              .level = {access.at("cpl").get<std::uint8_t>()},
              .implicit_supervisor = access.value("implicit", false),
              .through_ss = access.value("stack", false),
              .alignment_check = access.contains("ac") && access.at("ac") != 0 && access.at("ac") != false,
              .pkru = static_cast<std::uint32_t>(number(access, "pkru"))};

  if (const auto refused = test.refusal()) return std::unexpected{std::string(refused->field) + ": " + refused->reason};
  return test;
}

}  // namespace sevspec::test

#endif
