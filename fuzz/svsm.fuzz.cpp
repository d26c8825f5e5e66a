// SPDX-License-Identifier: MIT
// An SVSM under anything that a guest, a hypervisor, or a network may say.
//
// First byte: what the input is.
//   0  deeds of a guest and a hypervisor. Byte 1: choices. Then deeds: a kind (1), processor and VMPL (1), where (3: in
//      units of 8 bytes), RAX (8), RCX (4), RDX (4), R8 (2), a length (1) and that many bytes, which lie at `where`
//   1  a manifest of a measurement
//   2  a manifest of services
//   3  a secrets page, as far as it goes
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/svsm/discovery.hpp>
#include <sevspec/svsm/measurement_manifest.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <sevspec/svsm/services_manifest.hpp>
#include <support/svsm_facts.hpp>

#include "fuzzing.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using namespace sevspec::test;

void play_deeds(cursor& in) {
  const std::uint8_t chosen = in.byte();
  context<> ctx;
  if ((chosen & 1) != 0) ctx.choices = svsm::as_coconut;
  if ((chosen & 2) != 0) ctx.choices.rmpadjust_inuse = in_use_adjust::fail_inuse;
  if ((chosen & 4) != 0) ctx.choices.meas_autoseal = automatic_seal::second_vcpu;
  svsm_arena world;
  svsm_services offered;
  offered.measurement.limits.kib_per_call = 4;
  offered.measurement.limits.freeze_max_calls = 3;
  world.self.processors[0].apic.active = (chosen & 8) != 0;
  svsm_history history;
  for (unsigned deeds = 0; deeds < 24 && !in.rest().empty(); ++deeds) {
    svsm_deed deed{.what = static_cast<svsm_deed::kind>(in.byte() % svsm_deed::kinds)};
    const std::uint8_t who = in.byte();
    deed.cpu = who & 1;
    deed.level = static_cast<std::uint8_t>(1 + (who >> 1 & 3) % 3);
    deed.where = gpa{in.little_endian(3) * 8};
    deed.registers.rax = in.little_endian(8);
    deed.registers.rcx = in.little_endian(4);
    deed.registers.rdx = in.little_endian(4);
    deed.registers.r8 = in.little_endian(2);
    const std::size_t length = in.byte();
    for (std::size_t i = 0; i < length; ++i) deed.bytes.push_back(in.byte());
    const char* const wrong = fact_against_svsm(ctx, world, offered, deed, history);
    demand(wrong == nullptr, wrong == nullptr ? "" : wrong);
  }
}

void play_measurement(cursor& in) {
  const auto manifest = svsm::parse_manifest(in.rest());
  if (!manifest) return;
  demand(std::ranges::equal(svsm::write_manifest(*manifest), in.rest()), "a manifest has one form");
}

void play_services(cursor& in) {
  const auto found = svsm::find_service(in.rest(), svsm::vtpm_guid);
  if (!found || found->empty()) return;
  const auto bytes = in.rest();
  demand(found->data() >= bytes.data() && found->data() + found->size() <= bytes.data() + bytes.size(),
         "a service's data lie in its manifest");
}

void play_secrets(cursor& in) {
  layout::secrets_page page;
  const auto bytes = in.rest();
  std::copy_n(bytes.begin(), std::min<std::size_t>(bytes.size(), 4096), page.bytes().begin());
  context<> ctx;
  const auto found = svsm::discover(ctx, false, &page);
  demand(!found || (*found && (*found)->size != 0 && (*found)->guest_vmpl != 0), "an SVSM is there, or the guest ends");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  switch (in.byte() % 4) {
    case 0: play_deeds(in); break;
    case 1: play_measurement(in); break;
    case 2: play_services(in); break;
    case 3: play_secrets(in); break;
  }
  return 0;
}
