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
expect 0 '^16 checks, all fine' tour --data "$data"

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

# Another answer of Linux is a failed check.
cp -r "$data" "$work/changed"
sed -i '100s/,.*/,0x1000/' "$work/changed/gpa_to_spa.csv"
run tour --data "$work/changed"
same "status with a wrong page" 1 $status
expect_line '4,095 of 4,096 .* WRONG$'
expect_line '16 checks, 1 failed'

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
