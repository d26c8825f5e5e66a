// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/memory/trusted_device.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;

namespace {

constexpr auto entry(std::uint64_t address, unsigned next) -> std::uint64_t {
  return address | std::uint64_t{next} << 9 | io_entry::present | io_entry::read | io_entry::write;
}

/// A device of guest 5: its private page is gPA 8000h, a shared one is gPA 9000h, and another guest's A000h.
struct tio_machine : memory_machine {
  context<> ctx{};
  dma_path path{.c_bit = 51, .tables = io_page_table{.root = {0x11000}, .levels = 1}, .snp = true};
  trusted_interface tdi{.state = tdi_state::run,
                        .entry = {.valid = true,
                                  .id = {5},
                                  .level = {1},
                                  .read = true,
                                  .write = true,
                                  .virtual_tom_enabled = true,
                                  .virtual_tom = 0x10000}};

  tio_machine() {
    put(0x11040, plain_key, entry(private_page, 0));
    put(0x11048, plain_key, entry(shared_page, 0));
    put(0x11050, plain_key, entry(0x4000, 0));
    rmp[private_page].allowed[1] = {0x3};
    auto others = guest_page(0xa000, 6);
    others.allowed[1] = {0x3};
    rmp.put(0x4000, others);
    put(private_page, guest_key, 0x1234);
    put(shared_page, plain_key, 0x5678);
  }
  auto route(bool trusted, std::uint64_t address = private_gpa, bool write = false)
      -> std::expected<dma_target, dma_abort> {
    return route_trusted_dma(ctx, guarded, path, tdi, trusted, {address}, write);
  }
  /// The rule that aborts a trusted reference; none if it happens under the guest's key.
  auto decided(std::uint64_t address = private_gpa, bool write = false) -> rule {
    const auto target = route(true, address, write);
    if (target) {
      CHECK(target->key == guest_key);
      return rule::none;
    }
    CHECK(target.error().address == device_address{address});
    return target.error().decided_by;
  }
};

const dma_target ciphertext{{memory_machine::private_page}, plain_key};

}  // namespace

TEST_CASE("TIO-ST-01: the states of an interface", "[memory][tio][TIO-ST-01]") {
  using enum tdi_state;
  struct step {
    tdi_state before;
    tdi_event event;
    bool accepted;
    tdi_state after;
  };
  const step steps[] = {
      {config_unlocked, tdi_event::lock, true, config_locked},
      {config_locked, tdi_event::lock, false, config_locked},
      {run, tdi_event::lock, false, run},
      {error, tdi_event::lock, false, error},
      {config_unlocked, tdi_event::start, false, config_unlocked},
      {config_locked, tdi_event::start, true, run},
      {run, tdi_event::start, false, run},
      {error, tdi_event::start, false, error},
      {config_unlocked, tdi_event::stop, true, config_unlocked},
      {config_locked, tdi_event::stop, true, config_unlocked},
      {run, tdi_event::stop, true, config_unlocked},
      {error, tdi_event::stop, true, config_unlocked},
      {config_unlocked, tdi_event::violation, true, config_unlocked},
      {config_locked, tdi_event::violation, true, error},
      {run, tdi_event::violation, true, error},
      {error, tdi_event::violation, true, error},
  };
  context<> ctx;
  for (const step& s : steps) {
    INFO(static_cast<int>(s.before) << " by " << static_cast<int>(s.event));
    trusted_interface tdi{.state = s.before};
    CHECK(step_interface(ctx, tdi, s.event) == s.accepted);
    CHECK(tdi.state == s.after);
    const bool in_use = s.before == config_locked || s.before == run;
    CHECK(tdi.fenced == (in_use && (s.after == config_unlocked || s.after == error)));
  }
}

TEST_CASE("TIO-DMA-03: unlocking ends what the guest knew of the device", "[memory][tio][TIO-DMA-03]") {
  context<> ctx;
  for (const tdi_event event : {tdi_event::start, tdi_event::violation, tdi_event::stop}) {
    trusted_interface tdi{.state = tdi_state::config_locked, .attested = true, .mmio_validated = true};
    CHECK(step_interface(ctx, tdi, event));
    CHECK(tdi.attested == (event != tdi_event::stop));
    CHECK(tdi.mmio_validated == (event != tdi_event::stop));
  }
  trusted_interface tdi{.state = tdi_state::error, .attested = true, .mmio_validated = true};
  CHECK(step_interface(ctx, tdi, tdi_event::stop));
  CHECK_FALSE(tdi.attested);
  CHECK_FALSE(tdi.mmio_validated);
}

TEST_CASE("TIO-DMA-01: trusted references use the guest's key", "[memory][tio][TIO-DMA-01]") {
  tio_machine m;
  CHECK(m.route(true) == dma_target{{m.private_page}, guest_key});
  std::array<std::uint8_t, 2> bytes{};
  CHECK(trusted_dma_read(m.ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, bytes).has_value());
  CHECK(bytes == std::array<std::uint8_t, 2>{0x34, 0x12});
  bytes = {0x99, 0x88};
  CHECK(trusted_dma_write(m.ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, bytes).has_value());
  CHECK(m.get(m.private_page, guest_key) == 0x8899);
  // At virtual TOM and above, shared memory.
  m.tdi.entry.virtual_tom = 0x9000;
  CHECK(m.route(true, 0x9000) == dma_target{{m.shared_page}, plain_key});
  CHECK(m.route(true, 0x9000, true) == dma_target{{m.shared_page}, plain_key});
  CHECK(m.route(true, 0x8fff) == dma_target{{m.private_page + 0xfff}, guest_key});
  m.tdi.entry.virtual_tom = 0x8000;
  CHECK(m.route(true) == ciphertext);
  CHECK(m.route(true, m.private_gpa, true).error().decided_by == rule::ENC_DMA_03);
  m.tdi.entry.virtual_tom = ~std::uint64_t{0};
  m.tdi.entry.virtual_tom_enabled = false;
  CHECK(m.route(true) == ciphertext);
}

TEST_CASE("TIO-DMA-01: trusted references are checked as the guest's own", "[memory][tio][TIO-DMA-01]") {
  tio_machine m;
  CHECK(m.decided() == rule::none);
  CHECK(m.decided(0xa000) == rule::RMP_CHK_01);  // another guest's page
  CHECK(m.decided(0x9000) == rule::RMP_CHK_01);  // the hypervisor's
  CHECK(m.route(true, 0xa000).error() == dma_abort{.event = dma_event::rmp_page_fault,
                                                   .decided_by = rule::RMP_CHK_01,
                                                   .address = {0xa000},
                                                   .where = {0x4000}});
  m.rmp[m.private_page].guest = {0x7000};
  CHECK(m.decided() == rule::RMP_CHK_01);  // remapped
  m.rmp[m.private_page].guest = {m.private_gpa};
  m.rmp[m.private_page].validated = false;
  CHECK(m.decided() == rule::PAG_RMPS_08);
  m.rmp[m.private_page].validated = true;
  m.rmp[m.private_page].allowed[1] = {1};  // read only for the entry's VMPL
  CHECK(m.decided() == rule::none);
  CHECK(m.decided(m.private_gpa, true) == rule::RMP_VPL_01);
  m.tdi.entry.level = {0};
  CHECK(m.decided(m.private_gpa, true) == rule::none);
  m.tdi.entry.id = {6};
  CHECK(m.decided() == rule::RMP_CHK_01);
  // A size that is not the table's.
  m.tdi.entry.id = {5};
  m.rmp.put(0, {.assigned = true, .large = true, .validated = true, .id = {5}, .guest = {0}, .allowed = {{{3}}}});
  CHECK(m.decided() != rule::none);

  // IR and IW of the entry, then the I/O page tables.
  tio_machine n;
  n.tdi.entry.read = false;
  CHECK(n.decided() == rule::TIO_DMA_01);
  CHECK(n.decided(m.private_gpa, true) == rule::none);
  n.tdi.entry = {.valid = true, .id = {5}, .read = true, .virtual_tom_enabled = true, .virtual_tom = 0x10000};
  CHECK(n.decided() == rule::none);
  CHECK(n.decided(m.private_gpa, true) == rule::TIO_DMA_01);
  CHECK(n.route(true, m.private_gpa, true).error().event == dma_event::io_page_fault);
  CHECK(n.route(true, 0xb000).error().walk == io_walk_error::not_present);
}

TEST_CASE("TIO-DMA-01: everything else takes the way of every device", "[memory][tio][TIO-DMA-01]") {
  tio_machine m;
  CHECK(m.route(false) == ciphertext);
  CHECK(m.route(false, m.private_gpa, true).error().decided_by == rule::ENC_DMA_03);
  for (const tdi_state state : {tdi_state::config_unlocked, tdi_state::config_locked, tdi_state::error}) {
    m.tdi.state = state;
    CHECK(m.route(true) == ciphertext);
  }
  m.tdi.state = tdi_state::run;
  m.tdi.entry.valid = false;
  CHECK(m.route(true) == ciphertext);
}

TEST_CASE("TIO-DMA-02: a fence stops trusted references until it is cleared", "[memory][tio][TIO-DMA-02]") {
  for (const tdi_event event : {tdi_event::violation, tdi_event::stop}) {
    tio_machine m;
    CHECK(step_interface(m.ctx, m.tdi, event));
    CHECK(m.route(true).error() == dma_abort{.decided_by = rule::TIO_DMA_02, .address = {m.private_gpa}});
    CHECK(m.route(true, 0x9000).error().decided_by == rule::TIO_DMA_02);
    CHECK(m.route(false) == ciphertext);
    std::array<std::uint8_t, 2> bytes{};
    CHECK_FALSE(trusted_dma_read(m.ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, bytes).has_value());
    CHECK_FALSE(trusted_dma_write(m.ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, bytes).has_value());
    CHECK(bytes == std::array<std::uint8_t, 2>{});

    // Locked and started again, the fence still stands.
    CHECK(step_interface(m.ctx, m.tdi, tdi_event::stop));
    CHECK(step_interface(m.ctx, m.tdi, tdi_event::lock));
    CHECK(step_interface(m.ctx, m.tdi, tdi_event::start));
    CHECK(m.route(true).error().decided_by == rule::TIO_DMA_02);
    clear_fence(m.tdi);
    CHECK(m.route(true) == dma_target{{m.private_page}, guest_key});
  }
  tio_machine m;  // memory that does not answer
  m.put(0x11040, plain_key, entry(0x100'0000, 0));
  m.rmp.put(0x100'0000, m.rmp[m.private_page]);
  std::array<std::uint8_t, 2> bytes{};
  CHECK(trusted_dma_read(m.ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, bytes).error() ==
        dma_abort{.address = {m.private_gpa}, .where = {0x100'0000}});
  CHECK(trusted_dma_write(m.ctx, m.guarded, m.path, m.tdi, true, {m.private_gpa}, bytes).error() ==
        dma_abort{.address = {m.private_gpa}, .where = {0x100'0000}});
}
