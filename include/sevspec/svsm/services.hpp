// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_SERVICES_HPP
#define SEVSPEC_SVSM_SERVICES_HPP

#include <vector>

#include <sevspec/svsm/measurement_service.hpp>
#include <sevspec/svsm/report_source.hpp>
#include <sevspec/svsm/services_manifest.hpp>
#include <sevspec/svsm/uefi_mm.hpp>
#include <sevspec/svsm/vtpm.hpp>

namespace sevspec::inline v0::svsm {

/// What an SVSM offers besides the core protocol: each part is a type of your own, or a reference to one.
///
/// The TPM is a concept and comes from outside: a software TPM is a C library of its own with state, randomness and
/// files, and none of it is SEV. `execute` of a class around one is all that it takes.
template <class Tpm = unstarted_tpm, class Management = no_management_mode, class Reports = no_reports>
struct services {
  Tpm tpm{};
  Management management{};
  Reports reports{};
  std::vector<service> manifest{};  ///< what the services say of themselves (SVSM-ATT-12)
  measurement_service measurement{};
};

/// The core protocol alone; works in constant expressions.
struct core_services {};

/// Whether services are more than the core protocol.
template <class Services>
inline constexpr bool has_services = requires(Services& all) {
  all.tpm;
  all.management;
  all.reports;
  all.measurement;
};

}  // namespace sevspec::inline v0::svsm

#endif
