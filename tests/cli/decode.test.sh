#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec decode: every kind, with values whose meaning is known from the manual, from hardware, or from layouts.json.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/facts.sh"
source "$(dirname "${BASH_SOURCE[0]}")/structures.sh"

# --- nested page faults

facts 'exitinfo1: 0x580000007' '  p: 1 .*' '  rw: 1 .*' '  us: 1 .*' '  rmp: 1 .*' '  final: 1 .*' '  enc: 1 .*' \
  '  clear: rsv, id, ss, page_table, sizem, vmpl, sss, not_restartable' \
  'access: write of the guest, .*private \(C=1\)' 'gpa: 0x12345678' \
  '  page: 0x12345000 \(frame 0x12345, byte 0x678 of the page\)' '  region_2m: 0x12200000' \
  'cause: an RMP check of a private access failed.*' 'hypervisor: .*PSMASH.*' \
  'rules: .*PAG-NPF-10.*RMP-FLT-02.*RMP-CHK-04.*RMP-KVM-06.*' -- npf 0x580000007 --gpa 0x12345678
without warning
facts 'rules: PAG-NPF-10, PAG-ENT-02, PAG-NPF-13, RMP-KVM-07' 'cause: .*not present' -- npf 0x100000006
facts 'rules: .*PAG-ENT-02.*RMP-KVM-04.*' 'hypervisor: .*assigned first \(RMPUPDATE\).*' -- npf 0x500000004
facts 'rules: .*PAG-NPF-02, PAG-NPT-13' 'cause: .*do not allow writes.*' -- npf 0x100000007
facts 'rules: .*PAG-NPF-02, PAG-NPT-13' 'cause: .*instruction fetches \(NX\).*' -- npf 0x100000015
facts 'rules: .*PAG-NPF-02, PAG-NPT-11' 'cause: .*guest page tables.*' '  entry: 3 of the guest page table at 0x7000' \
  'access: walk of the guest.s page tables.*' -- npf 0x200000007 --gpa 0x7018
without warning
facts 'cause: .*reserved bit set.*' 'hypervisor: emulates.*#VC.*' 'rules: .*PAG-RSV-11, PAG-NPF-12, WSW-AE-02' \
  -- npf 0x10000000d
without warning
facts '  sizem: 1 .*' 'cause: PVALIDATE or RMPADJUST.*' 'hypervisor: splits the 2M entry with PSMASH.*' \
  'rules: .*RMP-FLT-03, RMP-KVM-06, PST-03' -- npf 0xd80000007
facts '  vmpl: 1 .*' 'cause: .*permission needed: write\)' 'hypervisor: cannot grant it.*' \
  'rules: .*RMP-FLT-04, RMP-VPL-01.*' -- npf 0x1580000007
facts 'cause: .*permission needed: exec_user at CPL 3, exec_supervisor at CPL 0 to 2\)' -- npf 0x1580000015
facts 'cause: a write that is not private reached a page that is assigned.*' 'hypervisor: .*4K pages.*' \
  'rules: .*RMP-CHK-08.*' -- npf 0x180000007
without warning
facts 'rules: .*RMP-CHK-01, RMP-CHK-04.*PAG-RMPS-02' 'access: walk.*private \(C=1\)' -- npf 0x680000007

# What contradicts itself is decoded all the same, with a warning.
facts 'warning: both final and page_table: .*PAG-NPF-10.*' -- npf 0x300000007
facts 'warning: neither final nor page_table: .*' -- npf 0x7
facts 'warning: reserved bits 5, 7-9 are set in exitinfo1_npf' -- npf 0x1000003a7
facts 'warning: rmp without p: .*' 'warning: us is clear: .*' -- npf 0x180000002
facts 'warning: sizem without rmp: .*RMP-FLT-03.*' -- npf 0x900000007
facts 'warning: vmpl without rmp: .*RMP-FLT-04.*' -- npf 0x1100000007
facts 'warning: rsv without p: .*' 'warning: id with rw: .*' -- npf 0x10000001e
facts 'warning: rmp on a read that is not private.*RMP-CHK-02.*' -- npf 0x180000005
facts 'warning: page_table without rw: .*PAG-NPT-11.*' -- npf 0x200000005
facts '  warning: the address has bits above bit 51' -- npf 0x100000004 --gpa 0x10000000000000
facts 'exitinfo1: 0xffffffffffffffff' '  not_restartable: 1 .*' -- npf 0xffffffffffffffff
facts 'exitinfo1: 0x0' -- npf 0
facts 'exitinfo1: 0x100000006' -- npf 4294967302

# --- page faults

facts 'error_code: 0x80000003' '  p: 1 .*' '  rw: 1 .*' '  rmp: 1 .*' '  clear: us, rsv, id, pk, ss' \
  'access: supervisor write' 'cause: the host wrote to a page that is assigned.*' \
  'rules: .*RMP-FLT-01, PAG-PF-05.*RMP-ERR-01' -- pf 0x80000003
without warning
facts 'access: user write' 'rules: .*RMP-FLT-01.*' -- pf 0x80000007
facts 'cause: .*not present' 'rules: PAG-PF-01, PAG-ENT-02.*' -- pf 4
facts 'cause: .*reserved bit set' 'rules: .*PAG-RSV-01.*' -- pf 9
without warning
facts 'warning: rsv without p: .*' -- pf 8
facts 'cause: .*NX.*' 'rules: .*PAG-PERM-03, PAG-PERM-04.*' -- pf 0x11
facts 'rules: .*PAG-PERM-01, PAG-PERM-02.*' -- pf 7
facts 'cause: .*protection key.*' 'rules: .*PAG-PERM-06.*' -- pf 0x27
facts 'warning: reserved bit 15 is set in pf_error_code' -- pf 0x8007
facts 'warning: rmp on an access that does not write.*' -- pf 0x80000001

# --- RMP entries: a dump of hardware, and every page state

facts 'rmp_entry: assigned, 4K, gPA 0xfffffffff000, ASID 2, VMSA, validated, VMPL0 full, page state guest-valid' \
  '  assigned: 1' '  page_size: 4K' '  immutable: 0' '  gpa: 0xfffffffff000' '  asid: 2' '  vmsa: 1' '  validated: 1' \
  '  lock: 0' '  vmpl0: full \(0x1f\)' '  vmpl1: none' '  page_state: guest-valid' '    host_write: #PF.*' \
  -- rmp-entry 0x6010fffffffff001 0x1f
without warning
states=(
  'hypervisor 0' 'hv-fixed 0x4' 'firmware 0x8000000000000005' 'firmware 5' 'firmware-iommu 0x8002000000001005'
  'reclaim 1' 'context 0xa000000000000005' 'metadata 0x8001007500000005' 'pre-guest 0x0028000001234005'
  'pre-swap 0x4028000001234005'
  'guest-invalid 0x0028000001234001' 'guest-valid 0x4028000001234001' 'guest-valid 0x4028000040000003'
  'invalid 0x4000000000000001' 'invalid 0x0028000001234000' 'invalid 0x4000000000000000'
)
for row in "${states[@]}"; do
  read -r state low <<<"$row"
  facts "  page_state: $state" "rmp_entry: .*, page state $state" -- rmp-entry "$low" 0
  [[ $state == invalid ]] && facts '  warning: no page state has this combination of bits.*' -- rmp-entry "$low" 0
done
facts '    guest_context: 0x7500000000 \(sPA\)' '    rmpupdate: FAIL_PERMISSION.*' -- rmp-entry 0x8001007500000005 0
facts '    owner: #VC 0x404.*' '    rmpupdate: to any state.*' -- rmp-entry 0x0028000001234001 0x1f
facts '  page_size: 2M' '  gpa: 0x40000000' '  asid: 5' -- rmp-entry 0x4028000040000003 0x1f
facts '  subpage_count: 7 other 4K pages.*' '  note: a 2M or 1G mapping.*' -- rmp-entry 0x38 0
facts '  vmpl1: read, write \(0x3\)' '  vmpl2: read, exec_user \(0x5\)' '  vmpl3: read \(0x1\)' \
  'rmp_entry: .*, VMPL1 read, write, VMPL2 .*' -- rmp-entry 0x4028000001234001 0x0105031f
facts '  warning: RMPADJUST does not make the permissions of vmpl1.*' -- rmp-entry 0x4028000001234001 0x21f
facts '  vmpl1: read, exec_supervisor \(0x9\)' '  warning: RMPADJUST does not make the permissions of vmpl1.*' \
  -- rmp-entry 0x4028000001234001 0x91f
facts '  vmpl1: sss \(0x10\)' '  warning: RMPADJUST does not make.*' -- rmp-entry 0x4028000001234001 0x101f
facts '  warning: reserved bit 7 is set in vmpl_permissions' -- rmp-entry 0x4028000001234001 0x811f
facts '  warning: reserved bits 32, 63 are set in qw1 at byte 0x8' -- rmp-entry 0x4028000001234001 0x800000010000001f
facts '  warning: .*not aligned to 2M.*' -- rmp-entry 0x4028000001234003 0x1f
facts '  warning: the ASID is the mark of firmware.*' -- rmp-entry 0x1ff8000000000001 0
facts '  note: the 511 later entries.*' -- rmp-entry 1 0

# --- the GHCB MSR: the examples of the protocol

facts '  message: SEV_INFO_RESP' '  from: hypervisor to guest' '  means: GHCB versions 1 to 2, C-bit at bit 51' \
  '    cbit: 0x33.*' -- ghcb-msr 0x0002000133000001
facts '  message: SEV_INFO_REQ' '  from: guest to hypervisor' '  hypervisor: answers SEV_INFO_RESP' -- ghcb-msr 2
facts '  means: EBX of CPUID function 0x8000001f, sub-leaf 0' '  ghcb_msr_cpuid_req: 0x8000001f40000004' \
  -- ghcb-msr 0x8000001f40000004
facts '  means: EBX = 0x33' -- ghcb-msr 0x0000003340000005
facts '  message: AP_RESET_HOLD_RESP' '    result: 0x1 .*' -- ghcb-msr 0x1007
facts '  means: no preference' -- ghcb-msr 0xfffffffffffff011
facts '  gpa: 0x7fe5000' '  message: REG_GPA_REQ' -- ghcb-msr 0x7fe5012
facts '  means: rejected' -- ghcb-msr 0xfffffffffffff013
facts '  gpa: 0x12345000' '    op: 0x1 PRIVATE' '  rules: GHCB-MSR-13' -- ghcb-msr 0x0010000012345014
facts '    op: 0x2 SHARED' -- ghcb-msr 0x0020000012345014
facts '  warning: the MSR protocol only knows PRIVATE and SHARED.*' -- ghcb-msr 0x0030000012345014
facts '  means: the page is changed' -- ghcb-msr 0x15
facts '  means: refused' -- ghcb-msr 0x8000000000000015
facts '    vmpl: 2 .*' -- ghcb-msr 0x0000000200000016
facts '  warning: there are VMPLs 0 to 3.*' -- ghcb-msr 0x0000000400000016
facts '  means: SNP, SNP_AP_CREATION, SNP_MULTI_VMPL' -- ghcb-msr 0x23081
facts '  means: bit 10 \(unknown\)' -- ghcb-msr 0x400081
facts '  reason: set 1 \(Linux\), code 0x3 NOT_VMPL0' '  rules: GHCB-MSR-19' -- ghcb-msr 0x31100
facts '  reason: set 0 \(GHCB specification\), code 0x1 PROTOCOL_RANGE.*' -- ghcb-msr 0x10100
facts '  reason: set 2 .*vendor.*, code 0x5' -- ghcb-msr 0x52100
facts '  message: none: the address of the GHCB.*' '  gpa: 0x7fe5000' -- ghcb-msr 0x7fe5000
facts '  warning: no GHCB is set.*' -- ghcb-msr 0
facts '  message: unknown \(not in ghcb_msr_codes\)' '  rules: GHCB-MSR-21' -- ghcb-msr 0xabc
facts '  message: reserved for hypervisor vendors' '  rules: GHCB-MSR-20' -- ghcb-msr 0xf03
facts '  message: AP_JUMP_TABLE.*' '  rules: GHCB-MSR-04' -- ghcb-msr 3
facts '  warning: this message carries no data.*' -- ghcb-msr 0x1002
facts '  warning: reserved bit 24 is set in ghcb_msr_term_req' -- ghcb-msr 0x1000100

# --- exits

facts 'exit_code: 0x72 CPUID' 'automatic: no: .*#VC.*' 'ghcb_event: CPUID' '  in: rax, rcx; .*xcr0.*' \
  '  out: rax, rbx, rcx, rdx' 'rules: LAY-VC-01, LAY-VC-02, WSW-AE-01, GHCB-NAE-05' -- exit 0x72
facts 'automatic: yes' 'rules: .*LAY-VC-02.*' -- exit 0x78
facts 'automatic: yes, unless EXITINFO1 has rsv.*' 'ghcb_event: NPF_MMIO.*' 'rules: .*PAG-NPF-12.*' -- exit 0x400
facts 'exit_code: 0x93 CR3_WRITE_TRAP.*' 'automatic: yes' 'hypervisor: .*EXITINFO1.*' -- exit 0x93
facts 'automatic: no: .*' 'hypervisor: must not intercept it.*traps' -- exit 0x10
facts 'automatic: no: .*' 'hypervisor: should not intercept it.*' -- exit 0x79
facts 'exit_code: 0x404 PAGE_NOT_VALIDATED.*' 'automatic: no: never an exit.*' 'guest: .*CR2.*' \
  'rules: .*RMP-FLT-08.*' -- exit 0x404
facts 'note: with REFLECT_VC.*' -- exit 0x5d
for code in 0xffffffffffffffff 0xffffffff 18446744073709551615; do
  facts 'exit_code: 0xffffffffffffffff INVALID.*' 'automatic: yes: VMRUN failed.*' -- exit $code
done
facts 'exit_code: 0xfffffffffffffffd IDLE_REQUIRED.*' 'rules: .*WSW-RUN-16.*' -- exit 0xfffffffffffffffd
facts 'exit_code: 0x80000010 SNP_PAGE_STATE_CHANGE' '  in: sw_scratch' 'automatic: no exit of hardware.*' \
  -- exit 0x80000010
facts '  in: nothing' '  sw_exit_info_1: ghcb_termination_info1' '  out: does not return' 'rules: GHCB-NAE-33' \
  -- exit 0x8000fffe
facts 'exit_code: 0x12345 \(neither in svm_exit_codes nor in nae_exit_codes\)' -- exit 0x12345

# What every GHCB event passes: code, what must be marked valid, what comes back.
while IFS='|' read -r code passes returns; do
  facts "  in: $passes" "  out: $returns" -- exit "$code"
done <<'EVENTS'
0x27|nothing|nothing
0x37|rax|nothing
0x6e|nothing|rax, rdx
0x6f|rcx|rax, rdx
0x72|rax, rcx; xcr0 .*xss .*|rax, rbx, rcx, rdx
0x76|nothing|nothing
0x7b|rax for OUT; sw_scratch .*|rax for IN; .*
0x7c|rcx; rax and rdx for WRMSR|rax and rdx for RDMSR
0x81|rax, cpl; .*|rax
0x87|nothing|rax, rcx, rdx
0x89|nothing|nothing
0x8a|rax, rcx, rdx|nothing
0x8b|rax, rcx|nothing
0x80000001|sw_scratch|the scratch area
0x80000002|sw_scratch|nothing
0x80000003|nothing|nothing
0x80000004|nothing|sw_exit_info_2: .*
0x80000005|nothing|sw_exit_info_2: .*
0x80000010|sw_scratch|sw_exit_info_2: .*
0x80000011|nothing|sw_exit_info_2: .*
0x80000012|rax, rbx|rbx; sw_exit_info_2 .*
0x80000013|rax, the SEV_FEATURES, .*|nothing
0x80000014|nothing|sw_exit_info_2: .*
0x80000017|rax; .*|rax; .*
0x80000018|nothing|sw_exit_info_1
0x8000001a|rax; rbx, .*|rbx: .*
0x8000fffd|nothing|sw_exit_info_2: .*
0x8000fffe|nothing|does not return
0x8000ffff|nothing|nothing
EVENTS

# Every exit code and every GHCB event of the tables has an answer with a name and who acts.
codes=$(python3 - "$SEVSPEC_TEST_DATA_DIR/layouts.json" <<'PYTHON'
import json, sys
tables = {t["name"]: t["entries"] for t in json.load(open(sys.argv[1]))["constants"]}
print(*sorted({e["hex"] for name in ("svm_exit_codes", "nae_exit_codes") for e in tables[name]}))
PYTHON
)
for code in $codes; do
  facts 'exit_code: 0x[0-9a-f]+ [A-Z].*' 'automatic: .*' -- exit "$code"
done

# --- policies, status, TCBs

facts 'snp_policy: 0xb0000' '  smt: 1 .*' '  reserved_must_be_one: 1 .*' 'warning: debug is set.*' -- snp-policy 0xb0000
facts 'firmware: at least version 1\.55' '  clear: migrate_ma, debug, .*' -- snp-policy 0x30137
without warning
facts 'warning: bit 17 is clear.*' -- snp-policy 0x10000
facts 'warning: reserved bits 26, 63 are set in snp_guest_policy' -- snp-policy 0x8000000004030000
facts '  es: 1 .*' '  nodbg: 1 .*' 'firmware: at least version 1\.51' -- sev-policy 0x33010005
facts 'warning: nodbg is clear.*' 'warning: reserved bit 6 is set in sev_guest_policy' -- sev-policy 0x40
facts 'guest: SEV-SNP' '  restricted_injection: 1 .*' '  debug_swap: 1 .*' -- sev-status 0xa7
without warning
facts 'guest: not encrypted' -- sev-status 0
facts 'warning: sev_snp without sev_es.*' 'warning: reserved bit 62 is set in msr_sev_status' \
  -- sev-status 0x4000000000000005
facts 'warning: restricted_injection, .*exclude.*' -- sev-status 0x67
facts '  boot_loader: 3' '  tee: 0' '  snp: 8' '  microcode: 115 \(0x73\)' -- tcb 0x7308000000000003 --generation milan
facts '  fmc: 1' '  boot_loader: 2' '  tee: 3' '  snp: 4' '  microcode: 80 \(0x50\)' \
  -- tcb 0x5000000004030201 --generation turin
facts '  warning: reserved bit 8 is set in reserved_004 at byte 0x4' -- tcb 0x5000010004030201 --generation turin
facts '  snp: 8' -- tcb 0x7308000000000003 --generation genoa

# --- the VMCB of a real guest, against what is known of it

vmcb=$SEVSPEC_TEST_DATA_DIR/kvm-npt-4k/vmcb.bin
known() { # WORLD REGISTER
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]])' \
    "${vmcb%/*}/meta.json" "$@"
}
facts "  nested_cr3: $(known npt ncr3)" "  cr3: $(known l2 cr3)" "  cr0: $(known l2 cr0)" "  cr4: $(known l2 cr4)" \
  "  efer: $(known l2 efer)" "  rip: $(known l2 rip)" '  guest_asid: 1' '    np_enable: 1 .*' 'guest: not encrypted' \
  '    vmrun: 1 .*' '    hlt: 1 .*' '    cpuid: 1 .*' '    ioio_prot: 1 .*' '    clear: init, vintr, idtr_read.*' \
  '  exit_code: 0x60 INTR' -- vmcb "$vmcb"
same "warnings for that VMCB" '  warning: reserved bit 31 is set in vmcb_clean at byte 0xc0' "$(grep warning <<<"$out")"

make "$work/control" vmcb_control_area np_control=7 guest_asid=5 intercept_misc2=1 vmsa_pa=0x123456000 exit_code=0x400 \
  exit_info_1=0x580000007 exit_info_2=0x12345678 ghcb_gpa=0x7fe5000
{ cat "$work/control"; head -c 3072 /dev/zero; } >"$work/es.bin"
facts 'guest: SEV-ES or SEV-SNP.*' '  vmsa_pa: 0x123456000' '    sev_es_enable: 1 .*' 'save_area: not used.*' \
  '  exitinfo1: 0x580000007' '  gpa: 0x12345678' '  rules: .*RMP-CHK-04.*' -- vmcb "$work/es.bin"
without warning
head -c 4096 /dev/zero >"$work/zero.bin"
facts '  warning: guest_asid is 0.*' '  warning: VMRUN is not intercepted.*' -- vmcb "$work/zero.bin"

# --- VMSA

make "$work/vmsa.bin" vmsa sev_features=0x29 vmpl=2 efer=0x1000 rip=0xfff0 rsp=0x8000 vintr_ctrl=0x8000000000000000
facts 'guest: SEV-SNP' 'runs_at: VMPL2, CPL0' '  vmpl: 2' '  sev_features: 0x29' '    snp_active: 1 .*' \
  '  rip: 0xfff0' '  warning: vintr_ctrl.busy.*' -- vmsa "$work/vmsa.bin"
make "$work/vmsa.bin" vmsa sev_features=0x10000000020018 reserved_0cc=1
facts '  warning: reserved bits 17, 52 are set in sev_features at byte 0x3b0' \
  '  warning: reserved bit 0 is set in reserved_0cc at byte 0xcc' '  warning: restricted_injection, .*' \
  -- vmsa "$work/vmsa.bin"

# --- GHCB pages

events=$(valid sw_exit_code sw_exit_info_1 sw_exit_info_2 rax rcx)
make "$work/ghcb.bin" ghcb sw_exit_code=0x72 rax=0x8000001f rcx=0 rdx=5 protocol_version=2 "$events"
facts 'protocol_version: 2' '  rax: 0x8000001f' '  sw_exit_code: 0x72 CPUID' 'request: 0x72' '  ghcb_event: CPUID' \
  '  warning: not marked in valid_bitmap.*: rdx' -- ghcb "$work/ghcb.bin"
without MISSING_INPUT
make "$work/ghcb.bin" ghcb sw_exit_code=0x72 "$(valid sw_exit_code sw_exit_info_1 sw_exit_info_2 rcx)"
facts '  warning: rax is not marked: .*MISSING_INPUT.*' -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_code=0x100000072 "$events"
facts '  sw_exit_code: 0x100000072 \(not in nae_exit_codes\)' '  warning: no such event.*INVALID_EVENT.*' \
  -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_code=0x7b sw_exit_info_1=0x03f80e11 "$events"
facts '    port: 0x3f8 \(1016\) .*' '    in: 1 .*' '    seg: 0x3 DS' -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_code=0x80000013 sw_exit_info_1=0x0000000300010001 "$events"
facts '    request: 0x1 CREATE.*' '    vmpl: 1 .*' '    apic_id: 3 .*' -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_code=0x8000fffe sw_exit_info_1=0xa1 "$events"
facts '  reason: set 1 \(Linux\), code 0xa SECURE_TSC' -- ghcb "$work/ghcb.bin"
psc=$(valid sw_exit_code sw_exit_info_1 sw_exit_info_2 sw_scratch)
make "$work/ghcb.bin" ghcb sw_exit_code=0x80000010 sw_scratch=0x7fe5800 "$psc" @0x800=0x20000 \
  @0x808=0x0110000040000000 @0x810=0x0020000040001000 @0x818=0x0110000040001000
facts '  page_state_change: entries 0 to 2, .*' '    entry\[0\]: PRIVATE 2M gPA 0x40000000, 0 of 512 pages done' \
  '    entry\[1\]: SHARED 4K gPA 0x40001000, 0 of 1 pages done' '    warning: .*INVALID_ENTRY.*GHCB-PSC-07.*' \
  -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_code=0x80000010 sw_scratch=0x7fe5800 "$psc" @0x800=0xffff0000
facts '    warning: end_entry is too large.*GHCB-PSC-04.*' '    warning: entry 253 and what follows lie behind.*' \
  -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_code=0x80000010 sw_scratch=0x7fe5100 "$psc"
facts '  page_state_change: the list lies at gPA 0x7fe5100, outside this page' -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_info_1=2 sw_exit_info_2=6 "$(valid sw_exit_info_1 sw_exit_info_2)"
facts 'answer: 0x2 MALFORMED_INPUT.*' '  error: 0x6 INVALID_EVENT.*' -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb sw_exit_info_1=1 sw_exit_info_2=0x80000b0d "$(valid sw_exit_info_1 sw_exit_info_2)"
facts 'answer: 0x1 ISSUE_EXCEPTION.*' '    vector: 0xd \(13\).*' '    type: 0x3 EXCEPTION.*' -- ghcb "$work/ghcb.bin"
make "$work/ghcb.bin" ghcb ghcb_usage=1 valid_bitmap=hex:01 reserved_320=1
facts 'warning: only usage 0 .*INVALID_USAGE.*' '  warning: bit 0 of valid_bitmap is set, which belongs to no field' \
  'warning: reserved bit 0 is set in reserved_320 at byte 0x320' 'request: none.*' -- ghcb "$work/ghcb.bin"

# --- secrets and CPUID pages

make "$work/secrets.bin" secrets_page version=3 fms=0xa00f11 vmpck0=hex:0102030405060708 tsc_factor=5 \
  svsm_base=0x8000000 svsm_size=0x1000
facts '  version: 3' '  vmpck0: 01020304050607080{48}' '  svsm: present' \
  '  processor: family 0x19, model 0x1, stepping 0x1' '  svsm_base: 0x8000000' -- secrets "$work/secrets.bin"
without warning
make "$work/secrets.bin" secrets_page version=2 tsc_factor=5 reserved_00c=1
facts '  warning: reserved bits 0, 2 are set in tsc_factor at byte 0x160' \
  '  warning: reserved bit 0 is set in reserved_00c at byte 0xc' '  svsm: none' -- secrets "$work/secrets.bin"
make "$work/secrets.bin" secrets_page version=9
facts 'warning: version 9 is not known.*LAY-SEC-01.*' -- secrets "$work/secrets.bin"
make "$work/cpuid.bin" cpuid_page count=1 @0x10=0x18000001f @0x28=0x0000417300000053 @0x40=9
facts 'count: 1' 'cpuid\[0\]: function 0x8000001f, sub-leaf 0x1: eax 0x00000053 ebx 0x00004173 ecx 0x0+ edx 0x0+' \
  'warning: record 1 is not zero, but behind the last' -- cpuid-page "$work/cpuid.bin"
make "$work/cpuid.bin" cpuid_page count=65 reserved_004=1
facts 'warning: the page has room for 64 records only' 'warning: reserved bit 0 is set in reserved_004 at byte 0x4' \
  -- cpuid-page "$work/cpuid.bin"

# --- reports: the version chooses the layout, the family the order of the TCB

make "$work/report.bin" attestation_report_v5 version=5 cpuid_fam_id=0x1a current_tcb=0x5000000004030201 \
  launch_mit_vector=7
facts 'layout: attestation_report_v5' 'launch_mit_vector: 0x7' '  fmc: 1' '  microcode: 80 \(0x50\)' \
  -- report "$work/report.bin"
without warning
make "$work/report.bin" attestation_report_v5 version=4 cpuid_fam_id=0x19 current_tcb=0x5008000000000201 \
  launch_mit_vector=7
facts 'layout: attestation_report_v3' '  boot_loader: 1' '  snp: 8' \
  'warning: reserved bits 0-2 are set in reserved_1f8 at byte 0x1f8' -- report "$work/report.bin"
without fmc
make "$work/report.bin" attestation_report_v5 version=6 cpuid_fam_id=0x1b
facts 'layout: attestation_report_v5' 'note: version 6 is read as version 5.*' -- report "$work/report.bin"
make "$work/report.bin" attestation_report_v2 version=2 chip_id=hex:0102030405060708 current_tcb=0x5000000004030201
facts 'layout: attestation_report_v2' '  fmc: 1' -- report "$work/report.bin"
make "$work/report.bin" attestation_report_v2 version=2
facts 'note: the report does not tell whether its TCBs are Turin.s.*' -- report "$work/report.bin"
without '^  microcode'

# --- standard input

from_stdin() {
  local input=$1
  shift
  out=$("$SEVSPEC" decode "$@" <"$input" 2>"$work/err")
  same "status of decode $* <${input##*/}" 0 $?
}
from_stdin "$vmcb" vmcb -
same "the VMCB from the standard input" "$("$SEVSPEC" decode vmcb "$vmcb")" "$out"
echo ' 0x580000007 ' >"$work/value"
from_stdin "$work/value" npf -
same "a value from the standard input" "$("$SEVSPEC" decode npf 0x580000007)" "$out"
echo '0x6010fffffffff001 0x1f' >"$work/value"
from_stdin "$work/value" rmp-entry -
same "an RMP entry from the standard input" "$("$SEVSPEC" decode rmp-entry 0x6010fffffffff001 0x1f)" "$out"

for kind in npf pf rmp-entry ghcb-msr snp-policy sev-policy sev-status tcb exit \
  vmcb vmsa ghcb report secrets cpuid-page; do
  expect 0 'Usage: ' decode $kind --help
done
expect 0 'dmesg' decode --help

finish
