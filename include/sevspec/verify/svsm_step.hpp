// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_SVSM_STEP_HPP
#define SEVSPEC_VERIFY_SVSM_STEP_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/svsm/call.hpp>

/// Conversations of a guest with its SVSM: what is called, and what comes of it.
namespace sevspec::inline v0::verify {

/// The machine that a conversation begins with: 4M of guest memory from 0 on, all of it given to the guest, pages 0 to
/// Fh validated and the guest's; 16 pages of the SVSM's behind it. Processor 0 has its VMSA at 6000h and its calling
/// area at 8000h; the others have none.
struct svsm_setup {
  std::uint8_t vmpl = 2;         ///< the guest's
  std::uint32_t processors = 3;  ///< APIC IDs 0 to `processors` - 1
  bool apic = false;             ///< processor 0 has an emulated APIC
  implementation_choices choices{};

  friend auto operator==(const svsm_setup&, const svsm_setup&) -> bool = default;
};

struct svsm_places {
  static constexpr std::uint64_t guest_bytes = 0x40'0000;
  static constexpr std::uint64_t own = 0x40'0000;
  static constexpr std::uint64_t own_bytes = 0x1'0000;
  static constexpr std::uint64_t given_pages = 16;
  static constexpr std::uint64_t vmsa = 0x6000;
  static constexpr std::uint64_t caa = 0x8000;
  static constexpr std::uint64_t features = 1;  ///< SEV_FEATURES of the guest's VMSAs
};

enum class svsm_operation : std::uint8_t {
  call,  ///< the guest calls, and the hypervisor runs VMPL 0
  page,  ///< the hypervisor changes a page
};
enum class svsm_page_state : std::uint8_t {
  shared,  ///< it takes the page
  given,   ///< it gives the page to the guest: not validated, no VMPL but 0 has a right
  large,   ///< the same with the page's region of 2M, as one page
};

/// Bytes of guest memory.
struct svsm_bytes {
  std::uint64_t where{};
  std::vector<std::uint8_t> bytes{};

  friend auto operator==(const svsm_bytes&, const svsm_bytes&) -> bool = default;
};

/// One step of a conversation. What the guest has written stays.
struct svsm_step {
  svsm_operation what{};
  std::uint32_t cpu{};
  svsm::call_registers registers{};
  std::vector<svsm_bytes> memory{};  ///< that the guest writes before the call, in order
  std::uint8_t pending = 1;          ///< CALL_PENDING, which it writes last
  std::uint64_t exit_code = 0x403;   ///< why it exits
  std::uint64_t gpa{};               ///< page
  svsm_page_state state{};

  friend auto operator==(const svsm_step&, const svsm_step&) -> bool = default;
};

/// What a page has become.
struct svsm_page {
  std::uint64_t gpa{};
  bool large{};
  bool validated{};
  bool vmsa{};
  std::array<std::uint8_t, 3> rights{};  ///< of VMPL 1 to 3

  friend auto operator==(const svsm_page&, const svsm_page&) -> bool = default;
};

/// What a processor has.
struct svsm_processor {
  std::uint32_t cpu{};
  std::optional<std::uint64_t> vmsa{};
  std::optional<std::uint64_t> caa{};

  friend auto operator==(const svsm_processor&, const svsm_processor&) -> bool = default;
};

/// What came of a step.
struct svsm_answer {
  enum class ending : std::uint8_t {
    answered,
    refused,      ///< the step makes no sense: the processor has no VMSA, say. Nothing has changed
    unsupported,  ///< the SVSM under test does not have this
    broken,       ///< no answer that could be understood
  };
  /// Of a call.
  enum class entry : std::uint8_t {
    served,      ///< there is an answer in the registers
    no_request,  ///< the SVSM saw no call
    idle,        ///< the processor has no VMSA any longer
    blocked,     ///< the hypervisor has taken away what the SVSM needs: the conversation ends
  };
  ending how = ending::answered;
  entry end{};
  svsm::call_registers registers{};  ///< of the caller's VMSA, afterwards
  std::uint8_t pending{};            ///< CALL_PENDING of the caller's calling area, afterwards
  std::vector<svsm_bytes> memory{};  ///< guest memory that the SVSM changed, in order, neighbours together; not VMSAs
                                     ///< that run, not CALL_PENDING
  std::vector<svsm_page> pages{};    ///< those that changed, in order
  std::vector<svsm_processor> processors{};  ///< those that changed
  const char* reason = "";                   ///< of `refused` and `broken`

  rule decided_by = rule::none;  ///< of the reference alone; not compared
};

}  // namespace sevspec::inline v0::verify

#endif
