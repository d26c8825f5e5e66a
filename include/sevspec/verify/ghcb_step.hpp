// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_STEP_HPP
#define SEVSPEC_VERIFY_GHCB_STEP_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/termination.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/verify/ghcb_page_set.hpp>

/// Conversations of a guest with its hypervisor by the GHCB protocols: what is asked, and what comes back.
namespace sevspec::inline v0::verify {

/// The hypervisor that a conversation begins with. Behind the protocols lies what `ghcb_test_environment` is.
struct ghcb_setup {
  ghcb::guest_config config{.features = 0x27f};
  std::uint32_t processors = 4;                   ///< APIC IDs 0 to `processors` - 1
  std::uint64_t memory = std::uint64_t{1} << 30;  ///< bytes of guest memory
  std::vector<ghcb_page_range> holes{};           ///< pages of it that do not exist
  std::uint32_t firmware_status = 0;              ///< of every guest message
  std::uint32_t certificate_bytes = 0;            ///< of the table for extended guest requests, each byte CEh
  bool throttled = false;                         ///< guest messages come too fast
  implementation_choices choices{};               ///< of the reference

  friend auto operator==(const ghcb_setup&, const ghcb_setup&) -> bool = default;
};

enum class ghcb_operation : std::uint8_t {
  msr,     ///< VMGEXIT with a request in the GHCB MSR
  page,    ///< VMGEXIT with the address of a GHCB there
  signal,  ///< something arrives at a processor from outside
};
enum class ghcb_signal : std::uint8_t {
  init,
  sipi,
  interrupt,  ///< anything else that ends AP reset hold
};

/// Bytes of guest memory.
struct ghcb_bytes {
  std::uint64_t where{};
  std::vector<std::uint8_t> bytes{};

  friend auto operator==(const ghcb_bytes&, const ghcb_bytes&) -> bool = default;
};

/// One step of a conversation. Guest memory is what the step says, and zero elsewhere: nothing of it is left from the
/// steps before, but which pages are private.
struct ghcb_step {
  ghcb_operation what{};
  std::uint32_t vcpu{};
  std::uint8_t vmpl{};               ///< that exits, which is the one that runs
  std::uint64_t value{};             ///< of the GHCB MSR: a message, or where the page is
  layout::ghcb page{};               ///< the GHCB
  std::vector<ghcb_bytes> memory{};  ///< other bytes; none of them in the GHCB, none twice
  /// As soon as the hypervisor has read one of these bytes, another processor of the guest writes them all
  /// (GHCB-PAGE-08).
  std::optional<ghcb_bytes> race{};
  ghcb_signal signal{};

  friend auto operator==(const ghcb_step&, const ghcb_step&) -> bool = default;
};

/// Something that the hypervisor did and that others than the guest can see. Accesses that follow each other, of one
/// width at one port or to neighbouring bytes of a device, are one.
struct ghcb_effect {
  enum class kind : std::uint8_t {
    port_in,        ///< `where`, `size` bytes each, `value` times
    port_out,       ///< `where`, `size` bytes each, `bytes`
    mmio_read,      ///< `where`, `value` bytes
    mmio_write,     ///< `where`, `bytes`
    wrmsr,          ///< `where`, `value`
    hypercall,      ///< RAX in `where`, CPL in `value`
    guest_message,  ///< request at `where`, response at `value`
  };
  kind what{};
  std::uint64_t where{};
  std::uint64_t value{};
  std::uint32_t size{};
  std::vector<std::uint8_t> bytes{};

  friend auto operator==(const ghcb_effect&, const ghcb_effect&) -> bool = default;
};

/// What can be seen of a processor.
struct ghcb_processor {
  std::uint32_t vcpu{};
  bool runnable{};
  std::uint8_t vmpl{};                                 ///< that runs, or runs next
  std::array<std::optional<std::uint64_t>, 4> vmsa{};  ///< by VMPL

  friend auto operator==(const ghcb_processor&, const ghcb_processor&) -> bool = default;
};

/// What came of a step. Guest memory and the page are as they are afterwards.
struct ghcb_answer {
  enum class ending : std::uint8_t {
    answered,
    refused,      ///< the step makes no sense: the processor does not run, say. Nothing has changed
    unsupported,  ///< the machine under test does not have this
    broken,       ///< no answer that could be understood
  };
  ending how = ending::answered;
  ghcb::next_step next = ghcb::next_step::resume;
  std::optional<ghcb::termination_reason> why{};
  std::uint64_t msr{};                 ///< msr: its value
  layout::ghcb page{};                 ///< page
  std::vector<ghcb_bytes> memory{};    ///< page: the bytes outside of it that changed, in order, neighbours together
  std::vector<ghcb_effect> effects{};  ///< in order
  ghcb_page_set made_private{};        ///< pages that were not before
  ghcb_page_set made_shared{};
  std::vector<ghcb_processor> processors{};  ///< those that changed
  bool woken{};                              ///< signal: it ended a hold
  std::uint64_t result{};                    ///< of the hold
  const char* reason = "";                   ///< of `refused` and `broken`

  // Not compared; of the reference alone.
  rule decided_by = rule::none;       ///< of a refusal
  bool result_is_open{};              ///< the manuals do not say what the hold's result is
  std::vector<ghcb_processor> all{};  ///< every processor
};

}  // namespace sevspec::inline v0::verify

#endif
