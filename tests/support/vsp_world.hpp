// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_VSP_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_VSP_WORLD_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <support/firmware_world.hpp>

#include <sevspec/nested/vsp_execute.hpp>

namespace sevspec::test {

using test_vsp = nested::virtual_sp<map_table, memory::asid_states<15, 2>, scripted_random>;

}  // namespace sevspec::test

// The commands of a virtual AMD-SP are compiled once, in vsp_world.cpp.
namespace sevspec::inline v0::nested {
extern template auto execute(test::recording_context&, vsp_host&, test::test_machine<>&, test::test_vsp&, std::uint32_t,
                             std::uint64_t) -> firmware::status;
}  // namespace sevspec::inline v0::nested

namespace sevspec::test {

/// Where an L1 has what: the same on a machine of that size without nesting.
inline constexpr std::uint64_t l1_memory = 0x100'0000;   ///< 16 MiB
inline constexpr std::uint64_t l1_covered = 0x0c0'0000;  ///< of which so much has entries in L1's table
inline constexpr std::uint64_t l1_rmp_base = 0x0b0'0000;
inline constexpr std::uint64_t l1_buffer = 0xd0'0000;  ///< command buffers: above the table's coverage
inline constexpr std::uint64_t l1_scratch = 0xd1'0000;
inline constexpr std::uint64_t l1_tmr = 0xe0'0000;
inline constexpr std::uint64_t l1_large = 0x40'0000;  ///< 4 MiB from here on lie in pages of 2M of the machine
inline constexpr std::uint64_t l1_context = 0x10'0000;
inline constexpr std::uint64_t l1_pages = 0x20'0000;  ///< for guests; 4K pages, scattered over the machine

/// What L1 hypervisors find; a machine that is as small finds the same.
inline auto make_l1_hardware(const test_machine<>& like) -> firmware::hardware {
  firmware::hardware made = like.hw;
  made.dram = {{{0}, l1_memory}};
  for (firmware::cpu_thread& one : made.threads) {
    one.registers.rmp_base = l1_rmp_base;
    one.registers.rmp_end = l1_rmp_base + 0xf'ffff;
    one.registers.syscfg = firmware::syscfg_bits::for_snp;
  }
  return made;
}

/// Somebody who drives an AMD-SP: a hypervisor on a machine, or in an L1. The same calls, the same addresses.
class driver {
 public:
  driver() = default;
  driver(const driver&) = delete;
  auto operator=(const driver&) -> driver& = delete;
  virtual ~driver() = default;

  virtual auto execute(std::uint32_t id, std::uint64_t buffer) -> fw = 0;
  virtual void store(std::uint64_t where, std::span<const std::uint8_t> bytes) = 0;
  virtual auto load(std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> = 0;
  virtual auto load_guest(std::uint32_t id, std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> = 0;
  virtual auto set_page(std::uint64_t where, const rmp::new_state& wanted) -> rmp::status = 0;
  virtual void wbinvd() = 0;
  /// Entry, platform state: what the hypervisor can know of them.
  virtual auto entry(std::uint64_t where) -> rmp::entry = 0;
  virtual auto platform() -> const firmware::platform& = 0;
  virtual auto hardware() -> firmware::hardware& = 0;

  template <class Image>
  auto post(command_id id, Image& buffer) -> fw {
    store(l1_buffer, buffer.bytes());
    const fw done = execute(static_cast<std::uint32_t>(id), l1_buffer);
    std::ranges::copy(load(l1_buffer, buffer.bytes().size()), buffer.bytes().begin());
    return done;
  }
  auto post(command_id id) -> fw { return execute(static_cast<std::uint32_t>(id), 0); }
  auto word(command_id id, std::uint64_t value) -> fw {
    firmware::byte_array<8> bytes{};
    layout::write_le(bytes.data(), value);
    store(l1_buffer, bytes);
    return execute(static_cast<std::uint32_t>(id), l1_buffer);
  }
  void give(std::uint64_t where, bool large = false) {
    REQUIRE(set_page(where, {.assigned = true, .large = large, .immutable = true}) == rmp::status::success);
  }
  auto flush(bool snp) -> fw {
    wbinvd();
    return post(snp ? command_id::snp_df_flush : command_id::df_flush);
  }

  // --- legacy
  /// INIT; where there was no SNP_INIT, on cores without SEV-SNP.
  auto init(bool es = false) -> fw {
    if (!platform().rmp_initialized) {
      for (firmware::cpu_thread& one : hardware().threads) {
        one.registers.syscfg = firmware::syscfg_bits::mem_encryption_mod_en;
        one.registers.rmp_base = one.registers.rmp_end = 0;
      }
    }
    layout::cmd_init cmd;
    cmd.set_flags(layout::cmd_init_flags{}.set_sev_es(es));
    if (es) cmd.set_tmr_paddr(l1_tmr);
    if (es) cmd.set_tmr_len(0x10'0000);
    return post(command_id::init, cmd);
  }
  auto launch_start(std::uint32_t policy, std::uint32_t& handle) -> fw {
    layout::cmd_launch_start cmd;
    cmd.set_handle(handle);
    cmd.set_policy({policy});
    const fw done = post(command_id::launch_start, cmd);
    if (done == fw::success) handle = cmd.handle();
    return done;
  }
  auto activate(std::uint32_t handle, std::uint32_t id) -> fw {
    layout::cmd_activate cmd;
    cmd.set_handle(handle);
    cmd.set_asid(id);
    return post(command_id::activate, cmd);
  }
  auto by_handle(command_id id, std::uint32_t handle) -> fw {
    layout::cmd_handle cmd;
    cmd.set_handle(handle);
    return post(id, cmd);
  }
  auto update(std::uint32_t handle, std::uint64_t where, std::uint32_t size, bool vmsa = false) -> fw {
    layout::cmd_launch_update cmd;
    cmd.set_handle(handle);
    cmd.set_paddr(where);
    cmd.set_len(size);
    return post(vmsa ? command_id::launch_update_vmsa : command_id::launch_update_data, cmd);
  }
  auto measure(std::uint32_t handle, std::vector<std::uint8_t>& told) -> fw {
    layout::cmd_launch_measure cmd;
    cmd.set_handle(handle);
    cmd.set_address(l1_scratch);
    cmd.set_len(48);
    const fw done = post(command_id::launch_measure, cmd);
    told = load(l1_scratch, 48);
    return done;
  }
  auto debug(command_id id, std::uint32_t handle, std::uint64_t from, std::uint64_t to, std::uint32_t size) -> fw {
    layout::cmd_dbg cmd;
    cmd.set_handle(handle);
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    cmd.set_len(size);
    return post(id, cmd);
  }
  auto guest_status(std::uint32_t handle, layout::cmd_guest_status& cmd) -> fw {
    cmd = {};
    cmd.set_handle(handle);
    return post(command_id::guest_status, cmd);
  }

  // --- SEV-SNP
  auto snp_start(std::uint64_t page = l1_context, std::uint64_t policy = snp_policy) -> fw {
    give(page);
    if (const fw bad = word(command_id::snp_gctx_create, page); bad != fw::success) return bad;
    layout::cmd_snp_launch_start cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_policy({policy});
    cmd.set_desired_tsc_khz(2'000'000);
    return post(command_id::snp_launch_start, cmd);
  }
  auto snp_activate(std::uint64_t page, std::uint32_t id) -> fw {
    layout::cmd_snp_activate cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_asid(id);
    return post(command_id::snp_activate, cmd);
  }
  auto snp_update(std::uint64_t where, std::uint64_t gpa, std::uint32_t id, std::uint32_t type = 1,
                  std::uint64_t context = l1_context, bool large = false, std::uint32_t perms = 0) -> fw {
    const rmp::entry now = entry(where);
    const bool ready = now.immutable && now.id == asid{id} && now.guest.value == gpa && now.large == large;
    const auto given =
        ready ? rmp::status::success
              : set_page(where, {.assigned = true, .large = large, .immutable = true, .id = {id}, .guest = {gpa}});
    if (given != rmp::status::success) return fw::invalid_page_state;
    layout::cmd_snp_launch_update cmd;
    cmd.set_gctx_paddr(context);
    cmd.set_page_paddr(where);
    cmd.set_flags({(large ? 1U : 0U) | type << 1});
    cmd.set_perms({perms});
    return post(command_id::snp_launch_update, cmd);
  }
  auto snp_finish(std::uint64_t page = l1_context, const firmware::byte_array<32>& host_data = {}) -> fw {
    layout::cmd_snp_launch_finish cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_host_data(host_data);
    return post(command_id::snp_launch_finish, cmd);
  }
  auto guest_request(std::uint64_t page, std::uint64_t request, std::uint64_t response) -> fw {
    layout::cmd_snp_guest_request cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_request_paddr(request);
    cmd.set_response_paddr(response);
    return post(command_id::snp_guest_request, cmd);
  }
};

/// A hypervisor on a machine as small as an L1.
class direct_driver final : public driver {
 public:
  explicit direct_driver(recording_context& with) : ctx(with), m(make_test_machine(true)) {
    m.hw = make_l1_hardware(m);
    m.rmp = map_table{l1_covered / 4096};
  }
  auto execute(std::uint32_t id, std::uint64_t buffer) -> fw override { return firmware::execute(ctx, m, id, buffer); }
  void store(std::uint64_t where, std::span<const std::uint8_t> bytes) override { poke(m, where, bytes); }
  auto load(std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> override {
    return peek(m, where, size);
  }
  auto load_guest(std::uint32_t id, std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> override {
    return peek_guest(m, asid{id}, where, size);
  }
  auto set_page(std::uint64_t where, const rmp::new_state& wanted) -> rmp::status override {
    return rmp::rmpupdate(ctx, m.rmp, {}, {}, {where}, wanted)->eax;
  }
  void wbinvd() override { firmware::note_wbinvd_everywhere(m); }
  auto entry(std::uint64_t where) -> rmp::entry override { return firmware::entry_at(m, {where}); }
  auto platform() -> const firmware::platform& override { return m.sp; }
  auto hardware() -> firmware::hardware& override { return m.hw; }

  recording_context& ctx;
  test_machine<> m;
};

/// A machine on which L0 has started both APIs, with room for several L1s.
class nested_host {
 public:
  explicit nested_host(recording_context& with) : ctx(with), physical(with, true) {
    physical.snp_started();
    world::expect({physical.init(true), physical.flush()});
    l0.pages = nested::l0_pages::of({0x700'0000}, 1100);
    for (std::uint32_t i = 1; i <= 15; ++i) l0.pool.push_back({asid{i}, false});
  }
  recording_context& ctx;
  world physical;
  nested::vsp_host l0;
};

/// An L1 hypervisor with a virtual AMD-SP.
class nested_driver final : public driver {
 public:
  /// @param number  which L1: its memory lies elsewhere on the machine for each, up to 5
  explicit nested_driver(nested_host& on, std::uint32_t number = 0,
                         nested::vsp_trust trust = nested::vsp_trust::physical)
      : host(on), v{.who = {number}, .trust = trust, .rmp = map_table{l1_covered / 4096}} {
    v.hw = make_l1_hardware(on.physical.m);
    nested::limit_features(v, on.physical.m.hw, on.physical.m.sp);
    nested::set_identity(host.ctx, v, on.physical.m.hw, firmware::byte_array<48>{7, static_cast<std::uint8_t>(number)});
    v.random.state = 1000 + number;
    v.sp.flash = cached_identity(on.physical.m.hw, on.physical.m.sp.current);
    const std::uint64_t first = 0x0100'0000 / 4096 + number * l1_memory / 4096;
    for (std::uint64_t i = 0; i < l1_memory / 4096; ++i) {
      const bool large = i >= l1_large / 4096 && i < (l1_large + 0x40'0000) / 4096;
      // Neighbours of L1 are none on the machine, but for the pages of 2M.
      v.map[i].page = {first + (large ? i : i ^ 1U)};
    }
  }
  auto execute(std::uint32_t id, std::uint64_t buffer) -> fw override {
    return nested::execute(host.ctx, host.l0, host.physical.m, v, id, buffer);
  }
  void store(std::uint64_t where, std::span<const std::uint8_t> bytes) override {
    for (std::size_t i = 0; i < bytes.size();) {
      const std::size_t part = std::min<std::size_t>(bytes.size() - i, 4096 - (where + i) % 4096);
      poke(host.physical.m, real(where + i), bytes.subspan(i, part));
      i += part;
    }
  }
  auto load(std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> override {
    std::vector<std::uint8_t> all;
    for (std::size_t i = 0; i < size;) {
      const std::size_t part = std::min<std::size_t>(size - i, 4096 - (where + i) % 4096);
      const auto one = peek(host.physical.m, real(where + i), part);
      all.insert(all.end(), one.begin(), one.end());
      i += part;
    }
    return all;
  }
  auto load_guest(std::uint32_t id, std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> override {
    const asid bound = host.l0.asids.real_of(v.who, asid{id}).value();
    std::vector<std::uint8_t> all;
    for (std::size_t i = 0; i < size;) {
      const std::size_t part = std::min<std::size_t>(size - i, 4096 - (where + i) % 4096);
      const auto one = peek_guest(host.physical.m, bound, real(where + i), part);
      all.insert(all.end(), one.begin(), one.end());
      i += part;
    }
    return all;
  }
  auto set_page(std::uint64_t where, const rmp::new_state& wanted) -> rmp::status override {
    return nested::update_page(host.ctx, host.l0, host.physical.m, v, gpa{where}, wanted);
  }
  void wbinvd() override {
    for (std::size_t i = 0; i < v.hw.threads.size(); ++i) nested::note_wbinvd(host.ctx, host.l0, host.physical.m, v, i);
  }
  auto entry(std::uint64_t where) -> rmp::entry override { return firmware::entry_at(v, {where}); }
  auto platform() -> const firmware::platform& override { return v.sp; }
  auto hardware() -> firmware::hardware& override { return v.hw; }

  /// Where a gPA of L1 is.
  [[nodiscard]] auto real(std::uint64_t where) const -> std::uint64_t {
    return nested::real_address(v.map, where).value().value;
  }
  /// The machine's entry for a page of L1's.
  [[nodiscard]] auto real_entry(std::uint64_t where) const -> rmp::entry {
    return firmware::entry_at(host.physical.m, {real(where)});
  }

  nested_host& host;
  test_vsp v;
};

}  // namespace sevspec::test

#endif
