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
#include <sevspec/layout/reflect.hpp>
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
