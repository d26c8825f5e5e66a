// SPDX-License-Identifier: MIT
#include "oracle.hpp"

#include <utility>

#include <gsl/assert>

#include "ghcb_protocol.hpp"
#include "svsm_protocol.hpp"

namespace sevspec::tool {

namespace {

[[nodiscard]] auto machine_of(const verify::rmp_setup& setup) -> verify::rmp_reference<> {
  auto made = verify::rmp_reference<>::make(setup);
  if (!made) throw protocol_error(made.error().reason);
  return std::move(*made);
}

}  // namespace

oracle::oracle() : machine_(machine_of(setup_)) {}

void oracle::reset(const verify::rmp_setup& setup) {
  const bool same = setup.memory == setup_.memory && setup.rmp_base == setup_.rmp_base &&
                    setup.rmp_end == setup_.rmp_end;  // then the table stays, which takes no memory anew
  if (same) machine_.reset(setup.choices);
  else machine_ = machine_of(setup);
  setup_ = setup;
  firmware_.reset();
}

auto oracle::run(const verify::rmp_step& step) -> verify::rmp_answer {
  if (!verify::needs_guests(step.what)) return machine_.run(step);
  if (!firmware_) firmware_.emplace(setup_, machine_.table());
  return firmware_->run(step);
}

auto oracle::hypervisor() -> verify::ghcb_reference<>& {
  if (!hypervisor_) hypervisor_.emplace();
  return *hypervisor_;
}

auto oracle::svsm() -> verify::svsm_reference<>& {
  if (!svsm_) svsm_.emplace();
  return *svsm_;
}

void oracle::answer_svsm(const json& object, std::string& to) {
  const svsm_request asked = parse_svsm_request(object);
  if (!asked.reset) return append_svsm_answer(to, asked.step, svsm().run(asked.step));
  (void)svsm().reset(asked.setup);
  to += R"({"ok":true})";
}

void oracle::answer(std::string_view line, std::string& to) {
  answer_line(line, to, [&](const json& object) {
    if (is_ghcb_request(object)) return answer_ghcb_request(object, hypervisor(), to);
    if (is_svsm_request(object)) return answer_svsm(object, to);
    const request asked = parse_request(object);
    if (!asked.reset) return append_answer(to, asked.step, run(asked.step));
    reset(asked.setup);
    to += R"({"ok":true})";
  });
}

}  // namespace sevspec::tool
