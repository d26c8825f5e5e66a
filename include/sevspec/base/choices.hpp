// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_CHOICES_HPP
#define SEVSPEC_BASE_CHOICES_HPP

#include <cstdint>

namespace sevspec::inline v0 {

/// When the accessed bits of upper levels become visible if the walk faults further down (PAG-AD-05).
enum class ad_update : std::uint8_t {
  eager,     ///< as each level is read (the manual's text for guests; QEMU)
  deferred,  ///< only when the whole stage has succeeded (Bochs, KVM, Xen)
};

/// What happens to gPA bits above those the nested tables can index (PAG-NPT-21).
enum class high_gpa : std::uint8_t {
  npf_not_present,  ///< #NPF with P=0
  alias,            ///< the bits are ignored (Bochs, QEMU, KVM)
};

/// When #NPF reports bit 34, "the guest access was encrypted" (PAG-NPF-10).
enum class enc_bit : std::uint8_t {
  on_snp_capable_silicon,  ///< for every SEV guest on a part that has SNP
  only_with_snp_enabled,   ///< only while SYSCFG.SecureNestedPagingEn=1
  never,
};

/// What bit 2 of EXITINFO1 says with guest mode execute trap (PAG-GMET-03). Some parts report it wrongly.
enum class gmet_user_bit : std::uint8_t {
  from_cpl,  ///< the guest's access is a user access
  always,    ///< set, as without GMET
};

/// How many address bits a 4M page of 32-bit tables can have (PAG-ENT-04). Bits of the PDE above them are reserved.
enum class pse36_width : std::uint8_t {
  bits_40,  ///< bits 20:13 are the address bits 39:32 (the manual)
  bits_36,  ///< bits 16:13 alone (KVM's model)
  bits_32,  ///< none
};

/// Ordinary data accesses to supervisor shadow-stack pages of the nested tables (PAG-SSS-04).
enum class sss_access : std::uint8_t {
  read_ok,    ///< reads are allowed, writes need R/W=1
  forbidden,  ///< U/S=0 forbids them, as for every other page
};

/// A C-bit in gCR3 while virtual TOM is in force (paging.md, "further unknowns"; PAG-RSV-07 speaks of entries alone).
enum class vtom_root_c_bit : std::uint8_t {
  ignored,   ///< removed from the address, as without virtual TOM
  reserved,  ///< VMRUN refuses it
};

/// Permissions that a VMPL needs to read a guest-table entry (PAG-RMPS-06).
enum class table_vmpl : std::uint8_t {
  as_used,     ///< read; write as well when an A or D bit is set
  read_write,  ///< both always
};

/// When the walker's reading of host and nested tables, and of the tables of guests without SNP, needs pages of the
/// hypervisor (RMP-CHK-06). The page of an entry is asked for before the entry itself is judged.
enum class walker_check : std::uint8_t {
  every_access,  ///< literal reading of table 15-38
  updates_only,  ///< A/D updates alone
};

/// What a nested-table page that is not the hypervisor's raises (RMP-CHK-06).
enum class nested_table_fault : std::uint8_t {
  npf,              ///< #VMEXIT(NPF) with bit 31, and the bit of what was being translated
  host_page_fault,  ///< #PF with bit 31 in the hypervisor; CR2 is taken to be the entry's sPA
  shutdown,         ///< #VMEXIT(SHUTDOWN)
};

/// The C-bit in the nested tables, and in nCR3, of an L1 hypervisor that runs with SEV itself (PAG-L2C-03).
enum class npt12_c_bit : std::uint8_t {
  strip,     ///< removed from the address
  reserved,  ///< as every other bit that is not part of an address
};

/// RMPREAD's byte 9, bit 1: status of the 2M region (RMP-RUD-02).
enum class region_status : std::uint8_t {
  any_assigned,   ///< some 4K page of the region is assigned
  none_assigned,  ///< no 4K page of the region is assigned
  all_equal,      ///< all pages of the region are assigned, or none is
  zero,           ///< always 0
};

/// What an RMP instruction does with an operand that the manual does not define.
enum class undefined_operand : std::uint8_t {
  fail_input,  ///< FAIL_INPUT
  ignored,     ///< the undefined bits are ignored
};

/// The code of a permission mask that RMPADJUST refuses (RMP-VPL-05).
enum class misconfigured_mask : std::uint8_t {
  fail_input,
  fail_permission,
  accepted,  ///< not refused (older edition): data accesses with W and without R are #NPF
};

/// What PVALIDATE and RMPADJUST do where the guest's C-bit is 0.
enum class shared_operand : std::uint8_t {
  npf,         ///< #NPF with RMP=1 and ENC=0
  gp,          ///< #GP(0)
  fail_input,  ///< FAIL_INPUT
};

/// RMPADJUST of a page that VMRUN holds (RMP-ADJ-08).
enum class in_use_adjust : std::uint8_t {
  npf,         ///< as every private access to such a page
  fail_inuse,  ///< FAIL_INUSE
};

/// PVALIDATE at a VMPL other than 0 (RMP-PVL-01).
enum class pvalidate_denial : std::uint8_t { gp, fail_permission };

/// What RMPUPDATE answers while the firmware holds the 2M region (RMP-UPD-09).
enum class locked_region : std::uint8_t { fail_overlap, fail_inuse };

/// EXITINFO1 and EXITINFO2 of the #VC of a page that is not validated, where it is reflected (RMP-FLT-08).
enum class not_validated_info : std::uint8_t {
  like_npf,  ///< as of an #NPF
  zero,
};

/// Whose key an access of an L2 guest gets (PAG-L2C-04, NES-KEY-01).
enum class l2_key_model : std::uint8_t {
  shadow_hw,    ///< hardware's, which knows the shadow tables alone: L1's C-bit selects nothing
  three_stage,  ///< a thought model without shadow tables: L1's C-bit selects L1's key
};

/// What a hypervisor does with a request of the GHCB MSR protocol that it does not know (GHCB-MSR-21).
enum class unknown_msr_request : std::uint8_t {
  left_alone,  ///< the MSR keeps its value, the guest goes on (KVM)
  stops_vm,    ///< the virtual machine ends (Cloud Hypervisor)
};

/// What a hypervisor does with a GHCB that is not the registered one (GHCB-PAGE-03).
enum class unregistered_ghcb : std::uint8_t {
  reason_1,  ///< malformed input, reason 1 (the GHCB specification)
  fatal,     ///< the virtual machine does not run on (KVM)
};

/// How large a scratch area outside the GHCB may be (GHCB-SCR-04).
enum class external_scratch : std::uint8_t {
  kib_64,  ///< 16 pages (KVM)
  any,     ///< as long as the event wants
  none,    ///< scratch areas lie in the GHCB
};

/// A scratch area that begins before the GHCB and ends in it, or behind it (GHCB-SCR-02).
enum class scratch_from_outside : std::uint8_t {
  by_first_byte,  ///< lies outside, as its first byte does (KVM); what of it is the GHCB's is taken from the snapshot
  refused,        ///< reason 3: of the GHCB the shared buffer alone is scratch
};

/// What a page state change does with PSMASH and UNSMASH (GHCB-PSC-11).
enum class smash_hint : std::uint8_t {
  noop,     ///< complete, and nothing happens (KVM)
  perform,  ///< the hypervisor splits or joins the pages
};

/// A page state change of a page that has the wanted state already (GHCB-PSC-03).
enum class same_page_state : std::uint8_t {
  no_change,  ///< complete, and the page keeps what it has, Validated included
  fails,      ///< a failure of the host: GHCB-PSC-12
};

/// What a hypervisor compares of RAX when a vCPU is created (GHCB-AP-02).
enum class ap_features : std::uint8_t {
  exact,      ///< all of SEV_FEATURES (KVM)
  injection,  ///< the bits for restricted and alternate injection, with the first VMSA of the VMPL (multi-VMPL KVM)
};

/// VMRUN of a VMSA that another processor runs (WSW-RUN-18).
enum class running_vmsa : std::uint8_t {
  invalid,  ///< VMEXIT_INVALID
  busy,     ///< VMEXIT_BUSY
  entered,  ///< nobody looks
};

/// A guest's write to a VMSA that runs, whose page is the guest's own (VMPL-08).
enum class running_vmsa_write : std::uint8_t {
  npf,   ///< #NPF until the VMSA no longer runs
  lost,  ///< it succeeds, and #VMEXIT writes over it
};

/// Where VMRUN asks for what has exit codes of its own: BUSY, IDLE_REQUIRED, INVALID_PMC.
enum class vmrun_order : std::uint8_t {
  codes_before_state,  ///< before the guest's registers and events
  codes_last,
};

/// What an SVSM answers to an unknown call of the attestation protocol (SVSM-ATT-01).
enum class unknown_attestation : std::uint8_t {
  unsupported_call,      ///< as every other protocol
  unsupported_protocol,  ///< COCONUT-SVSM
};

/// REMAP_CA to the calling area in use (SVSM-CORE-02).
enum class same_caa : std::uint8_t {
  accepted,         ///< nothing happens
  invalid_address,  ///< as any registered calling area (COCONUT-SVSM)
};

/// The codes of an SVSM for addresses that it does not take, and for pages that it cannot convert.
enum class address_codes : std::uint8_t {
  coconut,  ///< of the list, of VMSAs and of calling areas INVALID_ADDRESS; of entries' sizes INVALID_PARAMETER
  amd,      ///< the other way round
};

/// When an SVSM clears CALL_PENDING (SVSM-CA-05).
enum class pending_cleared : std::uint8_t {
  before_service,  ///< and any value but 0 is a call (COCONUT-SVSM)
  after_service,   ///< and 1 alone is a call (AMD's)
};

/// Which validated pages an SVSM does not zero, because firmware lies there (SVSM-CORE-15).
enum class zero_exemption : std::uint8_t {
  from_a0000,    ///< entries that start in A_0000h to F_FFFFh (COCONUT-SVSM)
  inside_c0000,  ///< pages inside C_0000h to F_FFFFh (AMD's)
};

/// When the boot log of measurements is sealed without a call (SVSM-MEAS-30).
enum class automatic_seal : std::uint8_t {
  never,
  second_vcpu,  ///< with the first CREATE_VCPU from another VMSA than the first
};

/// The code of VIRT_RMPUPDATE where the physical table refuses what the virtual one allows (RMP-NST-21).
enum class virtual_failure : std::uint8_t {
  as_met,      ///< FAIL_INUSE if that was the reason, else FAIL_OVERLAP
  fail_inuse,  ///< always: L1 tries again
};

/// EXITINFO2 of a fault of page ownership that L0 reflects to L1 (NES-RMP-08).
enum class reflected_address : std::uint8_t {
  l2_gpa,  ///< as L2 knows the page
  l1_gpa,  ///< as L1 does
};

/// What the manuals leave open: one member per open point, with the default the library recommends. Nothing else in
/// the library decides such a question. A comparison with another implementation that goes away under another value
/// of a member is "unspecified", not a disagreement.
struct implementation_choices {
  ad_update ad_policy = ad_update::eager;
  /// The guest leaf's A/D bits are already set when the final nested walk faults (manual's order, Bochs, QEMU). False:
  /// they are set only after it succeeded, and with `ad_update::deferred` so are those of upper levels (KVM's software
  /// walk).
  bool guest_ad_before_final_npf = true;
  high_gpa npt_high_gpa = high_gpa::npf_not_present;
  /// #NPF reports ID for a fetch only if host EFER.NXE=1 or CR4.SMEP=1 (PAG-NPF-11). False: for every fetch (Bochs).
  bool npf_id_requires_nx_or_smep = true;
  gmet_user_bit gmet_us_bit = gmet_user_bit::from_cpl;
  /// With GMET, EXITINFO1.U of a fault on a guest-table entry's gPA is set, as without.
  bool gmet_walk_us_bit = true;
  /// With GMET, U/S of the nested tables restricts fetches alone (PAG-GMET-02).
  bool gmet_data_ignores_us = true;
  sss_access sss_plain_access = sss_access::read_ok;
  pse36_width pse36_bits = pse36_width::bits_40;
  /// A shared read by an SNP-active guest needs a page of the hypervisor, too, as VeriSMo has it (ENC-HOST-03). False:
  /// it is not checked, as table 15-38 says.
  bool strict_shared_read = false;
  /// A guest's read that is otherwise not checked is denied on a page that VMRUN holds, such as a running VMSA, as the
  /// text of RMP-CHK-15 has it. False: as the algorithm has it.
  bool in_use_denies_guest_reads = false;
  enc_bit report_enc_bit = enc_bit::on_snp_capable_silicon;
  vtom_root_c_bit vtom_root_c = vtom_root_c_bit::ignored;
  walker_check ptw_read_check = walker_check::every_access;
  nested_table_fault npt_walk_fault = nested_table_fault::npf;
  table_vmpl rmp_gpt_vmpl_perm = table_vmpl::as_used;
  /// EXITINFO1.W of an RMP fault on the page of a guest-table entry is set, as the nested tables see it (PAG-RMPS-05).
  /// False: only if the entry was to be written.
  bool rmp_gpt_error_w = true;
  /// RMPUPDATE with reserved bits set in its operand (RMP-RUD-03).
  undefined_operand rmpupdate_reserved = undefined_operand::fail_input;
  /// RMPUPDATE of a 2M page with a gPA that is not 2M-aligned is FAIL_INPUT (RMP-RUD-04). False: it is stored, and the
  /// reverse map never agrees.
  bool rmpupdate_gpa_align = true;
  /// RMPUPDATE with a gPA above the guest-physical width (RMP-RUD-05). Ignored: the upper bits are removed.
  undefined_operand rmpupdate_gpa_limit = undefined_operand::fail_input;
  /// RMPUPDATE with an ASID above those of encrypted guests is FAIL_INPUT (RMP-RUD-06). False: it is stored, if it is
  /// below the firmware's lock, 3FFh: entries have ten bits for it.
  bool rmpupdate_asid_range = true;
  /// RMPUPDATE of a 2M page that is covered in part is FAIL_INPUT. False: what is covered is updated.
  bool rmpupdate_2m_partial = true;
  /// RMPUPDATE of a 2M page over an immutable 4K page is FAIL_PERMISSION (RMP-UPD-15). False: the literal loop, which
  /// clears it.
  bool rmpupdate_2m_over_immutable = true;
  /// RMPUPDATE with ASID 0 stores gPA 0 (RMP-UPD-14). False: it stores the operand's.
  bool rmpupdate_asid0_gpa = true;
  locked_region rmpupdate_region_locked_code = locked_region::fail_overlap;
  /// RMPUPDATE of an immutable page that is in use: FAIL_PERMISSION. False: FAIL_INUSE.
  bool rmpupdate_order_inuse_vs_perm = true;
  /// RMPUPDATE and PSMASH flush translations of the pages everywhere (RMP-UPD-12). False: software does.
  bool rmpupdate_tlb = true;
  /// What a 2M entry counts in the number of pages assigned to an ASID: 512, else 1 (RMP-GEO-17).
  bool asid_counter_unit = true;
  region_status rmpread_region_status = region_status::any_assigned;
  /// PSMASH of an address that is not 2M-aligned (RMP-SMH-02). Ignored: it is aligned down.
  undefined_operand psmash_unaligned = undefined_operand::fail_input;
  /// PSMASH needs an ASID other than 0 (RMP-SMH-03). False: it smashes pages of the AMD-SP that are not immutable, too,
  /// as Linux expects when it shuts an IOMMU down.
  bool psmash_requirements = true;
  /// The code of a page that PSMASH cannot smash is 7. False: 4, as old drivers have it (RMP-INS-04).
  bool psmash_badaddr_code = true;
  /// RMPQUERY refuses target VMPLs below the current one (RMP-QRY-02). False: the current one, too.
  bool rmpquery_permission = true;
  undefined_operand rmpadjust_reserved = undefined_operand::fail_input;
  undefined_operand pvalidate_reserved = undefined_operand::fail_input;
  misconfigured_mask vmpl_misconfig_code = misconfigured_mask::fail_input;
  in_use_adjust rmpadjust_inuse = in_use_adjust::npf;
  shared_operand rmpinsn_cbit0 = shared_operand::npf;
  pvalidate_denial pvalidate_vmpl_fault = pvalidate_denial::gp;
  /// The size of the guest's own page does not count for PVALIDATE and RMPADJUST. False: 2M over a guest page of 4K is
  /// FAIL_SIZEMISMATCH.
  bool pvalidate_guest_pt_size = true;
  /// PVALIDATE and RMPADJUST of a 4K page do not look at the size of the nested page. False: one of 2M or 1G is #NPF.
  bool rmpinsn_leaf_size = true;
  /// RMP instructions clear CF where it is not defined (RMP-INS-06). False: they leave it.
  bool rmp_cf_other = true;
  /// A host's read through a translation that could write a page which VMRUN holds is allowed (RMP-CHK-15).
  bool inuse_host_read_via_writable = true;
  /// A reference that needs an entry which another party modifies is refused (RMP-CHK-16). The manual allows it; tables
  /// that know of such parties say when.
  bool spurious_rmp_fault = false;
  not_validated_info vc404_exitinfo = not_validated_info::like_npf;
  /// VMRUN wants the VMSA's page validated and of 4K, too (RMP-VMR-02).
  bool vmrun_vmsa_extra = false;
  /// Early parts: a page in use that is 2M-aligned counts for its whole region (RMP-ERR-01).
  bool erratum_inuse_2m = false;
  /// The firmware keeps the upper quadword of the entries it makes its own. False: it is 0.
  bool firmware_page_hi = false;
  /// SNP_PAGE_UNSMASH leaves nothing but the assigned bit in the entries inside the large page. False: gPA, Validated
  /// and
  /// permissions stay there, and mean nothing (RMP-ENT-06).
  bool unsmash_clears_sub_pages = true;
  /// RMPUPDATE sets the lock bit of immutable entries, as the firmware does.
  bool hw_lock_bit_on_rmpupdate_immutable = false;
  npt12_c_bit npt12_cbit = npt12_c_bit::strip;
  l2_key_model nested_key_model = l2_key_model::shadow_hw;
  /// Ciphertext hiding covers devices' reads, too (ENC-HIDE-06).
  bool hide_dma = true;
  /// WBNOINVD counts as WBINVD for DF_FLUSH (ENC-ASID-16).
  bool wbnoinvd_counts = false;
  /// DF_FLUSH and SNP_DF_FLUSH are refused while their state is UNINIT (FW-ASID-12). False: they work.
  bool strict_df_flush_state = true;
  /// ACTIVATE asks for WBINVD, as first-generation firmware does (OPEN-08). False: DF_FLUSH alone does.
  bool activate_reports_wbinvd = false;
  /// INIT makes a new PDH (older manuals). False: it keeps a stored one.
  bool pdh_regen_on_init = false;
  /// LAUNCH_START without a session checks the policy's version and reserved bits (FW-SEV-LST-04).
  bool policy_checks_without_session = true;
  /// The context byte of SEND_UPDATE_VMSA and RECEIVE_UPDATE_VMSA is 3, as the manual has it. False: 2 (FW-CRY-14).
  bool vmsa_packet_ctx = false;
  /// The buffer of ATTESTATION must be the firmware's while SNP is initialised (OPEN-03). False: it may be.
  bool attestation_buffer_checked = false;
  /// SNP_CONFIG, SNP_COMMIT and SNP_VLEK_LOAD are refused while SNP is not initialised (OPEN-04).
  bool snp_config_needs_init = false;
  /// A wrong MSG_SEQNO is INVALID_PARAM (OPEN-07). False: AEAD_OFLOW.
  bool wrong_seqno_is_invalid_param = false;
  /// SNP_CONFIG compares TCB_VERSIONs as numbers, from the boot loader down (OPEN-06). False: by components.
  bool tcb_compared_as_number = false;
  /// A malformed range list fails SNP_INIT_EX (FW-SNP-INIT-22). False: it is ignored.
  bool init_list_errors_fatal = true;
  /// AUTH_KEY_EN without ID_BLOCK_EN is INVALID_PARAM (OPEN-16). False: it is recorded without verification.
  bool strict_id_block = true;
  /// An ID block of another version than 1 is INVALID_PARAM (FW-SNP-LFIN-12). False: the version is not looked at.
  bool id_block_version_checked = false;
  /// The bytes of one packet of LAUNCH_SECRET, SEND_UPDATE_* and RECEIVE_UPDATE_* are at most 20 KiB. False: 16 KiB
  /// (FW-SEV-LSC-02).
  bool transport_limit_20k = false;
  /// A command buffer that is not the firmware's gives INVALID_PAGE_STATE + 40h, as on Genoa (OPEN-15). False: without.
  bool buffer_state_is_marked = false;
  /// DBG_DECRYPT and DBG_ENCRYPT of no bytes are INVALID_LENGTH (OPEN-17). False: they succeed.
  bool dbg_needs_bytes = false;
  /// COPY onto a range that overlaps the source keeps what was there (OPEN-17). False: it goes from page to page,
  /// ascending.
  bool copy_keeps_overlap = false;
  /// PAGE_TYPE 3 of SNP_PAGE_SWAP_OUT is INVALID_PARAM, as the manual has it (FW-SNP-SWO-02). False:
  /// INVALID_PAGE_STATE.
  bool unknown_swap_type_is_param = false;
  unknown_msr_request ghcb_msr_unknown = unknown_msr_request::left_alone;
  unregistered_ghcb ghcb_unregistered = unregistered_ghcb::reason_1;
  /// A GHCB whose version field is not the negotiated one is malformed (GHCB-NEG-06). False: nobody looks.
  bool ghcb_check_version = false;
  /// Malformed requests get the reason that fits best (GHCB-PAGE-06). False: KVM's, which is 4 for events that the
  /// guest
  /// cannot use and for misplaced pages of guest requests.
  bool ghcb_reason_strict = true;
  /// A hypervisor marks RAX, RBX, RCX and RDX valid in every answer, whatever they are (GHCB-PAGE-09). False: what the
  /// event has.
  bool ghcb_extra_outputs = false;
  external_scratch scratch_external_max = external_scratch::kib_64;
  scratch_from_outside scratch_runs_into_ghcb = scratch_from_outside::by_first_byte;
  /// The list of APIC IDs is an event of hypervisors that announce it, by feature 4 (GHCB-NAE-26). False: of all.
  bool ghcb_apic_ids_announced = false;
  smash_hint psc_smash = smash_hint::noop;
  /// Neighbouring entries of a page state change become one operation of the host (GHCB-PSC-10).
  bool psc_merge = false;
  same_page_state psc_same_state = same_page_state::no_change;
  ap_features ghcb_ap_features = ap_features::exact;
  /// A doorbell page that cannot be registered, or an unknown operation, ends the registration before it
  /// (GHCB-HVDB-01). False: that stays.
  bool doorbell_failure_drops = true;
  /// #GP that a hypervisor asks for has a valid error code, 0 (GHCB-RET-02). False: as KVM and OVMF make it, without.
  bool ghcb_gp_error_code = false;
  /// SEV-ES and SNP guests cannot have the ASIDs of SEV guests (WSW-RUN-02). False: parts where the firmware divides
  /// them
  /// leave that to the hypervisor.
  bool es_asid_check = true;
  vmrun_order vmrun_check_order = vmrun_order::codes_before_state;
  running_vmsa vmrun_vmsa_inuse = running_vmsa::invalid;
  running_vmsa_write vmsa_write_while_running = running_vmsa_write::npf;
  /// EXITINFO2 of #NPF of guests with hidden state has the low 12 bits of the gPA (WSW-ST-06).
  bool npf_gpa_low12 = false;
  /// #VMEXIT stores protected registers with a new nonce (WSW-ST-08). False: with the old one.
  bool regprot_renonce = true;
  unknown_attestation svsm_attest_unknown_call = unknown_attestation::unsupported_call;
  same_caa svsm_same_caa = same_caa::accepted;
  address_codes svsm_address_codes = address_codes::coconut;
  pending_cleared svsm_pending_cleared = pending_cleared::before_service;
  zero_exemption svsm_zero_exemption = zero_exemption::from_a0000;
  /// REMAP_CA zeroes the first bytes of the new calling area (SVSM-CORE-03).
  bool svsm_remap_zeroes = true;
  /// Reserved bits of PVALIDATE's entries are looked at (SVSM-CORE-14).
  bool svsm_entry_reserved_checked = true;
  /// PVALIDATE refuses pages with calling areas, not those with VMSAs alone (SVSM-CORE-19).
  bool svsm_caa_protected = true;
  /// A new VMSA has the SEV_FEATURES of the caller's (SVSM-CORE-25).
  bool svsm_create_features_checked = true;
  /// A refused VMSA gets back the rights that it had (SVSM-CORE-25). False: the guest's VMPL gets all but shadow
  /// stacks, and
  /// no other has any, as in COCONUT-SVSM.
  bool svsm_failed_create_restores = true;
  /// CONFIGURE_VTOM asks if RCX is 1 (AMD's). False: if bit 0 is set (SVSM-CORE-70).
  bool svsm_vtom_query_exact = false;
  /// A page that an SVSM has validated before, and that PVALIDATE finds not validated, is not the page that it was: it is
  /// left as it was, and refused (SVSM-CORE-16). False: it is validated and granted, as in COCONUT-SVSM and AMD's.
  bool svsm_double_validation_refused = true;
  /// DELETE_VCPU takes EFER.SVME by an exchange that fails if EFER has changed meanwhile, and is 8000_1003h then (AMD's).
  /// False: by a store (SVSM-CORE-32).
  bool svsm_delete_exchanges = false;
  /// The error field of the answer to a request for the guest's VMPL is not looked at (COCONUT-SVSM; VMPL-SW-06).
  bool svsm_switch_error_ignored = false;
  automatic_seal meas_autoseal = automatic_seal::never;
  /// VIRT_RMPUPDATE of 2M is one of 2M in the physical table, too, where one 2M page backs it (NES-RMP-03). False: always
  /// 512 of 4K.
  bool virt_rmpupdate_as_backed = true;
  virtual_failure virt_rmpupdate_failure = virtual_failure::as_met;
  reflected_address reflected_rmp_fault = reflected_address::l2_gpa;

  friend constexpr auto operator==(const implementation_choices&, const implementation_choices&) -> bool = default;
};

}  // namespace sevspec::inline v0

#endif
