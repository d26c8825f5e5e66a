#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec decode with lines of kernel logs, as an argument and on the standard input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/facts.sh"

entry='rmp_entry: assigned, 4K, gPA 0xfffffffff000, ASID 2, VMSA, validated, VMPL0 full, page state guest-valid'

# Dumps of RMP entries.
dump='SEV-SNP: PFN 0x1149cc, RMP entry: [0x6010fffffffff001 - 0x000000000000001f]'
for before in '' '[ 8149.348948] ' '<6>[    0.000001] ' 'Nov 21 04:30:01 host kernel: '; do
  facts "$entry" '  pfn: 0x1149cc \(sPA 0x1149cc000\)' -- "$before$dump"
done
facts "$entry" -- 'RMP entry: [0x6010fffffffff001 - 0x1f]'
facts "$entry" -- rmp-entry 'RMP entry: [0x6010fffffffff001 - 0x000000000000001f]'
facts "$entry" '  pfn: 0x1149cc .*' -- rmp-entry "$dump"
facts 'rmp_entry: .*page state guest-invalid' '  pfn: 0x114801 .*' \
  -- 'SEV-SNP: PFN: 0x114801, [0x0028000001234001 - 0x000000000000001f]'
facts '  warning: a 2M entry at a page that is not aligned.*' -- 'PFN 0x114801, RMP entry: [0x4028000040000003 - 0x1f]'
facts '  note: the 511 later entries.*' -- 'PFN: 0x114801, [0x1 - 0x0]'
facts 'rmp_entry: .*page state reclaim' -- 'PFN: 0x114800, [0x1 - 0x0]'
without note
facts 'pfn: 0x1149cc .*' 'assigned: 0' 'rules: .*RMP-CHK-08.*RMP-ERR-01.*' \
  -- 'SEV-SNP: PFN 0x1149cc unassigned, dumping non-zero entries in 2M PFN region: [0x114800 - 0x114a00]'

# RMP instructions that failed.
facts 'instruction: RMPUPDATE' 'pfn: 0x28357f7c' 'status: 2 FAIL_PERMISSION' 'cause: the entry is immutable.*' \
  -- '[ 8149.348948] SEV-SNP: RMPUPDATE failed for PFN 28357f7c, pg_level: 1, ret: 2'
for status in '1 FAIL_INPUT' '3 FAIL_INUSE' '4 FAIL_OVERLAP' '6 FAIL_SIZEMISMATCH' '0 SUCCESS' \
  '5 \(not in rmp_instruction_status\)'; do
  facts "status: $status" -- "RMPUPDATE failed for PFN 28357f7c, pg_level: 1, ret: ${status%% *}"
done
facts 'instruction: PSMASH' 'status: -5 .*' -- 'kvm_amd: SEV: Unable to split RMP entry for GPA 0x1000 PFN 0x200 ret -5'

# Faults.
facts 'error_code: 0x80000003' 'rules: .*RMP-FLT-01.*' -- '#PF: error_code(0x80000003) - RMP violation'
facts 'error_code: 0x0' -- '[1.0] #PF: error_code(0x0000) - not-present page'
facts 'error_code: 0x80000003' -- pf '#PF: error_code(0x80000003) - RMP violation'
facts 'warning: a #PF error code has 32 bits.*' 'error_code: 0x3' -- '#PF: error_code(0x100000003) - ?'
traced='qemu-7289 [023] d....  2925.640963: kvm_page_fault: vcpu 0 rip 0x1000 address 0x0000000012345000 error_code'
facts 'exitinfo1: 0x500000006' 'gpa: 0x12345000' -- "$traced 0x500000006"
facts 'exitinfo1: 0x500000006' 'gpa: 0x12345000' -- npf "$traced 0x500000006"
facts 'traced_bit: 0x2000000000000 .*private.*' 'exitinfo1: 0x500000006' -- "$traced 0x2000500000006"
without warning
facts 'exitinfo1: 0x6' 'gpa: 0x1000' -- 'kvm_page_fault: address 1000 error_code 6'
facts '  sizem: 1 .*' 'gpa: 0x12345000' \
  -- 'kvm_rmp_fault: vcpu 1 gpa 0000000012345000 pfn 0x1149cc error_code 0xd80000007 rmp_level 2 psmash_ret 0'
facts 'exitinfo1: 0x580000007' 'gpa: 0x7000' -- 'kvm_amd: Unexpected RMP fault for GPA 0x7000, error_code 0x580000007'
rest='intr_info 0x00000000 error_code 0x00000000'
facts 'exitinfo1: 0x100000014' 'gpa: 0xfee00000' 'exit_code: 0x400 NPF.*' \
  -- "kvm_exit: vcpu 0 reason npf rip 0x1000 info1 0x0000000100000014 info2 0x00000000fee00000 $rest"
facts 'exit_code: 0x78 HLT' 'info1: 0x0' \
  -- "kvm_exit: vcpu 0 reason hlt rip 0x1000 info1 0x0000000000000000 info2 0x0000000000000000 $rest"
facts "reason: 'hypercall'" 'warning: the reason is not a name of svm_exit_codes' \
  -- 'kvm_exit: vcpu 0 reason hypercall rip 0x0 info1 0x0 info2 0x0'

# GHCB.
facts 'reason: set 0 .*, code 0x0 GENERAL.*' 'rules: GHCB-MSR-19.*' \
  -- '[ 12.3] kvm_amd: SEV-ES guest requested termination: 0x0:0x0'
facts 'reason: set 0 .*, code 0x2 SNP_FEATURES_UNSUPPORTED.*' -- 'kvm_amd: SEV-ES guest requested termination: 0x0:0x2'
facts 'reason: set 1 \(Linux\), code 0x2 PVALIDATE' -- 'SEV-ES guest requested termination: 0x1:0x2'
facts 'reason: set 9 .*, code 0xffffffffffffffff' -- 'SEV-ES guest requested termination: 0x9:0xffffffffffffffff'
facts 'exit_code: 0x8000ffff UNSUPPORTED_EVENT' 'vc_error_code: 0x79' '  exit_code: 0x79 INVLPG' \
  -- 'kvm_amd: kvm [123]: vcpu0, guest rIP: 0x0 vmgexit: unsupported event - exit_info_1=0x79, exit_info_2=0x0'
facts 'exit_code: 0x8000ffff UNSUPPORTED_EVENT' -- 'vmgexit: unsupported event'
facts 'event: KVM does not know.*' 'answer: MALFORMED_INPUT, INVALID_EVENT.*' 'exit_code: 0x80000099 .*' \
  -- 'vmgexit: exit code 0x80000099 is not valid'
facts 'answer: MALFORMED_INPUT, MISSING_INPUT.*' 'ghcb_event: CPUID' \
  -- exit 'vmgexit: exit code 0x72 input is not valid'
facts 'answer: MALFORMED_INPUT, INVALID_USAGE.*' -- 'vmgexit: ghcb usage 0x5 is not valid'
facts 'gpa: 0x7fe5000' 'answer: MALFORMED_INPUT, NOT_REGISTERED.*' -- 'vmgexit: GHCB GPA [0x7fe5000] is not registered.'
facts 'event: KVM has no handler.*' 'exit_code: 0x66 IDTR_READ' -- 'kvm_amd: svm: unexpected exit reason 0x66'
facts 'event: the guest.s #VC handler.*' 'exit_code: 0x404 .*' \
  -- 'Unsupported exit-code 0x404 in #VC exception (IP: 0xffffffff81000000)'
facts 'exit_code: 0x7b IOIO' -- 'Failure in communication with VMM (exit-code 0x7b IP: 0xffffffff81000000)'

# Many lines: what is recognised is told with its line number, the others are passed over.
cat >"$work/dmesg" <<'LOG'
[    1.0] BUG: unable to handle page fault for address: ff3a442e549cc270

[    1.1] #PF: supervisor write access in kernel mode
[    1.2] #PF: error_code(0x80000003) - RMP violation
[    1.3] SEV-SNP: PFN 0x1149cc unassigned, dumping non-zero entries in 2M PFN region: [0x114800 - 0x114a00]
[    1.4] SEV-SNP: PFN: 0x114801, [0x0028000001234001 - 0x000000000000001f]
[    2.0] kvm_amd: exit_code:           0000000000000400
[    2.1] kvm_amd: exit_info1:          0000000580000007
[    2.2] kvm_amd: exit_info2:          0000000012345000
LOG
((++checks))
out=$("$SEVSPEC" decode - <"$work/dmesg") || fail "status of decode -"
same "lines that are recognised" "4 5 6 7 8 9" "$(sed -n 's/^line: //p' <<<"$out" | xargs)"
for pattern in '  error_code: 0x80000003' '  rmp_entry: .*guest-invalid' '  exit_code: 0x400 NPF.*' \
  '  exitinfo1: 0x580000007' '  gpa: 0x12345000'; do
  ((++checks))
  grep -Exq "$pattern" <<<"$out" || fail "no line '$pattern' in: $out"
done

# What only looks like one of these lines.
for line in 'hello world' 'RMP entry: [0x1 - ]' 'RMP entry: [0x1 0x2]' 'RMP entry: [0x1 - 0x2' 'RMP entry: ' \
  'PFN 0x1149cc, nothing' 'RMP entry: [0x10000000000000000 - 0x0]' '#PF: error_code(zz)' '#PF: error_code' '#PF' 'mlx5: error_code 5' \
  'process exit_code: 1' 'SEV-SNP: RMP table physical range [0x0000000011500000 - 0x0000000051dfffff]' \
  'guest requested termination: 0x0' 'vmgexit: exit code 0x72' ' reason npf' 'kvm error_code' \
  "$(head -c 100000 /dev/zero | tr '\0' '[')" "$(printf '%0100000d' 0)"; do
  expect 2 "decode '.*no line was recognised; looked for RMP entry dumps, " decode "$line"
done

finish
