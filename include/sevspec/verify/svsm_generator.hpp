// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_SVSM_GENERATOR_HPP
#define SEVSPEC_VERIFY_SVSM_GENERATOR_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <random>
#include <utility>
#include <vector>

#include <sevspec/layout/image.hpp>
#include <sevspec/svsm/measurement_request.hpp>
#include <sevspec/svsm/services_manifest.hpp>
#include <sevspec/verify/svsm_step.hpp>

/// Calls that are worth making.
namespace sevspec::inline v0::verify {

/// Steps of one processor's.
class svsm_requests {
 public:
  explicit svsm_requests(const svsm_setup& setup, std::uint32_t cpu = 0) : setup_(setup), cpu_(cpu) {}

  /// Where the requests lie, and what they name.
  static constexpr std::uint64_t list = 0x9000, buffer = 0xa000, report = 0xb000, nonce = 0xc000, state = 0xd000,
                                 area = 0xe000, moved = 0xf000, fresh = 0x1'0000, region = 0x20'0000;

  [[nodiscard]] auto call(std::uint64_t rax, std::uint64_t rcx = 0, std::uint64_t rdx = 0, std::uint64_t r8 = 0) const
      -> svsm_step {
    return {.what = svsm_operation::call, .cpu = cpu_, .registers = {rax, rcx, rdx, r8, 0x99}};
  }
  /// PVALIDATE of a list.
  [[nodiscard]] auto validate(const std::vector<std::uint64_t>& entries, std::uint16_t next = 0,
                              std::uint64_t where = list, int count = -1) const -> svsm_step {
    svsm_step step = call(1, where);
    std::vector<std::uint8_t> bytes(8 + 8 * entries.size());
    layout::write_le(bytes.data(),
                     count < 0 ? static_cast<std::uint16_t>(entries.size()) : static_cast<std::uint16_t>(count));
    layout::write_le(bytes.data() + 2, next);
    for (std::size_t i = 0; i < entries.size(); ++i) layout::write_le(bytes.data() + 8 + 8 * i, entries[i]);
    step.memory.push_back({where, std::move(bytes)});
    return step;
  }
  /// CREATE_VCPU with a VMSA that the guest writes before.
  [[nodiscard]] auto create(std::uint64_t vmsa, std::uint64_t caa, std::uint64_t apic_id, std::uint8_t level,
                            std::uint64_t efer, std::uint64_t features) const -> svsm_step {
    svsm_step step = call(2, vmsa, caa, apic_id);
    step.memory = {{vmsa + 0xca, {level}}, {vmsa + 0xd0, word(efer)}, {vmsa + 0x3b0, word(features)}};
    return step;
  }
  [[nodiscard]] auto create() const -> svsm_step {
    return create(state, area, 1, setup_.vmpl, 0x1000, svsm_places::features);
  }
  /// Attestation of all services, or of one.
  [[nodiscard]] auto attest(bool single = false) const -> svsm_step {
    svsm_step step = call((std::uint64_t{1} << 32) | (single ? 1U : 0U), list);
    std::vector<std::uint8_t> bytes(0x58);
    layout::write_le(bytes.data(), std::uint64_t{report});
    layout::write_le(bytes.data() + 8, std::uint32_t{0x1000});
    layout::write_le(bytes.data() + 0x10, std::uint64_t{nonce});
    layout::write_le(bytes.data() + 0x18, std::uint16_t{64});
    layout::write_le(bytes.data() + 0x20, std::uint64_t{buffer});
    layout::write_le(bytes.data() + 0x28, std::uint32_t{0x1000});
    const auto guid = svsm::vtpm_guid.mixed_endian();
    if (single) std::copy(guid.begin(), guid.end(), bytes.begin() + 0x40);
    step.memory = {{list, bytes}, {nonce, std::vector<std::uint8_t>(64, 0x4e)}};
    return step;
  }
  [[nodiscard]] auto tpm(std::uint32_t command, std::uint8_t locality, std::uint32_t size,
                         std::uint64_t where = buffer) const -> svsm_step {
    svsm_step step = call((std::uint64_t{2} << 32) | 1, where);
    std::vector<std::uint8_t> bytes(9 + 16, 0x54);
    layout::write_le(bytes.data(), command);
    bytes[4] = locality;
    layout::write_le(bytes.data() + 5, size);
    step.memory.push_back({where, std::move(bytes)});
    return step;
  }
  [[nodiscard]] auto management(std::uint64_t size, std::uint64_t room = 0x1000, std::uint64_t where = buffer) const
      -> svsm_step {
    svsm_step step = call((std::uint64_t{4} << 32) | 1, where, room);
    std::vector<std::uint8_t> bytes(24 + 8, 0x3c);
    layout::write_le(bytes.data() + 16, size);
    if (where != 0 && where < 0x1'0000) step.memory.push_back({where, std::move(bytes)});
    return step;
  }
  [[nodiscard]] auto measure(svsm::measurement_call which, const svsm::measurement_request& request,
                             std::uint64_t where = list) const -> svsm_step {
    svsm_step step = call((std::uint64_t{svsm::default_measurement_protocol} << 32) | std::to_underlying(which), where);
    step.memory.push_back({where, svsm::write_request(request)});
    return step;
  }
  [[nodiscard]] static auto request() -> svsm::measurement_request {
    svsm::measurement_request made{.response = {gpa{buffer}, 0x1000}, .report = {gpa{report}, 0x1000}};
    made.nonce.fill(0x6e);
    made.ranges = {{gpa{0x1000}, 0x1000}, {gpa{0x2ff8}, 24}};
    return made;
  }
  [[nodiscard]] static auto page(std::uint64_t gpa, svsm_page_state to) -> svsm_step {
    return {.what = svsm_operation::page, .gpa = gpa, .state = to};
  }
  [[nodiscard]] static auto word(std::uint64_t value) -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> bytes(8);
    layout::write_le(bytes.data(), value);
    return bytes;
  }

 private:
  svsm_setup setup_;
  std::uint32_t cpu_;
};

/// Guests at both levels that SVSMs use, with and without an emulated APIC.
[[nodiscard]] inline auto svsm_usual_setups() -> std::vector<svsm_setup> {
  return {{.vmpl = 2}, {.vmpl = 1, .processors = 2}, {.vmpl = 2, .processors = 1, .apic = true}};
}

/// Each call, each of its checks, and what one call leaves for the next: conversations of their own.
[[nodiscard]] inline auto svsm_directed(const svsm_setup& setup) -> std::vector<std::vector<svsm_step>> {
  using ask_for = svsm_requests;
  using enum svsm_page_state;
  const svsm_requests ask(setup);
  std::vector<std::vector<svsm_step>> all;
  const auto one = [&](const svsm_step& step) { all.push_back({step}); };
  const auto patched = [](svsm_step step, std::size_t which, std::size_t at, std::vector<std::uint8_t> bytes) {
    std::vector<std::uint8_t>& to = step.memory.at(which).bytes;
    if (to.size() < at + bytes.size()) to.resize(at + bytes.size());
    std::copy(bytes.begin(), bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(at));
    return step;
  };
  // The handshake.
  for (const std::uint8_t pending : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}})
    for (const std::uint64_t exit : {0x403U, 0x60U}) {
      svsm_step step = ask.call(6, 1);
      step.pending = pending;
      step.exit_code = exit;
      one(step);
    }
  // Protocols and calls that there are not.
  for (std::uint64_t protocol = 0; protocol < 6; ++protocol) {
    one(ask.call(6, protocol << 32 | 1));
    one(ask.call(6, protocol << 32 | 2));
    for (std::uint64_t call = 0; call < 9; ++call)
      if (protocol != 1 || call > 1) one(ask.call(protocol << 32 | call, ask_for::buffer, 0x1000));
  }
  one(ask.call(6, 0));
  one(ask.call(6, std::uint64_t{svsm::default_measurement_protocol} << 32 | 1));
  one(ask.call(std::uint64_t{99} << 32));
  for (const std::uint64_t value : {0U, 1U, 3U, 0x8000'0000U}) one(ask.call(7, value));
  // REMAP_CA.
  for (const std::uint64_t where : {ask_for::moved, ask_for::moved + 8, svsm_places::caa, svsm_places::vmsa,
                                    ask_for::fresh, svsm_places::own, ~std::uint64_t{0xfff}})
    one(ask.call(0, where));
  svsm_step used = ask.call(0, ask_for::moved);
  used.memory.push_back({ask_for::moved, std::vector<std::uint8_t>(16, 0x55)});
  all.push_back({used, ask.call(0, svsm_places::caa), ask.call(6, 1)});
  // PVALIDATE.
  const std::uint64_t good = ask_for::fresh | 4;
  for (const std::uint64_t entry : {good,
                                    good | 8,
                                    good | 0x10,
                                    good | 0x800,
                                    good | 1,
                                    good | 2,
                                    ask_for::region | 5,
                                    std::uint64_t{0x5},
                                    std::uint64_t{0x2004},
                                    std::uint64_t{0x200c},
                                    std::uint64_t{0x2000},
                                    std::uint64_t{0x2008},
                                    ask_for::fresh + 0,
                                    svsm_places::own | 4,
                                    svsm_places::caa | 4,
                                    svsm_places::caa,
                                    svsm_places::vmsa,
                                    ~std::uint64_t{0x1f'ffff} | 5,
                                    std::uint64_t{0xa'0004},
                                    std::uint64_t{0xf'f004},
                                    std::uint64_t{1} << 51 | 0x1'0004})
    one(ask.validate({entry}));
  one(ask.validate({}));
  one(ask.validate({good, good + 0x1000}, 1));
  one(ask.validate({good | 0x10, good + 0x1000}, 1));
  one(ask.validate({good, good + 0x1000}, 2));
  one(ask.validate({good, good + 0x1000}, 3));
  one(ask.validate({good, good + 0x1000, good | 0x10, good + 0x2000}));
  one(ask.validate({good}, 0, ask_for::list, 512));
  one(ask.validate({good}, 0, 0x9ff0));
  one(ask.validate({good}, 0, 0x9ff0, 2));
  one(ask.validate({good}, 0, 0x9004));
  one(ask.validate({good}, 0, svsm_places::caa + 8));
  one(ask.call(1, svsm_places::caa));
  svsm_step in_header = ask.call(1, svsm_places::caa);  // with CALL_PENDING cleared, 100h entries
  in_header.memory = {{svsm_places::caa + 1, {1}}, {svsm_places::caa + 8, ask_for::word(good)}};
  one(in_header);
  one(ask.call(1, svsm_places::own));
  one(ask.call(1, ask_for::fresh));
  all.push_back({ask.validate({good}), ask.validate({good}), ask.validate({good | 8}), ask.validate({ask_for::fresh})});
  svsm_step marked = ask.validate({0x2000});
  marked.memory.push_back({0x2000, std::vector<std::uint8_t>(4096, 0xe7)});
  all.push_back({marked, ask.validate({0x2004})});
  all.push_back({ask_for::page(ask_for::region, large), ask.validate({ask_for::region | 5}),
                 ask.validate({ask_for::region | 4}), ask.validate({ask_for::region | 1})});
  all.push_back({ask_for::page(ask_for::fresh, shared), ask.validate({good})});
  all.push_back({ask_for::page(0x2000, given), ask.validate({0x2004}), ask.validate({0x200c}), ask.validate({0x2000})});
  svsm_step own_list = ask.validate({ask_for::list});
  all.push_back({own_list});
  // CREATE_VCPU and DELETE_VCPU.
  one(ask.create());
  one(ask.create(ask_for::state, ask_for::area, 0, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::area, 9, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::area, std::uint64_t{1} << 32 | 1, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::state, 1, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, svsm_places::own, 1, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, svsm_places::caa, 1, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::area + 8, 1, setup.vmpl, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::area, 1, 0, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::area, 1, 3, 0x1000, 1));
  one(ask.create(ask_for::state, ask_for::area, 1, setup.vmpl, 0, 1));
  one(ask.create(ask_for::state, ask_for::area, 1, setup.vmpl, 0x1000, 0x21));
  for (const std::uint64_t vmsa : {svsm_places::vmsa, svsm_places::own, ask_for::fresh, ask_for::state + 8})
    one(ask.call(2, vmsa, ask_for::area, 1));
  const svsm_step from_second = svsm_requests(setup, 1).call(6, 1);
  all.push_back({ask.create(), ask.call(2, ask_for::state, ask_for::area, 1)});
  all.push_back({ask.create(), from_second});
  all.push_back({ask.create(), ask.call(3, ask_for::state), ask.create()});
  all.push_back({ask.create(), ask.call(3, ask_for::state + 8)});
  all.push_back({ask.create(), ask.validate({ask_for::state}), ask.validate({ask_for::area})});
  all.push_back({ask.create(), ask.call(0, ask_for::area), ask.call(0, ask_for::state)});
  all.push_back({ask.create(), svsm_requests(setup, 1).call(3, svsm_places::vmsa)});
  all.push_back({ask.create(), ask_for::page(ask_for::state, shared), ask.call(3, ask_for::state)});
  all.push_back({ask.create(), ask_for::page(ask_for::state, given), ask.call(3, ask_for::state)});
  one(ask.call(3, svsm_places::vmsa));
  one(ask.call(3, ask_for::state));
  // Attestation.
  for (const bool single : {false, true}) {
    const svsm_step asked = ask.attest(single);
    one(asked);
    for (const std::size_t at : {0x0cU, 0x1aU, 0x2cU, 0x3cU, 0x50U, 0x54U}) one(patched(asked, 0, at, {1}));
    for (const std::uint16_t size : {std::uint16_t{32}, std::uint16_t{65}}) {
      std::vector<std::uint8_t> bytes(2);
      layout::write_le(bytes.data(), size);
      one(patched(asked, 0, 0x18, bytes));
    }
    for (const std::uint64_t where : {std::uint64_t{0xcff0}, svsm_places::own})
      one(patched(asked, 0, 0x10, ask_for::word(where)));
    for (const std::size_t at : {0U, 0x20U}) {
      for (const std::uint64_t where : {std::uint64_t{0xa008}, ~std::uint64_t{0xfff}, svsm_places::own})
        one(patched(asked, 0, at, ask_for::word(where)));
      one(patched(asked, 0, at + 8, {8, 0, 0, 0}));
    }
    one(patched(asked, 0, 0x30, {0, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10}));
    one(patched(asked, 0, 0x30, {0, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x50}));
  }
  one(patched(ask.attest(true), 0, 0x40, std::vector<std::uint8_t>(16, 7)));
  one(ask.call(std::uint64_t{1} << 32 | 1, ask_for::fresh));
  // The vTPM and management mode.
  for (const std::uint32_t size : {0U, 10U, 4087U, 4088U}) one(ask.tpm(8, 0, size));
  one(ask.tpm(8, 1, 10));
  one(ask.tpm(9, 0, 10));
  one(ask.tpm(8, 0, 10, 0));
  one(ask.tpm(8, 0, 10, 0xf801));
  one(ask.call(std::uint64_t{2} << 32 | 1, svsm_places::own));
  one(ask.call(std::uint64_t{2} << 32 | 1, ask_for::fresh));
  for (const std::uint64_t size : {0U, 8U, 0xfe8U, 0xfe9U}) one(ask.management(size));
  for (const std::uint64_t room : {23U, 24U, 0x4'0000U, 0x4'0001U}) one(ask.management(0, room));
  one(ask.management(8, 0x1000, ask_for::buffer + 8));
  for (const std::uint64_t where : {std::uint64_t{0}, svsm_places::own, svsm_places::vmsa})
    one(ask.call(std::uint64_t{4} << 32 | 1, where, 0x1000));
  // The APIC.
  if (setup.apic) {
    const std::uint64_t apic = std::uint64_t{3} << 32;
    for (const std::uint64_t value : {0U, 1U, 2U, 3U}) one(ask.call(apic | 1, value));
    for (std::uint64_t msr = 0x800; msr < 0x840; ++msr) {
      one(ask.call(apic | 2, msr, 0));
      for (const std::uint64_t value : {0U, 0x31U, 0x100U}) one(ask.call(apic | 3, msr, value));
    }
    for (const std::uint64_t vector : {0x31U, 0x131U, 0x331U, 0x431U}) one(ask.call(apic | 4, vector));
    all.push_back({ask.call(apic | 3, 0x83f, 0x31), ask.call(apic | 2, 0x821), ask.call(apic | 2, 0x811)});
    all.push_back({ask.call(apic | 1, 1), ask.call(apic, 0)});
  }
  // Measurements.
  using svsm::measurement_call;
  const auto with = [&](auto edit) {
    svsm::measurement_request made = ask_for::request();
    edit(made);
    return made;
  };
  for (const measurement_call which :
       {measurement_call::hash, measurement_call::attest, measurement_call::baseline_append}) {
    const auto asked = [&](auto edit) { one(ask.measure(which, with(edit))); };
    asked([](auto&) {});
    asked([](auto& of) { of.hash = svsm::measurement_hash::sha256; });
    asked([](auto& of) { of.hash = svsm::measurement_hash::sha512; });
    asked([](auto& of) { of.hash = static_cast<svsm::measurement_hash>(3); });
    for (const std::uint16_t flags : {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{3}, std::uint16_t{4}})
      asked([=](auto& of) { of.flags = flags; });
    asked([](auto& of) { of.ranges.clear(); });
    asked([](auto& of) { of.response.bytes = 8; });
    asked([](auto& of) { of.report.bytes = 8; });
    asked([](auto& of) { of.response.where = gpa{0xa008}; });
    asked([](auto& of) { of.response.where = gpa{svsm_places::own}; });
    asked([](auto& of) { of.ranges[0].bytes = 0; });
    asked([](auto& of) { of.ranges[0].bytes = ~std::uint64_t{}; });
    for (const std::uint64_t where :
         {svsm_places::vmsa, svsm_places::caa, svsm_places::own, ask_for::fresh, ask_for::buffer})
      asked([=](auto& of) { of.ranges[1].first = gpa{where}; });
    one(ask.measure(which, ask_for::request(), 0x9004));
    one(ask.measure(which, ask_for::request(), 0x9f80));
    one(patched(ask.measure(which, ask_for::request()), 0, 0, {2}));
    one(patched(ask.measure(which, ask_for::request()), 0, 0x0c, {1}));
    one(ask.call((std::uint64_t{svsm::default_measurement_protocol} << 32) | std::to_underlying(which),
                 svsm_places::own));
    all.push_back({ask_for::page(0x1000, given), ask.measure(which, ask_for::request())});
  }
  const auto measurement = [&](measurement_call which) {
    return ask.call((std::uint64_t{svsm::default_measurement_protocol} << 32) | std::to_underlying(which),
                    ask_for::buffer, 0x1000);
  };
  const svsm_step append = ask.measure(measurement_call::baseline_append, ask_for::request());
  all.push_back({ask.measure(measurement_call::hash, ask_for::request()),
                 ask.measure(measurement_call::hash, ask_for::request()), measurement(measurement_call::query)});
  all.push_back({append, append, measurement(measurement_call::baseline_read)});
  all.push_back({append, measurement(measurement_call::baseline_seal), append,
                 measurement(measurement_call::baseline_seal), measurement(measurement_call::baseline_read)});
  if (setup.processors > 1)
    all.push_back(
        {ask.create(), svsm_requests(setup, 1).create(ask_for::moved, 0x3000, 0, setup.vmpl, 0x1000, 1), append});
  return all;
}

/// Random steps that hang together: pages are few, and most of them are in use.
class svsm_generator {
 public:
  explicit svsm_generator(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] auto next(const svsm_setup& setup) -> svsm_step {
    const auto cpu = static_cast<std::uint32_t>(below(4) == 0 ? below(setup.processors) : 0);
    const svsm_requests ask(setup, cpu);
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:  return lists(ask);
      case 5:
      case 6:
      case 7:  return vcpus(ask, setup);
      case 8:  return ask.call(3, any_page());
      case 9:  return ask.call(0, any_address());
      case 10: return page();
      case 11: return anything(ask);
      case 12: return ask.attest(below(2) == 0);
      case 13: return below(2) == 0 ? tpm(ask) : management(ask);
      case 14: return measurement(ask);
      default: return handshake(ask);
    }
  }

 private:
  [[nodiscard]] auto below(std::uint64_t limit) -> std::uint64_t { return random_() % limit; }
  [[nodiscard]] auto any_page() -> std::uint64_t {
    const std::uint64_t which = below(24);
    if (which < 18) return which << 12;
    constexpr std::uint64_t others[] = {0x20'0000, 0x20'1000, svsm_places::own, 0x3f'f000, 0xd000, 0xe000};
    return others[which - 18];
  }
  [[nodiscard]] auto any_address() -> std::uint64_t {
    const std::uint64_t page = any_page();
    constexpr std::uint64_t offsets[] = {0, 0, 0, 8, 4, 0xff8};
    return page + offsets[below(std::size(offsets))];
  }
  [[nodiscard]] auto lists(const svsm_requests& ask) -> svsm_step {
    std::vector<std::uint64_t> entries;
    const std::uint64_t count = below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      const bool large = below(8) == 0;
      const std::uint64_t where = large ? below(3) << 21 : any_page();
      constexpr std::uint64_t flags[] = {4, 4, 4, 0, 0, 12, 8, 0x14};
      entries.push_back(where | flags[below(std::size(flags))] | (large ? 1U : 0U));
    }
    const auto next = static_cast<std::uint16_t>(below(6) == 0 ? below(3) : 0);
    return ask.validate(entries, next, below(5) == 0 ? svsm_places::caa + 8 : svsm_requests::list);
  }
  [[nodiscard]] auto vcpus(const svsm_requests& ask, const svsm_setup& setup) -> svsm_step {
    const std::uint64_t vmsa = any_page();
    const std::uint64_t caa = any_page();
    const std::uint64_t apic_id = below(4);
    const bool bad = below(5) == 0;
    svsm_step step = ask.create(vmsa, caa, apic_id, static_cast<std::uint8_t>(bad ? 0 : setup.vmpl), 0x1000, 1);
    if (vmsa >= 0x1'0000 || vmsa == svsm_places::vmsa) step.memory.clear();
    return step;
  }
  [[nodiscard]] auto page() -> svsm_step {
    constexpr svsm_page_state states[] = {svsm_page_state::given, svsm_page_state::given, svsm_page_state::large};
    const svsm_page_state to = states[below(std::size(states))];
    const std::uint64_t where = to == svsm_page_state::large ? 0x20'0000 : 0x1'0000 + (below(8) << 12);
    return svsm_requests::page(where, to);
  }
  [[nodiscard]] auto anything(const svsm_requests& ask) -> svsm_step {
    const std::uint64_t rdx = below(3);
    const std::uint64_t rcx = any_address();
    return ask.call(below(9), rcx, rdx);
  }
  [[nodiscard]] auto management(const svsm_requests& ask) -> svsm_step {
    const std::uint64_t where = any_page();
    return ask.management(below(64), 0x1000, where);
  }
  [[nodiscard]] auto tpm(const svsm_requests& ask) -> svsm_step {
    const auto command = static_cast<std::uint32_t>(8 + below(8) / 7);
    const auto size = static_cast<std::uint32_t>(below(16));
    return ask.tpm(command, 0, size, svsm_requests::buffer + below(16));
  }
  [[nodiscard]] auto measurement(const svsm_requests& ask) -> svsm_step {
    svsm::measurement_request made = svsm_requests::request();
    const auto which = static_cast<svsm::measurement_call>(1 + below(3));
    made.flags = static_cast<std::uint16_t>(below(4));
    made.ranges[0].first = gpa{any_address()};
    made.ranges[0].bytes = below(3) * 0x800 + 16;
    made.ranges[1].first = gpa{any_address()};
    return ask.measure(which, made);
  }
  [[nodiscard]] auto handshake(const svsm_requests& ask) -> svsm_step {
    svsm_step step = ask.call(6, 1);
    step.pending = static_cast<std::uint8_t>(below(3));
    if (below(3) == 0) step.exit_code = 0x60;
    return step;
  }

  std::mt19937_64 random_;
};

}  // namespace sevspec::inline v0::verify

#endif
