// SPDX-License-Identifier: MIT
#include "oracle_ghcb.hpp"

#include "ghcb_protocol.hpp"

namespace sevspec::inline v0::verify {

template class ghcb_reference<>;

}  // namespace sevspec::inline v0::verify

namespace sevspec::tool {

void answer_ghcb_request(const json& object, verify::ghcb_reference<>& hypervisor, std::string& to) {
  const ghcb_request asked = parse_ghcb_request(object);
  if (asked.reset) {
    (void)hypervisor.reset(asked.setup);
    to += R"({"ok":true})";
  } else {
    append_ghcb_answer(to, asked.step, hypervisor.run(asked.step));
  }
}

}  // namespace sevspec::tool
