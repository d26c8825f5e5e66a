// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_CATALOGUE_HPP
#define SEVSPEC_VERIFY_ATTACKS_CATALOGUE_HPP

#include <algorithm>
#include <string_view>
#include <vector>

#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/ciphertext_attacks.hpp>
#include <sevspec/verify/attacks/command_attacks.hpp>
#include <sevspec/verify/attacks/device_attacks.hpp>
#include <sevspec/verify/attacks/launch_attacks.hpp>
#include <sevspec/verify/attacks/not_run.hpp>
#include <sevspec/verify/attacks/protocol_attacks.hpp>
#include <sevspec/verify/attacks/register_attacks.hpp>
#include <sevspec/verify/attacks/remap_attacks.hpp>

namespace sevspec::inline v0::verify::attacks {

/// Every attack that is a script, by ID.
[[nodiscard]] inline auto all_attacks() -> std::vector<const attack*> {
  std::vector<const attack*> all;
  const auto add = [&](const auto& group) {
    for (const attack& one : group) all.push_back(&one);
  };
  add(remap_attacks);
  add(ciphertext_attacks);
  add(device_attacks);
  add(register_attacks);
  add(launch_attacks);
  add(command_attacks);
  add(protocol_attacks);
  std::ranges::sort(all, {}, [](const attack* one) { return std::string_view{one->id}; });
  return all;
}

}  // namespace sevspec::inline v0::verify::attacks

#endif
