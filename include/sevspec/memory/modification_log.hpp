// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_MODIFICATION_LOG_HPP
#define SEVSPEC_MEMORY_MODIFICATION_LOG_HPP

#include <concepts>
#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/forwarding.hpp>

namespace sevspec::inline v0::memory {

/// A memory that keeps the page-modification log of the guest that runs: walks tell it of a gPA before they set D in
/// the leaf of a nested table. It returns false if the log is full: then D is not set, and the guest exits with code
/// 407h.
template <class M>
concept modification_logging_memory = requires(M& memory, gpa page) {
  { memory.log_modification(page) } -> std::same_as<bool>;
};

/// PML_BASE and PML_INDEX of a VMCB.   APM vol. 2, 15.25.15
struct modification_log {
  static constexpr std::uint64_t slots = 512;

  spa base{};                           ///< VMCB 1C8h: a page of 512 gPAs
  memory_key key = memory_key::none();  ///< the host's if PML_BASE has the C-bit (PAG-ENC-08)
  std::uint64_t index = slots - 1;      ///< VMCB 1D0h: the next slot; counts down, and wraps when the log is full

  friend constexpr auto operator==(const modification_log&, const modification_log&) -> bool = default;
};

/// `memory` with a log that lies in it. Everything else is the memory's own.
template <physical_memory M>
class logging_memory : public forwarding<M> {
 public:
  /// @param log  stays the caller's: VMRUN loads it, #VMEXIT stores its index
  constexpr logging_memory(M& memory, modification_log& log) noexcept : forwarding<M>(memory), log_(&log) {}

  /// Writes the page's gPA into the next slot (PAG-NPT-17).
  /// @return false, and nothing is written, if the index is not below 512 or no memory answers at the slot
  [[nodiscard]] constexpr auto log_modification(gpa page) const -> bool {
    if (log_->index >= modification_log::slots) return false;
    const spa slot = page_base(log_->base, page_size::k4k) + 8 * log_->index;
    for (;;) {
      const auto before = this->underlying().read_qword(slot, log_->key);
      if (!before) return false;
      if (this->underlying().compare_exchange_qword(slot, log_->key, *before, page.value)) break;
    }
    --log_->index;
    return true;
  }

 private:
  modification_log* log_;
};

}  // namespace sevspec::inline v0::memory

#endif
