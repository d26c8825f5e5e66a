// SPDX-License-Identifier: MIT
// The bits that paging knows by itself are those of the layouts.
#include <support/where.hpp>

#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/page_fault_code.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

// EXITINFO1 of a nested page fault; the error code of #PF
using code = paging::page_fault_code;
using npf = layout::exitinfo1_npf;
using pf = layout::pf_error_code;
static_assert(code::p::mask == bits_of(&npf::p) && code::p::mask == bits_of(&pf::p));
static_assert(code::w::mask == bits_of(&npf::rw) && code::w::mask == bits_of(&pf::rw));
static_assert(code::u::mask == bits_of(&npf::us) && code::u::mask == bits_of(&pf::us));
static_assert(code::rsvd::mask == bits_of(&npf::rsv) && code::rsvd::mask == bits_of(&pf::rsv));
static_assert(code::id::mask == bits_of(&npf::id) && code::id::mask == bits_of(&pf::id));
static_assert(code::pk::mask == bits_of(&pf::pk));
static_assert(code::ss::mask == bits_of(&npf::ss) && code::ss::mask == bits_of(&pf::ss));
static_assert(code::rmp::mask == bits_of(&npf::rmp) && code::rmp::mask == bits_of(&pf::rmp));
static_assert(code::final_gpa::mask == bits_of(&npf::final));
static_assert(code::guest_table::mask == bits_of(&npf::page_table));
static_assert(code::enc::mask == bits_of(&npf::enc));
static_assert(code::sizem::mask == bits_of(&npf::sizem));
static_assert(code::vmpl::mask == bits_of(&npf::vmpl));
static_assert(code::sss::mask == bits_of(&npf::sss));
static_assert(paging::vmexit_npf == static_cast<std::uint64_t>(layout::svm_exit_codes::npf));

// NP_CONTROL; the layouts have no name for bit 11 (page modification logging)
using np = layout::vmcb_control_area_np_control;
static_assert(paging::np_control::np_enable::mask == bits_of(&np::np_enable));
static_assert(paging::np_control::sev::mask == bits_of(&np::sev_enable));
static_assert(paging::np_control::sev_es::mask == bits_of(&np::sev_es_enable));
static_assert(paging::np_control::gmet::mask == bits_of(&np::gmet_enable));
static_assert(paging::np_control::sss_check::mask == bits_of(&np::sss_check_enable));
static_assert(paging::np_control::vte::mask == bits_of(&np::vte_enable));
static_assert(paging::np_control::rogpt::mask == bits_of(&np::ro_gpt_enable));

// SYSCFG
static_assert(paging::syscfg::mem_encryption_mod_en::mask == bits_of(&layout::msr_syscfg::mem_encryption_mode_en));
static_assert(paging::syscfg::secure_nested_paging_en::mask == bits_of(&layout::msr_syscfg::snp_en));
static_assert(paging::syscfg::host_multi_key_en::mask == bits_of(&layout::msr_syscfg::hmk_en));

// SEV_FEATURES
static_assert(paging::sev_features::snp_active::mask == bits_of(&layout::sev_features::snp_active));
static_assert(paging::sev_features::vtom::mask == bits_of(&layout::sev_features::virtual_tom));

}  // namespace
