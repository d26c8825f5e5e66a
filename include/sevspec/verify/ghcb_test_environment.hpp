// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_TEST_ENVIRONMENT_HPP
#define SEVSPEC_VERIFY_GHCB_TEST_ENVIRONMENT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/choices.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/verify/ghcb_step.hpp>

namespace sevspec::inline v0::verify {

/// What lies behind the hypervisor while it is tested: devices, instructions and memory whose answers follow from the
/// question, so that every hypervisor can have them. docs/oracle-protocol.md says the same in words.
class ghcb_test_environment : public ghcb::empty_environment {
 public:
  /// No request moves more bytes of memory outside the GHCB: what it wants beyond that does not exist.
  static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 18;

  explicit ghcb_test_environment(const ghcb_setup& setup) : setup_(&setup) {
    for (const ghcb_page_range& hole : setup.holes) holes_.insert(hole);
  }

  /// The memory of a step; what was noted of the step before is forgotten.
  void begin(const ghcb_step& step) {
    memory_.clear();
    before_.clear();
    effects_.clear();
    moved_ = 0;
    ghcb_ = step.value;
    if (step.what == ghcb_operation::page) put(step.value, step.page.bytes());
    for (const ghcb_bytes& one : step.memory) put(one.where, one.bytes);
    before_ = memory_;
    private_before_ = private_;
    race_ = step.race;
  }

  // --- what came of it ---

  [[nodiscard]] auto effects() const -> const std::vector<ghcb_effect>& { return effects_; }
  [[nodiscard]] auto made_private() const -> ghcb_page_set { return private_.without(private_before_); }
  [[nodiscard]] auto made_shared() const -> ghcb_page_set { return private_before_.without(private_); }
  [[nodiscard]] auto page_now(std::uint64_t where) const -> layout::ghcb {
    layout::ghcb page;
    std::ranges::copy(at(memory_, where >> 12), page.bytes().begin());
    return page;
  }
  /// Bytes that changed, but for those of the page at `except`.
  [[nodiscard]] auto changed(std::uint64_t except) const -> std::vector<ghcb_bytes> {
    std::vector<ghcb_bytes> all;
    for (const auto& [frame, page] : memory_) {
      if (frame == except >> 12) continue;
      const auto& old = at(before_, frame);
      for (std::size_t i = 0; i < page.size(); ++i) {
        if (page[i] == old[i]) continue;
        const std::uint64_t where = (frame << 12) + i;
        if (all.empty() || all.back().where + all.back().bytes.size() != where) all.push_back({where, {}});
        all.back().bytes.push_back(page[i]);
      }
    }
    return all;
  }

  // --- ghcb::hypervisor_environment ---

  auto read(gpa where, std::span<std::uint8_t> to) -> bool {
    if (!usable(where.value, to.size())) return false;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = at(memory_, (where.value + i) >> 12)[(where.value + i) & 0xfff];
    if (race_ && where.value < race_->where + race_->bytes.size() && race_->where < where.value + to.size()) {
      put(race_->where, race_->bytes);
      for (std::size_t i = 0; i < race_->bytes.size(); ++i)  // it is not the hypervisor that changes them
        before_[(race_->where + i) >> 12][(race_->where + i) & 0xfff] = race_->bytes[i];
      race_.reset();
    }
    return true;
  }
  auto write(gpa where, std::span<const std::uint8_t> from) -> bool {
    if (!usable(where.value, from.size())) return false;
    put(where.value, from);
    return true;
  }
  [[nodiscard]] auto has_page(gpa where) const -> bool {
    return where.value < setup_->memory && !holes_.contains(where.value);
  }
  [[nodiscard]] static auto cpuid(const ghcb::cpuid_operands& operands) -> std::optional<ghcb::cpuid_result> {
    ghcb::cpuid_result found{.eax = operands.function * 0x0100'0193U + operands.subfunction};
    found.ebx = ~found.eax;
    found.ecx = found.eax ^ 0x5555'5555U;
    found.edx = found.eax + 1;
    if (operands.function == 0xd) found.ebx = static_cast<std::uint32_t>(operands.xcr0.value_or(0) & 0xffff'ffff);
    return found;
  }
  [[nodiscard]] static auto tsc() -> std::uint64_t { return 0x1122'3344'5566'7788; }
  [[nodiscard]] static auto tsc_aux() -> std::uint32_t { return 0x55; }
  [[nodiscard]] static auto rdpmc(std::uint32_t counter) -> std::optional<std::uint64_t> {
    if (counter > 5) return {};
    return 0xabcd'0000'0100 + counter;
  }
  [[nodiscard]] auto rdmsr(std::uint32_t number) const -> std::optional<std::uint64_t> {
    const auto found = msrs_.find(number);
    return found == msrs_.end() ? std::nullopt : std::optional{found->second};
  }
  auto wrmsr(std::uint32_t number, std::uint64_t value) -> bool {
    if (number == 0x8b || !msrs_.contains(number)) return false;
    msrs_[number] = value;
    effects_.push_back({.what = ghcb_effect::kind::wrmsr, .where = number, .value = value});
    return true;
  }
  auto call(const ghcb::hypercall& registers) -> std::uint64_t {
    effects_.push_back({.what = ghcb_effect::kind::hypercall, .where = registers.rax, .value = registers.cpl});
    return registers.rax + 0x1000;
  }
  auto port_in(std::uint32_t port, unsigned bytes) -> std::uint32_t {
    if (repeats(ghcb_effect::kind::port_in, port, bytes)) ++effects_.back().value;
    else effects_.push_back({.what = ghcb_effect::kind::port_in, .where = port, .value = 1, .size = bytes});
    return port * 0x9e37'79b1U;
  }
  void port_out(std::uint32_t port, unsigned bytes, std::uint32_t value) {
    if (!repeats(ghcb_effect::kind::port_out, port, bytes))
      effects_.push_back({.what = ghcb_effect::kind::port_out, .where = port, .size = bytes});
    for (unsigned i = 0; i < bytes; ++i)
      effects_.back().bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xff));
  }
  void mmio_read(gpa where, std::span<std::uint8_t> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<std::uint8_t>((where.value + i) * 7 + 3);
    if (joins(ghcb_effect::kind::mmio_read, where.value)) effects_.back().value += to.size();
    else effects_.push_back({.what = ghcb_effect::kind::mmio_read, .where = where.value, .value = to.size()});
  }
  void mmio_write(gpa where, std::span<const std::uint8_t> from) {
    if (!joins(ghcb_effect::kind::mmio_write, where.value))
      effects_.push_back({.what = ghcb_effect::kind::mmio_write, .where = where.value});
    effects_.back().bytes.insert(effects_.back().bytes.end(), from.begin(), from.end());
  }
  /// As a whole or not at all.
  auto change_pages(const ghcb::page_change& change) -> ghcb::page_progress {
    using enum ghcb::page_progress::ending;
    using layout::ghcb_psc_ops;
    const ghcb_page_range range{change.first.value, change.pages};
    const bool exists = change.first.value <= setup_->memory &&
                        change.pages <= (setup_->memory - change.first.value) >> 12 && !holes_.overlaps(range);
    if (change.operation == ghcb_psc_ops::psmash || change.operation == ghcb_psc_ops::unsmash)
      return {change.pages, complete};
    if (!exists) return {0, failed};
    ghcb_page_set wanted;
    wanted.insert(range);
    const bool to_private = change.operation == ghcb_psc_ops::private_;
    const ghcb_page_set others = wanted.without(private_);  // those that are shared
    const bool repeated = to_private ? others != wanted : !others.empty();
    if (repeated && setup_->choices.psc_same_state == same_page_state::fails) return {0, failed};
    if (to_private) private_.insert(range);
    else private_.erase(range);
    return {change.pages, complete};
  }
  auto guest_message(gpa request, gpa response) -> std::uint32_t {
    effects_.push_back({.what = ghcb_effect::kind::guest_message, .where = request.value, .value = response.value});
    return setup_->firmware_status;
  }
  [[nodiscard]] auto certificate_bytes() const -> std::uint64_t { return setup_->certificate_bytes; }
  static void certificates(std::span<std::uint8_t> to) { std::ranges::fill(to, std::uint8_t{0xce}); }
  [[nodiscard]] auto throttled() const -> bool { return setup_->throttled; }

 private:
  using page_bytes = std::array<std::uint8_t, 4096>;
  using pages = std::map<std::uint64_t, page_bytes>;

  [[nodiscard]] static auto at(const pages& from, std::uint64_t frame) -> const page_bytes& {
    static constexpr page_bytes zero{};
    const auto found = from.find(frame);
    return found == from.end() ? zero : found->second;
  }
  void put(std::uint64_t where, std::span<const std::uint8_t> from) {
    for (std::size_t i = 0; i < from.size(); ++i) memory_[(where + i) >> 12][(where + i) & 0xfff] = from[i];
  }
  [[nodiscard]] auto usable(std::uint64_t where, std::uint64_t length) -> bool {
    if (where > setup_->memory || length > setup_->memory - where) return false;
    const bool in_ghcb = where >> 12 == ghcb_ >> 12;
    if (!in_ghcb) moved_ += length;
    if (!in_ghcb && moved_ > most_bytes) return false;
    if (length == 0) return true;
    const std::uint64_t first = where & ~std::uint64_t{0xfff};
    const ghcb_page_range range{first, (where + length - first + 0xfff) >> 12};
    return !holes_.overlaps(range) && !private_.overlaps(range);
  }
  /// Whether an access is one more of the same.
  [[nodiscard]] auto repeats(ghcb_effect::kind what, std::uint32_t port, unsigned bytes) const -> bool {
    return !effects_.empty() && effects_.back().what == what && effects_.back().where == port &&
           effects_.back().size == bytes;
  }
  /// Whether an access goes on where the last one ended.
  [[nodiscard]] auto joins(ghcb_effect::kind what, std::uint64_t where) const -> bool {
    if (effects_.empty() || effects_.back().what != what) return false;
    const ghcb_effect& last = effects_.back();
    return last.where + (what == ghcb_effect::kind::mmio_read ? last.value : last.bytes.size()) == where;
  }

  const ghcb_setup* setup_;
  ghcb_page_set holes_;
  ghcb_page_set private_;
  ghcb_page_set private_before_;
  pages memory_;
  pages before_;
  std::map<std::uint32_t, std::uint64_t> msrs_{
      {0x1b, 0xfee0'0900}, {0x8b, 0x0a00'1173}, {0x277, 0x0007'0406'0007'0406}};
  std::vector<ghcb_effect> effects_;
  std::optional<ghcb_bytes> race_;
  std::uint64_t moved_ = 0;
  std::uint64_t ghcb_ = 0;  ///< of the step
};

static_assert(ghcb::hypervisor_environment<ghcb_test_environment>);

}  // namespace sevspec::inline v0::verify

#endif
