// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_CIPHERTEXT_HIDING_HPP
#define SEVSPEC_MEMORY_CIPHERTEXT_HIDING_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/forwarding.hpp>

namespace sevspec::inline v0::memory {

/// Who knows which SNP guest a page belongs to: the ASID; nothing if it is no guest's. `rmp::page_owners` asks the
/// Reverse Map Table.
template <class O>
concept page_owner_lookup = requires(const O& owners, page_number<system_physical> page) {
  { owners.owner_of(page) } -> std::same_as<std::optional<asid>>;
};

/// Ciphertext hiding, as SNP_INIT_EX set it up (ENC-HIDE-01).
struct hiding_setup {
  bool enabled{};
  asid max_snp{};  ///< MAX_SNP_ASID: guests above it are not covered

  friend constexpr auto operator==(const hiding_setup&, const hiding_setup&) -> bool = default;
};

/// Whose references a `ciphertext_hiding` memory answers.
enum class reading_agent : std::uint8_t { processor, device };

/// Memory that hides the ciphertext of SNP guests from whoever reads without a guest's key: constant FFh bytes instead.
/// Writes are page ownership's matter, and a probe on the bus sees what it saw before (ENC-HIDE-05).
/// @tparam Owners  `page_owner_lookup`
template <class Context, byte_memory M, page_owner_lookup Owners>
class ciphertext_hiding : public forwarding_bytes<ciphertext_hiding<Context, M, Owners>, M> {
 public:
  /// @param agent  devices are covered as `implementation_choices::hide_dma` says (ENC-HIDE-06)
  constexpr ciphertext_hiding(Context& ctx, M& memory, const Owners& owners, hiding_setup setup,
                              reading_agent agent = reading_agent::processor) noexcept
      : forwarding_bytes<ciphertext_hiding<Context, M, Owners>, M>(memory), ctx_(&ctx), owners_(&owners), setup_(setup),
        agent_(agent) {}

  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status {
    const auto status = this->underlying().read(where, key, out);
    if (status != memory_status::ok) return status;
    for (std::size_t done = 0; done < out.size();) {
      const spa from = where + done;
      const std::size_t size = std::min<std::size_t>(4096 - from.value % 4096, out.size() - done);
      if (ctx_->applies(rule::ENC_HIDE_02, hides(page_of(from), key)))
        std::ranges::fill(out.subspan(done, size), std::uint8_t{0xff});
      done += size;
    }
    return status;
  }

 private:
  [[nodiscard]] constexpr auto hides(page_number<system_physical> page, memory_key key) const -> bool {
    if (!setup_.enabled) return false;
    if (key != memory_key::none() && key != memory_key::host()) return false;
    if (agent_ == reading_agent::device && !ctx_->choices.hide_dma) return false;
    const std::optional<asid> owner = owners_->owner_of(page);
    return owner && !ctx_->denies(rule::ENC_HIDE_03, *owner > setup_.max_snp);
  }

  Context* ctx_;
  const Owners* owners_;
  hiding_setup setup_;
  reading_agent agent_;
};

}  // namespace sevspec::inline v0::memory

#endif
