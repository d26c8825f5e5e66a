// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_MEMORY_SCENARIOS_HPP
#define SEVSPEC_TESTS_SUPPORT_MEMORY_SCENARIOS_HPP

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>
#include <support/recorder.hpp>

#include <sevspec/memory/asid_activation.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/trusted_device.hpp>
#include <sevspec/memory/vm_page_flush.hpp>

namespace sevspec::test {

namespace detail {

using memory_scenario = std::function<std::string(recording_context&)>;

inline auto text_of(const outcome<void>& result) -> std::string {
  return result ? "ok;" : Catch::StringMaker<fault>::convert(result.error()) + ";";
}
inline auto text_of(const memory::asid_result& result) -> std::string {
  return std::to_string(static_cast<unsigned>(result.status)) + " " + name_of(result.decided_by) + ";";
}
inline auto text_of(const std::expected<memory::dma_target, memory::dma_abort>& result) -> std::string {
  if (result) return hex(result->where.value) + " " + std::to_string(result->key.slot) + ";";
  return "abort " + std::to_string(static_cast<unsigned>(result.error().event)) + " " +
         name_of(result.error().decided_by) + ";";
}

inline auto invd_scenario(recording_context& ctx) -> std::string {
  memory_machine m;
  memory::tagged_cache<2> cache(true);
  std::string seen;
  for (const std::uint64_t hwcr : {std::uint64_t{0}, memory::hwcr_invd_wbinvd}) {
    memory::cached_memory cpu{m.memory, cache};
    const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(1 + hwcr)};
    (void)cpu.write({0x3000}, guest_key, byte);
    memory::invd(ctx, cache, m.memory, {}, hwcr);
    seen += hex(m.get(0x3000, guest_key)) + ";";
  }
  return seen;
}

inline auto page_flush_scenario(std::uint64_t value, bool present) -> memory_scenario {
  return [=](recording_context& ctx) {
    memory_machine m;
    memory::no_cache cache;
    const auto flush = [&](std::uint64_t bits, bool exists) {
      return text_of(memory::write_vm_page_flush(
          ctx, {.present = exists, .highest = {7}}, cache, m.memory, bits, [](hva page) -> outcome<spa> {
            if (page == hva{0x3000}) return spa{0x3000};
            return std::unexpected{fault{fault_kind::pf, rule::PAG_ENT_02, 0, 0}};
          }));
    };
    return flush(0x3005, true) + flush(value, present);
  };
}

inline auto read_flush_scenario(recording_context& ctx) -> std::string {
  return memory::read_vm_page_flush(ctx) ? "read" : "#GP";
}

/// A firmware whose ASIDs 1 to 8 are clean, SEV-ES below 5.
struct asid_machine {
  memory::asid_states<8, 2> states{};
  memory::guest_asid guest{};
  recording_context& ctx;

  explicit asid_machine(recording_context& context) : ctx(context) {
    for (std::uint32_t by = 0; by < 2; ++by) {
      note_wbinvd(states, {by});
      for (std::uint32_t id = 0; id <= 8; ++id) states.set_state({id}, {by}, memory::asid_state::clean);
    }
  }
  auto activate(std::uint32_t id, bool sent = false) -> std::string {
    return text_of(memory::activate(ctx, states, {.highest = 8, .min_sev = 5}, guest,
                                    {.kind = memory::guest_kind::sev_es, .sent = sent}, {id}));
  }
};

inline auto activation_scenario(std::function<std::string(asid_machine&)> request) -> memory_scenario {
  return [=](recording_context& ctx) {
    asid_machine allowed(ctx);
    const std::string passing = allowed.activate(1);
    (void)deactivate(ctx, allowed.states, allowed.guest);
    asid_machine refused(ctx);
    return passing + request(refused);
  };
}

inline auto snp_activation_scenario(memory::snp_activation what) -> memory_scenario {
  return activation_scenario([=](asid_machine& m) {
    const auto ask = [&](const memory::snp_activation& snp) {
      return text_of(snp_activate(m.ctx, m.states, {.highest = 8, .min_sev = 5}, m.guest, false, snp, {2}));
    };
    return ask(what) + ask({});
  });
}

inline auto hiding_scenario(asid highest) -> memory_scenario {
  return [=](recording_context& ctx) {
    memory_machine m;
    const rmp::page_owners owners{m.rmp};
    const memory::ciphertext_hiding view{ctx, m.memory, owners, {.enabled = true, .max_snp = highest}};
    return hex(view.read_qword({m.private_page}, plain_key).value_or(1)) + " " +
           hex(view.read_qword({m.private_page}, guest_key).value_or(1));
  };
}

/// A device at the tables in 11000h: page 2000h at 2000h, 1000h at 1000h.
struct device_machine : memory_machine {
  memory::dma_path path{.c_bit = 51, .tables = memory::io_page_table{.root = {0x11000}, .levels = 1}, .snp = true};
  memory::trusted_interface tdi{
      .state = memory::tdi_state::run,
      .entry = {
          .valid = true, .id = {5}, .read = true, .write = true, .virtual_tom_enabled = true, .virtual_tom = 0x9000}};
  device_machine() {
    using e = memory::io_entry;
    put(0x11040, plain_key, private_page | e::present | e::read | e::write);
    put(0x11048, plain_key, shared_page | e::present | e::read | e::write);
  }
};

inline auto dma_scenario(bool bypass) -> memory_scenario {
  return [=](recording_context& ctx) {
    device_machine m;
    m.path.iommu_rmp_bypass = bypass;
    std::string seen = text_of(route_dma(ctx, m.guarded, m.path, {0x9000}, true));
    if (bypass) m.path.tables.reset();
    return seen + text_of(route_dma(ctx, m.guarded, m.path, {bypass ? m.private_page : m.private_gpa}, true));
  };
}

inline auto trusted_scenario(bool fenced) -> memory_scenario {
  return [=](recording_context& ctx) {
    device_machine m;
    m.tdi.fenced = fenced;
    return text_of(route_trusted_dma(ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, false)) +
           text_of(route_trusted_dma(ctx, m.guarded, m.path, m.tdi, false, {m.private_gpa}, false));
  };
}

inline auto interface_scenario(memory::tdi_event event) -> memory_scenario {
  return [=](recording_context& ctx) {
    memory::trusted_interface tdi{.attested = true};
    std::string seen;
    for (const auto each : {memory::tdi_event::lock, event, event}) seen += step_interface(ctx, tdi, each) ? "1" : "0";
    return seen + std::to_string(static_cast<unsigned>(tdi.state)) + (tdi.attested ? " attested" : "");
  };
}

}  // namespace detail

/// A case for every guard and effect of caches, ASIDs, ciphertext hiding and devices, in which it fires and passes.
inline auto memory_scenarios() -> std::multimap<rule, std::function<std::string(recording_context&)>> {
  using namespace detail;
  using memory::asid_state;
  return {
      {rule::ENC_COH_05, invd_scenario},
      {rule::ENC_VPF_01, page_flush_scenario(0x3005, false)},
      {rule::ENC_VPF_01, read_flush_scenario},
      {rule::ENC_VPF_03, page_flush_scenario(0x3000, true)},
      {rule::ENC_VPF_03, page_flush_scenario(0x3008, true)},
      {rule::ENC_VPF_03, page_flush_scenario(0x4005, true)},
      {rule::ENC_ASID_09, snp_activation_scenario({.pages = 1})},
      {rule::ENC_ASID_09, snp_activation_scenario({.single_socket = true, .sockets = 2})},
      {rule::ENC_ASID_11,
       [](recording_context& ctx) {
         asid_machine m(ctx);
         std::string seen = text_of(df_flush(ctx, m.states));
         m.states = {};
         seen += text_of(df_flush(ctx, m.states));
         return seen + name_of(m.states.state_of({1}, {0}));
       }},
      {rule::ENC_ASID_12,
       [](recording_context& ctx) {
         asid_machine m(ctx);
         const std::string seen = m.activate(1) + text_of(check_asid_runs(ctx, m.states, {1}, {0}));
         finish_launch(m.states, m.guest);
         return seen + text_of(check_asid_runs(ctx, m.states, {1}, {0}));
       }},
      {rule::FW_ACT_03, activation_scenario([](asid_machine& m) { return m.activate(0); })},
      {rule::FW_ACT_03, activation_scenario([](asid_machine& m) { return m.activate(9); })},
      {rule::FW_ACT_03, snp_activation_scenario({.pages = {}})},
      {rule::FW_ACT_04, activation_scenario([](asid_machine& m) {
         m.states.set_state({1}, {1}, asid_state::allocated);
         return m.activate(1);
       })},
      {rule::FW_ACT_05, activation_scenario([](asid_machine& m) { return m.activate(1) + m.activate(2); })},
      {rule::FW_ACT_06, activation_scenario([](asid_machine& m) { return m.activate(1, true); })},
      {rule::FW_ACT_07, activation_scenario([](asid_machine& m) {
         m.states.set_state({1}, {1}, asid_state::dirty);
         return m.activate(1);
       })},
      {rule::FW_ACT_09, activation_scenario([](asid_machine& m) { return m.activate(5); })},
      {rule::FW_ACT_22,
       activation_scenario([](asid_machine& m) { return text_of(deactivate(m.ctx, m.states, m.guest)); })},
      {rule::ENC_HIDE_02, hiding_scenario({5})},
      {rule::ENC_HIDE_03, [](recording_context& ctx) { return hiding_scenario({5})(ctx) + hiding_scenario({4})(ctx); }},
      {rule::ENC_DMA_03, dma_scenario(false)},
      {rule::ENC_DMA_05, dma_scenario(true)},
      {rule::TIO_ST_01, interface_scenario(memory::tdi_event::lock)},
      {rule::TIO_ST_01, interface_scenario(memory::tdi_event::start)},
      {rule::TIO_DMA_01, trusted_scenario(false)},
      {rule::TIO_DMA_02, trusted_scenario(true)},
      {rule::TIO_DMA_03, interface_scenario(memory::tdi_event::stop)},
  };
}

}  // namespace sevspec::test

#endif
