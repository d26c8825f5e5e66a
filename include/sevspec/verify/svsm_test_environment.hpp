// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_SVSM_TEST_ENVIRONMENT_HPP
#define SEVSPEC_VERIFY_SVSM_TEST_ENVIRONMENT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/svsm/attestation.hpp>
#include <sevspec/svsm/report_source.hpp>
#include <sevspec/svsm/services.hpp>
#include <sevspec/verify/svsm_step.hpp>

/// What lies behind the SVSM of a conversation, so that two of them answer alike.
namespace sevspec::inline v0::verify {

/// Memory of pages that are zero until they are written. Keys do not count.
class svsm_test_memory {
 public:
  using page = std::array<std::uint8_t, 4096>;

  [[nodiscard]] auto read(spa where, memory_key, std::span<std::uint8_t> to) const -> memory::memory_status {
    for (std::size_t i = 0; i < to.size(); ++i) {
      const auto found = pages_.find((where.value + i) >> 12);
      to[i] = found == pages_.end() ? std::uint8_t{0} : found->second[(where.value + i) & 0xfff];
    }
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key, std::span<const std::uint8_t> from) -> memory::memory_status {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto found = pages_.find((where.value + i) >> 12);
      if (found != pages_.end()) found->second[(where.value + i) & 0xfff] = from[i];
      else if (from[i] != 0) pages_[(where.value + i) >> 12][(where.value + i) & 0xfff] = from[i];
    }
    return memory::memory_status::ok;
  }
  void clear() { pages_.clear(); }

  /// Bytes that differ, neighbours together.
  /// @param counts  `counts(address)`: whether a byte is looked at
  template <class Counts>
  [[nodiscard]] auto changed_since(const svsm_test_memory& before, const Counts& counts) const
      -> std::vector<svsm_bytes> {
    static constexpr page zeros{};
    std::vector<svsm_bytes> all;
    for (const auto& [frame, bytes] : pages_) {
      const auto found = before.pages_.find(frame);
      const page& old = found == before.pages_.end() ? zeros : found->second;
      if (old == bytes) continue;
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint64_t where = (frame << 12) + i;
        if (old[i] == bytes[i] || !counts(where)) continue;
        if (all.empty() || all.back().where + all.back().bytes.size() != where) all.push_back({where, {}});
        all.back().bytes.push_back(bytes[i]);
      }
    }
    return all;
  }

 private:
  std::map<std::uint64_t, page> pages_;
};

/// A TPM whose responses are the commands, inverted.
struct svsm_test_tpm {
  [[nodiscard]] static auto execute(std::span<const std::uint8_t> command) -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> answer(command.begin(), command.end());
    for (std::uint8_t& byte : answer) byte = static_cast<std::uint8_t>(~byte);
    return answer;
  }
};

/// Management mode that inverts what it is given.
struct svsm_test_mode {
  static void handle(std::span<const std::uint8_t, 16>, std::span<std::uint8_t> data) {
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(~byte);
  }
};

/// Reports that are zero but for REPORT_DATA; no certificates.
struct svsm_test_reports {
  [[nodiscard]] static auto report(const svsm::report_data& data, bool) -> svsm::report_answer {
    svsm::report_answer answer{.what = svsm::report_answer::kind::ok};
    answer.report.resize(svsm::report_bytes);
    std::ranges::copy(data, answer.report.begin() + 0x50);
    return answer;
  }
};

using svsm_test_services = svsm::services<svsm_test_tpm, svsm_test_mode, svsm_test_reports>;

/// The services of the test: of the vTPM sixteen bytes, 0 to Fh.
[[nodiscard]] inline auto make_svsm_test_services() -> svsm_test_services {
  svsm_test_services made;
  std::vector<std::uint8_t> data(16);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
  made.manifest = {{.id = svsm::vtpm_guid, .data = data}};
  return made;
}

}  // namespace sevspec::inline v0::verify

#endif
