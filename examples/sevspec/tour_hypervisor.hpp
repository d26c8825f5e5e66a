// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_HYPERVISOR_HPP
#define SEVSPEC_TOOL_TOUR_HYPERVISOR_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/firmware/command_table.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// Who takes part in the tour's launch of an SNP guest.
namespace sevspec::tool {

/// A chip with 64 MiB of memory, one core, and SNP.
using snp_chips = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
using snp_machine =
    firmware::machine<snp_chips, rmp::lazy_table, memory::asid_states<15, 1>, crypto::repeatable_random>;
[[nodiscard]] auto make_snp_machine() -> snp_machine;

inline constexpr std::uint64_t guest_page_bytes = 4096;

/// A guest as its hypervisor knows it.
struct guest_slot {
  asid id{};
  spa context{};
  spa first_page{};
  spa secrets{};
};

/// Consecutive pages that a guest is launched with.
struct launch_load {
  firmware::snp_page_type type{};
  gpa where{};
  std::vector<std::uint8_t> contents{};
};

/// The guard that refused last.
struct refusal_listener {
  rule last = rule::none;
  void on(const rule_evaluated& event) {
    if (event.fired && info(event.id).kind == rule_kind::guard) last = event.id;
  }
};

/// The hypervisor: RMPUPDATE, WBINVD, and commands in the mailbox of the AMD-SP. What cannot fail throws if it does.
class hypervisor {
 public:
  using bytes = std::vector<std::uint8_t>;
  using status = firmware::status;

  explicit hypervisor(snp_machine& machine) : m_(machine) {}

  /// Memory without a key.
  void write(spa where, std::span<const std::uint8_t> what);
  [[nodiscard]] auto read(spa where, std::size_t size) const -> bytes;

  // A launch.
  void initialize();
  void create(const guest_slot& guest);
  void start(const guest_slot& guest, layout::snp_guest_policy policy);
  void flush();
  void activate(const guest_slot& guest);
  /// Puts pages into memory, gives them to the guest, and has them measured and encrypted. Notes the last one's states.
  void add(const guest_slot& guest, spa first, const launch_load& what);
  /// A page without contents, after the launch.
  void assign(const guest_slot& guest, spa page, gpa where);
  [[nodiscard]] auto finish(const guest_slot& guest, spa id_block, spa id_auth) -> status;
  /// The same for a guest that nobody has signed.
  [[nodiscard]] auto finish(const guest_slot& guest) -> status;

  // A guest message. Its response is written to a page of the firmware's.
  void give_to_firmware(spa page);
  [[nodiscard]] auto carry(const guest_slot& guest, spa request, spa response) -> status;
  void take_back(spa page);

  /// Why the last command was refused.
  [[nodiscard]] auto last_refusal() const -> rule { return ctx_.listener.last; }
  /// The states of the page that was dealt with, since the last time: "hypervisor -> firmware".
  [[nodiscard]] auto noted() -> std::string;

 private:
  void note(spa page) { states_.push_back(rmp::state_of(m_.rmp, page_of(page))); }
  void give(spa page, const rmp::new_state& wanted);
  [[nodiscard]] auto command(firmware::command_id id, std::span<const std::uint8_t> buffer) -> status;
  void run(firmware::command_id id, std::span<const std::uint8_t> buffer = {});
  void run(firmware::command_id id, spa page);

  context<all_rules, refusal_listener> ctx_;
  snp_machine& m_;
  std::vector<rmp::page_state> states_;
};

/// What runs in the guest. It has the key of its messages from its SECRETS page.
class guest_program {
 public:
  guest_program(const snp_machine& machine, const guest_slot& own);

  [[nodiscard]] auto key() const -> const firmware::message_key& { return key_; }
  /// MSG_REPORT_REQ, sealed.
  [[nodiscard]] auto ask_for_report(std::span<const std::uint8_t, 64> report_data) const -> std::vector<std::uint8_t>;
  /// The payload of the answer; nothing if it is not authentic, or not the answer to the last request.
  [[nodiscard]] auto open(std::span<const std::uint8_t> page) -> std::vector<std::uint8_t>;

 private:
  firmware::message_key key_{};
  std::uint64_t sequence_ = 1;
};

}  // namespace sevspec::tool

#endif
