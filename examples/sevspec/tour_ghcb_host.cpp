// SPDX-License-Identifier: MIT
#include "tour_ghcb_host.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include <sevspec/ghcb/features.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/rmp/access_check.hpp>

#include "tour_dialogue.hpp"

namespace sevspec::tool {

namespace {

/// The guest's memory ends with the pages that it was given; all requests here stay in one page.
[[nodiscard]] auto is_memory(gpa where) -> bool { return where.value < guest_map::device.value; }

[[nodiscard]] auto config() -> ghcb::guest_config {
  using enum layout::ghcb_hv_features;
  return {.features = ghcb::feature_bit(snp) | ghcb::feature_bit(snp_ap_creation)};
}

}  // namespace

auto tour_environment::read(gpa where, std::span<std::uint8_t> to) const -> bool {
  const rmp::spfn page = page_of(host_->spa_of(where));
  if (!is_memory(where) || host_->rmp().entry_of(page).assigned) return false;  // ciphertext is of no use
  std::ranges::copy(host_->plain(where, to.size()), to.begin());
  return true;
}

auto tour_environment::write(gpa where, std::span<const std::uint8_t> from) -> bool {
  const auto verdict =
      rmp::check_access(host_->ctx(), host_->rmp(), {.where = host_->spa_of(where), .kind = access_kind::write});
  if (!is_memory(where) || verdict.what != memory::ownership_verdict::kind::allowed) return false;
  host_->put_plain(where, from);
  return true;
}

auto tour_environment::has_page(gpa where) const -> bool { return is_memory(where); }

auto tour_environment::port_in(std::uint32_t port, unsigned bytes) -> std::uint32_t {
  constexpr std::uint32_t ready = 'R';
  ++references;
  tell(speaker::hypervisor, speaker::device, fmt::format("port {:#x}, {} byte: reads {:#x}", port, bytes, ready));
  return ready;
}

void tour_environment::port_out(std::uint32_t port, unsigned bytes, std::uint32_t value) {
  ++references;
  serial += static_cast<char>(value & 0xff);
  tell(speaker::hypervisor, speaker::device, fmt::format("port {:#x}, {} byte: writes {:#x}", port, bytes, value));
}

void tour_environment::mmio_read(gpa where, std::span<std::uint8_t> to) {
  ++references;
  std::copy_n(device.begin(), std::min(to.size(), device.size()), to.begin());
  tell(speaker::hypervisor, speaker::device,
       fmt::format("{:#x}, {} bytes: reads {:#x}", where.value, to.size(),
                   layout::read_le<std::uint32_t>(device.data())));
}

void tour_environment::mmio_write(gpa where, std::span<const std::uint8_t> from) {
  ++references;
  std::copy_n(from.begin(), std::min(from.size(), device.size()), device.begin());
  tell(speaker::hypervisor, speaker::device,
       fmt::format("{:#x}, {} bytes: writes {:#x}", where.value, from.size(),
                   layout::read_le<std::uint32_t>(device.data())));
}

auto tour_environment::change_pages(const ghcb::page_change& change) -> ghcb::page_progress {
  const char* const before = host_->state_of(change.first);
  ghcb::rmp_host pages(host_->ctx(), host_->rmp(), host_->instruction_set(), running_guest_host::guest.id,
                       [&](gpa page) { return std::optional{host_->spa_of(page)}; });
  const ghcb::page_progress done = pages.change_pages(change);
  host_->drop_translations();
  tell(speaker::hypervisor, speaker::reverse_map,
       fmt::format("RMPUPDATE of gPA {:#x}: {} -> {}", change.first.value, before, host_->state_of(change.first)));
  const bool shares = change.operation == layout::ghcb_psc_ops::shared;
  for (std::uint64_t i = 0; i < done.done; ++i) {
    const gpa page = change.first + i * guest_page_bytes;
    deeds.push_back({0, page, shares ? ghcb::host_deed::shares : ghcb::host_deed::assigns});
    deeds.push_back({0, page, shares ? ghcb::host_deed::answers_shared : ghcb::host_deed::answers_private});
  }
  return done;
}

ghcb_host::ghcb_host(running_guest_host& host) : host_(host), vm_(ghcb::make_machine(config(), 2)), env_(host) {
  for (std::size_t i = 0; i < vm_.vcpus.size(); ++i) {
    cpu::vmcb_page page = host_.vmcb(i);
    page.controls().set_ghcb_gpa(vm_.vcpus[i].here().msr);
    host_.write(i, page);
  }
}

auto ghcb_host::run(std::size_t which) -> cpu::vmrun_result {
  const cpu::vmrun_result done = host_.vmrun(which);
  if (done.end == cpu::vmrun_end::entered) ++entries_;
  return done;
}

void ghcb_host::look_around(std::size_t which) {
  const auto sees = [&](std::span<const std::uint8_t> what) { seen_.insert(seen_.end(), what.begin(), what.end()); };
  sees(host_.core(which).registers.bytes());
  sees(host_.vmcb(which).bytes);
  sees(host_.plain(guest_map::ghcb, guest_page_bytes));
  sees(host_.plain_vmsa(which));
}

auto ghcb_host::serve(std::size_t which) -> ghcb::vmgexit_result {
  look_around(which);
  cpu::vmcb_page page = host_.vmcb(which);
  if (page.controls().exit_code() != layout::svm_exit_codes::vmgexit) throw std::logic_error("not a VMGEXIT");
  ghcb::vcpu& processor = vm_.vcpus.at(which);
  processor.here().msr = page.controls().ghcb_gpa();
  const ghcb::vmgexit_result done = ghcb::vmgexit(host_.ctx(), vm_, processor, env_);
  page.controls().set_ghcb_gpa(processor.here().msr);
  host_.write(which, page);
  return done;
}

void ghcb_host::take_vmsa(std::size_t which) {
  const auto where = vm_.vcpus.at(which).here().vmsa;
  if (!where) throw std::logic_error("the guest has made no VMSA");
  host_.use_vmsa(which, host_.spa_of(*where));
}

}  // namespace sevspec::tool
