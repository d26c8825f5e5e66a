#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec tour, and --help everywhere.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
data=$SEVSPEC_TEST_DATA_DIR/kvm-npt-4k

expect 0 '4,096 of 4,096 gPA pages agree' tour
same "diagnostics" "" "$err"
same "lines wider than 100 characters" 0 "$(grep -Ec '^.{101,}$' <<<"$out")"
expect 0 '^24 reads| 24 reads, ' tour
expect 0 '#NPF, EXITINFO1 0x100000007' tour
expect 0 '^46 checks, all fine' tour --data "$data"

# Part 2: who reads the secret.
expect 0 "^  guest A, private +\"attack at dawn!!\" +[0-9a-f]{16}\.\. +\"attack at dawn!!\"$" tour
same "lines with the secret" 2 "$(grep -c 'attack at dawn' <<<"$out")"
expect 0 'RMP-CHK-01' tour

# Part 3: a launch, a report, and two attacks.
run tour
first=$out
run tour
same "the same story twice" "$first" "$out"
expect_line() { ((++checks)); grep -Eq -- "$1" <<<"$out" || fail "no '$1' in: $out"; }
expect_line '^  RMPUPDATE, SNP_GCTX_CREATE +0x1000000 +hypervisor -> firmware -> context$'
expect_line '^  WBINVD, SNP_DF_FLUSH +ASID 1: dirty -> clean$'
expect_line '^  SNP_ACTIVATE .* ASID 1: clean -> allocated$'
for kind in '4 NORMAL pages' '2 UNMEASURED pages' '1 SECRETS page' '1 CPUID page' '1 ZERO page' '1 VMSA page'; do
  expect_line "^    $kind +0x21[0-9a-f]+ +0x[0-9a-f]+ +hypervisor -> pre-guest -> guest-valid$"
done
expect_line '^  SNP_LAUNCH_FINISH, ID block .* SUCCESS; ASID 1: in use$'
expect_line '^  5ba96dd2c0313820fad9d7394d73a19251f52b3092cdeb4e8aa96322c2f53562a59869736acc6e14e4584c63de05deef$'
expect_line '^  SNP_PAGE_RECLAIM, RMPUPDATE .* firmware -> reclaim -> hypervisor$'
expect_line "^  The chip's certificate is of SEV-Model, that one of ARK-Model, .* ok$"
expect_line "^  The certificate's key signed the report; .* ok$"
expect_line '^  It names the launch digest, .* ok$'
expect_line 'one bit changed: BAD_MEASUREMENT; .* ok$'
expect_line '^  FW-SNP-LFIN-04: '
expect_line 'once more: AEAD_OFLOW, and no answer\. +ok$'
expect_line '^  FW-MSG-16: '

# Part 4: a guest and its hypervisor. Each request has its answer, and the end has none.
expect_line '^  hypervisor +-> guest +VMRUN entered: SEV-SNP, VMPL 0, RIP 0x8010$'
expect_line '^  guest +-> hypervisor +MSR 0x2: SEV_INFO_REQ$'
expect_line '^  guest +-> hypervisor +MSR 0x2000000000a014: PSC_REQ$'
for page in a b; do
  expect_line "^  guest +-> RMP +PVALIDATE\(0\) of gPA 0x${page}000: SUCCESS, CF=0; guest-valid -> guest-invalid$"
  expect_line "^  hypervisor +-> RMP +RMPUPDATE of gPA 0x${page}000: guest-invalid -> hypervisor$"
done
expect_line "^  hypervisor +-> guest's AP +VMRUN exited: EXITCODE -1 \(RMP-VMR-02\)$"
expect_line '^  guest +-> hypervisor +GHCB 0x80000013 AP creation, INFO1 0x100000001, INFO2 0xc000, RAX 0x1$'
expect_line "^  hypervisor +-> guest's AP +VMRUN entered: SEV-SNP, VMPL 0, RIP 0x8020$"
expect_line '^  guest +-> RMP +RMPADJUST of gPA 0xc000, VMSA=0: #NPF 0x580000005 \(RMP-CHK-15\)$'
expect_line 'GHCB 0x80000010 page state change, .* SCRATCH 0xa800$'
expect_line 'now it reads "hello!"\. +ok$'
expect_line '^  processor +-> #VC handler +#VC 0x7b, RIP 0x8010, opcode 0xee; its verdict: exit$'
expect_line '^  processor +-> #VC handler +#VC 0x400, RIP 0x8012, opcode 0x89; its verdict: exit$'
expect_line '^  hypervisor +-> device +port 0x3f8, 1 byte: writes 0x53$'
expect_line '^  hypervisor +-> device +0x1e0000, 4 bytes: reads 0x52$'
expect_line '^  hypervisor +-> #VC handler +GHCB INFO1 0x2, INFO2 0x3$'
expect_line '^  GHCB-SCR-06: '
expect_line '^  GHCB-RET-03: '
expect_line '^  hypervisor +-> guest +terminate: reason set 0, code 0: general request$'
story=$(sed -n '/tour, part 4/,/tour, part 5/p' <<<"$out")
asked=$(grep -Ec -- '-> hypervisor +(MSR|GHCB) ' <<<"$story") answered=$(grep -Ec '^  hypervisor +-> .*(MSR|GHCB) ' <<<"$story")
same "requests without an answer" 1 $((asked - answered))
same "references to the device after the malformed request" 0 \
  "$(sed -n '/malformed request/,$p' <<<"$story" | grep -c -- '-> device')"

# Part 5: a measurement that is believed, and what is not.
story=$(sed -n '/tour, part 5/,/tour, part 6/p' <<<"$out")
expect_line "^  the guest's VMSA +0x5000 +rwx +r--$"
expect_line '^  its SECRETS page +0x1001000 +rwx +---$'
expect_line '^  The verifier believes it: .* ok$'
expect_line '^  The verifier refuses: memory is not as it should be; .* ok$'
expect_line '^  The verifier refuses: other addresses than were asked for; .* ok$'
expect_line '^  The verifier refuses: not an answer to this nonce; .* ok$'
expect_line '^  SVSM-MEAS-23: '
expect_line '^  SVSM +-> hypervisor +#NPF 0x580000005 \(RMP-CHK-01\)$'
expect_line '^  CALL_PENDING is still 1: the SVSM has not run\. +ok$'
expect_line '^  SVSM-CA-02: '
expect_line '^  Even if the guest asks for it: 0x80001010\. .* ok$'
expect_line '^  SVSM-CORE-16: '
same "reports that the SVSM asked for" 4 "$(grep -c 'SNP_GUEST_REQUEST: SUCCESS$' <<<"$story")"
same "calls that the SVSM did not serve" 1 \
  $(($(grep -c '^  guest .*VMPL_REQ; RAX' <<<"$story") - $(grep -c '^  SVSM .*VMPL_REQ$' <<<"$story") + 1))

# Part 6: guests inside guests. Two keys or one, who reads what, and what it costs.
story=$(sed -n '/tour, part 6/,/tour, part 7/p' <<<"$out")
expect_line '^  Linux in L1: "KVM is unsupported when running as an SEV guest"$'
for owner in '9, gPA 0x0, guest-valid' '9, gPA 0x7000, guest-valid, VMSA' '5, gPA 0x60000, guest-valid'; do
  expect_line "^  L1 gPA 0x6[07]000 .* the machine's owner: ASID $owner$"
done
expect_line '^  L2 +reads "L2.s secret key!"$'
same "who reads the secret of L2: L2 twice, L1 under passthrough" 3 "$(grep -c "L2's secret key" <<<"$story")"
same "L1 under passthrough" 1 "$(grep -Ec "^  L1 reads +\"L2's secret key" <<<"$story")"
expect_line '^  L1 reads +nothing: #NPF, the page is not L1.s$'
expect_line '^  Neither L0 nor L1 has read the secret\. +ok$'
expect_line '^  2 exits and 2 VMRUNs, .* ok$'
expect_line '^  NES-CNT-01: '
for table in 'SNP, virt' 'SNP, pass' 'ES, virt' 'ES, pass'; do expect_line "^  SEV-$table.* +L0 +L1 +process +L2a +L2b"; done
expect_line "^  L2a's memory +C +X\|C +\(X\|C\) +P +\(X\|C\) +\(X\|C\) +C +P$"
expect_line "^  L2a's memory +C +P\|C +\(P\|C\) +P +\(P\|C\) +\(X\|C\) +C +P$"
expect_line "^  L2a's memory +c +G\|c +\(G\|c\) +P +\(G\|c\) +\(G\|c\) +c +P$"
expect_line "^  L1 and L2a, in the open +P +X\|P "
rows=$(grep -E "^  (L1|L2a|AMD-SP)('s| and| buffer).*[PCcGX)]$" <<<"$story" | grep -E ' {8,}' | sed -E 's/[|]/ \/ /g; s/^  //; s/ {2,}/ | /g; s/^/| /; s/$/ |/')
same "the tables of docs/nested-visibility.md" "$rows" \
  "$(sed '/^## SEV, virt/,$d' "$SEVSPEC_TEST_DATA_DIR/../../docs/nested-visibility.md" |
    grep -E "^[|] (L1|L2a|AMD-SP)('s| and| buffer)")"
expect_line '^  176 cells: .* ok$'
expect_line '^  exit of L2 +7 +7 +7 +7 +7 +7 +7$'
expect_line '^  VIRT_RMPUPDATE +0 +0 +0 +5 +0 +0 +0$'

# Part 7: an attack that works before SEV-SNP.
story=$(sed -n '/tour, part 7/,$p' <<<"$out")
same "machines where the attack works" "SEV ES" "$(sed -n 's/^  \([A-Z]*\) *success *$/\1/p' <<<"$story" | xargs)"
same "machines where it is stopped" "MIL GEN TUR" \
  "$(sed -n 's/^  \([A-Z]*\) *stopped *#NPF-RMP *RMP-CHK-01$/\1/p' <<<"$story" | xargs)"
expect_line '^  RMP-CHK-01: '
expect_line '^  Without RMP-CHK-01 it works on Milan, too\. .* ok$'

# Another answer of Linux is a failed check.
cp -r "$data" "$work/changed"
sed -i '100s/,.*/,0x1000/' "$work/changed/gpa_to_spa.csv"
run tour --data "$work/changed"
same "status with a wrong page" 1 $status
expect_line '4,095 of 4,096 .* WRONG$'
expect_line '46 checks, 1 failed'

# Data that is not there, or is none.
expect 2 'no-such-folder/meta.json: No such file' tour --data "$work/no-such-folder"
echo '{"l2": 1}' >"$work/changed/meta.json"
expect 2 'meta.json: /l2/cr0: ' tour --data "$work/changed"
echo '{"l2": 1e999}' >"$work/changed/meta.json"
expect 2 'meta.json: not JSON: number overflow' tour --data "$work/changed"
cp "$data/meta.json" "$work/changed/"
echo '0x1000,zz' >"$work/changed/gpa_to_spa.csv"
expect 2 "gpa_to_spa.csv: line 1: 'zz'" tour --data "$work/changed"
echo '0x1000' >"$work/changed/gpa_to_spa.csv"
expect 2 'gpa_to_spa.csv: line 1: 1 columns' tour --data "$work/changed"
: >"$work/changed/pages.bin"
expect 2 'pages.bin: byte 0' tour --data "$work/changed"
expect 2 . tour extra

expect 0 'walk' --help
expect 0 'walk' -h
expect 0 '^sevspec [0-9]+\.[0-9]+\.[0-9]+$' --version
for command in $("$SEVSPEC" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]\+\) .*/\1/p'); do
  expect 0 '^Usage: sevspec '"$command" "$command" --help
  expect 2 . "$command" --no-such-option
done

finish
