// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CORE_HPP
#define SEVSPEC_CORE_HPP

/// @file
/// The core: everything that needs neither a heap nor a cryptography library.

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/confidence.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/layout/all.hpp>
#include <sevspec/layout/automatic_exit.hpp>
#include <sevspec/layout/certificate_table.hpp>
#include <sevspec/layout/coherency.hpp>
#include <sevspec/layout/cpuid_lookup.hpp>
#include <sevspec/layout/ghcb_valid_bitmap.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/layout/key_request.hpp>
#include <sevspec/layout/page_state_change.hpp>
#include <sevspec/layout/policy_check.hpp>
#include <sevspec/layout/processor_signature.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/report.hpp>
#include <sevspec/layout/report_platform.hpp>
#include <sevspec/layout/rmp_result.hpp>
#include <sevspec/layout/segment_attributes.hpp>
#include <sevspec/layout/svsm_location.hpp>
#include <sevspec/layout/tcb.hpp>
#include <sevspec/layout/vmsa_register_protection.hpp>
#include <sevspec/memory/flat_memory.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/paging/canonical.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/reference_count.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/paging/walk.hpp>
#include <sevspec/version.hpp>

#endif
