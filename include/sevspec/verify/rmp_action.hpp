// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_ACTION_HPP
#define SEVSPEC_VERIFY_RMP_ACTION_HPP

#include <cstdint>
#include <optional>
#include <string_view>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// What was done to a table, as far as invariants tell deeds apart.
enum class rmp_deed : std::uint8_t {
  look,  ///< RMPREAD, RMPQUERY, RMPOPT, a reference: nothing that changes the table
  rmpupdate,
  psmash,
  pvalidate,
  rmpadjust,
  vmrun,          ///< VMRUN takes pages, or #VMEXIT gives them back
  launch_update,  ///< SNP_LAUNCH_UPDATE
  swap_in,        ///< SNP_PAGE_SWAP_IN
  page_move,      ///< SNP_PAGE_MOVE
  command,        ///< any other command of the firmware
};

/// One step: who acted, on what, and whether it succeeded. Which members count depends on `what`.
struct rmp_action {
  rmp_deed what{};
  bool succeeded{};       ///< neither a fault nor a code
  rmp::spfn page{};       ///< the operand's; of SNP_PAGE_MOVE the destination
  bool large{};           ///< the operand names a large page
  asid id{};              ///< pvalidate, rmpadjust: the guest that executes
  vmpl level{};           ///< pvalidate, rmpadjust: the VMPL that executes
  std::uint8_t target{};  ///< rmpadjust: the VMPL whose permissions change
  bool validate{};        ///< pvalidate: the wanted state

  /// RMPUPDATE or PSMASH.
  [[nodiscard]] constexpr auto by_host() const noexcept -> bool {
    return what == rmp_deed::rmpupdate || what == rmp_deed::psmash;
  }
  /// An x86 instruction that changes entries.
  [[nodiscard]] constexpr auto by_instruction() const noexcept -> bool {
    return by_host() || what == rmp_deed::pvalidate || what == rmp_deed::rmpadjust;
  }
};

/// A step of the conformance suite as an action.
[[nodiscard]] constexpr auto action_of(const rmp_step& step, const rmp_answer& answer) noexcept -> rmp_action {
  rmp_action made{.page = page_of(spa{step.spa}),
                  .large = step.size != page_size::k4k,
                  .id = {step.asid},
                  .level = {step.vmpl},
                  .target = static_cast<std::uint8_t>(step.attributes & 0xff),
                  .validate = step.validate};
  switch (step.what) {
    case rmp_operation::rmpupdate: made.what = rmp_deed::rmpupdate; break;
    case rmp_operation::psmash:    made.what = rmp_deed::psmash; break;
    case rmp_operation::pvalidate: made.what = rmp_deed::pvalidate; break;
    case rmp_operation::rmpadjust: made.what = rmp_deed::rmpadjust; break;
    case rmp_operation::rmpread:
    case rmp_operation::rmpquery:
    case rmp_operation::access:
    case rmp_operation::entry:     made.what = rmp_deed::look; break;
    default:                       made.what = rmp_deed::command; break;  // the firmware's
  }
  if (answer.ending == rmp_ending::status) made.succeeded = std::string_view{answer.state} == "SUCCESS";
  else if (answer.ending == rmp_ending::result) made.succeeded = answer.eax == 0;
  else made.succeeded = answer.ending == rmp_ending::done || answer.ending == rmp_ending::entry;
  return made;
}

/// Who makes a reference.
enum class rmp_party : std::uint8_t {
  hypervisor,  ///< and guests that are not SNP-active
  guest,       ///< SNP-active
  device,
  amd_sp,
};

/// A reference that has happened.
struct rmp_access_made {
  rmp::spfn page{};
  rmp_party by{};
  gpa guest{};   ///< by a guest: the gPA it was made through
  asid id{};     ///< by a guest
  vmpl level{};  ///< by a guest
  bool c{};      ///< by a guest: effective C-bit
  bool write{};  ///< something was stored
  bool sss{};    ///< stored to a supervisor shadow stack, with VmplSSS
};

/// The reference of a step, if it is one and was let through. Fetches and references of the walker are private
/// (RMP-CHK-07).
[[nodiscard]] constexpr auto access_of(const rmp_step& step, const rmp_answer& answer) noexcept
    -> std::optional<rmp_access_made> {
  if (step.what != rmp_operation::access || answer.ending != rmp_ending::done) return {};
  const bool walker = step.kind == rmp_access::walk_read || step.kind == rmp_access::walk_write;
  const bool shadow_stack = step.kind == rmp_access::shadow_stack;
  rmp_access_made made{.page = page_of(spa{step.spa}),
                       .guest = {step.gpa},
                       .id = {step.asid},
                       .level = {step.vmpl},
                       .c = step.c || walker || step.kind == rmp_access::execute,
                       .write = step.kind == rmp_access::write || step.kind == rmp_access::walk_write || shadow_stack,
                       .sss = shadow_stack && step.cpl != 3};
  if (step.by == rmp_agent::device) made.by = rmp_party::device;
  if (step.by == rmp_agent::guest && step.snp) made.by = rmp_party::guest;
  return made;
}

}  // namespace sevspec::inline v0::verify

#endif
