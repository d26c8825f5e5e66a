// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_CONTROLS_HPP
#define SEVSPEC_PAGING_DETAIL_CONTROLS_HPP

#include <cstdint>

#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// What a two-stage walk is compiled for.
enum class regime_kind : std::uint8_t {
  ordinary,  ///< `two_stage_regime::ordinary`: tables of long mode, and no control that gives them another meaning
  any,       ///< every regime
};

namespace detail {

/// A regime whose rarer controls are known to be off if it is an ordinary one, so that its walks do not ask for them.
template <regime_kind Kind>
class controls {
 public:
  constexpr explicit controls(const two_stage_regime* machine) noexcept : machine_(machine) {}

  [[nodiscard]] constexpr auto operator->() const noexcept -> const two_stage_regime* { return machine_; }

  [[nodiscard]] constexpr auto gmet() const noexcept -> bool { return special && machine_->gmet; }
  [[nodiscard]] constexpr auto sss_check() const noexcept -> bool { return special && machine_->sss_check; }
  [[nodiscard]] constexpr auto vte() const noexcept -> bool { return special && machine_->vte; }
  [[nodiscard]] constexpr auto rogpt() const noexcept -> bool { return special && machine_->rogpt; }
  [[nodiscard]] constexpr auto pml() const noexcept -> bool { return special && machine_->pml; }
  [[nodiscard]] constexpr auto vmpl_sss() const noexcept -> bool { return special && machine_->vmpl_sss; }
  [[nodiscard]] constexpr auto vtom() const noexcept -> bool { return special && machine_->vtom; }

 private:
  static constexpr bool special = Kind == regime_kind::any;
  const two_stage_regime* machine_;
};

}  // namespace detail

}  // namespace sevspec::inline v0::paging

#endif
